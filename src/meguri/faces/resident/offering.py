"""What a person is offered, as cards that can be told apart: a sale at its stage, a benefit by child and day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import holder_of
from meguri.parties import queries as parties
from meguri.parties.queries import ResidentFacts
from meguri.parties.rules import Both
from meguri.programmes import queries as programmes
from meguri.programmes.benefits.queries import Benefit, Choice
from meguri.programmes.parts import GrantByCode
from meguri.programmes.vouchers.queries import ApplicationView, SalePage
from meguri.words import clock
from meguri.words.period import Period

GROWN_UP = 18
SETTLED = frozenset({"paid", "returned"})
"""A benefit of which nothing more is to come."""
STAGES = ("buy", "apply", "applied", "buy_soon", "soon", "lost", "bought", "over")
"""Where a sale stands for one person; what asks for something comes first."""


@dataclass(frozen=True, slots=True)
class SaleCard:
    """A sale, the person's own application to it (never a withdrawn one), and where it stands for them."""

    it: SalePage
    mine: ApplicationView | None
    stage: str


@dataclass(frozen=True, slots=True)
class CodeOffer:
    """A running programme whose letters bring a code: what a code is worth (yen), and when it can be entered."""

    name: Both
    face_yen: int
    entering: Period
    is_open: bool


@dataclass(frozen=True, slots=True)
class BenefitCard:
    """A benefit and for whom it is, without a name: 「1人目のお子さん(6歳)」. Empty: for the recipient in person."""

    it: Benefit
    whom: str
    language: str

    @property
    def chosen(self) -> Choice | None:
        """The way that was chosen, while it may still be changed."""
        return next((each for each in self.it.choices if each.receipt == self.it.receipt), None)

    @property
    def chosen_words(self) -> str:
        """The chosen way in the reader's language."""
        return "" if self.chosen is None else self.chosen.words.ja if self.language == "ja" else self.chosen.words.en

    @property
    def total_yen(self) -> int:
        """With what came on top."""
        return self.it.amount_yen + self.it.bonus_yen


def sale_cards(
    sales: Iterable[SalePage], mine: Iterable[ApplicationView], *, at: datetime, ended: bool = False
) -> list[SaleCard]:
    """A card for each sale, what is to be done first; what is over is left out unless `ended` or still to be paid."""
    own = {each.sale: each for each in mine if each.state != "withdrawn"}
    cards = [SaleCard(sale, own.get(sale.id), stage_of(sale, own.get(sale.id), at=at)) for sale in sales]
    shown = [card for card in cards if ended or card.stage == "buy" or not card.it.purchasing.is_over(at)]
    return sorted(shown, key=lambda card: (STAGES.index(card.stage), card.it.applying.start))


def stage_of(sale: SalePage, mine: ApplicationView | None, *, at: datetime) -> str:
    """One of STAGES."""
    if mine is not None:
        return _own_stage(sale, mine, at=at)
    if at < sale.applying.start:
        return "soon"
    return "apply" if at in sale.applying and sale.state == "open" else "over"


def _own_stage(sale: SalePage, mine: ApplicationView, *, at: datetime) -> str:
    if mine.state == "won" and mine.pay_before is not None and at >= mine.pay_before:
        return "over"
    if mine.state == "won":
        return "buy" if at in mine.purchase else "over" if mine.purchase.is_over(at) else "buy_soon"
    return {"applied": "applied", "lost": "lost", "purchased": "bought"}.get(mine.state, "over")


def code_offers(municipality: int, *, at: datetime) -> list[CodeOffer]:
    """The town's running programmes by code, oldest first; one whose codes can be entered no more is left out."""
    offers = []
    for each in programmes.programmes(municipality, states=("launched",)):
        obtaining = programmes.terms(each.id, municipality=municipality).obtaining
        if isinstance(obtaining, GrantByCode) and not obtaining.entering.period.is_over(at):
            entering, face_yen = obtaining.entering.period, sum(part.yen for part in obtaining.face)
            offers.append(CodeOffer(Both(each.name_ja, each.name_en), face_yen, entering, at in entering))
    return offers


def benefit_cards(request: TownRequest, benefits: Sequence[Benefit]) -> list[BenefitCard]:
    """A card for each of all of a person's benefits: list by list as given, and in a list by birth, the elder first.

    A child is told by its place among the children and its age.
    """
    me = holder_of(request)
    others = [each.person for each in benefits if each.person != me]
    facts = parties.resident_facts(others, municipality=request.municipality, on=clock.day(request.at))
    lists = list(dict.fromkeys(each.benefit_list for each in benefits))

    def place(each: Benefit) -> tuple[int, date, UUID]:
        born = facts[each.person].birth_date if each.person in facts else date.min
        return lists.index(each.benefit_list), born, each.person

    language = request.language
    return [
        BenefitCard(each, whom_of(each.person, facts, language=language), language)
        for each in sorted(benefits, key=place)
    ]


def whom_of(person: UUID, facts: dict[UUID, ResidentFacts], *, language: str) -> str:
    """In words who is meant; empty for whoever is not among `facts`."""
    if person not in facts:
        return ""
    age = facts[person].age
    if age >= GROWN_UP:
        return f"ご家族({age}歳)の分" if language == "ja" else f"For a member of your family ({age} years old)"
    children = sorted(
        (each for each in facts.values() if each.age < GROWN_UP), key=lambda each: (each.birth_date, each.person)
    )
    place = [each.person for each in children].index(person) + 1
    return f"{place}人目のお子さん({age}歳)の分" if language == "ja" else f"For child no. {place} ({age} years old)"
