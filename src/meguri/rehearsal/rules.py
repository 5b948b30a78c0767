"""What people of the town must know of the programmes' documents: prices, purses, actions, amounts."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

VOUCHER, POINT, BENEFIT = "voucher", "point", "benefit"
"""The families; the rehearsal names its programmes by them."""
FIRST_COME = "first-come"
"""A second voucher, of the family `voucher`: sold to whoever comes first."""


@dataclass(frozen=True, slots=True)
class Deed:
    """An action that earns points."""

    yen: int
    evidence: str  # device, place_code, partner_confirms, staff_confirms, self_report, photo
    steps: int | None = None  # a day must have so many, by the person's own record

    @property
    def waits(self) -> bool:
        """Whether somebody must confirm it first."""
        return self.evidence in {"partner_confirms", "staff_confirms", "photo"}


@dataclass(frozen=True, slots=True)
class Units:
    """What is sold first come: yen of a unit by purse, its price, and how many one person may buy."""

    face: Mapping[str, int]
    price_yen: int
    most: int


@dataclass(frozen=True, slots=True)
class Rules:
    """Read from the four documents. Amounts in yen."""

    departments: Mapping[str, str]  # by programme
    families: Mapping[str, str]  # by purse
    small_only: frozenset[str]  # purses that large shops do not take
    face: Mapping[str, int]  # of a voucher unit, by purse
    units_most: int
    first_come: Units
    deeds: Mapping[str, Deed]
    points_purse: str
    points_fund: str
    benefit_purse: str
    bonus_purse: str
    bonus_yen: int
    amounts: tuple[tuple[int, int], ...]  # (younger than, yen), the first that fits

    @property
    def child_until(self) -> int:
        """The age at which nobody is entitled to the benefit any more."""
        return max(below for below, _ in self.amounts)

    def benefit_yen(self, age: int) -> int:
        """What a child of this age is entitled to; 0 for whoever is too old."""
        return next((yen for below, yen in self.amounts if age < below), 0)


def read_rules(documents: Mapping[str, str]) -> Rules:
    """The rules of the documents (programme -> TOML). Raises KeyError or ValueError for documents of another make."""
    trees = {code: tomllib.loads(text) for code, text in documents.items()}
    sale, deeds, grant = (trees[family]["obtaining"] for family in (VOUCHER, POINT, BENEFIT))
    purses = [(tree["family"], purse) for tree in trees.values() for purse in tree["purses"]]
    local = next((choice for choice in grant["choices"] if choice["receipt"] == "local_money"), None)
    own = next((fund["code"] for fund in trees[POINT]["funds"] if fund["funder"] == "department"), None)
    if local is None or own is None:
        raise ValueError("a benefit without local money, or points without a department's own fund")
    return Rules(
        departments={code: tree["department"] for code, tree in trees.items()},
        families={purse["code"]: family for family, purse in purses},
        small_only=frozenset(purse["code"] for _, purse in purses if _refuses_large(purse.get("where", {}))),
        face={part["purse"]: part["yen"] for part in sale["face"]}, units_most=sale["max_units"],
        first_come=_units(trees[FIRST_COME]["obtaining"]),
        deeds={each["code"]: Deed(each["yen"], each["evidence"], each.get("steps")) for each in deeds["actions"]},
        points_purse=deeds["purse"], points_fund=own, benefit_purse=local["purse"],
        bonus_purse=local.get("bonus_purse", local["purse"]), bonus_yen=local.get("bonus_yen", 0),
        amounts=tuple((_younger_than(row["when"]), row["yen"]) for row in grant["amounts"]),
    )  # fmt: skip


def _units(sale: Mapping[str, Any]) -> Units:
    face = {part["purse"]: part["yen"] for part in sale["face"]}
    return Units(face=face, price_yen=sale["unit_price_yen"], most=sale["max_units"])


def _refuses_large(where: Mapping[str, Any]) -> bool:
    """Whether a purse is for small shops, in either of the two ways in which documents write it."""
    if where.get("field") != "size_class":
        return False
    return (where["op"], where["value"]) == ("!=", "large") or (where["op"] == "in" and "large" not in where["value"])


def _younger_than(when: Mapping[str, Any]) -> int:
    if (when.get("field"), when.get("op")) != ("age", "<"):
        raise ValueError(f"an amount that does not go by age: {when}")
    return int(when["value"])
