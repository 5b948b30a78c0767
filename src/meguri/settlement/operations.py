"""What may be done in settlement: look, settle, approve, hand over, withdraw, take back.

The yen become payable when a run settles them, and paid out when the bank has the file; between the two they are owed.

Every operation first waits for its turn in the municipality's settlement, so that no yen is looked at by two runs at
once; the books keep their own locks below that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from meguri.ledger import operations as ledger
from meguri.ledger.years import spoken
from meguri.parties.operations import approve, propose
from meguri.parties.rules import digest_of, require
from meguri.settlement import orders, payouts, postings, queries
from meguri.settlement.banks import AccountKind, check_account
from meguri.settlement.kana import bank_kana, fit
from meguri.settlement.models import (
    KANA_WIDTH,
    FileReading,
    PayingAccount,
    Payout,
    PayoutState,
    RunState,
    SettlementRun,
    TransferFile,
)
from meguri.settlement.rules import (
    CONFIRMATION_DIFFERS,
    CUTOFF_BEFORE_LAST,
    CUTOFF_IN_FUTURE,
    CUTOFF_TOO_EARLY,
    FIRST_YEAR,
    PAYOUT_NOT_READY,
    PAYOUT_UNKNOWN,
    PAYOUT_WORDS,
    RUN_NOT_READY,
    RUN_UNKNOWN,
    RUN_WORDS,
    SETTLEMENT_REASON_MISSING,
    YEAR_DATING_LATE,
    YEAR_DUTY_NONE,
    pay_day,
    shown,
)
from meguri.settlement.settled import write_statements
from meguri.settlement.takings import takings
from meguri.settlement.zengin import PAYER_CODE, TRANSFERS_NONE
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.period import FiscalYear

ACCOUNTING = "accounting"
"""The code of the department that releases money."""

_TURN = 0x5E771E  # names settlement among the advisory locks of the database


def take_turn(municipality: int) -> None:
    """Wait until nobody else works on this municipality's settlement, to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_TURN, municipality])


def set_paying_account(
    *, by: Actor, at: datetime, payer_code: str, payer_name: str, bank: str, branch: str, number: str,
    kind: str = AccountKind.ORDINARY, line_ends: bool = True,
) -> None:
    """Register the town's own account for payouts, used from the next file on; files already written keep theirs.

    Raises Refusal as `check_account`, `not_allowed`, `payer_code`.
    """
    require(by, "settlement.run")
    if not re.fullmatch(r"[0-9]{10}", payer_code):
        raise PAYER_CODE.refusal(field="payer_code", code=payer_code[:20])
    account = check_account(bank=bank, branch=branch, kind=kind, number=number, holder=payer_name)
    PayingAccount.objects.update_or_create(
        municipality=by.municipality,
        defaults={
            "payer_code": payer_code, "payer_name": fit(bank_kana(payer_name), KANA_WIDTH), "bank": account.bank,
            "branch": account.branch, "kind": account.kind, "number": account.number, "line_ends": line_ends,
            "changed_by": by.party, "changed_at": at,
        },
    )  # fmt: skip


@transaction.atomic
def preview_settlement(*, by: Actor, at: datetime, cutoff: datetime) -> queries.SettlementPreview:
    """What a settlement up to `cutoff` would settle and pay; nothing moves. Kept as a run that was only looked at.

    Raises Refusal: not_allowed, cutoff_in_future, cutoff_too_early,
    cutoff_before_last.
    """
    require(by, "settlement.run")
    _check_cutoff(cutoff, at)
    take_turn(by.municipality)
    run = _run_at(cutoff, by=by, at=at)
    due = takings(by.municipality, cutoff=cutoff)
    waiting = payouts.unspoken_for(by.municipality)
    if run.state == RunState.PREVIEWED:
        run.statements_count, run.takings_yen = len(due), sum(shop.yen for shop, _ in due)
        run.payouts_count = len({shop.owner for shop, _ in due} | {other.owner for other in waiting})
        run.payouts_yen = run.takings_yen + sum(other.yen for other in waiting)
        run.made_by, run.made_at = by.party, at
        run.save()
    return queries.SettlementPreview(run=queries.run_view(run), takings=due, waiting=waiting)


def _check_cutoff(cutoff: datetime, at: datetime) -> None:
    if cutoff.year < FIRST_YEAR:
        raise CUTOFF_TOO_EARLY.refusal(field="cutoff", cutoff=shown(cutoff), first=str(FIRST_YEAR))
    if cutoff > at:
        raise CUTOFF_IN_FUTURE.refusal(field="cutoff", cutoff=shown(cutoff))


