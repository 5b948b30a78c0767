from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from meguri.parties import queries
from meguri.parties.models import Household, Resident
from meguri.parties.operations import forget_person, register_residents, reveal_people, reveal_person
from meguri.parties.rules import age_on
from meguri.vault.models import SealedRecord
from meguri.vault.rules import Field
from meguri.words.refusal import Refusal
from tests.parties.conftest import AT, Town, entry

ON = date(2026, 10, 1)
REASON = "窓口での本人確認"


def test_a_register_file_becomes_people_households_and_sealed_names(town: Town) -> None:
    people = town.residents(
        entry("1", sealed={Field.NAME: "山田 太郎"}), entry("2", sealed={Field.NAME: "山田 花子"}), entry("3", "H2")
    )
    assert len(set(people)) == 3
    assert Household.objects.count() == 2
    facts = queries.resident_facts(people, municipality=1, on=ON)
    assert facts[people[0]].household == facts[people[1]].household != facts[people[2]].household
    assert SealedRecord.objects.count() == 5, "three people and two households' numbers"


def test_the_same_file_twice_changes_nothing(town: Town) -> None:
    file = [entry(str(n), f"H{n // 3}") for n in range(9)]
    first = town.residents(*file)
    assert town.residents(*reversed(file)) == list(reversed(first))
    assert (Resident.objects.count(), Household.objects.count()) == (9, 3)


def test_a_later_file_updates_the_facts_of_the_same_person(town: Town) -> None:
    (person,) = town.residents(entry("1"))
    (again,) = town.residents(entry("1", ward="浜町", moved_out=date(2026, 9, 30), tax_class="exempt"))
    facts = queries.resident_facts([person], municipality=1, on=ON)[person]
    assert (again, facts.ward, facts.resident, facts.tax_class) == (person, "浜町", False, "exempt")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"birth_date": date(2026, 10, 2), "moved_in": date(2026, 10, 2)}, "birth_date"),
        ({"birth_date": date(1799, 1, 1)}, "birth_date"),
        ({"moved_in": date(1980, 5, 4)}, "moved_in"),
        ({"moved_out": date(2000, 3, 31)}, "moved_out"),
        ({"tax_class": "rich"}, "tax_class"),
        ({"ward": " "}, "ward"),
        ({"household_number": ""}, "household_number"),
    ],
)
def test_one_wrong_row_refuses_the_whole_file_and_names_row_and_field(
    change: dict[str, Any], field: str, town: Town
) -> None:
    wrong = {"number": "2", "household": "H1", **change}
    if "household_number" in change:
        wrong["household"] = wrong.pop("household_number")
    with pytest.raises(Refusal) as no:
        town.residents(entry("1"), entry(**wrong))
    assert (no.value.code, no.value.facts["row"], no.value.field) == ("resident_row_wrong", 2, field)
    assert field not in no.value.sentence("ja"), "a field's code is no word of a person"
    assert not Resident.objects.exists()


def test_one_number_twice_in_a_file_is_refused(town: Town) -> None:
    with pytest.raises(Refusal, match="resident_twice"):
        town.residents(entry("1"), entry("1"))


def test_clerks_register_nobody(town: Town) -> None:
    with pytest.raises(Refusal, match="not_allowed"):
        register_residents([entry()], by=town.actor("clerk"), at=AT)


def test_facts_of_a_household_count_who_is_resident_on_the_day(town: Town) -> None:
    people = town.residents(
        entry("1", tax_class="exempt"),
        entry("2", tax_class="exempt", birth_date=date(2010, 10, 2), moved_in=date(2010, 10, 2)),
        entry("3", tax_class="income", moved_out=date(2026, 9, 1)),
    )
    now = queries.resident_facts(people, municipality=1, on=ON)
    assert [now[p].resident for p in people] == [True, True, False]
    assert {(f.household_size, f.household_exempt, f.children) for f in now.values()} == {(2, True, 1)}
    before = queries.resident_facts(people, municipality=1, on=date(2026, 8, 31))
    assert {(f.household_size, f.household_exempt) for f in before.values()} == {(3, False)}
    assert before[people[0]].resident_days == (date(2026, 8, 31) - date(2000, 4, 1)).days


