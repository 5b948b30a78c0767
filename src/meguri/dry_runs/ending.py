"""What a dry run says at its end: what went wrong or surprises, and the forecast beside what was lived. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from meguri.dry_runs.comparing import compared
from meguri.dry_runs.people import Person
from meguri.parties.rules import age_on
from meguri.programmes.dry_run import DayLived, Ending, Reached, Surprise
from meguri.programmes.parts import GrantByList, Sale
from meguri.programmes.preview import Preview
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.timing import last_issue, windows
from meguri.settlement.business_days import is_business_day
from meguri.words.refusal import Refusal

OFTEN_SHARE = 10
"""A refusal that a tenth of the people met (or more) is told."""
ALL = ("対象の人全体", "all the eligible")
FEW = 5
"""A group of fewer people says nothing."""


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that a dry run knows when it is over."""

    terms: ProgrammeTerms
    days: Sequence[DayLived]
    stuck: Mapping[tuple[str, str, str], date]
    forecast: Preview
    served: set[UUID]
    people: Sequence[Person]
    eligible: Sequence[Person]


def ending(known: Known) -> Ending:
    """Surprises, what went wrong first, and the comparison."""
    found = [*_stuck(known), *_dry(known), *_nobody(known), *_refused(known), *_unspent(known), *_unsold(known),
             *_holidays(known.terms)]
    return Ending(
        surprises=tuple(sorted(found, key=lambda each: not each.is_wrong)),
        compared=tuple(compared(known.terms, known.days, forecast=known.forecast)), reached=tuple(_reached(known)),
    )


def not_launched(refusal: Refusal) -> Ending:
    """The document came into force in no dry run: that is all there is to say."""
    return Ending(surprises=(Surprise(
        code=refusal.code, is_wrong=True, ja=f"この文書では事業を始められません: {refusal.sentence('ja')}",
        en=f"With this document the programme cannot begin: {refusal.sentence('en')}",
    ),))  # fmt: skip


def _stuck(known: Known) -> Iterator[Surprise]:
    """What the officers could not do."""
    for (code, ja, en), day in known.stuck.items():
        yield Surprise(code=code, is_wrong=True, day=day, ja=f"担当課の手続きが断られました: {ja}",
                       en=f"The desk was refused: {en}")


def _dry(known: Known) -> Iterator[Surprise]:
    """A fund that was empty while value could still come into being."""
    for place, fund in enumerate(known.days[0].funds):
        if fund.is_buyers or not fund.left_yen:
            continue
        empty = next((day for day in known.days if not day.funds[place].left_yen), None)
        if empty is not None and empty.day < last_issue(known.terms):
            yield Surprise(
                code="budget_dry", is_wrong=not isinstance(known.terms.obtaining, Sale), day=empty.day,
                ja=f"財源「{fund.ja}」は{(empty.day - known.days[0].day).days}日目に尽きました。",
                en=f"The fund “{fund.en}” ran dry on day {(empty.day - known.days[0].day).days}.",
            )


def _nobody(known: Known) -> Iterator[Surprise]:
    """Groups of the eligible of whom nobody got anything."""
    if not known.eligible:
        yield Surprise(code="nobody_eligible", is_wrong=True, ja="対象になる人が一人もいませんでした。",
                       en="Nobody at all was eligible.")
    if known.eligible and not known.served:
        yield Surprise(code="nobody_served", is_wrong=True, ja="対象の人がいたのに、だれも何も受け取りませんでした。",
                       en="People were eligible, and nobody got anything.")
        return
    served = _served(known)
    for (ja, en), members in _groups(known).items():
        if len(members) >= FEW and not members & served:
            yield Surprise(code="group_left_out", is_wrong=False,
                           ja=f"「{ja}」の対象者{len(members)}人は、だれも何も受け取りませんでした。",
                           en=f"None of the {len(members)} eligible of “{en}” got anything.")


def _served(known: Known) -> set[UUID]:
    """Who got something; a child gets it through the guardian."""
    if isinstance(known.terms.obtaining, GrantByList):
        return known.served | {each.id for each in known.people if each.guardian in known.served}
    return known.served


def _reached(known: Known) -> Iterator[Reached]:
    """All the eligible, then each group of them that says something."""
    served = _served(known)
    groups = {ALL: {each.id for each in known.eligible}, **_groups(known)}
    for (ja, en), members in groups.items():
        if members and ((ja, en) == ALL or len(members) >= FEW):
            yield Reached(ja=ja, en=en, eligible=len(members), served=len(members & served))


