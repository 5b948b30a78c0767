"""The life of a programme as stations on a line, today marked; and the one question of its present stage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from meguri.faces.design.charts import Chart
from meguri.faces.design.figures import as_day
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import say
from meguri.faces.office.timeline import Span, timeline
from meguri.programmes.parts import GrantByAction, GrantByCode, GrantByList, GrantByPayment, Sale
from meguri.programmes.queries import ProgrammeView
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.timing import last_spending_day
from meguri.words.clock import day


@dataclass(frozen=True, slots=True)
class Station:
    ja: str
    en: str
    first: date | None
    last: date | None = None


def stations(request: TownRequest, view: ProgrammeView, *, terms: ProgrammeTerms) -> list[dict[str, Any]]:
    """Stations in the order of their days. Now is all that lasts, as a sale and its use do; else what began last."""
    today = day(request.at)
    planned = list(_planned(terms))
    passed = [Station("設計", "Designed", as_day(view.drafted_at))]
    if view.launched_at is None:
        planned.insert(0, Station("公開", "Launch", None))
    else:
        passed.append(Station("公開", "Launched", as_day(view.launched_at)))
    found = passed + sorted(planned, key=lambda one: one.first or date.min)
    begun = [place for place, one in enumerate(found) if _has_begun(one, today, launched=view.launched_at is not None)]
    lasting = {place for place in begun if (ends := found[place].last) is not None and today <= ends}
    now = lasting or {max(begun, default=0)}
    return [_station(request, one, state=_state(place, now)) for place, one in enumerate(found)]


def days(request: TownRequest, view: ProgrammeView, *, terms: ProgrammeTerms) -> Chart:
    """The document's days as a picture with today."""
    spans = [
        Span(say(request, each.ja, each.en), each.first, each.last or each.first)
        for each in sorted(_planned(terms), key=lambda one: one.first or date.min) if each.first is not None
    ]
    return timeline(spans, today=day(request.at), family=view.family, language=request.language)


def _planned(terms: ProgrammeTerms) -> Iterator[Station]:
    match terms.obtaining:
        case Sale(rounds=rounds):
            for one in rounds:
                ja, en = (f"({one.name.ja})", f" ({one.name.en})") if len(rounds) > 1 else ("", "")
                if one.application:
                    first, last = one.application.first_day, one.application.last_day
                    yield Station(f"申込{ja}", f"Applications{en}", first, last)
                if one.drawn_on:
                    yield Station(f"抽選{ja}", f"Draw{en}", one.drawn_on)
                yield Station(f"販売{ja}", f"Sale{en}", one.purchase.first_day, one.purchase.last_day)
        case GrantByCode(entering=window):
            yield Station("コードの入力", "Codes entered", window.first_day, window.last_day)
        case GrantByPayment(window=window):
            yield Station("支払いと付与", "Payments and points", window.first_day, window.last_day)
        case GrantByAction(window=window):
            yield Station("行動と付与", "Actions and points", window.first_day, window.last_day)
        case GrantByList(choosing=choosing, paid_on=paid_on):
            yield Station("受け取り方の選択", "Choosing", choosing.first_day, choosing.last_day)
            yield Station("支給", "Payment", paid_on)
    yield Station("利用", "In use", terms.spending.window.first_day, last_spending_day(terms))
    yield Station("店の請求の期限", "Shops' last claim", terms.refunds.shop_claims_until)
    yield Station("効果の確かめ", "Judged", terms.evaluation.follow_until)


def _has_begun(one: Station, today: date, *, launched: bool) -> bool:
    return one.first is not None and one.first <= today and (launched or one.ja == "設計")


def _state(place: int, now: set[int]) -> str:
    if place in now:
        return "now"
    return "done" if place < max(now) else "ahead"


def _station(request: TownRequest, one: Station, *, state: str) -> dict[str, Any]:
    last = one.last
    until = say(request, f"{last.month}月{last.day}日まで", f"until {last.day} {last:%b}") if last else ""
    return {"name": say(request, one.ja, one.en), "day": one.first, "state": state, "note": until}


def question(request: TownRequest, view: ProgrammeView, *, terms: ProgrammeTerms) -> str:
    """What an officer should ask of the programme today."""
    today = day(request.at)
    if view.state == "draft":
        return say(request, "この案で承認を求めてよいですか", "Is this draft ready to be submitted?")
    if view.state == "proposed":
        return say(request, "この事業を公開してよいですか", "Can this be launched?")
    if view.state == "closed":
        return say(request, "清算は済みましたか", "Has everything been settled?")
    if today < terms.spending.window.first_day:
        return say(request, "利用開始までに何が要りますか", "What is missing before spending begins?")
    if today <= last_spending_day(terms):
        return say(request, "計画どおりに使われていますか", "Is it being spent as planned?")
    return say(request, "店への支払いと効果の確かめは済みましたか", "Is everything paid out and judged?")


BADGES = {"draft": "draft", "proposed": "waiting", "launched": "live", "closed": "closed"}
"""A programme's state as a badge of the design."""
