"""What calls, questions and press texts say, in the kind voice (です・ます): one function a subject."""

from __future__ import annotations

from collections.abc import Iterator

from meguri.programmes.campaign_terms import GrantByCampaign
from meguri.programmes.parts import (
    GrantByAction,
    GrantByCode,
    GrantByList,
    GrantByPayment,
    MoneyPart,
    NeverExpires,
    Receipt,
    Sale,
    SaleRound,
)
from meguri.programmes.texts import facts, missions
from meguri.programmes.texts.campaigns import campaigns_for_people
from meguri.programmes.texts.sentences import Sentence, say
from meguri.programmes.texts.told import ALLOCATIONS, RECEIPTS, SOLD, Told, days_to_pay, limits, slip_days, ways

Sentences = Iterator[Sentence]


def lead(told: Told) -> Sentences:
    yield say("{issuer}は、「{name}」を行います。", "{issuer} runs “{name}”.", issuer=told.issuer, name=told.name)
    yield say("めあて: {purpose}。", "Purpose: {purpose}.", purpose=told.purpose)


def who_may(told: Told) -> Sentences:
    if told.who is None:
        yield say("どなたでも参加できます({on}現在)。", "Everybody may take part (as of {on}).", on=told.judged_on)
    else:
        yield say("対象は、{on}の時点で、{who}人です。", "You may take part if this holds on {on}: {who}.",
                  on=told.judged_on, who=told.who)
    if told.asks_commuters:
        yield say("町の外に住み、町内で働く方・学ぶ方は、財布の「在勤・在学」から申し出て、"
                  "社員証・学生証や証明書を町の窓口でお見せください。",
                  "Who lives elsewhere and works or studies in the town says so under “Work or study” in the wallet, "
                  "and shows an employee or student card or a certificate at the town's desk.")
    if told.terms.eligibility.note:
        yield say("補足: {note}。", "Note: {note}.", note=facts.named("eligibility.note", told.terms.eligibility.note))


def what_one_gets(told: Told) -> Sentences:
    match told.terms.obtaining:
        case Sale() as sale:
            yield from _offers(told, sale)
        case GrantByCode(face=face):
            yield say("お送りするコードを入力すると、{face}分が使えます。",
                      "The code that we send you is worth {face}.",
                      face=told.face("obtaining.face", face))
        case GrantByAction() as grant:
            for action in grant.actions:
                path = f"obtaining.actions.{action.code}"
                yield say("「{action}」1回で{yen}を受け取れます。", "“{action}” earns {yen} each time.",
                          action=facts.named(f"{path}.name", action.name), yen=facts.yen(f"{path}.yen", action.yen))
            yield from missions.kind(grant)
        case GrantByPayment() as grant:
            for rate in grant.rates:
                path = f"obtaining.rates.{rate.code}"
                yield say("「{kind}」でのお支払いには、{rate}が付きます。", "Paying at “{kind}” earns {rate}.",
                          kind=facts.named(f"{path}.name", rate.name),
                          rate=facts.percent(f"{path}.rate_bp", rate.rate_bp))
        case GrantByCampaign() as grant:
            yield from campaigns_for_people(grant)
        case GrantByList() as grant:
            yield from _amounts(grant)


def _offers(told: Told, sale: Sale) -> Sentences:
    for offer in told.offers(sale):
        named = {"name": offer.name} if offer.name else {}
        ja, en = ("「{name}」1冊", "A book “{name}”") if offer.name else ("1口", "One unit")
        yield say(f"{ja}{{price}}で、{{face}}分のお買い物ができます。",
                  f"{en} costs {{price}} and buys goods for {{face}}.",
                  price=offer.price, face=offer.face, **named)
        if offer.bonus and offer.rate:
            yield say(f"{ja}につき、{{bonus}}({{rate}})のプレミアムが付きます。",
                      f"{en} carries {{bonus}} ({{rate}}) on top.",
                      bonus=offer.bonus, rate=offer.rate, **named)


def _amounts(grant: GrantByList) -> Sentences:
    for place, row in enumerate(grant.amounts):
        path = f"obtaining.amounts[{place}]"
        yield say("「{row}」: 1人につき{yen}。", "“{row}”: {yen} for each.", row=facts.named(f"{path}.name", row.name),
                  yen=facts.yen(f"{path}.yen", row.yen))
    for place, choice in enumerate(grant.choices):
        if choice.receipt is Receipt.LOCAL_MONEY and choice.bonus_yen:
            yield say("地域のお金で受け取ると、{bonus}が上乗せされます。", "Taken as local money, {bonus} come on top.",
                      bonus=facts.yen(f"obtaining.choices[{place}].bonus_yen", choice.bonus_yen))


