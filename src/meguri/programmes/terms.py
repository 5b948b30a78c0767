"""A programme as a document: what a department decides, and nothing that a program must be written for.

One tree of frozen parts (`programmes.parts`). The office's form, the API and a file (TOML or JSON) edit the same tree:
`read_terms` and `write_terms` go round without loss, `digest` names one version for ever.
"""

from __future__ import annotations

import hashlib
import tomllib
from datetime import date
from typing import Final, Literal

import msgspec
import tomli_w

from meguri.programmes import misreadings
from meguri.programmes.campaign_terms import GrantByCampaign
from meguri.programmes.origins import Origin
from meguri.programmes.parts import (
    AgreementTerms,
    Code,
    Demurrage,
    Eligibility,
    Evaluation,
    ExpiresAfter,
    ExpiresOn,
    Family,
    FundTerms,
    GiftTerms,
    Goal,
    GrantByAction,
    GrantByCode,
    GrantByList,
    GrantByPayment,
    Indicator,
    Limits,
    NeverExpires,
    Part,
    PurseTerms,
    Refunds,
    Sale,
    Scheme,
    SourceNote,
    Spending,
    Text,
    TopUp,
)
from meguri.programmes.trial import Trial

Format = Literal["toml", "json"]
SIZE_BYTES_MAX: Final = 256 * 1024
"""Ten times the longest document shipped; a larger file is no programme."""

Obtaining = Sale | GrantByCode | GrantByAction | GrantByPayment | GrantByCampaign | GrantByList | TopUp


class ProgrammeTerms(Part, frozen=True, kw_only=True):
    """The whole document. Codes are unique inside it; parts name each other by code."""

    code: Code
    name: Text
    family: Family
    department: Code
    purpose: Text
    notice: Text | None = None  # said wherever the programme is shown: invented town, real rules
    origin: Origin | None = None
    scheme: Scheme
    funds: tuple[FundTerms, ...]
    agreements: tuple[AgreementTerms, ...] = ()
    eligibility: Eligibility
    obtaining: Obtaining
    purses: tuple[PurseTerms, ...]
    spending: Spending
    expiry: ExpiresOn | ExpiresAfter | NeverExpires
    demurrage: Demurrage | None = None
    trial: Trial | None = None
    limits: Limits = Limits()
    gifts: GiftTerms | None = None  # none: value stays with whoever obtained it
    donations: bool = False  # granted value may go to the causes that the town lists; paid value never
    refunds: Refunds
    indicators: tuple[Indicator, ...]
    goals: tuple[Goal, ...] = ()
    evaluation: Evaluation
    sources: tuple[SourceNote, ...] = ()


msgspec.json.Decoder(ProgrammeTerms)  # prepares the types: threads that find them unprepared at once end the process


def read_terms(content: bytes, form: Format = "toml") -> ProgrammeTerms:
    """Read a document. Raises Refusal (`terms_…`) that says where, what, and how to mend it."""
    if len(content) > SIZE_BYTES_MAX:
        raise misreadings.TOO_LARGE.refusal(size=len(content), most=SIZE_BYTES_MAX)
    text = _text(content)
    try:
        tree = tomllib.loads(text) if form == "toml" else msgspec.json.decode(text)
    except (tomllib.TOMLDecodeError, msgspec.DecodeError, RecursionError) as problem:
        raise misreadings.of_syntax(problem, form=form) from None
    return from_tree(tree, text=text if form == "toml" else "")


def from_tree(tree: object, *, text: str = "") -> ProgrammeTerms:
    """Judge plain dicts and lists (a form, JSON). `text` is the TOML they came from, to name a line.

    Raises Refusal as `read_terms` does.
    """
    try:
        return msgspec.convert(tree, ProgrammeTerms, strict=True)
    except RecursionError:
        raise misreadings.TOO_DEEP.refusal() from None
    except msgspec.ValidationError as problem:
        raise misreadings.of_value(problem, whole=ProgrammeTerms, text=text) from None


def to_tree(terms: ProgrammeTerms) -> dict[str, object]:
    """The document as plain dicts, lists, strings, numbers and dates; unset values are left out."""
    tree: dict[str, object] = msgspec.to_builtins(terms, builtin_types=(date,))
    return tree


def write_terms(terms: ProgrammeTerms, form: Format = "toml") -> bytes:
    """The document as a file. `read_terms(write_terms(t)) == t`."""
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(terms), indent=2)
    return tomli_w.dumps(to_tree(terms)).encode()


def digest(terms: ProgrammeTerms) -> str:
    """SHA-256 (hex) of the canonical document: JSON, keys sorted, unset values left out, no spaces.

    Comments, spacing and the order of keys do not change it; any value does.
    """
    return hashlib.sha256(msgspec.json.encode(terms, order="sorted")).hexdigest()


def _text(content: bytes) -> str:
    """UTF-8 with or without a byte-order mark, any line ending."""
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as problem:
        raise misreadings.NOT_UTF8.refusal(position=problem.start) from None
