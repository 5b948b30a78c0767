"""Pure decisions about voucher sales: windows, numbers, what is published of a draw, what a unit is made of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from meguri.parties.rules import Both
from meguri.programmes.parts import Allocation, Sale, SaleRound
from meguri.words import draw
from meguri.words.period import Period, day_of, in_japan
from meguri.words.refusal import declare

SALE_UNKNOWN = declare(
    "voucher_sale_unknown", status=404,
    ja="この販売は見つかりません。事業のページからもう一度お進みください。",
    en="There is no such sale. Please start again from the programme's page.",
)
ROUND_UNKNOWN = declare(
    "voucher_round_unknown", status=404,
    ja="要綱に「{round}」という販売回はありません。", en="The terms have no sale round “{round}”.",
)
APPLICATION_UNKNOWN = declare(
    "voucher_application_unknown", status=404,
    ja="この申込みは見つかりません。受付番号を確かめてください。",
    en="There is no such application. Please check the receipt number.",
)
ROUND_TO_CHANGE = declare(
    "voucher_round_will_change",
    ja="この販売は、承認された変更で{when:ja}に変わります。そのあとで開いてください。",
    en="An approved amendment changes this round on {when:en}. Please open it after that.",
)
NOT_A_SALE = declare(
    "voucher_programme_sells_nothing", status=422,
    ja="この事業は商品券を販売しません。", en="This programme does not sell vouchers.",
)
TOO_EARLY = declare(
    "voucher_too_early",
    ja="受付は{when:ja}からです。", en="This opens on {when:en}.",
)
TOO_LATE = declare(
    "voucher_too_late",
    ja="受付は{when:ja}で終わりました。次の販売があるときは、お知らせします。",
    en="This ended on {when:en}. We will tell you when there is another sale.",
)
NOT_ELIGIBLE = declare(
    "voucher_not_eligible", status=403,
    ja="この商品券の対象ではありません({reasons:ja})。登録が事実と違うときは、担当課へご連絡ください。",
    en="You cannot take part in this sale ({reasons:en}). If our records are wrong, please tell the department.",
)
RESIDENT_UNKNOWN = declare(
    "voucher_resident_unknown", status=404,
    ja="このサインインは、まだ住民の登録と結びついていません。本人確認書類を持って、担当課の窓口へお越しください。",
    en="Your sign-in is not linked to the residents' register yet. "
    "Please bring an identity document to the department's desk.",
)
RESIDENTS_FIRST = declare(
    "voucher_residents_first", status=403,
    ja="この回は町民だけの販売です。町外の方は「{round:ja}」({when:ja}から)で買えます。"
       "町民の方は、本人確認書類を持って担当課の窓口へお越しください。",
    en="This round is for residents only. Others can buy in “{round:en}”, from {when:en}. If you are a resident, "
       "please bring an identity document to the department's desk.",
)
ALREADY_APPLIED = declare(
    "voucher_already_applied",
    ja="申込みは{holder:ja}につき1回です。受付番号{number}ですでに受け付けています。",
    en="One application for each {holder:en}. We already have yours: receipt number {number}.",
)
HOUSEHOLD_APPLIED = declare(
    "voucher_household_applied",
    ja="申込みは1世帯につき1回です。ご家族の申込みをすでに受け付けています。",
    en="One application for each household. Somebody of your household has already applied.",
)
TOO_MANY_UNITS = declare(
    "voucher_too_many_units", status=422,
    ja="お一つの申込みは1口から{most}口までです(入力: {units}口)。",
    en="You can ask for 1 to {most} units (you entered {units}).",
)
UNIT_LIMIT_REACHED = declare(
    "voucher_unit_limit_reached",
    ja="この事業で買えるのは{holder:ja}につき{most}口までで、あと{left}口です。",
    en="At most {most} units for each {holder:en} in this programme; {left} are left for you.",
)
NOT_DRAWN_HERE = declare(
    "voucher_not_drawn", status=422,
    ja="この販売は先着順です。申込みではなく、そのままお買い求めください。",
    en="This sale is first come, first served: please buy directly, without applying.",
)
DRAWN_HERE = declare(
    "voucher_is_drawn", status=422,
    ja="この販売は抽選です。先にお申し込みください。", en="This sale is drawn by lot. Please apply first.",
)
STILL_OPEN = declare(
    "voucher_still_open",
    ja="申込みはまだ受付中です({when:ja}まで)。締め切ってから行ってください。",
    en="Applications are still open (until {when:en}). Please wait until they have closed.",
)
NOT_CLOSED = declare(
    "voucher_not_closed",
    ja="抽選の前に、申込みを締め切って名簿を公表してください。",
    en="Before the draw, please close the applications and publish the list.",
)
ALREADY_DRAWN_OTHERWISE = declare(
    "voucher_already_drawn_otherwise",
    ja="抽選は公開値「{public_value}」ですでに行われました。引き直しはできません。",
    en="This was already drawn with the public value “{public_value}”. It cannot be drawn again.",
)
LIST_CHANGED = declare(
    "voucher_list_changed",
    ja="申込みの名簿が、公表したものと違っています。抽選を止めました。原因を確かめてください。",
    en="The list of applications differs from the one that was published. The draw was stopped; please find out why.",
)
EARLIER_ROUND_OPEN = declare(
    "voucher_earlier_round_open",
    ja="先に、前の販売回「{round:ja}」を終えてください。その残りがこの回の口数になります。",
    en="Please end the earlier round “{round:en}” first: what it leaves is sold here.",
)
NOTHING_LEFT = declare(
    "voucher_nothing_left",
    ja="前の販売回がすべて売り切れたので、この回で売る口数がありません。",
    en="The earlier rounds were sold out, so there is nothing left for this one.",
)
VALUE_UNREADABLE = declare(
    "voucher_value_unreadable", status=422,
    ja="公開値を1行で入力してください。", en="Please enter the public value on one line.",
)
VALUE_NOT_NAMED = declare(
    "voucher_value_not_named", status=422,
    ja="抽選に混ぜる公開の値を書いてください(例: 抽選日前日の日経平均株価の終値)。"
       "だれが申し込むか分からないうちに約束します。",
    en="Please name the public value for the draw (for example the Nikkei's close on its eve). It is promised before "
       "anybody knows who applies.",
)
NOTHING_TO_BUY = declare(
    "voucher_nothing_to_buy",
    ja="この申込みには、いま買える口数がありません({state:ja})。",
    en="There is nothing to buy on this application ({state:en}).",
)
SOLD_OUT = declare(
    "voucher_sold_out",
    ja="売り切れました(残り{available}口)。", en="Sold out ({available} units left).",
)
BUDGET_EMPTY = declare(
    "voucher_budget_empty",
    ja="プレミアム分の予算が足りません。担当課へご連絡ください。お金はいただいていません。",
    en="The budget for the premium does not suffice. Please tell the department. You have not been charged.",
)
NOT_WITHDRAWABLE = declare(
    "voucher_not_withdrawable",
    ja="取り下げられるのは抽選の前までです。", en="An application can be withdrawn only before the draw.",
)
NOT_FIRST_COME = declare(
    "voucher_no_line", status=422,
    ja="この販売に列はありません。抽選に申し込んでください。",
    en="This sale has no line to stand in. Please apply for the draw.",
)
HAS_BOUGHT = declare(
    "voucher_has_bought",
    ja="この販売では、もうお買い求めいただいています。", en="You have already bought in this sale.",
)
LINE_STANDS = declare(
    "voucher_line_stands",
    ja="いま、列で待っている方がいます。列に並ぶと、順番が来たときにお取り置きします。",
    en="People are waiting in line. Please stand in it: when it is your turn, units are kept for you.",
)
PLACE_UNKNOWN = declare(
    "voucher_place_unknown", status=404,
    ja="この販売の列に、あなたの番号はまだありません。", en="You have no place in the line of this sale yet.",
)
LINE_BUSY = declare(
    "voucher_line_busy", status=503,
    ja="列にとても多くの人が来ています。数秒後にもう一度お試しください。順番はまだ取られていません。",
    en="Very many people are coming at this moment. Please try again in a few seconds; you have no place yet.",
)
RESERVED_AS_A_WHOLE = declare(
    "voucher_reserved_as_a_whole", status=422,
    ja="お取り置きの{units}口は、まとめてお支払いください。減らすときは、期限が過ぎるのを待つと列の次の方へ回ります。",
    en="Please pay for all {units} units kept for you. To take fewer, let them go to the next in the line.",
)
RESERVATION_OVER = declare(
    "voucher_reservation_over",
    ja="お取り置きの期限({when:ja})を過ぎたため、列の次の方へ回りました。",
    en="What was kept for you until {when:en} has gone to the next in the line.",
)
TEST_PAYMENT_ONLY_REHEARSED = declare(
    "voucher_test_payment_refused", status=403,
    ja="試しの支払いは、架空の町でだけ使えます。窓口でお支払いください。",
    en="The test payment works in an invented town only. Please pay at the counter.",
)
NO_CASH_TAKEN = declare(
    "voucher_no_cash_taken",
    ja="前に締めてから、あなたが窓口で売った分はありません。",
    en="You have sold nothing at the counter since you last cashed up.",
)
COUNTED_UNREADABLE = declare(
    "voucher_counted_unreadable", status=422,
    ja="数えた現金を金額で入力してください。つり銭の元金より少ないのは、払い戻した{paid_back}円までです。",
    en="Please enter the counted cash in yen; below the float it can only lie by the {paid_back} yen paid back.",
)
DIFFERENCE_UNEXPLAINED = declare(
    "voucher_difference_unexplained", status=422,
    ja="現金と売上の差が{difference}円あります。理由を書いてください。差額はそのまま記録します。",
    en="Cash and sales differ by {difference} yen. Please write why; the difference is recorded as it is.",
)
NOTHING_OWED = declare(
    "voucher_nothing_owed",
    ja="この方から返していただく分は、もうありません。", en="This buyer owes nothing any more.",
)
OWED_LESS = declare(
    "voucher_owed_less",
    ja="返していただく分は{available}円です。{wanted}円は受け取れません。",
    en="What is owed is {available} yen; {wanted} yen cannot be taken.",
)
RECEIPT_UNKNOWN = declare(
    "voucher_receipt_unknown", status=404,
    ja="この領収書は見つかりません。", en="There is no such receipt.",
)

HOLDERS = {"resident": Both("お一人", "person"), "household": Both("1世帯", "household")}

STATES = {
    "applied": Both("抽選を待っています", "waiting for the draw"),
    "won": Both("当選", "won"),
    "lost": Both("落選", "not drawn"),
    "undrawn": Both("抽選が行われないまま終わりました", "ended without a draw"),
    "purchased": Both("購入済み", "already bought"),
    "lapsed": Both("期限までにお支払いがなく、失効しました", "lapsed, because it was not paid in time"),
    "withdrawn": Both("取り下げ済み", "withdrawn"),
}

KEPT = Both("お取り置き中", "kept for you")
"""The state of units that a line keeps for their buyer: nobody won them."""

RESERVED_FOR = timedelta(minutes=30)
"""How long reserved units wait for their payment before they go to the next in the line."""

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without signs that are mistaken for others
NUMBERS = len(_ALPHABET) ** 12
"""How many receipt numbers there are: a sale of half a million applications meets none twice (one in ten million)."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the published list: who (by receipt number) asked for how many units."""

    number: str
    units: int

    @property
    def line(self) -> str:
        return f"{self.number} {self.units}"


