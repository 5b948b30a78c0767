"""What has happened of a programme by the town's records, whatever its calendar says."""

from __future__ import annotations

from dataclasses import dataclass

from meguri.programmes.benefits import queries as benefits
from meguri.programmes.queries import Budget, ProgrammeView
from meguri.programmes.vouchers import queries as vouchers


@dataclass(frozen=True, slots=True)
class Happened:
    """`opened`, `drawn`: rounds of a sale by their codes. `listed`: somebody was entitled; `paid`: a list was paid.
    `coded`: letters with codes were made.

    `given`: value was handed out. `owed_yen`: used, and not paid out yet.
    """

    opened: frozenset[str] = frozenset()
    drawn: frozenset[str] = frozenset()
    coded: bool = False
    listed: bool = False
    paid: bool = False
    given: bool = False
    owed_yen: int = 0


def happened(view: ProgrammeView, *, budget: Budget, municipality: int) -> Happened:
    """Of one programme; `budget`: that of all its funds."""
    rounds = vouchers.opened_rounds(view.id, municipality=municipality) if view.family == "voucher" else {}
    lists = benefits.lists(municipality, programme=view.id) if view.family == "benefit" else ()
    return Happened(
        opened=frozenset(rounds), drawn=frozenset(code for code, is_drawn in rounds.items() if is_drawn),
        coded=view.family == "voucher" and vouchers.has_codes(view.id, municipality=municipality),
        listed=any(each.state in ("decided", "released") for each in lists),
        paid=any(each.state == "released" for each in lists),
        given=budget.loaded_yen > budget.left_yen, owed_yen=budget.used_yen,
    )  # fmt: skip
