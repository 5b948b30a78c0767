"""What may be done with the books. `post` joins the caller's transaction; `poster.submit` gathers many into one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any, Literal
from uuid import UUID

from django.db import OperationalError, connection, transaction
from msgspec.structs import replace
from psycopg.errors import DeadlockDetected, LockNotAvailable

from meguri.ledger import debts, holds, queries, reclaiming, refunds
from meguri.ledger.door import CHUNK, in_chunks, through_the_door
from meguri.ledger.holds import (
    CAPTURE_EXCEEDS_HOLD,
    HOLD_ENDED,
    HOLD_LIFE_MAX,
    HOLD_TIME_WRONG,
    HOLD_UNKNOWN,
    Hold,
)
from meguri.ledger.refunds import REFUND_EXCEEDS_PAYMENT, REVERSED_IN_PART, Refundable, Share
from meguri.ledger.rules import (
    ALREADY_REVERSED,
    INSUFFICIENT,
    KEY_REUSED,
    LEDGER_BUSY,
    LIMIT_REACHED,
    USED_ONCE,
    Account,
    Leg,
    Limit,
    Posting,
    Taken,
    Verdict,
)
from meguri.ledger.templates import ROLES, TEMPLATES, AccountRole
from meguri.ledger.years import SETTLING, YEAR_NOT_OVER, YearState, first_day_to, spoken
from meguri.words import clock
from meguri.words.period import FiscalYear, day_start
from meguri.words.refusal import Refusal

_LOT_KEY = "(municipality_id, unit, fund, purse_kind, expires_at, allowed)"


def install() -> None:
    """Apply the replaceable SQL, the roles and the templates. Called by `migrate`, safe to repeat."""
    folder = files("meguri.ledger").joinpath("sql/code")
    with connection.cursor() as cursor:
        for file in sorted(folder.iterdir(), key=lambda item: item.name):
            cursor.execute(file.read_text(encoding="utf-8"))
        cursor.execute("SELECT ledger.turn_month(clock_timestamp())")
        cursor.executemany(
            "INSERT INTO ledger.role (name, outside, opens_itself, keeps) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [(role, facts.outside, facts.opens_itself, facts.keeps) for role, facts in ROLES.items()],
        )
        cursor.executemany(
            "INSERT INTO ledger.template_leg (template, version, debit_role, credit_role, spends, settles_year)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (template, version, debit_role, credit_role)"
            " DO UPDATE SET settles_year = excluded.settles_year",
            [
                (t.name, t.version, debit, credit, t.spends, t.settles_year)
                for t in TEMPLATES.values() for debit, credit in t.legs
            ],
        )


def turn_month(*, at: datetime) -> bool:
    """Give the entries of the months to come a place of their own. Safe to repeat; False when nothing was to do."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger.turn_month(%s)", [at])
        return bool(cursor.fetchone()[0])


def open_municipality(
    *, municipality: int, code: str, name_ja: str, name_en: str, kind: Literal["real", "rehearsal", "sandbox"]
) -> None:
    """Open the books of a municipality; nothing changes where they are open already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger.municipality (id, code, name_ja, name_en, kind) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [municipality, code, name_ja, name_en, kind],
        )


def set_clock_offset(*, municipality: int, offset: timedelta) -> None:
    """Shift the clock of an invented municipality. The database refuses it for a real one, by constraint.

    The sums by recorded day are forgotten: with a clock turned back, a day that was over may grow again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger.municipality SET clock_offset = make_interval(secs => %s) WHERE id = %s",
            [offset.total_seconds(), municipality],
        )
        cursor.execute("DELETE FROM ledger.summed WHERE municipality_id = %s", [municipality])
        cursor.execute("DELETE FROM ledger.day_sum WHERE municipality_id = %s", [municipality])


def sum_days(*, municipality: int, most: int = 31) -> int:
    """Sum up to `most` recorded days that are over, so that questions about the past are quick. Returns how many.

    Each day is a chunk of its own, right by itself: a broken run is simply run again.
    """
    for done in range(most):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT ledger.sum_day(%s)", [municipality])
            if cursor.fetchone()[0] is None:
                return done
    return most


def open_accounts(accounts: Iterable[Account], *, municipality: int) -> None:
    """Open accounts; those that exist stay as they are."""
    rows = sorted({(account.owner, str(account.role)) for account in accounts})
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger.account (municipality_id, owner, role)"
            " SELECT %s, owner, role FROM unnest(%s::uuid[], %s::text[]) AS t (owner, role)"
            " ON CONFLICT DO NOTHING",
            [municipality, [owner for owner, _ in rows], [role for _, role in rows]],
        )


