"""From an idea to a request for approval: draft, change, submit, send back."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.parties import operations as parties
from meguri.parties.rules import Both, require
from meguri.programmes.models import Programme, ProgrammeState, TermsVersion
from meguri.programmes.queries import PROGRAMME_UNKNOWN
from meguri.programmes.terms import ProgrammeTerms, digest, from_tree, write_terms
from meguri.programmes.timing import is_over, last_issue, last_spending_day
from meguri.programmes.validation import validate
from meguri.programmes.vocabularies import DECLARED
from meguri.words.actor import Actor
from meguri.words.clock import day
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

PROGRAMME_NOT_DRAFT = declare(
    "programme_not_draft",
    ja="記号「{name}」の事業は、いま{now:ja}です。その案を変えるには、承認の求めを取り下げるか、変更の手続きをしてください。"
       "別の事業を作るには、文書の記号(code)を別のものにしてください。",
    en="The programme “{name}” is {now:en}. To change it, withdraw the request for approval or propose an amendment; "
       "for another programme, give the document another code.",
)
PROGRAMME_NOT_PROPOSED = declare(
    "programme_not_proposed",
    ja="この事業は、いま{now:ja}です。先に承認を求めてください。",
    en="This programme is {now:en}. Have it submitted for launch first.",
)
STATES_NOW = {
    ProgrammeState.DRAFT: Both("下書き", "a draft"), ProgrammeState.PROPOSED: Both("承認待ち", "waiting for approval"),
    ProgrammeState.LAUNCHED: Both("実施中", "running"), ProgrammeState.CLOSED: Both("終了", "closed"),
}
"""How a sentence says what a programme is at the moment."""
PROGRAMME_HAS_ERRORS = declare(
    "programme_has_errors", status=422,
    ja="この文書のままでは始められません({count}件)。まず「{path}」: {first:ja}",
    en="The document cannot be launched as it is ({count} errors). First, “{path}”: {first:en}",
)
PROGRAMME_IS_OVER = declare(
    "programme_is_over", status=422,
    ja="この事業は、始める前に終わっています。手に入れられるのは{obtained}まで、使えるのは{spent}までです。"
       "下書きの日付を先へ移してから、承認を求めてください。",
    en="This programme would be over before it begins: value can be obtained until {obtained} and spent until {spent}. "
       "Move the days of its draft ahead, then submit it.",
)
CODE_BELONGS_TO_OTHERS = declare(
    "code_belongs_to_others",
    ja="事業の記号「{name}」は、ほかの課の事業で使われています。別の記号にしてください。",
    en="The programme code “{name}” belongs to another department. Please choose another.",
)


@transaction.atomic
def draft_programme(*, terms: ProgrammeTerms, by: Actor, at: datetime) -> UUID:
    """Keep a document as the draft of the programme of its code; gives the programme's id.

    A draft may contradict itself; it is judged when it is submitted. The same document again changes nothing.
    Order: permission, lock the programme of that code, write it and its draft version.
    Raises Refusal `not_allowed`, `code_belongs_to_others`, `programme_not_draft`.
    """
    require(by, "programme.draft", department=terms.department)
    fresh = Programme(
        id=uuid7(at), municipality=by.municipality, code=terms.code, department=terms.department, family=terms.family,
        name_ja=terms.name.ja, name_en=terms.name.en, drafted_at=at,
    )
    Programme.objects.bulk_create([fresh], ignore_conflicts=True)
    kept = Programme.objects.select_for_update().get(municipality=by.municipality, code=terms.code)
    if kept.department != terms.department:
        raise CODE_BELONGS_TO_OTHERS.refusal(name=terms.code, field="code")
    if kept.state != ProgrammeState.DRAFT:
        raise PROGRAMME_NOT_DRAFT.refusal(name=kept.code, now=state_now(kept), field="code")
    kept.family, kept.name_ja, kept.name_en = terms.family, terms.name.ja, terms.name.en
    kept.save(update_fields=["family", "name_ja", "name_en"])
    TermsVersion.objects.update_or_create(
        programme=kept, number=kept.number,
        defaults={"document": json.loads(write_terms(terms, "json")), "digest": digest(terms), "drafted_by": by.party},
        create_defaults={
            "id": uuid7(at), "municipality": by.municipality, "document": json.loads(write_terms(terms, "json")),
            "digest": digest(terms), "drafted_by": by.party, "drafted_at": at,
        },
    )
    return kept.id


@transaction.atomic
def submit_for_launch(*, programme: UUID, by: Actor, at: datetime, note: str = "") -> UUID:
    """Ask a checker to launch the draft as it is now; gives the approval's id. Submitting again is the same request.

    Order: lock the programme, ask the permission, judge the document, propose its digest.
    Raises Refusal `programme_unknown`, `not_allowed`, `programme_not_draft`, `programme_has_errors`,
    `programme_is_over`.
    """
    kept = locked_programme(programme, by)
    require(by, "programme.submit", department=kept.department, municipality=kept.municipality)
    if kept.state not in {ProgrammeState.DRAFT, ProgrammeState.PROPOSED}:
        raise PROGRAMME_NOT_DRAFT.refusal(name=kept.code, now=state_now(kept))
    version = current_version(kept)
    terms = from_tree(version.document)
    refuse_errors(terms)
    refuse_over(terms, at=at)
    version.approval = parties.propose(
        "programme.launch", object_id=kept.id, digest=version.digest, by=by, at=at, department=kept.department,
        note=note,
    )
    version.save(update_fields=["approval"])
    kept.state = ProgrammeState.PROPOSED
    kept.save(update_fields=["state"])
    return version.approval


@transaction.atomic
def withdraw_proposal(*, programme: UUID, by: Actor, at: datetime) -> None:
    """The makers take the proposal back; the document may change again. Raises as `submit_for_launch`."""
    kept = locked_programme(programme, by)
    require(by, "programme.submit", department=kept.department, municipality=kept.municipality)
    parties.withdraw(_open_approval(kept), by=by, at=at)
    _back_to_draft(kept)


@transaction.atomic
def send_back(*, programme: UUID, note: str, by: Actor, at: datetime) -> None:
    """The checker sends the proposal back with a reason.

    Raises Refusal `programme_unknown`, `not_allowed`, `programme_not_proposed`, `checker_is_maker`.
    """
    kept = locked_programme(programme, by)
    require(by, "programme.launch", department=kept.department, municipality=kept.municipality)
    parties.reject(_open_approval(kept), by=by, at=at, note=note)
    _back_to_draft(kept)


def locked_programme(programme: UUID, by: Actor) -> Programme:
    """The programme's row, locked until the transaction ends. Raises Refusal `programme_unknown`."""
    found = Programme.objects.select_for_update().filter(id=programme, municipality=by.municipality).first()
    if found is None:
        raise PROGRAMME_UNKNOWN.refusal()
    return found


