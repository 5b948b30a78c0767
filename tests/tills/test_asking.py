"""Before anything is paid: who may show a code, ask, quote and refund; and what a shown code leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from meguri.ledger import operations as ledger
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.tills import codes, operations, queries, tasks
from meguri.tills.models import ShownCode
from meguri.tills.rules import CODE_LIFE, PAYMENT_MAX_YEN
from meguri.wallets import operations as wallets
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.town import Town, found_town


def refused(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as no:
        act()
    return no.value


def points_lot(town: Town) -> int:
    """Points that never expire, as the takings keep them."""
    kind = town.kind("points")
    return ledger.money_lot(
        municipality=town.municipality, fund=kind.fund_order[0], purse_kind=kind.id, expires_at=None
    )


def paid(town: Town, yen: int, *, at: datetime | None = None) -> UUID:
    """A payment written straight into the books, without the tills' thread."""
    fund, lot = town.kind("points").fund_order[0], points_lot(town)
    own = ledger.fund_lot(fund, municipality=town.municipality)
    budget, wallet, shop = (
        Account(owner, role) for owner, role in (
            (fund, AccountRole.FUND), (town.holder, AccountRole.WALLET), (town.small_shop, AccountRole.SHOP)
        )
    )
    granted, spent = Leg(budget, wallet, yen, (own,), credit_lot=lot), Leg(wallet, shop, yen, (lot,))
    for template, leg in (("grant_points", granted), ("pay", spent)):
        posting = Posting(key=str(uuid4()), template=template, legs=(leg,), at=at or town.at, by="test")
        number = ledger.post(posting, municipality=town.municipality).posting
    return number


def test_a_shown_code_is_kept_as_a_digest_for_a_minute(counter: Town) -> None:
    code, until = operations.mint_holder_code(by=counter.resident, at=counter.at, holder=counter.holder)
    row = ShownCode.objects.get()
    assert (bytes(row.digest), row.holder, row.minted_at) == (code.digest, counter.holder, counter.at)
    assert row.expires_at == until == counter.at + CODE_LIFE
    other, _ = operations.mint_holder_code(by=counter.resident, at=counter.at, holder=counter.holder)
    assert other.digits != code.digits
    assert ShownCode.objects.count() == 2, "the screen may be opened twice"


def test_codes_are_forgotten_an_hour_after_they_ran_out(counter: Town) -> None:
    elsewhere = found_town(())
    for town in (counter, elsewhere):
        operations.mint_holder_code(by=town.resident, at=town.at, holder=town.holder)
    out = counter.at + CODE_LIFE
    assert tasks.tidy_codes(municipality=counter.municipality, at=out + tasks.KEPT) == 0
    assert tasks.tidy_codes(municipality=counter.municipality, at=out + tasks.KEPT + timedelta(seconds=1)) == 1
    assert [row.municipality for row in ShownCode.objects.all()] == [elsewhere.municipality]


def test_a_code_that_never_lived_is_refused_by_the_database(counter: Town) -> None:
    operations.mint_holder_code(by=counter.resident, at=counter.at, holder=counter.holder)
    with pytest.raises(IntegrityError, match="a_shown_code_lives_after_it_was_minted"), transaction.atomic():
        ShownCode.objects.update(expires_at=counter.at)


def test_who_has_no_wallet_here_shows_no_code(counter: Town) -> None:
    stranger = uuid4()
    person = counter.actor(ActorRole.RESIDENT, party=stranger)
    no = refused(lambda: operations.mint_holder_code(by=person, at=counter.at, holder=stranger))
    assert (no.code, no.kind.status) == ("wallet_unknown", 404)
    guest = Actor(found_town(()).municipality, ActorRole.RESIDENT, counter.holder)
    assert refused(lambda: operations.mint_holder_code(by=guest, at=counter.at, holder=counter.holder)).code == no.code
    wallets.report_lost_phone(counter.holder, by=counter.resident, at=counter.at)
    stopped = refused(lambda: operations.mint_holder_code(by=counter.resident, at=counter.at, holder=counter.holder))
    assert stopped.code == "wallet_suspended"
    assert "お金は守られています" in stopped.sentence("ja")
    assert "your money is safe" in stopped.sentence("en")
    assert not ShownCode.objects.exists()


SHOP_ROLES = {ActorRole.CLERK, ActorRole.OWNER}


