"""The signed split under attack: altered, another's, of another sum, too old; what was paid stays paid."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.signing import Signer
from hypothesis import given
from hypothesis import strategies as st

from meguri.faces.api.paying import SPLIT_NOT_OF_THIS
from meguri.faces.entrance.agreed_split import SALT, read_seal
from meguri.tills.rules import ShownPart
from tests.faces.api.conftest import Caller, set_clock
from tests.faces.api.test_agreed_split import mixed, pay, quoted, split

__all__ = ["mixed"]

HOLDER, SHOP, KIND = (UUID(int=each) for each in (1, 2, 3))
UNTIL = datetime(2026, 1, 31, tzinfo=UTC)


def sealed(parts: list[list[Any]], *, salt: str = SALT) -> str:
    return Signer(salt=salt).sign_object([HOLDER.hex, SHOP.hex, "", parts])


def read(text: str, **changes: Any) -> tuple[ShownPart, ...]:
    wanted: dict[str, Any] = {"holder": HOLDER, "shop": SHOP, "amount_yen": 500, **changes}
    return read_seal(text, **wanted)


GOOD = sealed([[KIND.hex, 300, UNTIL.isoformat()], [KIND.hex, 200, ""]])


def test_what_was_sealed_is_read_to_the_yen_and_the_day() -> None:
    assert read(GOOD) == (ShownPart(KIND, 300, UNTIL), ShownPart(KIND, 200, None))


@pytest.mark.parametrize(
    "changes", [{"holder": UUID(int=9)}, {"shop": UUID(int=9)}, {"amount_yen": 499}, {"amount_yen": 501},
                {"amount_yen": 0}, {"amount_yen": -500}, {"number": "n1"}, {"holder": SHOP, "shop": HOLDER}],
)  # fmt: skip
def test_a_seal_is_of_one_holder_shop_sum_and_number(changes: dict[str, Any]) -> None:
    assert read(GOOD, **changes) == ()


@given(st.integers(0, len(GOOD) - 1), st.characters(codec="utf-8"))
def test_no_changed_letter_leaves_it_good(place: int, letter: str) -> None:
    changed = GOOD[:place] + letter + GOOD[place + 1 :]
    assert bool(read(changed)) == (changed == GOOD)


@given(st.text(max_size=60))
def test_no_text_whatever_is_a_seal_or_an_error(text: str) -> None:
    assert read(text) == ()
    assert read(f"{text}:{GOOD.rpartition(':')[2]}") == ()


def test_the_parts_cannot_be_put_under_another_signature() -> None:
    """A dearer split under the seal of a cheaper one, and a seal that the same key made for something else."""
    dear = base64.urlsafe_b64encode(b'["%s"]' % HOLDER.hex.encode()).decode().rstrip("=")
    assert read(f"{dear}:{GOOD.rpartition(':')[2]}") == ()
    assert read(sealed([[KIND.hex, 500, ""]], salt="meguri.other/1")) == ()
    assert read(sealed([])) == ()
    assert read(sealed([]), amount_yen=0) == ()


def test_the_refusal_says_what_to_do_in_both_languages() -> None:
    no = SPLIT_NOT_OF_THIS.refusal(field="shown")
    assert "見積をもう一度取ってください" in no.sentence("ja")
    assert "ask for a quote again" in no.sentence("en")


# --- lived -----------------------------------------------------------------------------------------------------------


def total(caller: Caller) -> int:
    found: int = caller.call("wallet_purses", by=caller.town.resident)["total_yen"]
    return found


def test_a_split_whose_money_ran_out_pays_nothing_and_the_new_one_is_told(mixed: Caller) -> None:
    seen = quoted(mixed, 1_100)
    ends = [datetime.fromisoformat(each["until"]) for each in seen["taken"] if each["until"]]
    set_clock(mixed.town, min(ends) + timedelta(seconds=1))
    before = total(mixed)
    for lean_route in (True, False):
        status, no = pay(mixed, seen["shown"], yen=1_100, lean_route=lean_route)
        assert (status, no["code"]) == (409, "split_changed")
        assert no["facts"]["amount_yen"] == 1_100
        assert no["facts"]["short_yen"] + sum(split(no["facts"])) == 1_100
    assert total(mixed) == before


def test_what_was_paid_stays_paid_when_it_is_sent_again_after_its_money_ran_out(mixed: Caller) -> None:
    seen = quoted(mixed)
    status, paid = pay(mixed, seen["shown"], key="k")
    assert status == 201
    left = total(mixed)
    ends = [datetime.fromisoformat(each["until"]) for each in seen["taken"] if each["until"]]
    set_clock(mixed.town, min(ends) + timedelta(seconds=1))
    status, again = pay(mixed, seen["shown"], key="k")
    assert (status, again["payment"], again["status"]) == (200, paid["payment"], "paid_before")
    assert total(mixed) <= left


def test_one_agreement_is_no_standing_order(mixed: Caller) -> None:
    """The same seal under a new number pays only while it is still what would pay."""
    seen = quoted(mixed, 700)
    statuses = [pay(mixed, seen["shown"], yen=700, key=str(uuid4()))[0] for _ in range(3)]
    assert statuses[0] == 201
    assert statuses[-1] == 409
    assert total(mixed) >= 0
