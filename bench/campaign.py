"""Paying where a hundred campaigns run, against paying where none does, over HTTP; and a budget that payments attack.

Of the hundred, ten match each shop, three give something for the payment, and one of these three is at its cap.
"""

from __future__ import annotations

import json
import statistics
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bench.measures import ROUNDS, progress, tell
from bench.pay import SECONDS, _load, _serving, found, launched, payments_only
from meguri.ledger.wall import name_municipality
from meguri.parties import queries as parties
from meguri.programmes import queries
from meguri.programmes.shipped import templates
from meguri.programmes.terms import from_tree, to_tree

NONE, LIVE, ATTACKED = 81, 82, 83
CAMPAIGNS, MATCHING = 100, 10
PAID_YEN, BUDGET_YEN = 100, 5_000
PLENTY = 10**10
OPENING_S = 10
"""Long enough for everybody's first payment of the day, which opens the ceilings that it draws on."""


def run() -> None:
    """Print the measures of this group."""
    progress("campaign: founding three towns")
    with tempfile.TemporaryDirectory() as folder:
        files = {}
        for town in (NONE, LIVE, ATTACKED):
            files[town] = Path(folder) / f"{town}.jsonl"
            requests = found(town, amount_yen=PAID_YEN)
            files[town].write_text("\n".join(json.dumps(each) for each in requests), encoding="utf-8")
        at = datetime.now(UTC)
        launched(_hundred(at, budget=PLENTY), at=at, town=LIVE)
        launched(_hundred(at, budget=BUDGET_YEN, town=ATTACKED), at=at, town=ATTACKED)
        _measure(files)


def _measure(files: dict[int, Path]) -> None:
    live, none = [], []
    with _serving("meguri.site.rsgi:build", interface="rsgi") as port:
        for town, seconds in ((NONE, 2), (LIVE, OPENING_S)):
            payments_only(_load(port, files[town], seconds=seconds))  # connections, caches, everybody's ceilings
        for step in range(ROUNDS):
            progress(f"campaign.pay_100_live_vs_none: {step + 1}/{ROUNDS}")
            none.append(payments_only(_load(port, files[NONE], seconds=SECONDS))["per_s"])
            live.append(payments_only(_load(port, files[LIVE], seconds=SECONDS))["per_s"])
        progress("budget.overshoot_yen")
        payments_only(_load(port, files[ATTACKED], seconds=SECONDS))
    value, base = statistics.median(live), statistics.median(none)
    tell(
        name="campaign.pay_100_live_vs_none", value=value, unit="payments/s", runs=live, ratio=value / base,
        against=f"no campaign: {base:.0f} payments/s",
    )  # fmt: skip
    granted = _granted(ATTACKED)
    if granted < BUDGET_YEN:
        raise SystemExit(f"campaign: the attack took only {granted} of {BUDGET_YEN} yen, so nothing was tried")
    over = granted - BUDGET_YEN
    tell(name="budget.overshoot_yen", value=over, unit="yen", runs=[over])


def _granted(town: int) -> int:
    name_municipality(town)
    programme = queries.programme_by_code("bench-campaigns", municipality=town)
    if programme is None:
        raise LookupError("the attacked town has no campaigns")
    figures = queries.campaign_figures(programme.id, municipality=town, at=datetime.now(UTC))
    return sum(each.yen for each in figures)


def _hundred(at: datetime, *, budget: int, town: int = LIVE) -> Any:
    """The example document with a hundred campaigns, its days in this year."""
    first, last = date(at.year, 1, 1), date(at.year, 12, 31)
    codes = sorted(shop.code for shop in parties.shops(municipality=town, limit=1_000))
    tree: Any = to_tree(templates()["shopping-campaigns"])
    tree |= {"code": "bench-campaigns", "sources": []}
    tree["funds"] = [{**tree["funds"][0], "fiscal_year": at.year, "amount_yen": budget}]
    tree["agreements"] = []
    days = {"first_day": first, "last_day": last}
    tree["eligibility"] = {**tree["eligibility"], "on": first}
    tree["obtaining"] = {
        "by": "campaign", "purse": "points", "window": days, "limits": [],
        "campaigns": [_campaign(number, codes, days) for number in range(CAMPAIGNS)],
    }  # fmt: skip
    tree["spending"] = {**tree["spending"], "window": days}
    tree["expiry"] = {"kind": "on", "last_day": last}
    tree["refunds"] = {**tree["refunds"], "shop_claims_until": last}
    return from_tree(tree)


def _campaign(number: int, codes: list[str], days: dict[str, date]) -> dict[str, Any]:
    """One of a hundred: for every tenth shop; seven of ten ask for a larger payment, and one of the rest is full."""
    turn = number // MATCHING
    least = 1 if turn < 3 else 100 * PAID_YEN
    shops = codes[number % MATCHING :: MATCHING]
    limits = [{"of": "person", "per": "day", "yen": 10**6}]
    if turn == 0:
        limits.append({"of": "campaign", "per": "programme", "yen": 1})
    return {
        "code": f"c{number}", "name": {"ja": f"企画{number}", "en": f"Campaign {number}"}, "window": days,
        "bands": [{"rate_bp": 500}], "limits": limits,
        "when": {"kind": "all", "of": [
            {"kind": "compare", "field": "shop", "op": "in", "value": shops},
            {"kind": "compare", "field": "amount", "op": ">=", "value": least},
        ]},
    }  # fmt: skip
