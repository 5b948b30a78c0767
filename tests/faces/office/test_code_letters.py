"""Letters with codes: printed in the step that makes the codes, once; what is on paper works, what was lost stops."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

import pytest
from django.test import Client

from meguri.programmes import operations as programmes
from meguri.programmes.shipped import templates
from meguri.programmes.terms import from_tree, to_tree
from meguri.programmes.vouchers import operations as vouchers
from meguri.programmes.vouchers.models import VoucherCode
from meguri.vault import rules as vault
from meguri.vault.models import RevealLog
from meguri.wallets.operations import open_wallet
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.faces.office.lived import LONG_AGO, Office
from tests.faces.office.printing import REASON, Printed, fetch, settle_in, tight
from tests.faces.office.reading import links, look, page, send, words

NAMES = ["山田 太郎", "𠮷田 さくら"]
SECRET = "秘密 花子"
PRINT = {"act": "print", "kind": "letters", "reason": REASON}


@dataclass
class Coded:
    """A programme whose value comes by letter, with two people to write to and one who is shielded."""

    office: Office
    programme: UUID
    people: dict[UUID, str]
    shielded: UUID

    @cached_property
    def checker(self) -> Client:
        return self.office.browser("checker:commerce")

    def fetch(self, **form: object) -> Printed:
        return fetch(self.checker, "code_letters", self.programme, **form)

    def codes(self, printed: Printed) -> dict[str, str]:
        """The code on each letter, by whose letter it is."""
        found = {}
        for each in printed.pages:
            (code,) = re.findall(r"[2-9A-Z]{4}(?:-[2-9A-Z]{4}){3}", each)
            found[next((name for name in [*NAMES, SECRET] if tight(name) in each), "")] = code
        return found

    def enter(self, code: str, person: UUID) -> str:
        """`entered`, or the code of the refusal."""
        by = self.office.town.actor(ActorRole.RESIDENT, party=person)
        open_wallet(person, by=self.office.system, at=LONG_AGO)
        try:
            done = vouchers.enter_code(code=code, by=by, at=self.office.town.at)
        except Refusal as refusal:
            return refusal.code
        return done.code if isinstance(done, Refusal) else "entered"


@pytest.fixture
def coded(office: Office) -> Coded:
    people = {settle_in(office, name, "めぐり町港1-1", number=f"000{place}7"): name
              for place, name in enumerate(NAMES, start=1)}
    shielded = settle_in(office, SECRET, "かくれ町九丁目", shielded=True, number="N-secret")
    programme = launched(office)
    return Coded(office, programme, people, shielded)


def launched(office: Office) -> UUID:
    """Katsuyama's programme, as if it were of this November."""
    tree = to_tree(templates()["katsuyama-2026"])
    tree["obtaining"]["entering"] = {"first_day": "2025-11-01", "last_day": "2025-12-28"}
    tree["spending"]["window"] = {"first_day": "2025-11-01", "last_day": "2025-12-31"}
    maker, checker, at = office.officer("maker:commerce"), office.officer("checker:commerce"), office.town.at
    made = programmes.draft_programme(terms=from_tree(tree), by=maker, at=at)
    programmes.submit_for_launch(programme=made, by=maker, at=at)
    programmes.launch(programme=made, by=checker, at=at)
    return made


# --- once ------------------------------------------------------------------------------------------------------------


def test_everybody_known_gets_one_letter_whose_code_works(coded: Coded) -> None:
    printed = coded.fetch()
    codes = coded.codes(printed)
    assert set(NAMES) <= codes.keys()
    assert len(printed.pages) == len(codes)
    for person, name in coded.people.items():
        assert coded.enter(codes[name], person) == "entered"
    assert coded.enter(codes[NAMES[0]], coded.shielded) == "voucher_code_used"


def test_nothing_keeps_the_code_but_the_paper(coded: Coded) -> None:
    code = coded.codes(coded.fetch())[NAMES[0]]
    kept = repr(list(VoucherCode.objects.values())) + repr(list(RevealLog.objects.values()))
    assert code not in kept
    assert code.replace("-", "") not in kept


def test_a_second_print_finds_nobody_without_a_code(coded: Coded) -> None:
    first = coded.codes(coded.fetch())
    again = coded.fetch()
    assert again.pages == []
    assert "0件" in again.said
    for person, name in coded.people.items():
        assert coded.enter(first[name], person) == "entered"


def test_a_lost_letter_s_code_stops_and_another_works(coded: Coded) -> None:
    first = coded.codes(coded.fetch())
    person = next(who for who, name in coded.people.items() if name == NAMES[0])
    again = coded.codes(coded.fetch(number="00017"))
    assert again.keys() == {NAMES[0]}
    assert coded.enter(first[NAMES[0]], person) == "voucher_code_unknown"
    assert coded.enter(again[NAMES[0]], person) == "entered"
    answer = send(coded.checker, "code_letters", coded.programme, **PRINT, number="１７")
    assert answer.status_code == 409
    assert "すでに使われたか" in words(answer)


