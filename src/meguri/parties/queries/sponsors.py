"""Companies that pay along, those that ask to, and the people who speak for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from meguri.parties.models import Sponsor, SponsorApplication, SponsorMember
from meguri.parties.rules import secret_hash


@dataclass(frozen=True, slots=True)
class SponsorView:
    """`corporate_number` and `registration_number` are empty where there is none."""

    id: UUID
    name_ja: str
    name_en: str
    kind: str = "company"
    corporate_number: str = ""
    registration_number: str = ""
    joined_on: date | None = None


@dataclass(frozen=True, slots=True)
class SponsorApplicationView:
    """A wish to pay along. `sponsor`: what it became; the contact lies in the vault under `id`."""

    id: UUID
    kind: str
    name_ja: str
    name_en: str
    corporate_number: str
    registration_number: str
    wish: str
    state: str
    applied_at: datetime
    decided_at: datetime | None
    reason: str
    sponsor: UUID | None


@dataclass(frozen=True, slots=True)
class SponsorMemberView:
    """A person who speaks for a sponsor, or did: from when, and until when."""

    member: UUID
    role: str
    valid_from: datetime
    valid_until: datetime | None


def _view(row: Sponsor) -> SponsorView:
    return SponsorView(
        id=row.id,
        name_ja=row.name_ja,
        name_en=row.name_en,
        kind=row.kind,
        corporate_number=row.corporate_number,
        registration_number=row.registration_number,
        joined_on=row.joined_on,
    )


def sponsors(municipality: int) -> tuple[SponsorView, ...]:
    """Every sponsor of the town, in the order of joining."""
    return tuple(_view(row) for row in Sponsor.objects.filter(municipality=municipality).order_by("id"))


def sponsor(number: UUID, *, municipality: int) -> SponsorView | None:
    row = Sponsor.objects.filter(id=number, municipality=municipality).first()
    return _view(row) if row else None


def sponsor_members(number: UUID, *, municipality: int) -> tuple[SponsorMemberView, ...]:
    """Who speaks for a sponsor and who did, in the order of coming."""
    rows = SponsorMember.objects.filter(municipality=municipality, sponsor_id=number).order_by("id")
    return tuple(SponsorMemberView(row.member, row.role, row.valid_from, row.valid_until) for row in rows)


def _asked(row: SponsorApplication) -> SponsorApplicationView:
    return SponsorApplicationView(
        id=row.id,
        kind=row.kind,
        name_ja=row.name_ja,
        name_en=row.name_en,
        corporate_number=row.corporate_number,
        registration_number=row.registration_number,
        wish=row.wish,
        state=row.state,
        applied_at=row.applied_at,
        decided_at=row.decided_at,
        reason=row.reason,
        sponsor=row.sponsor_id,
    )


def sponsor_applications(
    municipality: int, *, state: str = "", after: UUID | None = None, limit: int = 100
) -> tuple[SponsorApplicationView, ...]:
    """Companies that asked, newest first; `after` is the last id seen."""
    rows = SponsorApplication.objects.filter(municipality=municipality)
    if state:
        rows = rows.filter(state=state)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return tuple(_asked(row) for row in rows.order_by("-id")[:limit])


def sponsor_application(number: UUID, *, municipality: int) -> SponsorApplicationView | None:
    row = SponsorApplication.objects.filter(id=number, municipality=municipality).first()
    return _asked(row) if row else None


def sponsor_application_of(token: str, *, municipality: int) -> SponsorApplicationView | None:
    """The application of a company's own link."""
    row = SponsorApplication.objects.filter(municipality=municipality, token_hash=secret_hash(token)).first()
    return _asked(row) if row else None
