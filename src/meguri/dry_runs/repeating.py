"""What makes the days of a dry run come again, and what only its rows know.

A real draw rests on a secret and on receipt numbers that nobody can guess. In a dry run they are written anew out of
its seed, right after they were made: the draw itself is then the real one, and the same every time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, Sum

from meguri.programmes.arms import list_hash
from meguri.programmes.models import ArmMember, ArmsDraw, ArmUnit
from meguri.programmes.queries.arms import listed
from meguri.programmes.vouchers.models import Application, ApplicationState, Draw
from meguri.programmes.vouchers.rules import NUMBERS, receipt_number
from meguri.words import draw
from meguri.words.ids import named_id
from meguri.words.period import Period


@dataclass(frozen=True, slots=True)
class Units:
    won: int
    lapsed: int
    moved_up: int


@dataclass(frozen=True, slots=True)
class Right:
    """What somebody has won and not paid for, with the days on which they may. `name` is the same in every dry run."""

    application: UUID
    name: str
    first_day: date
    last_day: date


def promise(sale: UUID, *, seed: int, round_code: str) -> None:
    """Let the secret of a sale's draw, if it has one, follow from the seed."""
    secret = hashlib.sha256(f"dry_run/{seed}/{round_code}".encode()).hexdigest()
    Draw.objects.filter(sale=sale).update(secret=secret, commitment=draw.commitment(secret))


@transaction.atomic
def promise_arms(programme: UUID, *, seed: int) -> None:
    """Let the secret of a trial's draw, and the names in its list, follow from the seed."""
    kept = ArmsDraw.objects.get(programme=programme)
    for unit in ArmUnit.objects.filter(draw=kept):
        named = named_id(f"dry_run/{seed}/arm/{unit.unit}")
        ArmMember.objects.filter(unit=unit).update(unit=named)
        ArmUnit.objects.filter(id=unit.id).update(id=named)
    kept.secret = hashlib.sha256(f"dry_run/{seed}/arms".encode()).hexdigest()
    kept.commitment, kept.list_hash = draw.commitment(kept.secret), list_hash(listed(kept))
    kept.save(update_fields=["secret", "commitment", "list_hash"])


def number(application: UUID, *, name: str) -> None:
    """Let an application's receipt number follow from its name."""
    drawn = int.from_bytes(hashlib.sha256(f"dry_run/{name}".encode()).digest()[:8])
    Application.objects.filter(id=application).update(number=receipt_number(drawn % NUMBERS))


def unpaid(sales: Iterable[UUID]) -> Iterator[Right]:
    """The rights that stand, in the order in which they were applied for."""
    rows = Application.objects.filter(sale__in=list(sales), state=ApplicationState.WON).select_related("sale")
    for row in rows.order_by("id"):
        days = Period(row.sale.purchase_from, row.moved_up_until or row.pay_before or row.sale.purchase_until)
        name = f"{row.sale.round}/{row.resident}/{row.moved_up_at is not None}"
        assert days.last_day is not None  # noqa: S101 - a deadline has a day
        yield Right(row.id, name, days.first_day, days.last_day)


def applicants(sales: Iterable[UUID]) -> int:
    """How many people have applied in any of these rounds."""
    rows = Application.objects.filter(sale__in=list(sales)).exclude(state=ApplicationState.WITHDRAWN)
    return rows.values("resident").distinct().count()


def units(sale: UUID) -> Units:
    """What was won, what lapsed, and who moved up."""
    rows = Application.objects.filter(sale=sale)
    found = rows.aggregate(
        won=Sum("units_won"), lapsed=Sum("units_won", filter=Q(state=ApplicationState.LAPSED)),
        moved_up=Count("id", filter=Q(moved_up_at__isnull=False)),
    )
    return Units(found["won"] or 0, found["lapsed"] or 0, found["moved_up"])
