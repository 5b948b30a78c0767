"""The desk of everyday actions: what is open and where, what waits to be confirmed, what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from meguri.faces.design import charts
from meguri.faces.design.figures import short_yen, show_day
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.desks import require_desk
from meguri.faces.office.frame import (
    EVERYTHING,
    NOTHING_CHOSEN,
    PAGE,
    attempt,
    chosen,
    cursor_of,
    do_once,
    done,
    may,
    officers_only,
    page,
    say,
    short,
    uuid_of,
)
from meguri.faces.office.missions import missions_table
from meguri.faces.office.tables import Table, csv_of, table
from meguri.parties import queries as parties
from meguri.parties.rules import Both, require
from meguri.programmes import queries as programmes
from meguri.programmes.parts import GrantByAction
from meguri.programmes.points import operations, queries
from meguri.programmes.points.doubts import doubts_of, score
from meguri.programmes.points.photos import count_photos
from meguri.programmes.points.queries import ActionTotal, Done, PlaceView, Totals
from meguri.programmes.points.rules import EVIDENCES, PLACE_UNKNOWN
from meguri.programmes.queries import ProgrammeView
from meguri.tills.codes import qr_svg
from meguri.words.refusal import Refusal


@officers_only
def points(request: TownRequest) -> HttpResponse:
    """Actions and places of the department's programmes, and what waits to be confirmed."""
    require_desk(request, "action.attest", family="point")
    refusal = None
    if request.method == "POST":
        refusal = _attest(request) if request.POST.get("act") == "attest" else attempt(request, _acts(request))
        if refusal is None:
            return redirect("office:points")
    own = [each for each in _programmes(request) if each.department == request.actor.department]
    desks = [_desk(request, each) for each in own]
    files = ("totals", "verified", "missions", "chart")
    if file := csv_of(request, *(desk[name] for desk in desks for name in files)):
        return file
    sponsors = parties.sponsors(request.municipality)
    hosts = [{"value": "", "label": say(request, "役場", "The town hall")}]
    hosts += [{"value": str(each.id), "label": say(request, each.name_ja, each.name_en)} for each in sponsors]
    return page(
        request, "points", way="points", refusal=refusal, desks=desks, hosts=hosts,
        may_open=may(request, "action.open", department=request.actor.department),
    )


def _programmes(request: TownRequest) -> list[ProgrammeView]:
    """Programmes of actions; points that follow payments have nothing to be opened or confirmed."""
    found = programmes.programmes(request.municipality, states=("launched", "closed"))
    return [
        each for each in found if each.family == "point"
        and isinstance(programmes.terms(each.id, municipality=request.municipality).obtaining, GrantByAction)
    ]


def _acts(request: TownRequest) -> dict[str, Callable[[], object]]:
    by, at = request.actor, request.at

    def opened() -> None:
        operations.open_action(
            programme=chosen(request, "programme"), code=request.POST.get("code", ""), by=by, at=at
        )
        done(request, "行動を開きました。住民の画面に出ます。", "Open: residents can see it now.")

    def closed() -> None:
        operations.close_action(action=chosen(request, "action"), by=by, at=at)
        done(request, "行動を閉じました。", "The action is closed.")

    def place() -> None:
        host = uuid_of(request.POST.get("host", ""))
        name = Both(request.POST.get("name_ja", "").strip(), request.POST.get("name_en", "").strip())
        operations.open_place(
            action=chosen(request, "action"), name=name, by=by, at=at, host=host,
            rotating=request.POST.get("rotating") == "yes",
        )  # fmt: skip
        done(request, "場所を作りました。画面を開くか、コードを印刷してください。",
             "The place is open. Show its screen or print its code.")

    def end_place() -> None:
        operations.close_place(place=chosen(request, "place"), by=by, at=at)
        done(request, "場所を閉じました。そのコードはもう使えません。", "Closed: its codes no longer work.")

    def decline() -> None:
        operations.decline_action(
            record=chosen(request, "record"), reason=request.POST.get("reason", ""), by=by, at=at
        )
        done(request, "認めませんでした。理由を本人に知らせました。", "Declined; the person was told why.")

    return {"open": opened, "close": closed, "place": place, "end_place": end_place, "decline": decline}


