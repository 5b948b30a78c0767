"""The values of a programme's document that officers change most, as fields; the document itself stays the text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from meguri.faces.office.document_carry import KINDS, Carried, budgets, carry_over, with_carry_over
from meguri.faces.office.document_gifts import (
    NUMBERS,
    USUAL_DAYS,
    Given,
    can_have_gifts,
    gifts_in,
    with_donations,
    with_gifts,
)
from meguri.faces.office.document_places import Path, written
from meguri.faces.office.document_who import KINDS as WHO_KINDS
from meguri.faces.office.document_who import WHO, who_in, with_who
from meguri.words.refusal import Language, Refusal, declare
from meguri.words.wareki import parse_date
from meguri.words.yen import parse_yen

WAS = "was:"
"""What a field showed when the form was opened: only a field that was touched changes the document."""
BUDGET_MOST = 10**13

VALUE_MISSING = declare(
    "value_missing", status=422,
    ja="空のままにはできません。入力してください。", en="This cannot be empty. Please fill it in.",
)
ENDS_BEFORE_IT_BEGINS = declare(
    "ends_before_it_begins", status=422,
    ja="最後の日が最初の日({first})より前です。日付を確かめてください。",
    en="The last day lies before the first ({first}). Please check the dates.",
)


@dataclass(frozen=True, slots=True)
class Row:
    """A value of the document that has a field. `*` in the path stands for each part of a list."""

    path: str
    kind: str  # text | day | yen | number
    ja: str
    en: str
    least: int = 1


@dataclass(frozen=True, slots=True)
class Group:
    ja: str
    en: str
    rows: tuple[Row, ...]


GROUPS = (
    Group("名前", "Name", (
        Row("name.ja", "text", "事業の名前(日本語)", "Name (Japanese)"),
        Row("name.en", "text", "事業の名前(英語)", "Name (English)"),
        Row("code", "text", "事業の記号(英小文字・数字・ハイフン)", "Code (small letters, digits, hyphens)"),
    )),
    Group("キャンペーン", "Campaigns", (
        Row("obtaining.campaigns.*.name.ja", "text", "キャンペーンの名前(日本語)", "Name of the campaign (Japanese)"),
        Row("obtaining.campaigns.*.name.en", "text", "キャンペーンの名前(英語)", "Name of the campaign (English)"),
    )),
    Group("期間", "Days", (
        Row("obtaining.rounds.*.application.first_day", "day", "申込の最初の日", "Applications from"),
        Row("obtaining.rounds.*.application.last_day", "day", "申込の最後の日", "Applications until"),
        Row("obtaining.rounds.*.purchase.first_day", "day", "購入の最初の日", "Purchase from"),
        Row("obtaining.rounds.*.purchase.last_day", "day", "購入の最後の日", "Purchase until"),
        Row("obtaining.entering.first_day", "day", "コード入力の最初の日", "Codes entered from"),
        Row("obtaining.entering.last_day", "day", "コード入力の最後の日", "Codes entered until"),
        Row("obtaining.window.first_day", "day", "付与の最初の日", "Granted from"),
        Row("obtaining.window.last_day", "day", "付与の最後の日", "Granted until"),
        Row("obtaining.missions.*.window.first_day", "day", "ミッションの最初の日", "Mission from"),
        Row("obtaining.missions.*.window.last_day", "day", "ミッションの最後の日", "Mission until"),
        Row("obtaining.campaigns.*.window.first_day", "day", "キャンペーンの最初の日", "Campaign from"),
        Row("obtaining.campaigns.*.window.last_day", "day", "キャンペーンの最後の日", "Campaign until"),
        Row("obtaining.choosing.first_day", "day", "受け取り方を選ぶ最初の日", "Choosing from"),
        Row("obtaining.choosing.last_day", "day", "受け取り方を選ぶ最後の日", "Choosing until"),
        Row("spending.window.first_day", "day", "利用の最初の日", "Spent from"),
        Row("spending.window.last_day", "day", "利用の最後の日", "Spent until"),
        Row("expiry.last_day", "day", "有効期限(この日まで使える)", "Good until"),
        Row("refunds.shop_claims_until", "day", "店の請求の期限", "Shops claim until"),
        Row("obtaining.rounds.*.drawn_on", "day", "抽選の日", "Drawn on"),
        Row("obtaining.paid_on", "day", "支給の日", "Paid on"),
        Row("eligibility.on", "day", "対象を判定する日", "Eligibility judged on"),
    )),
    Group("額と数", "Amounts and numbers", (
        Row("obtaining.rounds.*.units", "number", "発行する口数", "Units on sale"),
        Row("obtaining.unit_price_yen", "yen", "1口の値段", "Price of one unit", least=0),
        Row("obtaining.face.*.yen", "yen", "1口で財布に入る額", "Face value of one unit"),
        Row("obtaining.bundles.*.price_yen", "yen", "1冊の値段", "Price of one book", least=0),
        Row("obtaining.bundles.*.face.*.yen", "yen", "1冊で財布に入る額", "Face value of one book"),
        Row("obtaining.bundles.*.max_units", "number", "1人(1世帯)が買える冊数", "Books per person (household)"),
        Row("obtaining.max_units", "number", "1人(1世帯)が買える口数", "Units per person (household)"),
        Row("obtaining.limits.*.yen", "yen", "1人の上限", "Most per person"),
        Row("obtaining.campaigns.*.bands.*.from_yen", "yen", "付く支払いの額(この額から)", "Payments from"),
        Row("obtaining.campaigns.*.bands.*.below_yen", "yen", "付く支払いの額(この額未満)", "Payments below"),
        Row("obtaining.campaigns.*.bands.*.rate_bp", "number", "付く率(万分率)", "Rate (of 10,000)"),
        Row("obtaining.campaigns.*.bands.*.yen", "yen", "付く額", "Given for a payment"),
        Row("obtaining.campaigns.*.most_yen", "yen", "支払い1回の上限", "Most for one payment"),
        Row("obtaining.campaigns.*.limits.*.yen", "yen", "上限", "Ceiling"),
        Row("obtaining.actions.*.yen", "yen", "1回の付与", "Granted each time"),
        Row("obtaining.actions.*.steps", "number", "1日の歩数(この数から)", "Steps in a day, at least"),
        Row("obtaining.actions.*.spot_check_bp", "number", "くじで確かめる割合(万分率)",
            "Share looked at, by lot (of 10,000)", least=0),
        Row("obtaining.missions.*.yen", "yen", "ミッションのボーナス", "Bonus of the mission"),
        Row("obtaining.missions.*.counting.wanted", "number", "ミッションの数(か所・回・日・週)",
            "How many it takes (places, times, days, weeks)"),
        Row("obtaining.missions.*.counting.places", "number", "スタンプラリーの場所の数", "Places of the stamp rally"),
        Row("obtaining.missions.*.counting.grace", "number", "途中で休める日数(週数)",
            "Days (weeks) that may be left out", least=0),
        Row("obtaining.missions.*.counting.days", "number", "あいた日数(この日数から)", "Days without, at least"),
        Row("obtaining.missions.*.times", "number", "1人がボーナスを受け取れる回数", "Bonuses per person"),
        Row("obtaining.amounts.*.yen", "yen", "1人への給付", "Paid per person"),
        Row("obtaining.choices.*.bonus_yen", "yen", "上乗せ", "Bonus", least=0),
        Row("obtaining.least_yen", "yen", "1回の入金の最低額", "Least top-up"),
        Row("limits.payment_max_yen", "yen", "1回の支払いの上限", "Most in one payment", least=0),
        Row("limits.balance_max_yen", "yen", "1人が持てる額の上限", "Most that a person holds", least=0),
    )),
    Group("抽選で決まる条件", "What lot decides", (
        Row("trial.drawn_on", "day", "条件の抽選の日", "Arms drawn on"),
        Row("trial.public_value.ja", "text", "くじに混ぜる公開の値(日本語)", "Public value of the draw (Japanese)"),
        Row("trial.public_value.en", "text", "くじに混ぜる公開の値(英語)", "Public value of the draw (English)"),
        Row("trial.reason.ja", "text", "住民に伝えるくじの理由(日本語)", "Why lot decides, as told (Japanese)"),
        Row("trial.reason.en", "text", "住民に伝えるくじの理由(英語)", "Why lot decides, as told (English)"),
        Row("trial.arms.*.name.ja", "text", "群の名前(日本語)", "Name of the arm (Japanese)"),
        Row("trial.arms.*.name.en", "text", "群の名前(英語)", "Name of the arm (English)"),
        Row("trial.arms.*.share_bp", "number", "割合(万分率)", "Share (of 10,000)"),
        Row("trial.arms.*.reminder_days", "number", "期限の何日前に知らせるか(0は知らせない)",
            "Reminder: days before the expiry (0: none)", least=0),
        Row("trial.arms.*.expiry.last_day", "day", "有効期限", "Good until"),
        Row("trial.arms.*.premium.*.yen", "yen", "1口の上乗せ", "Premium of one unit"),
        Row("trial.arms.*.demurrage_bp", "number", "減価(万分率、0は減らない)", "Demurrage (of 10,000; 0: none)",
            least=0),
    )),
    Group("予算", "Budget", (Row("funds.*.amount_yen", "yen", "予算", "Budget", least=0),)),
)  # fmt: skip

GIFTS = {"": ("できない", "not allowed"), "yes": ("コードで贈れる", "by a code")}
DONATIONS = "donations"
DONATING = {"": ("できない", "not allowed"), "yes": ("できる", "allowed")}
GIFT_ROWS = {
    "on": ("select", "ほかの人に贈ること", "Giving to somebody else"),
    "days": ("number", "コードで受け取れる日数", "Days for which a code can be taken"),
    "step_yen": ("yen", "贈る単位(空なら1円ごと)", "In steps of (empty: any yen)"),
    "most_yen": ("yen", "一度に贈れる上限(空ならなし)", "Most in one gift (empty: none)"),
}
"""The fields of giving, by their names in the document: kind and labels."""

PARTS = {
    "day": ("1日", "a day"), "month": ("1か月", "a month"), "programme": ("期間中", "in all"),
    "bank": ("口座振込", "bank transfer"), "local_money": ("地域のお金", "local money"),
}
"""Parts of a list without a name of their own are told apart by these words."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field: `name` is the path as refusals write it, `was` the document's value, `value` what is typed.

    `said`: findings about its value, as `ahead.findings` tells them.
    """

    name: str
    label: str
    kind: str
    value: str
    was: str
    error: str
    said: tuple[dict[str, Any], ...] = ()
    options: tuple[dict[str, str], ...] = ()
    required: bool = True

    @property
    def slug(self) -> str:
        """The name as an address inside the page."""
        return re.sub(r"[^a-z0-9_]+", "-", self.name).strip("-")


Shown = list[dict[str, Any]]


def form_groups(
    text: str, *, language: Language, typed: Mapping[str, str] | None = None,
    refusals: Mapping[str, Refusal] | None = None,
) -> Shown:
    """The fields of this document in groups; none for a text that cannot be read. `typed`: a form that was sent."""
    tree, sent, wrong = _tree(text), typed or {}, refusals or {}
    shown: Shown = []
    for group in GROUPS:
        fields = []
        for row in group.rows:
            for path, value in _found(tree, tuple(row.path.split("."))):
                name, was = path_name(path), f"{value:,}" if isinstance(value, int) else str(value)
                value_now = sent[name] if is_changed(sent, name) else was
                label = (row.ja if language == "ja" else row.en) + _part_name(tree, path, language=language)
                error = wrong[name].sentence(language) if name in wrong else ""
                fields.append(FormField(name, label, row.kind, value_now, was, error))
        if group is GROUPS[-1]:
            fields += _carry_fields(tree, sent, language=language, wrong=wrong)
        if fields:
            shown.append({"title": group.ja if language == "ja" else group.en, "fields": fields})
    if (kinds := who_in(tree)) is not None:
        title = "対象者" if language == "ja" else "For whom"
        shown.append({"title": title, "fields": [_who_field(kinds, sent, language=language)]})
    if can_have_gifts(tree):
        title = "人に贈る" if language == "ja" else "Giving to others"
        fields = [*_gift_fields(tree, sent, language=language, wrong=wrong),
                  _donation_field(tree, sent, language=language)]  # fmt: skip
        shown.append({"title": title, "fields": fields})
    return shown


def filled_in(text: str, typed: Mapping[str, str]) -> tuple[str, dict[str, Refusal]]:
    """The document with the touched fields written into it, and what could not be read, by field."""
    tree = _tree(text)
    changes: dict[Path, object] = {}
    refusals: dict[str, Refusal] = {}
    for row in (row for group in GROUPS for row in group.rows):
        for path, _ in _found(tree, tuple(row.path.split("."))):
            name = path_name(path)
            if not is_changed(typed, name):
                continue
            try:
                changes[path] = _read(row, typed[name], name=name)
            except Refusal as refusal:
                refusals[name] = refusal
    for path in changes:
        if (backwards := _backwards(tree, path, changes=changes)) is not None:
            refusals.setdefault(path_name((*path[:-1], "last_day")), backwards)
    carried = _carried(tree, typed, refusals=refusals)
    is_touched = any(is_changed(typed, f"gifts.{name}") for name in ("on", *NUMBERS)) and can_have_gifts(tree)
    given = _given(tree, typed, refusals=refusals) if is_touched else None
    is_for_others = is_changed(typed, WHO)
    is_switched = is_changed(typed, DONATIONS) and can_have_gifts(tree)
    if refusals or not (changes or carried or is_touched or is_for_others or is_switched):
        return text, refusals
    filled = with_carry_over(written(text.replace("\r\n", "\n"), changes), carried)
    filled = with_who(filled, typed[WHO]) if is_for_others else filled
    filled = with_donations(filled, on=bool(typed[DONATIONS])) if is_switched else filled
    return (with_gifts(filled, given) if is_touched else filled), {}


def _who_field(kinds: str, sent: Mapping[str, str], *, language: Language) -> FormField:
    """Whether people who work or study in the town come in beside residents."""
    place = language == "en"
    options = tuple({"value": value, "label": both[place]} for value, both in WHO_KINDS.items())
    label = ("対象者の範囲(在勤・在学は町が確かめた人)", "Who may take part (workers, students: once confirmed)")[place]
    now = sent[WHO] if is_changed(sent, WHO) else kinds
    return FormField(WHO, label, "select", now, kinds, "", options=options, required=False)


def _gift_fields(
    tree: dict[str, Any], sent: Mapping[str, str], *, language: Language, wrong: Mapping[str, Refusal]
) -> Iterator[FormField]:
    """Whether value can be given by a code, whether or not the document says so yet, and how."""
    was, place = gifts_in(tree), language == "en"
    options = tuple({"value": value, "label": both[place]} for value, both in GIFTS.items())
    for name, (kind, ja, en) in GIFT_ROWS.items():
        path = f"gifts.{name}"
        now = sent[path] if is_changed(sent, path) else was[name]
        error = wrong[path].sentence(language) if path in wrong else ""
        yield FormField(path, (ja, en)[place], kind, now, was[name], error, required=False,
                        options=options if name == "on" else ())  # fmt: skip


def _donation_field(tree: dict[str, Any], sent: Mapping[str, str], *, language: Language) -> FormField:
    """Whether granted value may be donated to the causes that the town lists."""
    place, was = language == "en", "yes" if tree.get("donations") is True else ""
    options = tuple({"value": value, "label": both[place]} for value, both in DONATING.items())
    label = ("町の寄付先への寄付(無償分だけ)", "Donating to the town's causes (granted value only)")[place]
    now = sent[DONATIONS] if is_changed(sent, DONATIONS) else was
    return FormField(DONATIONS, label, "select", now, was, "", options=options, required=False)


def _given(tree: dict[str, Any], typed: Mapping[str, str], *, refusals: dict[str, Refusal]) -> Given:
    """The part as it shall be; whoever types a number switches gifts on. What cannot be read joins `refusals`."""
    was = gifts_in(tree)
    now = {name: typed[path] if is_changed(typed, path := f"gifts.{name}") else was[name] for name in was}
    if not (now["on"] or (not was["on"] and any(now[name].strip() for name in NUMBERS))):
        return None
    given = {}
    for name in NUMBERS:
        try:
            if now[name].strip():
                given[name] = parse_yen(now[name], field=f"gifts.{name}", least=1, most=BUDGET_MOST)
        except Refusal as refusal:
            refusals[f"gifts.{name}"] = refusal
    return {"days": USUAL_DAYS, **given}


def _carry_names(place: int) -> tuple[str, str]:
    return f"funds[{place}].carry_over.kind", f"funds[{place}].carry_over.resolved_on"


def _carry_fields(
    tree: dict[str, Any], sent: Mapping[str, str], *, language: Language, wrong: Mapping[str, Refusal]
) -> Iterator[FormField]:
    """How each fund is carried over, whether or not the document says so yet, and the day of the resolution."""
    for place, fund in budgets(tree):
        (kind, day), was, of = _carry_names(place), carry_over(fund), _named(fund, language)
        now = [sent[name] if is_changed(sent, name) else value for name, value in zip((kind, day), was, strict=True)]
        error = [wrong[name].sentence(language) if name in wrong else "" for name in (kind, day)]
        options = tuple({"value": code, "label": both[language == "en"]} for code, both in KINDS.items())
        said = ("年度をこえて使う根拠", "その議決などの日") if language == "ja" else (
            "Spent after the year by", "Day of its resolution")
        yield FormField(kind, said[0] + of, "select", now[0], was[0], error[0], options=options, required=False)
        yield FormField(day, said[1] + of, "day", now[1], was[1], error[1], required=False)


def _named(fund: dict[str, Any], language: Language) -> str:
    name = fund.get("name")
    return f" — {name.get(language, '')}" if isinstance(name, dict) else ""


def _carried(
    tree: dict[str, Any], typed: Mapping[str, str], *, refusals: dict[str, Refusal]
) -> dict[int, Carried]:
    """Each fund whose carry-over was touched, as it shall be. What cannot be read joins `refusals`."""
    carried: dict[int, Carried] = {}
    for place, _ in budgets(tree):
        kind, day = _carry_names(place)
        if not (is_changed(typed, kind) or is_changed(typed, day)):
            continue
        try:
            if typed.get(kind, "") in KINDS and typed.get(kind):
                carried[place] = typed[kind], parse_date(typed.get(day, ""), field=day)
            elif typed.get(kind) or typed.get(day, "").strip():
                raise VALUE_MISSING.refusal(field=kind)
            else:
                carried[place] = None
        except Refusal as refusal:
            refusals[str(refusal.field)] = refusal
    return carried


def is_changed(typed: Mapping[str, str], name: str) -> bool:
    """Whether the officer changed this field."""
    return name in typed and typed[name] != typed.get(WAS + name, typed[name])


def path_name(path: Path) -> str:
    """`obtaining.rounds[0].units`: a path as refusals name it."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")


