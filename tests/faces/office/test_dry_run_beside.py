"""The office tries an amendment: begun at the desk, and both towns side by side once they are lived."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest
from django.test import Client

from meguri.programmes import operations, queries
from meguri.programmes.dry_run import Reached
from tests.faces.office.kept_dry_run import ENDING, lived
from tests.faces.office.lived import Office
from tests.faces.office.reading import cells, page, send, sheet, words
from tests.faces.office.test_amending import MAKER, in_force, keep
from tests.faces.office.test_starting import START

CAPTION = "取り残される人(対象なのに何も受け取らない人)"


@pytest.fixture
def number(office: Office) -> UUID:
    return office.programme("point")


def live(office: Office, dry_run: UUID, *, more: int, served: int) -> None:
    """Its days and its end; `more`: payments so many more in the last evening's figures."""
    at = office.town.at
    operations.begin_dry_run(dry_run=dry_run, by=office.system, at=at)
    for day in range(3):
        shown = msgspec.structs.replace(lived(day), counts={"payments": day + more, "served": served})
        operations.keep_day(dry_run=dry_run, lived=shown, by=office.system, at=at)
    reached = (Reached(ja="対象の人全体", en="all the eligible", eligible=50, served=served),)
    ending = msgspec.structs.replace(ENDING, reached=reached)
    operations.end_dry_run(dry_run=dry_run, by=office.system, at=at, ending=ending)


def tried(office: Office, maker: Client, number: UUID) -> tuple[UUID, UUID]:
    """Asked for at the desk; gives the dry run with the amendment and the one without."""
    text = in_force(office, number).replace("balance_max_yen = 10000", "balance_max_yen = 20000")
    assert "変更案を予行して" in words(keep(maker, number, text, starts_on=START))
    assert "この変更案を予行する" in words(page(maker, "dry_runs", number))
    send(maker, "dry_runs", number, act="ask_amendment", seed="3")
    with_it, without = queries.dry_runs(number, municipality=office.number)
    return with_it.id, without.id


def test_both_towns_stand_side_by_side_once_they_are_lived(office: Office, number: UUID) -> None:
    maker = office.browser(MAKER)
    assert "始まった事業で予行できるのは、変更案です。" in words(page(maker, "dry_runs", number))
    with_it, without = tried(office, maker, number)
    listed = words(page(maker, "dry_runs", number))
    assert "種3 · 変更する場合" in listed
    assert "種3 · 変更しない場合" in listed
    live(office, without, more=0, served=20)
    seen = page(maker, "dry_run", with_it)
    assert "2025年12月1日(月)から新しいきまりになる町です。" in words(seen)
    assert "両方の予行が終わると、ここに並びます。" in words(seen)
    assert cells(seen, CAPTION) == []
    live(office, with_it, more=5, served=23)
    seen = page(maker, "dry_run", with_it)
    assert cells(seen, CAPTION) == [["対象の人全体", "30 / 50", "27 / 50", "−3"]]
    assert ["店での支払い", "2", "7", "+5"] in cells(seen, "参加と結果")
    assert ["プレミアム分 — 出た額", "0円", "0円", "±0"] in cells(seen, "費用(財源ごと)")
    assert sheet(maker, "dry_run", with_it, table="beside_uptake")[0] == ["数字", "変えない", "変える", "差"]
    assert "変更しない場合と並べる" not in words(page(maker, "dry_run", without))
    assert "Without" in words(page(maker, "dry_run", with_it, lang="en"))


def test_one_that_was_not_lived_to_its_end_is_said_to_stand_beside_nothing(office: Office, number: UUID) -> None:
    maker = office.browser(MAKER)
    with_it, without = tried(office, maker, number)
    operations.begin_dry_run(dry_run=without, by=office.system, at=office.town.at)
    operations.end_dry_run(dry_run=without, by=office.system, at=office.town.at)
    seen = words(page(maker, "dry_run", with_it))
    assert "終わりまで進まなかったので、並べられません。" in seen
