"""An amendment comes into force: at its approval, or by itself at the start that was approved with it.

The version in force says who gets what until that moment, and the next one from it on. The tills know both and ask the
time of the payment (`queries.rules_in_force`); all else changes hands in one transaction, `begin_amendments`: the first
request after the moment calls it, and so does the worker, every few seconds.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from meguri.parties import operations as parties
from meguri.parties.queries import approval
from meguri.parties.rules import digest_of, require
from meguri.programmes.amendments import extends
from meguri.programmes.models import Agreement, AgreementShare, Fund, Programme, PurseKind, TermsVersion
from meguri.programmes.operations.drafting import current_version, locked_programme
from meguri.programmes.operations.extension import order_extension
from meguri.programmes.operations.launching import (
    agreement_row,
    all_agreements,
    announce,
    fund_rows,
    open_funds,
    open_shops,
    purse_kind_row,
    share_rows,
)
from meguri.programmes.operations.reserving import release_budget, return_budget
from meguri.programmes.terms import ProgrammeTerms, from_tree
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import declare

Row = TypeVar("Row", Fund, Agreement, PurseKind)
WITHDRAWAL = "programme.withdraw_amendment"

NOTHING_WAITS = declare(
    "amendment_waits_not",
    ja="施行を待っている変更はありません。もう施行されたか、取りやめになっています。",
    en="No amendment waits for its start: it has begun, or was withdrawn.",
)
WITHDRAWAL_NOT_PROPOSED = declare(
    "withdrawal_not_proposed",
    ja="この変更の取りやめは、まだ求められていません。", en="Nobody has asked to withdraw this amendment.",
)


def begin_amendments(*, municipality: int, at: datetime) -> int:
    """Let every approved amendment rule whose start has come; gives how many began. Mostly one look that finds none.

    Each is a transaction of its own. It can hardly fail: what may stand against it was judged with its approval, and
    its budget lies apart. Order in each: lock the programme, look again, the version, what follows from it, its budget.
    """
    by = Actor(municipality, ActorRole.SYSTEM)
    require(by, "programme.begin_amendment", municipality=municipality)
    due = list(_waiting(municipality).filter(starts_at__lte=at).values_list("programme_id", flat=True))
    return sum(_begin(programme, by=by, at=at) for programme in due)


def _waiting(municipality: int) -> QuerySet[TermsVersion]:
    return TermsVersion.objects.filter(
        municipality=municipality, launched_at=None, withdrawn_at=None, approved_at__isnull=False
    )


@transaction.atomic
def _begin(programme: UUID, *, by: Actor, at: datetime) -> bool:
    kept = locked_programme(programme, by)
    version = _waiting(kept.municipality).filter(programme=kept, starts_at__lte=at).first()
    if version is None:  # another process was first
        return False
    if version.withdrawal is not None:
        _lapse(version.withdrawal, kept, at=at)
    before = from_tree(current_version(kept).document)
    assert version.starts_at is not None  # noqa: S101 - the filter asked
    put_into_force(kept, version, before=before, since=version.starts_at, by=by, at=at)
    release_budget(version, by=by, at=at)
    return True


def _lapse(asked: UUID, kept: Programme, *, at: datetime) -> None:
    """Nobody answered the request to withdraw it in time: it counts as taken back by whoever made it."""
    found = approval(asked, municipality=kept.municipality)
    if found is not None:
        maker = Actor(kept.municipality, ActorRole.MAKER, found.made_by, kept.department)
        parties.withdraw(asked, by=maker, at=at)


def put_into_force(
    kept: Programme, version: TermsVersion, *, before: ProgrammeTerms, since: datetime, by: Actor, at: datetime
) -> None:
    """The version rules; names, funds, agreements and purses follow it, and value that shall live longer begins to."""
    terms = from_tree(version.document)
    version.launched_at = since
    version.save(update_fields=["launched_by", "approved_at", "launched_at"])
    kept.number, kept.name_ja, kept.name_en = version.number, terms.name.ja, terms.name.en
    kept.save(update_fields=["number", "name_ja", "name_en"])
    _follow(terms, kept, at=at)
    if (last_day := extends(before, terms)) is not None:
        assert version.approval is not None  # noqa: S101 - a constraint keeps it
        order_extension(kept, last_day=last_day, approval=version.approval, by=by, at=at)
    announce(kept.municipality, at=at)


@transaction.atomic
def propose_withdrawal(*, programme: UUID, note: str, by: Actor, at: datetime) -> UUID:
    """Ask a second person that an approved amendment shall not come into force; gives the approval's id.

    Raises Refusal `programme_unknown`, `not_allowed`, `amendment_waits_not`, `approval_open`.
    """
    kept = locked_programme(programme, by)
    require(by, "programme.amend", department=kept.department, municipality=kept.municipality)
    version = _not_begun(kept, at=at)
    version.withdrawal = parties.propose(
        WITHDRAWAL, object_id=kept.id, digest=withdrawal_digest(version), department=kept.department, note=note[:400],
        by=by, at=at,
    )  # fmt: skip
    version.save(update_fields=["withdrawal"])
    return version.withdrawal


@transaction.atomic
def keep_amendment(*, programme: UUID, note: str, by: Actor, at: datetime) -> None:
    """The checker does not withdraw it: it begins as it was approved.

    Raises Refusal as `approve_withdrawal`, digests apart.
    """
    _, version, asked = _asked(programme, by=by, at=at)
    parties.reject(asked, by=by, at=at, note=note)
    version.withdrawal = None
    version.save(update_fields=["withdrawal"])


@transaction.atomic
def approve_withdrawal(*, programme: UUID, by: Actor, at: datetime) -> None:
    """The checker withdraws an approved amendment before its start: it never rules.

    Order: lock the programme, permission, approve, the version, tell the tills; last, its budget goes back.
    Raises Refusal `programme_unknown`, `not_allowed`, `amendment_waits_not`, `withdrawal_not_proposed`,
    `checker_is_maker`, `digest_differs`.
    """
    kept, version, asked = _asked(programme, by=by, at=at)
    parties.approve(asked, withdrawal_digest(version), by=by, at=at)
    version.withdrawn_at = at
    version.save(update_fields=["withdrawn_at"])
    announce(kept.municipality, at=at)
    before, after = from_tree(current_version(kept).document), from_tree(version.document)
    return_budget(before, after, programme=kept, version=version, by=by, at=at)


def withdrawal_digest(version: TermsVersion) -> str:
    """What the withdrawal of a version is bound to: its document and its start."""
    return digest_of({"withdraws": version.digest, "starts_at": version.starts_at})


def _asked(programme: UUID, *, by: Actor, at: datetime) -> tuple[Programme, TermsVersion, UUID]:
    kept = locked_programme(programme, by)
    require(by, WITHDRAWAL, department=kept.department, municipality=kept.municipality)
    version = _not_begun(kept, at=at)
    if version.withdrawal is None:
        raise WITHDRAWAL_NOT_PROPOSED.refusal()
    return kept, version, version.withdrawal


def _not_begun(kept: Programme, *, at: datetime) -> TermsVersion:
    """The approved version whose start lies ahead: from its start on it rules, also if nobody has let it yet."""
    version = _waiting(kept.municipality).filter(programme=kept, starts_at__gt=at).first()
    if version is None:
        raise NOTHING_WAITS.refusal()
    return version


def _follow(terms: ProgrammeTerms, kept: Programme, *, at: datetime) -> None:
    """Funds, agreements and purses keep their identities and take the new words; those that are new come into being."""
    funds = _follow_funds(terms, kept, at=at)
    agreements = _follow_agreements(terms, kept, funds=funds, at=at)
    shops = open_shops(kept.municipality)
    rows = {row.code: row for row in PurseKind.objects.filter(programme=kept)}
    fresh = [
        purse_kind_row(purse, place, agreement=agreements[purse.funded_by], shops=shops, at=at)
        for place, purse in enumerate(terms.purses)
    ]
    _keep(rows, fresh, model=PurseKind, names=("place", "name_ja", "name_en", "restriction", "tightness"))


def _follow_funds(terms: ProgrammeTerms, kept: Programme, *, at: datetime) -> dict[str, Fund]:
    rows = {row.code: row for row in Fund.objects.filter(programme=kept)}
    made = _keep(rows, list(fund_rows(terms, kept, at=at)), model=Fund, names=("place", "name_ja", "name_en"))
    open_funds([row.id for row in made], municipality=kept.municipality)
    return rows


def _follow_agreements(
    terms: ProgrammeTerms, kept: Programme, *, funds: dict[str, Fund], at: datetime
) -> dict[str, Agreement]:
    rows = {row.code: row for row in Agreement.objects.filter(programme=kept)}
    documents = all_agreements(terms)
    made = [agreement_row(each, kept, at=at) for each in documents]
    fresh = {row.code for row in _keep(rows, made, model=Agreement, names=("name_ja", "name_en", "signed_on"))}
    for each in documents:
        shares = list(share_rows(each, rows[each.code], funds=funds, at=at))
        if each.code in fresh:
            AgreementShare.objects.bulk_create(shares)
            continue
        for share in shares:
            own = AgreementShare.objects.filter(agreement=rows[each.code], fund=share.fund)
            own.update(share_bp=share.share_bp, cap_yen=share.cap_yen)
    return rows


def _keep(rows: dict[str, Row], fresh: list[Row], *, model: type[Row], names: tuple[str, ...]) -> list[Row]:
    """Write these columns into the rows that are there; make the others, add them to `rows`, and give them back."""
    known, made = [], []
    for row in fresh:
        if row.code not in rows:
            made.append(row)
            continue
        for name in names:
            setattr(rows[row.code], name, getattr(row, name))
        known.append(rows[row.code])
    model.objects.bulk_update(known, list(names))
    model.objects.bulk_create(made)
    rows.update({row.code: row for row in made})
    return made
