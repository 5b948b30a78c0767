"""The third reading: the same rule as a sentence that a resident, a shop or a mayor can check.

The sentence is unambiguous (a test reads it back and must come to the same answer): parts of a group are joined
by 「、かつ、」 or 「、または、」, a group inside another group stands in brackets, text stands in quotes.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from meguri.words.predicate.reading import Fact, Facts, failing
from meguri.words.predicate.tree import All, Any, Compare, Field, FieldType, Not, Operator, Predicate, Rule, Value
from meguri.words.refusal import Language

_OPPOSITE = {
    Operator.EQUAL: Operator.UNEQUAL, Operator.UNEQUAL: Operator.EQUAL,
    Operator.LESS: Operator.AT_LEAST, Operator.AT_LEAST: Operator.LESS,
    Operator.MORE: Operator.AT_MOST, Operator.AT_MOST: Operator.MORE,
}
_NUMBER = {
    "ja": {
        Operator.EQUAL: "{label}が{value}", Operator.UNEQUAL: "{label}が{value}以外",
        Operator.LESS: "{label}が{value}未満", Operator.AT_MOST: "{label}が{value}以下",
        Operator.MORE: "{label}が{value}より大きい", Operator.AT_LEAST: "{label}が{value}以上",
        Operator.IN: "{label}が{value}のいずれか",
    },
    "en": {
        Operator.EQUAL: "{label} is {value}", Operator.UNEQUAL: "{label} is not {value}",
        Operator.LESS: "{label} is below {value}", Operator.AT_MOST: "{label} is at most {value}",
        Operator.MORE: "{label} is above {value}", Operator.AT_LEAST: "{label} is at least {value}",
        Operator.IN: "{label} is one of {value}",
    },
}
_DATE = {
    "ja": {
        Operator.EQUAL: "{label}が{value}", Operator.UNEQUAL: "{label}が{value}以外",
        Operator.LESS: "{label}が{value}より前", Operator.AT_MOST: "{label}が{value}以前",
        Operator.MORE: "{label}が{value}より後", Operator.AT_LEAST: "{label}が{value}以後",
    },
    "en": {
        Operator.EQUAL: "{label} is {value}", Operator.UNEQUAL: "{label} is not {value}",
        Operator.LESS: "{label} is before {value}", Operator.AT_MOST: "{label} is {value} or earlier",
        Operator.MORE: "{label} is after {value}", Operator.AT_LEAST: "{label} is {value} or later",
    },
}
_DENIED = {"ja": "「{label}」ということはない", "en": "it is not so that “{label}”"}
_SET = {"ja": {True: "{label}に{value}を含む", False: "{label}に{value}を含まない"},
        "en": {True: "{label} includes {value}", False: "{label} does not include {value}"}}
_NONE_OF = {"ja": "{label}が{value}のいずれでもない", "en": "{label} is none of {value}"}
_NOT = {"ja": "（{part}）ではない", "en": "not ({part})"}
_AND = {"ja": "、かつ、", "en": ", and "}
_OR = {"ja": "、または、", "en": ", or "}
_NOTHING = {"ja": "条件なし", "en": "no condition"}
_ACTUAL = {"ja": "{part}（現在: {fact}）", "en": "{part} (now: {fact})"}
_YES_NO = {"ja": {True: "はい", False: "いいえ"}, "en": {True: "yes", False: "no"}}
_EMPTY = {"ja": "なし", "en": "none"}
_CONTINUED = {
    "いる": "おり", "ある": "あり", "する": "し", "ない": "なく", "大きい": "大きく", "含む": "含み",
}  # fmt: skip
_INNER_QUOTES = str.maketrans("「」“”", "『』‘’")
_BRACKETS = {"ja": "（{part}）", "en": "({part})"}


def sentence(rule: Rule, language: Language = "ja") -> str:
    """The rule in words, without a full stop: 「年齢が18歳以上、かつ、地区が「港」以外」."""
    return _spoken(_simple(rule.predicate), rule=rule, language=language)


def clause(rule: Rule) -> str:
    """The rule in Japanese as it stands before a noun: 「年齢が18歳以上であり、かつ、地区が「港」以外である」(者)."""
    return _clause(_simple(rule.predicate), rule=rule)


def _clause(predicate: Predicate, *, rule: Rule) -> str:
    match predicate:
        case All(of=(_, *_) as parts):
            *others, last = [_clause_part(part, rule=rule) for part in parts]
            return "、かつ、".join([*(_continued(each) for each in others), last])
        case Any(of=parts):
            return "、又は".join(_clause_part(part, rule=rule) for part in parts)
        case Not(of=All() | Any() as group):
            return f"（{_clause(group, rule=rule)}）ものではない"
    words = _spoken(predicate, rule=rule, language="ja")
    return words if words.endswith(("る", "い", "む")) else f"{words}である"


def _clause_part(predicate: Predicate, *, rule: Rule) -> str:
    words = _clause(predicate, rule=rule)
    return f"（{words}）に該当する" if isinstance(predicate, All | Any) and len(predicate.of) > 1 else words


def _continued(words: str) -> str:
    """The form before a comma: ある -> あり, でない -> でなく."""
    for end, continued in _CONTINUED.items():
        if words.endswith(end):
            return words.removesuffix(end) + continued
    return words


def why_not(rule: Rule, facts: Facts, *, language: Language = "ja") -> tuple[str, ...]:
    """The conditions that failed, each with the fact as it is now; empty when the rule holds. Raises like `holds`."""
    return tuple(_blamed(_simple(part), rule=rule, facts=facts, language=language) for part in failing(rule, facts))


def _simple(predicate: Predicate) -> Predicate:
    """The same condition without double negation and without groups of one."""
    match predicate:
        case Not(of=Not(of=part)) | All(of=(part,)) | Any(of=(part,)):
            return _simple(part)
        case Not(of=part):
            simple = _simple(part)
            return simple.of if isinstance(simple, Not) else Not(simple)
        case All(of=parts):
            return All(tuple(_simple(part) for part in parts))
        case Any(of=parts):
            return Any(tuple(_simple(part) for part in parts))
        case Compare():
            return predicate


def _blamed(part: Predicate, *, rule: Rule, facts: Facts, language: Language) -> str:
    words = _spoken(part, rule=rule, language=language)
    compare = part.of if isinstance(part, Not) else part
    fact = facts.get(compare.field) if isinstance(compare, Compare) else None
    if not isinstance(compare, Compare) or fact is None:
        return words
    now = _shown_fact(fact, field=rule.vocabulary[compare.field], language=language)
    return _ACTUAL[language].format(part=words, fact=now)


def _spoken(predicate: Predicate, *, rule: Rule, language: Language) -> str:
    match predicate:
        case Compare():
            return _compare(predicate, field=rule.vocabulary[predicate.field], positive=True, language=language)
        case Not(of=Compare() as compare):
            return _compare(compare, field=rule.vocabulary[compare.field], positive=False, language=language)
        case Not(of=part):
            return _NOT[language].format(part=_spoken(part, rule=rule, language=language))
        case All(of=()):
            return _NOTHING[language]
        case All(of=parts):
            return _AND[language].join(_part(part, rule=rule, language=language) for part in parts)
        case Any(of=parts):
            return _OR[language].join(_part(part, rule=rule, language=language) for part in parts)


def _part(predicate: Predicate, *, rule: Rule, language: Language) -> str:
    """A member of a group: in brackets when it is itself a group."""
    words = _spoken(predicate, rule=rule, language=language)
    is_group = isinstance(predicate, All | Any) and len(predicate.of) > 1
    return _BRACKETS[language].format(part=words) if is_group else words


def _compare(compare: Compare, *, field: Field, positive: bool, language: Language) -> str:
    label = field.ja if language == "ja" else field.en
    value = _shown(compare.value, field=field, language=language)
    operator = compare.op if positive else _OPPOSITE.get(compare.op, compare.op)
    match field.type:
        case FieldType.BOOLEAN:
            denied = (field.not_ja if language == "ja" else field.not_en) or _DENIED[language].format(label=label)
            return label if bool(compare.value) is (operator is Operator.EQUAL) else denied
        case FieldType.TEXT_SET:
            return _SET[language][positive].format(label=label, value=value)
        case FieldType.DATE:
            return _DATE[language][operator].format(label=label, value=value)
        case _ if operator is Operator.IN and not positive:
            return _NONE_OF[language].format(label=label, value=value)
        case _:
            return _NUMBER[language][operator].format(label=label, value=value)


def _shown(value: Value, *, field: Field, language: Language) -> str:
    if isinstance(value, tuple):
        shown = [_shown(one, field=field, language=language) for one in value]
        return ("・" if language == "ja" else ", ").join(shown)
    if field.type is FieldType.DATE:
        return _shown_fact(date.fromisoformat(str(value)), field=field, language=language)
    return _shown_fact(value, field=field, language=language)


def _shown_fact(fact: Fact, *, field: Field, language: Language) -> str:
    match fact:
        case bool():
            return _YES_NO[language][fact]
        case int():
            unit = field.unit_ja if language == "ja" else f" {field.unit_en}".rstrip()
            return f"{fact:,}{unit}"
        case date():
            return f"{fact.year}年{fact.month}月{fact.day}日" if language == "ja" else fact.isoformat()
        case str():
            label = _choice_label(fact, field=field, language=language).translate(_INNER_QUOTES)
            return f"「{label}」" if language == "ja" else f"“{label}”"
        case Collection():
            shown = [_shown_fact(one, field=field, language=language) for one in sorted(fact)]
            return ("・" if language == "ja" else ", ").join(shown) or _EMPTY[language]


def _choice_label(code: str, *, field: Field, language: Language) -> str:
    """The declared words for a code; a text that is not declared stands for itself."""
    for choice in field.values:
        if choice.code == code:
            return choice.ja if language == "ja" else choice.en
    return code
