"""Schemas of what intake hands on: children, visits, population, cleaning_log, data_quality."""

from __future__ import annotations

import pandera.pandas as pa

from analysis.schema import boolean, number, table, text, whole

_Z = {
    "haz": number("Length/height-for-age z, WHO 2006; the implausible ones too", -100, 10000),
    "waz": number("Weight-for-age z, WHO 2006; the implausible ones too", -100, 10000),
    "whz": number("Weight-for-length/height z, WHO 2006; the implausible ones too", -100, 10000),
    "baz": number("BMI-for-age z, WHO 2006; the implausible ones too", -100, 10000),
    "haz_flag": boolean("HAZ beyond ±6: implausible, left out of prevalence"),
    "waz_flag": boolean("WAZ below −6 or above +5"),
    "whz_flag": boolean("WHZ beyond ±5"),
    "baz_flag": boolean("BAZ beyond ±5"),
}
_OUTCOMES = {
    "stunted": boolean("HAZ < −2; missing where HAZ is missing or flagged"),
    "severely_stunted": boolean("HAZ < −3"),
    "wasted": boolean("WHZ < −2 or oedema"),
    "underweight": boolean("WAZ < −2 or oedema"),
    "overweight": boolean("WHZ > +2"),
}
_MEASURES = {
    "sex": text("m or f", allowed=["m", "f"], nullable=True),
    "age_days": number("Age at measurement, days", 0, 4000),
    "weight_kg": number("Weight, kg", 0, 200),
    "length_cm": number("Length or height as measured, cm", 0, 250),
    "position": text("lying or standing", allowed=["lying", "standing"], nullable=True),
}

#: One row per surveyed child. Further columns: the indicators of the pillars file
#: (boolean, category as text, or number), under their codes.
CHILDREN = table(
    {
        "child_id": text("Keyed hash of the child"),
        "source_file": text("Raw file the row came from"),
        "source_row": whole(
            "Row in that file as a spreadsheet program counts it, its first row being 1"
        ),
        "kecamatan": text("Code of the area"),
        "desa": text("Code (or name, where the register has none) of the village", nullable=True),
        "stratum": text("Sampling stratum", nullable=True),
        "psu": text("Primary sampling unit", nullable=True),
        "household": text("Keyed hash of the household", nullable=True),
        "sampling_weight": number("Sampling weight", 0, nullable=True),
        "team": text("Measuring team", nullable=True),
        "month": text("Month of measurement, YYYY-MM", nullable=True),
        **_MEASURES,
        "oedema": boolean("Bilateral pitting oedema"),
        "length_corrected_cm": number("Length after the lying/standing correction, cm", 0, 250),
        **_Z,
        **_OUTCOMES,
    },
    extra_columns=True,
)

#: One row per routine measurement.
VISITS = table(
    {
        "child_id": text("Keyed hash of the child, equal over its visits"),
        "linked_by": text("nik, name, or single", allowed=["nik", "name", "single"]),
        "source_file": text("Raw file the row came from"),
        "source_row": whole(
            "Row in that file as a spreadsheet program counts it, its first row being 1"
        ),
        "kecamatan": text("Code of the area"),
        "desa": text("Code or name of the village", nullable=True),
        "posyandu": text("Weighing post", nullable=True),
        "month": text("Month of measurement, YYYY-MM", nullable=True),
        **_MEASURES,
        "length_corrected_cm": number("Length after the lying/standing correction, cm", 0, 250),
        "recorded_haz": number("ZS TB/U as the export has it", -50, 50),
        "recorded_stunted": boolean(
            "TB/U recorded as pendek or sangat pendek; where no class stands, ZS TB/U < −2"
        ),
        **_Z,
        "stunted": boolean("Recomputed HAZ < −2; missing where missing or flagged"),
        "severely_stunted": boolean("Recomputed HAZ < −3"),
    }
)

#: Children under five by area, sex and age.
POPULATION = table(
    {
        "kecamatan": text("Code of the area"),
        "sex": text("m or f", allowed=["m", "f"]),
        "age_group": text(
            "Completed months", allowed=["0-5", "6-11", "12-23", "24-35", "36-47", "48-59"]
        ),
        "balita": number("Children; may be fractional where shared out", 0, nullable=False),
        "status": text("registered or approximation", allowed=["registered", "approximation"]),
    }
)

#: Families at risk of stunting by village, where the office has the count.
RISK_FAMILIES = table(
    {
        "kecamatan": text("Code of the area"),
        "desa": text("Code (or name) of the village"),
        "families": whole("Keluarga berisiko stunting"),
    }
)

#: One row per source file and cleaning rule: rows in = rows out + rows set aside.
CLEANING_LOG = table(
    {
        "scope": text("survey, routine or register", allowed=["survey", "routine", "register"]),
        "source_file": text("Raw file"),
        "step": whole("Order in which rules ran"),
        "rule": text("Name of the rule"),
        "reason": text("Why the rule exists"),
        "action": text("What it does", allowed=["read", "mend", "blank", "set_aside", "keep"]),
        "rows_before": whole("Rows before the rule"),
        "affected": whole("Rows it touched"),
        "rows_after": whole("Rows after the rule"),
        "examples": text("Up to three anonymous examples", nullable=True),
    }
)

#: Quality of the data, per area and post or team where numbers allow.
DATA_QUALITY = table(
    {
        "scope": text("survey or routine", allowed=["survey", "routine"]),
        "kecamatan": text("Code of the area, or of the whole place"),
        "unit": text("Team or posyandu; empty for the area as a whole", nullable=True),
        "indicator": text("What is measured"),
        "value": number("Its value"),
        "n": whole("Records it rests on"),
        "threshold": number("Limit beyond which it warns"),
        "verdict": text(
            "good, caution, poor or not_computed",
            allowed=["good", "caution", "poor", "not_computed"],
        ),
        "source": text("Where the threshold comes from", nullable=True),
        "consequence": text("What it does to the estimate", nullable=True),
    }
)

TABLES: dict[str, pa.DataFrameSchema] = {
    "children": CHILDREN,
    "visits": VISITS,
    "population": POPULATION,
    "risk_families": RISK_FAMILIES,
    "cleaning_log": CLEANING_LOG,
    "data_quality": DATA_QUALITY,
}
