"""What people were promised by the way in which they obtain value: units on sale, codes sent, deeds, lists. Pure.

The other half of `amendments`: an opened round stays as it is, a sent code keeps its face, an action keeps its yen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from meguri.programmes.amendments import (
    LOWERED,
    REMOVED,
    STANDS,
    Standing,
    begins_later,
    both,
    by_path,
    common_takings,
    declare_taking,
    ends_earlier,
    lowered,
    unchanged,
)
from meguri.programmes.campaign_terms import GrantByCampaign, Stacking
from meguri.programmes.findings import Finding, Findings, found
from meguri.programmes.parts import (
    Bundle,
    FacePart,
    GrantByAction,
    GrantByCode,
    GrantByList,
    GrantByPayment,
    Limit,
    Per,
    RewardRate,
    Sale,
)
from meguri.programmes.terms import ProgrammeTerms

ROUND_OPENED = declare_taking(
    "round_opened",
    ja="販売「{round:ja}」はもう開いています。変えずに、新しい販売の回(残りを売る回など)を加えてください。",
    en="The round “{round:en}” has been opened already. Leave it and add another round (of leftovers, say).",
)
CEILING_DRAWN_ON = declare_taking(
    "ceiling_drawn_on",
    ja="この上限はもう使われ始めていて、途中からは変えられません。",
    en="This ceiling is being drawn on already and cannot change on the way.",
)


def takings(before: ProgrammeTerms, after: ProgrammeTerms, *, standing: Standing) -> tuple[Finding, ...]:
    """All that an amendment would take from people who hold something or were promised it; empty when it may be made.

    Both documents must be free of errors (`validation.validate`).
    """
    return by_path([*common_takings(before, after, standing=standing), *_obtaining(before, after, standing=standing)])


def _obtaining(before: ProgrammeTerms, after: ProgrammeTerms, *, standing: Standing) -> Findings:
    if type(before.obtaining) is not type(after.obtaining):
        yield found(STANDS, "obtaining.by", was=str(before.obtaining.__struct_config__.tag))
        return
    match before.obtaining, after.obtaining:
        case Sale() as was, Sale() as now:
            yield from _sale(was, now, opened=standing.opened)
        case GrantByCode() as was, GrantByCode() as now:
            yield from _face(was.face, now.face, path="obtaining.face")
            yield from begins_later(was.entering.first_day, now.entering.first_day, path="obtaining.entering.first_day")
            yield from ends_earlier(was.entering.last_day, now.entering.last_day, path="obtaining.entering.last_day")
        case GrantByAction() as was, GrantByAction() as now:
            past = [each.obtaining for each in standing.past if isinstance(each.obtaining, GrantByAction)]
            yield from _actions(was, now, issued=standing.issued, past=past)
        case GrantByPayment() as was, GrantByPayment() as now:
            yield from _rates(was, now, issued=standing.issued)
        case GrantByCampaign() as was, GrantByCampaign() as now:
            yield from _campaigns(was, now, issued=standing.issued)
        case GrantByList() as was, GrantByList() as now:
            yield from _list(was, now)
    if standing.opened or isinstance(before.obtaining, GrantByCode | GrantByList):
        yield from unchanged(before.eligibility, after.eligibility, names=("who", "on"), path="eligibility")


def _sale(was: Sale, now: Sale, *, opened: frozenset[str]) -> Findings:
    """An opened round was copied into its sale: what it says stands, as do the price and ceiling of what it sells."""
    if not opened:
        return
    rounds = {each.code: each for each in now.rounds}
    touched = {each.bundle for each in was.rounds if each.code in opened}
    for each in was.rounds:
        kept = rounds.get(each.code)
        if each.code in opened and (kept is None or replace(kept, name=each.name) != each):
            yield found(ROUND_OPENED, f"obtaining.rounds.{each.code}", round=both(each.name))
    yield from unchanged(was, now, names=("per", "paper_or_electronic"), path="obtaining")
    if None in touched:
        yield from unchanged(was, now, names=("unit_price_yen", "max_units"), path="obtaining")
        yield from _face(was.face, now.face, path="obtaining.face")
    yield from _bundles([each for each in was.bundles if each.code in touched], now)


def _bundles(was: Iterable[Bundle], now: Sale) -> Findings:
    bundles = {each.code: each for each in now.bundles}
    for each in was:
        path = f"obtaining.bundles.{each.code}"
        if each.code not in bundles:
            yield found(REMOVED, path, name=each.name.ja)
            continue
        yield from unchanged(each, bundles[each.code], names=("price_yen", "max_units"), path=path)
        yield from _face(each.face, bundles[each.code].face, path=f"{path}.face")


def _face(was: Sequence[FacePart], now: Sequence[FacePart], *, path: str) -> Findings:
    """What a unit or a code puts into each purse never becomes less."""
    loads = {part.purse: part.yen for part in now}
    for part in was:
        yield from lowered(part.yen, loads.get(part.purse, 0), path=f"{path}.{part.purse}")


def _actions(
    was: GrantByAction, now: GrantByAction, *, issued: bool, past: Sequence[GrantByAction]
) -> Findings:
    """An action keeps its yen, because deeds that wait to be confirmed are judged by the terms of the day.

    An action that shall earn less is closed, and another one added. `past`: as earlier versions had it.
    """
    yield from unchanged(was, now, names=("purse",), path="obtaining")
    yield from _missions(was, now)
    if issued:
        limits = [each.limits for each in past]
        yield from _ceilings(was.limits, now.limits, past=limits, path="obtaining.limits")
    actions = {each.code: each for each in now.actions}
    for each in was.actions:
        path = f"obtaining.actions.{each.code}"
        if each.code not in actions:
            yield found(REMOVED, path, name=each.name.ja)
            continue
        yield from lowered(each.yen, actions[each.code].yen, path=f"{path}.yen")
        if issued:
            own = [action.limits for version in past for action in version.actions if action.code == each.code]
            yield from _ceilings(each.limits, actions[each.code].limits, past=own, path=f"{path}.limits")


def _missions(was: GrantByAction, now: GrantByAction) -> Findings:
    """Whoever is on the way to a bonus keeps the way: what counts, how, for how much, how often, and until when."""
    missions = {each.code: each for each in now.missions}
    for each in was.missions:
        path = f"obtaining.missions.{each.code}"
        if each.code not in missions:
            yield found(REMOVED, path, name=each.name.ja)
            continue
        kept = missions[each.code]
        yield from unchanged(each, kept, names=("actions", "counting", "funded_by"), path=path)
        yield from lowered(each.yen, kept.yen, path=f"{path}.yen")
        yield from lowered(each.times, kept.times, path=f"{path}.times")
        before, after = each.window or was.window, kept.window or now.window
        yield from begins_later(before.first_day, after.first_day, path=f"{path}.window.first_day")
        yield from ends_earlier(before.last_day, after.last_day, path=f"{path}.window.last_day")


def _ceilings(
    was: Sequence[Limit], now: Sequence[Limit], *, past: Sequence[Sequence[Limit]], path: str
) -> Findings:
    """A ceiling in yen over the whole programme opened with its amount; those of a day or month begin anew with it.

    One that was lifted may come back as it last stood, and not as another: two steps shall not do what one may not.
    """
    last = next((yen for limits in (was, *past) if (yen := _whole(limits))), [])
    new = _whole(now)
    if last and new and last != new:
        yield found(CEILING_DRAWN_ON, path)


def _whole(limits: Sequence[Limit]) -> list[int]:
    """The ceilings in yen over the whole programme."""
    return [limit.yen for limit in limits if limit.per is Per.PROGRAMME and limit.yen is not None]


def _rates(was: GrantByPayment, now: GrantByPayment, *, issued: bool) -> Findings:
    """Payments are rewarded the day after: who paid yesterday counts on yesterday's rate."""
    yield from unchanged(was, now, names=("purse",), path="obtaining")
    if issued and was.limits != now.limits:
        yield found(CEILING_DRAWN_ON, "obtaining.limits")
    rates = {each.code: each for each in now.rates}
    for each in was.rates:
        path = f"obtaining.rates.{each.code}"
        if each.code not in rates:
            yield found(REMOVED, path, name=each.name.ja)
        else:
            yield from lowered(each.rate_bp, rates[each.code].rate_bp, path=f"{path}.rate_bp")
            yield from unchanged(each, rates[each.code], names=("where",), path=path)
    yield from _shadowed(was.rates, now.rates)


