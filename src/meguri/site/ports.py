"""Where a server of this machine may listen: one port, one server. Looked at before anything is started there.

The web server shares its port among its own workers, so the system would let a second program in beside it and hand
each request to one of two towns. Hence the look beforehand, and one sentence instead of a traceback.
"""

from __future__ import annotations

import errno
import socket
import urllib.error
import urllib.request
from contextlib import suppress
from http.client import HTTPException

from meguri.site.health import SIGN

PORT = 8000
PORTS_TRIED = 20
"""The demo takes the first free one of so many ports."""
LOOPBACK = frozenset({"127.0.0.1", "::1"})
ANSWER_S_MAX = 3.0
"""How long whoever holds a port may take to say whether it is a Meguri."""


class PortTakenError(RuntimeError):
    """Somebody else listens there, or nobody may."""


def named(host: str) -> str:
    """The name by which people reach a server of this machine: passkeys belong to a name, never to a number."""
    return "localhost" if host in LOOPBACK else host


def free_port(host: str) -> int:
    """The first port that is free here, and free for everybody whom the name `localhost` leads elsewhere first.

    Raises PortTakenError when there is none.
    """
    last = PORT + PORTS_TRIED - 1
    for port in range(PORT, last + 1):
        if _why_not(host, port) is None and (host not in LOOPBACK or not _answers("::1", port)):
            return port
    raise PortTakenError(
        f"{PORT}番から{last}番のポートはすべて使われています。--port で別の番号を指定してください。"
        f" / Ports {PORT} to {last} are all in use; name another one with --port."
    )


def require_free(host: str, port: int) -> None:
    """Raise PortTakenError, a sentence that says what to do, unless a server could listen there alone."""
    why = _why_not(host, port)
    if why is None:
        return
    if why.errno != errno.EADDRINUSE:
        raise PortTakenError(
            f"{host} の {port}番では待ち受けできません({why.strerror})。1024以上の別の番号を指定してください。"
            f" / Nothing can listen at {host}, port {port} ({why.strerror}); name another port, 1024 or above."
        )
    address = f"http://{named(host)}:{port}/"
    other = f"make demo PORT={port + 1} / meguri … --port {port + 1}"
    if is_meguri(host, port):
        raise PortTakenError(
            f"{address} では、別のめぐりがもう動いています。それを開くか、そちらを Ctrl-C で止めるか、"
            f"別の番号で始めてください。"
            f" / Another Meguri is already running at {address}. Open it, stop it there with Ctrl-C, or start this one"
            f" on another port: {other}"
        )
    raise PortTakenError(
        f"{port}番のポートは、ほかのプログラムが使っています。そのプログラムを止めるか、別の番号で始めてください。"
        f" / Port {port} is in use by another program. Stop that one, or start this one on another port: {other}"
    )


def is_meguri(host: str, port: int) -> bool:
    """Whether it is one of ours that answers there: its health page says so, also while its database is away."""
    place = f"[{host}]" if ":" in host else host
    asked = f"http://{place}:{port}/healthz"
    try:
        with urllib.request.urlopen(asked, timeout=ANSWER_S_MAX) as answer:
            return SIGN in answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return SIGN in error.headers
    except (OSError, ValueError, HTTPException):  # it speaks something else, or not at all
        return False


def _why_not(host: str, port: int) -> OSError | None:
    """What the system says when somebody would listen there now; nothing when all is well."""
    try:
        family, kind, number, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, number) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a server that has just ended is no hindrance
            trial.bind(place)
    except OSError as error:
        return error
    return None


def _answers(host: str, port: int) -> bool:
    """Whether somebody listens there. A machine without such an address has nobody there."""
    with suppress(OSError), socket.create_connection((host, port), timeout=0.5):
        return True
    return False
