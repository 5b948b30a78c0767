"""People who say to work or study in the town: who waits, whose card is on the counter, and the officer's answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from meguri.faces.entrance.commuter_answers import tell
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import (
    EVERYTHING,
    PAGE,
    attempt,
    called,
    cursor_of,
    done,
    may,
    officer_names,
    officers_only,
    page,
    say,
    short,
)
from meguri.faces.office.reveals import shown
from meguri.faces.office.tables import Cell, Table, csv_of, is_csv, on_day, table, when
from meguri.parties import commuting as words
from meguri.parties import operations, queries
from meguri.parties.queries import CommuterView
from meguri.parties.rules import Both, require
from meguri.vault.rules import Field
from meguri.words.clock import day
from meguri.words.period import FiscalYear
from meguri.words.wareki import parse_date

BADGES = {"waiting": "waiting", "confirmed": "approved", "refused": "refused", "withdrawn": "closed"}


@officers_only
@never_cache
def commuters(request: TownRequest) -> HttpResponse:
    """Who waits, oldest first, and the log; a name from a card finds its word without opening the vault."""
    require(request.actor, "party.see_commuter")
    state = request.GET.get("state", "waiting")
    found = queries.commuters(
        request.municipality, state=state if state in words.STATES else "", after=cursor_of(request),
        limit=EVERYTHING if is_csv(request, "commuters") else PAGE,
    )  # fmt: skip
    listed = _listed(request, found, after=found[-1].id if len(found) == PAGE else None)
    name = request.POST.get("name", "")
    named = queries.commuters_named(name, municipality=request.municipality) if name.strip() else ()
    states = [("", Both("すべて", "All")), *words.STATES.items()]
    return csv_of(request, listed) or page(
        request, "commuters", way="commuters", table=listed, state=state, asked=bool(name.strip()),
        named=_listed(request, named, name="named") if named else None, name=name.strip(),
        may=may(request, "party.confirm_commuter"),
        states=[{"value": value, "label": say(request, both.ja, both.en)} for value, both in states],
    )  # fmt: skip


def _listed(
    request: TownRequest, found: Sequence[CommuterView], *, after: UUID | None = None, name: str = "commuters"
) -> Table:
    return table(
        request, name, caption=("在勤・在学の申し出", "Who says to work or study here"), after=after,
        columns=[("申し出", "Said", "keep"), ("人", "Person", "keep"), ("区分", "Kind", "keep"), ("状態", "State"),
                 ("確認したもの", "Proof"), ("から", "From", "keep"), ("まで", "Until", "keep")],
        rows=[_row(request, each) for each in found], export=name == "commuters",
        empty=("いまはありません", "Nothing at the moment"),
    )  # fmt: skip


def _row(request: TownRequest, each: CommuterView) -> list[Cell]:
    kind, state, proof = words.KINDS[each.kind], words.STATES[each.state], words.PROOFS.get(each.proof)
    return [
        when(each.said_at, request, style="year"),
        {"url": reverse("office:commuter", args=[each.id]), "text": short(each.person)}, say(request, kind.ja, kind.en),
        {"status": BADGES[each.state], "text": say(request, state.ja, state.en)},
        say(request, proof.ja, proof.en) if proof else "", on_day(each.first_day, request),
        on_day(each.last_day, request),
    ]  # fmt: skip


@officers_only
@never_cache
def commuter(request: TownRequest, commuter: UUID) -> HttpResponse:
    """One word: compared with the card on the counter, confirmed from day to day, or refused with the reason."""
    require(request.actor, "party.see_commuter")
    one = queries.commuter(commuter, municipality=request.municipality)
    if one is None:
        raise words.COMMUTER_UNKNOWN.refusal()
    seen = shown(request, {"": one.person}, fields=[Field.NAME, words.PLACES[one.kind]])
    refusal = seen.refusal
    if request.method == "POST" and request.POST.get("act") != "reveal":
        refusal = attempt(request, _acts(request, one))
        if refusal is None:
            return redirect("office:commuter", commuter=commuter)
    today, kind, state = day(request.at), words.KINDS[one.kind], words.STATES[one.state]
    path = [(reverse("office:commuters"), say(request, "在勤・在学の確認", "Work and study")), ("", short(one.person))]
    known = queries.known_alike(
        one.person, birth_date=one.birth_date, municipality=request.municipality, on=today
    ) if one.state == "waiting" else ()  # fmt: skip
    return page(
        request, "commuter", way="commuters", path=path, refusal=refusal, one=one, shown=seen,
        kind=say(request, kind.ja, kind.en), badge=BADGES[one.state], state=say(request, state.ja, state.en),
        facts=_facts(request, one), proofs=proofs_seen(request), known=len(known),
        last_day=request.POST.get("last_day") or FiscalYear.of(today).last_day,
        may=may(request, "party.confirm_commuter") and one.person != request.actor.party,
        mine=one.person == request.actor.party,
    )  # fmt: skip


def _facts(request: TownRequest, one: CommuterView) -> list[dict[str, Any]]:
    proof = words.PROOFS.get(one.proof)
    names = officer_names(request)
    decided = called(names, one.decided_by, language=request.language) if one.decided_at else ""
    recorded = called(names, one.recorded_by, language=request.language) if one.recorded_by else ""
    facts: list[tuple[str, str, Any]] = [
        ("人", "Person", short(one.person)), ("生年月日", "Date of birth", on_day(one.birth_date, request)),
        ("申し出た日時", "Said", when(one.said_at, request, style="year")),
        ("窓口で記録した職員", "Written down at the desk by", recorded),
        ("確認したもの", "Proof", say(request, proof.ja, proof.en) if proof else ""),
        ("いつから", "From", on_day(one.first_day, request)), ("いつまで", "Until", on_day(one.last_day, request)),
        ("確かめた職員", "Looked into by", decided), ("理由", "Reason", one.reason),
    ]  # fmt: skip
    return [{"label": say(request, ja, en), "value": value} for ja, en, value in facts if value]


def proofs_seen(request: TownRequest) -> list[dict[str, str]]:
    """By what an officer may have found it out, as choices of a form."""
    return [{"value": code, "label": say(request, both.ja, both.en)} for code, both in words.PROOFS.items()]


def _acts(request: TownRequest, one: CommuterView) -> dict[str, Callable[[], object]]:
    by, at, typed = request.actor, request.at, request.POST

    def confirm() -> None:
        tell(request, operations.confirm_commuter(
            one.id, proof=typed.get("proof", ""), first_day=parse_date(typed.get("first_day", ""), field="first_day"),
            last_day=parse_date(typed.get("last_day", ""), field="last_day"), by=by, at=at,
            is_another=typed.get("is_another") == "yes",
        ))  # fmt: skip
        done(request, "確認しました。本人に知らせました。", "Confirmed. The person has been told.")

    def refuse() -> None:
        tell(request, operations.refuse_commuter(one.id, reason=typed.get("reason", ""), by=by, at=at))
        done(request, "認めませんでした。理由を本人に知らせました。", "Not accepted. The person has been told why.")

    def end() -> None:
        last = parse_date(typed.get("ends_on", ""), field="ends_on")
        tell(request, operations.end_commuter(one.id, last_day=last, by=by))
        done(request, "終わりの日を早めました。本人に知らせました。", "It ends earlier. The person has been told.")

    return {"confirm": confirm, "refuse": refuse, "end": end}


