"""The `meguri` command: everything an operator types."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence

from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError, connections

from meguri.ledger import audit
from meguri.ledger.wall import name_municipality
from meguri.site import demo
from meguri.site.binaries import PostgresMissingError
from meguri.site.installation import embedded, migrate, opened
from meguri.site.ports import PORT, PortTakenError, free_port, named, require_free
from meguri.site.postgres import PostgresStartError
from meguri.site.processes import Child, Keeper
from meguri.site.rooms import modules
from meguri.site.settings import MEGURI
from meguri.site.wall import WallMissingError
from meguri.words.clock import now
from meguri.words.refusal import catalogue

TROUBLES = (
    PostgresMissingError, PostgresStartError, demo.NotADemoError, demo.DemoRunsError, demo.OldTownError,
    PortTakenError, PermissionError, OperationalError, WallMissingError,
)  # fmt: skip
"""What may happen to anybody: said in one sentence, without a traceback."""
ROLES = ("all", "till", "sale", "web", "worker")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status. Expected troubles are one sentence, no traceback."""
    asked = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = asked.run
    try:
        return run(asked)
    except TROUBLES as trouble:
        print(f"meguri: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def serve(asked: argparse.Namespace) -> int:
    """Run the processes of a role until Ctrl-C."""
    if asked.role != "worker":
        require_free(asked.host, asked.port)
    with opened() as server:
        migrate()
        connections.close_all()
        keeper = Keeper(server, _say)
        keeper.listen()
        keeper.add_all(children_of(asked))
        if asked.role != "worker":
            _say(f"http://{named(asked.host)}:{asked.port}/ ({asked.role})")
        keeper.keep()
    return 0


def show_demo(asked: argparse.Namespace) -> int:
    """Open the invented town, live it once, keep it open until Ctrl-C."""
    if asked.clean:
        demo.clean()
        if MEGURI.database_url:
            _say("DATABASE_URL のデータベースは残しています / the database that DATABASE_URL names is left as it is")
        return 0
    with demo.alone() as (story, told):
        story.port = asked.port = asked.port or story.port or free_port(asked.host)
        require_free(asked.host, asked.port)
        story.write()  # marks the directory as invented before anything is in it
        open_at = f"http://{named(asked.host)}:{asked.port}"
        told(f"{open_at}/")
        _show(asked, story=story, open_at=open_at)
    return 0


def _show(asked: argparse.Namespace, *, story: demo.Story, open_at: str) -> None:
    began = time.monotonic()
    _say("めぐり Meguri — 架空の町「めぐり町」/ an invented town, Meguri-cho")
    with opened() as server:
        _migrate_kept()
        connections.close_all()
        _say(f"データベースの準備ができました / the database stands ({time.monotonic() - began:.1f} s)")
        keeper = Keeper(server, _say)
        keeper.listen()
        keeper.add_all(children_of(asked))
        if demo.wait_until_ready(f"http://{asked.host}:{asked.port}", keeper):
            _say(f"{open_at}/ を開けます / is open ({time.monotonic() - began:.1f} s)")
            _live(keeper, asked, story=story, open_at=open_at)
        keeper.keep()
    _say("止まりました。町は残っています / stopped; the town is kept")


def _migrate_kept() -> None:
    """Bring a kept town to the present state. Raises OldTownError where it is too old: it is only invented."""
    try:
        migrate()
    except ProgrammingError as why:
        raise demo.OldTownError(why) from why


def prove(asked: argparse.Namespace) -> int:
    """Let the independent auditor go through the books; 0 if every claim holds."""
    server = embedded()
    try:
        return audit.main(server.start() if server is not None else MEGURI.database_url, *asked.witness)
    finally:
        if server is not None:
            server.stop()


def check(_asked: argparse.Namespace) -> int:
    """Run every room's checks in every town; 0 if nothing is wrong."""
    with opened():
        from meguri.site.checking import checks, faults  # the rooms stand on models, which need Django set up
        from meguri.site.worker import towns  # likewise

        wrong = 0
        for town in towns():
            name_municipality(town.municipality)
            found = faults(municipality=town.municipality, at=now() + town.ahead)
            for name, sentences in found.items():
                for sentence in sentences:
                    print(f"NG  {town.municipality} {name}: {sentence}")
            wrong += len(found)
        print(f"{len(list(checks()))} checks in {len(towns())} towns, {wrong} found something wrong.")
    return 1 if wrong else 0


def print_refusals(_asked: argparse.Namespace) -> int:
    """The catalogue of every expected "no", as a Markdown table."""
    with opened():
        for _ in modules():
            pass  # a room declares its refusals when it is imported
    print("| code | 日本語 | English | HTTP |\n|---|---|---|---|")
    for kind in catalogue():
        print(f"| `{kind.code}` | {kind.ja} | {kind.en} | {kind.status} |")
    return 0


def migrate_only(_asked: argparse.Namespace) -> int:
    """Bring the database to the present state."""
    with opened():
        migrate(verbosity=1)
    return 0


def manage(asked: argparse.Namespace) -> int:
    """Django's own commands, with the database running."""
    with opened():
        execute_from_command_line(["meguri manage", *asked.rest])
    return 0


def children_of(asked: argparse.Namespace) -> list[Child]:
    """The processes of a role: a web server, a worker, or both. Each has connections and limits of its own."""
    children = []
    if asked.role != "worker":
        address = ("--host", asked.host, "--port", str(asked.port), "--workers", str(asked.workers))
        official = os.environ.get("MEGURI_OFFICIAL_HOST", f"{named(asked.host)}:{asked.port}")
        surroundings = {"MEGURI_ROLE": asked.role, "MEGURI_OFFICIAL_HOST": official}
        children.append(Child("meguri.site.server", address, surroundings))
        if asked.role == "all" and MEGURI.sale_address:  # a sale start shall never stop a till
            beside = ("--host", asked.host, "--port", str(asked.sale_port or asked.port + 1))
            children.append(Child("meguri.site.server", beside, {**surroundings, "MEGURI_ROLE": "sale"}))
    if asked.role in {"all", "worker"}:
        children.append(Child("meguri.site.worker"))
    return children


def _live(keeper: Keeper, asked: argparse.Namespace, *, story: demo.Story, open_at: str) -> None:
    """Say where to go and who one can be; then start the rehearsal, or go on with it, unless it has been lived."""
    from meguri.site.invented import found_town, introduce  # it stands on models, which need Django set up

    invitation = demo.Invitation(open_at, say=_say, who=lambda: introduce(at=now()))
    if story.lived:
        invitation.give()
        return
    wishes = [f"--{name}={value}" for name in ("size", "weeks") if (value := getattr(asked, name)) is not None]
    base_url = f"http://{asked.host}:{asked.port}"
    arguments = ("--base-url", base_url, "--open-end", "--folder", str(MEGURI.data / "rehearsal"), *wishes)
    key = {"MEGURI_REHEARSAL_KEY": found_town(at=now())}
    connections.close_all()
    invitation.give()
    rehearsal = keeper.add(Child("meguri.rehearsal", arguments, key, lasting=False), piped=True)
    demo.rehearse(story, rehearsal, say=_say, invite=invitation.give)


def _say(line: str) -> None:
    print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="meguri", description="めぐり: 自治体の地域通貨 / a town's regional currency")
    commands = parser.add_subparsers(required=True, metavar="command")

    server = commands.add_parser("serve", help="serve a town")
    server.add_argument("--role", choices=ROLES, default="all")
    _add_address(server, port=PORT)
    server.add_argument("--sale-port", type=_port, help="where MEGURI_SALE_ADDRESS leads to; else the next port")
    server.set_defaults(run=serve)

    town = commands.add_parser("demo", help="open an invented town and live in it")
    _add_address(town, port=None)
    town.add_argument("--size", type=int, help="how many people live there")
    town.add_argument("--weeks", type=int, help="how long they live")
    town.add_argument("--clean", action="store_true", help="remove the invented town instead")
    town.set_defaults(run=show_demo, role="all", sale_port=None)

    auditor = commands.add_parser("prove", help="prove the books and their log from their rows")
    auditor.add_argument("--witness", action="append", default=[], help="a witness file that was kept outside")
    auditor.set_defaults(run=prove)
    commands.add_parser("check", help="run every room's own checks").set_defaults(run=check)
    commands.add_parser("refusals", help="print every expected no").set_defaults(run=print_refusals)
    commands.add_parser("migrate", help="bring the database to the present").set_defaults(run=migrate_only)
    django = commands.add_parser("manage", help="Django's own commands", add_help=False, prefix_chars="\0")
    django.add_argument("rest", nargs=argparse.REMAINDER)
    django.set_defaults(run=manage)
    return parser


def _port(text: str) -> int:
    """A port's number as somebody typed it."""
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError(f"ポートは1から65535の数字です / a port is a number from 1 to 65535: {text!r}")
    return int(text)


def _add_address(parser: argparse.ArgumentParser, *, port: int | None) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=_port, default=port)
    parser.add_argument("--workers", type=int, default=1, help="web server processes")


if __name__ == "__main__":
    sys.exit(main())
