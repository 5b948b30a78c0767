"""A print as one file to fetch: parts of some letters in a zip, with a page that says what is not in it.

A large print is asked for (`Asked`, by pseudonym only) and made by the worker, part by part; a small one is made the
same way while its officer waits. Only one part at a time is in memory.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from tempfile import TemporaryFile
from uuid import UUID

import msgspec
from django.http import FileResponse

from meguri.faces.design.figures import show_day
from meguri.faces.office.drawable import undrawable
from meguri.faces.office.letter_paper import (
    COUNTER_LIST,
    LARGE,
    LETTERS,
    NORMAL,
    Sheet,
    letter_values,
    list_values,
    pdf,
)
from meguri.faces.office.merge_file import cp932_file, utf8_file
from meguri.wallets.letter_jobs import LetterPart, asker_of
from meguri.wallets.print_jobs import MadePart, NextPart
from meguri.words.actor import Actor
from meguri.words.period import day_of

IN_A_FILE = 200
"""People of one part: a second of one worker. The typesetter keeps in memory what it set last, some ten such files."""
AT_ONCE = 300
"""Letters that are made while their officer waits."""

Files = Iterable[tuple[str, bytes]]


class Kind(StrEnum):
    """What is printed."""

    LETTERS = "letters"
    LARGE = "large"
    COUNTER = "counter"
    UTF8 = "utf8"
    CP932 = "cp932"


KINDS = {
    Kind.LETTERS: ("手紙(窓あき封筒 長形3号)", "Letters for window envelopes"),
    Kind.LARGE: ("手紙・大きな文字(18ポイント)", "Letters in large type (18 pt)"),
    Kind.COUNTER: ("窓口の名簿(住所なし)", "List for the counter (no addresses)"),
    Kind.UTF8: ("差込ファイル CSV(UTF-8)", "Merge file, CSV (UTF-8)"),
    Kind.CP932: ("差込ファイル CSV(Shift_JIS/CP932)", "Merge file, CSV (Shift_JIS/CP932)"),
}
SET = (Kind.LETTERS, Kind.LARGE)
"""The kinds that are letters set here."""


class Tally(msgspec.Struct, frozen=True):
    """What is in a print so far and what is kept back.

    `lines`: written into it. `gone`: those for whom there is nothing to write any more, since it was asked for.
    """

    parts: int = 0
    lines: int = 0
    shielded: int = 0
    gone: int = 0
    incomplete: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()

    def and_then(self, other: Tally) -> Tally:
        return Tally(
            self.parts + other.parts, self.lines + other.lines, self.shielded + other.shielded, self.gone + other.gone,
            self.incomplete + other.incomplete, self.signs + other.signs,
        )  # fmt: skip


class Asked(msgspec.Struct, frozen=True):
    """What a print was asked for with: `of` says which letters, `about` which sale or programme."""

    of: str
    about: UUID
    kind: Kind
    reason: str
    approval: UUID | None = None


class Part(msgspec.Struct, frozen=True):
    """One turn's work: `people` are whom it is for, in the way in which the letters of this print name them."""

    asked: Asked
    people: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """A part that is being made: what was made before it, under whose hat, at which moment."""

    part: Part
    before: Tally
    by: Actor
    at: datetime

    @property
    def asked(self) -> Asked:
        return self.part.asked


@dataclass(frozen=True, slots=True)
class Drawn:
    """A part as it was made; its content is empty where all its letters fell away."""

    name: str
    content: bytes
    tally: Tally


Maker = Callable[[Turn], Drawn]


def parts_of(asked: Asked, people: Sequence[UUID]) -> list[Part]:
    """The parts of a print, each of as many people as one turn makes."""
    return [Part(asked, tuple(people[start : start + IN_A_FILE])) for start in range(0, len(people), IN_A_FILE)]


def put_away(part: Part) -> LetterPart:
    """The part as it waits for the worker."""
    return LetterPart(len(part.people), msgspec.json.encode(part))


def made_by_worker(wanted: NextPart, *, makers: Mapping[str, Maker], at: datetime) -> MadePart:
    """The next part of a print that was put away. Raises Refusal as its maker, `print_letters_asker_left`."""
    part, before = msgspec.json.decode(wanted.material, type=Part), tally_of(wanted.said)
    turn = Turn(part, before, asker_of(wanted, at=at), at)
    drawn = makers[part.asked.of](turn)
    return MadePart(drawn.content, drawn.name, msgspec.json.encode(before.and_then(drawn.tally)))


def made_at_once(parts: Iterable[Part], *, maker: Maker, by: Actor, at: datetime) -> tuple[Files, Tally]:
    """The files of a small print, and what is in them. Raises Refusal as the maker."""
    files: dict[str, bytes] = {}
    tally = Tally()
    for part in parts:
        drawn = maker(Turn(part, tally, by, at))
        tally = tally.and_then(drawn.tally)
        files[drawn.name] = files.get(drawn.name, b"") + drawn.content
    return [each for each in files.items() if each[1]], tally


