"""An amendment that rules from a later moment: what may stand against it by then, whatever happens before. Pure.

The version in force goes on giving while the next one waits. So the next one is judged, before it is approved, as if
the one in force had given all it can by then: what passes takes from nobody at its start either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from math import prod
from typing import Final

from meguri.programmes.amendments import Standing, both, by_path, declare_taking, is_promised
from meguri.programmes.findings import Finding, Findings, found
from meguri.programmes.parts import ExpiresOn, Funder, Sale
from meguri.programmes.promises import takings
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.timing import first_issue, last_good_day
from meguri.programmes.vocabularies import SHOPS
from meguri.words import predicate
from meguri.words.clock import day, midnight
from meguri.words.predicate import Compare, Facts, Field, FieldType, Predicate
from meguri.words.predicate.reading import Fact

SHOWN_AHEAD: Final = timedelta(days=7)
"""So long before its first day a round is shown to people, opened by itself. Until then it can still be changed."""
KINDS_MOST: Final = 20_000
"""Kinds of shops that are thought of; conditions that tell more kinds apart than that do not change ahead of time."""
_WITHOUT_END: Final = 10**15
_OTHERS: Final = "—"  # a word that no condition names

SHOPS_AT_RISK = declare_taking(
    "may_be_spent_in_fewer_shops",
    ja="「{purse:ja}」が、施行の日までに加わる店で使えなくなるおそれがあります。いま使える種類の店は、すべて残してください。",
    en="“{purse:en}” might be lost at shops that join before the start. Leave in all kinds of shops that accept it.",
)
EXTENDED_TOO_LATE = declare_taking(
    "extended_too_late",
    ja="延ばす期限({was})が、施行({start})より先に来ます。施行の日を{was}までにしてください。",
    en="What shall live longer ends ({was}) before the amendment begins ({start}). Let it begin by {was}.",
)


def takings_at(
    before: ProgrammeTerms, after: ProgrammeTerms, *, standing: Standing, start: datetime | None
) -> tuple[Finding, ...]:
    """As `promises.takings`, for an amendment that rules from `start` on; None: from its approval."""
    if start is None:
        return takings(before, after, standing=standing)
    then = until_start(before, standing, start=start)
    return by_path([*takings(before, after, standing=then), *_ahead(before, after, standing=then, start=start)])


def until_start(before: ProgrammeTerms, standing: Standing, *, start: datetime) -> Standing:
    """The most that can stand against a change at `start`, while `before` rules until then.

    Budget is no part of it: what an amendment takes away, or needs, is set apart with its approval.
    """
    last = day(start - timedelta(microseconds=1))
    opened = standing.opened | _opened_by(before, last)
    if first_issue(before) > last and not standing.issued:
        return replace(standing, opened=opened)
    caps = {
        (each.code, share.fund): _most(before, share.fund) if share.cap_yen is None else share.cap_yen
        for each in before.agreements for share in each.shares
    }  # fmt: skip
    granted = {key: max(yen, standing.granted_yen.get(key, 0)) for key, yen in caps.items()}
    good = last_good_day(before, issued=last)
    ends = [standing.held_until, None if good is None else midnight(good + timedelta(days=1))]
    return replace(
        standing, opened=opened, issued=True, granted_yen={**standing.granted_yen, **granted},
        held_until=max((each for each in ends if each is not None), default=None),
    )  # fmt: skip


def _opened_by(terms: ProgrammeTerms, last: date) -> frozenset[str]:
    """The rounds of a sale that are open by the end of this day, if nobody opens one before its time."""
    if not isinstance(terms.obtaining, Sale):
        return frozenset()
    return frozenset(
        each.code for each in terms.obtaining.rounds
        if (each.application or each.purchase).first_day - SHOWN_AHEAD <= last
    )  # fmt: skip


def changed_rounds(before: ProgrammeTerms, after: ProgrammeTerms) -> frozenset[str]:
    """The rounds of a sale that will not be as they are, or that sell a unit that will not be: not to be opened."""
    if not isinstance(before.obtaining, Sale) or not isinstance(after.obtaining, Sale):
        return frozenset()
    opened = Standing(opened=frozenset(each.code for each in before.obtaining.rounds))
    return frozenset(
        code for code in opened.opened
        if takings(before, after, standing=replace(opened, opened=frozenset({code})))
    )  # fmt: skip


def _most(terms: ProgrammeTerms, fund: str) -> int:
    """The most that a fund can carry: all that the document gives it; of buyers' money there is no end."""
    found_fund = next(each for each in terms.funds if each.code == fund)
    return _WITHOUT_END if found_fund.funder is Funder.BUYERS else found_fund.amount_yen


def _ahead(before: ProgrammeTerms, after: ProgrammeTerms, *, standing: Standing, start: datetime) -> Findings:
    if is_promised(before, standing):
        yield from _shops_to_come(before, after)
    match before.expiry, after.expiry:
        case ExpiresOn(last_day=was), ExpiresOn(last_day=now) if now > was and day(start) > was:
            yield found(EXTENDED_TOO_LATE, "expiry.last_day", was=was, start=day(start))


def _shops_to_come(before: ProgrammeTerms, after: ProgrammeTerms) -> Findings:
    """A shop that joins before the start takes what is spent there now, and must not be lost with it."""
    now = {purse.code: purse for purse in after.purses}
    for purse in before.purses:
        if purse.code in now and not covers(now[purse.code].where, purse.where):
            yield found(SHOPS_AT_RISK, f"purses.{purse.code}.where", purse=both(purse.name))


def covers(after: Predicate, before: Predicate) -> bool:
    """Whether every shop of which `before` holds is one of which `after` holds, whatever shop may come.

    Tried on one shop of each kind that the two conditions can tell apart.
    """
    if after in (before, predicate.EVERYTHING):
        return True
    old, new = predicate.parse(before, SHOPS), predicate.parse(after, SHOPS)
    kinds = _values([*predicate.comparisons(before), *predicate.comparisons(after)])
    if not _is_few(kinds):
        return False
    return all(predicate.holds(new, shop) for shop in _shops(kinds) if predicate.holds(old, shop))


def _is_few(kinds: Mapping[str, Sequence[Fact]]) -> bool:
    return prod(len(values) for values in kinds.values()) <= KINDS_MOST


def _shops(kinds: Mapping[str, Sequence[Fact]]) -> Iterator[Facts]:
    for facts in product(*kinds.values()):
        yield dict(zip(kinds, facts, strict=True))


def _values(compared: Sequence[Compare]) -> dict[str, list[Fact]]:
    """For each fact that is asked for: the values that these comparisons can tell apart."""
    named: dict[str, set[bool | int | str]] = {}
    for compare in compared:
        constants = compare.value if isinstance(compare.value, tuple) else (compare.value,)
        named.setdefault(compare.field, set()).update(constants)
    return {name: list(_told_apart(SHOPS[name], constants)) for name, constants in named.items()}


def _told_apart(asked: Field, constants: AbstractSet[bool | int | str]) -> Iterator[Fact]:
    """The constants and what lies beside them: of numbers their neighbours, of words one that nobody named."""
    if asked.type is FieldType.BOOLEAN:
        yield from (True, False)
        return
    yield from sorted(constants, key=str)
    if asked.type is FieldType.INTEGER:
        near = {int(each) + step for each in constants for step in (-1, 1)}
        yield from near - constants
    else:
        codes = [each.code for each in asked.values] or [_OTHERS]
        yield from [code for code in codes if code not in constants][:1]
