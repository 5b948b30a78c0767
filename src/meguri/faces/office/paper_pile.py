"""A pile of paper applications: typed into a sheet whose lines are judged as they are typed, or sent as a file.

What is wrong with a line stands beside it; then all lines are entered, or the good ones, once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.by_number import NOBODY_WITH_NUMBER
from meguri.faces.office.frame import do_once, done, officers_only, page, say
from meguri.faces.office.paper_application import BIRTH_DATE_DIFFERS
from meguri.faces.office.pile_file import COLUMNS, PileRow, one_width, read_pile, typed_pile, written_pile
from meguri.faces.office.register_file import read_text
from meguri.faces.office.tables import Cell, Table, table
from meguri.parties.queries import ResidentFacts, resident_facts
from meguri.parties.rules import require
from meguri.programmes.vouchers import operations, queries
from meguri.programmes.vouchers.operations import LineAnswer, LineState, PaperWish
from meguri.programmes.vouchers.queries import SalePage
from meguri.vault.queries import residents_by_numbers
from meguri.words.period import day_of
from meguri.words.refusal import Refusal, declare
from meguri.words.wareki import parse_date
from meguri.words.yen import parse_yen

SHEET, SHEET_MOST = 10, 200
"""Lines of the sheet at first, and at most: a longer pile comes as a file."""

ROUND_UNKNOWN = declare(
    "paper_round_unknown", status=422,
    ja="「{round}」という回は、いま申込みを受け付けていません。回の名前を見直してください。",
    en="No round “{round}” takes applications now. Please look at the round's name again.",
)
STATES = {
    LineState.TAKEN: ("入れられます", "Can be entered", "approved"),
    LineState.THERE: ("受付済み", "Entered before", "closed"),
    LineState.REFUSED: ("直す", "To mend", "refused"),
}
DONE = ("受け付けました", "Entered", "approved")


@officers_only
@never_cache
def paper_pile(request: TownRequest, sale: UUID) -> HttpResponse:
    """The sheet; a look at every line; and the entering, after which the lines that are left can be mended."""
    facts = _own(request, sale)
    values: dict[str, Any] = {"rows": _blank(SHEET), "content": ""}
    refusal = None
    if request.method == "POST":
        try:
            values = _acted(request, facts)
        except Refusal as no:
            refusal = no
            values = _kept(request, facts, refusal=no)
    path = [(reverse("office:vouchers"), say(request, "販売と抽選", "Sales and draw")),
            (reverse("office:sale", args=[sale]), say(request, facts.round_name.ja, facts.round_name.en)),
            ("", say(request, "はがきの束", "A pile of forms"))]  # fmt: skip
    rounds = [{"value": one.round, "label": say(request, one.round_name.ja, one.round_name.en)}
              for one in _siblings(request, facts)]  # fmt: skip
    return page(
        request, "paper_pile", way="vouchers", path=path, refusal=refusal, sale=facts, rounds=rounds,
        line_url=reverse("office:paper_pile_line", args=[sale]), most=operations.PILE_MOST, **values,
    )


@officers_only
@never_cache
@require_POST
def paper_pile_line(request: TownRequest, sale: UUID) -> HttpResponse:
    """What would become of one line of the sheet after those above it, said beside it while the next is typed.

    Nothing is written; a line that is not complete yet is not judged.
    """
    facts, place = _own(request, sale), parse_yen(request.POST.get("place", ""), field="place")
    rows = [row for row in _typed(request) if row.is_complete and row.line <= place]
    state = None
    if rows and rows[-1].line == place:
        try:
            state = _states(request, _tried(request, facts, rows=rows))[rows[-1].line]
        except Refusal as no:
            state = {"status": "refused", "text": say(request, *STATES[LineState.REFUSED][:2]),
                     "note": no.sentence(request.language)}  # fmt: skip
    return render(request, "office/parts/pile_state.html", {"state": state})


def _own(request: TownRequest, sale: UUID) -> SalePage:
    facts = queries.sale_page(sale, municipality=request.municipality)
    require(request.actor, "voucher.apply", department=facts.department)
    return facts


# --- what was typed or sent ------------------------------------------------------------------------------------------


def _typed(request: TownRequest) -> list[PileRow]:
    return typed_pile({name: request.POST.getlist(name) for name in COLUMNS})


def _sent(request: TownRequest) -> tuple[list[PileRow], bool]:
    """The lines, and whether they come from a file or a text instead of the sheet. Raises Refusal."""
    sent = request.FILES.get("file")
    if sent is not None:
        sent.seek(0)  # what was refused is read again, to be shown again
    text = read_text(sent.read()) if sent is not None else request.POST.get("content", "")
    if request.POST.get("from") == "file" or sent is not None:
        return read_pile(text), True
    return [replace(row, line=place) for place, row in enumerate(_typed(request), start=1)], False  # as it is shown


def _wishes(request: TownRequest, facts: SalePage, *, rows: Sequence[PileRow]) -> list[PaperWish]:
    """Each line's person, found by number and birth date; the vault says no name for it."""
    people = residents_by_numbers([row.number for row in rows], municipality=request.municipality)
    known = resident_facts(list(people.values()), municipality=request.municipality, on=day_of(request.at))
    rounds = {one_width(name): one.id for one in _siblings(request, facts)
              for name in ("", one.round, one.round_name.ja, one.round_name.en) if name or one.id == facts.id}
    return [_wish(row, facts, people=people, known=known, rounds=rounds) for row in rows]


