"""A document goes out and comes in without loss, and a mistake in it is named with place, matter and remedy."""

from __future__ import annotations

import json
import tomllib
from datetime import date
from typing import Any

import msgspec
import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.programmes.parts import (
    Action,
    AgreementTerms,
    AmountRow,
    Demurrage,
    Evidence,
    ExpiresAfter,
    ExpiryBasis,
    FacePart,
    Family,
    Funder,
    FundTerms,
    GrantByAction,
    GrantByList,
    Limit,
    Limits,
    NeverExpires,
    Per,
    Receipt,
    ReceiptChoice,
    Sale,
    Share,
    Text,
    TopUp,
    Window,
)
from meguri.programmes.shipped import shipped
from meguri.programmes.terms import SIZE_BYTES_MAX, ProgrammeTerms, digest, from_tree, read_terms, to_tree, write_terms
from meguri.words.predicate import All, Compare, Not, Operator
from meguri.words.predicate import Any as AnyOf
from meguri.words.refusal import Refusal
from tests.programmes.builders import BENEFIT, GONE, POINT, VOUCHER, changed, tree_of

ALL = [VOUCHER, POINT, BENEFIT]
texts = st.builds(Text, ja=st.text("商品券ポイント「」=#\"'\\\n", min_size=1, max_size=20), en=st.just("text"))
codes = st.from_regex(r"[a-z][a-z0-9-]{0,12}", fullmatch=True)
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
windows = st.builds(Window, first_day=days, last_day=days)
yen = st.integers(1, 10**6)
limits = st.builds(Limit, per=st.sampled_from(Per), yen=st.none() | yen, times=st.none() | yen)
compares = st.builds(
    Compare, field=codes, op=st.sampled_from(Operator),
    value=st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=9) | st.tuples(codes, codes),
)
predicates = st.recursive(
    compares,
    lambda inner: st.builds(All, of=st.lists(inner, max_size=3).map(tuple))
    | st.builds(AnyOf, of=st.lists(inner, min_size=1, max_size=3).map(tuple)) | st.builds(Not, of=inner),
    max_leaves=6,
)
obtainings: st.SearchStrategy[Any] = st.one_of(
    st.builds(
        GrantByAction, purse=codes, limits=st.tuples(limits), window=windows,
        actions=st.tuples(st.builds(
            Action, code=codes, name=texts, yen=yen, evidence=st.sampled_from(Evidence), window=st.none() | windows,
            limits=st.lists(limits, max_size=2).map(tuple), funded_by=st.none() | codes, goal=st.integers(0, 99),
        )),
    ),
    st.builds(
        GrantByList, funded_by=codes, statutory=st.booleans(), choosing=windows, paid_on=days,
        otherwise=st.sampled_from(Receipt),
        amounts=st.tuples(st.builds(AmountRow, name=texts, yen=yen, when=predicates)),
        choices=st.tuples(st.builds(
            ReceiptChoice, receipt=st.sampled_from(Receipt), purse=st.none() | codes, bonus_yen=st.integers(0, 9_999),
            bonus_purse=st.none() | codes,
        )),
    ),
    st.builds(TopUp, purse=codes, bonus_purse=codes, bonus_bp=st.integers(0, 5_000), least_yen=yen,
              limits=st.tuples(limits), window=windows),
)
funds = st.builds(
    FundTerms, code=codes, name=texts, funder=st.sampled_from(Funder), payer=st.text(max_size=5),
    fiscal_year=st.integers(2020, 2030), source=texts, amount_yen=st.integers(0, 10**13),
)
shares = st.builds(Share, fund=codes, share_bp=st.integers(0, 10_000), cap_yen=st.none() | yen)
replacements = st.fixed_dictionaries({
    "obtaining": obtainings,
    "funds": st.lists(funds, max_size=3).map(tuple),
    "agreements": st.lists(
        st.builds(AgreementTerms, code=codes, name=texts, shares=st.lists(shares, max_size=3).map(tuple)), max_size=2
    ).map(tuple),
    "expiry": st.builds(
        ExpiresAfter, months=st.integers(1, 120), basis=st.sampled_from(ExpiryBasis), to_the_day=st.booleans()
    ) | st.builds(NeverExpires),
    "demurrage": st.none() | st.builds(Demurrage, every_days=yen, rate_bp=st.integers(0, 9_999)),
    "limits": st.builds(Limits, payment_max_yen=st.none() | yen, balance_max_yen=st.none() | yen),
    "notice": st.none() | texts,
    "goals": st.just(()),
})


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("form", ["toml", "json"])
def test_a_shipped_document_goes_round_without_loss(name: str, form: Any) -> None:
    terms = shipped()[name]
    written = write_terms(terms, form)
    assert read_terms(written, form) == terms
    assert write_terms(read_terms(written, form), form) == written


