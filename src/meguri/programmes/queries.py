"""What may be asked about programmes. Answers are frozen; a document is read once per process and version."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.programmes.models import (
    Agreement,
    BudgetAppropriation,
    Fund,
    Programme,
    ProgrammeState,
    PurseKind,
    RulesVersion,
    TermsVersion,
)
from meguri.programmes.rules import PurseKindView, RulesInForce
from meguri.programmes.terms import ProgrammeTerms, from_tree
from meguri.programmes.vocabularies import SHOPS
from meguri.words import predicate
from meguri.words.predicate import EVERYTHING
from meguri.words.refusal import declare

PROGRAMME_UNKNOWN = declare(
    "programme_unknown", status=404, ja="この事業は見つかりません。", en="There is no such programme."
)


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """A programme as lists show it. `digest` names the version `number`, in force once launched, else the draft."""

    id: UUID
    code: str
    department: str
    family: str
    name_ja: str
    name_en: str
    state: str
    number: int
    digest: str
    approval: UUID | None
    drafted_at: datetime
    launched_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShareView:
    """A funder's share of an agreement; `granted_yen` is what it has carried, `carried` the rest (1/10,000 yen)."""

    fund: UUID
    fund_code: str
    share_bp: int
    cap_yen: int | None
    granted_yen: int
    carried: int


@dataclass(frozen=True, slots=True)
class AgreementView:
    id: UUID
    programme: UUID
    code: str
    name_ja: str
    name_en: str
    signed_on: date | None
    shares: tuple[ShareView, ...]


@dataclass(frozen=True, slots=True)
class Budget:
    """A fund's yen in the books. Reserved at grant, used at payment, spent at payout; the four add up to `loaded_yen`.

    `left_yen` is not granted yet, `reserved_yen` lies in wallets, `used_yen` is in shops or owed to a bank account,
    `spent_yen` has been paid out, `expired_yen` is unspent paid value of closed purses.
    """

    left_yen: int = 0
    reserved_yen: int = 0
    used_yen: int = 0
    spent_yen: int = 0
    expired_yen: int = 0

    @property
    def loaded_yen(self) -> int:
        return self.left_yen + self.reserved_yen + self.used_yen + self.spent_yen + self.expired_yen


@dataclass(frozen=True, slots=True)
class FundView:
    """A fund with its place in the city's books and its money."""

    id: UUID
    programme: UUID
    code: str
    department: str
    family: str
    name_ja: str
    name_en: str
    funder: str
    payer: str
    fiscal_year: int
    budget_line: tuple[str, str, str, str, str]  # 会計, 款, 項, 目, 節
    source_ja: str
    source_en: str
    grant_rate_bp: int
    money_form: str
    budget: Budget


@dataclass(frozen=True, slots=True)
class AppropriationView:
    """A decision that put money into a fund (`returned`: took it out)."""

    id: UUID
    fund: UUID
    amount_yen: int
    returned: bool
    reason: str
    decided_on: date
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ProgrammePage:
    """Everything the office shows of one programme."""

    programme: ProgrammeView
    terms: ProgrammeTerms
    funds: tuple[FundView, ...]
    agreements: tuple[AgreementView, ...]
    purse_kinds: tuple[PurseKindView, ...]
    appropriations: tuple[AppropriationView, ...]


# --- rules in force --------------------------------------------------------------------------------------------------

_RULES: dict[int, RulesInForce] = {}


def rules_in_force(municipality: int, at: datetime) -> RulesInForce:
    """All purse kinds launched by `at`. Kept in the process; one look-up by key tells whether they have changed."""
    version = str(RulesVersion.objects.filter(municipality=municipality).values_list("token", flat=True).first())
    kept = _RULES.get(municipality)
    if kept is None or kept.version != version:
        kept = _RULES[municipality] = _rules(municipality, version)
    launched = {key: kind for key, kind in kept.purse_kinds.items() if kind.launched_at <= at}
    return kept if len(launched) == len(kept.purse_kinds) else replace(kept, purse_kinds=launched)


def _rules(municipality: int, version: str) -> RulesInForce:
    rows = PurseKind.objects.filter(municipality=municipality, programme__launched_at__isnull=False)
    kinds = {row.id: _purse_kind(row) for row in rows.select_related("programme").order_by("programme_id", "place")}
    return RulesInForce(municipality=municipality, version=version, purse_kinds=kinds)


