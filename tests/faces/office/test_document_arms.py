"""Arms in the text of a document: added, taken out, and every part of it that is not theirs left as it was."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.office.document_arm_fields import arm_groups, arm_places, filled_with_arms
from meguri.faces.office.document_arms import (
    ARMS_MOST,
    added,
    arms_in,
    can_have_arms,
    differences,
    first_day,
    is_control,
    removed,
    with_trial,
)
from meguri.faces.office.document_form import WAS, form_groups
from meguri.programmes.shipped import templates
from meguri.programmes.terms import read_terms, write_terms
from meguri.programmes.validation import validate
from meguri.programmes.vocabularies import DECLARED
from meguri.words.refusal import Refusal
from tests.programmes.trials import points, voucher

VOUCHER = write_terms(voucher(None)).decode()
POINTS = write_terms(points(None, {"demurrage": {"rate_bp": 200, "every_days": 30}})).decode()
REMINDER = {"trial.add.what": "reminder", "trial.add.value": "１４日"}


def fields(text: str) -> dict[str, str]:
    groups = [*form_groups(text, language="ja"), *arm_groups(text, language="ja", typed={}, refusals={})]
    return {field.name: field.was for group in groups for field in group["fields"]}


def filled(text: str, **changed: str) -> tuple[str, dict[str, Refusal]]:
    """Send the form with some fields changed, as it stood else."""
    was = fields(text)
    typed = {WAS + name: value for name, value in was.items()} | was
    for name, value in changed.items():
        assert name in was, name
        typed[name] = value
    return filled_with_arms(text, typed)


def write(text: str, **changed: str) -> str:
    found, refusals = filled(text, **changed)
    assert refusals == {}
    return found


def add(text: str, what: str, value: str, **more: str) -> str:
    typed = {f"trial.add.{name}": typed for name, typed in {"what": what, "value": value, **more}.items()}
    return write(text, **typed)


def arms(text: str) -> list[dict[str, Any]]:
    return arms_in(tomllib.loads(text))


def errors(text: str) -> list[str]:
    return [each.code for each in validate(read_terms(text.encode()), DECLARED) if each.is_error]


# --- an arm is added -------------------------------------------------------------------------------------------------


def test_the_first_arm_brings_the_control_and_a_trial_that_may_be_launched() -> None:
    found = add(VOUCHER, "reminder", "14")
    assert [(arm["code"], arm["share_bp"]) for arm in arms(found)] == [("as-written", 5_000), ("reminder-1", 5_000)]
    trial = tomllib.loads(found)["trial"]
    assert trial["drawn_on"] == date(2025, 7, 25), "the day before the first sale"
    assert (trial["per"], trial["strata"]) == ("resident", "none")
    assert "7月24日" in trial["public_value"]["ja"]
    assert "24 July 2025" in trial["public_value"]["en"]
    assert errors(found) == []


def test_all_else_stays_byte_for_byte() -> None:
    commented = VOUCHER.replace("[scheme]", "# who promises\n[scheme]")
    found = add(commented, "reminder", "14")
    assert found.startswith(commented.rstrip())
    assert write(found, **{"trial.arms[1].remove": "yes"}).rstrip() == commented.rstrip()


def test_the_next_arm_takes_its_share_of_the_control() -> None:
    found = add(add(VOUCHER, "reminder", "14"), "premium", "3,500", share_bp="2,000", name="多めの群")
    assert [arm["share_bp"] for arm in arms(found)] == [3_000, 5_000, 2_000]
    assert arms(found)[2]["name"] == {"ja": "多めの群", "en": "多めの群"}
    assert arms(found)[2]["premium"] == [{"purse": "premium", "yen": 3_500}]
    assert errors(found) == []


@pytest.mark.parametrize(("text", "what", "value", "part"), [
    (VOUCHER, "reminder", "0", {"reminder_days": 0}), (POINTS, "demurrage", "100", {"demurrage_bp": 100}),
    (VOUCHER, "expiry", "2026-02-28", {"expiry": {"kind": "on", "last_day": date(2026, 2, 28)}}),
    (VOUCHER, "expiry", "令和8年2月28日", {"expiry": {"kind": "on", "last_day": date(2026, 2, 28)}}),
])  # fmt: skip
def test_each_difference_is_written_as_the_document_writes_it(
    text: str, what: str, value: str, part: dict[str, Any]
) -> None:
    (_, arm) = arms(add(text, what, value))
    assert {name: arm[name] for name in part} == part


def test_months_are_read_where_value_ends_after_months() -> None:
    text = POINTS.replace(POINTS[POINTS.index("[expiry]"):POINTS.index("[", POINTS.index("[expiry]") + 1)],
                          '[expiry]\nkind = "after"\nmonths = 6\n\n')  # fmt: skip
    assert arms(add(text, "expiry", "3"))[1]["expiry"] == {"kind": "after", "months": 3}


def test_two_arms_of_one_kind_have_codes_of_their_own() -> None:
    found = add(add(VOUCHER, "reminder", "14"), "reminder", "3", share_bp="1000")
    assert [arm["code"] for arm in arms(found)] == ["as-written", "reminder-1", "reminder-2"]


def test_a_ceiling_of_households_is_drawn_by_household() -> None:
    text = write_terms(voucher(None, {"obtaining.per": "household"})).decode()
    assert tomllib.loads(add(text, "reminder", "14"))["trial"]["per"] == "household"


# --- what cannot be read ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "field", "words"), [
    ({"what": "reminder", "value": "31"}, "trial.add.value", "0日以上30日以下"),
    ({"what": "reminder", "value": "soon"}, "trial.add.value", "soon"),
    ({"what": "reminder", "value": ""}, "trial.add.value", "入力"),
    ({"what": "expiry", "value": "いつか"}, "trial.add.value", "いつか"),
    ({"what": "premium", "value": "0"}, "trial.add.value", "0"),
    ({"what": "reminder", "value": "14", "share_bp": "10,000"}, "trial.add.share_bp", "10,000"),
    ({"what": "reminder", "value": "14", "share_bp": "0"}, "trial.add.share_bp", "0"),
    ({"what": "", "value": "14"}, "trial.add.what", "選んで"),
    ({"what": "", "share_bp": "14"}, "trial.add.what", "選んで"),
    ({"what": "demurrage", "value": "14"}, "trial.add.what", "選んで"),
    ({"what": "gold", "value": "14"}, "trial.add.what", "選んで"),
])  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_written(
    typed: dict[str, str], field: str, words: str
) -> None:
    found, refusals = filled(VOUCHER, **{f"trial.add.{name}": value for name, value in typed.items()})
    assert found == VOUCHER
    assert list(refusals) == [field]
    assert words in refusals[field].sentence("ja")
    shown = arm_groups(VOUCHER, language="ja", typed={}, refusals=refusals)
    assert [one.name for one in shown[0]["fields"] if one.error] == [field]


def test_there_is_an_end_to_arms() -> None:
    text = VOUCHER
    for number in range(1, ARMS_MOST):
        text = add(text, "reminder", str(number), share_bp="1000")
    _, refusals = filled(text, **{**REMINDER, "trial.add.share_bp": "100"})
    assert "減らして" in refusals["trial.add.what"].sentence("ja")


def test_two_granted_purses_in_a_unit_need_the_document_itself() -> None:
    text = write_terms(templates()["adachi-2025"]).decode()
    with pytest.raises(Refusal, match="arm_has_no_premium"):
        added(tomllib.loads(text), {"what": "premium", "value": "700", "share_bp": "", "name": ""})


@pytest.mark.parametrize("name", sorted(templates()))
def test_every_shipped_document_either_takes_a_reminder_arm_or_offers_none(name: str) -> None:
    text = write_terms(templates()[name]).decode()
    if not can_have_arms(tomllib.loads(text)):
        assert arm_groups(text, language="en", typed={}, refusals={}) == []
        return
    before = set(errors(text))
    assert set(errors(add(text, "reminder", "14"))) - before <= {"household_drawn_apart"}


# --- taken out, and how is drawn -------------------------------------------------------------------------------------


def test_an_arm_that_is_taken_out_gives_its_share_back() -> None:
    two = add(add(VOUCHER, "reminder", "14"), "premium", "3,500", share_bp="2,000")
    found = write(two, **{"trial.arms[1].remove": "yes"})
    assert [(arm["code"], arm["share_bp"]) for arm in arms(found)] == [("as-written", 8_000), ("premium-1", 2_000)]


def test_without_any_arm_lot_decides_nothing() -> None:
    found = write(add(VOUCHER, "reminder", "14"), **{"trial.arms[1].remove": "yes"})
    assert "trial" not in tomllib.loads(found)
    assert read_terms(found.encode()) == read_terms(VOUCHER.encode())


def test_an_arm_may_be_exchanged_at_once() -> None:
    found = write(add(VOUCHER, "reminder", "14"), **{"trial.arms[1].remove": "yes", "trial.add.what": "premium",
                                                     "trial.add.value": "3500"})  # fmt: skip
    assert [arm["code"] for arm in arms(found)] == ["as-written", "premium-1"]


def test_unit_and_strata_are_chosen() -> None:
    found = write(add(VOUCHER, "reminder", "14"), **{"trial.per": "household", "trial.strata": "ward"})
    trial = tomllib.loads(found)["trial"]
    assert (trial["per"], trial["strata"]) == ("household", "ward")
    assert write(found, **{"trial.strata": "moon"}) == found, "what is no choice changes nothing"


def test_an_untouched_form_changes_nothing() -> None:
    for text in (VOUCHER, add(VOUCHER, "reminder", "14")):
        assert write(text) == text


def test_a_document_that_cannot_be_read_has_no_such_fields() -> None:
    for text in ("", "[", "name = 1", VOUCHER.replace("[spending.window]", "[spending.x]") + "\n[["):
        assert arm_groups(text, language="ja", typed={}, refusals={}) == []
        assert filled_with_arms(text, REMINDER)[0] == text
        assert arm_places(text) == {}


def test_findings_find_their_fields() -> None:
    assert arm_places(VOUCHER) == {"trial.per": "trial.per", "trial.strata": "trial.strata", "trial.add.what": "trial"}


def test_what_a_document_has_not_cannot_differ() -> None:
    tree = tomllib.loads(VOUCHER)
    assert differences(tree) == ("reminder", "expiry", "premium")
    assert differences(tomllib.loads(POINTS)) == ("reminder", "expiry", "demurrage")
    tree["obtaining"]["paper_or_electronic"] = True
    assert differences(tree) == ("reminder",), "what is printed is the same for everybody"


def test_the_first_day_is_looked_for_everywhere_but_in_the_trial() -> None:
    tree = {"a": [{"first_day": date(2025, 5, 2)}], "b": {"c": {"first_day": date(2025, 5, 1)}},
            "trial": {"first_day": date(2025, 1, 1)}}  # fmt: skip
    assert first_day(tree) == date(2025, 5, 1)
    assert first_day({}) is None


SHARES = st.lists(st.integers(1, 9_999), min_size=1, max_size=4)


@given(SHARES, st.sets(st.integers(1, 4)))
def test_shares_stay_whole_whatever_is_added_and_taken_out(shares: list[int], gone: set[int]) -> None:
    tree = tomllib.loads(VOUCHER)
    for number, share in enumerate(shares):
        typed = {"what": "reminder", "value": str(number), "share_bp": str(share), "name": ""}
        with suppress(Refusal):  # more than the control has left
            tree["trial"] = added(tree, typed)
    trial = removed(tree["trial"], {f"reminder-{number}" for number in gone}) if arms_in(tree) else None
    if trial is not None:
        assert sum(arm["share_bp"] for arm in trial["arms"]) == 10_000
        assert sum(is_control(arm) for arm in trial["arms"]) == 1
        assert tomllib.loads(with_trial(VOUCHER, trial))["trial"] == trial
