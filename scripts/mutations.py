"""Break the growth and disclosure rules on purpose, one at a time, and see whether tests notice.

Each row of `MUTATIONS` is one small change of the source. It is made in a temporary copy of
`src/`, the tests of that room run against the copy, and a change that no test notices has
survived: a gap in the tests. The result is written to `docs/mutations.md`.

    python scripts/mutations.py            all, and write the page
    python scripts/mutations.py disclosure only rows that hold the word; no page
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "mutations.md"
GROWTH = ("tests/intake/test_growth.py", "tests/intake/test_growth_properties.py")
DISCLOSURE = ("tests/brief/test_disclosure.py", "tests/brief/test_disclosure_properties.py")


@dataclass(frozen=True)
class Mutation:
    """One deliberate mistake: `old` stands once in `file` and becomes `new`."""

    file: str
    what: str
    old: str
    new: str

    @property
    def tests(self) -> tuple[str, ...]:
        """Test files that ought to notice."""
        return DISCLOSURE if self.file.startswith("brief") else GROWTH

    def apply(self, source: str) -> str:
        """Source with the mistake in it."""
        if source.count(self.old) != 1:
            raise ValueError(f"{self.file}: '{self.old}' stands {source.count(self.old)} times")
        return source.replace(self.old, self.new)


def _of(file: str, *rows: tuple[str, str, str]) -> list[Mutation]:
    return [Mutation(file, *row) for row in rows]


MUTATIONS = [
    *_of(
        "intake/growth.py",
        ("age rounded down", "day = np.floor(c.age + 0.5)", "day = np.floor(c.age)"),
        ("half a day rounded down", "np.floor(days.to_numpy(dtype=np.float64) + 0.5)",
         "np.ceil(days.to_numpy(dtype=np.float64) - 0.5)"),
        ("month of 30 days", "DAYS_PER_MONTH = 30.4375", "DAYS_PER_MONTH = 30.0"),
        ("60 months counted in", "(months < MONTHS_LIMIT)", "(months <= MONTHS_LIMIT)"),
        ("age 0 left out", "(c.age >= 0) &", "(c.age > 0) &"),
        ("standards of standing height a day late", "FIRST_DAY_STANDING = 731",
         "FIRST_DAY_STANDING = 732"),
        ("lying and standing differ by 0.6 cm", "LYING_MINUS_STANDING_CM = 0.7",
         "LYING_MINUS_STANDING_CM = 0.6"),
        ("0.7 cm taken off instead of added", "c.length + LYING_MINUS_STANDING_CM, c.length",
         "c.length - LYING_MINUS_STANDING_CM, c.length"),
        ("0.7 cm added instead of taken off", "length - LYING_MINUS_STANDING_CM, length",
         "length + LYING_MINUS_STANDING_CM, length"),
        ("standing believed at any age", "& ~(months < MONTHS_NO_STANDING)", ""),
        ("standing believed from 8 months", "MONTHS_NO_STANDING = 9", "MONTHS_NO_STANDING = 8"),
        ("height from 86 cm without age", "CM_TAKEN_AS_HEIGHT = 87.0", "CM_TAKEN_AS_HEIGHT = 86.0"),
        ("height only above 87 cm", "(length >= CM_TAKEN_AS_HEIGHT)",
         "(length > CM_TAKEN_AS_HEIGHT)"),
        ("oedema ignored in weight-for-age", "by_age & ~c.oedema, c.weight", "by_age, c.weight"),
        ("oedema ignored in weight-for-height", "& sex_known & ~c.oedema, length",
         "& sex_known, length"),
        ("oedema ignored in BMI-for-age", "by_age & ~c.oedema, bmi", "by_age, bmi"),
        ("BMI of the length as measured", "bmi = c.weight / (length / 100.0) ** 2",
         "bmi = c.weight / (c.length / 100.0) ** 2"),
        ("tails of no index extended", 'lms.z_score if name == "haz" else lms.z_score_extended',
         "lms.z_score"),
        ("shortest length of the table left out", "(length >= low)", "(length > low)"),
        ("longest length of the table left out", "(length <= high)", "(length < high)"),
        ("three decimals", "np.round(z, 2)", "np.round(z, 3)"),
        ("HAZ of -6 flagged", "(z < low) | (z > high)", "(z <= low) | (z > high)"),
        ("HAZ of +6 flagged", "(z < low) | (z > high)", "(z < low) | (z >= high)"),
        ("WAZ flagged below -5", '"waz": (-6.0, 5.0)', '"waz": (-5.0, 5.0)'),
        ("WHZ flagged above 6", '"whz": (-5.0, 5.0)', '"whz": (-5.0, 6.0)'),
        ("weight 0 believed", "(values > 0) & np.isfinite", "(values >= 0) & np.isfinite"),
    ),
    *_of(
        "intake/lms.py",
        ("girls' and boys' tables exchanged", 'SEXES = ("m", "f")', 'SEXES = ("f", "m")'),
        ("no interpolation between lengths", "at_low + part *", "at_low + 0 * part *"),
        ("extension from 2 SD", "np.abs(z) > 3.0", "np.abs(z) > 2.0"),
        ("extension by the distance from 1 SD", "spread * 2.0 * side", "spread * 1.0 * side"),
        ("SD3 adjustment constant 2.9", "3.0 * side + (y - sd3)", "2.9 * side + (y - sd3)"),
        ("lower tail extended by the upper one", "lms[:, out])\n", "lms[:, out]) if 0 else "
         "_extended(np.abs(np.sign(z[out])), y[out], lms[:, out])\n"),
    ),
    *_of(
        "intake/status.py",
        ("z of -2 is stunted", '"stunted": ("haz", operator.lt, -2.0)',
         '"stunted": ("haz", operator.le, -2.0)'),
        ("severe from -2.9", '"severely_stunted": ("haz", operator.lt, -3.0)',
         '"severely_stunted": ("haz", operator.lt, -2.9)'),
        ("z of +2 is overweight", "operator.gt, 2.0", "operator.ge, 2.0"),
        ("category limit below falls to the lower one", "passed += values >= limit",
         "passed += values > limit"),
        ("category limit above falls to the upper one", "passed += values > limit\n    codes",
         "passed += values >= limit\n    codes"),
        ("oedema makes stunted", 'if index != "haz":', "if True:"),
        ("oedema not severe", "OEDEMA_COUNTS_AS = -3.1", "OEDEMA_COUNTS_AS = -2.9"),
        ("oedema counted a day longer", "~(age > OEDEMA_LAST_DAY)", "~(age > OEDEMA_LAST_DAY + 1)"),
        ("implausible z counted", "values[z[f\"{index}_flag\"].fillna(False).to_numpy(dtype=bool)] "
         "= np.nan", "pass"),
    ),
    *_of(
        "brief/disclosure.py",
        ("24 children shown", "FEWEST_CHILDREN = 25", "FEWEST_CHILDREN = 24"),
        ("25 children hidden", "    if n < FEWEST_CHILDREN:\n        return Verdict(\"suppress\", "
         "\"few_children\")\n    bounds", "    if n <= FEWEST_CHILDREN:\n        return "
         "Verdict(\"suppress\", \"few_children\")\n    bounds"),
        ("caution up to 50 children", "    if n < FEW_CHILDREN:\n", "    if n <= FEW_CHILDREN:\n"),
        ("29 effective children shown", "FEWEST_EFFECTIVE = 30.0", "FEWEST_EFFECTIVE = 29.0"),
        ("30 effective children hidden", "effective < FEWEST_EFFECTIVE",
         "effective <= FEWEST_EFFECTIVE"),
        ("design effect below 1 makes children", "min(effective_n, n)", "effective_n"),
        ("interval of 5 points not narrow", "width <= NARROW", "width < NARROW"),
        ("interval of 30 points shown", "width >= WIDE:", "width > WIDE:"),
        ("width not rounded", "width = round(width, 12)", "width = float(width)"),
        ("relative width of 130 % hidden", "12) <= WIDEST_RELATIVE", "12) < WIDEST_RELATIVE"),
        ("relative width up to 140 %", "WIDEST_RELATIVE = 1.30", "WIDEST_RELATIVE = 1.40"),
        ("7 degrees of freedom enough", "FEW_DF = 8.0", "FEW_DF = 7.0"),
        ("8 degrees of freedom too few", "freedom < FEW_DF", "freedom <= FEW_DF"),
        ("0 % shown without caution", "estimate in (0.0, 1.0)", "estimate in (1.0,)"),
        ("100 % shown without caution", "estimate in (0.0, 1.0)", "estimate in (0.0,)"),
        ("model figure at the limit of its error hidden", "rse > rse_suppress",
         "rse >= rse_suppress"),
        ("model figure at the limit of caution warned of", "rse > rse_caution",
         "rse >= rse_caution"),
        ("model alone not said", "if not n > 0 or psus == 0:", "if False:"),
        ("count of 5 hidden", "SMALL_COUNTS = range(1, 5)", "SMALL_COUNTS = range(1, 6)"),
        ("count of 4 shown", "SMALL_COUNTS = range(1, 5)", "SMALL_COUNTS = range(1, 4)"),
        ("zero hidden", "SMALL_COUNTS = range(1, 5)", "SMALL_COUNTS = range(0, 5)"),
        ("complement of a count forgotten",
         " or (total is not None and total - count in SMALL_COUNTS)", ""),
        ("small routine count shown", "if events is not None and is_small(events, n):", "if False:"),
        ("complementary suppression off", "while _derivable(", "while False and _derivable("),
        ("one hidden count not protected", "return cells == 1 or forced or total <= 4",
         "return forced or total <= 4"),
        ("all ones, all fours not protected", "return cells == 1 or forced or total <= 4",
         "return cells == 1 or total <= 4"),
        ("four children in all not protected", "return cells == 1 or forced or total <= 4",
         "return cells == 1 or forced"),
        ("largest other count hidden instead", "key=lambda i: (counts[i] == 0, counts[i])",
         "key=lambda i: (counts[i] == 0, -counts[i])"),
        ("a zero hidden first", "key=lambda i: (counts[i] == 0, counts[i])",
         "key=lambda i: counts[i]"),
    ),
]  # fmt: skip


def survives(mutation: Mutation) -> bool:
    """Whether the tests pass in spite of the mistake."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        copy = Path(folder) / "src"
        shutil.copytree(ROOT / "src", copy, ignore=shutil.ignore_patterns("__pycache__"))
        file = copy / "analysis" / mutation.file
        file.write_text(mutation.apply(file.read_text(encoding="utf-8")), encoding="utf-8")
        return run_tests(copy, mutation.tests) == 0


