"""Facts of residents on a day, for eligibility: one by one in Python, or as columns in SQL."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from meguri.parties.models import Resident

RESIDENT_FACTS_SQL = "SELECT * FROM resident_facts(%(municipality)s, %(on)s)"
"""One row per person whom the town knows on the day: everybody registered, resident or not, and whoever is confirmed to
work or study here; columns as the fields of ResidentFacts."""
REGISTER_FACTS_SQL = f"{RESIDENT_FACTS_SQL} WHERE moved_in IS NOT NULL"
"""The registered alone: nobody else has moved in."""

OWN_FACTS = frozenset({"resident", "age", "birth_date", "ward", "tax_class", "moved_in", "resident_days"})
"""The facts of a person that need no look at the household."""
AGE_SQL = "extract(year FROM age(%(on)s::date, birth_date))::integer"
"""Whole years on the day, of a `birth_date`."""
OWN_FACTS_SQL = f"""
SELECT r.id AS person, r.moved_in <= %(on)s::date AND (r.moved_out IS NULL OR %(on)s::date < r.moved_out) AS resident,
       {AGE_SQL} AS age, r.birth_date, r.ward::text, r.tax_class::text, r.moved_in,
       greatest(0, least(%(on)s::date, coalesce(r.moved_out, %(on)s::date)) - r.moved_in)::integer
       AS resident_days
  FROM parties_resident r WHERE r.municipality = %(municipality)s
"""  # noqa: S608 - our own words
"""As REGISTER_FACTS_SQL, OWN_FACTS alone: one walk over the register, which a city of millions feels."""

COMMUTING_FACTS = OWN_FACTS | {"works_in_town", "studies_in_town"}
COMMUTING_FACTS_SQL = f"""
WITH commuters AS (SELECT * FROM commuter_facts(%(municipality)s, %(on)s))
SELECT own.*, coalesce(k.works_in_town, false) AS works_in_town, coalesce(k.studies_in_town, false) AS studies_in_town
  FROM ({OWN_FACTS_SQL}) AS own LEFT JOIN commuters k USING (person)
 UNION ALL
SELECT k.person, false, {AGE_SQL}, k.birth_date, '', NULL, NULL, 0, k.works_in_town, k.studies_in_town
  FROM commuters k
 WHERE NOT EXISTS (SELECT FROM parties_resident r WHERE r.municipality = %(municipality)s AND r.id = k.person)
"""  # noqa: S608 - our own words
"""As RESIDENT_FACTS_SQL, COMMUTING_FACTS alone: the same walk, and the few who work or study here."""


@dataclass(frozen=True, slots=True)
class ResidentFacts:
    """What eligibility may ask about a person on a day. Households count the people resident on that day.

    `household_exempt`: everybody in the household is exempt from residence tax (非課税世帯).
    `children`: how many of the household are under 18. `resident_days`: days of residence so far, 0 if none.
    `works_in_town`, `studies_in_town`: confirmed for the day. Who is not registered and known for that alone lives in
    no ward (empty), is a household of one of whom nobody lives here, and of tax and moving in nothing is known (None).
    """

    person: UUID
    household: UUID
    resident: bool
    age: int
    birth_date: date
    ward: str
    tax_class: str | None
    moved_in: date | None
    moved_out: date | None
    resident_days: int
    household_size: int
    household_exempt: bool
    children: int
    shielded: bool
    works_in_town: bool
    studies_in_town: bool


_COLUMNS = ", ".join(ResidentFacts.__dataclass_fields__)


def resident_facts(people: list[UUID], *, municipality: int, on: date) -> dict[UUID, ResidentFacts]:
    """The facts of these people on a day, by pseudonym; people of whom the town knows nothing are absent."""
    query = f"SELECT {_COLUMNS} FROM resident_facts(%s, %s, %s)"  # noqa: S608 - columns are our own names
    with connection.cursor() as cursor:
        cursor.execute(query, [municipality, on, people])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return {row[0]: ResidentFacts(*row) for row in rows}


def is_registered(person: UUID, *, municipality: int) -> bool:
    """Whether the person stands in the register, resident today or not."""
    return Resident.objects.filter(id=person, municipality=municipality).exists()


def shielded(people: Collection[UUID], *, municipality: int) -> frozenset[UUID]:
    """Those of them whose address must appear nowhere (支援措置); nobody outside the register can be one of them."""
    rows = Resident.objects.filter(municipality=municipality, shielded=True, id__in=people)
    return frozenset(rows.values_list("id", flat=True))


def residents_like(
    *, municipality: int, on: date, least_age: int, most_age: int, with_children: bool, limit: int = 50
) -> tuple[UUID, ...]:
    """A few residents of an age (whole years, both ends in), with or without children at home, in a fixed order."""
    query = (
        "SELECT person FROM resident_facts(%s, %s) WHERE resident AND NOT shielded"
        " AND age BETWEEN %s AND %s AND (children > 0) = %s ORDER BY person LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [municipality, on, least_age, most_age, with_children, limit])
        return tuple(person for (person,) in cursor.fetchall())


def household_members(household: UUID, *, municipality: int) -> tuple[UUID, ...]:
    """The pseudonyms of everybody registered in a household, whether resident today or not."""
    rows = Resident.objects.filter(municipality=municipality, household_id=household).order_by("id")
    return tuple(rows.values_list("id", flat=True))
