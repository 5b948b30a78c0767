"""Two people decide a list: one proposes exactly these rows, another one decides exactly these."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.notices.operations import send_many
from meguri.notices.rules import Wording
from meguri.parties import operations as parties
from meguri.parties.operations.approvals import CHECKER_IS_MAKER
from meguri.parties.rules import require
from meguri.programmes.benefits import rules, wording
from meguri.programmes.benefits.models import BenefitList, Entitlement, EntitlementState, ListState
from meguri.programmes.benefits.offer import Offer, find_offer, require_running
from meguri.words.actor import Actor, ActorRole


@transaction.atomic
def propose_list(*, benefit_list: UUID, by: Actor, at: datetime, note: str = "") -> UUID:
    """Ask a checker to decide the list as it is; gives the approval's id. Proposing again is the same request.

    Order: the list's row, permission, its rows against its digest, the request, the state.
    Raises Refusal `benefit_list_unknown`, `not_allowed`, `benefit_list_not_draft`, `benefit_list_changed`.
    """
    kept = locked_list(benefit_list, by)
    require(by, "benefit.import", department=kept.department, municipality=kept.municipality)
    if kept.state not in {ListState.DRAFT, ListState.PROPOSED}:
        raise rules.LIST_NOT_DRAFT.refusal()
    kept.approval = parties.propose(
        "benefit.decide", object_id=kept.id, digest=digest_now(kept), by=by, at=at, department=kept.department,
        note=note,
    )
    kept.state = ListState.PROPOSED
    kept.save(update_fields=["approval", "state"])
    return kept.approval


@transaction.atomic
def decide(*, benefit_list: UUID, by: Actor, at: datetime, note: str = "") -> int:
    """The checker decides what was proposed; gives how many people are entitled. They are told at once.

    Order: the list's row, permission, the rows against the digest that somebody else proposed, states, notices.
    Raises Refusal `benefit_list_unknown`, `not_allowed`, `benefit_list_not_proposed`, `programme_not_launched`,
    `benefit_list_changed`, `checker_is_maker`, `digest_differs`.
    """
    kept = locked_list(benefit_list, by)
    require(by, "benefit.decide", department=kept.department, municipality=kept.municipality)
    if kept.state != ListState.PROPOSED or kept.approval is None:
        raise rules.LIST_NOT_PROPOSED.refusal()
    offer = find_offer(kept.programme, municipality=kept.municipality)
    require_running(offer)
    parties.approve(kept.approval, digest_now(kept), by=by, at=at, note=note)
    if by.party == kept.imported_by:  # proposed by a colleague, imported by the checker: still one pair of eyes
        raise CHECKER_IS_MAKER.refusal()
    kept.state, kept.decided_at, kept.decided_by = ListState.DECIDED, at, by.party
    kept.save(update_fields=["state", "decided_at", "decided_by"])
    drafts = Entitlement.objects.filter(benefit_list=kept, state=EntitlementState.DRAFT)
    decided = list(drafts.order_by("id"))
    drafts.update(state=EntitlementState.DECIDED)
    told = [(row.recipient, _decided(row, offer)) for row in decided]
    send_many(told, channel="in_app", topic="benefit.decided", by=office(kept.municipality), at=at)
    return len(decided)


@transaction.atomic
def send_back_list(*, benefit_list: UUID, note: str, by: Actor, at: datetime) -> None:
    """The checker sends a proposed list back with a reason.

    Raises Refusal `benefit_list_unknown`, `not_allowed`, `benefit_list_not_proposed`, `checker_is_maker`.
    """
    kept = locked_list(benefit_list, by)
    require(by, "benefit.decide", department=kept.department, municipality=kept.municipality)
    if kept.state != ListState.PROPOSED or kept.approval is None:
        raise rules.LIST_NOT_PROPOSED.refusal()
    parties.reject(kept.approval, by=by, at=at, note=note)
    kept.state = ListState.DRAFT
    kept.save(update_fields=["state"])


@transaction.atomic
def withdraw_list(*, benefit_list: UUID, by: Actor, at: datetime) -> None:
    """The makers take back a list that nobody decided; its people are free for another list.

    Raises Refusal `benefit_list_unknown`, `not_allowed`, `benefit_list_not_draft`.
    """
    kept = locked_list(benefit_list, by)
    require(by, "benefit.import", department=kept.department, municipality=kept.municipality)
    if kept.state == ListState.PROPOSED and kept.approval is not None:
        parties.withdraw(kept.approval, by=by, at=at)
    elif kept.state != ListState.DRAFT:
        raise rules.LIST_NOT_DRAFT.refusal()
    Entitlement.objects.filter(benefit_list=kept, state=EntitlementState.DRAFT).delete()
    kept.state = ListState.WITHDRAWN
    kept.save(update_fields=["state"])


def locked_list(benefit_list: UUID, by: Actor) -> BenefitList:
    """The list's row, locked until the transaction ends. Raises Refusal `benefit_list_unknown`."""
    found = BenefitList.objects.select_for_update().filter(id=benefit_list, municipality=by.municipality).first()
    if found is None:
        raise rules.LIST_UNKNOWN.refusal()
    return found


def digest_now(kept: BenefitList) -> str:
    """The digest of the rows as they are now, which must be the frozen one. Raises Refusal `benefit_list_changed`."""
    rows = Entitlement.objects.filter(benefit_list=kept)
    digest = rules.list_digest(rows.values_list("person", "recipient", "amount_yen"))
    if digest != kept.digest:
        raise rules.LIST_CHANGED.refusal()
    return digest


def office(municipality: int) -> Actor:
    """Who writes notices that follow from an operation: the town hall's own hand, not the person who acts."""
    return Actor(municipality, ActorRole.SYSTEM)


def _decided(row: Entitlement, offer: Offer) -> Wording:
    granting = offer.granting
    may_choose = not granting.statutory and len(granting.choices) > 1
    return wording.decided(
        offer.name, yen=row.amount_yen, choose_by=rules.said_last_day(row.choose_by) if may_choose else None,
        otherwise=rules.RECEIPTS[granting.otherwise],
    )
