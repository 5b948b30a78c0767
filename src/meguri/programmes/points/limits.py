"""Ceilings as the books keep them: one lot each, shared by all; what a person has used is that person's balance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from meguri.ledger import operations as books
from meguri.ledger import queries as balances
from meguri.ledger.templates import AccountRole
from meguri.programmes.parts import Action
from meguri.programmes.points.offer import Offer, purse_of
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


@dataclass(frozen=True, slots=True)
class Within:
    """A person on whom these bounds lie at a moment; all of one programme."""

    resident: UUID
    bounds: tuple[Ceiling, ...]
    offer: Offer
    at: datetime


def lots_of(bounds: Iterable[Ceiling], *, municipality: int) -> dict[UUID, int]:
    """The lots of ceilings, by what they allow: one look, and those that nobody has touched yet are made, in order."""
    wanted = {each.allowed: each for each in bounds}
    lots = balances.allowance_lots(wanted, municipality=municipality)
    missing = sorted(wanted.keys() - lots.keys())
    made = {allowed: lot_of(wanted[allowed], municipality=municipality) for allowed in missing}
    return lots | made


def left_of(wanted: Sequence[Within], *, lots: Mapping[UUID, int], municipality: int) -> list[dict[UUID, int]]:
    """What each person may still get under each bound, by what it allows; `lots` are those of the ceilings."""
    people = {each.resident for each in wanted}
    used = balances.amounts(people, AccountRole.USED, lots=lots.values(), municipality=municipality)
    held = _held(wanted, municipality=municipality)
    return [
        {
            bound.allowed: bound.most - (
                held[each.resident, each.offer.programme] if bound.unit == "held"
                else used.get((each.resident, lots[bound.allowed]), 0)
            )
            for bound in each.bounds
        }
        for each in wanted
    ]  # fmt: skip


def _held(wanted: Sequence[Within], *, municipality: int) -> Counter[tuple[UUID, UUID]]:
    """What each wallet holds of a programme's points and can still be spent, by resident and programme."""
    asked = {(each.resident, each.offer.programme): each for each in wanted if _has_most(each)}
    found: Counter[tuple[UUID, UUID]] = Counter()
    held = balances.balances({person for person, _ in asked}, AccountRole.WALLET, municipality=municipality)
    kinds = {key: purse_of(each.offer) for key, each in asked.items()}
    for balance in held:
        for (person, programme), each in asked.items():
            is_good = balance.lot.expires_at is None or balance.lot.expires_at > each.at
            if person == balance.account.owner and balance.lot.purse_kind == kinds[person, programme] and is_good:
                found[person, programme] += balance.amount
    return found


def _has_most(each: Within) -> bool:
    return any(bound.unit == "held" for bound in each.bounds)
