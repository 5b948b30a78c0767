"""A town whose voucher is sold on paper: 12,000 yen a booklet, eight common notes and four for small shops, 1,000 each.

Common notes hold a paid and a granted part (7,000 and 1,000), so no note's split is even; small shops' ones the same
(3,000 and 1,000).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from django.conf import settings

from meguri.ledger import operations as ledger
from meguri.ledger import queries as books
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.programmes import operations as programmes
from meguri.programmes import queries
from meguri.programmes.shipped import shipped
from meguri.programmes.terms import ProgrammeTerms, from_tree, to_tree
from meguri.tills.deliveries import Counted, count_notes
from meguri.wallets import booklets, print_runs
from meguri.wallets.notes import Serial, link
from meguri.words.actor import Actor, ActorRole
from tests.town import Town, found_town

FACE = {"paid": 7_000, "premium": 1_000, "small": 3_000, "small-premium": 1_000}
COMMON, SMALL, NOTES, FACE_YEN = 8, 4, 12, 1_000
BOOKLET_YEN = NOTES * FACE_YEN
SMALL_ONLY = {"kind": "compare", "field": "size_class", "op": "==", "value": "small"}


def paper_terms() -> ProgrammeTerms:
    """The shipped voucher, sold in two tranches."""
    tree = to_tree(next(each for each in shipped().values() if each.family == "voucher"))
    purses = {purse["code"]: purse for purse in tree["purses"]}  # type: ignore[attr-defined]
    tree["purses"] = [
        purses["premium"], purses["paid"],
        *({**purses[like], "code": code, "where": SMALL_ONLY} for code, like in
          (("small-premium", "premium"), ("small", "paid"))),
    ]  # fmt: skip
    tree["obtaining"]["face"] = [{"purse": code, "yen": yen} for code, yen in FACE.items()]  # type: ignore[index]
    tree["sources"] = []
    return from_tree(tree)


@dataclass
class Paper:
    """The town, its voucher, and an approved run of booklets. `sell` fills booklets as the counter would."""

    town: Town
    run: UUID = field(default_factory=uuid4)
    number: int = 1

    @property
    def municipality(self) -> int:
        return self.town.municipality

    @property
    def maker(self) -> Actor:
        return self.town.makers["commerce"]

    @property
    def checker(self) -> Actor:
        return self.town.checkers["commerce"]

    @property
    def programme(self) -> UUID:
        found = queries.programmes(self.municipality)
        return next(each.id for each in found if each.family == "voucher")

    def order(self, booklets: int = 20, *, face_yen: int = FACE_YEN) -> UUID:
        return print_runs.order_print_run(
            programme=self.programme, face_yen=face_yen, booklets=booklets, by=self.maker, at=self.town.at
        )

    def cover(self, number: int = 1) -> Serial:
        return Serial(self.municipality, self.number, number)

    def code(self, booklet: int, note: int) -> str:
        """What a scanner reads off a note."""
        key = print_runs.run_key(self.run, self.municipality)
        return link(self.cover(booklet).of(note), host=settings.OFFICIAL_HOST, key=key)

    def codes(self, booklet: int, notes: Iterable[int] = range(1, NOTES + 1)) -> list[str]:
        return [self.code(booklet, note) for note in notes]

    def bought(self, units: int = 1, *, holder: UUID | None = None) -> UUID:
        """A purchase as the sale posts it: money in, every part of the units into the buyer's wallet."""
        wallet = Account(holder or self.town.holder, AccountRole.WALLET)
        ledger.open_accounts([wallet], municipality=self.municipality)
        legs = [self._leg(code, yen * units, wallet) for code, yen in FACE.items()]
        posting = Posting(key=f"sell:{uuid4()}", template="sell_voucher", legs=tuple(legs), at=self.town.at, by="test")
        return ledger.post(posting, municipality=self.municipality).posting

    def _leg(self, code: str, yen: int, wallet: Account) -> Leg:
        kind = self.town.kind(code)
        wanted = "buyers" if kind.part == "paid" else "department"
        found = {each.id: each.funder for each in queries.funds(self.municipality, programme=kind.programme)}
        fund = next(each for each, funder in found.items() if (funder == "buyers") == (wanted == "buyers"))
        system = self.town.actor(ActorRole.SYSTEM)
        lot = programmes.open_lot(
            purse_kind=kind.id, fund=fund, holder=wallet.owner, obtained_at=self.town.at, by=system
        )
        if kind.part == "paid":
            return Leg(Account(fund, AccountRole.CASH_RECEIVED), wallet, yen, (lot,))
        own = ledger.fund_lot(fund, municipality=self.municipality)
        return Leg(Account(fund, AccountRole.FUND), wallet, yen, (own,), credit_lot=lot)

    def sell(self, *numbers: int) -> int:
        covers = [self.cover(each) for each in numbers]
        return booklets.hand_over(posting=self.bought(len(numbers)), booklets=covers, by=self.maker, at=self.town.at)

    def count(
        self, codes: Sequence[str], *, by: Actor | None = None, delivery: UUID | None = None,
        at: datetime | None = None, **more: object,
    ) -> Counted:
        """Count at the small shop, unless somebody else does."""
        actor = by or self.town.at_small_shop
        return count_notes(
            shop=actor.shop or self.town.small_shop, delivery=delivery or uuid4(), notes=codes, by=actor,
            at=at or self.town.at, **more,  # type: ignore[arg-type]
        )

    def held(self, owner: UUID, role: AccountRole = AccountRole.WALLET) -> int:
        return sum(each.amount for each in books.balances([owner], role, municipality=self.municipality))

    def takings(self, shop: UUID | None = None) -> int:
        return self.held(shop or self.town.small_shop, AccountRole.SHOP)

    def booklet(self, number: int) -> UUID:
        return print_runs.booklet_id(self.run, number)


def found_paper(booklets: int = 20) -> Paper:
    """The town with an approved run."""
    documents = [each for each in shipped().values() if each.family != "voucher"]
    paper = Paper(found_town([paper_terms(), *documents]))
    paper.run = paper.order(booklets)
    print_runs.approve_print_run(paper.run, by=paper.checker, at=paper.town.at)
    return paper


def states(counted: Counted) -> list[str]:
    """What became of each scan: its state, or the code of its no."""
    return [each.refusal.code if each.refusal else each.state for each in counted.verdicts]
