"""Campaigns on the phone and in the office, in both languages, narrow and wide: read to the end and seen by axe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import LazySettings
from django.test import Client
from playwright.sync_api import Browser, Page

from meguri.faces.entrance.tokens import mint_token
from meguri.ledger.operations import set_clock_offset
from meguri.tills import operations
from meguri.words.clock import now
from tests.faces.office.lived import Office
from tests.faces.office.reading import words
from tests.faces.people import browser_of
from tests.faces.resident.conftest import seen, shop_code
from tests.faces.resident.test_browser import chromium, opened, shot
from tests.faces.test_campaigns import clerk_of, paid_at_the_shop
from tests.faces.test_campaigns import office as office  # noqa: PLC0414 - the same desk
from tests.programmes.campaigning import campaign, compare
from tests.programmes.vouchers.lived_town import prove_committed_books
from tests.tills.earning import Earning, found_earning

__all__ = ["chromium", "office"]
DECEMBER = {"first_day": datetime(2025, 12, 1, tzinfo=UTC).date(), "last_day": datetime(2026, 1, 31, tzinfo=UTC).date()}
WRITTEN = (
    campaign(
        "morning", name={"ja": "朝の商店街", "en": "Morning streets"}, most_yen=60, stacking="exclusive",
        when={"kind": "all", "of": [compare("weekday", ["mon", "wed", "fri"], "in"), compare("hour", 13, "<"),
                                    compare("size_class", ["small", "street"], "in")]},
        limits=[{"per": "day", "yen": 70}, {"of": "household", "per": "month", "yen": 300},
                {"of": "shop", "per": "day", "yen": 5_000}, {"of": "campaign", "per": "programme", "yen": 40_000}],
    ),
    campaign("shared", name={"ja": "町と協賛の日", "en": "Shared days"}, funded_by="together",
             bands=[{"from_yen": 500, "below_yen": 1_000, "yen": 20}, {"from_yen": 1_000, "rate_bp": 250}]),
    campaign("winter", name={"ja": "年末の買い物", "en": "Winter"}, window=DECEMBER),
)  # fmt: skip
"""The town's clock says Wednesday noon: all conditions of the first hold."""


@pytest.fixture
def earning(transactional_db: None, settings: LazySettings) -> Iterator[Earning]:
    found = found_earning(*WRITTEN, changes={"funds.1.amount_yen": 9})
    settings.MUNICIPALITY = found.town.municipality
    set_clock_offset(municipality=found.town.municipality, offset=found.town.at - now())
    yield found
    operations.stop()
    prove_committed_books()


@pytest.fixture
def phone(earning: Earning) -> Client:
    return browser_of(earning.town, earning.town.holder)


def looked_at(page: Page, address: str, path: str, name: str) -> None:
    page.goto(f"{address}{path}")
    shot(page, name)
    found = Axe().run(page)
    assert found.violations_count == 0, f"{path}: {found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path


@pytest.mark.parametrize(("width", "language"), [(360, "ja"), (360, "en"), (1280, "ja")])
def test_pages_of_campaigns_are_accessible_and_fit(
    live_server: object, chromium: Browser, earning: Earning, phone: Client, office: Office, *, width: int,
    language: str,
) -> None:
    payments = [paid_at_the_shop(earning, phone, 1_000) for _ in range(2)]
    address = str(live_server)
    page = opened(chromium, address, phone, width=width)
    for path in ("get", "get/campaigns", f"paid/{payments[1]}", f"receipt/{payments[0]}"):
        looked_at(page, address, f"/wallet/{path}?lang={language}", f"campaigns-{width}-{language}-{path[:8]}")
    till = opened(chromium, address, clerk_of(earning), width=width)
    looked_at(till, address, f"/till/campaigns?lang={language}", f"till-campaigns-{width}-{language}")
    maker = office.browser("maker:planning")
    desk = opened(chromium, address, maker, width=width)
    looked_at(
        desk, address, f"/office/programmes/{earning.programme}/campaigns?lang={language}", f"desk-{width}-{language}"
    )


