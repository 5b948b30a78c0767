"""What is approved and not yet in force, as anybody may know it; and whom it is told, because they hold value of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import F, Q

from meguri.programmes.models import ProgrammeState, PurseKind, TermsVersion
from meguri.programmes.parts import Sale
from meguri.programmes.queries.documents import ProgrammeView, document_of, programmes, terms
from meguri.programmes.queries.pages import look_ahead
from meguri.programmes.sources import leaves
from meguri.programmes.terms import to_tree
from meguri.programmes.texts import Change
from meguri.words.clock import day


@dataclass(frozen=True, slots=True)
class Announced:
    """A running programme's amendment that waits for its first day, with the documents before and after.

    `rules`: it waited for no day but rules since its approval, on `first_day`.
    """

    programme: ProgrammeView
    number: int
    reason: str
    first_day: date
    change: Change
    rules: bool = False

    def values(self) -> Mapping[str, tuple[object, object]]:
        """Every value of the document that changes, by its place: until the first day, and from it on (None: none)."""
        was, now = (dict(leaves(to_tree(each), "")) for each in (self.change.before, self.change.after))
        places = {**was, **now}
        return {place: (was.get(place), now.get(place)) for place in places if was.get(place) != now.get(place)}


def announced(municipality: int) -> tuple[Announced, ...]:
    """The approved amendments of the town that wait for their first day, the soonest first."""
    rows = TermsVersion.objects.filter(
        municipality=municipality, approved_at__isnull=False, launched_at=None, withdrawn_at=None
    )
    waiting = list(rows.defer("document").order_by("starts_at", "id"))
    if not waiting:
        return ()
    known = {each.id: each for each in programmes(municipality)}
    return tuple(_announced(row, known[row.programme_id]) for row in waiting)


def to_tell(municipality: int) -> tuple[UUID, ...]:
    """The programmes of which people are to be told that an amendment comes or rules, or that it does not after all."""
    waits = Q(launched_at=None, starts_at__isnull=False)
    comes = Q(approved_at__isnull=False, withdrawn_at=None, announced_at=None)
    recalled = Q(withdrawn_at__isnull=False, announced_at__isnull=False, recalled_at=None)
    untold = at_once() & Q(announced_at=None, programme__state=ProgrammeState.LAUNCHED)
    rows = TermsVersion.objects.filter(municipality=municipality)
    found = rows.filter((waits & (comes | recalled)) | untold).order_by("id")
    return tuple(found.values_list("programme_id", flat=True))


def at_once() -> Q:
    """Versions in force that amended another one and waited for no day."""
    return Q(number__gt=1, starts_at=None, launched_at__isnull=False, number=F("programme__number"))


def ruling_at_once(programme: UUID, *, municipality: int) -> Announced | None:
    """The running programme's amendment that rules since its approval, if that is the version in force."""
    rows = TermsVersion.objects.filter(at_once(), municipality=municipality, programme=programme)
    row = rows.filter(programme__state=ProgrammeState.LAUNCHED).first()
    if row is None or row.launched_at is None:
        return None
    was = version_before(row)
    first_day = day(row.launched_at)
    change = Change(document_of(was.id, was.digest), document_of(row.id, row.digest), first_day)
    known = {each.id: each for each in programmes(municipality)}
    return Announced(known[programme], row.number, row.reason, first_day, change, rules=True)


def version_before(row: TermsVersion) -> TermsVersion:
    """What ruled until this version did."""
    ruled = TermsVersion.objects.filter(programme=row.programme_id, launched_at__isnull=False, number__lt=row.number)
    return ruled.latest("number")


def _announced(row: TermsVersion, programme: ProgrammeView) -> Announced:
    assert row.starts_at is not None  # noqa: S101 - a constraint keeps it
    now = TermsVersion.objects.get(programme_id=programme.id, number=programme.number)
    first_day = day(row.starts_at)
    change = Change(document_of(now.id, now.digest), document_of(row.id, row.digest), first_day)
    return Announced(programme, row.number, row.reason, first_day, change)


def holders(programme: UUID, *, municipality: int) -> frozenset[UUID]:
    """Who has value of the programme in a wallet at this moment."""
    kinds = list(PurseKind.objects.filter(programme_id=programme).values_list("id", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(_HOLDERS_SQL, [municipality, kinds])
        return frozenset(row[0] for row in cursor.fetchall())


_HOLDERS_SQL = """
    SELECT DISTINCT a.owner FROM ledger.lot o
    JOIN ledger.balance b ON (b.municipality_id, b.lot_id) = (o.municipality_id, o.id)
    JOIN ledger.account a ON (a.municipality_id, a.id) = (b.municipality_id, b.account_id)
    WHERE o.municipality_id = %s AND o.purse_kind = ANY (%s) AND b.amount > 0 AND a.role = 'wallet'
"""


def uptake_bp(programme: UUID, *, municipality: int) -> int | None:
    """How many of the eligible have got something of the programme so far (1/100 %); None while nobody has.

    None of a sale, too: there its units say how many got some, and not how many wanted them.
    Raises Refusal `programme_unknown`.
    """
    document = terms(programme, municipality=municipality)
    if isinstance(document.obtaining, Sale):
        return None
    kinds = list(PurseKind.objects.filter(programme_id=programme).values_list("id", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(_SERVED_SQL, [municipality, kinds])
        served = int(cursor.fetchone()[0])
    if not served:
        return None
    eligible = look_ahead(document, municipality=municipality, kept=True).eligible
    return min(10_000, served * 10_000 // max(1, eligible)) or 1


_SERVED_SQL = """
    SELECT count(DISTINCT a.owner) FROM ledger.lot o
    JOIN ledger.balance b ON (b.municipality_id, b.lot_id) = (o.municipality_id, o.id)
    JOIN ledger.account a ON (a.municipality_id, a.id) = (b.municipality_id, b.account_id)
    WHERE o.municipality_id = %s AND o.purse_kind = ANY (%s) AND a.role = 'wallet'
"""
