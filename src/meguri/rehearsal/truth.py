"""Planted effects: what is true in the invented town, so that evidence about it can be graded.

Every household's week has two outcomes: what it would have spent anyway (`untreated`) and what the wallet's money adds
to it. Only their sum is reported. The names of the effects are those of the file `truth.json` beside the run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from math import exp
from typing import Any, NamedTuple

from meguri.rehearsal.chance import dice
from meguri.rehearsal.figures import DECEMBER_FACTOR, WARD_WEEK_NOISE, WEEKLY_NOISE
from meguri.rehearsal.happenings import SpendingRow
from meguri.rehearsal.knowledge import Paid
from meguri.rehearsal.timetable import Timetable
from meguri.rehearsal.town import Household, Town


@dataclass(frozen=True, slots=True)
class Effects:
    """Sizes of the planted effects, all of them guesses.

    The first three follow the order of size of published estimates: 0.1 to 0.3 yen per yen, more where money is short.
    """

    mpc_base: float = 0.22  # extra spending per voucher yen
    mpc_low_income: float = 0.15  # more in households free of residents' tax
    mpc_over_75: float = -0.05
    pull_forward: float = 0.30  # of the extra, so much is missing later
    pull_forward_weeks: int = 12
    mpc_points: float = 0.10
    mpc_benefit_local_money: float = 0.30
    mpc_benefit_bank: float = 0.22
    benefit_weeks: tuple[float, ...] = (0.4, 0.3, 0.2, 0.1)  # when bank money is spent
    selection: float = 0.4  # odds of applying per standard deviation of a household's own growth (log)
    anticipation: float = 0.04  # share of a week that applicants put off before the sale, and catch up after it
    anticipation_weeks: int = 2
    walk_days_response: float = 0.5  # extra days a week on which the step goal is reached, once rewarded
    clean_up_response: float = 0.02  # extra share of holders at a clean-up in a week
    benefit_home_tilt: float = 2.0  # how much more benefit money is drawn to small shops in the own ward
    shop_gain: float = 0.04  # sales of shops that accept
    displaced_same_ward: float = -0.02  # sales of shops that do not, in a ward where others do
    displaced_next_ward: float = -0.01


EFFECTS = Effects()
BASELINE_WEEKS = 12
"""Weeks of spending known before the first day; eight is the least with which a draw can be evaluated."""


class Outcome(NamedTuple):
    """Both outcomes of a household's week (yen, unrounded): with nothing from the wallet, and what it added."""

    household: str
    week: int
    untreated: float
    added: float
    inside_yen: int


