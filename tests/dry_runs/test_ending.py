"""What a dry run says at its end: surprises found in days made up for it, and figures beside the forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

import pytest

from meguri.dry_runs.comparing import NAMES, WHY, WHY_FIRST_COME, compared
from meguri.dry_runs.ending import Known, ending, not_launched
from meguri.dry_runs.people import Person, people_of
from meguri.parties.rules import Both
from meguri.programmes.dry_run import DayLived, FundLived, Met, Surprise, Wanted
from meguri.programmes.forecasting import Figure
from meguri.programmes.operations.launching import PROGRAMME_NOT_LAUNCHED
from meguri.programmes.preview import FundCost, Preview
from meguri.programmes.terms import ProgrammeTerms
from tests.dry_runs.short import short
from tests.programmes.builders import BENEFIT, POINT, VOUCHER
from tests.programmes.trials import voucher

FIRST = date(2025, 4, 1)
PEOPLE = people_of(Wanted(document={}, seed=7, people=60), on=FIRST)
EVERYBODY = frozenset(each.id for each in PEOPLE)
HOW = Both("計算", "a sum")


def day(number: int, *, left: int = 100, reserved: int = 0, **more: object) -> DayLived:
    fund = FundLived(code="town", ja="町", en="Town", is_buyers=False, left_yen=left, reserved_yen=reserved)
    return DayLived(day=FIRST + timedelta(days=number), funds=(fund,), **more)  # type: ignore[arg-type]


def seen(*figures: Figure, expected: int = 100) -> Preview:
    cost = FundCost(fund="town", name=Both("町", "Town"), budget_yen=100, most_yen=100, expected_yen=expected)
    return Preview(eligible=60, population=60, left_out=(), funds=(cost,), figures=figures, purses=())


@dataclass(frozen=True)
class DryRun:
    """A dry run of points that is over; by itself nothing surprises in it."""

    days: Sequence[DayLived] = (day(0), day(1))
    terms: ProgrammeTerms = field(default_factory=lambda: short(POINT))
    stuck: Mapping[tuple[str, str, str], date] = field(default_factory=dict)
    served: frozenset[UUID] = EVERYBODY
    eligible: Sequence[Person] = tuple(PEOPLE)

    def surprises(self) -> tuple[Surprise, ...]:
        return ending(Known(
            terms=self.terms, days=self.days, stuck=self.stuck, forecast=seen(), served=set(self.served),
            people=PEOPLE, eligible=self.eligible,
        )).surprises  # fmt: skip

    def codes(self) -> list[str]:
        return [each.code for each in self.surprises()]


def test_where_everybody_got_something_and_all_is_spent_nothing_surprises() -> None:
    assert DryRun().surprises() == ()


def test_an_empty_fund_is_wrong_while_points_can_still_be_earned_and_not_on_the_last_day() -> None:
    (dry,) = DryRun(days=[day(0), day(1, left=40), day(2, left=0), day(3, left=0)]).surprises()
    assert (dry.code, dry.is_wrong, dry.day) == ("budget_dry", True, FIRST + timedelta(days=2))
    assert dry.ja == "財源「町」は2日目に尽きました。"
    assert DryRun(days=[day(0), day(11, left=0)]).codes() == [], "on the last day of earning it may be empty"
    assert DryRun(days=[day(0, left=0), day(1, left=0)]).codes() == [], "a fund that never had anything"


def test_a_sale_that_sells_out_has_spent_its_budget_as_it_should() -> None:
    terms = short(VOUCHER, obtaining__rounds__0__purchase__last_day=date(2025, 8, 8))
    (dry,) = DryRun(days=[day(0), day(1, left=0)], terms=terms).surprises()
    assert (dry.code, dry.is_wrong) == ("budget_dry", False)


def test_groups_of_whom_nobody_got_anything_are_named_once_they_count() -> None:
    grown = frozenset(each.id for each in PEOPLE if each.born < date(2007, 1, 1))
    told = {each.en for each in DryRun(served=grown).surprises()}
    assert [each for each in told if "aged 17 and under" in each]
    assert not [each for each in told if "aged 40 to 64" in each]
    few = [each for each in PEOPLE if each.id not in grown][:4]
    some = DryRun(served=grown, eligible=[*few, *(each for each in PEOPLE if each.id in grown)])
    assert not [each for each in some.surprises() if "aged 17 and under" in each.en], "four say nothing"


def test_a_child_gets_a_benefit_through_the_guardian() -> None:
    guardians = frozenset(each.guardian for each in PEOPLE)
    children = [each for each in PEOPLE if each.guardian != each.id]
    assert not [each for each in DryRun(terms=short(BENEFIT), served=guardians, eligible=children).surprises()
                if each.code == "group_left_out"]
    assert [each for each in DryRun(served=guardians, eligible=children).surprises() if each.code == "group_left_out"]


def test_nobody_at_all_is_said_once_and_not_group_by_group() -> None:
    assert DryRun(served=frozenset()).codes() == ["nobody_served"]
    assert DryRun(served=frozenset(), eligible=()).codes() == ["nobody_eligible"]


@pytest.mark.parametrize(("times", "told"), [(5, []), (6, ["sold_out"]), (400, ["sold_out"])])
def test_a_refusal_that_a_tenth_of_the_people_met_is_told_with_its_first_day(times: int, told: list[str]) -> None:
    met = (Met(code="sold_out", ja="売り切れです。", en="Sold out.", times=times),)
    dry_run = DryRun(days=[day(0), day(1, met=met), day(2)])
    assert dry_run.codes() == told
    for each in dry_run.surprises():
        assert each.day == FIRST + timedelta(days=1)
        assert each.ja == f"{times:,}回、断られました。たとえば「売り切れです。」"


def test_what_the_desk_was_refused_stands_first_and_not_twice() -> None:
    said = ("budget_empty", "予算がありません。", "There is no budget.")
    met = (Met(code="budget_empty", ja=said[1], en=said[2], times=90),)
    dry_run = DryRun(days=[day(0, met=met, counts={"units_left": 3})], stuck={said: FIRST})
    assert dry_run.codes() == ["budget_empty", "units_unsold"]
    first = dry_run.surprises()[0]
    assert (first.is_wrong, first.day) == (True, FIRST)
    assert first.ja == "担当課の手続きが断られました: 予算がありません。"


def test_value_that_nobody_used_is_told_with_its_sum_and_first_day() -> None:
    counts = [{"lapsed_paid_yen": 0}, {"lapsed_paid_yen": 700}, {"lapsed_paid_yen": 1_200, "lapsed_granted_yen": 50}]
    found = DryRun(days=[day(number, counts=each) for number, each in enumerate(counts)]).surprises()
    assert [(each.code, each.day) for each in found] == [
        ("lapsed_granted_yen", FIRST + timedelta(days=2)), ("lapsed_paid_yen", FIRST + timedelta(days=1)),
    ]  # fmt: skip
    assert "1,200円" in found[1].ja


@pytest.mark.parametrize(("path", "on", "said"), [
    ("obtaining__rounds__0__drawn_on", date(2025, 8, 3), "抽選の日"),
    ("obtaining__rounds__0__application__last_day", date(2025, 7, 27), "申込みの最終日"),
    ("refunds__shop_claims_until", date(2026, 1, 2), "店の請求の最終日"),
])  # fmt: skip
def test_a_deadline_on_a_closed_day_is_told(path: str, on: date, said: str) -> None:
    assert DryRun(terms=short(VOUCHER)).codes() == []
    (found,) = DryRun(terms=short(VOUCHER, **{path: on})).surprises()
    assert (found.code, found.day, found.is_wrong) == ("deadline_on_holiday", on, False)
    assert found.ja.startswith(said)


def test_a_benefit_that_is_paid_on_a_sunday_is_told() -> None:
    codes = DryRun(terms=short(BENEFIT, obtaining__paid_on=date(2025, 9, 28),
                              refunds__shop_claims_until=date(2025, 10, 14))).surprises()  # fmt: skip
    assert [each.en for each in codes] == [
        "The day of payment (2025-09-28) falls on a day when offices and banks are closed."
    ]


def test_a_document_that_cannot_be_launched_says_only_that() -> None:
    said = not_launched(PROGRAMME_NOT_LAUNCHED.refusal(state="draft"))
    assert said.compared == ()
    assert [(each.code, each.is_wrong, each.day) for each in said.surprises] == [("programme_not_launched", True, None)]
    assert said.surprises[0].ja == "この文書では事業を始められません: この事業は今「draft」で、動いていません。"


def test_figures_stand_beside_the_forecast_with_a_reason_only_where_they_differ() -> None:
    figures = [Figure("takers", 30, "people", HOW), Figure("wanted", 90, "units", HOW),
               Figure("sold", 40, "units", HOW), Figure("odds", 4_444, "bp", HOW),
               Figure("sale_start", 9, "per_second", HOW), Figure("peak_outstanding", 520, "yen", HOW)]  # fmt: skip
    counts = {"applicants": 30, "units_applied": 92, "units_won": 40, "units_bought": 39}
    days = [day(0, reserved=300), day(1, left=61, reserved=39, counts=counts)]
    rows = list(compared(short(VOUCHER), days, forecast=seen(*figures, expected=100)))
    assert [(each.en, each.unit, each.forecast, each.lived) for each in rows] == [
        ("People who take part", "people", 30, 30), ("Units wanted", "units", 90, 92), ("Units sold", "units", 40, 39),
        ("Odds", "bp", 4_444, 4_347), ("The most that lies in wallets", "yen", 520, 300),
        ("Drawn from “Town”", "yen", 100, 300),
    ]  # fmt: skip
    assert [each.why_en == "As forecast." for each in rows] == [True, False, False, False, False, False]
    assert all(each.why_ja and each.why_en for each in rows)


def test_first_come_the_reasons_speak_of_those_who_got_units_and_of_nobody_who_was_drawn() -> None:
    figures = [Figure(code, 30, "units", HOW) for code in ("takers", "wanted", "odds")]
    counts = {"applicants": 13, "units_applied": 40, "units_won": 40, "units_bought": 40}
    told = [
        {each.en: each.why_en for each in compared(terms, [day(0, counts=counts)], forecast=seen(*figures))}
        for terms in (short(VOUCHER), voucher(None))
    ]
    for name in ("People who take part", "Units wanted", "Odds"):
        drawn, come = (reasons[name] for reasons in told)
        assert drawn != come
        assert "irst come" in come
    assert "after they had run out" in told[1]["People who take part"]
    assert WHY_FIRST_COME.keys() < WHY.keys()


def test_nobody_who_applied_met_any_odds() -> None:
    rows = compared(short(VOUCHER), [day(0)], forecast=seen(Figure("odds", 10_000, "bp", HOW)))
    first = next(iter(rows))
    assert (first.lived, first.why_en) == (10_000, "As forecast."), "also where no round was ever opened"


@pytest.mark.parametrize(("counts", "figure"), [
    ({"entitled": 9}, "entitled"), ({"letters": 50, "codes_entered": 24}, "letters"), ({"actors": 22}, "takers"),
])  # fmt: skip
def test_each_kind_compares_its_own_figures(counts: dict[str, int], figure: str) -> None:
    forecast = seen(Figure(figure, 9, "people", HOW))
    first = next(iter(compared(short(POINT), [day(0, counts=counts)], forecast=forecast)))
    assert (first.en, first.lived) == (NAMES[figure].en, counts.get(figure, next(iter(counts.values()))))


def test_every_figure_that_is_compared_has_a_name_and_a_reason() -> None:
    assert NAMES.keys() == WHY.keys()
