"""A pile of paper applications: every line is judged by itself, nothing is half done, and a look changes nothing."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.parties.rules import Both
from meguri.programmes.vouchers import operations, queries
from meguri.programmes.vouchers.models import Application
from meguri.programmes.vouchers.operations import LineAnswer, LineState, PaperWish, piles
from meguri.words.actor import Actor
from meguri.words.wareki import DATE_MISSING
from tests.programmes.vouchers.conftest import APPLYING, CLOSED, Fair, fair
from tests.programmes.vouchers.lived_town import moment, refused
from tests.programmes.vouchers.test_life import FIRST_COME

IN_SPAN = moment(10, 6)


def wishes(sale: Fair, *lines: tuple[Actor | UUID, int]) -> list[PaperWish]:
    return [PaperWish(place, sale.sale, who if isinstance(who, UUID) else who.party, units)
            for place, (who, units) in enumerate(lines, start=1)]  # fmt: skip


def enter(sale: Fair, *lines: tuple[Actor | UUID, int], only_good: bool = True) -> tuple[LineAnswer, ...]:
    return operations.apply_pile(
        wishes=wishes(sale, *lines), only_good=only_good, by=sale.maker, at=APPLYING
    )  # fmt: skip


def said(answers: tuple[LineAnswer, ...]) -> list[str]:
    """Each line's state, or the code of its refusal."""
    return [each.refusal.code if each.refusal else str(each.state) for each in answers]


@pytest.fixture
def families(db: None) -> Fair:
    """One application for each household, five units at most."""
    return fair(obtaining__per="household", obtaining__rounds__0__units=10).open()


def test_each_line_says_what_becomes_of_it_and_only_good_ones_are_entered(families: Fair) -> None:
    town = families.town
    online, mother, child = town.person(household="F1"), town.person(household="F2"), town.person(household="F2")
    good, moved = town.person(), town.person(moved_out=date(2025, 6, 30))
    beside = town.person(household="F1")
    mine = families.apply(online, 2)
    pile = [
        (good, 3), (online, 2), (beside, 1), (mother, 1), (child, 1), (good, 3), (moved, 1), (uuid4(), 1),
        (town.person(), 0), (town.person(), 99),
    ]  # fmt: skip
    expected = [
        "taken", "voucher_pile_applied_themselves", "voucher_household_applied", "taken",
        "voucher_pile_household_twice", "voucher_pile_person_twice", "voucher_not_eligible",
        "voucher_resident_unknown", "voucher_too_many_units", "voucher_too_many_units",
    ]  # fmt: skip
    assert said(operations.try_pile(wishes=wishes(families, *pile), by=families.maker, at=APPLYING)) == expected
    assert Application.objects.filter(sale=families.sale).count() == 1, "a look changes nothing"
    answers = enter(families, *pile)
    assert said(answers) == expected
    assert mine.number in answers[1].refusal.sentence("ja")  # type: ignore[union-attr]
    assert "1行目" in answers[5].refusal.sentence("ja")  # type: ignore[union-attr]
    rows = Application.objects.filter(sale=families.sale, applied_by=families.maker.party)
    assert {(row.resident, row.units_applied, row.number) for row in rows} == {
        (good.party, 3, answers[0].number), (mother.party, 1, answers[3].number)
    }  # fmt: skip


def test_all_or_none_enters_none_where_a_line_is_wrong(families: Fair) -> None:
    good = families.town.person()
    with refused("voucher_pile_has_faults") as caught:
        enter(families, (good, 1), (good, 1), (uuid4(), 1), only_good=False)
    answers = caught.value.facts["all_answers"]
    assert isinstance(answers, tuple)
    assert said(answers) == ["taken", "voucher_pile_person_twice", "voucher_resident_unknown"]
    assert not Application.objects.filter(sale=families.sale).exists()
    assert said(enter(families, (good, 1), only_good=False)) == ["taken"]


def test_the_same_pile_again_enters_nothing_twice_and_tells_the_same_numbers(families: Fair) -> None:
    people = [families.town.person() for _ in range(3)]
    first = enter(families, *((person, 2) for person in people), only_good=False)
    again = enter(families, *((person, 2) for person in people), only_good=False)
    assert said(again) == ["there"] * 3
    assert [each.number for each in again] == [each.number for each in first]
    assert said(enter(families, (people[0], 1))) == ["voucher_already_applied"], "other units are another wish"
    assert queries.sale_page(families.sale, municipality=families.town.municipality).applications == 3


