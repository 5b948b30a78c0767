"""How each indicator is computed from a snapshot: its value and its denominator. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeVar
from uuid import UUID

from meguri.evidence.concentration import concentration
from meguri.evidence.flows import Flow, MoneyFigures, figures
from meguri.evidence.indicator import Indicator
from meguri.evidence.meanings import MEANINGS
from meguri.evidence.places import PlaceRow, shop_amounts
from meguri.evidence.snapshot import ReachRow, Snapshot
from meguri.evidence.survival import Lying, curve, median_day, share, share_in_last_days, share_within

SMALL_SHOPS = frozenset({"small", "street"})
OWN_WARD, OTHER_WARD = "own", "other"
_REFUND = "refund_payment"

Computed = tuple[int | float | None, int | None]


class OfProgramme(Protocol):
    """A row of one programme, or (`in_all`) of all together."""

    @property
    def in_all(self) -> bool: ...
    @property
    def programme(self) -> UUID | None: ...


Row = TypeVar("Row", bound=OfProgramme)


def of_programme(rows: Iterable[Row], programme: UUID | None) -> tuple[Row, ...]:
    """The rows of one programme; without one those of all together."""
    return tuple(
        row for row in rows if (row.in_all if programme is None else row.programme == programme and not row.in_all)
    )


def money(seen: Snapshot, programme: UUID | None) -> MoneyFigures:
    return figures(_flows(seen, programme))


def _flows(seen: Snapshot, programme: UUID | None) -> list[Flow]:
    return [flow for flow in seen.flows if programme is None or flow.programme == programme]


def _yen(name: str) -> Callable[[Snapshot, UUID | None], Computed]:
    return lambda seen, programme: (getattr(money(seen, programme), name), None)


def _use_rate(seen: Snapshot, programme: UUID | None) -> Computed:
    found = money(seen, programme)
    return share(found.spent_yen, found.issued_yen), found.issued_yen


def _people(name: str) -> Callable[[Snapshot, UUID | None], Computed]:
    return lambda seen, programme: (getattr(_reached(seen, programme), name), None)


def _reached(seen: Snapshot, programme: UUID | None) -> ReachRow:
    found = of_programme(seen.reach, programme)
    return found[0] if found else ReachRow(programme is None, programme, 0, 0, 0)


def _take_up(seen: Snapshot, programme: UUID | None) -> Computed:
    """Only of one programme: each has its own denominator."""
    eligible = dict(seen.eligible).get(programme) if programme else None
    return (None, None) if eligible is None else (share(_reached(seen, programme).receivers, eligible), eligible)


def _median_days(seen: Snapshot, programme: UUID | None) -> Computed:
    return median_day(curve(seen.lying(programme))), None


def _first_days(seen: Snapshot, programme: UUID | None) -> Computed:
    found = seen.lying(programme)
    return share_within(found, days=14), _spent(found)


def _last_days(seen: Snapshot, programme: UUID | None) -> Computed:
    found = seen.lying(programme)
    return share_in_last_days(found), _spent(found)


def _spent(found: Iterable[Lying]) -> int:
    return sum(one.yen for one in found if one.is_spent)


def _place_share(rows: Iterable[PlaceRow], *, wanted: frozenset[str], among: frozenset[str] | None = None) -> Computed:
    counted = [row for row in rows if among is None or row.place in among]
    whole = sum(row.yen for row in counted)
    return share(sum(row.yen for row in counted if row.place in wanted), whole), whole


def _own_ward(seen: Snapshot, programme: UUID | None) -> Computed:
    rows = of_programme(seen.places("ward"), programme)
    return _place_share(rows, wanted=frozenset({OWN_WARD}), among=frozenset({OWN_WARD, OTHER_WARD}))


def _small_shops(seen: Snapshot, programme: UUID | None) -> Computed:
    return _place_share(of_programme(seen.places("size_class"), programme), wanted=SMALL_SHOPS)


def _top_tenth(seen: Snapshot, programme: UUID | None) -> Computed:
    found = concentration(shop_amounts(seen.takings, programme=programme))
    return found.top_share, found.yen


def _onward(seen: Snapshot, programme: UUID | None) -> Computed:
    flows = _flows(seen, programme)
    passed_on = sum(
        flow.yen for flow in flows
        if flow.source == "shop" and flow.target in ("shop", "wallet") and flow.template != _REFUND
    )
    receipts = money(seen, programme).spent_yen
    return share(passed_on, receipts), receipts


def _turns(seen: Snapshot, programme: UUID | None) -> Computed:
    passed_on, _ = _onward(seen, programme)
    return (None if passed_on is None or passed_on >= 1 else 1 / (1 - passed_on)), None


_COMPUTED: Mapping[str, Callable[[Snapshot, UUID | None], Computed]] = {
    "issued_yen": _yen("issued_yen"),
    "spent_yen": _yen("spent_yen"),
    "use_rate": _use_rate,
    "to_bank_yen": _yen("to_bank_yen"),
    "lapsed_yen": _yen("lapsed_yen"),
    "unspent_yen": _yen("unspent_yen"),
    "receivers": _people("receivers"),
    "payers": _people("payers"),
    "take_up": _take_up,
    "median_days": _median_days,
    "first_14_days": _first_days,
    "last_14_days": _last_days,
    "own_ward_share": _own_ward,
    "small_shop_share": _small_shops,
    "top_tenth_share": _top_tenth,
    "onward_share": _onward,
    "turns": _turns,
}


def compute(code: str, seen: Snapshot, *, programme: UUID | None) -> Indicator:
    """One indicator of one programme, or of all together. Raises KeyError for a code that is not in MEANINGS."""
    return Indicator(MEANINGS[code], *_COMPUTED[code](seen, programme))
