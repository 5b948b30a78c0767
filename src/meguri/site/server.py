"""The web server process: `python -m meguri.site.server`, started and kept by the `meguri` command."""

from __future__ import annotations

import argparse

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server


def main() -> None:
    """Serve until SIGTERM; running requests are answered first."""
    parser = argparse.ArgumentParser(prog="meguri.site.server")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    Server(
        "meguri.site.asgi:build", factory=True, address=asked.host, port=asked.port, interface=Interfaces.ASGI,
        workers=asked.workers, websockets=False, log_level=LogLevels.warning,
        respawn_failed_workers=True, workers_kill_timeout=10,
    ).serve()


if __name__ == "__main__":
    main()
