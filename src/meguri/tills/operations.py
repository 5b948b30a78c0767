"""What may be done at a till: show a code, quote, pay, refund.

Paying is *gathered*: it writes nothing but the posting, and everybody who waits at that moment is served together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.refunds import REVERSED_IN_PART
from meguri.ledger.rules import INSUFFICIENT, Account, Verdict
from meguri.ledger.templates import AccountRole
from meguri.notices.operations import send
from meguri.parties import queries as parties
from meguri.parties.rules import Both, require
from meguri.programmes import operations as granting
from meguri.programmes import queries as programmes
from meguri.programmes.rules import spend_order
from meguri.programmes.vocabularies import SHOPS, known
from meguri.tills import codes, paying, queries
from meguri.tills.models import ShownCode
from meguri.tills.rules import (
    CODE_LIFE,
    NOTE_IS_WHOLE,
    PAYMENT_MAX_YEN,
    PAYMENT_UNKNOWN,
    REFUND_EXCEEDS_TAKINGS,
    REFUND_NUMBER_MISSING,
    SHOP_NOT_REGISTERED,
    SPLIT_CHANGED,
    Asked,
    Payment,
    Quote,
    ShownPart,
    asker_of,
    quote,
    request_key,
)
from meguri.tills.wording import refunded
from meguri.wallets import queries as wallets
from meguri.wallets.operations import WALLET_SUSPENDED, WALLET_UNKNOWN
from meguri.words.actor import Actor, ActorRole
from meguri.words.ids import uuid7
from meguri.words.refusal import Refusal
from meguri.words.yen import AMOUNT_OUT_OF_RANGE


def mint_holder_code(*, by: Actor, at: datetime, holder: UUID) -> tuple[codes.HolderCode, datetime]:
    """A fresh code for the holder's screen and the moment it runs out. Only its digest is kept.

    Raises Refusal: wallet_unknown, wallet_suspended.
    """
    require(by, "till.mint_code", owner=holder)
    found = wallets.suspended([holder], municipality=by.municipality)
    if holder not in found:
        raise WALLET_UNKNOWN.refusal()
    if found[holder]:
        raise WALLET_SUSPENDED.refusal()
    code = codes.new_holder_code()
    ShownCode.objects.create(
        id=uuid7(at), municipality=by.municipality, digest=code.digest, holder=holder, minted_at=at,
        expires_at=at + CODE_LIFE,
    )  # fmt: skip
    return code, at + CODE_LIFE


def ask_with_code(
    *, by: Actor, at: datetime, shop: UUID, code: codes.HolderCode, amount_yen: int, request: str
) -> Asked:
    """A till's request: the clerk typed the amount and read the holder's code."""
    require(by, "till.pay", owner=shop)
    _check_amount(amount_yen)
    return Asked(by.municipality, at, f"{by.role}:{by.party}", shop, amount_yen, request, code_digest=code.digest)


def ask_at_shop(
    *,
    by: Actor,
    at: datetime,
    holder: UUID,
    shop: UUID,
    amount_yen: int,
    request: str,
    shown: tuple[ShownPart, ...] = (),
) -> Asked:
    """A holder's request: the phone read the shop's printed code, the holder typed the amount.

    `shown`: the parts that the holder agreed to; the payment is made of these, or refused as `split_changed`.
    """
    require(by, "till.pay", owner=holder)
    _check_amount(amount_yen)
    if shown and sum(part.yen for part in shown) != amount_yen:
        raise SPLIT_CHANGED.refusal()
    who = f"{by.role}:{by.party}"
    return Asked(by.municipality, at, who, shop, amount_yen, request, holder=holder, shown=shown)


def _check_amount(amount_yen: int) -> None:
    if not 1 <= amount_yen <= PAYMENT_MAX_YEN:
        raise AMOUNT_OUT_OF_RANGE.refusal(field="amount_yen", amount=amount_yen, least=1, most=PAYMENT_MAX_YEN)


def pay(asked: Asked) -> Payment:
    """Pay, for pages: blocks until the payment is on disk. Raises the refusal of the request."""
    return paying.submit(asked).result()


def end_request(request: str, *, by: Actor) -> UUID | None:
    """What became of an own request to pay whose answer never came: its payment, or None, and then it is never paid.

    Waits for a payment that is just being made. Whoever wants to pay after that takes a new number.
    """
    asker = asker_of(by)
    require(by, "till.pay", owner=asker)
    return ledger.look_up(request_key(asker, request), municipality=by.municipality, close=True)


async def pay_soon(asked: Asked) -> Payment:
    """The same on an event loop."""
    return await paying.gatherer().ask(asked)


def quote_payment(*, by: Actor, at: datetime, holder: UUID, shop: UUID, amount_yen: int) -> Quote:
    """What would pay, in which order, and what would be left for cash. Moves nothing."""
    require(by, "till.quote", owner=holder)
    _check_amount(amount_yen)
    rules = programmes.rules_in_force(by.municipality, at)
    facts = parties.shop_facts([shop], municipality=by.municipality)
    if shop not in facts:
        raise SHOP_NOT_REGISTERED.refusal(field="shop")
    held = books.balances([holder], AccountRole.WALLET, municipality=by.municipality)
    lots = [balance.lot for balance in held]
    order = spend_order(lots, rules=rules, shop_facts=known(facts[shop], SHOPS), at=at)
    kinds = {lot.id: rules.purse_kinds[lot.purse_kind] for lot in lots if lot.purse_kind and lot.id in order}
    ends = {lot.id: min((end for end in (lot.expires_at, kinds[lot.id].spending.end) if end), default=None)
            for lot in lots if lot.id in kinds}  # fmt: skip
    amounts = {balance.lot.id: balance.amount for balance in held}
    return quote(amount_yen, order=order, held=amounts, kinds=kinds, ends=ends)


def refund_payment(
    *, by: Actor, at: datetime, shop: UUID, payment: UUID, reason: str, amount_yen: int | None = None, request: str = ""
) -> Verdict:
    """Give a payment back to the purses it came from, what they gave last first: `amount_yen` of it, or what is left.

    A payment of which nothing was given back yet is turned round as a whole. `request` is the client's own number of a
    refund in part: sent again, it is the same refund. Whose money it was is told, in the same transaction and once.
    Raises Refusal: payment_unknown (also another shop's), already_reversed, refund_exceeds_payment,
    refund_exceeds_takings, refund_number_missing, amount_out_of_range, note_is_whole.
    """
    require(by, "till.refund", owner=shop)
    found = queries.payment(payment, municipality=by.municipality, at=at)
    if found is None or found.shop != shop:
        raise PAYMENT_UNKNOWN.refusal(field="payment")
    if amount_yen is not None:
        _check_amount(amount_yen)
        if not request:
            raise REFUND_NUMBER_MISSING.refusal(field="Idempotency-Key")
    if found.note and amount_yen is not None:
        if amount_yen != found.amount_yen:
            raise NOTE_IS_WHOLE.refusal(field="amount_yen")
        amount_yen = None  # the note goes back with it
    asked: dict[str, Any] = {
        "municipality": by.municipality, "template": "refund_payment", "at": at, "by": f"{by.role}:{by.party}",
        "about": {"shop": str(shop), "reason": reason[:200]},
    }  # fmt: skip
    given = found.refundable_yen if amount_yen is None else amount_yen
    with transaction.atomic():
        earned = granting.hold_grants(found.id, municipality=by.municipality)
        made = _refund(found, asked, yen=amount_yen, request=request)
        if earned and not made.replayed:
            granting.take_back_campaigns(
                earned, amount_yen=found.amount_yen, refund=made.posting, at=at, municipality=by.municipality
            )
        if not made.replayed and not found.note:  # a booklet of paper notes is nobody who could be told
            _tell(found, given, reason=asked["about"]["reason"], at=at, municipality=by.municipality)
    return made


def _refund(found: queries.PaymentView, asked: dict[str, Any], *, yen: int | None, request: str) -> Verdict:
    try:
        if yen is None:
            return _refund_what_is_left(found, asked)
        key = f"refund:{found.id}:{request}"
        return ledger.reverse_part(found.id, key=key, yen=yen, to=_wallet(found), **asked)
    except Refusal as refusal:
        if refusal.kind is INSUFFICIENT:
            raise REFUND_EXCEEDS_TAKINGS.refusal(available=refusal.facts["available"]) from None
        raise


def _refund_what_is_left(found: queries.PaymentView, asked: dict[str, Any]) -> Verdict:
    """The whole turned round, or the rest of what was given back in part; what was captured is always given in parts.

    A payment is reversed once, so its own id is the request's number.
    """
    if not found.was_held:
        try:
            return ledger.reverse(found.id, key=f"refund:{found.id}", **asked)
        except Refusal as refusal:
            if refusal.kind is not REVERSED_IN_PART:
                raise
    return ledger.reverse_part(found.id, key=f"refund_rest:{found.id}", to=_wallet(found), **asked)


def _tell(found: queries.PaymentView, yen: int, *, reason: str, at: datetime, municipality: int) -> None:
    shop = parties.shop(found.shop, municipality=municipality)
    name = Both(shop.name_ja, shop.name_en) if shop else Both("お店", "The shop")
    told = refunded(yen, shop=name, reason=reason)
    hand = Actor(municipality, ActorRole.SYSTEM)
    send(found.holder, told, channel="in_app", topic="payment.refunded", by=hand, at=at)


def _wallet(found: queries.PaymentView) -> Account:
    return Account(found.holder, AccountRole.WALLET)


def open_till(shop: UUID, *, municipality: int) -> None:
    """Open a shop's accounts. Called when a shop is registered; safe to repeat."""
    open_tills([shop], municipality=municipality)


def open_tills(shops: Sequence[UUID], *, municipality: int) -> None:
    """The same for many shops at once."""
    roles = (AccountRole.SHOP, AccountRole.PAYABLE, AccountRole.PAID_OUT)
    ledger.open_accounts([Account(shop, role) for shop in shops for role in roles], municipality=municipality)


def stop() -> None:
    """End the payments' thread when the process ends; what waits is still served."""
    paying.stop()
