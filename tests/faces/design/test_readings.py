"""Readings above the kanji of the screens' own words: right ones, only there, and never at the price of the markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.design.language import fill
from meguri.faces.design.readings import ANCHOR, END, KANJI, SEPARATOR, TABLE, annotate, as_ruby, plain
from meguri.words.refusal import RefusalKind
from tests.faces.design.conftest import Draw

FACES = Path("src/meguri/faces")
LITERAL = re.compile(r'\{% (?:t|yomi) "([^"]*)"')
READER = SimpleNamespace(readings=True, GET={}, COOKIES={})


def spoken(sentence: str) -> str:
    """The sentence with each reading in brackets."""
    return re.sub(f"{ANCHOR}([^{SEPARATOR}]*){SEPARATOR}([^{END}]*){END}", r"[\1|\2]", annotate(sentence))


@pytest.mark.parametrize(("sentence", "read"), [
    ("残高", "[残高|ざんだか]"), ("お金", "お[金|かね]"), ("使える店", "[使|つか]える[店|みせ]"),
    ("払う", "[払|はら]う"), ("支払い", "[支払|しはら]い"), ("お支払いできました", "お[支払|しはら]いできました"),
    ("入ります", "[入|はい]ります"), ("入れてください", "[入|い]れてください"), ("金額を", "[金額|きんがく]を"),
    ("お金と金額", "お[金|かね]と[金額|きんがく]"), ("見せる", "[見|み]せる"), ("払い戻し", "[払|はら]い[戻|もど]し"),
])
def test_words_are_read_as_they_are_spoken(sentence: str, read: str) -> None:
    assert spoken(sentence) == read


@pytest.mark.parametrize("sentence", [
    "", "りれき", "Wallet", "大阪城", "商工会議所", "現金書留封筒", "{shop}店", "{n}日", "8月31日", "１２口", "{n}か所",
    "残高《ざんだか》", "お店《みせ》の人《ひと》", "｜めぐり町《めぐりちょう》",
])
def test_what_is_not_known_for_sure_is_left_alone(sentence: str) -> None:
    """Parts of longer words, facts with their counters, and readings set by hand."""
    assert annotate(sentence) == sentence


def test_annotating_twice_changes_nothing() -> None:
    once = annotate("お店で払う残高")
    assert annotate(once) == once
    assert plain(once) == "お店で払う残高"


@given(st.text(alphabet="残高払支い金額店使う<>&\"'{}《》｜a 1、\n"))
def test_only_readings_are_added_whatever_the_text(text: str) -> None:
    assert plain(annotate(text)) == text


# --- where they are shown --------------------------------------------------------------------------------------------

ZANDAKA = f"{ANCHOR}残高{SEPARATOR}ざんだか{END}"
RUBY = "<ruby>残高<rp>(</rp><rt>ざんだか</rt><rp>)</rp></ruby>"


@pytest.mark.parametrize(("page", "shown"), [
    (f"<p>{ZANDAKA}</p>", f"<p>{RUBY}</p>"), (ZANDAKA, RUBY), (f"{ZANDAKA}{ZANDAKA}", f"{RUBY}{RUBY}"),
    (f'<a aria-label="{ZANDAKA}">{ZANDAKA}</a>', f'<a aria-label="残高">{RUBY}</a>'),
    (f"<title>{ZANDAKA} | 町</title>", "<title>残高 | 町</title>"),
    (f"<option value='1'>{ZANDAKA}</option>", "<option value='1'>残高</option>"),
    (f"<textarea>{ZANDAKA}</textarea>", "<textarea>残高</textarea>"),
    (f"<svg><text>{ZANDAKA}</text></svg><b>{ZANDAKA}</b>", f"<svg><text>残高</text></svg><b>{RUBY}</b>"),
    (f"<!-- {ZANDAKA} -->", "<!-- 残高 -->"), (f"<SCRIPT>'{ZANDAKA}'</SCRIPT>", "<SCRIPT>'残高'</SCRIPT>"),
    ("<p>残高</p>", "<p>残高</p>"), ("", ""),
])
def test_ruby_stands_where_text_is_shown_and_nowhere_else(page: str, shown: str) -> None:
    assert as_ruby(page) == shown


@given(st.text(alphabet=f'{ANCHOR}{SEPARATOR}{END}残高ざ<>&;"ab'))
def test_signs_that_somebody_typed_make_no_markup_of_theirs(typed: str) -> None:
    """An annotation in what was typed shows as a reading at most: its text was escaped before."""
    page = as_ruby(str(fill("{typed}", {"typed": typed})))
    assert set(re.findall(r"</?([a-z]+)", page)) <= {"ruby", "rp", "rt"}


class Balanced(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_tag_with_facts_keeps_them_as_they_are(draw: Draw) -> None:
    """A shop may be called 金額: its name is nobody's to read but its own."""
    page = as_ruby(draw('<p title="{% t "残高" "Balance" %}">{% t "{shop}で払う" "Pay at {shop}" shop=shop %}</p>',
                        request=READER, shop="<金額>"))
    assert page == '<p title="残高">&lt;金額&gt;で<ruby>払<rp>(</rp><rt>はら</rt><rp>)</rp></ruby>う</p>'
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []


