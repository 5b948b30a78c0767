"""What applicants are told: every number and day of their case, in both languages, and what they can do."""

from __future__ import annotations

import pytest

from meguri.notices.rules import Wording
from meguri.parties.rules import Both
from meguri.programmes.vouchers import wording

PROGRAMME = Both("めぐり商品券", "Meguri voucher")
NUMBER = "K7Q2-M9XD-3FHB"
UNTIL = Both("2025年10月31日", "31 October 2025")

WORDINGS: dict[str, tuple[Wording, list[str]]] = {
    "received": (wording.received(NUMBER, programme=PROGRAMME, units=3, drawn_on=UNTIL), ["3"]),
    "won": (wording.won(NUMBER, programme=PROGRAMME, units=3, price_yen=30_000, until=UNTIL), ["3", "30,000"]),
    "lost": (wording.lost(NUMBER, programme=PROGRAMME, applied=12_345, served=2_000), ["12,345", "2,000"]),
    "undrawn": (wording.undrawn(NUMBER, programme=PROGRAMME), []),
    "bought": (
        wording.bought(NUMBER, programme=PROGRAMME, units=3, face_yen=39_000, price_yen=30_000),
        ["3", "39,000", "30,000"],
    ),
    "lapsed": (wording.lapsed(NUMBER, programme=PROGRAMME, units=3), ["3"]),
}


@pytest.mark.parametrize("name", sorted(WORDINGS))
def test_both_languages_name_the_programme_the_number_and_every_figure(name: str) -> None:
    told, figures = WORDINGS[name]
    for text, programme in ((told.text_ja, PROGRAMME.ja), (told.text_en, PROGRAMME.en)):
        assert programme in text
        assert NUMBER in text
        without = text.replace(NUMBER, "").replace(UNTIL.ja, "").replace(UNTIL.en, "")
        assert all(figure in without for figure in figures), text
    assert told.title_en.isascii()
    assert not told.title_ja.isascii()
    assert "{" not in told.text_ja + told.text_en


@pytest.mark.parametrize("name", ["received", "won"])
def test_whoever_must_act_is_told_the_day(name: str) -> None:
    told, _ = WORDINGS[name]
    assert UNTIL.ja in told.text_ja
    assert UNTIL.en in told.text_en


def test_every_step_is_told_by_a_title_of_its_own() -> None:
    titles = {(told.title_ja, told.title_en) for told, _ in WORDINGS.values()}
    assert len(titles) == len(WORDINGS)


def test_what_was_bought_tells_the_price_apart_from_what_it_is_worth() -> None:
    told, _ = WORDINGS["bought"]
    assert "30,000円でお買い上げ" in told.text_ja
    assert "39,000円分が財布に" in told.text_ja
    assert told.text_en.index("for 30,000 yen") < told.text_en.index("39,000 yen are in your wallet")


def test_whoever_lost_is_shown_that_nobody_cheated() -> None:
    told, _ = WORDINGS["lost"]
    assert "どなたでも計算し直せます" in told.text_ja
    assert "Anybody can recompute the draw" in told.text_en
    assert "12,345口の申込みに対し、2,000口" in told.text_ja
    assert told.text_en.index("12,345") < told.text_en.index("2,000")
