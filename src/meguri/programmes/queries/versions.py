"""A programme's versions, the amendment that is being made, and what stands against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from django.db import connection
from django.db.models import F

from meguri.parties.queries import all_shop_facts
from meguri.programmes.amendments import Standing
from meguri.programmes.models import Programme, PurseKind, TermsVersion
from meguri.programmes.queries.documents import PROGRAMME_UNKNOWN
from meguri.programmes.queries.money import agreements, funds
from meguri.programmes.terms import ProgrammeTerms, from_tree
from meguri.programmes.texts import Change, Enforced
from meguri.programmes.vocabularies import SHOPS, known
from meguri.words.clock import day
from meguri.words.refusal import declare

VERSION_UNKNOWN = declare(
    "terms_version_unknown", status=404, ja="この版は見つかりません。", en="There is no such version."
)


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of a document: `state` is draft, proposed, approved (it waits for its start), withdrawn, in_force or
    past. `starts_at` None: it rules from its approval. `launched_by`: who approved it; `launched_at`: since when it
    rules. `withdrawal`: the approval by which it is, or shall be, withdrawn. `announced_at`: when people were told.
    """

    programme: UUID
    number: int
    state: str
    digest: str
    reason: str
    drafted_by: UUID | None
    drafted_at: datetime
    approval: UUID | None
    starts_at: datetime | None
    approved_at: datetime | None
    launched_by: UUID | None
    launched_at: datetime | None
    withdrawal: UUID | None
    withdrawn_at: datetime | None
    announced_at: datetime | None


def versions(programme: UUID, *, municipality: int) -> tuple[VersionView, ...]:
    """All versions of a programme, the newest first; none for a programme that is not there."""
    found = Programme.objects.filter(id=programme, municipality=municipality).first()
    rows = TermsVersion.objects.filter(programme_id=programme, municipality=municipality).order_by("-number")
    return tuple(_version(row, found) for row in rows.defer("document")) if found else ()


def version_terms(programme: UUID, number: int, *, municipality: int) -> ProgrammeTerms:
    """The document of one version. Raises Refusal `terms_version_unknown`."""
    rows = TermsVersion.objects.filter(programme_id=programme, municipality=municipality, number=number)
    tree = rows.values_list("document", flat=True).first()
    if tree is None:
        raise VERSION_UNKNOWN.refusal()
    return from_tree(tree)


def amendment(programme: UUID, *, municipality: int) -> VersionView | None:
    """The version that is to follow the one in force: drafted, proposed or approved; None where there is none."""
    return next((each for each in versions(programme, municipality=municipality)
                 if each.number > 1 and each.state in ("draft", "proposed", "approved")), None)  # fmt: skip


def coming(programme: UUID, *, municipality: int) -> VersionView | None:
    """The approved version that waits for its start, which anybody may know of; None where none does."""
    found = amendment(programme, municipality=municipality)
    return found if found is not None and found.state == "approved" else None


def enforced(programme: UUID, *, municipality: int, ahead: bool = False) -> Enforced:
    """Since when the programme's document rules and what changed it; `ahead`: with the amendment that is to come."""
    found = [each for each in reversed(versions(programme, municipality=municipality)) if each.launched_at is not None]
    coming_next = amendment(programme, municipality=municipality) if ahead else None
    documents = [
        version_terms(programme, each.number, municipality=municipality)
        for each in (*found, *([coming_next] if coming_next else []))
    ]
    days = [each.launched_at for each in found] + ([coming_next.starts_at] if coming_next else [])
    first, *later = [None if each is None else day(each) for each in days] or [None]
    changes = [Change(*pair, since) for pair, since in zip(pairwise(documents), later, strict=True)]
    return Enforced(first, tuple(changes))


