"""What an amendment may do and what it may not: every way of taking has a document that shows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from meguri.programmes import amendments, starting
from meguri.programmes.amendments import Standing, extends
from meguri.programmes.promises import takings
from meguri.programmes.shipped import shipped, templates
from meguri.programmes.terms import ProgrammeTerms, from_tree, to_tree
from tests.programmes.builders import BENEFIT, GONE, POINT, VOUCHER, changed, put
from tests.programmes.test_findings import REWARD, span

TEXT = {"ja": "名", "en": "name"}
SMALL = {"kind": "compare", "field": "size_class", "op": "==", "value": "small"}
EVERYWHERE = {"kind": "all", "of": []}
SHOPS = [
    {"trade": "58", "area": "港", "size_class": size, "floor_area": 90, "street": False, "head_office": True}
    for size in ("small", "large")
]  # fmt: skip
NOTHING = Standing(shops=SHOPS)
HELD = Standing(
    left_yen={"premium": 1_000_000, "town": 500_000}, granted_yen={("together", "sponsor"): 400_000},
    held_until=datetime(2026, 1, 31, 15, tzinfo=UTC), issued=True, shops=SHOPS,
)  # fmt: skip
HELD_POINTS = Standing(
    left_yen={"town": 500_000, "sponsor": 0}, granted_yen={("together", "sponsor"): 400_000},
    held_until=datetime(2026, 3, 31, 15, tzinfo=UTC), issued=True, shops=SHOPS,
)  # fmt: skip
OPENED = Standing(left_yen={"premium": 6_000_000}, opened=frozenset({"first"}), shops=SHOPS)
SECOND = {
    "code": "second", "name": TEXT, "units": 0, "leftovers": True, "allocation": "first_come",
    "purchase": span("2025-11-10", "2025-11-20"),
}  # fmt: skip


def rewarding() -> ProgrammeTerms:
    return changed(POINT, {"obtaining": REWARD, "sources": []})


def by_code() -> ProgrammeTerms:
    window, face = span("2025-10-01", "2025-10-31"), [{"purse": "premium", "yen": 9_000}]
    codes = {"by": "code", "entering": window, "face": face}
    return changed(VOUCHER, {"obtaining": codes, "purses.1": GONE, "funds.1": GONE, "sources": []})


def with_bundle() -> ProgrammeTerms:
    bundle = {"code": "small", "name": TEXT, "price_yen": 1_500, "max_units": 2,
              "face": [{"purse": "paid", "yen": 1_500}, {"purse": "premium", "yen": 500}]}  # fmt: skip
    return changed(VOUCHER, {"obtaining.bundles": [bundle], "obtaining.rounds.0.bundle": "small"})


def shrinking() -> ProgrammeTerms:
    return changed(POINT, {"demurrage": {"every_days": 30, "rate_bp": 100}})


def living() -> ProgrammeTerms:
    return changed(POINT, {"expiry": {"kind": "after", "months": 6}})


BEFORE: dict[str, ProgrammeTerms] = {
    **shipped(), "reward": rewarding(), "code": by_code(), "bundle": with_bundle(), "shrinking": shrinking(),
    "after": living(), "giving": changed(POINT, {"gifts": {"outsiders": True}}),
}  # fmt: skip

CASES: list[tuple[str, str, dict[str, Any], Standing, str]] = [
    ("stands_as_launched", VOUCHER, {"scheme.issuer_kind": "chamber"}, NOTHING, "scheme.issuer_kind"),
    ("stands_as_launched", VOUCHER, {"scheme.issuer": TEXT}, NOTHING, "scheme.issuer"),
    ("stands_as_launched", VOUCHER, {"code": "another"}, NOTHING, "code"),
    ("stands_as_launched", VOUCHER, {"evaluation.design": "before_after"}, NOTHING, "evaluation.design"),
    ("stands_as_launched", VOUCHER, {"funds.0.fiscal_year": 2026}, NOTHING, "funds.premium.fiscal_year"),
    ("stands_as_launched", VOUCHER, {"purses.0.part": "paid"}, NOTHING, "purses.premium.part"),
    ("stands_as_launched", POINT, {"obtaining": REWARD}, NOTHING, "obtaining.by"),
    ("stands_as_launched", VOUCHER, {"expiry": {"kind": "never"}}, HELD, "expiry.kind"),
    ("stands_as_launched", VOUCHER, {"refunds.cash_out_refund": TEXT}, HELD, "refunds.cash_out_refund"),
    ("stands_as_launched", VOUCHER, {"eligibility.on": date(2025, 7, 1)}, OPENED, "eligibility.on"),
    ("stands_as_launched", VOUCHER, {"obtaining.max_units": 9}, OPENED, "obtaining.max_units"),
    ("stands_as_launched", VOUCHER, {"obtaining.per": "household"}, OPENED, "obtaining.per"),
    ("stands_as_launched", BENEFIT, {"obtaining.otherwise": "local_money"}, NOTHING, "obtaining.otherwise"),
    ("stands_as_launched", "bundle", {"obtaining.bundles.0.price_yen": 1_600}, OPENED,
     "obtaining.bundles.small.price_yen"),
    ("stands_as_launched", "shrinking", {"demurrage.every_days": 60}, HELD_POINTS, "demurrage.every_days"),
    ("stands_as_launched", "shrinking", {"spending.window.first_day": date(2025, 3, 1)}, HELD_POINTS,
     "spending.window.first_day"),
    ("stands_as_launched", "reward", {"obtaining.purse": "petals", "purses.0.code": "petals"}, NOTHING,
     "obtaining.purse"),
    ("still_needed", VOUCHER, {"funds.0.code": "other"}, NOTHING, "funds.premium"),
    ("still_needed", POINT, {"agreements.0.code": "other"}, NOTHING, "agreements.together"),
    ("still_needed", VOUCHER, {"purses.0.code": "other"}, NOTHING, "purses.premium"),
    ("still_needed", POINT, {"obtaining.actions.0": GONE}, NOTHING, "obtaining.actions.walk"),
    ("still_needed", "reward", {"obtaining.rates.0.code": "other"}, NOTHING, "obtaining.rates.all"),
    ("still_needed", BENEFIT, {"obtaining.choices.0": GONE}, NOTHING, "obtaining.choices"),
    ("still_needed", "bundle", {"obtaining.bundles": []}, OPENED, "obtaining.bundles.small"),
    ("lowered", VOUCHER, {"limits.payment_max_yen": 60_000}, HELD, "limits.payment_max_yen"),
    ("lowered", VOUCHER, {"obtaining.face.1.yen": 2_000}, OPENED, "obtaining.face.premium"),
    ("lowered", POINT, {"obtaining.actions.0.yen": 5}, NOTHING, "obtaining.actions.walk.yen"),
    ("lowered", POINT, {"agreements.0.shares.1.cap_yen": 399_999}, HELD_POINTS,
     "agreements.together.shares.sponsor.cap_yen"),
    ("lowered", "after", {"expiry.months": 5}, HELD_POINTS, "expiry.months"),
    ("lowered", "code", {"obtaining.face.0.yen": 8_000}, NOTHING, "obtaining.face.premium"),
    ("lowered", "reward", {"obtaining.rates.0.rate_bp": 100}, NOTHING, "obtaining.rates.all.rate_bp"),
    ("lowered", BENEFIT, {"obtaining.amounts.0.yen": 1}, NOTHING, "obtaining.amounts[0].yen"),
    ("ends_earlier", VOUCHER, {"spending.window.last_day": date(2026, 1, 30)}, HELD, "spending.window.last_day"),
    ("ends_earlier", VOUCHER, {"refunds.shop_claims_until": date(2026, 3, 14)}, HELD, "refunds.shop_claims_until"),
    ("ends_earlier", "code", {"obtaining.entering": span("2025-10-01", "2025-10-30")}, NOTHING,
     "obtaining.entering.last_day"),
    ("begins_later", BENEFIT, {"obtaining.paid_on": date(2026, 1, 31)}, NOTHING, "obtaining.paid_on"),
    ("ends_earlier", BENEFIT, {"obtaining.choosing.last_day": date(2025, 1, 1)}, NOTHING,
     "obtaining.choosing.last_day"),
    ("begins_later", VOUCHER, {"spending.window.first_day": date(2025, 10, 2)}, HELD, "spending.window.first_day"),
    ("expires_earlier", VOUCHER, {"expiry.last_day": date(2026, 1, 30)}, HELD, "expiry.last_day"),
    ("expires_earlier", VOUCHER, {"expiry.last_day": date(2026, 1, 30)}, OPENED, "expiry.last_day"),
    ("shrinks_more", POINT, {"demurrage": {"every_days": 30, "rate_bp": 1}}, HELD_POINTS, "demurrage"),
    ("shrinks_more", "shrinking", {"demurrage.rate_bp": 101}, HELD_POINTS, "demurrage"),
    ("spent_in_fewer_shops", VOUCHER, {"purses.1.where": SMALL}, HELD, "purses.paid.where"),
    ("buys_less", VOUCHER, {"spending.excluded.9": {"code": "rice", "name": TEXT}}, HELD, "spending.excluded"),
    ("budget_in_use", VOUCHER, {"funds.0.amount_yen": 4_999_999}, HELD, "funds.premium.amount_yen"),
    ("shares_in_use", POINT, {"agreements.0.shares.0.share_bp": 6_000, "agreements.0.shares.1.share_bp": 4_000},
     HELD_POINTS, "agreements.together.shares"),
    ("shares_in_use", POINT, {"agreements.0.shares.1.fund": "third"}, NOTHING, "agreements.together.shares"),
    ("round_opened", VOUCHER, {"obtaining.rounds.0.units": 1_999}, OPENED, "obtaining.rounds.first"),
    ("round_opened", VOUCHER, {"obtaining.rounds.0.purchase.last_day": date(2025, 11, 5)}, OPENED,
     "obtaining.rounds.first"),
    ("ceiling_drawn_on", POINT, {"obtaining.limits.1.yen": 12_000}, HELD_POINTS, "obtaining.limits"),
    ("ceiling_drawn_on", "reward", {"obtaining.limits.0.yen": 2_000}, HELD_POINTS, "obtaining.limits"),
]  # fmt: skip

GROWN_UP = {"kind": "compare", "field": "age", "op": ">=", "value": 18}
GIFTS: list[tuple[str, dict[str, Any], Standing]] = [
    (VOUCHER, {"name.ja": "新しい名", "purpose": TEXT, "goals.0.target": 1, "evaluation.caution": TEXT}, HELD),
    (VOUCHER, {"expiry.last_day": date(2026, 2, 28), "spending.window.last_day": date(2026, 2, 28)}, HELD),
    (VOUCHER, {"refunds.shop_claims_until": date(2026, 3, 30), "refunds.unspent_paid": "refunded"}, HELD),
    (VOUCHER, {"funds.0.amount_yen": 9_000_000, "obtaining.rounds.1": SECOND}, OPENED),
    (VOUCHER, {"funds.0.amount_yen": 5_000_000}, HELD),
    (VOUCHER, {"limits.payment_max_yen": GONE, "limits.transfer_max_yen": 5_000, "spending.excluded.0": GONE}, HELD),
    (VOUCHER, {"gifts": {"days": 7, "step_yen": 500}}, HELD),
    ("giving", {"gifts": GONE}, HELD_POINTS),
    ("giving", {"gifts": {"days": 1, "most_yen": 100, "who": GROWN_UP}}, HELD_POINTS),
    (VOUCHER, {"obtaining.max_units": 9, "obtaining.rounds.0.units": 1_000}, NOTHING),
    (VOUCHER, {"expiry.last_day": date(2025, 12, 31), "spending.window.last_day": date(2025, 12, 31)}, NOTHING),
    (VOUCHER, {"obtaining.rounds.0.name": TEXT}, OPENED),
    (POINT, {"purses.0.where": EVERYWHERE, "obtaining.actions.0.yen": 20}, HELD_POINTS),
    (POINT, {"obtaining.limits.0.yen": 2_000, "obtaining.window.last_day": date(2026, 3, 31)}, HELD_POINTS),
    (POINT, {"agreements.0.shares.1.cap_yen": 400_000, "eligibility.on": date(2025, 5, 1)}, HELD_POINTS),
    ("shrinking", {"demurrage": GONE}, HELD_POINTS),
    ("shrinking", {"demurrage.rate_bp": 50}, HELD_POINTS),
    ("after", {"expiry.months": 9}, HELD_POINTS),
    (BENEFIT, {"obtaining.amounts.0.yen": 99_999}, NOTHING),
    ("reward", {"obtaining.rates.0.rate_bp": 600, "obtaining.limits.0.yen": 2_000}, NOTHING),
]  # fmt: skip


def amended(before: ProgrammeTerms, changes: dict[str, Any]) -> ProgrammeTerms:
    tree = to_tree(before)
    for path, value in changes.items():
        put(tree, path, value)
    return from_tree(tree)


@pytest.mark.parametrize(("code", "name", "changes", "standing", "path"), CASES)
def test_what_takes_is_found_at_its_place(
    code: str, name: str, changes: dict[str, Any], standing: Standing, path: str
) -> None:
    before = BEFORE[name]
    found = takings(before, amended(before, changes), standing=standing)
    assert (code, path) in {(each.code, each.path) for each in found}
    for each in found:
        assert each.is_error
        assert "{" not in each.sentence("ja") + each.sentence("en")


def test_every_way_of_taking_has_a_case() -> None:
    ahead = {starting.SHOPS_AT_RISK.code, starting.EXTENDED_TOO_LATE.code}  # these need a start: `test_starting`
    assert {kind.code for kind in amendments.catalogue()} == {case[0] for case in CASES} | ahead
    with pytest.raises(ValueError, match="twice"):
        amendments.declare_taking("lowered", ja="", en="")


@pytest.mark.parametrize(("name", "changes", "standing"), GIFTS)
def test_what_gives_or_concerns_only_the_days_to_come_is_free(
    name: str, changes: dict[str, Any], standing: Standing
) -> None:
    before = BEFORE[name]
    assert takings(before, amended(before, changes), standing=standing) == ()


@pytest.mark.parametrize("name", sorted(templates()))
def test_a_document_takes_nothing_from_itself(name: str) -> None:
    terms = templates()[name]
    everything = Standing(opened=frozenset({"first"}), issued=True, held_until=datetime(2100, 1, 1, tzinfo=UTC))
    assert takings(terms, terms, standing=everything) == ()


def test_only_a_later_day_for_all_extends_what_was_handed_out() -> None:
    later = changed(VOUCHER, {"expiry.last_day": date(2026, 2, 28)})
    assert extends(shipped()[VOUCHER], later) == date(2026, 2, 28)
    assert extends(later, shipped()[VOUCHER]) is None
    assert extends(living(), amended(living(), {"expiry.months": 12})) is None  # for what comes


def test_an_earlier_day_is_free_again_once_nobody_holds_anything_longer() -> None:
    later = changed(POINT, {"expiry.last_day": date(2026, 5, 31)})
    back = shipped()[POINT]
    assert takings(later, back, standing=HELD_POINTS) == ()  # what is held ends with March, as it did at first
    longer = Standing(issued=True, held_until=datetime(2026, 5, 31, 15, tzinfo=UTC), shops=SHOPS)
    assert [each.code for each in takings(later, back, standing=longer)] == ["expires_earlier"]


LIFTED = changed(POINT, {"obtaining.limits": [{"per": "month", "yen": 1_000}]})
"""The points without their ceiling of 10,000 yen over the whole programme."""


@pytest.mark.parametrize(("yen", "told"), [(500, ["obtaining.limits"]), (20_000, ["obtaining.limits"]), (10_000, [])])
def test_a_ceiling_that_was_lifted_comes_back_as_it_stood_and_never_as_another(yen: int, told: list[str]) -> None:
    """10,000 -> none -> 500 would take in two steps what one step may not."""
    back = changed(POINT, {"obtaining.limits.1.yen": yen})
    since = replace(HELD_POINTS, past=(shipped()[POINT],))
    assert [each.path for each in takings(LIFTED, back, standing=since)] == told
    once_more = replace(HELD_POINTS, past=(LIFTED, LIFTED, shipped()[POINT]))
    assert [each.path for each in takings(LIFTED, back, standing=once_more)] == told, "however often it was lifted"
    assert takings(LIFTED, back, standing=replace(since, issued=False)) == (), "where nobody holds anything"
    assert takings(LIFTED, back, standing=HELD_POINTS) == (), "where there never was one"


def test_an_actions_own_ceiling_is_remembered_as_well() -> None:
    def walk(limits: list[dict[str, Any]]) -> ProgrammeTerms:
        return changed(POINT, {"obtaining.actions.0.limits": limits})

    first, lifted, lower = (walk(each) for each in ([{"per": "programme", "yen": 1_000}], [],
                                                    [{"per": "programme", "yen": 500}]))  # fmt: skip
    since = replace(HELD_POINTS, past=(first,))
    assert takings(first, lifted, standing=HELD_POINTS) == ()
    assert [(each.code, each.path) for each in takings(lifted, lower, standing=since)] == [
        ("ceiling_drawn_on", "obtaining.actions.walk.limits")
    ]
    assert takings(lifted, walk([{"per": "month", "yen": 500}]), standing=since) == (), "a month begins anew"
