"""Getting: a sale from its first day to the last, benefits told apart by child, deeds and who vouches for them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from html import unescape
from uuid import UUID, uuid4

import pytest
from django.test import Client

from meguri.faces.resident.offering import whom_of
from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.parties import operations as parties
from meguri.parties.queries import resident_facts
from meguri.programmes.benefits import operations as benefits
from meguri.programmes.benefits import queries as benefits_of
from meguri.programmes.points import queries as points_of
from meguri.programmes.vouchers import queries as vouchers_of
from tests.faces.office.lived import LONG_AGO, Office, moment
from tests.faces.people import browser_of
from tests.faces.resident.conftest import seen, turn_clock, words
from tests.town import Town


def held(town: Town) -> int:
    found = books.balances([town.holder], AccountRole.WALLET, municipality=town.municipality)
    return sum(balance.amount for balance in found)


# --- vouchers ------------------------------------------------------------------------------------------------------


@pytest.fixture
def sale(town: Town, office: Office) -> UUID:
    """The first round, on a day on which people may apply."""
    opened = office.sale()
    turn_clock(town, moment(8, 5))
    return opened


def apply(phone: Client, sale: UUID, units: str = "2") -> int:
    return phone.post(f"/wallet/get/vouchers/{sale}/apply", {"units": units}).status_code


def own(town: Town, holder: UUID | None = None) -> tuple[vouchers_of.ApplicationView, ...]:
    return vouchers_of.applications_of(holder or town.holder, municipality=town.municipality)


def test_a_sale_tells_its_days_its_limits_and_that_nothing_is_taken_back(
    town: Town, phone: Client, sale: UUID
) -> None:
    facts = vouchers_of.sale_page(sale, municipality=town.municipality)
    told = seen(phone, f"get/vouchers/{sale}")
    for word in ("申込み", "抽選", "買う", "使う", "原則として現金にもどせません", "多いときは抽選です"):
        assert word in told, word
    assert facts.drawn_on is not None
    for on in (facts.drawn_on, facts.applying.last_day, facts.purchasing.last_day, facts.using.last_day):
        assert on is not None
        assert f"{on.month}月{on.day}日" in told, on
    assert f"{facts.units:,}口" in told
    assert facts.cash_back.ja in told
    english = seen(phone, f"get/vouchers/{sale}", lang="en")
    assert "What has been bought is not taken back." in english
    assert facts.cash_back.en in english
    assert f"{facts.units:,} units in all" in english


def test_what_is_open_now_stands_first_and_asks_to_apply(town: Town, phone: Client, sale: UUID) -> None:
    page = phone.get("/wallet/get").content.decode()
    assert f"/wallet/get/vouchers/{sale}" in page
    assert "申し込む" in words(page)
    turn_clock(town, moment(7, 25))
    assert "から申し込めます" in seen(phone, "get")
    turn_clock(town, moment(12, 31))
    assert f"/wallet/get/vouchers/{sale}" not in phone.get("/wallet/get").content.decode()


@pytest.mark.parametrize(("language", "why", "question"), [
    ("ja", "まだ住民の登録と結びついていません", "何口申し込みますか"),
    ("en", "not linked to the residents' register", "How many units?"),
])  # fmt: skip
def test_who_cannot_apply_is_told_why_before_filling_in_a_form(
    town: Town, phone: Client, sale: UUID, *, language: str, why: str, question: str
) -> None:
    stranger = browser_of(town, uuid4())
    stranger.post("/wallet/open")
    told = seen(stranger, f"get/vouchers/{sale}", lang=language)
    assert why in told
    assert question not in told
    assert question in seen(phone, f"get/vouchers/{sale}", lang=language)
    refused = stranger.post(f"/wallet/get/vouchers/{sale}/apply", {"units": "1"})
    assert words(refused.content.decode()).count(why) == 1


def test_a_deed_that_earns_nothing_does_not_blame_a_limit_that_is_not_reached(
    town: Town, deeds: dict[str, UUID]
) -> None:
    stranger = browser_of(town, uuid4())
    stranger.post("/wallet/open")
    assert "いまはもらえません" in seen(stranger, "get")
    assert "いまは上限まで" not in seen(stranger, "get")


def test_applying_and_withdrawing_and_applying_anew(town: Town, phone: Client, sale: UUID) -> None:
    assert apply(phone, sale) == 302
    (first,) = own(town)
    told = seen(phone, f"get/vouchers/{sale}")
    assert first.number in told
    assert "2口を申し込みました" in told
    assert "取り下げる" in told
    assert "2口を申し込みました" in seen(phone, "get")
    gone = phone.post(f"/wallet/get/vouchers/withdraw/{first.id}")
    assert gone["Location"] == f"/wallet/get/vouchers/{sale}"
    assert "何口申し込みますか" in seen(phone, f"get/vouchers/{sale}")
    assert apply(phone, sale, "3") == 302
    assert [(each.state, each.units_applied) for each in own(town)] == [("applied", 3), ("withdrawn", 2)]


def test_nobody_withdraws_another_ones_application(town: Town, phone: Client, neighbour: Client, sale: UUID) -> None:
    apply(phone, sale)
    (mine,) = own(town)
    answer = neighbour.post(f"/wallet/get/vouchers/withdraw/{mine.id}")
    assert answer.status_code == 403
    assert mine.number not in answer.content.decode()
    assert own(town)[0].state == "applied"
    assert phone.post(f"/wallet/get/vouchers/withdraw/{uuid4()}").status_code == 404
    assert phone.get(f"/wallet/get/vouchers/withdraw/{mine.id}").status_code == 405


def test_after_the_draw_nothing_is_withdrawn(town: Town, office: Office, phone: Client, sale: UUID) -> None:
    apply(phone, sale)
    turn_clock(town, moment(9, 6))
    office.drawn(sale)
    assert "取り下げる" not in seen(phone, f"get/vouchers/{sale}")
    answer = phone.post(f"/wallet/get/vouchers/withdraw/{own(town)[0].id}")
    assert answer.status_code == 409
    assert "抽選の前まで" in words(answer.content.decode())
    assert own(town)[0].state == "won"


@pytest.mark.parametrize(
    ("units", "said"), [("0", "口"), ("99", "口"), ("", "数を入力"), ("many", "数として読めません"), ("-1", "口")]
)
def test_units_are_refused_as_units_and_never_as_yen(
    town: Town, phone: Client, sale: UUID, units: str, said: str
) -> None:
    answer = phone.post(f"/wallet/get/vouchers/{sale}/apply", {"units": units})
    assert answer.status_code == 422
    alert = words(answer.content.decode().split('role="alert"')[1].split("</section>")[0])
    assert said in alert
    assert "金額" not in alert
    assert own(town) == ()


def test_a_winner_buys_once(town: Town, office: Office, phone: Client, neighbour: Client, sale: UUID) -> None:
    apply(phone, sale)
    turn_clock(town, moment(9, 6))
    office.drawn(sale)
    facts = vouchers_of.sale_page(sale, municipality=town.municipality)
    (mine,) = own(town)
    assert mine.state == "won"
    assert "から買えます" in seen(phone, "get")
    early = phone.post(f"/wallet/get/vouchers/purchase/{mine.id}")
    assert early.status_code == 409
    turn_clock(town, facts.purchasing.start)
    assert f"{mine.to_pay_yen:,}円を払って買う" in seen(phone, "get")
    stranger = neighbour.post(f"/wallet/get/vouchers/purchase/{mine.id}")
    assert stranger.status_code == 403
    assert mine.number not in stranger.content.decode()
    for _ in range(2):
        assert phone.post(f"/wallet/get/vouchers/purchase/{mine.id}")["Location"] == "/wallet/"
    assert held(town) == 2 * facts.face_yen
    assert "購入済み" in seen(phone, f"get/vouchers/{sale}")
    assert phone.post(f"/wallet/get/vouchers/purchase/{uuid4()}").status_code == 404


def test_applying_says_first_what_it_means_and_offers_no_number_by_itself(
    town: Town, phone: Client, sale: UUID
) -> None:
    form = phone.get(f"/wallet/get/vouchers/{sale}").content.decode()
    assert '<option value="" selected>' in form
    facts = vouchers_of.sale_page(sale, municipality=town.municipality)
    told = seen(phone, f"get/vouchers/{sale}", units="2")
    for said in ("2口を申し込む", f"{2 * facts.unit_price_yen:,}円を払って", f"{2 * facts.face_yen:,}円分",
                 "払うお金はありません", "取り下げて申し込みなおせます"):  # fmt: skip
        assert said in told, said
    assert "Apply for 1 unit" in seen(phone, f"get/vouchers/{sale}", units="1", lang="en")
    assert own(town) == (), "looking is not applying"
    assert phone.get(f"/wallet/get/vouchers/{sale}", {"units": "99", "lang": "ja"}).status_code == 422
    apply(phone, sale)
    assert "2口を申し込みました" in seen(phone, f"get/vouchers/{sale}", units="2")


def test_a_second_application_of_a_household_is_refused_kindly(town: Town, phone: Client, sale: UUID) -> None:
    apply(phone, sale)
    answer = phone.post(f"/wallet/get/vouchers/{sale}/apply", {"units": "3"})
    assert answer.status_code == 409
    assert "できませんでした" in words(answer.content.decode())
    assert len(own(town)) == 1


def test_an_unknown_sale_is_a_kind_page(phone: Client) -> None:
    assert phone.get(f"/wallet/get/vouchers/{uuid4()}").status_code == 404


# --- benefits ------------------------------------------------------------------------------------------------------


@dataclass
class Family:
    """The holder's children, elder first, each with a decided benefit."""

    children: tuple[UUID, UUID]
    entitlements: tuple[UUID, UUID]


