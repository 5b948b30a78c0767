"""Plain facts that make somebody look at one waiting deed before another. They sort a queue and refuse nothing.

None of them proves anything: a family comes to one counter together, and who takes the 7:40 bus takes it daily.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from meguri.parties.rules import Both
from meguri.programmes.points.models import ActionRecord, RecordState, StepDay
from meguri.programmes.points.photos import SamePhoto, same_photos
from meguri.programmes.points.queries import Done
from meguri.words.period import in_japan

CROWD_WITHIN, CROWD_LEAST = timedelta(seconds=15), 3
BURST_WITHIN, BURST_LEAST = timedelta(minutes=10), 4
HABIT_DAYS, HABIT_LEAST = 14, 4
NO_LONGER = timedelta(days=HABIT_DAYS)
COUNT_MOST = 10
"""A larger count weighs as this one, so that no single fact drowns the rest."""


@dataclass(frozen=True, slots=True)
class Deed:
    """A deed as far as the facts ask. `printed`: at a place whose code hangs there for good."""

    resident: UUID
    action: UUID
    done_at: datetime
    state: str
    place: UUID | None = None
    printed: bool = False
    has_steps: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """One fact: how much was counted, what it weighs, and how it is said."""

    code: str
    count: int
    weight: int
    words: Both

    @property
    def points(self) -> int:
        return self.weight * min(self.count, COUNT_MOST)


def doubts(
    deed: Deed, *, near: Iterable[Deed], same_file: int = 0, photo: SamePhoto | None = None
) -> tuple[Doubt, ...]:
    """What speaks for looking at this deed first, heaviest first. `near`: others' and own deeds about that time.

    `same_file`: how many other people brought the same file of steps; `photo`: where its photo came before.
    """
    near = list(near)
    counted = {code: count(deed, near) for code, count in _COUNTS.items()} | {
        "same_file": same_file, "same_photo": photo.own if photo else 0,
        "photo_of_others": photo.others if photo else 0,
    }  # fmt: skip
    found = [
        Doubt(code, counted[code], weight, Both(ja.format(n=counted[code]), en.format(n=counted[code])))
        for code, (least, weight, ja, en) in _FACTS.items() if counted[code] >= least
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda each: -each.points))


def score(found: Iterable[Doubt]) -> int:
    """What a queue is sorted by: the facts' weights, added."""
    return sum(each.points for each in found)


def doubts_of(records: Sequence[Done], *, municipality: int) -> dict[UUID, tuple[Doubt, ...]]:
    """The facts about each of these records (a page of them), by record."""
    if not records:
        return {}
    people, first = {each.resident for each in records}, min(each.done_at for each in records) - NO_LONGER
    last = max(each.done_at for each in records) + NO_LONGER
    rows = ActionRecord.objects.filter(municipality=municipality)
    own = Q(resident__in=people, done_at__gte=first, done_at__lte=last)
    crowd = Q()
    for each in records:
        span = each.done_at - CROWD_WITHIN, each.done_at + CROWD_WITHIN
        crowd |= Q(place__rotating=False, action=each.action, done_at__range=span)
    near = {row.id: _deed(row) for row in rows.filter(own | crowd).select_related("place")}
    shared = _shared_files(people, municipality=municipality)
    photos = same_photos({each.id for each in records}, municipality=municipality)
    return {
        each.id: doubts(
            near[each.id], near=(deed for number, deed in near.items() if number != each.id),
            same_file=shared[each.resident] if each.steps else 0, photo=photos.get(each.id),
        )
        for each in records
    }  # fmt: skip


def _deed(row: ActionRecord) -> Deed:
    return Deed(
        resident=row.resident, action=row.action_id, done_at=row.done_at, state=row.state, place=row.place_id,
        printed=row.place is not None and not row.place.rotating, has_steps=row.steps is not None,
    )


def _shared_files(people: set[UUID], *, municipality: int) -> Counter[UUID]:
    """How many other people counted a file that each of these brought."""
    counted = StepDay.objects.filter(municipality=municipality, counted_at__isnull=False)
    own = set(counted.filter(resident__in=people).values_list("resident", "digest").distinct())
    whose = set(counted.filter(digest__in={digest for _, digest in own}).values_list("digest", "resident").distinct())
    others = Counter(digest for digest, _ in whose)
    most: Counter[UUID] = Counter()
    for resident, digest in own:
        most[resident] = max(most[resident], others[digest] - 1)
    return most


def _crowd(deed: Deed, near: Sequence[Deed]) -> int:
    if not deed.printed:
        return 0
    return len({
        each.resident for each in near
        if each.place == deed.place and each.resident != deed.resident
        and abs(each.done_at - deed.done_at) <= CROWD_WITHIN
    })  # fmt: skip


def _burst(deed: Deed, near: Sequence[Deed]) -> int:
    """A file of steps tells many days at once: that is no burst."""
    if deed.has_steps:
        return 0
    return 1 + sum(
        each.resident == deed.resident and not each.has_steps and abs(each.done_at - deed.done_at) <= BURST_WITHIN
        for each in near
    )


def _habit(deed: Deed, near: Sequence[Deed]) -> int:
    if deed.has_steps:
        return 0
    minute = in_japan(deed.done_at).strftime("%H:%M")
    days = {
        in_japan(each.done_at).date() for each in near
        if (each.resident, each.action) == (deed.resident, deed.action)
        and in_japan(each.done_at).strftime("%H:%M") == minute
    }  # fmt: skip
    return len(days - {in_japan(deed.done_at).date()})


def _found_wrong(deed: Deed, near: Sequence[Deed]) -> int:
    wrong = (RecordState.REFUSED, RecordState.WITHDRAWN)
    return sum(each.resident == deed.resident and each.state in wrong for each in near)


_COUNTS: dict[str, Callable[[Deed, Sequence[Deed]], int]] = {
    "crowd": _crowd, "burst": _burst, "habit": _habit, "found_wrong": _found_wrong,
}  # fmt: skip
_FACTS: dict[str, tuple[int, int, str, str]] = {
    "photo_of_others": (1, 6, "同じ写真を、ほかに{n}人が送っています", "{n} other people sent the same photo"),
    "same_photo": (1, 5, "同じ写真を、この人がほかに{n}件の記録で送っています",
                   "this person sent the same photo with {n} other records"),
    "same_file": (1, 5, "同じ歩数のファイルを、ほかに{n}人が送っています",
                  "{n} other people sent the same file of steps"),
    "found_wrong": (1, 3, "この人の記録は、この2週間に{n}件が認められないか取り消されました",
                    "{n} of this person's records of two weeks were declined or withdrawn"),
    "crowd": (CROWD_LEAST, 2, "印刷したコードの場所で、前後15秒に{n}人が記録しました",
              "{n} others recorded within 15 seconds at this place, whose code is printed"),
    "burst": (BURST_LEAST, 1, "前後10分に、この人の記録が{n}件あります",
              "{n} records of this person within 10 minutes"),
    "habit": (HABIT_LEAST, 1, "この2週間のほかの{n}日にも、同じ時刻(分まで)に記録しました",
              "recorded at the same minute on {n} other days of two weeks"),
}
"""By fact: from which count it is one, its weight for each that is counted, and its words."""
