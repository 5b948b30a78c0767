"""A town whose terms let people give: the shipped documents with gifts switched on, and the deeds of givers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.parties import operations as parties
from meguri.programmes.parts import GiftTerms
from meguri.programmes.shipped import shipped
from meguri.programmes.terms import ProgrammeTerms
from meguri.wallets import gifts, queries
from meguri.wallets.gift_codes import code_of
from meguri.wallets.gifts import GiftShown, GiftTaken
from meguri.wallets.operations import open_wallet
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.town import BEFORE, Town, found_town

ON = GiftTerms(days=7, step_yen=500, most_yen=5_000)
IN_JANUARY = datetime(2026, 1, 20, 3, 0, tzinfo=UTC)


def documents(gifts_on: GiftTerms | None = ON, **changes: Any) -> list[ProgrammeTerms]:
    """The shipped documents; gifts are on in the voucher's and the points'."""
    change = msgspec.structs.replace
    return [
        change(each, gifts=None if each.family == "benefit" else gifts_on, demurrage=None, **changes)
        for each in shipped().values()
    ]


@dataclass
class Giving:
    """The town and its two residents: `town.holder` gives, `town.other` receives."""

    town: Town

    @property
    def other(self) -> Actor:
        return self.town.actor(ActorRole.RESIDENT, party=self.town.other)

    def give(self, yen: int = 1_000, *, code: str = "paid", request: str = "", at: datetime | None = None) -> UUID:
        """Make a gift from the holder's purse of this kind; gives its id."""
        kind = self.town.kind(code)
        view = queries.wallet(self.town.holder, municipality=self.town.municipality, at=self.town.at)
        assert view is not None
        expires = next((purse.expires_at for purse in view.purses if purse.kind.id == kind.id), None)
        return gifts.give(
            by=self.town.resident, at=at or self.town.at, holder=self.town.holder, purse_kind=kind.id,
            expires_at=expires, amount_yen=yen, request=request or str(uuid4()),
        )  # fmt: skip

    def code(self, gift: UUID) -> str:
        return code_of(gift, self.town.municipality)

    def take(self, gift: UUID, *, by: Actor | None = None, at: datetime | None = None) -> GiftTaken | Refusal:
        return gifts.take(code=self.code(gift), by=by or self.other, at=at or self.town.at)

    def look(self, gift: UUID, *, by: Actor | None = None, at: datetime | None = None) -> GiftShown | Refusal:
        return gifts.look(code=self.code(gift), by=by or self.other, at=at or self.town.at)

    def take_back(self, gift: UUID, *, by: Actor | None = None, at: datetime | None = None) -> None:
        gifts.take_back(gift=gift, by=by or self.town.resident, at=at or self.town.at)

    def overdue(self, *, at: datetime) -> int:
        return gifts.return_overdue(by=self.town.actor(ActorRole.SYSTEM), at=at)

    def held(self, owner: UUID, role: AccountRole = AccountRole.WALLET) -> int:
        found = books.balances([owner], role, municipality=self.town.municipality)
        return sum(each.amount for each in found)

    def newcomer(self, *, moved_in: date | None = date(2010, 1, 1), birth_date: date = date(1990, 1, 1)) -> Actor:
        """Somebody else with a wallet; without a day of moving in, somebody the register does not know."""
        who, system = uuid4(), self.town.actor(ActorRole.SYSTEM)
        if moved_in is not None:
            entry = parties.ResidentEntry(
                birth_date=birth_date, ward="minato", moved_in=moved_in, household_number=f"h-{who}", id=who
            )
            parties.register_residents([entry], by=system, at=BEFORE)
        open_wallet(who, by=system, at=BEFORE)
        return self.town.actor(ActorRole.RESIDENT, party=who)


def giving(gifts_on: GiftTerms | None = ON, **changes: Any) -> Giving:
    """A town with vouchers and points in the giver's wallet."""
    found = Giving(found_town(documents(gifts_on, **changes)))
    found.town.give("paid", 10_000)
    found.town.give("points", 2_000)
    return found


def later(town: Town, **span: int) -> datetime:
    return town.at + timedelta(**span)
