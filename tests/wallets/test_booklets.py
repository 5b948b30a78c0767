"""Booklets: printed by two people, filled by a sale, stopped when lost, replaced with what is left."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import LazySettings

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.wallets import booklets, paper, print_runs
from meguri.wallets.models import Booklet, PrintRun
from meguri.wallets.notes import Serial, read_note
from meguri.wallets.operations import open_wallet
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.paper import BOOKLET_YEN, COMMON, FACE_YEN, NOTES, SMALL, Paper, found_paper, states
from tests.town import found_town


@pytest.fixture
def printed(db: None) -> Paper:
    return found_paper()


def refused(work: object, *args: object, **named: object) -> str:
    with pytest.raises(Refusal) as no:
        work(*args, **named)  # type: ignore[operator]
    return no.value.code


# --- printing --------------------------------------------------------------------------------------------------------


def test_a_run_has_a_section_for_each_place_of_use(printed: Paper) -> None:
    run = paper.print_run(printed.run, municipality=printed.municipality)
    assert run is not None
    assert [notes for _, notes in run.sections] == [COMMON, SMALL]
    assert run.sections[0][0].ja == "すべての取扱店"
    assert "中小店" in run.sections[1][0].ja
    assert (run.notes_each, run.booklet_yen, run.number) == (NOTES, BOOKLET_YEN, 1)
    assert str(run.expires_on) == "2026-01-31"
    told = paper.counts(printed.run, municipality=printed.municipality)
    assert (told.unsold, told.handed, told.blocked, told.replaced) == (20, 0, 0, 0)


def test_two_people_print(printed: Paper) -> None:
    other = printed.order(3)
    assert refused(print_runs.approve_print_run, other, by=printed.maker, at=printed.town.at) == "not_allowed"
    assert refused(_print, printed, other) == "print_run_not_approved"
    assert Booklet.objects.filter(run=other).count() == 0
    print_runs.close_print_run(other, by=printed.checker, at=printed.town.at, reason="冊数が違う")
    assert not PrintRun.objects.filter(id=other).exists()
    again = printed.order(4)
    print_runs.close_print_run(again, by=printed.maker, at=printed.town.at)
    assert refused(print_runs.approve_print_run, again, by=printed.checker, at=printed.town.at) == "print_run_unknown"
    assert refused(print_runs.close_print_run, printed.run, by=printed.maker, at=printed.town.at) == "approval_closed"


def _print(printed: Paper, run: object) -> list[list[print_runs.PrintedNote]]:
    return list(print_runs.print_notes(
        run, first=1, last=2, form="pdf", because="窓口用", by=printed.maker, at=printed.town.at  # type: ignore[arg-type]
    ))  # fmt: skip


def test_the_file_says_every_note_and_who_took_it(printed: Paper) -> None:
    made = _print(printed, printed.run)
    assert [len(each) for each in made] == [NOTES + 1, NOTES + 1]
    assert [each.link for each in made[1][1:]] == printed.codes(2)
    assert [each.section for each in made[0]] == [0] * (COMMON + 1) + [1] * SMALL
    (kept,) = paper.files(printed.run, municipality=printed.municipality)
    assert (kept.first, kept.last, kept.by, kept.because) == (1, 2, printed.maker.party, "窓口用")
    assert refused(_print, printed, uuid4()) == "print_run_unknown"


@pytest.mark.parametrize(("face", "count", "code"), [
    (700, 1, "paper_face_wrong"), (0, 1, "paper_face_wrong"), (10, 1, "paper_face_wrong"),
    (1_000, 0, "paper_too_many"), (1_000, 50_001, "paper_too_many"),
])  # fmt: skip
def test_what_cannot_be_printed_is_said_at_the_order(printed: Paper, face: int, count: int, code: str) -> None:
    assert refused(printed.order, count, face_yen=face) == code


def test_only_what_is_sold_and_does_not_shrink_is_printed(printed: Paper) -> None:
    points = next(each for each in paper.programmes.programmes(printed.municipality) if each.family == "point")
    by = printed.town.makers["planning"]
    assert refused(print_runs.order_print_run, programme=points.id, face_yen=1_000, booklets=1, by=by,
                   at=printed.town.at) in ("paper_needs_a_sale", "paper_shrinks")  # fmt: skip
    assert refused(print_runs.order_print_run, programme=uuid4(), face_yen=1, booklets=1, by=by,
                   at=printed.town.at) == "programme_unknown"  # fmt: skip
    assert refused(print_runs.order_print_run, programme=printed.programme, face_yen=1_000, booklets=1, bundle="none",
                   by=printed.maker, at=printed.town.at) == "paper_needs_a_sale"  # fmt: skip


def test_a_wrong_town_key_is_no_false_note(printed: Paper, settings: LazySettings) -> None:
    settings.VAULT_KEY = "ab" * 32
    with pytest.raises(RuntimeError, match="VAULT_KEY"):
        _print(printed, printed.run)


# --- handing over ----------------------------------------------------------------------------------------------------


def test_a_sale_fills_booklets_exactly(printed: Paper) -> None:
    before = printed.held(printed.town.holder)
    assert printed.sell(1, 2, 3) == 3 * BOOKLET_YEN
    assert [printed.held(printed.booklet(each)) for each in (1, 2, 3)] == [BOOKLET_YEN] * 3
    assert printed.held(printed.town.holder) == before
    held = books.balances([printed.booklet(1)], AccountRole.WALLET, municipality=printed.municipality)
    assert sorted(each.amount for each in held) == [1_000, 1_000, 3_000, 7_000]
    told = paper.counts(printed.run, municipality=printed.municipality)
    assert (told.unsold, told.handed) == (17, 3)


def test_handing_over_again_is_the_same(printed: Paper) -> None:
    posting, covers = printed.bought(2), [printed.cover(1), printed.cover(2)]
    for _ in range(2):
        assert booklets.hand_over(
            posting=posting, booklets=covers, by=printed.maker, at=printed.town.at
        ) == 2 * BOOKLET_YEN
    assert printed.held(printed.booklet(1)) == BOOKLET_YEN


def test_what_does_not_fit_is_not_handed_over(printed: Paper) -> None:
    def hand(posting: object, *numbers: int) -> str:
        covers = [printed.cover(each) for each in numbers]
        return refused(booklets.hand_over, posting=posting, booklets=covers, by=printed.maker, at=printed.town.at)

    printed.sell(1)
    bought = printed.bought(2)
    assert hand(bought, 1, 2) == "booklet_taken"
    assert hand(bought, 2) == "booklets_differ"
    assert hand(bought, 2, 3, 4) == "booklets_differ"
    assert hand(uuid4(), 2) == "booklets_differ"
    assert hand(bought, 2, 99) == "booklet_unknown"
    booklets.block(serials=[printed.cover(3).of(5)], because="破れ", by=printed.maker, at=printed.town.at)
    assert hand(bought, 2, 3) == "booklet_blocked"
    assert printed.held(printed.booklet(2)) == 0


def test_what_was_spent_meanwhile_cannot_be_handed_over(printed: Paper) -> None:
    posting = printed.bought(1)
    booklets.hand_over(posting=posting, booklets=[printed.cover(1)], by=printed.maker, at=printed.town.at)
    again = refused(
        booklets.hand_over, posting=posting, booklets=[printed.cover(2)], by=printed.maker, at=printed.town.at
    )
    assert again == "insufficient"
    assert printed.held(printed.booklet(2)) == 0


def test_another_town_s_booklet_is_not_known(printed: Paper) -> None:
    other = found_town()
    maker = other.makers["commerce"]
    assert refused(
        booklets.block, serials=[printed.cover(1)], because="x", by=maker, at=printed.town.at
    ) == "booklet_unknown"


# --- blocking --------------------------------------------------------------------------------------------------------


def test_a_blocked_note_is_refused_with_when_and_why(printed: Paper) -> None:
    printed.sell(1)
    (told,) = booklets.block(
        serials=[printed.cover(1).of(4)], because="窓口で紛失", by=printed.maker, at=printed.town.at
    )
    assert (told.serial.note, told.paid_by) == (4, None)
    made = printed.count(printed.codes(1, [3, 4]))
    assert states(made) == ["counted", "note_blocked"]
    said = made.verdicts[1].refusal.sentence("ja")  # type: ignore[union-attr]
    assert "窓口で紛失" in said
    assert "11月12日 12:00" in said


def test_a_block_that_comes_too_late_is_told(printed: Paper) -> None:
    printed.sell(1)
    made = printed.count(printed.codes(1, [1, 2]))
    told = booklets.block(serials=[printed.cover(1)], because="盗難", by=printed.maker, at=printed.town.at)
    assert [each.paid_by for each in told[:3]] == [made.verdicts[0].payment, made.verdicts[1].payment, None]
    assert len(told) == NOTES
    view = paper.booklet(printed.booklet(1), municipality=printed.municipality)
    assert [each.state for each in view.notes] == ["paid"] * 2 + ["blocked"] * (NOTES - 2)
    assert view.notes[0].shop == printed.town.small_shop
    assert view.left_yen == BOOKLET_YEN - 2 * FACE_YEN


def test_blocking_again_keeps_the_first_day_and_reason(printed: Paper) -> None:
    printed.sell(1)
    for reason, days in (("紛失", 0), ("もう一度", 1)):
        at = printed.town.at + timedelta(days=days)
        booklets.block(serials=[printed.cover(1).of(1)], because=reason, by=printed.maker, at=at)
    note = paper.booklet(printed.booklet(1), municipality=printed.municipality).notes[0]
    assert (note.told, note.at) == ("紛失", printed.town.at)


def test_a_note_that_no_booklet_has_cannot_be_blocked(printed: Paper) -> None:
    assert refused(
        booklets.block, serials=[printed.cover(1).of(99)], because="x", by=printed.maker, at=printed.town.at
    ) == "booklet_unknown"


# --- replacing -------------------------------------------------------------------------------------------------------


def test_a_lost_booklet_s_rest_goes_to_a_wallet(printed: Paper) -> None:
    printed.sell(1)
    printed.count(printed.codes(1, [1, 2, 9]))
    person = uuid4()
    open_wallet(person, by=printed.town.actor(ActorRole.SYSTEM), at=printed.town.at)
    made = booklets.replace(
        booklet=printed.cover(1), because="紛失", by=printed.checker, at=printed.town.at, holder=person
    )
    assert (made.yen, made.blocked, made.paid) == (9_000, NOTES - 3, 3)
    assert printed.held(person) == 9_000
    assert printed.held(printed.booklet(1)) == 0
    assert states(printed.count(printed.codes(1, [3]))) == ["note_blocked"]
    assert refused(booklets.replace, booklet=printed.cover(1), because="紛失", by=printed.checker, at=printed.town.at,
                   holder=person) == "booklet_empty"  # fmt: skip


def test_a_lost_booklet_s_rest_goes_to_a_new_one_note_by_note(printed: Paper) -> None:
    printed.sell(1)
    printed.count(printed.codes(1, [1, 2, 12]))
    made = booklets.replace(
        booklet=printed.cover(1), because="紛失", by=printed.checker, at=printed.town.at, onto=printed.cover(2)
    )
    assert made.yen == 9_000
    good = [*range(1, COMMON - 1), *range(COMMON + 1, COMMON + SMALL)]
    counted = printed.count(printed.codes(2))
    paid = [place for place, state in enumerate(states(counted), start=1) if state == "counted"]
    assert paid == good
    assert printed.held(printed.booklet(2)) == 0
    assert set(states(counted)) == {"counted", "note_blocked"}
    assert states(printed.count(printed.codes(1, [5]))) == ["note_blocked"]


def test_an_uneven_rest_goes_to_a_wallet_only(printed: Paper) -> None:
    printed.sell(1)
    held = books.balances([printed.booklet(1)], AccountRole.WALLET, municipality=printed.municipality)
    booklets.transfer(
        {held[0].lot.id: 700}, source=printed.booklet(1), to=printed.town.holder, key="a part of a note",
        programme=printed.programme, by=printed.maker, at=printed.town.at,
    )  # fmt: skip
    wanted = {"booklet": printed.cover(1), "because": "紛失", "by": printed.checker, "at": printed.town.at}
    assert refused(booklets.replace, **wanted, onto=printed.cover(2)) == "booklet_uneven"
    assert refused(booklets.replace, **wanted, holder=uuid4()) == "wallet_unknown"
    assert booklets.replace(**wanted, holder=printed.town.holder).yen == 11_300  # type: ignore[arg-type]


def test_only_a_checker_replaces(printed: Paper) -> None:
    printed.sell(1)
    assert refused(booklets.replace, booklet=printed.cover(1), because="x", by=printed.maker, at=printed.town.at,
                   holder=printed.town.holder) == "not_allowed"  # fmt: skip


# --- lists -----------------------------------------------------------------------------------------------------------


def test_booklets_are_listed_by_their_state(printed: Paper) -> None:
    printed.sell(1, 2, 3)
    lost = [printed.cover(2).of(1), printed.cover(9)]
    booklets.block(serials=lost, because="x", by=printed.maker, at=printed.town.at)
    booklets.replace(booklet=printed.cover(3), because="x", by=printed.checker, at=printed.town.at,
                     holder=printed.town.holder)  # fmt: skip

    def numbers(state: str, after: int = 0) -> list[int]:
        found = paper.booklets(printed.run, municipality=printed.municipality, state=state, after=after)
        assert all(each.state == state for each in found if state)
        return [each.cover.booklet for each in found]

    assert numbers("handed") == [1]
    assert numbers("blocked") == [2, 9]
    assert numbers("replaced") == [3]
    assert numbers("unsold") == [4, 5, 6, 7, 8, *range(10, 21)]
    assert numbers("", after=18) == [19, 20]
    (run,) = paper.print_runs(printed.municipality, department="commerce")
    assert run.id == printed.run
    assert paper.print_runs(printed.municipality, department="welfare") == ()
    assert paper.booklet_of(printed.cover(7), municipality=printed.municipality) == printed.booklet(7)
    assert refused(paper.booklet_of, Serial(printed.municipality, 9, 9), municipality=printed.municipality)
    assert refused(paper.booklet, uuid4(), municipality=printed.municipality) == "booklet_unknown"
    assert read_note(printed.cover(7).shown).serial == printed.cover(7)
