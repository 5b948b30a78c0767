"""Who wants to make us call our own network, who presses twice, who asks for what is another's or was never told."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import IPv4Address, IPv6Address
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from meguri.notices import partner_telling as telling
from meguri.notices import webhook_operations as webhooks
from meguri.notices import webhook_queries as queries
from meguri.notices.models import Notice, WebhookEndpoint
from meguri.notices.partner_telling import NewEvent
from meguri.notices.webhook_rules import ENDPOINTS_MOST, allowed_addresses, judged_url
from meguri.notices.webhook_sending import addresses_of
from meguri.parties import operations as parties
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.notices.receiver import Receiver

TOWN, NEXT_TOWN = 1, 2
OUTSIDE = "203.0.114.1"


def now() -> datetime:
    return datetime.now(UTC)


def company_of(town: int) -> Actor:
    system, person = Actor(town, ActorRole.SYSTEM), uuid4()
    sponsor = parties.register_sponsor(name_ja="架空社", name_en="Invented", by=system, at=now())
    parties.join_sponsor(sponsor, member=person, by=system, at=now())
    return Actor(town, ActorRole.PARTNER, sponsor, person=person)


@pytest.fixture
def company(db: None, settings: LazySettings) -> Actor:
    settings.WEBHOOKS_TO_LOOPBACK = True
    return company_of(TOWN)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver().up()
    yield made
    made.down()


def own(company: Actor) -> UUID:
    assert company.party is not None
    return company.party


def named(company: Actor, receiver: Receiver) -> UUID:
    made = webhooks.register_webhook(receiver.url, by=company, at=now())
    receiver.secrets.append(made.secret)
    return made.id


def tell(company: Actor, *numbers: int) -> None:
    events = [NewEvent(own(company), "points.granted", each, now(), {"funds": []}) for each in numbers]
    telling.tell_partners(events, until=numbers[-1], by=Actor(company.municipality, ActorRole.SYSTEM), at=now())


def carry(town: int = TOWN, *, at: datetime | None = None) -> int:
    return webhooks.carry_webhooks(by=Actor(town, ActorRole.SYSTEM), at=at or now())


def refused(code: str, act: Any, *args: object, **named: object) -> Refusal:
    with pytest.raises(Refusal) as told:
        act(*args, **named)
    assert told.value.code == code
    return told.value


# --- addresses -------------------------------------------------------------------------------------------------------

INSIDE_V4 = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10", "0.0.0.0/8",
    "224.0.0.0/4", "240.0.0.0/4",
)  # fmt: skip


def _within(block: str) -> st.SearchStrategy[IPv4Address]:
    return st.ip_addresses(v=4, network=block).map(lambda each: IPv4Address(int(each)))


inside = st.one_of(*(_within(each) for each in INSIDE_V4))
WRAPPINGS = {
    "mapped": lambda v4: f"::ffff:{v4}",
    "compatible": lambda v4: f"::{v4}",
    "translated": lambda v4: f"64:ff9b::{v4}",
    "translated within a network": lambda v4: f"64:ff9b:1::{v4}",
    "6to4": lambda v4: str(IPv6Address((0x2002 << 112) | (int(v4) << 80))),
    "plain": str,
}


@pytest.mark.parametrize("wrapping", sorted(WRAPPINGS))
@given(address=inside)
def test_no_inner_address_is_called_however_it_is_wrapped(wrapping: str, address: IPv4Address) -> None:
    """Loopback is the operator's to allow; here it is not."""
    wrapped = WRAPPINGS[wrapping](address)
    assert allowed_addresses([wrapped], loopback=False) == ()
    assert allowed_addresses([OUTSIDE, wrapped], loopback=False) == ()


@pytest.mark.parametrize(
    "address", ["fec0::1", "feff::2", "::7f00:1", "::ffff:0:10.0.0.1", "fe80::1%lo", "100::1", "fd00::5", "ff05::2"]
)
def test_local_and_reserved_blocks_of_ipv6_are_refused(address: str) -> None:
    assert allowed_addresses([address], loopback=False) == ()


