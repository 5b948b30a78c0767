"""At the counter after a programme's end: the receipt number is read out, and cash is paid back once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.operations import set_clock_offset
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.programmes import operations as programmes
from meguri.programmes import tasks
from meguri.programmes.vouchers import orders
from meguri.words.clock import now
from tests.browsers import running_chromium
from tests.faces.office.lived import Office, found_office, moment
from tests.faces.office.reading import cells, page, send, words
from tests.faces.office.test_counter import CHECKER, MAKER, hear, ordered, sell, won
from tests.programmes.builders import VOUCHER, changed
from tests.programmes.vouchers.ordered import payment

OVER = datetime(2026, 2, 10, 3, tzinfo=UTC)
SHOTS = os.environ.get("MEGURI_SCREENSHOTS", "")


@dataclass
class Counter:
    """A sale in an office, and the clerk who has sold two units of it in cash to the holder; none were spent."""

    office: Office
    sale: UUID
    clerk: Client


def counter() -> Counter:
    office = found_office([changed(VOUCHER, {
        "refunds.unspent_paid": "refunded", "obtaining.payment": payment(issued_on="early"),
    })])  # fmt: skip
    sale = office.sale()
    for holder in (office.town.holder, office.town.other):
        office.applied(sale, holder)
    office.drawn(sale)
    set_clock_offset(municipality=office.number, offset=moment(10, 10) - now())
    clerk = office.browser(MAKER)
    sell(office, sale, clerk, holder=office.town.holder)
    return Counter(office, sale, clerk)


def wind_up(office: Office) -> None:
    set_clock_offset(municipality=office.number, offset=OVER - now())
    number, maker, checker = office.programme("voucher"), office.officer(MAKER), office.officer(CHECKER)
    programmes.close_programme(programme=number, by=checker, at=OVER)
    asked = programmes.propose_run(programme=number, kind="closing", by=maker, at=OVER)
    programmes.order_run(approval=asked, by=checker, at=OVER)
    for _ in range(3):
        tasks.carry_out_runs(municipality=office.number, at=OVER)


@pytest.fixture
def ended(db: None) -> Counter:
    """The programme is closed and wound up, and the paid part is owed."""
    found = counter()
    wind_up(found.office)
    return found


def owed(office: Office) -> int:
    found = books.balances([office.town.holder], AccountRole.PAYABLE, municipality=office.number)
    return sum(each.amount for each in found)


def test_cash_is_paid_back_once_at_the_receipt_number(ended: Counter) -> None:
    office, sale, clerk = ended.office, ended.sale, ended.clerk
    one = won(office, office.town.holder)
    text = words(page(clerk, "sale", sale, number=one.number))
    for said in ("払い戻す分", "20,000円", "20,000円を現金で払い戻す"):
        assert said in text, said
    told = words(send(clerk, "sale", sale, act="pay_back", application=one.id))
    for said in ("現金20,000円を払い戻してください", "次の金額を、現金で払い戻しました", "使われなかった有償分の払戻し",
                 "2025-000002"):
        assert said in told, said
    assert owed(office) == 0
    assert "払い戻す分" not in words(page(clerk, "sale", sale, number=one.number))
    again = send(clerk, "sale", sale, act="pay_back", application=one.id)
    assert again.status_code == 409
    assert "現金で払い戻す分はありません" in words(again)
    receipts = cells(page(clerk, "cash"), "領収書")
    assert any("払戻し" in row and {"−20,000", "-20,000"} & set(row) for row in receipts), receipts


def test_the_till_is_counted_with_what_left_it(ended: Counter) -> None:
    office, sale, clerk = ended.office, ended.sale, ended.clerk
    send(clerk, "cash", act="cash_up", counted_yen="20,000", reason="")
    send(clerk, "sale", sale, act="pay_back", application=won(office, office.town.holder).id)
    assert "-20,000円" in words(page(clerk, "cash")).replace("−", "-")
    assert send(clerk, "cash", act="cash_up", counted_yen="-20,001", reason="?").status_code == 422
    assert "窓口を締めました" in words(send(clerk, "cash", act="cash_up", counted_yen="-20,000", reason=""))
    assert [up.counted_yen for up in orders.cash_ups("commerce", municipality=office.number)] == [-20_000, 20_000]


def test_who_is_not_at_the_counter_and_another_sale_s_number_pay_nothing(ended: Counter) -> None:
    office, sale = ended.office, ended.sale
    one = won(office, office.town.holder)
    checker = office.browser(CHECKER)
    assert "現金で払い戻す" not in words(page(checker, "sale", sale, number=one.number)).replace("払い戻す分", "")
    assert send(checker, "sale", sale, act="pay_back", application=one.id).status_code == 403
    assert send(ended.clerk, "sale", sale, act="pay_back", application=sale).status_code == 404
    assert owed(office) == 20_000


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [360, 1280])
def test_the_counter_s_pages_are_accessible_and_fit(live_server: object, chromium: Browser, width: int) -> None:
    found = counter()
    office, sale, clerk = found.office, found.sale, found.clerk
    order = ordered(office, office.town.other)
    hear(order, office, "early")
    _spend(office, 9_000)
    hear(order, office, "withdrawn")
    look(live_server, chromium, clerk, "vouchers/payments", width=width, name="owed")
    (debt,) = orders.debts_owed("commerce", municipality=office.number)
    send(clerk, "payments", act="debt_taken", holder=debt.holder, programme=debt.programme, amount_yen="4000")
    (given, _) = orders.receipts("commerce", municipality=office.number)
    look(live_server, chromium, clerk, f"vouchers/receipts/{given.id}", width=width, name="debt-receipt")
    look(live_server, chromium, clerk, "vouchers/cash", width=width, name="cash")
    wind_up(office)
    number = won(office, office.town.holder).number
    look(live_server, chromium, clerk, f"vouchers/{sale}?number={number}", width=width, name="pay-back")


def _spend(office: Office, yen: int) -> None:
    held = books.balances([office.town.other], AccountRole.WALLET, municipality=office.number)
    ends = Account(office.town.other, AccountRole.WALLET), Account(office.town.small_shop, AccountRole.SHOP)
    leg = Leg(*ends, yen, tuple(each.lot.id for each in held))
    ledger.post(Posting("spent", "pay", (leg,), moment(10, 9), "test"), municipality=office.number)


def look(live_server: object, chromium: Browser, clerk: Client, path: str, *, width: int, name: str) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 780}, locale="ja-JP")
    cookie = clerk.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": str(live_server)}])
    shown = context.new_page()
    answer = shown.goto(f"{live_server}/office/{path}")
    assert answer is not None
    assert answer.status == 200, path
    if SHOTS:
        shown.screenshot(path=str(Path(SHOTS) / f"counter-{width}-{name}.png"), full_page=True)
    found = Axe().run(shown)
    assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    assert shown.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
