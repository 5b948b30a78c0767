"""Where a document comes from, as officers read it: the city and its year, how it went there, what it had changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from meguri.faces.design.figures import show_day
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import say
from meguri.programmes.origins import Results
from meguri.programmes.terms import ProgrammeTerms
from meguri.words.yen import show_yen

MONEY = (
    ("issued_yen", "発行した額", "Issued"), ("spent_yen", "使われた額", "Spent"),
    ("unspent_yen", "財布に残った額", "Unspent"), ("expired_yen", "失効した額", "Expired"),
    ("to_bank_yen", "口座へ振り込んだ額", "Sent to bank accounts"),
)
COUNTS = (
    ("receivers", "受け取った人", "People who received", "人", "people"),
    ("payers", "使った人", "People who spent", "人", "people"),
    ("units_applied", "申し込まれた口数", "Units applied for", "口", "units"),
    ("units_drawn", "当せんした口数", "Units drawn", "口", "units"),
    ("units_paid", "買われた口数", "Units paid", "口", "units"),
)


def shown(request: TownRequest, terms: ProgrammeTerms) -> dict[str, Any]:
    """For a page: the origin beside its document; nothing for a town's own."""
    origin = terms.origin
    if origin is None:
        return {}
    city = say(request, origin.city.ja, origin.city.en)
    told: dict[str, Any] = {"city": city, "year": origin.year, "changed": origin.changed}
    if origin.results is not None:
        told["counted_on"] = show_day(origin.results.counted_on, request.language, style="year")
        told["facts"] = list(_facts(request, origin.results))
    return {"origin": told}


def _facts(request: TownRequest, results: Results) -> Iterator[tuple[str, str]]:
    """What is told, in the order in which money moves; a figure that is not told has no line."""
    for name, ja, en in MONEY:
        if (yen := getattr(results, name)) or name != "to_bank_yen":
            yield say(request, ja, en), show_yen(yen, request.language)
    for name, ja, en, unit_ja, unit_en in COUNTS:
        if (count := getattr(results, name)) is not None:
            yield say(request, ja, en), say(request, f"{count:,}{unit_ja}", f"{count:,} {unit_en}")
    if results.cost_yen is not None:
        yield say(request, "かかった費用", "What it cost to run"), show_yen(results.cost_yen, request.language)
    if (cost := results.cost_bp) is not None:
        yield (
            say(request, "100円を届けるのにかかった費用", "Cost of delivering ¥100"),
            say(request, f"{cost / 100:,.1f}円", f"¥{cost / 100:,.1f}"),
        )
