"""A voucher code as a letter prints it and a person types it: made, read, and what is kept of it. Pure but for chance.

Sixteen signs out of 31 that are not mistaken for one another: 79 bits, so that nobody finds one by trying, and even a
stolen table of digests tells none.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from meguri.words.refusal import declare
from meguri.words.typed import without_gaps

CODE_MISREAD = declare(
    "voucher_code_misread", status=422,
    ja="商品券コードは{length}文字です({typed}文字が入力されました)。数字の0と1、英字のI・L・Oは使っていません。"
       "手紙をもう一度ご覧ください。",
    en="A voucher code has {length} characters (you entered {typed}). It never uses 0, 1, I, L or O. Please look at "
       "the letter again.",
)
CODE_UNKNOWN = declare(
    "voucher_code_unknown", status=404,
    ja="このコードは見つかりません。手紙のとおりに入力してください(あと{left}回まで試せます)。",
    en="There is no such code. Please enter it as the letter shows it ({left} more tries).",
)
CODE_USED = declare(
    "voucher_code_used",
    ja="このコードは{when:ja}にもう使われています。心当たりがないときは、担当課へご連絡ください。",
    en="This code was used on {when:en}. If that was not you, please tell the department.",
)
CODE_EXPIRED = declare(
    "voucher_code_expired",
    ja="このコードを入力できるのは{when:ja}まででした。", en="This code could be entered until {when:en}."
)
TOO_MANY_TRIES = declare(
    "voucher_too_many_tries", status=429,
    ja="まちがったコードが{most}回続きました。{minutes}分後にもう一度お試しください。",
    en="{most} codes were wrong. Please try again in {minutes} minutes.",
)
CODES_EXCEED_BUDGET = declare(
    "voucher_codes_exceed_budget",
    ja="コードの合計は{wanted}円ですが、財源「{fund:ja}」の残りは{available}円です。予算を増やしてから出してください。",
    en="The codes are worth {wanted} yen, but the fund “{fund:en}” has {available} yen left. Please raise the budget "
       "first.",
)
NO_CODES = declare(
    "voucher_programme_has_no_codes", status=422,
    ja="この事業はコードで受け取るものではありません。", en="This programme does not work by codes.",
)

SIGNS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH: Final = 16
WRONG_MOST: Final = 10
"""Wrong codes of one person before the next try has to wait."""
WAIT: Final = timedelta(hours=1)


def new_code() -> str:
    """A fresh code as it is printed: four groups of four."""
    signs = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
    return "-".join(signs[start : start + 4] for start in range(0, LENGTH, 4))


def read_code(typed: str) -> str:
    """The signs of what somebody typed: any width, any case, with or without gaps.

    Raises Refusal `voucher_code_misread`.
    """
    signs = without_gaps(typed).upper()
    if len(signs) != LENGTH or not set(signs) <= set(SIGNS):
        raise CODE_MISREAD.refusal(field="code", length=LENGTH, typed=len(signs))
    return signs


def digest_of_code(signs: str, *, municipality: int) -> bytes:
    """What is kept of a code (32 bytes); the town stands in it, so that two towns' tables have nothing in common."""
    return hashlib.sha256(f"meguri-voucher-code:{municipality}:{signs}".encode()).digest()
