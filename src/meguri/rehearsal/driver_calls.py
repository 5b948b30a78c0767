"""What each happening asks of the API, and how its answer is read: the one place where requests are put together."""

from __future__ import annotations

import tomllib
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from meguri.rehearsal import happenings as h
from meguri.rehearsal.client import Refused, said
from meguri.rehearsal.first_come_calls import NEEDED_FIRST_COME, FirstComeCalls
from meguri.rehearsal.habits import BUS, bus_stops
from meguri.rehearsal.knowledge import Answer, PurseView, Taken
from meguri.rehearsal.photos import invented_photo
from meguri.rehearsal.rules import POINT, VOUCHER, Rules
from meguri.rehearsal.town import BankAccount, Resident, Shop
from meguri.rehearsal.voices import OPERATOR, Json, Say, Voice
from meguri.words.clock import day

Document = h.LaunchesProgramme | h.ProposesProgramme


@dataclass(frozen=True, slots=True)
class Calls(FirstComeCalls):
    """The API as the town uses it."""

    def make(self, happening: h.Happening, say: Say) -> Answer:
        """Ask the API for what a happening is, and read the answer. Raises Refused."""
        return MAKERS[type(happening)](self, happening, say)

    # --- registers ---------------------------------------------------------------------------------------------------

    def registers_residents(self, it: h.RegistersResidents, say: Say) -> Answer:
        rows = [self.resident_row(self.town.residents[key]) for key in it.residents]
        reply = say("rehearsal_residents", {"residents": rows}, by=OPERATOR)["residents"]
        homes = {f"household:{self.town.residents[row['key']].household}": str(row["household"]) for row in reply}
        return Answer(ids=homes | {f"resident:{row['key']}": str(row["resident"]) for row in reply})

    def resident_row(self, resident: Resident) -> Json:
        """One line of the residents' register."""
        home = self.town.households[resident.household]
        return {
            "key": resident.key, "number": resident.key[1:], "household_number": home.key[1:],
            "birth_date": resident.born.isoformat(), "ward": self.town.wards[resident.ward].name,
            "moved_in": resident.moved_in.isoformat(), "tax_class": home.tax_class, "shielded": home.shielded,
            "sealed": {
                "name": resident.name.written, "kana": resident.name.kana, "address": home.address,
                "phone": f"000-0000-{int(resident.key[1:]) % 10_000:04d}", "email": f"{resident.key}@meguri.example",
                "bank_account": bank(resident.bank),
            },
        }  # fmt: skip

    def registers_shops(self, it: h.RegistersShops, say: Say) -> Answer:
        rows = [self.shop_row(self.town.shops[key]) for key in it.shops]
        reply = say("rehearsal_shops", {"shops": rows}, by=OPERATOR)
        ids = {f"shop:{row['key']}": str(row["shop"]) for row in reply["shops"]}
        return Answer(ids=ids | {f"shop_code:{row['key']}": str(row["shop_code"]) for row in reply["shops"]})

    def shop_row(self, shop: Shop) -> Json:
        """One shop with its merchant."""
        merchant, ward = self.town.merchants[shop.merchant], self.town.wards[shop.ward]
        return {
            "key": shop.key, "name_ja": shop.name, "name_en": shop.name_en, "trade": shop.jsic_middle,
            "area": ward.name, "area_en": ward.name_en, "size_class": shop.size, "floor_area": shop.floor_m2,
            "address": shop.address,
            "merchant": {
                "key": merchant.key, "name_ja": merchant.name, "kana": merchant.kana,
                "sealed": {"name": merchant.owner.written, "kana": merchant.owner.kana, "address": shop.address,
                           "bank_account": bank(merchant.bank)},
            },
        }  # fmt: skip

    def registers_sponsors(self, it: h.RegistersSponsors, say: Say) -> Answer:
        rows = [self.town.sponsors[key] for key in it.sponsors]
        body = {"sponsors": [{"key": s.key, "name_ja": s.name, "name_en": s.name_en, "kana": s.kana} for s in rows]}
        reply = say("rehearsal_sponsors", body, by=OPERATOR)
        return Answer(ids={f"sponsor:{row['key']}": str(row["sponsor"]) for row in reply["sponsors"]})

    # --- programmes --------------------------------------------------------------------------------------------------

    def launches(self, it: h.LaunchesProgramme, say: Say) -> Answer:
        """Draft and submit as maker, launch as checker; then open the sale or the actions.

        Of a programme that the server has already, only what is still to be done.
        """
        maker, checker = Voice("maker", department=it.department), Voice("checker", department=it.department)
        programme, state = self._proposed(it, say, by=maker)
        which, terms = {"programme": programme}, tomllib.loads(it.document)
        ids = {f"programme:{it.programme}": programme}
        if state == "proposed":
            with done_before("programme_not_proposed"):
                say("programmes_launch", which, by=checker, part="launch")
        if terms["family"] == VOUCHER:
            ids |= self._opens(it.programme, terms=terms, say=say, by=checker, which=which)
        if terms["family"] == POINT:
            say("points_open_actions", which, by=maker, part="open")
            ids |= self._opens_stops(say, by=maker, which=which)
        return Answer(ids=ids)

    def _opens_stops(self, say: Say, *, by: Voice, which: dict[str, str]) -> dict[str, str]:
        """The bus stops that show a code; gives the server's names of them. None where the server opens no places."""
        if BUS not in self.rules.deeds or not say.has("points_open_place"):
            return {}
        ids = {}
        for place in (self.town.places[key] for key in bus_stops(self.town)):
            asked = which | {"action": BUS, "name_ja": f"{place.name}前", "name_en": f"{place.name_en} stop"}
            made = say("points_open_place", asked, by=by, part=f"place:{place.key}")
            ids[f"place:{BUS}:{place.key}"] = str(made["place"])
        return ids

    def _opens(
        self, programme: str, *, terms: Json, say: Say, by: Voice, which: dict[str, str]
    ) -> dict[str, str]:
        """Open every round of a sale; gives the server's names of the sales."""
        ids = {}
        for code in (each["code"] for each in terms["obtaining"]["rounds"]):
            asked = which | {"round": code, "value_named": self._value_named()}
            opened = say("vouchers_open_sale", asked, by=by, part=f"open:{code}")
            ids[f"sale:{programme}:{code}"] = str(opened["sale"])
        return ids

    def _value_named(self) -> dict[str, str]:
        """What the draw will be made with, promised before anybody applies: what `town_hall` then measures."""
        return {
            "ja": f"抽選日 午前9時の{self.town.name}の気圧(架空)",
            "en": f"the air pressure in {self.town.name_en} at 9:00 on the day of the draw (invented)",
        }

    def proposes(self, it: h.ProposesProgramme, say: Say) -> Answer:
        programme, _ = self._proposed(it, say, by=Voice("maker", department=it.department))
        return Answer(ids={f"programme:{it.programme}": programme})

    def _proposed(self, it: Document, say: Say, *, by: Voice) -> tuple[str, str]:
        """The programme and its state, drafted and submitted now if it was not yet."""
        programme, state = self._on_the_desk(it, say, by=by)
        if state == "draft":
            say("programmes_submit", {"programme": programme}, by=by, part="submit")
            state = "proposed"
        return programme, state

    def _on_the_desk(self, it: Document, say: Say, *, by: Voice) -> tuple[str, str]:
        """The programme and its state, drafted now if it was not yet submitted."""
        document = it.document
        for key in self.town.sponsors:  # a document names its sponsor as the parties know it
            document = document.replace(f'payer = "{key}"', f'payer = "{self.ids.get(f"sponsor:{key}", key)}"')
        code = tomllib.loads(document)["code"]
        for row in say("programmes_list", {}, by=by, part="list"):
            if row["code"] == code and row["state"] != "draft":
                return str(row["programme"]), str(row["state"])
        return str(say("programmes_draft", {"document": document}, by=by, part="draft")["programme"]), "draft"

    def appropriates(self, it: h.AppropriatesBudget, say: Say) -> Answer:
        """補正予算; skipped by a server that appropriates at launch only."""
        if say.has("budget_appropriate"):
            body = {"programme": self.programme(it.programme), "fund": it.fund, "amount_yen": it.amount_yen}
            say("budget_appropriate", body, by=Voice("checker", department=it.department))
        return Answer()

    # --- vouchers ----------------------------------------------------------------------------------------------------

    def closes_list(self, it: h.ClosesApplications, say: Say) -> Answer:
        body = {"programme": self.programme(it.programme)}
        say("vouchers_close", body, by=Voice("checker", department=it.department))
        return Answer()

    def draws(self, it: h.Draws, say: Say) -> Answer:
        """`won` may be a list of residents or applications, or only their number; then people learn it as they buy."""
        body = {"programme": self.programme(it.programme), "public_value": it.public_value}
        reply = say("vouchers_draw", body, by=Voice("checker", department=it.department))
        if not isinstance(reply.get("won"), list):
            return Answer()
        people = ((key.split(":"), name) for key, name in self.ids.items())
        ours = {name: parts[-1] for parts, name in people if parts[0] in {"resident", "application"}}
        return Answer(won=tuple(sorted(ours[str(name)] for name in reply["won"])))

    def applies(self, it: h.Applies, say: Say) -> Answer:
        body = {"programme": self.programme(it.programme), "units": it.units}
        reply = say("vouchers_apply", body, by=self.resident(it.who))
        return Answer(ids={f"application:{it.programme}:{it.who}": str(reply["application"])})

    def purchases(self, it: h.Purchases, say: Say) -> Answer:
        body = {"application": self.named(f"application:{it.programme}:{it.who}")}
        say("vouchers_purchase", body, by=self.resident(it.who))
        return Answer()

    # --- points ------------------------------------------------------------------------------------------------------

    def acts(self, it: h.Acts, say: Say) -> Answer:
        """Some deeds are shown by the place's code of the minute, some are confirmed by an officer afterwards."""
        deed, officer = (
            {"programme": self.programme(it.programme), "action": it.action},
            Voice("maker", department=self.rules.departments[POINT]),
        )
        if it.evidence == "place_code":
            place = self.ids.get(f"place:{it.action}:{it.place}")
            shown = deed | {"place": place} if place else deed
            code = say.kept("points_place_code", shown, by=officer)["code"]
            say("points_record_action", deed | {"code": code}, by=self.resident(it.who), part="record")
            return Answer()
        if it.evidence == "photo":
            if not say.has("points_send_photo"):
                return Answer()
            sent = {"photo": b64encode(invented_photo(it.key)).decode(), "told": "架空の写真です"}
            say("points_send_photo", deed | sent, by=self.resident(it.who), part="photo")
            return Answer()
        made = say("points_record_action", deed, by=self.resident(it.who), part="record")
        if made["state"] == "held" and it.confirmed:
            say("points_attest", {"record": str(made["record"])}, by=officer, part="attest")
        return Answer()

    def brings_steps(self, it: h.BringsSteps, say: Say) -> Answer:
        """A day counts once, however often it is sent."""
        days = [{"day": day.isoformat(), "steps": steps} for day, steps in it.days]
        say("points_bring_steps", {"days": days}, by=self.resident(it.who))
        return Answer()

    def delivers(self, happening: h.Happening, say: Say) -> bool:
        """Whether others send a deed in, with many more: whoever runs the step counters, or a partner who saw it."""
        return isinstance(happening, h.Acts) and say.has("points_deliver") and (
            happening.evidence == "device" or (happening.evidence == "partner_confirms" and happening.confirmed)
        )

    def deliver(self, deeds: Sequence[h.Acts], say: Say) -> list[Answer]:
        """Send in what many did, of one programme, by one request; one answer for each. Raises Refused."""
        rows = [
            {"number": say.number(deed.key), "action": deed.action, "resident": self.named(f"resident:{deed.who}")}
            for deed in deeds
        ]  # fmt: skip
        body = {"programme": self.programme(deeds[0].programme), "deeds": rows}
        reply = say("points_deliver", body, by=Voice("maker", department=self.rules.departments[POINT]))
        return [
            Answer(refusal=row["code"], sentence=said(row)) if row["state"] == "refused" else Answer()
            for row in reply["answers"]
        ]

    # --- benefits ----------------------------------------------------------------------------------------------------

    def imports_list(self, it: h.ImportsBenefitList, say: Say) -> Answer:
        rows = [
            {"resident": self.named(f"resident:{row.resident}"), "recipient": self.named(f"resident:{row.recipient}"),
             "amount_yen": row.amount_yen}
            for row in it.rows
        ]  # fmt: skip
        body = {
            "programme": self.programme(it.programme), "rows": rows, "declared_count": len(rows),
            "declared_total_yen": self.due_yen(it), "propose": it.proposed,
        }  # fmt: skip
        reply = say("benefits_import", body, by=Voice("maker", department=it.department))
        ours = {self.named(f"resident:{row.resident}"): row.resident for row in it.rows}
        listed = reply.get("entitlements", [])
        mark = f"entitlement:{it.programme}"
        return Answer(ids={f"{mark}:{ours[str(e['resident'])]}": str(e["entitlement"]) for e in listed})

    def due_yen(self, it: h.ImportsBenefitList) -> int:
        """What the register and the document's table say, whatever stands in the rows."""
        ages = (self.town.residents[row.resident].age(self.town.as_of) for row in it.rows)
        return sum(map(self.rules.benefit_yen, ages))

    def decides(self, it: h.DecidesBenefit, say: Say) -> Answer:
        body = {"programme": self.programme(it.programme)}
        with done_before("benefit_list_not_proposed"):
            say("benefits_decide", body, by=Voice("checker", department=it.department))
        return Answer()

    def releases(self, it: h.ReleasesBenefit, say: Say) -> Answer:
        body = {"programme": self.programme(it.programme)}
        say("benefits_release", body, by=Voice("checker", department=it.department))
        return Answer()

    def chooses(self, it: h.ChoosesReceipt, say: Say) -> Answer:
        for child in it.children:
            body = {"entitlement": self.named(f"entitlement:{it.programme}:{child}"), "receipt": it.receipt}
            say("benefits_choose", body, by=self.resident(it.who), part=child)
        return Answer()

    # --- wallets -----------------------------------------------------------------------------------------------------

    def opens_wallet(self, it: h.OpensWallet, say: Say) -> Answer:
        say("wallet_open", {"device": it.device}, by=self.resident(it.who))
        return Answer()

    def finds_phone(self, it: h.FindsNewPhone, say: Say) -> Answer:
        say("wallet_open", {"device": "phone"}, by=self.resident(it.who))
        return Answer()

    def loses_phone(self, it: h.LosesPhone, say: Say) -> Answer:
        say("wallet_report_lost_phone", {}, by=self.resident(it.who))
        return Answer()

    def looks(self, it: h.LooksAtWallet, say: Say) -> Answer:
        reply = say("wallet_purses", {}, by=self.resident(it.who))
        return Answer(purses=tuple(purse(row, rules=self.rules) for row in reply["purses"]))

    def complains(self, it: h.Complains, say: Say) -> Answer:
        say("notices_complain", {"text": it.text}, by=self.resident(it.who))
        return Answer()

    # --- tills -------------------------------------------------------------------------------------------------------

    def pays(self, it: h.Pays, say: Say) -> Answer:
        """By the holder's code at the till, or by the shop's printed code on the phone."""
        if it.means == "holder_code":
            code = say("codes_mint", {}, by=self.resident(it.who), part="code")["code"]
            reply = say("payments_pay", {"code": code, "amount_yen": it.yen}, by=self.clerk(it.shop), part="pay")
        else:
            body = {"shop_code": self.named(f"shop_code:{it.shop}"), "amount_yen": it.yen}
            reply = say("payments_pay", body, by=self.resident(it.who), part="pay")
        taken = tuple(Taken(str(t["purse_kind"]), str(t["family"]), int(t["yen"])) for t in reply["taken"])
        return Answer(ids={f"payment:{it.key}": str(reply["payment"])}, taken=taken)

    def asks_refund(self, it: h.AsksRefund, say: Say) -> Answer:
        body = {"payment": self.named(f"payment:{it.payment}"), "reason": "返品"}
        say("payments_refund", body, by=self.clerk(it.shop))
        return Answer()

    def closes(self, it: h.ShopCloses, say: Say) -> Answer:
        """A shop gives up; a server without this operation sees only that nobody pays there any more."""
        if say.has("shops_close"):
            say("shops_close", {"shop": self.named(f"shop:{it.who}")}, by=OPERATOR)
        return Answer()

    # --- strategy ----------------------------------------------------------------------------------------------------

    def sets_goals(self, it: h.SetsGoals, say: Say) -> Answer:
        if say.has("strategy_set_goals"):
            say("strategy_set_goals", it.tree, by=PLANNER)
        return Answer()

    def links(self, it: h.LinksProgramme, say: Say) -> Answer:
        if say.has("strategy_link"):
            body = {"programme": self.programme(it.programme), "goals": list(it.goals)}
            say("strategy_link", body, by=PLANNER)
        return Answer()

    def books_cost(self, it: h.BooksCost, say: Say) -> Answer:
        if say.has("strategy_book_cost"):
            body = it.details() | {"month": it.month.isoformat(), "programme": None}
            if it.programme:
                body["programme"] = self.programme(it.programme)
            say("strategy_book_cost", body, by=PLANNER)
        return Answer()

    # --- settlement and evidence -------------------------------------------------------------------------------------

    def runs_settlement(self, it: h.RunsSettlement, say: Say) -> Answer:
        run = say("settlement_run", {"cutoff": iso(it.cutoff)}, by=ACCOUNTANT)
        named = {"settlement": run["settlement"], "payouts": run["payouts_count"], "payouts_yen": run["payouts_yen"]}
        return Answer(ids={f"{what}:{it.key}": str(value) for what, value in named.items()})

    def approves(self, it: h.ApprovesPayouts, say: Say) -> Answer:
        """The treasurer types what the preview showed; a week without payouts needs nobody."""
        count = int(self.named(f"payouts:{it.settlement}"))
        if not count:
            return Answer()
        body = {
            "settlement": self.named(f"settlement:{it.settlement}"), "confirmed_count": count,
            "confirmed_yen": int(self.named(f"payouts_yen:{it.settlement}")),
        }  # fmt: skip
        with done_before("settlement_not_ready"):
            say("settlement_approve", body, by=TREASURER)
        return Answer()

    def sends(self, it: h.SendsPayouts, say: Say) -> Answer:
        """The file goes to the bank, if there is anything in it."""
        if say.has("settlement_hand_over") and int(self.named(f"payouts:{it.settlement}")):
            with done_before("settlement_not_ready"):
                body = {"settlement": self.named(f"settlement:{it.settlement}")}
                say("settlement_hand_over", body, by=ACCOUNTANT)
        return Answer()

    def uploads(self, it: h.UploadsSpending, say: Say) -> Answer:
        rows = [
            {"household": self.named(f"household:{row.household}"), "week": row.week.isoformat(),
             "inside_yen": row.inside_yen, "outside_yen": row.outside_yen}
            for row in it.rows
        ]  # fmt: skip
        say("evidence_household_spending", {"rows": rows}, by=Voice("analyst", department="planning"))
        return Answer()

    def nothing(self, it: h.DayEnds, say: Say) -> Answer:  # noqa: ARG002 - every maker has the same shape
        return Answer()


