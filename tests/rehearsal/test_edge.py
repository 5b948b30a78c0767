"""The rehearsed town's sale that sells out: evidence reads the planted effect at its edge, graded by the truth file."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from statistics import mean, variance
from uuid import UUID

from meguri.evidence.edge import Edge, EdgeRow, edge_effect
from meguri.rehearsal.documents import ONLY
from meguri.rehearsal.truth import truth
from tests.rehearsal.conftest import LINE_UNIT_YEN, Lived

ONE = UUID(int=1)


def at_the_edge(story: Lived, *, minutes: int) -> list[EdgeRow]:
    """What the SQL source tells of such a town: homes near the last place that got units."""
    town, life = story.town, story.life
    coming = [each for each in life.plan.comings if each.round == ONLY]
    served = [f"bought:first-come:{ONLY}:{each.who}" in life.known.ids for each in coming]
    last = max(number for number, got in enumerate(served) if got)
    near = {
        town.residents[each.who].household: (number <= last, each.units, each.units * got)
        for number, (each, got) in enumerate(zip(coming, served, strict=True))
        if abs(each.at - coming[last].at) <= timedelta(minutes=minutes)
    }
    week, before, after = life.table.week(life.table.first_come_on), defaultdict(list), defaultdict(list)
    for row in life.panel.reported:
        (before if life.table.week(row.week) < week else after)[row.household].append(row.total_yen)
    cells: dict[tuple[bool, int], list[tuple[float, float, int]]] = defaultdict(list)
    for home, (in_time, units, bought) in near.items():
        cells[in_time, units].append((mean(before[home]), mean(after[home]) - mean(before[home]), bought))
    return [
        EdgeRow(
            programme=ONE, sale=ONE, drawn=life.table.first_come_on, week=None, applications=units, won=in_time,
            minutes=minutes, entrants=len(of), homes=len(of), places=len(of), mean=mean(one[1] for one in of),
            variance=variance([one[1] for one in of]), bought=mean(one[2] for one in of),
            weeks=float(life.table.weeks - week), before=mean(one[0] for one in of),
            before_variance=variance([one[0] for one in of]), after=0.0,
        )
        for (in_time, units), of in cells.items() if len(of) > 1
    ]  # fmt: skip


def test_the_edge_recovers_the_planted_effect(large_life: Lived) -> None:
    planted = truth(large_life.life.panel, extra={})["realised"]["voucher_mpc_by_the_end"]
    rows = [row for minutes in (1, 2, 5, 10) for row in at_the_edge(large_life, minutes=minutes)]
    found = edge_effect(rows, programme=ONE)
    assert isinstance(found, Edge)
    assert found.doubts == (), "the moment of coming is drawn by lot"
    assert found.minutes == 5, "ten reach back before the wave of noon began"
    assert found.effect is not None
    told = found.effect.per_yen(LINE_UNIT_YEN)
    assert told is not None
    assert told.low <= planted <= told.high
