"""Whether people may give value to others, in the text of a TOML document: switched on, changed, switched off;
and whether granted value may be donated. Pure.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any, Final

import tomli_w

from meguri.faces.office.document_places import written

Given = dict[str, int] | None
"""The numbers of the part `gifts`, those left out at their defaults; None: nothing can be given."""
NUMBERS: Final = ("days", "step_yen", "most_yen")
USUAL_DAYS: Final = 7
_TABLE: Final = re.compile(r"^\[gifts(?:\.[^\]\n]*)?\][^\n]*\n(?:(?!\[).*\n?)*", re.MULTILINE)
"""The lines of the part, from its head to the next table."""
_SWITCH: Final = re.compile(r"^donations[ \t]*=[^\n]*\n{1,2}", re.MULTILINE)
_FIRST_TABLE: Final = re.compile(r"^\[", re.MULTILINE)


def can_have_gifts(tree: Mapping[str, Any]) -> bool:
    """Whether this is the document of a programme, to which the part can be added."""
    return isinstance(tree.get("purses"), list)


def gifts_in(tree: Mapping[str, Any]) -> dict[str, str]:
    """The numbers as the document writes them, empty where it says nothing; `on`: yes where it has the part at all."""
    found = tree.get("gifts")
    if not isinstance(found, dict):
        return {"on": "", **dict.fromkeys(NUMBERS, "")}
    numbers = {name: f"{found[name]:,}" if isinstance(found.get(name), int) else "" for name in NUMBERS}
    return {"on": "yes", **numbers, "days": numbers["days"] or str(USUAL_DAYS)}


def with_gifts(text: str, given: Given) -> str:
    """The document with this part instead; who may take a gift stays as it was written. All else stays as it is.

    Where that is not possible the document is written anew from its values, without its comments.
    """
    tree = tomllib.loads(text)
    had = tree.pop("gifts", None)
    if given is not None:
        kept = {name: value for name, value in (had or {}).items() if name not in NUMBERS}
        tree["gifts"] = {**given, **kept}
        if had is not None and had.keys() == tree["gifts"].keys():
            return written(text, {("gifts", name): value for name, value in given.items()})
    found = text if had is None else _TABLE.sub("", text)
    if given is not None:
        found = f"{found.rstrip()}\n\n{tomli_w.dumps({'gifts': tree['gifts']})}"
    return found if _is(found, tree) else tomli_w.dumps(tree)


def with_donations(text: str, *, on: bool) -> str:
    """The document with or without its switch for donations; all else stays as it is."""
    tree = tomllib.loads(text)
    tree.pop("donations", None)
    found = _SWITCH.sub("", text)
    if on:
        tree["donations"] = True
        place = _FIRST_TABLE.search(found)
        at = place.start() if place else len(found)
        found = f"{found[:at]}donations = true\n\n{found[at:]}"
    return found if _is(found, tree) else tomli_w.dumps(tree)


def _is(text: str, tree: Mapping[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == tree
    except tomllib.TOMLDecodeError:
        return False
