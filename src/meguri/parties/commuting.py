"""Pure decisions about people who work or study in the town (在勤・在学): words, days, a company's or school's list."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from meguri.parties.rules import Both
from meguri.vault.rules import Field, normalise
from meguri.words.period import add_months
from meguri.words.refusal import Refusal, declare
from meguri.words.wareki import parse_date

KINDS: Final = {"work": Both("在勤", "work"), "study": Both("在学", "study")}
PROOFS: Final = {
    "employee_card": Both("社員証・職員証", "employee card"), "student_card": Both("学生証・生徒手帳", "student card"),
    "certificate": Both("在勤証明書・在学証明書", "certificate of the employer or school"),
    "list": Both("事業所・学校の名簿", "list of the employer or school"),
}
STATES: Final = {
    "waiting": Both("確認待ち", "waiting"), "confirmed": Both("確認済み", "confirmed"),
    "refused": Both("認められない", "not accepted"), "withdrawn": Both("取下げ", "withdrawn"),
}
PLACES: Final = {"work": Field.WORKPLACE, "study": Field.SCHOOL}
"""Where in the vault the name of the workplace or school lies."""
PLACE_MOST = 100
"""The longest name of a person, workplace or school (characters)."""
LASTS_MOST_YEARS = 6
"""The longest course of a school; who works longer is confirmed again."""
LIST_MOST = 2_000
"""The most lines of a list; a larger company sends several."""

COMMUTER_UNKNOWN = declare(
    "commuter_unknown", status=404,
    ja="この在勤・在学の申し出は見つかりません。",
    en="There is no such word of somebody who works or studies in the town.",
)
COMMUTER_DECIDED = declare(
    "commuter_decided",
    ja="この申し出は、もう確認待ちではありません({state:ja})。画面を開き直してください。",
    en="This does not wait any more ({state:en}). Please open the page anew.",
)
COMMUTER_WORD_WRONG = declare(
    "commuter_word_wrong", status=422,
    ja="{what:ja}を確かめて、{most}文字までで入力してください。",
    en="Please check {what:en}; at most {most} characters.",
)
COMMUTER_KIND_MISSING = declare(
    "commuter_kind_missing", status=422,
    ja="町内で働いているのか、学校に通っているのかを選んでください。",
    en="Please choose whether you work or study in the town.",
)
COMMUTER_DAYS_WRONG = declare(
    "commuter_days_wrong", status=422,
    ja="確認の期間は、最初の日から最後の日まで、長くても今日から{years}年先までにしてください。"
       "証明書の日付を確かめてください。",
    en="Let the confirmation run from a first day to a later last day, at most {years} years from today. Please check "
       "the dates on the paper.",
)
COMMUTER_PROOF_WRONG = declare(
    "commuter_proof_wrong", status=422,
    ja="何で確かめたかを選んでください。", en="Please choose by what it was checked.",
)
COMMUTER_OWN = declare(
    "commuter_own", status=403,
    ja="自分の申し出は、自分では確かめられません。ほかの職員に頼んでください。",
    en="Nobody confirms their own word. Please ask another officer.",
)
COMMUTER_TWICE = declare(
    "commuter_twice",
    ja="同じ氏名・生年月日の人を、町はすでに知っています({known}件)。一人が二重に申し込むことになるので、確認していません。"
       "別の人だと確かめたときは「別の人と確かめた」に印を付けてください。",
    en="The town already knows somebody of the same name and date of birth ({known}). Nothing was confirmed, so that "
       "nobody applies twice. If you made sure that it is another person, tick the box that says so.",
)
COMMUTER_SAID_ALREADY = declare(
    "commuter_said_already",
    ja="同じ氏名・生年月日の人の申し出が、もう確認を待っています。新しく記録せずに、その申し出を開いて確認してください。",
    en="Somebody of this name and date of birth has come forward already and waits. Please open that word and confirm "
       "it, instead of writing another one down.",
)
COMMUTER_REASON_MISSING = declare(
    "commuter_reason_missing", status=422,
    ja="理由を書いてください。本人が読みます。", en="Please give the reason; the person reads it.",
)
COMMUTER_LIST_UNREADABLE = declare(
    "commuter_list_unreadable", status=422,
    ja="名簿が読めません。CSVの1行目に「氏名・生年月日・区分・いつから・いつまで」と書いた列を入れてください"
       "(足りない列: {absent:ja})。",
    en="The list cannot be read. Let the first line of the CSV name the columns name, birth_date, kind, from and until "
       "(absent: {absent:en}).",
)
COMMUTER_LIST_TOO_LONG = declare(
    "commuter_list_too_long", status=422,
    ja="名簿は{most}行までです({lines}行ありました)。分けて送ってください。",
    en="A list has at most {most} lines ({lines} were given). Please split it.",
)
COMMUTER_LIST_HAS_FAULTS = declare(
    "commuter_list_has_faults", status=422,
    ja="名簿の{faults}行に誤りがあるため、だれも確認していません。最初の誤りは{line}行目です: {what:ja}",
    en="{faults} lines of the list are faulty, so nobody was confirmed. The first is line {line}: {what:en}",
)

_HEADS: Final = {
    "name": ("氏名", "name"), "birth_date": ("生年月日", "birth_date"), "kind": ("区分", "kind"),
    "first_day": ("いつから", "from", "first_day"), "last_day": ("いつまで", "until", "last_day"),
}
_DAYS: Final = ("birth_date", "first_day", "last_day")
_KIND_WRONG: Final = Both("区分は「在勤」か「在学」と書いてください", "let 区分 be 在勤 (work) or 在学 (study)")
_KINDS: Final = {"在勤": "work", "勤務": "work", "work": "work", "在学": "study", "study": "study"}


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list; `line` counts from 1 with the heading as line 1, `last_day` still counts."""

    line: int
    name: str
    birth_date: date
    kind: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class ListFault:
    """What is wrong with a line, for whoever mends the file."""

    line: int
    what: Both