def test_the_phone_says_the_same_in_both_languages(earning: Earning, phone: Client) -> None:
    japanese, english = seen(phone, "get/campaigns"), seen(phone, "get/campaigns", lang="en")
    for said in ("朝の商店街", "1回60円まで", "1人1日70円", "1世帯1か月300円", "1店1日5,000円", "全体で期間中40,000円",
                 "町と協賛の日", "500円以上1,000円未満", "20円", "2.5%", "年末の買い物",
                 "12月1日(月)から1月31日(土)まで"):  # fmt: skip
        assert said in japanese, said
    for said in ("Morning streets", "70 yen a person a day", "300 yen a household a month", "5,000 yen a shop a day",
                 "40,000 yen all together over the whole time", "Shared days", "from 500 to below 1,000 yen", "20 yen",
                 "2.5%", "Winter"):  # fmt: skip
        assert said in english, said
    assert japanese.index("朝の商店街") < japanese.index("年末の買い物"), "what runs stands before what comes"
    assert "年末の買い物" not in seen(phone, "get"), "it does not run yet"


def test_an_exclusive_one_that_is_used_up_still_stands_before_the_others(earning: Earning, phone: Client) -> None:
    """It applies and gives nothing: its ceiling is no reason for the next to be asked."""
    first, second, third = (paid_at_the_shop(earning, phone, 1_000) for _ in range(3))
    assert "朝の商店街+50円" in seen(phone, f"paid/{first}")
    assert "今日のポイントは上限に達しました。+20円" in seen(phone, f"paid/{second}")
    sheet = seen(phone, f"paid/{third}", lang="en")
    assert "“Morning streets”: your limit for today has been reached." in sheet
    assert "Shared days" not in sheet


def test_a_dry_co_funder_is_said_on_the_sheet_and_on_the_list(earning: Earning, phone: Client) -> None:
    town = earning.town
    large = [earning.pay(1_000, shop=town.large_shop) for _ in range(3)]
    assert [payment.earned_yen for payment in large] == [25, 7, 0]
    assert "「町と協賛の日」は、いま予算が終わっています。" in seen(phone, f"receipt/{large[2].id}")
    assert "“Shared days” has no budget left for now." in seen(phone, f"receipt/{large[2].id}", lang="en")


def test_the_office_reads_it_in_english_and_an_unknown_programme_is_not_found(earning: Earning, office: Office) -> None:
    earning.pay(1_000)
    where = f"/office/programmes/{earning.programme}/campaigns"
    maker = office.browser("maker:planning")
    page = words(maker.get(where, {"lang": "en"}))
    for said in ("Morning streets", "Given so far", "left of 40,000 yen all together over the whole time", "Winter"):
        assert said in page, said
    nowhere = f"/office/programmes/{uuid4()}/campaigns"
    assert maker.get(nowhere).status_code == 404


def api(earning: Earning, key: str, yen: int) -> dict[str, object]:
    token = mint_token(earning.town.resident, scopes=["till.pay"], seconds=60)
    head = {"HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_IDEMPOTENCY_KEY": key}
    body = {"amount_yen": yen, "shop_code": shop_code(earning.town)}
    answer: dict[str, object] = Client().post("/api/v1/pay", body, content_type="application/json", **head).json()
    return answer


def test_the_api_says_what_was_cut_and_says_it_again(earning: Earning) -> None:
    whole, cut = api(earning, "k1", 1_000), api(earning, "k2", 1_000)
    again = [api(earning, "k1", 1_000), api(earning, "k2", 1_000)]
    (came,) = cut["earned"]  # type: ignore[misc]
    assert (came["yen"], came["wished_yen"]) == (20, 50)
    assert came["why_ja"] == "「朝の商店街」の今日のポイントは上限に達しました。"
    assert came["why_en"] == "“Morning streets”: your limit for today has been reached."
    assert [each["earned"] for each in again] == [whole["earned"], cut["earned"]]
    assert [each["status"] for each in again] == ["paid_before"] * 2
    assert UUID(str(again[1]["payment"])) == UUID(str(cut["payment"]))
    assert earning.points() == 70
