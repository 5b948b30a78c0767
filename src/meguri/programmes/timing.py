"""Do the document's days stand in order? Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from meguri.programmes.arms import Expiry, expiries
from meguri.programmes.campaign_terms import GrantByCampaign
from meguri.programmes.findings import Findings, declare_error, declare_lint, found
from meguri.programmes.parts import (
    Allocation,
    ExpiresAfter,
    ExpiresOn,
    GrantByAction,
    GrantByCode,
    GrantByList,
    GrantByPayment,
    Sale,
    SaleRound,
    TopUp,
    WaitingList,
    Window,
)
from meguri.programmes.terms import ProgrammeTerms
from meguri.words.period import add_months, month_end

WINDOW_REVERSED = declare_error(
    "window_reversed",
    ja="終わりの日({last})が始まりの日({first})より前です。",
    en="The last day ({last}) lies before the first ({first}).",
)
OUT_OF_ORDER = declare_error(
    "out_of_order",
    ja="日付の順が逆です: {earlier} は {later} より前でなければなりません。",
    en="These days are out of order: {earlier} must not lie after {later}.",
)
ROUND_INCOMPLETE = declare_error(
    "round_incomplete",
    ja="抽選・均等配分の販売には申込期間と割当ての日が、先着の販売には購入期間だけが要ります。",
    en="A lottery or even share needs an application window and a day of allocation; first come needs neither.",
)
IS_OVER = declare_error(
    "programme_is_over",
    ja="この事業は、始める前に終わっています。手に入れられるのは{obtained}まで、使えるのは{spent}までです。日付を先へ移してください。",
    en="This would be over before it begins: value can be obtained until {obtained} and spent until {spent}. "
       "Please move its days ahead.",
)
WINDOW_PASSED = declare_lint(
    "window_passed", ja="この期間({first}–{last})は、もう過ぎています。",
    en="These days ({first} to {last}) have passed already.",
)

Order = tuple[str, date, date]
"""A path, a day, and the day that must not lie before it."""


def wrong_days(terms: ProgrammeTerms) -> Findings:
    """Windows that end before they begin, and days out of order."""
    for path, window in windows(terms):
        if window.last_day < window.first_day:
            yield found(WINDOW_REVERSED, path, first=window.first_day, last=window.last_day)
    orders = [*_general_orders(terms), *_own_orders(terms)]
    yield from (found(OUT_OF_ORDER, path, earlier=first, later=then) for path, first, then in orders if then < first)
    if isinstance(terms.obtaining, Sale):
        for each in terms.obtaining.rounds:
            if not _is_whole(each):
                yield found(ROUND_INCOMPLETE, f"obtaining.rounds.{each.code}")


def passed_days(terms: ProgrammeTerms, *, today: date) -> Findings:
    """What of a document that is not launched yet lies in the past: an error where all that it could give does."""
    if is_over(terms, today=today):
        yield found(IS_OVER, "spending.window", obtained=last_issue(terms), spent=last_spending_day(terms))
    for path, window in windows(terms):
        if window.first_day <= window.last_day < today:
            yield found(WINDOW_PASSED, path, first=window.first_day, last=window.last_day)


def is_over(terms: ProgrammeTerms, *, today: date) -> bool:
    """Whether a launch on that day would be in vain: nobody could obtain anything any more, or spend it."""
    match terms.obtaining:
        case GrantByList():  # who is on the list is paid late rather than never
            last = last_spending_day(terms)
        case Sale(waiting_list=WaitingList(last_day=last_day)):
            last = last_day or last_spending_day(terms)
        case _:
            last = last_issue(terms)
    return min(last, last_spending_day(terms)) < today


def windows(terms: ProgrammeTerms) -> Iterator[tuple[str, Window]]:
    """Every window of the document with its path."""
    yield "spending.window", terms.spending.window
    match terms.obtaining:
        case Sale(rounds=rounds):
            for each in rounds:
                yield f"obtaining.rounds.{each.code}.purchase", each.purchase
                if each.application is not None:
                    yield f"obtaining.rounds.{each.code}.application", each.application
        case GrantByCode(entering=window):
            yield "obtaining.entering", window
        case GrantByList(choosing=window):
            yield "obtaining.choosing", window
        case GrantByAction(window=window, actions=actions, missions=missions):
            yield "obtaining.window", window
            named = [(f"obtaining.actions.{action.code}.window", action.window) for action in actions]
            named += [(f"obtaining.missions.{each.code}.window", each.window) for each in missions]
            yield from ((path, window) for path, window in named if window is not None)
        case TopUp(window=window) | GrantByPayment(window=window):
            yield "obtaining.window", window
        case GrantByCampaign(window=window, campaigns=campaigns):
            yield "obtaining.window", window
            yield from ((f"obtaining.campaigns.{each.code}.window", each.window) for each in campaigns)


def first_issue(terms: ProgrammeTerms) -> date:
    """The first day on which value may come into being."""
    match terms.obtaining:
        case Sale(rounds=rounds):
            return min((each.purchase.first_day for each in rounds), default=terms.spending.window.first_day)
        case GrantByList(paid_on=paid_on):
            return paid_on
        case (
            GrantByAction(window=window) | GrantByPayment(window=window) | GrantByCode(entering=window)
            | TopUp(window=window) | GrantByCampaign(window=window)
        ):
            return window.first_day


def last_issue(terms: ProgrammeTerms) -> date:
    """The last day on which value may come into being."""
    match terms.obtaining:
        case Sale(rounds=rounds):
            return max((each.purchase.last_day for each in rounds), default=terms.spending.window.last_day)
        case GrantByList(paid_on=paid_on):
            return paid_on
        case (
            GrantByAction(window=window) | GrantByPayment(window=window) | GrantByCode(entering=window)
            | TopUp(window=window) | GrantByCampaign(window=window)
        ):
            return window.last_day


def last_spending_day(terms: ProgrammeTerms) -> date:
    """The last day on which anybody can spend: the window's end, or the expiry if that comes first."""
    return min(terms.spending.window.last_day, last_good_day(terms, issued=last_issue(terms)) or date.max)


