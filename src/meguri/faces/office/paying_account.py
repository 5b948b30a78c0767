"""The city's own account from which transfer files are paid: seen, checked against the banks' list, changed."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import attempt, done, may, officers_only, page, say
from meguri.faces.office.tables import Table, table
from meguri.parties.rules import require
from meguri.settlement import banks, operations
from meguri.settlement.orders import paying_account as registered
from meguri.settlement.zengin import Payer
from meguri.words.refusal import Refusal, declare
from meguri.words.typed import without_gaps

PAYER_CODE_WRONG = declare(
    "payer_code_wrong", status=422,
    ja="振込依頼人コード「{code}」は使えません。銀行から渡された10桁の数字を入力してください。",
    en="The payer code “{code}” cannot be used. Type the ten digits that the bank gave you.",
)
KINDS = {
    banks.AccountKind.ORDINARY: ("普通", "Ordinary"), banks.AccountKind.CURRENT: ("当座", "Current"),
    banks.AccountKind.SAVINGS: ("貯蓄", "Savings"), banks.AccountKind.OTHER: ("その他", "Other"),
}
SHOWN = 30


@officers_only
def paying_account(request: TownRequest) -> HttpResponse:
    """Which account pays, and a form for those who run settlements; banks are found by name."""
    require(request.actor, "settlement.see")
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, {"keep": lambda: _keep(request)})
        if refusal is None:
            return redirect("office:paying_account")
    payer, line_ends = _registered(request)
    path = [
        (reverse("office:settlements"), say(request, "精算と振込", "Settlement")),
        ("", say(request, "振込元の口座", "The paying account")),
    ]
    return page(
        request, "paying_account", way="settlements", path=path, refusal=refusal, payer=payer,
        facts=_facts(request, payer, line_ends=line_ends) if payer else [], values=_values(payer, line_ends=line_ends),
        kinds=kind_options(request), may_change=may(request, "settlement.run"), **bank_search(request),
    )  # fmt: skip


def _registered(request: TownRequest) -> tuple[Payer | None, bool]:
    """The account as the next file would carry it; none before anybody registered one."""
    try:
        return registered(request.municipality)
    except Refusal:
        return None, True


def _keep(request: TownRequest) -> None:
    form = request.POST
    code = without_gaps(form.get("payer_code", ""))
    if not re.fullmatch(r"[0-9]{10}", code):
        raise PAYER_CODE_WRONG.refusal(field="payer_code", code=form.get("payer_code", "")[:20])
    operations.set_paying_account(
        by=request.actor, at=request.at, payer_code=code, payer_name=form.get("payer_name", ""),
        bank=form.get("bank", ""), branch=form.get("branch", ""), kind=form.get("kind", ""),
        number=form.get("number", ""), line_ends=form.get("line_ends") == "yes",
    )  # fmt: skip
    done(request, "振込元の口座を登録しました。次の振込ファイルから使われます。",
         "The paying account is registered. The next transfer file uses it.")


def _facts(request: TownRequest, payer: Payer, *, line_ends: bool) -> list[dict[str, Any]]:
    account = payer.account
    ends = say(request, "あり", "Yes") if line_ends else say(request, "なし", "No")
    facts = [
        (("金融機関", "Bank"), f"{banks.find_bank(account.bank).name} ({account.bank})"),
        (("支店", "Branch"), f"{banks.find_branch(account.bank, account.branch).name} ({account.branch})"),
        (("預金種目", "Kind"), say(request, *KINDS[account.kind])), (("口座番号", "Number"), account.number),
        (("名義(半角カナ)", "Holder (half-width kana)"), payer.name), (("振込依頼人コード", "Payer code"), payer.code),
        (("ファイルの行末", "Line ends in the file"), ends),
    ]  # fmt: skip
    return [{"label": say(request, *label), "value": value} for label, value in facts]


def _values(payer: Payer | None, *, line_ends: bool) -> dict[str, str]:
    """What the form begins with."""
    if payer is None:
        empty = dict.fromkeys(("bank", "branch", "number", "payer_name", "payer_code"), "")
        return {**empty, "kind": banks.AccountKind.ORDINARY, "line_ends": "yes"}
    account = payer.account
    return {
        "bank": account.bank, "branch": account.branch, "kind": account.kind, "number": account.number,
        "payer_name": payer.name, "payer_code": payer.code, "line_ends": "yes" if line_ends else "",
    }


def kind_options(request: TownRequest) -> list[dict[str, str]]:
    """預金種目 as choices."""
    return [{"value": kind, "label": say(request, *both)} for kind, both in KINDS.items()]


def bank_search(request: TownRequest) -> dict[str, Any]:
    """Banks whose code or name was asked for (`bank_name`), or the branches of the one bank that was meant."""
    text = request.GET.get("bank_name", "").strip()
    branch = request.GET.get("branch_name", "").strip()
    if not text:
        return {"bank_name": "", "branch_name": "", "places": None}
    found = banks.search_banks(text)
    exact = [each for each in found if text in (each.code, each.name)]
    if len(found) == 1 or exact:
        one = (exact or list(found))[0]
        branches = banks.search_branches(one.code, branch) if branch else tuple(banks.all_branches(one.code).values())
        rows = [(one.code, one.name, each.code, each.name) for each in branches]
    else:
        rows = [(each.code, each.name, "", "") for each in found]
    return {"bank_name": text, "branch_name": branch, "places": _places(request, rows)}


def _places(request: TownRequest, rows: list[tuple[str, str, str, str]]) -> Table:
    return table(
        request, "places", caption=("見つかった金融機関・支店", "Banks and branches"), export=False,
        columns=[
            ("金融機関コード", "Bank code"), ("金融機関", "Bank"), ("支店コード", "Branch code"), ("支店", "Branch"),
        ],
        rows=rows[:SHOWN], count=len(rows), empty=("見つかりません", "None found"),
    )  # fmt: skip