@contextmanager
def done_before(code: str) -> Iterator[None]:
    """Pass over the refusal that says: this has been done. Then the answer was lost before, and not the deed."""
    try:
        yield
    except Refused as refused:
        if refused.code != code:
            raise


PLANNER = Voice("maker", department="planning")
ACCOUNTANT = Voice("accountant", department="accounting")
TREASURER = Voice("accountant", department="accounting", second=True)
"""Whoever runs a settlement does not release it."""

NEEDED = (
    "rehearsal_token", "rehearsal_set_clock", "rehearsal_residents", "rehearsal_shops", "rehearsal_sponsors",
    "programmes_templates", "programmes_list", "programmes_draft", "programmes_submit", "programmes_launch",
    "vouchers_open_sale", "vouchers_apply", "vouchers_close", "vouchers_draw", "vouchers_purchase",
    "points_open_actions", "points_place_code", "points_record_action", "points_attest", "points_bring_steps",
    "benefits_import", "benefits_decide", "benefits_choose", "benefits_release",
    "wallet_open", "wallet_purses", "wallet_report_lost_phone", "codes_mint", "payments_pay", "payments_refund",
    "settlement_run", "settlement_approve", "notices_complain", "evidence_household_spending",
    *NEEDED_FIRST_COME,
)  # fmt: skip
"""Operations without which a town cannot be lived."""

