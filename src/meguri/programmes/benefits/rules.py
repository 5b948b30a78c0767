"""Pure decisions about benefits: reading a list, deciding an amount, what may be chosen, what a list comes to."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import TypeVar
from uuid import UUID

from meguri.parties.rules import Both, digest_of
from meguri.programmes.parts import GrantByList, Receipt, ReceiptChoice
from meguri.words.period import day_of
from meguri.words.refusal import declare

NOT_A_BENEFIT = declare(
    "benefit_programme_pays_nothing", status=422,
    ja="この事業は給付を行いません。", en="This programme pays no benefits.",
)
LIST_UNKNOWN = declare(
    "benefit_list_unknown", status=404, ja="この名簿は見つかりません。", en="There is no such list."
)
LIST_UNREADABLE = declare(
    "benefit_list_unreadable", status=422,
    ja="名簿が読めません。CSVの1行目に「宛名番号」(または person)と書いた列を入れてください。",
    en="The list cannot be read. Please send CSV whose first line names a column “person” (宛名番号).",
)
LIST_TOO_LONG = declare(
    "benefit_list_too_long", status=422,
    ja="名簿は{most}行までです({rows}行ありました)。分けて取り込んでください。",
    en="A list has at most {most} lines ({rows} were given). Please split it.",
)
LIST_HAS_FAULTS = declare(
    "benefit_list_has_faults", status=422,
    ja="名簿の{faults}行に誤りがあるため、何も取り込んでいません。最初の誤りは{line}行目です: {what:ja}",
    en="{faults} lines of the list are faulty, so nothing was imported. The first is line {line}: {what:en}",
)
NOBODY_ENTITLED = declare(
    "benefit_nobody_entitled", status=422,
    ja="この名簿で新たに支給する人はいません({faults}行すべてに理由があります)。",
    en="This list entitles nobody new (there is a reason for each of its {faults} lines).",
)
DECLARED_DIFFERS = declare(
    "benefit_declared_differs", status=422,
    ja="申告された{declared_count}人・{declared_total}円と、名簿の{count}人・{total}円が合いません。どちらかを確かめてください。",
    en="{declared_count} people and {declared_total} yen were declared, but the list has {count} and {total}. "
       "Please check both.",
)
LIST_NOT_DRAFT = declare(
    "benefit_list_not_draft",
    ja="この名簿はすでに次の段階に進んでいます。", en="This list has already moved on.",
)
LIST_NOT_PROPOSED = declare(
    "benefit_list_not_proposed",
    ja="この名簿は承認待ちではありません。", en="This list does not wait for approval.",
)
LIST_NOT_DECIDED = declare(
    "benefit_list_not_decided",
    ja="支給を決定してからでないと支払えません。", en="A list must be decided before it is paid.",
)
LIST_CHANGED = declare(
    "benefit_list_changed",
    ja="決定のあとで名簿の内容が変わっています。支払いを止めました。担当課と会計課で確かめてください。",
    en="The list differs from what was decided. Payment was stopped. Please look into it together with accounting.",
)
MAKER_RELEASES = declare(
    "benefit_maker_releases", status=403,
    ja="自分で取り込んだ名簿の支払いはできません。別の承認者に頼んでください。",
    en="You imported this list yourself, so another person must release it.",
)
ENTITLEMENT_UNKNOWN = declare(
    "benefit_entitlement_unknown", status=404,
    ja="この給付の決定は見つかりません。", en="There is no such entitlement.",
)
NOT_YET_DECIDED = declare(
    "benefit_not_yet_decided",
    ja="まだ支給の決定が出ていません。決まりしだいお知らせします。",
    en="This has not been decided yet. We will tell you as soon as it is.",
)
CHOSEN_TOO_LATE = declare(
    "benefit_chosen_too_late",
    ja="受け取り方の選択は{when:ja}で締め切りました。{otherwise:ja}でお受け取りいただきます。",
    en="The time to choose ended on {when:en}. You will receive it {otherwise:en}.",
)
CHOSEN_TOO_EARLY = declare(
    "benefit_chosen_too_early",
    ja="受け取り方は{when:ja}から選べます。", en="You can choose from {when:en}.",
)
PAID_TOO_EARLY = declare(
    "benefit_too_early",
    ja="この給付の支払いは{when:ja}からです。", en="This benefit is paid from {when:en}.",
)
ALREADY_PAID = declare(
    "benefit_already_paid",
    ja="この給付はすでに支払われています。", en="This benefit has already been paid.",
)
STATUTORY_IN_CASH = declare(
    "benefit_statutory_in_cash", status=422,
    ja="この給付は法律により現金(口座振込)でお支払いします。地域のお金では受け取れません。",
    en="By law this benefit is paid in cash by bank transfer. It cannot be received as local money.",
)
CHOICE_UNKNOWN = declare(
    "benefit_choice_unknown", status=422,
    ja="この給付ではその受け取り方を選べません。", en="This benefit cannot be received in that way.",
)
BUDGET_EMPTY = declare(
    "benefit_budget_empty",
    ja="予算が{available}円しかないため、この名簿は支払えません(必要: {wanted}円)。誰にも支払っていません。",
    en="The budget has only {available} yen left, {wanted} are needed. Nobody on this list was paid.",
)

ROWS_MAX = 200_000
RECEIPTS = {
    "undecided": Both("未選択", "not chosen yet"),
    "bank": Both("口座振込", "by bank transfer"),
    "local_money": Both("地域のお金", "as local money"),
}

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class ListRow:
    """One line of a list: `line` counts from 1 with the heading as line 1; `amount_yen` is what the file expects."""

    line: int
    person: UUID | None
    recipient: UUID | None
    amount_yen: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line entitles nobody. `code` is one of FAULTS."""

    line: int
    code: str
    what: Both


