"""Areas carry their Japanese name; an officer says what they are called in English."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from meguri.parties import operations, queries
from meguri.parties.models import Area
from meguri.words.refusal import Refusal
from tests.parties.conftest import Town


def named(town: Town, **names: str) -> None:
    operations.name_areas(names, by=town.actor("maker", "commerce"))


def test_an_area_without_an_english_name_keeps_its_own(town: Town) -> None:
    found = queries.shop(town.shop(area="港町"), municipality=1)
    assert found is not None
    assert (found.area, found.area_en) == ("港町", "港町")
    assert queries.areas(1) == {"港町": ""}


def test_a_named_area_is_read_in_english_wherever_a_shop_is_shown(town: Town) -> None:
    shop = town.shop(area="港町")
    town.shop(area="中町", name_ja="喫茶", name_en="Café")
    named(town, 港町=" Harbour  Ward ")
    assert queries.areas(1) == {"中町": "", "港町": "Harbour Ward"}
    found = queries.shop(shop, municipality=1)
    assert found is not None
    assert found.area_en == "Harbour Ward"
    assert queries.shop_by_code(found.code, municipality=1) == found
    assert [each.area_en for each in queries.shops(municipality=1, area="港町")] == ["Harbour Ward"]
    named(town, 港町="Port")
    assert queries.areas(1)["港町"] == "Port", "a second name takes the first one's place"
    named(town, 港町="")
    assert queries.areas(1)["港町"] == "", "an empty name takes it away"


def test_another_town_has_its_own_names(town: Town) -> None:
    shop = town.shop(area="港町")
    operations.name_areas({"港町": "Elsewhere"}, by=Town(municipality=2).actor("operator"))
    found = queries.shop(shop, municipality=1)
    assert found is not None
    assert found.area_en == "港町"


@pytest.mark.parametrize("wrong", ["みなと", "x" * 41, "Ｈａｒｂｏｕｒ"])
def test_a_wrong_name_says_which_area_and_nothing_is_half_done(wrong: str, town: Town) -> None:
    town.shop(area="港町")
    with pytest.raises(Refusal, match="English name") as no:
        named(town, 中町="Middle", 港町=wrong)
    assert "港町" in no.value.sentence("ja")
    assert not Area.objects.exists()


def test_a_clerk_names_nothing(town: Town) -> None:
    with pytest.raises(Refusal) as no:
        operations.name_areas({"港町": "Port"}, by=town.actor("accountant", "accounting"))
    assert no.value.code == "not_allowed"


def test_the_database_keeps_one_name_that_is_not_empty(town: Town) -> None:
    Area.objects.create(municipality=1, name_ja="港町", name_en="Port")
    for wrong, rule in (("Harbour", "an_area_has_one_english_name"), ("", "an_area_named_in_english_has_a_name")):
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            Area.objects.create(municipality=1, name_ja="港町" if wrong else "中町", name_en=wrong)
