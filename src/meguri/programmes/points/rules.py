"""Pure decisions about everyday actions: what a limit allows, what a code proves, what an action still earns."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import sqrt
from uuid import UUID, uuid5

from meguri.parties.rules import Both
from meguri.programmes.parts import Action, Evidence, GrantByAction, Limit, Per
from meguri.words.period import day_of
from meguri.words.refusal import Refusal, declare
from meguri.words.signs import signs_of

ACTION_UNKNOWN = declare(
    "action_unknown", status=404,
    ja="この行動メニューは見つかりません。一覧からもう一度選んでください。",
    en="There is no such action. Please choose again from the list.",
)
NOT_POINTS = declare(
    "action_programme_grants_nothing", status=422,
    ja="この事業は行動にポイントを付けません。", en="This programme gives no points for actions.",
)
ACTION_CLOSED = declare(
    "action_closed",
    ja="「{name:ja}」の受付は終わりました。", en="“{name:en}” is over.",
)
ACTION_TOO_EARLY = declare(
    "action_too_early",
    ja="「{name:ja}」の受付は{when:ja}からです。", en="“{name:en}” starts on {when:en}.",
)
NOT_ELIGIBLE = declare(
    "action_not_eligible", status=403,
    ja="このポイントの対象ではありません({reasons:ja})。登録が事実と違うときは、担当課へご連絡ください。",
    en="You cannot earn these points ({reasons:en}). If our records are wrong, please tell the department.",
)
RESIDENT_UNKNOWN = declare(
    "action_resident_unknown", status=404,
    ja="このサインインは、まだ住民の登録と結びついていません。本人確認書類を持って、担当課の窓口へお越しください。",
    en="Your sign-in is not linked to the residents' register yet. "
    "Please bring an identity document to the department's desk.",
)
EVIDENCE_MISSING = declare(
    "action_evidence_missing", status=422,
    ja="「{name:ja}」の記録には、{evidence:ja}が必要です。", en="“{name:en}” needs {evidence:en}.",
)
CODE_WRONG = declare(
    "action_code_wrong", status=422,
    ja="コードが読み取れないか、古くなっています。その場に出ているコードをもう一度読み取ってください。",
    en="The code cannot be read or is out of date. Please scan the code shown at the place again.",
)
CEILING_REACHED = declare(
    "action_ceiling_reached",
    ja="{ceiling:ja}に達しました。{again:ja}",
    en="You have reached {ceiling:en}. {again:en}",
)
BUDGET_EMPTY = declare(
    "action_budget_empty",
    ja="この事業の予算が終わりました。行動は記録されず、ポイントも付きません。",
    en="The budget of this programme is used up. The action was not recorded and earns no points.",
)
RECORD_UNKNOWN = declare(
    "action_record_unknown", status=404,
    ja="この行動の記録は見つかりません。", en="There is no such record of an action.",
)
RECORD_DIFFERS = declare(
    "action_record_differs",
    ja="この受付番号は別の行動で使われています。もう一度やり直してください。",
    en="This request number was already used for another action. Please start again.",
)
RECORD_JUDGED = declare(
    "action_record_judged",
    ja="この行動はすでに確認済みです({state:ja})。", en="This action has already been judged ({state:en}).",
)
OWN_RECORD = declare(
    "action_own_record", status=403,
    ja="自分の行動は自分で確認できません。ほかの担当者に頼んでください。",
    en="Nobody confirms their own action. Please ask a colleague.",
)
DONE_IN_FUTURE = declare(
    "action_done_in_future", status=422,
    ja="まだ来ていない日の行動は記録できません。", en="An action of a day to come cannot be recorded.",
)
TOO_LONG_AGO = declare(
    "action_too_long_ago", status=422,
    ja="記録できるのは{days}日前までの行動です。", en="Actions can be recorded for up to {days} days afterwards.",
)
REASON_MISSING = declare(
    "action_reason_missing", status=422,
    ja="認めない理由を書いてください。ご本人に伝えます。",
    en="Please say why it is not confirmed; the person will be told.",
)
PLACE_NAME_WRONG = declare(
    "action_place_name_wrong", status=422,
    ja="場所の名前を日本語と英語で、{most}文字以内で書いてください。",
    en="Please name the place in Japanese and in English, in at most {most} characters each.",
)
PLACE_NAME_MOST = 100
PLACE_UNKNOWN = declare(
    "action_place_unknown", status=404, ja="この場所は見つかりません。", en="There is no such place."
)

EVIDENCES: dict[Evidence, Both] = {
    Evidence.PLACE_CODE: Both("その場に出ているコード", "the code shown at the place"),
    Evidence.STAFF_CONFIRMS: Both("職員の確認", "a member of staff to confirm it"),
    Evidence.PARTNER_CONFIRMS: Both("協力団体の確認", "a partner to confirm it"),
    Evidence.DEVICE: Both("歩数計などの記録", "the record of a device"),
    Evidence.SELF_REPORT: Both("ご本人の申告", "your own report"),
    Evidence.PHOTO: Both("ご本人が送る写真", "a photo that you send"),
}
CONFIRMED = frozenset({Evidence.STAFF_CONFIRMS, Evidence.PARTNER_CONFIRMS, Evidence.PHOTO})
"""Evidence that somebody else gives: a resident's own report of it is held until then."""
DELIVERED = CONFIRMED | {Evidence.DEVICE}
"""Evidence that may be delivered for many people at once, by whoever saw them or runs their step counters."""

