"""A project: parameters, register, pillars and programmes read together, with their folders."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.errors import UserError
from analysis.indicators import Pillars, load_programmes
from analysis.params import Params, load_model, load_params
from analysis.regions import Register, load_register, normalise

DEFAULT_PARAMS = "params/default.yaml"


@dataclass(frozen=True)
class Project:
    """Everything a stage needs to know about the run."""

    params: Params
    register: Register
    pillars: Pillars
    programmes: pd.DataFrame
    params_file: Path
    files: tuple[Path, ...]

    def beside(self, relative: str) -> Path:
        """Return a path given relative to the params file."""
        return (self.params_file.parent / relative).resolve()

    @property
    def raw(self) -> Path:
        """Folder of raw inputs."""
        return self.beside(self.params.paths.raw)

    @property
    def processed(self) -> Path:
        """Folder of artefacts."""
        return self.beside(self.params.paths.processed)

    @property
    def out(self) -> Path:
        """Folder that gets shared."""
        return self.beside(self.params.paths.out)

    @property
    def build(self) -> Path:
        """Folder of executed notebooks and figures."""
        return self.beside(self.params.paths.build)

    @property
    def params_hash(self) -> str:
        """SHA-256 over the content of all parameter files, by name."""
        digest = hashlib.sha256()
        for file in self.files:
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
        return digest.hexdigest()

    @property
    def whole(self) -> str:
        """Code under which the whole place stands in tables."""
        return self.params.place.code

    def area_name(self, code: str) -> str:
        """Name of an area, or of the whole place."""
        return self.params.place.name if code == self.whole else self.register.name(code)

    def areas_named(self, words: Sequence[str]) -> list[str]:
        """Codes of the areas named on a command line (see `Register.find_all`).

        The name or code of the whole place is understood and adds no area: what is made of
        the whole is made with any of them.

        Raises
        ------
        UserError
            A name is not an area of the register.
        """
        place, areas = self.params.place, self.register.names()
        texts = (self.whole, place.name, place.full_name.id, place.full_name.en)
        own = {text.casefold() for text in texts if normalise(text) not in areas}
        if " ".join(words).casefold() in own:
            return []
        return self.register.find_all([word for word in words if word.casefold() not in own])


def find_root(start: Path | None = None) -> Path:
    """Return the project's root: the nearest folder upwards that holds `params/`.

    Looks from `start` (the working directory unless given), then from the package's
    own place, so notebooks run from any directory.
    """
    for origin in ((start or Path.cwd()).resolve(), Path(__file__).resolve()):
        for folder in (origin, *origin.parents):
            if (folder / "params").is_dir() and (folder / "notebooks").is_dir():
                return folder
    raise UserError("No folder with params/ and notebooks/ was found above the working directory.")


def load_project(params_file: str | Path = DEFAULT_PARAMS) -> Project:
    """Read a params file and every file it names.

    A relative `params_file` is looked up from the working directory, then from the
    project's root.

    Raises
    ------
    UserError
        A file is missing or does not fit; the sentence names file, key and what is allowed.

    Examples
    --------
    >>> project = load_project()
    >>> len(project.register.codes), project.params.estimation.level
    (31, 0.95)
    """
    path = Path(params_file)
    if not path.is_absolute() and not path.exists():
        path = find_root() / path
    path = path.resolve()
    known = _last.get(path)
    if known is not None and _unchanged(*known):
        return known[0]
    project = _read(path)
    _last.clear()
    _last[path] = project, project.params_hash
    return project


#: The project read last and the hash of its files: kernels are forked from a process that has it.
_last: dict[Path, tuple[Project, str]] = {}


def _unchanged(project: Project, params_hash: str) -> bool:
    try:
        return project.params_hash == params_hash
    except OSError:  # a file is gone; reading it again will say which
        return False


def _read(path: Path) -> Project:
    params = load_params(path)
    place = params.place

    def beside(name: str | None) -> Path | None:
        return None if name is None else (path.parent / name).resolve()

    areas, villages = beside(place.register_file), beside(place.villages_file)
    pillars_file, programmes_file = beside(params.pillars_file), beside(params.programmes_file)
    assert areas is not None and pillars_file is not None
    register = load_register(areas, villages)
    pillars = load_model(Pillars, pillars_file)
    programmes = load_programmes(programmes_file, pillars)
    maps = [params.survey.columns, *(params.routine.columns if params.routine else ())]
    maps += [params.population.columns] if params.population.columns else []
    optional = [params.review.series_file, params.review.administrative_file, place.boundaries_file]
    named = [path, areas, villages, pillars_file, programmes_file]
    named += [beside(name) for name in (*maps, *optional)]
    files = tuple(file for file in named if file is not None)
    for file in files:
        if not file.exists():
            raise UserError(f"{path.name} names {file.name}, which is not at {file}.")
    return Project(params, register, pillars, programmes, path, files)
