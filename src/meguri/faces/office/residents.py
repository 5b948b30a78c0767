"""A person of the register at the desk: found by number, and given a code that joins their own phone to it."""

from __future__ import annotations

import io
from enum import StrEnum
from uuid import UUID

from django.http import FileResponse, HttpResponse
from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office import addressees as post
from meguri.faces.office.by_number import NOBODY_WITH_NUMBER, person_by_number
from meguri.faces.office.frame import chosen, do_once, may, officers_only, page, picked, say
from meguri.faces.office.letter_paper import LARGE, letters_pdf
from meguri.faces.office.letter_words import join_sheet
from meguri.faces.office.print_page import reason_of, sender_of
from meguri.faces.office.print_run import drawn_and_not
from meguri.parties import operations, queries
from meguri.parties.operations.joining import LETTER_LASTS
from meguri.parties.queries import ResidentFacts
from meguri.parties.rules import require
from meguri.vault.queries import login_of
from meguri.vault.rules import Field
from meguri.words.period import day_of
from meguri.words.refusal import Refusal, declare

NO_LETTER_TO = declare(
    "no_letter_to",
    ja="この方には手紙を出せません(支援措置、または氏名・住所の登録がありません)。窓口で渡してください。",
    en="No letter can go to this person (protected, or no name and address). Please hand the code over at the desk.",
)
SIGN_UNPRINTABLE = declare(
    "sign_unprintable",
    ja="氏名か住所に書けない文字があります({signs})。窓口で渡すか、手で書いてください。",
    en="The name or address holds a sign that cannot be printed ({signs}). Please hand the code over at the desk.",
)


class Handing(StrEnum):
    """How the code reaches the person."""

    DESK = "desk"  # over the desk, after an ID was seen
    LETTER = "letter"


HANDINGS = {
    Handing.DESK: ("窓口で渡す(本人確認書類を見ました)", "Hand it over here (I have seen an ID)"),
    Handing.LETTER: ("登録の住所へ郵送する", "Post it to the registered address"),
}


@officers_only
def residents(request: TownRequest) -> HttpResponse | FileResponse:
    """Find a person by the register's number; make the paper with a code."""
    require(request.actor, "party.see_resident")
    person, refusal = None, None
    try:
        person = _person(request)
        if request.POST.get("act") == "invite" and person is not None:
            made = do_once(request, lambda: _invited(request, person))
            if made is not None:
                return made
    except Refusal as no:
        refusal = no
    return page(
        request, "residents", way="residents", refusal=refusal, person=_shown(request, person) if person else None,
        may_invite=may(request, "party.invite_resident"),
        handings=[{"value": each, "label": say(request, *words)} for each, words in HANDINGS.items()],
    )  # fmt: skip


def _person(request: TownRequest) -> UUID | None:
    """Who was asked for: by number when searched, by the form's own field after that; None on a fresh page."""
    if request.method != "POST":
        return None
    if request.POST.get("act") == "invite":
        return chosen(request, "resident")
    return person_by_number(request)


def _facts(request: TownRequest, person: UUID) -> ResidentFacts:
    facts = queries.resident_facts([person], municipality=request.municipality, on=day_of(request.at)).get(person)
    if facts is None:
        raise NOBODY_WITH_NUMBER.refusal(field="number")
    return facts


def _shown(request: TownRequest, person: UUID) -> dict[str, object]:
    """What the desk needs to see: facts of the register, no name; whether there is a way in, and an open code."""
    facts, login = _facts(request, person), login_of(person, municipality=request.municipality)
    return {
        "id": person, "facts": facts, "has_way_in": login is not None, "seen": login is not None and login.seen,
        "demo": login is not None and login.demo,
        "code_until": queries.open_code(person, municipality=request.municipality, at=request.at),
    }


def _invited(request: TownRequest, person: UUID) -> FileResponse:
    """The code and its paper together or not at all. Raises Refusal."""
    handing = picked(request, "handing", kind=Handing)
    name, address = _addressed(request, person) if handing is Handing.LETTER else ("", "")
    code = operations.invite_resident(
        person, by=request.actor, at=request.at, replaces=bool(request.POST.get("replaces"))
    )
    sheet = join_sheet(
        code, until=day_of(request.at + LETTER_LASTS), name=name, address=address,
        sender=sender_of(
            request.municipality, department=request.actor.department, path=reverse("entrance:join"), at=request.at
        ),
    )
    sheets, signs = drawn_and_not([sheet])
    if signs:
        raise SIGN_UNPRINTABLE.refusal(field="handing", signs="; ".join(signs))
    paper = io.BytesIO(letters_pdf(sheets, title="登録コード", size=LARGE))
    response = FileResponse(paper, as_attachment=True, filename="register-code.pdf", content_type="application/pdf")
    response["Cache-Control"] = "no-store"
    return response


def _addressed(request: TownRequest, person: UUID) -> tuple[str, str]:
    """Name and address for the window, revealed for the officer's reason. Raises Refusal `no_letter_to`."""
    to = post.addressees(
        [person], [Field.NAME, Field.ADDRESS], reason=reason_of(request, "登録コードの手紙"), by=request.actor,
        at=request.at,
    )  # fmt: skip
    if person not in to.known:
        raise NO_LETTER_TO.refusal(field="handing")
    return to.of(person)
