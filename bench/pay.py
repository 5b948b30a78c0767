"""Paying over HTTP, signed in, judged, posted and flushed, against a bare ASGI no-op on the same server."""

from __future__ import annotations

import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from bench.measures import ROUNDS, progress, tell
from meguri.faces.entrance.tokens import mint_token
from meguri.ledger import operations as ledger
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.parties import operations as parties
from meguri.parties import queries
from meguri.programmes import operations as programmes
from meguri.programmes.shipped import shipped
from meguri.tills.operations import open_tills
from meguri.wallets.operations import open_wallets
from meguri.words.actor import Actor, ActorRole

TOWN, HOLDERS, SHOPS, CONNECTIONS, SECONDS = 77, 2_000, 50, 200, 5.0


def run() -> None:
    """Print the measures of this group."""
    progress("http: founding a town with wallets, shops and the shipped voucher")
    with tempfile.TemporaryDirectory() as folder:
        requests = Path(folder) / "requests.jsonl"
        requests.write_text("\n".join(json.dumps(each) for each in found()), encoding="utf-8")
        _measure(requests)


def _measure(requests: Path) -> None:
    paid, nothing = [], []
    with _serving("meguri.site.rsgi:build", interface="rsgi") as pay, _serving("bench.noop:application") as noop:
        payments_only(_load(pay, requests, seconds=2))  # the first requests open connections and fill caches
        for step in range(ROUNDS):
            progress(f"http.pay_vs_noop: {step + 1}/{ROUNDS}")
            nothing.append(_load(noop, requests, seconds=SECONDS))
            paid.append(payments_only(_load(pay, requests, seconds=SECONDS)))
    rates, base = [each["per_s"] for each in paid], statistics.median(each["per_s"] for each in nothing)
    value = statistics.median(rates)
    tell(
        name="http.pay_vs_noop", value=value, unit="payments/s", runs=rates, ratio=value / base,
        against=f"bare ASGI no-op: {base:.0f} requests/s",
    )  # fmt: skip
    waits = [each["p99_ms"] for each in paid]
    tell(name="http.pay_200_connections_p99_ms", value=statistics.median(waits), unit="ms", runs=waits)


def payments_only(told: dict[str, Any]) -> dict[str, Any]:
    """What a load told, if every answer was a made payment. SystemExit otherwise: a rate of refusals is no figure."""
    if set(told["statuses"]) != {"201"}:
        raise SystemExit(f"http: not every request was a payment, so there is nothing to tell: {told['statuses']}")
    return told


def found(town: int = TOWN, *, amount_yen: int = 10) -> list[dict[str, object]]:
    """A real municipality (its clock needs no look-up) whose holders can pay; gives one request per holder."""
    at, system = datetime.now(UTC), Actor(town, ActorRole.SYSTEM)
    ledger.open_municipality(
        municipality=town, code=f"bench-http-{town}", name_ja="計測市", name_en="Bench City", kind="real"
    )
    entries = [parties.ShopEntry(name_ja=f"店{n}", name_en=f"Shop {n}", trade="58", area="a") for n in range(SHOPS)]
    shops = [parties.register_shop(entry, by=system, at=at) for entry in entries]
    open_tills(shops, municipality=town)
    holders = [uuid4() for _ in range(HOLDERS)]
    open_wallets(holders, by=system, at=at)
    _give(_voucher(at, town=town), holders, at=at, town=town)
    codes = [found.code for shop in shops if (found := queries.shop(shop, municipality=town))]
    return [_request(holder, random.choice(codes), town=town, amount_yen=amount_yen) for holder in holders]  # noqa: S311 - no secret


def _request(holder: UUID, code: str, *, town: int, amount_yen: int) -> dict[str, object]:
    token = mint_token(Actor(town, ActorRole.RESIDENT, holder), scopes=["till.pay"], seconds=3600)
    body = {"amount_yen": amount_yen, "shop_code": code}
    return {"path": "/api/v1/pay", "headers": {"Authorization": f"Bearer {token}"}, "body": body}


def _voucher(at: datetime, *, town: int) -> programmes.Launched:
    """The shipped voucher, its days moved to this year, in force since before its sale."""
    terms = next(each for each in shipped().values() if each.family == "voucher")
    return launched(moved(terms, years=at.year - 2025), at=at.replace(month=4, day=2), town=town)


def launched(terms: Any, *, at: datetime, town: int) -> programmes.Launched:
    """A document in force."""
    maker = Actor(town, ActorRole.MAKER, uuid4(), terms.department)
    programme = programmes.draft_programme(terms=terms, by=maker, at=at)
    programmes.submit_for_launch(programme=programme, by=maker, at=at)
    return programmes.launch(programme=programme, by=Actor(town, ActorRole.CHECKER, uuid4(), terms.department), at=at)


def moved(terms: Any, *, years: int) -> Any:
    from meguri.programmes.terms import from_tree, to_tree

    def move(value: object) -> object:
        if isinstance(value, dict):
            return {name: move(each) if name != "fiscal_year" else each + years for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [move(each) for each in value]
        return value.replace(year=value.year + years) if isinstance(value, date) else value

    return from_tree(move(to_tree(terms)))


def _give(made: programmes.Launched, holders: list[UUID], *, at: datetime, town: int) -> None:
    kind, fund = made.purse_kinds["paid"], made.funds["buyers"]
    system = Actor(town, ActorRole.SYSTEM)
    lot = programmes.open_lot(purse_kind=kind, fund=fund, holder=holders[0], obtained_at=at, by=system)
    cash = Account(fund, AccountRole.CASH_RECEIVED)
    legs = [Leg(cash, Account(holder, AccountRole.WALLET), 10**6, (lot,)) for holder in holders]
    postings = [Posting(key=str(uuid4()), template="sell_voucher", legs=(leg,), at=at, by="bench") for leg in legs]
    for start in range(0, len(postings), 250):
        ledger.post_batch(postings[start : start + 250], municipality=town)


@contextmanager
def _serving(application: str, *, interface: str = "asgi") -> Iterator[int]:
    """A granian worker of its own with this application (RSGI: as the town is served); gives its port."""
    port = free_port()
    command = [sys.executable, "-m", "granian", application, "--interface", interface, "--port", str(port), "--no-ws"]
    command += ["--factory"] if interface == "rsgi" else []
    server = subprocess.Popen([*command, "--log-level", "warning"], env=os.environ.copy())
    try:
        wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def wait_for(port: int) -> None:
    until = datetime.now(UTC) + timedelta(seconds=60)
    while datetime.now(UTC) < until:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nothing answers on port {port}")


def _load(port: int, requests: Path, *, seconds: float) -> dict[str, Any]:
    command = [
        sys.executable,
        "-m",
        "bench.load",
        "127.0.0.1",
        str(port),
        str(CONNECTIONS),
        str(seconds),
        str(requests),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told