OPTIONAL = (
    "budget_appropriate", "points_deliver", "points_open_place", "points_send_photo", "settlement_hand_over",
    "shops_close",
    "strategy_set_goals", "strategy_link", "strategy_book_cost",
)  # fmt: skip
"""Operations that are used where the server has them."""

MAKERS: dict[type[h.Happening], Callable[[Calls, Any, Say], Answer]] = {
    h.RegistersResidents: Calls.registers_residents,
    h.RegistersShops: Calls.registers_shops,
    h.RegistersSponsors: Calls.registers_sponsors,
    h.LaunchesProgramme: Calls.launches,
    h.ProposesProgramme: Calls.proposes,
    h.AppropriatesBudget: Calls.appropriates,
    h.ClosesApplications: Calls.closes_list,
    h.Draws: Calls.draws,
    h.SetsGoals: Calls.sets_goals,
    h.LinksProgramme: Calls.links,
    h.BooksCost: Calls.books_cost,
    h.ImportsBenefitList: Calls.imports_list,
    h.DecidesBenefit: Calls.decides,
    h.ReleasesBenefit: Calls.releases,
    h.RunsSettlement: Calls.runs_settlement,
    h.ApprovesPayouts: Calls.approves,
    h.SendsPayouts: Calls.sends,
    h.UploadsSpending: Calls.uploads,
    h.DayEnds: Calls.nothing,
    h.OpensWallet: Calls.opens_wallet,
    h.LooksAtWallet: Calls.looks,
    h.Applies: Calls.applies,
    h.Purchases: Calls.purchases,
    h.Acts: Calls.acts,
    h.BringsSteps: Calls.brings_steps,
    h.ChoosesReceipt: Calls.chooses,
    h.Pays: Calls.pays,
    h.AsksRefund: Calls.asks_refund,
    h.Complains: Calls.complains,
    h.LosesPhone: Calls.loses_phone,
    h.FindsNewPhone: Calls.finds_phone,
    h.ShopCloses: Calls.closes,
    h.LinesUp: Calls.lines_up,
    h.LineMoves: Calls.line_moves,
    h.SellsAtCounter: Calls.sells_at_counter,
    h.TakesTurn: Calls.takes_turn,
    h.TellsOfSlip: Calls.tells_of_slip,
    h.Gives: Calls.gives,
    h.TakesGift: Calls.takes_gift,
}


