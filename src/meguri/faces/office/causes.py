"""What residents can donate to: proposed by one officer, approved by another, and what came together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import attempt, chosen, done, may, officers_only, page, say
from meguri.faces.office.tables import Cell, Table, csv_of, on_day, table
from meguri.parties import queries as parties
from meguri.parties.rules import Both, require
from meguri.wallets import donation_views, donations
from meguri.wallets.donation_rules import CAUSE_UNKNOWN, FUND, ORGANISATION
from meguri.wallets.donation_views import CauseView
from meguri.words.refusal import declare
from meguri.words.wareki import parse_date

STATES = {
    "waiting": ("承認待ち", "Waits for approval", "waiting"), "coming": ("これから", "To come", "approved"),
    "open": ("受付中", "Open", "approved"), "over": ("終了", "Over", "closed"),
}  # fmt: skip
KINDS = {"organisation": ("団体", "Organisation"), "fund": ("町の基金", "The town's fund")}
CAUSE_REASON_NEEDED = declare(
    "cause_reason_needed", status=422, ja="差し戻す理由を書いてください。", en="Please say why it goes back."
)


@officers_only
def causes(request: TownRequest) -> HttpResponse:
    """The causes with their totals, and the form for a new one."""
    require(request.actor, "cause.see")
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, {"propose": lambda: _propose(request)})
        if refusal is None:
            return redirect("office:causes")
    listed = _table(request)
    return csv_of(request, listed) or page(
        request, "causes", way="causes", refusal=refusal, causes=listed, receivers=_receivers(request),
        kinds=[{"value": code, "label": say(request, *both)} for code, both in KINDS.items()],
        may_make=may(request, "cause.make", department=request.actor.department),
    )


@officers_only
def cause(request: TownRequest, cause: UUID) -> HttpResponse:
    """One cause: what it says, what was given, and the second officer's judgement."""
    require(request.actor, "cause.see")
    found = donation_views.cause(cause, municipality=request.municipality, at=request.at)
    if found is None:
        raise CAUSE_UNKNOWN.refusal()
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, _acts(request, found))
        if refusal is None:
            is_gone = request.POST.get("act") in ("withdraw", "send_back")
            return redirect("office:causes") if is_gone else redirect("office:cause", cause=cause)
    words = STATES[found.state]
    path = [(reverse("office:causes"), say(request, "寄付先", "Causes")), ("", say(request, *_both(found.name)))]
    return page(
        request, "cause", way="causes", path=path, refusal=refusal, found=found, facts=_facts(request, found),
        badge=words[2], state=say(request, words[0], words[1]), mine=found.made_by == request.actor.party,
        may_approve=may(request, "cause.approve", department=found.department),
        may_withdraw=may(request, "cause.make", department=found.department),
    )  # fmt: skip


def _table(request: TownRequest) -> Table:
    return table(
        request, "causes", caption=("寄付先", "Causes"),
        columns=[("名前", "Name"), ("受け取り先", "Receiver"), ("始まり", "From", "keep"), ("終わり", "Until", "keep"),
                 ("人数", "People", "number"), ("集まった額", "Given", "number"),
                 ("回した額", "Passed on", "number"), ("状態", "State")],
        rows=[_row(request, each) for each in donation_views.causes(request.municipality, at=request.at)],
        empty=("寄付先はまだありません", "No cause yet"),
    )  # fmt: skip


def _row(request: TownRequest, each: CauseView) -> list[Cell]:
    words = STATES[each.state]
    return [
        {"url": reverse("office:cause", args=[each.id]), "text": say(request, *_both(each.name))},
        say(request, *_both(each.receiver_name)), on_day(each.opens_at, request), _last(request, each), each.people,
        {"amount": each.yen}, {"amount": each.passed_yen},
        {"status": words[2], "text": say(request, words[0], words[1])},
    ]  # fmt: skip


def _last(request: TownRequest, each: CauseView) -> str:
    return on_day(each.ends_at - donations.ONE_DAY, request)


def _facts(request: TownRequest, found: CauseView) -> list[dict[str, Any]]:
    kind = KINDS[found.receiver_kind]
    facts: list[tuple[str, str, Any]] = [
        ("名前", "Name", say(request, *_both(found.name))),
        ("使いみち", "Purpose", say(request, *_both(found.purpose))),
        ("受け取り先", "Receiver", f"{say(request, *_both(found.receiver_name))} ({say(request, *kind)})"),
        ("期間", "Period", f"{on_day(found.opens_at, request)} ~ {_last(request, found)}"),
        ("寄付した人", "People who gave", say(request, f"{found.people:,}人", f"{found.people:,}")),
        ("集まった額", "Given", say(request, f"{found.yen:,}円", f"¥{found.yen:,}")),
        ("受け取り先に回した額", "Passed on", say(request, f"{found.passed_yen:,}円", f"¥{found.passed_yen:,}")),
    ]  # fmt: skip
    return [{"label": say(request, ja, en), "value": value} for ja, en, value in facts]


def _receivers(request: TownRequest) -> list[dict[str, str]]:
    return [
        {"value": str(each.id), "label": say(request, each.name_ja, each.name_en)}
        for each in parties.sponsors(request.municipality)
    ]


def _propose(request: TownRequest) -> None:
    typed = request.POST
    donations.propose_cause(
        name=Both(typed.get("name_ja", ""), typed.get("name_en", "")),
        purpose=Both(typed.get("purpose_ja", ""), typed.get("purpose_en", "")), receiver=chosen(request, "receiver"),
        receiver_kind=FUND if typed.get("receiver_kind") == FUND else ORGANISATION,
        first=parse_date(typed.get("first_day", ""), field="first_day"),
        last=parse_date(typed.get("last_day", ""), field="last_day"), by=request.actor, at=request.at,
    )  # fmt: skip
    done(request, "起票しました。別の承認者が確かめると、住民に見えます。",
         "Proposed. Residents see it once another officer has approved it.")  # fmt: skip


def _acts(request: TownRequest, found: CauseView) -> dict[str, Callable[[], object]]:
    by, at = request.actor, request.at

    def approve() -> None:
        donations.approve_cause(found.id, by=by, at=at)
        done(request, "承認しました。", "Approved.")

    def withdraw() -> None:
        donations.close_cause(found.id, by=by, at=at)
        done(request, "起票を取り下げました。", "Taken back.")

    def send_back() -> None:
        reason = request.POST.get("note", "").strip()
        if not reason:
            raise CAUSE_REASON_NEEDED.refusal(field="note")
        donations.close_cause(found.id, by=by, at=at, reason=reason)
        done(request, "差し戻しました。", "Sent back.")

    return {"approve": approve, "withdraw": withdraw, "send_back": send_back}


def _both(words: Both) -> tuple[str, str]:
    return words.ja, words.en
