"""The invented town: wards, households, residents, shops, merchants, sponsors and officers, all made by a seed.

Nothing here is real but the statistics (`figures`), the calendar, the bank codes and the form of an address.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Literal

from meguri.rehearsal.names import Name

SizeClass = Literal["street", "small", "large"]
TaxClass = Literal["exempt", "income"]


@dataclass(frozen=True, slots=True)
class Ward:
    """A hexagonal tile; `q` and `r` are axial coordinates, the centre of the town is (0, 0)."""

    key: str
    name: str
    kana: str
    name_en: str
    q: int
    r: int
    postal_code: str  # none in Japan begins with 000

    def steps_to(self, other: Ward) -> int:
        """How many tiles one walks from here to there."""
        dq, dr = self.q - other.q, self.r - other.r
        return (abs(dq) + abs(dr) + abs(dq + dr)) // 2


@dataclass(frozen=True, slots=True)
class BankAccount:
    """A real bank and branch, an invented number and holder."""

    bank_code: str
    branch_code: str
    kind: Literal["ordinary", "current"]
    number: str
    holder_kana: str


@dataclass(frozen=True, slots=True)
class Household:
    """`head` and `members` are keys of residents; incomes are yen a year, `weekly_yen` is what it usually spends."""

    key: str
    ward: str
    address: str
    postal_code: str
    members: tuple[str, ...]
    income_yen: int
    assessed_income_yen: int
    tax_class: TaxClass
    shielded: bool
    weekly_yen: int
    growth: float  # its own drift of spending, per week
    growth_rank: float  # the same in standard deviations

    @property
    def head(self) -> str:
        return self.members[0]


@dataclass(frozen=True, slots=True)
class Resident:
    """`eagerness` multiplies the pace of spending (median 1)."""

    key: str
    household: str
    ward: str
    name: Name
    born: date
    moved_in: date
    smartphone: bool
    eagerness: float
    bank: BankAccount

    def age(self, on: date) -> int:
        """Completed years on a day."""
        return on.year - self.born.year - ((on.month, on.day) < (self.born.month, self.born.day))


@dataclass(frozen=True, slots=True)
class Merchant:
    key: str
    name: str
    kana: str
    owner: Name
    bank: BankAccount


@dataclass(frozen=True, slots=True)
class Shop:
    """`visits` weighs how often it is chosen; `accepts_from_week` is None if it never joins; `closed_on`: Monday 0."""

    key: str
    merchant: str
    name: str
    name_en: str
    trade: str
    jsic_middle: str
    ward: str
    address: str
    size: SizeClass
    floor_m2: int
    visits: float
    ticket_yen: int
    opens: int
    closes: int
    closed_on: int | None
    accepts_from_week: int | None

    @property
    def small(self) -> bool:
        return self.size != "large"


@dataclass(frozen=True, slots=True)
class Sponsor:
    key: str
    name: str
    kana: str
    name_en: str
    purpose: str
    speaker: Name


@dataclass(frozen=True, slots=True)
class Officer:
    key: str
    department: str
    role: str
    name: Name


@dataclass(frozen=True, slots=True)
class Place:
    """Where an action can be done."""

    key: str
    name: str
    name_en: str
    ward: str


@dataclass(frozen=True)
class Town:
    """Everything that exists before the first day. `as_of` is the day on which ages are right."""

    name: str
    name_en: str
    code: str
    label: str
    label_en: str
    seed: int
    as_of: date
    wards: dict[str, Ward]
    households: dict[str, Household]
    residents: dict[str, Resident]
    merchants: dict[str, Merchant]
    shops: dict[str, Shop]
    sponsors: dict[str, Sponsor]
    officers: dict[str, Officer]
    places: dict[str, Place]

    def household_of(self, resident: str) -> Household:
        return self.households[self.residents[resident].household]

    def adults(self, least: int = 18) -> Iterator[Resident]:
        """Residents of at least this age on `as_of`."""
        return (person for person in self.residents.values() if person.age(self.as_of) >= least)

    def digest(self) -> str:
        """One value for everything in the town; equal towns have equal digests."""
        parts = (self.wards, self.households, self.residents, self.merchants, self.shops, self.sponsors, self.officers)
        return sha256(repr((self.code, self.seed, self.as_of, parts)).encode()).hexdigest()
