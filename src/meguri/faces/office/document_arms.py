"""The arms of a trial in the text of a TOML document: one is added, some are taken out, or all. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import tomli_w

from meguri.words.refusal import Refusal, declare
from meguri.words.wareki import parse_date
from meguri.words.yen import Unit, parse_yen

Tree = dict[str, Any]
Texts = dict[str, str]

WHOLE: Final = 10_000
ARMS_MOST: Final = 6
"""More arms than this leave too few people in each of them."""
FIELDS: Final = ("what", "value", "share_bp", "name")
CHOICES: Final = {
    "per": {"resident": ("1人ずつ", "each person"), "household": ("1世帯ずつ", "each household")},
    "strata": {"none": ("分けない", "none"), "ward": ("区ごと", "by ward")},
}  # fmt: skip
"""How is drawn, as the document writes it; the first of each is what a silent document means."""
CONTROL: Final = {"code": "as-written", "name": {"ja": "要綱のまま", "en": "As the terms say"}}
REASON: Final = {
    "ja": "どの条件が暮らしと町の役に立つかを、公平なくじで確かめるためです。",
    "en": "To learn by a fair lot which conditions help people and the town.",
}
_TABLES: Final = re.compile(r"^\[\[?trial(?:\.[^\]\n]*)?\]\]?[^\n]*\n(?:(?!\[).*\n?)*", re.MULTILINE)
"""The lines of the part, each of its tables from its head to the next one."""

SHARE_TOO_LARGE = declare(
    "arm_share_too_large", status=422,
    ja="「要綱のまま」の群に残っているのは {left} です。{left} より小さい割合を入れてください。",
    en="The arm that is as the terms say has {left} left. Please enter a share below {left}.",
)  # fmt: skip
ARMS_ENOUGH = declare(
    "arms_enough", status=422,
    ja="群は{most}つまでです。加える前に、どれかを減らしてください。",
    en="There can be {most} arms. Please take one out before you add another.",
)  # fmt: skip
WHAT_MISSING = declare(
    "arm_changes_nothing", status=422,
    ja="この群で何を変えるかを選んでください。", en="Please choose what differs in this arm.",
)  # fmt: skip
PREMIUM_MISSING = declare(
    "arm_has_no_premium", status=422,
    ja="この文書の1口には、上乗せ分の財布がちょうど一つありません。上乗せの群は、文書のまま直してください。",
    en="A unit of this document has not exactly one granted purse. Please write arms of the premium into the document.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """Something in which an arm may differ: its words (ja, en), what the arm is called, and how what is typed becomes
    a part of it.
    """

    words: tuple[str, str]
    named: tuple[str, str]  # the arm's name, with {value}
    part: Callable[[Tree, str], Tree]


def _count(typed: str, unit: Unit, *, least: int, most: int, field: str = "trial.add.value") -> int:
    """A number of days, months or parts, as people type it. Raises Refusal as `parse_yen`, in this unit."""
    try:
        return parse_yen(typed.strip().removesuffix(unit.ja), field="count", least=least, most=most)
    except Refusal as refusal:
        facts: dict[str, Any] = {**refusal.facts, "unit": unit}
        raise refusal.kind.refusal(field=field, **facts) from None


def _reminder(tree: Tree, typed: str) -> Tree:
    return {"reminder_days": _count(typed, Unit("日", "days"), least=0, most=30)}


def _expiry(tree: Tree, typed: str) -> Tree:
    kind = tree["expiry"]["kind"]
    if kind == "after":
        return {"expiry": {**tree["expiry"], "months": _count(typed, Unit("か月", "months"), least=1, most=120)}}
    return {"expiry": {**tree["expiry"], "last_day": parse_date(typed, field="trial.add.value")}}


def _premium(tree: Tree, typed: str) -> Tree:
    granted = {purse["code"] for purse in tree["purses"] if purse.get("part") == "granted"}
    faces = [part["purse"] for part in tree["obtaining"]["face"] if part["purse"] in granted]
    if len(faces) != 1:
        raise PREMIUM_MISSING.refusal(field="trial.add.what")
    yen = parse_yen(typed, field="trial.add.value", least=1, most=10**7)
    return {"premium": [{"purse": faces[0], "yen": yen}]}


def _demurrage(tree: Tree, typed: str) -> Tree:
    return {"demurrage_bp": _count(typed, Unit("/10,000", "of 10,000"), least=0, most=WHOLE)}


DIFFERENCES: Final = {
    "reminder": Difference(("期限のお知らせ(何日前か、0は知らせない)", "the reminder (days before, 0: none)"),
                           ("{value}日前に知らせる", "Reminded {value} days before"), _reminder),
    "expiry": Difference(("有効期限(日、または月数)", "the expiry (a day, or months)"),
                         ("期限 {value}", "Good until {value}"), _expiry),
    "premium": Difference(("1口の上乗せ(円)", "the premium of a unit (yen)"),
                          ("上乗せ {value}円", "A premium of {value} yen"), _premium),
    "demurrage": Difference(("減価(万分率、0は減らない)", "the demurrage (of 10,000; 0: none)"),
                            ("減価 {value}/10,000", "Shrinks by {value} of 10,000"), _demurrage),
}  # fmt: skip


def can_have_arms(tree: Mapping[str, Any]) -> bool:
    """Whether lot may decide conditions of this document: a programme's, of no statutory benefit and no campaigns."""
    obtaining = _part(tree, "obtaining")
    is_whole = isinstance(tree.get("purses"), list) and bool(obtaining) and first_day(tree) is not None
    return is_whole and not obtaining.get("statutory") and obtaining.get("by") != "campaign"