def test_who_may_do_what_at_a_till(counter: Town) -> None:
    """Each role with the right person and the right shop in its hands."""
    payment, code, people = paid(counter, 300), codes.new_holder_code(), {*SHOP_ROLES, ActorRole.RESIDENT}
    here: dict[str, Any] = {"at": counter.at, "shop": counter.small_shop}
    acts: dict[str, tuple[set[ActorRole], Callable[[Actor], object]]] = {
        "mint": ({ActorRole.RESIDENT}, lambda by: operations.mint_holder_code(
            by=by, at=counter.at, holder=counter.holder)),
        "quote": (people, lambda by: operations.quote_payment(by=by, holder=counter.holder, amount_yen=1, **here)),
        "read": (people, lambda by: operations.ask_with_code(by=by, code=code, amount_yen=1, request="r", **here)),
        "tap": (people, lambda by: operations.ask_at_shop(
            by=by, holder=counter.holder, amount_yen=1, request="r", **here)),
        "refund": (SHOP_ROLES, lambda by: operations.refund_payment(by=by, payment=payment, reason="返品", **here)),
    }
    for role in ActorRole:
        by = counter.actor(role, party=counter.holder, shop=counter.small_shop, department="commerce")
        for name, (roles, act) in acts.items():
            if role in roles:
                assert act(by) is not None, name
            else:
                assert refused(lambda act=act, by=by: act(by)).code == "not_allowed", (role, name)  # type: ignore[misc]


def test_a_shops_people_take_and_give_back_at_their_own_shop_only(counter: Town) -> None:
    payment, by = paid(counter, 300), counter.at_large_shop
    asked: dict[str, Any] = {"by": by, "at": counter.at, "shop": counter.small_shop}
    code = codes.new_holder_code()
    for act in (
        lambda: operations.ask_with_code(code=code, amount_yen=1, request="r", **asked),
        lambda: operations.refund_payment(payment=payment, reason="x", **asked),
    ):
        assert refused(act).code == "not_allowed"
    elsewhere = Actor(found_town(()).municipality, ActorRole.CLERK, counter.clerk, shop=counter.small_shop)
    no = refused(lambda: operations.refund_payment(payment=payment, reason="x", **{**asked, "by": elsewhere}))
    assert (no.code, no.field) == ("payment_unknown", "payment"), "another town's clerk finds nothing here"


@pytest.mark.parametrize(("yen", "may"), [(0, False), (1, True), (PAYMENT_MAX_YEN, True), (PAYMENT_MAX_YEN + 1, False)])
def test_the_least_and_the_most_that_a_till_takes(*, yen: int, may: bool, counter: Town) -> None:
    town = counter
    wishes: list[Callable[[], object]] = [
        lambda: operations.ask_with_code(by=town.at_small_shop, at=town.at, shop=town.small_shop,
                                         code=codes.new_holder_code(), amount_yen=yen, request="r"),
        lambda: operations.ask_at_shop(by=town.resident, at=town.at, shop=town.small_shop, holder=town.holder,
                                       amount_yen=yen, request="r"),
        lambda: operations.quote_payment(by=town.resident, at=town.at, shop=town.small_shop, holder=town.holder,
                                         amount_yen=yen),
    ]
    for wish in wishes:
        if may:
            assert wish()
            continue
        no = refused(wish)
        assert (no.code, no.field, no.facts["least"], no.facts["most"]) == (
            "amount_out_of_range", "amount_yen", 1, PAYMENT_MAX_YEN
        )
        assert "1,000,000" in no.sentence("ja")
        assert "1,000,000" in no.sentence("en")


def test_an_unknown_shop_is_no_shop_to_quote_for(counter: Town) -> None:
    no = refused(lambda: operations.quote_payment(
        by=counter.resident, at=counter.at, holder=counter.holder, shop=uuid4(), amount_yen=100
    ))
    assert (no.code, no.field, no.kind.status) == ("shop_not_registered", "shop", 404)
    assert "支払わずに" in no.sentence("ja")
    assert "Do not pay" in no.sentence("en")


def test_a_quote_for_an_empty_wallet_is_all_cash(counter: Town) -> None:
    told = operations.quote_payment(
        by=counter.resident, at=counter.at, holder=counter.holder, shop=counter.small_shop, amount_yen=250
    )
    assert (told.parts, told.short_yen, told.amount_yen) == ((), 250, 250)


