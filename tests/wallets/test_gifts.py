"""A gift by code: who may make one and how large, who may take it, once; and how it comes back."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.notices import queries as notices
from meguri.parties import operations as parties
from meguri.programmes import queries as programmes
from meguri.programmes.parts import GiftTerms
from meguri.tills import operations as tills
from meguri.wallets import checks, gifts, operations, queries
from meguri.wallets.gift_codes import code_of, digest_of, link_of, read_code
from meguri.wallets.gifts import GiftShown, GiftTaken
from meguri.wallets.models import Gift, GiftTries
from meguri.wallets.tasks import return_gifts
from meguri.words.actor import Actor, ActorRole
from meguri.words.period import Period
from meguri.words.refusal import Refusal
from meguri.words.signs import WRONG_MOST
from tests.wallets.giving import ON, Giving, giving, later

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture
def town(db: None) -> Giving:
    return giving()


def refused(what: object, **asked: object) -> Refusal:
    with pytest.raises(Refusal) as no:
        what(**asked)  # type: ignore[operator]
    return no.value


def code(what: object, *given: object, **asked: object) -> str:
    """The code of the refusal that a deed meets."""
    with pytest.raises(Refusal) as no:
        what(*given, **asked)  # type: ignore[operator]
    return no.value.kind.code


# --- there and back --------------------------------------------------------------------------------------------------


def test_a_gift_leaves_the_giver_at_once_and_arrives_as_the_same_money(town: Giving) -> None:
    it = town.town
    before = books.balances([it.holder], AccountRole.WALLET, municipality=it.municipality)
    gift = town.give(3_000)
    assert (town.held(it.holder), town.held(gift, AccountRole.HELD), town.held(it.other)) == (9_000, 3_000, 0)
    shown = town.look(gift)
    assert isinstance(shown, GiftShown)
    assert (shown.yen, shown.kind.part, shown.good_until) == (3_000, "paid", it.kind("paid").spending.end)
    assert town.held(it.other) == 0, "looking takes nothing"
    taken = town.take(gift)
    assert taken == GiftTaken(gift, 3_000, replayed=False)
    assert (town.held(it.holder), town.held(gift, AccountRole.HELD), town.held(it.other)) == (9_000, 0, 3_000)
    (arrived,) = books.balances([it.other], AccountRole.WALLET, municipality=it.municipality)
    (left,) = [each for each in before if each.lot.purse_kind == it.kind("paid").id]
    assert arrived.lot == left.lot, "fund, purse kind and expiry: the very same lot"


def test_both_histories_tell_of_it_and_neither_names_the_other(town: Giving) -> None:
    it = town.town
    town.take(town.give(1_000))
    gone = queries.history(it.holder, municipality=it.municipality, at=it.at, limit=1)[0]
    came = queries.history(it.other, municipality=it.municipality, at=it.at, limit=1)[0]
    assert (gone.template, gone.amount_yen, came.template, came.amount_yen) == ("give", -1_000, "take_gift", 1_000)
    for move, stranger in ((gone, it.other), (came, it.holder)):
        assert set(move.about) == {"programme", "purse_kind", "gift"}
        assert str(stranger) not in str(move.about)
        seen = books.posting(move.posting, municipality=it.municipality)
        assert seen is not None
        assert stranger.hex not in repr(seen.about)


def test_the_giver_hears_that_it_was_taken_but_not_by_whom(town: Giving) -> None:
    it = town.town
    town.take(town.give(1_000))
    (told,) = [n for n in notices.inbox(it.holder, municipality=it.municipality, limit=9) if "gift" in n.topic]
    assert told.wording.title("ja") == "贈り物が受け取られました"
    assert "1,000円" in told.wording.text_ja
    assert str(it.other) not in repr(told)
    assert not [n for n in notices.inbox(it.other, municipality=it.municipality, limit=9) if "gift" in n.topic]


def test_a_gift_is_taken_once_and_asking_again_says_so(town: Giving) -> None:
    gift, third = town.give(1_000), town.newcomer()
    assert isinstance(town.take(gift), GiftTaken)
    assert town.take(gift) == GiftTaken(gift, 1_000, replayed=True)
    assert town.take(gift, at=later(town.town, days=200)) == GiftTaken(gift, 1_000, replayed=True)
    assert code(town.take, gift, by=third) == "gift_taken"
    assert code(town.take_back, gift) == "gift_taken"
    assert town.held(town.town.other) == 1_000


def test_the_giver_takes_it_back_while_nobody_has_it(town: Giving) -> None:
    gift = town.give(1_000)
    town.take_back(gift)
    town.take_back(gift)
    assert (town.held(town.town.holder), town.held(gift, AccountRole.HELD)) == (12_000, 0)
    assert code(town.take, gift) == code(town.look, gift) == "gift_over"
    (back, _) = queries.history(town.town.holder, municipality=town.town.municipality, at=town.town.at, limit=2)
    assert (back.template, back.amount_yen) == ("return_gift", 1_000)


def test_what_nobody_takes_comes_back_by_itself_with_a_word(town: Giving) -> None:
    it, gift = town.town, town.give(1_000)
    end = Gift.objects.get(id=gift).until
    assert end == Period.of_days(date(2025, 11, 12), date(2025, 11, 18)).end
    moment = end - timedelta(seconds=1)
    return_gifts(municipality=it.municipality, at=moment)
    assert town.held(gift, AccountRole.HELD) == 1_000
    assert code(town.take, gift, at=end) == "gift_over", "its time is over before anything has moved"
    return_gifts(municipality=it.municipality, at=end)
    return_gifts(municipality=it.municipality, at=end)
    assert (town.held(it.holder), town.held(gift, AccountRole.HELD)) == (12_000, 0)
    (told,) = [n for n in notices.inbox(it.holder, municipality=it.municipality, limit=9) if "gift" in n.topic]
    assert told.wording.title("en") == "Your gift came back"
    assert queries.gift(gift, giver=it.holder, municipality=it.municipality, at=end) is not None


def test_many_come_back_in_batches(town: Giving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gifts, "RETURNED_AT_ONCE", 2)
    made = [town.give(500) for _ in range(5)]
    town.take(made[2])
    at = town.town.at + WEEK
    assert [town.overdue(at=at) for _ in range(3)] == [2, 2, 0]
    assert (town.held(town.town.holder), town.held(town.town.other)) == (11_500, 500)


# --- what the terms say ----------------------------------------------------------------------------------------------


def test_nothing_is_given_where_the_terms_do_not_say_so(db: None) -> None:
    """As shipped, every document is silent about gifts, so nobody gives anything."""
    town = giving(None)
    for kind in ("paid", "points"):
        assert code(town.give, 500, code=kind) == "gift_not_permitted"
    assert town.held(town.town.holder) == 12_000
    view = queries.wallet(town.town.holder, municipality=town.town.municipality, at=town.town.at)
    assert view is not None
    assert queries.giveable(view) == ()


def test_amounts_follow_the_step_and_the_most(town: Giving) -> None:
    for yen in (0, -500, 1, 499, 750, 5_250):
        no = refused(town.give, yen=yen)
        assert (no.kind.code, no.facts["step"]) == ("gift_amount_wrong", 500)
    no = refused(town.give, yen=5_500)
    assert (no.kind.code, no.facts["most"]) == ("gift_too_large", 5_000)
    town.give(5_000)
    town.give(5_000)
    no = refused(town.give, yen=500)
    assert (no.kind.code, no.facts["available"]) == ("insufficient", 0)


def test_only_the_purse_that_was_chosen_gives(town: Giving) -> None:
    no = refused(town.give, yen=2_500, code="points")
    assert (no.kind.code, no.facts["available"], no.facts["wanted"]) == ("insufficient", 2_000, 2_500)
    town.give(2_000, code="points")
    assert town.held(town.town.holder) == 10_000


def test_a_code_never_outlives_its_money(town: Giving) -> None:
    it = town.town
    late = datetime(2026, 1, 29, 3, 0, tzinfo=UTC)
    gift = Gift.objects.get(id=town.give(500, at=late))
    assert gift.until == gift.expires_at == it.kind("paid").spending.end
    over = datetime(2026, 2, 1, 3, 0, tzinfo=UTC)
    assert code(town.give, 500, at=over) == "gift_not_permitted"


def test_a_request_sent_again_is_the_same_gift(town: Giving) -> None:
    first = town.give(1_000, request="r1")
    assert town.give(1_000, request="r1") == first
    assert code(town.give, 1_500, request="r1") == "key_reused"
    assert town.give(1_000, request="r2") != first
    assert town.held(town.town.holder) == 10_000


def test_only_the_own_purse_is_given_from(town: Giving) -> None:
    it = town.town
    kind = it.kind("paid")
    asked = {"at": it.at, "purse_kind": kind.id, "expires_at": kind.spending.end, "amount_yen": 500, "request": "x"}
    assert code(gifts.give, by=town.other, holder=it.holder, **asked) == "not_allowed"
    gift = town.give(500)
    assert code(town.take_back, gift, by=town.other) == "gift_unknown"
    assert code(gifts.take_back, gift=uuid4(), by=it.resident, at=it.at) == "gift_unknown"
    clerk = it.actor(ActorRole.CLERK, party=it.clerk, shop=it.small_shop)
    assert code(town.take, gift, by=clerk) == "not_allowed"


def test_a_stopped_wallet_gives_nothing_and_its_codes_stop_with_it(town: Giving) -> None:
    it, gift = town.town, town.give(500)
    operations.report_lost_phone(it.holder, by=it.resident, at=it.at)
    assert code(town.give, 500) == "wallet_suspended"
    assert code(town.take, gift) == code(town.look, gift) == "gift_stopped"
    town.take_back(gift)
    assert town.held(it.holder) == 12_000


def test_a_stopped_wallet_still_receives(town: Giving) -> None:
    it, gift = town.town, town.give(500)
    operations.report_lost_phone(it.other, by=town.other, at=it.at)
    assert isinstance(town.take(gift), GiftTaken)


# --- who may take it -------------------------------------------------------------------------------------------------

ADULTS = {"kind": "compare", "field": "age", "op": ">=", "value": 18}


def terms(**changes: object) -> GiftTerms:
    return msgspec.convert(msgspec.to_builtins(ON) | changes, GiftTerms)


def test_residents_only_unless_the_terms_let_outsiders_take_it(db: None) -> None:
    town = giving()
    gift, outsider = town.give(500), town.newcomer(moved_in=None)
    with pytest.raises(Refusal) as no:
        town.take(gift, by=outsider)
    assert (no.value.kind.code, no.value.limit) == ("gift_not_eligible", "residents")
    assert "町の住民だけ" in no.value.sentence("ja")
    assert "only residents" in no.value.sentence("en")
    assert isinstance(town.take(gift), GiftTaken), "a refusal uses nothing up"
    open_town = giving(terms(outsiders=True, who=ADULTS))
    found = open_town.take(open_town.give(500), by=open_town.newcomer(moved_in=None))
    assert isinstance(found, GiftTaken)


WORKERS = {"kind": "any", "of": [
    {"kind": "compare", "field": field, "op": "==", "value": True} for field in ("resident", "works_in_town")
]}  # fmt: skip


def test_a_worker_takes_it_where_the_terms_let_workers(db: None) -> None:
    town = giving(terms(who=WORKERS))
    gift, worker = town.give(500), town.newcomer(moved_in=None)
    with pytest.raises(Refusal) as no:
        town.take(gift, by=worker)
    assert no.value.code == "commuter_unconfirmed"
    assert "社員証か在勤証明書" in no.value.sentence("ja")
    said = parties.declare_commuter(
        kind="work", place="めぐり製作所", name="外山 通", birth_date=date(1990, 1, 1), by=worker, at=town.town.at
    )
    today = date(2025, 11, 12)
    parties.confirm_commuter(
        said, proof="employee_card", first_day=today, last_day=today, by=town.town.makers["commerce"], at=town.town.at
    )
    assert isinstance(town.take(gift, by=worker), GiftTaken)


def test_whoever_moves_in_later_is_no_resident_yet(town: Giving) -> None:
    gift, soon = town.give(500), town.newcomer(moved_in=date(2025, 11, 14))
    assert code(town.take, gift, by=soon) == "gift_not_eligible"
    assert isinstance(town.take(gift, by=soon, at=later(town.town, days=3)), GiftTaken)


def test_a_condition_of_the_terms_says_why_not(db: None) -> None:
    town = giving(terms(who=ADULTS))
    gift, child = town.give(500), town.newcomer(birth_date=date(2008, 1, 1))
    with pytest.raises(Refusal) as no:
        town.take(gift, by=child)
    assert (no.value.kind.code, no.value.limit) == ("gift_not_eligible", "who")
    assert "18" in no.value.sentence("ja")
    assert isinstance(town.take(gift), GiftTaken)


def test_what_a_person_may_hold_is_held_to(db: None) -> None:
    town = giving()
    most = town.town.kind("points").balance_max_yen
    assert most is not None, "the shipped points bound what is held"
    town.town.give("points", most - 700, holder=town.town.other)
    small, large = town.give(500, code="points"), town.give(1_000, code="points")
    no = refused(town.look, gift=large)
    assert (no.kind.code, no.limit, no.facts["held"]) == ("gift_exceeds_holding", "balance_max_yen", most - 700)
    assert isinstance(town.take(small), GiftTaken)
    assert code(town.take, large) == "gift_exceeds_holding"
    assert town.held(town.town.other) == most - 200


def test_ones_own_gift_is_not_received(town: Giving) -> None:
    gift = town.give(500)
    assert code(town.take, gift, by=town.town.resident) == "gift_own"


def test_who_has_no_wallet_opens_one_first(town: Giving) -> None:
    gift, nobody = town.give(500), town.town.actor(ActorRole.RESIDENT)
    assert code(town.take, gift, by=nobody) == "wallet_unknown"


# --- codes -----------------------------------------------------------------------------------------------------------


def test_a_code_follows_from_the_gift_and_only_its_keyed_hash_is_kept(town: Giving) -> None:
    it, gift = town.town, town.give(500)
    row = Gift.objects.get(id=gift)
    shown = code_of(gift, it.municipality)
    assert len(shown) == 19
    assert bytes(row.digest) == digest_of(read_code(shown), it.municipality)
    kept = repr({name: getattr(row, name) for name in [field.name for field in Gift._meta.fields]})
    assert shown not in kept
    assert shown.replace("-", "") not in kept
    assert code_of(gift, it.municipality + 1) != shown, "another town's key"
    assert link_of(gift, it.municipality).endswith(f"/wallet/gift#c={shown}")


def test_another_root_key_makes_other_codes(town: Giving, settings: object) -> None:
    gift = town.give(500)
    before = code_of(gift, town.town.municipality)
    settings.VAULT_KEY = "5e" * 32  # type: ignore[attr-defined]
    assert code_of(gift, town.town.municipality) != before


@pytest.mark.parametrize("typed", ["{low}", " {code} ", "{full}", "{bare}"])
def test_a_code_is_read_however_it_is_typed(town: Giving, typed: str) -> None:
    shown = town.code(town.give(500))
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in shown.replace("-", ""))
    text = typed.format(low=shown.lower(), code=shown, full=wide, bare=shown.replace("-", ""))
    assert isinstance(gifts.take(code=text, by=town.other, at=town.town.at), GiftTaken)


@pytest.mark.parametrize("typed", ["", "ABCD", "0000-0000-0000-0000", "I" * 16, "X" * 400])
def test_what_is_no_code_is_refused_without_being_counted(town: Giving, typed: str) -> None:
    assert code(gifts.take, code=typed, by=town.other, at=town.town.at) == "gift_code_misread"
    assert not GiftTries.objects.exists()


def guess(town: Giving, by: Actor | None = None, at: datetime | None = None) -> Refusal:
    answer = gifts.look(code="2345-6789-ABCD-EFGH", by=by or town.other, at=at or town.town.at)
    assert isinstance(answer, Refusal)
    return answer


def test_guessing_ends_after_ten_wrong_codes_for_an_hour(town: Giving) -> None:
    gift = town.give(500)
    left = [guess(town).facts["left"] for _ in range(WRONG_MOST)]
    assert left == list(range(WRONG_MOST - 1, -1, -1))
    with pytest.raises(Refusal) as no:
        guess(town)
    assert (no.value.kind.code, no.value.facts["minutes"]) == ("gift_too_many_tries", 60)
    assert code(town.take, gift) == "gift_too_many_tries", "the right one waits as well"
    assert isinstance(town.look(gift, by=town.newcomer()), GiftShown), "others are not held up"
    assert isinstance(town.take(gift, at=later(town.town, minutes=60)), GiftTaken)


def test_a_right_code_is_not_counted_and_an_hour_later_the_count_begins_anew(town: Giving) -> None:
    for _ in range(WRONG_MOST - 1):
        guess(town)
    assert isinstance(town.take(town.give(500)), GiftTaken)
    assert guess(town, at=later(town.town, hours=1)).facts["left"] == WRONG_MOST - 1


def test_another_town_s_code_is_unknown_here(town: Giving) -> None:
    gift, there = town.give(500), giving()
    answer = gifts.take(code=town.code(gift), by=there.other, at=there.town.at)
    assert isinstance(answer, Refusal)
    assert answer.kind.code == "gift_code_unknown"


# --- afterwards ------------------------------------------------------------------------------------------------------


def pay(town: Giving, yen: int) -> UUID:
    code, _ = tills.mint_holder_code(by=town.other, at=town.town.at, holder=town.town.other)
    asked = tills.ask_with_code(
        by=town.town.at_small_shop, at=town.town.at, shop=town.town.small_shop, code=code, amount_yen=yen, request="r1"
    )
    return tills.pay(asked).id


def test_what_was_paid_with_a_gift_is_refunded_to_whoever_paid(transactional_db: None) -> None:
    town = giving()
    town.take(town.give(1_000))
    try:
        payment = pay(town, 800)
        tills.refund_payment(
            payment=payment, by=town.town.at_small_shop, at=town.town.at, shop=town.town.small_shop, reason="返品",
            amount_yen=300, request="back",
        )  # fmt: skip
        assert (town.held(town.town.other), town.held(town.town.holder)) == (500, 11_000)
    finally:
        tills.stop()


def test_the_nightly_check_finds_a_gift_whose_money_is_elsewhere(town: Giving) -> None:
    number = town.town.municipality
    waiting, back = town.give(500), town.give(1_000)
    town.take_back(back)
    assert checks.gifts_hold_what_they_say(number) == []
    Gift.objects.filter(id=back).update(ended=None, ended_at=None)
    Gift.objects.filter(id=waiting).update(yen=501)
    assert sorted(said.split(" ", 2)[2] for said in checks.gifts_hold_what_they_say(number)) == [
        "of 1000 yen waits and holds 0 yen", "of 501 yen waits and holds 500 yen",
    ]  # fmt: skip


def test_a_giver_s_list_shows_each_gift_and_its_code_only_while_it_waits(town: Giving) -> None:
    it = town.town
    made = [town.give(500), town.give(1_000), town.give(1_500), town.give(2_000)]
    town.take(made[0])
    town.take_back(made[1])
    Gift.objects.filter(id=made[2]).update(made_at=it.at - WEEK, until=it.at)
    found = {each.id: each for each in queries.gifts(it.holder, municipality=it.municipality, at=it.at)}
    assert [found[gift].state for gift in made] == ["taken", "returned", "over", "waiting"]
    assert [bool(found[gift].code) for gift in made] == [False, False, False, True]
    assert Counter(bool(each.link) for each in found.values()) == {False: 3, True: 1}
    assert queries.gifts(it.other, municipality=it.municipality, at=it.at) == ()
    assert queries.gift(made[3], giver=it.other, municipality=it.municipality, at=it.at) is None


def test_a_gift_in_waiting_is_in_no_wallet_and_in_no_expiry(town: Giving) -> None:
    """It counts as not spent and as held, so an amendment that would end earlier knows of it."""
    it = town.town
    town.give(5_000)
    town.give(5_000)
    programme = it.kind("paid").programme
    held = programmes.standing(programme, municipality=it.municipality).held_until
    assert held == it.kind("paid").spending.end
    assert programmes.remaining(programme, municipality=it.municipality) == []
