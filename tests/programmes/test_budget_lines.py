"""Whatever agreements share whatever grants: the statement in the city's shape adds up to the ledger, yen for yen."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from meguri.ledger import operations as books
from meguri.ledger import queries as ledger
from meguri.ledger.rules import Account, Leg, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.programmes import operations, queries
from meguri.programmes.models import Agreement, AgreementShare, Fund
from meguri.programmes.shipped import shipped
from meguri.words.refusal import Refusal
from tests.programmes.builders import POINT, TownHall

POSTINGS = 1_500
BATCH = 250
LINES = [
    ("一般会計", "総務費", "総務管理費", "企画費", "報償費"),
    ("一般会計", "商工費", "商工費", "商工振興費", "負担金"),
]
SOURCES = [("一般財源", 0), ("国庫支出金", 5_000), ("県支出金", 10_000), ("寄附金", 0)]


class Shared:
    """Six funds on two budget lines from four sources, and three agreements drawn at random, some with caps."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.hall = TownHall().open()
        self.number = self.hall.municipality
        made = self.hall.launch(shipped()[POINT])
        pattern = Fund.objects.get(id=made.funds["town"])
        self.funds = [self.fund(pattern, place) for place in range(6)]
        self.loaded = Counter(dict.fromkeys(self.funds, 10**8))
        self.agreements = [self.agreement(pattern, name) for name in "abc"]
        kind = made.purse_kinds["points"]
        self.lots = {
            fund: books.money_lot(municipality=self.number, fund=fund, purse_kind=kind, expires_at=None)
            for fund in self.funds
        }
        self.holders = [uuid4() for _ in range(5)]
        self.shop = uuid4()
        accounts = [Account(holder, AccountRole.WALLET) for holder in self.holders]
        accounts += [Account(self.shop, role) for role in (AccountRole.SHOP, AccountRole.PAYABLE, AccountRole.PAID_OUT)]
        books.open_accounts(accounts, municipality=self.number)
        self.granted: Counter[UUID] = Counter()

    def fund(self, pattern: Fund, place: int) -> UUID:
        source, rate = self.chance.choice(SOURCES)
        account, kan, kou, moku, setsu = self.chance.choice(LINES)
        number = uuid4()
        Fund.objects.create(
            id=number, municipality=self.number, programme_id=pattern.programme_id, code=f"f{place}", place=10 + place,
            name_ja="財源", name_en="Fund", funder="department", payer="planning", fiscal_year=2025, account=account,
            kan=kan, kou=kou, moku=moku, setsu=setsu, source_ja=source, source_en=source, grant_rate_bp=rate,
        )  # fmt: skip
        outside, inside = Account(number, AccountRole.APPROPRIATION), Account(number, AccountRole.FUND)
        books.open_accounts([outside, inside, Account(number, AccountRole.EXPIRED)], municipality=self.number)
        lot = books.fund_lot(number, municipality=self.number)
        legs = (Leg(outside, inside, 10**8, (lot,)),)
        self.post(Posting(f"load:{number}", "appropriate", legs, self.hall.at, "test"))
        return number

    def agreement(self, pattern: Fund, name: str) -> UUID:
        funders = self.chance.sample(self.funds, self.chance.randint(2, 5))
        cuts = sorted(self.chance.sample(range(1, 10_000), len(funders) - 1))
        shares = [b - a for a, b in zip([0, *cuts], [*cuts, 10_000], strict=True)]
        caps = [None, *(self.chance.choice([None, self.chance.randint(100, 50_000)]) for _ in funders[1:])]
        row = Agreement.objects.create(
            id=uuid4(), municipality=self.number, programme_id=pattern.programme_id, code=name, name_ja="協定",
            name_en="Agreement",
        )
        AgreementShare.objects.bulk_create(
            AgreementShare(id=uuid4(), municipality=self.number, agreement=row, fund_id=fund, place=place,
                           share_bp=share, cap_yen=cap)
            for place, (fund, share, cap) in enumerate(zip(funders, shares, caps, strict=True))
        )  # fmt: skip
        return row.id

    def post(self, *postings: Posting) -> list[Verdict | Refusal]:
        return books.post_batch(postings, municipality=self.number)

    def grants(self) -> list[Posting]:
        amounts = [self.chance.randint(1, 400) for _ in range(BATCH)]
        agreement = self.chance.choice(self.agreements)
        postings = []
        for parts in operations.share_grants(agreement=agreement, amounts_yen=amounts, by=self.hall.system):
            wallet = Account(self.chance.choice(self.holders), AccountRole.WALLET)
            legs = tuple(
                Leg(Account(part.fund, AccountRole.FUND), wallet, part.yen,
                    (books.fund_lot(part.fund, municipality=self.number),), credit_lot=self.lots[part.fund])
                for part in parts
            )  # fmt: skip
            self.granted.update({part.fund: part.yen for part in parts})
            postings.append(Posting(f"grant:{uuid4()}", "grant_points", legs, self.moment(), "test"))
        return postings

    def payments(self) -> list[Posting]:
        order = self.chance.sample(list(self.lots.values()), len(self.lots))
        shop = Account(self.shop, AccountRole.SHOP)
        return [
            Posting(f"pay:{uuid4()}", "pay",
                    (Leg(Account(self.chance.choice(self.holders), AccountRole.WALLET), shop,
                         self.chance.randint(1, 500), tuple(order)),), self.moment(), "test")
            for _ in range(BATCH)
        ]  # fmt: skip

    def settlements(self) -> list[Posting]:
        shop, owed = Account(self.shop, AccountRole.SHOP), Account(self.shop, AccountRole.PAYABLE)
        out = Account(self.shop, AccountRole.PAID_OUT)
        lots = tuple(self.lots.values())
        at = self.moment()
        settled = Leg(shop, owed, 3_000, lots, up_to=True)
        return [
            Posting(f"settle:{uuid4()}", "settle", (settled,), at, "test"),
            Posting(f"out:{uuid4()}", "pay_out", (Leg(owed, out, 2_000, lots, up_to=True),), at, "test"),
        ]

    def expiries(self) -> list[Posting]:
        fund = self.chance.choice(self.funds)
        leg = Leg(Account(self.chance.choice(self.holders), AccountRole.WALLET), Account(fund, AccountRole.FUND), 50,
                  (self.lots[fund],), up_to=True)  # fmt: skip
        return [Posting(f"expire:{uuid4()}", "expire", (leg,), self.moment(), "test")]

    def moment(self) -> datetime:
        return self.hall.at + timedelta(hours=self.chance.randint(0, 24 * 90))

    def live(self, postings: int) -> int:
        made = 0
        while made < postings:
            for some in (self.grants(), self.payments(), self.settlements(), self.expiries()):
                made += sum(isinstance(answer, Verdict) for answer in self.post(*some))
        return made


