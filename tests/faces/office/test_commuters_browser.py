"""A worker's way in a real browser, phone and desk: clean for axe, no wider than the screen, by keyboard alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page

from meguri.ledger.operations import set_clock_offset
from meguri.parties import queries
from meguri.words.actor import Actor
from meguri.words.clock import now
from tests.browsers import running_chromium
from tests.faces.commuting_town import declared, documents, somebody
from tests.faces.office.lived import Office, found_office, moment
from tests.faces.office.test_browser import VIEWS, faults, sign_in
from tests.faces.people import browser_of

pytestmark = pytest.mark.django_db(transaction=True)
MAKER = "maker:commerce"
HEAD, ROW = "氏名,生年月日,区分,いつから,いつまで", "外山 通,平成2年6月15日,在勤,令和7年4月1日,令和8年3月31日"
WRONG, OTHER = "未申 出,x,在勤,,", "未申 出,平成2年6月15日,在勤,R7.4.1,R8.3.31"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as opened:
        yield opened


@pytest.fixture
def office(transactional_db: None) -> Office:
    found = found_office(documents())
    found.town.at = moment(8, 5)
    set_clock_offset(municipality=found.number, offset=found.town.at - now())
    return found


@pytest.fixture
def me(office: Office) -> Actor:
    return somebody(office.town)


def opened(browser: Browser, url: str, *, view: tuple[int, str, Any]) -> Page:
    """So high that the bar at the bottom covers no field of a form that is not scrolled."""
    width, _, scheme = view
    context = browser.new_context(
        base_url=url, viewport={"width": width, "height": 2_400}, locale="ja", color_scheme=scheme
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    return page


def carry(page: Page, client: Client, *, url: str) -> None:
    """Bring a signed-in person's session into the browser."""
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])


def look(page: Page, name: str, *, view: tuple[int, str, Any]) -> list[Any]:
    """What is wrong with the page as it stands; a picture of it where one is wanted."""
    page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")
    if folder := os.environ.get("OFFICE_SHOTS"):
        page.screenshot(path=f"{folder}/{name}-{view[0]}-{view[1]}-{view[2]}.png", full_page=True)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    found = faults(page)
    return [(name, wide, found)] if found or wide > 0 else []


@pytest.mark.parametrize("view", VIEWS)
def test_every_page_on_a_workers_way_is_clean_and_fits(
    browser: Browser, live_server: Any, office: Office, me: Actor, view: tuple[int, str, Any]
) -> None:
    assert me.party is not None
    sale, lang, page = office.sale(), view[1], opened(browser, live_server.url, view=view)
    carry(page, browser_of(office.town, me.party), url=live_server.url)
    complaints = []
    page.goto(f"/wallet/get/vouchers/{sale}?lang={lang}")
    complaints += look(page, "sale-barred", view=view)
    page.goto(f"/wallet/get/commuting?lang={lang}")
    complaints += look(page, "commuting-empty", view=view)
    said = declared(office.town, me)
    declared(office.town, me, kind="study")
    page.goto("/wallet/get/commuting")
    complaints += look(page, "commuting-waiting", view=view)
    sign_in(page, office, MAKER, url=live_server.url)
    for name, address in (("desk", "/office/"), ("commuters", "/office/commuters/"),
                          ("commuter", f"/office/commuters/{said}")):  # fmt: skip
        page.goto(f"{address}?lang={lang}")
        complaints += look(page, name, view=view)
    page.goto("/office/commuters/list")
    page.locator("[name=content]").fill(f"{HEAD}\n{ROW}\n{OTHER}")
    page.locator("[value=look]").click()
    page.locator("[value=confirm]").wait_for()
    complaints += look(page, "list-seen", view=view)
    page.locator("[name=content]").fill(f"{HEAD}\n{ROW}\n{WRONG}")
    page.locator("[value=look]").click()
    page.get_by_text("3", exact=True).first.wait_for()
    complaints += look(page, "list-faults", view=view)
    page.goto(f"/office/commuters/{said}")
    page.locator("[value=certificate]").check()
    page.locator("[name=first_day]").fill("2025-04-01")
    page.locator("[value=confirm]").click()
    page.locator("[name=ends_on]").wait_for(state="attached")
    complaints += look(page, "commuter-confirmed", view=view)
    page.context.close()
    assert complaints == []


def test_a_word_is_said_and_confirmed_by_keyboard_alone(
    browser: Browser, live_server: Any, office: Office, me: Actor
) -> None:
    assert me.party is not None
    page = opened(browser, live_server.url, view=(360, "ja", "light"))
    carry(page, browser_of(office.town, me.party), url=live_server.url)
    page.goto("/wallet/get/commuting")
    page.locator("[name=kind]").first.focus()
    page.keyboard.press("Space")
    for words in ("めぐり製作所", "外山 通"):
        page.keyboard.press("Tab")
        page.keyboard.type(words)
    page.locator("[name=birth_date]").fill("1990-06-15")  # a date's own keys differ from one language to another
    page.locator("[name=birth_date]").press("Enter")
    page.get_by_text("確認待ち").first.wait_for()
    (said,) = queries.commuters(office.number)
    sign_in(page, office, MAKER, url=live_server.url)
    page.goto(f"/office/commuters/{said.id}")
    page.locator("[value=employee_card]").focus()
    page.keyboard.press("Space")
    page.locator("[name=first_day]").fill("2025-04-01")
    page.locator("[name=last_day]").press("Enter")
    page.get_by_text("確認しました").first.wait_for()
    page.context.close()
    (told,) = queries.commuters(office.number)
    assert (told.state, told.proof) == ("confirmed", "employee_card")
