"""The days of the sale to whoever comes first, as the town lives them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TypeVar

import pytest

from meguri.rehearsal import happenings as h
from meguri.rehearsal.documents import AGAIN, ONLY
from meguri.rehearsal.first_come import FirstCome
from meguri.rehearsal.knowledge import Knowledge
from meguri.rehearsal.timetable import moment
from meguri.words.clock import JST, day
from tests.rehearsal.conftest import RULES, START, Lived, first_come_yen, lived

T = TypeVar("T", bound=h.Happening)


@pytest.fixture(scope="module")
def open_life() -> Lived:
    return lived(300, weeks=5, open_end=True)


def of(kind: type[T], found: Lived, *, sale: str = "") -> list[T]:
    return [each for each in found.stream if isinstance(each, kind) and sale in ("", getattr(each, "round", ""))]


def names(found: Lived, what: str, *, sale: str = ONLY) -> set[str]:
    mark = f"{what}:first-come:{sale}:"
    return {name.removeprefix(mark) for name in found.life.known.ids if name.startswith(mark)}


def test_the_line_is_the_order_in_which_people_came(open_life: Lived) -> None:
    came = [who for line in of(h.LinesUp, open_life, sale=ONLY) for who, _ in line.people]
    meant = [each.who for each in open_life.life.plan.comings if each.round == ONLY and each.way != "counter"]
    assert came == [who for who in meant if who in open_life.life.known.open]
    assert all(each.who == h.HALL for each in of(h.LinesUp, open_life)), "alone, for the order decides"


def test_the_first_sale_sells_out_and_the_second_does_not(open_life: Lived) -> None:
    came = [each for each in open_life.life.plan.comings if each.round == ONLY]
    without = {each.who for each in came} - names(open_life, "bought")
    slept = {each.who for each in came if each.sleeps}
    assert without - slept, "somebody came in vain"
    wanted, stock = open_life.life.plan.units_in_line(AGAIN), open_life.life.hall.scale.again
    assert 0 < wanted < stock / 2


def test_who_slept_has_bought_nothing_and_the_next_have(open_life: Lived) -> None:
    """The first wave meets a full stock: whoever of it sleeps has had the turn, and it does not come again."""
    came = [each for each in open_life.life.plan.comings if each.round == ONLY and each.way != "counter"]
    slept = {each.who for each in came if each.sleeps and each.wave == came[0].wave}
    assert slept
    assert not slept & (names(open_life, "bought") | names(open_life, "order"))
    assert len(names(open_life, "bought")) > len(came) / 2


def test_cards_counter_and_slips_all_buy(open_life: Lived) -> None:
    bought = names(open_life, "bought")
    ways = {each.way for each in open_life.life.plan.comings if each.round == ONLY and each.who in bought}
    assert ways == {"card", "slip", "counter"}


def test_a_slip_is_paid_the_next_day_and_confirmed_three_days_later(open_life: Lived) -> None:
    ordered = names(open_life, "order")
    told = {(each.who, each.kind): each.at for each in of(h.TellsOfSlip, open_life, sale=ONLY)}
    withdrawn = {each.who for each in open_life.life.plan.comings if each.is_withdrawn} & ordered
    assert ordered
    assert {who for who, kind in told if kind == "early"} == ordered
    assert {who for who, kind in told if kind == "final"} == ordered - withdrawn
    assert {who for who, kind in told if kind == "withdrawn"} == withdrawn
    table = open_life.life.table
    for who in ordered:
        assert day(told[who, "early"]) == table.first_come_on + timedelta(days=1)


def test_what_is_withdrawn_was_paid_after_the_shops_hours_and_is_gone_before_they_open(open_life: Lived) -> None:
    told = {(each.who, each.kind): each.at.astimezone(JST) for each in of(h.TellsOfSlip, open_life)}
    for who in {who for who, kind in told if kind == "withdrawn"}:
        assert told[who, "early"].hour == 23
        assert told[who, "withdrawn"].hour < 7


def test_the_second_sale_s_slips_wait_for_their_last_word(open_life: Lived) -> None:
    kinds = {each.kind for each in of(h.TellsOfSlip, open_life, sale=AGAIN)}
    assert kinds == {"early"}


def test_gifts_are_given_after_hours_and_most_are_taken_once(open_life: Lived) -> None:
    given, taken = of(h.Gives, open_life), of(h.TakesGift, open_life)
    assert given
    assert {each.at.astimezone(JST).hour for each in given} == {23}
    assert all(each.yen % 500 == 0 and each.to != each.who for each in given)
    assert {each.gift for each in taken} <= {each.key for each in given}
    assert len({each.gift for each in taken}) == len(taken)
    receivers = {each.key: each.to for each in given}
    assert all(each.who == receivers[each.gift] for each in taken)


def test_what_was_sold_is_what_people_spend_at_most(open_life: Lived) -> None:
    spent = sum(
        part.yen for paid in open_life.life.known.paid for part in paid.taken if part.kind in RULES.first_come.face
    )
    assert 0 < spent <= first_come_yen(open_life.life)


def test_the_money_for_small_shops_goes_to_small_shops(open_life: Lived) -> None:
    for paid in open_life.life.known.paid:
        if any(part.kind.startswith("small") for part in paid.taken):
            assert open_life.town.shops[paid.shop].small


def test_nobody_comes_without_an_open_wallet(open_life: Lived) -> None:
    sale = FirstCome(open_life.life.plan.comings, table=open_life.life.table, known=Knowledge(), department="x", seed=7)
    assert list(_everything(sale, open_life)) == []


def test_a_crowd_comes_in_parts_that_keep_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meguri.rehearsal.first_come.AT_ONCE", 4)
    found = lived(300, weeks=4)
    lines = of(h.LinesUp, found)
    assert max(len(each.people) for each in lines) == 4 < len(lines)
    assert [each.key for each in lines] == sorted(each.key for each in lines)
    assert lines[0].at == moment(found.life.table.first_come_on, 0, minute=20)
    assert found.life.table.start == START


def _everything(sale: FirstCome, found: Lived) -> Iterable[h.Happening]:
    for today in found.life.table.days():
        yield from sale.on(today)
