"""What a payment is before the books are asked, and how their answer is told. Nothing here touches a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from meguri.ledger.refunds import REVERSED_IN_PART
from meguri.ledger.rules import INSUFFICIENT, UNKNOWN_LOT, Account, Taken, Verdict
from meguri.ledger.templates import AccountRole
from meguri.programmes.rules import PurseKindView
from meguri.tills.queries import PaymentView, ShopDay
from meguri.tills.rules import CODE_LIFE, CODE_LIFE_MAX, Asked, Quote, ShownPart, payment_of, prepare, quote, refusal_of
from meguri.words.period import Period
from meguri.words.predicate import EVERYTHING
from meguri.words.refusal import Refusal

AT = datetime(2026, 10, 1, 3, 0, tzinfo=UTC)
HOLDER, SHOP = UUID(int=1), UUID(int=2)
TEXTS = ("code", "programme_code", "programme_name_ja", "programme_name_en", "department", "family", "part")
AT_TILL = Asked(1, AT, "clerk:x", SHOP, 1_000, "r1", code_digest=b"\xab" * 32)
AT_PHONE = Asked(1, AT, "resident:x", SHOP, 1_000, "r1", holder=HOLDER)


def purse(name: str = "points", **more: Any) -> PurseKindView:
    values: dict[str, Any] = dict.fromkeys(TEXTS, name) | {"name_ja": name, "name_en": name, "fund_order": ()}
    values |= {"id": uuid4(), "programme": uuid4(), "restriction": EVERYTHING, "tightness": 0, "place": 0}
    return PurseKindView(**values | {"spending": Period(AT, None), "launched_at": AT} | more)


POINTS, VOUCHER, BENEFIT = purse("points"), purse("voucher"), purse("benefit")


def answered(*taken: tuple[int, int], replayed: bool = False) -> Verdict:
    """The books' answer: (lot, yen) as they were taken."""
    return Verdict(UUID(int=9), AT, replayed, tuple(Taken(1, lot, lot, yen) for lot, yen in taken))


def test_a_payment_goes_from_the_wallet_to_the_shop_from_the_lots_that_it_accepts_in_their_order() -> None:
    ready = prepare(AT_TILL, holder=HOLDER, accepted={7: POINTS, 3: VOUCHER, 5: POINTS})
    (leg,) = ready.posting.legs
    assert (leg.debit, leg.credit) == (Account(HOLDER, AccountRole.WALLET), Account(SHOP, AccountRole.SHOP))
    assert (leg.amount, leg.lots, leg.up_to, leg.limits) == (1_000, (7, 3, 5), False, ())
    assert (ready.posting.template, ready.posting.at, ready.posting.by) == ("pay", AT, "clerk:x")
    assert ready.kinds == {7: POINTS, 3: VOUCHER, 5: POINTS}


def test_a_shown_code_is_used_up_by_its_payment_and_a_printed_one_never() -> None:
    shown, printed = (prepare(one, holder=HOLDER, accepted={1: POINTS}).posting for one in (AT_TILL, AT_PHONE))
    assert shown.once == f"code:{'ab' * 32}"
    assert shown.about == {"shop": str(SHOP), "channel": "holder_code"}
    assert (printed.once, printed.about["channel"]) == (None, "merchant_code")
    assert str(HOLDER) not in str(shown.about) + str(printed.about), "never who"


def test_a_tills_number_belongs_to_the_shop_and_a_phones_to_its_holder() -> None:
    assert AT_TILL.key == f"pay:{SHOP}:r1"
    assert AT_PHONE.key == f"pay:{HOLDER}:r1"
    assert replace(AT_TILL, request="r2").key != AT_TILL.key != replace(AT_TILL, shop=HOLDER).key
    assert replace(AT_TILL, amount_yen=5).key == AT_TILL.key, "another amount is for the books to refuse"


@pytest.mark.parametrize(("most", "goes"), [(None, True), (999, False), (1_000, True), (1_001, True)])
def test_a_purse_that_pays_only_small_sums_stays_out_of_large_ones(*, most: int | None, goes: bool) -> None:
    small = purse("small", payment_max_yen=most)
    ready = prepare(AT_TILL, holder=HOLDER, accepted={1: small, 2: POINTS})
    assert (1 in ready.posting.legs[0].lots) is goes
    assert set(ready.kinds) == set(ready.posting.legs[0].lots)


def test_lots_of_one_purse_are_one_part_of_the_answer_in_the_order_they_paid() -> None:
    kinds = {1: VOUCHER, 2: POINTS, 3: VOUCHER}
    told = payment_of(AT_TILL, verdict=answered((1, 300), (2, 50), (3, 650)), kinds=kinds)
    assert told.parts == ((VOUCHER, 950), (POINTS, 50))
    assert (told.id, told.shop, told.amount_yen, told.paid_at, told.repeated) == (UUID(int=9), SHOP, 1_000, AT, False)
    assert payment_of(AT_TILL, verdict=answered((1, 1_000), replayed=True), kinds=kinds).repeated


