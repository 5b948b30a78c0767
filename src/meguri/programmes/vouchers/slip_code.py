"""The 44 digits in the barcode of a convenience-store slip (料金代理収納, GS1-128). Pure.

In order, with how many digits each has:

    91      2   whose own data follow (application identifier)
    maker   6   who issues the slip: the collecting agency's GS1 company number without its leading 4
    free   21   the agency's own: the number that it gave the town, our slip number, zeros behind
    again   1   how often a slip was issued anew for the same purchase
    day     6   YYMMDD, the last day on which a till takes it
    stamp   1   1: a revenue stamp belongs on the shop's receipt
    yen     6   the amount
    check   1   modulus 10, weights 3 and 1 from the right, over all 43 before

Sources: the Distribution Systems Research Institute (GS1 Japan), 標準料金代理収納ガイドライン, as also laid out in
Hitachi's EUR design guide 4.4.6; the two worked examples in the tests are of such public papers. Stamp duty: 印紙税法
別表第一 no. 17 (nothing below 50,000 yen), and art. 5 no. 2 (nothing on what the State and municipalities issue).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from meguri.words.refusal import declare

MOST_YEN = 300_000
"""A store's till takes no more in cash for one slip: so say agencies' conditions (1件につき30万円まで, such as those of
the credit unions' しんきんコンビニ収納サービス). Assumed for every agency, because none was found that takes more.
"""
STAMPED_FROM_YEN = 50_000
"""From here a private issuer's receipt bears a stamp. The store sticks it; the issuer is charged its cost (実費)."""
OWN = "91"
FREE, MAKER, DIGITS = 21, 6, 44
MOST_AGAIN = 9
_STAMP_AT = 36

SLIP_TOO_LARGE = declare(
    "payment_slip_too_large", status=422,
    ja="コンビニのレジで一度に払えるのは{most}円までです。この代金({yen}円)は、ほかの方法で払ってください。",
    en="A convenience store takes up to {most} yen at once. Please pay these {yen} yen another way.",
)


@dataclass(frozen=True, slots=True)
class Agency:
    """The collecting agency, as the town's settings have it: `maker` 6 digits, `company` up to 10, its name."""

    maker: str
    company: str
    name: str


@dataclass(frozen=True, slots=True)
class SlipCode:
    """What a till reads. `last_day`: in the years 2000 to 2099."""

    maker: str
    free: str
    again: int
    last_day: date
    is_stamped: bool
    amount_yen: int

    @property
    def digits(self) -> str:
        """All 44. Raises ValueError for what does not fit."""
        day, free = self.last_day, self.free.ljust(FREE, "0")
        said = f"{OWN}{self.maker}{free}{self.again}{day:%y%m%d}{int(self.is_stamped)}{self.amount_yen:06}"
        fits = len(self.maker) == MAKER and len(free) == FREE and 0 <= self.again <= MOST_AGAIN
        if not (fits and said.isascii() and said.isdecimal() and len(said) == DIGITS - 1 and day.year // 100 == 20):
            raise ValueError(f"no slip says {self}")
        return f"{said}{check_digit(said)}"


def check_digit(digits: str) -> int:
    """Modulus 10 with the weights 3 and 1 from the right, as in every GS1 number."""
    weighed = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return -weighed % 10


def slip_code(
    agency: Agency, *, number: str, again: int, last_day: date, amount_yen: int, is_public: bool
) -> SlipCode:
    """The code of a slip. `is_public`: a municipality issues the vouchers, so its receipts bear no stamp duty."""
    return SlipCode(
        maker=agency.maker, free=f"{agency.company}{number}", again=min(again, MOST_AGAIN), last_day=last_day,
        is_stamped=amount_yen >= STAMPED_FROM_YEN and not is_public, amount_yen=amount_yen,
    )  # fmt: skip


def spoken_code(digits: str) -> tuple[str, str]:
    """The two lines under the bars, in the groups in which a clerk types them."""
    return f"({digits[:2]}){digits[2:8]}-{digits[8:30]}", "-".join(
        (digits[30:36], digits[36], digits[37:43], digits[43])
    )


def bears_stamp(digits: str) -> bool:
    """Whether the shop's receipt needs a revenue stamp."""
    return digits[_STAMP_AT : _STAMP_AT + 1] == "1"


def last_day_of(digits: str) -> date:
    """The last day on which a till takes the slip."""
    year, month, day = (int(digits[place : place + 2]) for place in (30, 32, 34))
    return date(2000 + year, month, day)
