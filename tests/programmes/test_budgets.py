"""A budget is an account that cannot be overdrawn; shares are carried under a lock; what expires goes home."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from meguri.ledger import operations as books
from meguri.ledger import queries as ledger
from meguri.ledger.rules import Posting
from meguri.programmes import operations, queries
from meguri.programmes.models import AgreementShare, BudgetAppropriation
from meguri.programmes.operations import FundShare, Launched
from meguri.programmes.operations.budgets import FUND_UNKNOWN
from meguri.programmes.queries import Budget
from meguri.programmes.shipped import shipped
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.programmes.builders import BENEFIT, POINT, VOUCHER, TownHall, changed

AFTER = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)
IN_TIME = datetime(2025, 11, 20, 3, 0, tzinfo=UTC)


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def appropriate(hall: TownHall, fund: UUID, yen: int, department: str = "commerce") -> UUID:
    return operations.appropriate_budget(
        fund=fund, amount_yen=yen, reason="6月補正予算", decided_on=date(2025, 6, 20),
        by=hall.officer("checker", department), at=hall.at,
    )


# --- appropriations --------------------------------------------------------------------------------------------------


def test_a_supplementary_budget_is_added_with_its_decision(hall: TownHall) -> None:
    made = hall.launch(shipped()[VOUCHER])
    decision = appropriate(hall, made.funds["premium"], 1_000_000)
    assert hall.fund(made, "premium").budget.left_yen == 7_000_000
    page = queries.programme_page(made.programme, municipality=hall.municipality, at=hall.at)
    (kept,) = [each for each in page.appropriations if each.id == decision]
    assert (kept.amount_yen, kept.reason, kept.decided_on, kept.returned) == (
        1_000_000, "6月補正予算", date(2025, 6, 20), False,
    )


def test_budget_that_is_left_can_be_returned_and_no_more(hall: TownHall) -> None:
    made = hall.launch(shipped()[VOUCHER])
    checker, fund = hall.officer("checker", "commerce"), made.funds["premium"]

    def give_back(yen: int) -> UUID:
        return operations.return_appropriation(
            fund=fund, amount_yen=yen, reason="減額補正", decided_on=date(2025, 6, 30), by=checker, at=hall.at
        )

    give_back(2_000_000)
    assert hall.fund(made, "premium").budget == Budget(left_yen=4_000_000)
    with refused("insufficient") as caught:
        give_back(4_000_001)
    assert caught.value.facts == {"available": 4_000_000, "wanted": 4_000_001}


@pytest.mark.parametrize(
    ("reason", "decided_on", "code"),
    [("", date(2025, 6, 20), "appropriation_unreasoned"), (" ", date(2025, 6, 20), "appropriation_unreasoned"),
     ("長" * 2001, date(2025, 6, 20), "appropriation_unreasoned"),
     ("議決", date(2025, 7, 2), "appropriation_day_wrong"),
     ("議決", date(1999, 12, 31), "appropriation_day_wrong")],
)
def test_a_budget_moves_only_by_a_reasoned_decision_that_was_taken(
    hall: TownHall, reason: str, decided_on: date, code: str
) -> None:
    made = hall.launch(shipped()[VOUCHER])
    checker, fund = hall.officer("checker", "commerce"), made.funds["premium"]
    for move in (operations.appropriate_budget, operations.return_appropriation):
        with refused(code):
            move(fund=fund, amount_yen=1, reason=reason, decided_on=decided_on, by=checker, at=hall.at)
    assert hall.fund(made, "premium").budget.left_yen == 6_000_000


def test_a_granted_yen_is_not_budget_that_is_left(hall: TownHall) -> None:
    made = hall.launch(shipped()[VOUCHER])
    hall.grant(made, "premium", {"premium": 5_999_999}, holder=uuid4(), at=hall.at)
    assert hall.fund(made, "premium").budget == Budget(left_yen=1, reserved_yen=5_999_999)
    with refused("insufficient"):
        hall.grant(made, "premium", {"premium": 2}, holder=uuid4(), at=hall.at)
    assert hall.fund(made, "premium").budget.loaded_yen == 6_000_000


def test_buyers_money_takes_no_appropriation(hall: TownHall) -> None:
    made = hall.launch(shipped()[VOUCHER])
    with refused("fund_is_buyers"):
        appropriate(hall, made.funds["buyers"], 1)


@pytest.mark.parametrize("yen", [0, -5])
def test_an_appropriation_is_positive(hall: TownHall, yen: int) -> None:
    made = hall.launch(shipped()[VOUCHER])
    with refused("amount_not_positive"):
        appropriate(hall, made.funds["premium"], yen)
    assert hall.fund(made, "premium").budget.left_yen == 6_000_000


def test_only_checker_and_accountant_appropriate(hall: TownHall) -> None:
    made = hall.launch(shipped()[VOUCHER])
    with refused("not_allowed"):
        appropriate(hall, made.funds["premium"], 1, department="planning")
    accountant = Actor(hall.municipality, ActorRole.ACCOUNTANT, uuid4())
    operations.appropriate_budget(
        fund=made.funds["premium"], amount_yen=5, reason="流用", decided_on=date(2025, 6, 20), by=accountant, at=hall.at
    )
    assert hall.fund(made, "premium").budget.left_yen == 6_000_005


def test_an_unknown_fund_is_not_loaded(hall: TownHall) -> None:
    with refused("fund_unknown"):
        appropriate(hall, uuid4(), 1)


def test_the_database_wants_a_positive_amount_and_a_reason(hall: TownHall) -> None:
    made = hall.launch(shipped()[VOUCHER])
    rows = BudgetAppropriation.objects.filter(fund_id=made.funds["premium"])
    for change, constraint in [({"amount_yen": 0}, "an_appropriation_is_a_positive_amount"),
                               ({"reason": ""}, "an_appropriation_names_its_decision")]:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            rows.update(**change)  # type: ignore[arg-type]


# --- shares ----------------------------------------------------------------------------------------------------------


def share(hall: TownHall, made: Launched, yen: int, code: str = "together") -> dict[str, int]:
    parts = operations.share_grant(agreement=made.agreements[code], amount_yen=yen, by=hall.system)
    names = {fund: name for name, fund in made.funds.items()}
    return {names[part.fund]: part.yen for part in parts}


def test_ten_points_are_seven_yen_of_the_town_and_three_of_the_sponsor(hall: TownHall) -> None:
    made = hall.launch(shipped()[POINT])
    assert share(hall, made, 10) == {"town": 7, "sponsor": 3}
    assert share(hall, made, 10, code="town") == {"town": 10}


def test_rests_are_carried_from_grant_to_grant(hall: TownHall) -> None:
    made = hall.launch(shipped()[POINT])
    parts = [share(hall, made, 1) for _ in range(10)]
    assert sum(part.get("sponsor", 0) for part in parts) == 3
    assert all(sum(part.values()) == 1 for part in parts)
    together = queries.agreement(made.programme, "together", municipality=hall.municipality)
    assert together is not None
    assert [(each.granted_yen, each.carried) for each in together.shares] == [(7, 0), (3, 0)]


def test_a_funder_that_pays_nothing_of_a_grant_is_left_out(hall: TownHall) -> None:
    made = hall.launch(shipped()[POINT])
    assert len(share(hall, made, 1)) == 1


def test_many_grants_share_one_lock_and_give_the_same(hall: TownHall) -> None:
    made = hall.launch(shipped()[POINT])
    amounts = [1, 7, 10, 3, 500]
    at_once = operations.share_grants(agreement=made.agreements["together"], amounts_yen=amounts, by=hall.system)
    other = hall.launch(changed(POINT, {"code": "second"}))
    names, others = ({fund: name for name, fund in each.funds.items()} for each in (made, other))
    one_by_one = [share(hall, other, amount) for amount in amounts]
    assert [{names[part.fund]: part.yen for part in parts} for parts in at_once] == one_by_one
    assert set(others.values()) == set(names.values())


def test_each_of_many_grants_is_judged_alone_by_the_caps(hall: TownHall) -> None:
    """What finds no room shares nothing; a smaller one behind it still does."""
    made = hall.launch(changed(POINT, {"agreements.0.shares": [
        {"fund": "town", "share_bp": 7_000, "cap_yen": 14}, {"fund": "sponsor", "share_bp": 3_000, "cap_yen": 6},
    ]}))  # fmt: skip
    which = made.agreements["together"]
    answers = operations.share_each(agreement=which, amounts_yen=[10, 11, 10, 1], by=hall.system)
    assert [each.code if isinstance(each, Refusal) else sum(part.yen for part in each) for each in answers] == [
        10, "shares_exhausted", 10, "shares_exhausted",
    ]  # fmt: skip
    together = queries.agreement(made.programme, "together", municipality=hall.municipality)
    assert together is not None
    assert [(each.granted_yen, each.carried) for each in together.shares] == [(14, 0), (6, 0)]
    with refused("shares_exhausted"):
        operations.share_grants(agreement=which, amounts_yen=[1], by=hall.system)


def test_at_its_cap_the_sponsor_stops_and_the_town_pays_all(hall: TownHall) -> None:
    made = hall.launch(changed(POINT, {"agreements.0.shares.1.cap_yen": 5}))
    assert share(hall, made, 10) == {"town": 7, "sponsor": 3}
    assert share(hall, made, 10) == {"town": 8, "sponsor": 2}
    assert share(hall, made, 10) == {"town": 10}


def test_when_all_caps_are_reached_the_grant_is_refused(hall: TownHall) -> None:
    made = hall.launch(changed(POINT, {"agreements.0.shares": [
        {"fund": "town", "share_bp": 7_000, "cap_yen": 70}, {"fund": "sponsor", "share_bp": 3_000, "cap_yen": 30},
    ]}))
    share(hall, made, 95)
    with refused("shares_exhausted") as caught:
        share(hall, made, 10)
    assert caught.value.facts == {"available": 5, "wanted": 10}
    assert sum(share(hall, made, 5).values()) == 5


def test_a_reversed_grant_counts_as_never_made(hall: TownHall) -> None:
    made = hall.launch(shipped()[POINT])
    parts = operations.share_grant(agreement=made.agreements["together"], amount_yen=13, by=hall.system)
    operations.take_back_grant(
        agreement=made.agreements["together"], parts={part.fund: part.yen for part in parts}, by=hall.system
    )
    together = queries.agreement(made.programme, "together", municipality=hall.municipality)
    assert together is not None
    assert [(each.granted_yen, each.carried) for each in together.shares] == [(0, 0), (0, 0)]
    again = operations.share_grant(agreement=made.agreements["together"], amount_yen=13, by=hall.system)
    assert again == parts
    assert all(isinstance(part, FundShare) for part in again)


def test_more_than_was_carried_cannot_be_taken_back(hall: TownHall) -> None:
    made = hall.launch(shipped()[POINT])
    with pytest.raises(IntegrityError, match="a_funder_carries_no_less_than_nothing"), transaction.atomic():
        operations.take_back_grant(
            agreement=made.agreements["together"], parts={made.funds["town"]: 1}, by=hall.system
        )


def test_shares_of_another_town_are_unknown(hall: TownHall) -> None:
    made = hall.launch(shipped()[POINT])
    stranger = Actor(hall.municipality + 50_000, ActorRole.SYSTEM)
    with refused("agreement_unknown"):
        operations.share_grant(agreement=made.agreements["together"], amount_yen=1, by=stranger)


def test_the_database_keeps_a_funder_under_its_cap(hall: TownHall) -> None:
    made = hall.launch(shipped()[POINT])
    with pytest.raises(IntegrityError, match="a_funder_carries_no_more_than_its_cap"), transaction.atomic():
        AgreementShare.objects.filter(fund_id=made.funds["sponsor"], cap_yen=900_000).update(granted_yen=900_001)


# --- lots ------------------------------------------------------------------------------------------------------------


def test_a_lot_carries_the_expiry_of_the_terms_and_is_shared(hall: TownHall) -> None:
    made = hall.launch(shipped()[VOUCHER])
    kind, fund = made.purse_kinds["premium"], made.funds["premium"]
    lots = {operations.open_lot(
                purse_kind=kind, fund=fund, holder=uuid4(), obtained_at=hall.later(days=day), by=hall.system
            ) for day in range(3)}
    (number,) = lots
    lot = ledger.lots(lots, municipality=hall.municipality)[number]
    assert (lot.fund, lot.purse_kind) == (fund, kind)
    assert lot.expires_at == datetime(2026, 1, 31, 15, 0, tzinfo=UTC)


def test_relative_expiry_makes_one_lot_a_month(hall: TownHall) -> None:
    made = hall.launch(changed(VOUCHER, {"expiry": {"kind": "after", "months": 3}}))
    lots = [
        operations.open_lot(
            purse_kind=made.purse_kinds["premium"], fund=made.funds["premium"], holder=uuid4(),
            obtained_at=hall.later(days=day), by=hall.system,
        )
        for day in (0, 10, 40)
    ]
    assert lots[0] == lots[1] != lots[2]


def test_a_lot_of_an_unknown_purse_is_refused(hall: TownHall) -> None:
    with refused("purse_unknown"):
        operations.open_lot(purse_kind=uuid4(), fund=uuid4(), holder=uuid4(), obtained_at=hall.at, by=hall.system)


# --- expiry ----------------------------------------------------------------------------------------------------------


def test_granted_value_returns_to_its_fund_and_paid_value_is_kept_apart(hall: TownHall) -> None:
    made = hall.launch(shipped()[BENEFIT])
    holders = [uuid4(), uuid4()]
    for holder in holders:
        hall.grant(made, "benefit", {"benefit": 10_000}, holder=holder, at=hall.at)
        hall.grant(made, "bonus", {"bonus": 2_500}, holder=holder, at=hall.at)
    assert queries.lapsed(made.programme, municipality=hall.municipality, at=IN_TIME) == []
    previewed = queries.lapsed(made.programme, municipality=hall.municipality, at=AFTER)
    assert sum(each.amount_yen for each in previewed) == 25_000
    run = operations.expire_programme(programme=made.programme, by=hall.system, at=AFTER)
    assert (run.postings, run.granted_yen, run.paid_yen, run.refused) == (4, 5_000, 20_000, 0)
    assert [hall.holds(holder) for holder in holders] == [0, 0]
    assert hall.fund(made, "bonus").budget == Budget(left_yen=1_500_000)
    assert hall.fund(made, "benefit").budget == Budget(left_yen=7_980_000, expired_yen=20_000)


def test_an_expiry_run_can_be_repeated(hall: TownHall) -> None:
    made = hall.launch(shipped()[POINT])
    hall.grant(made, "points", {"town": 7, "sponsor": 3}, holder=uuid4(), at=hall.at)
    operations.expire_programme(programme=made.programme, by=hall.system, at=AFTER)
    again = operations.expire_programme(programme=made.programme, by=hall.system, at=AFTER)
    assert (again.postings, again.granted_yen) == (0, 0)
    assert hall.fund(made, "sponsor").budget == Budget(left_yen=900_000)


def test_value_that_came_back_after_a_run_lapses_in_the_next(hall: TownHall) -> None:
    made = hall.launch(shipped()[POINT])
    holder = uuid4()
    for seconds in range(2):
        hall.grant(made, "points", {"town": 5}, holder=holder, at=hall.at)
        operations.expire_programme(
            programme=made.programme, by=hall.system, at=AFTER.replace(second=seconds)
        )
    assert hall.holds(holder) == 0


def test_what_is_refused_by_the_books_waits_for_the_next_run(hall: TownHall, monkeypatch: pytest.MonkeyPatch) -> None:
    made = hall.launch(shipped()[POINT])
    for _ in range(3):
        hall.grant(made, "points", {"town": 5}, holder=uuid4(), at=hall.at)
    whole = books.post_many

    def half(postings: Iterable[Posting], **more: int) -> Iterator[object]:
        asked = list(postings)
        made = whole(asked[1::2], **more)
        yield from (FUND_UNKNOWN.refusal() if place % 2 == 0 else next(made) for place in range(len(asked)))

    monkeypatch.setattr(books, "post_many", half)
    run = operations.expire_programme(programme=made.programme, by=hall.system, at=AFTER)
    assert (run.postings, run.refused, run.granted_yen) == (1, 2, 5)


def test_only_the_system_lets_value_lapse(hall: TownHall) -> None:
    made = hall.launch(shipped()[POINT])
    with refused("not_allowed"):
        operations.expire_programme(programme=made.programme, by=hall.officer("checker", "planning"), at=AFTER)
    with refused("programme_unknown"):
        operations.expire_programme(programme=uuid4(), by=hall.system, at=AFTER)


def test_every_yen_of_every_fund_is_somewhere(hall: TownHall) -> None:
    launched = [hall.launch(shipped()[name]) for name in (VOUCHER, POINT, BENEFIT)]
    hall.grant(launched[0], "premium", {"premium": 3_000}, holder=uuid4(), at=hall.at)
    hall.grant(launched[1], "points", {"town": 7, "sponsor": 3}, holder=uuid4(), at=hall.at)
    hall.grant(launched[2], "bonus", {"bonus": 2_500}, holder=uuid4(), at=hall.at)
    operations.expire_programme(programme=launched[1].programme, by=hall.system, at=AFTER)
    trial = ledger.trial_balance(municipality=hall.municipality)
    assert sum(row.amount for row in trial if row.unit == "money") == 0
    for fund in queries.funds(hall.municipality):
        outside = sum(row.amount for row in trial if row.fund == fund.id and row.role == "appropriation")
        assert fund.budget.loaded_yen == -outside
