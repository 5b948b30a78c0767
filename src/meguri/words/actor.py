"""Who acts: in which municipality, in which role, for which department or party."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class ActorRole(StrEnum):
    """The hat a person wears while acting. One person may own several; an action is done under one."""

    VISITOR = "visitor"  # not signed in
    RESIDENT = "resident"  # a holder of a wallet
    CLERK = "clerk"  # stands at a shop's till
    OWNER = "owner"  # runs a shop: clerks, bank account, statements
    MAKER = "maker"  # an officer who prepares (起票者)
    CHECKER = "checker"  # an officer who approves what another one prepared (承認者)
    ACCOUNTANT = "accountant"  # the accounting office: releases payouts (出納)
    PARTNER = "partner"  # speaks for a sponsor
    ANALYST = "analyst"  # reads evidence, sees no person
    OPERATOR = "operator"  # keeps the platform running
    SYSTEM = "system"  # a scheduled task


@dataclass(frozen=True, slots=True)
class Actor:
    """Passed as `by=` to every operation. `party` is a pseudonym: resident, shop, sponsor or officer id.

    `person`: who speaks for a sponsor, where a person does and no program.
    """

    municipality: int
    role: ActorRole
    party: UUID | None = None
    department: str = ""
    shop: UUID | None = None
    person: UUID | None = None
