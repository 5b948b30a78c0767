"""The small town whose voucher is for residents, workers and students, and somebody who lives elsewhere."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4

from meguri.parties import operations as parties
from meguri.programmes.shipped import shipped
from meguri.programmes.terms import ProgrammeTerms, from_tree, to_tree
from meguri.wallets.operations import open_wallet
from meguri.words.actor import Actor, ActorRole
from tests.faces.office.lived import LONG_AGO
from tests.town import Town

BORN = date(1990, 6, 15)
WHO = {"kind": "any", "of": [
    {"kind": "compare", "field": field, "op": "==", "value": True}
    for field in ("resident", "works_in_town", "studies_in_town")
]}  # fmt: skip


def documents() -> list[ProgrammeTerms]:
    """The shipped documents; the voucher is for workers and students, too."""
    found = []
    for terms in shipped().values():
        tree: Any = to_tree(terms)
        if terms.family == "voucher":
            tree["eligibility"]["who"] = WHO
        found.append(from_tree(tree))
    return found


def somebody(town: Town) -> Actor:
    """With a wallet, and in no register."""
    person = uuid4()
    open_wallet(person, by=town.actor(ActorRole.SYSTEM), at=LONG_AGO)
    return town.actor(ActorRole.RESIDENT, party=person)


def declared(town: Town, by: Actor, *, name: str = "外山 通", kind: str = "work") -> UUID:
    return parties.declare_commuter(
        kind=kind, place="めぐり製作所", name=name, birth_date=BORN, by=by, at=town.at
    )
