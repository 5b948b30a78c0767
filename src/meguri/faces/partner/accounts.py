"""The account of each fund of a company in a month: a table, a file, and a sheet of paper for its own books."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse

from meguri.evidence.fund_accounts import FundAccount
from meguri.faces.design.paper import set_paper
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.partner.frame import said, sponsor
from meguri.parties.rules import Both
from meguri.programmes.queries import FundView
from meguri.words.clock import day

TEMPLATE = Path(__file__).parent / "statement.typ"
FORMS: Final = {
    "donation": Both("寄附金(町の歳入)", "donation, revenue of the town"),
    "contribution": Both("負担金(町の歳入)", "contribution under the agreement, revenue of the town"),
    "reserve_fund": Both("基金(条例による)", "fund set up by ordinance"),
    "held_by_operator": Both("運営者の口座(町の会計の外)", "account of the operator, outside the town's books"),
}
"""How the company's money lies with the town."""
LINES: Final = (
    ("opening_yen", 1, "繰越", "Brought forward"),
    ("deposited_yen", 1, "入金", "Deposited"),
    ("granted_yen", -1, "住民への付与", "Granted to residents"),
    ("withdrawn_yen", 1, "取消しで戻った", "Came back: grants taken back"),
    ("lapsed_yen", 1, "失効で戻った", "Came back: not used in time"),
    ("returned_yen", -1, "貴社へ返した", "Returned to you"),
    ("closing_yen", 1, "残り", "Left"),
)
"""The lines of an account, in their order; the last is the sum of the others with their signs."""


def signed(account: FundAccount) -> tuple[int, ...]:
    """The yen of each line; all but the last add up to the last."""
    return tuple(sign * getattr(account, name) for name, sign, _, _ in LINES)


def form_of(request: TownRequest, fund: FundView) -> str:
    """In which legal form the money lies with the town; empty for a department's own."""
    form = FORMS.get(fund.money_form)
    return said(request, form.ja, en=form.en) if form else ""


def shown(request: TownRequest, account: FundAccount) -> dict[str, object]:
    """Columns, rows and the closing line for a table."""
    rows = [
        [said(request, ja, en=en), {"amount": yen}]
        for (_, _, ja, en), yen in zip(LINES, signed(account), strict=True)
    ]  # fmt: skip
    heads = (said(request, "この月の動き", en="In this month"), said(request, "円", en="Yen"))
    columns = [{"label": label, "number": place > 0} for place, label in enumerate(heads)]
    return {"columns": columns, "rows": rows[:-1], "total": rows[-1]}


def csv_rows(
    request: TownRequest, funds: Sequence[FundView], *, accounts: Mapping[UUID, FundAccount], month: date
) -> list[tuple[object, ...]]:
    """A head, and a row for each fund and line."""
    head = said(
        request, "月,財源,会計年度,お金の形,この月の動き,金額(円)", en="Month,Fund,Fiscal year,Legal form,Line,Yen"
    )
    return [
        tuple(head.split(",")),
        *(
            (
                f"{month:%Y-%m}", said(request, fund.name_ja, en=fund.name_en), fund.fiscal_year,
                form_of(request, fund), said(request, ja, en=en), yen,
            )
            for fund in funds
            for (_, _, ja, en), yen in zip(LINES, signed(accounts.get(fund.id, FundAccount())), strict=True)
        ),
    ]  # fmt: skip


def paper(
    request: TownRequest, funds: Sequence[FundView], *, accounts: Mapping[UUID, FundAccount], month: date
) -> HttpResponse:
    """The same accounts as a PDF."""
    sheet = set_paper(TEMPLATE, values(request, funds, accounts=accounts, month=month))
    answer = HttpResponse(sheet, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="statement-{month:%Y-%m}.pdf"'
    return answer


def values(
    request: TownRequest, funds: Sequence[FundView], *, accounts: Mapping[UUID, FundAccount], month: date
) -> dict[str, Any]:
    """What the sheet says, in the reader's language."""
    company, town = sponsor(request), request.town
    numbers = {
        said(request, "法人番号", en="Corporate number"): company.corporate_number if company else "",
        said(request, "登録番号", en="Registration number"): company.registration_number if company else "",
    }
    made = said(request, "{}年{}月{}日作成", en="Made on {}-{:02}-{:02}")
    on = day(request.at)
    return {
        "title": said(request, f"{month.year}年{month.month}月 財源明細書", en=f"Statement of funds, {month:%B %Y}"),
        "company": said(request, f"{company.name_ja} 御中", en=company.name_en) if company else "",
        "numbers": [f"{label} {number}" for label, number in numbers.items() if number],
        "town": said(request, town.name_ja, en=town.name_en) if town else "",
        "made": made.format(on.year, on.month, on.day), "yen": said(request, "円", en="yen"),
        "funds": [_fund(request, fund, account=accounts.get(fund.id, FundAccount())) for fund in funds],
        "invented": "" if town is not None and town.kind == "real"
        else said(request, "架空の町の見本です。", en="A specimen of an invented town."),
    }  # fmt: skip


def _fund(request: TownRequest, fund: FundView, *, account: FundAccount) -> dict[str, Any]:
    return {
        "name": said(request, fund.name_ja, en=fund.name_en), "form": form_of(request, fund),
        "year": said(request, f"{fund.fiscal_year}年度", en=f"Fiscal {fund.fiscal_year}"),
        "lines": [
            [said(request, ja, en=en), f"{yen:,}"]
            for (_, _, ja, en), yen in zip(LINES, signed(account), strict=True)
        ],
    }  # fmt: skip
