"""The numbers behind the QR codes: a holder's code (shown to the till) and a shop's code (printed on its sticker).

A holder's code has 30 decimal digits, which a QR code of the smallest size holds and a laser scanner reads as Code 128:

    10 | 26 random digits | 2 check digits          the whole number leaves the remainder 1 when divided by 97

It says nothing about anybody; the server keeps only its digest, for a minute. Guessing: with 10,000 codes alive at
one moment a guess is right once in 10^22 (10^26 / 10^4); at a million guesses a second that is one hit in 300 million
years. So the code needs no signature, but it does need its short life, its single use and tills that are signed in.

A shop's code has 12 digits, 10 random and 2 check digits of the same kind. It is no secret: it stands on the sticker
as `https://<official host>/m/<code>`, and paying it shows the shop's name first. The check digits find every single
wrong digit and every swap of neighbours when it is typed.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import urlsplit

import segno

from meguri.words.refusal import declare
from meguri.words.typed import without_gaps

HOLDER_VERSION = "10"
HOLDER_DIGITS = 30
SHOP_DIGITS = 12
GROUP = 5
"""So many digits of a holder's code stand together."""
_RANDOM_DIGITS = HOLDER_DIGITS - len(HOLDER_VERSION) - 2
_DIGEST_TAG = b"meguri holder code 1\x00"

CODE_UNREADABLE = declare(
    "code_unreadable",
    status=422,
    ja="コード「{text}」は読み取れませんでした。もう一度読み取るか、数字を最初から入力してください。",
    en="The code “{text}” could not be read. Please scan again or type all its digits.",
)
CODE_MISTYPED = declare(
    "code_mistyped",
    status=422,
    ja="コード「{text}」の数字がどこか違っています。もう一度確かめて入力してください。",
    en="A digit of the code “{text}” is wrong. Please check it and type it again.",
)
CODE_INCOMPLETE = declare(
    "code_incomplete",
    status=422,
    ja="数字が{count}けたあります。お客さまのコードは{wanted}けたです。組ごとに見くらべてください。",
    en="There are {count} digits; a customer's code has {wanted}. Please compare it group by group.",
)
CODE_GROUP_MISTYPED = declare(
    "code_group_mistyped",
    status=422,
    ja="{group}組目「{digits}」のどこかが違っています。お客さまの画面の{group}組目と見くらべてください。",
    en="Group {group}, “{digits}”, holds a mistake. Please compare it with group {group} on the customer's screen.",
)
CODE_FOREIGN = declare(
    "code_foreign",
    status=422,
    ja="このQRコードは{host}のものではありません。支払わずに、お店の人に知らせてください。",
    en="This QR code does not belong to {host}. Do not pay; please tell the shop.",
)
CODE_OF_SHOP = declare(
    "code_of_shop",
    status=422,
    ja="これはお店のコードです。お客さまの画面のコードを読み取ってください。",
    en="This is a shop's code. Please scan the code on the customer's screen.",
)
CODE_OF_HOLDER = declare(
    "code_of_holder",
    status=422,
    ja="これはお客さまのコードです。お店に掲示されているQRコードを読み取ってください。",
    en="This is a customer's code. Please scan the QR code displayed in the shop.",
)


@dataclass(frozen=True, slots=True)
class HolderCode:
    """30 digits that a holder shows once. Never stored: keep `digest`."""

    digits: str

    @property
    def digest(self) -> bytes:
        """32 bytes to store and to look up by: SHA-256 with a tag, so that no other table's hash ever equals it."""
        return hashlib.sha256(_DIGEST_TAG + self.digits.encode()).digest()

    def __repr__(self) -> str:
        """Without the digits: a code must not slip into a log."""
        return "HolderCode(…)"


@dataclass(frozen=True, slots=True)
class ShopCode:
    """12 digits that stand on a shop's sticker."""

    digits: str

    def link(self, host: str) -> str:
        """The address that the printed QR code holds; `host` is the town's official one."""
        return f"https://{host}/m/{self.digits}"


Below = Callable[[int], int]
"""Chance: a number from 0 up to (not including) its argument."""


def new_holder_code(below: Below = secrets.randbelow) -> HolderCode:
    """A fresh code of 26 random digits (86 bits)."""
    return HolderCode(_with_check(f"{HOLDER_VERSION}{below(10**_RANDOM_DIGITS):0{_RANDOM_DIGITS}}"))


def new_shop_code(below: Below = secrets.randbelow) -> ShopCode:
    """A fresh code. The caller makes sure that no other shop has it."""
    return ShopCode(_with_check(f"{below(10 ** (SHOP_DIGITS - 2)):0{SHOP_DIGITS - 2}}"))


def guess_odds(*, alive: int, guesses: int) -> Fraction:
    """The chance (at most) that one of so many guesses meets one of so many holder codes that are alive."""
    return min(Fraction(alive * guesses, 10**_RANDOM_DIGITS), Fraction(1))


