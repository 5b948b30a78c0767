"""Invented pictures for tests: coloured squares with the word INVENTED on them, as files of any kind."""

from __future__ import annotations

import io
from random import Random
from typing import Any

from PIL import Image, ImageDraw

GPS, GPS_NORTH, GPS_LATITUDE = 0x8825, 1, 2
MAKER, ORIENTATION, COMMENT = 0x010F, 0x0112, b"at Hanako's house"


def picture(seed: int = 0, *, size: tuple[int, int] = (640, 480), mode: str = "RGB") -> Image.Image:
    """Squares that no other seed draws."""
    chance, drawn = Random(seed), Image.new("RGB", size)
    pen, side = ImageDraw.Draw(drawn), max(size) // 8 + 1
    for left in range(0, size[0], side):
        for top in range(0, size[1], side):
            pen.rectangle((left, top, left + side, top + side), fill=tuple(chance.randrange(256) for _ in range(3)))
    pen.text((10, 10), f"INVENTED {seed}", fill="white")
    return drawn.convert(mode)


def photo(
    seed: int = 0, *, kind: str = "JPEG", size: tuple[int, int] = (640, 480), mode: str = "RGB", **more: Any
) -> bytes:
    """The file of such a picture."""
    packed = io.BytesIO()
    picture(seed, size=size, mode=mode).save(packed, kind, **more)
    return packed.getvalue()


def phone_photo(seed: int = 0, *, orientation: int = 1, size: tuple[int, int] = (640, 480)) -> bytes:
    """As a phone writes it: with the place, the maker and a comment inside."""
    facts = Image.Exif()
    facts[MAKER], facts[ORIENTATION] = "Invented Phone", orientation
    facts.get_ifd(GPS).update({GPS_NORTH: "N", GPS_LATITUDE: (35.0, 10.0, 12.3)})
    return photo(seed, size=size, exif=facts, comment=COMMENT)
