"""Codes by letter: what a person types, what the books keep, and everything that is refused on the way."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from meguri.ledger import operations as books
from meguri.notices import queries as notices
from meguri.parties.permissions import PERMISSIONS, Scope
from meguri.programmes import operations as programmes
from meguri.programmes.queries import look_ahead
from meguri.programmes.vouchers import codes, operations
from meguri.programmes.vouchers.models import CodeTries, VoucherCode
from meguri.programmes.vouchers.operations import CodeEntered
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal
from tests.programmes.builders import VOUCHER, changed
from tests.programmes.vouchers.lived_city import City, found
from tests.programmes.vouchers.lived_town import at_once, moment, prove_committed_books, refused, told, unless

LETTERS, OPENS, OVER = moment(2, 20, year=2026), moment(2, 24, year=2026), moment(5, 31, 15, year=2026)
NOON = moment(3, 1, year=2026)


@pytest.fixture
def city(db: None) -> City:
    return found("katsuyama-2026", at=moment(2, 1, year=2026))


def issue(city: City, **more: object) -> dict[object, str]:
    letters = operations.issue_codes(programme=city.made.programme, by=city.checker, at=LETTERS, **more)  # type: ignore[arg-type]
    return {letter.resident: letter.code for letter in letters}


def enter(code: str, person: Actor, *, at: datetime = NOON) -> CodeEntered:
    done = operations.enter_code(code=code, by=person, at=at)
    assert isinstance(done, CodeEntered)
    return done


def mistype(person: Actor, *, at: datetime = NOON) -> Refusal:
    answer = operations.enter_code(code=codes.new_code(), by=person, at=at)
    assert isinstance(answer, Refusal)
    return answer


# --- what is typed ---------------------------------------------------------------------------------------------------


def test_a_code_is_sixteen_signs_that_nobody_mistakes() -> None:
    printed = {codes.new_code() for _ in range(200)}
    assert len(printed) == 200
    for code in printed:
        assert [len(group) for group in code.split("-")] == [4, 4, 4, 4]
        assert set(code) <= {*codes.SIGNS, "-"}
    assert not set(codes.SIGNS) & set("01ILO")
    assert len(codes.SIGNS) ** codes.LENGTH > 2**79


@given(st.text(codes.SIGNS, min_size=16, max_size=16), st.integers(0, 15), st.sampled_from([" ", "-", "　", "\n", ""]))
def test_gaps_width_and_case_do_not_matter(signs: str, place: int, gap: str) -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in signs)
    for typed in (signs, signs.lower(), wide, f" {signs[:place]}{gap}{signs[place:]} "):
        assert codes.read_code(typed) == signs


@pytest.mark.parametrize("typed", ["", "A" * 15, "A" * 17, "0" + "A" * 15, "I" + "A" * 15, "あ" * 16, "A" * 15 + "!"])
def test_what_cannot_be_a_code_is_no_wrong_try(typed: str) -> None:
    with refused("voucher_code_misread") as caught:
        codes.read_code(typed)
    assert (caught.value.field, caught.value.kind.status) == ("code", 422)
    assert "16文字" in caught.value.sentence("ja")


def test_what_is_kept_tells_no_code_and_nothing_to_another_town() -> None:
    signs = codes.read_code(codes.new_code())
    kept = codes.digest_of_code(signs, municipality=1)
    assert len(kept) == 32
    assert signs.encode() not in kept
    assert kept != codes.digest_of_code(signs, municipality=2)
    assert kept == codes.digest_of_code(signs, municipality=1)


# --- the life of a code ----------------------------------------------------------------------------------------------


def test_a_letter_for_everybody_whom_the_terms_mean_and_for_nobody_else(city: City) -> None:
    inside = [city.person(born=born) for born in (date(2006, 12, 31), date(1961, 1, 1), date(1980, 5, 5))]
    city.person(born=date(2007, 1, 1))  # eighteen on the day
    city.person(born=date(1960, 12, 31))  # sixty-five
    city.person(moved_in=date(2026, 1, 1))
    letters = issue(city)
    assert set(letters) == {person.party for person in inside}
    assert issue(city) == {}, "a second run finds nobody without a code"
    late = city.person()
    assert set(issue(city)) == {late.party}
    rows = VoucherCode.objects.filter(programme=city.made.programme)
    kept = repr([bytes(digest) for digest in rows.values_list("digest", flat=True)])
    assert not any(code in kept or code.replace("-", "") in kept for code in letters.values())


def test_a_code_loads_once_and_only_once(city: City) -> None:
    person, other = city.person(), city.person()
    code = issue(city)[person.party]
    first = enter(code, person)
    assert (first.yen, first.replayed) == (10_000, False)
    assert city.held(person) == {"voucher": 10_000}
    assert city.fund(city.made, "premium").budget.left_yen == 20_000_000 - 10_000
    again = enter(f"  {code.lower()} ", person, at=OVER)
    assert (again.posting, again.replayed) == (first.posting, True)
    with refused("voucher_code_used") as caught:
        enter(code, other)
    assert "2026年3月1日" in caught.value.sentence("ja")
    assert (city.held(person), city.held(other)) == ({"voucher": 10_000}, {})
    assert person.party is not None
    (notice,) = notices.inbox(person.party, municipality=city.municipality)
    assert "10,000円分" in notice.wording.text_ja
    assert "10,000 yen" in notice.wording.text_en


def test_the_books_remember_a_used_code_under_its_own_key(city: City) -> None:
    person = city.person()
    code = issue(city)[person.party]
    made = enter(code, person)
    row = VoucherCode.objects.get(posting=made.posting)
    assert books.look_up(f"load_code:{row.id}", municipality=city.municipality) is not None
    VoucherCode.objects.filter(id=row.id).update(posting=None, entered_at=None, entered_by=None)
    assert enter(code, person).posting == made.posting, "a row set back by hand loads nothing twice"
    assert city.held(person) == {"voucher": 10_000}


def test_somebody_of_the_family_may_enter_it(city: City) -> None:
    grandmother, son = city.person(), city.person()
    code = issue(city)[grandmother.party]
    enter(code, son)
    row = VoucherCode.objects.get(resident=grandmother.party)
    assert (row.entered_by, city.held(son)) == (son.party, {"voucher": 10_000})


def test_a_code_has_its_days(city: City) -> None:
    person, other = city.person(), city.person()
    letters = issue(city)
    with refused("voucher_too_early"):
        enter(letters[person.party], person, at=moment(2, 23, 14, year=2026))
    assert enter(letters[person.party], person, at=moment(2, 23, 15, year=2026)).yen == 10_000
    with refused("voucher_code_expired") as caught:
        enter(letters[other.party], other, at=OVER)
    assert "2026年5月31日" in caught.value.sentence("ja")
    assert enter(letters[other.party], other, at=OVER - timedelta(seconds=1)).yen == 10_000


def test_ten_wrong_codes_and_then_an_hour_of_waiting(city: City) -> None:
    person, other = city.person(), city.person()
    code = issue(city)[person.party]
    left = [mistype(person, at=NOON + timedelta(minutes=minute)).facts["left"] for minute in range(10)]
    assert left == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    with refused("voucher_too_many_tries") as caught:
        enter(code, person, at=NOON + timedelta(minutes=20))
    assert (caught.value.kind.status, caught.value.facts["minutes"]) == (429, 40)
    assert mistype(other).facts["left"] == 9, "one person's tries are not another's"
    assert enter(code, person, at=NOON + timedelta(hours=1)).yen == 10_000
    assert mistype(person, at=NOON + timedelta(hours=1)).facts["left"] == 9


def test_what_cannot_be_a_code_and_a_right_one_are_not_counted(city: City) -> None:
    person = city.person()
    code = issue(city)[person.party]
    mistype(person)
    with refused("voucher_code_misread"):
        operations.enter_code(code="hello", by=person, at=NOON)
    enter(code, person)
    assert CodeTries.objects.get(person=person.party).wrong == 1


def test_a_lost_letter_is_replaced_and_its_code_stops(city: City) -> None:
    person, used = city.person(), city.person()
    letters = issue(city)
    enter(letters[used.party], used)
    fresh = issue(city, anew=[person.party, used.party, uuid4()])
    assert set(fresh) == {person.party}, "a used code is not replaced, nor one that never was"
    answer = operations.enter_code(code=letters[person.party], by=person, at=NOON)
    assert isinstance(answer, Refusal)
    assert answer.code == "voucher_code_unknown"
    assert enter(fresh[person.party], person).yen == 10_000


def test_no_letter_promises_what_the_fund_does_not_hold(db: None) -> None:
    city = found("katsuyama-2026", {"funds.0.amount_yen": 29_999}, at=moment(2, 1, year=2026))
    people = [city.person() for _ in range(3)]
    with refused("voucher_codes_exceed_budget") as caught:
        issue(city)
    assert (caught.value.facts["wanted"], caught.value.facts["available"]) == (30_000, 29_999)
    assert "30,000円" in caught.value.sentence("ja")
    assert not VoucherCode.objects.filter(programme=city.made.programme).exists()
    programmes.appropriate_budget(
        fund=city.made.funds["premium"], amount_yen=1, reason="補正", decided_on=date(2026, 2, 10), by=city.checker,
        at=LETTERS,
    )  # fmt: skip
    letters = issue(city)
    enter(letters[people[0].party], people[0])
    city.person()
    with refused("voucher_codes_exceed_budget") as caught:  # open codes count, used ones have left the fund
        issue(city)
    assert (caught.value.facts["wanted"], caught.value.facts["available"]) == (30_000, 20_000)


def test_a_budget_taken_back_meanwhile_is_said(city: City) -> None:
    person = city.person()
    code = issue(city)[person.party]
    programmes.return_appropriation(
        fund=city.made.funds["premium"], amount_yen=20_000_000 - 9_999, reason="減額", decided_on=date(2026, 2, 28),
        by=city.checker, at=NOON,
    )  # fmt: skip
    with refused("voucher_budget_empty"):
        enter(code, person)
    assert city.held(person) == {}


def test_a_programme_that_is_over_issues_and_loads_nothing(city: City) -> None:
    person = city.person()
    code = issue(city)[person.party]
    programmes.close_programme(programme=city.made.programme, by=city.checker, at=NOON)
    for act in (partial(enter, code, person), partial(issue, city)):
        with refused("programme_not_launched"):
            act()


def test_codes_belong_to_programmes_by_code_and_to_their_town(city: City) -> None:
    person = city.person()
    code = issue(city)[person.party]
    stranger = Actor(city.municipality + 500, ActorRole.RESIDENT, uuid4())
    answer = operations.enter_code(code=code, by=stranger, at=NOON)
    assert isinstance(answer, Refusal)
    assert answer.code == "voucher_code_unknown"
    city.at = moment(7, 1, year=2025)  # the other document is of the year before
    sold = city.launch(changed(VOUCHER, {"code": "sold"}))
    with refused("voucher_programme_has_no_codes"):
        operations.issue_codes(programme=sold.programme, by=city.checker, at=LETTERS)
    with refused("voucher_programme_sells_nothing"):
        operations.open_sale(programme=city.made.programme, round_code="first", by=city.checker, at=LETTERS)
    with refused("programme_unknown"):
        operations.issue_codes(programme=uuid4(), by=city.checker, at=LETTERS)


def test_who_may_issue_and_enter_is_the_table_and_nothing_else(city: City) -> None:
    person = city.person()
    acts = {
        "voucher.issue_codes": lambda by: operations.issue_codes(programme=city.made.programme, by=by, at=LETTERS),
        "voucher.enter_code": lambda by: operations.enter_code(code=codes.new_code(), by=by, at=NOON),
    }
    for role in ActorRole:
        for department in ("commerce", "welfare"):
            actor = Actor(city.municipality, role, person.party, department)
            for name, act in acts.items():
                scope = PERMISSIONS[name].grants.get(role)
                may = scope is Scope.OWN or (scope is Scope.OWN_DEPARTMENT and department == "commerce")
                with transaction.atomic():
                    assert (told(act, actor) != "not_allowed") is may, (name, actor)
                    transaction.set_rollback(True)


def test_the_preview_counts_the_letters_before_anybody_prints_one(city: City) -> None:
    for born in (date(1980, 5, 5), date(1990, 5, 5), date(2015, 5, 5)):
        city.person(born=born)
    seen = look_ahead(city.terms, municipality=city.municipality)
    assert (seen.figure("letters").value, seen.figure("codes_worth").value) == (2, 20_000)
    (fund,) = seen.funds
    assert (fund.budget_yen, fund.most_yen, fund.expected_yen) == (20_000_000, 20_000, 10_000)


# --- walls and races -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wall", "values"),
    [
        ("an_entered_code_has_its_posting", {"entered_at": NOON}),
        ("one_code_for_a_resident", {"resident": None}),
        ("no_two_codes_are_alike", {"digest": None}),
    ],
)
def test_the_table_refuses_by_name(city: City, wall: str, values: dict[str, object]) -> None:
    for _ in range(2):
        city.person()
    issue(city)
    one, other = VoucherCode.objects.filter(programme=city.made.programme)
    taken = {name: getattr(other, name) if value is None else value for name, value in values.items()}
    with pytest.raises(IntegrityError, match=wall), transaction.atomic():
        VoucherCode.objects.filter(id=one.id).update(**taken)


@pytest.mark.django_db(transaction=True)
def test_a_code_entered_on_two_phones_at_once_loads_one_of_them() -> None:
    city = found("katsuyama-2026", at=moment(2, 1, year=2026))
    people = [city.person() for _ in range(2)]
    code = issue(city)[people[0].party]
    answers = at_once(*(partial(unless, "voucher_code_used", partial(enter, code, person)) for person in people))
    assert sorted(isinstance(answer, CodeEntered) for answer in answers) == [False, True]
    assert sorted(sum(city.held(person).values()) for person in people) == [0, 10_000]
    prove_committed_books()


@pytest.mark.django_db(transaction=True)
def test_tries_made_at_once_are_all_counted() -> None:
    city = found("katsuyama-2026", at=moment(2, 1, year=2026))
    person = city.person()
    at_once(*(partial(mistype, person) for _ in range(4)))
    assert CodeTries.objects.get(person=person.party).wrong == 4


@pytest.mark.django_db(transaction=True)
def test_two_officers_who_issue_at_once_print_one_letter_a_person() -> None:
    city = found("katsuyama-2026", at=moment(2, 1, year=2026))
    for _ in range(3):
        city.person()
    printed = at_once(*(partial(issue, city) for _ in range(2)))
    assert sorted(len(letters) for letters in printed if isinstance(letters, dict)) == [0, 3]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT digest) FROM vouchers_vouchercode")
        assert cursor.fetchone() == (3,)