@pytest.fixture
def family(town: Town, office: Office) -> Family:
    children = (uuid4(), uuid4())
    entries = [
        parties.ResidentEntry(
            birth_date=born, ward="minato", moved_in=born, household_number="h0", id=child,
        )
        for child, born in zip(children, (date(2013, 6, 1), date(2018, 6, 1)), strict=True)
    ]  # fmt: skip
    parties.register_residents(entries, by=office.system, at=LONG_AGO)
    lines = "".join(f"{child},{town.holder},10000\n" for child in reversed(children))
    made = benefits.import_list(
        programme=office.programme("benefit"), name="11月分", content=f"person,recipient,amount_yen\n{lines}".encode(),
        declared_count=2, declared_total_yen=20_000, by=office.officer("maker:welfare"), at=moment(9, 10),
    )  # fmt: skip
    benefits.propose_list(benefit_list=made.benefit_list, by=office.officer("maker:welfare"), at=moment(9, 11))
    benefits.decide(benefit_list=made.benefit_list, by=office.officer("checker:welfare"), at=moment(9, 20))
    found = benefits_of.benefits_of(town.holder, municipality=town.municipality, at=moment(10, 10))
    by_child = {each.person: each.id for each in found}
    turn_clock(town, moment(10, 10))
    return Family(children, (by_child[children[0]], by_child[children[1]]))


