"""One platform or many, for any town: what grows with what, and that nothing is hidden in the sum."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.strategy.cost_merit import (
    PLACEHOLDERS,
    PROGRAMMES_MOST,
    SOURCES,
    SWING,
    Comparison,
    Input,
    compare,
    people,
    shared_yen,
    siloed_yen,
    with_value,
)

CODES = [one.code for one in PLACEHOLDERS]
SHARES = {"overlap", "churn"}
programmes, years = st.integers(1, PROGRAMMES_MOST), st.integers(1, 20)


@st.composite
def towns(draw: st.DrawFn) -> tuple[Input, ...]:
    """Whole yen and whole people, so that no rounding hides a difference."""
    return tuple(
        replace(one, value=draw(st.sampled_from([0.0, 0.25, 0.5, 1.0])) if one.code in SHARES
                else float(draw(st.integers(0, 10_000)) * 4))
        for one in PLACEHOLDERS
    )  # fmt: skip


def values(inputs: tuple[Input, ...]) -> dict[str, float]:
    return {one.code: one.value for one in inputs}


def less(inputs: tuple[Input, ...], code: str) -> tuple[Input, ...]:
    """The same town with nothing of one input."""
    return with_value(inputs, code, value=0, source="guess", note_ja="なし", note_en="none")


@settings(max_examples=30)
@given(towns(), programmes, years)
def test_separate_systems_cost_each_the_same(inputs: tuple[Input, ...], count: int, span: int) -> None:
    one = siloed_yen(values(inputs), programmes=1, years=span)
    assert siloed_yen(values(inputs), programmes=count, years=span) == count * one


@settings(max_examples=30)
@given(towns(), programmes, years)
def test_a_year_more_costs_a_year_of_running(inputs: tuple[Input, ...], count: int, span: int) -> None:
    known = values(inputs)
    year = siloed_yen(known, programmes=count, years=span + 1) - siloed_yen(known, programmes=count, years=span)
    assert year == count * (
        known["run_siloed"] + known["users"] * known["per_user"] + known["hours_siloed"] * known["wage"]
    )
    shared = shared_yen(known, programmes=count, years=span + 1) - shared_yen(known, programmes=count, years=span)
    assert shared == pytest.approx(
        known["run_shared"] + count * known["run_more"] + people(known, count) * known["per_user"]
        + (known["hours_shared"] + count * known["hours_more"]) * known["wage"]
        + known["shops"] * known["onboarding"] * known["churn"],
        abs=1,
    )  # fmt: skip


@settings(max_examples=30)
@given(towns(), programmes)
def test_people_are_counted_between_once_and_for_every_programme(inputs: tuple[Input, ...], count: int) -> None:
    known = values(inputs)
    assert known["users"] <= people(known, count) <= count * known["users"]
    assert people({**known, "overlap": 1.0}, count) == known["users"]
    assert people({**known, "overlap": 0.0}, count) == count * known["users"]


@settings(max_examples=30)
@given(towns(), programmes, years)
def test_no_input_but_overlap_ever_makes_anything_cheaper(inputs: tuple[Input, ...], count: int, span: int) -> None:
    for code in CODES:
        with_it, without = (
            tuple(way(values(each), programmes=count, years=span) for way in (siloed_yen, shared_yen))
            for each in (inputs, less(inputs, code))
        )
        if code == "overlap":
            assert without[1] >= with_it[1]
            assert without[0] == with_it[0]
        else:
            assert without[0] <= with_it[0]
            assert without[1] <= with_it[1]


def compared(inputs: tuple[Input, ...], count: int = 3, span: int = 5) -> Comparison:
    return compare(inputs, programmes=count, years=span)


@settings(max_examples=30)
@given(towns(), programmes, years)
def test_the_break_even_is_the_first_count_that_is_cheaper(inputs: tuple[Input, ...], count: int, span: int) -> None:
    found = compared(inputs, count, span)
    assert (found.programmes, found.years) == (count, span)
    assert len(found.siloed_yen) == len(found.shared_yen) == PROGRAMMES_MOST
    cheaper = [
        number for number, (apart, together) in enumerate(zip(found.siloed_yen, found.shared_yen, strict=True), start=1)
        if together < apart
    ]  # fmt: skip
    assert found.break_even == (cheaper[0] if cheaper else None)
    assert found.saving_yen == found.siloed_yen[count - 1] - found.shared_yen[count - 1]


@settings(max_examples=30)
@given(towns(), programmes, years, st.sampled_from(CODES))
def test_a_swing_is_the_saving_with_one_input_a_third_off(
    inputs: tuple[Input, ...], count: int, span: int, code: str
) -> None:
    swing = next(each for each in compared(inputs, count, span).sensitivity if each.code == code)
    value = values(inputs)[code]
    for said, factor in ((swing.low_yen, 1 - SWING), (swing.high_yen, 1 + SWING)):
        off = with_value(inputs, code, value=value * factor, source="guess", note_ja="", note_en="")
        assert said == compared(off, count, span).saving_yen


@given(st.lists(st.sampled_from(SOURCES), min_size=len(PLACEHOLDERS), max_size=len(PLACEHOLDERS)))
def test_a_comparison_is_known_as_well_as_its_worst_input(sources: list[str]) -> None:
    inputs = tuple(replace(one, source=source) for one, source in zip(PLACEHOLDERS, sources, strict=True))
    weakest = compared(inputs).weakest_source
    assert weakest in sources
    assert all(SOURCES.index(source) <= SOURCES.index(weakest) for source in sources)


def test_one_value_better_known_leaves_the_others_as_they_are() -> None:
    known = with_value(PLACEHOLDERS, "wage", value=2_800, source="contract", note_ja="契約", note_en="contract")
    changed = [one.code for one, before in zip(known, PLACEHOLDERS, strict=True) if one != before]
    assert changed == ["wage"]
    wage = next(one for one in known if one.code == "wage")
    assert (wage.value, wage.source, wage.note_ja, wage.note_en) == (2_800, "contract", "契約", "contract")
    assert (wage.unit, wage.name_en) == ("yen", "An officer's hour")


def test_the_largest_question_comes_first() -> None:
    found = compared(PLACEHOLDERS).sensitivity
    assert [each.code for each in found][:2] == ["build_siloed", "run_siloed"]
    assert len({each.code for each in found}) == len(CODES)