@pytest.mark.django_db
@pytest.mark.parametrize("seed", [1, 2])
def test_the_lines_add_up_to_the_ledger_at_every_moment(seed: int) -> None:
    shared = Shared(seed)
    assert shared.live(POSTINGS) >= POSTINGS
    for until in (None, *(shared.hall.at + timedelta(days=days) for days in (0, 10, 45, 91))):
        lines = queries.budget_lines(shared.number, effective_until=until)
        assert sorted(fund for line in lines for fund in line.funds if fund in shared.loaded) == sorted(shared.funds)
        mine = [line for line in lines if set(line.funds) & set(shared.funds)]
        for line in mine:
            loaded = -sum(outside(shared, fund, until) for fund in line.funds)
            assert line.budget.loaded_yen == loaded  # nothing is made or lost: it all lies somewhere
        trial = ledger.trial_balance_at(municipality=shared.number, effective_until=until)
        inside = sum(row.amount for row in trial if row.fund and row.role is not AccountRole.APPROPRIATION)
        assert sum(line.budget.loaded_yen for line in lines) == inside


def outside(shared: Shared, fund: UUID, until: datetime | None) -> int:
    """What came in from outside, straight from the account itself."""
    found = ledger.balances_at(
        [fund], AccountRole.APPROPRIATION, municipality=shared.number, effective_until=until
    )
    return sum(each.amount for each in found)


@pytest.mark.django_db
def test_what_the_funds_gave_is_what_their_agreements_say() -> None:
    shared = Shared(3)
    shared.live(POSTINGS)
    carried: Counter[UUID] = Counter()
    for share in AgreementShare.objects.filter(agreement_id__in=shared.agreements):
        carried[share.fund_id] += share.granted_yen
        assert share.cap_yen is None or share.granted_yen <= share.cap_yen
        if not AgreementShare.objects.filter(agreement_id=share.agreement_id, cap_yen__isnull=False).exists():
            assert abs(share.carried) < 10_000  # less than a whole yen from its exact share
    assert carried == shared.granted
    left = {each.id: each.budget.left_yen for each in queries.funds(shared.number) if each.id in shared.loaded}
    back = {fund: left[fund] - (shared.loaded[fund] - shared.granted[fund]) for fund in shared.funds}
    assert all(yen >= 0 for yen in back.values())  # only what expired came back
