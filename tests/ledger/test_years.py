"""A fiscal year ends: first only cash for its duties may be dated into it, then nothing. The database keeps it too."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from msgspec.structs import replace

from meguri.ledger import operations, queries
from meguri.ledger.poster import Poster
from meguri.ledger.rules import Taken, Verdict
from meguri.ledger.years import SETTLING, YearEnds
from meguri.words.period import day_start
from meguri.words.refusal import Refusal
from tests.ledger.conftest import Books, open_books
from tests.ledger.test_operations import refused

MARCH = day_start(date(2026, 3, 31)) + timedelta(hours=12)
APRIL = day_start(date(2026, 4, 1))
YEAR = 2025


def end(books: Books, state: Any, *, at: datetime = datetime(2026, 6, 1, tzinfo=UTC), year: int = YEAR) -> None:
    operations.end_year(year, state=state, municipality=books.municipality, by="treasurer", at=at)


@pytest.fixture
def owing(books: Books) -> Books:
    """A shop is owed 300 yen from March."""
    books.post("appropriate", books.leg("appropriation", "fund", 1000, lots=(books.own_lot,)), at=MARCH)
    leg = books.leg("fund", "wallet", 500, lots=(books.own_lot,), credit_lot=books.lot)
    books.post("grant_points", leg, at=MARCH, key="grant:march")
    books.post("pay", books.leg("wallet", "shop", 300), at=MARCH)
    books.post("settle", books.leg("shop", "payable", 300, lots=(books.takings(),)), at=MARCH)
    return books


def pay_out(books: Books, yen: int, *, at: datetime) -> Verdict:
    return books.post("pay_out", books.leg("payable", "paid_out", yen, lots=(books.takings(),)), at=at)


def test_in_the_closing_period_only_cash_may_be_dated_back(owing: Books) -> None:
    end(owing, "closing")
    pay_out(owing, 100, at=MARCH)
    with refused("effective_too_early") as caught:
        owing.post("pay", owing.leg("wallet", "shop", 10), at=APRIL - timedelta(microseconds=1))
    assert "令和7年度" in caught.value.sentence("ja")
    assert "FY2025" in caught.value.sentence("en")
    owing.post("pay", owing.leg("wallet", "shop", 10), at=APRIL)
    assert queries.year_ends(municipality=owing.municipality) == YearEnds(closing=YEAR)


def test_a_closed_year_takes_nothing_more(owing: Books) -> None:
    end(owing, "closing")
    end(owing, "closed")
    end(owing, "closed")
    for at in (MARCH, MARCH - timedelta(days=900)):
        with refused("year_closed"):
            pay_out(owing, 100, at=at)
    pay_out(owing, 100, at=APRIL)
    assert owing.holds(owing.shop, "paid_out") == 100


def test_what_was_made_before_the_close_is_still_answered(owing: Books) -> None:
    end(owing, "closed")
    leg = owing.leg("fund", "wallet", 500, lots=(owing.own_lot,), credit_lot=owing.lot)
    again = owing.post("grant_points", leg, at=MARCH, key="grant:march")
    assert again.replayed
    assert again.taken == (Taken(1, owing.own_lot, owing.lot, 500),)
    with refused("key_reused"):
        owing.post("grant_points", replace(leg, amount=501), at=MARCH, key="grant:march")
    operations.look_up("grant:never", municipality=owing.municipality, close=True)
    with refused("key_closed"):
        owing.post("grant_points", leg, at=MARCH, key="grant:never")


def test_each_posting_of_a_batch_is_refused_alone(owing: Books) -> None:
    end(owing, "closed")
    pay = owing.leg("wallet", "shop", 10)
    postings = [owing.posting("pay", pay, at=at) for at in (APRIL, MARCH, APRIL + timedelta(days=1))]
    answers = operations.post_batch(postings, municipality=owing.municipality)
    told = [answer.code if isinstance(answer, Refusal) else "posted" for answer in answers]
    assert told == ["posted", "year_closed", "posted"]


@pytest.mark.parametrize(("state", "template"), [("closed", "pay_out"), ("closing", "pay")])
def test_the_database_refuses_it_even_from_whoever_goes_round_the_door(owing: Books, state: str, template: str) -> None:
    end(owing, state)
    named = pytest.raises(IntegrityError, match="dates nothing into a closed fiscal year")
    with named, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger.posting"
            " (municipality_id, id, template, template_version, effective_at, recorded_at, by, about)"
            " VALUES (%s, %s, %s, 1, %s, now(), 'test', '{}')",
            [owing.municipality, uuid4(), template, MARCH],
        )


@pytest.mark.django_db(transaction=True)
def test_the_gathered_way_refuses_it_alone_too() -> None:
    """What came late through the poster, from a till without a network, does not spoil its batch."""
    books = open_books()
    books.appropriate(1000)
    books.grant(500)
    end(books, "closed")
    own = Poster()
    pay = books.leg("wallet", "shop", 10)
    asked = [books.posting("pay", pay, at=at) for at in (APRIL, MARCH, APRIL + timedelta(days=1))]
    answers = own.post(asked, municipality=books.municipality)
    own.close()
    assert [answer.code if isinstance(answer, Refusal) else "posted" for answer in answers] == [
        "posted", "year_closed", "posted",
    ]  # fmt: skip


@pytest.mark.parametrize(("state", "at"), [
    ("closing", APRIL - timedelta(microseconds=1)), ("closed", APRIL),
    ("closed", day_start(date(2026, 6, 1)) - timedelta(microseconds=1)),
])  # fmt: skip
def test_a_year_is_not_closed_before_its_time(books: Books, state: str, at: datetime) -> None:
    with refused("year_not_over"):
        end(books, state, at=at)
    assert queries.year_ends(municipality=books.municipality) == YearEnds()


def test_the_next_year_closes_behind_the_first(owing: Books) -> None:
    end(owing, "closed", year=YEAR - 1)
    end(owing, "closing")
    with refused("effective_too_early"):
        owing.post("pay", owing.leg("wallet", "shop", 10), at=MARCH)
    pay_out(owing, 10, at=MARCH)
    with refused("year_closed"):
        pay_out(owing, 10, at=MARCH - timedelta(days=365))
    assert queries.year_ends(municipality=owing.municipality) == YearEnds(closing=YEAR, closed=YEAR - 1)


def test_an_invented_clock_that_runs_ahead_closes_nothing(books: Books) -> None:
    with refused("year_not_over"):
        end(books, "closing", year=2125, at=datetime(2126, 5, 1, tzinfo=UTC))


def test_other_towns_are_not_touched(owing: Books) -> None:
    end(open_books(), "closed")
    pay_out(owing, 10, at=MARCH)
    assert SETTLING == (
        "pay_back_cash", "pay_out", "repay_debt", "repay_purchase", "return_payout", "settle", "undo_pay_back_cash",
        "undo_repay_purchase",
    )  # fmt: skip
