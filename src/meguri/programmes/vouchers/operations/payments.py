"""What providers tell: each notice is kept once, its order is brought to where all its notices put it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from meguri.notices.operations import send
from meguri.notices.rules import Wording
from meguri.parties.rules import Both, require
from meguri.programmes.vouchers import paying, rules, wording
from meguri.programmes.vouchers.models import (
    Application,
    ApplicationState,
    NoticeOutcome,
    OrderState,
    PaymentNotice,
    PaymentOrder,
)
from meguri.programmes.vouchers.offer import Offer, find_offer, require_running
from meguri.programmes.vouchers.operations.applications import office
from meguri.programmes.vouchers.operations.issuing import PaidBy, issue
from meguri.programmes.vouchers.operations.lapsing import free_units
from meguri.programmes.vouchers.operations.ordering import is_invented, locked_order
from meguri.programmes.vouchers.operations.purchases import deadline_of, replace_orders
from meguri.programmes.vouchers.operations.sales import locked_sale
from meguri.programmes.vouchers.operations.withdrawing import withdraw_purchase
from meguri.programmes.vouchers.providers import NoticeKind, Told, final_days, named_provider
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.period import day_of, day_start
from meguri.words.refusal import Refusal

WENT_BACK = {NoticeKind.RETURNED: NoticeOutcome.RETURNED, NoticeKind.DISPUTED: NoticeOutcome.DISPUTED}


@dataclass(frozen=True, slots=True)
class NoticeTaken:
    """What became of a notice. `refusal`: it was kept for the desk and otherwise not taken; to be said to the provider.

    A repeated notice gets the first answer.
    """

    number: str
    outcome: str
    refusal: Refusal | None


def hear(
    body: bytes, *, provider: str, headers: Mapping[str, str], by: Actor, at: datetime, now: datetime
) -> NoticeTaken | None:
    """A provider's request as it came over the wire. None: it says nothing that concerns us. `now`: the true time.

    Order: the signature before anything else, then as `take_notice`.
    Raises Refusal `payment_provider_unknown`, `payment_signature_wrong`, `payment_signature_old`,
    `payment_notice_unreadable`, and as `take_notice`.
    """
    told = named_provider(provider, invented=is_invented(by.municipality)).read(body, headers=headers, at=now)
    return None if told is None else take_notice(told, provider=provider, by=by, at=at)


@transaction.atomic
def take_notice(told: Told, *, provider: str, by: Actor, at: datetime) -> NoticeTaken:
    """Keep a notice, once for ever by its number, and bring its order up to date.

    Not taken, but kept for the department's desk: an unknown order, another amount or currency, a second payment. They
    are answered, not raised, because what is raised rolls back, and with it the record. Money that the provider gave
    back, or that is disputed, changes no wallet by itself: somebody looks into it, because the vouchers may be spent.
    Order: permission, the notice's row (a repeated one waits for the first and gets its answer), the application's row,
    the order's, the facts, the posting or its way back, the notices to the buyer.
    Raises Refusal `not_allowed`, `payment_notice_reused`, `ledger_busy`.
    """
    require(by, "voucher.take_payment", municipality=by.municipality)
    kept, is_new = _keep(told, provider=provider, by=by, at=at)
    if not is_new:
        if kept.digest != told.digest:
            raise paying.NOTICE_REUSED.refusal()
        return _answer(kept, told)
    found = _found(told, provider=provider, by=by)
    if found is None:
        return _set_aside(kept, told, outcome=NoticeOutcome.UNKNOWN_ORDER)
    row, order = locked_order(found.id, by)
    kept.order = order
    if told.kind in WENT_BACK:
        return _set_aside(kept, told, outcome=WENT_BACK[told.kind])
    if told.currency != "JPY" or told.amount_yen != order.amount_yen:
        return _set_aside(kept, told, outcome=NoticeOutcome.WRONG_AMOUNT)
    if told.kind is NoticeKind.FINAL and order.final_at is not None and order.payment != told.payment:
        return _set_aside(kept, told, outcome=NoticeOutcome.PAID_AGAIN)
    kept.outcome = NoticeOutcome.TAKEN
    kept.save(update_fields=["outcome", "order"])
    _learn(order, told, at=at)
    _bring_up_to_date(order, row, by=by, at=at)
    return _answer(kept, told)


def _found(told: Told, *, provider: str, by: Actor) -> PaymentOrder | None:
    """The order by its own number; money that went back may name the payment alone."""
    orders = PaymentOrder.objects.filter(municipality=by.municipality, provider=provider)
    found = orders.filter(reference=told.reference).first()
    if found is None and told.kind in WENT_BACK:
        found = orders.filter(payment=told.payment).first()
    return found


def _keep(told: Told, *, provider: str, by: Actor, at: datetime) -> tuple[PaymentNotice, bool]:
    fresh = PaymentNotice(
        id=uuid7(at), municipality=by.municipality, provider=provider, number=told.number, digest=told.digest,
        kind=told.kind, reference=told.reference, amount_yen=told.amount_yen, currency=told.currency,
        paid_at=told.paid_at, heard_at=at, outcome=NoticeOutcome.UNKNOWN_ORDER,
    )
    PaymentNotice.objects.bulk_create([fresh], ignore_conflicts=True)
    kept = PaymentNotice.objects.get(municipality=by.municipality, provider=provider, number=told.number)
    return kept, kept.id == fresh.id


def _set_aside(kept: PaymentNotice, told: Told, *, outcome: NoticeOutcome) -> NoticeTaken:
    kept.outcome = outcome
    kept.save(update_fields=["outcome", "order"])
    return _answer(kept, told)


def _answer(kept: PaymentNotice, told: Told) -> NoticeTaken:
    due = kept.order.amount_yen if kept.order else 0
    refused: Refusal | None = None
    if kept.outcome == NoticeOutcome.UNKNOWN_ORDER:
        refused = paying.ORDER_UNKNOWN.refusal()
    elif kept.outcome == NoticeOutcome.WRONG_AMOUNT:
        refused = paying.WRONG_AMOUNT.refusal(told=told.amount_yen, currency=told.currency, due=due)
    elif kept.outcome == NoticeOutcome.PAID_AGAIN:
        refused = paying.PAID_AGAIN.refusal(told=told.amount_yen)
    return NoticeTaken(kept.number, kept.outcome, refused)


def _learn(order: PaymentOrder, told: Told, *, at: datetime) -> None:
    """Facts are only ever added, so their order does not matter."""
    if told.kind is NoticeKind.EARLY:
        order.early_at = order.early_at or at
    elif told.kind is NoticeKind.WITHDRAWN:
        order.withdrawn_at = order.withdrawn_at or at
    else:
        order.final_at, order.payment = order.final_at or at, order.payment or told.payment
    if order.paid_at is not None and told.paid_at < order.paid_at and order.refunded_at is None:
        order.because_ja = order.because_en = ""  # paid sooner than was known: it may buy after all
    order.paid_at = min(order.paid_at or told.paid_at, told.paid_at)


def _bring_up_to_date(order: PaymentOrder, row: Application, *, by: Actor, at: datetime) -> None:
    """Issue, take back or promise a refund, as the facts now ask; each at most once."""
    offer = find_offer(row.sale.programme, municipality=row.municipality)
    heard = paying.Heard(
        early=order.early_at is not None, final=order.final_at is not None, withdrawn=order.withdrawn_at is not None,
        issued_on=order.issued_on,
    )
    before, due = order.state, paying.is_due(heard)
    words: tuple[str, Wording] | None = None
    if due and order.posting is None and not order.because_ja:
        words = _serve(order, row, offer=offer, final=heard.final, by=by, at=at)
    elif not due and order.posting is not None:
        words = _withdraw(order, row, offer=offer, by=by, at=at)
    order.state = paying.standing(
        heard, served=order.posting is not None, refunded=order.refunded_at is not None, otherwise=before
    )
    order.save()
    if words is None and order.state == OrderState.EARLY != before:
        words = "voucher.payment_early", _told_early(order, row, offer=offer, at=at)
    if words is None and order.state == OrderState.WITHDRAWN != before:
        words = "voucher.payment_withdrawn", _told_withdrawn(row, offer=offer, back_yen=0, owed_yen=0, at=at)
    if words is not None and (order.posting is None or words[0] != "voucher.payment_early"):
        send(row.resident, words[1], channel="in_app", topic=words[0], by=office(row.municipality), at=at)


def _serve(
    order: PaymentOrder, row: Application, *, offer: Offer, final: bool, by: Actor, at: datetime
) -> tuple[str, Wording] | None:
    """Issue what was paid for if that can still be had; money that is finally ours and buys nothing goes back."""
    assert order.paid_at is not None  # noqa: S101 - a notice has come
    stands, lapsed = row.state == ApplicationState.WON, row.state == ApplicationState.LAPSED
    still = paying.is_served_late(paid_at=order.paid_at, pay_before=order.pay_before, late=order.late)
    in_time = order.paid_at < order.pay_before
    because = paying.PAID_TWICE if row.state == ApplicationState.PURCHASED else paying.PAID_LATE
    if final and lapsed and still and not _is_left(row, units=order.units, by=by):
        because = paying.NOTHING_LEFT
    elif (stands and in_time) or (final and still and (stands or lapsed)):
        refused = _issue(order, row, offer=offer, by=by, at=at)
        if refused is None:
            return None
        because = paying.NOTHING_LEFT if lapsed else Both(refused.sentence("ja"), refused.sentence("en"))
    if not final:
        return None
    order.because_ja, order.because_en = because.ja[:300], because.en[:300]
    words = wording.payment_to_refund(row.number, programme=offer.name, yen=order.amount_yen, because=because)
    return "voucher.payment_to_refund", words


def _is_left(row: Application, *, units: int, by: Actor) -> bool:
    """Whether a right that lapsed can be served without taking what somebody else has a right to.

    The sale is held alone meanwhile. Nobody who holds it waits for an application that has lapsed.
    """
    if not rules.is_drawn(row.sale.allocation):
        return True  # what a line keeps is out of the stock already: the posting itself is judge
    return free_units(locked_sale(row.sale_id, by)) >= units


def _issue(order: PaymentOrder, row: Application, *, offer: Offer, by: Actor, at: datetime) -> Refusal | None:
    """Nothing is left of an attempt that is refused. A busy server is no answer: the provider sends again."""
    paid_by: PaidBy = "card" if order.way == "card" else "slip"
    was = row.state
    try:
        with transaction.atomic():
            require_running(offer)
            replace_orders(row, but=order.id)
            order.posting = issue(row, offer=offer, units=order.units, paid_by=paid_by, by=by, at=at).posting
    except Refusal as refusal:
        if refusal.kind.status >= 500:
            raise
        row.refresh_from_db()
        assert row.state == was  # noqa: S101 - the savepoint was rolled back
        return refusal
    return None


def _withdraw(
    order: PaymentOrder, row: Application, *, offer: Offer, by: Actor, at: datetime
) -> tuple[str, Wording]:
    order.posting = None
    made = withdraw_purchase(row, offer=offer, by=by, at=at)
    words = _told_withdrawn(row, offer=offer, back_yen=made.back_yen, owed_yen=made.owed_yen, at=at)
    return "voucher.payment_withdrawn", words


def _told_withdrawn(row: Application, *, offer: Offer, back_yen: int, owed_yen: int, at: datetime) -> Wording:
    until = rules.said_minute(deadline_of(row)) if row.state == ApplicationState.WON and at < deadline_of(row) else None
    return wording.payment_withdrawn(
        row.number, programme=offer.name, back_yen=back_yen, owed_yen=owed_yen, until=until
    )


def _told_early(order: PaymentOrder, row: Application, *, offer: Offer, at: datetime) -> Wording:
    return wording.payment_early(row.number, programme=offer.name, final_by=rules.said(final_by(order, at=at)))


def final_by(order: PaymentOrder, *, at: datetime) -> datetime:
    """The day on which the final notice should be there at the latest."""
    return day_start(day_of(order.early_at or at) + timedelta(days=final_days(order.provider)))
