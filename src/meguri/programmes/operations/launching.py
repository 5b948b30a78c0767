"""A programme comes into force: its funds, agreements and purse kinds get identities, its budget enters the books."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as books
from meguri.ledger.rules import Account, Posting
from meguri.ledger.templates import AccountRole
from meguri.parties import operations as parties
from meguri.parties.queries import all_shop_facts
from meguri.parties.rules import require
from meguri.programmes.models import (
    Agreement,
    AgreementShare,
    Fund,
    Programme,
    ProgrammeState,
    PurseKind,
    RulesVersion,
    TermsVersion,
)
from meguri.programmes.operations.arms import promise_arms
from meguri.programmes.operations.budgets import appropriation_posting, record_appropriation
from meguri.programmes.operations.drafting import (
    PROGRAMME_NOT_PROPOSED,
    current_version,
    locked_programme,
    refuse_errors,
    refuse_over,
    state_now,
)
from meguri.programmes.parts import AgreementTerms, BudgetLine, Funder, FundTerms, PurseTerms, Share
from meguri.programmes.rules import tightness
from meguri.programmes.sharing import WHOLE
from meguri.programmes.terms import ProgrammeTerms, digest, from_tree
from meguri.programmes.vocabularies import SHOPS, known
from meguri.words import predicate
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.period import day_of
from meguri.words.predicate import EVERYTHING, Facts
from meguri.words.refusal import Refusal, declare

PROGRAMME_NOT_LAUNCHED = declare(
    "programme_not_launched",
    ja="この事業は今「{state}」で、動いていません。", en="This programme is “{state}” and not running.",
)

FUND_ROLES = (AccountRole.APPROPRIATION, AccountRole.CASH_RECEIVED, AccountRole.FUND, AccountRole.EXPIRED)
"""The accounts every fund owns. Wallets, shops and payables belong to people and shops."""


@dataclass(frozen=True, slots=True)
class Launched:
    """What a launch made: ids by the document's codes."""

    programme: UUID
    funds: dict[str, UUID]
    agreements: dict[str, UUID]
    purse_kinds: dict[str, UUID]


@transaction.atomic
def launch(*, programme: UUID, by: Actor, at: datetime) -> Launched:
    """The checker puts a proposed document into force.

    Order: lock the programme; permission; judge the document once more (the rules may have changed since, and its days
    may have passed); approve, which refuses the maker and a changed document; write funds, agreements, purse kinds and
    the version; bind the draw of its arms, if it has any; open accounts and lots; last, post the appropriations, so
    that the books are locked for the shortest time.
    Raises Refusal `programme_unknown`, `not_allowed`, `programme_not_proposed`, `programme_has_errors`,
    `programme_is_over`, `checker_is_maker`, `digest_differs`.
    """
    kept = locked_programme(programme, by)
    require(by, "programme.launch", department=kept.department, municipality=kept.municipality)
    version = current_version(kept)
    if kept.state != ProgrammeState.PROPOSED or version.approval is None:
        raise PROGRAMME_NOT_PROPOSED.refusal(now=state_now(kept))
    terms = from_tree(version.document)
    refuse_errors(terms)
    refuse_over(terms, at=at)
    parties.approve(version.approval, digest(terms), by=by, at=at)
    made = _make(terms, kept, at=at)
    _put_into_force(kept, version, by=by, at=at)
    promise_arms(terms, kept, at=at)
    _open_books(made, municipality=by.municipality)
    _appropriate(terms, kept, by=by, at=at)
    return made


@transaction.atomic
def close_programme(*, programme: UUID, by: Actor, at: datetime) -> None:
    """No value comes into being any more; what is held stays good until it expires, what is owed is still paid.

    Raises Refusal `programme_unknown`, `not_allowed`, `programme_not_launched`.
    """
    kept = locked_programme(programme, by)
    require(by, "programme.close", department=kept.department, municipality=kept.municipality)
    if kept.state != ProgrammeState.LAUNCHED:
        raise PROGRAMME_NOT_LAUNCHED.refusal(state=kept.state)
    kept.state, kept.closed_at = ProgrammeState.CLOSED, at
    kept.save(update_fields=["state", "closed_at"])
    announce(kept.municipality, at=at)


