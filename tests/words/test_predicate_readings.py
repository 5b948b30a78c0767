"""The three readings of a rule agree: Python, PostgreSQL and the sentences, for random rules about random facts.

The sentences are read back by a small reader of its own, which knows the labels and the grammar but not the tree.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any as Anything

import psycopg
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.words.predicate import (
    OPERATORS,
    All,
    Any,
    Choice,
    Compare,
    Facts,
    Field,
    FieldType,
    MissingFact,
    Not,
    Operator,
    Predicate,
    Rule,
    Vocabulary,
    failing,
    holds,
    missing_sql,
    parse,
    sentence,
    to_sql,
    why_not,
)

WARDS = {"minato": ("港", "Harbour"), "yama": ("山手", "Hillside"), "eki": ("駅前", "Station")}
VOCABULARY = Vocabulary((
    Field("age", FieldType.INTEGER, ja="年齢", en="age", unit_ja="歳", unit_en="years"),
    Field("area_m2", FieldType.INTEGER, ja="売場面積", en="sales floor", unit_ja="m2", unit_en="m2"),
    Field("ward", FieldType.TEXT, ja="地区", en="ward", values=tuple(Choice(c, *names) for c, names in WARDS.items())),
    Field("name", FieldType.TEXT, ja="店名", en="shop name"),
    Field("since", FieldType.DATE, ja="登録日", en="date of entry"),
    Field("is_local", FieldType.BOOLEAN, ja="町内に本店がある", en="the head office is in the town",
          not_ja="町内に本店がない", not_en="the head office is elsewhere"),
    Field("kinds", FieldType.TEXT_SET, ja="業種", en="trades"),
))
TEXTS = ["", "a", "A", "ａ", "é", "e\u0301", "ß", "%s", "'", "\\", "100%", "か", "が", "か\u3099", "食品", "x y", "{}"]
DAYS = [date(2025, 3, 31), date(2025, 4, 1), date(1, 1, 1), date(9999, 12, 31), date(1925, 10, 4)]
NUMBERS = [-(2**63) + 1, -1, 0, 17, 18, 1000, 32_768, 2**31, 2**63 - 1]

texts = st.sampled_from(TEXTS)
numbers = st.sampled_from(NUMBERS) | st.integers(0, 30)
days = st.sampled_from(DAYS) | st.integers(-3, 3).map(lambda shift: date(2025, 4, 1) + timedelta(days=shift))
SCALARS: dict[str, st.SearchStrategy[object]] = {
    "age": numbers, "area_m2": numbers, "ward": st.sampled_from([*WARDS]), "name": texts, "since": days,
    "is_local": st.booleans(), "kinds": texts,
}


@st.composite
def compares(draw: st.DrawFn) -> Compare:
    field = draw(st.sampled_from(VOCABULARY.fields))
    operator = draw(st.sampled_from(OPERATORS[field.type]))
    scalar = SCALARS[field.name]
    value = draw(st.lists(scalar, min_size=1, max_size=3)) if operator is Operator.IN else draw(scalar)
    plain = value.isoformat() if isinstance(value, date) else tuple(value) if isinstance(value, list) else value
    return Compare(field.name, operator, plain)  # type: ignore[arg-type]


predicates: st.SearchStrategy[Predicate] = st.recursive(
    compares(),
    lambda parts: st.one_of(
        parts.map(Not),
        st.lists(parts, max_size=3).map(lambda found: All(tuple(found))),
        st.lists(parts, min_size=1, max_size=3).map(lambda found: Any(tuple(found))),
    ),
    max_leaves=6,
)
FACT_STRATEGIES = {
    name: (st.frozensets(texts, max_size=3) if name == "kinds" else scalar) for name, scalar in SCALARS.items()}
full_facts = st.fixed_dictionaries(FACT_STRATEGIES)
facts_with_holes = st.fixed_dictionaries({
    name: strategy | st.none() if name in {"age", "name", "kinds"} else strategy
    for name, strategy in FACT_STRATEGIES.items()})
SQL_TYPES = {"age": "bigint", "area_m2": "numeric", "ward": "varchar", "name": "text", "since": "date",
             "is_local": "boolean", "kinds": "text[]"}


def by_python(rule: Rule, facts: Facts) -> bool | None:
    """True, False, or None for a refusal."""
    try:
        return holds(rule, facts)
    except MissingFact:
        return None


def by_postgres(rule: Rule, rows: list[Facts], cursor: psycopg.Cursor[tuple[object, ...]]) -> list[bool | None]:
    """The same from one query over all rows; fails the test when PostgreSQL answers anything but true or false."""
    chosen, chosen_values = to_sql(rule, {name: f"t.{name}" for name in SQL_TYPES})
    refused, refused_values = missing_sql(rule, {name: f"t.{name}" for name in SQL_TYPES})
    row = f"(%s::int, {', '.join(f'%s::{kind}' for kind in SQL_TYPES.values())})"
    values = [value for number, facts in enumerate(rows)
              for value in (number, *(_adapted(facts[name]) for name in SQL_TYPES))]
    cursor.execute(
        f"SELECT {chosen}, {refused} FROM (VALUES {', '.join([row] * len(rows))})"
        f" AS t(n, {', '.join(SQL_TYPES)}) ORDER BY n",
        [*chosen_values, *refused_values, *values])
    answers = cursor.fetchall()
    assert all(type(answer) is bool for pair in answers for answer in pair)
    assert not any(is_chosen and is_refused for is_chosen, is_refused in answers)
    return [None if is_refused else bool(is_chosen) for is_chosen, is_refused in answers]


def _adapted(fact: object) -> object:
    return sorted(fact) if isinstance(fact, frozenset) else fact


@pytest.fixture
def cursors(db: None) -> list[psycopg.Cursor[tuple[object, ...]]]:
    """Both ways of binding parameters: in the client (Django's) and on the server (psycopg's own)."""
    connection.ensure_connection()
    raw = connection.connection
    return [psycopg.ClientCursor(raw), psycopg.Cursor(raw)]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(predicate=predicates, rows=st.lists(facts_with_holes, min_size=1, max_size=5))
def test_python_and_postgres_agree(
    predicate: Predicate, rows: list[Facts], cursors: list[psycopg.Cursor[tuple[object, ...]]],
) -> None:
    rule = parse(predicate, VOCABULARY)
    expected = [by_python(rule, facts) for facts in rows]
    for cursor in cursors:
        assert by_postgres(rule, rows, cursor) == expected


BOUNDARIES: dict[str, list[Anything]] = {
    "age": [-1, 0, 17, 18, 19, 1000], "area_m2": [999, 1000, 1001], "ward": [*WARDS], "name": ["", "a", "A", "が"],
    "since": [date(2025, 3, 31), date(2025, 4, 1), date(2025, 4, 2)], "is_local": [True, False],
    "kinds": [frozenset(), frozenset({"a"}), frozenset({"a", "が"})],
}
WHOLE: Facts = {"age": 17, "area_m2": 1, "ward": "eki", "name": "", "since": date(2025, 4, 1), "is_local": True,
                "kinds": frozenset()}


@pytest.mark.parametrize(("field", "operator"), [
    (field, operator) for field in VOCABULARY.fields for operator in OPERATORS[field.type]])
def test_every_comparison_agrees_at_its_boundaries(
    field: Field, operator: Operator, cursors: list[psycopg.Cursor[tuple[object, ...]]],
) -> None:
    """All values against all facts around them, plain and negated, in all readings."""
    facts: list[Facts] = [{**WHOLE, field.name: fact} for fact in BOUNDARIES[field.name]]
    answers: set[bool] = set()
    for value in ["a", "が"] if operator is Operator.HAS else BOUNDARIES[field.name]:
        plain = value.isoformat() if isinstance(value, date) else value
        compare = Compare(field.name, operator, (plain,) if operator is Operator.IN else plain)
        for predicate in (compare, Not(compare)):
            rule = parse(predicate, VOCABULARY)
            expected = [holds(rule, known) for known in facts]
            answers.update(expected)
            assert [JAPANESE.read(sentence(rule, "ja"), known) for known in facts] == expected
            assert [ENGLISH.read(sentence(rule, "en"), known) for known in facts] == expected
            assert by_postgres(rule, facts, cursors[0]) == expected
    assert answers == {True, False}


def test_a_row_without_a_needed_fact_is_listed_and_not_chosen(
    cursors: list[psycopg.Cursor[tuple[object, ...]]],
) -> None:
    """With SQL's own three-valued logic `not (age >= 18)` would be NULL and `is_local or age >= 18` true."""
    rows: list[Facts] = [WHOLE, {**WHOLE, "age": None}]
    adult, local = Compare("age", Operator.AT_LEAST, 18), Compare("is_local", Operator.EQUAL, True)
    for predicate, first in ((Not(adult), True), (Any((local, adult)), True), (All((Not(local), adult)), False)):
        for cursor in cursors:
            assert by_postgres(parse(predicate, VOCABULARY), rows, cursor) == [first, None]