lots = st.dictionaries(st.integers(1, 9), st.tuples(st.sampled_from([POINTS, VOUCHER, BENEFIT]), st.integers(0, 900)))


@given(lots, st.integers(1, 5_000), st.randoms())
def test_a_quote_walks_the_order_and_never_promises_what_is_not_there(
    held: dict[int, tuple[PurseKindView, int]], yen: int, chance: Any
) -> None:
    order = list(held)
    chance.shuffle(order)
    kinds, yen_of = {n: kind for n, (kind, _) in held.items()}, {n: amount for n, (_, amount) in held.items()}
    ends = {number: AT + timedelta(days=order.index(number)) for number in order}
    told = quote(yen, order=order, held=yen_of, kinds=kinds, ends=ends)
    parts = dict(told.parts)
    assert sum(parts.values()) + told.short_yen == told.amount_yen == yen
    assert told.short_yen == max(0, yen - sum(yen_of.values()))
    assert all(amount > 0 for amount in parts.values())
    assert len(parts) == len(told.parts), "one part for a purse"
    left = yen
    for number in order:  # what stands earlier is used up before anything later is touched
        kind, amount = held[number]
        take = min(left, amount)
        assert parts.get(kind, 0) >= take
        left -= take
    assert_shown_is_paid(told, accepted={number: kinds[number] for number in order})


def assert_shown_is_paid(told: Quote, *, accepted: dict[int, PurseKindView]) -> None:
    """What was quoted is posted part by part, each out of its own kind's lots in the order of the shop."""
    asked = replace(AT_PHONE, amount_yen=told.amount_yen - told.short_yen, shown=told.shown)
    if not asked.shown:
        return
    legs = prepare(asked, holder=HOLDER, accepted=accepted).posting.legs
    assert sum(leg.amount for leg in legs) == asked.amount_yen
    for leg, (kind, yen), until in zip(legs, told.parts, told.ends, strict=True):
        assert (leg.amount, leg.lots) == (yen, tuple(lot for lot, each in accepted.items() if each is kind))
        assert until in {AT + timedelta(days=list(accepted).index(lot)) for lot in leg.lots}


def test_a_part_that_outlived_its_money_is_objected_to_and_one_without_an_end_never() -> None:
    for until, says in ((AT, "split_changed"), (AT + timedelta(seconds=1), None), (None, None)):
        asked = replace(AT_PHONE, shown=(ShownPart(POINTS.id, 1_000, until),))
        objection = prepare(asked, holder=HOLDER, accepted={7: POINTS}).objection
        assert (objection and objection.code) == says
    short = INSUFFICIENT.refusal(available=380, wanted=1_000, limit="wallet")
    assert refusal_of(asked, refused=short).code == "split_changed"


def test_a_quote_leaves_out_what_pays_only_smaller_sums() -> None:
    small = purse("small", payment_max_yen=400)
    told = quote(500, order=[1, 2], held={1: 900, 2: 200}, kinds={1: small, 2: POINTS}, ends={1: None, 2: None})
    assert (told.parts, told.short_yen) == (((POINTS, 200),), 300)


def test_a_quote_takes_nothing_from_what_is_not_in_the_order() -> None:
    told = quote(500, order=[2, 8], held={1: 900, 2: 200}, kinds={1: VOUCHER, 2: POINTS, 8: BENEFIT}, ends={2: None})
    assert (told.parts, told.short_yen) == (((POINTS, 200),), 300)


def test_a_short_purse_is_told_in_the_words_of_the_street() -> None:
    short = refusal_of(AT_TILL, refused=INSUFFICIENT.refusal(available=380, wanted=1_000, limit="wallet"))
    assert (short.code, short.field, short.limit) == ("payment_short", "amount_yen", "wallet")
    assert (short.facts["available"], short.facts["wanted"], short.facts["short"]) == (380, 1_000, 620)
    assert "使えるのは380円です。1,000円のお支払いには620円足りません" in short.sentence("ja")
    assert "380 yen" in short.sentence("en")
    assert "620 yen more" in short.sentence("en")


def test_a_wallet_without_anything_that_this_shop_accepts_is_short_of_everything() -> None:
    short = refusal_of(AT_TILL, refused=UNKNOWN_LOT.refusal())
    assert (short.code, short.facts["available"], short.facts["short"]) == ("payment_short", 0, 1_000)


def test_any_other_refusal_of_the_books_stays_what_it_is() -> None:
    other: Refusal = REVERSED_IN_PART.refusal()
    assert refusal_of(AT_TILL, refused=other) is other


def test_a_code_lives_a_minute_and_never_longer_than_five() -> None:
    assert timedelta(seconds=60) == CODE_LIFE < CODE_LIFE_MAX == timedelta(minutes=5)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_takings_and_what_can_still_be_given_back_are_differences(paid: int, back: int) -> None:
    assert ShopDay(SHOP, AT.date(), 3, paid, 1, back).takings_yen == paid - back
    seen = PaymentView(UUID(int=9), SHOP, AT, paid, (), HOLDER, None, refunded_yen=back)
    assert seen.refundable_yen == paid - back
