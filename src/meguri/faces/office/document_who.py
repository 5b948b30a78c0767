"""For whom a programme is, in the text of a TOML document: residents alone, or workers and students, too. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final

import tomli_w

WHO: Final = "eligibility.who"
KINDS: Final = {
    "": ("住民だけ", "residents alone"), "works": ("住民と在勤の人", "residents and workers"),
    "studies": ("住民と在学の人", "residents and students"),
    "works studies": ("住民と在勤・在学の人", "residents, workers and students"),
}  # fmt: skip
"""By the words of the facts beside residence: labels."""
_FACTS: Final = {"works": "works_in_town", "studies": "studies_in_town"}
_TABLE: Final = re.compile(r"^\[eligibility\.who\][^\n]*\n(?:(?!\[).*\n?)*", re.MULTILINE)
"""The lines of the condition, from its head to the next table."""

Tree = dict[str, Any]


def who_in(tree: Mapping[str, Any]) -> str | None:
    """Who comes in beside residents; None where the document asks for residence in another way, or not at all."""
    return next((kinds for kinds in map(_kinds, _parts(_who(tree))) if kinds is not None), None)


def with_who(text: str, kinds: str) -> str:
    """The document with these people beside residents; further conditions, like an age, stay and hold for all.

    All else stays as it is. Where that is not possible the document is written anew, without its comments.
    """
    tree = tomllib.loads(text)
    if kinds not in KINDS or who_in(tree) in (None, kinds):
        return text
    tree["eligibility"]["who"] = who = _changed(_who(tree), kinds)
    found = _TABLE.sub(lambda _: _written(who), text)
    return found if _is(found, tree) else tomli_w.dumps(tree)


def _who(tree: Mapping[str, Any]) -> Tree:
    eligibility = tree.get("eligibility")
    who = eligibility.get("who") if isinstance(eligibility, dict) else None
    return who if isinstance(who, dict) else {}


def _parts(who: Tree) -> list[Any]:
    """The condition itself, or the conditions that must hold together."""
    of = who.get("of")
    return of if who.get("kind") == "all" and isinstance(of, list) else [who]


def _kinds(part: Any) -> str | None:
    """Who a part lets in beside residents; None for a part about something else."""
    for kinds in KINDS:
        if part == _part(kinds) or (not kinds and part == {"kind": "any", "of": [_fact("resident")]}):
            return kinds
    return None


def _part(kinds: str) -> Tree:
    facts = [_fact("resident"), *(_fact(_FACTS[kind]) for kind in kinds.split())]
    return facts[0] if len(facts) == 1 else {"kind": "any", "of": facts}


def _fact(name: str) -> Tree:
    return {"kind": "compare", "field": name, "op": "==", "value": True}


def _changed(who: Tree, kinds: str) -> Tree:
    if who.get("kind") != "all":
        return _part(kinds)
    of = list(who["of"])
    place = next(number for number, part in enumerate(of) if _kinds(part) is not None)
    return {**who, "of": [*of[:place], _part(kinds), *of[place + 1 :]]}


def _written(who: Tree) -> str:
    """The table as people write it: one condition a line."""
    lines = ["[eligibility.who]"]
    for name, value in who.items():
        if isinstance(value, list):
            lines += [f"{name} = [", *(f"    {_inline(part)}," for part in value), "]"]
        else:
            lines.append(f"{name} = {_inline(value)}")
    return "\n".join(lines) + "\n\n"


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{name} = {_inline(each)}' for name, each in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(_inline(each) for each in value)}]"
    return tomli_w.dumps({"v": value}).removeprefix("v = ").rstrip("\n")


def _is(text: str, tree: Mapping[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == tree
    except tomllib.TOMLDecodeError:
        return False
