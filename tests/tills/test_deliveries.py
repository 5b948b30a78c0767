"""Paper notes counted for a shop: each once for ever, each told what became of it, exact to the yen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError
from psycopg.errors import DeadlockDetected

from meguri.ledger import queries as books
from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole
from meguri.notices.queries import inbox
from meguri.parties import operations as parties
from meguri.programmes.operations import expire_programme
from meguri.tills import deliveries, queries, scans
from meguri.tills.models import Delivery
from meguri.tills.operations import refund_payment
from meguri.wallets import booklets, checks, paper
from meguri.words.actor import ActorRole
from meguri.words.clock import day
from meguri.words.refusal import Refusal
from tests.paper import BOOKLET_YEN, COMMON, FACE_YEN, NOTES, SMALL, Paper, found_paper, states


@pytest.fixture
def sold(db: None) -> Paper:
    """Booklets 1 and 2 are sold."""
    found = found_paper()
    found.sell(1, 2)
    return found


def refused(sold: Paper, *args: object, **named: object) -> Refusal:
    with pytest.raises(Refusal) as no:
        sold.count(*args, **named)  # type: ignore[arg-type]
    return no.value


def test_a_whole_booklet_pays_exactly_what_it_holds(sold: Paper) -> None:
    made = sold.count(sold.codes(1))
    assert states(made) == ["counted"] * NOTES
    assert (made.notes, made.yen, made.counted_yen) == (NOTES, BOOKLET_YEN, BOOKLET_YEN)
    assert sold.takings() == BOOKLET_YEN
    assert sold.held(sold.booklet(1)) == 0
    assert sold.held(sold.booklet(2)) == BOOKLET_YEN


def test_a_note_pays_the_same_parts_whenever_it_is_scanned(sold: Paper) -> None:
    """A granted part of 1,000 in eight notes: 125 yen each, also when the notes come in another order."""
    parts = {}
    for order, booklet in ((range(1, NOTES + 1), 1), (range(NOTES, 0, -1), 2)):
        made = sold.count(sold.codes(booklet, order))
        for each in made.verdicts:
            assert each.serial is not None
            assert each.payment is not None
            entries = books.entries(each.payment, municipality=sold.municipality)
            taken = sorted((entry.debit_lot, entry.amount) for entry in entries)
            assert parts.setdefault(each.serial.note, taken) == taken
    granted = sold.town.kind("premium").id
    lots = books.lots({lot for taken in parts.values() for lot, _ in taken}, municipality=sold.municipality)
    assert [yen for note in range(1, COMMON + 1) for lot, yen in parts[note] if lots[lot].purse_kind == granted] == [
        125] * COMMON  # fmt: skip


def test_the_same_scan_again_is_counted_once(sold: Paper) -> None:
    delivery = uuid4()
    first = sold.count(sold.codes(1, [1, 2, 2]), delivery=delivery)
    assert states(first) == ["counted", "counted", "again"]
    assert first.counted_yen == 2 * FACE_YEN
    again = sold.count(sold.codes(1, [1, 2, 3]), delivery=delivery)
    assert states(again) == ["again", "again", "counted"]
    assert (again.notes, again.yen, again.counted_yen) == (3, 3 * FACE_YEN, FACE_YEN)
    assert sold.takings() == 3 * FACE_YEN
    (kept,) = deliveries.deliveries(sold.town.small_shop, municipality=sold.municipality)
    assert (kept.notes, kept.yen, kept.at_desk) == (3, 3 * FACE_YEN, False)


def test_a_note_spent_elsewhere_is_refused_with_when_and_no_more_than_may_be_said(sold: Paper) -> None:
    sold.count(sold.codes(1, [1]))
    here = sold.count(sold.codes(1, [1]))
    there = sold.count(sold.codes(1, [1]), by=sold.town.at_large_shop)
    desk = sold.town.actor(ActorRole.OPERATOR)
    office = deliveries.count_notes(shop=sold.town.large_shop, delivery=uuid4(), notes=sold.codes(1, [1]), by=desk,
                                    at=sold.town.at)  # fmt: skip
    said = [each.verdicts[0].refusal.sentence("ja") for each in (here, there, office)]  # type: ignore[union-attr]
    assert states(here) == states(there) == states(office) == ["note_paid_before"]
    assert "11月12日 12:00にこの店で" in said[0]
    assert "ほかの店で" in said[1]
    assert "八百屋まるは" not in said[1]
    assert "八百屋まるは" in said[2]
    assert sold.takings(sold.town.large_shop) == 0


def test_a_note_for_small_shops_is_refused_elsewhere_and_good_here(sold: Paper) -> None:
    made = sold.count(sold.codes(1), by=sold.town.at_large_shop)
    assert states(made) == ["counted"] * COMMON + ["note_not_here"] * SMALL
    why = made.verdicts[-1].refusal
    assert why is not None
    assert "中小店" in why.sentence("ja")
    assert "small shop" in why.sentence("en")
    assert states(sold.count(sold.codes(1, range(COMMON + 1, NOTES + 1)))) == ["counted"] * SMALL


def test_unsold_false_and_unreadable_notes_pay_nothing(sold: Paper) -> None:
    true = sold.code(1, 1)
    copied = f"{sold.code(1, 2)[:-16]}{true[-16:]}"
    made = sold.count([
        sold.code(5, 1), copied, "abc", sold.cover(1).of(1).shown, f"{true[:-1]}{'A' if true[-1] != 'A' else 'B'}",
        true.replace("note#", "note#1"), sold.code(1, 0), true,
    ])  # fmt: skip
    assert states(made) == [
        "note_not_sold", "note_not_genuine", "note_unreadable", "note_not_genuine", "note_not_genuine",
        "note_unreadable", "note_not_genuine", "counted",
    ]
    assert states(sold.count([sold.code(1, 3), sold.cover(1).of(3).shown])) == ["counted", "note_not_genuine"]
    assert sold.takings() == 2 * FACE_YEN


def test_a_note_of_no_run_is_not_genuine(sold: Paper) -> None:
    sold.number = 7
    assert states(sold.count([sold.code(1, 1)])) == ["note_not_genuine"]


def test_a_note_is_refused_when_its_time_is_over_but_not_forgotten(sold: Paper) -> None:
    delivery = uuid4()
    sold.count(sold.codes(1, [1]), delivery=delivery)
    late = datetime(2026, 2, 1, tzinfo=UTC)
    made = sold.count(sold.codes(1, [1, 2]), delivery=delivery, at=late)
    assert states(made) == ["again", "note_expired"]
    assert "1月31日" in made.verdicts[1].refusal.sentence("ja") or "2月1日" in made.verdicts[1].refusal.sentence("ja")  # type: ignore[union-attr]
    assert states(sold.count(sold.codes(1, [1]), at=late)) == ["note_paid_before"]


def test_what_was_not_spent_expires_as_in_every_wallet(sold: Paper) -> None:
    sold.count(sold.codes(1))
    late = datetime(2026, 2, 2, tzinfo=UTC)
    run = expire_programme(programme=sold.programme, by=sold.town.actor(ActorRole.SYSTEM), at=late)
    assert (run.granted_yen, run.paid_yen) == (2_000, 10_000)
    assert sold.held(sold.booklet(2)) == 0


def test_notes_stand_in_the_shop_s_day_as_payments_on_paper(sold: Paper) -> None:
    made = sold.count(sold.codes(1, [1, 2]))
    shop = sold.town.small_shop
    lines = queries.till_lines(shop, municipality=sold.municipality)
    assert [(each.paper, each.amount_yen) for each in lines] == [(True, FACE_YEN)] * 2
    told = queries.shop_day(shop, on=day(sold.town.at), municipality=sold.municipality)
    assert (told.payments, told.takings_yen) == (2, 2 * FACE_YEN)
    assert made.verdicts[0].payment is not None
    view = queries.payment(made.verdicts[0].payment, municipality=sold.municipality, at=sold.town.at)
    assert view is not None
    assert view.note == sold.cover(1).of(1).digits


def test_what_came_on_paper_is_told_apart_in_any_span(
    sold: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read page by page: two at a time are enough to see that no line is lost or counted twice."""
    monkeypatch.setattr(queries, "READ_AT_ONCE", 2)
    shop, number = sold.town.small_shop, sold.municipality
    for days, notes in ((0, [1, 2, 3]), (1, [4]), (2, [5, 6])):
        sold.count(sold.codes(1, notes), at=sold.town.at + timedelta(days=days))

    def told(first: float | None, last: float) -> tuple[int, int]:
        since = None if first is None else sold.town.at + timedelta(days=first)
        until = sold.town.at + timedelta(days=last)
        found = queries.on_paper(shop, since=since, until=until, municipality=number)
        return found.notes, found.yen

    assert told(None, 3) == (6, 6 * FACE_YEN)
    assert told(0, 1) == (3, 3 * FACE_YEN), "the end of a span belongs to the next"
    assert told(1, 2) == (1, FACE_YEN)
    assert told(0.5, 2.5) == (3, 3 * FACE_YEN)
    assert told(3, 4) == (0, 0)
    nobody = queries.on_paper(uuid4(), since=None, until=sold.town.at, municipality=number)
    assert (nobody.notes, nobody.yen) == (0, 0)