@pytest.mark.parametrize(("readings", "language"), [(False, "ja"), (True, "en")])
def test_readings_are_for_those_who_asked(readings: bool, language: str, draw: Draw) -> None:  # noqa: FBT001
    request = SimpleNamespace(readings=readings, GET={})
    drawn = draw('{% t "残高" "Balance" %}{% yomi "払う" %}', language=language, request=request)
    assert ANCHOR not in drawn


def test_names_from_data_are_never_read(draw: Draw) -> None:
    shop = SimpleNamespace(name_ja="残高", name_en="Zandaka")
    assert draw("{% t shop.name_ja shop.name_en %}", request=READER, shop=shop) == "残高"


def test_a_views_own_word_is_read(draw: Draw) -> None:
    assert as_ruby(draw("{% yomi label %}", request=READER, label="払う<b>")) == (
        "<ruby>払<rp>(</rp><rt>はら</rt><rp>)</rp></ruby>う&lt;b&gt;"
    )


def test_a_refusals_sentence_is_read_and_its_facts_are_not(draw: Draw) -> None:
    kind = RefusalKind("short", ja="この店で使える残高は{yen}円です({shop})。", en="{yen} yen are left at {shop}.")
    no = kind.refusal(yen=13_796, shop="残高")
    page = as_ruby(draw("{% say no %}", request=READER, no=no))
    assert re.sub("<r[pt]>.*?</r[pt]>|</?ruby>", "", page) == "この店で使える残高は13,796円です(残高)。"
    assert page.count("<rt>ざんだか") == 1
    assert draw("{% say no %}", no=no) == "この店で使える残高は13,796円です(残高)。"
    assert draw("{% say no %}", request=READER, no=no, language="en") == "13,796 yen are left at 残高."


# --- the table -------------------------------------------------------------------------------------------------------


def test_every_entry_of_the_table_can_be_found_again() -> None:
    entries = TABLE.split()
    assert len(entries) > 250
    for entry in entries:
        written = re.fullmatch(rf"([{KANJI}]+)《([ぁ-ゖー]+)》([ぁ-ん{KANJI}]*)", entry)
        assert written, entry
        word = written[1] + written[3]
        assert plain(annotate(word)) == word
        assert ANCHOR in annotate(word), entry


@pytest.mark.parametrize("folder", [
    "resident/templates/resident", "merchant/templates/merchant", "design/templates/design/parts",
])
def test_the_screens_of_residents_and_tills_can_be_read(folder: str) -> None:
    """At most one word in thirty of their sentences is without a reading."""
    words, unread = 0, []
    for path in sorted((FACES / folder).glob("*.html")):
        for sentence in LITERAL.findall(path.read_text(encoding="utf-8")):
            words += len(re.findall(f"[{KANJI}]+", sentence))
            rest = re.sub(f"{ANCHOR}[^{END}]*{END}", "", annotate(sentence))
            rest = re.sub(rf"\{{[^}}]*\}}(?:か所|[{KANJI}]*)|[0-9,]+[{KANJI}]*|[^《\s、。]*《[^》]*》", "", rest)
            unread += [f"{word} in {sentence}" for word in re.findall(f"[{KANJI}]+", rest)]
    assert words > 80
    assert len(unread) * 30 <= words, unread
