"""The sources: what each of them says, however many are asked together, and that they leave nothing behind."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from meguri.evidence import reading, snapshot
from meguri.evidence.reading import ALL_TIME, read, state
from meguri.ledger import operations as ledger
from tests.settlement.books import AT, DAY, SmallTown, account, small_town

SOURCES = snapshot.SOURCES


@pytest.fixture
def lived(town: SmallTown) -> SmallTown:
    voucher, points = town.programme(), town.programme("point")
    shops = [town.shop(area=area) for area in ("minato", "yama")]
    for number in range(4):
        person = town.resident(ward="minato")
        town.grant(person, voucher, 500, at=AT + number * DAY)
        town.grant(person, points, 50)
        payment = town.pay(person, shops[number % 2], 300 + number, voucher, points, at=AT + (number + 4) * DAY)
        if number == 3:
            town.refund(payment, at=AT + 9 * DAY)
    return town


def answer(town: SmallTown, source: str, until: datetime = ALL_TIME) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(read(town.municipality, [source], until=until)[source])
    return sorted(rows, key=repr)


def setting(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s)", [name])
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize("until", [ALL_TIME, AT + 6 * DAY, AT])
def test_asked_together_or_alone_the_sources_say_the_same(lived: SmallTown, until: datetime) -> None:
    together = read(lived.municipality, SOURCES, until=until)
    for source in SOURCES:
        assert sorted(json.loads(together[source]), key=repr) == answer(lived, source, until)


def test_nothing_is_left_behind(lived: SmallTown) -> None:
    before = {name: setting(name) for name in ("work_mem", "enable_nestloop")}
    read(lived.municipality, SOURCES)
    assert {name: setting(name) for name in before} == before
    assert before["enable_nestloop"] == "on"


def test_a_failing_source_leaves_nothing_behind_either(lived: SmallTown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_statement", lambda _: "SELECT 1 / 0")
    with pytest.raises(Exception, match="division by zero"):
        read(lived.municipality, SOURCES)
    assert setting("enable_nestloop") == "on"


def test_a_standby_could_answer(lived: SmallTown) -> None:
    """Nothing is written, not even a temporary table."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL transaction_read_only TO on")
        assert read(lived.municipality, SOURCES)["flows"] != "[]"
        transaction.set_rollback(True)  # makes it writable again


def test_every_source_is_explained_and_shown_as_it_runs() -> None:
    assert {*SOURCES, *reading.SHARED, "state"} == set(reading.sources())
    for source in reading.sources():
        assert "SELECT" in reading.text_of(source)


@pytest.mark.parametrize("source", SOURCES)
def test_another_town_is_not_seen(lived: SmallTown, source: str) -> None:
    other = small_town()
    assert [row for row in answer(other, source) if source != "reach"] == []
    assert answer(lived, source) or source in ("arms", "banked", "edge", "lottery")


def test_a_town_without_life_is_an_empty_snapshot(town: SmallTown) -> None:
    seen = snapshot.take(town.municipality)
    for name in ("flows", "takings", "visitors", "payers", "banked", "stretches", "drawn", "edges", "arms", "eligible"):
        assert getattr(seen, name) == (), name
    assert [(row.in_all, row.receivers, row.payers) for row in seen.reach] == [(True, 0, 0)]


