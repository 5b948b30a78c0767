"""Sample pictures of the invented town, one of each kind."""

from __future__ import annotations

from meguri.faces.design import charts
from meguri.faces.design.charts.twin import say
from meguri.words.refusal import Language


def all_charts(language: Language) -> dict[str, charts.Chart]:
    """One picture of each kind by its kind's name (the ring is among the samples)."""
    return {
        "bars": bars(language),
        "money": money(language),
        "line": line(language),
        "flow": flow(language),
        "town": town(language),
        "tiles": tiles(language),
        "tallies": tallies(language),
    }


def source(language: Language) -> str:
    return say(language, "架空の町の帳簿", "Books of an invented town")


def bars(language: Language) -> charts.Chart:
    rows = [
        ("専用券を買った人", "Bought small-shop vouchers", 6.2, 2.1, 10.3, "voucher"),
        ("歩くポイントの参加者", "Took part in walking points", 3.4, 0.6, 6.1, "point"),
        ("給付を地域通貨で受けた人", "Took the benefit as local money", 1.1, -1.8, 4.0, "benefit"),
        ("どれも使っていない人", "None of these", -0.4, -1.5, 0.7, "rest"),
    ]
    items = [charts.Bar(say(language, ja, en), v, family, low, high) for ja, en, v, low, high, family in rows]
    return charts.bars(
        items,
        title=say(
            language, "専用券を買った人は、町の店での買い物が増えた", "Buyers of small-shop vouchers spent more in town"
        ),
        desc=say(
            language,
            "町の店での支出の変化。線は95%区間。給付の増加は、まだ誤差の範囲です。",
            "Change in spending at town shops. Lines: 95 % intervals; the benefit is still within error.",
        ),
        language=language,
        unit="%",
        show=lambda value: f"{value:+.1f}%".replace("-", "−"),
        source=source(language),
    )


def tallies(language: Language) -> charts.Chart:
    places = [("駅前", "Station", True), ("病院前", "Hospital", True), ("港の広場", "Harbour square", False),
              ("図書館", "Library", True), ("みどりが丘団地入口", "Midorigaoka estate gate", False)]
    return charts.tally_card(
        [charts.TallyMark(say(language, ja, en), charts.TallyState.DONE if done else charts.TallyState.OPEN)
         for ja, en, done in places],
        title=say(language, "4か所のうち3か所まで来ました", "3 of 4 so far"),
        desc=say(language, "まわった場所には葉のスタンプがあります。", "Places that were visited carry the leaf."),
        language=language,
    )  # fmt: skip


def money(language: Language) -> charts.Chart:
    parts = [
        charts.MoneyPart(say(language, "町のお金", "The town"), 30_000_000, "sum"),
        charts.MoneyPart(say(language, "国の交付金", "National grant"), 15_000_000, "rest"),
        charts.MoneyPart(say(language, "企業の協賛", "Sponsors"), 5_000_000, "point"),
    ]
    return charts.money_bar(
        parts,
        total=50_000_000,
        language=language,
        total_label=say(language, "原資", "All funds"),
        source=source(language),
        title=say(language, "原資の10円に1円は、企業が出している", "One yen in ten comes from sponsors"),
        desc=say(language, "原資を出したところごとの額。", "Funds by who gives them."),
    )


def line(language: Language) -> charts.Chart:
    spent = [2.1, 2.0, 2.2, 2.1, 3.4, 4.1, 3.6, 3.0]
    band = [(1.9, 2.3), (1.8, 2.2), (2.0, 2.4), (1.9, 2.3), (2.9, 3.9), (3.5, 4.7), (3.0, 4.2), (2.4, 3.6)]
    points = tuple(charts.Point(v * 1e7, lo * 1e7, hi * 1e7) for v, (lo, hi) in zip(spent, band, strict=True))
    alike = tuple(charts.Point(v * 1e7) for v in (2.1, 2.1, 2.1, 2.2, 2.2, 2.3, 2.2, 2.2))
    return charts.line(
        [
            charts.Series(say(language, "めぐり町", "Meguri-cho"), points, "voucher"),
            charts.Series(say(language, "似た町の平均", "Towns alike"), alike, "rest"),
        ],
        steps=[say(language, f"{month}月", name) for month, name in zip((1, 2, 3, 4, 5, 6, 7, 8), MONTHS, strict=True)],
        marks=[charts.LineMark(4, say(language, "商品券の利用開始", "Vouchers begin"))],
        title=say(language, "商品券の後も、町の店の売上は元より高い", "Shop takings stay higher after the vouchers"),
        desc=say(language, "町の小さな店の月の売上。", "Monthly takings of the town's small shops."),
        band_words=say(language, "帯は95%区間です。", "The band is the 95 % interval."),
        language=language,
        source=source(language),
    )


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug")


