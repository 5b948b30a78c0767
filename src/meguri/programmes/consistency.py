"""Does the document agree with itself? Every contradiction is an error at its path. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from types import UnionType

from meguri.parties.rules import Both
from meguri.programmes import cost
from meguri.programmes.campaign_checks import wrong_campaigns
from meguri.programmes.campaign_terms import GrantByCampaign
from meguri.programmes.fairness import wrong_arms
from meguri.programmes.findings import Findings, Vocabularies, declare_error, found
from meguri.programmes.mission_faults import wrong_missions
from meguri.programmes.mission_parts import Mission
from meguri.programmes.origins import wrong_results
from meguri.programmes.parts import (
    Bundle,
    Evidence,
    ExpiresAfter,
    ExpiryBasis,
    Family,
    Funder,
    GrantByAction,
    GrantByCode,
    GrantByList,
    GrantByPayment,
    Limit,
    MoneyPart,
    PurseTerms,
    Receipt,
    ReceiptChoice,
    Sale,
    TopUp,
)
from meguri.programmes.payment import wrong_payment
from meguri.programmes.sharing import WHOLE
from meguri.programmes.sources import unknown_sources
from meguri.programmes.terms import Obtaining, ProgrammeTerms
from meguri.programmes.timing import wrong_days
from meguri.words import predicate
from meguri.words.predicate import Predicate, Vocabulary
from meguri.words.refusal import Refusal

CODE_TWICE = declare_error(
    "code_twice", ja="「{name}」という記号が二度使われています。", en="The code “{name}” is used twice."
)
UNKNOWN_CODE = declare_error(
    "unknown_code", ja="「{name}」は、この文書のどこにもありません。", en="“{name}” is nowhere in this document."
)
UNKNOWN_SOURCE = declare_error(
    "unknown_source",
    ja="出典の対象「{name}」が文書にないか、source と assumed のどちらか一つだけになっていません。",
    en="The source note for “{name}” points nowhere, or does not give exactly one of source and assumed.",
)
SHARES_NOT_WHOLE = declare_error(
    "shares_not_whole",
    ja="負担割合の合計が {total} です。10,000(100%)にしてください。",
    en="The shares add up to {total}. They must add up to 10,000 (100 %).",
)
FAMILY_DIFFERS = declare_error(
    "family_differs",
    ja="「{family}」の事業では、この方法で価値を渡せません。",
    en="A programme of the family “{family}” cannot hand out value in this way.",
)
PAID_PART_IS_NOT_THE_PRICE = declare_error(
    "paid_part_is_not_the_price",
    ja="有償分の合計({paid}円)が価格({price}円)と違います。払った額だけが有償分です。",
    en="The paid part ({paid} yen) differs from the price ({price} yen): what people pay is the paid part.",
    law="前払式支払手段に関する内閣府令・事務ガイドライン I-2-1(3)",
)
EVIDENCE_DOES_NOT_FIT = declare_error(
    "evidence_does_not_fit",
    ja="「{action}」の証跡と合いません。歩数は歩数計の行動だけ、抜き取りの確認は誰も確かめない行動だけに書けます。",
    en="This does not fit the evidence of “{action}”: steps are for a device's record, "
    "spot checks for what nobody confirms.",
)
FUNDER_DOES_NOT_FIT = declare_error(
    "funder_does_not_fit",
    ja="「{purse}」の財源が合いません。売って得た金は有償分に、予算や協賛金は無償分に使います。",
    en="The fund behind “{purse}” does not fit: buyers' money carries the paid part, budgets carry granted parts.",
)
CONDITION_UNREADABLE = declare_error(
    "condition_unreadable", ja="条件が使えません: {problem:ja}", en="The condition cannot be used: {problem:en}"
)
LIMIT_UNCLEAR = declare_error(
    "limit_unclear",
    ja="上限には円か回数のどちらか一つだけを書いてください。",
    en="A limit states either yen or times, one of them.",
)
CHOICE_INCOMPLETE = declare_error(
    "choice_incomplete",
    ja="受け取り方「{receipt}」が成り立ちません。地域通貨には財布の種類、口座には財布も上乗せもなし、"
       "選ばない人の受け取り方は選択肢の中から書いてください。",
    en="The choice “{receipt}” does not work: local money names its purse, the bank takes neither purse nor bonus, "
       "and what the silent receive is one of the choices.",
)
BUDGET_TOO_SMALL = declare_error(
    "budget_too_small",
    ja="財源「{fund}」の{amount}円では、約束した{promised}円に足りません。口数を減らすか、予算を増やしてください。",
    en="The fund “{fund}” holds {amount} yen, but {promised} yen are promised. Lower the units or raise the budget.",
)
ROUND_WITHOUT_UNITS = declare_error(
    "round_without_units",
    ja="販売回「{round}」には売る口数がありません。口数を書くか、前の回の残りを売る回にしてください。",
    en="The round “{round}” has no units to sell. State units, or let it sell what an earlier round left.",
)
NOT_CARRIED_OUT = declare_error(
    "not_carried_out",
    ja="「{what}」は文書に書けますが、まだ実行できません。これを使わない形にしてください。",
    en="“{what}” can be written, but is not carried out yet. Please do without it.",
)
DEMURRAGE_OF_PAID_VALUE = declare_error(
    "demurrage_of_paid_value", law="前払式支払手段に関する内閣府令・事務ガイドライン I-2-1(3)、資金決済法 20条",
    ja="減価できるのは無償で付与した分だけですが、この事業には無償分がありません。人が払ったお金は減りません。",
    en="Only what was given for nothing may shrink, and this programme gives nothing. What people paid for stays.",
)
DEMURRAGE_RATE = declare_error(
    "demurrage_rate",
    ja="減価の率は1から{most}(万分率)のあいだにしてください({rate}とあります)。",
    en="The rate of demurrage lies between 1 and {most} basis points ({rate} is written).",
)
GIFTS_SHRINK = declare_error(
    "gifts_shrink",
    ja="減価する事業では贈れるようにできません。贈られて受け取りを待つあいだの分だけが減らずに残ってしまいます。",
    en="Where value shrinks it cannot be given: what waits to be taken would escape the shrinking.",
)
GIFT_STEPS_UNEVEN = declare_error(
    "gift_steps_uneven",
    ja="一度に贈れる上限({most}円)は、贈る単位({step}円)の倍数にしてください。",
    en="The most in one gift ({most} yen) must be a multiple of its step ({step} yen).",
)

_WAYS: dict[Family, type | UnionType] = {
    Family.VOUCHER: Sale | GrantByCode, Family.POINT: GrantByAction | GrantByPayment | GrantByCampaign,
    Family.BENEFIT: GrantByList,
}


def contradictions(terms: ProgrammeTerms, vocabularies: Vocabularies) -> Findings:
    """All errors of consistency. Later checks wait until codes and shares are sound, so that they cannot stumble."""
    sound = [*_codes(terms), *_references(terms), *_shares(terms), *_sources(terms)]
    yield from sound
    yield from wrong_days(terms)
    yield from wrong_payment(terms)
    yield from wrong_results(terms.origin)
    yield from _conditions(terms, vocabularies)
    yield from _limits(terms)
    yield from _evidence(terms)
    yield from wrong_missions(terms.obtaining)
    yield from _demurrage(terms)
    yield from _gifts(terms)
    yield from wrong_campaigns(terms)
    yield from _not_carried_out(terms)
    if not isinstance(terms.obtaining, _WAYS[terms.family] | TopUp):
        yield found(FAMILY_DIFFERS, "family", family=terms.family)
    if not sound:
        yield from wrong_arms(terms)
        yield from _money(terms)


def _codes(terms: ProgrammeTerms) -> Findings:
    spaces = {
        "funds": [*(fund.code for fund in terms.funds), *(agreement.code for agreement in terms.agreements)],
        "purses": [purse.code for purse in terms.purses],
        "indicators": [indicator.code for indicator in terms.indicators],
        "obtaining": [*_own_codes(terms.obtaining), *(each.code for each in _missions(terms.obtaining))],
        "obtaining.bundles": [each.code for each in _bundles(terms.obtaining)],
    }
    for path, codes in spaces.items():
        yield from (found(CODE_TWICE, path, name=code) for code, times in Counter(codes).items() if times > 1)


def _own_codes(obtaining: Obtaining) -> list[str]:
    if isinstance(obtaining, Sale):
        return [each.code for each in obtaining.rounds]
    if isinstance(obtaining, GrantByPayment):
        return [rate.code for rate in obtaining.rates]
    if isinstance(obtaining, GrantByCampaign):
        return [each.code for each in obtaining.campaigns]
    return [action.code for action in obtaining.actions] if isinstance(obtaining, GrantByAction) else []


def _missions(obtaining: Obtaining) -> tuple[Mission, ...]:
    return obtaining.missions if isinstance(obtaining, GrantByAction) else ()


def _bundles(obtaining: Obtaining) -> tuple[Bundle, ...]:
    return obtaining.bundles if isinstance(obtaining, Sale) else ()


def _references(terms: ProgrammeTerms) -> Findings:
    funds = {fund.code for fund in terms.funds}
    payers = funds | {agreement.code for agreement in terms.agreements}
    purses = {purse.code for purse in terms.purses}
    indicators = {indicator.code for indicator in terms.indicators}
    wanted = [
        *((f"agreements.{a.code}.shares", share.fund, funds) for a in terms.agreements for share in a.shares),
        *((f"purses.{purse.code}.funded_by", purse.funded_by, payers) for purse in terms.purses),
        *((f"goals[{place}].indicator", goal.indicator, indicators) for place, goal in enumerate(terms.goals)),
        *((path, code, purses) for path, code in _purses_named(terms.obtaining)),
        *((path, code, payers) for path, code in _payers_named(terms.obtaining)),
        *((f"obtaining.missions.{each.code}.actions", code, set(_own_codes(terms.obtaining)))
          for each in _missions(terms.obtaining) for code in each.actions),
        *((path, code, {each.code for each in _bundles(terms.obtaining)})
          for path, code in _bundles_named(terms.obtaining)),
    ]
    yield from (found(UNKNOWN_CODE, path, name=code) for path, code, known in wanted if code not in known)


def _purses_named(obtaining: Obtaining) -> Iterator[tuple[str, str]]:
    match obtaining:
        case Sale(face=face, bundles=bundles):
            yield from ((f"obtaining.face[{place}].purse", part.purse) for place, part in enumerate(face))
            for each in bundles:
                yield from ((f"obtaining.bundles.{each.code}.face", part.purse) for part in each.face)
        case GrantByCode(face=face):
            yield from ((f"obtaining.face[{place}].purse", part.purse) for place, part in enumerate(face))
        case GrantByAction(purse=purse) | GrantByPayment(purse=purse):
            yield "obtaining.purse", purse
        case GrantByCampaign(purse=purse, campaigns=campaigns):
            yield "obtaining.purse", purse
            for campaign in campaigns:
                if campaign.purse is not None:
                    yield f"obtaining.campaigns.{campaign.code}.purse", campaign.purse
        case GrantByList(choices=choices):
            for place, choice in enumerate(choices):
                named = [choice.purse, choice.bonus_purse]
                yield from ((f"obtaining.choices[{place}]", purse) for purse in named if purse is not None)
        case TopUp(purse=purse, bonus_purse=bonus):
            yield "obtaining.purse", purse
            yield "obtaining.bonus_purse", bonus


def _bundles_named(obtaining: Obtaining) -> Iterator[tuple[str, str]]:
    if isinstance(obtaining, Sale):
        for each in obtaining.rounds:
            if each.bundle is not None:
                yield f"obtaining.rounds.{each.code}.bundle", each.bundle


def _payers_named(obtaining: Obtaining) -> Iterator[tuple[str, str]]:
    if isinstance(obtaining, GrantByAction):
        for action in obtaining.actions:
            if action.funded_by is not None:
                yield f"obtaining.actions.{action.code}.funded_by", action.funded_by
        for mission in obtaining.missions:
            if mission.funded_by is not None:
                yield f"obtaining.missions.{mission.code}.funded_by", mission.funded_by
    elif isinstance(obtaining, GrantByCampaign):
        for each in obtaining.campaigns:
            if each.funded_by is not None:
                yield f"obtaining.campaigns.{each.code}.funded_by", each.funded_by
    elif isinstance(obtaining, GrantByList):
        yield "obtaining.funded_by", obtaining.funded_by


def _shares(terms: ProgrammeTerms) -> Findings:
    for agreement in terms.agreements:
        path = f"agreements.{agreement.code}.shares"
        total = sum(share.share_bp for share in agreement.shares)
        if total != WHOLE:
            yield found(SHARES_NOT_WHOLE, path, total=total)
        funds = Counter(share.fund for share in agreement.shares)
        yield from (found(CODE_TWICE, path, name=fund) for fund, times in funds.items() if times > 1)


def _sources(terms: ProgrammeTerms) -> Findings:
    yield from (found(UNKNOWN_SOURCE, "sources", name=name) for name in unknown_sources(terms))


def _conditions(terms: ProgrammeTerms, vocabularies: Vocabularies) -> Findings:
    for path, condition, vocabulary in conditions(terms, vocabularies):
        for fault in predicate.faults(condition, vocabulary):
            yield found(
                CONDITION_UNREADABLE, f"{path}.{fault.field}" if fault.field else path,
                problem=Both(fault.sentence("ja"), fault.sentence("en")),
            )


def conditions(
    terms: ProgrammeTerms, vocabularies: Vocabularies
) -> Iterator[tuple[str, Predicate, Vocabulary]]:
    """Every condition of the document with its path and the facts it may speak of."""
    yield "eligibility.who", terms.eligibility.who, vocabularies.residents
    if terms.gifts is not None:
        yield "gifts.who", terms.gifts.who, vocabularies.residents
    for purse in terms.purses:
        yield f"purses.{purse.code}.where", purse.where, vocabularies.shops
    if isinstance(terms.obtaining, Sale):
        for each in terms.obtaining.rounds:
            yield f"obtaining.rounds.{each.code}.who", each.who, vocabularies.residents
    elif isinstance(terms.obtaining, GrantByPayment):
        for rate in terms.obtaining.rates:
            yield f"obtaining.rates.{rate.code}.where", rate.where, vocabularies.shops
    elif isinstance(terms.obtaining, GrantByCampaign):
        for campaign in terms.obtaining.campaigns:
            yield f"obtaining.campaigns.{campaign.code}.when", campaign.when, vocabularies.campaigns
    elif isinstance(terms.obtaining, GrantByList):
        for place, row in enumerate(terms.obtaining.amounts):
            yield f"obtaining.amounts[{place}].when", row.when, vocabularies.residents


def _limits(terms: ProgrammeTerms) -> Findings:
    limits: list[tuple[str, Limit]] = []
    if isinstance(terms.obtaining, GrantByAction | GrantByPayment | GrantByCampaign | TopUp):
        limits += [(f"obtaining.limits[{place}]", limit) for place, limit in enumerate(terms.obtaining.limits)]
    if isinstance(terms.obtaining, GrantByAction):
        for action in terms.obtaining.actions:
            limits += [(f"obtaining.actions.{action.code}.limits", limit) for limit in action.limits]
    yield from (found(LIMIT_UNCLEAR, path) for path, limit in limits if (limit.yen is None) == (limit.times is None))


def _evidence(terms: ProgrammeTerms) -> Findings:
    """Steps are a device's; lot draws among deeds that nobody confirms anyway."""
    for action in terms.obtaining.actions if isinstance(terms.obtaining, GrantByAction) else ():
        is_confirmed = action.evidence in (Evidence.STAFF_CONFIRMS, Evidence.PARTNER_CONFIRMS, Evidence.PHOTO)
        for name, is_wrong in (
            ("steps", action.steps is not None and action.evidence is not Evidence.DEVICE),
            ("spot_check_bp", action.spot_check_bp > 0 and is_confirmed),
        ):
            if is_wrong:
                yield found(EVIDENCE_DOES_NOT_FIT, f"obtaining.actions.{action.code}.{name}", action=action.name.ja)


