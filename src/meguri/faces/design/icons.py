"""The signs of the house: line drawings on a 24 x 24 field, drawn for Meguri, coloured by the text around them."""

from __future__ import annotations

from html import escape

SIZES = {"s": 16, "m": 24, "l": 32, "xl": 48, "scene": 120}
"""Sizes in CSS pixels at normal text size; the style sheet scales them with the text (`icon--s` ...)."""

DOT = 'fill="currentColor" stroke="none"'

ICONS: dict[str, str] = {
    # the three programmes and the ring
    "ticket": '<path d="M3 6.5h18v3.4a2.1 2.1 0 0 0 0 4.2v3.4H3v-3.4a2.1 2.1 0 0 0 0-4.2z"/>'
              '<path d="M14.5 7v1.6m0 2.1v2.6m0 2.1V17"/>',
    "leaf": '<path d="M6.2 18.300C3.3 11.5 8 4 20.5 3.5 20.8 15.5 14 21.2 6.2 18.300z"/>'
            '<path d="M3.5 21c2.4-5 5.8-8.7 10.3-11.2"/>',
    "hand": '<circle cx="13.5" cy="6.5" r="3.4"/>'
            '<path d="M2.5 13.800h3c1.6 0 2.5.5 3.6 1.200h3.200a1.6 1.6 0 0 1 0 3.200H9"/>'
            '<path d="M13.7 16.600l4.8-2.600a1.7 1.7 0 0 1 1.9 2.800L15.5 20.300c-.6.4-1.2.6-1.9.6H7.200L2.5 19.6"/>',
    "ring": f'<path d="M13.5 3.600a8.5 8.5 0 1 1-7.8 2.7"/><circle cx="9.2" cy="4" r="1.7" {DOT}/>',
    # people and places
    "person": '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.500c.6-4 3.6-6 7.5-6s6.9 2 7.5 6"/>',
    "people": '<circle cx="9" cy="8.5" r="3.5"/><path d="M2.5 19.500c.5-3.6 3.1-5.3 6.5-5.300s6 1.7 6.5 5.3"/>'
              '<path d="M15.5 5.300a3.4 3.4 0 0 1 0 6.400M18 14.700c2 .7 3.2 2.3 3.5 4.8"/>',
    "home": '<path d="M3.5 11L12 3.8 20.5 11"/><path d="M5.5 9.500v10.700h13V9.5"/><path d="M10 20v-5.500h4V20"/>',
    "shop": '<path d="M4.5 4h15l1.5 5.200a2.3 2.3 0 0 1-4.5.4 2.3 2.3 0 0 1-4.5 0 2.3 2.3 0 0 1-4.5 0 2.3 2.3 0 0 1-4.5-.4z"/>'
            '<path d="M5 12v8.200h14V12"/><path d="M9.5 20v-4.500h5V20"/>',
    "building": '<path d="M3 20.500h18"/><path d="M5 20.500V9.500h14v11"/><path d="M12 3v6.500M12 3.200h4.500v3H12"/>'
                '<path d="M9 13v4m3-4v4m3-4v4"/>',
    "bank": '<path d="M3.5 9L12 4l8.5 5z"/><path d="M6 9.500V17m4-7.500V17m4-7.500V17m4-7.500V17"/><path d="M3.5 20h17"/>',
    "town": '<path d="M2.5 20h19"/><path d="M4 20v-8l4-3 4 3v8"/><path d="M12 20V6.500l4-2.5 4 2.500V20"/>'
            '<path d="M8 20v-3.500M16 9v.1M16 13v.1M16 17v.1"/>',
    "partner": '<path d="M2.5 7.500l4-2 5.5 2 5.5-2 4 2"/><path d="M2.5 16l3 .5 4.5 3.700c.8.6 1.7.5 2.4-.2l6.1-3.5 3-.5"/>'
               '<path d="M12 7.500L8.5 11a1.5 1.5 0 0 0 2.2 2L13 11.200l4.5 4.3"/>',
    "map": '<path d="M8.5 3.500l3.5 2v4l-3.5 2-3.5-2v-4zM15.5 3.500l3.5 2v4l-3.5 2-3.5-2v-4zM12 11.500l3.5 2v4l-3.5 2-3.5-2v-4z"/>',
    # money and its papers
    "yen": '<circle cx="12" cy="12" r="8.8"/><path d="M8.3 7l3.7 5 3.7-5M12 12v5.500M8.8 12.700h6.400M8.8 15.200h6.4"/>',
    "wallet": '<path d="M4 7.500h14.500a1.5 1.5 0 0 1 1.5 1.500v9a1.5 1.5 0 0 1-1.5 1.500h-13A2 2 0 0 1 3.5 17.500V6.500a2 2 0 0 1 2-2H17v3"/>'
              f'<circle cx="16.3" cy="13.5" r="1.3" {DOT}/>',
    "pay": '<rect x="6" y="2.8" width="12" height="18.4" rx="2"/><path d="M9.2 8l2.8 3.700L14.8 8M12 11.700v4.300M9.7 12.300h4.600M9.7 14.300h4.6"/>',
    "gift": '<rect x="4" y="10" width="16" height="10.5" rx="1"/><path d="M3 6.800h18V10H3zM12 6.800v13.7"/>'
            '<path d="M12 6.500C9 6.5 7.2 5.3 8 3.900c.9-1.5 3.2-.4 4 2.6.8-3 3.1-4.1 4-2.6.8 1.4-1 2.6-4 2.600z"/>',
    "receipt": '<path d="M5.5 3v18l2.2-1.500L9.8 21l2.2-1.5 2.2 1.5 2.1-1.5 2.2 1.500V3l-2.2 1.500L14.2 3 12 4.5 9.8 3 7.7 4.500z"/>'
               '<path d="M9 9h6m-6 3.500h6m-6 3.500h3.5"/>',
    "book": '<path d="M12 6.500C10 5 7 4.5 3.5 4.500v14c3.5 0 6.5.5 8.5 2 2-1.5 5-2 8.5-2v-14c-3.5 0-6.5.5-8.5 2zM12 6.500v14"/>',
    "transfer": '<path d="M4 8.500h15M15.5 5l3.5 3.500L15.5 12"/><path d="M20 16H5m3.5-3.500L5 16l3.5 3.5"/>',
    "split": '<path d="M4 12h5.500l4.5-5.500h6M9.5 12l4.5 5.500h6"/><path d="M17.5 4L20 6.5 17.5 9M17.5 15l2.5 2.5-2.5 2.5"/>',
    "draw": '<rect x="4" y="4" width="16" height="16" rx="2.5"/>'
            f'<circle cx="8.5" cy="8.5" r="1.4" {DOT}/><circle cx="15.5" cy="15.5" r="1.4" {DOT}/>'
            f'<circle cx="12" cy="12" r="1.4" {DOT}/>',
    "code": '<path d="M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4z"/><path d="M14 14h2.500v2.500M20 14v2.500M14 20h2.500M20 19.500v.500"/>',
    "scan": '<path d="M4 8.500V5.500A1.5 1.5 0 0 1 5.5 4h3M15.5 4h3A1.5 1.5 0 0 1 20 5.500v3M20 15.500v3a1.5 1.5 0 0 1-1.5 1.500h-3M8.5 20h-3A1.5 1.5 0 0 1 4 18.500v-3"/>'
            '<path d="M7 12h10"/>',
    # figures and reasons
    "chart": '<path d="M3.5 20.500h17"/><path d="M6 17v-5m4.5 5V8m4.5 9v-3m4.5 3V5"/>',
    "table": '<rect x="3.5" y="4.5" width="17" height="15" rx="1"/><path d="M3.5 9.500h17M3.5 14.500h17M9.5 9.500v10"/>',
    "goal": '<path d="M6 21V3.5"/><path d="M6 4.500c4-2 7 2 12.5 0v8c-5.5 2-8.5-2-12.5 0"/>',
    "scale": '<path d="M12 4v16M8 20.500h8M5 7.500l7-2 7 2"/><path d="M2.5 14L5 7.5 7.5 14a2.7 2.7 0 0 1-5 0zM16.5 14L19 7.500l2.5 6.500a2.7 2.7 0 0 1-5 0z"/>',
    "proof": '<path d="M12 3l7.5 2.800v5.700c0 4.6-3 7.7-7.5 9.5-4.5-1.8-7.5-4.9-7.5-9.500V5.800z"/><path d="M8.5 11.800l2.5 2.5 4.5-4.8"/>',
    "idea": '<path d="M9.5 17.500c0-2-3.3-3.5-3.3-7.500a5.8 5.8 0 0 1 11.6 0c0 4-3.3 5.5-3.3 7.500zM9.5 20.500h5"/>',
    # what happened
    "check": '<path d="M4.5 12.800l5 5L19.5 6.8"/>',
    "done": '<circle cx="12" cy="12" r="8.8"/><path d="M7.8 12.400l3 3 5.4-6"/>',
    "info": f'<circle cx="12" cy="12" r="8.8"/><path d="M12 11v5.5"/><circle cx="12" cy="7.7" r="1.2" {DOT}/>',
    "warning": f'<path d="M12 3.500L22 20.500H2z"/><path d="M12 9.800v5"/><circle cx="12" cy="17.6" r="1.2" {DOT}/>',
    "refusal": '<path d="M8.3 3.200h7.400l5.1 5.100v7.400l-5.1 5.100H8.300l-5.1-5.100V8.300z"/><path d="M8 12h8"/>',
    "help": f'<circle cx="12" cy="12" r="8.8"/><path d="M9.3 9.700a2.7 2.7 0 1 1 4.1 2.300c-.9.6-1.4 1-1.4 2.1"/><circle cx="12" cy="16.9" r="1.2" {DOT}/>',
    "clock": '<circle cx="12" cy="12" r="8.8"/><path d="M12 6.800V12l3.8 2.4"/>',
    "calendar": '<rect x="3.5" y="5" width="17" height="15.5" rx="1.5"/><path d="M3.5 10h17M8 3v4m8-4v4"/>',
    "bell": '<path d="M5 17.500h14c-1.4-1.5-1.7-3-1.7-6.500a5.3 5.3 0 0 0-10.6 0c0 3.5-.3 5-1.7 6.500zM10 20.500h4M12 3.500v2"/>',
    "offline": '<path d="M3 9.500c1.5-1.4 3.2-2.4 5-3M21 9.500a13 13 0 0 0-9.5-3.700M6.3 13.200c1-.9 2-1.5 3.2-1.900M17.7 13.200a8.2 8.2 0 0 0-2.5-1.600M9.6 16.700a3.8 3.8 0 0 1 4.8 0"/>'
               f'<path d="M4 3.500l16 17"/><circle cx="12" cy="19.5" r="1.2" {DOT}/>',
    "stop": '<circle cx="12" cy="12" r="8.8"/><path d="M5.8 5.800l12.4 12.4"/>',
    # doing
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "minus": '<path d="M5 12h14"/>',
    "close": '<path d="M5.5 5.500l13 13M18.5 5.500l-13 13"/>',
    "backspace": '<path d="M8.5 5.500H21v13H8.500L2.8 12z"/><path d="M11.5 9.300l5.4 5.400m0-5.400l-5.4 5.4"/>',
    "menu": '<path d="M4 6.500h16M4 12h16M4 17.500h16"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.500L21 21"/>',
    "filter": '<path d="M3.5 5h17l-6.7 8v6.500l-3.6-2V13z"/>',
    "sort": '<path d="M8 4.500v15M4.5 8L8 4.5 11.5 8M16 19.500v-15M12.5 16l3.5 3.5 3.5-3.5"/>',
    "edit": '<path d="M4 20l1-4.500L16.5 4 20 7.5 8.5 19zM14 6.500l3.5 3.5"/>',
    "print": '<path d="M7 8.500V3.500h10v5M7 17H4V8.500h16V17h-3"/><path d="M7 14h10v6.500H7z"/>',
    "download": '<path d="M12 4v11M7.5 10.800L12 15.300l4.5-4.500M4.5 19.800h15"/>',
    "upload": '<path d="M12 15.500v-11M7.5 9L12 4.5 16.5 9M4.5 19.800h15"/>',
    "again": '<path d="M19.5 12a7.5 7.5 0 1 1-2.3-5.400L19.5 9M19.5 4v5h-5"/>',
    "undo": '<path d="M8.5 5L4 9.5 8.5 14M4 9.500h10.500a5 5 0 0 1 0 10H9"/>',
    "link": '<path d="M10 14.500a4 4 0 0 1 0-5.600l2.5-2.500a4 4 0 0 1 5.6 5.600l-1.3 1.3"/>'
            '<path d="M14 9.500a4 4 0 0 1 0 5.600l-2.5 2.500a4 4 0 0 1-5.6-5.600l1.3-1.3"/>',
    "external": '<path d="M13.5 4.500h6v6M19.5 4.500L11 13M18 14v5.500H4.500V6H10"/>',
    "settings": '<path d="M4 7h9m4 0h3M4 17h3m4 0h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>',
    "exit": '<path d="M13.5 4.500h-9v15h9M9.5 12H20M16.5 8.500L20 12l-3.5 3.5"/>',
    # seeing, hearing, reading
    "language": '<circle cx="12" cy="12" r="8.8"/><path d="M3.5 12h17M12 3.200c-5 5.5-5 12.1 0 17.6 5-5.5 5-12.1 0-17.600z"/>',
    "reading": '<path d="M5 11.500h14M12 9.500v2M7 20.500c4-1.5 7-4 8.5-9M8.5 14c1.5 3 4.5 5.3 8.5 6.5"/>'
               f'<circle cx="7" cy="5" r="1.3" {DOT}/><circle cx="12" cy="5" r="1.3" {DOT}/><circle cx="17" cy="5" r="1.3" {DOT}/>',
    "eye": '<path d="M2.5 12C5 7.8 8.2 5.7 12 5.700s7 2.1 9.5 6.300c-2.5 4.2-5.7 6.3-9.5 6.300S5 16.2 2.5 12z"/><circle cx="12" cy="12" r="2.8"/>',
    "sound": '<path d="M4 9.500h3.500L12 5.500v13l-4.5-4H4zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.500a7.8 7.8 0 0 1 0 11"/>',
    "sun": '<circle cx="12" cy="12" r="4"/><path d="M12 2.500v2.500M12 19v2.500M2.5 12H5M19 12h2.500M5.3 5.300L7 7M17 17l1.7 1.700M18.7 5.300L17 7M7 17l-1.7 1.7"/>',
    "moon": '<path d="M19.5 14.500A8.3 8.3 0 0 1 9.5 4.500a8.3 8.3 0 1 0 10 10z"/>',
    "camera": '<path d="M4 7.500h3.500l1.5-2.500h6l1.5 2.500H20v12H4z"/><circle cx="12" cy="13" r="3.5"/>',
    # reaching people, keeping things safe
    "mail": '<rect x="3" y="5.5" width="18" height="13" rx="1.5"/><path d="M3.5 7l8.5 6 8.5-6"/>',
    "phone": '<path d="M6 3.500h3l1.5 4-2 1.700c1 2.6 2.7 4.3 5.3 5.300l1.7-2 4 1.500v3c0 1.5-1.2 2.7-2.7 2.500C10.5 19 5 13.5 4 6.2 3.8 4.7 4.5 3.5 6 3.500z"/>',
    "card": '<rect x="2.5" y="5" width="19" height="14" rx="2"/><path d="M2.5 9.500h19M6 15h4"/>',
    "lock": '<rect x="5" y="10.5" width="14" height="10" rx="1.5"/><path d="M8 10.500V8a4 4 0 0 1 8 0v2.500M12 14.500v2"/>',
    "key": '<circle cx="8" cy="15.5" r="4.5"/><path d="M11.2 12.300L20 3.500M16 7.500l3 3M13.5 10l2 2"/>',
    # ways
    "right": '<path d="M4.5 12h14.500M13 6l6 6-6 6"/>',
    "left": '<path d="M19.5 12H5M11 6l-6 6 6 6"/>',
    "up": '<path d="M12 19.500V5M6 11l6-6 6 6"/>',
    "down": '<path d="M12 4.500V19M6 13l6 6 6-6"/>',
    "next": '<path d="M9 5l7 7-7 7"/>',
    "back": '<path d="M15 5l-7 7 7 7"/>',
    "open": '<path d="M5 9l7 7 7-7"/>',
}

