"""What may be done in settlement: look, settle, approve, send, take back.

Every operation first waits for its turn in the municipality's settlement, so that no yen is looked at by two runs at
once; the books keep their own locks below that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from meguri.ledger import operations as ledger
from meguri.ledger.rules import Account, Leg, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.parties.operations import approve, propose
from meguri.parties.rules import digest_of, require
from meguri.settlement import orders, payouts, queries
from meguri.settlement.banks import AccountKind, check_account
from meguri.settlement.kana import bank_kana, fit
from meguri.settlement.models import (
    KANA_WIDTH,
    FileReading,
    PayingAccount,
    Payout,
    PayoutLine,
    PayoutState,
    RunState,
    SettlementRun,
    TransferFile,
)
from meguri.settlement.rules import (
    CONFIRMATION_DIFFERS,
    CUTOFF_IN_FUTURE,
    PAYOUT_NOT_READY,
    PAYOUT_UNKNOWN,
    POSTINGS_AT_ONCE,
    RUN_NOT_READY,
    RUN_UNKNOWN,
    SETTLEMENT_REASON_MISSING,
    Activity,
    Due,
    pay_day,
)
from meguri.settlement.settled import Settled, write_statements
from meguri.settlement.takings import takings
from meguri.settlement.zengin import TRANSFERS_NONE
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.refusal import Refusal

ACCOUNTING = "accounting"
"""The code of the department that releases money."""

_TURN = 0x5E771E  # names settlement among the advisory locks of the database


def _take_turn(municipality: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_TURN, municipality])


def set_paying_account(
    *, by: Actor, at: datetime, payer_code: str, payer_name: str, bank: str, branch: str, number: str,
    kind: str = AccountKind.ORDINARY, line_ends: bool = True,
) -> None:
    """Register the town's own account for payouts. Raises Refusal as `check_account`, `not_allowed`."""
    require(by, "settlement.run")
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

    Raises Refusal: not_allowed, cutoff_in_future.
    """
    require(by, "settlement.run")
    _check_cutoff(cutoff, at)
    _take_turn(by.municipality)
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
    if cutoff > at:
        raise CUTOFF_IN_FUTURE.refusal(field="cutoff", cutoff=f"{cutoff:%Y-%m-%d %H:%M}")


def _run_at(cutoff: datetime, *, by: Actor, at: datetime) -> SettlementRun:
    earlier = SettlementRun.objects.filter(municipality=by.municipality, cutoff__lt=cutoff)
    before = earlier.exclude(state=RunState.PREVIEWED).order_by("-cutoff").first()
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
    Raises Refusal: not_allowed, cutoff_in_future.
    """
    require(by, "settlement.run")
    _check_cutoff(cutoff, at)
    _take_turn(by.municipality)
    run = _run_at(cutoff, by=by, at=at)
    if run.state != RunState.PREVIEWED:
        return queries.run_view(run)
    settled = _settle(run, takings(by.municipality, cutoff=cutoff), by=by, at=at)
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
    _take_turn(by.municipality)
    found = _locked_run(run, by.municipality, state=RunState.RUN)
    planned = list(Payout.objects.filter(run=found).order_by("number"))
    if not planned:
        raise TRANSFERS_NONE.refusal()
    found.approval, found.made_by = _propose(found, planned, by=by, at=at), by.party
    found.save()
    return queries.run_view(found)


def _settle(
    run: SettlementRun, due: Sequence[tuple[Due, Activity]], *, by: Actor, at: datetime
) -> list[Settled]:
    """Post what is due. A refund that slipped in between takes its part: each leg moves what is still there."""
    _open_accounts((shop.owner for shop, _ in due), run.municipality)
    postings = [_settle_posting(run, shop, by=by, at=at) for shop, _ in due]
    answers = _post_all(postings, municipality=run.municipality)
    return [
        Settled(shop, activity, answer)
        for (shop, activity), answer in zip(due, answers, strict=True)
        if isinstance(answer, Verdict)
    ]


