"""Paying for a right from the wallet: choosing a way, and every state of a payment in plain words."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.template.loader import render_to_string
from django.test import Client

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.programmes.vouchers import operations, orders
from meguri.programmes.vouchers import queries as vouchers_of
from meguri.programmes.vouchers.orders import OrderView
from tests.faces.office.lived import DEPARTMENTS, LONG_AGO, Office, moment
from tests.faces.people import browser_of
from tests.faces.resident.conftest import seen, turn_clock, words
from tests.programmes.builders import VOUCHER, changed
from tests.programmes.vouchers.ordered import payment
from tests.town import Town, found_town

JAPANESE = re.compile(r"[぀-ヿ一-鿿]")
OWN = re.compile(r"試験町|日本語")


def paying_town(settings: LazySettings, **said: object) -> tuple[Town, Office, UUID]:
    """The holder has won two units and may pay now."""
    from meguri.parties import operations as parties

    town = found_town([changed(VOUCHER, {"obtaining.payment": payment(**said)})])
    office = Office(town)
    for code, (ja, en) in DEPARTMENTS.items():
        parties.open_department(code=code, name_ja=ja, name_en=en, by=office.system, at=LONG_AGO)
    settings.MUNICIPALITY = town.municipality
    sale = office.sale()
    office.applied(sale, town.holder)
    office.drawn(sale)
    turn_clock(town, moment(10, 10))
    return town, office, sale


@pytest.fixture
def paying(db: None, settings: LazySettings) -> tuple[Town, UUID, Client]:
    town, _, sale = paying_town(settings, issued_on="early")
    return town, sale, browser_of(town, town.holder)


def own(town: Town) -> vouchers_of.ApplicationView:
    return vouchers_of.applications_of(town.holder, municipality=town.municipality)[0]


def choose(phone: Client, town: Town, way: str) -> OrderView:
    phone.post(f"/wallet/get/vouchers/way/{own(town).id}", {"way": way})
    return orders.orders_of(own(town).id, municipality=town.municipality)[0]


def press(phone: Client, order: OrderView, kind: str) -> str:
    """At the invented shop; gives what the payment's page says then."""
    answer = phone.post(f"/wallet/get/payments/{order.id}/pretend", {"kind": kind}, follow=True)
    assert answer.status_code == 200
    return words(answer.content.decode())


def test_the_ways_stand_on_the_sales_page_and_the_counter_is_named(paying: tuple[Town, UUID, Client]) -> None:
    _, sale, phone = paying
    told = seen(phone, f"get/vouchers/{sale}")
    for word in ("20,000円の払い方を選んでください", "コンビニ", "クレジットカード", "窓口では、現金で買えます"):
        assert word in told, word
    assert "試しの支払い" not in told


def test_a_slip_from_its_number_to_the_wallet(paying: tuple[Town, UUID, Client]) -> None:
    town, sale, phone = paying
    order = choose(phone, town, "slip")
    told = seen(phone, f"get/payments/{order.id}")
    for word in (order.number, "お支払いください", "20,000円", "払った分", "上乗せの分", "6,000円", "速報が届くと"):
        assert word in told, word
    assert "まだ払われていません" in seen(phone, f"get/vouchers/{sale}")
    told = press(phone, order, "early")
    for word in ("速報が届きました", "もう使えます", "確報は", "財布に入った分"):
        assert word in told, word
    told = press(phone, order, "final")
    assert "お支払いが済みました" in told
    assert "26,000" in seen(phone, "")
    assert choose(phone, town, "card").id == order.id, "bought: there is nothing more to pay"


def test_withdrawn_says_so_and_offers_to_pay_again(paying: tuple[Town, UUID, Client]) -> None:
    town, sale, phone = paying
    order = choose(phone, town, "slip")
    press(phone, order, "early")
    told = press(phone, order, "withdrawn")
    assert "お支払いが取り消されました" in told
    told = seen(phone, f"get/vouchers/{sale}")
    assert "お店が支払いを取り消しました" in told
    assert "払い方を選んでください" in told


def test_what_was_spent_before_a_withdrawal_is_said_to_be_owed(paying: tuple[Town, UUID, Client]) -> None:
    town, _, phone = paying
    order = choose(phone, town, "slip")
    press(phone, order, "early")
    wallet, till = Account(town.holder, AccountRole.WALLET), Account(town.small_shop, AccountRole.SHOP)
    held = books.balances([town.holder], AccountRole.WALLET, municipality=town.municipality)
    leg = Leg(wallet, till, 9_000, tuple(each.lot.id for each in held))
    about = {"shop": str(town.small_shop)}
    ledger.post(
        Posting(key="pay:1", template="pay", legs=(leg,), at=town.at, by="test", about=about),
        municipality=town.municipality,
    )
    press(phone, order, "withdrawn")
    told = seen(phone, "debt")
    for word in ("返していただく分", "9,000円", "お店が支払いを取り消した", "担当課の窓口へ"):
        assert word in told, word
    assert "ポイントから" not in told
    notices = seen(phone, "notices")
    assert "17,000円分をもどしました" in notices
    assert "9,000円分は、お返しいただくお金として残ります" in notices


def test_a_card_goes_to_the_providers_page(paying: tuple[Town, UUID, Client]) -> None:
    town, _, phone = paying
    order = choose(phone, town, "card")
    assert order.number == ""
    assert "カードの番号は、この町のしくみには伝わりません" in seen(phone, f"get/payments/{order.id}")
    assert "お支払いが済みました" in press(phone, order, "final")


