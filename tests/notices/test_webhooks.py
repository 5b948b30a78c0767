"""Delivery against a real server on loopback that goes down, says no, is slow or repeats itself; nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, transaction

from meguri.notices import partner_telling as telling
from meguri.notices import webhook_operations as webhooks
from meguri.notices import webhook_queries as queries
from meguri.notices import webhook_sending
from meguri.notices.models import Notice, PartnerEvent, WebhookDelivery, WebhookEndpoint
from meguri.notices.partner_telling import NewEvent, Spending
from meguri.notices.webhook_rules import BOTH_VALID, GIVEN_UP_AFTER
from meguri.parties import operations as parties
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.notices.receiver import Receiver

TOWN = 1
SYSTEM = Actor(TOWN, ActorRole.SYSTEM)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(autouse=True)
def to_loopback(db: None, settings: LazySettings) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = True


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver().up()
    yield made
    made.down()


@pytest.fixture
def company() -> Actor:
    sponsor = parties.register_sponsor(name_ja="架空社", name_en="Invented", by=SYSTEM, at=now())
    person = uuid4()
    parties.join_sponsor(sponsor, member=person, by=SYSTEM, at=now())
    return Actor(TOWN, ActorRole.PARTNER, sponsor, person=person)


def named(company: Actor, receiver: Receiver) -> UUID:
    made = webhooks.register_webhook(receiver.url, by=company, at=now())
    receiver.secrets = [made.secret]
    return made.id


def tell(company: Actor, count: int, *, first: int = 1) -> None:
    owner = company.party or uuid4()
    events = [
        NewEvent(owner, "points.granted", first + place, now(), {"funds": [{"fund": str(owner), "yen": 3}]})
        for place in range(count)
    ]
    telling.tell_partners(events, until=first + count - 1, by=SYSTEM, at=now())


def carry(*, at: datetime | None = None) -> int:
    return webhooks.carry_webhooks(by=SYSTEM, at=at or now())


def view(company: Actor) -> queries.EndpointView:
    (found,) = queries.endpoints(company.party or uuid4(), municipality=TOWN)
    return found


def test_everything_arrives_in_order_signed_and_once(company: Actor, receiver: Receiver) -> None:
    named(company, receiver)
    tell(company, 12)
    assert carry() == 12
    assert receiver.numbers() == list(range(1, 13))
    assert receiver.forged == 0
    assert carry() == 0, "nothing is told twice"
    assert (view(company).behind, view(company).health) == (0, "live")
    first = next(iter(receiver.handled.values()))
    assert first["type"] == "points.granted"
    assert first["data"] == {"funds": [{"fund": str(company.party), "yen": 3}]}


def test_a_new_endpoint_is_told_from_now_on(company: Actor, receiver: Receiver) -> None:
    tell(company, 3)
    named(company, receiver)
    carry()
    assert receiver.numbers() == []
    tell(company, 1, first=4)
    carry()
    assert receiver.numbers() == [4]


def test_a_receiver_that_is_down_loses_nothing_and_is_tried_later(company: Actor, receiver: Receiver) -> None:
    named(company, receiver)
    tell(company, 3)
    receiver.down()
    at = now()
    assert carry(at=at) == 1, "one try, not one for each event: the order holds"
    found = view(company)
    assert (found.health, found.tries, found.behind) == ("failing", 1, 3)
    assert carry(at=at + timedelta(seconds=4)) == 0, "it is left alone until its next try"
    receiver.up()
    assert carry(at=at + timedelta(seconds=6)) == 3
    assert receiver.numbers() == [1, 2, 3]
    assert view(company).health == "live"


def test_a_no_in_the_middle_keeps_the_order(company: Actor, receiver: Receiver) -> None:
    named(company, receiver)
    tell(company, 4)
    receiver.answers = [200, 500, 302]
    at = now()
    assert carry(at=at) == 2
    assert receiver.numbers() == [1]
    assert carry(at=at + timedelta(seconds=6)) == 1, "a redirect is no yes, and is not followed"
    assert carry(at=at + timedelta(minutes=2)) == 3
    assert receiver.numbers() == [1, 2, 3, 4]
    ids = [event for event, _ in receiver.requests]
    assert ids[1] == ids[2] == ids[3], "the same event has the same id each time"


def test_a_slow_receiver_is_cut_off_and_holds_up_no_other(
    company: Actor, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_sending, "WITHIN_S", 0.3)
    named(company, receiver)
    quick = Receiver().up()
    made = webhooks.register_webhook(quick.url, by=company, at=now())
    quick.secrets = [made.secret]
    receiver.wait_s = 2.0
    tell(company, 3)
    begun = now()
    assert carry() == 4
    assert now() - begun < timedelta(seconds=1.5)
    assert quick.numbers() == [1, 2, 3]
    quick.down()
    slow = next(each for each in queries.endpoints(company.party or uuid4(), municipality=TOWN) if each.behind)
    (tried,) = queries.deliveries(slow.id, municipality=TOWN)
    assert (tried.state, tried.answered) == ("failed", None)
    assert tried.fault


def test_a_receiver_that_drips_is_cut_off_too(
    company: Actor, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_sending, "WITHIN_S", 0.4)
    named(company, receiver)
    receiver.drips = True
    tell(company, 1)
    begun = now()
    assert carry() == 1
    assert now() - begun < timedelta(seconds=3)
    assert view(company).health == "failing"


def test_what_was_taken_but_not_noted_is_told_again_under_the_same_id(company: Actor, receiver: Receiver) -> None:
    """The worker dies between the receiver's yes and its own note."""
    named(company, receiver)
    tell(company, 2)
    with transaction.atomic():
        carry()
        transaction.set_rollback(True)
    carry()
    assert len(receiver.requests) == 4
    assert receiver.numbers() == [1, 2], "a receiver that looks at the id handles each once"


