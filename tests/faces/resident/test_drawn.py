"""My wallet and the page where I buy say which conditions lot gave me, before I pay; and that it was lot, and why."""

from __future__ import annotations

from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser

from meguri.programmes import queries
from meguri.programmes.vouchers import operations as vouchers
from meguri.programmes.vouchers import queries as vouchers_of
from meguri.wallets import operations as wallets
from tests.faces.office.lived import Office
from tests.faces.resident.conftest import seen
from tests.faces.resident.test_browser import LOW, opened, shot
from tests.faces.resident.test_browser import chromium as chromium  # noqa: PLC0414 - a fixture
from tests.faces.trial_town import draw_trial, launch_trial
from tests.town import Town

OF_ARM = {
    "rich": ("2026年2月28日(土)", "14日前", "3,500", "13,500"),
    "as-written": ("2026年1月31日(土)", "7日前", "3,000", "13,000"),
}  # fmt: skip


@pytest.fixture
def made(town: Town, office: Office) -> UUID:
    return launch_trial(office)


@pytest.fixture
def sale(office: Office, made: UUID) -> UUID:
    return draw_trial(office, made)


@pytest.fixture
def bought(town: Town, sale: UUID) -> Town:
    """My first unit is in my wallet."""
    vouchers.buy_at_once(sale=sale, units=1, by=town.resident, at=town.at)
    return town


def arm_of(town: Town, made: UUID, holder: UUID) -> str:
    found = queries.arm_of(made, holder, municipality=town.municipality)
    assert found is not None
    return found.code


def test_each_sees_the_own_conditions_where_they_buy_and_nobody_elses(
    town: Town, phone: Client, neighbour: Client, made: UUID, sale: UUID
) -> None:
    codes = set()
    for browser, holder in ((phone, town.holder), (neighbour, town.other)):
        page = seen(browser, f"get/vouchers/{sale}")
        code = arm_of(town, made, holder)
        until, reminder, premium, worth = OF_ARM[code]
        assert "あなたの条件" in page
        assert until in page
        assert reminder in page
        assert f"1口につきプレミアム分{premium}円" in page
        assert f"10,000円で{worth}円分が使えます" in page
        assert "抽選で決めました" in page
        assert "町の買い物が増えるかを確かめるためです" in page
        other = OF_ARM["rich" if code == "as-written" else "as-written"]
        assert other[0] not in page
        assert "群" not in page  # what others may have got stands on the public page
        codes.add(code)
    assert codes == {"rich", "as-written"}


def test_in_english_too(town: Town, phone: Client, made: UUID, sale: UUID) -> None:
    page = seen(phone, f"get/vouchers/{sale}", lang="en")
    assert "Your conditions" in page
    assert "lot has decided it" in page
    assert "To learn how premium and expiry make more shopping in town." in page
    assert ("14 days before" if arm_of(town, made, town.holder) == "rich" else "7 days before") in page


def test_the_wallet_says_it_once_something_of_the_programme_is_in_it(
    town: Town, phone: Client, made: UUID, sale: UUID
) -> None:
    assert "あなたの条件" not in seen(phone, "")
    vouchers.buy_at_once(sale=sale, units=1, by=town.resident, at=town.at)
    page = seen(phone, "")
    assert "あなたの条件 ためしの商品券" in page
    until, reminder, _, _ = OF_ARM[arm_of(town, made, town.holder)]
    assert until in page
    assert reminder in page
    own = queries.own_conditions(made, town.holder, municipality=town.municipality)
    assert own is not None
    assert own.pseudonym in page


def test_the_own_choice_of_a_reminder_is_said_to_be_the_own(town: Town, phone: Client, sale: UUID) -> None:
    wallets.choose_warning(holder=town.holder, days=3, by_mail=False, by=town.resident, at=town.at)
    assert "3日前(自分で選びました)" in seen(phone, f"get/vouchers/{sale}")
    wallets.choose_warning(holder=town.holder, days=0, by_mail=False, by=town.resident, at=town.at)
    assert "ありません(自分で選びました)" in seen(phone, f"get/vouchers/{sale}")


def test_where_nothing_is_drawn_nothing_is_said(town: Town, phone: Client, made: UUID) -> None:
    town.give("premium", 3_000)
    assert "あなたの条件" not in seen(phone, "")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_are_accessible_fit_and_can_be_touched(
    live_server: object, chromium: Browser, bought: Town, phone: Client, width: int
) -> None:
    page = opened(chromium, str(live_server), phone, width=width)
    (found,) = [each for each in queries.programmes(bought.municipality) if each.code == "with-arms"]
    (sale,) = vouchers_of.sales(bought.municipality, programme=found.id)
    places = {"sale": f"/wallet/get/vouchers/{sale}", "home": "/wallet/", "public": f"/public/arms/{found.id}"}
    for name, path in places.items():
        for language in ("ja", "en"):
            page.goto(f"{live_server}{path}?lang={language}")
            shot(page, f"resident-drawn-{width}-{name}-{language}")
            checked = Axe().run(page)
            assert checked.violations_count == 0, f"{name}: {checked.generate_report()}"
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
            if name != "public":
                assert page.evaluate(LOW) == [], name
