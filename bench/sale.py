"""The Nagasaki morning: 55,000 wallets, 7,432 units, first come, first served, and the tills pay on at 50 a second."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Sum

from bench import pay
from bench.measures import progress, tell
from meguri.faces.entrance.tokens import mint_token
from meguri.parties import operations as parties
from meguri.parties.operations import ResidentEntry
from meguri.programmes import operations as programmes
from meguri.programmes.shipped import shipped
from meguri.programmes.terms import from_tree, to_tree
from meguri.programmes.vouchers import operations as vouchers
from meguri.programmes.vouchers.line import line
from meguri.programmes.vouchers.models import Application, Place
from meguri.words.actor import Actor, ActorRole

PEOPLE = int(os.environ.get("MEGURI_BENCH_PEOPLE", "55000"))
UNITS = int(os.environ.get("MEGURI_BENCH_UNITS", "7432"))
SECONDS = float(os.environ.get("MEGURI_BENCH_SECONDS", "120"))
QUIET, RATE = 30.0, 50.0
LEAST_MS = 25.0
"""Below this a till's wait is felt by nobody, so the ratio of two such waits says nothing."""


def run() -> None:
    """Print the measures of this group."""
    with tempfile.TemporaryDirectory() as folder:
        payments, tokens = Path(folder) / "payments.jsonl", Path(folder) / "tokens"
        payments.write_text("\n".join(json.dumps(each) for each in pay.found()), encoding="utf-8")
        sale = _opened()
        tokens.write_text("\n".join(_tokens()), encoding="utf-8")
        with _server("all") as till, _server("sale") as line_port:
            _tills(till, payments, seconds=5.0)  # connections open, caches fill
            progress(f"sale: {RATE:.0f} payments a second, without a sale")
            alone = _tills(till, payments, seconds=QUIET)
            progress(f"sale: the same while {PEOPLE:,} people come for {UNITS:,} units")
            _tell(sale, alone, *_morning(sale, till=till, line_port=line_port, payments=payments, tokens=tokens))


def _morning(
    sale: UUID, *, till: int, line_port: int, payments: Path, tokens: Path
) -> tuple[dict[str, Any], dict[str, Any], float]:
    """What the tills told, what the crowd told, and after how many seconds the last unit was taken."""
    rush = _start("bench.rush", line_port, str(sale), SECONDS, tokens)
    begun = time.monotonic()
    beside = _start("bench.steady", till, RATE, SECONDS, payments)
    sold_out = 0.0
    while rush.poll() is None:
        if not sold_out and line(sale, municipality=pay.TOWN).left == 0:
            sold_out = time.monotonic() - begun
        time.sleep(0.25)
    return json.loads(beside.communicate()[0]), json.loads(rush.communicate()[0]), sold_out


def _tell(sale: UUID, alone: dict[str, Any], tills: dict[str, Any], crowd: dict[str, Any], sold_out: float) -> None:
    got = Application.objects.filter(sale=sale)
    taken = got.aggregate(units=Sum("units_won"))["units"] or 0
    twice = got.count() - got.values("counted").distinct().count()
    stock = line(sale, municipality=pay.TOWN)
    if taken + stock.left != UNITS:
        raise SystemExit(f"sale: {taken} taken and {stock.left} left are not {UNITS} units")
    progress(f"{Place.objects.filter(sale=sale).count():,} places; answers: {crowd['statuses']}")
    for name, value, unit in (
        ("sale.units_oversold", max(0, taken - UNITS) + twice, "units"),
        ("sale.units_left", stock.left, "units"),
        ("sale.seconds_to_sell_out", sold_out, "s"),
        ("sale.till_errors", tills["errors"], "payments"),
        ("sale.till_p99_ms", tills["p99_ms"], "ms"),
        ("sale.requests_per_s", crowd["per_s"], "requests/s"),
        ("sale.come_p99_ms", crowd["come"]["p99_ms"], "ms"),
        ("sale.look_p99_ms", crowd["look"]["p99_ms"], "ms"),
    ):
        tell(name=name, value=value, unit=unit, runs=[value])
    ratio = max(tills["p99_ms"], LEAST_MS) / max(alone["p99_ms"], LEAST_MS)
    tell(
        name="sale.till_p99_ratio", value=tills["p99_ms"], unit="ms", runs=[tills["p99_ms"]], ratio=ratio,
        against=f"without a sale: {alone['p99_ms']:.1f} ms",
    )  # fmt: skip


def _opened() -> UUID:
    """The shipped voucher as a sale without a draw that is open now; gives the sale."""
    at, today = datetime.now(UTC), datetime.now(UTC).date()
    terms = next(each for each in shipped().values() if each.family == "voucher")
    tree = to_tree(pay.moved(terms, years=at.year - 2025))
    tree["code"], tree["eligibility"]["on"] = "morning", today
    tree["obtaining"]["rounds"] = [{
        "code": "morning", "name": {"ja": "先着販売", "en": "First come"}, "units": UNITS, "allocation": "first_come",
        "purchase": {"first_day": today - timedelta(days=1), "last_day": today + timedelta(days=2)},
    }]  # fmt: skip
    told = [note for note in tree["sources"] if not note["value"].startswith("obtaining.rounds")]
    tree["sources"] = [*told, {"value": "obtaining.rounds", "assumed": "長崎市の2024年1月9日の販売にならった計測"}]
    tree["funds"][0]["amount_yen"] = UNITS * 3_000
    maker = Actor(pay.TOWN, ActorRole.MAKER, uuid4(), terms.department)
    checker = Actor(pay.TOWN, ActorRole.CHECKER, uuid4(), terms.department)
    programme = programmes.draft_programme(terms=from_tree(tree), by=maker, at=at)
    programmes.submit_for_launch(programme=programme, by=maker, at=at)
    programmes.launch(programme=programme, by=checker, at=at)
    return vouchers.open_sale(programme=programme, round_code="morning", by=checker, at=at)


def _tokens() -> Iterator[str]:
    """Everybody's pass, as the page of the sale gives it."""
    system, at = Actor(pay.TOWN, ActorRole.SYSTEM), datetime.now(UTC)
    for start in range(0, PEOPLE, 5_000):
        progress(f"sale: registering people {start:,}/{PEOPLE:,}")
        entries = [
            ResidentEntry(
                birth_date=date(1980, 5, 5), ward="minato", moved_in=date(2000, 4, 1), household_number=f"H{number}",
                number=f"N{number}",
            )
            for number in range(start, min(start + 5_000, PEOPLE))
        ]  # fmt: skip
        for person in parties.register_residents(entries, by=system, at=at):
            actor = Actor(pay.TOWN, ActorRole.RESIDENT, person)
            yield mint_token(actor, scopes=["voucher.purchase"], seconds=3600)


@contextmanager
def _server(role: str) -> Iterator[int]:
    """A server process of this role, as `meguri serve` starts it; gives its port."""
    port = pay.free_port()
    command = [sys.executable, "-m", "meguri.site.server", "--port", str(port)]
    server = subprocess.Popen(command, env={**os.environ, "MEGURI_ROLE": role})
    try:
        pay.wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def _tills(port: int, payments: Path, *, seconds: float) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(_start("bench.steady", port, RATE, seconds, payments).communicate()[0])
    return told


def _start(module: str, port: int, *rest: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", module, "127.0.0.1", str(port), *map(str, rest)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
