"""A photo's whole way in a real browser: sent from a phone, reviewed at the desk by keyboard, sent again when asked."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page

from meguri.ledger.operations import set_clock_offset
from meguri.programmes.points import operations as points
from meguri.programmes.points.models import ActionPhoto, ActionRecord
from meguri.vault.models import RevealLog
from meguri.words.clock import now
from tests.browsers import running_chromium
from tests.faces.office.lived import Office, found_office
from tests.faces.office.test_browser import faults, sign_in
from tests.faces.people import browser_of
from tests.pictures import phone_photo

pytestmark = pytest.mark.django_db(transaction=True)
MAKER, CHECKER = "maker:planning", "checker:planning"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as opened:
        yield opened


@pytest.fixture
def office(transactional_db: None) -> Office:
    found = found_office()
    set_clock_offset(municipality=found.number, offset=found.town.at - now())
    points.open_action(
        programme=found.programme("point"), code="litter", by=found.officer(MAKER), at=found.town.at
    )
    return found


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """As the phone's camera writes it: twelve million pixels, lying on its side, with the place inside."""
    path = tmp_path / "IMG_0001.JPG"
    path.write_bytes(phone_photo(1, size=(4_000, 3_000), orientation=6))
    return path


def opened(browser: Browser, url: str, *, width: int, scripts: bool = True) -> Page:
    context = browser.new_context(
        base_url=url, viewport={"width": width, "height": 2_400}, locale="ja", java_script_enabled=scripts
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    return page


def as_holder(page: Page, office: Office, *, url: str) -> None:
    phone = browser_of(office.town, office.town.holder)
    page.context.add_cookies([{"name": "sessionid", "value": phone.cookies["sessionid"].value, "url": url}])


def fits(page: Page, name: str) -> list[Any]:
    """What is wrong with the page as it stands; a picture of it where one is wanted."""
    if folder := os.environ.get("OFFICE_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found = faults(page)
    return [(name, wide, found)] if found or wide > 0 else []


def litter(office: Office) -> UUID:
    return ActionRecord.objects.get(municipality=office.number, evidence="photo").id


def test_from_the_phone_to_the_desk_and_back(browser: Browser, live_server: Any, office: Office, large: Path) -> None:
    phone = opened(browser, live_server.url, width=360)
    as_holder(phone, office, url=live_server.url)
    phone.goto("/wallet/get/actions?lang=ja")
    phone.get_by_role("link", name="写真を送る").click()
    phone.get_by_role("heading", name="ごみを拾う").wait_for()
    complaints = fits(phone, "photo-form")
    phone.locator("input[type=file]").set_input_files(large)
    phone.locator("canvas").wait_for()
    assert phone.evaluate("[document.querySelector('canvas').width, document.querySelector('canvas').height]") == [
        1_200, 1_600
    ], "upright, and smaller than the camera's"
    small = phone.evaluate("document.querySelector('input[type=file]').files[0].size")
    assert small < large.stat().st_size / 2
    complaints += fits(phone, "photo-chosen")
    phone.get_by_label("ひとこと").fill("公園の入口で")
    phone.get_by_role("button", name="この写真を送る").click()
    phone.get_by_text("写真を受け取りました").wait_for()
    complaints += fits(phone, "photo-waiting")

    for width, key in ((360, MAKER), (1280, CHECKER)):
        desk = opened(browser, live_server.url, width=width)
        sign_in(desk, office, key, url=live_server.url)
        desk.goto("/office/points/photos?lang=ja")
        complaints += fits(desk, f"photos-{width}")
        desk.get_by_role("button", name="確認をはじめる").click()
        shown = desk.get_by_role("img", name="送られた写真")
        shown.wait_for()
        assert shown.evaluate("one => [one.naturalWidth, one.naturalHeight]") == [1_200, 1_600]
        complaints += fits(desk, f"photo-{width}")
        if width == 360:
            desk.get_by_role("button", name="ぼけていて").click()
            desk.get_by_text("もう一枚頼みました").wait_for()
            phone.reload()
            phone.get_by_text("写真をもう一枚お願いします").wait_for()
            complaints += fits(phone, "photo-asked")
            phone.locator("input[type=file]").set_input_files(large)
            phone.get_by_role("button", name="この写真を送る").click()
            phone.get_by_text("写真を受け取りました").wait_for()
            continue
        assert desk.evaluate("document.activeElement.tagName") == "IMG", "the keyboard stands at the photo"
        desk.keyboard.press("Tab")
        desk.keyboard.press("Enter")
        desk.get_by_text("認めました。20円分を付与しました。").wait_for()
        complaints += fits(desk, "photos-none")
    phone.reload()
    phone.get_by_text("認められました").first.wait_for()
    complaints += fits(phone, "photo-granted")
    assert complaints == []
    assert list(ActionPhoto.objects.order_by("id").values_list("answer", flat=True)) == ["again", "yes"]
    assert RevealLog.objects.filter(photo__isnull=False).count() == 2


def test_without_scripts_the_plain_form_sends_the_cameras_own_file(
    browser: Browser, live_server: Any, office: Office, large: Path, tmp_path: Path
) -> None:
    phone = opened(browser, live_server.url, width=360, scripts=False)
    as_holder(phone, office, url=live_server.url)
    phone.goto("/wallet/get/actions?lang=ja")
    phone.get_by_role("link", name="写真を送る").click()
    letter = tmp_path / "letter.jpg"
    letter.write_bytes(b"%PDF-1.7 no photo")
    phone.locator("input[type=file]").set_input_files(letter)
    phone.get_by_label("ひとこと").fill("公園の入口で")
    phone.get_by_role("button", name="この写真を送る").click()
    phone.get_by_text("このファイルは写真ではありません").wait_for()
    assert phone.get_by_label("ひとこと").input_value() == "公園の入口で"
    phone.locator("input[type=file]").set_input_files(large)
    phone.get_by_role("button", name="この写真を送る").click()
    phone.get_by_text("写真を受け取りました").wait_for()
    assert ActionPhoto.objects.get().record_id == litter(office)
    phone.get_by_role("button", name="取り下げて、写真を消す").click()
    phone.get_by_text("写真は消しました").wait_for()
