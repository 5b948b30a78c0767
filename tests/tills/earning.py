"""A town in which payments earn: paid value, a programme of campaigns, and what the books say afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from meguri.ledger import queries as books
from meguri.ledger.rules import Verdict
from meguri.ledger.templates import AccountRole
from meguri.programmes import operations as programmes
from meguri.programmes import queries
from meguri.programmes.campaigns import Earned, shop_facts_of
from meguri.programmes.operations import CampaignLots
from meguri.programmes.shipped import shipped
from meguri.programmes.terms import ProgrammeTerms
from meguri.tills import operations
from meguri.tills.earning import post_and_grant
from meguri.tills.knowledge import TownKnowledge
from meguri.tills.rules import Payment, prepare
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.programmes.builders import VOUCHER
from tests.programmes.campaigning import campaigns
from tests.town import Town, found_town


@dataclass
class Earning:
    """The town and what its people do."""

    town: Town
    lots: CampaignLots = field(default_factory=CampaignLots)

    def pay(self, yen: int, *, shop: UUID | None = None, holder: UUID | None = None, request: str = "",
            minutes: int = 0) -> Payment:  # fmt: skip
        """By the tills' own threads, as phones do."""
        who = holder or self.town.holder
        asked = operations.ask_at_shop(
            by=self.town.actor(ActorRole.RESIDENT, party=who), at=self.town.at + timedelta(minutes=minutes), holder=who,
            shop=shop or self.town.small_shop, amount_yen=yen, request=request or str(uuid4()),
        )  # fmt: skip
        return operations.pay(asked)

    def pay_here(
        self, yen: int, *, holder: UUID | None = None, shop: UUID | None = None, request: str = ""
    ) -> tuple[Verdict | Refusal, tuple[Earned, ...]]:
        """The same on this very connection, for tests whose town is rolled back."""
        town, who, shop = self.town, holder or self.town.holder, shop or self.town.small_shop
        asked = operations.ask_at_shop(
            by=town.actor(ActorRole.RESIDENT, party=who), at=town.at, holder=who, shop=shop, amount_yen=yen,
            request=request or str(uuid4()),
        )  # fmt: skip
        known = TownKnowledge(town.municipality, at=town.at)
        prepared = prepare(
            asked, holder=who, accepted=known.accepted(shop, at=town.at),
            live=known.campaigns(shop, at=town.at),
            shop_facts=shop_facts_of(known.shops[shop]),
        )  # fmt: skip
        (answer,) = post_and_grant([prepared], lots=self.lots, municipality=town.municipality)
        return answer

    def refund(self, payment: UUID, yen: int | None = None) -> Verdict:
        return operations.refund_payment(
            by=self.town.at_small_shop, at=self.town.at, shop=self.town.small_shop, payment=payment, reason="返品",
            amount_yen=yen, request=str(uuid4()),
        )  # fmt: skip

    def points(self, holder: UUID | None = None) -> int:
        """Points of the campaigns in a wallet."""
        held = books.balances([holder or self.town.holder], AccountRole.WALLET, municipality=self.town.municipality)
        return sum(each.amount for each in held if each.lot.purse_kind == self.kind)

    def debt(self, holder: UUID | None = None) -> int:
        found = books.debts([holder or self.town.holder], municipality=self.town.municipality)
        return sum(each.yen for each in found)

    @property
    def programme(self) -> UUID:
        found = queries.programme_by_code("shopping-campaigns", municipality=self.town.municipality)
        assert found is not None
        return found.id

    @property
    def kind(self) -> UUID:
        found = queries.purse_kind(self.programme, "points", municipality=self.town.municipality)
        assert found is not None
        return found.id

    def funds(self) -> Mapping[str, queries.FundView]:
        found = queries.funds(self.town.municipality, programme=self.programme)
        return {each.code: each for each in found}

    def granted(self) -> dict[str, int]:
        """What the agreement's shares count as carried, by fund."""
        found = queries.agreement(self.programme, "together", municipality=self.town.municipality)
        assert found is not None
        return {share.fund_code: share.granted_yen for share in found.shares}

    def figures(self) -> dict[str, queries.CampaignFigures]:
        found = queries.campaign_figures(self.programme, municipality=self.town.municipality, at=self.town.at)
        return {each.campaign.code: each for each in found}

    def refill(self, fund: str, yen: int) -> None:
        programmes.appropriate_budget(
            fund=self.funds()[fund].id, amount_yen=yen, reason="補正予算", decided_on=self.town.at.date(),
            by=self.town.checkers["planning"], at=self.town.at,
        )  # fmt: skip


def found_earning(
    *written: Mapping[str, Any], paid: int = 50_000, limits: Iterable[Mapping[str, Any]] = (),
    changes: Mapping[str, Any] | None = None,
) -> Earning:
    """Both residents hold so much paid value; only these campaigns run."""
    terms: ProgrammeTerms = campaigns(*written, limits=tuple(limits), changes=changes)
    earning = Earning(found_town([shipped()[VOUCHER], terms]))
    for who in (earning.town.holder, earning.town.other):
        earning.town.give("paid", paid, holder=who)
    return earning