class SpendingPanel:
    """Writes the households' weeks in order, first the baseline, then each lived week."""

    def __init__(self, town: Town, *, table: Timetable, effects: Effects, applicants: set[str], seed: int) -> None:
        self.town, self.table, self.effects, self.seed = town, table, effects, seed
        self.waiting = {town.residents[key].household for key in applicants}
        self.due: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
        self.carried: dict[str, float] = defaultdict(float)
        self.outcomes: list[Outcome] = []
        self.reported: list[SpendingRow] = []
        self.given_back: dict[str, int] = {}  # by household (negative): more refunds than payments, for the next weeks
        self.voucher_yen = 0
        self.voucher_extra = 0.0
        self.voucher_left = 0.0  # of the extra, after what was missing later within the lived weeks
        self._residents = town.residents
        self._in_common: dict[tuple[str, int], float] = {}

    def baseline(self) -> Iterator[tuple[int, list[SpendingRow]]]:
        """The weeks before the start, with their numbers."""
        for week in range(-BASELINE_WEEKS, 0):
            yield week, self.rows(week, paid=())

    def rows(self, week: int, *, paid: Iterable[Paid]) -> list[SpendingRow]:
        """All households' week, given what their wallets paid in it. Weeks must come in order, each once."""
        wallet: dict[str, int] = defaultdict(int, self.given_back)
        for payment in paid:
            home = self._residents[payment.who].household
            wallet[home] += payment.yen
            self._respond(payment, home=home, week=week)
        self.given_back = {home: yen for home, yen in wallet.items() if yen < 0}
        rows = [
            self._row(home, week=week, inside_yen=max(0, wallet[home.key])) for home in self.town.households.values()
        ]
        self.reported += rows
        return rows

    def receive_in_bank(self, household: str, *, week: int, amount_yen: int) -> None:
        """A benefit paid to a bank account is spent over some weeks, nobody sees where."""
        for later, share in enumerate(self.effects.benefit_weeks):
            self.due[household][week + later] += self.effects.mpc_benefit_bank * share * amount_yen

    def mpc(self, who: str) -> float:
        """Extra spending per voucher yen of one resident."""
        effects, resident = self.effects, self._residents[who]
        low = self.town.households[resident.household].tax_class == "exempt"
        old = resident.age(self.town.as_of) >= 75
        return effects.mpc_base + effects.mpc_low_income * low + effects.mpc_over_75 * old

    def untreated(self, home: Household, *, week: int) -> float:
        """What the household would have spent in a week had nobody paid with the wallet."""
        noise = dice(self.seed, "week", home.key, week).gauss(0, WEEKLY_NOISE)
        shared = self._shared(home.ward, week)
        season = DECEMBER_FACTOR if self.table.monday(week).month == 12 else 1.0
        level = home.weekly_yen * season * (1 + home.growth * week) * (1 + self._waits(home.key, week))
        return level * exp(noise - WEEKLY_NOISE**2 / 2 + shared)

    def _shared(self, ward: str, week: int) -> float:
        """What a ward's households have in common in a week (log)."""
        if (ward, week) not in self._in_common:
            self._in_common[ward, week] = dice(self.seed, "ward week", ward, week).gauss(0, WARD_WEEK_NOISE)
        return self._in_common[ward, week]

    def _waits(self, household: str, week: int) -> float:
        """Applicants, winners or not, put purchases off before the sale and catch up after it."""
        if household not in self.waiting:
            return 0.0
        after = week - self.table.sale_week
        if -self.effects.anticipation_weeks <= after < 0:
            return -self.effects.anticipation
        return self.effects.anticipation if 0 <= after < self.effects.anticipation_weeks else 0.0

    def _respond(self, payment: Paid, *, home: str, week: int) -> None:
        for part in payment.taken:
            if part.family == "voucher":
                extra = self.mpc(payment.who) * part.yen
                self._spread(home, week=week, extra=extra)
                self.voucher_yen += part.yen
                self.voucher_extra += extra
            elif part.family == "point":
                self.due[home][week] += self.effects.mpc_points * part.yen
            else:
                self.due[home][week] += self.effects.mpc_benefit_local_money * part.yen

    def _spread(self, home: str, *, week: int, extra: float) -> None:
        """The extra comes now; a part of it was only brought forward and is missing later, evenly."""
        self.due[home][week] += extra
        span = self.effects.pull_forward_weeks
        for later in range(1, span + 1):
            self.due[home][week + later] -= self.effects.pull_forward * extra / span
        missed = min(span, self.table.weeks - 1 - week) / span
        self.voucher_left += extra * (1 - self.effects.pull_forward * missed)

    def _row(self, home: Household, *, week: int, inside_yen: int) -> SpendingRow:
        untreated, added = self.untreated(home, week=week), self.due[home.key].pop(week, 0.0)
        self.outcomes.append(Outcome(home.key, week, untreated, added, inside_yen))
        exact = untreated + added + self.carried[home.key]
        # A week cannot hold less than what the wallet shows; the difference is carried, so that sums stay true.
        total = max(round(exact), inside_yen)
        self.carried[home.key] = exact - total
        return SpendingRow(home.key, self.table.monday(week), total, inside_yen, total - inside_yen)


def truth(panel: SpendingPanel, *, extra: dict[str, Any]) -> dict[str, Any]:
    """The content of `truth.json`: what was planted, and what that came to in this run."""
    lived = [outcome for outcome in panel.outcomes if outcome.week >= 0]
    added = sum(outcome.added for outcome in lived)
    inside = sum(outcome.inside_yen for outcome in lived)
    reported = [row for row in panel.reported if row.week >= panel.table.start]
    return {
        "label": panel.town.label, "label_en": panel.town.label_en, "seed": panel.seed,
        "residents": len(panel.town.residents), "start": panel.table.start.isoformat(), "weeks": panel.table.weeks,
        "planted": asdict(panel.effects),
        "realised": {
            "voucher_yen": panel.voucher_yen,
            "voucher_mpc_at_once": _ratio(panel.voucher_extra, panel.voucher_yen),
            "voucher_mpc_by_the_end": _ratio(panel.voucher_left, panel.voucher_yen),
            "voucher_mpc_for_ever": _ratio(panel.voucher_extra * (1 - panel.effects.pull_forward), panel.voucher_yen),
            "inside_yen": inside, "outside_yen": sum(row.outside_yen for row in reported),
            "spending_yen": sum(row.total_yen for row in reported),
            "added_yen": round(added), "untreated_yen": round(sum(outcome.untreated for outcome in lived)),
        },
        **extra,
    }  # fmt: skip


def _ratio(part: float, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
