"""Codes by letter: issued to everybody eligible, entered once, loaded in the same step in which they are used up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from meguri.ledger import operations as books
from meguri.ledger.rules import INSUFFICIENT, Account, Posting
from meguri.ledger.templates import AccountRole
from meguri.notices.operations import send
from meguri.parties.queries import RESIDENT_FACTS_SQL
from meguri.parties.rules import Both, require
from meguri.parties.tries import count_wrong, locked_tries
from meguri.programmes import cost
from meguri.programmes import queries as programmes
from meguri.programmes.operations.drafting import locked_programme
from meguri.programmes.operations.launching import PROGRAMME_NOT_LAUNCHED
from meguri.programmes.parts import GrantByCode
from meguri.programmes.queries import PROGRAMME_UNKNOWN, ProgrammeView
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.vocabularies import RESIDENTS
from meguri.programmes.vouchers import codes, rules, wording
from meguri.programmes.vouchers.models import CodeTries, VoucherCode
from meguri.programmes.vouchers.offer import loads_of
from meguri.programmes.vouchers.operations.applications import office
from meguri.programmes.vouchers.operations.drawing import BATCH
from meguri.programmes.vouchers.operations.issuing import money_legs
from meguri.words import predicate
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Letter:
    """A code for the printer. It is told this once and kept nowhere: who loses it gets another, and this one stops."""

    resident: UUID
    code: str


@dataclass(frozen=True, slots=True)
class CodeEntered:
    """A code that was entered: what came into the wallet (yen). `replayed`: the same person had entered it before."""

    programme: UUID
    posting: UUID
    yen: int
    replayed: bool


@dataclass(frozen=True, slots=True)
class _Codes:
    """A programme whose value comes by code."""

    view: ProgrammeView
    terms: ProgrammeTerms
    grant: GrantByCode


def awaiting_codes(*, programme: UUID, by: Actor) -> tuple[UUID, ...]:
    """Everybody eligible who has no code yet, where the budget holds a code for each of them. Writes nothing.

    Raises Refusal as `issue_codes`.
    """
    known = _find(programme, by.municipality)
    require(by, "voucher.issue_codes", department=known.view.department, municipality=by.municipality)
    _require_running(known)
    rows = VoucherCode.objects.filter(programme=programme)
    held = set(rows.values_list("resident", flat=True))
    fresh = tuple(resident for resident in _eligible(known.terms, by.municipality) if resident not in held)
    _require_budget(known, fresh=len(fresh), municipality=by.municipality)
    return fresh


@transaction.atomic
def issue_codes(
    *, programme: UUID, by: Actor, at: datetime, anew: Collection[UUID] = (), only: Collection[UUID] | None = None
) -> tuple[Letter, ...]:
    """A code for everybody eligible who has none yet, or for those of `only`; for residents in `anew` another one,
    unless theirs was used.

    Order: the programme alone (the second of two issuers finds nobody without a code), permission, the eligible, the
    budget against all codes that are not used yet, the rows.
    Raises Refusal `programme_unknown`, `voucher_programme_has_no_codes`, `not_allowed`, `programme_not_launched`,
    `voucher_codes_exceed_budget`.
    """
    locked_programme(programme, by)
    known = _find(programme, by.municipality)
    require(by, "voucher.issue_codes", department=known.view.department, municipality=by.municipality)
    _require_running(known)
    rows = VoucherCode.objects.select_for_update().filter(programme=programme)
    if only is not None:
        rows = rows.filter(resident__in=[*only, *anew])
    held = dict(rows.values_list("resident", "entered_at"))
    eligible = _eligible(known.terms, by.municipality, only=only)
    fresh = [resident for resident in eligible if resident not in held]
    _require_budget(known, fresh=len(fresh), municipality=by.municipality)
    letters = [Letter(resident, codes.new_code()) for resident in fresh]
    VoucherCode.objects.bulk_create((_row(each, programme, by=by, at=at) for each in letters), batch_size=BATCH)
    lost = [resident for resident in anew if resident in held and held[resident] is None]
    return (*letters, *(_replace(resident, programme, by=by, at=at) for resident in lost))


def enter_code(*, code: str, by: Actor, at: datetime) -> CodeEntered | Refusal:
    """Enter a code: its face is loaded into the wallet of whoever enters it, once for ever.

    A code that does not exist is answered, not raised, because the wrong try must stay counted.
    Order: permission, the person's count of tries (locked), the code's row (locked), programme and window, one posting
    under the code's own key, notice.
    Raises Refusal `not_allowed`, `voucher_code_misread`, `voucher_too_many_tries`, `voucher_code_used`,
    `programme_not_launched`, `voucher_too_early`, `voucher_code_expired`, `voucher_budget_empty`.
    """
    require(by, "voucher.enter_code", owner=by.party, municipality=by.municipality)
    assert by.party is not None  # noqa: S101 - a permission of scope OWN has an owner
    digest = codes.digest_of_code(codes.read_code(code), municipality=by.municipality)
    with transaction.atomic():
        tries = locked_tries(
            CodeTries, by.party, too_many=codes.TOO_MANY_TRIES, municipality=by.municipality, at=at
        )
        row = VoucherCode.objects.select_for_update().filter(municipality=by.municipality, digest=digest).first()
        if row is not None:
            return _enter(row, by=by, at=at)
        return codes.CODE_UNKNOWN.refusal(field="code", left=count_wrong(tries))


def _enter(row: VoucherCode, *, by: Actor, at: datetime) -> CodeEntered:
    known = _find(row.programme, row.municipality)
    face_yen = sum(part.yen for part in known.grant.face)
    if row.entered_at is not None:
        if row.entered_by != by.party or row.posting is None:
            raise codes.CODE_USED.refusal(field="code", when=rules.said(row.entered_at))
        return CodeEntered(row.programme, row.posting, face_yen, replayed=True)
    _require_running(known)
    window = known.grant.entering.period
    if window.is_over(at):
        raise codes.CODE_EXPIRED.refusal(field="code", when=rules.said_last_day(window))
    rules.require_within(window, at)
    row.posting = _load(row, known, by=by, at=at)
    row.entered_by, row.entered_at = by.party, at
    row.save(update_fields=["posting", "entered_by", "entered_at"])
    words = wording.code_entered(programme=Both(known.view.name_ja, known.view.name_en), face_yen=face_yen)
    assert by.party is not None  # noqa: S101 - whose own code it is
    send(by.party, words, channel="in_app", topic="voucher.code_entered", by=office(row.municipality), at=at)
    return CodeEntered(row.programme, row.posting, face_yen, replayed=False)


def _load(row: VoucherCode, known: _Codes, *, by: Actor, at: datetime) -> UUID:
    assert by.party is not None  # noqa: S101 - whose own code it is
    wallet = Account(by.party, AccountRole.WALLET)
    books.open_accounts([wallet], municipality=row.municipality)
    legs = [
        leg for load in loads_of(known.grant.face, programme=row.programme, terms=known.terms,
                                 municipality=row.municipality)
        for leg in money_legs(load, wallet, yen=load.yen, by=by, at=at)
    ]
    posting = Posting(
        key=f"load_code:{row.id}", template="load_code", legs=tuple(legs), at=at, by=str(by.party),
        about={"programme": str(row.programme)}, once=f"voucher_code:{bytes(row.digest).hex()}",
    )
    try:
        return books.post(posting, municipality=row.municipality).posting
    except Refusal as refusal:
        if refusal.kind is INSUFFICIENT:
            raise rules.BUDGET_EMPTY.refusal(limit=refusal.limit) from refusal
        raise


def _find(programme: UUID, municipality: int) -> _Codes:
    view = programmes.programme(programme, municipality=municipality)
    if view is None:
        raise PROGRAMME_UNKNOWN.refusal()
    terms = programmes.terms(programme, municipality=municipality)
    if not isinstance(terms.obtaining, GrantByCode):
        raise codes.NO_CODES.refusal()
    return _Codes(view, terms, terms.obtaining)


def _require_running(known: _Codes) -> None:
    if known.view.state != "launched":
        raise PROGRAMME_NOT_LAUNCHED.refusal(state=known.view.state)
    programmes.require_arms_drawn(known.view.id, known.terms)


def _eligible(terms: ProgrammeTerms, municipality: int, *, only: Collection[UUID] | None = None) -> list[UUID]:
    """Everybody of the register (or of `only`) whom the terms mean on their day, in a fixed order."""
    rule = predicate.parse(terms.eligibility.who, RESIDENTS)
    condition, values = predicate.to_sql(rule, {name: name for name in RESIDENTS.names})
    facts = RESIDENT_FACTS_SQL.replace("%(municipality)s", "%s").replace("%(on)s", "%s")
    among = "" if only is None else " AND person = ANY(%s)"
    query = f"SELECT person FROM ({facts}) AS register WHERE ({condition}){among} ORDER BY person"  # noqa: S608 - declared names
    asked: list[Any] = [municipality, terms.eligibility.on, *values, *([] if only is None else [list(only)])]
    with connection.cursor() as cursor:
        cursor.execute(query, asked)
        return [person for (person,) in cursor.fetchall()]


def _require_budget(known: _Codes, *, fresh: int, municipality: int) -> None:
    """Every letter promises its face: what all open codes and the fresh ones are worth must lie in the funds."""
    still_open = VoucherCode.objects.filter(programme=known.view.id, entered_at=None).count()
    wanted = cost.worth_of(known.terms, known.grant.face, units=still_open + fresh)
    for fund in programmes.funds(municipality, programme=known.view.id):
        if wanted.get(fund.code, 0) > fund.budget.left_yen:
            raise codes.CODES_EXCEED_BUDGET.refusal(
                fund=Both(fund.name_ja, fund.name_en), wanted=wanted[fund.code], available=fund.budget.left_yen
            )


def _row(letter: Letter, programme: UUID, *, by: Actor, at: datetime) -> VoucherCode:
    digest = codes.digest_of_code(codes.read_code(letter.code), municipality=by.municipality)
    return VoucherCode(
        id=uuid7(at), municipality=by.municipality, programme=programme, resident=letter.resident, digest=digest,
        issued_at=at, issued_by=by.party,
    )


def _replace(resident: UUID, programme: UUID, *, by: Actor, at: datetime) -> Letter:
    """Another code in place of a lost one, which nobody can use from now on."""
    letter = Letter(resident, codes.new_code())
    fresh = _row(letter, programme, by=by, at=at)
    VoucherCode.objects.filter(programme=programme, resident=resident).update(
        digest=fresh.digest, issued_at=at, issued_by=by.party
    )
    return letter
