"""What officers do, from one page to the next, with the real books behind it."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from meguri.evidence import queries as evidence
from meguri.faces.office import goals as documents
from meguri.ledger.operations import set_clock_offset
from meguri.parties import queries as parties
from meguri.programmes import queries as programmes
from meguri.programmes.benefits import queries as benefits
from meguri.programmes.parts import Sale
from meguri.programmes.points import queries as points
from meguri.programmes.shipped import shipped
from meguri.programmes.terms import write_terms
from meguri.programmes.vouchers import queries as vouchers
from meguri.settlement import queries as settlement
from meguri.strategy import operations as strategy
from meguri.strategy import queries as strategy_of
from meguri.strategy.rules import GoalEntry
from meguri.words.clock import now
from tests.faces.office.lived import Office, moment

ACCOUNTANT, TREASURER = "accountant:accounting", "accountant:accounting#2"


def send(client: Client, name: str, /, *args: object, **form: object) -> HttpResponse:
    """Press a button and land where it leads."""
    return client.post(reverse(f"office:{name}", args=args), form, follow=True)  # type: ignore[return-value]


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def new_document() -> bytes:
    return write_terms(shipped()["nagoya-2025"]).replace(b'code = "premium-voucher"', b'code = "second-voucher"', 1)


def coming_document() -> bytes:
    """The same for the year after, whose days lie ahead of the town's clock."""
    later = re.sub(rb"20(2[0-9])-", lambda year: b"20%d-" % (int(year[1]) + 1), new_document())
    return later.replace(b"fiscal_year = 2025", b"fiscal_year = 2026")


def test_a_programme_from_a_document_to_its_launch(office: Office) -> None:
    maker, checker = office.browser("maker:commerce"), office.browser("checker:commerce")
    broken = send(maker, "programme_new", document="code = ")
    assert broken.status_code == 422
    assert "code = " in text(broken)
    sent = SimpleUploadedFile("second.toml", coming_document())
    page = send(maker, "programme_new", file=sent, document="")
    assert page.status_code == 200
    assert "下書きを保存しました" in text(page)
    found = programmes.programme_by_code("second-voucher", municipality=office.number)
    assert found is not None
    assert send(checker, "programme", found.id, act="launch").status_code == 409
    assert "承認を求めました" in text(send(maker, "programme", found.id, act="submit", note="確かめてください"))
    desk = text(checker.get(reverse("office:desk")))
    assert "事業を公開する承認" in desk
    assert f"{found.name_ja} [second-voucher] — 起票" in desk, "two launches that wait are told apart"
    assert reverse("office:programme", args=[found.id]) in desk
    assert send(maker, "programme", found.id, act="launch").status_code == 403
    back = send(checker, "programme", found.id, act="send_back", note="金額を確かめて")
    assert "差し戻しました" in text(back)
    send(maker, "programme", found.id, act="submit")
    send(maker, "programme", found.id, act="withdraw")
    send(maker, "programme", found.id, act="submit")
    page = send(checker, "programme", found.id, act="launch")
    assert "公開しました" in text(page)
    assert "6,000,000円" in text(page)
    launched = programmes.programme(found.id, municipality=office.number)
    assert launched
    assert launched.state == "launched"
    log = text(checker.get(reverse("office:approvals")))
    assert "金額を確かめて" in log
    assert found.name_ja in log


def test_a_launched_sale_that_nobody_opened_waits_on_the_checkers_desk(office: Office) -> None:
    """Launching alone shows residents nothing; whoever must open the sale is told until each round is open."""
    maker, checker = office.browser("maker:commerce"), office.browser("checker:commerce")
    send(maker, "programme_new", document=coming_document().decode())
    found = programmes.programme_by_code("second-voucher", municipality=office.number)
    assert found is not None
    send(maker, "programme", found.id, act="submit")
    assert "公開しました" in text(send(checker, "programme", found.id, act="launch"))
    terms = programmes.terms(found.id, municipality=office.number)
    assert isinstance(terms.obtaining, Sale)
    for one in terms.obtaining.rounds:
        desk = text(checker.get(reverse("office:desk")))
        assert f"{found.name_ja} [second-voucher] {one.name.ja} — 2026年" in desk
        assert "開くまで住民には見えません" not in text(maker.get(reverse("office:desk"))), "a maker may not open it"
        form = {"act": "open", "programme": found.id, "round": one.code}
        refused = send(checker, "vouchers", **form, value_named=" ")
        assert refused.status_code == 422
        assert "抽選に混ぜる公開の値を書いてください" in text(refused)
        named = "9月4日の日経平均株価の終値"
        assert "販売を開きました" in text(send(checker, "vouchers", **form, value_named=named))
        (sale,) = vouchers.sales(office.number, programme=found.id)
        assert vouchers.sale_page(sale, municipality=office.number).value_named.ja == named
    assert "開くまで住民には見えません" not in text(checker.get(reverse("office:desk")))


