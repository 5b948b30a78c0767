"""Entries lie in months: nothing is lost when a month is turned, and what is asked of a day reads that month alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.resources import files
from itertools import pairwise
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from meguri.ledger import operations, queries
from meguri.words.ids import uuid7
from tests.ledger.conftest import Books, open_books

pytestmark = pytest.mark.django_db
FAR = datetime(2031, 5, 20, tzinfo=UTC)


@pytest.fixture
def town(db: None) -> Books:
    return open_books()


def months() -> dict[str, str]:
    """Partition -> its bounds, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, pg_get_expr(c.relpartbound, c.oid)"
            " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = 'ledger.entry'::regclass ORDER BY 2"
        )
        return dict(cursor.fetchall())


def month_of_today() -> str:
    """The partition in which the tests' own entries lie."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM ledger.entry LIMIT 1")
        return str(cursor.fetchone()[0]).removeprefix("ledger.")


def first_number(at: datetime) -> UUID:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger.first_number(%s)", [at])
        number: UUID = cursor.fetchone()[0]
        return number


def read_by(query: str, *params: object) -> set[str]:
    """The months that a statement reads: those whose scan was begun."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", params)
        plan = cursor.fetchone()[0]
    found: set[str] = set()
    waiting = [plan[0]["Plan"]]
    while waiting:
        node = waiting.pop()
        waiting += node.get("Plans", [])
        if node.get("Relation Name", "").startswith("entry_") and node.get("Actual Loops", 0):
            found.add(node["Relation Name"])
    return found


def test_a_month_is_turned_once(db: None) -> None:
    assert operations.turn_month(at=FAR)
    assert not operations.turn_month(at=FAR)
    assert not operations.turn_month(at=FAR - timedelta(days=400))
    assert operations.turn_month(at=FAR + timedelta(days=31))
    assert {"entry_until_2031_06", "entry_until_2031_07", "entry_open"} <= months().keys()


def test_months_leave_no_gap_between_them(db: None) -> None:
    for ahead in (0, 31, 200):
        operations.turn_month(at=FAR + timedelta(days=ahead))
    bounds = [bound.removeprefix("FOR VALUES FROM (").removesuffix(")").split(") TO (") for bound in months().values()]
    bounds.sort(key=lambda bound: bound[0] if bound[0] != "MINVALUE" else "")
    assert bounds[0][0] == "MINVALUE"
    assert bounds[-1][1] == "MAXVALUE"
    assert all(earlier[1] == later[0] for earlier, later in pairwise(bounds))


def test_the_books_are_the_same_after_a_month_was_turned(town: Books) -> None:
    town.appropriate(1000)
    town.grant(300)
    before = queries.trial_balance(municipality=town.municipality)
    operations.turn_month(at=FAR)
    town.grant(200)
    assert town.holds(town.holder, "wallet") == 500
    assert len(queries.statement(town.account(town.holder, "wallet"), municipality=town.municipality)) == 2
    assert len(queries.trial_balance(municipality=town.municipality)) == len(before)


@pytest.mark.parametrize("deed", ["TRUNCATE ledger.{}", "DELETE FROM ledger.{}", "UPDATE ledger.{} SET amount = 1"])
def test_a_turned_month_is_guarded_like_the_whole(town: Books, deed: str) -> None:
    town.appropriate(1000)  # the guard of rows speaks up where there is a row
    operations.turn_month(at=FAR)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(deed.format(month_of_today()))


def test_the_open_part_cannot_be_emptied_either(town: Books) -> None:
    operations.turn_month(at=FAR)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE ledger.entry_open")


def test_one_posting_is_looked_for_in_its_month_alone(town: Books) -> None:
    operations.turn_month(at=FAR)
    operations.turn_month(at=FAR + timedelta(days=31))
    made = town.appropriate(1000).posting
    assert len(months()) >= 3
    query = "SELECT * FROM ledger.entry WHERE (municipality_id, posting_id) = (%s, %s)"
    assert len(read_by(query, town.municipality, made)) == 1


@given(st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_a_number_begins_with_its_moment(at: datetime) -> None:
    moment = at.replace(tzinfo=UTC)
    floor, ceiling = first_number(moment), first_number(moment + timedelta(milliseconds=1))
    assert floor <= uuid7(moment) < ceiling


def test_a_month_is_not_turned_under_what_is_dated_a_day_ahead(town: Books) -> None:
    """On the month's last evening a posting may be dated the first of the next: it has its place."""
    evening = datetime(2031, 5, 31, 14, 59, tzinfo=UTC)  # 23:59 in Japan
    operations.turn_month(at=evening)
    assert "entry_until_2031_07" in months()
    assert first_number(evening + timedelta(days=1)) < first_number(datetime(2031, 6, 30, 15, tzinfo=UTC))


def table_file(name: str) -> str:
    return files("meguri.ledger").joinpath("sql", name).read_text(encoding="utf-8")


def test_books_from_before_the_months_are_carried_over_as_they_are(town: Books) -> None:
    """The entries of an earlier Meguri, in one table, become the first part; not a row is moved or unguarded."""
    town.appropriate(1000)
    start = table_file("tables/0001_books.sql").index("CREATE TABLE ledger.entry (")
    end = table_file("tables/0001_books.sql").index("-- Made postings are remembered for ever")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE kept AS SELECT * FROM ledger.entry; DROP TABLE ledger.entry CASCADE")
        cursor.execute(table_file("tables/0001_books.sql")[start:end])
        cursor.execute("INSERT INTO ledger.entry SELECT * FROM kept")
        cursor.execute(table_file("tables/0005_months.sql"))
        cursor.execute(table_file("code/0_append_only.sql"))
        here = "count(*) FILTER (WHERE tableoid = 'ledger.entry_open'::regclass)"
        cursor.execute(f"SELECT count(*), {here} FROM ledger.entry")
        found = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM kept")
        kept = cursor.fetchone()[0]
    assert found == (kept, kept)
    assert kept > 0
    assert operations.turn_month(at=FAR)
    town.grant(300)
    assert town.holds(town.holder, "wallet") == 300
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger.entry_until_2031_06")