@settings(max_examples=400, deadline=None)
@given(predicate=predicates, facts=full_facts)
def test_both_sentences_say_what_python_does(predicate: Predicate, facts: Facts) -> None:
    rule = parse(predicate, VOCABULARY)
    expected = holds(rule, facts)
    assert JAPANESE.read(sentence(rule, "ja"), facts) is expected
    assert ENGLISH.read(sentence(rule, "en"), facts) is expected


@settings(max_examples=300, deadline=None)
@given(predicate=predicates, facts=full_facts)
def test_why_not_blames_only_what_fails(predicate: Predicate, facts: Facts) -> None:
    rule = parse(predicate, VOCABULARY)
    blamed = failing(rule, facts)
    assert (blamed == ()) is holds(rule, facts)
    assert not any(holds(parse(part, VOCABULARY), facts) for part in blamed)
    assert len(why_not(rule, facts)) == len(blamed)


def test_the_random_rules_reach_all_operators_and_all_answers() -> None:
    """Otherwise the properties above would be silent about what never comes up."""
    seen: Counter[object] = Counter()

    @settings(max_examples=400, deadline=None, database=None, derandomize=True)
    @given(compare=compares(), facts=facts_with_holes)
    def look(compare: Compare, facts: Facts) -> None:
        seen[VOCABULARY[compare.field].type, compare.op] += 1
        seen[by_python(parse(compare, VOCABULARY), facts)] += 1

    look()
    wanted = {(kind, operator) for kind, operators in OPERATORS.items() for operator in operators} | {True, False, None}
    assert wanted <= seen.keys()


