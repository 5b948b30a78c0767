"""The second reading: the same question to PostgreSQL, for many rows at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from meguri.words.predicate.tree import All, Any, Compare, FieldType, Not, Operator, Predicate, Rule

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*){0,2}")
_CASTS = {
    FieldType.TEXT: "text", FieldType.INTEGER: "bigint", FieldType.BOOLEAN: "boolean", FieldType.DATE: "date",
    FieldType.TEXT_SET: "text",
}
_SIGNS = {
    Operator.EQUAL: "=", Operator.UNEQUAL: "<>", Operator.LESS: "<", Operator.AT_MOST: "<=", Operator.MORE: ">",
    Operator.AT_LEAST: ">=",
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A fact that is no plain column, written by a programmer (never taken from a document):

        Expression("extract(year from age(%s::date, resident.birth_date))::int", (on,))

    `%s` stands for each of `parameters`; a literal percent sign is written `%%`.
    """

    sql: str
    parameters: tuple[object, ...] = ()


Columns = Mapping[str, "str | Expression"]
"""Where each field is found: a column name (`age`, `resident.age`) or an Expression. text_set columns are text[].
Text columns need PostgreSQL's usual (deterministic) collations, under which only equal bytes are equal."""

Fragment = tuple[str, list[object]]
"""SQL with `%s` placeholders, and its parameters in order."""


def to_sql(rule: Rule, columns: Columns) -> Fragment:
    """A boolean SQL expression that is true exactly for the rows for which `holds` is true.

    It is never NULL: a row in which a mentioned field is NULL gives false, also below a `not`.
    Values travel as parameters, column names are quoted. Raises KeyError for a field without a column
    and ValueError for a column name that is none.
    """
    condition, parameters = _sql(rule.predicate, rule=rule, columns=columns)
    for needed in rule.needed:
        place, more = _place(columns, needed.name)
        condition, parameters = f"{condition} AND {place} IS NOT NULL", parameters + more
    return f"({condition})", parameters


def missing_sql(rule: Rule, columns: Columns) -> Fragment:
    """A boolean SQL expression that is true exactly for the rows for which `holds` refuses (`missing_fact`)."""
    places = [_place(columns, needed.name) for needed in rule.needed]
    condition = " OR ".join(f"{place} IS NULL" for place, _ in places) or "FALSE"
    return f"({condition})", [value for _, parameters in places for value in parameters]


def _sql(predicate: Predicate, *, rule: Rule, columns: Columns) -> Fragment:
    match predicate:
        case Compare():
            return _compare(predicate, rule=rule, columns=columns)
        case Not(of=part):
            condition, parameters = _sql(part, rule=rule, columns=columns)
            return f"(NOT {condition})", parameters
        case All(of=parts):
            return _joined(parts, " AND ", rule=rule, columns=columns) if parts else ("TRUE", [])
        case Any(of=parts):
            return _joined(parts, " OR ", rule=rule, columns=columns)


def _joined(parts: tuple[Predicate, ...], word: str, *, rule: Rule, columns: Columns) -> Fragment:
    fragments = [_sql(part, rule=rule, columns=columns) for part in parts]
    condition = word.join(condition for condition, _ in fragments)
    return f"({condition})", [value for _, parameters in fragments for value in parameters]


def _compare(compare: Compare, *, rule: Rule, columns: Columns) -> Fragment:
    place, parameters = _place(columns, compare.field)
    cast = _CASTS[rule.vocabulary[compare.field].type]
    if isinstance(compare.value, tuple):
        return f"({place} = ANY(%s::{cast}[]))", [*parameters, list(compare.value)]
    if compare.op is Operator.HAS:
        return f"({place} @> ARRAY[%s::{cast}])", [*parameters, compare.value]
    return f"({place} {_SIGNS[compare.op]} %s::{cast})", [*parameters, compare.value]


def _place(columns: Columns, name: str) -> Fragment:
    column = columns[name]
    if isinstance(column, Expression):
        return f"({column.sql})", list(column.parameters)
    if not _IDENTIFIER.fullmatch(column):
        raise ValueError(f"{column!r} is no column name; use Expression for computed facts")
    return ".".join(f'"{part}"' for part in column.split(".")), []
