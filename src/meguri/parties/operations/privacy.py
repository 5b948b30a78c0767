"""Looking at a person and forgetting a person: the permission table asked first, then the vault's own wall."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from meguri.parties.models import Approval, Commuter, CommuterState, Outcome, Resident
from meguri.parties.rules import require
from meguri.vault import operations as vault
from meguri.vault.rules import Field, is_own
from meguri.words.actor import Actor
from meguri.words.refusal import declare

WIPED = "…"
"""What stands in place of an officer's words about a person who was forgotten."""
ADDRESS_SHIELDED = declare(
    "address_shielded", status=403,
    ja="支援措置により、この方の住所は表示できません。連絡は担当課の窓口を通してください。",
    en="This person's address is shielded by law and cannot be shown. Please go through the department's desk.",
)
EXPORT_NOT_APPROVED = declare(
    "export_not_approved", status=403,
    ja="この一括閲覧は承認されていません。", en="This bulk look-up has not been approved.",
)


def reveal_person(person: UUID, fields: Iterable[Field], *, reason: str, by: Actor, at: datetime) -> dict[Field, Any]:
    """Show fields of one person or shop, logged. A shielded person's address is shown to the person only.

    Raises Refusal `not_allowed`, `address_shielded`, and those of `vault.operations.reveal`.
    """
    require(by, "vault.reveal", owner=person)
    wanted = tuple(fields)
    if Field.ADDRESS in wanted and not is_own(by, person) and _shielded([person], by.municipality):
        raise ADDRESS_SHIELDED.refusal()
    return vault.reveal(person, wanted, reason=reason, by=by, at=at)


def reveal_people(
    people: Sequence[UUID], fields: Iterable[Field], *, reason: str, by: Actor, at: datetime,
    approval: UUID | None = None,
) -> dict[UUID, dict[Field, Any]]:
    """Show fields of many, for a list or a print: shielded addresses are left out, not even marked.

    More than a thousand people need an approved approval of the action `vault.reveal`.
    Raises Refusal `not_allowed`, `export_not_approved`, and those of `vault.operations.reveal_many`.
    """
    wanted = tuple(fields)
    require_people(people, wanted, reason=reason, by=by, approval=approval)
    shown = vault.reveal_many(people, wanted, reason=reason, by=by, at=at, approval=approval)
    if Field.ADDRESS in wanted:
        for person in _shielded(people, by.municipality):
            shown.get(person, {}).pop(Field.ADDRESS, None)
    return shown


def require_people(
    people: Sequence[UUID], fields: Iterable[Field], *, reason: str, by: Actor, approval: UUID | None = None
) -> None:
    """Refuse what `reveal_people` would refuse, before anything is opened: a large print is asked for as a whole.

    Raises Refusal `not_allowed`, `export_not_approved`, and those of `vault.operations.reveal_many`.
    """
    require(by, "vault.reveal")
    if approval is not None and not _is_approved(approval, by.municipality):
        raise EXPORT_NOT_APPROVED.refusal()
    vault.require_reveal(people, tuple(fields), reason=reason, by=by, approval=approval)


def _is_approved(approval: UUID, municipality: int) -> bool:
    return Approval.objects.filter(
        id=approval, municipality=municipality, action="vault.reveal", outcome=Outcome.APPROVED
    ).exists()


def _shielded(people: Sequence[UUID], municipality: int) -> list[UUID]:
    rows = Resident.objects.filter(municipality=municipality, id__in=people, shielded=True)
    return list(rows.values_list("id", flat=True))


@transaction.atomic
def forget_person(person: UUID, *, by: Actor, at: datetime) -> bool:
    """Erase a person: the vault destroys the key, birth dates are coarsened to their year; the books stay.

    What the person said about work or school and nobody looked into is withdrawn. Raises Refusal `not_allowed`.
    """
    require(by, "vault.forget", owner=person)
    for resident in Resident.objects.select_for_update().filter(id=person, municipality=by.municipality):
        resident.birth_date = date(resident.birth_date.year, 1, 1)
        resident.save(update_fields=["birth_date"])
    for said in Commuter.objects.select_for_update().filter(person=person, municipality=by.municipality):
        said.birth_date = date(said.birth_date.year, 1, 1)
        said.reason = said.reason and WIPED
        if said.state == CommuterState.WAITING:
            said.state = CommuterState.WITHDRAWN
        said.save(update_fields=["birth_date", "reason", "state"])
    return vault.forget(person, by=by, at=at)