def _purse_kind(row: PurseKind) -> PurseKindView:
    programme = row.programme
    document = terms(programme.id, municipality=row.municipality)
    funds = Fund.objects.filter(programme=programme).order_by("place").values_list("id", flat=True)
    assert programme.launched_at is not None  # noqa: S101 - only launched programmes have purse kinds
    return PurseKindView(
        id=row.id, code=row.code, programme=programme.id, programme_code=programme.code,
        programme_name_ja=programme.name_ja, programme_name_en=programme.name_en, department=programme.department,
        family=programme.family, part=row.part, name_ja=row.name_ja, name_en=row.name_en,
        restriction=predicate.parse(row.restriction or EVERYTHING, SHOPS), tightness=row.tightness, place=row.place,
        fund_order=tuple(funds), spending=document.spending.window.period,
        payment_max_yen=document.limits.payment_max_yen, transfer_max_yen=document.limits.transfer_max_yen,
        launched_at=programme.launched_at,
    )


# --- documents -------------------------------------------------------------------------------------------------------


def terms(programme: UUID, *, municipality: int) -> ProgrammeTerms:
    """The document in force; for a programme not launched yet, its draft. Raises Refusal `programme_unknown`."""
    row = (
        TermsVersion.objects.filter(programme_id=programme, municipality=municipality)
        .order_by(F("launched_at").desc(nulls_last=True), "-number").values_list("id", "digest").first()
    )
    if row is None:
        raise PROGRAMME_UNKNOWN.refusal()
    return _document(*row)


@lru_cache(maxsize=256)
def _document(version: UUID, digest: str) -> ProgrammeTerms:
    """A draft keeps its id and changes its digest, so both name the content."""
    return from_tree(TermsVersion.objects.values_list("document", flat=True).get(id=version, digest=digest))


def programmes(municipality: int, *, states: Iterable[str] = ProgrammeState.values) -> tuple[ProgrammeView, ...]:
    """All programmes in these states, oldest first."""
    rows = Programme.objects.filter(municipality=municipality, state__in=list(states))
    return _programmes(rows.order_by("id"))


def programme(programme_id: UUID, *, municipality: int) -> ProgrammeView | None:
    found = _programmes(Programme.objects.filter(municipality=municipality, id=programme_id))
    return found[0] if found else None


def programme_by_code(code: str, *, municipality: int) -> ProgrammeView | None:
    found = _programmes(Programme.objects.filter(municipality=municipality, code=code))
    return found[0] if found else None


def programme_page(programme_id: UUID, *, municipality: int, at: datetime) -> ProgrammePage:
    """One programme from all sides. Raises Refusal `programme_unknown`."""
    view = programme(programme_id, municipality=municipality)
    if view is None:
        raise PROGRAMME_UNKNOWN.refusal()
    rules = rules_in_force(municipality, at)
    decided = BudgetAppropriation.objects.filter(municipality=municipality, fund__programme_id=programme_id)
    return ProgrammePage(
        programme=view, terms=terms(programme_id, municipality=municipality),
        funds=funds(municipality, programme=programme_id),
        agreements=agreements(programme_id, municipality=municipality),
        purse_kinds=tuple(kind for kind in rules.purse_kinds.values() if kind.programme == programme_id),
        appropriations=tuple(
            AppropriationView(id=row.id, fund=row.fund_id, amount_yen=row.amount_yen, returned=row.returned,
                              reason=row.reason, decided_on=row.decided_on, made_at=row.made_at)
            for row in decided.order_by("id")
        ),
    )


def _programmes(rows: QuerySet[Programme]) -> tuple[ProgrammeView, ...]:
    found = list(rows)
    versions = TermsVersion.objects.filter(programme__in=found)
    by_place = {(version.programme_id, version.number): version for version in versions.defer("document")}
    return tuple(_programme(row, by_place[row.id, row.number]) for row in found)


def _programme(row: Programme, version: TermsVersion) -> ProgrammeView:
    return ProgrammeView(
        id=row.id, code=row.code, department=row.department, family=row.family, name_ja=row.name_ja,
        name_en=row.name_en, state=row.state, number=row.number, digest=version.digest, approval=version.approval,
        drafted_at=row.drafted_at, launched_at=row.launched_at, closed_at=row.closed_at,
    )


# --- money -----------------------------------------------------------------------------------------------------------

_PLACES: Mapping[AccountRole, str] = {
    AccountRole.FUND: "left_yen",
    AccountRole.WALLET: "reserved_yen",
    AccountRole.SHOP: "used_yen",
    AccountRole.PAYABLE: "used_yen",
    AccountRole.PAID_OUT: "spent_yen",
    AccountRole.EXPIRED: "expired_yen",
}


def funds(municipality: int, *, programme: UUID | None = None, department: str = "") -> tuple[FundView, ...]:
    """Funds with what is left, reserved, used and spent, straight from the books."""
    rows = Fund.objects.filter(municipality=municipality).select_related("programme").order_by("programme_id", "place")
    if programme is not None:
        rows = rows.filter(programme_id=programme)
    if department:
        rows = rows.filter(programme__department=department)
    budgets = _budgets(municipality)
    return tuple(_fund(row, budgets.get(row.id, Budget())) for row in rows)


