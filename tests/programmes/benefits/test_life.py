"""The life of a benefit: listed, decided by two, chosen, paid once; and everything that is stopped on the way."""

from __future__ import annotations

import random
from datetime import date
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from meguri.programmes.benefits import operations, queries
from meguri.programmes.benefits.models import BenefitList, Entitlement
from meguri.words.actor import Actor, ActorRole
from tests.programmes.benefits.conftest import CHOOSING, DECIDED, IMPORTED, LATER, PAYING, Desk, csv_of, desk
from tests.programmes.vouchers.lived_town import moment, refused


def test_from_a_list_to_wallets_and_bank(welfare: Desk) -> None:
    town = welfare.town
    local, bank, silent = welfare.baby(), welfare.family(), welfare.family()
    benefit_list = welfare.decided([local, bank, silent], total=70_000)
    assert welfare.seen(local, at=CHOOSING).whereabouts == "decided"
    assert [(choice.receipt, choice.yen) for choice in welfare.seen(local, at=CHOOSING).choices] == [
        ("bank", 50_000),
        ("local_money", 52_500),
    ]
    welfare.choose(local, "local_money")
    welfare.choose(bank, "local_money")
    welfare.choose(bank, "bank")  # one may think again until the deadline
    with refused("benefit_too_early"):
        operations.disburse(benefit_list=benefit_list, by=welfare.checker, at=moment(11, 9, 14))
    run = operations.disburse(benefit_list=benefit_list, by=welfare.checker, at=PAYING)
    assert run == operations.Disbursed(
        to_wallets=1, to_wallets_yen=50_000, bonus_yen=2_500, to_bank=2, to_bank_yen=20_000, waiting=0
    )
    assert town.held(local[1]) == {"benefit": 50_000, "bonus": 2_500}
    assert (town.owed(bank[1]), town.owed(silent[1]), town.owed(local[1])) == (10_000, 10_000, 0)
    assert (welfare.budget(), welfare.budget("bonus")) == (8_000_000 - 70_000, 1_500_000 - 2_500)
    assert [welfare.seen(row).whereabouts for row in (local, bank, silent)] == ["paid", "on_the_way", "on_the_way"]
    assert welfare.seen(silent).receipt == "bank"
    assert welfare.seen(silent).chosen_at is None
    assert town.topics(local[1]) == ["benefit.decided", "benefit.paid"]
    page = queries.list_page(benefit_list, municipality=town.municipality)
    assert (page.state, page.by_state["paid"], page.by_state["released"], page.by_receipt["bank"]) == (
        "released",
        1,
        2,
        2,
    )


def test_cash_given_up_is_the_paid_part_and_the_bonus_is_granted(welfare: Desk) -> None:
    """A guideline of the Payment Services Act: the two never mix and are shown apart."""
    from meguri.ledger import queries as ledger
    from meguri.programmes.queries import rules_in_force

    row = welfare.family()
    benefit_list = welfare.decided([row])
    welfare.choose(row, "local_money")
    operations.disburse(benefit_list=benefit_list, by=welfare.checker, at=PAYING)
    kinds = rules_in_force(row[1].municipality, PAYING).purse_kinds
    held = ledger.balances([row[1].party], ledger.AccountRole.WALLET, municipality=row[1].municipality)  # type: ignore[list-item]
    assert {(kinds[b.lot.purse_kind].part, b.amount, b.lot.fund) for b in held if b.lot.purse_kind} == {
        ("paid", 10_000, welfare.made.funds["benefit"]),
        ("granted", 2_500, welfare.made.funds["bonus"]),
    }