class Reader:
    """Reads a sentence back and judges the facts by it. `phrases`: pattern -> judgement(fact, captured text)."""

    def __init__(
        self, *, joiners: tuple[str, str], brackets: tuple[str, str, str, str], nothing: str, language: str,
        phrases: Mapping[FieldType, list[tuple[str, Callable[[object, str], bool]]]],
    ) -> None:
        self.joiners, self.brackets, self.nothing = joiners, brackets, nothing
        self.language, self.phrases = language, phrases

    def read(self, text: str, facts: Facts) -> bool:
        conjuncts, disjuncts = (self._split(text, joiner) for joiner in self.joiners)
        assert len(conjuncts) == 1 or len(disjuncts) == 1, f"ambiguous: {text}"
        if len(conjuncts) > 1:
            return all(self.read(part, facts) for part in conjuncts)
        if len(disjuncts) > 1:
            return any(self.read(part, facts) for part in disjuncts)
        opening, closing, not_before, not_behind = self.brackets
        if text.startswith(not_before + opening) and text.endswith(closing + not_behind) and not_before + not_behind:
            inner = text.removeprefix(not_before + opening).removesuffix(closing + not_behind)
            return not self.read(inner, facts)
        if text.startswith(opening) and text.endswith(closing):
            return self.read(text[1:-1], facts)
        return text == self.nothing or self._compare(text, facts)

    def _split(self, text: str, joiner: str) -> list[str]:
        """The parts between joiners that stand neither in brackets nor in quotes."""
        parts, depth, start, index = [], 0, 0, 0
        opening, closing, *_ = self.brackets
        quoted = False
        while index < len(text):
            sign = text[index]
            quoted = sign in "「“" or (quoted and sign not in "」”")
            depth += 0 if quoted else (sign == opening) - (sign == closing)
            if not quoted and depth == 0 and text.startswith(joiner, index):
                parts.append(text[start:index])
                index += len(joiner)
                start = index
            else:
                index += 1
        return [*parts, text[start:]]

    def _compare(self, text: str, facts: Facts) -> bool:
        found = []
        for field in VOCABULARY.fields:
            label, denied = (field.ja, field.not_ja) if self.language == "ja" else (field.en, field.not_en)
            if text == denied:
                found.append(facts[field.name] is False)
            for pattern, judge in self.phrases[field.type]:
                match = re.fullmatch(pattern.replace("LABEL", re.escape(label)), text)
                if match:
                    found.append(judge(facts[field.name], match[1] if match.groups() else ""))
        assert len(found) == 1, f"{len(found)} ways to read: {text}"
        return found[0]


def _number(text: str) -> int:
    return int(re.sub(r"歳|m2|years|,|\s", "", text))


def _day(text: str) -> date:
    year, month, day = (int(part) for part in re.findall(r"[0-9]+", text))
    return date(year, month, day)


def _words(text: str) -> str:
    """The code behind the quoted words."""
    inner = text[1:-1]
    codes = [code for code, names in WARDS.items() if inner in names]
    return codes[0] if codes else inner


def _orders(read: Callable[[str], object], patterns: dict[str, str]) -> list[tuple[str, Callable[[object, str], bool]]]:
    judges: dict[str, Callable[[object, object], bool]] = {
        "==": lambda fact, value: fact == value, "!=": lambda fact, value: fact != value,
        "<": lambda fact, value: fact < value, "<=": lambda fact, value: fact <= value,  # type: ignore[operator]
        ">": lambda fact, value: fact > value, ">=": lambda fact, value: fact >= value,  # type: ignore[operator]
    }
    return [(pattern, lambda fact, text, sign=sign: judges[sign](fact, read(text)))  # type: ignore[misc]
            for sign, pattern in patterns.items()]


