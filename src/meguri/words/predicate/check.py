"""From a document to a rule: every mistake is named with its place and the way to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import cast

import msgspec

from meguri.words.predicate.tree import (
    OPERATORS,
    All,
    Any,
    Compare,
    Field,
    FieldType,
    Not,
    Operator,
    Predicate,
    Rule,
    Value,
    Vocabulary,
)
from meguri.words.refusal import Refusal, declare

PARTS_MAX = 200
"""The largest number of nodes in one rule."""
DEPTH_MAX = 12
"""How deep groups may lie in groups."""
INTEGER_MAX = 2**63 - 1
"""The largest number that PostgreSQL's bigint compares."""

PREDICATE_UNREADABLE = declare(
    "predicate_unreadable", status=422,
    ja="条件の「{path}」が読めません({problem})。kind は all・any・not・compare のどれかにし、"
       "all と any には of の並び、not には of、compare には field・op・value を書いてください。",
    en="The condition cannot be read at “{path}” ({problem}). Let kind be all, any, not or compare; "
       "give all and any a list `of`, not a single `of`, and compare a field, op and value.",
)
PREDICATE_TOO_LARGE = declare(
    "predicate_too_large", status=422,
    ja="条件が大きすぎます。部品は{parts_max}個まで、入れ子は{depth_max}段までにしてください。",
    en="The condition is too large. Use at most {parts_max} parts and {depth_max} levels.",
)
PREDICATE_EMPTY = declare(
    "predicate_empty", status=422,
    ja="条件の「{path}」には中身が一つもないため、だれも当てはまりません。部品を足すか、この行を消してください。",
    en="“{path}” has no parts, so nobody could ever match. Add a part or remove this line.",
)
PREDICATE_UNKNOWN_FIELD = declare(
    "predicate_unknown_field", status=422,
    ja="条件の「{path}」にある項目「{name}」はありません。使える項目: {known}",
    en="“{path}” names the field “{name}”, which does not exist. Fields you can use: {known}",
)
PREDICATE_OPERATOR = declare(
    "predicate_operator", status=422,
    ja="条件の「{path}」: 項目「{name}」に「{operator}」は使えません。使えるもの: {allowed}",
    en="“{path}”: the field “{name}” cannot be compared with “{operator}”. You can use: {allowed}",
)
PREDICATE_VALUE = declare(
    "predicate_value", status=422,
    ja="条件の「{path}」: 項目「{name}」の値「{value}」は使えません。{example} のように書いてください。",
    en="“{path}”: the field “{name}” cannot take the value “{value}”. Write it like {example}.",
)
PREDICATE_CHOICE = declare(
    "predicate_choice", status=422,
    ja="条件の「{path}」: 項目「{name}」に「{value}」という値はありません。選べる値: {known}",
    en="“{path}”: the field “{name}” has no value “{value}”. Choose from: {known}",
)

_EXAMPLES = {
    FieldType.TEXT: '"minato"',
    FieldType.INTEGER: "18",
    FieldType.BOOLEAN: "true",
    FieldType.DATE: '"2025-04-01"',
    FieldType.TEXT_SET: '"minato"',
}


def parse(document: object, vocabulary: Vocabulary) -> Rule:
    """Make a rule of a document: a Predicate, or the plain values that TOML or JSON gave.

    Raises Refusal `predicate_…` for the first fault; `faults` lists them all.
    """
    predicate = _read(document)
    for fault in _faults(predicate, vocabulary):
        raise fault
    return Rule(predicate, vocabulary)


def faults(document: object, vocabulary: Vocabulary) -> tuple[Refusal, ...]:
    """Every fault of a document, in reading order; `Refusal.field` is its path. Empty when `parse` accepts it."""
    try:
        return tuple(_faults(_read(document), vocabulary))
    except Refusal as unreadable:
        return (unreadable,)


def to_document(predicate: Predicate) -> dict[str, object]:
    """Plain values (dict, list, str, int, bool) for a TOML or JSON writer; `parse` reads them back unchanged."""
    return cast("dict[str, object]", msgspec.to_builtins(predicate))


def _read(document: object) -> Predicate:
    if isinstance(document, All | Any | Not | Compare):
        return document
    try:
        return cast("Predicate", msgspec.convert(_plain(document), Predicate))
    except msgspec.ValidationError as problem:
        what, _, path = str(problem).partition(" - at `")
        place = path.rstrip("`").removeprefix("$").removeprefix(".") or "kind"
        raise PREDICATE_UNREADABLE.refusal(field=place, path=place, problem=what) from None
    except RecursionError:
        raise PREDICATE_TOO_LARGE.refusal(parts_max=PARTS_MAX, depth_max=DEPTH_MAX) from None


