"""The office sees how far people are in groups that tell nobody apart, and every yen of the bonuses."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.office.missions import GROUPS, grouped
from meguri.parties.rules import Both
from meguri.programmes.points import operations as points
from meguri.programmes.points import queries as points_of
from tests.faces.office.lived import Office
from tests.faces.office.reading import cells, page, send, sheet, words

MAKER, CHECKER = "maker:planning", "checker:planning"


@pytest.fixture
def rode(office: Office) -> list[points.Recorded]:
    """The holder went round by bus: three stops, the last of which completed the rally."""
    by, at = office.officer(MAKER), office.town.at
    bus = points.open_action(programme=office.programme("point"), code="bus", by=by, at=at)
    stops = [points.open_place(action=bus, name=Both(name, name), by=by, at=at) for name in ("駅", "港", "丘")]
    done = []
    for days, stop in enumerate(stops):
        then = at - timedelta(days=len(stops) - days)
        code = points_of.place_code(stop, municipality=office.number, at=then).text
        done.append(points.record_action(action=bus, request=uuid4(), code=code, by=office.town.resident, at=then))
    return done


def test_the_desk_shows_the_yen_and_closes_small_groups(office: Office, rode: list[points.Recorded]) -> None:
    assert [each.yen for each in rode[-1].bonuses] == [100]
    maker = office.browser(MAKER)
    rows = cells(page(maker, "points"), "ミッションの進み具合と付与")
    assert rows[0][:2] == ["バスで町めぐり", "スタンプラリー"]
    assert rows[0][2:6] == ["0", "0", "10人未満", "1"]
    assert "100円" in rows[0]
    assert rows[1][0] == "8,000歩を毎週つづける"
    file = sheet(maker, "points", table="missions", lang="en")
    assert [row[0] for row in file][1:] == ["Round the town by bus", "8,000 steps, week by week"]
    assert file[1][4] == "under 10"


def test_too_few_open_places_are_said(office: Office, rode: list[points.Recorded]) -> None:
    by = office.officer(MAKER)
    bus = points_of.action_by_code(office.programme("point"), "bus", municipality=office.number)
    assert bus is not None
    for place in points_of.places(bus, municipality=office.number)[:2]:
        points.close_place(place=place.id, by=by, at=office.town.at)
    assert "開いている場所は1か所" in page(office.browser(MAKER), "points")


def test_before_a_withdrawal_the_bonus_that_goes_with_it_is_said(
    office: Office, rode: list[points.Recorded]
) -> None:
    maker, checker = (office.browser(who) for who in (MAKER, CHECKER))
    seen = words(page(checker, "record", rode[0].record))
    assert "財布から戻る 110円" in seen
    assert "この行動で達成していたミッションのボーナスも取り消します(上の額に入っています): バスで町めぐり" in seen
    send(checker, "record", rode[0].record, act="withdraw", reason="誤り")
    rows = cells(page(maker, "points"), "ミッションの進み具合と付与")
    assert rows[0][3:6] == ["10人未満", "0", "0"]
    assert rows[0][-1] == "1"


@given(st.dictionaries(st.integers(0, 12), st.integers(1, 30)), st.integers(1, 10))
def test_everybody_is_in_one_group(people: dict[int, int], wanted: int) -> None:
    found = grouped(people, wanted=wanted)
    assert list(found) == list(GROUPS)
    assert sum(found.values()) == sum(people.values())
    assert found["completed"] == sum(count for done, count in people.items() if done >= wanted)
