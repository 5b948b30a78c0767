"""The wallet in a real browser at phone width: axe finds nothing, nothing overflows, and paying works by touch."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page

from meguri.tills import operations, queries
from tests.browsers import running_chromium
from tests.faces.resident.conftest import pay, shop_code
from tests.faces.resident.test_codes import letters_of
from tests.faces.resident.test_pages import PAGES
from tests.faces.resident.test_paying import take_by_code
from tests.town import Town

SHOTS = os.environ.get("MEGURI_SCREENSHOTS", "")


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


def opened(chromium: Browser, address: str, phone: Client, *, width: int) -> Page:
    context = chromium.new_context(viewport={"width": width, "height": 780}, locale="ja-JP")
    cookie = phone.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])
    return context.new_page()


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize("width", [360, 1280])
def test_pages_are_accessible_and_fit(
    live_server: object, chromium: Browser, town: Town, phone: Client, width: int
) -> None:
    for code, yen in (("premium", 3000), ("points", 120), ("bonus", 2500)):
        town.give(code, yen)
    address = str(live_server)
    page = opened(chromium, address, phone, width=width)
    for path in [*PAGES, f"pay/{shop_code(town)}"]:
        page.goto(f"{address}/wallet/{path}?lang=ja")
        shot(page, f"resident-{width}-{path.replace('/', '-') or 'home'}")
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path


LOW = """[...document.querySelectorAll(
    'main :is(a, button, summary, .choice, input:not([type=radio], [type=checkbox]))')]
  .filter(one => one.offsetParent && one.getBoundingClientRect().height < 47.5)
  .map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect().height])"""


@pytest.mark.parametrize("height", [640, 780])
def test_whatever_is_touched_is_high_enough(
    live_server: object, chromium: Browser, town: Town, phone: Client, height: int
) -> None:
    town.give("premium", 3000)
    pay(phone, f"/wallet/pay/{shop_code(town)}", 100)
    page = opened(chromium, str(live_server), phone, width=360)
    page.set_viewport_size({"width": 360, "height": height})
    for path in [*PAGES, f"pay/{shop_code(town)}", f"pay/{shop_code(town)}?amount_yen=500"]:
        page.goto(f"{live_server}/wallet/{path}")
        assert page.evaluate(LOW) == [], path


def test_paying_by_touch(live_server: object, chromium: Browser, town: Town, phone: Client) -> None:
    town.give("premium", 3000)
    town.give("points", 120)
    page = opened(chromium, str(live_server), phone, width=360)
    page.goto(f"{live_server}/wallet/pay/{shop_code(town)}?lang=ja")
    for key in "1280":
        page.get_by_role("button", name=key, exact=True).click()
    page.get_by_role("button", name="つぎへ").click()
    shot(page, "resident-360-confirm")
    page.get_by_role("button", name="を払う").click()
    page.get_by_text("お支払いできました").first.wait_for()
    shot(page, "resident-360-paid")
    page.go_back()
    page.get_by_text("この支払いは済んでいます").wait_for()
    page.goto(f"{live_server}/wallet/")
    assert "1,840" in page.content()


def test_a_double_click_pays_once(live_server: object, chromium: Browser, town: Town, phone: Client) -> None:
    town.give("premium", 3000)
    page = opened(chromium, str(live_server), phone, width=360)
    page.goto(f"{live_server}/wallet/pay/{shop_code(town)}?amount_yen=500&number=n1&lang=ja")
    page.get_by_role("button", name="を払う").dblclick()
    page.get_by_text("お支払いできました").first.wait_for()
    assert "/wallet/paid/" in page.url
    assert len(queries.till_lines(town.small_shop, municipality=town.municipality)) == 1


def test_paying_by_keyboard_alone(live_server: object, chromium: Browser, town: Town, phone: Client) -> None:
    town.give("premium", 3000)
    page = opened(chromium, str(live_server), phone, width=1280)
    page.goto(f"{live_server}/wallet/pay/{shop_code(town)}?lang=ja")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "amount_yen":
            break
    page.keyboard.type("750")
    page.keyboard.press("Enter")
    page.get_by_text("使う順").wait_for()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('form.pay-now') !== null"):
            break
    page.keyboard.press("Enter")
    page.get_by_text("お支払いできました").first.wait_for()
    (line,) = queries.till_lines(town.small_shop, municipality=town.municipality)
    assert line.amount_yen == 750


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("large", [False, True], ids=["normal", "large-letters"])
def test_what_one_needs_at_the_counter_is_above_the_ways(
    live_server: object, chromium: Browser, town: Town, phone: Client, *, language: str, large: bool
) -> None:
    """On a phone of 360 x 640: the way to pay, also below news; pad and button; code and its remaining time.

    Large letters may turn, never overflow.
    """
    town.give("premium", 3000)
    operations.refund_payment(  # is news for whoever paid
        by=town.at_small_shop, at=town.at, shop=town.small_shop, payment=take_by_code(town, 100), reason="そのほか"
    )
    page = opened(chromium, str(live_server), phone, width=360)
    page.set_viewport_size({"width": 360, "height": 640})
    pay = f"{live_server}/wallet/pay"
    for path, wanted in (
        (f"/{shop_code(town)}?lang={language}", ".pay-now button"), (f"?lang={language}", ".code__time"),
        (f"/{shop_code(town)}?amount_yen=500&lang={language}", ".pay-now button"),
        (f"/../?lang={language}", ".news ~ .stack a[href$='/pay']"),
    ):  # fmt: skip
        page.goto(pay + path)
        if large:
            page.get_by_role("button", name="大" if language == "ja" else "Large", exact=True).click()
            page.evaluate("scrollTo(0, 0)")
        box, ways = page.locator(wanted).first.bounding_box(), page.locator(".ways").bounding_box()
        assert box is not None
        assert ways is not None
        shot(page, f"resident-360x640-{language}-{large}-{wanted[1:8]}")
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
        if not large or "pay-now" in wanted:
            assert box["y"] + box["height"] <= ways["y"], path
        if not large and "amount" not in path and wanted == ".pay-now button":
            key = page.locator("[data-key]").last.bounding_box()
            assert key is not None
            assert key["y"] + key["height"] <= box["y"], path


def test_the_code_turns_into_the_golden_sheet(
    live_server: object, chromium: Browser, town: Town, phone: Client
) -> None:
    town.give("premium", 3000)
    page = opened(chromium, str(live_server), phone, width=360)
    page.goto(f"{live_server}/wallet/pay?lang=ja")
    take_by_code(town, 400, later=timedelta(minutes=2))  # after the page was made, however slow this machine is
    page.get_by_text("お支払いできました").first.wait_for(timeout=10_000)
    assert "/wallet/paid/" in page.url
    assert Axe().run(page).violations_count == 0


def test_a_cut_line_is_told_in_place_and_pays_once(
    live_server: object, chromium: Browser, town: Town, phone: Client
) -> None:
    town.give("premium", 3000)
    page = opened(chromium, str(live_server), phone, width=360)
    page.goto(f"{live_server}/wallet/pay/{shop_code(town)}?amount_yen=500&number=n1&lang=ja")
    page.context.set_offline(True)
    page.get_by_role("button", name="を払う").click()
    page.get_by_text("インターネットにつながりません").wait_for()
    assert Axe().run(page).violations_count == 0
    page.context.set_offline(False)
    page.get_by_role("button", name="を払う").click()
    page.get_by_text("お支払いできました").first.wait_for()
    assert len(queries.till_lines(town.small_shop, municipality=town.municipality)) == 1


def test_a_refusal_is_shown_in_place(live_server: object, chromium: Browser, town: Town, phone: Client) -> None:
    """The money went meanwhile: the page says so, that nothing is paid, and what is left."""
    town.give("premium", 500)
    page = opened(chromium, str(live_server), phone, width=360)
    page.goto(f"{live_server}/wallet/pay/{shop_code(town)}?amount_yen=500&number=n1&lang=ja")
    take_by_code(town, 400)
    page.get_by_role("button", name="を払う").click()
    page.get_by_text("まだ払っていません").wait_for()
    assert Axe().run(page).violations_count == 0
    page.get_by_role("button", name="100円だけ払う").wait_for()


def test_a_letter_s_code_waits_while_its_reader_signs_in(
    live_server: object, chromium: Browser, town: Town, phone: Client
) -> None:
    """As a phone's camera opens it, by nobody yet; the code is never in an address that a server sees."""
    letters = letters_of(town)
    asked: list[str] = []
    page = chromium.new_context(viewport={"width": 360, "height": 780}, locale="ja-JP").new_page()
    page.on("request", lambda request: asked.append(request.url + (request.post_data or "")))
    plain = letters.mine.replace("-", "")
    page.goto(f"{live_server}/wallet/get/code#c={plain}")
    assert "/wallet/get/code" not in urlsplit(page.url).path, "sign in first"
    assert plain not in page.url
    cookie = phone.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": str(live_server)}])
    page.goto(f"{live_server}/wallet/get/code")
    assert page.get_by_label("手紙のコード").input_value() == plain
    assert not [each for each in asked if plain in urlsplit(each)._replace(fragment="").geturl()]
    assert page.evaluate("sessionStorage.getItem('brought')") is None, "it waits once"
    shot(page, "resident-360-code")
    page.get_by_role("button", name="財布に入れる").click()
    page.wait_for_url("**/wallet/get/code/*")
    assert "10,000" in page.locator("main").inner_text()
    page.context.close()


def test_who_is_signed_in_finds_the_code_in_the_field_at_once(
    live_server: object, chromium: Browser, town: Town, phone: Client
) -> None:
    plain = letters_of(town).mine.replace("-", "")
    page = opened(chromium, str(live_server), phone, width=360)
    page.goto(f"{live_server}/wallet/get/code#c={plain}")
    assert page.get_by_label("手紙のコード").input_value() == plain
    assert page.url == f"{live_server}/wallet/get/code"
