"""The JSON API: one document (OpenAPI 3.1 at /api/v1/openapi.json), one way to say no (RFC 9457)."""

from __future__ import annotations

from meguri.faces.api import (
    benefits,
    commuters,
    evidence,
    gifts,
    lines,
    missions,
    notes,
    notices,
    orders,
    payments,
    photos,
    points,
    programmes,
    refusals,
    rehearsal,
    settlement,
    strategy,
    vouchers,
    wallets,
    years,
)
from meguri.faces.api.document import Api, JsonOnly
from meguri.faces.api.saying_no import teach

api = Api(
    title="Meguri",
    version="1",
    urls_namespace="api",
    parser=JsonOnly(),
    description="One wallet, one ledger, one evidence base. Amounts are whole yen. A payment and the record of an "
    "action carry an Idempotency-Key: the same key again is the same answer.",
    docs_url=None,  # ninja's page loads its script from a foreign host; `reference` stands in its place
)
api.add_router("", rehearsal.router, tags=["rehearsal"])
api.add_router("", programmes.router, tags=["programmes"])
api.add_router("", vouchers.router, tags=["vouchers"])
api.add_router("", orders.router, tags=["vouchers"])
api.add_router("", lines.router, tags=["vouchers"])
api.add_router("", points.router, tags=["points"])
api.add_router("", photos.router, tags=["points"])
api.add_router("", missions.router, tags=["points"])
api.add_router("", benefits.router, tags=["benefits"])
api.add_router("", commuters.router, tags=["people"])
api.add_router("", wallets.router, tags=["wallets"])
api.add_router("", gifts.router, tags=["wallets"])
api.add_router("", payments.router, tags=["payments"])
api.add_router("", notes.router, tags=["payments"])
api.add_router("", settlement.router, tags=["settlement"])
api.add_router("", years.router, tags=["settlement"])
api.add_router("", evidence.router, tags=["evidence"])
api.add_router("", strategy.router, tags=["strategy"])
api.add_router("", notices.router, tags=["notices"])
api.add_router("", refusals.router, tags=["refusals"])
teach(api)

