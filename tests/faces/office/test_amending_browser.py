"""An amendment in a real browser: clean and fitting in both languages, drafted and approved by keys alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page

from meguri.ledger.operations import set_clock_offset
from meguri.programmes import operations, queries
from meguri.programmes.terms import read_terms
from meguri.words.clock import midnight, now
from tests.browsers import running_chromium
from tests.faces.office.lived import Office, found_office
from tests.faces.office.test_amending import CHECKER, LATER, MAKER, carried, in_force
from tests.faces.office.test_browser import VIEWS, looked_at, sign_in
from tests.faces.office.test_runs import go_to

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as opened:
        yield opened


@pytest.fixture
def running(transactional_db: None) -> Office:
    office = found_office()
    set_clock_offset(municipality=office.number, offset=office.town.at - now())
    office.town.give("points", 1_200)
    return office


def drafted(office: Office) -> None:
    """A longer life, and the second version of it already behind."""
    number = office.programme("point")
    higher = carried(in_force(office, number)).replace("goal = 40000", "goal = 50000")
    longer = higher.replace("= 2026-03-31", "= 2026-05-31").replace("= 2026-04-30", "= 2026-06-30")
    for wanted in (higher, longer):
        operations.draft_amendment(
            programme=number, terms=read_terms(wanted.encode()), by=office.officer(MAKER), at=office.town.at,
            reason="令和8年3月議会の議決により、期限を2か月延ばす。",
        )  # fmt: skip
        operations.submit_amendment(programme=number, by=office.officer(MAKER), at=office.town.at)
        if "2026-05-31" not in wanted:
            operations.approve_amendment(programme=number, by=office.officer(CHECKER), at=office.town.at)


@pytest.mark.parametrize("view", VIEWS)
def test_amendment_and_versions_are_clean_and_fit(
    browser: Browser, live_server: Any, running: Office, view: tuple[int, str, Any]
) -> None:
    drafted(running)
    number = running.programme("point")
    pages = [reverse("office:amendment", args=[number]), reverse("office:version", args=[number, 2]),
             reverse("office:programme", args=[number])]  # fmt: skip
    seen = {MAKER: [*pages, reverse("office:amend", args=[number])], CHECKER: [*pages, reverse("office:desk")]}
    assert looked_at(browser, running, seen, url=live_server.url, view=view) == []


@pytest.mark.parametrize("view", VIEWS)
def test_an_amendment_that_waits_for_its_first_day_is_clean_and_fits(
    browser: Browser, live_server: Any, running: Office, view: tuple[int, str, Any]
) -> None:
    """Approved for 1 December, and somebody asks to withdraw it: for officers, and on the page for everybody."""
    number, at = running.programme("point"), running.town.at
    wanted = carried(in_force(running, number)).replace("yen = 100\n", "yen = 120\n")
    longer = wanted.replace("= 2026-03-31", "= 2026-05-31").replace("= 2026-04-30", "= 2026-06-30")
    asked: dict[str, Any] = {"programme": number, "by": running.officer(MAKER), "at": at}
    operations.draft_amendment(
        terms=read_terms(longer.encode()), reason="令和7年11月議会の議決により、期限を2か月延ばす。",
        starts_at=midnight(date(2025, 12, 1)), **asked,
    )  # fmt: skip
    operations.submit_amendment(**asked)
    operations.approve_amendment(programme=number, by=running.officer(CHECKER), at=at)
    operations.propose_withdrawal(note="臨時議会で見直すことになった", **asked)
    pages = [reverse("office:amendment", args=[number]), reverse("office:programme", args=[number])]
    texts = reverse("office:texts", args=[number])
    public = reverse("public:programme", args=[number])
    seen = {CHECKER: [*pages, reverse("office:desk")], MAKER: [*pages, texts, public]}
    assert looked_at(browser, running, seen, url=live_server.url, view=view) == []


@pytest.mark.parametrize("view", VIEWS)
def test_extension_and_winding_up_are_clean_and_fit(
    browser: Browser, live_server: Any, running: Office, view: tuple[int, str, Any]
) -> None:
    drafted(running)
    number = running.programme("point")
    operations.approve_amendment(programme=number, by=running.officer(CHECKER), at=running.town.at)
    operations.close_programme(programme=number, by=running.officer(CHECKER), at=running.town.at)
    go_to(running, date(2026, 6, 2))
    operations.propose_run(programme=number, kind="closing", by=running.officer(MAKER), at=running.town.at)
    runs = [reverse("office:runs", args=[number])]
    assert looked_at(browser, running, {MAKER: runs, CHECKER: runs}, url=live_server.url, view=view) == []


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("OFFICE_SHOTS"):
        page.screenshot(path=f"{folder}/walk-{name}.png", full_page=True)


def test_two_officers_extend_a_programme_by_keyboard_alone(browser: Browser, live_server: Any, running: Office) -> None:
    number = running.programme("point")
    context = browser.new_context(base_url=live_server.url, viewport={"width": 360, "height": 800}, locale="ja")
    page = context.new_page()
    page.set_default_timeout(15_000)
    sign_in(page, running, MAKER, url=live_server.url)
    page.goto(reverse("office:amend", args=[number]))
    page.get_by_label("変更の理由").focus()
    page.keyboard.type("議会の議決")
    page.evaluate("for (const each of document.querySelectorAll('main details')) each.open = true")
    page.get_by_label("文書(TOML)").fill(carried(in_force(running, number)))
    for name, day in LATER.items():
        page.locator(f'[name="{name}"]').fill(day)
    shot(page, "1-form")
    page.get_by_role("button", name="変更案を保存して確かめる").press("Enter")
    page.get_by_text("変更案を保存しました").first.wait_for()
    shot(page, "2-draft")
    page.get_by_role("button", name="承認を求める").press("Enter")
    page.get_by_text("まだ何も変わっていません").first.wait_for()
    sign_in(page, running, CHECKER, url=live_server.url)
    page.goto(reverse("office:desk"))
    page.get_by_role("link", name="事業の変更の承認").first.press("Enter")
    page.get_by_role("button", name="承認して有効にする").press("Enter")
    page.get_by_text("第2版が有効になりました").first.wait_for()
    shot(page, "3-in-force")
    context.close()
    assert queries.terms(number, municipality=running.number).spending.window.last_day == date(2026, 5, 31)
    (run,) = queries.value_runs(number, municipality=running.number)
    assert (run.kind, run.state, run.day) == ("extend", "ordered", date(2026, 5, 31))
