"""A bulk that is judged as a whole gets the answers that walking it gives, and chunks are prepared side by side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from meguri.ledger import door, operations, queries
from meguri.ledger.rules import Leg, Limit, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.words.refusal import Refusal
from tests.ledger.conftest import AT, Books, open_books
from tests.ledger.test_races import rewrite
from tests.ledger.test_refunds import prove_the_books

BULK = "bulk constant integer := 32"


@contextmanager
def bulk_from(size: int, *broken: tuple[str, str]) -> Iterator[None]:
    """Batches of this size or more may be judged as a whole."""
    whole = rewrite("judge", (BULK, f"bulk constant integer := {size}"), *broken)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(whole)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["grant", "pay", "expire", "late", "wrong", "twice", "other", "code", "within", "up to", "both",
                         "two kinds"]),
        st.integers(0, 2), st.integers(-1, 60),
    ),
    min_size=1, max_size=14,
)  # fmt: skip


class Crowd:
    """Three holders and a fund with little budget; each holder may get 70 yen within a ceiling, all of them 120."""

    def __init__(self) -> None:
        self.books = open_books()
        self.holders = [self.books.holder, uuid4(), uuid4()]
        operations.open_accounts(
            [self.books.account(each, "wallet") for each in self.holders], municipality=self.books.municipality
        )
        self.books.appropriate(150)
        self.own, self.all = (
            operations.allowance_lot(municipality=self.books.municipality, allowed=uuid4(), unit="yen", opening=most)
            for most in (70, 120)
        )

    def posting(self, step: str, who: int, yen: int, number: int) -> Posting:
        books, wallet = self.books, self.books.account(self.holders[who], "wallet")
        fund, shop = books.account(books.fund, "fund"), books.account(books.shop, "shop")
        grant = Leg(fund, wallet, yen, (books.own_lot,), credit_lot=books.lot)
        pay, expire = Leg(wallet, shop, yen, (books.lot,)), Leg(wallet, fund, yen, (books.lot,))
        within = Leg(fund, wallet, yen, (books.own_lot,), credit_lot=books.lot, limits=(
            Limit(books.account(self.holders[who], "allowance"), self.own),
            Limit(books.account(books.fund, "allowance"), self.all),
        ))  # fmt: skip
        key, at = f"step:{number}", AT
        if step in {"both", "two kinds"}:
            second = within if step == "both" else pay
            return Posting(key, "grant_points", (replace(within, up_to=True), second), at, "test")
        template, leg = {
            "within": ("grant_points", within), "up to": ("grant_points", replace(within, up_to=True)),
            "grant": ("grant_points", grant), "pay": ("pay", pay), "expire": ("expire", expire),
            "late": ("grant_points", grant), "wrong": ("pay", grant), "twice": ("grant_points", grant),
            "code": ("grant_points", grant),
            "other": ("pay", Leg(wallet, books.account(uuid4(), "shop"), yen, (books.lot,))),
        }[step]  # fmt: skip
        if step == "late":
            at = AT + timedelta(days=20_000)
        if step == "twice":
            key = "twice"
        return Posting(key, template, (leg,), at, "test", once="code" if step == "code" else None)

    def told(self, steps: list[tuple[str, int, int]]) -> list[object]:
        """The answers of two batches, and then every entry and balance."""
        batch = [self.posting(*step, number) for number, step in enumerate(steps)]
        half = len(batch) // 2
        answers = [
            answer for part in (batch[:half], batch[half:]) if part
            for answer in operations.post_batch(part, municipality=self.books.municipality)
        ]
        said: list[object] = [
            (each.code, each.limit.partition(":")[0]) if isinstance(each, Refusal)
            else (each.replayed, [t.amount for t in each.taken], each.bit is None, each.cut_leg)
            for each in answers
        ]
        said.append([
            [(entry.entry_no, entry.leg_no, str(entry.debit.role), str(entry.credit.role), entry.amount)
             for entry in queries.entries(each.posting, municipality=self.books.municipality)]
            for each in answers if isinstance(each, Verdict)
        ])
        for role, owners in ((AccountRole.WALLET, self.holders), (AccountRole.FUND, [self.books.fund]),
                             (AccountRole.SHOP, [self.books.shop]),
                             (AccountRole.ALLOWANCE, [*self.holders, self.books.fund]),
                             (AccountRole.USED, [*self.holders, self.books.fund])):  # fmt: skip
            for owner in owners:
                held = queries.balances([owner], role, municipality=self.books.municipality)
                said.append(sum(each.amount for each in held))
        return said


@pytest.mark.django_db
def test_as_a_whole_or_one_by_one_the_answers_are_the_same() -> None:
    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    def judged(steps: list[tuple[str, int, int]]) -> None:
        said = []
        for size in (1, 500):
            with transaction.atomic():
                with bulk_from(size):
                    said.append(Crowd().told(steps))
                transaction.set_rollback(True)
        assert said[0] == said[1]

    judged()


@pytest.mark.django_db
@pytest.mark.parametrize(("old", "new", "steps"), [
    ("sum(gives + gets)::bigint AS after", "sum(gives)::bigint AS after", [("grant", 0, 10)]),
    ("bool_and(outside OR kept >= 0)", "true", [("grant", 0, 100), ("grant", 1, 60)]),
    ("bool_and(outside OR kept >= 0)", "true", [("pay", 0, 10), ("grant", 0, 10)]),  # it comes too late to be spent
    ("bool_and(outside OR kept >= 0)", "true", [("within", 0, 50), ("within", 0, 50)]),
    ("amount > 0 AND", "", [("grant", 0, -1)]),
    ("AND p_effective[posting] <= moment + interval '1 day'", "", [("grant", 0, 50), ("late", 0, 10)]),
    ("AND t_known[pattern] AND", "AND", [("wrong", 0, 10)]),
    ("WHEN opens THEN opening", "WHEN true THEN opening", [("pay", 0, 1), ("within", 0, 9), ("within", 0, 9)]),
    ("NOT s_opened[credit]", "true", [("within", 0, 30), ("within", 0, 30)]),
    ("kind = 0 AND take > 0", "false", [("within", 0, 30), ("within", 0, 30)]),
    ("ORDER BY leg, kind = 1, move", "ORDER BY leg, move", [("within", 0, 30)]),
    ("leg - min(leg) OVER (PARTITION BY posting) + 1", "1", [("both", 0, 10)]),
])  # fmt: skip
def test_the_alarm_rings_when_the_whole_is_judged_too_kindly(
    old: str, new: str, steps: list[tuple[str, int, int]]
) -> None:
    """The control: with any of its conditions broken, the whole is told otherwise than one by one, or not at all."""
    said: list[object] = []
    for broken in ((), ((old, new),)):
        with transaction.atomic():
            with bulk_from(1, *broken):
                try:
                    with transaction.atomic():
                        said.append(Crowd().told(steps))
                except DatabaseError as stopped:  # the last line of defence: a constraint of the table
                    said.append(str(stopped))
            transaction.set_rollback(True)
    assert said[0] != said[1]


@pytest.mark.django_db
def test_a_bulk_is_made_in_its_order_with_each_entry_and_balance(books: Books) -> None:
    people = [uuid4() for _ in range(600)]
    operations.open_accounts([books.account(each, "wallet") for each in people], municipality=books.municipality)
    books.appropriate(200_000)
    answers = operations.post_batch(_grants(books, people), municipality=books.municipality)
    assert [each.amount(1) for each in answers if isinstance(each, Verdict)] == list(range(1, 601))
    held = queries.balances(people, AccountRole.WALLET, municipality=books.municipality)
    assert {each.account.owner: each.amount for each in held} == {each: n for n, each in enumerate(people, 1)}
    again = operations.post_batch(_grants(books, people), municipality=books.municipality)
    assert all(isinstance(each, Verdict) and each.replayed for each in again)
    prove_the_books()


@pytest.mark.django_db
def test_a_bulk_that_asks_for_too_much_refuses_only_what_cannot_be(books: Books) -> None:
    people = [uuid4() for _ in range(600)]
    operations.open_accounts([books.account(each, "wallet") for each in people], municipality=books.municipality)
    books.appropriate(600 * 601 // 2 - 1)  # one yen short: the last grant alone cannot be made
    answers = operations.post_batch(_grants(books, people), municipality=books.municipality)
    assert all(isinstance(each, Verdict) for each in answers[:-1])
    assert isinstance(answers[-1], Refusal)
    assert answers[-1].code == "insufficient"
    prove_the_books()


def _grants(books: Books, people: list[UUID]) -> list[Posting]:
    fund = books.account(books.fund, "fund")
    return [
        Posting(f"grant:{each}", "grant_points",
                (Leg(fund, books.account(each, "wallet"), number, (books.own_lot,), credit_lot=books.lot),), AT, "test")
        for number, each in enumerate(people, 1)
    ]  # fmt: skip


@pytest.mark.django_db
def test_many_go_in_chunks_and_every_answer_is_in_its_place(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [uuid4() for _ in range(25)]
    operations.open_accounts([books.account(each, "wallet") for each in people], municipality=books.municipality)
    books.appropriate(10_000)
    asked = _grants(books, people)
    with connection.cursor() as cursor:
        chunks = list(door.in_chunks(cursor, postings=iter(asked), municipality=books.municipality, size=10))
    assert [len(chunk) for chunk in chunks] == [10, 10, 5]
    amounts = [each.amount(1) for chunk in chunks for each in chunk if isinstance(each, Verdict)]
    assert amounts == list(range(1, 26))
    again = list(operations.post_many(iter(asked), municipality=books.municipality))
    assert [each.replayed for each in again if isinstance(each, Verdict)] == [True] * 25
    assert list(operations.post_many(iter([]), municipality=books.municipality)) == []


@pytest.mark.django_db
def test_what_breaks_while_a_chunk_is_prepared_is_told_after_the_chunks_before_it(books: Books) -> None:
    books.appropriate(1_000)

    def broken() -> Iterator[Posting]:
        yield from _grants(books, [books.holder])
        raise LookupError("no more")

    with connection.cursor() as cursor:
        chunks = door.in_chunks(cursor, postings=broken(), municipality=books.municipality, size=1)
        assert len(next(chunks)) == 1
        with pytest.raises(LookupError, match="no more"):
            next(chunks)
    assert books.holds(books.holder, "wallet") == 1
