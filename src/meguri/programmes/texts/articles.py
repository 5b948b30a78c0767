"""What ordinances and shop terms say, in the formal voice (である): one function a subject gives its sentences."""

from __future__ import annotations

from collections.abc import Iterator

from meguri.programmes.campaign_terms import GrantByCampaign
from meguri.programmes.parts import (
    PHOTO_KEPT_DAYS,
    Allocation,
    CarryOverKind,
    Evidence,
    Funder,
    GiftTerms,
    GrantByAction,
    GrantByCode,
    GrantByList,
    GrantByPayment,
    IssuerKind,
    NeverExpires,
    Receipt,
    Sale,
    SaleRound,
    UnspentPaid,
)
from meguri.programmes.texts import facts, missions
from meguri.programmes.texts.campaigns import campaigns
from meguri.programmes.texts.sentences import Sentence, say
from meguri.programmes.texts.told import (
    ALLOCATIONS,
    PARTS,
    PER,
    RECEIPTS,
    SOLD,
    Told,
    days_to_pay,
    limits,
    one_of_ways,
    slip_days,
)

Sentences = Iterator[Sentence]
CARRIED = {
    CarryOverKind.CARRIED_FORWARD: ("繰越明許費", "carried forward by the budget"),
    CarryOverKind.UNAVOIDABLE: ("事故繰越し", "carried over for an unavoidable reason"),
    CarryOverKind.DEBT_BURDEN: ("債務負担行為", "a debt burden of later years"),
    CarryOverKind.RESERVE_FUND: ("基金", "a reserve fund"),
}


def purpose(told: Told) -> Sentences:
    yield say(
        "この要綱は、{purpose}ことを目的として{issuer}が実施する「{name}」(以下「本事業」という。)について、必要な事項を定める。",
        "This guideline governs “{name}” (the programme) of {issuer}. Its purpose: {purpose}.",
        purpose=told.purpose, issuer=told.issuer, name=told.name,
    )  # fmt: skip


def basis(told: Told) -> Sentences:
    scheme = told.terms.scheme
    bases = [(f"scheme.legal_basis[{place}]", each) for place, each in enumerate(scheme.legal_basis)]
    if bases:
        ja, en, named = facts.all_named(bases)
        yield say(f"本事業は、{ja}に基づき実施する。", f"The programme rests on: {en}.", **named)
    yield say("本事業に係る現金は、{cash}が管理する。", "The programme's cash is held by: {cash}.",
              cash=facts.named("scheme.cash_held_by", scheme.cash_held_by))


def eligible(told: Told) -> Sentences:
    if told.who is None:
        yield say("本事業は、{on}において、すべての者を対象とする。",
                  "Everybody may take part (as of {on}).", on=told.judged_on)
        return
    yield say("本事業の対象となる者は、{on}において、{who}者とする。",
              "A person may take part if this holds on {on}: {who}.", on=told.judged_on, who=told.who)


def obtaining(told: Told) -> Sentences:
    match told.terms.obtaining:
        case Sale() as sale:
            yield from _sale(told, sale)
        case GrantByCode(face=face, entering=window):
            first, last = facts.span("obtaining.entering", window)
            yield say("対象となる者に、{face}分のコードを郵便で交付する。",
                      "Everybody eligible is sent a code worth {face}.",
                      face=told.face("obtaining.face", face))
            yield say("コードは、{first}から{last}までに入力するものとする。",
                      "The code is entered between {first} and {last}.", first=first, last=last)
        case GrantByAction() as grant:
            yield from _actions(told, grant)
        case GrantByPayment() as grant:
            yield from _rates(told, grant)
        case GrantByCampaign() as grant:
            yield from campaigns(grant)
            yield from _granted(told, grant)
        case GrantByList() as grant:
            yield from _list(grant)


def _sale(told: Told, sale: Sale) -> Sentences:
    per = told.per_holder(sale)
    for offer in told.offers(sale):
        named = {"name": offer.name} if offer.name else {}
        ja, unit, en = ("{name}", "1冊", "A book “{name}”") if offer.name else ("商品券", "1口", "One unit")
        yield say(f"{ja}は、{unit}につき、販売価格を{{price}}、額面を{{face}}とする。",
                  f"{en} is sold for {{price}}; its face value is {{face}}.",
                  price=offer.price, face=offer.face, **named)
        if offer.bonus and offer.rate:
            yield say(f"{ja}{unit}の額面のうち{{bonus}}は、販売価格の{{rate}}に相当する額として、無償で付与する。",
                      f"{en} holds {{bonus}} that are granted free of charge: {{rate}} of the price.",
                      bonus=offer.bonus, rate=offer.rate, **named)
        of = "Of “{name}” a" if offer.name else "A"
        yield say(f"{ja}を購入することができる数は、{per.ja}につき{{most}}までとする。",
                  f"{of} {per.en} may buy at most {{most}}.", most=offer.most, **named)
    for each in sale.rounds:
        yield from _round(told, each)
    yield from _paying(sale)


