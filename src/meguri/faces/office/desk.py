"""My desk: what waits for me, the town's programmes as money, the town's last days."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from meguri.faces.design import charts, figures
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import officers_only, page, say
from meguri.faces.office.money import parts_of, whole_budget
from meguri.faces.office.names import names_of
from meguri.faces.office.tables import csv_of
from meguri.faces.office.waiting import waiting_for
from meguri.parties.rules import ROLE_NAMES
from meguri.programmes import queries as programmes
from meguri.programmes.queries import FundView, ProgrammeView
from meguri.settlement import queries as settlement
from meguri.settlement.queries import DayTotals
from meguri.words.clock import day

SHOWN_DAYS = 28


@officers_only
@require_GET
def desk(request: TownRequest) -> HttpResponse:
    """The officer's first page."""
    today = day(request.at)
    days = settlement.day_totals(request.municipality, first=today - timedelta(days=SHOWN_DAYS - 1), last=today)
    chart = _payments(request, days)
    if file := csv_of(request, chart):
        return file
    found = programmes.programmes(request.municipality)
    funds = programmes.funds(request.municipality)
    running = [each for each in found if each.state == "launched"]
    own_first = sorted(running, key=lambda each: each.department != request.actor.department)
    names = names_of(request, running)
    role = ROLE_NAMES[request.actor.role]
    return page(
        request, "desk", way="desk", waiting=waiting_for(request), chart=chart, role=say(request, role.ja, role.en),
        cards=[_card(request, each, name=names[each.id], funds=funds) for each in own_first],
        figures=_figures(request, funds, days=days),
    )  # fmt: skip


def _card(request: TownRequest, each: ProgrammeView, *, name: str, funds: tuple[FundView, ...]) -> dict[str, Any]:
    budget = whole_budget(fund for fund in funds if fund.programme == each.id)
    return {
        "name": name, "family": each.family, "state": each.state,
        "url": reverse("office:programme", args=[each.id]), "total": budget.loaded_yen,
        "parts": parts_of(budget, family=each.family, language=request.language),
    }  # fmt: skip


def _figures(
    request: TownRequest, funds: tuple[FundView, ...], *, days: tuple[DayTotals, ...]
) -> list[dict[str, Any]]:
    today = day(request.at)
    budget = whole_budget(funds)
    paid = sum(net_yen(each) for each in days if each.on == today)
    back = sum(each.refunded_yen for each in days if each.on == today)

    def yen(amount: int) -> str:
        return figures.short_yen(amount, request.language)

    return [
        {"label": say(request, "今日、店で使われた", "Spent today"), "value": yen(paid),
         "note": say(request, f"返金{yen(back)}を差し引いたあと", f"after refunds of {yen(back)}") if back else ""},
        {"label": say(request, "いま財布にある", "In wallets now"), "value": yen(budget.reserved_yen)},
        {"label": say(request, "店などへの未払い", "Owed to shops and people"), "value": yen(budget.used_yen)},
        {"label": say(request, "これまでに支払い済み", "Paid out so far"), "value": yen(budget.spent_yen)},
    ]


def net_yen(totals: DayTotals) -> int:
    """What was spent in shops on a day, as this page always means it: payments less the refunds made that day."""
    return totals.paid_yen - totals.refunded_yen


def _payments(request: TownRequest, days: tuple[DayTotals, ...]) -> charts.Chart:
    """What was spent in shops a day, less refunds, over the last four weeks; a day without a row had none.

    Today is in the sum but not in the line: a day that has only begun would look like a fall.
    """
    last = day(request.at)
    by_day = {each.on: net_yen(each) for each in days}
    shown = [last - timedelta(days=back) for back in range(SHOWN_DAYS - 1, 0, -1)]
    total = sum(by_day.values())
    today = figures.short_yen(by_day.get(last, 0), request.language)
    said = figures.short_yen(total, request.language)
    refunded = figures.short_yen(sum(each.refunded_yen for each in days), request.language)
    series = charts.Series(
        say(request, "店での支払い", "Spent in shops"), tuple(charts.Point(by_day.get(on, 0)) for on in shown), "sum"
    )
    return charts.line(
        [series], steps=[f"{on.month}/{on.day}" for on in shown], language=request.language,
        title=say(request, f"この4週間で{said}が町の店で使われた",
                  f"{said} were spent in the town's shops in four weeks"),
        desc=say(request, f"一日ごとの支払いから、その日の返金(4週間で{refunded})を差し引いた額。"
                          f"線は昨日まで。今日はここまで{today}。",
                 f"Payments by day less that day's refunds ({refunded} in all), up to yesterday. "
                 f"Today so far: {today}."),
        source=say(request, "町の帳簿", "The town's books"),
    )  # fmt: skip
