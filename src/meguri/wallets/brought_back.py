"""Booklets that come back to the counter whole, because their sale is undone: their notes are void, their value goes
back to the buyer, and the paper is kept by the office. It is not sold again.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.parties.rules import Facts, allows, require
from meguri.wallets.booklets import cover_of, lots_of, stop_notes, transfer
from meguri.wallets.models import Booklet
from meguri.wallets.print_runs import department_of
from meguri.words.actor import Actor
from meguri.words.refusal import declare

BOOKLET_NOT_WHOLE = declare(
    "booklet_not_whole",
    ja="冊子「{number}」の券が使われたか、止められています。そろっていないので、販売を取り消せません。",
    en="Notes of the booklet “{number}” have been spent or blocked. The sale cannot be undone without all of them.",
)


@transaction.atomic
def take_paper_back(*, posting: UUID, because: str, by: Actor, at: datetime) -> int:
    """Take the booklets back that a purchase was handed over as; gives the yen that are in the buyer's wallet again.

    Nothing where it was not handed over as paper. Order: the booklets' rows, permission, every note's key (whoever pays
    one at this moment comes before or after), the value, one transfer for each booklet.
    Raises Refusal `not_allowed`, `booklet_not_whole`.
    """
    rows = list(
        Booklet.objects.select_for_update(of=("self",)).select_related("run")
        .filter(municipality=by.municipality, source=posting, replaced_at__isnull=True)
        .order_by("run__number", "number")
    )
    holder = _buyer(posting, municipality=by.municipality)
    return sum(_back(row, holder=holder, because=because, by=by, at=at) for row in rows)


def _back(row: Booklet, *, holder: UUID, because: str, by: Actor, at: datetime) -> int:
    department = department_of(row.run)
    facts = Facts(department=department, municipality=by.municipality)
    if not allows(by, "paper.replace", facts=facts):  # whoever approves that the sale is corrected
        require(by, "paper.hand_over", department=department, municipality=by.municipality)
    cover = cover_of(row)
    if row.blocks.exists() or any(each.paid_by for each in stop_notes(row, because=because, by=by, at=at)):
        raise BOOKLET_NOT_WHOLE.refusal(number=cover.shown)
    held = books.balances([row.id], AccountRole.WALLET, municipality=row.municipality)
    left = {each.lot.id: each.amount for each in held if each.amount}
    if left != lots_of(row):
        raise BOOKLET_NOT_WHOLE.refusal(number=cover.shown)
    row.replaced_at = at
    row.save(update_fields=["replaced_at"])
    transfer(left, source=row.id, to=holder, key=f"booklet_back:{row.id}", programme=row.run.programme, by=by, at=at)
    return sum(left.values())


def _buyer(posting: UUID, *, municipality: int) -> UUID:
    """Into whose wallet the purchase went."""
    return next(
        entry.credit.owner for entry in books.entries(posting, municipality=municipality)
        if entry.credit.role is AccountRole.WALLET
    )  # fmt: skip
