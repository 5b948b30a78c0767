"""The named, versioned postings. Nothing posts free-hand: the database refuses a leg that its template does not know.

The chart of accounts is the picture of the flow; value leaves the first role and arrives at the second:

    appropriation -> fund -> wallet -> shop -> payable -> paid_out
    cash_received ----------^            fund -> payable (benefit to the bank)
    fund -> fund (budget set apart for an amendment that was approved and has not begun)
    wallet -> cash_received (a purchase whose payment was withdrawn), payable -> cash_received (paid back at a counter)
                 wallet -> fund (unspent grants, demurrage), wallet -> expired (unspent paid part)
                 wallet -> wallet (its own, in a lot that lives longer), wallet -> payable (a refund at the end)
                 wallet -> held -> shop (a hold, then its capture), held -> wallet (what was not captured)
                 wallet -> held -> wallet (a gift, taken by another holder or come back; a donation undone)
                 wallet -> held -> payable (a donation, owed to its cause's receiver)
    allotment -> stock -> used, or stock -> allowance (a unit reserved until it is paid) -> used
    stock -> allotment -> stock (what one round of a sale left, to the next)
    allotment -> allowance -> used (rights and ceilings)
    allotment -> debt -> used (points to give back, until later grants have repaid them)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class AccountRole(StrEnum):
    """What an account is for; each member says which way the money goes."""

    APPROPRIATION = "appropriation"  # outside: the council's budget decision or a sponsor's deposit enters here
    CASH_RECEIVED = "cash_received"  # outside: buyers' money enters here
    ALLOTMENT = "allotment"  # outside: rights, stock and ceilings come from here
    FUND = "fund"  # budget that is left, one account a fund
    WALLET = "wallet"  # what a holder has
    HELD = "held"  # promised to a shop and not paid, or given and not arrived; owned by hold, gift or donation
    SHOP = "shop"  # takings not yet settled
    PAYABLE = "payable"  # owed to a shop, a holder or a sponsor by bank transfer
    PAID_OUT = "paid_out"  # transferred to a bank account; a returned transfer comes back from here
    EXPIRED = "expired"  # the unspent paid part of a closed programme
    STOCK = "stock"  # voucher units still for sale
    ALLOWANCE = "allowance"  # a holder's right or ceiling
    DEBT = "debt"  # points that a holder has to give back and had spent already, by fund; not money
    USED = "used"  # consumed stock, rights and ceilings, and repaid debts


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """`outside` accounts may go negative; `opens_itself` on first touch; arriving value keeps lot, takings or fund."""

    outside: bool = False
    opens_itself: bool = False
    keeps: Literal["lot", "takings", "fund"] = "lot"


ROLES: dict[AccountRole, RoleFacts] = {
    AccountRole.APPROPRIATION: RoleFacts(outside=True, keeps="fund"),
    AccountRole.CASH_RECEIVED: RoleFacts(outside=True),
    AccountRole.ALLOTMENT: RoleFacts(outside=True, opens_itself=True),
    AccountRole.FUND: RoleFacts(keeps="fund"),
    AccountRole.WALLET: RoleFacts(),
    AccountRole.HELD: RoleFacts(opens_itself=True),
    AccountRole.SHOP: RoleFacts(keeps="takings"),
    AccountRole.PAYABLE: RoleFacts(keeps="takings"),
    AccountRole.PAID_OUT: RoleFacts(keeps="takings"),
    AccountRole.EXPIRED: RoleFacts(keeps="takings"),
    AccountRole.STOCK: RoleFacts(),
    AccountRole.ALLOWANCE: RoleFacts(opens_itself=True),
    AccountRole.DEBT: RoleFacts(opens_itself=True),
    AccountRole.USED: RoleFacts(opens_itself=True),
}


@dataclass(frozen=True, slots=True)
class Template:
    """A kind of posting: its name, version and the pairs of roles that its legs may join.

    A leg of a `spends` template passes over lots that have expired. A `settles_year` template settles duties
    that arose before, or moves cash for them: in the closing period it may still be dated into the year that ended.
    """

    name: str
    legs: tuple[tuple[AccountRole, AccountRole], ...]
    version: int = 1
    spends: bool = False
    settles_year: bool = False


_R = AccountRole
_RIGHT_USED = (_R.ALLOWANCE, _R.USED)
_REPAID = ((_R.WALLET, _R.FUND), (_R.DEBT, _R.USED))
"""What a wallet gives back on a debt, and the debt that this repays by the same amount."""

TEMPLATES: dict[str, Template] = {
    template.name: template
    for template in (
        Template("appropriate", ((_R.APPROPRIATION, _R.FUND),)),
        Template("return_appropriation", ((_R.FUND, _R.APPROPRIATION),)),
        Template("reserve_budget", ((_R.APPROPRIATION, _R.FUND), (_R.FUND, _R.FUND))),
        Template("release_budget", ((_R.FUND, _R.FUND), (_R.FUND, _R.APPROPRIATION))),
        Template("allot", ((_R.ALLOTMENT, _R.STOCK), (_R.ALLOTMENT, _R.ALLOWANCE))),
        Template("carry_stock", ((_R.STOCK, _R.ALLOTMENT), (_R.ALLOTMENT, _R.STOCK))),
        Template(
            "sell_voucher",
            ((_R.CASH_RECEIVED, _R.WALLET), (_R.FUND, _R.WALLET), (_R.STOCK, _R.USED), _RIGHT_USED,
             (_R.WALLET, _R.CASH_RECEIVED), *_REPAID),
            version=2,
        ),
        Template(
            "withdraw_purchase",
            ((_R.WALLET, _R.CASH_RECEIVED), (_R.WALLET, _R.FUND), (_R.USED, _R.STOCK), (_R.USED, _R.ALLOWANCE),
             (_R.ALLOTMENT, _R.DEBT), (_R.DEBT, _R.USED)),
        ),
        Template("reserve_unit", ((_R.STOCK, _R.ALLOWANCE), _RIGHT_USED)),
        Template("release_unit", ((_R.ALLOWANCE, _R.STOCK), (_R.USED, _R.ALLOWANCE))),
        Template("load_code", ((_R.FUND, _R.WALLET),)),
        Template("reward_payment", ((_R.FUND, _R.WALLET),)),
        Template("reward_campaign", ((_R.FUND, _R.WALLET), *_REPAID)),
        Template("grant_points", ((_R.FUND, _R.WALLET), _RIGHT_USED, *_REPAID), version=2),
        Template(
            "withdraw_points",
            ((_R.WALLET, _R.FUND), (_R.USED, _R.ALLOWANCE), (_R.ALLOTMENT, _R.DEBT), (_R.DEBT, _R.USED)),
            version=2,
        ),
        Template("repay_debt", ((_R.CASH_RECEIVED, _R.FUND), *_REPAID), settles_year=True),
        Template("repay_purchase", ((_R.CASH_RECEIVED, _R.FUND), _REPAID[1]), settles_year=True),
        Template("pay_back_cash", ((_R.PAYABLE, _R.CASH_RECEIVED),), settles_year=True),
        Template("undo_pay_back_cash", ((_R.CASH_RECEIVED, _R.PAYABLE),), settles_year=True),
        Template("undo_repay_purchase", ((_R.FUND, _R.CASH_RECEIVED), (_R.USED, _R.DEBT)), settles_year=True),
        Template("forgive_debt", ((_R.DEBT, _R.USED),)),
        Template("pay_benefit", ((_R.FUND, _R.WALLET), (_R.FUND, _R.PAYABLE), _RIGHT_USED)),
        Template("pay", ((_R.WALLET, _R.SHOP),), spends=True),
        Template("refund_payment", ((_R.SHOP, _R.WALLET),)),
        Template("hold", ((_R.WALLET, _R.HELD),), spends=True),
        Template("capture", ((_R.HELD, _R.SHOP), (_R.HELD, _R.WALLET))),
        Template("void_hold", ((_R.HELD, _R.WALLET),)),
        Template("transfer", ((_R.WALLET, _R.WALLET),), spends=True),
        Template("move_wallet", ((_R.WALLET, _R.WALLET),), spends=True),
        Template("give", ((_R.WALLET, _R.HELD),), spends=True),
        Template("take_gift", ((_R.HELD, _R.WALLET),)),
        Template("return_gift", ((_R.HELD, _R.WALLET),)),
        Template("donate", ((_R.WALLET, _R.HELD),), spends=True),
        Template("undo_donation", ((_R.HELD, _R.WALLET),)),
        Template("pass_donation", ((_R.HELD, _R.PAYABLE),)),
        Template("settle", ((_R.SHOP, _R.PAYABLE),), settles_year=True),
        Template("pay_out", ((_R.PAYABLE, _R.PAID_OUT),), settles_year=True),
        Template("return_payout", ((_R.PAID_OUT, _R.PAYABLE),), settles_year=True),
        Template("expire", ((_R.WALLET, _R.FUND), (_R.WALLET, _R.EXPIRED))),
        Template("undo_expire", ((_R.FUND, _R.WALLET), (_R.EXPIRED, _R.WALLET))),
        Template("demurrage", ((_R.WALLET, _R.FUND),)),
        Template("undo_demurrage", ((_R.FUND, _R.WALLET),)),
        Template("extend", ((_R.WALLET, _R.WALLET),)),
        Template("undo_extend", ((_R.WALLET, _R.WALLET),)),
        Template("wind_up", ((_R.WALLET, _R.FUND), (_R.WALLET, _R.EXPIRED), (_R.WALLET, _R.PAYABLE))),
        Template("undo_wind_up", ((_R.FUND, _R.WALLET), (_R.EXPIRED, _R.WALLET), (_R.PAYABLE, _R.WALLET))),
    )
}
