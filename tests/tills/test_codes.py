"""Codes: what a till can read, what nobody can guess, and QR codes that a real decoder reads."""

from __future__ import annotations

import hashlib
import io
import re
from fractions import Fraction

import pytest
import segno
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from meguri.tills.codes import (
    HolderCode,
    ShopCode,
    guess_odds,
    near_holders,
    new_holder_code,
    new_shop_code,
    parse,
    parse_holder,
    parse_shop,
    qr_svg,
    show,
    typed_holder,
)
from meguri.words.refusal import Refusal

HOST = "meguri.example.jp"
HOLDER = "100000000000000000000000000041"
"""By hand: 10^29 leaves 57 when divided by 97, so 41 makes it 98, which leaves 1."""
SHOP = "123456789092"
"""123456789000 leaves 6, so 92 makes it 98."""

holder_codes = st.integers(0, 10**26 - 1).map(lambda number: new_holder_code(lambda _: number))
shop_codes = st.integers(0, 10**10 - 1).map(lambda number: new_shop_code(lambda _: number))


class TestMaking:
    def test_the_check_digits_by_hand(self) -> None:
        assert pow(10, 29, 97) == 57
        assert new_holder_code(lambda _: 0) == HolderCode(HOLDER)
        assert 123456789000 % 97 == 6
        assert new_shop_code(lambda _: 1_234_567_890) == ShopCode("123456789092")

    @given(holder_codes, shop_codes)
    def test_all_codes_have_their_shape_and_can_be_parsed(self, holder: HolderCode, shop: ShopCode) -> None:
        assert re.fullmatch(r"10[0-9]{28}", holder.digits)
        assert re.fullmatch(r"[0-9]{12}", shop.digits)
        assert parse(holder.digits, host=HOST) == holder
        assert parse(shop.digits, host=HOST) == shop

    def test_chance_is_asked_for_every_code_of_its_kind(self) -> None:
        asked: list[int] = []

        def most(below: int) -> int:
            asked.append(below)
            return below - 1

        assert new_holder_code(most).digits.startswith("10" + "9" * 26)
        assert new_shop_code(most).digits.startswith("9" * 10)
        assert asked == [10**26, 10**10]

    def test_fresh_codes_differ(self) -> None:
        assert len({new_holder_code().digits for _ in range(500)}) == 500
        assert len({new_shop_code().digits for _ in range(50)}) == 50

    def test_guess_odds_as_documented(self) -> None:
        assert guess_odds(alive=10_000, guesses=1) == Fraction(1, 10**22)
        a_year_of_a_million_a_second = 10**6 * 3600 * 24 * 365
        assert 3.0e8 < 1 / guess_odds(alive=10_000, guesses=a_year_of_a_million_a_second) < 3.3e8
        assert guess_odds(alive=10**20, guesses=10**20) == 1


