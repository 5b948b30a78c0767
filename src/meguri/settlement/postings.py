"""What settlement writes in the books: takings become payable, payables are paid out. Called with the turn taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.rules import Account, Leg, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.settlement.models import Payout, PayoutLine, SettlementRun
from meguri.settlement.rules import POSTINGS_AT_ONCE, Activity, Due, duty_at, last_moment
from meguri.settlement.settled import Settled
from meguri.words.actor import Actor
from meguri.words.clock import midnight
from meguri.words.period import FiscalYear
from meguri.words.refusal import Refusal


def settle(run: SettlementRun, due: Sequence[tuple[Due, Activity]], *, by: Actor, at: datetime) -> list[Settled]:
    """Post what is due. A refund that slipped in between takes its part: each leg moves what is still there."""
    _open_accounts((shop.owner for shop, _ in due), run.municipality)
    owed_from = duty_at(run.cutoff, at=at, ends=books.year_ends(municipality=run.municipality))
    postings = [_settle_posting(run, shop, by=by, at=owed_from) for shop, _ in due]
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


def pay_out(handed: Sequence[Payout], *, by: Actor, at: datetime, settling: Mapping[UUID, FiscalYear]) -> None:
    """Post each payout that the bank was given, exact by lot; `settling`: those that pay duties of a year that ended.

    Raises the first Refusal: then nothing of it stands.
    """
    if not handed:
        return
    _open_accounts((row.payee for row in handed), by.municipality)
    lines: dict[UUID, list[PayoutLine]] = {}
    for line in PayoutLine.objects.filter(payout__in=handed).order_by("lot"):
        lines.setdefault(line.payout_id, []).append(line)
    postings = [_pay_out_posting(row, lines[row.id], by=by, at=at, year=settling.get(row.id)) for row in handed]
    for answer in _post_all(postings, municipality=by.municipality):
        if isinstance(answer, Refusal):
            raise answer


def _pay_out_posting(
    payout: Payout, lines: Sequence[PayoutLine], *, by: Actor, at: datetime, year: FiscalYear | None
) -> Posting:
    """Dated by the hand-over; one written down after the transfer day by that day's first moment, when the yen left.

    What pays a duty of a year that ended is dated by its last moment; when the yen left stands in `pay_on`.
    """
    source, target = Account(payout.payee, AccountRole.PAYABLE), Account(payout.payee, AccountRole.PAID_OUT)
    return Posting(
        key=f"pay_out:{payout.id}", template="pay_out",
        at=last_moment(year) if year else min(at, midnight(payout.pay_on)),
        by=f"{by.role}:{by.party}", legs=tuple(Leg(source, target, line.amount_yen, (line.lot,)) for line in lines),
        about={"payout": str(payout.id), "run": str(payout.run_id), "pay_on": payout.pay_on.isoformat()},
    )


def _open_accounts(owners: Iterable[UUID], municipality: int) -> None:
    roles = (AccountRole.PAYABLE, AccountRole.PAID_OUT)
    ledger.open_accounts([Account(owner, role) for owner in owners for role in roles], municipality=municipality)


def _post_all(postings: Sequence[Posting], *, municipality: int) -> list[Verdict | Refusal]:
    parts = [postings[i : i + POSTINGS_AT_ONCE] for i in range(0, len(postings), POSTINGS_AT_ONCE)]
    return [answer for part in parts for answer in ledger.post_batch(part, municipality=municipality)]
