"""A programme as the next town may take it over: its document with whose it is, what was changed, and how it went."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from meguri.evidence import queries as evidence
from meguri.evidence.suppression import RESIDENTS_LEAST
from meguri.ledger import queries as ledger
from meguri.programmes import queries as programmes
from meguri.programmes.adaptations import Adaptation
from meguri.programmes.origins import SHORT_MOST, Changed, Origin, Results
from meguri.programmes.parts import Text
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.vouchers import queries as vouchers
from meguri.strategy import queries
from meguri.words.period import FiscalYear, day_of

ENDED = "closed"


def template_of(programme: UUID, *, municipality: int, at: datetime) -> ProgrammeTerms:
    """The document in force, with this town as its origin; a programme that has ended brings its results.

    The town's own notice stays behind, but for an invented town's: what it shows must go on saying so.
    Raises Refusal `programme_unknown`.
    """
    terms = programmes.terms(programme, municipality=municipality)
    view, town = programmes.programme(programme, municipality=municipality), ledger.municipality(municipality)
    if view is None or town is None:
        raise programmes.PROGRAMME_UNKNOWN.refusal()
    base = programmes.adapted_from(programme, municipality=municipality)
    origin = Origin(
        template=base.template.name if base else terms.code, city=Text(ja=town.name_ja, en=town.name_en),
        year=FiscalYear.of(day_of(view.launched_at or view.drafted_at)).year,
        changed=tuple(_changed(each) for each in base.changes) if base else (),
        results=results_of(programme, municipality=municipality, at=at) if view.state == ENDED else None,
    )  # fmt: skip
    return msgspec.structs.replace(terms, origin=origin, notice=None if town.kind == "real" else terms.notice)


def results_of(programme: UUID, *, municipality: int, at: datetime) -> Results | None:
    """What evidence and strategy tell of a programme, small groups closed; None for one that was never launched."""
    counted = evidence.latest(municipality, at=at)
    rows = queries.portfolio(municipality, seen=counted.seen).rows
    found = next((row for row in rows if row.programme.id == programme), None)
    if found is None:
        return None
    units = vouchers.unit_figures(programme, municipality=municipality)
    told = units.applicants >= RESIDENTS_LEAST
    return Results(
        counted_on=day_of(counted.at), issued_yen=found.money.issued_yen, spent_yen=found.money.spent_yen,
        expired_yen=found.money.lapsed_yen, unspent_yen=found.money.unspent_yen, to_bank_yen=found.money.to_bank_yen,
        receivers=_people(found.receivers), payers=_people(found.payers),
        units_applied=units.applied if told else None, units_drawn=units.drawn if told and units.is_drawn else None,
        units_paid=units.paid if told and _people(units.buyers) else None,
        cost_yen=found.cost_yen or None,
    )  # fmt: skip


def _people(count: int) -> int | None:
    """How many, unless they are few."""
    return count if count >= RESIDENTS_LEAST else None


def _changed(each: Adaptation) -> Changed:
    return Changed(path=each.path, before=_said(each.template), after=_said(each.adapted))


def _said(value: object) -> str:
    """A value of a document as a file writes it; long ones are cut."""
    if value is None:
        return ""
    said = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return said[:SHORT_MOST]
