"""Counting paper notes in a pile, against taking the same yen from phones one payment after the other."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

from django.conf import settings

from bench.measures import progress, side_by_side
from bench.pay import moved
from meguri.ledger import operations as ledger
from meguri.ledger.rules import Account, Leg, Posting
from meguri.ledger.templates import AccountRole
from meguri.parties import operations as parties
from meguri.programmes import operations as programmes
from meguri.programmes.shipped import shipped
from meguri.tills import operations as tills
from meguri.tills.deliveries import count_notes
from meguri.wallets import booklets, print_runs
from meguri.wallets.notes import Serial, link
from meguri.wallets.operations import open_wallet
from meguri.words.actor import Actor, ActorRole

TOWN, BOOKLETS, PILE, NOTES_EACH, FACE_YEN, SINGLE = 78, 400, 50, 13, 1_000, 500


def run() -> None:
    """Print the measures of this group. Every note and every payment is committed before the next batch begins."""
    progress("notes: founding a town with a shop and sold booklets")
    at, system = datetime.now(UTC), Actor(TOWN, ActorRole.SYSTEM)
    ledger.open_municipality(municipality=TOWN, code="bench-notes", name_ja="計測市", name_en="Bench", kind="real")
    shop = parties.register_shop(
        parties.ShopEntry(name_ja="店", name_en="Shop", trade="58", area="a"), by=system, at=at
    )
    tills.open_tills([shop], municipality=TOWN)
    holder, clerk = uuid4(), Actor(TOWN, ActorRole.CLERK, uuid4(), "", shop)
    open_wallet(holder, by=system, at=at)
    codes = _sold(holder, at=at)
    piles = iter([codes[start : start + PILE] for start in range(0, len(codes), PILE)])

    def pile() -> float:
        begun, counted = time.perf_counter(), 0
        for _ in range(20):
            made = count_notes(shop=shop, delivery=uuid4(), notes=next(piles), by=clerk, at=datetime.now(UTC))
            counted += sum(each.state == "counted" for each in made.verdicts)
        if counted != 20 * PILE:
            raise SystemExit(f"notes: only {counted} of {20 * PILE} were counted, so there is nothing to tell")
        return counted / (time.perf_counter() - begun)

    def single() -> float:
        begun = time.perf_counter()
        by = Actor(TOWN, ActorRole.RESIDENT, holder)
        for _ in range(SINGLE):
            tills.pay(tills.ask_at_shop(by=by, at=datetime.now(UTC), holder=holder, shop=shop, amount_yen=FACE_YEN,
                                        request=str(uuid4())))  # fmt: skip
        return SINGLE / (time.perf_counter() - begun)

    side_by_side(name="notes.piles_of_50", unit="notes/s", run=pile, against="single payments", control=single)
    tills.stop()


def _sold(holder: UUID, *, at: datetime) -> list[str]:
    """Booklets filled by one purchase of them all; and as much again in the buyer's wallet, for the single payments."""
    terms = moved(next(each for each in shipped().values() if each.family == "voucher"), years=at.year - 2025)
    maker, checker = (Actor(TOWN, role, uuid4(), terms.department) for role in (ActorRole.MAKER, ActorRole.CHECKER))
    programme = programmes.draft_programme(terms=terms, by=maker, at=at)
    programmes.submit_for_launch(programme=programme, by=maker, at=at)
    made = programmes.launch(programme=programme, by=checker, at=at)
    for _ in range(2):
        posting = _buy(made, holder, at=at)
    printed = print_runs.order_print_run(programme=programme, face_yen=FACE_YEN, booklets=BOOKLETS, by=maker, at=at)
    print_runs.approve_print_run(printed, by=checker, at=at)
    covers = [Serial(TOWN, 1, number) for number in range(1, BOOKLETS + 1)]
    booklets.hand_over(posting=posting, booklets=covers, by=maker, at=at)
    key = print_runs.run_key(printed, TOWN)
    return [link(each.of(note), host=settings.OFFICIAL_HOST, key=key)
            for each in covers for note in range(1, NOTES_EACH + 1)]  # fmt: skip


def _buy(made: programmes.Launched, holder: UUID, *, at: datetime) -> UUID:
    system, wallet = Actor(TOWN, ActorRole.SYSTEM), Account(holder, AccountRole.WALLET)
    legs = []
    for purse, fund, yen in (("paid", "buyers", 10_000), ("premium", _premium(made), 3_000)):
        lot = programmes.open_lot(
            purse_kind=made.purse_kinds[purse], fund=made.funds[fund], holder=holder, obtained_at=at, by=system
        )
        own = ledger.fund_lot(made.funds[fund], municipality=TOWN)
        cash = fund == "buyers"
        source = Account(made.funds[fund], AccountRole.CASH_RECEIVED if cash else AccountRole.FUND)
        legs.append(Leg(source, wallet, yen * BOOKLETS, (lot if cash else own,), credit_lot=lot))
    posting = Posting(key=str(uuid4()), template="sell_voucher", legs=tuple(legs), at=at, by="bench")
    return ledger.post(posting, municipality=TOWN).posting


def _premium(made: programmes.Launched) -> str:
    return next(code for code in made.funds if code != "buyers")
