"""The style page in a real browser: no barrier that axe can find, nothing scrolls sideways, scripts do as told."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, Page, Route, expect

from meguri.faces.design.views import SCREENS
from tests.browsers import running_chromium

pytestmark = pytest.mark.usefixtures("design_alone")
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as running:
        yield running


def answer(route: Route) -> None:
    """Django's own answer, without a server: pages by the test client, files from where the rooms keep them."""
    address = urlsplit(route.request.url)
    if address.path.startswith("/static/"):
        found = finders.find(address.path.removeprefix("/static/"))
        if not isinstance(found, str):
            return route.fulfill(status=404)
        return route.fulfill(path=found, content_type=mimetypes.guess_type(found)[0])
    response = Client().get(f"{address.path}?{address.query}")
    headers = {name: value for name, value in response.items() if name != "Set-Cookie"}
    return route.fulfill(status=response.status_code, headers=headers, body=response.content)


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """`visit("/style/", width=360)`: a page whose console must stay silent."""
    complaints: list[str] = []
    contexts = []

    def opened(path: str, *, width: int = 360, height: int = 760, **options: Any) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, **{"reduced_motion": "reduce", **options}
        )
        contexts.append(context)
        page = context.new_page()
        page.route("**/*", answer)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"http://localhost{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []  # a breach of the content security policy stands here too


