"""The last walls: what the tables refuse by name, who may do what, and what another town sees of all this: nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import CheckConstraint

from meguri.parties.permissions import PERMISSIONS, Scope
from meguri.parties.rules import Both
from meguri.programmes.points import operations, queries
from meguri.programmes.points.models import Action, ActionPlace, ActionRecord, Participation
from meguri.words.actor import Actor, ActorRole
from tests.programmes.points.conftest import NOW, Menu
from tests.programmes.vouchers.lived_town import refused, told

WALLS: list[tuple[type[Any], str, dict[str, object]]] = [
    (Action, "an_action_closes_after_it_opened", {"closed_at": NOW - timedelta(days=900)}),
    (Action, "an_action_has_a_seed", {"seed": ""}),
    (ActionRecord, "a_number_drawn_is_below_ten_thousand", {"drawn": 10_000}),
    (ActionPlace, "a_place_has_a_secret", {"secret": ""}),
    (ActionRecord, "a_grant_has_its_posting", {"posting": None}),
    (ActionRecord, "a_grant_has_its_posting", {"granted_yen": 0, "cut_by": "day_yen"}),
    (ActionRecord, "no_action_earns_more_than_its_terms_say", {"granted_yen": 11, "cut_by": "day_yen"}),
    (ActionRecord, "a_cut_grant_names_its_limit", {"granted_yen": 4}),
    (ActionRecord, "a_refused_action_says_why", {"state": "refused", "posting": None, "granted_yen": 0}),
]


@pytest.mark.parametrize(("table", "name", "values"), WALLS, ids=[f"{name}-{'-'.join(v)}" for _, name, v in WALLS])
def test_the_tables_refuse_by_name(points: Menu, table: type[Any], *, name: str, values: dict[str, object]) -> None:
    points.do(points.town.person())
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        table.objects.filter(municipality=points.town.municipality).update(**values)


def test_every_wall_is_tried() -> None:
    checks = {
        constraint.name
        for table in (Action, ActionPlace, ActionRecord, Participation)
        for constraint in table._meta.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert checks == {name for _, name, _ in WALLS}


def attempts(points: Menu, held: UUID, owner: UUID) -> dict[str, Callable[[Actor], object]]:
    """Every operation, as an actor would try it, under the name of its permission."""
    return {
        "action.open": lambda by: operations.open_action(programme=points.made.programme, code="bus", by=by, at=NOW),
        "action.open close": lambda by: operations.close_action(action=points.actions["bus"], by=by, at=NOW),
        "action.open place": lambda by: operations.open_place(
            action=points.actions["bus"], name=Both("駅", "Station"), by=by, at=NOW
        ),
        "action.open close place": lambda by: operations.close_place(place=points.bus_stop, by=by, at=NOW),
        "action.record": lambda by: operations.record_action(
            action=points.actions["walk"], request=uuid4(), by=by, at=NOW, resident=owner
        ),
        "action.attest": lambda by: operations.attest_action(record=held, by=by, at=NOW),
        "action.attest decline": lambda by: operations.decline_action(record=held, reason="no", by=by, at=NOW),
        "action.attest at desk": lambda by: operations.attest_at_desk(
            action=points.actions["my-bottle"], resident=owner, request=uuid4(), by=by, at=NOW
        ),
    }


@pytest.mark.parametrize("role", list(ActorRole))
def test_who_may_do_what_is_the_table_and_nothing_else(points: Menu, role: ActorRole) -> None:
    """A host's own place is tried in the life of a partner; here nobody hosts anything."""
    person = points.town.person()
    assert person.party
    held = points.do(person, "check-up")
    for department, party in (("planning", uuid4()), ("commerce", uuid4()), ("", person.party)):
        actor = Actor(points.town.municipality, role, party, department)
        for name, attempt in attempts(points, held.record, person.party).items():
            action = name.split(" ")[0]
            scope = PERMISSIONS[action].grants.get(role)
            may = {
                Scope.ANY: True,
                Scope.OWN: party == person.party and action == "action.record",
                Scope.OWN_DEPARTMENT: department == "planning",
                None: False,
            }[scope]
            with transaction.atomic():
                assert (told(attempt, actor) != "not_allowed") is may, (name, actor)
                transaction.set_rollback(True)


def test_another_town_sees_nothing(points: Menu) -> None:
    person = points.town.person()
    assert person.party
    points.do(person)
    other = points.town.municipality + 500
    assert queries.doable(person.party, municipality=other, at=NOW) == ()
    assert queries.done_by(person.party, municipality=other) == ()
    assert queries.records(points.made.programme, municipality=other) == ()
    assert queries.places(points.actions["bus"], municipality=other) == ()
    with refused("programme_unknown"):
        queries.totals(points.made.programme, municipality=other)
    with refused("action_place_unknown"):
        queries.place_code(points.bus_stop, municipality=other, at=NOW)
    with refused("action_code_wrong"):
        queries.action_of_code(points.shown(points.bus_stop, NOW), municipality=other)
    stranger = Actor(other, ActorRole.RESIDENT, person.party)
    with refused("action_unknown"):
        points.do(stranger)


def test_codes_of_places_are_hard_to_guess(points: Menu) -> None:
    """Eight signs of thirty-one: ten thousand wild guesses at a place find nothing."""
    from meguri.programmes.points import rules

    place = ActionPlace.objects.get(id=points.bus_stop)
    guesses = (rules.signs_of(number * 7_919, length=8) for number in range(10_000))
    assert not any(
        rules.is_shown(guess, secret=place.secret, code=place.code, rotating=True, at=NOW) for guess in guesses
    )
