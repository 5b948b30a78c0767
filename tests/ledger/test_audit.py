"""The auditor finds what was tampered with behind the door's back, and names it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from meguri.ledger import audit, operations
from tests.ledger.conftest import AT, Books


def offenders_of_all_claims() -> dict[str, list[tuple[Any, ...]]]:
    """Run the auditor's statements on this test's own transaction, where its rows are visible."""
    found = {}
    with connection.cursor() as cursor:
        for claim in audit.CLAIMS:
            cursor.execute(claim.offenders)
            found[claim.name] = cursor.fetchall()
    return found


def guard_books(cursor: Any, switch: str) -> None:
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with pending trigger events cannot be altered
    for book in ("posting", "entry", "posting_key"):
        cursor.execute(f"ALTER TABLE ledger.{book} {switch} TRIGGER USER")


@pytest.fixture
def lived(books: Books) -> Books:
    books.appropriate(1000)
    books.grant(400)
    paid = books.pay(150)
    operations.reverse(
        paid.posting, municipality=books.municipality, template="refund_payment", key="back", at=AT, by="test", about={}
    )
    books.pay(90)
    return books


def test_honest_books_prove_every_claim(lived: Books) -> None:
    assert {name: found for name, found in offenders_of_all_claims().items() if found} == {}


OF_TOWN = "WHERE municipality_id = %s"
FROM_SHOP = "debit_account IN (SELECT id FROM ledger.account WHERE role = 'shop')"
REFUND = f"{OF_TOWN} AND amount = 150 AND {FROM_SHOP}"
TURNED = "SET credit_account = debit_account, debit_account = credit_account"
TAMPERINGS = {  # what a rogue administrator might do -> the claim that finds it
    "a balance is raised": (f"UPDATE ledger.balance SET amount = amount + 1 {OF_TOWN} AND NOT outside", "balances"),
    "an entry grows": (f"UPDATE ledger.entry SET amount = amount + 1 {OF_TOWN} AND amount = 90", "balances"),
    "an entry is removed": (f"DELETE FROM ledger.entry {OF_TOWN} AND amount = 90", "whole"),
    "an entry changes hands": (f"UPDATE ledger.entry {TURNED} {OF_TOWN} AND amount = 90", "templates"),
    "a posting's key is removed": (f"DELETE FROM ledger.posting_key {OF_TOWN}", "once"),
    "a refund gives less": (f"UPDATE ledger.entry SET amount = 149 {REFUND}", "reversals"),
    "an entry number is skipped": (f"UPDATE ledger.entry SET entry_no = 7 {OF_TOWN} AND amount = 90", "numbered"),
}  # fmt: skip


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_every_tampering_is_found(lived: Books, tampering: str) -> None:
    statement, claim = TAMPERINGS[tampering]
    with connection.cursor() as cursor:
        guard_books(cursor, "DISABLE")  # a rogue administrator switches the guards off
        cursor.execute(statement, [lived.municipality])
        assert cursor.rowcount > 0
        guard_books(cursor, "ENABLE")
    assert offenders_of_all_claims()[claim]


def test_a_missing_guard_is_found(lived: Books) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger.entry DISABLE TRIGGER append_only")
    assert offenders_of_all_claims()["guards"] == [("entry", "append_only")]


def test_the_auditor_stands_alone() -> None:
    """Of all it imports, only its own parts are ours; the rest is Python's and the driver's."""
    for file in Path(audit.__file__).parent.glob("*.py"):
        for line in file.read_text(encoding="utf-8").splitlines():
            imported = line.split()[1].split(".") if line.startswith(("import ", "from ")) else ["psycopg"]
            own = imported[:3] == ["meguri", "ledger", "audit"]
            assert own or imported[0] in sys.stdlib_module_names | {"psycopg"}, f"{file.name}: {line}"
