"""What an action meets at its edges: unknown things, replays, two limits at once, and what everybody is shown of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from meguri.notices import queries as notices
from meguri.parties.rules import Both
from meguri.programmes import operations as programmes
from meguri.programmes.points import operations, queries
from meguri.words.actor import Actor
from tests.programmes.points.conftest import CODES, NOW, Menu, menu
from tests.programmes.vouchers.lived_town import moment, refused, told

LATER = NOW + timedelta(days=3)


def party(person: Actor) -> UUID:
    assert person.party
    return person.party


def last_words(person: Actor) -> tuple[str, str]:
    newest = notices.inbox(party(person), municipality=person.municipality)[0]
    return newest.wording.text_ja, newest.wording.text_en


def test_things_that_are_not_there_are_said_to_be_unknown(points: Menu) -> None:
    person, nothing = points.town.person(), uuid4()
    attempts: dict[str, list[Callable[[Actor], object]]] = {
        "action_unknown": [
            lambda by: operations.record_action(action=nothing, request=uuid4(), by=by, at=NOW),
            lambda _: operations.close_action(action=nothing, by=points.maker, at=NOW),
            lambda _: operations.open_place(action=nothing, name=Both("場", "x"), by=points.maker, at=NOW),
            lambda _: operations.open_action(
                programme=points.made.programme, code="swim", by=points.maker, at=NOW
            ),
        ],
        "action_place_unknown": [
            lambda by: operations.record_action(
                action=points.actions["walk"], request=uuid4(), by=by, at=NOW, place=nothing
            ),
            lambda _: operations.close_place(place=nothing, by=points.maker, at=NOW),
        ],
        "action_record_unknown": [
            lambda _: operations.attest_action(record=nothing, by=points.maker, at=NOW),
            lambda _: operations.decline_action(record=nothing, reason="x", by=points.maker, at=NOW),
            lambda _: operations.withdraw_action(record=nothing, reason="x", by=points.checker, at=NOW),
        ],
        "programme_unknown": [
            lambda _: operations.open_action(programme=nothing, code="walk", by=points.maker, at=NOW),
        ],
        "action_code_wrong": [lambda by: queries.action_of_code("PARK2367-7K2Q", municipality=by.municipality)],
    }  # fmt: skip
    for code, tries in attempts.items():
        assert {told(attempt, person) for attempt in tries} == {code}


@pytest.mark.parametrize(
    ("name", "field"),
    [
        (Both(" ", "Station"), "name_ja"), (Both("駅前", ""), "name_en"), (Both("駅" * 101, "Station"), "name_ja"),
        (Both("駅前", "S" * 101), "name_en"),
    ],
)  # fmt: skip
def test_a_place_has_a_name_in_both_languages(points: Menu, name: Both, field: str) -> None:
    with refused("action_place_name_wrong") as caught:
        operations.open_place(action=points.actions["bus"], name=name, by=points.maker, at=NOW)
    assert (caught.value.field, caught.value.facts["most"]) == (field, 100)
    longest = Both("駅" * 100, "S" * 100)
    made = operations.open_place(action=points.actions["bus"], name=longest, by=points.maker, at=NOW)
    shown = queries.places(points.actions["bus"], municipality=points.town.municipality)
    assert {place.id: place.name for place in shown}[made] == longest


def test_the_narrower_of_two_limits_binds_and_the_other_is_used_as_well(db: None) -> None:
    """Walking: 10 yen a time; 25 a month for all actions. The third walk earns 5, and the month is full for the bus."""
    tight = menu(obtaining__limits=[{"per": "month", "yen": 25}])
    person = tight.town.person()
    earned = [tight.do(person, at=NOW + timedelta(days=day)) for day in range(3)]
    assert [(each.granted_yen, each.cut_by) for each in earned] == [(10, ""), (10, ""), (5, "month_yen")]
    assert [each.asked_yen for each in earned] == [10, 10, 10]
    ja, en = last_words(person)
    assert "すべて" not in ja
    assert "1か月の上限25円に届いたため" in ja
    assert "the limit of 25 yen a month of all actions together" in en
    with refused("action_ceiling_reached") as caught:
        tight.ride(person, LATER)
    assert caught.value.limit == "month_yen"
    assert tight.town.held(person) == {"points": 25}
    assert tight.ride(person, moment(8, 1)).granted_yen == 10


def test_a_refused_action_uses_up_no_turn(db: None) -> None:
    tight = menu(obtaining__limits=[{"per": "month", "yen": 10}])
    person = tight.town.person()
    tight.ride(person)
    for minute in (1, 2):
        with refused("action_ceiling_reached"):
            tight.ride(person, NOW + timedelta(minutes=minute))
    shown = {each.code: each for each in queries.doable(party(person), municipality=person.municipality, at=NOW)}
    rooms = [(room.unit, room.left, room.most) for room in shown["bus"].rooms]
    assert rooms == [("piece", 1, 2), ("yen", 0, 10), ("held", 9_990, 10_000)]
    assert (shown["bus"].yen, shown["walk"].yen) == (0, 0)
    assert shown["bus"].why_not
    assert "1か月の上限10円に達しました" in shown["bus"].why_not.ja


def test_a_request_belongs_to_one_person_and_one_action(points: Menu) -> None:
    person, other, request = points.town.person(), points.town.person(), uuid4()
    first = points.do(person, request=request)
    again = points.do(person, at=LATER, request=request)
    assert (again.record, again.replayed, again.granted_yen) == (first.record, True, 10)
    for by, action in ((other, "walk"), (person, "check-up")):
        with refused("action_record_differs"):
            points.do(by, action, request=request)
    assert points.town.held(other) == {}


def test_the_same_request_at_the_desk_is_the_same_action(points: Menu) -> None:
    person, request = points.town.person(), uuid4()
    act = {"action": points.actions["check-up"], "resident": party(person), "request": request, "by": points.maker}
    first = operations.attest_at_desk(**act, at=NOW)  # type: ignore[arg-type]
    again = operations.attest_at_desk(**act, at=LATER)  # type: ignore[arg-type]
    assert (first.granted_yen, again.record, again.replayed) == (500, first.record, True)
    (done,) = queries.done_by(party(person), municipality=person.municipality)
    assert (done.state, done.granted_yen, done.done_at) == ("granted", 500, NOW)
    with refused("action_own_record"):
        mine = Actor(person.municipality, points.maker.role, person.party, "planning")
        operations.attest_at_desk(**{**act, "by": mine, "request": uuid4()}, at=NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("evidence", ["walk", "bus"])
def test_what_nobody_confirms_is_not_recorded_at_the_desk(points: Menu, evidence: str) -> None:
    person = points.town.person()
    with refused("action_evidence_missing") as caught:
        operations.attest_at_desk(
            action=points.actions[evidence], resident=party(person), request=uuid4(), by=points.maker, at=NOW
        )
    assert caught.value.kind.status == 422
    assert queries.done_by(party(person), municipality=person.municipality) == ()


def test_at_the_desk_too_only_the_eligible_earn(points: Menu) -> None:
    child, stranger = points.town.person(born=date(2015, 4, 1)), points.town.stranger()
    for person, code in ((child, "action_not_eligible"), (stranger, "action_resident_unknown")):
        with refused(code):
            operations.attest_at_desk(
                action=points.actions["check-up"], resident=party(person), request=uuid4(), by=points.maker, at=NOW
            )
        assert points.town.held(person) == {}
    with refused("action_place_unknown") as caught:
        operations.attest_at_desk(
            action=points.actions["my-bottle"], resident=party(points.town.person()), request=uuid4(), by=points.maker,
            at=NOW, place=points.bus_stop,
        )  # fmt: skip
    assert caught.value.field == "place"


def test_a_record_judged_says_how(points: Menu) -> None:
    person = points.town.person()
    granted, declined = points.do(person), points.do(person, "check-up")
    operations.decline_action(record=declined.record, reason=" 名簿になし " + "長" * 500, by=points.maker, at=NOW)
    for record, ja, en in (
        (granted.record, "付与済み", "granted"), (declined.record, "認められませんでした", "not confirmed"),
    ):  # fmt: skip
        with refused("action_record_judged") as caught:
            operations.decline_action(record=record, reason="x", by=points.maker, at=LATER)
        assert f"({ja})" in caught.value.sentence("ja")
        assert f"({en})" in caught.value.sentence("en")
    with refused("action_record_judged"):
        operations.withdraw_action(record=declined.record, reason="x", by=points.checker, at=LATER)
    done = {each.id: each for each in queries.done_by(party(person), municipality=person.municipality)}
    assert done[declined.record].reason == "名簿になし " + "長" * 394
    assert "理由: 名簿になし" in last_words(person)[0]
    totals = queries.totals(points.made.programme, municipality=person.municipality)
    assert (totals.records, totals.people, totals.granted_yen, totals.held, totals.refused) == (1, 1, 10, 0, 1)


def test_figures_count_people_once_and_yen_as_granted(points: Menu) -> None:
    one, other = points.town.person(), points.town.person()
    points.do(one)
    points.do(one, at=LATER)
    points.do(other)
    points.do(other, "check-up")
    totals = queries.totals(points.made.programme, municipality=one.municipality)
    assert (totals.records, totals.people, totals.granted_yen, totals.held) == (3, 2, 30, 1)
    assert [each.code for each in totals.by_action] == [*CODES, "litter"]
    walk, check_up = totals.by_action[0], totals.by_action[CODES.index("check-up")]
    assert (walk.records, walk.people, walk.granted_yen, walk.goal) == (3, 2, 30, 40_000)
    assert (check_up.records, check_up.people, check_up.granted_yen, check_up.goal) == (0, 0, 0, 600)


def test_a_stopped_programme_gives_nothing_and_shows_nothing(points: Menu) -> None:
    person = points.town.person()
    held = points.do(person, "check-up")
    assert queries.doable(party(person), municipality=person.municipality, at=NOW)
    programmes.close_programme(programme=points.made.programme, by=points.checker, at=NOW)
    for attempt in (
        lambda: points.do(person),
        lambda: operations.attest_action(record=held.record, by=points.maker, at=LATER),
        lambda: operations.open_action(programme=points.made.programme, code="walk", by=points.maker, at=LATER),
    ):
        with refused("programme_not_launched"):
            attempt()
    assert queries.doable(party(person), municipality=person.municipality, at=LATER) == ()
    declined = operations.decline_action(record=held.record, reason="事業が終わりました", by=points.maker, at=LATER)
    assert declined.state == "refused"


def test_an_action_is_found_by_its_code_while_it_is_open(points: Menu) -> None:
    find = lambda: queries.action_by_code(points.made.programme, "walk", municipality=points.town.municipality)  # noqa: E731
    assert find() == points.actions["walk"]
    operations.close_action(action=points.actions["walk"], by=points.maker, at=NOW)
    operations.close_action(action=points.actions["walk"], by=points.maker, at=LATER)
    assert find() is None
    person = points.town.person()
    assert points.do(person, done_at=NOW - timedelta(minutes=1), at=LATER).granted_yen == 10  # done before it closed
    with refused("action_closed"):
        points.do(person, at=LATER)
    opened = operations.open_action(programme=points.made.programme, code="walk", by=points.maker, at=LATER)
    assert (opened, find()) == (points.actions["walk"], points.actions["walk"])
    assert points.do(person, at=LATER).granted_yen == 10
