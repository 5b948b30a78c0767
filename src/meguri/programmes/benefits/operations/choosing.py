"""Recipients say how they want to receive their benefit."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.parties.rules import require
from meguri.programmes.benefits import rules
from meguri.programmes.benefits.models import Entitlement, EntitlementState
from meguri.programmes.benefits.offer import find_offer
from meguri.programmes.parts import Receipt
from meguri.words.actor import Actor


@transaction.atomic
def choose_receipt(*, entitlement: UUID, receipt: Receipt, by: Actor, at: datetime) -> None:
    """Choose, or choose otherwise, until the deadline. An officer may write down what a recipient says at the desk.

    Order: the entitlement's row, permission, state, the law and the terms, the deadline, the choice.
    Raises Refusal `benefit_entitlement_unknown`, `not_allowed`, `benefit_not_yet_decided`, `benefit_already_paid`,
    `benefit_statutory_in_cash`, `benefit_choice_unknown`, `benefit_chosen_too_early`, `benefit_chosen_too_late`.
    """
    row = Entitlement.objects.select_for_update().filter(id=entitlement, municipality=by.municipality).first()
    if row is None:
        raise rules.ENTITLEMENT_UNKNOWN.refusal()
    offer = find_offer(row.programme, municipality=by.municipality)
    require(by, "benefit.choose", department=offer.department, owner=row.recipient, municipality=row.municipality)
    if row.state == EntitlementState.DRAFT:
        raise rules.NOT_YET_DECIDED.refusal()
    if row.state not in {EntitlementState.DECIDED, EntitlementState.CHOSEN}:
        raise rules.ALREADY_PAID.refusal()
    rules.require_choice(receipt, offer.granting)
    if at < offer.choosing.start:
        raise rules.CHOSEN_TOO_EARLY.refusal(when=rules.said(offer.choosing.start))
    if at >= row.choose_by:
        otherwise = rules.RECEIPTS[row.receipt if row.chosen_at else offer.granting.otherwise]
        raise rules.CHOSEN_TOO_LATE.refusal(when=rules.said_last_day(row.choose_by), otherwise=otherwise)
    row.receipt, row.chosen_at, row.state = receipt, at, EntitlementState.CHOSEN
    row.save(update_fields=["receipt", "chosen_at", "state"])
