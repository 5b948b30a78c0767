"""Replies that never arrive: an acknowledged payment is never lost, a repeated one never made twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import connection, transaction
from msgspec.structs import replace

from meguri.ledger import operations, poster
from meguri.ledger.rules import Posting, Verdict
from meguri.words.refusal import Refusal
from tests.ledger.conftest import Books, open_books
from tests.ledger.cutting import ASKED, COMMITTED, Wire, wire

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town(transactional_db: None) -> Books:
    books = open_books()
    books.appropriate(1000)
    books.grant(1000)
    return books


@pytest.fixture
def cut(town: Books) -> Iterator[tuple[Wire, poster.Poster]]:
    with wire() as made:
        own = poster.Poster(made.connect)
        yield made, own
        own.close()


def sale(town: Books, yen: int) -> Posting:
    return town.posting("pay", town.leg("wallet", "shop", yen))


@pytest.mark.parametrize(("moment", "made_before"), [(COMMITTED, True), (ASKED, False)], ids=["after", "before"])
def test_a_reply_that_is_cut_is_asked_for_again(
    town: Books, cut: tuple[Wire, poster.Poster], moment: bytes, *, made_before: bool
) -> None:
    """Cut after the commit, the second try finds the payment made; cut before it, the second try makes it."""
    line, own = cut
    own.post([sale(town, 1)], municipality=town.municipality)  # the line stands
    line.cut_at = moment
    (answer,) = own.post([sale(town, 100)], municipality=town.municipality)
    assert line.cuts == 1
    assert isinstance(answer, Verdict)
    assert answer.replayed is made_before
    assert town.holds(town.shop, "shop") == 101


def test_without_a_key_of_its_own_the_payment_would_be_made_twice(
    town: Books, cut: tuple[Wire, poster.Poster], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: a client that takes a new number for its second try pays twice."""
    line, own = cut
    own.post([sale(town, 1)], municipality=town.municipality)
    plain = poster.through_the_door
    monkeypatch.setattr(
        poster, "through_the_door",
        lambda cursor, *, postings, municipality: plain(
            cursor, postings=[replace(asked, key=str(uuid4())) for asked in postings], municipality=municipality
        ),
    )  # fmt: skip
    line.cut_at = COMMITTED
    own.post([sale(town, 100)], municipality=town.municipality)
    assert town.holds(town.shop, "shop") == 201


def test_many_cuts_among_many_payments(town: Books, cut: tuple[Wire, poster.Poster]) -> None:
    line, own = cut
    made = 0
    for number in range(30):
        line.cut_at = (b"", COMMITTED, ASKED)[number % 3]
        answers = own.post([sale(town, 1), sale(town, 2)], municipality=town.municipality)
        made += sum(answer.amount(1) for answer in answers if isinstance(answer, Verdict))
    assert line.cuts >= 19
    assert made == town.holds(town.shop, "shop") == 90


def test_an_unknown_outcome_can_be_ended(town: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody holds the wallet's balance for too long: the caller is told to ask later, and can make sure."""
    monkeypatch.setattr(poster, "PATIENCE_S", 0.5)
    own = poster.Poster(lambda: impatient(poster.connect_as_django()))
    asked = replace(sale(town, 100), key="sale")
    release, held = threading.Event(), threading.Event()
    holder = threading.Thread(target=hold, args=(town, held, release))
    holder.start()
    assert held.wait(10)
    (answer,) = own.post([asked], municipality=town.municipality)
    assert isinstance(answer, Refusal)
    assert answer.code == "ledger_unreachable"
    release.set()
    holder.join()
    assert operations.look_up("sale", municipality=town.municipality, close=True) is None
    (late,) = own.post([asked], municipality=town.municipality)
    assert isinstance(late, Refusal)
    assert late.code == "key_closed"
    assert town.holds(town.shop, "shop") == 0
    own.close()


def impatient(made: poster.psycopg.Connection[object]) -> poster.psycopg.Connection[object]:
    made.execute("SET statement_timeout = '100ms'")
    return made


def hold(town: Books, held: threading.Event, release: threading.Event) -> None:
    """Lock every balance of the town until told to let go."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT FROM ledger.balance WHERE municipality_id = %s FOR UPDATE", [town.municipality])
            held.set()
            release.wait(20)
    finally:
        connection.close()
