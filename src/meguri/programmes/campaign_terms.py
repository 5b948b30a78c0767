"""The parts of a document by which payments earn at the moment they are made: campaigns, in their order.

The order in the document is the order in which they are asked. Every one that applies gives what it says; one that is
exclusive and applies ends the list. What they mean together is judged by `programmes.campaign_checks`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from meguri.programmes.parts import BasisPoints, Code, Limit, Part, Per, Text, Window
from meguri.words.predicate import EVERYTHING, Predicate

PaymentYen = Annotated[int, Meta(ge=1, le=10**7)]


class Counted(StrEnum):
    """Which value of a payment earns. Paid value only, unless the document says otherwise: points earn no points."""

    PAID = "paid"
    ALL = "all"


class Stacking(StrEnum):
    """Whether the campaigns behind this one are still asked when it applies."""

    STACKS = "stacks"
    EXCLUSIVE = "exclusive"


class Drawer(StrEnum):
    """Whose ceiling a campaign draws on."""

    PERSON = "person"
    HOUSEHOLD = "household"
    SHOP = "shop"
    AREA = "area"  # where the shop stands: what a ward or a quarter may have of the campaign
    CAMPAIGN = "campaign"  # all payments together: the campaign's own cap


class CampaignBand(Part, frozen=True, kw_only=True):
    """What a payment of `from_yen` up to less than `below_yen` (None: any more) earns: a rate in 1/100 %, or yen."""

    from_yen: PaymentYen = 1
    below_yen: PaymentYen | None = None
    rate_bp: BasisPoints | None = None
    yen: PaymentYen | None = None


class CampaignLimit(Part, frozen=True, kw_only=True):
    """A ceiling in yen. It is a balance in the books, drawn on in the same locked step as the grant."""

    of: Drawer = Drawer.PERSON
    per: Per
    yen: Annotated[int, Meta(ge=1, le=10**12)]


class Campaign(Part, frozen=True, kw_only=True):
    """What payments earn in a window, `when` a condition over payment, shop and person holds.

    `most_yen` bounds one payment's points. `purse` and `funded_by` differ from the document's where they are said.
    """

    code: Code
    name: Text
    window: Window
    when: Predicate = EVERYTHING
    bands: tuple[CampaignBand, ...]
    counted: Counted = Counted.PAID
    most_yen: PaymentYen | None = None
    limits: tuple[CampaignLimit, ...] = ()
    stacking: Stacking = Stacking.STACKS
    purse: Code | None = None
    funded_by: Code | None = None


class GrantByCampaign(Part, frozen=True, kw_only=True, tag_field="by", tag="campaign"):
    """Points come with a payment, by the campaigns that apply to it. `limits` bind a person over all of them."""

    purse: Code
    campaigns: tuple[Campaign, ...]
    limits: tuple[Limit, ...]
    window: Window
