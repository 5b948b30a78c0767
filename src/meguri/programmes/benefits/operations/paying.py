"""Paying a decided list: each entitlement once, in the way that was chosen, all of those due or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as books
from meguri.ledger import queries as balances
from meguri.ledger.rules import INSUFFICIENT, Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.notices.operations import send_many
from meguri.notices.rules import Wording
from meguri.parties.queries import is_approved
from meguri.parties.rules import require
from meguri.programmes import operations as programmes
from meguri.programmes.benefits import rules, wording
from meguri.programmes.benefits.models import BenefitList, Entitlement, EntitlementState, ListState, ReceiptState
from meguri.programmes.benefits.offer import Offer, find_offer, require_running
from meguri.programmes.benefits.operations.deciding import digest_now, locked_list, office
from meguri.programmes.operations import FundShare
from meguri.programmes.parts import Receipt
from meguri.programmes.queries import arms_of
from meguri.programmes.trial import Arm
from meguri.words.actor import Actor
from meguri.words.period import day_start
from meguri.words.refusal import Refusal

BATCH = 1_000
DUE = (EntitlementState.DECIDED, EntitlementState.CHOSEN)


@dataclass(frozen=True, slots=True)
class Disbursed:
    """What one run paid (yen), and how many wait because their recipients may still choose."""

    to_wallets: int
    to_wallets_yen: int
    bonus_yen: int
    to_bank: int
    to_bank_yen: int
    waiting: int


@dataclass(frozen=True, slots=True)
class Way:
    """How an entitlement is paid: the purse and bonus of local money, or neither for the bank."""

    purse_kind: UUID | None
    bonus_kind: UUID | None
    bonus_agreement: UUID | None
    bonus_yen: int


@dataclass(frozen=True, slots=True)
class PaidPart:
    """One funder's part of one payment; without a purse kind it goes to the bank."""

    fund: UUID
    purse_kind: UUID | None
    yen: int


@transaction.atomic
def disburse(*, benefit_list: UUID, by: Actor, at: datetime) -> Disbursed:
    """Pay what is due of a decided list, from the day of payment on; run again, it pays what has become due since.

    Those who chose are paid at once, those who did not when the time to choose is over, as the terms say. Local money:
    the benefit itself into the purse of the *paid part*, because cash was given up for it and it must be treated as
    money somebody paid (資金決済法; guideline I-2-1(3)); the bonus into a granted part. Bank: owed to the recipient,
    carried by settlement's transfer file.
    Order: the list's row, permission, another person than the importer, day, the rows against the digest that was
    approved, the rows due (locked), funders' shares, postings, states, notices. One lack of budget undoes everything.
    Raises Refusal `benefit_list_unknown`, `not_allowed`, `benefit_list_not_decided`, `benefit_maker_releases`,
    `programme_not_launched`, `benefit_too_early`, `benefit_list_changed`, `benefit_budget_empty`, `shares_exhausted`.
    """
    kept = locked_list(benefit_list, by)
    require(by, "benefit.release", department=kept.department, municipality=kept.municipality)
    offer = find_offer(kept.programme, municipality=kept.municipality)
    _require_payable(kept, offer, by=by, at=at)
    due = Entitlement.objects.select_for_update().filter(benefit_list=kept, state__in=DUE).order_by("id")
    rows = [row for row in due if row.state == EntitlementState.CHOSEN or at >= row.choose_by]
    for row in rows:
        if row.receipt == ReceiptState.UNDECIDED:
            row.receipt = offer.granting.otherwise
    _pay(rows, offer, by=by, at=at)
    waiting = Entitlement.objects.filter(benefit_list=kept, state__in=DUE).count()
    if not waiting and kept.state != ListState.RELEASED:
        kept.state, kept.released_at = ListState.RELEASED, at
        kept.save(update_fields=["state", "released_at"])
    return _disbursed(rows, waiting=waiting)


