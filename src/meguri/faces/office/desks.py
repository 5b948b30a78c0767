"""A kind's desk answers only to the departments that run such a programme."""

from __future__ import annotations

from meguri.faces.entrance.requests import TownRequest
from meguri.parties import queries as parties
from meguri.parties.rules import Both, require
from meguri.programmes import queries as programmes
from meguri.words.refusal import declare

OTHER_DEPARTMENT_NEEDED = declare(
    "other_department_needed", status=403,
    ja="これは{departments:ja}の仕事場です。いまの所属({own:ja})では開けません。",
    en="This desk belongs to: {departments:en}. You are here for: {own:en}.",
)


def require_desk(request: TownRequest, action: str, *, family: str) -> None:
    """The role by the table of permissions, the department by the programmes. As long as nobody runs one, none owns it.

    Raises Refusal `not_allowed` or `other_department_needed`.
    """
    require(request.actor, action, department=request.actor.department)
    homes = {each.department for each in programmes.programmes(request.municipality) if each.family == family}
    if homes and request.actor.department not in homes:
        raise OTHER_DEPARTMENT_NEEDED.refusal(
            departments=_named(request, homes), own=_named(request, {request.actor.department})
        )


def _named(request: TownRequest, codes: set[str]) -> Both:
    rooms = {each.code: (each.name_ja, each.name_en) for each in parties.departments(request.municipality)}
    known = [rooms.get(code, (code, code)) for code in sorted(codes)]
    return Both("・".join(ja for ja, _ in known), ", ".join(en for _, en in known))
