"""People are told beforehand what an approved amendment changes for them, and at once if it rules or is withdrawn.

One in-app notice each, as whenever the terms of what somebody holds are told: it interrupts nobody, costs nothing, and
so nobody has to choose whether to have it. Mail goes to nobody who did not ask for mail.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from meguri.notices.operations import send_alike
from meguri.notices.rules import Wording
from meguri.parties.rules import Both, require
from meguri.programmes import queries
from meguri.programmes.models import Programme, ProgrammeState, TermsVersion
from meguri.programmes.operations.drafting import current_version, locked_programme
from meguri.programmes.terms import from_tree
from meguri.programmes.texts import Change, Differing, for_person, for_residents
from meguri.words.actor import Actor
from meguri.words.clock import day
from meguri.words.refusal import Language

TOPIC = "programme.amended"


@transaction.atomic
def tell_amendment(*, programme: UUID, awaited_by: Collection[UUID], by: Actor, at: datetime) -> int:
    """Tell who holds value of a programme, and `awaited_by` (who applied for some), what comes, rules, or is withdrawn.

    Gives how many were told. Once for each: the version says when. Where nothing changes for people, nobody is told.
    Order: lock the programme, permission, the version, the notices. Raises Refusal `programme_unknown`, `not_allowed`.
    """
    kept = locked_programme(programme, by)
    require(by, "notice.send", department=kept.department)
    kinds = (_tell_coming, _tell_ruling, _tell_withdrawn)
    return sum(tell(kept, awaited_by, by=by, at=at) for tell in kinds)


def _tell_coming(kept: Programme, awaited_by: Collection[UUID], *, by: Actor, at: datetime) -> int:
    waiting = TermsVersion.objects.filter(
        programme=kept, approved_at__isnull=False, launched_at=None, withdrawn_at=None, announced_at=None
    )
    version = waiting.first()
    if version is None or version.starts_at is None:
        return 0
    version.announced_at = at
    version.save(update_fields=["announced_at"])
    change = _change(kept, version)
    told = for_residents(change)
    if not told or version.starts_at <= at:
        return 0
    holding, applied = _people(kept, awaited_by)
    for people, holds in ((holding, True), (applied, False)):
        _send(people, _comes(change, told, holds=holds), by=by, at=at)
    return len(holding) + len(applied)


def _tell_ruling(kept: Programme, awaited_by: Collection[UUID], *, by: Actor, at: datetime) -> int:
    rows = TermsVersion.objects.filter(queries.at_once(), programme=kept, announced_at=None)
    version = rows.first()
    if version is None or version.launched_at is None or kept.state != ProgrammeState.LAUNCHED:
        return 0
    version.announced_at = at
    version.save(update_fields=["announced_at"])
    before, after = from_tree(queries.version_before(version).document), from_tree(version.document)
    change = Change(before, after, day(version.launched_at))
    told = for_residents(change)
    if not told:
        return 0
    holding, applied = _people(kept, awaited_by)
    for people, holds in ((holding, True), (applied, False)):
        _send(people, _rules(change, told, holds=holds), by=by, at=at)
    return len(holding) + len(applied)


def _tell_withdrawn(kept: Programme, awaited_by: Collection[UUID], *, by: Actor, at: datetime) -> int:
    rows = TermsVersion.objects.filter(
        programme=kept, withdrawn_at__isnull=False, announced_at__isnull=False, recalled_at=None
    )
    found = 0
    for version in rows:
        version.recalled_at = at
        version.save(update_fields=["recalled_at"])
        change = _change(kept, version)
        if for_residents(change):
            people = [one for each in _people(kept, awaited_by) for one in each]
            _send(people, _withdrawn(change), by=by, at=at)
            found += len(people)
    return found


def _change(kept: Programme, version: TermsVersion) -> Change:
    assert version.starts_at is not None  # noqa: S101 - only what names its start is announced
    before, after = from_tree(current_version(kept).document), from_tree(version.document)
    return Change(before, after, day(version.starts_at))


def _people(kept: Programme, awaited_by: Collection[UUID]) -> tuple[list[UUID], list[UUID]]:
    """Who holds value; and who has applied and holds none."""
    holding = queries.holders(kept.id, municipality=kept.municipality)
    return sorted(holding), sorted(frozenset(awaited_by) - holding)


def _send(people: Sequence[UUID], words: Wording, *, by: Actor, at: datetime) -> None:
    wanted = [(person, "") for person in people]
    send_alike(wanted, words, mark="", channel="in_app", topic=TOPIC, by=by, at=at)


def _comes(change: Change, told: Sequence[Differing], *, holds: bool) -> Wording:
    ja, en = _on(change.first_day)
    what = Both("".join(f"「{each.heading.ja}」" for each in told), ", ".join(f"“{each.heading.en}”" for each in told))
    own = {language: _own(change, holds=holds, language=language) for language in ("ja", "en")}
    return Wording(
        title_ja=f"{ja}から、きまりが変わります", title_en=f"The rules change on {en}",
        text_ja=f"「{change.before.name.ja}」で変わること: {what.ja}。それまでは、いまのきまりのままです。{own['ja']}",
        text_en=f"“{change.before.name.en}” changes in this: {what.en}. Until then the rules stay as they are. "
                f"{own['en']}",
    )  # fmt: skip


def _rules(change: Change, told: Sequence[Differing], *, holds: bool) -> Wording:
    ja, en = _on(change.first_day)
    what = Both("".join(f"「{each.heading.ja}」" for each in told), ", ".join(f"“{each.heading.en}”" for each in told))
    own = {language: _own(change, holds=holds, language=language) for language in ("ja", "en")}
    return Wording(
        title_ja=f"{ja}に、きまりが変わりました", title_en=f"The rules changed on {en}",
        text_ja=f"「{change.before.name.ja}」で変わったこと: {what.ja}。{own['ja']}",
        text_en=f"“{change.before.name.en}” has changed in this: {what.en}. {own['en']}",
    )


def _own(change: Change, *, holds: bool, language: Language) -> str:
    sentences = [each.plain(language) for each in for_person(change, holds=holds, applied=not holds)]
    return ("" if language == "ja" else " ").join(sentences)


def _withdrawn(change: Change) -> Wording:
    ja, en = _on(change.first_day)
    return Wording(
        title_ja="きまりの変更は、取りやめになりました", title_en="The rules do not change after all",
        text_ja=f"「{change.before.name.ja}」の{ja}からの変更は、取りやめになりました。いまのきまりのまま続きます。手続きはいりません。",
        text_en=f"The change of “{change.before.name.en}” on {en} was withdrawn. It goes on as it is now. You need not "
                "do anything.",
    )  # fmt: skip


def _on(on: date | None) -> tuple[str, str]:
    assert on is not None  # noqa: S101 - an announced change names its day
    return f"{on.year}年{on.month}月{on.day}日", f"{on.day} {on:%B %Y}"
