"""What texts say where lot decides a part of the conditions: that it does, why, between what, and who may check."""

from __future__ import annotations

from collections.abc import Iterator

from meguri.parties.rules import Both
from meguri.programmes.parts import ExpiresOn, Holder
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.texts import facts
from meguri.programmes.texts.sentences import Fact, Sentence, say
from meguri.programmes.texts.told import Told
from meguri.programmes.trial import Arm, Trial

Sentences = Iterator[Sentence]
ONE_ARM = "“{arm}” (a share of {share}): <what>."
AS_WRITTEN = Both("この文書のとおり", "as written here")
UNITS = {Holder.RESIDENT: Both("1人", "person"), Holder.HOUSEHOLD: Both("1世帯", "household")}


def article(told: Told) -> Sentences:
    """For ordinances and shop terms."""
    trial = told.terms.trial
    if trial is None:
        return
    unit = UNITS[trial.per]
    yield say(f"本事業の条件の一部は、{unit.ja}ごとに抽選により決める。その理由は、次のとおりとする: {{reason}}。",
              f"Lot decides a part of the conditions for each {unit.en}. The reason: {{reason}}.",
              reason=facts.named("trial.reason", trial.reason))
    yield say("抽選は、{drawn}に、{value}を用いて行う。", "It is drawn on {drawn} with {value}.", **_drawn(trial))
    for arm in trial.arms:
        yield _arm(told, arm, ja="「{arm}」(割合 {share})の条件は、<what>とする。", en=ONE_ARM)
    yield say("抽選の名簿及び結果は、本事業が終わった後に公表し、何人も計算し直すことができるものとする。",
              "The list and the results are published once the programme has ended; anybody may compute them anew.")


def answer(told: Told) -> Sentences:
    """For calls and questions."""
    trial = told.terms.trial
    if trial is None:
        return
    unit = UNITS[trial.per]
    yield say(f"条件の一部は、{unit.ja}ごとに抽選で決まります。理由: {{reason}}。",
              f"Lot decides a part of the conditions for each {unit.en}. Why: {{reason}}.",
              reason=facts.named("trial.reason", trial.reason))
    yield say("抽選は{drawn}に、{value}を使って行います。だれが申し込むかや、何を買うかは関係ありません。",
              "It is drawn on {drawn} with {value}, whoever applies and whatever anybody buys.", **_drawn(trial))
    for arm in trial.arms:
        yield _arm(told, arm, ja="「{arm}」(割合 {share}): <what>。", en=ONE_ARM)
    yield say("どの条件になっても、この案内で約束した分より少なくなることはありません。"
              "あなたの条件は、払う前に、財布と購入の画面で確かめられます。",
              "Under none of them do you get less than is promised here. Your own conditions stand in your wallet and "
              "where you buy, before you pay.")  # fmt: skip
    yield say("名簿と結果は事業が終わってから公表し、だれでも計算し直せます。",
              "The list and the results are published when the programme has ended; anybody can compute them anew.")


def in_words(terms: ProgrammeTerms, arm: Arm) -> Both:
    """What an arm changes, as a list of words."""
    what = list(_changes(Told(terms), arm, path=f"trial.arms.{arm.code}")) or [(AS_WRITTEN, None)]
    said = [(both.ja.format(fact.said.ja), both.en.format(fact.said.en)) if fact else (both.ja, both.en)
            for both, fact in what]  # fmt: skip
    return Both("、".join(ja for ja, _ in said), ", ".join(en for _, en in said))


def _drawn(trial: Trial) -> dict[str, Fact]:
    return {"drawn": facts.on("trial.drawn_on", trial.drawn_on),
            "value": facts.named("trial.public_value", trial.public_value)}  # fmt: skip


def _arm(told: Told, arm: Arm, *, ja: str, en: str) -> Sentence:
    """An arm by what it changes, in one sentence."""
    path = f"trial.arms.{arm.code}"
    what = list(_changes(told, arm, path=path)) or [(AS_WRITTEN, None)]
    said = {f"change_{place}": fact for place, (_, fact) in enumerate(what) if fact is not None}
    words = [(both.ja.format(f"{{change_{place}}}"), both.en.format(f"{{change_{place}}}"))
             for place, (both, _) in enumerate(what)]  # fmt: skip
    return say(
        ja.replace("<what>", "、".join(one for one, _ in words)),
        en.replace("<what>", ", ".join(one for _, one in words)),
        arm=facts.named(f"{path}.name", arm.name), share=facts.percent(f"{path}.share_bp", arm.share_bp), **said,
    )


def _changes(told: Told, arm: Arm, *, path: str) -> Iterator[tuple[Both, Fact | None]]:
    """Words with one place each for the fact, and the fact; some need none."""
    if arm.reminder_days == 0:
        yield Both("期限のお知らせなし", "no reminder before the expiry"), None
    elif arm.reminder_days is not None:
        days = facts.count(f"{path}.reminder_days", arm.reminder_days, unit=facts.DAYS)
        yield Both("期限の{}前にお知らせ", "a reminder {} before the expiry"), days
    if isinstance(arm.expiry, ExpiresOn):
        last = facts.on(f"{path}.expiry.last_day", arm.expiry.last_day)
        yield Both("有効期限は{}", "good until {}"), last
    elif arm.expiry is not None:
        months = facts.count(f"{path}.expiry.months", arm.expiry.months, unit=facts.MONTHS_LONG)
        yield Both("受け取ってから{}使える", "good for {}"), months
    names = {purse.code: purse.name for purse in told.terms.purses}
    for place, part in enumerate(arm.premium):
        name = names[part.purse]
        yen = facts.yen(f"{path}.premium[{place}].yen", part.yen)
        yield Both(f"1口につき「{name.ja}」{{}}", f"{{}} of “{name.en}” a unit"), yen
    if arm.demurrage_bp == 0:
        yield Both("上乗せ分は減らない", "nothing shrinks"), None
    elif arm.demurrage_bp is not None:
        yield Both("上乗せ分の減り方は{}", "it shrinks by {}"), facts.percent(f"{path}.demurrage_bp", arm.demurrage_bp)
