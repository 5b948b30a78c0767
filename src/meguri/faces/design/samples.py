"""An invented afternoon in an invented town, so that every part can be looked at. Nothing here is real."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from meguri.faces.design import charts
from meguri.faces.design.charts.twin import say
from meguri.faces.design.figures import days_left, last_day, show_day
from meguri.words.refusal import Language, Refusal, RefusalKind

AT = datetime(2027, 8, 19, 5, 3, tzinfo=UTC)
"""The moment on all sample screens: 19 August 2027, 14:03 in Japan."""

VOUCHER_ENDS = datetime(2027, 8, 31, 15, tzinfo=UTC)
POINT_ENDS = datetime(2027, 9, 30, 15, tzinfo=UTC)
BENEFIT_ENDS = datetime(2028, 3, 31, 15, tzinfo=UTC)

# Not declared in the catalogue: a sample must not become a promise.
NOT_HERE = RefusalKind(
    code="purse_not_accepted",
    ja="この店では商品券(専用券)は使えません。ポイント{points}円で払えます。",
    en="Small-shop vouchers cannot be spent at this shop. You can pay with {points} yen of points.",
)


@dataclass(frozen=True, slots=True)
class Town:
    """A town's name in both languages."""

    name_ja: str = "めぐり町"
    name_en: str = "Meguri-cho"


def refusal() -> Refusal:
    """A refusal with its facts, as an operation would raise it."""
    return NOT_HERE.refusal(points=1_200)


def purses(language: Language) -> list[dict[str, Any]]:
    """Three purses in one wallet."""
    rows = [
        ("voucher", "めぐり商品券(専用券)", "Meguri voucher (small shops)", 8_000, VOUCHER_ENDS),
        ("point", "めぐりポイント", "Meguri points", 1_480, POINT_ENDS),
        ("benefit", "子育て応援給付", "Child-rearing benefit", 3_000, BENEFIT_ENDS),
    ]
    return [
        {"family": family, "name": say(language, ja, en), "amount": amount, "expires_at": ends, "url": "#purse"}
        for family, ja, en, amount, ends in rows
    ]


def wallet_ring(language: Language) -> charts.Chart:
    """The ring of that wallet."""
    arcs = [
        charts.RingArc(
            purse["name"],
            purse["amount"],
            purse["family"],
            days_left(purse["expires_at"], AT),
            show_day(last_day(purse["expires_at"]), language),
        )
        for purse in purses(language)
    ]
    return charts.ring(
        arcs,
        title=say(
            language, "使えるお金は12,480円、うち8,000円は8月31日まで", "¥12,480 to spend, ¥8,000 of it until 31 August"
        ),
        desc=say(
            language, "輪の太いところほど、期限が近いお金です。", "The thicker the arc, the sooner the money ends."
        ),
        language=language,
        label=say(language, "使えるお金", "To spend"),
    )


def empty_ring(language: Language) -> charts.Chart:
    """The ring of a wallet with nothing in it."""
    title = say(language, "使えるお金はまだありません", "Nothing to spend yet")
    return charts.ring([], title=title, desc="", language=language, label=say(language, "使えるお金", "To spend"))


def resident_nav(language: Language, current: str = "home") -> list[dict[str, Any]]:
    """The ways of a resident."""
    ways = [
        ("home", "wallet", "財布", "Wallet"),
        ("get", "gift", "もらう", "Get"),
        ("shops", "map", "使える店", "Shops"),
        ("history", "receipt", "履歴", "History"),
        ("me", "person", "わたし", "Me"),
    ]
    return [
        {"url": f"#{k}", "icon": i, "label": say(language, ja, en), "current": k == current} for k, i, ja, en in ways
    ]


def till_nav(language: Language) -> list[dict[str, Any]]:
    """The ways of a shop."""
    ways = [
        ("till", "yen", "レジ", "Till"),
        ("today", "receipt", "今日", "Today"),
        ("refund", "undo", "返金", "Refund"),
        ("settle", "bank", "精算", "Payouts"),
    ]
    return [
        {"url": f"#{k}", "icon": i, "label": say(language, ja, en), "current": k == "till"} for k, i, ja, en in ways
    ]


