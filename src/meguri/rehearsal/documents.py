"""The three programmes of the rehearsed town, as documents. They say of themselves that the town is invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import tomli_w

from meguri.rehearsal.figures import ASSESSED_LIMIT_YEN
from meguri.rehearsal.timetable import Timetable
from meguri.rehearsal.town import Town

VOUCHER, POINT, BENEFIT = "meguri-voucher", "meguri-point", "meguri-benefit"
"""Codes of the programmes."""

UNIT_PRICE_YEN = 5_000
PAID_YEN = 5_000
PREMIUM_YEN = 1_500
"""A unit: 5,000 yen buy 6,500; the premium is for small shops. source: 伊勢市 2022 has these totals in two tranches."""

UNITS_MOST = 5
BENEFIT_YEN = 30_000
BONUS_YEN = 2_500
"""The bonus on local money. source: ふくい はぴコイン, +2,500 yen if a parent takes the benefit as local money."""

PURSE_PAID, PURSE_PREMIUM, PURSE_POINT, PURSE_BENEFIT = "paid", "premium", "point", "benefit"
WALK, CLEAN_UP, CHECK_UP = "walk", "clean-up", "check-up"
ACTION_YEN = {WALK: 10, CLEAN_UP: 300, CHECK_UP: 500}
STEP_GOAL = 8_000

CHAPTERS = {"commerce": "商工費", "planning": "総務費", "welfare": "民生費"}
"""款 of the budget, by department."""

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Scale:
    """How large the programmes are for this town."""

    units: int  # voucher units on sale
    households: int  # on the benefit's list
    holders: int  # expected wallets


def documents(town: Town, *, table: Timetable, scale: Scale) -> dict[str, tuple[str, str]]:
    """Programme code -> (department, TOML)."""
    made = {
        VOUCHER: ("commerce", _voucher(town, table, scale)),
        POINT: ("planning", _point(town, table, scale)),
        BENEFIT: ("welfare", _benefit(town, table, scale)),
    }
    return {code: (department, tomli_w.dumps(tree)) for code, (department, tree) in made.items()}


def supplementary_yen(scale: Scale) -> int:
    """補正予算 for the points in the middle of the run."""
    return 200 * scale.holders


def fiscal_year(on: date) -> int:
    """会計年度: 1 April to 31 March."""
    return on.year if on.month >= 4 else on.year - 1


def year_end(on: date) -> date:
    """The last day of the fiscal year a day lies in."""
    return date(fiscal_year(on) + 1, 3, 31)


def _last_day(table: Timetable, *, days: int) -> date:
    """Some days after the run, cut at the year's end where the run itself ends before it."""
    last, cut = table.end + timedelta(days=days), year_end(table.start)
    return min(last, cut) if table.end <= cut else last


def _text(ja: str, en: str) -> Tree:
    return {"ja": ja, "en": en}


def _window(first: date, last: date) -> Tree:
    return {"first_day": first, "last_day": last}


def _compare(field: str, op: str, value: object) -> Tree:
    return {"kind": "compare", "field": field, "op": op, "value": value}


def _frame(town: Town, *, code: str, family: str, department: str, name: Tree, purpose: Tree) -> Tree:
    """What the three documents say of themselves."""
    return {
        "code": code, "name": name, "family": family, "department": department, "purpose": purpose,
        "notice": _text(town.label, town.label_en),
        "scheme": {
            "issuer": _text(town.name, town.name_en), "issuer_kind": "municipality",
            "psa_basis": "public_issuer" if family == "voucher" else "not_prepaid",
            "legal_basis": [_text(f"{town.name}の架空の要綱", f"An invented ordinance of {town.name_en}")],
            "cash_held_by": _text(f"{town.name}会計管理者", f"{town.name_en}, treasurer"),
        },
    }  # fmt: skip


def _until(first: date, last: date) -> Tree:
    """When value may be spent, and what follows from its last day."""
    return {
        "spending": {"window": _window(first, last)},
        "expiry": {"kind": "on", "last_day": last},
        "refunds": {
            "payment_cancel_days": 0, "payment_refund": True,
            "cash_out_refund": _text("現金への払戻しはしません。", "Nothing is paid out in cash."),
            "shop_claims_until": last + timedelta(days=60),
        },
    }  # fmt: skip


