"""The picture of circulation: nothing comes out of a place that did not go in, and the sums are the programme's."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis.extra.django import TestCase

from meguri.evidence import circulation, queries
from meguri.evidence.circulation import REST, Picture, Place
from meguri.faces.design.charts import FlowPlace, FlowStage, FlowStream, flow
from meguri.settlement import operations as settlement
from tests.evidence.life import STEPS, Life
from tests.settlement.books import AT, DAY, EXPIRES, SmallTown, TestProgramme

KINDS = ("wallets", "people", "unspent", "lapsed", "shops", "bank", "waiting")


@pytest.fixture
def lived(town: SmallTown) -> tuple[SmallTown, TestProgramme, TestProgramme]:
    voucher, benefit = town.programme("voucher"), town.programme("benefit")
    food, meals = town.shop(trade="58"), town.shop(trade="76", area="yama")
    person = town.resident()
    town.sell(person, voucher, 1000)
    town.grant(person, benefit, 500)
    town.pay(person, food, 600, voucher, at=AT + DAY)
    town.pay(person, food, 100, benefit, at=AT + DAY)
    town.benefit_to_bank(person, benefit, 2000)
    settlement.set_paying_account(
        by=town.actor(), at=AT, payer_code="0123456789", payer_name="メグリ", bank="0005", branch="001",
        number="7654321",
    )
    town.bank_account(person)
    run = settlement.run_settlement(by=town.actor(), at=AT + 2 * DAY, cutoff=AT + 2 * DAY)
    settlement.approve_payouts(
        by=town.actor(), at=AT + 2 * DAY, run=run.id, confirmed_count=2, confirmed_yen=2700
    )
    settlement.mark_sent(by=town.actor(), at=AT + 2 * DAY, run=run.id)
    town.pay(person, meals, 150, voucher, at=AT + 3 * DAY)
    town.expire(person, voucher, 250, to="expired", at=EXPIRES + timedelta(hours=1))
    return town, voucher, benefit


def sums(picture: Picture) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for stream in picture.streams:
        pair = (stream.source.key, stream.target.key)
        found[pair] = found.get(pair, 0) + stream.yen
    return found


def test_every_yen_is_in_the_picture(lived: tuple[SmallTown, TestProgramme, TestProgramme]) -> None:
    town, voucher, benefit = lived
    assert sums(circulation.picture(town.municipality)) == {
        (f"programme:{voucher.id}", "wallets"): 1000,
        (f"programme:{benefit.id}", "wallets"): 500,
        (f"programme:{benefit.id}", "people"): 2000,
        ("wallets", "shops:58"): 700,
        ("wallets", "shops:76"): 150,
        ("wallets", "lapsed"): 250,
        ("wallets", "unspent"): 400,
        ("shops:58", "bank"): 700,
        ("shops:76", "waiting"): 150,
        ("people", "bank"): 2000,
    }


def test_yen_keep_their_programme(lived: tuple[SmallTown, TestProgramme, TestProgramme]) -> None:
    town, voucher, benefit = lived
    streams = circulation.picture(town.municipality).streams
    at_bank = {stream.programme: stream.yen for stream in streams if stream.source.code == "58"}
    assert at_bank == {voucher.id: 600, benefit.id: 100}


def test_places_stand_in_stages_by_size(lived: tuple[SmallTown, TestProgramme, TestProgramme]) -> None:
    town, _, _ = lived
    stages = circulation.picture(town.municipality, by="area").stages
    assert [[place.kind for place in stage] for stage in stages] == [
        ["programme", "programme"], ["wallets"], ["shops", "shops", "people", "unspent", "lapsed"], ["bank", "waiting"],
    ]
    assert [place.code for place in stages[2][:2]] == ["minato", "yama"]


def test_small_places_go_together(lived: tuple[SmallTown, TestProgramme, TestProgramme]) -> None:
    town, _, _ = lived
    found = sums(circulation.picture(town.municipality, shown=1))
    assert found["wallets", f"shops:{REST}"] == 150
    assert Place(2, "shops", REST) in circulation.picture(town.municipality, shown=1).stages[2]


@pytest.mark.parametrize(("yen", "alone"), [(30, True), (29, False)])
def test_a_stream_thinner_than_three_in_a_hundred_goes_with_the_rest(*, yen: int, alone: bool) -> None:
    found = circulation._largest([("58", 600), ("76", 970 - 600 + 30 - yen), ("59", yen)], 8)
    assert ("59" in found) is alone
    assert {"58", "76"} <= found


def test_the_chart_can_draw_it(lived: tuple[SmallTown, TestProgramme, TestProgramme]) -> None:
    """The chart refuses places that pass on more than they received."""
    town, _, _ = lived
    for by in ("trade", "area"):
        found = circulation.picture(town.municipality, by=by)
        stages = [
            FlowStage(str(number), tuple(FlowPlace(place.key, place.key) for place in stage))
            for number, stage in enumerate(found.stages)
        ]
        streams = [FlowStream(one.source.key, one.target.key, one.yen) for one in found.streams]
        assert "<svg" in str(flow(stages, streams, title="t", desc="d").svg)


class AnyHistory(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(STEPS)
    def test_the_picture_is_the_programmes_money(self, steps: list[tuple[str, int, int, int]]) -> None:
        life = Life()
        for step in steps:
            life.step(*step)
        town = life.town.municipality
        found = circulation.picture(town, shown=2)
        money = queries.money_by_programme(town)
        for programme in life.programmes:
            streams = [stream for stream in found.streams if stream.programme == programme.id]
            into = {kind: sum(s.yen for s in streams if s.target.kind == kind) for kind in KINDS}
            told = money[programme.id]
            assert into == {
                "wallets": told.issued_yen, "people": told.to_bank_yen, "unspent": told.unspent_yen,
                "lapsed": told.lapsed_yen, "shops": told.spent_yen, "bank": told.banked_yen,
                "waiting": told.waiting_yen,
            }
            for place in {stream.source for stream in streams if stream.source.stage > 0}:
                came = sum(stream.yen for stream in streams if stream.target == place)
                assert came == sum(stream.yen for stream in streams if stream.source == place)


def test_an_empty_town_has_an_empty_picture(town: SmallTown) -> None:
    assert circulation.picture(town.municipality).streams == ()
    assert queries.money_by_programme(town.municipality) == {}