SCENES: dict[str, str] = {
    # larger drawings for a page's states: the ring, and what became of it (on the same 24 x 24 field)
    "scene-empty": '<circle cx="12" cy="12" r="8.5" stroke-dasharray="1.5 1.75"/><circle cx="12" cy="3.5" r="1" class="fill-gold" stroke="none"/>',
    "scene-loading": '<path d="M12 3.500a8.5 8.5 0 0 1 8.5 8.5"/><circle cx="12" cy="12" r="8.5" opacity=".25"/>'
                     '<circle cx="20.5" cy="12" r="1" class="fill-gold" stroke="none"/>',
    "scene-error": '<path d="M15.5 4.25a8.5 8.5 0 1 1-7 0"/><path d="M12 8v5"/>'
                   f'<circle cx="12" cy="15.7" r=".6" {DOT}/><circle cx="12" cy="3.5" r="1" class="fill-gold" stroke="none"/>',
    "scene-offline": '<path d="M20.3 10a8.5 8.5 0 0 1-16.6 4M3.7 10a8.5 8.5 0 0 1 16.6 0"/>'
                     '<path d="M1.7 12.700l2-.7 1.6.8M18.7 11.300l1.7.8 1.9-.8" class="line-gold"/>',
    "scene-closed": '<circle cx="12" cy="12" r="8.5"/><path d="M6.5 8.500h11M7.5 8.500v4.500M10.5 8.500V13M13.5 8.500V13M16.5 8.500v4.5"/>'
                    '<path d="M7.5 13h3m0 0h3m0 0h3"/><circle cx="12" cy="3.5" r="1" class="fill-gold" stroke="none"/>',
    "scene-invented": '<circle cx="12" cy="12" r="8.5" stroke-dasharray="2.5 1"/><path d="M6.5 15.500v-4l2.7-2 2.8 2v4M12 15.500V9l2.7-1.800L17.5 9v6.5"/>'
                      '<path d="M5.5 15.500h13"/><circle cx="12" cy="3.5" r="1" class="fill-gold" stroke="none"/>',
}


def icon(name: str, *, size: str = "m", label: str = "", extra: str = "") -> str:
    """The SVG of a sign. Silent for screen readers unless it has a `label`. Raises KeyError for an unknown name."""
    drawing = SCENES[name] if name.startswith("scene-") else ICONS[name]
    pixels = SIZES[size]
    voice = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    classes = f"icon icon--{size} {extra}".strip()
    stroke = "0.6" if size == "scene" else "1.5" if size == "xl" else "2"
    return (
        f'<svg class="{escape(classes)}" width="{pixels}" height="{pixels}" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
        f' stroke-width="{stroke}" stroke-linecap="round" stroke-linejoin="round" focusable="false" {voice}>{drawing}</svg>'
    )


def names() -> tuple[str, ...]:
    """All signs and scenes, for the style page."""
    return (*ICONS, *SCENES)
