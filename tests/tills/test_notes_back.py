"""Goods paid with notes come back: whole notes, and the rest in cash; no yen is made or lost, and none twice."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.tills.notes_back import NotesBack, give_notes_back, ways_of_delivery
from meguri.tills.returned_goods import WayBack, ways_back
from meguri.wallets import booklets
from meguri.words.refusal import Refusal
from tests.paper import BOOKLET_YEN, FACE_YEN, Paper, found_paper, states
from tests.programmes.vouchers.lived_town import at_once, prove_committed_books, refused

# --- the reckoning ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cash", "kept", "ways"), [
    (0, 0, [WayBack(3, 0, 0)]),  # everything comes back
    (0, 3_000, [WayBack(0, 0, 0)]),  # nothing does
    (0, 1_500, [WayBack(2, -500, 0), WayBack(1, 0, 500)]),  # add 500 in cash, or no change
    (500, 2_000, [WayBack(1, 500, 0)]),
    (500, 2_300, [WayBack(1, 200, 0)]),
    (500, 1_800, [WayBack(2, -300, 0), WayBack(1, 500, 200)]),
    (500, 3_200, [WayBack(0, 300, 0)]),
    (500, 3_501, []), (0, -1, []),
])  # fmt: skip
def test_three_notes_of_a_thousand_by_hand(cash: int, kept: int, ways: list[WayBack]) -> None:
    assert list(ways_back(notes=3, face_yen=1_000, cash_yen=cash, kept_yen=kept)) == ways


@given(
    notes=st.integers(1, 200), face=st.sampled_from([100, 500, 1_000, 3_000]), cash=st.integers(0, 50_000),
    kept=st.integers(0, 700_000),
)
def test_no_yen_is_made_or_lost(notes: int, face: int, cash: int, kept: int) -> None:
    found = ways_back(notes=notes, face_yen=face, cash_yen=cash, kept_yen=kept)
    paid = notes * face + cash
    assert bool(found) == (kept <= paid)
    for each in found:
        assert each.notes * face + each.cash_yen + each.forgone_yen == paid - kept
        assert 0 <= each.notes <= notes
        assert each.cash_yen <= cash, "no note is turned into cash"
        assert 0 <= each.forgone_yen < face
    if len(found) == 2:
        exact, easy = found
        assert exact.forgone_yen == 0 > exact.cash_yen
        assert easy.cash_yen == cash >= 0 < easy.forgone_yen


# --- the notes ------------------------------------------------------------------------------------------


@pytest.fixture
def sold(db: None) -> Paper:
    found = found_paper(4)
    found.sell(1, 2)
    return found


def back(sold: Paper, *notes: tuple[int, int], large: bool = False) -> NotesBack:
    town = sold.town
    shop, by = (town.large_shop, town.at_large_shop) if large else (town.small_shop, town.at_small_shop)
    return give_notes_back(
        shop=shop, notes=[sold.code(*each) for each in notes], reason="返品", by=by, at=town.at
    )  # fmt: skip


def test_whole_notes_come_back_to_life_and_pay_again_elsewhere(sold: Paper) -> None:
    sold.count(sold.codes(1, [1, 2, 3]))
    made = back(sold, (1, 2), (1, 3), (1, 3))
    assert (len(made.notes), made.yen, sold.takings()) == (2, 2 * FACE_YEN, FACE_YEN)
    assert sold.held(sold.booklet(1)) == BOOKLET_YEN - FACE_YEN
    again = sold.count(sold.codes(1, [1, 2, 3]), by=sold.town.at_large_shop)
    assert states(again) == ["note_paid_before", "counted", "counted"]
    back(sold, (1, 2), large=True)
    assert states(sold.count(sold.codes(1, [2]))) == ["counted"], "as often as it is handed back"


@pytest.mark.parametrize(("notes", "code"), [
    ([(1, 1), (1, 9)], "note_not_taken_here"),  # never spent
    ([(1, 1), (2, 1)], "note_not_taken_here"),  # spent at another shop
    ([(1, 1), (1, 4)], "note_given_back"),
    ([(1, 1), (1, 5)], "note_blocked"),
    ([(1, 1), (3, 1)], "note_not_sold"),
])  # fmt: skip
def test_all_of_them_or_none(sold: Paper, notes: list[tuple[int, int]], code: str) -> None:
    sold.count(sold.codes(1, [1, 4]))
    sold.count(sold.codes(2, [1]), by=sold.town.at_large_shop)
    back(sold, (1, 4))
    booklets.block(serials=[sold.cover(1).of(5)], because="紛失", by=sold.maker, at=sold.town.at)
    before = sold.takings()
    with refused(code):
        back(sold, *notes)
    assert sold.takings() == before == FACE_YEN


def test_what_is_no_scan_moves_nothing(sold: Paper) -> None:
    sold.count(sold.codes(1, [1]))
    town = sold.town
    unsigned = sold.cover(1).of(1).digits
    for notes, code in (([], "notes_missing"), (["abc"], "note_unreadable"), ([unsigned], "note_not")):
        with pytest.raises(Refusal) as no:
            give_notes_back(shop=town.small_shop, notes=notes, reason="返品", by=town.at_small_shop, at=town.at)
        assert no.value.code.startswith(code)
    with refused("not_allowed"):
        give_notes_back(
            shop=town.small_shop, notes=[sold.code(1, 1)], reason="返品", by=town.at_large_shop, at=town.at
        )  # fmt: skip
    assert sold.takings() == FACE_YEN


def test_a_pile_says_how_it_may_be_settled(sold: Paper) -> None:
    pile = uuid4()
    sold.count(sold.codes(1, [1, 2, 3]), delivery=pile)

    def ways(delivery: UUID, *, shop: UUID = sold.town.small_shop) -> tuple[WayBack, ...]:
        return ways_of_delivery(delivery, shop=shop, cash_yen=0, kept_yen=1_500, municipality=sold.municipality)

    assert ways(pile) == (WayBack(2, -500, 0), WayBack(1, 0, 500))
    assert ways(uuid4()) == ways(pile, shop=sold.town.large_shop) == ()


def test_who_looked_before_another_handed_it_back_hands_nothing_back(
    sold: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As two tills at one moment: the second has seen the payment stand, and meets it turned round."""
    sold.count(sold.codes(1, [1, 2, 3]))
    back(sold, (1, 1), (1, 2))
    monkeypatch.setattr("meguri.tills.notes_back.last_given_back", lambda *_, **__: {})
    with refused("note_given_back"):
        back(sold, (1, 2), (1, 3))
    monkeypatch.undo()
    assert sold.takings() == FACE_YEN, "the third note stays, as the whole request was refused"
    assert back(sold, (1, 3)).yen == FACE_YEN


@pytest.mark.django_db(transaction=True)
def test_handed_back_twice_at_once_it_is_once() -> None:
    sold = found_paper(4)
    sold.sell(1)
    sold.count(sold.codes(1, [1, 2, 3]))
    answers = at_once(*[lambda: back(sold, (1, 1), (1, 2))] * 3, lambda: back(sold, (1, 2), (1, 3)))
    made = [each for each in answers if isinstance(each, NotesBack)]
    assert len(made) == 1, "all of them name the second note"
    assert sold.takings() == FACE_YEN
    prove_committed_books()
