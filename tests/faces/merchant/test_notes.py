"""Paper notes at the till through its pages, and in a real browser: scanned, sent again, refused, without change."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client
from playwright.sync_api import Browser, expect

from meguri.faces.merchant.days import REASONS
from meguri.ledger.operations import set_clock_offset
from meguri.parties import operations as parties
from meguri.settlement import operations as settlement
from meguri.settlement.queries import statements
from meguri.tills import operations as tills
from meguri.wallets import booklets
from meguri.words.actor import ActorRole
from meguri.words.clock import now
from tests.faces.merchant.test_browser import no_faults, opened
from tests.faces.people import browser_of
from tests.paper import Paper, found_paper


@pytest.fixture
def sold(transactional_db: None) -> Paper:
    """Booklet 1 is sold; its note 4 is blocked."""
    found = found_paper(3)
    set_clock_offset(municipality=found.municipality, offset=found.town.at - now())
    found.sell(1, 2)
    booklets.block(serials=[found.cover(1).of(4)], because="紛失届", by=found.maker, at=found.town.at)
    return found


@pytest.fixture
def clerk(sold: Paper) -> Client:
    system = sold.town.actor(ActorRole.SYSTEM)
    parties.join_shop(
        sold.town.small_shop, member=sold.town.clerk, role=ActorRole.CLERK, by=system, at=sold.town.at
    )
    yield browser_of(sold.town, sold.town.clerk)  # type: ignore[misc]
    tills.stop()


def words(answer: object) -> str:
    whole = answer.content.decode()  # type: ignore[attr-defined]
    text = re.sub(r"<rt>.*?</rt>|<rp>.*?</rp>|<(script|style|svg)\b.*?</\1>", "", whole, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_scans_are_counted_and_what_is_refused_says_why(sold: Paper, clerk: Client) -> None:
    delivery = str(uuid4())
    lines = "\n".join([*sold.codes(1, [1, 2, 2, 4]), "gibberish", ""])
    answer = clerk.post("/till/notes", {"delivery": delivery, "notes": lines})
    said = words(answer)
    assert answer.status_code == 200
    assert "2枚 2,000 円" in said
    assert "紛失届" in said
    assert "「gibberish」は券のコードとして読めません" in said
    again = words(clerk.post("/till/notes", {"delivery": delivery, "notes": lines}))
    assert "2枚 2,000 円" in again
    assert "この持ち込みで数えました" in again
    assert "2枚 2,000 円" in words(clerk.get("/till/notes", {"delivery": delivery}))
    other = words(clerk.post("/till/notes", {"delivery": str(uuid4()), "notes": sold.code(1, 1)}))
    assert "この店で使われています" in other
    assert "これまでの持ち込み" in other


def test_nothing_scanned_is_said_kindly(sold: Paper, clerk: Client) -> None:
    answer = clerk.post("/till/notes", {"delivery": "x", "notes": " "})
    assert answer.status_code == 422
    assert "券がまだ読み取られていません" in words(answer)


def test_no_change_is_asked_before_it_is_kept(sold: Paper, clerk: Client) -> None:
    form = {"delivery": str(uuid4()), "notes": "\n".join(sold.codes(1, [1, 2])), "due_yen": "1,480"}
    asked = clerk.post("/till/notes", form)
    assert asked.status_code == 409
    assert "お釣りは出ません" in words(asked)
    assert "520円多くなります" in words(asked)
    assert sold.takings() == 0
    assert "受け取りました" in words(clerk.post("/till/notes", {**form, "no_change": "yes"}))
    assert sold.takings() == 2_000
    less = clerk.post("/till/notes", {**form, "delivery": str(uuid4()), "notes": sold.code(1, 3)})
    assert "残り480円は現金で" in words(less).replace(" ", "")


def test_the_day_says_what_came_on_paper(sold: Paper, clerk: Client) -> None:
    clerk.post("/till/notes", {"delivery": str(uuid4()), "notes": sold.code(1, 1)})
    day = words(clerk.get("/till/day"))
    assert "紙の券" in day
    assert "支払い(紙の券)" in clerk.get("/till/day", {"format": "csv"}).content.decode()
    payment = re.search(r"/till/payment/[0-9a-f-]{36}", clerk.get("/till/day").content.decode())
    assert payment
    assert sold.cover(1).of(1).digits in words(clerk.get(payment[0]))


def test_a_shop_that_gives_a_payment_back_is_told_to_hand_the_note_back(sold: Paper, clerk: Client) -> None:
    clerk.post("/till/notes", {"delivery": str(uuid4()), "notes": sold.code(1, 1)})
    found = re.search(r"/till/payment/[0-9a-f-]{36}", clerk.get("/till/day").content.decode())
    assert found
    asked = words(clerk.get(f"{found[0]}/refund"))
    assert "紙の券をお客さまに返してください。券はもう一度使えます。" in asked
    assert "一部だけを返す" not in asked, "nobody hands a piece of a note back"
    reason = re.search(r'name="reason" value="([^"]+)"', clerk.get(f"{found[0]}/refund").content.decode())
    assert reason
    done = clerk.post(f"{found[0]}/refund", {"reason": unescape(reason[1])}, follow=True)
    assert "紙の券をお客さまに返してください" in words(done)
    assert (sold.takings(), sold.held(sold.booklet(1))) == (0, 12_000)
    again = words(clerk.post("/till/notes", {"delivery": str(uuid4()), "notes": sold.code(1, 1)}))
    assert "1枚 1,000 円" in again


def test_the_statement_says_what_of_it_was_paper(sold: Paper, clerk: Client) -> None:
    """Settled as any payment, told apart for whoever compares it with the pile in the drawer."""
    owner = uuid4()
    town = sold.town
    parties.join_shop(town.small_shop, member=owner, role=ActorRole.OWNER, by=town.actor(ActorRole.SYSTEM), at=town.at)
    clerk.post("/till/notes", {"delivery": str(uuid4()), "notes": "\n".join(sold.codes(1, [1, 2]))})
    town.at += timedelta(days=2)
    set_clock_offset(municipality=sold.municipality, offset=town.at - now())
    accountant = town.actor(ActorRole.ACCOUNTANT, department="accounting")
    run = settlement.run_settlement(by=accountant, at=town.at, cutoff=town.at - timedelta(days=1))
    (told,) = statements(municipality=sold.municipality, at=town.at, run=run.id)
    said = words(browser_of(town, owner).get(f"/till/settlement/{told.id}"))
    assert "うち紙の券" in said
    assert "2枚" in said
    assert told.gross_yen == 2_000


@pytest.mark.parametrize("size", [(360, 740), (1280, 800)], ids=["phone", "desk"])
def test_a_pile_is_scanned_in_a_browser(
    live_server: object, chromium: Browser, sold: Paper, clerk: Client, size: tuple[int, int]
) -> None:
    """A hand scanner types a code and Enter: one counted, one twice, one blocked; with the line cut in between."""
    page = opened(chromium, live_server, clerk, size=size)
    page.goto(f"{live_server}/till/notes?lang=ja")
    no_faults(page, f"{size[0]}-notes-empty")

    def scan(code: str) -> None:
        page.keyboard.type(code)
        page.keyboard.press("Enter")

    scan(sold.code(1, 1))
    expect(page.locator("#tally")).to_contain_text("1,000")
    scan(sold.code(1, 4))
    expect(page.locator(".verdict--refused")).to_contain_text("紛失届")
    scan(sold.code(1, 1))
    expect(page.locator(".verdict--again")).to_have_count(1)
    page.context.set_offline(True)
    scan(sold.code(1, 2))
    scan(sold.code(1, 3))
    page.get_by_text("インターネットにつながりません").wait_for()
    no_faults(page, f"{size[0]}-notes-offline")
    page.context.set_offline(False)
    expect(page.locator("#tally")).to_contain_text("3,000", timeout=15_000)
    no_faults(page, f"{size[0]}-notes-counted")
    assert sold.takings() == 3_000


def test_what_waits_is_sent_after_the_page_was_left(
    live_server: object, chromium: Browser, sold: Paper, clerk: Client
) -> None:
    page = opened(chromium, live_server, clerk)
    page.goto(f"{live_server}/till/notes?lang=ja")
    page.context.set_offline(True)
    page.keyboard.type(sold.code(1, 5))
    page.keyboard.press("Enter")
    page.get_by_text("インターネットにつながりません").wait_for()
    page.context.set_offline(False)
    page.goto(f"{live_server}/till/notes?lang=ja")
    expect(page.locator("#tally")).to_contain_text("1,000", timeout=15_000)
    assert sold.takings() == 1_000


def test_what_waits_for_one_shop_is_never_counted_for_another(
    live_server: object, chromium: Browser, sold: Paper, clerk: Client
) -> None:
    """One device, two shops: what was scanned without a line at the first waits there until that shop is back."""
    other = uuid4()
    parties.join_shop(sold.town.large_shop, member=other, role=ActorRole.CLERK,
                      by=sold.town.actor(ActorRole.SYSTEM), at=sold.town.at)  # fmt: skip
    page = opened(chromium, live_server, clerk)
    page.goto(f"{live_server}/till/notes?lang=ja")
    page.context.set_offline(True)
    page.keyboard.type(sold.code(1, 6))
    page.keyboard.press("Enter")
    page.get_by_text("インターネットにつながりません").wait_for()
    mine = page.context.cookies()
    theirs = browser_of(sold.town, other).cookies["sessionid"].value
    page.goto("about:blank")
    page.context.set_offline(False)
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "sessionid", "value": theirs, "url": str(live_server)}])
    page.goto(f"{live_server}/till/notes?lang=ja")
    page.get_by_text("大市マート", exact=True).wait_for(timeout=20_000)
    page.wait_for_timeout(1_500)
    assert sold.takings(sold.town.large_shop) == 0
    page.context.clear_cookies()
    page.context.add_cookies(mine)
    page.goto(f"{live_server}/till/notes?lang=ja")
    expect(page.locator("#tally")).to_contain_text("1,000", timeout=15_000)
    assert (sold.takings(), sold.takings(sold.town.large_shop)) == (1_000, 0)


def test_a_customer_s_bill_is_paid_together(
    live_server: object, chromium: Browser, sold: Paper, clerk: Client
) -> None:
    page = opened(chromium, live_server, clerk)
    page.goto(f"{live_server}/till/notes?lang=ja")
    page.locator("#due_yen").fill("1500")
    page.locator("#notes").focus()
    for note in (1, 2):
        page.keyboard.type(sold.code(1, note))
        page.keyboard.press("Enter")
    page.get_by_role("button", name="数えて受け取る").click()
    page.get_by_text("お釣りは出ません").first.wait_for()
    no_faults(page, "360-notes-no-change")
    assert sold.takings() == 0
    page.get_by_label("お釣りが出ないことを").check()
    page.get_by_role("button", name="数えて受け取る").click()
    page.get_by_text("受け取りました").first.wait_for()
    assert sold.takings() == 2_000


def test_goods_come_back_and_the_page_says_how_many_notes(sold: Paper, clerk: Client) -> None:
    delivery = str(uuid4())
    clerk.post("/till/notes", {"delivery": delivery, "notes": "\n".join(sold.codes(1, [1, 2, 3]))})
    page = words(clerk.get(f"/till/notes?delivery={delivery}"))
    assert "券を返す(返品のとき)" in page
    said = words(clerk.get("/till/notes/back", {"delivery": delivery, "kept_yen": "1,500", "cash_yen": ""}))
    for word in ("券を2枚返します。現金500円をいただきます", "または", "券を1枚返します。お釣りは出ません(500円分)"):
        assert word in said, word
    said = words(clerk.get("/till/notes/back", {"delivery": delivery, "kept_yen": "3,001"}))
    assert "払った金額より多くは残せません" in said
    assert clerk.get("/till/notes/back", {"delivery": delivery, "kept_yen": "abc"}).status_code == 422


def test_notes_are_scanned_as_they_go_back_for_a_reason(sold: Paper, clerk: Client) -> None:
    clerk.post("/till/notes", {"delivery": str(uuid4()), "notes": "\n".join(sold.codes(1, [1, 2, 3]))})
    form = {"notes": "\n".join(sold.codes(1, [2, 3])), "reason": ""}
    answer = clerk.post("/till/notes/back", form)
    assert (answer.status_code, "理由を選んでください" in words(answer)) == (422, True)
    said = words(clerk.post("/till/notes/back", {**form, "reason": REASONS[0][0]}))
    for word in ("券2枚(2,000円分)を返しました", sold.cover(1).of(2).shown, "もう一度使えます"):
        assert word in said, word
    again = clerk.post("/till/notes/back", {**form, "reason": REASONS[0][0]})
    assert (again.status_code, "返金しました" in words(again)) == (409, True)
    assert "1枚 1,000 円" in words(clerk.post(
        "/till/notes", {"delivery": str(uuid4()), "notes": sold.code(1, 3)}
    ))  # fmt: skip


@pytest.mark.parametrize("width", [360, 1280])
def test_handing_back_fits_and_is_accessible(
    sold: Paper, clerk: Client, live_server: object, chromium: Browser, width: int
) -> None:
    delivery = str(uuid4())
    clerk.post("/till/notes", {"delivery": delivery, "notes": "\n".join(sold.codes(1, [1, 2, 3]))})
    page = opened(chromium, live_server, clerk, size=(width, 800))
    page.goto(f"{live_server}/till/notes/back?delivery={delivery}&kept_yen=1500&lang=ja")
    no_faults(page, f"notes-back-{width}")