def test_a_line_that_cannot_be_read_stays_a_fault_of_its_own(families: Fair) -> None:
    good = PaperWish(1, families.sale, families.town.person().party, 1)
    bad = PaperWish(2, families.sale, None, 0, DATE_MISSING.refusal())
    answers = operations.apply_pile(wishes=[good, bad], only_good=True, by=families.maker, at=APPLYING)
    assert said(answers) == ["taken", "date_missing"]


def test_what_is_wrong_with_the_sale_is_no_fault_of_a_line(families: Fair) -> None:
    line = (families.town.person(), 1)
    with refused("voucher_too_late"):
        operations.apply_pile(wishes=wishes(families, line), only_good=True, by=families.maker, at=CLOSED)
    with refused("not_allowed"):
        operations.apply_pile(
            wishes=wishes(families, line), only_good=True, by=families.town.officer("maker", "welfare"), at=APPLYING
        )
    with refused("not_allowed"):
        operations.try_pile(wishes=wishes(families, line), by=families.town.person(), at=APPLYING)
    with refused("voucher_pile_too_long"):
        operations.try_pile(wishes=[], by=families.maker, at=APPLYING)
    with refused("voucher_pile_too_long"):
        enter(families, *([line] * (piles.PILE_MOST + 1)))


def test_the_cap_over_all_rounds_and_a_line_of_each_round(db: None) -> None:
    """Bought in the first round, asked for on paper in the second; and a pile may hold lines of two rounds."""
    first = {**FIRST_COME["obtaining__rounds__0"], "units": 10}
    drawn = {
        "code": "second", "name": {"ja": "二次", "en": "Second"}, "units": 10, "allocation": "lottery",
        "application": {"first_day": date(2025, 10, 5), "last_day": date(2025, 10, 20)},
        "drawn_on": date(2025, 10, 25),
        "purchase": {"first_day": date(2025, 10, 27), "last_day": date(2025, 10, 31)},
    }  # fmt: skip
    sale = fair(obtaining__rounds=[first, drawn, drawn | {"code": "third"}]).open()
    person, other = sale.town.person(), sale.town.person()
    operations.buy_at_once(sale=sale.sale, units=4, by=person, at=IN_SPAN)
    second, third = (
        operations.open_sale(
            programme=sale.made.programme, round_code=code, by=sale.checker, at=IN_SPAN,
            value_named=Both("日経平均", "Nikkei"),
        )
        for code in ("second", "third")
    )  # fmt: skip
    pile = [PaperWish(1, second, person.party, 2), PaperWish(2, second, other.party, 1),
            PaperWish(3, third, other.party, 1)]  # fmt: skip
    answers = operations.apply_pile(wishes=pile, only_good=True, by=sale.maker, at=IN_SPAN)
    assert said(answers) == ["voucher_unit_limit_reached", "taken", "taken"]
    with refused("voucher_not_drawn"):
        operations.apply_pile(
            wishes=[PaperWish(1, sale.sale, other.party, 1)], only_good=True, by=sale.maker, at=IN_SPAN
        )


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(picks=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6)), min_size=1, max_size=8))
def test_a_look_says_what_the_deed_then_does(families: Fair, picks: list[tuple[int, int]]) -> None:
    sale = families
    with transaction.atomic():
        people = [sale.town.person(household=f"F{place // 2}") for place in range(5)]
        sale.apply(people[4], 1)
        pile = wishes(sale, *((people[who], units) for who, units in picks))
        looked = operations.try_pile(wishes=pile, by=sale.maker, at=APPLYING)
        done = operations.apply_pile(wishes=pile, only_good=True, by=sale.maker, at=APPLYING)
        assert said(looked) == said(done)
        rows = Application.objects.filter(sale=sale.sale).exclude(applied_by=None)
        assert rows.count() == sum(each.state is LineState.TAKEN for each in done)
        assert len({row.counted for row in rows}) == rows.count(), "one for each household"
        transaction.set_rollback(True)
