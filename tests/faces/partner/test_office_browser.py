"""The town's side in a real browser: a company's application, its entry, its proposals and late money."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import LazySettings
from django.test import Client
from playwright.sync_api import Browser, expect

from meguri.ledger.operations import set_clock_offset
from meguri.parties import operations as parties
from meguri.parties import queries as people
from meguri.programmes.queries.proposals import proposals
from meguri.words.actor import ActorRole
from meguri.words.clock import now
from tests.faces.partner.conftest import Company
from tests.faces.partner.test_applying import officer
from tests.faces.partner.test_browser import FITS, fill, opened
from tests.parties.test_sponsoring import ENTRY

SHOTS = os.environ.get("MEGURI_SCREENSHOTS", "")


@pytest.fixture
def here(company: Company, settings: LazySettings) -> Company:
    """The company has announced and proposed; another one applies; three weeks have passed, so its money is late."""
    town = company.town
    settings.WEBHOOKS_TO_LOOPBACK, settings.MUNICIPALITY = True, town.municipality
    system = town.actor(ActorRole.SYSTEM)
    parties.open_department(code="planning", name_ja="企画課", name_en="Planning", by=system, at=town.at)
    fill(company)
    Client().post("/partner/apply", {**asdict(ENTRY), "name_ja": "しずか商会(架空)", "act": "apply"})
    set_clock_offset(municipality=town.municipality, offset=town.at - now() + timedelta(days=21))
    return company


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_the_officers_pages_are_accessible_and_fit(
    live_server: object, chromium: Browser, here: Company, *, width: int, scheme: str
) -> None:
    town = here.town.municipality
    (asked,), (proposed,) = people.sponsor_applications(town), proposals(town)
    paths = ("", "sponsors/", f"sponsors/applications/{asked.id}", f"sponsors/{here.sponsor}", "sponsors/proposals",
             f"sponsors/proposals/{proposed.id}")  # fmt: skip
    for role in (ActorRole.MAKER, ActorRole.CHECKER):
        page = opened(chromium, live_server, officer(here.town, role), width=width, scheme=scheme)
        for place, path in enumerate(paths):
            for language in ("ja", "en"):
                name = f"office-{role}-{width}-{scheme}-{language}-{place}"
                page.goto(f"{live_server}/office/{path}?lang={language}")
                if SHOTS:
                    page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
                found = Axe().run(page)
                assert found.violations_count == 0, f"{name}: {found.generate_report()}"
                assert page.evaluate(FITS), name


def test_two_officers_accept_a_company_and_record_its_money(
    live_server: object, chromium: Browser, here: Company
) -> None:
    (asked,) = people.sponsor_applications(here.town.municipality)
    address = f"{live_server}/office/sponsors/applications/{asked.id}?lang=ja"
    maker = opened(chromium, live_server, officer(here.town, ActorRole.MAKER), width=1280, scheme="light")
    maker.goto(address)
    maker.get_by_role("button", name="承認を求める").click()
    expect(maker.get_by_text("別の承認者が確かめます")).to_be_visible()
    checker = opened(chromium, live_server, officer(here.town, ActorRole.CHECKER), width=1280, scheme="light")
    checker.goto(f"{live_server}/office/?lang=ja")
    checker.get_by_role("link", name="協賛企業の承認").first.click()
    checker.get_by_role("button", name="承認する").click()
    expect(checker.get_by_text("承認しました。会社は申し込んだとき")).to_be_visible()
    checker.goto(f"{live_server}/office/?lang=ja")
    checker.get_by_role("link", name="協賛金の入金が遅れています").first.click()
    checker.get_by_role("button", name="入金を記録する").click()
    expect(checker.get_by_text("入金を記録し、財源に入れました。")).to_be_visible()
