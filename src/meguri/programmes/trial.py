"""The part of a document by which lot decides some conditions: arms, their shares, and what differs in each.

One arm is the control: it says nothing of its own, so whoever is in it lives under the terms as they are written.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from meguri.programmes.parts import BasisPoints, Code, ExpiresAfter, ExpiresOn, FacePart, Holder, Part, Text


class Strata(StrEnum):
    """Groups inside which every arm gets its share."""

    NONE = "none"
    WARD = "ward"


class Arm(Part, frozen=True, kw_only=True):
    """What differs for whoever is drawn into this arm; what it leaves out is as the terms say.

    `reminder_days`: the platform reminds so many days before an expiry, 0 never; who has chosen a day keeps it.
    `premium`: what a unit puts into granted purses. `demurrage_bp`: the rate on a demurrage day, 0 for none.
    """

    code: Code
    name: Text
    share_bp: Annotated[int, Meta(ge=1, le=10_000)]
    reminder_days: Annotated[int, Meta(ge=0, le=30)] | None = None
    expiry: ExpiresOn | ExpiresAfter | None = None
    premium: tuple[FacePart, ...] = ()
    demurrage_bp: BasisPoints | None = None

    @property
    def is_control(self) -> bool:
        return self.reminder_days is None and self.expiry is None and not self.premium and self.demurrage_bp is None


class Trial(Part, frozen=True, kw_only=True):
    """Lot decides a part of the conditions. `reason` is told to residents; `per` is what is drawn as one.

    `public_value` names what nobody can know before `drawn_on`; it is mixed into the draw, as in a lottery.
    """

    arms: tuple[Arm, ...]
    per: Holder = Holder.RESIDENT
    strata: Strata = Strata.NONE
    drawn_on: date
    public_value: Text
    reason: Text
