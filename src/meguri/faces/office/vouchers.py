"""The desk of voucher sales: open a round, read the applications, close, draw, sell at the counter, let lapse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from meguri.faces.design import charts
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.counter_sale import ToSell, to_sell
from meguri.faces.office.desks import require_desk
from meguri.faces.office.document import ALLOCATIONS
from meguri.faces.office.frame import EVERYTHING, PAGE, attempt, chosen, cursor_of, done, may, officers_only, page, say
from meguri.faces.office.names import names_of
from meguri.faces.office.tables import Cell, Table, csv_of, is_csv, table, when
from meguri.parties.rules import Both, require
from meguri.programmes import queries as programmes
from meguri.programmes.parts import GrantByCode, Sale
from meguri.programmes.queries import ProgrammeView
from meguri.programmes.vouchers import operations, orders, queries
from meguri.programmes.vouchers.line import LineView, line
from meguri.programmes.vouchers.queries import ApplicationView, SalePage
from meguri.programmes.vouchers.rules import APPLICATION_UNKNOWN, KEPT, is_drawn
from meguri.settlement.cash import owed_in_cash, pay_in_cash
from meguri.words.refusal import Refusal
from meguri.words.yen import parse_yen

SALE_STATES = {
    "open": ("受付中", "Open", "live"), "closed": ("締切・抽選待ち", "Closed, not drawn", "waiting"),
    "drawn": ("抽選済み・販売中", "Drawn, on sale", "live"), "ended": ("終了", "Ended", "closed"),
    "coming": ("受付開始前", "Not begun", "waiting"),
    "applied": ("申込み終了・締切待ち", "No more applications", "waiting"),
    "drawn_early": ("抽選済み・販売開始前", "Drawn, not on sale yet", "waiting"),
    "goes_on": ("繰上当選の購入待ち", "Those who moved up are buying", "live"),
    "over": ("購入期間終了", "No longer on sale", "closed"),
}
"""What a sale is called today: its state, and where the days tell more than the state, the word of `_today`."""
STATES = {
    "applied": ("抽選待ち", "Applied"), "won": ("当選・未払い", "Won, unpaid"), "lost": ("落選", "Not drawn"),
    "undrawn": ("抽選なしで終了", "Ended without a draw"),
    "purchased": ("購入済み", "Bought"), "lapsed": ("失効", "Lapsed"), "withdrawn": ("取下げ", "Withdrawn"),
}


@officers_only
def vouchers(request: TownRequest) -> HttpResponse:
    """Voucher programmes of the department with their rounds; an unopened one can be opened here."""
    require_desk(request, "voucher.see_applications", family="voucher")
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, {"open": lambda: _open(request)})
        if refusal is None:
            return redirect("office:vouchers")
    own = [
        each for each in programmes.programmes(request.municipality, states=("launched", "closed"))
        if each.family == "voucher" and each.department == request.actor.department
    ]
    names = names_of(request, own)
    return page(
        request, "vouchers", way="vouchers", refusal=refusal,
        desks=[
            {"view": each, "name": names[each.id], "rounds": list(_rounds(request, each)),
             "by_code": _is_by_code(request, each)}
            for each in own
        ],
        may_open=may(request, "voucher.draw", department=request.actor.department),
    )  # fmt: skip


def _is_by_code(request: TownRequest, each: ProgrammeView) -> bool:
    return isinstance(programmes.terms(each.id, municipality=request.municipality).obtaining, GrantByCode)


def _rounds(request: TownRequest, each: ProgrammeView) -> Iterator[dict[str, Any]]:
    terms = programmes.terms(each.id, municipality=request.municipality)
    if not isinstance(terms.obtaining, Sale):
        return
    sold = {
        facts.round: facts
        for sale in queries.sales(request.municipality, programme=each.id)
        for facts in [queries.sale_page(sale, municipality=request.municipality)]
    }
    for one in terms.obtaining.rounds:
        facts = sold.get(one.code)
        yield {
            "code": one.code, "name": one.name, "units": one.units, "how": say(request, *ALLOCATIONS[one.allocation]),
            "sale": facts, "state": _state(request, facts) if facts else None,
            "is_drawn": is_drawn(one.allocation),
            "application": one.application, "purchase": one.purchase,
        }  # fmt: skip


def _state(request: TownRequest, facts: SalePage) -> dict[str, str]:
    ja, en, badge = SALE_STATES[_today(request, facts)]
    return {"text": say(request, ja, en), "status": badge}


def _today(request: TownRequest, facts: SalePage) -> str:
    """A state waits for somebody's press; the days do not, and a badge must not promise what no day gives any more."""
    at, state = request.at, facts.state
    if state == "ended":
        return state
    if facts.purchasing.is_over(at):
        goes_on = orders.may_still_be_paid(facts.id, municipality=request.municipality, at=at)
        return "goes_on" if goes_on else "over"
    if state == "drawn":
        return state if at in facts.purchasing else "drawn_early"
    if state == "open":
        asked = facts.applying if is_drawn(facts.allocation) else facts.purchasing
        return "applied" if asked.is_over(at) else state if at in asked else "coming"
    return state


