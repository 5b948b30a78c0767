"""From a draft to a launched programme: two persons, one document, funds in the books."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction

from meguri.ledger import queries as ledger
from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole
from meguri.parties.queries import approval
from meguri.programmes import operations, queries
from meguri.programmes.findings import Finding
from meguri.programmes.models import Fund, Programme, PurseKind, TermsVersion
from meguri.programmes.shipped import shipped
from meguri.programmes.terms import digest
from meguri.words.actor import Actor, ActorRole
from meguri.words.period import day_start
from meguri.words.refusal import Refusal
from tests.programmes.builders import BENEFIT, POINT, VOUCHER, TownHall, changed


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def view(hall: TownHall, programme: UUID) -> queries.ProgrammeView:
    found = queries.programme(programme, municipality=hall.municipality)
    assert found is not None
    return found


# --- draft -----------------------------------------------------------------------------------------------------------


def test_a_draft_is_kept_as_it_was_written(hall: TownHall) -> None:
    terms = shipped()[VOUCHER]
    programme = hall.draft(terms)
    assert queries.terms(programme, municipality=hall.municipality) == terms
    kept = view(hall, programme)
    assert (kept.code, kept.department, kept.family, kept.state, kept.number) == (
        "premium-voucher", "commerce", "voucher", "draft", 1,
    )
    assert kept.digest == digest(terms)
    assert (kept.name_ja, kept.launched_at, kept.approval) == (terms.name.ja, None, None)


def test_drafting_again_changes_the_same_programme(hall: TownHall) -> None:
    first = hall.draft(shipped()[VOUCHER])
    again = changed(VOUCHER, {"obtaining.max_units": 3, "name.ja": "商品券"})
    assert hall.draft(again) == first
    assert queries.terms(first, municipality=hall.municipality) == again
    assert view(hall, first).name_ja == "商品券"
    assert TermsVersion.objects.filter(programme_id=first).count() == 1


def test_a_draft_may_be_wrong(hall: TownHall) -> None:
    programme = hall.draft(changed(VOUCHER, {"obtaining.rounds.0.units": 99_999}))
    assert view(hall, programme).state == "draft"


def test_only_the_departments_maker_drafts(hall: TownHall) -> None:
    for actor in (hall.officer("maker", "planning"), hall.officer("checker", "commerce"), hall.system,
                  Actor(hall.municipality, ActorRole.RESIDENT, uuid4())):
        with refused("not_allowed"):
            operations.draft_programme(terms=shipped()[VOUCHER], by=actor, at=hall.at)
    assert queries.programmes(hall.municipality) == ()


def test_a_code_belongs_to_one_department(hall: TownHall) -> None:
    hall.draft(shipped()[VOUCHER])
    with refused("code_belongs_to_others"):
        hall.draft(changed(POINT, {"code": "premium-voucher"}))


def test_another_municipality_sees_nothing_of_it(hall: TownHall) -> None:
    programme = hall.draft(shipped()[VOUCHER])
    other = hall.municipality + 50_000
    assert queries.programme(programme, municipality=other) is None
    assert queries.programmes(other) == ()
    with refused("programme_unknown"):
        queries.terms(programme, municipality=other)
    with refused("programme_unknown"):
        operations.submit_for_launch(
            programme=programme, by=Actor(other, ActorRole.MAKER, uuid4(), "commerce"), at=hall.at
        )


# --- submit ----------------------------------------------------------------------------------------------------------


def test_submitting_asks_for_the_approval_of_exactly_this_document(hall: TownHall) -> None:
    programme = hall.submit(shipped()[VOUCHER])
    kept = view(hall, programme)
    assert kept.state == "proposed"
    assert kept.approval is not None
    asked = approval(kept.approval, municipality=hall.municipality)
    assert asked is not None
    assert (asked.action, asked.object_id, asked.digest) == ("programme.launch", programme, kept.digest)


def test_submitting_twice_is_one_request(hall: TownHall) -> None:
    programme = hall.submit(shipped()[VOUCHER])
    first = view(hall, programme).approval
    again = operations.submit_for_launch(programme=programme, by=hall.officer("maker", "commerce"), at=hall.at)
    assert again == first


def test_a_document_with_errors_is_not_submitted_and_all_errors_are_told(hall: TownHall) -> None:
    programme = hall.draft(changed(VOUCHER, {"obtaining.rounds.0.units": 9_999, "scheme.psa_basis": "not_prepaid"}))
    with refused("programme_has_errors") as caught:
        operations.submit_for_launch(programme=programme, by=hall.officer("maker", "commerce"), at=hall.at)
    errors = caught.value.facts["errors"]
    assert isinstance(errors, tuple)
    assert all(isinstance(error, Finding) for error in errors)
    assert {error.code for error in errors} == {"budget_too_small", "paid_for_but_not_prepaid"}
    assert caught.value.field == "funds.premium.amount_yen"
    assert caught.value.sentence("en").startswith("The document cannot be launched as it is (2 errors).")
    assert "6,000,000円では" in caught.value.sentence("ja")
    assert view(hall, programme).state == "draft"


def test_a_document_whose_days_have_passed_is_neither_submitted_nor_launched(hall: TownHall) -> None:
    """Also when they passed while the request lay on the checker's desk."""
    programme = hall.submit(shipped()[VOUCHER])
    for act, role in ((operations.launch, "checker"), (operations.submit_for_launch, "maker")):
        with refused("programme_is_over") as caught:
            act(programme=programme, by=hall.officer(role, "commerce"), at=day_start(date(2025, 11, 1)))
        assert caught.value.facts["obtained"] == "2025-10-31"
    assert view(hall, programme).state == "proposed"
    last_moment = day_start(date(2025, 11, 1)) - timedelta(seconds=1)
    assert operations.launch(programme=programme, by=hall.officer("checker", "commerce"), at=last_moment).funds