def parse(text: str, *, host: str) -> HolderCode | ShopCode:
    """What was scanned, typed or pasted: digits of any width with spaces or hyphens, or a sticker's whole address.

    An address is only taken apart, never opened, and only the official `host` is accepted.
    Raises Refusal: code_unreadable, code_mistyped, code_foreign.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if "/" in plain:
        plain = _from_link(plain, host=host)
    digits = without_gaps(plain)
    if not re.fullmatch(r"[0-9]+", digits) or len(digits) not in {HOLDER_DIGITS, SHOP_DIGITS}:
        raise CODE_UNREADABLE.refusal(field="code", text=text.strip()[:60])
    if int(digits) % 97 != 1:
        raise CODE_MISTYPED.refusal(field="code", text=show(digits))
    if len(digits) == SHOP_DIGITS:
        return ShopCode(digits)
    if not digits.startswith(HOLDER_VERSION):
        raise CODE_UNREADABLE.refusal(field="code", text=show(digits))
    return HolderCode(digits)


def parse_holder(text: str, *, host: str) -> HolderCode:
    """For a till. Raises Refusal as `parse` does, and `code_of_shop`."""
    code = parse(text, host=host)
    if isinstance(code, ShopCode):
        raise CODE_OF_SHOP.refusal(field="code")
    return code


def typed_holder(text: str) -> str:
    """What somebody typed for a holder's code, as its digits alone; empty if it is anything else, or not 30 digits.

    Raises Refusal `code_incomplete` for digits that are too few or too many, and no shop's code.
    """
    digits = without_gaps(text)
    if not re.fullmatch(r"[0-9]+", digits) or len(digits) == SHOP_DIGITS:
        return ""
    if len(digits) != HOLDER_DIGITS:
        raise CODE_INCOMPLETE.refusal(field="code", count=len(digits), wanted=HOLDER_DIGITS)
    return digits


def near_holders(digits: str) -> dict[bytes, int]:
    """The good codes from which these 30 digits differ by one wrong digit or one swap of neighbours, by their digest.

    Each with the group (from 1) in which the mistake would lie. The check digits leave about three of some 300.
    """
    slips = [
        (place, f"{digits[:place]}{other}{digits[place + 1 :]}")
        for place, right in enumerate(digits) for other in "0123456789" if other != right
    ]  # fmt: skip
    slips += [
        (place, f"{digits[:place]}{digits[place + 1]}{digits[place]}{digits[place + 2 :]}")
        for place in range(len(digits) - 1) if digits[place] != digits[place + 1]
    ]  # fmt: skip
    good = [(place, text) for place, text in slips if int(text) % 97 == 1 and text.startswith(HOLDER_VERSION)]
    return {HolderCode(text).digest: place // GROUP + 1 for place, text in good}


def parse_shop(text: str, *, host: str) -> ShopCode:
    """For a holder's screen. Raises Refusal as `parse` does, and `code_of_holder`."""
    code = parse(text, host=host)
    if isinstance(code, HolderCode):
        raise CODE_OF_HOLDER.refusal(field="code")
    return code


def show(digits: str) -> str:
    """The digits in groups that people can read out: of five (30 digits) or four (12 digits)."""
    size = GROUP if len(digits) == HOLDER_DIGITS else 4
    return " ".join(digits[start : start + size] for start in range(0, len(digits), size))


def qr_svg(text: str, *, title: str) -> str:
    """A QR code (error correction M, quiet zone of 4 modules) as an `<svg>` for a page; `title` is read aloud.

    It has no size of its own: the page's style gives it one. It is black on white whatever the page's colours are,
    because many scanners cannot read light on dark.
    """
    code = segno.make(text, error="m", boost_error=False, micro=False)
    svg = code.svg_inline(
        omitsize=True, border=4, dark="#000", light="#fff", title=title, svgclass="qr", lineclass=None
    )
    return svg.replace("<svg ", '<svg role="img" shape-rendering="crispEdges" ', 1)


def _with_check(digits: str) -> str:
    """Two digits more, so that the whole number leaves 1 when divided by 97 (ISO 7064 MOD 97-10)."""
    return f"{digits}{98 - int(digits) * 100 % 97:02}"


def _from_link(address: str, *, host: str) -> str:
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
    except ValueError:
        raise CODE_UNREADABLE.refusal(field="code", text=address[:60]) from None
    if parts.scheme not in {"https", "http"} or parts.netloc.lower() != host.lower():
        raise CODE_FOREIGN.refusal(field="code", host=host)
    found = re.fullmatch(r"/m/([0-9 -]+)/?", parts.path)
    if not found:
        raise CODE_UNREADABLE.refusal(field="code", text=address[:60])
    return found[1]
