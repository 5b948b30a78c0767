"""A fund's carry-over in the text of a TOML document: recorded, changed, taken out; all else stays as it is. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import tomli_w

from meguri.faces.office.document_places import written

KINDS = {
    "": ("なし(年度内に使い切る)", "none (spent within the year)"),
    "carried_forward": ("繰越明許費", "carried forward by the budget"),
    "unavoidable": ("事故繰越し", "carried over for an unavoidable reason"),
    "debt_burden": ("債務負担行為", "a debt burden"), "reserve_fund": ("基金", "a reserve fund"),
}  # fmt: skip
"""The lawful ways to spend after the year's end (地方自治法 213条, 220条3項, 214条, 241条)."""
Carried = tuple[str, date] | None
"""The kind and the day of its resolution; None: nothing is carried over."""


def budgets(tree: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The funds of a document that belong to a year's budget, each with its place in the list."""
    funds = tree.get("funds")
    for place, fund in enumerate(funds if isinstance(funds, list) else []):
        if isinstance(fund, dict) and fund.get("funder") != "buyers":
            yield place, fund


def carry_over(fund: Mapping[str, Any]) -> tuple[str, str]:
    """The kind and the day as the document writes them; empty where it says nothing that can be read."""
    found = fund.get("carry_over")
    return (str(found.get("kind", "")), str(found.get("resolved_on", ""))) if isinstance(found, dict) else ("", "")


def with_carry_over(text: str, carried: Mapping[int, Carried]) -> str:
    """The document with these funds' carry-over, by the fund's place. What was not there is put behind the fund.

    Where that is not possible the document is written anew from its values, without its comments.
    """
    for place, one in carried.items():
        text = _one(text, place, carried=one)
    return text


def _one(text: str, place: int, *, carried: Carried) -> str:
    tree = tomllib.loads(text)
    fund = tree["funds"][place]
    had = fund.pop("carry_over", None)
    if carried is not None:
        fund["carry_over"] = {"kind": carried[0], "resolved_on": carried[1]}
        step = ("funds", place, "carry_over")
        if isinstance(had, dict) and had.keys() == {"kind", "resolved_on"}:
            return written(text, {(*step, "kind"): carried[0], (*step, "resolved_on"): carried[1]})
        if had is None and (found := _put_behind(text, place, table=fund["carry_over"])) is not None:
            return found if tomllib.loads(found) == tree else tomli_w.dumps(tree)
    return text if tomllib.loads(text) == tree else tomli_w.dumps(tree)


def _put_behind(text: str, place: int, *, table: Mapping[str, object]) -> str | None:
    """A table behind the fund's own lines and tables; None where funds are written in another way."""
    heads = [(match.start(), match[1]) for match in re.finditer(r"^\s*(\[\[?[^\]\n]+\]\]?)[^\n]*$", text, re.MULTILINE)]
    own = [number for number, (_, head) in enumerate(heads) if head == "[[funds]]"]
    if place >= len(own):
        return None
    behind = next((at for at, head in heads[own[place] + 1 :] if not head.startswith("[funds.")), len(text))
    block = f"[funds.carry_over]\n{tomli_w.dumps(dict(table))}\n"
    found = f"{text[:behind].rstrip()}\n\n{block}{text[behind:].lstrip(chr(10))}"
    try:
        tomllib.loads(found)
    except tomllib.TOMLDecodeError:
        return None
    return found
