"""The tree itself: what a rule may be made of, and the declared fields it may speak about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

import msgspec


class FieldType(StrEnum):
    """What a fact is. Text has no order: PostgreSQL and Python sort it differently."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    TEXT_SET = "text_set"


class Operator(StrEnum):
    EQUAL = "=="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    IN = "in"  # the fact is one of the values
    HAS = "has"  # the fact, a set, contains the value


_EQUALITY = (Operator.EQUAL, Operator.UNEQUAL)
_ORDER = (Operator.LESS, Operator.AT_MOST, Operator.MORE, Operator.AT_LEAST)
OPERATORS: dict[FieldType, tuple[Operator, ...]] = {
    FieldType.TEXT: (*_EQUALITY, Operator.IN),
    FieldType.INTEGER: (*_EQUALITY, *_ORDER, Operator.IN),
    FieldType.BOOLEAN: _EQUALITY,
    FieldType.DATE: (*_EQUALITY, *_ORDER),
    FieldType.TEXT_SET: (Operator.HAS,),
}
"""Which questions may be asked about which type."""


class Choice(msgspec.Struct, frozen=True):
    """One value that a text field may take, with the words people see."""

    code: str
    ja: str
    en: str


class Field(msgspec.Struct, frozen=True):
    """One declared fact. A boolean's label is a statement (「町内に本店がある」), every other label a noun.

    `not_ja`, `not_en`: the opposite statement (「町内に本店がない」); without it the statement is quoted and denied.
    """

    name: str
    type: FieldType
    ja: str
    en: str
    values: tuple[Choice, ...] = ()
    """The only codes allowed (text and text_set); empty: any text."""
    unit_ja: str = ""
    unit_en: str = ""
    not_ja: str = ""
    not_en: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The fields that rules about one kind of thing (a resident, a shop ...) may use. Names are unique."""

    fields: tuple[Field, ...]
    _by_name: dict[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {declared.name: declared for declared in self.fields}
        if len(by_name) != len(self.fields):
            raise ValueError("a vocabulary declares each field name once")
        object.__setattr__(self, "_by_name", by_name)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._by_name)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Field:
        return self._by_name[name]


Value: TypeAlias = bool | int | str | tuple[int | str, ...]
"""As documents write it. A date is its ISO text (2025-04-01), because JSON has no dates."""


class Compare(msgspec.Struct, frozen=True, tag="compare", tag_field="kind", forbid_unknown_fields=True):
    field: str
    op: Operator
    value: Value


class All(msgspec.Struct, frozen=True, tag="all", tag_field="kind", forbid_unknown_fields=True):
    """Every part holds. Without parts it always holds: that is how "no condition" is written."""

    of: tuple[Predicate, ...] = ()


class Any(msgspec.Struct, frozen=True, tag="any", tag_field="kind", forbid_unknown_fields=True):
    """At least one part holds."""

    of: tuple[Predicate, ...]


class Not(msgspec.Struct, frozen=True, tag="not", tag_field="kind", forbid_unknown_fields=True):
    of: Predicate


Predicate: TypeAlias = All | Any | Not | Compare

EVERYTHING = All()
"""No condition: everybody, everywhere, everything."""


def comparisons(predicate: Predicate) -> Iterator[Compare]:
    """All comparisons in the tree, in reading order."""
    match predicate:
        case Compare():
            yield predicate
        case Not(of=part):
            yield from comparisons(part)
        case All(of=parts) | Any(of=parts):
            for part in parts:
                yield from comparisons(part)


@dataclass(frozen=True, slots=True)
class Rule:
    """A predicate proved to speak its vocabulary correctly. Only `parse` makes one; only a Rule can be read."""

    predicate: Predicate
    vocabulary: Vocabulary
    needed: tuple[Field, ...] = field(init=False, repr=False, compare=False)
    """The fields mentioned, each once, in the order of first mention. All of them must be known."""

    def __post_init__(self) -> None:
        names = dict.fromkeys(compare.field for compare in comparisons(self.predicate))
        object.__setattr__(self, "needed", tuple(self.vocabulary[name] for name in names))
