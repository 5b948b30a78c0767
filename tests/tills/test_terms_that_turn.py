"""At the moment from which amended terms rule, every payment is judged by one version: by that of its own hour."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest

from meguri.programmes import operations as programmes
from meguri.programmes import queries
from meguri.programmes.terms import from_tree, to_tree
from meguri.tills import operations
from meguri.tills.rules import Asked
from meguri.words.clock import midnight
from meguri.words.refusal import Refusal
from tests.programmes.builders import put
from tests.programmes.vouchers.lived_town import at_once
from tests.town import Town

START = midnight(date(2025, 12, 1))
MOMENT = timedelta(microseconds=1)
NEAR = [-timedelta(hours=1), -timedelta(seconds=1), -MOMENT, timedelta(0), MOMENT, timedelta(seconds=1)]


def open_to_all_shops(town: Town, *, starts_at: datetime | None) -> None:
    """From the start on points are good at large shops, too."""
    view = queries.programme_by_code("green-and-health", municipality=town.municipality)
    assert view is not None
    tree = to_tree(queries.terms(view.id, municipality=town.municipality))
    put(tree, "purses.0.where", {"kind": "all", "of": []})
    wanted = {"programme": view.id, "by": town.makers["planning"], "at": town.at}
    programmes.draft_amendment(  # type: ignore[call-overload]
        terms=from_tree(tree), reason="町の決定", starts_at=starts_at, **wanted
    )
    programmes.submit_amendment(**wanted)  # type: ignore[arg-type]
    programmes.approve_amendment(programme=view.id, by=town.checkers["planning"], at=town.at)


def at_large_shop(town: Town, at: datetime) -> Asked:
    return operations.ask_at_shop(
        by=town.resident, at=at, holder=town.holder, shop=town.large_shop, amount_yen=10, request=str(uuid4())
    )


def is_paid(town: Town, at: datetime) -> bool:
    try:
        operations.pay(at_large_shop(town, at))
    except Refusal as refusal:
        if refusal.code != "payment_short":
            raise
        return False
    return True


def begin(town: Town) -> int:
    return programmes.begin_amendments(municipality=town.municipality, at=START)


def test_a_till_turns_to_the_new_terms_by_the_hour_and_asks_nobody(town: Town) -> None:
    """It has read the town's rules once, before; nothing is written at the start, and nobody comes."""
    town.give("points", 5_000)
    open_to_all_shops(town, starts_at=START)
    assert [is_paid(town, START + away) for away in NEAR] == [False, False, False, True, True, True]
    assert queries.coming(queries.programme_by_code(  # type: ignore[union-attr]
        "green-and-health", municipality=town.municipality).id, municipality=town.municipality) is not None  # fmt: skip


def test_a_till_that_knew_the_old_terms_learns_of_the_approval_and_of_the_withdrawal(town: Town) -> None:
    town.give("points", 5_000)
    assert not is_paid(town, START)
    open_to_all_shops(town, starts_at=START)
    assert is_paid(town, START)
    view = queries.programme_by_code("green-and-health", municipality=town.municipality)
    assert view is not None
    asked = {"programme": view.id, "at": town.at}
    programmes.propose_withdrawal(note="", by=town.makers["planning"], **asked)  # type: ignore[arg-type]
    programmes.approve_withdrawal(by=town.checkers["planning"], **asked)  # type: ignore[arg-type]
    assert not is_paid(town, START)


def test_payments_of_before_that_arrive_after_it_has_begun_are_judged_by_the_terms_of_before(town: Town) -> None:
    town.give("points", 5_000)
    open_to_all_shops(town, starts_at=START)
    assert begin(town) == 1
    assert [is_paid(town, START + away) for away in NEAR] == [False, False, False, True, True, True]


@pytest.mark.parametrize("seed", range(3))
def test_payments_that_meet_the_beginning_are_each_judged_by_the_terms_of_their_hour(town: Town, seed: int) -> None:
    """Threads pay around the moment in any order while the rows change hands beneath them."""
    town.give("points", 5_000)
    open_to_all_shops(town, starts_at=START)
    chosen = random.Random(seed)
    moments = [START + chosen.choice(NEAR) for _ in range(11)]
    works = [partial(is_paid, town, at) for at in moments]
    place = chosen.randrange(len(works))
    answers = at_once(*works[:place], partial(begin, town), *works[place:])
    assert answers.pop(place) == 1
    assert answers == [at >= START for at in moments]


def test_a_quote_says_what_a_payment_of_that_moment_would_do(town: Town) -> None:
    town.give("points", 500)
    open_to_all_shops(town, starts_at=START)
    quotes = [
        operations.quote_payment(by=town.resident, at=at, holder=town.holder, shop=town.large_shop, amount_yen=300)
        for at in (START - MOMENT, START)
    ]
    assert [quote.short_yen for quote in quotes] == [300, 0]
