"""The shipped documents, fitted to the town: still lawful, still the same rules, every change noted."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from meguri.programmes.sources import unsourced
from meguri.programmes.terms import read_terms
from meguri.programmes.validation import validate
from meguri.programmes.vocabularies import DECLARED
from meguri.rehearsal.documents import NOTE, Document, Scale, by_family, documents, fiscal_year, supplementary_yen
from meguri.rehearsal.rules import BENEFIT, FIRST_COME, POINT, VOUCHER, read_rules
from meguri.rehearsal.timetable import timetable
from meguri.rehearsal.town import Town
from tests.rehearsal.conftest import RULES, SHIPPED, START, TEMPLATES

SCALE = Scale(units=100, children=34, benefit_yen=420_000, holders=120, first_come=90, again=360)
FAMILIES = (VOUCHER, POINT, BENEFIT)
PROGRAMMES = (*FAMILIES, FIRST_COME)


def made(town: Town, *, weeks: int = 7, open_end: bool = False, start: date = START, more: int = 0) -> dict[str, str]:
    table = timetable(start, weeks=weeks, open_end=open_end, more_days=more)
    found = documents(TEMPLATES, town=town, table=table, scale=SCALE, rules=RULES)
    return {family: document for family, (_, document) in found.items()}


def tree(town: Town, family: str) -> dict[str, Any]:
    return tomllib.loads(made(town)[family])


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from leaves(part, f"{path}.{name}")
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from leaves(part, f"{path}[{place}]")
    else:
        yield path, value


@pytest.mark.parametrize("family", PROGRAMMES)
@pytest.mark.parametrize(
    ("weeks", "open_end"), [(4, False), (5, True), (7, True), (24, False), (24, True), (26, False), (40, True)]
)
def test_each_document_may_be_launched(*, family: str, weeks: int, open_end: bool, small_town: Town) -> None:
    terms = read_terms(made(small_town, weeks=weeks, open_end=open_end)[family].encode())
    errors = [f"{f.path}: {f.sentence('en')}" for f in validate(terms, DECLARED) if f.is_error]
    assert errors == []


@pytest.mark.parametrize("start", [date(2026, 1, 5), date(2026, 2, 16), date(2026, 3, 30), date(2026, 12, 28)])
def test_each_document_may_be_launched_at_any_time_of_the_year(start: date, small_town: Town) -> None:
    for document in made(small_town, start=start, open_end=True, more=3).values():
        errors = [f"{f.path}: {f.sentence('en')}" for f in validate(read_terms(document.encode()), DECLARED)
                  if f.is_error]  # fmt: skip
        assert errors == []


@pytest.mark.parametrize("family", FAMILIES)
def test_only_days_sizes_and_the_sponsor_s_name_are_changed(family: str, small_town: Town) -> None:
    before, after = tomllib.loads(TEMPLATES[family]), tree(small_town, family)
    del before["sources"], after["sources"]
    old, new = dict(leaves(before)), dict(leaves(after))
    changed = {path for path in old.keys() | new.keys() if old.get(path) != new.get(path)}
    sizes = ("amount_yen", "cap_yen", "units", "goal", "fiscal_year", "payer")
    assert changed
    assert all(isinstance(new[path], date) or path.rpartition(".")[2] in sizes for path in changed), changed


@pytest.mark.parametrize("family", FAMILIES)
def test_each_changed_value_has_a_note_of_its_own(family: str, small_town: Town) -> None:
    sources = tree(small_town, family)["sources"]
    noted = [note["value"] for note in sources if note.get("assumed", "").startswith(NOTE)]
    assert "eligibility.on" in noted
    assert "spending.window" in noted
    assert len({note["value"] for note in sources}) == len(sources)
    assert unsourced(read_terms(made(small_town)[family].encode())) == unsourced(read_terms(TEMPLATES[family].encode()))


def test_a_note_keeps_what_the_document_said_before(small_town: Town) -> None:
    notes = {note["value"]: note.get("assumed", "") for note in tree(small_town, VOUCHER)["sources"]}
    assert "7月26日から" in notes["obtaining.rounds.first.application"]


@pytest.mark.parametrize("family", FAMILIES)
def test_each_document_says_that_the_town_is_invented(family: str, small_town: Town) -> None:
    assert "架空" in tree(small_town, family)["notice"]["ja"]
    assert "invented" in tree(small_town, family)["notice"]["en"]


def test_each_department_has_its_programme(small_town: Town) -> None:
    table = timetable(START, weeks=5)
    found = documents(TEMPLATES, town=small_town, table=table, scale=SCALE, rules=RULES)
    departments = {family: department for family, (department, _) in found.items()}
    assert departments == {VOUCHER: "commerce", POINT: "planning", BENEFIT: "welfare", FIRST_COME: "commerce"}
    assert all(tree(small_town, family)["department"] == department for family, department in departments.items())


def test_the_rules_are_those_of_the_published_documents() -> None:
    assert RULES.face == {"paid": 10_000, "premium": 3_000}
    assert RULES.units_most == 5
    assert {code: deed.yen for code, deed in RULES.deeds.items()} == {
        "walk": 10, "my-bottle": 10, "bus": 10, "clean-up": 100, "check-up": 500, "walk-8000": 10, "litter": 20,
    }  # fmt: skip
    assert (RULES.benefit_purse, RULES.bonus_purse, RULES.bonus_yen) == ("benefit", "bonus", 2_500)
    assert [RULES.benefit_yen(age) for age in (0, 1, 17, 18)] == [50_000, 10_000, 10_000, 0]
    assert RULES.small_only == {"points", "small", "small-premium"}
    assert RULES.families["premium"] == VOUCHER


def test_amounts_that_do_not_go_by_age_are_not_guessed() -> None:
    by_age, by_ward = 'field = "age", op = "<", value = 1 ', 'field = "ward", op = "==", value = "x" '
    other = TEMPLATES | {BENEFIT: TEMPLATES[BENEFIT].replace(by_age, by_ward)}
    with pytest.raises(ValueError, match="age"):
        read_rules(other)


def test_a_family_without_a_document_is_named() -> None:
    with pytest.raises(ValueError, match="benefit"):
        by_family(text for name, text in SHIPPED.items() if "benefit" not in name)


def test_a_path_into_nothing_is_noticed() -> None:
    with pytest.raises(LookupError):
        Document(TEMPLATES[VOUCHER]).change("funds.nobody.amount_yen", 1)


def test_budgets_cover_what_is_promised(small_town: Town) -> None:
    voucher, benefit = ({f["code"]: f["amount_yen"] for f in tree(small_town, x)["funds"]} for x in (VOUCHER, BENEFIT))
    assert voucher == {"premium": SCALE.units * 3_000, "buyers": 0}
    assert benefit == {"benefit": SCALE.benefit_yen, "bonus": SCALE.children * 2_500}
    assert supplementary_yen(SCALE, weeks=7) > 0


def test_a_sponsor_shares_thirty_per_cent_of_the_points(small_town: Town) -> None:
    points = tree(small_town, POINT)
    town, sponsor = points["agreements"][0]["shares"]
    funds = {fund["code"]: fund for fund in points["funds"]}
    assert (town["share_bp"], sponsor["share_bp"]) == (7_000, 3_000)
    assert funds["sponsor"]["payer"] in small_town.sponsors
    assert funds["sponsor"]["amount_yen"] == sponsor["cap_yen"]
    assert sponsor["cap_yen"] / (sponsor["cap_yen"] + funds["town"]["amount_yen"]) == pytest.approx(0.3, abs=0.001)


@pytest.mark.parametrize(
    ("on", "year"), [(date(2026, 3, 31), 2025), (date(2026, 4, 1), 2026), (date(2026, 12, 31), 2026)]
)
def test_the_fiscal_year_begins_in_april(on: date, year: int) -> None:
    assert fiscal_year(on) == year