def test_each_child_has_its_own_card(phone: Client, family: Family) -> None:
    told = seen(phone, "get")
    assert "1人目のお子さん(12歳)の分" in told
    assert "2人目のお子さん(7歳)の分" in told
    assert told.count("受け取り方を選ぶ") == 2
    assert told.index("1人目") < told.index("2人目"), "the elder first, whatever the list's order"
    english = seen(phone, "get", lang="en")
    assert "For child no. 1 (12 years old)" in english
    assert "For child no. 2 (7 years old)" in english


def test_the_way_of_receiving_is_chosen_child_by_child(town: Town, phone: Client, family: Family) -> None:
    elder, younger = family.entitlements
    page = seen(phone, f"get/benefits/{elder}")
    assert "1人目のお子さん(12歳)の分" in page
    assert "10,000" in page
    assert phone.post(f"/wallet/get/benefits/{elder}", {"receipt": "local_money"})["Location"] == "/wallet/get"
    chosen = {
        each.id: each.receipt
        for each in benefits_of.benefits_of(town.holder, municipality=town.municipality, at=town.at)
    }
    assert chosen == {elder: "local_money", younger: "undecided"}
    told = seen(phone, "get")
    assert "で受け取ります" in told
    assert "受け取り方を変える" in told
    assert told.count("受け取り方を選ぶ") == 1
    phone.post(f"/wallet/get/benefits/{elder}", {"receipt": "bank"})  # may be changed until the last day
    (changed,) = [
        each for each in benefits_of.benefits_of(town.holder, municipality=town.municipality, at=town.at)
        if each.id == elder
    ]
    assert changed.receipt == "bank"