def require_days(first_day: date, last_day: date, *, today: date) -> None:
    """Raises Refusal `commuter_days_wrong`. Both may lie in the past: the eligibility date may, too."""
    if not first_day <= last_day <= add_months(today, 12 * LASTS_MOST_YEARS):
        raise COMMUTER_DAYS_WRONG.refusal(field="last_day", years=LASTS_MOST_YEARS)


def require_word(text: str, *, field: str, what: Both) -> str:
    """The typed name of a person or place, its gaps made plain spaces. Raises Refusal `commuter_word_wrong`."""
    plain = " ".join(text.split())
    if not plain or len(plain) > PLACE_MOST or not plain.isprintable():
        raise COMMUTER_WORD_WRONG.refusal(field=field, what=what, most=PLACE_MOST)
    return plain


def is_birth_date(born: date, *, today: date) -> bool:
    """Whether somebody alive can have been born on this day."""
    return date(1880, 1, 1) <= born <= today


def read_list(text: str, *, today: date) -> tuple[Listed, ...]:
    """The lines of a company's or school's list, empty ones left out. One wrong line refuses the whole file.

    Raises Refusal `commuter_list_unreadable`, `commuter_list_too_long`, or `commuter_list_has_faults` whose fact
    `all_faults` names every wrong line.
    """
    heading, lines = _table(text)
    if len(lines) > LIST_MOST:
        raise COMMUTER_LIST_TOO_LONG.refusal(field="file", lines=len(lines), most=LIST_MOST)
    read = [_read(number, dict(zip(heading, cells, strict=False)), today=today) for number, cells in lines]
    faults = [each for each in read if isinstance(each, ListFault)]
    good = [each for each in read if isinstance(each, Listed)]
    faults = sorted([*faults, *_twice(good)], key=lambda fault: fault.line)
    if faults:
        raise COMMUTER_LIST_HAS_FAULTS.refusal(
            field="file", faults=len(faults), line=faults[0].line, what=faults[0].what, all_faults=tuple(faults)
        )
    return tuple(good)


def _table(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    try:
        table = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))
    except csv.Error:
        table = []
    known = {head: name for name, heads in _HEADS.items() for head in heads}
    heading = [known.get(cell.strip(), "") for cell in table[0]] if table else []
    if absent := [heads for name, heads in _HEADS.items() if name not in heading]:
        named = Both("・".join(heads[0] for heads in absent), ", ".join(heads[1] for heads in absent))
        raise COMMUTER_LIST_UNREADABLE.refusal(field="file", absent=named)
    return heading, [(number, row) for number, row in enumerate(table[1:], start=2) if any(map(str.strip, row))]


def _read(line: int, cells: Mapping[str, str], *, today: date) -> Listed | ListFault:
    kind = _KINDS.get(cells.get("kind", "").strip())
    if kind is None:
        return ListFault(line, _KIND_WRONG)
    try:
        name = require_word(cells.get("name", ""), field="name", what=Both("氏名", "the name"))
        born, first, last = (parse_date(cells.get(head, ""), field=head) for head in _DAYS)
        require_days(first, last, today=today)
    except Refusal as wrong:
        head = _HEADS[wrong.field][0]
        return ListFault(line, Both(f"{head}: {wrong.sentence('ja')}", f"{head}: {wrong.sentence('en')}"))
    if not is_birth_date(born, today=today):
        return ListFault(line, Both("生年月日が正しくありません", "the date of birth is not right"))
    return Listed(line, name, born, kind, first, last)


def _twice(listed: Sequence[Listed]) -> Iterator[ListFault]:
    seen: set[tuple[str, date, str]] = set()
    for each in listed:
        key = normalise(Field.NAME, each.name), each.birth_date, each.kind
        if key in seen:
            yield ListFault(each.line, Both("同じ人が前の行にもあります", "the same person stands in an earlier line"))
        seen.add(key)
