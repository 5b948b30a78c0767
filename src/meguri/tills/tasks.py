"""Scheduled work of the tills."""

from __future__ import annotations

from datetime import datetime, timedelta

from meguri.tills.models import ShownCode

KEPT = timedelta(hours=1)


def tidy_codes(*, municipality: int, at: datetime) -> int:
    """Forget codes that ran out long ago; a code's single use is kept by the books. Returns how many."""
    gone, _ = ShownCode.objects.filter(municipality=municipality, expires_at__lt=at - KEPT).delete()
    return gone
