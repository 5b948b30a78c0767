from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.settlement.kana import bank_kana, fit, to_bytes
from meguri.words.refusal import Refusal

KATAKANA = "アイウエオカキクケコガギグゲゴサザジズゾタダヂヅドナノハバパヒビピポマミムモヤユヨラリルレロワンヴ"
SMALL = "ァィゥェォッャュョヮヵヶー"
NAMES = st.text(KATAKANA + SMALL + "ABZ09 ()-.", min_size=1, max_size=40).filter(str.strip)


@pytest.mark.parametrize(("name", "kana"), [
    ("ヤマダ タロウ", "ﾔﾏﾀﾞ ﾀﾛｳ"),
    ("やまだ　たろう", "ﾔﾏﾀﾞ ﾀﾛｳ"),
    ("ﾔﾏﾀﾞ ﾀﾛｳ", "ﾔﾏﾀﾞ ﾀﾛｳ"),
    ("ヤマタ゛ タロウ", "ﾔﾏﾀﾞ ﾀﾛｳ"),
    ("  ヤマダ   タロウ  ", "ﾔﾏﾀﾞ ﾀﾛｳ"),
    ("キョウコ", "ｷﾖｳｺ"),
    ("きっかわ", "ｷﾂｶﾜ"),
    ("ｷｮｳｺ", "ｷﾖｳｺ"),
    ("ファーマシー", "ﾌｱ-ﾏｼ-"),
    ("ｽｰﾊﾟｰ", "ｽ-ﾊﾟ-"),
    ("パン・ド・ミ".replace("・", "."), "ﾊﾟﾝ.ﾄﾞ.ﾐ"),
    ("ヴァイオリン", "ｳﾞｱｲｵﾘﾝ"),
    ("カヲリ", "ｶｵﾘ"),
    ("ヱビス ヰノウエ", "ｴﾋﾞｽ ｲﾉｳｴ"),
    ("ケ丘".replace("丘", "オカ"), "ｹｵｶ"),
    ("ヶオカ", "ｹｵｶ"),
    ("Café".replace("é", "e") + "１２３", "CAFE123"),
    ("ａｂｃ−ｄ", "ABC-D"),
    ("ー ｰ － ‐ ‑ ‒ – — ― − -", "- - - - - - - - - - -"),
    ("ペ\u309aン".replace("ペ\u309a", "ヘ\u309a"), "ﾍﾟﾝ"),
])
def test_writes_names_as_banks_do(name: str, kana: str) -> None:
    assert bank_kana(name) == kana


@pytest.mark.parametrize(("name", "kana"), [
    ("株式会社ミドリ", "ｶ)ﾐﾄﾞﾘ"),
    ("株式会社 ミドリ", "ｶ)ﾐﾄﾞﾘ"),
    ("（株式会社）ミドリ", "ｶ)ﾐﾄﾞﾘ"),
    ("ミドリ　株式会社", "ﾐﾄﾞﾘ(ｶ"),
    ("ミドリ株式会社ミナトエイギョウショ", "ﾐﾄﾞﾘ(ｶ)ﾐﾅﾄｴｲｷﾞﾖｳｼﾖ"),
    ("カブシキガイシャ ミドリ", "ｶ)ﾐﾄﾞﾘ"),
    ("カブシキガイシヤミドリ", "ｶ)ﾐﾄﾞﾘ"),
    ("カブシキカイシャミドリ", "ｶ)ﾐﾄﾞﾘ"),
    ("㈱ミドリ", "ｶ)ﾐﾄﾞﾘ"),
    ("ミドリ㈲", "ﾐﾄﾞﾘ(ﾕ"),
    ("（有）ミドリ", "ﾕ)ﾐﾄﾞﾘ"),
    ("ミドリ（株）ミナト", "ﾐﾄﾞﾘ(ｶ)ﾐﾅﾄ"),
    ("(カ)ミドリ", "ｶ)ﾐﾄﾞﾘ"),
    ("ミドリ(カ)", "ﾐﾄﾞﾘ(ｶ"),
    ("ｶ)ﾐﾄﾞﾘ", "ｶ)ﾐﾄﾞﾘ"),
    ("ﾐﾄﾞﾘ(ｶ", "ﾐﾄﾞﾘ(ｶ"),
    ("合同会社ミナト", "ﾄﾞ)ﾐﾅﾄ"),
    ("合名会社ミナト", "ﾒ)ﾐﾅﾄ"),
    ("合資会社ミナト", "ｼ)ﾐﾅﾄ"),
    ("医療法人社団ミナトカイ", "ｲ)ﾐﾅﾄｶｲ"),
    ("医療法人ミナトカイ", "ｲ)ﾐﾅﾄｶｲ"),
    ("一般財団法人ミナト", "ｻﾞｲ)ﾐﾅﾄ"),
    ("公益社団法人ミナト", "ｼﾔ)ﾐﾅﾄ"),
    ("社会福祉法人ミナト", "ﾌｸ)ﾐﾅﾄ"),
    ("学校法人ミナト", "ｶﾞｸ)ﾐﾅﾄ"),
    ("宗教法人ミナト", "ｼﾕｳ)ﾐﾅﾄ"),
    ("特定非営利活動法人ミナト", "ﾄｸﾋ)ﾐﾅﾄ"),
    ("ＮＰＯ法人ミナト", "ﾄｸﾋ)ﾐﾅﾄ"),
    ("地方独立行政法人ミナト", "ﾁﾄﾞｸ)ﾐﾅﾄ"),
    ("独立行政法人ミナト", "ﾄﾞｸ)ﾐﾅﾄ"),
    ("農事組合法人ミナト", "ﾉｳ)ﾐﾅﾄ"),
    ("税理士法人ミナト", "ｾﾞｲ)ﾐﾅﾄ"),
])
def test_abbreviates_legal_forms_by_their_place(name: str, kana: str) -> None:
    assert bank_kana(name) == kana


