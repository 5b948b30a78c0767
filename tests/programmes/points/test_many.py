"""Many deeds at once: each judged as if it came alone, the shares exact, the statements few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meguri.programmes import queries as programmes
from meguri.programmes.points import operations, queries
from meguri.programmes.points.models import ActionRecord
from meguri.programmes.points.operations import Recorded, Report
from meguri.programmes.points.operations.recording import rounds
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.programmes.points.conftest import NOW, Menu, menu
from tests.programmes.vouchers.lived_town import refused


def report(points: Menu, by: Actor, action: str = "walk", **more: object) -> Report:
    return Report(points.actions[action], uuid4(), by, **more)  # type: ignore[arg-type]


def record(points: Menu, reports: Sequence[Report]) -> list[Recorded | Refusal]:
    return operations.record_actions(reports, municipality=points.town.municipality, at=NOW)


def told(answers: Sequence[Recorded | Refusal]) -> list[str]:
    return [
        each.code if isinstance(each, Refusal)
        else f"{each.state} {each.granted_yen}{' again' if each.replayed else ''}"
        for each in answers
    ]  # fmt: skip


def test_each_of_many_has_its_own_answer_in_order(points: Menu) -> None:
    walker, child, stranger = points.town.person(), points.town.person(born=date(2015, 4, 1)), points.town.stranger()
    asked = [
        report(points, walker), report(points, child), report(points, stranger),
        report(points, points.town.person(), "bus"), report(points, points.town.person(), "check-up"),
        report(points, points.town.person(), "bus", code=points.shown(points.bus_stop, NOW)),
        Report(uuid4(), uuid4(), points.town.person()), report(points, points.maker, resident=walker.party),
        report(points, points.town.person(), done_at=NOW + timedelta(hours=1)),
        report(points, points.town.person(), place=points.bus_stop),
    ]  # fmt: skip
    assert told(record(points, asked)) == [
        "granted 10", "action_not_eligible", "action_resident_unknown", "action_evidence_missing", "held 0",
        "granted 10", "action_unknown", "not_allowed", "action_done_in_future", "action_place_unknown",
    ]  # fmt: skip
    assert ActionRecord.objects.filter(municipality=points.town.municipality).count() == 3
    assert points.town.topics(walker) == ["point.granted"]


def test_what_one_person_did_twice_meets_the_limits_as_the_first_left_them(db: None) -> None:
    points = menu(obtaining__limits=[{"per": "day", "yen": 15}])
    person, other = points.town.person(), points.town.person()
    code = points.shown(points.bus_stop, NOW)
    asked = [
        report(points, person), report(points, person, "bus", code=code), report(points, other),
        report(points, person, "bus", code=code),
    ]  # fmt: skip
    assert told(record(points, asked)) == ["granted 10", "granted 5", "granted 10", "action_ceiling_reached"]
    assert points.town.held(person) == {"points": 15}


def test_one_request_twice_in_a_batch_is_one_action(points: Menu) -> None:
    person = points.town.person()
    once = report(points, person)
    other = replace(once, by=points.town.person())
    assert told(record(points, [once, once, other])) == ["granted 10", "granted 10 again", "action_record_differs"]
    assert told(record(points, [once])) == ["granted 10 again"]
    assert points.town.held(person) == {"points": 10}


def test_nothing_is_asked_for_nothing(points: Menu) -> None:
    assert record(points, []) == []


def test_the_shares_stay_exact_over_batches(points: Menu) -> None:
    for many in (1, 3, 6):
        record(points, [report(points, points.town.person()) for _ in range(many)])
    assert (points.budget("town"), points.budget("sponsor")) == (2_100_000 - 70, 900_000 - 30)
    assert shares(points) == {"town": (70, 0), "sponsor": (30, 0)}


def shares(points: Menu) -> dict[str, tuple[int, int]]:
    """Of each funder of the agreement: the yen it has carried, and the rest it owes (1/10,000 yen)."""
    found = programmes.agreement(points.made.programme, "together", municipality=points.town.municipality)
    assert found is not None
    return {each.fund_code: (each.granted_yen, each.carried) for each in found.shares}


def test_whom_the_books_refuse_shares_nothing_and_holds_up_nobody(db: None) -> None:
    """The town has 20 yen: two walks of 7 yen each. The third is refused among them, the check-up of 500 too."""
    poor = menu(funds__0__amount_yen=20)
    asked = [report(poor, poor.town.person()) for _ in range(4)]
    checked = report(poor, poor.maker, "check-up", resident=poor.town.person().party, attested=True)
    assert told(record(poor, [*asked, checked])) == [
        "granted 10", "granted 10", "action_budget_empty", "action_budget_empty", "action_budget_empty",
    ]  # fmt: skip
    assert (poor.budget("town"), poor.budget("sponsor")) == (6, 900_000 - 6)
    assert shares(poor) == {"town": (14, 0), "sponsor": (6, 0)}
    assert ActionRecord.objects.filter(municipality=poor.town.municipality).count() == 2


def test_caps_refuse_whom_they_leave_no_room_for(db: None) -> None:
    capped = [{"fund": "town", "share_bp": 7_000, "cap_yen": 14}, {"fund": "sponsor", "share_bp": 3_000, "cap_yen": 6}]
    points = menu(agreements__0__shares=capped)
    asked = [report(points, points.town.person()) for _ in range(3)]
    checked = report(points, points.maker, "check-up", resident=points.town.person().party, attested=True)
    assert told(record(points, [*asked, checked])) == ["granted 10", "granted 10", "shares_exhausted", "granted 500"]


@pytest.mark.parametrize("many", [1, 25])
def test_however_many_come_the_statements_are_the_same(points: Menu, many: int) -> None:
    record(points, [report(points, points.town.person())])  # the day's lots are there
    people = [points.town.person() for _ in range(many)]
    for person in people:
        record(points, [report(points, person, "check-up")])  # held: they stand in line, with no wallet yet
    with CaptureQueriesContext(connection, ) as asked:
        answers = record(points, [report(points, person) for person in people])
    assert told(answers) == ["granted 10"] * many
    assert len(asked) <= 24, "\n".join(query["sql"][:100] for query in asked)


def test_in_no_round_stands_a_person_or_a_request_twice(points: Menu) -> None:
    one, other, third = (points.town.person() for _ in range(3))
    same = uuid4()
    walk = points.actions["walk"]
    asked = [
        Report(walk, same, one), Report(walk, uuid4(), one), Report(walk, uuid4(), other), Report(walk, same, third),
        Report(walk, uuid4(), one), Report(walk, uuid4(), third),
    ]  # fmt: skip
    assert rounds(asked) == [[0, 2], [1, 3], [4, 5]]


# --- delivered by others ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["walk", "my-bottle", "check-up"])
def test_who_may_confirm_delivers_what_others_did(points: Menu, action: str) -> None:
    person = points.town.person()
    (answer,) = record(points, [report(points, points.maker, action, resident=person.party, attested=True)])
    assert told([answer])[0].startswith("granted")
    assert isinstance(answer, Recorded)
    row = ActionRecord.objects.get(id=answer.record)
    assert (row.confirmed_by, row.confirmed_at, row.resident) == (points.maker.party, NOW, person.party)
    (done,) = queries.done_by(row.resident, municipality=person.municipality)
    assert done.state == "granted"


def test_nobody_delivers_what_a_place_shows_or_their_own_deeds(points: Menu) -> None:
    person = points.town.person()
    mine = Actor(person.municipality, ActorRole.MAKER, person.party, "planning")
    foreign = points.town.officer("maker", "welfare")
    asked = [
        report(points, points.maker, "bus", resident=person.party, attested=True),
        report(points, mine, resident=person.party, attested=True),
        report(points, foreign, resident=person.party, attested=True),
        report(points, person, "my-bottle", attested=True),
    ]
    assert told(record(points, asked)) == ["action_evidence_missing", "action_own_record", "not_allowed", "not_allowed"]
    assert points.town.held(person) == {}


def test_a_partner_delivers_what_partners_confirm_at_its_own_place(points: Menu) -> None:
    shop, person = uuid4(), points.town.person()
    own, foreign = points.place("my-bottle", host=shop), points.place("my-bottle", host=uuid4())
    clerk = points.clerk(shop)
    for place, action, answer in (
        (foreign, "my-bottle", "not_allowed"), (own, "walk", "not_allowed"), (None, "my-bottle", "not_allowed"),
        (own, "my-bottle", "granted 10"),
    ):  # fmt: skip
        asked = report(points, clerk, action, resident=person.party, place=place, attested=True)
        assert told(record(points, [asked])) == [answer]


def test_alone_a_refusal_is_raised_and_leaves_nothing(points: Menu) -> None:
    child = points.town.person(born=date(2015, 4, 1))
    with refused("action_not_eligible"):
        points.do(child)
    assert not ActionRecord.objects.filter(resident=child.party).exists()
