"""What every page knows: the frame's own names (town, banner, demo strip, who is signed in) and the actor."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from meguri.faces.entrance.people import home_of
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.entrance.strength import is_demo_entry
from meguri.parties.queries import Hat


def page(request: TownRequest) -> dict[str, Any]:
    """The context processor. Before the middlewares have run (an early error page) it gives nothing."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return {}
    town, hat = request.town, request.hat
    name = hat_name(hat, request.language) if hat else ""
    return {
        "language": request.language,
        "at": request.at,
        "town": town,
        "invented_town": town is not None and town.kind != "real",
        "demo": bool(settings.DEMO),
        "demo_strip": _demo_strip(request, name),
        "actor": actor,
        "hat": hat,
        "hats": request.hats,
        "signed_in": {"name": name, "url": reverse("entrance:hats")} if hat else None,
        "home_url": home_of(actor.role),
    }


def hat_name(hat: Hat, language: str) -> str:
    return hat.name_en if language == "en" else hat.name_ja


def _demo_strip(request: TownRequest, name: str) -> dict[str, Any] | None:
    if not settings.DEMO:
        return None
    who = name if is_demo_entry(request) else ""
    return {"who": who, "url": reverse("entrance:people"), "clock": request.at}