def _require_payable(kept: BenefitList, offer: Offer, *, by: Actor, at: datetime) -> None:
    """The digest binds: what is paid is what one person proposed and another one decided, to the yen."""
    if kept.state not in {ListState.DECIDED, ListState.RELEASED}:
        raise rules.LIST_NOT_DECIDED.refusal()
    if by.party is not None and by.party == kept.imported_by:
        raise rules.MAKER_RELEASES.refusal()
    require_running(offer)
    if at < day_start(offer.granting.paid_on):
        raise rules.PAID_TOO_EARLY.refusal(when=rules.said(day_start(offer.granting.paid_on)))
    digest = digest_now(kept)
    if not is_approved("benefit.decide", object_id=kept.id, digest=digest, municipality=kept.municipality):
        raise rules.LIST_CHANGED.refusal()


def _pay(rows: Sequence[Entitlement], offer: Offer, *, by: Actor, at: datetime) -> None:
    """Share, post and mark all rows. Funders' shares are taken under one lock for the whole run."""
    ways = {receipt: _way(receipt, offer) for receipt in {Receipt(row.receipt) for row in rows}}
    parts = _parts(rows, ways, agreement=offer.agreements[offer.granting.funded_by], by=by)
    _require_budget(parts, municipality=offer.municipality)
    _open_accounts(rows, municipality=offer.municipality)
    lots = _Lots(rows, offer, by=by, at=at)
    postings = [_posting(row, parts[row.id], lots=lots, by=by, at=at) for row in rows]
    for row, posted in zip(rows, _post(postings, municipality=offer.municipality), strict=True):
        local = row.receipt == ReceiptState.LOCAL_MONEY
        row.state = EntitlementState.PAID if local else EntitlementState.RELEASED
        row.posting, row.paid_at, row.bonus_yen = posted, at, ways[Receipt(row.receipt)].bonus_yen
    Entitlement.objects.bulk_update(
        rows, ["state", "receipt", "posting", "paid_at", "bonus_yen"], batch_size=BATCH
    )
    told = [(row.recipient, _told(row, offer)) for row in rows]
    send_many(told, channel="in_app", topic="benefit.paid", by=office(offer.municipality), at=at)


def _way(receipt: Receipt, offer: Offer) -> Way:
    """The law is asked again here: what a list says can never pay a statutory benefit in local money."""
    choice = rules.require_choice(receipt, offer.granting)
    return Way(
        purse_kind=offer.purse_kind(choice.purse) if choice.purse else None,
        bonus_kind=offer.purse_kind(choice.bonus_purse) if choice.bonus_purse else None,
        bonus_agreement=offer.payer(choice.bonus_purse) if choice.bonus_purse else None,
        bonus_yen=choice.bonus_yen if choice.bonus_purse else 0,
    )


def _parts(
    rows: Sequence[Entitlement], ways: Mapping[Receipt, Way], *, agreement: UUID, by: Actor
) -> dict[UUID, list[PaidPart]]:
    """What each entitlement is made of: the benefit itself, and the bonus of its way, each divided among funders."""
    found: dict[UUID, list[PaidPart]] = {}
    for row, shares in zip(rows, _shares(agreement, [row.amount_yen for row in rows], by=by), strict=True):
        kind = ways[Receipt(row.receipt)].purse_kind
        found[row.id] = [PaidPart(share.fund, kind, share.yen) for share in shares]
    for receipt, way in ways.items():
        if way.bonus_agreement is None or not way.bonus_yen:
            continue
        mine = [row.id for row in rows if row.receipt == receipt]
        bonus = _shares(way.bonus_agreement, [way.bonus_yen] * len(mine), by=by)
        for entitlement, shares in zip(mine, bonus, strict=True):
            found[entitlement] += [PaidPart(share.fund, way.bonus_kind, share.yen) for share in shares]
    return found


def _shares(agreement: UUID, amounts: Sequence[int], *, by: Actor) -> list[tuple[FundShare, ...]]:
    return programmes.share_grants(agreement=agreement, amounts_yen=amounts, by=by) if amounts else []


def _require_budget(parts: Mapping[UUID, Sequence[PaidPart]], *, municipality: int) -> None:
    """Say the whole lack before anything is tried; the postings themselves cannot overdraw a fund in any case."""
    wanted: Counter[UUID] = Counter()
    for part in chain.from_iterable(parts.values()):
        wanted[part.fund] += part.yen
    for fund, yen in wanted.items():
        lot = books.fund_lot(fund, municipality=municipality)
        left = balances.balance(Account(fund, AccountRole.FUND), lot=lot, municipality=municipality)
        if left < yen:
            raise rules.BUDGET_EMPTY.refusal(available=left, wanted=yen, limit=f"fund:{fund}")


