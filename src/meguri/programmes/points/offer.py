"""The programme behind an action as it is in force: its terms, who may take part, who pays. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from meguri.parties.queries import ResidentFacts, resident_facts
from meguri.parties.rules import Both
from meguri.programmes import queries as programmes
from meguri.programmes.commuters import lacks_confirmation, unconfirmed
from meguri.programmes.operations.launching import PROGRAMME_NOT_LAUNCHED
from meguri.programmes.parts import Action, GrantByAction
from meguri.programmes.points.rules import NOT_ELIGIBLE, NOT_POINTS, RESIDENT_UNKNOWN
from meguri.programmes.queries import PROGRAMME_UNKNOWN, ProgrammeView
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.vocabularies import RESIDENTS, known
from meguri.words import predicate


@dataclass(frozen=True, slots=True)
class Offer:
    """A launched programme that gives points for actions."""

    programme: UUID
    municipality: int
    department: str
    name: Both
    state: str
    terms: ProgrammeTerms
    granting: GrantByAction


@dataclass(frozen=True, slots=True)
class Source:
    """Into which purse an action's points go, and under which agreement of which funders."""

    purse_kind: UUID
    agreement: UUID
    funds: tuple[UUID, ...]


def find_offer(programme: UUID, *, municipality: int) -> Offer:
    """The offer of a programme. Raises Refusal `programme_unknown` or `action_programme_grants_nothing`."""
    view = programmes.programme(programme, municipality=municipality)
    if view is None:
        raise PROGRAMME_UNKNOWN.refusal()
    return _offer(view, programmes.terms(programme, municipality=municipality), municipality=municipality)


def _offer(view: ProgrammeView, terms: ProgrammeTerms, *, municipality: int) -> Offer:
    if not isinstance(terms.obtaining, GrantByAction):
        raise NOT_POINTS.refusal()
    return Offer(
        programme=view.id, municipality=municipality, department=view.department, name=Both(view.name_ja, view.name_en),
        state=view.state, terms=terms, granting=terms.obtaining,
    )


def require_running(offer: Offer) -> None:
    """Value comes into being only while the programme runs, and once lot has decided what it decides.

    Raises Refusal `programme_not_launched`, `arms_not_drawn`.
    """
    if offer.state != "launched":
        raise PROGRAMME_NOT_LAUNCHED.refusal(state=offer.state)
    programmes.require_arms_drawn(offer.programme, offer.terms)


def require_eligible(offer: Offer, *, resident: UUID) -> None:
    """Raises Refusal `action_resident_unknown`, `commuter_unconfirmed`, `missing_fact`, or `action_not_eligible` with
    each failed condition.
    """
    require_eligible_with(offer, found=facts_for(offer, [resident]).get(resident))


def facts_for(offer: Offer, people: Sequence[UUID]) -> dict[UUID, ResidentFacts]:
    """What the register knows of these people on the day that the terms name."""
    return resident_facts(list(people), municipality=offer.municipality, on=offer.terms.eligibility.on)


def require_eligible_with(offer: Offer, *, found: ResidentFacts | None) -> None:
    """As `require_eligible`, with the facts that `facts_for` found."""
    rule = predicate.parse(offer.terms.eligibility.who, RESIDENTS)
    facts = None if found is None else known(found, RESIDENTS)
    if lacks_confirmation(rule, facts):
        raise unconfirmed(rule, said=(), on=offer.terms.eligibility.on)
    if facts is None:
        raise RESIDENT_UNKNOWN.refusal()
    if not predicate.holds(rule, facts):
        reasons = (predicate.why_not(rule, facts, language="ja"), predicate.why_not(rule, facts, language="en"))
        raise NOT_ELIGIBLE.refusal(reasons=Both("、".join(reasons[0]), ", ".join(reasons[1])))


def source_of(offer: Offer, action: Action) -> Source:
    """Where an action's points come from and go to: its own agreement if it names one, else the purse's."""
    purse = next(purse for purse in offer.terms.purses if purse.code == offer.granting.purse)
    payer = action.funded_by or purse.funded_by
    return _source(offer.programme, purse=purse.code, payer=payer, municipality=offer.municipality)


def purse_of(offer: Offer) -> UUID:
    """The purse kind into which all points of a launched programme go."""
    return _purse(offer.programme, offer.granting.purse, municipality=offer.municipality)


@lru_cache(maxsize=1_000)
def _source(programme: UUID, *, purse: str, payer: str, municipality: int) -> Source:
    """Read once: what is launched keeps its purses, agreements and funders, whatever is amended."""
    agreement = programmes.agreement(programme, payer, municipality=municipality)
    assert agreement is not None  # noqa: S101 - a launched programme has an agreement for each of its payers
    kind = _purse(programme, purse, municipality=municipality)
    return Source(kind, agreement.id, tuple(share.fund for share in agreement.shares))


@lru_cache(maxsize=1_000)
def _purse(programme: UUID, code: str, *, municipality: int) -> UUID:
    kind = programmes.purse_kind(programme, code, municipality=municipality)
    assert kind is not None  # noqa: S101 - a launched programme has its purse kinds
    return kind.id
