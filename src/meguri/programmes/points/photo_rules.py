"""Pure decisions about photos of deeds, and what people are told about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from meguri.notices.rules import Wording
from meguri.parties.rules import Both
from meguri.programmes.parts import PHOTO_KEPT_DAYS
from meguri.words.refusal import declare

NOT_BY_PHOTO = declare(
    "photo_not_asked_for", status=422,
    ja="「{name:ja}」は、写真で記録する行動ではありません。", en="“{name:en}” is not recorded by a photo.",
)
NONE_ASKED = declare(
    "photo_none_asked",
    ja="この行動について、いま送れる写真はありません。前の写真の返事をお待ちください。",
    en="No photo can be sent for this action now. Please wait for the answer to the one before.",
)
WAITING_ALREADY = declare(
    "photo_waiting_already",
    ja="「{name:ja}」の写真が、もう{count}枚、確認を待っています。返事が来てから、また送ってください。",
    en="{count} photos of “{name:en}” are waiting to be looked at. Please send more once they are answered.",
)
NOT_THIS = declare(
    "photo_not_this",
    ja="この行動の、確認を待っている写真ではありません。いまある写真を見てから答えてください。",
    en="This is not the photo that waits for an answer. Please look at the one that does.",
)
NOT_SEEN = declare(
    "photo_not_seen", status=403,
    ja="まだ見ていない写真は認められません。写真を開いてから答えてください。",
    en="Nobody confirms a photo they have not seen. Please open it first.",
)
TOLD_TOO_LONG = declare(
    "photo_told_too_long", status=422,
    ja="ひとことは{most}文字までです。", en="Please write at most {most} characters.",
)

TOLD_MOST = 200
"""What a person may say of the photo (characters)."""
WAITING_MOST = 5
"""So many photos of one person and action wait at most where the terms count no times."""
ASKED_DAYS = 14
"""So long somebody who was asked for another photo has time to send it."""


class Said(StrEnum):
    """Reasons that need no typing."""

    BLURRED = "blurred"
    NOT_SHOWN = "not_shown"
    FACES = "faces"
    OTHER_DEED = "other_deed"
    USED = "used"


READY: Mapping[Said, Both] = {
    Said.BLURRED: Both("ぼけていて、よく見えません。", "It is blurred."),
    Said.NOT_SHOWN: Both("行動のようすが写っていません。", "It does not show the action."),
    Said.FACES: Both("ほかの人の顔が写っています。写らないように撮ってください。",
                     "It shows other people's faces. Please take it without them."),
    Said.OTHER_DEED: Both("この行動に当たりません。", "It is not this action."),
    Said.USED: Both("前に使われた写真です。", "The photo was used before."),
}
ASKS: tuple[Said, ...] = (Said.BLURRED, Said.NOT_SHOWN, Said.FACES)
DECLINES: tuple[Said, ...] = (Said.OTHER_DEED, Said.USED)


def ready_reason(said: Said) -> str:
    """A ready reason as it is kept: in both languages, as who reads it is not known."""
    return f"{READY[said].ja} / {READY[said].en}"


def drop_at(answered_at: datetime) -> datetime:
    """When a photo with this answer is deleted."""
    return answered_at + timedelta(days=PHOTO_KEPT_DAYS)


def is_lapsed(asked_at: datetime, *, at: datetime) -> bool:
    """Whether the time to send another photo is over."""
    return at >= asked_at + timedelta(days=ASKED_DAYS)


TAKEN_BACK = "本人が取り下げました。 / Taken back by the person."
NONE_CAME = f"{ASKED_DAYS}日のうちに次の写真が届きませんでした。 / No other photo came within {ASKED_DAYS} days."


def in_words(reason: str) -> Both:
    """A reason in both languages where it is a ready one; as an officer wrote it, where not."""
    return _KNOWN.get(reason, Both(reason, reason))


_KNOWN = {f"{both.ja} / {both.en}": both for both in READY.values()} | {
    each: Both(*each.split(" / ")) for each in (TAKEN_BACK, NONE_CAME)
}


def asked_again(action: Both, *, reason: str) -> Wording:
    """Another photo is asked for: why, and until when."""
    why = in_words(reason)
    return Wording(
        title_ja="写真をもう一枚お願いします",
        title_en="Please send another photo",
        text_ja=f"「{action.ja}」の写真を確かめられませんでした。理由: {why.ja} "
                f"{ASKED_DAYS}日のうちに、「行動してもらう」の「したこと」から送れます。",
        text_en=f"The photo of “{action.en}” could not be confirmed yet. Reason: {why.en} "
                f"You can send another within {ASKED_DAYS} days, from “What I did” under “Earn points”.",
    )  # fmt: skip
