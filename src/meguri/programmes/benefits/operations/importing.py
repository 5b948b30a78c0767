"""Taking in a list: judged line by line, frozen, and bound by its digest. Nothing is paid here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from meguri.parties.rules import require
from meguri.programmes.benefits import rules
from meguri.programmes.benefits.judging import Entitled, Judged, judge_list
from meguri.programmes.benefits.models import BenefitList, Entitlement, ListState
from meguri.programmes.benefits.offer import Offer, find_offer, require_running
from meguri.words.actor import Actor
from meguri.words.ids import uuid7

_PROGRAMME_LOCK = "benefit_list:"
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Imported:
    """The list that was made, and the lines left out of it with the reason. `replayed`: this file was here before."""

    benefit_list: UUID
    entitled: int
    total_yen: int
    digest: str
    faults: tuple[rules.Fault, ...]
    replayed: bool


@transaction.atomic
def import_list(
    *, programme: UUID, name: str, content: bytes, declared_count: int, declared_total_yen: int, by: Actor,
    at: datetime, all_or_nothing: bool = True,
) -> Imported:
    """Import a CSV file of pseudonyms (`person`, and if given `recipient`, `amount_yen`) as a frozen list.

    Amounts come from the terms' table; what the file says is only compared. `declared_*` is what the maker expects to
    be entitled, from another source than the file. With `all_or_nothing` one faulty line refuses the file, else faulty
    lines are left out and reported. The same file again is the same list.
    Order: permission, one import at a time in the programme, every line judged, sums against what was declared, rows.
    Raises Refusal `programme_unknown`, `benefit_programme_pays_nothing`, `not_allowed`, `programme_not_launched`,
    `benefit_list_unreadable`, `benefit_list_too_long`, `benefit_list_has_faults` (all faults among its facts as
    `all_faults`), `benefit_nobody_entitled`, `benefit_declared_differs`.
    """
    offer = find_offer(programme, municipality=by.municipality)
    require(by, "benefit.import", department=offer.department, municipality=offer.municipality)
    require_running(offer)
    _one_at_a_time(programme)
    digest = rules.file_digest(content)
    known = BenefitList.objects.filter(programme=programme, file_digest=digest)
    kept = known.exclude(state=ListState.WITHDRAWN).first()
    if kept is not None:
        return Imported(kept.id, kept.entitled, kept.total_yen, kept.digest, (), replayed=True)
    judged = judge_list(offer, content)
    _require_sound(judged, all_or_nothing=all_or_nothing)
    _require_declared(judged, count=declared_count, total_yen=declared_total_yen)
    made = _benefit_list(offer, judged, name=name, file_digest=digest, by=by, at=at)
    made.save(force_insert=True)
    rows = [_entitlement(each, made, at=at) for each in judged.entitled]
    Entitlement.objects.bulk_create(rows, batch_size=BATCH)
    return Imported(made.id, made.entitled, made.total_yen, made.digest, judged.faults, replayed=False)


def _one_at_a_time(programme: UUID) -> None:
    """Two imports of one programme would each see the other's people as new; the constraint would then refuse late."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{_PROGRAMME_LOCK}{programme}"])


def _require_sound(judged: Judged, *, all_or_nothing: bool) -> None:
    if judged.faults and all_or_nothing:
        first = judged.faults[0]
        raise rules.LIST_HAS_FAULTS.refusal(
            field="file", faults=len(judged.faults), line=first.line, what=first.what, all_faults=judged.faults
        )
    if not judged.entitled:
        raise rules.NOBODY_ENTITLED.refusal(field="file", faults=len(judged.faults), all_faults=judged.faults)


def _require_declared(judged: Judged, *, count: int, total_yen: int) -> None:
    if (len(judged.entitled), judged.total_yen) != (count, total_yen):
        raise rules.DECLARED_DIFFERS.refusal(
            field="declared_count", declared_count=count, declared_total=total_yen, count=len(judged.entitled),
            total=judged.total_yen,
        )


def _benefit_list(
    offer: Offer, judged: Judged, *, name: str, file_digest: str, by: Actor, at: datetime
) -> BenefitList:
    return BenefitList(
        id=uuid7(at), municipality=by.municipality, programme=offer.programme, department=offer.department,
        name=name.strip()[:200], file_digest=file_digest, digest=digest_of_entitled(judged.entitled),
        rows=len(judged.entitled) + len(judged.faults), faults=len(judged.faults), entitled=len(judged.entitled),
        total_yen=judged.total_yen, declared_count=len(judged.entitled), declared_total_yen=judged.total_yen,
        choose_by=offer.choose_by, imported_at=at, imported_by=by.party,
    )


def digest_of_entitled(entitled: Sequence[Entitled]) -> str:
    return rules.list_digest((each.person, each.recipient, each.yen) for each in entitled)


def _entitlement(each: Entitled, made: BenefitList, *, at: datetime) -> Entitlement:
    return Entitlement(
        id=uuid7(at), municipality=made.municipality, benefit_list=made, programme=made.programme, line=each.line,
        person=each.person, recipient=each.recipient, amount_yen=each.yen, row_ja=each.row.ja, row_en=each.row.en,
        facts=dict(each.facts), choose_by=made.choose_by,
    )
