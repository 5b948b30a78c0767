"""What may be done with webhooks: name an address, change its secret, replay, write events down, carry them out."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from meguri.notices import webhook_rules as rules
from meguri.notices.models import PartnerEvent, WebhookDelivery, WebhookEndpoint
from meguri.notices.operations import send_many
from meguri.notices.rules import Wording
from meguri.notices.webhook_queries import last_number
from meguri.notices.webhook_sending import Answer, addresses_of, post
from meguri.parties.operations.members import require_manager
from meguri.parties.queries import sponsor_members
from meguri.parties.rules import require
from meguri.vault.sealing import lock_text, unlock_text
from meguri.vault.town_key import keys_for_sealing, town_keys
from meguri.words.actor import Actor
from meguri.words.ids import uuid7
from meguri.words.refusal import Refusal, declare

PURPOSE: Final = "webhook"
TURN_S: Final = 5.0
"""How long one turn goes on to deliver to one endpoint; what is left has the next."""
BESIDE: Final = 8
"""Endpoints that are told at one time, so that a slow one holds up no other."""
BATCH: Final = 100
LOG_LASTS: Final = timedelta(days=30)

WEBHOOK_UNKNOWN = declare("webhook_unknown", status=404, ja="この通知先はありません。", en="There is no such endpoint.")
WEBHOOK_KNOWN = declare(
    "webhook_known", ja="このアドレスはもう登録されています。", en="This address is registered already."
)
WEBHOOKS_TOO_MANY = declare(
    "webhooks_too_many",
    ja="通知先は{most}か所までです。使わないものを外してください。",
    en="Up to {most} endpoints can be kept. Please remove one that you do not use.",
)
EVENT_UNKNOWN = declare(
    "event_unknown",
    status=404,
    ja="その番号の出来事はまだありません(最後は{last}番です)。",
    en="There is no event of that number yet (the last is {last}).",
)


@dataclass(frozen=True, slots=True)
class Registered:
    """`secret` is shown once."""

    id: UUID
    secret: str


@transaction.atomic
def register_webhook(url: str, *, by: Actor, at: datetime) -> Registered:
    """Name an address that is told from the next event on. Where it leads is looked up now, and on each delivery.

    Raises Refusal `not_allowed`, `sponsor_manager_needed`, `webhook_address_wrong`, `webhook_address_inside`,
    `webhook_known`, `webhooks_too_many`.
    """
    owner = _manager(by)
    loopback = settings.WEBHOOKS_TO_LOOPBACK
    where = rules.judged_url(url, loopback=loopback)
    addresses_of(where, loopback=loopback)
    _lock(owner)
    known = list(WebhookEndpoint.objects.filter(municipality=by.municipality, owner=owner, ended_at=None))
    if any(each.url == where.geturl() for each in known):
        raise WEBHOOK_KNOWN.refusal(field="url")
    if len(known) >= rules.ENDPOINTS_MOST:
        raise WEBHOOKS_TOO_MANY.refusal(field="url", most=rules.ENDPOINTS_MOST)
    secret = _fresh_secret()
    row = WebhookEndpoint.objects.create(
        id=uuid7(at),
        municipality=by.municipality,
        owner=owner,
        url=where.geturl(),
        made_at=at,
        secret=_locked(secret, by.municipality),
        sent_until=last_number(owner, municipality=by.municipality),
    )
    return Registered(row.id, secret)


@transaction.atomic
def rotate_webhook_secret(endpoint: UUID, *, by: Actor, at: datetime) -> Registered:
    """A new secret; for a day the old one signs too, so that the receiver changes over without losing an event.

    Raises Refusal `not_allowed`, `sponsor_manager_needed`, `webhook_unknown`.
    """
    row = _own(endpoint, by)
    secret = _fresh_secret()
    row.old_secret, row.old_until, row.secret = row.secret, at + rules.BOTH_VALID, _locked(secret, by.municipality)
    row.save(update_fields=["old_secret", "old_until", "secret"])
    return Registered(row.id, secret)


@transaction.atomic
def end_webhook(endpoint: UUID, *, by: Actor, at: datetime) -> None:
    """The address is told no more. Raises Refusal as `rotate_webhook_secret`."""
    row = _own(endpoint, by)
    row.ended_at = at
    row.save(update_fields=["ended_at"])


@transaction.atomic
def resume_webhook(endpoint: UUID, *, by: Actor) -> None:
    """Go on at once where the endpoint stopped, whether it was disabled or is waiting for its next try.

    Raises Refusal as `rotate_webhook_secret`.
    """
    row = _own(endpoint, by)
    row.disabled_at = row.failing_since = row.next_try_at = None
    row.tries = 0
    row.save(update_fields=["disabled_at", "failing_since", "next_try_at", "tries"])


@transaction.atomic
def replay_webhook(endpoint: UUID, *, after: int, by: Actor) -> None:
    """Tell everything that came after the event of this number once more, in order. 0: from the very first.

    Raises Refusal as `rotate_webhook_secret`, `event_unknown`.
    """
    row = _own(endpoint, by)
    last = last_number(row.owner, municipality=by.municipality)
    if not 0 <= after <= last:
        raise EVENT_UNKNOWN.refusal(field="after", last=last)
    row.sent_until, row.tries, row.failing_since, row.next_try_at = after, 0, None, None
    row.save(update_fields=["sent_until", "tries", "failing_since", "next_try_at"])


@transaction.atomic
def redeliver(endpoint: UUID, *, number: int, by: Actor, at: datetime) -> None:
    """Tell one event once more, beside the order. Raises Refusal as `replay_webhook`."""
    row = _own(endpoint, by)
    event = PartnerEvent.objects.filter(municipality=by.municipality, owner=row.owner, number=number).first()
    if event is None:
        raise EVENT_UNKNOWN.refusal(field="number", last=last_number(row.owner, municipality=by.municipality))
    WebhookDelivery.objects.create(
        id=uuid7(at), municipality=by.municipality, endpoint=row, event=event, again=True, state="waiting", made_at=at
    )


def carry_webhooks(*, by: Actor, at: datetime) -> int:
    """Deliver what waits: to each endpoint in its order, to several at one time; gives how many tries were made.

    `at` is real time, also in an invented town: receivers compare it with their own clock. What the receiver took but
    we could not note is told again, under the same id. Raises Refusal `not_allowed`.
    """
    require(by, "event.tell")
    due = [
        each
        for each in WebhookEndpoint.objects.filter(municipality=by.municipality, ended_at=None, disabled_at=None)
        if each.next_try_at is None or each.next_try_at <= at
    ]
    work = [(each, queued) for each in due if (queued := _queued(each))]
    if not work:
        return 0
    with ThreadPoolExecutor(BESIDE) as pool:
        done = list(pool.map(lambda pair: _delivered(*pair, at=at), work))
    for (row, queued), answers in zip(work, done, strict=True):
        _note(row, list(zip(queued, answers, strict=False)), by=by, at=at)
    return sum(len(answers) for answers in done)


def forget_deliveries(*, municipality: int, at: datetime) -> None:
    """The log of tries lasts a month; the events themselves stay, so that a replay can begin at the first."""
    WebhookDelivery.objects.filter(municipality=municipality, tried_at__lt=at - LOG_LASTS).delete()


@dataclass(frozen=True, slots=True)
class _Queued:
    event: PartnerEvent
    asked: WebhookDelivery | None = None


def _queued(row: WebhookEndpoint) -> list[_Queued]:
    """First what somebody waits for at a screen, then the order."""
    asked = WebhookDelivery.objects.filter(endpoint=row, state="waiting").select_related("event").order_by("id")
    next_ones = PartnerEvent.objects.filter(
        municipality=row.municipality, owner=row.owner, number__gt=row.sent_until
    ).order_by("number")[:BATCH]
    return [*(_Queued(each.event, each) for each in asked[:BATCH]), *(_Queued(each) for each in next_ones)]


def _delivered(row: WebhookEndpoint, queued: Sequence[_Queued], *, at: datetime) -> list[Answer]:
    """The answers, until the first no in the order or the end of the turn. Runs beside others; asks no database."""
    keys, loopback, begun = town_keys(row.municipality), settings.WEBHOOKS_TO_LOOPBACK, monotonic()
    valid = [row.secret, *([row.old_secret] if row.old_until is not None and at < row.old_until else [])]
    signs = [unlock_text(each, purpose=PURPOSE, keys=keys) for each in valid]
    answers: list[Answer] = []
    for each in queued:
        body = each.event.body.encode()
        headers = rules.signed(body, event=f"evt_{each.event.id.hex}", secrets=signs, at=at)
        answers.append(_answer(row.url, body, headers=headers, loopback=loopback))
        if (each.asked is None and not answers[-1].is_good) or monotonic() - begun > TURN_S:
            break
    return answers


def _answer(url: str, body: bytes, *, headers: rules.Signed, loopback: bool) -> Answer:
    """A name that leads inside since it was registered is a receiver that does not answer."""
    try:
        return post(rules.judged_url(url, loopback=loopback), body, headers=headers, loopback=loopback)
    except Refusal as refusal:
        return Answer(None, refusal.code, 0)


@transaction.atomic
def _note(row: WebhookEndpoint, tried: Sequence[tuple[_Queued, Answer]], *, by: Actor, at: datetime) -> None:
    """Write the tries into the log, and move the endpoint's place; a replay asked for meanwhile is not overwritten."""
    before = row.sent_until
    kept = WebhookEndpoint.objects.select_for_update().get(pk=row.pk)
    for each, answer in tried:
        _log(row, each, answer=answer, at=at)
        if each.asked is not None or kept.sent_until != before:
            continue
        if answer.is_good:
            before = kept.sent_until = each.event.number
            kept.tries, kept.failing_since, kept.next_try_at = 0, None, None
        else:
            _fail(kept, answer, by=by, at=at)
    kept.save()


