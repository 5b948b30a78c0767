"""Paper notes in a real browser: a run printed, a booklet sold, scanned by a shop, and seen in the settlement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from meguri.ledger.operations import set_clock_offset
from meguri.parties import operations as parties
from meguri.programmes.vouchers import queries as vouchers
from meguri.settlement.operations import run_settlement
from meguri.tills import operations as tills
from meguri.wallets import booklets, print_runs
from meguri.wallets import paper as notes
from meguri.wallets.notes import Serial, link
from meguri.words.actor import ActorRole
from meguri.words.clock import now
from tests.browsers import running_chromium
from tests.faces.office.lived import Office, found_office, moment
from tests.faces.office.test_browser import VIEWS, looked_at, sign_in
from tests.faces.people import browser_of

pytestmark = pytest.mark.django_db(transaction=True)
MAKER, CHECKER, ACCOUNTANT = "maker:commerce", "checker:commerce", "accountant:accounting"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with running_chromium() as opened:
        yield opened


@pytest.fixture
def october(transactional_db: None) -> Iterator[Office]:
    """Winners may buy; nothing is printed yet."""
    office = found_office()
    sale = office.sale()
    office.applied(sale, office.town.holder)
    office.drawn(sale)
    office.town.at = moment(10, 3)
    go_to(office)
    yield office
    tills.stop()


def go_to(office: Office) -> None:
    set_clock_offset(municipality=office.number, offset=office.town.at - now())


def printed(office: Office, *, booklets_count: int = 3) -> UUID:
    maker, checker, at = office.officer(MAKER), office.officer(CHECKER), office.town.at
    run = print_runs.order_print_run(
        programme=office.programme("voucher"), face_yen=1_000, booklets=booklets_count, by=maker, at=at
    )
    print_runs.approve_print_run(run, by=checker, at=at)
    return run


def code(office: Office, run: UUID, note: int) -> str:
    key = print_runs.run_key(run, office.number)
    return link(Serial(office.number, 1, 1, note), host=settings.OFFICIAL_HOST, key=key)


@pytest.mark.parametrize("view", VIEWS)
def test_the_pages_of_paper_are_clean_and_fit(
    browser: Browser, live_server: Any, october: Office, view: tuple[int, str, Any]
) -> None:
    run = printed(october)
    waiting = print_runs.order_print_run(
        programme=october.programme("voucher"), face_yen=500, booklets=9, by=october.officer(MAKER), at=october.town.at
    )
    lost = [Serial(october.number, 1, 2)]
    booklets.block(serials=lost, because="紛失", by=october.officer(MAKER), at=october.town.at)
    own = [reverse("office:paper"), reverse("office:paper_run", args=[run]),
           reverse("office:paper_run", args=[waiting]),
           reverse("office:booklet", args=[print_runs.booklet_id(run, 2)])]  # fmt: skip
    pages = {MAKER: [*own, reverse("office:counting")], CHECKER: own}
    assert looked_at(browser, october, pages, url=live_server.url, view=view) == []


def test_the_explaining_page_is_clean(browser: Browser, live_server: Any, october: Office) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 740}, locale="ja")
    page.goto(f"{live_server.url}/note#{'0' * 20}{'A' * 16}")
    expect(page.locator("h1")).to_contain_text("これは紙の商品券です")
    page.close()


def test_from_the_printer_to_the_settlement(browser: Browser, live_server: Any, october: Office) -> None:
    """Order, approve, sell, scan (one twice, one blocked), settle: each by the person whose work it is."""
    office, url = october, live_server.url
    context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 900}, locale="ja")
    page = context.new_page()
    page.set_default_timeout(15_000)
    sign_in(page, office, MAKER, url=url)
    maker = page.context.cookies()
    run = _ordered(page, office, url=url)
    page.context.clear_cookies()
    page.context.add_cookies(maker)
    _sold(page, office, run)
    booklets.block(
        serials=[Serial(office.number, 1, 1, 4)], because="紛失届", by=office.officer(MAKER), at=office.town.at
    )
    _scanned(page, office, run, url=url)
    _settled(page, office, url=url)
    context.close()


def _ordered(page: Page, office: Office, *, url: str) -> UUID:
    page.goto("/office/paper/?lang=ja")
    page.get_by_label("冊数").fill("2")
    page.get_by_role("button", name="起票する").click()
    page.get_by_text("印刷を起票しました").wait_for()
    (run,) = notes.print_runs(office.number, department="commerce")
    sign_in(page, office, CHECKER, url=url)
    page.goto(reverse("office:paper_run", args=[run.id]))
    page.get_by_role("button", name="印刷を承認する").click()
    page.get_by_text("印刷を承認しました。").wait_for()
    page.locator("#print-because").fill("窓口で売るため")
    with page.expect_download() as loading:
        page.get_by_role("button", name="ファイルをつくる").click()
    assert loading.value.suggested_filename == "meguri-notes-0001.zip"
    return run.id


def _sold(page: Page, office: Office, run: UUID) -> None:
    (sale,) = vouchers.sales(office.number)
    (won,) = vouchers.applications(sale, municipality=office.number)
    page.goto(reverse("office:paper_run", args=[run]))
    page.get_by_label("受付番号").fill(won.number)
    box = page.locator("textarea[name=booklets]")
    box.fill("")
    for number in (1, 2):
        box.press_sequentially(Serial(office.number, 1, number).digits)
        box.press("Enter")
    page.get_by_role("button", name="販売の内容を確かめる").click()
    page.get_by_role("button", name="20,000円を受け取って渡す").click()
    page.get_by_text("2冊(26,000円分)を渡しました").wait_for()


def _scanned(page: Page, office: Office, run: UUID, *, url: str) -> None:
    clerk = uuid4()
    parties.join_shop(
        office.town.small_shop, member=clerk, role=ActorRole.CLERK, by=office.system, at=office.town.at
    )
    session = browser_of(office.town, clerk).cookies["sessionid"].value
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": url}])
    page.goto("/till/notes?lang=ja")
    for note in (1, 2, 3, 2, 4):
        page.keyboard.type(code(office, run, note))
        page.keyboard.press("Enter")
    expect(page.locator("#tally")).to_contain_text("3,000")
    expect(page.locator(".verdict--refused")).to_contain_text("紛失届")
    expect(page.locator(".verdict--again")).to_have_count(1)
    page.goto("/till/day?lang=ja")
    expect(page.get_by_text("紙の券")).to_have_count(3)


def _settled(page: Page, office: Office, *, url: str) -> None:
    office.banked()
    office.town.at += timedelta(days=3)
    go_to(office)
    run = run_settlement(
        by=office.officer(ACCOUNTANT), at=office.town.at, cutoff=office.town.at - timedelta(days=1)
    )
    sign_in(page, office, ACCOUNTANT, url=url)
    page.goto(reverse("office:settlement", args=[run.id]))
    expect(page.locator("main")).to_contain_text("3,000")