def _paying(sale: Sale) -> Sentences:
    how = one_of_ways(sale)
    yield say(f"代金は、{how.ja}により支払うものとする。", f"The price is paid by {how.en}.")
    if days := slip_days(sale):
        yield say("払込票の有効期間は、発行の日から{days}以内とする。", "A slip is good for {days}.", days=days)
    if days := days_to_pay(sale):
        yield say("期限までに代金の支払がない当選は、効力を失う。"
                  "抽選の順位が次の者を繰り上げ、その支払の期限は、通知の日から{days}後とする。",
                  "A win that nobody pays for lapses; whoever was drawn next moves up and has {days} to pay.",
                  days=days)


def _round(told: Told, each: SaleRound) -> Sentences:
    path, name, how = f"obtaining.rounds.{each.code}", told.round_name(each), ALLOCATIONS[each.allocation]
    units = {"units": facts.count(f"{path}.units", each.units)} if each.units else {}
    ja, en = ("{units}", "{units}") if units else ("", "")
    if each.leftovers:
        ja = f"{ja}に前の回の残りを加えた数" if ja else "前の回の残り"
        en = f"{en} and what earlier rounds left" if en else "what earlier rounds left"
    yield say(f"{{round}}では、{ja}を{how.ja}により販売する。", f"{{round}}: {en}, sold {SOLD[each.allocation]}.",
              round=name, **units)
    if each.application:
        first, last = facts.span(f"{path}.application", each.application)
        yield say("{round}に係る申込みは、{first}から{last}まで受け付ける。",
                  "{round}: applications are accepted from {first} to {last}.",
                  round=name, first=first, last=last)
    if each.drawn_on:
        is_lottery = each.allocation is Allocation.LOTTERY
        ja, en = ("抽選", "drawn by lot") if is_lottery else ("割当て", "shared out")
        yield say(f"{{round}}に係る{ja}は、{{drawn}}に行う。", f"{{round}}: {en} on {{drawn}}.", round=name,
                  drawn=facts.on(f"{path}.drawn_on", each.drawn_on))
    first, last = facts.span(f"{path}.purchase", each.purchase)
    yield say("{round}に係る購入の期間は、{first}から{last}までとする。",
              "{round}: open to buy from {first} to {last}.", round=name, first=first, last=last)
    if who := facts.of_residents(f"{path}.who", each.who):
        yield say("{round}の対象は、本事業の対象となる者のうち、{who}者とする。",
                  "{round}: only those of whom this holds as well: {who}.",
                  round=name, who=who)
    if each.outsiders:
        yield say("{round}では、住民でない者も購入することができる。",
                  "{round}: people who are no residents may buy, too.",
                  round=name)


def _actions(told: Told, grant: GrantByAction) -> Sentences:
    for action in grant.actions:
        path = f"obtaining.actions.{action.code}"
        name = facts.named(f"{path}.name", action.name)
        yield say("「{action}」1回につき、{yen}を付与する。", "“{action}”: {yen} each time.",
                  action=name, yen=facts.yen(f"{path}.yen", action.yen))
        if action.steps is not None:
            yield say("「{action}」は、その日の歩数が{steps}以上であることを、本人が送る記録により確かめる。",
                      "“{action}”: the person's own record shows at least {steps} on the day.",
                      action=name, steps=facts.count(f"{path}.steps", action.steps, unit=facts.STEPS))
        if action.evidence is Evidence.PHOTO:
            yield say("「{action}」は、本人が送る写真を職員が見て確かめる。写真は、答えの日から{days}の後に消す。",
                      "“{action}”: a member of staff looks at a photo that the person sends. "
                      "It is deleted {days} after the answer.",
                      action=name, days=facts.count(f"{path}.evidence", PHOTO_KEPT_DAYS, unit=facts.DAYS))
        if action.spot_check_bp:
            yield say("「{action}」の申告のうち{share}をくじで選び、職員が確かめてから付与する。",
                      "Of the reports of “{action}”, {share}, drawn by lot, are looked at first.",
                      action=name, share=facts.percent(f"{path}.spot_check_bp", action.spot_check_bp))
        for place, limit in enumerate(action.limits):
            one = told.limit(f"{path}.limits[{place}]", limit)
            per = PER[limit.per]
            yield say(f"「{{action}}」は、1人につき{per.ja}{{most}}までとする。",
                      f"“{{action}}”: at most {{most}} {per.en} a person.", action=name, most=one)
    yield from missions.formal(grant)
    yield from _granted(told, grant)


