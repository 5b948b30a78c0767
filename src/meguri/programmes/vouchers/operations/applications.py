"""Asking for units before a draw, and taking the wish back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as books
from meguri.ledger import queries as balances
from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole
from meguri.notices.operations import send
from meguri.parties.rules import require
from meguri.programmes.parts import Holder, SaleRound
from meguri.programmes.vouchers import rules, wording
from meguri.programmes.vouchers.models import Application, ApplicationState, Sale, SaleState
from meguri.programmes.vouchers.offer import Applicant, Offer, find_offer, require_eligible, require_running
from meguri.programmes.vouchers.operations.sales import shared_sale
from meguri.words.actor import Actor, ActorRole
from meguri.words.ids import uuid7
from meguri.words.period import Period, day_start


@dataclass(frozen=True, slots=True)
class Applied:
    """An application that was taken. `number` is the receipt number, told to nobody else."""

    application: UUID
    number: str
    units: int


@transaction.atomic
def apply(*, sale: UUID, units: int, by: Actor, at: datetime, resident: UUID | None = None) -> Applied:
    """Ask for `units` of a sale that is drawn. An officer applies for `resident` from a paper form.

    Asking again for the same units is the same application. Order: permission, hold the sale open, window, units,
    eligibility, ceiling, then the row; the database keeps it the only one of its person or household.
    Raises Refusal `voucher_sale_unknown`, `not_allowed`, `voucher_not_drawn`, `voucher_too_early`, `voucher_too_late`,
    `voucher_too_many_units`, `voucher_resident_unknown`, `voucher_residents_first`, `commuter_unconfirmed`,
    `voucher_not_eligible`, `voucher_unit_limit_reached`, `voucher_already_applied`, `voucher_household_applied`.
    """
    kept = shared_sale(sale, by)
    offer = find_offer(kept.programme, municipality=by.municipality)
    person = resident or by.party
    require(by, "voucher.apply", department=offer.department, owner=person, municipality=kept.municipality)
    assert person is not None  # noqa: S101 - a permission of scope OWN has an owner
    sale_round = require_open(kept, offer, at=at)
    row, is_new = enter(kept, offer, resident=person, units=units, sale_round=sale_round, by=by, at=at)
    if is_new:
        tell_received(row, offer, sale_round=sale_round, at=at)
    return Applied(row.id, row.number, row.units_applied)


def require_open(kept: Sale, offer: Offer, *, at: datetime) -> SaleRound:
    """The sale's round, if it takes applications now; the caller holds its row.

    Raises Refusal `programme_not_launched`, `voucher_not_drawn`, `voucher_too_early`, `voucher_too_late`.
    """
    require_running(offer)
    if not rules.is_drawn(kept.allocation):
        raise rules.NOT_DRAWN_HERE.refusal()
    if kept.state != SaleState.OPEN:
        raise rules.TOO_LATE.refusal(when=rules.said_last_day(apply_window(kept)))
    rules.require_within(apply_window(kept), at)
    return rules.find_round(offer.sale, kept.round)


@transaction.atomic
def withdraw_application(*, application: UUID, by: Actor, at: datetime) -> None:
    """Take an application back before the list is closed; the person may apply anew.

    Order: the sale before the application, as the draw locks them, then permission and window.
    Raises Refusal `voucher_application_unknown`, `not_allowed`, `voucher_not_withdrawable`.
    """
    known = Application.objects.filter(id=application, municipality=by.municipality).first()
    if known is None:
        raise rules.APPLICATION_UNKNOWN.refusal()
    kept = shared_sale(known.sale_id, by)
    row = locked_application(application, by)
    offer = find_offer(kept.programme, municipality=by.municipality)
    require(by, "voucher.apply", department=offer.department, owner=row.resident, municipality=row.municipality)
    if row.state == ApplicationState.WITHDRAWN:
        return
    if row.state != ApplicationState.APPLIED or kept.state != SaleState.OPEN or apply_window(kept).is_over(at):
        raise rules.NOT_WITHDRAWABLE.refusal()
    row.state = ApplicationState.WITHDRAWN
    row.save(update_fields=["state"])


def locked_application(application: UUID, by: Actor) -> Application:
    """The application's row, held until the transaction ends. Raises Refusal `voucher_application_unknown`."""
    rows = Application.objects.select_for_update(of=("self",)).select_related("sale")
    found = rows.filter(id=application, municipality=by.municipality).first()
    if found is None:
        raise rules.APPLICATION_UNKNOWN.refusal()
    return found


