"""Paying for what I won: choose a way, see where the payment stands; and the invented shop of an invented town."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.drawn import drawn_conditions
from meguri.faces.resident.frame import holder_of, page, residents_only
from meguri.faces.resident.getting import sale_answer
from meguri.faces.resident.slips import bars_on_screen
from meguri.programmes.parts import PaymentWay
from meguri.programmes.vouchers import operations as vouchers
from meguri.programmes.vouchers import orders
from meguri.programmes.vouchers import queries as vouchers_of
from meguri.programmes.vouchers.orders import OrderView
from meguri.programmes.vouchers.paying import ORDER_UNKNOWN
from meguri.programmes.vouchers.providers import InventedProvider, NoticeKind
from meguri.programmes.vouchers.rules import APPLICATION_UNKNOWN
from meguri.words import clock
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal


@residents_only
@require_POST
def choose_way(request: TownRequest, application: UUID) -> HttpResponse:
    """Choose how to pay; the order's page says what comes next. A refusal is said on the sale's page."""
    found = vouchers_of.application(application, municipality=request.municipality)
    if found is None or found.resident != holder_of(request):
        raise APPLICATION_UNKNOWN.refusal()
    try:
        way = PaymentWay(request.POST.get("way", ""))
    except ValueError:
        way = PaymentWay.COUNTER  # whoever sends something else is told what there is
    try:
        order = vouchers.open_order(application=application, way=way, by=request.actor, at=request.at)
    except Refusal as refusal:
        return sale_answer(request, found.sale, refusal=refusal)
    return redirect("resident:order", order=order)


@residents_only
@never_cache
def order(request: TownRequest, order: UUID) -> HttpResponse:
    """One payment of mine: what to do now, until when, and what was heard of it. Posting prepares a card's page."""
    own = _own(request, order)
    refusal: Refusal | None = None
    if request.method == "POST":
        back_to = request.build_absolute_uri(reverse("resident:order", args=[order]))
        try:
            vouchers.prepare_payment(order=order, back_to=back_to, by=request.actor, at=request.at)
        except Refusal as said:
            refusal = said
        own = _own(request, order)
    sale = vouchers_of.sale_page(own.sale, municipality=request.municipality, resident=own.resident)
    mine = vouchers_of.application(own.application, municipality=request.municipality)
    return page(
        request, "order", way="get", status=refusal.kind.status if refusal else 200, order=own, sale=sale, mine=mine,
        refusal=refusal, is_over=request.at >= own.pay_before, pretended=own.provider == InventedProvider.code,
        drawn=drawn_conditions(request, [sale.programme]), **bars_on_screen(own),
        parts=[{"name": each.name, "part": each.part, "yen": each.yen * own.units} for each in sale.face],
    )  # fmt: skip


@residents_only
@never_cache
def pretend(request: TownRequest, order: UUID) -> HttpResponse:
    """An invented shop's till, or an invented card: what is pressed comes in as a provider's signed notice would."""
    own = _own(request, order)
    if own.provider != InventedProvider.code:
        raise Http404
    if request.method != "POST":
        return page(request, "pretend", way="get", order=own)
    _send(request, own, kind=NoticeKind(request.POST.get("kind", "final")))
    return redirect("resident:order", order=order)


def _send(request: TownRequest, own: OrderView, *, kind: NoticeKind) -> None:
    """What is pressed is told as a provider tells it."""
    by = Actor(request.municipality, ActorRole.SYSTEM)
    vouchers.tell_as_provider(order=own.id, kind=kind, by=by, at=request.at, now=clock.now())


def _own(request: TownRequest, order: UUID) -> OrderView:
    found = orders.order(order, municipality=request.municipality)
    if found.resident != holder_of(request):
        raise ORDER_UNKNOWN.refusal()
    return found
