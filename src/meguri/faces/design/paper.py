"""Paper of every face, set by typst: one template and the values that it reads. Pure: no database, no clock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_jp
import typst


def set_paper(template: Path, values: Mapping[str, Any]) -> bytes:
    """The PDF that a template sets of these values, which it reads as `sys.inputs.letters`."""
    said = json.dumps(values, ensure_ascii=False)
    return typst.compile(
        template.read_bytes(), font_paths=_fonts(), ignore_system_fonts=True, sys_inputs={"letters": said},
        pdf_tags=False,  # for paper: half the bytes
    )  # fmt: skip


@cache
def _fonts() -> typst.Fonts:
    """Noto Sans JP and Noto Serif JP, read once; a machine's own fonts would make two towns' letters differ."""
    home = pylopdf_fonts_jp.sans_path().parent
    return typst.Fonts(include_system_fonts=False, font_paths=[str(home)])
