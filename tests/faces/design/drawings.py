"""Reads a drawn picture again: its elements, its words, the angles of its arcs."""

from __future__ import annotations

import re
from math import atan2, degrees
from xml.etree import ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"
NUMBERS = re.compile(r"-?\d+(?:\.\d+)?")


def read(svg: str) -> ET.Element:
    """The picture's root. Raises ParseError for markup that is not well formed."""
    return ET.fromstring(svg)  # noqa: S314 - our own drawing


def words(svg: str) -> list[str]:
    """Every line of text, in drawing order."""
    return ["".join(node.itertext()) for node in read(svg).iter(f"{SVG}text")]


def shapes(svg: str, name: str) -> list[ET.Element]:
    """Elements whose classes contain `name`."""
    return [node for node in read(svg).iter() if name in node.get("class", "").split()]


def title(svg: str) -> str:
    node = read(svg).find(f"{SVG}title")
    return (node.text or "") if node is not None else ""


def desc(svg: str) -> str:
    node = read(svg).find(f"{SVG}desc")
    return (node.text or "") if node is not None else ""


def angle_of(x: float, y: float, *, centre: tuple[float, float]) -> float:
    """Degrees clockwise from twelve o'clock, 0 to 360."""
    return degrees(atan2(x - centre[0], centre[1] - y)) % 360


def swept(path: str, *, centre: tuple[float, float]) -> float:
    """Degrees that an outline of drawing.arc_path covers."""
    if path.count("M") == 2:
        return 360.0
    first, rest = path.split("A", 1)
    x1, y1 = (float(n) for n in NUMBERS.findall(first))
    *_, x2, y2 = (float(n) for n in NUMBERS.findall(rest.split("L")[0]))
    return (angle_of(x2, y2, centre=centre) - angle_of(x1, y1, centre=centre)) % 360
