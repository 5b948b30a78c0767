"""Runs of expiry and demurrage, and records of actions, in a real browser: clean, fitting, workable by keys alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.urls import reverse
from playwright.sync_api import Browser

from meguri.ledger.operations import set_clock_offset
from meguri.programmes import operations, queries
from meguri.programmes.points import debts
from meguri.programmes.points import operations as points
from meguri.words.clock import now
from tests.browsers import running_chromium
from tests.faces.office.lived import Office, found_office
from tests.faces.office.test_browser import VIEWS, looked_at, sign_in
from tests.faces.office.test_runs import CHECKER, MAKER, go_to, open_shrinking

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as opened:
        yield opened


@pytest.fixture
def bulk(transactional_db: None) -> Office:
    """A demurrage day was proposed, the next programme's lies ahead; somebody walked."""
    office = found_office()
    set_clock_offset(municipality=office.number, offset=office.town.at - now())
    made = open_shrinking(office)
    office.town.give("petals", 1_299)
    go_to(office, date(2025, 12, 28))
    assert isinstance(made, UUID)
    operations.propose_run(programme=made, kind="demurrage", by=office.officer(MAKER), at=office.town.at)
    return office


def walked(office: Office) -> UUID:
    action = points.open_action(
        programme=office.programme("point"), code="walk", by=office.officer(MAKER), at=office.town.at
    )
    by = office.town.resident
    return points.record_action(action=action, request=uuid4(), by=by, at=office.town.at).record


def runs_page(office: Office) -> str:
    found = queries.programme_by_code("shrinking", municipality=office.number)
    assert found is not None
    return reverse("office:runs", args=[found.id])


@pytest.mark.parametrize("view", VIEWS)
def test_bulk_and_records_are_clean_and_fit(
    browser: Browser, live_server: Any, bulk: Office, view: tuple[int, str, Any]
) -> None:
    record = reverse("office:record", args=[walked(bulk)])
    seen = {CHECKER: [runs_page(bulk), reverse("office:desk")],
            MAKER: [runs_page(bulk), reverse("office:records"), record, reverse("office:points")]}  # fmt: skip
    assert looked_at(browser, bulk, seen, url=live_server.url, view=view) == []


def test_a_record_is_withdrawn_by_keyboard_alone(browser: Browser, live_server: Any, bulk: Office) -> None:
    record = walked(bulk)
    context = browser.new_context(base_url=live_server.url, viewport={"width": 360, "height": 800}, locale="ja")
    page = context.new_page()
    page.set_default_timeout(15_000)
    sign_in(page, bulk, CHECKER, url=live_server.url)
    page.goto(reverse("office:record", args=[record]))
    page.get_by_label("理由").focus()
    page.keyboard.type("歩数計の誤り")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("取り消しました。").first.wait_for()
    context.close()
    assert debts.found_record(record, municipality=bulk.number).state == "withdrawn"
