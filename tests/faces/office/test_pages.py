"""Every page of the office: who sees it, in both languages, and who is kindly turned away."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from meguri.faces.office.desk import net_yen
from meguri.parties.rules import Both
from meguri.programmes import queries as programmes
from meguri.programmes.benefits import queries as benefits
from meguri.programmes.vouchers import queries as vouchers
from meguri.programmes.vouchers.line import Selling
from meguri.settlement.queries import DayTotals
from meguri.words.period import Period
from tests.faces.office.lived import Office
from tests.faces.people import browser_of

MAKER, CHECKER, ACCOUNTANT = "maker:commerce", "checker:commerce", "accountant:accounting"
ANALYST, OPERATOR = "analyst:planning", "operator:planning"
EVERYBODY = (MAKER, "checker:planning", "maker:welfare", ACCOUNTANT, ANALYST, OPERATOR)


def get(client: Client, name: str, *args: object, **query: str) -> str:
    answer = client.get(reverse(f"office:{name}", args=args), query)
    assert answer.status_code == 200, (name, answer.status_code, answer.content.decode()[:2000])
    return answer.content.decode()


def test_only_who_may_stand_in_a_sales_line_is_led_there(lived: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """An officer who followed the link would read that the page is not for officers."""
    days = Period(lived.town.at - timedelta(days=1), lived.town.at + timedelta(days=9))
    sold = Selling(uuid4(), Both("先着の券", "First come"), Both("1回目", "First"), days, 4_000, 5_200, 318)
    monkeypatch.setattr("meguri.faces.public.views.line.selling", lambda *_, **__: (sold,))
    for client, is_led in ((lived.browser(MAKER), False), (Client(), True)):
        page = client.get("/", {"lang": "ja"}).content.decode()
        assert "いま先着で売っています" in page
        assert (f"/wallet/get/vouchers/{sold.sale}" in page) is is_led


@pytest.mark.parametrize("key", EVERYBODY)
def test_the_desk_and_the_common_pages_open_for_every_officer(lived: Office, key: str) -> None:
    client = lived.browser(key)
    pages = ["desk", "programmes", "evidence", "books", "strategy", "people", "shops"]
    if not key.startswith("analyst"):
        pages.append("approvals")
    if key.startswith("operator"):
        pages = [name for name in pages if name not in ("evidence", "books")]
    for name in pages:
        assert "<h1" in get(client, name)
        assert 'lang="en"' in get(client, name, lang="en")
        client.get(reverse("office:desk"), {"lang": "ja"})
    programme = lived.programme("voucher")
    get(client, "programme", programme)
    assert client.get(reverse("office:programme_file", args=[programme])).content.startswith(b"code =")
    if "evidence" in pages:
        for each in programmes.programmes(lived.number):
            get(client, "evidence_programme", each.id)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_desks_of_the_three_kinds_open_for_their_departments(lived: Office, lang: str) -> None:
    (sale,) = vouchers.sales(lived.number)
    (listed,) = benefits.lists(lived.number)
    (entitled,) = benefits.entitlements(listed.id, municipality=lived.number, at=lived.town.at)
    commerce, planning, welfare = (
        lived.browser(key) for key in ("checker:commerce", "maker:planning", "maker:welfare")
    )
    get(commerce, "vouchers", lang=lang)
    page = get(commerce, "sale", sale, lang=lang)
    assert ("Applications" if lang == "en" else "申込み") in page
    get(commerce, "draw", sale, lang=lang)
    page = get(planning, "points", lang=lang)
    assert "action=" in page or "place" in page
    get(welfare, "benefits", lang=lang)
    get(welfare, "import_list", lang=lang)
    get(welfare, "benefit_list", listed.id, lang=lang)
    get(welfare, "entitlement", entitled.id, lang=lang)
    get(planning, "programme_new", lang=lang, model="green-and-health-points")
    get(planning, "new_shop", lang=lang)
    get(planning, "shop", lived.town.small_shop, lang=lang)


def test_others_are_turned_away(lived: Office) -> None:
    (sale,) = vouchers.sales(lived.number)
    (listed,) = benefits.lists(lived.number)
    welfare, commerce, analyst = (lived.browser(key) for key in ("maker:welfare", MAKER, ANALYST))
    operator, checker = lived.browser(OPERATOR), lived.browser("checker:welfare")
    refused = [
        (welfare, "sale", [sale]), (welfare, "draw", [sale]), (commerce, "benefit_list", [listed.id]),
        (welfare, "settlements", []),
        (analyst, "settlements", []), (analyst, "approvals", []), (operator, "evidence", []), (analyst, "points", []),
        (checker, "programme_new", []), (checker, "import_list", []), (analyst, "new_shop", []),
        (operator, "books", []),
    ]
    for client, name, args in refused:
        answer = client.get(reverse(f"office:{name}", args=args))
        assert answer.status_code == 403, (name, answer.status_code)
        assert "notice--refusal" in answer.content.decode()

    for client, name in ((commerce, "benefits"), (welfare, "vouchers"), (welfare, "points"), (commerce, "import_list")):
        answer = client.get(reverse(f"office:{name}"))
        assert answer.status_code == 403, name  # another department's desk
        assert str(listed.id) not in answer.content.decode()


def test_residents_see_no_office_and_visitors_sign_in(lived: Office) -> None:
    resident = browser_of(lived.town, lived.town.holder)
    visitor = Client()
    for name in ("desk", "programmes", "settlements", "people", "strategy", "evidence", "shops", "approvals", "books"):
        assert resident.get(reverse(f"office:{name}")).status_code == 403
        assert visitor.get(reverse(f"office:{name}")).status_code == 302


def test_what_is_not_there_is_said_kindly(lived: Office) -> None:
    client = lived.browser("checker:commerce")
    accountant = lived.browser(ACCOUNTANT)
    for name in ("programme", "programme_file", "sale", "draw", "evidence_programme", "shop"):
        assert client.get(reverse(f"office:{name}", args=[uuid4()])).status_code == 404, name
    for name in ("settlement", "statement"):
        assert accountant.get(reverse(f"office:{name}", args=[uuid4()])).status_code == 404, name
    assert client.post(reverse("office:people"), {"act": "unknown"}).status_code == 400


def test_tables_come_as_files(lived: Office) -> None:
    client, accountant = lived.browser(CHECKER), lived.browser(ACCOUNTANT)
    (sale,) = vouchers.sales(lived.number)
    for name, args, wanted in (
        ("programmes", [], "事業"), ("shops", [], "店"), ("approvals", [], "起票"), ("people", [], "職員"),
        ("sale", [sale], "受付番号"), ("draw", [sale], "順位"), ("evidence", [], "指標"), ("strategy", [], "事業"),
        ("programme", [lived.programme("voucher")], "財源"), ("desk", [], ""),
    ):
        answer = client.get(reverse(f"office:{name}", args=args), {"format": "csv"})
        assert answer["Content-Type"].startswith("text/csv"), name
        text = answer.content.decode()
        assert text.startswith("\ufeff" + wanted), (name, text[:40])
        assert "\r\n" in text
    assert accountant.get(reverse("office:settlements"), {"format": "csv"})["Content-Type"].startswith("text/csv")
    address = reverse("office:evidence_programme", args=[lived.programme("voucher")])
    assert "飲食料品小売業,1200" in client.get(address, {"format": "csv", "table": "trade"}).content.decode()


def test_the_desk_has_one_figure_of_what_was_spent(lived: Office) -> None:
    """Tile, title, line and file all mean payments less refunds."""
    assert net_yen(DayTotals(date(2026, 6, 2), 5_000, 1_200, 0, 0, 0, 0)) == 3_800
    text = get(lived.browser("maker:commerce"), "desk")
    assert "返金を差し引く前" not in text
    assert "を差し引いた額" in text


def test_the_menu_offers_what_the_officer_can_open(lived: Office) -> None:
    page = get(lived.browser("maker:welfare"), "desk")
    assert reverse("office:benefits") in page
    assert reverse("office:vouchers") not in page
    assert reverse("office:settlements") not in page
    page = get(lived.browser(ACCOUNTANT), "desk")
    assert reverse("office:settlements") in page
    assert reverse("office:benefits") not in page
