"""What may be done with gifts: make one, look at it, take it, take it back; what nobody took comes back by itself.

The money leaves the giver's wallet when the code is made and lies, lot by lot, on an account of the gift itself. So it
is spent or given once, and fund, purse kind, expiry, paid and granted part are the same on the other side. Taking it
and its coming back use up the same key: whoever is second finds it used, and nothing is both taken and returned.
The postings say which gift it was; who gave and who took is told to neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.rules import KEY_REUSED, Account, Leg, Posting, Verdict
from meguri.ledger.templates import AccountRole
from meguri.notices import operations as notices
from meguri.notices.rules import Wording
from meguri.parties import queries as parties
from meguri.parties.rules import require
from meguri.parties.tries import count_wrong, locked_tries
from meguri.programmes import operations as granting
from meguri.programmes import queries as programmes
from meguri.programmes.rules import PurseKindView
from meguri.programmes.vocabularies import RESIDENTS, known
from meguri.wallets import gift_rules as rules
from meguri.wallets import wording
from meguri.wallets.gift_codes import code_of, digest_of, read_code
from meguri.wallets.lots import lots_of
from meguri.wallets.models import Gift, GiftTries, Wallet
from meguri.wallets.operations import WALLET_SUSPENDED, locked_wallet
from meguri.words.actor import Actor, ActorRole
from meguri.words.ids import named_id
from meguri.words.period import day_of
from meguri.words.refusal import Refusal

RETURNED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class GiftShown:
    """A gift as its receiver sees it before taking it. `good_until`: when its money can be spent no more."""

    gift: UUID
    kind: PurseKindView
    yen: int
    until: datetime
    good_until: datetime | None


@dataclass(frozen=True, slots=True)
class GiftTaken:
    """A gift that came into the wallet. `replayed`: the same person had taken it before."""

    gift: UUID
    yen: int
    replayed: bool


@transaction.atomic
def give(
    *, by: Actor, at: datetime, holder: UUID, purse_kind: UUID, expires_at: datetime | None, amount_yen: int,
    request: str,
) -> UUID:
    """Put yen of one purse (its kind and expiry) aside for whoever brings the code; gives the gift's id.

    Sent again under the same `request` it is the same gift.
    Order: permission, the wallet's row, the gift made before, the terms, one posting, the row.
    Raises Refusal `not_allowed`, `wallet_unknown`, `wallet_suspended`, `gift_not_permitted`, `gift_amount_wrong`,
    `gift_too_large`, `insufficient`, `key_reused`.
    """
    require(by, "gift.give", owner=holder)
    if locked_wallet(holder, municipality=by.municipality).suspended_at:
        raise WALLET_SUSPENDED.refusal()
    gift = named_id(f"gift:{by.municipality}:{holder}:{request}")
    if (made := Gift.objects.filter(id=gift, municipality=by.municipality).first()) is not None:
        if (made.purse_kind, made.expires_at, made.yen) != (purse_kind, expires_at, amount_yen):
            raise KEY_REUSED.refusal()
        return gift
    kind = programmes.rules_in_force(by.municipality, at).purse_kinds.get(purse_kind)
    terms, until = rules.require_giveable(kind, expires_at=expires_at, amount_yen=amount_yen, at=at)
    assert kind is not None  # noqa: S101 - a kind that is not there gives nothing
    lots = lots_of(holder, kind, expires_at=expires_at, amount_yen=amount_yen, municipality=by.municipality)
    ends = Account(holder, AccountRole.WALLET), _put_aside(gift)
    posting = Posting(
        key=f"give:{gift}", template="give", legs=(Leg(*ends, amount_yen, tuple(lots)),), at=at, by=str(by.role),
        about=_about(gift, kind),
    )  # fmt: skip
    given = ledger.post(posting, municipality=by.municipality).posting
    digest = digest_of(read_code(code_of(gift, by.municipality)), by.municipality)
    Gift.objects.create(
        id=gift, municipality=by.municipality, giver=holder, purse_kind=purse_kind, yen=amount_yen, made_at=at,
        expires_at=expires_at, digest=digest, until=until, given=given,
        receivers={"who": rules.plain(terms.who), "outsiders": terms.outsiders},
    )  # fmt: skip
    return gift


def look(*, code: str, by: Actor, at: datetime) -> GiftShown | Refusal:
    """What a code would bring, before it is taken. A code that does not exist is answered, so that it stays counted.

    Order and refusals as `take`.
    """
    with transaction.atomic():
        found = _find(code, by=by, at=at)
        return found if isinstance(found, Refusal) else _require_takeable(found, by=by, at=at)


def take(*, code: str, by: Actor, at: datetime) -> GiftTaken | Refusal:
    """Take a gift into the own wallet, once for ever. A code that does not exist is answered, so that it stays counted.

    Order: permission, the person's count of tries (locked), the gift's row (locked), the giver's wallet, the own one
    (locked: what it may hold is judged under it), the terms, one posting under the gift's own key, a notice.
    Raises Refusal `not_allowed`, `gift_code_misread`, `gift_too_many_tries`, `gift_taken`, `gift_over`, `gift_own`,
    `gift_stopped`, `wallet_unknown`, `gift_not_eligible`, `commuter_unconfirmed`, `gift_exceeds_holding`.
    """
    with transaction.atomic():
        row = _find(code, by=by, at=at)
        if isinstance(row, Refusal):
            return row
        if row.ended is not None and row.taken_by == by.party:
            return GiftTaken(row.id, row.yen, replayed=True)
        shown = _require_takeable(row, by=by, at=at)
        row.taken_by = by.party
        posting = _closing(row, "take_gift", to=_owner(by), kind=shown.kind, by=by, at=at)
        _close(row, ledger.post(posting, municipality=row.municipality), at=at)
        _tell(row, wording.gift_taken(shown.kind, yen=row.yen), at=at)
        return GiftTaken(row.id, row.yen, replayed=False)


@transaction.atomic
def take_back(*, gift: UUID, by: Actor, at: datetime) -> None:
    """The giver has it back while nobody has taken it. Again is the same.

    Order: the gift's row, permission, one posting under the gift's own key.
    Raises Refusal `gift_unknown`, `gift_taken`.
    """
    row = Gift.objects.select_for_update().filter(id=gift, municipality=by.municipality).first()
    if row is None or row.giver != by.party:
        raise rules.GIFT_UNKNOWN.refusal()
    require(by, "gift.give", owner=row.giver)
    if row.taken_by is not None:
        raise rules.GIFT_TAKEN.refusal()
    if row.ended is None:
        kind = _kind_of(row, at=at)
        posting = _closing(row, "return_gift", to=row.giver, kind=kind, by=by, at=at)
        _close(row, ledger.post(posting, municipality=row.municipality), at=at)


@transaction.atomic
def return_overdue(*, by: Actor, at: datetime) -> int:
    """Give a batch of gifts back that nobody took in time; gives how many. For a task, again and again.

    Order: the rows (those that somebody is about to close are left), one batch of postings, the rows, the notices.
    """
    require(by, "notice.send")
    due = Gift.objects.filter(municipality=by.municipality, until__lte=at, ended=None).order_by("until", "id")
    rows = list(due.select_for_update(skip_locked=True)[:RETURNED_AT_ONCE])
    kinds = [_kind_of(row, at=at) for row in rows]
    postings = [
        _closing(row, "return_gift", to=row.giver, kind=kind, by=by, at=at)
        for row, kind in zip(rows, kinds, strict=True)
    ]
    answers = ledger.post_batch(postings, municipality=by.municipality)
    back = [
        (row, kind, answer) for row, kind, answer in zip(rows, kinds, answers, strict=True)
        if isinstance(answer, Verdict)
    ]  # fmt: skip
    for row, kind, answer in back:
        _close(row, answer, at=at)
        _tell(row, wording.gift_returned(kind, yen=row.yen), at=at)
    return len(back)


def _find(code: str, *, by: Actor, at: datetime) -> Gift | Refusal:
    """The gift of a code, its row locked; `gift_code_unknown` as an answer, counted."""
    require(by, "gift.take", owner=by.party, municipality=by.municipality)
    digest = digest_of(read_code(code), by.municipality)
    tries = locked_tries(
        GiftTries, _owner(by), too_many=rules.GIFT_TOO_MANY_TRIES, municipality=by.municipality, at=at
    )
    row = _by_digest(digest, municipality=by.municipality)
    if row is not None:
        return row
    return rules.GIFT_CODE_UNKNOWN.refusal(field="code", left=count_wrong(tries))


def _by_digest(digest: bytes, *, municipality: int) -> Gift | None:
    return Gift.objects.select_for_update().filter(municipality=municipality, digest=digest).first()


def _require_takeable(row: Gift, *, by: Actor, at: datetime) -> GiftShown:
    rules.require_open(row, at=at)
    if row.giver == by.party:
        raise rules.GIFT_OWN.refusal()
    if Wallet.objects.filter(id=row.giver, suspended_at__isnull=False).exists():
        raise rules.GIFT_STOPPED.refusal()
    kind = _kind_of(row, at=at)
    receiver = _owner(by)
    locked_wallet(receiver, municipality=row.municipality)
    today = day_of(at)
    facts = parties.resident_facts([receiver], municipality=row.municipality, on=today).get(receiver)
    told = known(facts, RESIDENTS) if facts else None
    rules.require_receiver(told, who=row.receivers["who"], outsiders=row.receivers["outsiders"], on=today)
    held = _held(receiver, kind, municipality=row.municipality, at=at)
    rules.require_room(kind, held_yen=held, yen=row.yen)
    return GiftShown(row.id, kind, row.yen, row.until, rules.good_until(kind, row.expires_at))


def _held(holder: UUID, kind: PurseKindView, *, municipality: int, at: datetime) -> int:
    """What the holder has of this programme and could still spend; nothing is counted where nothing limits it.

    Where something does, whoever else would make it larger waits until this transaction ends.
    """
    if kind.balance_max_yen is None:
        return 0
    granting.wait_for_holding([(kind.programme, holder)])
    kinds = programmes.rules_in_force(municipality, at).purse_kinds.values()
    own = {each.id for each in kinds if each.programme == kind.programme}
    return sum(
        each.amount for each in books.balances([holder], AccountRole.WALLET, municipality=municipality)
        if each.lot.purse_kind in own and (each.lot.expires_at is None or at < each.lot.expires_at)
    )


def _put_aside(gift: UUID) -> Account:
    """Where the money of a gift lies until it is taken or comes back."""
    return Account(gift, AccountRole.HELD)


def _used_once(row: Gift) -> str:
    """The key that taking a gift and its coming back use up, whoever is first."""
    return f"gift:{row.id}"


def _ending(row: Gift, *, to: UUID) -> tuple[Leg, ...]:
    """All of a gift, lot by lot as it was put aside."""
    ends = _put_aside(row.id), Account(to, AccountRole.WALLET)
    entries = books.entries(row.given, municipality=row.municipality)
    return tuple(Leg(*ends, entry.amount, (entry.credit_lot,)) for entry in entries)


def _closing(row: Gift, template: str, *, to: UUID, kind: PurseKindView, by: Actor, at: datetime) -> Posting:
    """What ends a gift: all of it goes to this wallet, and its key is used up."""
    return Posting(
        key=f"{template}:{row.id}", template=template, legs=_ending(row, to=to), at=at, by=str(by.role),
        about=_about(row.id, kind), once=_used_once(row),
    )  # fmt: skip


def _close(row: Gift, made: Verdict, *, at: datetime) -> None:
    row.ended, row.ended_at = made.posting, at
    row.save(update_fields=["taken_by", "ended", "ended_at"])


def _about(gift: UUID, kind: PurseKindView) -> dict[str, str]:
    return {"programme": str(kind.programme), "purse_kind": str(kind.id), "gift": str(gift)}


def _kind_of(row: Gift, *, at: datetime) -> PurseKindView:
    return programmes.rules_in_force(row.municipality, at).purse_kinds[row.purse_kind]


def _tell(row: Gift, words: Wording, *, at: datetime) -> None:
    """A word to the giver, by the town hall's own hand. Who took it is not said."""
    office = Actor(row.municipality, ActorRole.SYSTEM)
    notices.send(row.giver, words, channel="in_app", topic="wallet.gift", by=office, at=at)


def _owner(by: Actor) -> UUID:
    assert by.party is not None  # noqa: S101 - a permission of scope OWN has an owner
    return by.party
