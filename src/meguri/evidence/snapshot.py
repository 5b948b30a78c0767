"""What the sources say of one municipality at one moment, read once, for all indicators and pictures of a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from meguri.evidence.eligible import eligible_people
from meguri.evidence.flows import Flow
from meguri.evidence.reading import ALL_TIME, Reader, opened
from meguri.evidence.survival import Lying
from meguri.programmes import queries as programmes

LAUNCHED = ("launched", "closed")
DIMENSIONS = ("area", "trade", "size_class", "ward")
"""By what places can be told apart: the shop's area, trade and class, and whether it lies in the payer's own ward."""


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """Spending at one place; `programme` None with `in_all`: all programmes together, people counted once.

    `place` is an area, a trade's code, a class of shops, or own/other; empty where it is not known.
    """

    in_all: bool
    programme: UUID | None
    place: str
    yen: int
    payments: int
    holders: int
    shops: int
    largest_shop_yen: int


@dataclass(frozen=True, slots=True)
class TakingsRow:
    """What one shop took; which shop it is, nobody can tell from here."""

    in_all: bool
    programme: UUID | None
    yen: int
    payments: int


@dataclass(frozen=True, slots=True)
class ReachRow:
    """People who received, paid, and paid with money of several programmes."""

    in_all: bool
    programme: UUID | None
    receivers: int
    payers: int
    payers_of_several: int


@dataclass(frozen=True, slots=True)
class WeekRow:
    """A week's yen, by its Monday in Japan. Net of what was taken back, so a week may be below zero."""

    week: date
    programme: UUID | None
    issued_yen: int
    spent_yen: int
    lapsed_yen: int
    banked_yen: int


@dataclass(frozen=True, slots=True)
class BankedRow:
    """What has reached bank accounts: of shops of a place, or (`is_shop` False) of people."""

    programme: UUID | None
    is_shop: bool
    place: str
    yen: int


def flows(read: Reader) -> tuple[Flow, ...]:
    return tuple(Flow(*row) for row in read.rows("fund_flows"))


def places(read: Reader, *, by: str) -> tuple[PlaceRow, ...]:
    """`by`: one of DIMENSIONS. All programmes together first, then each; largest place first."""
    if by not in DIMENSIONS:
        raise ValueError(f"places are told apart by {DIMENSIONS}, not by {by!r}")
    found = (PlaceRow(*row) for row in read.rows("places", by=by))
    return tuple(sorted(found, key=lambda row: (not row.in_all, str(row.programme), -row.yen, row.place)))


def takings(read: Reader) -> tuple[TakingsRow, ...]:
    return tuple(TakingsRow(*row) for row in read.rows("shop_takings"))


def reach(read: Reader) -> tuple[ReachRow, ...]:
    return tuple(ReachRow(*row) for row in read.rows("reach"))


def weeks(read: Reader) -> tuple[WeekRow, ...]:
    found = (WeekRow(*row) for row in read.rows("weeks"))
    return tuple(sorted(found, key=lambda row: (row.week, str(row.programme))))


def banked(read: Reader, *, by: str) -> tuple[BankedRow, ...]:
    return tuple(BankedRow(*row) for row in read.rows("banked", by=by))


def stretches(read: Reader) -> dict[UUID | None, tuple[Lying, ...]]:
    """How long yen lay, by programme."""
    found: dict[UUID | None, list[Lying]] = {}
    for programme, fate, days, in_last_days, yen in read.rows("spending_times"):
        lying = Lying(days=days, is_spent=fate == "spent", yen=yen, in_last_days=in_last_days)
        found.setdefault(programme, []).append(lying)
    return {programme: tuple(each) for programme, each in found.items()}


def eligible(municipality: int) -> dict[UUID, int]:
    """Residents who meet the terms of each programme that was launched."""
    launched = programmes.programmes(municipality, states=LAUNCHED)
    return {each.id: eligible_people(each.id, municipality=municipality) for each in launched}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that a page of indicators needs, of one moment."""

    municipality: int
    until: datetime
    flows: tuple[Flow, ...]
    wards: tuple[PlaceRow, ...]
    sizes: tuple[PlaceRow, ...]
    takings: tuple[TakingsRow, ...]
    reach: tuple[ReachRow, ...]
    stretches: dict[UUID | None, tuple[Lying, ...]]
    eligible: dict[UUID, int]  # residents who meet the terms, by programme


def take(municipality: int, *, until: datetime = ALL_TIME) -> Snapshot:
    """Read all sources at one moment."""
    people = eligible(municipality)
    with opened(municipality, until=until) as read:
        return Snapshot(
            municipality=municipality, until=until, flows=flows(read), wards=places(read, by="ward"),
            sizes=places(read, by="size_class"), takings=takings(read), reach=reach(read), stretches=stretches(read),
            eligible=people,
        )
