"""Addresses that lead inside are refused, signatures are those of the specification, tries come later and later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.notices.webhook_rules import (
    BACK_OFF,
    GIVEN_UP_AFTER,
    allowed_addresses,
    is_given_up,
    judged_url,
    next_try,
    secret_text,
    signed,
)
from meguri.words.refusal import Refusal
from tests.notices.receiver import verifies

AT = datetime(2026, 10, 1, 3, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "url",
    ["https://example.jp/hook", "https://example.jp:443/", "https://example.jp:8443/a?b=c", " https://example.jp "],
)
def test_addresses_of_the_internet_are_taken(url: str) -> None:
    assert judged_url(url, loopback=False).geturl() == url.strip()


@pytest.mark.parametrize(
    "url",
    [
        "", "example.jp", "http://example.jp/", "ftp://example.jp/", "https://", "https://user@example.jp/",
        "https://user:pw@example.jp/", "https://example.jp/#part", "https://example.jp:22/", "https://example.jp:99999/",
        "https://例え.jp/", "https://example.jp/a b", "https://example.jp\\@inside/", "https://example.jp/\nx",
        "https://[::1/", "https://example.jp/" + "a" * 500, "http://127.0.0.1:8000/", "javascript:alert(1)",
        "file:///etc/passwd",
    ],
)  # fmt: skip
def test_what_is_no_address_of_a_receiver_is_refused(url: str) -> None:
    with pytest.raises(Refusal) as told:
        judged_url(url, loopback=False)
    assert (told.value.code, told.value.field) == ("webhook_address_wrong", "url")


def test_loopback_without_tls_is_the_operators_choice() -> None:
    for url in ("http://127.0.0.1:9000/", "http://localhost/", "http://[::1]:9000/x"):
        assert judged_url(url, loopback=True).geturl() == url
    with pytest.raises(Refusal):
        judged_url("http://10.0.0.1/", loopback=True)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:10.0.0.1", "2002:7f00:1::", "2002:a00:1::", "192.0.2.1", "2001:db8::1",
    ],
)  # fmt: skip
def test_addresses_inside_are_refused(address: str) -> None:
    assert allowed_addresses([address], loopback=False) == ()
    assert allowed_addresses(["203.0.114.1", address], loopback=False) == (), "one inner address spoils the name"


def test_addresses_outside_are_taken_and_loopback_only_where_it_may() -> None:
    assert allowed_addresses(["1.1.1.1", "2606:4700::1111", "1.1.1.1"], loopback=False) == (
        "1.1.1.1",
        "2606:4700::1111",
    )
    assert allowed_addresses(["127.0.0.1", "::1"], loopback=True) == ("127.0.0.1", "::1")
    assert allowed_addresses(["10.0.0.1"], loopback=True) == ()


def test_the_specifications_own_example_is_signed_as_it_says() -> None:
    """The test vector that the libraries of Standard Webhooks share."""
    headers = signed(
        b'{"test": 2432232314}', event="msg_p5jXN8AQM9LWM0D4loKWxJek",
        secrets=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], at=datetime.fromtimestamp(1614265330, UTC),
    )  # fmt: skip
    assert headers.timestamp == "1614265330"
    assert headers.signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(max_size=200), st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_every_valid_secret_verifies_and_no_other(body: bytes, key: bytes, other: bytes) -> None:
    now = datetime.now(UTC)
    headers = signed(body, event="evt_1", secrets=[secret_text(key)], at=now)
    sent = {
        "Webhook-Id": headers.id, "Webhook-Timestamp": headers.timestamp, "Webhook-Signature": headers.signature,
    }  # fmt: skip
    assert verifies(sent, body, [secret_text(key)])
    assert verifies(sent, body, [secret_text(other), secret_text(key)])
    assert verifies(sent, body, [secret_text(other)]) == (key == other)
    assert not verifies(sent, body + b" ", [secret_text(key)])
    assert not verifies(sent | {"Webhook-Id": "evt_2"}, body, [secret_text(key)])


def test_tries_come_later_and_later_and_end() -> None:
    waits = [next_try(tries, at=AT) - AT for tries in range(1, len(BACK_OFF) + 3)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=5)
    assert waits[-1] == waits[-2] == BACK_OFF[-1]
    assert not is_given_up(since=AT, status=500, at=AT + GIVEN_UP_AFTER - timedelta(seconds=1))
    assert is_given_up(since=AT, status=None, at=AT + GIVEN_UP_AFTER)
    assert is_given_up(since=AT, status=410, at=AT)
