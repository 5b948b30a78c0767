"""The shipped documents, fetched from the server, with the days and sizes that a town would fit to itself.

Nothing else is changed: prices, actions, choices and shares stay as they were published. Each changed value gets a note
among the document's sources.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import tomli_w

from meguri.rehearsal.figures import POINTS_BUDGET_YEN, POINTS_LATER_YEN
from meguri.rehearsal.rules import BENEFIT, FIRST_COME, POINT, VOUCHER, Rules
from meguri.rehearsal.timetable import Timetable
from meguri.rehearsal.town import Town

NOTE = "めぐり町の暦と大きさに合わせた。"
SOLD_FIRST_COME = "adachi-2025"
"""The shipped document of the second voucher: it is sold to whoever comes first, and half of it is for small shops."""
ONLY, AGAIN = "only", "again"
"""Its rounds: the document's own, and the one that an open end has."""
PAID_BY = {"ways": ["card", "slip", "counter"], "issued_on": "early", "slip_days": 3}
GIVEN_BY_CODE = {"days": 7, "step_yen": 500, "most_yen": 5_000}
STEP = re.compile(r"[^.\[\]]+|\[\d+\]")
CLAIMS_DAYS = 45
"""Shops may claim so long after the last day, as in the published rules. source: see nagoya-2025.toml, refunds."""
FOLLOW_DAYS = 181
"""Half a year, as in the shipped documents."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How large the programmes are for this town."""

    units: int  # voucher units on sale
    first_come: int  # units sold to whoever comes first, and
    again: int  # in its second sale
    children: int  # on the benefit's list
    benefit_yen: int  # that they are entitled to
    holders: int  # expected wallets


class Document:
    """A document as a tree, changed value by value; remembers which ones."""

    def __init__(self, text: str) -> None:
        self.tree: dict[str, Any] = tomllib.loads(text)
        self._changed: dict[str, str] = {}

    def change(self, path: str, value: object, *, noted: bool = True, why: str = NOTE) -> None:
        """Set the value at a path as source notes write it: `a.b[0].c`, listed parts by code. Raises LookupError."""
        *above, last = STEP.findall(path)
        part: Any = self.tree
        for step in above:
            part = _part(part, step)
        part[last] = value
        if noted:
            self._changed[path] = why

    def text(self) -> str:
        """As TOML, with a note for each changed value; what the document said before stays readable in it."""
        sources = self.tree.setdefault("sources", [])
        for path, why in self._changed.items():
            before = next((note for note in sources if note["value"] == path), None)
            said = f"もとの文書: {before.get('source') or before.get('assumed')}" if before else ""
            if before:
                sources.remove(before)
            sources.append({"value": path, "assumed": why + said})
        return tomli_w.dumps(self.tree)


def documents(
    templates: Mapping[str, str], *, town: Town, table: Timetable, scale: Scale, rules: Rules
) -> dict[str, tuple[str, str]]:
    """Programme -> (department, TOML). `templates` are the shipped documents by programme."""
    fitted = {code: Document(templates[code]) for code in (VOUCHER, POINT, BENEFIT, FIRST_COME)}
    _fit_voucher(fitted[VOUCHER], table=table, scale=scale, rules=rules)
    _fit_points(fitted[POINT], town=town, table=table, scale=scale)
    _fit_benefit(fitted[BENEFIT], table=table, scale=scale, rules=rules)
    _fit_first_come(fitted[FIRST_COME], table=table, scale=scale, rules=rules)
    return {code: (rules.departments[code], document.text()) for code, document in fitted.items()}


def by_family(texts: Iterable[str]) -> dict[str, str]:
    """The documents by their family, of several the first; and the one that is sold first come.

    Raises ValueError when one is missing.
    """
    found: dict[str, str] = {}
    for text in texts:
        tree = tomllib.loads(text)
        is_first_come = tree.get("origin", {}).get("template") == SOLD_FIRST_COME
        found.setdefault(FIRST_COME if is_first_come else str(tree["family"]), text)
    if missing := {VOUCHER, POINT, BENEFIT, FIRST_COME} - found.keys():
        raise ValueError(f"no document of the family {', '.join(sorted(missing))}")
    return found


def supplementary_yen(scale: Scale, *, weeks: int) -> int:
    """補正予算 for the points in the middle of the run."""
    return max(5_000, scale.holders * weeks * POINTS_LATER_YEN)


def fiscal_year(on: date) -> int:
    """会計年度: 1 April to 31 March."""
    return on.year if on.month >= 4 else on.year - 1


def year_end(on: date) -> date:
    """The last day of the fiscal year a day lies in."""
    return date(fiscal_year(on) + 1, 3, 31)


def _part(part: Any, step: str) -> Any:
    if not isinstance(part, list):
        return part[step]
    if step.startswith("["):
        return part[int(step[1:-1])]
    found = next((each for each in part if each.get("code") == step), None)
    if found is None:
        raise LookupError(step)
    return found


def window(first_day: date, last_day: date) -> dict[str, date]:
    return {"first_day": first_day, "last_day": last_day}


def _fit_voucher(document: Document, *, table: Timetable, scale: Scale, rules: Rules) -> None:
    sale = f"obtaining.rounds.{document.tree['obtaining']['rounds'][0]['code']}"
    document.change(f"{sale}.units", scale.units)
    document.change(f"{sale}.application", window(table.start, table.last_apply))
    document.change(f"{sale}.drawn_on", table.drawn_on)
    document.change(f"{sale}.purchase", window(table.first_purchase, table.last_purchase))
    granted = sum(rules.face[purse["code"]] for purse in document.tree["purses"] if purse["part"] == "granted")
    document.change(f"funds.{own_fund(document)}.amount_yen", scale.units * granted)
    fit_days(document, table=table, first=table.first_purchase, last=table.last_use)


