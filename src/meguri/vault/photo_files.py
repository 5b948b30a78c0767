"""Photos as phones send them, made fit for the vault: decoded, turned upright, made smaller, encoded anew.

What comes out is pixels and nothing else: no place, no time, no name of a phone, no smaller copy hidden inside. A file
may be made to hurt: its size is looked at before it is decoded, and only one is decoded at a time.
"""

from __future__ import annotations

import hashlib
import io
import struct
import threading
import zlib
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

from meguri.words.refusal import Refusal, declare

PHOTO_MISSING = declare(
    "photo_missing", status=422,
    ja="写真が届いていません(空のファイルです)。写真をもう一度選んでください。",
    en="No photo arrived (the file is empty). Please choose the photo again.",
)
PHOTO_TOO_LARGE = declare(
    "photo_too_large", status=422,
    ja="写真のファイルが大きすぎます({most}MBまで)。電話のカメラで撮り直すか、小さくしてから送ってください。",
    en="The photo's file is too large ({most} MB at most). Please take it again or make it smaller first.",
)
PHOTO_TOO_MANY_PIXELS = declare(
    "photo_too_many_pixels", status=422,
    ja="写真が細かすぎて開けません({most}メガピクセルまで)。カメラの設定で画素数を下げて、撮り直してください。",
    en="The photo has too many pixels to be opened ({most} megapixels at most). "
    "Please set the camera to a lower resolution and take it again.",
)
PHOTO_TOO_SMALL = declare(
    "photo_too_small", status=422,
    ja="写真が小さすぎて、写っているものが見えません(縦も横も{least}画素から)。元の写真を送ってください。",
    en="The photo is too small to see anything (at least {least} pixels each way). Please send the original.",
)
PHOTO_HEIC = declare(
    "photo_heic", status=422,
    ja="この写真の形式(HEIC)は開けません。iPhoneの「設定」→「カメラ」→「フォーマット」で「互換性優先」を選んで撮り直すか、"
    "スクリーンショットを撮って送ってください。",
    en="This kind of photo (HEIC) cannot be opened. On an iPhone choose Settings, Camera, Formats, Most Compatible and "
    "take it again, or send a screenshot of it.",
)
PHOTO_NO_PICTURE = declare(
    "photo_no_picture", status=422,
    ja="このファイルは写真ではありません。電話で撮った写真(JPEG・PNG・WebP)を選んでください。",
    en="This file is no photo. Please choose one taken with the phone (JPEG, PNG or WebP).",
)
PHOTO_BROKEN = declare(
    "photo_broken", status=422,
    ja="写真が途中で切れているか、壊れています。通信のよい所で、もう一度送ってください。",
    en="The photo is cut off or broken. Please send it again where the connection is good.",
)
PHOTO_BUSY = declare(
    "photo_busy", status=503,
    ja="ほかの方の写真を開いています。少し待って、もう一度送ってください。",
    en="Somebody else's photo is being opened. Please send yours again in a moment.",
)

PHOTO_BYTES_MAX = 20 * 1024 * 1024
PIXELS_MAX = 52_000_000
"""So many has the finest camera of a common phone. Opening such a JPEG takes up to 200 MB and six seconds."""
PIXELS_MAX_WHOLE = 16_000_000
"""Of PNG and WebP, which cannot be opened at a smaller scale."""
SIDE_LEAST = 160
SIDE_MOST = 1_600
"""The longer side of what is kept (pixels): enough for what lies on the ground, little enough to be quick."""
QUALITY = 82
_FORMATS = ("JPEG", "PNG", "WEBP")
_HEIC = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")
_OPENING = threading.BoundedSemaphore(1)
OPENING_WAIT_S = 15


@dataclass(frozen=True, slots=True)
class CleanPhoto:
    """A photo that says nothing but what is seen on it: a JPEG, and SHA-256 (hex) of the file sent and of its pixels.

    Two files with the same pixels (another name, other facts inside, another packing) have one digest of pixels.
    """

    jpeg: bytes
    width: int
    height: int
    file_digest: str
    pixel_digest: str


def clean_photo(data: bytes) -> CleanPhoto:
    """The photo of a file. Raises Refusal `photo_missing`, `photo_too_large`, `photo_heic`, `photo_no_picture`,
    `photo_too_many_pixels`, `photo_too_small`, `photo_broken`, `photo_busy`.
    """
    if not data:
        raise PHOTO_MISSING.refusal(field="photo")
    require_small(len(data))
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        raise PHOTO_HEIC.refusal(field="photo")
    if not _OPENING.acquire(timeout=OPENING_WAIT_S):
        raise PHOTO_BUSY.refusal()
    try:
        picture = _opened(data)
    finally:
        _OPENING.release()
    packed = io.BytesIO()
    picture.save(packed, "JPEG", quality=QUALITY)
    pixels = hashlib.sha256(f"{picture.width}x{picture.height}\n".encode() + picture.tobytes()).hexdigest()
    return CleanPhoto(
        packed.getvalue(), picture.width, picture.height, file_digest=hashlib.sha256(data).hexdigest(),
        pixel_digest=pixels,
    )  # fmt: skip


def require_small(size: int) -> None:
    """Whether a file of so many bytes may be read at all. Raises Refusal `photo_too_large`."""
    if size > PHOTO_BYTES_MAX:
        raise PHOTO_TOO_LARGE.refusal(field="photo", most=PHOTO_BYTES_MAX // 1024**2)


# What the library raises of a picture that is broken, each kind of file in its own way.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, zlib.error)


def _opened(data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as found:
            _require_size(found)
            found.draft("RGB", (SIDE_MOST, SIDE_MOST))  # of a JPEG only so much is decoded as is kept
            return _only_pixels(found)
    except UnidentifiedImageError:
        raise PHOTO_NO_PICTURE.refusal(field="photo") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many(PIXELS_MAX) from None
    except _BROKEN:
        raise PHOTO_BROKEN.refusal(field="photo") from None


def _require_size(found: Image.Image) -> None:
    most = PIXELS_MAX if found.format in {"JPEG", "MPO"} else PIXELS_MAX_WHOLE
    if found.width * found.height > most:
        raise _too_many(most)
    if min(found.size) < SIDE_LEAST:
        raise PHOTO_TOO_SMALL.refusal(field="photo", least=SIDE_LEAST)


def _too_many(most: int) -> Refusal:
    return PHOTO_TOO_MANY_PIXELS.refusal(field="photo", most=most // 1_000_000)


def _only_pixels(found: Image.Image) -> Image.Image:
    """Upright, of one size, on white; a new picture, as the library carries comments of the old one along."""
    upright = ImageOps.exif_transpose(found)
    if upright.has_transparency_data:
        ground = Image.new("RGBA", upright.size, "white")
        ground.alpha_composite(upright.convert("RGBA"))
        upright = ground
    plain = upright.convert("RGB")
    plain.thumbnail((SIDE_MOST, SIDE_MOST))
    return Image.frombytes("RGB", plain.size, plain.tobytes())
