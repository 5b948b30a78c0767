"""A balance lies in an account and a lot that the books know, and both are there for ever."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from tests.ledger.conftest import Books

INSERT = "INSERT INTO ledger.balance (municipality_id, account_id, lot_id, outside) SELECT %s, {}, {}, false"
ACCOUNT = "(SELECT max(id) FROM ledger.account)"
UNKNOWN = [("9000000000", "{lot}"), (ACCOUNT, "9000000000"), ("0", "0")]


def insert(books: Books, account: str, lot: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT.format(account, lot.format(lot=books.lot)), [books.municipality])


@pytest.mark.django_db
@pytest.mark.parametrize(("account", "lot"), UNKNOWN)
def test_a_balance_of_nobody_is_refused(books: Books, account: str, lot: str) -> None:
    with pytest.raises(IntegrityError, match="a balance lies in a known account and lot"):
        insert(books, account, lot)


@pytest.mark.django_db
@pytest.mark.parametrize(("account", "lot"), UNKNOWN)
def test_the_control_without_its_guard_it_is_written(books: Books, account: str, lot: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger.balance DISABLE TRIGGER is_known")
        insert(books, account, lot)
        cursor.execute("ALTER TABLE ledger.balance ENABLE TRIGGER is_known")


@pytest.mark.django_db
def test_a_known_balance_is_written_and_one_unknown_among_many_refuses_all(books: Books) -> None:
    insert(books, ACCOUNT, "{lot}")
    with pytest.raises(IntegrityError, match="known account"):
        insert(books, f"unnest(ARRAY[{ACCOUNT} - 1, 9000000000])", "{lot}")


@pytest.mark.django_db
@pytest.mark.parametrize("deed", [
    "DELETE FROM ledger.account", "UPDATE ledger.account SET id = DEFAULT", "TRUNCATE ledger.account CASCADE",
    "DELETE FROM ledger.lot", "UPDATE ledger.lot SET municipality_id = 0", "TRUNCATE ledger.lot",
    "UPDATE ledger.balance SET lot_id = lot_id + 1", "UPDATE ledger.balance SET account_id = 0",
])  # fmt: skip
def test_accounts_and_lots_are_there_for_ever_and_a_balance_stays_where_it_is(books: Books, deed: str) -> None:
    books.appropriate(100)
    with pytest.raises(Exception, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(deed)
