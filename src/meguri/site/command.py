"""The `meguri` command: everything an operator types."""

from __future__ import annotations

import argparse
import os
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from django.core.management import execute_from_command_line
from django.db import OperationalError, connections

from meguri.ledger import audit
from meguri.site import demo
from meguri.site.binaries import PostgresMissingError
from meguri.site.installation import embedded, migrate, opened
from meguri.site.postgres import PostgresStartError
from meguri.site.processes import Child, Keeper
from meguri.site.rooms import modules
from meguri.site.settings import MEGURI
from meguri.words.clock import now
from meguri.words.refusal import catalogue

ROLES = ("all", "till", "sale", "web", "worker")
PORT = 8000
PORTS_TRIED = 20
"""The demo takes the first free one of so many ports."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status. Expected troubles are one sentence, no traceback."""
    asked = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = asked.run
    try:
        return run(asked)
    except (PostgresMissingError, PostgresStartError, demo.NotADemoError, PermissionError, OperationalError) as trouble:
        print(f"meguri: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def serve(asked: argparse.Namespace) -> int:
    """Run the processes of a role until Ctrl-C."""
    with opened() as server:
        migrate()
        connections.close_all()
        keeper = Keeper(server, _say)
        keeper.listen()
        keeper.add_all(children_of(asked))
        if asked.role != "worker":
            _say(f"http://{asked.host}:{asked.port}/ ({asked.role})")
        keeper.keep()
    return 0


def show_demo(asked: argparse.Namespace) -> int:
    """Open the invented town, live it once, keep it open until Ctrl-C."""
    if asked.clean:
        demo.clean()
        return 0
    story = demo.Story.read()
    story.write()  # marks the directory as invented before anything is in it
    began = time.monotonic()
    _say("めぐり Meguri — 架空の町「めぐり町」/ an invented town, Meguri-cho")
    with opened() as server:
        migrate()
        connections.close_all()
        _say(f"データベースの準備ができました / the database stands ({time.monotonic() - began:.1f} s)")
        keeper = Keeper(server, _say)
        keeper.listen()
        story.port = asked.port = asked.port or story.port or free_port(asked.host)
        story.write()
        keeper.add_all(children_of(asked))
        base_url = f"http://{asked.host}:{asked.port}"
        if demo.wait_until_ready(base_url, keeper):
            _say(f"{base_url}/ を開けます / is open ({time.monotonic() - began:.1f} s)")
            _live(keeper, asked, story=story, base_url=base_url)
        keeper.keep()
    return 0


def prove(_asked: argparse.Namespace) -> int:
    """Let the independent auditor go through the books; 0 if every claim holds."""
    server = embedded()
    try:
        return audit.main(server.start() if server is not None else MEGURI.database_url)
    finally:
        if server is not None:
            server.stop()


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
        official = os.environ.get("MEGURI_OFFICIAL_HOST", f"{asked.host}:{asked.port}")
        surroundings = {"MEGURI_ROLE": asked.role, "MEGURI_OFFICIAL_HOST": official}
        children.append(Child("meguri.site.server", address, surroundings))
    if asked.role in {"all", "worker"}:
        children.append(Child("meguri.site.worker"))
    return children


def _live(keeper: Keeper, asked: argparse.Namespace, *, story: demo.Story, base_url: str) -> None:
    """Start the rehearsal, or go on with it, unless this town has been lived to the end."""
    from meguri.site.invented import found_town, introduce  # it stands on models, which need Django set up

    def invite() -> None:
        _say(f"\n次の人になれます / people you can be: {base_url}/enter/")
        for line in introduce(at=now()):
            _say(f"  {line}")
        _say("終わるには Ctrl-C。次に始めると同じ町が続きます。 / Ctrl-C ends; the next start keeps this town.\n")

    if story.lived:
        invite()
        return
    wishes = [f"--{name}={value}" for name in ("size", "weeks") if (value := getattr(asked, name)) is not None]
    arguments = ("--base-url", base_url, "--open-end", "--folder", str(MEGURI.data / "rehearsal"), *wishes)
    key = {"MEGURI_REHEARSAL_KEY": found_town(at=now())}
    connections.close_all()
    rehearsal = keeper.add(Child("meguri.rehearsal", arguments, key, lasting=False), piped=True)
    demo.rehearse(story, rehearsal, say=_say, invite=invite)


def free_port(host: str) -> int:
    for port in range(PORT, PORT + PORTS_TRIED):
        with socket.socket() as trial, suppress(OSError):
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind((host, port))
            return port
    raise PermissionError(f"ports {PORT} to {PORT + PORTS_TRIED - 1} are all in use; choose one with --port")


def _say(line: str) -> None:
    print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="meguri", description="めぐり: 自治体の地域通貨 / a town's regional currency")
    commands = parser.add_subparsers(required=True, metavar="command")

    server = commands.add_parser("serve", help="serve a town")
    server.add_argument("--role", choices=ROLES, default="all")
    _add_address(server, port=PORT)
    server.set_defaults(run=serve)

    town = commands.add_parser("demo", help="open an invented town and live in it")
    _add_address(town, port=None)
    town.add_argument("--size", type=int, help="how many people live there")
    town.add_argument("--weeks", type=int, help="how long they live")
    town.add_argument("--clean", action="store_true", help="remove the invented town instead")
    town.set_defaults(run=show_demo, role="all")

    commands.add_parser("prove", help="prove the books from their rows").set_defaults(run=prove)
    commands.add_parser("refusals", help="print every expected no").set_defaults(run=print_refusals)
    commands.add_parser("migrate", help="bring the database to the present").set_defaults(run=migrate_only)
    django = commands.add_parser("manage", help="Django's own commands", add_help=False, prefix_chars="\0")
    django.add_argument("rest", nargs=argparse.REMAINDER)
    django.set_defaults(run=manage)
    return parser


def _add_address(parser: argparse.ArgumentParser, *, port: int | None) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=port)
    parser.add_argument("--workers", type=int, default=1, help="web server processes")


if __name__ == "__main__":
    sys.exit(main())
