"""What a payment is, before the books are asked. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from meguri.ledger.rules import INSUFFICIENT, UNKNOWN_LOT, Account, Leg, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.programmes.campaigns import Bought, Chance, Earned, LiveCampaign, candidates, payment_facts
from meguri.programmes.parts import MoneyPart
from meguri.programmes.rules import PurseKindView
from meguri.words.actor import Actor, ActorRole
from meguri.words.predicate import Facts
from meguri.words.refusal import Refusal, declare

CODE_LIFE = timedelta(seconds=60)
CODE_LIFE_MAX = timedelta(seconds=300)
PAYMENT_MAX_YEN = 1_000_000

CODE_UNKNOWN = declare(
    "code_unknown",
    status=404,
    ja="このコードは見つかりません。お客さまに新しいコードを出してもらってください。",
    en="This code is not known. Please ask the customer to show a new one.",
)
CODE_EXPIRED = declare(
    "code_expired",
    ja="このコードは時間切れです(表示から{seconds}秒まで)。お客さまに新しいコードを出してもらってください。",
    en="This code has run out (it lives {seconds} seconds). Please ask the customer to show a new one.",
)
CODE_USED_HERE = declare(
    "code_used_here",
    ja="このコードは使用済みです({when}に、この店で{amount}円)。次の支払いには、新しいコードを出してもらってください。",
    en="This code has been used ({when}, {amount} yen, at this shop). For another payment, please ask for a new one.",
)
SPLIT_CHANGED = declare(
    "split_changed",
    ja="払い方が、確かめたときと変わりました。まだ払っていません。もう一度確かめてください。",
    en="What would pay is no longer what you saw. Nothing has been paid. Please check again.",
)
SHOP_NOT_REGISTERED = declare(
    "shop_not_registered",
    status=404,
    ja="このお店のコードは登録されていません。支払わずに、お店の人に知らせてください。",
    en="No shop is registered under this code. Do not pay; please tell the shop.",
)
SHOP_NOT_ACCEPTING = declare(
    "shop_not_accepting",
    ja="{shop}では、いまお支払いを受け付けていません。お店の人に確かめてください。",
    en="{shop} is not accepting payments now. Please ask the shop.",
)
PAYMENT_SHORT = declare(
    "payment_short",
    ja="このお店で使えるのは{available}円です。{wanted}円のお支払いには{short}円足りません。足りない分は現金でお支払いください。",
    en="You can use {available} yen at this shop; {wanted} yen is {short} yen more. Please pay the rest in cash.",
)
PAYMENT_UNKNOWN = declare(
    "payment_unknown",
    status=404,
    ja="この支払いは見つかりません。お店の「今日」の一覧から選んでください。",
    en="This payment was not found. Please choose it from the shop's list of today.",
)
REFUND_EXCEEDS_TAKINGS = declare(
    "refund_exceeds_takings",
    ja="この支払いは精算済みで、いまの売上({available}円)からは返金できません。現金で返すか、事務局へご連絡ください。",
    en="This payment was settled, and the takings now ({available} yen) do not cover it. Please refund in cash.",
)

NOTE_IS_WHOLE = declare(
    "note_is_whole", status=422,
    ja="紙の券の支払いは、一部だけ返せません。券を一枚まるごと返し、足りない分・余る分は現金で合わせてください。",
    en="A paper note is not given back in part. Please hand the whole note back, and settle the rest in cash.",
)
REFUND_NUMBER_MISSING = declare(
    "refund_number_missing",
    status=422,
    ja="一部を返金するときは、返金ごとに別の受付番号(Idempotency-Key)をつけてください。",
    en="A refund of a part needs a number of its own (Idempotency-Key), another for each refund.",
)


class ShownPart(msgspec.Struct, frozen=True):
    """What a holder was shown before paying: yen of one purse kind, and when the first runs out (None: never)."""

    kind: UUID
    yen: int
    until: datetime | None


def asker_of(by: Actor) -> UUID:
    """To whom the number of a payment request belongs: the holder who pays by phone, or the shop whose till asks."""
    return (by.party if by.role is ActorRole.RESIDENT else by.shop) or UUID(int=0)


def request_key(asker: UUID | None, request: str) -> str:
    """The key in the books of a payment that a shop or a holder asks for under a number of its own."""
    return f"pay:{asker}:{request}"


class Asked(msgspec.Struct, frozen=True):
    """One request to pay. Either `code_digest` (the holder's code read by a till) or `holder` (who pays at a shop).

    `request` is the client's own number for this sale: sent again, it is the same payment. `shown`: the parts that the
    holder saw and agreed to, adding up to `amount_yen`; then these pay, or nothing does. Empty: whatever comes first.
    """

    municipality: int
    at: datetime
    by: str
    shop: UUID
    amount_yen: int
    request: str
    code_digest: bytes | None = None
    holder: UUID | None = None
    shown: tuple[ShownPart, ...] = ()

    @property
    def key(self) -> str:
        """The till's number belongs to the shop, a phone's number to its holder."""
        return request_key(self.shop if self.code_digest else self.holder, self.request)

    @property
    def channel(self) -> str:
        """How the holder paid."""
        return "holder_code" if self.code_digest else "merchant_code"

    @property
    def once(self) -> str | None:
        """What its one payment uses up: the code that was shown to a till."""
        return f"code:{self.code_digest.hex()}" if self.code_digest else None


class Prepared(msgspec.Struct, frozen=True):
    """A request whose holder is known; `kinds` says what each lot is, for the answer.

    `objection`: why its code, wallet or shop is not good; said, unless the books have this very payment already.
    `live`: the campaigns that may reward it, by its `facts`.
    """

    asked: Asked
    posting: Posting
    kinds: Mapping[int, PurseKindView]
    objection: Refusal | None = None
    holder: UUID | None = None
    live: tuple[LiveCampaign, ...] = ()
    facts: Facts = {}


class Payment(msgspec.Struct, frozen=True):
    """A made payment. `parts`: which purses paid, in the order in which they did; they add up to `amount_yen`.

    `earned`: what campaigns gave for it, and where one gave less than it promises, why.
    """

    id: UUID
    shop: UUID
    amount_yen: int
    paid_at: datetime
    parts: tuple[tuple[PurseKindView, int], ...]
    repeated: bool = False
    earned: tuple[Earned, ...] = ()

    @property
    def earned_yen(self) -> int:
        return sum(each.yen for each in self.earned)


@dataclass(frozen=True, slots=True)
class Quote:
    """What a payment would take: purses in spend order, and what would have to be paid in cash.

    `ends`: for each part, when the first of its money runs out (None: never).
    """

    amount_yen: int
    parts: tuple[tuple[PurseKindView, int], ...]
    short_yen: int
    ends: tuple[datetime | None, ...] = ()

    @property
    def shown(self) -> tuple[ShownPart, ...]:
        """The parts as a request to pay names them."""
        return tuple(
            ShownPart(kind.id, yen, until) for (kind, yen), until in zip(self.parts, self.ends, strict=True)
        )


def prepare(
    asked: Asked, *, holder: UUID, accepted: Mapping[int, PurseKindView], objection: Refusal | None = None,
    live: Sequence[LiveCampaign] = (), shop_facts: Facts | None = None,
) -> Prepared:
    """The posting of a payment: wallet to shop, from the lots that the shop accepts, in spend order.

    What its holder was shown is a leg for each part: so the books themselves pay it that way or not at all.
    """
    kinds = {number: kind for number, kind in accepted.items() if is_within(kind, asked.amount_yen)}
    ends = Account(holder, AccountRole.WALLET), Account(asked.shop, AccountRole.SHOP)
    legs = tuple(Leg(*ends, part.yen, _lots_of(part.kind, kinds)) for part in asked.shown)
    posting = Posting(
        key=asked.key, template="pay", legs=legs or (Leg(*ends, asked.amount_yen, tuple(kinds)),), at=asked.at,
        by=asked.by, once=asked.once,
        about={"shop": str(asked.shop), "channel": asked.channel},
    )  # fmt: skip
    prepared = Prepared(asked, posting, kinds, objection or _outlived(asked), holder)
    if not live or prepared.objection is not None:
        return prepared
    facts = {**(shop_facts or {}), **payment_facts(amount_yen=asked.amount_yen, at=asked.at, channel=asked.channel)}
    return msgspec.structs.replace(prepared, live=candidates(live, facts, at=asked.at), facts=facts)


def chance_of(prepared: Prepared, *, verdict: Verdict) -> Chance:
    """What campaigns reward of a payment that was made: its paid value is what left purses of the paid part."""
    paid = sum(taken.amount for taken in verdict.taken if prepared.kinds[taken.debit_lot].part == MoneyPart.PAID)
    return hoped_for(prepared, paid_yen=paid)


def hoped_for(prepared: Prepared, *, paid_yen: int) -> Chance:
    """The same before the books have said what pays."""
    asked = prepared.asked
    assert prepared.holder is not None  # noqa: S101 - what has campaigns has a holder
    bought = Bought(prepared.holder, asked.shop, asked.at, asked.amount_yen, paid_yen, prepared.facts)
    return Chance(bought, prepared.live)


def _lots_of(kind: UUID, kinds: Mapping[int, PurseKindView]) -> tuple[int, ...]:
    return tuple(number for number, each in kinds.items() if each.id == kind)


def _outlived(asked: Asked) -> Refusal | None:
    """Money that was shown has run out meanwhile; other money of its kind does not take its place unseen."""
    over = any(part.until is not None and part.until <= asked.at for part in asked.shown)
    return SPLIT_CHANGED.refusal() if over else None


def is_within(kind: PurseKindView, amount_yen: int) -> bool:
    """Whether a payment of this sum may use this kind at all."""
    return kind.payment_max_yen is None or amount_yen <= kind.payment_max_yen


def payment_of(
    asked: Asked, *, verdict: Verdict, kinds: Mapping[int, PurseKindView], earned: tuple[Earned, ...] = ()
) -> Payment:
    """The answer for people: lots of one purse kind are one part."""
    parts: dict[UUID, tuple[PurseKindView, int]] = {}
    for taken in verdict.taken:
        kind = kinds[taken.debit_lot]
        _, before = parts.get(kind.id, (kind, 0))
        parts[kind.id] = kind, before + taken.amount
    if asked.code_digest is not None:
        earned = tuple(each.for_the_shop() for each in earned)
    return Payment(
        verdict.posting, asked.shop, asked.amount_yen, verdict.recorded_at, tuple(parts.values()), verdict.replayed,
        earned,
    )


def refusal_of(asked: Asked, *, refused: Refusal) -> Refusal:
    """A short purse in the words of the street; any other refusal of the books as it is."""
    if refused.kind not in (INSUFFICIENT, UNKNOWN_LOT):  # no lot at all: nothing that this shop accepts is left
        return refused
    if asked.shown:
        return SPLIT_CHANGED.refusal()
    available, wanted = int(str(refused.facts.get("available", 0))), asked.amount_yen
    return PAYMENT_SHORT.refusal(
        field="amount_yen", limit=refused.limit, available=available, wanted=wanted, short=wanted - available
    )


def quote(
    amount_yen: int,
    *,
    order: Sequence[int],
    held: Mapping[int, int],
    kinds: Mapping[int, PurseKindView],
    ends: Mapping[int, datetime | None],
) -> Quote:
    """Walk the spend order over what is held (yen by lot; `ends`: until when) and say what pays and what is short."""
    left, parts, until = amount_yen, dict[PurseKindView, int](), dict[PurseKindView, datetime | None]()
    for number in order:
        take = min(left, held.get(number, 0)) if is_within(kinds[number], amount_yen) else 0
        if take:
            kind = kinds[number]
            parts[kind] = parts.get(kind, 0) + take
            until.setdefault(kind, ends[number])  # within a kind the soonest comes first
            left -= take
    return Quote(amount_yen, tuple(parts.items()), left, tuple(until.values()))
