"""Who holds value of a programme is told when it lives longer, and what became of it when the programme is wound up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from meguri.notices.operations import send_many
from meguri.notices.rules import Wording
from meguri.programmes.models import ValueRun
from meguri.programmes.parts import MoneyPart
from meguri.programmes.queries import Lapsed
from meguri.words.actor import Actor, ActorRole


def told_before(holders: Iterable[UUID], *, run: ValueRun, template: str) -> frozenset[UUID]:
    """Those of these holders whose value a run has moved already: they were told with it."""
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE_SQL, {
            "m": run.municipality, "holders": list(holders), "since": run.proposed_at, "template": template,
            "run": str(run.id),
        })  # fmt: skip
        return frozenset(row[0] for row in cursor.fetchall())


_BEFORE_SQL = """
    SELECT DISTINCT a.owner FROM ledger.account a
    JOIN ledger.entry e ON (e.municipality_id, e.debit_account) = (a.municipality_id, a.id)
                       AND e.posting_id >= ledger.first_number(%(since)s)
    JOIN ledger.posting p ON (p.municipality_id, p.id) = (e.municipality_id, e.posting_id)
    WHERE a.municipality_id = %(m)s AND a.owner = ANY (%(holders)s) AND a.role = 'wallet'
    AND p.template = %(template)s AND p.about @> jsonb_build_object('run', %(run)s::text)
"""


def tell_extended(holders: Iterable[UUID], *, run: ValueRun, at: datetime) -> None:
    """One in-app notice each: until when it can be spent now."""
    words = _extended(run.programme.name_ja, run.programme.name_en, day=run.day)
    _send([(holder, words) for holder in sorted(holders)], topic="wallet.extended", run=run, at=at)


def tell_wound_up(moved: Iterable[Lapsed], *, refunds: bool, run: ValueRun, at: datetime) -> None:
    """One in-app notice for each holder of this batch: what returned to the town, and what is paid back."""
    sums: dict[UUID, Counter[str]] = {}
    for each in moved:
        sums.setdefault(each.holder, Counter())[each.part] += each.amount_yen
    told = [(holder, _wound_up(run, yen, refunds=refunds)) for holder, yen in sorted(sums.items())]
    _send(told, topic="wallet.wound_up", run=run, at=at)


def _send(told: list[tuple[UUID, Wording]], *, topic: str, run: ValueRun, at: datetime) -> None:
    send_many(told, channel="in_app", topic=topic, by=Actor(run.municipality, ActorRole.SYSTEM), at=at)


def _extended(name_ja: str, name_en: str, *, day: date) -> Wording:
    return Wording(
        title_ja="使える期限が延びました", title_en="It is good for longer",
        text_ja=f"「{name_ja}」の残高を、{day.year}年{day.month}月{day.day}日まで使えるようになりました。手続きは要りません。",
        text_en=f"What you have of “{name_en}” can be spent until {day.day} {day:%B %Y}. You need not do anything.",
    )


def _wound_up(run: ValueRun, yen: Mapping[str, int], *, refunds: bool) -> Wording:
    name_ja, name_en = run.programme.name_ja, run.programme.name_en
    paid, granted = yen.get(MoneyPart.PAID, 0), yen.get(MoneyPart.GRANTED, 0)
    ja, en = [f"「{name_ja}」は終わりました。"], [f"“{name_en}” has ended."]
    if granted:
        ja.append(f"使われなかった無償分{granted:,}円は、町に戻りました。")
        en.append(f"Granted value of {granted:,} yen that was not spent returned to the town.")
    if paid and refunds:
        ja.append(f"使われなかった購入分{paid:,}円は、次の振込で口座に払い戻します。"
                  "口座を届けていない人は窓口へお越しください。")  # fmt: skip
        en.append(f"The {paid:,} yen that you paid and did not spend come to your bank account with the next transfer. "
                  "If you have given us no account, please come to the desk.")  # fmt: skip
    elif paid:
        ja.append(f"使われなかった購入分{paid:,}円は、期限が過ぎて失効しました。")
        en.append(f"The {paid:,} yen that you paid and did not spend have lapsed.")
    return Wording(
        title_ja="事業が終わりました", title_en="A programme has ended", text_ja="".join(ja), text_en=" ".join(en),
    )  # fmt: skip
