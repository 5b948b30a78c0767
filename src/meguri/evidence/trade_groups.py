"""Trades in everyday words, a few together, so that people understand a picture and small towns can show it. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TradeGroup:
    """Several trades that people take for one; `trades` are middle classes of the standard classification."""

    code: str
    ja: str
    en: str
    trades: frozenset[str]


def _group(code: str, *trades: str, ja: str, en: str) -> TradeGroup:
    return TradeGroup(code, ja, en, frozenset(trades))


_TABLE = (
    _group("food", "56", "58", ja="食べもの・スーパー", en="Food and supermarkets"),
    _group("goods", "54", "57", "59", "60", "61", ja="服・電気・薬・本など", en="Clothes, appliances, drugs, books"),
    _group("meals", "76", "77", ja="食事・持ち帰り", en="Eating out and take-away"),
    _group("care", "78", ja="美容・洗濯・おふろ", en="Hair, laundry and baths"),
    _group("repairs", "06", "07", "08", "89", "90", ja="家や車の工事・修理", en="Building and repairs"),
    _group("health", "83", "85", ja="病院・介護", en="Medical and social care"),
    _group("leisure", "43", "70", "74", "75", "79", "80", "82", ja="旅行・遊び・習いごと", en="Travel and leisure"),
)
OTHER = TradeGroup("other", "そのほか", "Others", frozenset())

GROUPS = {group.code: group for group in (*_TABLE, OTHER)}
_BY_TRADE = {trade: group for group in _TABLE for trade in group.trades}


def group_of(trade: str) -> TradeGroup:
    """The group of a trade's code; a code outside the table is among the others."""
    return _BY_TRADE.get(trade, OTHER)
