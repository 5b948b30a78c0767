"""The budget of an amendment: posted when it rules at once, set apart in the books while it waits for its start.

What waits lies in an account of the version's own: nobody grants from it before the start, nobody returns it meanwhile,
and at the start it is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from meguri.ledger import operations as books
from meguri.ledger import queries as ledger
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.programmes.cost import promised
from meguri.programmes.models import BudgetAppropriation, Fund, Programme, TermsVersion
from meguri.programmes.operations.budgets import record_appropriation
from meguri.programmes.operations.launching import decide, fund_rows, open_funds, post_all
from meguri.programmes.parts import Funder
from meguri.programmes.terms import ProgrammeTerms
from meguri.words.actor import Actor
from meguri.words.period import day_of


def change_budget(
    before: ProgrammeTerms, after: ProgrammeTerms, *, programme: Programme, number: int, by: Actor, at: datetime
) -> None:
    """What the amended document gives a fund more or less than the one before."""
    reason = f"事業の変更: {programme.name_ja}(第{number}版)"
    decide(_changes(before, after), programme, reason=reason, by=by, at=at)


def reserve_budget(
    before: ProgrammeTerms, after: ProgrammeTerms, *, programme: Programme, version: TermsVersion, by: Actor,
    at: datetime,
) -> None:  # fmt: skip
    """Set apart what the amendment adds, and what it promises beyond that from what is left; return what it gives back.

    Raises Refusal `insufficient` where a fund has less left than that.
    """
    changes, reason = _changes(before, after), f"事業の変更: {programme.name_ja}(第{version.number}版、施行待ち)"
    _open_new_funds(after, programme, at=at)
    books.open_accounts([Account(version.id, AccountRole.FUND)], municipality=by.municipality)
    decide({code: yen for code, yen in changes.items() if yen < 0}, programme, reason=reason, by=by, at=at)
    rows = {row.code: row for row in Fund.objects.filter(programme=programme)}
    added = [
        _set_apart(_decided(rows[code], yen, reason=reason, by=by, at=at), version=version, by=by, at=at)
        for code, yen in changes.items() if yen > 0
    ]  # fmt: skip
    needed = [
        _posting("reserve_budget", debit=Account(rows[code].id, AccountRole.FUND),
                 credit=Account(version.id, AccountRole.FUND), fund=rows[code], yen=yen, version=version, by=by, at=at)
        for code, yen in _beyond(before, after, changes=changes)
    ]  # fmt: skip
    post_all([*added, *needed], municipality=by.municipality)


def release_budget(version: TermsVersion, *, by: Actor, at: datetime) -> None:
    """At the start: all that was set apart goes into its funds."""
    post_all([
        _posting("release_budget", debit=Account(version.id, AccountRole.FUND),
                 credit=Account(fund.id, AccountRole.FUND), fund=fund, yen=yen, version=version, by=by, at=at)
        for fund, yen in _apart(version)
    ], municipality=by.municipality)  # fmt: skip


def return_budget(
    before: ProgrammeTerms, after: ProgrammeTerms, *, programme: Programme, version: TermsVersion, by: Actor,
    at: datetime,
) -> None:  # fmt: skip
    """It was withdrawn: what was added goes back where it came from, what was taken from a fund into the fund."""
    changes, reason = _changes(before, after), f"事業の変更の取りやめ: {programme.name_ja}(第{version.number}版)"
    apart, back = Account(version.id, AccountRole.FUND), []
    for fund, yen in _apart(version):
        added = max(changes.get(fund.code, 0), 0)
        if added:
            decision = record_appropriation(
                fund, amount_yen=added, reason=reason, decided_on=day_of(at), returned=True, by=by, at=at
            )
            back.append(_posting("release_budget", debit=apart, credit=Account(fund.id, AccountRole.APPROPRIATION),
                                 fund=fund, yen=added, version=version, by=by, at=at, decision=decision))
        if yen > added:
            back.append(_posting("release_budget", debit=apart, credit=Account(fund.id, AccountRole.FUND), fund=fund,
                                 yen=yen - added, version=version, by=by, at=at))
    post_all(back, municipality=by.municipality)
    decide({code: -yen for code, yen in changes.items() if yen < 0}, programme, reason=reason, by=by, at=at)


def _changes(before: ProgrammeTerms, after: ProgrammeTerms) -> dict[str, int]:
    """Yen that each fund gets (below zero: gives back), by code; the buyers' own money comes with each sale."""
    was = {fund.code: fund.amount_yen for fund in before.funds}
    amounts = {
        fund.code: fund.amount_yen - was.get(fund.code, 0) for fund in after.funds if fund.funder is not Funder.BUYERS
    }
    return {code: yen for code, yen in amounts.items() if yen}


def _beyond(
    before: ProgrammeTerms, after: ProgrammeTerms, *, changes: Mapping[str, int]
) -> Iterator[tuple[str, int]]:
    """What the amendment promises more than it adds: it must still be left at its start."""
    was, now = promised(before), promised(after)
    for fund in after.funds:
        more = now.get(fund.code, 0) - was.get(fund.code, 0) - max(changes.get(fund.code, 0), 0)
        if fund.funder is not Funder.BUYERS and more > 0:
            yield fund.code, more


def _apart(version: TermsVersion) -> list[tuple[Fund, int]]:
    funds = {row.id: row for row in Fund.objects.filter(programme=version.programme_id)}
    held = ledger.balances([version.id], AccountRole.FUND, municipality=version.municipality)
    return [(funds[each.lot.fund], each.amount) for each in held if each.lot.fund in funds]


def _open_new_funds(terms: ProgrammeTerms, programme: Programme, *, at: datetime) -> None:
    known = set(Fund.objects.filter(programme=programme).values_list("code", flat=True))
    fresh = [row for row in fund_rows(terms, programme, at=at) if row.code not in known]
    Fund.objects.bulk_create(fresh)
    open_funds([row.id for row in fresh], municipality=programme.municipality)


def _decided(fund: Fund, yen: int, *, reason: str, by: Actor, at: datetime) -> BudgetAppropriation:
    return record_appropriation(
        fund, amount_yen=yen, reason=reason, decided_on=day_of(at), returned=False, by=by, at=at
    )


def _set_apart(decision: BudgetAppropriation, *, version: TermsVersion, by: Actor, at: datetime) -> Posting:
    outside, apart = Account(decision.fund_id, AccountRole.APPROPRIATION), Account(version.id, AccountRole.FUND)
    return _posting("reserve_budget", debit=outside, credit=apart, fund=decision.fund, yen=decision.amount_yen,
                    version=version, by=by, at=at, decision=decision)


def _posting(
    template: str, *, debit: Account, credit: Account, fund: Fund, yen: int, version: TermsVersion, by: Actor,
    at: datetime, decision: BudgetAppropriation | None = None,
) -> Posting:  # fmt: skip
    """Yen of a fund between the version's own account and another; each such way is gone once."""
    about = {"programme": str(fund.programme_id), "fund": str(fund.id), "version": str(version.id)}
    return Posting(
        key=f"{template}:{version.id}:{fund.id}:{debit.role}:{credit.role}", template=template, at=at,
        legs=(Leg(debit, credit, yen, (books.fund_lot(fund.id, municipality=version.municipality),)),),
        by=str(by.party or by.role), about=about | ({"decision": str(decision.id)} if decision else {}),
    )
