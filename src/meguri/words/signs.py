"""Codes that people read off paper or a screen and type: of signs that are not mistaken for one another. Pure.

How often somebody may be wrong before the next try has to wait stands here too, so that it is the same for all codes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from meguri.words.typed import without_gaps

SIGNS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 of them: neither 0 and O, nor 1, I and L."""
WRONG_MOST: Final = 10
"""Wrong codes of one person before the next try has to wait."""
WAIT: Final = timedelta(hours=1)


def signs_of(number: int, *, length: int) -> str:
    """A number as so many signs."""
    signs = []
    for _ in range(length):
        number, place = divmod(number, len(SIGNS))
        signs.append(SIGNS[place])
    return "".join(signs)


def typed_signs(typed: str) -> str:
    """What somebody typed without its gaps: any width, any case. Whether it is a code is for the caller to say."""
    return without_gaps(typed).upper()


def is_code(signs: str, *, length: int) -> bool:
    """Whether these are as many signs as a code has, and no others."""
    return len(signs) == length and set(signs) <= set(SIGNS)


def in_groups(signs: str) -> str:
    """Groups of four, which people can read out and compare."""
    return "-".join(signs[start : start + 4] for start in range(0, len(signs), 4))


def is_new_count(*, wrong: int, since: datetime, at: datetime) -> bool:
    """Whether a count of wrong codes begins anew now: an hour after its first one."""
    return wrong == 0 or at >= since + WAIT


def minutes_to_wait(*, since: datetime, at: datetime) -> int:
    """After how many minutes, begun ones counted, somebody may try again."""
    return -(-int((since + WAIT - at).total_seconds()) // 60)