def overflow(page: Page) -> int:
    """How far the page can be scrolled sideways (px)."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "language"), [(360, "ja"), (1280, "en")])
def test_axe_finds_no_barrier_on_the_style_page(visit: Open, width: int, language: str, theme: str) -> None:
    page = visit(f"/style/?theme={theme}&lang={language}", width=width)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    assert overflow(page) == 0


@pytest.mark.parametrize("name", SCREENS)
def test_axe_finds_no_barrier_on_the_screens(visit: Open, name: str) -> None:
    page = visit(f"/style/screen/{name}?lang=ja", width=360)
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()


@pytest.mark.parametrize("address", ["/style/", *(f"/style/screen/{name}" for name in SCREENS)])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_nothing_scrolls_sideways(visit: Open, address: str, language: str) -> None:
    """640 px is a 1280 px screen at 200 % zoom, 320 px the same at 400 %."""
    page = visit(f"{address}?lang={language}")
    found = {}
    for width in (320, 360, 640, 1024, 1280):
        page.set_viewport_size({"width": width, "height": 760})
        found[width] = overflow(page)
    assert found == dict.fromkeys(found, 0)


def test_pressable_things_are_48_px_high(visit: Open) -> None:
    for name in ("wallet", "pay", "till"):
        page = visit(f"/style/screen/{name}", width=360)
        small = page.evaluate(
            """[...document.querySelectorAll('a.button, button, .way, .header__way, a.purse')]
               .filter(e => e.offsetParent && !e.closest('[hidden]'))
               .map(e => [e.textContent.trim(), e.getBoundingClientRect().height]).filter(([, h]) => h < 47.5)"""
        )
        assert small == []


def test_the_pad_writes_into_the_field(visit: Open) -> None:
    page = visit("/style/screen/pay")
    field = page.locator("#amount_yen")
    assert field.input_value() == "1,280"
    for key in ("back", "5", "00"):
        page.locator(f"[data-key='{key}']").click()
    assert field.input_value() == "128,500"
    for _ in range(6):
        page.locator("[data-key='back']").click()
    assert field.input_value() == ""
    page.locator("[data-key='0']").click()
    page.locator("[data-key='7']").click()
    assert field.input_value() == "7"


def test_the_pad_stops_at_its_most_digits(visit: Open) -> None:
    page = visit("/style/screen/pay")
    for _ in range(9):
        page.locator("[data-key='9']").click()
    assert page.locator("#amount_yen").input_value() == "1,280,999"


def test_full_width_digits_are_understood(visit: Open) -> None:
    page = visit("/style/screen/pay")
    field = page.locator("#amount_yen")
    field.fill("123456")
    field.blur()
    assert field.input_value() == "123,456"


@pytest.mark.parametrize("typed", ["-5", "1e9", "１２．５", "あ", "1/2"])
def test_what_is_no_amount_is_left_as_it_was_typed(visit: Open, typed: str) -> None:
    """-5 must not become 5, nor 12.5 become 125: the server says kindly what is wrong. A key begins anew."""
    page = visit("/style/screen/pay")
    field = page.locator("#amount_yen")
    field.fill(typed)
    field.blur()
    assert field.input_value() == typed
    page.locator("[data-key='7']").click()
    assert field.input_value() == "7"


def test_without_javascript_the_amount_is_an_ordinary_field(visit: Open) -> None:
    page = visit("/style/screen/pay", java_script_enabled=False)
    field = page.locator("#amount_yen")
    field.fill("980")
    assert field.input_value() == "980"
    assert not page.locator("[data-pad-keys]").is_visible()


def test_without_javascript_the_ways_of_the_office_are_open(visit: Open) -> None:
    page = visit("/style/screen/programme", width=360, java_script_enabled=False)
    assert page.locator(".side__link").first.is_visible()
    assert not page.locator(".side__open").is_visible()


def test_the_ways_of_the_office_open_and_close_on_a_phone(visit: Open) -> None:
    page = visit("/style/screen/programme", width=360)
    link, opener = page.locator(".side__link").first, page.locator(".side__open")
    assert not link.is_visible()
    opener.click()
    assert link.is_visible()
    assert opener.get_attribute("aria-expanded") == "true"
    opener.click()
    assert not link.is_visible()


def test_the_ways_of_the_office_stand_at_the_side_when_there_is_room(visit: Open) -> None:
    page = visit("/style/screen/programme", width=1280)
    assert page.locator(".side__link").first.is_visible()
    assert not page.locator(".side__open").is_visible()


def test_the_reader_chooses_the_theme_and_it_is_kept(visit: Open) -> None:
    page = visit("/style/screen/wallet")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(ground)
    page.locator("[data-choose='theme'][data-value='dark']").click()
    dark = page.evaluate(ground)
    assert dark != light
    page.reload()
    assert page.evaluate(ground) == dark
    assert page.locator("[data-choose='theme'][data-value='dark']").get_attribute("aria-pressed") == "true"
    page.locator("[data-choose='theme'][data-value='']").click()
    assert page.evaluate(ground) == light


def test_the_device_chooses_when_the_reader_does_not(visit: Open) -> None:
    page = visit("/style/screen/wallet", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(26, 26, 26)"
    page.locator("[data-choose='theme'][data-value='light']").click()
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"


def test_paper_is_light_in_the_dark_theme_too(visit: Open) -> None:
    page = visit("/style/screen/programme?theme=dark", width=1000)
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator(".side").is_visible()
    assert page.locator(".hatch").first.evaluate("e => getComputedStyle(e).display") == "inline"


def test_readings_are_shown_to_those_who_ask(visit: Open) -> None:
    page = visit("/style/screen/wallet")
    reading = page.locator("rt").first
    assert not reading.is_visible()
    page.locator("[data-choose='readings'][data-value='on']").click()
    expect(reading).to_be_visible()


def test_larger_letters(visit: Open) -> None:
    page = visit("/style/screen/wallet")
    size = "getComputedStyle(document.body).fontSize"
    assert page.evaluate(size) == "18px"
    page.locator("[data-choose='letters'][data-value='large']").click()
    assert page.evaluate(size) == "20px"
    assert overflow(page) == 0


def test_the_office_reads_at_16_px(visit: Open) -> None:
    assert visit("/style/screen/programme", width=1280).evaluate("getComputedStyle(document.body).fontSize") == "16px"


def test_the_ring_turns_when_a_payment_lands_and_rests_for_those_who_want_rest(visit: Open) -> None:
    lively = visit("/style/", reduced_motion="no-preference")
    lively.locator("[data-land]").click()
    assert lively.locator(".ring--turning").count() > 0
    calm = visit("/style/")
    calm.locator("[data-land]").click()
    assert calm.locator(".ring--turning").count() == 0


def test_a_page_may_say_itself_that_a_payment_landed(visit: Open) -> None:
    page = visit("/style/", reduced_motion="no-preference")
    page.evaluate("document.body.dispatchEvent(new CustomEvent('meguri:paid', {bubbles: true}))")
    assert page.locator(".ring--turning").count() > 0


def test_a_code_counts_down_by_the_towns_clock_and_ends(visit: Open) -> None:
    page = visit("/style/")
    left = page.locator("[data-until]").first
    assert left.text_content() in ("5:00", "4:59", "4:58")
    page.evaluate("document.querySelector('[data-until]').dataset.until = '2020-01-01T00:00:00Z'")
    page.locator(".code--ended").wait_for()
    assert page.locator("[data-after-end]").first.is_visible()


def test_the_paid_sheet_covers_the_screen_and_shows_a_running_clock(visit: Open) -> None:
    page = visit("/style/screen/paid")
    box = page.locator(".paid--full").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (360, 760)
    assert page.locator("[data-running-clock]").text_content() in ("14:03:00", "14:03:01", "14:03:02")


def test_the_focus_ring_is_the_digital_agencys(visit: Open) -> None:
    page = visit("/style/screen/wallet")
    page.keyboard.press("Tab")
    shown = page.evaluate(
        "(s => [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow])(getComputedStyle(document.activeElement))"
    )
    assert shown == ["solid", "4px", "rgb(0, 0, 0)", "rgb(255, 212, 61) 0px 0px 0px 2px"]


def test_the_first_tab_leads_past_the_header(visit: Open) -> None:
    page = visit("/style/screen/wallet")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"


def test_htmx_runs_without_breaking_the_policy(visit: Open) -> None:
    page = visit("/style/")
    assert page.evaluate("htmx.config.allowEval") is False
    assert page.evaluate("htmx.config.includeIndicatorStyles") is False