class Held(StrEnum):
    """Why a deed waits although nobody has to confirm its kind."""

    STEPS_MANY = "steps_many"
    STEPS_SAME = "steps_same"
    SPOT_CHECK = "spot_check"
    TWICE = "twice"


HELD: dict[str, Both] = {
    Held.STEPS_MANY: Both("1日の歩数がとても多いので、担当者が確かめます",
                          "so many steps in a day that somebody has a look first"),
    Held.STEPS_SAME: Both("ほかの方と同じ歩数の記録なので、担当者が確かめます",
                          "the same steps as somebody else's, so somebody has a look first"),
    Held.TWICE: Both("同じ日の同じ行動がすでに届いているので、担当者が確かめます",
                     "the same action of that day was delivered already, so somebody has a look first"),
    Held.SPOT_CHECK: Both("くじで、確かめる対象に当たりました", "drawn by lot to be looked at first"),
}
"""Said to whoever waits and to whoever looks."""

STATES = {
    "held": Both("確認待ち", "waiting to be confirmed"),
    "granted": Both("付与済み", "granted"),
    "refused": Both("認められませんでした", "not confirmed"),
}

CODE_LASTS = timedelta(seconds=60)
"""A rotating code changes so often; the one before is still taken, for slow hands."""
REPORT_WITHIN_DAYS = 7
"""How long after the day an action may still be reported; the day's own limits count."""
TWICE_WITHIN = timedelta(minutes=10)
"""Two deliveries of one action with less time between them look like one deed told twice."""
EVERYTHING = "*"
"""The scope of limits that bind over all actions together."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A limit on one day, in one month or over the programme, as a balance: `allowed` names its lot.

    `most` and what it counts: yen, times (piece), or what may be held at once (held: a bound, no balance of its own).
    `name` is stored where it cut a grant, such as `month_yen`.
    """

    allowed: UUID
    unit: str  # yen, piece, held
    most: int
    per: Per
    name: str
    words: Both


@dataclass(frozen=True, slots=True)
class Earning:
    """What an action still earns: `yen`, and the ceiling that made it less (None: nothing did)."""

    yen: int
    cut_by: Ceiling | None = None


def find_action(obtaining: GrantByAction, code: str) -> Action:
    """The action of this code in the terms. Raises Refusal `action_unknown`."""
    for action in obtaining.actions:
        if action.code == code:
            return action
    raise ACTION_UNKNOWN.refusal()


