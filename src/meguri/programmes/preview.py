"""What a document would cost, whom it would reach and whom it leaves out, before anybody launches it. Pure.

Every figure carries `how`: the sum it came from, in words. Counts come from the register's facts in groups, so a town
of millions is previewed as fast as a village.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from meguri.parties.rules import Both
from meguri.programmes import cost, timing
from meguri.programmes.findings import Vocabularies
from meguri.programmes.parts import (
    Allocation,
    Funder,
    GrantByAction,
    GrantByCode,
    GrantByList,
    GrantByPayment,
    Per,
    Receipt,
    ReceiptChoice,
    Sale,
    TopUp,
)
from meguri.programmes.sharing import WHOLE
from meguri.programmes.terms import ProgrammeTerms
from meguri.words import predicate
from meguri.words.predicate import Facts, Rule

RUSH_SHARE_BP = 5_000
RUSH_REQUESTS = 8
RUSH_SECONDS = 60
"""First come first served: half of the buyers within a minute, eight requests each. A guess from the Nagasaki sale of
2024 (55,000 wallets), kept on the safe side."""


@dataclass(frozen=True, slots=True)
class Group:
    """People of the register who share all facts that the document asks for."""

    facts: Facts
    people: int


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the department expects; it stands beside every figure that rests on it."""

    uptake_bp: int = 5_000  # of the eligible, who take part
    units_each: int = 3  # units asked for by one applicant
    local_money_bp: int = 5_000  # of a benefit's recipients, who choose local money


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, its unit (yen, people, units, per_second, bp) and how it was computed."""

    code: str
    value: int
    unit: str
    how: Both


@dataclass(frozen=True, slots=True)
class FundCost:
    """A fund's budget, the most the document can draw from it, and what is expected (yen)."""

    fund: str
    name: Both
    budget_yen: int
    most_yen: int
    expected_yen: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """People who are not eligible, by the condition that leaves them out; who fails two is counted in both."""

    reason: Both
    people: int


@dataclass(frozen=True, slots=True)
class PurseReach:
    """In how many shops a purse can be spent."""

    purse: str
    accepting: int
    shops: int


@dataclass(frozen=True, slots=True)
class Preview:
    eligible: int
    population: int
    left_out: tuple[LeftOut, ...]
    funds: tuple[FundCost, ...]
    figures: tuple[Figure, ...]
    purses: tuple[PurseReach, ...]

    def figure(self, code: str) -> Figure:
        """Raises KeyError for a figure that this kind of programme does not have."""
        return {figure.code: figure for figure in self.figures}[code]


def preview(
    terms: ProgrammeTerms, *, residents: Sequence[Group], shops: Sequence[Facts], vocabularies: Vocabularies,
    expectation: Expectation,
) -> Preview:
    """Look ahead. The document must be free of errors (`validation.validate`); raises Refusal as `predicate.parse`."""
    who = predicate.parse(terms.eligibility.who, vocabularies.residents)
    inside = [group for group in residents if not _reasons(who, group.facts)]
    eligible = sum(group.people for group in inside)
    most, expected, figures = _costs(terms, inside, vocabularies=vocabularies, expectation=expectation)
    return Preview(
        eligible=eligible, population=sum(group.people for group in residents),
        left_out=tuple(_left_out(who, residents)),
        funds=tuple(_fund_costs(terms, most=most, expected=expected)),
        figures=(*figures, _peak(terms, most)),
        purses=tuple(_reach(terms, shops, vocabularies=vocabularies)),
    )


Costs = tuple[Mapping[str, int], Mapping[str, int], list[Figure]]
"""The most and the expected yen by fund, and figures of this kind of programme."""


def _costs(
    terms: ProgrammeTerms, inside: Sequence[Group], *, vocabularies: Vocabularies, expectation: Expectation
) -> Costs:
    eligible = sum(group.people for group in inside)
    takers = eligible * expectation.uptake_bp // WHOLE
    match terms.obtaining:
        case Sale() as sale:
            return _sale(terms, sale, takers=takers, expectation=expectation)
        case GrantByCode() as grant:
            return _codes(terms, grant, eligible=eligible, takers=takers)
        case GrantByAction() | GrantByPayment() as grant:
            return _actions(terms, grant, eligible=eligible, takers=takers)
        case GrantByList() as grant:
            return _list(terms, grant, inside=inside, vocabularies=vocabularies, expectation=expectation)
        case TopUp():
            return {}, {}, []


