"""Missions of a document: a bonus for what a person's actions add up to, such as a stamp rally or a streak.

Each counts in one way, and only actions that were granted, in days of Asia/Tokyo.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from meguri.programmes.part import Code, Part, Text, Window

Wanted = Annotated[int, Meta(ge=1, le=1_000)]


class Rally(Part, frozen=True, kw_only=True, tag_field="by", tag="places"):
    """So many different places: `wanted` of the `places` that the town opens for the actions."""

    wanted: Wanted
    places: Wanted


class SoOften(Part, frozen=True, kw_only=True, tag_field="by", tag="times"):
    """The n-th time: done `wanted` times, on whatever days."""

    wanted: Wanted


class Span(StrEnum):
    """What follows one on another in a streak. Weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"


class Streak(Part, frozen=True, kw_only=True, tag_field="by", tag="streak"):
    """So many days or weeks in a row, in each at least once; `grace` of them may be left out on the way."""

    wanted: Annotated[int, Meta(ge=2, le=366)]
    span: Span = Span.DAY
    grace: Annotated[int, Meta(ge=0, le=60)] = 0

    @property
    def length(self) -> int:
        """The days or weeks in which it must be done."""
        return self.wanted + self.grace


class FirstTime(Part, frozen=True, kw_only=True, tag_field="by", tag="first"):
    """The first time ever in this programme, if it falls into the mission's window."""


class Comeback(Part, frozen=True, kw_only=True, tag_field="by", tag="comeback"):
    """Coming back after at least so many whole days without any of the actions."""

    days: Annotated[int, Meta(ge=1, le=366)]


Counting = Rally | SoOften | Streak | FirstTime | Comeback


class Mission(Part, frozen=True, kw_only=True):
    """What actions add up to, and the bonus (yen) for it, given to a person up to `times` times.

    `actions` count, each by its code. `goal` is how many bonuses the town hopes to give.
    """

    code: Code
    name: Text
    yen: Annotated[int, Meta(ge=1, le=10**6)]
    actions: tuple[Code, ...]
    counting: Counting
    times: Annotated[int, Meta(ge=1, le=1_000)] = 1
    window: Window | None = None  # none: as long as actions earn
    funded_by: Code | None = None  # an agreement or fund of its own; else the purse's
    goal: int = 0
