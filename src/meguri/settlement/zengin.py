"""The file that tells the town's bank whom to pay: 総合振込 in the Zengin format (全銀協制定フォーマット).

Records of 120 bytes in JIS X 0201: one header (1), one data record (2) for each transfer, a trailer (8) with count and
sum, an end record (9). Numbers stand right, filled with zeros; text stands left, filled with spaces. Whether a line
feed pair follows each record is the bank's choice. The pay day has no year, so banks read it as the next such day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from meguri.settlement.banks import AccountKind, BankAccount, find_branch
from meguri.settlement.business_days import is_business_day, next_business_day, previous_business_day
from meguri.settlement.kana import fit, to_bytes
from meguri.words.refusal import Refusal, declare

AMOUNT_MAX = 9_999_999_999
"""The largest transfer that ten digits can say (yen)."""
TRANSFERS_MAX = 999_999
"""The largest number of transfers in one file."""

TRANSFER_PLACE = declare(
    "transfer_place", status=422,
    ja="{payee}: 金融機関コード「{bank}」・支店コード「{branch}」は現在の一覧にありません。"
       "統廃合がなかったか確かめ、口座を直してください。",
    en="{payee}: bank “{bank}”, branch “{branch}” is not in the present list. "
       "Check whether they have merged and mend the account.",
)
TRANSFER_NUMBER = declare(
    "transfer_number", status=422,
    ja="{payee}: 口座番号「{number}」は7桁の数字ではありません。左に0を補って7桁にしてください。",
    en="{payee}: the account number “{number}” is not 7 digits. Fill it with zeros on the left.",
)
TRANSFER_KIND = declare(
    "transfer_kind", status=422,
    ja="{payee}: 預金種目「{kind}」はこの欄に書けません。使えるもの: {allowed}",
    en="{payee}: the kind of account “{kind}” cannot stand here. You can use: {allowed}",
)
TRANSFER_NAME = declare(
    "transfer_name", status=422,
    ja="{payee}: 名義「{name}」は振込データに書けません。"
       "半角カナ・英大文字・数字・( ) - . と空白で、{width}字以内にしてください。",
    en="{payee}: the name “{name}” cannot be written. "
       "Use half-width kana, capitals, digits, ( ) - . and spaces, at most {width} places.",
)
TRANSFER_AMOUNT = declare(
    "transfer_amount", status=422,
    ja="{payee}: 金額{amount}円は振り込めません。1円以上{most}円以下にしてください。",
    en="{payee}: {amount} yen cannot be transferred. The amount must be from 1 to {most} yen.",
)
TRANSFER_REFERENCE = declare(
    "transfer_reference", status=422,
    ja="{payee}: {item}「{text}」は書けません。英大文字・数字・半角カナで{width}字以内にしてください。",
    en="{payee}: “{text}” cannot be written as {item}. "
       "Use capitals, digits and half-width kana, at most {width} places.",
)
PAYER_CODE = declare(
    "payer_code", status=422,
    ja="振込依頼人コード「{code}」は10桁の数字ではありません。銀行から通知された番号を左に0を補って入力してください。",
    en="The payer's code “{code}” is not 10 digits. "
       "Enter the number your bank gave you, filled with zeros on the left.",
)
PAY_DAY_CLOSED = declare(
    "pay_day_closed", status=422,
    ja="振込指定日{day}は銀行の休業日です。前の営業日は{before}、次の営業日は{after}です。",
    en="Banks are closed on the pay day {day}. The business day before is {before}, the one after is {after}.",
)
TRANSFERS_NONE = declare(
    "transfers_none", status=422,
    ja="振込が1件もないため、ファイルを作れません。対象の支払いを選んでください。",
    en="There is no transfer, so no file can be made. Choose the payouts to be paid.",
)
TRANSFERS_TOO_MANY = declare(
    "transfers_too_many", status=422,
    ja="振込が{count}件あります。1つのファイルは{most}件までです。ファイルを分けてください。",
    en="There are {count} transfers. One file holds up to {most}: make several files.",
)
TRANSFERS_TOO_MUCH = declare(
    "transfers_too_much", status=422,
    ja="振込の合計が{total}円です。1つのファイルは{most}円までです。ファイルを分けてください。",
    en="The transfers add up to {total} yen. One file holds up to {most} yen: make several files.",
)

_TOTAL_MAX = 999_999_999_999
_WRITABLE = re.compile(r"[ｱ-ﾝﾞﾟA-Z0-9().\- ]+")
_NUMBER = re.compile(r"[0-9]{7}")
_ITEMS = {
    "edi": "EDI",
    "customer_code_1": "顧客コード1 / customer code 1",
    "customer_code_2": "顧客コード2 / customer code 2",
}
_PAYER_KINDS = (AccountKind.ORDINARY, AccountKind.CURRENT, AccountKind.OTHER)
_PAYEE_KINDS = tuple(AccountKind)


class PayeeNews(StrEnum):
    """新規コード: whether the bank should look twice at this payee."""

    FIRST = "1"
    CHANGED = "2"
    OTHER = "0"


@dataclass(frozen=True, slots=True)
class Payer:
    """振込依頼人. `code` is the bank's ten digits; `name` is bank kana of up to 40 places."""

    code: str
    name: str
    account: BankAccount


