"""The first step of paying: look up everybody's codes, wallets and shops at once, and prepare the postings.

No ORM row is written here. A request that a lost reply makes a phone send again must find its payment even when the
code has run out meanwhile: so before "too late" is said, the books are asked whether it was made in time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from uuid import UUID

from django.db import InterfaceError, OperationalError, close_old_connections, connections

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.rules import LEDGER_BUSY
from meguri.parties import queries as parties
from meguri.programmes import queries as programmes
from meguri.programmes.rules import spend_order
from meguri.programmes.vocabularies import SHOPS, known
from meguri.tills.models import ShownCode
from meguri.tills.rules import (
    CODE_EXPIRED,
    CODE_LIFE,
    CODE_UNKNOWN,
    SHOP_NOT_ACCEPTING,
    SHOP_NOT_REGISTERED,
    Asked,
    Prepared,
    prepare,
)
from meguri.wallets import queries as wallets
from meguri.wallets.operations import WALLET_SUSPENDED, WALLET_UNKNOWN
from meguri.words.gathering import Gatherer
from meguri.words.predicate import Facts
from meguri.words.refusal import Refusal

BATCH_MAX = 256
WAITING_MAX = 4_000


def facts_of(shops: Iterable[UUID], *, municipality: int) -> dict[UUID, Facts]:
    """The facts of shops that spending rules may read."""
    return {shop: known(facts, SHOPS) for shop, facts in parties.shop_facts(shops, municipality=municipality).items()}


def prepare_all(batch: Sequence[Asked]) -> list[Prepared | Exception]:
    """Prepare a batch, or say for each request why not. One set of queries per municipality."""
    for attempt in (1, 2):
        try:
            return _prepare_all(batch)
        except (OperationalError, InterfaceError):
            close_old_connections()
            if attempt == 2:
                raise
    raise AssertionError("unreachable")


def _prepare_all(batch: Sequence[Asked]) -> list[Prepared | Exception]:
    answers: dict[int, Prepared | Exception] = {}
    for municipality in {asked.municipality for asked in batch}:
        places = [place for place, asked in enumerate(batch) if asked.municipality == municipality]
        town = _Town([batch[place] for place in places], municipality=municipality)
        answers |= {place: town.answer(batch[place]) for place in places}
    return [answers[place] for place in range(len(batch))]


class _Town:
    """What a batch needs to know of one municipality, read once."""

    def __init__(self, batch: Sequence[Asked], *, municipality: int) -> None:
        at = max(asked.at for asked in batch)
        digests = [asked.code_digest for asked in batch if asked.code_digest]
        self.codes = _codes(digests, municipality=municipality)
        holders = {holder for holder, _ in self.codes.values()} | {asked.holder for asked in batch if asked.holder}
        self.suspended = wallets.suspended(holders, municipality=municipality)
        self.shops = parties.shop_facts({asked.shop for asked in batch}, municipality=municipality)
        self.rules = programmes.rules_in_force(municipality, at)
        self.lots = {lot.id: lot for lot in books.spendable_lots(municipality=municipality, at=at)}
        self._orders: dict[UUID, list[int]] = {}

    def answer(self, asked: Asked) -> Prepared | Exception:
        try:
            holder, objection = self._holder(asked)
            objection = objection or self._objection(asked, holder)
            if objection and (holder is None or ledger.look_up(asked.key, municipality=asked.municipality) is None):
                return objection
            assert holder is not None  # noqa: S101 - a missing holder always comes with an objection
            order = self._order(asked.shop, asked.at)
            return prepare(asked, holder=holder, order=order, lots=self.lots, rules=self.rules)
        except Refusal as refusal:
            return refusal

    def _holder(self, asked: Asked) -> tuple[UUID | None, Refusal | None]:
        if asked.code_digest is None:
            return asked.holder, None
        found = self.codes.get(asked.code_digest)
        if found is None:
            return None, CODE_UNKNOWN.refusal(field="code")
        holder, expires_at = found
        if asked.at >= expires_at:
            return holder, CODE_EXPIRED.refusal(field="code", seconds=int(CODE_LIFE.total_seconds()))
        return holder, None

    def _objection(self, asked: Asked, holder: UUID | None) -> Refusal | None:
        if holder not in self.suspended:
            return WALLET_UNKNOWN.refusal()
        if self.suspended[holder]:
            return WALLET_SUSPENDED.refusal()
        if asked.shop not in self.shops:
            return SHOP_NOT_REGISTERED.refusal(field="shop")
        if not self.shops[asked.shop].open:
            shop = parties.shop(asked.shop, municipality=asked.municipality)
            return SHOP_NOT_ACCEPTING.refusal(field="shop", shop=shop.name_ja if shop else "")
        return None

    def _order(self, shop: UUID, at: datetime) -> list[int]:
        if shop not in self._orders:
            facts = known(self.shops[shop], SHOPS) if shop in self.shops else {}
            self._orders[shop] = spend_order(self.lots.values(), rules=self.rules, shop_facts=facts, at=at)
        return self._orders[shop]


def _codes(digests: Sequence[bytes], *, municipality: int) -> Mapping[bytes, tuple[UUID, datetime]]:
    if not digests:
        return {}
    rows = ShownCode.objects.filter(municipality=municipality, digest__in=digests)
    return {
        bytes(digest): (holder, expires)
        for digest, holder, expires in rows.values_list("digest", "holder", "expires_at")
    }


_finder: Gatherer[Asked, Prepared] | None = None
_opening = threading.Lock()


def submit(asked: Asked) -> Future[Prepared]:
    """Queue a request with this process's finder, which starts with the first call."""
    global _finder  # noqa: PLW0603 - one finder per process is the design
    with _opening:
        _finder = _finder or Gatherer(
            prepare_all, name="finder", busy=LEDGER_BUSY, batch_max=BATCH_MAX, waiting_max=WAITING_MAX,
            at_end=connections.close_all,
        )  # fmt: skip
    return _finder.submit(asked)


def stop() -> None:
    """End this process's finder, if it ever started; the next `submit` starts another."""
    global _finder
    with _opening:
        stopping, _finder = _finder, None
    if stopping is not None:
        stopping.close()


def forget_codes(*, at: datetime, municipality: int, keep: timedelta = timedelta(hours=1)) -> int:
    """Delete codes that ran out more than `keep` ago; a code's single use is kept by the books. Returns how many."""
    gone, _ = ShownCode.objects.filter(municipality=municipality, expires_at__lt=at - keep).delete()
    return gone