def _attest(request: TownRequest) -> Refusal | None:
    """Confirm the checked ones. Each is a posting of its own: a refusal for one is said and stops no other.

    The form counts once; whatever a broken connection leaves unconfirmed still waits on the desk. Only when nothing
    at all was confirmed is the first refusal the answer.
    """
    asked = [uuid_of(each) for each in request.POST.getlist("record")]
    if not asked:
        return NOTHING_CHOSEN.refusal(field="record")
    records = [each for each in asked if each is not None]
    if len(records) < len(asked) or len(records) > PAGE:
        raise BadRequest("these are no records of one page")
    if not do_once(request, lambda: True):
        return None
    granted, refused = _attested(request, records)
    if not granted:
        return refused[0]
    count, yen = len(granted), sum(granted)
    done(request, f"{count:,}件を確かめました。{yen:,}円分を付与しました。", f"{count:,} confirmed: ¥{yen:,} granted.")
    for sentence, times in Counter(each.sentence(request.language) for each in refused).items():
        messages.warning(request, say(request, f"{times:,}件は確かめられませんでした。{sentence}",
                                      f"{times:,} could not be confirmed. {sentence}"))
    return None


def _attested(request: TownRequest, records: list[UUID]) -> tuple[list[int], list[Refusal]]:
    granted, refused = [], []
    for record in records:
        try:
            made = operations.attest_action(record=record, by=request.actor, at=request.at)
        except Refusal as refusal:
            refused.append(refusal)
        else:
            granted.append(made.granted_yen)
    return granted, refused


def _desk(request: TownRequest, each: ProgrammeView) -> dict[str, Any]:
    totals = queries.totals(each.id, municipality=request.municipality)
    held = queries.records(
        each.id, municipality=request.municipality, state="held", after=cursor_of(request), limit=PAGE,
        with_photos=False,
    )  # fmt: skip
    return {
        "view": each, "photos": count_photos(each.id, municipality=request.municipality),
        "actions": _actions(request, each), "figures": totals, "totals": _totals(request, totals),
        "verified": _verified(request, totals), "missions": missions_table(request, each),
        "chart": _by_action(request, totals),
        "held": _grouped(request, held), "waiting": _waiting(request, each) if held else [],
        "next_url": f"?after={held[-1].id}" if len(held) == PAGE else "",
    }  # fmt: skip


def _grouped(request: TownRequest, held: Sequence[Done]) -> list[dict[str, Any]]:
    """What waits, by action and day: one look at a list of the day, one press; the oldest day first.

    Within a day, first what more facts ask to be looked at.
    """
    facts = doubts_of(held, municipality=request.municipality)
    groups: dict[tuple[date, UUID], list[Done]] = {}
    for one in sorted(held, key=lambda one: -score(facts[one.id])):
        groups.setdefault((one.day, one.action), []).append(one)
    return [
        {"name": say(request, ones[0].name.ja, ones[0].name.en), "day": on, "count": len(ones),
         "yen": sum(one.asked_yen for one in ones),
         "rows": [{"id": one.id, "who": short(one.resident), "done_at": one.done_at, "yen": one.asked_yen,
                   "place": say(request, one.place.ja, one.place.en) if one.place else "",
                   "why": say(request, one.held_for.ja, one.held_for.en) if one.held_for else "", "steps": one.steps,
                   "facts": [say(request, fact.words.ja, fact.words.en) for fact in facts[one.id]]}
                  for one in ones]}
        for (on, _), ones in sorted(groups.items())
    ]  # fmt: skip


def _waiting(request: TownRequest, each: ProgrammeView) -> list[dict[str, Any]]:
    """The figures of all that waits, also beyond this page."""
    held = queries.records(
        each.id, municipality=request.municipality, state="held", limit=EVERYTHING, with_photos=False
    )
    people, yen = len({one.resident for one in held}), sum(one.asked_yen for one in held)
    oldest = min(one.day for one in held)
    return [
        {"label": say(request, "確認待ち", "Waiting"), "value": len(held), "unit": say(request, "件", "")},
        {"label": say(request, "待っている人", "People"), "value": people, "unit": say(request, "人", "")},
        {"label": say(request, "認めると付与する額", "To be granted"), "value": short_yen(yen, request.language)},
        {"label": say(request, "いちばん古い日", "Oldest"), "value": show_day(oldest, request.language)},
    ]


def _actions(request: TownRequest, each: ProgrammeView) -> list[dict[str, Any]]:
    """Every action of the document; `id` is set while it is open."""
    terms = programmes.terms(each.id, municipality=request.municipality)
    if not isinstance(terms.obtaining, GrantByAction):
        return []
    found = []
    for one in terms.obtaining.actions:
        action = queries.action_by_code(each.id, one.code, municipality=request.municipality)
        known = EVIDENCES[one.evidence]
        found.append({
            "code": one.code, "name": one.name, "yen": one.yen, "evidence": say(request, known.ja, known.en),
            "id": action, "places": queries.places(action, municipality=request.municipality) if action else (),
        })  # fmt: skip
    return found


