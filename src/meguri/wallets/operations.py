"""What may be done with a wallet: open it, stop it when the phone is lost, let it go on, pass value on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.rules import Account, Leg, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.notices import operations as notices
from meguri.notices.rules import Wording
from meguri.parties.rules import Both, require
from meguri.programmes import queries as programmes
from meguri.programmes.rules import PurseKindView, is_spendable
from meguri.wallets import rules, wording
from meguri.wallets.models import LOST_PHONE, ExpiryChoice, ExpiryWarning, Wallet
from meguri.wallets.queries import UNKNOWN, ending
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

WALLET_UNKNOWN = declare(
    "wallet_unknown",
    status=404,
    ja="財布がまだありません。はじめに財布を開いてください。",
    en="There is no wallet yet. Please open one first.",
)
WALLET_SUSPENDED = declare(
    "wallet_suspended",
    ja="この財布は停止中です。再開するには窓口かログイン画面で手続きしてください。お金は守られています。",
    en="This wallet is suspended. Please have it resumed at the desk or when signing in; your money is safe.",
)
TRANSFER_TO_ONESELF = declare(
    "transfer_to_oneself", ja="自分自身には送れません。", en="You cannot transfer to yourself.", status=422
)
TRANSFER_NOT_PERMITTED = declare(
    "transfer_not_permitted",
    ja="送ることができるお金は{available}円までです。商品券や給付は、ご本人だけが使えます。",
    en="You can transfer at most {available} yen. Vouchers and benefits are for their holder only.",
)

WARNED_AT_ONCE = 5_000
"""Holders' expiries in one batch, which is one transaction."""
HELD_BY_HOLDERS = (AccountRole.WALLET, AccountRole.PAYABLE)


def open_wallet(holder: UUID, *, by: Actor, at: datetime) -> UUID:
    """Open the holder's wallet and its accounts; one that is open stays as it is. Returns the wallet's id."""
    require(by, "wallet.open", owner=holder)
    Wallet.objects.get_or_create(id=holder, defaults={"municipality": by.municipality, "opened_at": at})
    ledger.open_accounts([Account(holder, role) for role in HELD_BY_HOLDERS], municipality=by.municipality)
    return holder


@transaction.atomic
def open_or_resume(holder: UUID, *, by: Actor, at: datetime) -> UUID:
    """The holder's own door: open the wallet, or let it go on after a lost phone was replaced."""
    open_wallet(holder, by=by, at=at)
    wallet = locked_wallet(holder, municipality=by.municipality)
    if wallet.suspended_because == LOST_PHONE:
        wallet.suspended_at, wallet.suspended_because = None, ""
        wallet.save()
    return holder


@transaction.atomic
def report_lost_phone(holder: UUID, *, by: Actor, at: datetime) -> None:
    """The holder stops all paying from the own wallet at once; signing in anew lets it go on."""
    require(by, "wallet.see", owner=holder)
    wallet = locked_wallet(holder, municipality=by.municipality)
    if wallet.suspended_at is None:
        wallet.suspended_at, wallet.suspended_because = at, LOST_PHONE
        wallet.save()


def open_wallets(holders: list[UUID], *, by: Actor, at: datetime) -> None:
    """Open many at once, for a register or a list of beneficiaries."""
    require(by, "wallet.open")
    wallets = [Wallet(id=holder, municipality=by.municipality, opened_at=at) for holder in holders]
    Wallet.objects.bulk_create(wallets, ignore_conflicts=True, batch_size=5_000)
    accounts = [Account(holder, role) for holder in holders for role in HELD_BY_HOLDERS]
    ledger.open_accounts(accounts, municipality=by.municipality)


@transaction.atomic
def suspend(holder: UUID, *, because: str, by: Actor, at: datetime) -> None:
    """Stop all paying from a wallet at once. Codes already shown stop with it.

    The town's reason takes the place of a lost phone: whoever reported that may not lift the town's stop.
    """
    require(by, "wallet.suspend", owner=holder)
    wallet = locked_wallet(holder, municipality=by.municipality)
    if wallet.suspended_at is None or wallet.suspended_because == LOST_PHONE:
        wallet.suspended_at, wallet.suspended_because = wallet.suspended_at or at, because
        wallet.save()


@transaction.atomic
def resume(holder: UUID, *, by: Actor) -> None:
    """Let a suspended wallet pay again."""
    require(by, "wallet.suspend", owner=holder)
    wallet = locked_wallet(holder, municipality=by.municipality)
    wallet.suspended_at, wallet.suspended_because = None, ""
    wallet.save()


@transaction.atomic
def choose_warning(*, holder: UUID, days: int, by_mail: bool, by: Actor, at: datetime) -> None:
    """How the holder wants to be warned before value expires. Raises Refusal `not_allowed`, `warning_days_unknown`."""
    require(by, "wallet.see", owner=holder)
    chosen = rules.choice(days, by_mail=by_mail)
    ExpiryChoice.objects.update_or_create(
        id=holder, municipality=by.municipality,
        defaults={"days": chosen.days, "by_mail": chosen.by_mail, "chosen_at": at},
    )  # fmt: skip


