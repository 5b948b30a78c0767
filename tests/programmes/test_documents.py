"""The shipped documents: the published figures stand in them, and every value says where it comes from."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from importlib.resources import files
from typing import Any

import pytest

from meguri.parties.queries import ResidentFacts, ShopFacts
from meguri.programmes import cost, timing
from meguri.programmes.parts import (
    Allocation,
    Funder,
    GrantByAction,
    GrantByList,
    IssuerKind,
    MoneyForm,
    MoneyPart,
    Per,
    PsaBasis,
    Receipt,
    Sale,
)
from meguri.programmes.shipped import shipped, templates
from meguri.programmes.sources import source_of, unknown_sources, unsourced
from meguri.programmes.validation import validate
from meguri.programmes.vocabularies import DECLARED, RESIDENTS, SHOPS, known
from tests.programmes.builders import BENEFIT, POINT, VOUCHER, changed

OWN = [BENEFIT, POINT, VOUCHER]
ALL = list(templates())
EXAMPLES = ["shopping-campaigns"]
"""Written by Meguri to show a way of obtaining value; no city's programme."""
CITIES = [name for name in ALL if name not in (*OWN, *EXAMPLES)]


def test_three_documents_are_the_towns_own_and_stand_before_those_of_cities() -> None:
    assert list(shipped()) == sorted(OWN) == ALL[:3]
    assert [*EXAMPLES, *sorted(CITIES)] == ALL[3:]


@pytest.mark.parametrize("name", CITIES)
def test_a_citys_rules_name_the_city_and_give_no_reason_for_complaint(name: str) -> None:
    terms = templates()[name]
    assert terms.origin is not None
    assert (terms.origin.template, terms.notice is not None) == (name, True)
    assert terms.notice is not None
    assert terms.origin.city.ja in terms.notice.ja
    weighed = {"meguro-2020": ["caps_cannot_be_checked"]}
    assert [finding.code for finding in validate(terms, DECLARED)] == weighed.get(name, [])


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_nobodys_and_gives_no_reason_for_complaint(name: str) -> None:
    terms = templates()[name]
    assert terms.origin is None
    assert all(note.assumed for note in terms.sources)
    assert validate(terms, DECLARED) == ()


def test_no_two_templates_have_one_code() -> None:
    codes = [terms.code for terms in templates().values()]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("name", ALL)
def test_who_issues_decides_the_law_and_the_budget(name: str) -> None:
    """A city's own issue is exempt and budgeted gross; another issuer lets value live six months at most."""
    scheme = templates()[name].scheme
    if scheme.issuer_kind is IssuerKind.MUNICIPALITY:
        assert scheme.budgeted_gross
        assert scheme.psa_basis in {PsaBasis.PUBLIC_ISSUER, PsaBasis.NOT_PREPAID}
    else:
        assert not scheme.budgeted_gross
        sold = any(purse.part is MoneyPart.PAID for purse in templates()[name].purses)
        assert scheme.psa_basis is (PsaBasis.SHORT_TERM if sold else PsaBasis.NOT_PREPAID)


@pytest.mark.parametrize("name", ALL)
def test_every_value_names_its_source_or_the_reason_for_assuming_it(name: str) -> None:
    terms = templates()[name]
    assert unsourced(terms) == []
    assert unknown_sources(terms) == []
    assert all(bool(note.source) != bool(note.assumed) for note in terms.sources)


@pytest.mark.parametrize("name", ALL)
def test_every_document_says_that_the_town_is_invented(name: str) -> None:
    notice = templates()[name].notice
    assert notice is not None
    assert "架空" in notice.ja
    assert "invented" in notice.en


@pytest.mark.parametrize("name", ALL)
def test_every_file_begins_by_saying_so(name: str) -> None:
    place = "documents" if name in OWN else "documents/examples" if name in EXAMPLES else "documents/cities"
    folder = files("meguri.programmes").joinpath(place)
    text = folder.joinpath(f"{name}.toml").read_text(encoding="utf-8")
    head = [line for line in text.splitlines()[:3] if line.startswith("#")]
    assert "invented" in " ".join(head)


def test_nagoya_sells_thirteen_thousand_for_ten_thousand_five_times_by_lottery() -> None:
    terms = shipped()[VOUCHER]
    sale = terms.obtaining
    assert isinstance(sale, Sale)
    assert (sale.unit_price_yen, sum(face.yen for face in sale.face), sale.max_units) == (10_000, 13_000, 5)
    assert cost.premium_rate_bp(terms) == 3_000
    assert [each.allocation for each in sale.rounds] == [Allocation.LOTTERY]
    assert sale.rounds[0].application is not None
    assert sale.rounds[0].application.first_day == date(2025, 7, 26)
    assert sale.rounds[0].application.last_day == date(2025, 8, 17)
    assert sale.paper_or_electronic
    assert terms.spending.spend_unit_yen == 1
    assert timing.last_spending_day(terms) == date(2026, 1, 31)