class TestParsing:
    @pytest.mark.parametrize(
        "text",
        [
            HOLDER,
            f"  {HOLDER}\r\n",
            "１００００ ０００００ ０００００ ０００００ ０００００ ０００４１",
            "10000-00000-00000-00000-00000-00041",
            "10000ー00000−00000‐00000–00000 00041",
            show(HOLDER),
        ],
    )
    def test_reads_a_holder_code_as_scanned_or_typed(self, text: str) -> None:
        assert parse(text, host=HOST) == HolderCode(HOLDER)
        assert parse_holder(text, host=HOST) == HolderCode(HOLDER)

    @pytest.mark.parametrize(
        "text",
        [
            SHOP,
            "1234 5678 9092",
            "１２３４-５６７８-９０９２",
            f"https://{HOST}/m/{SHOP}",
            f"https://{HOST}/m/{SHOP}/",
            f"https://{HOST}/m/{SHOP}?utm=poster#x",
            f"HTTPS://{HOST.upper()}/m/{SHOP}",
            f"http://{HOST}/m/{SHOP}",
            f"{HOST}/m/{SHOP}",
            f"ｈｔｔｐｓ：／／{HOST}／ｍ／{SHOP}",
            f" https://{HOST}/m/1234-5678-9092 ",
        ],
    )
    def test_reads_a_shop_code_or_its_whole_address(self, text: str) -> None:
        assert parse(text, host=HOST) == ShopCode(SHOP)
        assert parse_shop(text, host=HOST) == ShopCode(SHOP)

    def test_the_link_of_a_sticker(self) -> None:
        assert ShopCode(SHOP).link(HOST) == f"https://{HOST}/m/{SHOP}"
        assert parse_shop(ShopCode(SHOP).link("localhost:8000"), host="localhost:8000") == ShopCode(SHOP)

    @pytest.mark.parametrize(
        "text",
        [
            f"https://evil.example/m/{SHOP}",
            f"https://{HOST}.evil.example/m/{SHOP}",
            f"https://evil.example/{HOST}/m/{SHOP}",
            f"https://{HOST}@evil.example/m/{SHOP}",
            f"https://user@{HOST}/m/{SHOP}",
            f"https://{HOST}:8443/m/{SHOP}",
            f"ftp://{HOST}/m/{SHOP}",
            f"javascript://{HOST}/m/{SHOP}",
            f"https://x{HOST}/m/{SHOP}",
            f"///m/{SHOP}",
            f"https://{HOST}\\@evil.example/m/{SHOP}",
        ],
    )
    def test_only_the_official_host_is_accepted(self, text: str) -> None:
        with pytest.raises(Refusal) as caught:
            parse(text, host=HOST)
        assert caught.value.code == "code_foreign"
        assert HOST in caught.value.sentence("ja")
        assert "evil" not in caught.value.sentence("en")

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " ",
            "みどり堂",
            "12345",
            HOLDER + "0",
            HOLDER[:-1],
            "12345678901a",
            f"https://{HOST}/x/{SHOP}",
            f"https://{HOST}/m/",
            f"https://{HOST}/m/{SHOP}/pay",
            f"https://{HOST}/",
            "https://[::1/m/1",
            f"+{SHOP}",
            "٠١٢٣٤٥٦٧٨٩٠١",
        ],
    )
    def test_refuses_kindly_what_is_no_code(self, text: str) -> None:
        with pytest.raises(Refusal) as caught:
            parse(text, host=HOST)
        assert (caught.value.code, caught.value.field) == ("code_unreadable", "code")
        assert "もう一度読み取る" in caught.value.sentence("ja")

    def test_a_code_of_another_version_is_no_code_of_ours(self) -> None:
        digits = "20" + "0" * 26
        other = f"{digits}{98 - int(digits) * 100 % 97:02}"
        with pytest.raises(Refusal, match="code_unreadable"):
            parse(other, host=HOST)

    @given(st.one_of(holder_codes, shop_codes), st.data())
    def test_every_single_wrong_digit_is_found(self, code: HolderCode | ShopCode, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(code.digits) - 1))
        digit = data.draw(st.sampled_from([sign for sign in "0123456789" if sign != code.digits[place]]))
        with pytest.raises(Refusal, match="code_mistyped"):
            parse(code.digits[:place] + digit + code.digits[place + 1 :], host=HOST)

    @given(st.one_of(holder_codes, shop_codes), st.data())
    def test_every_swap_of_neighbours_is_found(self, code: HolderCode | ShopCode, data: st.DataObject) -> None:
        digits = code.digits
        places = [place for place in range(len(digits) - 1) if digits[place] != digits[place + 1]]
        place = data.draw(st.sampled_from(places))
        swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
        with pytest.raises(Refusal, match="code_mistyped"):
            parse(swapped, host=HOST)

    def test_the_wrong_kind_of_code_is_told_apart(self) -> None:
        with pytest.raises(Refusal, match="code_of_shop"):
            parse_holder(ShopCode(SHOP).link(HOST), host=HOST)
        with pytest.raises(Refusal, match="code_of_holder"):
            parse_shop(HOLDER, host=HOST)

    def test_a_long_text_is_not_repeated_whole(self) -> None:
        with pytest.raises(Refusal) as caught:
            parse("x" * 5_000, host=HOST)
        assert len(caught.value.sentence("ja")) < 150


class TestKeeping:
    def test_the_digest_by_another_way(self) -> None:
        expected = hashlib.new("sha256", b"meguri holder code 1" + bytes(1) + HOLDER.encode("ascii")).digest()
        assert HolderCode(HOLDER).digest == expected
        assert HolderCode(HOLDER).digest != hashlib.sha256(HOLDER.encode()).digest()

    @given(holder_codes, holder_codes)
    def test_digests_differ_when_codes_do(self, one: HolderCode, other: HolderCode) -> None:
        assert (one.digest == other.digest) is (one == other)

    def test_a_code_does_not_slip_into_a_log(self) -> None:
        code = new_holder_code()
        assert code.digits not in f"{code!r} {code} {[code]}"

    def test_groups_for_reading_out(self) -> None:
        assert show(HOLDER) == "10000 00000 00000 00000 00000 00041"
        assert show(SHOP) == "1234 5678 9092"


