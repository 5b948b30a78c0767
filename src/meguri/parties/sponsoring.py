"""Pure decisions about companies that want to pay along: their numbers, what they entered, the words of a no."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Final

from meguri.parties.rules import Both
from meguri.vault.rules import e164
from meguri.words.refusal import Refusal, declare
from meguri.words.typed import without_gaps

KINDS: Final = {"company": Both("法人", "company"), "sole_trader": Both("個人事業主", "sole trader")}
STATES: Final = {
    "waiting": Both("審査中", "under review"),
    "approved": Both("承認済み", "approved"),
    "declined": Both("見送り", "declined"),
}
ROLES: Final = {"manager": Both("担当者", "manager"), "reader": Both("閲覧者", "reader")}
"""What members of a sponsor may do: a manager invites, holds keys and proposes; a reader reads."""
NAME_MOST: Final = 100
WISH_MOST: Final = 1_000
REASON_MOST: Final = 400
NOT_KEPT: Final = "\x00"
"""The one sign that the database keeps in no text."""

CORPORATE_NUMBER_WRONG = declare(
    "corporate_number_wrong",
    status=422,
    ja="法人番号は13桁の数字です({typed}文字が入力されました)。登記の会社法人等番号(12桁)ではなく、国税庁が指定した番号を入れて"
    "ください。",
    en="A corporate number has 13 digits ({typed} characters were entered). Please enter the number given by the "
    "National Tax Agency, not the 12 digits of the commercial register.",
)
CORPORATE_NUMBER_MISREAD = declare(
    "corporate_number_misread",
    status=422,
    ja="法人番号「{number}」は検査数字(先頭の1桁)が合いません。この12桁なら先頭は{check}になるはずです。どこか1桁が違っていないか、"
    "もう一度見比べてください。",
    en="The check digit (the first one) of the corporate number {number} does not fit: for these 12 digits it would be "
    "{check}. Please compare digit by digit.",
)
REGISTRATION_NUMBER_WRONG = declare(
    "registration_number_wrong",
    status=422,
    ja="インボイスの登録番号は「T」と13桁の数字です(入力: {number})。",
    en="An invoice registration number is “T” and 13 digits (entered: {number}).",
)
REGISTRATION_NUMBER_DIFFERS = declare(
    "registration_number_differs",
    status=422,
    ja="法人の登録番号は「T」と法人番号です。法人番号が{number}なら、登録番号はT{number}になります。どちらかを直してください。",
    en="A company's registration number is “T” and its corporate number. For {number} it would be T{number}. Please "
    "mend one of the two.",
)
SPONSOR_WORD_WRONG = declare(
    "sponsor_word_wrong",
    status=422,
    ja="{what:ja}を、{most}文字までで入れてください。",
    en="Please enter {what:en}, in at most {most} characters.",
)
SPONSOR_KIND_MISSING = declare(
    "sponsor_kind_missing",
    status=422,
    ja="法人か個人事業主かを選んでください。",
    en="Please choose whether you are a company or a sole trader.",
)
CONTACT_WRONG = declare(
    "sponsor_contact_wrong",
    status=422,
    ja="{what:ja}「{value}」には連絡できません。もう一度確かめてください。",
    en="We cannot reach you by {what:en} “{value}”. Please check it.",
)
SPONSOR_KNOWN = declare(
    "sponsor_known",
    ja="法人番号{number}の会社は、もう申し込んだか登録されています。社内の担当の方に招いてもらうか、町の担当課へお問い合わせ"
    "ください。",
    en="The company with the number {number} has applied or is registered already. Please ask your colleague for an "
    "invitation, or talk to the town.",
)

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_WORDS: Final = {
    "name_ja": Both("会社・屋号の名前", "the name"),
    "name_en": Both("英語の名前", "the name in English"),
    "wish": Both("町と一緒にしたいこと", "what you would like to do with the town"),
    "contact_name": Both("ご担当の方のお名前", "the name of whom to talk to"),
}


@dataclass(frozen=True, slots=True)
class SponsorEntry:
    """What a company says of itself. Numbers may be typed with full-width digits, gaps and hyphens."""

    kind: str
    name_ja: str
    name_en: str
    corporate_number: str
    registration_number: str
    wish: str
    contact_name: str
    email: str
    phone: str


def check_digit(twelve: str) -> int:
    """The first digit of a corporate number (法人番号): 9 - (sum of weighted digits mod 9).

    Weights are 1 and 2 by turns, from the right. Source: 法人番号の指定等に関する省令 第2条.
    """
    weighted = sum(int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(twelve)))
    return 9 - weighted % 9


def judged(entry: SponsorEntry) -> SponsorEntry:
    """The entry as it is kept. Raises a Refusal that names the field which is wrong, the first one of the form."""
    if entry.kind not in KINDS:
        raise SPONSOR_KIND_MISSING.refusal(field="kind")
    plain = replace(
        entry,
        name_ja=_word("name_ja", entry.name_ja, most=NAME_MOST),
        name_en=_word("name_en", entry.name_en.strip() or entry.name_ja, most=NAME_MOST),
        corporate_number=_corporate_number(entry),
        wish=_word("wish", entry.wish, most=WISH_MOST),
    )
    plain = replace(plain, registration_number=_registration_number(plain))
    return replace(
        plain,
        contact_name=_word("contact_name", entry.contact_name, most=NAME_MOST),
        email=_email(entry.email),
        phone=_phone(entry.phone),
    )


def _word(name: str, typed: str, *, most: int) -> str:
    text = typed.strip()
    if not 0 < len(text) <= most or NOT_KEPT in text:
        raise SPONSOR_WORD_WRONG.refusal(field=name, what=_WORDS[name], most=most)
    return text


def _is_digits(text: str, *, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdecimal()


def _corporate_number(entry: SponsorEntry) -> str:
    """A sole trader has none; what one may have typed there is not kept."""
    if entry.kind == "sole_trader":
        return ""
    number = without_gaps(entry.corporate_number)
    if not _is_digits(number, length=13):
        raise CORPORATE_NUMBER_WRONG.refusal(field="corporate_number", typed=len(number))
    check = check_digit(number[1:])
    if check != int(number[0]):
        raise CORPORATE_NUMBER_MISREAD.refusal(field="corporate_number", number=number, check=check)
    return number


def _registration_number(entry: SponsorEntry) -> str:
    """Empty, or T and 13 digits: of a company its corporate number, of a sole trader digits without a check."""
    number = without_gaps(entry.registration_number).upper()
    if not number:
        return ""
    if number[0] != "T" or not _is_digits(number[1:], length=13):
        raise REGISTRATION_NUMBER_WRONG.refusal(field="registration_number", number=number[:20])
    if entry.kind == "company" and number[1:] != entry.corporate_number:
        raise REGISTRATION_NUMBER_DIFFERS.refusal(field="registration_number", number=entry.corporate_number)
    return number


def _email(typed: str) -> str:
    address = unicodedata.normalize("NFKC", typed).strip()
    if NOT_KEPT in address or not _EMAIL.fullmatch(address):
        raise _unreachable("email", typed, what=Both("メール", "e-mail"))
    return address


def _phone(typed: str) -> str:
    number = e164(typed)
    if number is None:
        raise _unreachable("phone", typed, what=Both("電話番号", "phone"))
    return number


def _unreachable(name: str, typed: str, *, what: Both) -> Refusal:
    return CONTACT_WRONG.refusal(field=name, what=what, value=typed.strip()[:40])
