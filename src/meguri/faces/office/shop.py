"""One shop: what it is, who answers for it, what it was paid; change its entry or account, suspend, reopen, close."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import attempt, done, may, officers_only, page, picked, say, short
from meguri.faces.office.paying_account import bank_search, kind_options
from meguri.faces.office.reveals import shown
from meguri.faces.office.shops import SIZES, STATUSES, entry_choices, entry_of
from meguri.faces.office.tables import Table, on_day, table, when
from meguri.parties import operations, queries
from meguri.parties.operations.shops import SHOP_UNKNOWN
from meguri.parties.queries import ShopView
from meguri.parties.rules import ROLE_NAMES, require
from meguri.settlement import banks
from meguri.settlement import queries as settlement
from meguri.vault.rules import Field
from meguri.words.actor import ActorRole

ENTRY = ("name_ja", "name_en", "area", "size_class", "floor_area")
STATEMENTS = 12


@officers_only
@never_cache
def shop(request: TownRequest, shop: UUID) -> HttpResponse:
    """The shop's page; a reveal answers at once, other acts lead back here."""
    require(request.actor, "party.see_officers")
    found = _shop(request, shop)
    members = queries.shop_members(shop, municipality=request.municipality)
    named = [(f"{say(request, ROLE_NAMES[role].ja, ROLE_NAMES[role].en)} {short(who)}", who) for who, role in members]
    subjects = {say(request, "店", "Shop"): shop, **dict(named)}
    fields = [Field.NAME, Field.KANA, Field.ADDRESS, Field.PHONE, Field.EMAIL, Field.BANK_ACCOUNT]
    personal = shown(request, subjects, fields=fields)
    refusal = personal.refusal
    if request.method == "POST" and request.POST.get("act") != "reveal":
        refusal = attempt(request, _acts(request, shop))
        if refusal is None:
            return redirect("office:shop", shop=shop)
        found = _shop(request, shop)
    ja, en, badge = STATUSES[found.status]
    path = [(reverse("office:shops"), say(request, "店", "Shops")), ("", say(request, found.name_ja, found.name_en))]
    return page(
        request, "shop", way="shops", path=path, refusal=refusal, shop=found, badge=badge, state=say(request, ja, en),
        size=say(request, *SIZES[found.size_class]), may_suspend=may(request, "party.suspend_shop"),
        may_change=may(request, "party.change_shop"), may_invite=may(request, "party.invite"), shown=personal,
        members=[(short(who), say(request, ROLE_NAMES[role].ja, ROLE_NAMES[role].en)) for who, role in members],
        invited=[
            {"value": role, "label": say(request, ROLE_NAMES[role].ja, ROLE_NAMES[role].en)}
            for role in (ActorRole.OWNER, ActorRole.CLERK)
        ],
        table=_statements(request, shop) if may(request, "settlement.see") else None,
    )  # fmt: skip


def _shop(request: TownRequest, shop: UUID) -> ShopView:
    found = queries.shop(shop, municipality=request.municipality)
    if found is None:
        raise SHOP_UNKNOWN.refusal()
    return found


def _acts(request: TownRequest, shop: UUID) -> dict[str, Callable[[], object]]:
    def suspend() -> None:
        operations.set_shop_status(shop, "suspended", by=request.actor)
        done(request, "この店での支払いを止めました。", "The shop accepts nothing for now.")

    def reopen() -> None:
        operations.set_shop_status(shop, "open", by=request.actor)
        done(request, "支払いを再開しました。", "The shop accepts payments again.")

    def close() -> None:
        operations.set_shop_status(shop, "closed", by=request.actor)
        done(request, "閉店にしました。これまでの売上は、いつもどおり精算されます。",
             "Closed for good. What it has taken is settled as ever.")

    def invite() -> None:
        role = picked(request, "role", kind=ActorRole)
        token = operations.invite_member(role=role, shop=shop, by=request.actor, at=request.at)
        link = request.build_absolute_uri(reverse("entrance:invitation", args=[token]))
        done(request, f"招待のリンクを本人に渡してください(一度だけ表示します): {link}",
             f"Give this invitation to the person (shown once): {link}")

    return {"suspend": suspend, "reopen": reopen, "close": close, "invite": invite}


