"""What a holder has: purses by programme and expiry, and the history of what came and went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db import connection

from meguri.ledger import queries as books
from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole
from meguri.programmes import queries as programmes
from meguri.programmes.demurrage import next_day
from meguri.programmes.rules import PurseKindView, is_spendable
from meguri.wallets.gift_codes import code_of, link_of
from meguri.wallets.gift_rules import good_until, is_giveable
from meguri.wallets.models import LOST_PHONE, ExpiryChoice, Gift, Wallet
from meguri.wallets.rules import AHEAD_MOST, USUAL, Choice, Ending
from meguri.words.period import day_start


@dataclass(frozen=True, slots=True)
class Purse:
    """What a holder has of one purse kind with one expiry: yen, of all its funds together."""

    kind: PurseKindView
    expires_at: datetime | None
    amount_yen: int
    spendable: bool


@dataclass(frozen=True, slots=True)
class WalletView:
    """Everything at one moment. `total_yen` counts what can be spent now; expired value is listed apart.

    `stopped_by_holder`: suspended for a lost phone, so the holder may let it go on without an officer.
    """

    holder: UUID
    at: datetime
    suspended_at: datetime | None
    purses: tuple[Purse, ...]
    expired: tuple[Purse, ...]
    stopped_by_holder: bool = False

    @property
    def total_yen(self) -> int:
        return sum(purse.amount_yen for purse in self.purses if purse.spendable)

    def family_yen(self, family: str) -> int:
        return sum(purse.amount_yen for purse in self.purses if purse.kind.family == family)


@dataclass(frozen=True, slots=True)
class Movement:
    """One posting in a holder's history: `amount_yen` is positive when value came; `parts` says which purses."""

    posting: UUID
    template: str
    effective_at: datetime
    amount_yen: int
    parts: tuple[tuple[PurseKindView, int], ...]
    about: Mapping[str, Any]
    is_reversal: bool


UNKNOWN = UUID(int=0)
"""Names no purse kind."""


def wallet(holder: UUID, *, municipality: int, at: datetime) -> WalletView | None:
    """The holder's wallet at a moment, soonest expiry first; None when it was never opened."""
    opened = Wallet.objects.filter(id=holder, municipality=municipality).first()
    if opened is None:
        return None
    rules = programmes.rules_in_force(municipality, at)
    held = books.balances([holder], AccountRole.WALLET, municipality=municipality)
    sums: dict[tuple[PurseKindView, datetime | None], tuple[int, bool]] = {}
    for balance in held:
        kind = rules.purse_kinds.get(balance.lot.purse_kind) if balance.lot.purse_kind else None
        if kind is None:
            continue
        place = (kind, balance.lot.expires_at)
        sums[place] = (sums.get(place, (0, False))[0] + balance.amount, is_spendable(balance.lot, kind, at=at))
    purses = tuple(Purse(kind, expires, yen, spendable) for (kind, expires), (yen, spendable) in sums.items())
    return WalletView(
        holder=holder, at=at, suspended_at=opened.suspended_at,
        purses=tuple(purse for purse in purses if not _has_expired(purse, at)),
        expired=tuple(purse for purse in purses if _has_expired(purse, at)),
        stopped_by_holder=opened.suspended_because == LOST_PHONE,
    )  # fmt: skip


def _has_expired(purse: Purse, at: datetime) -> bool:
    return purse.expires_at is not None and purse.expires_at <= at


def history(
    holder: UUID, *, municipality: int, at: datetime, after: UUID | None = None, limit: int = 30
) -> tuple[Movement, ...]:
    """What came and went, newest first; `after` is the last posting of the page before."""
    rules = programmes.rules_in_force(municipality, at)
    account = Account(holder, AccountRole.WALLET)
    lines = books.statement(account, municipality=municipality, after=after, limit=limit)
    movements = []
    for posting, group in groupby(lines, key=lambda line: line.posting):
        of_posting = list(group)
        kinds = [(rules.purse_kinds.get(line.lot.purse_kind or UNKNOWN), line.amount) for line in of_posting]
        parts = [(kind, amount) for kind, amount in kinds if kind is not None]
        first = of_posting[0]
        movements.append(
            Movement(
                posting=posting, template=first.template, effective_at=first.effective_at,
                amount_yen=sum(line.amount for line in of_posting), parts=tuple(parts), about=first.about,
                is_reversal=first.takes_back is not None,
            )
        )  # fmt: skip
    return tuple(movements)


@dataclass(frozen=True, slots=True)
class GiftView:
    """A gift as its giver sees it. `state`: waiting, over (nobody took it in time and it comes back), taken, returned.

    `good_until`: when its money can be spent no more. `code` and `link` while it can be taken, else empty. Who took it
    is nobody's to know.
    """

    id: UUID
    kind: PurseKindView
    yen: int
    made_at: datetime
    until: datetime
    state: str
    ended_at: datetime | None
    good_until: datetime | None
    code: str = ""
    link: str = ""


