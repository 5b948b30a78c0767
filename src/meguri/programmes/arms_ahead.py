"""What a trial would be, before anybody is drawn: how many in each arm, what it costs, what it can find. Pure.

An arm is compared with the control by a share: who takes part, where the premium differs, since the premium may be why
people come; else who has used all up in time, among those who take part. The smallest difference that is found in four
of five trials (80 %), where chance alone shows one in one of twenty (5 %), is
(1.96 + 0.84) x sqrt(p (1 - p) (1/n + 1/m)).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, sqrt

from meguri.parties.rules import Both
from meguri.programmes.arms import face_of, rate_bp
from meguri.programmes.demurrage import demurrage_days
from meguri.programmes.forecasting import NOTHING, Expectation, Forecast
from meguri.programmes.parts import Holder, Sale
from meguri.programmes.sharing import WHOLE
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.trial import Arm, Strata, Trial

SURE, FOUND = 1.959964, 0.841621
"""Of the normal curve: 95 % lie within the first of zero, 80 % below the second."""
UNITS_LEAST = 10
"""With fewer in an arm a share tells nothing."""
HALF_BP = 5_000
"""Half uses all up in time: where nobody knows, the share that is hardest to tell apart from another."""
OF_YEN = 10_000


@dataclass(frozen=True, slots=True)
class Register:
    """How many people, households and wards a town has on the day of eligibility."""

    people: int
    households: int
    wards: int


@dataclass(frozen=True, slots=True)
class ArmAhead:
    """An arm: its share, the units expected in it, and what it would cost and tell.

    `smallest_bp`: the least difference from the control that is found (1/100 of a percentage point); None for the
    control, and where too few are in it. `extra_yen`: expected cost beyond the terms. `left_yen`: what 10,000 granted
    yen have become on the last demurrage day; None where nothing shrinks.
    """

    name: Both
    share_bp: int
    is_control: bool
    units: int
    units_how: Both
    smallest_bp: int | None
    smallest_how: Both
    extra_yen: int
    extra_how: Both
    left_yen: int | None


@dataclass(frozen=True, slots=True)
class TrialAhead:
    """`units`: people or households to be drawn. `in_stratum`: how many of them in one of `strata`, on average."""

    per: Holder
    units: int
    units_how: Both
    strata: int
    in_stratum: int
    arms: tuple[ArmAhead, ...]


def trial_ahead(
    terms: ProgrammeTerms, trial: Trial, *, eligible: int, register: Register, expectation: Expectation, seen: Forecast
) -> TrialAhead:
    """Reckon for so many eligible people. The trial must be free of errors: exactly one control."""
    units, how = _units(trial, eligible=eligible, register=register)
    strata = max(1, register.wards) if trial.strata is Strata.WARD else 1
    sold = next((figure.value for figure in seen.figures if figure.code == "sold"), 0)
    control = next(arm for arm in trial.arms if arm.is_control)
    arms = [
        _arm(terms, arm, units=units, expectation=expectation, sold=sold, control=units * control.share_bp // WHOLE)
        for arm in trial.arms
    ]
    return TrialAhead(trial.per, units, how, strata, units // strata, tuple(arms))


def _units(trial: Trial, *, eligible: int, register: Register) -> tuple[int, Both]:
    if trial.per is Holder.RESIDENT:
        return eligible, Both(f"対象の人 {eligible:,}人の全員", f"all {eligible:,} eligible people")
    units = min(eligible, register.households)
    return units, Both(
        f"町の世帯 {register.households:,}と対象の人 {eligible:,}人の少ないほう(対象の人がいる世帯は、多くてもこの数)",
        f"the smaller of {register.households:,} households and {eligible:,} eligible people: no more households can "
        "have somebody eligible",
    )


def _arm(
    terms: ProgrammeTerms, arm: Arm, *, units: int, expectation: Expectation, sold: int, control: int
) -> ArmAhead:
    own = units * arm.share_bp // WHOLE
    share = f"{arm.share_bp / 100:g}%"
    smallest, how = (None, NOTHING) if arm.is_control else _smallest(arm, own, control=control, expectation=expectation)
    extra, extra_how = _extra(terms, arm, sold=sold)
    return ArmAhead(
        name=Both(arm.name.ja, arm.name.en), share_bp=arm.share_bp, is_control=arm.is_control, units=own,
        units_how=Both(f"{units:,} × {share}", f"{units:,} × {share}"), smallest_bp=smallest, smallest_how=how,
        extra_yen=extra, extra_how=extra_how, left_yen=left_of(terms, arm),
    )  # fmt: skip


def smallest_difference(share: float, *, one: int, other: int) -> float:
    """The least difference of a share that two groups of these sizes would show. 0 <= share <= 1, sizes above zero."""
    return (SURE + FOUND) * sqrt(share * (1 - share) * (1 / one + 1 / other))


def _smallest(arm: Arm, own: int, *, control: int, expectation: Expectation) -> tuple[int | None, Both]:
    p_bp = expectation.uptake_bp if arm.premium else HALF_BP
    part = WHOLE if arm.premium else expectation.uptake_bp
    one, other = own * part // WHOLE, control * part // WHOLE
    if min(one, other) < UNITS_LEAST:
        return None, Both(
            f"比べる数が{UNITS_LEAST}に満たない({one:,}と{other:,})。割合を増やすか、群を減らしてください",
            f"fewer than {UNITS_LEAST} to compare ({one:,} and {other:,}): give it a larger share, or have fewer arms",
        )
    what = _compared(arm, p_bp=p_bp, uptake_bp=part)
    sizes = f"2.8 × √({p_bp / WHOLE:.2f} × {1 - p_bp / WHOLE:.2f} × (1/{one:,} + 1/{other:,}))"
    found = ceil(smallest_difference(p_bp / WHOLE, one=one, other=other) * WHOLE)
    return min(found, WHOLE), Both(f"{what.ja}: {sizes}", f"{what.en}: {sizes}")


def _compared(arm: Arm, *, p_bp: int, uptake_bp: int) -> Both:
    if arm.premium:
        return Both(f"参加する割合(前提 {p_bp / 100:g}%)", f"the share who take part ({p_bp / 100:g}% assumed)")
    return Both(
        f"期限までに使い切る割合(前提 {p_bp / 100:g}%、参加する{uptake_bp / 100:g}%の人だけで比べる)",
        f"the share who use all up in time ({p_bp / 100:g}% assumed), among the {uptake_bp / 100:g}% who take part",
    )


def _extra(terms: ProgrammeTerms, arm: Arm, *, sold: int) -> tuple[int, Both]:
    """Only a premium costs more; what lives longer, shrinks less or is remembered is in the budget already."""
    if not isinstance(terms.obtaining, Sale) or not arm.premium:
        return 0, Both("予算は変わらない", "no more budget")
    face = terms.obtaining.face
    more = sum(part.yen for part in face_of(face, arm)) - sum(part.yen for part in face)
    share = f"{arm.share_bp / 100:g}%"
    return sold * arm.share_bp // WHOLE * more, Both(
        f"売れる {sold:,}口 × {share} × 1口の上乗せの差 {more:,}円",
        f"{sold:,} units sold × {share} × {more:,} yen more for a unit",
    )


def left_of(terms: ProgrammeTerms, arm: Arm | None) -> int | None:
    """What 10,000 granted yen that nobody spends have become on the last demurrage day; None where nothing shrinks."""
    if terms.demurrage is None:
        return None
    yen = OF_YEN
    for _ in _days(terms):
        yen -= yen * rate_bp(terms, arm) // WHOLE
    return yen


def _days(terms: ProgrammeTerms) -> Iterator[object]:
    assert terms.demurrage is not None  # noqa: S101 - as its caller has asked
    return demurrage_days(terms.demurrage, terms.spending.window.period)
