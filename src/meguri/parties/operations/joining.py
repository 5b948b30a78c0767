"""A newcomer becomes the resident of the register, by a code that the town gave to that resident.

The code comes by letter or over the desk, after an officer has seen who it is. With it the person types the birth
date, which the register knows too: a letter in the wrong hands opens no wallet.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from meguri.parties.models import Invitation, Resident, ShopMember, SponsorMember
from meguri.parties.operations.members import SIGN_IN_FIRST
from meguri.parties.queries.officers import appointments
from meguri.parties.rules import WRONG_DATES_MOST, require, secret_hash
from meguri.vault.operations import rebind_login
from meguri.vault.queries import login_of
from meguri.words.actor import Actor, ActorRole
from meguri.words.ids import uuid7
from meguri.words.refusal import Refusal, declare
from meguri.words.signs import SIGNS, in_groups, is_code, typed_signs

LETTER_LASTS: Final = timedelta(days=60)
"""How long the code of a letter works: time for a holiday or a stay in hospital."""
LENGTH: Final = 16
"""Signs of a code: 79 bits, so that nobody finds one by trying."""

RESIDENT_UNKNOWN = declare(
    "resident_unknown", status=404,
    ja="この方は登録にありません。宛名番号をもう一度お確かめください。",
    en="This person is not in the register. Please check the register number.",
)
RESIDENT_HAS_WAY_IN = declare(
    "resident_has_way_in",
    ja="この方は、もう自分の電話番号かメールで入れます。電話もメールも失ったときだけ、「前の入り方を閉じる」を選んで"
       "出してください。",
    en="This person can sign in already. Only if both phone and e-mail are lost, choose “close the old way in”.",
)
JOIN_CODE_MISREAD = declare(
    "join_code_misread", status=422,
    ja="登録コードは{length}文字です({typed}文字が入力されました)。数字の0と1、英字のI・L・Oは使っていません。"
       "手紙をもう一度ご覧ください。",
    en="A register code has {length} characters (you entered {typed}). It never uses 0, 1, I, L or O. Please look at "
       "the letter again.",
)
JOIN_CODE_UNKNOWN = declare(
    "join_code_unknown", status=404,
    ja="この登録コードは使えません。打ちまちがいか、期限切れか、すでに使われています。手紙を確かめ、だめなときは町の窓口へ"
       "お越しください。新しいコードを出します。",
    en="This register code does not work: mistyped, expired, or used already. Please check the letter; if it still "
       "fails, the town's desk gives you a new one.",
)
BIRTH_DATE_DIFFERS = declare(
    "birth_date_differs", status=422,
    ja="生年月日が登録と合いません。手紙のあて名のご本人の生年月日を入れてください(あと{left}回まで試せます)。",
    en="The birth date is not the one in the register. Please enter that of the person the letter is addressed to "
       "({left} more tries).",
)
OFFICERS_JOIN_PRIVATELY = declare(
    "officers_join_privately",
    ja="職員の入り方と住民の財布は分けています。サインアウトし、ご自分の電話番号かメールで入り直してください。",
    en="An officer's sign-in and a resident's wallet are kept apart. Please sign out and come in by your private phone "
       "or e-mail.",
)
JOINED_ALREADY = declare(
    "joined_already",
    ja="この電話番号かメールは、もうほかの方の住民登録につながっています。一人に一つ、別の電話番号かメールでお入りください。",
    en="This phone or e-mail already belongs to another person of the register. Please use another one for each.",
)


@dataclass(frozen=True, slots=True)
class Joined:
    """Who somebody was before, and is from now on. The same twice: nothing was to be done."""

    before: UUID
    resident: UUID


@transaction.atomic
def invite_resident(resident: UUID, *, by: Actor, at: datetime, replaces: bool = False) -> str:
    """Make the code with which a person of the register joins it; gives it as it is printed, once.

    Only its hash is kept. A code given before ends, so that a lost letter is worth nothing. `replaces`: the person lost
    every way in; the old one is closed when the new code is used, not before.
    Order: permission, the resident's row (the second of two officers waits), the way in, old codes, the new one.
    Raises Refusal `not_allowed`, `resident_unknown`, `resident_has_way_in`.
    """
    require(by, "party.invite_resident")
    if not Resident.objects.select_for_update().filter(id=resident, municipality=by.municipality).exists():
        raise RESIDENT_UNKNOWN.refusal(field="number")
    held = login_of(resident, municipality=by.municipality)
    if held is not None and (held.demo or not replaces):
        raise RESIDENT_HAS_WAY_IN.refusal()
    _open_codes(resident, at=at).update(expires_at=at)
    signs = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
    Invitation.objects.create(
        id=uuid7(at), municipality=by.municipality, token_hash=secret_hash(signs), role=ActorRole.RESIDENT,
        resident_id=resident, replaces=replaces, made_by=by.party, made_at=at, expires_at=at + LETTER_LASTS,
    )
    return in_groups(signs)


def join_register(*, code: str, birth_date: date, by: Actor, at: datetime) -> Joined | Refusal:
    """Let the login of a newcomer speak for the resident to whom the code was given.

    A wrong birth date is answered, not raised, because the try must stay counted; after five the code is dead.
    Order: what was typed, the invitation (locked), who asks, the birth date, the login (if it is a newcomer's still:
    two letters entered at one moment give one resident), memberships of shops and sponsors, the invitation marked used.
    Raises Refusal `join_code_misread`, `sign_in_first`, `officers_join_privately`, `joined_already`,
    `join_code_unknown`, `login_taken`.
    """
    signs = typed_signs(code)
    if not is_code(signs, length=LENGTH):
        raise JOIN_CODE_MISREAD.refusal(field="code", length=LENGTH, typed=len(signs))
    with transaction.atomic():
        found = _locked(signs, municipality=by.municipality, at=at)
        resident = found.resident
        assert resident is not None  # noqa: S101 - `an_invitation_leads_to_one_place`
        login, before = _newcomer(by, resident=resident.id)
        if resident.birth_date != birth_date:
            found.wrong_tries += 1
            found.save(update_fields=["wrong_tries"])
            return BIRTH_DATE_DIFFERS.refusal(field="birth_date", left=WRONG_DATES_MOST - found.wrong_tries)
        if before != resident.id:
            if not rebind_login(login, before=before, party=resident.id, replaces=found.replaces):
                raise JOINED_ALREADY.refusal()
            _carry_memberships(before, to=resident.id, municipality=by.municipality, at=at)
        found.accepted_by, found.accepted_at = before, at
        found.save(update_fields=["accepted_by", "accepted_at"])
    return Joined(before, resident.id)


def _open_codes(resident: UUID, *, at: datetime) -> QuerySet[Invitation]:
    return Invitation.objects.filter(resident_id=resident, accepted_at=None, expires_at__gt=at)


def _locked(signs: str, *, municipality: int, at: datetime) -> Invitation:
    found = (
        Invitation.objects.select_for_update(of=("self",)).select_related("resident")
        .filter(municipality=municipality, token_hash=secret_hash(signs), role=ActorRole.RESIDENT, accepted_at=None,
                expires_at__gt=at, wrong_tries__lt=WRONG_DATES_MOST).first()
    )  # fmt: skip
    if found is None:
        raise JOIN_CODE_UNKNOWN.refusal(field="code")
    return found


def _newcomer(by: Actor, *, resident: UUID) -> tuple[UUID, UUID]:
    """The login of whoever asks, and the pseudonym that it speaks for now."""
    login = login_of(by.party, municipality=by.municipality) if by.party else None
    if login is None:
        raise SIGN_IN_FIRST.refusal()
    if appointments(login.party, municipality=by.municipality):
        raise OFFICERS_JOIN_PRIVATELY.refusal()
    others = Resident.objects.filter(id=login.party, municipality=by.municipality).exclude(id=resident)
    if others.exists():
        raise JOINED_ALREADY.refusal()
    return login.id, login.party


def _carry_memberships(before: UUID, *, to: UUID, municipality: int, at: datetime) -> None:
    """Who stands at a till stands there still: the old membership ends at the moment at which the new one begins."""
    for model in (ShopMember, SponsorMember):
        open_ones = model.objects.select_for_update().filter(municipality=municipality, member=before, valid_until=None)
        for each in open_ones.order_by("id"):
            if each.valid_from >= at:  # joined this very moment: it has no past to keep
                each.member = to
                each.save(update_fields=["member"])
                continue
            each.valid_until = at
            each.save(update_fields=["valid_until"])
            each.pk, each.member, each.valid_from, each.valid_until = uuid7(at), to, at, None
            each.save(force_insert=True)