def apply_window(sale: Sale) -> Period:
    return Period(sale.apply_from, sale.apply_until)


def enter(
    sale: Sale, offer: Offer, *, resident: UUID, units: int, sale_round: SaleRound, by: Actor, at: datetime
) -> tuple[Application, bool]:
    """Write the application (True), or find the same one again (False).

    The unique constraint makes the second of two people of a household wait, and lose.
    """
    rules.require_units(units, most=sale.max_units)
    applicant = require_eligible(offer, resident=resident, sale_round=sale_round)
    return enter_applicant(sale, applicant, units=units, by=by, at=at)


def enter_applicant(
    sale: Sale, applicant: Applicant, *, units: int, by: Actor, at: datetime
) -> tuple[Application, bool]:
    """As `enter`, for somebody who was judged eligible, for units that were found to be as many as may be asked for."""
    counted = applicant.household if sale.per == Holder.HOUSEHOLD else applicant.person
    mine = Application.objects.filter(sale=sale, counted=counted).exclude(state=ApplicationState.WITHDRAWN)
    fresh = _row(sale, applicant, units=units, counted=counted, by=by, at=at)
    kept = mine.first()
    if kept is None:
        _require_units_left(sale, counted=counted, units=units)
        Application.objects.bulk_create([fresh], ignore_conflicts=True)
        kept = mine.get()
    if kept.resident != applicant.person:
        raise rules.HOUSEHOLD_APPLIED.refusal()
    if kept.units_applied != units:
        raise rules.ALREADY_APPLIED.refusal(holder=rules.HOLDERS[sale.per], number=kept.number)
    return kept, kept.id == fresh.id


def ceiling(sale: Sale, counted: UUID) -> tuple[Account, int]:
    """The holder's ceiling over all rounds: its account and lot. Every holder's starts full, at the terms' units."""
    allowed = rules.allowed_units(sale.programme, sale.bundle)
    lot = books.allowance_lot(
        municipality=sale.municipality, allowed=allowed, unit="piece", opening=sale.max_units
    )
    return Account(counted, AccountRole.ALLOWANCE), lot


def units_left(sale: Sale, counted: UUID) -> int:
    """How many units the holder may still buy in this programme."""
    account, lot = ceiling(sale, counted)
    used = Account(account.owner, AccountRole.USED)
    return sale.max_units - balances.balance(used, lot=lot, municipality=sale.municipality)


def _require_units_left(sale: Sale, *, counted: UUID, units: int) -> None:
    left = units_left(sale, counted)
    if units > left:
        raise rules.UNIT_LIMIT_REACHED.refusal(
            field="units", holder=rules.HOLDERS[sale.per], most=sale.max_units, left=left, limit="units"
        )


def _row(sale: Sale, applicant: Applicant, *, units: int, counted: UUID, by: Actor, at: datetime) -> Application:
    by_officer = by.role is not ActorRole.RESIDENT
    return Application(
        id=uuid7(at), municipality=sale.municipality, sale=sale,
        number=rules.receipt_number(secrets.randbelow(rules.NUMBERS)), resident=applicant.person,
        household=applicant.household, counted=counted, units_applied=units, applied_at=at,
        applied_by=by.party if by_officer else None,
    )


def tell_received(row: Application, offer: Offer, *, sale_round: SaleRound, at: datetime) -> None:
    drawn_on = rules.said(day_start(sale_round.drawn_on)) if sale_round.drawn_on else rules.said(row.sale.apply_until)
    words = wording.received(row.number, programme=offer.name, units=row.units_applied, drawn_on=drawn_on)
    send(row.resident, words, channel="in_app", topic="voucher.received", by=office(row.municipality), at=at)


def office(municipality: int) -> Actor:
    """Who writes notices that follow from an operation: the town hall's own hand, not the person who acts."""
    return Actor(municipality, ActorRole.SYSTEM)