def test_a_way_of_receiving_is_looked_at_before_it_is_chosen(town: Town, phone: Client, family: Family) -> None:
    younger = f"get/benefits/{family.entitlements[1]}"
    assert "使える期限" in seen(phone, younger)
    local = seen(phone, younger, receipt="local_money")
    bank = seen(phone, younger, receipt="bank")
    for page in (local, bank):
        assert "2人目のお子さん(7歳)の分" in page
        assert "そのあとは変えられません" in page
        assert "これに決める" in page
    assert "使える期限" in local
    assert "使える期限" not in bank
    found = benefits_of.benefits_of(town.holder, municipality=town.municipality, at=town.at)
    assert {each.receipt for each in found} == {"undecided"}, "looking is not choosing"


@pytest.mark.parametrize("receipt", ["", "cash", "BANK"])
def test_an_unknown_way_is_never_taken_for_the_bank(
    town: Town, phone: Client, family: Family, receipt: str
) -> None:
    answer = phone.post(f"/wallet/get/benefits/{family.entitlements[0]}", {"receipt": receipt})
    assert answer.status_code == 422
    assert "受け取り方を選んでください" in words(answer.content.decode())
    found = benefits_of.benefits_of(town.holder, municipality=town.municipality, at=town.at)
    assert {each.receipt for each in found} == {"undecided"}


def test_nobody_chooses_for_another_family(town: Town, neighbour: Client, family: Family) -> None:
    assert neighbour.get(f"/wallet/get/benefits/{family.entitlements[0]}")["Location"] == "/wallet/get"
    answer = neighbour.post(f"/wallet/get/benefits/{family.entitlements[0]}", {"receipt": "bank"})
    assert answer.status_code == 403
    assert "お子さん" not in seen(neighbour, "get")
    found = benefits_of.benefits_of(town.holder, municipality=town.municipality, at=town.at)
    assert {each.receipt for each in found} == {"undecided"}


def test_what_was_received_is_folded_below(town: Town, office: Office, phone: Client, family: Family) -> None:
    for entitlement in family.entitlements:
        phone.post(f"/wallet/get/benefits/{entitlement}", {"receipt": "local_money"})
    (listed,) = benefits_of.lists(town.municipality)
    checker = office.officer("checker:welfare")
    turn_clock(town, moment(11, 10))
    benefits.disburse(benefit_list=listed.id, by=checker, at=town.at)
    page = phone.get("/wallet/get").content.decode()
    folded = words(page.split('<details class="folded">')[1])
    before = words(page.split("<main")[1].split('<details class="folded">')[0])
    assert "受け取り済みの給付(2件)" in folded
    assert "1人目のお子さん(12歳)の分" in folded
    assert "お子さん" not in before
    assert held(town) == sum(
        each.amount_yen + each.bonus_yen
        for each in benefits_of.benefits_of(town.holder, municipality=town.municipality, at=town.at)
    )


