"""Two dry runs of one invented town side by side: without an amendment and with it. Cost, uptake, who is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.urls import reverse

from meguri.faces.design.figures import show_day
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import say
from meguri.faces.office.tables import Cell, Table, table
from meguri.programmes import queries
from meguri.programmes.dry_run import COUNTS, Amended, DayLived, Reached
from meguri.programmes.queries import DryRunView
from meguri.words.yen import show_yen

Days = Sequence[DayLived]
SAME = "±0"


def beside(request: TownRequest, found: DryRunView, *, days: Days) -> dict[str, Any] | None:
    """The comparison of a dry run with an amendment; None for any other. It waits until both are lived to the end."""
    if found.amended is None:
        return None
    said = _said(request, found.amended, uptake_bp=found.uptake_bp)
    other = queries.dry_run(found.beside, municipality=request.municipality) if found.beside else None
    if other is None:
        return {"said": said, "url": "", "tables": ()}
    url = reverse("office:dry_run", args=[other.id])
    if found.ending is None or other.ending is None or not days:
        return {"said": [*said, _waits(request, found, other)], "url": url, "tables": ()}
    both = queries.days_lived(other.id, municipality=request.municipality), days
    reached = other.ending.reached, found.ending.reached
    tables = (_cost(request, both), _uptake(request, both), _left(request, reached))
    if all(row[-1] == SAME for each in tables for row in each.rows):
        said.append(say(
            request, "どの数字も同じでした。この町の人の暮らし方では、変更の違いは出ませんでした。",
            "Every figure is the same: as these people live, the amendment made no difference.",
        ))
    return {"said": said, "url": url, "tables": tables}


def _said(request: TownRequest, amended: Amended, *, uptake_bp: int | None) -> list[str]:
    approved, first = (
        show_day(on, request.language, style="year") for on in (amended.approved_on, amended.first_day or
                                                               amended.approved_on)
    )  # fmt: skip
    said = say(
        request, f"{approved}に変更が認められ、{first}から新しいきまりになる町です。それまでは、どちらも同じです。",
        f"The amendment is approved on {approved} and rules from {first}. Until then both are the same.",
    )
    if uptake_bp is None:
        return [said]
    share = f"{uptake_bp / 100:g}%"
    return [said, say(request, f"参加する人は、いままでに受け取った人の割合({share})としました。",
                      f"As many take part as have got something so far ({share}).")]  # fmt: skip


def _waits(request: TownRequest, *both: DryRunView) -> str:
    """Why nothing stands side by side yet, or never will."""
    if any(each.ended_at is not None and each.ending is None for each in both):
        return say(request, "どちらかの予行が終わりまで進まなかったので、並べられません。もう一度予行してください。",
                   "One of the two was not lived to its end, so they cannot stand side by side. Please try it again.")
    return say(request, "両方の予行が終わると、ここに並びます。",
               "They stand here side by side when both are lived to the end.")


def _cost(request: TownRequest, both: tuple[Days, Days]) -> Table:
    """What each fund gave at the most, by its code, and what of it was used at shops in the end."""
    names = {fund.code: say(request, fund.ja, fund.en) for days in both for fund in days[-1].funds}
    given = [{code: _given(days, code) for code in names} for days in both]
    used = [{fund.code: fund.used_yen for fund in days[-1].funds} for days in both]
    rows = [
        _row(request, f"{names[code]} — {say(request, *label)}", yen=True, both=(one.get(code, 0), other.get(code, 0)))
        for label, (one, other) in ((("出た額", "given"), given), (("使われた額", "used"), used)) for code in names
    ]  # fmt: skip
    return _table(request, "beside_cost", caption=("費用(財源ごと)", "Cost, by fund"), rows=rows)


def _given(days: Days, code: str) -> int:
    return max((fund.issued_yen for day in days for fund in day.funds if fund.code == code), default=0)


def _uptake(request: TownRequest, both: tuple[Days, Days]) -> Table:
    """The figures of the last evening that either town knows, and how often people were refused."""
    last = [days[-1].counts for days in both]
    rows = [
        _row(request, say(request, name.ja, name.en), yen=code.endswith("_yen"),
             both=(last[0].get(code, 0), last[1].get(code, 0)))
        for code, name in COUNTS.items() if any(counts.get(code) for counts in last)
    ]  # fmt: skip
    refused = [sum(met.times for day in days for met in day.met) for days in both]
    rows.append(_row(request, say(request, "断られた回数", "Times refused"), yen=False, both=(refused[0], refused[1])))
    return _table(request, "beside_uptake", caption=("参加と結果", "Uptake and outcome"), rows=rows)


def _left(request: TownRequest, both: tuple[Sequence[Reached], Sequence[Reached]]) -> Table:
    """By group: how many of the eligible got nothing."""
    names = {(each.ja, each.en): None for side in both for each in side}
    sides = [{(each.ja, each.en): each for each in side} for side in both]
    rows: list[list[Cell]] = [
        [say(request, *name), *(_of(side.get(name)) for side in sides),
         _more(*(side[name].left_out if name in side else 0 for side in sides), language=request.language)]
        for name in names
    ]  # fmt: skip
    return _table(
        request, "beside_left", rows=rows, first=("だれ(受け取らない人 / 対象の人)", "Who (got nothing / eligible)"),
        caption=("取り残される人(対象なのに何も受け取らない人)", "Who is left out (eligible, and got nothing)"),
    )


def _of(group: Reached | None) -> str:
    return "—" if group is None else f"{group.left_out:,} / {group.eligible:,}"


def _row(request: TownRequest, name: str, *, yen: bool, both: tuple[int, int]) -> list[Cell]:
    shown: Iterator[Cell] = (show_yen(each, request.language) if yen else f"{each:,}" for each in both)
    return [name, *shown, _more(*both, language=request.language, yen=yen)]


def _more(was: int, now: int, *, language: str, yen: bool = False) -> str:
    if was == now:
        return SAME
    size = f"{abs(now - was):,}"
    unit = ("円" if language == "ja" else " yen") if yen else ""
    return f"{'+' if now > was else '−'}{size}{unit}"


def _table(
    request: TownRequest, name: str, *, caption: tuple[str, str], rows: Sequence[list[Cell]],
    first: tuple[str, str] = ("数字", "Figure"),
) -> Table:
    return table(
        request, name, caption=caption, rows=rows,
        columns=[first, ("変えない", "Without", "number"), ("変える", "With", "number"),
                 ("差", "Difference", "number")],
    )  # fmt: skip