def token_body(voice: Voice) -> Json:
    """The request for a token; parts that are not meant are left out."""
    return {name: value for name, value in asdict(voice).items() if value}


def clock_body(at: datetime) -> Json:
    return {"at": iso(at)}


def iso(at: datetime) -> str:
    """A moment with its offset, as the API writes times."""
    return at.isoformat()


def bank(account: BankAccount) -> Json:
    """An account as the vault seals it."""
    return {
        "bank": account.bank_code, "branch": account.branch_code, "kind": account.kind, "number": account.number,
        "holder_kana": account.holder_kana,
    }  # fmt: skip


def purse(row: Json, *, rules: Rules) -> PurseView:
    """A purse of the wallet; whether large shops take it stands in the document."""
    ends = row.get("expires_on") or row.get("expires_at")
    return PurseView(
        kind=str(row["purse_kind"]), family=str(row["family"]), yen=int(row["yen"]),
        small_only=row.get("code") in rules.small_only, expires_on=last_day(str(ends)) if ends else None,
    )  # fmt: skip


def last_day(text: str) -> date:
    """The last day on which value is good: a date as it stands, or the day before the midnight at which it ends."""
    return date.fromisoformat(text) if len(text) == 10 else day(datetime.fromisoformat(text) - timedelta(seconds=1))
