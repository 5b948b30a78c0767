from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.core.signing import Signer
from hypothesis import given, settings
from hypothesis import strategies as st

from meguri.faces.entrance.tokens import SALT, SECONDS_MOST, mint_token, read_claims, read_token, town_time
from meguri.ledger.operations import open_municipality, set_clock_offset
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import now
from meguri.words.refusal import Refusal

AT = datetime(2026, 10, 1, 3, 0, tzinfo=UTC)
CLERK = Actor(1, ActorRole.CLERK, uuid4(), shop=uuid4())
TOKEN = mint_token(CLERK, scopes=["pay"], seconds=SECONDS_MOST)
ACTORS = st.builds(
    Actor, municipality=st.integers(1, 10**6), role=st.sampled_from(ActorRole), party=st.none() | st.uuids(),
    department=st.sampled_from(["", "commerce"]), shop=st.none() | st.uuids(),
)


@given(ACTORS, st.frozensets(st.sampled_from(["pay", "wallet", "till.day", "rehearsal"])))
def test_a_token_says_what_was_put_into_it(actor: Actor, scopes: frozenset[str]) -> None:
    claims = read_claims(mint_token(actor, scopes=scopes, seconds=60, at=AT), at=AT)
    assert (claims.actor, claims.scopes) == (actor, scopes)
    assert claims.expires_at == AT + timedelta(seconds=60)


def test_a_token_ends_on_the_second() -> None:
    token = mint_token(CLERK, scopes=["pay"], seconds=60, at=AT)
    assert read_token(token, scope="pay", at=AT + timedelta(seconds=59)) == CLERK
    with pytest.raises(Refusal, match="token_expired"):
        read_token(token, scope="pay", at=AT + timedelta(seconds=60))


def test_a_token_opens_only_its_scopes() -> None:
    token = mint_token(CLERK, scopes=["till.day"], seconds=60)
    with pytest.raises(Refusal) as no:
        read_token(token, scope="pay")
    assert (no.value.code, no.value.kind.status) == ("scope_missing", 403)
    assert read_token(token) == CLERK
    assert read_token(mint_token(CLERK, scopes=["*"], seconds=60), scope="pay") == CLERK


@settings(max_examples=300)
@given(st.data())
def test_no_changed_letter_is_accepted(data: st.DataObject) -> None:
    token = TOKEN
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.characters(codec="ascii", exclude_characters=token[place]))
    changed = token[:place] + letter + token[place + 1 :]
    with pytest.raises(Refusal, match="token_unreadable"):
        read_claims(changed)


@pytest.mark.parametrize("text", ["", "x", "a:b", "eyJhbGciOiJub25lIn0.e30.", "€", ":" * 50])
def test_what_is_no_token_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="token_unreadable"):
        read_claims(text)


def test_something_else_that_was_signed_here_is_no_token() -> None:
    for signed in (
        Signer(salt="another purpose").sign_object([1, "operator", "", "", "", [], 9_999_999_999, "x"]),
        Signer(salt=SALT).sign_object({"role": "operator"}),
        Signer(salt=SALT).sign_object([1, "king", "", "", "", [], 9_999_999_999, "x"]),
        Signer(salt=SALT).sign_object([1, "operator", "no uuid", "", "", [], 9_999_999_999, "x"]),
    ):
        with pytest.raises(Refusal, match="token_unreadable"):
            read_claims(signed)


@pytest.mark.parametrize("seconds", [0, -1, SECONDS_MOST + 1])
def test_tokens_are_short_lived(seconds: int) -> None:
    with pytest.raises(ValueError, match="lives"):
        mint_token(CLERK, scopes=[], seconds=seconds)


def test_two_tokens_of_one_moment_differ() -> None:
    assert mint_token(CLERK, scopes=[], seconds=60, at=AT) != mint_token(CLERK, scopes=[], seconds=60, at=AT)


@pytest.mark.django_db
def test_the_towns_time_follows_its_clock_at_once() -> None:
    open_municipality(municipality=7, code="990027", name_ja="町", name_en="Town", kind="rehearsal")
    assert abs(town_time(7) - now()) < timedelta(seconds=1)
    for days in (30, -3):
        set_clock_offset(municipality=7, offset=timedelta(days=days))
        assert abs(town_time(7) - now() - timedelta(days=days)) < timedelta(seconds=1)
    with pytest.raises(Refusal, match="town_unknown"):
        town_time(99)


@pytest.mark.django_db
def test_a_real_town_is_asked_about_once(django_assert_num_queries: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meguri.faces.entrance.tokens._real_towns", set())
    open_municipality(municipality=8, code="990035", name_ja="市", name_en="City", kind="real")
    for queries in (1, 0):
        with django_assert_num_queries(queries):  # type: ignore[operator]
            town_time(8)
