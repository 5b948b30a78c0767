"""A code from a letter: entered once, kindly refused, wrong ones counted over requests, never entered by an address."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from django.test import Client

from meguri.faces.resident import codes as page_of_codes
from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.programmes import operations as programmes
from meguri.programmes.shipped import shipped, templates
from meguri.programmes.vouchers import operations as vouchers
from meguri.programmes.vouchers.codes import new_code
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal
from meguri.words.signs import WRONG_MOST
from tests.faces.people import browser_of
from tests.faces.resident.conftest import seen, turn_clock, words
from tests.programmes.vouchers.lived_city import adapted
from tests.programmes.vouchers.lived_town import moment
from tests.town import Town, found_town

LETTERS, NOON, OVER = moment(2, 20, year=2026), moment(3, 1, year=2026), moment(5, 31, 15, year=2026)
PAGE = "/wallet/get/code"
SMALL_SHOPS_ONLY = {"kind": "compare", "field": "size_class", "op": "==", "value": "small"}


@dataclass
class Letters:
    """The town's programme by code, and the codes that were printed, by resident."""

    town: Town
    programme: UUID
    changes: dict[str, Any] = field(default_factory=dict)
    printed: dict[UUID, str] = field(default_factory=dict)

    @property
    def mine(self) -> str:
        return self.printed[self.town.holder]

    @property
    def checker(self) -> Actor:
        return self.town.checkers["commerce"]


def letters_of(town: Town, **changes: Any) -> Letters:
    """Launch the template by code in a town, print the letters, and let it be a day on which they are entered."""
    turn_clock(town, NOON)
    terms = adapted("katsuyama-2026", changes)
    maker, checker = town.makers["commerce"], town.checkers["commerce"]
    programme = programmes.draft_programme(terms=terms, by=maker, at=LETTERS)
    programmes.submit_for_launch(programme=programme, by=maker, at=LETTERS)
    programmes.launch(programme=programme, by=checker, at=LETTERS)
    made = vouchers.issue_codes(programme=programme, by=checker, at=LETTERS)
    return Letters(town, programme, changes, {letter.resident: letter.code for letter in made})


@pytest.fixture
def letters(town: Town) -> Letters:
    return letters_of(town)


def enter(phone: Client, code: str, language: str = "ja") -> tuple[int, str]:
    """The status after any redirect, and the words of the page."""
    answer = phone.post(f"{PAGE}?lang={language}", {"code": code}, follow=True)
    return answer.status_code, words(answer.content.decode())


def held(town: Town, holder: UUID | None = None) -> int:
    found = books.balances([holder or town.holder], AccountRole.WALLET, municipality=town.municipality)
    return sum(balance.amount for balance in found)


# --- the way there ---------------------------------------------------------------------------------------------------


def test_the_way_to_it_stands_under_get_while_codes_can_be_entered(town: Town, phone: Client) -> None:
    assert PAGE not in phone.get("/wallet/get").content.decode(), "no programme by code: no way to it"
    letters = letters_of(town)
    for at, there in ((LETTERS, False), (NOON, True), (OVER - timedelta(seconds=1), True)):
        turn_clock(town, at)
        shown = phone.get("/wallet/get").content.decode()
        assert f'href="{PAGE}"' in shown
        assert ("届いたコードを入れる" in words(shown)) is there, at
        assert ("コードは2月24日(火)から入れられます" in words(shown)) is not there, at
    assert "10,000 yen" in seen(phone, "get", lang="en").replace("¥10,000", "10,000 yen")
    turn_clock(town, OVER)
    assert PAGE not in phone.get("/wallet/get").content.decode(), "nothing is left to enter"
    turn_clock(town, NOON)
    programmes.close_programme(programme=letters.programme, by=letters.checker, at=NOON)
    assert PAGE not in phone.get("/wallet/get").content.decode(), "the programme is over"


def test_the_page_opens_in_both_languages_and_the_english_one_is_english(letters: Letters, phone: Client) -> None:
    told = seen(phone, "get/code")
    assert "届いたコードを入れる" in told
    assert "2026年2月24日" in told
    assert "2026年5月31日" in told
    english = phone.get(f"{PAGE}?lang=en").content.decode().split('<main id="main"')[1].split("</main>")[0]
    assert "Enter a code from a letter" in words(english)
    assert not re.search(r"[ぁ-ヿ一-鿿]", words(english))