def fund_lot(fund: UUID, *, municipality: int) -> int:
    """The lot of a fund's budget that no purse holds yet. Made on first call."""
    return _lot(municipality=municipality, unit="money", fund=fund)


def money_lot(*, municipality: int, fund: UUID, purse_kind: UUID, expires_at: datetime | None) -> int:
    """The lot purse kind x fund x expiry, shared by all its holders. Made on first call, with its takings lot."""
    asked = {"unit": "money", "fund": fund, "purse_kind": purse_kind, "expires_at": expires_at}
    with connection.cursor() as cursor:
        known = _find_lot(cursor, municipality=municipality, columns=asked)
    if known is not None:
        return known
    own = fund_lot(fund, municipality=municipality)
    takings = _lot(municipality=municipality, unit="money", fund=fund, purse_kind=purse_kind, fund_lot=own)
    if expires_at is None:
        return takings
    return _lot(
        municipality=municipality, unit="money", fund=fund, purse_kind=purse_kind, expires_at=expires_at,
        takings_lot=takings, fund_lot=own,
    )  # fmt: skip


def allowance_lot(
    *, municipality: int, allowed: UUID, unit: Literal["yen", "piece"], opening: int | None = None
) -> int:
    """The lot of a right, a stock or a ceiling. `opening`: every account that first touches it starts so."""
    return _lot(municipality=municipality, unit=unit, allowed=allowed, opening=opening)


_LOT_COLUMNS = ("unit", "fund", "purse_kind", "expires_at", "allowed", "opening", "takings_lot", "fund_lot")


def _lot(*, municipality: int, **columns: Any) -> int:
    """The number of a lot; nearly always it is there already, so it is looked for before it is made."""
    with connection.cursor() as cursor:
        while (number := _find_lot(cursor, municipality=municipality, columns=columns)) is None:
            cursor.execute(
                f"INSERT INTO ledger.lot (municipality_id, {', '.join(_LOT_COLUMNS)})"  # noqa: S608 - constant names
                f" VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT {_LOT_KEY} DO NOTHING",
                [municipality, *map(columns.get, _LOT_COLUMNS)],
            )
    return number


def _find_lot(cursor: Any, *, municipality: int, columns: Mapping[str, Any]) -> int | None:
    """Each part of the key is compared in a way that its index can answer, NULL too."""
    given = {name: columns.get(name) for name in _LOT_COLUMNS[:5]}
    wanted = " AND ".join(f"{name} IS NULL" if value is None else f"{name} = %s" for name, value in given.items())
    cursor.execute(
        f"SELECT id FROM ledger.lot WHERE municipality_id = %s AND {wanted}",  # noqa: S608 - constant names
        [municipality, *(value for value in given.values() if value is not None)],
    )
    row = cursor.fetchone()
    return None if row is None else int(row[0])


def post(posting: Posting, *, municipality: int) -> Verdict:
    """Post on the caller's connection, as the last statement of its transaction. Raises Refusal."""
    (answer,) = post_batch([posting], municipality=municipality)
    if isinstance(answer, Refusal):
        raise answer
    return answer


def post_batch(postings: Sequence[Posting], *, municipality: int) -> list[Verdict | Refusal]:
    """Post many on the caller's connection; each is judged in its order and refused alone."""
    with connection.cursor() as cursor:
        return through_the_door(cursor, postings=postings, municipality=municipality)


def post_many(
    postings: Iterable[Posting], *, municipality: int, size: int = CHUNK
) -> Iterator[Verdict | Refusal]:
    """Post very many on the caller's connection, in chunks of a size; one answer per posting, in order.

    Outside a transaction each chunk is one of its own. `postings` is read on another thread: it asks no database.
    """
    with connection.cursor() as cursor:
        for answers in in_chunks(cursor, postings=postings, municipality=municipality, size=size):
            yield from answers


def check_over(year: FiscalYear, *, state: YearState, at: datetime) -> None:
    """Raise Refusal `year_not_over` before the day from which the year may be brought to this state.

    An invented clock that runs ahead closes nothing either: it is asked for the true time as well.
    """
    first = first_day_to(state, year)
    if min(at, clock.now()) < day_start(first):
        raise YEAR_NOT_OVER.refusal(year=spoken(year), day=first.isoformat())


