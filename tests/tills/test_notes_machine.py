"""Any order of scans, doubles, blocks, refunds, replacements: no booklet pays more than it holds, no note twice."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.ledger import queries as books
from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole
from meguri.settlement import operations as settlement
from meguri.settlement import queries as settled
from meguri.tills.notes_back import give_notes_back
from meguri.tills.operations import refund_payment
from meguri.wallets import booklets
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.paper import BOOKLET_YEN, FACE_YEN, NOTES, Paper, found_paper

pytestmark = pytest.mark.django_db
SOLD = (1, 2)
NOTE = st.tuples(st.sampled_from(SOLD), st.integers(1, NOTES))
STEP = st.one_of(
    st.tuples(st.just("count"), st.lists(NOTE, min_size=1, max_size=8),
              st.sampled_from(["large", "small"]), st.integers(0, 2)),
    st.tuples(st.just("block"), NOTE),
    st.tuples(st.just("refund"), st.integers(0, 9), st.one_of(st.none(), st.integers(1, FACE_YEN))),
    st.tuples(st.just("hand_back"), st.lists(NOTE, min_size=1, max_size=3), st.sampled_from(["large", "small"])),
    st.tuples(st.just("replace"), st.sampled_from(SOLD)),
)


class Life:
    """What happens to two booklets, and what must be true of it."""

    def __init__(self) -> None:
        self.paper: Paper = found_paper(4)
        self.paper.sell(*SOLD)
        self.paid: dict[tuple[int, int], tuple[UUID, UUID]] = {}
        self.blocked: set[tuple[int, int]] = set()
        self.moved: Counter[int] = Counter()
        self.piles = [uuid4() for _ in range(3)]
        self.shop_of_pile: dict[int, str] = {}

    def count(self, notes: list[tuple[int, int]], where: str, pile: int) -> None:
        where = self.shop_of_pile.setdefault(pile, where)
        by = self.paper.town.at_large_shop if where == "large" else self.paper.town.at_small_shop
        made = self.paper.count([self.paper.code(*note) for note in notes], by=by, delivery=self.piles[pile])
        for note, each in zip(notes, made.verdicts, strict=True):
            if each.state == "counted":
                assert note not in self.paid, "a note paid twice"
                assert note not in self.blocked, "a blocked note paid"
                assert each.payment is not None
                assert by.shop is not None
                self.paid[note] = each.payment, by.shop

    def block(self, note: tuple[int, int]) -> None:
        serial = self.paper.cover(note[0]).of(note[1])
        (told,) = booklets.block(serials=[serial], because="紛失", by=self.paper.maker, at=self.paper.town.at)
        assert (told.paid_by is not None) == (note in self.paid), "a block says truly whether it came too late"
        if told.paid_by is None:
            self.blocked.add(note)

    def refund(self, place: int, yen: int | None) -> None:
        if not self.paid:
            return
        note, (payment, shop) = list(self.paid.items())[place % len(self.paid)]
        town = self.paper.town
        by = town.at_small_shop if shop == town.small_shop else town.at_large_shop
        asked: dict[str, Any] = {"by": by, "at": town.at, "shop": shop, "payment": payment, "reason": "x"}
        if yen not in (None, FACE_YEN):
            with pytest.raises(Refusal, match="note_is_whole"):
                refund_payment(**asked, amount_yen=yen, request=str(uuid4()))
            return
        refund_payment(**asked, amount_yen=yen, request=str(uuid4()))
        del self.paid[note]  # given back as a whole: the note is good again, and its yen lie in its booklet

    def hand_back(self, notes: list[tuple[int, int]], where: str) -> None:
        """All of these notes or none: only those that were taken here and not given back since."""
        town = self.paper.town
        by, shop = (town.at_large_shop, town.large_shop) if where == "large" else (town.at_small_shop, town.small_shop)
        ours = all(note in self.paid and self.paid[note][1] == shop for note in notes)
        codes = [self.paper.code(*note) for note in notes]
        if not ours:
            with pytest.raises(Refusal, match="note_"):
                give_notes_back(shop=shop, notes=codes, reason="返品", by=by, at=town.at)
            return
        made = give_notes_back(shop=shop, notes=codes, reason="返品", by=by, at=town.at)
        assert made.yen == FACE_YEN * len(set(notes))
        for note in set(notes):
            del self.paid[note]

    def replace(self, number: int) -> None:
        paper = self.paper
        try:
            made = booklets.replace(booklet=paper.cover(number), because="紛失", by=paper.checker, at=paper.town.at,
                                    holder=paper.town.holder)  # fmt: skip
        except Refusal as no:
            if no.code != "booklet_empty":
                raise
            return
        self.moved[number] += made.yen
        self.blocked |= {(number, note) for note in range(1, NOTES + 1) if (number, note) not in self.paid}

    def check(self) -> None:
        paper = self.paper
        for number in SOLD:
            spent = [payment for (booklet, _), (payment, _) in self.paid.items() if booklet == number]
            left = BOOKLET_YEN - len(spent) * FACE_YEN - self.moved[number]
            assert paper.held(paper.booklet(number)) == left >= 0
        assert len({payment for payment, _ in self.paid.values()}) == len(self.paid)
        for shop in (paper.town.small_shop, paper.town.large_shop):
            took = [payment for payment, where in self.paid.values() if where == shop]
            assert paper.takings(shop) == FACE_YEN * len(took)

    def settle(self) -> None:
        """What is settled is what the notes were worth, less what was given back."""
        paper = self.paper
        wanted = FACE_YEN * len(self.paid)
        by = paper.town.actor(ActorRole.ACCOUNTANT, department="accounting")
        run = settlement.run_settlement(by=by, at=paper.town.at, cutoff=paper.town.at)
        found = settled.statements(municipality=paper.municipality, at=paper.town.at, run=run.id)
        assert sum(each.gross_yen for each in found) <= wanted
        owed = sum(
            each.amount for shop in (paper.town.small_shop, paper.town.large_shop)
            for role in (AccountRole.SHOP, AccountRole.PAYABLE)
            for each in books.balances([Account(shop, role).owner], role, municipality=paper.municipality)
        )
        assert owed == wanted


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(STEP, min_size=1, max_size=25))
def test_no_note_pays_twice_and_no_booklet_more_than_it_holds(steps: list[tuple[object, ...]]) -> None:
    life = Life()
    for name, *args in steps:
        getattr(life, str(name))(*args)
        life.check()
    life.settle()
