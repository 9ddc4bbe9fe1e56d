"""Random numbers: one independent stream for each part, so a change in one leaves the others."""

from __future__ import annotations

import zlib

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def stream(seed: int, part: str) -> np.random.Generator:
    """Generator of the named part of the sample."""
    return np.random.default_rng([seed, zlib.crc32(part.encode())])


def sigmoid(x: Floats) -> Floats:
    """Inverse logit."""
    return np.asarray(1.0 / (1.0 + np.exp(-x)))


def centre_to_share(predictor: Floats, share: float) -> float:
    """Intercept with which the mean probability of `predictor` equals `share`.

    Bisection; large arrays are thinned, which costs less than 0.3 points.
    """
    thin = predictor[:: max(1, predictor.size // 20_000)]
    low, high = -30.0, 30.0
    for _ in range(50):
        middle = (low + high) / 2
        if sigmoid(thin + middle).mean() > share:
            high = middle
        else:
            low = middle
    return (low + high) / 2
