"""Documents changed in one place, and a town hall that launches them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from meguri.ledger import operations as books
from meguri.ledger import queries as ledger
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.parties import operations as parties
from meguri.parties.operations import ShopEntry
from meguri.programmes import operations, queries
from meguri.programmes.operations import Launched
from meguri.programmes.shipped import shipped
from meguri.programmes.terms import ProgrammeTerms, from_tree, to_tree
from meguri.words.actor import Actor, ActorRole

VOUCHER, POINT, BENEFIT = "nagoya-2025", "green-and-health-points", "child-rearing-benefit"
AT = datetime(2025, 7, 1, 3, 0, tzinfo=UTC)
GONE: Any = object()
"""Given as a value: the field is taken out."""

_numbers = count(7_000)


def tree_of(name: str, changes: dict[str, Any]) -> dict[str, Any]:
    """A shipped document as plain values, changed at paths such as `obtaining.rounds.0.units`."""
    tree = to_tree(shipped()[name])
    for path, value in changes.items():
        put(tree, path, value)
    return tree


def put(tree: Any, path: str, value: Any) -> None:
    """Set the value at a path such as `obtaining.rounds.0.units`; GONE takes it out, one place further adds it."""
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place = tree
    for step in steps:
        place[step] = list(place[step]) if isinstance(place[step], tuple) else place[step]
        place = place[step]
    if value is GONE:
        del place[last]
    elif last == len(place) and isinstance(place, list):
        place.append(value)
    else:
        place[last] = value


def document(name: str = VOUCHER, **changes: Any) -> ProgrammeTerms:
    """A shipped document; keyword arguments change fields of the first level."""
    return from_tree(tree_of(name, changes))


def changed(name: str, changes: dict[str, Any]) -> ProgrammeTerms:
    return from_tree(tree_of(name, changes))


@dataclass
class TownHall:
    """Two officers in each department, and the books of one municipality."""

    municipality: int = field(default_factory=lambda: next(_numbers))
    at: datetime = AT
    people: dict[tuple[str, str], UUID] = field(default_factory=dict)

    def open(self) -> TownHall:
        books.open_municipality(
            municipality=self.municipality, code=f"p{self.municipality}", name_ja="試験町", name_en="Test Town",
            kind="sandbox",
        )
        for code in ("commerce", "planning", "welfare"):
            parties.open_department(code=code, name_ja=code, name_en=code, by=self.system, at=self.at)
        return self

    @property
    def system(self) -> Actor:
        return Actor(self.municipality, ActorRole.SYSTEM)

    def officer(self, role: str, department: str) -> Actor:
        """The same person for the same role and department."""
        person = self.people.setdefault((role, department), uuid4())
        return Actor(self.municipality, ActorRole(role), person, department)

    def shop(self, size_class: str = "small", area: str = "中町") -> UUID:
        entry = ShopEntry(
            name_ja="八百屋まるは", name_en="Maruha", trade="58", area=area, size_class=size_class
        )
        return parties.register_shop(entry, by=self.system, at=self.at)

    def draft(self, terms: ProgrammeTerms) -> UUID:
        return operations.draft_programme(terms=terms, by=self.officer("maker", terms.department), at=self.at)

    def submit(self, terms: ProgrammeTerms) -> UUID:
        programme = self.draft(terms)
        operations.submit_for_launch(
            programme=programme, by=self.officer("maker", terms.department), at=self.at
        )
        return programme

    def launch(self, terms: ProgrammeTerms) -> Launched:
        programme = self.submit(terms)
        return operations.launch(programme=programme, by=self.officer("checker", terms.department), at=self.at)

    def grant(self, made: Launched, purse: str, parts: dict[str, int], *, holder: UUID, at: datetime) -> None:
        """Load a purse from funds, as the three kinds do."""
        kind = made.purse_kinds[purse]
        legs = []
        books.open_accounts([Account(holder, AccountRole.WALLET)], municipality=self.municipality)
        for code, yen in parts.items():
            fund = made.funds[code]
            lot = operations.open_lot(purse_kind=kind, fund=fund, holder=holder, obtained_at=at, by=self.system)
            source = (books.fund_lot(fund, municipality=self.municipality),)
            target = Account(holder, AccountRole.WALLET)
            legs.append(Leg(Account(fund, AccountRole.FUND), target, yen, source, credit_lot=lot))
        posting = Posting(key=f"grant:{uuid4()}", template="grant_points", legs=tuple(legs), at=at, by="test")
        books.post(posting, municipality=self.municipality)

    def fund(self, made: Launched, code: str) -> queries.FundView:
        views = queries.funds(self.municipality, programme=made.programme)
        return next(view for view in views if view.id == made.funds[code])

    def holds(self, holder: UUID) -> int:
        found = ledger.balances([holder], AccountRole.WALLET, municipality=self.municipality)
        return sum(balance.amount for balance in found)

    def later(self, **span: int) -> datetime:
        return self.at + timedelta(**span)
