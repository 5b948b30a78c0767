"""Granted value shrinks on its demurrage days (減価): in batches, each balance once a day; a day is undone whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction

from meguri.ledger import operations as books
from meguri.ledger.rules import Account, Leg, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.parties.rules import require
from meguri.programmes import queries
from meguri.programmes.demurrage import RunKind
from meguri.programmes.models import ValueRun
from meguri.programmes.operations.expiry import BATCH, turn_round
from meguri.programmes.queries import Shrink
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

RUN_UNKNOWN = declare(
    "value_run_unknown", status=404, ja="この日の処理は見つかりません。", en="There is no such run."
)


@dataclass(frozen=True, slots=True)
class DemurrageRun:
    """What was done: the days that are finished, postings made and their yen; `refused` wait for the next run."""

    days: tuple[date, ...] = ()
    postings: int = 0
    amount_yen: int = 0
    refused: int = 0

    def __add__(self, other: DemurrageRun) -> DemurrageRun:
        return DemurrageRun(
            (*self.days, *other.days), self.postings + other.postings, self.amount_yen + other.amount_yen, other.refused
        )


def shrink_programme(*, programme: UUID, by: Actor, at: datetime) -> DemurrageRun:
    """Carry out every demurrage day of the programme that has begun by `at`, missed ones too, each by itself, in order.

    What leaves returns to the fund that paid it, as unspent granted value does when it expires. One posting for each
    day, holder and lot under a permanent key: a broken run is simply run again, two runs at once take once, and what
    was undone is not taken anew. It takes what the wallet still has, when less is left than the day asks for.
    A refund of a payment puts back what was paid, whole, also when the payment lay before a demurrage day: that money
    was used in time, and a shop's return is no fault of the holder. From then on it shrinks like all else.
    `queries.shrinking` previews a day. Raises Refusal `not_allowed`, `programme_unknown`.
    """
    require(by, "wallet.expire", municipality=by.municipality)
    run = DemurrageRun()
    for row in _days_due(programme, by=by, at=at):
        while not (step := shrink_batch(row, by=by, at=at)).days and step.postings:
            run += step
        run += step
        if not step.days:
            break  # the next day's base counts on this one
    return run


def undo_demurrage(*, programme: UUID, day: date, by: Actor, at: datetime) -> DemurrageRun:
    """Put back what a demurrage day took, to the holders and lots it came from: each posting turned round, once.

    In batches, as it was taken; a broken undoing is simply run again. The day stays undone: nobody loses for it any
    more. Later days stand as they are; whoever wants them undone too begins with the last. `refused` were not given
    back, because the fund has spent or returned that budget since.
    Raises Refusal `not_allowed`, `programme_unknown`, `value_run_unknown`.
    """
    require(by, "wallet.expire", municipality=by.municipality)
    queries.terms(programme, municipality=by.municipality)
    row = ValueRun.objects.filter(
        municipality=by.municipality, programme_id=programme, kind=RunKind.DEMURRAGE, day=day, ordered_at__isnull=False
    ).first()
    if row is None:
        raise RUN_UNKNOWN.refusal()
    ValueRun.objects.filter(id=row.id, undo_ordered_at=None).update(undo_ordered_at=at)
    run = DemurrageRun()
    while not (step := undo_batch(row, by=by, at=at, refused=run.refused)).days and step.postings:
        run += step
    return run + step


def shrink_batch(row: ValueRun, *, by: Actor, at: datetime) -> DemurrageRun:
    """Take the next balances of a day; the day stands in the answer once nothing is left to take.

    Order: the row (shared, so that an undoing waits for what is being taken, and nothing is taken after it), the
    balances, the postings.
    """
    with transaction.atomic():
        if not _stands(row):
            return DemurrageRun(days=(row.day,))
        batch = queries.shrinking(
            row.programme_id, row.day, rate_bp=row.rate_bp, municipality=by.municipality, limit=BATCH
        )
        answers = books.post_batch([_posting(each, row, by=by, at=at) for each in batch], municipality=by.municipality)
    if not batch:
        ValueRun.objects.filter(id=row.id, done_at=None).update(done_at=at)
        return DemurrageRun(days=(row.day,))
    made = [answer for answer in answers if isinstance(answer, Verdict)]
    fresh = [answer for answer in made if not answer.replayed]  # the others are those of a run at the same time
    return DemurrageRun((), len(fresh), sum(answer.amount(1) for answer in fresh), len(batch) - len(made))


def undo_batch(row: ValueRun, *, by: Actor, at: datetime, refused: int = 0) -> DemurrageRun:
    """Give the next postings of a day back, passing over so many that were refused; the day stands in it at the end."""
    with transaction.atomic():
        ValueRun.objects.select_for_update().get(id=row.id)
        numbers = queries.shrunk(row.programme_id, row.day, municipality=by.municipality, limit=BATCH + refused)
        about = {"programme": str(row.programme_id), "day": row.day.isoformat()}
        made = turn_round(numbers, template="undo_demurrage", about=about, by=by, at=at)
    if not numbers:
        ValueRun.objects.filter(id=row.id, done_at=None).update(done_at=at)
        ValueRun.objects.filter(id=row.id, undone_at=None).update(undone_at=at)
        return DemurrageRun(days=(row.day,))
    return DemurrageRun((), len(made), sum(yen for _, yen in made), len(numbers) - len(made))


def new_runs(programme: UUID, *, by: Actor, at: datetime) -> list[ValueRun]:
    """A row, not saved yet, for each demurrage day that has begun since the launch and has none."""
    demurrage = queries.terms(programme, municipality=by.municipality).demurrage
    if demurrage is None:
        return []
    return [
        ValueRun(id=uuid7(at), municipality=by.municipality, programme_id=programme, kind=RunKind.DEMURRAGE, day=day,
                 rate_bp=demurrage.rate_bp, proposed_at=at)
        for day in queries.days_to_run(programme, municipality=by.municipality, at=at)
    ]  # fmt: skip


def _days_due(programme: UUID, *, by: Actor, at: datetime) -> list[ValueRun]:
    """The days to carry out now, in order; a day that waits for its second officer ends the list."""
    fresh = new_runs(programme, by=by, at=at)
    for row in fresh:
        row.ordered_at = at
    ValueRun.objects.bulk_create(fresh, ignore_conflicts=True)  # another run at this moment has the same days
    rows = ValueRun.objects.filter(
        municipality=by.municipality, programme_id=programme, kind=RunKind.DEMURRAGE, done_at=None, undo_ordered_at=None
    )
    found = list(rows.order_by("day"))
    waiting = next((place for place, row in enumerate(found) if row.ordered_at is None), len(found))
    return found[:waiting]


def _stands(row: ValueRun) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_STANDS_SQL, [row.id])
        return cursor.fetchone() is not None


_STANDS_SQL = """
    SELECT 1 FROM programmes_valuerun WHERE id = %s AND done_at IS NULL AND undo_ordered_at IS NULL FOR SHARE
"""


def _posting(each: Shrink, row: ValueRun, *, by: Actor, at: datetime) -> Posting:
    leg = Leg(
        Account(each.holder, AccountRole.WALLET), Account(each.fund, AccountRole.FUND), each.amount_yen, (each.lot,),
        up_to=True,
    )  # fmt: skip
    return Posting(
        key=_key(each, row), template="demurrage", legs=(leg,), at=at, by=str(by.party or by.role),
        about={"programme": str(row.programme_id), "purse_kind": str(each.purse_kind), "day": row.day.isoformat()},
    )  # fmt: skip


def _key(each: Shrink, row: ValueRun) -> str:
    """For ever: this programme, day, holder and lot shrink once."""
    return f"demurrage:{row.programme_id}:{row.day.isoformat()}:{each.holder}:{each.lot}"
