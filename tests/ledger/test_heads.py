"""What the town signs: verified with the public key alone, never a second history."""

from __future__ import annotations

import base64
from datetime import timedelta
from hashlib import sha256

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection, transaction
from pytest_django import Settings

from meguri.ledger import heads, log, merkle, receipts, tasks
from meguri.ledger.heads import Head
from meguri.words.refusal import Refusal
from tests.ledger.conftest import AT, Books, open_books

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town(transactional_db: None) -> Books:
    books = open_books()
    books.appropriate(10_000)
    books.grant(5_000)
    return books


def keep(town: Books, *, later: int = 0) -> Head | None:
    log.number_postings(municipality=town.municipality)
    return heads.sign_head(municipality=town.municipality, at=AT + timedelta(seconds=later))


def verify(note: str, verifier: str) -> list[str]:
    """Read a signed note as its specification says, and return the lines that were signed."""
    text, _, signatures = note.partition("\n\n")
    dash, name, value = signatures.strip().split(" ")
    key_name, key_id, key = verifier.split("+", 2)
    kind_and_key, signed = base64.b64decode(key), base64.b64decode(value)
    assert (dash, name, kind_and_key[0]) == ("—", key_name, 1)
    assert signed[:4].hex() == key_id == sha256(name.encode() + b"\n" + kind_and_key).hexdigest()[:8]
    Ed25519PublicKey.from_public_bytes(kind_and_key[1:]).verify(signed[4:], (text + "\n").encode())
    return text.split("\n")


def test_a_head_is_verified_by_its_public_key_alone(town: Books) -> None:
    head = keep(town)
    assert head is not None
    assert verify(head.note, head.verifier) == [
        f"meguri/test-{town.municipality}", "2", base64.b64encode(log.root(2, municipality=town.municipality)).decode(),
        "time 2026-10-01T03:00:00.000000Z",
    ]  # fmt: skip
    for bent in (head.note.replace("\n2\n", "\n3\n"), head.note.replace("03:00", "03:01")):
        with pytest.raises(InvalidSignature):
            verify(bent, head.verifier)


def test_it_is_signed_when_the_log_has_grown_and_once_a_day(town: Books) -> None:
    first = keep(town)
    assert first is not None
    assert keep(town, later=60) is None
    town.pay(10)
    second = keep(town, later=61)
    third = keep(town, later=90_000)
    assert second is not None
    assert third is not None
    assert [(head.number, head.size) for head in (first, second, third)] == [(1, 2), (2, 3), (3, 3)]
    assert heads.heads(municipality=town.municipality) == [third, second, first]
    assert heads.heads(municipality=town.municipality, before=3, limit=1) == [second]
    assert heads.head_of_size(3, municipality=town.municipality) == second
    assert heads.head_of_size(1, municipality=town.municipality) is None
    path = log.prove_growth(2, 3, municipality=town.municipality)
    assert heads.proves(first, second, path=path)
    assert not heads.proves(first, second, path=path[:-1])


def test_an_empty_log_is_not_signed(transactional_db: None) -> None:
    assert keep(open_books()) is None


def test_without_the_key_nothing_is_signed_and_numbers_go_on(town: Books, settings: Settings) -> None:
    settings.LOG_KEY = heads.AWAY
    assert keep(town) is None
    assert log.size(municipality=town.municipality) == 2


def test_a_second_history_is_never_signed(town: Books) -> None:
    keep(town)
    town.pay(1)
    with pytest.raises(heads.SecondHistoryError):
        bend_and_keep(town)
    assert keep(town, later=1) is not None  # what was bent is straight again


def bend_and_keep(town: Books) -> None:
    """All in one transaction, which the refusal to sign takes back."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger.node DISABLE TRIGGER USER")
        bend = "UPDATE ledger.node SET hash = sha256('other') WHERE municipality_id = %s AND level = 1"
        cursor.execute(bend, [town.municipality])
        keep(town, later=1)


def test_a_receipt_is_verified_from_its_text_and_the_key(town: Books) -> None:
    paid = [town.pay(number) for number in range(1, 9)]
    with pytest.raises(Refusal, match="not_in_log"):
        receipts.receipt(paid[3].posting, municipality=town.municipality)
    tasks.keep_log(municipality=town.municipality, at=AT)
    found = receipts.receipt(paid[3].posting, municipality=town.municipality, own=True)
    proof, _, note = found.text.partition("\n\n")
    kind, extra, index, *path = proof.split("\n")
    assert (kind, index) == ("c2sp.org/tlog-proof@v1", "index 5")
    _, size, root, *_ = verify(note, found.head.verifier)
    content = base64.b64decode(extra.removeprefix("extra "))
    assert f"id {paid[3].posting}\n".encode() in content
    assert merkle.proves_inclusion(
        merkle.leaf_hash(content), 5, size=int(size), path=[*map(base64.b64decode, path)], root=base64.b64decode(root)
    )
    assert "extra" not in receipts.receipt(paid[3].posting, municipality=town.municipality).text


def test_a_witness_file_holds_head_and_key(town: Books) -> None:
    head = keep(town)
    assert head is not None
    kept = receipts.witness(head)
    assert verify(kept["head"], kept["key"])[1] == "2"
