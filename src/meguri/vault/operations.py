"""What may be done in the vault: make a way in, seal, reveal, forget.

The vault lies below the parties, so it cannot ask their permission table; it keeps a wall of its own
(`rules.hidden_fields`, `rules.may_seal`). `parties.operations.reveal_person` asks both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from meguri.vault import rules
from meguri.vault.models import Login, LookUp, RevealLog, SealedPhoto, SealedRecord
from meguri.vault.rules import Field
from meguri.vault.sealing import Sealed, TownKeys, look_up_digest, open_record, seal_record
from meguri.vault.town_key import keys_for_sealing, town_keys
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

REASON_MISSING = declare(
    "reason_missing", status=422,
    ja="個人情報を見る理由を書いてください。理由は記録され、本人に示すことがあります。",
    en="Please give the reason for seeing personal data. It is recorded and may be shown to the person.",
)
FIELD_HIDDEN = declare(
    "field_hidden", status=403,
    ja="この役割では次の項目を見られません: {fields}。必要なときは担当課の承認者に頼んでください。",
    en="Your role does not show these items: {fields}. If you need them, ask the department's checker.",
)
SEALING_NOT_ALLOWED = declare(
    "sealing_not_allowed", status=403,
    ja="この役割では個人情報を書きかえられません。担当課に頼んでください。",
    en="Your role may not change personal data. Please ask the department.",
)
SUBJECT_FORGOTTEN = declare(
    "subject_forgotten", status=410,
    ja="この方の個人情報は消去済みです。もとに戻すことはできません。",
    en="This person's data has been erased. It cannot be brought back.",
)
TOO_MANY_REVEALED = declare(
    "too_many_revealed", status=403,
    ja="一度に見られるのは{most}人までです({count}人)。承認者の承認を受けてから行ってください。",
    en="At most {most} people may be seen at once (you asked for {count}). Please have it approved first.",
)
PHONE_UNREADABLE = declare(
    "phone_unreadable", status=422,
    ja="電話番号として読めません。090-1234-5678 のように入力してください。",
    en="This cannot be read as a phone number. Please type it like 090-1234-5678.",
)
LOGIN_TAKEN = declare(
    "login_taken",
    ja="このメールアドレスまたは電話番号は、すでに使われています。その連絡先で入ってください。",
    en="This e-mail address or phone number is already in use. Please sign in with it.",
)


@dataclass(frozen=True, slots=True)
class ToSeal:
    """The fields of one subject. A value of None takes the field out; fields not named stay."""

    subject: UUID
    fields: Mapping[Field, Any]


def seal(subject: UUID, fields: Mapping[Field, Any], *, by: Actor, at: datetime) -> None:
    """Write fields of one subject into the vault. Raises Refusal as `seal_many`."""
    seal_many([ToSeal(subject, fields)], by=by, at=at)


@transaction.atomic
def seal_many(wanted: Sequence[ToSeal], *, by: Actor, at: datetime) -> None:
    """Write fields of many subjects. Order: claim and lock the records, open them, seal all anew, replace the look-ups.

    Every sealing makes a fresh key, so an old backup's key opens only the old state.
    Raises Refusal `sealing_not_allowed` or `subject_forgotten`; then nothing is written.
    """
    if any(not rules.may_seal(by, one.subject) for one in wanted):
        raise SEALING_NOT_ALLOWED.refusal()
    keys = keys_for_sealing(by.municipality)
    changes: dict[UUID, dict[str, Any]] = {}
    for one in wanted:  # a subject may be named twice
        changes.setdefault(one.subject, {}).update((str(name), value) for name, value in one.fields.items())
    subjects = list(changes)
    claim_records(subjects, municipality=by.municipality, at=at)
    kept = locked_records(subjects, by.municipality)
    sealed: dict[UUID, Sealed] = {}
    look_ups: list[tuple[UUID, str, bytes]] = []
    for subject, change in changes.items():
        record = kept[subject]
        if record.forgotten_at is not None:
            raise SUBJECT_FORGOTTEN.refusal()
        fields = {name: value for name, value in (_opened(record, keys) | change).items() if value not in (None, "")}
        sealed[subject] = seal_record(record.id, fields, keys=keys)
        look_ups += _look_ups(subject, fields, keys=keys)
    _write(sealed, look_ups, municipality=by.municipality, at=at)


_CLAIM = """
INSERT INTO vault_sealedrecord (id, municipality, subject, wrapped_key, ciphertext, sealed_at)
SELECT row.id, %s, row.subject, '', '', %s FROM unnest(%s::uuid[], %s::uuid[]) AS row (id, subject)
ON CONFLICT (municipality, subject) DO NOTHING
"""
_RESEAL = """
UPDATE vault_sealedrecord SET wrapped_key = row.key, ciphertext = row.text, sealed_at = %s
  FROM unnest(%s::uuid[], %s::bytea[], %s::bytea[]) AS row (subject, key, text)
 WHERE vault_sealedrecord.subject = row.subject AND municipality = %s
