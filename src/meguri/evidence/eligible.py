"""How many people meet a programme's terms: the denominator of take-up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection

from meguri.programmes import queries as programmes
from meguri.programmes.vocabularies import RESIDENTS
from meguri.words import predicate


def eligible_people(programme: UUID, *, municipality: int) -> int:
    """Residents, and workers and students, for whom the programme's condition holds on its eligibility date.

    Raises Refusal `programme_unknown`.
    """
    terms = programmes.terms(programme, municipality=municipality)
    rule = predicate.parse(terms.eligibility.who, RESIDENTS)
    condition, values = predicate.to_sql(rule, {name: f"person.{name}" for name in RESIDENTS.names})
    with connection.cursor() as cursor:
        wanted: list[Any] = [municipality, terms.eligibility.on, *values]
        query = f"SELECT count(*) FROM resident_facts(%s, %s) AS person WHERE {condition}"  # noqa: S608 - by to_sql
        cursor.execute(query, wanted)
        return int(cursor.fetchone()[0])
