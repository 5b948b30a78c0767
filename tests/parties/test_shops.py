from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from meguri.parties import checks, operations, queries
from meguri.parties.models import Shop
from meguri.parties.operations import ShopEntry
from meguri.parties.rules import is_shop_code
from meguri.vault.queries import find
from meguri.vault.rules import Field
from meguri.words.refusal import Refusal
from tests.parties.conftest import AT, Town


def test_a_shop_is_registered_with_its_merchant_code_and_sealed_account(town: Town) -> None:
    account = {"bank": "0001", "branch": "002", "kind": "1", "number": "1234567", "holder_kana": "ﾏﾙﾊ"}
    shop = town.shop(sealed={Field.BANK_ACCOUNT: account}, size_class="street", floor_area=45)
    found = queries.shop(shop, municipality=1)
    assert found is not None
    assert is_shop_code(found.code)
    assert queries.shop_by_code(found.code, municipality=1) == found
    assert (found.trade.ja, found.status) == ("飲食料品小売業", "open")
    assert find(Field.BANK_ACCOUNT, account, municipality=1) == (shop,)
    assert checks.shop_codes_are_sound(1) == []


def test_the_facts_that_spending_rules_read(town: Town) -> None:
    merchant = operations.register_merchant(
        name_ja="大手", name_en="Big", head_office=False, registration_number="t1234567890123", by=town.system, at=AT
    )
    big = operations.register_shop(
        ShopEntry("大手めぐり店", "Big Meguri", "56", "駅前", "large", 2_000), merchant=merchant, number=7,
        by=town.system, at=AT,
    )
    street = town.shop(size_class="street")
    facts = queries.shop_facts([big, street], municipality=1)
    assert (facts[big].head_office, facts[big].street, facts[big].floor_area) == (False, False, 2_000)
    assert (facts[street].head_office, facts[street].street, facts[street].open) == (True, True, True)
    assert queries.all_shop_facts(1) == facts


@pytest.mark.parametrize(
    "wrong",
    [{"name_ja": " "}, {"name_en": ""}, {"trade": "5"}, {"trade": "５８"}, {"area": ""}, {"size_class": "huge"},
     {"floor_area": -1}, {"name_ja": "店" * 201}, {"name_en": "x" * 201}, {"area": "町" * 41}],
)
def test_what_cannot_be_registered_names_its_field(wrong: dict[str, Any], town: Town) -> None:
    with pytest.raises(Refusal) as no:
        town.shop(**wrong)
    assert (no.value.code, no.value.field) == ("shop_entry_wrong", next(iter(wrong)))
    assert next(iter(wrong)) not in no.value.sentence("ja"), "a field's code is no word of a person"
    assert len(no.value.sentence("en")) < 120


def test_a_wrong_registration_number_an_unknown_merchant_and_a_taken_number_are_refused(town: Town) -> None:
    with pytest.raises(Refusal, match="The registration number “T12”"):
        operations.register_merchant(name_ja="x", name_en="x", registration_number="T12", by=town.system, at=AT)
    entry = ShopEntry("店", "Shop", "58", "中町")
    with pytest.raises(Refusal, match="merchant"):
        operations.register_shop(entry, merchant=uuid4(), by=town.system, at=AT)
    operations.register_shop(entry, number=1, by=town.system, at=AT)
    with pytest.raises(Refusal, match="number"):
        operations.register_shop(entry, number=1, by=town.system, at=AT)


def test_pages_of_the_directory_miss_none_and_show_none_twice_while_shops_join(town: Town) -> None:
    first = [town.shop(name_en=f"Shop {n}") for n in range(5)]
    page = queries.shops(municipality=1, limit=3)
    town.at += timedelta(minutes=1)
    late = town.shop(name_en="Late")
    rest = queries.shops(municipality=1, limit=10, after=page[-1].id)
    assert sorted([s.id for s in (*page, *rest)]) == sorted([*first, late])


def test_the_directory_is_searched(town: Town) -> None:
    town.shop()
    inn = town.shop(name_ja="めぐり旅館", name_en="Meguri Inn", trade="75", area="山手")
    for asked in ({"area": "山手"}, {"trade_code": "75"}, {"text": "旅館"}, {"text": "inn"}):
        assert [s.id for s in queries.shops(municipality=1, **asked)] == [inn]  # type: ignore[arg-type]


def test_a_suspended_shop_leaves_the_directory_and_comes_back_a_closed_one_does_not(town: Town) -> None:
    shop, checker = town.shop(), town.actor("checker")
    operations.set_shop_status(shop, "suspended", by=checker)
    assert queries.shops(municipality=1) == ()
    operations.set_shop_status(shop, "open", by=checker)
    operations.set_shop_status(shop, "closed", by=checker)
    with pytest.raises(Refusal, match="shop_closed_for_good"):
        operations.set_shop_status(shop, "open", by=checker)
    assert len(queries.shops(municipality=1, open_only=False)) == 1
    with pytest.raises(Refusal, match="shop_unknown"):
        operations.set_shop_status(uuid4(), "open", by=checker)


def test_a_shop_changes_but_keeps_its_code(town: Town) -> None:
    shop = town.shop()
    before = queries.shop(shop, municipality=1)
    new = ShopEntry("八百屋まるは 本店", "Maruha", "58", "浜町", "street", 60, {Field.PHONE: "0312345678"})
    operations.change_shop(shop, new, by=town.actor("maker"), at=AT)
    after = queries.shop(shop, municipality=1)
    assert before is not None
    assert after is not None
    assert (after.code, after.area, after.size_class) == (before.code, "浜町", "street")


def test_who_may_not_register_shops_or_sponsors(town: Town) -> None:
    for role in ("clerk", "owner", "resident", "analyst", "accountant"):
        with pytest.raises(Refusal, match="not_allowed"):
            operations.register_shop(ShopEntry("店", "Shop", "58", "中町"), by=town.actor(role), at=AT)
        with pytest.raises(Refusal, match="not_allowed"):
            operations.register_sponsor(name_ja="x", name_en="x", by=town.actor(role), at=AT)


def test_a_wrong_check_digit_in_the_table_rings_the_alarm(town: Town) -> None:
    shop = town.shop()
    Shop.objects.filter(id=shop).update(code="000000000001")
    assert len(checks.shop_codes_are_sound(1)) == 0, "000000000001 happens to be sound"
    Shop.objects.filter(id=shop).update(code="000000000002")
    assert len(checks.shop_codes_are_sound(1)) == 1


def test_sponsors_are_listed(town: Town) -> None:
    sponsor = operations.register_sponsor(name_ja="めぐり電力", name_en="Meguri Power", by=town.system, at=AT)
    assert [s.id for s in queries.sponsors(1)] == [sponsor]
