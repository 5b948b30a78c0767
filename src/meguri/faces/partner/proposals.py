"""The company proposes an action, and reads what the town makes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.partner.frame import attempt, done, page, partners_only, said
from meguri.faces.partner.members import is_manager
from meguri.programmes import queries as programmes
from meguri.programmes.operations import proposing
from meguri.programmes.operations.proposing import Proposed
from meguri.programmes.parts import GrantByAction
from meguri.programmes.points.rules import EVIDENCES
from meguri.programmes.queries.proposals import ProposalView, proposals
from meguri.words.wareki import parse_date
from meguri.words.yen import parse_yen

BADGES = {"waiting": "waiting", "taken": "approved", "declined": "refused", "withdrawn": "closed"}


@partners_only
@never_cache
@require_http_methods(["GET", "POST"])
def proposed(request: TownRequest) -> HttpResponse:
    """The form, and below it every proposal with its state."""
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, _acts(request))
        if refusal is None:
            return redirect("partner:proposals")
    company = request.actor.party or UUID(int=0)
    found = proposals(request.municipality, sponsor=company)
    return page(
        request, "proposals", way="proposals", refusal=refusal, may=is_manager(request),
        programmes=launched_programmes(request), evidences=[
            {"value": code, "label": said(request, both.ja, en=both.en)} for code, both in EVIDENCES.items()
        ],
        proposals=[_row(request, each) for each in found],
    )  # fmt: skip


def launched_programmes(request: TownRequest) -> list[dict[str, str]]:
    """Programmes that reward actions and go on."""
    town = request.municipality
    return [
        {"value": str(each.id), "label": said(request, each.name_ja, en=each.name_en)}
        for each in programmes.programmes(town, states=("launched",))
        if isinstance(programmes.terms(each.id, municipality=town).obtaining, GrantByAction)
    ]


def _row(request: TownRequest, each: ProposalView) -> dict[str, Any]:
    state, evidence = proposing.STATES[each.state], EVIDENCES.get(each.evidence)  # type: ignore[call-overload]
    return {
        "it": each, "name": said(request, each.name_ja, en=each.name_en), "badge": BADGES[each.state],
        "label": said(request, state.ja, en=state.en),
        "evidence": said(request, evidence.ja, en=evidence.en) if evidence else each.evidence,
    }  # fmt: skip


def _acts(request: TownRequest) -> dict[str, Callable[[], object]]:
    by, at, typed = request.actor, request.at, request.POST

    def propose() -> None:
        proposing.propose_action(Proposed(
            programme=_chosen(request, "programme"), name_ja=typed.get("name_ja", ""), name_en=typed.get("name_en", ""),
            yen=parse_yen(typed.get("yen", ""), field="yen"),
            first_day=parse_date(typed.get("first_day", ""), field="first_day"),
            last_day=parse_date(typed.get("last_day", ""), field="last_day"), place=typed.get("place", ""),
            evidence=typed.get("evidence", ""),
        ), by=by, at=at)  # fmt: skip
        done(request, "提案を町に送りました。答えはこのページに出ます。", en="Sent; the answer appears here.")

    def withdraw() -> None:
        proposing.withdraw_proposed_action(_chosen(request, "proposal"), by=by, at=at)
        done(request, "提案を取り下げました。", en="Withdrawn.")

    return {"propose": propose, "withdraw": withdraw}


def _chosen(request: TownRequest, name: str) -> UUID:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        raise BadRequest(f"no {name} was chosen") from None