def state_now(programme: Programme) -> Both:
    """The programme's state in words."""
    return STATES_NOW[ProgrammeState(programme.state)]


def current_version(programme: Programme) -> TermsVersion:
    return TermsVersion.objects.get(programme=programme, number=programme.number)


def refuse_errors(terms: ProgrammeTerms) -> None:
    """Raise Refusal `programme_has_errors`, with every error among its facts, unless the document is sound."""
    errors = [finding for finding in validate(terms, DECLARED) if finding.is_error]
    if errors:
        first = errors[0]
        raise PROGRAMME_HAS_ERRORS.refusal(
            field=first.path, count=len(errors), path=first.path,
            first=Both(first.sentence("ja"), first.sentence("en")), errors=tuple(errors),
        )


def refuse_over(terms: ProgrammeTerms, *, at: datetime) -> None:
    """Raise Refusal `programme_is_over` when a launch could give nobody anything any more."""
    if is_over(terms, today=day(at)):
        raise PROGRAMME_IS_OVER.refusal(
            field="spending.window", obtained=last_issue(terms).isoformat(),
            spent=last_spending_day(terms).isoformat(),
        )


def _open_approval(programme: Programme) -> UUID:
    approval = current_version(programme).approval
    if programme.state != ProgrammeState.PROPOSED or approval is None:
        raise PROGRAMME_NOT_PROPOSED.refusal(now=state_now(programme))
    return approval


def _back_to_draft(programme: Programme) -> None:
    programme.state = ProgrammeState.DRAFT
    programme.save(update_fields=["state"])
    TermsVersion.objects.filter(programme=programme, number=programme.number).update(approval=None)
