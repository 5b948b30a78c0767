"""To whom a print may be addressed: names and addresses out of the vault, for a reason, shielded people never.

Two walls, one behind the other. Who is shielded (支援措置) is asked of the register first, and their names are not even
revealed; and the vault's door for lists leaves a shielded address out, and whoever has no address gets no letter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from meguri.parties import operations as parties
from meguri.parties import queries
from meguri.parties.operations.approvals import APPROVAL_UNKNOWN
from meguri.parties.rules import digest_of, require
from meguri.vault import rules as vault
from meguri.vault.rules import Field
from meguri.words.actor import Actor

APPROVED_AS = "vault.reveal"
"""The action under which many people's names are approved."""


@dataclass(frozen=True, slots=True)
class Addressees:
    """Who gets a print, by pseudonym, and who is kept back: shielded people are counted only, never named."""

    known: Mapping[UUID, Mapping[Field, Any]]
    shielded: int
    incomplete: tuple[UUID, ...]  # a field that the print needs is not in the vault

    def of(self, person: UUID) -> tuple[str, str]:
        """Name and address of one of the known; the address is empty where it was not asked for."""
        known = self.known[person]
        return str(known[Field.NAME]), str(known.get(Field.ADDRESS, ""))


def addressees(
    people: Sequence[UUID], fields: Sequence[Field], *, reason: str, by: Actor, at: datetime,
    approval: UUID | None = None,
) -> Addressees:
    """Reveal what a print needs of these people; each of them is in the log of reveals.

    Raises Refusal as `parties.operations.reveal_people`.
    """
    hidden = shielded_among(people, municipality=by.municipality)
    asked = [each for each in people if each not in hidden]
    found = parties.reveal_people(asked, fields, reason=reason, by=by, at=at, approval=approval)
    known = {each: found[each] for each in asked if set(fields) <= set(found.get(each, ()))}
    return Addressees(known, len(set(people) & hidden), tuple(each for each in asked if each not in known))


def shielded_among(people: Sequence[UUID], *, municipality: int) -> frozenset[UUID]:
    """Those whose address must appear nowhere."""
    return queries.shielded(people, municipality=municipality)


def needs_approval(count: int) -> bool:
    """Whether so many people may be revealed only after a second person's approval."""
    return count > vault.REVEAL_MOST


def digest_of_people(people: Sequence[UUID]) -> str:
    """What an approval binds: exactly these people, in whatever order."""
    return digest_of(sorted(str(each) for each in people))


def ask(about: UUID, *, digest: str, department: str, by: Actor, at: datetime) -> UUID:
    """Ask for the approval to print. Raises Refusal as `parties.operations.propose`."""
    return parties.propose(APPROVED_AS, object_id=about, digest=digest, department=department, by=by, at=at)


def approve(about: UUID, *, digest: str, department: str, by: Actor, at: datetime) -> None:
    """Approve it, as the department's checker: whoever may draw the lottery. Raises Refusal as `parties.approve`."""
    require(by, "voucher.draw", department=department, municipality=by.municipality)
    found = approval(about, digest=digest, municipality=by.municipality)
    if found is None:
        raise APPROVAL_UNKNOWN.refusal()
    parties.approve(found.id, digest, by=by, at=at)


def approval(about: UUID, *, digest: str, municipality: int) -> queries.ApprovalView | None:
    """The newest request that is open or approved, for exactly this digest."""
    return next(
        (each for each in queries.approvals(municipality=municipality, object_id=about)
         if each.action == APPROVED_AS and each.digest == digest and each.outcome in ("", "approved")),
        None,
    )  # fmt: skip
