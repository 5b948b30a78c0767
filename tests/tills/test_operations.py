"""Paying at a till: which purses pay, that it happens once, and every kind refusal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.rules import Account, Leg, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.notices import queries as notices
from meguri.parties import operations as parties
from meguri.parties import queries as shops
from meguri.tills import codes, operations, queries
from meguri.tills.rules import Asked, Payment
from meguri.wallets import operations as wallets
from meguri.words.actor import ActorRole
from meguri.words.clock import JST
from meguri.words.refusal import Refusal
from tests.town import Town


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def shown(town: Town) -> codes.HolderCode:
    return operations.mint_holder_code(by=town.resident, at=town.at, holder=town.holder)[0]


def asked(town: Town, yen: int, *, code: codes.HolderCode | None = None, request: str = "", late_s: int = 0) -> Asked:
    return operations.ask_with_code(
        by=town.at_small_shop, at=town.at + timedelta(seconds=late_s), shop=town.small_shop, code=code or shown(town),
        amount_yen=yen, request=request or str(uuid4()),
    )  # fmt: skip


def told(payment: Payment) -> list[tuple[str, int]]:
    return [(kind.family, yen) for kind, yen in payment.parts]


@pytest.fixture
def rich(town: Town) -> Town:
    """The holder has all three kinds of money."""
    town.give("points", 300)
    town.give("bonus", 500)
    town.give("premium", 3000)
    return town


def test_one_code_spends_the_money_of_three_departments(rich: Town) -> None:
    payment = operations.pay(asked(rich, 3500))
    assert payment.amount_yen == 3500
    assert sum(yen for _, yen in payment.parts) == 3500
    assert {kind.family for kind, _ in payment.parts} == {"voucher", "point", "benefit"}
    held = books.balances([rich.small_shop], AccountRole.SHOP, municipality=rich.municipality)
    assert sum(balance.amount for balance in held) == 3500
    assert all(balance.lot.expires_at is None for balance in held)


def test_money_that_fits_few_shops_is_spent_first_and_elsewhere_not_at_all(rich: Town) -> None:
    small = operations.pay(asked(rich, 100))
    assert small.parts[0][0].tightness == max(rich.kind(code).tightness for code in ("points", "bonus", "premium"))
    code = shown(rich)
    at_large = operations.ask_with_code(
        by=rich.at_large_shop, at=rich.at, shop=rich.large_shop, code=code, amount_yen=100, request="r1"
    )
    assert "point" not in {kind.family for kind, _ in operations.pay(at_large).parts}


def test_the_same_sale_sent_again_is_the_same_payment(rich: Town) -> None:
    sale = asked(rich, 700, request="sale-1")
    first = operations.pay(sale)
    again = operations.pay(replace(sale, at=sale.at + timedelta(minutes=5)))  # the code has run out meanwhile
    assert again.repeated
    assert (again.id, again.parts) == (first.id, first.parts)
    with refused("key_reused"):
        operations.pay(replace(sale, amount_yen=701))


def test_a_code_pays_one_sale_only(rich: Town) -> None:
    code = shown(rich)
    operations.pay(asked(rich, 1_280, code=code))
    for late_s in (0, 90):  # also when its minute is over, the truer word is that it was used
        with refused("code_used_here") as caught:
            operations.pay(asked(rich, 100, code=code, late_s=late_s))
        assert caught.value.facts["amount"] == 1_280
        assert f"{rich.at.astimezone(JST):%H:%M}" in caught.value.sentence("ja")
        elsewhere = replace(asked(rich, 100, code=code, late_s=late_s), shop=rich.large_shop)
        with refused("used_once"):
            operations.pay(elsewhere)


def test_a_refused_payment_uses_no_code_up(rich: Town) -> None:
    code = shown(rich)
    with refused("payment_short") as caught:
        operations.pay(asked(rich, 9_000, code=code))
    assert caught.value.facts["available"] == 3800
    assert caught.value.facts["short"] == 5_200
    assert operations.pay(asked(rich, 3800, code=code)).amount_yen == 3800


def test_codes_that_ran_out_or_never_were(rich: Town) -> None:
    code = shown(rich)
    with refused("code_expired"):
        operations.pay(asked(rich, 100, code=code, late_s=60))
    assert operations.pay(asked(rich, 100, code=code, late_s=59)).amount_yen == 100
    with refused("code_unknown"):
        operations.pay(asked(rich, 100, code=codes.new_holder_code()))


@pytest.mark.parametrize("yen", [0, -1, 1_000_000_000])
def test_amounts_that_no_till_takes(rich: Town, yen: int) -> None:
    with refused("amount_out_of_range"):
        asked(rich, yen)


def test_a_lost_phone_stops_at_once_and_its_money_waits(rich: Town) -> None:
    code = shown(rich)
    officer = rich.actor(ActorRole.OPERATOR)
    wallets.suspend(rich.holder, because="lost phone", by=officer, at=rich.at)
    with refused("wallet_suspended"):
        operations.pay(asked(rich, 100, code=code))
    with refused("wallet_suspended"):
        shown(rich)
    wallets.resume(rich.holder, by=officer)
    assert operations.pay(asked(rich, 100, code=code)).amount_yen == 100


def test_a_suspended_shop_takes_nothing(rich: Town) -> None:
    sale = asked(rich, 100)
    parties.set_shop_status(rich.small_shop, "suspended", by=rich.actor(ActorRole.OPERATOR))
    with refused("shop_not_accepting") as caught:
        operations.pay(sale)
    assert "八百屋まるは" in caught.value.sentence("ja")


def test_a_holder_pays_by_the_shops_printed_code(rich: Town) -> None:
    phone = operations.ask_at_shop(
        by=rich.resident, at=rich.at, holder=rich.holder, shop=rich.small_shop, amount_yen=250, request="tap-1"
    )
    assert operations.pay(phone).amount_yen == 250
    stranger = rich.actor(ActorRole.RESIDENT)
    with refused("not_allowed"):
        operations.ask_at_shop(
            by=stranger, at=rich.at, holder=rich.holder, shop=rich.small_shop, amount_yen=1, request="tap-2"
        )


def test_what_was_shown_pays_or_nothing_does(rich: Town) -> None:
    """Two presses agreed to the same points; whoever comes second is told, and no other money takes their place."""
    quote = operations.quote_payment(
        by=rich.resident, at=rich.at, holder=rich.holder, shop=rich.small_shop, amount_yen=3_700
    )
    first, second = (
        operations.ask_at_shop(
            by=rich.resident, at=rich.at, holder=rich.holder, shop=rich.small_shop, amount_yen=3_700, request=request,
            shown=quote.shown,
        ) for request in ("one", "two")
    )  # fmt: skip
    made = operations.pay(first)
    assert made.parts == quote.parts
    assert operations.pay(first).id == made.id
    rich.give("premium", 5_000)
    with refused("split_changed"):
        operations.pay(second)
    with refused("split_changed"):
        operations.ask_at_shop(
            by=rich.resident, at=rich.at, holder=rich.holder, shop=rich.small_shop, amount_yen=3_600, request="x",
            shown=quote.shown,
        )  # fmt: skip


def test_expired_money_pays_nothing(rich: Town) -> None:
    rich.at = rich.at + timedelta(days=200)
    books_before = books.balances([rich.holder], AccountRole.WALLET, municipality=rich.municipality)
    with refused("payment_short") as caught:
        operations.pay(asked(rich, 1))
    assert caught.value.facts["available"] == 0
    assert books.balances([rich.holder], AccountRole.WALLET, municipality=rich.municipality) == books_before


def test_a_quote_says_what_would_pay_and_what_is_left_for_cash(rich: Town) -> None:
    quote = operations.quote_payment(
        by=rich.resident, at=rich.at, holder=rich.holder, shop=rich.small_shop, amount_yen=5000
    )
    assert (sum(yen for _, yen in quote.parts), quote.short_yen) == (3800, 1200)
    payment = operations.pay(asked(rich, 2000))
    expected = [(kind.code, yen) for kind, yen in quote.parts]
    assert [kind.code for kind, _ in payment.parts] == [code for code, _ in expected][: len(payment.parts)]


def test_a_refund_gives_every_yen_back_to_its_purse_once(rich: Town) -> None:
    before = books.balances([rich.holder], AccountRole.WALLET, municipality=rich.municipality)
    payment = operations.pay(asked(rich, 2000))
    operations.refund_payment(
        by=rich.at_small_shop, at=rich.at, shop=rich.small_shop, payment=payment.id, reason="返品"
    )
    assert books.balances([rich.holder], AccountRole.WALLET, municipality=rich.municipality) == before
    again = operations.refund_payment(
        by=rich.at_small_shop, at=rich.at, shop=rich.small_shop, payment=payment.id, reason="返品"
    )
    assert again.replayed
    with refused("payment_unknown"):
        operations.refund_payment(
            by=rich.at_large_shop, at=rich.at, shop=rich.large_shop, payment=payment.id, reason="another shop's"
        )
    with refused("not_allowed"):
        operations.refund_payment(
            by=rich.at_large_shop, at=rich.at, shop=rich.small_shop, payment=payment.id, reason="another shop's"
        )


def give_back(rich: Town, payment: UUID, yen: int | None = None, *, request: str = "") -> Verdict:
    return operations.refund_payment(
        by=rich.at_small_shop, at=rich.at, shop=rich.small_shop, payment=payment, reason="返品", amount_yen=yen,
        request=request,
    )  # fmt: skip


def test_a_refund_in_part_and_another_and_the_rest(rich: Town) -> None:
    before = books.balances([rich.holder], AccountRole.WALLET, municipality=rich.municipality)
    payment = operations.pay(asked(rich, 2000)).id
    first = give_back(rich, payment, 300, request="part-1")
    assert give_back(rich, payment, 300, request="part-1").posting == first.posting
    give_back(rich, payment, 300, request="part-2")
    seen = queries.payment(payment, municipality=rich.municipality, at=rich.at)
    assert seen is not None
    assert (seen.refunded_yen, seen.refundable_yen, seen.refunded_by, seen.amount_yen) == (600, 1400, None, 2000)
    with refused("refund_exceeds_payment"):
        give_back(rich, payment, 1401, request="part-3")
    rest = give_back(rich, payment)
    assert give_back(rich, payment).posting == rest.posting
    seen = queries.payment(payment, municipality=rich.municipality, at=rich.at)
    assert seen is not None
    assert (seen.refunded_yen, seen.refunded_by) == (2000, rest.posting)
    assert books.balances([rich.holder], AccountRole.WALLET, municipality=rich.municipality) == before
    day = queries.shop_day(rich.small_shop, on=rich.at.date(), municipality=rich.municipality)
    assert (day.payments, day.refunds, day.takings_yen) == (1, 3, 0)
    lines = queries.till_lines(rich.small_shop, municipality=rich.municipality)
    told = [(line.amount_yen, line.refunds, line.in_part) for line in lines]
    assert told == [(-1400, payment, True), (-300, payment, True), (-300, payment, True), (2000, None, False)]


def test_whose_money_came_back_is_told_once_and_nobody_else(rich: Town) -> None:
    payment = operations.pay(asked(rich, 2000)).id
    give_back(rich, payment, 300, request="part-1")
    give_back(rich, payment, 300, request="part-1")
    with refused("refund_exceeds_payment"):
        give_back(rich, payment, 1701, request="part-2")
    give_back(rich, payment)
    give_back(rich, payment)
    inbox = notices.inbox(rich.holder, municipality=rich.municipality)
    told = [each.wording for each in inbox if each.topic == "payment.refunded"]
    assert [(each.title_ja, each.title_en) for each in told] == [
        ("1,700円が返金されました", "1,700 yen came back"), ("300円が返金されました", "300 yen came back"),
    ]  # fmt: skip
    shop = shops.shop(rich.small_shop, municipality=rich.municipality)
    assert shop is not None
    assert told[0].text_ja == f"{shop.name_ja}から1,700円が返金され、払ったときの財布に戻りました。理由:返品"
    assert told[0].text_en.startswith(f"{shop.name_en} gave 1,700 yen back")


def test_a_refund_in_part_needs_its_own_number_and_an_amount(rich: Town) -> None:
    payment = operations.pay(asked(rich, 500)).id
    with refused("refund_number_missing"):
        give_back(rich, payment, 100)
    with refused("amount_out_of_range"):
        give_back(rich, payment, 0, request="part-1")
    with refused("payment_unknown"):
        give_back(rich, uuid4(), 1, request="part-1")
    give_back(rich, payment)
    with refused("already_reversed"):
        give_back(rich, payment, 1, request="part-1")


def test_what_was_on_hold_and_captured_is_given_back_to_the_wallet(rich: Town) -> None:
    before = books.balances([rich.holder], AccountRole.WALLET, municipality=rich.municipality)
    lots = tuple(balance.lot.id for balance in before)
    told: dict[str, Any] = {"municipality": rich.municipality, "at": rich.at, "by": "test", "about": {}}
    hold = ledger.hold(
        holder=rich.holder, yen=700, lots=lots, until=rich.at + timedelta(days=1), key=f"hold:{uuid4()}", **told
    )
    paid = ledger.capture(hold.id, shop=rich.small_shop, yen=600, key=f"capture:{uuid4()}", **told).posting
    seen = queries.payment(paid, municipality=rich.municipality, at=rich.at)
    assert seen is not None
    assert (seen.amount_yen, seen.holder, seen.shop) == (600, rich.holder, rich.small_shop)
    give_back(rich, paid, 100, request="part-1")
    give_back(rich, paid)
    assert books.balances([rich.holder], AccountRole.WALLET, municipality=rich.municipality) == before
    assert queries.shop_day(rich.small_shop, on=rich.at.date(), municipality=rich.municipality).takings_yen == 0


def test_a_shops_day_and_its_last_payments(rich: Town) -> None:
    first = operations.pay(asked(rich, 500))
    operations.pay(asked(rich, 700))
    operations.refund_payment(by=rich.at_small_shop, at=rich.at, shop=rich.small_shop, payment=first.id, reason="x")
    day = queries.shop_day(rich.small_shop, on=rich.at.date(), municipality=rich.municipality)
    assert (day.payments, day.paid_yen, day.refunds, day.refunded_yen, day.takings_yen) == (2, 1200, 1, 500, 700)
    lines = queries.till_lines(rich.small_shop, municipality=rich.municipality)
    assert [(line.is_refund, line.amount_yen) for line in lines] == [(True, -500), (False, 700), (False, 500)]
    seen = queries.payment(first.id, municipality=rich.municipality, at=rich.at)
    assert seen is not None
    assert (seen.amount_yen, seen.holder, seen.refunded_by) == (500, rich.holder, lines[0].posting)


def test_a_page_of_the_tills_list_holds_payments_only(rich: Town) -> None:
    """What settlement takes out of the takings stands on the same account; it must not use up a page's places."""
    made = [operations.pay(asked(rich, yen)).id for yen in (3100, 20, 30)]  # the first is paid by several lots
    takings = Account(rich.small_shop, AccountRole.SHOP)
    for number, held in enumerate(books.balances([rich.small_shop], AccountRole.SHOP, municipality=rich.municipality)):
        leg = Leg(takings, Account(rich.small_shop, AccountRole.PAYABLE), 1, (held.lot.id,))
        settled = Posting(key=f"settle-{number}", template="settle", legs=(leg,), at=rich.at, by="test")
        ledger.post(settled, municipality=rich.municipality)
    seen: list[UUID] = []
    while page := queries.till_lines(
        rich.small_shop, municipality=rich.municipality, limit=1, after=seen[-1] if seen else None
    ):
        assert len(page) == 1
        seen.append(page[0].posting)
    assert seen == made[::-1]
    first = queries.till_lines(rich.small_shop, municipality=rich.municipality)[-1]
    assert (first.posting, first.amount_yen) == (made[0], 3100)
