"""Careless and sly officers: every no leaves booklets, blocks and yen exactly as they were."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from meguri.tills.operations import refund_payment
from meguri.wallets import booklets, paper, print_runs
from meguri.wallets.models import Booklet, NoteBlock, PrintedFile, PrintRun
from meguri.wallets.notes import Serial
from meguri.words.actor import ActorRole
from tests.paper import BOOKLET_YEN, COMMON, FACE_YEN, NOTES, Paper, states
from tests.tills.test_extended_notes import only_paper
from tests.wallets.test_booklets import refused

pytestmark = pytest.mark.django_db
LATE = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture
def sold(db: None) -> Paper:
    found = only_paper(6)
    found.sell(1)
    return found


def test_no_other_department_and_nobody_else_lays_hands_on_booklets(sold: Paper) -> None:
    town, posting = sold.town, sold.bought(1)
    strangers = [
        *(town.actor(role, department="planning") for role in (ActorRole.MAKER, ActorRole.CHECKER)),
        town.resident, town.at_small_shop,
        town.actor(ActorRole.OWNER, shop=town.small_shop), town.actor(ActorRole.ACCOUNTANT),
    ]  # fmt: skip
    for by in strangers:
        who: dict[str, Any] = {"by": by, "at": town.at}
        tries = [
            refused(booklets.hand_over, posting=posting, booklets=[sold.cover(2)], **who),
            refused(booklets.block, serials=[sold.cover(1)], because="紛失", **who),
            refused(booklets.replace, booklet=sold.cover(1), because="紛失", holder=town.holder, **who),
            refused(print_runs.print_notes, sold.run, first=1, last=1, form="pdf", because="x", **who),
            refused(print_runs.approve_print_run, sold.run, **who),
            refused(print_runs.order_print_run, programme=sold.programme, face_yen=1_000, booklets=1, **who),
        ]
        assert set(tries) <= {"not_allowed", "approval_closed"}, by.role
        assert tries.count("not_allowed") >= 5, by.role
    assert not NoteBlock.objects.exists()
    assert not PrintedFile.objects.exists()
    assert states(sold.count(sold.codes(1))) == ["counted"] * NOTES


def test_a_neighbour_s_number_in_a_list_of_one_s_own_stops_no_booklet_here(sold: Paper) -> None:
    """Its run and booklet exist here too; only the town's digits tell them apart, wherever in the list they stand."""
    theirs = Serial(sold.municipality + 1, 1, 2)
    who: dict[str, Any] = {"by": sold.maker, "at": sold.town.at}
    for serials in ([sold.cover(3), theirs], [theirs, sold.cover(3)], [sold.cover(3), theirs.of(5)]):
        assert refused(booklets.block, serials=serials, because="盗難", **who) == "booklet_unknown"
    assert not NoteBlock.objects.exists()
    posting = sold.bought(2)
    assert refused(booklets.hand_over, posting=posting, booklets=[sold.cover(3), theirs], **who) == "booklet_unknown"
    assert refused(booklets.replace, booklet=sold.cover(1), onto=theirs, because="紛失", by=sold.checker,
                   at=sold.town.at) == "booklet_unknown"  # fmt: skip
    assert Booklet.objects.filter(handed_at=None).count() == 5


def test_one_booklet_is_not_handed_over_twice_for_two(sold: Paper) -> None:
    who: dict[str, Any] = {"by": sold.maker, "at": sold.town.at}
    posting, other = sold.bought(2), sold.order(3)
    print_runs.approve_print_run(other, by=sold.checker, at=sold.town.at)
    second_run = Serial(sold.municipality, 2, 1)
    for covers in ([], [sold.cover(2)] * 2, [sold.cover(2), sold.cover(2).of(7)], [sold.cover(2), second_run]):
        assert refused(booklets.hand_over, posting=posting, booklets=covers, **who) == "booklets_differ"
    assert refused(booklets.hand_over, posting=posting, booklets=[sold.cover(1), sold.cover(2)], **who) == (
        "booklet_taken"
    )
    assert booklets.hand_over(posting=posting, booklets=[sold.cover(2), sold.cover(3)], **who) == 2 * BOOKLET_YEN


def test_an_order_changed_after_it_was_asked_for_prints_nothing(sold: Paper) -> None:
    """The checker approves what was ordered, not what somebody made of it since; and only once."""
    run = sold.order(3)
    for changed in ({"booklets": 50_000}, {"face_yen": 10_000}, {"sections": []}):
        kept = PrintRun.objects.filter(id=run).values(*changed).get()
        PrintRun.objects.filter(id=run).update(**changed)
        assert refused(print_runs.approve_print_run, run, by=sold.checker, at=sold.town.at) == "digest_differs"
        PrintRun.objects.filter(id=run).update(**kept)
    assert Booklet.objects.filter(run=run).count() == 0
    print_runs.approve_print_run(run, by=sold.checker, at=sold.town.at)
    assert refused(print_runs.approve_print_run, run, by=sold.checker, at=sold.town.at) == "approval_closed"
    assert paper.counts(run, municipality=sold.municipality).unsold == 3
    assert refused(print_runs.approve_print_run, uuid4(), by=sold.checker, at=sold.town.at) == "print_run_unknown"


