"""The review's questions answered in a sentence each, for the researcher's notebook.

In Bahasa Indonesia, from the tables alone. Each is a pure function of a row or a table, so
that each case of it can be tested. The briefs have words of their own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

WORDS = {
    "reached": "sudah mencapai target",
    "undetermined": "belum dapat dibedakan dari target",
    "not_reached": "belum mencapai target",
    "no_target": "belum ada target untuk tahun ini",
    "no_estimate": "tidak ada perkiraan yang dapat ditampilkan",
}
STEPS = {
    "recorded": "tercatat",
    "recomputed": "dihitung ulang",
    "one_per_child": "satu catatan per anak",
    "composition": "disamakan umur, jenis kelamin, wilayah",
    "not_weighed": "tidak ditimbang",
    "remainder": "sisa: pengukuran dan seleksi",
    "survey": "survei",
}
STATUSES = {"derived": "diturunkan", "unverified": "belum terkonfirmasi"}
CORRECTIONS = {
    "error_and_offset": "galat pembacaan dan kelebihan ukur terhadap survei dikeluarkan",
    "error_only": "galat pembacaan dikeluarkan; kelebihan ukur tidak dapat diperkirakan",
}


def number(value: float, decimals: int = 0) -> str:
    """Indonesian number: thousands point, decimal comma.

    >>> number(12345.67, 1)
    '12.345,7'
    """
    # Half up, as readers round: 17.65 becomes 17,7, which binary rounding would not do.
    exact = Decimal(repr(round(float(value), 9)))
    rounded = exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{rounded:,.{decimals}f}"
    return text.translate(str.maketrans(",.", ".,"))


def percent(share: float, decimals: int = 1) -> str:
    """Share as a percentage.

    >>> percent(0.3076)
    '30,8 %'
    """
    return f"{number(100 * share, decimals)} %"


def chance(probability: float) -> str:
    """Probability in words of whole percent, never 0 or 100.

    >>> chance(0.0001)
    'kurang dari 1 %'
    """
    if probability < 0.01:
        return "kurang dari 1 %"
    if probability > 0.99:
        return "lebih dari 99 %"
    return percent(probability, 0)


def standing(row: pd.Series, name: str, year: int) -> str:
    """Say whether we are at the target, and how sure."""
    word = WORDS[str(row["word"])]
    if row["word"] == "no_estimate":
        return f"{name}: {word}."
    interval = f"{percent(row['estimate'])} ({percent(row['low'])} sampai {percent(row['high'])})"
    if row["word"] == "no_target":
        return f"Prevalensi stunting {name} {interval}; {word}."
    status = STATUSES.get(str(row["target_status"]), "")
    status = f", {status}" if status else ""
    return (
        f"Prevalensi stunting {name} {interval}; {word} {year} ({percent(row['target'])}{status}): "
        f"peluang sudah tercapai {chance(row['probability_at_target'])}."
    )


def tally(review: pd.DataFrame) -> str:
    """How many areas carry each word."""
    areas = review[review["level"] == "area"]
    counts = areas["word"].value_counts()
    parts = [f"{counts[code]} {text}" for code, text in WORDS.items() if counts.get(code, 0)]
    return f"Dari {len(areas)} wilayah: " + "; ".join(parts) + "."


def children(row: pd.Series, name: str) -> str:
    """Say how many children, and how many above the final target."""
    if math.isnan(row["stunted"]):
        return f"Jumlah balita {name} tidak diketahui, sehingga jumlah anak tidak dihitung."
    text = (
        f"Sekitar {number(row['stunted'])} balita stunting di {name} "
        f"({number(row['stunted_low'])} sampai {number(row['stunted_high'])}) dari "
        f"{number(row['balita'])} balita."
    )
    if math.isnan(row["annual_reduction_needed"]):
        return f"{text} Jalur target sudah berakhir ({row['final_year']})."
    return (
        f"{text} Untuk {percent(row['final_target'])} pada {row['final_year']}, "
        f"{number(row['children_to_prevent'])} balita di antaranya tidak lagi stunting: "
        f"{number(row['annual_reduction_needed'], 1)} poin per tahun."
    )


def incidence(new_cases: pd.DataFrame, area: str) -> str:
    """Say whether new cases arise."""
    rows = new_cases[(new_cases["area"] == area) & (new_cases["month"] == "all")]
    if rows.empty or not rows["child_years"].iloc[0] > 0:
        return "Kasus baru tidak dihitung: tidak ada pengukuran rutin berulang."
    row = rows.iloc[0]
    text = (
        f"{number(row['new'])} kasus baru pada {row['window_start']} sampai {row['window_end']}: "
        f"{number(row['rate'], 1)} per 100 tahun-anak ({number(row['low'], 1)} sampai "
        f"{number(row['high'], 1)}) seperti terukur."
    )
    if math.isnan(row["rate_corrected"]):
        return text
    excess = row["offset_cm"]
    scale = (
        ""
        if math.isnan(excess)
        else f" (pembacaan rutin rata-rata {number(excess, 1)} cm lebih panjang)"
    )
    return (
        f"{text} Setelah galat ukur dikeluarkan: {number(row['rate_corrected'], 1)} "
        f"({number(row['corrected_low'], 1)} sampai {number(row['corrected_high'], 1)}); "
        f"{CORRECTIONS[str(row['correction'])]}{scale}."
    )


def difference(bridge: pd.DataFrame, labels: Mapping[str, str] = STEPS) -> str:
    """Say why the two numbers differ."""
    steps = {str(row["step"]): row for _, row in bridge.iterrows()}
    first, last = steps["recorded"], steps["survey"]
    if first["status"] != "computed" or last["status"] != "computed":
        reason = first["basis"] if first["status"] != "computed" else last["basis"]
        return f"Jembatan dua angka tidak dihitung ({reason})."
    parts = [
        f"{labels.get(code, code)} {_points(row['change'])}"
        for code, row in steps.items()
        if row["status"] == "computed" and pd.notna(row["change"])
    ]
    text = f"Rutin {percent(first['value'])}, survei {percent(last['value'])}: " + "; ".join(parts)
    return f"{text}. {unweighed(steps['not_weighed'])}".strip()


def unweighed(step: pd.Series) -> str:
    """Whether the children not weighed could explain the rest."""
    if step["status"] != "bounded" or math.isnan(step["needed"]):
        return ""
    if step["needed"] > 1:
        return "Balita yang tidak ditimbang saja tidak dapat menjelaskannya, sekalipun semuanya stunting."
    return (
        f"Agar balita yang tidak ditimbang saja menjelaskannya, {percent(step['needed'], 0)} dari "
        "mereka harus stunting."
    )


def _points(change: float) -> str:
    sign = "+" if change >= 0 else "−"
    return f"{sign}{number(abs(100 * change), 1)} poin"


def first(priorities: pd.DataFrame, names: Mapping[str, str], count: int = 5) -> str:
    """Where first, by number, by rate and by score, and how many villages are lokus."""
    areas = priorities[(priorities["kind"] == "area") & priorities["by_score"].notna()]
    if areas.empty:
        return "Prioritas tidak dihitung: tidak ada perkiraan yang dapat ditampilkan."

    def top(column: str) -> str:
        chosen = areas[areas[column] <= count].sort_values(column)["area"]
        return ", ".join(names.get(a, a) for a in chosen)

    text = (
        f"Menurut jumlah: {top('by_number')}. Menurut prevalensi: {top('by_rate')}. "
        f"Menurut skor: {top('by_score')}."
    )
    villages = priorities[priorities["kind"] == "village"]
    if villages["locus"].notna().any():
        text += f" Lokus: {int(villages['locus'].sum())} dari {len(villages)} desa/kelurahan."
    return text


def who(actions: pd.DataFrame, area: str, labels: Mapping[str, str]) -> str:
    """Who does what: the three decisions of a place."""
    chosen = actions[(actions["area"] == area) & (actions["rank"] > 0)].sort_values("rank")
    if chosen.empty:
        return "Tidak ada celah layanan yang dapat dihitung."
    parts = []
    for _, row in chosen.iterrows():
        label = labels.get(str(row["indicator"]), str(row["indicator"]))
        opd = row["opd_name"] if isinstance(row["opd_name"], str) else "OPD belum tercatat"
        dots = "●" * int(row["evidence"]) + "○" * (3 - int(row["evidence"]))
        parts.append(f"{row['rank']}. {label} ({percent(row['coverage'], 0)}), {opd}, bukti {dots}")
    return "; ".join(parts) + "."
