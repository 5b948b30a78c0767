"""An amendment of a running programme: the document changed, what that means before anybody approves it, two people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.faces.design.figures import show_day
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office import ahead, withdrawing
from meguri.faces.office.differences import by_value, in_words
from meguri.faces.office.document_form import filled_in, form_groups
from meguri.faces.office.frame import attempt, do_once, done, may, officer_names, officers_only, page, say
from meguri.faces.office.runs import preview_table
from meguri.faces.office.tables import Table, csv_of, on_day
from meguri.faces.office.versions import found_programme, path_to, version_row
from meguri.parties import queries as parties
from meguri.parties.rules import require
from meguri.programmes import operations, queries
from meguri.programmes.amendments import extends
from meguri.programmes.demurrage import by_fund
from meguri.programmes.queries import ProgrammeView, VersionView
from meguri.programmes.starting import takings_at
from meguri.programmes.terms import ProgrammeTerms, read_terms, write_terms
from meguri.programmes.texts import Change, for_residents, for_shops
from meguri.words.clock import day, midnight
from meguri.words.refusal import Refusal
from meguri.words.wareki import parse_date

FIELDS = frozenset({"reason", "starts_on"})
"""What is asked beside the document."""


@officers_only
def amend(request: TownRequest, programme: UUID) -> HttpResponse:
    """The document in force, or the draft of its amendment, to be changed by fields, as text, or by a file."""
    view = found_programme(request, programme)
    require(request.actor, "programme.amend", department=view.department, municipality=request.municipality)
    refusal = None
    if request.method == "POST":
        refusal = _kept(request, programme)
        if refusal is None:
            return redirect("office:amendment", programme=programme)
    drafted = queries.amendment(programme, municipality=request.municipality)
    if refusal is None and drafted is not None and drafted.state == "approved":
        return redirect("office:amendment", programme=programme)  # nobody works on one that waits for its start
    starts_on = day(drafted.starts_at).isoformat() if drafted and drafted.starts_at else ""
    return page(
        request, "programme_amend", way="programmes", path=path_to(request, view, "変更案", "Amendment"), view=view,
        name=say(request, view.name_ja, view.name_en), refusal=refusal,
        reason=request.POST.get("reason", drafted.reason if drafted else ""),
        starts_on=request.POST.get("starts_on", starts_on),
        **_fields(request, _text(request, view, drafted=drafted), refusal=refusal),
    )  # fmt: skip


def _kept(request: TownRequest, programme: UUID) -> Refusal | None:
    """Keep what was sent as the draft, or say why not."""
    def keep() -> None:
        operations.draft_amendment(
            programme=programme, terms=_sent(request), reason=request.POST.get("reason", ""), by=request.actor,
            at=request.at, starts_at=_start(request),
        )  # fmt: skip
        done(request, "変更案を保存しました。何が変わるかを確かめて、承認を求めてください。",
             "The draft is kept. Please look at what changes and submit it.")

    try:
        do_once(request, keep)
    except Refusal as refusal:
        return refusal
    return None


def _start(request: TownRequest) -> datetime | None:
    """The first moment of the day from which it shall rule; None: from its approval."""
    typed = request.POST.get("starts_on", "").strip()
    return midnight(parse_date(typed, field="starts_on")) if typed else None


def _text(request: TownRequest, view: ProgrammeView, *, drafted: VersionView | None) -> str:
    if request.method == "POST":
        return request.POST.get("document", "")
    number = drafted.number if drafted else view.number
    return write_terms(queries.version_terms(view.id, number, municipality=request.municipality)).decode()


def _fields(request: TownRequest, text: str, *, refusal: Refusal | None) -> dict[str, Any]:
    """The document and its fields. A refusal that belongs to no field opens the document itself."""
    typed = request.POST.dict()
    refusals = filled_in(text, typed)[1]
    if refusal is not None and refusal.field:
        refusals.setdefault(refusal.field, refusal)
    groups = form_groups(text, language=request.language, typed=typed, refusals=refusals)
    beside = any(one.error for group in groups for one in group["fields"]) or (refusal and refusal.field in FIELDS)
    return {"document": text, "groups": groups, "open_text": not groups or (refusal is not None and not beside)}


def _sent(request: TownRequest) -> ProgrammeTerms:
    """The document that was sent, its touched fields written in; a file wins over both."""
    sent = request.FILES.get("file")
    if sent is not None:
        return read_terms(sent.read())
    text, refusals = filled_in(request.POST.get("document", ""), request.POST.dict())
    for refusal in refusals.values():
        raise refusal
    return read_terms(text.encode())


@officers_only
def amendment(request: TownRequest, programme: UUID) -> HttpResponse:
    """What an amendment would change, whom it would take from, what moves with it; and the buttons of two people."""
    require(request.actor, "programme.see")
    view, refusal = found_programme(request, programme), None
    if request.method == "POST":
        refusal = attempt(request, _acts(request, view))
        if refusal is None:
            return _onward(request, programme)
    found = queries.amendment(programme, municipality=request.municipality)
    values: dict[str, Any] = {}
    if found is not None:
        before = queries.terms(programme, municipality=request.municipality)
        after = queries.version_terms(programme, found.number, municipality=request.municipality)
        values = _judged(request, view, before=before, after=after, found=found)
        values |= _buttons(request, view, found=found) | withdrawing.shown(request, view, found=found)
        values["one"] = version_row(request, found, names=officer_names(request))
        if file := csv_of(request, *values["changes"]):
            return file
    return page(
        request, "amendment", way="programmes", path=path_to(request, view, "変更案", "Amendment"), view=view,
        name=say(request, view.name_ja, view.name_en), refusal=refusal, **values,
    )  # fmt: skip


def _acts(request: TownRequest, view: ProgrammeView) -> Mapping[str, Callable[[], object]]:
    by, at, programme = request.actor, request.at, view.id

    def submit() -> None:
        operations.submit_amendment(programme=programme, by=by, at=at)
        done(request, "承認を求めました。まだ何も変わっていません。", "Submitted. Nothing has changed yet.")

    def withdraw() -> None:
        operations.withdraw_amendment(programme=programme, by=by, at=at)
        done(request, "承認の求めを取り下げました。", "The request was withdrawn.")

    def drop() -> None:
        operations.drop_amendment(programme=programme, by=by)
        done(request, "変更案を捨てました。", "The draft was dropped.")

    def approve() -> None:
        number = operations.approve_amendment(programme=programme, by=by, at=at)
        ahead = queries.coming(programme, municipality=request.municipality)
        if ahead is not None:
            start = on_day(ahead.starts_at, request)
            done(request, f"第{number}版を承認しました。{start}から、ひとりでに有効になります。",
                 f"Version {number} is approved. It comes into force by itself on {start}.")
            return
        done(request, f"第{number}版が有効になりました。店と財布に伝わりました。",
             f"Version {number} is in force. Tills and wallets know it.")

    def send_back() -> None:
        operations.send_amendment_back(programme=programme, note=request.POST.get("note", "").strip(), by=by, at=at)
        done(request, "理由をつけて差し戻しました。", "Sent back with your reason.")

    own = {"submit": submit, "withdraw": withdraw, "drop": drop, "approve": approve, "send_back": send_back}
    return own | withdrawing.acts(request, view)


def _onward(request: TownRequest, programme: UUID) -> HttpResponse:
    """After a press: to the version that came into force, to the programme of a dropped draft, or to the same page."""
    if request.POST.get("act") == "approve" and queries.coming(programme, municipality=request.municipality) is None:
        newest = max(each.number for each in queries.versions(programme, municipality=request.municipality))
        return redirect("office:version", programme=programme, number=newest)
    stays = queries.amendment(programme, municipality=request.municipality) is not None
    return redirect("office:amendment" if stays else "office:programme", programme=programme)


def _judged(
    request: TownRequest, view: ProgrammeView, *, before: ProgrammeTerms, after: ProgrammeTerms, found: VersionView
) -> dict[str, Any]:
    """The differences, the document's errors, what it would take, what would live longer, cost and reach afterwards."""
    findings = queries.findings(after)
    sound = not any(each.is_error for each in findings)
    standing = queries.standing(view.id, municipality=request.municipality)
    waits = found.state == "approved"  # judged already, as if all had come that can come until its start
    taken = takings_at(before, after, standing=standing, start=found.starts_at) if sound and not waits else ()
    change = Change(before, after, day(found.starts_at)) if found.starts_at and sound else None
    return {
        "changes": [told(request, before=before, after=after) for told in (in_words, by_value)],
        "findings": ahead.findings(request, [*taken, *findings]), "unsound": not sound or bool(taken),
        "longer": _longer(request, view, before=before, after=after), "announced": _announced(request, change=change),
        "ahead": ahead.preview(request, after) if sound else None,
    }


