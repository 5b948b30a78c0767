"""What the office's pages show: one programme from all sides, and a document before its launch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.cache import cache
from django.db import connection

from meguri.parties.queries import (
    AGE_SQL,
    COMMUTING_FACTS,
    COMMUTING_FACTS_SQL,
    OWN_FACTS,
    OWN_FACTS_SQL,
    REGISTER_FACTS_SQL,
    RESIDENT_FACTS_SQL,
    all_shop_facts,
)
from meguri.programmes import preview, validation
from meguri.programmes.arms_ahead import Register
from meguri.programmes.commuters import asks_commuters_at_all
from meguri.programmes.consistency import conditions
from meguri.programmes.findings import Finding
from meguri.programmes.forecasting import Expectation, Group
from meguri.programmes.preview import Preview
from meguri.programmes.queries.documents import PROGRAMME_UNKNOWN, ProgrammeView, programme, programmes, terms
from meguri.programmes.queries.force import rules_in_force
from meguri.programmes.queries.money import (
    AgreementView,
    AppropriationView,
    FundView,
    agreements,
    appropriations,
    funds,
)
from meguri.programmes.rules import PurseKindView
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.vocabularies import DECLARED, RESIDENTS, SHOPS, known
from meguri.words import predicate

KEPT_SECONDS, KEPT_MOST = 60, 5_000
"""How long the register's groups serve previews while somebody types, and how many groups are worth keeping."""


@dataclass(frozen=True, slots=True)
class ProgrammePage:
    """Everything the office shows of one programme."""

    programme: ProgrammeView
    terms: ProgrammeTerms
    funds: tuple[FundView, ...]
    agreements: tuple[AgreementView, ...]
    purse_kinds: tuple[PurseKindView, ...]
    appropriations: tuple[AppropriationView, ...]


def programme_page(programme_id: UUID, *, municipality: int, at: datetime) -> ProgrammePage:
    """One programme from all sides. Raises Refusal `programme_unknown`."""
    view = programme(programme_id, municipality=municipality)
    if view is None:
        raise PROGRAMME_UNKNOWN.refusal()
    rules = rules_in_force(municipality, at)
    return ProgrammePage(
        programme=view, terms=terms(programme_id, municipality=municipality),
        funds=funds(municipality, programme=programme_id),
        agreements=agreements(programme_id, municipality=municipality),
        purse_kinds=tuple(kind for kind in rules.purse_kinds.values() if kind.programme == programme_id),
        appropriations=appropriations(programme_id, municipality=municipality),
    )


def findings(document: ProgrammeTerms, *, today: date | None = None) -> tuple[Finding, ...]:
    """What is wrong with a document and what the law says about it, errors first.

    `today`: for a document that is not launched yet, to say also which of its days lie in the past.
    """
    return validation.validate(document, DECLARED, today=today)


def look_ahead(
    document: ProgrammeTerms, *, municipality: int, expectation: Expectation | None = None, kept: bool = False
) -> Preview:
    """The preview of a document for the people and shops of this town. The document must be free of errors.

    `kept`: people counted within the last `KEPT_SECONDS` will do, so that a preview can follow an officer's typing.
    """
    shops = [known(shop, SHOPS) for shop in all_shop_facts(municipality).values() if shop.open]
    counted = _kept_groups if kept else _groups
    return preview.preview(
        document, residents=counted(document, municipality), shops=shops, vocabularies=DECLARED,
        expectation=expectation or Expectation(),
        register=None if document.trial is None else _register(document, municipality),
    )


def commuters_asked(municipality: int) -> bool:
    """Whether a running programme is also for people who work or study in the town."""
    running = (terms(each.id, municipality=municipality) for each in programmes(municipality, states=("launched",)))
    return any(asks_commuters_at_all(document) for document in running)


def _register(document: ProgrammeTerms, municipality: int) -> Register:
    """People, households and wards on the eligibility date, kept like the groups."""
    key = f"register:{municipality}:{document.eligibility.on}"
    found: Register | None = cache.get(key)
    if found is None:
        with connection.cursor() as cursor:
            cursor.execute(_REGISTER, {"municipality": municipality, "on": document.eligibility.on})
            found = Register(*cursor.fetchone())
        cache.set(key, found, KEPT_SECONDS)
    return found


_REGISTER = f"""
    SELECT count(*), count(DISTINCT household), count(DISTINCT ward) FROM ({RESIDENT_FACTS_SQL}) AS register
     WHERE resident
"""  # noqa: S608 - our own words


def _kept_groups(document: ProgrammeTerms, municipality: int) -> list[Group]:
    """As `_groups`, once for the same facts on the same day: most edits change neither. Too many are not kept."""
    key = f"preview:{municipality}:{document.eligibility.on}:{'-'.join(sorted(_asked(document)))}"
    found: list[Group] | None = cache.get(key)
    if found is None:
        found = _groups(document, municipality)
        if len(found) <= KEPT_MOST:
            cache.set(key, found, KEPT_SECONDS)
    return found


def _groups(document: ProgrammeTerms, municipality: int) -> list[Group]:
    """The register on the eligibility date, grouped in the database by just the facts that the document asks for."""
    names = sorted(_asked(document))
    with connection.cursor() as cursor:
        cursor.execute(_counting(names), {"municipality": municipality, "on": document.eligibility.on})
        rows = cursor.fetchall()
    return [Group(facts=dict(zip(names, facts, strict=True)), people=count) for count, *facts in rows if count]


def _counting(names: Sequence[str]) -> str:
    """People by these facts. Ages are reckoned once a birthday, not once a person: a city has fewer birthdays."""
    facts = _facts_sql(names)
    plain = sorted({"birth_date" if name == "age" else name for name in names})
    grouped = f"SELECT {', '.join(['count(*) AS people', *plain])} FROM ({facts}) AS register"  # noqa: S608 - declared
    grouped += f" GROUP BY {', '.join(plain)}" if plain else ""
    if "age" not in names:
        return grouped
    shown = [AGE_SQL if name == "age" else name for name in names]
    places = ", ".join(str(place) for place in range(2, len(names) + 2))
    return f"SELECT sum(people)::bigint, {', '.join(shown)} FROM ({grouped}) AS born GROUP BY {places}"  # noqa: S608


def _facts_sql(names: Sequence[str]) -> str:
    """The least that knows these facts. Who only works or studies here is counted where the document asks for it."""
    if OWN_FACTS.issuperset(names):
        return OWN_FACTS_SQL
    if COMMUTING_FACTS.issuperset(names):
        return COMMUTING_FACTS_SQL
    return REGISTER_FACTS_SQL if (COMMUTING_FACTS - OWN_FACTS).isdisjoint(names) else RESIDENT_FACTS_SQL


def _asked(document: ProgrammeTerms) -> set[str]:
    """The declared facts of residents that the document's conditions mention."""
    return {compare.field for condition in _about_residents(document) for compare in predicate.comparisons(condition)}


def _about_residents(document: ProgrammeTerms) -> Iterator[predicate.Predicate]:
    for _, condition, vocabulary in conditions(document, DECLARED):
        if vocabulary is RESIDENTS:
            predicate.parse(condition, vocabulary)  # only declared names reach the query
            yield condition
