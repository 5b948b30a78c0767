"""What may be asked of the books. Answers are frozen; owners are pseudonyms."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db import connection

from meguri.ledger import layers, refunds
from meguri.ledger.holds import Hold
from meguri.ledger.refunds import Refundable
from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole
from meguri.ledger.years import YearEnd, YearEnds


@dataclass(frozen=True, slots=True)
class Municipality:
    """`kind` is real, rehearsal or sandbox; `clock_offset` is zero for a real one."""

    id: int
    code: str
    name_ja: str
    name_en: str
    kind: str
    clock_offset: timedelta


@dataclass(frozen=True, slots=True)
class Lot:
    """Money = purse kind x fund x expiry; an allowance has `allowed` instead and counts yen or pieces."""

    id: int
    unit: str
    fund: UUID | None
    purse_kind: UUID | None
    expires_at: datetime | None
    allowed: UUID | None


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account holds of one lot now, in the lot's unit."""

    account: Account
    lot: Lot
    amount: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a posting: `amount` left (debit, debit_lot) and arrived at (credit, credit_lot)."""

    entry_no: int
    leg_no: int
    debit: Account
    debit_lot: int
    credit: Account
    credit_lot: int
    amount: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement: `amount` is what arrived (+) or left (-) in this posting, by lot."""

    posting: UUID
    template: str
    effective_at: datetime
    recorded_at: datetime
    lot: Lot
    amount: int
    about: Mapping[str, Any]
    reverses: UUID | None

    @property
    def takes_back(self) -> UUID | None:
        """The posting that this one takes back, whole or in part."""
        return self.reverses or _undone_part(self.about)


def _undone_part(about: Mapping[str, Any]) -> UUID | None:
    part = about.get("refunds")
    return UUID(part) if isinstance(part, str) else None


@dataclass(frozen=True, slots=True)
class TrialRow:
    """Sum of one role's balances of one fund (None: allowances)."""

    role: AccountRole
    fund: UUID | None
    unit: str
    amount: int


_LOT = "o.id, o.unit, o.fund, o.purse_kind, o.expires_at, o.allowed"


