"""Pictures of the evidence, each with its finding as title: weeks, places, speed, and the money's way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from meguri.evidence import effects
from meguri.evidence.circulation import REST, Picture, Place
from meguri.evidence.edge import Edge
from meguri.evidence.lottery import Estimate, LotteryEffect
from meguri.evidence.queries import SpendingCurve
from meguri.evidence.snapshot import PlaceRow, WeekRow
from meguri.faces.design import charts, figures
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import say
from meguri.faces.office.tables import Table, table
from meguri.parties.queries import areas
from meguri.parties.trades import trade

SHOWN = 8


def source(request: TownRequest) -> str:
    return say(request, "町の帳簿(全数)", "The town's books, all of them")


def weeks(request: TownRequest, rows: Sequence[WeekRow], *, family: str) -> charts.Chart | None:
    """Issued and spent by week."""
    if len(rows) < 2:
        return None
    most = max(rows, key=lambda row: row.spent_yen)
    shown = figures.show_day(most.week, request.language)
    top = figures.short_yen(most.spent_yen, request.language)
    spent = tuple(charts.Point(row.spent_yen) for row in rows)
    issued = tuple(charts.Point(row.issued_yen) for row in rows)
    return charts.line(
        [charts.Series(say(request, "使われた", "Spent"), spent, family),
         charts.Series(say(request, "配られた", "Issued"), issued, "rest")],
        steps=[f"{row.week.month}/{row.week.day}" for row in rows], language=request.language, source=source(request),
        title=say(request, f"いちばん使われたのは{shown}の週の{top}", f"Most was spent in the week of {shown}: {top}"),
        desc=say(request, "週ごとの額(取り消しを除く)。", "Yen by week, less what was taken back."),
    )  # fmt: skip


def places(request: TownRequest, rows: Sequence[PlaceRow], *, by: str, family: str) -> charts.Chart | None:
    """Where it was spent, largest first; the rest together."""
    known = sorted((row for row in rows if row.yen > 0), key=lambda row: -row.yen)
    total = sum(row.yen for row in known)
    if not total:
        return None
    names = areas(request.municipality) if by == "area" and request.language == "en" else {}
    bars = [
        charts.Bar(names.get(row.place) or _place(request, row.place, by=by), row.yen, family) for row in known[:SHOWN]
    ]
    if rest := sum(row.yen for row in known[SHOWN:]):
        bars.append(charts.Bar(say(request, "そのほか", "Others"), rest, "rest"))
    lead, share = bars[0].label, round(100 * bars[0].value / total)
    return charts.bars(
        bars, language=request.language, source=source(request),
        title=say(request, f"使われたお金の{share}%は「{lead}」", f"{share} % was spent at “{lead}”"),
        desc=say(request, *{"trade": ("業種ごとの使用額。", "Spending by trade."),
                            "area": ("店の地区ごとの使用額。", "Spending by the shop's area.")}[by]),
    )  # fmt: skip


def _place(request: TownRequest, place: str, *, by: str) -> str:
    if not place:
        return say(request, "不明", "unknown")
    if by != "trade":
        return place
    found = trade(place)
    return say(request, found.ja, found.en)


def speed(request: TownRequest, seen: SpendingCurve, *, family: str) -> charts.Chart | None:
    """How much is still unspent, so many days after it was received."""
    if len(seen.steps) < 2:
        return None
    last = seen.steps[-1].day
    wanted = sorted({round(last * place / 24) for place in range(25)})
    by_day = [(day, next((s.unspent_share for s in reversed(seen.steps) if s.day <= day), 1.0)) for day in wanted]
    half = seen.median_days
    title = say(request, f"半分は{half}日のうちに使われた", f"Half was spent within {half} days") if half is not None \
        else say(request, "まだ半分以上が使われていない", "More than half is still unspent")
    return charts.line(
        [charts.Series(say(request, "まだ使われていない割合", "Still unspent"),
                       tuple(charts.Point(round(share * 100, 1)) for _, share in by_day), family)],
        steps=[say(request, f"{day}日", f"day {day}") for day, _ in by_day], language=request.language, title=title,
        desc=say(request, "受け取ってからの日数と、まだ使われていない割合(カプラン・マイヤー法、円で重み付け)。",
                 "Days since receipt and the share still unspent (Kaplan–Meier, weighted by yen)."),
        show=lambda value: f"{value:g}%", source=source(request),
    )  # fmt: skip


def effect(request: TownRequest, found: LotteryEffect, *, family: str) -> charts.Chart | None:
    """Winners less losers, week by week, with the band in which the truth probably lies; None of a single week."""
    if len(found.by_week) < 2:
        return None
    points = tuple(charts.Point(*(round(part) for part in _parts(one.effect))) for one in found.by_week)
    since = next((place for place, one in enumerate(found.by_week) if one.week >= found.drawn), None)
    marks = [] if since is None else [charts.LineMark(since, say(request, "抽選", "The draw"))]
    return charts.line(
        [charts.Series(say(request, "当せん−落せん", "Won less lost"), points, family)], marks=marks,
        steps=[f"{one.week.month}/{one.week.day}" for one in found.by_week], language=request.language,
        title=effects.finding(found, language=request.language),
        band_words=say(request, "95%の幅", "95 % interval"),
        desc=say(request, "当せん世帯と落せん世帯の、1週間の支出の変わり方の差(円)。抽選の前は0に近いはずです。",
                 "How differently weekly spending (yen) changed in homes that won and that lost; "
                 "before the draw it should be near zero."),
        source=say(request, "協力世帯の支出の記録と抽選の名簿", "Records of volunteering homes and the draw's list"),
    )  # fmt: skip


def _parts(one: Estimate) -> tuple[float, float, float]:
    return one.value, one.low, one.high


def effect_table(request: TownRequest, found: LotteryEffect, *, unit_yen: int) -> Table:
    """The estimate with its interval, in yen a week and for a yen bought, and how many homes it rests on."""
    weekly = [round(part) for part in _parts(found.weekly)]
    for_a_yen = found.per_yen(unit_yen)
    rows = [[say(request, "1世帯・1週あたり(円)", "A home and week (yen)"), *(f"{part:+,}" for part in weekly)]]
    if for_a_yen is not None:
        rows.append([say(request, "買った商品券1円あたり(円)", "For a yen of vouchers bought (yen)"),
                     *(f"{part:+.2f}" for part in _parts(for_a_yen))])  # fmt: skip
    return table(
        request, "effect", caption=("当せんと落せんの差", "Winners less losers"),
        columns=[("どの単位で", "Of what"), ("差", "Difference", "number"), ("95%の下の端", "95 % from", "number"),
                 ("95%の上の端", "to", "number"), ("当せん世帯", "Homes that won", "number"),
                 ("落せん世帯", "that lost", "number"), ("抽選の世帯", "In the draw", "number"),
                 ("週", "Weeks", "number")],
        rows=[[*row, found.won, found.lost, found.entrants, f"{found.weeks:.1f}"] for row in rows],
    )  # fmt: skip


def edge_table(request: TownRequest, found: Edge) -> Table:
    """Both sides of a sold-out sale's edge: who came, and what they spent before and after."""
    sides = ((say(request, "間に合った", "In time"), found.in_time),
             (say(request, "間に合わなかった", "Too late"), found.too_late))  # fmt: skip
    return table(
        request, "edge", caption=(
            f"売り切れの前後{found.minutes}分に来た人", f"Who came within {found.minutes} min of the last unit"
        ),
        columns=[("どちら側", "Side"), ("列に来た人", "People in the line", "number"),
                 ("記録のある世帯", "Homes that report", "number"),
                 ("販売前の支出(円/週)", "Spent before (yen a week)", "number"),
                 ("販売後の支出(円/週)", "Spent after (yen a week)", "number"), ("変化", "Change", "number")],
        rows=[
            [name, side.places, side.homes, f"{side.before:,.0f}", f"{side.after:,.0f}",
             f"{side.after - side.before:+,.0f}"]
            for name, side in sides
        ],
    )  # fmt: skip


