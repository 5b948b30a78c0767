"""A draw of many is written step by step: the same awards, rights and notices as at once, and nothing half done."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.notices.models import Notice
from meguri.notices.operations import send_alike, send_many
from meguri.notices.rules import Wording
from meguri.programmes.vouchers import operations, wording
from meguri.programmes.vouchers.models import Application, Draw
from meguri.programmes.vouchers.operations import drawing
from meguri.programmes.vouchers.operations.applications import office
from meguri.programmes.vouchers.queries import draw_page
from meguri.words.actor import Actor, ActorRole
from tests.programmes.vouchers.conftest import CLOSED, DRAWN, VALUE, Fair, fair
from tests.programmes.vouchers.lived_town import refused

ALLOCATIONS = ["lottery", "even_share"]


def applied(allocation: str, *, people: int = 11) -> tuple[Fair, list[Actor]]:
    """People who ask for one to five units each, of a sale of ten; households of two apply once."""
    sale = fair(obtaining__rounds__0__units=10, obtaining__rounds__0__allocation=allocation).open()
    town = [sale.town.person() for _ in range(people)]
    for number, person in enumerate(town):
        sale.apply(person, 1 + number % 5)
    return sale, town


def rights(sale: Fair, person: Actor) -> int:
    assert person.party is not None
    found = books.balances([person.party], AccountRole.ALLOWANCE, municipality=sale.town.municipality)
    return sum(each.amount for each in found if each.lot.id == drawing.right_lot(_sale(sale)))


def _sale(sale: Fair) -> Any:
    return Application.objects.select_related("sale").filter(sale=sale.sale)[0].sale


@pytest.mark.parametrize("allocation", ALLOCATIONS)
@pytest.mark.parametrize("at_once", [1, 2, 3, 11, 10_000])
def test_however_small_the_steps_the_draw_is_the_published_one(
    db: None, monkeypatch: pytest.MonkeyPatch, allocation: str, at_once: int
) -> None:
    monkeypatch.setattr(drawing, "AT_ONCE", at_once)
    sale, people = applied(allocation)
    sale.draw()
    page = draw_page(sale.sale, municipality=sale.town.municipality)
    assert page.agrees
    assert sum(award.units_won for award in page.awards) == 10
    assert sorted(award.rank for award in page.awards) == list(range(1, 12))
    won = {row.resident: row.units_won for row in Application.objects.filter(sale=sale.sale)}
    for person in people:
        units = won[person.party or person]  # type: ignore[index]
        assert rights(sale, person) == units
        (topic,) = [each for each in sale.town.topics(person) if each in {"voucher.won", "voucher.lost"}]
        assert topic == ("voucher.won" if units else "voucher.lost")


def test_everybody_reads_their_own_number_and_the_whole_draws_figures(db: None) -> None:
    """Word for word what the sentences say to one person, though they are made for all of a kind at once."""
    sale, people = applied("lottery")
    sale.draw()
    rows = {row.resident: row for row in Application.objects.filter(sale=sale.sale)}
    asked = sum(row.units_applied for row in rows.values())
    told = Counter[str]()
    for person in people:
        row = rows[person.party]  # type: ignore[index]
        notice = Notice.objects.get(recipient=person.party, topic__in=["voucher.won", "voucher.lost"])
        assert row.number in notice.text_ja
        assert row.number in notice.text_en
        assert "{" not in notice.text_ja + notice.text_en + notice.title_ja
        if notice.topic == "voucher.lost":
            name = draw_name(sale)
            same = wording.lost(row.number, programme=name, applied=asked, served=10)
            assert (notice.text_ja, notice.text_en) == (same.text_ja, same.text_en)
        else:
            assert f"{row.units_won}口" in notice.text_ja
        told[notice.topic] += 1
    assert told["voucher.won"] + told["voucher.lost"] == len(people)
    assert told["voucher.won"] > 0
    assert told["voucher.lost"] > 0


def draw_name(sale: Fair) -> Any:
    from meguri.programmes.vouchers.offer import find_offer

    return find_offer(sale.made.programme, municipality=sale.town.municipality).name


def test_a_step_that_fails_undoes_all_before_it(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last step does not find its rows: no award, no right, no notice of the earlier ones stays, and no secret."""
    monkeypatch.setattr(drawing, "AT_ONCE", 4)
    sale, people = applied("lottery")
    operations.close_applications(sale=sale.sale, by=sale.checker, at=CLOSED)
    steps = iter(range(10))
    write = drawing._write_awards

    def losing(kept: Any, awards: Any) -> Any:
        return write(kept, [*awards, awards[0]] if next(steps) == 2 else awards)

    monkeypatch.setattr(drawing, "_write_awards", losing)
    with refused("voucher_list_changed"):
        operations.draw_lottery(sale=sale.sale, public_value=VALUE, by=sale.checker, at=DRAWN)
    assert not Application.objects.filter(sale=sale.sale, rank__isnull=False).exists()
    assert not Notice.objects.filter(topic__in=["voucher.won", "voucher.lost"]).exists()
    assert [rights(sale, person) for person in people] == [0] * len(people)
    assert Draw.objects.get(sale=sale.sale).drawn_at is None
    monkeypatch.setattr(drawing, "_write_awards", write)
    operations.draw_lottery(sale=sale.sale, public_value=VALUE, by=sale.checker, at=DRAWN)
    assert draw_page(sale.sale, municipality=sale.town.municipality).agrees


