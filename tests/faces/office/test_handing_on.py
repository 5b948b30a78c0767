"""A programme that has ended goes out as a template with its results, and the next town sees them beside it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from django.conf import LazySettings
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from meguri.evidence import queries as evidence
from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.parties import operations as parties
from meguri.programmes import operations as programmes
from meguri.programmes import queries
from meguri.programmes.origins import Changed, Origin, Results, wrong_results
from meguri.programmes.parts import Text
from meguri.programmes.shipped import templates
from meguri.programmes.terms import from_tree, read_terms, to_tree, write_terms
from meguri.programmes.vouchers import operations as vouchers
from meguri.programmes.vouchers.queries import unit_figures
from meguri.strategy import operations as strategy
from meguri.strategy.templates import results_of, template_of
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.faces.office.lived import LONG_AGO, Office, found_office, moment
from tests.faces.resident.conftest import turn_clock, words
from tests.programmes.vouchers.lived_city import adapted


def ended(*, people: int = 10, cost: int = 0) -> tuple[Office, UUID]:
    """A voucher programme that `people` applied for, drew, bought and (the first) spent from; closed in December."""
    office = found_office([adapted("nagoya-2025", {"obtaining.max_units": 4})])
    sale = office.sale()
    entries = [
        parties.ResidentEntry(
            birth_date=date(1980, 5, 5), ward="minato", moved_in=date(2000, 1, 1), household_number=f"x{number}",
            number=f"x{number}",
        )
        for number in range(people - 1)
    ]  # fmt: skip
    town = [office.town.holder, *parties.register_residents(entries, by=office.system, at=LONG_AGO)]
    for person in town:
        office.applied(sale, person)
    office.drawn(sale)
    for person in town:
        by = Actor(office.number, ActorRole.RESIDENT, person)
        (mine,) = _own(person, office)
        vouchers.purchase(application=mine, by=by, at=moment(10, 10))
    office.pay("premium", 100)
    programme = office.programme("voucher")
    if cost:
        strategy.book_cost(
            programme=programme, kind="staff", amount_yen=cost, month=date(2025, 11, 1), source="estimate",
            note="担当者の時間", request="1", at=moment(11, 20),
            by=office.town.actor(ActorRole.ANALYST, department="planning"),
        )  # fmt: skip
    programmes.close_programme(programme=programme, by=office.officer("checker:commerce"), at=moment(12, 1))
    turn_clock(office.town, moment(12, 10))
    return office, programme


def _own(person: UUID, office: Office) -> list[UUID]:
    from meguri.programmes.vouchers.queries import applications_of

    return [each.id for each in applications_of(person, municipality=office.number)]


def template(office: Office, programme: UUID) -> Any:
    return template_of(programme, municipality=office.number, at=office.town.at)


def test_a_programme_goes_round_with_source_adaptations_and_results(db: None, settings: LazySettings) -> None:
    """One town's officer takes the file; another town's pastes it, sees how it went there, and launches it."""
    first, programme = ended(cost=50_000)
    settings.MUNICIPALITY = first.number
    giving = first.browser("maker:commerce")
    page = giving.get(reverse("office:programme", args=[programme])).content.decode()
    assert "手本として渡す" in page
    assert f'href="/office/programmes/{programme}.toml?as=template"' in page
    file = giving.get(f"/office/programmes/{programme}.toml", {"as": "template"})
    taken = read_terms(file.content)
    assert taken.origin is not None
    results = taken.origin.results
    assert results is not None
    assert (results.issued_yen, results.spent_yen, results.unspent_yen) == (260_100, 100, 260_000)
    assert (results.units_applied, results.units_drawn, results.units_paid) == (20, 20, 20)
    assert (results.receivers, results.payers, results.cost_yen) == (10, None, 50_000)
    assert taken.origin.changed == (Changed(path="obtaining.max_units", before="5", after="4"),)
    assert (taken.origin.template, taken.origin.city.ja, taken.origin.year) == ("nagoya-2025", "試験町", 2025)
    second = found_office([])
    settings.MUNICIPALITY = second.number
    maker = second.browser("maker:commerce")
    seen = words(maker.post(reverse("office:programme_new"), {"act": "look", "document": file.content.decode()})
                 .content.decode())  # fmt: skip
    for told in ("試験町(2025年度)の要綱をもとに", "試験町での実績(2025年12月", "260,100円", "20口", "10人", "50,000円",
                 "試験町が手本から変えたところ(1件)", "obtaining.max_units", "10人より少ない人数は示しません"):
        assert told in seen, told
    assert "使った人" not in seen, "one person spent: that is told to nobody"
    maker.post(reverse("office:programme_new"), {"document": file.content.decode(), "act": "keep"})
    (draft,) = [each for each in queries.programmes(second.number) if each.state == "draft"]
    kept = queries.terms(draft.id, municipality=second.number)
    assert kept == taken
    page = maker.get(f"{reverse('office:programme', args=[draft.id])}?lang=en").content.decode()
    assert "How it went in Test Town (counted on" in words(page)
    assert "What Test Town had changed of its own template (1)" in words(page)
    by = second.town.actor(ActorRole.MAKER, department="commerce")
    programmes.submit_for_launch(programme=draft.id, by=by, at=moment(4, 10))
    checker = second.town.actor(ActorRole.CHECKER, department="commerce")
    programmes.launch(programme=draft.id, by=checker, at=moment(4, 10))
    again = template(second, draft.id)
    assert (again.origin.results, again.origin.city.ja) == (None, "試験町"), "its own results come when it has ended"


def test_the_results_are_the_books_and_the_tables(db: None) -> None:
    office, programme = ended(cost=13_000)
    results = results_of(programme, municipality=office.number, at=office.town.at)
    assert results is not None
    seen = evidence.latest(office.number, at=office.town.at).seen
    money = evidence.indicators(seen, programme=programme)
    assert money
    held = sum(
        each.amount for holder in (office.town.holder,)
        for each in books.balances([holder], AccountRole.WALLET, municipality=office.number)
    )
    assert held == 26_000
    assert results.issued_yen == results.spent_yen + results.expired_yen + results.unspent_yen
    assert results.delivered_yen == 100
    assert results.cost_bp == 1_300_000
    units = unit_figures(programme, municipality=office.number)
    assert (units.applicants, units.buyers, units.applied, units.drawn, units.paid) == (10, 10, 20, 20, 20)
    assert not list(wrong_results(template(office, programme).origin))


def test_few_people_are_told_of_in_no_way(db: None) -> None:
    """Nine applied: their number does not go out, nor what they asked for; the town's own yen do."""
    office, programme = ended(people=9)
    results = results_of(programme, municipality=office.number, at=office.town.at)
    assert results is not None
    assert (results.receivers, results.payers) == (None, None)
    assert (results.units_applied, results.units_drawn, results.units_paid) == (None, None, None)
    assert results.issued_yen == 9 * 26_000 + 100
    assert results.cost_yen is None, "no cost was booked: nothing is said, rather than that it was free"
    file = write_terms(template(office, programme)).decode()
    register = {str(office.town.holder), office.town.holder.hex, "x1"}
    assert not any(each in file for each in register)


