"""What a request to pay says, read the same way by the lean route and by Django's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import TypeVar
from uuid import UUID

import msgspec
from django.conf import settings

from meguri.faces.api.problems import NO_IDEMPOTENCY_KEY, NO_JSON, REQUEST_NUMBER_MAX, malformed
from meguri.faces.entrance.agreed_split import read_seal, seal_of
from meguri.ledger.wall import name_municipality
from meguri.parties import queries as parties
from meguri.parties.rules import Both
from meguri.programmes.campaigns import Earned
from meguri.programmes.rules import PurseKindView
from meguri.tills import codes, operations
from meguri.tills.rules import SHOP_NOT_REGISTERED, SPLIT_CHANGED, Asked, Payment, Quote
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal, declare
from meguri.words.yen import parse_yen

SPLIT_NOT_OF_THIS = declare(
    "split_not_of_this", status=422,
    ja="送られた払い方(shown)は、この人・この店・この金額の見積のものではありません。見積をもう一度取ってください。",
    en="The split that was sent (shown) is not of a quote for this holder, shop and sum. Please ask for a quote again.",
)
Form = TypeVar("Form", bound=msgspec.Struct)
_NAMED = re.compile(r"(?:field |at )`(?:\$\.)?(\w+)")


class PayRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`code`: the holder's 30 digits, for a till. `shop_code`: the shop's 12 digits, for a phone. Exactly one of them.

    `amount_yen` is a number, or text as people type it (full-width digits, 1,280円). `shown`: a phone may send the
    split that its holder saw, as `payments_quote` signed it; then this pays, or nothing does.
    """

    amount_yen: int | str
    code: str = ""
    shop_code: str = ""
    shown: str = ""


class PaidPart(msgspec.Struct, kw_only=True):
    """One purse's share of a payment."""

    purse_kind: UUID
    family: str
    name_ja: str
    name_en: str
    yen: int


class QuotedPart(PaidPart, kw_only=True):
    """The same before it is paid; `until`: when the first of this money runs out (null: never)."""

    until: str | None


class EarnedPart(msgspec.Struct, kw_only=True):
    """What a campaign gave for a payment: `yen`, of the `wished_yen` that it promises; `why_*` says what cut it."""

    programme: UUID
    campaign: str
    name_ja: str
    name_en: str
    yen: int
    wished_yen: int
    why_ja: str = ""
    why_en: str = ""


class Paid(msgspec.Struct, kw_only=True):
    """The answer: `status` is `paid`, or `paid_before` when this request had already been made."""

    payment: UUID
    status: str
    shop: UUID
    amount_yen: int
    paid_at: str
    taken: list[PaidPart]
    earned: list[EarnedPart]


def read(body: bytes) -> PayRequest:
    """The request of a body. Raises Refusal `malformed_request`."""
    return decode(body, PayRequest)


def decode(body: bytes, kind: type[Form]) -> Form:
    """What a JSON body says, in this form. Raises Refusal `malformed_request`."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise malformed(_said_of(wrong), field=_field_of(str(wrong))) from None


def _said_of(wrong: Exception) -> Both:
    if isinstance(wrong, msgspec.ValidationError):
        return Both("この値は使えません", str(wrong))
    return NO_JSON


def _field_of(said: str) -> str:
    """The member that msgspec's message names: ``… unknown field `tip` ``, ``Expected `str` - at `$.code` ``."""
    found = _NAMED.search(said)
    return found[1] if found else ""


