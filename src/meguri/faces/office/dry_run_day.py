"""One day of a dry run: the figures so far, who has to do what, the money by fund, refusals and messages."""

from __future__ import annotations

from typing import Any

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import say
from meguri.faces.office.tables import Cell, Table, table
from meguri.programmes.dry_run import COUNTS, DayLived
from meguri.words.yen import show_yen

WHO = {"desk": ("担当課", "The department's desk"), "residents": ("住民", "Residents"), "shops": ("店", "Shops"),
       "accounting": ("会計", "Accounting office")}
TOPICS = {
    "voucher.received": ("申込みの受付", "Application received"), "voucher.won": ("当選", "Won"),
    "voucher.lost": ("落選", "Lost"), "voucher.undrawn": ("抽選なし", "Not drawn"),
    "voucher.moved_up": ("繰上当選", "Moved up"), "voucher.lapsed": ("購入期限切れ", "Right lapsed"),
    "voucher.bought": ("購入の控え", "Bought"), "voucher.reserved": ("お取り置き", "Reserved"),
    "voucher.code_entered": ("コードの入力", "Code entered"), "point.granted": ("ポイントの付与", "Points granted"),
    "mission.completed": ("ミッションの達成", "Mission completed"),
    "point.rewarded": ("支払いへのポイント", "Points for payments"),
    "benefit.decided": ("支給の決定", "Benefit decided"), "benefit.on_its_way": ("振込の手続き", "On its way"),
    "benefit.paid": ("給付の支払い", "Benefit paid"), "wallet.expiring": ("期限が近い", "About to expire"),
    "wallet.wound_up": ("終了時の処理", "Wound up"), "payment.refunded": ("返金", "Refunded"),
}  # fmt: skip


def shown(request: TownRequest, lived: DayLived) -> dict[str, Any]:
    """Everything that the page says of a day."""
    funds, met, told = _funds(request, lived), _met(request, lived), _told(request, lived)
    return {
        "figures": _figures(request, lived), "due": _due(request, lived), "funds": funds, "happened": (met, told),
        "tables": (funds, met, told),
    }


def _figures(request: TownRequest, lived: DayLived) -> list[dict[str, str]]:
    today = [
        ("この日の支払い", "Payments today", f"{lived.payments:,}"),
        ("この日に使われた額", "Spent today", show_yen(lived.paid_yen, request.language)),
        ("この日の返金", "Refunded today", show_yen(lived.refunded_yen, request.language)),
    ]  # fmt: skip
    figures = [{"label": say(request, name.ja, name.en), "value": _value(request, code, value=lived.counts[code])}
               for code, name in COUNTS.items() if code in lived.counts]
    return [*figures, *({"label": say(request, ja, en), "value": value} for ja, en, value in today)]


def _value(request: TownRequest, code: str, *, value: int) -> str:
    return show_yen(value, request.language) if code.endswith("_yen") else f"{value:,}"


def _due(request: TownRequest, lived: DayLived) -> list[dict[str, Any]]:
    """By whom, in the order of WHO; who has nothing to do is not named."""
    return [
        {"who": say(request, *WHO[who]), "texts": texts}
        for who in WHO
        if (texts := [say(request, each.ja, each.en) for each in lived.due if each.who == who])
    ]


def _funds(request: TownRequest, lived: DayLived) -> Table:
    rows: list[list[Cell]] = [
        [say(request, each.ja, each.en), {"amount": each.left_yen}, {"amount": each.reserved_yen},
         {"amount": each.used_yen}, {"amount": each.expired_yen}, {"amount": each.issued_yen}]
        for each in lived.funds
    ]  # fmt: skip
    return table(
        request, "funds", caption=("この日の終わりの財源", "The funds in the evening"), rows=rows,
        columns=[("財源", "Fund"), ("まだ渡していない額", "Not granted yet", "number"),
                 ("財布の中", "In wallets", "number"), ("店・口座", "Shops and accounts", "number"),
                 ("使われず残った有償分", "Paid, unspent", "number"), ("出た額の合計", "Drawn in all", "number")],
    )  # fmt: skip


def _met(request: TownRequest, lived: DayLived) -> Table:
    return table(
        request, "refusals", caption=("この日に断られたこと", "What people were refused"),
        columns=[("読んだ文", "The sentence they read"), ("回数", "Times", "number")],
        rows=[[say(request, each.ja, each.en), each.times] for each in lived.met],
        empty=("だれも断られませんでした。", "Nobody was refused anything."),
    )


def _told(request: TownRequest, lived: DayLived) -> Table:
    return table(
        request, "messages", caption=("この日に送ったお知らせ", "Messages sent"),
        columns=[("内容", "About"), ("通数", "Messages", "number")],
        rows=[[say(request, *TOPICS.get(each.topic, (each.topic, each.topic))), each.times] for each in lived.told],
        empty=("お知らせはありませんでした。", "No messages."),
    )
