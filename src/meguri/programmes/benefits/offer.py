"""The programme behind a list as it is in force: its terms, its amount table, its ways of receiving. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from meguri.parties.rules import Both
from meguri.programmes import queries as programmes
from meguri.programmes.benefits.rules import NOT_A_BENEFIT
from meguri.programmes.operations.launching import PROGRAMME_NOT_LAUNCHED
from meguri.programmes.parts import GrantByList
from meguri.programmes.queries import PROGRAMME_UNKNOWN, ProgrammeView
from meguri.programmes.terms import ProgrammeTerms
from meguri.words.period import Period


@dataclass(frozen=True)
class Offer:
    """A launched programme that pays benefits."""

    programme: UUID
    municipality: int
    department: str
    name: Both
    state: str
    terms: ProgrammeTerms
    granting: GrantByList

    @property
    def choosing(self) -> Period:
        """When recipients choose how to receive their benefit."""
        return self.granting.choosing.period

    @property
    def choose_by(self) -> datetime:
        """The first moment at which it is too late to choose."""
        ends = self.choosing.end
        assert ends is not None  # noqa: S101 - a window of terms has an end
        return ends

    @cached_property
    def agreements(self) -> dict[str, UUID]:
        """The agreements of funders by their code in the document; a fund alone is one, too."""
        found = programmes.agreements(self.programme, municipality=self.municipality)
        return {each.code: each.id for each in found}

    def purse_kind(self, code: str) -> UUID:
        """The purse kind of this code."""
        kind = programmes.purse_kind(self.programme, code, municipality=self.municipality)
        assert kind is not None  # noqa: S101 - a launched programme has its purse kinds
        return kind.id

    def payer(self, purse: str) -> UUID:
        """The agreement that pays for this purse."""
        return self.agreements[next(each.funded_by for each in self.terms.purses if each.code == purse)]


def find_offer(programme: UUID, *, municipality: int) -> Offer:
    """The offer of a programme. Raises Refusal `programme_unknown` or `benefit_programme_pays_nothing`."""
    view = programmes.programme(programme, municipality=municipality)
    if view is None:
        raise PROGRAMME_UNKNOWN.refusal()
    return _offer(view, programmes.terms(programme, municipality=municipality), municipality=municipality)


def _offer(view: ProgrammeView, terms: ProgrammeTerms, *, municipality: int) -> Offer:
    if not isinstance(terms.obtaining, GrantByList):
        raise NOT_A_BENEFIT.refusal()
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
