"""Names and fingerprints of all briefs, remembered until an artefact, the params or the code change.

Which cells a brief reads is asked of every table for every area: seconds, for hundreds of areas.
The tables' own hashes tell in hundredths of a second that nothing can have changed.
"""

from __future__ import annotations

import json

from analysis.files import write_whole
from analysis.project import Project
from analysis.publish import keys

#: Name without ending and fingerprint of a brief, by the code of its area.
Prints = dict[str, tuple[str, str]]
_NAME = "prints.json"


def of_all(project: Project, shared: str) -> Prints:
    """Return name and fingerprint of the brief of each area and of the whole place.

    Parameters
    ----------
    shared
        Key of all code and words.
    """
    tables = sorted(project.processed.glob("*.parquet"))
    key = keys.combine(
        {
            "shared": shared,
            "params": project.params_hash,
            "tables": keys.tree_hash(project.processed, tables),
        }
    )
    codes = [*project.register.codes, project.whole]
    known = _read(project, key)
    if known is not None and set(known) == set(codes):
        return known
    # Here, since it is a tenth of a second of imports, for nothing when all is known.
    from analysis.brief.metadata import fingerprint, stem

    found = {code: (stem(project, code), fingerprint(project, code)) for code in codes}
    content = {"key": key, "found": found}
    write_whole(project.build / _NAME, json.dumps(content, indent=1, sort_keys=True) + "\n")
    return found


def _read(project: Project, key: str) -> Prints | None:
    try:
        content = json.loads((project.build / _NAME).read_text(encoding="utf-8"))
        if content["key"] != key:
            return None
        return {
            str(code): (str(name), str(mark)) for code, (name, mark) in content["found"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
