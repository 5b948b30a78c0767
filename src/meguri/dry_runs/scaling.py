"""A document for few people: what belongs to the whole town is taken down in proportion, what is a person's stays."""

from __future__ import annotations

from math import ceil

import msgspec

from meguri.programmes import cost
from meguri.programmes.parts import Action, AgreementTerms, FundTerms, GrantByAction, Sale, SaleRound, Share
from meguri.programmes.terms import Obtaining, ProgrammeTerms


def scaled(terms: ProgrammeTerms, *, people: int, population: int) -> ProgrammeTerms:
    """The document as `people` of a town of `population` live it: units, budgets and caps of funders are reduced.

    Nothing changes where the town has no more people than that. A budget that covers what is promised still does.
    """
    if population <= people:
        return terms
    fewer = msgspec.structs.replace(terms, obtaining=_obtaining(terms.obtaining, people, population=population))
    before, after = cost.promised(terms), cost.promised(fewer)

    def yen(fund: str, amount: int) -> int:
        part, whole = (after[fund], before[fund]) if before.get(fund) else (people, population)
        return ceil(amount * part / whole)

    return msgspec.structs.replace(
        fewer, funds=tuple(_fund(each, yen(each.code, each.amount_yen)) for each in terms.funds),
        agreements=tuple(
            _agreement(each, [None if share.cap_yen is None else yen(share.fund, share.cap_yen)
                              for share in each.shares])
            for each in terms.agreements
        ),
    )  # fmt: skip


def amended(before: ProgrammeTerms, after: ProgrammeTerms) -> ProgrammeTerms:
    """`after`, both scaled: what rounding took from a fund or a cap that the amendment leaves is given back to it."""
    funds = {each.code: each.amount_yen for each in before.funds}
    caps = {(each.code, share.fund): share.cap_yen for each in before.agreements for share in each.shares}
    return msgspec.structs.replace(
        after, funds=tuple(_fund(each, max(each.amount_yen, funds.get(each.code, 0))) for each in after.funds),
        agreements=tuple(
            _agreement(each, [_larger(share.cap_yen, caps.get((each.code, share.fund))) for share in each.shares])
            for each in after.agreements
        ),
    )  # fmt: skip


def _larger(cap_yen: int | None, before: int | None) -> int | None:
    return None if cap_yen is None else max(cap_yen, before or 0)


def _obtaining(obtaining: Obtaining, people: int, *, population: int) -> Obtaining:
    match obtaining:
        case Sale(rounds=rounds):
            return msgspec.structs.replace(
                obtaining, rounds=tuple(_round(each, people, population=population) for each in rounds)
            )
        case GrantByAction(actions=actions):
            return msgspec.structs.replace(
                obtaining, actions=tuple(_action(each, people, population=population) for each in actions)
            )
    return obtaining


def _round(each: SaleRound, people: int, *, population: int) -> SaleRound:
    return msgspec.structs.replace(each, units=ceil(each.units * people / population))


def _action(each: Action, people: int, *, population: int) -> Action:
    return msgspec.structs.replace(each, goal=ceil(each.goal * people / population))


def _fund(each: FundTerms, yen: int) -> FundTerms:
    return msgspec.structs.replace(each, amount_yen=yen)


def _agreement(each: AgreementTerms, caps: list[int | None]) -> AgreementTerms:
    shares = tuple(_share(share, cap) for share, cap in zip(each.shares, caps, strict=True))
    return msgspec.structs.replace(each, shares=shares)


def _share(each: Share, cap_yen: int | None) -> Share:
    return msgspec.structs.replace(each, cap_yen=cap_yen)
