"""The hot route of the tills, in front of Django: read a token, pay, answer. No session, no ORM write, no template.

`POST /api/v1/pay` with `Authorization: Bearer <token>` and `Idempotency-Key: <the client's own number of this sale>`.
The same number sent again is the same payment, for ever; so after a cut line the client simply asks again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings

from meguri.faces.api.auth import actor_of
from meguri.faces.api.problems import MALFORMED, NO_IDEMPOTENCY_KEY, NOT_SIGNED_IN, Problem, problem_of
from meguri.faces.entrance.tokens import town_time
from meguri.ledger.rules import Verdict
from meguri.parties import queries as parties
from meguri.tills import codes, operations
from meguri.tills.rules import SHOP_NOT_REGISTERED, Asked, Payment
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from meguri.words.yen import parse_yen

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

ROUTES = ("/api/v1/pay",)
BODY_BYTES_MAX = 4_096
REQUEST_NUMBER_MAX = 100

_lookups = ThreadPoolExecutor(4, thread_name_prefix="lean")


class PayRequest(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """`code`: the holder's 30 digits, for a till. `shop_code`: the shop's 12 digits, for a phone. Exactly one of them.

    `amount_yen` is a number, or text as people type it (full-width digits, 1,280円).
    """

    amount_yen: int | str
    code: str = ""
    shop_code: str = ""


class PaidPart(msgspec.Struct, kw_only=True):
    """One purse's share of a payment."""

    purse_kind: UUID
    family: str
    name_ja: str
    name_en: str
    yen: int


class Paid(msgspec.Struct, kw_only=True):
    """The answer: `status` is `paid`, or `paid_before` when this request had already been made."""

    payment: UUID
    status: str
    shop: UUID
    amount_yen: int
    paid_at: str
    taken: list[PaidPart]


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request of a lean route."""
    try:
        if scope["method"] != "POST":
            raise Problem(405)
        headers = dict(scope["headers"])
        payment = await _pay(headers, await _body(receive))
        await _answer(send, 200 if payment.repeated else 201, msgspec.json.encode(_paid(payment)))
    except Refusal as refusal:
        status, content = problem_of(refusal)
        await _answer(send, status, content, kind=b"application/problem+json")
    except Problem as problem:
        await _answer(send, problem.status, b'{"status":%d}' % problem.status, kind=b"application/problem+json")


async def _pay(headers: dict[bytes, bytes], body: bytes) -> Payment:
    actor = actor_of(_bearer(headers), scope="till.pay")
    request = headers.get(b"idempotency-key", b"").decode("latin-1").strip()
    if not 0 < len(request) <= REQUEST_NUMBER_MAX:
        raise NO_IDEMPOTENCY_KEY.refusal(field="Idempotency-Key", most=REQUEST_NUMBER_MAX)
    asked = await asyncio.get_running_loop().run_in_executor(_lookups, _asked, actor, _read(body), request)
    prepared = await asyncio.wrap_future(operations.find(asked))
    verdict: Verdict | Refusal
    try:
        verdict = await asyncio.wrap_future(operations.post(prepared))
    except Refusal as refusal:
        verdict = refusal
    return operations.conclude(prepared, verdict)


def _asked(actor: Actor, wanted: PayRequest, request: str) -> Asked:
    at = town_time(actor.municipality)
    amount = wanted.amount_yen if isinstance(wanted.amount_yen, int) else parse_yen(wanted.amount_yen)
    if actor.role is ActorRole.RESIDENT and actor.party:
        shop = _shop_of(codes.parse_shop(wanted.shop_code, host=settings.OFFICIAL_HOST).digits, actor.municipality)
        return operations.ask_at_shop(by=actor, at=at, holder=actor.party, shop=shop, amount_yen=amount, request=request)
    code = codes.parse_holder(wanted.code, host=settings.OFFICIAL_HOST)
    shop = actor.shop or UUID(int=0)
    return operations.ask_with_code(by=actor, at=at, shop=shop, code=code, amount_yen=amount, request=request)


@lru_cache(maxsize=100_000)
def _shop_of(code: str, municipality: int) -> UUID:
    """The shop of a printed code. It never changes; whether the shop is open is looked up with every payment."""
    found = parties.shop_by_code(code, municipality=municipality)
    if found is None:
        raise SHOP_NOT_REGISTERED.refusal(field="shop_code")
    return found.id


def _bearer(headers: dict[bytes, bytes]) -> str:
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NOT_SIGNED_IN.refusal()
    return token.strip()


def _read(body: bytes) -> PayRequest:
    try:
        return msgspec.json.decode(body, type=PayRequest)
    except msgspec.DecodeError as wrong:
        raise MALFORMED.refusal(what=str(wrong)) from None


async def _body(receive: Receive) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Problem(499)
        body += bytes(message.get("body", b""))
        if len(body) > BODY_BYTES_MAX:
            raise Problem(413)
        if not message.get("more_body", False):
            return body


def _paid(payment: Payment) -> Paid:
    taken = [
        PaidPart(purse_kind=kind.id, family=kind.family, name_ja=kind.name_ja, name_en=kind.name_en, yen=yen)
        for kind, yen in payment.parts
    ]
    return Paid(
        payment=payment.id, status="paid_before" if payment.repeated else "paid", shop=payment.shop,
        amount_yen=payment.amount_yen, paid_at=payment.paid_at.isoformat(), taken=taken,
    )  # fmt: skip


async def _answer(send: Send, status: int, content: bytes, *, kind: bytes = b"application/json") -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(content)).encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


async def stop() -> None:
    """Post what still waits when the server ends."""
    await asyncio.to_thread(operations.stop)
