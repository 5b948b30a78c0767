"""A person of the register by the number typed at the desk: in any width, with its leading zeros or without."""

from __future__ import annotations

from uuid import UUID

from meguri.faces.entrance.requests import TownRequest
from meguri.vault.queries import resident_by_number
from meguri.words.refusal import declare

NOBODY_WITH_NUMBER = declare(
    "letter_nobody_with_number", status=404,
    ja="この宛名番号の方は登録にありません。番号をもう一度お確かめください。",
    en="Nobody in the register has this number. Please check it.",
)


def person_by_number(request: TownRequest, *, field: str = "number") -> UUID:
    """Whose number stands in this field of the form. Raises Refusal `letter_nobody_with_number`."""
    found = resident_by_number(request.POST.get(field, ""), municipality=request.municipality)
    if found is None:
        raise NOBODY_WITH_NUMBER.refusal(field=field)
    return found
