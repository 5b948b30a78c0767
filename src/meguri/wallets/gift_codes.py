"""The code of a gift: follows from the gift under the town's root key, so that no table and no copy of one holds it.

Sixteen signs (79 bits). Whoever made the gift can be shown its code again; whoever types it is found by its digest,
which is keyed as well. A stolen table of gifts tells nobody a code.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final
from uuid import UUID

from django.conf import settings

from meguri.words.refusal import declare
from meguri.words.signs import in_groups, is_code, signs_of, typed_signs

LENGTH: Final = 16

GIFT_CODE_MISREAD = declare(
    "gift_code_misread", status=422,
    ja="贈り物のコードは{length}文字です({typed}文字が入力されました)。数字の0と1、英字のI・L・Oは使っていません。"
       "もらったコードをもう一度ご覧ください。",
    en="The code of a gift has {length} characters (you entered {typed}). It never uses 0, 1, I, L or O. Please look "
       "at the code again.",
)  # fmt: skip


def code_of(gift: UUID, municipality: int) -> str:
    """The code as it is shown: four groups of four."""
    number = int.from_bytes(_keyed(b"code\0" + gift.bytes, municipality))
    return in_groups(signs_of(number, length=LENGTH))


def link_of(gift: UUID, municipality: int) -> str:
    """The address that the QR code holds. What stands behind `#` reaches no server; only the page's button sends it."""
    return f"https://{settings.OFFICIAL_HOST}/wallet/gift#c={code_of(gift, municipality)}"


def read_code(typed: str) -> str:
    """The signs of what somebody typed. Raises Refusal `gift_code_misread`."""
    signs = typed_signs(typed)
    if not is_code(signs, length=LENGTH):
        raise GIFT_CODE_MISREAD.refusal(field="code", length=LENGTH, typed=len(signs))
    return signs


def digest_of(signs: str, municipality: int) -> bytes:
    """What is kept of a code (32 bytes), and what it is found by."""
    return _keyed(b"digest\0" + signs.encode(), municipality)


def _keyed(text: bytes, municipality: int) -> bytes:
    root = bytes.fromhex(settings.VAULT_KEY)
    key = hmac.new(root, f"meguri gifts 1\0{municipality}".encode(), hashlib.sha256).digest()
    return hmac.new(key, text, hashlib.sha256).digest()