def _totals(request: TownRequest, totals: Totals) -> Table:
    return table(
        request, "actions", caption=("行動ごとの合計", "Totals by action"),
        columns=[("行動", "Action"), ("回数", "Times", "number"), ("目標", "Goal", "number"),
                 ("人数", "People", "number"), ("付与", "Granted", "number")],
        rows=[
            [say(request, one.name.ja, one.name.en), one.records, one.goal or None, one.people,
             {"amount": one.granted_yen}]
            for one in totals.by_action
        ],
        total=[say(request, "合計", "Total"), totals.records, None, totals.people, {"amount": totals.granted_yen}],
    )  # fmt: skip


def _verified(request: TownRequest, totals: Totals) -> Table:
    """What somebody or a code at the place vouched for; all yen granted, also for the rest, count as its cost."""
    return table(
        request, "verified", caption=("裏づけのある行動と、その1回あたりの額", "Verified actions, yen for each"),
        columns=[("行動", "Action"), ("裏づけのある回数", "Verified", "number"),
                 ("その1回あたり", "Yen for each", "number"), ("くじで確かめた結果", "Looked at by lot")],
        rows=[
            [say(request, one.name.ja, one.name.en), one.verified,
             None if one.yen_per_verified is None else {"amount": one.yen_per_verified}, _drawn(request, one)]
            for one in totals.by_action if one.records or one.drawn
        ],
        empty=("まだ記録がありません", "Nothing recorded yet"),
    )  # fmt: skip


def _drawn(request: TownRequest, one: ActionTotal) -> str:
    """What the draws found, with the range in which the share of all reports lies."""
    if one.true_bp is None:
        return ""
    low, high = (f"{bp / 100:.0f}%" for bp in one.true_bp)
    return say(request, f"{one.drawn:,}件のうち{one.drawn_true:,}件が確かでした(全体では{low}〜{high})",
               f"{one.drawn_true:,} of {one.drawn:,} held true ({low} to {high} of all)")


def _by_action(request: TownRequest, totals: Totals) -> charts.Chart:
    most = max(totals.by_action, key=lambda one: one.records, default=None)
    lead = say(request, most.name.ja, most.name.en) if most and most.records else ""
    title = say(request, f"いちばん多いのは「{lead}」", f"“{lead}” is done most") if lead else \
        say(request, "まだ記録がありません", "Nothing recorded yet")
    return charts.bars(
        [charts.Bar(say(request, one.name.ja, one.name.en), one.records, "point") for one in totals.by_action],
        title=title, desc=say(request, "行動ごとの回数。", "Times, by action."), language=request.language,
        unit=say(request, "回", "times"), show=lambda value: f"{round(value):,}",
        source=say(request, "行動の記録", "Records of actions"),
    )  # fmt: skip


@officers_only
@never_cache
@require_GET
def place_screen(request: TownRequest, place: UUID) -> HttpResponse:
    """What the place shows to people who did the action there: a big code that changes every minute."""
    return page(request, "place_screen", way="points", **_screen(request, place))


@officers_only
@never_cache
@require_GET
def place_code(request: TownRequest, place: UUID) -> HttpResponse:
    """Only the code, when the one on the screen has run out."""
    return page(request, "place_code", way="points", **_screen(request, place))


def _screen(request: TownRequest, place: UUID) -> dict[str, Any]:
    view, found, name = _find(request, place)
    require(request.actor, "action.attest", department=view.department)
    code = queries.place_code(place, municipality=request.municipality, at=request.at)
    title = say(request, "この場所のコード", "The code of this place")
    return {
        "place": found, "name": name, "view": view, "number": code.text, "until": code.changes_at,
        "svg": mark_safe(qr_svg(code.text, title=title)),  # noqa: S308 - drawn by us
        "part_url": reverse("office:place_code", args=[place]),
    }  # fmt: skip


def _find(request: TownRequest, place: UUID) -> tuple[ProgrammeView, PlaceView, Both]:
    """The place with its programme and action. Raises Refusal `action_place_unknown`."""
    for view in _programmes(request):
        for action in _actions(request, view):
            for found in action["places"]:
                if found.id == place:
                    return view, found, Both(action["name"].ja, action["name"].en)
    raise PLACE_UNKNOWN.refusal()