def test_a_lint_forbids_nothing(hall: TownHall) -> None:
    programme = hall.submit(changed(VOUCHER, {"spending.excluded": []}))
    assert view(hall, programme).state == "proposed"


def test_a_proposed_document_does_not_change_under_the_checkers_eyes(hall: TownHall) -> None:
    hall.submit(shipped()[VOUCHER])
    with refused("programme_not_draft") as caught:
        hall.draft(changed(VOUCHER, {"obtaining.max_units": 4}))
    assert "is waiting for approval" in caught.value.sentence("en")
    assert "「premium-voucher」の事業は、いま承認待ちです" in caught.value.sentence("ja")


def test_the_makers_can_take_a_proposal_back_and_change_it(hall: TownHall) -> None:
    programme = hall.submit(shipped()[VOUCHER])
    asked = view(hall, programme).approval
    operations.withdraw_proposal(programme=programme, by=hall.officer("maker", "commerce"), at=hall.at)
    assert view(hall, programme).state == "draft"
    assert hall.submit(changed(VOUCHER, {"obtaining.max_units": 4})) == programme
    assert view(hall, programme).approval != asked


def test_the_checker_sends_back_with_a_reason(hall: TownHall) -> None:
    programme = hall.submit(shipped()[VOUCHER])
    asked = view(hall, programme).approval
    assert asked is not None
    operations.send_back(
        programme=programme, note="上限が高すぎます", by=hall.officer("checker", "commerce"), at=hall.at
    )
    judged = approval(asked, municipality=hall.municipality)
    assert judged is not None
    assert (judged.outcome, judged.note) == ("rejected", "上限が高すぎます")
    assert view(hall, programme).state == "draft"


def test_what_is_not_proposed_cannot_be_withdrawn_sent_back_or_launched(hall: TownHall) -> None:
    programme = hall.draft(shipped()[VOUCHER])
    with refused("programme_not_proposed"):
        operations.withdraw_proposal(programme=programme, by=hall.officer("maker", "commerce"), at=hall.at)
    checker = hall.officer("checker", "commerce")
    with refused("programme_not_proposed"):
        operations.send_back(programme=programme, note="?", by=checker, at=hall.at)
    with refused("programme_not_proposed"):
        operations.launch(programme=programme, by=checker, at=hall.at)


# --- launch ----------------------------------------------------------------------------------------------------------


