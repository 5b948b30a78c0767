"""Why a document could not be read: where (line and path), what is wrong, and how to mend it."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

import msgspec
from msgspec import inspect

from meguri.words.refusal import Refusal, declare

TOO_LARGE = declare(
    "terms_too_large",
    status=422,
    ja="文書が大きすぎます({size}バイト)。{most}バイト以内にしてください。",
    en="The document is too large ({size} bytes). Please keep it within {most} bytes.",
)
NOT_UTF8 = declare(
    "terms_not_utf8",
    status=422,
    ja="文書の{position}バイト目がUTF-8として読めません。文字コードをUTF-8にして保存し直してください。",
    en="Byte {position} of the document is not UTF-8. Please save the file as UTF-8.",
)
SYNTAX = declare(
    "terms_syntax",
    status=422,
    ja="{where}が{form}として読めません({problem})。その直前の括弧・引用符・カンマを確かめてください。",
    en="{where} cannot be read as {form} ({problem}). Please check brackets, quotes and commas just before it.",
)
UNKNOWN_FIELD = declare(
    "terms_unknown_field",
    status=422,
    ja="{where}に「{name}」という項目はありません。近い項目: {near}。名前を直すか、消してください。",
    en="{where} has no field “{name}”. Close to it: {near}. Please correct the name or remove it.",
)
MISSING_FIELD = declare(
    "terms_missing_field",
    status=422,
    ja="{where}に「{name}」がありません。書き足してください。",
    en="{where} lacks “{name}”. Please add it.",
)
UNKNOWN_CHOICE = declare(
    "terms_unknown_choice",
    status=422,
    ja="{where}の「{value}」は選べません。次のどれかにしてください: {choices}。",
    en="{where}: “{value}” is not a choice. Please write one of: {choices}.",
)
WRONG_VALUE = declare(
    "terms_wrong_value",
    status=422,
    ja="{where}の値が合いません({problem})。書き方を直してください。",
    en="{where} has an unfitting value ({problem}). Please correct it.",
)


def of_syntax(problem: Exception, *, form: str) -> Refusal:
    """The refusal for a file that is no TOML or no JSON at all."""
    message = str(problem)
    found = re.search(r"line (\d+), column (\d+)|byte (\d+)", message)
    where = f"line {found[1]}, column {found[2]}" if found and found[1] else f"byte {found[3]}" if found else "end"
    return SYNTAX.refusal(where=where, form=form.upper(), problem=re.sub(r"\s*\(.*?\)$", "", message))


def of_value(problem: msgspec.ValidationError, *, whole: type, tree: object, text: str) -> Refusal:
    """The refusal for a document whose syntax is fine but whose value is not. `tree` is the document as plain data."""
    message, _, path = str(problem).partition(" - at `$")
    steps = _steps(path.rstrip("`"))
    where = _place(steps, text)
    field = _dotted(steps)
    if found := re.match(r"Object contains unknown field `(.*)`", message):
        near = get_close_matches(found[1], _fields(_type_at(whole, steps)), n=3, cutoff=0.5) or ["—"]
        return UNKNOWN_FIELD.refusal(field=field, where=where, name=found[1], near=", ".join(near))
    if found := re.match(r"Object missing required field `(.*)`", message):
        return MISSING_FIELD.refusal(field=field, where=where, name=found[1])
    if found := re.match(r"Invalid (?:enum )?value '?(.*?)'?$", message):
        choices = ", ".join(_choices(whole, steps)) or "—"
        return UNKNOWN_CHOICE.refusal(field=field, where=where, value=found[1], choices=choices)
    return WRONG_VALUE.refusal(field=field, where=where, problem=message)


def _steps(path: str) -> list[str | int]:
    """`.funds[0].name` -> ["funds", 0, "name"]."""
    found = re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", path)
    return [name or int(index) for name, index in found]


def _dotted(steps: list[str | int]) -> str:
    return "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps).lstrip(".")


def _place(steps: list[str | int], text: str) -> str:
    """`line 41 (funds[0].amount_yen)`; without text only the path; the whole document is `document`."""
    dotted = _dotted(steps) or "document"
    line = _line_of(steps, text)
    return f"line {line} ({dotted})" if line else dotted


def _line_of(steps: list[str | int], text: str) -> int:
    """The line of TOML that sets the value at `steps`, or of the nearest table around it; 0 when none is found."""
    best, best_depth, table, counts = 0, 0, [], {}  # type: int, int, list[str | int], dict[str, int]
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*(\[\[?)\s*([\w.\-]+)\s*\]", line):
            table = _table(header[2], repeated=header[1] == "[[", counts=counts)
            here = table
        elif key := re.match(r"\s*([\w.\-]+)\s*=", line):
            here = [*table, *key[1].split(".")]
        else:
            continue
        if len(here) > best_depth and steps[: len(here)] == here:
            best, best_depth = number, len(here)
    return best


def _table(name: str, *, repeated: bool, counts: dict[str, int]) -> list[str | int]:
    """The steps of a table header. `counts` remembers how often each [[table]] has been opened."""
    if repeated:
        counts[name] = counts.get(name, -1) + 1
    steps: list[str | int] = []
    words = name.split(".")
    for depth, word in enumerate(words, start=1):
        steps.append(word)
        if (seen := counts.get(".".join(words[:depth]))) is not None:
            steps.append(seen)
    return steps


def _type_at(whole: type, steps: list[str | int]) -> list[inspect.Type]:
    """The types that may stand at `steps`: several where the document offers a choice of parts."""
    here = [inspect.type_info(whole)]
    for step in steps:
        here = [deeper for each in here for deeper in _into(each, step)]
    return [plain for each in here for plain in _options(each)]


def _into(kind: inspect.Type, step: str | int) -> list[inspect.Type]:
    found: list[inspect.Type] = []
    for plain in _options(kind):
        if isinstance(step, int) and isinstance(plain, inspect.VarTupleType | inspect.ListType):
            found.append(plain.item_type)
        elif isinstance(plain, inspect.StructType):
            found += [f.type for f in plain.fields if f.encode_name == step]
            found += [plain] if plain.tag_field == step else []
    return found


def _options(kind: inspect.Type) -> list[inspect.Type]:
    if isinstance(kind, inspect.UnionType):
        return [plain for each in kind.types for plain in _options(each)]
    if isinstance(kind, inspect.Metadata):
        return _options(kind.type)
    return [kind]


def _fields(kinds: list[inspect.Type]) -> list[str]:
    return sorted({f.encode_name for kind in kinds if isinstance(kind, inspect.StructType) for f in kind.fields})


def _choices(whole: type, steps: list[str | int]) -> list[str]:
    """What may be written at `steps`: the members of an enumeration, or the tags of a choice of parts."""
    found: list[Any] = []
    for kind in _type_at(whole, steps):
        if isinstance(kind, inspect.EnumType):
            found += [member.value for member in kind.cls]
        elif isinstance(kind, inspect.StructType):
            found.append(kind.tag)
    return [str(choice) for choice in found]
