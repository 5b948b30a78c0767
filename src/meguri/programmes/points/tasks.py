"""What runs by itself in every town."""

from __future__ import annotations

from datetime import datetime, timedelta

from meguri.programmes.points.operations import reviewing

EVERY = {"drop_old_photos": timedelta(hours=1), "end_unanswered": timedelta(hours=1)}


def drop_old_photos(*, municipality: int, at: datetime) -> None:
    reviewing.drop_old_photos(municipality=municipality, at=at)


def end_unanswered(*, municipality: int, at: datetime) -> None:
    reviewing.end_unanswered(municipality=municipality, at=at)
