"""Truly signed notices of a broken provider: every field wrong in every way is refused by name, never an accident."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.programmes.vouchers.models import PaymentNotice
from meguri.programmes.vouchers.providers import CardProvider, InventedProvider, NoticeKind, SlipProvider, Told
from meguri.programmes.vouchers.providers.signing import signed
from meguri.programmes.vouchers.providers.slip import slip_notice
from tests.programmes.vouchers.lived_town import refused, unless

NOW = datetime(2025, 10, 12, 3, 0, tzinfo=UTC)
SECRET = "whsec_invented"
SLIP = {"id": "n-1", "kind": "final", "slip": "12345678905", "amount": 20_000, "currency": "JPY",
        "paid_at": "2025-10-12T12:00:00+09:00"}  # fmt: skip
SESSION = {"client_reference_id": "order-1", "amount_total": 20_000, "currency": "jpy", "payment_status": "paid",
           "payment_intent": "pi_1"}  # fmt: skip
INTENT = {"id": "pi_1", "amount_received": 20_000, "currency": "jpy", "metadata": {"order": "order-1"}}
DONE, TAKEN = "checkout.session.completed", "payment_intent.succeeded"
NOTHINGS: list[Any] = [None, "", [], {}, True, 1.5, -1, "x" * 101, "a\0b", "a\nb"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3), max_leaves=6,
)  # fmt: skip


def slip(body: bytes) -> Told | None:
    headers = {"Meguri-Signature": signed(body, secret=SECRET, at=NOW)}
    return SlipProvider(secret=SECRET).read(body, headers=headers, at=NOW)


def card(body: bytes) -> Told | None:
    provider = CardProvider(address="http://127.0.0.1:9", key="sk_test_invented", secret=SECRET)
    return provider.read(body, headers={"Stripe-Signature": signed(body, secret=SECRET, at=NOW)}, at=NOW)


def event(kind: Any = DONE, about: Any = None, **other: Any) -> bytes:
    said = {"id": "evt_1", "created": int(NOW.timestamp()), "type": kind, "data": {"object": about or SESSION}}
    return json.dumps(said | other).encode()


# --- slips ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", NOTHINGS, ids=repr)
@pytest.mark.parametrize("field", list(SLIP))
def test_no_field_of_a_slip_takes_what_is_nothing(field: str, value: object) -> None:
    with refused("payment_notice_unreadable") as caught:
        slip(json.dumps(SLIP | {field: value}).encode())
    assert len(str(caught.value.facts["what"])) <= 200


@pytest.mark.parametrize("field", list(SLIP))
def test_every_field_of_a_slip_is_needed(field: str) -> None:
    with refused("payment_notice_unreadable"):
        slip(json.dumps({key: value for key, value in SLIP.items() if key != field}).encode())


@pytest.mark.parametrize(("field", "value"), [
    ("kind", "FINAL"), ("kind", "refunded"), ("amount", 10**12 + 1), ("amount", 10**40), ("amount", "20,000"),
    ("currency", "円"), ("currency", "¥¥¥"), ("currency", "ßßß"), ("currency", "JP"), ("currency", "JP1"),
    ("paid_at", "0001-01-01T00:00:00+09:00"), ("paid_at", "9999-12-31T23:59:59-12:00"),
    ("paid_at", "2025-02-30T00:00Z"),
    ("paid_at", "令和7年10月12日"), ("paid_at", "2025-10-12"), ("paid_at", 1_760_238_000), ("slip", "1" * 65),
    ("slip", "12345678905\n"), ("slip", 12345678905),
])  # fmt: skip
def test_what_nearly_means_something_is_not_guessed_at(field: str, value: object) -> None:
    with refused("payment_notice_unreadable"):
        slip(json.dumps(SLIP | {field: value}).encode())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig", "shift_jis", "euc_jp"])
def test_other_encodings_are_refused_however_truly_signed(encoding: str) -> None:
    body = json.dumps(SLIP | {"id": "通知1"}, ensure_ascii=False).encode(encoding)
    with refused("payment_notice_unreadable"):
        slip(body)
    with refused("payment_notice_unreadable"):
        card(event().decode().replace("order-1", "注文").encode(encoding))


def test_bounds_are_taken_and_moments_are_the_same_in_every_zone() -> None:
    told = slip(json.dumps(SLIP | {"id": "通" * 100, "slip": "1" * 64, "amount": 10**12, "currency": "usd"}).encode())
    assert told is not None
    assert (len(told.number), len(told.reference), told.amount_yen, told.currency) == (100, 64, 10**12, "USD")
    here, there = slip(json.dumps(SLIP).encode()), slip(json.dumps(SLIP | {"paid_at": "2025-10-12T03:00:00Z"}).encode())
    assert here is not None is not there
    assert here == there
    assert here.paid_at == NOW
    assert here.digest == there.digest, "told in another zone it is the same notice"


def test_each_fact_makes_another_digest_and_the_number_none() -> None:
    first = slip(json.dumps(SLIP).encode())
    others = {"kind": "early", "slip": "2", "amount": 1, "currency": "USD", "paid_at": "2025-10-12T12:00:01+09:00"}
    told = [slip(json.dumps(SLIP | {key: value}).encode()) for key, value in others.items()]
    assert len({each.digest for each in (first, *told) if each}) == 6
    again = slip(json.dumps(SLIP | {"id": "n-2"}).encode())
    assert first is not None is not again
    assert again.digest == first.digest


def test_the_invented_shop_speaks_through_the_same_wall() -> None:
    shop = InventedProvider(secret=SECRET)
    told = Told("n", NoticeKind.EARLY, "1", "1", 1, "JPY", NOW)
    body, headers = shop.send(told, at=NOW)
    assert shop.read(body, headers=headers, at=NOW) == told == slip(slip_notice(told))
    with refused("payment_signature_wrong"):
        InventedProvider(secret="another").read(body, headers=headers, at=NOW)
    with refused("payment_signature_wrong"):
        shop.read(body, headers={"Stripe-Signature": headers["Meguri-Signature"]}, at=NOW)


# --- cards ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("change", "about"), [
    ({}, SESSION | {"amount_total": 20_000.7}), ({}, SESSION | {"amount_total": "20000"}),
    ({}, SESSION | {"amount_total": True}), ({}, SESSION | {"amount_total": -1}),
    ({}, SESSION | {"amount_total": 10**40}), ({}, SESSION | {"currency": None}), ({}, SESSION | {"currency": "yens"}),
    ({}, SESSION | {"payment_intent": "pi\0"}), ({}, SESSION | {"currency": "ßab"}),
    ({}, SESSION | {"client_reference_id": "a\0b"}), ({"id": None}, SESSION | {"amount_total": None}),
    ({"created": 10**40}, SESSION), ({"created": 1e300}, SESSION), ({"created": -1}, SESSION),
    ({"created": 253_402_300_800}, SESSION), ({"created": None}, SESSION), ({"id": "evt\0"}, SESSION),
    ({"data": None}, SESSION), ({"data": {"object": "text"}}, SESSION), ({"data": []}, SESSION),
])  # fmt: skip
def test_no_field_of_a_cards_event_is_rounded_cut_or_stumbled_over(change: dict[str, Any], about: object) -> None:
    with refused("payment_notice_unreadable"):
        card(event(DONE, about, **change))


@pytest.mark.parametrize("lost", [*SESSION, "id", "type", "created", "data"])
def test_every_field_of_a_paid_session_is_needed(lost: str) -> None:
    said = json.loads(event())
    (said["data"]["object"] if lost in SESSION else said).pop(lost)
    with refused("payment_notice_unreadable"):
        card(json.dumps(said).encode())


@pytest.mark.parametrize("about", [
    INTENT | {"amount_received": 19_999.5}, INTENT | {"metadata": None}, INTENT | {"metadata": ["order"]},
    {key: value for key, value in INTENT.items() if key != "amount_received"},
])  # fmt: skip
def test_an_intent_says_exactly_what_was_received(about: object) -> None:
    with refused("payment_notice_unreadable"):
        card(event(TAKEN, about))


def test_a_tower_of_brackets_is_refused_and_does_not_fall_on_us() -> None:
    for body in (b"[" * 50_000, b'{"data":' * 50_000):
        for read in (card, slip):
            with refused("payment_notice_unreadable"):
                read(body)


def test_where_a_key_is_said_twice_there_is_one_meaning_and_it_is_signed() -> None:
    told = card(event().replace(b'"amount_total": 20000', b'"amount_total": 1, "amount_total": 20000'))
    assert told is not None
    assert told.amount_yen == 20_000


@settings(max_examples=25)
@given(st.sampled_from(["id", "created", "type", "data", *SESSION]), JSON)
def test_whatever_stands_in_a_field_is_read_refused_or_ignored(field: str, value: object) -> None:
    """What is read fits the table that keeps it."""
    said = json.loads(event())
    (said["data"]["object"] if field in SESSION else said)[field] = value
    told = unless("payment_notice_unreadable", lambda: card(json.dumps(said).encode()))
    if told is not None:
        room = {each.name: each.max_length for each in PaymentNotice._meta.fields if hasattr(each, "max_length")}
        assert 0 < len(told.number) <= (room["number"] or 0)
        assert 0 < len(told.reference) <= (room["reference"] or 0)
        assert (len(told.currency), told.currency.isascii(), type(told.amount_yen)) == (3, True, int)
        assert 0 <= told.amount_yen <= 10**12
