"""The town in November with everybody in it, each with a browser, and one object of every kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.test import Client
from django.urls import URLResolver, get_resolver

from meguri.ledger import queries as books
from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole
from meguri.parties import operations as parties
from meguri.parties import queries as people
from meguri.programmes.benefits import queries as benefits
from meguri.programmes.operations.proposing import Proposed, propose_action
from meguri.programmes.points import operations as deeds
from meguri.programmes.points import queries as points
from meguri.programmes.points.operations import bring_steps
from meguri.programmes.points.photos import photographed
from meguri.programmes.points.step_rules import StepSource
from meguri.programmes.vouchers import queries as vouchers
from meguri.settlement import queries as settlement
from meguri.wallets.print_runs import approve_print_run, booklet_id, order_print_run
from meguri.words.actor import ActorRole
from tests.faces.office.kept_dry_run import draft_tried
from tests.faces.office.lived import Office
from tests.faces.people import browser_of
from tests.parties.test_sponsoring import ENTRY
from tests.pictures import photo

OFFICERS = (
    "maker:commerce", "checker:commerce", "maker:planning", "checker:planning", "maker:welfare", "checker:welfare",
    "accountant:accounting", "analyst:planning", "operator:planning",
)  # fmt: skip


@dataclass(frozen=True)
class Everybody:
    """Browsers by role, and the objects' ids by the name in addresses. All objects are the first ones' own."""

    browsers: dict[str, Client]
    objects: dict[str, object]

    def path(self, route: str) -> str:
        """The address of a route for the objects above; an invented number for a kind that has none."""
        plain = re.sub(r"\(\?P<(\w+)>[^)]*\)|<(?:\w+:)?(\w+)>", lambda m: str(self.objects[m[1] or m[2]]), route)
        return "/" + plain.replace("^", "").replace("$", "")


def gather(office: Office) -> Everybody:
    """Everybody of a lived and settled town."""
    town = office.town
    browsers = {
        "visitor": Client(),
        "resident": browser_of(town, town.holder),
        "neighbour": browser_of(town, town.other),
    }
    for name, role, shop in (
        ("clerk", ActorRole.CLERK, town.small_shop), ("owner", ActorRole.OWNER, town.small_shop),
        ("other_owner", ActorRole.OWNER, town.large_shop),
    ):  # fmt: skip
        member = uuid4()
        parties.join_shop(shop, member=member, role=role, by=office.system, at=town.at)
        browsers[name] = browser_of(town, member)
    browsers |= {key: office.browser(key) for key in OFFICERS}
    sponsor = parties.register_sponsor(name_ja="架空社", name_en="Invented", by=office.system, at=town.at)
    speaker = uuid4()
    parties.join_sponsor(sponsor, member=speaker, by=office.system, at=town.at)
    browsers["partner"] = browser_of(town, speaker)
    return Everybody(browsers, _objects(office))


def _photographed(office: Office) -> dict[str, object]:
    """An action that is shown by a photo, and the photo that the holder sent."""
    town = office.town
    action = deeds.open_action(
        programme=office.programme("point"), code="litter", by=office.officer("maker:planning"), at=town.at
    )
    made = deeds.send_photo(
        action=action, request=uuid4(), data=photo(1), told="", by=town.resident, at=town.at
    )
    found = photographed(made.record, municipality=office.number)
    return {"action": action, "deed": made.record, "photo": found.photos[0].id}


def _objects(office: Office) -> dict[str, object]:
    town, number = office.town, office.number
    (sale,) = vouchers.sales(number)
    (listed,) = benefits.lists(number)
    (entitled,) = benefits.entitlements(listed.id, municipality=number, at=town.at)
    (run,) = settlement.runs(number)
    (statement,) = settlement.statements(municipality=number, at=town.at, shop=town.small_shop)
    paid = books.statement(Account(town.holder, AccountRole.WALLET), municipality=number)
    shop = people.shop(town.small_shop, municipality=number)
    assert shop is not None
    found: dict[str, object] = {
        "payment": next(line.posting for line in paid if line.template == "pay"), "sale": sale, "run": run.id,
        "application": vouchers.applications_of(town.holder, municipality=number)[0].id, "entitlement": entitled.id,
        "statement": statement.id, "programme": office.programme("voucher"), "place": _place(office),
        "benefit_list": listed.id, "shop": town.small_shop, "code": shop.code, "member": uuid4(),
        "print_run": (printed := _printed(office)), "booklet": booklet_id(printed, 1),
        "year": 2025, "number": 1, "record": points.records(office.programme("point"), municipality=number)[0].id,
    }  # fmt: skip
    found["dry_run"] = draft_tried(office)[1]
    commuting = town.actor(ActorRole.RESIDENT)
    found["commuter"] = parties.declare_commuter(
        kind="work", place="架空製作所", name="外山 通", birth_date=date(1990, 6, 15), by=commuting, at=town.at
    )
    found["brought"] = bring_steps(
        {town.at.date(): 9_000}, source=StepSource.CSV, digest="ab" * 32, by=town.resident, at=town.at
    )
    found |= _photographed(office)
    found["sponsor"] = people.sponsors(number)[-1].id
    token = parties.apply_as_sponsor(ENTRY, by=town.actor(ActorRole.VISITOR), at=town.at)
    asked = people.sponsor_application_of(token, municipality=number)
    assert asked is not None
    found["sponsor_application"] = asked.id
    found["proposal"] = propose_action(
        Proposed(programme=office.programme("point"), name_ja="架空の行動", name_en="Invented", yen=10,
                 first_day=town.at.date(), last_day=town.at.date(), place="", evidence="partner_confirms"),
        by=town.actor(ActorRole.PARTNER, party=people.sponsors(number)[-1].id), at=town.at,
    )  # fmt: skip
    found["kind"] = "pdf"
    found |= {"order": uuid4(), "endpoint": uuid4(), "receipt": uuid4(), "gift": uuid4(), "cause": uuid4(),
              "donation": uuid4(), "provider": "slip"}
    found |= {"posting": found["payment"], "first": 1, "second": 2}
    return found | {"token": "nobody", "key": "nobody", "name": "nobody", "pk": 1, "uidb36": "1"}


def _printed(office: Office) -> UUID:
    maker, checker, at = office.officer("maker:commerce"), office.officer("checker:commerce"), office.town.at
    run = order_print_run(programme=office.programme("voucher"), face_yen=1_000, booklets=2, by=maker, at=at)
    approve_print_run(run, by=checker, at=at)
    return run


def _place(office: Office) -> UUID:
    bus = points.action_by_code(office.programme("point"), "bus", municipality=office.number)
    assert bus is not None
    return points.places(bus, municipality=office.number)[0].id


def routes(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    """Every address of the site, as its pattern says it."""
    for pattern in (resolver or get_resolver()).url_patterns:
        here = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, here)
        else:
            yield here
