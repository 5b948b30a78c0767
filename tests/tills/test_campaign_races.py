"""A budget attacked by many payments at once is never a yen over; first shown with the limit taken away."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from msgspec.structs import replace

from meguri.ledger.rules import Posting
from meguri.programmes.operations import CampaignLots
from meguri.programmes.operations import campaigns as granting
from meguri.tills import operations
from tests.programmes.campaigning import campaign
from tests.programmes.vouchers.lived_town import at_once, prove_committed_books
from tests.tills.earning import Earning, found_earning

THREADS, PAYMENTS, CAP = 6, 8, 1_000
"""Each of 48 payments would earn 50 yen: 2,400 in all, against a cap of 1,000."""


@pytest.fixture(autouse=True)
def threads(transactional_db: None) -> Iterator[None]:
    yield
    operations.stop()
    prove_committed_books()


def attack(earning: Earning) -> int:
    """What all payments earned by their own answers. Every thread is a process of its own: own connection, own lots."""

    def work() -> int:
        own = Earning(earning.town, CampaignLots())
        return sum(sum(each.yen for each in own.pay_here(1_000)[1]) for _ in range(PAYMENTS))

    answers = at_once(*(partial(work) for _ in range(THREADS)))
    assert all(isinstance(answer, int) for answer in answers), answers
    return sum(answer for answer in answers if isinstance(answer, int))


def test_a_cap_is_never_a_yen_over() -> None:
    earning = found_earning(
        campaign("five", funded_by="together", limits=[{"of": "campaign", "per": "programme", "yen": CAP}])
    )
    assert attack(earning) == CAP == earning.points() == sum(earning.granted().values())
    assert earning.figures()["five"].caps[0].left_yen == 0


def test_a_fund_is_never_a_yen_over() -> None:
    earning = found_earning(campaign("five"), changes={"funds.0.amount_yen": CAP})
    assert attack(earning) == CAP == earning.points()
    assert earning.funds()["town"].budget.left_yen == 0


def test_without_the_limit_in_the_posting_the_cap_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the same attack with a ceiling that no posting draws on. The test above sees it."""

    def bare(*args: Any, **said: Any) -> list[Any]:
        return [unbound(posting) for posting in real(*args, **said)]

    def unbound(posting: Posting) -> Posting:
        return replace(posting, legs=tuple(replace(leg, limits=()) if leg.credit_lot else leg for leg in posting.legs))

    real = granting._postings
    monkeypatch.setattr(granting, "_postings", bare)
    earning = found_earning(campaign("five", limits=[{"of": "campaign", "per": "programme", "yen": CAP}]))
    assert attack(earning) == THREADS * PAYMENTS * 50 > CAP
