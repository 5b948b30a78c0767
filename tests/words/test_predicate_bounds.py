"""How large a rule may be and which values fit a field, at the last size that fits and the first that does not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.words.predicate import (
    All,
    Any,
    Compare,
    Field,
    FieldType,
    Not,
    Operator,
    Predicate,
    Vocabulary,
    faults,
    holds,
    parse,
)
from meguri.words.predicate.check import DEPTH_MAX, INTEGER_MAX, PARTS_MAX
from meguri.words.predicate.tree import Value

PERSON = Vocabulary((
    Field("age", FieldType.INTEGER, ja="年齢", en="age"),
    Field("ward", FieldType.TEXT, ja="地区", en="ward"),
    Field("born", FieldType.DATE, ja="生年月日", en="date of birth"),
    Field("taxed", FieldType.BOOLEAN, ja="課税", en="taxed"),
))  # fmt: skip
ADULT = Compare("age", Operator.AT_LEAST, 18)


def codes(rule: Predicate) -> list[str]:
    return [fault.code for fault in faults(rule, PERSON)]


def nested(levels: int) -> Predicate:
    """A comparison under so many levels in all."""
    rule: Predicate = ADULT
    for level in range(levels - 1):
        rule = Not(rule) if level % 2 else All((rule,))
    return rule


@given(st.integers(1, 30), st.integers(0, 4), st.integers(0, 4))
def test_a_rule_is_as_deep_as_its_deepest_branch_wherever_that_stands(levels: int, before: int, after: int) -> None:
    rule = Any((*(ADULT,) * before, nested(levels), *(ADULT,) * after))
    assert codes(rule) == ([] if levels + 1 <= DEPTH_MAX else ["predicate_too_large"])


def test_a_rule_of_many_parts_is_counted_as_a_whole() -> None:
    half = All((ADULT,) * (PARTS_MAX // 2 - 1))
    assert codes(Any((half, Not(ADULT)))) == []
    fits = Any((half, All((ADULT,) * (PARTS_MAX // 2 - 2))))
    assert codes(fits) == []
    assert codes(Any((*fits.of, ADULT))) == ["predicate_too_large"]


def test_a_refusal_of_size_says_both_limits() -> None:
    (fault,) = faults(nested(DEPTH_MAX + 1), PERSON)
    assert fault.facts == {"parts_max": PARTS_MAX, "depth_max": DEPTH_MAX}
    assert str(DEPTH_MAX) in fault.sentence("ja")
    assert str(PARTS_MAX) in fault.sentence("en")


@pytest.mark.parametrize(
    ("field", "value", "fits"),
    [
        ("age", INTEGER_MAX, True),
        ("age", -INTEGER_MAX, True),
        ("age", INTEGER_MAX + 1, False),
        ("age", -INTEGER_MAX - 1, False),
        ("age", True, False),
        ("age", "18", False),
        ("taxed", True, True),
        ("taxed", 1, False),
        ("taxed", "true", False),
        ("born", "2025-04-01", True),
        ("born", "2025-4-1", False),
        ("born", "20250401", False),
        ("born", "2025-04-31", False),
        ("born", "2025-W14-2", False),
        ("born", "", False),
        ("born", 20250401, False),
        ("ward", "港", True),
        ("ward", "", True),
        ("ward", "a\nb", False),
        ("ward", "\x00", False),
        ("ward", "\ud800", False),
        ("ward", 7, False),
    ],
)
def test_a_value_fits_its_field_or_is_named(field: str, value: Value, *, fits: bool) -> None:
    found = list(faults(Compare(field, Operator.EQUAL, value), PERSON))
    assert [fault.code for fault in found] == ([] if fits else ["predicate_value"])
    for fault in found:
        assert fault.facts["name"] == field
        assert len(str(fault.facts["value"])) <= 60
        assert str(fault.facts["value"]).isprintable()


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_every_day_written_as_iso_is_a_date(on: date) -> None:
    assert codes(Compare("born", Operator.EQUAL, on.isoformat())) == []
    assert codes(Compare("born", Operator.EQUAL, f"{on:%Y/%m/%d}")) == ["predicate_value"]


@given(st.integers(-200, 200), st.integers(-200, 200))
def test_the_six_comparisons_order_any_two_numbers(age: int, bound: int) -> None:
    facts = {"age": age, "ward": "", "born": date(2000, 1, 1), "taxed": False}
    answers = {op: holds(parse(Compare("age", op, bound), PERSON), facts) for op in (
        Operator.EQUAL, Operator.UNEQUAL, Operator.LESS, Operator.AT_MOST, Operator.MORE, Operator.AT_LEAST,
    )}  # fmt: skip
    assert answers == {
        Operator.EQUAL: age == bound, Operator.UNEQUAL: age != bound, Operator.LESS: age < bound,
        Operator.AT_MOST: age <= bound, Operator.MORE: age > bound, Operator.AT_LEAST: age >= bound,
    }  # fmt: skip


@given(st.lists(st.booleans(), min_size=1, max_size=6))
def test_all_any_and_not_are_those_of_logic(truths: list[bool]) -> None:
    facts = {"age": 18, "ward": "", "born": date(2000, 1, 1), "taxed": False}
    parts = tuple(ADULT if truth else Not(ADULT) for truth in truths)
    for rule, wanted in ((All(parts), all(truths)), (Any(parts), any(truths))):
        assert holds(parse(rule, PERSON), facts) == wanted
        assert holds(parse(Not(rule), PERSON), facts) != wanted
