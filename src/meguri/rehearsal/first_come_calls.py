"""What the sale that is first come, first served asks of the API: the line, the turn, the slip, the counter, gifts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from meguri.rehearsal import happenings as h
from meguri.rehearsal.client import Refused
from meguri.rehearsal.knowledge import Answer
from meguri.rehearsal.voices import OPERATOR, Named, Say, Voice

LOOKS_MOST, PAUSE_S = 100, 0.3
"""How often one looks at a line at most until it has come to rest, and how long (real seconds) one waits before each
look: the server moves it by itself, and what it shows may be a quarter of a second old."""

NEEDED_FIRST_COME = (
    "line_come", "line_see", "line_place", "vouchers_order", "vouchers_prepare_page", "vouchers_applications",
    "vouchers_sell_at_counter", "rehearsal_tell_of_payment", "gifts_give", "gifts_take",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FirstComeCalls(Named):
    """The sale to whoever comes first, as the town uses it."""

    def lines_up(self, it: h.LinesUp, say: Say) -> Answer:
        """Everybody comes, in their order; then the line moves as far as it can. Who is refused has no place."""
        sale, ids = self.named(f"sale:{it.programme}:{it.round}"), {}
        for who, units in it.people:
            try:
                mine = say("line_come", {"sale": sale, "units": units}, by=self.resident(who), part=f"come:{who}")
                ids[f"place:{it.programme}:{it.round}:{who}"] = str(mine["ticket"])
            except Refused:
                continue
        _rest(sale, say)
        return Answer(ids=ids)

    def line_moves(self, it: h.LineMoves, say: Say) -> Answer:
        """Wait until what was kept for those who slept has gone back, and the line has moved on."""
        sale = self.named(f"sale:{it.programme}:{it.round}")
        _until(lambda: not any(self._state(who, say, sale=sale) == "won" for who in it.asleep))
        _rest(sale, say)
        return Answer()

    def takes_turn(self, it: h.TakesTurn, say: Say) -> Answer:
        """Pay for what is kept; nothing to do for whoever has done so, has no place, or still waits."""
        name = f"{it.programme}:{it.round}:{it.who}"
        ticket = self.ids.get(f"place:{name}")
        if not ticket or f"bought:{name}" in self.ids or f"order:{name}" in self.ids:
            return Answer()
        sale, me = self.named(f"sale:{it.programme}:{it.round}"), self.resident(it.who)
        place = say("line_place", {"sale": sale, "ticket": ticket}, by=me, part="place")
        if place["state"] != "allotted":
            return Answer()
        try:
            wanted = {"application": place["application"], "way": it.way}
            order = str(say("vouchers_order", wanted, by=me, part="order")["order"])
        except Refused:
            if self._state(it.who, say, sale=sale) != "purchased":
                raise
            return Answer(ids={f"bought:{name}": str(place["application"])})  # the answer was lost before, not the deed
        if it.way == "slip":
            return Answer(ids={f"order:{name}": order})
        say("vouchers_prepare_page", {"order": order}, by=me, part="page")
        _tell(say, order=order, kind="final")
        return Answer(ids={f"bought:{name}": order})

    def tells_of_slip(self, it: h.TellsOfSlip, say: Say) -> Answer:
        """The shop's word; from the first one on the vouchers are in the wallet, until it is taken back."""
        name = f"{it.programme}:{it.round}:{it.who}"
        order = self.named(f"order:{name}")
        _tell(say, order=order, kind=it.kind)
        return Answer(ids={f"bought:{name}": order} if it.kind == "early" else {})

    def sells_at_counter(self, it: h.SellsAtCounter, say: Say) -> Answer:
        """An officer takes the cash."""
        body = {
            "programme": self.programme(it.programme), "round": it.round, "units": it.units,
            "resident": self.named(f"resident:{it.resident}"),
        }  # fmt: skip
        sold = say("vouchers_sell_at_counter", body, by=Voice("maker", department=it.department))
        return Answer(ids={f"bought:{it.programme}:{it.round}:{it.resident}": str(sold["application"])})

    def gives(self, it: h.Gives, say: Say) -> Answer:
        """Out of the first of the programme's purses that holds enough; nobody gives what is not there."""
        me = self.resident(it.who)
        purse = next((row for row in say("wallet_purses", {}, by=me, part="look")["purses"]
                      if row["code"] in self.rules.first_come.face and row["yen"] >= it.yen), None)  # fmt: skip
        if purse is None:
            return Answer()
        body = {"purse_kind": purse["purse_kind"], "expires_at": purse.get("expires_at"), "amount_yen": it.yen,
                "request": say.number(it.key)}  # fmt: skip
        made = say("gifts_give", body, by=me, part="give")
        return Answer(ids={f"gift:{it.key}": str(made["code"]), f"gift to:{it.key}": it.to})

    def takes_gift(self, it: h.TakesGift, say: Say) -> Answer:
        say("gifts_take", {"code": self.named(f"gift:{it.gift}")}, by=self.resident(it.who))
        return Answer()

    def _state(self, who: str, say: Say, *, sale: str) -> str:
        """What became of somebody's application in a sale; empty where there is none."""
        mine = say("vouchers_applications", {}, by=self.resident(who), part=f"state:{who}")
        return next((str(row["state"]) for row in mine if row["sale"] == sale), "")


def _tell(say: Say, *, order: str, kind: str) -> None:
    say("rehearsal_tell_of_payment", {"order": order, "kind": kind}, by=OPERATOR, part=kind)


def _rest(sale: str, say: Say) -> None:
    """Until nobody waits, or nothing is left to be given."""

    def rests() -> bool:
        seen: Any = say("line_see", {"sale": sale}, by=OPERATOR, part="see")
        return bool(seen["left"] == 0 or seen["served"] >= seen["last"])

    _until(rests)


def _until(done: Callable[[], bool]) -> None:
    """Look until it is so. After long enough life goes on: who still waits then is told so by the server."""
    for _ in range(LOOKS_MOST):
        time.sleep(PAUSE_S)
        if done():
            return
