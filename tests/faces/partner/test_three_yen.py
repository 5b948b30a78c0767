"""Three yen of a company's in a ten-yen point: from its deposit to a shop's bank, and back into its own report."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from meguri.ledger import queries as books
from meguri.ledger.operations import set_clock_offset
from meguri.ledger.templates import AccountRole
from meguri.parties import operations as parties
from meguri.programmes import operations as programmes
from meguri.programmes import queries
from meguri.programmes.operations import depositing
from meguri.programmes.points import operations as points
from meguri.settlement import operations as settlement
from meguri.settlement import queries as settled
from meguri.settlement.zengin import read_transfers
from meguri.tills import operations as tills
from meguri.vault.rules import Field
from meguri.words.actor import ActorRole
from meguri.words.clock import day, now
from meguri.words.refusal import Refusal
from tests.faces.partner.conftest import Company
from tests.faces.partner.test_deposits import fund_of
from tests.town import BEFORE, Town

BANK = {"bank": "0001", "branch": "001", "kind": "ordinary", "number": "7654321", "holder_kana": "マルハ"}


def empty_the_fund(company: Company) -> None:
    """What the company gave before goes back to it, so that the next yen in its fund can only be those of a deposit."""
    fund = fund_of(company)
    programmes.return_appropriation(
        fund=fund.id, amount_yen=fund.budget.left_yen, reason="前の協定の残りを返す", decided_on=day(company.town.at),
        by=company.town.checkers["planning"], at=company.town.at,
    )  # fmt: skip


def shop_with_bank(town: Town, *, at: datetime) -> UUID:
    """A shop that the bank can pay, and the town's own account to pay from."""
    system = town.actor(ActorRole.SYSTEM)
    settlement.set_paying_account(
        by=system, at=at, payer_code="9900190001", payer_name="メグリチヨウ", bank="0001", branch="001",
        number="1234567",
    )  # fmt: skip
    entry = parties.ShopEntry(
        name_ja="魚源", name_en="Uogen", trade="58", area="港", size_class="street", floor_area=40,
        sealed={Field.NAME: "魚源", Field.KANA: "ウオゲン", Field.BANK_ACCOUNT: BANK},
    )  # fmt: skip
    shop = parties.register_shop(entry, by=system, at=at)
    tills.open_till(shop, municipality=town.municipality)
    return shop


def granted(company: Company, person: UUID, *, at: datetime) -> int:
    """Yen that a walk brings."""
    who = company.town.actor(ActorRole.RESIDENT, party=person)
    return points.record_action(action=company.walk, by=who, at=at, request=uuid4()).granted_yen


def by_fund(company: Company, owner: UUID, role: AccountRole) -> dict[UUID | None, int]:
    """The yen of an account in the books, by the fund that they are of."""
    sums: dict[UUID | None, int] = {}
    for each in books.balances([owner], role, municipality=company.town.municipality):
        sums[each.lot.fund] = sums.get(each.lot.fund, 0) + each.amount
    return {fund: yen for fund, yen in sums.items() if yen}


def report(office: Client, month: str) -> dict[str, list[int]]:
    """The company's own monthly statement as its file says it: begin, came, went, end of each place."""
    answer = office.get(f"/partner/statement?month={month}&format=csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    return {row[3]: [int(cell) for cell in row[4:]] for row in rows[1:]}


def test_three_yen_from_the_deposit_to_the_shops_bank_and_back_to_the_report(company: Company) -> None:
    town, person = company.town, company.people[0]
    shop = shop_with_bank(town, at=BEFORE)
    empty_the_fund(company)
    ours = fund_of(company).id
    (towns,) = (each.id for each in queries.funds(town.municipality, programme=company.programme) if each.id != ours)

    # 1. The company's three yen arrive.
    by = town.actor(ActorRole.PARTNER, party=company.sponsor)
    deposit = depositing.announce_deposit(fund=ours, yen=3, due_on=day(town.at), by=by, at=town.at)
    depositing.record_deposit(deposit, arrived_on=day(town.at), by=town.checkers["planning"], at=town.at)
    assert fund_of(company).budget.left_yen == 3

    # 2. Somebody walks: ten yen, three of them the company's, seven the town's.
    assert granted(company, person, at=town.at) == 10
    assert by_fund(company, person, AccountRole.WALLET) == {ours: 3, towns: 7}
    assert fund_of(company).budget.left_yen == 0

    # 3. The ten yen buy something at the fishmonger's.
    company.pay(person, shop, yen=10)
    assert by_fund(company, shop, AccountRole.SHOP) == {ours: 3, towns: 7}

    # 4. The settlement tells the shop whose money it was, and the bank's file has one line of ten yen.
    at = town.at + timedelta(minutes=1)
    run = settlement.run_settlement(by=town.actor(ActorRole.ACCOUNTANT, department="accounting"), at=at, cutoff=at)
    (told,) = settled.statements(municipality=town.municipality, at=at, shop=shop)
    assert {part.fund: part.yen for part in told.parts} == {ours: 3, towns: 7}
    treasurer = town.actor(ActorRole.ACCOUNTANT, department="accounting")
    settlement.approve_payouts(by=treasurer, at=at, run=run.id, confirmed_count=1, confirmed_yen=10)
    content = settlement.read_transfer_file(by=treasurer, at=at, run=run.id)
    (line,) = read_transfers(content)
    assert line[1] == 10
    settlement.mark_sent(by=treasurer, at=at, run=run.id)
    assert by_fund(company, shop, AccountRole.PAID_OUT) == {ours: 3, towns: 7}

    # 5. The company's own report says where its three yen are: paid out to a shop, and nowhere else.
    ends = {place: row[-1] for place, row in report(company.office, "2025-11").items()}
    assert ends == {"まだ配っていない": 0, "住民の手もと": 0, "店で使われた(振込前)": 0, "振込まで終わった": 3}
    budget = fund_of(company).budget
    assert (budget.spent_yen, budget.loaded_yen) == (3, 3)


def test_while_the_deposit_is_late_no_point_is_given_and_the_next_one_is_when_it_has_come(company: Company) -> None:
    town, person = company.town, company.people[0]
    empty_the_fund(company)
    by = town.actor(ActorRole.PARTNER, party=company.sponsor)
    deposit = depositing.announce_deposit(fund=fund_of(company).id, yen=3, due_on=day(town.at), by=by, at=town.at)
    with pytest.raises(Refusal, match="action_budget_empty"):
        granted(company, person, at=town.at - timedelta(days=1))
    set_clock_offset(municipality=town.municipality, offset=town.at - now() + timedelta(days=2))
    assert "遅れています" in company.office.get("/partner/deposits").content.decode()
    with pytest.raises(Refusal, match="action_budget_empty"):
        granted(company, person, at=town.at)
    later = town.at + timedelta(days=2)
    depositing.record_deposit(deposit, arrived_on=day(later), by=town.checkers["planning"], at=later)
    assert granted(company, person, at=later) == 10, "it goes on by itself"
    assert fund_of(company).budget.left_yen == 0
    with pytest.raises(Refusal, match="action_budget_empty"):
        granted(company, company.people[1], at=later)
