"""Whatever agreements share whatever grants: the statement in the city's shape adds up to the ledger, yen for yen."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from drill.lined import Shared

from meguri.ledger import queries as ledger
from meguri.ledger.templates import AccountRole
from meguri.programmes import queries
from meguri.programmes.models import AgreementShare

POSTINGS = 1_500
NUMBERS = count(91_000)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2])
def test_the_lines_add_up_to_the_ledger_at_every_moment(seed: int) -> None:
    shared = Shared(next(NUMBERS), seed=seed)
    assert shared.live(POSTINGS) >= POSTINGS
    for until in (None, *(shared.at + timedelta(days=days) for days in (0, 10, 45, 91))):
        lines = queries.budget_lines(shared.number, effective_until=until)
        assert sorted(fund for line in lines for fund in line.funds if fund in shared.loaded) == sorted(shared.funds)
        mine = [line for line in lines if set(line.funds) & set(shared.funds)]
        for line in mine:
            loaded = -sum(outside(shared, fund, until) for fund in line.funds)
            assert line.budget.loaded_yen == loaded  # nothing is made or lost: it all lies somewhere
        trial = ledger.trial_balance_at(municipality=shared.number, effective_until=until)
        inside = sum(row.amount for row in trial if row.fund and row.role is not AccountRole.APPROPRIATION)
        assert sum(line.budget.loaded_yen for line in lines) == inside


def outside(shared: Shared, fund: UUID, until: datetime | None) -> int:
    """What came in from outside, straight from the account itself."""
    found = ledger.balances_at(
        [fund], AccountRole.APPROPRIATION, municipality=shared.number, effective_until=until
    )
    return sum(each.amount for each in found)


@pytest.mark.django_db
def test_what_the_funds_gave_is_what_their_agreements_say() -> None:
    shared = Shared(next(NUMBERS), seed=3)
    shared.live(POSTINGS)
    carried: Counter[UUID] = Counter()
    for share in AgreementShare.objects.filter(agreement_id__in=shared.agreements):
        carried[share.fund_id] += share.granted_yen
        assert share.cap_yen is None or share.granted_yen <= share.cap_yen
        if not AgreementShare.objects.filter(agreement_id=share.agreement_id, cap_yen__isnull=False).exists():
            assert abs(share.carried) < 10_000  # less than a whole yen from its exact share
    assert carried == shared.granted
    left = {each.id: each.budget.left_yen for each in queries.funds(shared.number) if each.id in shared.loaded}
    back = {fund: left[fund] - (shared.loaded[fund] - shared.granted[fund]) for fund in shared.funds}
    assert all(yen >= 0 for yen in back.values())  # only what expired came back