def _budgets(municipality: int) -> dict[UUID, Budget]:
    sums: defaultdict[UUID, dict[str, int]] = defaultdict(lambda: dict.fromkeys(Budget.__dataclass_fields__, 0))
    for row in books.trial_balance(municipality=municipality):
        if row.fund is not None and row.role in _PLACES:
            sums[row.fund][_PLACES[row.role]] += row.amount
    return {fund: Budget(**parts) for fund, parts in sums.items()}


def _fund(row: Fund, budget: Budget) -> FundView:
    return FundView(
        id=row.id, programme=row.programme_id, code=row.code, department=row.programme.department,
        family=row.programme.family, name_ja=row.name_ja, name_en=row.name_en, funder=row.funder, payer=row.payer,
        fiscal_year=row.fiscal_year, budget_line=(row.account, row.kan, row.kou, row.moku, row.setsu),
        source_ja=row.source_ja, source_en=row.source_en, grant_rate_bp=row.grant_rate_bp, money_form=row.money_form,
        budget=budget,
    )


def agreements(programme: UUID, *, municipality: int) -> tuple[AgreementView, ...]:
    """The programme's agreements with the state of every share; a fund alone is an agreement of one share."""
    rows = Agreement.objects.filter(programme_id=programme, municipality=municipality).order_by("id")
    return tuple(_agreement(row) for row in rows.prefetch_related("shares__fund"))


def agreement(programme: UUID, code: str, *, municipality: int) -> AgreementView | None:
    """The agreement (or single fund) that the document calls `code`."""
    return next((each for each in agreements(programme, municipality=municipality) if each.code == code), None)


def _agreement(row: Agreement) -> AgreementView:
    shares = sorted(row.shares.all(), key=lambda share: share.place)
    return AgreementView(
        id=row.id, programme=row.programme_id, code=row.code, name_ja=row.name_ja, name_en=row.name_en,
        signed_on=row.signed_on,
        shares=tuple(
            ShareView(fund=share.fund_id, fund_code=share.fund.code, share_bp=share.share_bp, cap_yen=share.cap_yen,
                      granted_yen=share.granted_yen, carried=share.carried)
            for share in shares
        ),
    )


def purse_kind(programme: UUID, code: str, *, municipality: int) -> PurseKindView | None:
    """The purse kind of a launched programme that its document calls `code`."""
    row = PurseKind.objects.filter(municipality=municipality, programme_id=programme, code=code).first()
    return None if row is None else _purse_kind(row)


def lots_by_purse(programme: UUID, *, municipality: int, at: datetime) -> dict[UUID, list[books.Lot]]:
    """The lots that have not expired, by purse kind of the programme."""
    kinds = PurseKind.objects.filter(municipality=municipality, programme_id=programme).values_list("id", flat=True)
    lots: dict[UUID, list[books.Lot]] = {kind: [] for kind in kinds}
    for lot in books.spendable_lots(municipality=municipality, at=at):
        if lot.purse_kind is not None and lot.purse_kind in lots:
            lots[lot.purse_kind].append(lot)
    return lots


@dataclass(frozen=True, slots=True)
class Lapsed:
    """Value in a wallet whose day has passed."""

    holder: UUID
    lot: int
    fund: UUID
    purse_kind: UUID
    part: str
    amount_yen: int


def lapsed(programme: UUID, *, municipality: int, at: datetime) -> list[Lapsed]:
    """What an expiry run at `at` would take out of the wallets of this programme, by holder and lot."""
    parts = dict(PurseKind.objects.filter(municipality=municipality, programme_id=programme).values_list("id", "part"))
    with connection.cursor() as cursor:
        cursor.execute(_LAPSED_SQL, [municipality, list(parts), at])
        rows = cursor.fetchall()
    return [
        Lapsed(holder=holder, lot=lot, fund=fund, purse_kind=kind, part=parts[kind], amount_yen=amount)
        for holder, lot, fund, kind, amount in rows
    ]


_LAPSED_SQL = """
    SELECT a.owner, o.id, o.fund, o.purse_kind, b.amount FROM ledger.lot o
    JOIN ledger.balance b ON (b.municipality_id, b.lot_id) = (o.municipality_id, o.id)
    JOIN ledger.account a ON (a.municipality_id, a.id) = (b.municipality_id, b.account_id)
    WHERE o.municipality_id = %s AND o.purse_kind = ANY (%s) AND o.expires_at <= %s
    AND a.role = 'wallet' AND b.amount > 0
    ORDER BY o.id, a.owner
"""
"""The books are asked by lot, not by owner: nobody knows beforehand who holds what has lapsed."""