def _campaigns(was: GrantByCampaign, now: GrantByCampaign, *, issued: bool) -> Findings:
    """A campaign stands as it was announced and may last longer; another one may be added, but not in its way."""
    yield from unchanged(was, now, names=("purse",), path="obtaining")
    if issued and was.limits != now.limits:
        yield found(CEILING_DRAWN_ON, "obtaining.limits")
    campaigns = {each.code: each for each in now.campaigns}
    for each in was.campaigns:
        path = f"obtaining.campaigns.{each.code}"
        if each.code not in campaigns:
            yield found(REMOVED, path, name=each.name.ja)
            continue
        kept = campaigns[each.code]
        yield from unchanged(each, kept, names=CAMPAIGN_STANDS, path=path)
        yield from begins_later(each.window.first_day, kept.window.first_day, path=f"{path}.window.first_day")
        yield from ends_earlier(each.window.last_day, kept.window.last_day, path=f"{path}.window.last_day")
        if issued and each.limits != kept.limits:
            yield found(CEILING_DRAWN_ON, f"{path}.limits")
    yield from _in_the_way(was, now)


CAMPAIGN_STANDS = ("when", "bands", "counted", "most_yen", "stacking", "purse", "funded_by")
"""What of a campaign no amendment changes: people shop by it."""


