"""Residents are told that lot decides a part of the conditions: why, between what, when, and how it can be checked."""

from __future__ import annotations

from datetime import date

import pytest

from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.texts import TextKind, draft, drifts, plain
from meguri.programmes.texts.arms import in_words
from meguri.words.refusal import Language
from tests.programmes.trials import arm, points, trial, voucher

LONG = {"kind": "on", "last_day": date(2026, 2, 28)}
FULL = voucher(
    trial(
        arm("early", share_bp=1_000, reminder_days=14), arm("silent", share_bp=1_000, reminder_days=0),
        arm("longer", share_bp=1_000, expiry=LONG), arm("more", share_bp=1_000, reminder_days=1, premium=[
            {"purse": "premium", "yen": 3_500}]), arm("still", share_bp=500, demurrage_bp=0),
        arm("slow", share_bp=500, demurrage_bp=250), per="household", strata="ward",
    ),
    {"spending.window.last_day": date(2026, 2, 28), "demurrage": {"every_days": 30, "rate_bp": 500}},
)  # fmt: skip
SAID = {
    "early": ("期限の14日前にお知らせ", "a reminder 14 days before the expiry"),
    "silent": ("期限のお知らせなし", "no reminder before the expiry"),
    "longer": ("有効期限は令和8年2月28日", "good until 28 February 2026"),
    "more": ("期限の1日前にお知らせ、1口につき「プレミアム分」3,500円",
             "a reminder 1 day before the expiry, ¥3,500 of “Premium” a unit"),
    "still": ("上乗せ分は減らない", "nothing shrinks"), "slow": ("上乗せ分の減り方は2.5%", "it shrinks by 2.5%"),
    "as-written": ("この文書のとおり", "as written here"),
}  # fmt: skip
TOLD = (TextKind.ORDINANCE, TextKind.CALL, TextKind.QUESTIONS)


def text(terms: ProgrammeTerms, kind: TextKind, language: Language) -> str:
    return plain(draft(terms, kind), language)


@pytest.mark.parametrize("code", SAID)
def test_an_arm_says_what_it_changes_in_both_languages(code: str) -> None:
    assert FULL.trial is not None
    found = in_words(FULL, next(each for each in FULL.trial.arms if each.code == code))
    assert (found.ja, found.en) == SAID[code]


@pytest.mark.parametrize("kind", TOLD)
@pytest.mark.parametrize("place", [0, 1])
def test_ordinance_call_and_questions_tell_every_arm_and_why(kind: TextKind, place: int) -> None:
    written = text(FULL, kind, ("ja", "en")[place])
    for said in SAID.values():
        assert said[place] in written
    assert ("どのお知らせが役に立つかを確かめるためです", "To learn which reminder helps")[place] in written
    assert ("令和7年7月26日", "26 July 2025")[place] in written
    assert ("7月25日の日経平均株価の終値", "the Nikkei's close on 25 July")[place] in written
    assert ("1世帯", "household")[place] in written
    assert ("計算し直", "compute")[place] in written
    for wrong in ("{", "}", "None", "。。", "、、", "..", "  ", "<what>"):
        assert wrong not in written


def test_a_call_promises_that_nobody_gets_less_and_says_where_ones_own_conditions_stand() -> None:
    for kind in (TextKind.CALL, TextKind.QUESTIONS):
        assert "約束した分より少なくなることはありません" in text(FULL, kind, "ja")
        assert "you get less than is promised" in text(FULL, kind, "en")
        assert "払う前に" in text(FULL, kind, "ja")


@pytest.mark.parametrize("kind", TextKind)
def test_without_a_trial_no_text_speaks_of_one(kind: TextKind) -> None:
    for terms in (voucher(None), points(None)):
        assert "条件の一部" not in text(terms, kind, "ja")
        assert "Lot decides" not in text(terms, kind, "en")


@pytest.mark.parametrize("kind", TOLD)
def test_a_text_that_tells_another_arm_than_the_document_has_drifted(kind: TextKind) -> None:
    drafted = draft(FULL, kind)
    written = plain(drafted, "ja")
    assert drifts(drafted, written, language="ja") == ()
    for was, wrong in (("14日前", "10日前"), ("3,500円", "3,000円"), ("2.5%", "2%")):
        found = drifts(drafted, written.replace(was, wrong), language="ja")
        assert found, was
        assert any("trial.arms" in (each.fact.path if each.fact else "") for each in found), was


def test_every_fact_of_an_arm_has_its_place_in_the_document() -> None:
    from meguri.programmes.sources import _ancestors, _whole, leaves

    known = {above for leaf, _ in leaves(_whole(FULL), "") for above in _ancestors(leaf)}
    paths = {fact.path for kind in TOLD for fact in draft(FULL, kind).facts() if fact.path.startswith("trial")}
    assert paths - known == set()
    assert len(paths) > 20