def run_tests(source: Path, tests: Sequence[str]) -> int:
    """Exit status of the tests against the package in `source`, in a fork of this process."""
    child = multiprocessing.get_context("fork").Process(target=_test, args=(source, tests))
    child.start()
    child.join()
    if child.exitcode not in (0, 1):
        raise RuntimeError(f"{', '.join(tests)} could not run: status {child.exitcode}")
    return child.exitcode


def _test(source: Path, tests: Sequence[str]) -> None:
    """Run pytest here, with the libraries already loaded and the package from `source`."""
    import pytest

    os.chdir(ROOT)
    sys.path.insert(0, str(source))
    sys.dont_write_bytecode = True
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "not slow"]
    os._exit(int(pytest.main([*options, *tests])))


def page(results: Sequence[tuple[Mutation, bool]]) -> str:
    """The documentation page."""
    killed = sum(not survived for _, survived in results)
    head = (
        "# Mutations\n\n"
        "Deliberate mistakes in the growth and disclosure rules, and whether a test notices. Written by\n"
        "`python scripts/mutations.py`.\n\n"
        f"{killed} of {len(results)} are noticed.\n"
    )
    parts = [head]
    for file in dict.fromkeys(mutation.file for mutation, _ in results):
        rows = [(m.what, "survived" if s else "noticed") for m, s in results if m.file == file]
        parts.append(f"\n## `{file}`\n\n| mistake | tests |\n|---|---|\n")
        parts += [f"| {what} | {verdict} |\n" for what, verdict in rows]
    return "".join(parts)


def main(words: Sequence[str]) -> int:
    """Run the mutations that hold one of `words`; 1 when one survives."""
    for library in ("hypothesis", "pandas", "pandera.pandas", "polars", "pytest", "scipy.stats"):
        importlib.import_module(library)  # once, here, and not in every fork
    chosen = [m for m in MUTATIONS if not words or any(w in f"{m.file} {m.what}" for w in words)]
    for tests in sorted({mutation.tests for mutation in chosen}):
        if run_tests(ROOT / "src", tests):
            raise SystemExit(f"{', '.join(tests)} fail without any mutation; mend that first.")
    results = []
    for mutation in chosen:
        results.append((mutation, survives(mutation)))
        word = "SURVIVED" if results[-1][1] else "noticed "
        print(f"{word}  {mutation.file}: {mutation.what}", flush=True)
    if not words:
        PAGE.write_text(page(results), encoding="utf-8")
    return int(any(survived for _, survived in results))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
