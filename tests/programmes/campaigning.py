"""A document of campaigns for tests: the shipped example, with one campaign that a test writes itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from meguri.programmes.shipped import templates
from meguri.programmes.terms import ProgrammeTerms, from_tree, to_tree
from tests.programmes.builders import put

FIRST, LAST = date(2025, 10, 1), date(2026, 1, 31)
EVERYTHING: dict[str, Any] = {"kind": "all", "of": []}


def compare(field: str, value: object, op: str = "==") -> dict[str, Any]:
    return {"kind": "compare", "field": field, "op": op, "value": value}


def campaign(code: str, **said: Any) -> dict[str, Any]:
    """Five per cent on everything, unless said otherwise."""
    usual = {
        "code": code, "name": {"ja": f"{code}の日", "en": code.title()},
        "window": {"first_day": FIRST, "last_day": LAST}, "bands": [{"rate_bp": 500}],
    }  # fmt: skip
    return usual | said


def campaigns(
    *written: Mapping[str, Any], limits: Sequence[Mapping[str, Any]] = (), changes: Mapping[str, Any] | None = None
) -> ProgrammeTerms:
    """The example with these campaigns instead of its own."""
    tree: Any = to_tree(templates()["shopping-campaigns"])
    tree["obtaining"] = {**tree["obtaining"], "campaigns": [dict(each) for each in written], "limits": list(limits)}
    tree["sources"] = []
    for path, value in (changes or {}).items():
        put(tree, path, value)
    return from_tree(tree)
