"""The signs of the house: line drawings on a 24 x 24 field, drawn for Meguri, coloured by the text around them."""

from __future__ import annotations

from html import escape

SIZES = {"s": 16, "m": 24, "l": 32, "xl": 48, "scene": 120}
"""Sizes in CSS pixels at normal text size; the style sheet scales them with the text (`icon--s` ...)."""

DOT = 'fill="currentColor" stroke="none"'

ICONS: dict[str, str] = {
    # the three programmes and the ring
    "ticket": (
        '<path d="M3 6.5h18v3.4a2.1 2.1 0 0 0 0 4.2v3.4H3v-3.4a2.1 2.1 0 0 0 0-4.2z"/>'
        '<path d="M14.5 7v1.6m0 2.1v2.6m0 2.1V17"/>'
    ),
    "leaf": (
        '<path d="M6.2 18.3C3.3 11.5 8 4 20.5 3.5 20.8 15.5 14 21.2 6.2 18.3z"/>'
        '<path d="M3.5 21c2.4-5 5.8-8.7 10.3-11.2"/>'
    ),
    "hand": (
        '<circle cx="13.5" cy="6.5" r="3.4"/><path d="M2.5 13.8h3c1.6 0 2.5.5 3.6 1.2h3.2a1.6 1.6 0 0 1 0 '
        '3.2H9"/><path d="M13.7 16.6l4.8-2.6a1.7 1.7 0 0 1 1.9 2.8L15.5 20.3c-.6.4-1.2.6-1.9.6H7.2L2.5 '
        '19.6"/>'
    ),
    "ring": (f'<path d="M13.5 3.6a8.5 8.5 0 1 1-7.8 2.7"/><circle cx="9.2" cy="4" r="1.7" {DOT}/>'),
    # people and places
    "person": '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c.6-4 3.6-6 7.5-6s6.9 2 7.5 6"/>',
    "people": (
        '<circle cx="9" cy="8.5" r="3.5"/><path d="M2.5 19.5c.5-3.6 3.1-5.3 6.5-5.3s6 1.7 6.5 5.3"/>'
        '<path d="M15.5 5.3a3.4 3.4 0 0 1 0 6.4M18 14.7c2 .7 3.2 2.3 3.5 4.8"/>'
    ),
    "home": '<path d="M3.5 11L12 3.8 20.5 11"/><path d="M5.5 9.5v10.7h13V9.5"/><path d="M10 20v-5.5h4V20"/>',
    "shop": (
        '<path d="M4.5 4h15l1.5 5.2a2.3 2.3 0 0 1-4.5.4 2.3 2.3 0 0 1-4.5 0 2.3 2.3 0 0 1-4.5 0 2.3 2.3 0 0 '
        '1-4.5-.4z"/><path d="M5 12v8.2h14V12"/><path d="M9.5 20v-4.5h5V20"/>'
    ),
    "building": (
        '<path d="M3 20.5h18"/><path d="M5 20.5V9.5h14v11"/><path d="M12 3v6.5M12 3.2h4.5v3H12"/>'
        '<path d="M9 13v4m3-4v4m3-4v4"/>'
    ),
    "bank": '<path d="M3.5 9L12 4l8.5 5z"/><path d="M6 9.5V17m4-7.5V17m4-7.5V17m4-7.5V17"/><path d="M3.5 20h17"/>',
    "town": (
        '<path d="M2.5 20h19"/><path d="M4 20v-8l4-3 4 3v8"/><path d="M12 20V6.5l4-2.5 4 2.5V20"/>'
        '<path d="M8 20v-3.5M16 9v.1M16 13v.1M16 17v.1"/>'
    ),
    "partner": (
        '<path d="M2.5 7.5l4-2 5.5 2 5.5-2 4 2"/>'
        '<path d="M2.5 16l3 .5 4.5 3.7c.8.6 1.7.5 2.4-.2l6.1-3.5 3-.5"/>'
        '<path d="M12 7.5L8.5 11a1.5 1.5 0 0 0 2.2 2L13 11.2l4.5 4.3"/>'
    ),
    "map": (
        '<path d="M8.5 3.5l3.5 2v4l-3.5 2-3.5-2v-4zM15.5 3.5l3.5 2v4l-3.5 2-3.5-2v-4zM12 11.5l3.5 2v4l-3.5 '
        '2-3.5-2v-4z"/>'
    ),
    # money and its papers
    "yen": '<circle cx="12" cy="12" r="8.8"/><path d="M8.3 7l3.7 5 3.7-5M12 12v5.5M8.8 12.7h6.4M8.8 15.2h6.4"/>',
    "wallet": (
        '<path d="M4 7.5h14.5a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5h-13A2 2 0 0 1 3.5 17.5V6.5a2 2 0 '
        f'0 1 2-2H17v3"/><circle cx="16.3" cy="13.5" r="1.3" {DOT}/>'
    ),
    "pay": (
        '<rect x="6" y="2.8" width="12" height="18.4" rx="2"/>'
        '<path d="M9.2 8l2.8 3.7L14.8 8M12 11.7v4.3M9.7 12.3h4.6M9.7 14.3h4.6"/>'
    ),
    "gift": (
        '<rect x="4" y="10" width="16" height="10.5" rx="1"/><path d="M3 6.8h18V10H3zM12 6.8v13.7"/>'
        '<path d="M12 6.5C9 6.5 7.2 5.3 8 3.9c.9-1.5 3.2-.4 4 2.6.8-3 3.1-4.1 4-2.6.8 1.4-1 2.6-4 2.6z"/>'
    ),
    "receipt": (
        '<path d="M5.5 3v18l2.2-1.5L9.8 21l2.2-1.5 2.2 1.5 2.1-1.5 2.2 1.5V3l-2.2 1.5L14.2 3 12 4.5 9.8 3 '
        '7.7 4.5z"/><path d="M9 9h6m-6 3.5h6m-6 3.5h3.5"/>'
    ),
    "book": (
        '<path d="M12 6.5C10 5 7 4.5 3.5 4.5v14c3.5 0 6.5.5 8.5 2 2-1.5 5-2 8.5-2v-14c-3.5 0-6.5.5-8.5 2zM12 6.5v14"/>'
    ),
    "transfer": '<path d="M4 8.5h15M15.5 5l3.5 3.5L15.5 12"/><path d="M20 16H5m3.5-3.5L5 16l3.5 3.5"/>',
    "split": (
        '<path d="M4 12h5.5l4.5-5.5h6M9.5 12l4.5 5.5h6"/><path d="M17.5 4L20 6.5 17.5 9M17.5 15l2.5 2.5-2.5 2.5"/>'
    ),
    "draw": (
        '<rect x="4" y="4" width="16" height="16" rx="2.5"/>'
        f'<circle cx="8.5" cy="8.5" r="1.4" {DOT}/>'
        f'<circle cx="15.5" cy="15.5" r="1.4" {DOT}/>'
        f'<circle cx="12" cy="12" r="1.4" {DOT}/>'
    ),
    "code": (
        '<path d="M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4z"/><path d="M14 14h2.5v2.5M20 14v2.5M14 20h2.5M20 19.5v.5"/>'
    ),
    "scan": (
        '<path d="M4 8.5V5.5A1.5 1.5 0 0 1 5.5 4h3M15.5 4h3A1.5 1.5 0 0 1 20 5.5v3M20 15.5v3a1.5 1.5 0 0 '
        '1-1.5 1.5h-3M8.5 20h-3A1.5 1.5 0 0 1 4 18.5v-3"/><path d="M7 12h10"/>'
    ),
    # figures and reasons
    "chart": '<path d="M3.5 20.5h17"/><path d="M6 17v-5m4.5 5V8m4.5 9v-3m4.5 3V5"/>',
    "table": '<rect x="3.5" y="4.5" width="17" height="15" rx="1"/><path d="M3.5 9.5h17M3.5 14.5h17M9.5 9.5v10"/>',
    "goal": '<path d="M6 21V3.5"/><path d="M6 4.5c4-2 7 2 12.5 0v8c-5.5 2-8.5-2-12.5 0"/>',
    "scale": (
        '<path d="M12 4v16M8 20.5h8M5 7.5l7-2 7 2"/>'
        '<path d="M2.5 14L5 7.5 7.5 14a2.7 2.7 0 0 1-5 0zM16.5 14L19 7.5l2.5 6.5a2.7 2.7 0 0 1-5 0z"/>'
    ),
    "proof": (
        '<path d="M12 3l7.5 2.8v5.7c0 4.6-3 7.7-7.5 9.5-4.5-1.8-7.5-4.9-7.5-9.5V5.8z"/>'
        '<path d="M8.5 11.8l2.5 2.5 4.5-4.8"/>'
    ),
    "idea": '<path d="M9.5 17.5c0-2-3.3-3.5-3.3-7.5a5.8 5.8 0 0 1 11.6 0c0 4-3.3 5.5-3.3 7.5zM9.5 20.5h5"/>',
    # what happened
    "check": '<path d="M4.5 12.8l5 5L19.5 6.8"/>',
    "done": '<circle cx="12" cy="12" r="8.8"/><path d="M7.8 12.4l3 3 5.4-6"/>',
    "info": (f'<circle cx="12" cy="12" r="8.8"/><path d="M12 11v5.5"/><circle cx="12" cy="7.7" r="1.2" {DOT}/>'),
    "warning": (f'<path d="M12 3.5L22 20.5H2z"/><path d="M12 9.8v5"/><circle cx="12" cy="17.6" r="1.2" {DOT}/>'),
    "refusal": '<path d="M8.3 3.2h7.4l5.1 5.1v7.4l-5.1 5.1H8.3l-5.1-5.1V8.3z"/><path d="M8 12h8"/>',
    "help": (
        '<circle cx="12" cy="12" r="8.8"/><path d="M9.3 9.7a2.7 2.7 0 1 1 4.1 2.3c-.9.6-1.4 1-1.4 2.1"/>'
        f'<circle cx="12" cy="16.9" r="1.2" {DOT}/>'
    ),
    "clock": '<circle cx="12" cy="12" r="8.8"/><path d="M12 6.8V12l3.8 2.4"/>',
    "calendar": '<rect x="3.5" y="5" width="17" height="15.5" rx="1.5"/><path d="M3.5 10h17M8 3v4m8-4v4"/>',
    "bell": (
        '<path d="M5 17.5h14c-1.4-1.5-1.7-3-1.7-6.5a5.3 5.3 0 0 0-10.6 0c0 3.5-.3 5-1.7 6.5zM10 20.5h4M12 3.5v2"/>'
    ),
    "offline": (
        '<path d="M3 9.5c1.5-1.4 3.2-2.4 5-3M21 9.5a13 13 0 0 0-9.5-3.7M6.3 13.2c1-.9 2-1.5 3.2-1.9M17.7 '
        '13.2a8.2 8.2 0 0 0-2.5-1.6M9.6 16.7a3.8 3.8 0 0 1 4.8 0"/><path d="M4 3.5l16 17"/>'
        f'<circle cx="12" cy="19.5" r="1.2" {DOT}/>'
    ),
    "stop": '<circle cx="12" cy="12" r="8.8"/><path d="M5.8 5.8l12.4 12.4"/>',
    # doing
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "minus": '<path d="M5 12h14"/>',
    "close": '<path d="M5.5 5.5l13 13M18.5 5.5l-13 13"/>',
    "backspace": '<path d="M8.5 5.5H21v13H8.5L2.8 12z"/><path d="M11.5 9.3l5.4 5.4m0-5.4l-5.4 5.4"/>',
    "menu": '<path d="M4 6.5h16M4 12h16M4 17.5h16"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5L21 21"/>',
    "filter": '<path d="M3.5 5h17l-6.7 8v6.5l-3.6-2V13z"/>',
    "sort": '<path d="M8 4.5v15M4.5 8L8 4.5 11.5 8M16 19.5v-15M12.5 16l3.5 3.5 3.5-3.5"/>',
    "edit": '<path d="M4 20l1-4.5L16.5 4 20 7.5 8.5 19zM14 6.5l3.5 3.5"/>',
    "print": '<path d="M7 8.5V3.5h10v5M7 17H4V8.5h16V17h-3"/><path d="M7 14h10v6.5H7z"/>',
    "download": '<path d="M12 4v11M7.5 10.8L12 15.3l4.5-4.5M4.5 19.8h15"/>',
    "upload": '<path d="M12 15.5v-11M7.5 9L12 4.5 16.5 9M4.5 19.8h15"/>',
    "again": '<path d="M19.5 12a7.5 7.5 0 1 1-2.3-5.4L19.5 9M19.5 4v5h-5"/>',
    "undo": '<path d="M8.5 5L4 9.5 8.5 14M4 9.5h10.5a5 5 0 0 1 0 10H9"/>',
    "link": (
        '<path d="M10 14.5a4 4 0 0 1 0-5.6l2.5-2.5a4 4 0 0 1 5.6 5.6l-1.3 1.3"/>'
        '<path d="M14 9.5a4 4 0 0 1 0 5.6l-2.5 2.5a4 4 0 0 1-5.6-5.6l1.3-1.3"/>'
    ),
    "external": '<path d="M13.5 4.5h6v6M19.5 4.5L11 13M18 14v5.5H4.5V6H10"/>',
    "settings": '<path d="M4 7h9m4 0h3M4 17h3m4 0h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>',
    "exit": '<path d="M13.5 4.5h-9v15h9M9.5 12H20M16.5 8.5L20 12l-3.5 3.5"/>',
    # seeing, hearing, reading
    "language": (
        '<circle cx="12" cy="12" r="8.8"/><path d="M3.5 12h17M12 3.2c-5 5.5-5 12.1 0 17.6 5-5.5 5-12.1 0-17.6z"/>'
    ),
    "reading": (
        '<path d="M5 11.5h14M12 9.5v2M7 20.5c4-1.5 7-4 8.5-9M8.5 14c1.5 3 4.5 5.3 8.5 6.5"/>'
        f'<circle cx="7" cy="5" r="1.3" {DOT}/>'
        f'<circle cx="12" cy="5" r="1.3" {DOT}/>'
        f'<circle cx="17" cy="5" r="1.3" {DOT}/>'
    ),
    "eye": (
        '<path d="M2.5 12C5 7.8 8.2 5.7 12 5.7s7 2.1 9.5 6.3c-2.5 4.2-5.7 6.3-9.5 6.3S5 16.2 2.5 12z"/>'
        '<circle cx="12" cy="12" r="2.8"/>'
    ),
    "sound": '<path d="M4 9.5h3.5L12 5.5v13l-4.5-4H4zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11"/>',
    "sun": (
        '<circle cx="12" cy="12" r="4"/><path d="M12 2.5v2.5M12 19v2.5M2.5 12H5M19 12h2.5M5.3 5.3L7 7M17 '
        '17l1.7 1.7M18.7 5.3L17 7M7 17l-1.7 1.7"/>'
    ),
    "moon": '<path d="M19.5 14.5A8.3 8.3 0 0 1 9.5 4.5a8.3 8.3 0 1 0 10 10z"/>',
    "camera": '<path d="M4 7.5h3.5l1.5-2.5h6l1.5 2.5H20v12H4z"/><circle cx="12" cy="13" r="3.5"/>',
    # reaching people, keeping things safe
    "mail": '<rect x="3" y="5.5" width="18" height="13" rx="1.5"/><path d="M3.5 7l8.5 6 8.5-6"/>',
    "phone": (
        '<path d="M6 3.5h3l1.5 4-2 1.7c1 2.6 2.7 4.3 5.3 5.3l1.7-2 4 1.5v3c0 1.5-1.2 2.7-2.7 2.5C10.5 19 5 '
        '13.5 4 6.2 3.8 4.7 4.5 3.5 6 3.5z"/>'
    ),
    "card": '<rect x="2.5" y="5" width="19" height="14" rx="2"/><path d="M2.5 9.5h19M6 15h4"/>',
    "lock": ('<rect x="5" y="10.5" width="14" height="10" rx="1.5"/><path d="M8 10.5V8a4 4 0 0 1 8 0v2.5M12 14.5v2"/>'),
    "key": '<circle cx="8" cy="15.5" r="4.5"/><path d="M11.2 12.3L20 3.5M16 7.5l3 3M13.5 10l2 2"/>',
    # ways
    "right": '<path d="M4.5 12h14.5M13 6l6 6-6 6"/>',
    "left": '<path d="M19.5 12H5M11 6l-6 6 6 6"/>',
    "up": '<path d="M12 19.5V5M6 11l6-6 6 6"/>',
    "down": '<path d="M12 4.5V19M6 13l6 6 6-6"/>',
    "next": '<path d="M9 5l7 7-7 7"/>',
    "back": '<path d="M15 5l-7 7 7 7"/>',
    "open": '<path d="M5 9l7 7 7-7"/>',
}

