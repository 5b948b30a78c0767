"""The demo's town is founded once, is marked as invented, and its people are introduced."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection

from meguri.ledger.operations import set_clock_offset
from meguri.ledger.queries import municipality
from meguri.parties import queries as parties
from meguri.site import invented
from meguri.site.invented import BEFORE, found_town, introduce
from meguri.words.actor import ActorRole
from meguri.words.clock import day, midnight, now


@pytest.fixture
def at(db: None, settings: object, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Real time; the town stands under a number that no other test uses."""
    monkeypatch.setattr(invented.MEGURI, "municipality", 977)
    return now()


def test_the_town_is_invented_and_its_clock_starts_before_any_lived_day(at: datetime) -> None:
    found_town(at=at)
    town = municipality(977)
    assert town is not None
    assert (town.kind, town.name_ja) == ("rehearsal", "めぐり町")
    assert abs(at + town.clock_offset - (midnight(day(at)) - BEFORE)) < timedelta(seconds=1)


def test_its_officers_are_in_office_when_life_begins(at: datetime) -> None:
    found_town(at=at)
    officers = parties.officers(municipality=977, at=midnight(day(at)) - timedelta(days=280))
    assert {ActorRole.MAKER, ActorRole.CHECKER, ActorRole.ACCOUNTANT} <= {officer.role for officer in officers}
    assert {officer.department for officer in officers} == {"commerce", "planning", "welfare", "accounting"}


def test_each_start_gets_a_key_that_opens_the_rehearsals_doors_and_ends_soon(at: datetime) -> None:
    first, second = found_town(at=at), found_town(at=at)
    assert first != second
    key = parties.api_key(first, at=at)
    assert key is not None
    assert (key.actor.municipality, key.actor.role, list(key.scopes)) == (977, ActorRole.OPERATOR, ["rehearsal"])
    assert parties.api_key(first, at=at + invented.KEY_LASTS) is None


def test_a_town_that_lives_already_keeps_its_time(at: datetime) -> None:
    found_town(at=at)
    set_clock_offset(municipality=977, offset=timedelta(days=5))
    found_town(at=at)
    town = municipality(977)
    assert town is not None
    assert town.clock_offset == timedelta(days=5)


def test_people_are_introduced_in_two_languages(at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invented.connections, "close_all", lambda: None)  # the test's own transaction goes on
    found_town(at=at)
    lines = introduce(at=at)
    maker = "商工課の起票者 / Commerce, maker — プレミアム商品券の事業をつくる / Draft a premium voucher programme"
    assert maker in lines
    assert len(lines) >= 9
    assert connection.is_usable()
