"""A running programme is amended: drafted beside the version in force, approved by a second person."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from meguri.ledger import operations as books
from meguri.ledger import queries as ledger
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.parties.queries import approval
from meguri.programmes import operations, queries
from meguri.programmes.models import TermsVersion
from meguri.programmes.operations import Launched
from meguri.programmes.shipped import shipped
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.programmes.amended import amend, draft, submit, with_changes
from tests.programmes.builders import POINT, VOUCHER, TownHall, changed
from tests.programmes.test_budgets import refused

LATER = {"name.ja": "商品券(改)", "funds.0.amount_yen": 7_000_000, "obtaining.rounds.0.units": 2_100}
SMALL = {"kind": "compare", "field": "size_class", "op": "==", "value": "small"}
EVERYWHERE = {"kind": "all", "of": []}


@pytest.fixture
def made(hall: TownHall) -> Launched:
    return hall.launch(shipped()[VOUCHER])


def number(hall: TownHall, programme: UUID) -> int:
    view = queries.programme(programme, municipality=hall.municipality)
    assert view is not None
    assert view.state == "launched"
    return view.number


def states(hall: TownHall, programme: UUID) -> list[tuple[int, str]]:
    return [(each.number, each.state) for each in queries.versions(programme, municipality=hall.municipality)]


def test_the_version_in_force_stays_until_the_second_person_approves(hall: TownHall, made: Launched) -> None:
    programme, maker = made.programme, hall.officer("maker", "commerce")
    before = queries.terms(programme, municipality=hall.municipality)
    after = draft(hall, programme, LATER)
    assert states(hall, programme) == [(2, "draft"), (1, "in_force")]
    operations.submit_amendment(programme=programme, by=maker, at=hall.at)
    assert states(hall, programme) == [(2, "proposed"), (1, "in_force")]
    assert queries.terms(programme, municipality=hall.municipality) == before
    assert hall.fund(made, "premium").budget.left_yen == 6_000_000
    operations.approve_amendment(programme=programme, by=hall.officer("checker", "commerce"), at=hall.later(days=1))
    assert states(hall, programme) == [(2, "in_force"), (1, "past")]
    assert queries.terms(programme, municipality=hall.municipality) == after
    assert queries.version_terms(programme, 1, municipality=hall.municipality) == before
    assert number(hall, programme) == 2
    newest, first = queries.versions(programme, municipality=hall.municipality)
    assert (newest.reason, newest.launched_at) == ("議会の議決", hall.later(days=1))
    assert (newest.drafted_by, newest.launched_by) == (maker.party, hall.officer("checker", "commerce").party)
    assert (first.reason, first.launched_at) == ("", hall.at)


def test_more_budget_is_a_decision_of_its_own_and_less_is_returned(hall: TownHall, made: Launched) -> None:
    assert amend(hall, made.programme, LATER) == 2
    assert hall.fund(made, "premium").budget.left_yen == 7_000_000
    amend(hall, made.programme, {"funds.0.amount_yen": 6_500_000}, at=hall.later(days=1))
    assert hall.fund(made, "premium").budget.left_yen == 6_500_000
    told = [(each.amount_yen, each.returned, each.reason)
            for each in queries.appropriations(made.programme, municipality=hall.municipality)]  # fmt: skip
    assert told == [
        (6_000_000, False, "事業の開始: めぐり町プレミアム付商品券(第1版)"),
        (1_000_000, False, "事業の変更: 商品券(改)(第2版)"), (500_000, True, "事業の変更: 商品券(改)(第3版)"),
    ]  # fmt: skip


def test_a_new_fund_agreement_and_purse_come_into_being_and_the_old_keep_theirs(hall: TownHall) -> None:
    made = hall.launch(shipped()[POINT])
    names = {"ja": "県の補助", "en": "Prefecture"}
    line = {"account": "一般会計", "kan": "a", "kou": "b", "moku": "c", "setsu": "d"}
    amend(hall, made.programme, {
        "funds.2": {"code": "prefecture", "name": names, "funder": "prefecture", "fiscal_year": 2025,
                    "budget_line": line, "source": names, "amount_yen": 300_000},
        "agreements.1": {"code": "three", "name": names, "shares": [
            {"fund": "town", "share_bp": 5_000}, {"fund": "prefecture", "share_bp": 5_000, "cap_yen": 300_000}]},
        "purses.1": {"code": "green", "name": names, "part": "granted", "funded_by": "three", "where": SMALL},
        "purses.0.where": EVERYWHERE, "purses.0.name": names, "agreements.0.shares.1.cap_yen": 800_000, "sources": [],
    })  # fmt: skip
    assert hall.fund(made, "town").id == made.funds["town"]
    added = next(each for each in queries.funds(hall.municipality, programme=made.programme)
                 if each.code == "prefecture")  # fmt: skip
    assert added.budget == queries.Budget(left_yen=300_000)
    found = {each.code: each for each in queries.agreements(made.programme, municipality=hall.municipality)}
    assert [(share.fund_code, share.cap_yen) for share in found["three"].shares] == [
        ("town", None), ("prefecture", 300_000),
    ]
    assert found["together"].id == made.agreements["together"]
    assert found["together"].shares[1].cap_yen == 800_000
    assert [share.fund_code for share in found["prefecture"].shares] == ["prefecture"]
    rules = queries.rules_in_force(hall.municipality, hall.at)
    kinds = {kind.code: kind for kind in rules.purse_kinds.values()}
    assert kinds["points"].id == made.purse_kinds["points"]
    assert (kinds["points"].name_ja, kinds["points"].tightness) == ("県の補助", 0)
    assert kinds["green"].part == "granted"
    shares = operations.share_grant(agreement=found["three"].id, amount_yen=100, by=hall.system)
    assert [share.yen for share in shares] == [50, 50]


def test_the_tills_are_told_and_the_same_purse_is_spent_in_more_shops(hall: TownHall) -> None:
    hall.shop("large")
    made = hall.launch(shipped()[POINT])
    version = queries.rules_in_force(hall.municipality, hall.at).version
    kind = queries.rules_in_force(hall.municipality, hall.at).purse_kinds[made.purse_kinds["points"]]
    assert kind.tightness == 10_000
    amend(hall, made.programme, {"purses.0.where": EVERYWHERE})
    now = queries.rules_in_force(hall.municipality, hall.at)
    assert now.version != version
    assert now.purse_kinds[kind.id].tightness == 0


def test_what_takes_is_refused_with_all_that_it_takes_and_nothing_is_half_done(hall: TownHall) -> None:
    made = hall.launch(shipped()[POINT])
    hall.shop("small")
    hall.grant(made, "points", {"town": 2_000_000}, holder=uuid4(), at=hall.at)
    draft(hall, made.programme, {
        "funds.0.amount_yen": 1_000_000, "expiry.last_day": date(2026, 2, 28), "obtaining.actions.0.yen": 1,
        "spending.window.last_day": date(2026, 2, 28),
    })  # fmt: skip
    with refused("amendment_takes") as caught:
        operations.submit_amendment(programme=made.programme, by=hall.officer("maker", "planning"), at=hall.at)
    assert [(each.code, each.path) for each in caught.value.facts["takings"]] == [  # type: ignore[attr-defined]
        ("budget_in_use", "funds.town.amount_yen"), ("ends_earlier", "spending.window.last_day"),
        ("expires_earlier", "expiry.last_day"), ("lowered", "obtaining.actions.walk.yen"),
    ]
    assert "100,000円まで" in caught.value.sentence("ja")
    assert "(4)" in caught.value.sentence("en")
    assert states(hall, made.programme) == [(2, "draft"), (1, "in_force")]


def test_it_is_judged_again_when_it_is_approved(hall: TownHall) -> None:
    made = hall.launch(shipped()[POINT])
    submit(hall, made.programme, {"funds.0.amount_yen": 1_000_000})
    hall.grant(made, "points", {"town": 2_000_000}, holder=uuid4(), at=hall.at)
    with refused("amendment_takes"):
        operations.approve_amendment(
            programme=made.programme, by=hall.officer("checker", "planning"), at=hall.at
        )
    assert states(hall, made.programme) == [(2, "proposed"), (1, "in_force")]


def test_an_opened_round_stands_as_it_was_opened(hall: TownHall, made: Launched) -> None:
    assert queries.standing(made.programme, municipality=hall.municipality).opened == frozenset()
    lot = books.allowance_lot(municipality=hall.municipality, allowed=uuid4(), unit="piece")
    books.open_accounts([Account(made.programme, AccountRole.STOCK)], municipality=hall.municipality)
    leg = Leg(Account(made.programme, AccountRole.ALLOTMENT), Account(made.programme, AccountRole.STOCK), 5, (lot,))
    books.post(Posting("allot", "allot", (leg,), hall.at, "test", {"round": "first"}), municipality=hall.municipality)
    assert queries.standing(made.programme, municipality=hall.municipality).opened == {"first"}
    draft(hall, made.programme, LATER)
    with refused("amendment_takes") as caught:
        operations.submit_amendment(programme=made.programme, by=hall.officer("maker", "commerce"), at=hall.at)
    assert caught.value.field == "obtaining.rounds.first"


def test_a_document_with_errors_is_not_submitted(hall: TownHall, made: Launched) -> None:
    draft(hall, made.programme, {"obtaining.rounds.0.units": 99_999})
    with refused("programme_has_errors"):
        operations.submit_amendment(programme=made.programme, by=hall.officer("maker", "commerce"), at=hall.at)


def test_only_two_different_people_of_the_department_amend(hall: TownHall, made: Launched) -> None:
    terms, programme = with_changes(hall, made.programme, LATER), made.programme
    for actor in (hall.officer("maker", "planning"), hall.officer("checker", "commerce"), hall.system):
        with refused("not_allowed"):
            operations.draft_amendment(programme=programme, terms=terms, reason="?", by=actor, at=hall.at)
    submit(hall, programme, LATER)
    with refused("not_allowed"):
        operations.approve_amendment(programme=programme, by=hall.officer("checker", "welfare"), at=hall.at)
    maker = hall.officer("maker", "commerce")
    both_hats = Actor(hall.municipality, ActorRole.CHECKER, maker.party, "commerce")
    with refused("checker_is_maker"):
        operations.approve_amendment(programme=programme, by=both_hats, at=hall.at)
    assert number(hall, programme) == 1


def test_a_draft_is_changed_withdrawn_sent_back_and_dropped(hall: TownHall, made: Launched) -> None:
    programme, maker, checker = made.programme, hall.officer("maker", "commerce"), hall.officer("checker", "commerce")
    with refused("amendment_missing"):
        operations.submit_amendment(programme=programme, by=maker, at=hall.at)
    with refused("amendment_missing"):
        operations.drop_amendment(programme=programme, by=maker)
    for early in (operations.withdraw_amendment, operations.approve_amendment):
        with refused("amendment_not_proposed"):
            early(programme=programme, by=maker if early is operations.withdraw_amendment else checker, at=hall.at)
    submit(hall, programme, LATER)
    with refused("amendment_proposed"):
        draft(hall, programme, {"name.ja": "別の名"})
    with refused("amendment_proposed"):
        operations.submit_amendment(programme=programme, by=maker, at=hall.at)
    operations.withdraw_amendment(programme=programme, by=maker, at=hall.at)
    asked = operations.submit_amendment(programme=programme, by=maker, at=hall.at)
    operations.send_amendment_back(programme=programme, note="予算が足りない", by=checker, at=hall.at)
    judged = approval(asked, municipality=hall.municipality)
    assert judged is not None
    assert judged.outcome == "rejected"
    assert "予算が足りない" in judged.note
    draft(hall, programme, {"name.ja": "別の名"})
    assert TermsVersion.objects.filter(programme_id=programme).count() == 2
    operations.drop_amendment(programme=programme, by=maker)
    assert states(hall, programme) == [(1, "in_force")]


def test_no_reason_no_change_and_no_running_programme_no_amendment(hall: TownHall, made: Launched) -> None:
    maker, terms = hall.officer("maker", "commerce"), with_changes(hall, made.programme, LATER)
    asked = {"programme": made.programme, "by": maker, "at": hall.at}
    for reason in ("  ", "あ" * 2_001):
        with refused("amendment_unreasoned"):
            operations.draft_amendment(terms=terms, reason=reason, **asked)  # type: ignore[arg-type]
    with refused("amendment_changes_nothing"):
        operations.draft_amendment(terms=shipped()[VOUCHER], reason="?", **asked)  # type: ignore[arg-type]
    with refused("programme_unknown"):
        operations.draft_amendment(programme=uuid4(), terms=terms, reason="?", by=maker, at=hall.at)
    with refused("programme_not_launched"):
        operations.draft_amendment(
            programme=hall.draft(changed(VOUCHER, {"code": "later"})), terms=terms, reason="?", by=maker, at=hall.at
        )
    submit(hall, made.programme, LATER)
    operations.close_programme(programme=made.programme, by=hall.officer("checker", "commerce"), at=hall.at)
    with refused("programme_not_launched"):
        operations.approve_amendment(
            programme=made.programme, by=hall.officer("checker", "commerce"), at=hall.at
        )


def test_a_document_changed_behind_the_approval_does_not_come_into_force(hall: TownHall, made: Launched) -> None:
    submit(hall, made.programme, LATER)
    version = TermsVersion.objects.get(programme_id=made.programme, number=2)
    version.document["obtaining"]["max_units"] = 50
    version.save()
    with refused("digest_differs"):
        operations.approve_amendment(
            programme=made.programme, by=hall.officer("checker", "commerce"), at=hall.at
        )
    assert number(hall, made.programme) == 1


def test_another_code_is_another_programme(hall: TownHall, made: Launched) -> None:
    draft(hall, made.programme, {"code": "another"})
    with pytest.raises(Refusal) as caught:
        operations.submit_amendment(programme=made.programme, by=hall.officer("maker", "commerce"), at=hall.at)
    assert (caught.value.code, caught.value.field) == ("amendment_takes", "code")


def test_versions_of_others_are_not_seen(hall: TownHall, made: Launched) -> None:
    other = hall.municipality + 50_000
    assert queries.versions(made.programme, municipality=other) == ()
    assert queries.amendment(made.programme, municipality=hall.municipality) is None
    with refused("terms_version_unknown"):
        queries.version_terms(made.programme, 2, municipality=hall.municipality)
    with refused("programme_unknown"):
        queries.standing(made.programme, municipality=other)
    assert ledger.balances([made.funds["premium"]], AccountRole.FUND, municipality=other) == []


@pytest.mark.parametrize(("number", "change", "constraint"), [
    (2, {"reason": ""}, "an_amendment_says_why"),
    (1, {"launched_at": None, "approved_at": None}, "one_version_waits_for_its_day"),
    (1, {"approved_at": None}, "terms_rule_no_earlier_than_they_were_approved"),
    (1, {"launched_at": None}, "terms_that_were_approved_rule_or_name_their_start"),
    (1, {"starts_at": datetime(2026, 1, 1, tzinfo=UTC)}, "terms_rule_from_the_start_that_was_approved"),
    (1, {"withdrawn_at": datetime(2026, 1, 1, tzinfo=UTC)}, "only_terms_that_never_ruled_are_withdrawn"),
])  # fmt: skip
def test_the_database_keeps_versions_in_order(
    hall: TownHall, made: Launched, number: int, change: dict[str, object], constraint: str
) -> None:
    draft(hall, made.programme, LATER)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        TermsVersion.objects.filter(programme_id=made.programme, number=number).update(**change)


def test_a_ceiling_is_not_taken_away_in_two_steps(hall: TownHall) -> None:
    """1,000 -> none -> 500: each step by itself looks free; together they take from people who hold value."""
    made = hall.launch(changed(POINT, {"obtaining.limits.1.yen": 1_000}))
    hall.grant(made, "points", {"town": 800}, holder=uuid4(), at=hall.at)
    month = {"per": "month", "yen": 1_000}
    amend(hall, made.programme, {"obtaining.limits": [month]})
    draft(hall, made.programme, {"obtaining.limits": [month, {"per": "programme", "yen": 500}]})
    with refused("amendment_takes") as caught:
        operations.submit_amendment(programme=made.programme, by=hall.officer("maker", "planning"), at=hall.at)
    assert [each.code for each in caught.value.facts["takings"]] == ["ceiling_drawn_on"]  # type: ignore[attr-defined]
    assert number(hall, made.programme) == 2
    assert amend(hall, made.programme, {"obtaining.limits": [month, {"per": "programme", "yen": 1_000}]}) == 3


def test_a_ceiling_may_change_in_steps_while_nobody_holds_anything(hall: TownHall) -> None:
    made = hall.launch(changed(POINT, {"obtaining.limits.1.yen": 1_000}))
    month = {"per": "month", "yen": 1_000}
    amend(hall, made.programme, {"obtaining.limits": [month]})
    assert amend(hall, made.programme, {"obtaining.limits": [month, {"per": "programme", "yen": 500}]}) == 3