def _plain(document: object) -> object:
    """TOML has dates of its own; in a predicate a date is its ISO text."""
    match document:
        case datetime():
            return document
        case date():
            return document.isoformat()
        case Mapping():
            return {key: _plain(value) for key, value in document.items()}
        case list() | tuple():
            return [_plain(value) for value in document]
        case _:
            return document


def _faults(predicate: Predicate, vocabulary: Vocabulary) -> Iterator[Refusal]:
    if _depth(predicate) > DEPTH_MAX or _size(predicate) > PARTS_MAX:
        yield PREDICATE_TOO_LARGE.refusal(parts_max=PARTS_MAX, depth_max=DEPTH_MAX)
    else:
        yield from _node_faults(predicate, path="", vocabulary=vocabulary)


def _depth(predicate: Predicate, level: int = 1) -> int:
    """The number of levels; stops counting just beyond the limit, so that no document can exhaust the stack."""
    if level > DEPTH_MAX:
        return level
    return max((_depth(part, level + 1) for part in _parts(predicate)), default=level)


def _size(predicate: Predicate) -> int:
    return 1 + sum(_size(part) for part in _parts(predicate))


def _parts(predicate: Predicate) -> tuple[Predicate, ...]:
    match predicate:
        case All(of=parts) | Any(of=parts):
            return parts
        case Not(of=part):
            return (part,)
        case Compare():
            return ()


def _node_faults(predicate: Predicate, *, path: str, vocabulary: Vocabulary) -> Iterator[Refusal]:
    match predicate:
        case Compare():
            yield from _compare_faults(predicate, path=path, vocabulary=vocabulary)
        case Not(of=part):
            yield from _node_faults(part, path=_below(path, "of"), vocabulary=vocabulary)
        case Any(of=()):
            place = _below(path, "of")
            yield PREDICATE_EMPTY.refusal(field=place, path=place)
        case All(of=parts) | Any(of=parts):
            for number, part in enumerate(parts):
                yield from _node_faults(part, path=_below(path, f"of[{number}]"), vocabulary=vocabulary)


def _compare_faults(compare: Compare, *, path: str, vocabulary: Vocabulary) -> Iterator[Refusal]:
    if compare.field not in vocabulary:
        place = _below(path, "field")
        known = ", ".join(vocabulary.names)
        yield PREDICATE_UNKNOWN_FIELD.refusal(field=place, path=place, name=compare.field, known=known)
        return
    declared = vocabulary[compare.field]
    allowed = OPERATORS[declared.type]
    if compare.op not in allowed:
        place = _below(path, "op")
        yield PREDICATE_OPERATOR.refusal(
            field=place, path=place, name=declared.name, operator=compare.op.value,
            allowed="  ".join(operator.value for operator in allowed),
        )
        return
    yield from _value_faults(compare, declared=declared, path=_below(path, "value"))


def _value_faults(compare: Compare, *, declared: Field, path: str) -> Iterator[Refusal]:
    is_list = isinstance(compare.value, tuple)
    values = compare.value if isinstance(compare.value, tuple) else (compare.value,)
    right_shape = is_list == (compare.op is Operator.IN) and len(values) > 0
    if not right_shape or not all(_fits(value, declared.type) for value in values):
        example = _EXAMPLES[declared.type]
        yield PREDICATE_VALUE.refusal(
            field=path, path=path, name=declared.name, value=_shown(compare.value),
            example=f"[{example}]" if compare.op is Operator.IN else example,
        )
        return
    codes = [choice.code for choice in declared.values]
    for value in values:
        if codes and value not in codes:
            yield PREDICATE_CHOICE.refusal(
                field=path, path=path, name=declared.name, value=_shown(value), known=", ".join(codes))


def _fits(value: Value, kind: FieldType) -> bool:
    match kind, value:
        case FieldType.BOOLEAN, bool():
            return True
        case FieldType.INTEGER, int():
            return not isinstance(value, bool) and abs(value) <= INTEGER_MAX
        case FieldType.DATE, str():
            return _is_iso_date(value)
        case (FieldType.TEXT | FieldType.TEXT_SET), str():
            return value.isprintable()  # neither NUL nor a lone surrogate, which PostgreSQL cannot hold
        case _:
            return False


def _is_iso_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _shown(value: Value) -> str:
    """The value as a document shows it, unprintable characters made visible, cut to what a sentence can bear."""
    shown = value if isinstance(value, str) else ", ".join(str(one) for one in value) if isinstance(value, tuple) \
        else str(value).lower()
    return (shown if shown.isprintable() else ascii(shown))[:60]


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
