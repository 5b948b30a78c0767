"""A town with a cause to donate to: the shipped documents, whose points may be donated, and the deeds of givers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.parties.models import Sponsor
from meguri.parties.rules import Both
from meguri.programmes.terms import ProgrammeTerms
from meguri.wallets import donations, queries
from meguri.words.actor import Actor, ActorRole
from meguri.words.period import day_start
from tests.town import Town, found_town

NAME, PURPOSE = Both("子どもの居場所", "A place for children"), Both("放課後の居場所をつくる", "A place after school")
WINTER = (date(2025, 11, 1), date(2026, 1, 31))
END = day_start(date(2026, 2, 1))

Days = tuple[date, date]


@dataclass
class Donating:
    """The town, the organisation that receives, and its cause once two officers have listed it."""

    town: Town
    receiver: UUID
    maker: Actor
    checker: Actor
    cause: UUID = field(default_factory=uuid4)

    def propose(self, *, receiver: UUID | None = None, days: Days = WINTER, name: Both = NAME) -> UUID:
        return donations.propose_cause(
            name=name, purpose=PURPOSE, receiver=receiver or self.receiver, receiver_kind="organisation",
            first=days[0], last=days[1], by=self.maker, at=self.town.at,
        )  # fmt: skip

    def listed(self, *, days: Days = WINTER) -> UUID:
        cause = self.propose(days=days)
        donations.approve_cause(cause, by=self.checker, at=self.town.at)
        return cause

    def donate(
        self, yen: int = 300, *, code: str = "points", request: str = "", at: datetime | None = None,
        cause: UUID | None = None, by: Actor | None = None,
    ) -> UUID:
        by = by or self.town.resident
        assert by.party is not None
        kind = self.town.kind(code)
        view = queries.wallet(by.party, municipality=self.town.municipality, at=self.town.at)
        assert view is not None
        expires = next((purse.expires_at for purse in view.purses if purse.kind.id == kind.id), None)
        return donations.donate(
            cause=cause or self.cause, holder=by.party, purse_kind=kind.id, expires_at=expires, amount_yen=yen,
            request=request or str(uuid4()), by=by, at=at or self.town.at,
        )  # fmt: skip

    def undo(self, donation: UUID, *, by: Actor | None = None, at: datetime | None = None) -> None:
        donations.undo_donation(donation, by=by or self.town.resident, at=at or self.town.at)

    def pass_on(self, *, at: datetime) -> int:
        return donations.pass_on(by=self.town.actor(ActorRole.SYSTEM), at=at)

    def held(self, owner: UUID, role: AccountRole = AccountRole.WALLET) -> int:
        found = books.balances([owner], role, municipality=self.town.municipality)
        return sum(each.amount for each in found)


def donating(documents: Iterable[ProgrammeTerms] | None = None) -> Donating:
    """A listed cause, and 2,000 points and 10,000 yen of vouchers in the giver's wallet."""
    town = found_town(documents)
    found = Donating(town, uuid4(), town.makers["planning"], town.checkers["planning"])
    Sponsor.objects.create(
        id=found.receiver, municipality=town.municipality, name_ja="こども応援の会", name_en="Friends of Children",
        joined_on=date(2025, 4, 1),
    )  # fmt: skip
    found.cause = found.listed()
    town.give("paid", 10_000)
    town.give("points", 2_000)
    return found
