"""Random histories: a town in which anything may happen in any order."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st

from meguri.ledger.rules import Verdict
from meguri.settlement import operations as settlement
from meguri.settlement import queries
from meguri.words.refusal import Refusal
from tests.settlement.books import AT, TestProgramme, account, leg, small_town

STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["grant", "sell", "pay", "refund", "pass_on", "expire", "withdraw", "benefit", "settle", "release"]
        ),
        st.integers(0, 1), st.integers(0, 2), st.integers(1, 700),
    ),
    max_size=30,
)


class Life:
    """A town in which anything may happen in any order; what the books refuse does not happen."""

    def __init__(self) -> None:
        self.town = small_town()
        self.programmes = [self.town.programme("voucher"), self.town.programme("benefit")]
        self.people = [self.town.resident() for _ in range(3)]
        self.shops = [self.town.shop(area=area) for area in ("minato", "yama", "kawa")]
        self.payments: list[Verdict] = []
        self.now = AT
        settlement.set_paying_account(
            by=self.town.actor(), at=AT, payer_code="0123456789", payer_name="メグリ", bank="0005", branch="001",
            number="7654321",
        )

    def step(self, kind: str, programme: int, who: int, yen: int) -> None:  # one tuple of STEPS
        self.now += timedelta(hours=9)
        try:
            self.do(kind, self.programmes[programme], who, yen)
        except Refusal:
            return

    def do(self, kind: str, programme: TestProgramme, who: int, yen: int) -> None:
        town, person = self.town, self.people[who]
        wallet = account(person, "wallet")
        match kind:
            case "grant":
                town.grant(person, programme, yen, at=self.now)
            case "sell":
                town.sell(person, programme, yen, at=self.now)
            case "pay":
                self.payments.append(town.pay(person, self.shops[who], yen, programme, at=self.now))
            case "refund" if self.payments:
                town.refund(self.payments[yen % len(self.payments)], at=self.now)
            case "pass_on":
                other = account(self.people[who - 1], "wallet")
                town.post("transfer", leg(wallet, other, yen, programme.lot), at=self.now)
            case "expire":
                town.expire(person, programme, yen, to=("fund", "expired")[yen % 2], at=self.now)
            case "withdraw":
                back = leg(wallet, account(programme.fund, "fund"), yen, programme.lot)
                town.post("withdraw_points", back, at=self.now)
            case "benefit":
                town.benefit_to_bank(person, programme, yen, at=self.now)
            case "settle":
                settlement.run_settlement(by=town.actor(), at=self.now, cutoff=self.now)
            case "release":
                self.release()

    def release(self) -> None:
        """The accountant lets the latest run go, if one waits."""
        number = self.town.municipality
        for run in [run for run in queries.runs(number) if run.state == "run"][:1]:
            count, yen = queries.to_confirm(run.id, municipality=number)
            settlement.approve_payouts(
                by=self.town.actor(), at=self.now, run=run.id, confirmed_count=count, confirmed_yen=yen
            )
