"""What the vault does by itself, in every town."""

from __future__ import annotations

from datetime import datetime, timedelta

from meguri.vault.operations import sweep_logins as sweep

EVERY = {"sweep_logins": timedelta(hours=6)}
KEPT = timedelta(days=2)
"""How long a login waits for its first code."""


def sweep_logins(*, municipality: int, at: datetime) -> None:
    sweep(municipality=municipality, before=at - KEPT)
