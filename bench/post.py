"""The posting door: batched payments against single ones and against COPY, in the same database, flushed to disk."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import chain
from itertools import count as count_up
from uuid import UUID, uuid4

import psycopg

from bench.arrivals import Waited, serve
from bench.measures import ROUNDS, as_after_its_first_minutes, progress, side_by_side, tell
from meguri.ledger import operations, poster
from meguri.ledger.door import through_the_door
from meguri.ledger.rules import LEDGER_BUSY, Account, Leg, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.words.gathering import Gatherer

HOLDERS, SHOPS, CALLERS, CROWD, SECONDS = 20_000, 500, 200, 2_000, 4.0
READY = 80_000


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
        expires = self.at + timedelta(days=2_000)
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

    def payment(self, *, shop: UUID | None = None, yen: int = 10) -> Posting:
        holder = Account(random.choice(self.holders), AccountRole.WALLET)  # noqa: S311 - no secret
        credit = Account(shop or random.choice(self.shops), AccountRole.SHOP)  # noqa: S311 - no secret
        return self._posting("pay", Leg(holder, credit, yen, (self.lot,)))


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


def made_ready(town: Town, count: int, *, shop: UUID | None) -> Iterator[Posting]:
    """Payments made before the clock runs: what is measured is the way through the books, not the making of callers."""
    ready = [town.payment(shop=shop) for _ in range(count)]
    return chain(ready, (town.payment(shop=shop) for _ in count_up()))


def gathered(town: Town, *, shop: UUID | None, rate: str) -> Waited:
    """Payers of another process, served as the lean routes serve them: a task for each, and the books' own gatherer."""
    count = int(float(rate) * SECONDS) if rate.isdecimal() else READY
    payments = made_ready(town, count, shop=shop)
    own_poster = poster.Poster()
    gatherer: Gatherer[Posting, Verdict] = Gatherer(
        lambda batch: own_poster.post(batch, municipality=town.number), name="bench", busy=LEDGER_BUSY,
        batch_max=1_000, waiting_max=40_000, at_end=own_poster.close,
    )  # fmt: skip
    gatherer.submit(next(payments)).result()  # the way is open before anybody comes
    try:
        return serve(lambda: gatherer.ask(next(payments)), rate=rate, seconds=SECONDS)
    finally:
        gatherer.close()


def callers(town: Town, *, shop: UUID | None, told: list[Waited]) -> float:
    """200 callers who each wait for their answer before they pay again; what they waited is added to `told`."""
    told.append(waited := gathered(town, shop=shop, rate=f"callers={CALLERS}"))
    return waited.per_s


def best_single(town: Town, *, shop: UUID | None) -> float:
    return max(single(town, shop=shop, connections=connections) for connections in (1, 8, 32))


