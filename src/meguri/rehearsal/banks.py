"""Bank accounts: real banks and branches, so that a bank file can be read; invented numbers and holders."""

from __future__ import annotations

from functools import cache
from random import Random

from zengin_code import Bank

from meguri.rehearsal.names import bank_kana
from meguri.rehearsal.town import BankAccount

CODES = {"megabank": range(1, 11), "regional": range(116, 200), "second regional": range(501, 600),
         "shinkin": range(1000, 2000)}  # fmt: skip
"""Ranges of bank codes by kind. source: the zengin-code data."""


@cache
def _codes(kind: str) -> tuple[str, ...]:
    return tuple(code for code in sorted(Bank.all) if int(code) in CODES[kind] and Bank.all[code].branches)


def town_banks(chance: Random) -> list[str]:
    """The six banks that have customers in one town (the mix is a guess)."""
    kinds = ("megabank", "regional", "regional", "second regional", "shinkin", "shinkin")
    return [chance.choice(_codes(kind)) for kind in kinds]


@cache
def _branches(bank: str) -> tuple[str, ...]:
    return tuple(sorted(Bank.all[bank].branches))


def account(chance: Random, *, banks: list[str], holder_kana: str, current: bool = False) -> BankAccount:
    """An account at one of the town's banks."""
    bank = chance.choice(banks)
    return BankAccount(
        bank_code=bank, branch_code=chance.choice(_branches(bank)[:12]), kind="current" if current else "ordinary",
        number=f"{chance.randrange(1, 10_000_000):07d}", holder_kana=bank_kana(holder_kana),
    )  # fmt: skip
