"""A draw that anybody may recompute: the platform does so too, and what agrees stands ready for an hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.core.cache import cache
from django.http import JsonResponse

from meguri.faces.entrance.requests import TownRequest

KEPT_S = 3600
"""An hour, so that a change to the books behind a draw is seen the same day."""


class Recomputed(Protocol):
    """Whatever says whether its results, computed anew, are the published ones; None while there are none."""

    @property
    def agrees(self) -> bool | None: ...


Drawn = TypeVar("Drawn", bound=Recomputed)


def recomputed(
    request: TownRequest, *, kind: str, number: UUID, compute: Callable[[], Drawn]
) -> tuple[Drawn, datetime]:
    """The draw and when it was recomputed. What does not agree is never kept: somebody may be mending it."""
    key = f"{kind}:{request.municipality}:{number}"
    kept: tuple[Drawn, datetime] | None = cache.get(key)
    if kept is not None:
        return kept
    found = compute()
    if found.agrees:
        cache.set(key, (found, request.at), KEPT_S)
    return found, request.at


def facts_file(facts: Mapping[str, Any], *, name: str) -> JsonResponse:
    """Facts as a file that people can read and a script can check."""
    answer = JsonResponse(facts, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
