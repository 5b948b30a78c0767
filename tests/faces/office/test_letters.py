"""Letters to winners: each has exactly one, nobody else any, the shielded are in no print, each look is logged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pytest
from django.test import Client

from meguri.faces.office import addressees
from meguri.faces.office.print_run import KINDS, Kind
from meguri.ledger.operations import set_clock_offset
from meguri.parties.operations import privacy
from meguri.programmes.vouchers import operations as vouchers
from meguri.programmes.vouchers import queries
from meguri.vault import rules as vault
from meguri.vault.models import RevealLog
from meguri.words.actor import ActorRole
from meguri.words.clock import now
from tests.faces.office.lived import Office, moment
from tests.faces.office.printing import REASON, Printed, fetch, settle_in, tight
from tests.faces.office.reading import ACCOUNTANT, ANALYST, OPERATOR, links, look, page, party, send, words

SECRET_NAME, SECRET_HOME = "秘密 花子", "かくれ町九丁目9番9号"
PEOPLE = [("山田 太郎", "めぐり町港1-1"), ("髙橋 花子", "めぐり町港1-2"), ("渡邊 一郎", "めぐり町港1-3"),
          ("𠮷田 さくら", "めぐり町港1-4")]  # fmt: skip
LOOKS = ("maker:commerce", "checker:commerce")
NOT_THEIRS = ("maker:planning", "checker:welfare", ACCOUNTANT, ANALYST, OPERATOR)


@dataclass
class Drawn:
    """A drawn sale with winners who can be written to, one who is shielded, and one who has paid already."""

    office: Office
    sale: UUID
    winners: dict[UUID, str]
    shielded: UUID
    homeless: UUID
    paid: UUID

    @property
    def maker(self) -> Client:
        if not hasattr(self, "_maker"):
            self._maker = self.office.browser("maker:commerce")
        return self._maker

    def number(self, person: UUID) -> str:
        (one,) = [each for each in queries.applications_of(person, municipality=self.office.number)
                  if each.sale == self.sale]  # fmt: skip
        return one.number

    def fetch(self, kind: str = "letters", **form: object) -> Printed:
        return fetch(self.maker, "letters", self.sale, kind=kind, **form)


@pytest.fixture
def drawn(office: Office) -> Drawn:
    sale = office.sale()
    winners = {settle_in(office, name, home): name for name, home in PEOPLE}
    shielded = settle_in(office, SECRET_NAME, SECRET_HOME, shielded=True)
    homeless, paid = settle_in(office, "宛先 なし", ""), settle_in(office, "支払 済", "めぐり町港2-1")
    settle_in(office, "申込 なし", "めぐり町港3-1")
    for person in (*winners, shielded, homeless, paid):
        office.applied(sale, person)
    office.drawn(sale)
    one = next(each for each in queries.applications_of(paid, municipality=office.number) if each.sale == sale)
    vouchers.sell_at_counter(application=one.id, by=office.officer("maker:commerce"), at=moment(10, 5), units=None)
    stand_at(office, moment(10, 10))
    return Drawn(office, sale, winners, shielded, homeless, paid)


def stand_at(office: Office, at: datetime) -> None:
    set_clock_offset(municipality=office.number, offset=at - now())


# --- who gets a letter ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["letters", "large"])
def test_every_winner_has_exactly_one_letter_and_nobody_else(drawn: Drawn, kind: str) -> None:
    printed = drawn.fetch(kind)
    assert sorted(printed.files) == ["letters-001.pdf", "read-first.txt"]
    assert len(printed.pages) == len(PEOPLE)
    for person, name in drawn.winners.items():
        (own,) = [each for each in printed.pages if tight(name) in each]
        assert drawn.number(person) in own
        assert "2口(1口で" in own
        assert f"/wallet/get/vouchers/{drawn.sale}" in own
    assert "支払済" not in printed.everything
    assert "申込なし" not in printed.everything


def test_a_letter_says_what_to_pay_until_when_and_how(drawn: Drawn) -> None:
    facts = queries.sale_page(drawn.sale, municipality=drawn.office.number)
    one = drawn.fetch().pages[0]
    assert f"{2 * facts.unit_price_yen:,}円" in one
    assert f"1口で{facts.face_yen:,}円分" in one
    assert "まで" in one
    assert "商工課へお持ちください" in one
    assert "スマートフォンで:" in one
    assert "試験町は架空の町です" in one
    assert "Receiptnumber" in one


# --- who gets none ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(Kind))
def test_a_shielded_person_is_in_no_print_but_counted(drawn: Drawn, kind: Kind) -> None:
    printed = drawn.fetch(kind)
    assert not leaks(drawn, printed)
    assert "支援措置の方 1件" in printed.said
    assert "1 kept back: protected address" in printed.said
    assert drawn.number(drawn.shielded) not in printed.everything, "not even by number"


def leaks(drawn: Drawn, printed: Printed) -> bool:
    """Whether anything of the shielded person can be read in a print."""
    return any(tight(each) in printed.everything for each in (SECRET_NAME, SECRET_HOME, drawn.number(drawn.shielded)))


def test_the_vault_s_door_is_a_second_wall(drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the first wall forgot, no letter would come either: the door gives no address."""
    monkeypatch.setattr(addressees, "shielded_among", lambda _people, **_town: frozenset())
    assert not leaks(drawn, fetch_letters_only(drawn))


