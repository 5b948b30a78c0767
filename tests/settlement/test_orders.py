"""The order to the bank: payees judged alone, the file sealed and read back as it was approved."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from meguri.settlement import orders
from meguri.settlement.banks import AccountKind
from meguri.settlement.models import PayingAccount, Payout, SettlementRun, TransferFile
from meguri.settlement.operations import set_paying_account
from meguri.settlement.zengin import AMOUNT_MAX
from meguri.vault.models import RevealLog
from meguri.vault.sealing import SealBrokenError
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.settlement.books import AT, DAY, SmallTown

PAY_ON = date(2026, 6, 9)


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def open_bank(town: SmallTown, **more: object) -> None:
    known = {"payer_code": "0123456789", "payer_name": "メグリ町会計", "bank": "0005", "branch": "001", "number": "42"}
    known["payer_name"] = "メグリチヨウ カイケイ"
    set_paying_account(by=town.actor(), at=AT, **known | more)  # type: ignore[arg-type]


@pytest.fixture
def run(town: SmallTown) -> SettlementRun:
    open_bank(town)
    return SettlementRun.objects.create(
        id=uuid4(), municipality=town.municipality, cutoff=AT + 7 * DAY, state="run", made_at=AT + 7 * DAY,
        approval=uuid4(), pay_on=PAY_ON,
    )


def payout(run: SettlementRun, payee: object, *, number: int = 1, yen: int = 1000) -> Payout:
    return Payout.objects.create(
        id=uuid4(), municipality=run.municipality, run=run, number=number, payee=payee, payee_kind="shop",
        amount_yen=yen, pay_on=PAY_ON,
    )


def test_the_towns_account_is_kept_as_the_bank_writes_it(town: SmallTown) -> None:
    open_bank(town)
    payer, line_ends = orders.paying_account(town.municipality)
    assert (payer.code, payer.name, payer.account.number, payer.account.kind) == (
        "0123456789", "ﾒｸﾞﾘﾁﾖｳ ｶｲｹｲ", "0000042", AccountKind.ORDINARY,
    )
    assert line_ends
    open_bank(town, line_ends=False, kind="2")
    assert PayingAccount.objects.filter(municipality=town.municipality).count() == 1
    payer, line_ends = orders.paying_account(town.municipality)
    assert (payer.account.kind, line_ends) == (AccountKind.CURRENT, False)


@pytest.mark.parametrize(
    ("wrong", "code"), [({"branch": "999"}, "unknown_branch"), ({"payer_name": "町"}, "kana_unwritable")]
)
def test_an_account_that_no_bank_knows_is_refused(town: SmallTown, wrong: dict[str, str], code: str) -> None:
    with refused(code):
        open_bank(town, **wrong)
    with refused("payer_missing"):
        orders.paying_account(town.municipality)


def test_only_the_accounting_office_names_the_towns_account(town: SmallTown) -> None:
    with refused("not_allowed"):
        set_paying_account(
            by=town.actor(ActorRole.CHECKER), at=AT, payer_code="0123456789", payer_name="メグリ", bank="0005",
            branch="001", number="1",
        )


def test_each_payee_is_judged_alone(town: SmallTown, run: SettlementRun) -> None:
    good, poor, huge = town.shop(), town.shop(bank=False), town.shop()
    rows = [
        payout(run, good), payout(run, poor, number=2), payout(run, huge, number=3, yen=AMOUNT_MAX + 1),
    ]
    judged = orders.judge_payees(rows, run, by=town.actor(), at=AT)
    assert [one.refusal.code if one.refusal else None for one in judged] == [
        None, "bank_account_missing", "transfer_amount",
    ]
    transfer = judged[0].transfer
    assert transfer is not None
    assert (transfer.amount_yen, transfer.customer_code_1) == (1000, "0000000001")
    assert RevealLog.objects.filter(municipality=town.municipality).count() == 3


def test_whoever_may_not_see_accounts_sees_none(town: SmallTown, run: SettlementRun) -> None:
    row = payout(run, town.shop())
    with refused("field_hidden"):
        orders.judge_payees([row], run, by=town.actor(ActorRole.ANALYST), at=AT)


def test_a_file_is_kept_sealed_and_read_back(town: SmallTown, run: SettlementRun) -> None:
    (one,) = orders.judge_payees([payout(run, town.shop())], run, by=town.actor(), at=AT)
    assert one.transfer is not None
    file = orders.write_file(run, [one.transfer], pay_on=PAY_ON, at=AT)
    content = orders.read_file(TransferFile.objects.get(id=file.id))
    assert (file.transfers_count, file.amount_yen) == (1, 1000)
    assert len(content) == 4 * 122
    assert content[54:58] == b"0609"
    found = orders.file_of(run.id, municipality=town.municipality)
    assert found is not None
    assert found.id == file.id
    assert orders.file_of(run.id, municipality=town.municipality + 1) is None


def test_a_file_that_is_not_the_approved_one_is_not_given_out(town: SmallTown, run: SettlementRun) -> None:
    (one,) = orders.judge_payees([payout(run, town.shop())], run, by=town.actor(), at=AT)
    assert one.transfer is not None
    file = orders.write_file(run, [one.transfer], pay_on=PAY_ON, at=AT)
    file.digest = "0" * 64
    with pytest.raises(ValueError, match="not the one that was approved"):
        orders.read_file(file)
    file.ciphertext = bytes(file.ciphertext)[:-1] + b"\x00"
    with pytest.raises(SealBrokenError):
        orders.read_file(file)


def test_a_pay_day_on_which_banks_are_closed_is_refused(town: SmallTown, run: SettlementRun) -> None:
    (one,) = orders.judge_payees([payout(run, town.shop())], run, by=town.actor(), at=AT)
    assert one.transfer is not None
    with refused("pay_day_closed"):
        orders.write_file(run, [one.transfer], pay_on=date(2026, 6, 13), at=AT)
    assert not TransferFile.objects.filter(municipality=town.municipality).exists()
