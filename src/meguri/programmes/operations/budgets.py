"""Money into funds and out again, and grants divided among funders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction

from meguri.ledger import operations as books
from meguri.ledger.rules import AMOUNT_NOT_POSITIVE, Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.parties.rules import require
from meguri.programmes import queries
from meguri.programmes.arms import expiry_of
from meguri.programmes.models import AgreementShare, BudgetAppropriation, Fund, PurseKind
from meguri.programmes.parts import Funder
from meguri.programmes.rules import expires_at
from meguri.programmes.sharing import ShareState, divide_grant, divide_within, take_back
from meguri.words.actor import Actor
from meguri.words.clock import day
from meguri.words.ids import uuid7
from meguri.words.refusal import Refusal, declare

FUND_UNKNOWN = declare("fund_unknown", status=404, ja="この財源は見つかりません。", en="There is no such fund.")
FUND_IS_BUYERS = declare(
    "fund_is_buyers", status=422,
    ja="販売代金の財源には予算を配当できません。売れた分だけ入ります。",
    en="Buyers' money takes no appropriation: each sale loads it.",
)
AGREEMENT_UNKNOWN = declare(
    "agreement_unknown", status=404, ja="この負担協定は見つかりません。", en="There is no such agreement."
)
REASON_MISSING = declare(
    "appropriation_unreasoned", status=422,
    ja="理由(議決・寄附など)を{most}文字以内で書いてください。",
    en="Please give the reason (a resolution, a donation) in at most {most} characters.",
)
DECISION_DAY_WRONG = declare(
    "appropriation_day_wrong", status=422,
    ja="決定日({on})は、2000年から今日までの日にしてください。",
    en="The day of the decision ({on}) must lie between the year 2000 and today.",
)
REASON_MOST = 2000
DECIDED_SINCE = date(2000, 1, 1)
PURSE_UNKNOWN = declare("purse_unknown", status=404, ja="この財布は見つかりません。", en="There is no such purse.")


@dataclass(frozen=True, slots=True)
class FundShare:
    """One funder's part of a grant (yen, at least 1)."""

    fund: UUID
    yen: int


@transaction.atomic
def appropriate_budget(
    *, fund: UUID, amount_yen: int, reason: str, decided_on: date, by: Actor, at: datetime
) -> UUID:
    """Load a fund with `amount_yen` by a decision (council, deposit); gives the appropriation's id.

    Order: permission, the decision's row, the posting. Raises Refusal `fund_unknown`, `not_allowed`, `fund_is_buyers`,
    `appropriation_unreasoned`, `appropriation_day_wrong`, and the books' `amount_not_positive`.
    """
    kept = _fund(fund, by)
    decision = record_appropriation(
        kept, amount_yen=amount_yen, reason=reason, decided_on=decided_on, returned=False, by=by, at=at
    )
    books.post(appropriation_posting(decision, by=by, at=at), municipality=by.municipality)
    return decision.id


@transaction.atomic
def return_appropriation(
    *, fund: UUID, amount_yen: int, reason: str, decided_on: date, by: Actor, at: datetime
) -> UUID:
    """Take budget that is left out of a fund again. Raises as `appropriate_budget`, and `insufficient`."""
    kept = _fund(fund, by)
    decision = record_appropriation(
        kept, amount_yen=amount_yen, reason=reason, decided_on=decided_on, returned=True, by=by, at=at
    )
    books.post(appropriation_posting(decision, by=by, at=at), municipality=by.municipality)
    return decision.id


def record_appropriation(
    fund: Fund, *, amount_yen: int, reason: str, decided_on: date, returned: bool, by: Actor, at: datetime
) -> BudgetAppropriation:
    """The decision's row; the yen follow by `appropriation_posting` in the same transaction."""
    if amount_yen < 1:
        raise AMOUNT_NOT_POSITIVE.refusal(field="amount_yen")
    if not 1 <= len(reason.strip()) <= REASON_MOST:
        raise REASON_MISSING.refusal(field="reason", most=REASON_MOST)
    if not DECIDED_SINCE <= decided_on <= day(at):
        raise DECISION_DAY_WRONG.refusal(field="decided_on", on=decided_on.isoformat())
    return BudgetAppropriation.objects.create(
        id=uuid7(at), municipality=by.municipality, fund=fund, amount_yen=amount_yen, returned=returned,
        reason=reason, decided_on=decided_on, made_by=by.party, made_at=at,
    )


def appropriation_posting(decision: BudgetAppropriation, *, by: Actor, at: datetime) -> Posting:
    """The posting of a decision: its key is the decision's id, so the decision's yen can move only once."""
    fund = decision.fund_id
    lot = books.fund_lot(fund, municipality=decision.municipality)
    outside, inside = Account(fund, AccountRole.APPROPRIATION), Account(fund, AccountRole.FUND)
    debit, credit = (inside, outside) if decision.returned else (outside, inside)
    template = "return_appropriation" if decision.returned else "appropriate"
    return Posting(
        key=f"{template}:{decision.id}", template=template, at=at, by=str(by.party or by.role),
        legs=(Leg(debit, credit, decision.amount_yen, (lot,)),),
        about={"programme": str(decision.fund.programme_id), "fund": str(fund), "decision": str(decision.id)},
    )


def share_grant(*, agreement: UUID, amount_yen: int, by: Actor) -> tuple[FundShare, ...]:
    """Who pays `amount_yen` of a grant: shares exact over time, rests carried; funders who pay nothing are left out.

    Called by the operation that grants, in its transaction, and covered by that operation's permission; the shares
    stay locked until it ends, so two grants never carry the same rest.
    Raises Refusal `agreement_unknown`, `shares_exhausted`.
    """
    (parts,) = share_grants(agreement=agreement, amounts_yen=(amount_yen,), by=by)
    return parts


