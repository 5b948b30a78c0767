"""What may be asked about causes and donations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, Sum

from meguri.parties import queries as people
from meguri.parties.rules import Both
from meguri.wallets.donation_rules import is_donatable, is_open
from meguri.wallets.models import Cause, Donation
from meguri.wallets.queries import Purse, WalletView


@dataclass(frozen=True, slots=True)
class CauseView:
    """A cause with what came together: of how many people, and how much of it became payable to the receiver.

    `state`: waiting (for its approval), coming, open, over.
    """

    id: UUID
    department: str
    name: Both
    purpose: Both
    receiver: UUID
    receiver_name: Both
    receiver_kind: str
    opens_at: datetime
    ends_at: datetime
    made_by: UUID | None
    approval: UUID
    state: str
    yen: int
    people: int
    passed_yen: int


@dataclass(frozen=True, slots=True)
class DonationView:
    """A donation as its giver sees it. `state`: waiting (can be undone until `until`), final, passed, undone."""

    id: UUID
    cause: CauseView
    programme: UUID
    yen: int
    made_at: datetime
    until: datetime
    state: str
    ended_at: datetime | None


def donatable(found: WalletView) -> tuple[Purse, ...]:
    """Those purses of a wallet from which the terms let something be donated now."""
    return tuple(
        purse for purse in found.purses
        if purse.amount_yen and is_donatable(purse.kind, expires_at=purse.expires_at, at=found.at)
    )  # fmt: skip


def causes(municipality: int, *, at: datetime, open_only: bool = False) -> tuple[CauseView, ...]:
    """The causes of the town, newest first; without those that wait for a second officer where only open ones count."""
    rows = Cause.objects.filter(municipality=municipality).order_by("-id")
    if open_only:
        rows = rows.filter(approved_at__isnull=False, opens_at__lte=at, ends_at__gt=at)
    return _views(list(rows), municipality=municipality, at=at)


def listed_causes(municipality: int, *, at: datetime) -> tuple[CauseView, ...]:
    """What the public sees: causes that two officers listed, whether or not their time runs."""
    return tuple(each for each in causes(municipality, at=at) if each.state != "waiting")


def cause(number: UUID, *, municipality: int, at: datetime) -> CauseView | None:
    rows = list(Cause.objects.filter(id=number, municipality=municipality))
    return next(iter(_views(rows, municipality=municipality, at=at)), None)


def donations(holder: UUID, *, municipality: int, at: datetime, limit: int = 30) -> tuple[DonationView, ...]:
    """What a holder has donated, newest first."""
    rows = list(Donation.objects.filter(municipality=municipality, holder=holder).order_by("-made_at", "-id")[:limit])
    return _donations(rows, municipality=municipality, at=at)


def donation(number: UUID, *, holder: UUID, municipality: int, at: datetime) -> DonationView | None:
    """One donation of this holder; None for anybody else's."""
    rows = list(Donation.objects.filter(id=number, municipality=municipality, holder=holder))
    return next(iter(_donations(rows, municipality=municipality, at=at)), None)


def _donations(rows: list[Donation], *, municipality: int, at: datetime) -> tuple[DonationView, ...]:
    found = Cause.objects.filter(id__in={row.cause_id for row in rows}, municipality=municipality)
    given = {each.id: each for each in _views(list(found), municipality=municipality, at=at)}
    return tuple(
        DonationView(
            row.id, given[row.cause_id], row.programme, row.yen, row.made_at, row.until,
            row.outcome or ("waiting" if at < row.until else "final"), row.ended_at,
        )
        for row in rows
    )  # fmt: skip


def _views(rows: list[Cause], *, municipality: int, at: datetime) -> tuple[CauseView, ...]:
    sums = (
        Donation.objects.filter(municipality=municipality, cause__in=rows).exclude(outcome=Donation.UNDONE)
        .values("cause").annotate(
            all_yen=Sum("yen"), people=Count("holder", distinct=True),
            passed_yen=Sum("yen", filter=Q(outcome=Donation.PASSED)),
        )
    )  # fmt: skip
    given = {each["cause"]: (each["all_yen"], each["people"], each["passed_yen"] or 0) for each in sums}
    names = {each.id: Both(each.name_ja, each.name_en) for each in people.sponsors(municipality)}
    return tuple(_view(row, given.get(row.id, (0, 0, 0)), receiver_name=names[row.receiver], at=at) for row in rows)


def _view(row: Cause, given: tuple[int, int, int], *, receiver_name: Both, at: datetime) -> CauseView:
    yen, givers, passed_yen = given
    return CauseView(
        id=row.id, department=row.department, name=Both(row.name_ja, row.name_en),
        purpose=Both(row.purpose_ja, row.purpose_en), receiver=row.receiver, receiver_name=receiver_name,
        receiver_kind=row.receiver_kind, opens_at=row.opens_at, ends_at=row.ends_at, made_by=row.made_by,
        approval=row.approval, state=_state(row, at=at), yen=yen, people=givers,
        passed_yen=passed_yen,
    )  # fmt: skip


def _state(row: Cause, *, at: datetime) -> str:
    if row.approved_at is None:
        return "waiting"
    if is_open(row, at=at):
        return "open"
    return "coming" if at < row.opens_at else "over"
