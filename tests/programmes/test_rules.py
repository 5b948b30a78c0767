"""What tills and grants decide by the rules in force: which money, in which order, until when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.programmes.parts import ExpiresAfter, ExpiresOn, NeverExpires
from meguri.programmes.rules import (
    PurseKindView,
    RulesInForce,
    expires_at,
    is_spendable,
    spend_order,
    tightness,
)
from meguri.programmes.vocabularies import SHOPS
from meguri.words.period import Period
from meguri.words.predicate import EVERYTHING, MissingFact, parse

AT = datetime(2025, 10, 1, 3, 0, tzinfo=UTC)
SMALL: dict[str, object] = {"trade": "58", "area": "中町", "size_class": "small", "floor_area": 40, "street": False,
                            "head_office": True}
LARGE = {**SMALL, "size_class": "large"}
NOT_LARGE = {"kind": "compare", "field": "size_class", "op": "!=", "value": "large"}
IN_TOWN = {"kind": "compare", "field": "area", "op": "==", "value": "中町"}
FUNDS = [UUID(int=number) for number in range(4)]


@dataclass(frozen=True)
class Lot:
    id: int
    fund: UUID | None
    purse_kind: UUID | None
    expires_at: datetime | None = None


def kind(**changes: object) -> PurseKindView:
    where = changes.pop("where", EVERYTHING)
    view = PurseKindView(
        id=uuid4(), code="paid", programme=uuid4(), programme_code="p", programme_name_ja="事業",
        programme_name_en="programme", department="commerce", family="voucher", part="granted", name_ja="財布",
        name_en="purse", restriction=parse(where, SHOPS), tightness=0, place=0, fund_order=(FUNDS[0], FUNDS[1]),
        spending=Period.of_days(date(2025, 9, 1), date(2026, 1, 31)), launched_at=AT,
    )
    return replace(view, **changes)  # type: ignore[arg-type]


def in_force(*kinds: PurseKindView) -> RulesInForce:
    return RulesInForce(municipality=1, version="1", purse_kinds={each.id: each for each in kinds})


def order(lots: list[Lot], *kinds: PurseKindView, shop: dict[str, object] = SMALL, at: datetime = AT) -> list[int]:
    return spend_order(lots, rules=in_force(*kinds), shop_facts=shop, at=at)  # type: ignore[arg-type]


def test_the_tightest_restriction_goes_first_then_the_soonest_expiry() -> None:
    tight, wide = kind(tightness=5_000, where=NOT_LARGE), kind()
    soon, late = AT + timedelta(days=1), AT + timedelta(days=90)
    lots = [Lot(1, FUNDS[0], wide.id, soon), Lot(2, FUNDS[0], tight.id, late), Lot(3, FUNDS[0], tight.id, soon)]
    assert order(lots, tight, wide) == [3, 2, 1]


def test_granted_value_goes_before_paid_value_of_the_same_day() -> None:
    paid, granted = kind(part="paid"), kind(part="granted")
    assert order([Lot(1, FUNDS[0], paid.id), Lot(2, FUNDS[0], granted.id)], paid, granted) == [2, 1]


def test_value_that_never_expires_goes_last() -> None:
    one = kind()
    assert order([Lot(1, FUNDS[0], one.id), Lot(2, FUNDS[0], one.id, AT + timedelta(days=900))], one) == [2, 1]


def test_funds_follow_the_terms_and_strange_funds_come_last() -> None:
    one = kind()
    lots = [Lot(1, FUNDS[3], one.id), Lot(2, FUNDS[1], one.id), Lot(3, FUNDS[0], one.id)]
    assert order(lots, one) == [3, 2, 1]


def test_between_equals_the_place_in_the_document_decides_then_the_lots_number() -> None:
    first, second = kind(place=0), kind(place=1)
    lots = [Lot(1, FUNDS[0], second.id), Lot(3, FUNDS[0], first.id), Lot(2, FUNDS[0], first.id)]
    assert order(lots, first, second) == [2, 3, 1]


def test_a_shop_takes_only_what_its_facts_allow() -> None:
    tight, wide = kind(where=NOT_LARGE, tightness=5_000), kind()
    lots = [Lot(1, FUNDS[0], tight.id), Lot(2, FUNDS[0], wide.id)]
    assert order(lots, tight, wide, shop=LARGE) == [2]
    assert order(lots, tight, wide, shop=SMALL) == [1, 2]


def test_a_missing_fact_refuses_instead_of_skipping() -> None:
    tight = kind(where=NOT_LARGE)
    with pytest.raises(MissingFact):
        order([Lot(1, FUNDS[0], tight.id)], tight, shop={**SMALL, "size_class": None})


def test_a_restriction_nobody_holds_money_of_is_not_even_asked() -> None:
    tight, wide = kind(where=NOT_LARGE), kind()
    assert order([Lot(1, FUNDS[0], wide.id)], tight, wide, shop={}) == [1]


def test_expired_early_late_and_unknown_money_is_left_out() -> None:
    one = kind()
    lots = [
        Lot(1, FUNDS[0], one.id, AT),  # ends at this very moment
        Lot(2, FUNDS[0], one.id, AT + timedelta(microseconds=1)),
        Lot(3, FUNDS[0], uuid4()),
        Lot(4, FUNDS[0], None),
    ]
    assert order(lots, one) == [2]
    assert order([Lot(2, FUNDS[0], one.id)], one, at=AT - timedelta(days=60)) == []
    assert order([Lot(2, FUNDS[0], one.id)], one, at=AT + timedelta(days=200)) == []


def test_the_spending_window_is_half_open() -> None:
    one = kind()
    lot = Lot(1, FUNDS[0], one.id)
    assert one.spending.end is not None
    assert not is_spendable(lot, one, at=one.spending.start - timedelta(microseconds=1))
    assert is_spendable(lot, one, at=one.spending.start)
    assert is_spendable(lot, one, at=one.spending.end - timedelta(microseconds=1))
    assert not is_spendable(lot, one, at=one.spending.end)


moments = st.none() | st.integers(-2, 5).map(lambda days: AT + timedelta(days=days))
views = st.builds(
    lambda tight, part, place, where: kind(tightness=tight, part=part, place=place, where=where),
    st.sampled_from([0, 3_000, 10_000]), st.sampled_from(["paid", "granted"]), st.integers(0, 2),
    st.sampled_from([EVERYTHING, NOT_LARGE, IN_TOWN]),
)


def fund_place(lot: Lot) -> int:
    """Funds that the terms do not name stand behind all others."""
    return min(FUNDS.index(lot.fund or FUNDS[3]), 2)


@given(st.lists(views, min_size=1, max_size=5), st.data())
@settings(deadline=None)
def test_spend_order_is_total_and_never_breaks_a_tie_by_luck(kinds: list[PurseKindView], data: st.DataObject) -> None:
    lots = [
        Lot(number, data.draw(st.sampled_from(FUNDS)), data.draw(st.sampled_from(kinds)).id, data.draw(moments))
        for number in range(data.draw(st.integers(0, 12)))
    ]
    found = order(lots, *kinds)
    assert order(data.draw(st.permutations(lots)), *kinds) == found
    by_id = {lot.id: (lot, next(each for each in kinds if each.id == lot.purse_kind)) for lot in lots}
    assert set(found) == {number for number, (lot, each) in by_id.items() if is_spendable(lot, each, at=AT)}
    for before, after in pairwise(found):
        (left, one), (right, other) = by_id[before], by_id[after]
        assert one.tightness >= other.tightness
        if one.tightness == other.tightness:
            assert (left.expires_at or datetime.max.replace(tzinfo=UTC)) <= (
                right.expires_at or datetime.max.replace(tzinfo=UTC))
            if left.expires_at == right.expires_at:
                assert (one.part, other.part) != ("paid", "granted")
                if one.part == other.part:
                    assert fund_place(left) <= fund_place(right)


def test_a_fixed_day_still_counts() -> None:
    ends = expires_at(ExpiresOn(last_day=date(2026, 1, 31)), obtained_at=AT)
    assert ends == datetime(2026, 1, 31, 15, 0, tzinfo=UTC)  # midnight of 1 February in Japan


def test_relative_expiry_rounds_up_to_the_months_end_unless_the_terms_say_the_day() -> None:
    assert expires_at(ExpiresAfter(months=6), obtained_at=AT) == datetime(2026, 4, 30, 15, 0, tzinfo=UTC)
    to_the_day = ExpiresAfter(months=6, to_the_day=True)
    assert expires_at(to_the_day, obtained_at=AT) == datetime(2026, 4, 1, 15, 0, tzinfo=UTC)


def test_all_value_of_one_month_shares_one_expiry() -> None:
    every = {expires_at(ExpiresAfter(months=3), obtained_at=AT + timedelta(days=day)) for day in range(30)}
    assert len(every) == 1


def test_value_may_never_expire() -> None:
    assert expires_at(NeverExpires(), obtained_at=AT) is None


def test_tightness_is_the_share_of_shops_that_do_not_accept() -> None:
    rule = parse(NOT_LARGE, SHOPS)
    assert tightness(rule, [SMALL, LARGE, SMALL, LARGE]) == 5_000  # type: ignore[list-item]
    assert tightness(rule, [LARGE]) == 10_000  # type: ignore[list-item]
    assert tightness(parse(EVERYTHING, SHOPS), [SMALL, LARGE]) == 0  # type: ignore[list-item]
    assert tightness(rule, []) == 0


def test_a_purse_kind_can_be_a_key() -> None:
    one = kind(where=NOT_LARGE)
    assert {one: 1}[one] == 1
