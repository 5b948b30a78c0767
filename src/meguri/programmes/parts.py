"""The parts a programme's document is composed of: frozen, typed, each readable alone.

What values mean together is judged by `programmes.validation`, not here: a half-written draft must be readable.
"""

# ruff: noqa: PLC0414 - the pieces that every part is made of are passed on to whoever reads parts

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from meguri.programmes.mission_parts import Mission
from meguri.programmes.part import BasisPoints as BasisPoints
from meguri.programmes.part import Code as Code
from meguri.programmes.part import Count as Count
from meguri.programmes.part import Part as Part
from meguri.programmes.part import Text as Text
from meguri.programmes.part import Window as Window
from meguri.programmes.part import Yen as Yen
from meguri.words.predicate import EVERYTHING, Predicate

# --- where each value comes from -------------------------------------------------------------------------------------


class SourceNote(Part, frozen=True, kw_only=True):
    """Where a value of this document comes from: published, or `assumed` with the reason. Covers all below `value`."""

    value: Annotated[str, Meta(min_length=1)]  # a path: "obtaining.unit_price_yen", or "purses" for all of them
    source: str = ""
    assumed: str = ""


# --- scheme and issuer -----------------------------------------------------------------------------------------------


class Family(StrEnum):
    """The three kinds of programme, each run by its own room."""

    VOUCHER = "voucher"  # value is sold
    POINT = "point"  # value follows an action
    BENEFIT = "benefit"  # value follows a list of entitled people


class IssuerKind(StrEnum):
    """Who promises the shop its money. The duties under the Payment Services Act follow from this."""

    MUNICIPALITY = "municipality"
    CHAMBER = "chamber"  # chamber or society of commerce
    COMMITTEE = "committee"  # an executive committee (実行委員会)
    SHOPPING_STREET = "shopping_street"
    BANK = "bank"


class PsaBasis(StrEnum):
    """The issuer's footing under the Payment Services Act (資金決済法)."""

    PUBLIC_ISSUER = "public_issuer"  # art. 4 no. 3: the State or a municipality issues
    SHORT_TERM = "short_term"  # art. 4 no. 2: usable only within six months from issue
    OWN_BUSINESS = "own_business"  # notification above 10,000,000 yen unused
    THIRD_PARTY = "third_party"  # registration before issuing
    NOT_PREPAID = "not_prepaid"  # nobody pays for it


class Scheme(Part, frozen=True, kw_only=True):
    """Issuer, legal basis, and who holds the cash."""

    issuer: Text
    issuer_kind: IssuerKind
    psa_basis: PsaBasis
    legal_basis: tuple[Text, ...]  # ordinance, law, plan: one line each
    cash_held_by: Text
    budgeted_gross: bool = True  # 地方自治法 art. 210: 10,000 in and 13,000 out, not 3,000


# --- funds and sharing -----------------------------------------------------------------------------------------------


class Funder(StrEnum):
    """Whose money a fund is."""

    DEPARTMENT = "department"
    NATIONAL = "national"
    PREFECTURE = "prefecture"
    SPONSOR = "sponsor"
    BUYERS = "buyers"  # what people pay for vouchers: loaded by each sale, never appropriated


class MoneyForm(StrEnum):
    """In which legal form outside money lies with the city (地方自治法 art. 235-4: it may not just hold it)."""

    DONATION = "donation"  # 寄附金: becomes the city's revenue
    CONTRIBUTION = "contribution"  # 負担金: revenue, owed under the agreement
    RESERVE_FUND = "reserve_fund"  # 基金 set up by ordinance
    HELD_BY_OPERATOR = "held_by_operator"  # stays outside the city's books


class BudgetLine(Part, frozen=True, kw_only=True):
    """A place in the city's books: 会計 and 款・項・目・節."""

    account: str  # 会計, for example 一般会計
    kan: str
    kou: str
    moku: str
    setsu: str


class CarryOverKind(StrEnum):
    """The lawful ways to spend after the year's end."""

    CARRIED_FORWARD = "carried_forward"  # 繰越明許費
    UNAVOIDABLE = "unavoidable"  # 事故繰越し
    DEBT_BURDEN = "debt_burden"  # 債務負担行為
    RESERVE_FUND = "reserve_fund"  # 基金


class CarryOver(Part, frozen=True, kw_only=True):
    """The resolution which lets money be spent after 31 March."""

    kind: CarryOverKind
    resolved_on: date