def _fit_points(document: Document, *, town: Town, table: Timetable, scale: Scale) -> None:
    last = spent_until(table, days=60)
    document.change("obtaining.window", window(table.start, min(last, table.last_deed)))
    budget = max(20_000, scale.holders * table.weeks * POINTS_BUDGET_YEN)
    agreement = document.tree["agreements"][0]
    funders = {fund["code"]: fund["funder"] for fund in document.tree["funds"]}
    for place, share in enumerate(agreement["shares"]):
        yen = budget * share["share_bp"] // 10_000
        document.change(f"funds.{share['fund']}.amount_yen", yen)
        if "cap_yen" in share:
            document.change(f"agreements.{agreement['code']}.shares[{place}].cap_yen", yen)
        if funders[share["fund"]] == "sponsor":
            document.change(f"funds.{share['fund']}.payer", next(iter(town.sponsors)))
    document.change(f"agreements.{agreement['code']}.signed_on", table.start - timedelta(days=7))
    for action in document.tree["obtaining"]["actions"]:
        if "goal" in action:  # the shipped goals are those of about 300 people in 47 weeks
            goal = max(1, round(action["goal"] * scale.holders * table.weeks / (300 * 47)))
            document.change(f"obtaining.actions.{action['code']}.goal", goal)
    fit_days(document, table=table, first=table.start, last=last)


def _fit_benefit(document: Document, *, table: Timetable, scale: Scale, rules: Rules) -> None:
    document.change("obtaining.choosing", window(table.start, table.last_choice))
    document.change("obtaining.paid_on", table.paid_on)
    funds = {purse["code"]: purse["funded_by"] for purse in document.tree["purses"]}
    document.change(f"funds.{document.tree['obtaining']['funded_by']}.amount_yen", max(1, scale.benefit_yen))
    document.change(f"funds.{funds[rules.bonus_purse]}.amount_yen", max(1, scale.children * rules.bonus_yen))
    fit_days(document, table=table, first=table.paid_on, last=spent_until(table, days=90))


def _fit_first_come(document: Document, *, table: Timetable, scale: Scale, rules: Rules) -> None:
    """Its one round as it is; with an open end a second one, so that whoever comes later finds a line to stand in.

    Paying on the way and giving by a code, of which the published rules say nothing, are the town's own choice.
    """
    document.change(f"obtaining.rounds.{ONLY}.units", scale.first_come)
    document.change(f"obtaining.rounds.{ONLY}.purchase", window(table.first_come_on, table.first_come_until))
    if table.open_end:
        sale = document.tree["obtaining"]
        name = {"ja": "2回目の先着販売", "en": "First come, first served, for the second time"}
        more = {"code": AGAIN, "name": name, "units": scale.again, "allocation": "first_come",
                "purchase": window(table.again_on, table.again_until)}  # fmt: skip
        document.change("obtaining.rounds", [*sale["rounds"], more], why="めぐり町は2回に分けて売る。")
    document.change("obtaining.payment", dict(PAID_BY), why="払い方は公表されていない。めぐり町の払い方とした。")
    document.change("gifts", dict(GIVEN_BY_CODE), why="めぐり町では、コードで家族や友人に贈れるものとした。")
    units = scale.first_come + (scale.again if table.open_end else 0)
    granted = {purse["code"] for purse in document.tree["purses"] if purse["part"] == "granted"}
    premium = sum(yen for purse, yen in rules.first_come.face.items() if purse in granted)
    document.change(f"funds.{own_fund(document)}.amount_yen", units * premium)
    fit_days(document, table=table, first=table.first_come_on, last=table.first_come_last_use)


def fit_days(document: Document, *, table: Timetable, first: date, last: date) -> None:
    """What all documents say of days: year, eligibility, spending, expiry, claims, goals, evaluation."""
    document.change("eligibility.on", table.start)
    document.change("spending.window", window(first, last))
    document.change("expiry.last_day", last)
    document.change("refunds.shop_claims_until", last + timedelta(days=CLAIMS_DAYS))
    document.change("evaluation.follow_until", last + timedelta(days=FOLLOW_DAYS))
    for place in range(len(document.tree["goals"])):
        document.change(f"goals[{place}].by", last)
    for fund in document.tree["funds"]:
        document.change(f"funds.{fund['code']}.fiscal_year", fiscal_year(table.start))
        if fund["funder"] != "buyers" and last > year_end(table.start):
            reaches = last <= year_end(year_end(table.start) + timedelta(days=1))  # no further than the next year's end
            kind = "carried_forward" if reaches else "reserve_fund"
            resolved = {"kind": kind, "resolved_on": year_end(table.start) - timedelta(days=14)}
            document.change(f"funds.{fund['code']}.carry_over", resolved)


def own_fund(document: Document) -> str:
    """The code of the department's fund."""
    return next(str(fund["code"]) for fund in document.tree["funds"] if fund["funder"] == "department")


def spent_until(table: Timetable, *, days: int) -> date:
    """Some days after the run, cut at the year's end where the run itself ends well before it."""
    last, cut = table.end + timedelta(days=days), year_end(table.start)
    return min(last, cut) if table.end + timedelta(days=28) <= cut else last
