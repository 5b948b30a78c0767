"""The living path against a plain reckoning, and many payments in one batch against the same one after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from meguri.ledger.rules import Verdict
from meguri.programmes.campaigns import shop_facts_of
from meguri.programmes.parts import MoneyPart
from meguri.tills import operations
from meguri.tills import queries as tills
from meguri.tills.earning import post_and_grant
from meguri.tills.knowledge import TownKnowledge
from meguri.tills.rules import Prepared, prepare
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.programmes.campaign_reckoning import START, Bill, Ledger, Written, bills, documents, tree_of
from tests.programmes.campaigning import campaign
from tests.programmes.vouchers.lived_town import keep_proving, prove_books
from tests.tills.earning import Earning, found_earning

pytestmark = pytest.mark.django_db
FEW = settings(
    max_examples=4, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
"""Each example founds a town: a failing one is told as it is, not made small."""
BORN_1980 = 45
"""How old both residents of the town are on the document's day of judgement."""


@pytest.fixture(autouse=True)
def proving(request: pytest.FixtureRequest, db: None) -> Iterator[None]:
    yield from keep_proving(request)


def shop_of(earning: Earning, bill: Bill) -> UUID:
    return earning.town.small_shop if bill.shop == "small" else earning.town.large_shop


def holder_of(earning: Earning, bill: Bill) -> UUID:
    return earning.town.holder if bill.who == 1 else earning.town.other


def paid_part(earning: Earning, payment: UUID) -> int:
    town = earning.town
    found = tills.payment(payment, municipality=town.municipality, at=town.at)
    assert found is not None
    return sum(yen for kind, yen in found.parts if kind.part == MoneyPart.PAID)


@FEW
@given(written=documents(), some=st.lists(bills(), min_size=1, max_size=5), fund=st.integers(1, 600),
       above=st.lists(st.tuples(st.sampled_from(["day", "month", "programme"]), st.integers(1, 150)), max_size=2,
                      unique_by=lambda limit: limit[0]))  # fmt: skip
def test_what_comes_with_payments_is_what_plain_reckoning_says(
    written: list[Written], some: list[Bill], fund: int, above: list[tuple[str, int]]
) -> None:
    with transaction.atomic():
        earning = found_earning(
            *(tree_of(each) for each in written), limits=[{"per": per, "yen": yen} for per, yen in above],
            changes={"funds.0.amount_yen": fund},
        )  # fmt: skip
        ledger = Ledger(written, above=above, fund=fund)
        begun = earning.town.at
        for each in some:  # while the money that is paid with is good
            bill = replace(each, at=begun + (each.at - START) % timedelta(days=40))
            earning.town.at = bill.at
            answer, earned = earning.pay_here(
                bill.yen, holder=holder_of(earning, bill), shop=shop_of(earning, bill)
            )
            assert isinstance(answer, Verdict), answer
            who = min(bill.who, 2)
            known = replace(bill, who=who, household=who, age=BORN_1980, paid=paid_part(earning, answer.posting))
            assert {each.code: each.yen for each in earned} == ledger.pay(known), known
            assert all((each.stop is None) == (each.yen == each.wished_yen) for each in earned)
        assert earning.funds()["town"].budget.left_yen == ledger.fund
        prove_books()
        transaction.set_rollback(True)


# --- one batch -------------------------------------------------------------------------------------------------------

Asking = tuple[int, bool, bool]
"""Yen; by the other resident; at the large shop."""


def prepared(earning: Earning, asking: Asking, *, request: str = "", at: datetime | None = None) -> Prepared:
    town = earning.town
    yen, by_other, at_large = asking
    who, shop = town.other if by_other else town.holder, town.large_shop if at_large else town.small_shop
    asked = operations.ask_at_shop(
        by=town.actor(ActorRole.RESIDENT, party=who), at=at or town.at, holder=who, shop=shop, amount_yen=yen,
        request=request or str(uuid4()),
    )  # fmt: skip
    known = TownKnowledge(town.municipality, at=asked.at)
    return prepare(
        asked, holder=who, accepted=known.accepted(shop, at=asked.at), live=known.campaigns(shop, at=asked.at),
        shop_facts=shop_facts_of(known.shops[shop]),
    )  # fmt: skip