def through(town: Town, *, size: int = 1_000, broke: float = 0.0) -> float:
    """Batches straight through the door on one connection, made before the clock runs as COPY's rows are.

    `broke`: the share of payers who cannot pay.
    """
    batches = [
        [town.payment(yen=10**9 if random.random() < broke else 10) for _ in range(size)]  # noqa: S311 - no secret
        for _ in range(READY // size)
    ]
    with poster.connect_as_django() as own:
        begun, done = time.monotonic(), 0
        for batch in batches:
            with own.transaction(), own.cursor() as cursor:
                answers = through_the_door(cursor, postings=batch, municipality=town.number)
            if not broke and not all(isinstance(answer, Verdict) for answer in answers):
                raise ValueError("a payment that should have been made was refused: this would measure something else")
            done += size
            if time.monotonic() - begun > SECONDS:
                break
        return done / (time.monotonic() - begun)


BOOKS = ("posting", "posting_key", "entry")


class Copier:
    """COPY of the rows that the door writes (postings, keys, entries) into tables with the same indexes and checks."""

    def __init__(self, town: Town, *, size: int = 1_000) -> None:
        self.size, self.town = size, town
        with poster.connect_as_django() as own:
            own.execute("CREATE SCHEMA IF NOT EXISTS copied")
            for book in BOOKS:
                own.execute(f"CREATE TABLE IF NOT EXISTS copied.{book} (LIKE ledger.{book} INCLUDING ALL)")

    def rate(self) -> float:
        """Payments per second, a thousand a transaction. The rows themselves are made before the clock runs."""
        with poster.connect_as_django() as own:
            rows = [self._rows(own) for _ in range(12)]
            begun = time.monotonic()
            for books in rows:
                with own.transaction(), own.cursor() as cursor:
                    for book, lines in books.items():
                        with cursor.copy(f"COPY copied.{book} FROM STDIN") as copy:
                            copy.write(lines)
            return len(rows) * self.size / (time.monotonic() - begun)

    def _rows(self, own: psycopg.Connection[tuple[object, ...]]) -> dict[str, bytes]:
        """Let the door write a batch, and read back what it wrote."""
        batch = [self.town.payment() for _ in range(self.size)]
        with own.transaction(), own.cursor() as cursor:
            made = through_the_door(cursor, postings=batch, municipality=self.town.number)
        numbers = [str(answer.posting) for answer in made if isinstance(answer, Verdict)]
        return {book: self._read(own, book, numbers) for book in BOOKS}

    def _read(self, own: psycopg.Connection[tuple[object, ...]], book: str, numbers: list[str]) -> bytes:
        by = "id" if book == "posting" else "posting_id"
        wanted = ",".join(f"'{number}'" for number in numbers)
        with own.cursor() as cursor, cursor.copy(
            f"COPY (SELECT * FROM ledger.{book} WHERE {by} IN ({wanted})) TO STDOUT"  # noqa: S608 - our own numbers
        ) as copy:
            return b"".join(bytes(part) for part in copy)


def run() -> None:
    """Print the measures of this group."""
    progress("post: opening the books")
    town = Town(random.randrange(10_000, 10**6))  # noqa: S311 - no secret
    hot = town.shops[0]
    told: list[Waited] = []
    told_hot: list[Waited] = []
    as_after_its_first_minutes()
    side_by_side(
        name="post.batched_vs_single", unit="payments/s", run=lambda: callers(town, shop=None, told=told),
        against="one transaction per payment", control=lambda: best_single(town, shop=None),
    )  # fmt: skip
    tell_waits("post.callers200", told)
    progress(f"post.callers{CROWD}")
    tell_waits(f"post.callers{CROWD}", [gathered(town, shop=None, rate=f"callers={CROWD}") for _ in range(ROUNDS)])
    side_by_side(
        name="post.hot_vs_single", unit="payments/s", run=lambda: callers(town, shop=hot, told=told_hot),
        against="one transaction per payment", control=lambda: best_single(town, shop=hot),
    )  # fmt: skip
    tell_waits("post.hot_callers200", told_hot)
    copier = Copier(town)
    side_by_side(
        name="post.batched_vs_copy", unit="payments/s", run=lambda: through(town),
        against="COPY of the same postings, keys and entries", control=copier.rate,
    )  # fmt: skip
    side_by_side(
        name="post.broke10_vs_clean", unit="payments/s", run=lambda: through(town, broke=0.1),
        against="payers who can all pay", control=lambda: through(town),
    )  # fmt: skip
    as_after_its_first_minutes()
    progress("post.hot_5000ps")
    tell_waits("post.hot_5000ps", [gathered(town, shop=hot, rate="5000") for _ in range(ROUNDS)])


def tell_waits(name: str, told: list[Waited]) -> None:
    """What the payers of several runs waited: the half of them at most, and all but one in a hundred."""
    for part, runs in (("p50", [each.p50_ms for each in told]), ("p99", [each.p99_ms for each in told])):
        tell(name=f"{name}_{part}_ms", value=statistics.median(runs), unit="ms", runs=runs)
