"""What moves value in bulk in a dry run, with two officers: expiry, demurrage, winding up. And what runs by itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

from meguri.dry_runs.hall import Hall
from meguri.programmes import operations, queries
from meguri.programmes.demurrage import RunKind
from meguri.programmes.dry_run import Due
from meguri.settlement.tasks import settle_up
from meguri.wallets.operations import warn_of_expiry


@dataclass
class Running:
    """The runs of a dry run. `lost`: what left the wallets unspent so far (yen), by part and reason;
    `wanted`: the runs of today, once `due` has looked for them.
    """

    hall: Hall
    closes_on: date
    lost: Counter[str] = field(default_factory=Counter)
    wanted: list[RunKind] = field(default_factory=list)

    def live(self) -> None:
        """The house's own tasks in the morning, then the desk's runs, carried out at once."""
        warn_of_expiry(by=self.hall.system, at=self.hall.at(9))
        if self.hall.today.day == 1:
            self.hall.desk(partial(settle_up, self.hall.municipality, at=self.hall.at(6)))
        if self.hall.today == self.closes_on:
            self.hall.desk(partial(
                operations.close_programme, programme=self.hall.made.programme, by=self.hall.checker,
                at=self.hall.at(9),
            ))  # fmt: skip
        for kind in self.wanted:
            self._run(kind)

    def counts(self) -> dict[str, int]:
        return dict(self.lost)

    def due(self) -> list[Due]:
        """The runs that the desk has to propose and order today."""
        self.wanted = self._wanted()
        return [
            Due(who="desk", ja=f"{ja}を起票し、別の職員が承認します。", en=f"Propose and approve: {en}.")
            for kind in self.wanted for ja, en in [_NAMES[kind]]
        ]

    def _wanted(self) -> list[RunKind]:
        programme, town, at = self.hall.made.programme, self.hall.municipality, self.hall.at(9)
        kinds = []
        if queries.days_to_run(programme, municipality=town, at=at):
            kinds.append(RunKind.DEMURRAGE)
        if queries.lapsed(programme, municipality=town, at=at, limit=1):
            kinds.append(RunKind.EXPIRY)
        elif self._ended() and queries.remaining(programme, municipality=town, limit=1):
            kinds.append(RunKind.CLOSING)
        return kinds

    def _ended(self) -> bool:
        found = queries.winding_up(self.hall.made.programme, municipality=self.hall.municipality)
        return found.may_begin(self.hall.at(9))

    def _run(self, kind: RunKind) -> None:
        before = self._held()
        asked = self.hall.desk(partial(
            operations.propose_run, programme=self.hall.made.programme, kind=kind, by=self.hall.maker,
            at=self.hall.at(9),
        ))  # fmt: skip
        if asked is None:
            return
        self.hall.desk(partial(operations.order_run, approval=asked, by=self.hall.checker, at=self.hall.at(10)))
        while operations.carry_out(by=self.hall.system, at=self.hall.at(11)):
            pass
        gone = before - self._held()
        if kind is RunKind.DEMURRAGE:
            self.lost["shrunk_yen"] += gone.total()
        else:
            self.lost.update({f"lapsed_{part}_yen": yen for part, yen in gone.items()})

    def _held(self) -> Counter[str]:
        """What lies in wallets of this programme, by part."""
        held: Counter[str] = Counter()
        for each in queries.remaining(self.hall.made.programme, municipality=self.hall.municipality):
            held[each.part] += each.amount_yen
        return held


_NAMES = {
    RunKind.EXPIRY: ("期限切れの処理", "the expiry run"), RunKind.DEMURRAGE: ("減価の処理", "the demurrage run"),
    RunKind.CLOSING: ("終了時の処理", "the winding up"),
}  # fmt: skip


def closing_day(last_spending: date) -> date:
    """On the day after the last on which anybody can spend, the programme is closed."""
    return last_spending + timedelta(days=1)
