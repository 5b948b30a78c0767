"""Facts that sort what waits, and a deed that seems to be told twice: looked at first, never refused for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.programmes.points import operations, queries
from meguri.programmes.points.doubts import Deed, doubts, doubts_of, score
from meguri.programmes.points.models import ActionRecord
from meguri.programmes.points.step_rules import StepSource
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.programmes.points.conftest import NOW, Menu, menu
from tests.programmes.vouchers.lived_town import refused

ME, WALK, GATE = uuid4(), uuid4(), uuid4()
DEED = Deed(ME, WALK, NOW, "held", GATE, printed=True)


def others(count: int, *, seconds: int) -> list[Deed]:
    return [replace(DEED, resident=uuid4(), done_at=NOW + timedelta(seconds=seconds)) for _ in range(count)]


@pytest.mark.parametrize(
    ("deed", "near", "told"),
    [
        (DEED, others(3, seconds=15), {"crowd": 3}),
        (DEED, others(3, seconds=16), {}),
        (DEED, others(2, seconds=0), {}),
        (replace(DEED, printed=False), others(9, seconds=0), {}),
        (DEED, [replace(DEED, action=uuid4(), done_at=NOW + timedelta(minutes=9))] * 3, {"burst": 4}),
        (replace(DEED, has_steps=True), [DEED] * 9, {}),
        (DEED, [replace(DEED, done_at=NOW - timedelta(days=back)) for back in (1, 2, 3, 9)], {"habit": 4}),
        (DEED, [replace(DEED, done_at=NOW - timedelta(days=back, minutes=1)) for back in (1, 2, 3, 9)], {}),
        (DEED, [replace(DEED, state="refused", done_at=NOW - timedelta(days=1, hours=1))], {"found_wrong": 1}),
        (DEED, [replace(DEED, resident=uuid4(), state="refused")], {}),
    ],
)
def test_each_fact_counts_what_it_says(deed: Deed, near: list[Deed], told: dict[str, int]) -> None:
    assert {each.code: each.count for each in doubts(deed, near=near)} == told


@given(st.integers(0, 40), st.integers(0, 5))
def test_the_score_is_the_sum_of_its_facts_and_no_fact_drowns_the_rest(crowd: int, files: int) -> None:
    found = doubts(DEED, near=others(crowd, seconds=1), same_file=files)
    assert score(found) == sum(each.points for each in found) <= 20 + 50
    assert [each.points for each in found] == sorted((each.points for each in found), reverse=True)
    assert all(str(each.count) in each.words.ja and str(each.count) in each.words.en for each in found)
    assert score(doubts(DEED, near=[])) == 0


def test_the_facts_of_a_page_are_read_from_the_records_and_change_nothing(points: Menu) -> None:
    copied = {NOW.date(): 9_000}
    walkers = [points.town.person() for _ in range(2)]
    for walker in walkers:
        number = operations.bring_steps(copied, source=StepSource.CSV, digest="ab" * 32, by=walker, at=NOW)
        operations.count_steps(brought=number, by=walker, at=NOW)
    points.do(points.town.person(), "check-up")
    held = queries.records(points.made.programme, municipality=points.town.municipality, state="held")
    found = doubts_of(held, municipality=points.town.municipality)
    assert [[(fact.code, fact.count) for fact in found[one.id]] for one in held] == [[], [("same_file", 1)]]
    assert {one.state for one in held} == {"held"}
    assert doubts_of((), municipality=points.town.municipality) == {}


def test_a_printed_code_that_many_record_within_seconds_shows(db: None) -> None:
    points = menu(obtaining__actions__2__spot_check_bp=10_000)
    post = points.place("bus", rotating=False)
    for seconds in range(4):
        at = NOW + timedelta(seconds=seconds)
        points.do(points.town.person(), "bus", at, code=points.shown(post, at))
    held = queries.records(points.made.programme, municipality=points.town.municipality, state="held")
    found = doubts_of(held, municipality=points.town.municipality)
    assert [[(fact.code, fact.count) for fact in found[one.id]] for one in held] == [[("crowd", 3)]] * 4


# --- told twice ------------------------------------------------------------------------------------------------------


def deliver(points: Menu, by: Actor, person: Actor, *, at: datetime = NOW, place: UUID | None = None,
            done_at: datetime | None = None) -> str:  # fmt: skip
    report = operations.Report(
        points.actions["my-bottle"], uuid4(), by, resident=person.party, attested=True, done_at=done_at, place=place
    )
    (answer,) = operations.record_actions([report], municipality=points.town.municipality, at=at)
    return answer.code if isinstance(answer, Refusal) else answer.state


@pytest.fixture
def often(db: None) -> Menu:
    """A bottle may be filled many times a day."""
    return menu(obtaining__actions__1__limits=[])


def test_the_same_deed_with_other_times_and_from_two_partners_is_held(often: Menu) -> None:
    person, hosts = often.town.person(), (uuid4(), uuid4())
    places = [often.place("my-bottle", host=host) for host in hosts]
    one, two = (Actor(often.town.municipality, ActorRole.PARTNER, host) for host in hosts)
    hours = [NOW - timedelta(hours=back) for back in (5, 4, 3)]
    assert deliver(often, one, person, place=places[0], done_at=hours[0]) == "granted"
    assert deliver(often, one, person, place=places[0], done_at=hours[0] + timedelta(minutes=9)) == "held"
    assert deliver(often, one, person, place=places[0], done_at=hours[1]) == "granted"
    assert deliver(often, two, person, place=places[1], done_at=hours[2]) == "held"
    assert deliver(often, two, often.town.person(), place=places[1], done_at=hours[2]) == "granted"
    (first, *_) = ActionRecord.objects.filter(held_for="twice").order_by("id")
    with refused("not_allowed"):
        operations.attest_action(record=first.id, by=one, at=NOW)
    assert not queries.records(often.made.programme, municipality=often.town.municipality, state="held", host=hosts[0])
    assert operations.attest_action(record=first.id, by=often.maker, at=NOW).state == "granted"


def test_a_clock_a_day_off_is_refused_ahead_and_counts_for_its_day_behind(often: Menu) -> None:
    person = often.town.person()
    assert deliver(often, often.maker, person, done_at=NOW + timedelta(days=1)) == "action_done_in_future"
    assert deliver(often, often.maker, person, done_at=NOW - timedelta(days=1)) == "granted"
    assert deliver(often, often.maker, person) == "granted"
    assert list(ActionRecord.objects.order_by("id").values_list("day", flat=True)) == [date(2025, 7, 9), NOW.date()]


def test_where_the_terms_count_times_the_ceiling_says_no_itself(points: Menu) -> None:
    person = points.town.person()
    assert deliver(points, points.maker, person) == "granted"
    assert deliver(points, points.checker, person) == "action_ceiling_reached"
