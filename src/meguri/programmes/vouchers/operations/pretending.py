"""What the invented shop and the invented card of an invented town tell: signed, through the door of all notices."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from meguri.parties.rules import require
from meguri.programmes.vouchers import orders
from meguri.programmes.vouchers.operations.ordering import is_invented
from meguri.programmes.vouchers.operations.payments import hear
from meguri.programmes.vouchers.orders import OrderView
from meguri.programmes.vouchers.providers import (
    PROVIDER_UNKNOWN,
    InventedProvider,
    NoticeKind,
    Told,
    named_provider,
)
from meguri.words.actor import Actor


def tell_as_provider(*, order: UUID, kind: NoticeKind, by: Actor, at: datetime, now: datetime) -> None:
    """Let the test provider say something of an order. What it has said of it already it does not say again.

    `now`: the true time, for the signature. Order: permission, the order, whether all is invented, then as `hear`.
    Raises Refusal `not_allowed`, `payment_order_unknown`, `payment_provider_unknown`, and as `hear`.
    """
    require(by, "voucher.take_payment", municipality=by.municipality)
    own = orders.order(order, municipality=by.municipality)
    provider = named_provider(InventedProvider.code, invented=is_invented(by.municipality))
    if own.provider != InventedProvider.code or not isinstance(provider, InventedProvider):
        raise PROVIDER_UNKNOWN.refusal()
    if _said(own, kind) is not None:
        return
    reference = own.number.replace("-", "") if own.number else str(own.id)
    told = Told(
        number=f"pretended-{uuid4()}", kind=kind, reference=reference, payment=reference, amount_yen=own.amount_yen,
        currency="JPY", paid_at=at,
    )
    body, headers = provider.send(told, at=now)
    hear(body, provider=provider.code, headers=headers, by=by, at=at, now=now)


def _said(own: OrderView, kind: NoticeKind) -> datetime | None:
    said = {NoticeKind.EARLY: own.early_at, NoticeKind.FINAL: own.final_at, NoticeKind.WITHDRAWN: own.withdrawn_at}
    return said[kind]
