"""Whatever the order of donating, undoing, passing on, giving, taking and waiting: no yen comes, goes or turns paid.

Two programmes whose terms allow everything; beside the books a model of yen by part. What leaves the town's wallets
for a receiver is granted value and nothing else, and all of it is still there to be counted.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.programmes.parts import GiftTerms
from meguri.programmes.shipped import shipped
from meguri.wallets import checks, gifts
from meguri.wallets.gift_codes import code_of
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.wallets.donating import Donating, donating

OPEN = GiftTerms(days=3, outsiders=True)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("donate"), st.integers(1, 1_500), st.sampled_from(["paid", "points"])),
        st.tuples(st.just("undo"), st.integers(0, 6), st.just("")),
        st.tuples(st.just("pass_on"), st.just(0), st.just("")),
        st.tuples(st.just("give"), st.integers(1, 1_500), st.sampled_from(["paid", "points"])),
        st.tuples(st.just("take"), st.integers(0, 6), st.just("")),
        st.tuples(st.just("give_back"), st.just(0), st.just("")),
        st.tuples(st.just("wait"), st.integers(1, 30), st.just("")),
    ),
    min_size=4, max_size=22,
)  # fmt: skip


class Life:
    """The town lives the steps; two people pass value to and fro and to the cause."""

    def __init__(self, it: Donating) -> None:
        self.it, self.at = it, it.town.at
        self.people = (it.town.holder, it.town.other)
        self.donations: list[tuple[UUID, UUID]] = []
        self.gifts: list[tuple[UUID, UUID]] = []
        self.turn = 0

    def do(self, step: str, number: int, code: str) -> None:
        self.turn += 1
        self.at += timedelta(seconds=1)
        who = self.people[self.turn % 2]
        by = self.it.town.actor(ActorRole.RESIDENT, party=who)
        try:
            with transaction.atomic():
                if step == "donate":
                    self.donations.append((self.it.donate(number, code=code, by=by, at=self.at), who))
                elif step == "undo" and self.donations:
                    made, giver = self.donations[number % len(self.donations)]
                    self.it.undo(made, by=self.it.town.actor(ActorRole.RESIDENT, party=giver), at=self.at)
                elif step == "pass_on":
                    self.it.pass_on(at=self.at)
                elif step == "give":
                    kind = self.it.town.kind(code)
                    made = gifts.give(
                        by=by, at=self.at, holder=who, purse_kind=kind.id, expires_at=self.expires(who, kind.id),
                        amount_yen=number, request=str(uuid4()),
                    )  # fmt: skip
                    self.gifts.append((made, who))
                elif step == "take" and self.gifts:
                    made, _ = self.gifts[number % len(self.gifts)]
                    gifts.take(code=code_of(made, self.it.town.municipality), by=by, at=self.at)
                elif step == "give_back":
                    gifts.return_overdue(by=self.it.town.actor(ActorRole.SYSTEM), at=self.at)
                elif step == "wait":
                    self.at += timedelta(hours=number)
        except Refusal:
            pass  # an expected no moves nothing: `hold` says whether that is true

    def expires(self, who: UUID, kind: UUID) -> object:
        held = books.balances([who], AccountRole.WALLET, municipality=self.it.town.municipality)
        return next((each.lot.expires_at for each in held if each.lot.purse_kind == kind), None)

    def by_part(self, owners: list[UUID], role: AccountRole) -> dict[str, int]:
        town = self.it.town
        parts = {kind.id: kind.part for kind in (town.kind("paid"), town.kind("points"))}
        found = {"paid": 0, "granted": 0}
        for each in books.balances(owners, role, municipality=town.municipality):
            assert each.lot.purse_kind is not None
            found[parts[each.lot.purse_kind]] += each.amount
        return found

    def hold(self) -> None:
        wallets = self.by_part(list(self.people), AccountRole.WALLET)
        aside = self.by_part([made for made, _ in (*self.donations, *self.gifts)], AccountRole.HELD)
        arrived = self.by_part([self.it.receiver], AccountRole.PAYABLE)
        assert arrived["paid"] == 0, "nothing that was paid for leaves for a cause"
        assert wallets["paid"] + aside["paid"] == 10_000
        assert wallets["granted"] + aside["granted"] + arrived["granted"] == 2_000
        for who in self.people:
            assert sum(self.by_part([who], AccountRole.PAYABLE).values()) == 0, "and nothing became cash for a person"
        assert checks.donations_hold_what_they_say(self.it.town.municipality) == []
        assert checks.gifts_hold_what_they_say(self.it.town.municipality) == []


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_order_of_steps_makes_or_loses_a_yen(db: None, steps: list[tuple[str, int, str]]) -> None:
    with transaction.atomic():
        life = Life(donating([
            replace(each, donations=True, gifts=OPEN, demurrage=None) for each in shipped().values()
        ]))  # fmt: skip
        for step in steps:
            life.do(*step)
            life.hold()
        transaction.set_rollback(True)
