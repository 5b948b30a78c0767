"""What the books say of one municipality at one moment, read once, for all indicators and pictures of all pages.

It holds sums only, no person and no shop's name, so it is small however long the books are, and can be kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import msgspec

from meguri.evidence.arms import ArmRow
from meguri.evidence.edge import EdgeRow
from meguri.evidence.eligible import eligible_people
from meguri.evidence.flows import Flow, WeekRow
from meguri.evidence.lottery import DrawnRow
from meguri.evidence.places import PlaceRow, Taking, Visitors, places
from meguri.evidence.reading import ALL_TIME, read, rows
from meguri.evidence.survival import Lying
from meguri.programmes import queries as programmes

__all__ = ["BankedRow", "PayersRow", "PlaceRow", "ReachRow", "Snapshot", "Stretch", "WeekRow", "take"]

LAUNCHED = ("launched", "closed")
SOURCES = ("flows", "takings", "visitors", "payers", "reach", "banked", "spending_times", "lottery", "edge", "arms")


@dataclass(frozen=True, slots=True)
class ReachRow:
    """People who received, paid, and paid with money of several programmes."""

    in_all: bool
    programme: UUID | None
    receivers: int
    payers: int
    payers_of_several: int


@dataclass(frozen=True, slots=True)
class PayersRow:
    """A programme's week (its Monday in Japan): what was paid, by how many people, at how many shops."""

    programme: UUID | None
    week: date
    yen: int
    people: int
    shops: int
    largest_shop_yen: int


@dataclass(frozen=True, slots=True)
class BankedRow:
    """What has reached bank accounts: of shops of an area and trade, or (`is_shop` False) of people."""

    programme: UUID | None
    is_shop: bool
    area: str
    trade: str
    yen: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Yen of a programme that lay as long. `fate`: spent, open, or passed (sent on, taken back)."""

    programme: UUID | None
    fate: str
    days: int
    in_last_days: bool
    yen: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that pages of evidence need, of one moment. `eligible`: residents who meet the terms, by programme."""

    municipality: int
    until: datetime
    flows: tuple[Flow, ...] = ()
    takings: tuple[Taking, ...] = ()
    visitors: tuple[Visitors, ...] = ()
    payers: tuple[PayersRow, ...] = ()
    reach: tuple[ReachRow, ...] = ()
    banked: tuple[BankedRow, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    drawn: tuple[DrawnRow, ...] = ()
    edges: tuple[EdgeRow, ...] = ()
    arms: tuple[ArmRow, ...] = ()
    eligible: tuple[tuple[UUID, int], ...] = ()

    def places(self, by: str) -> tuple[PlaceRow, ...]:
        """Spending by area, trade, size_class or ward: all programmes together first, then each."""
        return places(self.takings, self.visitors, by=by)

    def lying(self, programme: UUID | None) -> tuple[Lying, ...]:
        """How long yen of one programme lay, or of all."""
        return tuple(
            Lying(days=one.days, is_spent=one.fate == "spent", yen=one.yen, in_last_days=one.in_last_days)
            for one in self.stretches if programme is None or one.programme == programme
        )


READER = msgspec.json.Decoder(Snapshot)
"""Made with the module, and with it what is known of all its rows: threads that find types unprepared at the same
moment end the whole process.
"""


def flows(municipality: int, *, until: datetime = ALL_TIME) -> tuple[Flow, ...]:
    """The movements alone, for the sums of money at any moment."""
    return rows(read(municipality, ["flows"], until=until), "flows", row=Flow)


def eligible(municipality: int) -> dict[UUID, int]:
    """Residents who meet the terms of each programme that was launched."""
    launched = programmes.programmes(municipality, states=LAUNCHED)
    return {each.id: eligible_people(each.id, municipality=municipality) for each in launched}


def take(municipality: int, *, until: datetime = ALL_TIME) -> Snapshot:
    """Read all sources at one moment."""
    found = read(municipality, SOURCES, until=until)
    return Snapshot(
        municipality=municipality, until=until, flows=rows(found, "flows", row=Flow),
        takings=rows(found, "takings", row=Taking), visitors=rows(found, "visitors", row=Visitors),
        payers=rows(found, "payers", row=PayersRow), reach=rows(found, "reach", row=ReachRow),
        banked=rows(found, "banked", row=BankedRow), stretches=rows(found, "spending_times", row=Stretch),
        drawn=rows(found, "lottery", row=DrawnRow), edges=rows(found, "edge", row=EdgeRow),
        arms=rows(found, "arms", row=ArmRow),
        eligible=tuple(eligible(municipality).items()),
    )  # fmt: skip
