"""What waits for this officer: approvals to judge, drafts to finish, sales to go on with, deeds to confirm, payouts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office import approved
from meguri.faces.office.frame import called, may, officer_names, say, uuid_of
from meguri.faces.office.names import names_of
from meguri.faces.office.tables import on_day
from meguri.parties import queries as parties
from meguri.parties.queries import ApprovalView
from meguri.programmes import queries as programmes
from meguri.programmes.benefits import queries as benefits
from meguri.programmes.parts import GrantByAction, Sale
from meguri.programmes.points import queries as points
from meguri.programmes.points.photos import count_photos
from meguri.programmes.queries import ProgrammeView
from meguri.programmes.queries.deposits import deposits
from meguri.programmes.queries.proposals import proposals
from meguri.programmes.vouchers import orders
from meguri.programmes.vouchers import queries as vouchers
from meguri.programmes.vouchers.queries import SalePage
from meguri.settlement import queries as settlement
from meguri.words.actor import ActorRole
from meguri.words.clock import day
from meguri.words.period import day_start


@dataclass(frozen=True, slots=True)
class Work:
    """One thing to do: what, about what, where, since when. Without a label the badge says the status's own word."""

    name: str
    note: str
    url: str
    status: str
    since: datetime | None = None
    family: str = ""
    label: str = ""


def waiting_for(request: TownRequest) -> list[Work]:
    """Everything that waits for the officer now, oldest approvals first."""
    own = [each for each in programmes.programmes(request.municipality) if each.department == request.actor.department]
    found = list(_approvals(request))
    found += list(_payments(request, own))
    found += list(_commuters(request))
    found += list(_sponsors(request))
    found += list(_deposits(request))
    if request.actor.role in {ActorRole.MAKER, ActorRole.CHECKER}:
        names = names_of(request, own)
        found += [work for each in own for work in work_of(request, each, name=names[each.id])]
    if request.actor.role is ActorRole.ACCOUNTANT:
        found += _settlements(request)
    return found


def _payments(request: TownRequest, own: list[ProgrammeView]) -> Iterator[Work]:
    """Money that was refused or has to go back rings here, on the desk of whoever may mend it."""
    mends = may(request, "voucher.mend_payment", department=request.actor.department)
    if not mends or not any(each.family == "voucher" for each in own):
        return
    department, town = request.actor.department, request.municipality
    wrong = len(orders.notices_to_look_into(department, municipality=town))
    wrong += len(orders.orders_to_mend(department, municipality=town, at=request.at))
    if wrong:
        name = say(request, f"合わない入金・返すお金({wrong:,}件)", f"Payments that are wrong or go back ({wrong:,})")
        note = say(request, "お金が届いています。今日のうちに確かめてください。",
                   "Money has come in. Please look into it today.")
        yield Work(name, note, reverse("office:payments"), "waiting", family="voucher", label=_to_do(request))


def _commuters(request: TownRequest) -> Iterator[Work]:
    """Who says to work or study here, and has perhaps come to the counter."""
    count = parties.commuters_waiting(request.municipality) if may(request, "party.confirm_commuter") else 0
    if count:
        yield Work(
            say(request, f"在勤・在学の申し出を確かめる({count:,}件)",
                f"Look into who works or studies here ({count:,})"),
            say(request, "社員証・学生証を持って窓口へ来るか、名簿が届きます。",
                "They bring their cards, or a list comes."),
            reverse("office:commuters"), "waiting", label=_to_do(request),
        )  # fmt: skip


def _sponsors(request: TownRequest) -> Iterator[Work]:
    """Companies that ask to pay along and were not handed to a checker yet."""
    if not may(request, "party.register_sponsor"):
        return
    town = request.municipality
    asked = {each.object_id for each in parties.approvals(municipality=town, open_only=True, limit=200)}
    for one in parties.sponsor_applications(town, state="waiting"):
        if one.id not in asked:
            yield Work(
                say(request, "協賛の申込みを確かめる", "Look at a company that wants to pay along"),
                say(request, one.name_ja, one.name_en), reverse("office:sponsor_application", args=[one.id]),
                "waiting", since=one.applied_at, label=_to_do(request),
            )  # fmt: skip


def _deposits(request: TownRequest) -> Iterator[Work]:
    """Sponsors' money that should have come: whoever may load the fund looks into it, its programme needs it."""
    names = names_of(request)
    for one in deposits(request.municipality, on=day(request.at), open_only=True):
        payer = uuid_of(programmes.payers(request.municipality).get(one.fund, ""))
        if one.state == "late" and payer and may(request, "budget.appropriate", department=one.department):
            note = say(request, f"{names.get(one.programme, '')} {one.yen:,}円 予定日 {on_day(one.due_on, request)}",
                       f"{names.get(one.programme, '')}: ¥{one.yen:,}, due {on_day(one.due_on, request)}")
            yield Work(say(request, "協賛金の入金が遅れています", "A sponsor's deposit is late"), note,
                       reverse("office:sponsor", args=[payer]), "late")


