"""Steps that a resident brings: kept by day and looked at first, then counted as deeds of actions that ask for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from meguri.parties.rules import require
from meguri.programmes.points import step_rules
from meguri.programmes.points.brought import copied, request_of, step_actions
from meguri.programmes.points.models import Action, StepDay
from meguri.programmes.points.operations.judging import Report
from meguri.programmes.points.operations.recording import record_actions
from meguri.programmes.points.rules import said
from meguri.programmes.points.step_rules import StepSource
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.period import day_of, day_start
from meguri.words.refusal import Refusal

KEPT_UNCOUNTED = timedelta(days=1)
"""Days that were looked at and never counted are forgotten after so long."""


@transaction.atomic
def bring_steps(days: Mapping[date, int], *, source: StepSource, digest: str, by: Actor, at: datetime) -> UUID:
    """Keep the days of a file to be looked at; nothing counts yet. Gives the number under which they are counted.

    What was brought before and not counted is forgotten. Raises Refusal `not_allowed`, `steps_no_days`.
    """
    require(by, "action.record", owner=by.party)
    assert by.party is not None  # noqa: S101 - a permission of scope OWN has an owner
    first, today = step_rules.first_day(day_of(at)), day_of(at)
    good = {on: min(steps, step_rules.STEPS_MOST) for on, steps in days.items() if first <= on <= today and steps >= 0}
    if not good:
        raise step_rules.NO_DAYS.refusal(field="file", first=said(day_start(first)))
    uncounted = StepDay.objects.filter(municipality=by.municipality, counted_at=None)
    uncounted.filter(resident=by.party).delete()
    uncounted.filter(brought_at__lt=at - KEPT_UNCOUNTED).delete()
    brought = uuid7(at)
    StepDay.objects.bulk_create(
        StepDay(
            id=uuid7(at), municipality=by.municipality, brought=brought, resident=by.party, day=on, steps=steps,
            source=source, digest=digest, brought_at=at,
        )
        for on, steps in sorted(good.items())
    )  # fmt: skip
    return brought


@transaction.atomic
def count_steps(*, brought: UUID, by: Actor, at: datetime) -> None:
    """Record, for every day that reaches it, each open action that asks for steps; counting again is the same.

    A day counts once for an action, whatever file brings it. What no honest day looks like is held (`rules.Held`).
    Order: permission, the days (locked), the deeds as `record_actions`, why some earned nothing.
    Raises Refusal `not_allowed`, `steps_unknown`.
    """
    require(by, "action.record", owner=by.party)
    assert by.party is not None  # noqa: S101 - a permission of scope OWN has an owner
    rows = list(StepDay.objects.select_for_update().filter(
        municipality=by.municipality, brought=brought, resident=by.party
    ).order_by("day"))  # fmt: skip
    if not rows:
        raise step_rules.BROUGHT_UNKNOWN.refusal()
    if rows[0].counted_at is not None:
        return
    actions = step_actions(by.municipality)
    asked = [(row, action) for action, terms in actions for row in rows if row.steps >= (terms.steps or 0)]
    answers = record_actions(_reports(asked, by=by, at=at), municipality=by.municipality, at=at)
    for (row, action), answer in zip(asked, answers, strict=True):
        if isinstance(answer, Refusal):
            row.refused[str(action.id)] = {"ja": answer.sentence("ja"), "en": answer.sentence("en")}
    for row in rows:
        row.counted_at = at
    StepDay.objects.bulk_update(rows, ["counted_at", "refused"])


def _reports(asked: Sequence[tuple[StepDay, Action]], *, by: Actor, at: datetime) -> list[Report]:
    """Noon stands for a day that is over: the step counter told no hour."""
    if not asked:
        return []
    of, days = asked[0][0], {row.day: row.steps for row, _ in asked}
    is_copied = copied(days, of.digest, resident=of.resident, municipality=of.municipality)
    return [
        Report(
            action=action.id, request=request_of(action, resident=row.resident, on=row.day), by=by,
            done_at=at if row.day == day_of(at) else day_start(row.day) + timedelta(hours=12), steps=row.steps,
            held_for=step_rules.held_for(row.steps, is_copied=is_copied),
        )
        for row, action in asked
    ]  # fmt: skip
