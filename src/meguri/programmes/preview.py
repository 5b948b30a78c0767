"""What a document would cost, whom it would reach and whom it leaves out, before anybody launches it. Pure.

Counts come from the register's facts in groups, so a town of millions is previewed as fast as a village. The sums and
their words are `forecasting`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from meguri.parties.rules import Both
from meguri.programmes import timing
from meguri.programmes.arms_ahead import Register, TrialAhead, trial_ahead
from meguri.programmes.commuters import ASKED, asks_commuters
from meguri.programmes.findings import Vocabularies
from meguri.programmes.forecasting import NOTHING, Expectation, Figure, Forecast, Group, forecast
from meguri.programmes.parts import BudgetLine, Funder, FundTerms, GrantByList, Sale
from meguri.programmes.terms import ProgrammeTerms
from meguri.words import predicate
from meguri.words.predicate import Facts, Field, FieldType, Not, Rule

UNSOURCED = Both(
    "仮の値で、公表された根拠はありません。前の事業や似た町の実績があれば、置き換えてください。",
    "A guess without a published source. Please put in what an earlier programme or a similar town has shown.",
)


@dataclass(frozen=True, slots=True)
class Assumption:
    """What a preview takes for granted: the field of `Expectation`, its value, its unit, and where it comes from."""

    code: str
    value: int
    unit: str
    source: Both


@dataclass(frozen=True, slots=True)
class FundCost:
    """A fund's budget, the most the document can draw from it, and what is expected (yen), each with its sum."""

    fund: str
    name: Both
    budget_yen: int
    most_yen: int
    expected_yen: int
    most_how: Both = NOTHING
    expected_how: Both = NOTHING


