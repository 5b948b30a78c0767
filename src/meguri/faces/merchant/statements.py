"""精算: what was settled, from which programme and fund it came, and when the bank pays it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from meguri.faces.design import figures
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.merchant.frame import csv_file, own_shop, owners_only, page, said, shop_of
from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.parties.queries import ShopView
from meguri.parties.rules import require
from meguri.settlement import queries
from meguri.settlement.statement import Named, StatementView, csv_rows, file_name
from meguri.tills import queries as tills
from meguri.words import clock
from meguri.words.refusal import declare

MOST = 60
STATEMENT_UNKNOWN = declare(
    "statement_unknown", status=404, ja="この精算の明細は見つかりません。", en="There is no such statement."
)


@owners_only
@never_cache
@require_GET
def settlement(request: TownRequest) -> HttpResponse:
    """Every settlement of this shop, newest first, and what is not settled yet."""
    require(request.actor, "settlement.see", owner=shop_of(request))
    shop = own_shop(request)
    found = queries.statements(municipality=request.municipality, at=request.at, shop=shop.id, limit=MOST)
    if request.GET.get("format") == "csv":
        return _csv(request, found, shop=shop, name="statements.csv")
    states = _states(request, found)
    return page(
        request, "settlement", way="settlement", shop=shop, waiting_yen=_not_settled(request),
        statements=[{"it": each, "state": states[each.id]} for each in found],
    )  # fmt: skip


@owners_only
@never_cache
@require_GET
def statement(request: TownRequest, statement: UUID) -> HttpResponse:
    """One settlement: payments less refunds, by programme and fund, and the day of the transfer."""
    require(request.actor, "settlement.see", owner=shop_of(request))
    shop = own_shop(request)
    found = queries.statement(statement, municipality=request.municipality, at=request.at)
    if found is None or found.shop != shop.id:
        raise STATEMENT_UNKNOWN.refusal()
    if request.GET.get("format") == "csv":
        return _csv(request, (found,), shop=shop, name=file_name(found))
    return page(
        request, "statement", way="settlement", shop=shop, statement=found, state=_states(request, (found,))[found.id],
        columns=_columns(request), rows=_rows(request, found), sums=_sums(request, found),
        total=[said(request, "合計", en="Total"), "", {"amount": found.gross_yen}],
    )  # fmt: skip


def _not_settled(request: TownRequest) -> int:
    """The takings that the next settlement will find (yen)."""
    held = books.balances([shop_of(request)], AccountRole.SHOP, municipality=request.municipality)
    return sum(balance.amount for balance in held)


def _states(request: TownRequest, found: tuple[StatementView, ...]) -> dict[UUID, dict[str, str]]:
    """What became of each statement's payment by bank: a badge, its words, and why it waits."""
    payouts = {
        each.id: each
        for each in queries.payouts(municipality=request.municipality, payee=shop_of(request), limit=MOST * 2)
    }
    told = {}
    for each in found:
        payout = payouts.get(each.payout) if each.payout else None
        state = _state(request, each)
        why = said(request, payout.fault_text.ja, en=payout.fault_text.en) if payout and payout.fault else ""
        told[each.id] = state | {"why": why or _planned(request, each, state=state["status"])}
    return told


def _planned(request: TownRequest, found: StatementView, *, state: str) -> str:
    """For a transfer that is late: the day on which it was to come."""
    if state != "late" or found.pay_on is None:
        return ""
    on = figures.show_day(found.pay_on, request.language)
    return said(request, f"{on}の予定でした。会計課が手続きをしています。", en=f"Planned for {on}; the town is at it.")


def _state(request: TownRequest, found: StatementView) -> dict[str, str]:
    on = figures.show_day(found.pay_on, request.language) if found.pay_on else ""
    soon = said(request, "準備中", en="In preparation")
    due = said(request, f"{on} 振込予定", en=f"Transfer on {on}") if on else soon
    if found.payout_state == "sent" and _is_past(request, found.pay_on):
        return {"status": "done", "label": said(request, f"{on} 振込済み", en=f"Transferred {on}")}
    if found.payout_state == "returned":
        return {"status": "returned", "label": said(request, "振込できず、もどりました", en="Came back from the bank")}
    if found.payout_state == "carried":
        return {"status": "waiting", "label": said(request, "次の振込にまとめました", en="Went into the next transfer")}
    if _is_past(request, found.pay_on):
        return {"status": "late", "label": said(request, "まだ振り込まれていません", en="Not transferred yet")}
    return {"status": "approved" if found.payout_state in ("ordered", "sent") else "waiting", "label": due}


def _is_past(request: TownRequest, on: date | None) -> bool:
    return on is not None and on <= clock.day(request.at)


def _columns(request: TownRequest) -> list[dict[str, Any]]:
    return [
        {"label": said(request, "事業", en="Programme")},
        {"label": said(request, "財源", en="Fund")},
        {"label": said(request, "金額", en="Yen"), "number": True},
    ]


def _rows(request: TownRequest, found: StatementView) -> list[list[object]]:
    return [
        [
            {"text": part.programme_name.in_(request.language), "note": part.purse_name.in_(request.language)},
            part.fund_name.in_(request.language), {"amount": part.yen},
        ]
        for part in found.parts
    ]  # fmt: skip


def _sums(request: TownRequest, found: StatementView) -> list[dict[str, object]]:
    counted = said(request, f"{found.payments_count:,}件", en=f"{found.payments_count:,} taken")
    back = said(request, f"{found.refunds_count:,}件", en=f"{found.refunds_count:,} given back")
    return [
        {"label": said(request, "支払い", en="Payments"), "amount": found.payments_yen, "note": counted},
        *_paper(request, found),
        {"label": said(request, "返金", en="Refunds"), "amount": -found.refunds_yen, "note": back},
        {"label": said(request, "手数料", en="Fee"), "amount": -found.fee_yen},
        {"label": said(request, "振込額", en="Transferred"), "amount": found.net_yen},
    ]


def _paper(request: TownRequest, found: StatementView) -> list[dict[str, object]]:
    """What of the payments came as paper notes; nothing for a shop that took none."""
    told = tills.on_paper(found.shop, since=found.since, until=found.cutoff, municipality=request.municipality)
    if not told.notes:
        return []
    label = said(request, "うち紙の券", en="of these, paper notes")
    note = said(request, f"{told.notes:,}枚", en=f"{told.notes:,} notes")
    return [{"label": label, "amount": told.yen, "note": note}]


def _csv(request: TownRequest, found: tuple[StatementView, ...], *, shop: ShopView, name: str) -> HttpResponse:
    shops = {shop.id: (shop.code, Named(shop.name_ja, shop.name_en))}
    return csv_file(csv_rows(found, shops=shops, language=request.language), name=name)
