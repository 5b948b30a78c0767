"""Pure decisions of settlement."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.settlement.banks import AccountKind
from meguri.settlement.rules import (
    FAULTS,
    Activity,
    Due,
    LotYen,
    account_of,
    dues,
    outliers,
    pay_day,
    uncovered,
)
from meguri.words.refusal import Refusal, catalogue

A, B, FUND = UUID(int=1), UUID(int=2), UUID(int=9)


def lot(number: int, yen: int) -> LotYen:
    return LotYen(number, FUND, None, yen)


def test_dues_are_gathered_by_owner_and_leave_out_what_is_not_positive() -> None:
    found = dues([(B, lot(2, 5)), (A, lot(2, 1)), (A, lot(1, 3)), (A, lot(3, 0)), (B, lot(3, -4))])
    assert [(due.owner, due.yen) for due in found] == [(A, 4), (B, 5)]
    assert [part.lot for part in found[0].lots] == [1, 2]
    assert dues([(A, lot(1, 0))]) == ()


def test_what_an_open_payout_speaks_for_is_not_planned_again() -> None:
    due = Due(A, (lot(1, 100), lot(2, 50)))
    assert uncovered(due, {(A, 1): 70, (A, 2): 50, (B, 1): 999}).lots == (lot(1, 30),)
    assert uncovered(due, {}) == due


def test_activity_tells_only_what_is_new() -> None:
    assert Activity(5, 500, 2).less(Activity(3, 200, 1)) == Activity(2, 300, 1)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 6, 8, 3, tzinfo=UTC), date(2026, 6, 9)),  # Monday: Tuesday
        (datetime(2026, 6, 5, 3, tzinfo=UTC), date(2026, 6, 8)),  # Friday: Monday
        (datetime(2026, 6, 5, 16, tzinfo=UTC), date(2026, 6, 8)),  # Saturday in Japan already
        (datetime(2026, 5, 1, 3, tzinfo=UTC), date(2026, 5, 7)),  # before the May holidays, one of them substituted
        (datetime(2026, 12, 30, 3, tzinfo=UTC), date(2027, 1, 4)),  # over the turn of the year
    ],
)
def test_banks_pay_on_the_next_business_day(at: datetime, expected: date) -> None:
    assert pay_day(at) == expected


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([], ()),
        ([46_300_000], ()),  # alone there is nothing to stand out from
        ([100_000] * 462 + [46_300_000], (462,)),  # a total paid to one payee
        ([1_000] * 10 + [50_000], ()),  # fifty times the median, but no great sum
        ([900_000, 1_100_000, 1_000_000], ()),
    ],
)
def test_a_payout_far_out_of_its_run_stands_out(amounts: list[int], expected: tuple[int, ...]) -> None:
    assert outliers(amounts) == expected


@given(st.lists(st.integers(1, 10**9), max_size=60))
def test_most_payouts_never_stand_out(amounts: list[int]) -> None:
    assert len(outliers(amounts)) * 2 <= len(amounts)


@pytest.mark.parametrize("kind", ["1", "ordinary", ""])
def test_the_vaults_account_becomes_the_banks(kind: str) -> None:
    sealed = {"bank": "0001", "branch": "001", "kind": kind, "number": "12345", "holder_kana": "ヤマダ ハナコ"}
    account = account_of(sealed)
    assert (account.bank, account.branch, account.kind) == ("0001", "001", AccountKind.ORDINARY)
    assert account.number == "0012345"
    assert account.holder == "ﾔﾏﾀﾞ ﾊﾅｺ"


@pytest.mark.parametrize(
    ("sealed", "code"),
    [
        (None, "bank_account_missing"),
        ({}, "bank_account_missing"),
        ({"bank": "0001", "branch": "001", "number": ""}, "bank_account_missing"),
        ({"bank": "0001", "branch": "999", "number": "1", "holder_kana": "ア"}, "unknown_branch"),
        ({"bank": "4321", "branch": "999", "number": "1", "holder_kana": "ア"}, "unknown_bank"),
        ({"bank": "0001", "branch": "001", "number": "x", "holder_kana": "ア"}, "account_number_unreadable"),
        ({"bank": "0001", "branch": "001", "number": "1", "holder_kana": "漢字"}, "kana_unwritable"),
        ({"bank": "0001", "branch": "001", "number": "1", "holder_kana": ""}, "kana_empty"),
        ({"bank": "0001", "branch": "001", "number": "1", "kind": "gold", "holder_kana": "ア"}, "account_kind_unknown"),
    ],
)
def test_an_account_that_cannot_be_paid_is_refused_by_its_fault(sealed: dict[str, str] | None, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        account_of(sealed)
    assert caught.value.code == code
    assert code in FAULTS


def test_every_fault_is_a_declared_refusal_and_repeats_nothing_sealed() -> None:
    declared = {kind.code for kind in catalogue()}
    assert set(FAULTS) <= declared
    assert not any("{" in text for pair in FAULTS.values() for text in pair)
