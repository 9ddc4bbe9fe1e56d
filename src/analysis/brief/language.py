"""The language of a brief: its message catalogue and its number formats together."""

from __future__ import annotations

import re
import string
from functools import lru_cache
from importlib.resources import files
from typing import Any

from analysis.brief.formatting import NBSP, Formatter
from analysis.errors import UserError
from analysis.files import load_yaml

LANGUAGES = ("id", "en")
_SPACES = re.compile(r"[^\S\u00a0]+")
#: A number (or its place) stays on one line with its percent sign, and with "about" before it.
_KEPT = re.compile(r"(?<=[\d}]) (?=%)|(?<=≈) (?=[\d{])")


class Language:
    """Sentences by key, and the formatter that fills them.

    `say("message.stand", name=...)` fills a template; a key the catalogue does not
    have is a defect and raises KeyError. `known(key)` asks beforehand; `word(group,
    code)` falls back to the code itself, for codes that another stage may add.
    """

    def __init__(self, code: str) -> None:
        if code not in LANGUAGES:
            raise UserError(f"language '{code}' has no messages; allowed: {', '.join(LANGUAGES)}.")
        self.code = code
        self.format = Formatter(code)
        self._messages = catalogue(code)

    def say(self, key: str, **values: Any) -> str:
        """Return the message `key` with its places filled."""
        return self._messages[key].format(**values)

    def known(self, key: str) -> bool:
        """Whether the catalogue has `key`."""
        return key in self._messages

    def word(self, group: str, code: str | None, **values: Any) -> str:
        """Word for a code of a group; the code in plain letters where there is none."""
        key = f"{group}.{code}"
        if code is None:
            return ""
        return self.say(key, **values) if self.known(key) else str(code).replace("_", " ")


@lru_cache(maxsize=4)
def catalogue(code: str) -> dict[str, str]:
    """Messages of a language as a flat mapping of dotted keys."""
    source = files("analysis.brief.messages").joinpath(f"messages_{code}.yaml")
    return dict(_flatten(load_yaml(source), ""))


def places(template: str) -> set[str]:
    """Names of the places a template has."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def _flatten(node: Any, prefix: str) -> list[tuple[str, str]]:
    if isinstance(node, dict):
        pairs: list[tuple[str, str]] = []
        for key, value in node.items():
            pairs += _flatten(value, f"{prefix}.{key}" if prefix else str(key))
        return pairs
    text = _SPACES.sub(" ", str(node)).strip()
    return [(prefix, _KEPT.sub(NBSP, text))]
