"""The life of a programme as stations on a line, today marked; and the one question of its present stage.

The calendar says what is due; that something was done says only what the town has recorded (`happened`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from meguri.faces.design.charts import Chart
from meguri.faces.design.figures import as_day, show_day
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import say
from meguri.faces.office.happened import Happened
from meguri.faces.office.timeline import Span, timeline
from meguri.parties.rules import Both
from meguri.programmes.campaign_terms import GrantByCampaign
from meguri.programmes.parts import GrantByAction, GrantByCode, GrantByList, GrantByPayment, Sale
from meguri.programmes.queries import ProgrammeView
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.timing import is_over, last_spending_day
from meguri.words.clock import day
from meguri.words.yen import show_yen

State = Literal["done", "now", "ahead", "late"]
NOT_OPENED = Both("まだ開いていません", "not opened yet")
NEVER_OPENED = Both("開かれないまま過ぎました", "passed without being opened")
NOT_LAUNCHED = Both("公開されないまま、この日を過ぎました", "this day has passed without a launch")
BEFORE_LAUNCH = Both("公開より前に過ぎていました", "had passed before the launch")
CLOSED_BEFORE = Both("事業を閉じたので、ありません", "not held: the programme was closed before")
NOT_DRAWN = Both("まだ抽選していません", "not drawn yet")
NO_CODES = Both("コードの手紙をまだ作っていません", "no letters with codes yet")
NO_LIST = Both("支給を決めた名簿がまだありません", "no list has been decided yet")
NOT_PAID = Both("まだ支給していません", "not paid yet")
NOTHING_GIVEN = Both("だれにも渡されていません", "nothing has been handed out")
TO_JUDGE = Both("この日を過ぎました。効果を確かめて公表します", "this day has passed: judge the effect and publish it")
GIVING = frozenset({"opened", "drawn", "bought", "coded", "window", "listed", "paid"})
"""Kinds of stations at which value comes into being: of a closed programme none is held any more."""


@dataclass(frozen=True, slots=True)
class Station:
    """Something planned. `kind` says by which record it counts as done; `of`: the round that it belongs to."""

    kind: str
    name: Both
    first: date
    last: date | None = None
    of: str = ""

    @property
    def end(self) -> date:
        return self.last or self.first


def stations(
    request: TownRequest, view: ProgrammeView, *, terms: ProgrammeTerms, happened: Happened
) -> list[dict[str, Any]]:
    """Stations in the order of their days. Now is all that lasts, as a sale and its use do; else what was done last."""
    today = day(request.at)
    planned = sorted(_planned(terms), key=lambda one: one.first)
    passed = [("設計", "Designed", as_day(view.drafted_at))]
    launch: list[dict[str, Any]] = []
    if view.launched_at is None:
        is_late = planned[0].first < today
        launch = [_shown(request, Both("公開", "Launch"), on=None, state="late" if is_late else "ahead", note=say(
            request, "文書の最初の日を過ぎました", "the first day of the document has passed") if is_late else "")]
    else:
        passed.append(("公開", "Launched", as_day(view.launched_at)))
    judged = [_judged(one, view, today=today, happened=happened) for one in planned]
    shown = [_shown(request, Both(ja, en), on=on, state="done") for ja, en, on in passed] + launch
    shown += [_station(request, one, state=state, note=note, today=today)
              for one, (state, note) in zip(planned, judged, strict=True)]
    if view.closed_at is not None:
        closed = as_day(view.closed_at)
        place = len(passed) + sum(one.first <= closed for one in planned)
        shown.insert(place, _shown(request, Both("終了", "Closed"), on=closed, state="now"))
    elif all(each["state"] != "now" for each in shown):
        [each for each in shown if each["state"] == "done"][-1]["state"] = "now"
    return shown


def late(
    request: TownRequest, view: ProgrammeView, *, terms: ProgrammeTerms, happened: Happened
) -> tuple[Station, Both] | None:
    """The first station that should have been and was not, with what is missing; None where all is in time."""
    today = day(request.at)
    for one in sorted(_planned(terms), key=lambda one: one.first):
        state, note = _judged(one, view, today=today, happened=happened)
        if state == "late" and note is not None:
            return one, note
    return None


def days(request: TownRequest, view: ProgrammeView, *, terms: ProgrammeTerms) -> Chart:
    """The document's days as a picture with today."""
    spans = [
        Span(say(request, each.name.ja, each.name.en), each.first, each.end)
        for each in sorted(_planned(terms), key=lambda one: one.first)
    ]
    now = ""
    if view.launched_at is None:
        now = say(request, "まだ公開していないので、どれも予定です。", "Not launched yet: all of this is a plan.")
    elif view.closed_at is not None:
        now = say(request, "閉じた事業です。", "This programme is closed.")
    return timeline(spans, today=day(request.at), family=view.family, language=request.language, now=now)