@transaction.atomic
def warn_of_expiry(*, by: Actor, at: datetime) -> int:
    """Tell a batch of holders what they will soon lose, each as chosen; gives how many were told. Nothing at night.

    What expires and what shrinks (減価): one notice for each holder and moment, over all purses.

    Order: find who is due; write down that they are told, which a second worker cannot; then the notices.
    Raises Refusal `not_allowed`.
    """
    require(by, "notice.send")
    if not rules.is_daytime(at):
        return 0
    due = rules.by_expiry(ending(municipality=by.municipality, at=at, most=WARNED_AT_ONCE))
    ExpiryWarning.objects.bulk_create(
        ExpiryWarning(
            id=uuid7(at), municipality=by.municipality, holder=group[0].holder, expires_at=group[0].expires_at,
            yen=sum(each.yen for each in group), warned_at=at,
        )
        for group in due
    )  # fmt: skip
    kinds = programmes.rules_in_force(by.municipality, at).purse_kinds
    told = [(group[0].holder, _said(group, kinds), group[0].by_mail) for group in due]
    for channel, chosen in (("in_app", told), ("mail", [each for each in told if each[2]])):
        wanted = [(holder, said) for holder, said, _ in chosen]
        notices.send_many(wanted, channel=channel, topic="wallet.expiring", by=by, at=at)
    return len(due)


def _said(group: Sequence[rules.Ending], kinds: Mapping[UUID, PurseKindView]) -> Wording:
    """Programme by programme: people know what they bought or earned, not our names of its parts."""
    parts: dict[bool, Counter[Both]] = {False: Counter(), True: Counter()}
    for each in group:
        kind = kinds[each.purse_kind]
        parts[each.shrinks][Both(kind.programme_name_ja, kind.programme_name_en)] += each.yen
    return wording.losing(list(parts[False].items()), list(parts[True].items()), at=group[0].expires_at)


@transaction.atomic
def transfer(*, by: Actor, at: datetime, holder: UUID, receiver: UUID, amount_yen: int, request: str) -> Verdict:
    """Pass value on to another holder, as far as the terms of each purse allow (`transfer_max_yen`).

    The receiver holds it under the same terms and expiry. Sent again under the same `request` it is the same transfer,
    even when nothing is left meanwhile. Raises Refusal: wallet_unknown, wallet_suspended, transfer_to_oneself,
    transfer_not_permitted, insufficient.
    """
    require(by, "wallet.transfer", owner=holder)
    if receiver == holder:
        raise TRANSFER_TO_ONESELF.refusal(field="receiver")
    if locked_wallet(holder, municipality=by.municipality).suspended_at:
        raise WALLET_SUSPENDED.refusal()
    if not Wallet.objects.filter(id=receiver, municipality=by.municipality).exists():
        raise WALLET_UNKNOWN.refusal(field="receiver")
    passable = _passable(holder, municipality=by.municipality, at=at)
    lots = {balance.lot.id: balance.amount for balance, most in passable if amount_yen <= most}
    leg = Leg(Account(holder, AccountRole.WALLET), Account(receiver, AccountRole.WALLET), amount_yen, tuple(lots))
    posting = Posting(key=f"transfer:{holder}:{request}", template="transfer", legs=(leg,), at=at, by=str(by.role))
    if sum(lots.values()) < amount_yen and ledger.look_up(posting.key, municipality=by.municipality) is None:
        raise TRANSFER_NOT_PERMITTED.refusal(available=_most_at_once(passable), field="amount_yen")
    return ledger.post(posting, municipality=by.municipality)


def _passable(holder: UUID, *, municipality: int, at: datetime) -> list[tuple[books.Balance, int]]:
    """What the holder could pass on now, each with the most that its terms let go at once."""
    in_force = programmes.rules_in_force(municipality, at)
    held = books.balances([holder], AccountRole.WALLET, municipality=municipality)
    kinds = ((balance, in_force.purse_kinds.get(balance.lot.purse_kind or UNKNOWN)) for balance in held)
    return [
        (balance, kind.transfer_max_yen) for balance, kind in kinds if kind and is_spendable(balance.lot, kind, at=at)
    ]


def _most_at_once(passable: Sequence[tuple[books.Balance, int]]) -> int:
    """The largest transfer that would go through: every purse that takes part must allow all of it."""
    return max((min(most, sum(b.amount for b, other in passable if other >= most)) for _, most in passable), default=0)


def locked_wallet(holder: UUID, *, municipality: int) -> Wallet:
    """A holder's wallet, locked until the transaction ends. Raises Refusal `wallet_unknown`."""
    wallet = Wallet.objects.select_for_update().filter(id=holder, municipality=municipality).first()
    if wallet is None:
        raise WALLET_UNKNOWN.refusal()
    return wallet
