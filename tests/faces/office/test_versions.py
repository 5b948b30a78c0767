"""The pages of a programme's versions: who reads them, what a stranger or a sly text may do there."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from meguri.programmes import operations, queries
from meguri.programmes.terms import digest, read_terms
from tests.faces.office.lived import Office
from tests.faces.office.reading import ANALYST, cells, look, page, send, words
from tests.programmes.amendment_changes import changed_at

MAKER, CHECKER = "maker:planning", "checker:planning"


@pytest.fixture
def number(office: Office) -> UUID:
    return office.programme("point")


def drafted(office: Office, number: UUID, reason: str, **names: str) -> None:
    terms = changed_at(
        queries.terms(number, municipality=office.number), {"name": {"ja": "改", "en": "Anew"} | names}
    )
    operations.draft_amendment(
        programme=number, terms=terms, reason=reason, by=office.officer(MAKER), at=office.town.at
    )


def amended(office: Office, number: UUID, reason: str = "議決", **names: str) -> None:
    drafted(office, number, reason, **names)
    operations.submit_amendment(programme=number, by=office.officer(MAKER), at=office.town.at)
    operations.approve_amendment(programme=number, by=office.officer(CHECKER), at=office.town.at)


def test_words_that_a_maker_types_are_read_and_never_run(office: Office, number: UUID) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x>"
    amended(office, number, reason=evil, ja=evil, en=evil)
    checker = office.browser(CHECKER)
    for seen in (page(checker, "version", number, 2), page(checker, "programme", number),
                 page(checker, "version", number, 2, lang="en")):  # fmt: skip
        assert "<script>alert" not in seen
        assert "<img src=x" not in seen
        assert "&lt;script&gt;alert(1)" in seen


def test_each_version_is_compared_with_the_one_before_it_and_not_with_the_newest(
    office: Office, number: UUID
) -> None:
    first = queries.terms(number, municipality=office.number).name.ja
    for name in ("二つ目", "三つ目"):
        amended(office, number, ja=name)
    analyst = office.browser(ANALYST)
    assert cells(page(analyst, "version", number, 2), "変わること") == [["事業の名前", first, "二つ目"]]
    assert cells(page(analyst, "version", number, 3), "変わること") == [["事業の名前", "二つ目", "三つ目"]]
    assert "前の版" in words(page(analyst, "version", number, 2))
    assert "いまの版" in words(page(analyst, "version", number, 3))


def test_the_file_of_a_version_is_the_document_that_was_approved_to_the_digest(office: Office, number: UUID) -> None:
    amended(office, number)
    analyst = office.browser(ANALYST)
    for version in queries.versions(number, municipality=office.number):
        answer = look(analyst, "version_file", number, version.number)
        assert digest(read_terms(answer.content)) == version.digest
        assert version.digest in page(analyst, "version", number, version.number)
        code = queries.terms(number, municipality=office.number).code
        assert answer["Content-Disposition"] == f'attachment; filename="{code}-v{version.number}.toml"'


def test_a_version_that_waits_leads_to_the_amendment_and_names_nobody_who_approved_it(
    office: Office, number: UUID
) -> None:
    drafted(office, number, "まだ案です")
    analyst = office.browser(ANALYST)
    listed = page(analyst, "programme", number)
    assert "まだ案です" in words(listed)
    assert f"/{number}/amendment" in listed
    seen = words(page(analyst, "version", number, 2))
    assert "変更案" in seen
    assert "承認 " not in seen.partition("SHA-256")[0].partition("起票")[2]
    operations.drop_amendment(programme=number, by=office.officer(MAKER))
    assert look(analyst, "version", number, 2).status_code == 404
    assert look(analyst, "version_file", number, 2).status_code == 404


def test_no_version_no_programme_no_officer_no_page(office: Office, number: UUID) -> None:
    analyst, other = office.browser(ANALYST), office.browser("maker:commerce")
    for name in ("version", "version_file"):
        for asked in ((number, 0), (number, 2), (uuid4(), 1)):
            assert look(analyst, name, *asked).status_code == 404
        assert send(analyst, name, number, 1).status_code == 405
        assert look(other, name, number, 1).status_code == 200  # another department reads
