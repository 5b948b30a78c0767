"""What a settlement decides: who is owed what up to a cutoff, on which day banks pay, which payouts stand out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from meguri.ledger.years import YearEnds
from meguri.settlement.banks import AccountKind, BankAccount, check_account
from meguri.settlement.business_days import next_business_day
from meguri.words.period import FiscalYear, day_of
from meguri.words.refusal import declare
from meguri.words.yen import Unit

_JST = ZoneInfo("Asia/Tokyo")
_TICK = timedelta(microseconds=1)
FIRST_YEAR, LAST_YEAR = 2000, 9999
POSTINGS_AT_ONCE = 500
"""Postings that go through the door in one call; a run of a larger town makes several calls."""
OUTLIER_TIMES = 20
OUTLIER_LEAST_YEN = 1_000_000
"""A payout both this large and this many times the run's median is shown to the approver by itself."""

CUTOFF_IN_FUTURE = declare(
    "cutoff_in_future", status=422,
    ja="締めの日時({cutoff})がまだ来ていません。過ぎた日時を指定してください。",
    en="The cutoff ({cutoff}) has not passed yet. Please give a moment in the past.",
)
CUTOFF_TOO_EARLY = declare(
    "cutoff_too_early", status=422,
    ja="締めの日時({cutoff})が昔すぎます。{first}年よりあとの日を指定してください。",
    en="The cutoff ({cutoff}) lies too far back. Please give a day of the year {first} or later.",
)
CUTOFF_BEFORE_LAST = declare(
    "cutoff_before_last", status=422,
    ja="締めの日時({cutoff})は、最後に締めた日時({last})より前です。それまでの売上はもう精算してあります。"
       "あとから届いた支払いは、次の締めに入ります。",
    en="The cutoff ({cutoff}) lies before the last one ({last}), up to which everything is settled. "
       "Payments that arrived late come with the next cutoff.",
)
RUN_UNKNOWN = declare(
    "settlement_run_unknown", status=404, ja="この精算は見つかりません。", en="There is no such settlement."
)
RUN_NOT_READY = declare(
    "settlement_not_ready",
    ja="この精算は、いまその手続きをする段階ではありません(現在: {state:ja})。",
    en="This settlement is not at that step (it is: {state:en}).",
)
CONFIRMATION_DIFFERS = declare(
    "confirmation_differs", status=422,
    ja="確かめた件数・金額({count}件・{yen}円)が、振込の件数・金額({right_count}件・{right_yen}円)と違います。"
       "一覧をもう一度確かめてください。何も動いていません。",
    en="What you confirmed ({count} payouts, {yen} yen) is not what would be paid "
       "({right_count} payouts, {right_yen} yen). Please look at the list again; nothing has moved.",
)
PAYER_MISSING = declare(
    "payer_missing",
    ja="町の振込元口座が登録されていません。先に振込元口座を登録してください。",
    en="The town's own paying account is not registered. Please register it first.",
)
BANK_ACCOUNT_MISSING = declare(
    "bank_account_missing", status=422,
    ja="振込先の口座が登録されていません。登録されたら次の精算で支払われます。",
    en="No bank account is registered. Once it is, the next settlement will pay it.",
)
PAYOUT_UNKNOWN = declare("payout_unknown", status=404, ja="この振込は見つかりません。", en="There is no such payout.")
PAYOUT_NOT_READY = declare(
    "payout_not_ready",
    ja="この振込は、いまその手続きができません(現在: {state:ja})。",
    en="This payout cannot be dealt with that way now (it is: {state:en}).",
)
YEAR_DATING_LATE = declare(
    "year_dating_late",
    ja="{year:ja}の支払いとして記帳できるのは、出納整理期間({first}から{last}まで)に振り込み、"
       "年度が締め切られる前だけです。今日の日付で記帳してください。",
    en="Only what is transferred in the closing period ({first} to {last}), and before the year is closed, may be "
       "booked as a payment of {year:en}. Please book it with today's date.",
)
YEAR_DUTY_NONE = declare(
    "year_duty_none",
    ja="この振込に、{year:ja}の3月31日までに生じた義務はありません。今日の日付で記帳してください。",
    en="None of these payouts is for a duty that arose by 31 March of {year:en}. Please book them with today's date.",
)
SETTLEMENT_REASON_MISSING = declare(
    "settlement_reason_missing", status=422,
    ja="理由を書いてください。記録に残ります。", en="Please give the reason. It is kept in the record.",
)

FAULT_PLACE = ("金融機関か支店が現在の一覧にありません", "the bank or branch is not in the present list")
FAULT_KIND = ("預金種目が使えないものです", "the kind of account cannot be used")
FAULT_NUMBER = ("口座番号が読めません", "the account number cannot be read")
FAULT_NAME = ("口座名義(カナ)が振込データに書けません", "the account's name cannot be written in a bank file")
FAULTS: Mapping[str, tuple[str, str]] = {
    BANK_ACCOUNT_MISSING.code: ("口座が登録されていません", "no bank account is registered"),
    "unknown_bank": FAULT_PLACE, "unknown_branch": FAULT_PLACE, "transfer_place": FAULT_PLACE,
    "account_kind_unknown": FAULT_KIND, "transfer_kind": FAULT_KIND,
    "account_number_unreadable": FAULT_NUMBER, "transfer_number": FAULT_NUMBER,
    "kana_unwritable": FAULT_NAME, "kana_empty": FAULT_NAME, "transfer_name": FAULT_NAME,
    "transfer_amount": ("1回の振込の上限を超えています", "the amount is more than one transfer can carry"),
}
"""Why a payee was left out of the file, in Japanese and English: said without repeating what is sealed in the vault."""

