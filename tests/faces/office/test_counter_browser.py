"""The counter walked by hand in a real browser: booklets sold and brought back, a mistake corrected, a file watched."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from playwright.sync_api import Browser, Page

from meguri.faces.office import print_making
from tests.browsers import running_chromium
from tests.faces.office.lived import found_office
from tests.faces.office.test_desk_browser import is_clean, shot
from tests.faces.office.test_paper import Counter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


def looked_at(page: Page, name: str) -> None:
    shot(page, f"counter-{name}")
    is_clean(page)


@pytest.mark.parametrize("width", [360, 1280])
def test_booklets_are_sold_brought_back_and_corrected(live_server: object, chromium: Browser, width: int) -> None:
    counter = Counter(found_office())
    run = counter.approved()
    at = str(live_server)
    context = chromium.new_context(base_url=at, viewport={"width": width, "height": 800}, locale="ja")
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": counter.maker.cookies[name].value, "url": at}])
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(reverse("office:paper_run", args=[run]))
    looked_at(page, f"run-{width}")
    _sell(page, counter)
    looked_at(page, f"sold-{width}")
    page.get_by_text("紙の券2冊で渡した分").wait_for()
    page.get_by_text("まちがえたとき").click()
    looked_at(page, f"receipt-{width}")
    page.get_by_label("取り消す理由").fill("別の人の分だった")
    page.get_by_role("button", name="取り消して現金を返す").click()
    page.get_by_text("回収してください").first.wait_for()
    looked_at(page, f"undone-{width}")
    page.goto(reverse("office:paper_run", args=[run]))
    _watched(page, counter, width=width)


def _sell(page: Page, counter: Counter) -> None:
    page.get_by_label("受付番号").first.fill(counter.receipt())
    page.get_by_label("渡す冊子(表紙)").fill("\n".join(counter.cover(each).shown for each in (1, 2)))
    page.get_by_role("button", name="販売の内容を確かめる").click()
    page.get_by_text("まだ何も売っていません").wait_for()
    assert page.get_by_text(counter.cover(2).shown).count() >= 1
    page.get_by_role("button", name="20,000円を受け取って渡す").click()
    page.get_by_text("2冊(26,000円分)を渡しました").first.wait_for()


def _watched(page: Page, counter: Counter, *, width: int) -> None:
    """A large file: asked for, then ready without pressing anything."""
    page.get_by_label("つくる理由").fill("印刷所へ渡す")
    page.get_by_role("button", name="裏でつくる").click()
    page.get_by_text("冊(券 0枚)").first.wait_for()
    looked_at(page, f"job-{width}")
    with transaction.atomic():  # as the worker runs it
        print_making.make_next_part(municipality=counter.office.number, at=counter.town.at)
    page.get_by_text("できました").first.wait_for()
    looked_at(page, f"ready-{width}")
