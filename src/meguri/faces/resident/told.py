"""What the town told me: what matters first, each on its own; points, which come every day, by the day and folded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import cursor, holder_of, page, residents_only
from meguri.faces.resident.home import PAGE, ROUTINE
from meguri.notices import operations, queries
from meguri.notices.queries import NoticeView
from meguri.words import clock
from meguri.words.refusal import Language

ROUTINE_PAGE = 90
DAYS_OPEN = 5
"""Older days of points are folded once more: they ask for nothing."""
WHERE_TO = {
    "voucher.won": "resident:get", "voucher.received": "resident:get", "voucher.bought": "resident:home",
    "benefit.decided": "resident:get", "benefit.paid": "resident:home", "point.refused": "resident:actions",
    "point.withdrawn": "resident:debt", "point.photo": "resident:actions", "mission.completed": "resident:missions",
    "mission.withdrawn": "resident:missions",
    "payment.refunded": "resident:history", "voucher.reserved": "resident:get",
    "voucher.code_entered": "resident:home", "wallet.expiring": "resident:home",
    "voucher.moved_up": "resident:get", "voucher.payment_early": "resident:get",
    "voucher.payment_withdrawn": "resident:get", "voucher.payment_to_refund": "resident:get",
    "voucher.sale_undone": "resident:get",
    "wallet.extended": "resident:home", "wallet.wound_up": "resident:history",
    "programme.amended": "resident:coming", "commuter": "resident:commuting",
}  # fmt: skip
"""The page of the wallet on which one can act on a notice of this topic."""


@dataclass(frozen=True, slots=True)
class RoutineDay:
    """A day's routine notices: how many, how many of them new, and each sentence with how often it came."""

    on: date
    count: int
    unread: int
    said: tuple[tuple[str, int], ...]


@residents_only
@never_cache
@require_GET
def notices(request: TownRequest) -> HttpResponse:
    """Shown is read: what stands on this page is marked, after it has been chosen what to call new."""
    holder, town = holder_of(request), request.municipality
    found = queries.inbox(holder, municipality=town, after=cursor(request), limit=PAGE, other_than=ROUTINE)
    routine = () if cursor(request) else queries.inbox(holder, municipality=town, limit=ROUTINE_PAGE, topic=ROUTINE)
    days = by_day(routine, language=request.language)
    answer = page(
        request, "notices", way="home", days=days, days_open=DAYS_OPEN, days_folded=max(len(days) - DAYS_OPEN, 0),
        notices=[{"it": each, "where": WHERE_TO.get(each.topic, "")} for each in found],
        next_url=f"?after={found[-1].id}" if len(found) == PAGE else "", further=cursor(request) is not None,
    )  # fmt: skip
    for each in (*found, *routine):
        if each.read_at is None:
            operations.mark_read(each.id, by=request.actor, at=request.at)
    return answer


def by_day(routine: Iterable[NoticeView], *, language: Language) -> list[RoutineDay]:
    """Group notices, newest first, by the day in Japan on which they were made."""
    days = []
    for on, group in groupby(routine, key=lambda each: clock.day(each.made_at)):
        told = list(group)
        said = Counter(each.wording.title(language) for each in told)
        unread = sum(each.read_at is None for each in told)
        days.append(RoutineDay(on, len(told), unread, tuple(said.items())))
    return days