def test_a_list_replayed_a_hundred_times_pays_nobody_twice(welfare: Desk) -> None:
    rows = [welfare.family() for _ in range(3)]
    benefit_list = welfare.decided(rows)
    for row in rows:
        welfare.choose(row, "local_money")
    operations.disburse(benefit_list=benefit_list, by=welfare.checker, at=PAYING)
    before = (welfare.budget(), welfare.budget("bonus"))
    chance = random.Random(7)
    for turn in range(100):
        again = rows if turn % 3 == 0 else chance.sample(rows, k=chance.randint(1, 3))  # same, partial, reordered
        heading = "person,recipient" if turn % 2 else "person,recipient,remark"
        content = csv_of([(*row, turn) if turn % 2 == 0 else row for row in again], heading)
        if content == csv_of(rows):
            made = welfare.take_in(again, content=content)
            assert made.replayed
            assert made.benefit_list == benefit_list
        else:
            with refused("benefit_list_has_faults"):
                welfare.take_in(again, content=content)
        run = operations.disburse(benefit_list=benefit_list, by=welfare.town.system, at=LATER)
        assert (run.to_wallets, run.to_bank, run.waiting) == (0, 0, 0)
    assert (welfare.budget(), welfare.budget("bonus")) == before
    assert Entitlement.objects.filter(programme=welfare.made.programme).count() == 3


def test_the_database_keeps_one_entitlement_for_a_person(welfare: Desk) -> None:
    row = welfare.family()
    welfare.take_in([row])
    copy = welfare.entitled(row)
    copy.id, copy.line = uuid4(), 99
    with pytest.raises(IntegrityError, match="one_entitlement_for_a_person_in_a_programme"), transaction.atomic():
        copy.save(force_insert=True)


def test_every_fault_is_named_with_its_line(welfare: Desk) -> None:
    good, known = welfare.family(), welfare.family()
    welfare.take_in([known])
    grown, stranger = welfare.family(born=date(1990, 1, 1)), welfare.town.stranger()
    content = csv_of(
        [
            (*good, "10000"),
            (*known, ""),
            (*good, ""),
            (*grown, ""),
            (stranger, good[1], ""),
            ("not-a-uuid", "", ""),
            (good[1], good[1], ""),
            (*welfare.baby(), "10000"),
            (welfare.family()[0], stranger, ""),
            (welfare.family()[0], "", "x"),
            ("", "", ""),
        ],
        "person,recipient,amount_yen",
    )
    preview = queries.preview_list(welfare.made.programme, content=content, municipality=welfare.town.municipality)
    assert [(each.line, each.code) for each in preview.faults] == [
        (3, "already_entitled"),
        (4, "twice"),
        (5, "not_eligible"),
        (6, "unknown_person"),
        (7, "unreadable"),
        (8, "not_eligible"),
        (9, "amount_differs"),
        (10, "unknown_recipient"),
        (11, "unreadable"),
    ]
    assert "年齢" in preview.faults[2].what.ja
    assert "10,000" in preview.faults[6].what.en
    assert (preview.entitled, preview.figures.total_yen, preview.known_as) == (1, 10_000, None)
    with refused("benefit_list_has_faults") as caught:
        welfare.take_in([good], content=content)
    assert caught.value.facts["all_faults"] == preview.faults
    assert BenefitList.objects.filter(programme=welfare.made.programme).count() == 1
    made = welfare.take_in([good], content=content, all_or_nothing=False)
    assert (made.entitled, made.total_yen, made.faults) == (1, 10_000, preview.faults)
    assert (
        queries.preview_list(welfare.made.programme, content=content, municipality=welfare.town.municipality).known_as
        == made.benefit_list
    )


def test_a_list_of_nobody_new_is_refused(welfare: Desk) -> None:
    row = welfare.family()
    welfare.take_in([row])
    with refused("benefit_nobody_entitled"):
        welfare.take_in([row], content=csv_of([row], "person,recipient,x"), all_or_nothing=False)


@pytest.mark.parametrize(("count", "total"), [(2, 10_000), (1, 50_000), (0, 0)])
def test_what_was_declared_must_be_what_the_list_has(welfare: Desk, count: int, total: int) -> None:
    with refused("benefit_declared_differs") as caught:
        welfare.take_in([welfare.family()], declared_count=count, declared_total_yen=total)
    assert f"{total:,}円" in caught.value.sentence("ja")
    assert not Entitlement.objects.filter(programme=welfare.made.programme).exists()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"name\nx\n", b'person\n"x', "氏名\n太郎\n".encode("shift_jis")])