def _groups(known: Known) -> dict[tuple[str, str], set[UUID]]:
    found: dict[tuple[str, str], set[UUID]] = {}
    for each in known.eligible:
        age = age_on(each.born, known.terms.eligibility.on)
        band = next(name for least, name in _AGES if age >= least)
        homes = [_COMES[each.comes_to]] if each.comes_to else [
            (f"地区 {each.ward}", f"ward {each.ward}"), _TAX[each.tax_class]
        ]
        for name in (band, *homes):
            found.setdefault(name, set()).add(each.id)
    return {name: found[name] for name in sorted(found, key=_place)}


def _place(name: tuple[str, str]) -> tuple[int, str]:
    """Ages first, then who comes in, tax classes and wards."""
    known = [*(each for _, each in reversed(_AGES)), *_COMES.values(), *_TAX.values()]
    return (known.index(name) if name in known else len(known), name[0])


_AGES = ((65, ("65歳以上", "aged 65 and over")), (40, ("40歳から64歳", "aged 40 to 64")),
         (18, ("18歳から39歳", "aged 18 to 39")), (0, ("17歳まで", "aged 17 and under")))  # fmt: skip


_COMES = {"work": ("町内で働く町外の人", "who work here and live elsewhere"),
          "study": ("町内で学ぶ町外の人", "who study here and live elsewhere")}  # fmt: skip


_TAX = {"exempt": ("住民税非課税", "exempt from residence tax"), "per_capita": ("均等割のみ", "per-capita part only"),
        "income": ("所得割あり", "income part")}  # fmt: skip


def _refused(known: Known) -> Iterator[Surprise]:
    """Refusals that many met, by their reason."""
    times: Counter[str] = Counter()
    first: dict[str, tuple[date, str, str]] = {}
    for day in known.days:
        for met in day.met:
            times[met.code] += met.times
            first.setdefault(met.code, (day.day, met.ja, met.en))
    stuck = {code for code, _, _ in known.stuck}
    for code, count in times.most_common():
        if code not in stuck and count * OFTEN_SHARE >= len(known.people):
            on, ja, en = first[code]
            yield Surprise(code=code, is_wrong=False, day=on, ja=f"{count:,}回、断られました。たとえば「{ja}」",
                           en=f"Refused {count:,} times, for example: “{en}”")


def _unspent(known: Known) -> Iterator[Surprise]:
    """Value that nobody used."""
    for code, ja, en in (
        ("lapsed_granted_yen", "無償分{yen}円は使われず、財源に戻りました。",
         "{yen} yen of granted value returned unspent."),
        ("lapsed_paid_yen", "人が払った{yen}円は使われずに終わりました。",
         "{yen} yen that people paid were never used."),
    ):
        begun = next((day.day for day in known.days if day.counts.get(code)), None)
        if begun is not None:
            yen = f"{known.days[-1].counts[code]:,}"
            yield Surprise(code=code, is_wrong=False, day=begun, ja=ja.format(yen=yen), en=en.format(yen=yen))


def _unsold(known: Known) -> Iterator[Surprise]:
    left = known.days[-1].counts.get("units_left", 0)
    if left:
        yield Surprise(code="units_unsold", is_wrong=False, ja=f"{left:,}口が売れ残りました。",
                       en=f"{left:,} units were left unsold.")


def _holidays(terms: ProgrammeTerms) -> Iterator[Surprise]:
    """Days on which somebody must act and on which offices and banks are closed."""
    for day, ja, en in sorted(set(_deadlines(terms))):
        if not is_business_day(day):
            yield Surprise(code="deadline_on_holiday", is_wrong=False, day=day,
                           ja=f"{ja}({day.year}年{day.month}月{day.day}日)は、役所と銀行が休みの日です。",
                           en=f"{en} ({day}) falls on a day when offices and banks are closed.")


def _deadlines(terms: ProgrammeTerms) -> Iterator[tuple[date, str, str]]:
    for path, window in windows(terms):
        kind = path.rsplit(".", 1)[-1]
        if kind in _LAST_DAYS:
            yield window.last_day, *_LAST_DAYS[kind]
    yield terms.refunds.shop_claims_until, "店の請求の最終日", "The last day on which shops may claim"
    match terms.obtaining:
        case Sale(rounds=rounds):
            yield from ((each.drawn_on, "抽選の日", "The day of the draw") for each in rounds if each.drawn_on)
        case GrantByList(paid_on=paid_on):
            yield paid_on, "給付を支払う日", "The day of payment"


_LAST_DAYS = {
    "application": ("申込みの最終日", "The last day of applying"),
    "purchase": ("購入の最終日", "The last day of buying"),
    "choosing": ("受け取り方を選ぶ最終日", "The last day of choosing"),
}  # fmt: skip
