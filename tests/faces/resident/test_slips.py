"""The slip as its buyer has it: read off the screen and off the paper, and never printed when it is not taken."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import pytest
import typst
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from django.conf import LazySettings
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser

from meguri.faces.design import paper
from meguri.faces.resident.slip_paper import MODULE_MM, MODULES, TEMPLATE, Slip, slip_pdf, values_of
from meguri.programmes.vouchers.slip_code import spoken_code
from tests.browsers import running_chromium
from tests.faces.office.lived import moment
from tests.faces.office.printing import pages_of, tight
from tests.faces.people import browser_of
from tests.faces.resident.conftest import seen, turn_clock
from tests.faces.resident.test_browser import shot
from tests.faces.resident.test_ordering import choose, paying_town, press
from tests.town import Town

CODE = "91" + "912345" + "54321" + "12345678903" + "00000" + "0" + "251024" + "1" + "060000" + "4"
SHEET = Slip(
    title="払込票", town=("めぐり町", "Meguri"), programme=("プレミアム付商品券", "Vouchers"), issuer="めぐり商工会",
    agency="収納代行 めぐり収納", amount="60,000", last_day=("2025年10月24日(金)", "Fri, Oct 24, 2025"),
    number="1234-5678-903", application="AB-1234", units=("商品券 6口", "vouchers, 6 units"), barcode=CODE,
    digits=spoken_code(CODE), stamped=True, invented=None,
)  # fmt: skip


@pytest.fixture
def paying(db: None, settings: LazySettings) -> tuple[Town, UUID, Client]:
    town, _, sale = paying_town(settings, issued_on="early")
    return town, sale, browser_of(town, town.holder)


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


def read(picture: bytes) -> list[str]:
    return [each.text for each in zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))]


def printed(slip: Slip, *, dots_an_inch: int) -> bytes:
    """The sheet as a printer draws it."""
    made = typst.compile(
        TEMPLATE.read_bytes(), font_paths=paper._fonts(), ignore_system_fonts=True, format="png", ppi=dots_an_inch,
        sys_inputs={"letters": json.dumps(values_of(slip), ensure_ascii=False)},
    )  # fmt: skip
    assert isinstance(made, bytes)
    return made


# --- paper -----------------------------------------------------------------------------------------------------------


def test_a_scanner_reads_the_sheet() -> None:
    assert read(printed(SHEET, dots_an_inch=300)) == [f"(91){CODE[2:]}"]
    assert MODULES * MODULE_MM < 60, "a till's scanner is so wide"


def test_the_sheet_has_its_three_parts_and_a_place_for_a_stamp_where_one_is_due() -> None:
    (page,) = pages_of(slip_pdf(SHEET))
    for word in ("お客様控え", "店舗控", "払込領収書", "60,000円", "2025年10月24日", "1234-5678-903", "AB-1234",
                 "めぐり商工会", "めぐり収納", *SHEET.digits):  # fmt: skip
        assert tight(word) in page, word
    assert page.count(tight("60,000円")) == page.count("払込期限") == 3
    assert page.count("収入印紙") == 1, "on the receipt alone"
    (public,) = pages_of(slip_pdf(replace(SHEET, stamped=False)))
    assert "収入印紙" not in public


def test_an_invented_town_s_sheet_says_so() -> None:
    words = ("見本です。", "A specimen.")
    assert "見本です" in pages_of(slip_pdf(replace(SHEET, invented=words)))[0]
    assert "見本です" not in pages_of(slip_pdf(SHEET))[0]


def test_the_sheet_is_printed_from_the_phone_and_kept_by_no_cache(paying: tuple[Town, UUID, Client]) -> None:
    town, _, phone = paying
    order = choose(phone, town, "slip")
    answer = phone.get(f"/wallet/get/payments/{order.id}/slip")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert "no-store" in answer["Cache-Control"]
    (page,) = pages_of(answer.content)
    for word in (order.number, order.application_number, "20,000円", "見本です", "架空の収納代行"):
        assert tight(word) in page, word


@pytest.mark.parametrize("what", ["paid", "over", "card"])
def test_what_a_till_would_not_take_is_not_printed(paying: tuple[Town, UUID, Client], what: str) -> None:
    town, _, phone = paying
    order = choose(phone, town, "card" if what == "card" else "slip")
    if what == "paid":
        press(phone, order, "final")
    if what == "over":
        turn_clock(town, moment(11, 2))
    answer = phone.get(f"/wallet/get/payments/{order.id}/slip")
    assert (answer.status_code, answer["Location"]) == (302, f"/wallet/get/payments/{order.id}")
    assert "バーコード" not in seen(phone, f"get/payments/{order.id}")


def test_nobody_prints_another_s_slip(paying: tuple[Town, UUID, Client]) -> None:
    town, _, phone = paying
    order = choose(phone, town, "slip")
    assert browser_of(town, town.other).get(f"/wallet/get/payments/{order.id}/slip").status_code == 404


# --- the phone -------------------------------------------------------------------------------------------------------


def test_the_page_names_the_day_of_the_till_and_the_digits(paying: tuple[Town, UUID, Client]) -> None:
    town, _, phone = paying
    order = choose(phone, town, "slip")
    told = seen(phone, f"get/payments/{order.id}")
    for word in (*spoken_code(order.barcode), "このバーコードを見せてください", "画面を明るく", "紙に印刷する",
                 "レジで払えるのは10月24日"):  # fmt: skip
        assert word in told, word


def test_without_an_agency_the_number_stands_alone(
    paying: tuple[Town, UUID, Client], settings: LazySettings
) -> None:
    town, _, phone = paying
    settings.SLIP_SECRET = "whsec"
    order = choose(phone, town, "slip")
    told = seen(phone, f"get/payments/{order.id}")
    assert order.number in told
    assert "バーコード" not in told
    assert phone.get(f"/wallet/get/payments/{order.id}/slip").status_code == 302


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "height", "fine"), [(360, 780, 2), (360, 780, 3), (780, 360, 2), (1280, 800, 1)])
def test_a_scanner_reads_the_screen(
    live_server: object, settings: LazySettings, chromium: Browser, *, width: int, height: int, fine: int
) -> None:
    town, _, _ = paying_town(settings, issued_on="early")
    phone = browser_of(town, town.holder)
    order = choose(phone, town, "slip")
    context = chromium.new_context(
        viewport={"width": width, "height": height}, device_scale_factor=fine, locale="ja-JP"
    )  # fmt: skip
    cookie = phone.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": str(live_server)}])
    page = context.new_page()
    page.goto(f"{live_server}/wallet/get/payments/{order.id}?lang=ja")
    shot(page, f"slip-{width}-{fine}")
    assert read(page.locator(".bars__plate").screenshot()) == [f"(91){order.barcode[2:]}"]
    wide = page.locator(".bars__plate svg").bounding_box()
    assert wide is not None
    assert wide["width"] in (308, 616), "whole pixels to a module"
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert Axe().run(page).violations_count == 0
