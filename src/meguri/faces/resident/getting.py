"""What I can get: apply for vouchers and buy them, earn points by what I do, choose how to receive a benefit."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.entrance.tokens import mint_token
from meguri.faces.resident.campaigns import running_campaigns
from meguri.faces.resident.coming import coming_days
from meguri.faces.resident.drawn import drawn_conditions, lasts_for
from meguri.faces.resident.frame import holder_of, page, residents_only
from meguri.faces.resident.offering import SETTLED, benefit_cards, code_offers, sale_cards
from meguri.parties import queries as parties
from meguri.programmes import queries as programmes
from meguri.programmes.benefits import operations as benefits
from meguri.programmes.benefits import queries as benefits_of
from meguri.programmes.benefits.rules import RECEIPTS
from meguri.programmes.parts import PaymentWay, Receipt
from meguri.programmes.payment import WAYS
from meguri.programmes.points import operations as points
from meguri.programmes.points import queries as points_of
from meguri.programmes.points.mission_views import missions_of
from meguri.programmes.points.missions import bonuses_with
from meguri.programmes.points.photos import photos_of
from meguri.programmes.points.rules import CODE_WRONG
from meguri.programmes.vouchers import operations as vouchers
from meguri.programmes.vouchers import orders
from meguri.programmes.vouchers import queries as vouchers_of
from meguri.programmes.vouchers.queries import ApplicationView, SalePage
from meguri.programmes.vouchers.rules import APPLICATION_UNKNOWN, is_drawn, require_units
from meguri.words.refusal import Refusal, declare
from meguri.words.yen import parse_yen

WISHES_MOST = 20
"""For how many numbers of units a line's page says beforehand what each would mean."""
LINE_PASS_S = 1_800
"""How long the page of a sale may stay open before its button is pressed: people open it early and wait."""
WAY_ICONS = {PaymentWay.SLIP: "shop", PaymentWay.CARD: "card"}
WAY_MISSING = declare(
    "receipt_way_missing", status=422, ja="受け取り方を選んでください。", en="Please choose how to receive it."
)


@residents_only
@require_GET
def offers(request: TownRequest) -> HttpResponse:
    """What waits for me first, then what is open to me, of all three departments; what is settled is folded away."""
    holder, town = holder_of(request), request.municipality
    sales = [vouchers_of.sale_page(sale, municipality=town, resident=holder) for sale in vouchers_of.sales(town)]
    benefits_mine = benefit_cards(request, benefits_of.benefits_of(holder, municipality=town, at=request.at))
    doable = points_of.doable(holder, municipality=town, at=request.at)
    return page(
        request, "offers", way="get", doable=doable, codes=code_offers(town, at=request.at),
        sales=sale_cards(sales, vouchers_of.applications_of(holder, municipality=town), at=request.at),
        waiting=[card for card in benefits_mine if card.it.choices],
        coming=[card for card in benefits_mine if not card.it.choices and card.it.whereabouts not in SETTLED],
        settled=[card for card in benefits_mine if card.it.whereabouts in SETTLED],
        newcomer=not parties.is_registered(holder, municipality=town), amended=bool(coming_days(request)),
        commuters=programmes.commuters_asked(town),
        campaigns=running_campaigns(request),
        gifts=any(kind.gifts for kind in programmes.rules_in_force(town, request.at).purse_kinds.values()),
    )  # fmt: skip


@residents_only
@require_GET
def sale(request: TownRequest, sale: UUID) -> HttpResponse:
    """One sale: what a unit is, its days, how many applied, and my own application.

    With a number of units it is what applying for these would mean, and the button.
    """
    if "units" not in request.GET:
        return sale_answer(request, sale)
    try:
        return _before_applying(request, sale)
    except Refusal as refusal:
        return sale_answer(request, sale, refusal=refusal)


def _before_applying(request: TownRequest, sale: UUID) -> HttpResponse:
    holder, town = holder_of(request), request.municipality
    found = vouchers_of.sale_page(sale, municipality=town, resident=holder)
    (card,) = sale_cards([found], vouchers_of.applications_of(holder, municipality=town), at=request.at, ended=True)
    if card.stage != "apply" or not is_drawn(found.allocation):
        return sale_answer(request, sale)
    units = parse_yen(request.GET["units"], field="units")
    require_units(units, most=found.max_units)
    if barred := vouchers_of.why_not(sale, resident=holder, municipality=town):
        raise barred
    return page(
        request, "apply", way="get", sale=found, units=units, price_yen=units * found.unit_price_yen,
        face_yen=units * found.face_yen,
    )  # fmt: skip