def _run_at(cutoff: datetime, *, by: Actor, at: datetime) -> SettlementRun:
    """The run of a cutoff: the one that was made, or a new one behind the last one that was made."""
    made = SettlementRun.objects.filter(municipality=by.municipality).exclude(state=RunState.PREVIEWED)
    before = made.order_by("-cutoff").first()
    if before is not None and cutoff <= before.cutoff:
        same = made.filter(cutoff=cutoff).first()
        if same is not None:
            return same
        raise CUTOFF_BEFORE_LAST.refusal(field="cutoff", cutoff=shown(cutoff), last=shown(before.cutoff))
    run, _ = SettlementRun.objects.get_or_create(
        municipality=by.municipality, cutoff=cutoff, defaults={"id": uuid7(at), "made_by": by.party, "made_at": at}
    )
    run.since = before.cutoff if before else None
    return run


@transaction.atomic
def run_settlement(*, by: Actor, at: datetime, cutoff: datetime) -> queries.RunView:
    """Settle every shop's takings from before `cutoff`, and plan payouts for everything payable.

    Order: wait for the turn, read what is due, post it shop by shop (key `settle:<run>:<shop>`), write statements from
    what the books say was moved, plan payouts (benefits and returned ones among them), ask for the approval.
    Asked again for the same cutoff, it answers with the run that was made; shops with nothing due get no statement.
    Raises Refusal: not_allowed, cutoff_in_future, cutoff_too_early,
    cutoff_before_last.
    """
    require(by, "settlement.run")
    _check_cutoff(cutoff, at)
    take_turn(by.municipality)
    run = _run_at(cutoff, by=by, at=at)
    if run.state != RunState.PREVIEWED:
        return queries.run_view(run)
    settled = postings.settle(run, takings(by.municipality, cutoff=cutoff), by=by, at=at)
    run.state, run.made_by, run.made_at, run.pay_on = RunState.RUN, by.party, at, pay_day(at)
    run.save()
    statements = write_statements(run, settled, at=at)
    planned = payouts.plan_payouts(run, at=at)
    run.statements_count, run.takings_yen = len(statements), sum(row.gross_yen for row in statements)
    run.payouts_count, run.payouts_yen = len(planned), sum(row.amount_yen for row in planned)
    if planned:
        run.approval = _propose(run, planned, by=by, at=at)
    run.save()
    return queries.run_view(run)


def _propose(run: SettlementRun, planned: Sequence[Payout], *, by: Actor, at: datetime) -> UUID:
    return propose(
        "settlement.approve", object_id=run.id, digest=digest_of(payouts.document(run, planned)), by=by, at=at,
        department=ACCOUNTING,
    )


@transaction.atomic
def propose_payouts(*, by: Actor, at: datetime, run: UUID) -> queries.RunView:
    """Ask anew for the approval of a run whose first request was sent back or withdrawn; who asks is its maker now.

    Raises Refusal: not_allowed, settlement_run_unknown, settlement_not_ready, transfers_none, approval_open.
    """
    require(by, "settlement.run")
    take_turn(by.municipality)
    found = _locked_run(run, by.municipality, state=RunState.RUN)
    planned = list(Payout.objects.filter(run=found).order_by("number"))
    if not planned:
        raise TRANSFERS_NONE.refusal()
    found.approval, found.made_by = _propose(found, planned, by=by, at=at), by.party
    found.save()
    return queries.run_view(found)


