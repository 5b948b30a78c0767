"""The public pictures: evidence's figures as charts, all of them through the one door that closes small cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from meguri.evidence.circulation import Place
from meguri.evidence.flows import MoneyFigures
from meguri.evidence.public import CLOSED, PublicPlaces, PublicTable, public_picture, public_weeks
from meguri.evidence.snapshot import Snapshot
from meguri.evidence.suppression import RESIDENTS_LEAST, SHOPS_LEAST
from meguri.evidence.trade_groups import GROUPS
from meguri.faces.design import charts
from meguri.faces.design.figures import short_yen
from meguri.programmes.queries import ProgrammeView
from meguri.words.refusal import Language
from meguri.words.yen import show_yen

SOURCE = {"ja": "めぐりの帳簿(取引のたびに記録)", "en": "The books of Meguri, written with every posting"}
FAMILIES = {"ja": {"voucher": "商品券", "point": "ポイント", "benefit": "給付"},
            "en": {"voucher": "Vouchers", "point": "Points", "benefit": "Benefits"}}  # fmt: skip
TURNS = {"ja": ("届いた", "店で使われた", "銀行口座へ"), "en": ("Received", "Spent in shops", "To bank accounts")}
STAGES = {"ja": ("事業", "財布", "いまどこ"), "en": ("Programme", "Wallets", "Where it is now")}
PLACES = {
    "wallets": ("財布", "Wallets"), "unspent": ("まだ財布に", "Still in wallets"), "lapsed": ("期限切れ", "Expired"),
    "people": ("口座で受け取り", "Received by bank"), CLOSED: ("少数のため合算", "Too few to tell apart"),
}  # fmt: skip


def town_ring(
    running: Sequence[ProgrammeView], money: Mapping[UUID, MoneyFigures], *, language: Language
) -> charts.Chart:
    """Issued, spent, paid on: a turn each, its families side by side."""

    def shares(turn: int) -> tuple[tuple[str, int], ...]:
        sums: dict[str, int] = {}
        for each in running:
            found = money.get(each.id, MoneyFigures())
            yen = (found.received_yen, found.spent_yen, found.banked_yen)[turn]
            sums[each.family] = sums.get(each.family, 0) + max(0, yen)
        return tuple(sums.items())

    turns = [charts.TownTurn(label, shares(turn)) for turn, label in enumerate(TURNS[language])]
    received, spent, bank = turns[0].amount, turns[1].amount, sum(money[each.id].to_bank_yen for each in running)
    if language == "ja":
        title = f"届いた{received:,}円のうち、{spent:,}円がまちの店で使われました"
        words = (
            "外側から、住民に届いたお金、店で使われたお金、銀行口座へ振り込まれたお金(店の売上と、口座で受け取る給付)です。"
            f"届いたお金は、財布へ{received - bank:,}円、口座で受け取る給付{bank:,}円です。"
        )
    else:
        title = f"Of ¥{received:,} received, ¥{spent:,} was spent in local shops"
        words = (
            "From outside: received by residents, spent in shops, transferred to bank accounts (takings and benefits). "
            f"Of what was received, ¥{received - bank:,} came to wallets and ¥{bank:,} is benefits taken by bank."
        )
    return charts.town_ring(
        turns, title=title, desc=words, language=language, source=SOURCE[language], families=FAMILIES[language]
    )


def circulation(seen: Snapshot, running: Sequence[ProgrammeView], *, language: Language) -> charts.Chart | None:
    """The money that went round, by trade; None while nothing has been issued."""
    found = public_picture(seen)
    if not found.streams:
        return None
    by_id = {str(each.id): each for each in running}
    stages = [
        charts.FlowStage(label, tuple(_flow_place(place, by_id, language=language) for place in places))
        for label, places in zip(STAGES[language], found.stages, strict=False)  # a fourth stage is not published
    ]
    streams = [
        charts.FlowStream(
            one.source.key, one.target.key, one.yen,
            by_id[str(one.programme)].family if str(one.programme) in by_id else "rest",
        )
        for one in found.streams
    ]  # fmt: skip
    title = "お金はこう巡りました" if language == "ja" else "How the money went round"
    words = (
        "左から右へ、事業から財布、店へ。太さが金額です。" + _closed_words(language)
        if language == "ja"
        else "From programme to wallet and shop; the width is the amount. " + _closed_words(language)
    )
    return charts.flow(stages, streams, title=title, desc=words, language=language, source=SOURCE[language])


def _flow_place(place: Place, by_id: Mapping[str, ProgrammeView], *, language: Language) -> charts.FlowPlace:
    if place.kind == "programme" and place.code in by_id:
        found = by_id[place.code]
        return charts.FlowPlace(place.key, found.name_ja if language == "ja" else found.name_en, found.family)
    if place.code in GROUPS:
        return charts.FlowPlace(place.key, _group_name(place.code, language))
    return charts.FlowPlace(place.key, PLACES.get(place.code or place.kind, (place.kind,) * 2)[language != "ja"])


def _closed_words(language: Language) -> str:
    return (
        f"使った人が{RESIDENTS_LEAST}人未満、店が{SHOPS_LEAST}店未満、ほぼ1店だけの業種は、だれのことか分からないように"
        "合わせて示します。引き算で分かってしまう業種も一緒に合わせます。"
        if language == "ja"
        else f"Trades with fewer than {RESIDENTS_LEAST} people or {SHOPS_LEAST} shops, or nearly one shop alone, are "
        "shown together, so that nobody can be recognised, and with them those that would give them away."
    )


def trades(found: PublicPlaces, *, programme: UUID | None, language: Language) -> charts.Chart | None:
    """Where it was spent, by trade; cells of few people or shops are closed and shown as one bar."""
    table = found.of(programme)
    bars = [charts.Bar(_group_name(cell.key, language), cell.yen or 0) for cell in table.open_cells]
    if not bars:
        return None
    bars.sort(key=lambda bar: -bar.value)
    if table.closed_yen:
        bars.append(charts.Bar(PLACES[CLOSED][language != "ja"], table.closed_yen, "rest"))
    return charts.bars(
        bars, title=_most(bars[0], table, language=language), language=language, source=SOURCE[language],
        desc=_closed_words(language) if table.closed else "",
    )  # fmt: skip


def _most(first: charts.Bar, table: PublicTable, *, language: Language) -> str:
    """The finding. While more is closed than the largest open bar holds, nobody can say what was largest."""
    share, hidden = (round(100 * yen / table.yen) for yen in (first.value, table.closed_yen))
    if table.closed_yen > first.value:
        return (
            f"分けて示せるなかでは「{first.label}」が最も多く{share}%({hidden}%は少数のため合算)"
            if language == "ja"
            else f"Of what can be told apart most was spent on {first.label}: {share} % ({hidden} % is not told apart)"
        )
    return (
        f"いちばん使われたのは「{first.label}」{share}%"
        if language == "ja"
        else f"Most was spent on {first.label}: {share} %"
    )


def _group_name(code: str, language: Language) -> str:
    return GROUPS[code].ja if language == "ja" else GROUPS[code].en


def weeks(seen: Snapshot, *, programme: UUID, language: Language) -> charts.Chart | None:
    """Spending week by week; weeks of few are shown as one bar."""
    table = public_weeks(seen, programme=programme)
    found = [(date.fromisoformat(cell.key), cell.yen or 0) for cell in table.open_cells]
    if len(found) < 2:
        return None
    bars = [charts.Bar(f"{week.month}/{week.day}", yen) for week, yen in found]
    if table.closed_yen:
        bars.append(charts.Bar(PLACES[CLOSED][language != "ja"], table.closed_yen, "rest"))
    top, amount = max(found, key=lambda item: item[1])
    shown = short_yen(amount, language)
    title = (
        f"いちばん使われたのは{top.month}月{top.day}日からの週の{shown}"
        if language == "ja"
        else f"Most in the week from {top:%-d %b}: {shown}"
    )
    words = "週は月曜日の日付です。" if language == "ja" else "Weeks are named by their Monday."
    if table.closed:
        words += (
            f"使った人や店の少ない{table.closed}週は合わせて示します。" if language == "ja"
            else f" {table.closed} weeks of few people or shops are shown together."
        )  # fmt: skip
    return charts.bars(bars, title=title, desc=words, language=language, source=SOURCE[language])


def undivided(table: PublicTable, *, language: Language) -> str:
    """What is said where something was spent and no place of it can stand by itself; else empty."""
    if table.open_cells or not table.yen:
        return ""
    whole = show_yen(table.yen, language)
    return (
        f"使われた額は{whole}です。業種に分けると、だれのことか分かってしまうため、まだ分けて示せません。"
        if language == "ja"
        else f"{whole} was spent. Told apart by trade it would tell on somebody, so it is not told apart yet."
    )
