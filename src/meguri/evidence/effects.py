"""How much was spent because of a programme: what a draw tells in words, and why the books alone tell nothing.

The estimate itself is `lottery`'s. Asked for one out of ledger rows, this room refuses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn
from uuid import UUID

from meguri.evidence.lottery import HOMES_LEAST, LotteryEffect, Missing
from meguri.words.refusal import Language, declare


@dataclass(frozen=True, slots=True)
class Way:
    """A way to know an effect: who is compared with whom, and what it takes."""

    code: str
    name_ja: str
    name_en: str
    how_ja: str
    how_en: str


WAYS = (
    Way(
        "lottery", "抽選", "the lottery",
        "申込者を抽選し、当選した人と落選した人の家計の支出を比べる。抽選の種と申込口数はこのシステムが記録している。",
        "Draw among applicants and compare the spending of those who won with those who lost. "
        "The draw's seed and the units asked for are kept here.",
    ),
    Way(
        "staggered", "段階的な開始", "a staggered start",
        "地区ごとに時期をずらして始め、まだ始まっていない地区と比べる。順番はくじで決め、記録する。",
        "Start ward by ward and compare with wards that have not started. The order is drawn and kept.",
    ),
    Way(
        "cut_off", "対象の境目", "an eligibility cut-off",
        "年齢や所得の境目のすぐ上とすぐ下の人を比べる。",
        "Compare people just above and just below an age or income limit.",
    ),
    Way(
        "sold_out", "売り切れの境目", "the edge of a sold-out sale",
        "先着の販売で、売り切れの直前と直後に来た人を比べる。来る時刻は本人が選ぶので、抽選より弱い。",
        "Compare those who came to a first-come sale just before and just after its last unit. People choose when to "
        "come, so it is weaker than a draw.",
    ),
    Way(
        "panel", "始める前からの記録", "a baseline panel",
        "始まる8週間以上前から、協力世帯の支出の総額か、店の売上の総額(すべての支払方法)を集める。",
        "Collect, from at least eight weeks before the start, total spending of volunteering households "
        "or total sales of shops by all means of payment.",
    ),
)

NOT_IDENTIFIED = declare(
    "not_identified", status=422,
    ja="台帳だけでは消費の押し上げ額は分かりません。お金がなくても同じ買い物をしたかもしれないからです。"
       "比べる相手が要ります: "
       + "・".join(way.name_ja for way in WAYS) + "。",
    en="The books alone cannot tell how much more was spent: people may have bought the same anyway. "
       "Something to compare with is needed: " + ", ".join(way.name_en for way in WAYS) + ".",
)  # fmt: skip


def induced_spending(programme: UUID) -> NoReturn:
    """The extra spending that a programme caused. Always raises Refusal `not_identified`, which names the ways.

    There is no estimate from ledger rows, and no flag to get one: nearly all vouchers are used whatever they caused.
    """
    raise NOT_IDENTIFIED.refusal(field=f"programme:{programme}")


ASSUMPTIONS = (
    (
        "当せんは抽選だけで決まった(だれでも計算し直せます)。同じ口数を申し込んだ世帯どうしを比べています。",
        "The draw alone decided who won; anybody can recompute it. Homes that asked for as many units are compared.",
    ),
    (
        "記録を出した世帯だけの数字です。記録をやめた世帯が当落でかたよると、差もかたよります。",
        "Only homes that reported count. Had winners and losers other reasons to stop reporting, the figure is biased.",
    ),
    (
        "落せんした世帯の買い物は、ほかの世帯の当せんでは変わらないとみなしています。",
        "A home that lost is taken to buy what it would have bought had nobody won.",
    ),
    (
        "これまでの週の数字です。買い物を早めただけなら、あとの週に減ります。町に新しく入ったお金の額でもありません。",
        "It covers the weeks so far: purchases only brought forward are missing later. It is no money new to the town.",
    ),
)  # fmt: skip
"""Japanese and English: what must be true for the estimate to be one."""

EDGE_ASSUMPTIONS = (
    (
        "来る時刻は本人が選びました。境目の前後(最大10分、仮定)に来た人だけを比べ、そこでは偶然とみなしています。",
        "People chose when to come. Those within ten minutes (assumed) of the edge are compared, as if by chance.",
    ),
    (
        "前後の人数と販売前の支出に差が見つからないときだけ示します。世帯が少ないと、差があっても見つかりません。",
        "Shown only where as many came after as before, and both had spent alike. With few homes a bias goes unseen.",
    ),
    (
        "急いで来た人たちの数字です。もっと早く来た人や来なかった人には当てはまりません。",
        "It tells of people who came at that moment, not of those who came much earlier or not at all.",
    ),
)

_DOUBTS = {
    "coming": (
        "境目のあとに来た人の数が、前と違いました。残りを見て来るのをやめた人がいれば、来た人どうしは似ていません。",
        "Not as many came after the edge as before. If some saw what was left and stayed away, the others differ.",
    ),
    "before": (
        "間に合った世帯と間に合わなかった世帯は、販売の前から支出が違いました。",
        "Homes in time and homes too late had spent differently before the sale.",
    ),
}  # fmt: skip


def doubt(code: str, *, language: Language) -> str:
    """Why an edge is a description and no effect."""
    return _DOUBTS[code][language != "ja"]

_MISSING = {
    "draw": (
        "抽選が行われていないため、比べる相手がいません。",
        "Nothing was drawn, so there is nobody to compare with.",
    ),
    "records": (
        "抽選には{entrants}世帯が加わりましたが、抽選の8週間前からの週ごとの支出の記録が1世帯もありません。",
        "{entrants} homes took part in the draw; none reported its weekly spending from eight weeks before it on.",
    ),
    "homes": (
        "申込{entrants}世帯のうち、支出の記録で比べられるのは当せん{won}・落せん{lost}世帯です。それぞれ{least}世帯が要ります。",
        "Of {entrants} homes {won} that won and {lost} that lost can be compared by their records; each needs {least}.",
    ),
}  # fmt: skip

_MISSING_AT_EDGE = {
    "records": (
        "売り切れの前後10分に{entrants}世帯が来ましたが、8週間前からの週ごとの支出の記録が1世帯もありません。",
        "{entrants} homes came within ten minutes of the edge; none reported its spending of eight weeks before.",
    ),
    "homes": (
        "前後10分の{entrants}世帯のうち、記録で比べられるのは間に合った{won}・遅れた{lost}世帯です。各{least}世帯が要ります。",
        "Of {entrants} homes near the edge {won} in time and {lost} too late have records; each side needs {least}.",
    ),
}  # fmt: skip

_LOT = ("当せんした世帯", "落せんした世帯", "homes that won", "those that lost")
_EDGE = ("間に合った世帯", "間に合わなかった世帯", "homes in time", "those too late")


def missing(found: Missing, *, language: Language, at: str = "draw") -> str:
    """What precisely is missing for an estimate; `at`: draw, or edge (of a sale that sold out)."""
    facts = {"won": found.won, "lost": found.lost, "entrants": found.entrants, "least": HOMES_LEAST}
    words = _MISSING if at == "draw" else _MISSING_AT_EDGE
    return words[found.what][language != "ja"].format(**facts)


def finding(found: LotteryEffect, *, language: Language, by_lot: bool = True) -> str:
    """The estimate as one sentence, its interval in it; a difference that may be none is called so.

    `by_lot`: of winners and losers of a draw; otherwise of homes in time and too late at an edge.
    """
    who_ja, than_ja, who, than = _LOT if by_lot else _EDGE
    value, low, high = (round(part) for part in (found.weekly.value, found.weekly.low, found.weekly.high))
    if language == "ja":
        span = f"95%の幅は{_signed(low, language)}から{_signed(high, language)}"
        if not found.weekly.is_sure:
            return f"{who_ja}が多く使ったかどうかは、まだ分かりません(週に{_signed(value, language)}、{span})"
        more = "多く" if found.weekly.value > 0 else "少なく"
        return f"{who_ja}は、{than_ja}より週に{abs(value):,}円{more}使いました({span})"
    span = f"95 % interval {_signed(low, language)} to {_signed(high, language)}"
    if not found.weekly.is_sure:
        return f"Whether {who} spent more cannot be told yet ({_signed(value, language)} a week; {span})"
    more = "more" if found.weekly.value > 0 else "less"
    return f"{who[0].upper()}{who[1:]} spent ¥{abs(value):,} a week {more} than {than} ({span})"


def for_a_yen(found: LotteryEffect, *, unit_yen: int, language: Language) -> str:
    """The same for a yen of vouchers bought; empty if winners bought none."""
    told = found.per_yen(unit_yen)
    if told is None:
        return ""
    if language == "ja":
        return f"買った商品券1円あたり{told.value:+.2f}円(95%の幅は{told.low:+.2f}円から{told.high:+.2f}円)"
    return f"{told.value:+.2f} yen for a yen of vouchers bought (95 % interval {told.low:+.2f} to {told.high:+.2f})"


def _signed(yen: int, language: Language) -> str:
    sign = "−" if yen < 0 else "+" if yen else ""
    return f"{sign}{abs(yen):,}円" if language == "ja" else f"{sign}¥{abs(yen):,}"
