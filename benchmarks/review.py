"""How long review takes as the routine records grow: `python benchmarks/review.py [params]`.

Copies the children of the routine records under new names until the place's whole register
would be in the files, and times each part. Needs the artefacts of the earlier stages.
"""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Callable

import pandas as pd

from analysis.project import load_project
from analysis.review.inputs import Inputs, read_inputs
from analysis.review.newcases import new_cases_table
from analysis.review.stage import compute
from analysis.review.twonumbers import two_numbers_table


def copies(inputs: Inputs, times: int) -> Inputs:
    """Inputs with `times` as many routine children."""
    parts = [
        inputs.visits.assign(child_id=inputs.visits["child_id"] + f"-{i}") for i in range(times)
    ]
    return dataclasses.replace(inputs, visits=pd.concat(parts, ignore_index=True))


def timed(name: str, rows: int, run: Callable[[], object]) -> None:
    start, cpu = time.perf_counter(), time.process_time()
    run()
    wall, used = time.perf_counter() - start, time.process_time() - cpu
    print(f"{name:<12} {rows:>9,} records {wall:7.1f} s ({used:.1f} s of processor)")


def main() -> None:
    project = load_project(*sys.argv[1:2])
    inputs = read_inputs(project)
    for times in (1, 5, 25):
        more = copies(inputs, times)
        rows = len(more.visits)
        timed("new cases", rows, lambda more=more: new_cases_table(project, more))
        timed("two numbers", rows, lambda more=more: two_numbers_table(project, more))
        timed("whole stage", rows, lambda more=more: compute(project, more))


if __name__ == "__main__":
    main()
