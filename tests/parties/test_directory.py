"""The directory of shops: who stands in it, how it is asked, what may change and who may change it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from meguri.parties import operations, queries
from meguri.parties.models import Merchant, Shop, ShopStatus
from meguri.parties.operations import ShopEntry, change_shop, register_shop, set_shop_status
from meguri.parties.rules import shop_code
from meguri.parties.trades import TRADES, trade
from meguri.vault.queries import find
from meguri.vault.rules import Field
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.parties.conftest import AT, Town

GREENGROCER = ShopEntry("八百屋まるは", "Maruha Greengrocer", "58", "中町")


def found(**asked: Any) -> list[UUID]:
    return [shop.id for shop in queries.shops(municipality=1, **asked)]


def test_the_directory_is_asked_by_area_trade_and_words_together(town: Town) -> None:
    green = town.shop()
    inn = town.shop(name_ja="旅館みなと", name_en="Minato Inn", trade="75", area="港")
    port = town.shop(name_ja="港の魚屋", name_en="Port Fish", trade="58", area="港")
    assert found() == [green, inn, port], "in the order of joining"
    assert found(area="港") == [inn, port]
    assert found(trade_code="58") == [green, port]
    assert found(area="港", trade_code="58") == [port]
    assert found(text="minato") == [inn], "capitals do not matter"
    assert found(text="魚") == [port]
    assert found(text="港", area="中町") == []
    assert found(limit=2) == [green, inn]
    assert found(limit=2, after=green) == [inn, port]


def test_a_shop_that_is_not_open_is_found_by_whoever_asks_for_all(town: Town) -> None:
    shops = {status: town.shop() for status in ShopStatus}
    for status, shop in shops.items():
        set_shop_status(shop, status, by=town.system)
    assert found() == [shops[ShopStatus.OPEN]]
    assert set(found(open_only=False)) == set(shops.values())
    facts = queries.all_shop_facts(1)
    assert {status: facts[shop].open for status, shop in shops.items()} == {
        ShopStatus.OPEN: True, ShopStatus.SUSPENDED: False, ShopStatus.CLOSED: False,
    }


def test_another_town_sees_and_changes_nothing_here(town: Town) -> None:
    shop = town.shop()
    seen = queries.shop(shop, municipality=1)
    assert seen is not None
    operations.join_shop(shop, member=uuid4(), role=ActorRole.OWNER, by=town.system, at=AT)
    operations.register_sponsor(name_ja="めぐり電力", name_en="Meguri Power", by=town.system, at=AT)
    assert queries.shops(municipality=2) == queries.sponsors(2) == queries.shop_members(shop, municipality=2) == ()
    assert queries.shop(shop, municipality=2) is queries.shop_by_code(seen.code, municipality=2) is None
    assert queries.shop_facts([shop], municipality=2) == queries.all_shop_facts(2) == {}
    stranger = Actor(2, ActorRole.OPERATOR, uuid4())
    for act in (
        lambda: change_shop(shop, GREENGROCER, by=stranger, at=AT),
        lambda: set_shop_status(shop, "closed", by=stranger),
    ):
        with pytest.raises(Refusal) as no:
            act()
        assert (no.value.code, no.value.kind.status) == ("shop_unknown", 404)
    assert queries.shop(shop, municipality=1) == seen


def test_one_printed_code_may_stand_in_two_towns(town: Town) -> None:
    here = register_shop(GREENGROCER, number=7, by=town.system, at=AT)
    there = register_shop(GREENGROCER, number=7, by=Actor(2, ActorRole.SYSTEM), at=AT)
    for municipality, shop in ((1, here), (2, there)):
        seen = queries.shop_by_code(shop_code(7), municipality=municipality)
        assert seen is not None
        assert seen.id == shop


def test_a_shop_without_a_number_gets_one_that_no_other_shop_has(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter([7, 7, 7, 8])
    register_shop(GREENGROCER, number=7, by=town.system, at=AT)
    monkeypatch.setattr("meguri.parties.operations.shops.secrets.randbelow", lambda _: next(drawn))
    second = register_shop(GREENGROCER, by=town.system, at=AT)
    assert Shop.objects.get(id=second).code == shop_code(8)
    assert next(drawn, None) is None


def test_shops_of_one_merchant_and_shops_with_their_own(town: Town) -> None:
    chain = operations.register_merchant(name_ja="大手", name_en="Big", by=town.system, at=AT)
    first, second = (register_shop(GREENGROCER, merchant=chain, by=town.system, at=AT) for _ in range(2))
    alone = town.shop()
    merchants = {shop.id: shop.merchant for shop in queries.shops(municipality=1)}
    assert merchants[first] == merchants[second] == chain != merchants[alone]
    assert Merchant.objects.get(id=merchants[alone]).name_ja == "八百屋まるは"
    with pytest.raises(Refusal) as no:
        register_shop(GREENGROCER, merchant=chain, by=Actor(2, ActorRole.SYSTEM), at=AT)
    assert (no.value.code, no.value.field) == ("shop_entry_wrong", "merchant")


@pytest.mark.parametrize("number", ["T1234567890123", " t1234567890123 ", ""])
def test_a_registration_number_is_t_and_thirteen_digits(number: str, town: Town) -> None:
    made = operations.register_merchant(name_ja="x", name_en="x", registration_number=number, by=town.system, at=AT)
    assert Merchant.objects.get(id=made).registration_number == number.strip().upper()


@pytest.mark.parametrize(
    "number", ["T123456789012", "T12345678901234", "1234567890123", "T１２３４５６７８９０１２３", "TT12345678901"]
)
def test_what_is_no_registration_number_is_refused_in_words(number: str, town: Town) -> None:
    with pytest.raises(Refusal) as no:
        operations.register_merchant(name_ja="x", name_en="x", registration_number=number, by=town.system, at=AT)
    assert (no.value.code, no.value.field) == ("shop_entry_wrong", "registration_number")
    assert no.value.sentence("ja").startswith(f"登録番号「{number}」")
    assert not Merchant.objects.exists()


@pytest.mark.parametrize(
    "edge",
    [{"name_ja": "店" * 200}, {"name_en": "x" * 200}, {"area": "町" * 40}, {"floor_area": 0}, {"trade": "00"}],
)
def test_what_may_just_be_registered(edge: dict[str, Any], town: Town) -> None:
    seen = queries.shop(town.shop(**edge), municipality=1)
    assert seen is not None
    assert {name: getattr(seen, name) for name in edge if name != "trade"} | {"trade": seen.trade.code} == {
        "trade": "58", **edge
    }


@pytest.mark.parametrize("wrong", [{"trade": "586"}, {"trade": "5a"}, {"size_class": ""}, {"area": "　"}])
def test_a_change_is_judged_like_a_registration(wrong: dict[str, Any], town: Town) -> None:
    shop = town.shop()
    before = queries.shop(shop, municipality=1)
    values: dict[str, Any] = {"name_ja": "新", "name_en": "New", "trade": "58", "area": "中町", **wrong}
    with pytest.raises(Refusal) as no:
        change_shop(shop, ShopEntry(**values), by=town.actor("maker"), at=AT)
    assert (no.value.code, no.value.field) == ("shop_entry_wrong", next(iter(wrong)))
    assert queries.shop(shop, municipality=1) == before


def test_of_a_very_long_entry_only_the_beginning_is_said_again(town: Town) -> None:
    with pytest.raises(Refusal) as no:
        town.shop(area="町" * 5_000)
    assert no.value.facts["value"] == "町" * 40 + "…"
    with pytest.raises(Refusal) as no:
        town.shop(trade="5" * 40)
    assert no.value.facts["value"] == "5" * 40, "what is short enough is said whole"


def test_a_change_keeps_code_status_day_and_the_sealed_fields_it_does_not_name(town: Town) -> None:
    shop = town.shop(sealed={Field.PHONE: "03-1234-5678", Field.NAME: "佐藤"})
    set_shop_status(shop, "suspended", by=town.system)
    before = queries.shop(shop, municipality=1)
    assert before is not None
    entry = ShopEntry("新しい名", "New Name", "76", "港", "large", 900, sealed={Field.NAME: "鈴木"})
    change_shop(shop, entry, by=town.actor("maker"), at=AT + timedelta(days=40))
    after = queries.shop(shop, municipality=1)
    assert after is not None
    assert (after.name_ja, after.trade.code, after.area, after.size_class, after.floor_area) == (
        "新しい名", "76", "港", "large", 900
    )
    kept = ("id", "code", "status", "merchant", "joined_on")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert find(Field.PHONE, "03-1234-5678", municipality=1) == find(Field.NAME, "鈴木", municipality=1) == (shop,)
    assert find(Field.NAME, "佐藤", municipality=1) == ()


MAY = {
    "register": {"maker", "operator", "system"}, "change": {"maker", "checker", "operator"},
    "suspend": {"checker", "operator", "system"}, "sponsor": {"maker", "operator", "system"},
}


@pytest.mark.parametrize("role", list(ActorRole))
def test_who_may_do_what_with_shops(role: ActorRole, town: Town) -> None:
    shop, by = town.shop(), town.actor(role, "commerce")
    acts = {
        "register": lambda: register_shop(GREENGROCER, by=by, at=AT),
        "change": lambda: change_shop(shop, GREENGROCER, by=by, at=AT),
        "suspend": lambda: set_shop_status(shop, "suspended", by=by),
        "sponsor": lambda: operations.register_sponsor(name_ja="s", name_en="s", by=by, at=AT),
    }
    for name, act in acts.items():
        if role in MAY[name]:
            act()
            continue
        with pytest.raises(Refusal, match="not_allowed"):
            act()
    assert Shop.objects.count() == 1 + (role in MAY["register"])
    assert Shop.objects.filter(status="suspended").exists() is (role in MAY["suspend"])
    assert len(queries.sponsors(1)) == (role in MAY["sponsor"])


def test_a_closed_shop_stays_closed_and_says_so_by_its_name(town: Town) -> None:
    shop = town.shop()
    for _ in range(2):
        set_shop_status(shop, "closed", by=town.system)  # once more is no fault
    for status in ("open", "suspended"):
        with pytest.raises(Refusal) as no:
            set_shop_status(shop, status, by=town.system)
        assert no.value.code == "shop_closed_for_good"
        assert "八百屋まるは" in no.value.sentence("ja")
    with pytest.raises(ValueError, match="holiday"):
        set_shop_status(town.shop(), "holiday", by=town.system)


def test_the_table_of_trades_names_each_once_in_both_languages() -> None:
    for name in ("ja", "en"):
        told = Counter(getattr(one, name) for one in TRADES.values())
        assert set(told.values()) == {1}
    assert all(code == one.code and code.isdecimal() and len(code) == 2 for code, one in TRADES.items())
    assert (trade("01").ja, trade("01").en) == ("産業中分類01", "Industry class 01")
