"""A small town for tests: shops and residents as parties know them, programmes with funds, and a few short verbs.

Every town is a municipality of its own. Everything in it is invented.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from msgspec.structs import replace as change

from meguri.ledger import operations, queries
from meguri.ledger.rules import Account, Leg, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.parties.models import Household, Merchant, Resident, Shop
from meguri.parties.rules import shop_code
from meguri.programmes.models import Agreement, Fund, Programme, PurseKind, RulesVersion, TermsVersion
from meguri.programmes.shipped import shipped
from meguri.programmes.terms import digest, write_terms
from meguri.vault.operations import seal
from meguri.vault.rules import Field
from meguri.words.actor import Actor, ActorRole

AT = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
"""Monday 1 June 2026, noon in Japan."""
EXPIRES = datetime(2026, 8, 31, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)
_numbers = itertools.count(50_000)
_shop_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class TestProgramme:
    """A launched programme with one fund and one purse kind. `own_lot`: budget, `lot`: what purses hold."""

    __test__ = False

    id: UUID
    family: str
    fund: UUID
    kind: UUID
    own_lot: int
    lot: int


@dataclass
class SmallTown:
    municipality: int
    shops: list[UUID] = field(default_factory=list)
    people: list[UUID] = field(default_factory=list)

    # --- who ---------------------------------------------------------------------------------------------------------

    def actor(self, role: ActorRole = ActorRole.ACCOUNTANT) -> Actor:
        return Actor(municipality=self.municipality, role=role, party=uuid4(), department="accounting")

    def shop(self, *, area: str = "minato", trade: str = "58", size: str = "small", bank: bool = True) -> UUID:
        number = uuid4()
        merchant = Merchant.objects.create(
            id=uuid4(), municipality=self.municipality, name_ja="架空商店", name_en="Invented Shop",
            joined_on=date(2026, 4, 1),
        )
        Shop.objects.create(
            id=number, municipality=self.municipality, merchant=merchant, code=shop_code(next(_shop_numbers)),
            name_ja="架空商店", name_en="Invented Shop", trade=trade, area=area, size_class=size, floor_area=50,
            joined_on=date(2026, 4, 1),
        )
        roles = ("shop", "payable", "paid_out")
        operations.open_accounts([account(number, role) for role in roles], municipality=self.municipality)
        if bank:
            self.bank_account(number)
        self.shops.append(number)
        return number

    def bank_account(self, party: UUID, **parts: str) -> None:
        known = {"bank": "0001", "branch": "001", "kind": "1", "number": "1234567"}
        known["holder_kana"] = "カ)カクウシヨウテン"
        owner = Actor(municipality=self.municipality, role=ActorRole.SYSTEM)
        seal(party, {Field.BANK_ACCOUNT: known | parts}, by=owner, at=AT)

    def resident(self, *, ward: str = "minato", born: date = date(1980, 1, 1)) -> UUID:
        number = uuid4()
        household = Household.objects.create(id=uuid4(), municipality=self.municipality, registered_at=AT)
        Resident.objects.create(
            id=number, municipality=self.municipality, household=household, birth_date=born, ward=ward,
            tax_class="income", moved_in=date(2010, 1, 1), registered_at=AT,
        )
        operations.open_accounts(
            [account(number, role) for role in ("wallet", "payable")], municipality=self.municipality
        )
        self.people.append(number)
        return number

    # --- money -------------------------------------------------------------------------------------------------------

    def programme(
        self, family: str = "voucher", *, budget: int = 1_000_000, funder: str = "department"
    ) -> TestProgramme:
        number = uuid4()
        row = Programme.objects.create(
            id=number, municipality=self.municipality, code=f"{family}-{str(number)[:8]}", department="commerce",
            family=family, name_ja=f"架空の{family}", name_en=f"Invented {family}", state="launched", drafted_at=AT,
            launched_at=AT,
        )
        self._terms(row)
        fund = Fund.objects.create(
            id=uuid4(), municipality=self.municipality, programme=row, code="city", place=1, name_ja="町の財源",
            name_en="Town budget", funder=funder, fiscal_year=2026, source_ja="一般財源", source_en="General revenue",
            grant_rate_bp=10_000, money_form="donation" if funder == "sponsor" else "",
        )
        agreement = Agreement.objects.create(
            id=uuid4(), municipality=self.municipality, programme=row, code="all", name_ja="負担", name_en="Shares"
        )
        kind = PurseKind.objects.create(
            id=uuid4(), municipality=self.municipality, programme=row, code="common", place=1, name_ja="共通",
            name_en="Common", part="granted", agreement=agreement,
        )
        made = self._lots(row.id, family=family, fund=fund.id, kind=kind.id)
        self.post("appropriate", leg(account(fund.id, "appropriation"), account(fund.id, "fund"), budget, made.own_lot))
        return made

    def _terms(self, row: Programme) -> None:
        """Any lawful document will do: these tests read names and eligibility from it, the lots are made by hand."""
        lawful = shipped()["nagoya-2025"]
        common = change(lawful.purses[0], code="common", name=change(lawful.purses[0].name, ja="共通", en="Common"))
        document = change(lawful, purses=(common,))
        TermsVersion.objects.create(
            id=uuid4(), municipality=self.municipality, programme=row, number=1, digest=digest(document),
            document=json.loads(write_terms(document, "json")), drafted_at=AT,
            approved_at=AT, launched_at=AT, approval=uuid4(),
        )
        RulesVersion.objects.update_or_create(municipality=self.municipality, defaults={"token": uuid4()})

    def _lots(self, number: UUID, *, family: str, fund: UUID, kind: UUID) -> TestProgramme:
        roles = ("appropriation", "cash_received", "fund", "expired")
        operations.open_accounts([account(fund, role) for role in roles], municipality=self.municipality)
        own = operations.fund_lot(fund, municipality=self.municipality)
        lot = operations.money_lot(municipality=self.municipality, fund=fund, purse_kind=kind, expires_at=EXPIRES)
        return TestProgramme(number, family, fund, kind, own, lot)

    def post(self, template: str, *legs: Leg, at: datetime = AT, key: str = "") -> Verdict:
        posting = Posting(key=key or f"test:{uuid4()}", template=template, legs=legs, at=at, by="test")
        return operations.post(posting, municipality=self.municipality)

    def grant(self, holder: UUID, programme: TestProgramme, yen: int, *, at: datetime = AT) -> Verdict:
        budget, wallet = account(programme.fund, "fund"), account(holder, "wallet")
        one = leg(budget, wallet, yen, programme.own_lot, credit_lot=programme.lot)
        return self.post("grant_points", one, at=at)

    def sell(self, holder: UUID, programme: TestProgramme, yen: int, *, at: datetime = AT) -> Verdict:
        one = leg(account(programme.fund, "cash_received"), account(holder, "wallet"), yen, programme.lot)
        return self.post("sell_voucher", one, at=at)

    def pay(self, holder: UUID, shop: UUID, yen: int, *programmes: TestProgramme, at: datetime = AT) -> Verdict:
        lots = tuple(programme.lot for programme in programmes)
        return self.post("pay", Leg(account(holder, "wallet"), account(shop, "shop"), yen, lots), at=at)

    def refund(self, payment: Verdict, *, at: datetime = AT) -> Verdict:
        return operations.reverse(
            payment.posting, municipality=self.municipality, template="refund_payment",
            key=f"refund:{payment.posting}", at=at, by="test", about={},
        )

    def benefit_to_bank(self, holder: UUID, programme: TestProgramme, yen: int, *, at: datetime = AT) -> Verdict:
        one = leg(account(programme.fund, "fund"), account(holder, "payable"), yen, programme.own_lot)
        return self.post("pay_benefit", one, at=at)

    def expire(self, holder: UUID, programme: TestProgramme, yen: int, *, to: str = "fund", at: datetime) -> Verdict:
        one = leg(account(holder, "wallet"), account(programme.fund, to), yen, programme.lot)
        return self.post("expire", one, at=at)

    def holds(self, owner: UUID, role: str) -> int:
        found = queries.balances([owner], AccountRole(role), municipality=self.municipality)
        return sum(balance.amount for balance in found if balance.lot.unit == "money")


def account(owner: UUID, role: str) -> Account:
    return Account(owner, AccountRole(role))


def leg(source: Account, target: Account, yen: int, lot: int, *, credit_lot: int | None = None) -> Leg:
    return Leg(source, target, yen, (lot,), credit_lot=credit_lot)


def small_town() -> SmallTown:
    number = next(_numbers)
    operations.open_municipality(
        municipality=number, code=f"town-{number}", name_ja="架空町", name_en="Invented Town", kind="sandbox"
    )
    return SmallTown(municipality=number)
