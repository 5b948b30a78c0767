"""Files of steps as phones write them: Apple Health's export (zip or xml) and daily lists (CSV). Read as a stream.

A file may be larger than memory and may be made to hurt: whatever its size, some megabytes are held, no name in it
stands for other text, and reading stops at limits that no honest file meets. Only whole days come out.
"""

from __future__ import annotations

import hashlib
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import IO
from xml.parsers import expat

from meguri.programmes.points.step_lists import read_list
from meguri.programmes.points.step_rules import FILE_TOO_LARGE, FILE_UNREADABLE, DaysTaken, StepSource
from meguri.words.period import in_japan

FILE_BYTES_MAX = 3 * 1024**3
"""Of what is read, unpacked. An export of ten years with two devices has about one thousand million bytes."""
CHUNK = 1 << 18
HEAD_BYTES = 1 << 20
"""Within so many bytes the description of the document's form has ended; no single mark in it is longer, either."""
DEPTH_MOST = 16
RECORDS_MOST = 100_000
"""Of the few days that count. A watch writes about a thousand a day."""
DIRECTORY_BYTES_MAX = 16 << 20
_STEPS = "HKQuantityTypeIdentifierStepCount"
_BY_HAND = "HKWasUserEntered"


@dataclass(frozen=True, slots=True)
class StepFile:
    """What was in a file: steps by day, and what of it does not count. `digest` (SHA-256) is all that tells the file.

    `older`: there were days before the first that counts; `ahead`: records of days to come; `by_hand`: typed in by
    somebody; `unreadable`: lines or records that make no sense.
    """

    source: StepSource
    digest: str
    days: dict[date, int]
    older: bool
    ahead: int
    by_hand: int
    unreadable: int


def read_steps(file: IO[bytes], *, first: date, today: date) -> StepFile:
    """The steps of the days from `first` to `today`. Raises Refusal `steps_file_unreadable`, `steps_file_too_large`."""
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # any seekable binary file
    taken = DaysTaken(first, today)
    file.seek(0)
    if zipfile.is_zipfile(file):
        source = _read_zip(file, taken)
    else:
        file.seek(0)
        source = _read_plain(lambda: _rewound(file), taken)
    return StepFile(source, digest, taken.days(), taken.older, taken.ahead, taken.by_hand, taken.unreadable)


def _rewound(file: IO[bytes]) -> IO[bytes]:
    file.seek(0)
    return file


# What the library raises of a zip that is broken (each packing in its own way), locked, or packed in an unknown way.
_BROKEN_ZIPS = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, struct.error, RuntimeError, NotImplementedError
)  # fmt: skip


def _read_zip(file: IO[bytes], taken: DaysTaken) -> StepSource:
    """The largest document in it that may hold steps; no other is unpacked."""
    _require_small_directory(file)
    try:
        with zipfile.ZipFile(file) as parcel:
            inside = [each for each in parcel.infolist() if not each.is_dir() and "cda" not in each.filename.lower()]
            kinds = [[each for each in inside if each.filename.lower().endswith(kind)] for kind in (".xml", ".csv")]
            found = next(filter(None, kinds), None)
            if found is None:
                raise FILE_UNREADABLE.refusal(field="file")
            largest = max(found, key=lambda each: each.file_size)
            return _read_plain(partial(parcel.open, largest), taken)
    except _BROKEN_ZIPS:
        raise FILE_UNREADABLE.refusal(field="file") from None


