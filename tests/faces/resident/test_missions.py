"""Stamps and missions as their holder meets them: filled, missing, completed, and never a word of blame."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from meguri.faces.resident.missions import card_of
from meguri.parties.rules import Both
from meguri.programmes.points import operations as points
from meguri.programmes.points import queries as points_of
from meguri.programmes.points.mission_views import missions_of
from meguri.programmes.points.step_rules import StepSource
from tests.faces.office.lived import Office
from tests.faces.resident.conftest import seen, turn_clock
from tests.town import Town

STOPS = ("駅前", "病院前", "港の広場")


@pytest.fixture
def stops(town: Town, office: Office) -> list[UUID]:
    """The bus with three stops."""
    by = office.officer("maker:planning")
    bus = points.open_action(programme=office.programme("point"), code="bus", by=by, at=town.at)
    return [points.open_place(action=bus, name=Both(name, name), by=by, at=town.at) for name in STOPS]


def ride(town: Town, phone: Client, stop: UUID) -> str:
    """Scan the stop's code; gives the page that follows."""
    code = points_of.place_code(stop, municipality=town.municipality, at=town.at).text
    answer = phone.post("/wallet/get/actions", {"code": code, "number": str(uuid4())})
    assert answer.status_code == 302
    made = answer.headers["Location"].partition("made=")[2]
    return seen(phone, "get/actions", made=made)


def test_a_card_fills_place_by_place(town: Town, phone: Client, stops: list[UUID]) -> None:
    assert "スタンプとミッション(1)" in seen(phone, "get/actions")
    before = seen(phone, "get/missions")
    assert "5か所のうち3か所をまわる" in before
    assert "3か所で達成です" in before
    assert "あと" not in before.partition("バスで町めぐり")[2].partition("きょうできること")[0].partition("日まで")[0]
    ride(town, phone, stops[0])
    ride(town, phone, stops[1])
    under_way = seen(phone, "get/missions")
    assert "3か所のうち2か所まで来ました" in under_way
    assert "あと1か所です。" in under_way
    assert "まで" in under_way
    assert "1 place to go." in seen(phone, "get/missions", lang="en")


def test_the_last_place_is_told_where_it_was_scanned_and_in_the_notices(
    town: Town, phone: Client, stops: list[UUID]
) -> None:
    for stop in stops[:2]:
        assert "達成" not in ride(town, phone, stop)
        turn_clock(town, town.at + timedelta(days=1))
    told = ride(town, phone, stops[2])
    assert "「バスで町めぐり」を達成しました" in told
    assert "ボーナス 100円分のポイントが入りました" in told
    assert "「バスで町めぐり」を達成しました" in seen(phone, "notices")
    after = seen(phone, "get/missions")
    assert "ボーナス 100円を受け取りました" in after
    assert "あと1か所" not in after
    assert "バスで町めぐり" in seen(phone, "history")
    assert "A bonus of ¥100 came in" in seen(phone, "get/missions", lang="en")


def test_a_closed_place_keeps_its_stamp(town: Town, office: Office, phone: Client, stops: list[UUID]) -> None:
    ride(town, phone, stops[0])
    for stop in stops:
        points.close_place(place=stop, by=office.officer("maker:planning"), at=town.at)
    (it,) = [each for each in missions_of(town.holder, municipality=town.municipality, at=town.at)
             if each.kind == "places"]  # fmt: skip
    assert [(each.name.ja, each.reached) for each in it.places] == [("駅前", True)]
    assert "駅前" in seen(phone, "get/missions")


def test_a_streak_is_a_row_of_weeks(town: Town, office: Office, phone: Client) -> None:
    points.open_action(
        programme=office.programme("point"), code="walk-8000", by=office.officer("maker:planning"), at=town.at
    )
    number = points.bring_steps(
        {town.at.date(): 9_000}, source=StepSource.CSV, digest="b" * 64, by=town.resident, at=town.at
    )
    points.count_steps(brought=number, by=town.resident, at=town.at)
    page = seen(phone, "get/missions")
    assert "3週のうち1週まで来ました" in page
    assert "あと2週です。" in page
    assert "途中で1週まで休める" in page
    (it,) = [each for each in missions_of(town.holder, municipality=town.municipality, at=town.at)
             if each.kind == "streak"]  # fmt: skip
    card = card_of(it, "ja")
    assert card.chart is not None
    assert len(card.chart.rows) == 4
    assert card.chart.rows[0][1] == "済"


def test_nobody_else_fills_my_card(town: Town, phone: Client, neighbour: Client, stops: list[UUID]) -> None:
    ride(town, phone, stops[0])
    assert "3か所で達成です" in seen(neighbour, "get/missions")


def test_without_missions_there_is_nothing_to_see(town: Town, phone: Client) -> None:
    assert "いまのミッションはありません" in seen(phone, "get/missions")
    assert "スタンプとミッション" not in seen(phone, "get/actions")


def test_after_its_days_an_unfinished_one_is_gone_and_a_finished_one_stays(
    town: Town, phone: Client, stops: list[UUID]
) -> None:
    for stop in stops:
        ride(town, phone, stop)
        turn_clock(town, town.at + timedelta(days=1))
    late = town.at + timedelta(days=200)
    found = missions_of(town.holder, municipality=town.municipality, at=late)
    assert [(each.code, card_of(each, "ja").state) for each in found] == [("bus-rally", "done")]
    assert missions_of(town.other, municipality=town.municipality, at=late) == ()