def test_a_launch_makes_funds_agreements_and_purses_and_loads_the_budget(hall: TownHall) -> None:
    made = hall.launch(shipped()[VOUCHER])
    assert set(made.funds) == {"premium", "buyers"}
    assert set(made.purse_kinds) == {"premium", "paid"}
    premium, buyers = hall.fund(made, "premium"), hall.fund(made, "buyers")
    assert premium.budget == queries.Budget(left_yen=6_000_000)
    assert buyers.budget == queries.Budget()
    assert premium.budget_line == ("一般会計", "商工費", "商工費", "商工振興費", "負担金、補助及び交付金")
    assert (premium.department, premium.family, premium.fiscal_year, premium.funder) == (
        "commerce", "voucher", 2025, "department",
    )
    kept = view(hall, made.programme)
    assert (kept.state, kept.launched_at) == ("launched", hall.at)


def test_the_launch_is_one_decision_for_each_loaded_fund(hall: TownHall) -> None:
    made = hall.launch(shipped()[POINT])
    page = queries.programme_page(made.programme, municipality=hall.municipality, at=hall.at)
    assert {each.fund: each.amount_yen for each in page.appropriations} == {
        made.funds["town"]: 2_100_000, made.funds["sponsor"]: 900_000,
    }
    assert all("めぐりグリーン" in each.reason and not each.returned for each in page.appropriations)
    assert all(each.decided_on == date(2025, 7, 1) for each in page.appropriations)
    assert page.terms == shipped()[POINT]
    assert [kind.code for kind in page.purse_kinds] == ["points"]


def test_every_fund_is_an_agreement_with_itself_beside_the_documents_own(hall: TownHall) -> None:
    made = hall.launch(shipped()[POINT])
    agreements = queries.agreements(made.programme, municipality=hall.municipality)
    shares = {each.code: [(share.fund_code, share.share_bp, share.cap_yen) for share in each.shares]
              for each in agreements}
    assert shares == {
        "together": [("town", 7_000, None), ("sponsor", 3_000, 900_000)],
        "town": [("town", 10_000, None)], "sponsor": [("sponsor", 10_000, None)],
    }
    together = queries.agreement(made.programme, "together", municipality=hall.municipality)
    assert together is not None
    assert (together.id, together.signed_on) == (made.agreements["together"], date(2025, 3, 25))
    assert queries.agreement(made.programme, "alone", municipality=hall.municipality) is None


def test_accounts_of_fund_and_programme_are_open(hall: TownHall) -> None:
    made = hall.launch(shipped()[VOUCHER])
    fund, programme = made.funds["premium"], made.programme
    lots = ledger.balances([fund], AccountRole.APPROPRIATION, municipality=hall.municipality)
    assert [balance.amount for balance in lots] == [-6_000_000]
    statement = ledger.statement(Account(fund, AccountRole.FUND), municipality=hall.municipality)
    assert [(line.template, line.amount, line.about["programme"]) for line in statement] == [
        ("appropriate", 6_000_000, str(programme)),
    ]


def test_the_maker_never_launches_even_as_a_checker(hall: TownHall) -> None:
    programme = hall.submit(shipped()[VOUCHER])
    with refused("not_allowed"):
        operations.launch(programme=programme, by=hall.officer("maker", "commerce"), at=hall.at)
    both_hats = Actor(hall.municipality, ActorRole.CHECKER, hall.officer("maker", "commerce").party, "commerce")
    with refused("checker_is_maker"):
        operations.launch(programme=programme, by=both_hats, at=hall.at)
    assert view(hall, programme).state == "proposed"
    assert queries.funds(hall.municipality) == ()


def test_another_departments_checker_does_not_launch(hall: TownHall) -> None:
    programme = hall.submit(shipped()[VOUCHER])
    with refused("not_allowed"):
        operations.launch(programme=programme, by=hall.officer("checker", "welfare"), at=hall.at)


def test_a_document_changed_behind_the_approval_is_not_launched(hall: TownHall) -> None:
    programme = hall.submit(shipped()[VOUCHER])
    version = TermsVersion.objects.get(programme_id=programme)
    version.document["obtaining"]["max_units"] = 50
    version.save()
    with refused("digest_differs"):
        operations.launch(programme=programme, by=hall.officer("checker", "commerce"), at=hall.at)
    assert Fund.objects.filter(municipality=hall.municipality).count() == 0


