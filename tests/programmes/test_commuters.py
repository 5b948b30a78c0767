"""What a condition about workers and students says to whoever lacks only the town's confirmation."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.parties.queries import CommuterView
from meguri.programmes.commuters import ASKED, asks_commuters, lacks_confirmation, unconfirmed
from meguri.programmes.vocabularies import RESIDENTS
from meguri.words.predicate import All, Compare, Facts, Not, Operator, Predicate, Rule, holds, parse
from meguri.words.predicate import Any as AnyOf

ON = date(2026, 6, 1)
RESIDENT, WORKER, STUDENT, ADULT = (
    Compare("resident", Operator.EQUAL, True), Compare("works_in_town", Operator.EQUAL, True),
    Compare("studies_in_town", Operator.EQUAL, True), Compare("age", Operator.AT_LEAST, 18),
)  # fmt: skip
EVERYBODY_HERE = AnyOf((RESIDENT, WORKER, STUDENT))


def rule(who: Predicate) -> Rule:
    return parse(who, RESIDENTS)


def person(**facts: Any) -> Facts:
    return {"resident": False, "works_in_town": False, "studies_in_town": False, "age": 30, **facts}


def said(**more: Any) -> CommuterView:
    facts: dict[str, Any] = {
        "id": uuid4(), "person": uuid4(), "kind": "work", "birth_date": date(1990, 1, 1), "state": "waiting",
        "said_at": datetime(2026, 5, 1, tzinfo=UTC), "proof": "", "first_day": None, "last_day": None,
        "decided_by": None, "decided_at": None, "reason": "", **more,
    }  # fmt: skip
    return CommuterView(**facts)


def test_the_facts_that_are_asked_are_declared() -> None:
    assert all(name in RESIDENTS for name in ASKED)


@pytest.mark.parametrize(
    ("who", "facts", "lacks"),
    [
        (EVERYBODY_HERE, person(), True), (EVERYBODY_HERE, None, True), (RESIDENT, None, False),
        (RESIDENT, person(), False), (EVERYBODY_HERE, person(works_in_town=True), False),
        (EVERYBODY_HERE, person(resident=True), False), (All((EVERYBODY_HERE, ADULT)), person(age=17), False),
        (All((EVERYBODY_HERE, ADULT)), person(age=18), True), (All((WORKER, ADULT)), person(resident=True), True),
        (All((EVERYBODY_HERE, ADULT)), person(age=None), False), (Not(WORKER), person(works_in_town=True), False),
    ],
)
def test_who_lacks_nothing_but_the_confirmation(who: Predicate, facts: Facts | None, *, lacks: bool) -> None:
    assert lacks_confirmation(rule(who), facts) is lacks


compares = st.sampled_from([RESIDENT, WORKER, STUDENT, ADULT])
conditions: st.SearchStrategy[Predicate] = st.recursive(
    compares,
    lambda parts: parts.map(Not) | st.lists(parts, min_size=1, max_size=3).map(lambda found: All(tuple(found)))
    | st.lists(parts, min_size=1, max_size=3).map(lambda found: AnyOf(tuple(found))),
    max_leaves=5,
)  # fmt: skip


@given(conditions, st.booleans(), st.booleans(), st.booleans(), st.sampled_from([17, 18]))
def test_whoever_lacks_it_is_out_and_would_be_in(
    who: Predicate, resident: bool, works: bool, studies: bool, age: int  # noqa: FBT001 - drawn
) -> None:
    facts = person(resident=resident, works_in_town=works, studies_in_town=studies, age=age)
    asked = rule(who)
    if lacks_confirmation(asked, facts):
        assert asks_commuters(asked)
        assert not holds(asked, facts)
        assert holds(asked, {**facts, "works_in_town": True, "studies_in_town": True})


@pytest.mark.parametrize(
    ("words", "ja", "en"),
    [
        ([], "「在勤・在学」から申し出て、社員証か在勤証明書、学生証か在学証明書を持って", "bring an employee card"),
        ([said()], "確認を待っています。社員証", "waits to be confirmed"),
        ([said(state="withdrawn")], "申し出て、社員証", "Please say so"),
        ([said(state="refused", reason="期限切れ")], "理由: 期限切れ", "reason: 期限切れ"),
        ([said(state="refused", reason="期限切れ"), said()], "確認を待っています", "waits to be confirmed"),
        ([said(state="confirmed", first_day=date(2026, 6, 2), last_day=date(2027, 3, 31))],
         "2026年6月2日から2027年3月31日までで、判定日(2026年6月1日)に当たりません",
         "1 June 2026 is the day that counts"),
    ],
)  # fmt: skip
def test_the_refusal_says_how_it_stands_and_what_to_bring(words: list[CommuterView], ja: str, en: str) -> None:
    refusal = unconfirmed(rule(EVERYBODY_HERE), said=words, on=ON)
    assert refusal.kind.status == 403
    assert ja in refusal.sentence("ja")
    assert "町内で働く方・町内の学校に通う方も対象ですが" in refusal.sentence("ja")
    assert en in refusal.sentence("en")
    assert "work or study in the town" in refusal.sentence("en")


def test_a_programme_for_workers_asks_for_nothing_of_students() -> None:
    refusal = unconfirmed(rule(AnyOf((RESIDENT, WORKER))), said=[said(kind="study")], on=ON)
    assert "申し出て、社員証か在勤証明書を持って" in refusal.sentence("ja"), "what was said about school is no answer"
    assert "学" not in refusal.sentence("ja").replace("「在勤・在学」", "")
