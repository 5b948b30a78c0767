"""A sale's programme as it is in force: its terms, who may take part, what a unit is made of. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from meguri.parties.queries import CommuterView, ResidentFacts, commuters_of, resident_facts
from meguri.parties.rules import Both
from meguri.programmes import cost
from meguri.programmes import queries as programmes
from meguri.programmes.arms import expiry_of, face_of
from meguri.programmes.commuters import NOTHING, UNLINKED, asks_commuters, lacks_confirmation, unconfirmed
from meguri.programmes.operations.launching import PROGRAMME_NOT_LAUNCHED
from meguri.programmes.parts import ExpiresOn, FacePart, MoneyPart, Sale, SaleRound
from meguri.programmes.queries import PROGRAMME_UNKNOWN, ProgrammeView
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.trial import Arm
from meguri.programmes.vocabularies import RESIDENTS, known
from meguri.programmes.vouchers.rules import (
    NOT_A_SALE,
    NOT_ELIGIBLE,
    RESIDENT_UNKNOWN,
    RESIDENTS_FIRST,
    outsiders_round,
    said,
)
from meguri.words import predicate
from meguri.words.period import Period
from meguri.words.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Offer:
    """A launched programme that sells."""

    programme: UUID
    municipality: int
    department: str
    name: Both
    state: str
    terms: ProgrammeTerms
    sale: Sale


@dataclass(frozen=True, slots=True)
class PurseLoad:
    """What one unit puts into one purse: `yen` under an agreement of funders."""

    purse_kind: UUID
    agreement: UUID
    part: MoneyPart
    yen: int


def find_offer(programme: UUID, *, municipality: int) -> Offer:
    """The offer of a programme. Raises Refusal `programme_unknown` or `voucher_programme_sells_nothing`."""
    view = programmes.programme(programme, municipality=municipality)
    if view is None:
        raise PROGRAMME_UNKNOWN.refusal()
    return _offer(view, programmes.terms(programme, municipality=municipality), municipality=municipality)


def _offer(view: ProgrammeView, terms: ProgrammeTerms, *, municipality: int) -> Offer:
    if not isinstance(terms.obtaining, Sale):
        raise NOT_A_SALE.refusal()
    return Offer(
        programme=view.id, municipality=municipality, department=view.department, name=Both(view.name_ja, view.name_en),
        state=view.state, terms=terms, sale=terms.obtaining,
    )


def require_running(offer: Offer) -> None:
    """Value comes into being only while the programme runs, and once lot has decided what it decides.

    Raises Refusal `programme_not_launched`, `arms_not_drawn`.
    """
    if offer.state != "launched":
        raise PROGRAMME_NOT_LAUNCHED.refusal(state=offer.state)
    programmes.require_arms_drawn(offer.programme, offer.terms)


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who takes part. Of who is not in the register, the household is the person alone."""

    person: UUID
    household: UUID


def require_eligible(offer: Offer, *, resident: UUID, sale_round: SaleRound) -> Applicant:
    """Who it is, if they may take part in the round; the facts are those of the eligibility date.

    A round for outsiders, too, asks the conditions of residents only, for the town knows little of anybody else.
    Raises Refusal `voucher_resident_unknown`, `voucher_residents_first`, `commuter_unconfirmed` (with what to bring),
    `missing_fact`, or `voucher_not_eligible` with each failed condition.
    """
    judged = judge_eligible(offer, residents=[resident], sale_round=sale_round)[resident]
    if isinstance(judged, Refusal):
        raise judged
    return judged


def judge_eligible(
    offer: Offer, *, residents: Sequence[UUID], sale_round: SaleRound
) -> dict[UUID, Applicant | Refusal]:
    """For each person who they are, or why they may not take part, as `require_eligible`."""
    eligibility = offer.terms.eligibility
    found = resident_facts(list(residents), municipality=offer.municipality, on=eligibility.on)
    rule = predicate.parse(predicate.All((eligibility.who, sale_round.who)), RESIDENTS)
    judging = _Judging(offer, sale_round, rule)
    judged = {person: judging.judge(person, found.get(person)) for person in residents}
    unsure = [person for person, answer in judged.items() if answer is None]
    said = commuters_of(unsure, municipality=offer.municipality) if unsure else {}
    return {
        person: judging.unconfirmed(said.get(person, ()), is_known=person in found) if answer is None else answer
        for person, answer in judged.items()
    }