def test_after_long_failure_it_stops_with_a_notice_and_resumes_where_it_stopped(
    company: Actor, receiver: Receiver
) -> None:
    endpoint = named(company, receiver)
    tell(company, 2)
    receiver.down()
    at = now()
    tries = 0
    while view(company).health != "disabled":
        tries += carry(at=at)
        at = max(view(company).next_try_at or at, at + timedelta(seconds=1))
    assert 10 < tries < 25, "a few tries an hour at most"
    notice = Notice.objects.get(recipient=company.person)
    assert (notice.topic, notice.channel) == ("webhook.disabled", "mail")
    assert receiver.url in notice.text_ja
    assert carry(at=at + GIVEN_UP_AFTER) == 0
    receiver.up()
    webhooks.resume_webhook(endpoint, by=company)
    carry()
    assert receiver.numbers() == [1, 2]


def test_a_receiver_that_is_gone_is_not_asked_again(company: Actor, receiver: Receiver) -> None:
    named(company, receiver)
    tell(company, 2)
    receiver.answers = [410]
    carry()
    assert view(company).health == "disabled"


def test_both_secrets_sign_for_a_day_then_the_new_one_alone(company: Actor, receiver: Receiver) -> None:
    endpoint = named(company, receiver)
    old = receiver.secrets
    tell(company, 1)
    made = webhooks.rotate_webhook_secret(endpoint, by=company, at=now())
    carry()
    assert receiver.numbers() == [1], "a receiver that still has the old one"
    receiver.secrets = [made.secret]
    tell(company, 1, first=2)
    carry()
    assert receiver.numbers() == [1, 2]
    WebhookEndpoint.objects.update(old_until=now() - timedelta(seconds=1))
    receiver.secrets = old
    tell(company, 1, first=3)
    carry()
    assert receiver.forged == 1
    assert timedelta(hours=12) <= BOTH_VALID


def test_a_secret_lies_in_the_table_sealed_only(company: Actor, receiver: Receiver) -> None:
    named(company, receiver)
    row = WebhookEndpoint.objects.get()
    assert receiver.secrets[0] not in row.secret
    assert receiver.secrets[0].removeprefix("whsec_") not in row.secret


def test_a_replay_begins_anywhere_and_one_event_comes_alone(company: Actor, receiver: Receiver) -> None:
    endpoint = named(company, receiver)
    tell(company, 5)
    carry()
    webhooks.replay_webhook(endpoint, after=3, by=company)
    assert carry() == 2
    webhooks.redeliver(endpoint, number=1, by=company, at=now())
    assert carry() == 1
    numbers = [event for event, _ in receiver.requests]
    assert numbers == [*numbers[:5], numbers[3], numbers[4], numbers[0]]
    (last, *_) = queries.deliveries(endpoint, municipality=TOWN)
    assert (last.number, last.again, last.state, last.answered) == (1, True, "delivered", 204)
    for wrong in (-1, 6):
        with pytest.raises(Refusal, match="event_unknown"):
            webhooks.replay_webhook(endpoint, after=wrong, by=company)
    with pytest.raises(Refusal, match="event_unknown"):
        webhooks.redeliver(endpoint, number=6, by=company, at=now())


def test_one_event_alone_that_fails_does_not_stop_the_order(company: Actor, receiver: Receiver) -> None:
    endpoint = named(company, receiver)
    tell(company, 1)
    carry()
    webhooks.redeliver(endpoint, number=1, by=company, at=now())
    tell(company, 1, first=2)
    receiver.answers = [500]
    assert carry() == 2
    assert receiver.numbers() == [1, 2]
    assert view(company).health == "live"


@pytest.mark.parametrize("url", ["https://10.0.0.1/", "https://169.254.169.254/latest", "https://[::ffff:10.0.0.1]/"])
def test_nobody_makes_us_call_our_own_network(company: Actor, url: str) -> None:
    with pytest.raises(Refusal, match="webhook_address_inside"):
        webhooks.register_webhook(url, by=company, at=now())


def test_a_name_that_turns_inside_later_is_not_called(
    company: Actor, receiver: Receiver, settings: LazySettings
) -> None:
    """Looked at again on each delivery: what was allowed yesterday may lead inside today."""
    named(company, receiver)
    tell(company, 1)
    settings.WEBHOOKS_TO_LOOPBACK = False
    carry()
    assert receiver.requests == []
    assert view(company).health == "failing"


