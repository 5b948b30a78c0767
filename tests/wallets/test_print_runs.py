"""Which documents can be printed, how their booklets are cut, and that no two runs share a secret."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from meguri.programmes import queries as programmes
from meguri.programmes.operations import draft_programme
from meguri.programmes.shipped import shipped, templates
from meguri.programmes.terms import ProgrammeTerms, from_tree, to_tree
from meguri.wallets import paper, print_runs
from meguri.wallets.models import Booklet
from meguri.wallets.notes import Serial, is_genuine, read_note
from meguri.words.refusal import Refusal
from tests.paper import Paper, paper_terms
from tests.town import found_town


def voucher(**changed: Any) -> ProgrammeTerms:
    """The two-tranche voucher with members of its document changed; a member of a table is named `table__member`."""
    tree = to_tree(paper_terms())
    for name, value in changed.items():
        table, _, member = name.partition("__")
        if member:
            tree.setdefault(table, {})[member] = value  # type: ignore[index]
        else:
            tree[table] = value
    return from_tree(tree)


def town_of(terms: ProgrammeTerms) -> Paper:
    """A town in which this voucher runs, and nothing is printed."""
    others = [each for each in shipped().values() if each.family != "voucher"]
    return Paper(found_town([terms, *others]))


def sections(made: Paper, run: Any) -> list[int]:
    found = paper.print_run(run, municipality=made.municipality)
    assert found is not None
    return [notes for _, notes in found.sections]


def no(made: Paper, **order: Any) -> str:
    with pytest.raises(Refusal) as refused:
        made.order(1, **order)
    return refused.value.code


@pytest.mark.django_db
def test_any_face_that_cuts_every_section_evenly_is_printed() -> None:
    made = town_of(voucher())
    for face, wanted in ((500, [16, 8]), (1_000, [8, 4]), (2_000, [4, 2]), (4_000, [2, 1])):
        assert sections(made, made.order(1, face_yen=face)) == wanted
    for face in (3_000, 8_000, 12_000, 99):
        assert no(made, face_yen=face) == "paper_face_wrong"


@pytest.mark.django_db
def test_a_note_is_a_payment_within_the_terms_own_ceiling() -> None:
    made = town_of(voucher(limits__payment_max_yen=1_000))
    assert sections(made, made.order(1, face_yen=500)) == [16, 8]
    assert sections(made, made.order(1, face_yen=1_000)) == [8, 4]
    assert no(made, face_yen=2_000) == "paper_face_wrong", "above the ceiling of one payment"


@pytest.mark.django_db
def test_what_shrinks_bears_no_face() -> None:
    made = town_of(voucher(demurrage={"every_days": 30, "rate_bp": 100}))
    assert no(made) == "paper_shrinks"


@pytest.mark.django_db
def test_a_bundle_of_its_own_is_printed_for_itself() -> None:
    tree = to_tree(paper_terms())
    tree["obtaining"]["bundles"] = [{  # type: ignore[index]
        "code": "half", "name": {"ja": "半冊", "en": "Half"}, "price_yen": 4_000, "max_units": 2,
        "face": [{"purse": "paid", "yen": 4_000}, {"purse": "premium", "yen": 1_000}],
    }]  # fmt: skip
    made = town_of(from_tree(tree))
    run = print_runs.order_print_run(
        programme=made.programme, face_yen=500, booklets=1, bundle="half", by=made.maker, at=made.town.at
    )
    assert sections(made, run) == [10]


@pytest.mark.django_db
def test_runs_are_numbered_and_share_no_secret() -> None:
    made, other = town_of(voucher()), town_of(voucher())
    first, second = made.order(2), made.order(2)
    views = {each.id: each.number for each in paper.print_runs(made.municipality, department="commerce")}
    assert views == {first: 1, second: 2}
    assert other.order(1) not in views
    keys = {print_runs.run_key(run, town) for run in (first, second) for town in (made.municipality, 1)}
    assert len(keys) == 4
    assert {len(key) for key in keys} == {32}
    for run in (first, second):
        print_runs.approve_print_run(run, by=made.checker, at=made.town.at)
    codes = [
        each.link for run in (first, second)
        for booklet in print_runs.print_notes(run, first=1, last=99, form="utf8", because="x", by=made.maker,
                                              at=made.town.at)
        for each in booklet
    ]  # fmt: skip
    assert len(set(codes)) == len(codes) == 2 * 2 * 13
    read = read_note(codes[1])
    assert read.serial == Serial(made.municipality, 1, 1, 1)
    assert is_genuine(read, print_runs.run_key(first, made.municipality))
    assert not is_genuine(read, print_runs.run_key(second, made.municipality))
    assert Booklet.objects.values("id").distinct().count() == Booklet.objects.count() == 4
    kept = repr(list(Booklet.objects.values()))
    assert all(code[-16:] not in kept for code in codes), "no secret of a note is kept"


@pytest.mark.django_db
def test_a_number_too_large_for_a_note_is_never_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    made = town_of(voucher())
    monkeypatch.setattr(print_runs, "RUN_MOST", 1)
    made.order(1)
    with pytest.raises(ValueError, match="no room in a note's number"):
        made.order(1)


@pytest.mark.django_db
def test_only_a_running_programme_is_printed() -> None:
    made = town_of(voucher())
    draft = from_tree(to_tree(templates()["adachi-2025"]) | {"code": "draft"})
    number = draft_programme(terms=draft, by=made.maker, at=made.town.at)
    view = programmes.programme(number, municipality=made.municipality)
    assert view is not None
    assert view.state == "draft"
    wanted = {"face_yen": 1_000, "booklets": 1, "by": made.maker, "at": made.town.at}
    for programme, code in ((number, "programme_not_launched"), (uuid4(), "programme_unknown")):
        with pytest.raises(Refusal) as refused:
            print_runs.order_print_run(programme=programme, **wanted)  # type: ignore[arg-type]
        assert refused.value.code == code
