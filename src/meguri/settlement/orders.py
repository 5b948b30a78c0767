"""The order to the bank: accounts revealed, each payee judged alone, the file written, sealed, and read back."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from meguri.settlement import zengin
from meguri.settlement.banks import AccountKind, BankAccount
from meguri.settlement.models import PayingAccount, Payout, SettlementRun, TransferFile
from meguri.settlement.rules import PAYER_MISSING, account_of
from meguri.vault.operations import reveal_many
from meguri.vault.rules import Field
from meguri.vault.sealing import Sealed, open_record, seal_record
from meguri.vault.town_key import keys_for_sealing, town_keys
from meguri.words.actor import Actor
from meguri.words.clock import day
from meguri.words.ids import uuid7
from meguri.words.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Judged:
    """A payout that can be transferred, or the refusal that leaves it out."""

    payout: Payout
    transfer: zengin.Transfer | None
    refusal: Refusal | None


def paying_account(municipality: int) -> tuple[zengin.Payer, bool]:
    """The town as the bank knows it, and whether its files have line ends. Raises Refusal `payer_missing`."""
    row = PayingAccount.objects.filter(municipality=municipality).first()
    if row is None:
        raise PAYER_MISSING.refusal()
    account = BankAccount(
        bank=row.bank, branch=row.branch, kind=AccountKind(row.kind), number=row.number, holder=row.payer_name[:30]
    )
    return zengin.Payer(code=row.payer_code, name=row.payer_name, account=account), row.line_ends


def judge_payees(payouts: Sequence[Payout], run: SettlementRun, *, by: Actor, at: datetime) -> list[Judged]:
    """Reveal the payees' accounts (every one is logged with the reason) and judge each alone.

    Raises Refusal `payer_missing`, before anything is revealed.
    """
    payer, _ = paying_account(run.municipality)
    accounts = reveal_many(
        [payout.payee for payout in payouts], [Field.BANK_ACCOUNT], by=by, at=at, approval=run.approval,
        reason=f"{day(run.cutoff).isoformat()}締めの精算の振込 / payouts of the settlement up to that day",
    )
    return [_judge(payout, accounts.get(payout.payee, {}), payer=payer) for payout in payouts]


def _judge(payout: Payout, fields: Mapping[Field, Any], *, payer: zengin.Payer) -> Judged:
    try:
        transfer = zengin.Transfer(
            payee=f"No. {payout.number}", account=account_of(fields.get(Field.BANK_ACCOUNT)),
            amount_yen=payout.amount_yen, customer_code_1=f"{payout.number:010d}",
        )
    except Refusal as refusal:
        return Judged(payout, None, refusal)
    refused = zengin.refusals(zengin.TransferOrder(payer=payer, pay_on=payout.pay_on, transfers=(transfer,)))
    return Judged(payout, None, refused[0]) if refused else Judged(payout, transfer, None)


def write_file(
    run: SettlementRun, transfers: Sequence[zengin.Transfer], *, pay_on: date, at: datetime
) -> TransferFile:
    """Write the bank's file and keep it sealed, with the SHA-256 of its plain bytes.

    Raises Refusal as `zengin.write` does.
    """
    payer, line_ends = paying_account(run.municipality)
    order = zengin.TransferOrder(payer=payer, pay_on=pay_on, transfers=tuple(transfers), line_ends=line_ends)
    content = zengin.write(order)
    number = uuid7(at)
    sealed = seal_record(
        number, {"content": base64.b64encode(content).decode()}, keys=keys_for_sealing(run.municipality)
    )
    total = zengin.totals(order.transfers)
    return TransferFile.objects.create(
        id=number, municipality=run.municipality, run=run, digest=hashlib.sha256(content).hexdigest(),
        transfers_count=total.count, amount_yen=total.amount_yen, pay_on=pay_on, wrapped_key=sealed.wrapped_key,
        ciphertext=sealed.ciphertext, made_at=at,
    )


def read_file(file: TransferFile) -> bytes:
    """The plain bytes of a file. Raises ValueError if they are not those that were written."""
    sealed = Sealed(wrapped_key=bytes(file.wrapped_key), ciphertext=bytes(file.ciphertext))
    fields = open_record(file.id, sealed, keys=town_keys(file.municipality))
    content = base64.b64decode(fields["content"])
    if hashlib.sha256(content).hexdigest() != file.digest:
        raise ValueError(f"transfer file {file.id} is not the one that was approved")
    return content


def compare(run: SettlementRun, ordered: Sequence[Payout]) -> None:
    """Raises ValueError unless the run's file orders exactly these payouts and their yen, and still is what it was."""
    file = TransferFile.objects.get(run=run)
    records = zengin.read_transfers(read_file(file))
    told = dict(records)
    if len(records) != len(told) or told != {f"{row.number:010d}": row.amount_yen for row in ordered}:
        raise ValueError(f"transfer file {file.id} does not order what its run pays")


def file_of(run: UUID, *, municipality: int) -> TransferFile | None:
    return TransferFile.objects.filter(run_id=run, municipality=municipality).first()
