"""What an amendment of a running programme may not do: take from people what they hold or were promised. Pure.

What gives more is free: a longer life, more budget, units, shops and time, higher ceilings, other words and goals. What
takes is refused with what, where and how much stands against it. What only concerns the days to come is free as well,
as long as nobody was promised anything of it. The department may always begin another programme instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from meguri.parties.rules import Both
from meguri.programmes.arms import differing
from meguri.programmes.findings import Finding, FindingKind, Findings, found
from meguri.programmes.parts import (
    AgreementTerms,
    ExpiresAfter,
    ExpiresOn,
    FundTerms,
    GrantByCode,
    GrantByList,
    NeverExpires,
    PurseTerms,
    Text,
    UnspentPaid,
)
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.vocabularies import SHOPS
from meguri.words import predicate
from meguri.words.period import Period
from meguri.words.predicate import Facts

_KINDS: dict[str, FindingKind] = {}


def declare_taking(code: str, *, ja: str, en: str) -> FindingKind:
    """A way in which an amendment would take. Raises ValueError for a code declared twice."""
    if code in _KINDS:
        raise ValueError(f"the taking {code!r} is declared twice")
    _KINDS[code] = FindingKind(code=code, severity="error", ja=ja, en=en, law="")
    return _KINDS[code]


def catalogue() -> tuple[FindingKind, ...]:
    """All ways of taking, by code."""
    return tuple(_KINDS[code] for code in sorted(_KINDS))


STANDS = declare_taking(
    "stands_as_launched",
    ja="始まった事業では、ここは変えられません(いまは「{was}」)。変えるには別の事業を始めてください。",
    en="This cannot change in a running programme (it is “{was}”). Begin another programme for it.",
)
REMOVED = declare_taking(
    "still_needed",
    ja="「{name}」は取り除けません。お金や記録がこの名で残っています。",
    en="“{name}” cannot be removed: money and records stand under this name.",
)
LOWERED = declare_taking(
    "lowered",
    ja="{was}から{now}に下げられません。すでに約束した分が減ります。",
    en="This cannot go down from {was} to {now}: what was promised would become less.",
)
ENDS_EARLIER = declare_taking(
    "ends_earlier",
    ja="約束した日({was})より早く({now}に)終えることはできません。",
    en="It cannot end earlier ({now}) than was promised ({was}).",
)
BEGINS_LATER = declare_taking(
    "begins_later",
    ja="約束した日({was})より遅く({now}から)始めることはできません。",
    en="It cannot begin later ({now}) than was promised ({was}).",
)
EXPIRES_EARLIER = declare_taking(
    "expires_earlier",
    ja="すでに渡した分は{was}まで使えます。期限をそれより早い{now}にはできません。",
    en="What was handed out already is good until {was}. It cannot expire earlier, on {now}.",
)
SHRINKS_MORE = declare_taking(
    "shrinks_more",
    ja="持っている人の残高がいまより多く減る決まりにはできません。",
    en="What people hold may not come to shrink more than now.",
)
NARROWER = declare_taking(
    "spent_in_fewer_shops",
    ja="「{purse:ja}」がいま使える店のうち、{shops}店で使えなくなります。使える店を減らすことはできません。",
    en="“{purse:en}” could no longer be spent in {shops} shops that accept it now. Its shops cannot become fewer.",
)
EXCLUDES_MORE = declare_taking(
    "buys_less",
    ja="「{name:ja}」を新しく買えないものにはできません。すでに渡した分の使い道が減ります。",
    en="“{name:en}” cannot newly be excluded: what was handed out would buy less.",
)
BUDGET_IN_USE = declare_taking(
    "budget_in_use",
    ja="財源「{fund:ja}」で減らせるのは、まだ渡していない{left}円までです({least}円より下げられません)。",
    en="Of the fund “{fund:en}” only the {left} yen not handed out yet can be taken away (no less than {least}).",
)
SHARES_IN_USE = declare_taking(
    "shares_in_use",
    ja="負担協定「{name:ja}」の財源の顔ぶれは変えられず、割合も使われ始めたら変えられません。新しい協定を加えてください。",
    en="The funders of the agreement “{name:en}” stand, and so do its shares once it is used. Add another agreement.",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands against an amendment now, by the document's codes.

    `left_yen`: budget not handed out, by fund. `granted_yen`: carried so far, by agreement and fund. `held_until`: when
    the last of what people hold expires (None: nobody holds anything that expires). `opened`: the sale rounds that
    people may have applied in. `issued`: whether value ever came into being. `shops`: the open shops' facts.
    `past`: the documents that were in force before the present one, and under which people may have got value.
    """

    left_yen: Mapping[str, int] = field(default_factory=dict)
    granted_yen: Mapping[tuple[str, str], int] = field(default_factory=dict)
    held_until: datetime | None = None
    opened: frozenset[str] = frozenset()
    issued: bool = False
    shops: Sequence[Facts] = ()
    past: Sequence[ProgrammeTerms] = ()


