"""The edge of a sold-out sale on the programme's page: an effect, a description that calls itself one, or too few."""

from __future__ import annotations

from dataclasses import replace

import pytest

from meguri.evidence import queries
from meguri.evidence.edge import Edge, edge_effect
from meguri.evidence.lottery import Missing
from tests.evidence.test_edge import LATE, ROW
from tests.faces.office.lived import Office
from tests.faces.office.reading import ANALYST, page, words


def test_what_speaks_against_an_effect_stands_where_the_effect_would(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    analyst = office.browser(ANALYST)

    def shown(**chosen: str) -> str:
        return words(page(analyst, "evidence_programme", office.programme("voucher"), **chosen))

    assert "間に合った" not in shown()
    rows = [replace(each, sale=office.sale()) for each in (ROW, LATE)]
    found: Edge | Missing = edge_effect(rows, programme=ROW.programme)
    monkeypatch.setattr(queries, "edge_effect", lambda *_seen, **_of: found)
    text = shown()
    for word in ("間に合った世帯は、間に合わなかった世帯より週に200円多く", "売り切れの前後10分に来た人", "9,300",
                 "本人が選びました"):  # fmt: skip
        assert word in text, word
    found = edge_effect([rows[0], replace(rows[1], places=90)], programme=ROW.programme)
    text = shown()
    assert "効果とは言えません" in text
    assert "来た人の数が、前と違いました" in text
    assert "200円多く" not in text
    assert "This is no effect" in shown(lang="en")
    found = Missing("homes", 20, 9, 40)
    text = shown(lang="ja")
    assert "間に合った20・遅れた9世帯" in text
    assert "9,300" not in text