def test_a_file_that_is_no_list_is_refused(welfare: Desk, content: bytes) -> None:
    with refused("benefit_list_unreadable"):
        welfare.take_in([], content=content)


def test_maker_is_never_checker(welfare: Desk) -> None:
    row = welfare.family()
    made = welfare.take_in([row]).benefit_list
    welfare.propose(made)
    both = Actor(row[0].municipality, ActorRole.CHECKER, welfare.maker.party, "welfare")
    with refused("checker_is_maker"):
        operations.decide(benefit_list=made, by=both, at=DECIDED)
    colleague = Actor(row[0].municipality, ActorRole.MAKER, uuid4(), "welfare")
    operations.send_back_list(benefit_list=made, note="件数を確かめてください", by=welfare.checker, at=DECIDED)
    operations.propose_list(benefit_list=made, by=colleague, at=DECIDED)
    with refused("checker_is_maker"):  # proposed by a colleague, imported by oneself
        operations.decide(benefit_list=made, by=both, at=DECIDED)
    operations.decide(benefit_list=made, by=welfare.checker, at=DECIDED)
    with refused("benefit_maker_releases"):
        operations.disburse(benefit_list=made, by=both, at=PAYING)
    assert welfare.budget() == 8_000_000


def test_the_steps_cannot_be_swapped(welfare: Desk) -> None:
    row = welfare.family()
    made = welfare.take_in([row]).benefit_list
    with refused("benefit_list_not_proposed"):
        operations.decide(benefit_list=made, by=welfare.checker, at=DECIDED)
    with refused("benefit_list_not_decided"):
        operations.disburse(benefit_list=made, by=welfare.checker, at=PAYING)
    with refused("benefit_not_yet_decided"):
        welfare.choose(row, "bank")
    welfare.propose(made)
    welfare.propose(made)  # the same request
    operations.decide(benefit_list=made, by=welfare.checker, at=DECIDED)
    with refused("benefit_list_not_proposed"):
        operations.decide(benefit_list=made, by=welfare.checker, at=DECIDED)
    for act in (operations.propose_list, operations.withdraw_list):
        with refused("benefit_list_not_draft"):
            act(benefit_list=made, by=welfare.maker, at=DECIDED)
    assert welfare.town.topics(row[1]) == ["benefit.decided"]


def test_a_row_changed_behind_the_digest_stops_everything(welfare: Desk) -> None:
    row, other = welfare.family(), welfare.family()
    made = welfare.take_in([row, other]).benefit_list
    welfare.propose(made)
    mine = Entitlement.objects.filter(benefit_list=made, person=row[0].party)
    mine.update(amount_yen=10_001)
    with refused("benefit_list_changed"):
        operations.decide(benefit_list=made, by=welfare.checker, at=DECIDED)
    mine.update(amount_yen=10_000)
    operations.decide(benefit_list=made, by=welfare.checker, at=DECIDED)
    mine.update(recipient=other[1].party)
    with refused("benefit_list_changed"):
        operations.disburse(benefit_list=made, by=welfare.checker, at=PAYING)
    mine.update(recipient=row[1].party)
    digest = BenefitList.objects.get(id=made).digest
    BenefitList.objects.filter(id=made).update(digest="0" * 64)
    with refused("benefit_list_changed"):
        operations.disburse(benefit_list=made, by=welfare.checker, at=PAYING)
    BenefitList.objects.filter(id=made).update(digest=digest)
    assert operations.disburse(benefit_list=made, by=welfare.checker, at=PAYING).to_bank == 2


def test_a_new_digest_needs_a_new_approval(welfare: Desk) -> None:
    """Whoever changes rows and digest alike still lacks the approval of exactly that."""
    from meguri.programmes.benefits import rules

    row = welfare.family()
    made = welfare.decided([row])
    entitled = welfare.entitled(row)
    Entitlement.objects.filter(id=entitled.id).update(amount_yen=5_000_000)
    forged = rules.list_digest([(entitled.person, entitled.recipient, 5_000_000)])
    BenefitList.objects.filter(id=made).update(digest=forged)
    with refused("benefit_list_changed"):
        operations.disburse(benefit_list=made, by=welfare.checker, at=PAYING)


