"""Steps of the phone: sent, looked at, counted; told in plain words day by day."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meguri.faces.resident import walking
from meguri.programmes.points import operations as points
from meguri.programmes.points import queries as points_of
from tests.faces.office.lived import Office
from tests.faces.resident.conftest import seen, words
from tests.town import Town


@pytest.fixture
def open_(town: Town, office: Office) -> UUID:
    maker = office.officer("maker:planning")
    return points.open_action(programme=office.programme("point"), code="walk-8000", by=maker, at=town.at)


def send(phone: Client, *lines: str) -> tuple[int, str]:
    file = SimpleUploadedFile("歩数.csv", "\n".join(["日付,歩数", *lines]).encode("cp932"))
    answer = phone.post("/wallet/get/steps", {"file": file})
    return answer.status_code, answer.headers.get("Location", "") or words(answer.content.decode())


def test_a_file_is_looked_at_before_it_counts_and_told_day_by_day(
    town: Town, office: Office, phone: Client, open_: UUID, settings: LazySettings
) -> None:
    settings.DEMO = True  # the officer signs in by one press
    today = town.at.date()
    assert "歩数を送る" in seen(phone, "get/actions")
    assert "8,000歩" in seen(phone, "get/steps")
    told = {today: 8_123, today - timedelta(days=1): 10_000_000, today - timedelta(days=2): 7_999}
    status, address = send(phone, *(f"{on},{steps}" for on, steps in told.items()), f"{today + timedelta(days=1)},9000")
    assert (status, address.endswith("?ahead=1")) == (302, True)
    path = address.removeprefix("/wallet/").partition("?")[0]
    ahead = seen(phone, path, ahead="1", unreadable="<b>")
    for said in ("8,123歩入ります", "10,000,000歩確認待ちになります", "8,000歩に届いていません",
                 "まだ来ていない日の記録1件", "上限の範囲で10円分になります", "この歩数を数える"):  # fmt: skip
        assert said in ahead, said
    assert "読めない記録" not in ahead
    assert not points_of.done_by(town.holder, municipality=town.municipality)
    for _ in range(2):
        assert phone.post(f"/wallet/{path}").status_code == 302
    after = seen(phone, path)
    for said in ("全部で10円分です", "財布に入っています", "確認待ち: 1日の歩数がとても多い"):
        assert said in after, said
    assert len(points_of.done_by(town.holder, municipality=town.municipality)) == 2
    english = seen(phone, path, lang="en")
    assert "8,123 stepsIn your wallet" in english
    desk = words(office.browser("maker:planning").get("/office/points/").content.decode())
    assert "10,000,000歩1日の歩数がとても多い" in desk


def test_anothers_file_and_no_file_are_refused(
    town: Town, phone: Client, neighbour: Client, open_: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, address = send(phone, f"{town.at.date()},9000")
    assert neighbour.get(address).status_code == neighbour.post(address).status_code == 404
    assert send(phone, "2025-01-01,9000")[0] == 422
    assert "読み取れません" in send(phone, "x" * 20_000)[1]
    assert phone.post("/wallet/get/steps").status_code == 422
    monkeypatch.setattr(walking, "READING_WAIT_S", 0)
    with walking._READING:
        assert send(phone, f"{town.at.date()},9000")[0] == 503


def test_the_page_says_when_nothing_is_to_be_had_for_steps(phone: Client, deeds: dict[str, UUID]) -> None:
    assert "いま、歩数でもらえるポイントはありません" in seen(phone, "get/steps")
    assert not re.search("歩数を送る", seen(phone, "get/actions"))