@transaction.atomic
def end_year(year: int, *, state: YearState, municipality: int, by: str, at: datetime) -> None:
    """Let the closing period of a fiscal year begin (from 1 April), or close the year for ever (from 1 June).

    From then on the database itself refuses what is dated into the year, by a constraint on the postings; again is the
    same. Order: the day, the row, the constraint (it waits for postings that are being made, but not long).
    Raises Refusal: year_not_over, ledger_busy.
    """
    check_over(FiscalYear(year), state=state, at=at)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT ledger.end_year(%s, %s, %s, %s, %s, %s)",
                           [municipality, year, state, by, at, list(SETTLING)])  # fmt: skip
    except OperationalError as waited:
        if isinstance(waited.__cause__, LockNotAvailable | DeadlockDetected):
            raise LEDGER_BUSY.refusal() from waited
        raise


def reverse(
    posting: UUID, *, municipality: int, template: str, key: str, at: datetime, by: str, about: Mapping[str, Any]
) -> Verdict:
    """Post exactly the entries of a posting turned round. Once only, and never beside parts (`reverse_part`).

    Raises Refusal: already_reversed, reversed_in_part, and as `post`.
    """
    turned = turned_round(
        posting, municipality=municipality, template=template, key=key, at=at, by=by, about=about
    )
    try:
        return post(turned, municipality=municipality)
    except Refusal as refusal:
        if refusal.kind is not USED_ONCE:
            raise
    found = queries.posting(posting, municipality=municipality)
    raise (ALREADY_REVERSED if found and found.reversed_by else REVERSED_IN_PART).refusal()


def turned_round(
    posting: UUID, *, municipality: int, template: str, key: str, at: datetime, by: str, about: Mapping[str, Any]
) -> Posting:
    """The reversal of a posting, not posted yet: for whoever reverses many at once."""
    entries = queries.entries(posting, municipality=municipality)
    legs = tuple(Leg(e.credit, e.debit, e.amount, (e.credit_lot,), credit_lot=e.debit_lot) for e in reversed(entries))
    return Posting(
        key=key, template=template, legs=legs, at=at, by=by, about=about, reverses=posting,
        once=refunds.opening_key(posting),
    )  # fmt: skip


def reverse_part(
    posting: UUID, *, municipality: int, template: str, key: str, at: datetime, by: str, about: Mapping[str, Any],
    yen: int | None = None, to: Account | None = None,
) -> Verdict:
    """Give back `yen` of what a posting moved (None: all that is left), what it took last first; as often as asked.

    Every yen returns to the lot it came from, and to the account it came from or `to`.
    Raises Refusal: already_reversed, refund_exceeds_payment, key_reused, and as `post`.
    """
    lot = _refundable_lot(municipality)
    asked = Posting(key, template, (), at, by, {**about, "refunds": str(posting), "asked_yen": yen})

    def part(entries: Sequence[Refundable], wanted: int) -> _Part:
        return _Part(refunds.turned_round(refunds.last_first(entries, wanted), lot=lot, to=to))

    return _in_parts(asked, of=posting, yen=yen, municipality=municipality, part=part)


def take_back(
    grant: UUID, *, municipality: int, key: str, at: datetime, by: str, about: Mapping[str, Any],
    yen: int | None = None, template: str = "withdraw_points",
) -> Verdict:
    """Take `yen` of a grant back (None: all that is left): from the wallet what it has, the rest becomes a debt.

    What of it went back by itself already (shrunk, expired) counts as given back and is asked for no more; undoing that
    shrinking later puts only the others' yen back. Every fund gets back in proportion to what is left of its part. The
    wallet gives from the granted lot, then from the holder's other lots of the same fund and purse kind, soonest expiry
    first. `Verdict.taken` is what came back; `queries.debts` says what is owed now. A grant taken back whole frees the
    ceilings that it used.
    Raises Refusal: already_reversed, refund_exceeds_payment, key_reused, and as `post`.
    """
    lot = _refundable_lot(municipality)
    asked = Posting(key, template, (), at, by, {**about, "refunds": str(grant), "asked_yen": yen})

    def part(entries: Sequence[Refundable], wanted: int) -> _Part:
        shares = refunds.in_shares(entries, wanted)
        whole = wanted == sum(each.amount for each in entries)
        rights = _rights_back(grant, municipality=municipality) if whole else ()
        gone = reclaiming.gone_back(entries, municipality=municipality)
        owed = _owed_and_repaid(shares, gone, municipality=municipality, allowance_lot=lot)
        return _Part((*owed, *rights), gone)

    return _in_parts(asked, of=grant, yen=yen, municipality=municipality, part=part)