def test_the_deadline_is_half_open(welfare: Desk) -> None:
    row = welfare.family()
    welfare.decided([row])
    with refused("benefit_chosen_too_early"):
        welfare.choose(row, "local_money", at=moment(9, 30, 14))
    welfare.choose(row, "local_money", at=moment(10, 31, 14))
    with refused("benefit_chosen_too_late") as caught:
        welfare.choose(row, "bank", at=moment(10, 31, 15))
    assert "2025年10月31日" in caught.value.sentence("ja")
    assert "地域のお金" in caught.value.sentence("ja")
    assert welfare.seen(row, at=LATER).choices == ()


def test_a_statutory_benefit_is_never_local_money(db: None) -> None:
    by_law = desk(obtaining__statutory=True, obtaining__choices=[{"receipt": "bank"}])
    row = by_law.family()
    made = by_law.decided([row])
    assert by_law.seen(row, at=CHOOSING).choices == ()
    with refused("benefit_statutory_in_cash"):
        by_law.choose(row, "local_money")
    Entitlement.objects.filter(benefit_list=made).update(receipt="local_money", state="chosen", chosen_at=CHOOSING)
    with refused("benefit_statutory_in_cash"):
        operations.disburse(benefit_list=made, by=by_law.checker, at=PAYING)
    assert by_law.budget() == 8_000_000


def test_the_law_comes_before_the_terms(db: None) -> None:
    """Even a document that offers local money for a statutory benefit (no launch allows one) does not get it."""
    from meguri.programmes.benefits import rules
    from meguri.programmes.parts import GrantByList, Receipt
    from tests.programmes.builders import BENEFIT, changed

    terms = changed(BENEFIT, {"obtaining.statutory": True})
    assert isinstance(terms.obtaining, GrantByList)
    with refused("benefit_statutory_in_cash"):
        rules.require_choice(Receipt.LOCAL_MONEY, terms.obtaining)


def test_what_belongs_to_others_stays_theirs(welfare: Desk) -> None:
    row, other = welfare.family(), welfare.family()
    made = welfare.decided([row])
    commerce = welfare.town.officer("maker", "commerce")
    for act in (
        lambda: welfare.choose(row, "local_money", by=other[1]),
        lambda: welfare.choose(row, "local_money", by=row[0]),  # the child does not decide for its guardian
        lambda: welfare.choose(row, "local_money", by=commerce),
        lambda: welfare.take_in([other], by=commerce),
        lambda: welfare.take_in([other], by=welfare.checker),
        lambda: operations.disburse(benefit_list=made, by=welfare.maker, at=PAYING),
        lambda: operations.disburse(benefit_list=made, by=welfare.town.officer("checker", "commerce"), at=PAYING),
        lambda: operations.decide(benefit_list=made, by=welfare.maker, at=DECIDED),
    ):
        with refused("not_allowed"):
            act()
    welfare.choose(row, "local_money", by=welfare.maker)  # at the desk
    stranger = Actor(welfare.town.municipality + 1, ActorRole.CHECKER, uuid4(), "welfare")
    with refused("benefit_list_unknown"):
        operations.disburse(benefit_list=made, by=stranger, at=PAYING)
    assert queries.benefits_of(other[1].party, municipality=other[1].municipality, at=LATER) == ()  # type: ignore[arg-type]


def test_a_lack_of_budget_pays_nobody(db: None) -> None:
    poor = desk(funds__0__amount_yen=25_000)
    rows = [poor.family() for _ in range(3)]
    made = poor.decided(rows)
    with refused("benefit_budget_empty") as caught:
        operations.disburse(benefit_list=made, by=poor.checker, at=PAYING)
    assert caught.value.facts == {"available": 25_000, "wanted": 30_000}
    assert poor.budget() == 25_000
    assert not any(poor.town.owed(row[1]) for row in rows)
    from meguri.programmes import operations as programmes

    programmes.appropriate_budget(
        fund=poor.made.funds["benefit"],
        amount_yen=5_000,
        reason="補正予算",
        decided_on=date(2025, 11, 20),
        by=poor.checker,
        at=LATER,
    )
    assert operations.disburse(benefit_list=made, by=poor.checker, at=LATER).to_bank == 3


