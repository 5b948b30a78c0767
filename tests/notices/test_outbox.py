"""What waits in the outbox, who takes it out, and what becomes of what nobody could take."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import LazySettings

from meguri.notices import carriers, queries, tasks
from meguri.notices.carriers import CarrierRefusedError
from meguri.notices.models import Notice
from meguri.notices.operations import WIPED, carry_out, send, send_many
from meguri.notices.rules import SECRET_LASTS, Wording
from meguri.vault.operations import close_login
from meguri.vault.queries import login_of
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.notices.people import AT, SYSTEM, WON, acting, person, taken

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def outcomes(municipality: int = 1) -> list[tuple[str, str]]:
    """Status and fault of every notice, oldest first."""
    return [(notice.status, notice.fault) for notice in reversed(queries.outbox(municipality=municipality))]


def test_what_was_sent_first_goes_out_first_and_only_as_many_as_asked() -> None:
    for number in range(5):
        mail = Wording(f"{number}番", f"No. {number}", "本文", "text")
        send(person(email=f"{number}@example.jp"), mail, channel="mail", topic="x", by=SYSTEM, at=AT + number * MINUTE)
    assert carry_out(by=SYSTEM, at=AT + 5 * MINUTE, most=2) == 2
    assert [title for _, title, _ in taken] == ["0番", "1番"]
    assert carry_out(by=SYSTEM, at=AT + 6 * MINUTE, most=2) == 2
    assert carry_out(by=SYSTEM, at=AT + 7 * MINUTE, most=2) == 1
    assert [title for _, title, _ in taken] == [f"{number}番" for number in range(5)]
    assert {notice.sent_at for notice in queries.outbox(municipality=1)} == {AT + n * MINUTE for n in (5, 6, 7)}


def test_many_are_answered_in_the_order_in_which_they_were_named() -> None:
    wanted = [(uuid4(), Wording(f"{n}", f"{n}", "", "")) for n in range(4)]
    made = send_many(wanted, channel="in_app", topic="x", by=SYSTEM, at=AT)
    kept = {notice.id: (notice.recipient, notice.wording.title_ja) for notice in queries.outbox(municipality=1)}
    assert [kept[number] for number in made] == [(recipient, wording.title_ja) for recipient, wording in wanted]
    assert send_many([], channel="in_app", topic="x", by=SYSTEM, at=AT) == []


def test_the_channel_chooses_between_a_persons_two_addresses() -> None:
    both = person(email="hanako@example.jp", phone="090-1234-5678")
    send(both, WON, channel="sms", topic="x", by=SYSTEM, at=AT)
    send(both, WON, channel="mail", topic="x", by=SYSTEM, at=AT)
    carry_out(by=SYSTEM, at=AT)
    assert [address for address, _, _ in taken] == ["+819012345678", "hanako@example.jp"]


def test_a_login_that_was_closed_is_no_address_any_more() -> None:
    party = person(email="hanako@example.jp")
    send(party, WON, channel="mail", topic="x", by=SYSTEM, at=AT)
    login = login_of(party, municipality=1)
    assert login is not None
    close_login(login.id)
    carry_out(by=SYSTEM, at=AT)
    assert (taken, outcomes()) == ([], [("dropped", "no address")])


def test_a_channel_whose_carrier_finds_no_address_drops_what_it_has(settings: LazySettings) -> None:
    """A push needs a device, which the vault does not know: with a carrier for it, nothing waits for ever."""
    settings.NOTICE_CARRIERS = {"push": "tests.notices.people.take"}
    send(person(email="hanako@example.jp"), WON, channel="push", topic="x", by=SYSTEM, at=AT)
    assert carry_out(by=SYSTEM, at=AT) == 1
    assert (taken, outcomes()) == ([], [("dropped", "no address")])


@pytest.mark.parametrize(("late", "status"), [(-timedelta(microseconds=1), "sent"), (timedelta(0), "dropped")])
def test_a_code_goes_out_until_its_time_is_over(late: timedelta, status: str) -> None:
    send(person(phone="090-1234-5678"), WON, channel="sms", topic="sign_in.code", by=SYSTEM, at=AT, secret=True)
    carry_out(by=SYSTEM, at=AT + SECRET_LASTS + late)
    assert outcomes() == [(status, "")], "what came too late has no fault of an address"
    assert len(taken) == (status == "sent")


def test_what_is_no_code_may_wait_for_days() -> None:
    send(person(email="hanako@example.jp"), WON, channel="mail", topic="x", by=SYSTEM, at=AT)
    carry_out(by=SYSTEM, at=AT + timedelta(days=3))
    assert outcomes() == [("sent", "")]
    assert Notice.objects.get().text_ja == WON.text_ja, "only codes are wiped"


def test_a_wiped_code_is_wiped_in_both_languages_and_keeps_its_title() -> None:
    code = Wording("確認コード", "Your code", "コードは123456です。", "Your code is 123456.")
    send(person(phone="090-1234-5678"), code, channel="sms", topic="sign_in.code", by=SYSTEM, at=AT, secret=True)
    carry_out(by=SYSTEM, at=AT)
    (notice,) = queries.outbox(municipality=1)
    assert notice.wording == Wording("確認コード", "Your code", WIPED, WIPED)
    assert "123456" in taken[0][2], "the person got it before it was wiped"


def test_what_was_refused_is_not_tried_again_and_spoils_nobody_elses() -> None:
    send(person(email="full@example.jp"), WON, channel="mail", topic="x", by=SYSTEM, at=AT)
    send(person(email="hanako@example.jp"), WON, channel="mail", topic="x", by=SYSTEM, at=AT)
    assert carry_out(by=SYSTEM, at=AT) == 2
    assert outcomes() == [("failed", "mailbox full"), ("sent", "")]
    assert carry_out(by=SYSTEM, at=AT + MINUTE) == 0
    assert [notice.sent_at for notice in queries.outbox(municipality=1)] == [AT, None]


def test_a_long_fault_is_kept_as_far_as_its_place_reaches(monkeypatch: pytest.MonkeyPatch) -> None:
    def wordy(**_: str) -> None:
        raise CarrierRefusedError("満杯" * 150)

    monkeypatch.setattr("tests.notices.people.take", wordy)
    send(person(email="hanako@example.jp"), WON, channel="mail", topic="x", by=SYSTEM, at=AT)
    carry_out(by=SYSTEM, at=AT)
    assert outcomes() == [("failed", "満杯" * 100)]


def test_a_mail_servers_long_answer_is_cut_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError("x" * 900)

    monkeypatch.setattr(carriers, "send_mail", broken)
    with pytest.raises(CarrierRefusedError) as refused:
        carriers.by_mail(address="a@example.jp", title="t", text="x")
    assert len(str(refused.value)) == 200


def test_each_town_carries_out_its_own() -> None:
    elsewhere = Actor(2, ActorRole.SYSTEM)
    send(person(email="hanako@example.jp"), WON, channel="mail", topic="x", by=SYSTEM, at=AT)
    send(uuid4(), WON, channel="mail", topic="x", by=elsewhere, at=AT)
    assert carry_out(by=elsewhere, at=AT) == 1
    assert (outcomes(1), outcomes(2)) == ([("waiting", "")], [("dropped", "no address")])
    tasks.carry_notices(municipality=1, at=AT)
    assert (outcomes(1), len(taken)) == ([("sent", "")], 1)


def test_a_house_without_carriers_keeps_everything_waiting(settings: LazySettings) -> None:
    del settings.NOTICE_CARRIERS
    assert carriers.carrier_of("mail") is None
    send(person(email="hanako@example.jp"), WON, channel="mail", topic="x", by=SYSTEM, at=AT)
    assert carry_out(by=SYSTEM, at=AT) == 0
    assert outcomes() == [("waiting", "")]


def test_a_carrier_that_is_written_wrong_is_noticed_before_anything_is_lost(settings: LazySettings) -> None:
    settings.NOTICE_CARRIERS = {"mail": "meguri.notices.carriers.by_pigeon"}
    send(person(email="hanako@example.jp"), WON, channel="mail", topic="x", by=SYSTEM, at=AT)
    with pytest.raises(ImportError, match="by_pigeon"):
        carry_out(by=SYSTEM, at=AT)
    assert outcomes() == [("waiting", "")]


def test_an_unknown_channel_is_an_error_of_the_program() -> None:
    with pytest.raises(ValueError, match="smoke"):
        send(uuid4(), WON, channel="smoke", topic="x", by=SYSTEM, at=AT)


@pytest.mark.parametrize(
    ("role", "department", "may"),
    [
        ("system", "", True), ("operator", "", True), ("accountant", "", True), ("maker", "commerce", True),
        ("checker", "commerce", True), ("maker", "", False), ("checker", "welfare", False), ("clerk", "", False),
    ],
)  # fmt: skip
def test_who_writes_in_the_name_of_a_department(*, role: str, department: str, may: bool) -> None:
    by = acting(role, department=department)
    if may:
        assert send(uuid4(), WON, channel="in_app", topic="x", by=by, at=AT, department="commerce")
        return
    with pytest.raises(Refusal) as no:
        send(uuid4(), WON, channel="in_app", topic="x", by=by, at=AT, department="commerce")
    assert (no.value.code, no.value.limit) == ("not_allowed", "notice.send")
    assert "お知らせを送る" in no.value.sentence("ja")
    assert "send notices" in no.value.sentence("en")
    assert not Notice.objects.exists()


@pytest.mark.parametrize("role", ["maker", "checker", "accountant", "analyst"])
def test_who_looks_into_the_outbox_is_the_operator_and_no_other_officer(role: str) -> None:
    send(person(email="hanako@example.jp"), WON, channel="mail", topic="x", by=SYSTEM, at=AT)
    with pytest.raises(Refusal, match="not_allowed"):
        carry_out(by=acting(role, department="commerce"), at=AT)
    assert (taken, outcomes()) == ([], [("waiting", "")])
    assert carry_out(by=acting("operator"), at=AT) == 1


def test_the_desk_looks_for_families_of_topics_channels_and_what_waits() -> None:
    for topic, channel in (
        ("voucher.won", "letter"), ("voucher.lost", "in_app"), ("vouchers", "letter"), ("sign_in.code", "mail")
    ):
        send(uuid4(), WON, channel=channel, topic=topic, by=SYSTEM, at=AT)

    def topics(**asked: object) -> set[str]:
        return {notice.topic for notice in queries.outbox(municipality=1, **asked)}  # type: ignore[arg-type]

    assert topics(about="voucher") == {"voucher.won", "voucher.lost"}, "a longer word is another family"
    assert topics(about="voucher", channel="letter") == {"voucher.won"}
    assert topics(other_than="sign_in.code") == {"voucher.won", "voucher.lost", "vouchers"}
    assert topics(waiting_only=True) == {"voucher.won", "vouchers", "sign_in.code"}
    assert topics(channel="sms") == set()
