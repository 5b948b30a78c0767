"""Files that people send as photos: what is kept of a good one, and what a bad one is told."""

from __future__ import annotations

import io
import struct
import threading
import zlib

import pytest
from PIL import Image

from meguri.vault import photo_files
from meguri.vault.photo_files import PHOTO_BYTES_MAX, SIDE_LEAST, SIDE_MOST, CleanPhoto, clean_photo, require_small
from meguri.words.refusal import Refusal
from tests.pictures import COMMENT, GPS, phone_photo, photo, picture


def opened(clean: CleanPhoto) -> Image.Image:
    return Image.open(io.BytesIO(clean.jpeg))


def refusal_of(data: bytes) -> str:
    with pytest.raises(Refusal) as no:
        clean_photo(data)
    assert no.value.sentence("ja")
    assert no.value.sentence("en")
    return no.value.code


def png_that_says(width: int, height: int) -> bytes:
    """A PNG of some hundred bytes that says to be as large as one likes."""
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def test_nothing_but_the_pixels_is_kept_of_a_phones_photo() -> None:
    sent = phone_photo(1)
    was = Image.open(io.BytesIO(sent))
    assert was.getexif().get_ifd(GPS), "the control: the file that is sent says where it was taken"
    clean = clean_photo(sent)
    kept = opened(clean)
    assert (kept.format, kept.size, dict(kept.getexif())) == ("JPEG", (640, 480), {})
    assert not {"exif", "comment", "xmp", "icc_profile"} & kept.info.keys()
    for secret in (COMMENT, b"Invented Phone", b"Exif", b"GPS"):
        assert (secret in clean.jpeg, secret == b"GPS" or secret in sent) == (False, True)


@pytest.mark.parametrize(("kind", "mode"), [
    ("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("PNG", "1"),
    ("WEBP", "RGB"), ("WEBP", "RGBA"),
])  # fmt: skip
def test_every_kind_that_phones_write_is_opened(kind: str, mode: str) -> None:
    kept = opened(clean_photo(photo(2, kind=kind, mode=mode)))
    assert (kept.format, kept.mode, kept.size) == ("JPEG", "RGB", (640, 480))


def test_what_is_seen_through_lies_on_white() -> None:
    clear = io.BytesIO()
    Image.new("RGBA", (300, 300), (255, 0, 0, 0)).save(clear, "PNG")
    assert opened(clean_photo(clear.getvalue())).getpixel((150, 150)) == (255, 255, 255)


def test_a_photo_taken_sideways_is_turned_upright_and_a_large_one_made_smaller() -> None:
    assert opened(clean_photo(phone_photo(3, orientation=6))).size == (480, 640)
    large = clean_photo(photo(4, size=(4000, 3000)))
    assert (large.width, large.height) == opened(large).size == (SIDE_MOST, 1200)


def test_one_picture_in_two_files_has_the_same_pixels() -> None:
    bare, named = photo(5), phone_photo(5)
    one, other, another = clean_photo(bare), clean_photo(named), clean_photo(photo(6))
    assert one.file_digest != other.file_digest
    assert one.pixel_digest == other.pixel_digest != another.pixel_digest
    packed = [clean_photo(photo(5, kind=kind, **more)) for kind, more in (("PNG", {}), ("WEBP", {"lossless": True}))]
    assert len({each.pixel_digest for each in packed}) == 1


@pytest.mark.parametrize(("data", "code"), [
    (b"", "photo_missing"),
    (b"%PDF-1.7\n1 0 obj\n", "photo_no_picture"),
    (b"\0" * 3_000, "photo_no_picture"),
    (b"GIF89a" + b"\0" * 100, "photo_no_picture"),
    (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 500, "photo_heic"),
    (b"\0\0\0\x1cftypavif\0\0\0\0" + b"\0" * 500, "photo_heic"),
    (b"\xff\xd8\xff", "photo_no_picture"),
    (png_that_says(10_000, 10_000), "photo_too_many_pixels"),
    (png_that_says(60_000, 60_000), "photo_too_many_pixels"),
    (png_that_says(9_000, 3_000), "photo_too_many_pixels"),
    (png_that_says(600, 600), "photo_broken"),
    (photo(1, size=(SIDE_LEAST - 1, 900)), "photo_too_small"),
    (photo(1, size=(1, 1)), "photo_too_small"),
])  # fmt: skip
def test_what_is_no_photo_is_refused_with_what_to_do(data: bytes, code: str) -> None:
    assert refusal_of(data) == code


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_that_is_cut_off_or_spoilt_is_refused_and_never_an_error(kind: str) -> None:
    whole = photo(7, kind=kind)
    for end in (len(whole) * 9 // 10, len(whole) // 2):
        assert refusal_of(whole[:end]) == "photo_broken"
    for length in (1, 2, 8, 11, 12, 20, 40, 100):
        assert refusal_of(whole[:length]) in {"photo_no_picture", "photo_broken"}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_bytes_changed_anywhere_give_a_picture_or_a_refusal(kind: str) -> None:
    whole = photo(8, kind=kind, size=(200, 200))
    answers = set()
    for at in range(0, min(len(whole), 600), 3):
        spoilt = whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
        try:
            answers.add(type(clean_photo(spoilt)).__name__)
        except Refusal as no:
            answers.add(no.code)
    assert len(answers) > 1
    assert {each for each in answers if not each.startswith("photo_")} <= {"CleanPhoto"}


def test_a_hundred_megapixels_are_refused_before_they_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("nothing of it may be decoded")

    drawn = io.BytesIO()
    Image.new("L", (10_000, 10_000)).save(drawn, "JPEG", quality=1)
    monkeypatch.setattr(photo_files, "_only_pixels", never)
    assert refusal_of(drawn.getvalue()) == "photo_too_many_pixels"


def test_thirty_megabytes_are_not_even_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo_files, "_opened", lambda _: picture())
    assert refusal_of(b"\xff\xd8\xff" + b"\0" * (30 << 20)) == "photo_too_large"
    require_small(PHOTO_BYTES_MAX)
    with pytest.raises(Refusal):
        require_small(PHOTO_BYTES_MAX + 1)


def test_who_waits_too_long_for_another_photo_is_asked_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo_files, "OPENING_WAIT_S", 0)
    answers: list[str] = []
    with photo_files._OPENING:
        other = threading.Thread(target=lambda: answers.append(refusal_of(photo(1))))
        other.start()
        other.join()
    assert answers == ["photo_busy"]
    assert clean_photo(photo(1)), "afterwards the way is free"
    assert refusal_of(b"\xff\xd8") == "photo_no_picture"
    assert clean_photo(photo(1)), "also after a refusal"
