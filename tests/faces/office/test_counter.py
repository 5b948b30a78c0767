"""The counter and the desk of payments: cash, receipts, the till counted, and money that was wrong or goes back."""

from __future__ import annotations

from datetime import timedelta
from typing import cast
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.http import HttpResponse
from django.test import Client

from meguri.ledger.operations import set_clock_offset
from meguri.programmes.parts import PaymentWay
from meguri.programmes.vouchers import operations, orders
from meguri.programmes.vouchers import queries as vouchers
from meguri.programmes.vouchers.models import PaymentOrder
from meguri.words.actor import ActorRole
from meguri.words.clock import now
from tests.faces.office.lived import Office, found_office, moment
from tests.faces.office.reading import ACCOUNTANT, address, look, page, send, words
from tests.programmes.builders import VOUCHER, changed
from tests.programmes.vouchers.ordered import payment, told

MAKER, CHECKER = "maker:commerce", "checker:commerce"


@pytest.fixture
def selling(db: None) -> tuple[Office, UUID]:
    """Two winners of two units each; it is 10 October."""
    office = found_office([changed(VOUCHER, {"obtaining.payment": payment(issued_on="early")})])
    sale = office.sale()
    for holder in (office.town.holder, office.town.other):
        office.applied(sale, holder)
    office.drawn(sale)
    set_clock_offset(municipality=office.number, offset=moment(10, 10) - now())
    return office, sale


def won(office: Office, holder: UUID) -> vouchers.ApplicationView:
    return vouchers.applications_of(holder, municipality=office.number)[0]


def sell(office: Office, sale: UUID, clerk: Client, *, holder: UUID) -> HttpResponse:
    return send(clerk, "sale", sale, act="sell", application=won(office, holder).id, units="")


def test_what_a_sale_means_is_said_before_it_is_made(selling: tuple[Office, UUID]) -> None:
    office, sale = selling
    clerk, one = office.browser(MAKER), won(office, office.town.holder)
    whole = words(page(clerk, "sale", sale, number=one.number, units=""))
    for word in ("この内容で売りますか", "まだ何も売っていません", "20,000円", "払った分", "上乗せの分", "6,000円",
                 "26,000円", one.number, "20,000円を受け取って販売する", "現金にもどせません"):  # fmt: skip
        assert word in whole, word
    assert "あとから買えなくなります" not in whole
    part = page(clerk, "sale", sale, number=one.number, units="１")
    assert "当選の残り1口は、あとから買えなくなります" in words(part)
    assert 'name="units" value="1"' in part, "what was read out is what is sold"
    for wrong, said in (("3", "1口から2口まで"), ("0", "1"), ("x", "数")):
        answer = look(clerk, "sale", sale, number=one.number, units=wrong)
        assert answer.status_code == 422, wrong
        assert said in words(answer), wrong
        assert "この内容で売りますか" not in words(answer)
    assert won(office, office.town.holder).state == "won", "nothing was sold by looking"
    assert "この内容で売りますか" not in words(page(office.browser(CHECKER), "sale", sale, number=one.number, units=""))


def test_a_sale_in_cash_ends_at_its_receipt(selling: tuple[Office, UUID]) -> None:
    office, sale = selling
    answer = sell(office, sale, office.browser(MAKER), holder=office.town.holder)
    told = words(answer)
    for word in ("領収書", "2025-000001", "20,000円", "払った分", "上乗せの分", "6,000円", "26,000円", "印刷"):
        assert word in told, word
    given = orders.receipt_of(won(office, office.town.holder).id, municipality=office.number)
    assert given is not None
    for key, status in ((CHECKER, 200), (ACCOUNTANT, 200), ("maker:welfare", 403)):
        assert look(office.browser(key), "receipt", given.id).status_code == status, key


def test_the_till_is_counted_at_the_days_end(selling: tuple[Office, UUID]) -> None:
    office, sale = selling
    clerk = office.browser(MAKER)
    for holder in (office.town.holder, office.town.other):
        sell(office, sale, clerk, holder=holder)
    assert "40,000円" in words(page(clerk, "cash"))
    answer = send(clerk, "cash", act="cash_up", counted_yen="３９，０００", reason="")
    assert answer.status_code == 422
    assert "現金と売上の差が-1,000円あります" in words(answer)
    answer = send(clerk, "cash", act="cash_up", counted_yen="39,000", reason="つり銭の渡し間違い")
    told = words(answer)
    assert "窓口を締めました" in told
    assert "つり銭の渡し間違い" in told
    assert "前に締めてから、窓口の現金は動いていません" in told
    accountant = office.browser(ACCOUNTANT)
    ups = look(accountant, "cash", format="csv", table="cash_ups").content.decode()
    assert "40000,0,0,0,39000,-1000,つり銭の渡し間違い" in ups
    rows = look(accountant, "cash", format="csv", table="receipts").content.decode().splitlines()
    assert len(rows) == 3
    assert "2025-000002" in rows[1]
    assert "20000,6000" in rows[1]
    assert "窓口の現金" in words(page(accountant, "desk"))
    assert "わたしの窓口を締める" not in words(page(accountant, "cash"))


