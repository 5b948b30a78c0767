"""A draft's campaigns, tried on payments that were made: who may ask, and over which payments."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from meguri.parties.queries import resident_facts
from meguri.parties.rules import require
from meguri.programmes import queries
from meguri.programmes.campaign_terms import GrantByCampaign
from meguri.programmes.campaign_trial import Tried, as_live, tried_on
from meguri.programmes.campaigns import Person
from meguri.programmes.queries.campaigns import payments_made
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.vocabularies import RESIDENTS, known
from meguri.words.actor import Actor
from meguri.words.period import Period, add_months, day_of, day_start
from meguri.words.refusal import declare

NO_CAMPAIGNS_HERE = declare(
    "programme_has_no_campaigns", status=422,
    ja="この事業の文書にはキャンペーンがありません。", en="This programme's document has no campaigns.",
)
TRIED_MOST = 200_000
"""So many payments at most are walked for one answer."""


def last_month(at: datetime) -> Period:
    """The whole month before the one in which a moment lies, by the calendar of Japan."""
    first = day_of(at).replace(day=1)
    return Period(day_start(add_months(first, -1)), day_start(first))


def campaigns_tried(*, programme: UUID, by: Actor, at: datetime) -> Tried:
    """What the document, draft or in force, would have given for last month's payments. Nothing is written.

    Raises Refusal `programme_unknown`, `not_allowed`, `programme_has_no_campaigns`.
    """
    view = queries.programme(programme, municipality=by.municipality)
    if view is None:
        raise queries.PROGRAMME_UNKNOWN.refusal()
    require(by, "programme.see", department=view.department, municipality=by.municipality)
    terms = queries.terms(programme, municipality=by.municipality)
    if not isinstance(terms.obtaining, GrantByCampaign):
        raise NO_CAMPAIGNS_HERE.refusal()
    span = last_month(at)
    assert span.end is not None  # noqa: S101 - a month ends
    made = payments_made(municipality=by.municipality, start=span.start, end=span.end, limit=TRIED_MOST)
    return tried_on(terms, made, people=_people(terms, {each.holder for each in made}, municipality=by.municipality))


def _people(terms: ProgrammeTerms, holders: set[UUID], *, municipality: int) -> dict[UUID, Person]:
    if not any(each.asks_people for each in as_live(terms)):
        return {}
    on: date = terms.eligibility.on
    found = resident_facts(list(holders), municipality=municipality, on=on)
    return {who: Person(known(facts, RESIDENTS), facts.household) for who, facts in found.items()}
