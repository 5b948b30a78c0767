"""Why a document could not be read: where (line and path), what is wrong, and how to mend it."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any

import msgspec
from msgspec import inspect

from meguri.parties.rules import Both
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
    ja="{where:ja}が{form}として読めません({problem})。その直前の括弧・引用符・カンマを確かめてください。",
    en="{where:en} cannot be read as {form} ({problem}). Please check brackets, quotes and commas just before it.",
)
TOO_DEEP = declare(
    "terms_too_deep",
    status=422,
    ja="条件の入れ子が深すぎます。段を減らしてください。",
    en="The conditions are nested too deeply. Please use fewer levels.",
)
UNKNOWN_FIELD = declare(
    "terms_unknown_field",
    status=422,
    ja="{where:ja}に「{name}」という項目はありません。近い項目: {near}。名前を直すか、消してください。",
    en="{where:en} has no field “{name}”. Close to it: {near}. Please correct the name or remove it.",
)
MISSING_FIELD = declare(
    "terms_missing_field",
    status=422,
    ja="{where:ja}に「{name}」がありません。書き足してください。",
    en="{where:en} lacks “{name}”. Please add it.",
)
UNKNOWN_CHOICE = declare(
    "terms_unknown_choice",
    status=422,
    ja="{where:ja}の「{value}」は選べません。次のどれかにしてください: {choices}。",
    en="{where:en}: “{value}” is not a choice. Please write one of: {choices}.",
)
WRONG_VALUE = declare(
    "terms_wrong_value",
    status=422,
    ja="{where:ja}の値が合いません。{problem:ja}。",
    en="{where:en} does not fit: {problem:en}.",
)


_TYPES = {
    "int": ("整数", "a whole number"),
    "str": ("文字", "a text in quotes"),
    "bool": ("true か false", "true or false"),
    "date": ("日付(2025-04-01)", "a date (2025-04-01)"),
    "array": ("並び [ ]", "a list [ ]"),
    "object": ("表 { }", "a table { }"),
    "float": ("小数", "a decimal number"),
    "null": ("空", "nothing"),
}


def of_syntax(problem: Exception, *, form: str) -> Refusal:
    """The refusal for a file that is no TOML or no JSON at all."""
    message = str(problem)
    found = re.search(r"line (\d+), column (\d+)", message)
    where = Both("文書", "The document")
    if found:
        where = Both(f"{found[1]}行{found[2]}文字目", f"Line {found[1]}, column {found[2]}")
    return SYNTAX.refusal(where=where, form=form.upper(), problem=re.sub(r"\s*\(at line.*?\)$", "", message))


def of_value(problem: msgspec.ValidationError, *, whole: type, text: str) -> Refusal:
    """The refusal for a document whose syntax is fine but whose value is not. `text`: the TOML, to name the line."""
    message, _, path = str(problem).partition(" - at `$")
    steps = _steps(path.rstrip("`"))
    found = re.match(r"Object (?:contains unknown|missing required) field `(.*)`", message)
    name = found[1] if found else ""
    field = _dotted([*steps, name] if name else steps)
    facts: dict[str, Any] = {"field": field, "where": _place(steps, name=name, text=text)}
    if message.startswith("Object contains unknown"):
        near = get_close_matches(name, _fields(_types_at(whole, steps)), n=3, cutoff=0.6) or ["—"]
        return UNKNOWN_FIELD.refusal(name=name, near=", ".join(near), **facts)
    if message.startswith("Object missing"):
        return MISSING_FIELD.refusal(name=name, **facts)
    if chosen := re.match(r"Invalid (?:enum )?value '?(.*?)'?$", message):
        return UNKNOWN_CHOICE.refusal(value=chosen[1], choices=", ".join(_choices(whole, steps)) or "—", **facts)
    return WRONG_VALUE.refusal(problem=_explained(message), **facts)


def _explained(message: str) -> Both:
    """What is expected, in both languages; a message that is not known is passed on as it is."""
    if found := re.match(r"Expected `([^`]+)`, got `(\w+)`", message):
        wanted = [_TYPES.get(name.strip(), (name, name)) for name in found[1].split("|")]
        got = _TYPES.get(found[2], (found[2], found[2]))
        ja, en = "か".join(name[0] for name in wanted), " or ".join(name[1] for name in wanted)
        return Both(f"{ja}を書いてください(いまは{got[0]}です)", f"write {en}, not {got[1]}")
    if found := re.match(r"Expected `int` ([<>]=) (\d+)", message):
        return _bounded(found, Both("", ""))
    if found := re.match(r"Expected `str` of length ([<>]=) (\d+)", message):
        return _bounded(found, Both("文字", " characters"))
    if "date" in message:
        return Both("日付は 2025-04-01 のように書いてください", "write a date like 2025-04-01")
    if "matching regex" in message:
        return Both("英小文字で始め、英小文字・数字・ハイフンだけで40文字以内にしてください",
                    "begin with a small letter and use only small letters, digits and hyphens, at most 40")
    return Both(f"確かめてください({message})", message)


def _bounded(found: re.Match[str], unit: Both) -> Both:
    bound = f"{int(found[2]):,}"
    if found[1] == ">=":
        return Both(f"{bound}{unit.ja}以上にしてください", f"write {bound}{unit.en} or more")
    return Both(f"{bound}{unit.ja}以下にしてください", f"write {bound}{unit.en} or less")


def _steps(path: str) -> list[str | int]:
    """`.funds[0].name` -> ["funds", 0, "name"]."""
    found = re.findall(r"\.([^.\[\]]+)|\[(\d+)\]", path)
    return [name or int(index) for name, index in found]


def _dotted(steps: list[str | int]) -> str:
    return "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps).lstrip(".")


def _place(steps: list[str | int], *, name: str, text: str) -> Both:
    """`41行目(funds[0])`; without a text only the path; the whole document is called so."""
    dotted = _dotted(steps)
    line = _line_of([*steps, name], text)
    if not line:
        return Both(dotted or "文書", dotted or "The document")
    return Both(f"{line}行目({dotted or '文書'})", f"Line {line} ({dotted or 'the document'})")


def _line_of(steps: list[str | int], text: str) -> int:
    """The line of TOML that sets the value at `steps`, or of the nearest table around it; 0 when none is found."""
    best, best_depth = 0, 0
    table: list[str | int] = []
    counts: dict[str, int] = {}
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


def _types_at(whole: type, steps: list[str | int]) -> list[inspect.Type]:
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
    for kind in _types_at(whole, steps):
        if isinstance(kind, inspect.EnumType):
            found += [member.value for member in kind.cls]
        elif isinstance(kind, inspect.StructType):
            found.append(kind.tag)
    return [str(choice) for choice in dict.fromkeys(found)]
