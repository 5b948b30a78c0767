"""A hundred thousand grants under random agreements: every fund's statement adds up to the books, exactly over time.

Grants are divided between two to five funders with random shares, spent at a shop and settled. Half of the agreements
are plain: there each funder must stay within a yen of its share. In the others shares have caps, and some grants are
taken back. At the end each fund's own account of what it carried is compared with the books' own rows.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection

from meguri.ledger import operations, queries
from meguri.ledger.rules import Account, Leg, Posting, Verdict
from meguri.ledger.templates import AccountRole as Role
from meguri.programmes.sharing import WHOLE, ShareState, divide_grant, take_back
from meguri.words.ids import uuid7
from meguri.words.refusal import Refusal

BUDGET_YEN = 10**10
BATCH, HOLDERS = 500, 200


@dataclass
class Agreement:
    """Funders, what the agreement says of each now, and the lot in which each one's grants are held."""

    funds: list[UUID]
    shares: list[ShareState]
    plain: bool
    lots: list[int] = field(default_factory=list)
    own: list[int] = field(default_factory=list)
    granted: int = 0

    def legs(self, holder: UUID, parts: list[int]) -> tuple[Leg, ...]:
        wallet = Account(holder, Role.WALLET)
        return tuple(
            Leg(Account(fund, Role.FUND), wallet, part, (own,), credit_lot=lot)
            for fund, own, lot, part in zip(self.funds, self.own, self.lots, parts, strict=True) if part
        )  # fmt: skip


@dataclass
class Town:
    """Books of their own, and chance."""

    number: int
    chance: random.Random
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    postings: int = 0

    def __post_init__(self) -> None:
        operations.open_municipality(
            municipality=self.number, code=f"drill-{self.number}", name_ja="訓練町", name_en="Drill", kind="sandbox"
        )
        self.holders = [uuid7(self.at) for _ in range(HOLDERS)]
        self.shop = uuid7(self.at)
        accounts = [Account(holder, Role.WALLET) for holder in self.holders]
        accounts += [Account(self.shop, role) for role in (Role.SHOP, Role.PAYABLE)]
        operations.open_accounts(accounts, municipality=self.number)

    def post(self, asked: list[tuple[str, tuple[Leg, ...]]]) -> list[Verdict | Refusal]:
        self.postings += len(asked)
        batch = [Posting(str(uuid7(self.at)), template, legs, self.at, "drill") for template, legs in asked]
        return operations.post_batch(batch, municipality=self.number)

    def agree(self) -> Agreement:
        """An agreement of two to five funders; the last one has no cap, so nothing is ever left without a payer."""
        plain = self.chance.random() < 0.5
        weights = [self.chance.randint(1, 100) for _ in range(self.chance.randint(2, 5))]
        bps = [weight * WHOLE // sum(weights) for weight in weights]
        bps[-1] += WHOLE - sum(bps)
        caps = [None if plain else self.chance.choice([None, self.chance.randint(1, 2_000_000)]) for _ in bps[:-1]]
        shares = [ShareState(bp, cap) for bp, cap in zip(bps, [*caps, None], strict=True)]
        made = Agreement([uuid7(self.at) for _ in bps], shares, plain)
        roles = (Role.APPROPRIATION, Role.FUND)
        operations.open_accounts([Account(f, r) for f in made.funds for r in roles], municipality=self.number)
        for fund in made.funds:
            own = operations.fund_lot(fund, municipality=self.number)
            made.own.append(own)
            made.lots.append(operations.money_lot(
                municipality=self.number, fund=fund, purse_kind=uuid7(self.at), expires_at=self.at + timedelta(days=90)
            ))  # fmt: skip
            self.post([("appropriate", (Leg(Account(fund, roles[0]), Account(fund, roles[1]), BUDGET_YEN, (own,)),))])
        return made

    def live(self, agreement: Agreement, *, grants: int) -> None:
        """So many grants in batches, each batch followed by as much spending, and some of it taken back."""
        for start in range(0, grants, BATCH):
            many = min(BATCH, grants - start)
            self._grant(agreement, many)
            self._spend(agreement, many)

    def _grant(self, agreement: Agreement, many: int) -> None:
        asked = []
        for _ in range(many):
            yen = self.chance.randint(1, 3_000)
            parts, agreement.shares = divide_grant(yen, agreement.shares)
            agreement.granted += yen
            asked.append((self.chance.choice(self.holders), parts))
        answers = self.post([("grant_points", agreement.legs(holder, parts)) for holder, parts in asked])
        if any(isinstance(answer, Refusal) for answer in answers):
            raise ValueError("a grant within its caps was refused")
        for holder, parts in [] if agreement.plain else asked[: many // 50]:
            given = agreement.legs(holder, parts)
            back = tuple(Leg(leg.credit, leg.debit, leg.amount, (leg.credit_lot or 0,)) for leg in given)
            if isinstance(self.post([("withdraw_points", back)])[0], Verdict):
                agreement.shares = take_back(parts, agreement.shares)
                agreement.granted -= sum(parts)

    def _spend(self, agreement: Agreement, many: int) -> None:
        shop = Account(self.shop, Role.SHOP)
        self.post([
            ("pay", (Leg(Account(self.chance.choice(self.holders), Role.WALLET), shop, self.chance.randint(1, 4_000),
                         tuple(agreement.lots), up_to=True),))
            for _ in range(many)
        ])  # fmt: skip
        taken = queries.balances([self.shop], Role.SHOP, municipality=self.number)
        payable = Account(self.shop, Role.PAYABLE)
        self.post([("settle", (Leg(shop, payable, each.amount, (each.lot.id,)),)) for each in taken])


def wrong(town: Town, agreements: list[Agreement]) -> Iterator[str]:
    """Where a fund's account of itself and the books differ, a yen has moved too far from its share, or is missing."""
    held: dict[UUID, dict[Role, int]] = {}
    for row in queries.trial_balance(municipality=town.number):
        if row.fund is not None:
            held.setdefault(row.fund, {})[row.role] = row.amount
    for agreement in agreements:
        if sum(share.granted_yen for share in agreement.shares) != agreement.granted:
            yield f"{agreement.granted} yen were granted, and the funders carried another sum"
        for fund, share in zip(agreement.funds, agreement.shares, strict=True):
            own = held[fund]
            out = sum(own.get(role, 0) for role in (Role.WALLET, Role.SHOP, Role.PAYABLE))
            if (own[Role.FUND], out) != (BUDGET_YEN - share.granted_yen, share.granted_yen) or sum(own.values()):
                yield f"{fund} says it carried {share.granted_yen} yen, the books say {own}"
            if agreement.plain and abs(share.granted_yen * WHOLE - agreement.granted * share.share_bp) >= WHOLE:
                yield f"{fund} is a whole yen away from its share"


def drilled(seed: int, *, agreements: int, grants: int) -> dict[str, object]:
    """Live so many agreements with so many grants each, and compare."""
    town = Town(number=100_000 + seed % 100_000, chance=random.Random(seed))  # noqa: S311 - no secret
    made = [town.agree() for _ in range(agreements)]
    for agreement in made:
        town.live(agreement, grants=grants)
    found = list(wrong(town, made))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger.posting WHERE municipality_id = %s", [town.number])
        (posted,) = cursor.fetchone()
    told: dict[str, object] = {"name": "drill.agreements", "well": not found}
    return told | {"agreements": agreements, "postings": posted, "wrong": found[:10]}


def run(seed: int) -> dict[str, object]:
    """The whole drill, in the drills' own books (`drill.books`)."""
    return drilled(seed, agreements=40, grants=2_500)
