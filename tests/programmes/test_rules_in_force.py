"""The rules in force: compiled once, kept in the process, seen anew when they change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from meguri.ledger import queries as ledger
from meguri.ledger.templates import AccountRole
from meguri.parties.queries import shop_facts
from meguri.programmes import operations, queries
from meguri.programmes.rules import spend_order
from meguri.programmes.shipped import shipped
from meguri.programmes.vocabularies import SHOPS, known
from meguri.words.predicate import sentence
from tests.programmes.builders import BENEFIT, POINT, VOUCHER, TownHall, changed


def test_a_purse_kind_carries_all_that_a_till_asks(hall: TownHall) -> None:
    hall.shop("small")
    hall.shop("large")
    made = hall.launch(shipped()[POINT])
    kind = queries.rules_in_force(hall.municipality, hall.at).purse_kinds[made.purse_kinds["points"]]
    assert (kind.code, kind.programme, kind.programme_code, kind.department, kind.family, kind.part) == (
        "points", made.programme, "green-and-health", "planning", "point", "granted",
    )
    assert kind.programme_name_ja == "めぐりグリーン・健康ポイント"
    assert sentence(kind.restriction, "ja") == "店の区分が「大型店」以外"
    assert kind.tightness == 5_000
    assert kind.fund_order == (made.funds["town"], made.funds["sponsor"])
    assert kind.spending.start == datetime(2025, 3, 31, 15, 0, tzinfo=UTC)
    assert kind.transfer_max_yen == 0


def test_the_rules_are_kept_until_they_change(hall: TownHall) -> None:
    hall.launch(shipped()[VOUCHER])
    first = queries.rules_in_force(hall.municipality, hall.at)
    with CaptureQueriesContext(connection, ) as asked:
        again = queries.rules_in_force(hall.municipality, hall.later(days=1))
    assert again is first
    assert len(asked) == 1
    hall.launch(shipped()[POINT])
    assert len(queries.rules_in_force(hall.municipality, hall.at).purse_kinds) == 3
    assert queries.rules_in_force(hall.municipality, hall.at).version != first.version


def test_a_town_without_programmes_has_empty_rules(hall: TownHall) -> None:
    hall.submit(shipped()[VOUCHER])
    assert queries.rules_in_force(hall.municipality, hall.at).purse_kinds == {}


def test_nothing_is_in_force_before_its_launch(hall: TownHall) -> None:
    hall.launch(shipped()[VOUCHER])
    assert queries.rules_in_force(hall.municipality, hall.at - timedelta(seconds=1)).purse_kinds == {}
    assert len(queries.rules_in_force(hall.municipality, hall.at).purse_kinds) == 2


def test_a_closed_programmes_money_is_still_good(hall: TownHall) -> None:
    made = hall.launch(shipped()[VOUCHER])
    operations.close_programme(
        programme=made.programme, by=hall.officer("checker", "commerce"), at=hall.later(days=1)
    )
    assert len(queries.rules_in_force(hall.municipality, hall.later(days=2)).purse_kinds) == 2


def test_tightness_is_measured_anew_when_shops_join(hall: TownHall) -> None:
    hall.shop("small")
    made = hall.launch(shipped()[POINT])
    point = made.purse_kinds["points"]
    assert queries.rules_in_force(hall.municipality, hall.at).purse_kinds[point].tightness == 0
    for _ in range(3):
        hall.shop("large")
    assert operations.measure_tightness(by=hall.system, at=hall.at) == 1
    assert queries.rules_in_force(hall.municipality, hall.at).purse_kinds[point].tightness == 7_500
    assert operations.measure_tightness(by=hall.system, at=hall.at) == 0


def test_a_purse_kind_is_found_by_the_documents_code(hall: TownHall) -> None:
    made = hall.launch(shipped()[VOUCHER])
    found = queries.purse_kind(made.programme, "paid", municipality=hall.municipality)
    assert found is not None
    assert found.id == made.purse_kinds["paid"]
    assert queries.purse_kind(made.programme, "gold", municipality=hall.municipality) is None


def test_programmes_are_found_by_code(hall: TownHall) -> None:
    programme = hall.draft(shipped()[VOUCHER])
    found = queries.programme_by_code("premium-voucher", municipality=hall.municipality)
    assert found is not None
    assert found.id == programme
    assert queries.programme_by_code("nothing", municipality=hall.municipality) is None


def test_the_document_in_force_is_read_once(hall: TownHall) -> None:
    made = hall.launch(shipped()[VOUCHER])
    first = queries.terms(made.programme, municipality=hall.municipality)
    assert queries.terms(made.programme, municipality=hall.municipality) is first


def test_lots_are_listed_by_purse_until_they_expire(hall: TownHall) -> None:
    made = hall.launch(shipped()[VOUCHER])
    hall.grant(made, "premium", {"premium": 3_000}, holder=uuid4(), at=hall.at)
    lots = queries.lots_by_purse(made.programme, municipality=hall.municipality, at=hall.at)
    assert {kind: len(found) for kind, found in lots.items()} == {
        made.purse_kinds["premium"]: 2, made.purse_kinds["paid"]: 0,  # the lot itself and its takings lot
    }
    after = datetime(2026, 2, 1, tzinfo=UTC)
    ends = {lot.expires_at for lot in lots[made.purse_kinds["premium"]]}
    assert ends == {None, datetime(2026, 1, 31, 15, 0, tzinfo=UTC)}
    late = queries.lots_by_purse(made.programme, municipality=hall.municipality, at=after)
    assert [lot.expires_at for lot in late[made.purse_kinds["premium"]]] == [None]


def test_one_code_at_the_till_spends_all_three_together_in_order(hall: TownHall) -> None:
    small, large = hall.shop("small"), hall.shop("large")
    voucher, point, benefit = (hall.launch(shipped()[name]) for name in (VOUCHER, POINT, BENEFIT))
    holder, at = uuid4(), datetime(2025, 11, 20, 3, 0, tzinfo=UTC)
    hall.at = datetime(2025, 11, 11, 3, 0, tzinfo=UTC)
    hall.grant(voucher, "premium", {"premium": 3_000}, holder=holder, at=hall.at)
    hall.grant(point, "points", {"town": 70, "sponsor": 30}, holder=holder, at=hall.at)
    hall.grant(benefit, "benefit", {"benefit": 10_000}, holder=holder, at=hall.at)
    hall.grant(benefit, "bonus", {"bonus": 2_500}, holder=holder, at=hall.at)
    rules = queries.rules_in_force(hall.municipality, at)
    held = {balance.lot.id: balance.lot for balance in ledger.balances(
        [holder], AccountRole.WALLET, municipality=hall.municipality)}
    facts = shop_facts([small, large], municipality=hall.municipality)

    def order(shop: object) -> list[tuple[str, str]]:
        found = spend_order(held.values(), rules=rules, shop_facts=known(shop, SHOPS), at=at)
        kinds = [rules.purse_kinds[held[number].purse_kind] for number in found]  # type: ignore[index]
        return [(kind.family, kind.part) for kind in kinds]

    # points are barred from large shops, the voucher ends in January, the bonus is granted, the benefit replaces cash
    spent_last = [("voucher", "granted"), ("benefit", "granted"), ("benefit", "paid")]
    assert order(facts[small]) == [("point", "granted"), ("point", "granted"), *spent_last]
    assert order(facts[large]) == spent_last


def test_a_restriction_travels_from_the_document_to_the_till(hall: TownHall) -> None:
    made = hall.launch(changed(VOUCHER, {"purses.0.where": {"kind": "compare", "field": "area", "op": "in",
                                                            "value": ["中町", "港"]}}))
    kind = queries.rules_in_force(hall.municipality, hall.at).purse_kinds[made.purse_kinds["premium"]]
    assert sentence(kind.restriction, "ja") == "所在地区が「中町」・「港」のいずれか"


@pytest.mark.parametrize("name", [VOUCHER, POINT, BENEFIT])
def test_purse_kinds_stand_in_the_documents_order(hall: TownHall, name: str) -> None:
    made = hall.launch(shipped()[name])
    kinds = queries.rules_in_force(hall.municipality, hall.at).purse_kinds.values()
    assert [kind.code for kind in kinds] == [purse.code for purse in shipped()[name].purses]
    assert [kind.place for kind in kinds] == list(range(len(made.purse_kinds)))
