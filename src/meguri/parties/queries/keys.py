"""Keys and links: what a secret opens, without the secret being kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from meguri.parties.models import ApiKey, Invitation
from meguri.parties.rules import WRONG_DATES_MOST, secret_hash
from meguri.words.actor import Actor, ActorRole


@dataclass(frozen=True, slots=True)
class ApiKeyView:
    """A program's key: as whom it acts and what it may do at most."""

    id: UUID
    prefix: str
    label: str
    actor: Actor
    scopes: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class InvitationView:
    """Where an open invitation leads, for the page that asks whether to accept."""

    role: ActorRole
    place_ja: str
    place_en: str
    expires_at: datetime


def _view(row: ApiKey) -> ApiKeyView:
    return ApiKeyView(
        id=row.id, prefix=row.prefix, label=row.label, scopes=tuple(row.scopes), issued_at=row.issued_at,
        expires_at=row.expires_at, revoked_at=row.revoked_at,
        actor=Actor(
            municipality=row.municipality, role=ActorRole(row.role), party=row.party, department=row.department,
            shop=row.shop,
        ),
    )


def api_key(secret: str, *, at: datetime) -> ApiKeyView | None:
    """The key of a secret, if it is valid at this moment."""
    valid = "SELECT * FROM key_of_hash(%s) WHERE revoked_at IS NULL AND expires_at > %s"  # before a town is named
    row = next(iter(ApiKey.objects.raw(valid, [secret_hash(secret), at])), None)
    return _view(row) if row else None


def api_keys(*, municipality: int, department: str | None = None, owner: UUID | None = None) -> tuple[ApiKeyView, ...]:
    """The keys of a department, of a party, or all, newest first; secrets are not among them."""
    rows = ApiKey.objects.filter(municipality=municipality)
    if department is not None:
        rows = rows.filter(department=department)
    found = tuple(_view(row) for row in rows.order_by("-id"))
    return tuple(k for k in found if owner is None or owner in (k.actor.party, k.actor.shop))


def invitation(token: str, *, municipality: int, at: datetime) -> InvitationView | None:
    """Where a link leads, if it still works."""
    row = (
        Invitation.objects.select_related("shop", "sponsor", "appointment__department")
        .filter(municipality=municipality, token_hash=secret_hash(token), accepted_at=None, expires_at__gt=at)
        .exclude(role=ActorRole.RESIDENT).first()
    )
    if row is None:
        return None
    place = row.shop or row.sponsor or (row.appointment.department if row.appointment else None)
    return InvitationView(
        role=ActorRole(row.role), place_ja=place.name_ja if place else "", place_en=place.name_en if place else "",
        expires_at=row.expires_at,
    )


def open_code(resident: UUID, *, municipality: int, at: datetime) -> datetime | None:
    """Until when the code that a resident was given works; None if there is none, or it was used or died."""
    rows = Invitation.objects.filter(
        municipality=municipality, resident_id=resident, role=ActorRole.RESIDENT, accepted_at=None, expires_at__gt=at,
        wrong_tries__lt=WRONG_DATES_MOST,
    )
    return rows.values_list("expires_at", flat=True).first()
