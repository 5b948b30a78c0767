"""The main pages in a real browser: nothing that axe finds, nothing wider than the screen, in both languages."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, Page

from meguri.ledger.operations import set_clock_offset
from meguri.ledger.queries import year_ends
from meguri.programmes.benefits import queries as benefits
from meguri.programmes.points import queries as points
from meguri.programmes.vouchers import queries as vouchers
from meguri.settlement import queries as settlement
from meguri.settlement.operations import approve_payouts
from meguri.settlement.year_end import propose_year_end
from meguri.settlement.years import remains
from meguri.words.clock import now
from meguri.words.period import FiscalYear
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
            ("desk", ()), ("programmes", ()), ("programme", (office.programme("voucher"),)),
            ("texts", (office.programme("voucher"),)), ("vouchers", ()),
            ("sale", (sale,)), ("draw", (sale,)), ("letters", (sale,)), ("payments", ()), ("cash", ()),
            ("evidence", ()), ("approvals", ()), ("people", ()), ("shops", ()),
            ("evidence_programme", (office.programme("voucher"),)), ("runs", (office.programme("voucher"),)),
        ],
        "maker:planning": [
            ("programme_new", ()), ("points", ()), ("place_screen", (place.id,)), ("strategy", ()), ("new_shop", ()),
            ("shop", (office.town.small_shop,)),
        ],
        "maker:welfare": [("benefits", ()), ("import_list", ()), ("benefit_list", (listed.id,)),
                          ("entitlement", (entitled.id,))],
        "accountant:accounting": [("settlements", ()), ("settlement", (run.id,)), ("statement", (told.id,)),
                                  ("books", ()), ("years", ()), ("year", (2025,))],
    }  # fmt: skip
    return {key: [reverse(f"office:{name}", args=args) for name, args in wanted] for key, wanted in pages.items()}


def faults(page: Page) -> list[Any]:
    options = {"runOnly": {"type": "tag", "values": LEVELS}}
    found = Axe().run(page, options=options).response["violations"]
    return [(each["id"], [node["html"][:160] for node in each["nodes"]][:3]) for each in found]


VIEWS: list[tuple[int, str, Any]] = [(360, "ja", "light"), (1280, "en", "dark")]


@pytest.mark.parametrize("view", VIEWS)
def test_every_page_is_clean_and_fits(
    browser: Browser, live_server: Any, committed: Office, view: tuple[int, str, Any]
) -> None:
    assert looked_at(browser, committed, journeys(committed), url=live_server.url, view=view) == []


@pytest.fixture
def april(committed: Office) -> Office:
    """The year is over: one accountant proposed to end it, and a file with its payouts waits for the bank."""
    committed.town.at = datetime(2026, 4, 7, 3, tzinfo=UTC)
    set_clock_offset(municipality=committed.number, offset=committed.town.at - now())
    by, other = committed.officer("accountant:accounting"), committed.officer("accountant:accounting#2")
    at, (run, *_) = committed.town.at, settlement.runs(committed.number)
    count, yen = settlement.to_confirm(run.id, municipality=committed.number)
    approve_payouts(by=other, at=at, run=run.id, confirmed_count=count, confirmed_yen=yen)
    unpaid = remains(FiscalYear(2025), municipality=committed.number).unpaid_yen
    propose_year_end(by=by, at=at, number=2025, state="closing", confirmed_yen=unpaid)
    return committed


@pytest.mark.parametrize("view", VIEWS)
def test_the_end_of_a_year_is_clean_and_fits(
    browser: Browser, live_server: Any, april: Office, view: tuple[int, str, Any]
) -> None:
    """For who proposed it, and for who confirms it."""
    (run, *_) = settlement.runs(april.number)
    pages = [reverse("office:years"), reverse("office:year", args=[2025])]
    found = {"accountant:accounting": [*pages, reverse("office:settlement", args=[run.id])],
             "accountant:accounting#2": [*pages, reverse("office:desk")]}  # fmt: skip
    assert looked_at(browser, april, found, url=live_server.url, view=view) == []


def test_a_year_is_confirmed_by_keyboard_alone(browser: Browser, live_server: Any, april: Office) -> None:
    context = browser.new_context(base_url=live_server.url, viewport={"width": 360, "height": 800}, locale="ja")
    page = context.new_page()
    page.set_default_timeout(15_000)
    sign_in(page, april, "accountant:accounting#2", url=live_server.url)
    page.goto(reverse("office:year", args=[2025]))
    unpaid = remains(FiscalYear(2025), municipality=april.number).unpaid_yen
    page.get_by_label("未払いの額").focus()
    page.keyboard.type(str(unpaid))
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("令和7年度: 出納整理期間。").wait_for()
    context.close()
    assert year_ends(municipality=april.number).closing == 2025


def looked_at(
    browser: Browser, office: Office, pages: Mapping[str, Sequence[str]], *, url: str, view: tuple[int, str, Any]
) -> list[Any]:
    """What is wrong with these pages, by who looks at them: address, how many pixels too wide, what axe finds.

    Every view asks axe about each second page, the two views about all: what differs between them, the contrast of
    either scheme, is computed in tests/faces/design/test_contrast.py.
    """
    width, lang, scheme = view
    context = browser.new_context(
        base_url=url, viewport={"width": width, "height": 800}, locale="ja", color_scheme=scheme
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    complaints = []
    for key, addresses in pages.items():
        sign_in(page, office, key, url=url)
        for place, address in enumerate(addresses):
            answer = page.goto(f"{address}?lang={lang}")
            assert answer
            assert answer.ok, (address, answer.status)
            page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            found = faults(page) if place % len(VIEWS) == VIEWS.index(view) else []
            if found or wide > 0:
                complaints.append((address, wide, found))
            if folder := os.environ.get("OFFICE_SHOTS"):
                name = f"{key[-1]}-{address.strip('/').replace('/', '_')[-40:]}"
                page.screenshot(path=f"{folder}/{name}-{width}-{lang}-{scheme}.png", full_page=True)
    context.close()
    return complaints
