"""A holder's wallet: open it, see what it holds, what came and went, stop it when the phone is lost."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Router, Schema

from meguri.faces.api.auth import Bearer
from meguri.faces.entrance.requests import TownRequest
from meguri.parties.rules import require
from meguri.tills import codes
from meguri.tills import operations as tills
from meguri.wallets import operations, queries
from meguri.words.actor import Actor

router = Router()


class OpenAsked(Schema):
    device: str = ""


class WalletOpened(Schema):
    wallet: UUID


class PurseRow(Schema):
    purse_kind: UUID
    code: str
    family: str
    part: str
    name_ja: str
    name_en: str
    yen: int
    expires_at: datetime | None
    spendable: bool


class WalletGiven(Schema):
    total_yen: int
    at: datetime
    suspended: bool
    purses: list[PurseRow]


class MovementRow(Schema):
    posting: UUID
    kind: str
    at: datetime
    amount_yen: int
    about: dict[str, Any]


class HistoryGiven(Schema):
    movements: list[MovementRow]
    next: UUID | None


class CodeGiven(Schema):
    code: str
    shown: str
    expires_at: datetime


class TransferAsked(Schema):
    receiver: UUID
    amount_yen: int
    request: str


class TransferGiven(Schema):
    posting: UUID


class Done(Schema):
    done: bool = True


def _holder(request: TownRequest) -> tuple[Actor, UUID]:
    by: Actor = request.actor
    return by, by.party or UUID(int=0)


@router.post("/wallet", operation_id="wallet_open", response=WalletOpened, auth=Bearer("wallet.open"))
def open_wallet(request: TownRequest, asked: OpenAsked) -> WalletOpened:
    """Open one's wallet, or go on with a stopped one on a new phone."""
    by, holder = _holder(request)
    return WalletOpened(wallet=operations.open_or_resume(holder, by=by, at=request.at))


@router.get("/wallet/purses", operation_id="wallet_purses", response=WalletGiven, auth=Bearer("wallet.see"))
def purses(request: TownRequest) -> WalletGiven:
    """What the wallet holds, soonest expiry first."""
    by, holder = _holder(request)
    require(by, "wallet.see", owner=holder)
    found = queries.wallet(holder, municipality=by.municipality, at=request.at)
    if found is None:
        raise operations.WALLET_UNKNOWN.refusal()
    rows = [
        PurseRow(
            purse_kind=purse.kind.id, code=purse.kind.code, family=purse.kind.family, part=purse.kind.part,
            name_ja=purse.kind.name_ja, name_en=purse.kind.name_en, yen=purse.amount_yen, expires_at=purse.expires_at,
            spendable=purse.spendable,
        )
        for purse in found.purses
    ]  # fmt: skip
    return WalletGiven(total_yen=found.total_yen, at=found.at, suspended=bool(found.suspended_at), purses=rows)


@router.get("/wallet/history", operation_id="wallet_history", response=HistoryGiven, auth=Bearer("wallet.see"))
def history(request: TownRequest, *, after: UUID | None = None, limit: int = 30) -> HistoryGiven:
    """What came and went, newest first. `after` is the `next` of the page before: a stable cursor."""
    by, holder = _holder(request)
    require(by, "wallet.see", owner=holder)
    most = min(max(limit, 1), 100)
    found = queries.history(holder, municipality=by.municipality, at=request.at, after=after, limit=most)
    rows = [
        MovementRow(posting=m.posting, kind=m.template, at=m.effective_at, amount_yen=m.amount_yen, about=dict(m.about))
        for m in found
    ]
    return HistoryGiven(movements=rows, next=rows[-1].posting if len(rows) == most else None)


@router.post("/wallet/codes", operation_id="codes_mint", response=CodeGiven, auth=Bearer("till.mint_code"))
def mint_code(request: TownRequest) -> CodeGiven:
    """A code to show at a till: 30 digits, one payment, 60 seconds."""
    by, holder = _holder(request)
    code, expires_at = tills.mint_holder_code(by=by, at=request.at, holder=holder)
    return CodeGiven(code=code.digits, shown=codes.show(code.digits), expires_at=expires_at)


@router.post("/wallet/lost-phone", operation_id="wallet_report_lost_phone", response=Done, auth=Bearer("wallet.see"))
def lost_phone(request: TownRequest) -> Done:
    """Stop all paying from one's own wallet at once."""
    by, holder = _holder(request)
    operations.report_lost_phone(holder, by=by, at=request.at)
    return Done()


@router.post(
    "/wallet/transfers", operation_id="wallet_transfer", response=TransferGiven,
    auth=Bearer("wallet.transfer"),
)  # fmt: skip
def transfer(request: TownRequest, asked: TransferAsked) -> TransferGiven:
    """Pass value on, as far as each purse's terms allow."""
    by, holder = _holder(request)
    made = operations.transfer(
        by=by, at=request.at, holder=holder, receiver=asked.receiver, amount_yen=asked.amount_yen, request=asked.request
    )
    return TransferGiven(posting=made.posting)
