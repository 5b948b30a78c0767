"""What partners are told is written down once, in the order of the town's log, and never about one person's spending.

The reader of the log (a task of the partner's pages) brings what it read; here it becomes numbered events. A day's
spending is told as a sum, and only when enough people are in it; until then it waits, over as many days as that takes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from meguri.notices.models import PartnerCursor, PartnerEvent, PartnerSum
from meguri.notices.webhook_queries import last_number
from meguri.parties.rules import require
from meguri.words.actor import Actor
from meguri.words.clock import day
from meguri.words.ids import uuid7

PEOPLE_LEAST: Final = 10
"""So many people at least are in a sum of spending that is told."""
SPENT: Final = "fund.spent"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """One thing to be told to `owner`: `data` of JSON values, `ledger_number` the posting that it was."""

    owner: UUID
    topic: str
    ledger_number: int
    happened_at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Spending:
    """What one posting adds to a fund's sums: yen spent in shops, yen that went back to the fund unspent, by whom."""

    owner: UUID
    fund: UUID
    ledger_number: int
    happened_at: datetime
    spent_yen: int = 0
    returned_yen: int = 0
    holders: frozenset[UUID] = frozenset()


@dataclass(slots=True)
class _Told:
    """The events of one turn, numbered by owner."""

    by: Actor
    at: datetime
    numbers: dict[UUID, int] = field(default_factory=dict)
    rows: list[PartnerEvent] = field(default_factory=list)

    def add(self, event: NewEvent) -> None:
        owner, town = event.owner, self.by.municipality
        number = self.numbers[owner] = self.numbers.get(owner, last_number(owner, municipality=town)) + 1
        body = {
            "type": event.topic, "timestamp": event.happened_at.isoformat(), "number": number, "data": event.data,
        }  # fmt: skip
        self.rows.append(PartnerEvent(
            id=uuid7(self.at), municipality=town, owner=owner, number=number, topic=event.topic,
            ledger_number=event.ledger_number, body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
            made_at=self.at,
        ))  # fmt: skip


def read_until(municipality: int) -> int:
    """The number of the last posting of the log that partners were told of."""
    row = PartnerCursor.objects.filter(municipality=municipality).first()
    return row.read_until if row else 0


def tell_partners(found: Sequence[NewEvent | Spending], *, until: int, by: Actor, at: datetime) -> int:
    """Write down what the log said up to the number `until`; gives how many events that made.

    One transaction, the caller's: the events, what waits to be summed and the place in the log change together.
    Order: what was found, in its order (sums of earlier days first), sums that time has closed, the place in the log.
    Raises Refusal `not_allowed`.
    """
    require(by, "event.tell")
    town = by.municipality
    told = _Told(by, at)
    sums = {row.fund: row for row in PartnerSum.objects.filter(municipality=town)}
    for one in found:
        if isinstance(one, NewEvent):
            told.add(one)
            continue
        _close(sums, before=day(one.happened_at), number=one.ledger_number, told=told)
        _sum_up(sums, one, municipality=town)
    _close(sums, before=day(at), number=until, told=told)
    for row in sums.values():
        row.save()
    PartnerEvent.objects.bulk_create(told.rows)
    PartnerCursor.objects.update_or_create(municipality=town, defaults={"read_until": until})
    return len(told.rows)


def _sum_up(sums: dict[UUID, PartnerSum], one: Spending, *, municipality: int) -> None:
    on = day(one.happened_at)
    row = sums.get(one.fund)
    if row is None:
        row = sums[one.fund] = PartnerSum(
            id=uuid7(one.happened_at), municipality=municipality, owner=one.owner, fund=one.fund, first_day=on,
            last_day=on,
        )  # fmt: skip
    is_empty = not (row.holders or row.spent_yen or row.returned_yen)
    row.first_day = on if is_empty else min(row.first_day, on)
    row.last_day = max(row.last_day, on)
    row.spent_yen += one.spent_yen
    row.returned_yen += one.returned_yen
    known = {*row.holders, *(str(each) for each in one.holders)}
    row.holders = sorted(known)[:PEOPLE_LEAST]


def _close(sums: Mapping[UUID, PartnerSum], *, before: date, number: int, told: _Told) -> None:
    """Tell the sums whose last day is over, if enough people are in them; one event for each owner."""
    due: defaultdict[UUID, list[PartnerSum]] = defaultdict(list)
    for row in sums.values():
        if row.last_day < before and len(row.holders) >= PEOPLE_LEAST:
            due[row.owner].append(row)
    for owner, rows in due.items():
        told.add(NewEvent(owner, SPENT, number, told.at, {"funds": [_sum_of(row) for row in rows]}))
        for row in rows:
            row.spent_yen, row.returned_yen, row.holders = 0, 0, []


def _sum_of(row: PartnerSum) -> dict[str, object]:
    return {
        "fund": str(row.fund), "first_day": row.first_day.isoformat(), "last_day": row.last_day.isoformat(),
        "spent_yen": row.spent_yen, "returned_yen": row.returned_yen,
    }  # fmt: skip
