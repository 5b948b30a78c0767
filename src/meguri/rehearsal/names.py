"""Invented names: put together from word lists, so that nobody is meant."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

SMALL_KANA = str.maketrans("ァィゥェォッャュョヮー", "アイウエオツヤユヨワ-")
"""Bank files know no small kana and write the long vowel as a hyphen."""


@dataclass(frozen=True, slots=True)
class Name:
    """A person's invented name, family name first, with its reading."""

    family: str
    given: str
    family_kana: str
    given_kana: str

    @property
    def written(self) -> str:
        return f"{self.family} {self.given}"

    @property
    def kana(self) -> str:
        return f"{self.family_kana} {self.given_kana}"


@cache
def words() -> dict[str, Any]:
    """The word lists of `data/names.toml`."""
    return tomllib.loads((files("meguri.rehearsal") / "data" / "names.toml").read_text(encoding="utf-8"))


def family_name(chance: Random) -> tuple[str, str]:
    """A surname and its reading."""
    (first, first_kana), (second, second_kana) = (
        chance.choice(words()["surname_first"]), chance.choice(words()["surname_second"]),
    )  # fmt: skip
    return first + second, first_kana + second_kana


def given_name(chance: Random) -> tuple[str, str]:
    """A given name and its reading."""
    (first, first_kana), (second, second_kana) = (
        chance.choice(words()["given_first"]), chance.choice(words()["given_second"]),
    )  # fmt: skip
    return first + second, first_kana + second_kana


def bank_kana(text: str) -> str:
    """A reading as a bank file takes it: capital kana only, the long vowel as a hyphen."""
    return text.translate(SMALL_KANA)
