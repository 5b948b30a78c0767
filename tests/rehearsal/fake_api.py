"""A tiny API in memory, as a WSGI app: a paper town hall behind HTTP, with tokens, codes and idempotency keys."""

# ruff: noqa: ARG002 - every operation takes a body and a voice, whether it needs them or not

from __future__ import annotations

import json
import tomllib
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl

from meguri.rehearsal import happenings as h
from meguri.rehearsal.driver_calls import NEEDED, OPTIONAL
from meguri.rehearsal.knowledge import Answer
from meguri.rehearsal.life import Story
from meguri.rehearsal.paper_hall import PaperHall
from meguri.rehearsal.rules import read_rules
from tests.rehearsal.conftest import SHIPPED
from tests.rehearsal.fake_line import AT, FakeLine, Problem

KEY = "open sesame"
PATHS = {
    "payments_refund": ("post", "/api/v1/payments/{payment}/refund"), "wallet_purses": ("get", "/api/v1/wallet"),
    "programmes_templates": ("get", "/api/v1/programmes/templates"),
    "programmes_list": ("get", "/api/v1/programmes"),
    "line_come": ("post", "/api/v1/line/{sale}"), "line_see": ("get", "/api/v1/line/{sale}"),
    "line_place": ("get", "/api/v1/line/{sale}/place"),
    "vouchers_prepare_page": ("post", "/api/v1/vouchers/orders/{order}/page"),
    "vouchers_applications": ("get", "/api/v1/vouchers/applications/mine"),
}  # fmt: skip
KEYED = frozenset({
    "payments_pay", "payments_refund", "points_record_action", "points_send_photo", "strategy_book_cost",
    "notices_complain", "budget_appropriate",
})  # fmt: skip
"""Operations that know a request again by its key. The others are once only by what they do, or say that it is done."""


def document(operations: Iterable[str]) -> dict[str, Any]:
    """An OpenAPI document with these operations."""
    paths: dict[str, Any] = {}
    for name in operations:
        method, path = PATHS.get(name, ("post", f"/api/v1/{name}"))
        item: dict[str, Any] = {"operationId": name}
        if "{" in path:
            item["parameters"] = [{"name": path.split("{")[1].split("}")[0], "in": "path", "required": True}]
        paths.setdefault(path, {})[method] = item
    return {"openapi": "3.1.0", "paths": paths}


