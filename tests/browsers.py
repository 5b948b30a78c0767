"""Where the real browser is. Without one a test says so, and how to get it."""

from __future__ import annotations

import os
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium_path() -> str:
    """The browser's path. Without one the test is skipped, or fails under MEGURI_CHROMIUM_REQUIRED."""
    found = next((path for name in NAMES if (path := shutil.which(name))), "")
    if not found:
        words = "no Chromium on the path; on Debian: apt-get install chromium fonts-noto-cjk"
        pytest.fail(words) if os.environ.get("MEGURI_CHROMIUM_REQUIRED") else pytest.skip(words)
    return found