class FundTerms(Part, frozen=True, kw_only=True):
    """Who pays (財源). `amount_yen` is what launch appropriates; 0 for the buyers' own money."""

    code: Code
    name: Text
    funder: Funder
    payer: str = ""  # department code, or the sponsor's code among the parties
    fiscal_year: int
    budget_line: BudgetLine | None = None
    source: Text  # general revenue, a named grant, a donation …
    grant_rate_bp: BasisPoints = 10_000
    amount_yen: Yen
    money_form: MoneyForm | None = None  # a sponsor's money needs one
    carry_over: CarryOver | None = None


class Share(Part, frozen=True, kw_only=True):
    """One funder's part of a grant. At `cap_yen` (over the whole programme) the rest falls to the next in order."""

    fund: Code
    share_bp: BasisPoints
    cap_yen: Yen | None = None


class AgreementTerms(Part, frozen=True, kw_only=True):
    """Several funders carry a grant together. The shares add up to 10,000; their order is the order of overflow."""

    code: Code
    name: Text
    shares: tuple[Share, ...]
    signed_on: date | None = None


# --- how value is obtained -------------------------------------------------------------------------------------------


class Holder(StrEnum):
    """Whose right a limit counts."""

    RESIDENT = "resident"
    HOUSEHOLD = "household"


class Allocation(StrEnum):
    """Who gets the units when more are wanted than there are."""

    LOTTERY = "lottery"
    FIRST_COME = "first_come"
    EVEN_SHARE = "even_share"  # everybody's cap is lowered until all get some


class FacePart(Part, frozen=True, kw_only=True):
    """What one unit puts into one purse."""

    purse: Code
    yen: Annotated[int, Meta(ge=1, le=10**7)]


class Bundle(Part, frozen=True, kw_only=True):
    """A unit with a price, a face and a ceiling of its own (冊), where a programme sells more than one kind."""

    code: Code
    name: Text
    price_yen: Annotated[int, Meta(ge=0, le=10**7)]
    face: tuple[FacePart, ...]
    max_units: Count


class SaleRound(Part, frozen=True, kw_only=True):
    """One sale: its units, how they are allocated, and when. A lottery has an application window and a day of draw.

    `leftovers`: what earlier rounds of the same bundle left unsold or unpaid comes on top of `units`.
    """

    code: Code
    name: Text
    units: Annotated[int, Meta(ge=0, le=10**9)]
    bundle: Code | None = None  # none: the sale's own unit
    leftovers: bool = False
    allocation: Allocation
    application: Window | None = None
    drawn_on: date | None = None
    purchase: Window
    who: Predicate = EVERYTHING  # beyond the programme's eligibility
    outsiders: bool = False  # also people who are not residents: the register can ask nothing of them


class PaymentWay(StrEnum):
    """How a buyer may pay. The counter takes cash; the others go through a payment provider."""

    COUNTER = "counter"
    SLIP = "slip"  # a convenience-store slip (払込票): an early notice, then a final one
    CARD = "card"  # a card with 3-D Secure


class IssuedOn(StrEnum):
    """Which notice of a shop puts the vouchers into the wallet."""

    EARLY = "early"  # 速報: at once, and taken back (or owed, where spent) should the shop withdraw it
    FINAL = "final"  # 確報: some days later, and for good


class LatePayment(StrEnum):
    """What becomes of money that was paid after the deadline. Who paid in time is served while units are left."""

    REFUND = "refund"
    UNITS_IF_LEFT = "units_if_left"


class PaymentTerms(Part, frozen=True, kw_only=True):
    """How vouchers are paid for. `slip_days`: how long a slip is good, never longer than the purchase window."""

    ways: tuple[PaymentWay, ...] = (PaymentWay.COUNTER,)
    issued_on: IssuedOn = IssuedOn.FINAL
    late: LatePayment = LatePayment.REFUND
    slip_days: Annotated[int, Meta(ge=1, le=60)] = 14


class WaitingList(Part, frozen=True, kw_only=True):
    """Whoever was drawn next moves up when a winner has not paid, and has so many whole days to pay (繰上当選)."""

    days_to_pay: Annotated[int, Meta(ge=1, le=90)]
    last_day: date | None = None  # the last day of paying for anybody; none: the last day of spending


class Sale(Part, frozen=True, kw_only=True, tag_field="by", tag="sale"):
    """A unit is bought for its price and loads its face parts."""

    unit_price_yen: Annotated[int, Meta(ge=0, le=10**7)]
    face: tuple[FacePart, ...]
    max_units: Count
    per: Holder = Holder.RESIDENT
    bundles: tuple[Bundle, ...] = ()
    rounds: tuple[SaleRound, ...]
    paper_or_electronic: bool = False  # whoever asks for one may not ask for the other
    payment: PaymentTerms = PaymentTerms()
    waiting_list: WaitingList | None = None  # none: what nobody paid for goes into the next round


