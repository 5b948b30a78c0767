"""The catalogue of every expected no, as the API gives it: generated from the code."""

from __future__ import annotations

from ninja import Router, Schema

from meguri.faces.entrance.requests import TownRequest
from meguri.words.refusal import catalogue

router = Router()


class RefusalRow(Schema):
    code: str
    status: int
    ja: str
    en: str
    facts: list[str]


@router.get("/refusals", operation_id="refusals_list", response=list[RefusalRow])
def refusals(request: TownRequest) -> list[RefusalRow]:
    """Every code with its Japanese and English sentence and the facts that each names."""
    return [
        RefusalRow(code=kind.code, status=kind.status, ja=kind.ja, en=kind.en, facts=sorted(kind.facts))
        for kind in catalogue()
    ]
