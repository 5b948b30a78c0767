"""The nightly checks: silent over honest lists, loud over each planted fault."""

from __future__ import annotations

from meguri.programmes.benefits import checks, operations
from meguri.programmes.benefits.models import Entitlement
from tests.programmes.benefits.conftest import PAYING, Desk


def test_honest_lists_are_silent_and_planted_faults_are_found(welfare: Desk) -> None:
    town = welfare.town.municipality
    local, bank, waiting = welfare.family(), welfare.baby(), welfare.family()
    made = welfare.decided([local, bank], total=60_000)
    welfare.choose(local, "local_money")
    operations.disburse(benefit_list=made, by=welfare.checker, at=PAYING)
    welfare.take_in([waiting])
    assert checks.payments_are_what_was_decided(town) == checks.every_payment_has_its_entitlement(town) == []
    assert checks.lists_are_as_they_were_frozen(town) == []
    spoilt = welfare.entitled(bank)
    Entitlement.objects.filter(id=spoilt.id).update(amount_yen=40_000)
    assert checks.payments_are_what_was_decided(town) == [f"entitlement {spoilt.id}: 40000 yen due, 50000 in the books"]
    assert checks.lists_are_as_they_were_frozen(town) == [f"list {made} was changed after it was frozen"]
    Entitlement.objects.filter(id=spoilt.id).delete()
    assert checks.every_payment_has_its_entitlement(town) == [
        f"posting {spoilt.posting} pays a benefit without an entitlement"
    ]
