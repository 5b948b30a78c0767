"""The hats a person may wear at a moment: every role that the person holds, as an actor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from meguri.parties.rules import OFFICER_ROLES, ROLE_NAMES
from meguri.words.actor import Actor, ActorRole

_HELD = """
SELECT a.role, d.code AS department, NULL::uuid AS place, d.name_ja, d.name_en
  FROM parties_officerappointment a JOIN parties_department d ON d.id = a.department_id
 WHERE a.municipality = %(municipality)s AND a.officer = %(party)s
   AND a.valid_from <= %(at)s AND (a.valid_until IS NULL OR %(at)s < a.valid_until)
UNION ALL
SELECT m.role, '', m.shop_id, s.name_ja, s.name_en
  FROM parties_shopmember m JOIN parties_shop s ON s.id = m.shop_id
 WHERE m.municipality = %(municipality)s AND m.member = %(party)s
   AND m.valid_from <= %(at)s AND (m.valid_until IS NULL OR %(at)s < m.valid_until)
UNION ALL
SELECT 'partner', '', m.sponsor_id, s.name_ja, s.name_en
  FROM parties_sponsormember m JOIN parties_sponsor s ON s.id = m.sponsor_id
 WHERE m.municipality = %(municipality)s AND m.member = %(party)s
   AND m.valid_from <= %(at)s AND (m.valid_until IS NULL OR %(at)s < m.valid_until)
UNION ALL
SELECT 'resident', '', NULL, '', '' FROM parties_resident r
 WHERE r.municipality = %(municipality)s AND r.id = %(party)s
"""

_ORDER = list(ActorRole)


@dataclass(frozen=True, slots=True)
class Hat:
    """One way to act. `key` is stable and short, such as `maker:commerce` or `clerk:<shop id>`; it fits a session."""

    key: str
    actor: Actor
    name_ja: str
    name_en: str

    @property
    def is_officer(self) -> bool:
        return self.actor.role in OFFICER_ROLES


def hats(party: UUID, *, municipality: int, at: datetime) -> tuple[Hat, ...]:
    """The hats of a person at a moment, officers' first. Somebody without any is a holder of a wallet.

    A partner's actor names the sponsor as its party, a clerk's and an owner's the person as party and the shop as shop.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HELD, {"municipality": municipality, "party": party, "at": at})
        rows = cursor.fetchall()
    held = [
        _hat(
            ActorRole(role), department=department, place=place, names=(ja, en), party=party, municipality=municipality
        )
        for role, department, place, ja, en in rows or [(ActorRole.RESIDENT, "", None, "", "")]
    ]
    return tuple(sorted(held, key=lambda hat: (not hat.is_officer, -_ORDER.index(hat.actor.role), hat.key)))


def _hat(
    role: ActorRole, *, department: str, place: UUID | None, names: tuple[str, str], party: UUID, municipality: int
) -> Hat:
    title, (place_ja, place_en) = ROLE_NAMES[role], names
    is_partner = role is ActorRole.PARTNER
    where = department or (str(place) if place else "")
    return Hat(
        key=f"{role}:{where}" if where else str(role),
        actor=Actor(
            municipality=municipality, role=role, party=place if is_partner else party, department=department,
            shop=None if is_partner else place,
            person=party if is_partner else None,
        ),
        name_ja=f"{place_ja} {title.ja}".strip(),
        name_en=f"{title.en}, {place_en}".rstrip(", "),
    )