def test_a_grown_up_is_told_as_family_and_nobody_by_name(town: Town) -> None:
    facts = resident_facts([town.other], municipality=town.municipality, on=date(2025, 11, 12))
    assert whom_of(town.other, facts, language="ja") == "ご家族(45歳)の分"
    assert whom_of(town.other, facts, language="en") == "For a member of your family (45 years old)"
    assert whom_of(town.holder, facts, language="ja") == ""


# --- deeds ---------------------------------------------------------------------------------------------------------


def report(phone: Client, action: UUID, number: str = "") -> str:
    answer = phone.post("/wallet/get/actions", {"action": str(action), "number": number or str(uuid4())})
    assert answer.status_code == 302, words(answer.content.decode())[:400]
    return words(phone.get(answer["Location"]).content.decode())


def test_a_deed_says_who_vouches_for_it(phone: Client, deeds: dict[str, UUID]) -> None:
    told = seen(phone, "get/actions")
    assert "自己申告で、町はひとつずつ確かめていません" in told
    assert "職員が確かめてから入ります" in told
    assert "会場に出ているコード" in told
    assert "駅前の停留所" in told
    assert "1日の上限1回 (あと1回)" in told
    english = seen(phone, "get/actions", lang="en")
    assert "nobody checks each one" in english
    assert "(1 left)" in english


def test_a_self_report_counts_once_a_day(town: Town, phone: Client, deeds: dict[str, UUID]) -> None:
    told = report(phone, deeds["walk"])
    assert "分のポイントが入りました" in told
    earned = held(town)
    assert earned > 0
    answer = phone.post("/wallet/get/actions", {"action": str(deeds["walk"]), "number": str(uuid4())})
    assert answer.status_code in (302, 409)
    assert held(town) == earned
    assert "また明日どうぞ" in seen(phone, "get/actions")


def test_a_double_press_is_one_deed(town: Town, phone: Client, deeds: dict[str, UUID]) -> None:
    number = str(uuid4())
    first, second = report(phone, deeds["walk"], number), report(phone, deeds["walk"], number)
    assert "分のポイントが入りました" in first
    assert "分のポイントが入りました" in second
    assert len(points_of.done_by(town.holder, municipality=town.municipality)) == 1


def test_what_must_be_confirmed_waits(town: Town, phone: Client, deeds: dict[str, UUID]) -> None:
    told = report(phone, deeds["check-up"])
    assert "確かめてから入ります" in told
    assert "確認待ち" in told
    assert held(town) == 0


def test_the_code_of_a_place_records_and_a_wrong_one_is_kept_in_the_field(
    town: Town, phone: Client, deeds: dict[str, UUID]
) -> None:
    (stop,) = points_of.places(deeds["bus"], municipality=town.municipality)
    wrong = phone.post("/wallet/get/actions", {"code": f"{stop.code}-000000", "number": str(uuid4())})
    assert wrong.status_code in (404, 409, 422)
    assert f'value="{stop.code}-000000"' in unescape(wrong.content.decode())
    shown = points_of.place_code(stop.id, municipality=town.municipality, at=town.at)
    right = phone.post("/wallet/get/actions", {"code": shown.text, "number": str(uuid4())})
    assert right.status_code == 302
    assert held(town) > 0


@pytest.mark.parametrize("form", [{}, {"code": "nonsense"}, {"action": "x", "number": "y"}, {"action": str(uuid4())}])
def test_nonsense_records_nothing(town: Town, phone: Client, deeds: dict[str, UUID], form: dict[str, str]) -> None:
    answer = phone.post("/wallet/get/actions", form)
    assert answer.status_code in (404, 422)
    assert re.search(r'role="alert"', answer.content.decode())
    assert points_of.done_by(town.holder, municipality=town.municipality) == ()


def test_a_deed_of_somebody_else_is_not_told(phone: Client, neighbour: Client, deeds: dict[str, UUID]) -> None:
    answer = phone.post("/wallet/get/actions", {"action": str(deeds["walk"]), "number": str(uuid4())})
    told = words(neighbour.get(answer["Location"]).content.decode())
    assert "分のポイントが入りました" not in told