def tally_of(said: bytes) -> Tally:
    """What is in a print so far, as it was put away."""
    return msgspec.json.decode(said, type=Tally)


# --- one part --------------------------------------------------------------------------------------------------------


def drawn_letters(turn: Turn, sheets: Iterable[Sheet], *, title: str, kept_back: Tally) -> Drawn:
    """A PDF with a page for each letter; those with a sign that has no picture are named."""
    good, signs = drawn_and_not(sheets)
    size = LARGE if turn.asked.kind is Kind.LARGE else NORMAL
    content = pdf(LETTERS, letter_values(good, title=title, size=size)) if good else b""
    tally = Tally(parts=1, lines=len(good), signs=tuple(signs))
    return Drawn(f"letters-{turn.before.parts + 1:03}.pdf", content, tally.and_then(kept_back))


def drawn_lines(turn: Turn, heads: Sequence[str], *, rows: Sequence[Sequence[str]], kept_back: Tally) -> Drawn:
    """Lines of the merge file: its heads stand before the first part, and signs are named with the line of the whole
    file.
    """
    first = turn.before.parts == 0
    signs: tuple[str, ...] = ()
    if turn.asked.kind is Kind.UTF8:
        content = utf8_file([heads, *rows], is_first=first)
    else:
        content, missing = cp932_file([heads, *rows], line=turn.before.lines + 1, is_first=first)
        signs = tuple(each.text for each in missing)
    tally = Tally(parts=1, lines=len(rows), signs=signs)
    return Drawn("merge.csv", content, tally.and_then(kept_back))


def drawn_list(turn: Turn, rows: Sequence[tuple[str, str, str, str]], *, title: str, kept_back: Tally) -> Drawn:
    """The counter's list; its foot says how many are not in it."""
    foot = f"支援措置の方 {kept_back.shielded:,}件は載せていません。" if kept_back.shielded else ""
    values = list_values(rows, title=title, made=show_day(day_of(turn.at), "ja", style="year"), foot=foot)
    name = f"counter-list-{turn.before.parts + 1:03}.pdf"
    return Drawn(name, pdf(COUNTER_LIST, values), Tally(parts=1, lines=len(rows)).and_then(kept_back))


def drawn_and_not(sheets: Iterable[Sheet]) -> tuple[list[Sheet], list[str]]:
    """Letters that can be printed; and of those that hold a sign without a picture, the number and the signs."""
    good: list[Sheet] = []
    bad: list[str] = []
    for each in sheets:
        if signs := undrawable(f"{each.name}{each.address}{each.head}"):
            bad.append(f"{each.number} {each.name}: {', '.join(f'{sign} (U+{ord(sign):04X})' for sign in signs)}")
        else:
            good.append(each)
    return good, bad


# --- the whole -------------------------------------------------------------------------------------------------------


def report(tally: Tally, *, stopped: tuple[str, str] | None = None) -> str:
    """What is in the file and what is kept back, for the person at the printer."""
    lines = [f"{tally.lines:,}件 / {tally.lines:,} in this file"]
    if stopped:
        lines += [
            "途中で止まったため、残りは入っていません。 / It was stopped on the way; the rest is not in it.", *stopped
        ]
    if tally.shielded:
        lines.append(
            f"支援措置の方 {tally.shielded:,}件は入れていません。窓口で渡してください。 / "
            f"{tally.shielded:,} kept back: protected address; hand over at the desk."
        )
    if tally.gone:
        lines.append(
            f"求めたあとに対象でなくなった方 {tally.gone:,}件は入れていません。 / "
            f"{tally.gone:,} left out: since you asked, there is nothing to write to them any more."
        )
    if tally.incomplete:
        lines += ["氏名か住所の登録がありません: / No name or address is registered:", *tally.incomplete]
    if tally.signs:
        lines += [
            "書けない文字があります。手で直してください: / Signs that cannot be written; mend by hand:", *tally.signs
        ]
    return "\r\n".join(lines) + "\r\n"


def fetched(files: Files, *, name: str, said: str) -> FileResponse:
    """The zip as a download that no cache keeps; `said` is the page to read first."""
    out = TemporaryFile()  # noqa: SIM115 - the response closes it when it was sent
    try:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bundle:
            bundle.writestr("read-first.txt", "\ufeff" + said)
            for each, content in files:
                bundle.writestr(each, content)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    response = FileResponse(out, as_attachment=True, filename=f"meguri-{name}.zip", content_type="application/zip")
    response["Cache-Control"] = "no-store"
    return response
