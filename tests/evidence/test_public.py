"""What everybody may see of any town: sums stay whole, and nothing tells on a few people or shops."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.evidence.computing import compute
from meguri.evidence.flows import Flow
from meguri.evidence.meanings import MEANINGS
from meguri.evidence.places import Taking, Visitors, places
from meguri.evidence.public import (
    CLOSED,
    PublicPlaces,
    PublicTable,
    public_indicator,
    public_indicators,
    public_picture,
    public_places,
    public_weeks,
)
from meguri.evidence.reading import ALL_TIME
from meguri.evidence.snapshot import PayersRow, ReachRow, Snapshot, Stretch
from meguri.evidence.suppression import LARGEST_SHARE, RESIDENTS_LEAST, SHOPS_LEAST, Closed
from meguri.evidence.trade_groups import GROUPS, OTHER, group_of

ONE, TWO, FUND = UUID(int=1), UUID(int=2), UUID(int=9)
AREAS = ("中町", "港町", "山手", "本町")
EMPTY = Snapshot(municipality=1, until=ALL_TIME)


def taking(
    yen: int, *, shop: int, programme: UUID = ONE, area: str = "中町", trade: str = "58", size: str = "small"
) -> Taking:
    return Taking(programme, shop, area, trade, size, "own", yen, counted=True)


def visitors(people: int, place: str, *, programme: UUID | None = ONE, by: str = "area") -> list[Visitors]:
    """So many people of the programme at a place, and at least as many of the whole town."""
    return [Visitors(False, programme, by, place, people), Visitors(True, None, by, place, people)]


def quarter(place: str, *, shops: int = 4, people: int = 30, yen: int = 1_000, first: int = 0) -> Snapshot:
    """One area in which shops took the same."""
    takings = tuple(taking(yen, shop=first + number, area=place) for number in range(shops))
    return replace(EMPTY, takings=takings, visitors=tuple(visitors(people, place)))


def town(*quarters: Snapshot) -> Snapshot:
    return replace(
        EMPTY, takings=tuple(one for each in quarters for one in each.takings),
        visitors=tuple(one for each in quarters for one in each.visitors),
    )  # fmt: skip


def test_a_place_of_many_is_shown_as_it_is() -> None:
    (cell,) = public_places(quarter("中町"), by="area").town.cells
    assert (cell.key, cell.yen, cell.residents, cell.shops, cell.closed) == ("中町", 4_000, 30, 4, None)


@pytest.mark.parametrize(
    ("few", "why"),
    [
        (quarter("山手", people=RESIDENTS_LEAST - 1, yen=500, first=10), Closed.FEW_RESIDENTS),
        (quarter("山手", shops=SHOPS_LEAST - 1, yen=500, first=10), Closed.FEW_SHOPS),
    ],
)
def test_a_place_of_few_closes_and_takes_the_smallest_open_one_with_it(few: Snapshot, why: Closed) -> None:
    found = public_places(town(quarter("中町"), quarter("港町", yen=900, first=20), few), by="area")
    for table in (found.town, found.of(ONE)):
        closed = {cell.key: cell.closed for cell in table.cells}
        assert closed == {"中町": None, "港町": Closed.PROTECTS_ANOTHER, "山手": why}
        assert table.closed == 2
        assert table.yen - 4_000 == table.closed_yen


def test_nothing_was_spent_nothing_is_shown() -> None:
    found = public_places(EMPTY, by="area")
    assert (found.town, found.of(ONE), found.programmes) == (PublicTable(), PublicTable(), {})
    assert public_weeks(EMPTY, programme=ONE) == PublicTable()


def test_trades_are_told_in_everyday_groups() -> None:
    takings = tuple(
        taking(1_000, shop=shop, trade=trade)
        for shop, trade in enumerate(["56", "58", "58", "56", "76", "77", "76", "??", "??", "??"])
    )
    people = [one for trade in ("56", "58", "76", "77", "??") for one in visitors(40, trade, by="trade")]
    found = public_places(replace(EMPTY, takings=takings, visitors=tuple(people)), by="trade").town
    assert {cell.key: cell.yen for cell in found.cells} == {"food": 4_000, "meals": 3_000, "other": 3_000}
    assert (group_of("58").code, group_of("76").code, group_of("").code) == ("food", "meals", OTHER.code)
    trades = [trade for group in GROUPS.values() for trade in group.trades]
    assert len(trades) == len(set(trades)), "a trade stands in one group"


# --- any town ---------------------------------------------------------------------------------------------------------

sales = st.lists(st.tuples(st.sampled_from([ONE, TWO]), st.integers(1, 9), st.integers(1, 5_000)), max_size=25)


@st.composite
def any_town(draw: st.DrawFn) -> Snapshot:
    """Shops keep their area; the town's people at a place are as many as a programme's, or more."""
    home = {shop: draw(st.sampled_from(AREAS)) for shop in range(1, 10)}
    takings = tuple(
        taking(yen, shop=shop, programme=programme, area=home[shop])
        for programme, shop, yen in draw(sales)
    )
    crowd = st.sampled_from([3, 9, 10, 60])
    people: list[Visitors] = []
    for area in AREAS:
        each = {programme: draw(crowd) for programme in (ONE, TWO)}
        people += [Visitors(False, programme, "area", area, count) for programme, count in each.items()]
        people.append(Visitors(True, None, "area", area, max(each.values()) + draw(st.integers(0, 5))))
    return replace(EMPTY, takings=takings, visitors=tuple(people))


def tables_of(found: PublicPlaces) -> list[PublicTable]:
    return [found.town, *found.programmes.values()]


@settings(max_examples=60)
@given(any_town())
def test_sums_stay_whole_and_every_open_cell_can_stand_by_itself(seen: Snapshot) -> None:
    found = public_places(seen, by="area")
    assert found.town.yen == sum(one.yen for one in seen.takings)
    for programme in found.programmes:
        assert found.of(programme).yen == sum(one.yen for one in seen.takings if one.programme == programme)
    rows = {(row.in_all, row.programme, row.place): row for row in places(seen.takings, seen.visitors, by="area")}
    for in_all, programme, table in [(True, None, found.town), *((False, p, t) for p, t in found.programmes.items())]:
        for cell in table.open_cells:
            row = rows[in_all, programme, cell.key]
            assert (cell.yen, cell.residents, cell.shops) == (row.yen, row.holders, row.shops)
            assert row.holders >= RESIDENTS_LEAST
            assert row.shops >= SHOPS_LEAST
            assert row.largest_shop_yen <= LARGEST_SHARE * row.yen
        assert all(cell.yen is cell.residents is cell.shops is None for cell in table.cells if cell.closed)


def reckoned(found: PublicPlaces) -> list[int]:
    """How many closed cells each step of a reader with pencil and paper tells: a sum of which one part is missing."""
    tables = {str(programme): table for programme, table in (("town", found.town), *found.programmes.items())}
    unknown = {(name, cell.key) for name, table in tables.items() for cell in table.cells if cell.closed}
    sums: list[set[tuple[str, str]]] = [{(name, cell.key) for cell in table.cells} for name, table in tables.items()]
    sums += [
        {(name, cell.key) for name, table in tables.items() for cell in table.cells if cell.key == place}
        for place in {cell.key for cell in found.town.cells}
    ]
    told = []
    while solved := {next(iter(one & unknown)) for one in sums if len(one & unknown) == 1 and one - unknown}:
        told.append(len(solved))
        unknown -= solved
    return told


@settings(max_examples=60)
@given(any_town())
def test_no_closed_place_can_be_reckoned_from_the_open_ones(seen: Snapshot) -> None:
    assert reckoned(public_places(seen, by="area")) == []


def test_the_reader_with_pencil_and_paper_would_find_a_lone_closed_cell() -> None:
    found = public_places(town(quarter("中町"), quarter("港町", yen=900, first=20)), by="area")
    lone = replace(found.town.cells[0], yen=None, closed=Closed.FEW_SHOPS)
    leaky = PublicPlaces(PublicTable((lone, found.town.cells[1]), found.town.yen), found.programmes)
    assert reckoned(leaky) == [1]


def test_a_programmes_closed_place_is_not_told_by_the_towns_and_the_other_programmes() -> None:
    """Five people of one programme at 中町: the town's 中町 less the other programme's would be theirs."""
    takings, crowd = [], []
    for programme, few in ((ONE, 5), (TWO, 60)):
        for number, area in enumerate(AREAS[:3]):
            takings += [
                taking(1_000 * (number + 1), shop=10 * number + shop, programme=programme, area=area)
                for shop in range(4)
            ]
            crowd.append(Visitors(False, programme, "area", area, few if area == "中町" else 60))
    crowd += [Visitors(True, None, "area", area, 90) for area in AREAS[:3]]
    found = public_places(replace(EMPTY, takings=tuple(takings), visitors=tuple(crowd)), by="area")
    closed = {
        name: {cell.key for cell in table.cells if cell.closed}
        for name, table in (("town", found.town), ("one", found.of(ONE)), ("two", found.of(TWO)))
    }
    assert "中町" in closed["one"]
    assert "中町" in closed["town"] | closed["two"]
    assert reckoned(found) == []
    largest_first = [cell.key for cell in found.town.cells]
    assert largest_first == ["山手", "港町", "中町"]


def test_places_are_told_apart_by_declared_dimensions_only() -> None:
    with pytest.raises(ValueError, match="told apart by"):
        places([], [], by="shop")


# --- weeks, the picture and indicators --------------------------------------------------------------------------------


def week(number: int, *, people: int = 40, yen: int = 10_000, programme: UUID = ONE) -> PayersRow:
    return PayersRow(programme, date(2026, 6, 1) + timedelta(weeks=number), yen, people, 5, yen // 4)


def test_weeks_stand_in_order_and_a_week_of_few_is_closed_with_the_smallest_other() -> None:
    rows = (week(2, yen=30_000), week(0), week(1, people=4, yen=700), week(0, programme=TWO, yen=99))
    found = public_weeks(replace(EMPTY, payers=rows), programme=ONE)
    assert [cell.key for cell in found.cells] == ["2026-06-01", "2026-06-08", "2026-06-15"]
    assert [cell.closed for cell in found.cells] == [Closed.PROTECTS_ANOTHER, Closed.FEW_RESIDENTS, None]
    assert (found.yen, found.closed_yen) == (40_700, 10_700)


def flow(source: str, target: str, yen: int) -> Flow:
    return Flow(FUND, ONE, source, target, "pay", yen)


def spent_in(picture_streams: Iterable[object]) -> dict[str, int]:
    return {s.target.code: s.yen for s in picture_streams if s.target.kind == "shops"}  # type: ignore[attr-defined]


def test_the_public_picture_draws_closed_trades_as_one_place() -> None:
    big = tuple(taking(1_000, shop=shop, trade="58") for shop in range(6))
    few = (taking(500, shop=7, trade="76"), taking(400, shop=8, trade="78"), taking(300, shop=9, trade="78"))
    people = [one for trade in ("58", "76", "78") for one in visitors(40, trade, by="trade")]
    flows = (flow("fund", "wallet", 9_000), flow("wallet", "shop", 7_200))
    found = public_picture(replace(EMPTY, takings=big + few, visitors=tuple(people), flows=flows))
    assert spent_in(found.streams) == {"food": 6_000, CLOSED: 1_200}
    assert {stream.target.kind for stream in found.streams} == {"wallets", "unspent", "shops"}
    assert sum(s.yen for s in found.streams if s.source.kind == "wallets") == 9_000


def reached(receivers: int, payers: int) -> tuple[ReachRow, ...]:
    return (ReachRow(False, ONE, receivers, payers, 0), ReachRow(True, None, receivers, payers, 0))


def lived(*, receivers: int = 50, payers: int = 40, shops: int = 30) -> Snapshot:
    sizes = ("small", "large")
    takings = tuple(taking(1_000, shop=number, size=sizes[number % 2]) for number in range(shops))
    crowd = [one for size in sizes for one in visitors(payers, size, by="size_class")]
    crowd += visitors(payers, "own", by="ward")
    return replace(
        EMPTY, takings=takings, visitors=tuple(crowd), reach=reached(receivers, payers), eligible=((ONE, 100),),
        stretches=(Stretch(ONE, "spent", 3, False, 1_000),), flows=(flow("fund", "wallet", 40_000),),
    )  # fmt: skip


def closings(found: Sequence[str], seen: Snapshot) -> dict[str, Closed | None]:
    return {code: public_indicator(code, seen, programme=ONE).closed for code in found}


def test_a_lively_programme_shows_every_indicator_as_it_is() -> None:
    seen = lived()
    assert [one.code for one in public_indicators(seen, programme=ONE)] == list(MEANINGS)
    assert public_indicators(seen, programme=ONE) == tuple(compute(code, seen, programme=ONE) for code in MEANINGS)


def test_what_nine_people_did_is_not_told() -> None:
    few_payers = closings(list(MEANINGS), lived(payers=9))
    by_payers = {"payers", "median_days", "first_14_days", "last_14_days", "own_ward_share", "small_shop_share",
                 "top_tenth_share"}  # fmt: skip
    assert {code for code, why in few_payers.items() if why} == by_payers
    assert {few_payers[code] for code in by_payers} == {Closed.FEW_RESIDENTS}
    few_receivers = closings(list(MEANINGS), lived(receivers=9))
    assert {code for code, why in few_receivers.items() if why} == {"receivers", "take_up"}


def test_ten_people_may_be_told_of_and_nobody_is_a_figure_too() -> None:
    assert set(closings(list(MEANINGS), lived(payers=10, receivers=10)).values()) == {None}
    nobody = closings(["payers", "receivers"], replace(EMPTY, reach=reached(0, 0)))
    assert nobody == {"payers": None, "receivers": None}


def test_the_towns_money_is_always_public() -> None:
    alone = closings([code for code in MEANINGS if code.endswith("_yen")], lived(receivers=1, payers=1, shops=1))
    assert set(alone.values()) == {None}


@pytest.mark.parametrize(("shops", "why"), [(20, Closed.FEW_SHOPS), (21, None)])
def test_the_top_tenth_is_three_shops_at_least(shops: int, why: Closed | None) -> None:
    assert closings(["top_tenth_share"], lived(shops=shops)) == {"top_tenth_share": why}


def test_a_closed_indicator_keeps_its_meaning_and_loses_both_numbers() -> None:
    found = public_indicator("take_up", lived(receivers=3), programme=ONE)
    assert (found.code, found.value, found.denominator, found.closed) == ("take_up", None, None, Closed.FEW_RESIDENTS)
    open_one = public_indicator("take_up", lived(), programme=ONE)
    assert (open_one.value, open_one.denominator) == (0.5, 100)


def test_a_share_of_two_parts_closes_if_one_of_them_would_tell() -> None:
    """One large shop: the share of small ones would say what it took."""
    takings = (*(taking(1_000, shop=number) for number in range(5)), taking(900, shop=9, size="large"))
    crowd = [one for size in ("small", "large") for one in visitors(40, size, by="size_class")]
    seen = replace(lived(), takings=takings, visitors=tuple(crowd))
    assert closings(["small_shop_share"], seen) == {"small_shop_share": Closed.FEW_SHOPS}
    elsewhere = (*visitors(40, "own", by="ward"), *visitors(5, "other", by="ward"))
    moved = replace(taking(500, shop=1), ward="other")
    own = replace(lived(), takings=(*lived().takings, moved), visitors=elsewhere)
    assert closings(["own_ward_share"], own) == {"own_ward_share": Closed.FEW_RESIDENTS}
