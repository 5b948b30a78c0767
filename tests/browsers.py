"""The real browser: where it is, and how every test runs it. Without one a test says so, and how to get it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
_running: list[Browser] = []


def chromium_path() -> str:
    """The browser's path. Without one the test is skipped, or fails under MEGURI_CHROMIUM_REQUIRED."""
    found = next((path for name in NAMES if (path := shutil.which(name))), "")
    if not found:
        words = "no Chromium on the path; on Debian: apt-get install chromium fonts-noto-cjk"
        pytest.fail(words) if os.environ.get("MEGURI_CHROMIUM_REQUIRED") else pytest.skip(words)
    return found


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """A browser until the block ends. Playwright's loop lives in this thread, where tests also ask the database."""
    path = chromium_path()
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        _running.append(browser)
        yield browser
        _running.remove(browser)
        browser.close()


def close_what_was_opened() -> None:
    """Pages that a test leaves open go on asking the server and drawing codes, at the cost of all tests behind it."""
    for browser in _running:
        for context in browser.contexts:
            context.close()