STAGES = (("配った", "Issued"), ("財布", "Wallets"), ("使われた先", "Spent at"), ("その先", "And then"))
KINDS = {
    "wallets": ("財布", "Wallets"), "unspent": ("まだ財布の中", "Still held"), "lapsed": ("失効", "Lapsed"),
    "people": ("住民の口座へ", "To people's banks"), "waiting": ("支払い待ち", "Waiting"),
    "bank": ("銀行へ", "At the bank"),
}


def flow(
    request: TownRequest, seen: Picture, *, names: Mapping[UUID, str], families: Mapping[UUID, str]
) -> charts.Chart | None:
    """The money's way from programmes through wallets and shops to the bank."""
    if not seen.streams:
        return None
    by_text = {str(number): (name, families[number]) for number, name in names.items()}
    stages = [
        charts.FlowStage(
            say(request, *STAGES[number]), tuple(_flow_place(request, each, programmes=by_text) for each in stage)
        )
        for number, stage in enumerate(seen.stages) if stage
    ]
    streams = [
        charts.FlowStream(each.source.key, each.target.key, each.yen, by_text.get(str(each.programme), ("", "rest"))[1])
        for each in seen.streams
    ]
    spent = sum(each.yen for each in seen.streams if each.target.kind == "shops")
    banked = sum(each.yen for each in seen.streams if each.target.kind == "bank" and each.source.kind == "shops")
    shown = [figures.short_yen(amount, request.language) for amount in (spent, banked)]
    return charts.flow(
        stages, streams, language=request.language, source=source(request),
        title=say(request, f"店で使われた{shown[0]}のうち、{shown[1]}が店の口座に届いた",
                  f"Of {shown[0]} spent in shops, {shown[1]} has reached the shops' banks"),
        desc=say(request, "配られたお金がどこへ行ったか。業種ごと。", "Where the money issued went, by trade."),
    )  # fmt: skip


def _flow_place(
    request: TownRequest, each: Place, *, programmes: Mapping[str, tuple[str, str]]
) -> charts.FlowPlace:
    if each.kind == "programme":
        name, family = programmes.get(each.code, (say(request, "そのほか", "Others"), "rest"))
        return charts.FlowPlace(each.key, name, family)
    if each.kind == "shops":
        label = say(request, "そのほか", "Others") if each.code == REST else _place(request, each.code, by="trade")
        return charts.FlowPlace(each.key, _brief(label, 9 if request.language == "ja" else 17))
    return charts.FlowPlace(each.key, say(request, *KINDS[each.kind]))


def _brief(label: str, most: int) -> str:
    """A trade's official name cut to what stands beside its place; the table of the evidence has it in full."""
    return label if len(label) <= most else f"{label[: most - 1]}…"