def test_what_has_not_ended_or_is_not_there_has_no_results(db: None) -> None:
    office = found_office([templates()["nagoya-2025"]])
    handed = template(office, office.programme("voucher"))
    assert handed.origin.results is None
    assert handed.origin.changed == ()
    assert handed.notice is not None, "an invented town goes on saying so"
    with pytest.raises(Refusal, check=lambda no: no.code == "programme_unknown"):
        template_of(uuid4(), municipality=office.number, at=office.town.at)
    assert results_of(uuid4(), municipality=office.number, at=office.town.at) is None


def test_a_towns_own_document_names_itself_as_the_template(db: None) -> None:
    tree: Any = to_tree(templates()["nagoya-2025"])
    del tree["origin"]
    office = found_office([from_tree(tree | {"code": "ours"})])
    origin = template(office, office.programme("voucher")).origin
    assert (origin.template, origin.changed) == ("ours", ())


def test_the_api_gives_the_same_file(db: None, settings: LazySettings) -> None:
    from tests.faces.api.conftest import Caller

    office, programme = ended()
    settings.MUNICIPALITY = office.number
    caller = Caller(office.town)
    by = office.town.makers["commerce"]
    given = caller.call("programmes_terms", {"programme": str(programme), "as_template": "true"}, by=by)["document"]
    plain = caller.call("programmes_terms", {"programme": str(programme)}, by=by)["document"]
    assert read_terms(given.encode()).origin.results is not None  # type: ignore[union-attr]
    assert "results" not in plain
    assert caller.refused("programmes_terms", {"programme": str(programme)}, by=office.town.resident)["status"] == 403