def is_promised(terms: ProgrammeTerms, standing: Standing) -> bool:
    """Whether somebody has something, or was told to get it: a sold unit, a code by letter, a place on a list."""
    return standing.issued or is_awaited(terms, standing)


def is_awaited(terms: ProgrammeTerms, standing: Standing) -> bool:
    """Whether somebody may be waiting for value that did not come into being yet."""
    return bool(standing.opened) or isinstance(terms.obtaining, GrantByCode | GrantByList)


def common_takings(before: ProgrammeTerms, after: ProgrammeTerms, *, standing: Standing) -> Findings:
    """What an amendment would take, whatever the way in which value is obtained (for that: `promises`)."""
    yield from _identity(before, after)
    yield from _trial(before, after)
    yield from _funds(before, after, standing=standing)
    yield from _agreements(before, after, standing=standing)
    yield from _purses(before, after, standing=standing)
    if is_promised(before, standing):
        yield from _spending(before, after, standing=standing)
        yield from _expiry(before, after, standing=standing)
        yield from _demurrage(before, after)
        yield from _limits(before, after)
        yield from _refunds(before, after)


def unchanged(before: object, after: object, *, names: Sequence[str], path: str) -> Findings:
    """These attributes of a part stand as they were launched."""
    for name in names:
        was = getattr(before, name)
        if was != getattr(after, name):
            yield found(STANDS, f"{path}.{name}".lstrip("."), was=_told(was))


def lowered(was: int | None, now: int | None, *, path: str) -> Findings:
    """A number that may not go down; None stands for no bound at all."""
    if now is not None and (was is None or now < was):
        yield found(LOWERED, path, was=_told(was), now=now)


def ends_earlier(was: date, now: date, *, path: str) -> Findings:
    if now < was:
        yield found(ENDS_EARLIER, path, was=was, now=now)


def begins_later(was: date, now: date, *, path: str) -> Findings:
    if now > was:
        yield found(BEGINS_LATER, path, was=was, now=now)


def both(text: Text) -> Both:
    """A text of the document as sentences in two languages take it."""
    return Both(text.ja, text.en)


def _told(value: object) -> object:
    """A value as a sentence can say it; a part of the document by its Japanese words, if it has any."""
    if value is None:
        return "—"
    return value if isinstance(value, int | str | date) else getattr(value, "ja", "…")


def _identity(before: ProgrammeTerms, after: ProgrammeTerms) -> Findings:
    """Who issues under which law, and the question by which the effect is judged: written before the launch."""
    yield from unchanged(before, after, names=("code", "family", "department"), path="")
    yield from unchanged(
        before.scheme, after.scheme, names=("issuer", "issuer_kind", "psa_basis", "budgeted_gross"), path="scheme"
    )
    yield from unchanged(
        before.evaluation, after.evaluation, names=("design", "outcome", "compared_with"), path="evaluation"
    )