def test_a_payment_given_back_gives_the_note_back_and_it_pays_once_more(sold: Paper) -> None:
    delivery = uuid4()
    (paid,) = sold.count(sold.codes(1, [1]), delivery=delivery).verdicts
    assert paid.payment is not None
    refund_payment(by=sold.town.at_small_shop, at=sold.town.at, shop=sold.town.small_shop, payment=paid.payment,
                   reason="数えまちがい")  # fmt: skip
    assert sold.takings() == 0
    assert sold.held(sold.booklet(1)) == BOOKLET_YEN
    assert states(sold.count(sold.codes(1, [1]), delivery=delivery)) == ["note_given_back"], "the same scan sent again"
    assert inbox(sold.booklet(1), municipality=sold.municipality) == ()
    other = uuid4()
    again = sold.count(sold.codes(1, [1, 1]), by=sold.town.at_large_shop, delivery=other)
    assert states(again) == ["counted", "again"]
    assert states(sold.count(sold.codes(1, [1]))) == ["note_paid_before"]
    assert states(sold.count(sold.codes(1, [1]), by=sold.town.at_large_shop, delivery=other)) == ["again"]
    assert (sold.takings(sold.town.large_shop), sold.held(sold.booklet(1))) == (FACE_YEN, BOOKLET_YEN - FACE_YEN)