def _announced(request: TownRequest, *, change: Change | None) -> dict[str, Any] | None:
    """What people and shops will read beforehand; None for what rules at once or is not sound yet."""
    if change is None or change.first_day is None:
        return None
    return {
        "day": show_day(change.first_day, request.language, style="year"),
        "changes": [each.plain(request.language) for each in for_residents(change)],
        "shops": [each.plain(request.language) for each in for_shops(change)],
    }  # fmt: skip


def _longer(
    request: TownRequest, view: ProgrammeView, *, before: ProgrammeTerms, after: ProgrammeTerms
) -> dict[str, Any] | None:
    """What of the value handed out already would live until when."""
    last_day = extends(before, after)
    if last_day is None:
        return None
    moving = queries.extending(view.id, until=queries.end_of(last_day), municipality=request.municipality)
    found = queries.programme_page(view.id, municipality=request.municipality, at=request.at)
    shown: Table = preview_table(
        request, found, name="longer", losses=by_fund(moving),
        caption=("期限が延びる、すでに渡した分", "Value handed out already that lives longer"),
    )  # fmt: skip
    return {"day": on_day(last_day, request), "table": shown}


def _buttons(request: TownRequest, view: ProgrammeView, *, found: VersionView) -> dict[str, Any]:
    maker = may(request, "programme.amend", department=view.department)
    checker = may(request, "programme.approve_amendment", department=view.department)
    asked = parties.approval(found.approval, municipality=request.municipality) if found.approval else None
    mine = asked is not None and asked.made_by == request.actor.party
    drafted, proposed = found.state == "draft", found.state == "proposed"
    return {
        "edit_url": reverse("office:amend", args=[view.id]) if drafted and maker else "",
        "may_submit": drafted and maker, "may_withdraw": proposed and maker,
        "may_approve": proposed and checker and not mine, "mine": proposed and mine, "asked": asked,
    }  # fmt: skip
