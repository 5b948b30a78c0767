"""What a preview takes for granted: learnt from the town's last programme of the kind, or typed beside the form."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from unicodedata import normalize

from meguri.evidence import queries as evidence
from meguri.evidence.keeping import kept
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.document_form import is_changed
from meguri.faces.office.frame import say
from meguri.parties.rules import Both
from meguri.programmes import queries
from meguri.programmes.forecasting import Expectation
from meguri.programmes.preview import Assumption
from meguri.programmes.sharing import WHOLE
from meguri.programmes.terms import ProgrammeTerms
from meguri.words.refusal import Refusal, declare
from meguri.words.yen import parse_yen

SHARE_UNREADABLE = declare(
    "share_unreadable", status=422,
    ja="割合は0から100までの数で入力してください(入力: {text})。",
    en="Please enter a share from 0 to 100 (you entered {text}).",
)
UPTAKE, UNITS, LOCAL = "expected.uptake", "expected.units", "expected.local_money"
EXPECTED = {
    "uptake_bp": (UPTAKE, "対象の人のうち参加する割合(%)", "Share of the eligible who take part (%)"),
    "units_each": (UNITS, "1人が望む口数", "Units that each asks for"),
    "local_money_bp": (LOCAL, "地域のお金を選ぶ割合(%)", "Share who choose local money (%)"),
}
"""By the field of `Expectation`: the form's name and label."""
TYPED = Both("この画面で入力した値。", "Typed in this form.")


def learnt(terms: ProgrammeTerms | None, *, municipality: int) -> Expectation:
    """The take-up of the town's last programme of this family, as the last snapshot of evidence has it.

    Where there was none, or so few people that the figure is closed, the values are guesses.
    """
    last = kept(municipality) if terms is not None else None
    if last is None or terms is None:
        return Expectation()
    found = queries.programmes(municipality, states=("launched", "closed"))  # a draft is none of these
    for each in reversed([one for one in found if one.family == terms.family]):
        taken = evidence.indicator("take_up", last.seen, programme=each.id)
        if taken.value:
            return Expectation(
                uptake_bp=min(WHOLE, round(taken.value * WHOLE)),
                sources={"uptake_bp": _experience(Both(each.name_ja, each.name_en), taken.denominator or 0)},
            )
    return Expectation()


def _experience(name: Both, eligible: int) -> Both:
    return Both(
        f"この町の「{name.ja}」で、対象{eligible:,}人のうち受け取った人の割合。口数に限りがあれば、望む人はもっと多いことがある。",
        f"The share of {eligible:,} eligible people who received “{name.en}” in this town. Where units were few, more "
        "people may have wanted it.",
    )


def read(typed: Mapping[str, str], *, base: Expectation) -> tuple[Expectation, dict[str, Refusal]]:
    """What was typed instead of what was shown; the others stay. And what could not be read, by field."""
    values: dict[str, int] = {}
    refusals: dict[str, Refusal] = {}
    for code, (name, _, _) in EXPECTED.items():
        if not (is_changed(typed, name) and typed[name].strip()):
            continue
        try:
            values[code] = _value(code, typed[name])
        except Refusal as refusal:
            refusals[name] = refusal
    sources = {**base.sources, **dict.fromkeys(values, TYPED)}
    return replace(base, sources=sources, **values), refusals


def _value(code: str, typed: str) -> int:
    if code == "units_each":
        return parse_yen(typed, field="units", least=1, most=10**6)
    return _share(typed, field=EXPECTED[code][0])


def _share(text: str, *, field: str) -> int:
    """Per cent as typed -> basis points."""
    plain = normalize("NFKC", text).strip().removesuffix("%").strip()
    share = Decimal(plain) if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,4})?", plain) else Decimal(-1)
    if not 0 <= share <= 100:
        raise SHARE_UNREADABLE.refusal(field=field, text=text[:20])
    return int(share * 100)


def fields(
    request: TownRequest, typed: Mapping[str, str], *, base: Expectation, refusals: Mapping[str, Refusal],
    assumed: Sequence[Assumption],
) -> list[dict[str, Any]]:
    """The fields of the assumptions on which this document's preview rests, or that were typed before.

    `base`: what stands in them as long as nobody types anything else.
    """
    by_code = {each.code: each for each in assumed}
    shown = []
    for code, (name, ja, en) in EXPECTED.items():
        each = by_code.get(code)
        if each is None and name not in typed:
            continue
        was = _shown(code, getattr(base, code))
        shown.append({
            "name": name, "label": say(request, ja, en), "was": was,
            "value": typed[name] if is_changed(typed, name) else was,
            "error": refusals[name].sentence(request.language) if name in refusals else "",
            "hint": say(request, each.source.ja, each.source.en) if each else "",
        })
    return shown


def _shown(code: str, value: int) -> str:
    return f"{value / 100:g}" if code.endswith("_bp") else str(value)
