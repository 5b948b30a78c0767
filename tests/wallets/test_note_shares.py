"""The split of what was bought into notes: exact over all booklets, sections and lots, whatever is replaced."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.tills.operations import refund_payment
from meguri.wallets import booklets, checks, paper
from meguri.wallets.models import Booklet, PrintRun
from meguri.wallets.notes import split
from meguri.words.refusal import Refusal
from tests.paper import BOOKLET_YEN, COMMON, FACE_YEN, NOTES, SMALL, Paper
from tests.programmes.test_demurrage_machine import forgotten
from tests.tills.test_extended_notes import only_paper


@given(st.lists(st.integers(0, 9_000), min_size=1, max_size=6), st.integers(1, 40))
def test_no_note_is_a_yen_away_from_its_fair_share_of_any_lot(yen: list[int], pieces: int) -> None:
    """Every shop is settled out of the same funds in the same proportion, whichever note of the booklet it takes."""
    yen[0] += -sum(yen) % pieces
    fair = {lot: whole / pieces for lot, whole in enumerate(yen)}
    for piece in split(list(enumerate(yen)), pieces):
        assert all(abs(part - fair[lot]) <= 1 for lot, part in piece)


@dataclass
class Bought:
    """An invented sale, in no table: sections of a run, and lots (yen) that make up all its booklets."""

    face: int
    rows: list[Booklet]
    brought: dict[int, int] = field(default_factory=dict)
    kinds: dict[int, str] = field(default_factory=dict)

    def divided(self, brought: dict[int, int]) -> list[booklets.Contents]:
        lots = {lot: SimpleNamespace(purse_kind=kind) for lot, kind in self.kinds.items()}
        with patch.object(booklets.books, "lots", lambda *_, **__: lots):
            return booklets._divided(self.rows, brought, municipality=1)


@st.composite
def sales(draw: st.DrawFn) -> Bought:
    face, units = draw(st.integers(1, 3_000)), draw(st.integers(1, 7))
    notes = draw(st.lists(st.integers(1, 12), min_size=1, max_size=3))
    sections = [{"notes": each, "purses": [f"{place}a", f"{place}b"]} for place, each in enumerate(notes)]
    run = PrintRun(id=uuid4(), face_yen=face, sections=sections)
    made = Bought(face, [Booklet(run=run) for _ in range(units)])
    for place, each in enumerate(notes):
        whole = each * face * units
        cuts = sorted(draw(st.lists(st.integers(0, whole), max_size=3)))
        for start, end in zip([0, *cuts], [*cuts, whole], strict=True):
            if end > start:
                lot = len(made.kinds) + 1
                made.brought[lot] = end - start
                made.kinds[lot] = f"{place}{draw(st.sampled_from('ab'))}"
    return made


@given(sales())
def test_all_notes_of_all_booklets_pay_their_face_and_use_every_lot_up(sale: Bought) -> None:
    used: Counter[int] = Counter()
    for row, contents in zip(sale.rows, sale.divided(sale.brought), strict=True):
        row.filled, first = contents, 1
        for section in row.run.sections:
            for note in range(first, first + section["notes"]):
                parts = paper._parts(row, note)
                assert sum(yen for _, yen in parts) == sale.face
                assert {sale.kinds[lot] for lot, _ in parts} <= set(section["purses"]), "no note pays from elsewhere"
                used.update(dict(parts))
            first += section["notes"]
        assert paper._parts(row, first) == paper._parts(row, 0) == ()
    assert used == sale.brought


@given(sales(), st.data())
def test_a_sale_that_is_a_yen_off_in_any_lot_fills_no_booklet(sale: Bought, data: st.DataObject) -> None:
    lot = data.draw(st.sampled_from(sorted(sale.brought)))
    for by in (1, -1):
        with pytest.raises(Refusal) as no:
            sale.divided(sale.brought | {lot: sale.brought[lot] + by})
        assert no.value.code == "booklets_differ"


# --- replaced again and again ----------------------------------------------------------------------------------------


def by_fund(town: Paper, owner: UUID, role: AccountRole = AccountRole.WALLET) -> Counter[UUID | None]:
    found: Counter[UUID | None] = Counter()
    for each in books.balances([owner], role, municipality=town.municipality):
        found[each.lot.fund] += each.amount
    return found


def lived(town: Paper, spent: list[set[int]]) -> None:
    """Notes of booklet 1 are spent, its rest goes to booklet 2, of which notes are spent, and so on."""
    at = town.town.at
    common, small, yen = COMMON, SMALL, 0
    for number, places in enumerate(spent, start=1):
        good = {*range(1, common + 1), *range(COMMON + 1, COMMON + small + 1)}
        made = town.count(town.codes(number, sorted(places)) or ["x"])
        assert made.yen == len(places & good) * FACE_YEN, "so many notes are good as were paid for"
        yen += made.yen
        common -= len({each for each in places & good if each <= COMMON})
        small -= len({each for each in places & good if each > COMMON})
        if common + small == 0:
            break
        at += timedelta(minutes=1)
        told = booklets.replace(booklet=town.cover(number), onto=town.cover(number + 1), because="紛失",
                                by=town.checker, at=at)  # fmt: skip
        assert told.yen == BOOKLET_YEN - yen == town.held(town.booklet(number + 1))
        assert (told.paid, town.held(town.booklet(number))) == (made.notes, 0)
    else:
        made = town.count(town.codes(len(spent) + 1))
        assert made.notes == common + small
        yen += made.yen
    assert yen == BOOKLET_YEN


@pytest.mark.django_db
def test_a_booklet_lost_again_and_again_pays_exactly_what_was_bought_of_each_fund() -> None:
    town = only_paper(6)
    town.sell(1)
    filling = by_fund(town, town.booklet(1))
    assert sorted(filling.values()) == [2_000, 10_000]

    @settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.sets(st.integers(1, NOTES), max_size=6), min_size=1, max_size=4))
    def example(spent: list[set[int]]) -> None:
        with forgotten():
            lived(town, spent)
            owed = by_fund(town, town.town.small_shop, AccountRole.SHOP)
            assert owed == filling, "each fund pays what it put in"
            assert checks.blocked_notes_can_never_pay(town.municipality) == []
            assert checks.booklets_hold_all_notes(town.municipality) == []

    example()


@pytest.mark.django_db
def test_what_comes_back_into_a_replaced_booklet_is_replaced_once_more() -> None:
    """A shop gives a payment back after the rest has moved: its yen lie in the old booklet, and are not lost there."""
    town = only_paper(4)
    town.sell(1)
    (paid,) = town.count(town.codes(1, [9])).verdicts
    wanted: dict[str, Any] = {"booklet": town.cover(1), "because": "紛失", "by": town.checker}
    first = booklets.replace(**wanted, onto=town.cover(2), at=town.town.at)
    assert (first.yen, first.paid, first.blocked) == (11_000, 1, 11)
    assert paid.payment is not None
    refund_payment(by=town.town.at_small_shop, at=town.town.at, shop=town.town.small_shop, payment=paid.payment,
                   reason="返品", request=str(uuid4()))  # fmt: skip
    again = booklets.replace(**wanted, onto=town.cover(3), at=town.town.at)
    assert again.yen == FACE_YEN
    counted = town.count([*town.codes(1), *town.codes(2), *town.codes(3)])
    good = [each.serial for each in counted.verdicts if each.state == "counted"]
    assert good == [*(town.cover(2).of(note) for note in (*range(1, 9), 9, 10, 11)), town.cover(3).of(COMMON + 1)]
    assert counted.yen == BOOKLET_YEN == town.takings()
