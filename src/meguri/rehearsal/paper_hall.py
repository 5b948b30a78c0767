"""A town hall on paper: answers every happening as a faultless server would, without one.

With it a town can be lived in memory, for tests and for many runs of one study. Payments are lawful, the draw fair.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from meguri.rehearsal.chance import dice
from meguri.rehearsal.documents import AGAIN, ONLY
from meguri.rehearsal.happenings import (
    Acts,
    Applies,
    AsksRefund,
    BenefitRow,
    BringsSteps,
    ChoosesReceipt,
    Draws,
    FindsNewPhone,
    Gives,
    Happening,
    ImportsBenefitList,
    LineMoves,
    LinesUp,
    LooksAtWallet,
    LosesPhone,
    OpensWallet,
    Pays,
    Purchases,
    Receipt,
    ReleasesBenefit,
    SellsAtCounter,
    TakesGift,
    TakesTurn,
    TellsOfSlip,
)  # fmt: skip
from meguri.rehearsal.knowledge import Answer, Knowledge, PurseView, Taken
from meguri.rehearsal.life import Life, Story
from meguri.rehearsal.paper_line import PaperLine
from meguri.rehearsal.rules import VOUCHER, Rules
from meguri.rehearsal.timetable import Timetable
from meguri.rehearsal.town import Town
from meguri.words.clock import day


@dataclass
class PaperHall:
    """Balances and draws in dictionaries."""

    town: Town
    table: Timetable
    rules: Rules
    units: int
    seed: int
    wallets: dict[str, dict[str, int]] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    won: dict[str, int] = field(default_factory=dict)
    benefits: list[BenefitRow] = field(default_factory=list)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)
    payments: dict[str, tuple[Taken, ...]] = field(default_factory=dict)
    payers: dict[str, str] = field(default_factory=dict)
    lines: dict[str, PaperLine] = field(default_factory=dict)  # by round
    gifts: dict[str, tuple[str, int]] = field(default_factory=dict)  # purse and yen that wait for the code

    def answer(self, happening: Happening) -> Answer:
        """What the server would say."""
        match happening:
            case Pays():
                return self._pay(happening)
            case AsksRefund():
                return self._refund(happening)
            case LooksAtWallet():
                return Answer(purses=self.purses(happening.who))
            case Acts(action=action, confirmed=confirmed):
                deed = self.rules.deeds[action]
                if confirmed or not deed.waits:
                    self._load(happening.who, self.rules.points_purse, yen=deed.yen)
            case BringsSteps(days=days):
                self._count(happening.who, [steps for _, steps in days])
            case Purchases():
                return self._sell(happening)
            case Draws():
                return self._draw()
            case LinesUp() | LineMoves() | TakesTurn() | TellsOfSlip() | SellsAtCounter():
                return self._at_the_line(happening, self.lines[happening.round])
            case Gives() | TakesGift():
                return self._gift(happening)
            case _:
                self._note(happening)
        return Answer()

    def _note(self, happening: Happening) -> None:
        match happening:
            case OpensWallet():
                self.wallets.setdefault(happening.who, {})
            case Applies(units=units) if happening.programme == VOUCHER:
                self.asked[happening.who] = units
            case ImportsBenefitList(rows=rows):
                self.benefits += rows
            case ChoosesReceipt(receipt=receipt):
                self.receipts[happening.who] = receipt
            case ReleasesBenefit():
                for row in self.benefits:
                    if self.receipts.get(row.recipient) == "local_money":
                        self._load(row.recipient, self.rules.benefit_purse, yen=row.amount_yen)
                        self._load(row.recipient, self.rules.bonus_purse, yen=self.rules.bonus_yen)
            case LosesPhone():
                self.stopped.add(happening.who)
            case FindsNewPhone():
                self.stopped.discard(happening.who)
            case _:
                pass

    def purses(self, who: str) -> tuple[PurseView, ...]:
        """A wallet as its holder sees it."""
        mine = self.wallets.get(who, {})
        return tuple(
            PurseView(kind, self.rules.families[kind], mine[kind], kind in self.rules.small_only, self._last_day(kind))
            for kind in self.spend_order if mine.get(kind)
        )  # fmt: skip

    @property
    def spend_order(self) -> list[str]:
        """The tightest restriction first, then as the documents name the purses."""
        return sorted(self.rules.families, key=self._is_loose)

    def _is_loose(self, kind: str) -> bool:
        return kind not in self.rules.small_only

    def _last_day(self, kind: str) -> date | None:
        if kind in self.rules.first_come.face:
            return self.table.first_come_last_use
        return self.table.last_use if self.rules.families[kind] == VOUCHER else None

    def _load(self, who: str, kind: str, *, yen: int) -> None:
        mine = self.wallets.setdefault(who, {})
        mine[kind] = mine.get(kind, 0) + yen

    def _count(self, who: str, days: list[int]) -> None:
        """Every day earns what each action gives whose steps it reaches. Nothing is sent twice."""
        goals = [(deed.steps, deed.yen) for deed in self.rules.deeds.values() if deed.steps]
        if yen := sum(yen for steps in days for goal, yen in goals if steps >= goal):
            self._load(who, self.rules.points_purse, yen=yen)

    def _draw(self) -> Answer:
        """Applicants in random order get all they asked for, while units last."""
        order = sorted(self.asked)
        dice(self.seed, "draw").shuffle(order)
        left = self.units
        for who in order:
            if self.asked[who] <= left:
                self.won[who] = self.asked[who]
                left -= self.asked[who]
        return Answer(won=tuple(sorted(self.won)))

    def _sell(self, happening: Purchases) -> Answer:
        units = self.won.pop(happening.who, 0)
        if not units:
            return Answer(refusal="not_won")
        for kind, yen in self.rules.face.items():
            self._load(happening.who, kind, yen=units * yen)
        return Answer()

    def _at_the_line(
        self, happening: LinesUp | LineMoves | TakesTurn | TellsOfSlip | SellsAtCounter, line: PaperLine
    ) -> Answer:
        name = f"{happening.programme}:{happening.round}"
        match happening:
            case LinesUp(people=people):
                for who, units in people:
                    line.come(who, units=units)
                line.move()
                return Answer(ids={f"place:{name}:{who}": who for who, _ in people})
            case LineMoves(asleep=asleep):
                for who in asleep:
                    line.lapse(who)
                line.move()
            case TakesTurn(who=who, way="slip"):
                return Answer(ids={f"order:{name}:{who}": who} if line.order(who) else {})
            case TakesTurn(who=who):
                return self._hand_out(who, line.buy(who), name=name)
            case SellsAtCounter(resident=who, units=units):
                sold = self._hand_out(who, line.buy_at_once(who, units=units), name=name)
                return sold if sold.ids else Answer(refusal="sold_out")
            case TellsOfSlip(who=who, kind="early"):
                return self._hand_out(who, line.buy(who), name=name)
            case TellsOfSlip(who=who, kind="withdrawn"):
                self._hand_out(who, -line.withdraw(who), name=name)
            case _:
                pass
        return Answer()

    def _hand_out(self, who: str, units: int, *, name: str) -> Answer:
        """Units into the wallet, or (negative) out of it."""
        for kind, yen in self.rules.first_come.face.items() if units else ():
            self._load(who, kind, yen=units * yen)
        return Answer(ids={f"bought:{name}:{who}": who} if units > 0 else {})

    def _gift(self, happening: Gives | TakesGift) -> Answer:
        if isinstance(happening, TakesGift):
            kind, yen = self.gifts.pop(happening.gift)
            self._load(happening.who, kind, yen=yen)
            return Answer()
        mine = self.wallets.get(happening.who, {})
        kinds = [kind for kind in self.spend_order if kind in self.rules.first_come.face]
        enough = [kind for kind in kinds if mine.get(kind, 0) >= happening.yen]
        if not enough:
            return Answer()
        kind = enough[0]
        mine[kind] -= happening.yen
        self.gifts[happening.key] = kind, happening.yen
        return Answer(ids={f"gift:{happening.key}": happening.key, f"gift to:{happening.key}": happening.to})

    def _pay(self, happening: Pays) -> Answer:
        if happening.who in self.stopped:
            return Answer(refusal="suspended")
        mine, small, on = self.wallets.get(happening.who, {}), self.town.shops[happening.shop].small, day(happening.at)
        left, taken = happening.yen, []
        for kind in self.spend_order:
            last = self._last_day(kind)
            if (kind in self.rules.small_only and not small) or (last and on > last):
                continue
            if part := min(left, mine.get(kind, 0)):
                taken.append(Taken(kind, self.rules.families[kind], part))
                left -= part
        if left:
            return Answer(refusal="insufficient")
        for each in taken:
            mine[each.kind] -= each.yen
        self.payments[happening.key], self.payers[happening.key] = tuple(taken), happening.who
        return Answer(taken=tuple(taken))

    def _refund(self, happening: AsksRefund) -> Answer:
        for each in self.payments.pop(happening.payment):
            self._load(happening.who, each.kind, yen=each.yen)
        return Answer()


def live_on_paper(
    tale: Story, *, knowledge: Knowledge | None = None, draw_seed: int | None = None
) -> tuple[Life, Iterator[Happening]]:
    """A life whose happenings are answered at once as the stream is read. `draw_seed`: of the draw, else the town's."""
    known = knowledge or Knowledge()
    life = Life(tale, knowledge=known)
    hall = PaperHall(
        town=tale.town, table=tale.table, rules=life.rules, units=life.hall.scale.units,
        seed=tale.seed if draw_seed is None else draw_seed,
        lines={ONLY: PaperLine(life.hall.scale.first_come), AGAIN: PaperLine(life.hall.scale.again)},
    )  # fmt: skip

    def answered() -> Iterator[Happening]:
        for happening in life.happenings():
            known.told(happening, hall.answer(happening))
            yield happening

    return life, answered()
