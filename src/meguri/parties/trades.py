"""Trades of shops: middle classes of the Japan Standard Industrial Classification (日本標準産業分類, 2013/2023).

Only the classes in which places that people visit are found; a code outside the table is still a lawful trade.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trade:
    code: str
    ja: str
    en: str


_TABLE = (
    ("06", "総合工事業", "General construction"),
    ("07", "職別工事業", "Trade construction"),
    ("08", "設備工事業", "Equipment installation"),
    ("43", "道路旅客運送業", "Buses and taxis"),
    ("54", "その他の卸売業", "Other wholesale"),
    ("56", "各種商品小売業", "General merchandise (department stores, supermarkets)"),
    ("57", "織物・衣服・身の回り品小売業", "Clothes and accessories"),
    ("58", "飲食料品小売業", "Food and drink shops"),
    ("59", "機械器具小売業", "Appliances, bicycles and cars"),
    ("60", "その他の小売業", "Other shops (drugs, fuel, books, furniture)"),
    ("61", "無店舗小売業", "Sellers without a shop"),
    ("70", "物品賃貸業", "Rental"),
    ("74", "技術サービス業", "Technical services (photo studios)"),
    ("75", "宿泊業", "Inns and hotels"),
    ("76", "飲食店", "Restaurants"),
    ("77", "持ち帰り・配達飲食サービス業", "Take-away and delivery"),
    ("78", "洗濯・理容・美容・浴場業", "Laundries, hairdressers and baths"),
    ("79", "その他の生活関連サービス業", "Other personal services (travel, ceremonies)"),
    ("80", "娯楽業", "Leisure"),
    ("82", "その他の教育、学習支援業", "Lessons and learning"),
    ("83", "医療業", "Medical care"),
    ("85", "社会保険・社会福祉・介護事業", "Social care"),
    ("89", "自動車整備業", "Car maintenance"),
    ("90", "機械等修理業", "Repairs"),
)

TRADES: dict[str, Trade] = {code: Trade(code, ja, en) for code, ja, en in _TABLE}


def trade(code: str) -> Trade:
    """The trade of a middle class; a class that is not in the table is called by its number."""
    return TRADES.get(code) or Trade(code, f"産業中分類{code}", f"Industry class {code}")
