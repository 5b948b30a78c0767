"""Missions in a document: what is refused, what texts and the preview say, what an amendment may not take."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from meguri.programmes.forecasting import Expectation, forecast
from meguri.programmes.parts import GrantByAction
from meguri.programmes.preview import preview
from meguri.programmes.terms import ProgrammeTerms, read_terms, write_terms
from meguri.programmes.texts import missions as told
from meguri.programmes.texts.sentences import Sentence
from meguri.programmes.validation import validate
from meguri.programmes.vocabularies import DECLARED
from tests.programmes.builders import POINT, changed
from tests.programmes.test_forecasting import SHOP, TOWN

NAME = {"ja": "めぐり", "en": "Round"}


def mission(counting: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"code": "round", "name": NAME, "yen": 100, "actions": ["bus", "walk"], "counting": counting, **more}


def with_one(counting: dict[str, Any], **more: Any) -> ProgrammeTerms:
    return changed(POINT, {"obtaining.missions": [mission(counting, **more)]})


def grant_of(terms: ProgrammeTerms) -> GrantByAction:
    assert isinstance(terms.obtaining, GrantByAction)
    return terms.obtaining


WAYS: list[tuple[dict[str, Any], str, str]] = [
    ({"by": "places", "wanted": 3, "places": 5}, "5か所のうち異なる3か所で", "at 3 different of 5 places"),
    ({"by": "times", "wanted": 10}, "を10回した者", "10 times"),
    ({"by": "streak", "wanted": 7}, "連続する7日のいずれの日にもした者", "for 7 days in a row"),
    ({"by": "streak", "wanted": 4, "span": "week", "grace": 1}, "休む1週までを除いて連続する4週",
     "leaving out at most 1 week"),
    ({"by": "first"}, "を初めてした者", "for the first time"),
    ({"by": "comeback", "days": 30}, "を30日以上しなかった後に再びした者", "after 30 days or more without"),
]


@pytest.mark.parametrize(("counting", "ja", "en"), WAYS, ids=[each[0]["by"] + str(len(each[0])) for each in WAYS])
def test_every_way_of_counting_is_sound_told_and_survives_its_file(counting: dict[str, Any], ja: str, en: str) -> None:
    terms = with_one(counting)
    assert [each.code for each in validate(terms, DECLARED) if each.is_error] == []
    assert read_terms(write_terms(terms)) == terms
    formal, kind = (said(way(grant_of(terms))) for way in (told.formal, told.kind))
    assert ja in formal[0]
    assert en in formal[1]
    assert "「バスに乗る」" in kind[0]
    assert "100円" in kind[0]


def said(sentences: Any) -> tuple[str, str]:
    found: list[Sentence] = list(sentences)
    return "".join(each.plain("ja") for each in found), " ".join(each.plain("en") for each in found)


def test_its_own_days_and_how_often_are_told() -> None:
    window = {"first_day": date(2025, 6, 1), "last_day": date(2025, 6, 30)}
    formal, _ = said(told.formal(grant_of(with_one({"by": "times", "wanted": 2}, times=3, window=window))))
    assert "3回まで" in formal
    assert "令和7年6月1日" in formal


def test_without_missions_nothing_is_told_and_nothing_changes() -> None:
    terms = changed(POINT, {"obtaining.missions": []})
    assert list(told.formal(grant_of(terms))) == list(told.kind(grant_of(terms))) == []
    assert b"missions" not in write_terms(changed(POINT, {"obtaining.missions": [], "sources": []}))


def looked(terms: ProgrammeTerms) -> Any:
    return preview(terms, residents=TOWN, shops=[SHOP], vocabularies=DECLARED, expectation=Expectation())


def test_the_preview_says_what_bonuses_cost_and_how() -> None:
    seen = looked(with_one({"by": "times", "wanted": 2}, times=3))
    assert seen.figure("bonus_each").value == 300
    assert "めぐり 100円 × 3回" in seen.figure("bonus_each").how.ja
    assert seen.figure("bonuses").value == 2_500 * 300  # half of the 5,000 adults take part
    assert {each.fund: each.most_yen for each in seen.funds} == {"town": 2_100_000, "sponsor": 900_000}


def test_bonuses_never_count_above_everybodys_ceiling() -> None:
    seen = looked(with_one({"by": "times", "wanted": 2}, times=200))
    assert seen.figure("bonus_each").value == 10_000


def test_a_mission_with_its_own_fund_is_reckoned_there() -> None:
    own = {"code": "extra", "name": NAME, "funder": "department", "payer": "planning", "fiscal_year": 2025,
           "source": NAME, "amount_yen": 400_000}  # fmt: skip
    terms = changed(POINT, {"obtaining.missions": [mission({"by": "first"}, funded_by="extra")], "funds.2": own})
    seen = forecast(terms, TOWN, vocabularies=DECLARED, expectation=Expectation())
    assert (seen.most["extra"], seen.expected["extra"]) == (400_000, 300_000)
    assert "3,000人 × 100円" in seen.expected_how["extra"].ja
    assert seen.most["town"] == 2_100_000