def _fund(town: Town, table: Timetable, *, code: str, name: Tree, payer: str, amount_yen: int, funder: str) -> Tree:
    fund: Tree = {
        "code": code, "name": name, "funder": funder, "payer": payer, "fiscal_year": fiscal_year(table.start),
        "source": _text(f"{town.name}の架空の予算", f"Invented budget of {town.name_en}"), "amount_yen": amount_yen,
    }  # fmt: skip
    if table.end + timedelta(days=28) > year_end(table.start):  # an open end lasts four weeks longer
        resolved = year_end(table.start) - timedelta(days=14)
        fund["carry_over"] = {"kind": "carried_forward", "resolved_on": resolved}
    if funder == "department":
        fund["budget_line"] = {
            "account": "一般会計", "kan": CHAPTERS[payer],
            "kou": "地域振興費", "moku": name["ja"], "setsu": "負担金補助及び交付金",
        }  # fmt: skip
    return fund


def _judged(table: Timetable, *, code: str, name: Tree, unit: str, target: int, design: str, compared: Tree) -> Tree:
    """Indicator, goal and the evaluation written before launch."""
    return {
        "indicators": [{"code": code, "name": name, "unit": unit}],
        "goals": [{"indicator": code, "target": target, "by": table.end}],
        "evaluation": {
            "design": design, "outcome": _text("世帯の週あたり総支出", "Households' total spending per week"),
            "compared_with": compared, "follow_until": table.end,
            "caution": _text("架空の町のため、効果の大きさは仮定です。", "The town is invented: effects are planted."),
        },
    }  # fmt: skip


def _voucher(town: Town, table: Timetable, scale: Scale) -> Tree:
    tree = _frame(
        town, code=VOUCHER, family="voucher", department="commerce",
        name=_text("めぐり町プレミアム商品券", "Meguri premium voucher"),
        purpose=_text("町内の店での買い物を増やす。", "More shopping at the town's shops."),
    )  # fmt: skip
    tree |= _voucher_money(town, table, scale) | _voucher_sale(table, scale)
    return tree | _until(table.first_purchase, table.last_use) | _judged(
        table, code="induced-spending", name=_text("追加消費", "Induced spending"), unit="yen",
        target=scale.units * 1_400, design="lottery",
        compared=_text("抽選に外れた申込者の世帯", "Households of applicants who lost the draw"),
    )  # fmt: skip


def _voucher_money(town: Town, table: Timetable, scale: Scale) -> Tree:
    city = _fund(
        town, table, code="city", name=_text("商品券プレミアム", "Voucher premium"), payer="commerce",
        funder="department", amount_yen=scale.units * PREMIUM_YEN,
    )  # fmt: skip
    buyers = _fund(
        town,
        table,
        code="buyers",
        name=_text("購入者の負担", "Paid by buyers"),
        payer="",
        funder="buyers",
        amount_yen=0,
    )
    return {
        "funds": [city, buyers],
        "purses": [
            {"code": PURSE_PREMIUM, "name": _text("プレミアム分(中小店)", "Premium (small shops)"), "part": "granted",
             "funded_by": "city", "where": _compare("size_class", "!=", value="large")},
            {"code": PURSE_PAID, "name": _text("購入分(共通)", "Paid part (every shop)"), "part": "paid",
             "funded_by": "buyers"},
        ],
    }  # fmt: skip


def _voucher_sale(table: Timetable, scale: Scale) -> Tree:
    return {
        "eligibility": {"who": _compare("age", ">=", 18), "on": table.start},
        "obtaining": {
            "by": "sale", "unit_price_yen": UNIT_PRICE_YEN, "max_units": UNITS_MOST, "per": "resident",
            "face": [{"purse": PURSE_PAID, "yen": PAID_YEN}, {"purse": PURSE_PREMIUM, "yen": PREMIUM_YEN}],
            "rounds": [{
                "code": "first", "name": _text("一次販売", "First sale"), "units": scale.units, "allocation": "lottery",
                "application": _window(table.start, table.last_apply), "drawn_on": table.drawn_on,
                "purchase": _window(table.first_purchase, table.last_purchase),
            }],
        },
    }  # fmt: skip


def _point(town: Town, table: Timetable, scale: Scale) -> Tree:
    sponsor = next(iter(town.sponsors.values()))
    tree = _frame(
        town, code=POINT, family="point", department="planning",
        name=_text("めぐり健康・環境ポイント", "Meguri health and green points"),
        purpose=_text("歩く人と、町の活動に加わる人を増やす。", "More people who walk and take part."),
    )  # fmt: skip
    tree |= _point_money(town, table, scale, sponsor=sponsor.key) | _point_actions(table)
    tree |= _until(table.start, _last_day(table, days=60))
    return tree | {"eligibility": {"who": _compare("age", ">=", 18), "on": table.start}} | _judged(
        table, code="walk-days", name=_text("歩数目標を達成した日", "Days with the step goal reached"), unit="times",
        target=scale.holders * table.weeks, design="staggered",
        compared=_text("まだ案内していない地区", "Wards not yet invited"),
    )  # fmt: skip


