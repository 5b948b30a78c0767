"""The text of an amendment says what makes the new ordinance out of the old one: who obeys it has the new one."""

from __future__ import annotations

import random
import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.texts import Change, DriftKind, Enforced, TextKind, draft, draft_amending, drifts, plain
from tests.programmes.amendment_changes import changed_at, takings_of
from tests.programmes.builders import POINT, VOUCHER, changed
from tests.programmes.test_amendment_laws import DOCUMENTS, NAMES, SEEDS, some_gifts

FIRST_DAY = date(2025, 12, 1)
Articles = dict[int, list[str]]
"""By number: the heading, then the paragraphs without their numbers."""
OF_BEFORE = (
    "この要綱の施行の日(以下「施行日」という。)前に購入し、又は付与を受けたものについても、"
    "施行日以後の使用には、この要綱による改正後の規定を適用する。"
)
LIMITS = {"limits.payment_max_yen": 5_000, "refunds.payment_cancel_days": 9}


def change(before: ProgrammeTerms, after: ProgrammeTerms, *, first_day: date | None = FIRST_DAY) -> Change:
    return Change(before, after, first_day)


def amending(before: ProgrammeTerms, after: ProgrammeTerms, **more: Any) -> str:
    return plain(draft_amending(change(before, after, **more)), "ja")


# --- a reader who knows nothing but Japanese -------------------------------------------------------------------------


def articles_of(text: str) -> tuple[str, Articles]:
    """An ordinance's title and its articles."""
    title, *lines = text.strip().split("\n")
    found: Articles = {}
    number = 0
    for line in lines:
        head = re.fullmatch(r"第(\d+)条\((.+)\)", line)
        if head:
            number = int(head[1])
            found[number] = [head[2]]
        elif line:
            found[number].append(re.sub(r"^\d+ ", "", line))
    return title, found


def obey(title: str, articles: Articles, text: str) -> tuple[str, Articles]:
    """Do what each clause says, in its order; the lines that follow a clause are what it puts in."""
    body = text.split("\n附則\n", maxsplit=1)[0].strip().split("\n")[4:]
    now = {number: list(lines) for number, lines in articles.items()}
    while body:
        clause, *body = body
        taken = _until_next(body)
        body = body[len(taken):]
        paragraphs = [re.sub(r"^\d+ ", "", line) for line in taken]
        if found := re.fullmatch(r"題名中(.+)改める。", clause):
            title = _reworded(title, found[1])
        elif found := re.fullmatch(r"第(\d+)条(?:第(\d+)項)?中(.+)改める。", clause):
            place = int(found[2] or 1)
            now[int(found[1])][place] = _reworded(now[int(found[1])][place], found[3])
        elif found := re.fullmatch(r"第(\d+)条第(\d+)項を次のように改める。", clause):
            (now[int(found[1])][int(found[2])],) = paragraphs
        elif found := re.fullmatch(r"第(\d+)条に次の(\d+)項を加える。", clause):
            assert len(paragraphs) == int(found[2])
            now[int(found[1])] += paragraphs
        elif found := re.fullmatch(r"第(\d+)条を次のように改める。", clause):
            if re.fullmatch(r"第\d+条\(.+\)", paragraphs[0]):
                now[int(found[1])] = [now[int(found[1])][0], *paragraphs[1:]]
            else:
                now[int(found[1])][1:] = paragraphs
        elif found := re.fullmatch(r"第(\d+)条を削る。", clause):
            del now[int(found[1])]
        elif clause.endswith("条とする。"):
            moves = {int(one): int(other) for one, other in re.findall(r"第(\d+)条を第(\d+)条", clause)}
            now = {moves.get(number, number): lines for number, lines in now.items()}
        else:
            found = re.fullmatch(r"第(\d+)条の次に次の1条を加える。", clause)
            assert found, clause
            head = re.fullmatch(r"第(\d+)条\((.+)\)", paragraphs[0])
            assert head
            assert int(head[1]) == int(found[1]) + 1
            assert int(head[1]) not in now
            now[int(head[1])] = [head[2], *paragraphs[1:]]
    return title, dict(sorted(now.items()))