def require_open(action: Action, obtaining: GrantByAction, *, at: datetime) -> None:
    """Both windows must be open: the programme's and the action's own.

    Raises Refusal `action_too_early` or `action_closed`.
    """
    for window in (obtaining.window, action.window):
        if window is None:
            continue
        if at < window.period.start:
            raise ACTION_TOO_EARLY.refusal(name=named(action), when=said(window.period.start))
        if window.period.is_over(at):
            raise ACTION_CLOSED.refusal(name=named(action))


def require_reportable(done_at: datetime, *, at: datetime) -> None:
    """Raises Refusal `action_done_in_future` or `action_too_long_ago`."""
    if done_at > at:
        raise DONE_IN_FUTURE.refusal(field="done_at")
    within = timedelta(days=REPORT_WITHIN_DAYS)
    # the first span needs no calendar: the year 1 has no day in Japan
    if at - done_at > within + timedelta(days=1) or day_of(at) - day_of(done_at) > within:
        raise TOO_LONG_AGO.refusal(field="done_at", days=REPORT_WITHIN_DAYS)


def times_at_most(action: Action) -> int:
    """How often the terms let a person do it within any span, a day too; a large number where they do not say."""
    return min((limit.times for limit in action.limits if limit.times), default=10**6)


def named(action: Action) -> Both:
    return Both(action.name.ja, action.name.en)


def said(at: datetime) -> Both:
    """The day of a moment in both languages."""
    on = day_of(at)
    return Both(f"{on.year}年{on.month}月{on.day}日", f"{on.day} {on:%B} {on.year}")


def said_last_day(ends: datetime) -> Both:
    """The last day of a span that ends (half-open) at `ends`."""
    return said(ends - timedelta(microseconds=1))


def ceilings(programme: UUID, *, obtaining: GrantByAction, action: Action, on: date) -> tuple[Ceiling, ...]:
    """The ceilings that an action of this day draws on, the action's own first.

    A lot keeps what it opened with, so an amended limit begins with its next day or month.
    """
    own = [_ceiling(programme, scope=action.code, limit=limit, on=on) for limit in action.limits]
    shared = [_ceiling(programme, scope=EVERYTHING, limit=limit, on=on) for limit in obtaining.limits]
    return tuple(own + shared)


def holding(programme: UUID, most: int) -> Ceiling:
    """How much of a programme's points anybody may hold at once."""
    words = Both(f"持てるポイントの上限{most:,}円", f"the limit of {most:,} yen that can be held at once")
    return Ceiling(uuid5(programme, "holding"), unit="held", most=most, per=Per.PROGRAMME, name="holding", words=words)


def _ceiling(programme: UUID, *, scope: str, limit: Limit, on: date) -> Ceiling:
    unit, most = ("yen", limit.yen) if limit.yen is not None else ("piece", limit.times)
    span = {Per.DAY: on.isoformat(), Per.MONTH: f"{on:%Y-%m}", Per.PROGRAMME: ""}[limit.per]
    return Ceiling(
        allowed=uuid5(programme, f"ceiling:{scope}:{limit.per}:{span}:{unit}"),
        unit=unit,
        most=most or 0,
        per=limit.per,
        name=f"{limit.per}_{'yen' if unit == 'yen' else 'times'}",
        words=_limit_words(limit, own=scope != EVERYTHING),
    )


def _limit_words(limit: Limit, *, own: bool) -> Both:
    span = {
        Per.DAY: Both("1日", "a day"),
        Per.MONTH: Both("1か月", "a month"),
        Per.PROGRAMME: Both("期間中", "for the whole time"),
    }[limit.per]
    of = Both("この行動の", " for this action") if own else Both("", " of all actions together")
    if limit.yen is not None:
        return Both(f"{of.ja}{span.ja}の上限{limit.yen:,}円", f"the limit of {limit.yen:,} yen {span.en}{of.en}")
    return Both(f"{of.ja}{span.ja}の上限{limit.times}回", f"the limit of {limit.times} times {span.en}{of.en}")


