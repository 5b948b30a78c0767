"""What stays closed, and that closed cells cannot be told from open ones and the sum."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.evidence.suppression import RESIDENTS_LEAST, SHOPS_LEAST, Cell, Closed, publish, reason


def cell(key: str, *, yen: int = 100_000, residents: int = 50, shops: int = 10, largest: int = 20_000) -> Cell:
    return Cell(key, yen, residents, shops, largest)


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
    found = {one.key: one.closed for one in publish([*tiny, cell("c"), cell("d", yen=200_000)])}
    assert found == {
        "a": Closed.FEW_RESIDENTS, "b": Closed.FEW_RESIDENTS, "c": Closed.PROTECTS_ANOTHER, "d": None,
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