def _log(row: WebhookEndpoint, each: _Queued, *, answer: Answer, at: datetime) -> None:
    entry = each.asked or WebhookDelivery(
        id=uuid7(at), municipality=row.municipality, endpoint=row, event=each.event, made_at=at
    )
    entry.state, entry.tried_at = "delivered" if answer.is_good else "failed", at
    entry.answered, entry.fault, entry.milliseconds = answer.status, answer.fault, answer.milliseconds
    entry.save()


def _fail(row: WebhookEndpoint, answer: Answer, *, by: Actor, at: datetime) -> None:
    row.tries += 1
    row.failing_since = row.failing_since or at
    row.next_try_at = rules.next_try(row.tries, at=at)
    if rules.is_given_up(since=row.failing_since, status=answer.status, at=at):
        row.disabled_at = at
        _tell_managers(row, by=by, at=at)


def _tell_managers(row: WebhookEndpoint, *, by: Actor, at: datetime) -> None:
    """By mail, to whoever manages the company's pages."""
    wording = Wording(
        title_ja="通知先(Webhook)への送信を止めました", title_en="We have stopped telling your webhook endpoint",
        text_ja=f"{row.url} に届かない状態が続いたため、送信を止めました。直ったら、企業のページの"
                "「通知先」で再開してください。止まっていた間の出来事は、順番どおりにすべて送られます。",
        text_en=f"{row.url} could not be reached for long, so we stopped. Once it is mended, please resume it on your "
                "company's page “Endpoints”: everything that happened meanwhile is sent in its order.",
    )  # fmt: skip
    managers = [
        each.member
        for each in sponsor_members(row.owner, municipality=row.municipality)
        if each.valid_until is None and each.role == "manager"
    ]
    send_many([(each, wording) for each in managers], channel="mail", topic="webhook.disabled", by=by, at=at)


def _manager(by: Actor) -> UUID:
    owner = by.party or UUID(int=0)
    require(by, "webhook.keep", owner=owner)
    require_manager(by)
    return owner


def _lock(owner: UUID) -> None:
    """Two addresses named at one moment are counted one after the other, also where none stands yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"notices_webhookendpoint:{owner}"])


def _own(endpoint: UUID, by: Actor) -> WebhookEndpoint:
    owner = _manager(by)
    row = (
        WebhookEndpoint.objects.select_for_update()
        .filter(id=endpoint, municipality=by.municipality, owner=owner, ended_at=None)
        .first()
    )
    if row is None:
        raise WEBHOOK_UNKNOWN.refusal()
    return row


def _fresh_secret() -> str:
    return rules.secret_text(secrets.token_bytes(rules.SECRET_BYTES))


def _locked(secret: str, municipality: int) -> str:
    return lock_text(secret, purpose=PURPOSE, keys=keys_for_sealing(municipality))
