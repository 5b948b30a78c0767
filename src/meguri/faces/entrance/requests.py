"""The request as every view sees it after the entrance's middlewares: `def day(request: TownRequest) -> …`."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest

from meguri.ledger.queries import Municipality
from meguri.parties.queries import Hat
from meguri.words.actor import Actor
from meguri.words.refusal import Language


class TownRequest(HttpRequest):
    """A request that knows language, town, the town's time and who acts. Only annotations: nothing is made of it."""

    language: Language
    readings: bool  # the reader wants readings above the kanji
    municipality: int
    town: Municipality | None  # none before the town's books are open
    at: datetime  # the town's present time, aware, UTC
    actor: Actor
    hat: Hat | None
    hats: tuple[Hat, ...]
    withheld_hats: tuple[Hat, ...]  # officers' hats that wait for a second factor