def _open_accounts(rows: Sequence[Entitlement], *, municipality: int) -> None:
    """Recipients need no wallet or app yet: the books keep it for them."""
    roles = {ReceiptState.LOCAL_MONEY: AccountRole.WALLET, ReceiptState.BANK: AccountRole.PAYABLE}
    accounts = [Account(row.recipient, roles[ReceiptState(row.receipt)]) for row in rows]
    if accounts:
        books.open_accounts(accounts, municipality=municipality)


class _Lots:
    """The lots of a run, each asked for once: a fund's own, and those of purses, one for each arm of a trial."""

    def __init__(self, rows: Sequence[Entitlement], offer: Offer, *, by: Actor, at: datetime) -> None:
        self._by, self._at = by, at
        self._arms = arms_of(offer.programme, {row.recipient for row in rows}, municipality=by.municipality)
        self._known: dict[tuple[UUID, UUID | None, Arm | None], int] = {}

    def of_fund(self, fund: UUID) -> int:
        """From which a fund pays, and what is owed to a bank account."""
        if (fund, None, None) not in self._known:
            self._known[fund, None, None] = books.fund_lot(fund, municipality=self._by.municipality)
        return self._known[fund, None, None]

    def of_part(self, part: PaidPart, *, recipient: UUID) -> int:
        """Where a part of a payment goes."""
        if part.purse_kind is None:
            return self.of_fund(part.fund)
        place = (part.fund, part.purse_kind, self._arms.get(recipient))
        if place not in self._known:
            self._known[place] = programmes.open_lot(
                purse_kind=part.purse_kind, fund=part.fund, holder=recipient, obtained_at=self._at, by=self._by
            )
        return self._known[place]


def _posting(
    row: Entitlement, parts: Sequence[PaidPart], *, lots: _Lots, by: Actor, at: datetime
) -> Posting:
    """The key is the entitlement's: whatever is sent how often, this person is paid once in this programme."""
    role = AccountRole.WALLET if row.receipt == ReceiptState.LOCAL_MONEY else AccountRole.PAYABLE
    target = Account(row.recipient, role)
    legs = tuple(
        Leg(
            Account(part.fund, AccountRole.FUND), target, part.yen, (lots.of_fund(part.fund),),
            credit_lot=lots.of_part(part, recipient=row.recipient),
        )
        for part in parts
    )
    return Posting(
        key=f"benefit:{row.id}", template="pay_benefit", legs=legs, at=at, by=str(by.party or by.role),
        about={"programme": str(row.programme), "list": str(row.benefit_list_id), "receipt": row.receipt},
    )


def _post(postings: Sequence[Posting], *, municipality: int) -> list[UUID]:
    made = []
    for start in range(0, len(postings), BATCH):
        for answer in books.post_batch(postings[start : start + BATCH], municipality=municipality):
            if isinstance(answer, Refusal):
                raise _in_our_words(answer)
            made.append(answer.posting)
    return made


def _in_our_words(refusal: Refusal) -> Refusal:
    if refusal.kind is INSUFFICIENT and refusal.limit.startswith(AccountRole.FUND):
        facts = refusal.facts
        return rules.BUDGET_EMPTY.refusal(available=facts["available"], wanted=facts["wanted"], limit=refusal.limit)
    return refusal


def _told(row: Entitlement, offer: Offer) -> Wording:
    if row.receipt == ReceiptState.BANK:
        return wording.on_its_way(offer.name, yen=row.amount_yen)
    return wording.paid(offer.name, yen=row.amount_yen, bonus_yen=row.bonus_yen)


def _disbursed(rows: Sequence[Entitlement], *, waiting: int) -> Disbursed:
    local = [row for row in rows if row.receipt == ReceiptState.LOCAL_MONEY]
    bank = [row for row in rows if row.receipt == ReceiptState.BANK]
    return Disbursed(
        to_wallets=len(local), to_wallets_yen=sum(row.amount_yen for row in local),
        bonus_yen=sum(row.bonus_yen for row in local), to_bank=len(bank),
        to_bank_yen=sum(row.amount_yen for row in bank), waiting=waiting,
    )
