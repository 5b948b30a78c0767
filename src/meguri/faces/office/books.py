"""The books for the accounting office: the trial balance per fund, and the auditor's claims proven on demand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from django.db import connection
from django.http import HttpResponse
from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import may, officers_only, page, say
from meguri.faces.office.names import names_of
from meguri.faces.office.tables import Cell, csv_of, table
from meguri.ledger import audit
from meguri.ledger import queries as ledger
from meguri.parties.rules import require
from meguri.programmes import queries as programmes

ROLES = {
    "appropriation": ("配当(外)", "Appropriated (outside)"),
    "cash_received": ("受け取った代金(外)", "Cash received (outside)"), "fund": ("財源の残り", "Left in the fund"),
    "wallet": ("財布の中", "In wallets"), "shop": ("店の売上", "Shops' takings"),
    "payable": ("未払い", "Payable"), "paid_out": ("支払い済み", "Paid out"), "expired": ("失効", "Expired"),
}  # fmt: skip


@officers_only
def books(request: TownRequest) -> HttpResponse:
    """Do the books balance? Every fund's column adds up to zero; POST proves every claim anew."""
    require(request.actor, "budget.see")
    rows = [row for row in ledger.trial_balance(municipality=request.municipality) if row.unit == "money"]
    listed = table(
        request, "books", caption=("試算表(財源ごと)", "Trial balance by fund"),
        columns=[("財源", "Fund"), *((ja, en, "number") for ja, en in ROLES.values()),
                 ("合計", "Sum", "number")],
        rows=list(_rows(request, rows)), total=_total(request, rows) if rows else None,
        empty=("まだ何も記帳されていません", "Nothing is in the books yet"),
    )
    if file := csv_of(request, listed):
        return file
    proofs = _prove(request.actor.municipality) if request.method == "POST" and may(request, "settlement.see") else None
    total = sum(row.amount for row in rows)
    return page(
        request, "books", way="books", table=listed, proofs=proofs, total=total, balanced=total == 0,
        may_prove=may(request, "settlement.see"),
        every_holds=all(each["holds"] for each in proofs) if proofs is not None else False,
    )


def _rows(request: TownRequest, rows: list[ledger.TrialRow]) -> Iterator[list[Cell]]:
    funds = {fund.id: fund for fund in programmes.funds(request.municipality)}
    named = {number: say(request, fund.name_ja, fund.name_en) for number, fund in funds.items()}
    of = names_of(request)
    for fund in dict.fromkeys(row.fund for row in rows):
        by_role = {str(row.role): row.amount for row in rows if row.fund == fund}
        amounts = [by_role.get(role, 0) for role in ROLES]
        name = named.get(fund, "") if fund else ""
        whose = of.get(funds[fund].programme, "") if fund in funds else ""
        first: Cell = {"text": name, "note": whose}
        if fund in funds:
            first = {"url": reverse("office:fund", args=[fund]), "text": name, "note": whose}
        yield [first, *({"amount": amount} for amount in amounts), {"amount": sum(by_role.values())}]


def _total(request: TownRequest, rows: list[ledger.TrialRow]) -> list[Cell]:
    """The town: every role's sum over the funds, and what they come to, which is nothing."""
    sums = dict.fromkeys(ROLES, 0)
    for row in rows:
        sums[str(row.role)] = sums.get(str(row.role), 0) + row.amount
    return [say(request, "町全体", "The town"), *({"amount": sums[role]} for role in ROLES),
            {"amount": sum(sums.values())}]


def _prove(municipality: int) -> list[dict[str, Any]]:
    """Every claim of the independent auditor, on a connection of its own that sees what is committed of this town."""
    known = connection.get_connection_params()
    ours = ("cursor_factory", "context", "prepare_threshold")
    wanted = {name: value for name, value in known.items() if name not in ours}
    wanted["options"] += f" -c meguri.municipality={municipality}"
    with psycopg.connect(**wanted) as own:
        return [
            {"claim": proof.claim, "looked_at": proof.looked_at, "holds": proof.holds} for proof in audit.prove(own)
        ]
