"""A purchase whose money went back, whoever gave it back: the vouchers come back, and a right that is over lapses."""

from __future__ import annotations

from datetime import datetime

from meguri.programmes.vouchers.models import Application, Sale, SaleState
from meguri.programmes.vouchers.offer import Offer
from meguri.programmes.vouchers.operations.issuing import TakenBack, undo
from meguri.programmes.vouchers.operations.lapsing import lapse
from meguri.programmes.vouchers.operations.purchases import deadline_of
from meguri.words.actor import Actor


def withdraw_purchase(row: Application, *, offer: Offer, by: Actor, at: datetime) -> TakenBack:
    """Take a purchase back; a right whose time is over lapses at once, for no deadline would end it later.

    The application's row is locked by whoever calls. Order: as `issuing.undo`, then the right.
    """
    made = undo(row, by=by, at=at)
    if deadline_of(row) <= at or row.sale.state == SaleState.ENDED:
        lapse([row], sale=Sale.objects.get(id=row.sale_id), offer=offer, by=by, at=at)
        row.refresh_from_db()
    return made
