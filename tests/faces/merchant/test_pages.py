"""Every page of the till, for those who may enter and those who may not, in both languages; day, settlement, people."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from meguri.ledger.operations import set_clock_offset
from meguri.parties import operations as parties
from meguri.parties import queries as known
from meguri.settlement import operations as settlement
from meguri.settlement import queries as settled
from meguri.tills import queries
from meguri.words.actor import ActorRole
from meguri.words.clock import now
from tests.faces.merchant.conftest import Till
from tests.faces.people import browser_of

PAGES = ("", "day", "code")
OWNERS_PAGES = ("settlement", "members")


def settle(till: Till) -> UUID:
    """Take two payments, give one back, and let the accounting office settle."""
    for yen in ("1200", "700"):
        till.clerk.post("/till/", till.form(yen))
    newest = queries.till_lines(till.town.small_shop, municipality=till.town.municipality)[0].posting
    till.clerk.post(f"/till/payment/{newest}/refund", {"reason": "amount"})
    at = till.town.at + timedelta(minutes=30)
    accountant = till.town.actor(ActorRole.ACCOUNTANT, department="accounting")
    run = settlement.run_settlement(by=accountant, at=at, cutoff=at)
    found = settled.statements(municipality=till.town.municipality, at=at, run=run.id)
    return found[0].id


def rows_of(text: bytes) -> list[list[str]]:
    assert text.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))


@pytest.mark.parametrize("language", ["ja", "en"])
def test_pages_open_for_the_people_of_the_shop(till: Till, language: str) -> None:
    for path in PAGES:
        for browser in (till.clerk, till.owner):
            assert browser.get(f"/till/{path}?lang={language}").status_code == 200, path
    for path in OWNERS_PAGES:
        assert till.owner.get(f"/till/{path}?lang={language}").status_code == 200, path
        refused = till.clerk.get(f"/till/{path}?lang={language}")
        assert refused.status_code == 403, path
        assert ("店主" if language == "ja" else "shop owner") in refused.content.decode()
    assert f'lang="{language}"' in till.clerk.get("/till/").content.decode()


def test_others_stay_outside(till: Till) -> None:
    resident = browser_of(till.town, till.town.holder)
    for path in (*PAGES, *OWNERS_PAGES):
        assert resident.get(f"/till/{path}").status_code == 403, path
        visitor = Client().get(f"/till/{path}")
        assert (visitor.status_code, visitor["Location"][:7]) == (302, "/enter/"), path
    assert resident.post("/till/", till.form("100")).status_code == 403


def test_a_clerk_sees_the_clerks_ways(till: Till) -> None:
    ways = re.findall(r'class="way" href="([^"]+)"', till.clerk.get("/till/").content.decode())
    assert ways == ["/till/", "/till/day", "/till/code"]
    assert len(re.findall(r'class="way" href', till.owner.get("/till/").content.decode())) == 5


def test_a_day_adds_up_on_the_page_and_in_the_file(till: Till) -> None:
    settle(till)
    page = till.clerk.get("/till/day").content.decode()
    assert "1,200" in page
    rows = rows_of(till.clerk.get("/till/day?format=csv").content)
    assert rows[0][2] == "金額(円)"
    assert [int(row[2]) for row in rows[1:]] == [-700, 700, 1_200]
    assert rows[1][4] == rows[2][3]  # the refund names its payment
    before = till.clerk.get("/till/day?on=2025-11-11").content.decode()
    assert "この日の支払いはありません" in before
    for odd in ("2999-01-01", "9999-12-31", "yesterday", "", "2025-02-30", "2025-11-12T00:00"):
        assert "きょう" in till.clerk.get(f"/till/day?on={odd}").content.decode()


@pytest.mark.parametrize("on", ["0001-01-01", "1600-01-01", "2025-04-01"])
def test_days_begin_with_the_shops_joining(till: Till, on: str) -> None:
    shop = known.shop(till.town.small_shop, municipality=till.town.municipality)
    assert shop is not None
    answer = till.clerk.get(f"/till/day?on={on}")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert f'value="{shop.joined_on.isoformat()}"' in page
    assert "前の日" not in page, "there is nothing before the first day"
    assert "次の日" in page
    name = till.clerk.get(f"/till/day?on={on}&format=csv")["Content-Disposition"]
    assert f"day-{shop.joined_on.isoformat()}.csv" in name


def test_a_long_day_is_turned_by_cursor(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meguri.faces.merchant.days.PAGE", 2)
    monkeypatch.setattr("meguri.faces.merchant.days.READ_AT_ONCE", 2)
    for yen in (10, 20, 30, 40, 50):
        till.clerk.post("/till/", till.form(str(yen)))
    seen: list[str] = []
    address = "/till/day"
    for _ in range(3):
        text = till.clerk.get(address).content.decode()
        seen += re.findall(r"/till/payment/([0-9a-f-]{36})", text)
        further = re.search(r'href="(\?on=[^"]+after=[^"]+)" rel="next"', text)
        address = f"/till/day{further[1].replace('&amp;', '&')}" if further else ""
    assert not address
    lines = queries.till_lines(till.town.small_shop, municipality=till.town.municipality)
    assert seen == [str(line.posting) for line in lines]


def test_a_settlement_is_told_to_the_yen(till: Till) -> None:
    number = settle(till)
    listed = till.owner.get("/till/settlement").content.decode()
    assert str(number) in listed
    assert "1,200" in listed
    page = till.owner.get(f"/till/settlement/{number}").content.decode()
    assert "振込予定" in page
    assert "−700円" in page
    one = rows_of(till.owner.get(f"/till/settlement/{number}?format=csv").content)
    every = rows_of(till.owner.get("/till/settlement?format=csv").content)
    assert one == every
    assert sum(int(row[-1]) for row in one[1:]) == 1_200
    assert till.clerk.get(f"/till/settlement/{number}").status_code == 403
    stranger = till.town.actor(ActorRole.OWNER)
    parties.join_shop(
        till.town.large_shop, member=stranger.party, role=ActorRole.OWNER, by=till.town.actor(ActorRole.SYSTEM),  # type: ignore[arg-type]
        at=till.town.at,
    )
    assert browser_of(till.town, stranger.party).get(f"/till/settlement/{number}").status_code == 404  # type: ignore[arg-type]


def test_a_transfer_that_did_not_go_out_is_not_called_planned(till: Till) -> None:
    """The day has passed and the bank has no file: the owner reads just that, with the day that was named."""
    number = settle(till)
    (told,) = settled.statements(municipality=till.town.municipality, at=till.town.at, shop=till.town.small_shop)
    assert told.pay_on is not None
    assert "振込予定" in till.owner.get("/till/settlement").content.decode()
    late = till.town.at + timedelta(days=30)
    set_clock_offset(municipality=till.town.municipality, offset=late - now())
    for path in ("/till/settlement", f"/till/settlement/{number}"):
        page = till.owner.get(path).content.decode()
        assert "まだ振り込まれていません" in page, path
        assert f"{told.pay_on.month}月{told.pay_on.day}日" in page, path
        assert "振込予定" not in page, path
        assert "振込済み" not in page, path
    assert "Not transferred yet" in till.owner.get("/till/settlement?lang=en").content.decode()


def test_somebody_is_invited_comes_and_leaves(till: Till, settings: object) -> None:
    settings.MUNICIPALITY = till.town.municipality  # type: ignore[attr-defined]
    text = till.owner.post("/till/members", {"role": "clerk"}).content.decode()
    link = re.search(r'value="http://testserver(/enter/invitation/[^"]+)"', text)
    assert link is not None
    newcomer = browser_of(till.town, till.town.other)
    assert newcomer.post(link[1])["Location"] == "/till/"
    assert link[1] not in till.owner.get("/till/members").content.decode()
    people = dict(known.shop_members(till.town.small_shop, municipality=till.town.municipality))
    assert people[till.town.other] is ActorRole.CLERK
    assert till.town.other.hex[-4:].upper() in till.owner.get("/till/members").content.decode()
    assert till.owner.post(f"/till/members/{till.town.other}/leave").status_code == 302
    assert till.town.other not in dict(known.shop_members(till.town.small_shop, municipality=till.town.municipality))
    assert till.owner.post(f"/till/members/{till.owner_id}/leave").status_code == 409
    assert till.clerk.post("/till/members", {"role": "owner"}).status_code == 403
    assert till.clerk.post(f"/till/members/{till.owner_id}/leave").status_code == 403


def test_a_stopped_shop_is_told(till: Till) -> None:
    parties.set_shop_status(till.town.small_shop, "suspended", by=till.town.actor(ActorRole.OPERATOR))
    assert "いまは受け取れません" in till.clerk.get("/till/").content.decode()
    assert till.clerk.post("/till/", till.form("100")).status_code == 409
