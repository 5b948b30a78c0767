"""A programme that has ended is wound up: what still lies in its wallets goes where the terms say.

Unspent granted value returns to the fund that paid it. Unspent paid value stays with the fund of the buyers' money, in
its `expired` account, apart from premium; or, where the terms refund it, it is owed to its holder, and the next
settlement sends it to the holder's bank account with all else that is payable.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as books
from meguri.ledger.rules import USED_ONCE, Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.programmes import queries
from meguri.programmes.demurrage import RunKind
from meguri.programmes.models import Programme, ValueRun
from meguri.programmes.operations.expiry import BATCH, put_back_rest
from meguri.programmes.operations.extension import give_up, is_free
from meguri.programmes.operations.telling import tell_wound_up
from meguri.programmes.parts import MoneyPart, UnspentPaid
from meguri.programmes.queries import Lapsed
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.period import day_of
from meguri.words.refusal import Refusal, declare

WINDING_UP_TOO_EARLY = declare(
    "winding_up_too_early",
    ja="終了時の処理ができるのは、事業を閉じたあと、{day}からです。それまでは使える人がいます。",
    en="It can be wound up once the programme is closed, from {day} on: until then value can be spent.",
)


def closing_run(kept: Programme, *, by: Actor, at: datetime) -> list[ValueRun]:
    """Today's run, not saved yet, if anything is left and none was proposed today. Raises `winding_up_too_early`."""
    found = queries.winding_up(kept.id, municipality=by.municipality)
    if not found.may_begin(at):
        raise WINDING_UP_TOO_EARLY.refusal(day=found.first_day.isoformat())
    day = day_of(at)
    if ValueRun.objects.filter(programme=kept, kind=RunKind.CLOSING, day=day, undone_at=None).exists():
        return []
    if not queries.remaining(kept.id, municipality=by.municipality, limit=1):
        return []
    return [ValueRun(id=uuid7(at), municipality=by.municipality, programme=kept, kind=RunKind.CLOSING, day=day,
                     proposed_at=at)]  # fmt: skip


def close_batch(row: ValueRun, *, by: Actor, at: datetime) -> int:
    """Wind the next balances up; gives how many. Nothing left: the run is done.

    Order: the row (an undoing waits, another worker goes on), the holders' accounts of what is owed to them, the
    postings, a notice to each holder.
    """
    refunds = queries.winding_up(row.programme_id, municipality=by.municipality).unspent_paid == UnspentPaid.REFUNDED
    with transaction.atomic():
        if not is_free(row):
            return 0
        batch = queries.remaining(row.programme_id, municipality=by.municipality, limit=BATCH)
        owed = [Account(each.holder, AccountRole.PAYABLE) for each in batch if refunds and each.part == MoneyPart.PAID]
        if owed:
            books.open_accounts(owed, municipality=by.municipality)
        postings = [_posting(each, row, refunds=refunds, by=by, at=at) for each in batch]
        answers = books.post_batch(postings, municipality=by.municipality)
        moved = [each for each, answer in zip(batch, answers, strict=True) if not isinstance(answer, Refusal)]
        tell_wound_up(moved, refunds=refunds, run=row, at=at)
        if not batch:
            ValueRun.objects.filter(id=row.id, done_at=None).update(done_at=at)
    return len(moved)


def undo_closing_batch(row: ValueRun, *, by: Actor, at: datetime) -> int:
    """Put the next balances back into their wallets and lots, each once; gives how many. None left: it is undone.

    What a fund has spent or returned since stays where it is. So does what is owed to its holder: a settlement may have
    written the transfer already, and whoever had both the transfer and the voucher would have it twice.
    """
    with transaction.atomic():
        ValueRun.objects.select_for_update().get(id=row.id)
        numbers = queries.moved_by_run(
            row.id, template="wind_up", since=row.proposed_at, municipality=by.municipality, limit=BATCH
        )
        postings = [_putting_back(number, row, by=by, at=at) for number in numbers]
        owed = [each for each in postings if each.legs[0].debit.role is AccountRole.PAYABLE]
        back = [each for each in postings if each.legs[0].debit.role is not AccountRole.PAYABLE]
        answers = books.post_batch(back, municipality=by.municipality)
        refused = [
            each for each, answer in zip(back, answers, strict=True)
            if isinstance(answer, Refusal)
            and (answer.kind is not USED_ONCE or put_back_rest(each, municipality=by.municipality) is None)
        ]  # fmt: skip
        give_up([*owed, *refused], municipality=by.municipality)
        if not numbers:
            ValueRun.objects.filter(id=row.id, undone_at=None).update(done_at=row.done_at or at, undone_at=at)
    return len(numbers)


def _target(each: Lapsed, *, refunds: bool) -> Account:
    if each.part != MoneyPart.PAID:
        return Account(each.fund, AccountRole.FUND)
    return Account(each.holder, AccountRole.PAYABLE) if refunds else Account(each.fund, AccountRole.EXPIRED)


def _posting(each: Lapsed, row: ValueRun, *, refunds: bool, by: Actor, at: datetime) -> Posting:
    leg = Leg(
        Account(each.holder, AccountRole.WALLET), _target(each, refunds=refunds), each.amount_yen, (each.lot,),
        up_to=True,
    )  # fmt: skip
    return Posting(
        key=f"wind_up:{row.id}:{each.lot}:{each.holder}:{at:%Y%m%dT%H%M%S%f}", template="wind_up", legs=(leg,), at=at,
        by=str(by.party or by.role),
        about={"programme": str(row.programme_id), "purse_kind": str(each.purse_kind), "run": str(row.id)},
    )  # fmt: skip


def _putting_back(number: UUID, row: ValueRun, *, by: Actor, at: datetime) -> Posting:
    return books.turned_round(
        number, municipality=row.municipality, template="undo_wind_up", key=f"undo_wind_up:{number}", at=at,
        by=str(by.party or by.role),
        about={"programme": str(row.programme_id), "run": str(row.id), "undoes": str(number)},
    )  # fmt: skip
