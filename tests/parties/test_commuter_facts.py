"""Who works or studies in the town is a fact of the day, in Python, in SQL and in the quick walk alike."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.parties import queries
from meguri.parties.models import Commuter
from tests.parties.commuting_town import BORN, SINCE, UNTIL, confirmed, declare
from tests.parties.conftest import AT, Town, entry

ONE = timedelta(days=1)


def rows(sql: str, names: str, on: date) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM ({sql}) AS f ORDER BY person", {"municipality": 1, "on": on})
        return list(cursor.fetchall())


def test_a_worker_from_elsewhere_is_known_from_the_first_day_to_the_last(town: Town) -> None:
    me = town.actor("resident")
    assert me.party is not None
    confirmed(town, me)
    for on in (SINCE, UNTIL):
        facts = queries.resident_facts([me.party], municipality=1, on=on)[me.party]
        assert (facts.resident, facts.works_in_town, facts.studies_in_town) == (False, True, False)
    for on in (SINCE - ONE, UNTIL + ONE):
        assert queries.resident_facts([me.party], municipality=1, on=on) == {}


def test_what_the_town_does_not_know_of_a_worker_is_unknown_and_not_guessed(town: Town) -> None:
    me = town.actor("resident")
    assert me.party is not None
    confirmed(town, me)
    facts = queries.resident_facts([me.party], municipality=1, on=date(2026, 6, 14))[me.party]
    assert (facts.household, facts.household_size, facts.children, facts.resident_days) == (me.party, 0, 0, 0)
    assert (facts.ward, facts.tax_class, facts.moved_in, facts.moved_out) == ("", None, None, None)
    assert (facts.age, facts.birth_date, facts.household_exempt, facts.shielded) == (35, BORN, False, False)
    on_birthday = queries.resident_facts([me.party], municipality=1, on=date(2026, 6, 15))[me.party]
    assert on_birthday.age == 36


def test_a_resident_may_work_here_too_and_stays_one_person(town: Town) -> None:
    person, other = town.residents(entry("1"), entry("2"))
    confirmed(town, town.actor("resident", party=person))
    confirmed(town, town.actor("resident", party=person), "study", place="めぐり大学")
    facts = queries.resident_facts([person, other], municipality=1, on=SINCE)
    assert (facts[person].resident, facts[person].works_in_town, facts[person].studies_in_town) == (True, True, True)
    assert (facts[other].works_in_town, facts[person].household_size) == (False, 2)
    assert len(rows(queries.RESIDENT_FACTS_SQL, "person", SINCE)) == 2


def test_only_what_is_confirmed_counts(town: Town) -> None:
    people = [town.actor("resident") for _ in range(2)]
    declare(people[0], name="待 人")
    said = confirmed(town, people[1])
    Commuter.objects.filter(id=said).update(state="refused", reason="期限切れ")
    assert rows(queries.RESIDENT_FACTS_SQL, "person", SINCE) == []


def test_another_towns_workers_are_absent(town: Town) -> None:
    me = town.actor("resident")
    assert me.party is not None
    confirmed(town, me)
    assert queries.resident_facts([me.party], municipality=2, on=SINCE) == {}


def test_the_register_alone_leaves_workers_out(town: Town) -> None:
    town.residents(entry("1"))
    confirmed(town, town.actor("resident"))
    assert len(rows(queries.RESIDENT_FACTS_SQL, "person", SINCE)) == 2
    assert rows(queries.REGISTER_FACTS_SQL, "works_in_town", SINCE) == [(False,)]


@pytest.fixture
def full(town: Town) -> Town:
    """Residents, movers and workers in every mixture, with spans that touch."""
    people = town.residents(
        entry("1"), entry("2", "H2", moved_out=date(2026, 6, 1)), entry("3", "H2", tax_class="exempt"),
        entry("4", "H3", moved_in=date(2026, 8, 1)),
    )  # fmt: skip
    wanted = [(people[0], "work"), (people[1], "work"), (people[1], "study"), (uuid4(), "work"), (uuid4(), "study")]
    for number, (person, kind) in enumerate(wanted):
        shift = timedelta(days=30 * number)
        confirmed(town, town.actor("resident", party=person), kind, name=f"人 {number}", first_day=SINCE + shift,
                  last_day=SINCE + shift + timedelta(days=60))  # fmt: skip
    return town


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(on=st.dates(date(2026, 3, 1), date(2026, 12, 31)) | st.sampled_from([SINCE, SINCE + timedelta(days=61)]))
def test_the_quick_walk_says_what_the_function_says(on: date, full: Town) -> None:
    names = ", ".join(["person", *sorted(queries.COMMUTING_FACTS)])
    quick, whole = (rows(sql, names, on) for sql in (queries.COMMUTING_FACTS_SQL, queries.RESIDENT_FACTS_SQL))
    assert quick == whole
    assert len(quick) >= 4
    plain = ", ".join(["person", *sorted(queries.OWN_FACTS)])
    assert rows(queries.OWN_FACTS_SQL, plain, on) == rows(queries.REGISTER_FACTS_SQL, plain, on)


def test_one_by_one_and_in_bulk_are_the_same(full: Town) -> None:
    on = SINCE + timedelta(days=65)
    names = ", ".join(queries.ResidentFacts.__dataclass_fields__)
    bulk = {row[0]: row for row in rows(queries.RESIDENT_FACTS_SQL, names, on)}
    found = queries.resident_facts(list(bulk), municipality=full.municipality, on=on)  # type: ignore[call-overload]
    single = {person: tuple(getattr(facts, name) for name in names.split(", ")) for person, facts in found.items()}
    assert single == bulk
    assert {(facts.resident, facts.works_in_town) for facts in found.values()} >= {(True, False), (False, True)}


def test_a_few_workers_are_found_without_reading_all_of_them(town: Town) -> None:
    people = [uuid4() for _ in range(1_500)]
    Commuter.objects.bulk_create(
        Commuter(id=uuid4(), municipality=1, person=person, kind="work", birth_date=BORN, state="confirmed", said_at=AT,
                 proof="list", valid_from=SINCE, valid_until=UNTIL, decided_by=uuid4(), decided_at=AT)
        for person in people
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE parties_commuter")
        before = _read_in_full(cursor)
        assert set(queries.resident_facts(people[:2], municipality=1, on=SINCE)) == set(people[:2])
        assert _read_in_full(cursor) == before
        cursor.execute("SELECT count(*) FROM resident_facts(1, %s)", [SINCE])
        assert cursor.fetchone() == (1_500,)
        assert _read_in_full(cursor) > before, "the count sees what it should"


def _read_in_full(cursor: object) -> int:
    cursor.execute(  # type: ignore[attr-defined]
        "SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_xact_user_tables WHERE relname = 'parties_commuter'"
    )
    return int(cursor.fetchone()[0])  # type: ignore[attr-defined]
