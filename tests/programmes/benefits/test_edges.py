"""What a list meets at its edges: unknown things, sums of faults, who may look twice, the first and last moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest

from meguri.notices import queries as notices
from meguri.parties.rules import Both
from meguri.programmes.benefits import operations, queries
from meguri.programmes.benefits.models import BenefitList
from meguri.programmes.parts import Receipt
from meguri.words.actor import Actor
from tests.programmes.benefits.conftest import CHOOSING, DECIDED, IMPORTED, LATER, PAYING, Desk, Row, csv_of, desk
from tests.programmes.vouchers.lived_town import moment, refused, told


def look(welfare: Desk, content: bytes) -> queries.ListPreview:
    return queries.preview_list(welfare.made.programme, content=content, municipality=welfare.town.municipality)


def heard(row: Row) -> list[str]:
    """What a guardian was told, oldest first, in both languages."""
    assert row[1].party
    found = notices.inbox(row[1].party, municipality=row[1].municipality)
    return [each.wording.text_ja + each.wording.text_en for each in reversed(found)]


def test_things_that_are_not_there_are_said_to_be_unknown(welfare: Desk) -> None:
    nothing = uuid4()
    attempts: dict[str, list[Callable[[Actor], object]]] = {
        "benefit_list_unknown": [
            lambda by: operations.propose_list(benefit_list=nothing, by=by, at=IMPORTED),
            lambda by: operations.decide(benefit_list=nothing, by=by, at=DECIDED),
            lambda by: operations.send_back_list(benefit_list=nothing, note="x", by=by, at=DECIDED),
            lambda by: operations.withdraw_list(benefit_list=nothing, by=by, at=DECIDED),
            lambda by: operations.disburse(benefit_list=nothing, by=by, at=PAYING),
            lambda by: queries.list_page(nothing, municipality=by.municipality),
        ],
        "benefit_entitlement_unknown": [
            lambda by: operations.choose_receipt(entitlement=nothing, receipt=Receipt.BANK, by=by, at=CHOOSING),
        ],
        "programme_unknown": [
            lambda by: operations.import_list(
                programme=nothing, name="x", content=b"person", declared_count=0, declared_total_yen=0, by=by,
                at=IMPORTED,
            ),
        ],
    }  # fmt: skip
    for code, tries in attempts.items():
        assert {told(attempt, welfare.maker) for attempt in tries} == {code}
    assert queries.benefit(nothing, municipality=welfare.town.municipality, at=LATER) is None


def test_the_first_of_many_faults_is_named_by_its_line_in_both_languages(welfare: Desk) -> None:
    good, grown = welfare.family(), welfare.family(born=date(1990, 1, 1))
    content = csv_of([(*good, ""), ("", "", ""), (*grown, ""), (*good, "")], "person,recipient,amount_yen")
    with refused("benefit_list_has_faults") as caught:
        welfare.take_in([good], content=content)
    assert (caught.value.field, caught.value.facts["faults"], caught.value.facts["line"]) == ("file", 2, 4)
    said = caught.value.sentence("ja")
    assert said.startswith("名簿の2行に誤りがあるため、何も取り込んでいません。")
    assert "最初の誤りは4行目です: 対象の要件に" in said
    assert "The first is line 4: this person does not meet the conditions" in caught.value.sentence("en")
    assert queries.lists(welfare.town.municipality) == ()


def test_a_preview_sees_what_an_import_would_and_writes_nothing(welfare: Desk) -> None:
    rows = [welfare.family(), welfare.baby()]
    seen = look(welfare, csv_of(rows))
    assert (seen.entitled, seen.figures.total_yen, seen.figures.largest) == (2, 60_000, (50_000, 10_000))
    assert queries.lists(welfare.town.municipality) == ()
    made = welfare.take_in(rows, total=60_000)
    assert (made.entitled, made.total_yen, made.replayed) == (2, 60_000, False)
    again = welfare.take_in(rows, total=1)  # the same file: nothing is judged anew, not even what was declared
    assert (again.benefit_list, again.replayed, again.faults) == (made.benefit_list, True, ())
    assert look(welfare, csv_of(rows)).known_as == made.benefit_list
    operations.withdraw_list(benefit_list=made.benefit_list, by=welfare.maker, at=IMPORTED)
    assert look(welfare, csv_of(rows)).known_as is None
    assert welfare.take_in(rows, total=60_000).benefit_list != made.benefit_list


def test_a_list_keeps_who_took_it_in_and_what_it_came_to(welfare: Desk) -> None:
    rows = [welfare.family(), welfare.family()]
    made = welfare.take_in(rows, name=f"  {'名' * 250}  ").benefit_list
    page = queries.list_page(made, municipality=welfare.town.municipality)
    assert (page.name, page.rows, page.faults, page.state) == ("名" * 200, 2, 0, "draft")
    assert (page.imported_by, page.imported_at) == (welfare.maker.party, IMPORTED)
    assert page.by_state == {**dict.fromkeys(page.by_state, 0), "draft": 2}
    assert page.by_receipt == {"undecided": 2, "bank": 0, "local_money": 0}
    kept = BenefitList.objects.get(id=made)
    assert (kept.declared_count, kept.declared_total_yen) == (2, 20_000)


def test_a_list_sent_back_is_a_draft_again_and_may_be_proposed_anew(welfare: Desk) -> None:
    row = welfare.family()
    made = welfare.take_in([row]).benefit_list
    with refused("benefit_list_not_proposed"):
        operations.send_back_list(benefit_list=made, note="早い", by=welfare.checker, at=DECIDED)
    welfare.propose(made)
    operations.send_back_list(benefit_list=made, note="金額を確かめてください", by=welfare.checker, at=DECIDED)
    assert queries.list_page(made, municipality=welfare.town.municipality).state == "draft"
    assert welfare.town.topics(row[1]) == []
    with refused("benefit_list_not_proposed"):
        operations.decide(benefit_list=made, by=welfare.checker, at=DECIDED)
    welfare.propose(made)
    assert operations.decide(benefit_list=made, by=welfare.checker, at=DECIDED) == 1
    for late in (
        lambda: welfare.propose(made),
        lambda: operations.withdraw_list(benefit_list=made, by=welfare.maker, at=DECIDED),
    ):
        with refused("benefit_list_not_draft"):
            late()


def test_a_guardian_hears_of_the_decision_the_choice_and_the_payment(welfare: Desk) -> None:
    row, silent = welfare.family(), welfare.baby()
    made = welfare.decided([row, silent], total=60_000)
    welfare.choose(row, "local_money")
    operations.disburse(benefit_list=made, by=welfare.checker, at=PAYING)
    decided, paid = heard(row)
    assert "10,000円の支給が決まりました" in decided
    assert "2025年10月31日までに受け取り方を" in decided
    assert "12,500円分(うち上乗せ2,500円)が財布に" in paid
    assert "50,000円の振込手続きに入りました" in heard(silent)[1]
    assert "otherwise it will be paid by bank transfer" in heard(silent)[0]


@pytest.mark.parametrize(
    ("at", "code", "ja"),
    [
        (moment(9, 30, 14), "benefit_chosen_too_early", "2025年10月1日から選べます"),
        (moment(10, 31, 15), "benefit_chosen_too_late", "2025年10月31日で締め切りました。口座振込で"),
    ],
)
def test_the_choice_is_open_on_its_days(welfare: Desk, at: object, code: str, ja: str) -> None:
    row = welfare.family()
    welfare.decided([row])
    with refused(code) as caught:
        welfare.choose(row, "local_money", at)
    assert ja in caught.value.sentence("ja")
    assert welfare.seen(row, at).choices == ()
    for moment_inside in (moment(9, 30, 15), moment(10, 31, 15) - timedelta(microseconds=1)):
        assert [choice.receipt for choice in welfare.seen(row, moment_inside).choices] == ["bank", "local_money"]
        welfare.choose(row, "local_money", moment_inside)
    assert welfare.seen(row, moment_inside).whereabouts == "chosen"


def test_whoever_chose_and_comes_too_late_to_change_keeps_the_choice(welfare: Desk) -> None:
    row = welfare.family()
    welfare.decided([row])
    welfare.choose(row, "local_money")
    with refused("benefit_chosen_too_late") as caught:
        welfare.choose(row, "bank", moment(11, 1))
    assert "地域のお金でお受け取り" in caught.value.sentence("ja")
    assert "as local money" in caught.value.sentence("en")


def test_what_may_be_chosen_is_shown_with_its_yen(welfare: Desk) -> None:
    row = welfare.baby()
    welfare.decided([row], total=50_000)
    bank, local = welfare.seen(row, CHOOSING).choices
    assert (bank.yen, bank.bonus_yen, bank.purse) == (50_000, 0, None)
    assert (local.yen, local.bonus_yen) == (52_500, 2_500)
    assert local.purse
    assert local.words == Both("地域のお金", "as local money")


def test_nothing_is_paid_before_its_day_or_before_it_is_decided(welfare: Desk) -> None:
    made = welfare.take_in([welfare.family()]).benefit_list
    with refused("benefit_list_not_decided"):
        operations.disburse(benefit_list=made, by=welfare.checker, at=PAYING)
    welfare.propose(made)
    operations.decide(benefit_list=made, by=welfare.checker, at=DECIDED)
    with refused("benefit_too_early") as caught:
        operations.disburse(benefit_list=made, by=welfare.checker, at=moment(11, 9, 14))
    assert "2025年11月10日から" in caught.value.sentence("ja")
    run = operations.disburse(benefit_list=made, by=welfare.checker, at=moment(11, 9, 15))
    assert (run.to_bank, run.to_bank_yen, run.to_wallets, run.waiting) == (1, 10_000, 0, 0)


def test_the_officers_list_is_in_the_files_order_page_by_page(welfare: Desk) -> None:
    rows = [welfare.family() for _ in range(5)]
    made = welfare.decided(rows[::-1])
    town = welfare.town.municipality
    first = queries.entitlements(made, municipality=town, at=LATER, limit=2)
    rest = queries.entitlements(made, municipality=town, at=LATER, after=first[-1].id)
    assert [each.person for each in (*first, *rest)] == [row[0].party for row in rows[::-1]]
    assert queries.entitlements(made, municipality=town, at=LATER, state="chosen") == ()
    assert len(queries.entitlements(made, municipality=town, at=LATER, state="decided")) == 5


def test_a_lack_in_the_bonus_fund_pays_nobody_their_benefit_either(db: None) -> None:
    poor = desk(funds__1__amount_yen=2_499)
    rows = [poor.family(), poor.family()]
    made = poor.decided(rows)
    poor.choose(rows[0], "local_money")
    with refused("benefit_budget_empty") as caught:
        operations.disburse(benefit_list=made, by=poor.checker, at=PAYING)
    assert (caught.value.facts["available"], caught.value.facts["wanted"]) == (2_499, 2_500)
    assert caught.value.limit == f"fund:{poor.made.funds['bonus']}"
    assert poor.town.held(rows[0][1]) == {}
    assert poor.town.owed(rows[1][1]) == 0
    assert poor.budget() == 8_000_000
