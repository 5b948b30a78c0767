"""An amendment whatever the order of presses, and what stands against it as the books tell it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.ledger import operations as books
from meguri.ledger import queries as ledger
from meguri.ledger.templates import AccountRole
from meguri.parties import operations as parties
from meguri.parties.queries import approval
from meguri.programmes import operations, queries
from meguri.programmes.shipped import shipped
from meguri.words.actor import Actor
from meguri.words.refusal import Refusal
from tests.programmes.amended import amend, draft, submit, with_changes
from tests.programmes.builders import VOUCHER, TownHall
from tests.programmes.test_budgets import refused
from tests.programmes.test_demurrage_machine import forgotten
from tests.programmes.test_extension import MARCH, OLD_END, town_of_points

STEPS = ("draft", "drop", "submit", "withdraw", "send_back", "approve")
ALLOWED = {
    "none": {"draft": "draft"}, "draft": {"draft": "draft", "drop": "none", "submit": "proposed"},
    "proposed": {"withdraw": "draft", "send_back": "draft", "approve": "none"},
}  # fmt: skip
"""What may be pressed while no amendment, a draft or a proposed one is there, and what is there then."""


@dataclass
class Desk:
    """Two officers press at one programme; beside it what the page should say."""

    hall: TownHall
    programme: UUID
    state: str = "none"
    number: int = 1
    drafts: int = 0
    budget: int = 6_000_000
    drafted: int = 6_000_000

    @property
    def maker(self) -> Actor:
        return self.hall.officer("maker", "commerce")

    def press(self, step: str) -> None:
        to = ALLOWED[self.state].get(step)
        try:
            self.steps()[step]()
        except Refusal:
            assert to is None, (self.state, step)
            return
        assert to is not None, (self.state, step)
        if step == "draft":
            self.drafted = 6_000_000 + self.drafts
        if step == "approve":
            self.number, self.budget = self.number + 1, self.drafted
        self.state = to

    def steps(self) -> dict[str, Callable[[], object]]:
        both = {"programme": self.programme, "at": self.hall.at}
        checker = self.hall.officer("checker", "commerce")
        return {
            "draft": self.draft, "drop": lambda: operations.drop_amendment(programme=self.programme, by=self.maker),
            "submit": lambda: operations.submit_amendment(by=self.maker, **both),  # type: ignore[arg-type]
            "withdraw": lambda: operations.withdraw_amendment(by=self.maker, **both),  # type: ignore[arg-type]
            "send_back": lambda: operations.send_amendment_back(note="?", by=checker, **both),  # type: ignore[arg-type]
            "approve": lambda: operations.approve_amendment(by=checker, **both),  # type: ignore[arg-type]
        }  # fmt: skip

    def draft(self) -> None:
        self.drafts += 1
        draft(self.hall, self.programme, {"funds.0.amount_yen": 6_000_000 + self.drafts})

    def looks_right(self) -> None:
        town = self.hall.municipality
        found = queries.versions(self.programme, municipality=town)
        waiting = [] if self.state == "none" else [(self.number + 1, self.state)]
        past = [(number, "past") for number in range(self.number - 1, 0, -1)]
        assert [(each.number, each.state) for each in found] == [*waiting, (self.number, "in_force"), *past]
        now = queries.amendment(self.programme, municipality=town)
        assert (now.state if now else "none") == self.state
        assert queries.terms(self.programme, municipality=town).funds[0].amount_yen == self.budget
        (fund, *_) = queries.funds(town, programme=self.programme)
        assert fund.budget.left_yen == self.budget


@pytest.mark.django_db
def test_whatever_two_officers_press_there_is_one_version_in_force_and_at_most_one_that_waits(hall: TownHall) -> None:
    made = hall.launch(shipped()[VOUCHER])

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.sampled_from(STEPS), min_size=6, max_size=14))
    def pressed(steps: list[str]) -> None:
        with forgotten():
            desk = Desk(hall, made.programme)
            for step in ["draft", "submit", *steps]:
                desk.press(step)
                desk.looks_right()

    pressed()


def test_a_long_reason_is_kept_whole_and_the_checker_reads_its_beginning(hall: TownHall) -> None:
    made, maker = hall.launch(shipped()[VOUCHER]), hall.officer("maker", "commerce")
    reason = "議" * 2_000
    terms = with_changes(hall, made.programme, {"name.ja": "改"})
    operations.draft_amendment(programme=made.programme, terms=terms, reason=f" {reason}\n", by=maker, at=hall.at)
    asked = operations.submit_amendment(programme=made.programme, by=maker, at=hall.at)
    (version, _) = queries.versions(made.programme, municipality=hall.municipality)
    assert version.reason == reason
    judged = approval(asked, municipality=hall.municipality)
    assert judged is not None
    assert judged.note == "議" * 400


def test_a_draft_that_becomes_the_document_in_force_again_is_refused_and_the_last_one_stays(hall: TownHall) -> None:
    made = hall.launch(shipped()[VOUCHER])
    draft(hall, made.programme, {"name.ja": "改"})
    with refused("amendment_changes_nothing"):
        draft(hall, made.programme, {})
    assert queries.version_terms(made.programme, 2, municipality=hall.municipality).name.ja == "改"


def test_names_change_for_everybody_with_the_approval_and_a_second_press_changes_nothing(hall: TownHall) -> None:
    made = hall.launch(shipped()[VOUCHER])
    submit(hall, made.programme, {"name.ja": "改", "name.en": "Anew", "purses.0.name.ja": "上乗せ分"})
    checker = hall.officer("checker", "commerce")
    assert operations.approve_amendment(programme=made.programme, by=checker, at=hall.at) == 2
    with refused("amendment_not_proposed"):
        operations.approve_amendment(programme=made.programme, by=checker, at=hall.at)
    view = queries.programme(made.programme, municipality=hall.municipality)
    assert view is not None
    assert (view.number, view.name_ja, view.name_en) == (2, "改", "Anew")
    kinds = queries.rules_in_force(hall.municipality, hall.at).purse_kinds
    assert kinds[made.purse_kinds["premium"]].name_ja == "上乗せ分"


def test_a_budget_goes_down_to_the_yen_that_is_handed_out_and_not_below(hall: TownHall) -> None:
    town = town_of_points(hall)
    town.grant(uuid4(), 1_500_000)
    amend(hall, town.made.programme, {"funds.0.amount_yen": 1_500_000})
    assert hall.fund(town.made, "town").budget == queries.Budget(left_yen=0, reserved_yen=1_500_000)
    draft(hall, town.made.programme, {"funds.0.amount_yen": 1_499_999})
    with refused("amendment_takes") as caught:
        operations.submit_amendment(programme=town.made.programme, by=hall.officer("maker", "planning"), at=hall.at)
    assert caught.value.field == "funds.town.amount_yen"
    assert "まだ渡していない0円まで" in caught.value.sentence("ja")


# --- what stands against it ------------------------------------------------------------------------------------------


def test_what_is_held_stands_wherever_the_wallet_keeps_it_and_what_a_shop_took_does_not(hall: TownHall) -> None:
    town, ada = town_of_points(hall), uuid4()
    other = hall.launch(shipped()[VOUCHER])

    def seen(programme: UUID = town.made.programme) -> tuple[bool, object]:
        found = queries.standing(programme, municipality=town.town)
        return found.issued, found.held_until

    assert seen() == (False, None)
    town.grant(ada, 1_000)
    assert seen() == (True, OLD_END)
    lots = [each.lot.id for each in ledger.balances([ada], AccountRole.WALLET, municipality=town.town)]
    held = books.hold(
        holder=ada, yen=400, lots=lots, until=MARCH + timedelta(days=3), municipality=town.town, key="hold", at=MARCH,
        by="test", about={},
    )  # fmt: skip
    paid = town.pay(ada, 600, at=MARCH)
    assert hall.holds(ada) == 0
    assert seen() == (True, OLD_END)  # on hold is held
    books.capture(
        held.id, shop=town.shop.owner, yen=400, municipality=town.town, key="all", at=MARCH, by="test", about={}
    )
    assert seen() == (True, None)
    town.refund(paid.posting, at=MARCH)
    assert seen() == (True, OLD_END)
    assert seen(other.programme) == (False, None)  # another programme's money


def test_only_the_budget_left_and_the_shops_that_are_open_are_counted(hall: TownHall) -> None:
    town = town_of_points(hall)
    small, _ = hall.shop("small"), hall.shop("large")
    town.grant(uuid4(), 100_000)
    operations.share_grant(agreement=town.made.agreements["together"], amount_yen=1_001, by=hall.system)
    found = queries.standing(town.made.programme, municipality=town.town)
    assert found.left_yen == {"town": 2_000_000, "sponsor": 900_000}
    assert sum(found.granted_yen[("together", fund)] for fund in ("town", "sponsor")) == 1_001
    assert sorted(str(shop["size_class"]) for shop in found.shops) == ["large", "small"]
    parties.set_shop_status(small, "suspended", by=hall.system)
    found = queries.standing(town.made.programme, municipality=town.town)
    assert [shop["size_class"] for shop in found.shops] == ["large"]
