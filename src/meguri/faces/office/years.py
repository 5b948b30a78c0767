"""The fiscal years: which are open, what remained on 31 March, and the two accountants who end them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import TOTAL_MOST, attempt, called, done, may, officer_names, officers_only, page, say
from meguri.faces.office.tables import Cell, Column, Table, csv_of, on_day, table, when
from meguri.ledger.years import YearState, spoken
from meguri.parties.rules import require
from meguri.programmes import queries as programmes
from meguri.programmes.queries import BudgetLine
from meguri.settlement import year_end
from meguri.settlement.year_end import YEAR_UNKNOWN, YEAR_WORDS
from meguri.settlement.years import ACTION, Remains, StepView, YearView, remains
from meguri.settlement.years import year as year_page
from meguri.settlement.years import years as all_years
from meguri.words.yen import parse_yen

BADGES = {"open": "live", "closing": "waiting", "closed": "closed"}
STEPS: Mapping[YearState, tuple[str, str]] = {
    "closing": ("出納整理期間に入る", "Begin the closing period"),
    "closed": ("年度を締め切る", "Close the year for good"),
}  # fmt: skip
QUESTIONS = {
    "open": ("{year}は終わりましたか", "Is {year} over?"),
    "closing": ("{year}の支払いは、すべて済みましたか", "Is everything of {year} paid?"),
    "closed": ("{year}に何が残りましたか", "What remained of {year}?"),
}


@officers_only
@require_GET
def years(request: TownRequest) -> HttpResponse:
    """Every year in the books: its state, who ended it and when."""
    require(request.actor, "budget.see")
    names = officer_names(request)
    listed = table(
        request, "years", caption=("会計年度", "Fiscal years"),
        columns=[("年度", "Year", "keep"), ("状態", "State"), ("期間", "From and to"),
                 ("出納整理期間に入った", "Closing period begun"), ("締め切った", "Closed")],
        rows=[_row(request, each, names=names) for each in all_years(request.municipality, at=request.at)],
    )  # fmt: skip
    return csv_of(request, listed) or page(request, "years", way="years", table=listed)


def _row(request: TownRequest, each: YearView, *, names: Mapping[UUID, str]) -> list[Cell]:
    taken = {step.state: step for step in each.steps}
    span = f"{on_day(each.year.first_day, request)} – {on_day(each.year.last_day, request)}"
    return [
        {"url": reverse("office:year", args=[each.year.year]), "text": _name(request, each)},
        {"status": BADGES[each.state], "text": _state(request, each)}, span,
        *(_told(request, taken.get(state), names=names) for state in STEPS),
    ]  # fmt: skip


def _name(request: TownRequest, each: YearView) -> str:
    return say(request, each.year.name_ja, each.year.name_en)


def _state(request: TownRequest, each: YearView) -> str:
    words = YEAR_WORDS[each.state]
    return say(request, words.ja, words.en.capitalize())


def _told(request: TownRequest, step: StepView | None, *, names: Mapping[UUID, str]) -> Cell:
    """When a step was taken, and by which two."""
    if step is None:
        return ""
    if step.confirmed_by is None:
        return when(step.at, request, style="year")
    pair = [called(names, one, language=request.language) for one in (step.proposed_by, step.confirmed_by)]
    note = say(request, f"提案 {pair[0]}、確定 {pair[1]}", f"proposed by {pair[0]}, confirmed by {pair[1]}")
    return {"text": when(step.at, request, style="year"), "note": note}


@officers_only
def year(request: TownRequest, year: int) -> HttpResponse:
    """One year: what remained on 31 March, by the funds' lines in the city's books, and its next step."""
    require(request.actor, "budget.see")
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, _acts(request, year))
        if refusal is None:
            return redirect("office:year", year=year)
    seen = year_page(year, municipality=request.municipality, at=request.at)
    if seen is None:
        raise YEAR_UNKNOWN.refusal()
    left = remains(seen.year, municipality=request.municipality)
    held, lines = _remains(request, seen, left=left), _lines(request, seen)
    if file := csv_of(request, held, lines):
        return file
    name = _name(request, seen)
    path = [(reverse("office:years"), say(request, "年度", "Fiscal years")), ("", name)]
    return page(
        request, "year", way="years", path=path, refusal=refusal, seen=seen, name=name,
        title=say(request, *QUESTIONS[seen.state]).format(year=name),
        state=_state(request, seen), badge=BADGES[seen.state], left=left, remains=held, lines=lines,
        **_step(request, seen),
    )  # fmt: skip


def _step(request: TownRequest, seen: YearView) -> dict[str, Any]:
    """The next step, who has proposed it, and whether its day has come; and the steps that were taken."""
    names, asked = officer_names(request), seen.proposed
    taken = [
        {"label": say(request, *STEPS[one.state]), **_fact(_told(request, one, names=names))} for one in seen.steps
    ]
    return {
        "taken": taken, "step": say(request, *STEPS[seen.next_state]) if seen.next_state else "",
        "has_come": seen.next_from is not None and year_end.may_come(seen, at=request.at),
        "from_day": on_day(seen.next_from, request), "may_end": may(request, ACTION),
        "maker": called(names, asked.made_by, language=request.language) if asked else "",
        "mine": asked is not None and asked.made_by == request.actor.party,
    }  # fmt: skip


def _fact(cell: Cell) -> dict[str, Any]:
    return {"value": cell["text"], "note": cell["note"]} if isinstance(cell, dict) else {"value": cell}


def _acts(request: TownRequest, year: int) -> dict[str, Callable[[], object]]:
    by, at = request.actor, request.at

    def asked() -> dict[str, Any]:
        """The step of the form: a page that has grown old names one that has been taken, and is told so."""
        state: YearState = "closed" if request.POST.get("state") == "closed" else "closing"
        return {"by": by, "at": at, "number": year, "state": state}

    def typed() -> int:
        return parse_yen(request.POST.get("confirmed_yen", ""), field="confirmed_yen", least=0, most=TOTAL_MOST)

    def propose() -> None:
        year_end.propose_year_end(**asked(), confirmed_yen=typed())
        done(request, "提案しました。もう一人の出納の確定を待ちます。まだ何も変わっていません。",
             "Proposed. It waits for the second accountant; nothing has changed yet.")

    def confirm() -> None:
        ended = year_end.confirm_year_end(**asked(), confirmed_yen=typed())
        words, named = YEAR_WORDS[ended.state], spoken(ended.year)
        done(request, f"{named:ja}: {words:ja}。帳簿がこれを守ります。",
             f"{named:en} is now {words:en}. The books keep it.")

    def withdraw() -> None:
        year_end.withdraw_year_end(**asked())
        done(request, "提案を取り下げました。", "The proposal is withdrawn.")

    return {"propose": propose, "confirm": confirm, "withdraw": withdraw}


def _is_over(request: TownRequest, seen: YearView) -> bool:
    return seen.year.closing_period.start <= request.at


def _remains(request: TownRequest, seen: YearView, *, left: Remains) -> Table:
    """What remains of all that counts by 31 March, as it was known then and as it is known now; before it, of now."""
    then = remains(seen.year, municipality=request.municipality, known_at=seen.year.closing_period.start)
    lines = (
        ("まだ精算していない売上", "Takings not yet settled", then.takings_yen, left.takings_yen),
        ("まだ振り込んでいない未払金", "Payable, not yet paid out", then.payable_yen, left.payable_yen),
        ("財布の中(まだ使える)", "In wallets, still to be spent", then.wallets_yen, left.wallets_yen),
        ("財源の残り", "Left in the funds", then.left_yen, left.left_yen),
    )
    over = _is_over(request, seen)
    known: list[Column] = [("3月31日の時点の帳簿", "As known then", "number")] if over else []
    return table(
        request, "remains",
        caption=("3月31日までの分で残るもの", "What remains of all that counts by 31 March") if over
        else ("いま残っているもの", "What remains today"),
        columns=[("何が", "What"), *known, ("いまの帳簿", "As known now", "number")],
        rows=[[say(request, ja, en), *({"amount": yen} for yen in ((was, now) if over else (now,)))]
              for ja, en, was, now in lines],
    )  # fmt: skip


def _lines(request: TownRequest, seen: YearView) -> Table:
    """The year's funds in the shape of the city's books: everything that counts by 31 March."""
    found = programmes.budget_lines(request.municipality, effective_until=seen.year.closing_period.start)
    return table(
        request, "lines",
        caption=("予算科目ごとの残り(3月31日)", "By budget line, on 31 March") if _is_over(request, seen)
        else ("予算科目ごとの残り(いま)", "By budget line, today"),
        columns=[
            ("会計・款・項・目・節", "Budget line"), ("財源の出どころ", "Source"), ("補助率", "Grant rate", "number"),
            ("配当", "Loaded", "number"), ("残り", "Left", "number"), ("財布の中", "In wallets", "number"),
            ("使われた(未払い)", "Used, unpaid", "number"), ("支払い済み", "Paid out", "number"),
            ("失効", "Expired", "number"),
        ],
        rows=[_line(request, each) for each in found if each.fiscal_year == seen.year.year],
        empty=("この年度の財源はありません", "No fund belongs to this year"),
    )  # fmt: skip


def _line(request: TownRequest, each: BudgetLine) -> list[Cell]:
    budget = each.budget
    source = say(request, each.source_ja, each.source_en)
    return [
        " / ".join(part for part in each.line if part) or "—", source, f"{each.grant_rate_bp / 100:g}%",
        {"amount": budget.loaded_yen}, {"amount": budget.left_yen}, {"amount": budget.reserved_yen},
        {"amount": budget.used_yen}, {"amount": budget.spent_yen}, {"amount": budget.expired_yen},
    ]  # fmt: skip
