"""Points are for workers, too, where the terms say so; whoever lacks but the confirmation hears what to bring."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from meguri.programmes import queries as programmes
from meguri.programmes.operations import rewards
from meguri.programmes.vocabularies import RESIDENTS
from meguri.words.predicate import parse
from tests.programmes.points.conftest import Menu, menu
from tests.programmes.vouchers.lived_town import refused


def compare(field: str, value: object) -> dict[str, object]:
    return {"kind": "compare", "field": field, "op": "==", "value": value}


HERE = {"kind": "any", "of": [compare("resident", True), compare("works_in_town", True)]}


@pytest.fixture
def points(db: None) -> Menu:
    return menu(eligibility__who=HERE)


def test_a_worker_earns_as_a_resident_does(points: Menu) -> None:
    worker, resident = points.town.commuter(), points.town.person()
    assert points.do(worker).granted_yen == points.do(resident).granted_yen > 0


def test_who_is_not_confirmed_hears_what_to_bring(points: Menu) -> None:
    waiting = points.town.stranger()
    points.town.declared(waiting)
    late = points.town.commuter(first_day=date(2025, 4, 2))
    for person in (points.town.stranger(), waiting, late, points.town.commuter("study")):
        with refused("commuter_unconfirmed") as caught:
            points.do(person)
        assert "社員証か在勤証明書" in caught.value.sentence("ja")


def test_terms_for_residents_alone_say_that_the_sign_in_is_not_linked(db: None) -> None:
    points = menu()
    with refused("action_resident_unknown"):
        points.do(points.town.stranger())
    with refused("action_not_eligible"):
        points.do(points.town.commuter())


def test_one_of_whom_a_fact_is_unknown_earns_nothing_and_stops_no_run(points: Menu) -> None:
    town = points.town
    worker, resident = town.commuter(), town.person(tax_class="exempt")
    assert worker.party is not None
    assert resident.party is not None
    terms: Any = SimpleNamespace(eligibility=SimpleNamespace(on=date(2025, 4, 1), who=None))
    plain = programmes.terms(points.made.programme, municipality=town.municipality).eligibility.who
    for who, takers in ((plain, {worker.party, resident.party}), (exempt(), {resident.party})):
        terms.eligibility.who = who
        scheme: Any = SimpleNamespace(terms=terms)
        found = rewards._takers(scheme, {worker.party, resident.party}, municipality=town.municipality)
        assert found == takers


def exempt() -> Any:
    return parse({"kind": "all", "of": [HERE, compare("tax_class", "exempt")]}, RESIDENTS).predicate
