"""Points with a payment: granted at once and once, bounded by balances, never in its way, back with a refund."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.parties.models import Shop
from meguri.programmes import operations as programmes
from meguri.programmes import queries
from meguri.tills import operations
from meguri.tills import queries as tills
from meguri.tills.earned import earned_of
from meguri.tills.rules import Payment
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.programmes.campaigning import campaign, compare
from tests.programmes.vouchers.lived_town import prove_committed_books
from tests.tills.earning import Earning, found_earning

TOGETHER = {"funded_by": "together"}


@pytest.fixture(autouse=True)
def threads(transactional_db: None) -> Iterator[None]:
    yield
    operations.stop()
    prove_committed_books()


def came(payment: Payment) -> dict[str, int]:
    return {each.code: each.yen for each in payment.earned}


def seen(earning: Earning, payment: Payment) -> tuple[tuple[str, int, str], ...]:
    town = earning.town
    found = tills.payment(payment.id, municipality=town.municipality, at=town.at)
    assert found is not None
    told = earned_of(found, municipality=town.municipality)
    return tuple((each.code, each.yen, each.stop.ja if each.stop else "") for each in told)


def test_points_come_with_the_payment_and_once() -> None:
    earning = found_earning(campaign("five"), campaign("one", bands=[{"yen": 10, "from_yen": 100}]))
    paid = earning.pay(1_000, request="r1")
    assert came(paid) == {"five": 50, "one": 10}
    assert earning.points() == paid.earned_yen == 60
    again = earning.pay(1_000, request="r1")
    assert (again.repeated, again.id, came(again)) == (True, paid.id, came(paid))
    assert earning.points() == 60
    assert seen(earning, paid) == (("five", 50, ""), ("one", 10, ""))
    assert [(each.payments, each.people, each.yen) for each in earning.figures().values()] == [(1, 1, 50), (1, 1, 10)]


def test_without_a_campaign_for_this_shop_the_payment_goes_by_the_poster(monkeypatch: pytest.MonkeyPatch) -> None:
    earning = found_earning(campaign("large", when=compare("size_class", "large")))

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("nothing is left open here")

    monkeypatch.setattr("meguri.tills.paying.post_and_grant", never)
    assert earning.pay(1_000).earned == ()


def test_conditions_of_shop_amount_and_person_are_asked() -> None:
    earning = found_earning(
        campaign("large", when=compare("size_class", "large")),
        campaign("basket", when=compare("amount", 2_000, ">=")),
        campaign("grown", when=compare("age", 40, ">=")),
        campaign("young", when=compare("age", 20, "<")),
    )
    assert came(earning.pay(1_000)) == {"grown": 50}
    assert came(earning.pay(2_000)) == {"basket": 100, "grown": 100}
    assert came(earning.pay(1_000, shop=earning.town.large_shop)) == {"large": 50, "grown": 50}


def test_funders_share_each_grant_and_their_parts_add_up() -> None:
    earning = found_earning(campaign("five", **TOGETHER))
    before = {code: fund.budget.left_yen for code, fund in earning.funds().items()}
    total = sum(earning.pay(yen).earned_yen for yen in (333, 1_017, 999, 20))
    spent = {code: before[code] - fund.budget.left_yen for code, fund in earning.funds().items()}
    assert spent == earning.granted()
    assert sum(spent.values()) == total == earning.points()
    assert abs(spent["sponsor"] * 10 - total * 3) < 10, "three tenths, to the yen"


@pytest.mark.parametrize(("limit", "words"), [
    ({"per": "day", "yen": 70}, "今日のポイントは上限に達しました"),
    ({"per": "month", "yen": 70}, "今月のポイントは上限に達しました"),
    ({"of": "household", "per": "day", "yen": 70}, "ご家族の今日のポイントは上限に達しました"),
    ({"of": "shop", "per": "day", "yen": 70}, "この店の今日のポイントは上限に達しました"),
    ({"of": "area", "per": "month", "yen": 70}, "この地区の今月のポイントは上限に達しました"),
    ({"of": "campaign", "per": "programme", "yen": 70}, "期間全体のポイントは上限に達しました"),
])  # fmt: skip
def test_a_ceiling_cuts_the_last_grant_and_says_so(limit: dict[str, Any], words: str) -> None:
    earning = found_earning(campaign("five", limits=[limit], **TOGETHER))
    assert came(earning.pay(1_000)) == {"five": 50}
    cut = earning.pay(1_000)
    assert came(cut) == {"five": 20}
    done = earning.pay(1_000, request="last")
    assert done.amount_yen == 1_000, "the payment itself is never refused"
    assert came(done) == {"five": 0}
    for payment in (cut, done):
        (only,) = payment.earned
        assert only.stop is not None
        assert words in only.stop.ja
    assert words in seen(earning, done)[0][2]
    assert came(earning.pay(1_000, request="last")) == {"five": 0}
    assert earning.points() == sum(earning.granted().values()) == 70


def test_whose_ceiling_it_is() -> None:
    earning = found_earning(
        campaign("mine", limits=[{"per": "day", "yen": 50}]),
        campaign("ours", limits=[{"of": "campaign", "per": "day", "yen": 50}]),
    )
    earning.pay(1_000)
    assert came(earning.pay(1_000, holder=earning.town.other)) == {"mine": 50, "ours": 0}
    assert earning.figures()["ours"].caps[0].left_yen == 0


def test_shops_of_an_area_share_its_part_and_another_area_has_its_own() -> None:
    earning = found_earning(campaign("five", limits=[
        {"of": "area", "per": "month", "yen": 70}, {"of": "campaign", "per": "programme", "yen": 150},
    ], **TOGETHER))  # fmt: skip
    town = earning.town
    assert came(earning.pay(1_000)) == {"five": 50}
    assert came(earning.pay(1_000, shop=town.large_shop, holder=town.other)) == {"five": 20}, "one area, whoever pays"
    Shop.objects.filter(id=town.large_shop).update(area="yama")
    operations.stop()  # tills that begin anew read where the shop stands
    moved = earning.pay(1_000, shop=town.large_shop)
    assert came(moved) == {"five": 50}, "the other area's part is whole"
    (spent,) = earning.pay(1_000, shop=town.small_shop).earned
    assert spent.yen == 0
    assert spent.stop is not None
    assert "この地区の今月の" in spent.stop.ja
    assert came(earning.pay(2_000, shop=town.large_shop)) == {"five": 20}
    assert earning.points() + earning.points(town.other) == sum(earning.granted().values()) == 140


def test_a_whole_refund_frees_the_part_of_its_area() -> None:
    earning = found_earning(campaign("five", limits=[{"of": "area", "per": "month", "yen": 50}], **TOGETHER))
    paid = earning.pay(1_000)
    assert came(earning.pay(1_000)) == {"five": 0}
    earning.refund(paid.id)
    assert came(earning.pay(1_000, shop=earning.town.large_shop)) == {"five": 50}


def test_a_ceiling_over_all_campaigns_binds_a_person() -> None:
    earning = found_earning(campaign("five"), campaign("six"), limits=[{"per": "day", "yen": 60}])
    assert came(earning.pay(1_000)) == {"five": 50, "six": 10}


def test_a_till_is_not_told_about_a_household() -> None:
    earning = found_earning(campaign("home", limits=[{"of": "household", "per": "day", "yen": 10}]))
    town = earning.town
    code, _ = operations.mint_holder_code(by=town.resident, at=town.at, holder=town.holder)
    asked = operations.ask_with_code(
        by=town.at_small_shop, at=town.at, shop=town.small_shop, code=code, amount_yen=1_000, request="t1"
    )
    (only,) = operations.pay(asked).earned
    assert only.stop is not None
    assert "家族" not in only.stop.ja
    assert "household" not in only.stop.en


def test_when_the_money_ends_payments_go_on_and_with_new_money_points_do() -> None:
    earning = found_earning(campaign("five"), changes={"funds.0.amount_yen": 70})
    assert [earning.pay(1_000).earned_yen for _ in range(3)] == [50, 20, 0]
    (only,) = earning.pay(1_000).earned
    assert only.stop is not None
    assert "予算" in only.stop.ja
    assert earning.funds()["town"].budget.left_yen == 0
    earning.refill("town", 1_000)
    assert earning.pay(1_000).earned_yen == 50, "by itself"


def test_a_funders_cap_ends_it_too() -> None:
    earning = found_earning(campaign("five", **TOGETHER), changes={
        "agreements.0.shares": [{"fund": "town", "share_bp": 5_000, "cap_yen": 30},
                                {"fund": "sponsor", "share_bp": 5_000, "cap_yen": 30}],
    })  # fmt: skip
    assert [earning.pay(1_000).earned_yen for _ in range(2)] == [50, 0]
    assert sum(earning.granted().values()) == 50


def test_a_refused_payment_earns_nothing_beside_one_that_is_made() -> None:
    earning = found_earning(campaign("five"), paid=1_500)
    assert earning.pay(1_000).earned_yen == 50
    with pytest.raises(Refusal, match="payment_short"):
        earning.pay(1_000)
    assert earning.points() == 50


def test_points_earn_no_points_unless_the_document_says_so() -> None:
    earning = found_earning(campaign("paid"), campaign("all", counted="all", bands=[{"rate_bp": 100}]), paid=1_000)
    earning.pay(1_000)
    points = earning.points()
    assert came(earning.pay(points)) in ({}, {"all": points // 100})


def test_a_closed_programme_gives_nothing_more() -> None:
    earning = found_earning(campaign("five"))
    assert earning.pay(1_000).earned_yen == 50
    programmes.close_programme(programme=earning.programme, by=earning.town.checkers["planning"], at=earning.town.at)
    assert earning.pay(1_000).earned == ()


# --- refunds ---------------------------------------------------------------------------------------------------------


def test_a_whole_refund_takes_all_points_back_and_frees_the_ceiling() -> None:
    earning = found_earning(campaign("five", limits=[{"per": "day", "yen": 50}], **TOGETHER))
    paid = earning.pay(1_000)
    earning.refund(paid.id)
    assert earning.points() == earning.debt() == 0
    assert sum(earning.granted().values()) == 0
    assert earning.pay(1_000).earned_yen == 50, "the ceiling is free again"


def test_a_refund_in_part_takes_points_in_proportion() -> None:
    earning = found_earning(campaign("five", **TOGETHER), campaign("one", bands=[{"rate_bp": 100}]))
    paid = earning.pay(1_000)
    for back, left in ((333, 33 + 6), (333, 16 + 3), (334, 0)):
        earning.refund(paid.id, back)
        assert earning.points() == left
    funds = earning.funds()
    assert funds["town"].budget.left_yen == 1_000_000
    assert funds["sponsor"].budget.left_yen == 300_000
    assert set(earning.granted().values()) == {0}


def test_points_that_were_spent_become_a_debt_that_later_points_repay() -> None:
    earning = found_earning(campaign("five"), paid=5_000)
    first = earning.pay(2_000)
    points = earning.points()
    earning.pay(3_000 + points)  # all that is left, points first
    spent_again = earning.points()
    earning.refund(first.id)
    assert earning.points() == max(0, spent_again - points)
    assert earning.debt() == max(0, points - spent_again)
    more = earning.pay(1_000)  # of the 2,000 that came back
    assert more.earned_yen == 50
    assert earning.debt() + 0 == max(0, points - spent_again - 50)


def test_a_refund_sent_again_takes_nothing_more() -> None:
    earning = found_earning(campaign("five"))
    paid, town = earning.pay(1_000), earning.town
    for _ in range(2):
        operations.refund_payment(
            by=town.at_small_shop, at=town.at, shop=town.small_shop, payment=paid.id, reason="x", amount_yen=500,
            request="same",
        )  # fmt: skip
    assert earning.points() == 25


def test_the_figures_and_the_books_agree() -> None:
    earning = found_earning(campaign("five", **TOGETHER))
    payments = [earning.pay(yen) for yen in (1_000, 500, 700)]
    earning.refund(payments[1].id)
    figures = earning.figures()["five"]
    assert (figures.payments, figures.people, figures.yen, figures.back_yen) == (3, 1, 110, 25)
    held = books.balances([earning.town.holder], AccountRole.WALLET, municipality=earning.town.municipality)
    assert sum(each.amount for each in held if each.lot.purse_kind == earning.kind) == 110 - 25


def test_what_is_left_for_me_is_told_before_i_pay() -> None:
    earning = found_earning(campaign("five", limits=[{"per": "day", "yen": 80}]), changes={"funds.0.amount_yen": 100})
    town = earning.town

    def left() -> tuple[int | None, bool]:
        live = queries.campaigns_in_force(town.municipality, town.at)
        (own,) = queries.left_for(town.holder, live, municipality=town.municipality, at=town.at)
        return own.left_yen, own.ended

    assert left() == (80, False)
    earning.pay(1_000)
    assert left() == (30, False)
    earning.pay(1_000, holder=town.other)
    assert left() == (30, True)


def test_the_trial_on_the_books_gives_what_was_given() -> None:
    earning = found_earning(campaign("five", limits=[{"per": "day", "yen": 80}], **TOGETHER))
    for yen in (1_000, 1_000, 500):
        earning.pay(yen)
    town = earning.town
    later = town.at.replace(month=12, day=5)
    by = town.actor(ActorRole.MAKER, department="planning")
    tried = programmes.campaigns_tried(programme=earning.programme, by=by, at=later)
    assert (tried.looked_at, tried.people, tried.shops) == (3, 1, 1)
    assert tried.yen == earning.points() == 80
    assert dict(tried.funds) == earning.granted()
