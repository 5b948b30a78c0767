from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from meguri.vault.rules import Field, e164, hidden_fields, is_reason, may_seal, normalise
from meguri.words.actor import Actor, ActorRole


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        (Field.NAME, "山田　花子", "山田花子"),
        (Field.KANA, "やまだ はなこ", "ヤマダハナコ"),
        (Field.KANA, "ﾔﾏﾀﾞﾊﾅｺ", "ヤマダハナコ"),
        (Field.PHONE, "０９０－１２３４－５６７８", "+81 90 1234 5678"),
        (Field.ADDRESS, "めぐり町１－２－３", "めぐり町1-2-3"),
        (Field.EMAIL, "Hanako@Example.jp", "hanako@example.jp"),
        (
            Field.BANK_ACCOUNT,
            {"bank": "0001", "branch": "002", "kind": "1", "number": "1234567", "holder_kana": "ﾔﾏﾀﾞ"},
            {"bank": "０００１", "branch": "002", "kind": "1", "number": "1234567", "holder_kana": "別名義"},
        ),
    ],
)
def test_two_spellings_of_one_value_are_equal(field: Field, one: Any, other: Any) -> None:
    assert normalise(field, one) == normalise(field, other) != ""


def test_a_bank_account_with_an_unknown_part_is_an_error() -> None:
    with pytest.raises(ValueError, match="bank account"):
        normalise(Field.BANK_ACCOUNT, {"iban": "x"})


@pytest.mark.parametrize(
    ("text", "number"),
    [("090-1234-5678", "+819012345678"), ("+81 3-1234-5678", "+81312345678"), ("12", None), ("でんわ", None)],
)
def test_phone_numbers_as_people_write_them(text: str, number: str | None) -> None:
    assert e164(text) == number


@pytest.mark.parametrize(("reason", "good"), [("", False), ("  \n ", False), ("あ", False), ("窓口での本人確認", True)])
def test_a_reason_is_more_than_blanks(*, reason: str, good: bool) -> None:
    assert is_reason(reason) is good


VISIBLE = {
    "maker": "name kana address phone email bank_account workplace school photo",
    "checker": "name kana address phone email bank_account resident_number household_number workplace school photo",
    "accountant": "name kana bank_account",
    "operator": "name kana phone email workplace school",
    "system": "name kana address phone email bank_account workplace school",
    "visitor": "", "resident": "", "clerk": "", "owner": "", "partner": "", "analyst": "",
}


@pytest.mark.parametrize("role", list(ActorRole))
def test_what_each_role_may_see_of_somebody_else(role: ActorRole) -> None:
    visible = set(Field) - hidden_fields(Field, by=Actor(1, role, uuid4()), subject=uuid4())
    assert {str(field) for field in visible} == set(VISIBLE[role].split())


def test_people_see_their_own_fields_but_not_the_registers_numbers() -> None:
    me, shop = uuid4(), uuid4()
    assert hidden_fields(Field, by=Actor(1, ActorRole.RESIDENT, me), subject=me) == {
        Field.RESIDENT_NUMBER, Field.HOUSEHOLD_NUMBER
    }
    assert not hidden_fields([Field.BANK_ACCOUNT], by=Actor(1, ActorRole.OWNER, me, shop=shop), subject=shop)
    assert hidden_fields([Field.BANK_ACCOUNT], by=Actor(1, ActorRole.CLERK, me, shop=shop), subject=shop)


def test_who_may_write_into_the_vault() -> None:
    me = uuid4()
    writers = {role for role in ActorRole if may_seal(Actor(1, role, me), uuid4())}
    assert writers == {ActorRole.MAKER, ActorRole.CHECKER, ActorRole.OPERATOR, ActorRole.SYSTEM}
    assert may_seal(Actor(1, ActorRole.RESIDENT, me), me)
    assert not may_seal(Actor(1, ActorRole.CLERK, me), me)