def _wish(
    row: PileRow, facts: SalePage, *, people: Mapping[str, UUID], known: Mapping[UUID, ResidentFacts],
    rounds: Mapping[str, UUID],
) -> PaperWish:
    try:
        sale = rounds.get(one_width(row.round))
        if sale is None:
            raise ROUND_UNKNOWN.refusal(round=row.round)
        person = people.get(row.number)
        of_register = known.get(person) if person else None
        if person is None or of_register is None:
            raise NOBODY_WITH_NUMBER.refusal()
        if parse_date(row.birth_date) != of_register.birth_date:
            raise BIRTH_DATE_DIFFERS.refusal()
        return PaperWish(row.line, sale, person, parse_yen(row.units, field="units"))
    except Refusal as fault:
        return PaperWish(row.line, facts.id, None, 0, fault)


def _siblings(request: TownRequest, facts: SalePage) -> list[SalePage]:
    """The sales of the programme that take applications now, this one first."""
    others = [
        queries.sale_page(each, municipality=request.municipality)
        for each in queries.sales(request.municipality, programme=facts.programme) if each != facts.id
    ]
    return [facts, *(one for one in others if one.state == "open" and request.at in one.applying)]


# --- looked at, entered ----------------------------------------------------------------------------------------------


def _tried(request: TownRequest, facts: SalePage, *, rows: Sequence[PileRow]) -> Sequence[LineAnswer]:
    return operations.try_pile(wishes=_wishes(request, facts, rows=rows), by=request.actor, at=request.at)


def _acted(request: TownRequest, facts: SalePage) -> dict[str, Any]:
    """The pressed button; what the page shows then. Raises Refusal."""
    if request.POST.get("act") == "more":
        return {"rows": _grid(_typed(request), {}, more=SHEET), "content": ""}
    rows, of_file = _sent(request)
    if request.POST.get("act") == "enter":
        entered = do_once(request, lambda: operations.apply_pile(
            wishes=_wishes(request, facts, rows=rows), only_good=request.POST.get("which") == "good", by=request.actor,
            at=request.at,
        ))  # fmt: skip
        if entered is not None:
            return _entered(request, rows, answers=entered, of_file=of_file)
    return _looked(request, rows, answers=_tried(request, facts, rows=rows), of_file=of_file)


def _looked(
    request: TownRequest, rows: Sequence[PileRow], *, answers: Sequence[LineAnswer], of_file: bool
) -> dict[str, Any]:
    states, counts = _states(request, answers), _counts(answers)
    if of_file:
        return {"rows": _blank(SHEET), "content": written_pile(rows), "from_file": True, "counts": counts,
                "table": _lines(request, rows, states=states)}  # fmt: skip
    return {"rows": _grid(rows, states), "content": "", "counts": counts}