def _demurrage(terms: ProgrammeTerms) -> Findings:
    """The paid part never shrinks, whatever a document says: a programme that has nothing else cannot have demurrage.

    No terms can allow it either: what a holder of a prepaid instrument paid for is refunded, not taken.
    """
    if terms.demurrage is None:
        return
    if all(purse.part is MoneyPart.PAID for purse in terms.purses):
        yield found(DEMURRAGE_OF_PAID_VALUE, "demurrage")
    if not 1 <= terms.demurrage.rate_bp <= WHOLE:
        yield found(DEMURRAGE_RATE, "demurrage.rate_bp", most=WHOLE, rate=terms.demurrage.rate_bp)


def _gifts(terms: ProgrammeTerms) -> Findings:
    if terms.gifts is None:
        return
    if terms.demurrage is not None:
        yield found(GIFTS_SHRINK, "gifts")
    most, step = terms.gifts.most_yen, terms.gifts.step_yen
    if most is not None and most % step:
        yield found(GIFT_STEPS_UNEVEN, "gifts.most_yen", most=most, step=step)


def _not_carried_out(terms: ProgrammeTerms) -> Findings:
    if isinstance(terms.obtaining, TopUp):
        yield found(NOT_CARRIED_OUT, "obtaining.by", what="top_up")
    if isinstance(terms.expiry, ExpiresAfter) and terms.expiry.basis is not ExpiryBasis.STATIC:
        yield found(NOT_CARRIED_OUT, "expiry.basis", what=terms.expiry.basis.value)
    yield from (found(NOT_CARRIED_OUT, path, what=path.rpartition(".")[2]) for path, is_said in _said_in_vain(terms)
                if is_said)


