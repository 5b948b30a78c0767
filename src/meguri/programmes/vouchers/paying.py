"""Pure decisions about payments that come by notice: what stands, when value is due, what is told. Refusals, too.

Notices arrive twice, late and in any order, so nothing here asks what came before what: an order stands where the set
of its notices puts it. A final notice outweighs all others, for then the money is there; a withdrawal outweighs an
early notice; who withdraws and pays again with the same slip is served by the final notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from meguri.parties.rules import Both
from meguri.programmes.parts import IssuedOn, LatePayment
from meguri.words.refusal import declare

ORDER_UNKNOWN = declare(
    "payment_order_unknown", status=404,
    ja="この番号のお支払いは見つかりません。受け取ったお金は担当課が調べて返します。",
    en="There is no payment of this number. The department will look into the money and give it back.",
)
WAY_NOT_OFFERED = declare(
    "payment_way_not_offered", status=422,
    ja="この支払い方法は使えません。使える方法: {ways:ja}。",
    en="This way of paying is not offered here. You can pay by: {ways:en}.",
)
UNDER_WAY = declare(
    "payment_under_way",
    ja="お支払いの速報がお店から届いています({when:ja})。確報が届くまでお待ちください。二重に払う必要はありません。",
    en="A shop has told us of your payment ({when:en}). Please wait for its final notice; you need not pay twice.",
)
NOTHING_DUE = declare(
    "payment_nothing_due",
    ja="この申込みに、いまお支払いはありません({state:ja})。",
    en="There is nothing to pay on this application ({state:en}).",
)
WRONG_AMOUNT = declare(
    "payment_wrong_amount", status=422,
    ja="通知の金額({told} {currency})が、お支払いの{due}円と違います。受け取らず、担当課の机に記録しました。",
    en="The notice says {told} {currency} where {due} yen are due. It was not taken and lies on the department's desk.",
)
PAID_AGAIN = declare(
    "payment_paid_again",
    ja="このお支払いは別の決済ですでに済んでいます。二度目の{told}円は返すために、担当課の机に記録しました。",
    en="This has been paid by another movement of money. The second {told} yen lie on the department's desk.",
)
NOTICE_REUSED = declare(
    "payment_notice_reused",
    ja="この通知番号は、別の内容でもう届いています。受け取りません。",
    en="A notice of this number has come before and said something else. It is not taken.",
)
NOT_TO_REFUND = declare(
    "payment_not_to_refund",
    ja="このお支払いに、返すお金はありません({state:ja})。",
    en="There is nothing to give back on this payment ({state:en}).",
)
NOTE_MISSING = declare(
    "payment_note_missing", status=422,
    ja="何をしたかを書いてください(いつ、どの方法で、だれに返したかなど)。",
    en="Please write what was done (when, how and to whom the money went back).",
)
NOTICE_LOOKED_INTO = declare(
    "payment_notice_looked_into",
    ja="この通知は、もう調べてあるか、調べることがありません。",
    en="This notice has been looked into, or there is nothing to look into.",
)

PAID_LATE = Both("支払いの期限を過ぎて払われたため", "it was paid after the deadline")
NOTHING_LEFT = Both("権利が次の方へ移ったあとに払われ、残りがなかったため", "it came when the units had gone to others")
PAID_TWICE = Both("別の方法ですでに購入済みのため", "the vouchers had been bought another way")

STATES = {
    "open": Both("まだ払われていません", "not paid yet"),
    "replaced": Both("別の支払い方法に変えました", "replaced by another way of paying"),
    "early": Both("お店の速報が届きました", "a shop has told us of the payment"),
    "paid": Both("支払い済み", "paid"),
    "withdrawn": Both("お店が支払いを取り消しました", "withdrawn by the shop"),
    "to_refund": Both("返金を待っています", "waits for its refund"),
    "refunded": Both("返金済み", "given back"),
}
TRAVELS_FOR = timedelta(hours=2)
"""How long a notice of a payment made in the last minute may be on its way: a right lapses no sooner."""
SLIP_DIGITS = 10
"""A slip's number has so many digits and one to check them: shorter than any card's number."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The kinds of notice that have come for an order, and whether value may be issued on the early one."""

    early: bool
    final: bool
    withdrawn: bool
    issued_on: str


def is_due(heard: Heard) -> bool:
    """Whether the buyer should have the vouchers now."""
    return heard.final or (heard.early and not heard.withdrawn and heard.issued_on == IssuedOn.EARLY)


def standing(heard: Heard, *, served: bool, refunded: bool, otherwise: str) -> str:
    """Where the order stands; `otherwise`: where it stood before any notice came."""
    if heard.final:
        return "paid" if served else "refunded" if refunded else "to_refund"
    if heard.withdrawn:
        return "withdrawn"
    return "early" if heard.early else otherwise


def is_served_late(*, paid_at: datetime, pay_before: datetime, late: str) -> bool:
    """Whether money of this moment still buys: in time always, after the deadline if the terms say so."""
    return paid_at < pay_before or late == LatePayment.UNITS_IF_LEFT


def slip_number(chance: int) -> str:
    """A slip's number out of a random number below 10 ** SLIP_DIGITS: its last digit checks the others (modulus 10)."""
    digits = f"{chance:0{SLIP_DIGITS}d}"
    weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits), 1))
    return f"{digits}{-weighed % 10}"


def spoken_slip(number: str) -> str:
    """As a slip shows it: 1234-5678-901."""
    return "-".join((number[:4], number[4:8], number[8:])) if number.isdigit() else number
