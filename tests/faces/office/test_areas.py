"""The page on which areas get their English names, and the pages that then say them."""

from __future__ import annotations

from meguri.parties import queries
from tests.faces.office.lived import Office
from tests.faces.office.reading import ANALYST, page, send, words


def test_an_area_gets_its_english_name_and_every_page_says_it(lived: Office) -> None:
    maker = lived.browser("maker:commerce")
    (first, *others) = queries.areas(lived.number)
    assert first in page(maker, "areas")
    answer = send(maker, "areas", act="name", area_0="Harbour Ward", once="1")
    assert "地区の英語名を変えました" in words(answer)
    assert queries.areas(lived.number) == {first: "Harbour Ward", **dict.fromkeys(others, "")}
    listed = page(maker, "shops", lang="en")
    assert "Harbour Ward" in listed
    assert f'value="{first}"' in listed, "the filter asks for the area by its own name"
    spent = page(lived.browser(ANALYST), "evidence_programme", lived.programme("voucher"), lang="en")
    assert "Harbour Ward" in spent


def test_a_name_in_kana_is_refused_beside_what_was_typed(lived: Office) -> None:
    maker = lived.browser("maker:commerce")
    answer = send(maker, "areas", act="name", area_0="みなと", once="1")
    assert "英語名「みなと」は" in words(answer)
    assert 'value="みなと"' in answer.content.decode()
    assert set(queries.areas(lived.number).values()) == {""}
