"""What holders are told about their wallets, in both languages. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from meguri.notices.rules import Wording
from meguri.parties.rules import Both
from meguri.programmes.rules import PurseKindView
from meguri.words.period import day_of

Parts = Sequence[tuple[Both, int]]
"""Programmes by name, and the yen of each."""


def losing(ends: Parts, shrinks: Parts, *, at: datetime) -> Wording:
    """What a holder loses at one moment, told once: what ends then, what shrinks then, or both."""
    if not shrinks:
        return expiring(ends, expires_at=at)
    shrunk = shrinking(shrinks, on=day_of(at))
    if not ends:
        return shrunk
    ended = expiring(ends, expires_at=at)
    return Wording(
        title_ja=ended.title_ja, title_en=ended.title_en,
        text_ja=f"{ended.text_ja}{shrunk.text_ja}", text_en=f"{ended.text_en} {shrunk.text_en}",
    )  # fmt: skip


def shrinking(parts: Parts, *, on: date) -> Wording:
    """So much of these purses goes back to the town on a day if it is not spent before."""
    yen = sum(amount for _, amount in parts)
    purses_ja = "、".join(f"{name.ja} {amount:,}円" for name, amount in parts)
    purses_en = ", ".join(f"{name.en} {amount:,} yen" for name, amount in parts)
    return Wording(
        title_ja=f"{on.month}月{on.day}日に{yen:,}円減ります",
        title_en=f"{yen:,} yen shrink away on {on.day} {on:%B}",
        text_ja=f"使わずにいると、{on.year}年{on.month}月{on.day}日に次の分が町に戻ります:{purses_ja}。"
        "その前に使えば、使った分は減りません。",
        text_en=f"If it is not spent, this goes back to the town on {on.day} {on:%B %Y}: {purses_en}. "
        "What you spend before does not shrink.",
    )


def expiring(parts: Parts, *, expires_at: datetime) -> Wording:
    """So much of these purses ends with a day; it stays good to the end of that day."""
    yen, last = sum(amount for _, amount in parts), day_of(expires_at - timedelta(microseconds=1))
    purses_ja = "、".join(f"{name.ja} {amount:,}円" for name, amount in parts)
    purses_en = ", ".join(f"{name.en} {amount:,} yen" for name, amount in parts)
    return Wording(
        title_ja=f"{yen:,}円の期限は{last.month}月{last.day}日です",
        title_en=f"{yen:,} yen can be spent until {last.day} {last:%B}",
        text_ja=f"{last.year}年{last.month}月{last.day}日まで使えます:{purses_ja}。過ぎると使えなくなります。",
        text_en=f"Good until the end of {last.day} {last:%B %Y}: {purses_en}. After that it cannot be spent.",
    )


def gift_taken(kind: PurseKindView, *, yen: int) -> Wording:
    """Somebody took the gift: to whoever gave it, without a name."""
    return Wording(
        title_ja="贈り物が受け取られました", title_en="Your gift was taken",
        text_ja=f"{kind.programme_name_ja}の{yen:,}円を、贈った相手が受け取りました。",
        text_en=f"{yen:,} yen of {kind.programme_name_en} were taken by the person you gave the code to.",
    )


def gift_returned(kind: PurseKindView, *, yen: int) -> Wording:
    """Nobody took the gift in time: to whoever gave it."""
    return Wording(
        title_ja="贈り物がもどりました", title_en="Your gift came back",
        text_ja=f"{kind.programme_name_ja}の{yen:,}円は、期限までに受け取られなかったので、財布にもどりました。",
        text_en=f"{yen:,} yen of {kind.programme_name_en} were not taken in time. They are back in your wallet.",
    )
