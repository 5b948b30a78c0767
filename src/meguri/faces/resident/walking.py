"""Steps of my phone: send the file, look at what counts day by day, then put it into the wallet."""

from __future__ import annotations

import threading
from typing import BinaryIO, cast
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import holder_of, page, residents_only
from meguri.programmes.points import brought as brought_of
from meguri.programmes.points import operations as points
from meguri.programmes.points import queries as points_of
from meguri.programmes.points.step_files import StepFile, read_steps
from meguri.programmes.points.step_rules import FILE_UNREADABLE, STEPS_BUSY, first_day
from meguri.words import clock
from meguri.words.refusal import Refusal

_READING = threading.BoundedSemaphore(1)
"""A large file takes one core for half a minute: one at a time, so that the town's other pages stay quick."""
READING_WAIT_S = 20
LEFT_OUT = ("ahead", "by_hand", "unreadable")


@residents_only
def steps(request: TownRequest) -> HttpResponse:
    """Choose the file; of what is read only days and numbers are kept, and nothing counts yet."""
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            return _brought(request)
        except Refusal as said:
            refusal = said
    doable = points_of.doable(holder_of(request), municipality=request.municipality, at=request.at)
    return page(
        request, "steps", way="get", status=refusal.kind.status if refusal else 200, refusal=refusal,
        first=first_day(clock.day(request.at)), doable=[each for each in doable if each.steps],
    )  # fmt: skip


def _brought(request: TownRequest) -> HttpResponse:
    sent = request.FILES.get("file")
    if sent is None or sent.file is None:
        raise FILE_UNREADABLE.refusal(field="file")
    found = _read(request, cast("BinaryIO", sent.file))
    number = points.bring_steps(found.days, source=found.source, digest=found.digest, by=request.actor, at=request.at)
    left_out = [f"{name}={count}" for name in LEFT_OUT if (count := getattr(found, name))]
    return redirect("?".join([reverse("resident:brought", args=[number]), "&".join(left_out)]).rstrip("?"))


def _read(request: TownRequest, file: BinaryIO) -> StepFile:
    if not _READING.acquire(timeout=READING_WAIT_S):
        raise STEPS_BUSY.refusal()
    try:
        today = clock.day(request.at)
        return read_steps(file, first=first_day(today), today=today)
    finally:
        _READING.release()


@residents_only
def count(request: TownRequest, brought: UUID) -> HttpResponse:
    """Each day and what comes of it: a look ahead, and after the button what came in."""
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            points.count_steps(brought=brought, by=request.actor, at=request.at)
            return redirect("resident:brought", brought=brought)
        except Refusal as said:
            refusal = said
    found = brought_of.brought(brought, resident=holder_of(request), municipality=request.municipality)
    left_out = {name: request.GET[name] for name in LEFT_OUT if request.GET.get(name, "").isdecimal()}
    return page(
        request, "steps_brought", way="get", status=refusal.kind.status if refusal else 200, refusal=refusal,
        found=found, left_out=left_out,
    )  # fmt: skip
