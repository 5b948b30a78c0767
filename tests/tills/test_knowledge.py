"""The tills decide from memory; the database tells them when the town has changed."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from meguri.ledger import operations as ledger
from meguri.parties import operations as parties
from meguri.tills import operations
from meguri.tills.knowledge import Knowledge
from meguri.tills.rules import Asked
from meguri.words.actor import ActorRole
from meguri.words.refusal import Refusal
from tests.town import Town, found_town
from tests.walled import opening_as_program


def at_shop(town: Town, *, yen: int = 10) -> Asked:
    return operations.ask_at_shop(
        by=town.resident, at=town.at, holder=town.holder, shop=town.small_shop, amount_yen=yen, request=str(uuid4())
    )


def test_a_shop_that_closes_takes_nothing_from_the_next_payment_on(town: Town) -> None:
    """Many times, so that news which comes late once would be seen."""
    town.give("points", 5_000)
    operator = town.actor(ActorRole.OPERATOR)
    for _ in range(25):
        assert operations.pay(at_shop(town)).amount_yen == 10
        parties.set_shop_status(town.small_shop, "suspended", by=operator)
        with pytest.raises(Refusal, match="shop_not_accepting"):
            operations.pay(at_shop(town))
        parties.set_shop_status(town.small_shop, "open", by=operator)


def test_without_the_trigger_the_closed_shop_would_go_on_selling(town: Town) -> None:
    """The alarm rings: what the test above sees is the news, not a lucky re-reading."""
    town.give("points", 100)
    operations.pay(at_shop(town))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE parties_shop DISABLE TRIGGER the_tills_are_told")
    try:
        parties.set_shop_status(town.small_shop, "suspended", by=town.actor(ActorRole.OPERATOR))
        assert operations.pay(at_shop(town)).amount_yen == 10
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE parties_shop ENABLE TRIGGER the_tills_are_told")


def test_behind_the_second_wall_one_thread_pays_for_several_towns_in_turn(town: Town) -> None:
    """The database shows the thread one town at a time; so it names each before it asks for its people."""
    towns = [town, found_town()]
    for each in towns:
        each.give("points", 100)
    asked = [at_shop(each) for each in towns * 3]
    operations.stop()
    with opening_as_program():
        assert [operations.pay(each).amount_yen for each in asked] == [10] * 6
        operations.stop()


def test_money_of_a_new_expiry_is_accepted_at_once(town: Town) -> None:
    town.give("points", 100)
    operations.pay(at_shop(town))
    town.at += timedelta(days=35)  # points of another month are another lot
    town.give("points", 300)
    assert operations.pay(at_shop(town, yen=390)).amount_yen == 390


def test_a_connection_that_was_lost_listens_again(town: Town) -> None:
    town.give("points", 100)
    operations.pay(at_shop(town))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    parties.set_shop_status(town.small_shop, "suspended", by=town.actor(ActorRole.OPERATOR))
    with pytest.raises(Refusal, match="shop_not_accepting"):
        operations.pay(at_shop(town))


def test_what_a_shop_accepts_changes_at_the_moment_it_should(town: Town) -> None:
    """An instant before its expiry a lot is accepted, at it no more; between such turns nothing is worked out twice."""
    town.give("points", 100)
    knowledge = Knowledge()
    knowledge.listen(town.municipality)
    known = knowledge.of(town.municipality, at=town.at)
    now = known.accepted(town.small_shop, at=town.at)
    lot, *_ = [number for number, kind in now.items() if kind.family == "point"]
    (expires,) = [each.expires_at for each in known._lots if each.id == lot]
    assert expires is not None
    assert lot in known.accepted(town.small_shop, at=expires - timedelta(microseconds=1))
    assert lot not in known.accepted(town.small_shop, at=expires)
    assert known.accepted(town.small_shop, at=town.at + timedelta(seconds=1)) is now
    assert known.accepted(uuid4(), at=town.at) == {}


def test_a_payment_is_found_again_when_its_money_is_no_longer_good(town: Town) -> None:
    town.give("points", 100)
    asked = at_shop(town)
    made = operations.pay(asked)
    operations.stop()  # another process, months later
    late = Asked(
        asked.municipality, town.at + timedelta(days=400), asked.by, asked.shop, 10, asked.request, holder=asked.holder
    )
    again = operations.pay(late)
    assert again.repeated
    assert (again.id, again.parts) == (made.id, made.parts)


def test_one_unusable_request_spoils_nobody_elses(town: Town) -> None:
    town.give("points", 100)
    with pytest.raises(Refusal) as no:
        operations.pay(Asked(town.municipality, town.at, "x", town.small_shop, 10, "a\0b", holder=town.holder))
    assert no.value.code == "text_unusable"
    assert operations.pay(at_shop(town)).amount_yen == 10


def test_a_town_of_its_own_lots_only(town: Town) -> None:
    """A lot of another municipality is never offered."""
    ledger.open_municipality(
        municipality=town.municipality + 1, code=f"other-{uuid4()}", name_ja="隣", name_en="Next", kind="sandbox"
    )
    ledger.money_lot(municipality=town.municipality + 1, fund=uuid4(), purse_kind=uuid4(), expires_at=None)
    knowledge = Knowledge()
    knowledge.listen(town.municipality)
    assert knowledge.of(town.municipality + 1, at=town.at).shops == {}
    assert len(knowledge.of(town.municipality + 1, at=town.at)._lots) == 1