CLAUSE = re.compile(
    r"(題名中.+改める。|第\d+条(第\d+項)?(中.+改める。|を次のように改める。|に次の\d+項を加える。|を削る。"
    r"|を第\d+条.*とする。|の次に次の1条を加える。))$"
)


def _until_next(lines: list[str]) -> list[str]:
    taken = []
    for line in lines:
        if CLAUSE.match(line):
            break
        taken.append(line)
    return taken


def _reworded(text: str, words: str) -> str:
    for old, new in re.findall(r"「(.+?)」を「(.+?)」に(?:、(?=「)|$)", words):
        assert text.count(old) == 1, (text, old)
        text = text.replace(old, new)
    return text


def prove(before: ProgrammeTerms, after: ProgrammeTerms) -> str:
    """Obeying the amending text gives the new ordinance; gives the text."""
    old, new = (articles_of(plain(draft(each, TextKind.ORDINANCE), "ja")) for each in (before, after))
    text = amending(before, after)
    assert obey(*old, text) == new, text
    return text


# --- any change of any document --------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(NAMES, SEEDS)
def test_whoever_obeys_it_has_the_new_ordinance(name: str, seed: int) -> None:
    before, chosen = DOCUMENTS[name], random.Random(seed)
    changes = some_gifts(name, more=chosen.randrange(1, 10**6), seed=seed)
    for one in chosen.sample(list(takings_of(before)), chosen.randrange(4)):
        changes |= one.changes
    try:
        after = changed_at(before, {path: value for path, value in changes.items() if path != "obtaining"})
        draft(after, TextKind.ORDINANCE)
    except Exception:  # noqa: BLE001 - changes that do not go together make no document
        return
    prove(before, after)


def test_nothing_to_change_says_only_that() -> None:
    text = amending(DOCUMENTS[POINT], DOCUMENTS[POINT])
    assert text.split("\n")[2:5] == ["改正文", "めぐりグリーン・健康ポイント 実施要綱の一部を次のように改正する。", ""]


def test_words_inside_a_paragraph_are_said_as_ordinances_say_them() -> None:
    longer = {"obtaining.actions.0.yen": 20, "expiry.last_day": date(2026, 5, 31)}
    after = changed(POINT, longer | {"name.ja": "歩くポイント"})
    text = prove(DOCUMENTS[POINT], after)
    lines = text.split("\n")
    assert "題名中「めぐりグリーン・健康ポイント」を「歩くポイント」に改める。" in lines
    assert "第4条第1項中「10円」を「20円」に改める。" in lines
    assert any("「令和8年3月31日」を「令和8年5月31日」に改める。" in line for line in lines)


def test_articles_come_and_go_and_the_others_move() -> None:
    excluded = [{"code": "stamps", "name": {"ja": "切手", "en": "stamps"}}]
    without = changed(POINT, {"spending.excluded": []})
    with_it = changed(POINT, {"spending.excluded": excluded})
    came, went = prove(without, with_it), prove(with_it, without)
    put_in = r"とする。\n第\d+条の次に次の1条を加える。\n第\d+条\(使用することができないもの\)"
    assert re.search(rf"第(\d+)条を第(\d+)条とし、.+{put_in}", came)
    assert re.search(r"第\d+条を削る。\n第\d+条を第\d+条とし、", went)


def test_paragraphs_are_added_at_the_end() -> None:
    rounds = {"code": "rest", "name": {"ja": "追加販売", "en": "Rest"}, "units": 0, "leftovers": True,
              "allocation": "first_come", "purchase": {"first_day": date(2025, 12, 1), "last_day": date(2025, 12, 9)}}
    text = prove(DOCUMENTS[VOUCHER], changed(VOUCHER, {"obtaining.rounds.1": rounds}))
    assert "追加販売では、前の回の残りを先着順により販売する。" in text
    assert "施行日前に受付を始めた販売の回については、なお従前の例による。" in text


# --- supplementary provisions ----------------------------------------------------------------------------------------