@transaction.atomic
def approve_payouts(
    *, by: Actor, at: datetime, run: UUID, confirmed_count: int, confirmed_yen: int
) -> queries.OrderView:
    """Release a run's payouts and write the bank's file. `confirmed_…`: what the approver read and typed.

    Nothing is paid yet: the yen leave the books' payables when the bank gets the file (`mark_sent`).
    Order: wait for the turn, lock run and payouts, let the approval be judged (another person, unchanged contents),
    compare the confirmation, reveal the accounts (logged), leave out payees who cannot be paid, write and seal the
    file, mark the rows. Payees left out or held stay owed and come again in the next run.
    Raises Refusal: not_allowed, settlement_run_unknown, settlement_not_ready, checker_is_maker, digest_differs,
    confirmation_differs, payer_missing, transfers_none.
    """
    require(by, "settlement.approve")
    take_turn(by.municipality)
    found = _locked_run(run, by.municipality, state=RunState.RUN)
    rows = list(Payout.objects.select_for_update().filter(run=found).order_by("number"))
    if found.approval is not None:
        approve(found.approval, digest_of(payouts.document(found, rows)), by=by, at=at)
    ready = [row for row in rows if row.state == PayoutState.PAYABLE and not row.held_because]
    _compare(ready, count=confirmed_count, yen=confirmed_yen)
    pay_on = max(found.pay_on or pay_day(at), pay_day(at))
    judged = orders.judge_payees(ready, found, by=by, at=at)
    file = orders.write_file(found, [one.transfer for one in judged if one.transfer], pay_on=pay_on, at=at)
    _mark_ordered(judged, file=file, by=by, at=at)
    return queries.OrderView(
        run=queries.run_view(found), file=queries.file_view(file),
        left_out=tuple(queries.payout_view(row) for row in rows if row.state == PayoutState.PAYABLE),
    )


def _locked_run(run: UUID, municipality: int, *, state: RunState) -> SettlementRun:
    found = SettlementRun.objects.select_for_update().filter(id=run, municipality=municipality).first()
    if found is None:
        raise RUN_UNKNOWN.refusal()
    if found.state != state:
        raise RUN_NOT_READY.refusal(state=RUN_WORDS[found.state])
    return found


def _compare(ready: Sequence[Payout], *, count: int, yen: int) -> None:
    right_yen = sum(row.amount_yen for row in ready)
    if (count, yen) != (len(ready), right_yen):
        raise CONFIRMATION_DIFFERS.refusal(
            field="confirmed_yen", count=count, yen=yen, right_count=len(ready), right_yen=right_yen
        )


def _mark_ordered(judged: Sequence[orders.Judged], *, file: TransferFile, by: Actor, at: datetime) -> None:
    for one in judged:
        one.payout.fault = one.refusal.code if one.refusal else ""
        if one.transfer:
            one.payout.state, one.payout.pay_on = PayoutState.ORDERED, file.pay_on
    Payout.objects.bulk_update([one.payout for one in judged], ["fault", "state", "pay_on"], batch_size=2000)
    run = file.run
    run.state, run.approved_by, run.approved_at = RunState.APPROVED, by.party, at
    run.pay_on, run.file_digest = file.pay_on, file.digest
    run.save()


@transaction.atomic
def read_transfer_file(*, by: Actor, at: datetime, run: UUID) -> bytes:
    """The bank's file, byte for byte as approved; who fetched it is kept. A withdrawn one is given to nobody.

    Raises Refusal: not_allowed, settlement_not_ready.
    """
    require(by, "settlement.download")
    file = orders.file_of(run, municipality=by.municipality)
    if file is None:
        raise RUN_NOT_READY.refusal(state=RUN_WORDS[RunState.RUN])
    if file.run.state == RunState.WITHDRAWN:
        raise RUN_NOT_READY.refusal(state=RUN_WORDS[file.run.state])
    content = orders.read_file(file)
    FileReading.objects.create(
        id=uuid7(at), municipality=by.municipality, file=file, read_by=by.party, read_at=at
    )
    return content


@transaction.atomic
def mark_sent(*, by: Actor, at: datetime, run: UUID, year_before: bool = False) -> queries.RunView:
    """The bank has the file: from now on what it orders counts as paid.

    Order: wait for the turn, lock the run, compare the file with the payouts it orders, mark the rows, post `pay_out`
    payee by payee last. Dated by the hand-over, and by the transfer day when the hand-over is written down later.
    With `year_before`, in the closing period: payouts that pay nothing but duties of the year that ended are dated by
    its last moment.
    Raises Refusal: not_allowed, settlement_run_unknown, settlement_not_ready, year_dating_late, year_duty_none.
    Raises ValueError if the file differs.
    """
    require(by, "settlement.approve")
    take_turn(by.municipality)
    found = _locked_run(run, by.municipality, state=RunState.APPROVED)
    rows = list(Payout.objects.select_for_update().filter(run=found, state=PayoutState.ORDERED).order_by("number"))
    orders.compare(found, rows)
    settling = _settling(found, rows) if year_before else {}
    found.state, found.sent_at = RunState.SENT, at
    found.save()
    for row in rows:
        row.state, row.handed_at = PayoutState.SENT, at
    Payout.objects.bulk_update(rows, ["state", "handed_at"], batch_size=2000)
    postings.pay_out(rows, by=by, at=at, settling=settling)
    return queries.run_view(found)


