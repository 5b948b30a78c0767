"""What is asked wrongly is refused alone, with its code and its sentence, and the rest of the batch is posted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from meguri.ledger import operations
from meguri.ledger.rules import AMOUNT_MAX, KEY_LENGTH_MAX, LEGS_MAX, Posting, Verdict, check_form
from meguri.words import clock
from meguri.words.refusal import Refusal
from tests.ledger.conftest import Books

HALF = "\ud83d"
"""The first half of a sign of two parts, as a program sends it that cuts a text in the middle."""


def payment(books: Books, yen: int = 5, **changes: object) -> Posting:
    return replace(books.posting("pay", books.leg("wallet", "shop", yen)), **changes)


def told(answers: Iterable[Verdict | Refusal]) -> list[str]:
    return [answer.code if isinstance(answer, Refusal) else "made" for answer in answers]


def of_two_funds(books: Books) -> Posting:
    """A voucher's yen and a count of another unit do not add up to anything."""
    other = operations.fund_lot(uuid4(), municipality=books.municipality)
    return books.posting("grant_points", books.leg("fund", "wallet", 5, lots=(books.own_lot,), credit_lot=other))


def with_one_yen_more(books: Books) -> Posting:
    books.pay(7, key="till:7")
    return payment(books, 8, key="till:7")


BAD: dict[str, tuple[str, Callable[[Books], Posting]]] = {
    "unknown lot": ("unknown_lot", lambda b: b.posting("pay", b.leg("wallet", "shop", 5, lots=(10**9,)))),
    "mixed": ("funds_mixed", of_two_funds),
    "a leg of zero": ("amount_not_positive", lambda b: payment(b, 0)),
    "less than zero": ("amount_not_positive", lambda b: payment(b, -5)),
    "a year in the future": ("effective_in_future", lambda b: payment(b, at=clock.now() + timedelta(days=365))),
    "a hundred thousand legs": ("too_many_legs", lambda b: b.posting("pay", *[b.leg("wallet", "shop", 1)] * 10**5)),
    "one leg too many": ("too_many_legs", lambda b: b.posting("pay", *[b.leg("wallet", "shop", 1)] * (LEGS_MAX + 1))),
    "one yen changed": ("key_reused", with_one_yen_more),
    "no such template": ("template_forbids", lambda b: payment(b, template="give_away")),
    "more than the books can add": ("amount_too_large", lambda b: payment(b, AMOUNT_MAX + 1)),
    "more than a column holds": ("amount_too_large", lambda b: payment(b, 2**63)),
    "no key": ("text_unusable", lambda b: payment(b, key="")),
    "a key too long": ("text_unusable", lambda b: payment(b, key="k" * (KEY_LENGTH_MAX + 1))),
    "NUL in the key": ("text_unusable", lambda b: payment(b, key="a\0b")),
    "NUL in who asks": ("text_unusable", lambda b: payment(b, by="a\0b")),
    "NUL in the code shown": ("text_unusable", lambda b: payment(b, once="a\0b")),
    "NUL in what it is for": ("text_unusable", lambda b: payment(b, about={"note": "a\0b"})),
    "half a sign in the key": ("text_unusable", lambda b: payment(b, key=f"a{HALF}")),
    "half a sign in what it is for": ("text_unusable", lambda b: payment(b, about={"note": HALF})),
    "half a sign in a name": ("text_unusable", lambda b: payment(b, about={HALF: 1})),
}


@pytest.mark.parametrize(("code", "bad"), BAD.values(), ids=BAD)
def test_it_is_refused_alone(books: Books, code: str, bad: Callable[[Books], Posting]) -> None:
    books.appropriate(1000)
    books.grant(100)
    wrong, before = bad(books), books.holds(books.shop, "shop")
    answers = operations.post_batch(
        [payment(books, 1), wrong, payment(books, 2), wrong], municipality=books.municipality
    )
    assert told(answers) == ["made", code, "made", code]
    assert books.holds(books.shop, "shop") == before + 3
    (no, _) = (answer for answer in answers if isinstance(answer, Refusal))
    assert all(sentence and "{" not in sentence for sentence in (no.sentence("ja"), no.sentence("en")))


def test_all_at_once_and_in_any_chunk_each_gets_its_own_answer(books: Books) -> None:
    books.appropriate(1000)
    books.grant(500)
    asked = [each for _, bad in BAD.values() for each in (payment(books, 1), bad(books))]
    wanted = [each for code, _ in BAD.values() for each in ("made", code)]
    for size in (1, 7, 100):
        fresh = [replace(each, key=f"{size}:{place}") if place % 2 == 0 else each for place, each in enumerate(asked)]
        answers = operations.post_many(iter(fresh), municipality=books.municipality, size=size)
        assert told(answers) == wanted
    assert books.holds(books.shop, "shop") == 3 * len(BAD) + 7


def test_nothing_but_bad_ones_does_not_ask_the_database(
    books: Books, django_assert_num_queries: Callable[[int], object]
) -> None:
    wrong = [payment(books, key="a\0b"), payment(books, AMOUNT_MAX + 1)]
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        answers = operations.post_batch(wrong, municipality=books.municipality)
    assert [answer.code for answer in answers if isinstance(answer, Refusal)] == ["text_unusable", "amount_too_large"]


def test_alone_it_is_raised(books: Books) -> None:
    with pytest.raises(Refusal) as no:
        operations.post(payment(books, about={"note": "a\0b"}), municipality=books.municipality)
    assert (no.value.code, "about" in no.value.sentence("en")) == ("text_unusable", True)


@pytest.mark.parametrize("text", ["a\\u0000b", "𠮷野家", "é", "\\", '"', "{}", "\x01"])
def test_a_text_that_only_looks_unusable_is_booked_as_it_is(books: Books, text: str) -> None:
    books.appropriate(10)
    books.grant(10)
    (made,) = operations.post_batch(
        [payment(books, key=f"k{text}", by=text, about={"note": text})], municipality=books.municipality
    )
    assert isinstance(made, Verdict)


def test_the_longest_key_and_the_largest_amount_have_a_form(books: Books) -> None:
    check_form(payment(books, AMOUNT_MAX, key="k" * KEY_LENGTH_MAX))


@given(st.text(min_size=1, max_size=KEY_LENGTH_MAX))
def test_a_text_has_a_form_exactly_when_it_can_be_written(text: str) -> None:
    asked = Posting(key=text, template="pay", legs=(), at=clock.now(), by=text)
    assert is_refused(asked) is not is_writable(text)


def is_refused(asked: Posting) -> bool:
    try:
        check_form(asked)
    except Refusal:
        return True
    return False


def is_writable(text: str) -> bool:
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False
