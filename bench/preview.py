"""The preview of a programme for a city of 2.3 million: as an officer waits for it, beside counting the same people.

The register is written by SQL: households of two to three, every age, wards and tax classes of a city. Three documents
ask for more and more facts (everybody who lives here; an age; a household's children and taxes). Each preview counts
anew. Then the same while somebody types: the people are the same, only figures of the document change.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Callable
from datetime import date

from django.core.cache import cache
from django.db import connection

from bench.measures import ROUNDS, progress, tell
from meguri.programmes import queries
from meguri.programmes.shipped import templates
from meguri.programmes.terms import ProgrammeTerms, from_tree, to_tree

RESIDENTS = int(os.environ.get("MEGURI_BENCH_RESIDENTS", "2300000"))
HOUSEHOLDS = max(1, RESIDENTS * 10 // 21)
"""2.1 people live together on average, as in Nagoya."""
PERSON = "('00000000-0000-4000-8000-' || lpad(to_hex(%s::bigint * 10000000 + {number}), 12, '0'))::uuid"


def run() -> None:
    """Print the measures of this group."""
    town = random.randrange(10_000, 10**5)  # noqa: S311 - no secret
    _register(town)
    for name, terms in _documents().items():
        _beside_counting(name, terms, town=town)
    terms = _documents()["age"]
    queries.look_ahead(terms, municipality=town, kept=True)
    waits = [_ms(lambda: queries.look_ahead(terms, municipality=town, kept=True)) for _ in range(20)]
    cache.clear()
    tell(name="preview.while_typing_ms", value=statistics.median(waits), unit="ms", runs=[min(waits), max(waits)])


def _beside_counting(name: str, terms: ProgrammeTerms, *, town: int) -> None:
    previews, counts = [], []
    for step in range(ROUNDS):
        progress(f"preview.{name}: {step + 1}/{ROUNDS}")
        counts.append(_ms(lambda: _count(town)))
        previews.append(_ms(lambda: queries.look_ahead(terms, municipality=town)))
    value, base = statistics.median(previews), statistics.median(counts)
    tell(name=f"preview.{name}_ms", value=value, unit="ms", runs=previews, ratio=value / base,
         against=f"SELECT count(*) of the {RESIDENTS:,} residents: {base:.1f} ms")  # fmt: skip


def _ms(work: Callable[[], object]) -> float:
    begun = time.monotonic()
    work()
    return (time.monotonic() - begun) * 1000


def _count(town: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM parties_resident WHERE municipality = %s", [town])
        return int(cursor.fetchall()[0][0])


def _documents() -> dict[str, ProgrammeTerms]:
    """The voucher of Nagoya, asking for more and more facts of people."""
    tree = to_tree(templates()["nagoya-2025"])
    resident = {"kind": "compare", "field": "resident", "op": "==", "value": True}
    adult = {"kind": "compare", "field": "age", "op": ">=", "value": 18}
    family = [{"kind": "compare", "field": "children", "op": ">=", "value": 1},
              {"kind": "compare", "field": "household_exempt", "op": "==", "value": True}]  # fmt: skip
    asked = {"residents": [resident], "age": [resident, adult], "households": [resident, adult, *family]}
    tree["sources"] = []
    return {
        name: from_tree(tree | {"eligibility": {"who": {"kind": "all", "of": parts}, "on": date(2025, 7, 1)}})
        for name, parts in asked.items()
    }


def _register(town: int) -> None:
    progress(f"preview: {RESIDENTS:,} residents of {HOUSEHOLDS:,} households")
    household, person = (PERSON.format(number=number) for number in ("n", f"{HOUSEHOLDS} + n"))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO parties_household (id, municipality, registered_at)"  # noqa: S608 - our own numbers
            f" SELECT {household}, %s, now() FROM generate_series(1, {HOUSEHOLDS}) AS n", [town, town],
        )  # fmt: skip
        of = PERSON.format(number=f"(n %% {HOUSEHOLDS} + 1)")
        cursor.execute(
            "INSERT INTO parties_resident (id, municipality, household_id, birth_date, ward, tax_class,"  # noqa: S608
            f" moved_in, shielded, registered_at) SELECT {person}, %s, {of}, born, 'ward-' || n %% 16,"
            " (ARRAY['exempt', 'per_capita', 'income', 'income'])[1 + n %% 4], greatest(born, date '2010-04-01'),"
            f" false, now() FROM (SELECT n, date '2025-06-30' - (n::bigint * 7919 %% 34675)::integer AS born"
            f" FROM generate_series(1, {RESIDENTS}) AS n) AS people", [town, town, town],
        )  # fmt: skip
        cursor.execute("ANALYZE parties_resident")
        cursor.execute("ANALYZE parties_household")
