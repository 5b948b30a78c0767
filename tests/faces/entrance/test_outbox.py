"""The page of what the invented town has sent: people and kinds by their names, the rare before the routine."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.test import Client

from meguri.faces.entrance.demo import demo_id, settle_demo_people
from meguri.faces.entrance.outbox import CHANNELS, STATES
from meguri.notices.models import Channel, NoticeStatus
from meguri.notices.operations import send
from meguri.notices.rules import Wording
from meguri.words.clock import now
from tests.faces.entrance.conftest import SYSTEM


@pytest.fixture
def demo(town: int, settings: LazySettings) -> int:
    settings.DEMO = True
    settle_demo_people(municipality=town, at=now())
    return town


TOPICS = ("point.granted", "voucher.won", "benefit.paid", "sign_in.code")


@pytest.mark.parametrize(("about", "shown"), [
    ("", ["sign_in.code", "benefit.paid", "voucher.won"]), ("voucher", ["voucher.won"]), ("benefit", ["benefit.paid"]),
    ("point", ["point.granted"]), ("sign-in", ["sign_in.code"]), ("all", list(reversed(TOPICS))),
    ("nonsense", ["sign_in.code", "benefit.paid", "voucher.won"]),
])
def test_the_outbox_is_not_buried_under_points(about: str, shown: list[str], demo: int, browser: Client) -> None:
    for number, topic in enumerate(TOPICS):
        at = now() + timedelta(milliseconds=number)
        send(uuid4(), Wording(topic, topic, "本文", "Text"), channel="in_app", topic=topic, by=SYSTEM, at=at)
    page = browser.get("/enter/outbox", {"about": about, "lang": "ja"})
    assert [one.notice.topic for one in page.context["letters"]] == shown, "newest first"
    chosen = "" if about == "nonsense" else about
    assert re.findall(r'href="\?about=([a-z-]*)" aria-current="page"', page.text) == [chosen]


@pytest.mark.parametrize(("language", "words"), [
    ("ja", ["アプリのお知らせ", "あて先: 運営", "届きました", "SMS", "あて先: 町の人", "これから送ります"]),
    ("en", ["Notice in the app", "to: The operator", "delivered", "to: somebody in town", "waiting"]),
])
def test_the_outbox_speaks_of_people_and_not_of_numbers(
    language: str, words: list[str], demo: int, browser: Client
) -> None:
    operator, stranger = demo_id("operator", municipality=demo, what="party"), uuid4()
    for party, channel in ((operator, "in_app"), (stranger, "sms")):
        send(party, Wording("題", "Title", "本文", "Text"), channel=channel, topic="voucher.won", by=SYSTEM, at=now())
    text = browser.get("/enter/outbox", {"lang": language}).text
    assert [word for word in words if word not in text] == []
    raw = ("in_app", str(operator)[:8], str(stranger)[:8], ">sent<", "voucher.won")
    assert [each for each in raw if each in text] == []


def test_an_empty_outbox_says_so(demo: int, browser: Client) -> None:
    assert "Nothing of this kind has been sent yet" in browser.get("/enter/outbox?about=benefit&lang=en").text


@pytest.mark.parametrize("status", NoticeStatus.values)
@pytest.mark.parametrize("channel", Channel.values)
def test_every_kind_and_state_has_a_name(channel: str, status: str) -> None:
    assert CHANNELS[channel].ja != channel
    assert STATES[status].ja != status
