"""What the law and the auditors say about a document. Pure.

The texts behind the notes: the Payment Services Act (資金決済法), the Local Autonomy Act (地方自治法: year, gross
budget, money of others), and the Board of Audit's inspection of the 2015 vouchers.
"""

from __future__ import annotations

from datetime import date

from meguri.parties.rules import Both
from meguri.programmes import timing
from meguri.programmes.arms import expiries
from meguri.programmes.campaign_checks import campaign_notes
from meguri.programmes.findings import Findings, declare_error, declare_lint, found
from meguri.programmes.parts import (
    CarryOverKind,
    Design,
    Funder,
    FundTerms,
    GrantByAction,
    GrantByCode,
    GrantByList,
    GrantByPayment,
    IssuerKind,
    MoneyPart,
    NeverExpires,
    PsaBasis,
    Receipt,
    Sale,
    UnspentPaid,
)
from meguri.programmes.terms import ProgrammeTerms
from meguri.words.period import FiscalYear, add_months

PSA = "資金決済法"
AUTONOMY = "地方自治法"
AUDIT = "会計検査院 平成28年度(プレミアム付商品券等)"

NOT_A_PUBLIC_ISSUER = declare_error(
    "not_a_public_issuer", law=f"{PSA} 4条3号",
    ja="発行者が自治体ではないので、4条3号の適用除外は使えません。6か月以内の有効期間にするか、登録してください。",
    en="The issuer is no municipality, so the exemption of art. 4 no. 3 does not apply. Let value live at most six "
       "months, or register.",
)
LONGER_THAN_SIX_MONTHS = declare_error(
    "longer_than_six_months", law=f"{PSA} 4条2号",
    ja="{issued}に発行した分が{last}まで使えます。6か月以内({most}まで)でなければ、4条2号の適用除外になりません。",
    en="Value issued on {issued} is good until {last}. Beyond six months (until {most}) art. 4 no. 2 exempts nothing.",
)
PAID_FOR_BUT_NOT_PREPAID = declare_error(
    "paid_for_but_not_prepaid", law=f"{PSA} 3条1項",
    ja="対価を得て発行するのに「前払式ではない」とされています。",
    en="Value is sold, so it cannot be called “not prepaid”.",
)
STATUTORY_BENEFIT_IS_CASH = declare_error(
    "statutory_benefit_is_cash", law="児童手当法ほか、各給付の根拠法",
    ja="法律に基づく給付は現金で支給します。地域通貨を選べるのは、町独自の給付だけです。",
    en="A benefit by national law is paid in cash. Only the town's own benefits may offer local money.",
)
SPONSOR_MONEY_WITHOUT_FORM = declare_error(
    "sponsor_money_without_form", law=f"{AUTONOMY} 235条の4第2項",
    ja="協賛金「{fund}」の受け入れの形(寄附金・負担金・基金・事務局が保管)を書いてください。",
    en="State in which form the sponsor's money “{fund}” is received: donation, contribution, reserve fund, or held by "
       "the operator.",
)
SPENT_AFTER_THE_YEAR = declare_error(
    "spent_after_the_year", law=f"{AUTONOMY} 208条2項、213条、220条3項",
    ja="財源「{fund}」は{year}年度の予算ですが、{last}まで使えます。繰越などの議決を書くか、{end}までにしてください。",
    en="The fund “{fund}” is budget of fiscal {year}, but value can be spent until {last}. Record the resolution that "
       "carries it over, or end by {end}.",
)
RESOLVED_AFTER_THE_YEAR = declare_error(
    "resolved_after_the_year", law=f"{AUTONOMY} 213条、214条、220条3項、241条",
    ja="財源「{fund}」の繰越などの議決日({resolved})が、{year}年度の終わり({end})より後です。年度内の議決を書いてください。",
    en="The resolution ({resolved}) that carries the fund “{fund}” over lies after the end of fiscal {year} ({end}). "
       "It must be of that year.",
)
CARRIED_TOO_FAR = declare_error(
    "carried_too_far", law=f"{AUTONOMY} 213条、220条3項",
    ja="繰越明許費と事故繰越しで使えるのは翌年度({end})までですが、財源「{fund}」は{last}まで使えます。期限を縮めるか、"
       "債務負担行為か基金にしてください。",
    en="Money carried forward reaches the end of the next fiscal year ({end}), but the fund “{fund}” can be spent "
       "until {last}. End earlier, or use a debt burden or a reserve fund.",
)
CLAIMED_AFTER_CLOSING = declare_lint(
    "claimed_after_closing", law=f"{AUTONOMY} 235条の5",
    ja="店の請求の期限({claims})が、財源「{fund}」の出納閉鎖({closing})より後です。"
       "その後の支払いは翌年度の予算になります。",
    en="Shops may claim until {claims}, after the books of the fund “{fund}” close ({closing}). Later payouts fall "
       "into the next year's budget.",
)
REGISTRATION_NEEDED = declare_lint(
    "registration_needed", law=f"{PSA} 5条、7条、14条",
    ja="自治体以外の発行です。自家型は未使用残高が1,000万円を超えたら届出、第三者型は発行前の登録が要り、基準日に残高の1/2以上を"
       "保全します。",
    en="A private issuer: own-business type is notified above 10,000,000 yen unused, third-party type is registered "
       "before issuing; half of the unused balance is deposited at the reporting dates.",
)
BUDGETED_NET = declare_lint(
    "budgeted_net", law=f"{AUTONOMY} 210条",
    ja="町が発行するときは、販売代金も歳入に、使われる総額を歳出に計上します(総計予算主義)。",
    en="A municipal issue is budgeted gross: the price as revenue, the whole face value as expenditure.",
)
NEVER_ENDS = declare_lint(
    "never_ends", law=AUDIT, ja="有効期限がありません。未使用分を町がいつまでも負います。",
    en="Value never expires: the town owes what is unused for ever.",
)
NO_PAYMENT_LIMIT = declare_lint(
    "no_payment_limit", law=AUDIT,
    ja="1回の支払いの上限がありません。2015年度の商品券では、車検や設備など高額の支払いが指摘されました。",
    en="There is no limit per payment. In 2015 auditors noted vouchers spent on car inspections and other large bills.",
)
AUDITED_GOODS_ALLOWED = declare_lint(
    "audited_goods_allowed", law=AUDIT,
    ja="使えないものに「{goods}」がありません。会計検査院が、消費の喚起になりにくい使い道として挙げました。",
    en="“{goods}” is not excluded. The Board of Audit named it among uses that hardly raise spending.",
)
NO_PERSONAL_LIMIT = declare_lint(
    "no_personal_limit", law=AUDIT, ja="1人あたりの上限がありません。", en="There is no ceiling per person."
)
CAPS_CANNOT_BE_CHECKED = declare_lint(
    "caps_cannot_be_checked", law=AUDIT,
    ja="販売回「{round:ja}」では町外の人も買えます。台帳にない人の上限は、サインインごとにしか数えられません。"
       "窓口で本人確認をしてください。",
    en="Outsiders may buy in “{round:en}”. The ceiling of people who are not in the register is counted by sign-in "
       "alone: check their identity at the counter.",
)
LOCAL_MONEY_FOR_CASH = declare_lint(
    "local_money_for_cash", law=f"{PSA} 3条1項(対価)",
    ja="現金に代えて受け取る分は、対価を払ったものとみられることがあります。有償分の財布に入れてください。",
    en="Value taken instead of cash may count as paid for. Keep it in a purse of the paid part.",
)
GIFTS_COLLECT = declare_lint(
    "gifts_collect", law=AUDIT,
    ja="贈った分は、買う口数の上限に数えません。一人が多くの人から集められます。転売も上限だけでは防げません。",
    en="What is given does not count against the ceiling of units: one person can collect from many, and no ceiling "
       "keeps a resale away.",
)
GIFTS_AND_CASH = declare_error(
    "gifts_and_cash", law=f"{PSA} 2条2項、20条、37条",
    ja="人に渡せて、残りが現金で戻る決まりにはできません。受け取った分が現金になり、為替取引とみられるおそれがあります。"
       "終わりに残る分を払い戻さないか、人に渡せない決まりにしてください。",
    en="Value that can be passed on must not be paid back in cash: what was received would become cash, which may "
       "count as transferring funds. Do not pay back what is left at the end, or let nobody pass value on.",
)
EFFECT_NOT_TOLD_APART = declare_lint(
    "effect_not_told_apart", law=AUDIT,
    ja="前後比較だけでは、事業がなくても起きたことと区別できません。",
    en="A comparison of before and after cannot tell the effect from what would have happened anyway.",
)

