"""The synthetic sample: what it was drawn from, and the files an office would have."""

import dataclasses
import hashlib
import json
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from python_calamine import CalamineWorkbook

from analysis.indicators import Indicator
from analysis.intake.growth import zscores
from analysis.intake.synthetic import body, effects, simulate, write_sample
from analysis.intake.synthetic.cohort import grow, incidence
from analysis.intake.synthetic.outcome import haz_from_latent
from analysis.intake.synthetic.routine_defects import NASTY_ADDRESSES, RATES
from analysis.intake.synthetic.routine_text import classes
from analysis.intake.synthetic.weighing import weigh
from analysis.params import Sample, read_yaml
from analysis.project import load_project
from analysis.regions import normalise, spellings

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PARAMS = ROOT / "params" / "default.yaml"
CLASSIC = [
    "No",
    "NIK",
    "Nama",
    "JK",
    "Tgl Lahir",
    "BB Lahir",
    "TB Lahir",
    "Nama Ortu",
    "Prov",
    "Kab/Kota",
    "Kec",
    "Pukesmas",
    "Desa/Kel",
    "Posyandu",
    "RT",
    "RW",
    "Alamat",
    "Usia Saat Ukur",
    "Tanggal Pengukuran",
    "Berat",
    "Tinggi",
    "Cara Ukur",
    "LiLA",
    "BB/U",
    "ZS BB/U",
    "TB/U",
    "ZS TB/U",
    "BB/TB",
    "ZS BB/TB",
    "Naik Berat Badan",
    "PMT Diterima (kg)",
    "Jml Vit A",
    "KPSP",
    "KIA",
    "Detail",
]
FORM_2025 = [h for h in CLASSIC[:-1] if not h.startswith("PMT")]
FORM_2025 += ["Kelas Ibu Balita", "MBG", "Detail"]
FORM_2026 = [
    "Nama Anak",
    "Jenis Kelamin",
    "Tanggal Lahir",
    "NIK",
    "Nomor KK",
    "Anak Ke",
    "Nama Orang Tua (Ibu/Ayah)",
    "NIK Orang Tua",
    "No HP Orang Tua",
    "Alamat",
    "RT",
    "Kecamatan",
    "Puskesmas",
    "Kelurahan",
    "Posyandu",
    "Usia Kehamilan (minggu)",
    "Berat Lahir - Sasaran (kg)",
    "Panjang Lahir - Sasaran (cm)",
    "Lingkar Kepala Lahir (cm)",
    "IMD",
    "Tanggal Pengukuran",
    "Berat (kg)",
    "Tinggi (cm)",
    "Cara Ukur",
    "LiLA (cm)",
    "ZS BB/U",
    "ZS TB/U",
    "ZS BB/TB",
    "Naik Berat Badan",
    "Jml Vit A",
    "Kelas Ibu Balita",
    "MBG",
]


@pytest.fixture(scope="module")
def project():
    return load_project(PARAMS)


@pytest.fixture(scope="module")
def sample(project, tmp_path_factory):
    """The whole sample, and the processor time it took."""
    start = time.process_time()
    paths = write_sample(project, tmp_path_factory.mktemp("sample"))
    return paths, time.process_time() - start


@pytest.fixture(scope="module")
def paths(sample):
    return sample[0]


