"""Fictional people: names no one bears, and identity numbers no one has.

Identity numbers start with 99, a province that does not exist, so that none can be
a real person's.
"""

from __future__ import annotations

import datetime as dt

import numpy as np

from analysis.intake.synthetic.streams import Ints


def _words(text: str) -> np.ndarray:
    return np.array(text.split(), dtype=object)


_FIRST = _words(
    "Melati Kenanga Anggrek Cempaka Dahlia Seruni Flamboyan Teratai Bougenvil Kamboja Mawar "
    "Wijaya Bayu Samudra Angkasa Bintang Guntur Topan Langit Mentari Pelangi Fajar Senja "
    "Embun Purnama Cakrawala Nusantara Khatulistiwa Rimba Telaga"
)
_SECOND = _words(
    "Biru Jingga Nila Ungu Hijau Kuning Merah Putih Perak Emas Tembaga Zamrud Safir Mirah "
    "Delima Kecubung Mutiara Giok Akik Pirus"
)
_MOTHER = _words(
    "Arum Asri Ayem Becik Cerah Damai Elok Gemah Indah Jernih Kidung Lestari Mekar Ningrum "
    "Permai Rahayu Sejuk Tenteram Utami Waras"
)
_SURNAME = "Contoh"


def child_names(rng: np.random.Generator, size: int) -> np.ndarray:
    """Names of children, all ending in `Contoh` (example)."""
    return np.asarray(
        _FIRST[rng.integers(0, _FIRST.size, size)]
        + " "
        + _SECOND[rng.integers(0, _SECOND.size, size)]
        + f" {_SURNAME}"
    )


def parent_names(rng: np.random.Generator, size: int) -> np.ndarray:
    """Mothers' names."""
    return np.asarray(
        "Ibu "
        + _MOTHER[rng.integers(0, _MOTHER.size, size)]
        + " "
        + _SECOND[rng.integers(0, _SECOND.size, size)]
    )


def nik(area: Ints, sex: Ints, birth: np.ndarray, serial: Ints) -> np.ndarray:
    """Sixteen digits built as the real ones: area, day (girls + 40), month, year, serial.

    `birth` is datetime64[D]; the area part begins with 99.
    """
    year, month, day = _ymd(birth)
    day = day + 40 * (sex == 1)
    number = 990000 + area % 10_000
    for part, width in ((day, 2), (month, 2), (year % 100, 2), (serial % 10_000, 4)):
        number = number * 10**width + part
    return np.asarray(number.astype(str).astype(object))


def _ymd(dates: np.ndarray) -> tuple[Ints, Ints, Ints]:
    months = dates.astype("datetime64[M]")
    year = dates.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    day = (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
    return year, month, day


def day_first(dates: np.ndarray) -> np.ndarray:
    """Dates as dd/mm/yyyy text."""
    year, month, day = _ymd(dates)
    return np.array(
        [f"{d:02d}/{m:02d}/{y:04d}" for d, m, y in zip(day, month, year, strict=True)],
        dtype=object,
    )


def reference_day(year: int, month: int) -> dt.date:
    """First day of the month after, at which the population's ages hold."""
    return dt.date(year + month // 12, month % 12 + 1, 1)