@given(replacements)
@settings(deadline=None)
def test_any_document_goes_round_without_loss(parts: dict[str, Any]) -> None:
    terms = msgspec.structs.replace(shipped()[VOUCHER], **parts)
    assert read_terms(write_terms(terms)) == terms
    assert read_terms(write_terms(terms, "json"), "json") == terms
    assert from_tree(to_tree(terms)) == terms
    assert digest(read_terms(write_terms(terms, "json"), "json")) == digest(read_terms(write_terms(terms)))


def test_a_windows_editor_does_no_harm() -> None:
    content = write_terms(shipped()[VOUCHER])
    assert read_terms(b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n")) == shipped()[VOUCHER]


def test_dates_may_be_written_as_text_as_json_does() -> None:
    tree = json.loads(write_terms(shipped()[VOUCHER], "json"))
    assert isinstance(tree["expiry"]["last_day"], str)
    assert read_terms(tomli_w.dumps(tree).encode()) == shipped()[VOUCHER]


def test_unset_values_are_left_out_of_the_file() -> None:
    tree = tomllib.loads(write_terms(shipped()[VOUCHER]).decode())
    assert "demurrage" not in tree
    assert "where" not in tree["purses"][0]
    assert "per" not in tree["obtaining"]


def test_the_digest_names_values_not_spelling() -> None:
    terms = shipped()[VOUCHER]
    tree = to_tree(terms)
    turned = dict(reversed(tree.items()))
    assert digest(from_tree(turned)) == digest(terms)
    assert digest(read_terms(b"# a comment\n" + write_terms(terms))) == digest(terms)
    assert len(digest(terms)) == 64


@pytest.mark.parametrize(("path", "value"), [
    ("obtaining.unit_price_yen", 9_999),
    ("funds.0.amount_yen", 6_000_001),
    ("eligibility.on", date(2025, 7, 27)),
    ("eligibility.who.value", False),
    ("purses.0.where", {"kind": "compare", "field": "street", "op": "==", "value": True}),
    ("notice", GONE),
])  # fmt: skip
def test_any_changed_value_changes_the_digest(path: str, value: Any) -> None:
    assert digest(changed(VOUCHER, {path: value})) != digest(shipped()[VOUCHER])


def refused(content: bytes | str, form: Any = "toml") -> Refusal:
    with pytest.raises(Refusal) as caught:
        read_terms(content if isinstance(content, bytes) else content.encode(), form)
    return caught.value


def refused_change(path: str, value: Any, name: str = VOUCHER) -> Refusal:
    with pytest.raises(Refusal) as caught:
        from_tree(tree_of(name, {path: value}))
    return caught.value


def test_a_file_that_is_too_large_is_not_even_read() -> None:
    refusal = refused(b"#" * (SIZE_BYTES_MAX + 1))
    assert refusal.code == "terms_too_large"
    assert f"{SIZE_BYTES_MAX:,}" in refusal.sentence("en")


def test_a_file_in_shift_jis_is_told_to_be_utf_8() -> None:
    refusal = refused('name = "商品券"'.encode("cp932"))
    assert refusal.code == "terms_not_utf8"
    assert refusal.facts == {"position": 8}


def test_a_missing_quote_is_named_with_line_and_column() -> None:
    refusal = refused('code = "voucher"\nfamily = "voucher\n')
    assert refusal.code == "terms_syntax"
    assert refusal.sentence("en").startswith("Line 2, column 18 cannot be read as TOML")
    assert refusal.sentence("ja").startswith("2行18文字目がTOMLとして読めません")


def test_broken_json_is_refused_as_json() -> None:
    assert "cannot be read as JSON" in refused("{", "json").sentence("en")


def test_nesting_without_end_is_refused() -> None:
    assert refused("[" * 5_000, "json").code == "terms_syntax"
    deep: Any = {"kind": "compare", "field": "age", "op": ">=", "value": 1}
    for _ in range(3_000):
        deep = {"kind": "not", "of": deep}
    assert refused_change("eligibility.who", deep).code == "terms_too_deep"


def test_an_unknown_field_is_named_with_line_and_the_nearest_known_one() -> None:
    refusal = refused(write_terms(shipped()[VOUCHER]).decode().replace("max_units", "max_unit"))
    assert refusal.code == "terms_unknown_field"
    assert refusal.field == "obtaining.max_unit"
    assert refusal.facts["near"] == "max_units"
    line = next(
        number for number, line in enumerate(write_terms(shipped()[VOUCHER]).decode().splitlines(), start=1)
        if line.startswith("max_units")
    )
    assert refusal.sentence("ja").startswith(f"{line}行目(obtaining)に「max_unit」という項目はありません")


def test_a_missing_field_is_named_in_the_right_element_of_a_list() -> None:
    refusal = refused_change("obtaining.rounds.0.units", GONE)
    assert (refusal.code, refusal.field) == ("terms_missing_field", "obtaining.rounds[0].units")
    assert refusal.sentence("en") == "obtaining.rounds[0] lacks “units”. Please add it."


def test_the_line_is_that_of_the_second_table_of_a_list() -> None:
    text = write_terms(shipped()[VOUCHER]).decode().replace('funder = "buyers"', 'funder = "bank"')
    line = 1 + text[: text.index('funder = "bank"')].count("\n")
    refusal = refused(text)
    assert refusal.sentence("en").startswith(f"Line {line} (funds[1].funder): “bank” is not a choice.")
    assert refusal.facts["choices"] == ", ".join(Funder)


@pytest.mark.parametrize(("path", "value", "code", "says"), [
    ("family", "gift", "terms_unknown_choice", "voucher, point, benefit"),
    ("obtaining.by", "sell", "terms_unknown_choice", "sale, code, action, payment, campaign, list, top_up"),
    ("expiry.kind", "someday", "terms_unknown_choice", "on, after, never"),
    ("eligibility.who.kind", "some", "terms_unknown_choice", "all, any, not, compare"),
    ("eligibility.who.op", "=>", "terms_unknown_choice", "==, !=, <, <=, >, >=, in, has"),
    ("obtaining.max_units", "5", "terms_wrong_value", "write a whole number, not a text in quotes"),
    ("obtaining.max_units", 0, "terms_wrong_value", "write 1 or more"),
    ("obtaining.unit_price_yen", -1, "terms_wrong_value", "write 0 or more"),
    ("obtaining.unit_price_yen", 10**8, "terms_wrong_value", "write 10,000,000 or less"),
    ("obtaining.unit_price_yen", 9_999.5, "terms_wrong_value", "write a whole number, not a decimal number"),
    ("obtaining.rounds", {}, "terms_wrong_value", "write a list [ ], not a table { }"),
    ("name", "商品券", "terms_wrong_value", "write a table { }, not a text in quotes"),
    ("name.ja", "", "terms_wrong_value", "write 1 characters or more"),
    ("name.en", "n" * 2_001, "terms_wrong_value", "write 2,000 characters or less"),
    ("code", "Nagoya 2025", "terms_wrong_value", "begin with a small letter"),
    ("eligibility.on", "2025-13-01", "terms_wrong_value", "write a date like 2025-04-01"),
    ("eligibility.on", 20250401, "terms_wrong_value", "write a date (2025-04-01), not a whole number"),
    ("obtaining.paper_or_electronic", "yes", "terms_wrong_value", "write true or false"),
    ("limits.payment_max_yen", "65,000", "terms_wrong_value", "a whole number"),
])  # fmt: skip
def test_a_wrong_value_says_what_to_write(path: str, value: Any, code: str, says: str) -> None:
    refusal = refused_change(path, value)
    assert refusal.code == code
    assert refusal.field.startswith(path)
    assert says in refusal.sentence("en")
    assert refusal.sentence("ja") != refusal.sentence("en")


def test_what_no_sentence_was_written_for_is_passed_on() -> None:
    refusal = refused_change("obtaining.face", [{"purse": "paid", "yen": 10**30}])
    assert refusal.code == "terms_wrong_value"
    assert refusal.field == "obtaining.face[0].yen"


def test_a_form_without_a_text_names_only_the_path() -> None:
    assert refused_change("obtaining.max_units", 0).sentence("ja").startswith("obtaining.max_unitsの値が合いません。")


def test_something_that_is_no_table_at_all_is_refused() -> None:
    refusal = refused("[]", "json")
    assert refusal.sentence("en") == "The document does not fit: write a table { }, not a list [ ]."


def test_a_draft_may_contradict_itself_and_is_still_readable() -> None:
    terms = changed(VOUCHER, {"spending.window": {"first_day": date(2026, 1, 1), "last_day": date(2025, 1, 1)}})
    assert terms.spending.window.last_day < terms.spending.window.first_day


def test_parts_are_frozen_and_keyword_only() -> None:
    with pytest.raises(AttributeError):
        shipped()[VOUCHER].code = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        FacePart("paid", 1)  # type: ignore[call-arg]


def test_the_families_have_their_way_of_obtaining() -> None:
    ways = {name: type(terms.obtaining) for name, terms in shipped().items()}
    assert ways == {VOUCHER: Sale, POINT: GrantByAction, BENEFIT: GrantByList}
    assert {name: terms.family for name, terms in shipped().items()} == {
        VOUCHER: Family.VOUCHER, POINT: Family.POINT, BENEFIT: Family.BENEFIT,
    }


def test_the_whole_document_is_one_type() -> None:
    assert all(isinstance(terms, ProgrammeTerms) for terms in shipped().values())