# --- the document's form ---------------------------------------------------------------------------------------------

GOOD = Results(
    counted_on=date(2026, 4, 1), issued_yen=10, spent_yen=6, expired_yen=3, unspent_yen=1, units_applied=5,
    units_drawn=4, units_paid=3,
)  # fmt: skip


def origin(**other: Any) -> Origin:
    city = Text(ja="架空市", en="Invented City")
    return Origin(template="ours", city=city, year=2025, results=msgspec.structs.replace(GOOD, **other))


@pytest.mark.parametrize("other", [
    {"issued_yen": 11}, {"spent_yen": 7}, {"expired_yen": 0}, {"unspent_yen": 2}, {"units_drawn": 6},
    {"units_paid": 6}, {"units_applied": None}, {"units_applied": 2},
])  # fmt: skip
def test_results_that_somebody_mended_forbid_the_launch(other: dict[str, Any]) -> None:
    terms = msgspec.structs.replace(templates()["nagoya-2025"], origin=origin(**other))
    found = [each for each in queries.findings(terms) if each.code == "results_disagree"]
    assert found
    assert {each.path for each in found} == {"origin.results"}
    assert all(each.is_error for each in found)
    for language in ("ja", "en"):
        assert "yen" in found[0].sentence(language) or "units" in found[0].sentence(language)  # type: ignore[arg-type]


def test_results_that_agree_change_nothing_else() -> None:
    plain = templates()["nagoya-2025"]
    told = msgspec.structs.replace(plain, origin=origin())
    assert [each.code for each in queries.findings(told)] == [each.code for each in queries.findings(plain)]


@pytest.mark.parametrize(("path", "value", "code"), [
    ("issued_yen", -1, "terms_wrong_value"), ("issued_yen", 1.5, "terms_wrong_value"),
    ("receivers", 9, "terms_wrong_value"), ("payers", 0, "terms_wrong_value"),
    ("counted_on", "yesterday", "terms_wrong_value"), ("names", ["花子"], "terms_unknown_field"),
])  # fmt: skip
def test_results_that_are_none_are_refused_by_name(path: str, value: Any, code: str) -> None:
    """Nine people are refused by the form itself: no town can pass them on, whatever it writes."""
    tree: Any = to_tree(msgspec.structs.replace(templates()["nagoya-2025"], origin=origin()))
    tree["origin"]["results"][path] = value
    with pytest.raises(Refusal, check=lambda no: no.code == code):
        from_tree(tree)


yen = st.integers(0, 10**12)


@given(yen, yen, yen, st.none() | st.integers(10, 10**6), st.none() | st.integers(0, 10**12))
def test_any_results_go_round_as_toml_and_json(
    spent: int, expired: int, unspent: int, people: int | None, cost: int | None
) -> None:
    results = Results(
        counted_on=date(2026, 4, 1), issued_yen=spent + expired + unspent, spent_yen=spent, expired_yen=expired,
        unspent_yen=unspent, receivers=people, payers=people, cost_yen=cost,
    )  # fmt: skip
    city = Text(ja="市", en="City")
    lines = (Changed(path="a.b", before="", after="x\n「」"),)
    terms = msgspec.structs.replace(
        templates()["nagoya-2025"], origin=Origin(template="t", city=city, year=2025, changed=lines, results=results)
    )  # fmt: skip
    assert read_terms(write_terms(terms)) == terms
    assert read_terms(write_terms(terms, "json"), "json") == terms
    assert not list(wrong_results(terms.origin))
    if cost is not None and spent:
        assert (results.cost_bp or 0) * spent <= cost * 10_000 < ((results.cost_bp or 0) + 1) * spent
    else:
        assert results.cost_bp is None


def test_a_long_value_is_cut_and_a_condition_is_told_as_text(db: None) -> None:
    who = {"kind": "compare", "field": "age", "op": ">=", "value": 20}
    terms = adapted("nagoya-2025", {"eligibility.who": who, "purpose.ja": "長" * 1_900})
    office = found_office([terms])
    told = {each.path: each for each in template(office, office.programme("voucher")).origin.changed}
    assert '"age"' in told["eligibility.who"].after
    assert len(told["purpose"].after) <= 1_000
    assert re.match("{", told["purpose"].after)