def places_in_document(text: str) -> dict[str, str]:
    """By field: the path as findings and source notes write it, listed parts by their codes."""
    tree = _tree(text)
    rows = [row for group in GROUPS for row in group.rows]
    found = [path for row in rows for path, _ in _found(tree, tuple(row.path.split(".")))]
    places = {path_name(path): _by_code(tree, path) for path in found}
    for place, _ in budgets(tree):
        kind, day = _carry_names(place)
        fund = _by_code(tree, ("funds", place))
        places |= {kind: f"{fund}.fiscal_year", day: f"{fund}.carry_over.resolved_on"}  # a carry-over mends the year
    if who_in(tree) is not None:
        places[WHO] = WHO
    if can_have_gifts(tree):
        places |= {DONATIONS: DONATIONS, "gifts.on": "gifts"} | {f"gifts.{name}": f"gifts.{name}" for name in NUMBERS}
    return places


def _by_code(tree: dict[str, Any], path: Path) -> str:
    named, part = "", tree
    for step in path:
        part = part[step]  # type: ignore[index]  # a step into a list or a table, as `_found` went
        code = part.get("code") if isinstance(step, int) and isinstance(part, dict) else None
        named += f"[{step}]" if isinstance(step, int) and code is None else f".{code or step}"
    return named.lstrip(".")