def _members(text: str) -> list[object]:
    return [_words(part) for part in re.findall(r"[「“][^」”]*[」”]", text)]


def _numbers(text: str, separator: str) -> list[int]:
    return [_number(part) for part in text.split(separator)]


JAPANESE = Reader(
    joiners=("、かつ、", "、または、"), brackets=("（", "）", "", "ではない"), nothing="条件なし", language="ja",
    phrases={
        FieldType.INTEGER: [
            *_orders(_number, {
                "==": r"LABELが(-?[0-9,]+(?:歳|m2))", "!=": r"LABELが(-?[0-9,]+(?:歳|m2))以外",
                "<": r"LABELが(\S+)未満", "<=": r"LABELが(\S+)以下", ">": r"LABELが(\S+)より大きい",
                ">=": r"LABELが(\S+)以上"}),
            (r"LABELが(\S+)のいずれか", lambda fact, text: fact in _numbers(text, "・")),
            (r"LABELが(\S+)のいずれでもない", lambda fact, text: fact not in _numbers(text, "・")),
        ],
        FieldType.TEXT: [
            (r"LABELが(「[^」]*」)", lambda fact, text: fact == _words(text)),
            (r"LABELが(「[^」]*」)以外", lambda fact, text: fact != _words(text)),
            (r"LABELが(「.*」)のいずれか", lambda fact, text: fact in _members(text)),
            (r"LABELが(「.*」)のいずれでもない", lambda fact, text: fact not in _members(text)),
        ],
        FieldType.DATE: _orders(_day, {
            "==": r"LABELが([0-9]+年[0-9]+月[0-9]+日)", "!=": r"LABELが(\S+日)以外", "<": r"LABELが(\S+日)より前",
            "<=": r"LABELが(\S+日)以前", ">": r"LABELが(\S+日)より後", ">=": r"LABELが(\S+日)以後"}),
        FieldType.BOOLEAN: [
            (r"LABEL", lambda fact, _: fact is True),
            (r"「LABEL」ということはない", lambda fact, _: fact is False),
        ],
        FieldType.TEXT_SET: [
            (r"LABELに(「[^」]*」)を含む", lambda fact, text: text[1:-1] in fact),  # type: ignore[operator]
            (r"LABELに(「[^」]*」)を含まない", lambda fact, text: text[1:-1] not in fact),  # type: ignore[operator]
        ],
    },
)
ENGLISH = Reader(
    joiners=(", and ", ", or "), brackets=("(", ")", "not ", ""), nothing="no condition", language="en",
    phrases={
        FieldType.INTEGER: [
            *_orders(_number, {
                "==": r"LABEL is (-?[0-9,]+ \S+)", "!=": r"LABEL is not (-?[0-9,]+ \S+)", "<": r"LABEL is below (.+)",
                "<=": r"LABEL is at most (.+)", ">": r"LABEL is above (.+)", ">=": r"LABEL is at least (.+)"}),
            (r"LABEL is one of (.+)", lambda fact, text: fact in _numbers(text, ", ")),
            (r"LABEL is none of (.+)", lambda fact, text: fact not in _numbers(text, ", ")),
        ],
        FieldType.TEXT: [
            (r"LABEL is (“[^”]*”)", lambda fact, text: fact == _words(text)),
            (r"LABEL is not (“[^”]*”)", lambda fact, text: fact != _words(text)),
            (r"LABEL is one of (“.*”)", lambda fact, text: fact in _members(text)),
            (r"LABEL is none of (“.*”)", lambda fact, text: fact not in _members(text)),
        ],
        FieldType.DATE: _orders(_day, {
            "==": r"LABEL is ([0-9-]+)", "!=": r"LABEL is not ([0-9-]+)", "<": r"LABEL is before ([0-9-]+)",
            "<=": r"LABEL is ([0-9-]+) or earlier", ">": r"LABEL is after ([0-9-]+)",
            ">=": r"LABEL is ([0-9-]+) or later"}),
        FieldType.BOOLEAN: [
            (r"LABEL", lambda fact, _: fact is True),
            (r"it is not so that “LABEL”", lambda fact, _: fact is False),
        ],
        FieldType.TEXT_SET: [
            (r"LABEL includes (“[^”]*”)", lambda fact, text: text[1:-1] in fact),  # type: ignore[operator]
            (r"LABEL does not include (“[^”]*”)", lambda fact, text: text[1:-1] not in fact),  # type: ignore[operator]
        ],
    },
)
