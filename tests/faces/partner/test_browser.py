"""The company's pages in a real browser: axe finds nothing, nothing overflows."""

from __future__ import annotations

import os
import re
from dataclasses import asdict
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import LazySettings, settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from meguri.faces.partner.tasks import carry_webhooks
from meguri.notices.webhook_queries import endpoints
from meguri.parties.rules import Both
from meguri.programmes.points import operations as points
from tests.faces.partner.conftest import Company
from tests.faces.partner.test_deposits import fund_of
from tests.faces.partner.test_pages import PAGES
from tests.faces.partner.test_proposing import FORM
from tests.faces.partner.test_telling import read
from tests.parties.test_sponsoring import ENTRY

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


OWN = ("deposits", "proposals", "actions", "places", "keys", "webhooks", "members")
"""Pages on which the company acts."""


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_pages_on_which_a_company_acts_are_accessible_and_fit(
    live_server: object, chromium: Browser, company: Company, settings: LazySettings, *, width: int, scheme: str
) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = True
    settings.MUNICIPALITY = company.town.municipality
    fill(company)
    told(company)
    answer = Client().post("/partner/apply", {**asdict(ENTRY), "act": "apply"})
    page = opened(chromium, live_server, company.office, width=width, scheme=scheme)
    (endpoint,) = endpoints(company.sponsor, municipality=company.town.municipality)
    paths = (*(f"/partner/{path}" for path in OWN), f"/partner/webhooks/{endpoint.id}", "/partner/apply")
    for place, path in enumerate((*paths, str(answer["Location"]))):
        for language in ("ja", "en"):
            name = f"partner-acts-{width}-{scheme}-{language}-{place}"
            page.goto(f"{live_server}{path}?lang={language}")
            if SHOTS:
                page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
            found = Axe().run(page)
            assert found.violations_count == 0, f"{name}: {found.generate_report()}"
            assert page.evaluate(FITS), name
            assert page.evaluate("faults") == [], name


def test_a_company_proposes_and_invites_by_hand(live_server: object, chromium: Browser, company: Company) -> None:
    page = opened(chromium, live_server, company.office, width=360, scheme="light")
    page.goto(f"{live_server}/partner/proposals?lang=ja")
    page.get_by_label("行動の名前").fill("マイボトルを持ち歩く")
    page.get_by_label("1回の付与").fill("15")
    page.get_by_label("はじめの日").fill("2025-12-01")
    page.get_by_label("おわりの日").fill("2026-02-28")
    page.get_by_role("button", name="町に提案する").click()
    expect(page.get_by_text("提案を町に送りました")).to_be_visible()
    expect(page.get_by_text("町が検討中")).to_be_visible()
    page.goto(f"{live_server}/partner/members?lang=ja")
    page.get_by_role("button", name="招待のリンクを作る").click()
    expect(page.get_by_label("招待のリンク", exact=True)).to_have_value(re.compile("/enter/invitation/"))


def fill(company: Company) -> None:
    """A proposal, a place, a key and an endpoint that does not answer."""
    town, by = company.town, company.town.makers["planning"]
    action = points.open_action(programme=company.programme, code="bus", by=by, at=town.at)
    points.open_place(
        action=action, name=Both("まわる電力の店", "Our shop"), by=by, at=town.at, host=company.sponsor, rotating=False
    )
    for path, form in (
        ("deposits", {"act": "announce", "fund": str(fund_of(company).id), "yen": "300000", "due_on": "2025-12-01"}),
        ("proposals", FORM | {"programme": str(company.programme)}),
        ("keys", {"act": "issue", "label": "集計係", "scopes": ["event.see"], "days": "30"}),
        ("webhooks", {"act": "register", "url": "http://127.0.0.1:1/hook"}),
    ):
        assert company.office.post(f"/partner/{path}", form).status_code in (200, 302), path


def told(company: Company) -> None:
    company.live()
    read(company)
    carry_webhooks(municipality=company.town.municipality, at=company.town.at)