def _entered(
    request: TownRequest, rows: Sequence[PileRow], *, answers: Sequence[LineAnswer], of_file: bool
) -> dict[str, Any]:
    """What was entered with its numbers, to be told to each; what is left stays in the sheet, to be mended."""
    taken = [each for each in answers if each.state is LineState.TAKEN]
    left = [row for row, each in zip(rows, answers, strict=True) if each.state is LineState.REFUSED]
    done(request, f"{len(taken):,}件を受け付けました。{len(left):,}行が残っています。",
         f"{len(taken):,} entered; {len(left):,} lines are left.")  # fmt: skip
    states = _states(request, answers, said=DONE)
    shown = {"entered": _lines(request, rows, states=states), "taken": len(taken)}
    if of_file:
        return shown | {"rows": _blank(SHEET), "content": written_pile(left), "from_file": bool(left)}
    return shown | {"rows": _grid(left, states), "content": ""}


def _kept(request: TownRequest, facts: SalePage, *, refusal: Refusal) -> dict[str, Any]:
    """Everything that was typed, and what the refusal says of its lines."""
    try:
        rows, of_file = _sent(request)
    except Refusal:
        return {"rows": _blank(SHEET), "content": request.POST.get("content", ""), "from_file": True}
    answers = refusal.facts.get("all_answers", ())
    found = answers if isinstance(answers, tuple) else ()
    return _looked(request, rows, answers=found, of_file=of_file) if found else {
        "rows": _blank(SHEET) if of_file else _grid(rows, {}), "content": written_pile(rows) if of_file else "",
        "from_file": of_file,
    }  # fmt: skip


# --- shown -----------------------------------------------------------------------------------------------------------


def _states(
    request: TownRequest, answers: Sequence[LineAnswer], *, said: tuple[str, str, str] = STATES[LineState.TAKEN]
) -> dict[int, dict[str, str]]:
    """Each line's state in words, by its number."""
    words = STATES | {LineState.TAKEN: said}
    return {
        each.line: {
            "status": words[each.state][2], "text": say(request, *words[each.state][:2]), "number": each.number,
            "note": each.refusal.sentence(request.language) if each.refusal else each.number,
        }
        for each in answers
    }  # fmt: skip


def _counts(answers: Sequence[LineAnswer]) -> dict[str, int]:
    found = [each.state for each in answers]
    return {str(state): found.count(state) for state in LineState}


def _blank(lines: int) -> list[dict[str, Any]]:
    return [{"place": place, "row": None, "state": None} for place in range(1, lines + 1)]


def _grid(
    rows: Sequence[PileRow], states: Mapping[int, Mapping[str, str]], *, more: int = 0
) -> list[dict[str, Any]]:
    """The sheet: what was typed without gaps, and empty lines up to a full sheet."""
    lines = min(max(SHEET, len(rows) + more), max(SHEET_MOST, len(rows)))
    filled = [{"place": place, "row": row, "state": states.get(row.line)} for place, row in enumerate(rows, start=1)]
    return filled + _blank(lines)[len(filled):]


def _lines(request: TownRequest, rows: Sequence[PileRow], *, states: Mapping[int, Mapping[str, str]]) -> Table:
    """The lines to mend first, then the others; every line of the file is there."""
    order = sorted(rows, key=lambda row: (states.get(row.line, {}).get("status") != "refused", row.line))
    return table(
        request, "lines", caption=("束の行ごとの結果", "Line by line"), export=False, count=len(rows),
        columns=[("行", "Line", "keep"), ("宛名番号", "Register number", "keep"), ("口数", "Units", "number"),
                 ("結果", "Result"), ("受付番号・直すこと", "Receipt number, or what to mend")],
        rows=[_line(row, states.get(row.line, {})) for row in order],
    )  # fmt: skip


def _line(row: PileRow, state: Mapping[str, str]) -> list[Cell]:
    shown = {"status": state.get("status", ""), "text": state.get("text", "")}
    return [row.line, row.number, row.units, shown, state.get("note", "")]
