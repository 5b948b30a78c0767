"""What an arm makes of a document's conditions, and the draw that assigns it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from meguri.programmes.parts import ExpiresAfter, ExpiresOn, FacePart, NeverExpires
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.trial import Arm, Trial
from meguri.words import draw

Expiry = ExpiresOn | ExpiresAfter | NeverExpires


@dataclass(frozen=True, slots=True)
class Unit:
    """What is drawn as one, a person or a household, under a random pseudonym; `stratum` is empty without strata."""

    id: str
    stratum: str

    @property
    def line(self) -> str:
        """Its line in the list."""
        return f"{self.id} {self.stratum}".rstrip()


@dataclass(frozen=True, slots=True)
class Assigned:
    """The arm of each unit, in drawn order, and the digest under which all of it is published."""

    arms: Mapping[str, str]
    digest: str


def arms_of_document(terms: ProgrammeTerms) -> tuple[Arm, ...]:
    """The arms of a trial; none where nothing is drawn."""
    return () if terms.trial is None else terms.trial.arms


def expiry_of(terms: ProgrammeTerms, arm: Arm | None) -> Expiry:
    """How long value lives that somebody of this arm obtains."""
    return terms.expiry if arm is None or arm.expiry is None else arm.expiry


def expiries(terms: ProgrammeTerms) -> Iterator[tuple[str, Expiry]]:
    """Every way in which value of the document ends, with its path: the terms' own first."""
    yield "expiry", terms.expiry
    for arm in arms_of_document(terms):
        if arm.expiry is not None:
            yield f"trial.arms.{arm.code}.expiry", arm.expiry


def face_of(face: Iterable[FacePart], arm: Arm | None) -> tuple[FacePart, ...]:
    """What a unit is made of for somebody of this arm."""
    own = {part.purse: part for part in arm.premium} if arm else {}
    return tuple(own.get(part.purse, part) for part in face)


def dearest_face(terms: ProgrammeTerms, face: Iterable[FacePart]) -> tuple[FacePart, ...]:
    """The most that a unit can be made of, purse by purse: what budgets are held against."""
    dearest = tuple(face)
    for arm in arms_of_document(terms):
        of_arm = face_of(dearest, arm)
        dearest = tuple(max(pair, key=lambda part: part.yen) for pair in zip(dearest, of_arm, strict=True))
    return dearest


def rate_bp(terms: ProgrammeTerms, arm: Arm | None) -> int:
    """The demurrage of a demurrage day for somebody of this arm; 0 where nothing shrinks."""
    if terms.demurrage is None:
        return 0
    return terms.demurrage.rate_bp if arm is None or arm.demurrage_bp is None else arm.demurrage_bp


def differing(trial: Trial, *, name: str) -> list[Arm]:
    """The arms that say something of their own about reminder_days, expiry, premium or demurrage_bp."""
    return [arm for arm in trial.arms if getattr(arm, name) not in (None, ())]


def is_fair(trial: Trial, drawn: Mapping[str, int]) -> bool:
    """Whether so many units in each arm differ from its share of all by less than one, as the draw promises."""
    whole, units = sum(arm.share_bp for arm in trial.arms), sum(drawn.values())
    return all(abs(drawn.get(arm.code, 0) * whole - units * arm.share_bp) < whole for arm in trial.arms)


def list_hash(units: Iterable[Unit]) -> str:
    """SHA-256 of the list."""
    return draw.hash_of_list(unit.line for unit in units)


def assign(trial: Trial, units: Sequence[Unit], *, seed: draw.Seed) -> Assigned:
    """The draw from what is published, and from nothing else: anybody gets the same, in whatever order units come."""
    order = draw.ranking(
        (unit.id for unit in units), secret=seed.secret, list_hash=seed.list_hash, public_value=seed.public_value
    )
    weights = {arm.code: arm.share_bp for arm in trial.arms}
    strata = {unit.id: unit.stratum for unit in units}
    found = draw.arms(order, weights=weights, strata=strata) if order else {}
    return Assigned({id_: found[id_] for id_ in order}, results_digest([(id_, found[id_]) for id_ in order]))


def results_digest(assigned: Iterable[tuple[str, str]]) -> str:
    """SHA-256 of the results: a line `rank id arm` for each, in drawn order."""
    text = "".join(f"{rank} {id_} {arm}\n" for rank, (id_, arm) in enumerate(assigned, start=1))
    return hashlib.sha256(text.encode()).hexdigest()
