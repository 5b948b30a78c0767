"""Paper whose last day was put off: the value has moved to another lot, and every note still pays what it bears."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.programmes import operations as programmes
from meguri.programmes import queries, tasks
from meguri.programmes.terms import from_tree, to_tree
from meguri.tills.operations import refund_payment
from meguri.wallets import booklets, print_runs
from meguri.words.refusal import Refusal
from tests.paper import BOOKLET_YEN, COMMON, FACE_YEN, NOTES, Paper, paper_terms, states
from tests.programmes.builders import put
from tests.town import found_town

pytestmark = pytest.mark.django_db
OLD_DAY, NEW_DAY = date(2026, 1, 31), date(2026, 2, 28)
JANUARY, AFTER_OLD, AFTER_NEW = (datetime(2026, *day, 1, tzinfo=UTC) for day in ((1, 20), (2, 10), (3, 1)))


def only_paper(booklets: int) -> Paper:
    """A town with an approved run and no other programme than its voucher: quick to found."""
    paper = Paper(found_town([paper_terms()]))
    paper.run = paper.order(booklets)
    print_runs.approve_print_run(paper.run, by=paper.checker, at=paper.town.at)
    return paper


@pytest.fixture
def sold(db: None) -> Paper:
    found = only_paper(4)
    found.sell(1)
    return found


def amend(paper: Paper, day: date, *, at: datetime) -> None:
    """Two officers put the last day off; the worker has not begun to move anything."""
    tree = to_tree(queries.terms(paper.programme, municipality=paper.municipality))
    for path in ("expiry.last_day", "spending.window.last_day"):
        put(tree, path, day)
    wanted = {"programme": paper.programme, "by": paper.maker, "at": at}
    programmes.draft_amendment(terms=from_tree(tree), reason="議会の議決", **wanted)  # type: ignore[arg-type]
    programmes.submit_amendment(**wanted)  # type: ignore[arg-type]
    programmes.approve_amendment(programme=paper.programme, by=paper.checker, at=at)


def work(paper: Paper, *, at: datetime, times: int = 4) -> None:
    for _ in range(times):
        tasks.carry_out_runs(municipality=paper.municipality, at=at)


def ends(paper: Paper, owner: UUID) -> dict[date, int]:
    """What lies in a wallet by the last day (in Japan) on which it can be spent."""
    found: dict[date, int] = {}
    for each in books.balances([owner], AccountRole.WALLET, municipality=paper.municipality):
        assert each.lot.expires_at is not None
        last = (each.lot.expires_at + timedelta(hours=9, microseconds=-1)).date()
        found[last] = found.get(last, 0) + each.amount
    return found


def test_a_note_pays_on_from_whichever_lot_its_yen_lie_in(sold: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, in the middle of the moving (one balance at a time), after it, and after the old last day."""
    monkeypatch.setattr("meguri.programmes.operations.extension.BATCH", 1)
    assert states(sold.count(sold.codes(1, [1]), at=JANUARY)) == ["counted"]
    amend(sold, NEW_DAY, at=JANUARY)
    assert states(sold.count(sold.codes(1, [2, 9]), at=JANUARY)) == ["counted"] * 2
    work(sold, at=JANUARY, times=2)
    assert set(ends(sold, sold.booklet(1))) == {OLD_DAY, NEW_DAY}, "half way"
    assert states(sold.count(sold.codes(1, [3, 10]), at=JANUARY)) == ["counted"] * 2
    work(sold, at=JANUARY, times=9)
    assert ends(sold, sold.booklet(1)) == {NEW_DAY: BOOKLET_YEN - 5 * FACE_YEN}
    made = sold.count(sold.codes(1), at=AFTER_OLD)
    spent = {1, 2, 3, 9, 10}
    assert states(made) == ["note_paid_before" if note in spent else "counted" for note in range(1, NOTES + 1)]
    assert (sold.takings(), sold.held(sold.booklet(1))) == (BOOKLET_YEN, 0)


def test_the_same_scan_again_is_known_across_the_extension(sold: Paper) -> None:
    delivery = uuid4()
    first = sold.count(sold.codes(1, [1, 2]), delivery=delivery, due_yen=2_100, at=JANUARY)
    amend(sold, NEW_DAY, at=JANUARY)
    work(sold, at=JANUARY)
    for at in (JANUARY, AFTER_OLD, AFTER_NEW):
        again = sold.count(sold.codes(1, [1, 2]), delivery=delivery, due_yen=2_100, at=at)
        assert states(again) == ["again", "again"]
        assert [each.payment for each in again.verdicts] == [each.payment for each in first.verdicts]
        assert (again.notes, again.yen, again.cash_yen) == (2, 2_000, 100)


def test_a_note_says_its_new_end_and_where_it_may_be_spent(sold: Paper) -> None:
    amend(sold, NEW_DAY, at=JANUARY)
    work(sold, at=JANUARY)
    large = sold.count(sold.codes(1, [COMMON + 1]), by=sold.town.at_large_shop, at=AFTER_OLD)
    assert states(large) == ["note_not_here"], "its time is not over: it is the wrong shop"
    late = sold.count(sold.codes(1, [1]), at=AFTER_NEW)
    assert states(late) == ["note_expired"]
    assert late.verdicts[0].refusal is not None
    assert "3月1日 00:00まで" in late.verdicts[0].refusal.sentence("ja")


def test_value_that_has_lapsed_pays_only_once_it_has_moved(sold: Paper) -> None:
    """Put off when the day was over: until the worker comes, a note has ended as on a phone; it is not called moved."""
    amend(sold, NEW_DAY, at=AFTER_OLD)
    assert states(sold.count(sold.codes(1, [1, 12]), at=AFTER_OLD)) == ["note_expired"] * 2
    work(sold, at=AFTER_OLD)
    assert states(sold.count(sold.codes(1, [1, 12]), at=AFTER_OLD)) == ["counted"] * 2