def test_what_is_no_payment_is_not_refunded_or_shown_as_one(counter: Town) -> None:
    payment = paid(counter, 40)
    seen = queries.payment(payment, municipality=counter.municipality, at=counter.at)
    assert seen is not None
    assert (seen.amount_yen, seen.holder, seen.shop, seen.refunds, seen.was_held) == (
        40, counter.holder, counter.small_shop, (), False
    )
    assert queries.payment(payment, municipality=counter.municipality + 1, at=counter.at) is None
    back = operations.refund_payment(
        by=counter.at_small_shop, at=counter.at, shop=counter.small_shop, payment=payment, reason="返品"
    )
    assert queries.payment(back.posting, municipality=counter.municipality, at=counter.at) is None, "a refund is none"
    assert queries.payment(uuid4(), municipality=counter.municipality, at=counter.at) is None


def test_refunds_are_told_oldest_first_with_their_reasons(counter: Town) -> None:
    payment = paid(counter, 500)
    reasons = ("返品", "値引き", "あ" * 300)
    for number, (yen, reason) in enumerate(zip((100, 150, None), reasons, strict=True)):
        operations.refund_payment(
            by=counter.at_small_shop, at=counter.at + timedelta(minutes=number), shop=counter.small_shop,
            payment=payment, reason=reason, amount_yen=yen, request="" if yen is None else f"part-{number}",
        )
    seen = queries.payment(payment, municipality=counter.municipality, at=counter.at)
    assert seen is not None
    told = queries.refunds_of(seen, municipality=counter.municipality)
    assert [(refund.amount_yen, refund.reason) for refund in told] == [
        (100, "返品"), (150, "値引き"), (250, "あ" * 200)
    ]
    assert [refund.at for refund in told] == [counter.at + timedelta(minutes=number) for number in range(3)]
    assert (seen.refundable_yen, seen.refundable_parts, seen.refunded_by) == (0, (), told[-1].id)


def test_a_settled_payment_is_not_given_back_from_nothing(counter: Town) -> None:
    """The takings were settled meanwhile; the refusal says what is left of them."""
    payment = paid(counter, 500)
    shop, payable = (Account(counter.small_shop, role) for role in (AccountRole.SHOP, AccountRole.PAYABLE))
    leg = Leg(shop, payable, 480, (points_lot(counter),))
    settled = Posting(key="s", template="settle", legs=(leg,), at=counter.at, by="test")
    ledger.post(settled, municipality=counter.municipality)
    for more in ({}, {"amount_yen": 21, "request": "part-1"}):
        no = refused(lambda more=more: operations.refund_payment(  # type: ignore[misc]
            by=counter.at_small_shop, at=counter.at, shop=counter.small_shop, payment=payment, reason="返品", **more
        ))
        assert (no.code, no.facts["available"]) == ("refund_exceeds_takings", 20)
        assert "20円" in no.sentence("ja")
        assert "20 yen" in no.sentence("en")
    seen = queries.payment(payment, municipality=counter.municipality, at=counter.at)
    assert seen is not None
    assert (seen.refunded_yen, seen.refundable_yen) == (0, 500)


def test_a_shops_day_begins_and_ends_at_midnight_in_japan(counter: Town) -> None:
    midnight = counter.at.replace(hour=15, minute=0)
    for yen, at in ((1, midnight - timedelta(seconds=1)), (20, midnight), (300, midnight + timedelta(hours=23))):
        paid(counter, yen, at=at)
    today = counter.at.date()
    days = [
        queries.shop_day(counter.small_shop, on=today + timedelta(days=n), municipality=counter.municipality)
        for n in (-1, 0, 1, 2)
    ]
    assert [(day.payments, day.paid_yen, day.refunds, day.takings_yen) for day in days] == [
        (0, 0, 0, 0), (1, 1, 0, 1), (2, 320, 0, 320), (0, 0, 0, 0)
    ]
    other = queries.shop_day(counter.large_shop, on=today, municipality=counter.municipality)
    assert (other.shop, other.on, other.payments) == (counter.large_shop, today, 0)


def test_the_tills_list_pages_newest_first(counter: Town) -> None:
    made = [paid(counter, yen) for yen in (10, 20, 30)]
    first = queries.till_lines(counter.small_shop, municipality=counter.municipality, limit=2)
    rest = queries.till_lines(counter.small_shop, municipality=counter.municipality, limit=2, after=first[-1].posting)
    assert [line.posting for line in (*first, *rest)] == made[::-1]
    assert {(line.is_refund, line.in_part, line.refunds) for line in first} == {(False, False, None)}
    assert queries.till_lines(counter.large_shop, municipality=counter.municipality) == ()
    assert queries.till_lines(counter.small_shop, municipality=counter.municipality + 1) == ()
