"""The rule language: documents in and out, what `parse` refuses, what `holds` and `why_not` answer."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, date, datetime

import msgspec
import pytest
import tomli_w

from meguri.words.predicate import (
    EVERYTHING,
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
    clause,
    comparisons,
    failing,
    faults,
    holds,
    missing,
    parse,
    sentence,
    to_document,
    to_sql,
    why_not,
)
from meguri.words.predicate.check import DEPTH_MAX, PARTS_MAX
from meguri.words.predicate.sql import Expression, missing_sql
from meguri.words.refusal import Refusal

RESIDENT = Vocabulary((
    Field("age", FieldType.INTEGER, ja="年齢", en="age", unit_ja="歳", unit_en="years"),
    Field("ward", FieldType.TEXT, ja="地区", en="ward",
          values=(Choice("minato", "港", "Harbour"), Choice("yama", "山手", "Hillside"))),
    Field("moved_in", FieldType.DATE, ja="転入日", en="date of moving in"),
    Field("is_taxed", FieldType.BOOLEAN, ja="住民税が課税されている", en="pays resident tax"),
    Field("tags", FieldType.TEXT_SET, ja="活動", en="activities"),
))
ADULT = Compare("age", Operator.AT_LEAST, 18)
HARBOUR = Compare("ward", Operator.EQUAL, "minato")
TAXED = Compare("is_taxed", Operator.EQUAL, True)
BEFORE_APRIL = Compare("moved_in", Operator.LESS, "2025-04-01")
COLUMNS: dict[str, str | Expression] = {
    "age": Expression("extract(year from age(%s::date, r.birth_date))::int", (date(2025, 4, 1),)),
    "ward": "r.ward", "moved_in": "moved_in", "tags": "tags",
}
FACTS: Facts = {
    "age": 30, "ward": "minato", "moved_in": date(2020, 1, 15), "is_taxed": True, "tags": {"beach", "patrol"},
}


def rule(predicate: object) -> Rule:
    return parse(predicate, RESIDENT)


class TestDocuments:
    DOCUMENT = """
    kind = "all"
    [[of]]
    kind = "compare"
    field = "age"
    op = ">="
    value = 18
    [[of]]
    kind = "any"
    of = [
      { kind = "compare", field = "ward", op = "in", value = ["minato", "yama"] },
      { kind = "not", of = { kind = "compare", field = "moved_in", op = "<", value = 2025-04-01 } },
    ]
    """
    TREE = All((
        ADULT,
        Any((Compare("ward", Operator.IN, ("minato", "yama")), Not(BEFORE_APRIL))),
    ))

    def test_reads_toml_with_its_own_dates(self) -> None:
        assert rule(tomllib.loads(self.DOCUMENT)).predicate == self.TREE

    def test_toml_and_json_lead_back_to_the_same_tree(self) -> None:
        document = to_document(self.TREE)
        assert rule(tomllib.loads(tomli_w.dumps(document))).predicate == self.TREE
        assert rule(json.loads(json.dumps(document))).predicate == self.TREE

    def test_a_programme_document_can_contain_one(self) -> None:
        class Terms(msgspec.Struct):
            name: str
            eligibility: Predicate = EVERYTHING

        terms = Terms("みなと商品券", self.TREE)
        assert msgspec.json.decode(msgspec.json.encode(terms), type=Terms) == terms
        assert msgspec.json.decode(b'{"name": "x"}', type=Terms).eligibility == EVERYTHING

    def test_a_tree_can_be_a_key(self) -> None:
        assert {rule(self.TREE): 1}[rule(self.TREE)] == 1

    def test_lists_what_it_compares_in_reading_order(self) -> None:
        assert [compare.field for compare in comparisons(self.TREE)] == ["age", "ward", "moved_in"]
        assert [field.name for field in rule(All((HARBOUR, ADULT, HARBOUR))).needed] == ["ward", "age"]


class TestParseRefuses:
    @pytest.mark.parametrize(("document", "code", "path"), [
        ({"kind": "all", "of": [{"kind": "compare", "field": "agee", "op": ">=", "value": 18}]},
         "predicate_unknown_field", "of[0].field"),
        ({"kind": "compare", "field": "ward", "op": "<", "value": "minato"}, "predicate_operator", "op"),
        ({"kind": "compare", "field": "is_taxed", "op": "in", "value": ["x"]}, "predicate_operator", "op"),
        ({"kind": "compare", "field": "tags", "op": "==", "value": "beach"}, "predicate_operator", "op"),
        ({"kind": "compare", "field": "age", "op": ">=", "value": "18"}, "predicate_value", "value"),
        ({"kind": "compare", "field": "age", "op": ">=", "value": True}, "predicate_value", "value"),
        ({"kind": "compare", "field": "age", "op": "==", "value": 2**63}, "predicate_value", "value"),
        ({"kind": "compare", "field": "age", "op": "in", "value": 18}, "predicate_value", "value"),
        ({"kind": "compare", "field": "age", "op": "in", "value": []}, "predicate_value", "value"),
        ({"kind": "compare", "field": "age", "op": "in", "value": [18, "x"]}, "predicate_value", "value"),
        ({"kind": "compare", "field": "age", "op": ">=", "value": [18]}, "predicate_value", "value"),
        ({"kind": "compare", "field": "is_taxed", "op": "==", "value": 1}, "predicate_value", "value"),
        ({"kind": "compare", "field": "moved_in", "op": "<", "value": "2025-02-30"}, "predicate_value", "value"),
        ({"kind": "compare", "field": "moved_in", "op": "<", "value": "20250401"}, "predicate_value", "value"),
        ({"kind": "compare", "field": "tags", "op": "has", "value": "a\x00b"}, "predicate_value", "value"),
        ({"kind": "not", "of": {"kind": "compare", "field": "ward", "op": "==", "value": "umi"}},
         "predicate_choice", "of.value"),
        ({"kind": "all", "of": [{"kind": "any", "of": []}]}, "predicate_empty", "of[0].of"),
        ({"kind": "some", "of": []}, "predicate_unreadable", "kind"),
        ({"kind": "compare", "field": "age", "op": ">=", "value": 18.5}, "predicate_unreadable", "value"),
        ({"kind": "compare", "field": "age", "op": "=~", "value": 18}, "predicate_unreadable", "op"),
        ({"kind": "compare", "field": "age", "op": ">="}, "predicate_unreadable", "kind"),
        ({"kind": "all", "of": [{"kind": "all", "parts": []}]}, "predicate_unreadable", "of[0]"),
        ({"kind": "compare", "field": "moved_in", "op": "<", "value": datetime(2025, 4, 1, tzinfo=UTC)},
         "predicate_unreadable", "value"),
        ("age >= 18", "predicate_unreadable", "kind"),
        (None, "predicate_unreadable", "kind"),
    ])
    def test_each_mistake_by_its_place(self, document: object, code: str, path: str) -> None:
        with pytest.raises(Refusal) as caught:
            rule(document)
        assert (caught.value.code, caught.value.field) == (code, path)
        for language in ("ja", "en"):
            assert path in caught.value.sentence(language)

    def test_the_sentence_says_how_to_mend_it(self) -> None:
        (fault,) = faults({"kind": "compare", "field": "moved_in", "op": ">=", "value": "2025/4/1"}, RESIDENT)
        assert fault.sentence("en") == (
            '“value”: the field “moved_in” cannot take the value “2025/4/1”. Write it like "2025-04-01".')
        (fault,) = faults({"kind": "compare", "field": "ward", "op": "in", "value": ["umi"]}, RESIDENT)
        assert fault.sentence("ja") == (
            "条件の「value」: 項目「ward」に「umi」という値はありません。選べる値: minato, yama")

    def test_unprintable_values_are_shown_visibly(self) -> None:
        (fault,) = faults(Compare("tags", Operator.HAS, "a\x00b"), RESIDENT)
        assert r"a\x00b" in fault.sentence("en")

    def test_faults_lists_all_of_them(self) -> None:
        document = All((Compare("x", Operator.EQUAL, 1), ADULT, Compare("age", Operator.HAS, "y"), Any(())))
        assert [fault.field for fault in faults(document, RESIDENT)] == ["of[0].field", "of[2].op", "of[3].of"]
        assert faults(ADULT, RESIDENT) == ()
        assert [fault.code for fault in faults([], RESIDENT)] == ["predicate_unreadable"]

    def test_too_deep_and_too_large(self) -> None:
        deep: Predicate = ADULT
        for _ in range(DEPTH_MAX - 1):
            deep = Not(deep)
        assert rule(deep).predicate == deep
        wide = All((ADULT,) * (PARTS_MAX - 1))
        assert rule(wide).predicate == wide
        for excess in (Not(deep), All((ADULT,) * PARTS_MAX)):
            with pytest.raises(Refusal, match="predicate_too_large"):
                rule(excess)

    def test_a_document_cannot_exhaust_the_stack(self) -> None:
        document: object = {"kind": "compare", "field": "age", "op": ">=", "value": 18}
        for _ in range(100_000):
            document = {"kind": "not", "of": document}
        with pytest.raises(Refusal, match="predicate_too_large"):
            rule(document)

    def test_a_vocabulary_declares_each_name_once(self) -> None:
        with pytest.raises(ValueError, match="once"):
            Vocabulary((*RESIDENT.fields, RESIDENT["age"]))


class TestHolds:
    @pytest.mark.parametrize(("predicate", "expected"), [
        (EVERYTHING, True),
        (ADULT, True),
        (Compare("age", Operator.LESS, 30), False),
        (Compare("age", Operator.AT_MOST, 30), True),
        (Compare("age", Operator.MORE, 30), False),
        (Compare("age", Operator.IN, (29, 31)), False),
        (HARBOUR, True),
        (Compare("ward", Operator.UNEQUAL, "minato"), False),
        (Compare("ward", Operator.IN, ("yama", "minato")), True),
        (BEFORE_APRIL, True),
        (Compare("moved_in", Operator.LESS, "2020-01-15"), False),
        (Compare("moved_in", Operator.EQUAL, "2020-01-15"), True),
        (Compare("is_taxed", Operator.EQUAL, False), False),
        (Compare("is_taxed", Operator.UNEQUAL, False), True),
        (Compare("tags", Operator.HAS, "beach"), True),
        (Compare("tags", Operator.HAS, "bea"), False),
        (Not(HARBOUR), False),
        (All((ADULT, Not(HARBOUR))), False),
        (Any((Not(HARBOUR), ADULT)), True),
        (Not(Any((Not(HARBOUR), Not(ADULT)))), True),
    ])
    def test_reads_the_tree(self, predicate: Predicate, *, expected: bool) -> None:
        assert holds(rule(predicate), FACTS) is expected

    @pytest.mark.parametrize("predicate", [Any((ADULT, HARBOUR)), All((Not(ADULT), HARBOUR)), Not(HARBOUR)])
    @pytest.mark.parametrize("facts", [{"age": 30}, {"age": 30, "ward": None}])
    def test_a_missing_fact_refuses_even_where_the_rest_would_decide(
        self, predicate: Predicate, facts: Facts,
    ) -> None:
        for reading in (holds, failing, why_not):
            with pytest.raises(MissingFact) as caught:
                reading(rule(predicate), facts)
            assert caught.value.code == "missing_fact"
            assert caught.value.facts["fields"] == ["ward"]

    def test_the_refusal_names_every_missing_fact_in_the_language_asked(self) -> None:
        asked = rule(All((HARBOUR, ADULT, BEFORE_APRIL)))
        assert [field.name for field in missing(asked, {"age": 1})] == ["ward", "moved_in"]
        with pytest.raises(MissingFact) as caught:
            holds(asked, {"age": 1})
        assert caught.value.sentence("ja").startswith("「地区」、「転入日」が登録されていない")
        assert "not on record: ward, date of moving in." in caught.value.sentence("en")
        assert caught.value.field == "ward"

    def test_facts_that_the_rule_does_not_mention_may_be_missing(self) -> None:
        assert holds(rule(ADULT), {"age": 18, "ward": None}) is True
        assert holds(rule(EVERYTHING), {}) is True

    @pytest.mark.parametrize(("predicate", "fact"), [
        (ADULT, True), (ADULT, "30"), (HARBOUR, 1), (HARBOUR, ["minato"]), (BEFORE_APRIL, "2020-01-15"),
        (BEFORE_APRIL, datetime(2020, 1, 15, tzinfo=UTC)), (Compare("is_taxed", Operator.EQUAL, True), 1),
        (Compare("tags", Operator.HAS, "beach"), "beach"),
    ])
    def test_a_fact_of_the_wrong_type_is_a_programming_error(self, predicate: Compare, fact: object) -> None:
        with pytest.raises(TypeError, match=f"'{predicate.field}' must be"):
            holds(rule(predicate), {predicate.field: fact})  # type: ignore[dict-item]


class TestWhyNot:
    def test_says_nothing_when_the_rule_holds(self) -> None:
        assert why_not(rule(All((ADULT, HARBOUR))), FACTS) == ()

    def test_names_each_failed_part_with_the_fact_of_today(self) -> None:
        asked = rule(All((ADULT, HARBOUR, Not(BEFORE_APRIL), Compare("is_taxed", Operator.EQUAL, False),
                          Compare("tags", Operator.HAS, "class"))))
        facts = {**FACTS, "age": 17, "ward": "yama"}
        assert why_not(asked, facts) == (
            "年齢が18歳以上（現在: 17歳）",
            "地区が「港」（現在: 「山手」）",
            "転入日が2025年4月1日以後（現在: 2020年1月15日）",
            "「住民税が課税されている」ということはない（現在: はい）",
            "活動に「class」を含む（現在: 「beach」・「patrol」）",
        )
        assert why_not(asked, facts, language="en") == (
            "age is at least 18 years (now: 17 years)", "ward is “Harbour” (now: “Hillside”)",
            "date of moving in is 2025-04-01 or later (now: 2020-01-15)",
            "it is not so that “pays resident tax” (now: yes)",
            "activities includes “class” (now: “beach”, “patrol”)",
        )

    def test_blames_an_any_as_a_whole(self) -> None:
        either = Any((Not(HARBOUR), Compare("tags", Operator.HAS, "x")))
        asked = rule(All((Compare("age", Operator.AT_LEAST, 65), either)))
        assert why_not(asked, {**FACTS, "age": 70, "tags": []}) == ("地区が「港」以外、または、活動に「x」を含む",)
        assert why_not(asked, {**FACTS, "age": 64, "ward": "yama"}) == ("年齢が65歳以上（現在: 64歳）",)

    def test_shows_an_empty_set_as_none(self) -> None:
        asked = rule(Compare("tags", Operator.HAS, "x"))
        assert why_not(asked, {"tags": set()}) == ("活動に「x」を含む（現在: なし）",)


class TestSentence:
    @pytest.mark.parametrize(("predicate", "ja", "en"), [
        (EVERYTHING, "条件なし", "no condition"),
        (Compare("age", Operator.IN, (18, 1000)),
         "年齢が18歳・1,000歳のいずれか", "age is one of 18 years, 1,000 years"),
        (Not(Compare("ward", Operator.IN, ("minato", "yama"))),
         "地区が「港」・「山手」のいずれでもない", "ward is none of “Harbour”, “Hillside”"),
        (Not(Compare("age", Operator.MORE, 64)), "年齢が64歳以下", "age is at most 64 years"),
        (Compare("moved_in", Operator.AT_MOST, "2025-04-01"),
         "転入日が2025年4月1日以前", "date of moving in is 2025-04-01 or earlier"),
        (Not(Compare("tags", Operator.HAS, "beach")),
         "活動に「beach」を含まない", "activities does not include “beach”"),
        (All((ADULT, Any((HARBOUR, BEFORE_APRIL)))),
         "年齢が18歳以上、かつ、（地区が「港」、または、転入日が2025年4月1日より前）",
         "age is at least 18 years, and (ward is “Harbour”, or date of moving in is before 2025-04-01)"),
        (Not(All((ADULT, HARBOUR))), "（年齢が18歳以上、かつ、地区が「港」）ではない",
         "not (age is at least 18 years, and ward is “Harbour”)"),
        (Not(Not(All((ADULT,)))), "年齢が18歳以上", "age is at least 18 years"),
        (Not(All((Not(ADULT),))), "年齢が18歳以上", "age is at least 18 years"),
        (All((ADULT, All((HARBOUR,)))), "年齢が18歳以上、かつ、地区が「港」",
         "age is at least 18 years, and ward is “Harbour”"),
    ])
    def test_reads_naturally(self, predicate: Predicate, ja: str, en: str) -> None:
        assert sentence(rule(predicate)) == ja
        assert sentence(rule(predicate), "en") == en

    @pytest.mark.parametrize(("predicate", "ja"), [
        (ADULT, "年齢が18歳以上である"), (Compare("age", Operator.MORE, 64), "年齢が64歳より大きい"),
        (All((TAXED, Not(HARBOUR), ADULT)),
         "住民税が課税されており、かつ、地区が「港」以外であり、かつ、年齢が18歳以上である"),
        (All((Not(TAXED), Compare("tags", Operator.HAS, "x"), Not(Compare("tags", Operator.HAS, "y")))),
         "「住民税が課税されている」ということはなく、かつ、活動に「x」を含み、かつ、活動に「y」を含まない"),
        (Any((TAXED, All((ADULT, HARBOUR)))),
         "住民税が課税されている、又は（年齢が18歳以上であり、かつ、地区が「港」である）に該当する"),
        (All((Not(Any((ADULT, HARBOUR))), TAXED)),
         "（年齢が18歳以上である、又は地区が「港」である）ものではなく、かつ、住民税が課税されている"),
        (All((All((Any((ADULT,)),)),)), "年齢が18歳以上である"),
    ])
    def test_a_clause_stands_before_a_noun(self, predicate: Predicate, ja: str) -> None:
        assert clause(rule(predicate)) == ja

    def test_quotes_inside_a_value_cannot_end_the_quotation(self) -> None:
        asked = rule(Compare("tags", Operator.HAS, "a」、かつ、「b"))
        assert sentence(asked) == "活動に「a』、かつ、『b」を含む"
        assert sentence(rule(Compare("tags", Operator.HAS, "a”, or “b")), "en") == "activities includes “a’, or ‘b”"


class TestSql:
    def test_values_travel_as_parameters_and_names_are_quoted(self) -> None:
        hostile = Compare("tags", Operator.HAS, "'; DROP TABLE x; --")
        condition, parameters = to_sql(rule(All((HARBOUR, hostile))), COLUMNS)
        assert condition == (
            '((("r"."ward" = %s::text) AND ("tags" @> ARRAY[%s::text]))'
            ' AND "r"."ward" IS NOT NULL AND "tags" IS NOT NULL)')
        assert parameters == ["minato", "'; DROP TABLE x; --"]

    def test_an_expression_brings_its_own_parameters_each_time(self) -> None:
        condition, parameters = to_sql(rule(ADULT), COLUMNS)
        assert condition.count("%s") == len(parameters) == 3
        assert parameters == [date(2025, 4, 1), 18, date(2025, 4, 1)]
        assert missing_sql(rule(ADULT), COLUMNS)[1] == [date(2025, 4, 1)]

    def test_no_condition(self) -> None:
        assert to_sql(rule(EVERYTHING), {}) == ("(TRUE)", [])
        assert missing_sql(rule(EVERYTHING), {}) == ("(FALSE)", [])

    @pytest.mark.parametrize("column", ["ward; --", 'w"', "a.b.c.d", "", "1a", "ward = ward OR x"])
    def test_a_column_must_be_a_name(self, column: str) -> None:
        with pytest.raises(ValueError, match="no column name"):
            to_sql(rule(HARBOUR), {"ward": column})

    def test_every_field_needs_a_column(self) -> None:
        with pytest.raises(KeyError, match="ward"):
            to_sql(rule(HARBOUR), {})
