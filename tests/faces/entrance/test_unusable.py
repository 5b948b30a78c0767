"""The sign NUL in an address, a query, a form or JSON: one clear refusal, whatever view it was meant for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory

from meguri.faces.entrance.unusable import unusable_field
from tests.faces.lived_town import routes

JSON = "application/json"


@pytest.fixture
def whole_site(town: int, settings: LazySettings) -> None:
    settings.ROOT_URLCONF = "meguri.site.urls"


@pytest.mark.parametrize("path", ["/m/%00", "/m/12%0034", "/enter/invitation/%00", "/style/screen/%00"])
@pytest.mark.usefixtures("whole_site")
def test_an_address_with_the_sign_is_refused(path: str, browser: Client) -> None:
    answer = browser.get(path, headers={"accept-language": "ja"})
    assert answer.status_code in (400, 404)
    assert "使えない文字" in answer.text or "このページはありません" in answer.text


@pytest.mark.usefixtures("whole_site")
def test_no_route_at_all_takes_it(browser: Client) -> None:
    """Every address of the site, with the sign in its query and in its form, as a visitor may send it."""
    asked, bad = 0, []
    for route in routes():
        if "(" in route or "<" in route:
            continue
        asked += 1
        answers = (browser.get(f"/{route}", {"q": "a\x00b"}), browser.post(f"/{route}", {"text": "a\x00b"}))
        told = [(each.status_code, "使えない文字(NUL)" in each.content.decode()) for each in answers]
        bad += [f"{route}: {each}" for each in told if each != (400, True)]
    assert asked > 50
    assert bad == []


@pytest.mark.parametrize(
    "sent", [{"login": "me\x00@town.example"}, {"login": "x", "next": "/\x00"}, {"lo\x00gin": "x"}]
)
def test_a_form_with_the_sign_says_which_field(sent: dict[str, str], town: int, browser: Client) -> None:
    answer = browser.post("/accounts/login/", sent, headers={"accept": JSON})
    told = json.loads(answer.content)
    assert (answer.status_code, told["code"], told["status"]) == (400, "unusable_sign", 400)
    assert told["field"] == next(name.replace("\x00", "") for name, value in sent.items() if "\x00" in name + value)
    assert ("NUL" in told["title"], "NUL" in told["title_en"]) == (True, True)


@pytest.mark.parametrize(
    ("language", "words"), [("ja", "使えない文字(NUL)が入っているため"), ("en", "a sign that cannot be used")]
)
def test_people_are_told_in_their_language(language: str, words: str, town: int, browser: Client) -> None:
    page = browser.get("/enter/", {"lang": language, "q": "\x00"})
    assert (page.status_code, words in page.text) == (400, True)


@pytest.mark.parametrize(("body", "field"), [
    ({"text": "a\x00"}, "text"), ({"a\x00": 1}, ""), ({"rows": [{"deep": ["x", "\x00"]}]}, "rows"), (["\x00"], ""),
    ({"text": "all well"}, None), ({"text": "the six letters \\u0000"}, None), ({}, None), ([1, None, True], None),
])  # fmt: skip
def test_the_sign_is_found_in_json(body: Any, field: str | None) -> None:
    assert unusable_field(RequestFactory().post("/x", json.dumps(body), content_type=JSON)) == field


@pytest.mark.parametrize("body", ["", "{", '{"a": \\u0000', "[" * 100_000, '{"a": "\\u0000"'])
def test_json_that_cannot_be_read_is_left_to_its_own_reader(body: str) -> None:
    assert unusable_field(RequestFactory().post("/x", body, content_type=JSON)) is None


def test_a_body_too_large_is_left_to_its_own_reader(settings: LazySettings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    assert unusable_field(RequestFactory().post("/x", '{"a": "\\u0000 and more"}', content_type=JSON)) is None


def test_a_file_may_hold_anything_but_not_in_its_name() -> None:
    """A table saved as UTF-16 is full of it."""
    table = SimpleUploadedFile("list.csv", "番号,円".encode("utf-16"))
    assert b"\x00" in "番号,円".encode("utf-16")
    assert unusable_field(RequestFactory().post("/x", {"file": table, "name": "6月"})) is None
    assert unusable_field(RequestFactory().post("/x", {"file": table, "name": "6\x00"})) == "name"


@pytest.mark.parametrize("path", ["/", "/m/000000000153", "/enter/?next=/wallet/"])
def test_everything_else_passes(path: str) -> None:
    assert unusable_field(RequestFactory().get(path)) is None
