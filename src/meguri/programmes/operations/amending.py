"""A running programme's document changes: drafted, judged, approved by a second person, in force at once.

The programme goes on under the version in force until the moment of the approval. What an amendment may not do stands
in `programmes.amendments`; it is asked when the approval is sought, and once more when it is given.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import transaction

from meguri.parties import operations as parties
from meguri.parties.rules import Both, require
from meguri.programmes import queries
from meguri.programmes.amendments import extends
from meguri.programmes.findings import Finding
from meguri.programmes.models import (
    Agreement,
    AgreementShare,
    Fund,
    Programme,
    ProgrammeState,
    PurseKind,
    TermsVersion,
)
from meguri.programmes.operations.drafting import current_version, locked_programme, refuse_errors
from meguri.programmes.operations.extension import order_extension
from meguri.programmes.operations.launching import (
    PROGRAMME_NOT_LAUNCHED,
    agreement_row,
    all_agreements,
    announce,
    decide,
    fund_rows,
    open_funds,
    open_shops,
    purse_kind_row,
    share_rows,
)
from meguri.programmes.parts import Funder
from meguri.programmes.promises import takings
from meguri.programmes.terms import ProgrammeTerms, digest, from_tree, write_terms
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

ACTION = "programme.approve_amendment"
Row = TypeVar("Row", Fund, Agreement, PurseKind)
REASON_MOST = 2_000

AMENDMENT_PROPOSED = declare(
    "amendment_proposed",
    ja="この事業の変更案は、いま承認を待っています。直すには、先に承認の求めを取り下げてください。",
    en="An amendment of this programme waits for its approval. Withdraw the request to work on it.",
)
AMENDMENT_NOT_PROPOSED = declare(
    "amendment_not_proposed",
    ja="承認を待っている変更案はありません。", en="No amendment of this programme waits for approval.",
)
AMENDMENT_MISSING = declare(
    "amendment_missing", status=404,
    ja="この事業に変更案はありません。", en="Nobody works on an amendment of this programme.",
)
AMENDMENT_CHANGES_NOTHING = declare(
    "amendment_changes_nothing", status=422,
    ja="いまの文書と同じです。変えるところを変えてから保存してください。",
    en="This is the document in force. Change something before you keep it.",
)
AMENDMENT_UNREASONED = declare(
    "amendment_unreasoned", status=422,
    ja="変更の理由を{most}文字以内で書いてください。", en="Please say why, in at most {most} characters.",
)
AMENDMENT_TAKES = declare(
    "amendment_takes", status=422,
    ja="この変更は、すでに持っている人や約束した人から取り上げるのでできません({count}件)。まず「{path}」: {first:ja}",
    en="This would take from people who hold or were promised something ({count}). First, “{path}”: {first:en}",
)


@transaction.atomic
def draft_amendment(*, programme: UUID, terms: ProgrammeTerms, reason: str, by: Actor, at: datetime) -> None:
    """Keep a document as what a running programme shall become. A draft may be wrong; it is judged when submitted.

    Order: lock the programme, ask the permission, write its next version.
    Raises Refusal `programme_unknown`, `not_allowed`, `programme_not_launched`, `amendment_unreasoned`,
    `amendment_proposed`, `amendment_changes_nothing`.
    """
    kept = locked_programme(programme, by)
    _require_own(kept, by)
    if not 1 <= len(reason.strip()) <= REASON_MOST:
        raise AMENDMENT_UNREASONED.refusal(field="reason", most=REASON_MOST)
    waiting = _waiting(kept)
    if waiting is not None and waiting.approval is not None:
        raise AMENDMENT_PROPOSED.refusal()
    if digest(terms) == current_version(kept).digest:
        raise AMENDMENT_CHANGES_NOTHING.refusal()
    values = {
        "document": json.loads(write_terms(terms, "json")), "digest": digest(terms), "reason": reason.strip(),
        "drafted_by": by.party, "drafted_at": at,
    }  # fmt: skip
    TermsVersion.objects.update_or_create(
        programme=kept, launched_at=None, defaults=values,
        create_defaults={**values, "id": uuid7(at), "municipality": by.municipality, "number": kept.number + 1},
    )


@transaction.atomic
def drop_amendment(*, programme: UUID, by: Actor) -> None:
    """The makers give a draft up; a proposed one is withdrawn first. Raises as `submit_amendment`."""
    _, version = _draft(programme, by=by)
    version.delete()


@transaction.atomic
def submit_amendment(*, programme: UUID, by: Actor, at: datetime) -> UUID:
    """Ask a checker to put the amendment into force as it is now; gives the approval's id.

    Order: lock the programme, ask the permission, judge the document, then what it would take, propose its digest.
    Raises Refusal `programme_unknown`, `not_allowed`, `programme_not_launched`, `amendment_missing`,
    `amendment_proposed`, `programme_has_errors`, `amendment_takes`.
    """
    kept, version = _draft(programme, by=by)
    _judge(kept, version)
    version.approval = parties.propose(
        ACTION, object_id=kept.id, digest=version.digest, department=kept.department, note=version.reason[:400], by=by,
        at=at,
    )  # fmt: skip
    version.save(update_fields=["approval"])
    return version.approval


@transaction.atomic
def withdraw_amendment(*, programme: UUID, by: Actor, at: datetime) -> None:
    """The makers take the request back; the draft may change again.

    Raises Refusal `programme_unknown`, `not_allowed`, `amendment_not_proposed`.
    """
    kept = locked_programme(programme, by)
    require(by, "programme.amend", department=kept.department, municipality=kept.municipality)
    version, approval = _proposed(kept)
    parties.withdraw(approval, by=by, at=at)
    _back_to_draft(version)


@transaction.atomic
def send_amendment_back(*, programme: UUID, note: str, by: Actor, at: datetime) -> None:
    """The checker sends the amendment back with a reason.

    Raises Refusal `programme_unknown`, `not_allowed`, `amendment_not_proposed`, `checker_is_maker`.
    """
    kept = locked_programme(programme, by)
    require(by, ACTION, department=kept.department, municipality=kept.municipality)
    version, approval = _proposed(kept)
    parties.reject(approval, by=by, at=at, note=note)
    _back_to_draft(version)


@transaction.atomic
def approve_amendment(*, programme: UUID, by: Actor, at: datetime) -> int:
    """The checker puts the amendment into force; gives the version's number.

    Order: lock the programme; permission; judge the document and what it would take once more, because people may hold
    more than when it was submitted; approve, which refuses the maker and a changed document; the version, the
    programme's names, the rows of funds, agreements and purses; the order to extend what was handed out; tell the
    tills; last, post the budget, so that the books are locked for the shortest time.
    Raises Refusal `programme_unknown`, `not_allowed`, `programme_not_launched`, `amendment_not_proposed`,
    `programme_has_errors`, `amendment_takes`, `checker_is_maker`, `digest_differs`, `insufficient`.
    """
    kept = locked_programme(programme, by)
    require(by, ACTION, department=kept.department, municipality=kept.municipality)
    _require_running(kept)
    version, approval = _proposed(kept)
    before, after = _judge(kept, version)
    parties.approve(approval, digest(after), by=by, at=at)
    _put_into_force(kept, version, terms=after, by=by, at=at)
    _follow(after, kept, at=at)
    if (last_day := extends(before, after)) is not None:
        order_extension(kept, last_day=last_day, approval=approval, by=by, at=at)
    announce(kept.municipality, at=at)
    _change_budget(before, after, programme=kept, by=by, at=at)
    return kept.number


def _require_own(kept: Programme, by: Actor) -> None:
    """A running programme of the actor's own department."""
    require(by, "programme.amend", department=kept.department, municipality=kept.municipality)
    _require_running(kept)


