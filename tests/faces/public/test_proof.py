"""The log's public pages, and the page that checks a receipt: in the real browser, from a file, without a network."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256, sha512
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import LazySettings
from django.test import Client
from playwright.sync_api import Browser, Page

from meguri.ledger import heads, log, merkle, tasks
from meguri.ledger.audit.signed import read_note
from meguri.ledger.operations import set_clock_offset
from meguri.tills import operations
from meguri.words.clock import now
from tests.browsers import running_chromium
from tests.faces.people import browser_of
from tests.town import Town, found_town

SHOTS = os.environ.get("MEGURI_SCREENSHOTS", "")


@pytest.fixture
def town(transactional_db: None, settings: LazySettings) -> Iterator[Town]:
    found = found_town()
    settings.MUNICIPALITY = found.municipality
    set_clock_offset(municipality=found.municipality, offset=found.at - now())
    found.give("premium", 3000)
    yield found
    operations.stop()


@pytest.fixture
def payment(town: Town) -> UUID:
    """The third of five payments, all in the log and signed."""
    paid = [pay(town, amount) for amount in (100, 200, 300, 400, 500)]
    tasks.keep_log(municipality=town.municipality, at=town.at)
    return paid[2]


def pay(town: Town, amount: int) -> UUID:
    asked = operations.ask_at_shop(
        by=town.resident, at=town.at, holder=town.holder, shop=town.small_shop, amount_yen=amount, request=str(uuid4())
    )
    return operations.pay(asked).id


def text(path: str, browser: Client | None = None) -> str:
    answer = (browser or Client()).get(f"/public/log{path}")
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_the_log_is_shown_with_its_head_and_key(town: Town, payment: UUID) -> None:
    head = heads.latest(municipality=town.municipality)
    assert head is not None
    assert text("/head.txt") == head.note
    for language in ("ja", "en"):
        page = text(f"?lang={language}")
        assert head.verifier in page
        assert head.root.hex() in page
    assert json.loads(text("/heads.json")) == {
        "heads": [{"number": 1, "size": head.size, "note": head.note, "key": head.verifier}], "next": None,
    }  # fmt: skip
    kept = json.loads(text("/witness.json"))
    assert read_note(kept["head"], kept["key"]).root == head.root


def test_two_heads_are_joined_by_a_proof(town: Town, payment: UUID) -> None:
    first = heads.latest(municipality=town.municipality)
    pay(town, 7)
    tasks.keep_log(municipality=town.municipality, at=town.at + timedelta(seconds=5))
    second = heads.latest(municipality=town.municipality)
    assert first is not None
    assert second is not None
    found = json.loads(text(f"/growth/{first.size}/{second.size}"))
    path = [base64.b64decode(step) for step in found["path"]]
    assert heads.proves(first, second, path=path)
    assert f"/public/log/growth/{first.size}/{second.size}" in text("")
    assert Client().get(f"/public/log/growth/{second.size}/{second.size + 1}").status_code == 404


def test_only_the_holder_gets_what_the_receipt_says(town: Town, payment: UUID) -> None:
    path = f"/receipts/{payment}/file"
    for browser in (Client(), browser_of(town, town.other)):
        assert "\nextra " not in text(path, browser)
    own = text(path, browser_of(town, town.holder))
    extra = own.split("\n")[1].removeprefix("extra ")
    content = base64.b64decode(extra).decode()
    assert f"entry 1 1 300 from {town.holder} wallet " in content
    number = log.number_of(payment, municipality=town.municipality)
    assert f"\nindex {(number or 0) - 1}\n" in own
    assert merkle.leaf_hash(content.encode()).hex() in text(f"/receipts/{payment}")


def test_a_payment_of_this_moment_is_told_to_wait_and_an_unknown_one_is_refused(town: Town, payment: UUID) -> None:
    fresh = pay(town, 11)
    assert "数秒" in text(f"/receipts/{fresh}?lang=ja")
    assert Client().get(f"/public/log/receipts/{fresh}/file").status_code == 404
    assert Client().get(f"/public/log/receipts/{uuid4()}").status_code == 404
    tasks.keep_log(municipality=town.municipality, at=town.at + timedelta(seconds=1))
    assert "載っています" in text(f"/receipts/{fresh}?lang=ja")


def test_the_wallets_receipt_leads_here(town: Town, payment: UUID) -> None:
    page = browser_of(town, town.holder).get(f"/wallet/receipt/{payment}").content.decode()
    assert f"/public/log/receipts/{payment}" in page


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


def saved(browser: Browser, folder: Path) -> Page:
    """The page that checks, saved to disk and opened from there, without a network."""
    file = folder / "check.html"
    file.write_text(text("/check?keep"), encoding="utf-8")
    context = browser.new_context(viewport={"width": 360, "height": 780}, offline=True)
    page = context.new_page()
    page.goto(file.as_uri())
    return page


def verdict(page: Page) -> str:
    return page.locator("#verdict").inner_text()


def test_a_receipt_is_verified_offline_and_a_bent_one_refused(
    town: Town, payment: UUID, chromium: Browser, tmp_path: Path
) -> None:
    receipt = tmp_path / "mine.tlog-proof"
    receipt.write_text(text(f"/receipts/{payment}/file", browser_of(town, town.holder)), encoding="utf-8")
    page = saved(chromium, tmp_path)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: troubles.append(request.url))
    page.locator("#file").set_input_files(receipt)
    page.locator('#verdict[data-is="good"]').wait_for()
    assert "たしかに帳簿に載っています" in verdict(page)
    assert f"entry 1 1 300 from {town.holder}" in verdict(page)
    assert "300円 / 300 yen" in verdict(page)
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / "receipt-verified.png"), full_page=True)
    proof = receipt.read_text(encoding="utf-8")
    content = base64.b64decode(proof.split("\n")[1].removeprefix("extra ")).decode()
    more = base64.b64encode(content.replace(" 300 ", " 301 ").encode()).decode()
    index = next(line for line in proof.split("\n") if line.startswith("index "))
    size = heads.latest(municipality=town.municipality).size  # type: ignore[union-attr]
    step = proof.split("\n")[4]
    bent = {
        "書き換えられた": [
            proof.replace(proof.split("\n")[1], f"extra {more}"), proof.replace(index, "index 1"),
            proof.replace(step, base64.b64encode(bytes(32)).decode(), 1), proof.replace(f"{step}\n", "", 1),
        ],
        "署名がありません": [
            proof.replace(f"\n{size}\n", f"\n{size + 1}\n"), proof.replace("\ntime 20", "\ntime 21"),
            proof[:-12] + ("A" if proof[-12] != "A" else "B") + proof[-11:],
        ],
        "内容が入っていません": [text(f"/receipts/{payment}/file")],
        "読めません": ["", "mine", proof.replace("@v1", "@v2"), proof.replace("index", "place")],
    }  # fmt: skip
    for words, proofs in bent.items():
        for one in proofs:
            assert one != proof
            page.locator("#proof").fill(one)
            page.locator("#check").click()
            page.locator('#verdict[data-is="bad"]').wait_for()
            assert words in verdict(page), one
            page.evaluate("document.getElementById('verdict').dataset.is = ''")
    page.locator("#proof").fill(proof)
    page.locator("#keys").fill("")  # without the town's key nothing is believed
    page.locator("#check").click()
    assert "署名がありません" in verdict(page)
    assert troubles == []


def test_its_own_hashes_and_curve_are_right(town: Town, payment: UUID, chromium: Browser, tmp_path: Path) -> None:
    """SHA-2 at every length around a block against Python's, and the signature of RFC 8032, 7.1, test 3."""
    page = saved(chromium, tmp_path)
    script = "n => [false, true].map(wide => [...sha2(new Uint8Array(n).fill(7), wide)])"
    for length in (0, 1, 55, 56, 63, 64, 65, 111, 112, 119, 127, 128, 129, 300):
        plain = bytes([7]) * length
        assert page.evaluate(script, length) == [[*sha256(plain).digest()], [*sha512(plain).digest()]], length
    key = "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"
    signature = (
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    )
    ask = "([m, s, k]) => isSigned(Uint8Array.from(m), Uint8Array.from(s), Uint8Array.from(k))"
    wanted = [[0xAF, 0x82], [*bytes.fromhex(signature)], [*bytes.fromhex(key)]]
    assert page.evaluate(ask, wanted) is True
    assert page.evaluate(ask, [[0xAF, 0x83], *wanted[1:]]) is False


@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_are_accessible_and_fit(
    live_server: object, town: Town, payment: UUID, chromium: Browser, width: int
) -> None:
    page = chromium.new_context(viewport={"width": width, "height": 780}).new_page()
    for path in ("", f"/receipts/{payment}", "/check"):
        page.goto(f"{live_server}/public/log{path}?lang=ja")
        found = Axe().run(page) if path != "/check" else None  # that page lets no foreign script in
        assert found is None or found.violations_count == 0, f"{path}: {found and found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
        if SHOTS:
            page.screenshot(path=str(Path(SHOTS) / f"log-{width}-{path.strip('/')[:5]}.png"), full_page=True)
    assert page.locator("#check").is_enabled()
    page.locator("#check").click()
    assert "読めません" in verdict(page)  # its script runs under its own policy
