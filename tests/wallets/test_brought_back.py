"""Booklets whose sale is undone: void for ever, their value with the buyer, and nothing of it where a note is gone."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.wallets import booklets
from meguri.wallets.brought_back import take_paper_back
from meguri.words.refusal import Refusal
from tests.paper import BOOKLET_YEN, Paper, found_paper
from tests.programmes.vouchers.lived_town import at_once, refused


@pytest.fixture
def paper(db: None) -> Paper:
    return found_paper()


def held(paper: Paper) -> int:
    found = books.balances([paper.town.holder], AccountRole.WALLET, municipality=paper.municipality)
    return sum(each.amount for each in found)


def handed(paper: Paper, *numbers: int) -> object:
    sold = paper.bought(len(numbers))
    booklets.hand_over(
        posting=sold, booklets=[paper.cover(each) for each in numbers], by=paper.maker, at=paper.town.at
    )  # fmt: skip
    return sold


def back(paper: Paper, sold: object, *, by: object = None) -> int:
    return take_paper_back(
        posting=sold, because="販売の取り消し", by=by or paper.maker, at=paper.town.at  # type: ignore[arg-type]
    )  # fmt: skip


def test_the_value_is_the_buyers_again_and_no_note_pays_any_more(paper: Paper) -> None:
    sold = handed(paper, 1, 2)
    assert held(paper) == 0
    assert back(paper, sold) == held(paper) == 2 * BOOKLET_YEN
    assert back(paper, sold) == 0, "a second time there is nothing to bring"
    counted = paper.count([paper.code(1, 1), paper.code(2, 12)])
    assert {each.state for each in counted.verdicts} == {"refused"}
    with refused("booklet_taken"):
        booklets.hand_over(posting=paper.bought(1), booklets=[paper.cover(1)], by=paper.maker, at=paper.town.at)


def test_a_sale_that_was_not_handed_over_has_no_paper(paper: Paper) -> None:
    assert back(paper, paper.bought(1)) == 0
    assert held(paper) == BOOKLET_YEN


@pytest.mark.parametrize("gone", ["spent", "blocked"])
def test_a_booklet_with_a_note_gone_is_not_whole(paper: Paper, gone: str) -> None:
    sold = handed(paper, 1, 2)
    if gone == "spent":
        paper.count([paper.code(2, 5)])
    else:
        booklets.block(serials=[paper.cover(2).of(5)], because="紛失", by=paper.maker, at=paper.town.at)
    with refused("booklet_not_whole") as caught:
        back(paper, sold)
    assert caught.value.facts["number"] == paper.cover(2).shown
    assert held(paper) == 0


def test_only_the_counter_or_the_checker_takes_paper_back(paper: Paper) -> None:
    sold = handed(paper, 1)
    for by in (paper.town.makers["welfare"], paper.town.checkers["welfare"]):
        with refused("not_allowed"):
            back(paper, sold, by=by)
    assert back(paper, sold, by=paper.checker) == BOOKLET_YEN


@pytest.mark.django_db
def test_no_yen_is_made_or_lost_whatever_was_spent_before(paper: Paper) -> None:
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(st.integers(1, 2), st.integers(1, 12)), max_size=4, unique=True))
    def lived(spent: list[tuple[int, int]]) -> None:
        with transaction.atomic():
            sold = handed(paper, 1, 2)
            if spent:
                paper.count([paper.code(*each) for each in spent])
            try:
                got = back(paper, sold)
            except Refusal:
                got = 0
            assert got == (0 if spent else 2 * BOOKLET_YEN)
            transaction.set_rollback(True)

    lived()


@pytest.mark.django_db(transaction=True)
def test_a_note_is_paid_or_brought_back_never_both() -> None:
    paper = found_paper()
    whole = 0
    for booklet in range(1, 7):
        sold = handed(paper, booklet)
        answers = at_once(
            lambda given=sold: back(paper, given), lambda number=booklet: paper.count([paper.code(number, 3)])
        )  # type: ignore[misc]
        whole += answers[0] == BOOKLET_YEN
        assert held(paper) == whole * BOOKLET_YEN
        assert paper.takings() == (booklet - whole) * 1_000, "what was not brought back was paid"
