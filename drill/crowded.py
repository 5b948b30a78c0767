"""Many processes at once want a budget, a stock, a right and a ceiling: nobody ever gets a yen or a piece too many.

Each prize has about half of what is asked for. Afterwards what was got in all, what the books say is left, and what was
there add up exactly. The control takes lock and constraint away, and must give out more than there was.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from django.db import connection

from drill.crowding import Prize
from drill.unlocked import without_lock_and_wall
from meguri.ledger import operations, queries
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole as Role

PROCESSES, HOLDERS, MOST = 4, 40, 9
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Arena:
    """The town, what there is of each prize, and where it lies."""

    municipality: int
    there: int
    prizes: dict[Prize, tuple[Account, int]]

    def left(self, prize: Prize) -> int:
        """What the books say is left of a prize."""
        account, lot = self.prizes[prize]
        return queries.balance(account, lot=lot, municipality=self.municipality)


def arena(number: int, *, there: int) -> Arena:
    """A town of its own with so much of a budget, a stock, a right and a ceiling."""
    operations.open_municipality(
        municipality=number, code=f"drill-{number}", name_ja="訓練町", name_en="Drill", kind="sandbox"
    )
    scarce, rich, sale, owner = (uuid4() for _ in range(4))
    holders = [uuid4() for _ in range(HOLDERS)]
    accounts = [Account(fund, role) for fund in (scarce, rich) for role in (Role.APPROPRIATION, Role.FUND)]
    accounts += [Account(sale, Role.STOCK), *(Account(holder, Role.WALLET) for holder in holders)]
    operations.open_accounts(accounts, municipality=number)
    own = {fund: operations.fund_lot(fund, municipality=number) for fund in (scarce, rich)}
    given = {
        fund: operations.money_lot(municipality=number, fund=fund, purse_kind=uuid4(), expires_at=None) for fund in own
    }
    piece = operations.allowance_lot(municipality=number, allowed=sale, unit="piece")
    right = operations.allowance_lot(municipality=number, allowed=uuid4(), unit="yen")
    ceiling = operations.allowance_lot(municipality=number, allowed=uuid4(), unit="yen", opening=there)
    stock, allowed = Account(sale, Role.STOCK), Account(owner, Role.ALLOWANCE)

    def put(template: str, debit: Account, credit: Account, amount: int, lot: int) -> None:
        posting = Posting(str(uuid4()), template, (Leg(debit, credit, amount, (lot,)),), datetime.now(UTC), "drill")
        operations.post(posting, municipality=number)

    for fund, amount in ((scarce, there), (rich, there * 10)):
        put("appropriate", Account(fund, Role.APPROPRIATION), Account(fund, Role.FUND), amount, own[fund])
    put("allot", Account(sale, Role.ALLOTMENT), stock, there, piece)
    put("allot", Account(owner, Role.ALLOTMENT), allowed, there, right)

    def grant(name: str, fund: UUID, limit: int | None) -> Prize:
        bites = (str(owner), str(Role.ALLOWANCE), limit) if limit else None
        return Prize(
            name, "grant_points", (str(fund), str(Role.FUND)), str(Role.WALLET), (own[fund],), given[fund], bites,
            tuple(map(str, holders)), MOST,
        )  # fmt: skip

    units = Prize(
        "stock", "reserve_unit", (str(sale), str(Role.STOCK)), str(Role.ALLOWANCE), (piece,), None, None,
        tuple(map(str, holders)), MOST,
    )  # fmt: skip
    return Arena(number, there, {
        grant("budget", scarce, None): (Account(scarce, Role.FUND), own[scarce]),
        units: (stock, piece),
        grant("right", rich, right): (allowed, right),
        grant("ceiling", rich, ceiling): (allowed, ceiling),
    })  # fmt: skip


@contextmanager
def crowd(place: Arena, *, tries: int, seed: int) -> Iterator[list[subprocess.Popen[str]]]:
    """The processes, all ready; each will try so many times for each prize."""
    known = connection.get_connection_params()
    server = {name: known[name] for name in ("host", "port", "dbname", "user", "password", "options") if name in known}
    with ExitStack() as stack:
        people = [
            stack.enter_context(subprocess.Popen(
                [sys.executable, "-m", "drill.crowding"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                cwd=ROOT,
            ))
            for _ in range(PROCESSES)
        ]  # fmt: skip
        stack.callback(lambda: [each.kill() for each in people])
        prizes = [asdict(prize) for prize in place.prizes]
        for number, each in enumerate(people):
            say(each, json.dumps({
                "server": server, "municipality": place.municipality, "prizes": prizes, "tries": tries,
                "seed": seed * PROCESSES + number,
            }))  # fmt: skip
        for each in people:
            if hear(each) != "ready":
                raise ChildProcessError("one of the crowd did not come")
        yield people


def say(one: subprocess.Popen[str], line: str) -> None:
    if one.stdin is not None:
        one.stdin.write(f"{line}\n")
        one.stdin.flush()


def hear(one: subprocess.Popen[str]) -> str:
    """A line that it says; empty when it has ended."""
    return one.stdout.readline().strip() if one.stdout is not None else ""


@dataclass(frozen=True, slots=True)
class Got:
    """Of a prize: what there was, what the crowd got, what the books say is left."""

    prize: str
    there: int
    got: int
    left: int

    @property
    def well(self) -> bool:
        """Not a yen too many, none missing, and nearly nothing left although more was wanted."""
        return self.got + self.left == self.there and 0 <= self.left < MOST


def contend(place: Arena, *, tries: int, seed: int) -> list[Got]:
    """Let the crowd try so many times in all for each prize, one prize after the other."""
    found = []
    with crowd(place, tries=tries // PROCESSES, seed=seed) as people:
        for prize in place.prizes:
            for each in people:
                say(each, "go")
            got = sum(int(hear(each)) for each in people)
            found.append(Got(prize.name, place.there, got, place.left(prize)))
    return found


def overspent(number: int, *, tries: int, seed: int) -> dict[str, int]:
    """The control, without lock and constraint: how much more was got of each prize than there was."""
    place = arena(number, there=tries * (MOST + 1) // 4)
    with without_lock_and_wall(number):
        return {each.prize: each.got - each.there for each in contend(place, tries=tries, seed=seed)}


def run(seed: int) -> dict[str, object]:
    """The whole drill, in the drills' own books (`drill.books`)."""
    tries, number = 100_000, 200_000 + 2 * (seed % 100_000)
    found = contend(arena(number, there=tries * (MOST + 1) // 4), tries=tries, seed=seed)
    too_much = overspent(number + 1, tries=4_000, seed=seed)
    well = all(each.well for each in found) and all(more > 0 for more in too_much.values())
    return {
        "name": "drill.crowded", "well": well, "attempts_each": tries,
        "processes": PROCESSES, "found": [asdict(each) for each in found], "control_overspent": too_much,
    }  # fmt: skip
