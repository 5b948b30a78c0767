"""Choosing how to pay: an order for a right that stands, its page at the provider, and the record of a refund."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from meguri.ledger import queries as balances
from meguri.notices.operations import send
from meguri.parties.rules import Both, require
from meguri.programmes.parts import IssuerKind, PaymentWay
from meguri.programmes.payment import WAYS
from meguri.programmes.vouchers import paying, rules, slip_code, wording
from meguri.programmes.vouchers.models import Application, ApplicationState, OrderState, PaymentNotice, PaymentOrder
from meguri.programmes.vouchers.offer import Offer, find_offer, require_running
from meguri.programmes.vouchers.operations.applications import locked_application, office
from meguri.programmes.vouchers.operations.purchases import deadline_of, replace_orders, require_in_time
from meguri.programmes.vouchers.providers import (
    PROVIDER_UNKNOWN,
    Provider,
    Wanted,
    agency_of,
    named_provider,
    provider_for,
)
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.period import day_of, day_start


@transaction.atomic
def open_order(*, application: UUID, way: PaymentWay, by: Actor, at: datetime) -> UUID:
    """A winner chooses a way to pay for all that is theirs; gives the order's id. The same way again is the same order.

    A slip for what a line keeps keeps it until the slip's own day. Order: the application's row, permission, state,
    time, the way, other orders, the row.
    Raises Refusal `voucher_application_unknown`, `not_allowed`, `payment_nothing_due`, `programme_not_launched`,
    `voucher_too_early`, `voucher_too_late`, `voucher_reservation_over`, `payment_way_not_offered`,
    `payment_slip_too_large`, `payment_under_way`.
    """
    row = locked_application(application, by)
    require(by, "voucher.purchase", owner=row.resident, municipality=row.municipality)
    offer = find_offer(row.sale.programme, municipality=row.municipality)
    amount = row.units_won * row.sale.unit_price_yen
    if row.state != ApplicationState.WON or not amount:
        raise paying.NOTHING_DUE.refusal(state=rules.STATES[row.state])
    require_running(offer)
    require_in_time(row, whole=True, at=at)
    provider = _offered(offer, way, municipality=row.municipality)
    if way is PaymentWay.SLIP and amount > slip_code.MOST_YEN:
        raise slip_code.SLIP_TOO_LARGE.refusal(most=slip_code.MOST_YEN, yen=amount)
    known = PaymentOrder.objects.filter(application=row, way=way, state=OrderState.OPEN, pay_before__gt=at).first()
    if known is not None:
        return known.id
    replace_orders(row)
    fresh = _order(row, offer, way=way, provider=provider, at=at)
    if row.pay_before is not None and row.pay_before < fresh.pay_before:
        row.pay_before = fresh.pay_before
        row.save(update_fields=["pay_before"])
    fresh.save(force_insert=True)
    return fresh.id


@transaction.atomic
def prepare_payment(*, order: UUID, back_to: str, by: Actor, at: datetime) -> str:
    """The provider's page for an open order; asked for once, then kept while it is good. Empty: it needs none.

    Order: the application's row, the order's, permission, state, the provider's answer, the row.
    Raises Refusal `payment_order_unknown`, `not_allowed`, `payment_nothing_due`, `payment_provider_unknown`,
    `payment_provider_unreachable`.
    """
    row, kept = locked_order(order, by)
    require(by, "voucher.purchase", owner=row.resident, municipality=row.municipality)
    if kept.state != OrderState.OPEN or at >= kept.pay_before:
        raise paying.NOTHING_DUE.refusal(state=paying.STATES[kept.state])
    if kept.page_until is not None and at < kept.page_until:
        return kept.page
    offer = find_offer(row.sale.programme, municipality=row.municipality)
    wanted = Wanted(
        order=kept.id, reference=kept.reference, amount_yen=kept.amount_yen, title=offer.name.ja,
        pay_before=kept.pay_before, back_to=back_to,
    )
    started = named_provider(kept.provider, invented=is_invented(row.municipality)).start(wanted, at=at)
    kept.page, kept.page_until = started.page, started.until
    kept.save(update_fields=["page", "page_until"])
    return kept.page


@transaction.atomic
def record_refund(*, order: UUID, note: str, by: Actor, at: datetime) -> None:
    """Money that bought nothing has been given back, outside of this program; the note says how. Once.

    Order: the application's row, the order's, permission, state, note, the row, the notice.
    Raises Refusal `payment_order_unknown`, `not_allowed`, `payment_not_to_refund`, `payment_note_missing`.
    """
    row, kept = locked_order(order, by)
    offer = find_offer(row.sale.programme, municipality=row.municipality)
    require(by, "voucher.mend_payment", department=offer.department, municipality=row.municipality)
    if kept.state != OrderState.TO_REFUND:
        raise paying.NOT_TO_REFUND.refusal(state=paying.STATES[kept.state])
    kept.state, kept.refunded_at, kept.refunded_by, kept.refund_note = OrderState.REFUNDED, at, by.party, _note(note)
    kept.save(update_fields=["state", "refunded_at", "refunded_by", "refund_note"])
    words = wording.payment_refunded(row.number, programme=offer.name, yen=kept.amount_yen)
    send(row.resident, words, channel="in_app", topic="voucher.payment_refunded", by=office(row.municipality), at=at)


@transaction.atomic
def look_into(*, notice: UUID, note: str, by: Actor, at: datetime) -> None:
    """A notice that was not taken has been looked into; the note says what was done. Once.

    Raises Refusal `payment_order_unknown`, `not_allowed`, `payment_notice_looked_into`, `payment_note_missing`.
    """
    kept = PaymentNotice.objects.select_for_update().filter(id=notice, municipality=by.municipality).first()
    if kept is None:
        raise paying.ORDER_UNKNOWN.refusal()
    about = kept.order.application.sale.programme if kept.order else None
    own = by.department if about is None else find_offer(about, municipality=kept.municipality).department
    require(by, "voucher.mend_payment", department=own, municipality=kept.municipality)
    if kept.outcome == "taken" or kept.looked_at is not None:
        raise paying.NOTICE_LOOKED_INTO.refusal()
    kept.looked_at, kept.looked_by, kept.note = at, by.party, _note(note)
    kept.save(update_fields=["looked_at", "looked_by", "note"])


def locked_order(order: UUID, by: Actor) -> tuple[Application, PaymentOrder]:
    """The order behind its application, both held until the transaction ends. Raises `payment_order_unknown`."""
    known = PaymentOrder.objects.filter(id=order, municipality=by.municipality).first()
    if known is None:
        raise paying.ORDER_UNKNOWN.refusal()
    row = locked_application(known.application_id, by)
    return row, PaymentOrder.objects.select_for_update().get(id=order)


def is_invented(municipality: int) -> bool:
    """Whether the town is a rehearsed one, where no real money moves."""
    town = balances.municipality(municipality)
    return town is not None and town.kind != "real"


def ways_offered(offer: Offer, *, municipality: int) -> tuple[PaymentWay, ...]:
    """The terms' ways of paying for which somebody takes the money here, in the terms' order."""
    invented = is_invented(municipality)
    return tuple(
        way for way in offer.sale.payment.ways
        if way is PaymentWay.COUNTER or provider_for(way, invented=invented) is not None
    )


def _offered(offer: Offer, way: PaymentWay, *, municipality: int) -> Provider:
    ways = ways_offered(offer, municipality=municipality)
    if way is PaymentWay.COUNTER or way not in ways:
        named = [WAYS[each] for each in ways]
        words = Both("、".join(each.ja for each in named) or "なし", ", ".join(each.en for each in named) or "none")
        raise paying.WAY_NOT_OFFERED.refusal(field="way", ways=words)
    provider = provider_for(way, invented=is_invented(municipality))
    if provider is None:
        raise PROVIDER_UNKNOWN.refusal()
    return provider


def _order(row: Application, offer: Offer, *, way: PaymentWay, provider: Provider, at: datetime) -> PaymentOrder:
    payment, number = offer.sale.payment, uuid7(at)
    fresh = PaymentOrder(
        id=number, municipality=row.municipality, application=row, way=way, provider=provider.code,
        reference=_reference(way, number), units=row.units_won, amount_yen=row.units_won * row.sale.unit_price_yen,
        issued_on=payment.issued_on, late=payment.late, opened_at=at,
        pay_before=_pay_before(row, slip_days=payment.slip_days, way=way, at=at),
    )
    fresh.barcode = _barcode(fresh, offer) if way is PaymentWay.SLIP else ""
    return fresh


def _barcode(fresh: PaymentOrder, offer: Offer) -> str:
    """What a till reads, kept as printed whatever is settled with the agency later.

    A till knows days only: it takes the slip until the last whole one, so that nobody is let pay after the deadline.
    """
    agency = agency_of(fresh.provider)
    if agency is None:
        return ""
    before = PaymentOrder.objects.filter(application=fresh.application_id, way=PaymentWay.SLIP).count()
    last_day = max(day_of(fresh.pay_before) - timedelta(days=1), day_of(fresh.opened_at))
    return slip_code.slip_code(
        agency, number=fresh.reference, again=before, last_day=last_day, amount_yen=fresh.amount_yen,
        is_public=offer.terms.scheme.issuer_kind is IssuerKind.MUNICIPALITY,
    ).digits


def _reference(way: PaymentWay, order: UUID) -> str:
    """A slip needs a number that can be typed at a till; a unique constraint guards it."""
    return paying.slip_number(secrets.randbelow(10**paying.SLIP_DIGITS)) if way is PaymentWay.SLIP else str(order)


def _pay_before(row: Application, *, slip_days: int, way: PaymentWay, at: datetime) -> datetime:
    """A slip is good for so many whole days, within the right's own time; the first in a line prolongs its time."""
    if way is not PaymentWay.SLIP:
        return deadline_of(row)
    own = day_start(day_of(at) + timedelta(days=slip_days + 1))
    if row.pay_before is not None and PaymentOrder.objects.filter(application=row, way=PaymentWay.SLIP).exists():
        own = row.pay_before  # prolonged once: whoever changes to and fro would keep it from the next for ever
    return min(own, row.moved_up_until or row.sale.purchase_until)


def _note(text: str) -> str:
    if not text.strip():
        raise paying.NOTE_MISSING.refusal(field="note")
    return text.strip()[:300]
