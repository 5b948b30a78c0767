"""Two documents side by side: nothing that changes is missing, nothing that stays is shown."""

from __future__ import annotations

import random
from datetime import date
from typing import Any, cast

import pytest
from django.test import RequestFactory
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.differences import BEHIND, by_value, in_words
from meguri.faces.office.tables import Cell, csv_of
from meguri.programmes.shipped import shipped, templates
from meguri.programmes.terms import ProgrammeTerms, digest
from tests.programmes.amendment_changes import changed_at, gifts_of, takings_of
from tests.programmes.builders import GONE, POINT, VOUCHER

NAMES = st.sampled_from(sorted(templates()))


def reader(language: str = "ja", **query: str) -> TownRequest:
    request = cast("TownRequest", RequestFactory().get("/", query))
    request.language = cast("Any", language)
    return request


def told(before: ProgrammeTerms, after: ProgrammeTerms, language: str = "ja") -> list[list[Cell]]:
    return in_words(reader(language), before=before, after=after).rows


def values(before: ProgrammeTerms, after: ProgrammeTerms, language: str = "ja") -> list[list[Cell]]:
    return by_value(reader(language), before=before, after=after).rows


def voucher(changes: dict[str, Any]) -> ProgrammeTerms:
    return changed_at(shipped()[VOUCHER], changes)


@pytest.mark.parametrize("name", sorted(templates()))
def test_a_document_differs_from_itself_in_nothing_and_from_another_in_every_heading_once(name: str) -> None:
    terms = templates()[name]
    for language in ("ja", "en"):
        assert (told(terms, terms, language), values(terms, terms, language)) == ([], [])
    others = [other for other in templates().values() if other is not terms]
    for row in told(terms, others[0]) + values(terms, others[0]):
        assert row[1] != row[2]


@settings(max_examples=100, deadline=None)
@given(NAMES, st.integers(1, 10**6), st.integers(0, 2**32))
def test_whatever_an_officer_changes_is_among_the_values_the_checker_sees(name: str, more: int, seed: int) -> None:
    """A change that gives or takes, anywhere in any document: it never reads as no change."""
    before, chosen = templates()[name], random.Random(seed)
    gifts = gifts_of(before, more)
    changes = {path: gifts[path] for path in chosen.sample(sorted(gifts), chosen.choice((1, 2)))}
    way = chosen.choice([each for each in takings_of(before) if each.path != "code"])
    for after in (changed_at(before, changes), changed_at(before, way.changes)):
        rows = values(before, after)
        assert bool(rows) == (digest(before) != digest(after))
        assert len({row[0] for row in rows}) == len(rows)  # each place once


@settings(deadline=None)
@given(NAMES, NAMES, st.sampled_from(["ja", "en"]))
def test_the_way_back_shows_the_same_with_the_columns_exchanged(one: str, other: str, language: str) -> None:
    before, after = templates()[one], templates()[other]
    for look in (told, values):
        there, back = look(before, after, language), look(after, before, language)
        assert sorted(map(repr, there)) == sorted(repr([place, was, now]) for place, now, was in back)


def test_the_public_notice_and_the_sources_are_no_smaller_change_than_a_number() -> None:
    before = shipped()[VOUCHER]
    ((place, was, now),) = values(before, voucher({"notice": {"ja": "国の事業です", "en": "By the State"}}))
    assert (place, now) == ("notice", "国の事業です")
    assert before.notice is not None
    assert was == before.notice.ja
    gone = values(before, voucher({"sources": []}))
    assert {str(row[0]).partition("[")[0] for row in gone} == {"sources"}
    assert {row[2] for row in gone} == {"(なし)"}


# --- in which words --------------------------------------------------------------------------------------------------

LINE = {"kind": "carried_forward", "resolved_on": date(2026, 3, 10)}


@pytest.mark.parametrize(("changes", "ja", "en"), [
    ({"funds.0.carry_over": LINE}, ["翌年度への繰越し", "(なし)", "繰越明許費(2026年3月10日(火)議決)"],
     ["Carried over", "(none)", "carried forward, resolved on Tue 10 Mar 2026"]),
    ({"name": {"ja": "改", "en": "Anew"}}, ["事業の名前", "めぐり町プレミアム付商品券", "改"], None),
])  # fmt: skip
def test_a_change_is_told_in_the_readers_language(
    changes: dict[str, Any], ja: list[str], en: list[str] | None
) -> None:
    before, after = shipped()[VOUCHER], voucher(changes)
    (row,) = told(before, after)
    assert row[1:] == ja[1:]
    assert str(row[0]).startswith(ja[0])
    (row,) = told(before, after, "en")
    assert row[2] == (en or ["", "", "Anew"])[2]


def test_an_agreement_says_share_and_cap_and_a_lifted_cap_is_seen() -> None:
    before = shipped()[POINT]
    after = changed_at(before, {"agreements.0.shares.1.cap_yen": GONE})
    ((place, was, now),) = told(before, after)
    assert str(place).startswith("負担協定 — ")
    assert "≤ 900,000円" in str(was)
    assert now == str(was).replace(" ≤ 900,000円", "")


def test_two_funds_of_the_same_name_are_told_apart_by_their_order() -> None:
    same = {"ja": "財源", "en": "Fund"}
    before = voucher({"funds.0.name": same, "funds.1.name": same})
    after = voucher({"funds.0.name": same, "funds.1.name": same, "funds.1.amount_yen": 7})
    assert told(before, after) == [["予算 — 財源", "0円", "7円"]]


def test_values_read_as_an_officer_writes_them() -> None:
    before = shipped()[VOUCHER]
    after = voucher({
        "obtaining.rounds.0.outsiders": True, "obtaining.max_units": 1_000, "purses.0.where": {"kind": "all", "of": []},
        "obtaining.rounds.0.purchase.last_day": date(2025, 11, 30), "limits.payment_max_yen": GONE,
    })  # fmt: skip
    rows = {str(row[0]): row[1:] for row in values(before, after)}
    assert rows["obtaining.rounds.first.outsiders"] == ["(なし)", "true"]
    assert rows["obtaining.max_units"][1] == "1,000"
    assert str(rows["obtaining.rounds.first.purchase"][1]).endswith(" – 2025年11月30日(日)")
    assert rows["limits.payment_max_yen"][1] == "(なし)"
    assert values(before, after, "en") != values(before, after)


def test_a_name_that_a_spreadsheet_would_run_leaves_the_office_as_text() -> None:
    before, after = shipped()[VOUCHER], voucher({"name.ja": '=HYPERLINK("http://bad.example")'})
    request = reader(format="csv", table="values")
    both = [look(request, before=before, after=after, heads=BEHIND) for look in (in_words, by_value)]
    answer = csv_of(request, *both)
    assert answer is not None
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "場所,前の版,この版"
    assert '"\'=HYPERLINK(""http://bad.example"")"' in lines[1]
