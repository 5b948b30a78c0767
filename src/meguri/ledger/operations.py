"""What may be done with the books. `post` joins the caller's transaction; `poster.submit` gathers many into one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any, Literal
from uuid import UUID

from django.db import connection

from meguri.ledger import queries
from meguri.ledger.door import through_the_door
from meguri.ledger.rules import Account, Leg, Posting, Verdict
from meguri.ledger.templates import ROLES, TEMPLATES
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
            "INSERT INTO ledger.template_leg (template, version, debit_role, credit_role, spends)"
            " VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [(t.name, t.version, debit, credit, t.spends) for t in TEMPLATES.values() for debit, credit in t.legs],
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
    """Shift the clock of an invented municipality. The database refuses it for a real one, by constraint."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger.municipality SET clock_offset = make_interval(secs => %s) WHERE id = %s",
            [offset.total_seconds(), municipality],
        )


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


def _lot(**columns: Any) -> int:
    municipality = columns.pop("municipality")
    names = ("unit", "fund", "purse_kind", "expires_at", "allowed", "opening", "takings_lot", "fund_lot")
    values = [columns.get(name) for name in names]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO ledger.lot (municipality_id, {', '.join(names)})"  # noqa: S608 - constant names
            f" VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT {_LOT_KEY} DO NOTHING",
            [municipality, *values],
        )
        cursor.execute(
            "SELECT id FROM ledger.lot WHERE municipality_id = %s AND unit = %s"
            " AND (fund, purse_kind, expires_at, allowed)"
            " IS NOT DISTINCT FROM (%s::uuid, %s::uuid, %s::timestamptz, %s::uuid)",
            [municipality, *values[:5]],
        )
        return int(cursor.fetchone()[0])


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


def reverse(
    posting: UUID, *, municipality: int, template: str, key: str, at: datetime, by: str, about: Mapping[str, Any]
) -> Verdict:
    """Post exactly the entries of a posting turned round. Once only: a second reversal is refused."""
    entries = queries.entries(posting, municipality=municipality)
    legs = tuple(Leg(e.credit, e.debit, e.amount, (e.credit_lot,), credit_lot=e.debit_lot) for e in reversed(entries))
    turned = Posting(key=key, template=template, legs=legs, at=at, by=by, about=about, reverses=posting)
    return post(turned, municipality=municipality)


def look_up(key: str, *, municipality: int, close: bool = False) -> UUID | None:
    """The posting made under a key. With `close`, an unused key is burnt, so that "not found" is final."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger.look_up(%s, %s, %s)", [municipality, key, close])
        found: UUID | None = cursor.fetchone()[0]
        return found
