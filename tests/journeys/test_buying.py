"""Three winners pay three ways in a real browser: by slip, by card, in cash at a counter that is cashed up."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import LazySettings
from django.conf import settings as live_settings
from playwright.sync_api import Page

from meguri.parties import operations as parties
from meguri.programmes import queries as programmes
from meguri.programmes.vouchers import operations as vouchers
from meguri.programmes.vouchers import queries as vouchers_of
from meguri.programmes.vouchers.models import PaymentOrder
from meguri.tills import operations as tills
from meguri.wallets.operations import open_wallet
from meguri.words.actor import Actor, ActorRole
from tests.browsers import running_chromium
from tests.faces.office.lived import moment
from tests.faces.people import browser_of
from tests.journeys.test_walk import Walk, apply, draw, open_sale
from tests.programmes.builders import VOUCHER, changed
from tests.programmes.vouchers.ordered import payment, told
from tests.town import BEFORE, found_town

SHOTS = os.environ.get("MEGURI_SCREENSHOTS", "")


@pytest.fixture
def walk(transactional_db: None, settings: LazySettings, live_server: object) -> Iterator[Walk]:
    town = found_town([changed(VOUCHER, {"obtaining.payment": payment(issued_on="final")})])
    settings.DEMO, settings.MUNICIPALITY = True, town.municipality
    settings.OFFICIAL_HOST = str(live_server).removeprefix("http://")
    with running_chromium() as browser:
        yield Walk(town, browser, str(live_server))
    tills.stop()


def look(walk: Walk, page: Page, name: str) -> None:
    """A picture; nothing wider than the screen, and nothing that axe finds."""
    page.wait_for_function("document.documentElement !== null && document.readyState === 'complete'")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, name
    found = Axe().run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"buying-{name}.png"), full_page=True)


def phone_of(walk: Walk, holder: UUID) -> Page:
    context = walk.browser.new_context(viewport={"width": 360, "height": 780}, locale="ja-JP")
    cookie = browser_of(walk.town, holder).cookies[live_settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": live_settings.SESSION_COOKIE_NAME, "value": cookie, "url": walk.address}])
    return context.new_page()


def newcomer(walk: Walk) -> UUID:
    """One more resident, who will come to the counter."""
    system, number = walk.town.actor(ActorRole.SYSTEM), uuid4()
    entry = parties.ResidentEntry(
        birth_date=date(1950, 3, 3), ward="minato", moved_in=date(1990, 1, 1),
        household_number="h9", id=number,
    )  # fmt: skip
    parties.register_residents([entry], by=system, at=BEFORE)
    open_wallet(number, by=system, at=BEFORE)
    return number


def test_a_slip_a_card_and_cash(walk: Walk) -> None:
    walk.set_clock(2025, 7, 28, 10)
    checker = walk.as_demo_person("commerce-checker")
    sale = open_sale(walk, checker)
    at_home, elder = walk.town.holder, newcomer(walk)
    slip, card = phone_of(walk, at_home), phone_of(walk, walk.town.other)
    for phone in (slip, card):
        apply(walk, phone, sale, units="2")
    by = walk.town.actor(ActorRole.RESIDENT, party=elder)
    vouchers.apply(sale=UUID(sale), units=2, by=by, at=moment(8, 1))
    walk.set_clock(2025, 9, 5, 10)
    draw(walk, checker, sale)
    walk.set_clock(2025, 10, 2, 10)
    pay_by_slip(walk, slip, sale)
    pay_by_card(walk, card, sale)
    number = vouchers_of.applications_of(elder, municipality=walk.town.municipality)[0].number
    sell_for_cash(walk, sale, number=number)
    a_wrong_amount_rings(walk, checker, sale)
    funds = programmes.funds(walk.town.municipality)
    assert sum(fund.budget.reserved_yen for fund in funds) == 3 * 26_000


def pay_by_slip(walk: Walk, phone: Page, sale: str) -> None:
    phone.goto(f"{walk.address}/wallet/get/vouchers/{sale}?lang=ja")
    look(walk, phone, "1-ways")
    phone.get_by_role("button", name="コンビニ").click()
    phone.locator(".slip-number").wait_for()
    look(walk, phone, "2-slip")
    phone.get_by_role("link", name="架空の店").click()
    look(walk, phone, "3-invented-shop")
    phone.get_by_role("button", name="レジで払う").click()
    phone.get_by_text("確報は").wait_for()
    look(walk, phone, "4-early")
    phone.get_by_role("link", name="架空の店").click()
    phone.get_by_role("button", name="確報を送る").click()
    phone.get_by_text("お支払いが済みました").wait_for()
    look(walk, phone, "5-paid")
    phone.get_by_role("link", name="財布を見る").click()
    phone.wait_for_load_state()
    assert "26,000" in phone.content()
    look(walk, phone, "6-wallet")


def pay_by_card(walk: Walk, phone: Page, sale: str) -> None:
    phone.goto(f"{walk.address}/wallet/get/vouchers/{sale}?lang=ja")
    phone.get_by_role("button", name="クレジットカード").click()
    phone.wait_for_load_state()
    look(walk, phone, "7-card")
    phone.get_by_role("link", name="架空の店").click()
    phone.wait_for_url("**/pretend*")
    look(walk, phone, "8-invented-card")
    phone.get_by_role("button", name="カードで払う").click()
    phone.get_by_text("お支払いが済みました").wait_for()


def sell_for_cash(walk: Walk, sale: str, *, number: str) -> None:
    clerk = walk.as_demo_person("commerce-maker")
    clerk.goto(f"{walk.address}/office/vouchers/{sale}?lang=ja")
    clerk.locator("#number").fill(number)
    clerk.locator("#number").press("Enter")
    clerk.get_by_role("button", name="販売の内容を確かめる").click()
    clerk.get_by_role("button", name="20,000円を受け取って販売する").click()
    clerk.get_by_text("現金で領収しました").wait_for()
    look(walk, clerk, "9-receipt")
    if SHOTS:
        clerk.emulate_media(media="print")
        clerk.screenshot(path=str(Path(SHOTS) / "buying-9-receipt-print.png"), full_page=True)
        clerk.emulate_media(media="screen")
    clerk.goto(f"{walk.address}/office/vouchers/cash")
    look(walk, clerk, "10-cash")
    clerk.locator("[name=counted_yen]").fill("20000")
    clerk.get_by_role("button", name="締める").click()
    clerk.get_by_text("窓口を締めました").wait_for()
    look(walk, clerk, "11-cashed-up")
    clerk.goto(f"{walk.address}/office/vouchers/payments")
    look(walk, clerk, "12-payments")


def a_wrong_amount_rings(walk: Walk, checker: Page, sale: str) -> None:
    """A notice for another amount: the desk says so first, and who looks into it says what was done."""
    order = PaymentOrder.objects.filter(way="slip").first()
    assert order is not None
    by = Actor(walk.town.municipality, ActorRole.SYSTEM)
    vouchers.take_notice(told(order, "final", amount_yen=2_000), provider="test", by=by, at=moment(10, 2))
    checker.goto(f"{walk.address}/office/?lang=ja")
    checker.get_by_role("link", name="合わない入金").click()
    checker.get_by_text("2,000 JPY").wait_for()
    look(walk, checker, "13-wrong-amount")
    checker.get_by_label("調べてわかったこと").fill("代行会社の入力ちがい。正しい通知は届いている")
    checker.get_by_role("button", name="調べたと記録する").click()
    checker.get_by_text("調べることも、返すお金もありません").wait_for()
    checker.set_viewport_size({"width": 360, "height": 800})
    for page in ("payments", "cash"):
        checker.goto(f"{walk.address}/office/vouchers/{page}?lang=ja")
        look(walk, checker, f"14-{page}-360")
