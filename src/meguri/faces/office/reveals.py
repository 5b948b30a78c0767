"""Names and addresses stand in the vault: whoever must see them says why, and that is written down for good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import (
    EVERYTHING,
    PAGE,
    called,
    cursor_of,
    department_names,
    may,
    officer_names,
    officers_only,
    page,
    say,
    short,
)
from meguri.faces.office.tables import csv_of, is_csv, table, when
from meguri.parties.operations import reveal_people
from meguri.parties.rules import ROLE_NAMES, require
from meguri.vault.queries import reveals
from meguri.vault.rules import VISIBLE, Field
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal

FIELDS = {
    Field.NAME: ("氏名", "Name"), Field.KANA: ("ふりがな", "Reading"), Field.ADDRESS: ("住所", "Address"),
    Field.PHONE: ("電話", "Phone"), Field.EMAIL: ("メール", "E-mail"), Field.BANK_ACCOUNT: ("口座", "Bank account"),
    Field.RESIDENT_NUMBER: ("宛名番号", "Register number"),
    Field.HOUSEHOLD_NUMBER: ("世帯番号", "Household number"), Field.WORKPLACE: ("勤め先", "Workplace"),
    Field.SCHOOL: ("学校", "School"), Field.PHOTO: ("行動の写真", "Photo of an action"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page about a person shows of the vault: nothing until a reason was given."""

    may: bool
    asked: bool = False
    facts: tuple[dict[str, str], ...] = ()
    refusal: Refusal | None = None
    names: tuple[str, ...] = ()


def shown(request: TownRequest, subjects: Mapping[str, UUID], *, fields: Sequence[Field]) -> Shown:
    """Reveal those of the fields that the role may see, of the subjects by their part on the page, for a reason.

    The answer is shown once, by this very response; nothing of it is kept outside the vault. A shielded address is left
    out, not even marked.
    """
    wanted = [each for each in fields if each in VISIBLE.get(request.actor.role, ())]
    names = tuple(say(request, *FIELDS[each]) for each in wanted)
    if not wanted or not may(request, "vault.reveal"):
        return Shown(may=False)
    if request.method != "POST" or request.POST.get("act") != "reveal":
        return Shown(may=True, names=names)
    try:
        found = reveal_people(
            list(subjects.values()), wanted, reason=request.POST.get("reason", ""), by=request.actor, at=request.at
        )
    except Refusal as refusal:
        return Shown(may=True, refusal=refusal, names=names)
    facts = [fact for part, who in subjects.items() for fact in _facts(request, part, known=found.get(who, {}))]
    return Shown(may=True, asked=True, facts=tuple(facts), names=names)


def _facts(request: TownRequest, part: str, *, known: Mapping[Field, Any]) -> list[dict[str, str]]:
    """What the vault gave about one subject, in the order of the fields; that it knows nothing is said, too."""
    head = f"{part} — " if part else ""
    if not known:
        none = say(request, "登録がありません", "Not registered")
        return [{"label": f"{head}{say(request, *FIELDS[Field.NAME])}", "value": none}]
    return [{"label": f"{head}{say(request, *FIELDS[each])}", "value": _text(known[each])} for each in known]


def _text(value: Any) -> str:
    return " ".join(str(part) for part in value.values()) if isinstance(value, dict) else str(value)


@officers_only
@require_GET
def revealed(request: TownRequest) -> HttpResponse:
    """Who saw whose data, which fields, why: newest first."""
    require(request.actor, "vault.see_log")
    found = reveals(
        municipality=request.municipality, after=cursor_of(request),
        limit=EVERYTHING if is_csv(request, "reveals") else PAGE,
    )
    rooms, names = department_names(request), officer_names(request)
    listed = table(
        request, "reveals", caption=("個人情報の閲覧の記録", "Log of personal data seen"),
        columns=[
            ("いつ", "When", "keep"), ("誰が", "Who"), ("所属", "Department"), ("役割", "Role"), ("誰の", "Whose"),
            ("項目", "Fields"), ("理由", "Reason"),
        ],
        rows=[
            [when(each.at, request, style="year"), called(names, each.party, language=request.language),
             rooms.get(each.department, each.department), _role(request, each.role), short(each.subject),
             "、".join(say(request, *FIELDS[Field(name)]) for name in each.fields), each.reason]
            for each in found
        ],
        after=found[-1].id if len(found) == PAGE else None,
        empty=("まだ誰も見ていません", "Nobody has looked yet"),
    )  # fmt: skip
    return csv_of(request, listed) or page(request, "reveals", way="reveals", table=listed)


def _role(request: TownRequest, role: str) -> str:
    name = ROLE_NAMES[ActorRole(role)]
    return say(request, name.ja, name.en)
