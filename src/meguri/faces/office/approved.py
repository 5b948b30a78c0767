"""What an approval is about: the page where it is judged, and the name that tells it from the next one."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.frame import may, say
from meguri.faces.office.names import names_of
from meguri.faces.office.tables import on_day
from meguri.parties import queries as parties
from meguri.parties.queries import ApprovalView
from meguri.programmes.benefits import queries as benefits
from meguri.programmes.vouchers import orders
from meguri.settlement import queries as settlement
from meguri.settlement.year_end import YEAR_WORDS
from meguri.settlement.years import year_of
from meguri.wallets import donation_views
from meguri.wallets import paper as notes


def _programme(request: TownRequest, number: UUID) -> str:
    return names_of(request).get(number, "")


def _benefit_list(request: TownRequest, number: UUID) -> str:
    found = benefits.list_page(number, municipality=request.municipality)
    rows = say(request, f"{found.rows:,}人", f"{found.rows:,} people")
    return f"{say(request, found.programme_name.ja, found.programme_name.en)} {found.name} {rows}"


def _settlement(request: TownRequest, number: UUID) -> str:
    found = settlement.run(number, municipality=request.municipality)
    if found is None:
        return ""
    cutoff = on_day(found.cutoff, request)
    return say(request, f"{cutoff}締め {found.payouts_count:,}件 {found.payouts_yen:,}円",
               f"up to {cutoff}: {found.payouts_count:,} payouts, ¥{found.payouts_yen:,}")


def _year(request: TownRequest, number: UUID) -> str:
    year, state = year_of(number)
    words = YEAR_WORDS[state]
    return say(request, f"{year.name_ja} {words:ja}", f"{year.name_en}: {words:en}")


def _print_run(request: TownRequest, number: UUID) -> str:
    found = notes.print_run(number, municipality=request.municipality)
    if found is None:  # taken back: nothing of it is left but the approval
        return ""
    name = say(request, found.name.ja, found.name.en)
    return say(request, f"{name} {found.face_yen:,}円券 {found.booklets:,}冊",
               f"{name}, {found.booklets:,} booklets of ¥{found.face_yen:,} notes")


def _receipt(request: TownRequest, number: UUID) -> str:
    found = orders.receipt(number, municipality=request.municipality)
    return say(request, f"領収書{found.name} {found.price_yen:,}円", f"receipt {found.name}, ¥{found.price_yen:,}")


def _sponsor(request: TownRequest, number: UUID) -> str:
    found = parties.sponsor_application(number, municipality=request.municipality)
    return say(request, found.name_ja, found.name_en) if found else ""


def _cause(request: TownRequest, number: UUID) -> str:
    found = donation_views.cause(number, municipality=request.municipality, at=request.at)
    return say(request, found.name.ja, found.name.en) if found else ""


ACTIONS: dict[str, tuple[str, str, str, Callable[[TownRequest, UUID], str]]] = {
    "programme.launch": ("programme", "事業を公開する承認", "Approve the launch of a programme", _programme),
    "programme.approve_amendment": (
        "amendment", "事業の変更の承認", "Approve an amendment of a programme", _programme,
    ),
    "programme.withdraw_amendment": (
        "amendment", "施行前の変更を取りやめる承認", "Approve that an amendment does not begin", _programme,
    ),
    "benefit.decide": ("benefit_list", "支給を決める承認", "Decide who receives a benefit", _benefit_list),
    "settlement.approve": ("settlement", "振込の承認", "Approve payouts", _settlement),
    "wallet.expire": ("runs", "残高を財源に戻す承認", "Approve that value leaves wallets", _programme),
    "year.end": ("year", "年度締めの確定", "Confirm the end of a year", _year),
    "voucher.correct_cash": ("receipt", "窓口の現金の訂正の承認", "Approve a correction of counted cash", _receipt),
    "party.approve_sponsor": ("sponsor_application", "協賛企業の承認", "Approve a partner company", _sponsor),
    "cause.approve": ("cause", "寄付先の承認", "Approve a cause to donate to", _cause),
    "paper.approve": ("paper_run", "紙の券の印刷の承認", "Approve a print run of paper notes", _print_run),
}
"""Approvals that have a page of their own: its URL name, what is to be done there, and what it is about."""


SEEN = {
    "programme.launch": "programme.see", "programme.approve_amendment": "programme.see",
    "programme.withdraw_amendment": "programme.see",
    "benefit.decide": "benefit.see", "settlement.approve": "settlement.see", "year.end": "budget.see",
    "wallet.expire": "programme.see", "paper.approve": "paper.see", "cause.approve": "cause.see",
    "voucher.correct_cash": "voucher.see_cash", "party.approve_sponsor": "party.see_sponsor",
}  # fmt: skip
"""What one must be allowed to see to open an approval's page."""


def opens(request: TownRequest, approval: ApprovalView) -> bool:
    """Whether the reader may open the page on which an approval is judged."""
    seen = SEEN.get(approval.action, "")
    return bool(seen) and may(request, seen, department=approval.department)


def url_of(approval: ApprovalView) -> str:
    """Where an approval is judged; empty where that is no page of its own."""
    known, number = ACTIONS.get(approval.action), approval.object_id
    place = year_of(number)[0].year if approval.action == "year.end" else number
    return reverse(f"office:{known[0]}", args=[place]) if known else ""


def about(request: TownRequest, approval: ApprovalView) -> str:
    """The programme, the list or the run by name and size."""
    known = ACTIONS.get(approval.action)
    return known[3](request, approval.object_id) if known else ""
