"""Templates as a list, and what a town changed of the one it took."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from meguri.programmes import queries
from meguri.programmes.adaptations import Adaptation, adaptations
from meguri.programmes.shipped import templates
from meguri.programmes.terms import digest, from_tree, read_terms, to_tree, write_terms
from tests.programmes.builders import BENEFIT, GONE, TownHall, put
from tests.programmes.vouchers.lived_city import adapted
from tests.programmes.vouchers.lived_town import refused

TWELVE = {
    "nagoya-2025": "名古屋市", "ise-2022": "伊勢市", "adachi-2025": "足立区", "kashima-2022": "鹿嶋市",
    "hyuga-2025": "日向市", "nagasaki-2023": "長崎市", "ebina-2023": "海老名市", "hiroshima-2015": "広島市",
    "narita-2015": "成田市", "meguro-2020": "目黒区", "katsuyama-2026": "勝山市", "setagaya-2024": "世田谷区",
}  # fmt: skip
ISSUERS = {
    "hiroshima-2015": "committee", "narita-2015": "shopping_street", "meguro-2020": "shopping_street",
    "kashima-2022": "chamber", "setagaya-2024": "shopping_street",
}  # fmt: skip
"""Who issues where it is not the city itself."""


def test_the_list_names_each_city_its_year_and_who_issues() -> None:
    listed = {view.name: view for view in queries.template_list()}
    assert {name: view.city.ja for name, view in listed.items() if view.city} == TWELVE
    for name in TWELVE:
        view = listed[name]
        assert str(view.year) == name.rpartition("-")[2]
        assert (view.family, view.department) == ("point" if name == "setagaya-2024" else "voucher", "commerce")
        assert view.issuer_kind == ISSUERS.get(name, "municipality")
        assert view.digest == digest(templates()[name])
    assert (listed[BENEFIT].city, listed[BENEFIT].year, listed[BENEFIT].family) == (None, None, "benefit")


@pytest.mark.parametrize("name", sorted(TWELVE))
def test_a_template_as_it_is_differs_in_nothing(name: str) -> None:
    assert adaptations(templates()[name], templates()[name]) == ()
    again = read_terms(write_terms(templates()[name]))
    assert adaptations(again, templates()[name]) == ()


CHANGES: list[tuple[str, Any, list[Adaptation]]] = [
    ("obtaining.rounds.0.units", 30, [Adaptation("obtaining.rounds.only.units", 2_000, 30)]),
    ("eligibility.on", date(2022, 7, 1), [Adaptation("eligibility.on", date(2022, 8, 1), date(2022, 7, 1))]),
    ("limits.balance_max_yen", 9, [Adaptation("limits.balance_max_yen", None, 9)]),
    ("limits.payment_max_yen", GONE, [Adaptation("limits.payment_max_yen", 32_500, None)]),
    ("name", {"ja": "名", "en": "Name"}, [
        Adaptation("name", {"ja": "めぐり町プレミアム付商品券(みんなで分ける)",
                            "en": "Meguri premium voucher (shared by all)"}, {"ja": "名", "en": "Name"}),
    ]),
    ("obtaining.face.0.yen", 2_500, [Adaptation("obtaining.face[0].yen", 2_000, 2_500)]),
    ("code", "ours", []),
    ("sources", [], []),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "told"), CHANGES, ids=[path for path, _, _ in CHANGES])
def test_every_changed_value_is_told_with_what_stood_there(path: str, value: Any, told: list[Adaptation]) -> None:
    tree: Any = to_tree(templates()["ise-2022"])
    put(tree, path, value)
    assert list(adaptations(from_tree(tree), templates()["ise-2022"])) == told


def test_a_launched_programme_knows_what_it_took_over_and_what_it_changed(hall: TownHall) -> None:
    hall.at = datetime(2022, 7, 1, tzinfo=UTC)
    made = hall.launch(adapted("ise-2022", {"obtaining.rounds.0.units": 1_000, "code": "our-voucher"}))
    found = queries.adapted_from(made.programme, municipality=hall.municipality)
    assert found is not None
    assert (found.template.name, found.template.year) == ("ise-2022", 2022)
    assert found.changes == (Adaptation("obtaining.rounds.only.units", 2_000, 1_000),)
    with refused("programme_unknown"):
        queries.adapted_from(uuid4(), municipality=hall.municipality)


def test_a_document_that_travels_between_towns_keeps_its_origin(hall: TownHall) -> None:
    """A town's file, taken over by another: still compared with the template that both started from."""
    first = adapted("ise-2022", {"obtaining.max_units": 3})
    second = read_terms(write_terms(first))
    assert second.origin == templates()["ise-2022"].origin
    programme = hall.draft(second)
    found = queries.adapted_from(programme, municipality=hall.municipality)
    assert found is not None
    assert [each.path for each in found.changes] == ["obtaining.max_units"]


@pytest.mark.parametrize("origin", [GONE, {"template": "atlantis", "city": {"ja": "幻", "en": "A"}, "year": 1}])
def test_without_a_known_template_nothing_is_compared(hall: TownHall, origin: Any) -> None:
    programme = hall.draft(adapted("ise-2022", {"origin": origin}))
    assert queries.adapted_from(programme, municipality=hall.municipality) is None
