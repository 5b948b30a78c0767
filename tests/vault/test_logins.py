"""Ways in: how they are made, found, changed and swept away."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from meguri.vault import operations, queries, tasks
from meguri.vault.models import Login
from meguri.vault.operations import make_login
from meguri.words.refusal import Refusal

pytestmark = pytest.mark.django_db


def login(at: datetime, name: str, *, municipality: int = 1, **more: object) -> UUID:
    """A way in by the e-mail `name`@example.jp for somebody new."""
    return make_login(  # type: ignore[arg-type]
        municipality=municipality, at=at, **{"party": uuid4(), "email": f"{name}@example.jp", **more}
    )


def test_a_login_has_its_address_as_it_is_compared(at: datetime) -> None:
    made = make_login(municipality=1, party=uuid4(), at=at, email="  Hanako@Example.JP ", phone="090 1234 5678")
    found = queries.login(made)
    assert found is not None
    assert (found.email, found.phone, found.is_active, found.demo, found.seen) == (
        "hanako@example.jp", "+819012345678", True, False, False
    )
    assert queries.login_with_email(" HANAKO@example.jp", municipality=1) == found
    assert queries.login_with_phone("+81-90-1234-5678", municipality=1) == found
    assert queries.login_of(found.party, municipality=1) == found


def test_what_is_no_address_of_anybody_finds_nobody(at: datetime) -> None:
    made = login(at, "hanako")
    Login.objects.filter(id=made).update(phone=None)
    assert queries.login(uuid4()) is None
    assert queries.login_with_phone("でんわ", municipality=1) is None, "not everybody without a phone number"
    assert queries.login_with_phone("090-1234-5678", municipality=1) is None
    assert queries.login_with_email("", municipality=1) is None
    assert queries.login_of(uuid4(), municipality=1) is None


def test_each_town_finds_its_own_logins(at: datetime) -> None:
    party = uuid4()
    here = make_login(municipality=1, party=party, at=at, email="a@example.jp", phone="090-1234-5678")
    there = make_login(municipality=2, party=party, at=at, email="a@example.jp", phone="090-1234-5678")
    for municipality, made in ((1, here), (2, there)):
        found = [
            queries.login_of(party, municipality=municipality),
            queries.login_with_email("a@example.jp", municipality=municipality),
            queries.login_with_phone("090-1234-5678", municipality=municipality),
        ]
        assert [one.id for one in found if one] == [made] * 3
    assert queries.login_of(party, municipality=3) is None


def test_a_login_can_be_made_under_a_number_known_before(at: datetime) -> None:
    wanted = uuid4()
    assert login(at, "hanako", login=wanted) == wanted
    with pytest.raises(Refusal) as no:
        login(at, "taro", login=wanted)
    assert no.value.code == "login_taken", "a second one does not overwrite the first"
    kept = queries.login(wanted)
    assert kept is not None
    assert kept.email == "hanako@example.jp"


def test_one_pseudonym_has_one_way_in(at: datetime) -> None:
    party = uuid4()
    login(at, "hanako", party=party)
    with pytest.raises(Refusal) as no:
        login(at, "taro", party=party)
    assert no.value.kind.status == 409
    assert "すでに使われています" in no.value.sentence("ja")
    assert "already in use" in no.value.sentence("en")
    assert Login.objects.count() == 1


def test_a_refused_login_leaves_the_callers_work_standing(at: datetime) -> None:
    """The face goes on in the same transaction and says that the address is in use."""
    login(at, "hanako")
    with pytest.raises(Refusal, match="login_taken"):
        login(at, "hanako")
    assert login(at, "taro")
    assert Login.objects.count() == 2


def test_passwords_are_set_and_taken_away(at: datetime) -> None:
    with_one = login(at, "hanako", password="a long enough password")
    without = login(at, "taro")
    assert Login.objects.get(id=with_one).check_password("a long enough password")
    assert not Login.objects.get(id=without).has_usable_password()
    operations.set_password(with_one, None)
    assert not Login.objects.get(id=with_one).has_usable_password()
    assert not Login.objects.get(id=with_one).check_password("a long enough password")


@pytest.mark.parametrize("verified", [True, False])
def test_a_phone_says_whether_it_was_proved(*, verified: bool, at: datetime) -> None:
    made, other = login(at, "hanako"), login(at, "taro")
    operations.set_phone(made, "080-1111-2222", verified=verified)
    row = Login.objects.get(id=made)
    assert (row.phone, row.phone_verified) == ("+818011112222", verified)
    assert Login.objects.get(id=other).phone is None


def test_a_phone_that_cannot_be_read_changes_nothing(at: datetime) -> None:
    made = login(at, "hanako", phone="090-1234-5678")
    with pytest.raises(Refusal) as no:
        operations.set_phone(made, "でんわ", verified=True)
    assert (no.value.code, no.value.field) == ("phone_unreadable", "phone")
    assert "090-1234-5678" in no.value.sentence("ja")
    assert "090-1234-5678" in no.value.sentence("en")
    assert Login.objects.get(id=made).phone == "+819012345678"


def test_a_phone_that_is_taken_names_its_field(at: datetime) -> None:
    login(at, "hanako", phone="090-1234-5678")
    second = login(at, "taro")
    with pytest.raises(Refusal) as no:
        operations.set_phone(second, "+81 90-1234-5678", verified=True)
    assert (no.value.code, no.value.field) == ("login_taken", "phone")


def test_closing_or_rebinding_one_way_in_touches_no_other(at: datetime) -> None:
    one, other, resident = login(at, "hanako"), login(at, "taro"), uuid4()
    before, mine = queries.login(other), queries.login(one)
    assert mine is not None
    operations.close_login(one)
    assert operations.rebind_login(one, before=mine.party, party=resident)
    assert queries.login(other) == before
    found = queries.login(one)
    assert found is not None
    assert (found.party, found.is_active) == (resident, False)


def test_only_what_nobody_ever_entered_is_swept(at: datetime) -> None:
    """Somebody typed an address and never the code that came: such a login would keep the address from its owner."""
    old, late = at - timedelta(days=3), at - timedelta(hours=47)
    swept = login(old, "asked", self_made=True)
    kept = [
        login(late, "waits", self_made=True), login(old, "invited"), login(old, "entered", self_made=True),
        login(old, "elsewhere", self_made=True, municipality=2), login(old, "shown", self_made=True, demo=True),
        login(at - tasks.KEPT, "just", self_made=True),
    ]
    Login.objects.filter(id=kept[2]).update(last_login=old)
    tasks.sweep_logins(municipality=1, at=at)
    assert set(Login.objects.values_list("id", flat=True)) == set(kept)
    assert queries.login(swept) is None
    assert operations.sweep_logins(municipality=1, before=at) == 2, "it says how many"


def test_whoever_has_entered_once_was_seen(at: datetime) -> None:
    made = login(at, "hanako")
    Login.objects.filter(id=made).update(last_login=at)
    found = queries.login(made)
    assert found is not None
    assert found.seen


def test_the_demos_people_are_those_who_may_still_be_entered(at: datetime) -> None:
    shown = [login(at + timedelta(minutes=n), f"shown{n}", demo=True) for n in range(3)]
    operations.close_login(shown[1])
    login(at, "neighbour", demo=True, municipality=2)
    assert [one.id for one in queries.demo_logins(1)] == [shown[0], shown[2]], "in the order in which they were made"


def test_a_login_is_read_back_by_the_number_that_a_session_keeps(at: datetime) -> None:
    made = login(at, "hanako")
    assert Login.objects.get_by_natural_key(str(made)).id == made
    with pytest.raises(ValueError, match="badly formed"):
        Login.objects.get_by_natural_key("hanako@example.jp")
