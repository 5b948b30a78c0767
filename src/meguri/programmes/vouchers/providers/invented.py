"""The test provider: an invented shop's till and an invented card, for invented towns. No money moves.

Its page lies in this program; what is pressed there comes in as signed notices, through the same door as real ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from meguri.programmes.vouchers.providers.interface import Started, Told, Wanted
from meguri.programmes.vouchers.providers.signing import require_signed, signed
from meguri.programmes.vouchers.providers.slip import HEADER, read_slip_notice, slip_notice


class InventedProvider:
    """Takes slips and cards alike."""

    code = "test"
    final_days = 5

    def __init__(self, *, secret: str) -> None:
        self._secret = secret

    def start(self, wanted: Wanted, *, at: datetime) -> Started:  # noqa: ARG002 - the interface's
        """The page where one plays the shop stands beside the order's own."""
        return Started(page=f"{wanted.back_to}/pretend", until=wanted.pay_before)

    def read(self, body: bytes, *, headers: Mapping[str, str], at: datetime) -> Told | None:
        """As the interface says."""
        require_signed(body, header=headers.get(HEADER, ""), secret=self._secret, at=at)
        return read_slip_notice(body)

    def send(self, told: Told, *, at: datetime) -> tuple[bytes, dict[str, str]]:
        """A notice as it comes over the wire: body and headers."""
        body = slip_notice(told)
        return body, {HEADER: signed(body, secret=self._secret, at=at)}
