"""From a session to an actor: which hats a signed-in person has, and which one is on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.entrance.strength import is_strong
from meguri.parties.queries import Hat, hats
from meguri.parties.rules import OFFICER_ROLES
from meguri.words.actor import Actor, ActorRole

HAT = "hat"
"""Session key: the key of the hat that is on."""

HOMES = {
    ActorRole.RESIDENT: "/wallet/", ActorRole.CLERK: "/till/", ActorRole.OWNER: "/till/",
    ActorRole.PARTNER: "/partner/", ActorRole.VISITOR: "/", **dict.fromkeys(OFFICER_ROLES, "/office/"),
}
"""Where each role is at home."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody at the door: the actor, the hat that is on, all hats, and those withheld until a stronger sign-in."""

    actor: Actor
    hat: Hat | None = None
    hats: tuple[Hat, ...] = ()
    withheld: tuple[Hat, ...] = ()


def municipality_here() -> int:
    """The municipality that this installation shows to people who are not signed in."""
    return int(getattr(settings, "MUNICIPALITY", 1))


def municipality_of(request: HttpRequest) -> int:
    """The municipality of the signed-in person, else the one shown here."""
    return int(getattr(request.user, "municipality", 0) or municipality_here())


def standing_of(request: HttpRequest, at: datetime) -> Standing:
    """Who stands at the door at a moment of the town's clock. The hat is the chosen one, else the first."""
    municipality = municipality_of(request)
    if not request.user.is_authenticated:
        return Standing(actor=Actor(municipality, ActorRole.VISITOR))
    owned = hats(request.user.party, municipality=municipality, at=at)
    strong = not any(hat.is_officer for hat in owned) or is_strong(request)
    worn = tuple(hat for hat in owned if strong or not hat.is_officer)
    withheld = tuple(hat for hat in owned if hat not in worn)
    if not worn:
        return Standing(actor=Actor(municipality, ActorRole.VISITOR, request.user.party), withheld=withheld)
    hat = next((hat for hat in worn if hat.key == request.session.get(HAT)), worn[0])
    return Standing(actor=hat.actor, hat=hat, hats=worn, withheld=withheld)


def put_on(request: TownRequest, key: str) -> Hat | None:
    """Put on one of the person's hats; none if there is no such hat (now)."""
    for hat in request.hats:
        if hat.key == key:
            request.session[HAT] = key
            return hat
    return None


def home_of(role: ActorRole) -> str:
    return HOMES.get(role, "/")