def giveable(found: WalletView) -> tuple[Purse, ...]:
    """Those purses of a wallet from which the terms let something be given now."""
    return tuple(
        purse for purse in found.purses
        if purse.amount_yen and is_giveable(purse.kind, expires_at=purse.expires_at, at=found.at)
    )  # fmt: skip


def gifts(giver: UUID, *, municipality: int, at: datetime, limit: int = 30) -> tuple[GiftView, ...]:
    """What a holder has given by code, newest first."""
    rows = Gift.objects.filter(municipality=municipality, giver=giver).order_by("-made_at", "-id")[:limit]
    return tuple(_gift(row, at=at) for row in rows)


def gift(number: UUID, *, giver: UUID, municipality: int, at: datetime) -> GiftView | None:
    """One gift of this giver; None for anybody else's."""
    row = Gift.objects.filter(id=number, municipality=municipality, giver=giver).first()
    return None if row is None else _gift(row, at=at)


def gift_received(number: UUID, *, holder: UUID, municipality: int, at: datetime) -> GiftView | None:
    """One gift that this holder took; None for anybody else's."""
    row = Gift.objects.filter(id=number, municipality=municipality, taken_by=holder).first()
    return None if row is None else _gift(row, at=at)


def _gift(row: Gift, *, at: datetime) -> GiftView:
    kind = programmes.rules_in_force(row.municipality, at).purse_kinds[row.purse_kind]
    state = "waiting" if at < row.until else "over"
    if row.ended is not None:
        state = "taken" if row.taken_by else "returned"
    code = code_of(row.id, row.municipality) if state == "waiting" else ""
    link = link_of(row.id, row.municipality) if state == "waiting" else ""
    good = good_until(kind, row.expires_at)
    return GiftView(row.id, kind, row.yen, row.made_at, row.until, state, row.ended_at, good, code, link)


_SUSPENDED = """
SELECT coalesce(array_agg(replace(id::text, '-', '')), '{}'), coalesce(array_agg(suspended_at IS NOT NULL), '{}')
FROM wallets_wallet WHERE id = ANY (%s::uuid[]) AND municipality = %s
"""


def suspended(holders: Iterable[UUID], *, municipality: int) -> dict[UUID, bool]:
    """Which of these wallets are suspended; a holder without a wallet is missing from the answer."""
    asked = {holder.hex: holder for holder in holders}
    with connection.cursor() as cursor:
        cursor.execute(_SUSPENDED, ["{" + ",".join(asked) + "}", municipality])
        found, states = cursor.fetchone()
    return {asked[holder]: state for holder, state in zip(found, states, strict=True)}


_NOT_PAYING = """
SELECT coalesce(array_agg(t.id::text), '{}'), coalesce(array_agg(w.id IS NOT NULL), '{}')
FROM unnest(%s::uuid[]) AS t (id) LEFT JOIN wallets_wallet w ON (w.id, w.municipality) = (t.id, %s)
WHERE w.id IS NULL OR w.suspended_at IS NOT NULL
"""


