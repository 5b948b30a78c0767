"""Piles of paper applications under attack: other towns, households over their cap, who was quicker online, twins."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from meguri.programmes.vouchers import operations, queries
from meguri.programmes.vouchers.models import Application, ApplicationState
from meguri.programmes.vouchers.operations import LineAnswer, LineState, PaperWish
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal
from tests.programmes.vouchers.conftest import APPLYING, CLOSED, Fair, fair
from tests.programmes.vouchers.lived_town import at_once, moment, refused

LATER = moment(8, 2)


@pytest.fixture
def families(db: None) -> Fair:
    """One application for each household, five units at most."""
    return fair(obtaining__per="household", obtaining__rounds__0__units=10).open()


def wishes(sale: Fair, *lines: tuple[UUID | None, int]) -> list[PaperWish]:
    return [PaperWish(place, sale.sale, who, units) for place, (who, units) in enumerate(lines, start=1)]


def enter(sale: Fair, *lines: tuple[UUID | None, int], by: Actor | None = None) -> tuple[LineAnswer, ...]:
    return operations.apply_pile(wishes=wishes(sale, *lines), only_good=True, by=by or sale.maker, at=LATER)


def no(answer: LineAnswer) -> Refusal:
    assert answer.refusal is not None, answer
    return answer.refusal


def party(person: Actor) -> UUID:
    assert person.party is not None
    return person.party


# --- in words, both languages ----------------------------------------------------------------------------------------


def test_every_line_s_refusal_says_what_to_do_in_both_languages(families: Fair) -> None:
    town = families.town
    online, beside = town.person(household="A"), town.person(household="A")
    mother, child = town.person(household="B"), town.person(household="B")
    mine = families.apply(online, 2)
    found = enter(
        families, (party(online), 2), (party(beside), 1), (party(mother), 1), (party(child), 1), (party(mother), 1),
        (None, 1), (party(town.person()), 0),
    )  # fmt: skip
    expected = [
        ("voucher_pile_applied_themselves", f"2口で申し込み済みです(受付番号{mine.number})",
         "for 2 units (receipt number"),
        ("voucher_household_applied", "世帯", "household"),
        None,
        ("voucher_pile_household_twice", "この束の3行目と同じ世帯の人です", "same household as line 3"),
        ("voucher_pile_person_twice", "この束の3行目と同じ人です", "same person as on line 3"),
        ("voucher_resident_unknown", "", ""),
        ("voucher_too_many_units", "1口から5口まで", "1 to 5"),
    ]
    for answer, want in zip(found, expected, strict=True):
        if want is None:
            assert answer.state is LineState.TAKEN
            continue
        code, ja, en = want
        refusal = no(answer)
        assert (refusal.code, answer.state, answer.number) == (code, LineState.REFUSED, "")
        assert ja in refusal.sentence("ja")
        assert en in refusal.sentence("en")


def test_the_pile_s_own_refusals_name_their_numbers_in_both_languages(families: Fair) -> None:
    with refused("voucher_pile_has_faults") as caught:
        operations.apply_pile(
            wishes=wishes(families, (None, 1), (uuid4(), 1)), only_good=False, by=families.maker, at=LATER
        )
    assert "直す行が2件あるため、1件も入れていません" in caught.value.sentence("ja")
    assert "2 lines need mending, so none was entered" in caught.value.sentence("en")
    with refused("voucher_pile_too_long") as caught:
        enter(families)
    assert "1件から1,000件まで" in caught.value.sentence("ja")
    assert "1 to 1,000 applications (0 here)" in caught.value.sentence("en")


# --- whose they are --------------------------------------------------------------------------------------------------


def test_people_and_sales_of_another_town_are_unknown(families: Fair) -> None:
    other = fair(obtaining__rounds__0__units=10).open()
    theirs, mine = other.town.person(), families.town.person()
    answers = enter(families, (party(theirs), 1), (party(mine), 1))
    assert no(answers[0]).code == "voucher_resident_unknown"
    assert answers[1].state is LineState.TAKEN
    for by in (other.maker, other.town.officer("maker", "commerce")):
        with refused("voucher_sale_unknown"):
            enter(families, (party(mine), 1), by=by)
    mixed = [PaperWish(1, families.sale, party(mine), 1), PaperWish(2, other.sale, party(theirs), 1)]
    with refused("voucher_sale_unknown"):
        operations.apply_pile(wishes=mixed, only_good=True, by=families.maker, at=LATER)
    with refused("voucher_sale_unknown"):
        operations.try_pile(wishes=[PaperWish(1, uuid4(), party(mine), 1)], by=families.maker, at=LATER)
    assert not Application.objects.filter(sale=other.sale).exists()


def test_only_the_department_s_maker_enters_and_the_checker_does_not(families: Fair) -> None:
    person = party(families.town.person())
    for by in (families.checker, families.town.officer("maker", "planning"), families.town.person()):
        with refused("not_allowed"):
            enter(families, (person, 1), by=by)
    assert not Application.objects.exists()


# --- households and caps ---------------------------------------------------------------------------------------------


def test_a_household_has_one_form_whoever_of_it_signs_and_again_once_it_was_taken_back(families: Fair) -> None:
    members = [families.town.person(household="A") for _ in range(3)]
    first = enter(families, *((party(each), 2) for each in members))
    assert [each.state for each in first] == [LineState.TAKEN, LineState.REFUSED, LineState.REFUSED]
    assert no(enter(families, (party(members[1]), 2))[0]).code == "voucher_household_applied"
    row = Application.objects.get(sale=families.sale)
    operations.withdraw_application(application=row.id, by=members[0], at=LATER)
    (again,) = enter(families, (party(members[2]), 3))
    assert again.state is LineState.TAKEN
    assert again.number != first[0].number
    standing = Application.objects.filter(sale=families.sale).exclude(state=ApplicationState.WITHDRAWN)
    assert [each.resident for each in standing] == [members[2].party]


def test_more_units_than_a_household_may_have_are_refused_line_by_line(families: Fair) -> None:
    people = [party(families.town.person()) for _ in range(5)]
    found = enter(families, *zip(people, (5, 6, 0, -1, 10**9), strict=True))
    assert [each.state for each in found] == [LineState.TAKEN, *[LineState.REFUSED] * 4]
    assert {no(each).code for each in found[1:]} == {"voucher_too_many_units"}


# --- meanwhile -------------------------------------------------------------------------------------------------------


def test_who_applies_online_between_the_look_and_the_deed_keeps_what_they_chose(families: Fair) -> None:
    quick, slow = families.town.person(), families.town.person()
    pile = wishes(families, (party(quick), 5), (party(slow), 1))
    looked = operations.try_pile(wishes=pile, by=families.maker, at=APPLYING)
    assert {each.state for each in looked} == {LineState.TAKEN}
    assert {each.number for each in looked} == {""}, "a look promises no number"
    families.apply(quick, 1)
    with refused("voucher_pile_has_faults"):
        operations.apply_pile(wishes=pile, only_good=False, by=families.maker, at=LATER)
    assert Application.objects.count() == 1
    done = operations.apply_pile(wishes=pile, only_good=True, by=families.maker, at=LATER)
    assert [each.state for each in done] == [LineState.REFUSED, LineState.TAKEN]
    (kept,) = queries.applications_of(party(quick), municipality=families.town.municipality)
    assert kept.units_applied == 1


def test_the_list_that_closes_between_the_look_and_the_deed_takes_nobody(families: Fair) -> None:
    pile = wishes(families, (party(families.town.person()), 1))
    operations.try_pile(wishes=pile, by=families.maker, at=LATER)
    operations.close_applications(sale=families.sale, by=families.checker, at=CLOSED)
    for at in (LATER, CLOSED):
        with refused("voucher_too_late"):
            operations.apply_pile(wishes=pile, only_good=True, by=families.maker, at=at)
    assert not Application.objects.exists()


def test_a_look_writes_neither_application_nor_notice(families: Fair) -> None:
    person = families.town.person()
    for _ in range(2):
        operations.try_pile(wishes=wishes(families, (party(person), 1)), by=families.maker, at=LATER)
    assert families.town.topics(person) == []
    enter(families, (party(person), 1))
    told = families.town.topics(person)
    assert len(told) == 1
    enter(families, (party(person), 1))
    assert families.town.topics(person) == told, "sent again, nobody is told again"


# --- at once ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_same_pile_twice_at_once_and_somebody_online_make_one_application_each() -> None:
    sale = fair(obtaining__per="household", obtaining__rounds__0__units=10).open()
    sale.apply(sale.town.person())
    people = [sale.town.person() for _ in range(6)]
    pile = wishes(sale, *((party(each), 2) for each in people))
    quick = people[3]

    def send() -> object:
        return operations.apply_pile(wishes=pile, only_good=True, by=sale.maker, at=LATER)

    answers = at_once(send, send, lambda: sale.apply(quick, 1, at=LATER))
    piles = [each for each in answers if isinstance(each, tuple)]
    assert len(piles) == 2, answers
    for person in people:
        rows = Application.objects.filter(sale=sale.sale, resident=person.party)
        assert rows.count() == 1
        lines = [each[people.index(person)] for each in piles]
        numbers = {each.number for each in lines if each.state is not LineState.REFUSED}
        assert numbers <= {row.number for row in rows}, "both officers read out the same number"
        if person is not quick:
            assert sorted(str(each.state) for each in lines) == ["taken", "there"]
