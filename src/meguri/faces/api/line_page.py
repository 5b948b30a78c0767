"""The waiting page: rendered once for a line, a language and a state; for each person only figures are filled in.

A town may load it in one minute, so no template runs for a person. It reloads itself without a script; with one it asks
only for the line's public state, which is the same for everybody.
"""

from __future__ import annotations

from functools import lru_cache
from types import SimpleNamespace
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.html import escape

from meguri.faces.api.tickets import Ticket, mint_ticket
from meguri.ledger import queries as ledger
from meguri.ledger.wall import name_municipality
from meguri.programmes.vouchers import queries as vouchers
from meguri.programmes.vouchers.line import LineView, PlaceView
from meguri.programmes.vouchers.rules import said_minute
from meguri.words.refusal import Language, Refusal

NEAR, FAR = 300, 3_000
"""How many still wait before one: who is nearer is told more often."""
FIGURES = ("number", "ahead", "left", "reserved", "units_won", "pay_before", "why", "ticket", "every", "share")
"""What differs from person to person; each stands in the page as a mark of its own until it is filled in."""


def standing(view: LineView, *, place: PlaceView, ticket: Ticket, language: Language) -> bytes:
    """The page of one person's place."""
    page = _frame(ticket.municipality, ticket.sale, state=place.state, language=language)
    told = place.why.en if place.why and language == "en" else place.why.ja if place.why else ""
    until = format(said_minute(place.pay_before), language) if place.pay_before else ""
    figures = {
        "number": f"{place.number:,}", "ahead": f"{place.ahead:,}", "left": f"{view.left:,}",
        "reserved": f"{view.reserved:,}", "units_won": str(place.units_won), "pay_before": until, "why": escape(told),
        "ticket": quote(mint_ticket(ticket), safe=""), "every": str(pace(place.ahead)),
        "share": str(100 * (view.units - view.left) // view.units),
    }  # fmt: skip
    for name, figure in figures.items():
        page = page.replace(_mark(name), figure)
    return page.encode()


def pace(ahead: int) -> int:
    """After how many seconds to look again."""
    return 3 if ahead < NEAR else 6 if ahead < FAR else 15


def refused(refusal: Refusal, *, language: Language) -> bytes:
    """The page of a kind no."""
    return render_to_string("api/line_refused.html", {"language": language, "refusal": refusal}).encode()


@lru_cache(maxsize=200)
def _frame(municipality: int, sale: UUID, *, state: str, language: Language) -> str:
    name_municipality(municipality)
    town = ledger.municipality(municipality)
    values: dict[str, object] = {name: _mark(name) for name in FIGURES}
    values["request"] = SimpleNamespace(GET=QueryDict(f"ticket={_mark('ticket')}"))  # the way to the other language
    return render_to_string("api/line.html", {
        "language": language, "town": town, "invented_town": town is not None and town.kind != "real",
        "sale": vouchers.sale_page(sale, municipality=municipality), "state": state, "home_url": _at_home("/wallet/"),
        "wallet_url": _at_home("/wallet/get/vouchers/") + str(sale), "municipality": municipality, **values,
    })  # fmt: skip


def _at_home(path: str) -> str:
    """The wallet may live at another address than the line."""
    scheme = "https" if settings.SESSION_COOKIE_SECURE else "http"
    return f"{scheme}://{settings.OFFICIAL_HOST}{path}" if settings.SALE_ADDRESS else path


def _mark(name: str) -> str:
    return f"zz-{name}-zz"
