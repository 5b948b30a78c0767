"""Residents, workers and students first, outsiders after: who applies, stands in line and wins, judged on one day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from meguri.evidence.eligible import eligible_people
from meguri.parties import operations as parties
from meguri.parties import queries as people_of
from meguri.programmes import queries as programmes
from meguri.programmes.vouchers import line, operations, queries
from meguri.programmes.vouchers.operations import Placed, Wish
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal
from tests.programmes.vouchers.conftest import APPLYING, BUYING, CLOSED, DRAWN, VALUE, Fair, fair
from tests.programmes.vouchers.lived_town import moment, refused
from tests.programmes.vouchers.test_life import FIRST_COME

ON = date(2025, 7, 26)
ONE = timedelta(days=1)


def compare(field: str, op: str = "==", value: object = None) -> dict[str, object]:
    value = True if value is None else value
    return {"kind": "compare", "field": field, "op": op, "value": value}


HERE = {"kind": "any", "of": [compare("resident"), compare("works_in_town"), compare("studies_in_town")]}
LATER_ROUND = {
    "code": "everybody", "name": {"ja": "第2次", "en": "Second"}, "units": 5, "leftovers": True, "outsiders": True,
    "allocation": "first_come", "purchase": {"first_day": date(2025, 11, 1), "last_day": date(2025, 11, 30)},
}  # fmt: skip


def here(**changes: Any) -> Fair:
    return fair(eligibility__who=HERE, obtaining__rounds__0__units=10, **changes).open()


@pytest.fixture
def sale(db: None) -> Fair:
    """A lottery for residents, workers and students."""
    return here()


def why(sale: Fair, person: Actor) -> Refusal | None:
    assert person.party is not None
    return queries.why_not(sale.sale, resident=person.party, municipality=sale.town.municipality)


def test_workers_and_students_apply_win_and_buy_as_residents_do(sale: Fair) -> None:
    town = sale.town
    people = [town.person(), town.commuter(), town.commuter("study"), town.commuter(by=town.person())]
    applied = [sale.apply(person, 2) for person in people]
    sale.draw()
    for person, each in zip(people, applied, strict=True):
        assert operations.purchase(application=each.application, by=person, at=BUYING).units == 2
        assert town.held(person) == {"paid": 20_000, "premium": 6_000}


def test_the_list_of_a_drawn_sale_has_only_who_was_here_on_the_day(sale: Fair) -> None:
    """The day that counts is the terms', neither the day of applying nor of the draw."""
    town = sale.town
    in_time = [town.commuter(first_day=ON, last_day=ON), town.commuter(last_day=ON)]
    too_late = [town.commuter(first_day=ON + ONE), town.commuter(last_day=ON - ONE)]
    for person in in_time:
        sale.apply(person)
    for person in too_late:
        with refused("commuter_unconfirmed"):
            sale.apply(person)
    operations.close_applications(sale=sale.sale, by=sale.checker, at=CLOSED)
    operations.draw_lottery(sale=sale.sale, public_value=VALUE, by=sale.checker, at=DRAWN)
    page = queries.draw_page(sale.sale, municipality=town.municipality)
    assert (len(page.lines), page.agrees) == (2, True)


def test_a_drawn_win_stays_when_the_work_ends_afterwards(sale: Fair) -> None:
    town = sale.town
    worker = town.commuter()
    applied = sale.apply(worker)
    sale.draw()
    assert worker.party is not None
    (said,) = people_of.commuters_of([worker.party], municipality=town.municipality)[worker.party]
    parties.end_commuter(said.id, last_day=ON + ONE, by=sale.maker)
    assert operations.purchase(application=applied.application, by=worker, at=BUYING).units == 1


def test_who_says_nothing_waits_or_was_refused_hears_what_to_bring(sale: Fair) -> None:
    town = sale.town
    silent, waiting, rejected = town.stranger(), town.stranger(), town.stranger()
    town.declared(waiting)
    parties.refuse_commuter(town.declared(rejected), reason="社員証の期限切れ", by=sale.maker, at=APPLYING)
    for person, words in ((silent, "申し出て"), (waiting, "確認を待っています"), (rejected, "社員証の期限切れ")):
        refusal = why(sale, person)
        assert refusal is not None
        assert refusal.code == "commuter_unconfirmed"
        assert words in refusal.sentence("ja")
        assert "本人確認書類" in refusal.sentence("ja"), "perhaps it is a resident whose sign-in is not linked yet"


def test_as_soon_as_the_officer_has_confirmed_the_person_can_apply(sale: Fair) -> None:
    town = sale.town
    person = town.stranger()
    assert why(sale, person) is not None
    town.commuter(by=person)
    assert why(sale, person) is None
    assert sale.apply(person).units == 1


def test_whoever_moved_away_and_still_works_here_comes_in_by_work(sale: Fair) -> None:
    town = sale.town
    moved = town.person(moved_out=date(2025, 7, 1))
    refusal = why(sale, moved)
    assert refusal is not None
    assert refusal.code == "commuter_unconfirmed"
    assert "本人確認書類" not in refusal.sentence("ja"), "the register knows that this is no resident"
    sale.apply(town.commuter(by=moved))


