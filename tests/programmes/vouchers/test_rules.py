"""Pure decisions of a sale, over many invented lists."""

from __future__ import annotations

from string import ascii_uppercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.programmes.vouchers import rules
from meguri.programmes.vouchers.rules import Entry
from meguri.words.draw import Seed
from meguri.words.period import Period
from tests.programmes.vouchers.lived_town import moment, refused

LISTS = st.dictionaries(st.text(ascii_uppercase, min_size=4, max_size=8), st.integers(1, 9), min_size=1, max_size=30)


def compute(entries: list[Entry], *, stock: int, allocation: str, value: str = "v") -> rules.Result:
    seed = Seed(secret="s", list_hash=rules.list_hash(entries), public_value=value)
    return rules.compute_draw(entries, seed=seed, stock=stock, allocation=allocation)


@given(LISTS, st.integers(0, 80), st.sampled_from(["lottery", "even_share"]))
def test_a_draw_uses_what_it_has_and_nobody_gets_more_than_asked(
    asked: dict[str, int], stock: int, allocation: str
) -> None:
    entries = [Entry(*each) for each in asked.items()]
    result = compute(entries, stock=stock, allocation=allocation)
    assert sum(award.units_won for award in result.awards) == min(stock, sum(asked.values()))
    assert all(0 <= award.units_won <= asked[award.id] for award in result.awards)
    assert [award.rank for award in result.awards] == list(range(1, len(asked) + 1))
    again = compute(entries[::-1], stock=stock, allocation=allocation)
    assert again == result


@given(LISTS, st.integers(1, 40))
def test_results_under_another_value_have_another_digest(asked: dict[str, int], stock: int) -> None:
    entries = [Entry(*each) for each in asked.items()]
    first, other = (compute(entries, stock=stock, allocation="lottery", value=value) for value in ("v", "w"))
    same_order = [award.id for award in first.awards] == [award.id for award in other.awards]
    assert (first.digest == other.digest) == same_order


@given(st.integers(0, rules.NUMBERS - 1))
def test_receipt_numbers_are_read_out_loud_without_mistakes(chance: int) -> None:
    number = rules.receipt_number(chance)
    assert len(number) == 14
    assert not set(number) & set("01OIL")


def test_receipt_numbers_differ_for_different_chances() -> None:
    assert len({rules.receipt_number(chance) for chance in range(5_000)}) == 5_000
    assert rules.receipt_number(rules.NUMBERS - 1) != rules.receipt_number(rules.NUMBERS - 32)


@pytest.mark.parametrize(
    ("applied", "units", "odds"), [(0, 10, 10_000), (10, 10, 10_000), (15, 10, 6_666), (1_000, 1, 10)]
)
def test_odds(applied: int, units: int, odds: int) -> None:
    assert rules.odds_bp(applied, units=units) == odds


def test_days_are_said_in_both_languages() -> None:
    window = Period.of_days(moment(10, 1).date(), moment(10, 31).date())
    with refused("voucher_too_late") as caught:
        rules.require_within(window, moment(11, 1))
    assert "2025年10月31日" in caught.value.sentence("ja")
    assert "31 October 2025" in caught.value.sentence("en")


def test_a_sale_window_has_an_end() -> None:
    with pytest.raises(ValueError, match="has an end"):
        rules.end_of(Period(moment(10, 1)))