def _rates(told: Told, grant: GrantByPayment) -> Sentences:
    for rate in grant.rates:
        path = f"obtaining.rates.{rate.code}"
        yield say("「{kind}」での支払に対する付与の率は、支払った額の{rate}とする。",
                  "Payments at “{kind}” earn {rate} of what was paid.",
                  kind=facts.named(f"{path}.name", rate.name), rate=facts.percent(f"{path}.rate_bp", rate.rate_bp))
    yield from _granted(told, grant)


def _granted(told: Told, grant: GrantByAction | GrantByPayment | GrantByCampaign) -> Sentences:
    first, last = facts.span("obtaining.window", grant.window)
    yield say("付与の期間は、{first}から{last}までとする。", "Granted from {first} to {last}.", first=first, last=last)
    yield from limits(told, grant.limits, ja="付与の上限は、1人につき<per>{most}までとする。",
                      en="A person is granted at most {most} <per>.")


def _list(grant: GrantByList) -> Sentences:
    for place, row in enumerate(grant.amounts):
        path = f"obtaining.amounts[{place}]"
        yield say("給付の額は、「{row}」に当たる者1人につき{yen}とする。", "For everybody in “{row}”: {yen}.",
                  row=facts.named(f"{path}.name", row.name), yen=facts.yen(f"{path}.yen", row.yen))
    for place, choice in enumerate(grant.choices):
        if choice.receipt is Receipt.LOCAL_MONEY and choice.bonus_yen:
            yield say("地域通貨により受け取る者には、{bonus}を上乗せする。",
                      "Who takes local money gets {bonus} on top.",
                      bonus=facts.yen(f"obtaining.choices[{place}].bonus_yen", choice.bonus_yen))
    first, last = facts.span("obtaining.choosing", grant.choosing)
    otherwise = RECEIPTS[grant.otherwise]
    yield say(f"受取方法は、{{first}}から{{last}}までに選ぶものとし、選ばない者には{otherwise.ja}により給付する。",
              f"How to receive it is chosen from {{first}} to {{last}}; who does not choose gets {otherwise.en}.",
              first=first, last=last)
    yield say("給付の日は、{paid}とする。", "Paid on {paid}.", paid=facts.on("obtaining.paid_on", grant.paid_on))


def spending(told: Told) -> Sentences:
    yield say("使用することができる期間は、{first}から{last}までとする。", "Value may be spent from {first} to {last}.",
              **told.spending)
    if last := told.expires_on:
        yield say("有効期限は、{expiry}とする。", "Value is good until {expiry}.", expiry=last)
    elif months := told.expires_after:
        ja, en = told.month_end
        yield say(f"受け取った日から{{months}}後の日{ja}を過ぎた分は、前項の期間内であっても失効する。",
                  f"Value lapses {{months}} after it was received{en}, even within that time.", months=months)
    elif isinstance(told.terms.expiry, NeverExpires):
        yield say("有効期限は、設けない。", "Value never expires.")
    if told.terms.demurrage:
        yield say("無償で付与した分は、{days}ごとに{rate}ずつ減ずるものとする。",
                  "The granted part shrinks by {rate} every {days}.",
                  days=facts.count("demurrage.every_days", told.terms.demurrage.every_days, unit=facts.DAYS),
                  rate=facts.percent("demurrage.rate_bp", told.terms.demurrage.rate_bp))


def shops(told: Told) -> Sentences:
    for purse in told.terms.purses:
        path, part = f"purses.{purse.code}", PARTS[purse.part]
        name = facts.named(f"{path}.name", purse.name)
        if where := facts.of_shops(f"{path}.where", purse.where):
            yield say(f"「{{purse}}」({part.ja})は、{{where}}取扱店で使用することができる。",
                      f"“{{purse}}” ({part.en}) may be spent in shops of which this holds: {{where}}.",
                      purse=name, where=where)
        else:
            yield say(f"「{{purse}}」({part.ja})は、すべての取扱店で使用することができる。",
                      f"“{{purse}}” ({part.en}) may be spent in every shop that takes part.", purse=name)


