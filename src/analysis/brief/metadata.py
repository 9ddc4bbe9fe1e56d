"""What a brief says about itself: names, dates, hashes, and the numbers the index shows."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from functools import lru_cache
from typing import Any

import pandas as pd

from analysis import artefacts
from analysis.brief import narrative as tell
from analysis.brief.data import BriefData
from analysis.brief.language import Language
from analysis.brief.reading import data_hash, is_synthetic
from analysis.project import Project

HASH_DIGITS = 12


def slug(name: str) -> str:
    """Name for a file: small letters, digits and hyphens.

    >>> slug("Sumber Baru (è)")
    'sumber-baru-e'
    """
    flat = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", flat.lower()).strip("-") or "area"


def stem(project: Project, code: str) -> str:
    """File name of a brief without its ending; sorts by year and code, and explains itself."""
    say = Language(project.params.language)
    name = project.area_name(code)
    if code == project.whole:
        name = project.params.place.full_name[say.code]
    digits = re.sub(r"[^0-9A-Za-z]", "", code)
    parts = [str(project.params.review.year), digits, slug(name), say.say("head.stem")]
    if is_synthetic(project):
        parts.append(say.say("head.synthetic_stem"))
    return "_".join(parts)


def fingerprint(project: Project, code: str) -> str:
    """All that the brief of `code` is made of, apart from code and templates.

    Its name, the day of the data, the parameters, and the hash of the very cells it reads.
    """
    made_of = [code, stem(project, code), data_day(project).isoformat(), project.params_hash]
    return ";".join([*made_of, data_hash(project, code)])


def title(data: BriefData) -> str:
    """Title of the brief."""
    place, say = data.project.params.place, data.language
    if data.is_whole:
        return say.say("head.title_whole", nama=data.text(place.full_name))
    return say.say("head.title", tingkat=data.text(place.area_level), nama=data.name)


def metadata(data: BriefData, pages: int) -> dict[str, Any]:
    """Metadata of the brief, as reports/README.md and the index want it (all JSON)."""
    # Imported here: names and fingerprints are asked for without drawing anything.
    from analysis.brief import card

    project, say = data.project, data.language
    params = project.params
    review, place = params.review, params.place
    status = say.say(f"head.status.{review.status}")
    day = say.format.date(review.date)
    meeting = say.say("head.meeting", rapat=data.text(review.meeting), tanggal=day)
    name = data.text(place.full_name) if data.is_whole else data.name
    head = title(data)
    address = (
        None if review.url is None else f"{review.url.rstrip('/')}/{stem(project, data.code)}.html"
    )
    return {
        "title": head,
        "subtitle": say.say("head.subtitle"),
        "lang": say.code,
        "place": name if data.is_whole else f"{data.text(place.area_level)} {name}",
        "name": name,
        "code": data.code,
        "whole": data.is_whole,
        "status": status,
        "period": data.text(params.survey.period),
        "meeting": meeting,
        "date": review.date.isoformat(),
        "year": review.year,
        "audience": data.text(review.audience),
        "publisher": data.text(review.publisher),
        "author": data.text(review.publisher),
        "synthetic": data.synthetic,
        "synthetic_label": say.say("head.synthetic"),
        "keywords": say.say(
            "head.keywords", nama=name, wilayah=data.text(place.full_name), tahun=params.survey.year
        ).split("; "),
        "description": say.say(
            "head.description", nama=name, rapat=data.text(review.meeting), tanggal=day
        ),
        "citation": citation(data),
        "url": address,
        "hashes": hashes(data),
        "generated": data_day(project).isoformat(),
        "pages": pages,
        "stem": stem(project, data.code),
        "labels": {key: say.say(f"head.labels.{key}") for key in _LABELS},
        "numbers": numbers(data),
        "card": card.as_metadata(data),
    }


_LABELS = (
    "page",
    "of",
    "skip",
    "meeting",
    "period",
    "audience",
    "code",
    "status",
    "data",
    "attachment",
    "figure_missing",
)


def citation(data: BriefData) -> str:
    """How to cite the brief."""
    params = data.project.params
    return data.language.say(
        "head.citation_whole" if data.is_whole else "head.citation",
        penerbit=data.text(params.review.publisher),
        tahun=params.review.year,
        judul=title(data),
        wilayah=data.text(params.place.full_name),
        status=data.language.say(f"head.status.{params.review.status}"),
    )


def hashes(data: BriefData) -> dict[str, str]:
    """First digits of the hashes of data, parameters and code."""
    found = {
        "data": data.provenance.get("data", ""),
        "params": data.project.params_hash,
        "code": data.provenance.get("code", ""),
    }
    return {name: str(value)[:HASH_DIGITS] for name, value in found.items()}


def numbers(data: BriefData) -> dict[str, Any]:
    """Key numbers of the area, raw and as printed; a suppressed estimate is not among them."""
    s, say = data.standing(), data.language
    shown = s.shown and s.low is not None and s.high is not None
    return {
        "verdict": s.verdict,
        "reason": s.reason,
        "reason_text": "" if s.reason in (None, "ok") else tell.reason(s.reason, say),
        "estimate": s.estimate if shown else None,
        "low": s.low if shown else None,
        "high": s.high if shown else None,
        "estimate_text": tell.percent(s, say) if shown else "*",
        "interval_text": tell.interval(s, say) if shown else "",
        "word": s.word if shown else "no_estimate",
        "word_text": say.say(f"words.target.{s.word if shown else 'no_estimate'}"),
        "against_whole": s.against_whole if shown else "not_compared",
        "against_text": say.say(f"words.state.{s.against_whole if shown else 'not_compared'}"),
        "target": s.target,
        "target_text": "" if s.target is None else tell.target_percent(s.target, say),
        "probability_at_target": s.probability_at_target if shown else None,
        "balita": s.balita,
        "stunted": s.stunted if shown else None,
        "stunted_low": s.stunted_low if shown else None,
        "stunted_high": s.stunted_high if shown else None,
        "stunted_text": say.format.count(s.stunted) if shown and s.stunted is not None else "*",
        "confidence": s.confidence,
        "confidence_text": say.say(f"words.confidence.{s.confidence}"),
        "n": None if s.n is None else int(s.n),
    }


def data_day(project: Project) -> dt.date:
    """Last day of the last month of measurement; the meeting's date where no month is known."""
    if artefacts.exists(project, "children"):
        path = artefacts.path(project, "children")
        month = _last_month(str(path), *_stamp(project, "children"))
        if month is not None:
            year, number = int(month[:4]), int(month[5:7])
            return dt.date(year, number, calendar.monthrange(year, number)[1])
    return project.params.review.date


def _stamp(project: Project, name: str) -> tuple[int, int]:
    found = artefacts.path(project, name).stat()
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=64)
def _last_month(path: str, changed: int, size: int) -> str | None:
    months = pd.read_parquet(path, columns=["month"])["month"].dropna()
    return str(months.max()) if len(months) else None
