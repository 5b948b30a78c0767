"""What I can get: apply for vouchers and buy them, earn points by what I do, choose how to receive a benefit."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import holder_of, page, residents_only
from meguri.programmes.benefits import operations as benefits
from meguri.programmes.benefits import queries as benefits_of
from meguri.programmes.parts import Receipt
from meguri.programmes.points import operations as points
from meguri.programmes.points import queries as points_of
from meguri.programmes.points.rules import CODE_WRONG
from meguri.programmes.vouchers import operations as vouchers
from meguri.programmes.vouchers import queries as vouchers_of
from meguri.words.refusal import Refusal
from meguri.words.yen import parse_yen


@residents_only
@require_GET
def offers(request: TownRequest) -> HttpResponse:
    """Everything that is open to me now, of all three departments, in one list."""
    holder, town = holder_of(request), request.municipality
    sales = [vouchers_of.sale_page(sale, municipality=town) for sale in vouchers_of.sales(town)]
    doable = points_of.doable(holder, municipality=town, at=request.at)
    return page(
        request, "offers", way="get", sales=[each for each in sales if not each.purchasing.is_over(request.at)],
        applications=vouchers_of.applications_of(holder, municipality=town), doable=doable,
        done=points_of.done_by(holder, municipality=town, limit=5),
        benefits=benefits_of.benefits_of(holder, municipality=town, at=request.at),
    )  # fmt: skip


@residents_only
@require_GET
def sale(request: TownRequest, sale: UUID) -> HttpResponse:
    """One sale: what a unit is, until when, how many applied, and my own application."""
    return _sale(request, sale)


def _sale(request: TownRequest, sale: UUID, *, refusal: Refusal | None = None) -> HttpResponse:
    found = vouchers_of.sale_page(sale, municipality=request.municipality)
    mine = [
        a for a in vouchers_of.applications_of(holder_of(request), municipality=request.municipality) if a.sale == sale
    ]
    return page(
        request, "sale", way="get", status=refusal.kind.status if refusal else 200, sale=found,
        mine=next((each for each in mine if each.state != "withdrawn"), None), refusal=refusal,
        units=_unit_options(found.max_units, japanese=request.language == "ja"),
        open=request.at in found.applying, buying=request.at in found.purchasing,
    )  # fmt: skip


def _unit_options(most: int, *, japanese: bool) -> list[dict[str, str]]:
    return [
        {"value": str(n), "label": f"{n}口" if japanese else f"{n} unit{'s' * (n > 1)}"} for n in range(1, most + 1)
    ]


@residents_only
@require_POST
def apply(request: TownRequest, sale: UUID) -> HttpResponse:
    """Apply for units of a sale that is drawn."""
    try:
        units = parse_yen(request.POST.get("units", ""), field="units", most=1000)
        vouchers.apply(sale=sale, units=units, by=request.actor, at=request.at)
    except Refusal as refusal:
        return _sale(request, sale, refusal=refusal)
    return redirect("resident:sale", sale=sale)


@residents_only
@require_POST
def purchase(request: TownRequest, application: UUID) -> HttpResponse:
    """Buy what I won, by the built-in test payment."""
    found = vouchers_of.application(application, municipality=request.municipality)
    try:
        vouchers.purchase(application=application, by=request.actor, at=request.at)
    except Refusal as refusal:
        if found is None:
            raise
        return _sale(request, found.sale, refusal=refusal)
    return redirect("resident:home")


@residents_only
def actions(request: TownRequest) -> HttpResponse:
    """What I can do today; a scanned or typed code of a place records it."""
    refusal: Refusal | None = None
    made: points.Recorded | None = None
    if request.method == "POST":
        try:
            made = _record(request)
        except Refusal as said:
            refusal = said
    holder, town = holder_of(request), request.municipality
    return page(
        request, "actions", way="get", status=refusal.kind.status if refusal else 200,
        doable=points_of.doable(holder, municipality=town, at=request.at), refusal=refusal, made=made,
        done=points_of.done_by(holder, municipality=town, limit=20), number=uuid4(),
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
    """How do I want to receive it: to the bank, or as local money with its bonus."""
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            receipt = Receipt(request.POST.get("receipt", Receipt.BANK))
            benefits.choose_receipt(entitlement=entitlement, receipt=receipt, by=request.actor, at=request.at)
            return redirect("resident:get")
        except Refusal as said:
            refusal = said
    holder = holder_of(request)
    mine = benefits_of.benefits_of(holder, municipality=request.municipality, at=request.at)
    found = next((each for each in mine if each.id == entitlement), None)
    if found is None:
        return redirect("resident:get")
    return page(
        request, "choose", way="get", status=refusal.kind.status if refusal else 200, benefit=found, refusal=refusal
    )