@dataclass(frozen=True, slots=True)
class LineCost:
    """A budget line (会計, 款・項・目・節) with all funds that stand in it; without a line, the fund by itself.

    `is_revenue`: the buyers' price, which a municipal issue books as revenue and, once spent, as expenditure.
    """

    name: Both
    is_revenue: bool
    most_yen: int
    expected_yen: int
    how: Both


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
    """What launching would bring. `commuters`: how many of the eligible come in by work or study alone; None where the
    terms do not ask for such people.
    """

    eligible: int
    population: int
    left_out: tuple[LeftOut, ...]
    funds: tuple[FundCost, ...]
    figures: tuple[Figure, ...]
    purses: tuple[PurseReach, ...]
    lines: tuple[LineCost, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    commuters: int | None = None
    trial: TrialAhead | None = None

    def figure(self, code: str) -> Figure:
        """Raises KeyError for a figure that this kind of programme does not have."""
        return {figure.code: figure for figure in self.figures}[code]


def preview(
    terms: ProgrammeTerms, *, residents: Sequence[Group], shops: Sequence[Facts], vocabularies: Vocabularies,
    expectation: Expectation, register: Register | None = None,
) -> Preview:
    """Look ahead. The document must be free of errors (`validation.validate`); raises Refusal as `predicate.parse`.

    `register`: the whole town's, without which nothing is said of a trial.
    """
    who = predicate.parse(terms.eligibility.who, vocabularies.residents)
    inside = [group for group in residents if not _reasons(who, group.facts)]
    seen = forecast(terms, inside, vocabularies=vocabularies, expectation=expectation)
    funds, eligible = tuple(_fund_costs(terms, seen)), sum(group.people for group in inside)
    drawn = None if terms.trial is None or register is None else trial_ahead(
        terms, terms.trial, eligible=eligible, register=register, expectation=expectation, seen=seen
    )
    return Preview(
        eligible=eligible, population=sum(group.people for group in residents),
        left_out=tuple(_left_out(who, residents)), funds=funds, figures=(*seen.figures, _peak(terms, seen)),
        purses=tuple(_reach(terms, shops, vocabularies=vocabularies)), lines=tuple(_lines(terms, funds)),
        assumptions=tuple(_assumptions(terms, expectation)), trial=drawn,
        commuters=_commuters(inside) if asks_commuters(who) else None,
    )


def _commuters(inside: Sequence[Group]) -> int:
    return sum(
        group.people for group in inside
        if not group.facts.get("resident") and any(group.facts.get(fact) for fact in ASKED)
    )  # fmt: skip


def _assumptions(terms: ProgrammeTerms, expectation: Expectation) -> Iterator[Assumption]:
    """Those on which this kind of programme's figures rest."""
    def assumed(code: str, unit: str) -> Assumption:
        source = expectation.sources.get(code, UNSOURCED)
        return Assumption(code, getattr(expectation, code), unit, source)

    if isinstance(terms.obtaining, GrantByList):
        yield assumed("local_money_bp", "bp")
        return
    yield assumed("uptake_bp", "bp")
    if isinstance(terms.obtaining, Sale):
        yield assumed("units_each", "units")


def _fund_costs(terms: ProgrammeTerms, seen: Forecast) -> Iterator[FundCost]:
    for fund in terms.funds:
        owed, likely = seen.most.get(fund.code, 0), seen.expected.get(fund.code, 0)
        budget = owed if fund.funder is Funder.BUYERS else fund.amount_yen
        yield FundCost(
            fund=fund.code, name=Both(fund.name.ja, fund.name.en), budget_yen=budget, most_yen=owed,
            expected_yen=likely, most_how=seen.most_how.get(fund.code, NOTHING),
            expected_how=seen.expected_how.get(fund.code, NOTHING),
        )


def _lines(terms: ProgrammeTerms, costs: Sequence[FundCost]) -> Iterator[LineCost]:
    """By budget line in the order of the document; several funds of one line are added up."""
    lines: dict[BudgetLine | str, list[tuple[FundTerms, FundCost]]] = {}
    for fund, cost in zip(terms.funds, costs, strict=True):
        lines.setdefault(fund.budget_line or fund.code, []).append((fund, cost))
    for line, members in lines.items():
        fund, most = members[0][0], sum(cost.most_yen for _, cost in members)
        is_revenue = fund.funder is Funder.BUYERS
        yield LineCost(
            name=_line_name(line, fund), is_revenue=is_revenue, most_yen=most,
            expected_yen=sum(cost.expected_yen for _, cost in members),
            how=_gross(terms, most) if is_revenue else Both(
                " + ".join(f"{cost.name.ja} {cost.most_yen:,}円" for _, cost in members),
                " + ".join(f"{cost.name.en} {cost.most_yen:,} yen" for _, cost in members),
            ),
        )


def _line_name(line: BudgetLine | str, fund: FundTerms) -> Both:
    if isinstance(line, BudgetLine):
        words = f"{line.account} {line.kan}・{line.kou}・{line.moku}・{line.setsu}"
        return Both(words, words)
    if fund.funder is Funder.BUYERS:
        return Both(f"販売代金({fund.name.ja})", f"Price paid ({fund.name.en})")
    return Both(f"予算科目の記載なし({fund.name.ja})", f"No budget line stated ({fund.name.en})")


def _gross(terms: ProgrammeTerms, yen: int) -> Both:
    if terms.scheme.budgeted_gross:
        return Both(f"代金 {yen:,}円を歳入に、使われると同じ額を歳出に計上(総計予算主義)",
                    f"{yen:,} yen of revenue, and as much expenditure once it is spent (gross budget)")
    return Both(f"代金 {yen:,}円は発行者が持ち、町の歳入にならない",
                f"{yen:,} yen stay with the issuer and are no revenue of the town")


def _peak(terms: ProgrammeTerms, seen: Forecast) -> Figure:
    day = timing.last_issue(terms)
    sums = list(seen.most.values())
    ja, en = (" + ".join(f"{yen:,}{unit}" for yen in sums) or "0" for unit in ("円", " yen"))
    return Figure("peak_outstanding", sum(sums), "yen", Both(
        f"{ja}: {day}までにすべて渡り、まだ一円も使われていない場合",
        f"{en}: all of it handed out by {day} and not one yen spent yet",
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


def _unknown(field: Field) -> tuple[str, str]:
    if field.type is FieldType.BOOLEAN:
        return f"{field.ja}かどうかがわからない", f"it is not known whether {field.en}"
    return f"{field.ja}がわからない", f"{field.en} is not known"


def _reasons(rule: Rule, facts: Facts) -> tuple[tuple[str, str], ...]:
    """Why the rule does not hold, in both languages; empty when it holds. A missing fact is a reason too."""
    if unknown := predicate.missing(rule, facts):
        return tuple(_unknown(field) for field in unknown)
    opposites = [Rule(Not(part), rule.vocabulary) for part in predicate.failing(rule, facts)]
    return tuple((predicate.sentence(each, "ja"), predicate.sentence(each, "en")) for each in opposites)
