"""What a company is told of the town's postings: of its own funds alone, and of no person. Pure.

A posting becomes an event when it loads a fund, gives money of it back, grants it or withdraws a grant. What was spent
becomes part of a sum. Neither holds a pseudonym, a shop or the posting's own number, with which an event could be
joined to another one of the same person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from meguri.ledger.queries import Entry, Event
from meguri.ledger.templates import AccountRole as Role
from meguri.notices.partner_telling import NewEvent, Spending

UNDONE = frozenset({"undo_expire", "undo_demurrage", "undo_wind_up"})
"""Templates by which what came back to a fund unspent goes to the wallet again."""
WENT_BACK = frozenset({"expire", "demurrage", "wind_up"})
TOPICS = {
    "fund.loaded": ("財源に入りました", "A fund was loaded"),
    "fund.returned": ("財源から戻りました", "Money went back from a fund"),
    "points.granted": ("住民に付与しました", "Granted to a resident"),
    "points.withdrawn": ("付与を取り消しました", "A grant was withdrawn"),
    "fund.spent": ("店で使われた合計", "Spent in shops, as a sum"),
}
"""Every kind of event and its name."""


def told(
    events: Sequence[Event], *, owners: Mapping[UUID, UUID], funds: Mapping[int, UUID]
) -> list[NewEvent | Spending]:
    """What these postings tell, in their order. `owners`: the company of each of its funds; `funds`: a lot's fund."""
    return [each for event in events for each in _of(event, owners=owners, funds=funds)]


def _of(event: Event, *, owners: Mapping[UUID, UUID], funds: Mapping[int, UUID]) -> Iterator[NewEvent | Spending]:
    yen: defaultdict[str, defaultdict[UUID, int]] = defaultdict(lambda: defaultdict(int))
    holders: set[UUID] = set()
    for entry in event.entries:
        fund, way = _fund(entry, funds), _way(entry, event.template)
        if fund is None or way is None:
            continue
        name, sign = way
        yen[name][fund] += sign * entry.amount
        holders |= {each.owner for each in (entry.debit, entry.credit) if each.role is Role.WALLET}
    for topic in TOPICS:
        yield from _events(event, topic, yen=yen[topic], owners=owners)
    for fund in sorted({*yen["spent"], *yen["unspent"]} & owners.keys(), key=str):
        yield Spending(
            owners[fund], fund, event.number, event.recorded_at, yen["spent"][fund], yen["unspent"][fund],
            frozenset(holders),
        )  # fmt: skip


def _events(event: Event, topic: str, *, yen: Mapping[UUID, int], owners: Mapping[UUID, UUID]) -> Iterator[NewEvent]:
    """One event for each company that has money in it."""
    shares: defaultdict[UUID, list[dict[str, object]]] = defaultdict(list)
    for fund, amount in yen.items():
        if fund in owners and amount:
            shares[owners[fund]].append({"fund": str(fund), "yen": amount})
    named = {name: event.about[name] for name in ("programme", "action", "day") if name in event.about}
    for owner, parts in shares.items():
        yield NewEvent(
            owner, topic, event.number, event.recorded_at,
            {**named, "funds": parts, "all_funders_yen": sum(yen.values())},
        )  # fmt: skip


def _fund(entry: Entry, funds: Mapping[int, UUID]) -> UUID | None:
    """The fund on whose account it stands, else the one that its money keeps for ever."""
    accounts = (each.owner for each in (entry.debit, entry.credit) if each.role is Role.FUND)
    return next(accounts, None) or funds.get(entry.debit_lot) or funds.get(entry.credit_lot)


def _way(entry: Entry, template: str) -> tuple[str, int] | None:
    """Under what an entry counts for its fund, and with which sign; None for a move that tells a company nothing."""
    pair = entry.debit.role, entry.credit.role
    if pair == (Role.FUND, Role.WALLET):
        return ("unspent", -1) if template in UNDONE else ("points.granted", 1)
    if pair == (Role.WALLET, Role.FUND):
        return ("unspent", 1) if template in WENT_BACK else ("points.withdrawn", 1)
    return {
        (Role.APPROPRIATION, Role.FUND): ("fund.loaded", 1), (Role.FUND, Role.APPROPRIATION): ("fund.returned", 1),
        (Role.FUND, Role.PAYABLE): ("points.granted", 1), (Role.WALLET, Role.SHOP): ("spent", 1),
        (Role.HELD, Role.SHOP): ("spent", 1), (Role.SHOP, Role.WALLET): ("spent", -1),
    }.get(pair)  # fmt: skip
