"""Payments: the document of the hot route (served by `lean`), refunds, quotes, and what a till sees of its day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec
from ninja import Router, Schema, Status

from meguri.faces.api import paying
from meguri.faces.api.auth import Bearer, IdempotencyKey, IdempotencyKeyOfPart
from meguri.faces.entrance.agreed_split import seal_of
from meguri.faces.entrance.requests import TownRequest
from meguri.parties.rules import require
from meguri.programmes.rules import PurseKindView
from meguri.tills import operations, queries
from meguri.tills.earned import earned_of
from meguri.tills.queries import PaymentView
from meguri.tills.rules import PAYMENT_UNKNOWN
from meguri.words import clock
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal

router = Router()


class PayAsked(Schema):
    """Exactly one of `code` (a till read the holder's code) and `shop_code` (a phone read the shop's).

    With `shop_code`, `shown` may be a quote's signed split: it is paid like that, or refused as `split_changed`, whose
    facts hold the new split (`taken`, `short_yen`) and its seal (`shown`).
    """

    amount_yen: int | str
    code: str = ""
    shop_code: str = ""
    shown: str = ""


class PartRow(Schema):
    purse_kind: UUID
    family: str
    name_ja: str
    name_en: str
    yen: int


class EarnedRow(Schema):
    """What a campaign gave for the payment: `yen`, of the `wished_yen` that it promises; `why_*` says what cut it."""

    programme: UUID
    campaign: str
    name_ja: str
    name_en: str
    yen: int
    wished_yen: int
    why_ja: str = ""
    why_en: str = ""


class PaidGiven(Schema):
    payment: UUID
    status: str
    shop: UUID
    amount_yen: int
    paid_at: datetime
    taken: list[PartRow]
    earned: list[EarnedRow]
    refunded_yen: int = 0


class OutcomeGiven(Schema):
    """What became of a request: `paid`, by `payment`; `unknown`: not so far; `ended`: not paid, and never will be."""

    state: Literal["paid", "unknown", "ended"]
    payment: UUID | None = None


class RefundAsked(Schema):
    """`amount_yen` gives back so much of the payment; without it, all that is left."""

    payment: UUID
    reason: str
    amount_yen: int | None = None


class RefundGiven(Schema):
    refund: UUID
    status: str = "refunded"


class QuotedRow(PartRow):
    """`until`: when the first of this money runs out (null: never)."""

    until: datetime | None


class QuoteGiven(Schema):
    """`shown`: this split, signed, to be sent with the payment; empty where the money does not suffice."""

    amount_yen: int
    short_yen: int
    taken: list[QuotedRow]
    shown: str


class LineRow(Schema):
    posting: UUID
    kind: str
    at: datetime
    amount_yen: int


class DayGiven(Schema):
    on: date
    payments: int
    paid_yen: int
    refunds: int
    refunded_yen: int
    takings_yen: int
    lines: list[LineRow]
    next: UUID | None


@router.post(
    "/pay", operation_id="payments_pay", response={200: PaidGiven, 201: PaidGiven}, auth=Bearer("till.pay")
)
def pay(request: TownRequest, asked: PayAsked, *, idempotency_key: IdempotencyKey) -> object:
    """Pay. 201 when made now; 200 with `status: paid_before` when this Idempotency-Key had already paid.

    In a running server `lean` answers this address; here is the same for whoever runs Django alone.
    """
    wanted = paying.PayRequest(
        amount_yen=asked.amount_yen, code=asked.code, shop_code=asked.shop_code, shown=asked.shown
    )
    payment = paying.ask(wanted, by=request.actor, at=request.at, request=idempotency_key)
    try:
        status, made = paying.paid(operations.pay(payment))
    except Refusal as no:
        raise paying.shown_anew(payment, no) from no
    return Status(status, msgspec.to_builtins(made))


@router.get("/pay/outcome", operation_id="payments_outcome", response=OutcomeGiven, auth=Bearer("till.pay"))
def outcome(request: TownRequest, *, idempotency_key: IdempotencyKey) -> OutcomeGiven:
    """What became of a payment whose answer was lost: asked under its Idempotency-Key. Changes nothing."""
    made = queries.paid_under(idempotency_key.strip(), by=request.actor)
    return OutcomeGiven(state="paid", payment=made) if made else OutcomeGiven(state="unknown")


@router.post("/pay/end", operation_id="payments_end", response=OutcomeGiven, auth=Bearer("till.pay"))
def end(request: TownRequest, *, idempotency_key: IdempotencyKey) -> OutcomeGiven:
    """Make sure of it: a payment that was not made under this Idempotency-Key is never made under it any more."""
    made = operations.end_request(idempotency_key.strip(), by=request.actor)
    return OutcomeGiven(state="paid", payment=made) if made else OutcomeGiven(state="ended")


@router.post("/refunds", operation_id="payments_refund", response=RefundGiven, auth=Bearer("till.refund"))
def refund(
    request: TownRequest, asked: RefundAsked, *, idempotency_key: IdempotencyKeyOfPart = ""
) -> RefundGiven:
    """Give a payment of one's shop back to the purses that it came from: all that is left of it, or a part.

    A part needs an Idempotency-Key, another for each part; sent again under the same key it is the same refund.
    """
    made = operations.refund_payment(
        by=request.actor, at=request.at, shop=request.actor.shop or UUID(int=0), payment=asked.payment,
        reason=asked.reason, amount_yen=asked.amount_yen, request=idempotency_key,
    )  # fmt: skip
    return RefundGiven(refund=made.posting)


def _parts(parts: Iterable[tuple[PurseKindView, int]]) -> list[PartRow]:
    return [PartRow(purse_kind=k.id, family=k.family, name_ja=k.name_ja, name_en=k.name_en, yen=y) for k, y in parts]


@router.get("/quotes", operation_id="payments_quote", response=QuoteGiven, auth=Bearer("till.quote"))
def quote(request: TownRequest, *, shop: UUID, amount_yen: int) -> QuoteGiven:
    """What would pay at this shop, in which order, and what would be left for cash; signed, to be agreed to."""
    holder = request.actor.party or UUID(int=0)
    found = operations.quote_payment(
        by=request.actor, at=request.at, holder=holder, shop=shop, amount_yen=amount_yen
    )
    taken = [QuotedRow(**msgspec.to_builtins(paying.quoted(part, until)))
             for part, until in zip(found.parts, found.ends, strict=True)]  # fmt: skip
    shown = "" if found.short_yen else seal_of(found, holder=holder, shop=shop)
    return QuoteGiven(amount_yen=found.amount_yen, short_yen=found.short_yen, taken=taken, shown=shown)


@router.get("/payments/{payment}", operation_id="payments_see", response=PaidGiven, auth=Bearer("till.pay"))
def see(request: TownRequest, payment: UUID) -> PaidGiven:
    """One payment, for its holder and its shop only."""
    found = queries.payment(payment, municipality=request.actor.municipality, at=request.at)
    mine = request.actor.party if request.actor.role is ActorRole.RESIDENT else request.actor.shop
    if found is None or mine not in (found.holder, found.shop):
        raise PAYMENT_UNKNOWN.refusal(field="payment")
    return PaidGiven(
        payment=found.id, status=_status(found), shop=found.shop, amount_yen=found.amount_yen, paid_at=found.paid_at,
        taken=_parts(found.parts), refunded_yen=found.refunded_yen,
        earned=_earned(found, is_mine=mine == found.holder, municipality=request.actor.municipality),
    )  # fmt: skip


def _earned(found: PaymentView, *, is_mine: bool, municipality: int) -> list[EarnedRow]:
    came = earned_of(found, municipality=municipality)
    told = came if is_mine else [each.for_the_shop() for each in came]
    return [EarnedRow(**msgspec.structs.asdict(each)) for each in paying.earned_parts(told)]


def _status(found: PaymentView) -> str:
    if found.refunded_by:
        return "refunded"
    return "refunded_in_part" if found.refunded_yen else "paid"


@router.get("/till/day", operation_id="till_day", response=DayGiven, auth=Bearer("till.day"))
def day(request: TownRequest, *, on: date | None = None, after: UUID | None = None, limit: int = 20) -> DayGiven:
    """The shop's day and its last payments; `after` is the `next` of the page before."""
    shop, number = request.actor.shop or UUID(int=0), request.actor.municipality
    require(request.actor, "till.day", owner=shop)
    most = min(max(limit, 1), 100)
    found = queries.shop_day(shop, on=on or clock.day(request.at), municipality=number)
    lines = [
        LineRow(posting=n.posting, kind="refund" if n.is_refund else "payment", at=n.at, amount_yen=n.amount_yen)
        for n in queries.till_lines(shop, municipality=number, after=after, limit=most)
    ]
    return DayGiven(
        on=found.on, payments=found.payments, paid_yen=found.paid_yen, refunds=found.refunds,
        refunded_yen=found.refunded_yen, takings_yen=found.takings_yen, lines=lines,
        next=lines[-1].posting if len(lines) == most else None,
    )  # fmt: skip
