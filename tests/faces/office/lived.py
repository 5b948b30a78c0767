"""The small town as the office sees it: officers who can sign in, a drawn sale, a held deed, a list, takings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from django.contrib.auth import get_user_model
from django.test import Client

from meguri.faces.entrance.people import HAT
from meguri.faces.entrance.strength import DEMO_ENTRY
from meguri.ledger import operations as ledger
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.parties import operations as parties
from meguri.parties.rules import Both
from meguri.programmes import queries as programmes
from meguri.programmes.benefits import operations as benefits
from meguri.programmes.benefits.operations import Imported
from meguri.programmes.points import operations as points
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.vouchers import operations as vouchers
from meguri.settlement import operations as settlement
from meguri.settlement.queries import RunView
from meguri.vault.operations import make_login, seal
from meguri.vault.rules import Field
from meguri.words.actor import Actor, ActorRole
from tests.town import Town, found_town

DEPARTMENTS = {
    "commerce": ("商工課", "Commerce"), "planning": ("企画課", "Planning"), "welfare": ("福祉課", "Welfare"),
    "accounting": ("会計課", "Accounting"),
}
LONG_AGO = datetime(2025, 4, 2, tzinfo=UTC)


def moment(month: int, day: int) -> datetime:
    """Noon in Japan."""
    return datetime(2025, month, day, 3, tzinfo=UTC)


@dataclass
class Office:
    """The town and its officers by `role:department`."""

    town: Town
    officers: dict[str, Actor] = field(default_factory=dict)
    child: UUID = field(default_factory=uuid4)

    @property
    def number(self) -> int:
        return self.town.municipality

    @property
    def system(self) -> Actor:
        return self.town.actor(ActorRole.SYSTEM)

    def programme(self, family: str) -> UUID:
        return next(each.id for each in programmes.programmes(self.number) if each.family == family)

    def officer(self, key: str) -> Actor:
        """`maker:commerce`, `checker:welfare`, `accountant:accounting`, `accountant:accounting#2` …"""
        if key not in self.officers:
            role, _, department = key.partition("#")[0].partition(":")
            known = {"maker": self.town.makers, "checker": self.town.checkers}.get(role, {})
            party = known[department].party if "#" not in key and department in known else None
            actor = self.town.actor(ActorRole(role), party=party, department=department)
            assert actor.party is not None
            parties.appoint(
                officer=actor.party, role=ActorRole(role), department=department, by=self.system, at=LONG_AGO
            )
            self.officers[key] = actor
        return self.officers[key]

    def browser(self, key: str) -> Client:
        """A browser in which this officer is signed in (strongly, as the demo signs people in)."""
        actor = self.officer(key)
        assert actor.party is not None
        login = make_login(
            municipality=self.number, party=actor.party, at=LONG_AGO, email=f"{actor.party.hex}@town.example", demo=True
        )
        client = Client()
        user = get_user_model().objects.get(pk=login)
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        session = client.session
        session[DEMO_ENTRY], session[HAT] = True, f"{actor.role}:{actor.department}"
        session.save()
        return client

    # --- what has happened -----------------------------------------------------------------------------------------

    def sale(self) -> UUID:
        named = Both("9月4日の日経平均株価の終値", "the Nikkei's close on 4 September")
        return vouchers.open_sale(
            programme=self.programme("voucher"), round_code="first", by=self.officer("checker:commerce"),
            at=moment(7, 20), value_named=named,
        )

    def applied(self, sale: UUID, holder: UUID, units: int = 2) -> vouchers.Applied:
        by = self.town.actor(ActorRole.RESIDENT, party=holder)
        return vouchers.apply(sale=sale, units=units, by=by, at=moment(8, 1))

    def drawn(self, sale: UUID) -> None:
        by = self.officer("checker:commerce")
        vouchers.close_applications(sale=sale, by=by, at=moment(8, 18))
        vouchers.draw_lottery(sale=sale, public_value="42580.27", by=by, at=moment(9, 5))

    def held(self) -> UUID:
        """A health check that waits for the desk."""
        by = self.officer("maker:planning")
        programme = self.programme("point")
        bus = points.open_action(programme=programme, code="bus", by=by, at=self.town.at)
        points.open_place(action=bus, name=Both("駅前の停留所", "Bus stop at the station"), by=by, at=self.town.at)
        action = points.open_action(programme=programme, code="check-up", by=by, at=self.town.at)
        told = points.record_action(action=action, request=uuid4(), by=self.town.resident, at=self.town.at)
        return told.record

    def family(self) -> UUID:
        """A child in the holder's household."""
        entry = parties.ResidentEntry(
            birth_date=date(2018, 6, 1), ward="minato", moved_in=date(2018, 6, 1), household_number="h0", id=self.child
        )
        parties.register_residents([entry], by=self.system, at=LONG_AGO)
        return self.child

    def csv(self) -> bytes:
        return f"person,recipient,amount_yen\n{self.child},{self.town.holder},10000\n".encode()

    def imported(self) -> Imported:
        self.family()
        return benefits.import_list(
            programme=self.programme("benefit"), name="11月分", content=self.csv(), declared_count=1,
            declared_total_yen=10_000, by=self.officer("maker:welfare"), at=moment(10, 1),
        )

    def pay(self, code: str, yen: int, *, shop: UUID | None = None) -> None:
        """Give and spend at once, at the small shop."""
        self.town.give(code, yen)
        kind = self.town.kind(code)
        lots = programmes.lots_by_purse(kind.programme, municipality=self.number, at=self.town.at)[kind.id]
        wallet = Account(self.town.holder, AccountRole.WALLET)
        till = Account(shop or self.town.small_shop, AccountRole.SHOP)
        leg = Leg(wallet, till, yen, tuple(lot.id for lot in lots))
        about = {"shop": str(shop or self.town.small_shop)}
        ledger.post(
            Posting(key=f"pay:{uuid4()}", template="pay", legs=(leg,), at=moment(11, 10), by="test", about=about),
            municipality=self.number,
        )

    def banked(self) -> None:
        """The town and the shop have accounts at the bank."""
        settlement.set_paying_account(
            by=self.officer("accountant:accounting"), at=self.town.at, payer_code="1234567890",
            payer_name="メグリチョウ", bank="0001", branch="001", number="7654321",
        )
        known = {"bank": "0001", "branch": "001", "kind": "1", "number": "1234567"}
        known["holder_kana"] = "カ)カクウシヨウテン"
        for shop in (self.town.small_shop, self.town.large_shop):
            seal(shop, {Field.BANK_ACCOUNT: known}, by=self.system, at=self.town.at)

    def settled(self) -> RunView:
        return settlement.run_settlement(
            by=self.officer("accountant:accounting"), at=self.town.at, cutoff=moment(11, 11)
        )


def found_office(documents: Iterable[ProgrammeTerms] | None = None) -> Office:
    """The town, its departments with names, nobody signed in yet; its programmes as `found_town` starts them."""
    office = Office(found_town(documents))
    for code, (ja, en) in DEPARTMENTS.items():
        parties.open_department(code=code, name_ja=ja, name_en=en, by=office.system, at=LONG_AGO)
    return office


def live(office: Office) -> Office:
    """A town in the middle of November: a drawn sale, a held deed, a decided list, takings of all three kinds."""
    sale = office.sale()
    for holder in (office.town.holder, office.town.other):
        office.applied(sale, holder)
    office.drawn(sale)
    office.held()
    office.imported()
    for code, yen in (("premium", 1_200), ("points", 340), ("benefit", 800)):
        office.pay(code, yen)
    return office


