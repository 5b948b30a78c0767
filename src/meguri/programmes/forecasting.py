"""What a document can cost each fund, what it will probably cost, and how each sum was reckoned. Pure.

Every figure carries `how`: the sum it came from, in words. What rests on a guess names the guess.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from meguri.parties.rules import Both
from meguri.programmes import cost
from meguri.programmes.arms import dearest_face
from meguri.programmes.campaign_terms import Campaign, Drawer, GrantByCampaign
from meguri.programmes.campaigns import payer_of
from meguri.programmes.findings import Vocabularies
from meguri.programmes.parts import (
    Allocation,
    FacePart,
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

_Earning = GrantByAction | GrantByPayment | GrantByCampaign
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
    """What the department expects; it stands beside every figure that rests on it.

    `sources`: where a value comes from, by its field; without one it is a guess.
    """

    uptake_bp: int = 5_000  # of the eligible, who take part
    units_each: int = 3  # units asked for by one applicant
    local_money_bp: int = 5_000  # of a benefit's recipients, who choose local money
    sources: Mapping[str, Both] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, its unit (yen, people, units, per_second, bp) and how it was computed."""

    code: str
    value: int
    unit: str
    how: Both


@dataclass(frozen=True, slots=True)
class Forecast:
    """The most and the expected yen by fund, each with the sum behind it; and figures of this kind of programme."""

    most: Mapping[str, int] = field(default_factory=dict)
    expected: Mapping[str, int] = field(default_factory=dict)
    most_how: Mapping[str, Both] = field(default_factory=dict)
    expected_how: Mapping[str, Both] = field(default_factory=dict)
    figures: tuple[Figure, ...] = ()


NOTHING = Both("この事業からは出ない", "nothing is drawn from it")


def forecast(
    terms: ProgrammeTerms, inside: Sequence[Group], *, vocabularies: Vocabularies, expectation: Expectation
) -> Forecast:
    """Reckon for the eligible people `inside`. Raises Refusal as `predicate.parse`, and `shares_exhausted`."""
    eligible = sum(group.people for group in inside)
    takers = eligible * expectation.uptake_bp // WHOLE
    part = Figure("takers", takers, "people", Both(
        f"対象 {eligible:,}人 × 参加する割合 {_percent(expectation.uptake_bp)}",
        f"{eligible:,} eligible × {_percent(expectation.uptake_bp)} who take part",
    ))
    match terms.obtaining:
        case Sale() as sale:
            return _sale(terms, sale, part=part, expectation=expectation)
        case GrantByCode() as grant:
            return _codes(terms, grant, eligible=eligible, part=part)
        case GrantByAction() | GrantByPayment() as grant:
            return _actions(terms, grant, eligible=eligible, part=part)
        case GrantByCampaign() as grant:
            return _campaigns(terms, grant, eligible=eligible, part=part)
        case GrantByList() as grant:
            return _list(terms, grant, inside=inside, vocabularies=vocabularies, expectation=expectation)
        case TopUp():
            return Forecast()


def _percent(basis_points: int) -> str:
    return f"{basis_points / 100:g}%"


# --- sales -----------------------------------------------------------------------------------------------------------


