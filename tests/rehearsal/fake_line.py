"""The part of the API in memory that sells first come: the line, orders, the shop's word, the counter, gifts."""

# ruff: noqa: ARG002 - every operation takes a body and a voice, whether it needs them or not

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from meguri.rehearsal import happenings as h
from meguri.rehearsal.documents import AGAIN, ONLY
from meguri.rehearsal.paper_hall import PaperHall
from meguri.rehearsal.paper_line import PaperLine
from meguri.words.clock import midnight
from tests.rehearsal.conftest import START

AT = midnight(START)


class Problem(Exception):
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


def _of(sale: str) -> dict[str, Any]:
    return {"at": AT, "key": "", "programme": "first-come", "round": sale}


class FakeLine(ABC):
    """Mixed into the API. A sale is named by its round; an order by round, way and person."""

    hall: PaperHall
    done: set[str]

    def open_line(self, terms: dict[str, Any]) -> None:
        """Put the units of a document into stock."""
        units = {each["code"]: each["units"] for each in terms["obtaining"]["rounds"]}
        self.hall.lines = {code: PaperLine(units.get(code, 0)) for code in (ONLY, AGAIN)}
        self.words: list[tuple[str, str]] = []

    @abstractmethod
    def _who(self, voice: dict[str, str]) -> str:
        """Who speaks, by the API into which this is mixed."""

    def line_come(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        who, sale = self._who(voice), body["sale"].removeprefix("L-")
        self.hall.answer(h.LinesUp(**_of(sale), people=((who, body["units"]),)))
        return {"ticket": f"T-{who}"}

    def line_see(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        line = self.hall.lines[body["sale"].removeprefix("L-")]
        return {"left": line.left, "served": len(line.places) - len(line.waiting), "last": len(line.places)}

    def line_place(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        who, sale = self._who(voice), body["sale"].removeprefix("L-")
        assert body["ticket"] == f"T-{who}"
        state = "waiting" if who in self.hall.lines[sale].waiting else "allotted"
        return {"state": state, "application": f"A-{sale}-{who}"}

    def vouchers_applications(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        """Whoever looks for what was kept finds that its time is over."""
        who, found = self._who(voice), []
        for sale, line in self.hall.lines.items():
            if who in line.places:
                self.hall.answer(h.LineMoves(**_of(sale), asleep=(who,)))
                found.append({"sale": f"L-{sale}", "state": "purchased" if who in line.bought else "lapsed"})
        return found

    def vouchers_order(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        who, (_, sale, mine) = self._who(voice), body["application"].split("-", 2)
        assert mine == who
        if who not in self.hall.lines[sale].kept:
            raise Problem(409, "payment_nothing_due")
        if body["way"] == "slip":
            self.hall.answer(h.TakesTurn(**_of(sale), who=who, way="slip"))
        return {"order": f"O-{sale}-{who}"}

    def vouchers_prepare_page(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        return {"page": "somewhere"}

    def rehearsal_tell_of_payment(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert voice["role"] == "operator"
        said = (body["order"], body["kind"])
        if said not in self.words:  # told again it is told once
            self.words.append(said)
            _, sale, who = body["order"].split("-", 2)
            line = self.hall.lines[sale]
            if body["kind"] == "final" and who in line.kept:  # a card's word
                self.hall.answer(h.TakesTurn(**_of(sale), who=who, way="card"))
            else:
                self.hall.answer(h.TellsOfSlip(**_of(sale), who=who, kind=body["kind"]))
        return {"outcome": "taken"}

    def vouchers_sell_at_counter(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert voice == {"role": "maker", "department": "commerce"}
        who = body["resident"][2:]
        line = self.hall.lines[body["round"]]
        if who not in line.bought:
            sold = h.SellsAtCounter(**_of(body["round"]), department="", resident=who, units=body["units"])
            if not self.hall.answer(sold).ok:
                raise Problem(409, "voucher_sold_out")
        return {"application": f"A-{body['round']}-{who}"}

    def gifts_give(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        who = self._who(voice)
        if body["request"] not in self.hall.gifts and body["request"] not in self.done:
            gives = h.Gives(at=AT, key=body["request"], who=who, programme="", yen=body["amount_yen"], to="")
            assert self.hall.answer(gives).ids
        return {"code": body["request"]}

    def gifts_take(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        if body["code"] not in self.done:
            self.hall.answer(h.TakesGift(at=AT, key="", who=self._who(voice), gift=body["code"]))
            self.done.add(body["code"])
        return {"yen": 1}