def _settling(run: SettlementRun, rows: Sequence[Payout]) -> dict[UUID, FiscalYear]:
    """Which of a run's payouts may be dated into the year that ended, and which year that is."""
    year = payouts.year_before(run)
    if not payouts.in_closing_period(run):
        period = year.closing_period
        raise YEAR_DATING_LATE.refusal(
            field="year_before", year=spoken(year), first=period.first_day.isoformat(), last=str(period.last_day)
        )
    found = payouts.of_year(rows, year, municipality=run.municipality)
    if not found:
        raise YEAR_DUTY_NONE.refusal(field="year_before", year=spoken(year))
    return dict.fromkeys(found, year)


@transaction.atomic
def withdraw_file(*, by: Actor, at: datetime, run: UUID, reason: str) -> queries.RunView:
    """The file never went to the bank and never will (its day has passed, an account was wrong): nobody was paid.

    Order: wait for the turn, lock the run, mark it, let its payouts wait again; the next run takes them over.
    Raises Refusal: not_allowed, settlement_run_unknown, settlement_not_ready, settlement_reason_missing.
    """
    require(by, "settlement.approve")
    take_turn(by.municipality)
    found = _locked_run(run, by.municipality, state=RunState.APPROVED)
    found.state, found.withdrawn_by, found.withdrawn_at = RunState.WITHDRAWN, by.party, at
    found.withdrawn_because = _reason(reason)
    found.save()
    Payout.objects.filter(run=found, state=PayoutState.ORDERED).update(state=PayoutState.PAYABLE)
    return queries.run_view(found)


@transaction.atomic
def return_payout(*, by: Actor, at: datetime, payout: UUID, reason: str) -> queries.PayoutView:
    """The bank could not transfer it (振込不能): the yen are owed again and come in the next run.

    Only what the bank was given can come back from it: before that the file still orders the payout, and would pay it
    beside the next run.
    Order: wait for the turn, lock the payout, mark it, post exactly its entries turned round, once.
    Raises Refusal: not_allowed, payout_unknown, payout_not_ready, settlement_reason_missing.
    """
    require(by, "settlement.run")
    take_turn(by.municipality)
    row = _locked_payout(payout, by.municipality, PayoutState.SENT)
    row.state, row.returned_at, row.returned_because = PayoutState.RETURNED, at, _reason(reason)
    row.save()
    posting = ledger.look_up(f"pay_out:{row.id}", municipality=by.municipality)
    assert posting is not None  # noqa: S101 - a payout is posted in the transaction that marks it sent
    ledger.reverse(
        posting, municipality=by.municipality, template="return_payout", key=f"return_payout:{row.id}", at=at,
        by=f"{by.role}:{by.party}", about={"payout": str(row.id), "run": str(row.run_id)},
    )
    return queries.payout_view(row)


def _locked_payout(payout: UUID, municipality: int, *states: PayoutState) -> Payout:
    row = Payout.objects.select_for_update().filter(id=payout, municipality=municipality).first()
    if row is None:
        raise PAYOUT_UNKNOWN.refusal()
    if row.state not in states:
        raise PAYOUT_NOT_READY.refusal(state=PAYOUT_WORDS[row.state])
    return row


def _reason(text: str) -> str:
    if not text.strip():
        raise SETTLEMENT_REASON_MISSING.refusal(field="reason")
    return text.strip()[:400]


@transaction.atomic
def hold_payout(*, by: Actor, payout: UUID, reason: str) -> queries.PayoutView:
    """Keep a payout out of the file until it is released (seizure, doubt, a changed account not yet checked).

    Raises Refusal: not_allowed, payout_unknown, payout_not_ready, settlement_reason_missing.
    """
    require(by, "settlement.hold")
    row = _locked_payout(payout, by.municipality, PayoutState.PAYABLE)
    row.held_because, row.held_by = _reason(reason), by.party
    row.save(update_fields=["held_because", "held_by"])
    return queries.payout_view(row)


@transaction.atomic
def release_payout(*, by: Actor, payout: UUID) -> queries.PayoutView:
    """Let a held payout go: with its run if that waits for approval, else with the next run."""
    require(by, "settlement.hold")
    row = _locked_payout(payout, by.municipality, PayoutState.PAYABLE)
    row.held_because, row.held_by = "", None
    row.save(update_fields=["held_because", "held_by"])
    return queries.payout_view(row)