def _sale(terms: ProgrammeTerms, sale: Sale, *, part: Figure, expectation: Expectation) -> Forecast:
    units, takers = cost.units_for_sale(sale), part.value
    offered = {bundle.code: bundle for bundle in (cost.bundle_of(sale, one) for one in sale.rounds)}
    each = sum(min(expectation.units_each, bundle.max_units) for bundle in offered.values())
    wanted = takers * each
    sold = min(units, wanted)
    odds = WHOLE if wanted <= units else units * WHOLE // wanted
    figures = [
        part,
        Figure("wanted", wanted, "units", Both(
            f"参加 {takers:,}人 × {each}口(1人が望む口数、上限まで)",
            f"{takers:,} takers × {each} units (wanted by each, up to the ceiling)",
        )),
        Figure("sold", sold, "units", Both(f"希望 {wanted:,}口と発行 {units:,}口の少ないほう",
                                           f"the smaller of {wanted:,} wanted and {units:,} on sale")),
        Figure("odds", odds, "bp", Both(f"発行 {units:,}口 ÷ 希望 {wanted:,}口(足りるときは100%)",
                                        f"{units:,} on sale / {wanted:,} wanted (100% when there are enough)")),
    ]  # fmt: skip
    most = cost.promised(terms)
    return Forecast(
        most=most, most_how=_units_how(terms, sale),
        expected={fund: yen * sold // units for fund, yen in most.items()},
        expected_how={fund: Both(f"最大 {yen:,}円 × 売れる {sold:,}口 ÷ 発行 {units:,}口",
                                 f"at most {yen:,} yen × {sold:,} sold / {units:,} on sale")
                      for fund, yen in most.items()},
        figures=(*figures, *_rush(sale, takers)),
    )  # fmt: skip


def _units_how(terms: ProgrammeTerms, sale: Sale) -> dict[str, Both]:
    """By fund: the units of each round times the yen that the fund puts into one."""
    told = [
        (face, Both(f"{each.name.ja} {each.units:,}口 × {face.yen:,}円",
                    f"{each.name.en}: {each.units:,} units × {face.yen:,} yen"))
        for each in sale.rounds if each.units for face in dearest_face(terms, cost.bundle_of(sale, each).face)
    ]
    return _by_fund(terms, told)


def _by_fund(terms: ProgrammeTerms, told: Sequence[tuple[FacePart, Both]]) -> dict[str, Both]:
    """Sums in words, each under the funds that carry its purse, with their shares."""
    purses = {purse.code: purse for purse in terms.purses}
    sums: defaultdict[str, list[Both]] = defaultdict(list)
    for face, how in told:
        for fund, shared in _shared(terms, purses[face.purse].funded_by, how=how):
            sums[fund].append(shared)
    return {fund: Both(" + ".join(each.ja for each in hows), " + ".join(each.en for each in hows))
            for fund, hows in sums.items()}


def _shared(terms: ProgrammeTerms, funded_by: str, *, how: Both) -> Iterator[tuple[str, Both]]:
    """A sum in words for each fund behind it; an agreement's funds carry their shares of it."""
    for agreement in terms.agreements:
        if agreement.code == funded_by:
            for share in agreement.shares:
                cap = "" if share.cap_yen is None else f"(上限 {share.cap_yen:,}円)"
                most = "" if share.cap_yen is None else f" (at most {share.cap_yen:,} yen)"
                part = _percent(share.share_bp)
                yield share.fund, Both(f"({how.ja}) × 負担割合 {part}{cap}", f"({how.en}) × a share of {part}{most}")
            return
    yield funded_by, how


def _rush(sale: Sale, takers: int) -> Iterator[Figure]:
    if any(each.allocation is Allocation.FIRST_COME for each in sale.rounds):
        peak = takers * RUSH_SHARE_BP * RUSH_REQUESTS // WHOLE // RUSH_SECONDS
        yield Figure("sale_start", peak, "per_second", Both(
            f"参加 {takers:,}人の半分が1分以内に{RUSH_REQUESTS}回ずつ通信する想定"
            "(長崎市の2024年の先着販売にならい、多めに見た)",
            f"half of {takers:,} takers within a minute, {RUSH_REQUESTS} requests each (a guess on the safe side, "
            "after the sale of Nagasaki in 2024)",
        ))


# --- grants ----------------------------------------------------------------------------------------------------------


def _codes(terms: ProgrammeTerms, grant: GrantByCode, *, eligible: int, part: Figure) -> Forecast:
    """A letter for everybody eligible; those take part who enter their code."""
    face, takers = sum(each.yen for each in grant.face), part.value
    figures = (
        part,
        Figure("letters", eligible, "people", Both("対象者の全員に1通", "one to everybody eligible")),
        Figure("codes_worth", eligible * face, "yen", Both(f"対象 {eligible:,}人 × {face:,}円",
                                                          f"{eligible:,} people × {face:,} yen")),
    )  # fmt: skip

    def how(people: int, ja: str, *, en: str) -> dict[str, Both]:
        return _by_fund(terms, [
            (each, Both(f"{ja} {people:,}人 × {each.yen:,}円", f"{people:,} {en} × {each.yen:,} yen"))
            for each in grant.face
        ])

    return Forecast(
        most=cost.worth_of(terms, grant.face, units=eligible), expected=cost.worth_of(terms, grant.face, units=takers),
        most_how=how(eligible, "対象", en="eligible"), expected_how=how(takers, "参加", en="takers"), figures=figures,
    )


def _actions(terms: ProgrammeTerms, grant: _Earning, *, eligible: int, part: Figure) -> Forecast:
    purse = next(purse for purse in terms.purses if purse.code == grant.purse)
    behind = cost.funds_of(terms, purse.funded_by)
    budget, ceiling = sum(fund.amount_yen for fund in terms.funds if fund.code in behind), _ceiling_each(grant)
    figure = Figure("ceiling_each", ceiling or budget, "yen", _ceiling_how(grant, ceiling))

    def reckon(people: int, ja: str, *, en: str) -> tuple[Mapping[str, int], Mapping[str, Both]]:
        total = budget if ceiling is None else min(budget, people * ceiling)
        how = Both("予算の全額(1人の上限がないため)", "the whole budget, as there is no ceiling per person")
        if ceiling is not None:
            how = Both(f"{ja} {people:,}人 × 1人の上限 {ceiling:,}円 と、予算 {budget:,}円の少ないほう",
                       f"the smaller of {people:,} {en} × {ceiling:,} yen each and the budget of {budget:,} yen")
        yen = cost.divide_among_funds(
            terms, funded_by=purse.funded_by, yen=_within_caps(terms, purse.funded_by, yen=total)
        )
        return yen, dict(_shared(terms, purse.funded_by, how=how))

    most, most_how = reckon(eligible, "対象", en="eligible")
    expected, expected_how = reckon(part.value, "参加", en="takers")
    seen = Forecast(most=most, expected=expected, most_how=most_how, expected_how=expected_how, figures=(part, figure))
    if not isinstance(grant, GrantByAction) or not grant.missions:
        return seen
    return _with_missions(terms, grant, seen=seen, eligible=eligible)


def _with_missions(terms: ProgrammeTerms, grant: GrantByAction, *, seen: Forecast, eligible: int) -> Forecast:
    """The bonuses of missions: within everybody's ceiling, so that only those with funders of their own add to a fund.

    It is reckoned as if whoever takes part completed every mission: nobody knows better before the first of its kind.
    """
    part, ceiling = seen.figures
    most_each = min(sum(each.yen * each.times for each in grant.missions), ceiling.value)
    named = [Both(f"{each.name.ja} {each.yen:,}円 × {each.times}回", f"{each.name.en}: {each.yen:,} yen × {each.times}")
             for each in grant.missions]
    sums = Both(" + ".join(each.ja for each in named), " + ".join(each.en for each in named))
    figures = (
        Figure("bonus_each", most_each, "yen", Both(f"{sums.ja}(1人の上限 {ceiling.value:,}円まで)",
                                                    f"{sums.en} (within the ceiling of {ceiling.value:,} yen each)")),
        Figure("bonuses", part.value * most_each, "yen", Both(
            f"参加 {part.value:,}人が全部を達成したとき × {most_each:,}円",
            f"{part.value:,} takers, if each completes all, × {most_each:,} yen",
        )),
    )  # fmt: skip
    purse = next(purse for purse in terms.purses if purse.code == grant.purse)
    for payer in {each.funded_by: each for each in grant.missions if each.funded_by not in (None, purse.funded_by)}:
        own = sum(each.yen * each.times for each in grant.missions if each.funded_by == payer)
        seen = _with_bonus(terms, seen, payer=payer or "", each=min(own, ceiling.value), people=(eligible, part.value))
    return replace(seen, figures=(*seen.figures, *figures))


def _with_bonus(
    terms: ProgrammeTerms, seen: Forecast, *, payer: str, each: int, people: tuple[int, int]
) -> Forecast:
    """What a bonus with funders of its own takes from them, at most and as expected, within their budgets and caps."""
    budgets = {fund.code: fund.amount_yen for fund in terms.funds}
    budget = sum(budgets[code] for code in cost.funds_of(terms, payer))

    def add(yen: Mapping[str, int], hows: Mapping[str, Both], *, count: int) -> tuple[dict[str, int], dict[str, Both]]:
        total = _within_caps(terms, payer, yen=min(budget, count * each))
        parts = cost.divide_among_funds(terms, funded_by=payer, yen=total)
        how = Both(f"ミッションのボーナス {count:,}人 × {each:,}円(予算 {budget:,}円まで)",
                   f"bonuses of missions: {count:,} people × {each:,} yen (within {budget:,} yen)")
        sums = {code: min(budgets[code], yen.get(code, 0) + parts.get(code, 0)) for code in {**yen, **parts}}
        return sums, dict(_added(hows, dict(_shared(terms, payer, how=how))))

    most, most_how = add(seen.most, seen.most_how, count=people[0])
    expected, expected_how = add(seen.expected, seen.expected_how, count=people[1])
    return replace(seen, most=most, most_how=most_how, expected=expected, expected_how=expected_how)


def _campaigns(terms: ProgrammeTerms, grant: GrantByCampaign, *, eligible: int, part: Figure) -> Forecast:
    """By payer: the least of its budget, its campaigns' own caps, and what people can earn by their ceiling."""
    ceiling = _ceiling_each(grant)
    own: defaultdict[str, list[Campaign]] = defaultdict(list)
    for each in grant.campaigns:
        own[payer_of(terms, each)].append(each)

    def reckon(people: int, ja: str, *, en: str) -> tuple[Mapping[str, int], Mapping[str, Both]]:
        most, hows = Counter[str](), dict[str, Both]()
        for payer, behind in own.items():
            yen, how = _payers_most(terms, grant, behind=behind, payer=payer, people=(people, Both(ja, en)))
            most.update(cost.divide_among_funds(terms, funded_by=payer, yen=_within_caps(terms, payer, yen=yen)))
            hows = _added(hows, dict(_shared(terms, payer, how=how)))
        budgets = {fund.code: fund.amount_yen for fund in terms.funds}
        return {fund: min(yen, budgets[fund]) for fund, yen in most.items()}, hows

    most, most_how = reckon(eligible, "対象", en="eligible")
    expected, expected_how = reckon(part.value, "参加", en="takers")
    figures = (part, Figure("ceiling_each", ceiling or sum(most.values()), "yen", _ceiling_how(grant, ceiling)))
    return Forecast(most=most, expected=expected, most_how=most_how, expected_how=expected_how, figures=figures)


def _payers_most(
    terms: ProgrammeTerms, grant: GrantByCampaign, *, behind: Sequence[Campaign], payer: str, people: tuple[int, Both]
) -> tuple[int, Both]:
    funds = cost.funds_of(terms, payer)
    budget = sum(fund.amount_yen for fund in terms.funds if fund.code in funds)
    bounds = [(budget, Both(f"予算 {budget:,}円", f"the budget of {budget:,} yen"))]
    caps = [cap for each in behind if (cap := _own_cap(grant, each)) is not None]
    if len(caps) == len(behind):
        bounds.append((sum(caps), Both(f"キャンペーンの上限の合計 {sum(caps):,}円", f"own caps of {sum(caps):,} yen")))
    if (ceiling := _ceiling_each(grant)) is not None:
        count, who = people
        bounds.append((count * ceiling, Both(f"{who.ja} {count:,}人 × 1人の上限 {ceiling:,}円",
                                             f"{count:,} {who.en} × {ceiling:,} yen each")))
    ja, en = "、".join(words.ja for _, words in bounds), ", ".join(words.en for _, words in bounds)
    how = Both(f"{ja} のうち最も少ない額", f"the least of {en}") if len(bounds) > 1 else bounds[0][1]
    return min(yen for yen, _ in bounds), how


def _own_cap(grant: GrantByCampaign, each: Campaign) -> int | None:
    """The most that a campaign can give in all, by its own caps; None without any."""
    spans = _spans(grant)
    return min((one.yen * spans[one.per] for one in each.limits if one.of is Drawer.CAMPAIGN), default=None)


def _within_caps(terms: ProgrammeTerms, funded_by: str, *, yen: int) -> int:
    rooms = [share.room_yen for share in cost.share_states(terms, funded_by)]
    capped = [room for room in rooms if room is not None]
    return min(yen, sum(capped)) if len(capped) == len(rooms) else yen


def _spans(grant: _Earning) -> dict[Per, int]:
    """How often a limit's span lies in the window, begun ones counted whole."""
    first, last = grant.window.first_day, grant.window.last_day
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    return {Per.DAY: (last - first).days + 1, Per.MONTH: months, Per.PROGRAMME: 1}


def _ceiling_each(grant: _Earning) -> int | None:
    """The most one person can earn by the yen limits over all that earns; None without any."""
    spans = _spans(grant)
    return min((limit.yen * spans[limit.per] for limit in grant.limits if limit.yen is not None), default=None)


def _ceiling_how(grant: _Earning, ceiling: int | None) -> Both:
    if ceiling is None:
        return Both("1人の上限がないので、予算の全額", "no ceiling per person, so the whole budget")
    spans, units = _spans(grant), {Per.DAY: Both("日", "days"), Per.MONTH: Both("か月", "months")}
    sums = [
        Both(f"{limit.yen:,}円 × {spans[limit.per]}{units[limit.per].ja}",
             f"{limit.yen:,} yen × {spans[limit.per]} {units[limit.per].en}")
        if limit.per in units else Both(f"期間全体の {limit.yen:,}円", f"{limit.yen:,} yen over the programme")
        for limit in grant.limits if limit.yen is not None
    ]
    if len(sums) == 1:
        return sums[0]
    return Both("、".join(each.ja for each in sums) + " のうち最も少ない額",
                "the least of " + ", ".join(each.en for each in sums))


def _list(
    terms: ProgrammeTerms, grant: GrantByList, *, inside: Sequence[Group], vocabularies: Vocabularies,
    expectation: Expectation,
) -> Forecast:
    rows = [(row.yen, predicate.parse(row.when, vocabularies.residents)) for row in grant.amounts]
    entitled = [(group.people, _amount(rows, group.facts)) for group in inside]
    people, total = sum(count for count, yen in entitled if yen), sum(count * yen for count, yen in entitled)
    by_row = Counter[int]()
    for count, yen in entitled:
        by_row[yen] += count
    sums = [(count, yen) for yen, count in sorted(by_row.items(), reverse=True) if yen]
    how = Both(" + ".join(f"{count:,}人 × {yen:,}円" for count, yen in sums) or "当てはまる人がいない",
               " + ".join(f"{count:,} people × {yen:,} yen" for count, yen in sums) or "nobody fits a row")
    figures = (
        Figure("entitled", people, "people", Both("金額表のどれかの行に当てはまる人", "people to whom a row applies")),
        Figure("benefit", total, "yen", how),
    )
    base = cost.divide_among_funds(terms, funded_by=grant.funded_by, yen=total)
    most, expected = Counter[str](base), Counter[str](base)
    most_how = dict(_shared(terms, grant.funded_by, how=how))
    expected_how = dict(most_how)
    local = next((choice for choice in grant.choices if choice.receipt is Receipt.LOCAL_MONEY), None)
    if local is not None and local.bonus_purse is not None:
        takers = people * expectation.local_money_bp // WHOLE
        share = _percent(expectation.local_money_bp)
        most.update(_bonus(terms, local, people=people))
        expected.update(_bonus(terms, local, people=takers))
        top = Both(f"全員 {people:,}人が地域のお金を選んだとき × {local.bonus_yen:,}円",
                   f"all {people:,} people choose local money × {local.bonus_yen:,} yen")
        likely = Both(f"選ぶ {takers:,}人({share}) × {local.bonus_yen:,}円",
                      f"{takers:,} who choose it ({share}) × {local.bonus_yen:,} yen")
        most_how = _added(most_how, _bonus_how(terms, local, how=top))
        expected_how = _added(expected_how, _bonus_how(terms, local, how=likely))
    return Forecast(most=most, expected=expected, most_how=most_how, expected_how=expected_how, figures=figures)


def _bonus(terms: ProgrammeTerms, local: ReceiptChoice, *, people: int) -> dict[str, int]:
    purse = next(purse for purse in terms.purses if purse.code == local.bonus_purse)
    return cost.divide_among_funds(terms, funded_by=purse.funded_by, yen=people * local.bonus_yen)


def _bonus_how(terms: ProgrammeTerms, local: ReceiptChoice, *, how: Both) -> dict[str, Both]:
    purse = next(purse for purse in terms.purses if purse.code == local.bonus_purse)
    return dict(_shared(terms, purse.funded_by, how=how))


def _added(hows: Mapping[str, Both], more: Mapping[str, Both]) -> dict[str, Both]:
    """Sums in words by fund; a fund that carries both says both."""
    both = {fund: Both(f"{hows[fund].ja} + {how.ja}", f"{hows[fund].en} + {how.en}")
            for fund, how in more.items() if fund in hows}
    return {**hows, **more, **both}


def _amount(rows: Sequence[tuple[int, Rule]], facts: Facts) -> int:
    """The first row that applies; 0 when none does or a fact is missing."""
    return next((yen for yen, when in rows if not predicate.missing(when, facts) and predicate.holds(when, facts)), 0)