AUDITED_GOODS = {"car-inspection": "車検", "propane": "プロパンガス"}
ONE_YEAR_FURTHER = (CarryOverKind.CARRIED_FORWARD, CarryOverKind.UNAVOIDABLE)
_EXEMPT_SPAN_MONTHS = 6


def notes(terms: ProgrammeTerms) -> Findings:
    """Errors of law, and what maker and checker should have weighed."""
    yield from _issuer(terms)
    yield from _sponsors(terms)
    yield from _fiscal_year(terms)
    yield from _benefits(terms)
    yield from _gifts(terms)
    yield from _auditors(terms)


def _is_sold(terms: ProgrammeTerms) -> bool:
    return any(purse.part is MoneyPart.PAID for purse in terms.purses)


def _issuer(terms: ProgrammeTerms) -> Findings:
    public = terms.scheme.issuer_kind is IssuerKind.MUNICIPALITY
    match terms.scheme.psa_basis:
        case PsaBasis.PUBLIC_ISSUER if not public:
            yield found(NOT_A_PUBLIC_ISSUER, "scheme.psa_basis")
        case PsaBasis.NOT_PREPAID if _is_sold(terms):
            yield found(PAID_FOR_BUT_NOT_PREPAID, "scheme.psa_basis")
        case PsaBasis.SHORT_TERM:
            yield from _six_months(terms)
        case PsaBasis.OWN_BUSINESS | PsaBasis.THIRD_PARTY if not public:
            yield found(REGISTRATION_NEEDED, "scheme.psa_basis")
    if public and _is_sold(terms) and not terms.scheme.budgeted_gross:
        yield found(BUDGETED_NET, "scheme.budgeted_gross")


