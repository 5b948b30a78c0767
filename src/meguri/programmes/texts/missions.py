"""What texts say of missions: what must be done, what it earns, how often. One sentence each, in either voice."""

from __future__ import annotations

from collections.abc import Iterator

from meguri.parties.rules import Both
from meguri.programmes.mission_parts import Comeback, FirstTime, Mission, Rally, SoOften, Span, Streak
from meguri.programmes.parts import GrantByAction
from meguri.programmes.texts import facts
from meguri.programmes.texts.sentences import Fact, Sentence, say

PLACES, DIFFERENT, WEEKS = Both("か所", "places"), Both("か所", "different"), Both("週", "weeks")
SPANS = {Span.DAY: facts.DAYS, Span.WEEK: WEEKS}


def formal(grant: GrantByAction) -> Iterator[Sentence]:
    """As ordinances say it."""
    for each in grant.missions:
        ja, en, named = _what(grant, each)
        yield say(f"{ja}した者には、「{{mission}}」の達成として{{bonus}}を付与する。",
                  f"“{{mission}}”: whoever {en} is granted {{bonus}}.",
                  mission=_name(each), bonus=_yen(each), **named)
        yield say("「{mission}」の付与は、1人につき{times}までとする。",
                  "“{mission}”: at most {times} a person.", mission=_name(each), times=_times(each))
        if each.window:
            first, last = facts.span(f"obtaining.missions.{each.code}.window", each.window)
            yield say("「{mission}」の期間は、{first}から{last}までとする。",
                      "“{mission}” runs from {first} to {last}.", mission=_name(each), first=first, last=last)
    if grant.missions:
        yield say("達成は、付与された行動のみにより判定し、その行動の付与が取り消されたときは、達成の付与も取り消す。",
                  "Only actions that were granted count; when one is withdrawn, so is the bonus that rested on it.")


def kind(grant: GrantByAction) -> Iterator[Sentence]:
    """As calls and questions say it."""
    for each in grant.missions:
        ja, en, named = _what(grant, each)
        yield say(f"「{{mission}}」: {ja}すると、{{bonus}}のボーナスを受け取れます。",
                  f"“{{mission}}”: whoever {en} earns a bonus of {{bonus}}.",
                  mission=_name(each), bonus=_yen(each), **named)
        if each.window:
            first, last = facts.span(f"obtaining.missions.{each.code}.window", each.window)
            yield say("「{mission}」は{first}から{last}までです。", "“{mission}” runs from {first} to {last}.",
                      mission=_name(each), first=first, last=last)


def _what(grant: GrantByAction, each: Mission) -> tuple[str, str, dict[str, Fact]]:
    """What must be done: how both languages put it, and its facts."""
    path = f"obtaining.missions.{each.code}.counting"
    ja, en, named = _deeds(grant, each)
    match each.counting:
        case Rally(wanted=wanted, places=places):
            named |= {"wanted": facts.count(f"{path}.wanted", wanted, unit=DIFFERENT),
                      "places": facts.count(f"{path}.places", places, unit=PLACES)}
            return f"{ja}を{{places}}のうち異なる{{wanted}}で", f"does {en} at {{wanted}} of {{places}}", named
        case SoOften(wanted=wanted):
            named["wanted"] = facts.count(f"{path}.wanted", wanted, unit=facts.TIMES)
            return f"{ja}を{{wanted}}", f"does {en} {{wanted}}", named
        case Streak(wanted=wanted, span=span, grace=grace):
            named["wanted"] = facts.count(f"{path}.wanted", wanted, unit=SPANS[span])
            unit = SPANS[span].ja
            if not grace:
                return f"{ja}を連続する{{wanted}}のいずれの{unit}にも", f"does {en} for {{wanted}} in a row", named
            named["grace"] = facts.count(f"{path}.grace", grace, unit=SPANS[span])
            return (f"{ja}を、休む{{grace}}までを除いて連続する{{wanted}}のいずれの{unit}にも",
                    f"does {en} for {{wanted}} in a row (leaving out at most {{grace}})", named)
        case FirstTime():
            return f"{ja}を初めて", f"does {en} for the first time", named
        case Comeback(days=days):
            named["days"] = facts.count(f"{path}.days", days, unit=facts.DAYS)
            return f"{ja}を{{days}}以上しなかった後に再び", f"does {en} again after {{days}} or more without", named


def _deeds(grant: GrantByAction, each: Mission) -> tuple[str, str, dict[str, Fact]]:
    named = {
        f"deed_{place}": facts.named(f"obtaining.actions.{action.code}.name", action.name)
        for place, action in enumerate(action for action in grant.actions if action.code in each.actions)
    }
    ja = facts.joined([f"「{{{name}}}」" for name in named], by="又は")
    return ja, facts.joined_en([f"“{{{name}}}”" for name in named]), named


def _name(each: Mission) -> Fact:
    return facts.named(f"obtaining.missions.{each.code}.name", each.name)


def _yen(each: Mission) -> Fact:
    return facts.yen(f"obtaining.missions.{each.code}.yen", each.yen)


def _times(each: Mission) -> Fact:
    return facts.count(f"obtaining.missions.{each.code}.times", each.times, unit=facts.TIMES)
