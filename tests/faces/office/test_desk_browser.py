"""The programme desk in a real browser: a document changes, its preview follows, a text is read, checked, submitted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page

from meguri.ledger.operations import set_clock_offset
from meguri.programmes import queries as programmes
from meguri.words.clock import now
from tests.browsers import running_chromium
from tests.faces.office.lived import Office, found_office
from tests.faces.office.test_browser import faults, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
MAKER = "maker:commerce"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as opened:
        yield opened


@pytest.fixture
def town(transactional_db: None) -> Office:
    found = found_office()
    set_clock_offset(municipality=found.number, offset=found.town.at - now())
    return found


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("OFFICE_SHOTS"):
        page.screenshot(path=f"{folder}/desk-{name}.png", full_page=True)


def is_clean(page: Page) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{wide} pixels wider than the screen"
    assert faults(page) == []


@pytest.mark.parametrize("width", [360, 1280])
def test_an_officer_at_the_programme_desk(browser: Browser, live_server: Any, town: Office, width: int) -> None:
    context = browser.new_context(base_url=live_server.url, viewport={"width": width, "height": 800}, locale="ja")
    page = context.new_page()
    page.set_default_timeout(15_000)
    sign_in(page, town, MAKER, url=live_server.url)
    page.goto(reverse("office:programme_new"))
    page.get_by_text("nagoya-2025.toml").click()
    page.get_by_role("button", name="この見本を開く").click()
    ahead = page.locator("#looked")
    ahead.get_by_text("2,000口 × 3,000円").first.wait_for()
    ahead.get_by_role("button", name="年先へ移す").click()
    page.get_by_text("日付と会計年度を1年先へ移しました").wait_for()
    page.get_by_label("事業の記号").fill("walked")
    page.get_by_label("1口で財布に入る額 — プレミアム分").fill("2,000")
    page.get_by_label("発行する口数").fill("2500")
    ahead.get_by_text("2,500口 × 2,000円").first.wait_for()
    shot(page, f"preview-{width}")
    is_clean(page)
    page.get_by_label("発行する口数").fill("9000")
    page.locator("#beside-funds-0-amount_yen").get_by_text("足りません").wait_for()
    shot(page, f"error-{width}")
    is_clean(page)
    page.get_by_label("発行する口数").fill("3000")
    ahead.get_by_text("3,000口 × 2,000円").first.wait_for()
    page.get_by_role("button", name="下書きとして保存する").click()
    page.get_by_text("下書きを保存しました").wait_for()
    found = programmes.programme_by_code("walked", municipality=town.number)
    assert found
    shot(page, f"programme-{width}")
    is_clean(page)
    page.get_by_role("link", name="要綱・案内などの文").click()
    page.get_by_role("link", name="募集案内").click()
    page.get_by_text("12,000円").first.wait_for()
    shot(page, f"text-{width}")
    is_clean(page)
    page.emulate_media(media="print")
    assert page.get_by_role("heading", name="ご案内").is_visible()
    assert not page.get_by_label("直した文", exact=True).is_visible(), "only the text is printed"
    assert not page.get_by_role("heading", name="この文は").is_visible()
    assert not page.get_by_role("link", name="自分の机").first.is_visible()
    shot(page, f"print-{width}")
    page.emulate_media(media="screen")
    edited = "1口10,000円で、13,000円分のお買い物ができます。\n1人5口まで買えます。"
    page.get_by_label("直した文", exact=True).fill(edited)
    page.get_by_role("button", name="文書と合っているか確かめる").click()
    page.get_by_text("値が違います").first.wait_for()
    drift = page.locator("#drifted, section[aria-labelledby=drift]").first
    assert "13,000円" in drift.inner_text()
    assert "12,000円" in drift.inner_text()
    shot(page, f"drift-{width}")
    is_clean(page)
    page.goto(reverse("office:programme", args=[found.id]))
    page.get_by_role("button", name="承認を求める").click()
    page.get_by_text("承認を求めました").wait_for()
    context.close()
    kept = programmes.programme(found.id, municipality=town.number)
    assert kept
    assert kept.state == "proposed"


def test_without_scripts_the_button_shows_the_preview(browser: Browser, live_server: Any, town: Office) -> None:
    context = browser.new_context(base_url=live_server.url, locale="ja", java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(15_000)
    sign_in(page, town, MAKER, url=live_server.url)
    page.goto(f"{reverse('office:programme_new')}?model=nagoya-2025")
    page.get_by_label("発行する口数").fill("1000")
    page.get_by_role("button", name="見通しを見る").click()
    page.locator("#looked").get_by_text("1,000口 × 3,000円").first.wait_for()
    assert page.get_by_label("発行する口数").input_value() == "1000"
    context.close()