def differences(tree: Mapping[str, Any]) -> tuple[str, ...]:
    """In what the arms of this document may differ: what is printed on paper is the same for everybody."""
    obtaining, expiry = _part(tree, "obtaining"), _part(tree, "expiry")
    on_paper = obtaining.get("paper_or_electronic", False)
    fits = {
        "reminder": True, "expiry": expiry.get("kind") in {"on", "after"} and not on_paper,
        "premium": obtaining.get("by") == "sale" and not obtaining.get("bundles") and not on_paper,
        "demurrage": isinstance(tree.get("demurrage"), dict),
    }  # fmt: skip
    return tuple(name for name in DIFFERENCES if fits[name])


def arms_in(tree: Mapping[str, Any]) -> list[Tree]:
    """The arms as the document writes them; none where lot decides nothing."""
    trial = tree.get("trial")
    return list(trial.get("arms", [])) if isinstance(trial, dict) else []


def is_control(arm: Mapping[str, Any]) -> bool:
    """Whether an arm says nothing of its own."""
    return not arm.keys() & {"reminder_days", "expiry", "premium", "demurrage_bp"}


def added(tree: Tree, typed: Texts) -> Tree:
    """The trial with one arm more, whose share the control gives; the first arm brings the control along.

    `typed`: the fields `FIELDS`. Raises Refusal with the field `trial.add.…`.
    """
    trial = _part(tree, "trial") or _begun(tree)
    arms = [dict(arm) for arm in trial["arms"]]
    if len(arms) >= ARMS_MOST:
        raise ARMS_ENOUGH.refusal(field="trial.add.what", most=ARMS_MOST)
    if typed["what"] not in differences(tree):
        raise WHAT_MISSING.refusal(field="trial.add.what")
    difference = DIFFERENCES[typed["what"]]
    part = difference.part(tree, typed["value"])
    wanted = typed["share_bp"].strip() or str(WHOLE // 2)
    share = _count(wanted, Unit("/10,000", "of 10,000"), least=1, most=WHOLE, field="trial.add.share_bp")
    giving = next((arm for arm in arms if is_control(arm)), None)
    if giving is not None:
        if share >= giving["share_bp"]:
            raise SHARE_TOO_LARGE.refusal(field="trial.add.share_bp", left=f"{giving['share_bp']:,}")
        giving["share_bp"] -= share
    name = _name(difference, typed)
    return {**trial, "arms": [*arms, {"code": _code(typed["what"], arms), "name": name, "share_bp": share, **part}]}


def removed(trial: Tree, codes: set[str]) -> Tree | None:
    """The trial without these arms, whose shares go to the control; None when nothing is left to be compared."""
    arms = [dict(arm) for arm in trial["arms"] if arm["code"] not in codes]
    freed = sum(arm["share_bp"] for arm in trial["arms"] if arm["code"] in codes)
    taking = next((arm for arm in arms if is_control(arm)), None)
    if taking is not None:
        taking["share_bp"] += freed
    return {**trial, "arms": arms} if any(not is_control(arm) for arm in arms) else None


def with_trial(text: str, trial: Tree | None) -> str:
    """The document with this part instead; None: without it. All else stays as it is.

    Where that is not possible the document is written anew from its values, without its comments.
    """
    tree = tomllib.loads(text)
    tree.pop("trial", None)
    found = _TABLES.sub("", text)
    if trial is not None:
        tree["trial"] = trial
        found = f"{found.rstrip()}\n\n{tomli_w.dumps({'trial': trial})}"
    return found if _is(found, tree) else tomli_w.dumps(tree)


def first_day(tree: Any) -> date | None:
    """The first day on which anything of the document begins: lot must have decided by then."""
    if isinstance(tree, dict):
        days = [tree["first_day"]] if isinstance(tree.get("first_day"), date) else []
        days += [found for name, part in tree.items() if name != "trial" and (found := first_day(part))]
        return min(days, default=None)
    return min((found for part in tree if (found := first_day(part))), default=None) if isinstance(tree, list) else None


def _begun(tree: Tree) -> Tree:
    """A trial of the control alone, drawn on the day before anything begins."""
    begins = first_day({name: part for name, part in tree.items() if name != "spending"}) or first_day(tree)
    assert begins is not None  # noqa: S101 - `can_have_arms` has looked for one
    drawn_on = begins - timedelta(days=1)
    before = drawn_on - timedelta(days=1)
    households = _part(tree, "obtaining").get("per") == "household" or tree.get("family") == "benefit"
    return {
        "per": "household" if households else "resident", "strata": "none", "drawn_on": drawn_on,
        "public_value": {"ja": f"{before.month}月{before.day}日の日経平均株価の終値",
                         "en": f"the Nikkei's close on {before:%d %B %Y}".replace(" 0", " ")},
        "reason": dict(REASON), "arms": [{**CONTROL, "share_bp": WHOLE}],
    }  # fmt: skip


def _part(tree: Mapping[str, Any], name: str) -> Tree:
    found = tree.get(name)
    return found if isinstance(found, dict) else {}


def _name(difference: Difference, typed: Texts) -> Texts:
    if typed["name"].strip():
        return {"ja": typed["name"].strip(), "en": typed["name"].strip()}
    ja, en = (form.format(value=typed["value"].strip()) for form in difference.named)
    return {"ja": ja, "en": en}


def _code(what: str, arms: list[Tree]) -> str:
    """A code that no other arm has."""
    known, number = {arm["code"] for arm in arms}, 1
    while f"{what}-{number}" in known:
        number += 1
    return f"{what}-{number}"


def _is(text: str, tree: Tree) -> bool:
    try:
        return tomllib.loads(text) == tree
    except tomllib.TOMLDecodeError:
        return False