def _read(row: Row, typed: str, *, name: str) -> object:
    if row.kind == "text":
        if not typed.strip():
            raise VALUE_MISSING.refusal(field=name)
        return typed.strip()
    if row.kind == "day":
        return parse_date(typed, field=name)
    return parse_yen(typed, field="units" if row.kind == "number" else name, least=row.least, most=BUDGET_MOST)


def _backwards(tree: dict[str, Any], path: Path, *, changes: Mapping[Path, object]) -> Refusal | None:
    """A window of which one day was changed and whose last day now lies before its first."""
    if path[-1] not in ("first_day", "last_day") or len(path) < 2:
        return None
    days = []
    for end in ("first_day", "last_day"):
        place = (*path[:-1], end)
        found = next((value for _, value in _found(tree, tuple(str(step) for step in place))), None)
        days.append(changes.get(place, found))
    first, last = days
    if isinstance(first, date) and isinstance(last, date) and last < first:
        return ENDS_BEFORE_IT_BEGINS.refusal(field=path_name((*path[:-1], "last_day")), first=first.isoformat())
    return None


def _tree(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _found(part: Any, steps: tuple[str, ...], *, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every single value at a path, `*` and numbers for parts of a list; the buyers' fund has no budget to be set."""
    if not steps:
        if isinstance(part, str | int | date):
            yield path, part
    elif isinstance(part, list):
        for number, each in enumerate(part):
            is_buyers = isinstance(each, dict) and each.get("funder") == "buyers"
            if steps[0] in ("*", str(number)) and not is_buyers:
                yield from _found(each, steps[1:], path=(*path, number))
    elif isinstance(part, dict) and steps[0] in part:
        yield from _found(part[steps[0]], steps[1:], path=(*path, steps[0]))


def _part_name(tree: dict[str, Any], path: Path, *, language: Language) -> str:
    """「 — 抽選販売」: which part of a list a field belongs to; nothing for a value that stands alone."""
    place = next((place for place, step in enumerate(path) if isinstance(step, int)), None)
    if place is None:
        return ""
    part: Any = tree
    for step in path[: place + 1]:
        part = part[step]
    named = part.get("name") or _purse(tree, str(part.get("purse", "")))
    if isinstance(named, dict):
        return f" — {named.get(language, '')}{_turn(part, path[place + 1 :])}"
    kind = str(part.get("per") or part.get("receipt") or "")
    both = PARTS.get(kind, (kind, kind))
    return f" — {both[0] if language == 'ja' else both[1]}"


def _turn(part: dict[str, Any], rest: Path) -> str:
    """「(2)」: which of several bands or ceilings of a campaign; nothing where there is one."""
    match rest:
        case ("bands" | "limits" as name, int(number), *_) if len(part[name]) > 1:
            return f" ({number + 1})"
    return ""


def _purse(tree: dict[str, Any], code: str) -> Any:
    purses = tree.get("purses")
    found = purses if isinstance(purses, list) else []
    return next((one.get("name") for one in found if isinstance(one, dict) and one.get("code") == code), None)