@transaction.atomic
def share_grants(*, agreement: UUID, amounts_yen: Sequence[int], by: Actor) -> list[tuple[FundShare, ...]]:
    """Many grants under one lock, each divided as by `share_grant`, in their order: all of them or none."""
    answers: list[tuple[FundShare, ...]] = []
    for answer in share_each(agreement=agreement, amounts_yen=amounts_yen, by=by):
        if isinstance(answer, Refusal):
            raise answer
        answers.append(answer)
    return answers


@transaction.atomic(savepoint=False)
def share_each(*, agreement: UUID, amounts_yen: Sequence[int], by: Actor) -> list[tuple[FundShare, ...] | Refusal]:
    """As `share_grants`, but each grant is judged alone: what the caps leave no room for is refused and shares nothing.

    Raises Refusal `agreement_unknown`.
    """
    rows = _locked_shares(agreement, by)
    states = [_state(row) for row in rows]
    answers: list[tuple[FundShare, ...] | Refusal] = []
    for amount in amounts_yen:
        try:
            parts, states = divide_grant(amount, states)
        except Refusal as refusal:
            answers.append(refusal)
        else:
            answers.append(tuple(FundShare(row.fund_id, yen) for row, yen in zip(rows, parts, strict=True) if yen))
    _keep(rows, states)
    return answers


class Sharing:
    """The shares of one agreement, locked, for grants that are divided one after another and kept at the end."""

    def __init__(self, *, agreement: UUID, by: Actor) -> None:
        """Raises Refusal `agreement_unknown`."""
        self._rows = _locked_shares(agreement, by)
        self._states: Sequence[ShareState] = [_state(row) for row in self._rows]

    def divide(self, amount_yen: int, *, left: dict[UUID, int]) -> tuple[FundShare, ...]:
        """The most of `amount_yen` that the funders carry together; what they pay goes off what is `left` by fund.

        Raises Refusal `shares_exhausted`.
        """
        has = [left[row.fund_id] for row in self._rows]
        parts, self._states = divide_within(amount_yen, self._states, left=has)
        shares = tuple(FundShare(row.fund_id, yen) for row, yen in zip(self._rows, parts, strict=True) if yen)
        for share in shares:
            left[share.fund] -= share.yen
        return shares

    def keep(self) -> None:
        _keep(self._rows, self._states)


def hold_shares(*, agreement: UUID, by: Actor) -> None:
    """Lock the shares until the caller's transaction ends, before a posting that moves their funds.

    Grants lock the shares first and the books' balances after them; who posts first and then counts the shares would
    wait for a grant that waits for it. Raises Refusal `agreement_unknown`.
    """
    _locked_shares(agreement, by)


@transaction.atomic
def take_back_grant(*, agreement: UUID, parts: Mapping[UUID, int], by: Actor) -> None:
    """A grant was reversed, or a fund gave less than its part: `parts` (fund -> yen) count as never granted."""
    rows = _locked_shares(agreement, by)
    _keep(rows, take_back([parts.get(row.fund_id, 0) for row in rows], [_state(row) for row in rows]))


def open_lot(*, purse_kind: UUID, fund: UUID, holder: UUID, obtained_at: datetime, by: Actor) -> int:
    """The lot that value of this purse kind, paid by this fund and obtained at that moment by the holder, belongs to.

    The expiry follows from the terms in force, and from the holder's arm where lot decides it: all of one arm share a
    lot. Raises Refusal `purse_unknown`, `arms_not_drawn`.
    """
    row = PurseKind.objects.filter(id=purse_kind, municipality=by.municipality).only("programme_id").first()
    if row is None:
        raise PURSE_UNKNOWN.refusal()
    terms = queries.terms(row.programme_id, municipality=by.municipality)
    queries.require_arms_drawn(row.programme_id, terms)
    arm = queries.arm_of(row.programme_id, holder, municipality=by.municipality)
    ends = expires_at(expiry_of(terms, arm), obtained_at=obtained_at)
    return books.money_lot(municipality=by.municipality, fund=fund, purse_kind=purse_kind, expires_at=ends)


def _fund(fund: UUID, by: Actor) -> Fund:
    found = Fund.objects.select_related("programme").filter(id=fund, municipality=by.municipality).first()
    if found is None:
        raise FUND_UNKNOWN.refusal()
    require(by, "budget.appropriate", department=found.programme.department, municipality=found.municipality)
    if found.funder == Funder.BUYERS:
        raise FUND_IS_BUYERS.refusal(field="fund")
    return found


def _locked_shares(agreement: UUID, by: Actor) -> list[AgreementShare]:
    shares = AgreementShare.objects.filter(agreement_id=agreement, municipality=by.municipality)
    rows = list(shares.select_for_update().order_by("place"))
    if not rows:
        raise AGREEMENT_UNKNOWN.refusal()
    return rows


def _state(row: AgreementShare) -> ShareState:
    return ShareState(
        share_bp=row.share_bp, cap_yen=row.cap_yen, granted_yen=row.granted_yen, carried=row.carried
    )


def _keep(rows: list[AgreementShare], states: Sequence[ShareState]) -> None:
    """One plain statement: every grant of an agreement waits for it."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [
            [row.id for row in rows], [state.granted_yen for state in states], [state.carried for state in states],
        ])  # fmt: skip


_KEEP = """
    UPDATE programmes_agreementshare AS s SET granted_yen = now.granted_yen, carried = now.carried
      FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[]) AS now (id, granted_yen, carried) WHERE s.id = now.id
"""
