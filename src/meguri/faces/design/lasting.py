"""How long money is good, in words, for whoever has yet to get it."""

from __future__ import annotations

from meguri.faces.design.figures import show_day
from meguri.programmes.arms import Expiry
from meguri.programmes.parts import ExpiresAfter, ExpiresOn
from meguri.programmes.terms import ProgrammeTerms


def lasting(expiry: Expiry, terms: ProgrammeTerms, *, language: str) -> str:
    """Until when money of these terms is good, for whoever has yet to get it: a day, or how long."""
    last = terms.spending.window.last_day
    match expiry:
        case ExpiresOn(last_day=day):
            last = min(day, last)
        case ExpiresAfter(months=months, to_the_day=to_the_day):
            if language == "ja":
                return f"受け取ってから{months}か月" if to_the_day else f"受け取った月の{months}か月後の月末"
            return f"{months} months after you get it" + ("" if to_the_day else ", to the end of that month")
        case _:
            return "なし" if language == "ja" else "never expires"
    return show_day(last, "ja" if language == "ja" else "en", style="year")