def test_a_rest_goes_onto_no_booklet_that_is_not_fresh_and_of_its_kind(sold: Paper) -> None:
    sold.sell(2)
    booklets.block(serials=[sold.cover(3).of(NOTES)], because="破れ", by=sold.maker, at=sold.town.at)
    print_runs.approve_print_run(sold.order(1, face_yen=500), by=sold.checker, at=sold.town.at)
    wrong = [
        (sold.cover(1), "booklet_taken"), (sold.cover(2), "booklet_taken"), (sold.cover(3), "booklet_blocked"),
        (Serial(sold.municipality, 2, 1), "booklets_differ"), (Serial(sold.municipality, 3, 1), "booklet_unknown"),
        (sold.cover(7), "booklet_unknown"),
    ]  # fmt: skip
    who: dict[str, Any] = {"because": "紛失", "by": sold.checker, "at": sold.town.at}
    for onto, code in wrong:
        assert refused(booklets.replace, booklet=sold.cover(1), onto=onto, **who) == code
    assert refused(booklets.replace, booklet=sold.cover(4), onto=sold.cover(5), **who) == "booklet_empty"
    assert refused(booklets.replace, booklet=sold.cover(1), **who) == "wallet_unknown"
    assert NoteBlock.objects.count() == 1, "what was refused has blocked nothing"
    assert states(sold.count(sold.codes(1))) == ["counted"] * NOTES


def test_an_expired_booklet_is_replaced_by_nothing_and_its_notes_stay_as_they_are(sold: Paper) -> None:
    sold.count(sold.codes(1, [1]))
    for target in ({"holder": sold.town.holder}, {"onto": sold.cover(2)}):
        assert refused(booklets.replace, booklet=sold.cover(1), because="紛失", by=sold.checker, at=LATE,
                       **target) == "booklet_empty"  # fmt: skip
    told = paper.booklet(sold.booklet(1), municipality=sold.municipality)
    assert [each.state for each in told.notes] == ["paid"] + ["open"] * (NOTES - 1)
    assert (told.row.state, told.left_yen) == ("handed", BOOKLET_YEN - FACE_YEN)
    assert states(sold.count(sold.codes(1, [1, 2]), at=LATE)) == ["note_paid_before", "note_expired"]


def test_notes_of_a_blocked_booklet_say_so_also_where_it_was_never_sold(sold: Paper) -> None:
    """A stolen carton: blocked before anybody bought it. A block says more than that it was not sold."""
    carton = [sold.cover(number) for number in (4, 5, 6)]
    told = booklets.block(serials=[*carton, sold.cover(4).of(3)], because="盗難届", by=sold.maker, at=sold.town.at)
    assert len(told) == 3 * NOTES, "a note named twice is blocked once"
    assert {each.paid_by for each in told} == {None}
    made = sold.count([sold.code(4, 3), sold.code(6, NOTES), sold.code(3, 1)])
    assert states(made) == ["note_blocked", "note_blocked", "note_not_sold"]
    assert made.verdicts[0].refusal is not None
    assert "盗難届" in made.verdicts[0].refusal.sentence("en")
    states_of = [each.state for each in paper.booklets(sold.run, municipality=sold.municipality)]
    assert states_of == ["handed", "unsold", "unsold", "blocked", "blocked", "blocked"]


def test_a_note_is_not_given_back_in_part_and_whole_it_is_good_again(sold: Paper) -> None:
    (paid,) = sold.count(sold.codes(1, [COMMON])).verdicts
    assert paid.payment is not None
    back: dict[str, Any] = {"by": sold.town.at_small_shop, "at": sold.town.at, "shop": sold.town.small_shop,
                            "payment": paid.payment, "reason": "返品"}  # fmt: skip
    for yen in (300, FACE_YEN - 1, FACE_YEN + 1):
        assert refused(refund_payment, **back, amount_yen=yen, request=str(uuid4())) == "note_is_whole"
    assert states(sold.count(sold.codes(1, [COMMON]))) == ["note_paid_before"]
    refund_payment(**back, amount_yen=FACE_YEN, request=str(uuid4()))
    assert (sold.takings(), sold.held(sold.booklet(1))) == (0, BOOKLET_YEN)
    assert states(sold.count(sold.codes(1, [COMMON]))) == ["counted"]
