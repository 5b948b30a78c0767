"""Examples for the OpenAPI document: every refusal with both its sentences, and an answer of each shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from meguri.faces.api.may_refuse import ANY, BODY, MAY_REFUSE, NUMBERED, READ, TOKEN
from meguri.faces.entrance.refusals import problem_details
from meguri.words.refusal import Refusal, RefusalKind, catalogue

ANSWERS: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "answers.json").read_text(encoding="utf-8"))
"""By operationId and status: what the small town of the tests was answered, shortened. The tests keep its shape."""


class _Fact:
    """Stands where a fact of the case will stand, as its own name in braces."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __format__(self, _: str) -> str:
        return f"{{{self.name}}}"

    def __str__(self) -> str:
        return f"{{{self.name}}}"


def problem_examples() -> dict[str, Any]:
    """By code: what the server answers, with the names of the facts in place of their values."""
    promised = " ".join([*MAY_REFUSE.values(), ANY, BODY, NUMBERED, READ, TOKEN]).split()
    return {
        kind.code: {"summary": f"{kind.ja} / {kind.en}", "value": problem_details(_example(kind))}
        for kind in catalogue() if kind.code in promised
    }  # fmt: skip


def _example(kind: RefusalKind) -> Refusal:
    facts: dict[str, Any] = {name: _Fact(name) for name in kind.facts}
    return kind.refusal(**facts)