def _open(request: TownRequest) -> None:
    named = request.POST.get("value_named", "").strip()[:300]
    operations.open_sale(
        programme=chosen(request, "programme"), round_code=request.POST.get("round", ""), by=request.actor,
        at=request.at, value_named=Both(named, named),
    )  # fmt: skip
    if named:
        done(request, "販売を開きました。抽選の約束(くじの種の指紋)も公開されました。",
             "The sale is open, and the draw's commitment is public.")
    else:
        done(request, "販売を開きました。", "The sale is open.")


@officers_only
def sale(request: TownRequest, sale: UUID) -> HttpResponse:
    """One sale: figures, the question of its state, applications by cursor, the counter."""
    facts = _own(request, sale)
    refusal, written = None, list[UUID]()
    if request.method == "POST":
        refusal = attempt(request, _acts(request, facts, written=written))
        if refusal is None:
            return redirect("office:receipt", receipt=written[0]) if written else _after(request, sale)
        facts = _own(request, sale)
    found, no = _found(request, facts)
    refusal = refusal or no
    listed, chart = _applications(request, facts), _demand(request, facts)
    if file := csv_of(request, listed, chart):
        return file
    path = [(reverse("office:vouchers"), say(request, "販売と抽選", "Sales and draw")),
            ("", say(request, facts.round_name.ja, facts.round_name.en))]
    counted = queries.counts(sale, municipality=request.municipality)
    return page(
        request, "sale", way="vouchers", path=path, refusal=refusal, sale=facts, badge=_state(request, facts),
        how=say(request, *ALLOCATIONS[facts.allocation]), applications=listed, chart=chart,
        states=_state_links(request, counted), found=found, ask=_ask(request, facts),
        is_drawn=is_drawn(facts.allocation), line=_line(request, facts), is_over=facts.purchasing.is_over(request.at),
        goes_on=orders.may_still_be_paid(sale, municipality=request.municipality, at=request.at),
        may_draw=may(request, "voucher.draw", department=facts.department),
        may_sell=may(request, "voucher.sell_at_counter", department=facts.department),
        may_apply=facts.state == "open" and is_drawn(facts.allocation) and request.at in facts.applying
        and may(request, "voucher.apply", department=facts.department),
        may_pay_back=may(request, "settlement.pay_in_cash", department=facts.department),
    )  # fmt: skip


def _after(request: TownRequest, sale: UUID) -> HttpResponse:
    """Where an act leads: whoever sold something for cash goes on to its receipt."""
    if request.POST.get("act") == "sell":
        given = orders.receipt_of(chosen(request, "application"), municipality=request.municipality)
        if given is not None:
            return redirect("office:receipt", receipt=given.id)
    return redirect("office:sale", sale=sale)


def _own_state(request: TownRequest, each: ApplicationView) -> str:
    """What a line keeps for somebody was won by nobody."""
    if each.state == "won" and each.pay_before is not None:
        return say(request, KEPT.ja, KEPT.en)
    if each.state == "won" and each.moved_up_at is not None:
        return say(request, "繰上当選・未払い", "Moved up, unpaid")
    return say(request, *STATES[each.state])


def _line(request: TownRequest, facts: SalePage) -> LineView | None:
    return None if is_drawn(facts.allocation) else line(facts.id, municipality=request.municipality)


