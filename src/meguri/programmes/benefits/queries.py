"""What may be asked about benefits. Answers are frozen; people are pseudonyms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, QuerySet

from meguri.ledger import queries as balances
from meguri.ledger.templates import AccountRole
from meguri.parties.rules import Both
from meguri.programmes.benefits import rules
from meguri.programmes.benefits.judging import judge_list
from meguri.programmes.benefits.models import BenefitList, Entitlement, EntitlementState, ReceiptState
from meguri.programmes.benefits.offer import Offer, find_offer
from meguri.programmes.benefits.rules import Fault, Figures

PAGE = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to receive a benefit. `yen` is what comes in this way, the bonus in it."""

    receipt: str  # bank, local_money
    words: Both
    yen: int
    bonus_yen: int
    purse: Both | None


@dataclass(frozen=True, slots=True)
class Benefit:
    """A recipient's benefit. `whereabouts`: applied (not decided), decided, chosen, on_the_way, paid, returned.

    `choices` is empty where nothing is to be chosen: by law, or because the time is over.
    """

    id: UUID
    benefit_list: UUID
    programme: UUID
    programme_name: Both
    department: str
    person: UUID
    recipient: UUID
    amount_yen: int
    bonus_yen: int
    row: Both
    state: str
    receipt: str
    receipt_words: Both
    whereabouts: str
    whereabouts_words: Both
    choose_by: datetime
    choices: tuple[Choice, ...]
    otherwise: str
    chosen_at: datetime | None
    paid_at: datetime | None
    posting: UUID | None


@dataclass(frozen=True, slots=True)
class ListView:
    """A list as the office sees it. `figures` shows a checker at a glance whether something is off."""

    id: UUID
    programme: UUID
    programme_name: Both
    department: str
    name: str
    state: str
    rows: int
    faults: int
    digest: str
    file_digest: str
    figures: Figures
    by_state: dict[str, int]
    by_receipt: dict[str, int]
    approval: UUID | None
    choose_by: datetime
    imported_at: datetime
    imported_by: UUID | None
    decided_at: datetime | None
    decided_by: UUID | None
    released_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListPreview:
    """What a file would become; nothing is written."""

    entitled: int
    figures: Figures
    faults: tuple[Fault, ...]
    file_digest: str
    known_as: UUID | None  # the list that this very file became already


WHEREABOUTS = {
    "applied": Both("決定を待っています", "waiting for the decision"),
    "decided": Both("支給が決まりました", "decided"),
    "chosen": Both("受け取り方を選びました", "you have chosen how to receive it"),
    "on_the_way": Both("振込の手続き中です", "being transferred to your account"),
    "paid": Both("お受け取り済みです", "paid"),
    "returned": Both("返納されました", "returned"),
}


def benefits_of(resident: UUID, *, municipality: int, at: datetime) -> tuple[Benefit, ...]:
    """What a resident receives, for themselves or for somebody else, newest first."""
    rows = Entitlement.objects.filter(recipient=resident, municipality=municipality)
    return _benefits(rows.order_by("-id"), at=at)


def benefit(entitlement: UUID, *, municipality: int, at: datetime) -> Benefit | None:
    rows = Entitlement.objects.filter(id=entitlement, municipality=municipality)
    return next(iter(_benefits(rows, at=at)), None)


def awaited_by(programme: UUID, *, municipality: int) -> frozenset[UUID]:
    """Who will receive a benefit that was decided and is not paid yet."""
    waiting = (EntitlementState.DECIDED, EntitlementState.CHOSEN)
    rows = Entitlement.objects.filter(municipality=municipality, programme=programme, state__in=waiting)
    return frozenset(rows.values_list("recipient", flat=True))


def entitlements(
    benefit_list: UUID, *, municipality: int, at: datetime, state: str = "", after: UUID | None = None,
    limit: int = PAGE,
) -> tuple[Benefit, ...]:
    """A list's rows, in the file's order. `after` is the stable cursor: the last entitlement of the page before."""
    rows = Entitlement.objects.filter(benefit_list_id=benefit_list, municipality=municipality)
    if state:
        rows = rows.filter(state=state)
    if after is not None:
        rows = rows.filter(line__gt=Entitlement.objects.filter(id=after).values("line")[:1])
    return _benefits(rows.order_by("line")[:limit], at=at)


def lists(municipality: int, *, programme: UUID | None = None) -> tuple[ListView, ...]:
    """Lists, newest first."""
    rows = BenefitList.objects.filter(municipality=municipality)
    if programme is not None:
        rows = rows.filter(programme=programme)
    return tuple(_list(row) for row in rows.order_by("-id"))