def test_who_made_it_cannot_launch_it(office: Office) -> None:
    """One person with both hats is told kindly that somebody else must look."""
    from meguri.parties import operations
    from meguri.words.actor import ActorRole

    maker = office.officer("maker:commerce")
    assert maker.party
    operations.appoint(
        officer=maker.party, role=ActorRole.CHECKER, department="commerce", by=office.system, at=office.town.at
    )
    client = office.browser("maker:commerce")
    send(client, "programme_new", document=coming_document().decode())
    found = programmes.programme_by_code("second-voucher", municipality=office.number)
    assert found is not None
    send(client, "programme", found.id, act="submit")
    session = client.session
    session["hat"] = "checker:commerce"
    session.save()
    page = text(client.get(reverse("office:programme", args=[found.id])))
    assert "別の承認者が公開します" in page
    answer = send(client, "programme", found.id, act="launch")
    assert answer.status_code == 403
    assert "自分で起票したものは承認できません" in text(answer)


def test_budget_is_appropriated_and_returned(office: Office) -> None:
    checker = office.browser("checker:commerce")
    programme = office.programme("voucher")
    fund = next(each for each in programmes.funds(office.number, programme=programme) if each.funder != "buyers")
    form = {"fund": fund.id, "amount_yen": "500,000", "decided_on": "2025-11-11", "reason": "補正予算"}
    assert "500,000円を配当しました" in text(send(checker, "programme", programme, act="appropriate", **form))
    assert "500,000円を減額しました" in text(send(checker, "programme", programme, act="return", **form))
    wrong = send(checker, "programme", programme, act="appropriate", **(form | {"amount_yen": "百"}))
    assert wrong.status_code == 422
    assert "補正予算" in text(wrong)
    left = next(each for each in programmes.funds(office.number, programme=programme) if each.id == fund.id)
    assert left.budget == fund.budget


def settle(office: Office, client: Client) -> UUID:
    page = send(client, "settlements", act="look", cutoff="2025-11-11")
    assert "この内容で締める" in text(page)
    page = send(client, "settlements", act="run", cutoff="2025-11-11")
    assert "精算を締めました" in text(page)
    run, *_ = settlement.runs(office.number)
    return run.id


def test_a_settlement_is_run_approved_by_another_and_its_file_fetched(lived: Office) -> None:
    lived.banked()
    clerk, treasurer = lived.browser(ACCOUNTANT), lived.browser(TREASURER)
    run = settle(lived, clerk)
    seen = settlement.run(run, municipality=lived.number)
    assert seen
    assert seen.payouts_yen == 1_200 + 340 + 800
    right = {"act": "approve", "confirmed_count": str(seen.payouts_count), "confirmed_yen": f"{seen.payouts_yen:,}"}
    assert send(clerk, "settlement", run, **right).status_code == 403
    wrong = send(treasurer, "settlement", run, **(right | {"confirmed_yen": "1"}))
    assert wrong.status_code == 422
    assert "何も動いていません" in text(wrong)
    assert send(treasurer, "transfer_file", run).status_code == 409
    page = send(treasurer, "settlement", run, **right)
    assert "ファイルができました" in text(page)
    file = settlement.file(run, municipality=lived.number)
    assert file
    fetched = treasurer.post(reverse("office:transfer_file", args=[run]))
    assert hashlib.sha256(fetched.content).hexdigest() == file.digest
    assert "attachment" in fetched["Content-Disposition"]
    assert "銀行に渡したことを記録しました" in text(send(treasurer, "settlement", run, act="sent"))
    (payout,) = settlement.payouts(municipality=lived.number, run=run)
    page = send(clerk, "settlement", run, act="returned", payout=payout.id, reason="口座なし")
    assert "振込不能を記録しました" in text(page)
    (told,) = settlement.statements(municipality=lived.number, at=lived.town.at, run=run)
    for query in ({}, {"lang": "en"}):
        page = clerk.get(reverse("office:statement", args=[told.id]), query)
        assert "2,340" in text(page)
    written = text(clerk.get(reverse("office:statement", args=[told.id]), {"format": "csv"}))
    assert written.count("\r\n") == 4


