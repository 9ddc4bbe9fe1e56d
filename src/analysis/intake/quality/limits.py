"""Limits of data quality: where each comes from, and what passing it does to an estimate."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

Verdict = Literal["good", "caution", "poor", "not_computed"]
Consequence = Literal["none", "bias_up", "bias_down", "imprecise", "not_representative"]
Range = tuple[float, float]

INF = math.inf
SMART = "SMART Manual 2.0 (2017)"
NIPN = "NiPN data quality toolkit"
WHO_UNICEF = "WHO/UNICEF (2019)"
WORKING = "ambang kerja proyek"


@dataclass(frozen=True)
class Limit:
    """Ranges (ends included) of good and of cautious values; beyond them a value is poor.

    `low` and `high` say what a value under or over the good range does to the prevalence of
    stunting.
    """

    good: Range
    caution: Range
    source: str
    low: Consequence
    high: Consequence

    def verdict(self, value: float, margin: float = 0.0) -> Verdict:
        """The word for a value; `margin` is half the width of its 95 % interval.

        A limit counts as passed where the whole interval lies beyond it, so that a few records
        are not called bad by chance.
        """
        if math.isnan(value):
            return "not_computed"
        low, high = self.good
        nearest = min(max(value, min(low, value + margin)), max(high, value - margin))
        if low <= nearest <= high:
            return "good"
        return "caution" if self.caution[0] <= nearest <= self.caution[1] else "poor"

    def threshold(self, value: float) -> float:
        """The end of the good range that the value passes or would pass first."""
        low, high = self.good
        if math.isinf(low) or math.isinf(high):
            end = high if math.isinf(low) else low
            return end if math.isfinite(end) else math.nan
        return low if value < (low + high) / 2 else high

    def consequence(self, value: float, verdict: Verdict) -> Consequence:
        """What the value does to the estimate; `none` where it is good or not computed."""
        if verdict in ("good", "not_computed"):
            return "none"
        return self.low if value < self.good[0] else self.high


def _at_most(good: float, caution: float, source: str, effect: Consequence) -> Limit:
    return Limit((-INF, good), (-INF, caution), source, effect, effect)


def _at_least(good: float, caution: float, source: str, effect: Consequence) -> Limit:
    return Limit((good, INF), (caution, INF), source, effect, effect)


_FLAGGED = f"{WHO_UNICEF}: 1 %; 2,5 % {SMART}"
_MISSING = f"{WORKING}: 5 % dan 10 % ({WHO_UNICEF} meminta angkanya dilaporkan)"
_SD_HAZ = f"WHO TRS 854 (1995): 1,10–1,30; batas bawah 0,8 dan atas 1,5 {WORKING}"

LIMITS: Mapping[str, Limit] = {
    # A share of children not measured: those seen may differ from those not seen.
    "coverage": _at_least(
        0.90, 0.70, f"SSGI 2024: respons 70 %; 90 % {WORKING}", "not_representative"
    ),
    "missing_sex": _at_most(0.05, 0.10, _MISSING, "not_representative"),
    "missing_age": _at_most(0.05, 0.10, _MISSING, "not_representative"),
    "missing_weight": _at_most(0.05, 0.10, _MISSING, "not_representative"),
    "missing_length": _at_most(0.05, 0.10, _MISSING, "not_representative"),
    "missing_position": _at_most(0.05, 0.10, _MISSING, "imprecise"),
    # Gross errors, and the wider spread they leave behind: both tails grow.
    "flagged_haz": _at_most(0.010, 0.025, _FLAGGED, "bias_up"),
    "flagged_waz": _at_most(0.010, 0.025, _FLAGGED, "bias_up"),
    "flagged_whz": _at_most(0.010, 0.025, _FLAGGED, "bias_up"),
    "sd_haz": Limit((0.9, 1.3), (0.8, 1.5), _SD_HAZ, "bias_down", "bias_up"),
    "sd_waz": Limit(
        (0.85, 1.2), (0.8, 1.4), f"WHO TRS 854 (1995): 1,00–1,20; {WORKING}", "bias_down", "bias_up"
    ),
    "sd_whz": Limit((0.85, 1.15), (0.80, 1.20), SMART, "bias_down", "bias_up"),
    "skewness_haz": Limit((-0.4, 0.4), (-0.6, 0.6), SMART, "bias_up", "bias_down"),
    "skewness_whz": Limit((-0.4, 0.4), (-0.6, 0.6), SMART, "bias_up", "bias_down"),
    "kurtosis_haz": Limit((-0.4, 0.4), (-0.6, 0.6), SMART, "imprecise", "imprecise"),
    "kurtosis_whz": Limit((-0.4, 0.4), (-0.6, 0.6), SMART, "imprecise", "imprecise"),
    # Rounded measures.
    "digit_preference_weight": _at_most(12, 20, f"{SMART}; {NIPN}", "imprecise"),
    "digit_preference_length": _at_most(12, 20, f"{SMART}; {NIPN}", "imprecise"),
    # Tests: these are limits of p; see `quality_checks` for effects of no account.
    "age_heaping": _at_least(0.05, 0.001, f"{NIPN}; p {WORKING}", "imprecise"),
    "sex_ratio": _at_least(0.05, 0.001, SMART, "not_representative"),
    "age_ratio": _at_least(0.05, 0.001, SMART, "not_representative"),
    # Routine data alone.
    "duplicates": _at_most(0.01, 0.05, WORKING, "not_representative"),
    "complete_records": _at_least(0.95, 0.90, WORKING, "not_representative"),
    "d_s": Limit(
        (0.90, 1.05),
        (0.80, 1.20),
        "Perpres 72/2021: 90 % balita dipantau; 80 % Kemenkes 2021",
        "not_representative",
        "not_representative",
    ),
    "recorded_differs": _at_most(0.05, 0.20, f"{WORKING}: selisih lebih dari 0,1 z", "imprecise"),
    "recorded_shift": Limit((-0.05, 0.05), (-0.2, 0.2), WORKING, "bias_up", "bias_down"),
}


def limits_with(flagged_percent: float, haz_sd_high: float) -> dict[str, Limit]:
    """The limits with a run's own thresholds for flagged z (percent) and the SD of HAZ."""
    changed = dict(LIMITS)
    for name in ("flagged_haz", "flagged_waz", "flagged_whz"):
        good = flagged_percent / 100
        caution = max(changed[name].caution[1], good)
        changed[name] = replace(changed[name], good=(-INF, good), caution=(-INF, caution))
    sd = changed["sd_haz"]
    changed["sd_haz"] = replace(
        sd, good=(sd.good[0], haz_sd_high), caution=(sd.caution[0], max(1.5, haz_sd_high))
    )
    return changed