def sale_answer(request: TownRequest, sale: UUID, *, refusal: Refusal | None = None) -> HttpResponse:
    """The page of a sale, with what could not be done if something was tried."""
    holder = holder_of(request)
    found = vouchers_of.sale_page(sale, municipality=request.municipality, resident=holder)
    mine = vouchers_of.applications_of(holder, municipality=request.municipality)
    card = sale_cards([found], mine, at=request.at, ended=True)[0]
    return page(
        request, "sale", way="get", status=refusal.kind.status if refusal else 200, sale=found, card=card,
        mine=card.mine, refusal=refusal, units=_unit_options(found.max_units, japanese=request.language == "ja"),
        typed=_typed_units(request, found), open=request.at in found.applying, buying=request.at in found.purchasing,
        total_yen=found.units * found.unit_price_yen, line=_line(request, found), sums=_sums(found),
        drawn=drawn_conditions(request, [found.programme]), **_paying(request, found, mine=card.mine),
        amended_on=coming_days(request).get(found.programme, ""),
        barred=None if card.mine else vouchers_of.why_not(sale, resident=holder, municipality=request.municipality),
    )  # fmt: skip


def _paying(request: TownRequest, sale: SalePage, *, mine: ApplicationView | None) -> dict[str, Any]:
    """The ways to pay beside the counter, and the payment that is under way or has not ended well."""
    if mine is None:
        return {}
    town = request.municipality
    made = [each for each in orders.orders_of(mine.id, municipality=town) if each.state != "replaced"]
    ways = [
        way for way in orders.ways_of(sale.programme, yen=mine.to_pay_yen, municipality=town)
        if way != PaymentWay.COUNTER
    ]
    return {
        "order": made[0] if made else None,
        "ways": [{"way": way, "words": WAYS[way], "icon": WAY_ICONS[way]} for way in ways],
    }


def _line(request: TownRequest, sale: SalePage) -> dict[str, str] | None:
    """Where to stand in line, if this sale has one, and the pass with which the line knows who comes."""
    if is_drawn(sale.allocation):
        return None
    token = mint_token(request.actor, scopes=["voucher.purchase"], seconds=LINE_PASS_S)
    return {"url": f"{settings.SALE_ADDRESS}/line/{sale.id}", "token": token}


def _sums(sale: SalePage) -> list[dict[str, Any]]:
    """What standing in the line for each number of units would mean: it lies in the page, so that nobody loads a second
    one in the minute in which everybody comes. Nothing where there would be too many.
    """
    return [
        {"units": n, "value": str(n), "price_yen": n * sale.unit_price_yen, "face_yen": n * sale.face_yen}
        for n in range(1, sale.max_units + 1) if sale.max_units <= WISHES_MOST
    ]


def _typed_units(request: TownRequest, sale: SalePage) -> str:
    """Nobody asks for a number that they have not chosen, unless there is no other."""
    return (request.POST if request.method == "POST" else request.GET).get("units", "1" if sale.max_units == 1 else "")


def _unit_options(most: int, *, japanese: bool) -> list[dict[str, str]]:
    return [{"value": "", "label": "選んでください" if japanese else "Please choose"}] + [
        {"value": str(n), "label": f"{n}口" if japanese else f"{n} unit{'s' * (n > 1)}"} for n in range(1, most + 1)
    ]


@residents_only
@require_POST
def apply(request: TownRequest, sale: UUID) -> HttpResponse:
    """Apply for units of a sale that is drawn."""
    try:
        units = parse_yen(request.POST.get("units", ""), field="units")
        vouchers.apply(sale=sale, units=units, by=request.actor, at=request.at)
    except Refusal as refusal:
        return sale_answer(request, sale, refusal=refusal)
    return redirect("resident:sale", sale=sale)


