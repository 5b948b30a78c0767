"""What makes a posting lawful, before any balance is known. Pure: no database, no clock."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from meguri.ledger.templates import TEMPLATES, AccountRole
from meguri.words.refusal import declare

LEGS_MAX = 10_000
"""A posting with more legs is refused; a bulk is many postings."""

KEY_LENGTH_MAX = 200

AMOUNT_MAX = 10**15
"""More than all money of the country: sums of such amounts still fit the books' columns."""

INSUFFICIENT = declare(
    "insufficient",
    ja="残りが足りません(使えるのは{available}円・必要なのは{wanted}円)。金額を減らすか、別の方法をお選びください。",
    en="There is not enough left ({available} available, {wanted} needed). Please lower it or choose another way.",
)
LIMIT_REACHED = declare(
    "limit_reached",
    ja="上限に達しました(あと{available}まで)。",
    en="A limit has been reached ({available} left).",
)
KEY_REUSED = declare(
    "key_reused",
    ja="この受付番号は別の内容で使われています。はじめからやり直してください。",
    en="This request number was already used for something else. Please start again.",
)
USED_ONCE = declare(
    "used_once",
    ja="このコードはもう使われています。新しいコードを出してもらってください。",
    en="This code has already been used. Please ask for a new one.",
)
KEY_CLOSED = declare(
    "key_closed",
    ja="この受付番号は締め切られました。はじめからやり直してください。",
    en="This request number has been closed. Please start again.",
)
ALREADY_REVERSED = declare(
    "already_reversed", ja="この取引はすでに取り消されています。", en="This has already been reversed."
)
EFFECTIVE_IN_FUTURE = declare(
    "effective_in_future", ja="未来の日付では記帳できません。", en="A posting cannot be dated in the future."
)
AMOUNT_NOT_POSITIVE = declare(
    "amount_not_positive", ja="金額は1円以上にしてください。", en="The amount must be at least 1 yen.", status=422
)
TEMPLATE_FORBIDS = declare(
    "template_forbids",
    ja="「{template}」ではこの動きを記帳できません。",
    en="“{template}” does not allow this movement.",
    status=422,
)
UNKNOWN_ACCOUNT = declare(
    "unknown_account", ja="口座が見つかりません。", en="No such account in these books.", status=422
)
UNKNOWN_LOT = declare("unknown_lot", ja="お金の種類が見つかりません。", en="No such lot in these books.", status=422)
FUNDS_MIXED = declare(
    "funds_mixed",
    ja="財源の違うお金をまぜることはできません。",
    en="Money of different funds cannot be mixed.",
    status=422,
)
EMPTY_POSTING = declare("empty_posting", ja="記帳する内容がありません。", en="There is nothing to post.", status=422)
TOO_MANY_LEGS = declare(
    "too_many_legs",
    ja="一度に記帳できるのは{most}行までです({legs}行ありました)。分けてください。",
    en="One posting holds at most {most} legs ({legs} were given). Please split it.",
    status=422,
)
TEXT_UNUSABLE = declare(
    "text_unusable",
    ja="帳簿に書けない文字があります({place})。受付番号は1〜{most}文字です。見えない文字を取りのぞいてください。",
    en="The books cannot hold this text ({place}). A request number has 1 to {most} characters; please take out what"
    " cannot be seen.",
    status=422,
)
AMOUNT_TOO_LARGE = declare(
    "amount_too_large",
    ja="金額が大きすぎます(一度に{most}円まで)。",
    en="The amount is too large (at most {most} yen at once).",
    status=422,
)
LEDGER_BUSY = declare(
    "ledger_busy",
    ja="ただいま混み合っています。数秒後にもう一度お試しください。お金は動いていません。",
    en="We are busy. Please try again in a few seconds; no money has moved.",
    status=503,
)

LEDGER_UNREACHABLE = declare(
    "ledger_unreachable",
    ja="確認中です。少し待ってから、同じ画面でもう一度お試しください。二重に引かれることはありません。",
    en="We are checking. Please wait a moment and try again on the same screen; you are never charged twice.",
    status=503,
)

_UNBOOKABLE = re.compile("[\0\ud800-\udfff]")
"""What no text of PostgreSQL holds: NUL, and halves of a pair that UTF-8 cannot write."""

_CANONICAL = msgspec.json.Encoder(order="deterministic", enc_hook=str)

_OF_REQUESTS = (KEY_REUSED, USED_ONCE, KEY_CLOSED, ALREADY_REVERSED, EFFECTIVE_IN_FUTURE)
_OF_CONTENT = (AMOUNT_NOT_POSITIVE, UNKNOWN_ACCOUNT, UNKNOWN_LOT, FUNDS_MIXED, EMPTY_POSTING)
PLAIN = {kind.code: kind for kind in (*_OF_REQUESTS, *_OF_CONTENT)}
"""Refusals whose sentence needs no facts."""