RUN_WORDS: Mapping[str, Unit] = {
    "previewed": Unit("試算のみ", "only looked at"), "run": Unit("締め済み・承認待ち", "settled, awaits approval"),
    "approved": Unit("承認済み・銀行へ送る前", "approved, not yet with the bank"),
    "sent": Unit("銀行へ渡した", "with the bank"), "withdrawn": Unit("取り下げ", "withdrawn"),
}  # fmt: skip
PAYOUT_WORDS: Mapping[str, Unit] = {
    "payable": Unit("支払い待ち", "owed"), "ordered": Unit("承認済み・銀行へ送る前", "approved, not yet with the bank"),
    "sent": Unit("銀行へ渡した", "with the bank"), "returned": Unit("振込不能", "returned by the bank"),
    "carried": Unit("次の振込へ", "in a later transfer"),
}  # fmt: skip
"""States as a refusal's sentence names them."""

_KIND_NAMES = {
    "ordinary": AccountKind.ORDINARY, "current": AccountKind.CURRENT, "savings": AccountKind.SAVINGS,
    "other": AccountKind.OTHER,
}


@dataclass(frozen=True, slots=True)
class LotYen:
    """Yen of one lot, with whose money it is and what kind."""

    lot: int
    fund: UUID
    purse_kind: UUID | None
    yen: int


@dataclass(frozen=True, slots=True)
class Activity:
    """A shop's payments and refunds: counts, and the payments' yen."""

    payments: int = 0
    payments_yen: int = 0
    refunds: int = 0

    def less(self, told: Activity) -> Activity:
        """What is new since what was told before."""
        return Activity(
            self.payments - told.payments, self.payments_yen - told.payments_yen, self.refunds - told.refunds
        )


@dataclass(frozen=True, slots=True)
class Due:
    """What one owner is owed, by lot. Only positive amounts."""

    owner: UUID
    lots: tuple[LotYen, ...]

    @property
    def yen(self) -> int:
        return sum(lot.yen for lot in self.lots)


def dues(rows: Iterable[tuple[UUID, LotYen]]) -> tuple[Due, ...]:
    """Rows of one lot each, gathered by owner in the order of owners. Zero and negative amounts are left out."""
    found: dict[UUID, list[LotYen]] = {}
    for owner, lot in rows:
        if lot.yen > 0:
            found.setdefault(owner, []).append(lot)
    return tuple(Due(owner, tuple(sorted(found[owner], key=lambda lot: lot.lot))) for owner in sorted(found))


def uncovered(due: Due, covered: Mapping[tuple[UUID, int], int]) -> Due:
    """What no open payout speaks for yet. `covered`: yen by (payee, lot)."""
    rest = [
        LotYen(lot.lot, lot.fund, lot.purse_kind, lot.yen - covered.get((due.owner, lot.lot), 0)) for lot in due.lots
    ]
    return Due(due.owner, tuple(lot for lot in rest if lot.yen > 0))


def shown(moment: datetime) -> str:
    """A moment in Japan with its year, as refusals say it; at the ends of the calendar only its day."""
    if not FIRST_YEAR <= moment.year < LAST_YEAR:
        return moment.date().isoformat()
    return f"{moment.astimezone(_JST):%Y-%m-%d %H:%M}"


def pay_day(at: datetime) -> date:
    """The bank's business day after the day on which the file is made: banks take files up to the day before."""
    return next_business_day(day_of(at))


def duty_at(cutoff: datetime, *, at: datetime, ends: YearEnds) -> datetime:
    """From when a run's yen are owed: from the run on, or, in the closing period, from the end of what it settles.

    A run of April up to the end of March settles duties of the old year, which belong to that year (地方自治法施行令
    143条1項4号: the year in which the other side performed) until it is closed.
    """
    last = cutoff - _TICK
    year = FiscalYear.of(day_of(last))
    return last if at in year.closing_period and (ends.closed is None or ends.closed < year.year) else at


def last_moment(year: FiscalYear) -> datetime:
    """The moment by which what is paid in the closing period is dated into the year that ended."""
    return year.closing_period.start - _TICK


def outliers(amounts: Sequence[int]) -> tuple[int, ...]:
    """The places of amounts that stand far out of their run: the shape of a wrong total paid to one payee."""
    if len(amounts) < 2:
        return ()
    bar = max(OUTLIER_LEAST_YEN, int(median(amounts) * OUTLIER_TIMES))
    return tuple(place for place, amount in enumerate(amounts) if amount >= bar)


def account_of(sealed: Mapping[str, Any] | None) -> BankAccount:
    """The account in the vault as the bank file needs it.

    Raises Refusal `bank_account_missing`, or those of `banks.check_account`.
    """
    if not sealed or not sealed.get("number"):
        raise BANK_ACCOUNT_MISSING.refusal(field="bank_account")
    kind = str(sealed.get("kind") or "ordinary")
    return check_account(
        bank=str(sealed.get("bank", "")), branch=str(sealed.get("branch", "")), kind=_KIND_NAMES.get(kind, kind),
        number=str(sealed["number"]), holder=str(sealed.get("holder_kana", "")),
    )
