"""As whom the town speaks to the API, and how one request is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from meguri.rehearsal.client import Refused
from meguri.rehearsal.rules import Rules
from meguri.rehearsal.town import Town

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Voice:
    """As whom a request is made. `party` and `shop` are the server's names."""

    role: str
    party: str = ""
    department: str = ""
    shop: str = ""
    second: bool = False  # the department's second officer of that role


class Say(Protocol):
    """Makes one request. `part` tells the requests of one happening apart; each gets its own idempotency key."""

    def __call__(self, operation: str, body: Json, *, by: Voice, part: str = "") -> Any: ...

    def kept(self, operation: str, body: Json, *, by: Voice) -> Any:
        """The answer to a question that stays good until the clock moves; asked once by all."""
        ...

    def has(self, operation: str) -> bool:
        """Whether the server knows the operation."""
        ...

    def number(self, key: str) -> str:
        """Under which number this life sends what a happening of this key is, wherever a body names it."""
        ...


@dataclass(frozen=True, slots=True)
class Named:
    """The town, and the server's names for its things by ours (`ids`)."""

    town: Town
    ids: Mapping[str, str]
    rules: Rules

    def named(self, what: str) -> str:
        """The server's name for a thing. Raises Refused `not_told` when the server never gave one."""
        if not self.ids.get(what):
            sentence = f"サーバーから名前を聞いていません / the server has not named it: {what}"
            raise Refused("not_told", status=0, sentence=sentence)
        return self.ids[what]

    def resident(self, who: str) -> Voice:
        return Voice("resident", party=self.named(f"resident:{who}"))

    def clerk(self, shop: str) -> Voice:
        return Voice("clerk", shop=self.named(f"shop:{shop}"))

    def programme(self, code: str) -> str:
        return self.named(f"programme:{code}")


OPERATOR = Voice("operator")
"""Fills the registers of the rehearsed town; the rehearsal's own key speaks for it."""
