"""Notices: what matters stands first, points are folded by day, and what was shown is read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.test import Client

from meguri.faces.resident.told import DAYS_OPEN, by_day
from meguri.notices import queries
from meguri.notices.operations import send
from meguri.notices.queries import NoticeView
from meguri.notices.rules import Wording
from meguri.words.actor import ActorRole
from tests.faces.resident.conftest import seen, words
from tests.town import Town

WON = Wording("当選しました", "You have been drawn", "10月31日までにお支払いください。", "Please pay by 31 October.")


def points(yen: int) -> Wording:
    return Wording(f"{yen}円分のポイントが付きました", f"You earned {yen} yen in points", "歩きました。", "You walked.")


def tell(town: Town, wording: Wording, *, topic: str, back: timedelta = timedelta(0), to: UUID | None = None) -> UUID:
    who = town.actor(ActorRole.SYSTEM)
    return send(to or town.holder, wording, channel="in_app", topic=topic, by=who, at=town.at - back)


@pytest.fixture
def told(town: Town) -> Town:
    """A win three days ago, drowned by points of two days since."""
    tell(town, WON, topic="voucher.won", back=timedelta(days=3))
    for hours in (30, 29, 28, 2, 1):
        tell(town, points(10), topic="point.granted", back=timedelta(hours=hours))
    tell(town, points(300), topic="point.granted")
    return town


def unread(town: Town, *, other_than: str = "") -> int:
    return queries.unread(town.holder, municipality=town.municipality, other_than=other_than)


def test_the_first_page_names_what_matters_and_no_points(told: Town, phone: Client) -> None:
    page = seen(phone, "")
    assert "当選しました" in page
    assert "まだ読んでいないお知らせ 1件" in page
    assert "ポイントが付きました" not in page
    english = seen(phone, "", lang="en")
    assert "You have been drawn" in english
    assert "1 unread notice" in english
    assert "notices" not in english.lower().replace("notices history", "").split("what i have")[0]


def test_what_matters_stands_above_the_points_of_each_day(told: Town, phone: Client) -> None:
    page = phone.get("/wallet/notices").content.decode()
    assert page.index("当選しました") < page.index("入ったポイント")
    assert len(re.findall(r'<details class="folded">', page)) == 2
    text = seen(phone, "notices")
    assert "11月12日(水) 3件" in text
    assert "11月11日(火) 3件" in text
    assert "10円分のポイントが付きました ×2" in text
    assert "300円分のポイントが付きました" in text


def test_what_was_shown_is_read_and_counted_no_more(told: Town, phone: Client) -> None:
    assert unread(told) == 7
    first = seen(phone, "notices")
    assert first.count("新しい") == 3  # the win, and two days of points
    assert unread(told) == 0
    assert "新しい" not in seen(phone, "notices")
    assert "まだ読んでいないお知らせ" not in seen(phone, "")
    tell(told, WON, topic="voucher.lapsed")
    assert "まだ読んでいないお知らせ 1件" in seen(phone, "")


def test_reading_is_everybodys_own(told: Town, neighbour: Client) -> None:
    tell(told, WON, topic="voucher.won", to=told.other)
    seen(neighbour, "notices")
    assert unread(told) == 7
    assert queries.unread(told.other, municipality=told.municipality) == 0


def test_older_notices_are_turned_to_and_stay_unread_until_then(
    town: Town, phone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meguri.faces.resident.told.PAGE", 2)
    for days in (5, 4, 3):
        tell(town, WON, topic="voucher.received", back=timedelta(days=days))
    tell(town, points(10), topic="point.granted")
    first = phone.get("/wallet/notices").content.decode()
    assert unread(town) == 1
    further = re.search(r'href="(\?after=[^"]+)" rel="next"', first)
    assert further is not None
    second = phone.get("/wallet/notices" + further[1]).content.decode()
    assert second.count("10月31日までに") == 1
    assert "入ったポイント" not in second, "points stand on the first page only"
    assert unread(town) == 0


def test_a_notice_leads_to_where_one_can_act(told: Town, phone: Client) -> None:
    main = phone.get("/wallet/notices").content.decode().split('id="main"')[1]
    assert 'href="/wallet/get"' in main.split("入ったポイント")[0]


def test_an_empty_inbox_says_so(phone: Client) -> None:
    assert "お知らせはありません" in seen(phone, "notices")
    assert "No notices" in seen(phone, "notices", lang="en")


def test_counting_leaves_out_a_topic_secrets_and_other_towns(told: Town) -> None:
    assert unread(told, other_than="point.granted") == 1
    assert unread(told, other_than="voucher.won") == 6
    send(
        told.holder, WON, channel="in_app", topic="sign_in.code", by=told.actor(ActorRole.SYSTEM), at=told.at,
        secret=True,
    )
    assert unread(told) == 7, "a code is not in the inbox, so it cannot be read there"
    assert queries.unread(told.holder, municipality=told.municipality + 1) == 0


def test_the_inbox_is_filtered_by_topic_before_it_is_cut(told: Town) -> None:
    town = told.municipality
    (won,) = queries.inbox(told.holder, municipality=town, limit=3, other_than="point.granted")
    assert won.topic == "voucher.won"
    assert len(queries.inbox(told.holder, municipality=town, topic="point.granted")) == 6
    assert len(queries.inbox(told.holder, municipality=town)) == 7


def test_days_are_cut_at_midnight_in_japan() -> None:
    made = [datetime(2025, 11, 11, 15, 30, tzinfo=UTC), datetime(2025, 11, 11, 14, 30, tzinfo=UTC)]
    days = by_day([_notice(at, read=at == made[1]) for at in made], language="ja")
    assert [(day.on.isoformat(), day.count, day.unread) for day in days] == [("2025-11-12", 1, 1), ("2025-11-11", 1, 0)]
    assert by_day([], language="en") == []


def _notice(at: datetime, *, read: bool) -> NoticeView:
    number = UUID(int=int(at.timestamp()))
    return NoticeView(
        id=number, recipient=number, channel="in_app", topic="point.granted", wording=points(10), status="sent",
        fault="", made_at=at, sent_at=at, read_at=at if read else None,
    )  # fmt: skip


def test_older_days_of_points_are_folded_once_more(town: Town, phone: Client) -> None:
    for days in range(DAYS_OPEN + 3):
        tell(town, points(10), topic="point.granted", back=timedelta(days=days))
    page = phone.get("/wallet/notices").content.decode()
    assert "それより前(3日)" in words(page)
    assert page.count('<details class="folded">') == DAYS_OPEN + 3 + 1
    assert page.count("<details") == page.count("</details>")
    assert "badge" not in page.split("points-told")[-1], "points ask for nothing"
