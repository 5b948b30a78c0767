"""What the database itself refuses, whatever the code above it does; and that every check of the night can fail."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from meguri.settlement import checks, operations
from meguri.settlement.models import Payout, PayoutLine, SettlementRun, SettlementStatement, StatementLine, TransferFile
from meguri.words.actor import Actor, ActorRole
from tests.settlement.books import AT, DAY, SmallTown

CUTOFF = AT + 7 * DAY


@pytest.fixture
def paid(town: SmallTown) -> SettlementRun:
    programme, person = town.programme(), town.resident()
    town.grant(person, programme, 1000)
    town.pay(person, town.shop(), 600, programme, at=AT + DAY)
    town.pay(person, town.shop(), 20, programme, at=AT + DAY)
    maker = town.actor()
    operations.set_paying_account(
        by=maker, at=AT, payer_code="0123456789", payer_name="メグリ", bank="0005", branch="001", number="7654321"
    )
    run = operations.run_settlement(by=maker, at=CUTOFF, cutoff=CUTOFF)
    operations.approve_payouts(by=town.actor(), at=CUTOFF, run=run.id, confirmed_count=2, confirmed_yen=620)
    assert checks.reconcile(town.municipality) == []
    return SettlementRun.objects.get(id=run.id)


@pytest.fixture
def handed(paid: SettlementRun) -> SettlementRun:
    by = Actor(municipality=paid.municipality, role=ActorRole.ACCOUNTANT, party=uuid4(), department="accounting")
    operations.mark_sent(by=by, at=CUTOFF, run=paid.id)
    assert checks.reconcile(paid.municipality) == []
    return paid


@pytest.mark.parametrize(
    ("table", "change", "constraint"),
    [
        ("settlementrun", "takings_yen = -1", "a_settlement_run_never_counts_below_zero"),
        ("settlementrun", "approved_by = made_by", "whoever_ran_a_settlement_never_approves_it"),
        ("settlementrun", "file_digest = ''", "an_approved_run_names_its_approver_and_its_file"),
        ("settlementrun", "state = 'sent'", "a_sent_run_has_a_time"),
        ("payout", "amount_yen = 0", "a_payout_is_a_positive_amount"),
        ("payout", "payee_kind = 'friend'", "a_kind_of_payee_is_known"),
        ("payout", "state = 'carried'", "a_payout_goes_through_the_bank: from ordered to carried"),
        ("payout", "carried_into_id = id", "a_carried_payout_names_its_follower"),
        ("settlementrun", "state = 'withdrawn'", "a_withdrawn_run_has_time_and_reason"),
        ("payout", "returned_because = 'x'", "a_returned_payout_has_time_and_reason"),
        (
            "payout", "state = 'returned', returned_at = now(), returned_because = 'x', handed_at = now()",
            "a_payout_goes_through_the_bank: from ordered to returned",
        ),
        ("payout", "handed_at = now()", "only_what_was_handed_to_the_bank_is_paid_or_returned"),
        ("payout", "state = 'sent', handed_at = now()", "a_payout_is_sent_with_its_run"),
        ("payout", "held_because = 'x'", "a_held_payout_is_not_ordered"),
        ("payout", "number = 1", "payouts_of_a_run_are_numbered"),
        ("payoutline", "amount_yen = -5", "a_payout_line_is_a_positive_amount"),
        ("settlementstatement", "refunds_yen = 1", "takings_are_payments_less_refunds"),
        ("settlementstatement", "fee_yen = 1", "net_is_gross_less_the_fee"),
        (
            "settlementstatement", "payments_yen = 0, gross_yen = 0, net_yen = 0",
            "a_statement_is_about_a_positive_amount",
        ),
        ("statementline", "amount_yen = 0", "a_statement_line_is_a_positive_amount"),
        ("transferfile", "digest = repeat('0', 64)", "a_bank_file_never_changes"),
        ("transferfile", "ciphertext = '\\x00'", "a_bank_file_never_changes"),
        ("payingaccount", "payer_code = '12'", "a_payer_code_has_10_digits"),
    ],
)
def test_a_rule_about_money_holds_without_the_code(
    paid: SettlementRun, table: str, change: str, constraint: str
) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE settlement_{table} SET {change} WHERE municipality = %s", [paid.municipality])


def test_one_run_for_a_cutoff(paid: SettlementRun) -> None:
    with pytest.raises(IntegrityError, match="one_settlement_run_for_a_cutoff"), transaction.atomic():
        SettlementRun.objects.create(
            id=uuid4(), municipality=paid.municipality, cutoff=paid.cutoff, made_at=CUTOFF + timedelta(hours=1)
        )


@pytest.mark.parametrize("table", [PayoutLine, StatementLine])
def test_lines_that_do_not_add_up_are_found(paid: SettlementRun, table: type[PayoutLine | StatementLine]) -> None:
    line = table.objects.filter(municipality=paid.municipality).first()
    assert line is not None
    table.objects.filter(id=line.id).update(amount_yen=line.amount_yen + 1)
    assert len(checks.lines_add_up(paid.municipality)) == 1


def test_a_payout_that_the_books_do_not_know_is_found(handed: SettlementRun) -> None:
    Payout.objects.filter(run=handed, number=1).update(amount_yen=1)
    (fault,) = checks.payouts_match_the_books(handed.municipality)
    assert "handed over 1" in fault
    (fault,) = checks.files_open(handed.municipality)
    assert "does not order what its run pays" in fault


def test_a_payout_that_waits_for_what_is_not_owed_is_found(paid: SettlementRun) -> None:
    line = PayoutLine.objects.filter(payout__run=paid).order_by("amount_yen")[0]
    PayoutLine.objects.filter(id=line.id).update(amount_yen=21)
    (fault,) = checks.payouts_match_the_books(paid.municipality)
    assert "owed 20, waiting 21" in fault


def test_a_file_that_does_not_order_its_payouts_is_not_handed_over(paid: SettlementRun) -> None:
    Payout.objects.filter(run=paid, number=1).update(amount_yen=1)
    by = Actor(municipality=paid.municipality, role=ActorRole.ACCOUNTANT, party=uuid4(), department="accounting")
    with pytest.raises(ValueError, match="does not order what its run pays"):
        operations.mark_sent(by=by, at=CUTOFF, run=paid.id)
    assert SettlementRun.objects.get(id=paid.id).state == "approved"


def test_a_bank_file_is_not_deleted(paid: SettlementRun) -> None:
    with pytest.raises(IntegrityError, match="a_bank_file_never_changes"), transaction.atomic():
        TransferFile.objects.filter(run=paid).delete()


@pytest.mark.parametrize("state", ["payable", "ordered", "carried"])
def test_what_the_bank_has_never_waits_again(handed: SettlementRun, state: str) -> None:
    with pytest.raises(IntegrityError, match=f"a_payout_goes_through_the_bank: from sent to {state}"):
        Payout.objects.filter(run=handed).update(state=state, handed_at=None)


def test_a_missing_statement_is_found(paid: SettlementRun) -> None:
    gone = SettlementStatement.objects.filter(run=paid).first()
    assert gone is not None
    StatementLine.objects.filter(statement=gone).delete()
    gone.delete()
    (fault,) = checks.statements_match_the_books(paid.municipality)
    assert str(gone.shop) in fault


def test_a_file_under_another_runs_digest_is_found(paid: SettlementRun) -> None:
    SettlementRun.objects.filter(id=paid.id).update(file_digest="0" * 64)
    assert len(checks.files_open(paid.municipality)) == 1
    assert TransferFile.objects.filter(run=paid).exists()
