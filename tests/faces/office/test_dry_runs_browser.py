"""The time machine in a real browser: clean and fitting, turned by keys alone, and it follows what is being lived."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from meguri.ledger.operations import set_clock_offset
from meguri.programmes import operations
from meguri.words.clock import now
from tests.browsers import running_chromium
from tests.faces.office.kept_dry_run import ENDING, MAKER, draft_tried, drafted, ended, going, lived
from tests.faces.office.lived import Office, found_office
from tests.faces.office.reading import address
from tests.faces.office.test_browser import VIEWS, looked_at, sign_in

pytestmark = pytest.mark.django_db(transaction=True)
NEAR_MS = 15_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as opened:
        yield opened


@pytest.fixture
def town(transactional_db: None) -> Office:
    office = found_office()
    set_clock_offset(municipality=office.number, offset=office.town.at - now())
    return office


@pytest.mark.parametrize("view", VIEWS)
def test_dry_runs_and_their_days_are_clean_and_fit(
    browser: Browser, live_server: Any, town: Office, view: tuple[int, str, Any]
) -> None:
    programme, dry_run = draft_tried(town)
    cut = ended(town, programme, ending=None)
    under_way = going(town, programme)
    seen = [address("dry_runs", programme), address("dry_run", dry_run), address("dry_run", dry_run) + "?day=9",
            address("dry_run", cut), address("dry_run", under_way), address("programme", programme)]  # fmt: skip
    assert looked_at(browser, town, {MAKER: seen}, url=live_server.url, view=view) == []


def test_days_are_turned_by_keys_alone(browser: Browser, live_server: Any, town: Office) -> None:
    _, dry_run = draft_tried(town)
    page = browser.new_page(viewport={"width": 360, "height": 780}, locale="ja-JP")
    sign_in(page, town, MAKER, url=live_server.url)
    page.goto(live_server.url + address("dry_run", dry_run))
    slider = page.get_by_role("slider")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_text("抽選の日です。").first).to_be_visible(timeout=NEAR_MS)
    expect(page.locator("#that-day h3")).to_contain_text("2025年7月27日")
    assert page.url.endswith("?day=3"), "the day has an address of its own"
    page.keyboard.press("End")
    expect(page.locator("#that-day h3")).to_contain_text("2025年8月2日", timeout=NEAR_MS)
    page.get_by_role("link", name="前の日").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#that-day h3")).to_contain_text("2025年8月1日", timeout=NEAR_MS)
    expect(slider).to_have_value("8")
    expect(page.get_by_role("link", name="前の日")).to_be_focused()
    page.close()


def test_days_are_turned_without_any_script(browser: Browser, live_server: Any, town: Office) -> None:
    _, dry_run = draft_tried(town)
    context = browser.new_context(java_script_enabled=False, locale="ja-JP")
    page = context.new_page()
    sign_in(page, town, MAKER, url=live_server.url)
    page.goto(live_server.url + address("dry_run", dry_run))
    page.get_by_role("link", name="次の日").click()
    expect(page.locator("#that-day h3")).to_contain_text("2025年7月25日")
    page.get_by_role("slider").fill("5")
    page.get_by_role("button", name="その日を見る").click()
    expect(page.locator("#that-day h3")).to_contain_text("2025年7月29日")
    context.close()


def test_the_page_follows_a_dry_run_to_its_end(browser: Browser, live_server: Any, town: Office) -> None:
    dry_run = going(town, drafted(town), days=2)
    page = browser.new_page(locale="ja-JP")
    sign_in(page, town, MAKER, url=live_server.url)
    page.goto(live_server.url + address("dry_run", dry_run))
    expect(page.locator("#under-way")).to_contain_text("2日")
    operations.keep_day(dry_run=dry_run, lived=lived(2), by=town.system, at=town.town.at)
    expect(page.locator("#under-way")).to_contain_text("3日", timeout=NEAR_MS)
    operations.end_dry_run(dry_run=dry_run, by=town.system, at=town.town.at, ending=ENDING)
    expect(page.get_by_role("heading", name="うまくいかなかったこと")).to_be_visible(timeout=NEAR_MS)
    assert page.locator("#under-way").count() == 0
    page.close()