def _in_the_way(was: GrantByCampaign, now: GrantByCampaign) -> Findings:
    """The old ones keep their order, and no new one that is exclusive stands before any of them."""
    old = [each.code for each in was.campaigns]
    order = [each.code for each in now.campaigns]
    kept = [code for code in order if code in old]
    if kept != [code for code in old if code in kept]:
        yield found(STANDS, "obtaining.campaigns", was=", ".join(old))
    last = max((order.index(code) for code in kept), default=-1)
    for each in now.campaigns[: max(last, 0)]:
        if each.code not in old and each.stacking is Stacking.EXCLUSIVE:
            yield found(STANDS, f"obtaining.campaigns.{each.code}.stacking", was=", ".join(old))


def _shadowed(was: Sequence[RewardRate], now: Sequence[RewardRate]) -> Findings:
    """The first rate that fits counts: none may come to stand before a higher one that it did not stand before."""
    earlier = {each.code: {other.code for other in was[:place]} for place, each in enumerate(was)}
    old = {each.code: each.rate_bp for each in was}
    for place, each in enumerate(now):
        for other in now[:place]:
            if other.code not in earlier.get(each.code, ()) and other.rate_bp < old.get(each.code, 0):
                yield found(
                    LOWERED, f"obtaining.rates.{each.code}.rate_bp", was=old[each.code], now=other.rate_bp
                )


def _list(was: GrantByList, now: GrantByList) -> Findings:
    """Who stands on a list was told what comes, how, when, and until when to choose."""
    yield from unchanged(was, now, names=("funded_by", "statutory", "otherwise"), path="obtaining")
    yield from ends_earlier(was.choosing.last_day, now.choosing.last_day, path="obtaining.choosing.last_day")
    yield from begins_later(was.paid_on, now.paid_on, path="obtaining.paid_on")
    for place, row in enumerate(was.amounts):
        path = f"obtaining.amounts[{place}]"
        if place >= len(now.amounts):
            yield found(REMOVED, path, name=row.name.ja)
            continue
        yield from lowered(row.yen, now.amounts[place].yen, path=f"{path}.yen")
        yield from unchanged(row, now.amounts[place], names=("when",), path=path)
    choices = {each.receipt: each for each in now.choices}
    for choice in was.choices:
        if choice.receipt not in choices:
            yield found(REMOVED, "obtaining.choices", name=choice.receipt)
            continue
        kept = choices[choice.receipt]
        yield from lowered(choice.bonus_yen, kept.bonus_yen, path=f"obtaining.choices.{choice.receipt}.bonus_yen")
        names = ("purse",) if choice.bonus_purse is None else ("purse", "bonus_purse")
        yield from unchanged(choice, kept, names=names, path=f"obtaining.choices.{choice.receipt}")
