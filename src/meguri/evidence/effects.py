"""What the books alone cannot tell: how much was spent because of a programme. Asked anyway, this room refuses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn
from uuid import UUID

from meguri.words.refusal import declare


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