def still_earns(yen: int, *, drawn_on: Sequence[Ceiling], left: Mapping[UUID, int], on: date) -> Earning:
    """What `yen` becomes under ceilings with so much `left` (by `allowed`; a ceiling never touched is absent).

    Raises Refusal `action_ceiling_reached`, naming the first that gives nothing.
    """
    earning = Earning(yen)
    for ceiling in drawn_on:
        room = left.get(ceiling.allowed, ceiling.most)
        if room <= 0:
            raise ceiling_reached(ceiling, on=on)
        if ceiling.unit != "piece" and room < earning.yen:
            earning = Earning(room, ceiling)
    return earning


def ceiling_reached(ceiling: Ceiling, *, on: date) -> Refusal:
    """The refusal that names the ceiling and says when to come again."""
    again = _AFTER_SPENDING if ceiling.unit == "held" else _again(ceiling.per, on)
    return CEILING_REACHED.refusal(ceiling=ceiling.words, again=again, limit=ceiling.name)


_AFTER_SPENDING = Both("お使いになると、また付きます。", "You can earn again once you have spent some.")


def _again(per: Per, on: date) -> Both:
    if per is Per.DAY:
        return Both("また明日どうぞ。", "Please come again tomorrow.")
    if per is Per.MONTH:
        first = (on.replace(day=28) + timedelta(days=4)).replace(day=1)
        return Both(f"{first.month}月1日からまた付きます。", f"You can earn again from 1 {first:%B}.")
    return Both("ご参加ありがとうございました。", "Thank you for taking part.")


def place_token(secret: str, *, code: str, at: datetime | None) -> str:
    """The 8 signs that a place shows: changing with every `CODE_LASTS`, or, without a moment, printed for good."""
    step = "printed" if at is None else str(_step(at))
    digest = hmac.new(bytes.fromhex(secret), f"meguri-place-1\n{code}\n{step}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:8])
    return signs_of(number, length=8)


def is_shown(token: str, *, secret: str, code: str, rotating: bool, at: datetime) -> bool:
    """Whether the place shows this token at `at`, or showed it just before. Compared in constant time."""
    moments: Iterable[datetime | None] = (at, at - CODE_LASTS) if rotating else (None,)
    shown = [place_token(secret, code=code, at=moment) for moment in moments]
    return sum(hmac.compare_digest(token.encode(), each.encode()) for each in shown) > 0


def changes_at(at: datetime) -> datetime:
    """When the code shown at `at` is followed by the next."""
    return at + CODE_LASTS - timedelta(seconds=at.timestamp() % CODE_LASTS.total_seconds())


def _step(at: datetime) -> int:
    return int(at.timestamp()) // int(CODE_LASTS.total_seconds())


def spot_number(seed: str, *, resident: UUID, on: date) -> int:
    """The number below 10,000 that lot gives a person's reports of an action on one day.

    The same for every report of that day, so that trying again changes nothing; nobody foresees it without the seed.
    """
    told = f"meguri-spot-1\n{resident}\n{on.isoformat()}"
    digest = hmac.new(bytes.fromhex(seed), told.encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8]) % 10_000


def share_between(hits: int, of: int) -> tuple[int, int]:
    """The share of all (1/100 %) that so many hits `of` a draw speak for, from and to: Wilson's interval at 95 %."""
    z, share = 1.96, hits / of
    middle, spread = share + z * z / (2 * of), z * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    low, high = (10_000 * each / (1 + z * z / of) for each in (middle - spread, middle + spread))
    return max(0, round(low)), min(10_000, round(high))


def split_code(text: str) -> tuple[str, str]:
    """Place and token out of what was scanned or typed: `PARK2367-7K2QXM9D`. Raises Refusal `action_code_wrong`."""
    place, dash, token = text.strip().upper().partition("-")
    if not (dash and place and token):
        raise CODE_WRONG.refusal(field="code")
    return place, token
