"""A lottery over a million applications of households: freeze the list, draw, write; and compute it anew as all can.

The applications are written by SQL: as many households ask for one to five units each, for a fifth of what they want.
The draw is the office's own operation: the list's hash, the awards, the winners' rights in the books, a notice to
everybody, in one transaction. Then the script of the public page recomputes it from the two published files alone.
Last, the drawn order is assigned to the arms of a trial, evenly inside strata (ward by size of the wish).
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from django.db import connection

from bench.measures import ROUNDS, progress, tell
from meguri.ledger import operations as ledger
from meguri.parties.rules import Both
from meguri.programmes import operations as programmes
from meguri.programmes.shipped import shipped
from meguri.programmes.terms import from_tree, to_tree
from meguri.programmes.vouchers import operations as vouchers
from meguri.programmes.vouchers import queries, rules
from meguri.words import draw
from meguri.words.actor import Actor, ActorRole

APPLICATIONS = int(os.environ.get("MEGURI_BENCH_APPLICATIONS", "1000000"))
UNITS = max(1, APPLICATIONS * 3 // 5)
WARDS = 16
OPENED, CLOSED, DRAWN = (datetime(2025, *day, 3, tzinfo=UTC) for day in ((7, 20), (8, 18), (9, 5)))
SCRIPT = Path(__file__).parent.parent / "src" / "meguri" / "faces" / "public" / "draw_check.py"
_APPLY = """
    INSERT INTO vouchers_application (id, municipality, sale_id, number, resident, household, counted, units_applied,
           units_drawn, units_won, units_bought, state, applied_at, paid_by, undone)
    SELECT ('01986000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, %(town)s, %(sale)s,
           overlay(overlay(signs PLACING '-' FROM 5 FOR 0) PLACING '-' FROM 10 FOR 0),
           gen_random_uuid(), household, household, 1 + n %% 5, 0, 0, 0, 'applied', %(at)s, '', 0
      FROM (SELECT n, gen_random_uuid() AS household,
                   upper(lpad(to_hex((n::numeric * 2862933555777 %% 281474976710656)::bigint), 12, '0')) AS signs
              FROM generate_series(1, %(count)s) AS n) AS wishes
"""
"""Ids ascend, as applications come in; receipt numbers run through 48 bits without meeting: the factor is odd."""


@dataclass
class Waits:
    """Seconds of each part, and the most memory that the drawing process held (MB)."""

    freeze: float = 0.0
    draw: float = 0.0
    peak_mb: float = 0.0


def run() -> None:
    """Print the measures of this group."""
    office = _Office()
    sale = office.opened()
    _applied(sale, town=office.town)
    waits = Waits()
    with _peak(waits):
        progress(f"lottery: freezing the list of {APPLICATIONS:,} applications")
        waits.freeze = _s(lambda: vouchers.close_applications(sale=sale, by=office.checker, at=CLOSED))
        progress("lottery: drawing, rights, notices")
        waits.draw = _s(
            lambda: vouchers.draw_lottery(sale=sale, public_value="42580.27", by=office.checker, at=DRAWN)
        )  # fmt: skip
    whole = waits.freeze + waits.draw
    for name, value, unit in (
        ("lottery.million_s", whole, "s"), ("lottery.freeze_s", waits.freeze, "s"),
        ("lottery.peak_mb", waits.peak_mb, "MB"),
    ):  # fmt: skip
        tell(name=name, value=value, unit=unit, runs=[value])
    _recompute(sale, town=office.town)


def _recompute(sale: UUID, *, town: int) -> None:
    """What is published, computed anew: in the office's own way, by the public script, and as a trial's arms."""
    page = queries.draw_page(sale, municipality=town)
    if not page.agrees:
        raise SystemExit("lottery: the draw gives other results")
    seed = draw.Seed(page.secret, page.list_hash, page.public_value)
    entries = [rules.Entry(number, int(units)) for number, units in (line.split(" ") for line in page.lines)]
    tickets = [draw.ticket(each.number, seed) for each in entries]
    sorts, computed = [], []
    for step in range(ROUNDS):
        progress(f"lottery.million_vs_sort: {step + 1}/{ROUNDS}")
        sorts.append(_s(lambda: sorted(tickets)))
        computed.append(_s(lambda: rules.compute_draw(entries, seed=seed, stock=UNITS, allocation="lottery")))
    value, base = statistics.median(computed), statistics.median(sorts)
    tell(name="lottery.million_vs_sort", value=value, unit="s", runs=computed, ratio=value / base,
         against=f"sorting the {len(tickets):,} tickets: {base:.2f} s")  # fmt: skip
    checks = _checked(page)
    tell(name="lottery.draw_check_s", value=statistics.median(checks), unit="s", runs=checks)
    strata = {each.number: f"{place % WARDS}/{each.units}" for place, each in enumerate(entries)}
    order = [award.id for award in page.awards]
    arms = [_s(lambda: draw.arms(order, weights={"none": 2, "letter": 1, "bonus": 1}, strata=strata)) for _ in "123"]
    tell(name="lottery.strata_s", value=statistics.median(arms), unit="s", runs=arms)


def _checked(page: queries.DrawPage) -> list[float]:
    """The seconds of the public script over the published files, as a citizen runs it: start and reading included."""
    facts = {
        "recipe": page.recipe, "allocation": page.allocation, "commitment": page.commitment,
        "list_hash": page.list_hash, "public_value": page.public_value, "secret": page.secret, "units": page.stock,
        "results_digest": page.results_digest,
        "results": [[award.rank, award.id, award.units_won] for award in page.awards],
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        told, listed = Path(folder) / "draw.json", Path(folder) / "list.txt"
        told.write_text(json.dumps(facts), encoding="utf-8")
        listed.write_text(draw.published_list(page.lines), encoding="utf-8")
        command = [sys.executable, "-I", str(SCRIPT), str(told), str(listed)]
        return [_s(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL)) for _ in range(ROUNDS)]


class _Office:
    """A town with the shipped voucher, for as many units, and its two officers."""

    def __init__(self) -> None:
        self.town = random.randrange(10_000, 10**5)  # noqa: S311 - no secret
        ledger.open_municipality(
            municipality=self.town, code=f"bench-{self.town}", name_ja="計測市", name_en="Bench", kind="sandbox"
        )
        self.maker, self.checker = (
            Actor(self.town, role, uuid4(), "commerce") for role in (ActorRole.MAKER, ActorRole.CHECKER)
        )

    def opened(self) -> UUID:
        """The sale, open for applications."""
        tree = to_tree(next(each for each in shipped().values() if each.family == "voucher"))
        tree["obtaining"]["rounds"][0]["units"], tree["obtaining"]["per"] = UNITS, "household"
        tree["funds"][0]["amount_yen"] = UNITS * 3_000
        at = datetime(2025, 7, 1, 3, tzinfo=UTC)
        programme = programmes.draft_programme(terms=from_tree(tree), by=self.maker, at=at)
        programmes.submit_for_launch(programme=programme, by=self.maker, at=at)
        programmes.launch(programme=programme, by=self.checker, at=at)
        named = Both("9月4日の日経平均株価の終値", "the Nikkei 225's close on 4 September")
        code = tree["obtaining"]["rounds"][0]["code"]
        return vouchers.open_sale(
            programme=programme, round_code=code, by=self.checker, at=OPENED, value_named=named
        )  # fmt: skip


def _applied(sale: UUID, *, town: int) -> None:
    progress(f"lottery: {APPLICATIONS:,} households apply")
    with connection.cursor() as cursor:
        cursor.execute(_APPLY, {"town": town, "sale": sale, "at": OPENED, "count": APPLICATIONS})
        cursor.execute("ANALYZE vouchers_application")


def _s(work: Callable[[], object]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


@contextmanager
def _peak(waits: Waits) -> Iterator[None]:
    """The most resident memory of this process meanwhile, as Linux counts it; 0 where it does not."""
    status, refs = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if refs.exists():
        refs.write_text("5", encoding="ascii")  # forget the highest mark so far
    yield
    if status.exists():
        (line,) = [each for each in status.read_text(encoding="ascii").splitlines() if each.startswith("VmHWM")]
        waits.peak_mb = int(line.split()[1]) / 1024
