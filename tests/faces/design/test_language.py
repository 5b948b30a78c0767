from __future__ import annotations

import pytest
from django.template import Context
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override

from meguri.faces.design.language import (
    as_language,
    as_written,
    fact_names,
    fill,
    language_of,
    set_readings,
    without_readings,
)


@pytest.mark.parametrize(
    ("code", "language"),
    [("ja", "ja"), ("en", "en"), ("en-gb", "en"), ("EN", "en"), ("fr", "ja"), ("", "ja"), (None, "ja")],
)
def test_any_english_is_english_and_the_rest_the_towns_own_tongue(code: str | None, language: str) -> None:
    assert as_language(code) == language


def test_a_pages_own_language_goes_before_the_activated_one() -> None:
    with override("en"):
        assert language_of(Context({})) == "en"
        assert language_of(Context({"language": "ja"})) == "ja"


def test_facts_enter_a_sentence() -> None:
    assert fill("あと{n:,}円", {"n": 12_480}) == "あと12,480円"
    assert fill("{name}さん", {"name": "佐藤"}) == "佐藤さん"


@pytest.mark.parametrize(("n", "said"), [(0, "0 days"), (1, "1 day"), (2, "2 days"), (1_200, "1,200 days")])
def test_english_plurals(n: int, said: str) -> None:
    assert fill("{n:,} {n:day|days}", {"n": n}) == said


def test_facts_are_escaped_and_safe_ones_are_not() -> None:
    assert fill("{shop}", {"shop": "<script>"}) == "&lt;script&gt;"
    assert fill("{shop}", {"shop": SafeString("<b>丸</b>")}) == "<b>丸</b>"
    assert isinstance(fill("{shop}", {"shop": "<"}), SafeString)


def test_a_sentence_from_data_is_escaped_and_a_literal_is_not() -> None:
    assert fill("<b>{n}</b>", {"n": 1}) == "&lt;b&gt;1&lt;/b&gt;"
    assert fill(mark_safe("<b>{n}</b>"), {"n": 1}) == "<b>1</b>"


def test_text_as_written_keeps_its_braces_and_gets_its_readings() -> None:
    reading = "<ruby>残高<rp>(</rp><rt>ざんだか</rt><rp>)</rp></ruby>"
    assert as_written("{n} <b>残高《ざんだか》") == f"{{n}} &lt;b&gt;{reading}"
    assert as_written(mark_safe("<b>{n}</b>")) == "<b>{n}</b>"
    assert as_written(5) == "5"


def test_a_missing_fact_leaves_its_name() -> None:
    assert fill("残り{days}日", {}) == "残り{days}日"


def test_a_fact_that_is_no_number_forgives_its_format() -> None:
    assert fill("{n:,}円", {"n": ""}) == "円"
    assert fill("{n:day|days}", {"n": ""}) == "days"


def test_braces_inside_a_fact_are_text() -> None:
    assert fill("{name}", {"name": "{0.__class__}"}) == "{0.__class__}"


def test_names_of_facts() -> None:
    assert fact_names("{a}と{b:,}と{a:x|y}") == {"a", "b"}
    assert fact_names("なし") == set()


def test_readings_become_ruby() -> None:
    expected = "<ruby>残高<rp>(</rp><rt>ざんだか</rt><rp>)</rp></ruby>は"
    assert set_readings("残高《ざんだか》は") == expected


def test_a_bar_marks_where_a_longer_word_begins() -> None:
    assert set_readings("お｜買い物《かいもの》") == ("お<ruby>買い物<rp>(</rp><rt>かいもの</rt><rp>)</rp></ruby>")


def test_only_kanji_before_the_reading_carry_it() -> None:
    assert set_readings("を払《はら》う") == "を<ruby>払<rp>(</rp><rt>はら</rt><rp>)</rp></ruby>う"


def test_brackets_without_a_reading_stay() -> None:
    assert set_readings("《重要》") == "《重要》"
    assert set_readings("a《b》") == "a《b》"


def test_readings_cannot_carry_markup() -> None:
    assert set_readings("字《<b>》") == "字《<b>》"


def test_attributes_take_the_words_without_readings() -> None:
    assert without_readings("使《つか》える店《みせ》") == "使える店"
