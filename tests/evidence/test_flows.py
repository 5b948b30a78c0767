"""A fund's figures out of its flows: which flow counts where, and that the sums always close."""

from __future__ import annotations

from dataclasses import fields
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.evidence.checks import roles_of
from meguri.evidence.flows import Flow, MoneyFigures, by_fund, by_programme, figures
from meguri.ledger.templates import TEMPLATES

FUND, OTHER, PROGRAMME = UUID(int=1), UUID(int=2), UUID(int=9)
MONEY_ROLES = {"appropriation", "cash_received", "fund", "wallet", "shop", "payable", "paid_out", "expired"}


def flow(source: str, target: str, yen: int, *, template: str = "x", fund: UUID = FUND) -> Flow:
    return Flow(fund, PROGRAMME, source, target, template, yen)


def test_a_yen_on_its_way() -> None:
    found = figures([
        flow("appropriation", "fund", 1000), flow("fund", "wallet", 400), flow("cash_received", "wallet", 600),
        flow("wallet", "shop", 500), flow("shop", "payable", 450), flow("payable", "paid_out", 440),
        flow("wallet", "fund", 30, template="expire"), flow("wallet", "expired", 50, template="expire"),
        flow("fund", "payable", 70),
    ])  # fmt: skip
    assert found == MoneyFigures(
        budget_yen=1000, paid_in_yen=600, issued_yen=1000, to_bank_yen=70, spent_yen=500, returned_yen=30, kept_yen=50,
        banked_yen=440,
    )
    assert (found.lapsed_yen, found.unspent_yen, found.left_yen) == (80, 420, 560)
    assert (found.waiting_yen, found.delivered_yen) == (130, 570)


def test_what_shrinks_goes_back_unspent_and_an_undoing_takes_that_back() -> None:
    flows = [flow("fund", "wallet", 1000), flow("wallet", "fund", 12, template="demurrage")]
    found = figures(flows)
    assert (found.issued_yen, found.returned_yen, found.lapsed_yen, found.unspent_yen) == (1000, 12, 12, 988)
    assert figures([*flows, flow("fund", "wallet", 12, template="undo_demurrage")]) == figures(flows[:1])


@pytest.mark.parametrize(
    ("there", "back", "name"),
    [
        (("fund", "wallet"), ("wallet", "fund"), "issued_yen"),
        (("wallet", "shop"), ("shop", "wallet"), "spent_yen"),
        (("payable", "paid_out"), ("paid_out", "payable"), "banked_yen"),
        (("appropriation", "fund"), ("fund", "appropriation"), "budget_yen"),
        (("fund", "payable"), ("payable", "fund"), "to_bank_yen"),
    ],
)
def test_what_is_taken_back_does_not_count(there: tuple[str, str], back: tuple[str, str], name: str) -> None:
    assert getattr(figures([flow(*there, 100), flow(*back, 40)]), name) == 60


def test_passing_on_and_settling_change_nothing() -> None:
    assert figures([flow("wallet", "wallet", 100), flow("shop", "payable", 100)]) == MoneyFigures()


def test_funds_and_programmes_are_kept_apart() -> None:
    flows = [flow("fund", "wallet", 10), flow("fund", "wallet", 5, fund=OTHER)]
    assert {fund: money.issued_yen for fund, money in by_fund(flows).items()} == {FUND: 10, OTHER: 5}
    assert by_programme(flows)[PROGRAMME].issued_yen == 15
    assert by_programme([Flow(FUND, None, "fund", "wallet", "x", 3)])[None].issued_yen == 3


def test_figures_add_up_field_by_field() -> None:
    one = MoneyFigures(budget_yen=1, issued_yen=2, banked_yen=3)
    assert one + one == MoneyFigures(budget_yen=2, issued_yen=4, banked_yen=6)


def test_every_movement_that_a_template_allows_is_accounted_for() -> None:
    """Each lawful leg of money moves exactly the two roles that it joins, by exactly its yen."""
    for template in TEMPLATES.values():
        for source, target in template.legs:
            if {str(source), str(target)} <= MONEY_ROLES:
                found = roles_of(figures([flow(str(source), str(target), 7, template=template.name)]))
                assert found == _expected(str(source), str(target)), template.name


def test_what_is_on_hold_is_not_spent_until_a_shop_has_it() -> None:
    put, took = flow("wallet", "held", 7, template="hold"), flow("held", "shop", 5, template="capture")
    rest = flow("held", "wallet", 2, template="capture")
    assert figures([put]).spent_yen == 0
    assert figures([put, took, rest]).spent_yen == 5


def _expected(source: str, target: str) -> dict[str, int]:
    roles = dict.fromkeys(roles_of(MoneyFigures()), 0)
    for role, sign in ((source, -7), (target, 7)):
        roles["waiting" if role in ("shop", "payable") else role] += sign
    return roles


LAWFUL = [
    (str(source), str(target), template.name)
    for template in TEMPLATES.values() for source, target in template.legs
    if {str(source), str(target)} <= MONEY_ROLES
]  # fmt: skip
FLOWS = st.lists(st.tuples(st.sampled_from(LAWFUL), st.integers(1, 10**9)), max_size=40)


@given(FLOWS)
def test_the_roles_always_add_up_to_nothing(drawn: list[tuple[tuple[str, str, str], int]]) -> None:
    found = figures(flow(source, target, yen, template=template) for (source, target, template), yen in drawn)
    assert sum(roles_of(found).values()) == 0


@given(FLOWS, FLOWS)
def test_adding_figures_is_adding_flows(
    left: list[tuple[tuple[str, str, str], int]], right: list[tuple[tuple[str, str, str], int]]
) -> None:
    def of(drawn: list[tuple[tuple[str, str, str], int]]) -> MoneyFigures:
        return figures(flow(source, target, yen, template=template) for (source, target, template), yen in drawn)

    together = of(left) + of(right)
    assert all(getattr(together, f.name) == getattr(of([*left, *right]), f.name) for f in fields(MoneyFigures))
