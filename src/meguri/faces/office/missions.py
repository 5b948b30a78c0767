"""How far people are with the missions of a programme, in groups that tell nobody apart, and what was given."""

from __future__ import annotations

from collections.abc import Mapping

from meguri.evidence.suppression import RESIDENTS_LEAST
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import say
from meguri.faces.office.tables import Cell, Table, table
from meguri.programmes.points.mission_views import MissionTotal, mission_totals
from meguri.programmes.points.mission_wording import KINDS_BY_NAME
from meguri.programmes.queries import ProgrammeView
from meguri.words.clock import day


def missions_table(request: TownRequest, view: ProgrammeView) -> Table | None:
    """None for a programme without missions. Money stands as the books have it; groups of few people are closed."""
    totals = mission_totals(view.id, municipality=request.municipality, on=day(request.at))
    if not totals:
        return None
    return table(
        request, "missions", caption=("ミッションの進み具合と付与", "Missions: how far people are, and what was given"),
        columns=[("ミッション", "Mission"), ("種類", "Kind"), ("始めた人(半分まで)", "Under way, up to half", "number"),
                 ("半分を超えた人", "Past half", "number"), ("達成した人", "Completed", "number"),
                 ("ボーナス", "Bonuses", "number"), ("目標", "Goal", "number"), ("付与", "Granted", "number"),
                 ("取り消し", "Withdrawn", "number")],
        rows=[_row(request, one) for one in totals],
    )  # fmt: skip


def _row(request: TownRequest, one: MissionTotal) -> list[Cell]:
    kind = KINDS_BY_NAME[one.kind]
    groups = grouped(one.people, wanted=one.wanted)
    return [
        _named(request, one), say(request, kind.ja, kind.en), *(_people(request, groups[name]) for name in GROUPS),
        one.bonuses, one.goal or None, {"amount": one.granted_yen}, one.withdrawn,
    ]  # fmt: skip


GROUPS = ("begun", "past_half", "completed")


def grouped(people: Mapping[int, int], *, wanted: int) -> dict[str, int]:
    """People by how far they are: up to half of what is wanted, more than half, all."""
    found = dict.fromkeys(GROUPS, 0)
    for done, count in people.items():
        group = "completed" if done >= wanted else "past_half" if 2 * done > wanted else "begun"
        found[group] += count
    return found


def _people(request: TownRequest, count: int) -> Cell:
    if 0 < count < RESIDENTS_LEAST:
        return say(request, f"{RESIDENTS_LEAST}人未満", f"under {RESIDENTS_LEAST}")
    return count


def _named(request: TownRequest, one: MissionTotal) -> str:
    """With a word of warning where nobody can complete a rally, because too few of its places are open."""
    name = say(request, one.name.ja, one.name.en)
    if one.places is None or one.places >= one.wanted:
        return name
    return name + say(request, f"(開いている場所は{one.places}か所。{one.wanted}か所ないと達成できません)",
                      f" ({one.places} places are open; nobody completes it below {one.wanted})")
