"""The draw's page: whether the results agree is said either way, and the results are read page by page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from meguri.faces.public import draws, views
from meguri.programmes.vouchers import queries
from meguri.programmes.vouchers.queries import DrawPage
from meguri.words.draw import Award
from tests.programmes.vouchers.conftest import Fair, fair


@pytest.fixture
def drawn(db: None, settings: LazySettings) -> Fair:
    found = fair(obtaining__rounds__0__units=10).open()
    settings.MUNICIPALITY = found.town.municipality
    found.won(found.town.person(), 2)
    return found


def _page(drawn: Fair, **query: str) -> str:
    answer = Client().get(f"/public/draws/{drawn.sale}", {"lang": "en", **query})
    assert answer.status_code == 200
    return answer.content.decode()


def _shown(drawn: Fair, monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    found = queries.draw_page(drawn.sale, municipality=drawn.town.municipality)

    def draw_page(sale: object, *, municipality: int) -> DrawPage:
        return replace(found, **changes)  # type: ignore[arg-type]

    monkeypatch.setattr(draws.vouchers, "draw_page", draw_page)


def test_results_that_agree_are_said_to_agree(drawn: Fair) -> None:
    page = _page(drawn)
    assert "the results agree" in page
    assert "do not agree" not in page


def test_results_that_do_not_agree_are_never_passed_over(drawn: Fair, monkeypatch: pytest.MonkeyPatch) -> None:
    _shown(drawn, monkeypatch, agrees=False)
    page = _page(drawn)
    assert "the results do not agree" in page
    assert "notice--warning" in page


def test_a_draw_to_come_is_neither(drawn: Fair, monkeypatch: pytest.MonkeyPatch) -> None:
    _shown(drawn, monkeypatch, agrees=None, drawn_at=None, awards=())
    page = _page(drawn)
    assert "Not drawn yet" in page
    assert "agree" not in page.partition("<dl")[0]


def test_every_result_is_on_exactly_one_page(drawn: Fair, monkeypatch: pytest.MonkeyPatch) -> None:
    awards = tuple(Award(id=f"N-{rank:04}", rank=rank, units_asked=2, units_won=1) for rank in range(1, 151))
    _shown(drawn, monkeypatch, awards=awards, drawn_at=datetime(2025, 9, 5, tzinfo=UTC))
    pages = [_page(drawn), _page(drawn, after="60"), _page(drawn, after="120")]
    assert ["?after=60#results" in pages[0], "?after=120#results" in pages[1]] == [True, True]
    assert 'rel="next"' not in pages[2]
    for award in awards:
        assert sum(f"<td>{award.id}</td>" in page for page in pages) == 1, award.id
    assert '<details id="results">' in pages[0]
    assert '<details id="results" open>' in pages[1]


@pytest.mark.parametrize("bent", ["x", "-1", "9" * 40, "²"])
def test_a_bent_cursor_starts_from_the_beginning(drawn: Fair, bent: str) -> None:
    assert '<th scope="row">1</th>' in _page(drawn, after=bent)


def test_a_draw_that_never_was_is_a_kind_no(drawn: Fair) -> None:
    answer = Client().get(f"/public/draws/{uuid4()}")
    assert answer.status_code == 404


def test_each_draw_is_named_where_it_is_linked(drawn: Fair) -> None:
    town = Client().get("/", {"lang": "en"}).content.decode()
    sale = queries.sale_page(drawn.sale, municipality=drawn.town.municipality)
    link = town.partition(f'href="/public/draws/{drawn.sale}">')[2].partition("</a>")[0]
    assert sale.programme_name.en in link
    assert sale.round_name.en in link


def test_a_sale_without_a_draw_is_not_offered_for_recomputing(drawn: Fair, monkeypatch: pytest.MonkeyPatch) -> None:
    sale = queries.sale_page(drawn.sale, municipality=drawn.town.municipality)
    monkeypatch.setattr(views.vouchers, "sale_page", lambda _sale, **_town: replace(sale, commitment=""))
    assert f"/public/draws/{drawn.sale}" not in Client().get("/").content.decode()


def test_a_draw_that_agrees_is_not_computed_at_every_visit(drawn: Fair, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    asked = _counted(monkeypatch)
    pages = [_page(drawn) for _ in range(3)]
    Client().get(f"/public/draws/{drawn.sale}/list.txt")
    assert asked == [drawn.sale]
    assert all("the results agree (" in page for page in pages)  # with the moment at which it was computed


def test_a_draw_that_does_not_agree_is_computed_anew_each_time(drawn: Fair, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    _shown(drawn, monkeypatch, agrees=False)
    asked = _counted(monkeypatch)
    assert [("do not agree" in _page(drawn)) for _ in range(2)] == [True, True]
    assert len(asked) == 2


def _counted(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every sale whose draw is computed from here on."""
    asked: list[object] = []
    compute = draws.vouchers.draw_page

    def draw_page(sale: UUID, *, municipality: int) -> DrawPage:
        asked.append(sale)
        return compute(sale, municipality=municipality)

    monkeypatch.setattr(draws.vouchers, "draw_page", draw_page)
    return asked
