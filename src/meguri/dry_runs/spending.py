"""People pay at shops with what they hold, bring something back now and then, and some forget what they have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from random import Random
from uuid import UUID

from meguri.dry_runs.hall import Hall
from meguri.dry_runs.way import first_and_last
from meguri.programmes.dry_run import Due
from meguri.programmes.parts import Window
from meguri.rehearsal.chance import dice
from meguri.tills import operations as tills
from meguri.tills import paying
from meguri.tills.rules import Asked, Payment
from meguri.words.refusal import Refusal

FORGETS_SHARE = 0.04
"""Who never spends what they got."""
BACK_SHARE = 0.01
"""Of the payments, how many are given back on the same day because goods come back."""
PRICES = (300, 500, 800, 1_000, 1_500, 2_000, 3_000, 5_000, 8_000)
WORTH_YEN, LAST_DAYS = 300, 21
"""For less nobody takes the phone out, but in the last days."""
SPENT_WITHIN_DAYS = 45
"""In how many days people who remember mean to have spent it, where the terms leave so many."""


@dataclass
class Spending:
    """All payments of a dry run so far, and those of today."""

    hall: Hall
    window: Window
    all_payments: int = 0
    payments: int = 0
    paid_yen: int = 0
    refunded_yen: int = 0

    def live(self) -> None:
        """Today's payments, all served together, then what is brought back."""
        self.payments = self.paid_yen = self.refunded_yen = 0
        if not self.window.first_day <= self.hall.today <= self.window.last_day or not self.hall.shops:
            return
        asked = list(self._wishes())
        waiting: list[Future[Payment]] = [paying.submit(each) for each in asked]
        for each, future in zip(asked, waiting, strict=True):
            made = self.hall.ask(partial(_answer, future))
            if made is not None:
                self.payments += 1
                self.paid_yen += made.amount_yen
                self._bring_back(each, made)
        self.all_payments += self.payments

    def counts(self) -> dict[str, int]:
        return {"payments": self.all_payments}

    def _wishes(self) -> Iterator[Asked]:
        """Who goes shopping today, where, and for how much."""
        held: Counter[UUID] = Counter()
        for balance in self.hall.held():
            held[balance.account.owner] += balance.amount
        left = (self.window.last_day - self.hall.today).days
        for holder in self.hall.holders:
            chance = dice(self.hall.wanted.seed, "spends", holder, self.hall.today)
            worth = held[holder] >= WORTH_YEN or (held[holder] and left <= LAST_DAYS)
            if worth and _goes(self.hall.wanted.seed, holder, left=left, chance=chance):
                yield tills.ask_at_shop(
                    by=self.hall.resident(holder), at=self.hall.at(16, chance.randrange(60)), holder=holder,
                    shop=chance.choice(self.hall.shops), amount_yen=_basket(held[holder], chance),
                    request=f"{self.hall.today}",
                )

    def _bring_back(self, asked: Asked, made: Payment) -> None:
        if dice(self.hall.wanted.seed, "back", asked.holder, self.hall.today).random() >= BACK_SHARE:
            return
        given = self.hall.ask(partial(
            tills.refund_payment, by=self.hall.clerk(asked.shop), at=self.hall.at(18), shop=asked.shop,
            payment=made.id, reason="予行の返品",
        ))  # fmt: skip
        if given is not None:
            self.refunded_yen += made.amount_yen


def due(window: Window, hall: Hall) -> Iterator[Due]:
    """The first and the last day of spending."""
    yield from first_and_last(window, hall.today, ja="店での利用", en="spending at shops", who="residents")


def _answer(future: Future[Payment]) -> Payment | Refusal:
    return future.result()


def _goes(seed: int, holder: UUID, *, left: int, chance: Random) -> bool:
    """More often as the end comes near; who forgets, never."""
    if dice(seed, "forgets", holder).random() < FORGETS_SHARE:
        return False
    return chance.random() < max(0.12, min(1.0, 6 / max(1, min(left, SPENT_WITHIN_DAYS))))


def _basket(held: int, chance: Random) -> int:
    """What it costs: mostly within what is held, at times a little more, and the small rest as a whole."""
    wanted = chance.choice(PRICES) * (1 if held < 30_000 else 2)
    tries_more = held * 2 > wanted and chance.random() < 0.1
    return wanted if wanted <= held or tries_more else held