def test_a_week_counts_people_and_shops_once_and_takes_refunds_off(lived: SmallTown) -> None:
    """Days 4 to 7 are Friday to Monday; the refund of Monday's payment comes on Wednesday of the same week."""
    rows = [row for row in answer(lived, "payers") if row["yen"] > 60]
    (friday,) = rows
    assert (date.fromisoformat(friday["week"]), friday["people"], friday["shops"]) == (date(2026, 6, 1), 3, 2)
    assert (friday["yen"], friday["largest_shop_yen"]) == (300 + 301 + 302, 300 + 302)
    (monday,) = (row for row in answer(lived, "payers", AT + 8 * DAY) if row["week"] == "2026-06-08")
    assert (monday["yen"], monday["people"], monday["shops"]) == (303, 1, 1)
    (after,) = (row for row in answer(lived, "payers") if row["week"] == "2026-06-08")
    assert (after["yen"], after["people"], after["shops"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("shops", "place", "people"),
    [((0, 1), "58", 1), ((0, 1), "minato", 1), ((0, 2), "58", 1), ((0, 2), "76", 1), ((0, 2), "yama", 1)],
)
def test_a_person_in_two_shops_of_a_place_is_one_visitor(
    town: SmallTown, shops: Sequence[int], place: str, people: int
) -> None:
    programme, person = town.programme(), town.resident()
    tills = [town.shop(), town.shop(), town.shop(area="yama", trade="76")]
    town.grant(person, programme, 100)
    for shop in shops:
        town.pay(person, tills[shop], 10, programme, at=AT + DAY)
    found = {(row["in_all"], row["place"]): row["people"] for row in answer(town, "visitors")}
    assert found[True, place] == found[False, place] == people


def test_many_shops_have_a_bit_each(town: SmallTown) -> None:
    programme = town.programme()
    shops = [town.shop(area=f"area {number}") for number in range(40)]
    for number, shop in enumerate(shops):
        person = town.resident()
        town.grant(person, programme, 10)
        town.pay(person, shop, 1 + number % 7, programme, at=AT + DAY)
    areas = [row for row in answer(town, "visitors") if row["by"] == "area" and row["in_all"]]
    assert len(areas) == 40
    assert {row["people"] for row in areas} == {1}


def test_the_state_changes_with_what_is_read(lived: SmallTown) -> None:
    town = lived.municipality
    seen = [state(town)]
    shop = lived.shop()
    seen.append(state(town))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE parties_shop SET area = 'hama' WHERE id = %s", [shop])
    seen.append(state(town))
    person = lived.resident()
    seen.append(state(town))
    programme = lived.programme("benefit")
    seen.append(state(town))
    lived.grant(person, programme, 1)
    seen.append(state(town))
    assert len(set(seen)) == 6
    assert state(town) == seen[-1]


def test_shops_that_parties_do_not_know_stand_under_no_place(town: SmallTown) -> None:
    programme, person, stranger = town.programme(), town.resident(), uuid4()
    ledger.open_accounts([account(stranger, "shop")], municipality=town.municipality)
    town.grant(person, programme, 100)
    town.pay(person, stranger, 60, programme, at=AT + timedelta(hours=1))
    seen = snapshot.take(town.municipality)
    for by in ("area", "trade", "size_class", "ward"):
        assert [(row.place, row.yen, row.holders) for row in seen.places(by) if row.in_all] == [("", 60, 1)]
    assert seen.banked == ()


def test_a_benefit_taken_by_bank_has_reached_its_person(town: SmallTown) -> None:
    """One by wallet, one by bank, one by both: three people, none of them twice."""
    programme, people = town.programme("benefit"), [town.resident() for _ in range(3)]
    town.grant(people[0], programme, 100)
    town.benefit_to_bank(people[1], programme, 100)
    town.grant(people[2], programme, 50)
    town.benefit_to_bank(people[2], programme, 50)
    assert [(row["in_all"], row["receivers"], row["payers"]) for row in answer(town, "reach")] == [
        (False, 3, 0), (True, 3, 0),
    ]


def test_whose_grant_was_taken_back_has_not_received(town: SmallTown) -> None:
    programme, person = town.programme(), town.resident()
    grant = town.grant(person, programme, 100)
    ledger.reverse(
        grant.posting, municipality=town.municipality, template="withdraw_points", key="back", at=AT + DAY, by="test",
        about={},
    )
    (row,) = (row for row in answer(town, "reach") if row["in_all"])
    assert (row["receivers"], row["payers"]) == (0, 0)