def _settle_posting(run: SettlementRun, due: Due, *, by: Actor, at: datetime) -> Posting:
    source, target = Account(due.owner, AccountRole.SHOP), Account(due.owner, AccountRole.PAYABLE)
    legs = tuple(Leg(source, target, lot.yen, (lot.lot,), up_to=True) for lot in due.lots)
    return Posting(
        key=f"settle:{run.id}:{due.owner}", template="settle", legs=legs, at=at, by=f"{by.role}:{by.party}",
        about={"shop": str(due.owner), "run": str(run.id), "cutoff": run.cutoff.isoformat()},
    )


def _open_accounts(owners: Iterable[UUID], municipality: int) -> None:
    roles = (AccountRole.PAYABLE, AccountRole.PAID_OUT)
    ledger.open_accounts([Account(owner, role) for owner in owners for role in roles], municipality=municipality)


def _post_all(postings: Sequence[Posting], *, municipality: int) -> list[Verdict | Refusal]:
    parts = [postings[i : i + POSTINGS_AT_ONCE] for i in range(0, len(postings), POSTINGS_AT_ONCE)]
    return [answer for part in parts for answer in ledger.post_batch(part, municipality=municipality)]


@transaction.atomic
def approve_payouts(
    *, by: Actor, at: datetime, run: UUID, confirmed_count: int, confirmed_yen: int
) -> queries.OrderView:
    """Release a run's payouts and write the bank's file. `confirmed_…`: what the approver read and typed.

    Order: wait for the turn, lock run and payouts, let the approval be judged (another person, unchanged contents),
    compare the confirmation, reveal the accounts (logged), leave out payees who cannot be paid, write and seal the
    file, mark the rows, post `pay_out` last. Payees left out or held stay owed and come again in the next run.
    Raises Refusal: not_allowed, settlement_run_unknown, settlement_not_ready, checker_is_maker, digest_differs,
    confirmation_differs, payer_missing, transfers_none.
    """
    require(by, "settlement.approve")
    _take_turn(by.municipality)
    found = _locked_run(run, by.municipality, state=RunState.RUN)
    rows = list(Payout.objects.select_for_update().filter(run=found).order_by("number"))
    if found.approval is not None:
        approve(found.approval, digest_of(payouts.document(found, rows)), by=by, at=at)
    ready = [row for row in rows if row.state == PayoutState.PAYABLE and not row.held_because]
    _compare(ready, count=confirmed_count, yen=confirmed_yen)
    pay_on = max(found.pay_on or pay_day(at), pay_day(at))
    judged = orders.judge_payees(ready, found, by=by, at=at)
    file = orders.write_file(found, [one.transfer for one in judged if one.transfer], pay_on=pay_on, at=at)
    paid = _mark_ordered(judged, file=file, by=by, at=at)
    _pay_out(paid, by=by, at=at)
    return queries.OrderView(
        run=queries.run_view(found), file=queries.file_view(file),
        left_out=tuple(queries.payout_view(row) for row in rows if row.state == PayoutState.PAYABLE),
    )


def _locked_run(run: UUID, municipality: int, *, state: RunState) -> SettlementRun:
    found = SettlementRun.objects.select_for_update().filter(id=run, municipality=municipality).first()
    if found is None:
        raise RUN_UNKNOWN.refusal()
    if found.state != state:
        raise RUN_NOT_READY.refusal(state=found.state)
    return found


def _compare(ready: Sequence[Payout], *, count: int, yen: int) -> None:
    right_yen = sum(row.amount_yen for row in ready)
    if (count, yen) != (len(ready), right_yen):
        raise CONFIRMATION_DIFFERS.refusal(
            field="confirmed_yen", count=count, yen=yen, right_count=len(ready), right_yen=right_yen
        )


