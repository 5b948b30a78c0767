"""Tables of one settlement: statements, payouts, a statement's parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import EVERYTHING, say, short
from meguri.faces.office.tables import Cell, Table, is_csv, on_day, table
from meguri.settlement import queries
from meguri.settlement.progress import Progress, of_payout
from meguri.settlement.queries import PayoutView
from meguri.settlement.statement import StatementView
from meguri.words.clock import JST

PAYOUT_STATES: Mapping[Progress, tuple[str, str]] = {
    Progress.OWED: ("支払い待ち", "Owed"), Progress.APPROVED: ("銀行へ送る前", "Not yet with the bank"),
    Progress.LATE: ("遅れ・銀行へ送る前", "Late, not with the bank"),
    Progress.WITH_BANK: ("銀行へ渡した", "With the bank"), Progress.PAID: ("振込済み", "Transferred"),
    Progress.RETURNED: ("振込不能", "Returned"),
    Progress.CARRIED: ("次の振込へ", "In a later transfer"),
}
KINDS = {"shop": ("店", "Shop"), "holder": ("受給者", "Recipient"), "sponsor": ("企業", "Sponsor")}
FAMILIES = {
    "voucher": ("商品券", "Voucher"), "point": ("ポイント", "Points"), "benefit": ("給付", "Benefit"), "": ("", ""),
}
SHOWN = 100

Listed = TypeVar("Listed", StatementView, PayoutView)
Names = Mapping[UUID, tuple[str, str]]


def statements(request: TownRequest, run: UUID, *, names: Names) -> Table:
    """What each shop was told, largest first."""
    whole = queries.statements(municipality=request.municipality, at=request.at, run=run, limit=EVERYTHING)
    found, last = shown_of(request, whole, name="statements")
    return table(
        request, "statements", caption=("店ごとの明細", "Statements by shop"),
        columns=[
            ("店", "Shop"), ("支払い", "Payments", "number"), ("返金", "Refunds", "number"),
            ("商品券", "Voucher", "number"), ("ポイント", "Points", "number"), ("給付", "Benefit", "number"),
            ("手数料", "Fee", "number"), ("支払う額", "Net", "number"),
        ],
        rows=[_statement(each, names) for each in found], total=_statements_total(request, whole),
        empty=("明細はありません", "No statement"), after=last,
        cursor="statements_after", count=len(whole) if last or len(found) < len(whole) else None,
    )  # fmt: skip


def shown_of(request: TownRequest, whole: Sequence[Listed], *, name: str) -> tuple[Sequence[Listed], UUID | None]:
    """The page of a run's list that was asked for, and its last row's id if more follow."""
    if is_csv(request, name):
        return whole, None
    after = request.GET.get(f"{name}_after", "")
    start = next((place for place, each in enumerate(whole, start=1) if str(each.id) == after), 0)
    found = whole[start : start + SHOWN]
    return found, found[-1].id if start + SHOWN < len(whole) else None


def _statement(each: StatementView, names: Names) -> list[Cell]:
    by_family = each.by_family()
    name = names.get(each.shop, ("", ""))[1] or short(each.shop)
    return [
        {"url": reverse("office:statement", args=[each.id]), "text": name},
        each.payments_count, each.refunds_count,
        *({"amount": by_family.get(family, 0)} for family in ("voucher", "point", "benefit")),
        {"amount": each.fee_yen}, {"amount": each.net_yen},
    ]  # fmt: skip


def _statements_total(request: TownRequest, whole: Sequence[StatementView]) -> list[Cell] | None:
    """The last row: all shops of the run, also those on other pages."""
    if not whole:
        return None
    families = [sum(each.by_family().get(family, 0) for each in whole) for family in ("voucher", "point", "benefit")]
    return [
        say(request, "合計", "Total"), sum(each.payments_count for each in whole),
        sum(each.refunds_count for each in whole), *({"amount": yen} for yen in families),
        {"amount": sum(each.fee_yen for each in whole)}, {"amount": sum(each.net_yen for each in whole)},
    ]  # fmt: skip


def payouts(request: TownRequest, run: UUID, *, names: Names) -> Table:
    """All payouts of a run in its order."""
    whole = queries.payouts(municipality=request.municipality, run=run, limit=EVERYTHING)
    found, last = shown_of(request, whole, name="payouts")
    return table(
        request, "payouts", caption=("振込", "Payouts"),
        columns=[("番号", "No."), ("受取人", "Payee"), ("区分", "Kind"), ("金額", "Yen", "number"),
                 ("状態", "State"), ("振込日", "Pay day", "keep"), ("注", "Note")],
        rows=[
            [str(each.number), payee(each, names), say(request, *KINDS[each.payee_kind]), {"amount": each.amount_yen},
             _state(request, each), on_day(each.pay_on, request), note(request, each)]
            for each in found
        ],
        empty=("振込はありません", "No payout"), after=last, cursor="payouts_after",
        count=len(whole) if last or len(found) < len(whole) else None,
    )  # fmt: skip


def _state(request: TownRequest, each: PayoutView) -> str:
    today = request.at.astimezone(JST).date()
    return say(request, *PAYOUT_STATES[of_payout(each.state, pay_on=each.pay_on, today=today)])


def payee(each: PayoutView, names: Names) -> str:
    """A shop by its name; people by the end of their pseudonym, never by name."""
    return names.get(each.payee, ("", ""))[1] or short(each.payee)


def note(request: TownRequest, each: PayoutView) -> str:
    """Why it waits, was left out, or came back."""
    return each.held_because or each.returned_because or say(request, each.fault_text.ja, each.fault_text.en)


def payout_rows(request: TownRequest, paid: Sequence[PayoutView], *, names: Names) -> list[dict[str, Any]]:
    """Payouts as choices of the forms that hold, release and return."""
    return [
        {"value": str(each.id), "label": f"{each.number}. {payee(each, names)} {each.amount_yen:,}",
         "state": each.state, "held": bool(each.held_because), "note": note(request, each)}
        for each in paid
    ]  # fmt: skip


def statement_parts(request: TownRequest, seen: StatementView) -> Table:
    """A statement's yen by programme, purse and fund."""
    return table(
        request, "parts", caption=("内訳(どの事業の、どの財源のお金か)", "Whose money it is"), export=False,
        columns=[("事業", "Programme"), ("種類", "Kind"), ("財布", "Purse"), ("財源", "Fund"),
                 ("金額", "Yen", "number")],
        rows=[
            [part.programme_name.in_(request.language), say(request, *FAMILIES[part.family]),
             part.purse_name.in_(request.language), part.fund_name.in_(request.language), {"amount": part.yen}]
            for part in seen.parts
        ],
        total=[say(request, "合計", "Total"), "", "", "", {"amount": seen.net_yen}],
    )  # fmt: skip
