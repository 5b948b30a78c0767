"""What the town's people have been told: behaviour follows from this, never from what the server knows alone.

The driver tells every answer (`told`) before the next day is planned; on a resumed run it tells them from its journal.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from meguri.rehearsal.happenings import (
    Applies,
    AsksRefund,
    FindsNewPhone,
    Happening,
    LooksAtWallet,
    LosesPhone,
    OpensWallet,
    Pays,
    Purchases,
)  # fmt: skip
from meguri.rehearsal.rules import VOUCHER


@dataclass(frozen=True, slots=True)
class PurseView:
    """A purse as the wallet shows it."""

    kind: str
    family: str  # voucher, point, benefit
    yen: int
    small_only: bool = False
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What a payment took from a purse."""

    kind: str
    family: str
    yen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. `ids` are the server's names for things, by ours; None lists mean "not said"."""

    refusal: str = ""
    sentence: str = ""  # of the refusal, in both languages
    ids: dict[str, str] = field(default_factory=dict)
    purses: tuple[PurseView, ...] | None = None
    taken: tuple[Taken, ...] = ()
    won: tuple[str, ...] | None = None  # residents

    @property
    def ok(self) -> bool:
        return not self.refusal

    def plain(self) -> dict[str, Any]:
        """As JSON for the journal; unsaid parts are left out."""
        whole: dict[str, Any] = {"refusal": self.refusal, "sentence": self.sentence, "ids": self.ids}
        if self.purses is not None:
            whole["purses"] = [
                [p.kind, p.family, p.yen, p.small_only, p.expires_on.isoformat() if p.expires_on else None]
                for p in self.purses
            ]
        whole["taken"] = [[t.kind, t.family, t.yen] for t in self.taken]
        if self.won is not None:
            whole["won"] = list(self.won)
        return {key: value for key, value in whole.items() if value or key in {"purses", "won"}}

    @staticmethod
    def read(plain: dict[str, Any]) -> Answer:
        """The reverse of `plain`."""
        purses = plain.get("purses")
        return Answer(
            refusal=plain.get("refusal", ""), sentence=plain.get("sentence", ""), ids=plain.get("ids", {}),
            purses=None if purses is None else tuple(
                PurseView(k, f, y, s, date.fromisoformat(e) if e else None) for k, f, y, s, e in purses
            ),
            taken=tuple(Taken(*t) for t in plain.get("taken", [])),
            won=tuple(plain["won"]) if "won" in plain else None,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that happened, or (negative) its refund."""

    key: str
    at: datetime
    who: str
    shop: str
    taken: tuple[Taken, ...]

    @property
    def yen(self) -> int:
        return sum(part.yen for part in self.taken)


class Knowledge:
    """Balances, ids, results and payments as told so far."""

    def __init__(self) -> None:
        self.ids: dict[str, str] = {}
        self.purses: dict[str, dict[str, PurseView]] = {}
        self.open: set[str] = set()
        self.without_phone: set[str] = set()
        self.applied: dict[str, int] = {}
        self.won: set[str] | None = None
        self.lost: set[str] = set()
        self.bought: set[str] = set()
        self.stale: set[str] = set()  # who was refused and wants to look
        self.paid: list[Paid] = []
        self.of_key: dict[str, Paid] = {}
        self.refusals: dict[str, int] = defaultdict(int)
        self.sentences: dict[str, str] = {}  # the first one of each refusal

    def told(self, happening: Happening, answer: Answer) -> None:
        """Learn from an answer. Each happening is told once."""
        self.ids.update(answer.ids)
        if answer.purses is not None:
            self.purses[happening.who] = {purse.kind: purse for purse in answer.purses}
            self.stale.discard(happening.who)
        if answer.won is not None:
            self.won = (self.won or set()) | set(answer.won)
        if answer.ok:
            self._went_well(happening, answer)
        else:
            self._was_refused(happening, answer)

    def _went_well(self, happening: Happening, answer: Answer) -> None:
        who = happening.who
        match happening:
            case OpensWallet():
                self.open.add(who)
            case FindsNewPhone():
                self.without_phone.discard(who)
            case LosesPhone():
                self.without_phone.add(who)
            case Applies(units=units) if happening.programme == VOUCHER:
                self.applied[who] = units
            case Purchases():
                self.bought.add(who)
            case Pays(shop=shop):
                self._book(Paid(happening.key, happening.at, who, shop, answer.taken))
            case AsksRefund(payment=payment):
                self._take_back(payment, happening)
            case _:
                pass

    def _was_refused(self, happening: Happening, answer: Answer) -> None:
        self.refusals[answer.refusal] += 1
        self.sentences.setdefault(answer.refusal, answer.sentence)
        match happening:
            case Purchases():
                self.lost.add(happening.who)
            case Pays() | LooksAtWallet():
                self.stale.add(happening.who)
            case _:
                pass

    def _book(self, paid: Paid) -> None:
        self.paid.append(paid)
        self.of_key[paid.key] = paid
        mine = self.purses.get(paid.who, {})
        for part in paid.taken:
            if part.kind in mine:
                left = max(0, mine[part.kind].yen - part.yen)
                mine[part.kind] = replace(mine[part.kind], yen=left)

    def _take_back(self, payment: str, happening: Happening) -> None:
        """The money is in the wallet again; the person looks before relying on it."""
        first = self.of_key[payment]
        back = tuple(replace(part, yen=-part.yen) for part in first.taken)
        self.paid.append(Paid(happening.key, happening.at, happening.who, first.shop, back))
        self.stale.add(happening.who)

    def balance(self, who: str, *, small_shop: bool, on: date) -> int:
        """What this holder believes to be payable (yen) at a shop on a day."""
        return sum(
            purse.yen for purse in self.purses.get(who, {}).values()
            if (small_shop or not purse.small_only) and (purse.expires_on is None or on <= purse.expires_on)
        )  # fmt: skip

    def may_have_won(self, who: str) -> bool:
        """Whether it is worth trying to buy."""
        return who in self.applied and who not in self.lost and (self.won is None or who in self.won)