@dataclass(frozen=True, slots=True)
class _Part:
    """The legs that take a part back, and what of each entry had `gone` back by itself when they were made."""

    legs: tuple[Leg, ...]
    gone: Mapping[int, Sequence[Share]] = field(default_factory=dict)

    @property
    def ways(self) -> dict[UUID, Refundable]:
        """The entries by which it went: a part of each is used up now, so it can be put back only in parts."""
        return {entry.posting: entry for shares in self.gone.values() for entry, _ in shares}

    def is_as_it_was(self, entries: Sequence[Refundable], *, municipality: int) -> bool:
        """Whether nothing more has gone by itself since; true once the wallet is ours, by what was posted."""
        if not self.gone:
            return True
        now = reclaiming.gone_back(entries, municipality=municipality)
        return {entry.posting for shares in now.values() for entry, _ in shares} <= self.ways.keys()


def _in_parts(
    asked: Posting, *, of: UUID, yen: int | None, municipality: int,
    part: Callable[[Sequence[Refundable], int], _Part],
) -> Verdict:
    """Post `asked` with the legs that take `yen` back, and the opening of the allowances in front of it.

    What is left is read, then judged again by the books: whoever lost a race reads anew. A request made before is
    recognised by its key and what it was about, because its legs depended on what was left then.
    """
    refused = KEY_REUSED.refusal()
    lot = _refundable_lot(municipality)
    for _ in range(_ATTEMPTS):
        made = _made_before(asked, municipality=municipality)
        if made is not None:
            return made
        entries = queries.refundable(of, municipality=municipality)
        left = sum(each.left for each in entries)
        if not left:
            raise ALREADY_REVERSED.refusal()
        if (yen or left) > left:
            raise REFUND_EXCEEDS_PAYMENT.refusal(field="amount_yen", available=left, wanted=yen)
        wished = part(entries, left if yen is None else yen)
        openings = [refunds.opening(own, lot=lot, at=asked.at, by=asked.by)
                    for own in (entries, *([way] for way in wished.ways.values()))]  # fmt: skip
        with transaction.atomic():
            opened, *_, answer = post_batch([*openings, replace(asked, legs=wished.legs)], municipality=municipality)
            is_made = isinstance(answer, Verdict) and wished.is_as_it_was(entries, municipality=municipality)
            transaction.set_rollback(not is_made)  # nothing was taken back: nothing is opened either
        if isinstance(answer, Verdict):
            if is_made:
                return answer
            continue
        if isinstance(opened, Refusal):  # the whole was reversed a moment ago
            raise (ALREADY_REVERSED.refusal() if opened.kind is KEY_REUSED else opened)
        refused = answer
        if refused.kind not in (LIMIT_REACHED, KEY_REUSED):
            break
    raise refused


_ATTEMPTS = 8


def _made_before(asked: Posting, *, municipality: int) -> Verdict | None:
    """The verdict of a request that was made before. Raises `key_reused` when the key was used for something else."""
    number = look_up(asked.key, municipality=municipality)
    found = queries.posting(number, municipality=municipality) if number else None
    if found is None:
        return None
    if (found.template, found.about) != (asked.template, json.loads(asked.about_text())):
        raise KEY_REUSED.refusal()
    return _verdict_again(found.id, municipality=municipality)


def _verdict_again(number: UUID, *, municipality: int) -> Verdict | None:
    """The verdict of a posting that was made before."""
    found = queries.posting(number, municipality=municipality)
    taken = tuple(
        Taken(entry.leg_no, entry.debit_lot, entry.credit_lot, entry.amount)
        for entry in queries.entries(number, municipality=municipality)
        if entry.debit.role in queries.MONEY_LEAVES
    )
    return Verdict(found.id, found.recorded_at, replayed=True, taken=taken) if found else None


def _owed_and_repaid(
    shares: Sequence[Share], gone: Mapping[int, Sequence[Share]], *, municipality: int, allowance_lot: int
) -> tuple[Leg, ...]:
    legs: list[Leg] = []
    for each, yen in shares:
        holder, fund = each.credit.owner, each.debit.owner
        lot = debt_lot(fund, municipality=municipality)
        marks = {"debt_lot": lot, "allowance_lot": allowance_lot}
        ways = reclaiming.counting(each, yen, gone=gone[each.entry_no])
        legs.append(debts.owed(each, yen, **marks))
        legs += [debts.counted(way, part, holder=holder, **marks) for way, part in ways]
        if rest := yen - sum(part for _, part in ways):
            sources = _lots_of_kind(each, municipality=municipality)
            legs.append(debts.repaid(holder, to=each.debit, yen=rest, lots=sources, debt_lot=lot))
    return tuple(legs)


