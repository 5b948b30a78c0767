"""The stamp card: every field in its place with its state, told again in words."""

from __future__ import annotations

import pytest

from meguri.faces.design import charts
from meguri.faces.design.charts import TallyMark, TallyState
from meguri.faces.design.charts.tally_card import WIDTH
from tests.faces.design.drawings import read, shapes, title, words

PLACES = [TallyMark("駅前", TallyState.DONE), TallyMark("病院前", TallyState.OPEN), TallyMark("港", TallyState.DONE)]


def card(marks: list[TallyMark], columns: int = 4) -> charts.Chart:
    return charts.tally_card(marks, title="3か所のうち2か所", desc="", columns=columns)


def test_what_is_done_is_filled_and_what_waits_is_a_ring() -> None:
    drawn = card(PLACES).svg
    assert (len(shapes(drawn, "chart-waiting")), title(drawn)) == (1, "3か所のうち2か所")
    assert len([each for each in shapes(drawn, "fill-point") if each.tag.endswith("circle")]) == 2
    assert words(drawn) == ["駅前", "病院前", "港"]


def test_a_day_that_was_left_out_is_neither() -> None:
    row = [TallyMark(f"6/{day}", state) for day, state in enumerate(TallyState, start=1)]
    drawn = card(row, columns=7).svg
    assert len(shapes(drawn, "chart-guide")) == len(shapes(drawn, "chart-waiting")) == 1


def test_the_twin_names_every_field_with_its_state() -> None:
    assert card(PLACES).rows == (("駅前", "済"), ("病院前", "まだ"), ("港", "済"))
    english = charts.tally_card(PLACES, title="t", desc="", language="en")
    assert [state for _, state in english.rows] == ["done", "to come", "done"]


@pytest.mark.parametrize(("many", "columns"), [(1, 4), (4, 4), (9, 4), (8, 7), (21, 7)])
def test_all_fields_lie_on_the_card(many: int, columns: int) -> None:
    drawn = card([TallyMark(f"{number}", TallyState.OPEN) for number in range(many)], columns=columns).svg
    height = float(read(drawn).get("height", "0"))
    for each in shapes(drawn, "chart-waiting"):
        x, y, r = (float(each.get(name, "0")) for name in ("cx", "cy", "r"))
        assert r < x < WIDTH - r
        assert r < y < height - r


def test_a_long_name_takes_two_lines_and_stands_whole_in_the_twin() -> None:
    name = "みどりが丘団地入口前バス停留所乗り場のりば北側"
    made = card([TallyMark(name, TallyState.OPEN)])
    assert len(words(made.svg)) == 2
    assert words(made.svg)[-1].endswith("…")
    assert made.rows[0][0] == name
