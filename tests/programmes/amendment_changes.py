"""Every place of a document where a change takes, and every place where one gives: found in the document itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from meguri.programmes.amendments import Standing
from meguri.programmes.parts import (
    ExpiresAfter,
    ExpiresOn,
    FacePart,
    GrantByAction,
    GrantByCode,
    GrantByList,
    GrantByPayment,
    Per,
    Sale,
    UnspentPaid,
)
from meguri.programmes.terms import ProgrammeTerms, from_tree, to_tree
from meguri.words.predicate import Facts
from tests.programmes.builders import GONE, put

NAME = {"ja": "別の名", "en": "another name"}
EVERYWHERE = {"kind": "all", "of": []}
NOWHERE = {"kind": "compare", "field": "area", "op": "==", "value": "隣の町"}
ADULTS = {"kind": "compare", "field": "age", "op": ">=", "value": 77}
DAY = timedelta(days=1)
SHOPS: list[Facts] = [
    {"trade": "58", "area": "中町", "size_class": size, "floor_area": area, "street": street, "head_office": street}
    for size, area, street in (("small", 80, True), ("street", 60, True), ("large", 3_000, False), ("large", 90, True))
]  # fmt: skip
LONG = datetime(2100, 1, 1, tzinfo=UTC)
NEW_SHARE = {"code": "fresh", "name": NAME, "shares": [{"fund": "fresh", "share_bp": 10_000}]}


@dataclass(frozen=True)
class Taking:
    """A change of one place, and how it must be found."""

    code: str
    path: str
    changes: dict[str, Any]


def changed_at(before: ProgrammeTerms, changes: dict[str, Any]) -> ProgrammeTerms:
    """The document changed at these places, also at those that it leaves out."""
    tree: Any = to_tree(before)
    tree.setdefault("agreements", [])
    tree.setdefault("limits", {})
    tree["spending"].setdefault("excluded", [])
    for path, value in changes.items():
        put(tree, path, value)
    return from_tree(tree)


def everything(terms: ProgrammeTerms) -> Standing:
    """All that can stand against a change: all budget out, all caps reached, all rounds opened, all held for long."""
    granted = {(each.code, share.fund): share.cap_yen or 1 for each in terms.agreements for share in each.shares}
    rounds = terms.obtaining.rounds if isinstance(terms.obtaining, Sale) else ()
    return Standing(
        left_yen={fund.code: 0 for fund in terms.funds}, granted_yen=granted, held_until=LONG, issued=True,
        opened=frozenset(each.code for each in rounds), shops=SHOPS,
    )  # fmt: skip


def takings_of(terms: ProgrammeTerms) -> Iterator[Taking]:
    """One for every place where this document can be made to take."""
    yield from _stands(terms)
    yield from _money(terms)
    yield from _days(terms)
    yield from _obtaining(terms)


def _stands(terms: ProgrammeTerms) -> Iterator[Taking]:
    for path, value in (
        ("code", "other"), ("department", "other"), ("scheme.issuer", NAME), ("scheme.issuer_kind", "bank"),
        ("scheme.budgeted_gross", not terms.scheme.budgeted_gross), ("evaluation.outcome", NAME),
        ("evaluation.compared_with", NAME), ("refunds.cash_out_refund", NAME),
    ):  # fmt: skip
        yield Taking("stands_as_launched", path, {path: value})
    on, after = {"kind": "on", "last_day": date(2099, 1, 1)}, {"kind": "after", "months": 120}
    for other in ({"kind": "never"}, after if isinstance(terms.expiry, ExpiresOn) else on):
        yield Taking("stands_as_launched", "expiry.kind", {"expiry": other})
    way = {"by": "top_up", "purse": "a", "bonus_purse": "b", "bonus_bp": 1, "least_yen": 1, "limits": [],
           "window": {"first_day": date(2025, 1, 1), "last_day": date(2025, 1, 2)}}  # fmt: skip
    yield Taking("stands_as_launched", "obtaining.by", {"obtaining": way})


def _money(terms: ProgrammeTerms) -> Iterator[Taking]:
    for place, fund in enumerate(terms.funds):
        at, path = f"funds.{place}", f"funds.{fund.code}"
        yield Taking("still_needed", path, {at: GONE})
        yield Taking("stands_as_launched", f"{path}.fiscal_year", {f"{at}.fiscal_year": fund.fiscal_year + 1})
        yield Taking("stands_as_launched", f"{path}.payer", {f"{at}.payer": "somebody"})
        if fund.amount_yen:
            yield Taking("budget_in_use", f"{path}.amount_yen", {f"{at}.amount_yen": fund.amount_yen - 1})
    for place, each in enumerate(terms.agreements):
        at, path = f"agreements.{place}", f"agreements.{each.code}"
        yield Taking("still_needed", path, {at: GONE})
        yield Taking("shares_in_use", f"{path}.shares", {f"{at}.shares.0.share_bp": each.shares[0].share_bp - 1})
        yield Taking("shares_in_use", f"{path}.shares", {f"{at}.shares.0": GONE})
        for nth, share in enumerate(each.shares):
            cap = {f"{at}.shares.{nth}.cap_yen": share.cap_yen - 1} if share.cap_yen else {}
            yield from [Taking("lowered", f"{path}.shares.{share.fund}.cap_yen", cap)] if cap else []
    for place, purse in enumerate(terms.purses):
        at, path = f"purses.{place}", f"purses.{purse.code}"
        yield Taking("still_needed", path, {at: GONE})
        yield Taking("stands_as_launched", f"{path}.part", {f"{at}.part": {"paid": "granted"}.get(purse.part, "paid")})
        yield Taking("stands_as_launched", f"{path}.funded_by", {f"{at}.funded_by": "another"})
        yield Taking("spent_in_fewer_shops", f"{path}.where", {f"{at}.where": NOWHERE})


def _days(terms: ProgrammeTerms) -> Iterator[Taking]:
    window, refunds, limits = terms.spending.window, terms.refunds, terms.limits
    first = "spending.window.first_day"
    yield Taking("begins_later", first, {first: window.first_day + DAY})
    for path, was in (("spending.window.last_day", window.last_day),
                      ("refunds.shop_claims_until", refunds.shop_claims_until)):  # fmt: skip
        yield Taking("ends_earlier", path, {path: was - DAY})
    known = [{"code": each.code, "name": NAME} for each in terms.spending.excluded]
    yield Taking("buys_less", "spending.excluded", {"spending.excluded": [{"code": "rice", "name": NAME}, *known]})
    if isinstance(terms.expiry, ExpiresOn):
        yield Taking("expires_earlier", "expiry.last_day", {"expiry.last_day": terms.expiry.last_day - DAY})
    if isinstance(terms.expiry, ExpiresAfter):
        yield Taking("lowered", "expiry.months", {"expiry.months": terms.expiry.months - 1})
        yield Taking("stands_as_launched", "expiry.basis", {"expiry.basis": "last_use"})
        yield Taking("stands_as_launched", "expiry.to_the_day", {"expiry.to_the_day": not terms.expiry.to_the_day})
    rate = terms.demurrage.rate_bp if terms.demurrage else 0
    yield Taking("shrinks_more", "demurrage", {"demurrage": {"every_days": 30, "rate_bp": rate + 1}})
    if terms.demurrage is not None:
        days = terms.demurrage.every_days
        yield Taking("stands_as_launched", "demurrage.every_days", {"demurrage.every_days": days + 1})
        yield Taking("stands_as_launched", first, {first: window.first_day - DAY})  # past days would be missing
    numbers = {
        "limits.payment_max_yen": limits.payment_max_yen or 10**9, "limits.transfer_max_yen": limits.transfer_max_yen,
        "refunds.payment_cancel_days": refunds.payment_cancel_days,
        "refunds.closing_notice_days": refunds.closing_notice_days,
    }  # fmt: skip
    yield from (Taking("lowered", path, {path: was - 1}) for path, was in numbers.items() if was > 0)
    if refunds.unspent_paid is UnspentPaid.REFUNDED:
        yield Taking("stands_as_launched", "refunds.unspent_paid", {"refunds.unspent_paid": "kept"})


def _obtaining(terms: ProgrammeTerms) -> Iterator[Taking]:
    if isinstance(terms.obtaining, Sale | GrantByCode | GrantByList):
        yield Taking("stands_as_launched", "eligibility.on", {"eligibility.on": terms.eligibility.on + DAY})
        yield Taking("stands_as_launched", "eligibility.who", {"eligibility.who": ADULTS})
    match terms.obtaining:
        case Sale() as sale:
            yield from _sale(sale)
        case GrantByCode(face=face, entering=entering):
            yield from _face(face, "obtaining.face", "obtaining.face")
            first, last = ("obtaining.entering.first_day", "obtaining.entering.last_day")
            yield Taking("begins_later", first, {first: entering.first_day + DAY})
            yield Taking("ends_earlier", last, {last: entering.last_day - DAY})
        case GrantByAction() as acting:
            yield from _actions(acting)
        case GrantByPayment() as paying:
            yield from _rates(paying)
        case GrantByList() as listed:
            yield from _list(listed)


def _sale(sale: Sale) -> Iterator[Taking]:
    for place, each in enumerate(sale.rounds):
        at, path = f"obtaining.rounds.{place}", f"obtaining.rounds.{each.code}"
        yield Taking("round_opened", path, {at: GONE})
        for changes in ({f"{at}.units": each.units + 1}, {f"{at}.who": ADULTS}, {f"{at}.outsiders": not each.outsiders},
                        {f"{at}.purchase.last_day": each.purchase.last_day + DAY}):  # fmt: skip
            yield Taking("round_opened", path, changes)
    per = {"resident": "household"}.get(sale.per, "resident")
    yield Taking("stands_as_launched", "obtaining.per", {"obtaining.per": per})
    if any(each.bundle is None for each in sale.rounds):
        for name, was in (("unit_price_yen", sale.unit_price_yen), ("max_units", sale.max_units)):
            yield Taking("stands_as_launched", f"obtaining.{name}", {f"obtaining.{name}": was + 1})
        yield from _face(sale.face, "obtaining.face", "obtaining.face")
    sold = {each.bundle for each in sale.rounds}
    for place, bundle in enumerate(sale.bundles):
        at, path = f"obtaining.bundles.{place}", f"obtaining.bundles.{bundle.code}"
        if bundle.code in sold:
            yield Taking("still_needed", path, {at: GONE})
            yield Taking("stands_as_launched", f"{path}.price_yen", {f"{at}.price_yen": bundle.price_yen + 1})
            yield from _face(bundle.face, f"{at}.face", f"{path}.face")


def _face(face: tuple[FacePart, ...], at: str, path: str) -> Iterator[Taking]:
    for place, part in enumerate(face):
        yield Taking("lowered", f"{path}.{part.purse}", {f"{at}.{place}.yen": part.yen - 1})
        yield Taking("lowered", f"{path}.{part.purse}", {f"{at}.{place}": GONE})
        yield Taking("lowered", f"{path}.{part.purse}", {f"{at}.{place}.purse": "elsewhere"})


def _actions(was: GrantByAction) -> Iterator[Taking]:
    yield Taking("stands_as_launched", "obtaining.purse", {"obtaining.purse": "elsewhere"})
    for place, each in enumerate(was.actions):
        at, path = f"obtaining.actions.{place}", f"obtaining.actions.{each.code}"
        yield Taking("still_needed", path, {at: GONE})
        yield Taking("lowered", f"{path}.yen", {f"{at}.yen": each.yen - 1})
    yield from _missions(was)
    for place, limit in enumerate(was.limits):
        if limit.per is Per.PROGRAMME and limit.yen:
            for yen in (limit.yen - 1, limit.yen + 1):
                yield Taking("ceiling_drawn_on", "obtaining.limits", {f"obtaining.limits.{place}.yen": yen})


def _missions(was: GrantByAction) -> Iterator[Taking]:
    for place, each in enumerate(was.missions):
        at, path = f"obtaining.missions.{place}", f"obtaining.missions.{each.code}"
        window = each.window or was.window
        yield Taking("still_needed", path, {at: GONE})
        yield Taking("lowered", f"{path}.yen", {f"{at}.yen": each.yen - 1})
        yield Taking("stands_as_launched", f"{path}.actions", {f"{at}.actions": ["elsewhere"]})
        yield Taking("stands_as_launched", f"{path}.counting", {f"{at}.counting": {"by": "times", "wanted": 999}})
        yield Taking("stands_as_launched", f"{path}.funded_by", {f"{at}.funded_by": "elsewhere"})
        if each.times > 1:
            yield Taking("lowered", f"{path}.times", {f"{at}.times": each.times - 1})
        shorter = {"first_day": window.first_day, "last_day": window.last_day - DAY}
        later = {"first_day": window.first_day + DAY, "last_day": window.last_day}
        yield Taking("ends_earlier", f"{path}.window.last_day", {f"{at}.window": shorter})
        yield Taking("begins_later", f"{path}.window.first_day", {f"{at}.window": later})


def _rates(was: GrantByPayment) -> Iterator[Taking]:
    yield Taking("stands_as_launched", "obtaining.purse", {"obtaining.purse": "elsewhere"})
    yield Taking("ceiling_drawn_on", "obtaining.limits", {"obtaining.limits": []})
    for place, each in enumerate(was.rates):
        at, path = f"obtaining.rates.{place}", f"obtaining.rates.{each.code}"
        yield Taking("still_needed", path, {at: GONE})
        yield Taking("stands_as_launched", f"{path}.where", {f"{at}.where": NOWHERE})
        if each.rate_bp:
            yield Taking("lowered", f"{path}.rate_bp", {f"{at}.rate_bp": each.rate_bp - 1})


def _list(was: GrantByList) -> Iterator[Taking]:
    flipped = {"bank": "local_money"}.get(was.otherwise, "bank")
    for name, value in (("funded_by", "another"), ("statutory", not was.statutory), ("otherwise", flipped)):
        yield Taking("stands_as_launched", f"obtaining.{name}", {f"obtaining.{name}": value})
    last = "obtaining.choosing.last_day"
    yield Taking("ends_earlier", last, {last: was.choosing.last_day - DAY})
    yield Taking("begins_later", "obtaining.paid_on", {"obtaining.paid_on": was.paid_on + DAY})
    for place, row in enumerate(was.amounts):
        at, path = f"obtaining.amounts.{place}", f"obtaining.amounts[{place}]"
        yield Taking("lowered", f"{path}.yen", {f"{at}.yen": row.yen - 1})
        yield Taking("stands_as_launched", f"{path}.when", {f"{at}.when": ADULTS})
    end = len(was.amounts) - 1
    yield Taking("still_needed", f"obtaining.amounts[{end}]", {f"obtaining.amounts.{end}": GONE})
    for place, choice in enumerate(was.choices):
        at, path = f"obtaining.choices.{place}", f"obtaining.choices.{choice.receipt}"
        yield Taking("still_needed", "obtaining.choices", {at: GONE})
        yield Taking("stands_as_launched", f"{path}.purse", {f"{at}.purse": "elsewhere"})
        if choice.bonus_yen:
            yield Taking("lowered", f"{path}.bonus_yen", {f"{at}.bonus_yen": choice.bonus_yen - 1})
            yield Taking("stands_as_launched", f"{path}.bonus_purse", {f"{at}.bonus_purse": "elsewhere"})


def gifts_of(terms: ProgrammeTerms, more: int) -> dict[str, Any]:
    """Every place where this document can give, each by so many yen, days or times more; any of them go together."""
    days = timedelta(days=more % 400 + 1)
    found: dict[str, Any] = {
        "name": NAME, "purpose": NAME, "notice": NAME, "evaluation.caution": NAME, "goals": [], "sources": [],
        "spending.window.last_day": terms.spending.window.last_day + days,
        "limits.balance_max_yen": more,
        "limits.transfer_max_yen": terms.limits.transfer_max_yen + more, "spending.excluded": [],
        "refunds.payment_cancel_days": terms.refunds.payment_cancel_days + more, "refunds.unspent_paid": "refunded",
        "refunds.closing_notice_days": terms.refunds.closing_notice_days + more,
        "refunds.shop_claims_until": terms.refunds.shop_claims_until + days,
        f"agreements.{len(terms.agreements)}": NEW_SHARE,
    }  # fmt: skip
    if terms.demurrage is None:
        found["spending.window.first_day"] = terms.spending.window.first_day - days
    else:
        found["demurrage.rate_bp"] = max(terms.demurrage.rate_bp - more, 1)
    if isinstance(terms.expiry, ExpiresOn):
        found["expiry.last_day"] = terms.expiry.last_day + days
    if isinstance(terms.expiry, ExpiresAfter):
        found["expiry.months"] = min(terms.expiry.months + more, 120)
    if terms.limits.payment_max_yen is not None:
        found["limits.payment_max_yen"] = terms.limits.payment_max_yen + more
    for place, fund in enumerate(terms.funds):
        found |= {f"funds.{place}.amount_yen": fund.amount_yen + more, f"funds.{place}.name": NAME}
    for place in range(len(terms.purses)):
        found |= {f"purses.{place}.where": EVERYWHERE, f"purses.{place}.name": NAME}
    for place, each in enumerate(terms.agreements):
        found |= {f"agreements.{place}.shares.{nth}.cap_yen": share.cap_yen + more
                  for nth, share in enumerate(each.shares) if share.cap_yen is not None}  # fmt: skip
    return found | _more_obtained(terms, more)


def _more_obtained(terms: ProgrammeTerms, more: int) -> dict[str, Any]:
    days = timedelta(days=more % 400 + 1)
    match terms.obtaining:
        case Sale() as sale:
            code = sale.rounds[0].bundle
            fresh = {"code": "fresh", "name": NAME, "units": 0, "leftovers": True, "allocation": "first_come",
                     "purchase": {"first_day": date(2025, 1, 1), "last_day": date(2025, 1, 2)}}  # fmt: skip
            found: dict[str, Any] = {f"obtaining.rounds.{len(sale.rounds)}": fresh | ({"bundle": code} if code else {})}
            found |= {f"obtaining.rounds.{place}.name": NAME for place in range(len(sale.rounds))}
            found |= {f"obtaining.face.{place}.yen": part.yen + more for place, part in enumerate(sale.face)}
            return found | {f"obtaining.bundles.{place}.name": NAME for place in range(len(sale.bundles))}
        case GrantByCode(face=face, entering=entering):
            widened = {"first_day": entering.first_day - days, "last_day": entering.last_day + days}
            return {"obtaining.entering": widened, "obtaining.face.0.yen": face[0].yen + more}
        case GrantByAction(actions=actions, missions=missions):
            fresh = {"code": "fresh", "name": NAME, "yen": 1, "evidence": "self_report"}
            found = {f"obtaining.actions.{place}.yen": each.yen + more % 1_000 for place, each in enumerate(actions)}
            for place, each in enumerate(missions):
                found |= {f"obtaining.missions.{place}.yen": each.yen + more % 1_000,
                          f"obtaining.missions.{place}.times": min(each.times + more, 1_000)}
            return found | {f"obtaining.actions.{len(actions)}": fresh, "eligibility.who": ADULTS}
        case GrantByPayment(rates=rates):
            fresh = {"code": "fresh", "name": NAME, "rate_bp": 1, "where": EVERYWHERE}
            found = {f"obtaining.rates.{place}.rate_bp": each.rate_bp + more % 500 for place, each in enumerate(rates)}
            return found | {f"obtaining.rates.{len(rates)}": fresh, "obtaining.window.last_day": date(2099, 1, 1)}
        case GrantByList(amounts=amounts, choosing=choosing) as listed:
            fresh = {"name": NAME, "yen": 1, "when": EVERYWHERE}
            found = {f"obtaining.amounts.{place}.yen": row.yen + more for place, row in enumerate(amounts)}
            found |= {f"obtaining.choices.{place}.bonus_yen": choice.bonus_yen + more
                      for place, choice in enumerate(listed.choices) if choice.bonus_yen}  # fmt: skip
            last = {"obtaining.choosing.last_day": choosing.last_day + days}
            return found | last | {f"obtaining.amounts.{len(amounts)}": fresh}
    return {}