def office_nav(language: Language) -> list[dict[str, Any]]:
    """The ways of the commerce department."""
    own = [
        ("flag", "goal", "事業", "Programmes", 0),
        ("apply", "draw", "申込と抽選", "Applications and draw", 0),
        ("shops", "shop", "加盟店", "Shops", 3),
        ("ask", "done", "承認", "Approvals", 2),
    ]
    whole = [("flow", "ring", "お金のめぐり", "Circulation", 0), ("proof", "proof", "証拠", "Evidence", 0)]
    return [
        _group(own, name=say(language, "商工課 商品券", "Commerce: vouchers"), family="voucher", language=language),
        _group(whole, name=say(language, "町全体", "Whole town"), family="", language=language),
    ]


def _group(ways: list[tuple[str, str, str, str, int]], *, name: str, family: str, language: Language) -> dict[str, Any]:
    items = [
        {"url": f"#{k}", "icon": i, "label": say(language, ja, en), "count": n, "current": k == "flag"}
        for k, i, ja, en, n in ways
    ]
    return {"name": name, "family": family, "items": items}


def payment_parts(language: Language) -> list[dict[str, Any]]:
    """From which purses 1,280 yen were paid."""
    first, second = purses(language)[:2]
    return [{**first, "amount": 1_000, "url": ""}, {**second, "amount": 280, "url": ""}]


def budget(language: Language) -> list[charts.MoneyPart]:
    """A budget of 50 million yen that adds up."""
    return [
        charts.MoneyPart(say(language, "使われた", "Used"), 21_340_000, "voucher", "#used"),
        charts.MoneyPart(
            say(language, "配って、まだ使われていない", "Reserved: granted, not yet used"),
            16_160_000,
            "rest",
            "#reserved",
        ),
        charts.MoneyPart(say(language, "残り", "Left"), 12_500_000, "left", "#left"),
    ]


BUDGET = 50_000_000


def stations(language: Language) -> list[dict[str, Any]]:
    """A voucher programme on its way."""
    rows = [
        ("設計", "Designed", date(2027, 4, 8), "done"),
        ("承認", "Approved", date(2027, 5, 14), "done"),
        ("申込", "Applications", date(2027, 6, 1), "done"),
        ("抽選", "Draw", date(2027, 6, 30), "done"),
        ("販売", "Sale", date(2027, 7, 10), "done"),
        ("利用", "In use", date(2027, 7, 15), "now"),
        ("精算", "Settlement", date(2027, 9, 5), "ahead"),
        ("効果の確かめ", "Judged", date(2027, 11, 30), "ahead"),
    ]
    return [{"name": say(language, ja, en), "day": on, "state": state} for ja, en, on, state in rows]


def conditions(language: Language) -> list[dict[str, Any]]:
    """What stands before a launch."""
    return [
        {"text": say(language, "予算の裏づけ 50,000,000円", "Budget of ¥50,000,000"), "fulfilled": True},
        {"text": say(language, "要綱の写しと公布日", "Ordinance text and its date"), "fulfilled": True},
        {
            "text": say(language, "起票者とは別の人の承認", "Approval by someone other than the maker"),
            "fulfilled": False,
            "note": say(
                language, "課長の承認を待っています(8月18日から)", "Waiting for the head of section since 18 August"
            ),
        },
    ]


def payments(language: Language) -> list[dict[str, Any]]:
    """Rows of a table of payments."""
    names = [
        ("八百屋まるは", "Maruha Greengrocer", 1_280, "done"),
        ("めぐり書店", "Meguri Books", 2_400, "done"),
        ("みなと食堂", "Minato Diner", 980, "waiting"),
        ("丘の上薬局", "Hilltop Pharmacy", -650, "returned"),
    ]
    rows = []
    for number, (ja, en, amount, status) in enumerate(names):
        at = AT - timedelta(minutes=7 * number)
        shop = {"text": say(language, ja, en), "url": "#shop"}
        tone = "warning" if status == "returned" else ""
        cells = [
            shop,
            show_day(at.date(), language, style="short"),
            42 - number,
            {"amount": amount},
            {"status": status},
        ]
        rows.append({"cells": cells, "tone": tone})
    return rows


