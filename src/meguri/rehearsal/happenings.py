"""What happens in the town: facts in time order, each with a key that names it for ever.

A key is the same in every run of the same seed; the driver makes the request's idempotency key of it, so a second start
never lives twice.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

HALL = "town hall"
"""`who` of everything officers do: it happens alone, never beside other happenings."""

Means = Literal["holder_code", "shop_code"]
Receipt = Literal["bank", "local_money"]
SlipWord = Literal["early", "final", "withdrawn"]
"""速報, 確報, 速報取消: what a shop tells of a slip."""


class SpendingRow(NamedTuple):
    """One household's week: all it spent, inside the wallet and outside (yen)."""

    household: str
    week: date  # its Monday
    total_yen: int
    inside_yen: int
    outside_yen: int


class BenefitRow(NamedTuple):
    """One line of the list: the entitled child, and the head of its household, who receives."""

    resident: str
    recipient: str
    amount_yen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """`at` is aware UTC, `who` a resident's or shop's key, or HALL."""

    at: datetime
    key: str
    who: str = HALL

    def details(self) -> dict[str, Any]:
        """What a happening of this kind says beyond when, who and its name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in {"at", "key", "who"}}


# --- the town hall ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistersResidents(Happening):
    residents: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistersShops(Happening):
    shops: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistersSponsors(Happening):
    sponsors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchesProgramme(Happening):
    """Drafted and submitted by one officer, launched by another."""

    programme: str
    department: str
    document: str  # TOML


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposesProgramme(Happening):
    """Drafted and submitted; another officer has still to launch it."""

    programme: str
    department: str
    document: str  # TOML


@dataclass(frozen=True, slots=True, kw_only=True)
class AppropriatesBudget(Happening):
    """Money for a fund of a launched programme."""

    programme: str
    department: str
    fund: str
    amount_yen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosesApplications(Happening):
    """The list is frozen and its hash published, days before the public value of the draw can be known."""

    programme: str
    department: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws(Happening):
    """With the public value of the day: named beforehand, known to everybody, in nobody's hand."""

    programme: str
    department: str
    public_value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesUp(Happening):
    """People come to the line of a sale, one after another: resident and units. Their order decides who gets units."""

    programme: str
    round: str
    people: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMoves(Happening):
    """What was kept for those who slept has gone back, and to whoever waits longest."""

    programme: str
    round: str
    asleep: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SellsAtCounter(Happening):
    """Somebody pays cash at the town hall, in a sale that is first come, first served."""

    programme: str
    round: str
    department: str
    resident: str
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportsBenefitList(Happening):
    programme: str
    department: str
    rows: tuple[BenefitRow, ...]
    proposed: bool = True  # else it stays a draft


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidesBenefit(Happening):
    """支給決定: the checker's decision on the list; from now on people choose how to receive it."""

    programme: str
    department: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasesBenefit(Happening):
    """支給: wallets are loaded, bank transfers become payable."""

    programme: str
    department: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsSettlement(Happening):
    cutoff: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovesPayouts(Happening):
    """The accountant releases what a settlement found."""

    settlement: str  # key of the RunsSettlement


@dataclass(frozen=True, slots=True, kw_only=True)
class SendsPayouts(Happening):
    """The bank gets the file of what was released."""

    settlement: str  # key of the RunsSettlement


@dataclass(frozen=True, slots=True, kw_only=True)
class SetsGoals(Happening):
    """Writes the town's goal tree, from the vision down."""

    tree: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksProgramme(Happening):
    """Hangs a programme on goals."""

    programme: str
    goals: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BooksCost(Happening):
    """What something cost in a month; without a programme it is shared by the key `allocation`."""

    kind: str
    amount_yen: int
    month: date
    source: str
    note: str
    programme: str = ""
    allocation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadsSpending(Happening):
    """Households that agreed to it report what they spent, inside the wallet and outside."""

    rows: tuple[SpendingRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEnds(Happening):
    """Nothing to do; but everything before it must be answered before the next day is lived."""

    on: date
    week: int
    last_of_week: bool


# --- residents -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OpensWallet(Happening):
    device: Literal["phone", "card"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LooksAtWallet(Happening):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Applies(Happening):
    programme: str
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchases(Happening):
    """Pays for what was won. Whoever lost learns it here, if the draw's list was not published."""

    programme: str
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakesTurn(Happening):
    """Sees whether the turn has come, and if it has pays for all that is kept: by card at once, or by a slip."""

    programme: str
    round: str
    way: Literal["card", "slip"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TellsOfSlip(Happening):
    """A shop's word about the slip of `who`."""

    programme: str
    round: str
    kind: SlipWord


@dataclass(frozen=True, slots=True, kw_only=True)
class Gives(Happening):
    """Puts yen of a programme's purse aside for whoever brings the code, and tells it to `to`."""

    programme: str
    yen: int
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakesGift(Happening):
    gift: str  # key of the Gives


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts(Happening):
    """Does something the town hopes for, and shows it."""

    programme: str
    action: str
    evidence: str  # as the document asks: device, place_code, partner_confirms, staff_confirms, photo
    place: str
    amount: int  # steps, or 1
    confirmed: bool = True  # by an officer, where the evidence asks for one


@dataclass(frozen=True, slots=True, kw_only=True)
class BringsSteps(Happening):
    """Sends the steps of the last days, as the phone counted them."""

    days: tuple[tuple[date, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoosesReceipt(Happening):
    """One choice for all children of the household."""

    programme: str
    children: tuple[str, ...]
    receipt: Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Pays(Happening):
    shop: str
    yen: int
    means: Means


@dataclass(frozen=True, slots=True, kw_only=True)
class AsksRefund(Happening):
    payment: str  # key of the Pays
    shop: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Complains(Happening):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LosesPhone(Happening):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class FindsNewPhone(Happening):
    """Two days later the wallet is open again on another device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopCloses(Happening):
    """A shop gives up; `who` is its key."""