@residents_only
@require_POST
def withdraw(request: TownRequest, application: UUID) -> HttpResponse:
    """Take my application back; until the list is closed I may apply anew."""
    found = vouchers_of.application(application, municipality=request.municipality)
    if found is None:
        raise APPLICATION_UNKNOWN.refusal()
    try:
        vouchers.withdraw_application(application=application, by=request.actor, at=request.at)
    except Refusal as refusal:
        if found.resident != holder_of(request):
            raise
        return sale_answer(request, found.sale, refusal=refusal)
    return redirect("resident:sale", sale=found.sale)


@residents_only
@require_POST
def purchase(request: TownRequest, application: UUID) -> HttpResponse:
    """Buy what I won, by the built-in test payment."""
    found = vouchers_of.application(application, municipality=request.municipality)
    try:
        vouchers.purchase(application=application, by=request.actor, at=request.at)
    except Refusal as refusal:
        if found is None or found.resident != holder_of(request):
            raise
        return sale_answer(request, found.sale, refusal=refusal)
    return redirect("resident:home")


@residents_only
def actions(request: TownRequest) -> HttpResponse:
    """What I can do today; a scanned or typed code of a place records it. What came of it is told after a redirect."""
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            record = _record(request).record
            return redirect(f"{reverse('resident:actions')}?{urlencode({'made': record})}")
        except Refusal as said:
            refusal = said
    holder, town = holder_of(request), request.municipality
    done = points_of.done_by(holder, municipality=town, limit=20)
    made = next((each for each in done if str(each.id) == request.GET.get("made")), None)
    missions = missions_of(holder, municipality=town, at=request.at)
    given = {each.mission: each.yen for each in bonuses_with([made.id])[made.id]} if made else {}
    doable, days = points_of.doable(holder, municipality=town, at=request.at), coming_days(request)
    return page(
        request, "actions", way="get", status=refusal.kind.status if refusal else 200, doable=doable, refusal=refusal,
        done=done, amended_on=next((days[each.programme] for each in doable if each.programme in days), ""),
        made=made, number=uuid4(), typed=request.POST.get("code", ""), missions=missions,
        completed=[{"it": each, "yen": given[each.code]} for each in missions if each.code in given],
        asked=[each for each in photos_of(holder, municipality=town) if each.is_asked],
    )  # fmt: skip


def _record(request: TownRequest) -> points.Recorded:
    """By a place's code, or for an action that needs none (a step counter's report, a deed that others confirm)."""
    code = request.POST.get("code", "").strip()
    action = (
        points_of.action_of_code(code, municipality=request.municipality)
        if code
        else _uuid(request.POST.get("action", ""))
    )
    number = _uuid(request.POST.get("number", ""))
    return points.record_action(action=action, request=number, code=code, by=request.actor, at=request.at)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CODE_WRONG.refusal(field="code") from None


@residents_only
def choose(request: TownRequest, entitlement: UUID) -> HttpResponse:
    """How do I want to receive it: to the bank, or as local money with its bonus.

    A way that is named in the address is only looked at: the button below what it means chooses.
    """
    refusal: Refusal | None = None
    named: Receipt | None = None
    try:
        if request.method == "POST":
            receipt = _receipt(request.POST.get("receipt", ""))
            benefits.choose_receipt(entitlement=entitlement, receipt=receipt, by=request.actor, at=request.at)
            return redirect("resident:get")
        named = _receipt(request.GET["receipt"]) if "receipt" in request.GET else None
    except Refusal as said:
        refusal = said
    mine = benefits_of.benefits_of(holder_of(request), municipality=request.municipality, at=request.at)
    cards = [card for card in benefit_cards(request, mine) if card.it.id == entitlement]
    if not cards:
        if refusal:
            raise refusal
        return redirect("resident:get")
    (card,) = cards
    choice = next((each for each in card.it.choices if each.receipt == named), None)
    return page(
        request, "choose_sure" if choice else "choose", way="get", status=refusal.kind.status if refusal else 200,
        benefit=card.it, card=card, refusal=refusal, choice=choice, lasts=lasts_for(request, card.it.programme),
        amended_on=coming_days(request).get(card.it.programme, ""),
        otherwise=format(RECEIPTS[card.it.otherwise], request.language),
    )  # fmt: skip


def _receipt(text: str) -> Receipt:
    """One of the ways, never a guess: an unknown word is not taken for the bank."""
    try:
        return Receipt(text)
    except ValueError:
        raise WAY_MISSING.refusal(field="receipt") from None
