"""What of a posting may still be taken back, in parts and any number of times. Pure.

A limit is a balance: each entry of the posting gets an allowance of its own, loaded with the entry's yen by the first
part that is taken back, and every part draws on it in the same locked step. The loading has the permanent key
`opening_key(posting)`; a reversal of the whole posting uses up the same key. So a posting is reversed either whole or
in parts, never both, whoever comes first, and the parts never add up to more than an entry moved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from meguri.ledger.rules import Account, Leg, Limit, Posting
from meguri.ledger.templates import AccountRole
from meguri.words.ids import named_id
from meguri.words.refusal import declare
from meguri.words.yen import divide

REFUNDABLE = named_id("refundable")
"""What the allowance allows: taking yen back from an entry."""

REFUND_EXCEEDS_PAYMENT = declare(
    "refund_exceeds_payment",
    ja="この取引から戻せるのは、あと{available}円までです(ご指定は{wanted}円)。",
    en="Up to {available} yen of this can still be given back ({wanted} asked for).",
)
REVERSED_IN_PART = declare(
    "reversed_in_part",
    ja="この取引はすでに一部を取り消しています。残りの分だけを取り消してください。",
    en="A part of this has already been reversed. Please reverse what is left of it.",
)


@dataclass(frozen=True, slots=True)
class Refundable:
    """One entry of a posting that moved money, and what of its `amount` is `left` to take back."""

    posting: UUID
    entry_no: int
    debit: Account
    debit_lot: int
    credit: Account
    credit_lot: int
    amount: int
    left: int

    @property
    def allowance(self) -> Account:
        return allowance(self.posting, self.entry_no)


Share = tuple[Refundable, int]
"""An entry and the yen to take back from it now."""


def allowance(posting: UUID, entry_no: int) -> Account:
    """Whose balance says what may still be taken back from an entry."""
    return Account(named_id(f"refundable:{posting}:{entry_no}"), AccountRole.ALLOWANCE)


def opening_key(posting: UUID) -> str:
    """The key that decides between whole and parts: it loads the allowances, or the whole reversal uses it up."""
    return f"refundable:{posting}"


def opening(entries: Sequence[Refundable], *, lot: int, at: datetime, by: str) -> Posting:
    """Load every entry's allowance with what it moved. Sent along with each part; the books make it once."""
    legs = tuple(
        Leg(Account(each.allowance.owner, AccountRole.ALLOTMENT), each.allowance, each.amount, (lot,))
        for each in sorted(entries, key=lambda each: each.entry_no)
    )
    posting = entries[0].posting
    return Posting(
        key=opening_key(posting), template="allot", legs=legs, at=at, by=by, about={"refundable": str(posting)}
    )


def last_first(entries: Sequence[Refundable], yen: int) -> list[Share]:
    """Take back in the reverse of the order in which the posting took: what was spent last comes back first."""
    shares = []
    for each in sorted(entries, key=lambda each: -each.entry_no):
        take = min(each.left, yen)
        if take:
            shares.append((each, take))
            yen -= take
    return shares


def in_shares(entries: Sequence[Refundable], yen: int) -> list[Share]:
    """Take back from every entry as much as is left of it in proportion, so that funders who shared give in shares."""
    parts = divide(yen, [each.left for each in entries])
    return [(each, part) for each, part in zip(entries, parts, strict=True) if part]


def turned_round(shares: Sequence[Share], *, lot: int, to: Account | None = None) -> tuple[Leg, ...]:
    """The legs that give each share back: from where the entry's value arrived, to the lot that it came from.

    An expired lot too: whose it is then is for the terms and their expiry run to say, not for whoever gives back.
    `to`: who receives it, if not the account it came from (money that was on hold goes back to the wallet).
    """
    return tuple(
        Leg(
            each.credit, to or each.debit, yen, (each.credit_lot,), credit_lot=each.debit_lot,
            limits=(Limit(each.allowance, lot),),
        )
        for each, yen in shares
    )  # fmt: skip
