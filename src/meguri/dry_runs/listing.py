"""A benefit in a dry run: the list is imported and decided by two, people choose how to receive, and it is paid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from uuid import UUID

from meguri.dry_runs.hall import Hall
from meguri.dry_runs.people import Person
from meguri.dry_runs.way import Anew, early_day, first_and_last
from meguri.programmes.benefits import operations, queries
from meguri.programmes.dry_run import Due
from meguri.programmes.forecasting import Expectation
from meguri.programmes.parts import GrantByList, Receipt
from meguri.rehearsal.chance import dice

CHOOSES_SHARE, LATE_SHARE = 0.8, 0.05
ONE_DAY = timedelta(days=1)
LIST_READY_DAYS = 14
"""So long before people may choose, the list is decided."""
AGAIN_DAYS = 7
"""After so many days the desk tries again what was refused."""


def list_day(grant: GrantByList, *, on: date) -> date:
    """The day on which the list is imported and decided: the register of the day of eligibility must be there."""
    return max(grant.choosing.first_day - timedelta(days=LIST_READY_DAYS), on + ONE_DAY)


@dataclass
class Listing:
    """The benefit as it is lived. `plans`: who chooses how on which day."""

    hall: Hall
    grant: GrantByList
    eligible: Sequence[Person]
    expectation: Expectation
    benefit_list: UUID | None = None
    plans: defaultdict[date, list[tuple[UUID, UUID, Receipt]]] = field(default_factory=lambda: defaultdict(list))
    chosen: set[UUID] = field(default_factory=set)
    imported_on: date = field(init=False)
    next_payment: date | None = None

    def __post_init__(self) -> None:
        self.imported_on = list_day(self.grant, on=self.hall.terms.eligibility.on)
        self.next_payment = self.grant.paid_on

    def live(self) -> None:
        if self.hall.today == self.imported_on:
            self._decide()
        for entitlement, recipient, receipt in self.plans.pop(self.hall.today, []):
            self._choose(entitlement, recipient, receipt=receipt)
        if self.hall.today == self.next_payment and self.benefit_list is not None:
            self._pay(self.benefit_list)

    def amend(self, anew: Anew) -> None:
        """Whoever was decided on stays decided; days that did not come yet move."""
        assert isinstance(anew.terms.obtaining, GrantByList)  # noqa: S101 - how value is obtained stands as it was launched
        if self.next_payment == self.grant.paid_on:
            self.next_payment = anew.terms.obtaining.paid_on
        self.grant = anew.terms.obtaining
        if self.benefit_list is None:
            self.eligible = anew.eligible

    def counts(self) -> dict[str, int]:
        if self.benefit_list is None:
            return {"entitled": 0, "chosen": 0, "to_wallets": 0, "to_bank": 0}
        found = queries.list_page(self.benefit_list, municipality=self.hall.municipality)
        return {
            "entitled": found.figures.count, "chosen": len(self.chosen), "to_wallets": found.by_state["paid"],
            "to_bank": found.by_state["released"],
        }

    def due(self, day: date) -> Iterator[Due]:
        if day == self.imported_on:
            yield Due(who="desk", ja="対象者の名簿を取り込み、別の職員が支給を決めます。",
                      en="Import the list; another officer decides it.")
        yield from first_and_last(
            self.grant.choosing, day, ja="受け取り方の選択", en="choosing how to receive", who="residents"
        )
        if day == self.grant.paid_on:
            yield Due(who="desk", ja="給付を支払う日です。", en="Pay the benefits.")
            yield Due(who="accounting", ja="口座で受け取る分の振込データを作ります。",
                      en="Make the bank file for those who receive by transfer.")

    def _decide(self) -> None:
        self.hall.desk(self._import)
        if self.benefit_list is None:
            return
        by_list = partial(operations.decide, benefit_list=self.benefit_list)
        self.hall.desk(partial(operations.propose_list, benefit_list=self.benefit_list, by=self.hall.maker,
                               at=self.hall.at(10)))
        self.hall.desk(partial(by_list, by=self.hall.checker, at=self.hall.at(11)))
        self._plan()

    def _import(self) -> None:
        """The eligible and a few who are not: those lines are told to the desk with their reasons."""
        people = [*self.eligible, *(each for each in self.hall.people if each not in self.eligible)][
            : len(self.eligible) + 5]
        lines = ["person,recipient", *(f"{each.id},{each.guardian}" for each in people), ""]
        content = "\n".join(lines).encode()
        seen = queries.preview_list(
            self.hall.made.programme, content=content, municipality=self.hall.municipality
        )
        made = operations.import_list(
            programme=self.hall.made.programme, name="予行の名簿", content=content, declared_count=seen.entitled,
            declared_total_yen=seen.figures.total_yen, by=self.hall.maker, at=self.hall.at(9), all_or_nothing=False,
        )
        self.benefit_list = made.benefit_list

    def _plan(self) -> None:
        """Most choose in time, some too late, some never."""
        assert self.benefit_list is not None  # noqa: S101 - it was just decided
        rows = queries.entitlements(
            self.benefit_list, municipality=self.hall.municipality, at=self.hall.at(12), limit=len(self.hall.people)
        )
        for row in rows:
            chance = dice(self.hall.wanted.seed, "chooses", row.person)
            choices = [each.receipt for each in self.grant.choices]
            local = chance.random() * 10_000 < self.expectation.local_money_bp
            receipt = Receipt.LOCAL_MONEY if local and Receipt.LOCAL_MONEY in choices else choices[0]
            drawn = chance.random()
            if drawn < CHOOSES_SHARE:
                self.plans[early_day(self.grant.choosing, chance)].append((row.id, row.recipient, receipt))
            elif drawn < CHOOSES_SHARE + LATE_SHARE:
                self.plans[self.grant.choosing.last_day + ONE_DAY].append((row.id, row.recipient, receipt))

    def _choose(self, entitlement: UUID, recipient: UUID, *, receipt: Receipt) -> None:
        def choose() -> bool:
            operations.choose_receipt(
                entitlement=entitlement, receipt=receipt, by=self.hall.resident(recipient), at=self.hall.at(14)
            )
            return True

        if self.hall.ask(choose):
            self.chosen.add(entitlement)

    def _pay(self, benefit_list: UUID) -> None:
        """On the day of payment; what waits or was refused is tried again a week later, while it can be spent."""
        paid = self.hall.desk(partial(
            operations.disburse, benefit_list=benefit_list, by=self.hall.checker, at=self.hall.at(10)
        ))
        again = self.hall.today + timedelta(days=AGAIN_DAYS)
        waits = paid is None or paid.waiting > 0
        self.next_payment = again if waits and again <= self.hall.terms.spending.window.last_day else None
