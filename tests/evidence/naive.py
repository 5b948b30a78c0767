"""The snapshot's figures once more, row by row and as plainly as can be: slow, and not the SQL under test."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from meguri.evidence.reading import ALL_TIME
from meguri.parties.models import Resident, Shop
from meguri.programmes.models import Fund

JAPAN = ZoneInfo("Asia/Tokyo")
ENTRIES = """
    SELECT e.posting_id, p.template, e.effective_at, d.owner, d.role, e.debit_lot, c.owner, c.role, e.credit_lot,
           e.amount
      FROM ledger.entry e
      JOIN ledger.posting p ON (p.municipality_id, p.id) = (e.municipality_id, e.posting_id)
      JOIN ledger.account d ON (d.municipality_id, d.id) = (e.municipality_id, e.debit_account)
      JOIN ledger.account c ON (c.municipality_id, c.id) = (e.municipality_id, e.credit_account)
     WHERE e.municipality_id = %s ORDER BY e.effective_at, e.posting_id, e.entry_no
"""


@dataclass(frozen=True)
class Entry:
    posting: UUID
    template: str
    at: datetime
    source: UUID
    source_role: str
    source_lot: int
    target: UUID
    target_role: str
    target_lot: int
    yen: int


def monday(at: datetime) -> date:
    day = at.astimezone(JAPAN).date()
    return day - timedelta(days=day.weekday())


class Naive:
    """Everything of a town before `until`, by dictionaries."""

    def __init__(self, municipality: int, *, until: datetime) -> None:
        with connection.cursor() as cursor:
            cursor.execute(ENTRIES, [municipality])
            self.entries = [each for each in (Entry(*row) for row in cursor.fetchall()) if each.at < until]
            cursor.execute("SELECT id, fund, expires_at FROM ledger.lot WHERE municipality_id = %s", [municipality])
            self.lots = {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
            cursor.execute(
                "SELECT id, reverses, effective_at FROM ledger.posting WHERE municipality_id = %s", [municipality]
            )
            turned = [row for row in cursor.fetchall() if row[1] is not None]
        self.until = until
        self.undone = {row[0] for row in turned} | {row[1] for row in turned if row[2] < until}
        self.programmes = dict(Fund.objects.filter(municipality=municipality).values_list("id", "programme_id"))
        self.shops = {each.id: each for each in Shop.objects.filter(municipality=municipality)}
        self.wards = dict(Resident.objects.filter(municipality=municipality).values_list("id", "ward"))

    def programme(self, lot: int) -> UUID | None:
        return self.programmes.get(self.lots[lot][0])

    def payments(self) -> list[tuple[Entry, UUID, UUID, UUID | None, int]]:
        """Entry, holder, shop, programme, yen (below zero: given back)."""
        found = []
        for each in self.entries:
            if (each.source_role, each.target_role) == ("wallet", "shop"):
                found.append((each, each.source, each.target, self.programme(each.source_lot), each.yen))
            if (each.source_role, each.target_role) == ("shop", "wallet"):
                found.append((each, each.target, each.source, self.programme(each.target_lot), -each.yen))
        return found

    def place(self, shop: UUID, holder: UUID, *, by: str) -> str:
        if by != "ward":
            return str(getattr(self.shops[shop], by))
        return "own" if self.shops[shop].area == self.wards[holder] else "other"

    def spent_by(self, by: str) -> dict[tuple[UUID | None, str], int]:
        sums: Counter[tuple[UUID | None, str]] = Counter()
        for _, holder, shop, programme, yen in self.payments():
            sums[programme, self.place(shop, holder, by=by)] += yen
        return {key: yen for key, yen in sums.items() if yen}

    def visitors(self, by: str) -> dict[tuple[UUID | str | None, str], int]:
        """(programme, or "all", and place) -> how many people have a payment there that stands."""
        people: dict[tuple[UUID | str | None, str], set[UUID]] = defaultdict(set)
        for entry, holder, shop, programme, _ in self.payments():
            if entry.posting not in self.undone:
                for key in (programme, "all"):
                    people[key, self.place(shop, holder, by=by)].add(holder)
        return {key: len(who) for key, who in people.items()}

    def weeks(self) -> dict[tuple[UUID | None, date], tuple[int, int, int, int]]:
        """(programme, Monday) -> yen, people, shops, the largest shop's yen."""
        yen: dict[Any, Counter[UUID]] = defaultdict(Counter)
        people: dict[Any, set[UUID]] = defaultdict(set)
        shops: dict[Any, set[UUID]] = defaultdict(set)
        for entry, holder, shop, programme, amount in self.payments():
            key = (programme, monday(entry.at))
            yen[key][shop] += amount
            if entry.posting not in self.undone:
                people[key].add(holder)
                shops[key].add(shop)
        return {
            key: (sum(of.values()), len(people[key]), len(shops[key]), max(of.values())) for key, of in yen.items()
        }

    def reach(self) -> dict[UUID | str | None, tuple[int, int]]:
        """Programme, or "all" -> receivers, payers."""
        received: dict[Any, set[UUID]] = defaultdict(set)
        paid: dict[Any, set[UUID]] = defaultdict(set)
        for each in self.entries:
            if each.posting in self.undone:
                continue
            if each.source_role in ("fund", "cash_received") and each.target_role in ("wallet", "payable"):
                lot = each.target_lot if each.target_role == "wallet" else each.source_lot
                for key in (self.programme(lot), "all"):
                    received[key].add(each.target)
            if (each.source_role, each.target_role) == ("wallet", "shop"):
                for key in (self.programme(each.source_lot), "all"):
                    paid[key].add(each.source)
        keys = received.keys() | paid.keys() | {"all"}
        return {key: (len(received[key]), len(paid[key])) for key in keys}

    def lay(self) -> dict[tuple[UUID | None, str, int], int]:
        """(programme, fate, days) -> yen: purses as queues, one yen stack after the other, first in, first out."""
        queues: dict[tuple[UUID, int], deque[list[Any]]] = defaultdict(deque)
        found: Counter[tuple[UUID | None, str, int]] = Counter()
        stands = [each for each in self.entries if each.posting not in self.undone]
        for each in stands:
            if each.source_role == "wallet":
                fate = {"pay": "spent", "expire": "open"}.get(each.template, "passed")
                self._leave(queues[each.source, each.source_lot], each.yen, fate=fate, at=each.at, found=found,
                            programme=self.programme(each.source_lot))  # fmt: skip
            if each.target_role == "wallet":
                queues[each.target, each.target_lot].append([each.at, each.yen])
        for (_, lot), queue in queues.items():
            seen = self.until if self.until < ALL_TIME else max(each.at for each in self.entries)
            end = min(seen, self.lots[lot][1] or seen)
            for came, yen in queue:
                found[self.programme(lot), "open", days(came, end)] += yen
        return {key: yen for key, yen in found.items() if yen}

    def _leave(
        self, queue: deque[list[Any]], yen: int, *, fate: str, at: datetime, found: Counter[Any], programme: UUID | None
    ) -> None:
        while yen:
            first = queue[0]
            taken = min(yen, first[1])
            found[programme, fate, days(first[0], at)] += taken
            first[1] -= taken
            yen -= taken
            if not first[1]:
                queue.popleft()


def days(came: datetime, went: datetime) -> int:
    return max(0, (went.astimezone(JAPAN).date() - came.astimezone(JAPAN).date()).days)
