"""What one thread of the tills keeps in memory of a town: its shops, its lots, the rules in force.

PostgreSQL itself says when it changes: triggers on those tables notify (`migrations/0002_news`), and the thread's own
connection listens. News arrives with the answer to the thread's next query, so whoever asks the database something
first (and every batch does: are these wallets good?) then decides by what is true now.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from uuid import UUID

from django.db import connection

from meguri.ledger import queries as books
from meguri.ledger.wall import name_municipality
from meguri.parties import queries as parties
from meguri.parties.queries import ShopFacts
from meguri.programmes import queries as programmes
from meguri.programmes.campaigns import LiveCampaign, candidates, shop_facts_of
from meguri.programmes.rules import PurseKindView, spend_order
from meguri.programmes.vocabularies import SHOPS, known
from meguri.words.predicate import Facts

NEWS = "meguri_tills"
_EVER = datetime.max.replace(tzinfo=UTC)

Accepted = Mapping[int, PurseKindView]
"""The lots that a shop accepts, in spend order, each with its purse kind."""


class TownKnowledge:
    """A municipality as the tills see it, read once."""

    def __init__(self, municipality: int, *, at: datetime) -> None:
        self.municipality = municipality
        self.shops: Mapping[UUID, ShopFacts] = parties.all_shop_facts(municipality)
        self._lots = books.spendable_lots(municipality=municipality, at=at)
        self._accepted: dict[tuple[UUID, int], Accepted] = {}
        self._campaigns: dict[tuple[UUID, int], tuple[LiveCampaign, ...]] = {}
        self._facts: dict[UUID, Facts] = {}

    def accepted(self, shop: UUID, *, at: datetime) -> Accepted:
        """What a shop accepts at `at`; nothing where it is unknown. Worked out once for each span without a change."""
        place = shop, bisect_right(self._turns, at)
        if place not in self._accepted:
            self._accepted[place] = self._work_out(shop, at)
        return self._accepted[place]

    def campaigns(self, shop: UUID, *, at: datetime) -> tuple[LiveCampaign, ...]:
        """The campaigns that a payment in this shop may earn by at `at`, as far as the shop alone tells.

        Worked out once for each shop and span: so a hundred campaigns of other shops cost a payment nothing.
        """
        place = shop, bisect_right(self._turns, at)
        if place not in self._campaigns:
            live = programmes.campaigns_in_force(self.municipality, at) if shop in self.shops else ()
            self._campaigns[place] = candidates(live, self.facts(shop), at=at) if live else ()
        return self._campaigns[place]

    def facts(self, shop: UUID) -> Facts:
        """What campaigns may ask of a shop that is known."""
        if shop not in self._facts:
            self._facts[shop] = shop_facts_of(self.shops[shop])
        return self._facts[shop]

    @cached_property
    def _turns(self) -> list[datetime]:
        """The moments at which the answer may change: money begins or ends to be good, other terms begin to rule."""
        ends = {lot.expires_at for lot in self._lots if lot.expires_at is not None}
        return sorted(ends | programmes.turning_moments(self.municipality))

    def _work_out(self, shop: UUID, at: datetime) -> Accepted:
        if shop not in self.shops:
            return {}
        rules = programmes.rules_in_force(self.municipality, at)
        order = spend_order(self._lots, rules=rules, shop_facts=known(self.shops[shop], SHOPS), at=at)
        kind_of = {lot.id: lot.purse_kind for lot in self._lots if lot.purse_kind}
        return {number: rules.purse_kinds[kind_of[number]] for number in order}


def kinds_of(lots: Iterable[int], *, municipality: int) -> Accepted:
    """The purse kinds of lots that a payment took, whether or not they are still good: asked now, not from memory."""
    found = books.lots(lots, municipality=municipality)
    rules = programmes.rules_in_force(municipality, _EVER)
    return {number: rules.purse_kinds[lot.purse_kind] for number, lot in found.items() if lot.purse_kind}


class Knowledge:
    """All towns that a thread knows. It forgets them when the database has news, or when its connection was lost."""

    def __init__(self) -> None:
        self._listening: object = None
        self._named = 0
        self._towns: dict[int, TownKnowledge] = {}

    def listen(self, municipality: int) -> None:
        """Make sure that this thread's connection listens, and works for this town.

        Call before the query that brings the news.
        """
        connection.ensure_connection()
        raw = connection.connection
        if raw is not self._listening:
            self._towns.clear()
            raw.add_notify_handler(lambda _: self._towns.clear())
            with connection.cursor() as cursor:
                cursor.execute(f"LISTEN {NEWS}")
            self._listening, self._named = raw, 0
        if municipality != self._named:
            name_municipality(municipality)
            self._named = municipality

    def forget_named(self) -> None:
        """Somebody else names a town on this thread's connection."""
        self._named = 0

    def of(self, municipality: int, *, at: datetime) -> TownKnowledge:
        """What is known of a town; read now where nothing is."""
        if municipality not in self._towns:
            self._towns[municipality] = TownKnowledge(municipality, at=at)
        return self._towns[municipality]