def excluded(told: Told) -> Sentences:
    if goods := told.excluded(by="及び"):
        ja, en, named = goods
        yield say(f"{ja}には、使用することができない。", f"Value may not be used for: {en}.", **named)


def ceilings(told: Told) -> Sentences:
    most = told.terms.limits
    if most.payment_max_yen is not None:
        yield say("1回の支払に使用することができる額は、{most}までとする。", "One payment may be at most {most}.",
                  most=facts.yen("limits.payment_max_yen", most.payment_max_yen))
    if most.balance_max_yen is not None:
        yield say("1人が保有することができる額は、{most}までとする。", "A person may hold at most {most}.",
                  most=facts.yen("limits.balance_max_yen", most.balance_max_yen))
    if most.transfer_max_yen:
        yield say("他人への譲渡は、1回につき{most}までとする。", "Up to {most} may be passed on at a time.",
                  most=facts.yen("limits.transfer_max_yen", most.transfer_max_yen))
    if told.terms.gifts is not None:
        yield from _gifts(told.terms.gifts)
    elif not most.transfer_max_yen:
        yield say("他人に譲渡し、又は転売してはならない。", "Value may neither be passed on nor sold.")
    if told.terms.donations:
        yield say("無償で付与された額は、町が定める寄附先に寄附することができる。購入した額は、寄附できない。",
                  "What was granted may be donated to a cause that the town lists; what was bought may not.")


def _gifts(gifts: GiftTerms) -> Sentences:
    yield say("コードにより、無償で他人に贈ることができる。贈る額は、受け取る者が決まるまで、使用することができない。",
              "Value may be given to another person for nothing, by a code. Until it is taken it cannot be spent.")
    yield say("コードで受け取ることができる期間は、贈る日を含めて{days}(有効期限を超えないものとする。)とする。",
              "A code can be taken for {days}, the day of giving counted, and never after the value expires.",
              days=facts.count("gifts.days", gifts.days, unit=facts.DAYS))
    yield from _gift_amounts(gifts)
    if who := facts.of_residents("gifts.who", gifts.who):
        yield say("贈られたものを受け取ることができる者は、{who}者とする。",
                  "What is given may be taken by people of whom this holds: {who}.", who=who)
    if gifts.outsiders:
        yield say("町外の者も受け取ることができる。", "People from outside the town may take it as well.")
    else:
        yield say("受け取ることができるのは、住民に限る。", "Only residents may take it.")
    yield say("贈ることの対価を受け取り、又は転売してはならない。", "Nothing may be taken in return, and nothing sold.")


def _gift_amounts(gifts: GiftTerms) -> Sentences:
    if gifts.step_yen > 1:
        yield say("贈る額は、{step}を単位とする。", "What is given comes in steps of {step}.",
                  step=facts.yen("gifts.step_yen", gifts.step_yen))
    if gifts.most_yen is not None:
        yield say("一度に贈ることができる額は、{most}までとする。", "At most {most} may be given at a time.",
                  most=facts.yen("gifts.most_yen", gifts.most_yen))


def giving_back(told: Told) -> Sentences:
    refunds = told.terms.refunds
    if refunds.payment_refund:
        yield say("商品の返品があったときは、その代金に相当する額を、支払に用いた残高に戻すものとする。",
                  "When goods are returned, their price goes back to the purse that paid.")
    if refunds.payment_cancel_days:
        yield say("支払の取消しは、支払の日から{days}以内に限る。", "A payment may be undone within {days}.",
                  days=facts.count("refunds.payment_cancel_days", refunds.payment_cancel_days, unit=facts.DAYS))
    else:
        yield say("支払の取消しは、支払の当日に限る。", "A payment may be undone on the same day only.")


def cash_out(told: Told) -> Sentences:
    if told.terms.refunds.unspent_paid is UnspentPaid.REFUNDED:
        yield say("本事業が終わったときに残っている有償分は、本人の口座に払い戻すものとする。",
                  "When the programme ends, what was paid for and not spent goes back to the holder's account.")
    yield say("{cash_out}。", "{cash_out}.", cash_out=told.cash_out)


def claims(told: Told) -> Sentences:
    yield say("取扱店は、使用された額を、{claims}までに請求しなければならない。",
              "Shops must claim what was spent with them by {claims}.", claims=told.claims)


