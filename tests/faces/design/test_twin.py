from __future__ import annotations

import csv
import io

import pytest

from meguri.faces.design.charts.twin import Chart, percent, say


def chart(*rows: tuple[str | int | float | None, ...]) -> Chart:
    return Chart(svg="", title="t", columns=("Name", "Yen"), rows=rows)


def test_the_table_leaves_as_csv_that_a_spreadsheet_reads() -> None:
    text = chart(("八百屋, まるは", 1_280), ("みなと", None)).csv()
    assert text.startswith("\ufeff")
    assert "\r\n" in text
    assert list(csv.reader(io.StringIO(text.lstrip("\ufeff")))) == [
        ["Name", "Yen"], ["八百屋, まるは", "1280"], ["みなと", ""],
    ]  # fmt: skip


@pytest.mark.parametrize("evil", ["=1+1", "+81", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_text_cannot_become_a_formula(evil: str) -> None:
    rows = list(csv.reader(io.StringIO(chart((evil, 1)).csv().lstrip("\ufeff"), newline="")))
    assert rows[1][0] == f"'{evil}"


def test_negative_figures_stay_figures() -> None:
    assert ",-650" in chart(("refund", -650)).csv()


def test_heads_say_which_columns_are_figures() -> None:
    assert chart(("a", 1), ("b", None)).heads == (("Name", False), ("Yen", True))
    assert chart().heads == (("Name", False), ("Yen", False))


def test_percent() -> None:
    assert percent(1, 3) == 33.3
    assert percent(0, 0) == 0.0


def test_say_chooses_by_language() -> None:
    assert say("ja", "円", "yen") == "円"
    assert say("en", "円", "yen") == "yen"