def test_an_age_is_asked_of_workers_as_of_residents(db: None) -> None:
    sale = fair(eligibility__who={"kind": "all", "of": [HERE, compare("age", ">=", 16)]}).open()
    born = date(2009, 7, 26)
    sale.apply(sale.town.commuter(born=born))
    for young in (sale.town.commuter(born=born + ONE), sale.town.person(born=born + ONE)):
        with refused("voucher_not_eligible") as caught:
            sale.apply(young)
        assert "年齢が16歳以上（現在: 15歳）" in caught.value.sentence("ja")


def test_what_the_town_cannot_know_of_a_worker_refuses_and_never_skips(db: None) -> None:
    who = {"kind": "all", "of": [HERE, compare("tax_class", "!=", "income")]}
    sale = fair(eligibility__who=who).open()
    with refused("missing_fact") as caught:
        sale.apply(sale.town.commuter())
    assert "住民税の区分" in caught.value.sentence("ja")


def test_a_ceiling_by_household_counts_a_worker_alone(db: None) -> None:
    sale = here(obtaining__per="household")
    town = sale.town
    sale.apply(town.person(household="H-one"))
    with refused("voucher_household_applied"):
        sale.apply(town.person(household="H-one"))
    workers = [town.commuter(), town.commuter()]
    for worker in workers:
        sale.apply(worker)
    with refused("voucher_already_applied"):
        sale.apply(workers[0], 2)


def test_the_line_takes_workers_and_tells_each_other_why(db: None) -> None:
    sale = here(**FIRST_COME)
    town = sale.town
    wishes = [town.person(), town.commuter(), town.stranger(), town.commuter(first_day=ON + ONE)]
    answers = operations.line_up(
        [Wish(by, 1) for by in wishes], sale=sale.sale, municipality=town.municipality, at=BUYING
    )
    assert [type(answer) for answer in answers] == [Placed, Placed, Refusal, Refusal]
    assert [answer.code for answer in answers[2:]] == ["commuter_unconfirmed"] * 2  # type: ignore[union-attr]
    assert "当たりません" in answers[3].sentence("ja")  # type: ignore[union-attr]
    assert line.line(sale.sale, municipality=town.municipality).last == 2


def test_outsiders_come_after_and_are_told_when(db: None) -> None:
    sale = here(obtaining__rounds__1=LATER_ROUND)
    town = sale.town
    outsider, worker = town.stranger(), town.commuter()
    refusal = why(sale, outsider)
    assert refusal is not None
    assert refusal.code == "commuter_unconfirmed"
    assert "町外の方は「第2次」(2025年11月1日から)で買えます" in refusal.sentence("ja")
    assert "“Second”, from 1 November 2025" in refusal.sentence("en")
    applied = sale.apply(worker, 5)
    sale.draw()
    operations.purchase(application=applied.application, by=worker, at=BUYING)
    operations.lapse_unpaid(sale=sale.sale, by=sale.checker, at=moment(10, 31, 16))
    opening = moment(11, 1)
    second = operations.open_sale(
        programme=sale.made.programme, round_code="everybody", by=sale.checker, at=opening,
    )  # fmt: skip
    assert operations.buy_at_once(sale=second, units=5, by=outsider, at=opening).units == 5
    with refused("voucher_unit_limit_reached"):  # the ceiling is one person's over all rounds, however they came in
        operations.buy_at_once(sale=second, units=1, by=worker, at=opening)


def test_terms_that_do_not_ask_for_workers_let_none_in(db: None) -> None:
    sale = fair().open()
    assert why(sale, sale.town.commuter()).code == "voucher_not_eligible"  # type: ignore[union-attr]
    assert why(sale, sale.town.stranger()).code == "voucher_resident_unknown"  # type: ignore[union-attr]


def test_a_round_for_workers_alone_tells_residents_so(db: None) -> None:
    sale = here(obtaining__rounds__0__who=compare("works_in_town"))
    town = sale.town
    resident, worker = town.person(), town.commuter(by=town.person())
    assert why(sale, worker) is None
    refusal = why(sale, resident)
    assert refusal is not None
    assert refusal.code == "commuter_unconfirmed"


def test_the_preview_counts_who_is_in_and_how_many_by_work(db: None) -> None:
    sale = here()
    town = sale.town
    for _ in range(3):
        town.person()
    town.person(moved_out=date(2025, 7, 1))
    town.commuter(by=town.person())
    town.commuter()
    town.commuter("study", first_day=ON + ONE)
    town.declared(town.stranger())
    terms = programmes.terms(sale.made.programme, municipality=town.municipality)
    seen = programmes.look_ahead(terms, municipality=town.municipality)
    assert (seen.eligible, seen.population, seen.commuters) == (5, 6, 1)
    assert eligible_people(sale.made.programme, municipality=town.municipality) == 5, "the denominator is the same"