def _planned(terms: ProgrammeTerms) -> Iterator[Station]:
    match terms.obtaining:
        case Sale(rounds=rounds):
            for one in rounds:
                ja, en = (f"({one.name.ja})", f" ({one.name.en})") if len(rounds) > 1 else ("", "")
                if one.application:
                    window = one.application
                    name = Both(f"申込{ja}", f"Applications{en}")
                    yield Station("opened", name, window.first_day, window.last_day, one.code)
                if one.drawn_on:
                    yield Station("drawn", Both(f"抽選{ja}", f"Draw{en}"), one.drawn_on, None, one.code)
                window, kind = one.purchase, "bought" if one.drawn_on else "opened"
                yield Station(kind, Both(f"販売{ja}", f"Sale{en}"), window.first_day, window.last_day, one.code)
        case GrantByCode(entering=window):
            yield Station("coded", Both("コードの入力", "Codes entered"), window.first_day, window.last_day)
        case GrantByPayment(window=window):
            yield Station("window", Both("支払いと付与", "Payments and points"), window.first_day, window.last_day)
        case GrantByCampaign(window=window):
            yield Station("window", Both("支払いと付与", "Payments and points"), window.first_day, window.last_day)
        case GrantByAction(window=window):
            yield Station("window", Both("行動と付与", "Actions and points"), window.first_day, window.last_day)
        case GrantByList(choosing=window, paid_on=paid_on):
            yield Station("listed", Both("受け取り方の選択", "Choosing"), window.first_day, window.last_day)
            yield Station("paid", Both("支給", "Payment"), paid_on)
    spending = terms.spending.window.first_day
    yield Station("used", Both("利用", "In use"), spending, max(spending, last_spending_day(terms)))
    yield Station("claimed", Both("店の請求の期限", "Shops' last claim"), terms.refunds.shop_claims_until)
    yield Station("judged", Both("効果の確かめ", "Judged"), terms.evaluation.follow_until)


def _judged(
    one: Station, view: ProgrammeView, *, today: date, happened: Happened
) -> tuple[State, Both | None]:
    """Where a station stands, and what is to be said of it."""
    if view.closed_at is not None and one.kind in GIVING and as_day(view.closed_at) < one.first:
        return "ahead", CLOSED_BEFORE
    if today < one.first:
        return "ahead", None
    if view.launched_at is None:
        return "ahead", NOT_LAUNCHED if one.end < today else None
    if one.end < as_day(view.launched_at):
        return "late", BEFORE_LAUNCH
    if (missing := _missing(one, today=today, happened=happened)) is not None:
        return "late", missing
    return "now" if one.last is not None and today <= one.last else "done", None


def _missing(one: Station, *, today: date, happened: Happened) -> Both | None:
    """What the town's records lack of a station whose first day has come."""
    is_past = one.end < today
    owed = Both(f"{show_yen(happened.owed_yen)}がまだ支払われていません",
                f"{show_yen(happened.owed_yen, 'en')} are not paid out yet")
    is_missing, note = {
        "opened": (one.of not in happened.opened, NEVER_OPENED if is_past else NOT_OPENED),
        "drawn": (is_past and one.of not in happened.drawn, NOT_DRAWN),
        "bought": (one.of not in happened.drawn, NOT_DRAWN),
        "coded": (not happened.coded, NO_CODES),
        "window": (False, NOTHING_GIVEN),
        "listed": (not happened.listed, NO_LIST),
        "paid": (is_past and not happened.paid, NOT_PAID),
        "used": (is_past and not happened.given, NOTHING_GIVEN),
        "claimed": (is_past and happened.owed_yen > 0, owed),
        "judged": (is_past, TO_JUDGE),
    }[one.kind]  # fmt: skip
    return note if is_missing else None


def _station(
    request: TownRequest, one: Station, *, state: State, note: Both | None, today: date
) -> dict[str, Any]:
    until = ""
    if one.last:
        on = show_day(one.last, request.language, style="year" if one.last.year != one.first.year else "")
        until = say(request, f"{on}まで", f"until {on}")
    said = say(request, note.ja, note.en) if note else ""
    joined = say(request, "。", "; ").join(each for each in (until, said) if each)
    return _shown(request, one.name, on=one.first, state=state, note=joined)


def _shown(request: TownRequest, name: Both, *, on: date | None, state: State, note: str = "") -> dict[str, Any]:
    shown = show_day(on, request.language, style="year") if on else ""
    return {"name": say(request, name.ja, name.en), "day": shown, "state": state, "note": note}


def question(request: TownRequest, view: ProgrammeView, *, terms: ProgrammeTerms, happened: Happened) -> str:
    """What an officer should ask of the programme today."""
    today = day(request.at)
    match view.state:
        case "draft" | "proposed" if is_over(terms, today=today):
            both = "日付を、いつに移しますか", "To when shall its days be moved?"
        case "draft":
            both = "この案で承認を求めてよいですか", "Is this draft ready to be submitted?"
        case "proposed":
            both = "この事業を公開してよいですか", "Can this be launched?"
        case "closed" if happened.owed_yen:
            both = "残っている支払いは、いつ済みますか", "When will what is still owed be paid?"
        case "closed":
            both = "次の事業に何を活かしますか", "What does the next programme learn from this one?"
        case _:
            return _of_running(request, view, terms=terms, happened=happened)
    return say(request, *both)


def _of_running(request: TownRequest, view: ProgrammeView, *, terms: ProgrammeTerms, happened: Happened) -> str:
    today = day(request.at)
    if (behind := late(request, view, terms=terms, happened=happened)) is not None:
        name = behind[0].name
        return say(request, f"遅れている「{name.ja}」を、どうしますか", f"“{name.en}” is late: what is to be done?")
    if today < terms.spending.window.first_day:
        return say(request, "利用開始までに何が要りますか", "What is missing before spending begins?")
    if today <= last_spending_day(terms):
        return say(request, "計画どおりに使われていますか", "Is it being spent as planned?")
    return say(request, "店への支払いは、期限までに済みますか", "Will the shops be paid in time?")


BADGES = {"draft": "draft", "proposed": "waiting", "launched": "live", "closed": "closed"}
"""A programme's state as a badge of the design."""