@transaction.atomic
def measure_tightness(*, by: Actor, at: datetime) -> int:
    """Measure anew how many shops each restriction closes, after shops joined or left; gives the number of changes."""
    require(by, "programme.see", municipality=by.municipality)
    shops = open_shops(by.municipality)
    changed = []
    for row in PurseKind.objects.select_for_update().filter(municipality=by.municipality).order_by("id"):
        fresh = tightness(predicate.parse(row.restriction or EVERYTHING, SHOPS), shops)
        if fresh != row.tightness:
            row.tightness = fresh
            changed.append(row)
    PurseKind.objects.bulk_update(changed, ["tightness"])
    if changed:
        announce(by.municipality, at=at)
    return len(changed)


def _make(terms: ProgrammeTerms, programme: Programme, *, at: datetime) -> Launched:
    funds = {row.code: row for row in fund_rows(terms, programme, at=at)}
    Fund.objects.bulk_create(funds.values())
    agreements = {each.code: agreement_row(each, programme, at=at) for each in all_agreements(terms)}
    Agreement.objects.bulk_create(agreements.values())
    AgreementShare.objects.bulk_create(
        row for each in all_agreements(terms) for row in share_rows(each, agreements[each.code], funds=funds, at=at)
    )
    shops = open_shops(programme.municipality)
    purses = [
        purse_kind_row(purse, place, agreement=agreements[purse.funded_by], shops=shops, at=at)
        for place, purse in enumerate(terms.purses)
    ]
    PurseKind.objects.bulk_create(purses)
    return Launched(
        programme=programme.id, funds={code: row.id for code, row in funds.items()},
        agreements={code: row.id for code, row in agreements.items()},
        purse_kinds={row.code: row.id for row in purses},
    )


def fund_rows(terms: ProgrammeTerms, programme: Programme, *, at: datetime) -> Iterator[Fund]:
    """The document's funds as rows, not saved yet."""
    for place, fund in enumerate(terms.funds):
        line = fund.budget_line or BudgetLine(account="", kan="", kou="", moku="", setsu="")
        yield Fund(
            id=uuid7(at), municipality=programme.municipality, programme=programme, code=fund.code, place=place,
            name_ja=fund.name.ja, name_en=fund.name.en, funder=fund.funder, payer=fund.payer,
            fiscal_year=fund.fiscal_year, account=line.account, kan=line.kan, kou=line.kou, moku=line.moku,
            setsu=line.setsu, source_ja=fund.source.ja, source_en=fund.source.en, grant_rate_bp=fund.grant_rate_bp,
            money_form=fund.money_form or "",
        )


def all_agreements(terms: ProgrammeTerms) -> list[AgreementTerms]:
    """The document's agreements, and each fund as an agreement with itself, so that every grant is shared one way."""
    alone = [
        AgreementTerms(code=fund.code, name=fund.name, shares=(Share(fund=fund.code, share_bp=WHOLE),))
        for fund in terms.funds
    ]
    return [*terms.agreements, *alone]


def agreement_row(each: AgreementTerms, programme: Programme, *, at: datetime) -> Agreement:
    """An agreement as a row, not saved yet."""
    return Agreement(
        id=uuid7(at), municipality=programme.municipality, programme=programme, code=each.code, name_ja=each.name.ja,
        name_en=each.name.en, signed_on=each.signed_on,
    )


def share_rows(
    each: AgreementTerms, agreement: Agreement, *, funds: Mapping[str, Fund], at: datetime
) -> Iterator[AgreementShare]:
    """The shares of an agreement as rows, not saved yet; `funds` by code."""
    for place, share in enumerate(each.shares):
        yield AgreementShare(
            id=uuid7(at), municipality=agreement.municipality, agreement=agreement, fund=funds[share.fund], place=place,
            share_bp=share.share_bp, cap_yen=share.cap_yen,
        )