def _mark_ordered(
    judged: Sequence[orders.Judged], *, file: TransferFile, by: Actor, at: datetime
) -> list[Payout]:
    for one in judged:
        one.payout.fault = one.refusal.code if one.refusal else ""
        if one.transfer:
            one.payout.state, one.payout.pay_on = PayoutState.ORDERED, file.pay_on
    Payout.objects.bulk_update([one.payout for one in judged], ["fault", "state", "pay_on"], batch_size=2000)
    run = file.run
    run.state, run.approved_by, run.approved_at = RunState.APPROVED, by.party, at
    run.pay_on, run.file_digest = file.pay_on, file.digest
    run.save()
    return [one.payout for one in judged if one.transfer]


def _pay_out(paid: Sequence[Payout], *, by: Actor, at: datetime) -> None:
    _open_accounts((row.payee for row in paid), by.municipality)
    lines: dict[UUID, list[PayoutLine]] = {}
    for line in PayoutLine.objects.filter(payout__in=paid).order_by("lot"):
        lines.setdefault(line.payout_id, []).append(line)
    postings = [_pay_out_posting(row, lines[row.id], by=by, at=at) for row in paid]
    for answer in _post_all(postings, municipality=by.municipality):
        if isinstance(answer, Refusal):
            raise answer  # the file names this payee, so nothing of it may stand


def _pay_out_posting(payout: Payout, lines: Sequence[PayoutLine], *, by: Actor, at: datetime) -> Posting:
    source, target = Account(payout.payee, AccountRole.PAYABLE), Account(payout.payee, AccountRole.PAID_OUT)
    return Posting(
        key=f"pay_out:{payout.id}", template="pay_out", at=at, by=f"{by.role}:{by.party}",
        legs=tuple(Leg(source, target, line.amount_yen, (line.lot,)) for line in lines),
        about={"payout": str(payout.id), "run": str(payout.run_id), "pay_on": payout.pay_on.isoformat()},
    )


@transaction.atomic
def read_transfer_file(*, by: Actor, at: datetime, run: UUID) -> bytes:
    """The bank's file, byte for byte as approved; who fetched it is kept. Raises Refusal: not_allowed, …not_ready."""
    require(by, "settlement.download")
    file = orders.file_of(run, municipality=by.municipality)
    if file is None:
        raise RUN_NOT_READY.refusal(state=RunState.RUN)
    content = orders.read_file(file)
    FileReading.objects.create(
        id=uuid7(at), municipality=by.municipality, file=file, read_by=by.party, read_at=at
    )
    return content


@transaction.atomic
def mark_sent(*, by: Actor, at: datetime, run: UUID) -> queries.RunView:
    """The bank has the file. Raises Refusal: not_allowed, settlement_run_unknown, settlement_not_ready."""
    require(by, "settlement.approve")
    _take_turn(by.municipality)
    found = _locked_run(run, by.municipality, state=RunState.APPROVED)
    found.state, found.sent_at = RunState.SENT, at
    found.save()
    Payout.objects.filter(run=found, state=PayoutState.ORDERED).update(state=PayoutState.SENT)
    return queries.run_view(found)


@transaction.atomic
def return_payout(*, by: Actor, at: datetime, payout: UUID, reason: str) -> queries.PayoutView:
    """The bank could not transfer it (振込不能): the yen are owed again and come in the next run.

    Order: wait for the turn, lock the payout, mark it, post exactly its entries turned round, once.
    Raises Refusal: not_allowed, payout_unknown, payout_not_ready, settlement_reason_missing.
    """
    require(by, "settlement.run")
    _take_turn(by.municipality)
    row = _locked_payout(payout, by.municipality, PayoutState.ORDERED, PayoutState.SENT)
    row.state, row.returned_at, row.returned_because = PayoutState.RETURNED, at, _reason(reason)
    row.save()
    posting = ledger.look_up(f"pay_out:{row.id}", municipality=by.municipality)
    assert posting is not None  # noqa: S101 - an ordered payout has been posted in the same transaction
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
        raise PAYOUT_NOT_READY.refusal(state=row.state)
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
