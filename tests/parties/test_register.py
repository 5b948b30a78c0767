"""The register's file at its edges: spellings, days on which facts begin and end, towns beside each other."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from meguri.parties import queries
from meguri.parties.models import Household, Resident
from meguri.parties.operations import (
    approve,
    forget_person,
    propose,
    register_residents,
    reveal_people,
    reveal_person,
)
from meguri.parties.rules import digest_of
from meguri.vault.queries import find, reveals
from meguri.vault.rules import Field
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.parties.conftest import AT, Town, entry

ON = date(2026, 10, 1)
DAY = timedelta(days=1)
REASON = "窓口での本人確認"


@pytest.mark.parametrize("again", ["１２", "1 2", "1-2", "１２　"])
@pytest.mark.parametrize("known", [True, False])
def test_one_number_in_two_spellings_is_one_person_twice(again: str, *, known: bool, town: Town) -> None:
    if known:
        town.residents(entry("12"))
    with pytest.raises(Refusal) as no:
        town.residents(entry("12"), entry("3"), entry(again))
    assert (no.value.code, no.value.facts["row"]) == ("resident_twice", 3)
    assert "3行目" in no.value.sentence("ja")
    assert "Row 3" in no.value.sentence("en")
    assert Resident.objects.count() == known, "nothing of the file was registered"


def test_one_household_in_two_spellings_is_one_household(town: Town) -> None:
    people = town.residents(entry("1", "H1"), entry("2", "Ｈ１"), entry("3", "h-1"), entry("4", "H2"))
    assert len(set(people)) == 4
    assert Household.objects.count() == 2
    assert len(find(Field.HOUSEHOLD_NUMBER, "H1", municipality=1)) == 1
    (later,) = town.residents(entry("5", "ｈ１"))
    homes = {row.id: row.household_id for row in Resident.objects.all()}
    assert homes[later] == homes[people[0]] == homes[people[2]] != homes[people[3]]


def test_a_household_number_is_kept_as_it_was_first_written(town: Town) -> None:
    town.residents(entry("1", "Ｈ１"), entry("2", "H1"))
    (household,) = find(Field.HOUSEHOLD_NUMBER, "H1", municipality=1)
    checker = town.actor("checker")
    shown = reveal_person(household, [Field.HOUSEHOLD_NUMBER], reason=REASON, by=checker, at=AT)
    assert shown == {Field.HOUSEHOLD_NUMBER: "Ｈ１"}


@pytest.mark.parametrize(
    ("change", "field"),
    [({"number": "-"}, "number"), ({"number": " "}, "number"), ({"household_number": "ー"}, "household_number")],
)
def test_a_number_that_says_nothing_would_be_somebody_new_each_time(
    change: dict[str, Any], field: str, town: Town
) -> None:
    with pytest.raises(Refusal) as no:
        town.residents(entry("1"), entry(**{"number": "2", **change}))
    assert (no.value.code, no.value.field, no.value.facts["row"]) == ("resident_row_wrong", field, 2)


def test_people_without_a_number_are_as_many_as_the_rows(town: Town) -> None:
    """An invented town has no register behind it: nobody is known again by a number that nobody has."""
    chosen = uuid4()
    first = town.residents(entry("", id=chosen), entry(""), entry(""))
    assert first[0] == chosen
    assert len(set(first)) == Resident.objects.count() == 3


def test_a_known_number_outweighs_an_id_that_was_chosen(town: Town) -> None:
    (person,) = town.residents(entry("1"))
    assert town.residents(entry("1", id=uuid4())) == [person]


def test_a_file_of_nobody_registers_nobody(town: Town) -> None:
    assert town.residents() == []
    assert not Household.objects.exists()


@pytest.mark.parametrize(
    "edge",
    [
        {"birth_date": ON, "moved_in": ON}, {"birth_date": date(1880, 1, 1), "moved_in": date(1880, 1, 1)},
        {"moved_in": date(1980, 5, 5)}, {"moved_in": ON, "moved_out": ON},
        {"moved_in": ON + 30 * DAY, "moved_out": None},
    ],
)
def test_days_that_may_just_be_true(edge: dict[str, Any], town: Town) -> None:
    """Born today, moved in on the day of birth, gone on the day of coming, coming next month."""
    assert len(town.residents(entry(**edge))) == 1


def test_today_is_the_day_in_japan(town: Town) -> None:
    """At 16:00 UTC it is tomorrow already: whoever was born there after midnight is born."""
    evening = AT.replace(hour=16)
    born = entry(birth_date=ON + DAY, moved_in=ON + DAY)
    with pytest.raises(Refusal, match="the date of birth"):
        register_residents([born], by=town.system, at=evening - timedelta(hours=2))
    assert register_residents([born], by=town.system, at=evening)


def test_two_towns_have_one_number_each(town: Town) -> None:
    (here,) = town.residents(entry("1", sealed={Field.NAME: "山田"}))
    elsewhere = Actor(2, ActorRole.SYSTEM)
    (there,) = register_residents([entry("1", sealed={Field.NAME: "鈴木"})], by=elsewhere, at=AT)
    assert here != there
    assert Household.objects.values("municipality").distinct().count() == 2
    assert find(Field.RESIDENT_NUMBER, "1", municipality=1) == (here,)
    assert set(queries.resident_facts([here, there], municipality=1, on=ON)) == {here}
    assert not reveal_people([here], [Field.NAME], reason=REASON, by=Actor(2, ActorRole.CHECKER, uuid4()), at=AT)


@pytest.mark.parametrize(
    ("on", "resident", "days"),
    [(ON - DAY, False, 0), (ON, True, 0), (ON + DAY, True, 1), (ON + 9 * DAY, True, 9), (ON + 10 * DAY, False, 10),
     (ON + 99 * DAY, False, 10)],
)
def test_a_resident_is_one_from_the_first_day_until_before_the_last(
    *, on: date, resident: bool, days: int, town: Town
) -> None:
    (person,) = town.residents(entry(moved_in=ON, moved_out=ON + 10 * DAY))
    facts = queries.resident_facts([person], municipality=1, on=on)[person]
    assert (facts.resident, facts.resident_days) == (resident, days)


def test_a_household_is_exempt_when_everybody_who_lives_there_is(town: Town) -> None:
    came = {"moved_in": date(2020, 4, 1)}
    people = town.residents(
        entry("1", tax_class="exempt"), entry("2", tax_class="exempt", birth_date=ON.replace(year=2008), **came),
        entry("3", tax_class="income", moved_out=ON, birth_date=ON.replace(year=2008) + DAY, **came),
    )
    today = queries.resident_facts(people, municipality=1, on=ON)
    assert {facts.household_exempt for facts in today.values()} == {True}, "who has left is asked no more"
    assert {(facts.household_size, facts.children) for facts in today.values()} == {(2, 0)}, "18 today is a grown-up"
    yesterday = queries.resident_facts(people, municipality=1, on=ON - DAY)
    assert {facts.household_exempt for facts in yesterday.values()} == {False}
    assert {(facts.household_size, facts.children) for facts in yesterday.values()} == {(3, 2)}


def test_a_few_like_somebody_are_residents_of_an_age_with_or_without_children(town: Town) -> None:
    def born(year: int, number: str, household: str, **more: object) -> Any:
        return entry(number, household, birth_date=date(year, 10, 1), moved_in=date(2025, 1, 1), **more)

    parent, _, alone, _, shielded, gone = town.residents(
        born(1990, "1", "H1"), born(2020, "2", "H1"), born(1986, "3", "H2"), born(1985, "4", "H3"),
        born(1990, "5", "H4", shielded=True), born(1990, "6", "H5", moved_out=ON),
    )
    asked: dict[str, Any] = {"municipality": 1, "on": ON, "least_age": 36, "most_age": 40}
    assert queries.residents_like(with_children=True, **asked) == (parent,)
    assert queries.residents_like(with_children=False, **asked) == (alone,), "41, shielded or gone is not meant"
    assert {shielded, gone}.isdisjoint(queries.residents_like(with_children=False, **asked | {"least_age": 0}))
    assert queries.residents_like(with_children=False, **asked | {"municipality": 2}) == ()
    assert len(queries.residents_like(with_children=False, limit=1, **asked | {"most_age": 99})) == 1


def test_forgetting_keeps_the_year_and_finds_the_person_no_more(town: Town) -> None:
    person, other = town.residents(entry("1", birth_date=date(1980, 12, 31)), entry("2"))
    assert forget_person(person, by=town.actor("resident", party=person), at=AT)
    born = dict(Resident.objects.values_list("id", "birth_date"))
    assert born == {person: date(1980, 1, 1), other: date(1980, 5, 5)}
    (again,) = town.residents(entry("1"))
    assert again != person, "the number led to nobody any more"


def test_another_towns_officer_forgets_nobody_here(town: Town) -> None:
    (person,) = town.residents(entry("1"))
    assert forget_person(person, by=Actor(2, ActorRole.CHECKER, uuid4()), at=AT) is False
    assert Resident.objects.get().birth_date == date(1980, 5, 5)


def test_a_shielded_name_is_shown_and_only_the_address_is_kept_back(town: Town) -> None:
    sealed = {Field.NAME: "匿名 一", Field.ADDRESS: "秘密町1"}
    (person,) = town.residents(entry("1", shielded=True, sealed=sealed))
    checker = town.actor("checker")
    assert reveal_person(person, [Field.NAME], reason=REASON, by=checker, at=AT) == {Field.NAME: "匿名 一"}
    with pytest.raises(Refusal) as no:
        reveal_person(person, [Field.NAME, Field.ADDRESS], reason=REASON, by=checker, at=AT)
    assert no.value.kind.status == 403
    assert "支援措置" in no.value.sentence("ja")
    assert "shielded by law" in no.value.sentence("en")
    assert len(reveals(municipality=1, subject=person)) == 1, "what was refused is no look into the vault"
    (person,) = town.residents(entry("1", shielded=False))
    assert reveal_person(person, [Field.ADDRESS], reason=REASON, by=checker, at=AT) == {Field.ADDRESS: "秘密町1"}


def test_a_bulk_look_waits_until_its_request_is_approved(town: Town) -> None:
    people = town.residents(entry("1", sealed={Field.NAME: "山田"}))
    asked: dict[str, Any] = {"object_id": uuid4(), "at": AT, "department": "welfare"}
    maker, checker = town.actor("maker", "welfare"), town.actor("checker", "welfare")
    digest = digest_of("list")
    approval, other = (propose(action, digest=digest, by=maker, **asked) for action in ("vault.reveal", "vault.forget"))
    look: dict[str, Any] = {"reason": REASON, "by": checker, "at": AT}
    approve(other, digest, by=checker, at=AT)
    for waiting in (approval, other):
        with pytest.raises(Refusal, match="export_not_approved"):
            reveal_people(people, [Field.NAME], approval=waiting, **look)
    approve(approval, digest, by=checker, at=AT)
    assert reveal_people(people, [Field.NAME], approval=approval, **look) == {people[0]: {Field.NAME: "山田"}}
    with pytest.raises(Refusal, match="export_not_approved"):
        reveal_people(people, [Field.NAME], approval=approval, **look | {"by": Actor(2, ActorRole.CHECKER, uuid4())})


def test_an_approval_of_something_else_opens_no_bulk_look(town: Town) -> None:
    people = town.residents(entry("1", sealed={Field.NAME: "山田"}))
    with pytest.raises(Refusal) as no:
        reveal_people(people, [Field.NAME], reason=REASON, by=town.actor("checker"), at=AT, approval=uuid4())
    assert (no.value.code, no.value.kind.status) == ("export_not_approved", 403)
    with pytest.raises(Refusal, match="not_allowed"):
        reveal_people(people, [Field.NAME], reason=REASON, by=town.actor("analyst"), at=AT)