def test_who_took_their_wish_back_is_written_by_no_step(db: None) -> None:
    sale, people = applied("lottery")
    mine = Application.objects.get(sale=sale.sale, resident=people[0].party)
    operations.withdraw_application(application=mine.id, by=people[0], at=mine.applied_at)
    sale.draw()
    mine.refresh_from_db()
    assert (mine.state, mine.rank, mine.units_won) == ("withdrawn", None, 0)
    assert draw_page(sale.sale, municipality=sale.town.municipality).agrees
    assert "voucher.lost" not in sale.town.topics(people[0])


# --- the same notice to many -----------------------------------------------------------------------------------------


def rows_of(topic: str) -> list[tuple[object, ...]]:
    fields = [each.name for each in Notice._meta.fields if each.name not in {"id", "topic"}]
    return sorted(Notice.objects.filter(topic=topic).values_list(*fields), key=str)


@pytest.mark.parametrize("channel", ["in_app", "mail"])
def test_alike_notices_are_the_rows_that_one_by_one_would_be(db: None, channel: str) -> None:
    """Column for column: the two ways into the outbox differ in speed alone."""
    sale = fair()
    people = [person.party for person in (sale.town.person() for _ in range(5))]
    by, at = office(sale.town.municipality), DRAWN
    words = ["A%1", "B'2", "\\n{x}", "四", ""]
    pairs = [(person, word) for person, word in zip(people, words, strict=True) if person is not None]
    said = Wording("題{m}", "Title {m}", "本文{m}、{m}", "Text 100% {m}")
    each = [
        (person, Wording(*(text.replace("{m}", word) for text in (
            said.title_ja, said.title_en, said.text_ja, said.text_en
        ))))
        for person, word in pairs
    ]  # fmt: skip
    send_many(each, channel=channel, topic="one-by-one", by=by, at=at)
    send_alike(pairs, said, mark="{m}", channel=channel, topic="alike", by=by, at=at)
    assert rows_of("alike") == rows_of("one-by-one")
    assert len(rows_of("alike")) == 5


def test_nobody_is_told_nothing_and_not_everybody_may_tell(db: None) -> None:
    sale = fair()
    said = Wording("題", "Title", "文", "Text")
    send_alike([], said, mark="{m}", channel="in_app", topic="x", by=office(sale.town.municipality), at=DRAWN)
    assert not Notice.objects.filter(topic="x").exists()
    clerk = Actor(sale.town.municipality, ActorRole.CLERK)
    with refused("not_allowed"):
        send_alike([], said, mark="{m}", channel="in_app", topic="x", by=clerk, at=DRAWN)