def test_facts_are_columns_that_sql_may_read_in_bulk(town: Town) -> None:
    people = town.residents(entry("1"), entry("2", "H2", ward="浜町"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT person FROM ({queries.RESIDENT_FACTS_SQL}) AS f WHERE resident AND age >= 18 AND ward = '浜町'",
            {"municipality": 1, "on": ON},
        )
        assert cursor.fetchall() == [(people[1],)]


def test_for_a_few_people_the_register_is_not_read_as_a_whole(town: Town) -> None:
    """In a city of half a million, every deed and every application asks for one person's facts."""
    people = town.residents(*(entry(str(number), f"H{number // 3}") for number in range(1_500)))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE parties_resident")
        before = _read_in_full(cursor)
        assert set(queries.resident_facts(people[:2], municipality=1, on=ON)) == set(people[:2])
        assert _read_in_full(cursor) == before
        cursor.execute("SELECT count(*) FROM resident_facts(1, %s)", [ON])
        assert cursor.fetchone() == (1_500,)
        assert _read_in_full(cursor) > before, "the count sees what it should"


def _read_in_full(cursor: Any) -> int:
    """How many rows of the register this transaction has read without an index."""
    cursor.execute("SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_xact_user_tables WHERE relname = %s",
                   ["parties_resident"])  # fmt: skip
    return int(cursor.fetchone()[0])


def test_people_of_another_town_are_absent(town: Town) -> None:
    (person,) = town.residents(entry())
    assert queries.resident_facts([person], municipality=2, on=ON) == {}


def test_members_of_a_household(town: Town) -> None:
    people = town.residents(entry("1"), entry("2"), entry("3", "H9"))
    household = queries.resident_facts([people[0]], municipality=1, on=ON)[people[0]].household
    assert set(queries.household_members(household, municipality=1)) == set(people[:2])


def test_a_shielded_address_is_shown_to_nobody_else(town: Town) -> None:
    shielded, other = town.residents(
        entry("1", shielded=True, sealed={Field.NAME: "匿名 一", Field.ADDRESS: "秘密町1"}),
        entry("2", "H2", sealed={Field.NAME: "公開 二", Field.ADDRESS: "中町2"}),
    )
    with pytest.raises(Refusal, match="address_shielded"):
        reveal_person(shielded, [Field.ADDRESS], reason=REASON, by=town.actor("checker"), at=AT)
    listed = reveal_people(
        [shielded, other], [Field.NAME, Field.ADDRESS], reason=REASON, by=town.actor("maker"), at=AT
    )
    assert listed[shielded] == {Field.NAME: "匿名 一"}
    assert listed[other][Field.ADDRESS] == "中町2"
    me = town.actor("resident", party=shielded)
    assert reveal_person(shielded, [Field.ADDRESS], reason="自分の確認", by=me, at=AT) == {Field.ADDRESS: "秘密町1"}


def test_a_resident_sees_only_the_own_record(town: Town) -> None:
    me, other = town.residents(entry("1"), entry("2"))
    with pytest.raises(Refusal, match="not_allowed"):
        reveal_person(other, [Field.NAME], reason=REASON, by=town.actor("resident", party=me), at=AT)


def test_forgetting_a_resident_coarsens_the_birth_date(town: Town) -> None:
    (person,) = town.residents(entry("1", sealed={Field.NAME: "山田 太郎"}))
    assert forget_person(person, by=town.actor("checker"), at=AT)
    assert Resident.objects.get(id=person).birth_date == date(1980, 1, 1)
    with pytest.raises(Refusal, match="not_allowed"):
        forget_person(person, by=town.actor("maker"), at=AT)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"moved_out": date(1999, 1, 1)}, "nobody_moves_out_before_moving_in"),
        ({"birth_date": date(2020, 1, 1)}, "nobody_moves_in_before_being_born"),
        ({"tax_class": "rich"}, "a_tax_class_is_known"),
    ],
)
def test_the_database_knows_it_too(change: dict[str, Any], constraint: str, town: Town) -> None:
    (person,) = town.residents(entry())
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Resident.objects.filter(id=person).update(**change)


class TestAge(TestCase):
    """SQL and Python count the same years."""

    @settings(deadline=None)
    @given(st.dates(date(1920, 1, 1), date(2026, 1, 1)), st.dates(date(2026, 1, 1), date(2030, 12, 31)))
    def test_sql_and_python_agree_on_age(self, born: date, on: date) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(year FROM age(%s::date, %s::date))::integer", [on, born])
            assert cursor.fetchone() == (age_on(born, on),)


def test_a_persons_own_facts_are_the_same_without_a_look_at_the_household(town: Town) -> None:
    """The quick walk over the register says what the function says, for every fact that it gives."""
    town.residents(
        entry("1"), entry("2", "H2", birth_date=date(2016, 2, 29), moved_in=date(2016, 2, 29)),
        entry("3", "H2", moved_out=date(2026, 9, 30), tax_class="exempt"), entry("4", "H3", moved_out=ON),
        entry("5", "H3", birth_date=ON - timedelta(days=1), moved_in=ON), entry("6", "H4", moved_in=date(2026, 10, 2)),
    )  # fmt: skip
    names = ", ".join(["person", *sorted(queries.OWN_FACTS)])
    found = []
    for sql in (queries.OWN_FACTS_SQL, queries.RESIDENT_FACTS_SQL):
        for on in (ON, date(2026, 2, 28), date(1990, 1, 1)):
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT {names} FROM ({sql}) AS f ORDER BY person", {"municipality": 1, "on": on})
                found.append(cursor.fetchall())
    assert found[:3] == found[3:]
    assert len(found[0]) == 6
