"""Sentences of notebook 2: what was assumed, and what benchmarking did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from babel.numbers import format_decimal

_NOTES = {
    "no_weights": {
        "id": "Data tanpa bobot: setiap balita dihitung sama.",
        "en": "The data have no weights: every child counts alike.",
    },
    "no_strata": {
        "id": "Data tanpa strata: seluruh sampel dianggap satu strata.",
        "en": "The data have no strata: the whole sample is taken as one.",
    },
    "no_psu": {
        "id": "Data tanpa klaster (PSU): balita dianggap ditarik satu per satu, sehingga rentangnya "
        "terlalu sempit bila sebenarnya ditarik per klaster.",
        "en": "The data have no clusters (PSU): children are taken as drawn one by one, so intervals "
        "are too short if they were drawn by cluster.",
    },
    "blank_sampling_weight": {
        "id": "{n} balita tanpa bobot tidak dipakai.",
        "en": "{n} children without a weight were set aside.",
    },
    "blank_stratum": {
        "id": "{n} balita tanpa strata tidak dipakai.",
        "en": "{n} children without a stratum were set aside.",
    },
    "blank_psu": {
        "id": "{n} balita tanpa klaster tidak dipakai.",
        "en": "{n} children without a cluster were set aside.",
    },
    "children_from:register": {
        "id": "Jumlah balita per kecamatan dari register.",
        "en": "Children per area come from the register.",
    },
    "children_from:areas_file": {
        "id": "Register balita tidak ada: jumlah balita per kecamatan dari daftar kecamatan.",
        "en": "There is no register of children: numbers come from the list of areas.",
    },
    "children_from:sampling_weights": {
        "id": "Register balita tidak ada: jumlah balita per kecamatan dari jumlah bobot survei.",
        "en": "There is no register of children: numbers are sums of the survey's weights.",
    },
    "covariate_left_out": {
        "id": "Kovariat {n} tidak dipakai karena tidak ada untuk semua kecamatan.",
        "en": "Covariate {n} was left out because some area lacks it.",
    },
    "unit_level_without_register": {
        "id": "Model tingkat anak tidak dibuat karena register menurut umur dan jenis kelamin tidak ada.",
        "en": "There is no unit-level model: the register by age and sex is missing.",
    },
    "unit_level_not_fitted": {
        "id": "Model tingkat anak tidak dapat dibuat dari data ini.",
        "en": "The unit-level model cannot be fitted to these data.",
    },
    "unit_level_not_converged": {
        "id": "Model tingkat anak tidak konvergen, jadi tidak ditampilkan.",
        "en": "The unit-level model did not converge and is not shown.",
    },
}


def note_sentence(note: str, language: str) -> str:
    """Sentence for a note of the stage, such as ``blank_psu:5``."""
    code, _, detail = note.partition(":")
    words = _NOTES[note] if note in _NOTES else _NOTES[code]
    return words[language].format(n=detail)


def benchmark_sentence(fact: Mapping[Any, Any], language: str) -> str:
    """What benchmarking did to one indicator, from a row of the table `benchmark`."""

    def number(value: float, pattern: str) -> str:
        return str(format_decimal(value, format=pattern, locale=language))

    factor = number(fact["factor"], "0.000")
    before, figure = (number(100 * fact[k], "0.0") for k in ("before", "figure"))
    source = fact["source"]
    if language == "id":
        kind = "angka survei ini sendiri" if fact["against"] == "survey" else "angka resmi"
        return (
            f"Angka semua kecamatan dikalikan {factor} supaya, bila ditimbang dengan jumlah balita, "
            f"jumlahnya sama dengan {kind} ({source}): dari {before} % menjadi {figure} %."
        )
    kind = "the survey's own figure" if fact["against"] == "survey" else "the official figure"
    return (
        f"Every area's figure was multiplied by {factor} so that, weighed by children, they add up "
        f"to {kind} ({source}): from {before} % to {figure} %."
    )
