"""Windows, units, numbers and odds of a sale, decided without a database."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.parties.rules import Both
from meguri.programmes.parts import Allocation, FacePart, Sale, SaleRound, Text, Window
from meguri.programmes.vouchers import rules
from meguri.programmes.vouchers.rules import Entry
from meguri.words import draw
from meguri.words.period import Period
from tests.programmes.vouchers.lived_town import moment, refused

SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
OCTOBER = Window(first_day=date(2025, 10, 1), last_day=date(2025, 10, 31))
INSTANT = timedelta(microseconds=1)
days = st.dates(date(2025, 1, 1), date(2026, 12, 31))


def sale_round(code: str) -> SaleRound:
    return SaleRound(
        code=code, name=Text(ja="回", en="round"), units=10, allocation=Allocation.FIRST_COME, purchase=OCTOBER
    )


def sale(*codes: str) -> Sale:
    rounds = tuple(sale_round(code) for code in codes)
    return Sale(unit_price_yen=10_000, face=(FacePart(purse="paid", yen=10_000),), max_units=5, rounds=rounds)


def test_a_round_is_found_by_its_code_alone() -> None:
    two = sale("first", "second")
    assert rules.find_round(two, "second") is two.rounds[1]
    assert rules.find_round(two, "first") is two.rounds[0]


@pytest.mark.parametrize("code", ["", "third", "First", "firs"])
def test_a_round_that_the_terms_lack_is_named(code: str) -> None:
    with refused("voucher_round_unknown") as caught:
        rules.find_round(sale("first", "second"), code)
    assert f"「{code}」" in caught.value.sentence("ja")
    assert f"“{code}”" in caught.value.sentence("en")
    assert caught.value.kind.status == 404


def test_only_first_come_needs_no_application() -> None:
    assert {each for each in Allocation if not rules.is_drawn(each)} == {Allocation.FIRST_COME}


@given(days, st.integers(0, 200), st.integers(-400, 400), st.integers(0, 86_399))
def test_a_window_takes_whatever_comes_on_its_days(first: date, length: int, away: int, second: int) -> None:
    last = first + timedelta(days=length)
    window = Period.of_days(first, last)
    on = first + timedelta(days=away)
    at = Period.of_days(on).start + timedelta(seconds=second)
    if first <= on <= last:
        rules.require_within(window, at)
        return
    code, day = ("voucher_too_early", first) if on < first else ("voucher_too_late", last)
    with refused(code) as caught:
        rules.require_within(window, at)
    assert f"{day.year}年{day.month}月{day.day}日" in caught.value.sentence("ja")
    assert f"{day.day} {day:%B} {day.year}" in caught.value.sentence("en")


def test_a_window_begins_and_ends_at_a_midnight_of_japan() -> None:
    window = OCTOBER.period
    rules.require_within(window, moment(9, 30, 15))
    rules.require_within(window, moment(10, 31, 15) - INSTANT)
    with refused("voucher_too_early"):
        rules.require_within(window, moment(9, 30, 15) - INSTANT)
    with refused("voucher_too_late"):
        rules.require_within(window, moment(10, 31, 15))


def test_a_window_without_end_is_never_too_late() -> None:
    rules.require_within(Period(moment(10, 1)), moment(10, 1, year=2099))
    assert rules.said_last_day(Period(moment(10, 1))) == Both("2025年10月1日", "1 October 2025")


def test_the_end_of_a_window_is_the_midnight_after_its_last_day() -> None:
    assert rules.end_of(OCTOBER.period) == moment(10, 31, 15)
    assert rules.said_last_day(OCTOBER.period) == Both("2025年10月31日", "31 October 2025")
    assert rules.said(moment(10, 31, 15)) == Both("2025年11月1日", "1 November 2025")


@given(st.integers(-3, 20), st.integers(1, 12))
def test_units_are_asked_for_from_one_to_the_most(units: int, most: int) -> None:
    if 1 <= units <= most:
        rules.require_units(units, most=most)
        return
    with refused("voucher_too_many_units") as caught:
        rules.require_units(units, most=most)
    assert caught.value.field == "units"
    assert caught.value.sentence("en") == f"You can ask for 1 to {most} units (you entered {units})."


@given(st.integers(0, rules.NUMBERS - 1))
def test_a_receipt_number_tells_the_chance_it_was_made_of(chance: int) -> None:
    """So two chances never share a number: it can be read back, sign by sign."""
    number = rules.receipt_number(chance)
    assert [len(part) for part in number.split("-")] == [4, 4, 4]
    assert set(number) <= {*SIGNS, "-"}
    assert sum(SIGNS.index(sign) * 31**place for place, sign in enumerate(number.replace("-", ""))) == chance


def test_there_are_as_many_numbers_as_twelve_signs_make() -> None:
    assert rules.NUMBERS == 31**12
    assert rules.receipt_number(rules.NUMBERS - 1) == "ZZZZ-ZZZZ-ZZZZ"
    assert rules.receipt_number(0) == "2222-2222-2222"


def test_stock_rights_and_ceilings_are_different_things_in_every_programme_and_round() -> None:
    one, other = UUID(int=1), UUID(int=2)
    allowed = [rules.allowed_units(programme, bundle) for programme in (one, other) for bundle in ("", "small", "big")]
    for programme in (one, other):
        for code in ("first", "second"):
            allowed += [rules.allowed_stock(programme, code), rules.allowed_right(programme, code)]
    assert len(set(allowed)) == len(allowed) == 14


def test_a_units_name_in_the_books_never_changes() -> None:
    """Stock opened yesterday must be found today: these names are written in the books."""
    one = UUID("0197c5f0-0000-7000-8000-000000000001")
    assert str(rules.allowed_stock(one, "first")) == "c55bb5ca-3965-5749-a176-519dc9c2df0b"
    assert str(rules.allowed_right(one, "first")) == "2cdf2faf-69fa-5686-bb43-d6b11edd9c87"
    assert str(rules.allowed_units(one, "")) == "50aefc8e-ed91-593a-9451-22aea3516598"


entries = st.dictionaries(st.text("ABCDEFGH", min_size=1, max_size=5), st.integers(1, 9), min_size=1, max_size=12).map(
    lambda asked: [Entry(number, units) for number, units in asked.items()]
)


@given(entries)
def test_the_published_list_has_one_hash_in_whatever_order_it_was_read(listed: list[Entry]) -> None:
    shuffled = sorted(listed, key=lambda entry: entry.line[::-1])
    assert rules.list_hash(shuffled) == rules.list_hash(listed)
    text = "".join(f"{entry.number} {entry.units}\n" for entry in sorted(listed, key=lambda entry: entry.line))
    assert rules.list_hash(listed) == hashlib.sha256(text.encode()).hexdigest()


@given(entries, st.data())
def test_another_wish_or_another_person_is_another_list(listed: list[Entry], data: st.DataObject) -> None:
    changed = data.draw(st.integers(0, len(listed) - 1))
    number, units = listed[changed].number, listed[changed].units
    before = rules.list_hash(listed)
    for other in (Entry(number, units + 1), Entry(f"{number}Z", units)):
        assert rules.list_hash([*listed[:changed], other, *listed[changed + 1 :]]) != before
    assert rules.list_hash(listed[:changed] + listed[changed + 1 :]) != before


def compute(listed: list[Entry], *, stock: int, allocation: str) -> rules.Result:
    seed = draw.Seed(secret="s", list_hash=rules.list_hash(listed), public_value="v")
    return rules.compute_draw(listed, seed=seed, stock=stock, allocation=allocation)


@given(entries, st.integers(0, 60))
def test_a_lottery_serves_whole_wishes_in_drawn_order_and_cuts_one_at_most(listed: list[Entry], stock: int) -> None:
    awards = compute(listed, stock=stock, allocation="lottery").awards
    left = stock
    for award in awards:
        assert award.units_won == min(award.units_asked, left)
        left -= award.units_won
    assert sum(0 < award.units_won < award.units_asked for award in awards) <= 1


@given(entries, st.integers(0, 60))
def test_an_even_share_gives_nobody_two_more_than_somebody_who_wanted_more(listed: list[Entry], stock: int) -> None:
    awards = compute(listed, stock=stock, allocation="even_share").awards
    cut = [award.units_won for award in awards if award.units_won < award.units_asked]
    assert all(award.units_won <= min(cut, default=9) + 1 for award in awards)


@given(entries, st.integers(0, 60), st.sampled_from(["lottery", "even_share"]))
def test_results_are_published_under_a_digest_that_anybody_computes(
    listed: list[Entry], stock: int, allocation: str
) -> None:
    result = compute(listed, stock=stock, allocation=allocation)
    text = "".join(f"{award.rank} {award.id} {award.units_won}\n" for award in result.awards)
    assert result.digest == hashlib.sha256(text.encode()).hexdigest() == rules.results_digest(result.awards)


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_odds_never_promise_more_than_there_is(applied: int, units: int) -> None:
    odds = rules.odds_bp(applied, units=units)
    assert 0 <= odds <= 10_000
    assert (odds == 10_000) == (applied <= units)
    if applied > units:
        assert odds * applied <= units * 10_000 < (odds + 1) * applied


def test_every_state_and_holder_has_words_in_both_languages() -> None:
    said = [*rules.STATES.values(), *rules.HOLDERS.values()]
    assert all(words.ja and words.en.isascii() for words in said)
    assert len({words.ja for words in said}) == len(said)
    assert set(rules.HOLDERS) == {"resident", "household"}


def test_an_entry_stands_on_one_line_of_the_published_list() -> None:
    number = rules.receipt_number(uuid4().int % rules.NUMBERS)
    assert Entry(number, 12).line == f"{number} 12"