def test_a_note_goes_to_and_fro_as_often_as_it_is_given_back(sold: Paper) -> None:
    for _ in range(4):
        (paid,) = sold.count(sold.codes(1, [3])).verdicts
        assert paid.payment is not None
        assert states(sold.count(sold.codes(1, [3]))) == ["note_paid_before"]
        give_back(sold, paid.payment)
        assert sold.held(sold.booklet(1)) == BOOKLET_YEN
    assert sold.takings() == 0


def test_a_note_that_came_back_can_be_blocked_and_replaced_like_any_other(sold: Paper) -> None:
    first, second = sold.count(sold.codes(1, [1, 2])).verdicts
    for each in (first, second):
        assert each.payment is not None
        give_back(sold, each.payment)
    serial = sold.cover(1).of(1)
    (told,) = booklets.block(serials=[serial], because="紛失", by=sold.maker, at=sold.town.at)
    assert told.paid_by is None
    assert states(sold.count(sold.codes(1, [1, 2]))) == ["note_blocked", "counted"]
    assert checks.blocked_notes_can_never_pay(sold.municipality) == []
    made = booklets.replace(booklet=sold.cover(1), because="返金", by=sold.town.checkers["commerce"], at=sold.town.at,
                            holder=sold.town.holder)  # fmt: skip
    assert (made.yen, made.paid) == (BOOKLET_YEN - FACE_YEN, 1)
    assert checks.blocked_notes_can_never_pay(sold.municipality) == []
    shown = paper.booklet(sold.booklet(1), municipality=sold.municipality)
    states_now = {each.serial.note: each.state for each in shown.notes}
    assert (states_now[1], states_now[2], states_now[3]) == ("blocked", "paid", "blocked")


def give_back(sold: Paper, payment: UUID) -> None:
    refund_payment(by=sold.town.at_small_shop, at=sold.town.at, shop=sold.town.small_shop, payment=payment,
                   reason="返品")  # fmt: skip


