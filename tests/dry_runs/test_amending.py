"""An amendment is lived: the same invented people, without it and with it, from its approval through its first day."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from django.core.management import call_command

from meguri.dry_runs.scaling import amended, scaled
from meguri.programmes.dry_run import Amended, DayLived, Ending, Wanted
from meguri.programmes.terms import ProgrammeTerms, to_tree
from tests.dry_runs.short import PEOPLE, codes, on, short, told, wanted
from tests.programmes.builders import POINT, VOUCHER

FIRST_DAY = date(2025, 4, 8)


def with_amendment(
    before: ProgrammeTerms, after: ProgrammeTerms, *, approved_on: date, first_day: date | None
) -> Wanted:
    tree = msgspec.json.decode(msgspec.json.encode(to_tree(after)))
    coming = Amended(document=tree, approved_on=approved_on, first_day=first_day)
    return msgspec.structs.replace(wanted(before), amended=coming)


def figures(day: DayLived) -> tuple[dict[str, int], int, int]:
    return day.counts, day.payments, day.paid_yen


@pytest.mark.usefixtures("books")
def test_until_its_first_day_both_live_the_same_and_from_it_on_the_new_terms_rule() -> None:
    """Points go on for longer, and live longer: also those that people have by then."""
    before = short(POINT)
    after = short(POINT, obtaining__window={"first_day": date(2025, 4, 1), "last_day": date(2025, 4, 18)},
                  expiry__last_day=date(2025, 4, 25), refunds__shop_claims_until=date(2025, 4, 28),
                  spending__window={"first_day": date(2025, 4, 1), "last_day": date(2025, 4, 25)})  # fmt: skip
    without, _ = told(wanted(before))
    call_command("flush", verbosity=0, interactive=False, allow_cascade=True)
    lived, ending = told(with_amendment(before, after, approved_on=date(2025, 4, 4), first_day=FIRST_DAY))
    until = [day for day in without if day.day < FIRST_DAY]
    assert len(until) > 8
    assert [figures(day) for day in lived[: len(until)]] == [figures(day) for day in until]
    assert any("起票" in each.ja for each in on(lived, 4, 4).due)
    assert any("変更後" in each.ja for each in on(lived, 4, 8).due)
    assert on(lived, 4, 18).counts["actions"] > on(lived, 4, 12).counts["actions"]
    assert "lapsed_granted_yen" in on(without, 4, 22).counts
    assert on(lived, 4, 22).counts.get("lapsed_granted_yen", 0) == 0, "what was there before lives longer, too"
    assert not [each for each in ending.surprises if each.is_wrong]
    everybody = ending.reached[0]
    assert everybody.en == "all the eligible"
    assert 0 < everybody.served <= everybody.eligible <= PEOPLE


@pytest.mark.usefixtures("books")
def test_an_amendment_that_the_dry_run_cannot_take_is_told_and_the_old_terms_go_on() -> None:
    before = short(POINT)
    after = short(POINT, limits__payment_max_yen=5_000)
    days, ending = told(with_amendment(before, after, approved_on=date(2025, 4, 4), first_day=None))
    assert "amendment_takes" in codes(ending)
    assert on(days, 4, 20).counts["payments"] > on(days, 4, 4).counts["payments"], "people go on"


@pytest.mark.usefixtures("books")
def test_a_sale_gets_a_second_round_in_which_more_people_buy() -> None:
    before = short(VOUCHER)
    tree = to_tree(before)
    first = tree["obtaining"]["rounds"][0]
    second = {
        **first, "code": "second", "units": 20, "drawn_on": date(2025, 8, 10),
        "application": {"first_day": date(2025, 8, 6), "last_day": date(2025, 8, 8)},
        "purchase": {"first_day": date(2025, 8, 11), "last_day": date(2025, 8, 14)},
    }
    after = short(VOUCHER, obtaining__rounds__1=second, funds__0__amount_yen=tree["funds"][0]["amount_yen"] * 2)
    days, ending = told(with_amendment(before, after, approved_on=date(2025, 7, 30), first_day=None))
    assert on(days, 8, 20).counts["units_bought"] > on(days, 8, 8).counts["units_bought"]
    assert "amendment_takes" not in codes(ending)


def test_what_rounding_took_from_a_fund_is_no_taking() -> None:
    before = short(VOUCHER, obtaining__rounds__0__units=41_001, funds__0__amount_yen=123_456_789)
    after = short(VOUCHER, obtaining__rounds__0__units=41_001, obtaining__max_units=9, funds__0__amount_yen=123_456_789)
    small = [scaled(each, people=60, population=70_001) for each in (before, after)]
    joined = amended(*small)
    assert all(now.amount_yen >= was.amount_yen for was, now in zip(small[0].funds, joined.funds, strict=True))


def test_an_ending_written_before_there_were_groups_is_still_read() -> None:
    assert msgspec.convert({"surprises": [], "compared": []}, Ending).reached == ()
