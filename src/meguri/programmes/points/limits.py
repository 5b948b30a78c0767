"""Ceilings as the books keep them: one lot each, shared by all; what a person has used is that person's balance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from meguri.ledger import operations as books
from meguri.ledger import queries as balances
from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole
from meguri.programmes import queries as programmes
from meguri.programmes.parts import Action
from meguri.programmes.points.offer import Offer
from meguri.programmes.points.rules import Ceiling, ceilings, holding


def lot_of(ceiling: Ceiling, *, municipality: int) -> int:
    """A ceiling in yen opens itself on first touch; times are allotted, as a leg of yen cannot draw on them."""
    if ceiling.unit == "yen":
        return books.allowance_lot(
            municipality=municipality, allowed=ceiling.allowed, unit="yen", opening=ceiling.most
        )
    return books.allowance_lot(municipality=municipality, allowed=ceiling.allowed, unit="piece")


def bounds_of(offer: Offer, action: Action, *, on: date) -> tuple[Ceiling, ...]:
    """All that bounds an action of a day: the ceilings of the terms, and how much may be held at once."""
    drawn_on = ceilings(offer.programme, obtaining=offer.granting, action=action, on=on)
    most = offer.terms.limits.balance_max_yen
    return drawn_on if most is None else (*drawn_on, holding(offer.programme, most))


def left_of(
    bounds: Sequence[Ceiling], resident: UUID, *, offer: Offer, at: datetime
) -> dict[UUID, int]:
    """What a person may still get under each bound, by what it allows."""
    return {each.allowed: each.most - _taken(each, resident, offer=offer, at=at) for each in bounds}


def _taken(bound: Ceiling, resident: UUID, *, offer: Offer, at: datetime) -> int:
    if bound.unit == "held":
        return _held(resident, offer=offer, at=at)
    used = Account(resident, AccountRole.USED)
    lot = lot_of(bound, municipality=offer.municipality)
    return balances.balance(used, lot=lot, municipality=offer.municipality)


def _held(resident: UUID, *, offer: Offer, at: datetime) -> int:
    """What the wallet holds of the programme and can still be spent."""
    kind = programmes.purse_kind(offer.programme, offer.granting.purse, municipality=offer.municipality)
    assert kind is not None  # noqa: S101 - a launched programme has its purse kinds
    held = balances.balances([resident], AccountRole.WALLET, municipality=offer.municipality)
    return sum(
        each.amount for each in held
        if each.lot.purse_kind == kind.id and (each.lot.expires_at is None or each.lot.expires_at > at)
    )  # fmt: skip
