"""The sources: read alone and laid out together they say the same, and they leave nothing behind."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from meguri.evidence import reading, snapshot
from meguri.evidence.reading import Reader, opened
from meguri.ledger import operations as ledger
from tests.settlement.books import AT, DAY, SmallTown, account, small_town

PLAIN = ("fund_flows", "shop_takings", "reach", "spending_times", "weeks")


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


def laid_out_tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relname IN ('moves', 'payments') AND relpersistence = 't'")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("until", [reading.ALL_TIME, AT + 6 * DAY, AT])
def test_both_ways_of_reading_agree(lived: SmallTown, until: object) -> None:
    alone = Reader(lived.municipality, until)  # type: ignore[arg-type]
    with opened(lived.municipality, until=until) as together:  # type: ignore[arg-type]
        for source in PLAIN:
            assert sorted(map(repr, together.rows(source))) == sorted(map(repr, alone.rows(source)))
        for source in ("places", "banked"):
            for by in ("area", "trade"):
                assert sorted(map(repr, together.rows(source, by=by))) == sorted(map(repr, alone.rows(source, by=by)))


def test_nothing_is_left_behind(lived: SmallTown) -> None:
    with opened(lived.municipality):
        assert sorted(laid_out_tables()) == ["moves", "payments"]
    assert laid_out_tables() == []
    with pytest.raises(KeyError), opened(lived.municipality):
        raise KeyError
    assert laid_out_tables() == []
    snapshot.take(lived.municipality)
    snapshot.take(lived.municipality)  # twice in one transaction


def test_what_is_laid_out_does_not_change_while_it_is_read(lived: SmallTown) -> None:
    programme, person = lived.programme("benefit"), lived.resident()
    with opened(lived.municipality) as read:
        before = sorted(map(repr, read.rows("fund_flows")))
        lived.grant(person, programme, 77)
        assert sorted(map(repr, read.rows("fund_flows"))) == before
    assert any(row[5] == 77 for row in Reader(lived.municipality).rows("fund_flows"))


def test_every_source_is_explained_and_shown_as_it_runs() -> None:
    assert set(PLAIN) | {"moves", "payments", "places", "banked", "state"} == set(reading.sources())
    for source in reading.sources():
        assert "SELECT" in reading.text_of(source)


def test_another_town_is_not_seen(lived: SmallTown) -> None:
    other = small_town()
    for source in PLAIN:
        rows = Reader(other.municipality).rows(source)
        assert [row for row in rows if source != "reach"] == []
    assert snapshot.take(other.municipality).flows == ()


def test_the_state_changes_with_what_is_read(lived: SmallTown) -> None:
    read = Reader(lived.municipality)
    seen = {repr(read.rows("state"))}
    lived.shop()
    seen.add(repr(read.rows("state")))
    person = lived.resident()
    seen.add(repr(read.rows("state")))
    programme = lived.programme("benefit")
    lived.grant(person, programme, 1)
    seen.add(repr(read.rows("state")))
    assert len(seen) == 4
    assert repr(read.rows("state")) in seen


def test_shops_that_parties_do_not_know_stand_under_no_place(town: SmallTown) -> None:

    programme, person, stranger = town.programme(), town.resident(), uuid4()
    ledger.open_accounts([account(stranger, "shop")], municipality=town.municipality)
    town.grant(person, programme, 100)
    town.pay(person, stranger, 60, programme, at=AT + timedelta(hours=1))
    read = Reader(town.municipality)
    assert [(row.place, row.yen) for row in snapshot.places(read, by="area") if row.in_all] == [("", 60)]
    assert [(row.place, row.yen) for row in snapshot.places(read, by="ward") if row.in_all] == [("", 60)]
    assert snapshot.banked(read, by="area") == ()
