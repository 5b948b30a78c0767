"""When the company's money comes, what came, what went back, and who carries how much of ten yen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from meguri.faces.design.figures import show_day
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.partner.frame import attempt, done, own_funds, page, partners_only, said
from meguri.faces.partner.members import is_manager
from meguri.programmes import queries as programmes
from meguri.programmes.operations import depositing
from meguri.programmes.queries import FundView
from meguri.programmes.queries.deposits import DepositView
from meguri.programmes.queries.deposits import deposits as deposits_of
from meguri.words.clock import day
from meguri.words.wareki import parse_date
from meguri.words.yen import parse_yen

STATES = {
    "announced": ("waiting", "予定", "Announced"), "late": ("late", "遅れています", "Late"),
    "arrived": ("done", "届きました", "Arrived"), "withdrawn": ("closed", "取下げ", "Withdrawn"),
}  # fmt: skip


@partners_only
@never_cache
@require_http_methods(["GET", "POST"])
def deposits(request: TownRequest) -> HttpResponse:
    """Announced sums with their state, and every movement between the company and its funds."""
    funds = own_funds(request)
    if not funds:
        return page(request, "nothing", way="deposits")
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, _acts(request))
        if refusal is None:
            return redirect("partner:deposits")
    found = deposits_of(request.municipality, on=day(request.at), funds=[each.id for each in funds])
    names = {each.id: said(request, each.name_ja, en=each.name_en) for each in funds}
    return page(
        request, "deposits", way="deposits", refusal=refusal, may=is_manager(request),
        funds=[{"value": str(number), "label": name} for number, name in names.items()],
        deposits=[_row(request, each, names=names) for each in found],
        columns=_columns(request), rows=_moved(request, funds, names=names),
    )  # fmt: skip


def _row(request: TownRequest, each: DepositView, *, names: dict[UUID, str]) -> dict[str, Any]:
    badge, ja, en = STATES[each.state]
    return {"it": each, "fund": names[each.fund], "badge": badge, "label": said(request, ja, en=en)}


def _acts(request: TownRequest) -> dict[str, Callable[[], object]]:
    by, at, typed = request.actor, request.at, request.POST

    def announce() -> None:
        depositing.announce_deposit(
            fund=_chosen(request, "fund"), yen=parse_yen(typed.get("yen", ""), field="yen"),
            due_on=parse_date(typed.get("due_on", ""), field="due_on"), by=by, at=at,
        )  # fmt: skip
        done(request, "入金の予定を町に知らせました。", en="The town knows of it now.")

    def withdraw() -> None:
        depositing.withdraw_deposit(_chosen(request, "deposit"), by=by, at=at)
        done(request, "予定を取り下げました。", en="Withdrawn.")

    return {"announce": announce, "withdraw": withdraw}


def _chosen(request: TownRequest, name: str) -> UUID:
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        raise BadRequest(f"no {name} was chosen") from None


def _columns(request: TownRequest) -> list[dict[str, object]]:
    heads = (("日", "Day"), ("財源", "Fund"), ("入った", "Came"), ("戻った", "Went back"), ("わけ", "Reason"))
    return [{"label": said(request, ja, en=en), "number": ja in ("入った", "戻った")} for ja, en in heads]


def _moved(request: TownRequest, funds: Sequence[FundView], *, names: dict[UUID, str]) -> list[list[object]]:
    """Each decision that put money into a fund of the company's, or gave the rest back."""
    found = [
        each for programme in {fund.programme for fund in funds}
        for each in programmes.appropriations(programme, municipality=request.municipality) if each.fund in names
    ]
    return [
        [
            show_day(each.decided_on, request.language, style="year"), names[each.fund],
            {"amount": 0 if each.returned else each.amount_yen}, {"amount": each.amount_yen if each.returned else 0},
            each.reason,
        ]
        for each in sorted(found, key=lambda each: each.made_at)
    ]  # fmt: skip
