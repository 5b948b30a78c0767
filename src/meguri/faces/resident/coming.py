"""What changes from when: the amendments that wait for their first day, mine first, and what they mean for me."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from meguri.faces.design.figures import show_day
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import holder_of, page, residents_only
from meguri.programmes import queries
from meguri.programmes.benefits import queries as benefits
from meguri.programmes.queries import Announced
from meguri.programmes.texts import for_person, for_residents
from meguri.programmes.vouchers import queries as vouchers
from meguri.wallets import queries as wallets

COMING = frozenset({"decided", "chosen"})
"""A benefit in these states is still to be paid."""


@residents_only
@require_GET
def coming(request: TownRequest) -> HttpResponse:
    """Every announced change that people would notice; where none waits, the page says so."""
    waiting = queries.announced(request.municipality)
    held, awaited = (_held(request), _awaited(request)) if waiting else (frozenset(), frozenset())
    rows = [_row(request, each, held=held, awaited=awaited) for each in waiting]
    found = [row for row in rows if row["changes"]]
    return page(request, "coming", way="get", found=sorted(found, key=lambda row: not row["mine"]))


def coming_days(request: TownRequest) -> dict[UUID, str]:
    """By programme, the day from which people will notice a change."""
    return {
        each.programme.id: _day(request, each)
        for each in queries.announced(request.municipality) if for_residents(each.change)
    }  # fmt: skip


def _row(
    request: TownRequest, each: Announced, *, held: AbstractSet[UUID], awaited: AbstractSet[UUID]
) -> dict[str, Any]:
    programme, language = each.programme, request.language
    holds, applied = programme.id in held, programme.id in awaited
    return {
        "programme": programme, "day": _day(request, each), "reason": each.reason, "mine": holds or applied,
        "changes": [one.plain(language) for one in for_residents(each.change)],
        "for_person": [one.plain(language) for one in for_person(each.change, holds=holds, applied=applied)],
    }  # fmt: skip


def _held(request: TownRequest) -> frozenset[UUID]:
    """The programmes of which I have something in my wallet."""
    mine = wallets.wallet(holder_of(request), municipality=request.municipality, at=request.at)
    return frozenset(purse.kind.programme for purse in mine.purses) if mine else frozenset()


def _awaited(request: TownRequest) -> frozenset[UUID]:
    """The programmes for which I have applied, or of which something was decided for me and is still to come."""
    me, town = holder_of(request), request.municipality
    decided = benefits.benefits_of(me, municipality=town, at=request.at)
    return frozenset({
        *(each.programme for each in vouchers.unfinished_of(me, municipality=town)),
        *(each.programme for each in decided if each.state in COMING),
    })


def _day(request: TownRequest, each: Announced) -> str:
    return show_day(each.first_day, request.language, style="year")