def columns(language: Language) -> list[dict[str, Any]]:
    """Columns of that table."""
    return [
        {"label": say(language, "店", "Shop"), "sort_url": "?sort=shop"},
        {"label": say(language, "日", "Day"), "sort_url": "?sort=day", "sorted": "descending", "keep": True},
        {"label": say(language, "件数", "Payments"), "number": True, "sort_url": "?sort=count"},
        {"label": say(language, "金額", "Amount"), "number": True, "sort_url": "?sort=amount"},
        {"label": say(language, "状態", "State")},
    ]


def goals(language: Language) -> list[dict[str, Any]]:
    """A goal and what serves it."""
    level = {
        "goal": say(language, "めざす姿", "Goal"),
        "outcome": say(language, "成果", "Outcome"),
        "action": say(language, "事業", "Programme"),
    }
    serving = [
        {
            "level": level["action"],
            "name": say(language, "めぐり商品券", "Meguri voucher"),
            "family": "voucher",
            "figure": "43%",
            "note": say(language, "使われた割合", "of its value spent"),
        },
        {
            "level": level["action"],
            "name": say(language, "歩くポイント", "Walking points"),
            "family": "point",
            "figure": say(language, "1,204人", "1,204 people"),
            "note": say(language, "7月に参加", "took part in July"),
        },
    ]
    local = {
        "level": level["outcome"],
        "name": say(language, "町の店で使われるお金が増える", "More is spent at the town's shops"),
        "figure": "+6.2%",
        "below": serving,
        "note": say(language, "95%区間 +2.1〜+10.3%", "95 % interval +2.1 to +10.3 %"),
    }
    top = say(language, "歩いて暮らせる、店のある町", "A walkable town with shops")
    return [{"level": level["goal"], "name": top, "below": [local]}]


def hops(language: Language) -> list[dict[str, Any]]:
    """Where three yen of a sponsor went."""
    rows = [
        ("partner", "", "みらい電機(協賛)", "Mirai Electric (sponsor)", "原資を出す", "gives the money", 96),
        ("leaf", "point", "佐藤 はるさん", "Haru Sato", "清掃に参加してもらう", "earns it at a clean-up", 70),
        ("shop", "", "八百屋まるは", "Maruha Greengrocer", "トマトの代金として受け取る", "is paid for tomatoes", 25),
        (
            "bank",
            "",
            "八百屋まるはの口座",
            "Maruha's bank account",
            "明日 15:00 に振込予定",
            "due tomorrow at 15:00",
            96,
        ),
    ]
    return [
        {
            "icon": icon,
            "family": family,
            "who": say(language, ja, en),
            "what": say(language, what, did),
            "amount": 3,
            "at": AT - timedelta(hours=hours),
            "url": "#receipt",
        }
        for icon, family, ja, en, what, did, hours in rows
    ]


def figures(language: Language) -> list[dict[str, Any]]:
    """A line of figures."""
    return [
        {
            "label": say(language, "使われた額", "Spent"),
            "value": say(language, "2,134万円", "¥21.3M"),
            "family": "voucher",
            "note": say(language, "予算の42.7%", "42.7 % of the budget"),
        },
        {
            "label": say(language, "使った人", "People who spent"),
            "value": 3_412,
            "unit": say(language, "人", ""),
            "note": say(language, "買った人の81%", "81 % of the buyers"),
        },
        {
            "label": say(language, "使われた店", "Shops reached"),
            "value": 128,
            "unit": say(language, "店", ""),
            "note": say(language, "うち小さな店 97", "97 of them small"),
        },
        {
            "label": say(language, "きょうの支払", "Today"),
            "value": 642,
            "unit": say(language, "件", ""),
            "note": say(language, "14:03 現在", "at 14:03"),
        },
    ]