def not_paying(holders: Iterable[UUID], *, municipality: int) -> dict[UUID, bool]:
    """Those of these holders who cannot pay now: True where the wallet is suspended, False where there is none.

    Every payment asks this: so all holders travel as one array, and only the few exceptions come back, as one row.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NOT_PAYING, ["{" + ",".join([holder.hex for holder in holders]) + "}", municipality])
        found, states = cursor.fetchone()
    return {UUID(holder): suspended for holder, suspended in zip(found, states, strict=True)}


def warning_choice(holder: UUID, *, municipality: int) -> Choice:
    """How the holder wants to be warned before value expires."""
    return chosen_warning(holder, municipality=municipality) or USUAL


def chosen_warning(holder: UUID, *, municipality: int) -> Choice | None:
    """What the holder has chosen, if anything."""
    chosen = ExpiryChoice.objects.filter(id=holder, municipality=municipality).first()
    return Choice(chosen.days, chosen.by_mail) if chosen else None


_ENDING = f"""
WITH losing AS (
    SELECT o.id AS lot, o.purse_kind, k.programme, greatest(o.expires_at, k.until) AS at, 10000 AS rate_bp,
        false AS shrinks
    FROM ledger.lot o
    JOIN unnest(%(kinds)s::uuid[], %(programmes)s::uuid[], %(later)s::timestamptz[]) AS k (id, programme, until)
        ON k.id = o.purse_kind
    WHERE o.municipality_id = %(town)s AND o.expires_at IS NOT NULL
    UNION ALL
    SELECT o.id, o.purse_kind, k.programme, k.at, k.rate_bp, true FROM ledger.lot o
    JOIN unnest(%(shrinking)s::uuid[], %(shrinking_of)s::uuid[], %(days_at)s::timestamptz[], %(rates)s::integer[])
        AS k (id, programme, at, rate_bp) ON k.id = o.purse_kind
    WHERE o.municipality_id = %(town)s AND (o.expires_at IS NULL OR o.expires_at > k.at)
), held AS (
    SELECT a.owner, l.at AS expires_at, coalesce(c.by_mail, %(by_mail)s) AS by_mail, l.purse_kind, l.shrinks, b.amount,
        coalesce(c.days, CASE WHEN NOT l.shrinks THEN drawn.days END, %(days)s) AS days,
        least(CASE WHEN l.shrinks THEN coalesce(drawn.rate_bp, l.rate_bp) ELSE l.rate_bp END, 10000) AS rate_bp
    FROM losing l
    JOIN ledger.balance b ON (b.municipality_id, b.lot_id) = (%(town)s, l.lot)
    JOIN ledger.account a ON (a.municipality_id, a.id) = (b.municipality_id, b.account_id)
    LEFT JOIN wallets_expirychoice c ON c.id = a.owner
    LEFT JOIN ({programmes.ARMS_SQL}) AS own ON (own.programme, own.person) = (l.programme, a.owner)
    LEFT JOIN unnest(%(trials)s::uuid[], %(arms)s::text[], %(reminders)s::integer[], %(arm_rates)s::integer[])
        AS drawn (programme, arm, days, rate_bp) ON (drawn.programme, drawn.arm) = (own.programme, own.arm)
    WHERE l.at > %(at)s AND l.at <= %(last)s AND l.at <= %(at)s + make_interval(days => coalesce(c.days, %(latest)s))
    AND a.role = 'wallet' AND b.amount > 0
    AND NOT EXISTS (SELECT FROM wallets_booklet k WHERE k.id = a.owner)
    AND NOT EXISTS (SELECT FROM wallets_expirywarning w
        WHERE (w.municipality, w.holder, w.expires_at) = (a.municipality_id, a.owner, l.at))
), due AS (
    SELECT owner, expires_at, by_mail, purse_kind, sum(amount * rate_bp / 10000)::bigint AS yen, shrinks, days
    FROM held GROUP BY owner, expires_at, by_mail, purse_kind, shrinks, days
    HAVING sum(amount * rate_bp / 10000) > 0
), told AS (
    SELECT DISTINCT owner, expires_at FROM due WHERE expires_at <= %(at)s + make_interval(days => days)
    ORDER BY owner, expires_at LIMIT %(most)s
)
SELECT owner, expires_at, by_mail, purse_kind, yen, shrinks FROM due JOIN told USING (owner, expires_at) WHERE days > 0
ORDER BY owner, expires_at, purse_kind, shrinks
"""  # noqa: S608 - a constant of the programmes
"""Value whose programme lives longer by an amendment may still lie in a lot of the old day: it ends on the later.
What shrinks loses its share of each lot, rounded down, as `programmes.demurrage.loss_yen` has it. A booklet reads no
notices.
"""


def ending(*, municipality: int, at: datetime, most: int) -> list[Ending]:
    """What ends or shrinks soon for holders who want to be told by now and were not: at most so many holders' moments.

    Whole at once for each: purses of one expiry are never told in two batches. Sorted by holder and expiry. What an
    extension has not moved to its later lot yet ends on the later day all the same. What a holder chose counts before
    what lot decided, and that before what is usual; what lot reminds nobody of is left out.
    """
    kinds = programmes.rules_in_force(municipality, at).purse_kinds
    later = {
        each: programmes.extended_until(each, municipality=municipality)
        for each in {kind.programme for kind in kinds.values()}
    }
    shrinking = {
        kind.id: (kind.programme, day_start(day), kind.demurrage.rate_bp) for kind in kinds.values()
        if kind.demurrage and (day := next_day(kind.demurrage, kind.spending, at=at)) is not None
    }  # fmt: skip
    drawn = programmes.drawn_terms(later, municipality=municipality)
    asked: dict[str, Any] = {
        "programmes": [kind.programme for kind in kinds.values()], "trials": [each.programme for each in drawn],
        "arms": [each.arm for each in drawn], "reminders": [each.reminder_days for each in drawn],
        "arm_rates": [each.demurrage_bp for each in drawn],
        "latest": max([USUAL.days, *(each.reminder_days or 0 for each in drawn)]),
        "town": municipality, "at": at, "last": at + AHEAD_MOST, "kinds": list(kinds), "days": USUAL.days,
        "later": [later[kind.programme] for kind in kinds.values()], "by_mail": USUAL.by_mail, "most": most,
        "shrinking": list(shrinking), "shrinking_of": [programme for programme, _, _ in shrinking.values()],
        "days_at": [starts for _, starts, _ in shrinking.values()],
        "rates": [rate for _, _, rate in shrinking.values()],
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_ENDING, asked)
        return [Ending(*row) for row in cursor.fetchall()]
