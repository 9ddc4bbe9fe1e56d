"""Tables of the stage as a person checks them, in words of the office."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd
from babel.numbers import format_decimal, format_percent
from pandas.io.formats.style import Styler

SYMBOLS = {
    "good": "● baik",
    "caution": "◐ hati-hati",
    "poor": "○ buruk",
    "not_computed": "– tidak dihitung",
}
ACTIONS = {
    "read": "dibaca",
    "mend": "diperbaiki",
    "blank": "dikosongkan",
    "set_aside": "disisihkan",
    "keep": "dihitung saja",
}
CONSEQUENCES = {
    "none": "",
    "bias_up": "prevalensi cenderung terlalu tinggi",
    "bias_down": "prevalensi cenderung terlalu rendah",
    "imprecise": "kurang teliti",
    "not_representative": "belum tentu mewakili",
}
INDICATORS = {
    "coverage": "Diukur, dari yang terdata",
    "missing_sex": "Jenis kelamin kosong",
    "missing_age": "Umur kosong",
    "missing_weight": "Berat kosong",
    "missing_length": "Panjang/tinggi kosong",
    "missing_position": "Cara ukur kosong",
    "flagged_haz": "TB/U tidak masuk akal",
    "flagged_waz": "BB/U tidak masuk akal",
    "flagged_whz": "BB/TB tidak masuk akal",
    "sd_haz": "Simpang baku TB/U",
    "sd_waz": "Simpang baku BB/U",
    "sd_whz": "Simpang baku BB/TB",
    "skewness_haz": "Kemencengan TB/U",
    "skewness_whz": "Kemencengan BB/TB",
    "kurtosis_haz": "Keruncingan TB/U",
    "kurtosis_whz": "Keruncingan BB/TB",
    "digit_preference_weight": "Kesukaan angka akhir: berat",
    "digit_preference_length": "Kesukaan angka akhir: panjang/tinggi",
    "age_heaping": "Umur menumpuk pada bulan ke-12",
    "age_heaping_p": "Umur menumpuk: nilai p",
    "sex_ratio": "Bagian laki-laki",
    "sex_ratio_p": "Bagian laki-laki: nilai p",
    "age_ratio": "6–29 bulan berbanding 30–59 bulan",
    "age_ratio_p": "Rasio umur: nilai p",
    "duplicates": "Catatan ganda",
    "complete_records": "Catatan lengkap",
    "recorded_differs": "Z-score tercatat berbeda dari hitungan ulang",
    "recorded_shift": "Selisih rata-rata z tercatat dari hitungan ulang",
    "d_s": "Ditimbang dari sasaran (D/S)",
}


#: Indicators that are shares, shown in percent.
SHARES = frozenset(
    name
    for name in INDICATORS
    if name.startswith(("coverage", "missing_", "flagged_"))
    or name
    in ("age_heaping", "sex_ratio", "duplicates", "complete_records", "d_s", "recorded_differs")
)


def account(log: pd.DataFrame) -> pd.DataFrame:
    """One row per file: rows read, set aside and kept, and cells mended or blanked.

    `dibaca = disisihkan + dipakai` holds in every row.
    """
    counts = log.pivot_table(
        index=["scope", "source_file"], columns="action", values="affected", aggfunc="sum",
        fill_value=0, sort=False, observed=True,
    ).reindex(columns=list(ACTIONS), fill_value=0)  # fmt: skip
    grouped = log.groupby(["scope", "source_file"], sort=False)
    kept = grouped["rows_after"].last().reindex(counts.index)
    return (
        pd.DataFrame(
            {
                "dibaca": counts["read"],
                "disisihkan": counts["set_aside"],
                "dipakai": kept,
                "baris diperbaiki": counts["mend"],
                "baris dengan sel dikosongkan": counts["blank"],
            }
        )
        .reset_index()
        .rename(columns={"scope": "jenis", "source_file": "berkas"})
    )


def rules_applied(log: pd.DataFrame) -> pd.DataFrame:
    """One row per rule over all files of a kind, in the order of application."""
    rules = log[log["action"] != "read"]
    table = rules.groupby(["scope", "rule", "reason", "action"], sort=False, as_index=False).agg(
        baris=("affected", "sum"), contoh=("examples", "first"), step=("step", "max")
    )
    table["action"] = table["action"].map(ACTIONS)
    return table.drop(columns="step").rename(
        columns={"scope": "jenis", "rule": "aturan", "reason": "alasan", "action": "tindakan"}
    )


def quality_of(quality: pd.DataFrame, scope: str, area: str) -> pd.DataFrame:
    """Quality of one area as a whole: indicator, value, limit, verdict, what it does."""
    rows = _whole_areas(quality, scope, [area])
    names = rows["indicator"].tolist()
    return pd.DataFrame(
        {
            "ukuran": rows["indicator"].map(INDICATORS).fillna(rows["indicator"]),
            "nilai": [_shown(n, v) for n, v in zip(names, rows["value"], strict=True)],
            "n": rows["n"],
            "batas": [_shown(n, v) for n, v in zip(names, rows["threshold"], strict=True)],
            "penilaian": rows["verdict"].map(SYMBOLS),
            "akibat": rows["consequence"].map(CONSEQUENCES),
            "sumber batas": rows["source"],
        }
    ).reset_index(drop=True)


def quality_grid(quality: pd.DataFrame, scope: str, names: dict[str, str]) -> pd.DataFrame:
    """Areas × indicators that warn somewhere, each cell the symbol of its verdict."""
    rows = _whole_areas(quality, scope, list(names))
    rows = rows[~rows["indicator"].str.endswith("_p")]
    warns = rows.loc[rows["verdict"].isin(["caution", "poor"]), "indicator"].unique()
    rows = rows[rows["indicator"].isin(warns)]
    symbols = pd.DataFrame(
        {
            "kecamatan": rows["kecamatan"].map(names),
            "label": rows["indicator"].map(INDICATORS).fillna(rows["indicator"]),
            "symbol": rows["verdict"].map(lambda verdict: SYMBOLS[verdict][0]),
        }
    )
    grid = symbols.pivot(index="kecamatan", columns="label", values="symbol").fillna("–")
    return grid.rename_axis(columns=None).reset_index()


def linkage(visits: pd.DataFrame) -> str:
    """One sentence: measurements, children, and the share linked by each way."""
    share = visits["linked_by"].value_counts(normalize=True)
    way = {name: _percent(float(share.get(name, 0.0))) for name in ("nik", "name", "single")}
    records = format_decimal(len(visits), locale="id")
    children = format_decimal(visits["child_id"].nunique(), locale="id")
    return (
        f"{records} pengukuran dari {children} anak: {way['nik']} ditautkan lewat NIK, "
        f"{way['name']} lewat nama, {way['single']} tanpa pasangan."
    )


def styled(table: pd.DataFrame) -> Styler:
    """A table for a notebook: text to the left and escaped, whole numbers with points."""
    style = table.style.hide(axis="index").format(
        precision=0, thousands=".", decimal=",", escape="html", na_rep="–"
    )
    texts: list[Hashable] = [
        c for c in table.columns if not pd.api.types.is_numeric_dtype(table[c])
    ]
    left: Any = [{"selector": "th", "props": "text-align: left"}]
    return style.set_properties(subset=texts, **{"text-align": "left"}).set_table_styles(left)


def _whole_areas(quality: pd.DataFrame, scope: str, areas: list[str]) -> pd.DataFrame:
    whole = quality["unit"].fillna("") == ""
    return quality[(quality["scope"] == scope) & quality["kecamatan"].isin(areas) & whole]


def _shown(indicator: str, value: float) -> str:
    if pd.isna(value):
        return "–"
    if indicator.endswith("_p"):
        return "< 0,001" if value < 0.001 else f"{value:.3f}".replace(".", ",")
    if indicator in SHARES:
        return _percent(value)
    return f"{value:.2f}".replace(".", ",")


def _percent(value: float) -> str:
    return str(format_percent(value, format="#,##0.0\u00a0%", locale="id"))
