"""A company applies to pay along; two officers say yes, and its first member comes in by the link it already has."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from meguri.parties.models import Approval, Invitation, Sponsor, SponsorApplication, SponsorMemberRole
from meguri.parties.operations import approvals
from meguri.parties.operations.approvals import APPROVAL_OPEN, APPROVAL_UNKNOWN
from meguri.parties.rules import digest_of, require, secret_hash
from meguri.parties.sponsoring import (
    REASON_MOST,
    SPONSOR_KNOWN,
    STATES,
    SponsorEntry,
    judged,
)
from meguri.vault.operations import seal
from meguri.vault.rules import Field
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import day
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

APPROVES: Final = "party.approve_sponsor"
FIRST_LINK_LASTS: Final = timedelta(days=60)
"""How long after the approval the company's link lets its first member in."""
A_DAY_MOST: Final = 100
"""Applications of a town in a day: what comes beyond is no company's wish any more, but a program's."""

SPONSOR_APPLICATION_UNKNOWN = declare(
    "sponsor_application_unknown",
    status=404,
    ja="この協賛の申込みは見つかりません。申し込んだときのリンクをもう一度確かめてください。",
    en="There is no such application. Please check the link that you got when you applied.",
)
SPONSOR_APPLICATION_DECIDED = declare(
    "sponsor_application_decided",
    ja="この申込みは、もう審査が終わっています({state:ja})。",
    en="This application has been decided already ({state:en}).",
)
SPONSOR_APPLICATIONS_TOO_MANY = declare(
    "sponsor_applications_too_many",
    status=429,
    ja="きょうは申込みがとても多く、これ以上は受け付けられません。明日もう一度か、町の担当課へお電話ください。",
    en="Too many applications have come today. Please try again tomorrow, or phone the town.",
)
SPONSOR_REASON_MISSING = declare(
    "sponsor_reason_missing",
    status=422,
    ja="理由を{most}文字までで書いてください。申し込んだ会社が読みます。",
    en="Please give the reason in at most {most} characters; the company reads it.",
)


@transaction.atomic
def apply_as_sponsor(entry: SponsorEntry, *, by: Actor, at: datetime) -> str:
    """Keep a company's wish to pay along; gives the token of the link under which it reads the answer, once.

    Order: permission, what was entered, the town's count of the day and the number (under one lock, so that the same
    company pressing twice is one), the row, the contact into the vault.
    Raises Refusal `not_allowed`, `sponsor_applications_too_many`, `sponsor_known` and those of `sponsoring.judged`.
    """
    require(by, "party.apply_as_sponsor")
    plain = judged(entry)
    _lock(by.municipality)
    since = SponsorApplication.objects.filter(municipality=by.municipality, applied_at__gt=at - timedelta(days=1))
    if since.count() >= A_DAY_MOST:
        raise SPONSOR_APPLICATIONS_TOO_MANY.refusal()
    _require_new(plain.corporate_number, municipality=by.municipality)
    token = secrets.token_urlsafe(24)
    row = SponsorApplication.objects.create(
        id=uuid7(at),
        municipality=by.municipality,
        kind=plain.kind,
        name_ja=plain.name_ja,
        name_en=plain.name_en,
        corporate_number=plain.corporate_number,
        registration_number=plain.registration_number,
        wish=plain.wish,
        token_hash=secret_hash(token),
        applied_at=at,
    )
    contact = {Field.NAME: plain.contact_name, Field.EMAIL: plain.email, Field.PHONE: plain.phone}
    seal(row.id, contact, by=Actor(by.municipality, ActorRole.SYSTEM), at=at)
    return token


def _lock(municipality: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('parties_sponsorapplication', %s))", [municipality]
        )


def _require_new(number: str, *, municipality: int) -> None:
    """One company, one application and one entry. A sole trader has no number; the officer compares names."""
    if not number:
        return
    waiting = SponsorApplication.objects.filter(municipality=municipality, corporate_number=number, state="waiting")
    if waiting.exists() or Sponsor.objects.filter(municipality=municipality, corporate_number=number).exists():
        raise SPONSOR_KNOWN.refusal(field="corporate_number", number=number)


