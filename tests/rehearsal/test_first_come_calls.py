"""What the sale to whoever comes first asks of a server, and what it makes of the answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from meguri.rehearsal import first_come_calls
from meguri.rehearsal import happenings as h
from meguri.rehearsal.client import Refused
from meguri.rehearsal.driver_calls import NEEDED, Calls
from meguri.rehearsal.first_come_calls import NEEDED_FIRST_COME
from meguri.rehearsal.knowledge import Answer
from meguri.rehearsal.timetable import moment
from meguri.rehearsal.town import Town
from meguri.rehearsal.voices import OPERATOR, Voice
from tests.rehearsal.conftest import RULES, START

WHO = "r00001"
IDS = {
    "resident:r00001": "R1", "resident:r00002": "R2", "programme:first-come": "G", "sale:first-come:only": "L",
    "place:first-come:only:r00001": "T1",
}  # fmt: skip
OF = {"at": moment(START, 0), "key": "k", "programme": "first-come", "round": "only"}
AT_REST = {"left": 0, "served": 2, "last": 2}
ALLOTTED = {"state": "allotted", "application": "A1"}


class Server:
    """Answers as prepared; an answer that is an exception is raised, a list is given piece by piece."""

    def __init__(self, **replies: Any) -> None:
        self.replies, self.asked = {"line_see": AT_REST, **replies}, []
        self.asked: list[tuple[str, Mapping[str, Any], Voice]]

    def __call__(self, operation: str, body: Mapping[str, Any], *, by: Voice, part: str = "") -> Any:  # noqa: ARG002
        self.asked.append((operation, body, by))
        reply = self.replies.get(operation)
        if isinstance(reply, list) and operation != "vouchers_applications":
            reply = reply.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    def kept(self, operation: str, body: Mapping[str, Any], *, by: Voice) -> Any:
        return self(operation, body, by=by)

    def has(self, operation: str) -> bool:
        return operation in self.replies

    def number(self, key: str) -> str:
        return f"life/{key}"

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _, _ in self.asked]


def make(town: Town, it: h.Happening, server: Server, **more: str) -> Answer:
    return Calls(town, IDS | more, RULES).make(it, server)


def test_everybody_comes_in_order_and_who_is_refused_has_no_place(small_town: Town) -> None:
    server = Server(line_come=[{"ticket": "T1"}, Refused("voucher_not_eligible", status=422)])
    answer = make(small_town, h.LinesUp(**OF, people=(("r00001", 2), ("r00002", 5))), server)
    came = [(body["units"], by.party) for name, body, by in server.asked if name == "line_come"]
    assert came == [(2, "R1"), (5, "R2")]
    assert answer.ids == {"place:first-come:only:r00001": "T1"}


def test_the_town_waits_until_the_line_is_at_rest(small_town: Town) -> None:
    moving = {"left": 3, "served": 0, "last": 2}
    server = Server(line_come={"ticket": "T"}, line_see=[moving, moving, AT_REST])
    make(small_town, h.LinesUp(**OF, people=(("r00001", 1),)), server)
    assert server.operations == ["line_come", "line_see", "line_see", "line_see"]


def test_a_line_that_never_rests_does_not_hold_the_town_for_ever(
    small_town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_come_calls, "LOOKS_MOST", 3)
    server = Server(line_see={"left": 3, "served": 0, "last": 2})
    make(small_town, h.LineMoves(**OF, asleep=()), server)
    assert server.operations == ["line_see"] * 3


def test_what_was_kept_for_a_sleeper_is_waited_for(small_town: Town) -> None:
    states = iter(["won", "won", "lapsed"])

    class Sleeping(Server):
        def __call__(self, operation: str, body: Mapping[str, Any], *, by: Voice, part: str = "") -> Any:
            found = super().__call__(operation, body, by=by, part=part)
            return [{"sale": "L", "state": next(states)}] if operation == "vouchers_applications" else found

    server = Sleeping()
    make(small_town, h.LineMoves(**OF, asleep=("r00001",)), server)
    assert server.operations == ["vouchers_applications"] * 3 + ["line_see"]


def test_a_turn_is_paid_by_card_at_once(small_town: Town) -> None:
    server = Server(line_place=ALLOTTED, vouchers_order={"order": "O1"})
    answer = make(small_town, h.TakesTurn(**OF, who=WHO, way="card"), server)
    assert server.operations == ["line_place", "vouchers_order", "vouchers_prepare_page", "rehearsal_tell_of_payment"]
    assert server.asked[-1][1:] == ({"order": "O1", "kind": "final"}, OPERATOR)
    assert answer.ids == {"bought:first-come:only:r00001": "O1"}


def test_a_slip_is_only_ordered(small_town: Town) -> None:
    server = Server(line_place=ALLOTTED, vouchers_order={"order": "O1"})
    answer = make(small_town, h.TakesTurn(**OF, who=WHO, way="slip"), server)
    assert server.operations == ["line_place", "vouchers_order"]
    assert answer.ids == {"order:first-come:only:r00001": "O1"}


@pytest.mark.parametrize("known", ["bought:first-come:only:r00001", "order:first-come:only:r00001"])
def test_who_has_paid_or_ordered_asks_nothing(small_town: Town, known: str) -> None:
    server = Server()
    assert make(small_town, h.TakesTurn(**OF, who=WHO, way="card"), server, **{known: "O"}) == Answer()
    assert server.asked == []


@pytest.mark.parametrize("state", ["waiting", "refused"])
def test_who_has_no_turn_pays_nothing(small_town: Town, state: str) -> None:
    server = Server(line_place={"state": state, "application": None})
    assert make(small_town, h.TakesTurn(**OF, who=WHO, way="card"), server) == Answer()
    assert server.operations == ["line_place"]


@pytest.mark.parametrize(("state", "is_bought"), [("purchased", True), ("lapsed", False)])
def test_a_lost_answer_is_told_from_a_lapsed_turn(small_town: Town, state: str, *, is_bought: bool) -> None:
    server = Server(
        line_place=ALLOTTED, vouchers_order=Refused("payment_nothing_due", status=409),
        vouchers_applications=[{"sale": "other", "state": "won"}, {"sale": "L", "state": state}],
    )  # fmt: skip
    turn = h.TakesTurn(**OF, who=WHO, way="card")
    if is_bought:
        assert make(small_town, turn, server).ids == {"bought:first-come:only:r00001": "A1"}
        return
    with pytest.raises(Refused, match="payment_nothing_due"):
        make(small_town, turn, server)


@pytest.mark.parametrize(("kind", "is_bought"), [("early", True), ("withdrawn", False), ("final", False)])
def test_the_shop_tells_of_a_slip(small_town: Town, kind: Any, *, is_bought: bool) -> None:
    server = Server()
    tells = h.TellsOfSlip(**OF, who=WHO, kind=kind)
    answer = make(small_town, tells, server, **{"order:first-come:only:r00001": "O1"})
    assert server.asked == [("rehearsal_tell_of_payment", {"order": "O1", "kind": kind}, OPERATOR)]
    assert answer.ids == ({"bought:first-come:only:r00001": "O1"} if is_bought else {})


def test_the_counter_is_an_officer_s(small_town: Town) -> None:
    server = Server(vouchers_sell_at_counter={"application": "A9"})
    sells = h.SellsAtCounter(**OF, department="commerce", resident="r00002", units=3)
    answer = make(small_town, sells, server)
    assert server.asked[0][1:] == (
        {"programme": "G", "round": "only", "resident": "R2", "units": 3}, Voice("maker", department="commerce"),
    )  # fmt: skip
    assert answer.ids == {"bought:first-come:only:r00002": "A9"}


def purses(*yen: tuple[str, int]) -> dict[str, Any]:
    return {"purses": [{"purse_kind": f"P-{code}", "code": code, "yen": held, "expires_at": "E"} for code, held in yen]}


def test_a_gift_comes_out_of_the_first_purse_of_this_voucher_that_holds_enough(small_town: Town) -> None:
    gives = h.Gives(at=moment(START, 23), key="gives:r1", who=WHO, programme="first-come", yen=1_000, to="r00002")
    server = Server(
        wallet_purses=purses(("premium", 9_000), ("small", 500), ("common", 1_000)), gifts_give={"code": "C"}
    )
    answer = make(small_town, gives, server)
    assert server.asked[-1][1] == {
        "purse_kind": "P-common", "expires_at": "E", "amount_yen": 1_000, "request": "life/gives:r1",
    }  # fmt: skip
    assert answer.ids == {"gift:gives:r1": "C", "gift to:gives:r1": "r00002"}
    poor = Server(wallet_purses=purses(("premium", 9_000), ("common", 999)))
    assert make(small_town, gives, poor) == Answer()
    assert poor.operations == ["wallet_purses"]


def test_a_gift_is_taken_by_its_code(small_town: Town) -> None:
    server = Server()
    takes = h.TakesGift(at=moment(START, 9), key="t", who="r00002", gift="gives:r1")
    make(small_town, takes, server, **{"gift:gives:r1": "C"})
    assert server.asked == [("gifts_take", {"code": "C"}, Voice("resident", party="R2"))]


def test_every_operation_of_it_is_asked_for_beforehand() -> None:
    assert set(NEEDED_FIRST_COME) <= set(NEEDED)
