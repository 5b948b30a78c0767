"""The three programmes of the rehearsed town: the documents in `data`, with days, names and amounts filled in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from string import Template

from meguri.rehearsal.timetable import Timetable
from meguri.rehearsal.town import Town

VOUCHER, POINT, BENEFIT = "meguri-voucher", "meguri-point", "meguri-benefit"
"""Codes of the programmes."""

UNIT_PRICE_YEN = PAID_YEN = 5_000
PREMIUM_YEN = 1_500
UNITS_MOST = 5
BENEFIT_YEN = 30_000
BONUS_YEN = 2_500
"""On local money."""

PURSE_PAID, PURSE_PREMIUM, PURSE_POINT, PURSE_BENEFIT = "paid", "premium", "point", "benefit"
WALK, CLEAN_UP, CHECK_UP = "walk", "clean-up", "check-up"
ACTION_YEN = {WALK: 10, CLEAN_UP: 300, CHECK_UP: 500}
STEP_GOAL = 8_000


@dataclass(frozen=True, slots=True)
class Scale:
    """How large the programmes are for this town."""

    units: int  # voucher units on sale
    households: int  # on the benefit's list
    holders: int  # expected wallets


def documents(town: Town, *, table: Timetable, scale: Scale) -> dict[str, tuple[str, str]]:
    """Programme code -> (department, TOML)."""
    same = _same(town, table)
    points = max(200_000, scale.holders * 700)
    voucher = same | _days(table.last_use) | {
        "premium_total": scale.units * PREMIUM_YEN, "units": scale.units, "target": scale.units * 1_400,
    }  # fmt: skip
    point = same | _days(_last_day(table, days=60)) | {
        "points_total": points, "sponsor_total": points // 2, "target": scale.holders * table.weeks,
    }  # fmt: skip
    benefit = same | _days(_last_day(table, days=90)) | {
        "benefit_total": scale.households * (BENEFIT_YEN + BONUS_YEN), "target": scale.households,
    }  # fmt: skip
    return {
        VOUCHER: ("commerce", _filled("voucher", voucher)),
        POINT: ("planning", _filled("point", point)),
        BENEFIT: ("welfare", _filled("benefit", benefit)),
    }


def supplementary_yen(scale: Scale) -> int:
    """補正予算 for the points in the middle of the run."""
    return 200 * scale.holders


def fiscal_year(on: date) -> int:
    """会計年度: 1 April to 31 March."""
    return on.year if on.month >= 4 else on.year - 1


def year_end(on: date) -> date:
    """The last day of the fiscal year a day lies in."""
    return date(fiscal_year(on) + 1, 3, 31)


def _filled(name: str, values: dict[str, object]) -> str:
    text = (files("meguri.rehearsal") / "data" / f"{name}.toml").read_text(encoding="utf-8")
    return Template(text).substitute(values)


def _same(town: Town, table: Timetable) -> dict[str, object]:
    """What all three documents may speak of."""
    days = ("start", "last_apply", "drawn_on", "first_purchase", "last_purchase", "last_choice", "paid_on", "end")
    return {name: getattr(table, name) for name in days} | {
        "last_lived": table.end - timedelta(days=1), "signed_on": table.start - timedelta(days=14),
        "town": town.name, "town_en": town.name_en, "label": town.label, "label_en": town.label_en,
        "fiscal_year": fiscal_year(table.start), "carry_over": _carry_over(table), "sponsor": next(iter(town.sponsors)),
        "price": UNIT_PRICE_YEN, "premium": PREMIUM_YEN, "units_most": UNITS_MOST, "benefit": BENEFIT_YEN,
        "bonus": BONUS_YEN, "walk_yen": ACTION_YEN[WALK], "clean_up_yen": ACTION_YEN[CLEAN_UP],
        "check_up_yen": ACTION_YEN[CHECK_UP],
    }  # fmt: skip


def _days(last_day: date) -> dict[str, object]:
    return {"last_day": last_day, "claims_until": last_day + timedelta(days=60)}


def _last_day(table: Timetable, *, days: int) -> date:
    """Some days after the run, cut at the year's end where the run itself ends before it."""
    last, cut = table.end + timedelta(days=days), year_end(table.start)
    return min(last, cut) if table.end <= cut else last


def _carry_over(table: Timetable) -> str:
    """The line that lets money be spent after the year's end, where the run, or its open end, goes beyond it."""
    end = year_end(table.start)
    if table.end + timedelta(days=28) <= end:
        return ""
    return f'carry_over = {{ kind = "carried_forward", resolved_on = {end - timedelta(days=14)} }}'