def _six_months(terms: ProgrammeTerms) -> Findings:
    """Judged for the first day of issue: with one common last day, that value lives longest."""
    issued = timing.first_issue(terms)
    most = add_months(issued, _EXEMPT_SPAN_MONTHS)
    for path, expiry in expiries(terms):
        last = timing.end_of_life(expiry, issued=issued) or date.max
        if last > most:
            yield found(LONGER_THAN_SIX_MONTHS, path, issued=issued, last=last, most=most)


def _sponsors(terms: ProgrammeTerms) -> Findings:
    for fund in terms.funds:
        if fund.funder is Funder.SPONSOR and fund.money_form is None:
            yield found(SPONSOR_MONEY_WITHOUT_FORM, f"funds.{fund.code}.money_form", fund=fund.name.ja)


def _fiscal_year(terms: ProgrammeTerms) -> Findings:
    last, claims = timing.last_spending_day(terms), terms.refunds.shop_claims_until
    for fund in terms.funds:
        if fund.funder is Funder.BUYERS:
            continue
        end, closing = FiscalYear(fund.fiscal_year).last_day, date(fund.fiscal_year + 1, 5, 31)
        if fund.carry_over is not None:
            yield from _carried(fund, last=last, claims=claims)
        elif last > end:
            yield found(SPENT_AFTER_THE_YEAR, f"funds.{fund.code}.fiscal_year", fund=fund.name.ja,
                        year=str(fund.fiscal_year), last=last, end=end)
        elif claims > closing:
            yield found(CLAIMED_AFTER_CLOSING, "refunds.shop_claims_until", fund=fund.name.ja, claims=claims,
                        closing=closing)


