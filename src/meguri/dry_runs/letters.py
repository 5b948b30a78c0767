"""Codes by letter in a dry run: sent to everybody eligible, entered by most, mistyped by some, forgotten by others."""

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
from meguri.programmes.dry_run import Due
from meguri.programmes.parts import GrantByCode
from meguri.programmes.vouchers import operations
from meguri.rehearsal.chance import dice

MISTYPES_SHARE, LATE_SHARE = 0.08, 0.04
ONE_DAY = timedelta(days=1)
MISTYPED = "AAAA-AAAA-AAAA-AAAA"


@dataclass
class Letters:
    """The codes as they are lived. `plans`: who enters which code on which day."""

    hall: Hall
    grant: GrantByCode
    takers: Sequence[Person]
    plans: defaultdict[date, list[operations.Letter]] = field(default_factory=lambda: defaultdict(list))
    sent: int = 0
    entered: int = 0

    def live(self) -> None:
        if self.hall.today == self.grant.entering.first_day - ONE_DAY:
            self._send()
        for letter in self.plans.pop(self.hall.today, []):
            self._enter(letter)

    def amend(self, anew: Anew) -> None:
        assert isinstance(anew.terms.obtaining, GrantByCode)  # noqa: S101 - how value is obtained stands as it was launched
        self.grant = anew.terms.obtaining
        if not self.sent:
            self.takers = anew.takers

    def counts(self) -> dict[str, int]:
        return {"letters": self.sent, "codes_entered": self.entered}

    def due(self, day: date) -> Iterator[Due]:
        if day == self.grant.entering.first_day - ONE_DAY:
            yield Due(who="desk", ja="コードを出し、手紙を印刷して送ります。",
                      en="Issue the codes, print and send the letters.")
        yield from first_and_last(
            self.grant.entering, day, ja="コードの入力", en="entering codes", who="residents"
        )

    def _send(self) -> None:
        letters = self.hall.desk(partial(
            operations.issue_codes, programme=self.hall.made.programme, by=self.hall.checker, at=self.hall.at(9)
        ))
        if letters is None:
            return
        self.sent = len(letters)
        part = {each.id for each in self.takers}
        for letter in letters:
            chance = dice(self.hall.wanted.seed, "enters", letter.resident)
            if letter.resident in part:
                self.plans[early_day(self.grant.entering, chance)].append(letter)
            elif chance.random() < LATE_SHARE:
                self.plans[self.grant.entering.last_day + ONE_DAY].append(letter)

    def _enter(self, letter: operations.Letter) -> None:
        if dice(self.hall.wanted.seed, "mistypes", letter.resident).random() < MISTYPES_SHARE:
            self._try(letter.resident, MISTYPED)
        self.entered += self._try(letter.resident, letter.code) is not None

    def _try(self, person: UUID, code: str) -> object:
        return self.hall.ask(partial(
            operations.enter_code, code=code, by=self.hall.resident(person), at=self.hall.at(13)
        ))
