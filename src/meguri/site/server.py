"""The web server process: `python -m meguri.site.server`, started and kept by the `meguri` command."""

from __future__ import annotations

import argparse
import os

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

BEHIND_THE_TILLS = 5
"""How much nicer a sale's process is than the others (the system's 0 to 19)."""


def main() -> None:
    """Serve until SIGTERM; running requests are answered first."""
    parser = argparse.ArgumentParser(prog="meguri.site.server")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    if os.environ.get("MEGURI_ROLE") == "sale":
        os.nice(BEHIND_THE_TILLS)  # where both share a machine, whoever pays is served first
    Server(
        "meguri.site.rsgi:build", factory=True, address=asked.host, port=asked.port, interface=Interfaces.RSGI,
        workers=asked.workers, websockets=False, log_level=LogLevels.warning,
        respawn_failed_workers=True, workers_kill_timeout=10,
    ).serve()


if __name__ == "__main__":
    main()
