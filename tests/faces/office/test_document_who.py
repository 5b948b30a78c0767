"""For whom a programme is, chosen in the form: only those lines of the document change, and an age stays."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.office.document_form import WAS, filled_in, form_groups, places_in_document
from meguri.faces.office.document_who import KINDS, WHO, who_in, with_who
from meguri.programmes.shipped import shipped, templates
from meguri.programmes.terms import read_terms, write_terms
from meguri.programmes.vocabularies import RESIDENTS
from meguri.words.predicate import holds, parse

TEXTS = {name: write_terms(terms).decode() for name, terms in (shipped() | templates()).items()}
PLAIN = """# above
[eligibility]
on = 2025-07-26  # the day

[eligibility.who]  # who
kind = "all"
of = [
    { kind = "compare", field = "resident", op = "==", value = true },
    { kind = "compare", field = "age", op = ">=", value = 16 },
]

[obtaining]  # below
by = "sale"
"""


def facts(**more: object) -> dict[str, Any]:
    return {"resident": False, "works_in_town": False, "studies_in_town": False, "age": 30, **more}


def test_every_choice_is_read_back_and_keeps_the_rest_to_the_byte() -> None:
    for kinds in KINDS:
        found = with_who(PLAIN, kinds)
        assert who_in(tomllib.loads(found)) == kinds
        assert found.startswith(PLAIN.partition("[eligibility.who]")[0])
        assert found.endswith('[obtaining]  # below\nby = "sale"\n')
        assert 'field = "age", op = ">=", value = 16' in found
    assert with_who(PLAIN, "") == PLAIN


@given(st.lists(st.sampled_from(list(KINDS)), min_size=1, max_size=4), st.sampled_from(sorted(TEXTS)))
def test_choices_follow_each_other_and_the_last_one_counts(choices: list[str], name: str) -> None:
    text = TEXTS[name]
    for kinds in choices:
        text = with_who(text, kinds)
    if who_in(tomllib.loads(TEXTS[name])) is None:
        assert text == TEXTS[name]
        return
    before, after = (parse(read_terms(each.encode()).eligibility.who, RESIDENTS) for each in (TEXTS[name], text))
    for age in (10, 30):
        known = facts(age=age, children=1)
        meant = holds(before, {**known, "resident": True})
        assert holds(after, {**known, "resident": True}) is meant, "what else is asked stays"
        assert holds(after, {**known, "works_in_town": True}) is (meant and "works" in choices[-1])
        assert holds(after, {**known, "studies_in_town": True}) is (meant and "studies" in choices[-1])


def test_the_shipped_documents_say_for_whom_they_are() -> None:
    told = {name: who_in(tomllib.loads(text)) for name, text in TEXTS.items()}
    assert told["narita-2015"] == "works"
    assert told["nagoya-2025"] == told["meguro-2020"] == ""


@pytest.mark.parametrize(
    "who",
    ['kind = "all"\nof = []', 'kind = "compare"\nfield = "age"\nop = ">="\nvalue = 18', 'kind = "not"\nof = 1', "x=1"],
)
def test_a_condition_of_another_shape_has_no_field_and_is_left_alone(who: str) -> None:
    text = f"[eligibility]\non = 2025-07-26\n[eligibility.who]\n{who}\n"
    assert who_in(tomllib.loads(text)) is None
    assert with_who(text, "works") == text
    assert not any(field.name == WHO for group in form_groups(text, language="ja") for field in group["fields"])


@pytest.mark.parametrize("text", ["", "eligibility = 1", "[eligibility]\nwho = 3"])
def test_what_is_no_document_has_no_such_field(text: str) -> None:
    assert who_in(tomllib.loads(text)) is None


def test_an_unknown_choice_changes_nothing() -> None:
    assert with_who(PLAIN, "everybody") == PLAIN


def test_a_condition_on_one_line_is_written_anew_with_the_same_meaning() -> None:
    text = 'x = 1 # gone\n[eligibility]\nwho = { kind = "compare", field = "resident", op = "==", value = true }\n'
    found = with_who(text, "works studies")
    assert who_in(tomllib.loads(found)) == "works studies"
    assert tomllib.loads(found)["x"] == 1


def test_the_form_offers_the_choice_and_writes_it() -> None:
    text = TEXTS["nagoya-2025"]
    (field,) = [one for group in form_groups(text, language="ja") for one in group["fields"] if one.name == WHO]
    assert (field.kind, field.value, [one["label"] for one in field.options]) == (
        "select", "", [ja for ja, _ in KINDS.values()],
    )
    assert places_in_document(text)[WHO] == "eligibility.who"
    untouched, _ = filled_in(text, {WHO: "", WAS + WHO: ""})
    assert untouched == text
    filled, refusals = filled_in(text, {WHO: "works studies", WAS + WHO: "", "code": "other", WAS + "code": "x"})
    assert refusals == {}
    assert who_in(tomllib.loads(filled)) == "works studies"
    assert tomllib.loads(filled)["code"] == "other"
    (shown,) = [one for group in form_groups(filled, language="en") for one in group["fields"] if one.name == WHO]
    assert shown.value == "works studies"