def _require_running(kept: Programme) -> None:
    if kept.state != ProgrammeState.LAUNCHED:
        raise PROGRAMME_NOT_LAUNCHED.refusal(state=kept.state)


def _waiting(kept: Programme) -> TermsVersion | None:
    """The version after the one in force; a draft's first version is none."""
    return TermsVersion.objects.filter(programme=kept, launched_at=None, number__gt=1).first()


def _draft(programme: UUID, *, by: Actor) -> tuple[Programme, TermsVersion]:
    """The programme, locked, and the amendment that its makers work on."""
    kept = locked_programme(programme, by)
    _require_own(kept, by)
    version = _waiting(kept)
    if version is None:
        raise AMENDMENT_MISSING.refusal()
    if version.approval is not None:
        raise AMENDMENT_PROPOSED.refusal()
    return kept, version


def _proposed(kept: Programme) -> tuple[TermsVersion, UUID]:
    version = _waiting(kept)
    if version is None or version.approval is None:
        raise AMENDMENT_NOT_PROPOSED.refusal()
    return version, version.approval


def _back_to_draft(version: TermsVersion) -> None:
    version.approval = None
    version.save(update_fields=["approval"])


def _judge(kept: Programme, version: TermsVersion) -> tuple[ProgrammeTerms, ProgrammeTerms]:
    """The document in force and the one that shall follow, which must be sound and take nothing."""
    before, after = from_tree(current_version(kept).document), from_tree(version.document)
    refuse_errors(after)
    refuse_takings(takings(before, after, standing=queries.standing(kept.id, municipality=kept.municipality)))
    return before, after


def refuse_takings(found: tuple[Finding, ...]) -> None:
    """Raise Refusal `amendment_takes`, with every taking among its facts, unless there is none."""
    if found:
        first = found[0]
        raise AMENDMENT_TAKES.refusal(
            field=first.path, count=len(found), path=first.path,
            first=Both(first.sentence("ja"), first.sentence("en")), takings=found,
        )


def _put_into_force(
    kept: Programme, version: TermsVersion, *, terms: ProgrammeTerms, by: Actor, at: datetime
) -> None:
    version.launched_by, version.launched_at = by.party, at
    version.save(update_fields=["launched_by", "launched_at"])
    kept.number, kept.name_ja, kept.name_en = version.number, terms.name.ja, terms.name.en
    kept.save(update_fields=["number", "name_ja", "name_en"])


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


def _change_budget(
    before: ProgrammeTerms, after: ProgrammeTerms, *, programme: Programme, by: Actor, at: datetime
) -> None:
    """What the amended document gives a fund more or less than the one before."""
    was = {fund.code: fund.amount_yen for fund in before.funds}
    amounts = {
        fund.code: fund.amount_yen - was.get(fund.code, 0) for fund in after.funds if fund.funder is not Funder.BUYERS
    }
    reason = f"事業の変更: {programme.name_ja}(第{programme.number}版)"
    decide({code: yen for code, yen in amounts.items() if yen}, programme, reason=reason, by=by, at=at)
