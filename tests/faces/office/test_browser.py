"""The main pages in a real browser: nothing that axe finds, nothing wider than the screen, in both languages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, Page

from meguri.ledger.operations import set_clock_offset
from meguri.programmes.benefits import queries as benefits
from meguri.programmes.points import queries as points
from meguri.programmes.vouchers import queries as vouchers
from meguri.settlement import queries as settlement
from meguri.words.clock import now
from tests.browsers import running_chromium
from tests.faces.office.lived import Office, found_office, live

pytestmark = pytest.mark.django_db(transaction=True)
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as opened:
        yield opened


@pytest.fixture
def committed(transactional_db: None) -> Office:
    found = found_office()
    set_clock_offset(municipality=found.number, offset=found.town.at - now())
    live(found)
    found.banked()
    found.settled()
    return found


def sign_in(page: Page, office: Office, key: str, *, url: str) -> None:
    """Bring the officer's session into the browser."""
    client = office.browser(key)
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])


def journeys(office: Office) -> dict[str, list[str]]:
    """Which officer looks at which pages."""
    (sale,) = vouchers.sales(office.number)
    (listed,) = benefits.lists(office.number)
    (entitled,) = benefits.entitlements(listed.id, municipality=office.number, at=office.town.at)
    run, *_ = settlement.runs(office.number)
    (told,) = settlement.statements(municipality=office.number, at=office.town.at, run=run.id)
    bus = points.action_by_code(office.programme("point"), "bus", municipality=office.number)
    assert bus is not None
    (place,) = points.places(bus, municipality=office.number)
    pages: dict[str, list[tuple[str, tuple[Any, ...]]]] = {
        "checker:commerce": [
            ("desk", ()), ("programmes", ()), ("programme", (office.programme("voucher"),)), ("vouchers", ()),
            ("sale", (sale,)), ("draw", (sale,)), ("evidence", ()), ("approvals", ()), ("people", ()), ("shops", ()),
            ("evidence_programme", (office.programme("voucher"),)),
        ],
        "maker:planning": [
            ("programme_new", ()), ("points", ()), ("place_screen", (place.id,)), ("strategy", ()), ("new_shop", ()),
            ("shop", (office.town.small_shop,)),
        ],
        "maker:welfare": [("benefits", ()), ("import_list", ()), ("benefit_list", (listed.id,)),
                          ("entitlement", (entitled.id,))],
        "accountant:accounting": [("settlements", ()), ("settlement", (run.id,)), ("statement", (told.id,)),
                                  ("books", ())],
    }  # fmt: skip
    return {key: [reverse(f"office:{name}", args=args) for name, args in wanted] for key, wanted in pages.items()}


def faults(page: Page) -> list[Any]:
    options = {"runOnly": {"type": "tag", "values": LEVELS}}
    found = Axe().run(page, options=options).response["violations"]
    return [(each["id"], [node["html"][:160] for node in each["nodes"]][:3]) for each in found]


VIEWS: list[tuple[int, str, Any]] = [(360, "ja", "light"), (1280, "en", "dark"), (1280, "ja", "light")]


@pytest.mark.parametrize("view", VIEWS)
def test_every_page_is_clean_and_fits(
    browser: Browser, live_server: Any, committed: Office, view: tuple[int, str, Any]
) -> None:
    width, lang, scheme = view
    context = browser.new_context(
        base_url=live_server.url, viewport={"width": width, "height": 800}, locale="ja", color_scheme=scheme
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    complaints = []
    for key, addresses in journeys(committed).items():
        sign_in(page, committed, key, url=live_server.url)
        for address in addresses:
            answer = page.goto(f"{address}?lang={lang}")
            assert answer
            assert answer.ok, (address, answer.status)
            page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            found = faults(page)
            if found or wide > 0:
                complaints.append((address, wide, found))
            if folder := os.environ.get("OFFICE_SHOTS"):
                name = address.strip("/").replace("/", "_")[:40]
                page.screenshot(path=f"{folder}/{name}-{width}-{lang}-{scheme}.png", full_page=True)
    context.close()
    assert complaints == []
