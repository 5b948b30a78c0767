"""A large print file on the run's page: asked for, made by the worker's task, watched, fetched as sheets."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.http import FileResponse

from meguri.faces.office import print_making
from meguri.wallets import print_jobs
from tests.faces.office.printing import pages_of, tight
from tests.faces.office.reading import address, page, send, words
from tests.faces.office.test_paper import Counter, counter

__all__ = ["counter"]


def work(counter: Counter) -> int:
    turns = 0
    while print_making.make_next_part(municipality=counter.office.number, at=counter.town.at):
        turns += 1
    return turns


def test_it_is_asked_for_watched_and_fetched(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(print_jobs, "PART", 2)
    run = counter.approved()
    assert "つくっているファイルはありません" in words(page(counter.maker, "paper_run", run))
    answer = send(counter.maker, "paper_run", run, act="ask_job", span="1", because=" ")
    assert "理由" in words(answer)
    told = words(send(counter.maker, "paper_run", run, act="ask_job", span="1", because="印刷所へ渡す"))
    for word in ("裏でつくり始めます", "0 / 3 冊", "印刷所へ渡す"):
        assert word in told, word
    assert print_making.make_next_part(municipality=counter.office.number, at=counter.town.at)
    assert "2 / 3 冊(券 26枚)" in words(page(counter.maker, "paper_run", run))
    assert work(counter) == 1
    shown = page(counter.maker, "paper_run", run)
    assert "できました" in words(shown)
    assert 'hx-trigger="every 5s"' not in shown, "what is ready is not asked for again and again"
    job = print_jobs.print_jobs(run, municipality=counter.office.number, at=counter.town.at)[0].id
    got = counter.maker.post(address("paper_run", run), {"act": "fetch_job", "job": str(job), "because": "刷る"})
    assert isinstance(got, FileResponse)
    assert got["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(b"".join(got.streaming_content))) as bundle:  # type: ignore[arg-type]
        names = sorted(name for name in bundle.namelist() if name.endswith(".pdf"))
        said = bundle.read("read-first.txt").decode("utf-8-sig")
        pages = [text for name in names for text in pages_of(bundle.read(name))]
    assert names == ["notes-0001-000001.pdf", "notes-0001-000003.pdf"]
    assert "3冊、券 39枚" in said
    for number in (1, 2, 3):
        assert any(tight(counter.cover(number).shown) in text for text in pages), number
    assert "刷る" in words(page(counter.maker, "paper_run", run)), "the fetching is kept"


def test_who_may_not_print_is_not_offered_it(counter: Counter) -> None:
    run = counter.approved()
    welfare = counter.office.browser("maker:welfare")
    assert send(welfare, "paper_run", run, act="ask_job", span="1", because="x").status_code == 403
    assert print_jobs.print_jobs(run, municipality=counter.office.number, at=counter.town.at) == ()
    wrong = counter.maker.post(address("paper_run", run), {"act": "ask_job", "span": "9", "because": "x"})
    assert wrong.status_code == 400


def test_nothing_to_make_is_nothing_done(counter: Counter) -> None:
    assert print_making.make_next_part(municipality=counter.office.number, at=counter.town.at) is False