def test_few_endpoints_each_once_and_only_ones_own(company: Actor, receiver: Receiver) -> None:
    endpoint = named(company, receiver)
    with pytest.raises(Refusal, match="webhook_known"):
        webhooks.register_webhook(receiver.url, by=company, at=now())
    for place in range(4):
        webhooks.register_webhook(f"{receiver.url}&n={place}", by=company, at=now())
    with pytest.raises(Refusal, match="webhooks_too_many"):
        webhooks.register_webhook(f"{receiver.url}&n=9", by=company, at=now())
    stranger = Actor(TOWN, ActorRole.PARTNER, uuid4())
    with pytest.raises(Refusal, match="webhook_unknown"):
        webhooks.rotate_webhook_secret(endpoint, by=stranger, at=now())
    with pytest.raises(Refusal, match="not_allowed"):
        webhooks.register_webhook(receiver.url, by=Actor(TOWN, ActorRole.RESIDENT, uuid4()), at=now())
    webhooks.end_webhook(endpoint, by=company, at=now())
    tell(company, 1)
    carry()
    assert len(receiver.requests) == 4, "an ended one is told no more"


def test_a_reader_changes_nothing(company: Actor, receiver: Receiver) -> None:
    reader = uuid4()
    link = parties.invite_member(
        role=ActorRole.PARTNER, by=company, at=now(), sponsor=company.party, sponsor_role="reader"
    )
    parties.accept_invitation(link, by=Actor(TOWN, ActorRole.VISITOR, reader), at=now())
    with pytest.raises(Refusal, match="sponsor_manager_needed"):
        webhooks.register_webhook(
            receiver.url, by=Actor(TOWN, ActorRole.PARTNER, company.party, person=reader), at=now()
        )


def test_the_log_of_tries_lasts_a_month_and_the_events_for_ever(company: Actor, receiver: Receiver) -> None:
    named(company, receiver)
    tell(company, 1)
    carry()
    webhooks.forget_deliveries(municipality=TOWN, at=now() + timedelta(days=29))
    assert WebhookDelivery.objects.count() == 1
    webhooks.forget_deliveries(municipality=TOWN, at=now() + timedelta(days=31))
    assert (WebhookDelivery.objects.count(), PartnerEvent.objects.count()) == (0, 1)


# --- what is told ----------------------------------------------------------------------------------------------------


def spent(company: Actor, *, number: int, people: int, at: datetime, yen: int = 100) -> Spending:
    owner = company.party or uuid4()
    return Spending(owner, owner, number, at, yen, 0, frozenset(uuid4() for _ in range(people)))


def sums(company: Actor) -> list[dict[str, object]]:
    found = queries.events(company.party or uuid4(), municipality=TOWN)
    return [json.loads(each.body)["data"]["funds"][0] for each in found if each.topic == "fund.spent"]


def test_spending_is_told_as_a_sum_of_enough_people_after_its_day(company: Actor) -> None:
    monday = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)
    few = [spent(company, number=place, people=1, at=monday) for place in range(1, 10)]
    telling.tell_partners(few, until=9, by=SYSTEM, at=monday + timedelta(days=1))
    assert sums(company) == [], "nine people can be told apart"
    tuesday = monday + timedelta(days=1)
    telling.tell_partners([spent(company, number=10, people=1, at=tuesday)], until=10, by=SYSTEM, at=tuesday)
    assert sums(company) == [], "the day is not over"
    telling.tell_partners([], until=10, by=SYSTEM, at=tuesday + timedelta(days=1))
    assert sums(company) == [{
        "fund": str(company.party), "first_day": "2026-10-05", "last_day": "2026-10-06", "spent_yen": 1_000,
        "returned_yen": 0,
    }]  # fmt: skip
    telling.tell_partners([], until=10, by=SYSTEM, at=tuesday + timedelta(days=2))
    assert len(sums(company)) == 1


def test_the_first_posting_of_a_later_day_closes_the_earlier_one(company: Actor) -> None:
    monday = datetime(2026, 10, 5, 3, 0, tzinfo=UTC)
    found = [
        spent(company, number=1, people=10, at=monday),
        spent(company, number=2, people=10, at=monday + timedelta(days=1), yen=7),
    ]
    telling.tell_partners(found, until=2, by=SYSTEM, at=monday + timedelta(days=1))
    assert [each["spent_yen"] for each in sums(company)] == [100]


def test_numbers_are_dense_and_the_same_posting_is_never_told_twice(company: Actor) -> None:
    tell(company, 3)
    tell(company, 2, first=4)
    found = queries.events(company.party or uuid4(), municipality=TOWN)
    assert [each.number for each in found] == [1, 2, 3, 4, 5]
    assert [json.loads(each.body)["number"] for each in found] == [1, 2, 3, 4, 5]
    assert telling.read_until(TOWN) == 5
    with pytest.raises(IntegrityError), transaction.atomic():
        tell(company, 1, first=5)
    for who in (company, Actor(TOWN, ActorRole.OPERATOR, uuid4())):
        with pytest.raises(Refusal, match="not_allowed"):
            telling.tell_partners([], until=9, by=who, at=now())
