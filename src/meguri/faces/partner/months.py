"""The monthly statement: what lay where when the month began, what moved, what lies there at its end. To the yen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from meguri.evidence import queries as evidence
from meguri.evidence.flows import MoneyFigures
from meguri.evidence.fund_accounts import FundAccount
from meguri.evidence.queries import FundsMoved
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.partner import accounts
from meguri.faces.partner.frame import csv_file, own_funds, page, partners_only, said
from meguri.programmes.queries import FundView
from meguri.words import clock


@dataclass(frozen=True, slots=True)
class Row:
    """One place where the money lies: `begin_yen` + `came_yen` - `went_yen` = `end_yen`."""

    ja: str
    en: str
    begin_yen: int
    came_yen: int
    went_yen: int

    @property
    def end_yen(self) -> int:
        return self.begin_yen + self.came_yen - self.went_yen


Tables = list[tuple[FundView, tuple[Row, ...]]]
"""The places of each fund."""


@partners_only
@never_cache
@require_GET
def statement(request: TownRequest) -> HttpResponse:
    """One month of each fund. The file holds the same rows."""
    funds = own_funds(request)
    if not funds:
        return page(request, "nothing", way="statement")
    this = clock.day(request.at).replace(day=1)
    first = date(min(fund.fiscal_year for fund in funds), 4, 1)
    month = max(first, min(_month(request.GET.get("month", ""), otherwise=this), this))
    moved = evidence.funds_moved(
        request.municipality, since=clock.midnight(month), until=clock.midnight(_moved(month, 1))
    )
    tables = _tables(funds, moved)
    if (file := _file(request, tables, moved=moved, month=month)) is not None:
        return file
    return page(
        request, "statement", way="statement", month=month, columns=_columns(request), at_end=month == this,
        before=_shown(month, -1) if month > first else "", later=_shown(month, 1) if month < this else "",
        value=f"{month:%Y-%m}",
        tables=[_shown_table(request, fund, rows=rows, account=_account(moved, fund)) for fund, rows in tables],
    )  # fmt: skip


def _file(request: TownRequest, tables: Tables, *, moved: FundsMoved, month: date) -> HttpResponse | None:
    """The month as a file, if one was asked for: the places, the accounts, or the accounts on paper."""
    funds, name = [fund for fund, _ in tables], f"{month:%Y-%m}.csv"
    match request.GET.get("format"):
        case "csv":
            return csv_file(_csv_rows(request, tables, month=month), name=f"statement-{name}")
        case "account":
            rows = accounts.csv_rows(request, funds, accounts=moved.accounts, month=month)
            return csv_file(rows, name=f"account-{name}")
        case "pdf":
            return accounts.paper(request, funds, accounts=moved.accounts, month=month)
    return None


def _account(moved: FundsMoved, fund: FundView) -> FundAccount:
    return moved.accounts.get(fund.id, FundAccount())


def _month(text: str, *, otherwise: date) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return otherwise


def _moved(month: date, by: int) -> date:
    """The first day of the month `by` months away."""
    years, months = divmod(month.year * 12 + month.month - 1 + by, 12)
    return date(years, months + 1, 1)


def _shown(month: date, by: int) -> str:
    return f"{_moved(month, by):%Y-%m}"


def _tables(funds: tuple[FundView, ...], moved: FundsMoved) -> Tables:
    """The rows of each fund; both ends are read from the books, what moved is their difference."""
    return [(fund, rows_of(_of(moved.begin, fund.id), _of(moved.end, fund.id))) for fund in funds]


def _of(figures: dict[UUID, MoneyFigures], fund: UUID) -> MoneyFigures:
    return figures.get(fund, MoneyFigures())


def rows_of(begin: MoneyFigures, end: MoneyFigures) -> tuple[Row, ...]:
    """The places of a fund's money between two moments; what leaves one place comes to another."""
    put_in = end.budget_yen + end.paid_in_yen - begin.budget_yen - begin.paid_in_yen
    issued, to_bank = end.issued_yen - begin.issued_yen, end.to_bank_yen - begin.to_bank_yen
    spent, banked = end.spent_yen - begin.spent_yen, end.banked_yen - begin.banked_yen
    returned, kept = end.returned_yen - begin.returned_yen, end.kept_yen - begin.kept_yen
    return (
        Row("まだ配っていない", "Not given yet", begin.left_yen, put_in + returned, issued + to_bank),
        Row("住民の手もと", "In residents' wallets", begin.unspent_yen, issued, spent + returned + kept),
        Row("店で使われた(振込前)", "Used, not paid out yet", begin.waiting_yen, spent + to_bank, banked),
        Row("振込まで終わった", "Paid out", begin.banked_yen, banked, 0),
        *((Row("期限切れ", "Expired", begin.kept_yen, kept, 0),) if end.kept_yen else ()),
    )


def total_of(rows: Iterable[Row]) -> Row:
    """All places together: only what was put in comes from outside, so inner moves stand on both sides."""
    found = list(rows)
    sums = (sum(getattr(row, name) for row in found) for name in ("begin_yen", "came_yen", "went_yen"))
    return Row("合計", "Total", *sums)


def _columns(request: TownRequest) -> list[dict[str, object]]:
    heads = (
        ("お金のある所", "Where it is"), ("月はじめ", "Begin"), ("入った", "Came"), ("出た", "Went"),
        ("月おわり", "End"),
    )  # fmt: skip
    return [{"label": said(request, ja, en=en), "number": place > 0} for place, (ja, en) in enumerate(heads)]


def _cells(request: TownRequest, row: Row) -> list[object]:
    yen = (row.begin_yen, row.came_yen, row.went_yen, row.end_yen)
    return [said(request, row.ja, en=row.en), *({"amount": amount} for amount in yen)]


def _shown_table(
    request: TownRequest, fund: FundView, *, rows: tuple[Row, ...], account: FundAccount
) -> dict[str, object]:
    total = total_of(rows)
    return {
        "name": said(request, fund.name_ja, en=fund.name_en), "family": fund.family,
        "rows": [_cells(request, row) for row in rows], "total": _cells(request, total),
        "agrees": (total.end_yen, account.closing_yen) == (fund.budget.loaded_yen, fund.budget.left_yen),
        "account": accounts.shown(request, account), "form": accounts.form_of(request, fund),
    }  # fmt: skip


def _csv_rows(request: TownRequest, tables: Tables, *, month: date) -> list[tuple[object, ...]]:
    """A head and a row for each fund and place; the ends of a fund's rows add up to what the fund was given."""
    head = said(
        request, "月,財源,会計年度,お金のある所,月はじめ(円),入った(円),出た(円),月おわり(円)",
        en="Month,Fund,Fiscal year,Where it is,Begin (yen),Came (yen),Went (yen),End (yen)",
    )  # fmt: skip
    return [
        tuple(head.split(",")),
        *(
            (
                f"{month:%Y-%m}", said(request, fund.name_ja, en=fund.name_en), fund.fiscal_year,
                said(request, row.ja, en=row.en), row.begin_yen, row.came_yen, row.went_yen, row.end_yen,
            )
            for fund, rows in tables
            for row in rows
        ),
    ]  # fmt: skip
