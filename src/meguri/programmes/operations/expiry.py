"""Value whose day has passed leaves the wallets: granted value goes back to its fund, paid value is kept apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as books
from meguri.ledger import queries as ledger
from meguri.ledger.rules import ALREADY_REVERSED, USED_ONCE, Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.parties.rules import require
from meguri.programmes import queries
from meguri.programmes.queries import Lapsed
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal

BATCH = 1_000
"""Postings sent to the books at once."""


@dataclass(frozen=True, slots=True)
class ExpiryRun:
    """What a run did: postings made and yen by part; `refused` were paid or locked in between and wait for the next."""

    postings: int
    granted_yen: int
    paid_yen: int
    refused: int


def expire_programme(*, programme: UUID, by: Actor, at: datetime) -> ExpiryRun:
    """Take all value of the programme that expired by `at` out of the wallets. `queries.lapsed` previews it.

    Granted value returns to the fund that paid it; paid value moves to the fund's `expired` account, apart from unspent
    premium, because who owns it is for the contract to say. One posting for each holder and lot, so each can be
    reversed alone. Every chunk is a transaction of its own: a broken run is simply run again, for what has left is no
    longer found; a run that was wrong is undone by `undo_expiry`.
    Raises Refusal `not_allowed`, `programme_unknown`.
    """
    require(by, "wallet.expire", municipality=by.municipality)
    queries.terms(programme, municipality=by.municipality)
    due = queries.lapsed(programme, municipality=by.municipality, at=at)
    postings = (_posting(each, programme, by=by, at=at) for each in due)
    answers = books.post_many(postings, municipality=by.municipality, size=BATCH)
    made = [each for each, answer in zip(due, answers, strict=True) if not isinstance(answer, Refusal)]
    return _add(ExpiryRun(postings=0, granted_yen=0, paid_yen=0, refused=0), made, refused=len(due) - len(made))


@transaction.atomic
def expire_batch(batch: list[Lapsed], run: ExpiryRun, *, programme: UUID, by: Actor, at: datetime) -> ExpiryRun:
    """Let these lapse, and add them to the run. For the doors of this package, which have asked the permission."""
    postings = [_posting(each, programme, by=by, at=at) for each in batch]
    answers = books.post_batch(postings, municipality=by.municipality)
    made = [each for each, answer in zip(batch, answers, strict=True) if not isinstance(answer, Refusal)]
    return _add(run, made, refused=len(batch) - len(made))


def undo_expiry(*, programme: UUID, run_at: datetime, by: Actor, at: datetime) -> ExpiryRun:
    """Put back what the run of `run_at` took, to the holders and lots it came from: each posting turned round, once.

    In batches, each a transaction of its own; a broken undoing is simply run again. `refused` were not given back,
    because the fund has spent or returned that budget since. Raises Refusal `not_allowed`, `programme_unknown`.
    """
    require(by, "wallet.expire", municipality=by.municipality)
    queries.terms(programme, municipality=by.municipality)
    run = ExpiryRun(postings=0, granted_yen=0, paid_yen=0, refused=0)
    while numbers := ledger.standing("expire", effective_at=run_at, about={"programme": str(programme)},
                                     municipality=by.municipality, limit=BATCH + run.refused):  # fmt: skip
        before = run.postings
        run = undo_expiry_batch(numbers, run, by=by, at=at)
        if run.postings == before:
            break
    return run


def undo_expiry_batch(numbers: list[UUID], run: ExpiryRun, *, by: Actor, at: datetime) -> ExpiryRun:
    """Turn these round, and add them to the run. For the doors of this package, which have asked the permission."""
    made = turn_round(numbers, template="undo_expire", about={}, by=by, at=at)
    yen = Counter[AccountRole]()
    for role, amount in made:
        yen[role] += amount
    return ExpiryRun(
        postings=run.postings + len(made), granted_yen=run.granted_yen + yen[AccountRole.FUND],
        paid_yen=run.paid_yen + yen[AccountRole.EXPIRED], refused=len(numbers) - len(made),
    )  # fmt: skip


@transaction.atomic
def turn_round(
    numbers: list[UUID], *, template: str, about: Mapping[str, str], by: Actor, at: datetime
) -> list[tuple[AccountRole, int]]:
    """Reverse these postings, each once and alone; gives from which role how many yen came back, for each that is done.

    Where a part was counted for a grant that was taken back, the rest of it comes back.
    """
    town = by.municipality
    postings = [
        books.turned_round(number, municipality=town, template=template, key=f"{template}:{number}", at=at,
                           by=str(by.party or by.role), about={**about, "undoes": str(number)})
        for number in numbers
    ]  # fmt: skip
    answers = books.post_batch(postings, municipality=town)
    made = []
    for posting, answer in zip(postings, answers, strict=True):
        if not isinstance(answer, Refusal):
            made += [(leg.debit.role, leg.amount) for leg in posting.legs]
        elif answer.kind is USED_ONCE and (rest := put_back_rest(posting, municipality=town)) is not None:
            made.append((posting.legs[0].debit.role, rest))
    return made


def put_back_rest(whole: Posting, *, municipality: int) -> int | None:
    """Of a posting that cannot be reversed whole any more, put back what is left, under the key of `whole`.

    Gives the yen: 0 where all of it was counted for grants that were taken back, and then its key is closed; None where
    the books refuse, because the fund has spent or returned that budget since.
    """
    assert whole.reverses is not None  # noqa: S101 - turned round by the books
    try:
        made = books.reverse_part(
            whole.reverses, municipality=municipality, template=whole.template, key=whole.key, at=whole.at, by=whole.by,
            about=whole.about,
        )  # fmt: skip
    except Refusal as refusal:
        if refusal.kind is not ALREADY_REVERSED:
            return None
        books.look_up(whole.key, municipality=municipality, close=True)
        return 0
    return made.amount(1)


def _posting(each: Lapsed, programme: UUID, *, by: Actor, at: datetime) -> Posting:
    target = AccountRole.EXPIRED if each.part == "paid" else AccountRole.FUND
    leg = Leg(Account(each.holder, AccountRole.WALLET), Account(each.fund, target), each.amount_yen, (each.lot,))
    return Posting(
        key=f"expire:{each.lot}:{each.holder}:{at:%Y%m%dT%H%M%S}", template="expire", legs=(leg,), at=at,
        by=str(by.party or by.role), about={"programme": str(programme), "purse_kind": str(each.purse_kind)},
    )


def _add(run: ExpiryRun, made: list[Lapsed], *, refused: int) -> ExpiryRun:
    return ExpiryRun(
        postings=run.postings + len(made),
        granted_yen=run.granted_yen + sum(each.amount_yen for each in made if each.part == "granted"),
        paid_yen=run.paid_yen + sum(each.amount_yen for each in made if each.part == "paid"),
        refused=run.refused + refused,
    )