"""
_INDEX = """
INSERT INTO vault_lookup (municipality, id, subject, field, digest)
SELECT %s, row.* FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::bytea[]) AS row
"""


def claim_records(subjects: Sequence[UUID], *, municipality: int, at: datetime) -> None:
    """An empty record for whoever has none, so that there is a row to lock: two first sealings wait for each other."""
    wanted = sorted(set(subjects))
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [municipality, at, [uuid7(at) for _ in wanted], wanted])


def locked_records(subjects: Sequence[UUID], municipality: int) -> dict[UUID, SealedRecord]:
    found = SealedRecord.objects.select_for_update().filter(municipality=municipality, subject__in=subjects)
    return {record.subject: record for record in found.order_by("subject")}


def _opened(record: SealedRecord, keys: TownKeys) -> dict[str, Any]:
    if not record.wrapped_key or not record.ciphertext:
        return {}
    sealed = Sealed(wrapped_key=bytes(record.wrapped_key), ciphertext=bytes(record.ciphertext))
    return open_record(record.id, sealed, keys=keys)


def _look_ups(subject: UUID, fields: Mapping[str, Any], *, keys: TownKeys) -> Iterator[tuple[UUID, str, bytes]]:
    for name, value in fields.items():
        plain = rules.normalise(Field(name), value)
        if plain:
            yield subject, name, look_up_digest(name, plain, keys=keys)


def _write(
    sealed: Mapping[UUID, Sealed], look_ups: Sequence[tuple[UUID, str, bytes]], *, municipality: int, at: datetime
) -> None:
    """Rows by arrays: a register of a hundred thousand people is a few statements, not as many parameters."""
    LookUp.objects.filter(municipality=municipality, subject__in=list(sealed)).delete()
    keys, texts = [s.wrapped_key for s in sealed.values()], [s.ciphertext for s in sealed.values()]
    subjects, names, digests = zip(*look_ups, strict=True) if look_ups else ((), (), ())
    with connection.cursor() as cursor:
        cursor.execute(_RESEAL, [at, list(sealed), keys, texts, municipality])
        ids = [uuid7(at) for _ in look_ups]
        cursor.execute(_INDEX, [municipality, ids, list(subjects), list(names), list(digests)])


def reveal(subject: UUID, fields: Iterable[Field], *, reason: str, by: Actor, at: datetime) -> dict[Field, Any]:
    """Show fields of one subject; a field that is not sealed is absent. Raises Refusal as `reveal_many`."""
    return reveal_many([subject], fields, reason=reason, by=by, at=at).get(subject, {})


@transaction.atomic
def reveal_many(
    subjects: Sequence[UUID], fields: Iterable[Field], *, reason: str, by: Actor, at: datetime,
    approval: UUID | None = None,
) -> dict[UUID, dict[Field, Any]]:
    """Show fields of many subjects, such as the bank accounts of one bank file. Every subject is logged, then opened.

    More than REVEAL_MOST subjects need the id of an approval (its validity is the caller's to check); it is
    written into the log's reason. Raises Refusal `reason_missing`, `field_hidden`, `too_many_revealed`.
    """
    wanted = tuple(dict.fromkeys(Field(field) for field in fields))
    require_reveal(subjects, wanted, reason=reason, by=by, approval=approval)
    noted = reason.strip() if approval is None else f"{reason.strip()[:350]} (approval {approval})"
    RevealLog.objects.bulk_create(
        [
            RevealLog(
                id=uuid7(at), municipality=by.municipality, subject=subject, fields=[str(f) for f in wanted],
                reason=noted, by_role=by.role, by_party=by.party, by_department=by.department, at=at,
            )
            for subject in subjects
        ],
        batch_size=2000,
    )
    keys = town_keys(by.municipality)
    found = SealedRecord.objects.filter(municipality=by.municipality, subject__in=subjects)
    return {r.subject: _chosen(_opened(r, keys), wanted) for r in found if r.forgotten_at is None}


def require_reveal(
    subjects: Sequence[UUID], fields: Sequence[Field], *, reason: str, by: Actor, approval: UUID | None
) -> None:
    """Raise the refusal that `reveal_many` would, for a print that is asked for now and made later. Opens nothing."""
    if not rules.is_reason(reason):
        raise REASON_MISSING.refusal(field="reason")
    hidden: set[Field] = set()
    for subject in subjects:
        hidden |= rules.hidden_fields(fields, by=by, subject=subject)
    if hidden:
        raise FIELD_HIDDEN.refusal(fields=", ".join(sorted(hidden)))
    if len(subjects) > rules.REVEAL_MOST and approval is None:
        raise TOO_MANY_REVEALED.refusal(most=rules.REVEAL_MOST, count=len(subjects), limit="reveal_most")


def _chosen(fields: Mapping[str, Any], wanted: Sequence[Field]) -> dict[Field, Any]:
    return {field: fields[field] for field in wanted if field in fields}


@transaction.atomic
def forget(subject: UUID, *, by: Actor, at: datetime) -> bool:
    """Erase a subject: destroy the record's key and ciphertext, the photos with their keys, the look-ups, and the login
    with all that hangs on it.

    The books and the log of reveals keep the pseudonym and go on adding up. False if there was nothing to erase.
    A backup made before still holds the wrapped key until it expires; that is the operator's retention rule.
    Raises Refusal `sealing_not_allowed`.
    """
    if not rules.may_seal(by, subject):
        raise SEALING_NOT_ALLOWED.refusal()
    records = locked_records([subject], by.municipality)
    erased = SealedRecord.objects.filter(
        id__in=[r.id for r in records.values()], forgotten_at__isnull=True
    ).update(wrapped_key=None, ciphertext=None, forgotten_at=at)
    photos, _ = SealedPhoto.objects.filter(municipality=by.municipality, subject=subject).delete()
    LookUp.objects.filter(municipality=by.municipality, subject=subject).delete()
    gone, _ = Login.objects.filter(municipality=by.municipality, party=subject).delete()
    return bool(erased or gone or photos)


def make_login(
    *, municipality: int, party: UUID, at: datetime, email: str | None = None, phone: str | None = None,
    password: str | None = None, demo: bool = False, self_made: bool = False, login: UUID | None = None,
) -> UUID:
    """A way in for a pseudonym, unverified until its first code. Asked by entrance and invitations, after their checks.

    Raises Refusal `phone_unreadable` or `login_taken`.
    """
    made = Login(
        id=login or uuid7(at), municipality=municipality, party=party, email=(email or "").strip().lower() or None,
        phone=_phone(phone), demo=demo,
        self_made=self_made, made_at=at,
    )
    if password is None:
        made.set_unusable_password()
    else:
        made.set_password(password)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as exc:
        raise LOGIN_TAKEN.refusal() from exc
    return made.id


def _phone(text: str | None) -> str | None:
    if not text:
        return None
    number = rules.e164(text)
    if number is None:
        raise PHONE_UNREADABLE.refusal(field="phone")
    return number


def set_phone(login: UUID, phone: str, *, verified: bool) -> None:
    """Give a login its phone number. Raises Refusal `phone_unreadable` or `login_taken`."""
    try:
        with transaction.atomic():
            Login.objects.filter(id=login).update(phone=_phone(phone), phone_verified=verified)
    except IntegrityError as exc:
        raise LOGIN_TAKEN.refusal(field="phone") from exc


def set_password(login: UUID, password: str | None) -> None:
    """Set a login's password (already judged by the entrance), or take it away; other sessions of the login end."""
    found = Login.objects.get(id=login)
    if password is None:
        found.set_unusable_password()
    else:
        found.set_password(password)
    found.save(update_fields=["password"])


def end_sessions(login: UUID) -> None:
    """Sign the login out in every browser, this one too: the sessions of the turns before no longer count."""
    Login.objects.filter(id=login).update(turn=F("turn") + 1)


def rebind_login(login: UUID, *, before: UUID, party: UUID, replaces: bool = False) -> bool:
    """Let a login speak for another pseudonym than `before`: a newcomer turns out to be a resident of the register.

    False if it speaks for `before` no more: somebody else was faster. `replaces`: the way in that the pseudonym had is
    lost and goes, with its sessions and keys; one that the demo lets anybody use stays.
    Raises Refusal `login_taken` if that pseudonym has a login already.
    """
    try:
        with transaction.atomic():
            if replaces:
                Login.objects.filter(party=party, demo=False).exclude(id=login).delete()
            return bool(Login.objects.filter(id=login, party=before).update(party=party))
    except IntegrityError as exc:
        raise LOGIN_TAKEN.refusal() from exc


def sweep_logins(*, municipality: int, before: datetime) -> int:
    """Remove logins that somebody asked a code for before a moment and never entered; gives how many."""
    forgotten = Login.objects.filter(
        municipality=municipality, self_made=True, demo=False, last_login=None, made_at__lt=before
    )
    gone, _ = forgotten.delete()
    return gone


def close_login(login: UUID) -> None:
    """Shut a way in at once, for every session."""
    Login.objects.filter(id=login).update(is_active=False)
