"""Paying, for everybody who waits at that moment: look up codes and wallets at once, prepare, post, answer.

No ORM row is written here. A request that a lost reply makes a phone send again must find its payment even when the
code has run out meanwhile: so before "too late" is said, the books are asked whether it was made in time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.db import InterfaceError, OperationalError, close_old_connections, connections

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.poster import Poster
from meguri.ledger.rules import LEDGER_BUSY, USED_ONCE
from meguri.ledger.templates import AccountRole
from meguri.ledger.wall import name_municipality
from meguri.parties import queries as parties
from meguri.programmes.operations import CampaignLots
from meguri.tills.earning import Answer, earned_before, post_and_grant
from meguri.tills.knowledge import Knowledge, TownKnowledge, kinds_of
from meguri.tills.models import ShownCode
from meguri.tills.rules import (
    CODE_EXPIRED,
    CODE_LIFE,
    CODE_UNKNOWN,
    CODE_USED_HERE,
    SHOP_NOT_ACCEPTING,
    SHOP_NOT_REGISTERED,
    Asked,
    Payment,
    Prepared,
    payment_of,
    prepare,
    refusal_of,
)
from meguri.wallets import queries as wallets
from meguri.wallets.operations import WALLET_SUSPENDED, WALLET_UNKNOWN
from meguri.wallets.paper import moment
from meguri.words.gathering import Relay
from meguri.words.refusal import Refusal

BATCH_MAX = 1_000
WAITING_MAX = 4_000
WORTH_A_LOOK = 50
"""So many payments are worth a look of their own while others are being posted."""

_Item = TypeVar("_Item")
_Found = TypeVar("_Found")


class _Desk:
    """Where requests are looked at: their codes, wallets and shops, by what the tills know. For one thread."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge

    def prepare(self, batch: Sequence[Asked]) -> list[Prepared | Exception]:
        """What each request is to post, or why not; one for each, in order."""
        return _town_by_town(batch, [asked.municipality for asked in batch], work=self._prepare)

    def _prepare(self, batch: Sequence[Asked], municipality: int) -> list[Prepared | Exception]:
        return _patiently(lambda: self._look(batch, municipality))

    def _look(self, batch: Sequence[Asked], municipality: int) -> list[Prepared | Exception]:
        self._knowledge.listen(municipality)
        people = _People(batch, municipality=municipality)
        town = self._knowledge.of(municipality, at=min(asked.at for asked in batch))
        return [_answer(asked, people=people, town=town) for asked in batch]


