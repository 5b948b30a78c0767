"""What happens in the town becomes a company's events: of its own funds, in order, to the yen, and of no person."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.test import Client

from meguri.faces.partner import tasks
from meguri.ledger.tasks import keep_log
from meguri.notices import webhook_queries as queries
from meguri.notices.partner_telling import PEOPLE_LEAST
from meguri.programmes import queries as programmes
from tests.faces.partner.conftest import PEOPLE, SHOPS, Company
from tests.notices.receiver import Receiver


@pytest.fixture
def receiver(settings: LazySettings) -> Iterator[Receiver]:
    settings.WEBHOOKS_TO_LOOPBACK = True
    made = Receiver().up()
    yield made
    made.down()


def read(company: Company, *, at: datetime | None = None) -> None:
    while keep_log(municipality=company.town.municipality, at=company.town.at):
        pass
    while tasks.tell_partners(municipality=company.town.municipality, at=at or company.town.at):
        pass


def bodies(company: Company) -> list[dict[str, Any]]:
    found = queries.events(company.sponsor, municipality=company.town.municipality, limit=1_000)
    return [json.loads(each.body) for each in found]


def yen(company: Company, topic: str, *, fund: UUID) -> int:
    parts = [part for each in bodies(company) if each["type"] == topic for part in each["data"]["funds"]]
    return sum(part.get("yen", 0) for part in parts if part["fund"] == str(fund))


def test_the_events_add_up_to_the_books(company: Company) -> None:
    read(company)
    company.live()
    read(company)
    read(company)
    (fund,) = programmes.funds(company.town.municipality, payer=str(company.sponsor))
    kinds = Counter(each["type"] for each in bodies(company))
    assert kinds == {"fund.loaded": 1, "points.granted": 110}
    assert yen(company, "fund.loaded", fund=fund.id) == fund.budget.loaded_yen == 900_000
    assert yen(company, "points.granted", fund=fund.id) == 330
    granted = [each["data"] for each in bodies(company) if each["type"] == "points.granted"]
    assert {(each["action"], each["all_funders_yen"], each["programme"]) for each in granted} == {
        ("walk", 10, str(company.programme))
    }
    assert [each["number"] for each in bodies(company)] == list(range(1, 112))


def test_what_was_spent_is_told_as_one_sum_when_the_day_is_over(company: Company) -> None:
    company.live()
    read(company)
    assert "fund.spent" not in {each["type"] for each in bodies(company)}
    later = datetime.now(UTC) + timedelta(days=400)  # postings of tests are recorded at the machine's own time
    read(company, at=later)
    (told,) = [each["data"] for each in bodies(company) if each["type"] == "fund.spent"]
    assert PEOPLE >= PEOPLE_LEAST
    assert told["funds"][0]["spent_yen"] == 220


def test_no_person_no_shop_and_no_posting_is_named(company: Company) -> None:
    company.live()
    read(company, at=datetime.now(UTC) + timedelta(days=400))
    text = json.dumps(bodies(company))
    assert not [each for each in (*company.people, *company.shops) if str(each) in text]
    known = {str(company.programme)} | {str(f.id) for f in programmes.funds(company.town.municipality)}
    found = set(re.findall(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", text))
    assert found <= known, "nothing in an event could be joined to another event of the same person"
    assert SHOPS == 3


def test_another_company_hears_nothing_of_it(company: Company, stranger: Client) -> None:
    company.live()
    read(company)
    assert "points.granted" not in stranger.get("/partner/webhooks").content.decode().split("<details><summary>")[0]


def test_from_the_page_to_the_receiver_and_again(company: Company, receiver: Receiver) -> None:
    read(company)
    text = company.office.post("/partner/webhooks", {"act": "register", "url": receiver.url}).content.decode()
    assert f'value="{receiver.url}"' not in text, "a filled form would be sent a second time"
    secret = re.search(r'value="(whsec_[^"]+)"', text)
    assert secret is not None
    receiver.secrets = [secret[1]]
    assert secret[1] not in company.office.get("/partner/webhooks").content.decode(), "it is shown once"
    company.do_walk(company.people[0], at=company.town.at)
    read(company)
    tasks.carry_webhooks(municipality=company.town.municipality, at=company.town.at)
    assert [each["type"] for each in receiver.handled.values()] == ["points.granted"]
    assert receiver.forged == 0
    (endpoint,) = queries.endpoints(company.sponsor, municipality=company.town.municipality)
    page = f"/partner/webhooks/{endpoint.id}"
    assert "届いた" in company.office.get(page).content.decode()
    assert company.office.post(page, {"act": "replay", "after": "0"}).status_code == 302
    tasks.carry_webhooks(municipality=company.town.municipality, at=company.town.at)
    assert receiver.numbers() == [2, 1], "from the first on, also what came before it was named"
    assert company.office.post(page, {"act": "again", "number": "9"}).status_code == 404
    rotated = company.office.post(page, {"act": "rotate"}).content.decode()
    assert "whsec_" in rotated
    assert company.office.post(page, {"act": "end"}).status_code == 302
    assert company.office.get(page).status_code == 404


@pytest.mark.parametrize("url", ["http://example.jp/", "https://10.0.0.1/", "https://localhost.invalid/", "x"])
def test_a_bad_address_is_told_at_its_field(company: Company, url: str) -> None:
    answer = company.office.post("/partner/webhooks", {"act": "register", "url": url})
    assert answer.status_code == 422
    assert 'id="url-error"' in answer.content.decode()