def ask(wanted: PayRequest, *, by: Actor, at: datetime, request: str) -> Asked:
    """What the till is asked: a resident pays at a shop by its printed code, a shop takes by the holder's code.

    Raises Refusal as `tills` does, `no_idempotency_key`, `shop_not_registered`, `split_not_of_this`.
    """
    number = request.strip()
    if not 0 < len(number) <= REQUEST_NUMBER_MAX or not number.isprintable():
        raise NO_IDEMPOTENCY_KEY.refusal(field="Idempotency-Key", most=REQUEST_NUMBER_MAX)
    amount = wanted.amount_yen if isinstance(wanted.amount_yen, int) else parse_yen(wanted.amount_yen)
    if by.role is ActorRole.RESIDENT and by.party:
        shop = _shop_of(wanted.shop_code, by.municipality)
        shown = read_seal(wanted.shown, holder=by.party, shop=shop, amount_yen=amount) if wanted.shown else ()
        if wanted.shown and not shown:
            raise SPLIT_NOT_OF_THIS.refusal(field="shown")
        return operations.ask_at_shop(
            by=by, at=at, holder=by.party, shop=shop, amount_yen=amount, request=number, shown=shown
        )
    if wanted.shown:
        raise SPLIT_NOT_OF_THIS.refusal(field="shown")
    code = codes.parse_holder(wanted.code, host=settings.OFFICIAL_HOST)
    shop = by.shop or UUID(int=0)
    return operations.ask_with_code(by=by, at=at, shop=shop, code=code, amount_yen=amount, request=number)


def shown_anew(asked: Asked, no: Refusal) -> Refusal:
    """What to answer a refused payment: where its split has changed, the facts hold what would pay now, signed.

    `shown` is empty where the money does not suffice any more (`short_yen`).
    """
    if no.kind is not SPLIT_CHANGED or asked.holder is None:
        return no
    by = Actor(asked.municipality, ActorRole.RESIDENT, asked.holder)
    name_municipality(asked.municipality)
    now = operations.quote_payment(
        by=by, at=asked.at, holder=asked.holder, shop=asked.shop, amount_yen=asked.amount_yen
    )
    return SPLIT_CHANGED.refusal(
        field="shown", amount_yen=asked.amount_yen, short_yen=now.short_yen, shown=sealed(now, asked=asked),
        taken=msgspec.to_builtins([quoted(part, until) for part, until in zip(now.parts, now.ends, strict=True)]),
    )  # fmt: skip


def sealed(now: Quote, *, asked: Asked) -> str:
    """The split as the holder may agree to it."""
    return "" if now.short_yen or asked.holder is None else seal_of(now, holder=asked.holder, shop=asked.shop)


def quoted(part: tuple[PurseKindView, int], until: datetime | None) -> QuotedPart:
    """One purse's share of what would pay."""
    kind, yen = part
    return QuotedPart(
        purse_kind=kind.id, family=kind.family, name_ja=kind.name_ja, name_en=kind.name_en, yen=yen,
        until=until.isoformat() if until else None,
    )  # fmt: skip


@lru_cache(maxsize=100_000)
def _shop_of(text: str, municipality: int) -> UUID:
    """The shop of a printed code. It never changes; whether the shop is open is looked up with every payment."""
    code = codes.parse_shop(text, host=settings.OFFICIAL_HOST)
    name_municipality(municipality)
    found = parties.shop_by_code(code.digits, municipality=municipality)
    if found is None:
        raise SHOP_NOT_REGISTERED.refusal(field="shop_code")
    return found.id


def paid(payment: Payment) -> tuple[int, Paid]:
    """The status (201 made now, 200 made before) and the answer."""
    taken = [
        PaidPart(purse_kind=kind.id, family=kind.family, name_ja=kind.name_ja, name_en=kind.name_en, yen=yen)
        for kind, yen in payment.parts
    ]
    return 200 if payment.repeated else 201, Paid(
        payment=payment.id, status="paid_before" if payment.repeated else "paid", shop=payment.shop,
        amount_yen=payment.amount_yen, paid_at=payment.paid_at.isoformat(), taken=taken,
        earned=earned_parts(payment.earned),
    )  # fmt: skip


def earned_parts(earned: Iterable[Earned]) -> list[EarnedPart]:
    """What campaigns gave, as the API says it."""
    return [
        EarnedPart(
            programme=each.programme, campaign=each.code, name_ja=each.name.ja, name_en=each.name.en, yen=each.yen,
            wished_yen=each.wished_yen, why_ja=each.stop.ja if each.stop else "",
            why_en=each.stop.en if each.stop else "",
        )
        for each in earned
    ]  # fmt: skip