def standing(programme: UUID, *, municipality: int) -> Standing:
    """What stands against an amendment of the programme at this moment. Raises Refusal `programme_unknown`."""
    if not Programme.objects.filter(id=programme, municipality=municipality).exists():
        raise PROGRAMME_UNKNOWN.refusal()
    kinds = list(PurseKind.objects.filter(programme_id=programme).values_list("id", flat=True))
    issued, held_until = _lots(kinds, municipality=municipality)
    return Standing(
        left_yen={fund.code: fund.budget.left_yen for fund in funds(municipality, programme=programme)},
        granted_yen=_granted(programme, municipality=municipality), held_until=held_until,
        opened=_opened(programme, municipality=municipality), issued=issued,
        shops=[known(shop, SHOPS) for shop in all_shop_facts(municipality).values() if shop.open],
        past=_past(programme, municipality=municipality),
    )


def _past(programme: UUID, *, municipality: int) -> list[ProgrammeTerms]:
    """The documents that were in force before, the latest first."""
    rows = TermsVersion.objects.filter(
        programme_id=programme, municipality=municipality, launched_at__isnull=False, number__lt=F("programme__number")
    )
    return [from_tree(document) for document in rows.order_by("-number").values_list("document", flat=True)]


def _version(row: TermsVersion, programme: Programme) -> VersionView:
    return VersionView(
        programme=programme.id, number=row.number, state=_state(row, programme),
        digest=row.digest, reason=row.reason, drafted_by=row.drafted_by, drafted_at=row.drafted_at,
        approval=row.approval, starts_at=row.starts_at, approved_at=row.approved_at, launched_by=row.launched_by,
        launched_at=row.launched_at, withdrawal=row.withdrawal, withdrawn_at=row.withdrawn_at,
        announced_at=row.announced_at,
    )


def _state(row: TermsVersion, programme: Programme) -> str:
    if row.launched_at is not None:
        return "in_force" if row.number == programme.number else "past"
    if row.withdrawn_at is not None:
        return "withdrawn"
    if row.approved_at is not None:
        return "approved"
    return "draft" if row.approval is None else "proposed"


def _granted(programme: UUID, *, municipality: int) -> Mapping[tuple[str, str], int]:
    found = agreements(programme, municipality=municipality)
    return {(each.code, share.fund_code): share.granted_yen for each in found for share in each.shares}


def _lots(kinds: list[UUID], *, municipality: int) -> tuple[bool, datetime | None]:
    """Whether value of these kinds ever came into being, and when the last of what is held or on hold expires."""
    with connection.cursor() as cursor:
        cursor.execute(_LOTS_SQL, [municipality, kinds])
        issued, held_until = cursor.fetchone()
    return bool(issued), held_until


_LOTS_SQL = """
    SELECT count(*) > 0, max(o.expires_at) FILTER (WHERE EXISTS (
        SELECT FROM ledger.balance b
        JOIN ledger.account a ON (a.municipality_id, a.id) = (b.municipality_id, b.account_id)
        WHERE (b.municipality_id, b.lot_id) = (o.municipality_id, o.id) AND b.amount > 0
          AND a.role IN ('wallet', 'held')
    ))
    FROM ledger.lot o WHERE o.municipality_id = %s AND o.purse_kind = ANY (%s)
"""


def _opened(programme: UUID, *, municipality: int) -> frozenset[str]:
    """The sale rounds whose units came into the books: that is what opening a sale does."""
    with connection.cursor() as cursor:
        cursor.execute(_OPENED_SQL, [municipality, programme])
        return frozenset(row[0] for row in cursor.fetchall())


_OPENED_SQL = """
    SELECT DISTINCT p.about ->> 'round' FROM ledger.account a
    JOIN ledger.entry e ON (e.municipality_id, e.credit_account) = (a.municipality_id, a.id)
    JOIN ledger.posting p ON (p.municipality_id, p.id) = (e.municipality_id, e.posting_id)
    WHERE (a.municipality_id, a.owner, a.role) = (%s, %s, 'stock') AND p.about ? 'round'
"""