def _lots_of_kind(each: Refundable, *, municipality: int) -> list[int]:
    """The granted lot, then the holder's other lots of its fund and purse kind."""
    held = queries.balances([each.credit.owner], AccountRole.WALLET, municipality=municipality)
    own = queries.lots([each.credit_lot], municipality=municipality)[each.credit_lot]
    others = [b.lot.id for b in held if (b.lot.fund, b.lot.purse_kind) == (own.fund, own.purse_kind)]
    return [each.credit_lot, *(lot for lot in others if lot != each.credit_lot)]


def _rights_back(grant: UUID, *, municipality: int) -> tuple[Leg, ...]:
    """Ceilings and rights that the grant used up are free again, and the units that it took are in stock again."""
    used = {(AccountRole.ALLOWANCE, AccountRole.USED), (AccountRole.STOCK, AccountRole.USED)}
    entries = queries.entries(grant, municipality=municipality)
    return tuple(
        Leg(e.credit, e.debit, e.amount, (e.credit_lot,)) for e in entries if (e.debit.role, e.credit.role) in used
    )


def repayments(legs: Sequence[Leg], *, municipality: int) -> tuple[Leg, ...]:
    """The legs to add to a grant, so that it repays its holders' debts to its funds before the rest stays with them."""
    holders = {leg.credit.owner for leg in legs}
    return repaying(legs, open_debts=queries.debts(holders, municipality=municipality))


def repaying(legs: Sequence[Leg], *, open_debts: Iterable[queries.Debt]) -> tuple[Leg, ...]:
    """As `repayments`, for whoever grants many at once and has read the `queries.debts` of all."""
    return debts.repaying(legs, debt_lots={(debt.holder, debt.fund): debt.lot for debt in open_debts})


def repay_debt(
    *, holder: UUID, fund: UUID, yen: int, municipality: int, key: str, at: datetime, by: str, about: Mapping[str, Any]
) -> Verdict:
    """Cash that a holder brought to the desk goes to the fund and repays so much. Raises `limit_reached` beyond it."""
    own, lot = fund_lot(fund, municipality=municipality), debt_lot(fund, municipality=municipality)
    source, target = Account(fund, AccountRole.CASH_RECEIVED), Account(fund, AccountRole.FUND)
    open_accounts([source], municipality=municipality)
    leg = Leg(source, target, yen, (own,), limits=(Limit(debts.owing(holder), lot),))
    return post(Posting(key, "repay_debt", (leg,), at, by, about), municipality=municipality)


def forgive_debt(
    *, holder: UUID, fund: UUID, yen: int, municipality: int, key: str, at: datetime, by: str, about: Mapping[str, Any]
) -> Verdict:
    """The town gives a claim up: so much is owed no more, and no money moves. Raises `insufficient` beyond it."""
    lot = debt_lot(fund, municipality=municipality)
    leg = Leg(debts.owing(holder), Account(holder, AccountRole.USED), yen, (lot,))
    return post(Posting(key, "forgive_debt", (leg,), at, by, about), municipality=municipality)


@transaction.atomic
def hold(
    *, holder: UUID, yen: int, lots: Sequence[int], until: datetime, municipality: int, key: str, at: datetime, by: str,
    about: Mapping[str, Any], once: str | None = None,
) -> Hold:
    """Promise `yen` of a wallet to a shop until a moment, from these lots in their order, as a payment would take them.

    Order: the time, the posting, the hold's row. Asked again, it is the same hold.
    Raises Refusal: hold_time_wrong, and as `post`.
    """
    if not at < until <= at + HOLD_LIFE_MAX:
        raise HOLD_TIME_WRONG.refusal(field="until", days=HOLD_LIFE_MAX.days)
    number = holds.hold_id(key, municipality=municipality)
    leg = holds.put_on_hold(number, holder=holder, yen=yen, lots=lots)
    made = post(Posting(key, "hold", (leg,), at, by, {**about, "hold": str(number)}, once=once),
                municipality=municipality)  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger.hold (municipality_id, id, holder, posting_id, made_at, until)"
            " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [municipality, number, holder, made.posting, at, until],
        )
    return _known_hold(number, municipality)


