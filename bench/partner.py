"""A partner's deeds by file and by API, and a budget that more grants want at once than it can pay.

Deeds come as a partner sends them: a thousand lines a file, or a thousand deeds a request over the public API. The
budget is attacked from two sides, as a town's servers do it: grants gathered into batches, and grants one by one from
threads of their own. What was granted and what the books say is left must be the budget, to the yen.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count, islice
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.test import Client, override_settings

from bench.measures import progress, side_by_side, tell
from bench.pay import launched, moved
from meguri.faces.entrance.tokens import mint_token
from meguri.ledger import operations as ledger
from meguri.ledger.wall import name_municipality
from meguri.parties import operations as parties
from meguri.parties.rules import Both
from meguri.programmes import queries
from meguri.programmes.points import operations as points
from meguri.programmes.points import serving
from meguri.programmes.points.delivering import Deed, deliver, read_deeds
from meguri.programmes.shipped import shipped
from meguri.programmes.terms import from_tree, to_tree
from meguri.wallets.operations import open_wallets
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal

DEEDS = int(os.environ.get("MEGURI_BENCH_DEEDS", "100000"))
LINES, ROUNDS, PLENTY = 1_000, 2, 10**9
BUDGET_YEN, ATTACKERS, GRANT_YEN, THREADS = 1_000_000, 2_000, 1_000, 16
DELIVERED, ATTACKED = 91, 92
CODE = "my-bottle"


@dataclass
class Place:
    """A town with people, a points programme that a company helps to pay, and that company's own place."""

    number: int
    at: datetime
    company: UUID
    programme: UUID
    action: UUID
    people: list[UUID]

    def deeds(self) -> Iterator[tuple[str, UUID, datetime]]:
        """Number, person and time of ever more deeds: everybody once on a day, then everybody on the day before."""
        for turn in count():
            for person in self.people:
                yield f"{turn}-{person}", person, self.at - timedelta(days=turn)

    def granted(self) -> int:
        """What the shares say that the funders have carried (yen)."""
        found = queries.agreements(self.programme, municipality=self.number)
        return sum(share.granted_yen for each in found for share in each.shares)

    def left(self) -> int:
        """What the books say is left in the funds (yen)."""
        return sum(fund.budget.left_yen for fund in queries.funds(self.number, programme=self.programme))


def founded(number: int, *, people: int, budget: int, yen: int, evidence: str = "partner_confirms") -> Place:
    """The shipped points, with a budget and an action of our own; three of ten yen are the company's."""
    at, system = datetime.now(UTC), Actor(number, ActorRole.SYSTEM)
    ledger.open_municipality(
        municipality=number, code=f"bench-partner-{number}", name_ja="計測市", name_en="Bench City", kind="real"
    )
    company = parties.register_sponsor(name_ja="計測電力", name_en="Bench Power", by=system, at=at)
    found = _people(people, by=system, at=at)
    terms = _terms(company, at=at, budget=budget, yen=yen, evidence=evidence)
    programme = launched(terms, at=at - timedelta(days=30), town=number)
    made = next(each for each in queries.funds(number, payer=str(company))).programme
    maker = Actor(number, ActorRole.MAKER, uuid4(), terms.department)
    action = points.open_action(programme=made, code=CODE, by=maker, at=at - timedelta(days=30))
    points.open_place(action=action, name=Both("店", "Shop"), by=maker, at=at, host=company, rotating=False)
    assert programme.funds  # noqa: S101 - it was launched
    return Place(number, at, company, made, action, found)


def _people(many: int, *, by: Actor, at: datetime) -> list[UUID]:
    found = [uuid4() for _ in range(many)]
    for start in range(0, many, 5_000):
        part = found[start : start + 5_000]
        parties.register_residents([
            parties.ResidentEntry(
                birth_date=date(1970, 1, 1), ward="a", moved_in=date(2000, 1, 1), household_number=str(who), id=who
            )
            for who in part
        ], by=by, at=at)  # fmt: skip
        open_wallets(part, by=by, at=at)
    return found