def test_those_who_chose_early_are_paid_first(db: None) -> None:
    early = desk(obtaining__paid_on=date(2025, 10, 31))
    quick, slow = early.family(), early.family()
    made = early.decided([quick, slow])
    early.choose(quick, "bank")
    first = operations.disburse(benefit_list=made, by=early.checker, at=moment(10, 31))
    assert (first.to_bank, first.waiting) == (1, 1)
    assert queries.list_page(made, municipality=early.town.municipality).state == "decided"
    with refused("benefit_already_paid"):
        early.choose(quick, "local_money", at=moment(10, 31, 4))
    early.choose(slow, "local_money", at=moment(10, 31, 5))
    second = operations.disburse(benefit_list=made, by=early.checker, at=LATER)
    assert (second.to_bank, second.to_wallets, second.waiting) == (0, 1, 0)


def test_a_withdrawn_list_frees_its_people(welfare: Desk) -> None:
    row = welfare.family()
    made = welfare.take_in([row]).benefit_list
    welfare.propose(made)
    operations.withdraw_list(benefit_list=made, by=welfare.maker, at=IMPORTED)
    again = welfare.take_in([row])
    assert not again.replayed
    assert again.benefit_list != made
    assert queries.list_page(made, municipality=row[0].municipality).figures.count == 0


def test_a_guardian_receives_for_two_children(welfare: Desk) -> None:
    guardian = welfare.town.person(household="TWINS")
    rows = [(welfare.town.person(household="TWINS", born=date(2019, 1, 1)), guardian) for _ in range(2)]
    made = welfare.decided(rows)
    welfare.choose(rows[0], "local_money")
    operations.disburse(benefit_list=made, by=welfare.checker, at=PAYING)
    assert welfare.town.held(guardian) == {"benefit": 10_000, "bonus": 2_500}
    assert welfare.town.owed(guardian) == 10_000


def test_without_a_recipient_the_person_receives(welfare: Desk) -> None:
    child, _ = welfare.family()
    made = welfare.take_in([(child, child)], content=csv_of([(child,)], "person"))
    assert welfare.entitled((child, child)).recipient == child.party
    assert made.entitled == 1


def test_the_facts_of_the_decision_are_kept(welfare: Desk) -> None:
    row = welfare.baby()
    welfare.take_in([row], total=50_000)
    kept = welfare.entitled(row)
    assert (kept.facts["age"], kept.facts["birth_date"], kept.row_ja) == (0, "2025-03-01", "0歳")


def test_figures_tell_a_checker_at_a_glance(welfare: Desk) -> None:
    rows = [welfare.baby(), *(welfare.family() for _ in range(12))]
    made = welfare.take_in(rows, total=170_000).benefit_list
    page = queries.list_page(made, municipality=welfare.town.municipality)
    assert (page.figures.count, page.figures.total_yen, page.figures.median_yen) == (13, 170_000, 10_000)
    assert page.figures.largest == (50_000, *[10_000] * 9)
    first = queries.entitlements(made, municipality=welfare.town.municipality, at=LATER, limit=5)
    rest = queries.entitlements(made, municipality=welfare.town.municipality, at=LATER, limit=50, after=first[-1].id)
    assert [each.person for each in first + rest] == [row[0].party for row in rows]
    assert [each.id for each in queries.lists(welfare.town.municipality, programme=welfare.made.programme)] == [made]


def test_a_stopped_programme_pays_nothing(welfare: Desk) -> None:
    from meguri.programmes import operations as programmes

    made = welfare.decided([welfare.family()])
    programmes.close_programme(programme=welfare.made.programme, by=welfare.checker, at=CHOOSING)
    with refused("programme_not_launched"):
        operations.disburse(benefit_list=made, by=welfare.checker, at=PAYING)
