"""What is said about a run and a payout on each side of its transfer day."""

from __future__ import annotations

from datetime import date

import pytest

from meguri.settlement.models import PayoutState, RunState
from meguri.settlement.progress import Progress, of_payout, of_run

DAY = date(2026, 6, 9)
BEFORE, AFTER = date(2026, 6, 8), date(2026, 6, 10)


@pytest.mark.parametrize(
    ("state", "today", "said"),
    [
        ("previewed", AFTER, Progress.LOOKED_AT), ("run", BEFORE, Progress.UNAPPROVED),
        ("run", DAY, Progress.OVERDUE), ("run", AFTER, Progress.OVERDUE),
        ("approved", BEFORE, Progress.APPROVED), ("approved", DAY, Progress.LATE), ("approved", AFTER, Progress.LATE),
        ("sent", BEFORE, Progress.WITH_BANK), ("sent", DAY, Progress.PAID), ("sent", AFTER, Progress.PAID),
        ("withdrawn", AFTER, Progress.WITHDRAWN),
    ],
)
def test_a_run(state: str, today: date, said: Progress) -> None:
    assert of_run(state, payouts_count=3, pay_on=DAY, today=today) is said


def test_a_run_that_owes_nobody_waits_for_nobody() -> None:
    for today in (BEFORE, DAY, AFTER):
        assert of_run("run", payouts_count=0, pay_on=DAY, today=today) is Progress.NOTHING


@pytest.mark.parametrize(
    ("state", "today", "said"),
    [
        ("payable", AFTER, Progress.OWED), ("ordered", BEFORE, Progress.APPROVED), ("ordered", DAY, Progress.LATE),
        ("sent", BEFORE, Progress.WITH_BANK), ("sent", DAY, Progress.PAID), ("returned", AFTER, Progress.RETURNED),
        ("carried", AFTER, Progress.CARRIED),
    ],
)
def test_a_payout(state: str, today: date, said: Progress) -> None:
    assert of_payout(state, pay_on=DAY, today=today) is said


def test_only_what_the_bank_has_is_ever_called_paid() -> None:
    paid = {
        *(state for state in RunState if of_run(state, payouts_count=1, pay_on=DAY, today=AFTER) is Progress.PAID),
        *(state for state in PayoutState if of_payout(state, pay_on=DAY, today=AFTER) is Progress.PAID),
    }
    assert paid == {"sent"}


def test_without_a_transfer_day_nothing_is_late_or_paid() -> None:
    assert of_run("run", payouts_count=1, pay_on=None, today=AFTER) is Progress.UNAPPROVED
    assert of_run("approved", payouts_count=1, pay_on=None, today=AFTER) is Progress.APPROVED
    assert of_payout("sent", pay_on=None, today=AFTER) is Progress.WITH_BANK
