"""A fund's own account adds up, whatever moved, and leaves what the figures of the same movements say is left."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.evidence.flows import Flow, figures
from meguri.evidence.fund_accounts import FundAccount, fund_accounts

ONE, TWO = UUID(int=1), UUID(int=2)
MOVES = (
    ("appropriation", "fund", "appropriate"), ("fund", "appropriation", "return_appropriation"),
    ("fund", "wallet", "grant_points"), ("fund", "payable", "pay_benefit"), ("wallet", "fund", "withdraw_points"),
    ("wallet", "fund", "grant_points"), ("wallet", "fund", "expire"), ("fund", "wallet", "undo_expire"),
    ("wallet", "fund", "demurrage"), ("wallet", "shop", "pay"), ("shop", "payable", "settle"),
    ("payable", "paid_out", "pay_out"), ("cash_received", "fund", "repay_debt"), ("wallet", "expired", "expire"),
)  # fmt: skip
FLOWS = st.lists(st.builds(
    lambda move, fund, yen: Flow(fund, None, *move, yen),
    st.sampled_from(MOVES), st.sampled_from([ONE, TWO]), st.integers(1, 10**9),
))  # fmt: skip


def flow(source: str, target: str, template: str, yen: int, *, fund: UUID = ONE) -> Flow:
    return Flow(fund, None, source, target, template, yen)


@given(begin=FLOWS, moved=FLOWS)
def test_what_is_left_is_what_the_books_say_at_both_ends(begin: list[Flow], moved: list[Flow]) -> None:
    end = [*begin, *moved]
    for fund, account in fund_accounts(begin, end).items():
        assert account.opening_yen == figures(each for each in begin if each.fund == fund).left_yen
        assert account.closing_yen == figures(each for each in end if each.fund == fund).left_yen


@given(first=FLOWS, second=FLOWS)
def test_a_month_opens_with_what_the_month_before_left(first: list[Flow], second: list[Flow]) -> None:
    before, after = fund_accounts([], first), fund_accounts(first, [*first, *second])
    assert all(after[fund].opening_yen == account.closing_yen for fund, account in before.items())


@pytest.mark.parametrize(
    ("moved", "line"),
    [
        (("appropriation", "fund", "appropriate"), FundAccount(deposited_yen=7)),
        (("fund", "appropriation", "return_appropriation"), FundAccount(returned_yen=7)),
        (("fund", "wallet", "grant_points"), FundAccount(granted_yen=7)),
        (("fund", "payable", "pay_benefit"), FundAccount(granted_yen=7)),
        (("wallet", "fund", "withdraw_points"), FundAccount(withdrawn_yen=7)),
        (("held", "fund", "withdraw_points"), FundAccount(withdrawn_yen=7)),
        (("wallet", "fund", "expire"), FundAccount(lapsed_yen=7)),
        (("wallet", "fund", "wind_up"), FundAccount(lapsed_yen=7)),
        (("fund", "wallet", "undo_expire"), FundAccount(lapsed_yen=-7)),
    ],
)
def test_each_movement_stands_in_its_line(moved: tuple[str, str, str], line: FundAccount) -> None:
    assert fund_accounts([], [flow(*moved, 7)]) == {ONE: line}


def test_what_people_do_with_the_yen_moves_nothing_in_the_account() -> None:
    granted = flow("fund", "wallet", "grant_points", 10)
    spent = [flow("wallet", "shop", "pay", 4), flow("shop", "payable", "settle", 4), flow("fund", "fund", "reserve", 5)]
    assert fund_accounts([], [granted, *spent]) == fund_accounts([], [granted])
