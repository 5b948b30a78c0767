"""The log: every committed posting gets one number, and the tree over them proves it."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from django.db import ProgrammingError, connection, transaction

from meguri.ledger import heads, log, merkle, operations
from meguri.ledger.rules import Verdict
from meguri.words.refusal import Refusal
from tests.ledger.conftest import AT, Books, open_books

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town(transactional_db: None) -> Books:
    return open_books()


def fill(town: Books, payments: int) -> list[Verdict]:
    """A budget, a grant, and so many payments: all of them committed."""
    first = [town.appropriate(100_000), town.grant(50_000)]
    return first + [town.pay(1 + number) for number in range(payments)]


def order(town: Books) -> list[tuple[int, UUID]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT number, posting_id FROM ledger.sequence WHERE municipality_id = %s ORDER BY 1", [town.municipality]
        )
        return [*cursor.fetchall()]


def leaves(town: Books) -> list[bytes]:
    contents = [log.content(posting, municipality=town.municipality) for _, posting in order(town)]
    return [merkle.leaf_hash(content.encode()) for content in contents]


def number(town: Books, **how: int) -> int:
    return log.number_postings(municipality=town.municipality, **how)


def test_committed_postings_are_numbered_in_their_order(town: Books) -> None:
    made = fill(town, 5)
    assert number(town) == 7
    assert order(town) == list(enumerate([verdict.posting for verdict in made], 1))
    assert number(town) == 0
    later = town.pay(9)
    assert number(town) == 1
    assert order(town)[-1] == (8, later.posting)


def test_in_pieces_it_is_the_same_order(town: Books) -> None:
    made = fill(town, 20)
    with transaction.atomic():  # one writer of many postings, cut in the middle
        made += [town.pay(1) for _ in range(10)]
    while number(town, most=3):
        pass
    assert order(town) == list(enumerate([verdict.posting for verdict in made], 1))


def seen_before(town: Books) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seen_before::text::bigint FROM ledger.sequencer WHERE municipality_id = %s", [town.municipality]
        )
        row = cursor.fetchone()
        return row[0] if row else None


def test_the_first_pieces_of_long_books_are_not_looked_at_again(town: Books) -> None:
    """Else ten million postings that nobody has numbered yet are looked through for every piece of them."""
    fill(town, 12)
    assert seen_before(town) is None
    assert number(town, most=3) == 3
    first = seen_before(town)
    assert number(town, most=3) == 3
    second = seen_before(town)
    assert first is not None
    assert second is not None
    assert first < second


def test_a_copy_that_was_never_numbered_is_looked_through_whole(town: Books) -> None:
    fill(town, 3)
    early, far = order_of_writing(town)[0], "UPDATE ledger.posting SET written_by = '4000000000000000000' WHERE id = %s"
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ledger.posting DISABLE TRIGGER USER")
        cursor.execute(far, [early])  # by a transaction of another cluster, whose numbers this one has not reached
        cursor.execute("ALTER TABLE ledger.posting ENABLE TRIGGER USER")
    assert number(town, most=2) == 2
    assert seen_before(town) is None
    assert order(town)[0] == (1, early)
    while number(town, most=2):
        pass
    assert sorted(posting for _, posting in order(town)) == sorted(order_of_writing(town))


def order_of_writing(town: Books) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM ledger.posting WHERE municipality_id = %s ORDER BY written_by, id", [town.municipality]
        )
        return [row[0] for row in cursor.fetchall()]


def test_what_is_not_committed_has_no_number(town: Books) -> None:
    fill(town, 0)
    with transaction.atomic():
        own = town.pay(1)
        assert number(town) == 2  # the transaction's own posting is not yet anybody's
        assert own.posting not in {posting for _, posting in order(town)}
    assert number(town) == 1


def test_the_tree_over_them_proves_every_posting_at_every_size(town: Books) -> None:
    fill(town, 3)
    number(town)
    for amount in range(1, 9):
        town.pay(amount)
        number(town, most=2)
    known = leaves(town)
    assert len(known) == log.size(municipality=town.municipality) == 13
    roots = [log.root(size, municipality=town.municipality) for size in range(14)]
    assert roots[1] == known[0]
    assert roots[2] == merkle.node_hash(*known[:2])
    for size in range(1, 14):
        for index, (_, posting) in enumerate(order(town)[:size]):
            proof = log.prove_inclusion(posting, municipality=town.municipality, size=size)
            assert (proof.number, proof.leaf) == (index + 1, known[index])
            assert merkle.proves_inclusion(proof.leaf, index, size=size, path=proof.path, root=roots[size])
        for first in range(1, size + 1):
            path = log.prove_growth(first, size, municipality=town.municipality)
            assert merkle.proves_growth(first, size, path=path, first_root=roots[first], second_root=roots[size])


def test_a_leaf_says_everything_about_its_posting(town: Books) -> None:
    fill(town, 0)
    leg = town.leg("wallet", "shop", 150)
    odd = town.posting("pay", leg)
    odd = type(odd)(key="odd", template="pay", legs=(leg,), at=AT, by='two\nlines "quoted"', about={"why": "手\\数 \n"})
    paid = operations.post(odd, municipality=town.municipality)
    back = operations.reverse(
        paid.posting, municipality=town.municipality, template="refund_payment", key="back", at=AT, by="test", about={}
    )
    lines = log.content(paid.posting, municipality=town.municipality).split("\n")
    lot = f"money {town.fund} {town.kind}"
    assert lines == [
        "meguri/posting/1", f"id {paid.posting}", f"municipality {town.municipality}", "template pay 1",
        "effective 2026-10-01T03:00:00.000000Z", f"recorded {paid.recorded_at:%Y-%m-%dT%H:%M:%S.%fZ}",
        r'by "two\nlines \"quoted\""', r'about {"why": "手\\数 \n"}', "reverses -",
        f"entry 1 1 150 from {town.holder} wallet {lot} 2027-01-31T15:00:00.000000Z - to {town.shop} shop {lot} - -",
        "",
    ]  # fmt: skip
    assert f"reverses {paid.posting}\n" in log.content(back.posting, municipality=town.municipality)


def test_the_marks_tell_lines_apart(town: Books) -> None:
    paid = fill(town, 1)[-1]
    number(town)
    with connection.cursor() as cursor:
        cursor.execute("SELECT marks FROM ledger.sequence WHERE posting_id = %s", [paid.posting])
        marks = bytes(cursor.fetchone()[0])
    lines = log.content(paid.posting, municipality=town.municipality).splitlines()
    assert marks == b"".join(sha256(line.encode()).digest()[:4] for line in lines)


def test_a_copy_restored_into_another_cluster_goes_on_where_it_was(town: Books) -> None:
    """There the old postings may carry transaction numbers that the new cluster has not reached, or has passed."""
    made = fill(town, 4)
    number(town)
    with connection.cursor() as cursor:
        for verdict in (town.pay(1), town.pay(2)):  # committed before the copy, not numbered yet
            made.append(verdict)
            cursor.execute("ALTER TABLE ledger.posting DISABLE TRIGGER USER")
            far = "UPDATE ledger.posting SET written_by = '4000000000000000000' WHERE id = %s"
            cursor.execute(far, [verdict.posting])
            cursor.execute("ALTER TABLE ledger.posting ENABLE TRIGGER USER")
        cursor.execute(
            "UPDATE ledger.sequencer SET cluster = cluster + 1, seen_before = '3000000000000000000'"
            " WHERE municipality_id = %s",
            [town.municipality],
        )
    made.append(town.pay(3))
    assert number(town, most=2) == 2
    assert number(town) == 1
    assert number(town) == 0
    made.append(town.pay(4))
    assert number(town) == 1
    assert order(town) == list(enumerate([verdict.posting for verdict in made], 1))


def test_the_log_is_append_only(town: Books) -> None:
    fill(town, 1)
    number(town)
    assert heads.sign_head(municipality=town.municipality, at=AT) is not None
    for book in ("sequence", "node", "tree_head"):
        for statement in (f"UPDATE ledger.{book} SET municipality_id = 0", f"DELETE FROM ledger.{book}"):
            with pytest.raises(ProgrammingError, match="append-only"), connection.cursor() as cursor:
                cursor.execute(statement)


def test_what_the_log_never_held_is_refused(town: Books) -> None:
    fill(town, 3)
    number(town)
    posting = order(town)[4][1]
    for ask, code in (
        (lambda: log.prove_inclusion(uuid4(), municipality=town.municipality, size=5), "not_in_log"),
        (lambda: log.prove_inclusion(posting, municipality=town.municipality, size=4), "not_in_log"),
        (lambda: log.prove_inclusion(posting, municipality=town.municipality, size=6), "tree_size_unknown"),
        (lambda: log.prove_growth(3, 6, municipality=town.municipality), "tree_size_unknown"),
        (lambda: log.prove_growth(4, 3, municipality=town.municipality), "tree_size_unknown"),
        (lambda: log.prove_growth(0, 3, municipality=town.municipality), "tree_size_unknown"),
        (lambda: log.content(uuid4(), municipality=town.municipality), "not_in_log"),
    ):  # fmt: skip
        with pytest.raises(Refusal) as refused:
            ask()
        assert refused.value.code == code
