"""Invented photos for an invented town: a drawn park with litter in it, and the word INVENTED across the picture."""

from __future__ import annotations

import io
from hashlib import sha256
from random import Random

from PIL import Image, ImageDraw, ImageFont

SIZE = (960, 720)
HORIZON = 300
LITTER = ((206, 60, 48), (240, 240, 235), (60, 120, 190), (250, 200, 60))
"""Colours of cans, bags and paper."""


def invented_photo(key: str) -> bytes:
    """The JPEG of a deed, the same whenever it is drawn; no two keys give the same picture."""
    chance = Random(sha256(key.encode()).digest())
    picture = Image.new("RGB", SIZE, (168, 208, 236))
    pen = ImageDraw.Draw(picture)
    green = chance.randrange(130, 190)
    pen.rectangle((0, HORIZON, *SIZE), fill=(96, green, 84))
    for _ in range(6):
        _tree(pen, chance)
    for _ in range(chance.randrange(4, 11)):
        left, top = chance.randrange(40, SIZE[0] - 120), chance.randrange(HORIZON + 90, SIZE[1] - 80)
        pen.rounded_rectangle((left, top, left + chance.randrange(24, 80), top + chance.randrange(18, 50)), 8,
                              fill=chance.choice(LITTER))
    pen.text((40, 30), f"INVENTED  {key}", fill=(40, 40, 40), font=ImageFont.load_default(36))
    packed = io.BytesIO()
    picture.save(packed, "JPEG", quality=80)
    return packed.getvalue()


def _tree(pen: ImageDraw.ImageDraw, chance: Random) -> None:
    middle, high = chance.randrange(60, SIZE[0] - 60), chance.randrange(70, 130)
    pen.rectangle((middle - 10, HORIZON - 40, middle + 10, HORIZON + 50), fill=(112, 84, 60))
    pen.ellipse((middle - high // 2, HORIZON - 30 - high, middle + high // 2, HORIZON - 10), fill=(64, 120, 70))
