"""Sacks of notes at the desk, bad lines, two towns with the same numbers: no note is lost, none counted twice."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.tills import checks, deliveries
from meguri.tills.models import Delivery
from meguri.wallets import booklets
from meguri.wallets.notes import Serial
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.paper import BOOKLET_YEN, COMMON, FACE_YEN, NOTES, SMALL, Paper, states
from tests.programmes.test_demurrage_machine import forgotten
from tests.tills.test_extended_notes import only_paper
from tests.walled import behind_the_wall

pytestmark = pytest.mark.django_db
LATE = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture
def sold(db: None) -> Paper:
    found = only_paper(4)
    found.sell(1, 2)
    return found


def test_a_sack_of_notes_is_counted_in_parts_and_to_the_yen() -> None:
    """Seventeen booklets shuffled, 200 notes at once, with doubles across the parts and rubbish between."""
    paper, delivery = only_paper(17), uuid4()
    paper.sell(*range(1, 18))
    desk = paper.town.actor(ActorRole.OPERATOR)
    codes = [code for booklet in range(1, 18) for code in paper.codes(booklet)]
    random.Random(17).shuffle(codes)
    with pytest.RaisesExc(Refusal, check=lambda no: no.facts["notes"] == 201):
        count(paper, codes[:201], delivery, desk)
    assert not Delivery.objects.exists()
    first = count(paper, codes[:200], delivery, desk)
    assert Counter(states(first)) == {"counted": 200}
    rest = [*codes[200:], "x", *codes[100:250]]
    second = count(paper, rest, delivery, desk)
    assert Counter(states(second)) == {"counted": 4, "again": 104, "note_unreadable": 1}
    assert [each.text for each in second.verdicts] == [text[:80] for text in rest], "one verdict for each, in order"
    assert (second.notes, second.yen, second.counted_yen) == (204, 17 * BOOKLET_YEN, 4 * FACE_YEN)
    assert paper.takings() == 17 * BOOKLET_YEN
    assert all(paper.held(paper.booklet(number)) == 0 for number in range(1, 18))
    assert checks.deliveries_are_what_was_paid(paper.municipality) == []
    (kept,) = deliveries.deliveries(paper.town.small_shop, municipality=paper.municipality)
    assert (kept.notes, kept.yen, kept.at_desk) == (204, 17 * BOOKLET_YEN, True)


def count(paper: Paper, codes: list[str], delivery: object, by: object) -> deliveries.Counted:
    return deliveries.count_notes(
        shop=paper.town.small_shop, delivery=delivery, notes=codes, by=by, at=paper.town.at,  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_line_that_loses_answers_counts_what_one_that_loses_none_would(sold: Paper) -> None:
    """The till sends what it scanned, hears nothing, and sends all of it with the next scans, by other hands, later."""
    note = st.sampled_from([(booklet, note) for booklet in (1, 2) for note in range(1, NOTES + 1)])
    scans_of_a_day = st.lists(st.lists(note, min_size=1, max_size=9), min_size=1, max_size=4)
    other_clerk = sold.town.actor(ActorRole.CLERK, shop=sold.town.small_shop)

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(scans_of_a_day, st.integers(0, 3))
    def lived(scans: list[list[tuple[int, int]]], from_here: int) -> None:
        with forgotten():
            delivery, sent = uuid4(), list[tuple[int, int]]()
            for turn, batch in enumerate(scans):
                known = set(sent)
                sent = [*sent, *batch] if turn >= from_here else batch
                by = other_clerk if turn % 2 else sold.town.at_small_shop
                made = sold.count([sold.code(*each) for each in sent], delivery=delivery, by=by,
                                  at=sold.town.at + timedelta(minutes=turn))  # fmt: skip
                assert set(states(made)) <= {"counted", "again"}
                fresh = [each for each, verdict in zip(sent, made.verdicts, strict=True) if verdict.state == "counted"]
                assert len(fresh) == len(set(fresh))
                assert not set(fresh) & known
                assert sum(each.yen for each in made.verdicts) == len(set(sent)) * FACE_YEN, "each note's face once"
            wanted = {each for batch in scans for each in batch}
            assert (made.notes, made.yen) == (len(wanted), len(wanted) * FACE_YEN)
            assert sold.takings() == len(wanted) * FACE_YEN

    lived()


def test_a_double_scan_sent_again_after_the_last_day_is_worth_one_note(sold: Paper) -> None:
    delivery, twice = uuid4(), [sold.code(1, 1), sold.code(1, 1)]
    for at in (sold.town.at, sold.town.at, LATE):
        made = sold.count(twice, delivery=delivery, due_yen=1_500, at=at)
        assert [each.yen for each in made.verdicts] == [FACE_YEN, 0]
        assert (made.cash_yen, made.yen) == (500, FACE_YEN)
    assert states(sold.count(twice, delivery=uuid4(), at=LATE)) == ["note_paid_before"] * 2


def test_a_bill_counts_only_what_this_shop_can_take(sold: Paper) -> None:
    """At the large shop the notes for small ones are no part of what is set against the bill."""
    large = sold.town.at_large_shop
    codes = [*sold.codes(1, [1, COMMON + 1]), "x", sold.code(3, 1)]
    made = sold.count(codes, by=large, due_yen=1_000)
    assert states(made) == ["counted", "note_not_here", "note_unreadable", "note_not_sold"]
    assert made.cash_yen == 0
    nothing = sold.count(sold.codes(1, [COMMON + 1]), by=large, due_yen=700)
    assert (states(nothing), nothing.cash_yen, nothing.notes) == (["note_not_here"], 700, 0)
    with pytest.RaisesExc(Refusal, check=lambda no: no.code == "no_change"):
        sold.count(sold.codes(1, [2]), by=large, due_yen=999)
    assert sold.takings(sold.town.large_shop) == FACE_YEN


def test_a_delivery_of_refused_notes_only_is_no_delivery(sold: Paper) -> None:
    sold.count(["x", sold.code(3, 1)])
    sold.count(sold.codes(1, [2]), at=sold.town.at + timedelta(hours=1))
    sold.count(sold.codes(1, [3]), at=sold.town.at + timedelta(hours=2))
    found = deliveries.deliveries(sold.town.small_shop, municipality=sold.municipality)
    assert [each.opened_at.hour - sold.town.at.hour for each in found] == [2, 1], "newest first"
    assert len(deliveries.deliveries(sold.town.small_shop, municipality=sold.municipality, limit=1)) == 1
    assert deliveries.deliveries(sold.town.large_shop, municipality=sold.municipality) == ()


def test_every_section_knows_its_shops_also_on_a_booklet_that_replaced_another(sold: Paper) -> None:
    sold.count(sold.codes(1, [1, 2, 3]))
    booklets.replace(booklet=sold.cover(1), onto=sold.cover(3), because="紛失", by=sold.checker, at=sold.town.at)
    made = sold.count(sold.codes(3), by=sold.town.at_large_shop)
    assert states(made) == ["counted"] * (COMMON - 3) + ["note_blocked"] * 3 + ["note_not_here"] * SMALL
    assert sold.count(sold.codes(3)).counted_yen == SMALL * FACE_YEN


def test_two_towns_with_the_same_numbers_never_take_each_other_s_notes(sold: Paper) -> None:
    """Run 1, booklet 1 exists in both. A neighbour's genuine note is not ours, nor is its secret under our number."""
    other = only_paper(2)
    other.sell(1)
    ours, theirs = sold.code(1, 1), other.code(1, 1)
    forged = f"{Serial(sold.municipality, 1, 1, 2).digits}{theirs[-16:]}"
    made = sold.count([theirs, forged, other.code(2, 1), ours])
    assert states(made) == ["note_not_genuine"] * 3 + ["counted"]
    assert made.verdicts[0].refusal is not None
    assert other.cover(1).of(1).shown in made.verdicts[0].refusal.sentence("ja")
    assert other.held(other.booklet(1)) == BOOKLET_YEN
    assert states(other.count([ours, theirs])) == ["note_not_genuine", "counted"]
    assert (sold.takings(), other.takings()) == (FACE_YEN, FACE_YEN)


def test_another_town_s_delivery_is_refused_in_words_behind_the_wall_too(sold: Paper) -> None:
    """The program cannot even see the other town's row; it must not stumble over that."""
    other, delivery = only_paper(2), uuid4()
    other.sell(1)
    sold.count(sold.codes(1, [1]), delivery=delivery)
    with behind_the_wall(other.municipality), pytest.RaisesExc(
        Refusal, check=lambda no: no.code == "delivery_of_others"
    ):
        other.count(other.codes(1, [1]), delivery=delivery)
    with pytest.RaisesExc(Refusal, check=lambda no: no.code == "delivery_of_others"):
        other.count(other.codes(1, [1]), delivery=delivery)
    assert other.takings() == 0
