"""What the rules in force decide at a till and at a grant. Pure: no database, no clock.

`RulesInForce` is made by `programmes.queries`; the three kinds, the wallets and the tills read nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from meguri.programmes.parts import Demurrage, ExpiresAfter, ExpiresOn, GiftTerms, NeverExpires
from meguri.words import period
from meguri.words.period import Period
from meguri.words.predicate import Facts, Rule, holds

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PurseKindView:
    """A purse kind of a launched programme, as tills and wallets see it.

    `restriction` speaks about shops; `tightness` is the share of shops it closes (1/100 %); `fund_order` are the ids of
    the funds in the order of the terms; `place` is the purse's place in the document.
    """

    id: UUID
    code: str
    programme: UUID
    programme_code: str
    programme_name_ja: str
    programme_name_en: str
    department: str
    family: str  # voucher, point, benefit
    part: str  # paid, granted
    name_ja: str
    name_en: str
    restriction: Rule = field(hash=False)
    tightness: int
    place: int
    fund_order: tuple[UUID, ...]
    spending: Period
    launched_at: datetime
    payment_max_yen: int | None = None
    transfer_max_yen: int = 0
    demurrage: Demurrage | None = None  # of a granted purse only
    balance_max_yen: int | None = None
    gifts: GiftTerms | None = field(default=None, hash=False)
    donations: bool = False


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """All purse kinds of launched programmes by id. `version` changes whenever one of them does."""

    municipality: int
    version: str
    purse_kinds: Mapping[UUID, PurseKindView]


class SpendableLot(Protocol):
    """What spend order needs to know of a lot; `ledger.queries.Lot` is one."""

    @property
    def id(self) -> int: ...
    @property
    def fund(self) -> UUID | None: ...
    @property
    def purse_kind(self) -> UUID | None: ...
    @property
    def expires_at(self) -> datetime | None: ...


def spend_order(
    lots: Iterable[SpendableLot], *, rules: RulesInForce, shop_facts: Facts, at: datetime
) -> list[int]:
    """The lots that this shop accepts now, in the order in which they are spent.

    Tightest restriction first (what can be spent in few places goes where it can), then soonest expiry, granted before
    paid, the terms' fund order, the purse's place in the terms, and last the lot's number, so that the order is total.
    Raises MissingFact when a restriction asks for a fact of the shop that is not known.
    """
    usable = [(lot, kind) for lot in lots if (kind := _kind_of(lot, rules)) and is_spendable(lot, kind, at=at)]
    kinds = {kind.id: kind for _, kind in usable}
    accepted = {kind.id for kind in kinds.values() if holds(kind.restriction, shop_facts)}
    return [lot.id for lot, kind in sorted(usable, key=_urgency) if kind.id in accepted]


def is_spendable(lot: SpendableLot, kind: PurseKindView, *, at: datetime) -> bool:
    """Whether value of this lot may be spent at `at`, in some shop."""
    return at in kind.spending and (lot.expires_at is None or at < lot.expires_at)


def expires_at(expiry: ExpiresOn | ExpiresAfter | NeverExpires, *, obtained_at: datetime) -> datetime | None:
    """The moment (aware, UTC) from which value obtained at `obtained_at` is no longer good; None: never."""
    if isinstance(expiry, ExpiresOn):
        return Period.of_days(expiry.last_day, expiry.last_day).end
    if isinstance(expiry, ExpiresAfter):
        return period.expiry(obtained_at, months=expiry.months, to_month_end=not expiry.to_the_day)
    return None


def tightness(restriction: Rule, shops: Sequence[Facts]) -> int:
    """The share of shops that do not accept (1/100 %); 0 while there are no shops. Raises MissingFact like `holds`."""
    if not shops:
        return 0
    return sum(not holds(restriction, shop) for shop in shops) * 10_000 // len(shops)


def _kind_of(lot: SpendableLot, rules: RulesInForce) -> PurseKindView | None:
    return None if lot.purse_kind is None else rules.purse_kinds.get(lot.purse_kind)


def _urgency(pair: tuple[SpendableLot, PurseKindView]) -> tuple[int, datetime, bool, int, int, int]:
    lot, kind = pair
    order = kind.fund_order
    fund_place = order.index(lot.fund) if lot.fund in order else len(order)
    return -kind.tightness, lot.expires_at or _NEVER, kind.part == "paid", fund_place, kind.place, lot.id
