"""Signed notices: the mathematics done anew, and what a sly sender, a rotated key or a wrong clock would do."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.programmes.vouchers.providers.signing import TOLERANCE, require_signed, signed
from tests.programmes.vouchers.lived_town import refused

NOW = datetime(2025, 10, 12, 3, 0, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
OLD, NEW = "whsec_of_last_year", "whsec_of_this_year"
BODY = b'{"id": "n-1"}'


def rfc_2104(key: bytes, text: bytes) -> str:
    """The definition of HMAC, written out: H(K xor opad, H(K xor ipad, text)), blocks of 64 bytes."""
    if len(key) > 64:
        key = hashlib.sha256(key).digest()
    block = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + text).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in block) + inner).hexdigest()


def v1(body: bytes, secret: str, seconds: object = SECONDS) -> str:
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()


def accepts(header: str, *, body: bytes = BODY, secret: str = NEW, at: datetime = NOW) -> None:
    require_signed(body, header=header, secret=secret, at=at)


def test_the_definition_above_gives_the_published_vector() -> None:
    """RFC 4231, test case 2."""
    assert rfc_2104(b"Jefe", b"what do ya want for nothing?") == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


@pytest.mark.parametrize("secret", ["k", "x" * 64, "x" * 65, "x" * 200, "秘密の鍵"])
@pytest.mark.parametrize("body", [b"", b".", b"1.2", b"\x00\xff\r\n", "通知".encode(), "通知".encode("shift_jis")])
def test_keys_of_every_length_and_bodies_of_any_bytes_sign_as_defined(secret: str, body: bytes) -> None:
    made = rfc_2104(secret.encode(), f"{SECONDS}.".encode() + body)
    assert signed(body, secret=secret, at=NOW) == f"t={SECONDS},v1={made}"
    accepts(f"t={SECONDS},v1={made}", body=body, secret=secret)


@pytest.mark.parametrize(("away", "fits"), [
    (TOLERANCE, True), (-TOLERANCE, True), (TOLERANCE + timedelta(microseconds=1), False),
    (-TOLERANCE - timedelta(microseconds=1), False), (timedelta(), True),
])  # fmt: skip
def test_the_tolerance_ends_exactly_where_it_ends(away: timedelta, *, fits: bool) -> None:
    header = signed(BODY, secret=NEW, at=NOW)
    if fits:
        accepts(header, at=NOW + away)
        return
    with refused("payment_signature_old") as caught:
        accepts(header, at=NOW + away)
    assert caught.value.facts["minutes"] == 5


def test_while_a_key_is_changed_either_key_opens_what_both_have_signed() -> None:
    both = f"t={SECONDS},v1={v1(BODY, OLD)},v1={v1(BODY, NEW)}"
    for secret in (OLD, NEW):
        accepts(both, secret=secret)
    turned = f"v1={v1(BODY, NEW)} , v1={v1(BODY, OLD)} ,  t={SECONDS}"
    accepts(turned, secret=OLD)
    with refused("payment_signature_wrong"):
        accepts(f"t={SECONDS},v1={v1(BODY, OLD)}", secret=NEW)
    with refused("payment_signature_wrong"):
        accepts(both, secret="whsec_of_somebody_else")


@pytest.mark.parametrize("header", [
    f"t={SECONDS},v0={v1(BODY, NEW)}", f"t={SECONDS},V1={v1(BODY, NEW)}", f"t={SECONDS},v1={v1(BODY, NEW).upper()}",
    f"t={SECONDS},v1={v1(BODY, NEW)[:-1]}", f"t={SECONDS},v1={v1(BODY, NEW)}00", f"t={SECONDS};v1={v1(BODY, NEW)}",
    f"t={SECONDS},t={SECONDS},v1={v1(BODY, NEW)}", f"t=-{SECONDS},v1={v1(BODY, NEW, -SECONDS)}",
    f"t={SECONDS}.0,v1={v1(BODY, NEW, f'{SECONDS}.0')}", f"t= {SECONDS},v1={v1(BODY, NEW)}",
    f"t={SECONDS}000,v1={v1(BODY, NEW, f'{SECONDS}000')}", f"t={SECONDS},v1={rfc_2104(NEW.encode(), BODY)}",
    f"t={SECONDS},v1=\xe9{v1(BODY, NEW)}", f"t={SECONDS},v1", f"t={SECONDS},v1=,v1=", "," * 5_000,
])  # fmt: skip
def test_what_is_nearly_a_signature_is_none(header: str) -> None:
    """Another version, capitals, cut, lengthened, the time twice, with a fraction, in milliseconds, unsigned."""
    with refused("payment_signature_wrong"):
        accepts(header)


def test_the_time_is_signed_too_so_that_nobody_freshens_an_old_notice() -> None:
    stale = SECONDS - 3_600
    with refused("payment_signature_wrong"):
        accepts(f"t={SECONDS},v1={v1(BODY, NEW, stale)}")
    with refused("payment_signature_old"):
        accepts(f"t={stale},v1={v1(BODY, NEW, stale)}")
    with refused("payment_signature_wrong"):  # nor does a digit wander over the full stop between time and body
        accepts(f"t={SECONDS}1,v1={v1(b'1.' + BODY, NEW)}", body=BODY)


def test_a_forger_is_not_told_whether_the_time_was_right() -> None:
    for seconds in (0, SECONDS, 999_999_999_999):
        with refused("payment_signature_wrong"):
            accepts(f"t={seconds},v1={'0' * 64}")


@pytest.mark.parametrize("seconds", ["0", "000", "253402300800", "999999999999"])
def test_a_true_signature_of_an_impossible_time_is_old_and_no_accident(seconds: str) -> None:
    """No calendar has the year 33658; the provider's clock is wrong, and it is told so."""
    with refused("payment_signature_old"):
        accepts(f"t={seconds},v1={v1(BODY, NEW, seconds)}")


@given(st.text(alphabet=st.characters(max_codepoint=255), max_size=80))
def test_no_header_whatever_breaks_the_reading(header: str) -> None:
    """Headers arrive as Latin-1: any of its signs may stand in them."""
    with refused("payment_signature_wrong"):
        accepts(header)
