"""What withdrawing an action leaves behind: what will come back and what will be owed; how a debt came and went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from meguri.ledger import debts as owed
from meguri.ledger import queries as books
from meguri.ledger.reclaiming import counting, gone_back
from meguri.ledger.templates import AccountRole
from meguri.parties.rules import Both
from meguri.programmes.points.mission_views import bonuses_without
from meguri.programmes.points.models import ActionRecord, MissionBonus
from meguri.programmes.points.queries import PAGE, Done, done_of, names_of, page_of
from meguri.programmes.points.rules import RECORD_UNKNOWN


@dataclass(frozen=True, slots=True)
class TakingBack:
    """What withdrawing a grant would do now: yen out of the wallet, yen that become a debt; and the debt so far.

    `gone_yen` went back by themselves (shrunk, expired), and nobody asks for them again. `missions`: those whose bonus
    goes with it.
    """

    back_yen: int
    owed_yen: int
    debt_yen: int
    gone_yen: int = 0
    missions: tuple[Both, ...] = ()


@dataclass(frozen=True, slots=True)
class DebtLine:
    """One change of a debt: `yen` is owed more (+) or less (-). `kind` is the posting's template.

    `action` is what was withdrawn, or what earned the points that repaid it; `reason` is that of the withdrawal.
    """

    at: datetime
    yen: int
    kind: str
    action: Both | None
    day: date | None
    reason: str


def found_records(
    programme: UUID, *, municipality: int, action: str = "", day: date | None = None, state: str = "",
    after: UUID | None = None, limit: int = PAGE,
) -> tuple[Done, ...]:
    """A programme's records, newest first, of one action, day or state where one is named."""
    rows = ActionRecord.objects.filter(programme=programme, municipality=municipality)
    if action:
        rows = rows.filter(action__code=action)
    if day is not None:
        rows = rows.filter(day=day)
    if state:
        rows = rows.filter(state=state)
    return page_of(rows, after=after, limit=limit)


def found_record(number: UUID, *, municipality: int) -> Done:
    """One record. Raises Refusal `action_record_unknown`."""
    rows = ActionRecord.objects.filter(id=number, municipality=municipality).select_related("action", "place")
    row = rows.first()
    if row is None:
        raise RECORD_UNKNOWN.refusal()
    return done_of(row, names_of({row.programme}, municipality=municipality)[row.programme, row.action.code])


def taking_back(record: Done, *, municipality: int) -> TakingBack:
    """What `withdraw_action` would take back and what it would turn into a debt, as the wallet is now.

    As the books do it: each fund's part comes from the holder's money of the same fund and purse, whatever its expiry.
    """
    if record.posting is None:
        return TakingBack(0, 0, debt_yen(record.resident, municipality=municipality))
    bonuses = bonuses_without(record.id, municipality=municipality)
    left: Counter[tuple[UUID | None, UUID | None]] = Counter()
    for each in books.balances([record.resident], AccountRole.WALLET, municipality=municipality):
        left[each.lot.fund, each.lot.purse_kind] += each.amount
    back = asked = gone = 0
    for posting in (record.posting, *(bonus for _, bonus in bonuses)):
        parts = books.refundable(posting, municipality=municipality)
        lots = books.lots({part.credit_lot for part in parts}, municipality=municipality)
        went = gone_back(parts, municipality=municipality)
        for part in parts:
            place = lots[part.credit_lot].fund, lots[part.credit_lot].purse_kind
            counted = sum(yen for _, yen in counting(part, part.left, gone=went[part.entry_no]))
            taken = min(part.left - counted, left[place])
            left[place] -= taken
            back, asked, gone = back + taken, asked + part.left, gone + counted
    return TakingBack(
        back, asked - back - gone, debt_yen(record.resident, municipality=municipality), gone,
        tuple(name for name, _ in bonuses),
    )  # fmt: skip


def debt_yen(resident: UUID, *, municipality: int) -> int:
    """The points that a resident has to give back, over all funds."""
    return sum(each.yen for each in books.debts([resident], municipality=municipality))


def debt_lines(resident: UUID, *, municipality: int, limit: int = PAGE) -> tuple[DebtLine, ...]:
    """How the resident's debt came and how it was repaid, newest first; what never became a debt is left out."""
    found = books.statement(owed.owing(resident), municipality=municipality, limit=limit)
    names = _names(found, municipality=municipality)
    reasons = _reasons(found, municipality=municipality)
    lines = []
    for posting, group in groupby(found, key=lambda line: line.posting):
        of_posting = list(group)
        first, yen = of_posting[0], sum(line.amount for line in of_posting)
        if yen:
            lines.append(DebtLine(
                at=first.effective_at, yen=yen, kind=first.template, action=names.get(posting),
                day=_day(first.about), reason=reasons.get(posting, ""),
            ))  # fmt: skip
    return tuple(lines)


def _names(lines: list[books.Line], *, municipality: int) -> dict[UUID, Both]:
    deeds = {
        line.posting: (UUID(str(line.about["programme"])), str(line.about.get("action") or line.about["mission"]))
        for line in lines if "programme" in line.about and ("action" in line.about or "mission" in line.about)
    }  # fmt: skip
    known = names_of({programme for programme, _ in deeds.values()}, municipality=municipality)
    return {posting: known[deed] for posting, deed in deeds.items() if deed in known}


def _reasons(lines: list[books.Line], *, municipality: int) -> dict[UUID, str]:
    """Why the grants that these postings take back were withdrawn."""
    grants = {line.takes_back: line.posting for line in lines if line.takes_back is not None}
    rows = ActionRecord.objects.filter(municipality=municipality, posting__in=list(grants))
    bonuses = MissionBonus.objects.filter(municipality=municipality, posting__in=list(grants)).select_related("record")
    reasons = {grants[row.posting]: row.reason for row in rows if row.posting is not None}
    return reasons | {grants[bonus.posting]: bonus.record.reason for bonus in bonuses}


def _day(about: Mapping[str, Any]) -> date | None:
    return date.fromisoformat(str(about["day"])) if "day" in about else None