def _point_money(town: Town, table: Timetable, scale: Scale, *, sponsor: str) -> Tree:
    yearly = max(200_000, scale.holders * 700)
    city = _fund(
        town,
        table,
        code="city",
        name=_text("ポイント原資", "Points"),
        payer="planning",
        funder="department",
        amount_yen=yearly,
    )
    partner = _fund(
        town, table, code="sponsor", name=_text("協賛金", "Sponsor's contribution"), payer=sponsor, funder="sponsor",
        amount_yen=yearly // 2,
    ) | {"money_form": "contribution"}  # fmt: skip
    return {
        "funds": [city, partner],
        "agreements": [{
            "code": "together", "name": _text("官民連携の負担", "Shared by city and sponsor"),
            "shares": [{"fund": "city", "share_bp": 7_000}, {"fund": "sponsor", "share_bp": 3_000}],
            "signed_on": table.start - timedelta(days=14),
        }],
        "purses": [
            {"code": PURSE_POINT, "name": _text("めぐりポイント", "Meguri points"), "part": "granted",
             "funded_by": "together"},
        ],
    }  # fmt: skip


def _point_actions(table: Timetable) -> Tree:
    def action(code: str, name: Tree, evidence: str, once_per: str) -> Tree:
        limits = [{"per": once_per, "times": 1}]
        return {"code": code, "name": name, "yen": ACTION_YEN[code], "evidence": evidence, "limits": limits}

    return {
        "obtaining": {
            "by": "action", "purse": PURSE_POINT, "window": _window(table.start, table.end - timedelta(days=1)),
            "limits": [{"per": "month", "yen": 3_000}],
            "actions": [
                action(WALK, _text(f"1日{STEP_GOAL:,}歩", f"{STEP_GOAL:,} steps a day"), "device", "day"),
                action(CLEAN_UP, _text("町の清掃", "Clean-up"), "place_code", "day"),
                action(CHECK_UP, _text("健康診断", "Health check"), "staff_confirms", "programme"),
            ],
        },
    }  # fmt: skip


def _benefit(town: Town, table: Timetable, scale: Scale) -> Tree:
    tree = _frame(
        town, code=BENEFIT, family="benefit", department="welfare",
        name=_text("めぐり暮らし応援給付金", "Meguri living support"),
        purpose=_text("物価高の影響を受ける世帯を支える。", "Support for households hit by rising prices."),
    )  # fmt: skip
    fund = _fund(
        town, table, code="city", name=_text("暮らし応援給付金", "Living support"), payer="welfare",
        funder="department", amount_yen=scale.households * (BENEFIT_YEN + BONUS_YEN),
    )  # fmt: skip
    return tree | _until(table.paid_on, _last_day(table, days=90)) | {
        "funds": [fund],
        "purses": [{"code": PURSE_BENEFIT, "name": _text("給付金", "Benefit"), "part": "granted", "funded_by": "city"}],
        "eligibility": {"who": _compare("tax_class", "==", "exempt"), "on": table.start},
        "obtaining": _benefit_list(table),
    } | _judged(
        table, code="benefit-reach", name=_text("受け取った世帯", "Households reached"), unit="people",
        target=scale.households, design="cut_off",
        compared=_text(f"非課税の境(所得{ASSESSED_LIMIT_YEN:,}円)のすぐ上の世帯", "Households just above the tax line"),
    )  # fmt: skip


def _benefit_list(table: Timetable) -> Tree:
    return {
        "by": "list", "funded_by": "city", "statutory": False,
        "amounts": [{"name": _text("非課税世帯", "Households free of tax"), "yen": BENEFIT_YEN,
                     "when": _compare("tax_class", "==", "exempt")}],
        "choices": [
            {"receipt": "bank"},
            {"receipt": "local_money", "purse": PURSE_BENEFIT, "bonus_yen": BONUS_YEN, "bonus_purse": PURSE_BENEFIT},
        ],
        "otherwise": "bank", "choosing": _window(table.start, table.last_choice), "paid_on": table.paid_on,
    }  # fmt: skip
