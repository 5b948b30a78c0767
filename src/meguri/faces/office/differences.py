"""Two documents side by side: what changes, in the words in which the office reads a document, and value by value."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date

from meguri.faces.design.figures import show_day
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.document import sections
from meguri.faces.office.frame import say
from meguri.faces.office.tables import Cell, Table, table
from meguri.programmes.sources import leaves
from meguri.programmes.terms import ProgrammeTerms, to_tree
from meguri.words.refusal import Language
from meguri.words.yen import show_yen

CARRIED = {
    "carried_forward": ("繰越明許費", "carried forward"), "unavoidable": ("事故繰越し", "unavoidably"),
    "debt_burden": ("債務負担行為", "debt burden"), "reserve_fund": ("基金", "reserve fund"),
}
Place = tuple[str, str, int]
"""A section's title, a fact's label, and how many facts of that label come before it there."""


AHEAD = (("いま", "Now"), ("変更のあと", "Afterwards"))
BEHIND = (("前の版", "The version before"), ("この版", "This version"))
"""What the two columns are called, of a change to come and of one that has come."""
Heads = tuple[tuple[str, str], tuple[str, str]]


def in_words(request: TownRequest, *, before: ProgrammeTerms, after: ProgrammeTerms, heads: Heads = AHEAD) -> Table:
    """Every fact that reads otherwise afterwards, the budget first."""
    was, now = _facts(before, request.language), _facts(after, request.language)
    places = [*was, *(place for place in now if place not in was)]
    rows: list[list[Cell]] = [
        [f"{title} — {label}" if title != label else label, was.get((title, label, nth), none(request)),
         now.get((title, label, nth), none(request))]
        for title, label, nth in places if was.get((title, label, nth)) != now.get((title, label, nth))
    ]  # fmt: skip
    return table(
        request, "words", caption=("変わること", "What changes"), rows=rows, export=False,
        columns=[("ところ", "What"), *heads],
        empty=("言葉で読めるところは変わりません。下の値を見てください。",
               "Nothing changes in what is said in words; see the values below."),
    )  # fmt: skip


def by_value(request: TownRequest, *, before: ProgrammeTerms, after: ProgrammeTerms, heads: Heads = AHEAD) -> Table:
    """Every value of the document that differs, exactly; also its notice and sources, which are public as well."""
    was, now = (dict(leaves(to_tree(each), "")) for each in (before, after))
    rows: list[list[Cell]] = [
        [path, _value(request, was.get(path)), _value(request, now.get(path))]
        for path in {**was, **now} if was.get(path) != now.get(path)
    ]  # fmt: skip
    return table(
        request, "values", caption=("文書の値", "Values of the document"), rows=rows,
        columns=[("場所", "Place"), *heads],
        empty=("値は変わりません", "No value changes"),
    )


def none(request: TownRequest) -> str:
    return say(request, "(なし)", "(none)")


def _facts(terms: ProgrammeTerms, language: Language) -> dict[Place, str]:
    found: dict[Place, str] = {}
    for title, label, value in _told(terms, language):
        nth = Counter((place[0], place[1]) for place in found)[title, label]
        found[title, label, nth] = value
    return found


def _told(terms: ProgrammeTerms, language: Language) -> Iterator[tuple[str, str, str]]:
    ja = language == "ja"
    yield ("事業の名前", "事業の名前", terms.name.ja) if ja else ("Name", "Name", terms.name.en)
    for fund in terms.funds:
        name = fund.name.ja if ja else fund.name.en
        yield "予算" if ja else "Budget", name, show_yen(fund.amount_yen, language)
        if fund.carry_over is not None:
            kind, on = CARRIED[fund.carry_over.kind], show_day(fund.carry_over.resolved_on, language, style="year")
            words = f"{kind[0]}({on}議決)" if ja else f"{kind[1]}, resolved on {on}"
            yield "翌年度への繰越し" if ja else "Carried over", name, words
    for each in terms.agreements:
        shares = [f"{share.fund} {share.share_bp / 100:g}%"
                  + (f" ≤ {show_yen(share.cap_yen, language)}" if share.cap_yen is not None else "")
                  for share in each.shares]  # fmt: skip
        yield "負担協定" if ja else "Agreement", each.name.ja if ja else each.name.en, ", ".join(shares)
    for section in sections(terms, language):
        for label, value in section.facts:
            yield section.title, label, value


def _value(request: TownRequest, value: object) -> str:
    """A value as a reader knows it: words in their language, a span from day to day, anything else as it is written."""
    if value is None:
        return none(request)
    if isinstance(value, dict) and value.keys() == {"ja", "en"}:
        return str(value[request.language])
    if isinstance(value, dict) and value.keys() == {"first_day", "last_day"}:
        return f"{_value(request, value['first_day'])} – {_value(request, value['last_day'])}"
    if isinstance(value, date):
        return show_day(value, request.language, style="year")
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