def purse_kind_row(
    purse: PurseTerms, place: int, *, agreement: Agreement, shops: list[Facts], at: datetime
) -> PurseKind:
    """A purse as a row, not saved yet; its tightness is measured in these shops."""
    return PurseKind(
        id=uuid7(at), municipality=agreement.municipality, programme=agreement.programme, code=purse.code, place=place,
        name_ja=purse.name.ja, name_en=purse.name.en, part=purse.part, agreement=agreement,
        restriction=None if purse.where == EVERYTHING else predicate.to_document(purse.where),
        tightness=tightness(predicate.parse(purse.where, SHOPS), shops),
    )


def open_shops(municipality: int) -> list[Facts]:
    """What the register knows of every open shop of the town."""
    return [known(shop, SHOPS) for shop in all_shop_facts(municipality).values() if shop.open]


def _put_into_force(programme: Programme, version: TermsVersion, *, by: Actor, at: datetime) -> None:
    version.launched_by, version.launched_at, version.approved_at = by.party, at, at
    version.save(update_fields=["launched_by", "launched_at", "approved_at"])
    programme.state, programme.launched_at = ProgrammeState.LAUNCHED, at
    programme.save(update_fields=["state", "launched_at"])
    announce(programme.municipality, at=at)


def announce(municipality: int, *, at: datetime) -> None:
    """Every process reads the rules anew at its next question."""
    RulesVersion.objects.update_or_create(municipality=municipality, defaults={"token": uuid7(at)})


def _open_books(made: Launched, *, municipality: int) -> None:
    """The accounts of the programme (stock, used), and those of its funds."""
    own = [Account(made.programme, role) for role in (AccountRole.STOCK, AccountRole.USED)]
    books.open_accounts(own, municipality=municipality)
    open_funds(made.funds.values(), municipality=municipality)


def open_funds(funds: Iterable[UUID], *, municipality: int) -> None:
    """The accounts of these funds, and each one's own lot."""
    numbers = list(funds)
    books.open_accounts([Account(fund, role) for fund in numbers for role in FUND_ROLES], municipality=municipality)
    for fund in numbers:
        books.fund_lot(fund, municipality=municipality)


def _appropriate(terms: ProgrammeTerms, programme: Programme, *, by: Actor, at: datetime) -> None:
    """What the document appropriates, one decision a fund; all postings together."""
    amounts = {fund.code: fund.amount_yen for fund in terms.funds if is_loaded(fund)}
    reason = f"事業の開始: {programme.name_ja}(第{programme.number}版)"
    decide(amounts, programme, reason=reason, by=by, at=at)


def decide(amounts: Mapping[str, int], programme: Programme, *, reason: str, by: Actor, at: datetime) -> None:
    """One decision for each fund (by code): yen above zero are appropriated, yen below zero returned.

    Raises Refusal as the books do: `insufficient` where a fund has less left than shall be returned.
    """
    decisions = [
        record_appropriation(
            row, amount_yen=abs(amounts[row.code]), reason=reason, decided_on=day_of(at),
            returned=amounts[row.code] < 0, by=by, at=at,
        )
        for row in Fund.objects.filter(programme=programme, code__in=amounts).order_by("place")
    ]
    post_all([appropriation_posting(decision, by=by, at=at) for decision in decisions], municipality=by.municipality)


def post_all(postings: Sequence[Posting], *, municipality: int) -> None:
    """All of them or none: raises the first Refusal."""
    for answer in books.post_batch(postings, municipality=municipality):
        if isinstance(answer, Refusal):
            raise answer


def is_loaded(fund: FundTerms) -> bool:
    """Whether the document itself puts budget into the fund; buyers' money comes with each sale."""
    return fund.funder is not Funder.BUYERS and fund.amount_yen > 0
