"""Which finding stands beside which field, and what is read of the assumptions: pure, without a page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.office.document_form import WAS, form_groups, places_in_document
from meguri.faces.office.document_preview import is_inside
from meguri.faces.office.expected import LOCAL, TYPED, UNITS, UPTAKE, read
from meguri.programmes import queries
from meguri.programmes.forecasting import Expectation
from meguri.programmes.shipped import templates
from meguri.programmes.sources import _ancestors, _whole, leaves
from meguri.programmes.terms import write_terms
from tests.programmes.builders import changed
from tests.programmes.test_findings import CASES


@pytest.mark.parametrize("name", templates())
def test_every_field_has_a_place_that_the_document_knows(name: str) -> None:
    text = write_terms(templates()[name]).decode()
    known = {above for leaf, _ in leaves(_whole(templates()[name]), "") for above in _ancestors(leaf)}
    places = places_in_document(text)
    shown = [field.name for group in form_groups(text, language="ja") for field in group["fields"]]
    assert set(shown) == places.keys()
    for place in places.values():
        assert place in known or place.rpartition(".")[0] in known, place


@pytest.mark.parametrize("name", templates())
def test_each_field_has_an_address_of_its_own_on_the_page(name: str) -> None:
    groups = form_groups(write_terms(templates()[name]).decode(), language="ja")
    slugs = [field.slug for group in groups for field in group["fields"]]
    assert len(set(slugs)) == len(slugs)
    assert all(slug.replace("-", "").replace("_", "").isalnum() for slug in slugs)


MENDABLE = ("paid_part_is_not_the_price", "claimed_after_closing", "window_reversed")
"""Kinds of finding that some field of the form can always mend; others may lie in a part that has no field."""
MENDED = [case for case in CASES if case[0] in MENDABLE and "actions" not in case[3]]


@pytest.mark.parametrize(("code", "name", "changes", "path"), MENDED, ids=[f"{c[0]}-{c[3]}" for c in MENDED])
def test_what_a_field_can_mend_stands_beside_one(code: str, name: str, changes: dict[str, Any], path: str) -> None:
    terms = changed(name, changes)
    places = places_in_document(write_terms(terms).decode()).values()
    assert any(is_inside(place, path) for place in places)
    assert code in {finding.code for finding in queries.findings(terms)}


@pytest.mark.parametrize(("place", "above", "is_in"), [
    ("expiry.last_day", "expiry", True), ("expiry.last_day", "expiry.last_day", True),
    ("expiry", "expiry.last_day", False),
    ("obtaining.face[0].yen", "obtaining.face", True), ("obtaining.face[0].yen", "obtaining.face[0]", True),
    ("obtaining.face[1].yen", "obtaining.face[0]", False), ("obtaining.faces", "obtaining.face", False),
])  # fmt: skip
def test_a_path_lies_in_another_by_whole_steps(place: str, above: str, is_in: bool) -> None:  # noqa: FBT001
    assert is_inside(place, above) is is_in


SHOWN = {WAS + UPTAKE: "50", WAS + UNITS: "", WAS + LOCAL: ""}


@pytest.mark.parametrize(("typed", "changed"), [
    ({}, {}), ({UPTAKE: " "}, {}), ({UPTAKE: "12.5"}, {"uptake_bp": 1_250}), ({UPTAKE: "50"}, {}),
    ({UPTAKE: "１００％"}, {"uptake_bp": 10_000}), ({UNITS: "２口"}, {"units_each": 2}),
    ({LOCAL: "0"}, {"local_money_bp": 0}), ({UPTAKE: "33.33", LOCAL: "7"}, {"uptake_bp": 3_333, "local_money_bp": 700}),
])  # fmt: skip
def test_assumptions_are_read_as_people_type_them(typed: dict[str, str], changed: dict[str, int]) -> None:
    """What was changed says that it was typed; what was shown and left keeps its source."""
    expectation, refusals = read(SHOWN | typed, base=Expectation())
    assert refusals == {}
    assert expectation == replace(Expectation(), sources=dict.fromkeys(changed, TYPED), **changed)


@pytest.mark.parametrize("typed", ["-1", "101", "half", "1e2", "12,5", "٣", "9" * 50, "50%%"])
def test_a_share_that_is_none_is_told(typed: str) -> None:
    expectation, refusals = read(SHOWN | {UPTAKE: typed}, base=Expectation())
    assert expectation == Expectation()
    assert refusals[UPTAKE].code == "share_unreadable"
    assert refusals[UPTAKE].field == UPTAKE


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_typing_breaks_the_preview(share: str, units: str) -> None:
    expectation, refusals = read(SHOWN | {UPTAKE: share, UNITS: units}, base=Expectation())
    assert 0 <= expectation.uptake_bp <= 10_000
    assert expectation.units_each >= 1
    assert refusals.keys() <= {UPTAKE, UNITS}
