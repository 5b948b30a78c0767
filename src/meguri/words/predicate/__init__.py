"""The one rule language: who may apply, where money may be spent, which purchase earns a point.

A predicate is a small tree, written in a programme document:

    kind = "all"
    of = [
      { kind = "compare", field = "age", op = ">=", value = 18 },
      { kind = "not", of = { kind = "compare", field = "ward", op = "in", value = ["minato", "yama"] } },
    ]

`parse` proves it against a declared vocabulary and returns a `Rule`. A rule is read in three ways that always agree:
`holds` (Python, at the till), `to_sql` (PostgreSQL, in bulk) and `sentence` (Japanese and English, for people);
`why_not` says which parts failed. Every field that the rule mentions must be known: `holds` refuses otherwise
(`missing_fact`), and SQL leaves such a row out and lists it by `missing_sql`. Nothing is evaluated but this tree.
"""

from __future__ import annotations

from meguri.words.predicate.check import faults, parse, to_document
from meguri.words.predicate.reading import Facts, MissingFact, failing, holds, is_ruled_out, missing
from meguri.words.predicate.sentence import clause, sentence, why_not
from meguri.words.predicate.sql import Expression, missing_sql, to_sql
from meguri.words.predicate.tree import (
    EVERYTHING,
    OPERATORS,
    All,
    Any,
    Choice,
    Compare,
    Field,
    FieldType,
    Not,
    Operator,
    Predicate,
    Rule,
    Value,
    Vocabulary,
    comparisons,
)

__all__ = [
    "EVERYTHING", "OPERATORS", "All", "Any", "Choice", "Compare", "Expression", "Facts", "Field", "FieldType",
    "MissingFact", "Not", "Operator", "Predicate", "Rule", "Value", "Vocabulary", "clause", "comparisons", "failing",
    "faults", "holds", "is_ruled_out", "missing", "missing_sql", "parse", "sentence", "to_document", "to_sql",
    "why_not",
]