def at_once(earning: Earning, batch: Sequence[Prepared]) -> list[dict[str, int] | str]:
    """What each earned; the code of a refusal."""
    answers = post_and_grant(batch, lots=earning.lots, municipality=earning.town.municipality)
    return [
        answer.code if isinstance(answer, Refusal) else {each.code: each.yen for each in earned}
        for answer, earned in answers
    ]  # fmt: skip


CROWD: tuple[dict[str, Any], ...] = (
    campaign("both", counted="all", bands=[{"rate_bp": 700}], funded_by="together", limits=[{"per": "day", "yen": 90}]),
    campaign("shop", counted="all", limits=[{"of": "shop", "per": "day", "yen": 110}]),
    campaign("cap", counted="all", bands=[{"from_yen": 300, "yen": 30}],
             limits=[{"of": "campaign", "per": "programme", "yen": 100}]),
)  # fmt: skip


@FEW
@given(askings=st.lists(st.tuples(st.integers(1, 1_200), st.booleans(), st.booleans()), min_size=2, max_size=6),
       town=st.integers(1, 300), sponsor=st.integers(1, 60))  # fmt: skip
def test_a_batch_gives_what_one_after_another_gives(askings: list[Asking], town: int, sponsor: int) -> None:
    """Where all value earns: a batch posts its payments first, so which purse pays may differ, and what earns not."""
    with transaction.atomic():
        single, many = (
            found_earning(
                *CROWD, limits=[{"per": "month", "yen": 160}],
                changes={"funds.0.amount_yen": town, "funds.1.amount_yen": sponsor},
            )
            for _ in range(2)
        )  # fmt: skip
        alone = [at_once(single, [prepared(single, asking)])[0] for asking in askings]
        together = at_once(many, [prepared(many, asking) for asking in askings])
        assert together == alone
        assert many.granted() == single.granted()
        assert [fund.budget.left_yen for fund in many.funds().values()] == [
            fund.budget.left_yen for fund in single.funds().values()]  # fmt: skip
        prove_books()
        transaction.set_rollback(True)


def test_a_ceiling_is_cut_inside_a_batch() -> None:
    earning = found_earning(campaign("five", limits=[{"per": "day", "yen": 120}]))
    batch = [prepared(earning, (1_000, False, False)) for _ in range(4)]
    assert at_once(earning, batch) == [{"five": 50}, {"five": 50}, {"five": 20}, {"five": 0}]
    assert earning.points() == 120


def test_a_batch_over_midnight_draws_on_two_days() -> None:
    earning = found_earning(campaign("five", limits=[{"per": "day", "yen": 60}]))
    late = earning.town.at.replace(hour=14, minute=59)
    batch = [prepared(earning, (1_000, False, False), at=late + timedelta(minutes=minute)) for minute in (0, 0, 1, 2)]
    assert at_once(earning, batch) == [{"five": 50}, {"five": 10}, {"five": 50}, {"five": 10}]


def test_the_same_request_twice_in_a_batch_earns_once() -> None:
    earning = found_earning(campaign("five"))
    batch = [prepared(earning, (1_000, False, False), request="same") for _ in range(2)]
    assert at_once(earning, batch)[0] == {"five": 50}
    assert earning.points() == 50
    at_once(earning, batch)
    assert earning.points() == 50


def test_one_that_is_refused_leaves_its_ceiling_to_the_others() -> None:
    earning = found_earning(campaign("five", limits=[{"of": "campaign", "per": "day", "yen": 70}]), paid=1_500)
    askings = ((1_000, False, False), (1_200, False, False), (1_000, True, False))
    batch = [prepared(earning, asking) for asking in askings]
    assert at_once(earning, batch) == [{"five": 50}, "insufficient", {"five": 20}]


def test_the_last_yen_of_a_co_funder_are_shared_inside_a_batch() -> None:
    earning = found_earning(campaign("five", funded_by="together"), changes={"funds.1.amount_yen": 18})
    batch = [prepared(earning, (1_000, by_other, False)) for by_other in (False, True, False)]
    first, second, third = at_once(earning, batch)
    assert (first, third) == ({"five": 50}, {"five": 0})
    assert isinstance(second, dict)
    assert sum(earning.granted().values()) == 50 + second["five"]
    assert earning.granted()["sponsor"] == 18
    assert abs(earning.granted()["town"] * 3 - 18 * 7) < 7 + 3