def _trial(before: ProgrammeTerms, after: ProgrammeTerms) -> Findings:
    """Arms were promised with the launch: none changes, comes or goes, nor what the control has against them."""
    yield from unchanged(before, after, names=("trial",), path="")
    if before.trial is None:
        return
    if differing(before.trial, name="expiry"):
        yield from unchanged(before, after, names=("expiry",), path="")
    if differing(before.trial, name="demurrage_bp"):
        yield from unchanged(before, after, names=("demurrage",), path="")


def _funds(before: ProgrammeTerms, after: ProgrammeTerms, *, standing: Standing) -> Findings:
    now = {fund.code: fund for fund in after.funds}
    for fund in before.funds:
        if fund.code not in now:
            yield found(REMOVED, f"funds.{fund.code}", name=fund.name.ja)
        else:
            yield from _fund(fund, now[fund.code], left=standing.left_yen.get(fund.code, 0))


def _fund(was: FundTerms, now: FundTerms, *, left: int) -> Findings:
    path = f"funds.{was.code}"
    yield from unchanged(
        was, now, path=path,
        names=("funder", "payer", "fiscal_year", "budget_line", "source", "grant_rate_bp", "money_form"),
    )
    if was.amount_yen - now.amount_yen > max(left, 0):
        yield found(BUDGET_IN_USE, f"{path}.amount_yen", fund=both(was.name), left=left, least=was.amount_yen - left)


def _agreements(before: ProgrammeTerms, after: ProgrammeTerms, *, standing: Standing) -> Findings:
    now = {each.code: each for each in after.agreements}
    for each in before.agreements:
        if each.code not in now:
            yield found(REMOVED, f"agreements.{each.code}", name=each.name.ja)
        else:
            yield from _shares(each, now[each.code], standing=standing)


def _shares(was: AgreementTerms, now: AgreementTerms, *, standing: Standing) -> Findings:
    path = f"agreements.{was.code}.shares"
    granted = {share.fund: standing.granted_yen.get((was.code, share.fund), 0) for share in was.shares}
    same_funders = [share.fund for share in was.shares] == [share.fund for share in now.shares]
    same_shares = [share.share_bp for share in was.shares] == [share.share_bp for share in now.shares]
    if not same_funders or (any(granted.values()) and not same_shares):
        yield found(SHARES_IN_USE, path, name=both(was.name))
        return
    for share in now.shares:
        if share.cap_yen is not None and share.cap_yen < granted[share.fund]:
            yield found(LOWERED, f"{path}.{share.fund}.cap_yen", was=granted[share.fund], now=share.cap_yen)


def _purses(before: ProgrammeTerms, after: ProgrammeTerms, *, standing: Standing) -> Findings:
    now = {purse.code: purse for purse in after.purses}
    for purse in before.purses:
        if purse.code not in now:
            yield found(REMOVED, f"purses.{purse.code}", name=purse.name.ja)
            continue
        yield from unchanged(purse, now[purse.code], names=("part", "funded_by"), path=f"purses.{purse.code}")
        lost = _shops_lost(purse, now[purse.code], shops=standing.shops)
        if lost and is_promised(before, standing):
            yield found(NARROWER, f"purses.{purse.code}.where", purse=both(purse.name), shops=lost)


def _shops_lost(was: PurseTerms, now: PurseTerms, *, shops: Sequence[Facts]) -> int:
    """How many of the town's shops accept the purse now and would not any more."""
    if was.where == now.where:
        return 0
    old, new = predicate.parse(was.where, SHOPS), predicate.parse(now.where, SHOPS)
    return sum(predicate.holds(old, shop) and not predicate.holds(new, shop) for shop in shops)