@pytest.fixture(scope="module")
def truth(paths):
    return json.loads(paths["truth"].read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def population(project):
    return simulate(project)


@pytest.fixture(scope="module")
def survey(paths):
    return read(paths["survey"], ";")


@pytest.fixture(scope="module")
def routine(project, population):
    """The cohort behind the routine exports, and its visits, before any defect."""
    size, seed = project.params.sample.routine_children, project.params.sample.seed
    cohort = grow(population, size, project.params.routine.month, seed)
    return cohort, weigh(population, cohort, seed)


def read(path, separator=","):
    return pd.read_csv(path, sep=separator, dtype="str", keep_default_na=False)


def small(project, seed=1, **changes):
    """The same project with three areas and little of everything."""
    areas = project.register.areas.iloc[[0, 18, 30]].assign(balita=[500, 700, 600])
    villages = project.register.villages
    villages = villages[villages["kecamatan"].isin(areas.index)]
    params = project.params.model_copy(
        update={"sample": Sample(children=300, routine_children=200, seed=seed), **changes}
    )
    register = dataclasses.replace(project.register, areas=areas, villages=villages)
    return dataclasses.replace(project, params=params, register=register)


def digests(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def workbook(path, title_rows):
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    return pd.DataFrame(rows[title_rows + 1 :], columns=rows[title_rows])


# --- the whole ---------------------------------------------------------------------------------


def test_takes_at_most_ten_seconds(sample):
    assert sample[1] < 10


def test_same_params_same_bytes_other_seed_other_bytes(project, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_sample(small(project, seed), tmp_path / name)
    a, b, c = (digests(tmp_path / name) for name in "abc")
    assert a == b
    assert {k for k in a if a[k] == c[k]} == {"README.txt"}


@pytest.mark.slow
def test_the_whole_sample_is_the_same_bytes_again(project, paths, tmp_path):
    write_sample(project, tmp_path)
    assert digests(tmp_path) == digests(paths["readme"].parent)


def test_says_that_it_is_synthetic_in_both_languages(paths):
    text = paths["readme"].read_text(encoding="utf-8")
    assert "DATA SINTETIS" in text and "SYNTHETIC DATA" in text


def test_another_place_without_villages_routine_or_known_indicators(project, tmp_path):
    changes = {"routine": None, "sample": None}
    bare = small(project, **changes)
    unknown = Indicator(
        level="household",
        label={"id": "Punya kulkas", "en": "Has a fridge"},
        unfavourable={"id": "tanpa kulkas", "en": "without a fridge"},
        definition={"id": "Dilihat", "en": "Seen"},
        block="basic",
    )
    wealth = project.pillars.indicators["wealth_quintile"]
    thirds = wealth.model_copy(update={"categories": ("rendah", "sedang", "tinggi")})
    pillars = project.pillars.model_copy(
        update={"indicators": {"fridge": unknown, "wealth_quintile": thirds}}
    )
    register = dataclasses.replace(
        bare.register, villages=bare.register.villages.iloc[:0], areas=bare.register.areas
    )
    bare = dataclasses.replace(bare, pillars=pillars, register=register)
    written = write_sample(bare, tmp_path)
    assert not list(tmp_path.glob("eppgbm*"))
    table = read(written["survey"], ";")
    assert set(table["desa"].str.strip().str.title().str.rsplit(" ", n=1).str[0]) == {"Desa"}
    assert table["fridge"].isin(["Ya", "Tidak", "", "tidak tahu", "9999"]).all()
    assert set(table["kuintil"]) >= {"rendah", "sedang", "tinggi"}
    assert "ibu_pendek" not in table


# --- the population ----------------------------------------------------------------------------


def test_prevalence_severity_and_spread_are_those_of_the_district(population):
    haz = population.children["haz"]
    assert 0.28 < (haz < -2).mean() < 0.32
    assert 0.03 < (haz < -3).mean() < 0.05
    assert 1.05 < haz.std() < 1.3
    by_area = (haz < -2).groupby(population.children["kecamatan"]).mean()
    assert 0.05 < by_area.std() < 0.08


def test_one_child_for_each_of_the_register(project, population):
    counts = population.children["kecamatan"].value_counts().sort_index()
    assert counts.tolist() == project.register.areas["balita"].tolist()


def test_prevalence_rises_to_two_years_and_falls(population):
    children = population.children
    month = children["age_days"] // 30.4375
    stunted = (children["haz"] < -2).groupby(
        pd.cut(month, [-1, 2, 11, 23, 35, 47, 60]), observed=True
    )
    youngest, infants, ones, twos, _, fours = stunted.mean()
    assert youngest < 0.18
    assert youngest < infants < ones
    assert max(ones, twos) > fours > infants


def test_intraclass_correlation_of_villages_is_near_the_published_median(population):
    stunted = (population.children["haz"] < -2).astype(float)
    groups = stunted.groupby(population.children["village"])
    n, mean = groups.size(), groups.mean()
    total = n.sum()
    between = (n * (mean - stunted.mean()) ** 2).sum() / (len(n) - 1)
    within = (total * stunted.mean() - (n * mean**2).sum()) / (total - len(n))
    size = (total - (n**2).sum() / total) / (len(n) - 1)
    excess = (between - within) / size
    assert excess / (excess + within) == pytest.approx(0.054, abs=0.02)


def test_effects_are_recovered_from_the_population(population):
    """Given the random intercepts, every log-odds lies within four standard errors."""
    thin = slice(None, None, 3)
    children, drawn = population.children, population.drawn
    months = children["age_days"].to_numpy() / 30.4375
    columns = {}
    for effect in effects.EFFECTS:
        values = (
            children["sex"].to_numpy() == 0
            if effect.indicator == "male"
            else drawn.at(effect.indicator, "child") == effect.state
        )
        low, high = effects.ACTS_AT.get(effect.indicator, (0, 99))
        columns[effect.indicator, effect.state] = values & (months >= low) & (months < high + 1)
    design = pd.DataFrame(columns).astype(float)
    both = ~drawn.at("improved_water", "child") & ~drawn.at("improved_sanitation", "child")
    known = population.tendency.fixed + population.tendency.age
    known = known - design @ [effect.log_odds for effect in effects.EFFECTS]
    known = known - effects.WATER_AND_LATRINE * both
    design["both", True] = both.astype(float)
    stunted = (children["haz"] < -2).astype(float)
    model = sm.GLM(
        stunted[thin],
        sm.add_constant(design[thin]),
        family=sm.families.Binomial(),
        offset=known.to_numpy()[thin],
    ).fit()
    aimed = [0.0, *(effect.log_odds for effect in effects.EFFECTS), effects.WATER_AND_LATRINE]
    distance = (model.params.to_numpy() - aimed) / model.bse.to_numpy()
    assert np.abs(distance).max() < 4


def test_random_intercepts_have_the_variance_aimed_at(population):
    area = population.tendency.area
    # 99.9 % range of a sample variance of 31 normal draws.
    assert 0.38 < area.var(ddof=1) / effects.VARIANCES["kecamatan"] < 1.99


def test_haz_is_below_the_cut_off_exactly_where_the_latent_value_is_above_zero():
    latent = np.linspace(-12, 12, 4801)
    haz = haz_from_latent(latent)
    assert (np.diff(haz) <= 0).all()
    assert ((haz < -2) == (latent > 1e-12)).all()


def test_length_and_weight_give_back_their_z_scores():
    rng = np.random.default_rng(5)
    age = rng.integers(0, 1826, 4000)
    sex = rng.integers(0, 2, 4000)
    haz, whz = rng.uniform(-4, 3, 4000), rng.uniform(-2.9, 2.9, 4000)
    length = body.length_of(haz, sex, age)
    table = pd.DataFrame(
        {
            "sex": np.where(sex == 0, "m", "f"),
            "age_days": age,
            "weight_kg": body.weight_of(whz, sex, age, length),
            "length_cm": length,
            "position": np.where(age < 731, "lying", "standing"),
        }
    )
    z = zscores(table)
    np.testing.assert_allclose(z["haz"], haz, atol=0.0051)
    in_range = length.clip(45.2, 119) == length
    np.testing.assert_allclose(z["whz"][in_range], whz[in_range], atol=0.0051)


def test_coverages_are_those_aimed_at(project, population):
    for code, node in effects.CAUSES.items():
        drawn = population.drawn.at(code, node.level).mean()
        assert drawn == pytest.approx(node.share, abs=0.08 if node.level == "desa" else 0.01), code


# --- the survey --------------------------------------------------------------------------------


def test_headings_are_the_first_of_the_column_map(project, survey):
    columns = read_yaml(project.beside(project.params.survey.columns))["columns"]
    assert set(survey.columns) == {names[0] for names in columns.values()}
    assert {columns[code][0] for code in project.pillars.indicators} <= set(survey.columns)


def test_size_and_design_of_the_survey(project, survey):
    assert len(survey) == pytest.approx(project.params.sample.children, rel=0.05)
    strata = survey["strata"]
    assert strata.str[:2].nunique() == len(project.register.codes)
    assert survey.groupby("strata")["no_bs"].nunique().min() >= 2
    assert survey.groupby(strata.str[:2])["no_bs"].nunique().between(4, 7).all()
    assert survey.groupby("no_bs")["strata"].nunique().max() == 1
    homes = survey.groupby("no_bs")["no_rt"].nunique()
    assert homes.between(20, 40).all()
    assert set(survey["klas_desa"]) == {"perkotaan", "perdesaan"}


def test_weights_add_up_to_the_children_and_give_the_truth(survey, truth, project):
    weight = number(survey["bobot"])
    assert weight.sum() == pytest.approx(project.register.areas["balita"].sum(), rel=0.05)
    assert 0.2 < weight.std() / weight.mean() < 0.6
    z = zscores(measured(survey))
    known = z["haz"].notna() & ~z["haz_flag"]
    estimate = np.average(z["haz"][known] < -2, weights=weight[known])
    assert estimate == pytest.approx(truth["prevalence"], abs=0.025)
    assert z["haz"][known].std() == pytest.approx(truth["haz_sd"], abs=0.06)


def test_every_place_is_found_in_the_register(project, survey):
    areas = project.register.names()
    codes = survey["kecamatan"].map(lambda name: areas.get(normalise(name)))
    assert codes.notna().all()
    assert survey["kecamatan"].nunique() > 1.5 * codes.nunique()
    for code, rows in survey.groupby(codes):
        villages = project.register.villages
        known = spellings(villages[villages["kecamatan"] == code])
        assert rows["desa"].map(normalise).isin(known).all()


def test_indicators_are_blank_outside_their_ages(survey, project):
    columns = read_yaml(project.beside(project.params.survey.columns))["columns"]
    months = measured(survey)["age_days"] / 30.4375
    for code, indicator in project.pillars.indicators.items():
        if indicator.ages_months is not None:
            low, high = indicator.ages_months
            asked = (months >= low - 1.1) & (months < high + 2.1)
            answers = survey[columns[code][0]]
            assert (answers[~asked] == "").all(), code
            assert (answers[asked] != "").mean() > 0.8, code


def test_measuring_has_the_few_errors_of_a_good_survey(survey):
    length = survey["tb"]
    assert 0.008 < (length == "").mean() < 0.02
    assert 1 <= (length == "9999").sum() + (survey["bb"] == "9999").sum() < 40
    centimetres = number(length)
    assert 1 <= (centimetres < 42).sum() < 15
    assert 0.003 < (survey["cara_ukur"] == "").mean() - (length == "").mean() < 0.02
    ends = length[length.str.contains(",", regex=False)].str[-1]
    by_team = ends.isin(["0", "5"]).groupby(survey["tim"]).mean().sort_values()
    assert 0.2 < by_team.iloc[-2] < 0.40
    assert by_team.iloc[-1] > 0.5
    assert survey.duplicated().sum() == 2


def test_people_are_fictional(survey):
    nik = survey["nik"]
    assert nik[nik != ""].str.fullmatch(r"99\d{14}").all()
    assert survey["nama_anak"].str.endswith(" Contoh").all()


def number(text):
    return pd.to_numeric(text.str.replace(",", "."), errors="coerce")


def measured(survey):
    def dates(column):
        return pd.to_datetime(survey[column], format="%d/%m/%Y")

    return pd.DataFrame(
        {
            "sex": survey["jk"].map({"L": "m", "P": "f"}),
            "age_days": (dates("tgl_ukur") - dates("tgl_lahir")).dt.days,
            "weight_kg": number(survey["bb"]),
            "length_cm": number(survey["tb"]),
            "position": survey["cara_ukur"].map({"terlentang": "lying", "berdiri": "standing"}),
        }
    )


# --- the registers and the truth ---------------------------------------------------------------


def test_register_adds_up_to_the_children_of_each_area(project, paths):
    table = read(paths["register"])
    assert list(table) == ["kecamatan", "jenis_kelamin", "kelompok_umur", "jumlah_balita"]
    total = table["jumlah_balita"].astype(int).groupby(table["kecamatan"]).sum()
    expected = project.register.areas.set_index("name")["balita"]
    assert total.to_dict() == expected.to_dict()
    assert len(table) == len(expected) * 2 * 6


def test_families_at_risk_per_village(project, paths):
    table = read(paths["risk_families"])
    assert list(table) == ["kode_desa", "nama_desa", "keluarga_berisiko"]
    assert set(table["kode_desa"]) == set(project.register.villages.index)
    above = (table["keluarga_berisiko"].astype(int) > 500).sum()
    assert 20 <= above <= 70  # 50 villages in 2024, 30 in 2025


def test_truth_by_area_is_that_of_the_population(project, paths, population, truth):
    areas = pd.read_csv(paths["areas"], dtype={"kecamatan": str}).set_index("kecamatan")
    assert list(areas.index) == [*project.register.codes, project.whole]
    code = project.register.codes[7]
    here = population.children["kecamatan"] == 7
    assert areas.at[code, "stunted"] == pytest.approx(
        (population.children["haz"][here] < -2).mean(), abs=1e-5
    )
    sanitation = population.indicators["improved_sanitation"][here]
    assert areas.at[code, "improved_sanitation"] == pytest.approx(sanitation.mean(), abs=1e-5)
    assert areas.at[project.whole, "stunted"] == pytest.approx(truth["prevalence"], abs=1e-5)
    assert truth["variances"] == effects.VARIANCES
    assert len(truth["effects"]) == len(effects.EFFECTS)


def test_true_incidence_adds_up_and_is_what_the_paths_say(project, paths, routine):
    cohort, visits = routine
    table = pd.read_csv(paths["incidence"], dtype={"kecamatan": str}).set_index("kecamatan")
    areas, whole = table.drop(project.whole), table.loc[project.whole]
    assert areas["new_cases"].sum() == whole["new_cases"]
    assert 8 < whole["new_per_100_child_years"] < 20
    rate = 100 * whole["seen_new_cases"] / whole["seen_child_years"]
    assert whole["seen_new_per_100_child_years"] == pytest.approx(rate, abs=1e-3)
    # Counted once more, another way: first month present not stunted, some later month stunted.
    at = [
        (h[p][0] < -2, (h[p] < -2).any())
        for h, p in zip(cohort.haz, cohort.present, strict=True)
        if p.any()
    ]
    assert sum(1 for first, ever in at if ever and not first) == whole["new_cases"]
    again = incidence(cohort, project.register.codes, project.whole, visits.seen)
    assert again.set_index("kecamatan").at[project.whole, "new_cases"] == whole["new_cases"]


# --- the routine exports -----------------------------------------------------------------------


def test_children_grow_and_keep_the_prevalence_of_the_population(routine):
    cohort, _ = routine
    assert np.nanmin(np.diff(cohort.length_cm, axis=1)) >= 0
    prevalence = np.nanmean(np.where(cohort.present, cohort.haz < -2, np.nan), axis=0)
    assert ((prevalence > 0.27) & (prevalence < 0.33)).all()
    year = np.isfinite(cohort.haz[:, 0]) & np.isfinite(cohort.haz[:, 12])
    correlation = np.corrcoef(cohort.haz[year, 0], cohort.haz[year, 12])[0, 1]
    assert 0.8 < correlation < 0.95


def test_attendance_is_high_and_not_at_random(routine):
    cohort, visits = routine
    rounds = visits.seen.any(axis=0)
    coverage = (visits.seen.sum(axis=0) / cohort.present.sum(axis=0))[rounds]
    assert ((coverage > 0.85) & (coverage < 0.95)).all()
    stunted = (cohort.haz < -2) & cohort.present
    other = (cohort.haz >= -2) & cohort.present
    there = visits.seen[:, rounds]
    assert there[stunted[:, rounds]].mean() < there[other[:, rounds]].mean() - 0.04


def test_recorded_prevalence_undershoots_step_by_step(routine):
    cohort, visits = routine
    last = cohort.months.size - 1
    rows = visits.rows[visits.rows["month"] == last]
    table = rows.assign(
        sex=np.where(rows["sex"] == 0, "m", "f"),
        position=np.where(rows["lying"], "lying", "standing"),
    )
    recomputed = (zscores(table)["haz"] < -2).mean()
    recorded = (rows["recorded_haz"] < -2).mean()
    weighed = (rows["true_haz"] < -2).mean()
    everyone = (cohort.haz[cohort.present[:, last], last] < -2).mean()
    assert 0.09 < recorded < 0.13
    assert recorded < recomputed - 0.03 < weighed - 0.06 < everyone - 0.06
    assert weighed < everyone - 0.005


def test_last_digits_of_heights_and_weights_are_those_seen(routine):
    rows = routine[1].rows
    for column, share in (("length_cm", 0.628), ("weight_kg", 0.242)):
        ends = np.round(rows[column] * 10).astype(int) % 5 == 0
        assert ends.mean() == pytest.approx(share, abs=0.02)


def test_classes_cut_where_the_regulation_does():
    haz = np.array([-3.01, -3.0, -2.01, -2.0, 3.0, 3.01])
    names = ["Sangat Pendek", "Pendek", "Pendek", "Normal", "Normal", "Tinggi"]
    assert classes("haz", haz).tolist() == names
    whz = np.array([-3.01, -3.0, -2.0, 1.0, 1.01, 2.0, 3.0, 3.01])
    assert classes("whz", whz).tolist() == [
        "Gizi Buruk",
        "Gizi Kurang",
        "Gizi Baik",
        "Gizi Baik",
        "Risiko Gizi Lebih",
        "Risiko Gizi Lebih",
        "Gizi Lebih",
        "Obesitas",
    ]
    assert classes("waz", np.array([1.0, 1.01])).tolist() == [
        "Berat Badan Normal",
        "Risiko Berat Badan Lebih",
    ]


@pytest.fixture(scope="module")
def exports(paths):
    """The four exports as text or as their cells."""
    return {
        "eppgbm_2024": workbook(paths["eppgbm_2024"], 1),
        "eppgbm_2025": read(paths["eppgbm_2025"], ";"),
        "eppgbm_2026_1": read(paths["eppgbm_2026_1"]),
        "eppgbm_2026_2": workbook(paths["eppgbm_2026_2"], 3),
    }


def test_headings_are_those_of_the_real_generations(exports):
    assert list(exports["eppgbm_2024"]) == CLASSIC
    assert list(exports["eppgbm_2025"]) == FORM_2025
    assert list(exports["eppgbm_2026_1"]) == list(exports["eppgbm_2026_2"]) == FORM_2026


def test_defects_stand_in_the_files_as_often_as_the_truth_says(exports, truth):
    for name, table in exports.items():
        known = truth["routine"]["defects"][
            next(k for k in truth["routine"]["defects"] if k.startswith(name))
        ]
        weight = table.filter(regex=r"^Berat( \(kg\))?$").iloc[:, 0].astype(str)
        length = table.filter(regex=r"^Tinggi( \(cm\))?$").iloc[:, 0].astype(str)
        assert len(table) == known["rows"]
        assert abs((weight.str.startswith("8888")).sum() - known["sentinel_weight"]) <= 3
        assert abs((length.str.fullmatch(r"0(\.0)?")).sum() - known["zero_length"]) <= 3
        assert abs(length.str.startswith("0800000").sum() - known["phone_in_length"]) <= 2
        assert abs(length.str.startswith("46238").sum() - known["serial_in_length"]) <= 2
        assert abs((table["Tanggal Pengukuran"] == "").sum() - known["visit_date_blank"]) <= 3
        address = table["Alamat"].astype(str)
        assert sum((address == nasty).sum() for nasty in NASTY_ADDRESSES) >= 4


def test_defects_have_the_rates_aimed_at(truth):
    files = truth["routine"]["defects"].values()
    rows = sum(file["rows"] for file in files)
    for defect, rate in RATES.items():
        found = sum(file[defect] for file in files)
        assert found == pytest.approx(rate * rows, rel=0.2, abs=15), defect
    duplicates = sum(f["duplicate_same"] + f["duplicate_revised"] for f in files)
    assert 0.01 < duplicates / rows < 0.02


def test_identity_numbers_are_wrong_in_every_real_way(exports):
    nik = exports["eppgbm_2025"]["NIK"]
    assert 0.03 < (nik == "").mean() < 0.08
    assert 0.005 < (nik.str.len().isin([15, 17])).mean() < 0.03
    assert nik.isin(["0000000000000000", "9999999999999999"]).any()
    real = nik[nik.str.fullmatch(r"\d{15,17}") & ~nik.isin(["0000000000000000"])]
    assert real.str.startswith("99").all()
    blank = exports["eppgbm_2025"][nik == ""]
    twins = blank.groupby(["Tgl Lahir", "Nama Ortu", "Desa/Kel", "Tanggal Pengukuran"])[
        "Nama"
    ].nunique()
    assert (twins > 1).any()


def test_dates_come_day_first_iso_and_as_serial_numbers(exports):
    for table, kinds in ((exports["eppgbm_2024"], 3), (exports["eppgbm_2025"], 2)):
        cells = table["Tanggal Pengukuran"]
        text = cells.astype(str)
        found = [
            text.str.fullmatch(r"\d{2}/\d{2}/\d{4}").any(),
            text.str.fullmatch(r"\d{4}-\d{2}-\d{2}").any(),
            cells.map(lambda v: isinstance(v, float)).any(),
        ]
        assert sum(found) == kinds


def test_middle_form_has_semicolons_and_decimal_commas(paths):
    line = paths["eppgbm_2025"].read_text(encoding="utf-8").splitlines()[1]
    cells = line.split(";")
    assert len(cells) == len(FORM_2025)
    assert "," in cells[FORM_2025.index("Berat")]


def test_text_that_looks_like_a_formula_stays_text(paths):
    rows = CalamineWorkbook.from_path(paths["eppgbm_2024"]).get_sheet_by_index(0).to_python()
    addresses = {row[CLASSIC.index("Alamat")] for row in rows[2:]}
    assert NASTY_ADDRESSES[0] in addresses