@dataclass(frozen=True, slots=True)
class Result:
    """A draw as computed: awards in drawn order, and the digest under which they are published."""

    awards: tuple[draw.Award, ...]
    digest: str


def find_round(sale: Sale, code: str) -> SaleRound:
    """The round of this code. Raises Refusal `voucher_round_unknown`."""
    for each in sale.rounds:
        if each.code == code:
            return each
    raise ROUND_UNKNOWN.refusal(round=code)


def outsiders_round(sale: Sale, *, after: SaleRound) -> SaleRound | None:
    """The first round after this one that people who are not residents may join."""
    later = sale.rounds[sale.rounds.index(after) + 1:]
    return next((each for each in later if each.outsiders), None)


def is_drawn(allocation: str) -> bool:
    """Whether people apply first and chance (or an even share) decides."""
    return allocation != Allocation.FIRST_COME


def require_within(period: Period, at: datetime) -> None:
    """Raises Refusal `voucher_too_early` or `voucher_too_late`."""
    if at < period.start:
        raise TOO_EARLY.refusal(when=said(period.start))
    if period.end is not None and period.is_over(at):
        raise TOO_LATE.refusal(when=said_last_day(period))


def said(at: datetime) -> Both:
    """The day of a moment in both languages."""
    on = day_of(at)
    return Both(f"{on.year}年{on.month}月{on.day}日", f"{on.day} {on:%B} {on.year}")


