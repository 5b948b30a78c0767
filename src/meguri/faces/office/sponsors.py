"""Companies that pay along: who asks to, looked at by two officers; who does, and who speaks for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import (
    EVERYTHING,
    PAGE,
    attempt,
    called,
    chosen,
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
from meguri.parties import operations, queries, sponsoring
from meguri.parties.operations.sponsors import APPROVES, SPONSOR_APPLICATION_UNKNOWN
from meguri.parties.queries import ApprovalView, SponsorApplicationView, SponsorView
from meguri.parties.rules import require
from meguri.programmes import queries as programmes
from meguri.programmes.operations import depositing
from meguri.programmes.queries.deposits import deposits as deposits_of
from meguri.vault.rules import Field
from meguri.words.actor import ActorRole
from meguri.words.clock import day
from meguri.words.refusal import declare
from meguri.words.wareki import parse_date

BADGES = {"waiting": "waiting", "approved": "approved", "declined": "refused"}
CONTACT = [Field.NAME, Field.EMAIL, Field.PHONE]

SPONSOR_UNKNOWN = declare(
    "sponsor_unknown", status=404, ja="この会社は登録されていません。", en="No such company is registered."
)


@officers_only
def sponsors(request: TownRequest) -> HttpResponse:
    """The companies of the town, and those that ask to be, newest first."""
    require(request.actor, "party.see_sponsor")
    asked = queries.sponsor_applications(
        request.municipality, after=cursor_of(request),
        limit=EVERYTHING if is_csv(request, "sponsor_applications") else PAGE,
    )  # fmt: skip
    applications, registered = _applications(request, asked), _registered(request)
    return csv_of(request, applications, registered) or page(
        request,
        "sponsors",
        way="sponsors",
        applications=applications,
        registered=registered,
        form_url=request.build_absolute_uri(reverse("partner:apply")),
    )


def _applications(request: TownRequest, asked: tuple[SponsorApplicationView, ...]) -> Table:
    return table(
        request, "sponsor_applications", caption=("協賛の申込み", "Companies that ask"),
        columns=[("申込み", "Applied", "keep"), ("名前", "Name"), ("区分", "Kind", "keep"),
                 ("法人番号", "Corporate number", "keep"), ("状態", "State")],
        rows=[_application_row(request, each) for each in asked],
        after=asked[-1].id if len(asked) == PAGE else None, empty=("申込みはまだありません", "Nobody has asked yet"),
    )  # fmt: skip


def _application_row(request: TownRequest, each: SponsorApplicationView) -> list[Cell]:
    kind, state = sponsoring.KINDS[each.kind], sponsoring.STATES[each.state]
    return [
        when(each.applied_at, request, style="year"),
        {"url": reverse("office:sponsor_application", args=[each.id]),
         "text": say(request, each.name_ja, each.name_en)},
        say(request, kind.ja, kind.en), each.corporate_number,
        {"status": BADGES[each.state], "text": say(request, state.ja, state.en)},
    ]  # fmt: skip


def _registered(request: TownRequest) -> Table:
    return table(
        request, "sponsors", caption=("登録した会社", "Registered companies"),
        columns=[("名前", "Name"), ("法人番号", "Corporate number", "keep"),
                 ("登録番号", "Registration number", "keep"), ("登録日", "Joined", "keep")],
        rows=[
            [{"url": reverse("office:sponsor", args=[each.id]), "text": say(request, each.name_ja, each.name_en)},
             each.corporate_number, each.registration_number, on_day(each.joined_on, request)]
            for each in queries.sponsors(request.municipality)
        ],
        empty=("登録した会社はまだありません", "No company is registered yet"),
    )  # fmt: skip


@officers_only
@never_cache
def sponsor_application(request: TownRequest, sponsor_application: UUID) -> HttpResponse:
    """One company that asks: its words and numbers, whom to call, and the two officers' judgement."""
    require(request.actor, "party.see_sponsor")
    found = queries.sponsor_application(sponsor_application, municipality=request.municipality)
    if found is None:
        raise SPONSOR_APPLICATION_UNKNOWN.refusal()
    contact = shown(request, {"": sponsor_application}, fields=CONTACT)
    refusal = contact.refusal
    if request.method == "POST" and request.POST.get("act") != "reveal":
        refusal = attempt(request, _acts(request, found))
        if refusal is None:
            return redirect("office:sponsor_application", sponsor_application=sponsor_application)
    state = sponsoring.STATES[found.state]
    asked = _asked(request, found)
    return page(
        request, "sponsor_application", way="sponsors", path=_path(request, found), refusal=refusal, found=found,
        badge=BADGES[found.state], state=say(request, state.ja, state.en), facts=_facts(request, found, asked=asked),
        shown=contact, asked=asked, mine=asked is not None and asked.made_by == request.actor.party,
        may_propose=may(request, "party.register_sponsor"),
        may_approve=asked is not None and may(request, APPROVES, department=asked.department),
        may_withdraw=asked is not None and may(request, "approval.propose", department=asked.department),
        namesakes=_namesakes(request, found) if found.state == "waiting" else [],
    )  # fmt: skip


def _path(request: TownRequest, found: SponsorApplicationView | SponsorView) -> list[tuple[str, str]]:
    start = (reverse("office:sponsors"), say(request, "協賛企業", "Partner companies"))
    return [start, ("", say(request, found.name_ja, found.name_en))]


def _asked(request: TownRequest, found: SponsorApplicationView) -> ApprovalView | None:
    asked = queries.approvals(municipality=request.municipality, object_id=found.id, open_only=True)
    return next(iter(asked), None)