def funds(told: Told) -> Sentences:
    for path, fund in told.budgets():
        name, year = facts.named(f"{path}.name", fund.name), facts.fiscal_year(f"{path}.fiscal_year", fund.fiscal_year)
        yield say("「{fund}」には、{year}予算の{amount}を充て、その財源は{source}とする。",
                  "“{fund}” is paid from {amount} of the budget of {year} ({source}).",
                  fund=name, year=year, amount=facts.yen(f"{path}.amount_yen", fund.amount_yen),
                  source=facts.named(f"{path}.source", fund.source))
        if fund.budget_line:
            yield say("「{fund}」の予算科目は、{line}とする。", "“{fund}” is booked under {line}.", fund=name,
                      line=facts.budget_line(f"{path}.budget_line", fund.budget_line))
        if fund.carry_over:
            ja, en = CARRIED[fund.carry_over.kind]
            yield say(f"「{{fund}}」は、{{resolved}}の議決等({ja})により、翌年度以降に使用することができる。",
                      f"“{{fund}}” may be spent after its year by the resolution of {{resolved}} ({en}).", fund=name,
                      resolved=facts.on(f"{path}.carry_over.resolved_on", fund.carry_over.resolved_on))
    yield from _agreements(told)
    public = told.terms.scheme.issuer_kind is IssuerKind.MUNICIPALITY
    if public and told.terms.scheme.budgeted_gross and any(f.funder is Funder.BUYERS for f in told.terms.funds):
        yield say("販売代金は歳入に、使用された額の全額は歳出に計上する。",
                  "The price is booked as revenue, everything that is spent as expenditure.")


def _agreements(told: Told) -> Sentences:
    names = {fund.code: fund for fund in told.terms.funds}
    for agreement in told.terms.agreements:
        path = f"agreements.{agreement.code}"
        for place, share in enumerate(agreement.shares):
            one = f"{path}.shares[{place}]"
            both = {"agreement": facts.named(f"{path}.name", agreement.name),
                    "fund": facts.named(f"funds.{share.fund}.name", names[share.fund].name),
                    "share": facts.percent(f"{one}.share_bp", share.share_bp)}
            yield say("「{agreement}」により、{fund}が{share}を負担する。",
                      "By “{agreement}” {fund} carries {share}.", **both)
            if share.cap_yen is not None:
                yield say("{fund}の負担は、{cap}を上限とする。", "{fund} carries at most {cap}.", fund=both["fund"],
                          cap=facts.yen(f"{one}.cap_yen", share.cap_yen))


def judging(told: Told) -> Sentences:
    plan = told.terms.evaluation
    indicators = {each.code: each for each in told.terms.indicators}
    for place, goal in enumerate(told.terms.goals):
        indicator = indicators[goal.indicator]
        yield say("{by}までに、{indicator}を{target}とすることを目標とする。", "Goal by {by}: {indicator}, {target}.",
                  by=facts.on(f"goals[{place}].by", goal.by),
                  indicator=facts.named(f"indicators.{indicator.code}.name", indicator.name),
                  target=facts.measured(f"goals[{place}].target", goal.target, unit=indicator.unit))
    yield say("効果は、{outcome}について、{compared}との比較により{until}まで検証し、その結果を公表する。",
              "The effect is judged by: {outcome}; compared with: {compared}; it is followed until {until}, and the "
              "result is published.",
              outcome=facts.named("evaluation.outcome", plan.outcome),
              compared=facts.named("evaluation.compared_with", plan.compared_with),
              until=facts.on("evaluation.follow_until", plan.follow_until))


def the_rest() -> Sentences:
    yield say("この要綱に定めるもののほか、必要な事項は、別に定める。", "All else is laid down separately.")


# --- for shops alone -------------------------------------------------------------------------------------------------


def shops_purpose(told: Told) -> Sentences:
    yield say(
        "この規約は、{issuer}が実施する「{name}」(以下「本事業」という。)の取扱店が守るべき事項を定める。",
        "These terms say what shops that take part in “{name}” of {issuer} keep to.",
        issuer=told.issuer, name=told.name,
    )  # fmt: skip


def shops_duties() -> Sentences:
    yield say("取扱店は、使用を正当な理由なく拒んではならない。", "Shops do not refuse value without good reason.")
    yield say("取扱店は、現金と交換し、自らの購入に用い、又は取引がないのに使用があったものとしてはならない。",
              "Shops do not exchange value for cash, use it for their own purchases, or report what was no sale.")
    yield say("取扱店は、使用された額の記録の確認に協力するものとする。",
              "Shops help to check the records of what was spent.")


def paid_to_shops(told: Told) -> Sentences:
    yield from claims(told)
    yield say("期限を過ぎた請求には、応じないことができる。", "Later claims may be turned down.")
