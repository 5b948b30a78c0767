"""Which rounds open by themselves: what the approved document sells to whoever comes first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from meguri.programmes import queries as programmes
from meguri.programmes.parts import Sale as SaleTerms
from meguri.programmes.parts import SaleRound
from meguri.programmes.starting import SHOWN_AHEAD
from meguri.programmes.vouchers.models import Sale
from meguri.programmes.vouchers.rules import is_drawn


def rounds_to_open(municipality: int, *, at: datetime) -> tuple[tuple[UUID, str], ...]:
    """Programme and round of what is sold first come, soon or now, and was not opened. Oldest first."""
    opened = set(Sale.objects.filter(municipality=municipality).values_list("programme", "round"))
    return tuple(
        (programme, one.code) for programme, one in _rounds(municipality)
        if _opens_by_itself(one, at=at) and (programme, one.code) not in opened
    )  # fmt: skip


def _opens_by_itself(one: SaleRound, *, at: datetime) -> bool:
    days = one.purchase.period
    return not is_drawn(one.allocation) and days.start - SHOWN_AHEAD <= at and not days.is_over(at)


def _rounds(municipality: int) -> Iterator[tuple[UUID, SaleRound]]:
    for view in programmes.programmes(municipality, states=["launched"]):
        obtaining = programmes.terms(view.id, municipality=municipality).obtaining
        if isinstance(obtaining, SaleTerms):
            yield from ((view.id, one) for one in obtaining.rounds)
