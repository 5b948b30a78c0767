"""Pure decisions about steps that residents bring: which days count, a day's number, what is looked at first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from meguri.parties.rules import Both
from meguri.programmes.points.rules import REPORT_WITHIN_DAYS, Held
from meguri.words.refusal import declare

FILE_UNREADABLE = declare(
    "steps_file_unreadable", status=422,
    ja="このファイルからは歩数を読み取れません。iPhoneの「ヘルスケア」の書き出し(zip)か、日付と歩数のあるCSVを選んでください。",
    en="No steps can be read from this file. "
    "Please choose an export of Apple Health (zip), or a CSV with dates and steps.",
)
FILE_TOO_LARGE = declare(
    "steps_file_too_large", status=422,
    ja="ファイルが大きすぎるため、途中で読むのをやめました。期間を短くして書き出すか、担当課へご相談ください。",
    en="The file is too large, so reading stopped. Please export a shorter time, or ask the department.",
)
STEPS_BUSY = declare(
    "steps_busy", status=503,
    ja="ほかの方のファイルを読んでいます。1分ほどおいて、もう一度送ってください。",
    en="Somebody else's file is being read. Please send yours again in a minute.",
)
NO_DAYS = declare(
    "steps_no_days", status=422,
    ja="ファイルに、{first:ja}から今日までの歩数がありません。電話の日付が合っているかも確かめてください。",
    en="The file has no steps from {first:en} until today. Please also check that the phone's date is right.",
)
BROUGHT_UNKNOWN = declare(
    "steps_unknown", status=404,
    ja="この歩数は見つかりません。ファイルをもう一度送ってください。",
    en="These steps cannot be found. Please send the file again.",
)
TOO_FEW = declare(
    "steps_too_few", status=422,
    ja="{steps}歩なので、目標の{goal}歩に届いていません。",
    en="{steps} steps: the goal of {goal} is not reached.",
)

STEPS_PLAUSIBLE = 100_000
"""Of one day: about 70 km. Beyond it somebody looks before it counts."""
STEPS_MOST = 10**9
"""A larger number is told as this one."""
SAME_DAYS = 3
"""So many days with exactly the steps of another person are no chance."""


class StepSource(StrEnum):
    """Where the steps of a day were read."""

    APPLE_HEALTH = "apple_health"
    GOOGLE_FIT = "google_fit"
    CSV = "csv"
    APP = "app"  # sent by a program, day by day


SOURCES: Mapping[str, Both] = {
    StepSource.APPLE_HEALTH: Both("Appleヘルスケア", "Apple Health"),
    StepSource.GOOGLE_FIT: Both("Google Fit", "Google Fit"),
    StepSource.CSV: Both("CSV", "CSV"),
    StepSource.APP: Both("アプリ", "an app"),
}


@dataclass
class DaysTaken:
    """The days of a file that count, from `first` to `today`, each with the largest number that one device told.

    Phone and watch count the same walk: adding them would count it twice. The larger is never too many; it may be too
    few for whoever wears now one and now the other, and no file says which steps were the same.
    """

    first: date
    today: date
    older: bool = False
    ahead: int = 0
    by_hand: int = 0
    unreadable: int = 0
    _most: dict[date, int] = field(default_factory=dict)

    @property
    def well_before(self) -> str:
        """As text: a day that is before `first` wherever on earth the clock stood."""
        return (self.first - timedelta(days=2)).isoformat()

    def counts(self, on: date) -> bool:
        """Whether the day counts; notes why not."""
        self.older |= on < self.first
        self.ahead += on > self.today
        return self.first <= on <= self.today

    def take(self, on: date, steps: int) -> None:
        self._most[on] = max(self._most.get(on, 0), min(steps, STEPS_MOST))

    def days(self) -> dict[date, int]:
        return dict(sorted(self._most.items()))


def first_day(today: date) -> date:
    """The earliest day whose steps still count: as late as any deed may be told."""
    return today - timedelta(days=REPORT_WITHIN_DAYS)


def held_for(steps: int, *, is_copied: bool) -> str:
    """Why somebody looks at a day before it counts; empty: it counts at once."""
    if steps > STEPS_PLAUSIBLE:
        return Held.STEPS_MANY
    return Held.STEPS_SAME if is_copied else ""