def _said_in_vain(terms: ProgrammeTerms) -> Iterator[tuple[str, bool]]:
    """Rules that no operation would keep: a document that says one of them would promise what does not happen."""
    obtaining, refunds = terms.obtaining, terms.refunds
    holding_bounded = terms.limits.balance_max_yen is not None
    if isinstance(obtaining, GrantByCampaign):
        yield "trial", terms.trial is not None
    if isinstance(obtaining, GrantByPayment | GrantByCampaign):
        yield "obtaining.limits.times", any(limit.times for limit in obtaining.limits)
    yield "limits.balance_max_yen", holding_bounded and not isinstance(obtaining, GrantByAction)
    yield "spending.spend_unit_yen", terms.spending.spend_unit_yen != 1  # tills take any whole yen
    yield "refunds.payment_refund", not refunds.payment_refund  # shops can always give back
    yield "refunds.purchase_cancel_days", refunds.purchase_cancel_days > 0


def _money(terms: ProgrammeTerms) -> Findings:
    """Runs only when codes and shares are sound."""
    if isinstance(terms.obtaining, Sale):
        yield from _prices(terms, terms.obtaining)
        yield from _units(terms.obtaining)
    elif isinstance(terms.obtaining, GrantByList):
        yield from _choices(terms.obtaining)
    yield from (found(FUNDER_DOES_NOT_FIT, f"purses.{p.code}.funded_by", purse=p.code)
                for p in terms.purses if not _funder_fits(terms, p))
    yield from _budgets(terms)


