"""Steps that residents bring: looked at first, counted once a day, held where no honest day looks like it."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

from meguri.programmes.points import operations, queries
from meguri.programmes.points.brought import Brought, brought
from meguri.programmes.points.models import ActionRecord, StepDay
from meguri.programmes.points.step_rules import StepSource
from meguri.words.actor import Actor
from tests.programmes.points.conftest import NOW, Menu
from tests.programmes.vouchers.lived_town import refused

TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)


def bring(points: Menu, person: Actor, days: dict[date, int], digest: str = "") -> UUID:
    return operations.bring_steps(days, source=StepSource.CSV, digest=digest or uuid4().hex * 2, by=person, at=NOW)


def look(points: Menu, person: Actor, number: UUID) -> Brought:
    assert person.party is not None
    return brought(number, resident=person.party, municipality=points.town.municipality)


def states(found: Brought) -> list[str]:
    return [each.state for day in found.days for each in day.answers]


def count(points: Menu, person: Actor, days: dict[date, int], digest: str = "") -> list[str]:
    number = bring(points, person, days, digest)
    operations.count_steps(brought=number, by=person, at=NOW)
    return states(look(points, person, number))


def test_a_look_counts_nothing_and_counting_twice_is_once(points: Menu) -> None:
    walker = points.town.person()
    number = bring(points, walker, {TODAY: 7_999, YESTERDAY: 8_000, TODAY - timedelta(days=8): 9_000})
    ahead = look(points, walker, number)
    assert (states(ahead), ahead.yen, ahead.counted) == (["few", "new"], 10, False)
    assert not ActionRecord.objects.exists()
    for _ in range(2):
        operations.count_steps(brought=number, by=walker, at=NOW)
    after = look(points, walker, number)
    assert (states(after), after.yen, after.counted) == (["few", "granted"], 10, True)
    (record,) = ActionRecord.objects.all()
    assert (record.day, record.steps, record.granted_yen) == (YESTERDAY, 8_000, 10)


def test_a_day_that_earned_is_not_paid_again_by_another_file(points: Menu) -> None:
    walker = points.town.person()
    assert count(points, walker, {YESTERDAY: 8_500}) == ["granted"]
    later = bring(points, walker, {YESTERDAY: 9_100, TODAY: 8_100})
    assert (states(look(points, walker, later)), look(points, walker, later).held) == (["new", "granted"], 0)
    operations.count_steps(brought=later, by=walker, at=NOW)
    assert ActionRecord.objects.count() == 2
    assert sum(points.town.held(walker).values()) == 20


def test_ten_million_steps_wait_until_somebody_has_looked(points: Menu) -> None:
    walker = points.town.person()
    assert count(points, walker, {YESTERDAY: 10_000_000, TODAY: 100_001}) == ["held", "held"]
    held = queries.records(points.made.programme, municipality=points.town.municipality, state="held")
    assert [(one.steps, one.held_for is not None) for one in held] == [(100_001, True), (10_000_000, True)]
    operations.decline_action(record=held[1].id, reason="機械の誤り", by=points.maker, at=NOW)
    operations.attest_action(record=held[0].id, by=points.checker, at=NOW)
    assert count(points, walker, {YESTERDAY: 9_000, TODAY: 9_000}) == ["granted", "refused"]
    assert sum(points.town.held(walker).values()) == 10


def test_one_file_for_two_people_and_the_same_days_are_held(points: Menu) -> None:
    days = {TODAY - timedelta(days=back): 8_000 + back for back in range(4)}
    assert set(count(points, points.town.person(), days, "ab" * 32)) == {"granted"}
    assert set(count(points, points.town.person(), {YESTERDAY: 8_800}, "ab" * 32)) == {"held"}
    assert set(count(points, points.town.person(), days)) == {"held"}
    chance = {TODAY: 8_000, YESTERDAY: 8_001, TODAY - timedelta(days=2): 9_999}
    assert set(count(points, points.town.person(), chance)) == {"granted"}


def test_what_the_ceiling_refuses_says_so_by_day(points: Menu) -> None:
    stranger = points.town.stranger()
    number = bring(points, stranger, {YESTERDAY: 9_000})
    operations.count_steps(brought=number, by=stranger, at=NOW)
    (answer,) = look(points, stranger, number).days[0].answers
    assert answer.state == "refused"
    assert answer.words is not None
    assert "登録" in answer.words.ja


def test_steps_are_evidence_and_nothing_else_of_the_file_stays(points: Menu) -> None:
    walker, other = points.town.person(), points.town.person()
    for steps, code in ((None, "action_evidence_missing"), (7_999, "steps_too_few")):
        with refused(code):
            report = operations.Report(points.actions["walk-8000"], uuid4(), walker, steps=steps)
            (answer,) = operations.record_actions([report], municipality=points.town.municipality, at=NOW)
            raise answer  # type: ignore[misc]  # a refusal, or this test fails
    with refused("steps_no_days"):
        bring(points, walker, {TODAY + timedelta(days=1): 9_000, TODAY - timedelta(days=30): 9_000, TODAY: -5})
    first = bring(points, walker, {TODAY: 9_000})
    second = bring(points, walker, {TODAY: 9_100})
    assert list(StepDay.objects.values_list("brought", "steps")) == [(second, 9_100)]
    for by, number in ((walker, first), (other, second)):
        with refused("steps_unknown"):
            operations.count_steps(brought=number, by=by, at=NOW)
        with refused("steps_unknown"):
            look(points, by, number)
    with refused("not_allowed"):
        bring(points, points.maker, {TODAY: 9_000})
