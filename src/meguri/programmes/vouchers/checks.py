"""Invariants of voucher sales that any night can run. Each returns sentences about what is wrong; none is good."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from meguri.programmes.vouchers.models import (
    NoticeOutcome,
    OrderState,
    PaymentNotice,
    PaymentOrder,
    Sale,
    SaleState,
)
from meguri.programmes.vouchers.queries import draw_page, sale_page

_CASH = """
    SELECT a.id, a.units_bought * s.unit_price_yen, coalesce(sum(e.amount) FILTER (WHERE d.role = 'cash_received'), 0)
      FROM vouchers_application a JOIN vouchers_sale s ON s.id = a.sale_id
      LEFT JOIN ledger.entry e ON (e.municipality_id, e.posting_id) = (a.municipality, a.posting)
      LEFT JOIN ledger.account d ON (d.municipality_id, d.id) = (e.municipality_id, e.debit_account)
     WHERE a.municipality = %s AND a.state = 'purchased'
     GROUP BY a.id, s.id
    HAVING a.units_bought * s.unit_price_yen <> coalesce(sum(e.amount) FILTER (WHERE d.role = 'cash_received'), 0)
"""

_PAYMENTS = """
    SELECT o.id FROM vouchers_paymentorder o JOIN vouchers_application a ON a.id = o.application_id
      JOIN vouchers_sale s ON s.id = a.sale_id
     WHERE o.municipality = %(municipality)s AND o.posting IS NOT NULL
       AND (a.posting IS DISTINCT FROM o.posting OR o.amount_yen <> a.units_bought * s.unit_price_yen)
    UNION ALL
    SELECT r.id FROM vouchers_counterreceipt r JOIN vouchers_application a ON a.id = r.application_id
      JOIN vouchers_sale s ON s.id = a.sale_id
     WHERE r.municipality = %(municipality)s AND r.kind = 'sale' AND r.undone_at IS NULL
       AND NOT EXISTS (SELECT FROM vouchers_counterreceipt f WHERE f.corrects_id = r.id)
       AND (a.posting IS DISTINCT FROM r.posting OR r.price_yen <> a.units_bought * s.unit_price_yen)
"""
_CASH_MOVED = """
    SELECT r.id, r.price_yen, coalesce(sum(e.amount), 0) FROM vouchers_counterreceipt r
      LEFT JOIN ledger.entry e ON (e.municipality_id, e.posting_id) = (r.municipality, r.posting)
       AND EXISTS (SELECT FROM ledger.account a WHERE (a.municipality_id, a.id) = (e.municipality_id, e.debit_account)
                      AND a.role = CASE r.kind WHEN 'debt' THEN 'debt' ELSE 'payable' END)
     WHERE r.municipality = %(municipality)s AND r.kind IN ('debt', 'back') GROUP BY r.id
    HAVING r.price_yen <> coalesce(sum(e.amount), 0)
    UNION ALL
    SELECT r.id, r.price_yen, coalesce(sum(e.amount) FILTER (WHERE 'cash_received' IN (d.role, c.role)), 0)
      FROM vouchers_counterreceipt r
      LEFT JOIN vouchers_counterreceipt f ON f.corrects_id = r.id
      JOIN ledger.entry e ON (e.municipality_id, e.posting_id) = (r.municipality, coalesce(r.undoing, f.posting))
      JOIN ledger.account d ON (d.municipality_id, d.id) = (e.municipality_id, e.debit_account)
      JOIN ledger.account c ON (c.municipality_id, c.id) = (e.municipality_id, e.credit_account)
     WHERE r.municipality = %(municipality)s AND r.kind IN ('sale', 'back') GROUP BY r.id
    HAVING r.price_yen <> coalesce(sum(e.amount) FILTER (WHERE 'cash_received' IN (d.role, c.role)), 0)
"""
WAITS_FOR = timedelta(days=14)
"""How long money that goes back, or a notice that was not taken, may wait before the alarm rings."""


def sold_units_left_the_stock(municipality: int) -> list[str]:
    """What is in stock, what a line keeps for its buyers, what was bought and what a later round took over add up to
    what was put on sale.
    """
    pages = [sale_page(sale, municipality=municipality) for sale in _sales(municipality)]
    return [
        f"sale {page.id}: {page.units} units, {page.units_bought} bought, {page.units_kept} kept, {page.units_left} "
        f"left, {page.units_passed_on} passed on"
        for page in pages
        if page.units != page.units_bought + page.units_kept + page.units_left + page.units_passed_on
    ]  # fmt: skip


def buyers_paid_the_price(municipality: int) -> list[str]:
    """For every purchase, the cash in the books is units times price."""
    with connection.cursor() as cursor:
        cursor.execute(_CASH, [municipality])
        return [f"application {row[0]}: {row[1]} yen due, {row[2]} in the books" for row in cursor.fetchall()]


def payments_bought_what_they_paid_for(municipality: int) -> list[str]:
    """Every payment that stands, and every receipt in cash, belongs to a purchase of just this price."""
    with connection.cursor() as cursor:
        cursor.execute(_PAYMENTS, {"municipality": municipality})
        return [f"payment or receipt {row[0]}: its purchase is not what was paid for" for row in cursor.fetchall()]


def cash_moved_what_its_receipt_says(municipality: int) -> list[str]:
    """A receipt for a debt made the debt so much smaller; one for cash paid back paid so much of what was owed. What
    undid or corrected a sale or a pay-back moved the same cash the other way.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CASH_MOVED, {"municipality": municipality})
        return [f"receipt {row[0]}: {row[1]} yen, {row[2]} in the books" for row in cursor.fetchall()]


def money_is_not_kept_waiting(municipality: int, at: datetime) -> list[str]:
    """Money that bought nothing goes back, and wrong notices are looked into, within two weeks."""
    orders = PaymentOrder.objects.filter(
        municipality=municipality, state=OrderState.TO_REFUND, final_at__lte=at - WAITS_FOR
    )
    notices = PaymentNotice.objects.filter(
        municipality=municipality, looked_at__isnull=True, heard_at__lte=at - WAITS_FOR
    ).exclude(outcome=NoticeOutcome.TAKEN)
    return [
        *(f"order {row.id}: {row.amount_yen} yen wait to go back" for row in orders.order_by("id")),
        *(f"notice {row.number} of {row.provider}: nobody has looked into it" for row in notices.order_by("id")),
    ]


def draws_can_be_recomputed(municipality: int) -> list[str]:
    """Every draw gives its published results again."""
    drawn = Sale.objects.filter(municipality=municipality, draw__drawn_at__isnull=False).values_list("id", flat=True)
    return [f"the draw of sale {sale} gives other results" for sale in drawn
            if not draw_page(sale, municipality=municipality).agrees]  # fmt: skip


def draws_are_not_forgotten(municipality: int, at: datetime) -> list[str]:
    """No drawn sale is a day away from its purchase deadline, or past it, without its draw: its applicants wait."""
    waiting = Sale.objects.filter(
        municipality=municipality, state__in=[SaleState.OPEN, SaleState.CLOSED], draw__isnull=False,
        purchase_until__lte=at + timedelta(days=1),
    )
    return [
        f"sale {sale.id}: nobody has drawn it, and its winners can buy only until {sale.purchase_until:%Y-%m-%d %H:%M}"
        if at < sale.purchase_until
        else f"sale {sale.id}: it was never drawn; end it, so that its applicants are told"
        for sale in waiting.order_by("id")
    ]


def _sales(municipality: int) -> list[UUID]:
    return list(Sale.objects.filter(municipality=municipality).values_list("id", flat=True))