def _rows(query: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def municipality(number: int) -> Municipality | None:
    """The municipality that keeps these books, or None."""
    rows = _rows(
        "SELECT id, code, name_ja, name_en, kind, clock_offset FROM ledger.municipality WHERE id = %s", [number]
    )
    return Municipality(*rows[0]) if rows else None


def year_ends(*, municipality: int) -> YearEnds:
    """Which fiscal years are in their closing period, and which are closed."""
    query = (
        "SELECT max(year), max(year) FILTER (WHERE state = 'closed') FROM ledger.year_end WHERE municipality_id = %s"
    )
    return YearEnds(*_rows(query, [municipality])[0])


def steps_of_years(*, municipality: int) -> list[YearEnd]:
    """Every step that a fiscal year has taken towards its end, in the order of the years."""
    query = "SELECT year, state, by, at FROM ledger.year_end WHERE municipality_id = %s ORDER BY year, at"
    return [YearEnd(*row) for row in _rows(query, [municipality])]


def first_effective_at(*, municipality: int) -> datetime | None:
    """The moment from which anything stands in the books; None for empty ones. Numbers begin with their time."""
    query = "SELECT effective_at FROM ledger.posting WHERE municipality_id = %s ORDER BY id LIMIT 1"
    rows = _rows(query, [municipality])
    return rows[0][0] if rows else None


def lots(numbers: Iterable[int], *, municipality: int) -> dict[int, Lot]:
    """Lots by number; unknown numbers are left out."""
    query = f"SELECT {_LOT} FROM ledger.lot o WHERE o.municipality_id = %s AND o.id = ANY (%s)"  # noqa: S608
    return {row[0]: Lot(*row) for row in _rows(query, [municipality, list(numbers)])}


def allowance_lots(allowed: Iterable[UUID], *, municipality: int) -> dict[UUID, int]:
    """The lots of these rights and ceilings by what they allow; those that nobody has touched yet are absent."""
    query = (  # every part of the lots' key is named, so that its index answers
        "SELECT allowed, id FROM ledger.lot WHERE municipality_id = %s AND unit IN ('yen', 'piece') AND fund IS NULL"
        " AND purse_kind IS NULL AND expires_at IS NULL AND allowed = ANY (%s)"
    )
    return dict(_rows(query, [municipality, list(allowed)]))


def lots_of_funds(funds: Iterable[UUID], *, municipality: int) -> list[Lot]:
    """All money lots of these funds: the budget's own, and those that purses hold."""
    query = f"SELECT {_LOT} FROM ledger.lot o WHERE o.municipality_id = %s AND o.unit = 'money' AND o.fund = ANY (%s)"  # noqa: S608
    return [Lot(*row) for row in _rows(query, [municipality, list(funds)])]


def spendable_lots(*, municipality: int, at: datetime) -> list[Lot]:
    """All money lots that purses can hold and that have not expired at `at`."""
    query = (
        f"SELECT {_LOT} FROM ledger.lot o WHERE o.municipality_id = %s AND o.purse_kind IS NOT NULL"  # noqa: S608
        " AND (o.expires_at IS NULL OR o.expires_at > %s) ORDER BY o.id"
    )
    return [Lot(*row) for row in _rows(query, [municipality, at])]


def balances(
    owners: Iterable[UUID], role: AccountRole, *, municipality: int, with_empty: bool = False
) -> list[Balance]:
    """What these owners hold in accounts of this role, by lot, soonest expiry first; account by account (`amounts`)."""
    query = (
        f"SELECT a.owner, a.role, b.amount, {_LOT} FROM ledger.account a"  # noqa: S608 - constant columns
        " CROSS JOIN LATERAL (SELECT municipality_id, lot_id, amount FROM ledger.balance"
        " WHERE (municipality_id, account_id) = (a.municipality_id, a.id) OFFSET 0) b"
        " JOIN ledger.lot o ON (o.municipality_id, o.id) = (b.municipality_id, b.lot_id)"
        " WHERE a.municipality_id = %s AND a.owner = ANY (%s) AND a.role = %s AND (b.amount <> 0 OR %s)"
        " ORDER BY o.expires_at NULLS LAST, o.id"
    )
    rows = _rows(query, [municipality, list(owners), str(role), with_empty])
    return [Balance(Account(row[0], AccountRole(row[1])), Lot(*row[3:]), row[2]) for row in rows]


def balances_at(
    owners: Iterable[UUID], role: AccountRole, *, municipality: int, effective_until: datetime | None = None,
    known_at: datetime | None = None,
) -> list[Balance]:
    """What these owners held: of all that counts before `effective_until`, what had been recorded up to `known_at`.

    None means without end. A payment of March that arrives in April belongs to a balance of 31 March as we know it
    today, and does not belong to it as it was known on 31 March.
    """
    query = (
        f"SELECT a.owner, a.role, b.amount, {_LOT} FROM ledger.balances_at("  # noqa: S608 - constant columns
        " %s, ARRAY(SELECT id FROM ledger.account WHERE municipality_id = %s AND owner = ANY (%s) AND role = %s),"
        " coalesce(%s::timestamptz, 'infinity'), coalesce(%s::timestamptz, 'infinity')) AS b"
        " JOIN ledger.account a ON (a.municipality_id, a.id) = (%s, b.account_id)"
        " JOIN ledger.lot o ON (o.municipality_id, o.id) = (%s, b.lot_id)"
        " ORDER BY o.expires_at NULLS LAST, o.id"
    )
    asked = [municipality, municipality, list(owners), str(role), effective_until, known_at, municipality, municipality]
    rows = _rows(query, asked)
    return [Balance(Account(row[0], AccountRole(row[1])), Lot(*row[3:]), row[2]) for row in rows]


def balance(account: Account, *, lot: int, municipality: int) -> int:
    """One balance; 0 where the account never touched the lot."""
    query = (
        "SELECT b.amount FROM ledger.balance b JOIN ledger.account a"
        " ON (a.municipality_id, a.id) = (b.municipality_id, b.account_id)"
        " WHERE a.municipality_id = %s AND a.owner = %s AND a.role = %s AND b.lot_id = %s"
    )
    rows = _rows(query, [municipality, account.owner, str(account.role), lot])
    return int(rows[0][0]) if rows else 0


def amounts(
    owners: Iterable[UUID], role: AccountRole, *, lots: Iterable[int], municipality: int
) -> dict[tuple[UUID, int], int]:
    """Many balances in one look: what these owners hold of these lots, by both; what was never touched is absent.

    Account by account (the fence holds the planner to it): a lot of a whole town's lies in as many balances as people.
    """
    query = (
        "SELECT a.owner, b.lot_id, b.amount FROM ledger.account a CROSS JOIN LATERAL (SELECT lot_id, amount"
        " FROM ledger.balance WHERE (municipality_id, account_id) = (a.municipality_id, a.id) OFFSET 0) b"
        " WHERE a.municipality_id = %s AND a.owner = ANY (%s) AND a.role = %s AND b.lot_id = ANY (%s)"
    )
    rows = _rows(query, [municipality, list(owners), str(role), list(lots)])
    return {(owner, lot): amount for owner, lot, amount in rows}


def received(owner: UUID, lots: Iterable[int], *, municipality: int) -> int:
    """What other people ever passed into this wallet in these lots, by gift or transfer; its own paper is no other."""
    query = """
        SELECT coalesce(sum(e.amount), 0) FROM ledger.entry e
          JOIN ledger.posting p ON (p.municipality_id, p.id) = (e.municipality_id, e.posting_id)
          JOIN ledger.account c ON (c.municipality_id, c.id) = (e.municipality_id, e.credit_account)
         WHERE e.municipality_id = %s AND c.owner = %s AND c.role = 'wallet' AND e.credit_lot = ANY (%s)
           AND p.template IN ('take_gift', 'transfer') AND NOT p.about @> '{"channel": "paper"}'
    """
    return int(_rows(query, [municipality, owner, list(lots)])[0][0])


def entries(posting: UUID, *, municipality: int) -> list[Entry]:
    """The rows of one posting, in order; empty for an unknown one."""
    query = (
        "SELECT e.entry_no, e.leg_no, d.owner, d.role, e.debit_lot, c.owner, c.role, e.credit_lot, e.amount"
        " FROM ledger.entry e"
        " JOIN ledger.account d ON (d.municipality_id, d.id) = (e.municipality_id, e.debit_account)"
        " JOIN ledger.account c ON (c.municipality_id, c.id) = (e.municipality_id, e.credit_account)"
        " WHERE (e.municipality_id, e.posting_id) = (%s, %s) ORDER BY e.entry_no"
    )
    return [
        Entry(no, leg, Account(do, AccountRole(dr)), dl, Account(co, AccountRole(cr)), cl, amount)
        for no, leg, do, dr, dl, co, cr, cl, amount in _rows(query, [municipality, posting])
    ]


@dataclass(frozen=True, slots=True)
class PostingView:
    """One posting as a whole. `reversed_by` is the reversal's posting, if there is one."""

    id: UUID
    template: str
    effective_at: datetime
    recorded_at: datetime
    about: Mapping[str, Any]
    reverses: UUID | None
    reversed_by: UUID | None


def posting(number: UUID, *, municipality: int) -> PostingView | None:
    """One posting, or None."""
    query = (
        "SELECT p.id, p.template, p.effective_at, p.recorded_at, p.about, p.reverses, r.id FROM ledger.posting p"
        " LEFT JOIN ledger.posting r ON (r.municipality_id, r.reverses) = (p.municipality_id, p.id)"
        " WHERE (p.municipality_id, p.id) = (%s, %s)"
    )
    rows = _rows(query, [municipality, number])
    if not rows:
        return None
    number, template, effective, recorded, about, reverses, reversed_by = rows[0]
    return PostingView(number, template, effective, recorded, _about(about), reverses, reversed_by)


def refundable(number: UUID, *, municipality: int) -> list[Refundable]:
    """The entries by which a posting moved money onward, and what of each may still be taken back; in their order."""
    found = posting(number, municipality=municipality)
    settled = () if found is not None and found.template in layers.BY_THEMSELVES else _GIVEN_BACK
    rows = [
        entry for entry in entries(number, municipality=municipality)
        if entry.debit.role in MONEY_LEAVES and (entry.debit.role, entry.credit.role) not in settled
    ]  # fmt: skip
    owners = [refunds.allowance(number, row.entry_no).owner for row in rows]
    opened = balances(owners, AccountRole.ALLOWANCE, municipality=municipality, with_empty=True)
    left = {balance.account.owner: balance.amount for balance in opened}
    whole = 0 if found is None or found.reversed_by else 1
    return [
        Refundable(number, row.entry_no, row.debit, row.debit_lot, row.credit, row.credit_lot, row.amount,
                   left.get(owner, row.amount * whole))
        for row, owner in zip(rows, owners, strict=True)
    ]  # fmt: skip


MONEY_LEAVES = frozenset(AccountRole) - {
    AccountRole.ALLOTMENT, AccountRole.STOCK, AccountRole.ALLOWANCE, AccountRole.DEBT, AccountRole.USED,
}  # fmt: skip
"""Roles that give money; the others give rights and numbers only."""

_GIVEN_BACK = {
    (AccountRole.WALLET, AccountRole.FUND), (AccountRole.WALLET, AccountRole.CASH_RECEIVED),
    (AccountRole.HELD, AccountRole.WALLET),
}
"""A debt that a grant repaid, and what a capture did not take: nobody can be asked to give that back."""


def undone_parts(number: UUID, *, municipality: int) -> list[UUID]:
    """The postings that took parts of a posting back, oldest first."""
    query = (
        "SELECT DISTINCT e.posting_id FROM ledger.account a"
        " JOIN ledger.entry e ON (e.municipality_id, e.debit_account) = (a.municipality_id, a.id)"
        " WHERE a.municipality_id = %s AND a.owner = ANY (%s) AND a.role = %s ORDER BY 1"
    )
    owners = [each.allowance.owner for each in refundable(number, municipality=municipality)]
    return [row[0] for row in _rows(query, [municipality, owners, str(AccountRole.ALLOWANCE)])]


def given_back(keys: Iterable[str], *, municipality: int) -> dict[str, UUID]:
    """Those of the keys whose posting was reversed as a whole, each with that posting."""
    query = (
        "SELECT k.key, k.posting_id FROM ledger.posting_key k"
        " JOIN ledger.posting r ON (r.municipality_id, r.reverses) = (k.municipality_id, k.posting_id)"
        " WHERE k.municipality_id = %s AND k.key = ANY (%s)"
    )
    return dict(_rows(query, [municipality, list(keys)]))


def standing(
    template: str, *, effective_at: datetime, about: Mapping[str, str], municipality: int, limit: int
) -> list[UUID]:
    """Postings of a template made for one moment, about this, whose undoing nobody has decided yet under its key.

    Numbers begin with the time.
    """
    query = (
        "SELECT p.id FROM ledger.posting p WHERE p.municipality_id = %s AND p.id >= ledger.first_number(%s)"
        " AND p.id < ledger.first_number(%s + interval '1 millisecond') AND p.effective_at = %s AND p.template = %s"
        " AND p.about @> %s::jsonb AND NOT EXISTS (SELECT FROM ledger.posting_key k"
        " WHERE k.municipality_id = p.municipality_id AND k.key = %s || p.id) ORDER BY p.id LIMIT %s"
    )
    undone = f"undo_{template}:"
    asked = [municipality, effective_at, effective_at, effective_at, template, json.dumps(dict(about)), undone, limit]
    return [row[0] for row in _rows(query, asked)]


@dataclass(frozen=True, slots=True)
class Debt:
    """What a holder has to give back to a fund, in yen; `lot` counts it."""

    holder: UUID
    fund: UUID
    yen: int
    lot: int


def debts(holders: Iterable[UUID], *, municipality: int) -> list[Debt]:
    """Point debts that are still open, by holder and fund."""
    found = balances(holders, AccountRole.DEBT, municipality=municipality)
    return [
        Debt(each.account.owner, each.lot.allowed, each.amount, each.lot.id) for each in found if each.lot.allowed
    ]


_HOLDS = """
    SELECT h.id, h.holder, h.posting_id, h.made_at, h.until,
           coalesce(array_agg(e.debit_lot ORDER BY e.entry_no) FILTER (WHERE e.entry_no IS NOT NULL), '{{}}'),
           coalesce(array_agg(coalesce(b.amount, 0) ORDER BY e.entry_no) FILTER (WHERE e.entry_no IS NOT NULL), '{{}}')
    FROM ledger.hold h
    JOIN ledger.account a ON (a.municipality_id, a.owner, a.role) = (h.municipality_id, h.id, 'held')
    JOIN ledger.entry e ON (e.municipality_id, e.posting_id) = (h.municipality_id, h.posting_id)
    LEFT JOIN ledger.balance b ON (b.municipality_id, b.account_id, b.lot_id) = (a.municipality_id, a.id, e.debit_lot)
    WHERE h.municipality_id = %s AND {} GROUP BY h.municipality_id, h.id ORDER BY h.until, h.id LIMIT %s
"""


def _holds(condition: str, params: list[Any], *, limit: int, municipality: int) -> list[Hold]:
    rows = _rows(_HOLDS.format(condition), [municipality, *params, limit])
    return [
        Hold(number, holder, posting, made_at, until, tuple(zip(lots, left, strict=True)))
        for number, holder, posting, made_at, until, lots, left in rows
    ]


def hold(number: UUID, *, municipality: int) -> Hold | None:
    """One hold as it stands, or None."""
    found = _holds("h.id = %s", [number], limit=1, municipality=municipality)
    return found[0] if found else None


def open_holds(holder: UUID, *, municipality: int, at: datetime) -> list[Hold]:
    """What a holder has promised to shops at `at`, soonest end first; a hold whose time is over is not among them."""
    found = _holds("h.open AND h.holder = %s AND h.until > %s", [holder, at], limit=1_000, municipality=municipality)
    return [each for each in found if each.yen]


def overdue_holds(*, municipality: int, at: datetime, limit: int, holder: UUID | None = None) -> list[Hold]:
    """Holds (of one holder, or of all) whose time is over and whose money has not been given back yet."""
    condition = "h.open AND h.until <= %s AND (%s::uuid IS NULL OR h.holder = %s)"
    return _holds(condition, [at, holder, holder], limit=limit, municipality=municipality)


@dataclass(frozen=True, slots=True)
class Turnover:
    """Postings of one template on an account in a span: how many, and what they brought (+) or took (-)."""

    template: str
    count: int
    amount: int


_LAST = UUID(int=2**128 - 1)


def turnover(account: Account, *, municipality: int, start: datetime, end: datetime) -> list[Turnover]:
    """What moved on an account from `start` up to (not including) `end`, by template.

    A posting's number begins with its effective time: the numbers bound what is read, the times decide.
    """
    query = """
        WITH own AS (SELECT id FROM ledger.account WHERE (municipality_id, owner, role) = (%(m)s, %(owner)s, %(role)s)),
        moved AS (
            SELECT posting_id, amount FROM ledger.entry WHERE municipality_id = %(m)s
              AND credit_account = (SELECT id FROM own) AND effective_at >= %(start)s AND effective_at < %(end)s
              AND posting_id >= ledger.first_number(%(start)s) AND posting_id <= ledger.first_number(%(end)s)
            UNION ALL
            SELECT posting_id, -amount FROM ledger.entry WHERE municipality_id = %(m)s
              AND debit_account = (SELECT id FROM own) AND effective_at >= %(start)s AND effective_at < %(end)s
              AND posting_id >= ledger.first_number(%(start)s) AND posting_id <= ledger.first_number(%(end)s)
        )
        SELECT p.template, count(DISTINCT p.id), sum(v.amount)::bigint FROM moved v
        JOIN ledger.posting p ON (p.municipality_id, p.id) = (%(m)s, v.posting_id) GROUP BY 1 ORDER BY 1
    """
    wanted: dict[str, Any] = {"m": municipality, "owner": account.owner, "role": str(account.role)}
    with connection.cursor() as cursor:
        cursor.execute(query, wanted | {"start": start, "end": end})
        return [Turnover(*row) for row in cursor.fetchall()]


_SIDES = (("credit", ""), ("debit", "-"))


def statement(
    account: Account, *, municipality: int, after: UUID | None = None, limit: int = 50, templates: Sequence[str] = (),
    effective_until: datetime | None = None, known_at: datetime | None = None,
) -> list[Line]:
    """The account's movements (of these templates, or all), newest first, one line for each posting and lot.

    `after` is the stable cursor: the last posting of the page before; `limit` counts postings. A page costs the same
    however long the account's history is: each side is read backwards along its index. `effective_until` and
    `known_at` as in `balances_at`: the statement that adds up to that balance.
    """
    newest = " UNION ".join(
        f"(SELECT DISTINCT e.posting_id FROM ledger.entry e"  # noqa: S608 - constant names
        f" JOIN ledger.posting p ON (p.municipality_id, p.id) = (e.municipality_id, e.posting_id)"
        f" WHERE e.municipality_id = %(m)s AND e.{side}_account = (SELECT id FROM own)"
        f" AND e.posting_id < %(after)s AND (%(all)s OR p.template = ANY (%(templates)s))"
        f" AND p.effective_at < %(until)s::timestamptz AND p.recorded_at <= %(known)s::timestamptz"
        f" ORDER BY e.posting_id DESC LIMIT %(limit)s)"
        for side, _ in _SIDES
    )
    moved = " UNION ALL ".join(
        f"SELECT posting_id, e.{side}_lot AS lot_id, {sign}e.amount AS amount"  # noqa: S608 - constant names
        f" FROM page JOIN ledger.entry e USING (posting_id)"
        f" WHERE e.municipality_id = %(m)s AND e.{side}_account = (SELECT id FROM own)"
        for side, sign in _SIDES
    )
    query = f"""
        WITH own AS (SELECT id FROM ledger.account WHERE (municipality_id, owner, role) = (%(m)s, %(owner)s, %(role)s)),
        page AS (SELECT posting_id FROM ({newest}) AS newest ORDER BY posting_id DESC LIMIT %(limit)s),
        moved AS ({moved})
        SELECT p.id, p.template, p.effective_at, p.recorded_at, sum(v.amount)::bigint, p.about, p.reverses, {_LOT}
        FROM moved v
        JOIN ledger.posting p ON (p.municipality_id, p.id) = (%(m)s, v.posting_id)
        JOIN ledger.lot o ON (o.municipality_id, o.id) = (%(m)s, v.lot_id)
        GROUP BY p.municipality_id, p.id, o.municipality_id, o.id ORDER BY p.id DESC, o.expires_at NULLS LAST, o.id
    """  # noqa: S608 - constant columns
    wanted: dict[str, Any] = {
        "m": municipality, "owner": account.owner, "role": str(account.role),
        "after": min(after or _LAST, _number_after(effective_until)), "limit": limit, "all": not templates,
        "templates": list(templates), "until": effective_until or "infinity", "known": known_at or "infinity",
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(query, wanted)
        return [_line(row) for row in cursor.fetchall()]


def _number_after(until: datetime | None) -> UUID:
    """No posting that is effective before `until` has this number or a later one: numbers begin with their time."""
    return _LAST if until is None else UUID(int=int(until.timestamp() * 1000) + 1 << 80)


def _line(row: tuple[Any, ...]) -> Line:
    posting, template, effective, recorded, amount, about, reverses, *lot = row
    return Line(posting, template, effective, recorded, Lot(*lot), amount, _about(about), reverses)


def _about(value: Any) -> Mapping[str, Any]:
    known: Mapping[str, Any] = json.loads(value) if isinstance(value, str) else value
    return known


def trial_balance_at(
    *, municipality: int, effective_until: datetime | None = None, known_at: datetime | None = None
) -> list[TrialRow]:
    """The trial balance of another moment; times as in `balances_at`. Per fund it adds up to zero at every moment."""
    query = (
        "SELECT a.role, o.fund, o.unit, sum(b.amount)::bigint FROM ledger.balances_at("
        " %s, NULL, coalesce(%s::timestamptz, 'infinity'), coalesce(%s::timestamptz, 'infinity')) AS b"
        " JOIN ledger.account a ON (a.municipality_id, a.id) = (%s, b.account_id)"
        " JOIN ledger.lot o ON (o.municipality_id, o.id) = (%s, b.lot_id)"
        " GROUP BY 1, 2, 3 HAVING sum(b.amount) <> 0 ORDER BY 2, 3, 1"
    )
    rows = _rows(query, [municipality, effective_until, known_at, municipality, municipality])
    return [TrialRow(AccountRole(role), fund, unit, amount) for role, fund, unit, amount in rows]


def trial_balance(*, municipality: int) -> list[TrialRow]:
    """Every role's total per fund. Per fund the amounts add up to zero: nothing is made or lost."""
    query = (
        "SELECT a.role, o.fund, o.unit, sum(b.amount)::bigint FROM ledger.balance b"
        " JOIN ledger.account a ON (a.municipality_id, a.id) = (b.municipality_id, b.account_id)"
        " JOIN ledger.lot o ON (o.municipality_id, o.id) = (b.municipality_id, b.lot_id)"
        " WHERE b.municipality_id = %s GROUP BY 1, 2, 3 ORDER BY 2, 3, 1"
    )
    return [
        TrialRow(AccountRole(role), fund, unit, amount) for role, fund, unit, amount in _rows(query, [municipality])
    ]


@dataclass(frozen=True, slots=True)
class Event:
    """A posting at its place in the town's one order: numbers are dense, so a reader that counts misses nothing."""

    number: int
    posting: UUID
    template: str
    effective_at: datetime
    recorded_at: datetime
    by: str
    about: Mapping[str, Any]
    reverses: UUID | None
    entries: tuple[Entry, ...]


def events(*, municipality: int, after: int = 0, limit: int = 100) -> list[Event]:
    """The postings that come after the number `after`, in their order, without a gap.

    A reader keeps the last number it has worked through and asks on from there. Whatever it gets is final: nothing
    ever appears before a number that somebody has seen.
    """
    query = """
        SELECT s.number, p.id, p.template, p.effective_at, p.recorded_at, p.by, p.about, p.reverses,
               e.entry_no, e.leg_no, d.owner, d.role, e.debit_lot, c.owner, c.role, e.credit_lot, e.amount
        FROM (SELECT number, posting_id FROM ledger.sequence WHERE municipality_id = %(m)s AND number > %(after)s
              ORDER BY number LIMIT %(limit)s) AS s
        JOIN ledger.posting p ON (p.municipality_id, p.id) = (%(m)s, s.posting_id)
        JOIN ledger.entry e ON (e.municipality_id, e.posting_id) = (%(m)s, s.posting_id)
        JOIN ledger.account d ON (d.municipality_id, d.id) = (%(m)s, e.debit_account)
        JOIN ledger.account c ON (c.municipality_id, c.id) = (%(m)s, e.credit_account)
        ORDER BY s.number, e.entry_no
    """
    with connection.cursor() as cursor:
        cursor.execute(query, {"m": municipality, "after": after, "limit": limit})
        return [_event(list(rows)) for _, rows in groupby(cursor.fetchall(), key=itemgetter(0))]


def _event(rows: Sequence[tuple[Any, ...]]) -> Event:
    number, posting, template, effective, recorded, by, about, reverses, *_ = rows[0]
    moved = tuple(
        Entry(no, leg, Account(do, AccountRole(dr)), dl, Account(co, AccountRole(cr)), cl, amount)
        for no, leg, do, dr, dl, co, cr, cl, amount in (row[8:] for row in rows)
    )
    return Event(number, posting, template, effective, recorded, by, _about(about), reverses, moved)
