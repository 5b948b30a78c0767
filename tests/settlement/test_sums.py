"""Whatever the figures: nothing is owed twice, nothing vanishes between a due, its payouts and its statement."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from statistics import median
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.ledger.rules import Taken, Verdict
from meguri.settlement.models import Payout, SettlementRun
from meguri.settlement.queries import payout_view
from meguri.settlement.rules import (
    FAULTS,
    OUTLIER_LEAST_YEN,
    OUTLIER_TIMES,
    Activity,
    Due,
    LotYen,
    dues,
    outliers,
    shown,
    uncovered,
)
from meguri.settlement.settled import Settled, _lines, _statement
from meguri.settlement.statement import Named, StatementPart, StatementView, csv_rows, file_name

AT = datetime(2026, 6, 8, 3, tzinfo=UTC)
owners = st.sampled_from([UUID(int=number) for number in range(1, 5)])
funds = st.sampled_from([UUID(int=number) for number in range(11, 14)])
lots = st.builds(LotYen, st.integers(1, 6), funds, st.none() | funds, st.integers(-50, 900))
rows = st.lists(st.tuples(owners, lots), max_size=20)


@given(rows)
def test_a_due_is_everything_positive_of_its_owner(found: list[tuple[UUID, LotYen]]) -> None:
    made = dues(found)
    assert [due.owner for due in made] == sorted({owner for owner, lot in found if lot.yen > 0})
    told, wanted = Counter[tuple[UUID, LotYen]](), Counter((owner, lot) for owner, lot in found if lot.yen > 0)
    for due in made:
        told.update((due.owner, lot) for lot in due.lots)
        assert [lot.lot for lot in due.lots] == sorted(lot.lot for lot in due.lots)
        assert due.yen == sum(lot.yen for lot in due.lots) > 0
    assert told == wanted


@given(rows, st.dictionaries(st.tuples(owners, st.integers(1, 6)), st.integers(0, 900)))
def test_what_is_planned_and_what_was_planned_never_exceed_what_is_owed(
    found: list[tuple[UUID, LotYen]], covered: dict[tuple[UUID, int], int]
) -> None:
    one_each = {(owner, lot.lot): (owner, lot) for owner, lot in found}
    for due in dues(one_each.values()):
        rest = uncovered(due, covered)
        left = {lot.lot: lot.yen for lot in rest.lots}
        assert rest.owner == due.owner
        assert all(yen > 0 for yen in left.values())
        for lot in due.lots:
            spoken = covered.get((due.owner, lot.lot), 0)
            assert left.get(lot.lot, 0) == max(0, lot.yen - spoken)
        assert {(lot.lot, lot.fund, lot.purse_kind) for lot in rest.lots} <= {
            (lot.lot, lot.fund, lot.purse_kind) for lot in due.lots
        }, "whose money it is does not change"


counts = st.builds(Activity, st.integers(0, 99), st.integers(0, 9_999), st.integers(0, 99))


@given(st.lists(counts, min_size=1, max_size=6))
def test_statements_told_one_after_the_other_tell_everything_once(news: list[Activity]) -> None:
    """Each run knows all there ever was and tells what it told not yet."""
    ever, told = Activity(), Activity()
    for new in news:
        ever = Activity(
            ever.payments + new.payments, ever.payments_yen + new.payments_yen, ever.refunds + new.refunds
        )
        assert ever.less(told) == new
        told = ever
    assert ever.less(told) == Activity()


taken_lots = st.dictionaries(st.integers(1, 9), st.integers(1, 900), min_size=1, max_size=5)


@given(taken_lots, st.integers(0, 500), counts)
def test_a_statement_is_what_the_books_moved_and_refunds_are_the_rest(
    moved: dict[int, int], given_back: int, told: Activity
) -> None:
    gross = sum(moved.values())
    due = Due(UUID(int=1), tuple(LotYen(lot, UUID(int=lot), None, yen + 7) for lot, yen in moved.items()))
    ever = Activity(told.payments + 3, told.payments_yen + gross + given_back, told.refunds + 1)
    taken = tuple(Taken(leg, lot, lot, yen) for leg, (lot, yen) in enumerate(moved.items(), 1))
    settled = Settled(due, ever, Verdict(UUID(int=9), AT, False, taken))
    run = SettlementRun(id=UUID(int=5), municipality=1, cutoff=AT)
    made = _statement(run, settled, told=told, at=AT)
    assert (made.payments_count, made.refunds_count, made.fee_yen) == (3, 1, 0)
    assert made.payments_yen - made.refunds_yen == made.gross_yen == made.net_yen == gross, "a leg moves what is there"
    assert made.refunds_yen == given_back
    lines = _lines(made, settled, at=AT)
    assert {line.lot: (line.fund, line.amount_yen) for line in lines} == {
        lot: (UUID(int=lot), yen) for lot, yen in moved.items()
    }


@given(st.lists(st.integers(1, 5 * 10**7), min_size=2, max_size=40))
def test_what_stands_out_is_large_and_many_times_the_middle(amounts: list[int]) -> None:
    bar = max(OUTLIER_LEAST_YEN, median(amounts) * OUTLIER_TIMES)
    assert outliers(amounts) == tuple(place for place, amount in enumerate(amounts) if amount >= bar)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([1, 1, OUTLIER_LEAST_YEN], (2,)), ([1, 1, OUTLIER_LEAST_YEN - 1], ()), ([100_000] * 2 + [2_000_000], (2,)),
        ([100_000] * 2 + [1_999_999], ()), ([OUTLIER_LEAST_YEN, 1, 1, OUTLIER_LEAST_YEN, 1], (0, 3)),
    ],
)
def test_the_bar_itself_stands_out(amounts: list[int], expected: tuple[int, ...]) -> None:
    assert outliers(amounts) == expected


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (AT, "2026-06-08 12:00"), (datetime(2026, 6, 7, 15, tzinfo=UTC), "2026-06-08 00:00"),
        (datetime(2000, 1, 1, tzinfo=UTC), "2000-01-01 09:00"), (datetime(1999, 12, 31, 23, tzinfo=UTC), "1999-12-31"),
        (datetime(9998, 12, 31, 23, tzinfo=UTC), "9999-01-01 08:00"), (datetime.max.replace(tzinfo=UTC), "9999-12-31"),
        (datetime.min.replace(tzinfo=UTC), "0001-01-01"),
    ],
)
def test_a_refusal_can_say_every_moment_of_the_calendar(moment: datetime, said: str) -> None:
    assert shown(moment) == said


part = st.builds(
    lambda family, yen, programme: StatementPart(
        fund=UUID(int=8), fund_name=Named("町費", "Town budget"), purse_kind=None, purse_name=Named("共通", "Common"),
        programme=programme, programme_name=Named("事業", "Programme"), family=family, yen=yen,
    ),
    st.sampled_from(["voucher", "point", "benefit", ""]), st.integers(1, 10**7), st.none() | funds,
)
BARE = StatementView(
    id=UUID(int=0xABCDEF), run=UUID(int=2), shop=UUID(int=7), since=None, cutoff=AT, payments_count=0, payments_yen=0,
    refunds_count=0, refunds_yen=0, gross_yen=0, fee_yen=0, net_yen=0, posting=UUID(int=5), payout=None,
    payout_state="", pay_on=None,
)


@given(st.lists(st.lists(part, max_size=5), max_size=4), st.sampled_from(["ja", "en"]))
def test_the_rows_of_a_file_are_the_parts_of_its_statements(told: list[list[StatementPart]], language: str) -> None:
    views = [replace(BARE, id=UUID(int=n), parts=tuple(parts)) for n, parts in enumerate(told)]
    head, *found = csv_rows(views, shops={BARE.shop: ("0001", Named("店", "Shop"))}, language=language)  # type: ignore[arg-type]
    assert {len(row) for row in found} <= {len(head)}
    assert [(row[0], int(row[-1])) for row in found] == [
        (str(view.id), one.yen) for view in views for one in view.parts
    ]
    assert {row[4] for row in found} <= {"店" if language == "ja" else "Shop"}
    assert {row[2] for row in found} <= {""}, "no day is promised before one is planned"
    for view in views:
        assert sum(view.by_family().values()) == sum(one.yen for one in view.parts)
        assert set(view.by_family()) == {one.family for one in view.parts}


def test_a_file_is_named_by_the_day_in_japan_and_by_the_end_of_its_number() -> None:
    late = replace(BARE, cutoff=datetime(2026, 6, 7, 15, tzinfo=UTC))
    early = replace(BARE, cutoff=datetime(2026, 6, 7, 14, 59, tzinfo=UTC))
    assert file_name(late) == "statement-2026-06-08-abcdef.csv"
    assert file_name(early) == "statement-2026-06-07-abcdef.csv"


def test_a_fault_is_told_in_words_and_no_fault_in_none() -> None:
    row = Payout(
        id=UUID(int=1), municipality=1, run_id=UUID(int=2), number=1, payee=UUID(int=3), payee_kind="shop",
        amount_yen=5, pay_on=date(2026, 6, 9),
    )
    assert (payout_view(row).fault_text.ja, payout_view(row).fault_text.en) == ("", "")
    for code, (ja, en) in FAULTS.items():
        row.fault = code
        seen = payout_view(row)
        assert (seen.fault, seen.fault_text) == (code, Named(ja, en))
