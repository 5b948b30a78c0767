"""The posting door: batched payments against one transaction per payment, in the same database, flushed to disk."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg

from bench.measures import progress, side_by_side, tell
from meguri.ledger import operations, poster
from meguri.ledger.door import through_the_door
from meguri.ledger.rules import LEDGER_BUSY, Account, Leg, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.words.gathering import Gatherer

HOLDERS, SHOPS, CALLERS, SECONDS = 20_000, 500, 200, 4.0


class Town:
    """Books with many holders who all have money, and shops."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.at = datetime.now(UTC)
        self.fund, kind = uuid4(), uuid4()
        self.holders = [uuid4() for _ in range(HOLDERS)]
        self.shops = [uuid4() for _ in range(SHOPS)]
        operations.open_municipality(
            municipality=number, code=f"bench-{number}", name_ja="計測町", name_en="Bench Town", kind="sandbox"
        )
        accounts = [Account(self.fund, role) for role in (AccountRole.APPROPRIATION, AccountRole.FUND)]
        accounts += [Account(holder, AccountRole.WALLET) for holder in self.holders]
        accounts += [Account(shop, AccountRole.SHOP) for shop in self.shops]
        operations.open_accounts(accounts, municipality=number)
        self.own = operations.fund_lot(self.fund, municipality=number)
        expires = self.at + timedelta(days=100)
        self.lot = operations.money_lot(municipality=number, fund=self.fund, purse_kind=kind, expires_at=expires)
        self._load()

    def _load(self) -> None:
        budget = Account(self.fund, AccountRole.FUND)
        loaded = Leg(Account(self.fund, AccountRole.APPROPRIATION), budget, 10**12, (self.own,))
        operations.post(self._posting("appropriate", loaded), municipality=self.number)
        legs = [
            Leg(budget, Account(h, AccountRole.WALLET), 10**6, (self.own,), credit_lot=self.lot) for h in self.holders
        ]
        for start in range(0, len(legs), 250):
            batch = [self._posting("grant_points", leg) for leg in legs[start : start + 250]]
            operations.post_batch(batch, municipality=self.number)

    def _posting(self, template: str, leg: Leg) -> Posting:
        return Posting(key=str(uuid4()), template=template, legs=(leg,), at=self.at, by="bench")

    def payment(self, *, shop: UUID | None = None) -> Posting:
        holder = Account(random.choice(self.holders), AccountRole.WALLET)  # noqa: S311 - no secret
        credit = Account(shop or random.choice(self.shops), AccountRole.SHOP)  # noqa: S311 - no secret
        return self._posting("pay", Leg(holder, credit, 10, (self.lot,)))


def single(town: Town, *, shop: UUID | None, connections: int) -> float:
    """One transaction per payment through the same door, prepared, on so many connections."""
    end = time.monotonic() + SECONDS

    def worker(_: int) -> int:
        with poster.connect_as_django() as own:
            done = 0
            while time.monotonic() < end:
                done += _one(own, town, shop)
        return done

    with ThreadPoolExecutor(connections) as pool:
        return sum(pool.map(worker, range(connections))) / SECONDS


def _one(own: psycopg.Connection[tuple[object, ...]], town: Town, shop: UUID | None) -> int:
    try:
        with own.transaction(), own.cursor() as cursor:
            (answer,) = through_the_door(cursor, postings=[town.payment(shop=shop)], municipality=town.number)
    except psycopg.errors.DeadlockDetected:
        return 0
    return int(isinstance(answer, Verdict))


def gathered(town: Town, *, shop: UUID | None, waits: list[float]) -> float:
    """200 callers on an event loop, as the lean routes are; each waits for its own answer before the next payment."""
    own_poster = poster.Poster()
    gatherer: Gatherer[Posting, Verdict] = Gatherer(
        lambda batch: own_poster.post(batch, municipality=town.number), name="bench", busy=LEDGER_BUSY,
        batch_max=1_000, waiting_max=4_000, at_end=own_poster.close,
    )  # fmt: skip
    end = time.monotonic() + SECONDS

    async def caller() -> int:
        done = 0
        while (begun := time.monotonic()) < end:
            await gatherer.ask(town.payment(shop=shop))
            waits.append(time.monotonic() - begun)
            done += 1
        return done

    async def all_callers() -> int:
        return sum(await asyncio.gather(*(caller() for _ in range(CALLERS))))

    done = asyncio.run(all_callers())
    gatherer.close()
    return done / SECONDS


def best_single(town: Town, *, shop: UUID | None) -> float:
    return max(single(town, shop=shop, connections=connections) for connections in (1, 8, 32))


def run() -> None:
    """Print the measures of this group."""
    progress("post: opening the books")
    town = Town(random.randrange(10_000, 10**6))  # noqa: S311 - no secret
    hot = town.shops[0]
    waits: list[float] = []
    side_by_side(
        name="post.batched_vs_single", unit="payments/s", run=lambda: gathered(town, shop=None, waits=waits),
        against="one transaction per payment", control=lambda: best_single(town, shop=None),
    )  # fmt: skip
    p99 = statistics.quantiles(waits, n=100)[98] * 1000
    tell(name="post.callers200_p99_ms", value=p99, unit="ms", runs=[p99])
    side_by_side(
        name="post.hot_vs_single", unit="payments/s", run=lambda: gathered(town, shop=hot, waits=[]),
        against="one transaction per payment", control=lambda: best_single(town, shop=hot),
    )  # fmt: skip
