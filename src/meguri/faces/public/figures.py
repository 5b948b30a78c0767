"""The public pictures: evidence's figures as charts, small cells closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from meguri.evidence import queries as evidence
from meguri.evidence.circulation import Picture, Place, picture
from meguri.evidence.flows import MoneyFigures
from meguri.faces.design import charts
from meguri.parties.trades import TRADES
from meguri.programmes.queries import ProgrammeView
from meguri.words.refusal import Language

SOURCE = {"ja": "めぐりの帳簿(取引のたびに記録)", "en": "The books of Meguri, written with every posting"}
FAMILIES = {"ja": {"voucher": "商品券", "point": "ポイント", "benefit": "給付"},
            "en": {"voucher": "Vouchers", "point": "Points", "benefit": "Benefits"}}  # fmt: skip
TURNS = {"ja": ("届いた", "店で使われた", "銀行口座へ"), "en": ("Received", "Spent in shops", "To bank accounts")}
STAGES = {
    "ja": ("事業", "財布", "使われた先", "いまどこ"),
    "en": ("Programme", "Wallets", "Spent at", "Where it is now"),
}
PLACES = {
    "wallets": ("財布", "Wallets"), "unspent": ("まだ財布に", "Still in wallets"), "lapsed": ("期限切れ", "Expired"),
    "people": ("口座で受取", "Received by bank"), "waiting": ("振込を待つ", "Waiting for payout"),
    "bank": ("銀行口座へ", "In bank accounts"),
    "rest": ("そのほか", "Others"),
}  # fmt: skip


def town_ring(
    running: Sequence[ProgrammeView], money: Mapping[UUID | None, MoneyFigures], *, language: Language
) -> charts.Chart:
    """Issued, spent, paid on: a turn each, its families side by side."""

    def shares(turn: int) -> tuple[tuple[str, int], ...]:
        sums: dict[str, int] = {}
        for each in running:
            found = money.get(each.id, MoneyFigures())
            yen = (found.issued_yen + found.to_bank_yen, found.spent_yen, found.banked_yen)[turn]
            sums[each.family] = sums.get(each.family, 0) + max(0, yen)
        return tuple(sums.items())

    turns = [charts.TownTurn(label, shares(turn)) for turn, label in enumerate(TURNS[language])]
    issued, spent = turns[0].amount, turns[1].amount
    if language == "ja":
        title = f"届いた{issued:,}円のうち、{spent:,}円がまちの店で使われました"
        words = "外側から、住民に届いたお金、店で使われたお金、銀行口座へ払われたお金(店の売上と口座への給付)です。"
    else:
        title = f"Of ¥{issued:,} received, ¥{spent:,} was spent in local shops"
        words = "From outside: received by residents, spent in shops, paid to bank accounts (takings and benefits)."
    return charts.town_ring(
        turns, title=title, desc=words, language=language, source=SOURCE[language], families=FAMILIES[language]
    )


def circulation(municipality: int, running: Sequence[ProgrammeView], *, language: Language) -> charts.Chart | None:
    """The money that went round, by trade; None while nothing has been issued."""
    seen = picture(municipality, by="trade")
    if not seen.streams:
        return None
    by_id = {str(each.id): each for each in running}
    stages = [
        charts.FlowStage(label, tuple(_flow_place(place, by_id, language=language) for place in places))
        for label, places in zip(STAGES[language], seen.stages, strict=True)
    ]
    title = "お金はこう巡りました" if language == "ja" else "How the money went round"
    words = (
        "左から右へ、事業から財布、店、銀行へ。太さが金額です。"
        if language == "ja"
        else "From programme to wallet, shop and bank; the width is the amount."
    )
    return charts.flow(
        stages, _streams(seen, by_id), title=title, desc=words, language=language, source=SOURCE[language]
    )


def _flow_place(place: Place, by_id: Mapping[str, ProgrammeView], *, language: Language) -> charts.FlowPlace:
    if place.kind == "programme" and place.code in by_id:
        found = by_id[place.code]
        return charts.FlowPlace(place.key, found.name_ja if language == "ja" else found.name_en, found.family)
    if place.kind == "shops" and place.code in TRADES:
        trade = TRADES[place.code]
        return charts.FlowPlace(place.key, trade.ja if language == "ja" else trade.en)
    names = PLACES.get(
        place.kind if place.kind != "shops" else "rest", (place.code or place.kind, place.code or place.kind)
    )
    return charts.FlowPlace(place.key, names[language != "ja"])


def _streams(seen: Picture, by_id: Mapping[str, ProgrammeView]) -> list[charts.FlowStream]:
    return [
        charts.FlowStream(
            stream.source.key, stream.target.key, stream.yen,
            by_id[str(stream.programme)].family if str(stream.programme) in by_id else "rest",
        )
        for stream in seen.streams
    ]  # fmt: skip


def trades(municipality: int, *, programme: UUID | None, language: Language) -> charts.Chart | None:
    """Where it was spent, by trade; cells of few people or shops are closed and counted together."""
    cells = evidence.public_places(municipality, by="trade", programme=programme)
    bars = [
        charts.Bar(_trade_name(cell.key, language), cell.yen)
        for cell in sorted(cells, key=lambda cell: -(cell.yen or 0))
        if cell.yen
    ]
    if not bars:
        return None
    closed = sum(cell.yen is None for cell in cells)
    title = f"いちばん使われたのは{bars[0].label}" if language == "ja" else f"Most was spent at: {bars[0].label}"
    words = (
        f"人が10人未満、店が3店未満の{closed}業種は、個人がわからないように閉じています。"
        if language == "ja"
        else f"{closed} trades with fewer than 10 people or 3 shops are closed, so that nobody can be recognised."
    )
    return charts.bars(bars, title=title, desc=words, language=language, source=SOURCE[language])


def _trade_name(code: str, language: Language) -> str:
    trade = TRADES.get(code)
    return (trade.ja if language == "ja" else trade.en) if trade else code


def weeks(municipality: int, *, programme: UUID | None, language: Language) -> charts.Chart | None:
    """Spending week by week."""
    sums: dict[str, int] = {}
    for row in evidence.weekly(municipality, programme=programme):
        sums[f"{row.week:%m/%d}"] = sums.get(f"{row.week:%m/%d}", 0) + row.spent_yen
    found = [(week, yen) for week, yen in sums.items() if yen >= 0]
    if len(found) < 2:
        return None
    title = "週ごとの利用額" if language == "ja" else "Spent week by week"
    words = "週は月曜日の日付です。" if language == "ja" else "Weeks are named by their Monday."
    bars = [charts.Bar(week, yen) for week, yen in found]
    return charts.bars(bars, title=title, desc=words, language=language, source=SOURCE[language])