def _prices(terms: ProgrammeTerms, sale: Sale) -> Findings:
    paid_purses = {purse.code for purse in terms.purses if purse.part is MoneyPart.PAID}
    priced = [("obtaining.face", sale.face, sale.unit_price_yen)]
    priced += [(f"obtaining.bundles.{each.code}.face", each.face, each.price_yen) for each in sale.bundles]
    for path, faces, price in priced:
        paid = sum(face.yen for face in faces if face.purse in paid_purses)
        if paid != price:
            yield found(PAID_PART_IS_NOT_THE_PRICE, path, paid=paid, price=price)


def _units(sale: Sale) -> Findings:
    """A round sells units of its own, or what an earlier round of its bundle left."""
    for place, each in enumerate(sale.rounds):
        inherits = each.leftovers and any(before.bundle == each.bundle for before in sale.rounds[:place])
        if not each.units and not inherits:
            yield found(ROUND_WITHOUT_UNITS, f"obtaining.rounds.{each.code}.units", round=each.code)


def _funder_fits(terms: ProgrammeTerms, purse: PurseTerms) -> bool:
    """Buyers' money carries what is sold; a benefit taken as local money is paid by the fund that owed the cash."""
    funders = {fund.code: fund.funder for fund in terms.funds}
    from_buyers = {funders[code] is Funder.BUYERS for code in cost.funds_of(terms, purse.funded_by)}
    sold = isinstance(terms.obtaining, Sale | TopUp) and purse.part is MoneyPart.PAID
    return from_buyers == {sold}