@officers_only
@require_GET
def draw(request: TownRequest, sale: UUID) -> HttpResponse:
    """The draw with everything that anybody needs to recompute it."""
    facts = _own(request, sale)
    drawn = queries.draw_page(sale, municipality=request.municipality)
    awards = table(
        request, "awards", caption=("抽選の結果(受付番号)", "Results by receipt number"),
        columns=[("順位", "Rank"), ("受付番号", "Receipt number"), ("申込口数", "Asked for", "number"),
                 ("当選口数", "Won", "number")],
        rows=[[str(each.rank), each.id, each.units_asked, each.units_won] for each in drawn.awards[: _shown(request)]],
        count=len(drawn.awards), empty=("まだ抽選していません", "Not drawn yet"),
    )  # fmt: skip
    path = [(reverse("office:sale", args=[sale]), say(request, facts.round_name.ja, facts.round_name.en)),
            ("", say(request, "抽選の証明", "Proof of the draw"))]
    return csv_of(request, awards) or page(
        request, "draw", way="vouchers", path=path, sale=facts, draw=drawn, awards=awards,
        lines="\n".join(drawn.lines),
    )


def _shown(request: TownRequest) -> int:
    return EVERYTHING if is_csv(request, "awards") else 100


def _own(request: TownRequest, sale: UUID) -> SalePage:
    facts = queries.sale_page(sale, municipality=request.municipality)
    require(request.actor, "voucher.see_applications", department=facts.department)
    return facts


def _acts(request: TownRequest, facts: SalePage, *, written: list[UUID]) -> dict[str, Callable[[], object]]:
    """What may be done here; the receipt of cash that was paid back joins `written`."""
    by, at = request.actor, request.at

    def close() -> None:
        operations.close_applications(sale=facts.id, by=by, at=at)
        done(request, "申込みを締め切り、名簿の指紋を公開しました。", "Closed; the list's hash is public.")

    def draw_now() -> None:
        operations.draw_lottery(sale=facts.id, public_value=request.POST.get("public_value", ""), by=by, at=at)
        done(request, "抽選しました。結果は全員に知らせました。", "Drawn. Everybody has been told.")

    def sell() -> None:
        require(by, "voucher.sell_at_counter", department=facts.department)
        typed = request.POST.get("units", "").strip()
        units = parse_yen(typed, field="units") if typed else None
        sold = operations.sell_at_counter(application=chosen(request, "application"), by=by, at=at, units=units)
        done(request, f"{sold.number}: {sold.units}口を{sold.price_yen:,}円で販売しました。"
                      f"{sold.face_yen:,}円分が財布に入りました。",
             f"{sold.number}: {sold.units} units sold for ¥{sold.price_yen:,}; ¥{sold.face_yen:,} are in the wallet.")

    def lapse() -> None:
        lapsed = operations.lapse_unpaid(sale=facts.id, by=by, at=at)
        done(request, f"未払いの当選 {lapsed:,}件を取り消しました。", f"{lapsed:,} unpaid rights have lapsed.")

    def pay_back() -> None:
        one = queries.application(chosen(request, "application"), municipality=request.municipality)
        if one is None or one.sale != facts.id:
            raise APPLICATION_UNKNOWN.refusal()
        who: dict[str, Any] = {"holder": one.resident, "programme": facts.programme, "by": by, "at": at}
        paid = pay_in_cash(**who)
        written.append(operations.write_paid_back(posting=paid.posting, yen=paid.yen, **who))
        done(request, f"現金{paid.yen:,}円を払い戻してください。控えに署名をもらってください。",
             f"Please pay ¥{paid.yen:,} back in cash, and have the copy signed.")  # fmt: skip

    def withdraw() -> None:
        operations.withdraw_application(application=chosen(request, "application"), by=by, at=at)
        done(request, "申込みを取り下げました。", "The application has been withdrawn.")

    return {"close": close, "draw": draw_now, "sell": sell, "lapse": lapse, "pay_back": pay_back, "withdraw": withdraw}


def _ask(request: TownRequest, facts: SalePage) -> str:
    """The sale's question of today."""
    if facts.state != "ended" and facts.purchasing.is_over(request.at):
        if orders.may_still_be_paid(facts.id, municipality=request.municipality, at=request.at):
            return say(request, "繰り上がった人は買いに来ていますか", "Are those who moved up buying?")
        return say(request, "この販売を終えてよいですか", "Shall this sale be ended?")
    if facts.state == "open" and facts.applying.is_over(request.at):
        return say(request, "申込みを締め切りますか", "Shall the list be closed?")
    return say(request, *{
        "open": ("申込みはどれだけ来ていますか", "How many have applied?"),
        "closed": ("抽選できますか", "Can the lottery be drawn?"),
        "drawn": ("当選した人は買いに来ていますか", "Are the winners buying?"),
        "ended": ("何口が使われ、何口が残りましたか", "What was sold, what was left?"),
    }[facts.state])


