"""Stamps and missions: what is filled, what is still missing and until when, what came in. Nothing here urges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from meguri.faces.design import charts
from meguri.faces.design.charts import TallyMark, TallyState
from meguri.faces.design.charts.tally_card import STATES
from meguri.faces.design.figures import show_day
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import holder_of, page, residents_only
from meguri.programmes.points.mission_views import MissionView, missions_of
from meguri.words.refusal import Language

UNITS = {"places": ("か所", "places", "place"), "times": ("回", "times", "time"), "streak": ("日", "days", "day"),
         "first": ("回", "times", "time"), "comeback": ("回", "times", "time")}  # fmt: skip
WEEKS = ("週", "weeks", "week")
TIMES_DRAWN_MOST = 21
"""A mission of more times than this is told in words alone."""
A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Card:
    """A mission as it is shown: its picture (None: words are enough), how far it is, what is missing, and where."""

    it: MissionView
    chart: charts.Chart | None
    far: str
    missing: str
    where: str
    state: str  # open, done, waits, over


@residents_only
@require_GET
def missions(request: TownRequest) -> HttpResponse:
    """All missions of mine: those under way first."""
    found = missions_of(holder_of(request), municipality=request.municipality, at=request.at)
    return page(request, "missions", way="get", cards=[card_of(each, request.language) for each in found])


def card_of(it: MissionView, language: Language) -> Card:
    """The words and the picture of a mission, in the reader's language."""
    return Card(
        it, _chart(it, language), _far(it, language), _missing(it, language), _open_places(it, language), _state(it)
    )


def _state(it: MissionView) -> str:
    if it.progress.waits and it.days_left:
        return "waits"  # once it is over, no further action tries again
    if it.progress.is_over:
        return "done"
    return "open" if it.days_left else "over"


def _many(number: int, it: MissionView, *, language: Language) -> str:
    unit = WEEKS if _is_weekly(it) else UNITS[it.kind]
    if language == "ja":
        return f"{number:,}{unit[0]}"
    return f"{number:,} {unit[2] if number == 1 else unit[1]}"


def _is_weekly(it: MissionView) -> bool:
    days = [day for day, _ in it.progress.row[:2]]
    return it.kind == "streak" and len(days) > 1 and (days[1] - days[0]).days == A_WEEK


def _far(it: MissionView, language: Language) -> str:
    """How far it is, as the picture's title says it."""
    if it.progress.done >= it.progress.wanted:
        return "達成しました" if language == "ja" else "Completed"
    if it.kind in ("first", "comeback"):
        return ""
    wanted, done = (_many(number, it, language=language) for number in (it.progress.wanted, it.progress.done))
    if language == "ja":
        return f"{wanted}のうち{done}まで来ました" if it.progress.done else f"{wanted}で達成です"
    completes = "completes" if it.progress.wanted == 1 else "complete"
    return f"{it.progress.done:,} of {wanted} so far" if it.progress.done else f"{wanted} {completes} it"


def _missing(it: MissionView, language: Language) -> str:
    """What is still missing; nothing where nothing was begun, and nothing once it is done."""
    if not it.progress.done or it.missing <= 0 or not it.days_left:
        return ""
    left = _many(it.missing, it, language=language)
    return f"あと{left}です。" if language == "ja" else f"{left} to go."


def _chart(it: MissionView, language: Language) -> charts.Chart | None:
    marks = _marks(it, language)
    if not marks:
        return None
    return charts.tally_card(
        marks, title=_far(it, language), desc=_told(marks, language), language=language,
        columns=4 if it.kind == "places" else A_WEEK,
    )  # fmt: skip


def _told(marks: list[TallyMark], language: Language) -> str:
    """The card in words, for whoever hears it."""
    place = language == "en"
    comma, colon, stop = ("、", ": ", "。") if not place else (", ", ": ", ". ")
    groups = [(STATES[state][place], [each.label for each in marks if each.state is state]) for state in STATES]
    return "".join(f"{name}{colon}{comma.join(labels)}{stop}" for name, labels in groups if labels).strip()


def _open_places(it: MissionView, language: Language) -> str:
    """The places that are not reached yet, while it is under way."""
    if it.progress.done >= it.progress.wanted:
        return ""
    names = [each.name.ja if language == "ja" else each.name.en for each in it.places if not each.reached]
    return ("、" if language == "ja" else ", ").join(names)


def _marks(it: MissionView, language: Language) -> list[TallyMark]:
    match it.kind:
        case "places":
            named = [(each.name.ja if language == "ja" else each.name.en, each.reached) for each in it.places]
            return [TallyMark(name, TallyState.DONE if reached else TallyState.OPEN) for name, reached in named]
        case "streak":
            return [TallyMark(_day(day, language), _STATES[done]) for day, done in it.progress.row]
        case "times" if it.progress.wanted <= TIMES_DRAWN_MOST:
            return [TallyMark(f"{number}", TallyState.DONE if number <= it.progress.done else TallyState.OPEN)
                    for number in range(1, it.progress.wanted + 1)]
    return []


_STATES = {True: TallyState.DONE, False: TallyState.LEFT_OUT, None: TallyState.OPEN}


def _day(day: date, language: Language) -> str:
    return show_day(day, language, style="short")
