"""Value that was handed out gets a later last day: it moves, in its holder's wallet, to a lot that lives longer.

A lot is a fact of the books and never changes; so the yen move, by a posting of their own, from the old lot to the
later one of the same fund and purse kind. Nothing leaves anybody, and nobody can spend more or less on the way: a
payment draws on both lots, in one order, whichever of them the yen lie in. What comes back into an old lot afterwards
(a refund, a hold that ended) moves as well, by the hour, and no expiry run takes it before the later day.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as books
from meguri.ledger import queries as ledger
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.programmes import queries
from meguri.programmes.demurrage import RunKind
from meguri.programmes.models import Fund, Programme, PurseKind, ValueRun
from meguri.programmes.operations.expiry import BATCH
from meguri.programmes.operations.telling import tell_extended, told_before
from meguri.programmes.queries import Lapsed
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.refusal import Refusal, declare

EXTENSION_RELIED_ON = declare(
    "extension_relied_on",
    ja="はじめの期限({day})が過ぎています。延ばした期限を頼りにしている人がいるので、延長は取り消せません。",
    en="The first last day ({day}) is over: people rely on the later one, so the extension cannot be undone any more.",
)


def order_extension(kept: Programme, *, last_day: date, approval: UUID, by: Actor, at: datetime) -> None:
    """Order that all value of a programme lives until a later day; for the amendment that says so, in its transaction.

    The later lots come into being now, so that every till knows them before the first yen moves.
    """
    standing = ValueRun.objects.filter(programme=kept, kind=RunKind.EXTENSION, day=last_day, undone_at=None)
    if standing.update(done_at=None, undo_approval=None, undo_ordered_at=None) == 0:
        ValueRun.objects.create(
            id=uuid7(at), municipality=by.municipality, programme=kept, kind=RunKind.EXTENSION, day=last_day,
            approval=approval, proposed_at=at, ordered_at=at,
        )
    kinds = set(PurseKind.objects.filter(programme=kept).values_list("id", flat=True))
    funds = Fund.objects.filter(programme=kept).values_list("id", flat=True)
    held = ledger.lots_of_funds(funds, municipality=by.municipality)
    for fund, kind in {(lot.fund, lot.purse_kind) for lot in held if lot.expires_at is not None}:
        if fund is not None and kind in kinds:
            books.money_lot(
                municipality=by.municipality, fund=fund, purse_kind=kind, expires_at=queries.end_of(last_day)
            )


def extend_batch(row: ValueRun, *, by: Actor, at: datetime) -> int:
    """Move the next balances of an extension; gives how many. Nothing left to move: the run is done.

    It waits while a demurrage day is under way. Order: the row (an undoing waits, another worker goes on), the
    postings, a notice to each holder whose first yen moved.
    """
    if queries.waits_for_demurrage(row.programme_id, municipality=by.municipality, at=at):
        return 0
    until = queries.end_of(row.day)
    with transaction.atomic():
        if not is_free(row, done_too=True):
            return 0
        batch = queries.extending(row.programme_id, until=until, municipality=by.municipality, limit=BATCH)
        known = told_before({each.holder for each in batch}, run=row, template="extend")
        moved = _move(batch, row, until=until, by=by, at=at)
        tell_extended({each.holder for each in moved} - known, run=row, at=at)
        if not batch:
            ValueRun.objects.filter(id=row.id, done_at=None).update(done_at=at)
    return len(moved)


def is_free(row: ValueRun, *, done_too: bool = False) -> bool:
    """Take the run for this transaction, if nobody undoes it and no other worker has it.

    Two workers on the same balances would only wait for each other.
    """
    free = ValueRun.objects.select_for_update(skip_locked=True).filter(id=row.id, undo_ordered_at=None)
    return (free if done_too else free.filter(done_at=None)).first() is not None


def _move(batch: list[Lapsed], row: ValueRun, *, until: datetime, by: Actor, at: datetime) -> list[Lapsed]:
    """Post these; gives those of which anything moved."""
    lots = _later_lots(batch, until=until, municipality=by.municipality)
    postings = [_posting(each, row, lot=lots[each.fund, each.purse_kind], by=by, at=at) for each in batch]
    answers = books.post_batch(postings, municipality=by.municipality)
    return [each for each, answer in zip(batch, answers, strict=True) if not isinstance(answer, Refusal)]


def undo_extension_batch(row: ValueRun, *, by: Actor, at: datetime) -> int:
    """Move the next balances back, as much of each as its holder has left; gives how many. None left: it is undone."""
    with transaction.atomic():
        ValueRun.objects.select_for_update().get(id=row.id)
        numbers = queries.moved_by_run(
            row.id, template="extend", since=row.proposed_at, municipality=by.municipality, limit=BATCH
        )
        moved = [_moving_back(number, row, by=by, at=at) for number in numbers]
        answers = books.post_batch(moved, municipality=by.municipality)
        give_up([each for each, answer in zip(moved, answers, strict=True) if isinstance(answer, Refusal)],
                municipality=by.municipality)  # fmt: skip
        if not numbers:
            ValueRun.objects.filter(id=row.id, undone_at=None).update(done_at=row.done_at or at, undone_at=at)
    return len(numbers)


def give_up(postings: list[Posting], *, municipality: int) -> None:
    """What cannot be given back is settled too: its key is closed, and nobody comes back to it."""
    for each in postings:
        books.look_up(each.key, municipality=municipality, close=True)


def refuse_late_undoing(row: ValueRun, *, at: datetime) -> None:
    """Raises Refusal `extension_relied_on` once the day is over on which the value would have ended."""
    kinds = PurseKind.objects.filter(programme=row.programme_id).values_list("id", flat=True)
    former = queries.former_end(kinds, until=queries.end_of(row.day), municipality=row.municipality)
    if former is not None and at >= former:
        raise EXTENSION_RELIED_ON.refusal(day=former.date().isoformat())


def _later_lots(batch: list[Lapsed], *, until: datetime, municipality: int) -> dict[tuple[UUID, UUID], int]:
    return {
        (fund, kind): books.money_lot(municipality=municipality, fund=fund, purse_kind=kind, expires_at=until)
        for fund, kind in {(each.fund, each.purse_kind) for each in batch}
    }


def _posting(each: Lapsed, row: ValueRun, *, lot: int, by: Actor, at: datetime) -> Posting:
    """What the wallet still has when the posting is judged: who pays meanwhile pays, and the rest moves."""
    wallet = Account(each.holder, AccountRole.WALLET)
    leg = Leg(wallet, wallet, each.amount_yen, (each.lot,), credit_lot=lot, up_to=True)
    return Posting(
        key=f"extend:{row.id}:{each.lot}:{each.holder}:{at:%Y%m%dT%H%M%S%f}", template="extend", legs=(leg,), at=at,
        by=str(by.party or by.role),
        about={"programme": str(row.programme_id), "purse_kind": str(each.purse_kind), "run": str(row.id)},
    )  # fmt: skip


def _moving_back(number: UUID, row: ValueRun, *, by: Actor, at: datetime) -> Posting:
    """Not a reversal: the holder may have spent a part, which was theirs to spend."""
    legs = tuple(
        Leg(entry.credit, entry.debit, entry.amount, (entry.credit_lot,), credit_lot=entry.debit_lot, up_to=True)
        for entry in ledger.entries(number, municipality=row.municipality)
    )
    return Posting(
        key=f"undo_extend:{number}", template="undo_extend", legs=legs, at=at, by=str(by.party or by.role),
        about={"programme": str(row.programme_id), "run": str(row.id), "undoes": str(number)},
    )  # fmt: skip