def _statements(request: TownRequest, shop: UUID) -> Table:
    """The last settlements with the shop, newest first."""
    found = settlement.statements(municipality=request.municipality, at=request.at, shop=shop, limit=STATEMENTS)
    return table(
        request, "statements", caption=("この店の精算", "Settlements with this shop"), export=False,
        columns=[("締め", "Cutoff", "keep"), ("支払い", "Payments", "number"), ("返金", "Refunds", "number"),
                 ("支払う額", "Net", "number"), ("振込日", "Pay day", "keep")],
        rows=[
            [{"url": reverse("office:statement", args=[each.id]), "text": when(each.cutoff, request, style="year")},
             each.payments_count, each.refunds_count, {"amount": each.net_yen}, on_day(each.pay_on, request)]
            for each in found
        ],
        empty=("まだ精算はありません", "No settlement yet"),
    )  # fmt: skip


@officers_only
def shop_entry(request: TownRequest, shop: UUID) -> HttpResponse:
    """Change what the shop is, or the account to which it is paid."""
    require(request.actor, "party.change_shop")
    found = _shop(request, shop)
    refusal = None
    if request.method == "POST":
        acts = {"entry": lambda: _change(request, shop), "account": lambda: _account(request, found)}
        refusal = attempt(request, acts)
        if refusal is None:
            return redirect("office:shop", shop=shop)
    name = say(request, found.name_ja, found.name_en)
    path = [
        (reverse("office:shops"), say(request, "店", "Shops")), (reverse("office:shop", args=[shop]), name),
        ("", say(request, "登録を変える", "Change the entry")),
    ]
    typed = refusal is not None and request.POST.get("act") == "entry"
    return page(
        request, "shop_entry", way="shops", path=path, refusal=refusal, shop=found,
        values=request.POST if typed else _entry_values(found),
        postal="symbol" in request.POST, kinds=kind_options(request), **bank_search(request),
        **entry_choices(request),
    )  # fmt: skip


def _entry_values(found: ShopView) -> dict[str, Any]:
    return {name: getattr(found, name) for name in ENTRY} | {"trade": found.trade.code}


def _change(request: TownRequest, shop: UUID) -> None:
    operations.change_shop(shop, entry_of(request), by=request.actor, at=request.at)
    done(request, "登録を変えました。これからの支払いに効きます。", "Changed, for payments from now on.")


def _account(request: TownRequest, found: ShopView) -> None:
    """Seal the shop's account as the bank file needs it; the postal bank's 記号 and 番号 are understood, too."""
    form = request.POST
    if "symbol" in form:
        account = banks.postal_account(
            form["symbol"].strip(), form.get("postal_number", ""), holder=form.get("holder", "")
        )
    else:
        account = banks.check_account(
            bank=form.get("bank", ""), branch=form.get("branch", ""), kind=form.get("kind", ""),
            number=form.get("number", ""), holder=form.get("holder", ""),
        )  # fmt: skip
    sealed = {
        "bank": account.bank, "branch": account.branch, "kind": str(account.kind), "number": account.number,
        "holder_kana": account.holder,
    }
    entry = operations.ShopEntry(
        **{name: getattr(found, name) for name in ENTRY}, trade=found.trade.code, sealed={Field.BANK_ACCOUNT: sealed}
    )
    operations.change_shop(found.id, entry, by=request.actor, at=request.at)
    place = banks.find_branch(account.bank, account.branch)
    done(request, f"振込先を登録しました: {place.bank.name} {place.name}。次の精算から使われます。",
         f"The account is registered: {place.bank.name} {place.name}. The next settlement uses it.")
