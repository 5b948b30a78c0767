"""Campaigns as people see them: what came with a payment, what runs now, what each has given, and the draft tried."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.test import Client

from meguri.faces.entrance.tokens import mint_token
from meguri.ledger.operations import set_clock_offset
from meguri.parties import operations as parties
from meguri.programmes import operations as programmes
from meguri.tills import operations
from meguri.words.actor import ActorRole
from meguri.words.clock import now
from tests.faces.office.lived import DEPARTMENTS, LONG_AGO, Office
from tests.faces.people import browser_of
from tests.faces.resident.conftest import pay, seen, shop_code, words
from tests.programmes.campaigning import LAST, campaign, campaigns, compare
from tests.tills.earning import Earning, found_earning

FIVE = campaign(
    "five", name={"ja": "朝市の5%", "en": "Morning five"}, limits=[{"per": "day", "yen": 70}], most_yen=60
)  # fmt: skip
LARGE = campaign("large", name={"ja": "大型店の日", "en": "Large shops"}, when=compare("size_class", "large"))


@pytest.fixture
def earning(transactional_db: None, settings: LazySettings) -> Iterator[Earning]:
    yield from lived(found_earning(FIVE, LARGE), settings)


@pytest.fixture
def poor(transactional_db: None, settings: LazySettings) -> Iterator[Earning]:
    """Money for one payment; one campaign is for another day of the week, one begins later."""
    here = campaign("here", name={"ja": "水の日", "en": "Here"}, limits=[{"of": "shop", "per": "day", "yen": 90}])
    never = campaign("never", when=compare("weekday", "sun"))
    later = campaign("later", name={"ja": "年末の日", "en": "Later"}, window={"first_day": LAST, "last_day": LAST})
    yield from lived(found_earning(here, never, later, changes={"funds.0.amount_yen": 50}), settings)


def lived(found: Earning, settings: LazySettings) -> Iterator[Earning]:
    settings.MUNICIPALITY = found.town.municipality
    set_clock_offset(municipality=found.town.municipality, offset=found.town.at - now())
    yield found
    operations.stop()


@pytest.fixture
def phone(earning: Earning) -> Client:
    return browser_of(earning.town, earning.town.holder)


@pytest.fixture
def office(earning: Earning, settings: LazySettings) -> Office:
    settings.DEMO = True
    found = Office(earning.town)
    for code, (ja, en) in DEPARTMENTS.items():
        parties.open_department(code=code, name_ja=ja, name_en=en, by=found.system, at=LONG_AGO)
    return found


def paid_at_the_shop(earning: Earning, phone: Client, yen: int) -> str:
    """The address of the sheet after paying as somebody does who looks first."""
    where = f"/wallet/pay/{shop_code(earning.town)}"
    number = str(uuid4())
    pay(phone, where, yen, number=number)
    again = phone.get(where, {"amount_yen": str(yen), "number": number}).content.decode()
    return again.partition("/wallet/receipt/")[2][:36]


def test_the_sheet_the_receipt_and_the_history_say_what_came_and_why_no_more(earning: Earning, phone: Client) -> None:
    first = paid_at_the_shop(earning, phone, 1_000)
    assert "朝市の5%+50円" in seen(phone, f"paid/{first}")
    second = paid_at_the_shop(earning, phone, 1_000)
    sheet = seen(phone, f"paid/{second}")
    assert "+20円" in sheet
    assert "「朝市の5%」の今日のポイントは上限に達しました。" in sheet
    assert "大型店の日" not in sheet
    history = seen(phone, "history")
    assert history.count("キャンペーンのポイント") == 2
    assert "朝市の5%" in history
    earning.refund(UUID(first))
    receipt = seen(phone, f"receipt/{first}")
    assert "付いたポイント" in receipt
    assert "返金した割合のポイントは、もどっています。" in receipt


def clerk_of(earning: Earning) -> Client:
    """A browser at the small shop's till."""
    town = earning.town
    system = town.actor(ActorRole.SYSTEM)
    parties.join_shop(town.small_shop, member=town.clerk, role=ActorRole.CLERK, by=system, at=town.at)
    return browser_of(town, town.clerk)


def at_the_till(till: Client, **query: str) -> str:
    answer = till.get("/till/campaigns", query)
    assert answer.status_code == 200
    return words(answer.content.decode())


def test_a_shop_reads_which_campaigns_run_here_and_when_the_money_ended(earning: Earning, phone: Client) -> None:
    till = clerk_of(earning)
    assert "/till/campaigns" in till.get("/till/").content.decode()
    page = at_the_till(till)
    for said in ("朝市の5%", "10月1日(水)から1月31日(土)まで", "1回60円まで", "1人1日70円",
                 "レジですることはありません"):  # fmt: skip
        assert said in page, said
    assert "大型店の日" not in page, "this shop is a small one"
    assert "上限か予算に達しています" not in page
    paid_at_the_shop(earning, phone, 1_000)
    assert "上限か予算に達しています" not in at_the_till(till), "what one customer has had says nothing about a shop"
    english = at_the_till(till, lang="en")
    assert "Morning five" in english
    assert "nothing to do at the till" in english