@dataclass(frozen=True, slots=True)
class _Judging:
    """One round's condition, and who may come without meeting it."""

    offer: Offer
    sale_round: SaleRound
    rule: predicate.Rule

    def judge(self, person: UUID, found: ResidentFacts | None) -> Applicant | Refusal | None:
        """Who it is, or why not; None: all that is lacking is that the town confirms work or study."""
        judged = None if found is None else _judged(self.rule, found)
        of_town = found is not None and (found.resident or asks_commuters(self.rule))
        if isinstance(judged, Applicant) and of_town:
            return judged
        if self.sale_round.outsiders and not (found and found.resident):
            return Applicant(person=person, household=found.household if found else person)
        if lacks_confirmation(self.rule, None if found is None else known(found, RESIDENTS)):
            return None
        if judged is not None and of_town:
            return judged
        return self._residents_first() or judged or RESIDENT_UNKNOWN.refusal()

    def unconfirmed(self, said: Sequence[CommuterView], *, is_known: bool) -> Refusal:
        """What to bring, and, for whoever is neither worker nor student, when outsiders may come."""
        more = NOTHING if is_known else UNLINKED
        if (later := self._later()) is not None:
            name, when = later
            more = Both(f"{more.ja}どれでもない町外の方は「{name.ja}」({when.ja}から)で買えます。",
                        f"{more.en} Everybody else can buy in “{name.en}”, from {when.en}.")
        return unconfirmed(self.rule, said=said, on=self.offer.terms.eligibility.on, more=more)

    def _residents_first(self) -> Refusal | None:
        later = self._later()
        return None if later is None else RESIDENTS_FIRST.refusal(round=later[0], when=later[1])

    def _later(self) -> tuple[Both, Both] | None:
        """The round in which outsiders may come, and from when."""
        later = outsiders_round(self.offer.sale, after=self.sale_round)
        if later is None:
            return None
        first = (later.application or later.purchase).period
        return Both(later.name.ja, later.name.en), said(first.start)


def _judged(rule: predicate.Rule, found: ResidentFacts) -> Applicant | Refusal:
    try:
        facts = known(found, RESIDENTS)
        if predicate.holds(rule, facts):
            return Applicant(person=found.person, household=found.household)
        reasons = (predicate.why_not(rule, facts, language="ja"), predicate.why_not(rule, facts, language="en"))
    except Refusal as missing:
        return missing
    return NOT_ELIGIBLE.refusal(reasons=Both("、".join(reasons[0]), ", ".join(reasons[1])))


def purse_loads(offer: Offer, sale_round: SaleRound, *, holder: UUID) -> list[PurseLoad]:
    """What a unit of a round is made of for this holder."""
    parts = own_face(offer, sale_round, holder=holder)
    return loads_of(parts, programme=offer.programme, terms=offer.terms, municipality=offer.municipality)


def own_face(offer: Offer, sale_round: SaleRound, *, holder: UUID | None) -> tuple[FacePart, ...]:
    """The face of a unit, with the premium of the holder's arm where lot decides it; as the terms say for nobody."""
    return face_of(cost.bundle_of(offer.sale, sale_round).face, _arm(offer, holder))


def own_span(offer: Offer, *, holder: UUID | None) -> Period:
    """When the holder can spend what is bought: to the end of spending, or of the own arm's last day before it."""
    window, expiry = offer.terms.spending.window, expiry_of(offer.terms, _arm(offer, holder))
    last = min(window.last_day, expiry.last_day) if isinstance(expiry, ExpiresOn) else window.last_day
    return Period.of_days(window.first_day, last)


def _arm(offer: Offer, holder: UUID | None) -> Arm | None:
    return None if holder is None else programmes.arm_of(offer.programme, holder, municipality=offer.municipality)


def loads_of(
    parts: Iterable[FacePart], *, programme: UUID, terms: ProgrammeTerms, municipality: int
) -> list[PurseLoad]:
    """The parts of a face by the identities that the launch gave its purses and agreements."""
    agreements = {each.code: each.id for each in programmes.agreements(programme, municipality=municipality)}
    purses = {purse.code: purse for purse in terms.purses}
    loads = []
    for face in parts:
        kind = programmes.purse_kind(programme, face.purse, municipality=municipality)
        assert kind is not None  # noqa: S101 - a launched programme has its purse kinds
        loads.append(PurseLoad(kind.id, agreements[purses[face.purse].funded_by], purses[face.purse].part, face.yen))
    return loads