def _approvals(request: TownRequest) -> Iterator[Work]:
    names = officer_names(request)
    asked = parties.approvals(
        municipality=request.municipality, department=request.actor.department, open_only=True, limit=200
    )
    for one in reversed(asked):
        if one.action in approved.ACTIONS and may(request, one.action, department=one.department):
            yield _approval(request, one, names=names)


def _approval(request: TownRequest, one: ApprovalView, *, names: dict[UUID, str]) -> Work:
    _, ja, en, _ = approved.ACTIONS[one.action]
    maker = called(names, one.made_by, language=request.language)
    mine = one.made_by == request.actor.party
    note = say(request, f"起票: {maker}", f"made by {maker}")
    if mine:
        note = say(request, "あなたが起票したものです。別の人の承認を待っています。",
                   "You made this; somebody else must approve it.")
    return Work(
        name=say(request, ja, en), note=f"{approved.about(request, one)} — {note}", url=approved.url_of(one),
        status="draft" if mine else "waiting", since=one.made_at,
    )  # fmt: skip


def work_of(request: TownRequest, each: ProgrammeView, *, name: str) -> Iterator[Work]:
    """What a programme of the officer's own department asks for now; `name` as it is told apart from others."""
    if each.state == "draft" and request.actor.role is ActorRole.MAKER:
        yield Work(say(request, "下書きを仕上げて承認を求める", "Finish the draft and ask for approval"), name,
                   reverse("office:programme", args=[each.id]), "draft", each.drafted_at, each.family)
    if request.actor.role is ActorRole.MAKER:
        yield from _of_documents(request, each, name=name)
    if each.state != "launched":
        return
    yield from _of_trials(request, each, name=name)
    if each.family == "voucher":
        yield from _of_vouchers(request, each, name=name)
    if each.family == "point":
        yield from _of_points(request, each, name=name)
        yield from _of_proposals(request, each, name=name)
    if each.family == "benefit":
        yield from _of_benefits(request, each, name=name)


def _of_trials(request: TownRequest, each: ProgrammeView, *, name: str) -> Iterator[Work]:
    """Nothing of a programme opens before its arms are drawn, so the draw is work of the first hour."""
    if not may(request, "programme.draw_arms", department=each.department):
        return
    trial = programmes.terms(each.id, municipality=request.municipality).trial
    drawn = None if trial is None else programmes.arms_page(each.id, municipality=request.municipality)
    if drawn is None or drawn.drawn_at is not None:
        return
    todo = say(request, "条件の抽選の名簿を確定する", "Fix the list of the draw of arms")
    if drawn.listed_at is not None:
        if request.at < day_start(drawn.trial.drawn_on):
            return
        todo = say(request, "条件の抽選をする", "Draw the arms")
    yield Work(todo, name, reverse("office:arms", args=[each.id]), "waiting", family=each.family, label=_to_do(request))


def _of_documents(request: TownRequest, each: ProgrammeView, *, name: str) -> Iterator[Work]:
    """An amendment that its makers have not submitted, and what is left in the wallets of an ended programme."""
    if each.state == "launched":
        drafted = programmes.amendment(each.id, municipality=request.municipality)
        if drafted is not None and drafted.state == "draft":
            yield Work(say(request, "変更案を仕上げて承認を求める", "Finish the amendment and ask for approval"), name,
                       reverse("office:amendment", args=[each.id]), "draft", drafted.drafted_at, each.family)
    if each.state == "closed" and _is_left(request, each):
        yield Work(say(request, "財布に残った分の終了時の処理を求める", "Have what is left in wallets wound up"), name,
                   reverse("office:runs", args=[each.id]), "waiting", each.closed_at, each.family, _to_do(request))


def _is_left(request: TownRequest, each: ProgrammeView) -> bool:
    town = request.municipality
    if not programmes.winding_up(each.id, municipality=town).may_begin(request.at):
        return False
    return bool(programmes.remaining(each.id, municipality=town, limit=1))


def _of_vouchers(request: TownRequest, each: ProgrammeView, *, name: str) -> Iterator[Work]:
    """What only those may do who draw: nobody's desk holds work that is not theirs to do."""
    if not may(request, "voucher.draw", department=each.department):
        return
    yield from _unopened(request, each, name=name)
    for sale in vouchers.sales(request.municipality, programme=each.id):
        facts = vouchers.sale_page(sale, municipality=request.municipality)
        drawn = facts.allocation != "first_come"
        todo = None
        if facts.state != "ended" and facts.purchasing.is_over(request.at):
            goes_on = orders.may_still_be_paid(sale, municipality=request.municipality, at=request.at)
            todo = None if goes_on else _to_end(request, facts)
        elif facts.state == "open" and drawn and facts.applying.is_over(request.at):
            todo = say(request, "申込みを締め切る", "Close the applications")
        elif facts.state == "closed" and drawn:
            todo = say(request, "抽選する", "Draw the lottery")
        if todo:
            url = reverse("office:sale", args=[sale])
            yield Work(todo, name, url, "waiting", family=each.family, label=_to_do(request))