class Evidence(StrEnum):
    """What shows that an action was done."""

    PLACE_CODE = "place_code"  # a code shown at the place, valid for minutes
    STAFF_CONFIRMS = "staff_confirms"
    PARTNER_CONFIRMS = "partner_confirms"
    DEVICE = "device"  # a step counter's daily record
    SELF_REPORT = "self_report"
    PHOTO = "photo"  # the person's own photo of it, at which somebody looks


PHOTO_KEPT_DAYS = 30
"""So long after the answer a photo is kept, in case the answer is asked about; then it is deleted."""


class Per(StrEnum):
    """The span a limit covers. Days and months are those of Asia/Tokyo."""

    DAY = "day"
    MONTH = "month"
    PROGRAMME = "programme"


class Limit(Part, frozen=True, kw_only=True):
    """A ceiling per person: yen, or times. It is a balance in the books, drawn in the same step as the grant."""

    per: Per
    yen: Annotated[int, Meta(ge=1, le=10**9)] | None = None
    times: Annotated[int, Meta(ge=1, le=10**6)] | None = None


class Action(Part, frozen=True, kw_only=True):
    """An everyday action and what it earns. `goal` is how often the town hopes to see it done."""

    code: Code
    name: Text
    yen: Annotated[int, Meta(ge=1, le=10**6)]
    evidence: Evidence
    window: Window | None = None
    limits: tuple[Limit, ...] = ()
    funded_by: Code | None = None  # an agreement or fund of its own; else the purse's
    goal: int = 0
    steps: Annotated[int, Meta(ge=1, le=100_000)] | None = None  # a device's day must have so many; None: not told
    spot_check_bp: BasisPoints = 0  # the share of own reports that somebody looks at first, in 1/100 %


class GrantByAction(Part, frozen=True, kw_only=True, tag_field="by", tag="action"):
    """Points follow an action. `limits` bind over all actions and the bonuses of missions together."""

    purse: Code
    actions: tuple[Action, ...]
    limits: tuple[Limit, ...]
    window: Window
    missions: tuple[Mission, ...] = ()


class RewardRate(Part, frozen=True, kw_only=True):
    """What a payment earns in shops of a class, in 1/100 % of what was paid; of several rates the first that fits."""

    code: Code
    name: Text
    rate_bp: BasisPoints
    where: Predicate


class GrantByPayment(Part, frozen=True, kw_only=True, tag_field="by", tag="payment"):
    """Points follow a payment with paid value, by class of shop. What was given back earns nothing."""

    purse: Code
    rates: tuple[RewardRate, ...]
    limits: tuple[Limit, ...]
    window: Window


class AmountRow(Part, frozen=True, kw_only=True):
    """A line of the amount table; the first row that applies to the person counts."""

    name: Text
    yen: Annotated[int, Meta(ge=1, le=10**7)]
    when: Predicate


class Receipt(StrEnum):
    """How a benefit is received."""

    BANK = "bank"
    LOCAL_MONEY = "local_money"


class ReceiptChoice(Part, frozen=True, kw_only=True):
    """One way to receive the benefit. Local money names its purse, and a bonus with the purse it lies in."""

    receipt: Receipt
    purse: Code | None = None
    bonus_yen: Yen = 0
    bonus_purse: Code | None = None


class GrantByList(Part, frozen=True, kw_only=True, tag_field="by", tag="list"):
    """A list of entitled people; each amount is decided by the first row that applies, once per person in it."""

    funded_by: Code  # the fund or agreement that pays the benefit itself, to the bank or to the purse
    statutory: bool  # a benefit by national law is paid in cash only
    amounts: tuple[AmountRow, ...]
    choices: tuple[ReceiptChoice, ...]
    otherwise: Receipt  # for those who do not choose in time
    choosing: Window
    paid_on: date


class GrantByCode(Part, frozen=True, kw_only=True, tag_field="by", tag="code"):
    """A letter brings every eligible person a code; whoever enters it loads its face, once, within the window."""

    face: tuple[FacePart, ...]
    entering: Window


class TopUp(Part, frozen=True, kw_only=True, tag_field="by", tag="top_up"):
    """The holder loads own money and receives a bonus on it."""

    purse: Code
    bonus_purse: Code
    bonus_bp: BasisPoints
    least_yen: Annotated[int, Meta(ge=1, le=10**6)]
    limits: tuple[Limit, ...]
    window: Window


# --- who, where, until when ------------------------------------------------------------------------------------------


class Eligibility(Part, frozen=True, kw_only=True):
    """Who may take part, judged on one day."""

    who: Predicate
    on: date  # the eligibility date; never called 基準日 alone
    note: Text | None = None


