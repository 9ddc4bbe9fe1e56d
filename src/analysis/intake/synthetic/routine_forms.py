"""The three generations of the e-PPGBM export: their headings, and what stands under each."""

from __future__ import annotations

from dataclasses import dataclass

#: Heading → column of the table made by `routine_table`.
CLASSIC = {
    "No": "number",
    "NIK": "nik",
    "Nama": "name",
    "JK": "sex",
    "Tgl Lahir": "birth_date",
    "BB Lahir": "birth_weight_kg",
    "TB Lahir": "birth_length_cm",
    "Nama Ortu": "parents",
    "Prov": "province",
    "Kab/Kota": "regency",
    "Kec": "kecamatan",
    "Pukesmas": "puskesmas",
    "Desa/Kel": "desa",
    "Posyandu": "posyandu",
    "RT": "rt",
    "RW": "rw",
    "Alamat": "address",
    "Usia Saat Ukur": "age_text",
    "Tanggal Pengukuran": "visit_date",
    "Berat": "weight_kg",
    "Tinggi": "length_cm",
    "Cara Ukur": "position",
    "LiLA": "muac_cm",
    "BB/U": "waz_class",
    "ZS BB/U": "recorded_waz",
    "TB/U": "haz_class",
    "ZS TB/U": "recorded_haz",
    "BB/TB": "whz_class",
    "ZS BB/TB": "recorded_whz",
    "Naik Berat Badan": "gain",
    "PMT Diterima (kg)": "supplement_kg",
    "Jml Vit A": "vitamin_a",
    "KPSP": "kpsp",
    "KIA": "kia",
    "Detail": "detail",
}

FORM_2025 = {
    **{k: v for k, v in CLASSIC.items() if k not in ("PMT Diterima (kg)", "Detail")},
    "Kelas Ibu Balita": "mother_class",
    "MBG": "mbg",
    "Detail": "detail",
}

FORM_2026 = {
    "Nama Anak": "name",
    "Jenis Kelamin": "sex",
    "Tanggal Lahir": "birth_date",
    "NIK": "nik",
    "Nomor KK": "family_card",
    "Anak Ke": "birth_order",
    "Nama Orang Tua (Ibu/Ayah)": "parents",
    "NIK Orang Tua": "parents_nik",
    "No HP Orang Tua": "phone",
    "Alamat": "address",
    "RT": "rt",
    "Kecamatan": "kecamatan",
    "Puskesmas": "puskesmas",
    "Kelurahan": "desa",
    "Posyandu": "posyandu",
    "Usia Kehamilan (minggu)": "gestation",
    "Berat Lahir - Sasaran (kg)": "birth_weight_kg",
    "Panjang Lahir - Sasaran (cm)": "birth_length_cm",
    "Lingkar Kepala Lahir (cm)": "head",
    "IMD": "imd",
    "Tanggal Pengukuran": "visit_date",
    "Berat (kg)": "weight_kg",
    "Tinggi (cm)": "length_cm",
    "Cara Ukur": "position",
    "LiLA (cm)": "muac_cm",
    "ZS BB/U": "recorded_waz",
    "ZS TB/U": "recorded_haz",
    "ZS BB/TB": "recorded_whz",
    "Naik Berat Badan": "gain",
    "Jml Vit A": "vitamin_a",
    "Kelas Ibu Balita": "mother_class",
    "MBG": "mbg",
}


@dataclass(frozen=True)
class Form:
    """One export: headings, kind of file, and its habits.

    `dates` are the shares of day-first, ISO and Excel-serial dates; `titles` the rows
    above the headings.
    """

    name: str
    headings: dict[str, str]
    suffix: str
    dates: tuple[float, float, float]
    titles: tuple[str, ...] = ()
    separator: str = ","
    decimal: str = "."
    upper_case: bool = False
    months_back: tuple[int, int] = (0, 0)


TITLE = "Data Pengukuran Balita (DATA SINTETIS)"


def forms(last_month: str) -> tuple[Form, ...]:
    """Exports for the two years up to `last_month`: by calendar year, the last one in two parts.

    The older form is a workbook with a title row; the middle one a CSV with `;` and decimal
    comma; the newest a CSV, and for the last two months a workbook with three title rows.
    """
    year, month = (int(part) for part in last_month.split("-"))
    newest = month - 1
    recent = min(1, newest)
    titles = (TITLE, f"Tahun {year}", "Sumber: e-PPGBM")
    parts = [
        Form(
            f"eppgbm_{year}_2",
            FORM_2026,
            "xlsx",
            (0.15, 0.8, 0.05),
            titles,
            months_back=(recent, 0),
        ),
        Form(
            f"eppgbm_{year - 1}",
            FORM_2025,
            "csv",
            (0.85, 0.15, 0.0),
            separator=";",
            decimal=",",
            months_back=(newest + 12, newest + 1),
        ),
        Form(
            f"eppgbm_{year - 2}",
            CLASSIC,
            "xlsx",
            (0.6, 0.25, 0.15),
            (TITLE,),
            upper_case=True,
            months_back=(24, newest + 13),
        ),
    ]
    if newest > recent:
        parts.insert(
            0,
            Form(
                f"eppgbm_{year}_1",
                FORM_2026,
                "csv",
                (0.2, 0.78, 0.02),
                months_back=(newest, recent + 1),
            ),
        )
    return tuple(part for part in parts if part.months_back[0] >= part.months_back[1])
