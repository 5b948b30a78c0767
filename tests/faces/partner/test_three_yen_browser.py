"""The same three yen by hand, each on the screen of whoever has them: company, town, resident, shop, bank, company."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings
from playwright.sync_api import Browser, Page, expect

from meguri.ledger.operations import set_clock_offset
from meguri.parties import operations as parties
from meguri.words.actor import ActorRole
from meguri.words.clock import now
from tests.faces.partner.conftest import Company
from tests.faces.partner.test_browser import opened
from tests.faces.partner.test_three_yen import empty_the_fund, shop_with_bank
from tests.journeys.test_walk import Walk, settle_and_download, take_payment
from tests.town import BEFORE


@pytest.fixture
def walk(company: Company, chromium: Browser, live_server: object, settings: LazySettings) -> Walk:
    town = company.town
    settings.DEMO, settings.MUNICIPALITY = True, town.municipality
    settings.OFFICIAL_HOST = str(live_server).removeprefix("http://")
    system = town.actor(ActorRole.SYSTEM)
    parties.open_department(code="planning", name_ja="企画課", name_en="Planning", by=system, at=BEFORE)
    shop_with_bank(town, at=BEFORE)
    empty_the_fund(company)
    return Walk(town, chromium, str(live_server))


def test_three_yen_are_followed_by_hand(walk: Walk, company: Company) -> None:
    office = opened(walk.browser, walk.address, company.office, width=360, scheme="light")
    announce(walk, office, yen="3")
    record(walk, company)
    walk_and_earn(walk, phone := walk.phone().new_page())
    take_payment(walk, phone, walk.as_demo_person("clerk", width=360), yen="10")
    set_clock_offset(municipality=walk.town.municipality, offset=walk.town.at - now() + timedelta(days=1))
    lines = settle_and_download(walk, cutoff="2025-11-13", yen="10")
    assert int(lines[1][80:90]) == 10
    hand_to_the_bank(walk)
    shop_sees_whose_money_it_was(walk)
    company_sees_where_it_went(walk, office)


def announce(walk: Walk, office: Page, *, yen: str) -> None:
    walk.go(office, "/partner/deposits?lang=ja")
    office.locator("[name=yen]").fill(yen)
    office.locator("[name=due_on]").fill("2025-11-12")
    office.get_by_role("button", name="町に知らせる").click()
    expect(office.get_by_text("入金の予定を町に知らせました")).to_be_visible()
    walk.shot(office)


def record(walk: Walk, company: Company) -> None:
    checker = walk.as_demo_person("planning-checker")
    walk.go(checker, f"/office/sponsors/{company.sponsor}")
    checker.get_by_role("button", name="入金を記録する").click()
    checker.wait_for_load_state()
    walk.shot(checker)


def walk_and_earn(walk: Walk, phone: Page) -> None:
    walk.go(phone, "/wallet/get/actions?lang=ja")
    phone.get_by_role("button", name="しました").click()
    expect(phone.get_by_text("10円分のポイントが入りました")).to_be_visible()
    walk.shot(phone)


def hand_to_the_bank(walk: Walk) -> None:
    treasurer = walk.as_demo_person("treasurer")
    walk.go(treasurer, "/office/settlement/")
    treasurer.locator('a[href*="/office/settlement/"]').filter(has_text="11月").first.click()
    treasurer.get_by_role("button", name="銀行に渡した").click()
    treasurer.wait_for_load_state()
    walk.shot(treasurer)


def shop_sees_whose_money_it_was(walk: Walk) -> None:
    owner = walk.as_demo_person("owner", width=360)
    walk.go(owner, "/till/settlement?lang=ja")
    owner.locator('a[href*="/till/settlement/"]').first.click()
    row = owner.get_by_role("row").filter(has_text="協賛")
    expect(row).to_contain_text("3円")
    expect(owner.get_by_role("row").filter(has_text="ポイント原資(町)")).to_contain_text("7円")
    walk.shot(owner)


def company_sees_where_it_went(walk: Walk, office: Page) -> None:
    walk.go(office, "/partner/statement?month=2025-11&lang=ja")
    row = office.get_by_role("row").filter(has_text="振込まで終わった")
    assert [cell.strip() for cell in row.get_by_role("cell").all_inner_texts()][-1] == "3円"