def list_page(benefit_list: UUID, *, municipality: int) -> ListView:
    """One list with its figures. Raises Refusal `benefit_list_unknown`."""
    row = BenefitList.objects.filter(id=benefit_list, municipality=municipality).first()
    if row is None:
        raise rules.LIST_UNKNOWN.refusal()
    return _list(row)


def preview_list(programme: UUID, *, content: bytes, municipality: int) -> ListPreview:
    """Judge a file without importing it. Raises Refusal as `judge_list` and `find_offer`."""
    offer = find_offer(programme, municipality=municipality)
    digest = rules.file_digest(content)
    kept = BenefitList.objects.filter(programme=programme, file_digest=digest).exclude(state="withdrawn").first()
    judged = judge_list(offer, content)
    return ListPreview(
        entitled=len(judged.entitled), figures=rules.figures([each.yen for each in judged.entitled]),
        faults=judged.faults, file_digest=digest, known_as=kept.id if kept else None,
    )


def _list(row: BenefitList) -> ListView:
    own = Entitlement.objects.filter(benefit_list=row)
    offer = find_offer(row.programme, municipality=row.municipality)
    return ListView(
        id=row.id, programme=row.programme, programme_name=offer.name, department=row.department, name=row.name,
        state=row.state, rows=row.rows, faults=row.faults, digest=row.digest, file_digest=row.file_digest,
        figures=rules.figures(list(own.values_list("amount_yen", flat=True))),
        by_state=_counts(own, "state", values=EntitlementState.values),
        by_receipt=_counts(own, "receipt", values=ReceiptState.values),
        approval=row.approval, choose_by=row.choose_by, imported_at=row.imported_at, imported_by=row.imported_by,
        decided_at=row.decided_at, decided_by=row.decided_by, released_at=row.released_at,
    )


def _counts(rows: QuerySet[Entitlement], column: str, *, values: list[str]) -> dict[str, int]:
    found = dict(rows.values_list(column).annotate(count=Count("id")).values_list(column, "count"))
    return {value: found.get(value, 0) for value in values}


def _benefits(rows: QuerySet[Entitlement], *, at: datetime) -> tuple[Benefit, ...]:
    found = list(rows)
    if not found:
        return ()
    town = found[0].municipality
    offers = {programme: find_offer(programme, municipality=town) for programme in {row.programme for row in found}}
    owed = _still_owed([row.recipient for row in found], municipality=town)
    return tuple(_benefit(row, offers[row.programme], owed=row.recipient in owed, at=at) for row in found)


def _still_owed(recipients: list[UUID], *, municipality: int) -> set[UUID]:
    """To whom the books still owe a transfer: settlement pays it out, and only the books know when it has."""
    open_ = balances.balances(recipients, AccountRole.PAYABLE, municipality=municipality)
    return {each.account.owner for each in open_}


def _benefit(row: Entitlement, offer: Offer, *, owed: bool, at: datetime) -> Benefit:
    where = _whereabouts(row, owed=owed)
    return Benefit(
        id=row.id, benefit_list=row.benefit_list_id, programme=row.programme, programme_name=offer.name,
        department=offer.department, person=row.person, recipient=row.recipient, amount_yen=row.amount_yen,
        bonus_yen=row.bonus_yen, row=Both(row.row_ja, row.row_en), state=row.state, receipt=row.receipt,
        receipt_words=rules.RECEIPTS[row.receipt], whereabouts=where, whereabouts_words=WHEREABOUTS[where],
        choose_by=row.choose_by, choices=_choices(row, offer, at=at), otherwise=offer.granting.otherwise,
        chosen_at=row.chosen_at, paid_at=row.paid_at, posting=row.posting,
    )


def _whereabouts(row: Entitlement, *, owed: bool) -> str:
    if row.state == EntitlementState.RELEASED:
        return "on_the_way" if owed else "paid"
    return "applied" if row.state == EntitlementState.DRAFT else str(row.state)


def _choices(row: Entitlement, offer: Offer, *, at: datetime) -> tuple[Choice, ...]:
    is_open = row.state in {EntitlementState.DECIDED, EntitlementState.CHOSEN}
    if not is_open or offer.granting.statutory or not offer.choosing.start <= at < row.choose_by:
        return ()
    names = {purse.code: Both(purse.name.ja, purse.name.en) for purse in offer.terms.purses}
    return tuple(
        Choice(
            receipt=each.receipt, words=rules.RECEIPTS[each.receipt], yen=row.amount_yen + each.bonus_yen,
            bonus_yen=each.bonus_yen, purse=names[each.purse] if each.purse else None,
        )
        for each in offer.granting.choices
    )
