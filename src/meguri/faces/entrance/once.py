"""A form counts once: forms of offices and companies carry a fresh number, and the first press of it wins."""

from __future__ import annotations

from uuid import UUID

from django.core.cache import cache

from meguri.faces.entrance.requests import TownRequest

REMEMBERED = 24 * 60 * 60
"""How long a form's number is remembered (seconds): longer than an officer's session lasts."""


def first_time(request: TownRequest) -> bool:
    """Whether this form was not taken before. A request without a number (a program's) is always the first.

    The number is written into the database's own cache within the caller's transaction: of two presses at one moment
    the second waits for the first, and what is rolled back was never taken.
    """
    try:
        number = UUID(request.POST.get("once", ""))
    except ValueError:
        return True
    return bool(cache.add(f"office:{request.municipality}:{request.actor.party}:{number}", 1, REMEMBERED))
