"""Funds, agreements and lots, with their yen straight from the books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.programmes.demurrage import RunKind
from meguri.programmes.models import Agreement, BudgetAppropriation, Fund, PurseKind, ValueRun
from meguri.words.period import Period


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

    `left_yen` is not granted yet, `reserved_yen` lies in wallets or on hold, `used_yen` is in shops or owed to a bank
    account, `spent_yen` has been paid out, `expired_yen` is unspent paid value of closed purses.
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


PLACES: Mapping[AccountRole, str] = {
    AccountRole.FUND: "left_yen",
    AccountRole.WALLET: "reserved_yen",
    AccountRole.HELD: "reserved_yen",
    AccountRole.SHOP: "used_yen",
    AccountRole.PAYABLE: "used_yen",
    AccountRole.PAID_OUT: "spent_yen",
    AccountRole.EXPIRED: "expired_yen",
}
"""Where a fund's yen are, by the role of the account that has them."""


def funds(
    municipality: int, *, programme: UUID | None = None, department: str = "", payer: str = ""
) -> tuple[FundView, ...]:
    """Funds with what is left, reserved, used and spent, straight from the books. `payer` as the document names it."""
    rows = Fund.objects.filter(municipality=municipality).select_related("programme").order_by("programme_id", "place")
    if programme is not None:
        rows = rows.filter(programme_id=programme)
    if department:
        rows = rows.filter(programme__department=department)
    if payer:
        rows = rows.filter(payer=payer)
    budgets = _budgets(municipality)
    return tuple(_fund(row, budgets.get(row.id, Budget())) for row in rows)


def payers(municipality: int) -> dict[UUID, str]:
    """Who pays each fund, as its document names it. Asked often, so without any sums."""
    return dict(Fund.objects.filter(municipality=municipality).values_list("id", "payer"))


def _budgets(municipality: int) -> dict[UUID, Budget]:
    sums: defaultdict[UUID, dict[str, int]] = defaultdict(lambda: dict.fromkeys(Budget.__dataclass_fields__, 0))
    for row in books.trial_balance(municipality=municipality):
        if row.fund is not None and row.role in PLACES:
            sums[row.fund][PLACES[row.role]] += row.amount
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


def appropriations(programme: UUID, *, municipality: int) -> tuple[AppropriationView, ...]:
    """The decisions that loaded the programme's funds or took budget back, in their order."""
    rows = BudgetAppropriation.objects.filter(municipality=municipality, fund__programme_id=programme).order_by("id")
    return tuple(
        AppropriationView(
            id=row.id, fund=row.fund_id, amount_yen=row.amount_yen, returned=row.returned, reason=row.reason,
            decided_on=row.decided_on, made_at=row.made_at,
        )
        for row in rows
    )


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
    """Value in a wallet that a run is about: its day has passed, will come later, or its programme has ended."""

    holder: UUID
    lot: int
    fund: UUID
    purse_kind: UUID
    part: str
    amount_yen: int


def lapsed(programme: UUID, *, municipality: int, at: datetime, limit: int | None = None) -> list[Lapsed]:
    """What an expiry run at `at` would take out of the wallets of this programme, by holder and lot: all, or the first.

    What an amendment lets live longer has not lapsed, also where it has not moved to its later lot yet.
    """
    until = extended_until(programme, municipality=municipality)
    parts = dict(PurseKind.objects.filter(municipality=municipality, programme_id=programme).values_list("id", "part"))
    with connection.cursor() as cursor:
        cursor.execute(_LAPSED_SQL, [municipality, list(parts), until, at, limit])
        rows = cursor.fetchall()
    return [
        Lapsed(holder=holder, lot=lot, fund=fund, purse_kind=kind, part=parts[kind], amount_yen=amount)
        for holder, lot, fund, kind, amount in rows
    ]


def extended_until(programme: UUID, *, municipality: int) -> datetime | None:
    """When the value of a programme ends by the last extension that stands; None where none does."""
    stands = ValueRun.objects.filter(
        municipality=municipality, programme_id=programme, kind=RunKind.EXTENSION, ordered_at__isnull=False,
        undo_ordered_at=None,
    )  # fmt: skip
    day = stands.order_by("-day").values_list("day", flat=True).first()
    return None if day is None else Period.of_days(day, day).end


_LAPSED_SQL = """
    SELECT a.owner, o.id, o.fund, o.purse_kind, b.amount FROM ledger.lot o
    JOIN ledger.balance b ON (b.municipality_id, b.lot_id) = (o.municipality_id, o.id)
    JOIN ledger.account a ON (a.municipality_id, a.id) = (b.municipality_id, b.account_id)
    WHERE o.municipality_id = %s AND o.purse_kind = ANY (%s) AND greatest(o.expires_at, %s::timestamptz) <= %s
    AND o.expires_at IS NOT NULL
    AND a.role = 'wallet' AND b.amount > 0
    ORDER BY o.id, a.owner LIMIT %s
"""
"""The books are asked by lot, not by owner: nobody knows beforehand who holds what has lapsed."""