def _carried(fund: FundTerms, *, last: date, claims: date) -> Findings:
    """A resolution comes within the year; what is carried forward reaches one year further."""
    assert fund.carry_over is not None  # noqa: S101 - the caller looked
    end, path = FiscalYear(fund.fiscal_year).last_day, f"funds.{fund.code}.carry_over"
    if fund.carry_over.resolved_on > end:
        yield found(RESOLVED_AFTER_THE_YEAR, f"{path}.resolved_on", fund=fund.name.ja,
                    resolved=fund.carry_over.resolved_on, year=str(fund.fiscal_year), end=end)
    further = FiscalYear(fund.fiscal_year + 1).last_day
    if fund.carry_over.kind not in ONE_YEAR_FURTHER:
        return
    closing = date(fund.fiscal_year + 2, 5, 31)
    if last > further:
        yield found(CARRIED_TOO_FAR, path, fund=fund.name.ja, end=further, last=last)
    elif claims > closing:
        yield found(CLAIMED_AFTER_CLOSING, "refunds.shop_claims_until", fund=fund.name.ja, claims=claims,
                    closing=closing)


def _benefits(terms: ProgrammeTerms) -> Findings:
    if not isinstance(terms.obtaining, GrantByList):
        return
    granted = {purse.code for purse in terms.purses if purse.part is MoneyPart.GRANTED}
    for place, choice in enumerate(terms.obtaining.choices):
        path = f"obtaining.choices[{place}]"
        if choice.receipt is Receipt.LOCAL_MONEY and terms.obtaining.statutory:
            yield found(STATUTORY_BENEFIT_IS_CASH, path)
        if choice.purse in granted:
            yield found(LOCAL_MONEY_FOR_CASH, f"{path}.purse")


def _gifts(terms: ProgrammeTerms) -> Findings:
    if terms.gifts is not None and isinstance(terms.obtaining, Sale):
        yield found(GIFTS_COLLECT, "gifts")
    is_passed_on = terms.gifts is not None or terms.limits.transfer_max_yen > 0
    if is_passed_on and _is_sold(terms) and terms.refunds.unspent_paid is UnspentPaid.REFUNDED:
        yield found(GIFTS_AND_CASH, "refunds.unspent_paid")


def _auditors(terms: ProgrammeTerms) -> Findings:
    if isinstance(terms.expiry, NeverExpires):
        yield found(NEVER_ENDS, "expiry")
    if isinstance(terms.obtaining, Sale | GrantByCode):
        yield from _vouchers(terms)
    if isinstance(terms.obtaining, Sale):
        yield from _outsiders(terms.obtaining)
    yield from campaign_notes(terms)
    if isinstance(terms.obtaining, GrantByAction | GrantByPayment) and not terms.obtaining.limits:
        yield found(NO_PERSONAL_LIMIT, "obtaining.limits")
    if terms.evaluation.design is Design.BEFORE_AFTER:
        yield found(EFFECT_NOT_TOLD_APART, "evaluation.design")


def _outsiders(sale: Sale) -> Findings:
    for each in sale.rounds:
        if each.outsiders:
            yield found(CAPS_CANNOT_BE_CHECKED, f"obtaining.rounds.{each.code}.outsiders",
                        round=Both(each.name.ja, each.name.en))


def _vouchers(terms: ProgrammeTerms) -> Findings:
    if terms.limits.payment_max_yen is None:
        yield found(NO_PAYMENT_LIMIT, "limits.payment_max_yen")
    excluded = {exclusion.code for exclusion in terms.spending.excluded}
    for code, goods in AUDITED_GOODS.items():
        if code not in excluded:
            yield found(AUDITED_GOODS_ALLOWED, "spending.excluded", goods=goods)