def test_nagoyas_paid_and_granted_parts_lie_apart_and_are_budgeted_gross() -> None:
    terms = shipped()[VOUCHER]
    assert {purse.code: (purse.part, purse.funded_by) for purse in terms.purses} == {
        "premium": (MoneyPart.GRANTED, "premium"), "paid": (MoneyPart.PAID, "buyers"),
    }
    assert terms.scheme.issuer_kind is IssuerKind.MUNICIPALITY
    assert terms.scheme.psa_basis is PsaBasis.PUBLIC_ISSUER
    assert terms.scheme.budgeted_gross
    assert cost.promised(terms) == {"premium": 6_000_000, "buyers": 20_000_000}


def test_points_are_shared_seventy_to_thirty_with_a_monthly_ceiling() -> None:
    terms = shipped()[POINT]
    grant = terms.obtaining
    assert isinstance(grant, GrantByAction)
    shares = terms.agreements[0].shares
    assert [(share.fund, share.share_bp) for share in shares] == [("town", 7_000), ("sponsor", 3_000)]
    sponsor = next(fund for fund in terms.funds if fund.funder is Funder.SPONSOR)
    assert sponsor.money_form is MoneyForm.CONTRIBUTION
    assert {limit.per: limit.yen for limit in grant.limits} == {Per.MONTH: 1_000, Per.PROGRAMME: 10_000}
    assert {action.code: action.yen for action in grant.actions} == {
        "walk": 10, "my-bottle": 10, "bus": 10, "clean-up": 100, "check-up": 500, "walk-8000": 10, "litter": 20,
    }
    assert cost.divide_among_funds(terms, funded_by="together", yen=10) == {"town": 7, "sponsor": 3}


def test_the_check_up_is_paid_by_the_town_alone() -> None:
    grant = shipped()[POINT].obtaining
    assert isinstance(grant, GrantByAction)
    assert {action.code: action.funded_by for action in grant.actions if action.funded_by} == {"check-up": "town"}


def test_the_benefit_offers_fukuis_choice_and_is_the_towns_own() -> None:
    terms = shipped()[BENEFIT]
    grant = terms.obtaining
    assert isinstance(grant, GrantByList)
    assert not grant.statutory
    assert {choice.receipt: choice.bonus_yen for choice in grant.choices} == {
        Receipt.BANK: 0, Receipt.LOCAL_MONEY: 2_500,
    }
    assert grant.otherwise is Receipt.BANK
    assert [row.yen for row in grant.amounts] == [50_000, 10_000]


def test_what_replaces_cash_lies_in_a_paid_purse_and_the_bonus_in_a_granted_one() -> None:
    terms = shipped()[BENEFIT]
    parts = {purse.code: purse.part for purse in terms.purses}
    assert parts == {"bonus": MoneyPart.GRANTED, "benefit": MoneyPart.PAID}


def test_the_three_can_be_in_a_wallet_at_the_same_time() -> None:
    windows = [terms.spending.window for terms in shipped().values()]
    assert max(window.first_day for window in windows) <= min(window.last_day for window in windows)
    assert len({terms.department for terms in shipped().values()}) == 3


# --- sources ---------------------------------------------------------------------------------------------------------


def test_the_nearest_note_above_a_value_is_its_source() -> None:
    terms = shipped()[VOUCHER]
    units = source_of(terms, "obtaining.rounds.first.units")
    price = source_of(terms, "obtaining.unit_price_yen")
    assert units is not None
    assert price is not None
    assert "504,000" in units.assumed
    assert price.value == "obtaining"
    assert source_of(terms, "evaluation.design") is None


def test_a_value_without_a_note_is_found() -> None:
    bare = changed(VOUCHER, {"sources": [{"value": "obtaining", "source": "a leaflet"}]})
    missing = unsourced(bare)
    assert "obtaining.unit_price_yen" not in missing
    assert "funds.premium.amount_yen" in missing
    assert "spending.window" in missing
    assert "purses.paid.funded_by" not in missing  # names what stands elsewhere


@pytest.mark.parametrize("value", ["eligibility.who.value", "obtaining.rounds.second", "funds[0]", "purse"])
def test_notes_that_point_nowhere_are_found(value: str) -> None:
    note: dict[str, Any] = {"value": value, "source": "a leaflet"}
    assert unknown_sources(changed(VOUCHER, {"sources.0": note})) == [value]


def test_a_note_may_explain_a_value_that_is_left_at_its_default() -> None:
    note = {"value": "limits.transfer_max_yen", "assumed": "nobody gives vouchers away"}
    assert unknown_sources(changed(VOUCHER, {"sources.0": note})) == []


# --- vocabularies ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("vocabulary", "record"), [(RESIDENTS, ResidentFacts), (SHOPS, ShopFacts)])
def test_conditions_speak_only_of_what_the_parties_know(vocabulary: Any, record: Any) -> None:
    assert set(vocabulary.names) <= {each.name for each in fields(record)}


def test_a_shielded_address_is_no_ground_for_anything() -> None:
    assert "shielded" not in RESIDENTS
    assert "household" not in RESIDENTS
    assert "shop" not in SHOPS


def test_known_takes_only_the_declared_fields() -> None:
    facts = ShopFacts(shop=None, merchant=None, trade="58", area="中町", size_class="small", floor_area=9,  # type: ignore[arg-type]
                      street=False, head_office=True, open=True)
    assert known(facts, SHOPS) == {"trade": "58", "area": "中町", "size_class": "small", "floor_area": 9,
                                   "street": False, "head_office": True}
    with pytest.raises(AttributeError):
        known(object(), SHOPS)
