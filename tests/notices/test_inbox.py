"""What a person finds in the own inbox, what is counted as unread, and whose it is to mark."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.notices import queries
from meguri.notices.models import Complaint, Notice
from meguri.notices.operations import complain, mark_read, send
from meguri.notices.rules import OUTWARD, Wording, sms_parts
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.notices.people import AT, SYSTEM, WON, acting

HOUR = timedelta(hours=1)


def tell(
    me: UUID, *, channel: str = "in_app", topic: str = "voucher.won", hours: int = 0, secret: bool = False
) -> UUID:
    return send(me, WON, channel=channel, topic=topic, by=SYSTEM, at=AT + hours * HOUR, secret=secret)


@pytest.mark.django_db
def test_an_inbox_has_what_the_app_and_the_phone_said_newest_first() -> None:
    me = uuid4()
    told = [tell(me, channel=channel, hours=n) for n, channel in enumerate(["in_app", "push", "mail", "in_app"])]
    assert [notice.id for notice in queries.inbox(me, municipality=1)] == [told[3], told[1], told[0]]
    assert queries.inbox(me, municipality=2) == ()
    assert queries.inbox(uuid4(), municipality=1) == ()


@pytest.mark.django_db
def test_the_pages_of_an_inbox_show_each_notice_once() -> None:
    me = uuid4()
    told = [tell(me, hours=n) for n in range(7)]
    seen: list[UUID] = []
    while page := queries.inbox(me, municipality=1, limit=3, after=seen[-1] if seen else None):
        assert len(page) <= 3
        tell(me, hours=100 + len(seen))  # arrives while the pages are turned
        seen += [notice.id for notice in page]
    assert seen == told[::-1]


@pytest.mark.django_db
def test_an_inbox_can_be_asked_for_one_topic_or_for_all_but_one() -> None:
    me = uuid4()
    for topic in ("voucher.won", "payment.made", "payment.made"):
        tell(me, topic=topic)
    assert [notice.topic for notice in queries.inbox(me, municipality=1, topic="voucher.won")] == ["voucher.won"]
    assert [notice.topic for notice in queries.inbox(me, municipality=1, other_than="payment.made")] == ["voucher.won"]
    assert len(queries.inbox(me, municipality=1)) == 3
    assert queries.unread(me, municipality=1) == 3
    assert queries.unread(me, municipality=1, other_than="payment.made") == 1


@pytest.mark.django_db
def test_what_is_unread_is_counted_where_it_can_be_opened() -> None:
    """A mail is read elsewhere, a code is shown nowhere again: neither keeps a mark on the phone for ever."""
    me = uuid4()
    for channel, secret in (("in_app", False), ("push", False), ("mail", False), ("in_app", True)):
        tell(me, channel=channel, secret=secret)
    assert queries.unread(me, municipality=1) == 1
    assert queries.unread(me, municipality=2) == 0


@pytest.mark.django_db
def test_a_notice_keeps_the_moment_when_it_was_first_read() -> None:
    me = uuid4()
    first, other = tell(me), tell(me)
    mark_read(first, by=acting("resident", me), at=AT + HOUR)
    mark_read(first, by=acting("resident", me), at=AT + 2 * HOUR)
    read = {notice.id: notice.read_at for notice in queries.inbox(me, municipality=1)}
    assert read == {first: AT + HOUR, other: None}


@pytest.mark.django_db
def test_the_same_person_in_another_town_reads_nothing_here() -> None:
    me = uuid4()
    notice = tell(me)
    mark_read(notice, by=acting("resident", me, municipality=2), at=AT)
    mark_read(uuid4(), by=acting("resident", me), at=AT)
    assert queries.unread(me, municipality=1) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(ActorRole))
def test_everybody_with_a_name_reads_and_complains_and_nobody_else(role: ActorRole) -> None:
    by = acting(role)
    assert by.party is not None
    notice = tell(by.party)
    if role in (ActorRole.VISITOR, ActorRole.SYSTEM):
        with pytest.raises(Refusal, match="not_allowed"):
            mark_read(notice, by=by, at=AT)
        with pytest.raises(Refusal, match="not_allowed"):
            complain("残高が合いません", by=by, at=AT)
        assert not Complaint.objects.exists()
        return
    mark_read(notice, by=by, at=AT)
    assert queries.unread(by.party, municipality=1) == 0
    assert Complaint.objects.get(id=complain("残高が合いません", by=by, at=AT)).sender == by.party


@pytest.mark.django_db
def test_a_complaint_of_any_length_is_kept_as_far_as_its_place_reaches() -> None:
    kept = Complaint.objects.get(id=complain("あ" * 1_999 + "いう", by=acting("clerk"), at=AT))
    assert (len(kept.text), kept.text[-2:], kept.answer) == (2_000, "あい", None)


@pytest.mark.django_db
def test_a_complaint_without_a_word_says_what_is_missing_in_both_languages() -> None:
    with pytest.raises(Refusal) as no:
        complain("　\t", by=acting("owner"), at=AT)
    assert (no.value.kind.status, no.value.field) == (422, "text")
    assert no.value.sentence("ja") == "お困りのことを書いてください。"
    assert no.value.sentence("en") == "Please write what is wrong."


@pytest.mark.django_db
def test_what_is_written_in_the_app_is_there_at_once_and_what_goes_out_waits() -> None:
    me = uuid4()
    for channel in ("in_app", *OUTWARD):
        tell(me, channel=channel)
    sent = dict(Notice.objects.values_list("channel", "sent_at"))
    assert {channel for channel, moment in sent.items() if moment == AT} == {"in_app"}
    assert {channel for channel, moment in sent.items() if moment is None} == set(OUTWARD)


def test_a_notice_speaks_english_to_whoever_asks_for_it_and_japanese_to_everybody_else() -> None:
    said = Wording("題", "Title", "本文", "Text")
    assert (said.title("en"), said.text("en")) == ("Title", "Text")
    for language in ("ja", "", "fr"):
        assert (said.title(language), said.text(language)) == ("題", "本文")


@given(st.integers(0, 2_000))
def test_short_messages_hold_the_whole_text_and_none_is_empty(length: int) -> None:
    parts = sms_parts("あ" * length)
    assert parts == 1 if length <= 70 else length <= 67 * parts < length + 67
    assert sms_parts("あ" * (length + 1)) >= parts