def _spending(before: ProgrammeTerms, after: ProgrammeTerms, *, standing: Standing) -> Findings:
    was, now = before.spending, after.spending
    yield from begins_later(was.window.first_day, now.window.first_day, path="spending.window.first_day")
    if _is_too_early(now.window.last_day, before, standing=standing):
        yield from ends_earlier(was.window.last_day, now.window.last_day, path="spending.window.last_day")
    known = {each.code for each in was.excluded}
    yield from (found(EXCLUDES_MORE, "spending.excluded", name=both(each.name))
                for each in now.excluded if each.code not in known)


def _is_too_early(last_day: date, before: ProgrammeTerms, *, standing: Standing) -> bool:
    """Whether something that is held or awaited is promised for longer than this day.

    What never expires is good for as long as it can be spent, and no lot says whether anybody still holds it.
    """
    if standing.issued and isinstance(before.expiry, NeverExpires):
        return True
    ends = Period.of_days(last_day, last_day).end
    assert ends is not None  # noqa: S101 - a day has an end
    return is_awaited(before, standing) or (standing.held_until is not None and standing.held_until > ends)


def _expiry(before: ProgrammeTerms, after: ProgrammeTerms, *, standing: Standing) -> Findings:
    match before.expiry, after.expiry:
        case ExpiresOn(last_day=was), ExpiresOn(last_day=now):
            if now < was and _is_too_early(now, before, standing=standing):
                yield found(EXPIRES_EARLIER, "expiry.last_day", was=was, now=now)
        case ExpiresAfter() as was, ExpiresAfter() as now:
            yield from lowered(was.months, now.months, path="expiry.months")
            yield from unchanged(was, now, names=("basis", "to_the_day"), path="expiry")
        case was, now if was != now:
            yield found(STANDS, "expiry.kind", was=str(was.__struct_config__.tag))


def _demurrage(before: ProgrammeTerms, after: ProgrammeTerms) -> Findings:
    """Its calendar counts from the first day of spending: moved, days that are over would seem to be missing."""
    was, now = before.demurrage, after.demurrage
    if now is None:
        return
    if was is None or now.rate_bp > was.rate_bp:
        yield found(SHRINKS_MORE, "demurrage")
        return
    yield from unchanged(was, now, names=("every_days",), path="demurrage")
    yield from unchanged(before.spending.window, after.spending.window, names=("first_day",), path="spending.window")


def _limits(before: ProgrammeTerms, after: ProgrammeTerms) -> Findings:
    was, now = before.limits, after.limits
    yield from lowered(was.payment_max_yen, now.payment_max_yen, path="limits.payment_max_yen")
    yield from lowered(was.transfer_max_yen, now.transfer_max_yen, path="limits.transfer_max_yen")


def _refunds(before: ProgrammeTerms, after: ProgrammeTerms) -> Findings:
    was, now = before.refunds, after.refunds
    yield from unchanged(was, now, names=("cash_out_refund",), path="refunds")
    for name in ("payment_cancel_days", "closing_notice_days"):
        yield from lowered(getattr(was, name), getattr(now, name), path=f"refunds.{name}")
    yield from ends_earlier(was.shop_claims_until, now.shop_claims_until, path="refunds.shop_claims_until")
    if was.unspent_paid is UnspentPaid.REFUNDED:
        yield from unchanged(was, now, names=("unspent_paid",), path="refunds")


def extends(before: ProgrammeTerms, after: ProgrammeTerms) -> date | None:
    """The later last day that an amendment gives to value that was handed out already; None: it gives none.

    Value that ends so many months after it was obtained keeps the day that it got: a longer life is for what comes.
    """
    match before.expiry, after.expiry:
        case ExpiresOn(last_day=was), ExpiresOn(last_day=now) if now > was:
            return now
    return None


def by_path(takings: Iterable[Finding]) -> tuple[Finding, ...]:
    """In the order of the document's places, each said once."""
    seen: dict[tuple[str, str], Finding] = {}
    for each in takings:
        seen.setdefault((each.path, each.code), each)
    return tuple(seen.values())
