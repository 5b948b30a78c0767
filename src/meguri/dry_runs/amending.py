"""An amendment on its way through a dry run: approved by two officers on its day, ruling from its first day on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

from meguri.dry_runs.hall import Hall
from meguri.programmes import operations, queries
from meguri.programmes.dry_run import Due
from meguri.programmes.terms import ProgrammeTerms
from meguri.words.clock import midnight

REASON = "予行"


@dataclass
class Amending:
    """An amendment as it is lived. `approved_on`: that day, or the first of the dry run if it is over by then."""

    hall: Hall
    after: ProgrammeTerms
    approved_on: date
    first_day: date | None
    begun: bool = False

    def due(self) -> Iterator[Due]:
        today = self.hall.today
        if today == self.approved_on:
            yield Due(who="desk", ja="変更案を起票し、別の職員が承認します。", en="Propose and approve the amendment.")
        if today == (self.first_day or self.approved_on):
            yield Due(who="desk", ja="この日から、変更後のきまりになります。", en="The amended terms rule from today.")

    def live(self) -> bool:
        """Whether the amendment began to rule today. What lives longer moves at once, bit by bit, as on real days."""
        if self.hall.today == self.approved_on:
            self.hall.desk(self._approve)
        operations.begin_amendments(municipality=self.hall.municipality, at=self.hall.at(0))
        self._carry_on()
        if self.begun or not self._rules():
            return False
        self.begun = True
        return True

    def _approve(self) -> None:
        programme, maker, checker = self.hall.made.programme, self.hall.maker, self.hall.checker
        starts_at = None if self.first_day is None or self.first_day <= self.hall.today else midnight(self.first_day)
        operations.draft_amendment(
            programme=programme, terms=self.after, reason=REASON, by=maker, at=self.hall.at(11, 10),
            starts_at=starts_at,
        )  # fmt: skip
        operations.submit_amendment(programme=programme, by=maker, at=self.hall.at(11, 20))
        operations.approve_amendment(programme=programme, by=checker, at=self.hall.at(11, 30))

    def _rules(self) -> bool:
        return queries.terms(self.hall.made.programme, municipality=self.hall.municipality) == self.after

    def _carry_on(self) -> None:
        carry = partial(operations.carry_out, by=self.hall.system, at=self.hall.at(11, 40))
        while carry():
            pass
        operations.carry_on(by=self.hall.system, at=self.hall.at(11, 50))