def test_a_shop_reads_that_the_money_ended_and_that_it_runs_again_when_refilled(poor: Earning) -> None:
    till = clerk_of(poor)
    first = at_the_till(till)
    assert "この店で付くのは、いまはあと90円です。" in first
    assert first.index("水の日") < first.index("これから始まります") < first.index("年末の日")
    assert first.count("いまの曜日や時刻は対象ではありません") == 1, "one of the two is for another day"
    assert poor.pay(1_000).earned_yen == 50
    ended = at_the_till(till)
    assert "いまは上限か予算に達しています。お支払いはいつもどおり受け取れます。" in ended
    assert "points come again by themselves" in at_the_till(till, lang="en")
    poor.refill("town", 100)
    again = at_the_till(till, lang="ja")
    assert "上限か予算に達しています" not in again, "by itself"
    assert "この店で付くのは、いまはあと40円です。" in again


def test_what_runs_now_is_listed_with_rates_days_and_what_is_left_for_me(earning: Earning, phone: Client) -> None:
    assert "お買い物でもらう 朝市の5%5%" in seen(phone, "get")
    page = seen(phone, "get/campaigns")
    for said in ("朝市の5%", "10月1日(水)から1月31日(土)まで", "5%", "1回60円まで", "1人1日70円", "あと70円",
                 "店の区分が「大型店」"):  # fmt: skip
        assert said in page, said
    paid_at_the_shop(earning, phone, 1_000)
    assert "あと20円" in seen(phone, "get/campaigns")
    english = seen(phone, "get/campaigns", lang="en")
    assert "You can still get" in english


def test_the_shop_sees_what_the_customer_got(earning: Earning, phone: Client) -> None:
    town, clerk = earning.town, uuid4()
    parties.join_shop(
        town.small_shop, member=clerk, role=ActorRole.CLERK, by=town.actor(ActorRole.SYSTEM), at=town.at
    )
    payment = paid_at_the_shop(earning, phone, 1_000)
    till = browser_of(town, clerk)
    assert "朝市の5%+50円" in words(till.get(f"/till/paid/{payment}").content.decode())
    assert "お客さまに付いたポイント" in words(till.get(f"/till/payment/{payment}").content.decode())


def test_the_api_tells_it_with_the_payment_and_later(earning: Earning) -> None:
    town = earning.town
    token = mint_token(town.resident, scopes=["till.pay"], seconds=60)
    head = {"HTTP_AUTHORIZATION": f"Bearer {token}", "HTTP_IDEMPOTENCY_KEY": "k1"}
    body = {"amount_yen": 1_000, "shop_code": shop_code(town)}
    made = Client().post("/api/v1/pay", body, content_type="application/json", **head).json()
    (came,) = made["earned"]
    assert (came["campaign"], came["yen"], came["wished_yen"], came["why_ja"]) == ("five", 50, 50, "")
    again = Client().post("/api/v1/pay", body, content_type="application/json", **head).json()
    assert (again["status"], again["earned"]) == ("paid_before", made["earned"])
    later = Client().get(f"/api/v1/payments/{made['payment']}", **head).json()
    assert later["earned"] == made["earned"]


def test_the_office_sees_yen_and_what_is_left_and_tries_last_month(earning: Earning, office: Office) -> None:
    for _ in range(2):
        earning.pay(1_000)
    town = earning.town
    maker = office.browser("maker:planning")
    where = f"/office/programmes/{earning.programme}/campaigns"
    page = words(maker.get(where).content.decode())
    file = maker.get(where, {"format": "csv", "table": "campaigns"})
    assert "朝市の5%,2,1,70,0," in file.content.decode()
    assert "どのキャンペーンが、いくら付けていますか" in page
    draft = programmes.draft_programme(
        terms=campaigns(FIVE, changes={"code": "next-year"}), by=office.officer("maker:planning"), at=town.at
    )
    set_clock_offset(municipality=town.municipality, offset=town.at + timedelta(days=21) - now())
    tried = words(maker.get(f"/office/programmes/{draft}/campaigns").content.decode())
    assert "2025年11月の支払い2件のうち2件に、1人・1店で、あわせて70円が付いたはずです。" in tried
    assert "これまでの付与" not in tried
    file = maker.get(f"/office/programmes/{draft}/campaigns", {"format": "csv", "table": "tried"})
    assert "朝市の5%,2,70" in file.content.decode()
    assert "キャンペーン" in words(maker.get(f"/office/programmes/{draft}").content.decode())
