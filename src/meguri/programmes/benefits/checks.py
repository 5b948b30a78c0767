"""Invariants of benefits that any night can run. Each returns sentences about what is wrong; none is good."""

from __future__ import annotations

from django.db import connection

from meguri.programmes.benefits import rules
from meguri.programmes.benefits.models import BenefitList, Entitlement, ListState

_PAID = """
    SELECT t.id, t.amount_yen + t.bonus_yen, coalesce(sum(e.amount), 0)
      FROM benefits_entitlement t
      LEFT JOIN ledger.entry e ON (e.municipality_id, e.posting_id) = (t.municipality, t.posting)
     WHERE t.municipality = %s AND t.state IN ('paid', 'released')
     GROUP BY t.id HAVING t.amount_yen + t.bonus_yen <> coalesce(sum(e.amount), 0)
"""
_UNLISTED = """
    SELECT p.id FROM ledger.posting p
     WHERE p.municipality_id = %s AND p.template = 'pay_benefit'
       AND NOT EXISTS (SELECT FROM benefits_entitlement t WHERE (t.municipality, t.posting) = (p.municipality_id, p.id))
"""


def payments_are_what_was_decided(municipality: int) -> list[str]:
    """For every benefit paid, the yen in the books are the amount decided and its bonus."""
    with connection.cursor() as cursor:
        cursor.execute(_PAID, [municipality])
        return [f"entitlement {row[0]}: {row[1]} yen due, {row[2]} in the books" for row in cursor.fetchall()]


def every_payment_has_its_entitlement(municipality: int) -> list[str]:
    """Nobody was paid a benefit without being entitled."""
    with connection.cursor() as cursor:
        cursor.execute(_UNLISTED, [municipality])
        return [f"posting {row[0]} pays a benefit without an entitlement" for row in cursor.fetchall()]


def lists_are_as_they_were_frozen(municipality: int) -> list[str]:
    """The rows of every list still have its digest."""
    lists = BenefitList.objects.filter(municipality=municipality).exclude(state=ListState.WITHDRAWN)
    return [f"list {each.id} was changed after it was frozen" for each in lists if _digest(each) != each.digest]


def _digest(kept: BenefitList) -> str:
    rows = Entitlement.objects.filter(benefit_list=kept)
    return rules.list_digest(rows.values_list("person", "recipient", "amount_yen"))