def _sale(terms: ProgrammeTerms, sale: Sale, *, takers: int, expectation: Expectation) -> Costs:
    units = cost.units_for_sale(sale)
    offered = {bundle.code: bundle for bundle in (cost.bundle_of(sale, one) for one in sale.rounds)}
    each = sum(min(expectation.units_each, bundle.max_units) for bundle in offered.values())
    wanted = takers * each
    sold = min(units, wanted)
    most = cost.promised(terms)
    expected = {fund: yen * sold // units for fund, yen in most.items()}
    odds = WHOLE if wanted <= units else units * WHOLE // wanted
    figures = [
        Figure("wanted", wanted, "units", Both(f"参加 {takers:,}人 × {each}口", f"{takers:,} takers x {each} units")),
        Figure("sold", sold, "units", Both(f"希望 {wanted:,}口と発行 {units:,}口の少ないほう",
                                           f"the smaller of {wanted:,} wanted and {units:,} on sale")),
        Figure("odds", odds, "bp", Both(f"発行 {units:,}口 ÷ 希望 {wanted:,}口",
                                        f"{units:,} on sale / {wanted:,} wanted")),
    ]
    return most, expected, [*figures, *_rush(sale, takers)]


def _rush(sale: Sale, takers: int) -> Iterator[Figure]:
    if any(each.allocation is Allocation.FIRST_COME for each in sale.rounds):
        peak = takers * RUSH_SHARE_BP * RUSH_REQUESTS // WHOLE // RUSH_SECONDS
        yield Figure("sale_start", peak, "per_second", Both(
            f"参加 {takers:,}人の半分が1分以内に{RUSH_REQUESTS}回ずつ通信する想定",
            f"half of {takers:,} takers within a minute, {RUSH_REQUESTS} requests each (a guess on the safe side)",
        ))


def _codes(terms: ProgrammeTerms, grant: GrantByCode, *, eligible: int, takers: int) -> Costs:
    """A letter for everybody eligible; those take part who enter their code."""
    face = sum(part.yen for part in grant.face)
    figures = [
        Figure("letters", eligible, "people", Both("対象者の全員に1通", "one to everybody eligible")),
        Figure("codes_worth", eligible * face, "yen", Both(f"対象 {eligible:,}人 × {face:,}円",
                                                          f"{eligible:,} people x {face:,} yen")),
    ]
    return (
        cost.worth_of(terms, grant.face, units=eligible), cost.worth_of(terms, grant.face, units=takers), figures,
    )


def _actions(terms: ProgrammeTerms, grant: GrantByAction | GrantByPayment, *, eligible: int, takers: int) -> Costs:
    budget = sum(fund.amount_yen for fund in terms.funds)
    ceiling = _ceiling_each(grant)
    most_yen = budget if ceiling is None else min(budget, eligible * ceiling)
    expected_yen = most_yen if ceiling is None else min(budget, takers * ceiling)
    purse = next(purse for purse in terms.purses if purse.code == grant.purse)
    capped = "-" if ceiling is None else f"{ceiling:,}"
    figures = [Figure("ceiling_each", ceiling or budget, "yen", Both(
        f"1人の上限の合計 {capped}円(月の上限 × 月数と、期間全体の上限の少ないほう)",
        f"ceilings per person, {capped} yen: the smaller of month x months and the whole programme",
    ))]
    divide = cost.divide_among_funds
    return (
        divide(terms, funded_by=purse.funded_by, yen=_within_caps(terms, purse.funded_by, yen=most_yen)),
        divide(terms, funded_by=purse.funded_by, yen=_within_caps(terms, purse.funded_by, yen=expected_yen)), figures,
    )


def _within_caps(terms: ProgrammeTerms, funded_by: str, *, yen: int) -> int:
    rooms = [share.room_yen for share in cost.share_states(terms, funded_by)]
    capped = [room for room in rooms if room is not None]
    return min(yen, sum(capped)) if len(capped) == len(rooms) else yen


def _ceiling_each(grant: GrantByAction | GrantByPayment) -> int | None:
    """The most one person can earn by the yen limits over all that earns; None without any."""
    days = (grant.window.last_day - grant.window.first_day).days + 1
    first, last = grant.window.first_day, grant.window.last_day
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    spans = {Per.DAY: days, Per.MONTH: months, Per.PROGRAMME: 1}
    return min((limit.yen * spans[limit.per] for limit in grant.limits if limit.yen is not None), default=None)


def _list(
    terms: ProgrammeTerms, grant: GrantByList, *, inside: Sequence[Group], vocabularies: Vocabularies,
    expectation: Expectation,
) -> Costs:
    rows = [(row.yen, predicate.parse(row.when, vocabularies.residents)) for row in grant.amounts]
    entitled = [(group.people, _amount(rows, group.facts)) for group in inside]
    people = sum(count for count, yen in entitled if yen)
    total = sum(count * yen for count, yen in entitled)
    most, expected = Counter[str](), Counter[str]()
    for sums in (most, expected):
        sums.update(cost.divide_among_funds(terms, funded_by=grant.funded_by, yen=total))
    local = next((choice for choice in grant.choices if choice.receipt is Receipt.LOCAL_MONEY), None)
    if local is not None and local.bonus_purse is not None:
        takers = people * expectation.local_money_bp // WHOLE
        most.update(_bonus(terms, local, people=people))
        expected.update(_bonus(terms, local, people=takers))
    return most, expected, [
        Figure("entitled", people, "people", Both("金額表のどれかの行に当てはまる人", "people to whom a row applies")),
        Figure("benefit", total, "yen", Both("人数 × 当てはまる行の金額の合計",
                                             "people x the amount of their row, summed")),
    ]


def _bonus(terms: ProgrammeTerms, local: ReceiptChoice, *, people: int) -> dict[str, int]:
    purse = next(purse for purse in terms.purses if purse.code == local.bonus_purse)
    return cost.divide_among_funds(terms, funded_by=purse.funded_by, yen=people * local.bonus_yen)


def _amount(rows: Sequence[tuple[int, Rule]], facts: Facts) -> int:
    """The first row that applies; 0 when none does or a fact is missing."""
    return next((yen for yen, when in rows if not _reasons(when, facts)), 0)


def _fund_costs(terms: ProgrammeTerms, *, most: Mapping[str, int], expected: Mapping[str, int]) -> Iterator[FundCost]:
    for fund in terms.funds:
        owed, likely = most.get(fund.code, 0), expected.get(fund.code, 0)
        budget = owed if fund.funder is Funder.BUYERS else fund.amount_yen
        yield FundCost(fund=fund.code, name=Both(fund.name.ja, fund.name.en), budget_yen=budget, most_yen=owed,
                       expected_yen=likely)


def _peak(terms: ProgrammeTerms, most: Mapping[str, int]) -> Figure:
    day = timing.last_issue(terms)
    return Figure("peak_outstanding", sum(most.values()), "yen", Both(
        f"{day}までにすべて渡り、まだ一円も使われていない場合",
        f"all of it handed out by {day} and not one yen spent yet",
    ))


def _reach(terms: ProgrammeTerms, shops: Sequence[Facts], *, vocabularies: Vocabularies) -> Iterator[PurseReach]:
    for purse in terms.purses:
        where = predicate.parse(purse.where, vocabularies.shops)
        yield PurseReach(purse.code, sum(not _reasons(where, shop) for shop in shops), len(shops))


def _left_out(who: Rule, residents: Sequence[Group]) -> Iterator[LeftOut]:
    people: Counter[tuple[str, str]] = Counter()
    for group in residents:
        people.update(dict.fromkeys(_reasons(who, group.facts), group.people))
    yield from (LeftOut(Both(ja, en), count) for (ja, en), count in people.most_common())


def _reasons(rule: Rule, facts: Facts) -> tuple[tuple[str, str], ...]:
    """Why the rule does not hold, in both languages; empty when it holds. A missing fact is a reason too."""
    if unknown := predicate.missing(rule, facts):
        return tuple((f"{field.ja}がわからない", f"{field.en} is not known") for field in unknown)
    blamed = [Rule(part, rule.vocabulary) for part in predicate.failing(rule, facts)]
    return tuple(
        (f"満たさない条件: {predicate.sentence(part, 'ja')}", f"not met: {predicate.sentence(part, 'en')}")
        for part in blamed
    )
