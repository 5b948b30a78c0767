"""The company's pages in a real browser: axe finds nothing, nothing overflows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page

from tests.faces.partner.conftest import Company
from tests.faces.partner.test_pages import PAGES

SHOTS = os.environ.get("MEGURI_SCREENSHOTS", "")
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
WATCH = "window.faults = []; addEventListener('securitypolicyviolation', event => faults.push(event.blockedURI))"


def opened(chromium: Browser, address: object, person: Client, *, width: int, scheme: str) -> Page:
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, locale="ja-JP", color_scheme=scheme,  # type: ignore[arg-type]
    )
    cookie = person.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": str(address)}])
    page = context.new_page()
    page.add_init_script(WATCH)
    return page


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_pages_are_accessible_and_fit(
    live_server: object, chromium: Browser, company: Company, stranger: Client, *, width: int, scheme: str
) -> None:
    company.live()
    company.settle()
    for who, person in (("company", company.office), ("stranger", stranger)):
        page = opened(chromium, live_server, person, width=width, scheme=scheme)
        for path in PAGES if who == "company" else PAGES[:1]:
            for language in ("ja", "en"):
                name = f"partner-{who}-{width}-{scheme}-{language}-{PAGES.index(path)}"
                page.goto(f"{live_server}/partner/{path}{'&' if '?' in path else '?'}lang={language}")
                if SHOTS:
                    page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
                found = Axe().run(page)
                assert found.violations_count == 0, f"{name}: {found.generate_report()}"
                assert page.evaluate(FITS), name
                assert page.evaluate("faults") == [], name