def ordered(office: Office, holder: UUID) -> PaymentOrder:
    by = office.town.actor(ActorRole.RESIDENT, party=holder)
    number = operations.open_order(
        application=won(office, holder).id, way=PaymentWay.SLIP, by=by, at=moment(10, 10)
    )
    return PaymentOrder.objects.get(id=number)


def hear(order: PaymentOrder, office: Office, kind: str, **other: object) -> None:
    at = cast("object", other.pop("at", moment(10, 9)))
    operations.take_notice(
        told(order, kind, **other), provider="test", by=office.system, at=at,  # type: ignore[arg-type]
    )


def test_wrong_payments_ring_on_the_desk_until_somebody_says_what_was_done(selling: tuple[Office, UUID]) -> None:
    office, _ = selling
    checker = office.browser(CHECKER)
    assert "合わない入金" not in words(page(checker, "desk"))
    assert "調べることも、返すお金もありません" in words(page(checker, "payments"))
    order = ordered(office, office.town.holder)
    hear(order, office, "final", amount_yen=15_000)
    hear(order, office, "final", reference="00000000000")
    assert "合わない入金・返すお金(2件)" in words(page(checker, "desk"))
    text = words(page(checker, "payments"))
    for word in ("金額や通貨が違う入金", "15,000 JPY", "20,000", "番号が見つからない入金", "00000000000"):
        assert word in text, word
    assert "記録は承認者がします" in words(page(office.browser(MAKER), "payments"))
    first, second = orders.notices_to_look_into("commerce", municipality=office.number)
    answer = send(checker, "payments", act="looked", notice=first.id, note="")
    assert answer.status_code == 422
    send(checker, "payments", act="looked", notice=first.id, note="代行会社が訂正した")
    send(checker, "payments", act="looked", notice=second.id, note="よその町の分。返した")
    assert "調べることも、返すお金もありません" in words(page(checker, "payments"))


def test_money_that_goes_back_is_recorded_by_a_checker(selling: tuple[Office, UUID]) -> None:
    office, sale = selling
    order = ordered(office, office.town.holder)
    set_clock_offset(municipality=office.number, offset=moment(11, 4) + timedelta(hours=1) - now())
    operations.lapse_unpaid(sale=sale, by=office.officer(CHECKER), at=moment(11, 2))
    hear(order, office, "final", paid_at=moment(11, 3), at=moment(11, 4))
    checker = office.browser(CHECKER)
    text = words(page(checker, "payments"))
    for word in ("返すお金", "20,000円", "支払いの期限を過ぎて", "返金を待っています"):
        assert word in text, word
    assert send(office.browser(MAKER), "payments", act="refunded", order=order.id, note="渡した").status_code == 403
    answer = send(checker, "payments", act="refunded", order=order.id, note="11/6 本人の口座へ振込")
    assert "返金を記録し、本人に知らせました" in words(answer)
    csv = look(checker, "payments", format="csv", table="orders").content.decode()
    assert "返金済み" in csv
    assert address("payments").endswith("/vouchers/payments")


def test_the_counter_sees_a_payment_that_is_under_way(selling: tuple[Office, UUID]) -> None:
    office, sale = selling
    clerk, number = office.browser(MAKER), won(office, office.town.holder).number
    order = ordered(office, office.town.holder)
    told = words(page(clerk, "sale", sale, number=number))
    assert "コンビニエンスストアの払込票: まだ払われていません" in told
    assert "販売の内容を確かめる" in told
    PaymentOrder.objects.filter(id=order.id).update(issued_on="final")
    hear(order, office, "early")
    told = words(page(clerk, "sale", sale, number=number))
    assert "現金は受け取らないでください" in told
    assert "販売の内容を確かめる" not in told
    assert "速報がお店から届いています" in words(sell(office, sale, clerk, holder=office.town.holder))


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_pages_open_in_both_languages(selling: tuple[Office, UUID], lang: str, settings: LazySettings) -> None:
    office, sale = selling
    clerk = office.browser(MAKER)
    sell(office, sale, clerk, holder=office.town.holder)
    hear(ordered(office, office.town.other), office, "final", amount_yen=1)
    given = orders.receipt_of(won(office, office.town.holder).id, municipality=office.number)
    assert given is not None
    said = {
        "payments": page(office.browser(CHECKER), "payments", lang=lang), "cash": page(clerk, "cash", lang=lang),
        "receipt": page(clerk, "receipt", given.id, lang=lang),
    }  # fmt: skip
    expected = {"payments": ("合わない入金", "Is any payment wrong"), "cash": ("現金は売上と", "Does the cash agree"),
                "receipt": ("領収しました", "received the following in cash")}  # fmt: skip
    for name, text in said.items():
        assert expected[name][lang == "en"] in words(text), name
