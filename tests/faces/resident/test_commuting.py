"""Somebody from elsewhere says on the phone that they work or study here, and reads the answer there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest
from django.test import Client

from meguri.parties import operations as parties
from meguri.parties import queries
from meguri.tills import operations as tills
from meguri.vault.queries import find
from meguri.vault.rules import Field
from meguri.words.actor import Actor
from tests.faces.commuting_town import BORN, documents, somebody
from tests.faces.office.lived import Office, found_office, moment
from tests.faces.people import browser_of
from tests.faces.resident.conftest import seen, turn_clock, words

FORM = {"act": "declare", "kind": "work", "place": "めぐり製作所", "name": "外山 通", "birth_date": "1990-06-15"}


@dataclass
class Commuting:
    """The town in the days of applying, and the phone of somebody who lives elsewhere."""

    office: Office
    me: Actor
    phone: Client
    sale: UUID

    def declare(self, **form: str) -> str:
        answer = self.phone.post("/wallet/get/commuting", {**FORM, **form}, follow=True)
        return words(answer.content.decode())

    def mine(self) -> tuple[queries.CommuterView, ...]:
        assert self.me.party is not None
        return queries.commuters_of([self.me.party], municipality=self.office.number).get(self.me.party, ())

    def confirm(self) -> None:
        (said, *_) = self.mine()
        parties.confirm_commuter(
            said.id, proof="employee_card", first_day=date(2025, 4, 1), last_day=date(2026, 3, 31),
            by=self.office.officer("maker:commerce"), at=self.office.town.at,
        )  # fmt: skip


@pytest.fixture
def commuting(transactional_db: None) -> Iterator[Commuting]:
    office = found_office(documents())
    sale = office.sale()
    turn_clock(office.town, moment(8, 5))
    me = somebody(office.town)
    assert me.party is not None
    yield Commuting(office, me, browser_of(office.town, me.party), sale)
    tills.stop()


def test_the_way_leads_from_the_sale_to_the_word_and_to_the_application(commuting: Commuting) -> None:
    sale = f"get/vouchers/{commuting.sale}"
    barred = seen(commuting.phone, sale)
    assert "社員証か在勤証明書、学生証か在学証明書を持って町の窓口へ" in barred
    assert "在勤・在学を申し出る" in barred
    assert "町内で働く・学ぶ人の申し出" in seen(commuting.phone, "get")
    told = commuting.declare()
    assert "確認待ち" in told
    assert "社員証か在勤証明書を持って、町の窓口へ" in told
    assert "確認を待っています" in seen(commuting.phone, sale)
    commuting.confirm()
    assert "確認済み" in seen(commuting.phone, "get/commuting")
    assert "2025年4月1日(火)から2026年3月31日(火)まで" in seen(commuting.phone, "get/commuting")
    assert "何口申し込みますか" in seen(commuting.phone, sale)
    answer = commuting.phone.post(f"/wallet/{sale}/apply", {"units": "2"})
    assert answer.status_code == 302
    assert "2口を申し込みました" in seen(commuting.phone, sale)


def test_what_was_typed_lies_in_the_vault(commuting: Commuting) -> None:
    commuting.declare()
    (said,) = commuting.mine()
    assert (said.kind, said.birth_date, said.state) == ("work", BORN, "waiting")
    assert find(Field.NAME, "外山通", municipality=commuting.office.number) == (commuting.me.party,)
    assert "外山" not in seen(commuting.phone, "get/commuting")


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"name": ""}, "氏名を確かめて"), ({"place": " "}, "勤め先の名前を確かめて"),
        ({"birth_date": ""}, "生年月日を確かめて"), ({"birth_date": "2025-13-01"}, "日付"),
        ({"kind": ""}, "選んでください"),
    ],
)
def test_what_is_missing_is_said_and_the_rest_stays_typed(
    form: dict[str, str], says: str, commuting: Commuting
) -> None:
    answer = commuting.phone.post("/wallet/get/commuting", {**FORM, **form})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert says in words(page)
    assert any(f'value="{value}"' in page for key, value in FORM.items() if key not in form and key != "act")
    assert commuting.mine() == ()


def test_a_refusal_is_read_with_its_reason_and_can_be_said_anew(commuting: Commuting) -> None:
    commuting.declare()
    (said,) = commuting.mine()
    officer = commuting.office.officer("maker:commerce")
    parties.refuse_commuter(said.id, reason="社員証の期限が切れています", by=officer, at=commuting.office.town.at)
    told = seen(commuting.phone, "get/commuting")
    assert "認められない" in told
    assert "社員証の期限が切れています" in told
    assert "確認待ち" in commuting.declare()
    assert [each.state for each in commuting.mine()] == ["waiting", "refused"]


def test_a_word_is_taken_back_and_disappears(commuting: Commuting) -> None:
    commuting.declare()
    (said,) = commuting.mine()
    answer = commuting.phone.post("/wallet/get/commuting", {"act": "withdraw", "commuter": str(said.id)}, follow=True)
    assert "確認待ち" not in words(answer.content.decode())
    assert commuting.mine()[0].state == "withdrawn"


@pytest.mark.parametrize("number", ["", "nobody", "00000000-0000-0000-0000-000000000000"])
def test_nobody_takes_back_what_is_not_there(number: str, commuting: Commuting) -> None:
    answer = commuting.phone.post("/wallet/get/commuting", {"act": "withdraw", "commuter": number})
    assert answer.status_code == 404


def test_nobody_takes_back_anothers_word(commuting: Commuting) -> None:
    commuting.declare()
    (said,) = commuting.mine()
    neighbour = browser_of(commuting.office.town, commuting.office.town.other)
    answer = neighbour.post("/wallet/get/commuting", {"act": "withdraw", "commuter": str(said.id)})
    assert answer.status_code == 403
    assert commuting.mine()[0].state == "waiting"


def test_who_stands_in_the_register_is_not_asked_for_a_name(commuting: Commuting) -> None:
    resident = browser_of(commuting.office.town, commuting.office.town.holder)
    page = resident.get("/wallet/get/commuting").content.decode()
    assert 'name="name"' not in page
    assert 'name="birth_date"' not in page
    form = {"act": "declare", "kind": "study", "place": "めぐり大学"}
    answer = resident.post("/wallet/get/commuting", form, follow=True)
    assert "確認待ち" in words(answer.content.decode())


def test_what_is_over_says_so(commuting: Commuting) -> None:
    commuting.declare()
    commuting.confirm()
    turn_clock(commuting.office.town, moment(8, 5).replace(year=2026))
    assert "終わりました" in seen(commuting.phone, "get/commuting")
    assert "over" in seen(commuting.phone, "get/commuting", lang="en")


def test_a_town_without_such_a_programme_does_not_speak_of_it(transactional_db: None) -> None:
    office = found_office()
    turn_clock(office.town, office.town.at)
    assert "在勤・在学" not in seen(browser_of(office.town, office.town.holder), "get")
