"""Children per second and memory of the z-scores: ``python benchmarks/growth.py``.

One core; ages, sexes and measures drawn about the medians of the standards, so that most rows
take every path of the code.
"""

import resource
import sys
import time
import tracemalloc

import numpy as np
import pandas as pd

from analysis.intake import lms
from analysis.intake.growth import zscores


def sample(size: int, seed: int = 1) -> pd.DataFrame:
    """Children with plausible measures, some beyond ±3, some in the other position."""
    rng = np.random.default_rng(seed)
    sex, age = rng.integers(0, 2, size), rng.integers(0, 1827, size)
    _, median, spread = lms.at_age("haz", sex, age)
    length = median * (1 + spread * rng.normal(-1.4, 1.3, size))
    _, weight, spread = lms.at_age("waz", sex, age)
    return pd.DataFrame(
        {
            "sex": np.array(["m", "f"])[sex],
            "age_days": age,
            "weight_kg": np.round(weight * np.exp(spread * rng.normal(-1, 1.2, size)), 1),
            "length_cm": np.round(length, 1),
            "position": rng.choice(["lying", "standing"], size),
            "oedema": rng.random(size) < 0.002,
        }
    )


def children_per_second(size: int, repeats: int = 3) -> float:
    """Best of a few runs."""
    children = sample(size)
    zscores(children.head(1000))
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        zscores(children)
        times.append(time.perf_counter() - start)
    return size / min(times)


def working_megabytes(size: int) -> float:
    """Peak of what the call itself takes, results included."""
    children = sample(size)
    tracemalloc.start()
    zscores(children)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def main() -> None:
    """Print both for 1e5 and 1e6 children."""
    for size in (100_000, 1_000_000):
        speed, memory = children_per_second(size), working_megabytes(size)
        print(f"{size:>9,} children: {speed:>11,.0f} per second, {memory:6.0f} MB at its peak")
    print(f"whole process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB")


if __name__ == "__main__":
    sys.exit(main())