def test_a_real_card_provider_that_is_away_is_said_so(
    paying: tuple[Town, UUID, Client], settings: LazySettings
) -> None:
    town, _, phone = paying
    settings.CARD_KEY, settings.CARD_SECRET, settings.CARD_ADDRESS = "sk_test", "whsec", "http://127.0.0.1:9"
    order = choose(phone, town, "card")
    answer = phone.post(f"/wallet/get/payments/{order.id}")
    assert answer.status_code == 503
    assert "お金はいただいていません" in words(answer.content.decode())
    assert phone.get(f"/wallet/get/payments/{order.id}/pretend").status_code == 404, "real money is not pretended"


def test_where_only_the_final_notice_counts_the_buyer_reads_when_it_is_due(db: None, settings: LazySettings) -> None:
    town, office, sale = paying_town(settings, issued_on="final")
    phone = browser_of(town, town.holder)
    order = choose(phone, town, "slip")
    told = press(phone, order, "early")
    assert "確報が届くと、商品券が使えるようになります" in told
    assert "10月15日" in told
    assert "払い方を選んでください" not in seen(phone, f"get/vouchers/{sale}")
    turn_clock(town, moment(11, 1) + timedelta(days=1))
    operations.lapse_unpaid(sale=sale, by=office.officer("checker:commerce"), at=town.at)
    assert "お支払いが済みました" in press(phone, order, "final")


def test_after_the_deadline_the_page_asks_not_to_pay_and_late_money_goes_back(
    paying: tuple[Town, UUID, Client],
) -> None:
    town, _, phone = paying
    order = choose(phone, town, "slip")
    turn_clock(town, moment(11, 2))
    assert "払わないでください" in seen(phone, f"get/payments/{order.id}")
    told = press(phone, order, "final")
    assert "お金をお返しします" in told
    assert "期限を過ぎて" in told


def test_a_real_town_without_a_provider_takes_cash_at_the_counter(paying: tuple[Town, UUID, Client]) -> None:
    _, sale, phone = paying
    page = phone.get(f"/wallet/get/vouchers/{sale}")
    layers = [layer for each in page.context for layer in each.dicts]
    known = {key: value for layer in layers for key, value in layer.items()}
    real = words(render_to_string("resident/sale.html", {**known, "ways": [], "invented_town": False, "order": None}))
    assert "町の窓口で、20,000円を現金でお支払いください" in real
    assert "払って買う" not in real


def test_nobody_sees_or_pays_anothers_order(paying: tuple[Town, UUID, Client]) -> None:
    town, _, phone = paying
    order = choose(phone, town, "slip")
    neighbour = browser_of(town, town.other)
    for path in (f"get/payments/{order.id}", f"get/payments/{order.id}/pretend"):
        assert neighbour.get(f"/wallet/{path}").status_code == 404
        assert neighbour.post(f"/wallet/{path}", {"kind": "final"}).status_code == 404
    assert neighbour.post(f"/wallet/get/vouchers/way/{own(town).id}", {"way": "slip"}).status_code == 404
    assert orders.order(order.id, municipality=town.municipality).state == "open"


def test_a_way_that_is_not_offered_is_refused_on_the_page(paying: tuple[Town, UUID, Client]) -> None:
    town, _, phone = paying
    for way in ("counter", "gold", ""):
        answer = phone.post(f"/wallet/get/vouchers/way/{own(town).id}", {"way": way})
        assert answer.status_code == 422
        assert "使える方法" in words(answer.content.decode())


@pytest.mark.parametrize("kinds", [(), ("early",), ("final",), ("early", "withdrawn")])
def test_every_state_is_said_in_english(paying: tuple[Town, UUID, Client], kinds: tuple[str, ...]) -> None:
    town, sale, phone = paying
    order = choose(phone, town, "slip")
    for kind in kinds:
        press(phone, order, kind)
    for path in (f"get/payments/{order.id}", f"get/payments/{order.id}/pretend", f"get/vouchers/{sale}"):
        page = phone.get(f"/wallet/{path}", {"lang": "en"}).content.decode().split('<main id="main"')[1]
        left = OWN.sub("", words(page.split("</main>")[0]))
        assert not JAPANESE.search(left), (path, JAPANESE.findall(left))


def test_who_moved_up_finds_the_sale_again_after_its_deadline(db: None, settings: LazySettings) -> None:
    from meguri.parties import operations as parties

    town = found_town([
        changed(VOUCHER, {"obtaining.payment": payment(), "obtaining.waiting_list": {"days_to_pay": 10},
                          "obtaining.rounds.0.units": 2}),
    ])  # fmt: skip
    office = Office(town)
    for code, (ja, en) in DEPARTMENTS.items():
        parties.open_department(code=code, name_ja=ja, name_en=en, by=office.system, at=LONG_AGO)
    settings.MUNICIPALITY = town.municipality
    sale = office.sale()
    for holder in (town.holder, town.other):
        office.applied(sale, holder)
    office.drawn(sale)
    turn_clock(town, moment(11, 3))
    operations.lapse_unpaid(sale=sale, by=office.officer("checker:commerce"), at=moment(11, 3))
    moved = next(
        holder for holder in (town.holder, town.other)
        if vouchers_of.applications_of(holder, municipality=town.municipality)[0].state == "won"
    )
    phone = browser_of(town, moved)
    listed, page = seen(phone, "get"), seen(phone, f"get/vouchers/{sale}")
    for word in ("2口 当選しました", "繰上当選です", "11月13日"):
        assert word in listed, word
    for word in ("繰上当選です", "払い方を選んでください", "11月13日"):
        assert word in page, word
    settings.DEMO = True
    desk = office.browser("checker:commerce")
    told = words(desk.get(f"/office/vouchers/{sale}").content.decode())
    assert "繰り上がった人は買いに来ていますか" in told
    assert "繰上当選・未払い" in told
    assert "販売を終える" not in words(desk.get("/office/").content.decode())
