"""What is under way when an open-ended life stops, so that whoever comes then finds something to do in every role.

A second sale takes applications, a second benefit waits for each family's choice, and on the officers' desks lie a
proposal to launch, a list to propose, deeds to confirm and a payout to release.
Nothing of it is bought or chosen before the last lived day: it adds nothing to what is known to be true of the town.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from meguri.rehearsal.chance import dice, pick
from meguri.rehearsal.coming import QUICK_AGES
from meguri.rehearsal.documents import Document, Scale, fit_days, own_fund, window
from meguri.rehearsal.figures import UNITS_ASKED
from meguri.rehearsal.happenings import (
    Applies,
    BenefitRow,
    DecidesBenefit,
    Happening,
    ImportsBenefitList,
    LaunchesProgramme,
    ProposesProgramme,
)
from meguri.rehearsal.knowledge import Knowledge
from meguri.rehearsal.plan import waking_moment
from meguri.rehearsal.rules import BENEFIT, VOUCHER, Rules
from meguri.rehearsal.timetable import Timetable, moment, working_day
from meguri.rehearsal.town import Town
from meguri.rehearsal.town_hall import TownHall

WINTER_VOUCHER, WINTER_BENEFIT, SPRING_VOUCHER = "winter-voucher", "winter-benefit", "spring-voucher"

BEGUN_DAYS = 5
"""Before the last lived day: long enough for letters to have come, too short for most to have answered."""
APPLYING_DAYS = 10
CHOOSING_DAYS = 10
BUYING_DAYS = 11
SPENDING_DAYS = 75
UNITS_SHARE = 0.5
"""Units for each wallet: so many that a late applicant may well win."""
QUICK_SHARE = 0.3
"""Of the quick, those who have applied already."""
ADULT = 18
SECOND_LETTER_AGE = 49
"""Guardians from this age on are written to with a second list, which is still a draft."""


def begun_on(table: Timetable) -> date:
    return table.last_day - timedelta(days=BEGUN_DAYS)


def officers(today: date, *, hall: TownHall, known: Knowledge) -> Iterator[Happening]:
    """What the town hall begins on a day shortly before an open end; nothing on other days."""
    table, departments = hall.table, hall.rules.departments
    if not table.open_end or today != begun_on(table):
        return
    sale, grant = hall.templates[VOUCHER], hall.templates[BENEFIT]
    yield LaunchesProgramme(
        at=moment(today, 9, minute=40), key=f"launch:{WINTER_VOUCHER}", programme=WINTER_VOUCHER,
        department=departments[VOUCHER],
        document=winter_voucher(sale, table=table, scale=hall.scale, rules=hall.rules),
    )  # fmt: skip
    yield LaunchesProgramme(
        at=moment(today, 9, minute=41), key=f"launch:{WINTER_BENEFIT}", programme=WINTER_BENEFIT,
        department=departments[BENEFIT],
        document=winter_benefit(grant, table=table, scale=hall.scale, rules=hall.rules),
    )  # fmt: skip
    yield ProposesProgramme(
        at=moment(today, 9, minute=42), key=f"propose:{SPRING_VOUCHER}", programme=SPRING_VOUCHER,
        department=departments[VOUCHER],
        document=spring_voucher(sale, table=table, scale=hall.scale, rules=hall.rules),
    )  # fmt: skip
    rows = [
        BenefitRow(child, guardian(head, town=hall.town, known=known), yen)
        for head, children in hall.entitled.items() for child, yen in children.items()
    ]  # fmt: skip
    yield from _lists(today, rows, town=hall.town, department=departments[BENEFIT])


def guardian(head: str, *, town: Town, known: Knowledge) -> str:
    """Who receives for a household's children this time: families have named the one who uses a wallet most.

    That is by units bought, then by what is in the wallet; without any wallet it is the head.
    """
    adults = [key for key in town.household_of(head).members if town.residents[key].age(town.as_of) >= ADULT]

    def use(key: str) -> tuple[int, int, bool]:
        held = sum(purse.yen for purse in known.purses.get(key, {}).values())
        return known.applied.get(key, 0) * (key in known.bought), held, key == head

    return max((key for key in adults if key in known.open), key=use, default=head)


def people(today: date, *, town: Town, table: Timetable, holders: Iterable[str], seed: int) -> Iterator[Happening]:
    """Applications for the second sale by holders who were quick."""
    if not table.open_end or not begun_on(table) <= today <= table.last_day:
        return
    for key in sorted(holders):
        age, chance = town.residents[key].age(table.start), dice(seed, WINTER_VOUCHER, key)
        if not any(age in ages for ages in QUICK_AGES) or chance.random() >= QUICK_SHARE:
            continue
        if today == begun_on(table) + timedelta(days=chance.randrange(BEGUN_DAYS + 1)):
            yield Applies(
                at=waking_moment(chance, today, first=10), key=f"apply:{WINTER_VOUCHER}:{key}", who=key,
                programme=WINTER_VOUCHER, units=pick(chance, UNITS_ASKED),
            )  # fmt: skip


def _lists(today: date, rows: list[BenefitRow], *, town: Town, department: str) -> Iterator[Happening]:
    """One list decided, so that families can choose; a shorter one still a draft."""
    late = _second_letter({row.recipient for row in rows}, today=today, town=town)
    first = tuple(row for row in rows if row.recipient not in late)
    second = tuple(row for row in rows if row.recipient in late)
    if first:
        yield ImportsBenefitList(
            at=moment(today, 10), key=f"list:{WINTER_BENEFIT}:1", programme=WINTER_BENEFIT, department=department,
            rows=first,
        )  # fmt: skip
        yield DecidesBenefit(
            at=moment(today, 14), key=f"decide:{WINTER_BENEFIT}", programme=WINTER_BENEFIT, department=department
        )
    if second:
        yield ImportsBenefitList(
            at=moment(today, 15), key=f"list:{WINTER_BENEFIT}:2", programme=WINTER_BENEFIT, department=department,
            rows=second, proposed=False,
        )  # fmt: skip


def _second_letter(guardians: set[str], *, today: date, town: Town) -> set[str]:
    """Guardians of the second list; where all are young, the oldest of several."""
    found = {key for key in guardians if town.residents[key].age(today) >= SECOND_LETTER_AGE}
    born = sorted((town.residents[key].born, key) for key in guardians)
    return found or {key for _, key in born[:1] if len(born) > 1}


# --- documents -------------------------------------------------------------------------------------------------------


def winter_voucher(template: str, *, table: Timetable, scale: Scale, rules: Rules) -> str:
    """The published rules again, with days of its own. TOML."""
    begun, apply_until = begun_on(table), table.last_day + timedelta(days=APPLYING_DAYS)
    drawn_on = apply_until + timedelta(days=3)
    document = Document(template)
    _name(document, WINTER_VOUCHER, ja="めぐり町冬のプレミアム付商品券", en="Meguri winter premium voucher")
    _sell(
        document, max(20, round(scale.holders * UNITS_SHARE)), applying=(begun, apply_until), drawn_on=drawn_on,
        rules=rules, table=table,
    )  # fmt: skip
    return document.text()


def spring_voucher(template: str, *, table: Timetable, scale: Scale, rules: Rules) -> str:
    """A third sale, which nobody has allowed yet. TOML."""
    first = table.last_day + timedelta(days=30)
    apply_until = first + timedelta(days=11)
    document = Document(template)
    _name(document, SPRING_VOUCHER, ja="めぐり町春のプレミアム付商品券", en="Meguri spring premium voucher")
    _sell(
        document, max(20, scale.holders), applying=(first, apply_until), drawn_on=apply_until + timedelta(days=3),
        rules=rules, table=table,
    )  # fmt: skip
    return document.text()


def winter_benefit(template: str, *, table: Timetable, scale: Scale, rules: Rules) -> str:
    """The published benefit again, to be chosen now and paid later. TOML."""
    last = table.last_day
    paid_on = working_day(last + timedelta(days=CHOOSING_DAYS + 3))
    document = Document(template)
    _name(document, WINTER_BENEFIT, ja="めぐり町子育て応援給付金(冬)", en="Meguri child-rearing benefit (winter)")
    document.change("obtaining.choosing", window(begun_on(table), last + timedelta(days=CHOOSING_DAYS)))
    document.change("obtaining.paid_on", paid_on)
    funds = {purse["code"]: purse["funded_by"] for purse in document.tree["purses"]}
    document.change(f"funds.{document.tree['obtaining']['funded_by']}.amount_yen", max(1, scale.benefit_yen))
    document.change(f"funds.{funds[rules.bonus_purse]}.amount_yen", max(1, scale.children * rules.bonus_yen))
    fit_days(document, table=table, first=paid_on, last=paid_on + timedelta(days=SPENDING_DAYS))
    return document.text()


def _name(document: Document, code: str, *, ja: str, en: str) -> None:
    document.change("code", code, noted=False)
    document.change("name", {"ja": ja, "en": en}, noted=False)


def _sell(
    document: Document, units: int, *, applying: tuple[date, date], drawn_on: date, rules: Rules, table: Timetable
) -> None:
    """Give the sale its units and days, and its fund what the units may cost."""
    sale = f"obtaining.rounds.{document.tree['obtaining']['rounds'][0]['code']}"
    first, last = drawn_on + timedelta(days=1), drawn_on + timedelta(days=BUYING_DAYS)
    document.change(f"{sale}.units", units)
    document.change(f"{sale}.application", window(*applying))
    document.change(f"{sale}.drawn_on", drawn_on)
    document.change(f"{sale}.purchase", window(first, last))
    granted = sum(rules.face[purse["code"]] for purse in document.tree["purses"] if purse["part"] == "granted")
    document.change(f"funds.{own_fund(document)}.amount_yen", units * granted)
    fit_days(document, table=table, first=first, last=last + timedelta(days=SPENDING_DAYS))