def fetch_letters_only(drawn: Drawn) -> Printed:
    """The PDFs; the page to read first then names the number of somebody without an address."""
    found = drawn.fetch()
    return Printed({name: content for name, content in found.files.items() if name.endswith(".pdf")}
                   | {"read-first.txt": b""})  # fmt: skip


def test_with_both_walls_down_the_alarm_rings(drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the tests above would see a shielded person in a print."""
    monkeypatch.setattr(addressees, "shielded_among", lambda _people, **_town: frozenset())
    monkeypatch.setattr(privacy, "_shielded", lambda _people, _municipality: [])
    printed = drawn.fetch()
    assert leaks(drawn, printed)
    assert tight(SECRET_HOME) in printed.everything


def test_whoever_has_no_address_is_named_by_number(drawn: Drawn) -> None:
    printed = drawn.fetch()
    assert "宛先なし" not in printed.everything
    assert "氏名か住所の登録がありません" in printed.said
    assert drawn.number(drawn.homeless) in printed.said


# --- the list and the merge file ------------------------------------------------------------------------------------


def test_the_counter_s_list_has_names_and_no_address(drawn: Drawn) -> None:
    printed = drawn.fetch("counter")
    assert sorted(printed.files) == ["counter-list-001.pdf", "read-first.txt"]
    for person, name in {**drawn.winners, drawn.homeless: "宛先 なし"}.items():
        assert tight(name) in printed.everything
        assert drawn.number(person) in printed.everything
    assert "めぐり町港" not in printed.everything
    assert "支援措置の方1件は載せていません" in printed.everything
    assert {tuple(row.fields) for row in RevealLog.objects.filter(municipality=drawn.office.number)} == {("name",)}


def test_the_merge_file_has_a_line_for_each_letter(drawn: Drawn) -> None:
    heads, *rows = drawn.fetch("utf8").rows("utf-8-sig")
    assert heads[:3] == ["受付番号", "氏名", "住所"]
    assert sorted((row[1], row[2]) for row in rows) == sorted(PEOPLE)
    assert {row[0] for row in rows} == {drawn.number(person) for person in drawn.winners}
    assert all(row[-1].startswith("https://") for row in rows)


def test_the_cp932_file_says_which_sign_to_mend(drawn: Drawn) -> None:
    printed = drawn.fetch("cp932")
    _, *rows = printed.rows("cp932")
    assert "{U+20BB7}田 さくら" in {row[1] for row in rows}
    line = next(number for number, row in enumerate(rows, start=2) if "U+20BB7" in row[1])
    assert f"{line}行目 / line {line}「氏名」: 𠮷 (U+20BB7)" in printed.said
    assert f"{len(PEOPLE)}件" in printed.said, "the line is in the file, only its sign is to be mended"


# --- who may, and what is logged -------------------------------------------------------------------------------------


def test_each_print_is_in_the_log_of_reveals_for_each_person(drawn: Drawn) -> None:
    drawn.fetch()
    rows = RevealLog.objects.filter(municipality=drawn.office.number)
    assert {row.subject for row in rows} == {*drawn.winners, drawn.homeless}, "shielded people are not even opened"
    assert {row.reason for row in rows} == {f"{KINDS[Kind.LETTERS][0]}: {REASON}"}
    assert {(row.by_role, row.by_party) for row in rows} == {
        (str(ActorRole.MAKER), party(drawn.office, "maker:commerce"))
    }
    drawn.fetch()
    assert rows.all().count() == 2 * (len(drawn.winners) + 1), "a second print is a second look"
    seen = words(page(drawn.office.browser("checker:commerce"), "reveals"))
    assert REASON in seen


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_nothing_is_printed(drawn: Drawn, reason: str) -> None:
    answer = send(drawn.maker, "letters", drawn.sale, act="print", kind="letters", reason=reason)
    assert answer.status_code == 422
    assert "理由を書いてください" in words(answer)
    assert not RevealLog.objects.filter(municipality=drawn.office.number).exists()


@pytest.mark.parametrize("who", LOOKS)
def test_the_department_s_officers_print(drawn: Drawn, who: str) -> None:
    printed = fetch(drawn.office.browser(who), "letters", drawn.sale)
    assert len(printed.pages) == len(PEOPLE)


@pytest.mark.parametrize("who", NOT_THEIRS)
def test_nobody_else_prints(drawn: Drawn, who: str) -> None:
    client = drawn.office.browser(who)
    assert look(client, "letters", drawn.sale).status_code == 403
    form = {"act": "print", "kind": "letters", "reason": REASON}
    assert send(client, "letters", drawn.sale, **form).status_code == 403
    assert not RevealLog.objects.filter(municipality=drawn.office.number).exists()


def test_what_is_no_print_is_no_request_of_ours(drawn: Drawn) -> None:
    for form in ({"act": "print", "kind": "posters", "reason": REASON}, {"act": "burn"}):
        assert send(drawn.maker, "letters", drawn.sale, **form).status_code == 400


# --- many people need four eyes --------------------------------------------------------------------------------------


def test_many_people_need_an_approval_that_binds_exactly_them(drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "REVEAL_MOST", 2)
    form = {"act": "print", "kind": "letters", "reason": REASON}
    answer = send(drawn.maker, "letters", drawn.sale, **form)
    assert answer.status_code == 403
    assert "一度に見られるのは2人まで" in words(answer)
    assert "印刷の承認を求めました" in words(send(drawn.maker, "letters", drawn.sale, act="ask"))
    assert send(drawn.maker, "letters", drawn.sale, **form).status_code == 403, "asked is not approved"
    other = drawn.office.browser("maker:commerce#2")
    assert send(other, "letters", drawn.sale, act="approve").status_code == 403, "another maker is no checker"
    checker = drawn.office.browser("checker:commerce")
    assert "印刷を承認する" in page(checker, "letters", drawn.sale)
    assert "印刷を承認しました" in words(send(checker, "letters", drawn.sale, act="approve"))
    assert len(drawn.fetch().pages) == len(PEOPLE)
    noted = RevealLog.objects.filter(municipality=drawn.office.number).values_list("reason", flat=True)
    assert all("(approval " in reason for reason in noted)
    one = next(each for each in queries.applications(drawn.sale, municipality=drawn.office.number, state="won"))
    vouchers.sell_at_counter(
        application=one.id, by=drawn.office.officer("maker:commerce"), at=moment(10, 6), units=None
    )
    assert send(drawn.maker, "letters", drawn.sale, **form).status_code == 403, "other people, another approval"


def test_nothing_can_be_approved_that_nobody_asked_for(drawn: Drawn) -> None:
    answer = send(drawn.office.browser("checker:commerce"), "letters", drawn.sale, act="approve")
    assert answer.status_code == 404
    assert "承認依頼は見つかりません" in words(answer)


# --- the page --------------------------------------------------------------------------------------------------------


def test_the_sale_s_page_leads_to_the_letters_in_both_languages(drawn: Drawn) -> None:
    text = page(drawn.maker, "sale", drawn.sale)
    assert links(text, "/letters")
    assert "手紙と窓口の名簿" in text
    shown = words(page(drawn.maker, "letters", drawn.sale))
    assert "当選して、まだ買っていない人 5" in shown
    assert "窓口で渡すもの 1" in shown
    english = words(page(drawn.maker, "letters", drawn.sale, lang="en"))
    assert "Shall letters go to the winners?" in english
    assert "Letters in large type (18 pt)" in english
    assert "Protected addresses are never printed" in english


def test_a_sale_without_winners_offers_no_print(office: Office) -> None:
    sale = office.sale()
    text = page(office.browser("maker:commerce"), "letters", sale)
    assert "手紙を出す人はいません" in text
    assert 'value="print"' not in text


def test_nobody_gets_a_letter_once_the_deadline_is_over(drawn: Drawn) -> None:
    stand_at(drawn.office, moment(11, 1))
    text = page(drawn.maker, "letters", drawn.sale)
    assert "手紙を出す人はいません" in text
    assert links(page(drawn.maker, "sale", drawn.sale), "letters") == []