def flow(language: Language) -> charts.Chart:
    def place(key: str, *both: str, family: str = "rest") -> charts.FlowPlace:
        return charts.FlowPlace(key, say(language, *both), family)

    stages = [
        charts.FlowStage(
            say(language, "配った", "Issued"),
            (
                place("v", "商品券", "Vouchers", family="voucher"),
                place("p", "ポイント", "Points", family="point"),
                place("b", "給付", "Benefits", family="benefit"),
            ),
        ),
        charts.FlowStage(
            say(language, "店で使われた", "Spent at"),
            (
                place("food", "食料品", "Food"),
                place("eat", "飲食", "Eating out"),
                place("life", "くらし", "Daily needs"),
                place("held", "まだ財布の中", "Still held"),
            ),
        ),
        charts.FlowStage(
            say(language, "その先", "And then"),
            (
                place("on", "町内の仕入れ", "Town suppliers"),
                place("bank", "店の口座", "Shops' banks"),
            ),
        ),
    ]
    amounts = [
        ("v", "food", 940, "voucher"),
        ("v", "eat", 420, "voucher"),
        ("v", "life", 380, "voucher"),
        ("v", "held", 260, "voucher"),
        ("p", "food", 210, "point"),
        ("p", "eat", 160, "point"),
        ("p", "held", 90, "point"),
        ("b", "food", 520, "benefit"),
        ("b", "life", 310, "benefit"),
        ("b", "held", 370, "benefit"),
        ("food", "on", 430, "rest"),
        ("food", "bank", 1_240, "rest"),
        ("eat", "on", 210, "rest"),
        ("eat", "bank", 370, "rest"),
        ("life", "bank", 690, "rest"),
    ]
    return charts.flow(
        stages,
        [charts.FlowStream(a, b, 10_000 * amount, family) for a, b, amount, family in amounts],
        title=say(
            language,
            "店に届いた2,940万円のうち、640万円が町の中でもう一度回った",
            "Of ¥29.4M that reached shops, ¥6.4M went round again",
        ),
        desc=say(language, "7月に配られたお金がどこへ行ったか。", "Where the money issued in July went."),
        language=language,
        source=source(language),
    )


def town(language: Language) -> charts.Chart:
    rows = [
        ("配った", "Issued", 20_000_000, 4_600_000, 12_000_000),
        ("使われた", "Spent", 17_400_000, 3_700_000, 8_300_000),
        ("町の中でもう一度", "Round again", 3_900_000, 900_000, 1_600_000),
    ]
    turns = [
        charts.TownTurn(say(language, ja, en), (("voucher", v), ("point", p), ("benefit", b)))
        for ja, en, v, p, b in rows
    ]
    turns.append(charts.TownTurn(say(language, "町の外へ", "Left the town"), (("rest", 4_100_000),)))
    return charts.town_ring(
        turns,
        language=language,
        source=source(language),
        title=say(
            language,
            "7月に配った3,660万円の8割が、町の店で使われた",
            "Four fifths of July's ¥36.6M were spent at town shops",
        ),
        desc=say(
            language,
            "外側から順に、配った、使われた、町の中でもう一度使われた、町の外へ出た。",
            "From the outside: issued, spent, round again in town, left the town.",
        ),
        families={
            "voucher": say(language, "商品券", "Vouchers"),
            "point": say(language, "ポイント", "Points"),
            "benefit": say(language, "給付", "Benefits"),
            "rest": say(language, "すべて", "All"),
        },
    )


def tiles(language: Language) -> charts.Chart:
    rows: list[tuple[str, str, int, int, int | None]] = [
        ("北浜", "Kitahama", 1, 0, 412),
        ("山手", "Yamate", 2, 0, 96),
        ("港", "Minato", 0, 1, 688),
        ("本町", "Honcho", 1, 1, 903),
        ("丘の上", "Okanoue", 2, 1, 240),
        ("川原", "Kawara", -1, 2, 150),
        ("駅前", "Ekimae", 0, 2, 771),
        ("谷", "Tani", 1, 2, 0),
        ("島", "Shima", -2, 3, None),
        ("南", "Minami", 0, 3, 58),
    ]
    areas = [charts.TileArea(say(language, ja, en), q, r, value) for ja, en, q, r, value in rows]
    return charts.tiles(
        areas,
        language=language,
        unit=say(language, "人", "people"),
        source=source(language),
        title=say(language, "谷地区には、まだ1人も届いていない", "Nobody in Tani has been reached yet"),
        desc=say(language, "商品券を使った人の数を地区ごとに。", "People who spent vouchers, by area."),
    )
