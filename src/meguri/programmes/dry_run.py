"""What a dry run (予行) of a programme tells: a draft lived day by day by invented people. Pure, and readable as JSON.

`DayLived` is what stood in the dry run's books in the evening of a day and what happened on it; `Ending` is what it
says when its last day is over. Both go as lines from the process that lives to the one that keeps.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

import msgspec
from msgspec import Struct

from meguri.parties.rules import Both

PEOPLE = 200
"""How many invented residents live a programme. A larger town's units and budget are taken down in proportion."""


class FundLived(Struct, frozen=True, kw_only=True):
    """A fund in the evening (yen): not granted yet, in wallets, at shops or owed, and paid value that nobody used."""

    code: str
    ja: str
    en: str
    is_buyers: bool
    left_yen: int = 0
    reserved_yen: int = 0
    used_yen: int = 0
    expired_yen: int = 0

    @property
    def issued_yen(self) -> int:
        """What has left the fund and not come back."""
        return self.reserved_yen + self.used_yen + self.expired_yen


class Met(Struct, frozen=True, kw_only=True):
    """A refusal that people met: its code, the sentence they read, and how often on this day."""

    code: str
    ja: str
    en: str
    times: int


class Due(Struct, frozen=True, kw_only=True):
    """What somebody has to do, or may do, on a day."""

    who: Literal["desk", "residents", "shops", "accounting"]
    ja: str
    en: str


class Told(Struct, frozen=True, kw_only=True):
    """Messages that went out on a day, by what they are about."""

    topic: str
    times: int


class DayLived(Struct, frozen=True, kw_only=True, tag_field="kind", tag="day"):
    """A day. `counts` are figures so far by the codes of COUNTS; all else is of this day, or as it stood in its
    evening. `in_all`: how many days the dry run has.
    """

    day: date
    in_all: int = 0
    counts: dict[str, int] = {}
    funds: tuple[FundLived, ...] = ()
    payments: int = 0
    paid_yen: int = 0
    refunded_yen: int = 0
    met: tuple[Met, ...] = ()
    due: tuple[Due, ...] = ()
    told: tuple[Told, ...] = ()


class Surprise(Struct, frozen=True, kw_only=True):
    """Something that went wrong, or that whoever wrote the document may not expect; `day` leads to where it shows."""

    code: str
    is_wrong: bool
    ja: str
    en: str
    day: date | None = None


class Compared(Struct, frozen=True, kw_only=True):
    """A forecast figure beside the lived one, both for the same invented people; `why` they may differ."""

    ja: str
    en: str
    unit: str
    forecast: int
    lived: int
    why_ja: str
    why_en: str


class Reached(Struct, frozen=True, kw_only=True):
    """A group of the eligible: how many they are, and how many of them got something."""

    ja: str
    en: str
    eligible: int
    served: int

    @property
    def left_out(self) -> int:
        return self.eligible - self.served


class Ending(Struct, frozen=True, kw_only=True, tag_field="kind", tag="ending"):
    """What the dry run says at its end; of whom it reached, all the eligible first."""

    surprises: tuple[Surprise, ...] = ()
    compared: tuple[Compared, ...] = ()
    reached: tuple[Reached, ...] = ()


class ShopLike(Struct, frozen=True, kw_only=True):
    """What spending rules ask of a shop: an invented shop takes it over from one of the town."""

    trade: str
    area: str
    size_class: str
    floor_area: int
    head_office: bool


class TownLike(Struct, frozen=True, kw_only=True):
    """The town that the invented one is like: how many live in which ward, and its shops. No person is in it."""

    wards: dict[str, int] = {}
    shops: tuple[ShopLike, ...] = ()

    @property
    def population(self) -> int:
        return sum(self.wards.values())


class Amended(Struct, frozen=True, kw_only=True):
    """An amendment in a dry run: approved on a day, and ruling from its first day on (None: from its approval)."""

    document: dict[str, object]
    approved_on: date
    first_day: date | None = None


class Wanted(Struct, frozen=True, kw_only=True):
    """All that a dry run depends on: from the same one, the same days come. `document` as `terms.to_tree` gives it.

    `uptake_bp`: how many of the eligible take part, where the town knows it by now (1/100 %).
    """

    document: dict[str, object]
    seed: int
    people: int = PEOPLE
    town: TownLike = TownLike()
    amended: Amended | None = None
    uptake_bp: int | None = None


Line = DayLived | Ending

COUNTS: Mapping[str, Both] = {
    "applicants": Both("申し込んだ人", "People who applied"),
    "applications": Both("申込み", "Applications"),
    "units_applied": Both("申し込まれた口数", "Units applied for"),
    "units_won": Both("当選・割当ての口数", "Units won"),
    "units_bought": Both("買われた口数", "Units bought"),
    "units_lapsed": Both("期限までに払われず、失効した口数", "Units lapsed unpaid"),
    "moved_up": Both("繰り上がった人", "People moved up"),
    "units_left": Both("売れ残っている口数", "Units still unsold"),
    "letters": Both("送ったコードの手紙", "Code letters sent"),
    "codes_entered": Both("入力されたコード", "Codes entered"),
    "actions": Both("記録された行動", "Actions recorded"),
    "actors": Both("行動した人", "People who took part"),
    "entitled": Both("支給が決まった人", "People entitled"),
    "chosen": Both("受け取り方を選んだ人", "People who chose how to receive"),
    "to_wallets": Both("地域のお金で受け取った人", "Paid as local money"),
    "to_bank": Both("口座で受け取る人", "Paid to the bank"),
    "served": Both("何かを受け取った人", "People who got something"),
    "rewarded": Both("ポイントが付いた支払い", "Payments rewarded"),
    "rewards_cut": Both("上限で減らされた支払い", "Payments whose reward a ceiling cut"),
    "payments": Both("店での支払い", "Payments at shops"),
    "lapsed_granted_yen": Both("使われず財源に戻った無償分", "Granted value returned unspent"),
    "lapsed_paid_yen": Both("使われなかった有償分", "Paid value left unspent"),
    "shrunk_yen": Both("減価で戻った額", "Value that shrank"),
}  # fmt: skip
"""The figures of a day, in the order in which they are shown. Those whose code ends in `_yen` are yen."""

_encoder, _decoder = msgspec.json.Encoder(), msgspec.json.Decoder(Line)


def write_line(line: Line) -> str:
    """One line of JSON, without its end."""
    return _encoder.encode(line).decode()


def read_line(line: str) -> Line:
    """The day or ending that a line tells. Raises msgspec.ValidationError for anything else."""
    told: Line = _decoder.decode(line)
    return told