def how_much(told: Told) -> Sentences:
    """How many units, or how much, one may have."""
    match told.terms.obtaining:
        case Sale() as sale:
            per = told.per_holder(sale)
            for offer in told.offers(sale):
                named = {"name": offer.name} if offer.name else {}
                ja, en = ("「{name}」は", "“{name}”: at most") if offer.name else ("", "At most")
                yield say(f"{ja}{per.ja}{{most}}まで買えます。",
                          f"{en} {{most}} a {per.en}.", most=offer.most, **named)
        case GrantByAction(limits=most) | GrantByPayment(limits=most) | GrantByCampaign(limits=most):
            yield from limits(told, most, ja="1人が受け取れるのは<per>{most}までです。",
                              en="A person gets at most {most} <per>.")


def when_to_come(told: Told) -> Sentences:
    match told.terms.obtaining:
        case Sale(rounds=rounds) as sale:
            for each in rounds:
                yield from _round(told, each)
            yield from _paying(sale)
        case GrantByCode(entering=window):
            first, last = facts.span("obtaining.entering", window)
            yield say("コードは{first}から{last}までに入力してください。",
                      "Please enter the code from {first} to {last}.",
                      first=first, last=last)
        case GrantByAction(window=window) | GrantByPayment(window=window) | GrantByCampaign(window=window):
            first, last = facts.span("obtaining.window", window)
            yield say("受け取れる期間は{first}から{last}までです。",
                      "Earned from {first} to {last}.", first=first, last=last)
        case GrantByList() as grant:
            first, last = facts.span("obtaining.choosing", grant.choosing)
            otherwise = RECEIPTS[grant.otherwise]
            yield say(f"受け取り方は{{first}}から{{last}}までに選んでください。選ばない人は{otherwise.ja}になります。",
                      f"Please choose how to receive it from {{first}} to {{last}}; else it is {otherwise.en}.",
                      first=first, last=last)
            yield say("支給する日は{paid}です。",
                      "It is paid on {paid}.", paid=facts.on("obtaining.paid_on", grant.paid_on))


def _paying(sale: Sale) -> Sentences:
    how = ways(sale)
    yield say(f"お支払い: {how.ja}。", f"Pay by: {how.en}.")
    if days := slip_days(sale):
        yield say("払込票は、発行から{days}以内にお使いください。", "A slip is good for {days}.", days=days)
    if days := days_to_pay(sale):
        yield say("お支払いがない当選は取り消され、次の順位の方が当選になります。"
                  "お知らせから{days}以内にお支払いください。",
                  "A win that is not paid for goes to whoever was drawn next, who then has {days} to pay.",
                  days=days)


def _round(told: Told, each: SaleRound) -> Sentences:
    path, name, how = f"obtaining.rounds.{each.code}", told.round_name(each), ALLOCATIONS[each.allocation]
    units = {"units": facts.count(f"{path}.units", each.units)} if each.units else {}
    ja, en = ("{units}を", "{units}, ") if units else ("", "")
    if each.leftovers:
        both = (ja.removesuffix("を") + "と", en.removesuffix(", ") + " and ") if ja else ("", "")
        ja, en = f"{both[0]}前の回の残りを", f"{both[1]}what earlier rounds left, "
    yield say(f"{{round}}: {ja}{how.ja}で販売します。", f"{{round}}: {en}sold {SOLD[each.allocation]}.",
              round=name, **units)
    if each.application:
        first, last = facts.span(f"{path}.application", each.application)
        yield say("{round}の申込みは{first}から{last}までです。", "{round}: apply from {first} to {last}.", round=name,
                  first=first, last=last)
    if each.drawn_on:
        yield say("{round}の結果は{drawn}に決まります。", "{round}: decided on {drawn}.", round=name,
                  drawn=facts.on(f"{path}.drawn_on", each.drawn_on))
    first, last = facts.span(f"{path}.purchase", each.purchase)
    yield say("{round}で買えるのは{first}から{last}までです。",
              "{round}: buy from {first} to {last}.", round=name, first=first,
              last=last)
    if each.outsiders:
        yield say("{round}は、町の外の人も買えます。", "{round}: people from outside may buy, too.", round=name)


def until_when(told: Told) -> Sentences:
    yield say("{first}から{last}まで使えます。", "It can be spent from {first} to {last}.", **told.spending)
    if last := told.expires_on:
        yield say("有効期限は{expiry}です。過ぎると使えません。",
                  "It is good until {expiry}, and lapses after that.", expiry=last)
    elif months := told.expires_after:
        ja, en = told.month_end
        yield say(f"受け取った日から{{months}}後の日{ja}を過ぎた分は使えなくなります。",
                  f"It lapses {{months}} after you received it{en}.", months=months)
    elif isinstance(told.terms.expiry, NeverExpires):
        yield say("有効期限はありません。", "It never expires.")
    if told.terms.demurrage:
        yield say("上乗せ分は、{days}ごとに{rate}ずつ減ります。",
                  "The part given on top shrinks by {rate} every {days}.",
                  days=facts.count("demurrage.every_days", told.terms.demurrage.every_days, unit=facts.DAYS),
                  rate=facts.percent("demurrage.rate_bp", told.terms.demurrage.rate_bp))


