"""What every page of the office shares: who may enter, the ways at the side, acts by button, words, pseudonyms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import DataError, transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from psycopg.errors import StringDataRightTruncation

from meguri.faces.entrance.acting import acting_as
from meguri.faces.entrance.once import first_time
from meguri.faces.entrance.refusals import with_wait
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.ways import ways_for
from meguri.parties import queries as parties
from meguri.parties.rules import OFFICER_ROLES, ROLE_NAMES, Facts, allows
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal, declare

officers_only = acting_as(*(role for role in ActorRole if role in OFFICER_ROLES))

PAGE = 50
EVERYTHING = 100_000
"""How many rows a CSV file of a long list may have."""
TOTAL_MOST = 999_999_999_999
"""The largest sum that a budget, a list or a settlement of a town may come to (yen)."""

TEXT_TOO_LONG = declare(
    "text_too_long", status=422,
    ja="書いた文({length}文字)が長すぎて記録できません。短くして、もう一度送ってください。",
    en="What you wrote ({length} characters) is too long to be kept. Please shorten it and send it again.",
)
NOTHING_CHOSEN = declare(
    "nothing_chosen", status=422, ja="どれかを選んでください。", en="Please choose one."
)

Kind = TypeVar("Kind", bound=StrEnum)
Made = TypeVar("Made")


def page(
    request: TownRequest, template: str, *, way: str, path: Sequence[tuple[str, str]] = (), status: int = 200,
    refusal: Refusal | None = None, **values: Any,
) -> HttpResponse:
    """Render a page of the office. `way` is the current one, `path` what stands between the desk and this page.

    With a refusal the page says it, keeps what was typed (`form`) and answers with the kind's status.
    """
    language = request.language
    crumbs = [(reverse("office:desk"), say(request, "自分の机", "My desk")), *path]
    errors = {refusal.field: refusal.sentence(language)} if refusal is not None and refusal.field else {}
    context = {
        "nav_groups": ways_for(request, current=way),
        "path": [{"url": url, "label": label} for url, label in crumbs] if path else [],
        "form": request.POST, "refusal": refusal, "errors": errors, **values,
    }  # fmt: skip
    told = refusal.kind.status if refusal else status
    return with_wait(render(request, f"office/{template}.html", context, status=told), refusal)


def say(request: TownRequest, *both: str) -> str:
    """The one of two sentences, Japanese and English, that the reader understands."""
    ja, en = both
    return ja if request.language == "ja" else en


def done(request: TownRequest, *both: str) -> None:
    """Say at the head of the next page what has happened: a Japanese and an English sentence."""
    messages.success(request, say(request, *both))


def attempt(request: TownRequest, acts: Mapping[str, Callable[[], object]]) -> Refusal | None:
    """Do what the pressed button (`act`) names, once a form; gives the refusal, if it was one."""
    act = acts.get(request.POST.get("act", ""))
    if act is None:
        raise BadRequest("no such act")
    try:
        do_once(request, act)
    except Refusal as refusal:
        return refusal
    return None


def do_once(request: TownRequest, act: Callable[[], Made]) -> Made | None:
    """Do it unless this very form was taken before (a double press): then only say so, and give None.

    The claim and the deed stand or fall together, so a refused form can be mended and sent again.
    """
    try:
        with transaction.atomic():
            if first_time(request):
                return act()
    except DataError as wrong:
        raise _too_long(request, wrong) from None
    messages.warning(request, say(
        request, "この画面からの手続きは、すでに受け付けています。もう一度行うときは、画面を開き直してください。",
        "This form has been taken already. To do it again, please open the page anew.",
    ))  # fmt: skip
    return None


def _too_long(request: TownRequest, wrong: DataError) -> Exception:
    """A text beyond its column is the writer's to shorten; any other fault of the data stays a fault.

    Fields say their length to the browser; this is for what comes past the browser.
    """
    if not isinstance(wrong.__cause__, StringDataRightTruncation):
        return wrong
    name, longest = max(((key, str(text)) for key, text in request.POST.items()), key=lambda pair: len(pair[1]))
    return TEXT_TOO_LONG.refusal(field=name, length=len(longest))


def chosen(request: TownRequest, name: str) -> UUID:
    """The id that a form's choice sent; Refusal `nothing_chosen` for none. What is no id is no request of our forms."""
    typed = request.POST.get(name)
    if typed == "":
        raise NOTHING_CHOSEN.refusal(field=name)
    found = uuid_of(typed or "")
    if found is None:
        raise BadRequest(f"no {name} was chosen")
    return found


def picked(request: TownRequest, name: str, *, kind: type[Kind]) -> Kind:
    """The word that a form's choice sent."""
    try:
        return kind(request.POST.get(name, ""))
    except ValueError:
        raise BadRequest(f"no {name} was picked") from None


def may(request: TownRequest, action: str, *, department: str = "") -> bool:
    """Whether a button for this action is worth showing; the operation asks again."""
    return allows(request.actor, action, facts=Facts(department=department, municipality=request.municipality))


def cursor_of(request: TownRequest) -> UUID | None:
    """The last row of the page before, from `?after=`."""
    return uuid_of(request.GET.get("after", ""))


def uuid_of(text: str) -> UUID | None:
    """A typed or chosen id; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None


def officer_names(request: TownRequest) -> dict[UUID, str]:
    """What the officers of today are called: department, role and the end of their pseudonym."""
    rooms = {each.code: say(request, each.name_ja, each.name_en) for each in parties.departments(request.municipality)}
    names: dict[UUID, str] = {}
    for one in parties.officers(municipality=request.municipality, at=request.at):
        role = ROLE_NAMES[one.role]
        said = f"{rooms.get(one.department, one.department)} {say(request, role.ja, role.en)}"
        names.setdefault(one.officer, f"{said} ({short(one.officer)})")
    return names


def called(names: Mapping[UUID, str], officer: UUID | None, *, language: str) -> str:
    """An officer's name for a list; somebody who has left is told by the end of the pseudonym."""
    if officer is None:
        return "自動処理" if language == "ja" else "scheduled task"
    return names.get(officer) or (f"職員 ({short(officer)})" if language == "ja" else f"officer ({short(officer)})")


def short(number: UUID) -> str:
    """The end of an id, enough to tell two rows apart."""
    return f"…{str(number)[-6:]}"


def department_names(request: TownRequest) -> dict[str, str]:
    """Code of a department -> its name in the reader's language."""
    return {each.code: say(request, each.name_ja, each.name_en) for each in parties.departments(request.municipality)}
