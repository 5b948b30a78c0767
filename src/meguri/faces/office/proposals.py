"""Actions that companies propose: the department takes one into its draft by one press, or declines with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import attempt, done, may, officers_only, page, say
from meguri.faces.office.names import names_of
from meguri.faces.office.tables import on_day, table, when
from meguri.parties import queries as parties
from meguri.parties.rules import require
from meguri.programmes.operations import proposing
from meguri.programmes.operations.proposing import PROPOSAL_UNKNOWN
from meguri.programmes.points.rules import EVIDENCES
from meguri.programmes.queries.proposals import ProposalView
from meguri.programmes.queries.proposals import proposal as proposal_of
from meguri.programmes.queries.proposals import proposals as proposals_of

BADGES = {"waiting": "waiting", "taken": "approved", "declined": "refused", "withdrawn": "closed"}


@officers_only
def proposals(request: TownRequest) -> HttpResponse:
    """What companies proposed to all departments, newest first."""
    require(request.actor, "programme.see")
    names = names_of(request)
    listed = table(
        request, "proposals", caption=("企業の提案", "Proposals"), export=False,
        columns=[("提案", "Proposed", "keep"), ("行動", "Action"), ("会社", "Company"), ("事業", "Programme"),
                 ("1回", "Each time", "number"), ("状態", "State")],
        rows=[
            [when(each.proposed_at, request, style="year"),
             {"url": reverse("office:proposal", args=[each.id]), "text": say(request, each.name_ja, each.name_en)},
             _company(request, each), names.get(each.programme, ""), {"amount": each.yen},
             {"status": BADGES[each.state], "text": _state(request, each)}]
            for each in proposals_of(request.municipality)
        ],
        empty=("提案はまだありません", "Nothing has been proposed yet"),
    )  # fmt: skip
    return page(request, "proposals", way="sponsors", path=_path(request), table=listed)


@officers_only
def proposal(request: TownRequest, proposal: UUID) -> HttpResponse:
    """One proposal. Taken, it leads to the draft in which it stands."""
    require(request.actor, "programme.see")
    found = proposal_of(proposal, municipality=request.municipality)
    if found is None:
        raise PROPOSAL_UNKNOWN.refusal()
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, _acts(request, found))
        if refusal is None:
            return redirect("office:proposal", proposal=proposal)
    name = say(request, found.name_ja, found.name_en)
    return page(
        request, "proposal", way="sponsors", path=_path(request, name), refusal=refusal, found=found, name=name,
        badge=BADGES[found.state], state=_state(request, found), facts=_facts(request, found),
        may=may(request, "action.take_proposal", department=found.department),
    )  # fmt: skip


def _path(request: TownRequest, name: str = "") -> list[tuple[str, str]]:
    desk = reverse("office:sponsors") if may(request, "party.see_sponsor") else ""
    start = (desk, say(request, "協賛企業", "Partner companies"))
    own = say(request, "企業の提案", "Proposals")
    return [start, (reverse("office:proposals"), own), ("", name)] if name else [start, ("", own)]


def _company(request: TownRequest, each: ProposalView) -> str:
    found = parties.sponsor(each.sponsor, municipality=request.municipality)
    return say(request, found.name_ja, found.name_en) if found else ""


def _state(request: TownRequest, each: ProposalView) -> str:
    both = proposing.STATES[each.state]
    return say(request, both.ja, both.en)


def _facts(request: TownRequest, found: ProposalView) -> list[dict[str, Any]]:
    evidence = next((both for code, both in EVIDENCES.items() if code == found.evidence), None)
    facts: list[tuple[str, str, Any]] = [
        ("会社", "Company", _company(request, found)),
        ("事業", "Programme", names_of(request).get(found.programme, "")),
        ("1回の付与", "Earned each time", say(request, f"{found.yen:,}円", f"¥{found.yen:,}")),
        ("はじめの日", "First day", on_day(found.first_day, request)),
        ("おわりの日", "Last day", on_day(found.last_day, request)), ("場所", "Place", found.place),
        ("確かめ方", "Confirmed by", say(request, evidence.ja, evidence.en) if evidence else found.evidence),
        ("文書での記号", "Code in the document", found.action), ("理由", "Reason", found.reason),
    ]  # fmt: skip
    return [{"label": say(request, ja, en), "value": value} for ja, en, value in facts if value]


def _acts(request: TownRequest, found: ProposalView) -> dict[str, Callable[[], object]]:
    by, at = request.actor, request.at

    def take() -> None:
        proposing.take_proposal(found.id, by=by, at=at)
        done(request, "文書の案に入れました。回数の上限や財源を確かめて、承認を求めてください。",
             "It stands in the draft. Please look at limits and funds there, then submit it.")

    def decline() -> None:
        proposing.decline_proposal(found.id, reason=request.POST.get("reason", ""), by=by, at=at)
        done(request, "見送りました。理由は会社のページに出ます。", "Declined; the company reads why.")

    return {"take": take, "decline": decline}
