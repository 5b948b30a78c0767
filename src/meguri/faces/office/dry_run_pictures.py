"""A dry run over time: where the money was, and how many people it reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from meguri.faces.design import charts
from meguri.faces.design.figures import show_day
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import say
from meguri.faces.office.tables import NamedChart
from meguri.programmes.dry_run import COUNTS, DayLived
from meguri.words.yen import show_yen

STEPS_MOST = 60
"""A picture has so many steps at most; a longer dry run is shown in larger ones."""
LINES = ("applications", "units_bought", "codes_entered", "actors", "entitled", "served")
"""The figures of a picture of people, those that the dry run counts; at most three of them."""
DRAWN = ("", "rest", "sum")


def pictures(request: TownRequest, days: Sequence[DayLived], *, family: str) -> list[NamedChart]:
    """Money and people; none before there are two days."""
    if len(days) < 2:
        return []
    every = -(-len(days) // STEPS_MOST)
    shown = [*days[:-1:every], days[-1]]
    return [NamedChart("money", _money(request, shown, family=family)),
            NamedChart("people", _people(request, shown, family=family))]


def _money(request: TownRequest, days: Sequence[DayLived], *, family: str) -> charts.Chart:
    wallets = [sum(fund.reserved_yen for fund in day.funds) for day in days]
    lines: list[tuple[str, list[int]]] = [
        (say(request, "財布の中", "In wallets"), wallets),
        (say(request, "店・口座", "Shops, accounts"), [sum(fund.used_yen for fund in day.funds) for day in days]),
        (say(request, "残りの予算", "Budget left"),
         [sum(fund.left_yen for fund in day.funds if not fund.is_buyers) for day in days]),
    ]
    most = max(range(len(days)), key=wallets.__getitem__)
    day, yen = show_day(days[most].day, request.language, style="year"), show_yen(wallets[most], request.language)
    return _line(
        request, days, lines=lines, family=family, show=None,
        title=say(request, f"財布の中がいちばん多いのは{day}の{yen}", f"Most lies in wallets on {day}: {yen}"),
        desc=say(request, "予行の町の全員の合計(円)。", "Yen, all people of the dry run together."),
    )  # fmt: skip


def _people(request: TownRequest, days: Sequence[DayLived], *, family: str) -> charts.Chart:
    codes = [code for code in LINES if code in days[-1].counts][-3:]
    lines = [(say(request, COUNTS[code].ja, COUNTS[code].en), [day.counts.get(code, 0) for day in days])
             for code in codes]
    served = days[-1].counts.get("served", 0)
    return _line(
        request, days, lines=lines, family=family, show=lambda value: f"{value:,.0f}",
        title=say(request, f"{served:,}人が何かを受け取った", f"{served:,} people got something"),
        desc=say(request, "その日までの数。", "Figures up to each day."),
    )


def _line(
    request: TownRequest, days: Sequence[DayLived], *, lines: Sequence[tuple[str, list[int]]], family: str,
    show: Callable[[float], str] | None, title: str, desc: str,
) -> charts.Chart:
    series = [
        charts.Series(name, tuple(charts.Point(value) for value in values), DRAWN[place] or family)
        for place, (name, values) in enumerate(lines)
    ]
    return charts.line(
        series, steps=[show_day(day.day, request.language, style="short") for day in days], language=request.language,
        title=title, desc=desc, show=show, source=say(request, "予行(架空の人)", "The dry run (invented people)"),
    )
