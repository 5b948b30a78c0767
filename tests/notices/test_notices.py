from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import LazySettings
from django.core import mail
from django.db import IntegrityError, connection, transaction

from meguri.notices import queries
from meguri.notices.models import Complaint, Notice
from meguri.notices.operations import WIPED, carry_out, complain, mark_read, send, send_many
from meguri.notices.rules import SECRET_LASTS, Wording, sms_parts
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.notices.people import AT, SYSTEM, WON, person, take, taken

pytestmark = pytest.mark.django_db


def test_mail_goes_out_to_the_address_in_the_vault_in_both_languages() -> None:
    party = person(email="hanako@example.jp")
    send(party, WON, channel="mail", topic="voucher.won", by=SYSTEM, at=AT)
    assert carry_out(by=SYSTEM, at=AT) == 1
    assert taken == [("hanako@example.jp", "当選しました", "商品券に当選しました。\n\nYou won vouchers.")]
    (notice,) = queries.outbox(municipality=1)
    assert (notice.status, notice.sent_at) == ("sent", AT)
    assert carry_out(by=SYSTEM, at=AT) == 0, "nothing is sent twice"


def test_a_code_is_wiped_once_sent() -> None:
    code = Wording("確認コード", "Your code", "123456", "123456")
    send(person(phone="090-1234-5678"), code, channel="sms", topic="sign_in.code", by=SYSTEM, at=AT, secret=True)
    carry_out(by=SYSTEM, at=AT)
    assert taken[0][0] == "+819012345678"
    assert Notice.objects.get().text_ja == WIPED


def test_a_code_is_not_sent_late() -> None:
    send(person(phone="090-1234-5678"), WON, channel="sms", topic="sign_in.code", by=SYSTEM, at=AT, secret=True)
    carry_out(by=SYSTEM, at=AT + SECRET_LASTS)
    assert (taken, queries.outbox(municipality=1)[0].status) == ([], "dropped")


def test_who_has_no_address_is_not_written_to() -> None:
    send(person(phone="090-1234-5678"), WON, channel="mail", topic="voucher.won", by=SYSTEM, at=AT)
    send(uuid4(), WON, channel="mail", topic="voucher.won", by=SYSTEM, at=AT)
    carry_out(by=SYSTEM, at=AT)
    assert {(n.status, n.fault) for n in queries.outbox(municipality=1)} == {("dropped", "no address")}


def test_what_the_carrier_refuses_says_why() -> None:
    send(person(email="full@example.jp"), WON, channel="mail", topic="voucher.won", by=SYSTEM, at=AT)
    carry_out(by=SYSTEM, at=AT)
    assert [(n.status, n.fault) for n in queries.outbox(municipality=1)] == [("failed", "mailbox full")]


def test_letters_wait_for_whoever_prints_them() -> None:
    send(uuid4(), WON, channel="letter", topic="voucher.won", by=SYSTEM, at=AT)
    assert carry_out(by=SYSTEM, at=AT) == 0
    assert [n.channel for n in queries.outbox(municipality=1, waiting_only=True)] == ["letter"]


def test_an_inbox_shows_in_app_notices_but_no_codes() -> None:
    me, other = uuid4(), uuid4()
    for channel, recipient, secret in (
        ("in_app", me, False), ("mail", me, False), ("in_app", me, True), ("in_app", other, False)
    ):
        send(recipient, WON, channel=channel, topic="voucher.won", by=SYSTEM, at=AT, secret=secret)
    (notice,) = queries.inbox(me, municipality=1)
    assert (notice.status, notice.wording.title("en"), notice.wording.text("ja")) == ("sent", "You won", WON.text_ja)


def test_a_notice_is_read_by_its_recipient_only() -> None:
    me = uuid4()
    notice = send(me, WON, channel="in_app", topic="voucher.won", by=SYSTEM, at=AT)
    mark_read(notice, by=Actor(1, ActorRole.RESIDENT, uuid4()), at=AT)
    assert queries.unread(me, municipality=1) == 1
    mark_read(notice, by=Actor(1, ActorRole.RESIDENT, me), at=AT)
    assert queries.unread(me, municipality=1) == 0


def test_pages_of_the_outbox() -> None:
    for minute in range(5):
        send(uuid4(), WON, channel="push", topic=str(minute), by=SYSTEM, at=AT + timedelta(minutes=minute))
    first = queries.outbox(municipality=1, limit=3)
    rest = queries.outbox(municipality=1, limit=3, after=first[-1].id, channel="push")
    assert [n.topic for n in (*first, *rest)] == ["4", "3", "2", "1", "0"]
    assert queries.outbox(municipality=2) == ()
    assert len(queries.outbox(municipality=1, recipient=first[0].recipient)) == 1