def said_minute(at: datetime) -> Both:
    """The minute of a moment, by the clocks of Japan."""
    there = in_japan(at)
    return Both(f"{there.month}月{there.day}日 {there:%H:%M}", f"{there:%H:%M} on {there.day} {there:%B}")


def end_of(period: Period) -> datetime:
    """The end of a span that has one, as windows of terms do. Raises ValueError for one without."""
    if period.end is None:
        raise ValueError("a window of a sale has an end")
    return period.end


def said_last_day(period: Period) -> Both:
    """The last day that still counts."""
    last = period.last_day or period.first_day
    return said(Period.of_days(last, last).start)


def require_units(units: int, *, most: int) -> None:
    """Raises Refusal `voucher_too_many_units`."""
    if not 1 <= units <= most:
        raise TOO_MANY_UNITS.refusal(field="units", units=units, most=most)


def receipt_number(chance: int) -> str:
    """A receipt number such as `K7Q2-M9XD-3FHB` out of a random number below NUMBERS; easy to read out loud."""
    signs = []
    for _ in range(12):
        chance, place = divmod(chance, len(_ALPHABET))
        signs.append(_ALPHABET[place])
    return grouped("".join(signs))


def grouped(signs: str) -> str:
    """A receipt number's signs as it is printed."""
    return f"{signs[:4]}-{signs[4:8]}-{signs[8:]}"


