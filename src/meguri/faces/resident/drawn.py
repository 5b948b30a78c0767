"""What lot has decided for me: my own conditions of a programme in words, in the wallet and before I pay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from meguri.faces.design.lasting import lasting
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import holder_of
from meguri.parties.rules import Both
from meguri.programmes import queries as programmes
from meguri.programmes.arms import differing, face_of
from meguri.programmes.parts import Sale
from meguri.programmes.queries import OwnConditions
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.trial import Trial
from meguri.wallets import queries as wallets
from meguri.wallets.rules import USUAL
from meguri.words.yen import show_yen


@dataclass(frozen=True, slots=True)
class DrawnConditions:
    """What holds for me in one programme where others have other conditions; `pseudonym`: my name in its list."""

    programme: UUID
    name: Both
    reason: Both
    facts: tuple[tuple[str, str], ...]
    pseudonym: str


def drawn_conditions(request: TownRequest, chosen: Iterable[UUID]) -> list[DrawnConditions]:
    """Of each of these programmes in which lot has decided something; the others are left out."""
    found = []
    for programme in dict.fromkeys(chosen):
        own = programmes.own_conditions(programme, holder_of(request), municipality=request.municipality)
        terms = programmes.terms(programme, municipality=request.municipality)
        if own is not None and terms.trial is not None:
            told = _Told(request, terms, own)
            found.append(DrawnConditions(
                programme, Both(terms.name.ja, terms.name.en), Both(terms.trial.reason.ja, terms.trial.reason.en),
                tuple(told.facts(terms.trial)), own.pseudonym,
            ))  # fmt: skip
    return found


def lasts_for(request: TownRequest, programme: UUID) -> str:
    """The same for the reader: where lot has decided when money ends, by what was drawn for them."""
    own = programmes.own_conditions(programme, holder_of(request), municipality=request.municipality)
    terms = programmes.terms(programme, municipality=request.municipality)
    return lasting(own.expiry if own else terms.expiry, terms, language=request.language)


@dataclass(frozen=True, slots=True)
class _Told:
    request: TownRequest
    terms: ProgrammeTerms
    own: OwnConditions

    def __call__(self, ja: str, en: str) -> str:
        return ja if self.request.language == "ja" else en

    def facts(self, trial: Trial) -> Iterator[tuple[str, str]]:
        """Only what differs between people."""
        if differing(trial, name="premium"):
            yield from self._premium(trial)
        if differing(trial, name="expiry"):
            yield self("使える期限", "Good until"), lasting(self.own.expiry, self.terms, language=self.request.language)
        if differing(trial, name="reminder_days"):
            yield self("期限のお知らせ", "Reminder before the expiry"), self._reminder()
        if self.terms.demurrage is not None and differing(trial, name="demurrage_bp"):
            days, rate = self.terms.demurrage.every_days, f"{self.own.rate_bp / 100:g}%"
            yield (self(f"{days}日ごとの減り方", f"Every {days} days it shrinks by"),
                   rate if self.own.rate_bp else self("減りません", "nothing"))  # fmt: skip

    def _premium(self, trial: Trial) -> Iterator[tuple[str, str]]:
        if not isinstance(self.terms.obtaining, Sale):
            return
        drawn = {part.purse for arm in trial.arms for part in arm.premium}
        names = {purse.code: purse.name for purse in self.terms.purses}
        for part in face_of(self.terms.obtaining.face, self.own.arm):
            if part.purse in drawn:
                name = names[part.purse]
                yield (self(f"1口につき{name.ja}", f"{name.en} a unit"), show_yen(part.yen, self.request.language))

    def _reminder(self) -> str:
        """What I have chosen myself counts before what lot decided."""
        chosen = wallets.chosen_warning(holder_of(self.request), municipality=self.request.municipality)
        drawn = USUAL.days if self.own.reminder_days is None else self.own.reminder_days
        days = drawn if chosen is None else chosen.days
        told = self(f"{days}日前", f"{days} days before") if days else self("ありません", "none")
        return told if chosen is None else self(f"{told}(自分で選びました)", f"{told} (your own choice)")
