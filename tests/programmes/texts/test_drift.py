"""An edited text is held against the document: what was changed, lost or added is told with its place."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.programmes.shipped import templates
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.texts import Drift, DriftKind, Fact, TextKind, draft, drifts, has_figures, plain
from meguri.programmes.texts.drift import SIZE_MOST
from meguri.programmes.texts.figures import figures
from meguri.words.refusal import Language
from tests.programmes.builders import VOUCHER, changed

NAGOYA = templates()[VOUCHER]
CALL = draft(NAGOYA, TextKind.CALL)
WRITTEN = plain(CALL, "ja")


def found(edited: str, *, kind: TextKind = TextKind.CALL, terms: ProgrammeTerms = NAGOYA) -> list[Drift]:
    return list(drifts(draft(terms, kind), edited, language="ja"))


def told(edited: str) -> list[tuple[str, str, str]]:
    """Kind, path and what the text says instead."""
    return [(each.kind.value, each.fact.path if each.fact else "", each.written) for each in found(edited)]


def edit(before: str, after: str) -> str:
    assert before in WRITTEN, before
    return WRITTEN.replace(before, after)


def test_a_changed_amount_is_told_with_its_place() -> None:
    (drift,) = found(edit("10,000円で", "12,000円で"))
    assert drift.kind is DriftKind.CHANGED
    assert drift.fact
    assert drift.fact.path == "obtaining.unit_price_yen"
    assert (drift.fact.words("ja"), drift.written) == ("10,000円", "12,000円")
    assert drift.sentence == "・1口12,000円で、13,000円分のお買い物ができます。"


def test_a_changed_day_a_changed_count_and_a_changed_cap_are_told() -> None:
    assert told(edit("令和7年8月17日", "令和7年8月18日")) == [
        ("changed", "obtaining.rounds.first.application.last_day", "令和7年8月18日"),
    ]
    assert told(edit("1人5口まで", "1人3口まで")) == [("changed", "obtaining.max_units", "3口")]
    cap = next(each for each in CALL.facts() if each.path == "limits.payment_max_yen")
    assert told(edit(f"1回のお支払いは{cap.words('ja')}まで", "1回のお支払いは1円まで")) == [
        ("changed", "limits.payment_max_yen", "1円"),
    ]


def test_a_sentence_that_was_taken_out_is_lost() -> None:
    gone = "\n".join(line for line in WRITTEN.splitlines() if "1人5口" not in line)
    assert told(gone) == [("lost", "obtaining.max_units", "")]


def test_a_figure_that_nobody_knows_is_told() -> None:
    (drift,) = found(WRITTEN + "\n先着500名に記念品を差し上げます。")
    assert (drift.kind, drift.fact, drift.written) == (DriftKind.UNKNOWN, None, "500名")
    assert "記念品" in drift.sentence


def test_two_figures_that_changed_places_are_found() -> None:
    swapped = edit("1口10,000円で、13,000円分", "1口13,000円で、10,000円分")
    assert {(kind, written) for kind, _, written in told(swapped)} == {("changed", "13,000円"), ("changed", "10,000円")}


def test_what_was_left_out_of_a_list_is_lost() -> None:
    assert told(edit("、車検", "")) == [("lost", "spending.excluded.car-inspection.name", "")]


@pytest.mark.parametrize(("before", "after"), [
    ("10,000円で", "1万円で"), ("10,000円で", "１０，０００円で"), ("令和7年8月17日", "2025年8月17日"),
    ("令和7年8月17日", "8月17日"),
    ("1人5口まで", "おひとり様5口まで"), ("13,000円分", "1万3千円分"),
    ("お買い物ができます", "お買い物をお楽しみいただけます"),
])  # fmt: skip
def test_other_words_for_the_same_are_no_drift(before: str, after: str) -> None:
    assert told(edit(before, after)) == []


def test_a_figure_may_move_to_another_sentence() -> None:
    line = next(line for line in WRITTEN.splitlines() if "1人5口" in line)
    moved = WRITTEN.replace(line + "\n", "") + "\n商品券は、おひとり様いくつでもよいわけではなく、5口が限度です。"
    assert told(moved) == []


def test_sentences_may_be_joined_and_ordered_anew() -> None:
    lines = [line for line in WRITTEN.splitlines() if line.startswith("・")]
    assert told("".join(lines[::-1])) == []


def test_another_text_of_the_document_lends_its_figures() -> None:
    budget = WRITTEN + "\n予算は6,000,000円です。"
    assert [each.kind for each in found(budget)] == [DriftKind.UNKNOWN]
    assert drifts(CALL, budget, language="ja", others=[draft(NAGOYA, TextKind.PRESS)]) == ()


@pytest.mark.parametrize(("path", "value", "place", "old"), [
    ("obtaining.rounds.0.units", 1_500, "obtaining.rounds.first.units", "2,000口"),
    ("obtaining.max_units", 3, "obtaining.max_units", "5口"),
    ("spending.window.last_day", date(2026, 1, 15), "spending.window.last_day", "令和8年1月31日"),
    ("limits.payment_max_yen", 7_777, "limits.payment_max_yen", None),
])  # fmt: skip
def test_a_text_written_before_the_document_changed_has_drifted(
    path: str, value: object, place: str, old: str | None
) -> None:
    """The town amended its document; the text that hangs on the wall is the old one."""
    amended = changed(VOUCHER, {path: value})
    for kind in TextKind:
        before, now = draft(NAGOYA, kind), draft(amended, kind)
        paths = {fact.path for fact in now.facts() if has_figures(fact.words("ja"))}
        drifted = drifts(now, plain(before, "ja"), language="ja")
        assert {each.fact.path for each in drifted if each.fact} == {place} & paths
        assert all(each.kind is DriftKind.CHANGED for each in drifted)
        assert old is None or {each.written for each in drifted} <= {old}


def test_a_premium_that_was_raised_is_told_in_every_figure_that_rests_on_it() -> None:
    raised = changed(VOUCHER, {"obtaining.face.1.yen": 4_000})
    drifted = drifts(draft(raised, TextKind.CALL), WRITTEN, language="ja")
    pairs = {(each.written, each.fact.words("ja")) for each in drifted if each.fact}
    assert pairs == {("13,000円", "14,000円"), ("3,000円", "4,000円"), ("30%", "40%")}


def test_an_empty_text_has_lost_everything_and_nothing_breaks() -> None:
    assert {each.kind for each in found("")} == {DriftKind.LOST}
    assert found("\x00" * 9 + "。" * 99)


SPOILABLE = [
    (name, kind, fact)
    for name in templates() for kind in TextKind
    for fact in draft(templates()[name], kind).facts() if has_figures(fact.words("ja"))
]  # fmt: skip


@given(st.sampled_from(SPOILABLE), st.sampled_from(["ja", "en"]), st.integers(1, 8))
@settings(max_examples=150, deadline=None)
def test_any_figure_that_is_spoilt_anywhere_is_told(
    spoilt: tuple[str, TextKind, Fact], language: Language, more: int
) -> None:
    """In every document and text: one figure, wherever it stands, says something else than the document."""
    name, kind, fact = spoilt
    drafted = draft(templates()[name], kind)
    said = fact.words(language)
    read = figures(said)
    if not read:
        return  # words in one language, a figure in the other
    wrong = said.replace(read[0].text, _other(read[0].text, more))
    drifted = drifts(drafted, plain(drafted, language).replace(said, wrong), language=language)
    assert drifted, (said, wrong)
    assert not {each.written for each in drifted} & ({read[0].text} - {""})


def _other(text: str, more: int) -> str:
    """The same kind of figure, with another number: the digit before the last sign that is none grows."""
    digits = [place for place, sign in enumerate(text) if sign.isdigit()]
    place = digits[0]
    return f"{text[:place]}{(int(text[place]) + more - 1) % 9 + 1 if text[place] != '0' else more}{text[place + 1:]}"


def test_a_spoilt_figure_is_another_one() -> None:
    assert figures(_other("2,000円", 3))[0].value == Fraction(5_000)


@pytest.mark.parametrize("text", [
    "1口" * 30_000, "1" * 60_000, "1,1,1," * 10_000, "3万4千" * 15_000, "令和7年" * 15_000,
])  # fmt: skip
def test_a_hostile_text_is_read_in_a_moment(text: str) -> None:
    """Patterns without a way to run wild, and no more letters than a text can need."""
    begun = monotonic()
    found(text)
    assert monotonic() - begun < 20
    assert [each.written for each in found("x" * SIZE_MOST + "5円")].count("5円") == 0, "what is too long is not read"
