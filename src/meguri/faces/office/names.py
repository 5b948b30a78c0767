"""Programmes by names that tell them apart: towns run a voucher of the same name year after year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import say
from meguri.programmes import queries
from meguri.programmes.queries import ProgrammeView


def names_of(request: TownRequest, found: Sequence[ProgrammeView] | None = None) -> dict[UUID, str]:
    """The name of each programme of the town (or of these) in the reader's language.

    One that shares its name with any other of the town is told with its code.
    """
    town = queries.programmes(request.municipality)
    names = {each.id: say(request, each.name_ja, each.name_en) for each in town}
    times = Counter(names.values())
    return {
        each.id: f"{names[each.id]} [{each.code}]" if times[names[each.id]] > 1 else names[each.id]
        for each in (town if found is None else found)
    }
