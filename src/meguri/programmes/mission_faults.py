"""What is wrong with the missions of a document: those that nobody can complete, or whose bonus nobody gets. Pure."""

from __future__ import annotations

from meguri.programmes.findings import Findings, declare_error, declare_lint, found
from meguri.programmes.mission_parts import Comeback, FirstTime, Mission, Rally, SoOften, Span, Streak
from meguri.programmes.part import Window
from meguri.programmes.parts import Action, Evidence, GrantByAction, Per
from meguri.programmes.terms import Obtaining

MISSION_WITHOUT_ACTIONS = declare_error(
    "mission_without_actions",
    ja="「{mission}」で数える行動がありません。", en="“{mission}” counts no actions.",
)
RALLY_PLACES_MISSING = declare_error(
    "rally_places_missing",
    ja="「{mission}」は{wanted}か所をまわるものですが、場所は{places}か所しかありません。",
    en="“{mission}” wants {wanted} places, but there are only {places}.",
)
RALLY_WITHOUT_PLACES = declare_error(
    "rally_without_places",
    ja="「{mission}」の行動には、場所が分かるものがありません(場所のコードか、協力団体・職員の確認が要ります)。",
    en="No action of “{mission}” tells a place: it takes a place's code, or somebody who confirms there.",
)
MISSION_UNREACHABLE = declare_error(
    "mission_unreachable",
    ja="「{mission}」は達成できません。{wanted}回(日・週)が要りますが、期間と行動の上限では{most}までです。",
    en="“{mission}” cannot be completed: it takes {wanted}, and the window and the actions' limits allow {most}.",
)
MISSION_OUTSIDE = declare_error(
    "mission_outside",
    ja="「{mission}」の期間が、付与の期間({first}–{last})からはみ出しています。",
    en="The window of “{mission}” reaches beyond the days on which actions earn ({first} to {last}).",
)
MISSION_ONCE_ONLY = declare_error(
    "mission_once_only",
    ja="「{mission}」は「はじめて」を数えるので、付与は1回だけです({times}回とあります)。",
    en="“{mission}” counts a first time: it is given once ({times} times are written).",
)
BONUS_ABOVE_LIMIT = declare_lint(
    "bonus_above_limit",
    ja="「{mission}」のボーナス{yen}円は、1人の上限{most}円を超えるので、だれも全額を受け取れません。",
    en="The bonus of “{mission}” ({yen} yen) is above the limit of {most} yen per person: nobody gets all of it.",
)

WITHOUT_PLACE = frozenset({Evidence.DEVICE, Evidence.SELF_REPORT})
_MANY = 10**9


def wrong_missions(obtaining: Obtaining) -> Findings:
    """Each mission must be one that somebody can complete, with a bonus that somebody can get."""
    if isinstance(obtaining, GrantByAction):
        for each in obtaining.missions:
            yield from _wrong(each, obtaining)


def _wrong(each: Mission, obtaining: GrantByAction) -> Findings:
    path, name = f"obtaining.missions.{each.code}", each.name.ja
    actions = [action for action in obtaining.actions if action.code in each.actions]
    if not each.actions:
        yield found(MISSION_WITHOUT_ACTIONS, f"{path}.actions", mission=name)
    window = each.window or obtaining.window
    if window.first_day < obtaining.window.first_day or window.last_day > obtaining.window.last_day:
        yield found(MISSION_OUTSIDE, f"{path}.window", mission=name, first=obtaining.window.first_day,
                    last=obtaining.window.last_day)
    elif actions:
        yield from _counting(each, actions, window=window, granting=obtaining.window, path=path)
    limits = [limit.yen for limit in obtaining.limits if limit.yen is not None]
    if limits and each.yen > min(limits):
        yield found(BONUS_ABOVE_LIMIT, f"{path}.yen", mission=name, yen=each.yen, most=min(limits))


def _counting(
    each: Mission, actions: list[Action], *, window: Window, granting: Window, path: str
) -> Findings:
    """What its way of counting asks for, against what window and limits allow."""
    name, counting = each.name.ja, each.counting
    if isinstance(counting, Rally) and counting.wanted > counting.places:
        yield found(RALLY_PLACES_MISSING, f"{path}.counting.wanted", mission=name, wanted=counting.wanted,
                    places=counting.places)
    if isinstance(counting, Rally) and all(action.evidence in WITHOUT_PLACE for action in actions):
        yield found(RALLY_WITHOUT_PLACES, f"{path}.actions", mission=name)
    if isinstance(counting, FirstTime) and each.times > 1:
        yield found(MISSION_ONCE_ONLY, f"{path}.times", mission=name, times=each.times)
    wanted, most = _needed(each), _possible(each, actions, window=window, granting=granting)
    if wanted > most:
        yield found(MISSION_UNREACHABLE, f"{path}.counting", mission=name, wanted=wanted, most=most)


def _needed(each: Mission) -> int:
    """How many actions (for a streak: days or weeks; for a comeback: days) one bonus takes."""
    match each.counting:
        case Rally(wanted=wanted) | SoOften(wanted=wanted) | Streak(wanted=wanted):
            return wanted
        case FirstTime():
            return 1
        case Comeback(days=days):
            return days + 2


def _possible(each: Mission, actions: list[Action], *, window: Window, granting: Window) -> int:
    """At most so many of them, generously reckoned: no mission that can be completed is refused."""
    days = (window.last_day - window.first_day).days + 1
    if isinstance(each.counting, Comeback):
        return (window.last_day - granting.first_day).days + 1
    done = sum(_most(action, window=window) for action in actions)
    if isinstance(each.counting, Streak):
        spans = days if each.counting.span is Span.DAY else _weeks(window)
        return min(done, spans)
    return done


def _most(action: Action, *, window: Window) -> int:
    """How often the action's own limits let a person do it within the window."""
    first, last = window.first_day, window.last_day
    if action.window is not None:
        first, last = max(first, action.window.first_day), min(last, action.window.last_day)
    if last < first:
        return 0
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    spans = {Per.DAY: (last - first).days + 1, Per.MONTH: months, Per.PROGRAMME: 1}
    return min((limit.times * spans[limit.per] for limit in action.limits if limit.times), default=_MANY)


def _weeks(window: Window) -> int:
    """The weeks, from Monday, that a window touches."""
    return (window.last_day.toordinal() - 1) // 7 - (window.first_day.toordinal() - 1) // 7 + 1