def test_a_translated_address_of_the_internet_is_taken() -> None:
    """What a machine sees that has no IPv4 of its own."""
    assert allowed_addresses(["64:ff9b::1.1.1.1"], loopback=False) == ("64:ff9b::1.1.1.1",)
    assert allowed_addresses(["64:ff9b::127.0.0.1"], loopback=True) == ("64:ff9b::127.0.0.1",), "the operator's choice"


@pytest.mark.parametrize(
    "host", ["127.1", "0x7f.0.0.1", "2130706433", "017700000001", "0", "[::ffff:7f00:1]", "[::1]", "LOCALHOST"]
)
def test_loopback_in_disguise_is_found_by_where_it_leads(host: str) -> None:
    where = judged_url(f"https://{host}/", loopback=False)
    told = refused("webhook_address_inside", addresses_of, where, loopback=False)
    assert (told.field, told.kind.status) == ("url", 422)
    assert "内側" in told.sentence("ja")
    assert "our own network" in told.sentence("en")


def _leads_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Names lead where this says; gives what was asked for."""
    asked: list[str] = []

    def look_up(host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


INNER = ("10.0.0.5", "169.254.169.254", "fe80::1%eth0", "::ffff:192.168.0.1", "64:ff9b::a00:1")


@pytest.mark.parametrize("inner", INNER)
def test_a_name_that_leads_inside_is_not_registered(
    company: Actor, monkeypatch: pytest.MonkeyPatch, inner: str
) -> None:
    _leads_to(monkeypatch, OUTSIDE, inner)
    refused("webhook_address_inside", webhooks.register_webhook, "https://hook.example.jp/", by=company, at=now())
    assert not WebhookEndpoint.objects.exists()


def test_a_name_that_turns_inside_after_a_year_is_failed_not_called(
    company: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _leads_to(monkeypatch, OUTSIDE)
    made = webhooks.register_webhook("https://hook.example.jp/", by=company, at=now())
    tell(company, 1)
    asked = _leads_to(monkeypatch, "10.0.0.5")
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("we were about to connect"))
    assert carry() == 1
    assert asked == ["hook.example.jp"]
    (tried,) = queries.deliveries(made.id, municipality=TOWN)
    assert (tried.state, tried.answered, tried.fault) == ("failed", None, "webhook_address_inside")


def test_the_connection_goes_to_the_address_that_was_looked_at(
    company: Actor, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A resolver that answers well once and badly ever after is asked once a delivery, and used as it answered."""
    made = webhooks.register_webhook(receiver.url.replace("127.0.0.1", "localhost"), by=company, at=now())
    receiver.secrets = [made.secret]
    tell(company, 1)
    usual, asked = socket.getaddrinfo, list[str]()

    def look_up(host: str, *args: Any, **more: Any) -> Any:
        asked.append(host)
        return usual("127.0.0.1" if asked.count("localhost") == 1 else "10.0.0.5", *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert carry() == 1
    assert receiver.numbers() == [1]
    assert asked.count("localhost") == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_no_and_the_place_it_points_to_hears_nothing(
    company: Actor, receiver: Receiver, status: int
) -> None:
    target = receiver.url

    class Redirecting(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(status)
            self.send_header("location", target)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Redirecting)
    Thread(target=server.handle_request, daemon=True).start()
    made = webhooks.register_webhook(f"http://127.0.0.1:{server.server_address[1]}/", by=company, at=now())
    tell(company, 1)
    assert carry() == 1
    server.server_close()
    (tried,) = queries.deliveries(made.id, municipality=TOWN)
    assert (tried.state, tried.answered) == ("failed", status)
    assert receiver.requests == []


def test_what_is_no_address_says_what_one_looks_like(company: Actor) -> None:
    told = refused("webhook_address_wrong", webhooks.register_webhook, "ｈttps://x.jp/", by=company, at=now())
    assert "500文字" in told.sentence("ja")
    assert "https://" in told.sentence("en")


# --- places in the stream, secrets ---------------------------------------------------------------------------------


def test_a_replay_from_a_number_that_does_not_exist_names_the_last_and_moves_nothing(
    company: Actor, receiver: Receiver
) -> None:
    endpoint = named(company, receiver)
    for after in (1, -1, 2**62):
        told = refused("event_unknown", webhooks.replay_webhook, endpoint, after=after, by=company)
        assert (told.field, told.kind.status) == ("after", 404)
    assert "最後は0番" in told.sentence("ja")
    tell(company, 1, 2)
    carry()
    told = refused("event_unknown", webhooks.replay_webhook, endpoint, after=3, by=company)
    assert "the last is 2" in told.sentence("en")
    for number in (0, -1, 3):
        told = refused("event_unknown", webhooks.redeliver, endpoint, number=number, by=company, at=now())
        assert told.field == "number"
    assert carry() == 0
    webhooks.replay_webhook(endpoint, after=2, by=company)
    assert carry() == 0, "after the last there is nothing yet"


def test_a_replay_asked_for_while_a_delivery_is_on_its_way_is_not_overwritten(
    company: Actor, receiver: Receiver
) -> None:
    endpoint = named(company, receiver)
    tell(company, 1, 2)
    carry()
    tell(company, 3)

    class Beside(ThreadPoolExecutor):
        def map(self, *args: Any, **more: Any) -> Any:
            done = list(super().map(*args, **more))
            webhooks.replay_webhook(endpoint, after=0, by=company)
            return iter(done)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(webhooks, "ThreadPoolExecutor", Beside)
        assert carry() == 1
    assert queries.endpoints(own(company), municipality=TOWN)[0].sent_until == 0
    assert carry() == 3
    assert [event for event, _ in receiver.requests[3:]] == [event for event, _ in receiver.requests[:3]]


def test_rotated_twice_the_first_secret_signs_no_more(company: Actor, receiver: Receiver) -> None:
    endpoint = named(company, receiver)
    first = list(receiver.secrets)
    second = webhooks.rotate_webhook_secret(endpoint, by=company, at=now())
    third = webhooks.rotate_webhook_secret(endpoint, by=company, at=now())
    assert len({*first, second.secret, third.secret}) == 3
    tell(company, 1)
    receiver.secrets = first
    carry()
    assert (receiver.forged, receiver.numbers()) == (1, [])
    receiver.secrets = [second.secret]
    assert carry(at=now() + timedelta(seconds=6)) == 1
    assert receiver.numbers() == [1]


def test_the_old_secret_ends_at_its_moment(company: Actor, receiver: Receiver) -> None:
    endpoint = named(company, receiver)
    old = list(receiver.secrets)
    at = now() - webhooks.rules.BOTH_VALID
    made = webhooks.rotate_webhook_secret(endpoint, by=company, at=at)
    tell(company, 1)
    carry(at=at + webhooks.rules.BOTH_VALID)
    assert receiver.forged == 1, "half-open: at its end it is over"
    receiver.secrets = [made.secret]
    assert carry(at=now() + timedelta(seconds=6)) == 1
    assert old != receiver.secrets


def test_an_ended_endpoint_can_be_named_again_and_hears_from_then_on(company: Actor, receiver: Receiver) -> None:
    endpoint = named(company, receiver)
    webhooks.end_webhook(endpoint, by=company, at=now())
    for act in (
        lambda: webhooks.resume_webhook(endpoint, by=company),
        lambda: webhooks.end_webhook(endpoint, by=company, at=now()),
        lambda: webhooks.replay_webhook(endpoint, after=0, by=company),
        lambda: webhooks.redeliver(endpoint, number=1, by=company, at=now()),
        lambda: webhooks.rotate_webhook_secret(endpoint, by=company, at=now()),
    ):
        told = refused("webhook_unknown", act)
        assert told.kind.status == 404
        assert told.sentence("ja") == "この通知先はありません。"
    tell(company, 1)
    named(company, receiver)
    tell(company, 2)
    carry()
    assert receiver.numbers() == [2]


def test_one_try_alone_waits_while_the_endpoint_is_left_alone(company: Actor, receiver: Receiver) -> None:
    endpoint = named(company, receiver)
    tell(company, 1)
    receiver.answers = [500]
    carry()
    webhooks.redeliver(endpoint, number=1, by=company, at=now())
    assert carry() == 0
    webhooks.resume_webhook(endpoint, by=company)
    assert carry() == 2
    assert [each.again for each in queries.deliveries(endpoint, municipality=TOWN)].count(True) == 1


# --- others --------------------------------------------------------------------------------------------------------


def test_a_town_tells_its_own_companies_alone(company: Actor, receiver: Receiver) -> None:
    """The same company in two towns is two; neither sees, moves or is told anything of the other."""
    there = company_of(NEXT_TOWN)
    endpoint = named(company, receiver)
    tell(company, 1)
    tell(there, 1)
    assert carry(NEXT_TOWN) == 0
    assert receiver.requests == []
    assert carry() == 1
    ours_there = Actor(NEXT_TOWN, ActorRole.PARTNER, company.party, person=None)
    refused("webhook_unknown", webhooks.rotate_webhook_secret, endpoint, by=ours_there, at=now())
    assert queries.endpoints(own(company), municipality=NEXT_TOWN) == ()
    assert queries.events(own(company), municipality=NEXT_TOWN) == ()
    assert queries.deliveries(endpoint, municipality=NEXT_TOWN) == ()
    assert (telling.read_until(TOWN), telling.read_until(NEXT_TOWN), telling.read_until(3)) == (1, 1, 0)


def test_who_left_the_company_changes_nothing_and_gets_no_mail(company: Actor, receiver: Receiver) -> None:
    endpoint = named(company, receiver)
    stays = uuid4()
    system = Actor(TOWN, ActorRole.SYSTEM)
    parties.join_sponsor(own(company), member=stays, by=system, at=now())
    assert company.person is not None
    parties.end_membership(member=company.person, by=system, at=now(), sponsor=company.party)
    for act in (
        lambda: webhooks.rotate_webhook_secret(endpoint, by=company, at=now()),
        lambda: webhooks.register_webhook(f"{receiver.url}&n=2", by=company, at=now()),
        lambda: webhooks.replay_webhook(endpoint, after=0, by=company),
    ):
        told = refused("sponsor_manager_needed", act)
        assert told.kind.status == 403
        assert "閲覧者" in told.sentence("ja")
    tell(company, 1)
    receiver.answers = [410]
    carry()
    assert set(Notice.objects.values_list("recipient", flat=True)) == {stays}


@pytest.mark.parametrize("role", sorted(set(ActorRole) - {ActorRole.PARTNER, ActorRole.SYSTEM}))
def test_nobody_but_a_partner_keeps_endpoints(company: Actor, receiver: Receiver, role: ActorRole) -> None:
    who = Actor(TOWN, role, uuid4(), "planning")
    refused("not_allowed", webhooks.register_webhook, receiver.url, by=who, at=now())
    refused("not_allowed", webhooks.carry_webhooks, by=who, at=now())
    assert company.role is ActorRole.PARTNER


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("addresses", "kept", "code"), [(1, 1, "webhook_known"), (7, ENDPOINTS_MOST, "webhooks_too_many")]
)
def test_addresses_named_at_one_moment_are_counted_one_after_the_other(
    settings: LazySettings, addresses: int, kept: int, code: str
) -> None:
    """Pressed twice it is one; seven different ones are five. Each no is said as a no, never as a fault."""
    settings.WEBHOOKS_TO_LOOPBACK = True
    company = company_of(TOWN)

    def press(place: int) -> str:
        try:
            webhooks.register_webhook(f"http://127.0.0.1:9/{place % addresses}", by=company, at=now())
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()
        return "named"

    with ThreadPoolExecutor(7) as pool:
        answers = list(pool.map(press, range(7)))
    assert (answers.count("named"), answers.count(code)) == (kept, 7 - kept)
    assert len(queries.endpoints(own(company), municipality=TOWN)) == kept