def _require_small_directory(file: IO[bytes]) -> None:
    """A zip's list of contents is read as a whole: one that is itself a bomb must not be."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65_600))
    tail = file.read()
    file.seek(0)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        raise FILE_UNREADABLE.refusal(field="file")
    directory = int.from_bytes(tail[end + 12 : end + 16], "little")
    wide = tail.rfind(b"PK\x06\x06", 0, end)
    if wide >= 0:  # the form for very large zips: its own end stands just before and tells the real size
        directory = int.from_bytes(tail[wide + 40 : wide + 48], "little")
    elif b"PK\x06\x07" in tail[:end]:
        raise FILE_UNREADABLE.refusal(field="file")
    if directory > DIRECTORY_BYTES_MAX:
        raise FILE_TOO_LARGE.refusal(field="file")


def _read_plain(opened: Callable[[], IO[bytes]], taken: DaysTaken) -> StepSource:
    head = opened().read(64)
    if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        _read_health(opened(), taken)
        return StepSource.APPLE_HEALTH
    return read_list(opened, taken, bytes_max=FILE_BYTES_MAX)


# --- Apple Health ----------------------------------------------------------------------------------------------------


def _read_health(document: IO[bytes], taken: DaysTaken) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    reading = _Health(taken)
    parser.StartElementHandler = reading.begin
    parser.EndElementHandler = reading.end
    parser.StartDoctypeDeclHandler = _no_form
    parser.EntityDeclHandler = _no_form
    fed = 0
    try:
        for piece in _without_form(document):
            fed += len(piece)
            if fed > FILE_BYTES_MAX:
                raise FILE_TOO_LARGE.refusal(field="file")
            parser.Parse(piece)
            if fed - parser.CurrentByteIndex > HEAD_BYTES:  # one endless mark, which the parser would keep whole
                raise FILE_UNREADABLE.refusal(field="file")
        parser.Parse(b"", True)
    except expat.ExpatError:
        raise FILE_UNREADABLE.refusal(field="file") from None
    reading.count()


def _no_form(*_: object) -> None:
    raise FILE_UNREADABLE.refusal(field="file")


def _without_form(document: IO[bytes]) -> Iterator[bytes]:
    """The document without the description of its form (DOCTYPE), where names for other text would be declared.

    Some exports of real phones carry a broken one, which a strict reader would stop at.
    """
    head = document.read(HEAD_BYTES)
    begin = head.find(b"<!DOCTYPE")
    if begin >= 0:
        opened, closed = head.find(b"[", begin), head.find(b">", begin)
        ending = b"]>" if 0 <= opened < closed or closed < 0 else b">"
        end = head.find(ending, begin)
        if end < 0:
            raise FILE_UNREADABLE.refusal(field="file")
        head = head[:begin] + head[end + len(ending) :]
    yield head
    while piece := document.read(CHUNK):
        yield piece


@dataclass
class _Health:
    """Reads records of steps; spans of one device that overlap are the same steps told twice, and count once."""

    taken: DaysTaken
    spans: dict[tuple[date, str], list[tuple[datetime, datetime, int]]] = field(default_factory=dict)
    record: dict[str, str] | None = None
    kept: int = 0
    depth: int = 0

    def begin(self, name: str, said: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > DEPTH_MOST or (self.depth == 1 and name != "HealthData"):
            raise FILE_UNREADABLE.refusal(field="file")
        if name == "Record":
            self.record = said if said.get("type") == _STEPS and self.depth == 2 else None
        elif self.record is not None and said.get("key") == _BY_HAND and said.get("value") not in ("0", "false"):
            self.taken.by_hand += 1
            self.record = None

    def end(self, name: str) -> None:
        self.depth -= 1
        if name == "Record" and self.record is not None:
            self._take(self.record)
            self.record = None

    def _take(self, said: dict[str, str]) -> None:
        started = said.get("startDate", "")
        if re.match(r"\d{4}-", started) and started[:10] < self.taken.well_before:  # most records, by text alone
            self.taken.older = True
            return
        try:
            start, end = (datetime.strptime(said[name], "%Y-%m-%d %H:%M:%S %z") for name in ("startDate", "endDate"))
            steps = int(float(said["value"]))
            on = in_japan(start).date()
        except (KeyError, ValueError, OverflowError):
            self.taken.unreadable += 1
            return
        if steps < 0 or end < start:
            self.taken.unreadable += 1
        elif self.taken.counts(on):
            self.kept += 1
            if self.kept > RECORDS_MOST:
                raise FILE_TOO_LARGE.refusal(field="file")
            self.spans.setdefault((on, said.get("sourceName", "")), []).append((start, end, steps))

    def count(self) -> None:
        for (on, _), spans in self.spans.items():
            total, until = 0, None
            for start, end, steps in sorted(spans):
                if until is None or start >= until:
                    total += steps
                    until = max(end, start + timedelta(seconds=1))
            self.taken.take(on, total)
