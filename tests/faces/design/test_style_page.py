from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from meguri.faces.design.reference import part_notes
from meguri.faces.design.views import SCREENS, code_svg, sample_context
from tests.faces.design.test_parts import complaints

pytestmark = pytest.mark.usefixtures("design_alone")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_style_page_speaks_both_languages(client: Client, language: str) -> None:
    page = client.get(f"/style/?lang={language}").content.decode()
    assert f'<html lang="{language}"' in page
    assert ("見た目の手引き" in page) == (language == "ja")
    assert complaints(page.replace("<!doctype html>", "")) == []


def test_the_page_without_a_wish_follows_the_browser(client: Client) -> None:
    assert '<html lang="ja"' in client.get("/style/").content.decode()
    assert '<html lang="en"' in client.get("/style/", headers={"accept-language": "en-GB"}).content.decode()


def test_a_theme_can_be_asked_for_and_nonsense_cannot(client: Client) -> None:
    assert 'data-theme="dark"' in client.get("/style/?theme=dark").content.decode().split("<body")[0]
    assert "data-theme=" not in client.get('/style/?theme="><script>').content.decode().split("<body")[0]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", SCREENS)
def test_every_screen_is_shown_with_the_banner(client: Client, name: str, language: str) -> None:
    response = client.get(reverse("design:screen", args=[name]) + f"?lang={language}")
    page = response.content.decode()
    assert response.status_code == 200
    assert ("架空" in page) if language == "ja" else ("An invented town" in page)
    assert complaints(page.replace("<!doctype html>", "")) == []


def test_an_unknown_screen_is_not_found(client: Client) -> None:
    assert client.get("/style/screen/unicorn").status_code == 404


def test_every_part_is_on_the_style_page_or_in_the_frame(client: Client) -> None:
    page = client.get("/style/?lang=en").content.decode()
    explained = set(re.findall(r"\{% (?:part|wrap) &quot;(\w+)&quot;", page))
    frame = {
        "bottom_nav", "brand_ring", "display_choices", "error_summary", "goal", "invented", "language_switch", "pager",
        "path", "question", "side_nav", "specimen", "table_row",
    }  # fmt: skip
    assert set(part_notes()) - explained - frame == set()


def test_ids_are_unique_on_the_style_page(client: Client) -> None:
    ids = re.findall(r'\sid="([^"]+)"', client.get("/style/").content.decode())
    own = [one for one in ids if not re.match(r"p[0-9a-f]{8}-", one)]  # pictures shown twice share their patterns
    assert sorted(own) == sorted(set(own))


def test_the_page_keeps_to_its_own_house(client: Client) -> None:
    response = client.get("/style/")
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    outside = re.findall(r'(?:src|href|action)="(?:https?:)?//[^"]*"', response.content.decode())
    assert outside == []


def test_english_screens_hold_no_japanese_but_the_other_language(client: Client) -> None:
    for name in SCREENS:
        page = client.get(reverse("design:screen", args=[name]) + "?lang=en").content.decode()
        assert set(re.findall(r"[\u3040-\u30ff\u4e00-\u9fff]+", page)) <= {"日本語"}, name


def test_samples_add_up() -> None:
    context = sample_context("ja")
    assert sum(part.amount for part in context["budget"]) == context["budget_total"]
    assert sum(purse["amount"] for purse in context["purses"]) == context["ring"].rows[-1][1]
    rows = context["payments"]
    total = context["payments_total"]
    assert sum(row["cells"][2] for row in rows) == total[2]
    assert sum(row["cells"][3]["amount"] for row in rows) == total[3]["amount"]


def test_the_sample_code_has_no_style_and_scales() -> None:
    svg = code_svg()
    assert "style=" not in svg
    assert "viewBox" in svg