def test_a_programme_is_launched_once(hall: TownHall) -> None:
    made = hall.launch(shipped()[VOUCHER])
    with refused("programme_not_proposed"):
        operations.launch(programme=made.programme, by=hall.officer("checker", "commerce"), at=hall.at)
    with refused("programme_not_draft"):
        operations.submit_for_launch(
            programme=made.programme, by=hall.officer("maker", "commerce"), at=hall.at
        )
    assert hall.fund(made, "premium").budget.left_yen == 6_000_000


def test_an_unknown_programme_is_not_launched(hall: TownHall) -> None:
    with refused("programme_unknown"):
        operations.launch(programme=uuid4(), by=hall.officer("checker", "commerce"), at=hall.at)


def test_three_departments_launch_side_by_side(hall: TownHall) -> None:
    made = [hall.launch(shipped()[name]) for name in (VOUCHER, POINT, BENEFIT)]
    assert [each.code for each in queries.programmes(hall.municipality, states=["launched"])] == [
        "premium-voucher", "green-and-health", "child-rearing",
    ]
    loaded = {fund.code: fund.budget.loaded_yen for fund in queries.funds(hall.municipality)}
    assert loaded == {"premium": 6_000_000, "buyers": 0, "town": 2_100_000, "sponsor": 900_000,
                      "benefit": 8_000_000, "bonus": 1_500_000}
    assert {fund.code for fund in queries.funds(hall.municipality, department="welfare")} == {"benefit", "bonus"}
    sponsored = queries.funds(hall.municipality, payer="まわる電力株式会社(架空)")
    assert [(fund.code, fund.money_form) for fund in sponsored] == [("sponsor", "contribution")]
    rules = queries.rules_in_force(hall.municipality, hall.at)
    assert len(rules.purse_kinds) == sum(len(each.purse_kinds) for each in made) == 5


def test_closing_ends_a_launched_programme_only(hall: TownHall) -> None:
    checker = hall.officer("checker", "commerce")
    draft = hall.draft(changed(VOUCHER, {"code": "later"}))
    with refused("programme_not_launched"):
        operations.close_programme(programme=draft, by=checker, at=hall.at)
    made = hall.launch(shipped()[VOUCHER])
    with refused("not_allowed"):
        operations.close_programme(programme=made.programme, by=hall.officer("maker", "commerce"), at=hall.at)
    operations.close_programme(programme=made.programme, by=checker, at=hall.later(days=200))
    kept = view(hall, made.programme)
    assert (kept.state, kept.closed_at) == ("closed", hall.later(days=200))


# --- the database's own walls ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("change", "constraint"), [
    ({"state": "launched"}, "a_programme_is_launched_before_it_closes"),
    ({"family": "gift"}, "a_programme_belongs_to_a_known_family"),
])  # fmt: skip
def test_the_database_refuses_a_programme_out_of_order(hall: TownHall, change: dict[str, str], constraint: str) -> None:
    programme = hall.draft(shipped()[VOUCHER])
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Programme.objects.filter(id=programme).update(**change)


def test_the_database_refuses_a_launch_without_approval(hall: TownHall) -> None:
    programme = hall.draft(shipped()[VOUCHER])
    with pytest.raises(IntegrityError, match="terms_are_launched_only_with_an_approval"), transaction.atomic():
        TermsVersion.objects.filter(programme_id=programme).update(launched_at=hall.at)


def test_the_database_refuses_a_sponsor_without_a_legal_form(hall: TownHall) -> None:
    made = hall.launch(shipped()[POINT])
    with pytest.raises(IntegrityError, match="a_sponsors_money_has_a_legal_form"), transaction.atomic():
        Fund.objects.filter(id=made.funds["sponsor"]).update(money_form="")


def test_the_database_refuses_a_purse_of_no_part(hall: TownHall) -> None:
    made = hall.launch(shipped()[POINT])
    with pytest.raises(IntegrityError, match="a_purse_is_paid_or_granted"), transaction.atomic():
        PurseKind.objects.filter(id=made.purse_kinds["points"]).update(part="both")