@dataclass(frozen=True, slots=True)
class Transfer:
    """One payment by bank. `payee` names it in refusals (shop or payout, not written to the file).

    The two customer codes of up to 10 places return with the bank's answer; `edi` (up to 20 places) takes their place.
    """

    payee: str
    account: BankAccount
    amount_yen: int
    news: PayeeNews = PayeeNews.OTHER
    customer_code_1: str = ""
    customer_code_2: str = ""
    edi: str = ""


@dataclass(frozen=True, slots=True)
class TransferOrder:
    """All transfers of one day from one account. `line_ends` puts CR LF behind each record (122 bytes)."""

    payer: Payer
    pay_on: date
    transfers: tuple[Transfer, ...]
    line_ends: bool = True


@dataclass(frozen=True, slots=True)
class Totals:
    count: int
    amount_yen: int


def totals(transfers: Iterable[Transfer]) -> Totals:
    """What the trailer says, to be compared with the approval."""
    amounts = [transfer.amount_yen for transfer in transfers]
    return Totals(count=len(amounts), amount_yen=sum(amounts))


def write(order: TransferOrder) -> bytes:
    """The whole file.

    Raises Refusal for the first thing that cannot be written: `transfer_…` (naming the payee; `Refusal.field` is
    `transfers[n].…`, counted from 0), `payer_code`, `pay_day_closed`, `transfers_none`, `…_too_many`, `…_too_much`.
    """
    _check_order(order)
    end = b"\r\n" if order.line_ends else b""
    records = [_header(order.payer, order.pay_on)]
    records += [_data(transfer, number) for number, transfer in enumerate(order.transfers)]
    records += [_trailer(totals(order.transfers)), b"9".ljust(120)]
    return b"".join(record + end for record in records)


def read_transfers(content: bytes) -> list[tuple[str, int]]:
    """Customer code 1 and yen of each transfer in a file that `write` made, in its order: the file's own word."""
    width = 122 if content[120:122] == b"\r\n" else 120
    records = [content[start : start + 120] for start in range(0, len(content), width)]
    return [(each[91:101].decode().rstrip(), int(each[80:90])) for each in records if each[:1] == b"2"]


def refusals(order: TransferOrder) -> tuple[Refusal, ...]:
    """Every transfer that cannot be written, for an officer who mends them all at once."""
    found = []
    for number, transfer in enumerate(order.transfers):
        try:
            _data(transfer, number)
        except Refusal as refusal:
            found.append(refusal)
    return tuple(found)


def _check_order(order: TransferOrder) -> None:
    total = totals(order.transfers)
    if total.count == 0:
        raise TRANSFERS_NONE.refusal(field="transfers")
    if total.count > TRANSFERS_MAX:
        raise TRANSFERS_TOO_MANY.refusal(field="transfers", count=total.count, most=TRANSFERS_MAX)
    if total.amount_yen > _TOTAL_MAX:
        raise TRANSFERS_TOO_MUCH.refusal(field="transfers", total=total.amount_yen, most=_TOTAL_MAX)
    if not is_business_day(order.pay_on):
        raise PAY_DAY_CLOSED.refusal(
            field="pay_on", day=order.pay_on.isoformat(), before=previous_business_day(order.pay_on).isoformat(),
            after=next_business_day(order.pay_on).isoformat(),
        )