def test_a_payout_is_held_and_released(lived: Office) -> None:
    lived.banked()
    clerk = lived.browser(ACCOUNTANT)
    run = settle(lived, clerk)
    (payout,) = settlement.payouts(municipality=lived.number, run=run)
    assert send(clerk, "settlement", run, act="hold", payout=payout.id, reason="").status_code == 422
    assert "振込を保留しました" in text(send(clerk, "settlement", run, act="hold", payout=payout.id, reason="差押え"))
    assert "保留を解きました" in text(send(clerk, "settlement", run, act="release", payout=payout.id))


def test_a_sale_is_opened_closed_drawn_and_sold_at_the_counter(office: Office) -> None:
    def at(month: int, day: int) -> None:
        set_clock_offset(municipality=office.number, offset=moment(month, day) - now())

    at(7, 20)
    checker, maker = office.browser("checker:commerce"), office.browser("maker:commerce")
    programme = office.programme("voucher")
    page = send(checker, "vouchers", act="open", programme=programme, round="first", value_named="日経平均の終値")
    assert "販売を開きました" in text(page)
    (sale,) = vouchers.sales(office.number)
    applied = office.applied(sale, office.town.holder)
    assert applied.number in text(maker.get(reverse("office:sale", args=[sale])))
    assert send(checker, "sale", sale, act="close").status_code == 409
    at(8, 18)
    assert "申込みを締め切りますか" in text(checker.get(reverse("office:sale", args=[sale])))
    assert "締め切り" in text(send(checker, "sale", sale, act="close"))
    at(9, 5)
    assert send(maker, "sale", sale, act="draw", public_value="42580.27").status_code == 403
    assert "抽選しました" in text(send(checker, "sale", sale, act="draw", public_value="42580.27"))
    assert "計算し直しました" in text(checker.get(reverse("office:draw", args=[sale])))
    at(10, 10)
    page = text(maker.get(reverse("office:sale", args=[sale]), {"number": applied.number.lower()}))
    assert "販売の内容を確かめる" in page
    assert "20,000円" in page
    sold = send(maker, "sale", sale, act="sell", application=applied.application, units="1")
    assert "1口を10,000円で販売しました" in text(sold)
    at(11, 1)
    assert "取り消しました" in text(send(checker, "sale", sale, act="lapse"))


def test_actions_are_opened_shown_and_confirmed(lived: Office) -> None:
    maker, checker = lived.browser("maker:planning"), lived.browser("checker:planning")
    programme = lived.programme("point")
    (held,) = points.records(programme, municipality=lived.number, state="held")
    page = send(checker, "points", act="attest", record=held.id)
    assert "500円分を付与しました" in text(page)
    assert "行動を開きました" in text(send(maker, "points", act="open", programme=programme, code="clean-up"))
    action = points.action_by_code(programme, "clean-up", municipality=lived.number)
    form = {"action": action, "name_ja": "海岸", "name_en": "The beach", "rotating": "yes", "host": ""}
    assert "場所を作りました" in text(send(maker, "points", act="place", **form))
    assert action is not None
    (place,) = points.places(action, municipality=lived.number)
    screen = text(maker.get(reverse("office:place_screen", args=[place.id])))
    shown = points.place_code(place.id, municipality=lived.number, at=lived.town.at)
    assert "<svg" in screen
    assert shown.text.partition("-")[0] in screen
    part = text(maker.get(reverse("office:place_code", args=[place.id])))
    assert "<html" not in part
    assert "場所を閉じました" in text(send(maker, "points", act="end_place", place=place.id))
    assert maker.get(reverse("office:place_screen", args=[place.id])).status_code == 404
    assert "行動を閉じました" in text(send(maker, "points", act="close", action=action))