def _namesakes(request: TownRequest, found: SponsorApplicationView) -> list[str]:
    """Registered companies of the same name: a sole trader has no number that would tell."""
    known = queries.sponsors(request.municipality)
    return [say(request, each.name_ja, each.name_en) for each in known if each.name_ja == found.name_ja]


def _facts(request: TownRequest, found: SponsorApplicationView, *, asked: ApprovalView | None) -> list[dict[str, Any]]:
    kind, names = sponsoring.KINDS[found.kind], officer_names(request)
    proposed = called(names, asked.made_by, language=request.language) if asked else ""
    facts: list[tuple[str, str, Any]] = [
        ("名前", "Name", say(request, found.name_ja, found.name_en)), ("区分", "Kind", say(request, kind.ja, kind.en)),
        ("法人番号", "Corporate number", found.corporate_number),
        ("登録番号", "Registration number", found.registration_number),
        ("町と一緒にしたいこと", "What it would like to do", found.wish),
        ("申込み", "Applied", when(found.applied_at, request, style="year")),
        ("承認を求めた職員", "Proposed by", proposed),
        ("審査が終わった日時", "Decided", when(found.decided_at, request, style="year") if found.decided_at else ""),
        ("理由", "Reason", found.reason),
    ]  # fmt: skip
    return [{"label": say(request, ja, en), "value": value} for ja, en, value in facts if value]


def _acts(request: TownRequest, found: SponsorApplicationView) -> dict[str, Callable[[], object]]:
    by, at, typed = request.actor, request.at, request.POST

    def propose() -> None:
        operations.propose_sponsor(found.id, by=by, at=at)
        done(request, "承認を求めました。別の承認者が確かめます。", "Proposed; another officer looks at it.")

    def withdraw() -> None:
        asked = _asked(request, found)
        if asked is not None:
            operations.withdraw(asked.id, by=by, at=at)
        done(request, "承認の求めを取り下げました。", "Taken back.")

    def approve() -> None:
        operations.approve_sponsor(found.id, by=by, at=at)
        done(
            request,
            "承認しました。会社は申し込んだときのリンクから入れます。電話かメールで知らせてください。",
            "Approved. The company comes in by the link it already has; please tell it by phone or mail.",
        )

    def send_back() -> None:
        operations.send_back_sponsor(found.id, note=typed.get("note", ""), by=by, at=at)
        done(request, "差し戻しました。", "Sent back.")

    def decline() -> None:
        operations.decline_sponsor(found.id, reason=typed.get("reason", ""), by=by, at=at)
        done(
            request,
            "見送りました。理由は申込みのページで会社が読めます。",
            "Declined; the company reads why on its page.",
        )

    return {"propose": propose, "withdraw": withdraw, "approve": approve, "send_back": send_back, "decline": decline}


@officers_only
@never_cache
def sponsor(request: TownRequest, sponsor: UUID) -> HttpResponse:
    """One registered company: its numbers, who speaks for it and since when, a new invitation if need be."""
    require(request.actor, "party.see_sponsor")
    found = queries.sponsor(sponsor, municipality=request.municipality)
    if found is None:
        raise SPONSOR_UNKNOWN.refusal()
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, {
            "invite": lambda: _invite(request, sponsor), "record": lambda: _record(request),
        })  # fmt: skip
        if refusal is None:
            return redirect("office:sponsor", sponsor=sponsor)
    return page(
        request,
        "sponsor",
        way="sponsors",
        path=_path(request, found),
        refusal=refusal,
        found=found,
        deposits=_deposits(request, sponsor),
        today=day(request.at),
        members=_members(request, sponsor),
        may_invite=may(request, "party.invite"),
    )


def _members(request: TownRequest, sponsor: UUID) -> Table:
    names = {code: say(request, both.ja, both.en) for code, both in sponsoring.ROLES.items()}
    return table(
        request, "members", caption=("会社の人", "Who speaks for it"), export=False,
        columns=[("人", "Person", "keep"), ("役割", "Role", "keep"), ("から", "From", "keep"),
                 ("まで", "Until", "keep")],
        rows=[
            [short(each.member), names[each.role], when(each.valid_from, request, style="year"),
             when(each.valid_until, request, style="year") if each.valid_until else ""]
            for each in queries.sponsor_members(sponsor, municipality=request.municipality)
        ],
        empty=("まだだれも入っていません", "Nobody has come in yet"),
    )  # fmt: skip


def _deposits(request: TownRequest, sponsor: UUID) -> list[dict[str, Any]]:
    """What the company announced and nobody has seen yet, soonest due first."""
    funds = {each.id: each for each in programmes.funds(request.municipality, payer=str(sponsor))}
    return [
        {
            "it": each, "fund": say(request, funds[each.fund].name_ja, funds[each.fund].name_en),
            "may": may(request, "budget.appropriate", department=each.department),
        }
        for each in deposits_of(request.municipality, on=day(request.at), funds=funds, open_only=True)
    ]  # fmt: skip


def _record(request: TownRequest) -> None:
    arrived_on = parse_date(request.POST.get("arrived_on", ""), field="arrived_on")
    depositing.record_deposit(chosen(request, "deposit"), arrived_on=arrived_on, by=request.actor, at=request.at)
    done(request, "入金を記録し、財源に入れました。", "Recorded; the fund is loaded.")


def _invite(request: TownRequest, sponsor: UUID) -> None:
    token = operations.invite_member(role=ActorRole.PARTNER, sponsor=sponsor, by=request.actor, at=request.at)
    link = request.build_absolute_uri(reverse("entrance:invitation", args=[token]))
    done(
        request,
        f"招待のリンクを本人に渡してください(一度だけ表示します): {link}",
        f"Give this invitation to the person (shown once): {link}",
    )
