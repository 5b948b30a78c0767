"""A programme's days as a picture: every span drawn to scale, today said and shown, the table beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import cast
from uuid import uuid4
from xml.etree import ElementTree as ET

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.design.charts import Chart
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.happened import Happened, happened
from meguri.faces.office.life import question, stations
from meguri.faces.office.money import whole_budget
from meguri.faces.office.timeline import NARROW, WIDE, Span, timeline
from meguri.programmes import queries as programmes
from meguri.programmes.queries import ProgrammeView
from meguri.programmes.shipped import shipped
from meguri.words.period import day_start
from meguri.words.refusal import Language
from tests.faces.design.drawings import SVG, read, shapes, words
from tests.faces.office.lived import Office
from tests.faces.office.reading import MAKERS, page

SALE = [
    Span("申込", date(2025, 7, 26), date(2025, 8, 17)), Span("抽選", date(2025, 9, 5), date(2025, 9, 5)),
    Span("利用", date(2025, 10, 1), date(2026, 1, 31)),
]  # fmt: skip


def drawn(spans: list[Span], *, today: date = date(2025, 8, 1), language: Language = "ja") -> Chart:
    return timeline(spans, today=today, family="voucher", language=language)


def bars(svg: str) -> list[ET.Element]:
    return [node for node in read(svg).iter(f"{SVG}rect") if "fill-voucher" in node.get("class", "")]


def test_the_title_says_from_when_to_when_and_the_words_say_what_lasts() -> None:
    chart = drawn(SALE)
    assert chart.title == "2025年7月26日(土)から2026年1月31日(土)まで"
    assert chart.desc == "今日は「申込」の期間です。"
    assert drawn(SALE, language="en").title == "From Sat 26 Jul 2025 to Sat 31 Jan 2026"


@pytest.mark.parametrize(("today", "ja", "en"), [
    (date(2025, 7, 20), "次は「申込」まで6日です。", "Next: 申込, in 6 days."),
    (date(2025, 9, 5), "今日は「抽選」の期間です。", "Today: 抽選."),
    (date(2026, 2, 1), "すべての期間が過ぎました。", "All of it is over."),
])  # fmt: skip
def test_before_between_and_after(today: date, ja: str, en: str) -> None:
    assert drawn(SALE, today=today).desc == ja
    assert drawn(SALE, today=today, language="en").desc == en


def test_the_table_says_the_same() -> None:
    assert drawn(SALE).rows[1] == ("抽選", "2025年9月5日(金)", "2025年9月5日(金)")
    assert drawn(SALE).columns == ("段階", "最初の日", "最後の日")


def test_today_is_a_line_only_where_the_picture_reaches() -> None:
    assert len(shapes(drawn(SALE).svg, "chart-zero")) == 1
    assert shapes(drawn(SALE, today=date(2025, 6, 30)).svg, "chart-zero") == []
    assert shapes(drawn(SALE, today=date(2026, 2, 1)).svg, "chart-zero") == []


def test_months_are_named_once_each() -> None:
    said = words(drawn(SALE).svg)
    assert [f"{month}月" in said for month in (6, 7, 12, 1)] == [False, True, True, True]


DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))
SPANS = st.builds(lambda first, length: Span("段階", first, first + timedelta(days=length)), DAYS, st.integers(0, 400))


@given(st.lists(SPANS, min_size=1, max_size=8), DAYS)
def test_every_span_lies_on_the_paper_and_longer_ones_are_longer(spans: list[Span], today: date) -> None:
    chart = drawn(spans, today=today)
    for svg, width in ((chart.svg, WIDE), (chart.narrow, NARROW)):
        places = [(float(node.get("x", "")), float(node.get("width", ""))) for node in bars(svg)]
        assert len(places) == len(spans)
        assert all(x >= 0 and x + long <= width + 4 for x, long in places)
        by_length = sorted(zip(spans, places, strict=True), key=lambda pair: pair[0].last - pair[0].first)
        longs = [long for _, (_, long) in by_length]
        assert longs == sorted(longs) or max(a - b for a, b in pairwise(longs)) < 0.02


def test_nothing_to_draw_is_a_mistake_of_the_program() -> None:
    with pytest.raises(ValueError, match="empty"):
        drawn([])


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_every_programme_shows_its_days(office: Office, lang: str) -> None:
    maker = office.browser(MAKERS["voucher"])
    for family in ("voucher", "point", "benefit"):
        text = page(maker, "programme", office.programme(family), lang=lang)
        assert 'class="chart chart--days"' in text
        assert ("利用" if lang == "ja" else "In use") in text


@pytest.mark.parametrize(
    ("on", "now", "ahead"),
    [(date(2025, 8, 1), ["申込"], ["抽選", "販売"]), (date(2025, 8, 20), ["申込"], ["抽選"]),
     (date(2025, 10, 10), ["販売", "利用"], ["店の請求の期限"]), (date(2025, 11, 5), ["利用"], ["店の請求の期限"])],
)  # fmt: skip
def test_a_sale_lasts_beside_the_use_of_what_it_sold(lived: Office, on: date, now: list[str], ahead: list[str]) -> None:
    """What still lasts is not told as done because something later has begun."""
    request = RequestFactory().get("/")
    request.at, request.language = datetime(on.year, on.month, on.day, 3, tzinfo=UTC), "ja"  # type: ignore[attr-defined]
    view = programmes.programme(lived.programme("voucher"), municipality=lived.number)
    assert view is not None
    terms = programmes.terms(view.id, municipality=lived.number)
    so_far = happened(view, budget=whole_budget(programmes.funds(lived.number, programme=view.id)),
                      municipality=lived.number)  # fmt: skip
    shown = stations(cast("TownRequest", request), view, terms=terms, happened=so_far)
    found = {each["name"]: each["state"] for each in shown}
    assert [name for name, state in found.items() if state == "now"] == now
    assert {found[name] for name in ahead} == {"ahead"}
    if "販売" in now:
        assert {found["申込"], found["抽選"]} == {"done"}


def asked(on: date) -> TownRequest:
    request = RequestFactory().get("/")
    request.at, request.language = day_start(on) + timedelta(hours=3), "ja"  # type: ignore[attr-defined]
    return cast("TownRequest", request)


def voucher(launched: date | None, *, state: str = "launched") -> ProgrammeView:
    return ProgrammeView(
        id=uuid4(), code="v", department="commerce", family="voucher", name_ja="券", name_en="V", state=state, number=1,
        digest="", approval=None, drafted_at=day_start(date(2025, 4, 1)), closed_at=None,
        launched_at=day_start(launched) if launched else None,
    )  # fmt: skip


OPENED, DRAWN = frozenset({"first"}), Happened(frozenset({"first"}), frozenset({"first"}), given=True)


@pytest.mark.parametrize(
    ("on", "so_far", "late", "said"),
    [
        (date(2025, 7, 27), Happened(), "申込", "まだ開いていません"),
        (date(2025, 9, 1), Happened(), "申込", "開かれないまま過ぎました"),
        (date(2025, 9, 5), Happened(OPENED), "", "計画どおり"),  # the day of the draw itself is not late
        (date(2025, 9, 6), Happened(OPENED), "抽選", "まだ抽選していません"),
        (date(2026, 2, 1), Happened(OPENED, OPENED), "利用", "だれにも渡されていません"),
        (date(2026, 3, 16), replace(DRAWN, owed_yen=1_200), "店の請求の期限", "1,200円がまだ支払われていません"),
        (date(2026, 3, 16), DRAWN, "", ""),
        (date(2026, 8, 1), DRAWN, "効果の確かめ", "効果を確かめて公表"),
    ],
)
def test_what_never_happened_is_late_and_never_done(on: date, so_far: Happened, late: str, said: str) -> None:
    """The calendar alone makes nothing done; the first thing that is late is what the page asks about."""
    view, terms = voucher(date(2025, 7, 1)), shipped()["nagoya-2025"]
    shown = stations(asked(on), view, terms=terms, happened=so_far)
    behind = [each for each in shown if each["state"] == "late"]
    assert (behind[0]["name"] if behind else "") == late
    assert not behind or said in behind[0]["note"]
    assert (f"遅れている「{late}」" in question(asked(on), view, terms=terms, happened=so_far)) is bool(late)


def test_of_a_programme_that_nobody_launched_nothing_is_done() -> None:
    terms = shipped()["nagoya-2025"]
    shown = stations(asked(date(2026, 9, 1)), voucher(None, state="draft"), terms=terms, happened=Happened())
    assert {each["name"]: each["state"] for each in shown if each["state"] != "ahead"} == {
        "設計": "now", "公開": "late",
    }  # fmt: skip
    assert "公開されないまま、この日を過ぎました" in shown[2]["note"]
    for state in ("draft", "proposed"):
        view = voucher(None, state=state)
        assert "日付を、いつに" in question(asked(date(2026, 9, 1)), view, terms=terms, happened=Happened())
    late_launch = stations(asked(date(2025, 10, 20)), voucher(date(2025, 9, 20)), terms=terms, happened=Happened())
    assert [each["note"] for each in late_launch if each["name"] == "抽選"] == ["公開より前に過ぎていました"]


def test_of_a_closed_programme_what_was_to_come_is_not_held() -> None:
    terms = shipped()["nagoya-2025"]
    view = replace(voucher(date(2025, 7, 1), state="closed"), closed_at=day_start(date(2025, 9, 10)))
    shown = stations(asked(date(2025, 11, 1)), view, terms=terms, happened=DRAWN)
    assert [each["name"] for each in shown].index("終了") == 4, "between the draw and the sale that is not held"
    assert [each["name"] for each in shown if "閉じたので、ありません" in each["note"]] == ["販売"]
    assert [each["name"] for each in shown if each["state"] == "now"] == ["終了", "利用"]
    assert "何を活かしますか" in question(asked(date(2025, 11, 1)), view, terms=terms, happened=DRAWN)
    assert "残っている支払い" in question(asked(date(2025, 11, 1)), view, terms=terms, happened=Happened(owed_yen=1))