class Account(msgspec.Struct, frozen=True, gc=False):
    """Owner x role. The owner is a pseudonym or the id of a shop, fund or programme."""

    owner: UUID
    role: AccountRole


class Limit(msgspec.Struct, frozen=True, gc=False):
    """An allowance that a leg draws on by the same amount, in the same locked step."""

    account: Account
    lot: int


class Leg(msgspec.Struct, frozen=True, gc=False):
    """`amount` leaves `debit`, taken from `lots` in their order, and arrives at `credit`.

    It arrives in `credit_lot`; without one in the same lot, or as the credited role keeps it (templates.ROLES).
    An `up_to` leg takes what its source and `limits` still give, and never fails the posting.
    """

    debit: Account
    credit: Account
    amount: int
    lots: tuple[int, ...]
    credit_lot: int | None = None
    up_to: bool = False
    limits: tuple[Limit, ...] = ()


class Posting(msgspec.Struct, frozen=True, gc=False):
    """One movement of money, all or nothing. `about` says what it was for (programme, shop, action), never who.

    `key` makes it happen once, for ever: the same key and content returns the first answer, other content is refused.
    `once` names what may be used up by one posting only, whatever its key: a code shown at a till.
    """

    key: str
    template: str
    legs: tuple[Leg, ...]
    at: datetime
    by: str
    about: Mapping[str, Any] = {}
    reverses: UUID | None = None
    once: str | None = None

    def about_text(self) -> str:
        """What it was for, as canonical JSON. Raises Refusal text_unusable."""
        try:
            text = _CANONICAL.encode(self.about).decode()
        except UnicodeEncodeError:
            raise TEXT_UNUSABLE.refusal(place="about", most=KEY_LENGTH_MAX) from None
        if "\\u0000" in text and "\\u0000" in text.replace("\\\\", ""):
            raise TEXT_UNUSABLE.refusal(place="about", most=KEY_LENGTH_MAX)
        return text

    def payload(self, about: str) -> bytes:
        """SHA-256 of what must be equal for a repeated key: everything but the moment, who pressed and the lots to
        choose from. `about` is `about_text()`, passed on because the caller needs it too.
        """
        lines = [self.template, str(self.reverses), about, *map(_leg_line, self.legs)]
        return hashlib.sha256("\n".join(lines).encode()).digest()


class Taken(msgspec.Struct, frozen=True, gc=False):
    """What one leg moved: `leg` counts from 1; amounts in the lot's unit."""

    leg: int
    debit_lot: int
    credit_lot: int
    amount: int


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """The answer for a made posting. `bit`: the allowance that cut an up-to leg short (None: its source did)."""

    posting: UUID
    recorded_at: datetime
    replayed: bool
    taken: tuple[Taken, ...]
    cut_leg: int | None = None
    bit: Limit | None = None

    def amount(self, leg: int) -> int:
        """What a leg (from 1) moved by itself, limits not counted twice."""
        return sum(taken.amount for taken in self.taken if taken.leg == leg)


def _leg_line(leg: Leg) -> str:
    limits = [f" {limit.account.owner.hex} {limit.account.role} {limit.lot}" for limit in leg.limits]
    ends = f"{leg.debit.owner.hex} {leg.debit.role} {leg.credit.owner.hex} {leg.credit.role}"
    return f"{ends} {leg.amount} {leg.up_to}{''.join(limits)}"


def check_form(posting: Posting) -> None:
    """Refuse what the database should not even be asked, so that it spoils nobody else's posting in the same batch.

    Raises Refusal too_many_legs, template_forbids, amount_too_large, text_unusable.
    """
    if len(posting.legs) > LEGS_MAX:
        raise TOO_MANY_LEGS.refusal(most=LEGS_MAX, legs=len(posting.legs))
    if posting.template not in TEMPLATES:
        raise TEMPLATE_FORBIDS.refusal(template=posting.template)
    for leg in posting.legs:
        if leg.amount > AMOUNT_MAX:
            raise AMOUNT_TOO_LARGE.refusal(most=AMOUNT_MAX)
    if not 0 < len(posting.key) <= KEY_LENGTH_MAX:
        raise TEXT_UNUSABLE.refusal(place="key", most=KEY_LENGTH_MAX)
    for place, text in (("key", posting.key), ("by", posting.by), ("once", posting.once or "")):
        if _UNBOOKABLE.search(text):
            raise TEXT_UNUSABLE.refusal(place=place, most=KEY_LENGTH_MAX)
