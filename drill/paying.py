"""Somebody who pays without a pause: `DATABASE_URL=… python -m drill.paying`.

Prints `ready` when its small books are open, then the key of every payment that was acknowledged, a line each, at once.
A refusal that says “we are checking” is no acknowledgement: the next payment is tried. Ends when it is killed.
"""

from __future__ import annotations

import itertools
import os
import sys
from datetime import UTC, datetime
from uuid import uuid4

MUNICIPALITY = 77
BATCH = 5


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meguri.site.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    pay()


def pay() -> None:
    from meguri.ledger import operations
    from meguri.ledger.poster import Poster
    from meguri.ledger.rules import Account, Leg, Posting, Verdict
    from meguri.ledger.templates import AccountRole as Role
    from meguri.ledger.wall import name_municipality

    name_municipality(MUNICIPALITY)
    fund, holder, shop, kind = (uuid4() for _ in range(4))
    at = datetime.now(UTC)
    operations.open_municipality(
        municipality=MUNICIPALITY, code="drill", name_ja="訓練町", name_en="Drill Town", kind="sandbox"
    )
    ends = {Role.APPROPRIATION: fund, Role.FUND: fund, Role.WALLET: holder, Role.SHOP: shop}
    accounts = {role: Account(owner, role) for role, owner in ends.items()}
    operations.open_accounts(accounts.values(), municipality=MUNICIPALITY)
    own = operations.fund_lot(fund, municipality=MUNICIPALITY)
    lot = operations.money_lot(municipality=MUNICIPALITY, fund=fund, purse_kind=kind, expires_at=None)

    def post(template: str, *, key: str, leg: Leg) -> Posting:
        return Posting(key=key, template=template, legs=(leg,), at=at, by="drill")

    budget = Leg(accounts[Role.APPROPRIATION], accounts[Role.FUND], 10**9, (own,))
    given = Leg(accounts[Role.FUND], accounts[Role.WALLET], 10**9, (own,), credit_lot=lot)
    for key, template, leg in (("budget", "appropriate", budget), ("given", "grant_points", given)):
        operations.post(post(template, key=key, leg=leg), municipality=MUNICIPALITY)
    say("ready")
    poster, paid = Poster(), Leg(accounts[Role.WALLET], accounts[Role.SHOP], 1, (lot,))
    for number in itertools.count():
        asked = [post("pay", key=f"pay:{number}:{place}", leg=paid) for place in range(BATCH)]
        for posting, answer in zip(asked, poster.post(asked, municipality=MUNICIPALITY), strict=True):
            if isinstance(answer, Verdict):
                say(posting.key)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
