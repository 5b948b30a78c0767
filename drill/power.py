"""The power is cut while people pay: what the disk held at that moment is all that is left.

The cluster lies on a file system of its own in an image. At the cut every process of the server is frozen and the
image is copied: what was written but never flushed is not in it, exactly as after a power cut. The control runs with
fsync off and must lose acknowledged payments, or the drill would prove nothing. Needs root and loop devices.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from drill.witness import Findings, beside_control, examine, paying
from meguri.site.postgres import DURABLE, EmbeddedPostgres

IMAGE_MB = 700
PAYMENTS = 300
"""So many payments are acknowledged before the cut."""
LAZY = {**DURABLE, "fsync": "off"}
MOUNT = "loop,commit=300"
"""The file system writes nothing by itself for longer than the drill lasts: only what was flushed is on the disk."""


def possible() -> str:
    """Why this machine cannot do it; empty when it can."""
    if os.geteuid() != 0:
        return "only root may mount an image"
    if not Path("/dev/loop-control").exists() or shutil.which("mkfs.ext4") is None:
        return "there are no loop devices, or no mkfs.ext4"
    return ""


def cut(folder: Path, *, durable: bool, payments: int = PAYMENTS) -> Findings:
    """Pay, cut the power, start from what the disk held, and compare it with what was acknowledged."""
    image, left = folder / "disk.img", folder / "left.img"
    subprocess.run(["truncate", "-s", f"{IMAGE_MB}M", image], check=True)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    with mounted(image, folder / "disk") as disk:
        server = EmbeddedPostgres(disk / "data", settings=DURABLE if durable else LAZY)
        with paying(server.start()) as witness:
            subprocess.run(["sync", "-f", disk], check=True)  # the control shall lose payments, not the whole cluster
            witness.wait_for(payments)
            acknowledged = list(witness.acknowledged)
            with frozen(server):
                subprocess.run(["cp", "--sparse=always", image, left], check=True)
        server.stop()
    with mounted(left, folder / "after") as disk:
        after = EmbeddedPostgres(disk / "data")
        try:
            return examine(after.start(), acknowledged)
        finally:
            after.stop()


@contextmanager
def mounted(image: Path, place: Path) -> Iterator[Path]:
    place.mkdir()
    subprocess.run(["mount", "-o", MOUNT, image, place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


@contextmanager
def frozen(server: EmbeddedPostgres) -> Iterator[None]:
    """The server and all that it started stand still."""
    processes = family(server)
    for number in processes:
        os.kill(number, signal.SIGSTOP)
    try:
        yield
    finally:
        for number in processes:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGCONT)


def family(server: EmbeddedPostgres) -> list[int]:
    """The server's first process, and all that it started."""
    postmaster = server.postmaster()
    return [] if postmaster is None else [postmaster, *_children(postmaster)]


def _children(parent: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{parent}/task").iterdir():
        found += [int(number) for number in (task / "children").read_text().split()]
    return found


def run(_seed: int) -> dict[str, object]:
    """The whole drill."""
    return beside_control(
        "power", lambda folder, durable: cut(folder, durable=durable, payments=3_000), why_not=possible()
    )