SCENES: dict[str, str] = {
    # larger drawings for a page's states: the ring, and what became of it (on the same 24 x 24 field)
    "scene-empty": (
        '<circle cx="12" cy="12" r="8.5" stroke-dasharray="1.5 1.75"/>'
        '<circle cx="12" cy="3.5" r="1" class="fill-gold" stroke="none"/>'
    ),
    "scene-loading": (
        '<path d="M12 3.5a8.5 8.5 0 0 1 8.5 8.5"/><circle cx="12" cy="12" r="8.5" opacity=".25"/>'
        '<circle cx="20.5" cy="12" r="1" class="fill-gold" stroke="none"/>'
    ),
    "scene-error": (
        '<path d="M15.5 4.25a8.5 8.5 0 1 1-7 0"/><path d="M12 8v5"/>'
        f'<circle cx="12" cy="15.7" r=".6" {DOT}/>'
        '<circle cx="12" cy="3.5" r="1" class="fill-gold" stroke="none"/>'
    ),
    "scene-offline": (
        '<path d="M20.3 10a8.5 8.5 0 0 1-16.6 4M3.7 10a8.5 8.5 0 0 1 16.6 0"/>'
        '<path d="M1.7 12.7l2-.7 1.6.8M18.7 11.3l1.7.8 1.9-.8" class="line-gold"/>'
    ),
    "scene-closed": (
        '<circle cx="12" cy="12" r="8.5"/><path d="M6.5 8.5h11M7.5 8.5v4.5M10.5 8.5V13M13.5 8.5V13M16.5 '
        '8.5v4.5"/><path d="M7.5 13h3m0 0h3m0 0h3"/>'
        '<circle cx="12" cy="3.5" r="1" class="fill-gold" stroke="none"/>'
    ),
    "scene-invented": (
        '<circle cx="12" cy="12" r="8.5" stroke-dasharray="2.5 1"/>'
        '<path d="M6.5 15.5v-4l2.7-2 2.8 2v4M12 15.5V9l2.7-1.8L17.5 9v6.5"/><path d="M5.5 15.5h13"/>'
        '<circle cx="12" cy="3.5" r="1" class="fill-gold" stroke="none"/>'
    ),
}


def icon(name: str, *, size: str = "m", label: str = "", extra: str = "") -> str:
    """The SVG of a sign. Silent for screen readers unless it has a `label`. Raises KeyError for an unknown name."""
    drawing = SCENES[name] if name.startswith("scene-") else ICONS[name]
    pixels = SIZES[size]
    voice = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    classes = f"icon icon--{size} {extra}".strip()
    stroke = "0.6" if size == "scene" else "1.5" if size == "xl" else "2"
    shape = f'width="{pixels}" height="{pixels}" viewBox="0 0 24 24" stroke-width="{stroke}"'
    line = 'fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round" focusable="false"'
    return f'<svg class="{escape(classes)}" {shape} {line} {voice}>{drawing}</svg>'


def names() -> tuple[str, ...]:
    """All signs and scenes, for the style page."""
    return (*ICONS, *SCENES)