def last_good_day(terms: ProgrammeTerms, *, issued: date) -> date | None:
    """The last day of value issued on a day, the spending window apart, in the arm where it lives longest; None: it
    never expires.
    """
    ends = [end_of_life(expiry, issued=issued) for _, expiry in expiries(terms)]
    return None if None in ends else max(end for end in ends if end)


def end_of_life(expiry: Expiry, *, issued: date) -> date | None:
    """The last day of value issued on a day and ending so; None: it never expires."""
    match expiry:
        case ExpiresOn(last_day=last_day):
            return last_day
        case ExpiresAfter(months=months, to_the_day=to_the_day):
            last = add_months(issued, months)
            return last if to_the_day else month_end(last)
    return None


def _general_orders(terms: ProgrammeTerms) -> Iterator[Order]:
    spending = terms.spending.window
    yield "refunds.shop_claims_until", spending.last_day, terms.refunds.shop_claims_until
    last_days = [(path, expiry.last_day) for path, expiry in expiries(terms) if isinstance(expiry, ExpiresOn)]
    if last_days:
        yield "expiry.last_day", spending.last_day, max(day for _, day in last_days)
    if terms.trial is not None:  # else spending, which comes after all issue, ends no later
        yield from ((f"{path}.last_day", last_issue(terms), day) for path, day in last_days)


def _own_orders(terms: ProgrammeTerms) -> Iterator[Order]:
    spending = terms.spending.window
    match terms.obtaining:
        case Sale(rounds=rounds):
            for each in rounds:
                yield from _round_orders(each)
                yield f"obtaining.rounds.{each.code}.purchase", each.purchase.last_day, spending.last_day
        case GrantByList(choosing=choosing, paid_on=paid_on):
            yield "obtaining.paid_on", choosing.last_day, paid_on
            yield "obtaining.paid_on", paid_on, spending.last_day
        case GrantByCode(entering=window):
            yield "obtaining.entering", window.last_day, spending.last_day
        case (
            GrantByAction(window=window) | GrantByPayment(window=window) | TopUp(window=window)
            | GrantByCampaign(window=window)
        ):
            yield "obtaining.window", window.last_day, spending.last_day


def _round_orders(each: SaleRound) -> Iterator[Order]:
    """Application, then allocation, then purchase."""
    path = f"obtaining.rounds.{each.code}"
    if each.application is not None and each.drawn_on is not None:
        yield f"{path}.drawn_on", each.application.last_day, each.drawn_on
    if each.drawn_on is not None:
        yield f"{path}.purchase", each.drawn_on, each.purchase.first_day


def _is_whole(each: SaleRound) -> bool:
    allocated = each.application is not None and each.drawn_on is not None
    bare = each.application is None and each.drawn_on is None
    return bare if each.allocation is Allocation.FIRST_COME else allocated