def _terms(company: UUID, *, at: datetime, budget: int, yen: int, evidence: str) -> Any:
    shipped_terms = next(each for each in shipped().values() if each.family == "point")
    tree: Any = to_tree(moved(shipped_terms, years=at.year - 2025))
    tree["sources"] = []
    town, sponsor = tree["funds"]
    tree["funds"] = [
        {**town, "amount_yen": budget * 7 // 10},
        {**sponsor, "amount_yen": budget - budget * 7 // 10, "payer": str(company)},
    ]
    tree["agreements"][0]["shares"] = [{"fund": "town", "share_bp": 7_000}, {"fund": "sponsor", "share_bp": 3_000}]
    (action,) = [each for each in tree["obtaining"]["actions"] if each["code"] == CODE]
    tree["obtaining"] |= {
        "actions": [{**action, "yen": yen, "evidence": evidence}], "limits": [], "missions": [],
        "window": {**tree["obtaining"]["window"], "first_day": date(at.year - 1, 4, 1)},
    }  # fmt: skip
    return from_tree(tree)


def by_file(place: Place, deeds: list[tuple[str, UUID, datetime]]) -> int:
    """A partner's file of these deeds is read and delivered; gives how many were granted."""
    lines = [f"{number},{CODE},{who},{at.isoformat()}" for number, who, at in deeds]
    read = read_deeds("\n".join(["番号,行動,人,日時", *lines]).encode())
    found = [each for _, each in read if isinstance(each, Deed)]
    by = Actor(place.number, ActorRole.PARTNER, place.company)
    answers = deliver(found, programme=place.programme, by=by, at=place.at)
    return sum(not isinstance(each, Refusal) and each.state == "granted" for each in answers)


def by_api(place: Place, deeds: list[tuple[str, UUID, datetime]]) -> int:
    """The same by one request of the public API."""
    rows = [{"number": number, "action": CODE, "resident": str(who), "done_at": at.isoformat()}
            for number, who, at in deeds]  # fmt: skip
    token = mint_token(Actor(place.number, ActorRole.PARTNER, place.company), scopes=["action.attest"], seconds=3_600)
    with override_settings(MUNICIPALITY=place.number, ALLOWED_HOSTS=["*"]):
        answer = Client().post(
            "/api/v1/actions/deliveries", {"programme": str(place.programme), "deeds": rows},
            content_type="application/json", headers={"Authorization": f"Bearer {token}"},
        )  # fmt: skip
    if answer.status_code != 200:
        raise SystemExit(f"partner: the API said {answer.status_code}: {answer.content[:300]!r}")
    return sum(each["state"] == "granted" for each in json.loads(answer.content)["answers"])


def attacked(place: Place, *, threads: int) -> tuple[int, int]:
    """Everybody wants a grant at one moment; gives how many got one, and how many were refused."""
    name_municipality(place.number)
    half = len(place.people) // 2

    def report(who: UUID) -> points.Report:
        by = Actor(place.number, ActorRole.RESIDENT, who)
        return points.Report(action=place.action, by=by, request=uuid4(), done_at=place.at)

    def alone(who: UUID) -> bool:
        name_municipality(place.number)
        try:
            by = Actor(place.number, ActorRole.RESIDENT, who)
            points.record_action(action=place.action, by=by, at=place.at, request=uuid4())
        except Refusal:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(threads) as pool:
        one_by_one = [pool.submit(alone, who) for who in place.people[:half]]
        coming = [serving.Coming(report(who), place.number, place.at) for who in place.people[half:]]
        gathered = [not isinstance(each, Refusal) for each in serving.record_all_soon(coming)]
        got = sum(gathered) + sum(each.result() for each in one_by_one)
    return got, len(place.people) - got


def run() -> None:
    """Print the measures of this group."""
    _deliver()
    progress("partner.budget_over_yen")
    place = founded(ATTACKED, people=ATTACKERS, budget=BUDGET_YEN, yen=GRANT_YEN, evidence="device")
    begun = time.perf_counter()
    attacked(place, threads=THREADS)
    took, granted = time.perf_counter() - begun, place.granted()
    if granted != BUDGET_YEN or place.left() != BUDGET_YEN - granted:
        raise SystemExit(f"partner: {granted} yen were granted of {BUDGET_YEN}, and {place.left()} are left")
    tell(name="partner.budget_over_yen", value=granted - BUDGET_YEN, unit="yen", runs=[took])
    serving.stop()


def _deliver() -> None:
    progress("partner: founding a town")
    place = founded(DELIVERED, people=max(LINES, DEEDS // 2), budget=PLENTY, yen=10)
    name_municipality(DELIVERED)
    deeds = place.deeds()

    def rate(way: Any) -> float:
        begun, wanted = time.perf_counter(), max(LINES, DEEDS // ROUNDS)
        done = sum(way(place, list(islice(deeds, LINES))) for _ in range(wanted // LINES))
        if done != wanted:
            raise SystemExit(f"partner: only {done} of {wanted} deeds were granted, so there is nothing to tell")
        return wanted / (time.perf_counter() - begun)

    side_by_side(
        name="partner.deeds_by_file", unit="deeds/s", run=lambda: rate(by_file), against="by the API",
        control=lambda: rate(by_api), rounds=ROUNDS,
    )  # fmt: skip