def test_a_visitor_comes_back_with_the_code_of_the_letter(letters: Letters) -> None:
    answer = Client().get(f"{PAGE}?c={letters.mine}")
    assert answer.status_code == 302
    assert quote(f"{PAGE}?c={letters.mine}", safe="") in answer["Location"]


# --- entering --------------------------------------------------------------------------------------------------------


def test_a_code_brings_its_yen_once_and_says_where_and_until_when(town: Town, letters: Letters, phone: Client) -> None:
    status, told = enter(phone, letters.mine)
    assert status == 200
    for word in ("10,000円が財布に入りました", "町の加盟店すべて", "2026年2月24日", "2026年5月31日"):
        assert word in told, word
    assert held(town) == 10_000
    status, told = enter(phone, letters.mine, "en")
    assert status == 200
    assert "You have entered this code before" in told
    assert "It does not come twice" in told
    assert held(town) == 10_000, "the same person's second time brings nothing"
    assert "10,000" in seen(phone, "")


@pytest.mark.parametrize("typed", [
    str.lower, lambda code: code.replace("-", ""), lambda code: code.replace("-", " "),
    lambda code: "".join(chr(ord(sign) + 0xFEE0) for sign in code), lambda code: f"  {code.replace('-', '　')}\n",
], ids=["small", "no gaps", "spaces", "full width", "wide gaps"])  # fmt: skip
def test_a_code_is_read_as_people_type_it(town: Town, letters: Letters, phone: Client, typed: Any) -> None:
    assert enter(phone, typed(letters.mine))[0] == 200
    assert held(town) == 10_000


def test_where_it_is_spent_is_what_the_terms_say(town: Town, phone: Client) -> None:
    letters = letters_of(town, **{"purses.0.where": SMALL_SHOPS_ONLY})
    _, told = enter(phone, letters.mine)
    assert "中小店" in told
    assert "町の加盟店すべて" not in told
    assert "small shop" in enter(phone, letters.mine, "en")[1]


def test_what_came_in_is_shown_to_nobody_else(letters: Letters, phone: Client, neighbour: Client, town: Town) -> None:
    address = phone.post(PAGE, {"code": letters.mine})["Location"]
    assert phone.get(address).status_code == 200
    assert neighbour.get(address)["Location"] == "/wallet/get"
    assert phone.get(f"{PAGE}/{uuid4()}")["Location"] == "/wallet/get"
    town.give("points", 70)
    (line,) = [
        line for line in books.statement(
            page_of_codes.Account(town.holder, AccountRole.WALLET), municipality=town.municipality, limit=5
        ) if line.amount == 70
    ]  # fmt: skip
    assert phone.get(f"{PAGE}/{line.posting}")["Location"] == "/wallet/get", "no other money is called a code's"


def test_an_address_enters_nothing(town: Town, letters: Letters, phone: Client) -> None:
    for address in (f"{PAGE}?c={letters.mine}", f"{PAGE}?code={letters.mine}", f"{PAGE}?c={letters.mine.lower()}"):
        assert phone.get(address).status_code == 200
    assert phone.head(f"{PAGE}?c={letters.mine}").status_code == 200
    assert held(town) == 0
    shown = phone.get(f"{PAGE}?c={letters.mine.lower().replace('-', '')}").content.decode()
    assert f'value="{letters.mine}"' in shown, "as the letter prints it, to be compared"
    assert "no-store" in phone.get(f"{PAGE}?c={letters.mine}")["Cache-Control"]


def test_what_an_address_brings_is_only_text(letters: Letters, phone: Client) -> None:
    shown = phone.get(PAGE, {"c": '"><script>alert(1)</script>' + "x" * 500}).content.decode()
    assert "<script>alert" not in shown
    (filled,) = re.findall(r'<input class="input"[^>]* value="([^"]*)"', shown)
    assert filled.endswith("x")
    assert len(unescape(filled)) == page_of_codes.TYPED_MAX


# --- refusals --------------------------------------------------------------------------------------------------------


def test_a_code_that_is_none_is_told_what_a_code_is(town: Town, letters: Letters, phone: Client) -> None:
    status, told = enter(phone, letters.mine[:-1] + "0")
    assert status == 422
    assert "0と1" in told
    assert "まだ入っていません" in told
    assert enter(phone, "", "en")[0] == 422
    assert "9回" in enter(phone, new_code())[1], "what cannot be a code was no wrong try"
    assert held(town) == 0