@pytest.mark.parametrize(("name", "character"), [
    ("山田 タロウ", "山"), ("ミドリ・ミナト", "・"), ("ミドリ&ミナト", "&"), ("ミドリ/ミナト", "/"),
    ("ミドリ、ミナト", "、"), ("「ミドリ」", "「"), ("ミドリ,", ","), ("ワ゛", "ヷ"), ("ア゛", "ア\u3099"),
    ("カ゜", "カ\u309a"), ("゛カ", "\u3099"),
    ("ミドリ☆", "☆"), ("é", "\u0301"), ("株式会社山", "山"), ("ミドリ@", "@"), ("[カ]", "["),
])
def test_refuses_what_cannot_be_written_and_says_which_character(name: str, character: str) -> None:
    with pytest.raises(Refusal) as caught:
        bank_kana(name, field="holder_kana")
    assert (caught.value.code, caught.value.field) == ("kana_unwritable", "holder_kana")
    assert caught.value.facts["character"] == character
    assert f"「{character}」は銀行の振込データに書けません" in caught.value.sentence("ja")


@pytest.mark.parametrize("name", ["", "  ", "　"])
def test_refuses_nothing(name: str) -> None:
    with pytest.raises(Refusal, match="kana_empty"):
        bank_kana(name)


@given(NAMES)
def test_what_is_written_is_one_byte_a_character_of_the_allowed_set(name: str) -> None:
    kana = bank_kana(name)
    assert re.fullmatch("[ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝﾞﾟA-Z0-9().\\- ]+", kana)
    assert len(to_bytes(kana)) == len(kana)
    assert to_bytes(kana).decode("shift_jis") == kana


@given(NAMES)
def test_writing_twice_changes_nothing(name: str) -> None:
    once = bank_kana(name)
    assert bank_kana(once) == once


@given(st.text(KATAKANA, min_size=1, max_size=20))
def test_large_kana_can_be_read_back(name: str) -> None:
    """By a table of the test's own, joining each mark to the kana before it."""
    half = "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜﾝ"
    full = (
        "アイウエオカキクケコサシスセソタチツテト"
        "ナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン"
    )
    table = dict(zip(half, full, strict=True))
    voiced = dict(zip(
        "カキクケコサシスセソタチツテトハヒフヘホウ", "ガギグゲゴザジズゼゾダヂヅデドバビブベボヴ", strict=True))
    popped = dict(zip("ハヒフヘホ", "パピプペポ", strict=True))
    read = ""
    for sign in bank_kana(name):
        if sign == "ﾞ":
            read = read[:-1] + voiced[read[-1]]
        elif sign == "ﾟ":
            read = read[:-1] + popped[read[-1]]
        else:
            read += table[sign]
    assert read == name


class TestFit:
    @pytest.mark.parametrize(("kana", "width", "cut"), [
        ("ﾐﾄﾞﾘ", 4, "ﾐﾄﾞﾘ"), ("ﾐﾄﾞﾘ", 3, "ﾐﾄﾞ"), ("ﾐﾄﾞﾘ", 2, "ﾐ"), ("ﾐ ﾄﾞﾘ", 2, "ﾐ"), ("ﾊﾟﾝ", 1, ""), ("", 5, ""),
    ])
    def test_never_parts_a_kana_from_its_mark(self, kana: str, width: int, cut: str) -> None:
        assert fit(kana, width) == cut

    @given(NAMES, st.integers(1, 40))
    def test_keeps_a_beginning_that_fits(self, name: str, width: int) -> None:
        kana = bank_kana(name)
        cut = fit(kana, width)
        assert len(cut) <= width
        assert kana.startswith(cut)
        assert kana[len(cut):len(cut) + 1] not in {"ﾞ", "ﾟ"}
        assert len(cut) >= width - 1 or cut == kana or kana[len(cut)] == " "


@pytest.mark.parametrize("text", ["カ", "山", "ｶ山"])
def test_only_half_width_becomes_bytes(text: str) -> None:
    with pytest.raises(ValueError, match="not half-width"):
        to_bytes(text)


def test_bytes_by_hand() -> None:
    assert to_bytes("ｶ)ﾐﾄﾞﾘ-1") == bytes([0xB6, 0x29, 0xD0, 0xC4, 0xDE, 0xD8, 0x2D, 0x31])
