"""Bank accounts in Japan: real banks and branches (the zengin-code data set), and what an account may look like."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TypeVar

import zengin_code

from meguri.settlement.kana import bank_kana, fit
from meguri.words.refusal import Refusal, declare
from meguri.words.typed import without_gaps

POSTAL_BANK = "9900"
"""ゆうちょ銀行. Its branches are numbers, derived from an account's 記号."""

UNKNOWN_BANK = declare(
    "unknown_bank", status=422,
    ja="金融機関コード「{bank}」の金融機関は見つかりません。通帳にある4桁のコードか、金融機関名で探してください。",
    en="There is no bank with the code “{bank}”. Use the four digits in the bank book or search by name.",
)
UNKNOWN_BRANCH = declare(
    "unknown_branch", status=422,
    ja="{bank_name}に支店コード「{branch}」の支店は見つかりません。統廃合で変わることがあります。"
       "新しい通帳か、支店名で確かめてください。",
    en="{bank_name} has no branch with the code “{branch}”. Branches merge: "
       "check a recent bank book or search by name.",
)
ACCOUNT_KIND_UNKNOWN = declare(
    "account_kind_unknown", status=422,
    ja="預金種目「{kind}」は使えません。普通・当座・貯蓄・その他から選んでください。",
    en="The kind of account “{kind}” cannot be used. Choose ordinary, current, savings or other.",
)
ACCOUNT_NUMBER_UNREADABLE = declare(
    "account_number_unreadable", status=422,
    ja="口座番号「{number}」は使えません。数字7桁以内で入力してください(7桁に満たないときは左に0を補います)。",
    en="The account number “{number}” cannot be used. "
       "Type up to 7 digits; shorter ones are filled with zeros on the left.",
)
POSTAL_SYMBOL_UNREADABLE = declare(
    "postal_symbol_unreadable", status=422,
    ja="ゆうちょ銀行の記号「{symbol}」は使えません。1または0で始まり0で終わる5桁の数字(例: 10530)を入力してください。",
    en="The postal symbol “{symbol}” cannot be used. It has 5 digits, begins with 1 or 0 and ends with 0, like 10530.",
)
POSTAL_NUMBER_UNREADABLE = declare(
    "postal_number_unreadable", status=422,
    ja="ゆうちょ銀行の番号「{number}」は使えません。記号が1で始まるときは末尾が1の8桁以内、"
       "0で始まるときは6桁以内の数字を入力してください。",
    en="The postal number “{number}” cannot be used. With a symbol that begins with 1 it has up to 8 digits and ends "
       "with 1; with a symbol that begins with 0 it has up to 6 digits.",
)


class AccountKind(StrEnum):
    """預金種目, by its digit in bank files."""

    ORDINARY = "1"  # 普通
    CURRENT = "2"  # 当座
    SAVINGS = "4"  # 貯蓄
    OTHER = "9"  # その他


@dataclass(frozen=True, slots=True)
class Bank:
    """`code` has four digits; `kana` is bank kana (half-width)."""

    code: str
    name: str
    kana: str


@dataclass(frozen=True, slots=True)
class Branch:
    """`code` has three digits; `kana` is bank kana (half-width)."""

    bank: Bank
    code: str
    name: str
    kana: str


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where money is paid: codes of 4 and 3 digits, a number of 7 digits, the holder in bank kana (up to 30 places).

    `check_account` and `postal_account` make one out of what people type.
    """

    bank: str
    branch: str
    kind: AccountKind
    number: str
    holder: str


_Place = TypeVar("_Place", Bank, Branch)


@cache
def all_banks() -> dict[str, Bank]:
    """Every bank by code."""
    return {code: Bank(code=code, name=entry.name, kana=bank_kana(entry.kana))
            for code, entry in zengin_code.Bank.all.items()}


@cache
def all_branches(bank_code: str) -> dict[str, Branch]:
    """Every branch of a bank by code. Raises Refusal `unknown_bank`."""
    bank = find_bank(bank_code)
    return {code: Branch(bank=bank, code=code, name=entry.name, kana=bank_kana(entry.kana))
            for code, entry in zengin_code.Bank[bank_code].branches.items()}


def find_bank(code: str, *, field: str = "bank") -> Bank:
    """Raises Refusal `unknown_bank`."""
    try:
        return all_banks()[code]
    except KeyError:
        raise UNKNOWN_BANK.refusal(field=field, bank=code[:20]) from None


def find_branch(bank_code: str, code: str, *, field: str = "branch") -> Branch:
    """Raises Refusal `unknown_bank` or `unknown_branch`."""
    branches = all_branches(bank_code) if bank_code in all_banks() else {}
    if code not in branches:
        raise UNKNOWN_BRANCH.refusal(field=field, bank_name=find_bank(bank_code).name, branch=code[:20])
    return branches[code]


def search_banks(text: str) -> tuple[Bank, ...]:
    """Banks whose code begins with the text, or whose name or reading contains it; for a form's suggestions."""
    return _search(text, all_banks().values())