def test_a_booklet_emptied_by_the_office_pays_no_more(sold: Paper) -> None:
    """Belt and braces: whatever the keys say, a note cannot pay what its booklet does not hold."""
    wallet = Account(sold.booklet(1), AccountRole.WALLET)
    held = books.balances([sold.booklet(1)], AccountRole.WALLET, municipality=sold.municipality)
    booklets.transfer(
        {each.lot.id: each.amount for each in held}, source=sold.booklet(1), to=sold.town.holder, key="moved",
        programme=sold.programme, by=sold.maker, at=sold.town.at,
    )  # fmt: skip
    assert wallet.owner == sold.booklet(1)
    assert states(sold.count(sold.codes(1, [1]))) == ["note_empty"]


# --- no change -------------------------------------------------------------------------------------------------------


def test_notes_beyond_the_bill_wait_until_that_is_agreed(sold: Paper) -> None:
    no = refused(sold, sold.codes(1, [1, 2]), due_yen=1_500)
    assert (no.code, no.facts["over"]) == ("no_change", 500)
    assert sold.takings() == 0
    assert not Delivery.objects.exists()
    made = sold.count(sold.codes(1, [1, 2]), due_yen=1_500, no_change=True)
    assert (made.yen, made.cash_yen) == (2_000, 0)


def test_notes_below_the_bill_leave_cash_to_pay(sold: Paper) -> None:
    delivery = uuid4()
    for _ in range(2):  # a lost answer: the same again says the same
        made = sold.count(sold.codes(1, [1, 2]), delivery=delivery, due_yen=2_480)
        assert (made.yen, made.cash_yen) == (2_000, 480)
    assert states(sold.count(sold.codes(1, [3]), due_yen=1_000)) == ["counted"]


# --- who may, and how much at once ------------------------------------------------------------------------------------


def test_requests_that_are_refused_as_a_whole(sold: Paper) -> None:
    delivery = uuid4()
    sold.count(sold.codes(1, [1]), delivery=delivery)
    assert refused(sold, []).code == "notes_missing"
    assert refused(sold, ["x"] * 201).code == "notes_too_many"
    assert refused(sold, ["x"], delivery=delivery, by=sold.town.at_large_shop).code == "delivery_of_others"
    assert refused(sold, ["x"], by=sold.town.actor(ActorRole.CLERK, shop=uuid4())).code == "shop_not_registered"
    with pytest.raises(Refusal) as no:
        deliveries.count_notes(shop=sold.town.large_shop, delivery=uuid4(), notes=["x"], by=sold.town.at_small_shop,
                               at=sold.town.at)  # fmt: skip
    assert no.value.code == "not_allowed"
    parties.set_shop_status(sold.town.small_shop, "suspended", by=sold.town.actor(ActorRole.OPERATOR))
    assert refused(sold, sold.codes(1, [2])).code == "shop_not_accepting"


def test_the_desk_counts_for_a_shop_without_a_device(sold: Paper) -> None:
    desk = sold.town.actor(ActorRole.MAKER, department="commerce")
    made = deliveries.count_notes(shop=sold.town.small_shop, delivery=uuid4(), notes=sold.codes(2), by=desk,
                                  at=sold.town.at)  # fmt: skip
    assert made.yen == BOOKLET_YEN
    (kept,) = deliveries.deliveries(sold.town.small_shop, municipality=sold.municipality)
    assert kept.at_desk


def test_two_tills_in_each_other_s_way_try_again_and_then_say_so(
    sold: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database ends one of two that wait for each other; nothing of it stands, so it is simply done again."""
    tried = []

    def unlucky(times: int) -> Callable[..., object]:
        def post(*args: object, **named: object) -> object:
            tried.append(1)
            if len(tried) <= times:
                raise OperationalError from DeadlockDetected()
            return true_post(*args, **named)  # type: ignore[arg-type]

        return post

    true_post = scans.ledger.post_batch
    monkeypatch.setattr(scans.ledger, "post_batch", unlucky(2))
    assert states(sold.count(sold.codes(1, [1]))) == ["counted"]
    assert len(tried) == 3
    tried.clear()
    monkeypatch.setattr(scans.ledger, "post_batch", unlucky(99))
    assert refused(sold, sold.codes(1, [2])).code == "ledger_busy"
    monkeypatch.setattr(scans.ledger, "post_batch", true_post)
    assert sold.takings() == FACE_YEN


def test_a_moment_is_said_in_japan(sold: Paper) -> None:
    told = paper.moment(sold.town.at + timedelta(hours=13))
    assert (told.ja, told.en) == ("11月13日 01:00", "13 November, 01:00")
