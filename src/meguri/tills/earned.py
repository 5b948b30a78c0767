"""What a payment earned, told again: for its page, its receipt, and whoever sends the same payment once more.

What was granted stands in the books. Why a campaign gave less than it promises is told from the ceilings as they are
now: what came to nothing left no trace.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from meguri.ledger import queries as books
from meguri.parties.queries import shop_facts
from meguri.programmes import queries as programmes
from meguri.programmes.campaigns import (
    NOBODY_KNOWN,
    Bought,
    CampaignCeiling,
    Chance,
    Earned,
    LiveCampaign,
    Person,
    candidates,
    ceilings_of,
    decide,
    earned,
    payment_facts,
    shop_facts_of,
)
from meguri.programmes.operations import people_of
from meguri.programmes.parts import MoneyPart
from meguri.tills.queries import PaymentView

CHANNELS = ("holder_code", "merchant_code")
"""Payments that campaigns reward: a wallet's own."""


def earned_of(payment: PaymentView, *, municipality: int) -> tuple[Earned, ...]:
    """What campaigns gave for this payment, as it was made; empty where none applied.

    Of a programme that was closed since, what was granted is told; what came to nothing is not.
    """
    if not programmes.were_campaigns(municipality, payment.paid_at):
        return ()
    live = programmes.campaigns_in_force(municipality, payment.paid_at)
    posting = books.posting(payment.id, municipality=municipality)
    if posting is None or posting.about.get("channel") not in CHANNELS:
        return ()
    granted = {(g.programme, g.campaign): g for g in _granted(payment.id, municipality=municipality)}
    bought = _bought(payment, channel=str(posting.about["channel"]), municipality=municipality)
    chance = Chance(bought, candidates(live, bought.facts, at=bought.at))
    told = list(_told(chance, granted, municipality=municipality))
    named = {(each.programme, each.code) for each in told}
    told += [
        Earned(g.programme, g.campaign, g.name, g.yen, g.yen) for key, g in granted.items() if key not in named
    ]  # fmt: skip
    return tuple(told)


def _granted(payment: UUID, *, municipality: int) -> tuple[programmes.CampaignGrant, ...]:
    return programmes.campaign_grants([payment], municipality=municipality).get(payment, ())


def _bought(payment: PaymentView, *, channel: str, municipality: int) -> Bought:
    shop = shop_facts([payment.shop], municipality=municipality)[payment.shop]
    about = payment_facts(amount_yen=payment.amount_yen, at=payment.paid_at, channel=channel)
    paid = sum(yen for kind, yen in payment.parts if kind.part == MoneyPart.PAID)
    return Bought(
        payment.holder, payment.shop, payment.paid_at, payment.amount_yen, paid, {**shop_facts_of(shop), **about}
    )  # fmt: skip


def _told(
    chance: Chance, granted: dict[tuple[UUID, str], programmes.CampaignGrant], *, municipality: int
) -> Iterator[Earned]:
    people = people_of([chance], municipality=municipality)
    for on in dict.fromkeys(live.on for live in chance.live):
        person = people.get((chance.bought.holder, on), NOBODY_KNOWN)
        own = [live for live in chance.live if live.on == on]
        for wish in decide(own, chance.bought, person=person).wishes:
            live = wish.campaign
            found = granted.get((live.programme, live.code))
            yen = found.yen if found else 0
            is_cut = yen < wish.yen
            bit = _at_its_end(live, chance.bought, person=person, municipality=municipality) if is_cut else None
            yield earned(wish, yen, bit=bit)


def _at_its_end(live: LiveCampaign, bought: Bought, *, person: Person, municipality: int) -> CampaignCeiling | None:
    """The first ceiling of which nothing is left now."""
    drawn = ceilings_of(live, bought, household=person.household)
    left = programmes.ceilings_left(drawn, municipality=municipality)
    return next((ceiling for ceiling, yen in left if yen <= 0), None)
