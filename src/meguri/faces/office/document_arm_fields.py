"""The form's fields for what lot decides: an arm to be added, arms to be taken out, how is drawn."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from meguri.faces.office.document_arms import (
    CHOICES,
    DIFFERENCES,
    FIELDS,
    added,
    arms_in,
    can_have_arms,
    differences,
    is_control,
    removed,
    with_trial,
)
from meguri.faces.office.document_form import FormField, Shown, filled_in, is_changed
from meguri.words.refusal import Language, Refusal

ADD = "trial.add."
NOBODY = ("加えない", "no further arm")
ROWS = {
    "what": ("select", "加える群で変えること", "What differs in the arm to be added"),
    "value": ("text", "その値", "To what"),
    "share_bp": ("number", "割合(万分率、空なら5,000)", "Share (of 10,000; empty: 5,000)"),
    "name": ("text", "群の名前(空なら自動)", "Name of the arm (empty: made up)"),
}  # fmt: skip
LABELS = {"per": ("くじを引く単位", "Drawn by"), "strata": ("層", "Strata")}
REMOVES = {"": ("残す", "stays"), "yes": ("減らす", "is taken out")}


def arm_groups(
    text: str, *, language: Language, typed: Mapping[str, str], refusals: Mapping[str, Refusal]
) -> Shown:
    """These fields, with a button that writes them into the document; nothing where lot may not decide."""
    tree = _tree(text)
    if not can_have_arms(tree):
        return []
    title = "くじで決める条件を変える" if language == "ja" else "Change what lot decides"
    act = "群を書き込んで、続けて直す" if language == "ja" else "Write the arms in, and go on"
    fields = list(_fields(tree, typed, language=language, wrong=refusals))
    return [{"title": title, "fields": fields, "act": act}]


def _fields(
    tree: dict[str, Any], typed: Mapping[str, str], *, language: Language, wrong: Mapping[str, Refusal]
) -> Iterator[FormField]:
    place = language == "en"

    def field(
        name: str, *, kind: str, label: str, was: str = "", options: Mapping[str, str] | None = None
    ) -> FormField:
        return FormField(
            name, label, kind, typed[name] if is_changed(typed, name) else was, was,
            wrong[name].sentence(language) if name in wrong else "", required=False,
            options=tuple({"value": value, "label": words} for value, words in (options or {}).items()),
        )  # fmt: skip

    for number, arm in enumerate(arms_in(tree)):
        if not is_control(arm):
            label = ("この群を減らす", "This arm")[place] + f" — {arm['name'].get(language, '')}"
            options = {value: both[place] for value, both in REMOVES.items()}
            yield field(f"trial.arms[{number}].remove", kind="select", label=label, options=options)
    for name, choices in CHOICES.items() if arms_in(tree) else ():
        options = {value: both[place] for value, both in choices.items()}
        was = tree["trial"].get(name, next(iter(choices)))
        yield field(f"trial.{name}", kind="select", label=LABELS[name][place], was=was, options=options)
    kinds = {"": NOBODY[place]} | {name: DIFFERENCES[name].words[place] for name in differences(tree)}
    for name, (kind, ja, en) in ROWS.items():
        yield field(ADD + name, kind=kind, label=(ja, en)[place], options=kinds if name == "what" else None)


def filled_with_arms(text: str, typed: Mapping[str, str]) -> tuple[str, dict[str, Refusal]]:
    """As `filled_in`, and then the trial as these fields say; what cannot be read, by field."""
    filled, refusals = filled_in(text, typed)
    tree = _tree(filled)
    if refusals or not can_have_arms(tree) or not any(is_changed(typed, name) for name in _names(tree)):
        return filled, refusals
    try:
        trial = _changed(tree, typed)
    except Refusal as refusal:
        return text, {str(refusal.field): refusal}
    return with_trial(filled.replace("\r\n", "\n"), trial), {}


def _names(tree: dict[str, Any]) -> list[str]:
    removes = [f"trial.arms[{number}].remove" for number, _ in enumerate(arms_in(tree))]
    return [*removes, *(f"trial.{name}" for name in CHOICES), *(ADD + name for name in FIELDS)]


def _changed(tree: dict[str, Any], typed: Mapping[str, str]) -> dict[str, Any] | None:
    """The trial as it shall be; None: lot decides nothing. Raises Refusal."""
    trial: dict[str, Any] | None = tree.get("trial")
    if trial is not None:
        chosen = {name: typed[f"trial.{name}"] for name in CHOICES if is_changed(typed, f"trial.{name}")}
        trial = {**trial, **{name: value for name, value in chosen.items() if value in CHOICES[name]}}
        gone = {arm["code"] for number, arm in enumerate(arms_in(tree)) if typed.get(f"trial.arms[{number}].remove")}
        trial = removed(trial, gone) if gone else trial
    if any(is_changed(typed, ADD + name) for name in FIELDS):
        trial = added({**tree, "trial": trial}, {name: typed.get(ADD + name, "") for name in FIELDS})
    return trial


def arm_places(text: str) -> dict[str, str]:
    """By field: the path as findings write it."""
    chosen = {f"trial.{name}": f"trial.{name}" for name in CHOICES}
    return chosen | {ADD + "what": "trial"} if can_have_arms(_tree(text)) else {}


def _tree(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}
