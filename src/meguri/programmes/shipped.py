"""The documents that come with the program: real rules, an invented town, every value with its source."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from meguri.programmes.terms import ProgrammeTerms, read_terms


@cache
def shipped() -> dict[str, ProgrammeTerms]:
    """File name without its ending -> document, in order of names."""
    folder = files("meguri.programmes").joinpath("documents")
    named = {file.name.removesuffix(".toml"): file for file in folder.iterdir() if file.name.endswith(".toml")}
    return {name: read_terms(named[name].read_bytes()) for name in sorted(named)}
