"""An approved amendment is announced wherever it matters: office, wallet, till, public page, API."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from meguri.faces.entrance.tokens import mint_token
from meguri.parties import operations as parties
from meguri.programmes import queries
from meguri.site import tasks
from meguri.words.actor import ActorRole
from tests.faces.office.lived import Office
from tests.faces.office.reading import page, send, words
from tests.faces.office.test_amending import MAKER, in_force, keep
from tests.faces.office.test_starting import START, approved
from tests.faces.people import browser_of

OLD, NEW = "1人が持てるのは10,000円までです。", "1人が持てるのは20,000円までです。"
SIDES = f"お支払いのときに それまで {OLD} 2025年12月1日(月)から {NEW}"


@pytest.fixture
def number(office: Office) -> UUID:
    return office.programme("point")


def richer(office: Office, number: UUID) -> str:
    text = in_force(office, number)
    assert "balance_max_yen = 10000" in text
    return text.replace("balance_max_yen = 10000", "balance_max_yen = 20000")


def announced(office: Office, number: UUID, monkeypatch: pytest.MonkeyPatch) -> tuple[Client, Client]:
    """Approved for 1 December, and told by the house's own task; gives the browsers of both officers."""
    monkeypatch.setattr("tests.faces.office.test_starting.higher", richer)
    officers = approved(office, number)
    tasks.tell_amendments(municipality=office.number, at=office.town.at + timedelta(minutes=1))
    return officers


def read(browser: Client, name: str, *args: object, **query: str) -> str:
    answer = browser.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return words(answer.content.decode())


def test_the_approver_reads_beforehand_what_will_be_told_to_whom(office: Office, number: UUID) -> None:
    maker = office.browser(MAKER)
    seen = words(keep(maker, number, richer(office, number), starts_on=START))
    assert "承認すると、次のことを、残高を持つ人と申し込んだ人へのお知らせ" in seen
    assert SIDES in seen
    behind = words(keep(maker, number, in_force(office, number).replace("goal = 40000", "goal = 50000"),
                        starts_on=START))  # fmt: skip
    assert "町の人にとって変わることはないので、町の人には知らせません。" in behind
    at_once = words(keep(maker, number, richer(office, number)))
    assert "先に知らせること" not in at_once


def test_residents_shops_and_programs_read_it_until_it_is_withdrawn(
    office: Office, number: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.town.give("points", 700)
    office.held()  # with it, the actions are open
    holder, other = (browser_of(office.town, each) for each in (office.town.holder, uuid4()))
    member, shop = uuid4(), office.town.small_shop
    parties.join_shop(shop, member=member, role=ActorRole.CLERK, by=office.system, at=office.town.at)
    clerk = browser_of(office.town, member)
    assert "変わることは、いまありません" in read(holder, "resident:coming")
    assert "この店で変わることは、いまありません" in read(clerk, "merchant:coming")
    maker, checker = announced(office, number, monkeypatch)
    mine, theirs = read(holder, "resident:coming"), read(other, "resident:coming")
    assert SIDES in mine
    assert SIDES in theirs
    assert "いま持っている分にも、新しいきまりが当てはまります。" in mine
    assert "これから受け取る人に当てはまります。" in theirs
    assert "2025年12月1日(月)から、きまりが変わります" in read(holder, "resident:actions")
    told = read(holder, "resident:notices")
    assert "2025年12月1日から、きまりが変わります" in told
    assert reverse("resident:coming") in holder.get(reverse("resident:notices")).content.decode()
    assert "きまりが変わります" not in read(other, "resident:notices")
    assert "2025年12月1日(月)から、きまりが変わります" in read(clerk, "merchant:home")
    assert "1人が保有することができる額は、20,000円までとする。" in read(clerk, "merchant:coming")
    assert SIDES in read(clerk, "public:programme", number)
    assert "From Mon 1 Dec 2025 on" in read(holder, "resident:coming", lang="en")
    send(maker, "amendment", number, act="ask_withdrawal", note="否決")
    send(checker, "amendment", number, act="approve_withdrawal")
    tasks.tell_amendments(municipality=office.number, at=office.town.at + timedelta(minutes=2))
    assert "変わることは、いまありません" in read(holder, "resident:coming", lang="ja")
    assert "きまりの変更は、取りやめになりました" in read(holder, "resident:notices")


def test_programs_get_its_first_day_and_every_value(
    office: Office, number: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    maker, _ = announced(office, number, monkeypatch)
    token = mint_token(office.officer(MAKER), scopes=["programme.see"], seconds=60)
    rows = json.loads(Client().get("/api/v1/programmes", headers={"authorization": f"Bearer {token}"}).content)
    coming = {row["programme"]: row["coming"] for row in rows}
    (ahead,) = queries.announced(office.number)
    assert coming.pop(str(number)) == {
        "first_day": START, "version": 2, "reason": ahead.reason,
        "changes": [{"field": "limits.balance_max_yen", "before": "10000", "after": "20000"}],
    }  # fmt: skip
    assert set(coming.values()) == {None}
    assert "お知らせは2025年11月12日(水)" in words(page(maker, "amendment", number))
