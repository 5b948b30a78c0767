"""The fiscal year in the books: open, then in its closing period, then closed for ever. Pure.

In the closing period (出納整理期間, 1 April to 31 May) only what settles duties that arose by 31 March may still be
dated into the year that ended (地方自治法235条の5): takings that become payable, and cash. Templates say which they are
(`settles_year`). After it, nothing may.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from meguri.ledger.rules import Posting
from meguri.ledger.templates import TEMPLATES
from meguri.words.period import FiscalYear, day_of
from meguri.words.refusal import Refusal, declare
from meguri.words.yen import Unit

EFFECTIVE_TOO_EARLY = declare(
    "effective_too_early",
    ja="{year:ja}は出納整理期間です。前年度の日付で記帳できるのは、3月31日までに生じた義務の精算と受け払いだけです。"
    "今日の日付で記帳してください。",
    en="{year:en} is in its closing period: only what settles duties that arose by 31 March may still be dated into "
    "it. Please use today's date.",
)
YEAR_CLOSED = declare(
    "year_closed",
    ja="{year:ja}は締め切られました。この日付では記帳できません。今日の日付で記帳してください。",
    en="{year:en} has been closed. Nothing can be dated into it any more; please use today's date.",
)
YEAR_NOT_OVER = declare(
    "year_not_over",
    ja="{year:ja}のこの手続きは、{day}からできます。",
    en="This step of {year:en} can be taken from {day} on.",
)

YearState = Literal["closing", "closed"]
"""What a fiscal year that is over may be brought to, in this order."""

SETTLING = tuple(sorted(name for name, template in TEMPLATES.items() if template.settles_year))
"""The templates that the closing period knows."""

DATED = {kind.code: kind for kind in (EFFECTIVE_TOO_EARLY, YEAR_CLOSED)}
"""Refusals of the door whose sentence names the fiscal year of a posting."""


def spoken(year: FiscalYear) -> Unit:
    """The year in both languages, for sentences."""
    return Unit(year.name_ja, year.name_en)


def refused_for_its_year(code: str, posting: Posting) -> Refusal:
    """Why a posting cannot be dated as it is, in the words of its fiscal year."""
    return DATED[code].refusal(field="at", year=spoken(FiscalYear.of(day_of(posting.at))))


def first_day_to(state: YearState, year: FiscalYear) -> date:
    """From which day a year may be brought to a state: 1 April after it, 1 June after it."""
    return date(year.year + 1, 4 if state == "closing" else 6, 1)


@dataclass(frozen=True, slots=True)
class YearEnd:
    """A step that a fiscal year has taken: to which state, by whom, when. It stands for ever."""

    year: int
    state: YearState
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class YearEnds:
    """The last fiscal year that is in its closing period or behind it, and the last that is closed (None: none yet)."""

    closing: int | None = None
    closed: int | None = None