def test_what_a_shop_gives_back_is_replaced_with_the_rest_and_all_of_it_pays(sold: Paper) -> None:
    """Half of the yen lie in the old lot again, half in the new one; a new booklet is cut out of both."""
    paid = sold.count(sold.codes(1, [1, 2, 9]), at=JANUARY).verdicts
    amend(sold, NEW_DAY, at=JANUARY)
    work(sold, at=JANUARY)
    for each in paid:
        assert each.payment is not None
        refund_payment(by=sold.town.at_small_shop, at=JANUARY, shop=sold.town.small_shop, payment=each.payment,
                       reason="返品", request=str(uuid4()))  # fmt: skip
    assert ends(sold, sold.booklet(1)) == {OLD_DAY: 3 * FACE_YEN, NEW_DAY: 9 * FACE_YEN}
    booklets.replace(booklet=sold.cover(1), onto=sold.cover(2), because="返品", by=sold.checker, at=JANUARY)
    assert states(sold.count(sold.codes(2, [12, 1, 7]), at=JANUARY)) == ["counted"] * 3
    tasks.carry_on_extensions(municipality=sold.municipality, at=JANUARY + timedelta(hours=1))
    work(sold, at=JANUARY + timedelta(hours=1))
    assert set(ends(sold, sold.booklet(2))) == {NEW_DAY}
    made = sold.count(sold.codes(2), at=AFTER_OLD)
    assert states(made).count("counted") == NOTES - 3
    assert (sold.takings(), sold.held(sold.booklet(2))) == (BOOKLET_YEN, 0)


def test_an_extension_that_is_undone_takes_no_note_s_worth(sold: Paper) -> None:
    amend(sold, NEW_DAY, at=JANUARY)
    work(sold, at=JANUARY)
    sold.count(sold.codes(1, [1, 10]), at=JANUARY)
    (run,) = queries.value_runs(sold.programme, municipality=sold.municipality)
    asked = programmes.propose_undo(run=run.id, by=sold.maker, at=JANUARY)
    programmes.order_run(approval=asked, by=sold.checker, at=JANUARY)
    work(sold, at=JANUARY)
    assert ends(sold, sold.booklet(1)) == {OLD_DAY: BOOKLET_YEN - 2 * FACE_YEN}
    made = sold.count(sold.codes(1, [2, 3, 11]), at=JANUARY)
    assert states(made) == ["counted"] * 3
    assert states(sold.count(sold.codes(1, [4]), at=AFTER_OLD)) == ["note_expired"]


def test_what_was_bought_before_is_handed_over_after_the_extension_and_is_good_as_long(sold: Paper) -> None:
    """The buyer's yen have moved to the later lot, some of them or all; the booklets get them from there."""
    bought = sold.bought(2)
    amend(sold, NEW_DAY, at=JANUARY)
    work(sold, at=JANUARY)
    assert set(ends(sold, sold.town.holder)) == {NEW_DAY}
    given = booklets.hand_over(
        posting=bought, booklets=[sold.cover(2), sold.cover(3)], by=sold.maker, at=AFTER_OLD
    )
    assert given == 2 * BOOKLET_YEN
    assert booklets.hand_over(
        posting=bought, booklets=[sold.cover(2), sold.cover(3)], by=sold.maker, at=AFTER_OLD
    ) == 2 * BOOKLET_YEN, "again is the same"
    assert (ends(sold, sold.town.holder), ends(sold, sold.booklet(2))) == ({}, {NEW_DAY: BOOKLET_YEN})
    made = sold.count([*sold.codes(2), *sold.codes(3)], at=AFTER_OLD)
    assert set(states(made)) == {"counted"}
    assert sold.takings() == 2 * BOOKLET_YEN


def test_half_way_through_the_extension_a_hand_over_takes_from_both_lots(
    sold: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meguri.programmes.operations.extension.BATCH", 1)
    bought = sold.bought(1)
    amend(sold, NEW_DAY, at=JANUARY)
    while len(ends(sold, sold.town.holder)) < 2:
        work(sold, at=JANUARY, times=1)
    booklets.hand_over(posting=bought, booklets=[sold.cover(2)], by=sold.maker, at=JANUARY)
    assert set(ends(sold, sold.booklet(2))) == {OLD_DAY, NEW_DAY}
    work(sold, at=JANUARY, times=20)
    assert ends(sold, sold.booklet(2)) == {NEW_DAY: BOOKLET_YEN}
    assert set(states(sold.count(sold.codes(2), at=AFTER_OLD))) == {"counted"}


def test_a_buyer_who_has_spent_some_of_it_is_refused_as_before(sold: Paper) -> None:
    bought = sold.bought(1)
    amend(sold, NEW_DAY, at=JANUARY)
    work(sold, at=JANUARY)
    held = books.balances([sold.town.holder], AccountRole.WALLET, municipality=sold.municipality)
    ends_ = Account(sold.town.holder, AccountRole.WALLET), Account(sold.town.small_shop, AccountRole.SHOP)
    leg = Leg(*ends_, 100, tuple(each.lot.id for each in held))
    ledger.post(Posting("spent", "pay", (leg,), JANUARY, "test"), municipality=sold.municipality)
    with pytest.raises(Refusal) as no:
        booklets.hand_over(posting=bought, booklets=[sold.cover(2)], by=sold.maker, at=JANUARY)
    assert no.value.code == "insufficient"
    assert sold.held(sold.booklet(2)) == 0
