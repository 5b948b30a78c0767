"""Pure decisions about webhooks: which address may be one, how a delivery is signed, when the next try comes.

Signed by Standard Webhooks (standardwebhooks.com, version 1): the headers `webhook-id`, `webhook-timestamp` (seconds
since 1970) and `webhook-signature`, a list of `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`; the secret
is `whsec_` and the base64 of the key.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from meguri.words.refusal import declare

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - no secret, but how one begins
SECRET_BYTES: Final = 32
BOTH_VALID: Final = timedelta(days=1)
"""How long the old secret signs beside the new one."""
URL_MOST: Final = 500
ENDPOINTS_MOST: Final = 5
"""Of one sponsor."""
BACK_OFF: Final = (
    timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(minutes=30),
    timedelta(hours=1), timedelta(hours=2), timedelta(hours=4), timedelta(hours=8),
)  # fmt: skip
"""How long after the first, second ... try in vain the next one comes; the last is repeated."""
GIVEN_UP_AFTER: Final = timedelta(days=3)
GONE: Final = 410
"""The receiver's way to say that nobody lives here any more: we stop at once."""
PORTS_LEAST: Final = 1024
TRANSLATED: Final = IPv6Network("64:ff9b::/96")
"""Addresses of IPv4 as a network without it writes them (RFC 6052)."""

WEBHOOK_ADDRESS_WRONG = declare(
    "webhook_address_wrong",
    status=422,
    ja="この通知先は使えません。「https://」で始まり、利用者名や「#」を含まない、{most}文字までのアドレスを入れてください。",
    en="This address cannot be told. Please enter one that begins with https://, names no user and no “#”, and has at "
    "most {most} characters.",
)
WEBHOOK_ADDRESS_INSIDE = declare(
    "webhook_address_inside",
    status=422,
    ja="「{host}」は町の内側のアドレスか、見つからないアドレスです。インターネットから届く通知先を入れてください。",
    en="{host} lies inside our own network or cannot be found. Please enter an address that the internet reaches.",
)


@dataclass(frozen=True, slots=True)
class Signed:
    """The headers of one delivery."""

    id: str
    timestamp: str
    signature: str


def judged_url(typed: str, *, loopback: bool) -> SplitResult:
    """The address in its parts, if it may be a receiver's by its looks; where it leads is asked on each delivery.

    `loopback`: the operator lets programs on this very machine be told, without TLS. Raises `webhook_address_wrong`.
    """
    text = typed.strip()
    wrong = WEBHOOK_ADDRESS_WRONG.refusal(field="url", most=URL_MOST)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise wrong from None
    plain = text.isascii() and text.isprintable() and " " not in text and "\\" not in text
    if not plain or len(text) > URL_MOST or not parts.hostname or parts.username is not None or "#" in text:
        raise wrong
    if parts.scheme == "http":
        if not (loopback and is_loopback_name(parts.hostname)):
            raise wrong
    elif parts.scheme != "https" or (port is not None and port != 443 and port < PORTS_LEAST):
        raise wrong
    return parts


def is_loopback_name(host: str) -> bool:
    """Whether an address names this very machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def allowed_addresses(found: Iterable[str], *, loopback: bool) -> tuple[str, ...]:
    """Of the addresses to which a name leads: all, if every one may be connected to, else none.

    One inner address among outer ones is how a name is turned against its reader.
    """
    addresses = tuple(dict.fromkeys(found))
    return addresses if all(_is_allowed(ip_address(each), loopback=loopback) for each in addresses) else ()


def _is_allowed(address: IPv4Address | IPv6Address, *, loopback: bool) -> bool:
    """No private, local, shared or reserved address, also not wrapped into one of IPv6."""
    if isinstance(address, IPv6Address):
        teredo = address.teredo[1] if address.teredo else None
        inner = address.ipv4_mapped or address.sixtofour or teredo or _translated(address)
        if inner is not None:
            return _is_allowed(inner, loopback=loopback)
        if address.is_site_local or (address.is_reserved and not address.is_loopback):
            return False
    if address.is_loopback:
        return loopback
    return address.is_global and not address.is_multicast


def _translated(address: IPv6Address) -> IPv4Address | None:
    """What a translator (NAT64) would connect to: the last 32 bits, which may well be an inner address."""
    return IPv4Address(address.packed[-4:]) if address in TRANSLATED else None


def secret_text(key: bytes) -> str:
    """A key as its owner copies it."""
    return SECRET_PREFIX + base64.b64encode(key).decode()


def signed(body: bytes, *, event: str, secrets: Sequence[str], at: datetime) -> Signed:
    """The headers for a body, signed with each of the secrets that are valid now."""
    seconds = str(int(at.timestamp()))
    content = f"{event}.{seconds}.".encode() + body
    return Signed(event, seconds, " ".join(_signature(content, secret) for secret in secrets))


def _signature(content: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def next_try(tries: int, *, at: datetime) -> datetime:
    """When the next try comes after so many in vain (at least one)."""
    return at + BACK_OFF[min(tries, len(BACK_OFF)) - 1]


def is_given_up(*, since: datetime, status: int | None, at: datetime) -> bool:
    """Whether an endpoint that fails since then is told no more."""
    return status == GONE or at - since >= GIVEN_UP_AFTER
