"""Rules about residents, workers and students read alike: in Python, in SQL over all whom the town knows, in words."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.parties.queries import resident_facts
from meguri.programmes.commuters import lacks_confirmation
from meguri.programmes.vocabularies import RESIDENTS, known
from meguri.words.predicate import (
    All,
    Any,
    Compare,
    Facts,
    MissingFact,
    Not,
    Operator,
    Predicate,
    Rule,
    holds,
    missing_sql,
    parse,
    sentence,
    to_sql,
    why_not,
)
from tests.programmes.vouchers.lived_town import LivedTown
from tests.words import test_predicate_readings as readings

ON = date(2025, 7, 26)
STATEMENTS = ("resident", "works_in_town", "studies_in_town", "household_exempt")
compares = st.one_of(
    st.builds(Compare, st.sampled_from(STATEMENTS), st.sampled_from([Operator.EQUAL, Operator.UNEQUAL]), st.booleans()),
    st.builds(Compare, st.just("age"), st.sampled_from([Operator.AT_LEAST, Operator.LESS]), st.sampled_from([16, 18])),
    st.builds(Compare, st.just("ward"), st.just(Operator.EQUAL), st.sampled_from(["minato", ""])),
    st.builds(Compare, st.just("tax_class"), st.just(Operator.EQUAL), st.sampled_from(["exempt", "income"])),
    st.builds(Compare, st.just("moved_in"), st.just(Operator.LESS), st.just("2020-01-01")),
)
predicates: st.SearchStrategy[Predicate] = st.recursive(
    compares,
    lambda parts: st.one_of(
        parts.map(Not), st.lists(parts, max_size=3).map(lambda found: All(tuple(found))),
        st.lists(parts, min_size=1, max_size=3).map(lambda found: Any(tuple(found))),
    ),
    max_leaves=5,
)


@pytest.fixture
def town(db: None) -> LivedTown:
    """Residents and movers, workers and students of both, old and young, and some who come too late."""
    found = LivedTown()
    found.open()
    born = date(2009, 7, 27)
    residents = [found.person(), found.person(born=born), found.person(tax_class="exempt"), found.person()]
    found.commuter(by=residents[3])
    found.commuter(by=found.person(moved_out=ON))
    for kind, more in (("work", {}), ("study", {"born": born}), ("work", {"first_day": date(2025, 7, 27)})):
        found.commuter(kind, **more)  # type: ignore[arg-type]
    both = found.commuter()
    found.commuter("study", by=both)
    return found


def everybody(town: LivedTown) -> dict[UUID, Facts]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT person FROM resident_facts(%s, %s)", [town.municipality, ON])
        people = [person for (person,) in cursor.fetchall()]
    found = resident_facts(people, municipality=town.municipality, on=ON)
    assert set(found) == set(people)
    return {person: known(facts, RESIDENTS) for person, facts in found.items()}


def by_python(rule: Rule, facts: Facts) -> bool | None:
    """True, False, or None for a refusal."""
    try:
        return holds(rule, facts)
    except MissingFact:
        return None


def by_postgres(rule: Rule, town: LivedTown) -> dict[UUID, bool | None]:
    columns = {name: f"f.{name}" for name in RESIDENTS.names}
    (chosen, values), (refused, more) = to_sql(rule, columns), missing_sql(rule, columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT f.person, {chosen}, {refused} FROM resident_facts(%s, %s) AS f",
            [*values, *more, town.municipality, ON],
        )
        return {person: None if is_refused else bool(is_in) for person, is_in, is_refused in cursor.fetchall()}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(predicate=predicates)
def test_python_and_sql_agree_on_everybody_whom_the_town_knows(predicate: Predicate, town: LivedTown) -> None:
    rule, people = parse(predicate, RESIDENTS), everybody(town)
    assert len(people) == 8, "four residents, one who moved, a worker, a student, and one who is both"
    assert by_postgres(rule, town) == {person: by_python(rule, facts) for person, facts in people.items()}


plain: st.SearchStrategy[Predicate] = st.recursive(
    st.builds(Compare, st.sampled_from(STATEMENTS), st.sampled_from([Operator.EQUAL, Operator.UNEQUAL]), st.booleans())
    | st.builds(Compare, st.just("age"), st.sampled_from([Operator.AT_LEAST, Operator.LESS]), st.just(18)),
    lambda parts: st.one_of(
        parts.map(Not), st.lists(parts, max_size=3).map(lambda found: All(tuple(found))),
        st.lists(parts, min_size=1, max_size=3).map(lambda found: Any(tuple(found))),
    ),
    max_leaves=5,
)
some_facts = st.fixed_dictionaries({**dict.fromkeys(STATEMENTS, st.booleans()), "age": st.sampled_from([17, 18])})


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(predicate=plain, facts=some_facts)
def test_the_sentences_say_what_python_does(
    predicate: Predicate, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read back by the small reader of the words' own tests, which knows labels and grammar but not the tree."""
    monkeypatch.setattr(readings, "VOCABULARY", RESIDENTS)
    whole = dict.fromkeys(RESIDENTS.names) | facts
    rule = parse(predicate, RESIDENTS)
    expected = holds(rule, whole)
    assert readings.JAPANESE.read(sentence(rule, "ja"), whole) is expected
    assert readings.ENGLISH.read(sentence(rule, "en"), whole) is expected
    assert bool(why_not(rule, whole)) is not expected
    if lacks_confirmation(rule, whole):
        assert not expected
