"""Two sentences side by side: which one is spoken, how facts enter it, and how a reading is set above kanji."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any

from django.template import Context
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from meguri.words.refusal import Language

READING = re.compile(r"(?:[｜|]([^｜|《》<>]+)|([\u3005-\u3007\u3400-\u9fff\uf900-\ufaffヶ]+))《([ぁ-ゖァ-ヺー・ ]+)》")
"""Kanji with its reading, as Japanese plain texts write it: 残高《ざんだか》; a bar marks where longer words begin."""


def as_language(code: str | None) -> Language:
    """`en` for any English, else Japanese: the town's own tongue is the default."""
    return "en" if (code or "").lower().startswith("en") else "ja"


def language_of(context: Context) -> Language:
    """The language of a page: `language` in the context, else the one Django has activated for the request."""
    return as_language(context.get("language") or get_language())


class Facts(dict[str, Any]):
    """The facts of a sentence. A missing one leaves its name visible: half a sentence is better than no page."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


class Sentence(Formatter):
    """`{days}`, `{stock}` (1,280) and the English plural `{days:day|days}`. Facts are escaped unless marked safe.

    Whole numbers get thousands separators by themselves; a number that is a name says so: `{year}`, or `{number:d}`.
    """

    def format_field(self, value: Any, format_spec: str) -> str:
        if "|" in format_spec:
            one, many = format_spec.split("|", 1)
            return one if value == 1 else many
        if isinstance(value, int | float) and not isinstance(value, bool):
            return format(value, format_spec or ("," if isinstance(value, int) else ""))
        return str(conditional_escape(value))

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        value = super().get_value(key, args, kwargs)
        return str(value) if key == "year" and isinstance(value, int) else value


def fill(sentence: str, facts: Mapping[str, Any]) -> SafeString:
    """A template's own sentence with its facts, as safe markup. Nobody else's text may come in as the sentence."""
    shown = Sentence().vformat(str(conditional_escape(sentence)), (), Facts(facts))
    return mark_safe(set_readings(shown))  # noqa: S308 - sentence and facts were escaped above


def as_written(text: Any) -> SafeString:
    """What somebody typed, or a room names, as safe markup: its braces are braces, only readings are set."""
    return mark_safe(set_readings(str(conditional_escape(text))))  # noqa: S308 - escaped on the spot


def fact_names(sentence: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def set_readings(markup: str) -> str:
    """Turn 残高《ざんだか》 into ruby; browsers show the reading when the reader has switched it on."""
    return READING.sub(lambda m: f"<ruby>{m[1] or m[2]}<rp>(</rp><rt>{m[3]}</rt><rp>)</rp></ruby>", markup)


def without_readings(text: str) -> str:
    """The same text for places that take no markup (attributes, titles): 残高《ざんだか》 -> 残高."""
    return READING.sub(lambda m: m[1] or m[2], text)