def test_the_ordinance_says_from_when_and_until_when_it_rules() -> None:
    text = plain(draft(DOCUMENTS[POINT], TextKind.ORDINANCE, enforced=Enforced(date(2025, 4, 1))), "ja")
    own = text.split("\n附則\n")[1]
    assert own.startswith(
        "1 この要綱は、令和7年4月1日から施行する。\n2 この要綱は、令和8年4月30日限り、その効力を失う。ただし、"
    )
    undecided = plain(draft(DOCUMENTS[POINT], TextKind.ORDINANCE, enforced=Enforced()), "ja")
    assert "1 この要綱は、決裁の日から施行する。" in undecided
    assert "附則" not in plain(draft(DOCUMENTS[POINT], TextKind.ORDINANCE), "ja")


def test_an_amended_ordinance_has_the_provisions_of_each_amendment() -> None:
    longer = changed(POINT, {"expiry.last_day": date(2026, 5, 31), "spending.window.last_day": date(2026, 5, 31)})
    enforced = Enforced(date(2025, 4, 1), (
        Change(DOCUMENTS[POINT], changed(POINT, LIMITS), date(2025, 9, 1)), Change(DOCUMENTS[POINT], longer, FIRST_DAY),
    ))  # fmt: skip
    text = plain(draft(longer, TextKind.ORDINANCE, enforced=enforced), "ja")
    heads = re.findall(r"^附則.*$", text, flags=re.MULTILINE)
    assert heads == ["附則", "附則(令和7年9月1日改正)", "附則(令和7年12月1日改正)"]
    last = text.split("附則(令和7年12月1日改正)\n")[1].strip().split("\n")
    assert last == [
        "1 この要綱は、令和7年12月1日から施行する。",
        "2 " + OF_BEFORE,
        "3 施行日前に購入し、又は付与を受けたものの使用の期限も、令和8年5月31日とする。",
    ]
    english = plain(draft(longer, TextKind.ORDINANCE, enforced=enforced), "en")
    assert "Supplementary provisions of the amendment of 2025-12-01" in english


@pytest.mark.parametrize(("was", "now", "said"), [
    ({"expiry": {"kind": "after", "months": 6}}, {"expiry": {"kind": "after", "months": 9}},
     "使用の期限については、なお従前の例による。"),
    ({"demurrage": {"rate_bp": 200, "every_days": 30}}, {"demurrage": {"rate_bp": 100, "every_days": 30}},
     "減価については、なお従前の例による。"),
])  # fmt: skip
def test_value_of_before_keeps_what_the_books_keep(was: dict[str, Any], now: dict[str, Any], said: str) -> None:
    assert said in amending(changed(POINT, was), changed(POINT, now))
    assert "なお従前の例による" not in amending(changed(POINT, was), changed(POINT, was | LIMITS))


# --- an edited one has drifted ---------------------------------------------------------------------------------------


def drifted(text: str, old: str, new: str) -> list[tuple[str, str, str]]:
    after = changed(POINT, {"obtaining.actions.0.yen": 20, "expiry.last_day": date(2026, 5, 31)})
    own = change(DOCUMENTS[POINT], after)
    ordinance = draft(after, TextKind.ORDINANCE, enforced=Enforced(date(2025, 7, 1), (own,)))
    drafted = draft_amending(own) if text == "amending" else ordinance
    written = plain(drafted, "ja")
    assert old in written
    found = drifts(drafted, written.replace(old, new), language="ja")
    return [(each.kind, each.fact.path if each.fact else "", each.written) for each in found]


@pytest.mark.parametrize("text", ["ordinance", "amending"])
def test_the_day_of_enforcement_is_held_against_the_approval(text: str) -> None:
    said = "この要綱は、令和7年12月1日から施行する。"
    assert drifted(text, said, said) == []
    wrong = drifted(text, said, "この要綱は、令和7年11月1日から施行する。")
    assert wrong == [(DriftKind.CHANGED, "enforced.first_day", "令和7年11月1日")]


def test_what_becomes_of_a_figure_is_held_against_the_document() -> None:
    found = drifted("amending", "「10円」を「20円」に改める", "「10円」を「25円」に改める")
    assert (DriftKind.CHANGED, "obtaining.actions.walk.yen", "25円") in found
    said, written = (f"使用の期限も、令和8年{day}とする" for day in ("5月31日", "6月30日"))
    transitional = drifted("amending", said, written)
    assert (DriftKind.CHANGED, "expiry.last_day", "令和8年6月30日") in transitional