def _applications(request: TownRequest, facts: SalePage) -> Table:
    limit = EVERYTHING if is_csv(request, "applications") else PAGE
    found = queries.applications(
        facts.id, municipality=request.municipality, state=request.GET.get("state", ""), after=cursor_of(request),
        limit=limit,
    )
    return table(
        request, "applications", caption=("申込み", "Applications"),
        columns=[
            ("受付番号", "Receipt number", "keep"), ("申込", "Applied", "keep"), ("口数", "Units", "number"),
            ("順位", "Rank", "number"), ("当選", "Won", "number"), ("購入", "Bought", "number"), ("状態", "State"),
        ],
        rows=[_application(request, each) for each in found], after=found[-1].id if len(found) == PAGE else None,
        empty=("申込みはまだありません", "No application yet"),
    )  # fmt: skip


def _application(request: TownRequest, each: ApplicationView) -> list[Cell]:
    return [
        {"url": f"?number={each.number}#counter", "text": each.number}, when(each.applied_at, request),
        each.units_applied, each.rank, each.units_won, each.units_bought, _own_state(request, each),
    ]


def _state_links(request: TownRequest, counted: dict[str, int]) -> list[dict[str, Any]]:
    chosen = request.GET.get("state", "")
    every = {"url": "?", "label": say(request, "すべて", "All"), "current": not chosen, "count": sum(counted.values())}
    return [every, *(
        {"url": f"?state={state}", "label": say(request, *STATES[state]), "current": state == chosen, "count": count}
        for state, count in counted.items() if count
    )]


def _found(request: TownRequest, facts: SalePage) -> tuple[dict[str, Any] | None, Refusal | None]:
    """The application of a receipt number read out at the counter; with units, what selling these would mean, or why
    they cannot be sold.
    """
    number = request.GET.get("number", "")
    if not number:
        return None, None
    one = queries.application_by_number(number, sale=facts.id, municipality=request.municipality)
    state = _own_state(request, one) if one else ""
    made = orders.orders_of(one.id, municipality=request.municipality) if one else ()
    way = next((each for each in made if each.state in ("open", "early")), None)
    owed = one and owed_in_cash(
        one.resident, programme=facts.programme, municipality=request.municipality, at=request.at
    )
    summary, refusal = _to_sell(request, one)
    return {
        "number": number, "application": one, "state": state, "owed": owed, "to_sell": summary,
        "units": request.GET.get("units", ""),
        "is_paid_elsewhere": way and way.state == "early",
        "way": f"{say(request, way.way_words.ja, way.way_words.en)}: "
        f"{say(request, way.state_words.ja, way.state_words.en)}" if way else "",
    }, refusal  # fmt: skip


def _to_sell(request: TownRequest, one: ApplicationView | None) -> tuple[ToSell | None, Refusal | None]:
    if one is None or "units" not in request.GET:
        return None, None
    typed = request.GET["units"].strip()
    try:
        units = parse_yen(typed, field="units") if typed else None
        return to_sell(one.id, municipality=request.municipality, units=units), None
    except Refusal as refusal:
        return None, refusal


def _demand(request: TownRequest, facts: SalePage) -> charts.Chart:
    """Units on sale, asked for, bought."""
    bars = [
        charts.Bar(say(request, "申込み", "Asked for"), facts.units_applied, "rest"),
        charts.Bar(say(request, "発行", "On sale"), facts.units, "voucher"),
        charts.Bar(say(request, "購入済み", "Bought"), facts.units_bought, "sum"),
    ]
    times = facts.units_applied / facts.units
    return charts.bars(
        bars, language=request.language, unit=say(request, "口", "units"), show=lambda value: f"{round(value):,}",
        title=say(request, f"申込みは発行口数の{times:.2f}倍",
                  f"{times:.2f} times as many units were asked for as are on sale"),
        desc=say(request, "口数で比べています。", "Compared in units."),
        source=say(request, "申込みの記録", "The applications"),
    )  # fmt: skip
