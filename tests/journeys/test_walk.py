"""The whole way of one resident's money in a real browser: apply, win, buy, pay, refund, settle, bank file, evidence.

Nothing is done behind the pages' back but one thing: the town's clock is moved, as a rehearsed town's may be.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.conf import settings as live_settings
from playwright.sync_api import Browser, BrowserContext, Page

from meguri.ledger.operations import set_clock_offset
from meguri.parties import operations as parties
from meguri.parties import queries
from meguri.settlement.operations import set_paying_account
from meguri.tills import operations as tills
from meguri.vault.rules import Field
from meguri.words.actor import ActorRole
from meguri.words.clock import JST, now
from tests.browsers import running_chromium
from tests.faces.people import browser_of
from tests.town import BEFORE, Town, found_town

SHOTS = os.environ.get("MEGURI_SCREENSHOTS", "")
OWNER_ACCOUNT = {"bank": "0001", "branch": "001", "kind": "ordinary", "number": "7654321", "holder_kana": "マルハ"}


class Walk:
    """The town, the browser, and one context per person."""

    def __init__(self, town: Town, browser: Browser, address: str) -> None:
        self.town, self.browser, self.address = town, browser, address
        self.steps = 0

    def set_clock(self, *moment: int) -> None:
        """Move the town's clock (Asia/Tokyo)."""
        at = datetime(*moment, tzinfo=JST)  # type: ignore[misc,arg-type]
        set_clock_offset(municipality=self.town.municipality, offset=at - now())

    def phone(self) -> BrowserContext:
        """The holder's phone, signed in."""
        context = self.browser.new_context(viewport={"width": 360, "height": 780}, locale="ja-JP")
        cookie = browser_of(self.town, self.town.holder).cookies[live_settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": live_settings.SESSION_COOKIE_NAME, "value": cookie, "url": self.address}])
        return context

    def as_demo_person(self, key: str, *, width: int = 1280) -> Page:
        """Somebody of the roster, entered by one press."""
        page = self.browser.new_context(viewport={"width": width, "height": 900}, locale="ja-JP").new_page()
        page.goto(f"{self.address}/enter/?lang=ja")
        page.locator(f'form[action$="/enter/as/{key}"] button').click()
        page.wait_for_load_state()
        return page

    def go(self, page: Page, path: str) -> None:
        answer = page.goto(f"{self.address}{path}")
        assert answer is not None
        assert answer.status == 200, path
        self.shot(page)

    def shot(self, page: Page) -> None:
        self.steps += 1
        if SHOTS:
            page.screenshot(path=str(Path(SHOTS) / f"walk-{self.steps:02}.png"), full_page=True)


@pytest.fixture
def walk(transactional_db: None, settings: LazySettings, live_server: object) -> Iterator[Walk]:
    town = found_town()
    settings.DEMO, settings.MUNICIPALITY = True, town.municipality
    settings.OFFICIAL_HOST = str(live_server).removeprefix("http://")
    system = town.actor(ActorRole.SYSTEM)
    shop = parties.ShopEntry(
        name_ja="魚源", name_en="Uogen", trade="58", area="minato", size_class="street",
        sealed={Field.NAME: "魚源", Field.KANA: "ウオゲン", Field.BANK_ACCOUNT: OWNER_ACCOUNT},
    )  # fmt: skip
    tills.open_till(parties.register_shop(shop, by=system, at=BEFORE), municipality=town.municipality)
    set_paying_account(
        by=system,
        at=BEFORE,
        payer_code="9900190001",
        payer_name="メグリチヨウ",
        bank="0001",
        branch="001",
        number="1234567",
    )
    with running_chromium() as browser:
        yield Walk(town, browser, str(live_server))
    tills.stop()


def test_one_residents_money_from_application_to_bank_file_and_evidence(walk: Walk) -> None:
    walk.set_clock(2025, 7, 28, 10)
    checker = walk.as_demo_person("commerce-checker")
    sale = open_sale(walk, checker)
    phone = walk.phone().new_page()
    apply(walk, phone, sale, units="2")
    walk.set_clock(2025, 9, 5, 10)
    draw(walk, checker, sale)
    walk.set_clock(2025, 10, 2, 10)
    buy(walk, phone, sale)
    clerk = walk.as_demo_person("clerk", width=360)
    take_payment(walk, phone, clerk, yen="1280")
    take_payment(walk, phone, clerk, yen="700")
    give_back(walk, clerk, "700円")
    walk.set_clock(2025, 10, 16, 9)
    lines = settle_and_download(walk, cutoff="2025-10-16", yen="1280")
    assert len(lines) == 4
    assert all(len(line) == 120 for line in lines)
    assert int(lines[1][80:90]) == 1280
    evidence_shows(walk)


def open_sale(walk: Walk, checker: Page) -> str:
    walk.go(checker, "/office/vouchers/")
    checker.locator("[name=value_named]").first.fill("9月4日の日経平均株価の終値")
    checker.get_by_role("button", name="この販売を開く").first.click()
    checker.wait_for_load_state()
    walk.shot(checker)
    address = checker.locator('a[href*="/office/vouchers/"]').filter(has_text="抽選販売").first.get_attribute("href")
    assert address
    return address.rstrip("/").rpartition("/")[2]


def apply(walk: Walk, phone: Page, sale: str, *, units: str) -> None:
    walk.go(phone, "/wallet/get?lang=ja")
    walk.go(phone, f"/wallet/get/vouchers/{sale}")
    phone.locator("#units").select_option(units)
    phone.get_by_role("button", name="申込みを確かめる").click()
    walk.shot(phone)
    phone.get_by_role("button", name="口を申し込む").click()
    phone.get_by_text("2口を申し込みました").wait_for()
    walk.shot(phone)


def draw(walk: Walk, checker: Page, sale: str) -> None:
    walk.go(checker, f"/office/vouchers/{sale}")
    checker.get_by_role("button", name="申込みを締め切る").click()
    checker.get_by_label("公表された値").fill("42,580.27")
    checker.get_by_role("button", name="抽選する").click()
    checker.wait_for_load_state()
    walk.shot(checker)
    walk.go(checker, f"/public/draws/{sale}?lang=ja")
    assert "一致しました" in checker.content()


def buy(walk: Walk, phone: Page, sale: str) -> None:
    walk.go(phone, f"/wallet/get/vouchers/{sale}?lang=ja")
    phone.get_by_role("button", name="コンビニ").click()
    phone.get_by_role("link", name="架空の店").click()
    phone.get_by_role("button", name="レジで払う").click()
    phone.get_by_text("商品券はもう使えます").wait_for()
    walk.go(phone, "/wallet/")
    assert "26,000" in phone.content()


def take_payment(walk: Walk, phone: Page, clerk: Page, *, yen: str) -> None:
    walk.go(phone, "/wallet/pay")
    shown = phone.locator(".code").first.inner_text()
    digits = "".join(letter for letter in shown if letter.isdigit())[:30]
    walk.go(clerk, "/till/?lang=ja")
    for key in yen:
        clerk.get_by_role("button", name=key, exact=True).click()
    clerk.locator("#code").fill(digits)
    clerk.get_by_role("button", name="受け取る").click()
    clerk.locator("[data-paid]").wait_for()
    walk.shot(clerk)


def give_back(walk: Walk, clerk: Page, shown: str) -> None:
    walk.go(clerk, "/till/day")
    clerk.get_by_role("link", name=shown).first.click()
    clerk.wait_for_load_state()
    clerk.get_by_role("link", name="返").first.click()
    clerk.wait_for_load_state()
    clerk.locator("[name=reason]").first.check()
    clerk.get_by_role("button", name="を返す").click()
    clerk.wait_for_load_state()
    walk.shot(clerk)


def settle_and_download(walk: Walk, *, cutoff: str, yen: str) -> list[bytes]:
    accountant = walk.as_demo_person("accountant")
    walk.go(accountant, "/office/settlement/")
    accountant.locator("[name=cutoff]").fill(cutoff)
    accountant.get_by_role("button", name="試算する").click()
    accountant.get_by_role("button", name="この内容で締める").click()
    accountant.wait_for_load_state()
    walk.shot(accountant)
    run = accountant.url
    treasurer = walk.as_demo_person("treasurer")
    treasurer.goto(run)
    treasurer.locator("[name=confirmed_count]").fill("1")
    treasurer.locator("[name=confirmed_yen]").fill(yen)
    treasurer.get_by_role("button", name="振込を認める").click()
    treasurer.wait_for_load_state()
    walk.shot(treasurer)
    with treasurer.expect_download() as coming:
        treasurer.get_by_role("button", name="振込ファイルを受け取る").click()
    return Path(coming.value.path()).read_bytes().splitlines()


def evidence_shows(walk: Walk) -> None:
    page = walk.browser.new_page()
    walk.go(page, "/?lang=ja")
    assert "26,000円のうち、1,280円" in page.content()
    assert queries.shops(municipality=walk.town.municipality)
    checker = walk.as_demo_person("commerce-checker")
    walk.go(checker, "/office/evidence/")
    assert "1,280" in checker.content()
