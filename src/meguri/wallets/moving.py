"""A wallet moves: whoever joined the register takes along what they held before, and what comes there later.

The old wallet stays in the books with its history. A refund, a gift that nobody took or a grant may still reach it:
that follows within minutes.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.parties.rules import require
from meguri.wallets.models import Wallet
from meguri.wallets.operations import WALLET_SUSPENDED, open_wallet
from meguri.words.actor import Actor
from meguri.words.refusal import declare

MOVED_AT_ONCE = 500
"""Wallets in one turn of the task, which is one transaction."""

WALLET_OWES = declare(
    "wallet_owes",
    ja="この財布には、まだ終わっていないことがあります({yen}円の返すポイントか振込待ち)。先に済ませるか、町の窓口で"
       "ご相談ください。",
    en="Something in this wallet is still open ({yen} yen of points to give back or of a transfer on its way). Please "
       "settle it first, or ask at the town's desk.",
)
_LATE = """
SELECT w.id FROM wallets_wallet w
  JOIN ledger.account a ON (a.municipality_id, a.owner, a.role) = (w.municipality, w.id, 'wallet')
  JOIN ledger.balance b ON (b.municipality_id, b.account_id) = (a.municipality_id, a.id)
  JOIN ledger.lot o ON (o.municipality_id, o.id) = (b.municipality_id, b.lot_id)
 WHERE w.municipality = %s AND w.moved_to IS NOT NULL AND b.amount > 0 AND (o.expires_at IS NULL OR o.expires_at > %s)
 GROUP BY w.id ORDER BY w.id LIMIT %s
"""


@transaction.atomic
def move_wallet(source: UUID, *, to: UUID, by: Actor, at: datetime) -> int:
    """Move all that a holder has to the wallet of the pseudonym that the holder speaks for from now on; gives the yen.

    Order: permission, the old wallet (locked; a payment under way ends first), what is owed, the new wallet, one
    posting, and the mark by which later value follows. Who had no wallet moves nothing.
    Raises Refusal `not_allowed`, `wallet_suspended`, `wallet_owes`.
    """
    require(by, "wallet.move", owner=source)
    wallet = Wallet.objects.select_for_update().filter(id=source, municipality=by.municipality).first()
    if wallet is None:
        return 0
    if wallet.suspended_at is not None:
        raise WALLET_SUSPENDED.refusal()
    owed = sum(
        each.amount for role in (AccountRole.DEBT, AccountRole.PAYABLE)
        for each in books.balances([source], role, municipality=by.municipality)
    )
    if owed:
        raise WALLET_OWES.refusal(yen=owed)
    open_wallet(to, by=Actor(by.municipality, by.role, to), at=at)
    wallet.moved_to = to
    wallet.save(update_fields=["moved_to"])
    return _bring(source, to=to, by=by, at=at)


@transaction.atomic
def bring_late(*, by: Actor, at: datetime) -> int:
    """What reached old wallets meanwhile goes on; gives how many moved. Raises Refusal `not_allowed`."""
    require(by, "wallet.move")
    with connection.cursor() as cursor:
        cursor.execute(_LATE, [by.municipality, at, MOVED_AT_ONCE])
        late = [wallet for (wallet,) in cursor.fetchall()]
    found = Wallet.objects.select_for_update().filter(id__in=late, municipality=by.municipality).order_by("id")
    return sum(1 for each in found if each.moved_to and _bring(each.id, to=each.moved_to, by=by, at=at))


def _bring(source: UUID, *, to: UUID, by: Actor, at: datetime) -> int:
    """One posting of all lots that have not expired; the wallet's row is locked, so nobody moves the same twice."""
    ends = Account(source, AccountRole.WALLET), Account(to, AccountRole.WALLET)
    held = [
        each for each in books.balances([source], AccountRole.WALLET, municipality=by.municipality)
        if each.lot.expires_at is None or each.lot.expires_at > at
    ]
    if held:
        legs = tuple(Leg(*ends, each.amount, (each.lot.id,)) for each in held)
        posting = Posting(f"move_wallet:{source}:{at.isoformat()}", "move_wallet", legs, at, str(by.party or by.role))
        ledger.post(posting, municipality=by.municipality)
    return sum(each.amount for each in held)