@transaction.atomic
def capture(
    number: UUID, *, shop: UUID, yen: int | None = None, give_back_rest: bool = True, municipality: int, key: str,
    at: datetime, by: str, about: Mapping[str, Any],
) -> Verdict:
    """Pay a shop `yen` of a hold (None: all that is left); the rest goes back to the wallet, or waits for more.

    Order: the request made before, the time, the posting, the hold's row.
    Raises Refusal: hold_unknown, hold_ended, capture_exceeds_hold, key_reused, and as `post`.
    """
    found = _known_hold(number, municipality)
    told = {**about, "hold": str(number), "shop": str(shop), "asked_yen": yen}
    asked = Posting(key, "capture", (), at, by, told)
    if (made := _made_before(asked, municipality=municipality)) is not None:
        return made
    if found.is_void(at):
        raise HOLD_ENDED.refusal()
    leg = holds.captured(found, shop=shop, yen=found.yen if yen is None else yen)
    legs = (leg, holds.given_back(found)) if give_back_rest else (leg,)
    try:
        answer = post(replace(asked, legs=legs), municipality=municipality)
    except Refusal as refusal:
        if refusal.kind is not INSUFFICIENT:
            raise
        raise CAPTURE_EXCEEDS_HOLD.refusal(available=refusal.facts["available"], wanted=leg.amount) from None
    _close_emptied([number], municipality)
    return answer


@transaction.atomic
def void_hold(number: UUID, *, municipality: int, at: datetime, by: str, about: Mapping[str, Any]) -> Verdict:
    """Give all that is left of a hold back to the wallet, lot by lot; again is the same.

    Raises Refusal: hold_unknown, hold_ended (all of it was captured).
    """
    found = _known_hold(number, municipality)
    try:
        answer = post(_voiding(found, at=at, by=by, about=about), municipality=municipality)
    except Refusal as refusal:
        raise (HOLD_ENDED.refusal() if refusal.kind is INSUFFICIENT else refusal) from None
    _close_emptied([number], municipality)
    return answer


@transaction.atomic
def void_overdue_holds(*, municipality: int, at: datetime, holder: UUID | None = None, limit: int = 1_000) -> int:
    """Give back the money of holds whose time is over, of everybody or of one holder. Returns how many were voided.

    For a task, again and again; a broken run is simply run again. Who pays may call it for the payer first.
    """
    due = queries.overdue_holds(municipality=municipality, at=at, limit=limit, holder=holder)
    answers = post_batch([_voiding(each, at=at, by="system", about={}) for each in due], municipality=municipality)
    _close_emptied([each.id for each in due], municipality)
    return sum(isinstance(answer, Verdict) for answer in answers)


def _voiding(found: Hold, *, at: datetime, by: str, about: Mapping[str, Any]) -> Posting:
    return Posting(f"void_hold:{found.id}", "void_hold", (holds.given_back(found),), at, by,
                   {**about, "hold": str(found.id)})  # fmt: skip


def _known_hold(number: UUID, municipality: int) -> Hold:
    found = queries.hold(number, municipality=municipality)
    if found is None:
        raise HOLD_UNKNOWN.refusal()
    return found


def _close_emptied(numbers: Sequence[UUID], municipality: int) -> None:
    """Mark holds from which everything has gone, so that nobody looks for them again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger.hold h SET open = false WHERE municipality_id = %s AND id = ANY (%s) AND open"
            " AND NOT EXISTS (SELECT FROM ledger.account a JOIN ledger.balance b"
            " ON (b.municipality_id, b.account_id) = (a.municipality_id, a.id)"
            " WHERE (a.municipality_id, a.owner, a.role) = (h.municipality_id, h.id, 'held') AND b.amount > 0)",
            [municipality, list(numbers)],
        )


def debt_lot(fund: UUID, *, municipality: int) -> int:
    """The lot in which debts to a fund are counted."""
    return allowance_lot(municipality=municipality, allowed=fund, unit="yen")


def _refundable_lot(municipality: int) -> int:
    return allowance_lot(municipality=municipality, allowed=refunds.REFUNDABLE, unit="yen")


def look_up(key: str, *, municipality: int, close: bool = False) -> UUID | None:
    """The posting made under a key. With `close`, an unused key is burnt, so that "not found" is final."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger.look_up(%s, %s, %s)", [municipality, key, close])
        found: UUID | None = cursor.fetchone()[0]
        return found
