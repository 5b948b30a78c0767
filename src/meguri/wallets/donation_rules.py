"""Which value may be donated, to which cause and until when it can be undone. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Protocol

from meguri.programmes.rules import PurseKindView
from meguri.wallets.gift_rules import good_until
from meguri.words.refusal import declare

UNDO_WITHIN: Final = timedelta(days=1)
"""How long a donation made by mistake can be undone; until then its money has not left for the receiver."""
GRANTED: Final = "granted"
FUND, ORGANISATION = "fund", "organisation"
"""What a receiver is: the town's own fund, or an organisation."""

CAUSE_UNKNOWN = declare("cause_unknown", status=404, ja="この寄付先は見つかりません。", en="There is no such cause.")
CAUSE_CLOSED = declare(
    "cause_closed",
    ja="この寄付先の受付は、いま開いていません。受付の期間を確かめてください。",
    en="This cause takes nothing at the moment. Please look at its period.",
)
CAUSE_PERIOD_WRONG = declare(
    "cause_period_wrong", status=422,
    ja="受付の終わりは、始まりより後の日にしてください。", en="The last day must not lie before the first one.",
)
CAUSE_TEXT_MISSING = declare(
    "cause_text_missing", status=422,
    ja="名前と使いみちを、日本語と英語で書いてください。", en="Please write name and purpose in Japanese and English.",
)
CAUSE_RECEIVER_UNKNOWN = declare(
    "cause_receiver_unknown", status=422,
    ja="受け取る団体が登録されていません。先に登録してください。",
    en="The receiver is not registered. Please register it first.",
)
CAUSE_DECIDED = declare(
    "cause_decided",
    ja="この寄付先は、もう承認されています。", en="This cause has been approved already.",
)
DONATION_NOT_PERMITTED = declare(
    "donation_not_permitted",
    ja="この事業のお金は寄付できません。事業の決まりで寄付が認められているものだけを選べます。",
    en="Value of this programme cannot be donated. Only programmes whose terms allow it are listed.",
)
DONATION_PAID_VALUE = declare(
    "donation_paid_value",
    ja="自分で買った分は寄付できません。寄付できるのは、ポイントなど無償でもらった分だけです。",
    en="What you paid for cannot be donated; only what was granted for nothing can.",
)
DONATION_AMOUNT_WRONG = declare(
    "donation_amount_wrong", status=422, ja="1円以上の額を入力してください。", en="Please enter one yen or more."
)
DONATION_UNKNOWN = declare(
    "donation_unknown", status=404, ja="この寄付は見つかりません。", en="There is no such donation."
)
DONATION_FINAL = declare(
    "donation_final",
    ja="この寄付は、もう取り消せません。取り消せるのは、寄付から1日のあいだ(お金の期限まで)です。",
    en="This donation cannot be undone any more; that is possible for a day, and while its money is good.",
)


class Listed(Protocol):
    """What tells whether a cause takes donations."""

    @property
    def approved_at(self) -> datetime | None: ...
    @property
    def opens_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


def is_open(cause: Listed, *, at: datetime) -> bool:
    """Whether two officers listed it and its period runs."""
    return cause.approved_at is not None and cause.opens_at <= at < cause.ends_at


def is_donatable(kind: PurseKindView, *, expires_at: datetime | None, at: datetime) -> bool:
    """Whether value of this purse may be donated at `at`: granted, allowed by the terms, and still good."""
    return (
        kind.donations and kind.part == GRANTED and at in kind.spending and (expires_at is None or at < expires_at)
    )  # fmt: skip


def require_donatable(
    kind: PurseKindView | None, *, expires_at: datetime | None, amount_yen: int, at: datetime
) -> datetime:
    """Until when a donation of this purse can be undone; never longer than its money is good.

    Raises Refusal `donation_not_permitted`, `donation_paid_value`, `donation_amount_wrong`.
    """
    if kind is not None and kind.donations and kind.part != GRANTED:
        raise DONATION_PAID_VALUE.refusal(field="purse", limit="granted_part")
    if kind is None or not is_donatable(kind, expires_at=expires_at, at=at):
        raise DONATION_NOT_PERMITTED.refusal(field="purse", limit="donations")
    if amount_yen < 1:
        raise DONATION_AMOUNT_WRONG.refusal(field="amount_yen")
    return undo_until(good_until(kind, expires_at), at=at)


def undo_until(good: datetime | None, *, at: datetime) -> datetime:
    """The end of undoing: a day, or the end of the money if that comes first."""
    end = at + UNDO_WITHIN
    return end if good is None else min(end, good)
