"""Conditions that speak of workers and students (在勤・在学): who lacks but a confirmation, and what to do. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from meguri.parties.queries import CommuterView
from meguri.parties.rules import Both
from meguri.programmes.consistency import conditions
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.vocabularies import DECLARED, RESIDENTS
from meguri.words import predicate
from meguri.words.predicate import Facts, Rule
from meguri.words.refusal import Refusal, declare

COMMUTER_UNCONFIRMED = declare(
    "commuter_unconfirmed", status=403,
    ja="{who:ja}も対象ですが、町の確認が要ります。{standing:ja}{more:ja}",
    en="People who {who:en} in the town may take part, too, once the town has confirmed it. {standing:en}{more:en}",
)
ASKED: Final = {
    "works_in_town": (
        "work", Both("町内で働く方", "work"), Both("社員証か在勤証明書", "an employee card or certificate"),
    ),
    "studies_in_town": (
        "study", Both("町内の学校に通う方", "study"), Both("学生証か在学証明書", "a student card or certificate"),
    ),
}  # fmt: skip
"""By fact: the kind of word that it rests on, who is meant, and what proves it."""
NOTHING: Final = Both("", "")
UNLINKED: Final = Both(
    "住民の方は、本人確認書類を持って町の窓口へお越しください。",
    " If you are a resident, please bring an identity document to the town's desk.",
)


def asks_commuters(rule: Rule) -> bool:
    """Whether the condition speaks of people who work or study in the town."""
    return any(field.name in ASKED for field in rule.needed)


def asks_commuters_at_all(document: ProgrammeTerms) -> bool:
    """Whether any condition about people, of the programme or of a round, speaks of work or study in the town."""
    return any(
        compare.field in ASKED
        for _, condition, vocabulary in conditions(document, DECLARED) if vocabulary is RESIDENTS
        for compare in predicate.comparisons(condition)
    )  # fmt: skip


def lacks_confirmation(rule: Rule, facts: Facts | None) -> bool:
    """Whether a confirmation of work or study is all that this person lacks; of a stranger nothing else is known."""
    if not asks_commuters(rule):
        return False
    if facts is None:
        return True
    confirmed = {**facts, **dict.fromkeys(ASKED, True)}
    return not predicate.missing(rule, facts) and not predicate.holds(rule, facts) and predicate.holds(rule, confirmed)


def unconfirmed(rule: Rule, *, said: Sequence[CommuterView], on: date, more: Both = NOTHING) -> Refusal:
    """The refusal that tells what to bring, and where; `said`: what the person said so far, newest first.

    `on`: the day for which it must hold. `more`: a further sentence.
    """
    asked = [ASKED[field.name] for field in rule.needed if field.name in ASKED]
    who = Both("・".join(who.ja for _, who, _ in asked), " or ".join(who.en for _, who, _ in asked))
    bring = Both("、".join(paper.ja for _, _, paper in asked), " or ".join(paper.en for _, _, paper in asked))
    kinds = {kind for kind, _, _ in asked}
    standing = _standing([each for each in said if each.kind in kinds], bring=bring, on=on)
    return COMMUTER_UNCONFIRMED.refusal(who=who, standing=standing, more=more)


def _standing(said: Sequence[CommuterView], *, bring: Both, on: date) -> Both:
    """How it stands: what waits comes first, then the newest answer."""
    waiting = [each for each in said if each.state == "waiting"]
    newest = next((each for each in (*waiting, *said) if each.state != "withdrawn"), None)
    if newest is None:
        return Both(
            f"財布の「在勤・在学」から申し出て、{bring.ja}を持って町の窓口へお越しください。",
            f"Please say so under “Work or study” in your wallet, and bring {bring.en} to the town's desk.",
        )
    if newest.state == "waiting":
        return Both(f"あなたの申し出は確認を待っています。{bring.ja}を持って町の窓口へお越しください。",
                    f"What you said waits to be confirmed: please bring {bring.en} to the town's desk.")
    if newest.state == "refused":
        return Both(
            f"あなたの申し出は認められませんでした(理由: {newest.reason})。ほかの証明書があるときは、"
            "財布の「在勤・在学」からもう一度申し出てください。",
            f"What you said was not accepted (reason: {newest.reason}). If you have another proof, please say it again "
            "under “Work or study” in your wallet.",
        )
    first, last, when = (_said(each) for each in (newest.first_day, newest.last_day, on))
    return Both(
        f"あなたの確認は{first.ja}から{last.ja}までで、判定日({when.ja})に当たりません。判定日にも当てはまるときは、"
        f"財布の「在勤・在学」からもう一度申し出て、日付のわかる証明書({bring.ja})を持って町の窓口へお越しください。",
        f"You are confirmed from {first.en} to {last.en}, but {when.en} is the day that counts. If it is true of that "
        "day, too, please say it again under “Work or study” in your wallet, and bring "
        f"{bring.en} that shows it.",
    )


def _said(on: date | None) -> Both:
    """A day in both languages; what is confirmed has its days."""
    assert on is not None  # noqa: S101 - by constraint
    return Both(f"{on.year}年{on.month}月{on.day}日", f"{on.day} {on:%B} {on.year}")
