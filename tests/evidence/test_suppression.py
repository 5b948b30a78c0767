"""The bounds of a public table, and that closed cells cannot be told from open ones and the sums."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.evidence.suppression import (
    RESIDENTS_LEAST,
    SHOPS_LEAST,
    Cell,
    Closed,
    PublicCell,
    Sum,
    exposed,
    publish,
    reason,
)


def cell(key: str, *, yen: int = 100_000, residents: int = 50, shops: int = 10, largest: int = 20_000) -> Cell:
    return Cell(key, yen, residents, shops, largest)


def closings(found: Sequence[PublicCell]) -> dict[str, Closed | None]:
    return {one.key: one.closed for one in found}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, None),
        ({"residents": 10}, None),
        ({"residents": 9}, Closed.FEW_RESIDENTS),
        ({"shops": 3}, None),
        ({"shops": 2}, Closed.FEW_SHOPS),
        ({"largest": 85_000}, None),
        ({"largest": 85_001}, Closed.ONE_SHOP_DOMINATES),
    ],
)
def test_the_bounds(changed: dict[str, int], expected: Closed | None) -> None:
    assert reason(cell("a", **changed)) is expected


# --- one table --------------------------------------------------------------------------------------------------------


def test_one_closed_cell_takes_the_smallest_open_one_with_it() -> None:
    cells = [cell("big", yen=900_000), cell("small", yen=50_000), cell("few", residents=4, yen=10_000, largest=2_000)]
    found = {one.key: one for one in publish(cells)}
    assert (found["few"].closed, found["few"].yen) == (Closed.FEW_RESIDENTS, None)
    assert (found["small"].closed, found["small"].residents) == (Closed.PROTECTS_ANOTHER, None)
    assert (found["big"].closed, found["big"].yen, found["big"].shops) == (None, 900_000, 10)


def test_two_tiny_cells_do_not_protect_each_other() -> None:
    tiny = [
        cell("a", residents=2, shops=1, yen=500, largest=500), cell("b", residents=3, shops=1, yen=700, largest=700),
    ]
    assert closings(publish([*tiny, cell("c"), cell("d", yen=200_000)])) == {
        "a": Closed.FEW_RESIDENTS, "b": Closed.FEW_RESIDENTS, "c": Closed.PROTECTS_ANOTHER, "d": None,
    }


def test_a_closed_cell_of_one_great_shop_is_not_hidden_by_small_change() -> None:
    """A supermarket's 900,000 and a cell of 50,000 closed together: the sum would still be the supermarket's."""
    giant = cell("giant", yen=900_000, largest=890_000)
    found = closings(publish([giant, cell("tiny", yen=50_000), cell("great", yen=800_000)]))
    assert found == {
        "giant": Closed.ONE_SHOP_DOMINATES, "tiny": Closed.PROTECTS_ANOTHER, "great": Closed.PROTECTS_ANOTHER,
    }


def test_where_nothing_is_open_nothing_is_told() -> None:
    assert [one.yen for one in publish([cell("a", residents=1)])] == [None]
    assert publish([]) == ()


CELLS = st.lists(
    st.builds(
        Cell, key=st.uuids().map(str), yen=st.integers(100, 10**6), residents=st.integers(1, 40),
        shops=st.integers(1, 8), largest_shop_yen=st.integers(1, 100),
    ),
    max_size=12, unique_by=lambda one: one.key,
)


@given(CELLS)
def test_what_is_hidden_is_never_one_cell_nor_too_few_shops_while_anything_is_open(cells: list[Cell]) -> None:
    found = publish(cells)
    hidden = [one for one, shown in zip(cells, found, strict=True) if shown.closed]
    if any(shown.closed is None for shown in found) and hidden:
        assert len(hidden) > 1
        assert sum(one.shops for one in hidden) >= SHOPS_LEAST
        assert max(one.residents for one in hidden) >= RESIDENTS_LEAST
    for one, shown in zip(cells, found, strict=True):
        assert (shown.yen, shown.residents) in [(None, None), (one.yen, one.residents)]
        assert (shown.yen is None) == (shown.closed is not None)
        assert reason(one) is None or shown.closed


# --- several tables, whose differences can be taken -------------------------------------------------------------------

Grid = dict[tuple[str, str], Cell]
"""(programme, place) -> cell."""


def town_of(grid: Grid) -> list[Cell]:
    """The town's place is its programmes' places together; the same people and shops may stand in several of them."""
    found: dict[str, list[Cell]] = {}
    for (_, place), one in grid.items():
        found.setdefault(place, []).append(one)
    return [
        Cell(
            f"town/{place}", sum(one.yen for one in column), max(one.residents for one in column),
            max(one.shops for one in column), sum(one.largest_shop_yen for one in column),
        )
        for place, column in found.items()
    ]  # fmt: skip


def sums_of(grid: Grid) -> list[Sum]:
    towns = town_of(grid)
    rows = [Sum(tuple(one.key for (p, _), one in grid.items() if p == programme)) for programme, _ in grid]
    columns = [
        Sum(tuple(one.key for (_, p), one in grid.items() if f"town/{p}" == town.key), town.key, same_shops=True)
        for town in towns
    ]
    return [*rows, Sum(tuple(one.key for one in towns)), *columns]


def attack(grid: Grid, found: Sequence[PublicCell]) -> dict[str, int]:
    """What a reader can work out who knows every sum: take what is open from a sum; if one cell is left, it is told.

    Not the code under test: it goes on, sum after sum, as one would on paper.
    """
    values = {one.key: one.yen for one in found if one.yen is not None}
    truth = {one.key: one.yen for one in [*grid.values(), *town_of(grid)]}
    while True:
        told: dict[str, int] = {}
        for one in sums_of(grid):
            if one.whole:
                unknown = [key for key in one.keys if key not in values]
            else:
                unknown = [key for key in one.parts if key not in values]
            if len(unknown) == 1:
                told[unknown[0]] = truth[unknown[0]]
        if not told:
            given = {one.key for one in found if one.yen is not None}
            return {key: yen for key, yen in values.items() if key not in given}
        values |= told


def grid_of(table: dict[str, dict[str, tuple[int, int]]]) -> Grid:
    return {
        (programme, place): Cell(f"{programme}/{place}", yen, people, 5, yen // 4)
        for programme, row in table.items() for place, (yen, people) in row.items()
    }  # fmt: skip


def published(grid: Grid) -> tuple[PublicCell, ...]:
    return publish([*grid.values(), *town_of(grid)], sums_of(grid))


def test_the_difference_of_the_town_and_its_other_programmes_opens_nothing() -> None:
    """The hole of a single table: meals are 100,000 in the town and 99,400 of vouchers, so benefits were 600 yen."""
    grid = grid_of({
        "voucher": {"meals": (99_400, 60), "food": (800_000, 90), "care": (50_000, 30)},
        "benefit": {"meals": (600, 4), "food": (300_000, 80), "care": (40_000, 20)},
    })  # fmt: skip
    found = closings(published(grid))
    assert found["benefit/meals"] is Closed.FEW_RESIDENTS
    assert {found["voucher/meals"], found["town/meals"]} != {None}
    assert attack(grid, published(grid)) == {}


def test_a_town_without_small_cells_is_all_open() -> None:
    grid = grid_of({
        "voucher": {"meals": (99_400, 60), "food": (800_000, 90)}, "point": {"meals": (5_000, 30), "food": (9_000, 50)},
    })  # fmt: skip
    assert set(closings(published(grid)).values()) == {None}


def test_a_programme_at_one_place_only_does_not_tell_on_the_next() -> None:
    """Its yen are public as its own total, so it can hide nobody else in that place."""
    grid = grid_of({"voucher": {"meals": (90_000, 60), "food": (800_000, 90)}, "point": {"meals": (700, 5)},
                    "benefit": {"meals": (900, 5), "food": (500_000, 70)}})  # fmt: skip
    told = attack(grid, published(grid))
    assert set(told) <= {"point/meals"}


GRIDS = st.dictionaries(
    st.tuples(st.sampled_from(["voucher", "point", "benefit", "gift"]), st.sampled_from("abcdef")),
    st.tuples(st.integers(1, 10**6), st.integers(1, 40), st.integers(1, 6)), min_size=1, max_size=24,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(GRIDS)
def test_no_closed_cell_can_be_worked_out_of_all_tables(
    drawn: dict[tuple[str, str], tuple[int, int, int]],
) -> None:
    """What can be worked out at all is only what is public anyway: a programme's or the town's own total."""
    grid = {
        (programme, place): Cell(f"{programme}/{place}", yen, people, shops, yen // max(shops, 2))
        for (programme, place), (yen, people, shops) in drawn.items()
    }
    found = published(grid)
    shown = closings(found)
    totals = {
        one.keys for one in sums_of(grid) if not one.whole and all(shown[key] is not None for key in one.keys)
    }
    anyway = {key for keys in totals if len(keys) == 1 for key in keys}
    for key in attack(grid, found):
        mates = [one for one in sums_of(grid) if key in one.keys]
        assert key in anyway or all(shown[other] is not None for one in mates for other in one.keys), key
    for one in sums_of(grid):
        hidden = [key for key in one.parts if shown[key] is not None]
        if hidden and not one.whole and len(hidden) < len(one.parts):
            assert len(hidden) > 1


def test_a_reckoning_over_several_sums_is_found() -> None:
    """No sum has one unknown, and yet x is known: (x + a) + (b + c) - (a + b) - c."""
    sums = [Sum(("x", "a")), Sum(("b", "c")), Sum(("a", "b")), Sum(("c", "open"))]
    assert exposed(sums, ["x", "a", "b", "c"]) == ["a", "b", "c", "x"]
    assert exposed([Sum(("x", "a")), Sum(("b", "c")), Sum(("a", "b"))], ["x", "a", "b", "c"]) == []
    assert exposed([Sum(("x",), "whole")], ["x", "whole"]) == []
    assert exposed([], ["x"]) == []
