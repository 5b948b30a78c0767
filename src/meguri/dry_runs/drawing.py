"""What lot decides in a dry run: the arms' list is fixed when the programme starts, and they are drawn on their day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from meguri.dry_runs import repeating
from meguri.dry_runs.hall import Hall
from meguri.programmes import operations
from meguri.programmes.dry_run import Due
from meguri.programmes.trial import Trial

VALUE = "a value for the dry run"


@dataclass
class Drawing:
    """The draw of a trial's arms; of a document without a trial, nothing at all."""

    hall: Hall
    trial: Trial | None
    is_drawn: bool = False

    def due(self) -> Iterator[Due]:
        if self._is_today():
            ja, en = "名簿の人の条件を、公開の値で抽選します。", "Draw the arms with the public value."
            yield Due(who="desk", ja=ja, en=en)

    def live(self) -> None:
        """Before anybody obtains anything."""
        if self.trial is None or self.is_drawn:
            return
        programme, by = self.hall.made.programme, self.hall.checker
        self.hall.desk(partial(operations.list_arms, programme=programme, by=by, at=self.hall.at(8)))
        if not self._is_today():
            return
        repeating.promise_arms(programme, seed=self.hall.wanted.seed)
        drawn = partial(operations.draw_arms, programme=programme, public_value=VALUE, by=by, at=self.hall.at(9))
        self.is_drawn = self.hall.desk(drawn) is not None

    def _is_today(self) -> bool:
        return self.trial is not None and not self.is_drawn and self.trial.drawn_on <= self.hall.today