def where(told: Told) -> Sentences:
    for purse in told.terms.purses:
        path = f"purses.{purse.code}"
        name = facts.named(f"{path}.name", purse.name)
        if shops := facts.of_shops(f"{path}.where", purse.where):
            yield say("「{purse}」は、{where}店で使えます。",
                      "“{purse}” can be spent in shops of which this holds: {where}.",
                      purse=name, where=shops)
        else:
            yield say("「{purse}」は、すべての取扱店で使えます。",
                      "“{purse}” can be spent in every shop that takes part.",
                      purse=name)


def not_for(told: Told) -> Sentences:
    goods = told.excluded(by="、")
    if goods is None:
        yield say("使えないものは、特に決めていません。", "Nothing is excluded.")
        return
    ja, en, named = goods
    yield say(f"次のものには使えません: {ja}。", f"It cannot pay for: {en}.", **named)


def at_once(told: Told) -> Sentences:
    most = told.terms.limits
    if most.payment_max_yen is None:
        yield say("1回のお支払いに上限はありません。", "There is no limit for one payment.")
    else:
        yield say("1回のお支払いは{most}までです。", "One payment may be at most {most}.",
                  most=facts.yen("limits.payment_max_yen", most.payment_max_yen))
    if most.balance_max_yen is not None:
        yield say("1人が持てるのは{most}までです。", "A person may hold at most {most}.",
                  most=facts.yen("limits.balance_max_yen", most.balance_max_yen))


def to_others(told: Told) -> Sentences:
    most = told.terms.limits.transfer_max_yen
    if most:
        yield say("1回{most}まで、ほかの人に渡せます。", "Up to {most} may be passed on at a time.",
                  most=facts.yen("limits.transfer_max_yen", most))
    if (gifts := told.terms.gifts) is not None:
        yield say("コードを渡して、ほかの人に贈れます。コードで受け取れるのは、贈った日から{days}です。",
                  "You can give it to somebody by a code, which can be taken for {days} from the day you make it.",
                  days=facts.count("gifts.days", gifts.days, unit=facts.DAYS))
        yield say("だれも受け取らなかった分は、贈った人にもどります。", "What nobody takes goes back to the giver.")
        if gifts.most_yen is not None:
            yield say("一度に贈れるのは{most}までです。", "At most {most} can be given at a time.",
                      most=facts.yen("gifts.most_yen", gifts.most_yen))
        if not gifts.outsiders:
            yield say("受け取れるのは、町に住む人だけです。", "Only residents can take it.")
        yield say("お金をもらって渡すこと(売ること)はできません。", "It may not be sold: take nothing in return.")
    elif not most:
        yield say("ほかの人に渡したり、売ったりすることはできません。", "It can neither be passed on nor sold.")
    if told.terms.donations:
        yield say("もらった分は、町が選んだ寄付先に寄付できます。買った分は寄付できません。",
                  "What was granted to you can be donated to the causes that the town lists; what you bought cannot.")


def coming_back(told: Told) -> Sentences:
    if told.terms.refunds.payment_refund:
        yield say("返品のときは、お支払いに使った残高に戻ります。",
                  "When goods come back, value returns to the purse that paid.")
    yield say("現金での払戻し: {cash_out}。", "Cash back: {cash_out}.", cash_out=told.cash_out)


def two_parts(told: Told) -> Sentences:
    """Why the wallet shows two purses of one voucher."""
    if {purse.part for purse in told.terms.purses} == set(MoneyPart):
        yield say("お金を払った分と、上乗せでもらった分は、法律の決まりで分けて示します。",
                  "What you paid for and what was given on top are shown apart, as the law asks.")


def paid_by(told: Told) -> Sentences:
    for path, fund in told.budgets():
        yield say("{fund}: {amount}({source})。", "{fund}: {amount} ({source}).",
                  fund=facts.named(f"{path}.name", fund.name), amount=facts.yen(f"{path}.amount_yen", fund.amount_yen),
                  source=facts.named(f"{path}.source", fund.source))


def how_we_know(told: Told) -> Sentences:
    plan = told.terms.evaluation
    yield say("{outcome}について、{compared}と比べて{until}まで調べ、結果を公表します。",
              "What we look at: {outcome}; compared with: {compared}. Followed until {until}, then published.",
              outcome=facts.named("evaluation.outcome", plan.outcome),
              compared=facts.named("evaluation.compared_with", plan.compared_with),
              until=facts.on("evaluation.follow_until", plan.follow_until))


def notice(told: Told) -> Sentences:
    if told.terms.notice:
        yield say("ことわり: {notice}。", "Notice: {notice}.", notice=facts.named("notice", told.terms.notice))


def who_issues(told: Told) -> Sentences:
    yield say("発行する者: {issuer}。", "Issued by {issuer}.", issuer=told.issuer)
    yield say("お預かりするお金の管理: {cash}。", "Cash held by: {cash}.",
              cash=facts.named("scheme.cash_held_by", told.terms.scheme.cash_held_by))
