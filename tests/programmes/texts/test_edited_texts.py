"""Whole texts after an officer had them: set anew they have not drifted, and one wrong figure anywhere is found."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from time import process_time

import pytest

from meguri.programmes.shipped import templates
from meguri.programmes.terms import ProgrammeTerms, from_tree, to_tree
from meguri.programmes.texts import Drift, DriftKind, Fact, TextKind, draft, drifts, plain
from meguri.programmes.texts.drift import SIZE_MOST, _wanted
from meguri.programmes.texts.figures import figures, normal
from meguri.words.refusal import Language
from tests.programmes.builders import BENEFIT, VOUCHER, put

LANGUAGES: tuple[Language, ...] = ("ja", "en")
Setting = Callable[[str], str]


def mixed(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(random.Random(7).sample(lines, len(lines)))


def wide(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


SETTINGS: dict[str, Setting] = {
    "windows": lambda text: text.replace("\n", "\r\n"), "old mac": lambda text: text.replace("\n", "\r"),
    "soft line ends": lambda text: text.replace("\n", "\u2028"), "line tabs": lambda text: text.replace("\n", "\v"),
    "airy": lambda text: text.replace("\n", "\n \n\n"), "mixed": mixed, "wide": wide,
    "indented": lambda text: text.replace("\n", "\u3000\n\u3000\u3000"), "twice": lambda text: text + text,
    "on one line": lambda text: text.replace("。\n", "。"), "other bullets": lambda text: text.replace("・", "● "),
    "decomposed": lambda text: unicodedata.normalize("NFD", text), "marked": lambda text: "\ufeff" + text,
    "breakable": "\u200b".join, "hard spaces": lambda text: text.replace(" ", "\u00a0"),
}  # fmt: skip


def towns_own(terms: ProgrammeTerms, changes: dict[str, object]) -> ProgrammeTerms:
    tree = to_tree(terms)
    for path, value in changes.items():
        put(tree, path, value)
    return from_tree(tree)


def told(found: tuple[Drift, ...]) -> list[tuple[str, str, str]]:
    return [(each.kind.value, each.fact.path if each.fact else "", each.written) for each in found]


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_text_that_was_only_set_anew_has_not_drifted(setting: str) -> None:
    """Every document, one kind of text each; from setting to setting other kinds and the other language."""
    first = list(SETTINGS).index(setting)
    for place, terms in enumerate(templates().values(), start=first):
        kind, language = list(TextKind)[place % 5], LANGUAGES[(place + first) % 2]
        drafted = draft(terms, kind)
        edited = SETTINGS[setting](plain(drafted, language))
        assert drifts(drafted, edited, language=language) == (), (terms.code, kind)


def one_wrong(text: str) -> str:
    """The same figure with one other digit, the last if that gives a figure still: 30日 for 31日, 10日 for 30日."""
    places = [place for place, sign in enumerate(text) if sign.isdigit()]
    others = (f"{text[:place]}{digit}{text[place + 1:]}" for place in places[::-1] for digit in "0123456789")
    return next(other for other in others if other != text and [each.text for each in figures(other)] == [other])


def spoilt_once(name: str, kind: TextKind, language: Language) -> list[tuple[str, Fact, str, str]]:
    """Texts in which a single figure of a single sentence says something else: the text, the fact, the figure."""
    drafted = draft(templates()[name], kind)
    whole, spoilt, at = plain(drafted, language), [], 0
    for sentence in drafted.sentences():
        said = sentence.plain(language)
        at = whole.index(said, at)
        for wanted in _wanted(sentence, language):
            right = wanted.figure.text
            if wanted.fact and said.count(right) == 1:
                wrong = one_wrong(right)
                edited = whole[:at] + said.replace(right, wrong) + whole[at + len(said):]
                spoilt.append((edited, wanted.fact, right, wrong))
    return spoilt


@pytest.mark.parametrize("name", templates())
def test_one_wrong_figure_in_one_sentence_is_found_with_its_place(name: str) -> None:
    """Though other sentences still say the right one: that a figure stands elsewhere excuses no wrong one."""
    for kind in TextKind:
        language = LANGUAGES[(len(name) + list(TextKind).index(kind)) % 2]
        drafted = draft(templates()[name], kind)
        every = spoilt_once(name, kind, language)
        for edited, fact, right, wrong in random.Random(name).sample(every, min(2, len(every))):
            found = drifts(drafted, edited, language=language)
            assert told(found) == [("changed", fact.path, wrong)], (right, kind)
            assert wrong in found[0].sentence


@pytest.mark.parametrize("name", [name for name, terms in templates().items() if hasattr(terms.expiry, "last_day")])
@pytest.mark.parametrize("kind", [TextKind.CALL, TextKind.QUESTIONS])
def test_a_wrong_last_day_names_its_place_though_its_sentence_ends_twice(name: str, kind: TextKind) -> None:
    """「有効期限は…です。過ぎると使えません。」: the day that costs people most when it is wrong."""
    drafted = draft(templates()[name], kind)
    edited, wrong = next(
        (edited, wrong) for edited, fact, _, wrong in spoilt_once(name, kind, "ja") if fact.path == "expiry.last_day"
    )
    assert told(drifts(drafted, edited, language="ja")) == [("changed", "expiry.last_day", wrong)]


@pytest.mark.parametrize(("before", "after"), [
    ("令和8年1月31日", "令和8年1月32日"), ("令和8年1月31日", "平成88年1月31日"), ("令和8年1月31日", "2026年2月31日"),
])  # fmt: skip
def test_a_day_that_no_calendar_has_is_told_though_the_right_one_stands_elsewhere(before: str, after: str) -> None:
    """A slip of the pen in one of two sentences: it reads as no figure, so nothing would seem changed."""
    drafted = draft(templates()[VOUCHER], TextKind.CALL)
    written = plain(drafted, "ja")
    assert written.count(before) == 2
    (drift,) = drifts(drafted, written.replace(before, after, 1), language="ja")
    assert (drift.kind, drift.written) == (DriftKind.UNKNOWN, after)
    assert after in drift.sentence


def test_a_day_that_the_document_itself_says_wrongly_is_no_drift() -> None:
    odd = towns_own(templates()[VOUCHER], {"notice": {"ja": "2025年2月30日は冗談。", "en": "31 June 2025 is a joke."}})
    for language in LANGUAGES:
        drafted = draft(odd, TextKind.CALL)
        assert drifts(drafted, plain(drafted, language), language=language) == ()


def test_days_that_changed_places_between_two_rounds_are_found() -> None:
    """Both days are the document's, each in the other's sentence."""
    drafted = draft(templates()["nagasaki-2023"], TextKind.QUESTIONS)
    swapped = plain(drafted, "ja").replace("令和5年9月25日", "@").replace("令和5年11月27日", "令和5年9月25日")
    found = drifts(drafted, swapped.replace("@", "令和5年11月27日"), language="ja")
    assert {(path, written) for _, path, written in told(found)} == {
        ("obtaining.rounds.first.drawn_on", "令和5年11月27日"),
        ("obtaining.rounds.second.drawn_on", "令和5年9月25日"),
    }


def test_amounts_of_two_rows_that_changed_places_are_found() -> None:
    drafted = draft(templates()[BENEFIT], TextKind.CALL)
    swapped = plain(drafted, "ja").replace("につき50,000円", "@").replace("につき10,000円", "につき50,000円")
    found = drifts(drafted, swapped.replace("@", "につき10,000円"), language="ja")
    assert {(kind, path) for kind, path, _ in told(found)} == {
        ("changed", "obtaining.amounts[0].yen"), ("changed", "obtaining.amounts[1].yen"),
    }


@pytest.mark.parametrize(("before", "after", "path"), [
    ("購入後の払戻しはしない", "購入後の払戻しもする", "refunds.cash_out_refund"),
    ("めぐり町会計管理者", "めぐり商工会", "scheme.cash_held_by"),
    ("町に住民登録がある", "町に勤めている", "eligibility.who"),
    ("プロパンガス", "灯油", "spending.excluded.propane.name"),
])  # fmt: skip
def test_a_changed_name_or_condition_is_lost_at_its_place(before: str, after: str, path: str) -> None:
    drafted = draft(templates()[VOUCHER], TextKind.CALL)
    written = plain(drafted, "ja")
    assert before in written
    assert told(drifts(drafted, written.replace(before, after), language="ja")) == [("lost", path, "")]


def test_a_figure_that_hides_behind_an_invisible_sign_is_seen() -> None:
    drafted = draft(templates()[VOUCHER], TextKind.CALL)
    sly = plain(drafted, "ja").replace("10,000円で", "19,\u200b000\u2060円で")
    assert told(drifts(drafted, sly, language="ja")) == [("changed", "obtaining.unit_price_yen", "19,000円")]


def test_an_added_promise_is_unknown_though_its_number_stands_elsewhere_as_another_kind() -> None:
    drafted = draft(templates()[VOUCHER], TextKind.CALL)
    more = plain(drafted, "ja") + "抽選で2,000名に記念品。\n10,000ポイントも付きます。\n"
    assert told(drifts(drafted, more, language="ja")) == [
        ("unknown", "", "2,000名"), ("unknown", "", "10,000ポイント"),
    ]


def test_a_text_of_another_town_is_told_as_such() -> None:
    """An officer who pastes the wrong file sees it at once: nearly everything disagrees."""
    ours, theirs = (draft(templates()[name], TextKind.CALL) for name in ("nagasaki-2023", "ise-2022"))
    found = drifts(ours, plain(theirs, "ja"), language="ja")
    paths = {each.fact.path for each in found if each.fact}
    days = {fact.path for fact in ours.facts() if fact.path.endswith((".first_day", ".last_day"))}
    assert len(days & paths) >= len(days) - 1
    assert DriftKind.UNKNOWN in {each.kind for each in found} or len(found) > len(days)


def test_names_like_signs_of_the_text_itself_do_no_harm() -> None:
    """A document may be named like a footnote, a full stop or a figure; its own draft has still not drifted."""
    for name in ("[^1]: 券", "券。券", "10,000円券", "令和7年8月1日", "{券}", "Q1", "。", "\u2028券"):
        odd = towns_own(templates()[VOUCHER], {"name": {"ja": name, "en": name}})
        for kind in (TextKind.ORDINANCE, TextKind.PRESS):
            drafted = draft(odd, kind)
            assert [each for each in drifts(drafted, plain(drafted, "ja"), language="ja")
                    if each.kind is DriftKind.CHANGED] == [], name


def test_what_lies_beyond_the_readable_size_is_read_neither_for_figures_nor_for_names() -> None:
    drafted = draft(templates()[VOUCHER], TextKind.CALL)
    beyond = drifts(drafted, "x" * SIZE_MOST + plain(drafted, "ja"), language="ja")
    assert {each.fact for each in beyond} == set(drafted.facts())
    assert {each.kind for each in beyond} == {DriftKind.LOST}


def test_signs_that_stand_for_many_letters_count_as_many() -> None:
    """U+FDFA becomes eighteen letters: what follows 4,000 of them lies beyond the size, and is not read."""
    drafted = draft(templates()[VOUCHER], TextKind.CALL)
    assert len(normal("\ufdfa" * 4_000)) > SIZE_MOST
    assert "5円" not in {each.written for each in drifts(drafted, "\ufdfa" * 4_000 + "\n5円", language="ja")}
    assert "5円" in {each.written for each in drifts(drafted, "\ufdfa" * 3_000 + "\n5円", language="ja")}


@pytest.mark.parametrize("text", ["\ufdfa" * SIZE_MOST, "1口\n" * 20_000, "[^" * 30_000, "1 jan " * 10_000,
                                  "1億1千万1百" * 8_000, "令和 7 年 8 月 " * 6_000, "1/1" * 20_000])  # fmt: skip
def test_an_expanding_or_crumbled_text_takes_seconds_at_most(text: str) -> None:
    """One sign that stands for eighteen must not make the text eighteen times as long to read."""
    drafted = draft(templates()["meguro-2020"], TextKind.SHOP_TERMS)
    begun = process_time()
    assert len(normal(text)) >= 60_000 or len(text) >= 40_000
    drifts(drafted, text, language="ja")
    assert process_time() - begun < 5