@transaction.atomic
def propose_sponsor(application: UUID, *, by: Actor, at: datetime) -> UUID:
    """The first officer has looked and asks a second one; gives the approval's id.

    Raises Refusal `not_allowed`, `sponsor_application_unknown`, `sponsor_application_decided`, `approval_open`.
    """
    require(by, "party.register_sponsor")
    row = _waiting(application, by.municipality)
    return approvals.propose(
        APPROVES, object_id=row.id, digest=digest_of(_document(row)), by=by, at=at, department=by.department
    )


@transaction.atomic
def approve_sponsor(application: UUID, *, by: Actor, at: datetime) -> UUID:
    """The second officer says yes: the sponsor is registered, and the company's link becomes its first invitation.

    Order: lock the application, judge the approval (another person, the same words), the sponsor, the invitation, the
    answer. Gives the sponsor's id.
    Raises Refusal `sponsor_application_unknown`, `sponsor_application_decided`, and as `approvals.approve`.
    """
    row = _waiting(application, by.municipality)
    approvals.approve(_asked(row).id, digest_of(_document(row)), by=by, at=at)
    sponsor = Sponsor.objects.create(
        id=uuid7(at),
        municipality=by.municipality,
        name_ja=row.name_ja,
        name_en=row.name_en,
        joined_on=day(at),
        kind=row.kind,
        corporate_number=row.corporate_number,
        registration_number=row.registration_number,
    )
    Invitation.objects.create(
        id=uuid7(at),
        municipality=by.municipality,
        token_hash=row.token_hash,
        role=ActorRole.PARTNER,
        sponsor_id=sponsor.id,
        sponsor_role=SponsorMemberRole.MANAGER,
        made_by=by.party,
        made_at=at,
        expires_at=at + FIRST_LINK_LASTS,
    )
    row.state, row.sponsor_id, row.decided_by, row.decided_at = "approved", sponsor.id, by.party, at
    row.save(update_fields=["state", "sponsor", "decided_by", "decided_at"])
    return sponsor.id


@transaction.atomic
def send_back_sponsor(application: UUID, *, note: str, by: Actor, at: datetime) -> None:
    """The second officer wants the first to look again. Raises as `approve_sponsor`, and `sponsor_reason_missing`."""
    row = _waiting(application, by.municipality)
    approvals.reject(_asked(row).id, by=by, at=at, note=_reason(note, field="note"))


@transaction.atomic
def decline_sponsor(application: UUID, *, reason: str, by: Actor, at: datetime) -> None:
    """The town does not go along; the company reads why. Nobody declines what lies before a second officer.

    Raises Refusal `not_allowed`, `sponsor_application_unknown`, `sponsor_application_decided`, `approval_open`,
    `sponsor_reason_missing`.
    """
    require(by, "party.register_sponsor")
    row = _waiting(application, by.municipality)
    if _open(row) is not None:
        raise APPROVAL_OPEN.refusal()
    row.state, row.reason, row.decided_by, row.decided_at = "declined", _reason(reason, field="reason"), by.party, at
    row.save(update_fields=["state", "reason", "decided_by", "decided_at"])


def _waiting(application: UUID, municipality: int) -> SponsorApplication:
    row = SponsorApplication.objects.select_for_update().filter(id=application, municipality=municipality).first()
    if row is None:
        raise SPONSOR_APPLICATION_UNKNOWN.refusal()
    if row.state != "waiting":
        raise SPONSOR_APPLICATION_DECIDED.refusal(state=STATES[row.state])
    return row


def _open(row: SponsorApplication) -> Approval | None:
    return Approval.objects.filter(municipality=row.municipality, action=APPROVES, object_id=row.id, outcome="").first()


def _asked(row: SponsorApplication) -> Approval:
    found = _open(row)
    if found is None:
        raise APPROVAL_UNKNOWN.refusal()
    return found


def _document(row: SponsorApplication) -> dict[str, Any]:
    """What the second officer says yes to."""
    names = ("kind", "name_ja", "name_en", "corporate_number", "registration_number", "wish")
    return {name: getattr(row, name) for name in names}


def _reason(typed: str, *, field: str) -> str:
    text = typed.strip()
    if not 0 < len(text) <= REASON_MOST:
        raise SPONSOR_REASON_MISSING.refusal(field=field, most=REASON_MOST)
    return text
