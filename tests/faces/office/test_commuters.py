"""The desk for people who work or study in the town: found by the name on a card, confirmed, refused, ended, listed."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meguri.ledger.operations import set_clock_offset
from meguri.notices import queries as notices
from meguri.parties import queries
from meguri.parties.queries import CommuterView
from meguri.words.actor import Actor
from meguri.words.clock import now
from tests.faces.commuting_town import declared, documents, somebody
from tests.faces.office.lived import Office, found_office
from tests.faces.office.reading import cells, number_of, page, send, words

MAKER, CHECKER = "maker:commerce", "checker:commerce"
CONFIRM = {"act": "confirm", "proof": "employee_card", "first_day": "2025-04-01", "last_day": "令和8年3月31日"}
LIST = "氏名,生年月日,区分,いつから,いつまで\r\n外山 通,平成2年6月15日,在勤,令和7年4月1日,令和8年3月31日\r\n"


@pytest.fixture
def office(db: None) -> Office:
    found = found_office(documents())
    set_clock_offset(municipality=found.number, offset=found.town.at - now())
    return found


@pytest.fixture
def me(office: Office) -> Actor:
    return somebody(office.town)


def view(office: Office, said: UUID) -> CommuterView:
    found = queries.commuter(said, municipality=office.number)
    assert found is not None
    return found


def inbox(office: Office, person: Actor) -> list[str]:
    assert person.party is not None
    return [each.wording.text_ja for each in notices.inbox(person.party, municipality=office.number)]


def test_who_waits_stands_on_the_desk_and_in_the_list_without_a_name(office: Office, me: Actor) -> None:
    browser = office.browser(MAKER)
    assert "在勤・在学の申し出" not in words(page(browser, "desk"))
    declared(office.town, me)
    assert "在勤・在学の申し出を確かめる(1件)" in words(page(browser, "desk"))
    assert "在勤・在学の申し出を確かめる" not in words(page(office.browser(CHECKER), "desk")), "not theirs to do"
    text = page(browser, "commuters")
    (row,) = cells(text, "在勤・在学の申し出")
    assert row[1:4] == [f"…{str(me.party)[-6:]}", "在勤", "確認待ち"]
    assert "外山" not in text
    assert "めぐり製作所" not in text


def test_the_name_on_the_card_finds_its_word_and_stands_in_no_address(office: Office, me: Actor) -> None:
    declared(office.town, me)
    declared(office.town, somebody(office.town), name="別 人")
    browser = office.browser(MAKER)
    answer = send(browser, "commuters", act="find", name="外山　通")
    assert len(cells(answer.content.decode(), "在勤・在学の申し出")) == 1, "the first table is what was found"
    assert not answer.redirect_chain  # type: ignore[attr-defined]
    nobody = send(browser, "commuters", act="find", name="居内 人")
    assert "この氏名の申し出はありません" in words(nobody)


def test_states_are_shown_apart(office: Office, me: Actor) -> None:
    said = declared(office.town, me)
    browser = office.browser(MAKER)
    send(browser, "commuter", said, **CONFIRM)
    assert cells(page(browser, "commuters"), "在勤・在学の申し出") == []
    (row,) = cells(page(browser, "commuters", state="confirmed"), "在勤・在学の申し出")
    assert row[3:] == ["確認済み", "社員証・職員証", "2025年4月1日(火)", "2026年3月31日(火)"]
    assert len(cells(page(browser, "commuters", state="?"), "在勤・在学の申し出")) == 1, "an unknown state shows all"


def test_a_card_confirms_and_the_person_is_told(office: Office, me: Actor) -> None:
    said = declared(office.town, me)
    browser = office.browser(MAKER)
    text = page(browser, "commuter", said)
    assert 'value="2026-03-31"' in text, "the end of the fiscal year is proposed"
    told = send(browser, "commuter", said, **CONFIRM)
    assert "確認しました。本人に知らせました" in words(told)
    assert (view(office, said).state, view(office, said).last_day) == ("confirmed", date(2026, 3, 31))
    assert inbox(office, me) == ["2025年4月1日(火)から2026年3月31日(火)まで、在勤の方として申し込めます。"]


def test_a_form_pressed_twice_tells_once(office: Office, me: Actor) -> None:
    said = declared(office.town, me)
    browser = office.browser(MAKER)
    number = number_of(page(browser, "commuter", said))
    send(browser, "commuter", said, **CONFIRM, once=number)
    assert "すでに受け付けています" in words(send(browser, "commuter", said, **CONFIRM, once=number))
    assert len(inbox(office, me)) == 1


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"proof": ""}, "何で確かめたかを選んでください"), ({"first_day": ""}, "日付"),
        ({"last_day": "2025-03-31"}, "最初の日から最後の日まで"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_confirmed(
    form: dict[str, str], says: str, office: Office, me: Actor
) -> None:
    said = declared(office.town, me)
    answer = send(office.browser(MAKER), "commuter", said, **{**CONFIRM, **form})
    assert answer.status_code == 422
    assert says in words(answer)
    assert (view(office, said).state, inbox(office, me)) == ("waiting", [])


def test_a_refusal_says_why(office: Office, me: Actor) -> None:
    said = declared(office.town, me)
    browser = office.browser(MAKER)
    assert send(browser, "commuter", said, act="refuse", reason="").status_code == 422
    told = send(browser, "commuter", said, act="refuse", reason="社員証の期限が切れています。")
    assert "認めませんでした" in words(told)
    assert "社員証の期限が切れています。" in words(told)
    assert inbox(office, me)[0].startswith("理由: 社員証の期限が切れています。")


def test_the_name_is_seen_for_a_reason_and_that_is_logged(office: Office, me: Actor) -> None:
    said = declared(office.town, me)
    browser = office.browser(MAKER)
    assert "外山" not in page(browser, "commuter", said)
    told = words(send(browser, "commuter", said, act="reveal", reason="社員証との照合"))
    assert "外山 通" in told
    assert "めぐり製作所" in told
    assert "社員証との照合" in words(page(office.browser(CHECKER), "reveals"))


def test_whoever_is_known_already_is_warned_of_and_confirmed_only_as_another(office: Office, me: Actor) -> None:
    browser = office.browser(MAKER)
    send(browser, "commuter", declared(office.town, me), **CONFIRM)
    again = declared(office.town, somebody(office.town))
    assert "同じ氏名・生年月日の人が" in words(page(browser, "commuter", again))
    assert send(browser, "commuter", again, **CONFIRM).status_code == 409
    assert "確認しました" in words(send(browser, "commuter", again, **CONFIRM, is_another="yes"))


def test_who_left_the_company_ends_earlier(office: Office, me: Actor) -> None:
    said = declared(office.town, me)
    browser = office.browser(MAKER)
    send(browser, "commuter", said, **CONFIRM)
    assert send(browser, "commuter", said, act="end", ends_on="2026-04-30").status_code == 422
    send(browser, "commuter", said, act="end", ends_on="2025-10-31")
    assert view(office, said).last_day == date(2025, 10, 31)
    assert "2025年10月31日(金)まで" in inbox(office, me)[0]


def test_a_checker_looks_and_does_not_decide(office: Office, me: Actor) -> None:
    said = declared(office.town, me)
    browser = office.browser(CHECKER)
    assert "確かめられるのは" in words(page(browser, "commuter", said))
    assert send(browser, "commuter", said, **CONFIRM).status_code == 403
    assert view(office, said).state == "waiting"


def test_an_officers_own_word_is_another_officers(office: Office) -> None:
    maker = office.officer(MAKER)
    said = declared(office.town, Actor(office.number, somebody(office.town).role, maker.party))
    assert "ほかの職員が確かめます" in words(page(office.browser(MAKER), "commuter", said))
    assert send(office.browser("operator:planning"), "commuter", said, **CONFIRM).status_code == 200
    assert view(office, said).state == "confirmed"


def test_what_is_not_there_is_not_found(office: Office) -> None:
    browser = office.browser(MAKER)
    assert send(browser, "commuter", uuid4()).status_code == 404


def sheet(text: str, *, encoding: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("list.csv", text.encode(encoding), content_type="text/csv")


@pytest.mark.parametrize("encoding", ["cp932", "utf-8-sig"])
def test_a_list_is_looked_at_and_then_confirms_who_waits(encoding: str, office: Office, me: Actor) -> None:
    said = declared(office.town, me)
    browser = office.browser(MAKER)
    text = LIST + LIST.splitlines()[1].replace("外山 通", "未申 出") + "\r\n"
    looked = send(browser, "commuter_list", act="look", file=sheet(text, encoding=encoding))
    assert cells(looked.content.decode(), "名簿の行ごとの結果") == [
        ["2", "申し出があり、確認できます"], ["3", "申し出がありません"],
    ]
    assert "1人を確認する" in words(looked)
    assert view(office, said).state == "waiting", "looking writes nothing"
    told = send(browser, "commuter_list", act="confirm", content=text)
    assert "1人を確認しました。名簿のほかの1行は" in words(told)
    assert (view(office, said).proof, len(inbox(office, me))) == ("list", 1)


@pytest.mark.parametrize("act", ["look", "confirm"])
def test_every_wrong_line_is_named_and_nobody_is_confirmed(act: str, office: Office, me: Actor) -> None:
    said = declared(office.town, me)
    text = LIST + "外山 通,平成2年,在勤,令和7年4月1日,令和8年3月31日\r\n,平成2年6月15日,在勤,x,y\r\n"
    answer = send(office.browser(MAKER), "commuter_list", act=act, content=text)
    assert answer.status_code == 422
    found = cells(answer.content.decode(), "直す行")
    assert [row[0] for row in found] == ["3", "4"]
    assert found[0][1].startswith("生年月日: ")
    assert view(office, said).state == "waiting"


def test_a_file_that_is_no_text_names_its_line(office: Office) -> None:
    broken = SimpleUploadedFile("list.csv", LIST.encode("cp932") + b"\x81\x00", content_type="text/csv")
    answer = send(office.browser(MAKER), "commuter_list", act="look", file=broken)
    assert answer.status_code == 422
    assert "3行目の文字が読めません" in words(answer)


def test_a_list_without_its_columns_names_them(office: Office) -> None:
    answer = send(office.browser(MAKER), "commuter_list", act="look", content="氏名,区分\r\nx,在勤\r\n")
    assert "足りない列: 生年月日・いつから・いつまで" in words(answer)


def test_in_english_too(office: Office, me: Actor) -> None:
    said = declared(office.town, me)
    browser: Client = office.browser(MAKER)
    assert "May this be accepted?" in words(page(browser, "commuter", said, lang="en"))
    assert "Name on the card" in words(page(browser, "commuters", lang="en"))
    assert "By a list" in words(page(browser, "commuter_list", lang="en"))


def test_without_a_phone_it_is_written_down_at_the_desk_with_the_paper_and_the_officer(office: Office) -> None:
    browser = office.browser(MAKER)
    searched = page_after(browser, name="外山 通")
    assert "電話のない人なら、窓口で記録する" in words(searched)
    form = page(browser, "commuter_record", name="外山 通")
    assert 'value="外山 通"' in form
    typed = {"act": "record", "kind": "study", "name": "外山 通", "birth_date": "平成16年5月6日", "place": "架空大学",
             "proof": "student_card", "first_day": "2025-04-01", "last_day": "2026-03-31"}  # fmt: skip
    wrong = send(browser, "commuter_record", **typed | {"last_day": "2024-03-31", "once": number_of(form)})
    assert wrong.status_code == 422
    assert 'id="last_day-error"' in wrong.content.decode()
    kept = words(send(browser, "commuter_record", **typed | {"once": number_of(form)}))
    assert "記録し、確認しました。" in kept
    assert "窓口で記録した職員" in kept
    assert "学生証・生徒手帳" in kept
    again = send(browser, "commuter_record", **typed)
    assert again.status_code == 409
    assert "別の人と確かめた" in words(again)
    (recorded,) = queries.commuters(office.number, state="confirmed")
    assert recorded.recorded_by == office.officer(MAKER).party


def page_after(browser: Client, **form: str) -> str:
    return send(browser, "commuters", **form).content.decode()
