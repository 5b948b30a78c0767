"""The documents that come with the program: real rules, an invented town, every value with its source."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from meguri.programmes.terms import ProgrammeTerms, read_terms


@cache
def shipped() -> dict[str, ProgrammeTerms]:
    """One for each family, which the invented town lives: file name without its ending -> document, by name."""
    return _read(files("meguri.programmes").joinpath("documents"))


@cache
def templates() -> dict[str, ProgrammeTerms]:
    """All documents that a town may start from: the invented town's own first, examples, other cities' programmes."""
    folder = files("meguri.programmes").joinpath("documents")
    return shipped() | _read(folder.joinpath("examples")) | _read(folder.joinpath("cities"))


def _read(folder: Traversable) -> dict[str, ProgrammeTerms]:
    named = {file.name.removesuffix(".toml"): file for file in folder.iterdir() if file.name.endswith(".toml")}
    return {name: read_terms(named[name].read_bytes()) for name in sorted(named)}