def _choices(grant: GrantByList) -> Findings:
    yield from (
        found(CHOICE_INCOMPLETE, f"obtaining.choices[{place}]", receipt=choice.receipt)
        for place, choice in enumerate(grant.choices) if not _choice_is_whole(choice)
    )
    receipts = [choice.receipt for choice in grant.choices]
    if grant.otherwise not in receipts or len(set(receipts)) != len(receipts):
        yield found(CHOICE_INCOMPLETE, "obtaining.otherwise", receipt=grant.otherwise)


def _choice_is_whole(choice: ReceiptChoice) -> bool:
    if choice.receipt is Receipt.BANK:
        return choice.purse is None and choice.bonus_purse is None and choice.bonus_yen == 0
    return choice.purse is not None and (choice.bonus_yen == 0) == (choice.bonus_purse is None)


def _budgets(terms: ProgrammeTerms) -> Findings:
    try:
        promised = cost.promised(terms)
    except Refusal as exhausted:
        facts = exhausted.facts
        yield found(BUDGET_TOO_SMALL, "agreements", fund="-", amount=facts["available"], promised=facts["wanted"])
        return
    for fund in terms.funds:
        owed = promised.get(fund.code, 0)
        if fund.funder is not Funder.BUYERS and owed > fund.amount_yen:
            yield found(BUDGET_TOO_SMALL, f"funds.{fund.code}.amount_yen", fund=fund.code, amount=fund.amount_yen,
                        promised=owed)