@dataclass(frozen=True, slots=True)
class Figures:
    """What a list comes to, for whoever must judge it at a glance: sums, the middle, and the ten largest."""

    count: int
    total_yen: int
    median_yen: int
    largest: tuple[int, ...]


FAULTS: dict[str, Both] = {
    "unreadable": Both("宛名番号か金額が読めません", "the pseudonym or the amount cannot be read"),
    "twice": Both("同じ人が前の行にもあります", "the same person stands in an earlier line"),
    "unknown_person": Both("住民の登録にない人です", "this person is not in the residents' register"),
    "unknown_recipient": Both("受け取る人が住民の登録にありません", "the recipient is not in the residents' register"),
    "already_entitled": Both("この事業ですでに支給の対象です", "this person is already entitled in this programme"),
    "not_eligible": Both("対象の要件に当てはまりません", "this person does not meet the conditions"),
    "no_amount": Both("金額表のどの行にも当てはまりません", "no line of the amount table applies"),
    "amount_differs": Both("名簿の金額が金額表と違います", "the amount in the list differs from the table"),
}


def fault(line: int, code: str, *, more: Both | None = None) -> Fault:
    """A fault of a line; `more` is added in brackets."""
    what = FAULTS[code]
    return Fault(line, code, what if more is None else Both(f"{what.ja}({more.ja})", f"{what.en} ({more.en})"))


def read_list(content: bytes) -> list[ListRow]:
    """The lines of a CSV file with a heading: `person`, and if given `recipient` and `amount_yen`.

    Cells that cannot be read become None. Raises Refusal `benefit_list_unreadable` or `benefit_list_too_long`.
    """
    try:
        table = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        raise LIST_UNREADABLE.refusal(field="file") from None
    heading = [cell.strip() for cell in table[0]] if table else []
    if "person" not in heading:
        raise LIST_UNREADABLE.refusal(field="file")
    lines = [(number, cells) for number, cells in enumerate(table[1:], start=2) if any(cell.strip() for cell in cells)]
    if len(lines) > ROWS_MAX:
        raise LIST_TOO_LONG.refusal(field="file", rows=len(lines), most=ROWS_MAX)
    return [_row(number, dict(zip(heading, cells, strict=False))) for number, cells in lines]


def _row(line: int, cells: Mapping[str, str]) -> ListRow:
    person = _read(cells.get("person", ""), UUID)
    named = cells.get("recipient", "").strip()
    stated = cells.get("amount_yen", "").strip()
    recipient = _read(named, UUID) if named else person
    amount = _read(stated, int) if stated else None
    broken = recipient is None or (bool(stated) and amount is None)
    return ListRow(line, None if broken else person, recipient, amount, ",".join(cells.values())[:200])


def _read(text: str, kind: Callable[[str], Key]) -> Key | None:
    try:
        return kind(text.strip())
    except ValueError:
        return None


def file_digest(content: bytes) -> str:
    """SHA-256 (hexadecimal) of a file as it was sent."""
    return hashlib.sha256(content).hexdigest()


def list_digest(entitlements: Iterable[tuple[UUID, UUID, int]]) -> str:
    """SHA-256 of (person, recipient, yen) in the order of persons: what maker, checker and payment must agree on."""
    return digest_of([[str(person), str(recipient), yen] for person, recipient, yen in sorted(entitlements)])


def require_choice(receipt: Receipt, obtaining: GrantByList) -> ReceiptChoice:
    """The choice of the terms for this receipt. The law comes before the terms: a statutory benefit is paid in cash.

    Raises Refusal `benefit_statutory_in_cash` or `benefit_choice_unknown`.
    """
    if obtaining.statutory and receipt is Receipt.LOCAL_MONEY:
        raise STATUTORY_IN_CASH.refusal(field="receipt")
    for choice in obtaining.choices:
        if choice.receipt is receipt:
            return choice
    raise CHOICE_UNKNOWN.refusal(field="receipt")


def figures(amounts: Sequence[int]) -> Figures:
    """Count, sum, median (rounded to the yen) and the ten largest."""
    if not amounts:
        return Figures(0, 0, 0, ())
    return Figures(len(amounts), sum(amounts), round(median(amounts)), tuple(sorted(amounts, reverse=True)[:10]))


def said(at: datetime) -> Both:
    """The day of a moment in both languages."""
    on = day_of(at)
    return Both(f"{on.year}年{on.month}月{on.day}日", f"{on.day} {on:%B} {on.year}")


def said_last_day(ends: datetime) -> Both:
    """The last day of a span that ends (half-open) at `ends`."""
    return said(ends - timedelta(microseconds=1))