def allowed_stock(programme: UUID, round_code: str) -> UUID:
    """What the stock lot of a round allows: one unit of it."""
    return uuid5(programme, f"stock:{round_code}")


def allowed_right(programme: UUID, round_code: str) -> UUID:
    """What a winner's right allows: to buy a unit of this round."""
    return uuid5(programme, f"right:{round_code}")


def allowed_units(programme: UUID, bundle: str) -> UUID:
    """What a holder's ceiling allows: to buy a unit of this bundle (empty: the sale's own unit), in any round."""
    return uuid5(programme, f"units:{bundle}" if bundle else "units")


def list_hash(entries: Iterable[Entry]) -> str:
    """SHA-256 of the published list."""
    return draw.hash_of_list(entry.line for entry in entries)


def compute_draw(entries: Sequence[Entry], *, seed: draw.Seed, stock: int, allocation: str) -> Result:
    """The draw from what is published, and from nothing else: anybody gets the same. Raises ValueError as `words.draw`.

    A lottery serves in drawn order, the last winner gets what is left; an even share lowers everybody's ceiling.
    """
    order = draw.ranking(
        (entry.number for entry in entries),
        secret=seed.secret, list_hash=seed.list_hash, public_value=seed.public_value,
    )
    requests = [draw.Request(id=entry.number, units=entry.units) for entry in entries]
    share = draw.even_share if allocation == Allocation.EVEN_SHARE else draw.lottery
    awards = share(requests, order=order, stock=stock)
    return Result(awards, results_digest(awards))


def results_digest(awards: Sequence[draw.Award]) -> str:
    """SHA-256 of the results: a line `rank number units` for each, in drawn order."""
    text = "".join(f"{award.rank} {award.id} {award.units_won}\n" for award in awards)
    return hashlib.sha256(text.encode()).hexdigest()


def odds_bp(units_applied: int, *, units: int) -> int:
    """The share of wanted units that can be served, in 1/100 %: 10,000 when all can."""
    return 10_000 if units_applied <= units else units * 10_000 // units_applied