def _header(payer: Payer, pay_on: date) -> bytes:
    if not re.fullmatch(r"[0-9]{10}", payer.code):
        raise PAYER_CODE.refusal(field="payer.code", code=payer.code[:20])
    place = _place(payer.account, payee=payer.name, where="payer")
    account = _account(payer.account, payee=payer.name, where="payer", kinds=_PAYER_KINDS)
    name = _name(payer.name, width=40, payee=payer.name, where="payer")
    return b"1210%b%b%b%b%b%17b" % (payer.code.encode(), name, f"{pay_on:%m%d}".encode(), place, account, b"")


def _data(transfer: Transfer, number: int) -> bytes:
    where, payee = f"transfers[{number}]", transfer.payee
    if not 1 <= transfer.amount_yen <= AMOUNT_MAX:
        raise TRANSFER_AMOUNT.refusal(
            field=f"{where}.amount_yen", payee=payee, amount=transfer.amount_yen, most=AMOUNT_MAX)
    place = _place(transfer.account, payee=payee, where=where)
    account = _account(transfer.account, payee=payee, where=where, kinds=_PAYEE_KINDS)
    name = _name(transfer.account.holder, width=30, payee=payee, where=where)
    remarks = _remarks(transfer, where)
    return b"2%b0000%b%b%010d%b%b%7b" % (
        place, account, name, transfer.amount_yen, transfer.news.value.encode(), remarks, b"")


def _trailer(total: Totals) -> bytes:
    return b"8%06d%012d%101b" % (total.count, total.amount_yen, b"")


def _remarks(transfer: Transfer, where: str) -> bytes:
    """22 places: two customer codes or one EDI text, then 7 (by wire), then Y when the text is EDI."""
    if transfer.edi:
        return _reference(transfer.edi, width=20, item="edi", payee=transfer.payee, where=where) + b"7Y"
    first = _reference(transfer.customer_code_1, width=10, item="customer_code_1", payee=transfer.payee, where=where)
    second = _reference(transfer.customer_code_2, width=10, item="customer_code_2", payee=transfer.payee, where=where)
    return first + second + b"7 "


def _place(account: BankAccount, *, payee: str, where: str) -> bytes:
    """37 places: bank and branch, each as code and name."""
    try:
        return _place_bytes(account.bank, account.branch)
    except Refusal:
        raise TRANSFER_PLACE.refusal(
            field=f"{where}.account", payee=payee, bank=account.bank[:20], branch=account.branch[:20]) from None


@cache
def _place_bytes(bank_code: str, branch_code: str) -> bytes:
    branch = find_branch(bank_code, branch_code)
    return b"%b%b%b%b" % (
        bank_code.encode(), _text(fit(branch.bank.kana, 15), 15), branch_code.encode(), _text(fit(branch.kana, 15), 15))


def _account(account: BankAccount, *, payee: str, where: str, kinds: tuple[AccountKind, ...]) -> bytes:
    """8 places: the kind of account and its number."""
    if account.kind not in kinds:
        raise TRANSFER_KIND.refusal(
            field=f"{where}.kind", payee=payee, kind=str(account.kind)[:20], allowed=", ".join(kinds))
    if not _NUMBER.fullmatch(account.number):
        raise TRANSFER_NUMBER.refusal(field=f"{where}.number", payee=payee, number=account.number[:20])
    return f"{account.kind}{account.number}".encode()


def _name(name: str, *, width: int, payee: str, where: str) -> bytes:
    if not _WRITABLE.fullmatch(name) or len(name) > width or not name.strip():
        part = "name" if where == "payer" else "holder"
        raise TRANSFER_NAME.refusal(field=f"{where}.{part}", payee=payee, name=name[:60], width=width)
    return _text(name, width)


def _reference(text: str, *, width: int, item: str, payee: str, where: str) -> bytes:
    if text and (not _WRITABLE.fullmatch(text) or len(text) > width):
        raise TRANSFER_REFERENCE.refusal(
            field=f"{where}.{item}", payee=payee, item=_ITEMS[item], text=text[:60], width=width)
    return _text(text, width)


def _text(kana: str, width: int) -> bytes:
    return to_bytes(kana).ljust(width)
