"""To whom a refusal is told: the sentence of `not_allowed`, for somebody whose role is the right one."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpRequest

from meguri.parties.permissions import PERMISSIONS, Scope
from meguri.parties.queries import departments
from meguri.parties.rules import NOT_ALLOWED, Both
from meguri.words.refusal import Refusal

NOT_ALLOWED_HERE = replace(
    NOT_ALLOWED,
    ja="これは{place:ja}のものです。「{action:ja}」ことは、自分の{own:ja}のものについてだけできます。"
       "いまの役割: {hat:ja}。",
    en="This belongs to {place:en}. You may {action:en} for your own {own:en} only. You are here as: {hat:en}.",
)  # fmt: skip
"""The same "no", when the role could but the object is another one's: then it is not the role that is missing."""


def told_to(request: HttpRequest, refusal: Refusal) -> Refusal:
    """The refusal as it is told to who is asking: `not_allowed` for somebody else's object does not blame the role.

    Names the object's department when the refusal carries its code as the fact `department`.
    """
    hat, permission = getattr(request, "hat", None), PERMISSIONS.get(refusal.limit)
    scope = permission.grants.get(hat.actor.role) if permission is not None and hat is not None else None
    if refusal.kind is not NOT_ALLOWED or hat is None or scope not in _PLACES:
        return refusal
    own, other = _PLACES[scope]
    place = _department(str(refusal.facts.get("department", "")), municipality=hat.actor.municipality) or other
    worn = Both(hat.name_ja, hat.name_en)
    facts = {**refusal.facts, "place": place, "own": own, "hat": worn}
    return NOT_ALLOWED_HERE.refusal(field=refusal.field, limit=refusal.limit, **facts)


_PLACES = {
    Scope.OWN_DEPARTMENT: (Both("課", "department"), Both("ほかの課", "another department")),
    Scope.OWN: (Both("担当や持ちもの", "things"), Both("ほかの人やほかの店", "somebody else")),
}


def _department(code: str, *, municipality: int) -> Both | None:
    found = (one for one in departments(municipality) if one.code == code) if code else iter(())
    return next((Both(one.name_ja, one.name_en) for one in found), None)