def _to_end(request: TownRequest, facts: SalePage) -> str:
    """What a sale still needs when its purchase deadline has passed."""
    if facts.allocation == "first_come":
        return say(request, "販売を終える(残りは次の回へ)", "End the sale (what is left goes to the next round)")
    if facts.state == "drawn":
        return say(request, "販売を終える(未払いの当選の取消し)", "End the sale (unpaid rights lapse)")
    return say(request, "抽選されないまま期限が過ぎた販売を終える(申込者に知らせる)",
               "End the sale that nobody drew (its applicants are told)")


def _unopened(request: TownRequest, each: ProgrammeView, *, name: str) -> Iterator[Work]:
    """Residents see no sale before its round is opened: a round that nobody opened is work until its days are over."""
    sales = vouchers.sales(request.municipality, programme=each.id)
    opened = {vouchers.sale_page(sale, municipality=request.municipality).round for sale in sales}
    obtaining = programmes.terms(each.id, municipality=request.municipality).obtaining
    for one in obtaining.rounds if isinstance(obtaining, Sale) else ():
        window = one.application or one.purchase
        if one.code in opened or window.period.is_over(request.at):
            continue
        begins = on_day(window.period.start, request)
        note = say(request, f"{name} {one.name.ja} — {begins}から。開くまで住民には見えません。",
                   f"{name}, {one.name.en}: from {begins}. Residents do not see it until it is open.")
        yield Work(say(request, "販売を開く", "Open the sale"), note, reverse("office:vouchers"), "waiting",
                   family=each.family, label=_to_do(request))


def _of_proposals(request: TownRequest, each: ProgrammeView, *, name: str) -> Iterator[Work]:
    """What companies proposed for this programme; a maker takes it up or declines."""
    if not may(request, "action.take_proposal", department=each.department):
        return
    for one in proposals(request.municipality, department=each.department, state="waiting"):
        if one.programme == each.id:
            yield Work(say(request, "企業の提案に答える", "Answer a company's proposal"),
                       f"{name} — {say(request, one.name_ja, one.name_en)}",
                       reverse("office:proposal", args=[one.id]), "waiting", one.proposed_at, each.family,
                       _to_do(request))


def _of_points(request: TownRequest, each: ProgrammeView, *, name: str) -> Iterator[Work]:
    if not may(request, "action.attest", department=each.department):
        return
    if not isinstance(programmes.terms(each.id, municipality=request.municipality).obtaining, GrantByAction):
        return
    with_photos, photos = count_photos(each.id, municipality=request.municipality)
    if photos:
        yield Work(say(request, f"写真を見て確かめる({photos:,}件)", f"Look at photos ({photos:,})"), name,
                   reverse("office:photos"), "waiting", family=each.family, label=_to_do(request))
    held = points.totals(each.id, municipality=request.municipality).held - with_photos
    if held:
        yield Work(say(request, f"行動を確かめる({held:,}件)", f"Confirm actions ({held:,})"), name,
                   reverse("office:points"), "waiting", family=each.family, label=_to_do(request))


def _to_do(request: TownRequest) -> str:
    return say(request, "手続き待ち", "To be done")


def _of_benefits(request: TownRequest, each: ProgrammeView, *, name: str) -> Iterator[Work]:
    for one in benefits.lists(request.municipality, programme=each.id):
        url = reverse("office:benefit_list", args=[one.id])
        if one.state == "draft" and request.actor.role is ActorRole.MAKER:
            yield Work(say(request, "名簿の承認を求める", "Have the list decided"), f"{name} {one.name}", url, "draft",
                       one.imported_at, each.family)
        if one.state == "decided" and request.actor.role is ActorRole.CHECKER:
            yield Work(say(request, "支給する", "Pay the list"), f"{name} {one.name}", url, "approved", one.decided_at,
                       each.family)


def _settlements(request: TownRequest) -> Iterator[Work]:
    for run in settlement.runs(request.municipality):
        if run.state == "approved":
            yield Work(
                say(request, "振込ファイルを銀行に送る", "Send the file to the bank"),
                say(request, f"{run.payouts_count:,}件 {run.payouts_yen:,}円", f"{run.payouts_count:,} payouts"),
                reverse("office:settlement", args=[run.id]), "approved", run.approved_at,
            )  # fmt: skip
