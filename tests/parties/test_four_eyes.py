"""Who may judge, send back and take back a request; and that another town's requests are not there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.parties import queries
from meguri.parties.models import Approval
from meguri.parties.operations import approve, propose, reject, withdraw
from meguri.parties.rules import digest_of, secret_hash
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.parties.conftest import AT, Town

DIGEST, LATER = digest_of({"terms": 1}), AT + timedelta(hours=1)


def ask(by: Actor, *, thing: UUID | None = None, department: str = "commerce", note: str = "") -> UUID:
    return propose(
        "programme.launch", object_id=thing or uuid4(), digest=DIGEST, by=by, at=AT, department=department, note=note
    )


@pytest.fixture
def maker(town: Town) -> Actor:
    return town.actor("maker", "commerce")


@pytest.fixture
def checker(town: Town) -> Actor:
    return town.actor("checker", "commerce")


def judgements(approval: UUID, by: Actor) -> dict[str, Callable[[], object]]:
    return {
        "approve": lambda: approve(approval, DIGEST, by=by, at=LATER),
        "reject": lambda: reject(approval, by=by, at=LATER, note="上限が抜けています"),
        "withdraw": lambda: withdraw(approval, by=by, at=LATER),
    }


def refused(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as no:
        act()
    return no.value


def test_a_request_keeps_what_was_proposed_and_what_was_judged(town: Town, maker: Actor, checker: Actor) -> None:
    thing = uuid4()
    approval = ask(maker, thing=thing, note="春の商品券")
    view = approve(approval, DIGEST, by=checker, at=LATER, note="確認しました")
    assert (view.made_by, view.made_at, view.checked_by, view.checked_at) == (maker.party, AT, checker.party, LATER)
    assert (view.outcome, view.note, view.department) == ("approved", "春の商品券\n確認しました", "commerce")
    assert view == queries.approval(approval, municipality=1)
    asked = {"object_id": thing, "digest": DIGEST, "municipality": 1}
    assert queries.is_approved("programme.launch", **asked)  # type: ignore[arg-type]
    for other in ({"object_id": uuid4()}, {"digest": digest_of("x")}, {"municipality": 2}):
        assert not queries.is_approved("programme.launch", **asked | other)  # type: ignore[arg-type]
    assert not queries.is_approved("programme.close", **asked)  # type: ignore[arg-type]


def test_a_judgement_without_a_note_keeps_the_makers(maker: Actor, checker: Actor) -> None:
    assert approve(ask(maker, note="春の商品券"), DIGEST, by=checker, at=LATER).note == "春の商品券"
    assert approve(ask(maker), DIGEST, by=checker, at=LATER, note="よし").note == "よし"


@pytest.mark.parametrize("outcome", ["reject", "withdraw"])
def test_what_was_not_approved_is_not(outcome: str, town: Town, maker: Actor, checker: Actor) -> None:
    thing = uuid4()
    approval = ask(maker, thing=thing)
    judgements(approval, maker if outcome == "withdraw" else checker)[outcome]()
    assert not queries.is_approved("programme.launch", object_id=thing, digest=DIGEST, municipality=1)
    view = queries.approval(approval, municipality=1)
    assert view is not None
    assert view.outcome in {"rejected", "withdrawn"}


@pytest.mark.parametrize("act", ["approve", "reject", "withdraw"])
def test_a_judged_request_says_what_became_of_it(act: str, maker: Actor, checker: Actor) -> None:
    approval = ask(maker)
    approve(approval, DIGEST, by=checker, at=LATER)
    no = refused(judgements(approval, maker if act == "withdraw" else checker)[act])
    assert (no.code, no.facts["outcome"], no.kind.status) == ("approval_closed", "approved", 409)
    assert "すでに処理されています" in no.sentence("ja")
    assert "already been dealt with" in no.sentence("en")


@pytest.mark.parametrize("act", ["approve", "reject", "withdraw"])
def test_another_towns_request_is_not_there(act: str, maker: Actor) -> None:
    approval = ask(maker)
    for stranger in ("checker", "maker"):
        no = refused(judgements(approval, Actor(2, ActorRole(stranger), uuid4(), "commerce"))[act])
        assert (no.code, no.kind.status) == ("approval_unknown", 404)
    assert queries.approval(approval, municipality=2) is None
    assert queries.approvals(municipality=2) == ()
    assert Approval.objects.get(id=approval).outcome == ""


MAY = {"approve": {"checker"}, "reject": {"checker"}, "withdraw": {"maker", "accountant", "system"}}


@pytest.mark.parametrize("role", list(ActorRole))
@pytest.mark.parametrize("act", list(MAY))
def test_who_judges_and_who_takes_back(act: str, role: ActorRole, town: Town, maker: Actor) -> None:
    approval = ask(maker)
    step = judgements(approval, town.actor(role, "commerce"))[act]
    if role in MAY[act]:
        step()
        assert Approval.objects.get(id=approval).outcome
        return
    assert refused(step).code == "not_allowed"
    assert Approval.objects.get(id=approval).outcome == ""


@pytest.mark.parametrize("act", ["approve", "reject", "withdraw"])
def test_officers_of_another_department_keep_out(act: str, town: Town, maker: Actor) -> None:
    approval = ask(maker)
    role = "maker" if act == "withdraw" else "checker"
    for department in ("welfare", ""):
        assert refused(judgements(approval, town.actor(role, department))[act]).code == "not_allowed"


@pytest.mark.parametrize("act", ["approve", "reject"])
def test_whoever_made_it_under_one_hat_does_not_judge_it_under_another(act: str, town: Town, maker: Actor) -> None:
    approval = ask(maker)
    same = town.actor("checker", "commerce", party=maker.party)
    no = refused(judgements(approval, same)[act])
    assert (no.code, no.kind.status) == ("checker_is_maker", 403)
    assert "自分で起票" in no.sentence("ja")
    assert "another person" in no.sentence("en")
    nobody = Actor(1, ActorRole.CHECKER, None, "commerce")
    assert refused(judgements(approval, nobody)[act]).code == "checker_is_maker"


def test_another_maker_of_the_department_may_take_a_request_back(town: Town, maker: Actor) -> None:
    view = withdraw(ask(maker), by=town.actor("maker", "commerce"), at=LATER)
    assert (view.outcome, view.made_by) == ("withdrawn", maker.party)


def test_one_object_may_wait_for_two_different_actions(maker: Actor, town: Town) -> None:
    thing = uuid4()
    first = ask(maker, thing=thing)
    other = propose("programme.close", object_id=thing, digest=DIGEST, by=maker, at=AT, department="commerce")
    assert first != other
    elsewhere = ask(Actor(2, ActorRole.MAKER, maker.party, "commerce"), thing=thing)
    assert elsewhere not in {first, other}
    assert len(queries.approvals(municipality=1, object_id=thing)) == 2


@pytest.mark.parametrize(
    ("role", "department", "may"),
    [("maker", "commerce", True), ("maker", "welfare", False), ("accountant", "", True), ("system", "", True),
     ("checker", "commerce", False), ("operator", "", False), ("analyst", "commerce", False)],
)
def test_who_asks_for_an_approval(*, role: str, department: str, may: bool, town: Town) -> None:
    by = town.actor(role, department)
    if may:
        assert ask(by)
        return
    no = refused(lambda: ask(by))
    assert (no.code, no.limit) == ("not_allowed", "approval.propose")
    assert "承認を求める" in no.sentence("ja")
    assert not Approval.objects.exists()


def test_the_list_has_pages(maker: Actor) -> None:
    made = [ask(maker) for _ in range(5)]
    first = queries.approvals(municipality=1, limit=3)
    rest = queries.approvals(municipality=1, limit=3, after=first[-1].id)
    assert [view.id for view in (*first, *rest)] == made[::-1]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3), max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=4), json_values, min_size=1, max_size=5))
def test_a_digest_binds_every_value_and_no_order(document: dict[str, object]) -> None:
    assert digest_of(dict(reversed(document.items()))) == digest_of(document)
    for name, value in document.items():
        assert digest_of(document | {name: [value]}) != digest_of(document)
        assert digest_of({key: document[key] for key in document if key != name}) != digest_of(document)


def test_bytes_are_bound_as_they_are_and_a_secret_is_kept_as_its_hash() -> None:
    assert digest_of(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest_of(b"abc") != digest_of("abc"), "a text is a document, with its quotes"
    assert secret_hash("abc").hex() == digest_of(b"abc")