def test_a_number_that_nobody_has_issues_nothing(coded: Coded) -> None:
    answer = send(coded.checker, "code_letters", coded.programme, **PRINT, number="N-nobody")
    assert answer.status_code == 404
    assert "この宛名番号の方は登録にありません" in words(answer)
    assert not VoucherCode.objects.exists()


def test_the_same_form_twice_issues_once(coded: Coded) -> None:
    text = page(coded.checker, "code_letters", coded.programme)
    number = re.findall(r'name="once" value="([0-9a-f-]{36})"', text)[-1]
    first = coded.codes(coded.fetch(once=number))
    answer = send(coded.checker, "code_letters", coded.programme, **PRINT, once=number)
    assert "すでに受け付けています" in words(answer)
    person = next(who for who, name in coded.people.items() if name == NAMES[0])
    assert coded.enter(first[NAMES[0]], person) == "entered"


# --- shielded people -------------------------------------------------------------------------------------------------


def test_a_shielded_person_s_letter_is_kept_back_and_counted(coded: Coded) -> None:
    printed = coded.fetch()
    assert tight(SECRET) not in printed.everything
    assert "かくれ町" not in printed.everything
    assert "支援措置の方 1件" in printed.said
    assert not RevealLog.objects.filter(subject=coded.shielded).exists()


def test_at_the_desk_they_get_a_sheet_without_a_name(coded: Coded) -> None:
    coded.fetch()
    printed = coded.fetch(number="N-secret")
    assert tight(SECRET) not in printed.everything
    assert "かくれ町" not in printed.everything
    assert "窓口でお渡しするもの" in printed.everything
    (code,) = coded.codes(printed).values()
    assert coded.enter(code, coded.shielded) == "entered"


# --- who may, why, and all or nothing --------------------------------------------------------------------------------


def test_only_a_checker_of_the_department_issues(coded: Coded) -> None:
    maker = coded.office.browser("maker:commerce")
    assert "コードは承認者が出します" in page(maker, "code_letters", coded.programme)
    assert send(maker, "code_letters", coded.programme, **PRINT).status_code == 403
    other = coded.office.browser("checker:welfare")
    assert look(other, "code_letters", coded.programme).status_code == 403
    assert not VoucherCode.objects.exists()


def test_without_a_reason_no_code_is_made(coded: Coded) -> None:
    answer = send(coded.checker, "code_letters", coded.programme, **PRINT | {"reason": ""})
    assert answer.status_code == 422
    assert "理由を書いてください" in words(answer)
    assert not VoucherCode.objects.exists(), "codes without letters would be lost"


def test_many_letters_need_an_approval_and_no_code_is_lost_before(
    coded: Coded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault, "REVEAL_MOST", 1)
    assert send(coded.checker, "code_letters", coded.programme, **PRINT).status_code == 403
    assert not VoucherCode.objects.exists()
    maker = coded.office.browser("maker:commerce")
    assert "印刷の承認を求めました" in words(send(maker, "code_letters", coded.programme, act="ask"))
    assert "印刷を承認しました" in words(send(coded.checker, "code_letters", coded.programme, act="approve"))
    assert set(NAMES) <= coded.codes(coded.fetch()).keys()


def test_each_letter_is_in_the_log_of_reveals(coded: Coded) -> None:
    coded.fetch()
    rows = RevealLog.objects.filter(subject__in=list(coded.people))
    assert rows.count() == len(coded.people)
    assert all(REASON in row.reason and row.reason.startswith("商品券コードの手紙") for row in rows)


def test_a_programme_without_codes_has_no_such_page(office: Office) -> None:
    answer = look(office.browser("checker:commerce"), "code_letters", office.programme("voucher"))
    assert answer.status_code == 422
    assert look(office.browser("maker:commerce"), "code_letters", UUID(int=1)).status_code == 404


# --- the merge file and the page -------------------------------------------------------------------------------------


def test_the_merge_file_carries_the_codes(coded: Coded) -> None:
    heads, *rows = coded.fetch(kind="utf8").rows("utf-8-sig")
    assert heads[:3] == ["氏名", "住所", "商品券コード"]
    codes = {row[0]: row[2] for row in rows}
    for person, name in coded.people.items():
        assert coded.enter(codes[name], person) == "entered"


def test_the_desk_leads_to_the_letters(coded: Coded) -> None:
    assert links(page(coded.checker, "vouchers"), "/codes")
    english = words(page(coded.checker, "code_letters", coded.programme, lang="en"))
    assert "Shall letters with codes go out?" in english
    assert "List for the counter" not in english
