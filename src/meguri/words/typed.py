"""Codes and numbers as people type them: any width, with gaps and with whatever their keyboard has for a hyphen."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_GAPS: Final = re.compile(r"[\s‐‑‒–—―⁃−─━ー-]")
"""Spaces and all that stands for a hyphen: a Japanese keyboard's first guess is the long-vowel sign ー."""


def without_gaps(text: str) -> str:
    """The signs alone, in their usual width: `Ａ１ー２` is A12."""
    return _GAPS.sub("", unicodedata.normalize("NFKC", text))
