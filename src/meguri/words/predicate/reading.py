"""The first reading: does the rule hold for these facts?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any as Anything
from typing import TypeAlias

from meguri.words.predicate.tree import All, Any, Compare, Field, FieldType, Not, Operator, Predicate, Rule
from meguri.words.refusal import Language, Refusal, declare

Fact: TypeAlias = str | int | bool | date | Collection[str]
Facts: TypeAlias = Mapping[str, Fact | None]
"""What is known, by field name. None and absence mean the same: not known."""

MISSING_FACT = declare(
    "missing_fact", status=422,
    ja="{labels}が登録されていないため、条件に当てはまるか判断できません。登録してから、もう一度お試しください。",
    en="We cannot tell whether the condition is met, because this is not on record: {labels}. "
       "Please have it recorded and try again.",
)


class MissingFact(Refusal):
    """Facts that the rule needs are not known. `facts["fields"]` names them; the sentence uses their labels."""

    def sentence(self, language: Language = "ja") -> str:
        text = self.kind.ja if language == "ja" else self.kind.en
        return text.format(labels=self.facts[f"labels_{language}"])


def missing_fact(fields: Collection[Field]) -> MissingFact:
    labels_ja = "、".join(f"「{unknown.ja}」" for unknown in fields)
    labels_en = ", ".join(unknown.en for unknown in fields)
    names = [unknown.name for unknown in fields]
    facts: dict[str, object] = {
        "labels": f"{labels_ja} / {labels_en}", "labels_ja": labels_ja, "labels_en": labels_en, "fields": names,
    }
    return MissingFact(kind=MISSING_FACT, facts=facts, field=names[0])


def missing(rule: Rule, facts: Facts) -> tuple[Field, ...]:
    """The fields that the rule mentions and nobody knows."""
    return tuple([needed for needed in rule.needed if facts.get(needed.name) is None])  # a list is made faster


def holds(rule: Rule, facts: Facts) -> bool:
    """Whether the rule holds.

    Raises MissingFact (a Refusal) when any mentioned field is unknown, even one that could not change the answer:
    otherwise the answer would depend on the order of the parts. Raises TypeError for a fact of the wrong type.
    """
    _require_known(rule, facts)
    return _holds(rule.predicate, facts)


def is_ruled_out(rule: Rule, facts: Facts) -> bool:
    """Whether what is known already says no, whatever the facts turn out to be that are not known yet.

    For whoever sorts many rules before the costly facts are asked for; the answer itself is `holds`.
    """
    return _so_far(rule.predicate, facts) is False


def _so_far(predicate: Predicate, facts: Facts) -> bool | None:
    """Yes, no, or not to be said yet."""
    match predicate:
        case All(of=parts):
            found = [_so_far(part, facts) for part in parts]
            return False if False in found else None if None in found else True
        case Any(of=parts):
            found = [_so_far(part, facts) for part in parts]
            return True if True in found else None if None in found else False
        case Not(of=part):
            answer = _so_far(part, facts)
            return None if answer is None else not answer
        case Compare():
            fact = facts.get(predicate.field)
            return None if fact is None else _compare(predicate, fact)


def failing(rule: Rule, facts: Facts) -> tuple[Predicate, ...]:
    """The smallest parts to blame: none when the rule holds, else each failed condition of an `all`,
    but an `any` as a whole, because mending one of its parts is enough. Raises like `holds`.
    """
    _require_known(rule, facts)
    return tuple(_failing(rule.predicate, facts))


def _require_known(rule: Rule, facts: Facts) -> None:
    for needed in rule.needed:
        fact = facts.get(needed.name)
        if fact is None:
            raise missing_fact(missing(rule, facts))
        if not _IS_OF_TYPE[needed.type](fact):
            raise TypeError(f"the fact {needed.name!r} must be {needed.type}, not {fact!r}")


_IS_OF_TYPE: Mapping[FieldType, Callable[[Fact], bool]] = {
    FieldType.TEXT: lambda fact: isinstance(fact, str),
    FieldType.INTEGER: lambda fact: isinstance(fact, int) and not isinstance(fact, bool),
    FieldType.BOOLEAN: lambda fact: isinstance(fact, bool),
    FieldType.DATE: lambda fact: isinstance(fact, date) and not isinstance(fact, datetime),
    FieldType.TEXT_SET: lambda fact: isinstance(fact, Collection) and not isinstance(fact, str),
}


def _holds(predicate: Predicate, facts: Facts) -> bool:
    match predicate:
        case All(of=parts):
            return all(_holds(part, facts) for part in parts)
        case Any(of=parts):
            return any(_holds(part, facts) for part in parts)
        case Not(of=part):
            return not _holds(part, facts)
        case Compare():
            return _compare(predicate, facts[predicate.field])


_RELATIONS: dict[Operator, Callable[[Anything, Anything], bool]] = {
    Operator.EQUAL: eq, Operator.UNEQUAL: ne, Operator.LESS: lt, Operator.AT_MOST: le,
    Operator.MORE: gt, Operator.AT_LEAST: ge,
    Operator.IN: lambda fact, values: fact in values,
    Operator.HAS: lambda fact, value: value in fact,
}


def _compare(compare: Compare, fact: Fact | None) -> bool:
    value = date.fromisoformat(str(compare.value)) if isinstance(fact, date) else compare.value
    return _RELATIONS[compare.op](fact, value)


def _failing(predicate: Predicate, facts: Facts) -> list[Predicate]:
    match predicate:
        case All(of=parts):
            return [blamed for part in parts for blamed in _failing(part, facts)]
        case _:
            return [] if _holds(predicate, facts) else [predicate]