class _Books:
    """Where what was prepared is posted: the way to the books, one batch behind the other.

    For one thread at a time. Where that is the desk's, both share a connection: so the desk is told of a named town.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge, self._poster, self._lots = knowledge, Poster(), CampaignLots()

    def serve(self, batch: Sequence[Prepared]) -> list[Payment | Exception]:
        """Pay what was prepared: one answer for each, in order."""
        return _town_by_town(batch, [each.asked.municipality for each in batch], work=self._pay)

    def close(self) -> None:
        """Let the connections of this thread go."""
        self._poster.close()
        connections.close_all()

    def _pay(self, batch: Sequence[Prepared], municipality: int) -> list[Payment | Exception]:
        refused = [each.objection and self._refused(each) for each in batch]
        good = [each for each, refusal in zip(batch, refused, strict=True) if refusal is None]
        answers = iter(self._post(good, municipality))
        return [
            refusal or self._conclude(each, next(answers)) for each, refusal in zip(batch, refused, strict=True)
        ]

    def _post(self, good: Sequence[Prepared], municipality: int) -> Iterable[Answer]:
        """By the poster; only where a campaign may reward somebody, with the grants in the same transaction."""
        if any(each.live for each in good):
            self._knowledge.forget_named()
            return post_and_grant(good, lots=self._lots, municipality=municipality)
        verdicts = self._poster.post([each.posting for each in good], municipality=municipality)
        return ((verdict, ()) for verdict in verdicts)

    def _refused(self, prepared: Prepared) -> Refusal | None:
        """Asked here, behind all earlier batches: so whoever was paid a moment ago is found."""
        key, municipality = prepared.asked.key, prepared.asked.municipality
        made = self._ask(municipality, lambda: ledger.look_up(key, municipality=municipality))
        if made is not None or prepared.objection is None:
            return None
        if prepared.objection.kind in (CODE_EXPIRED, CODE_UNKNOWN):
            return self._used(prepared.asked) or prepared.objection
        return prepared.objection

    def _used(self, asked: Asked) -> Refusal | None:
        return self._ask(asked.municipality, lambda: _used_before(asked))

    def _conclude(self, prepared: Prepared, answer: Answer) -> Payment | Refusal:
        (verdict, earned), asked = answer, prepared.asked
        kinds, town = prepared.kinds, asked.municipality
        if isinstance(verdict, Refusal):
            used = self._used(asked) if verdict.kind is USED_ONCE else None
            return used or refusal_of(asked, refused=verdict)
        if verdict.replayed:  # it may have been paid with money that is no longer good
            lots = [taken.debit_lot for taken in verdict.taken]
            kinds = self._ask(town, lambda: kinds_of(lots, municipality=town))
            earned = self._ask(town, lambda: earned_before(verdict, at=asked.at, municipality=town))
        return payment_of(asked, verdict=verdict, kinds=kinds, earned=earned)

    def _ask(self, municipality: int, look: Callable[[], _Found]) -> _Found:
        """What is rarely asked beside the posting."""

        def named() -> _Found:
            self._knowledge.forget_named()
            name_municipality(municipality)
            return look()

        return _patiently(named)


def _used_before(asked: Asked) -> Refusal | None:
    """That the shown code has paid already, if so: with time and sum to the shop that took it, to no other."""
    town = asked.municipality
    made = ledger.look_up(asked.once or "", municipality=town)
    posting = books.posting(made, municipality=town) if made else None
    if posting is None:
        return None
    if posting.about.get("shop") != str(asked.shop):
        return USED_ONCE.refusal(field="code")
    wallet = [each for each in books.entries(posting.id, municipality=town) if each.debit.role is AccountRole.WALLET]
    yen = sum(entry.amount for entry in wallet)
    return CODE_USED_HERE.refusal(field="code", when=moment(posting.effective_at), amount=yen)


def _town_by_town(
    batch: Sequence[_Item], towns: Sequence[int], *, work: Callable[[Sequence[_Item], int], Sequence[_Found]]
) -> list[_Found]:
    if len(named := set(towns)) == 1:
        return list(work(batch, named.pop()))
    found: dict[int, _Found] = {}
    for municipality in named:
        places = [place for place, town in enumerate(towns) if town == municipality]
        found |= zip(places, work([batch[place] for place in places], municipality), strict=True)
    return [found[place] for place in range(len(batch))]


def _patiently(look: Callable[[], _Found]) -> _Found:
    try:
        return look()
    except (OperationalError, InterfaceError):  # a restart of the database breaks the connection once
        close_old_connections()
        return look()


class _People:
    """Whose codes a batch shows, and whether their wallets may pay."""

    def __init__(self, batch: Sequence[Asked], *, municipality: int) -> None:
        digests = [asked.code_digest for asked in batch if asked.code_digest]
        self._codes = _codes(digests, municipality=municipality)
        holders = [asked.holder for asked in batch if asked.holder]
        holders += [holder for holder, _ in self._codes.values()]
        self._not_paying = wallets.not_paying(holders, municipality=municipality)

    def holder(self, asked: Asked) -> tuple[UUID | None, Refusal | None]:
        """Who pays, and why not, if so."""
        if asked.code_digest is None:
            return asked.holder, self._objection(asked.holder) if asked.holder else None
        if asked.code_digest not in self._codes:
            return None, CODE_UNKNOWN.refusal(field="code")
        holder, expires_at = self._codes[asked.code_digest]
        if asked.at >= expires_at:
            return holder, CODE_EXPIRED.refusal(field="code", seconds=int(CODE_LIFE.total_seconds()))
        return holder, self._objection(holder)

    def _objection(self, holder: UUID) -> Refusal | None:
        if not self._not_paying or holder not in self._not_paying:
            return None
        return WALLET_SUSPENDED.refusal() if self._not_paying[holder] else WALLET_UNKNOWN.refusal()


def _answer(asked: Asked, *, people: _People, town: TownKnowledge) -> Prepared | Exception:
    holder, objection = people.holder(asked)
    objection = objection or _shop_objection(asked, town)
    if holder is None:
        return objection or WALLET_UNKNOWN.refusal()
    live = town.campaigns(asked.shop, at=asked.at)
    return prepare(
        asked, holder=holder, accepted=town.accepted(asked.shop, at=asked.at), objection=objection, live=live,
        shop_facts=town.facts(asked.shop) if live else None,
    )  # fmt: skip


def _shop_objection(asked: Asked, town: TownKnowledge) -> Refusal | None:
    facts = town.shops.get(asked.shop)
    if facts is None:
        return SHOP_NOT_REGISTERED.refusal(field="shop")
    if not facts.open:
        shop = parties.shop(asked.shop, municipality=asked.municipality)
        return SHOP_NOT_ACCEPTING.refusal(field="shop", shop=shop.name_ja if shop else "")
    return None


def _codes(digests: Sequence[bytes], *, municipality: int) -> Mapping[bytes, tuple[UUID, datetime]]:
    if not digests:
        return {}
    rows = ShownCode.objects.filter(municipality=municipality, digest__in=digests)
    return {
        bytes(digest): (holder, expires)
        for digest, holder, expires in rows.values_list("digest", "holder", "expires_at")
    }


Payments = Relay[Asked, Prepared, Payment]
_gatherer: Payments | None = None
_opening = threading.Lock()


def gatherer() -> Payments:
    """The one gatherer of payments in this process; it starts with the first call."""
    global _gatherer  # noqa: PLW0603 - one per process is the design
    with _opening:
        if _gatherer is None:
            knowledge = Knowledge()
            books = _Books(knowledge)
            _gatherer = Relay(
                _Desk(knowledge).prepare, books.serve, name="payments", busy=LEDGER_BUSY, batch_max=BATCH_MAX,
                waiting_max=WAITING_MAX, enough=WORTH_A_LOOK, at_ends=(connections.close_all, books.close),
            )  # fmt: skip
        return _gatherer


def submit(asked: Asked) -> Future[Payment]:
    """Queue a request to pay."""
    return gatherer().submit(asked)


def stop() -> None:
    """Serve what waits and end the thread, if it ever started; the next request starts another."""
    global _gatherer
    with _opening:
        stopping, _gatherer = _gatherer, None
    if stopping is not None:
        stopping.close()