class MoneyPart(StrEnum):
    """Paid and granted value never mix and are shown apart (guideline I-2-1(3))."""

    PAID = "paid"
    GRANTED = "granted"


class PurseTerms(Part, frozen=True, kw_only=True):
    """What a holder has of this programme. Order in the document = order of spending between equals."""

    code: Code
    name: Text
    part: MoneyPart
    funded_by: Code  # a fund, or an agreement between funds
    where: Predicate = EVERYTHING  # over shop facts


class Exclusion(Part, frozen=True, kw_only=True):
    """Something that value may not buy. `code` is the same in every document, so that rules can ask for it."""

    code: Code
    name: Text


class Spending(Part, frozen=True, kw_only=True):
    """When value may be spent, in what steps, and for what not."""

    window: Window
    spend_unit_yen: Count = 1
    excluded: tuple[Exclusion, ...] = ()


class ExpiryBasis(StrEnum):
    """From which moment a relative expiry counts."""

    STATIC = "static"  # from the grant or purchase itself
    LAST_USE = "last_use"
    LAST_TOP_UP = "last_top_up"


class ExpiresOn(Part, frozen=True, kw_only=True, tag_field="kind", tag="on"):
    """All value ends with this day (it still counts)."""

    last_day: date


class ExpiresAfter(Part, frozen=True, kw_only=True, tag_field="kind", tag="after"):
    """Value ends so many months after its basis, at that month's end unless `to_the_day`."""

    months: Annotated[int, Meta(ge=1, le=120)]
    basis: ExpiryBasis = ExpiryBasis.STATIC
    to_the_day: bool = False


class NeverExpires(Part, frozen=True, kw_only=True, tag_field="kind", tag="never"):
    """Value stays. Allowed, and noted: the city owes it for ever."""


class Demurrage(Part, frozen=True, kw_only=True):
    """Value shrinks while it lies (減価)."""

    every_days: Count
    rate_bp: BasisPoints


class Limits(Part, frozen=True, kw_only=True):
    """Ceilings on holding and paying (yen)."""

    payment_max_yen: Yen | None = None
    balance_max_yen: Yen | None = None
    transfer_max_yen: Yen = 0  # 0: value may not pass from person to person


class GiftTerms(Part, frozen=True, kw_only=True):
    """A holder may give value to another person by a code, for nothing. A document without it lets nobody do so.

    `days`: for how many days a code can be taken, its first one counted. `step_yen`: gifts are multiples of it, so that
    a voucher is given whole. `who` may take it, judged on that day; `outsiders`: also people who are not residents.
    """

    days: Annotated[int, Meta(ge=1, le=60)] = 7
    step_yen: Annotated[int, Meta(ge=1, le=10**6)] = 1
    most_yen: Annotated[int, Meta(ge=1, le=10**7)] | None = None  # in one gift
    who: Predicate = EVERYTHING
    outsiders: bool = False


class UnspentPaid(StrEnum):
    """Whose the paid value is that nobody spent, when its programme is wound up."""

    KEPT = "kept"  # it lapses and stays with the fund of the buyers' money, shown apart
    REFUNDED = "refunded"  # it is owed to its holder, by bank transfer


class Refunds(Part, frozen=True, kw_only=True):
    """What happens when goods come back, when a purchase is regretted, and when the programme ends."""

    payment_cancel_days: int = 0  # 0: on the same day only
    payment_refund: bool = True
    purchase_cancel_days: int = 0
    cash_out_refund: Text  # to whom paid value may go back in cash, if at all
    closing_notice_days: int = 0  # so many days lie at least between the end of spending and the winding up
    unspent_paid: UnspentPaid = UnspentPaid.KEPT
    shop_claims_until: date  # last day on which a shop may claim its takings


# --- goals and evaluation --------------------------------------------------------------------------------------------


class Indicator(Part, frozen=True, kw_only=True):
    """A number the programme is judged by."""

    code: Code
    name: Text
    unit: str  # "yen", "people", "bp", "times"


class Goal(Part, frozen=True, kw_only=True):
    """What shall be reached, by when."""

    indicator: Code
    target: int
    by: date


class Design(StrEnum):
    """How the effect is told apart from what would have happened anyway."""

    LOTTERY = "lottery"  # losers are the comparison
    STAGGERED = "staggered"
    CUT_OFF = "cut_off"
    BEFORE_AFTER = "before_after"


class Evaluation(Part, frozen=True, kw_only=True):
    """Written before launch, so that the question cannot be changed to fit the answer."""

    design: Design
    outcome: Text
    compared_with: Text
    follow_until: date
    caution: Text
