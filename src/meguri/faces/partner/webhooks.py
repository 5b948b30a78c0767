"""Where the company's programs are told what happened: addresses and secrets, the events, the log of deliveries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from meguri.faces.design.figures import show_moment
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.partner.frame import attempt, done, page, partners_only, said
from meguri.faces.partner.members import is_manager
from meguri.faces.partner.told import TOPICS
from meguri.notices import webhook_operations as operations
from meguri.notices import webhook_queries as queries
from meguri.notices.webhook_operations import WEBHOOK_UNKNOWN, Registered
from meguri.notices.webhook_queries import DeliveryView, EndpointView, EventView
from meguri.notices.webhook_rules import ENDPOINTS_MOST
from meguri.words.yen import parse_yen

EVENTS_SHOWN = 20
BADGES = {
    "live": ("live", "届いています", "Arriving"), "failing": ("late", "届いていません", "Not arriving"),
    "disabled": ("suspended", "送信を止めました", "Stopped"),
}  # fmt: skip
STATES = {
    "waiting": ("waiting", "これから送る", "Waiting"), "delivered": ("done", "届いた", "Arrived"),
    "failed": ("refused", "届かなかった", "Failed"),
}  # fmt: skip
NUMBER_MOST = 10**12


@partners_only
@never_cache
@require_http_methods(["GET", "POST"])
def webhooks(request: TownRequest) -> HttpResponse:
    """All addresses, and the last events as their receivers read them. A new secret is shown once."""
    refusal, made = None, list[Registered]()
    if request.method == "POST":
        refusal = attempt(request, {"register": lambda: made.append(operations.register_webhook(
            request.POST.get("url", ""), by=request.actor, at=request.at
        ))})  # fmt: skip
        if refusal is None and not made:
            return redirect("partner:webhooks")
    company = request.actor.party or UUID(int=0)
    found = queries.endpoints(company, municipality=request.municipality)
    return page(
        request, "webhooks", way="webhooks", refusal=refusal, secret=made[0].secret if made else "",
        endpoints=[_shown(request, each) for each in found], may=is_manager(request), most=ENDPOINTS_MOST,
        events=[_event(request, each) for each in queries.latest_events(
            company, municipality=request.municipality, limit=EVENTS_SHOWN
        )],
        topics=[{"label": code, "value": said(request, ja, en=en)} for code, (ja, en) in TOPICS.items()],
    )  # fmt: skip


@partners_only
@never_cache
@require_http_methods(["GET", "POST"])
def webhook(request: TownRequest, endpoint: UUID) -> HttpResponse:
    """One address: how it stands, its secret changed, told again from a number on, each try of the last days."""
    found = _own(request, endpoint)
    refusal, made = None, list[Registered]()
    if request.method == "POST":
        refusal = attempt(request, _acts(request, endpoint, made=made))
        if refusal is None and not made:
            ended = request.POST.get("act") == "end"
            return redirect("partner:webhooks") if ended else redirect("partner:webhook", endpoint=endpoint)
        found = _own(request, endpoint)
    tries = queries.deliveries(endpoint, municipality=request.municipality)
    return page(
        request, "webhook", way="webhooks", refusal=refusal, endpoint=_shown(request, found),
        secret=made[0].secret if made else "", may=is_manager(request), columns=_columns(request),
        rows=[_row(request, each) for each in tries],
    )  # fmt: skip


def _own(request: TownRequest, endpoint: UUID) -> EndpointView:
    company = request.actor.party or UUID(int=0)
    found = queries.endpoints(company, municipality=request.municipality)
    own = next((each for each in found if each.id == endpoint), None)
    if own is None:
        raise WEBHOOK_UNKNOWN.refusal()
    return own


def _shown(request: TownRequest, each: EndpointView) -> dict[str, Any]:
    badge, ja, en = BADGES[each.health]
    return {"it": each, "badge": badge, "label": said(request, ja, en=en)}


def _event(request: TownRequest, each: EventView) -> dict[str, Any]:
    ja, en = TOPICS.get(each.topic, (each.topic, each.topic))
    return {"it": each, "name": said(request, ja, en=en)}


def _acts(request: TownRequest, endpoint: UUID, *, made: list[Registered]) -> dict[str, Callable[[], object]]:
    by, at = request.actor, request.at

    def rotate() -> None:
        made.append(operations.rotate_webhook_secret(endpoint, by=by, at=at))

    def resume() -> None:
        operations.resume_webhook(endpoint, by=by)
        done(request, "再開しました。止まっていた間の出来事を順番に送ります。", en="Resumed, where it had stopped.")

    def replay() -> None:
        after = parse_yen(request.POST.get("after", ""), field="after", least=0, most=NUMBER_MOST)
        operations.replay_webhook(endpoint, after=after, by=by)
        done(
            request,
            f"{after}番より後の出来事を、もう一度順番に送ります。",
            en=f"Everything after event {after} is sent again.",
        )

    def again() -> None:
        number = request.POST.get("number", "")
        if not (number.isascii() and number.isdigit() and len(number) <= len(str(NUMBER_MOST))):
            raise BadRequest("no event was chosen")
        operations.redeliver(endpoint, number=int(number), by=by, at=at)
        done(request, f"{number}番の出来事を、もう一度送ります。", en=f"Event {number} is sent again.")

    def end() -> None:
        operations.end_webhook(endpoint, by=by, at=at)
        done(request, "通知先を外しました。", en="The endpoint is removed.")

    return {"rotate": rotate, "resume": resume, "replay": replay, "again": again, "end": end}


def _columns(request: TownRequest) -> list[dict[str, object]]:
    heads = (
        ("時刻", "Time"), ("番号", "No."), ("出来事", "Event"), ("結果", "Result"), ("相手の答え", "Answer"),
        ("時間(ミリ秒)", "Milliseconds"),
    )  # fmt: skip
    return [{"label": said(request, ja, en=en), "number": ja in ("番号", "時間(ミリ秒)")} for ja, en in heads]


def _row(request: TownRequest, each: DeliveryView) -> list[object]:
    badge, ja, en = STATES[each.state]
    ja, en = (f"{ja}(再送)", f"{en} (again)") if each.again else (ja, en)
    return [
        show_moment(each.at, request.language), each.number, each.topic,
        {"status": badge, "text": said(request, ja, en=en)}, each.answered or each.fault, each.milliseconds,
    ]  # fmt: skip