def search_branches(bank_code: str, text: str) -> tuple[Branch, ...]:
    """The same among a bank's branches. Raises Refusal `unknown_bank`."""
    return _search(text, all_branches(bank_code).values())


def check_account(*, bank: str, branch: str, kind: str, number: str, holder: str) -> BankAccount:
    """An account out of what a person typed: full-width digits, short numbers and names in any kana are accepted.

    A holder's name of more than 30 places is cut to the first 30, as banks ask for.
    Raises Refusal: unknown_bank, unknown_branch, account_kind_unknown, account_number_unreadable, kana_…
    """
    place = find_branch(_digits(bank).zfill(4), _digits(branch).zfill(3))
    if kind not in set(AccountKind):
        raise ACCOUNT_KIND_UNKNOWN.refusal(field="kind", kind=kind[:20])
    if not re.fullmatch(r"[0-9]{1,7}", _digits(number)):
        raise ACCOUNT_NUMBER_UNREADABLE.refusal(field="number", number=number[:20])
    return BankAccount(
        bank=place.bank.code, branch=place.code, kind=AccountKind(kind), number=_digits(number).zfill(7),
        holder=fit(bank_kana(holder)),
    )


def postal_account(symbol: str, number: str, *, holder: str) -> BankAccount:
    """The transfer account behind a postal account's 記号 and 番号.

    Rule, as Japan Post Bank explains it to customers on its page 「記号・番号から振込用の店名・預金種目・口座番号を
    調べる」: the branch is the symbol's second and third digit followed by 8 (symbol 1xxx0: an ordinary account, the
    number without its final 1) or by 9 (symbol 0xxx0: a current account, the number as it is); numbers are filled
    with zeros to 7 digits. A check digit between symbol and number (01940-1-…) is no part of either. Savings
    accounts (通常貯蓄貯金) have symbols that begin with 1, too: for those, the bank book's 店番 and 口座番号 go through
    `check_account`.
    Raises Refusal: postal_symbol_unreadable, postal_number_unreadable, unknown_branch, kana_…
    """
    plain, digits = _digits(symbol), _digits(number)
    if not re.fullmatch(r"[01][0-9]{3}0", plain):
        raise POSTAL_SYMBOL_UNREADABLE.refusal(field="symbol", symbol=symbol[:20])
    is_ordinary = plain[0] == "1"
    if not re.fullmatch(r"[0-9]{1,7}1" if is_ordinary else r"[0-9]{1,6}", digits):
        raise POSTAL_NUMBER_UNREADABLE.refusal(field="number", number=number[:20])
    place = find_branch(POSTAL_BANK, plain[1:3] + ("8" if is_ordinary else "9"), field="symbol")
    return BankAccount(
        bank=POSTAL_BANK, branch=place.code, kind=AccountKind.ORDINARY if is_ordinary else AccountKind.CURRENT,
        number=(digits[:-1] if is_ordinary else digits).zfill(7), holder=fit(bank_kana(holder)),
    )


def _search(text: str, places: Iterable[_Place]) -> tuple[_Place, ...]:
    plain = unicodedata.normalize("NFKC", text).strip()
    kana = _reading(plain)
    return tuple(
        place for place in places
        if plain and (place.code.startswith(plain) or plain in unicodedata.normalize("NFKC", place.name)
                      or (kana and kana in place.kana))
    )


def _reading(text: str) -> str:
    """The text in bank kana, or nothing when it is no kana (people type kanji as well)."""
    try:
        return bank_kana(text)
    except Refusal:
        return ""


def _digits(text: str) -> str:
    """Full-width digits made plain; spaces and hyphens, which people put in, left out."""
    return without_gaps(text)