class TestQr:
    TEXTS = (new_holder_code(lambda _: 31415926535897932384626433).digits, ShopCode(SHOP).link(HOST))

    @pytest.mark.parametrize("text", TEXTS)
    @pytest.mark.parametrize("pixels", [220, 140])
    def test_the_svg_on_the_page_can_be_scanned(self, text: str, pixels: int) -> None:
        image = painted(qr_svg(text, title="QR")).resize((pixels, pixels), Image.Resampling.BILINEAR)
        assert [found.text for found in zxingcpp.read_barcodes(image)] == [text]

    @pytest.mark.parametrize("text", TEXTS)
    @pytest.mark.parametrize("pixels", [220, 140])
    def test_the_same_code_as_a_printed_picture_can_be_scanned(self, text: str, pixels: int) -> None:
        out = io.BytesIO()
        segno.make(text, error="m", boost_error=False, micro=False).save(out, kind="png", scale=8, border=4)
        image = Image.open(out).convert("L").resize((pixels, pixels), Image.Resampling.BILINEAR)
        assert [found.text for found in zxingcpp.read_barcodes(image)] == [text]

    def test_a_holder_code_takes_the_smallest_size(self) -> None:
        """21 modules and a quiet zone of 4 on each side."""
        assert 'viewBox="0 0 29 29"' in qr_svg(self.TEXTS[0], title="QR")

    def test_the_svg_is_read_aloud_and_carries_no_markup_of_others(self) -> None:
        svg = qr_svg(SHOP, title='<b>みどり堂 & "Midori"')
        assert "<title>&lt;b&gt;みどり堂 &amp; " in svg
        assert svg.startswith('<svg role="img" ')
        assert "<b>" not in svg

    def test_it_is_black_on_white_on_every_page(self) -> None:
        svg = qr_svg(SHOP, title="QR")
        assert set(re.findall(r'(?:fill|stroke)="([^"]+)"', svg)) == {"#fff", "#000"}

    def test_the_decoder_would_notice_a_damaged_picture(self) -> None:
        image = painted(qr_svg(self.TEXTS[0], title="QR"))
        ImageDraw.Draw(image).rectangle((0, 0, image.width, image.height // 2), fill=255)
        assert zxingcpp.read_barcodes(image) == []


def painted(svg: str, scale: int = 10) -> Image.Image:
    """A small painter of the strokes that the SVG is made of: M and m move, h draws a line one module thick."""
    size = re.search(r'viewBox="0 0 (\d+) \1"', svg)
    path = re.search(r'stroke="#000" d="([^"]+)"', svg)
    assert size
    assert path
    image = Image.new("L", (int(size[1]) * scale, int(size[1]) * scale), 255)
    pen = ImageDraw.Draw(image)
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([-0-9. ]+)", path[1]):
        values = [float(number) for number in re.findall(r"-?[0-9]*\.?[0-9]+", numbers)]
        if command == "h":
            top = (y - 0.5) * scale
            pen.rectangle((x * scale, top, (x + values[0]) * scale - 1, top + scale - 1), fill=0)
            x += values[0]
        else:
            x, y = (values[0], values[1]) if command == "M" else (x + values[0], y + values[1])
    return image


class TestTypedByHand:
    @given(code=holder_codes, place=st.integers(0, 29), by=st.integers(1, 9), swapped=st.booleans())
    def test_one_slip_names_its_group_among_few(self, code: HolderCode, place: int, by: int, *, swapped: bool) -> None:
        digits = code.digits
        if swapped and place < 29 and digits[place] != digits[place + 1]:
            typed = f"{digits[:place]}{digits[place + 1]}{digits[place]}{digits[place + 2 :]}"
        else:
            typed = f"{digits[:place]}{(int(digits[place]) + by) % 10}{digits[place + 1 :]}"
        near = near_holders(typed)
        assert near[code.digest] in {place // 5 + 1, (place + 1) // 5 + 1}
        assert len(near) < 20

    @pytest.mark.parametrize(
        ("typed", "count"), [(HOLDER[:-1], 29), (HOLDER + "1", 31), ("１２３ー４", 4), (HOLDER[:11], 11)]
    )
    def test_digits_that_are_too_few_or_too_many_are_counted(self, typed: str, count: int) -> None:
        with pytest.raises(Refusal) as caught:
            typed_holder(typed)
        assert (caught.value.code, caught.value.facts["count"]) == ("code_incomplete", count)

    @pytest.mark.parametrize("other", [SHOP, "https://elsewhere.example/m/1", "", "abc"])
    def test_anything_else_is_for_the_reader_to_judge(self, other: str) -> None:
        assert typed_holder(other) == ""
        assert typed_holder(show(HOLDER)) == HOLDER