def test_wrong_codes_stay_counted_over_requests_until_one_has_to_wait(
    town: Town, letters: Letters, phone: Client
) -> None:
    turn_clock(town, NOON)  # however long printing took
    for left in range(WRONG_MOST - 1, -1, -1):
        code = new_code()
        answer = phone.post(PAGE, {"code": code})
        shown = answer.content.decode()
        assert answer.status_code == 404
        assert f"あと{left}回まで試せます" in words(shown)
        assert f'value="{code}"' in shown, "to be compared with the letter and mended"
        assert 'aria-invalid="true"' in shown
        assert 'role="alert"' in shown
    turn_clock(town, NOON + timedelta(minutes=20))
    status, told = enter(phone, letters.mine)
    assert status == 429
    stopped = phone.post(PAGE, {"code": letters.mine})
    for shown in (told, words(stopped.content.decode())):
        (minutes,) = re.findall(r"(\d+)分後", shown)
        assert int(minutes) in (40, 41), "the hour of the first wrong code, which a slow machine takes a while to enter"
        assert re.search(r"3月1日\(日\) 13:0[01]から、また入れられます", shown)
    assert stopped["Retry-After"] == str(60 * int(minutes)), "the wait of the sentence, for the browser's program"
    assert re.search(r"again from Sun 1 Mar, 13:0[01]", enter(phone, letters.mine, "en")[1])
    assert held(town) == 0
    turn_clock(town, NOON + timedelta(hours=1, minutes=1))
    assert enter(phone, letters.mine)[0] == 200
    assert held(town) == 10_000


def test_if_the_view_raised_the_count_would_be_lost(
    town: Town, letters: Letters, phone: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: what is raised rolls the request back. So the test above bites, and the view has to answer."""

    def raising(*args: Any) -> Any:
        answer = answering(*args)
        if isinstance(answer, Refusal):
            raise answer
        return answer

    answering = page_of_codes._enter
    monkeypatch.setattr(page_of_codes, "_enter", raising)
    for _ in range(3):
        status, told = enter(phone, new_code())
        assert status == 404
        assert "あと9回まで試せます" in told
    monkeypatch.undo()
    assert "あと9回まで試せます" in enter(phone, new_code())[1]
    assert "あと8回まで試せます" in enter(phone, new_code())[1]


def test_another_persons_tries_are_not_mine(letters: Letters, phone: Client, neighbour: Client) -> None:
    enter(phone, new_code())
    assert "あと9回まで試せます" in enter(neighbour, new_code())[1]


def test_a_code_that_somebody_used_says_when(
    town: Town, letters: Letters, phone: Client, neighbour: Client
) -> None:
    assert enter(neighbour, letters.mine)[0] == 200, "a family enters its letters on one phone"
    status, told = enter(phone, letters.mine)
    assert status == 409
    assert "2026年3月1日にもう使われています" in told
    assert "voucher_code_used" in told, "the sign for the desk"
    assert (held(town), held(town, town.other)) == (0, 10_000)
    assert "あと9回まで試せます" in enter(phone, new_code())[1], "a used code is no wrong one"


@pytest.mark.parametrize(("at", "said"), [
    (moment(2, 23, year=2026), "2026年2月24日から"), (OVER, "2026年5月31日まででした"),
])  # fmt: skip
def test_a_code_has_its_days(town: Town, letters: Letters, phone: Client, at: datetime, said: str) -> None:
    turn_clock(town, at)
    status, told = enter(phone, letters.mine)
    assert status == 409
    assert said in told
    assert held(town) == 0


def test_a_programme_that_is_over_brings_nothing(town: Town, letters: Letters, phone: Client) -> None:
    programmes.close_programme(programme=letters.programme, by=letters.checker, at=NOON)
    assert enter(phone, letters.mine)[0] == 409
    assert held(town) == 0


def test_another_towns_code_is_unknown_here(town: Town, letters: Letters) -> None:
    elsewhere = found_town()
    letters_of(elsewhere)
    answer = browser_of(elsewhere, elsewhere.holder).post(PAGE, {"code": letters.mine})
    assert answer.status_code == 404
    assert "このコードは見つかりません" in words(answer.content.decode())
    assert held(elsewhere) == 0
    assert held(town) == 0


def test_what_was_sold_in_a_sale_shows_no_way_to_codes(town: Town, phone: Client) -> None:
    assert {terms.family for terms in shipped().values()} == {"voucher", "point", "benefit"}
    assert templates()["katsuyama-2026"].family == "voucher"
    turn_clock(town, NOON)
    assert "届いたコード" not in seen(phone, "get")
    assert enter(phone, new_code())[0] == 404, "the field itself works by its address alone"
