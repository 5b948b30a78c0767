"""A company announces its money; recorded by the town it loads the fund once; what is late is said on both sides."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from meguri.ledger.operations import set_clock_offset
from meguri.ledger.wall import name_municipality
from meguri.parties import operations as parties
from meguri.programmes import operations as programmes
from meguri.programmes import queries
from meguri.programmes.models import SponsorDeposit
from meguri.programmes.operations import depositing
from meguri.programmes.queries.deposits import DepositView, deposits
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import day, now
from meguri.words.refusal import Refusal
from tests.faces.partner.conftest import Company
from tests.faces.partner.test_applying import officer


def fund_of(company: Company) -> queries.FundView:
    (found,) = queries.funds(company.town.municipality, payer=str(company.sponsor))
    return found


def announced(company: Company, *, yen: str = "300,000", due_on: str = "2025-12-01") -> DepositView:
    form = {"act": "announce", "fund": str(fund_of(company).id), "yen": yen, "due_on": due_on}
    answer = company.office.post("/partner/deposits", form)
    assert answer.status_code == 302, answer.content.decode()
    return deposits(company.town.municipality, on=day(company.town.at))[-1]


@pytest.fixture
def checker(company: Company) -> Client:
    system = company.town.actor(ActorRole.SYSTEM)
    parties.open_department(code="planning", name_ja="企画課", name_en="Planning", by=system, at=company.town.at)
    return officer(company.town, ActorRole.CHECKER)


def test_announced_is_no_money_and_arrived_loads_the_fund(company: Company, checker: Client) -> None:
    before = fund_of(company).budget.loaded_yen
    deposit = announced(company)
    assert fund_of(company).budget.loaded_yen == before
    page = f"/office/sponsors/{company.sponsor}"
    assert "300,000円" in checker.get(page).content.decode()
    form = {"act": "record", "deposit": str(deposit.id), "arrived_on": "2025-11-12"}
    assert checker.post(page, form).status_code == 302
    assert fund_of(company).budget.loaded_yen == before + 300_000
    assert checker.post(page, form).status_code == 409, "recorded once"
    assert fund_of(company).budget.loaded_yen == before + 300_000
    text = company.office.get("/partner/deposits").content.decode()
    assert "届きました" in text
    assert "協賛金の入金" in text


def test_what_is_late_is_said_to_both(company: Company, checker: Client) -> None:
    announced(company, due_on="2025-11-13")
    assert "遅れています" not in company.office.get("/partner/deposits").content.decode()
    town = company.town
    set_clock_offset(municipality=town.municipality, offset=town.at - now() + timedelta(days=3))
    assert "遅れています" in company.office.get("/partner/deposits").content.decode()
    assert "協賛金の入金が遅れています" in checker.get("/office/").content.decode()


def test_what_is_left_goes_back_and_both_movements_are_shown(company: Company) -> None:
    by = company.town.checkers["planning"]
    fund = fund_of(company)
    programmes.return_appropriation(
        fund=fund.id, amount_yen=fund.budget.left_yen, reason="事業の終了", decided_on=day(company.town.at), by=by,
        at=company.town.at,
    )  # fmt: skip
    text = company.office.get("/partner/deposits").content.decode()
    assert "事業の終了" in text
    assert "900,000" in text


@pytest.mark.parametrize(
    ("field", "value"), [("yen", "0"), ("yen", "たくさん"), ("due_on", "2025-11-11"), ("due_on", "いつか")]
)
def test_what_is_wrong_is_said_at_its_field(company: Company, field: str, value: str) -> None:
    form = {"act": "announce", "fund": str(fund_of(company).id), "yen": "1", "due_on": "2025-12-01", field: value}
    answer = company.office.post("/partner/deposits", form)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.content.decode()


def test_only_ones_own_fund_and_only_the_town_records(company: Company) -> None:
    deposit, at = announced(company), company.town.at
    stranger = Actor(company.town.municipality, ActorRole.PARTNER, uuid4())
    with pytest.raises(Refusal, match="not_allowed"):
        depositing.announce_deposit(fund=fund_of(company).id, yen=1, due_on=day(at), by=stranger, at=at)
    with pytest.raises(Refusal, match="not_allowed"):
        depositing.withdraw_deposit(deposit.id, by=stranger, at=at)
    own = Actor(company.town.municipality, ActorRole.PARTNER, company.sponsor)
    with pytest.raises(Refusal, match="not_allowed"):
        depositing.record_deposit(deposit.id, arrived_on=day(at), by=own, at=at)
    depositing.withdraw_deposit(deposit.id, by=own, at=at)
    with pytest.raises(Refusal, match="deposit_settled"):
        depositing.record_deposit(deposit.id, arrived_on=day(at), by=company.town.checkers["planning"], at=at)
    for _ in range(depositing.WAITING_MOST):
        depositing.announce_deposit(fund=fund_of(company).id, yen=1, due_on=day(at), by=own, at=at)
    with pytest.raises(Refusal, match="deposits_too_many"):
        depositing.announce_deposit(fund=fund_of(company).id, yen=1, due_on=day(at), by=own, at=at)


@pytest.mark.parametrize("changed", [{"yen": 0}, {"recorded_at": now()}, {"arrived_on": now().date()}])
def test_the_database_keeps_what_the_code_promises(company: Company, changed: dict[str, object]) -> None:
    announced(company)
    with pytest.raises(IntegrityError), transaction.atomic():
        SponsorDeposit.objects.update(**changed)


def test_four_officers_at_one_moment_load_the_fund_once(company: Company) -> None:
    deposit, town, before = announced(company), company.town, fund_of(company).budget.loaded_yen

    def record(_: int) -> str:
        name_municipality(town.municipality)
        try:
            return str(depositing.record_deposit(
                deposit.id, arrived_on=day(town.at), by=town.checkers["planning"], at=town.at
            ))  # fmt: skip
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(record, range(4)))
    assert answers.count("deposit_settled") == 3
    assert UUID(next(each for each in answers if each != "deposit_settled"))
    assert fund_of(company).budget.loaded_yen == before + 300_000
