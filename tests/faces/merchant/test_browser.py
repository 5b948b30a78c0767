"""The till in a real browser: axe finds nothing, nothing overflows, taps and scanners work, the sheet scans."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from meguri.parties import queries as parties
from meguri.tills import queries
from meguri.tills.codes import ShopCode
from tests.faces.merchant.conftest import Till
from tests.faces.merchant.test_pages import settle
from tests.faces.merchant.test_taking import pay_by_shop_code

SHOTS = os.environ.get("MEGURI_SCREENSHOTS", "")
WATCH = "window.faults = []; addEventListener('securitypolicyviolation', event => faults.push(event.blockedURI))"
SIZES = [(360, 740), (1280, 800)]


def opened(
    chromium: Browser, address: object, person: Client, *, size: tuple[int, int] = (360, 740), scheme: str = "light"
) -> Page:
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="ja-JP", color_scheme=scheme,  # type: ignore[arg-type]
    )
    cookie = person.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": str(address)}])
    page = context.new_page()
    page.set_default_timeout(8_000)
    page.add_init_script(WATCH)
    return page


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"till-{name}.png"), full_page=True)


def no_faults(page: Page, name: str) -> None:
    shot(page, name)
    found = Axe().run(page)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
    assert page.evaluate("faults") == [], name


@pytest.fixture
def lived(till: Till) -> tuple[Till, list[str]]:
    """A till with a day behind it, and the addresses of all its pages."""
    number = settle(till)
    till.clerk.post("/till/", till.form("320"))
    kept = queries.till_lines(till.town.small_shop, municipality=till.town.municipality)[0].posting
    return till, [
        "", "day", "day?on=2025-11-11", "code", f"payment/{kept}", f"payment/{kept}/refund", f"paid/{kept}",
        "settlement", f"settlement/{number}", "members",
    ]  # fmt: skip


@pytest.mark.parametrize("size", SIZES, ids=["phone", "desk"])
def test_pages_are_accessible_and_fit(
    live_server: object, chromium: Browser, lived: tuple[Till, list[str]], size: tuple[int, int]
) -> None:
    till, paths = lived
    page = opened(chromium, live_server, till.owner, size=size, scheme="light" if size[0] == 360 else "dark")
    for path in paths:
        for language in ("ja", "en"):
            joint = "&" if "?" in path else "?"
            page.goto(f"{live_server}/till/{path}{joint}lang={language}")
            no_faults(page, f"{size[0]}-{language}-{path.split('?')[0].split('/')[0] or 'home'}-{paths.index(path)}")


def test_a_scanner_types_wherever_the_cursor_is(live_server: object, chromium: Browser, till: Till) -> None:
    page = opened(chromium, live_server, till.clerk)
    page.goto(f"{live_server}/till/?lang=ja")
    field, left = page.locator("#code"), page.locator("[data-code-left]")
    field.fill("1001２ 3456")  # by hand: in groups, with how many are to come, and a wrong one told at once
    expect(field).to_have_value("10012 3456")
    expect(left).to_have_text("あと21けた")
    field.fill("10" * 15)
    expect(field).to_have_value("10101 01010 10101\n01010 10101 01010")
    expect(left).to_have_text("どこかが違います")
    field.fill("")
    for key in ("1", "2", "00"):
        page.get_by_role("button", name=key, exact=True).click()
    page.locator("[data-pad-input]").focus()
    page.keyboard.type(till.shown().digits)
    expect(page.locator("[data-pad-input]")).to_have_value("1,200")
    assert len(page.locator("#code").input_value()) == 35  # six groups of five, and what stands between them
    page.keyboard.press("Enter")
    page.get_by_text("つぎのお客さま").wait_for()
    no_faults(page, "360-paid-by-scanner")
    page.get_by_role("link", name="つぎのお客さま").click()
    assert page.locator("#code").input_value() == ""
    assert "1,200" in page.locator(".takings").inner_text()


def test_a_short_purse_pays_what_it_has_by_one_tap(live_server: object, chromium: Browser, till: Till) -> None:
    page = opened(chromium, live_server, till.clerk)
    page.goto(f"{live_server}/till/?lang=ja")
    page.locator("[data-pad-input]").fill("9000")
    page.locator("#code").fill(till.shown().digits)
    page.get_by_role("button", name="受け取る", exact=True).click()
    less = page.get_by_role("button", name="3,800円だけ受け取る")
    less.wait_for()
    no_faults(page, "360-short")
    less.dblclick()
    page.get_by_text("つぎのお客さま").wait_for()
    assert "/till/paid/" in page.url
    assert len(queries.till_lines(till.town.small_shop, municipality=till.town.municipality)) == 1


@pytest.mark.parametrize("typed", ["", "777"], ids=["idle", "typing"])
def test_a_payment_by_the_printed_code_shows_itself_at_the_till(
    live_server: object, chromium: Browser, till: Till, typed: str
) -> None:
    """The golden sheet comes by itself; while somebody is typing, it leaves the pad free and what was typed stays."""
    page = opened(chromium, live_server, till.clerk, size=(360, 640))
    page.goto(f"{live_server}/till/?lang=ja")
    page.locator("[data-pad-input]").fill(typed)
    pay_by_shop_code(till, 450)
    page.get_by_text("お客さまが払いました").wait_for()
    no_faults(page, f"360-landed-{typed or 'idle'}")
    assert "450" in page.locator(".takings").inner_text()
    assert "1件" in page.locator("#today").inner_text()
    sheet, pad = page.locator("[data-landed] .paid").bounding_box(), page.locator("[data-pad-input]").bounding_box()
    assert sheet is not None
    assert pad is not None
    assert (sheet["y"] + sheet["height"] <= pad["y"]) == bool(typed)
    if typed:
        page.keyboard.press("Escape")
    else:
        page.get_by_role("link", name="わかりました").click()
    expect(page.locator("[data-landed]")).to_have_count(0)
    assert page.locator("[data-pad-input]").input_value() == typed


def test_an_amount_that_is_none_takes_nothing(live_server: object, chromium: Browser, till: Till) -> None:
    """No other amount is ever made of -5 or 12.5."""
    page = opened(chromium, live_server, till.clerk)
    page.goto(f"{live_server}/till/?lang=ja")
    for typed in ("-5", "12.5"):
        page.locator("[data-pad-input]").fill(typed)
        page.locator("#code").fill(till.shown().digits)
        page.get_by_role("button", name="受け取る", exact=True).click()
        page.get_by_text("受け取れませんでした").wait_for()
    no_faults(page, "360-no-amount")
    assert queries.till_lines(till.town.small_shop, municipality=till.town.municipality) == ()


def test_what_is_missing_is_asked_for(live_server: object, chromium: Browser, till: Till) -> None:
    page = opened(chromium, live_server, till.clerk)
    page.goto(f"{live_server}/till/?lang=ja")
    page.locator("#code").fill(till.shown().digits)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "amount_yen"
    page.get_by_role("button", name="受け取る", exact=True).click()
    page.get_by_text("金額を入力してください").wait_for()
    no_faults(page, "360-refused")
    assert len(page.locator("#code").input_value()) >= 30


LOW = """[...document.querySelectorAll('main :is(a, button, summary, input:not([type=radio]))')]
  .filter(one => one.offsetParent && one.getBoundingClientRect().height < 47.5)
  .map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect().height])"""


@pytest.mark.parametrize("height", [640, 740])
def test_whatever_is_touched_at_the_till_is_high_enough(
    live_server: object, chromium: Browser, lived: tuple[Till, list[str]], height: int
) -> None:
    till, paths = lived
    page = opened(chromium, live_server, till.owner, size=(360, height))
    for path in [*paths, next(path for path in paths if path.endswith("refund")) + "?part=1"]:
        page.goto(f"{live_server}/till/{path}")
        assert page.evaluate(LOW) == [], path


def test_a_long_shop_name_stands_whole_on_a_small_phone(live_server: object, chromium: Browser, till: Till) -> None:
    page = opened(chromium, live_server, till.clerk, size=(360, 640))
    page.goto(f"{live_server}/till/?lang=ja")
    page.evaluate(
        "document.querySelectorAll('.till-head__shop, .header__way:first-child span')"
        ".forEach(one => { one.textContent = '南港ショッピングプラザ食品館 中央通り店' })"
    )
    name = page.locator(".till-head__shop")
    assert name.evaluate("one => one.scrollWidth <= one.clientWidth && getComputedStyle(one).textOverflow == 'clip'")
    way = page.locator(".header__way").first
    assert way.evaluate("one => one.getBoundingClientRect().width >= 47.5"), "the icon alone, not three letters of it"
    assert way.locator("span").evaluate("one => one.getBoundingClientRect().width <= 1")
    last = page.get_by_role("button", name="受け取る", exact=True).bounding_box()
    ways = page.locator(".ways").bounding_box()
    assert last is not None
    assert ways is not None
    assert last["y"] + last["height"] <= ways["y"]
    no_faults(page, "360x640-long-name")


@pytest.mark.parametrize(("language", "button"), [("ja", "受け取る"), ("en", "Take payment")])
def test_pad_code_and_button_fit_a_small_phone(
    live_server: object, chromium: Browser, till: Till, language: str, button: str
) -> None:
    page = opened(chromium, live_server, till.clerk, size=(360, 640))
    page.goto(f"{live_server}/till/?lang={language}")
    last = page.get_by_role("button", name=button, exact=True).bounding_box()
    ways = page.locator(".ways").bounding_box()
    keys = page.locator("[data-key]").last.bounding_box()
    assert last is not None
    assert ways is not None
    assert keys is not None
    assert last["y"] + last["height"] <= ways["y"], "the button stands above the ways"
    field = page.locator("#code").bounding_box()
    assert field is not None
    assert keys["y"] + keys["height"] <= field["y"]
    assert field["y"] + field["height"] <= last["y"], "the button hides nothing of what is typed"
    no_faults(page, f"360x640-{language}")


CAMERA = """
window.BarcodeDetector = class {
  static getSupportedFormats() { return Promise.resolve(["qr_code"]); }
  detect() { return Promise.resolve([{ rawValue: "CODE" }]); }
};
navigator.mediaDevices.getUserMedia = () => Promise.resolve(document.createElement("canvas").captureStream());
HTMLMediaElement.prototype.play = () => Promise.resolve();
"""
"""A browser whose camera sees a code at once."""


def test_a_camera_is_offered_only_where_there_is_one(live_server: object, chromium: Browser, till: Till) -> None:
    page = opened(chromium, live_server, till.clerk)
    page.goto(f"{live_server}/till/?lang=ja")
    expect(page.locator("[data-camera]")).to_be_hidden()
    seeing = opened(chromium, live_server, till.clerk)
    seeing.add_init_script(CAMERA.replace("CODE", till.shown().digits))
    seeing.goto(f"{live_server}/till/?lang=ja")
    seeing.locator("[data-pad-input]").fill("300")
    no_faults(seeing, "360-with-camera")
    seeing.get_by_role("button", name="カメラ").click()
    seeing.get_by_text("つぎのお客さま").wait_for()
    assert len(queries.till_lines(till.town.small_shop, municipality=till.town.municipality)) == 1


@pytest.mark.parametrize("printed", [False, True], ids=["screen", "paper"])
def test_the_sheet_can_be_scanned(live_server: object, chromium: Browser, till: Till, *, printed: bool) -> None:
    page = opened(chromium, live_server, till.clerk, size=(500, 734) if printed else (360, 740))
    page.goto(f"{live_server}/till/code?lang=ja")
    if printed:
        page.emulate_media(media="print")
        sheet = page.pdf(prefer_css_page_size=True)
        assert sheet.count(b"/Type /Page\n") == 1, "one sheet of A5"
    shot(page, f"sheet-{printed}")
    found = zxingcpp.read_barcodes(Image.open(BytesIO(page.locator(".poster").screenshot())))
    shop = parties.shop(till.town.small_shop, municipality=till.town.municipality)
    assert shop is not None
    assert [each.text for each in found] == [ShopCode(shop.code).link(settings.OFFICIAL_HOST)]