def test_a_deed_is_declined_with_a_reason(lived: Office) -> None:
    checker = lived.browser("checker:planning")
    (held,) = points.records(lived.programme("point"), municipality=lived.number, state="held")
    assert send(checker, "points", act="decline", record=held.id, reason="").status_code == 422
    assert "認めませんでした" in text(send(checker, "points", act="decline", record=held.id, reason="写しがない"))


def test_a_list_is_looked_at_imported_decided_chosen_and_paid(office: Office) -> None:
    office.family()
    maker, checker = office.browser("maker:welfare"), office.browser("checker:welfare")
    programme = office.programme("benefit")
    set_clock_offset(municipality=office.number, offset=moment(10, 2) - now())
    faulty = office.csv() + b"not-a-person,,\n"
    file = SimpleUploadedFile("list.csv", faulty)
    page = send(maker, "import_list", act="look", programme=programme, name="11月分", file=file)
    assert "対象にならない行" in text(page)
    assert "10,000円" in text(page)
    form = {"act": "import", "programme": programme, "name": "11月分", "declared_count": "1",
            "declared_total_yen": "10,000", "content": faulty.decode()}
    assert send(maker, "import_list", **form).status_code == 422
    page = send(maker, "import_list", leave_out="yes", **form)
    assert "取り込みました" in text(page)
    (listed,) = benefits.lists(office.number)
    assert send(checker, "benefit_list", listed.id, act="decide").status_code == 409
    send(maker, "benefit_list", listed.id, act="propose", note="お願いします")
    assert send(maker, "benefit_list", listed.id, act="decide").status_code == 403
    assert "支給を決める承認" in text(checker.get(reverse("office:desk")))
    send(checker, "benefit_list", listed.id, act="send_back", note="人数を確かめて")
    send(maker, "benefit_list", listed.id, act="propose")
    assert "1人への支給を決定し" in text(send(checker, "benefit_list", listed.id, act="decide"))
    (one,) = benefits.entitlements(listed.id, municipality=office.number, at=moment(10, 2))
    asked = text(maker.get(reverse("office:entitlement", args=[one.id]))).partition("窓口で聞いた受け取り方")[2]
    assert "10,000円" in asked, "an amount to choose from has its unit"
    sure = text(maker.get(reverse("office:entitlement", args=[one.id]), {"receipt": "local_money"}))
    for word in ("この受け取り方でよいですか", "まだ書き留めていません", "使える期限", "現金にはもどせません"):
        assert word in sure, word
    bank = text(maker.get(reverse("office:entitlement", args=[one.id]), {"receipt": "bank"}))
    assert "登録の口座に振り込みます" in bank
    unknown = text(maker.get(reverse("office:entitlement", args=[one.id]), {"receipt": "x"}))
    assert "この受け取り方でよいですか" not in unknown
    page = send(maker, "entitlement", one.id, act="choose", receipt="local_money")
    assert "受け取り方を書き留めました" in text(page)
    assert send(checker, "benefit_list", listed.id, act="pay").status_code == 409
    set_clock_offset(municipality=office.number, offset=moment(11, 12) - now())
    assert "財布へ1人 10,000円" in text(send(checker, "benefit_list", listed.id, act="pay"))


