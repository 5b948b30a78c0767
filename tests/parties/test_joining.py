"""A newcomer becomes the resident of the register: by a code, the birth date, and nobody else's."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from meguri.parties import operations, queries
from meguri.parties.models import Invitation
from meguri.parties.operations import Joined, accept_invitation, invite_resident, join_register
from meguri.parties.operations.joining import LETTER_LASTS
from meguri.parties.rules import WRONG_DATES_MOST
from meguri.vault.operations import make_login
from meguri.vault.queries import login_of
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from meguri.words.signs import SIGNS
from tests.parties.conftest import AT, Town, entry

BORN, WRONG = date(1980, 5, 5), date(1981, 5, 5)
LATER = AT + timedelta(hours=1)


def newcomer(town: Town, email: str = "hanako@example.jp") -> Actor:
    party = uuid4()
    make_login(municipality=1, party=party, at=AT, email=email)
    return town.actor("resident", party=party)


def join(code: str, by: Actor, *, born: date = BORN, at: object = LATER) -> Joined | Refusal:
    return join_register(code=code, birth_date=born, by=by, at=at)  # type: ignore[arg-type]


def joined(code: str, by: Actor) -> UUID:
    answer = join(code, by)
    assert isinstance(answer, Joined)
    return answer.resident


@pytest.fixture
def resident(town: Town) -> UUID:
    return town.residents(entry())[0]


def test_a_code_and_the_birth_date_make_the_newcomer_the_resident(town: Town, resident: UUID) -> None:
    me = newcomer(town)
    before = login_of(me.party or uuid4(), municipality=1)
    code = invite_resident(resident, by=town.actor("maker"), at=AT)
    assert join(code, me) == Joined(me.party or uuid4(), resident)
    found = login_of(resident, municipality=1)
    assert found is not None
    assert before is not None
    assert (found.id, found.email) == (before.id, "hanako@example.jp")
    assert login_of(me.party or uuid4(), municipality=1) is None
    assert [hat.key for hat in queries.hats(resident, municipality=1, at=LATER)] == ["resident"]
    row = Invitation.objects.get()
    assert (row.accepted_by, row.accepted_at) == (me.party, LATER)


def test_a_code_is_four_groups_of_signs_that_are_not_mistaken_and_only_its_hash_is_kept(
    town: Town, resident: UUID
) -> None:
    code = invite_resident(resident, by=town.system, at=AT)
    assert re.fullmatch(rf"[{SIGNS}]{{4}}(-[{SIGNS}]{{4}}){{3}}", code)
    kept = repr(Invitation.objects.values().get())
    assert code not in kept
    assert code.replace("-", "") not in kept
    assert queries.open_code(resident, municipality=1, at=AT) == AT + LETTER_LASTS


@pytest.mark.parametrize("typed", ["{}", " {} ", "{lower}", "{wide}", "{bare}"])
def test_a_code_is_read_as_people_type_it(typed: str, town: Town, resident: UUID) -> None:
    code = invite_resident(resident, by=town.system, at=AT)
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code.replace("-", ""))
    said = typed.format(code, lower=code.lower(), wide=wide, bare=code.replace("-", ""))
    assert joined(said, newcomer(town)) == resident


def test_a_wrong_birth_date_is_counted_and_the_fifth_kills_the_code(town: Town, resident: UUID) -> None:
    me, code = newcomer(town), invite_resident(resident, by=town.system, at=AT)
    for left in range(WRONG_DATES_MOST - 1, -1, -1):
        no = join(code, me, born=WRONG)
        assert isinstance(no, Refusal)
        assert (no.code, no.field, no.facts["left"]) == ("birth_date_differs", "birth_date", left)
    with pytest.raises(Refusal, match="join_code_unknown"):
        join(code, me)
    assert queries.open_code(resident, municipality=1, at=LATER) is None
    with pytest.raises(IntegrityError, match="a_code_dies_of_five_wrong_birth_dates"), transaction.atomic():
        Invitation.objects.update(wrong_tries=6)
    assert joined(invite_resident(resident, by=town.system, at=LATER), me) == resident, "another letter, another code"


def test_a_code_works_once_in_its_town_and_for_sixty_days(town: Town, resident: UUID) -> None:
    me, code = newcomer(town), invite_resident(resident, by=town.system, at=AT)
    stranger = Actor(2, ActorRole.RESIDENT, me.party)
    for by, at in ((stranger, AT), (me, AT + LETTER_LASTS)):
        with pytest.raises(Refusal, match="join_code_unknown"):
            join(code, by, at=at)
    assert joined(code, me) == resident
    with pytest.raises(Refusal, match="join_code_unknown"):
        join(code, newcomer(town, "other@example.jp"))


def test_a_new_code_ends_the_lost_letters(town: Town, resident: UUID) -> None:
    lost, good = (invite_resident(resident, by=town.system, at=at) for at in (AT, AT + timedelta(minutes=1)))
    with pytest.raises(Refusal, match="join_code_unknown"):
        join(lost, newcomer(town))
    assert joined(good, newcomer(town, "other@example.jp")) == resident


@pytest.mark.parametrize("typed", ["", "ABC", "0" * 16, "招待", "A" * 17])
def test_what_is_no_code_says_how_one_looks(typed: str, town: Town) -> None:
    with pytest.raises(Refusal) as no:
        join(typed, newcomer(town))
    assert (no.value.code, no.value.field) == ("join_code_misread", "code")
    assert "16文字" in no.value.sentence("ja")


def test_who_has_not_signed_in_joins_nothing(town: Town, resident: UUID) -> None:
    code = invite_resident(resident, by=town.system, at=AT)
    for by in (Actor(1, ActorRole.VISITOR), town.actor("resident")):
        with pytest.raises(Refusal, match="sign_in_first"):
            join(code, by)
    assert joined(code, newcomer(town)) == resident, "a refused try uses nothing up"


def test_an_officers_login_and_another_residents_stay_what_they_are(town: Town, resident: UUID) -> None:
    (neighbour,) = town.residents(entry("2", "H2"))
    officer, _ = town.officer("maker")
    for party, code in ((officer.party, "officers_join_privately"), (neighbour, "joined_already")):
        assert party is not None
        make_login(municipality=1, party=party, at=AT, email=f"{party.hex}@example.jp")
        with pytest.raises(Refusal, match=code):
            join(invite_resident(resident, by=town.system, at=AT), town.actor("resident", party=party))
        assert login_of(party, municipality=1) is not None


def test_the_resident_who_is_it_already_stays_it(town: Town, resident: UUID) -> None:
    make_login(municipality=1, party=resident, at=AT, email="hanako@example.jp")
    code = invite_resident(resident, by=town.system, at=AT, replaces=True)
    assert join(code, town.actor("resident", party=resident)) == Joined(resident, resident)
    assert login_of(resident, municipality=1) is not None


def test_a_way_in_is_replaced_only_when_the_town_says_so_and_only_when_the_code_is_used(
    town: Town, resident: UUID
) -> None:
    make_login(municipality=1, party=resident, at=AT, email="lost@example.jp")
    with pytest.raises(Refusal) as no:
        invite_resident(resident, by=town.actor("maker"), at=AT)
    assert no.value.code == "resident_has_way_in"
    code = invite_resident(resident, by=town.actor("maker"), at=AT, replaces=True)
    kept = login_of(resident, municipality=1)
    assert kept is not None
    assert kept.email == "lost@example.jp"
    assert joined(code, newcomer(town, "new@example.jp")) == resident
    found = login_of(resident, municipality=1)
    assert found is not None
    assert found.email == "new@example.jp"


def test_a_way_in_that_came_meanwhile_is_not_taken_over(town: Town, resident: UUID) -> None:
    code = invite_resident(resident, by=town.system, at=AT)
    make_login(municipality=1, party=resident, at=AT, email="first@example.jp")
    with pytest.raises(Refusal, match="login_taken"):
        join(code, newcomer(town))
    found = login_of(resident, municipality=1)
    assert found is not None
    assert found.email == "first@example.jp"


def test_the_demos_people_are_not_replaced(town: Town, resident: UUID) -> None:
    make_login(municipality=1, party=resident, at=AT, demo=True)
    with pytest.raises(Refusal, match="resident_has_way_in"):
        invite_resident(resident, by=town.system, at=AT, replaces=True)


def test_a_clerk_who_joins_stands_at_the_till_still(town: Town, resident: UUID) -> None:
    me, shop = newcomer(town), town.shop()
    assert me.party is not None
    operations.join_shop(shop, member=me.party, role=ActorRole.CLERK, by=town.system, at=AT)
    sponsor = operations.register_sponsor(name_ja="s", name_en="s", by=town.system, at=AT)
    operations.join_sponsor(sponsor, member=me.party, by=town.system, at=LATER)
    assert joined(invite_resident(resident, by=town.system, at=AT), me) == resident
    held = {hat.key.partition(":")[0] for hat in queries.hats(resident, municipality=1, at=LATER)}
    assert held == {"resident", "clerk", "partner"}
    assert queries.shop_members(shop, municipality=1) == ((resident, ActorRole.CLERK),)
    past = {hat.key.partition(":")[0] for hat in queries.hats(me.party, municipality=1, at=AT)}
    assert past == {"clerk"}, "who it was then is not rewritten"


@pytest.mark.parametrize("role", ["resident", "clerk", "owner", "checker", "accountant", "analyst", "partner"])
def test_only_the_desk_gives_codes(role: str, town: Town, resident: UUID) -> None:
    with pytest.raises(Refusal, match="not_allowed"):
        invite_resident(resident, by=town.actor(role), at=AT)
    assert not Invitation.objects.exists()


def test_nobody_of_another_town_and_nobody_unknown_gets_a_code(town: Town, resident: UUID) -> None:
    for person, by in ((uuid4(), town.system), (resident, Actor(2, ActorRole.SYSTEM))):
        with pytest.raises(Refusal, match="resident_unknown"):
            invite_resident(person, by=by, at=AT)


def test_a_residents_code_opens_no_other_door(town: Town, resident: UUID) -> None:
    code = invite_resident(resident, by=town.system, at=AT).replace("-", "")
    assert queries.invitation(code, municipality=1, at=AT) is None
    with pytest.raises(Refusal, match="invitation_unknown"):
        accept_invitation(code, by=newcomer(town), at=AT)


def test_the_register_knows_who_stands_in_it(town: Town, resident: UUID) -> None:
    assert queries.is_registered(resident, municipality=1)
    assert not queries.is_registered(resident, municipality=2)
    assert not queries.is_registered(uuid4(), municipality=1)


@pytest.mark.django_db(transaction=True)
def test_of_two_people_with_one_code_one_becomes_the_resident() -> None:
    town = Town().open()
    (resident,) = town.residents(entry())
    people = [newcomer(town, f"{number}@example.jp") for number in range(4)]
    code = invite_resident(resident, by=town.system, at=AT)

    def tried(me: Actor) -> str:
        try:
            return "joined" if isinstance(join(code, me), Joined) else "answered"
        except Refusal as no:
            return no.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        assert sorted(pool.map(tried, people)) == ["join_code_unknown"] * 3 + ["joined"]


@pytest.mark.django_db(transaction=True)
def test_of_two_letters_entered_at_one_moment_one_counts() -> None:
    """One login, two residents: else the first one's wallet would be left without a way in."""
    town = Town().open()
    letters = town.residents(entry("1", "H1"), entry("2", "H2"))
    me = newcomer(town)
    codes = [invite_resident(each, by=town.system, at=AT) for each in letters]

    def tried(code: str) -> str | UUID:
        try:
            answer = join(code, me)
            return answer.resident if isinstance(answer, Joined) else answer.code
        except Refusal as no:
            return no.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(tried, codes))
    joined_as = [each for each in answers if isinstance(each, UUID)]
    assert len(joined_as) == 1
    assert {each for each in answers if isinstance(each, str)} <= {"joined_already", "sign_in_first"}
    assert login_of(joined_as[0], municipality=1) is not None