class FakeApi(FakeLine):
    """Answers like the real one as far as the driver can tell. `calls` counts, `clock` keeps what was set."""

    def __init__(self, tale: Story, *, publishes_winners: bool = True, lacks: Iterable[str] = ()) -> None:
        self.hall = PaperHall(
            town=tale.town, table=tale.table, rules=read_rules(tale.templates), units=0, seed=tale.seed
        )
        self.publishes_winners = publishes_winners
        self.document = document([name for name in (*NEEDED, *OPTIONAL) if name not in set(lacks)])
        self.routes = {
            (method.upper(), path): item["operationId"]
            for path, methods in self.document["paths"].items() for method, item in methods.items()
        }  # fmt: skip
        self.calls: Counter[str] = Counter()
        self.clock: list[datetime] = []
        self.keys: dict[str, tuple[str, int, Any]] = {}
        self.tokens: dict[str, dict[str, str]] = {}
        self.codes: dict[str, str] = {}
        self.held: dict[str, tuple[str, str]] = {}
        self.rows: list[dict[str, Any]] = []
        self.people: dict[str, dict[str, Any]] = {}
        self.shops: dict[str, dict[str, Any]] = {}
        self.texts: list[str] = []
        self.documents: dict[str, dict[str, Any]] = {}
        self.states: dict[str, str] = {}
        self.done: set[str] = set()
        self.runs: dict[str, int] = {}
        self.bought: set[str] = set()
        self.sent: list[str] = []
        self.delivered: list[dict[str, Any]] = []
        self.budgets: list[dict[str, Any]] = []
        self.closed_shops: list[str] = []
        self.goals: dict[str, Any] = {}
        self.links: dict[str, list[str]] = {}
        self.costs: list[dict[str, Any]] = []
        self.closed = False
        self.expire_tokens_after = 0
        self.refuses: dict[str, str] = {}
        self._lock = Lock()

    # --- the app -----------------------------------------------------------------------------------------------------

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        with self._lock:
            status, content = self._answer(environ)
        start_response(f"{status} -", [("Content-Type", "application/json")])
        return [json.dumps(content).encode()]

    def _answer(self, environ: dict[str, Any]) -> tuple[int, Any]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if path == "/api/v1/openapi.json":
            return 200, self.document
        try:
            name, arguments = self._route(method, path)
        except Problem as problem:
            return problem.status, {"code": problem.code}
        size = int(environ.get("CONTENT_LENGTH") or 0)
        arguments |= dict(parse_qsl(environ.get("QUERY_STRING", "")))
        arguments |= json.loads(environ["wsgi.input"].read(size) or b"{}")
        key, said = environ.get("HTTP_IDEMPOTENCY_KEY", ""), json.dumps([name, arguments], sort_keys=True)
        if key and key in self.keys:
            known, status, content = self.keys[key]
            return (status, content) if known == said else (422, {"code": "key_reused"})
        try:
            self.calls[name] += 1
            content = self._do(name, arguments, environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer "))
        except Problem as problem:
            return problem.status, {
                "code": problem.code, "title": f"「{problem.code}」の文", "title_en": f"sentence of {problem.code}"
            }
        if key and name in KEYED:
            self.keys[key] = said, 200, content
        return 200, content

    def _route(self, method: str, path: str) -> tuple[str, dict[str, Any]]:
        parts = path.split("/")
        for (verb, pattern), name in self.routes.items():
            wanted = pattern.split("/")
            if verb == method and len(wanted) == len(parts):
                pairs = list(zip(wanted, parts, strict=True))
                if all(w == p or w.startswith("{") for w, p in pairs):
                    return name, {w.strip("{}"): p for w, p in pairs if w.startswith("{")}
        raise Problem(404, "no_such_route")

    def _do(self, name: str, body: dict[str, Any], token: str) -> Any:
        if name in self.refuses:
            raise Problem(409, self.refuses[name])
        if name == "programmes_templates":
            return [{"name": name, "document": document} for name, document in SHIPPED.items()]
        if name in {"rehearsal_token", "rehearsal_set_clock"}:
            if token != KEY:
                raise Problem(401, "not_signed_in")
            return getattr(self, name)(body, {})
        if token == KEY:
            return getattr(self, name)(body, {"role": "operator"})
        if token not in self.tokens:
            raise Problem(401, "not_signed_in")
        voice = self.tokens[token]
        if self.expire_tokens_after and self.calls.total() % self.expire_tokens_after == 0:
            del self.tokens[token]
        return getattr(self, name)(body, voice)

    # --- the rehearsal's own doors -----------------------------------------------------------------------------------

    def rehearsal_token(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert set(body) <= {"role", "party", "department", "shop", "second"}
        token = f"t{len(self.tokens)}-{self.calls['rehearsal_token']}"
        self.tokens[token] = body
        return {"token": token}

    def rehearsal_set_clock(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        self.clock.append(datetime.fromisoformat(body["at"]))
        return {}

    def rehearsal_residents(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert voice["role"] == "operator"
        for row in body["residents"]:
            self.people[row["key"]] = row
        return {"residents": [
            {"key": row["key"], "resident": f"R-{row['key']}", "household": f"H-{row['household_number']}"}
            for row in body["residents"]
        ]}  # fmt: skip

    def rehearsal_shops(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        for row in body["shops"]:
            self.shops[row["key"]] = row
        return {
            "shops": [{"key": r["key"], "shop": f"S-{r['key']}", "shop_code": f"C-{r['key']}"} for r in body["shops"]]
        }

    def rehearsal_sponsors(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        return {"sponsors": [{"key": row["key"], "sponsor": f"P-{row['key']}"} for row in body["sponsors"]]}

    # --- programmes --------------------------------------------------------------------------------------------------

    def programmes_draft(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert voice["role"] == "maker"
        terms = tomllib.loads(body["document"])
        self.documents[f"G-{terms['code']}"] = terms
        if terms["code"] == "premium-voucher":
            self.hall.units = terms["obtaining"]["rounds"][0]["units"]
        if terms["code"] == "voucher-adachi":
            self.open_line(terms)
        self.states[f"G-{terms['code']}"] = "draft"
        return {"programme": f"G-{terms['code']}"}

    def programmes_list(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        return [
            {"programme": name, "code": self.documents[name]["code"], "state": state}
            for name, state in self.states.items()
        ]

    def programmes_submit(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        if self.states[body["programme"]] not in {"draft", "proposed"}:
            raise Problem(409, "programme_not_draft")
        self.states[body["programme"]] = "proposed"
        return {}

    def programmes_launch(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert voice["role"] == "checker"
        if self.states[body["programme"]] != "proposed":
            raise Problem(409, "programme_not_proposed")
        self.states[body["programme"]] = "launched"
        return {}

    def vouchers_open_sale(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert voice == {"role": "checker", "department": "commerce"}
        assert body["value_named"].keys() == {"ja", "en"}
        return {"sale": f"L-{body['round']}"}

    def points_open_actions(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert voice == {"role": "maker", "department": "planning"}
        return {"actions": []}

    def budget_appropriate(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert body["amount_yen"] > 0
        self.budgets.append(body)
        return {}

    def shops_close(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        self.closed_shops.append(body["shop"])
        return {}

    def _only_once(self, what: str, code: str) -> None:
        if what in self.done:
            raise Problem(409, code)
        self.done.add(what)

    def vouchers_apply(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        who = self._who(voice)
        family = "voucher" if body["programme"] == "G-premium-voucher" else "another"
        self.hall.answer(h.Applies(at=AT, key="", who=who, programme=family, units=body["units"]))
        return {"application": f"A-{who}"}

    def vouchers_close(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert voice == {"role": "checker", "department": "commerce"}
        self.closed = True
        return {"sale": "sale", "list_hash": "0" * 64}

    def strategy_set_goals(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert voice == {"role": "maker", "department": "planning"}
        self.goals = body
        return {}

    def strategy_link(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert {goal["code"] for goal in self.goals["children"]} >= set(body["goals"])
        self.links[body["programme"]] = body["goals"]
        return {}

    def strategy_book_cost(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert (body["programme"] is None) == bool(body["allocation"])
        self.costs.append(body)
        return {"cost": f"K-{len(self.costs)}"}

    def vouchers_draw(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert self.closed
        assert body["public_value"]
        draws = h.Draws(at=AT, key="", programme="", department="", public_value=body["public_value"])
        won = self.hall.answer(draws).won or ()
        lost = set(self.hall.asked) - set(won)
        if not self.publishes_winners:
            return {"won": len(won), "lost": len(lost)}
        return {"won": [f"A-{who}" for who in won], "lost": [f"A-{who}" for who in lost]}

    def vouchers_purchase(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        who = self._who(voice)
        assert body["application"] == f"A-{who}"
        if who in self.bought:
            return {}  # the same purchase
        self.bought |= {who} & self.hall.won.keys()
        return self._or_problem(self.hall.answer(h.Purchases(at=AT, key="", who=who, programme="", units=0)))

    def points_open_place(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert voice == {"role": "maker", "department": "planning"}
        return {"place": f"{body['action']} at {body['name_en']}"}

    def points_bring_steps(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        """A day counts once, however often it is brought."""
        who = self._who(voice)
        days = [(date.fromisoformat(row["day"]), row["steps"]) for row in body["days"]]
        fresh = tuple((day, steps) for day, steps in days if f"steps:{who}:{day}" not in self.done)
        self.done |= {f"steps:{who}:{day}" for day, _ in fresh}
        self.hall.answer(h.BringsSteps(at=AT, key="", who=who, days=fresh))
        return {"counted": True, "days": []}

    def points_place_code(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert voice["department"] == "planning"
        return {"code": f"code of {body['action']}", "changes_at": None}

    def points_record_action(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        who, action = self._who(voice), body["action"]
        evidence = self.hall.rules.deeds[action].evidence
        if evidence in {"staff_confirms", "partner_confirms"}:
            name = f"record-{len(self.held)}"
            self.held[name] = who, action
            return {"record": name, "state": "held"}
        assert evidence == "device" or body["code"] == f"code of {action}"
        self._grant(who, action)
        return {"record": "done", "state": "granted"}

    def points_send_photo(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert self.hall.rules.deeds[body["action"]].evidence == "photo"
        assert self._who(voice)
        assert b64decode(body["photo"])[:2] == b"\xff\xd8"
        return {"record": "photographed", "state": "held"}  # nobody looks while the town is lived

    def points_attest(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        if body["record"] not in self.done:  # confirmed again is confirmed once
            self._grant(*self.held[body["record"]])
            self.done.add(body["record"])
        return {}

    def points_deliver(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert (voice["role"], voice["department"]) == ("maker", "planning")
        assert 1 <= len(body["deeds"]) <= 1_000
        for row in body["deeds"]:
            if row["number"] not in self.done:  # delivered again is done once
                self._grant(row["resident"][2:], row["action"])
                self.done.add(row["number"])
                self.delivered.append(row)
        return {"answers": [{"number": row["number"], "state": "granted"} for row in body["deeds"]]}

    def _grant(self, who: str, action: str) -> None:
        act = h.Acts(at=AT, key="", who=who, programme="", action=action, evidence="device", place="", amount=1)
        self.hall.answer(act)

    def benefits_import(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        rows = tuple(h.BenefitRow(row["resident"][2:], row["recipient"][2:], row["amount_yen"]) for row in body["rows"])
        assert body["declared_total_yen"] == sum(row.amount_yen for row in rows)
        fresh = tuple(row for row in rows if row not in self.hall.benefits)  # imported again it is the same list
        self.hall.answer(h.ImportsBenefitList(at=AT, key="", programme="", department="", rows=fresh))
        return {
            "entitlements": [{"resident": r["resident"], "entitlement": f"E-{r['resident']}"} for r in body["rows"]]
        }

    def benefits_decide(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        self._only_once(f"list of {body['programme']}", "benefit_list_not_proposed")
        return {}

    def benefits_choose(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        who, child = self._who(voice), body["entitlement"].removeprefix("E-R-")
        assert who in {row.recipient for row in self.hall.benefits if row.resident == child}
        chooses = h.ChoosesReceipt(
            at=AT, key="", who=who, programme="", children=(child,), receipt=body["receipt"]
        )  # fmt: skip
        self.hall.answer(chooses)
        return {}

    def benefits_release(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        if "release" not in self.done:  # released again, it pays only what became due since
            self.hall.answer(h.ReleasesBenefit(at=AT, key="", programme="", department=""))
            self.done.add("release")
        return {}

    # --- wallets and tills -------------------------------------------------------------------------------------------

    def wallet_open(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        who = self._who(voice)
        self.hall.answer(h.OpensWallet(at=AT, key="", who=who, device=body["device"]))
        self.hall.answer(h.FindsNewPhone(at=AT, key="", who=who))
        return {}

    def wallet_purses(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        purses = self.hall.purses(self._who(voice))
        rows: list[dict[str, Any]] = [
            {"purse_kind": p.kind, "family": p.family, "code": p.kind, "yen": p.yen} for p in purses
        ]
        for row, purse in zip(rows, purses, strict=True):
            row["expires_on"] = purse.expires_on.isoformat() if purse.expires_on else None
        return {"purses": rows}

    def wallet_report_lost_phone(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        self.hall.answer(h.LosesPhone(at=AT, key="", who=self._who(voice)))
        return {}

    def codes_mint(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        code = f"{len(self.codes):030d}"
        self.codes[code] = self._who(voice)
        return {"code": code}

    def payments_pay(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        who = self.codes.pop(body["code"]) if "code" in body else self._who(voice)
        shop = voice["shop"][2:] if "code" in body else body["shop_code"][2:]
        name = f"pay-{self.calls['payments_pay']}"
        pays = h.Pays(at=self.clock[-1], key=name, who=who, shop=shop, yen=body["amount_yen"], means="holder_code")
        answer = self.hall.answer(pays)
        self._or_problem(answer)
        taken = [{"purse_kind": t.kind, "family": t.family, "yen": t.yen} for t in answer.taken]
        return {"payment": name, "status": "paid", "taken": taken}

    def payments_refund(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert voice["role"] == "clerk"
        who = self.hall.payers[body["payment"]]
        self.hall.answer(h.AsksRefund(at=AT, key="", who=who, payment=body["payment"], shop=""))
        return {}

    # --- the rest ----------------------------------------------------------------------------------------------------

    def settlement_run(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert voice == {"role": "accountant", "department": "accounting"}
        number = self.runs.setdefault(body["cutoff"], len(self.runs) + 1)  # the same cutoff is the same run
        return {"settlement": f"Z-{number}", "payouts_count": number - 1, "payouts_yen": number * 1_000}

    def settlement_approve(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert voice["second"]
        number = int(body["settlement"].removeprefix("Z-"))
        assert (body["confirmed_count"], body["confirmed_yen"]) == (number - 1, number * 1_000)
        self._only_once(body["settlement"], "settlement_not_ready")
        return {}

    def settlement_hand_over(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert voice["role"] == "accountant"
        assert body["settlement"] in self.done  # what was not released is not sent
        self.sent.append(body["settlement"])
        return {}

    def notices_complain(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        self.texts.append(body["text"])
        return {}

    def evidence_household_spending(self, body: dict[str, Any], voice: dict[str, str]) -> Any:
        assert voice["role"] == "analyst"
        self.rows += body["rows"]
        return {}

    def _who(self, voice: dict[str, str]) -> str:
        assert voice["role"] == "resident"
        return voice["party"][2:]

    def _or_problem(self, answer: Answer) -> Any:
        if not answer.ok:
            raise Problem(409, answer.refusal)
        return {}