def test_a_rolled_back_business_leaves_no_notice() -> None:

    def business() -> None:
        with transaction.atomic():
            send_many([(uuid4(), WON)], channel="mail", topic="x", by=SYSTEM, at=AT)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        business()
    assert not Notice.objects.exists()


@pytest.mark.parametrize("role", ["resident", "clerk", "owner", "partner", "analyst", "visitor"])
def test_who_may_not_send(role: str) -> None:
    with pytest.raises(Refusal, match="not_allowed"):
        send(uuid4(), WON, channel="mail", topic="x", by=Actor(1, ActorRole(role), uuid4()), at=AT)
    with pytest.raises(Refusal, match="not_allowed"):
        carry_out(by=Actor(1, ActorRole(role), uuid4()), at=AT)


def test_officers_send_for_their_department_only() -> None:
    maker = Actor(1, ActorRole.MAKER, uuid4(), "commerce")
    assert send(uuid4(), WON, channel="in_app", topic="x", by=maker, at=AT, department="commerce")
    with pytest.raises(Refusal, match="not_allowed"):
        send(uuid4(), WON, channel="in_app", topic="x", by=maker, at=AT, department="welfare")


def test_the_database_knows_channels_and_times() -> None:
    send(uuid4(), WON, channel="mail", topic="x", by=SYSTEM, at=AT)
    wrong = {"a_channel_is_known": {"channel": "smoke"}, "a_sent_notice_has_a_time": {"status": "sent"}}
    for name, change in wrong.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Notice.objects.update(**change)


def test_mail_by_djangos_setting(settings: LazySettings) -> None:
    settings.NOTICE_CARRIERS = {"mail": "meguri.notices.carriers.by_mail"}
    send(person(email="hanako@example.jp"), WON, channel="mail", topic="x", by=SYSTEM, at=AT)
    carry_out(by=SYSTEM, at=AT)
    assert [m.subject for m in mail.outbox] == ["当選しました"]


def test_a_mail_server_that_is_down_is_a_fault_on_the_notice(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("no mail server")

    monkeypatch.setattr("meguri.notices.carriers.send_mail", down)
    settings.NOTICE_CARRIERS = {"mail": "meguri.notices.carriers.by_mail"}
    send(person(email="hanako@example.jp"), WON, channel="mail", topic="x", by=SYSTEM, at=AT)
    carry_out(by=SYSTEM, at=AT)
    assert queries.outbox(municipality=1)[0].fault == "no mail server"
    assert queries.outbox(municipality=1)[0].wording == WON


@pytest.mark.parametrize(("length", "parts"), [(0, 1), (70, 1), (71, 2), (134, 2), (135, 3)])
def test_how_many_short_messages_a_text_takes(length: int, parts: int) -> None:
    assert sms_parts("あ" * length) == parts


def test_a_complaint_is_kept_with_its_sender() -> None:
    me = Actor(1, ActorRole.RESIDENT, uuid4())
    complaint = complain("  残高が合いません ", by=me, at=AT)
    kept = Complaint.objects.get(id=complaint)
    assert (kept.text, kept.sender, kept.told_at) == ("残高が合いません", me.party, AT)


def test_an_empty_complaint_and_a_visitors_one_are_refused() -> None:
    with pytest.raises(Refusal, match="complaint_empty"):
        complain(" \n", by=Actor(1, ActorRole.RESIDENT, uuid4()), at=AT)
    with pytest.raises(Refusal, match="not_allowed"):
        complain("x", by=Actor(1, ActorRole.VISITOR), at=AT)
    with pytest.raises(IntegrityError, match="a_complaint_says_something"), transaction.atomic():
        Complaint.objects.create(id=uuid4(), municipality=1, sender=uuid4(), text="", told_at=AT)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [False, True])
def test_two_workers_send_nothing_twice(*, locked: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: without the row locks both workers take the same notices out."""
    for number in range(6):
        send(person(email=f"{number}@example.jp"), WON, channel="mail", topic="x", by=SYSTEM, at=AT)
    together = threading.Barrier(2, timeout=10)

    def slow(**what: str) -> None:
        if together.n_waiting or not together.broken:
            with suppress(threading.BrokenBarrierError):
                together.wait(0.3)  # the other worker looks at the outbox meanwhile
        take(**what)

    if not locked:
        monkeypatch.setattr(type(Notice.objects.all()), "select_for_update", lambda self, **_: self)
    monkeypatch.setattr("meguri.notices.operations.carrier_of", lambda channel: slow if channel == "mail" else None)

    def work() -> int:
        try:
            return carry_out(by=SYSTEM, at=AT)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        handled = sum(pool.map(lambda _: work(), range(2)))
    assert (handled == len(taken) == 6) is locked