def test_roles_are_given_and_ended(office: Office) -> None:
    operator = office.browser("operator:planning")
    maker = office.officer("maker:commerce")
    office.officer("checker:commerce")
    form = {"officer": maker.party, "role": "checker", "department": "commerce", "valid_until": "2026-03-31"}
    assert "任命しました" in text(send(operator, "people", act="appoint", **form))
    assert send(operator, "people", act="appoint", **form).status_code == 409
    soon = office.town.at + timedelta(hours=1)
    held = parties.officers(municipality=office.number, at=soon, department="commerce")
    fresh = next(each for each in held if each.role == "checker" and each.officer == maker.party)
    assert fresh.valid_until is not None
    assert "役割を終えました" in text(send(operator, "people", act="end", appointment=fresh.id))
    last = next(each for each in held if each.role == "checker" and each.officer != maker.party)
    assert send(operator, "people", act="end", appointment=last.id).status_code == 409  # the last checker stays
    first = next(each for each in held if each.role == "maker")
    assert "役割を終えました" in text(send(operator, "people", act="end", appointment=first.id))
    page = send(operator, "people", act="enrol", email="new@town.example", role="maker", department="commerce")
    assert "/enter/invitation/" in text(page)
    assert send(office.browser("checker:welfare"), "people", act="appoint", **form).status_code == 403


def test_a_shop_is_registered_suspended_and_reopened(office: Office) -> None:
    maker, checker = office.browser("maker:commerce"), office.browser("checker:commerce")
    form = {"name_ja": "喫茶めぐる", "name_en": "Cafe Meguru", "trade": "76", "area": "minato", "size_class": "small"}
    wrong = send(maker, "new_shop", **(form | {"area": " "}))
    assert wrong.status_code == 422
    assert "喫茶めぐる" in text(wrong)
    assert "店を登録しました" in text(send(maker, "new_shop", **form))
    (shop,) = parties.shops(municipality=office.number, text="喫茶めぐる")
    assert send(maker, "shop", shop.id, act="suspend").status_code == 403
    assert "支払いを止めました" in text(send(checker, "shop", shop.id, act="suspend"))
    assert "支払いを再開しました" in text(send(checker, "shop", shop.id, act="reopen"))


def test_the_books_balance_and_are_proven(lived: Office) -> None:
    page = text(send(lived.browser(ACCOUNTANT), "books"))
    assert "借方と貸方の合計は0円です" in page
    assert "すべて成り立っています" in page


@pytest.fixture
def goals(office: Office) -> Office:
    tree = GoalEntry("vision", "めぐる町", "A town that goes round", children=(
        GoalEntry("shops", "町の店が続く", "Shops stay", department="commerce", children=(
            GoalEntry("small", "小さな店で使われる", "Spent at small shops", indicator="small_shop_share", target=0.5),
        )),
    ))  # fmt: skip
    strategy.set_goal_tree(tree, by=office.officer("maker:commerce"), at=office.town.at)
    return office


def test_the_goal_tree_is_read_and_written_as_a_document(office: Office) -> None:
    maker = office.browser("maker:commerce")
    example = documents.written(None)
    assert "お金が町をめぐり" in text(maker.get(reverse("office:strategy")))
    assert send(maker, "strategy", act="write", tree="code =").status_code == 422
    assert send(maker, "strategy", act="write", tree=example.replace("0.5", '"half"')).status_code == 422
    page = send(maker, "strategy", act="write", tree=example)
    assert "目標の木を書き直しました" in text(page)
    assert "Spent at the town" in text(maker.get(reverse("office:strategy"), {"lang": "en"}))
    seen = strategy_of.goal_tree(office.number, seen=evidence.snapshot(office.number))
    assert documents.read(documents.written(seen)) == documents.read(example)


def test_goals_are_linked_and_costs_booked(goals: Office) -> None:
    maker = goals.browser("maker:commerce")
    programme = goals.programme("voucher")
    assert send(maker, "strategy", act="link", programme=programme).status_code == 422
    page = send(maker, "strategy", act="link", programme=programme, goals=["shops"])
    assert "目標につなぎました" in text(page)
    form = {"month": "2025-11-01", "amount_yen": "120,000", "kind": "system", "source": "invoice", "note": "運用費",
            "programme": "", "allocation": "even", "number": "one"}
    assert "費用を記録しました" in text(send(maker, "strategy", act="book", **form))
    page = text(send(maker, "strategy", act="book", **form))
    assert page.count("運用費") >= 1
    assert send(maker, "strategy", act="book", **(form | {"note": ""})).status_code == 422
    assert send(goals.browser("checker:commerce"), "strategy", act="book", **form).status_code == 403
