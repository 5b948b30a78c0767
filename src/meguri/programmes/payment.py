"""Can buyers pay as the document says, and can anybody move up on its waiting list? Pure."""

from __future__ import annotations

from datetime import timedelta

from meguri.parties.rules import Both
from meguri.programmes.findings import Findings, declare_error, found
from meguri.programmes.parts import Allocation, PaymentWay, Sale, WaitingList
from meguri.programmes.terms import ProgrammeTerms

WAY_MISSING = declare_error(
    "payment_way_missing",
    ja="支払い方法を一つ以上、それぞれ一度だけ挙げてください。",
    en="Name at least one way of paying, and each of them once.",
)
LIST_UNDRAWN = declare_error(
    "waiting_list_undrawn",
    ja="繰上当選は抽選の順で決まります。抽選・均等配分の回がありません。",
    en="A waiting list follows the order of a draw, and no round of this document is drawn.",
)
LIST_WITHOUT_TIME = declare_error(
    "waiting_list_without_time",
    ja="「{round}」の購入期限から{days}日の支払いを{last}までに終えられないので、だれも繰り上がりません。",
    en="Nobody can move up: {days} days after the deadline of “{round}” lie beyond {last}.",
)

WAYS = {
    PaymentWay.COUNTER: Both("窓口での現金", "cash at the counter"),
    PaymentWay.SLIP: Both("コンビニエンスストアの払込票", "a convenience-store slip"),
    PaymentWay.CARD: Both("クレジットカード", "a credit card"),
}  # fmt: skip
"""The ways of paying in the words of every page and every drafted text."""


def wrong_payment(terms: ProgrammeTerms) -> Findings:
    """Ways that nobody can use, and a list on which nobody moves."""
    if not isinstance(terms.obtaining, Sale):
        return
    ways = terms.obtaining.payment.ways
    if not ways or len(set(ways)) != len(ways):
        yield found(WAY_MISSING, "obtaining.payment.ways")
    if terms.obtaining.waiting_list is not None:
        yield from _waiting_list(terms, terms.obtaining, listed=terms.obtaining.waiting_list)


def _waiting_list(terms: ProgrammeTerms, sale: Sale, *, listed: WaitingList) -> Findings:
    drawn = [each for each in sale.rounds if each.allocation is not Allocation.FIRST_COME]
    if not drawn:
        yield found(LIST_UNDRAWN, "obtaining.waiting_list")
    last = min(listed.last_day or terms.spending.window.last_day, terms.spending.window.last_day)
    for each in drawn:
        if each.purchase.last_day + timedelta(days=listed.days_to_pay) >= last:
            yield found(
                LIST_WITHOUT_TIME, "obtaining.waiting_list", round=each.code, days=listed.days_to_pay,
                last=last.isoformat(),
            )  # fmt: skip
