"""A coming amendment reaches who has no app and who holds paper: counted by way, written to once, named where nothing
reaches them.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from meguri.faces.office import print_making
from meguri.faces.office.told_ways import coming_of, topic_of, ways
from meguri.notices.models import Notice
from meguri.notices.queries import inbox, written_to
from meguri.parties.models import Resident
from meguri.site import tasks
from meguri.vault.models import RevealLog
from meguri.vault.operations import make_login
from meguri.wallets.models import Booklet, PrintJob
from meguri.wallets.operations import open_wallet
from meguri.wallets.paper import sold_by
from tests.faces.office.lived import LONG_AGO, Office
from tests.faces.office.printing import REASON, fetch, settle_in, tight
from tests.faces.office.reading import page, send, words
from tests.faces.office.test_amending import CHECKER, MAKER, keep
from tests.faces.office.test_coming import announced, richer
from tests.faces.office.test_paper import Counter

PRINT = {"act": "print", "kind": "letters", "reason": REASON}


@pytest.fixture
def number(office: Office) -> UUID:
    return office.programme("point")


def holds(office: Office, person: UUID) -> None:
    open_wallet(person, by=office.system, at=LONG_AGO)
    office.town.give("points", 500, holder=person)


@pytest.fixture
def people(office: Office) -> dict[str, UUID]:
    """One with the app, one without, one without an address, one shielded; all hold points."""
    found = {
        "app": settle_in(office, "山田 花子", "めぐり町港1-1"),
        "letter": settle_in(office, "髙橋 一郎", "めぐり町港1-2"),
        "none": settle_in(office, "宛先 なし", ""), "desk": settle_in(office, "秘密 花子", "かくれ町", shielded=True),
    }  # fmt: skip
    for person in found.values():
        holds(office, person)
    login = make_login(municipality=office.number, party=found["app"], at=LONG_AGO, email="h@town.example")
    get_user_model().objects.filter(pk=login).update(last_login=LONG_AGO)
    make_login(municipality=office.number, party=found["letter"], at=LONG_AGO, email="never@town.example")
    return found


@pytest.fixture
def officers(
    office: Office, number: UUID, people: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> tuple[Client, Client]:
    assert people
    return announced(office, number, monkeypatch)


def ways_of(office: Office, number: UUID) -> dict[str, set[UUID]]:
    one = coming_of(number, municipality=office.number)
    assert one is not None
    found = ways(one, municipality=office.number)
    return {"app": set(found.by_app), "letter": set(found.by_letter), "to_write": set(found.to_write),
            "desk": set(found.at_the_desk), "none": set(found.by_none)}  # fmt: skip


def test_everybody_stands_in_one_place(
    office: Office, number: UUID, people: dict[str, UUID], officers: tuple[Client, Client]
) -> None:
    found = ways_of(office, number)
    assert found["app"] == {people["app"]}, "a login that was never entered is no app"
    assert {people["letter"]} <= found["to_write"]
    assert found["desk"] == {people["desk"]}
    assert {people["none"]} <= found["none"]
    told = words(page(officers[0], "told", number))
    for word in ("この変更は、みんなに伝わりますか", "2025年12月1日", "アプリで 1", "窓口で 1", "あと1人に出せます"):
        assert word in told, word
    assert "山田" not in told
    assert "だれに、どう伝わったか" in words(page(officers[0], "amendment", number))


def test_letters_go_to_those_without_the_app_and_are_kept(
    office: Office, number: UUID, people: dict[str, UUID], officers: tuple[Client, Client]
) -> None:
    printed = fetch(officers[0], "told", number)
    (letter,) = printed.pages
    for word in ("髙橋一郎様", "めぐり町港1-2", "2025年12月1日", "いまお持ちの分にも", "20,000円まで", "2025.12.01"):
        assert tight(word) in letter, word
    assert "山田" not in printed.everything
    assert "かくれ町" not in printed.everything
    assert ways_of(office, number)["letter"] == {people["letter"]}
    assert set(RevealLog.objects.values_list("subject", flat=True)) == {people["letter"]}
    in_app = inbox(people["letter"], municipality=office.number)
    assert not [each for each in in_app if "手紙で" in each.wording.title_ja]
    again = words(page(officers[0], "told", number))
    assert "手紙で 1" in again
    assert "手紙を出す人はいません" in again


def test_a_merge_file_says_the_same_in_lines(
    office: Office, number: UUID, people: dict[str, UUID], officers: tuple[Client, Client]
) -> None:
    heads, line = fetch(officers[0], "told", number, kind="utf8").rows("utf-8-sig")
    assert heads[:2] == ["氏名", "住所"]
    assert line[0] == "髙橋 一郎"
    assert "20,000円" in line[4]
    assert ways_of(office, number)["letter"] == {people["letter"]}


def test_many_are_written_by_the_worker_each_once(
    office: Office, number: UUID, people: dict[str, UUID], officers: tuple[Client, Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("meguri.faces.office.print_page.AT_ONCE", 0)
    for _ in range(2):
        send(officers[0], "told", number, **PRINT)
    assert not RevealLog.objects.exists()
    Resident.objects.filter(id=people["letter"]).update(shielded=True)
    other = settle_in(office, "鈴木 次郎", "めぐり町港9-9")
    holds(office, other)
    turns = 0
    while print_making.make_next_part(municipality=office.number, at=office.town.at):
        turns += 1
    assert turns == 1
    one = coming_of(number, municipality=office.number)
    assert one is not None
    assert written_to(topic_of(one), municipality=office.number) == frozenset(), "shielded since it was asked for"
    assert other in ways_of(office, number)["to_write"]


def test_letters_that_went_out_are_made_again_and_stay_one_letter(
    office: Office, number: UUID, people: dict[str, UUID], officers: tuple[Client, Client]
) -> None:
    early = send(officers[0], "told", number, **PRINT, again="1")
    assert early.status_code == 409
    assert "手紙を出す人がいません" in words(early)
    first = fetch(officers[0], "told", number)
    empty = send(officers[0], "told", number, **PRINT)
    assert empty.status_code == 409, "everybody was written to"
    assert "出した手紙をもう一度つくる" in words(page(officers[0], "told", number))
    again = fetch(officers[0], "told", number, again="1")
    assert again.pages == first.pages
    assert ways_of(office, number)["letter"] == {people["letter"]}
    assert Notice.objects.filter(channel="letter").count() == 1
    assert RevealLog.objects.filter(subject=people["letter"]).count() == 2, "each print is a look at the address"
    Resident.objects.filter(id=people["letter"]).update(shielded=True)
    shielded = fetch(officers[0], "told", number, again="1")
    assert shielded.pages == []
    assert "支援措置の方 1件" in shielded.said


def test_many_are_made_again_by_the_worker(
    office: Office, number: UUID, people: dict[str, UUID], officers: tuple[Client, Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    fetch(officers[0], "told", number)
    monkeypatch.setattr("meguri.faces.office.print_page.AT_ONCE", 0)
    send(officers[0], "told", number, **PRINT, again="1")
    assert print_making.make_next_part(municipality=office.number, at=office.town.at)
    assert PrintJob.objects.get().stopped is None
    assert RevealLog.objects.filter(subject=people["letter"]).count() == 2
    assert Notice.objects.filter(channel="letter").count() == 1


def test_what_rules_at_once_is_told_by_the_same_ways(office: Office, number: UUID, people: dict[str, UUID]) -> None:
    maker, checker = office.browser(MAKER), office.browser(CHECKER)
    keep(maker, number, richer(office, number))
    send(maker, "amendment", number, act="submit")
    assert "だれに、どう伝わったか" in words(send(checker, "amendment", number, act="approve"))
    assert "だれに、どう伝わったか" not in words(page(checker, "version", number, 1))
    tasks.tell_amendments(municipality=office.number, at=office.town.at + timedelta(minutes=1))
    (notice,) = [each for each in inbox(people["app"], municipality=office.number) if "きまり" in each.wording.title_ja]
    assert "きまりが変わりました" in notice.wording.title_ja
    told = words(page(maker, "told", number))
    for word in ("に変わりました。アプリのない人", "アプリで 1", "あと1人に出せます"):
        assert word in told, word
    (letter,) = fetch(maker, "told", number).pages
    for word in ("髙橋一郎様", "きまりが変わりました", "次のように変わりました", "20,000円まで"):
        assert tight(word) in letter, word
    assert tight("それまでは同じ") not in letter
    assert ways_of(office, number)["letter"] == {people["letter"]}
    poster = words(page(maker, "told_poster", number))
    assert "に、きまりが変わりました" in poster
    assert "The rules changed on" in poster


def test_nobody_but_the_department_writes_and_nothing_without_a_change(
    office: Office, number: UUID, people: dict[str, UUID], officers: tuple[Client, Client]
) -> None:
    other = office.browser("maker:welfare")
    assert send(other, "told", number, **PRINT).status_code == 403
    assert ways_of(office, number)["letter"] == set()
    voucher = office.programme("voucher")
    assert "知らせる変更はありません" in words(page(other, "told", voucher))
    answer = send(officers[0], "told", voucher, **PRINT)
    assert answer.status_code == 409
    assert "手紙は出しません" in words(answer)


def test_the_poster_says_it_in_both_languages(office: Office, number: UUID, officers: tuple[Client, Client]) -> None:
    told = words(page(officers[0], "told_poster", number))
    for word in ("2025年12月1日(月)から、きまりが変わります", "The rules change on", "20,000円",
                 "手続きはいりません", "それまで"):  # fmt: skip
        assert word in told, word
    assert "紙の券も" not in told, "points are never on paper"


def test_a_booklet_leads_to_its_buyer_also_when_it_was_replaced(office: Office) -> None:
    counter = Counter(office)
    run = counter.approved()
    cover = counter.cover(1)
    receipt = counter.receipt()
    send(counter.maker, "paper_run", run, act="sell", number=receipt, booklets=cover.shown)
    row = Booklet.objects.get(run=run, number=1)
    found = sold_by([row.id, uuid4()], municipality=counter.office.number)
    assert {owner: each.cover.shown for owner, each in found.items()} == {row.id: cover.shown}
    second = Booklet.objects.get(run=run, number=2)
    second.filled, second.source, second.handed_at, second.handed_by = row.filled, row.id, row.handed_at, row.handed_by
    second.save()
    found = sold_by([second.id], municipality=counter.office.number)
    assert found[second.id].purchase == row.source
