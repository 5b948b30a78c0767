"""What may be asked about voucher sales. Answers are frozen; published lists name people by receipt number."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from meguri.ledger import operations as books
from meguri.ledger import queries as balances
from meguri.ledger.rules import Account
from meguri.ledger.templates import AccountRole
from meguri.parties.rules import Both
from meguri.programmes import cost
from meguri.programmes import queries as programmes
from meguri.programmes.arms import face_of
from meguri.programmes.vouchers import rules
from meguri.programmes.vouchers.models import Application, ApplicationState, Draw, Sale, SaleState, VoucherCode
from meguri.programmes.vouchers.offer import find_offer, own_face, own_span, require_eligible
from meguri.words import draw
from meguri.words.period import Period
from meguri.words.refusal import Refusal
from meguri.words.typed import without_gaps

PAGE = 100


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """One application, as its resident and the officers see it. `to_pay_yen` is what is owed while state is `won`.

    `pay_before`: until when a line keeps the units; None for what was drawn or bought at once. `purchase` is the
    person's own time to pay: whoever moved up from the waiting list has a deadline of their own.
    """

    id: UUID
    sale: UUID
    programme: UUID
    programme_name: Both
    number: str
    resident: UUID
    household: UUID
    units_applied: int
    units_won: int
    units_bought: int
    rank: int | None
    state: str
    state_words: Both
    to_pay_yen: int
    purchase: Period
    applied_at: datetime
    by_officer: bool
    purchased_at: datetime | None
    paid_by: str
    posting: UUID | None
    pay_before: datetime | None = None
    moved_up_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Winner:
    """Whose application won."""

    application: UUID
    resident: UUID


@dataclass(frozen=True, slots=True)
class UnitFace:
    """What one unit puts into one purse."""

    purse: str
    name: Both
    part: str  # paid, granted
    yen: int


@dataclass(frozen=True, slots=True)
class SalePage:
    """What everybody may know of a sale. `odds_bp`: the share of wanted units that can be served so far (1/100 %).

    `units_kept`: taken out of the stock for people in a line who have not paid yet.
    `drawn_on`: the day of the draw (None: nothing is drawn). `using`: when what was bought can be spent.
    `cash_back`: to whom paid value may go back in cash, if at all, in the words of the terms.
    """

    id: UUID
    programme: UUID
    programme_name: Both
    department: str
    round: str
    round_name: Both
    allocation: str
    state: str
    units: int
    units_left: int
    units_passed_on: int
    max_units: int
    per: str
    unit_price_yen: int
    face: tuple[UnitFace, ...]
    applying: Period
    purchasing: Period
    drawn_on: date | None
    using: Period
    cash_back: Both
    applications: int
    units_applied: int
    units_bought: int
    units_kept: int
    odds_bp: int
    commitment: str
    value_named: Both | None
    list_hash: str

    @property
    def face_yen(self) -> int:
        return sum(face.yen for face in self.face)


@dataclass(frozen=True, slots=True)
class DrawPage:
    """All that a third party needs to recompute a draw; `lines` and what follows are empty until the list is closed.

    `secret`, `public_value`, `stock` and `awards` are empty until it is drawn. `agrees`: computed
    anew for this answer, out of just these facts, the results are the published ones.
    """

    sale: UUID
    recipe: str
    allocation: str
    commitment: str
    committed_at: datetime
    value_named: Both
    lines: tuple[str, ...]
    list_hash: str
    secret: str
    public_value: str
    stock: int | None
    awards: tuple[draw.Award, ...]
    results_digest: str
    drawn_at: datetime | None
    agrees: bool | None


@dataclass(frozen=True, slots=True)
class UnitFigures:
    """Of all sales of a programme: who applied and who bought (each counted once), and the units of each step."""

    applicants: int
    buyers: int
    applied: int
    drawn: int
    paid: int
    is_drawn: bool


def unit_figures(programme: UUID, *, municipality: int) -> UnitFigures:
    """What was asked for, drawn and paid over all rounds; nothing for a programme that sells nothing."""
    rows = Application.objects.filter(municipality=municipality, sale__programme=programme)
    rows = rows.exclude(state=ApplicationState.WITHDRAWN)
    sums = rows.aggregate(
        applicants=Count("resident", distinct=True),
        buyers=Count("resident", distinct=True, filter=Q(state=ApplicationState.PURCHASED)),
        applied=Sum("units_applied"), drawn=Sum("units_drawn"), paid=Sum("units_bought"),
    )  # fmt: skip
    is_drawn = Draw.objects.filter(municipality=municipality, sale__programme=programme, drawn_at__isnull=False)
    return UnitFigures(
        sums["applicants"], sums["buyers"], sums["applied"] or 0, sums["drawn"] or 0, sums["paid"] or 0,
        is_drawn.exists(),
    )  # fmt: skip


def sales(municipality: int, *, programme: UUID | None = None, round_code: str = "") -> tuple[UUID, ...]:
    """The sales opened so far, oldest first; of a programme, and of one of its rounds."""
    rows = Sale.objects.filter(municipality=municipality)
    if round_code:
        rows = rows.filter(round=round_code)
    if programme is not None:
        rows = rows.filter(programme=programme)
    return tuple(rows.order_by("id").values_list("id", flat=True))


def opened_rounds(programme: UUID, *, municipality: int) -> dict[str, bool]:
    """The rounds opened so far, by code: whether each was drawn."""
    rows = Sale.objects.filter(municipality=municipality, programme=programme)
    drawn = Draw.objects.filter(municipality=municipality, sale__in=rows, drawn_at__isnull=False)
    return dict.fromkeys(rows.values_list("round", flat=True), False) | dict.fromkeys(
        drawn.values_list("sale__round", flat=True), True
    )


def has_codes(programme: UUID, *, municipality: int) -> bool:
    """Whether letters with codes were ever made for a programme."""
    return VoucherCode.objects.filter(municipality=municipality, programme=programme).exists()


def sale_page(sale: UUID, *, municipality: int, resident: UUID | None = None) -> SalePage:
    """Facts of a sale; `face` and `using` as they are for this resident, else as the terms say.

    Raises Refusal `voucher_sale_unknown`.
    """
    row = _sale(sale, municipality)
    offer = find_offer(row.programme, municipality=municipality)
    sale_round = rules.find_round(offer.sale, row.round)
    purses = {purse.code: purse for purse in offer.terms.purses}
    asked = Application.objects.filter(sale=row).exclude(state=ApplicationState.WITHDRAWN)
    sums = asked.aggregate(
        count=Count("id"), applied=Sum("units_applied"), bought=Sum("units_bought"),
        kept=Sum("units_won", filter=Q(state=ApplicationState.WON, reserved_by__isnull=False)),
    )
    promise = Draw.objects.filter(sale=row).first()
    return SalePage(
        id=row.id, programme=row.programme, programme_name=offer.name, department=offer.department, round=row.round,
        round_name=Both(sale_round.name.ja, sale_round.name.en), allocation=row.allocation, state=row.state,
        units=row.units, units_left=_units_left(row), units_passed_on=row.units_passed_on, max_units=row.max_units,
        per=row.per,
        unit_price_yen=row.unit_price_yen,
        face=tuple(
            UnitFace(face.purse, Both(purses[face.purse].name.ja, purses[face.purse].name.en),
                     purses[face.purse].part, face.yen)
            for face in own_face(offer, sale_round, holder=resident)
        ),
        applying=Period(row.apply_from, row.apply_until), purchasing=Period(row.purchase_from, row.purchase_until),
        drawn_on=sale_round.drawn_on, using=own_span(offer, holder=resident),
        cash_back=Both(offer.terms.refunds.cash_out_refund.ja, offer.terms.refunds.cash_out_refund.en),
        applications=sums["count"], units_applied=sums["applied"] or 0, units_bought=sums["bought"] or 0,
        units_kept=sums["kept"] or 0,
        odds_bp=rules.odds_bp(sums["applied"] or 0, units=row.units),
        commitment=promise.commitment if promise else "",
        value_named=Both(promise.value_named_ja, promise.value_named_en) if promise else None,
        list_hash=promise.list_hash if promise else "",
    )  # fmt: skip


def worth_yen(facts: SalePage, residents: Iterable[UUID], *, municipality: int) -> dict[UUID, int]:
    """What a unit of a sale is worth to each of these residents: more for some, where lot decides the premium."""
    offer = find_offer(facts.programme, municipality=municipality)
    face = cost.bundle_of(offer.sale, rules.find_round(offer.sale, facts.round)).face
    people = set(residents)
    arms = programmes.arms_of(facts.programme, people, municipality=municipality)
    return {person: sum(part.yen for part in face_of(face, arms.get(person))) for person in people}


def why_not(sale: UUID, *, resident: UUID, municipality: int) -> Refusal | None:
    """Why a resident cannot apply, by the terms alone, so that nobody fills in a form for nothing; None if they can.

    Raises Refusal `voucher_sale_unknown`.
    """
    row = _sale(sale, municipality)
    offer = find_offer(row.programme, municipality=municipality)
    try:
        require_eligible(offer, resident=resident, sale_round=rules.find_round(offer.sale, row.round))
    except Refusal as refusal:
        return refusal
    return None


def draw_page(sale: UUID, *, municipality: int) -> DrawPage:
    """The draw with everything to recompute it. Raises Refusal `voucher_sale_unknown` or `voucher_not_drawn`."""
    row = _sale(sale, municipality)
    promise = Draw.objects.filter(sale=row).first()
    if promise is None:
        raise rules.NOT_DRAWN_HERE.refusal()
    asked = Application.objects.filter(sale=row).exclude(state=ApplicationState.WITHDRAWN)
    closed, drawn = row.state != SaleState.OPEN, promise.drawn_at is not None
    ranked = asked.filter(rank__isnull=False).order_by("rank")
    awards = tuple(
        draw.Award(id=each.number, rank=each.rank or 0, units_asked=each.units_applied, units_won=each.units_drawn)
        for each in ranked
    )
    listed = [rules.Entry(*each) for each in asked.values_list("number", "units_applied")] if closed else []
    return DrawPage(
        sale=row.id, recipe=draw.RECIPE, allocation=row.allocation, commitment=promise.commitment,
        committed_at=promise.committed_at, value_named=Both(promise.value_named_ja, promise.value_named_en),
        lines=tuple(sorted(entry.line for entry in listed)), list_hash=promise.list_hash,
        secret=promise.secret if drawn else "", public_value=promise.public_value, stock=promise.stock, awards=awards,
        results_digest=promise.results_digest, drawn_at=promise.drawn_at,
        agrees=_agrees(row, promise, listed=listed, awards=awards) if drawn else None,
    )


def application(application_id: UUID, *, municipality: int) -> ApplicationView | None:
    """One application."""
    rows = Application.objects.filter(id=application_id, municipality=municipality)
    return next(iter(_views(rows)), None)


def applications_of(resident: UUID, *, municipality: int) -> tuple[ApplicationView, ...]:
    """A resident's applications, newest first, withdrawn ones among them."""
    return _views(Application.objects.filter(resident=resident, municipality=municipality).order_by("-id"))


def awaited_by(programme: UUID, *, municipality: int) -> frozenset[UUID]:
    """Who has applied in a programme and waits for the draw, or for the day to pay."""
    waiting = (ApplicationState.APPLIED, ApplicationState.WON)
    rows = Application.objects.filter(municipality=municipality, sale__programme=programme, state__in=waiting)
    return frozenset(rows.values_list("resident", flat=True))


def unfinished_of(resident: UUID, *, municipality: int) -> tuple[ApplicationView, ...]:
    """Those that wait for the draw or for the payment."""
    waiting = (ApplicationState.APPLIED, ApplicationState.WON)
    return _views(Application.objects.filter(municipality=municipality, resident=resident, state__in=waiting))


def application_by_number(number: str, *, sale: UUID, municipality: int) -> ApplicationView | None:
    """The application of a receipt number, as it is read out at the counter, and typed with or without its hyphens."""
    wanted = rules.grouped(without_gaps(number).upper())
    rows = Application.objects.filter(sale_id=sale, municipality=municipality, number=wanted)
    return next(iter(_views(rows)), None)


def buyers(purchases: Collection[UUID], *, municipality: int) -> dict[UUID, UUID]:
    """Who made these purchases, by the purchase's posting."""
    rows = Application.objects.filter(municipality=municipality, posting__in=purchases)
    return {posting: resident for posting, resident in rows.values_list("posting", "resident") if posting}


def winners(sale: UUID, *, municipality: int) -> tuple[Winner, ...]:
    """Who won and has not bought yet, oldest application first: two ids a line, for a print of very many."""
    rows = Application.objects.filter(sale_id=sale, municipality=municipality, state=ApplicationState.WON)
    return tuple(Winner(*each) for each in rows.order_by("id").values_list("id", "resident"))


def applications(
    sale: UUID, *, municipality: int, state: str = "", after: UUID | None = None, limit: int = PAGE,
    only: Collection[UUID] | None = None,
) -> tuple[ApplicationView, ...]:
    """A sale's applications, oldest first. `after` is the stable cursor: the last application of the page before.

    `only`: of these applications.
    """
    rows = Application.objects.filter(sale_id=sale, municipality=municipality)
    if only is not None:
        rows = rows.filter(id__in=only)
    if state:
        rows = rows.filter(state=state)
    if after is not None:
        rows = rows.filter(id__gt=after)
    return _views(rows.order_by("id")[:limit])


def counts(sale: UUID, *, municipality: int) -> dict[str, int]:
    """How many applications are in each state; states without any are 0."""
    rows = Application.objects.filter(sale_id=sale, municipality=municipality)
    wanted = {state: Count("id", filter=Q(state=state)) for state in ApplicationState.values}
    return dict(rows.aggregate(**wanted))


def _sale(sale: UUID, municipality: int) -> Sale:
    found = Sale.objects.filter(id=sale, municipality=municipality).first()
    if found is None:
        raise rules.SALE_UNKNOWN.refusal()
    return found


def _units_left(sale: Sale) -> int:
    """Straight from the books: what is still in stock."""
    allowed = rules.allowed_stock(sale.programme, sale.round)
    lot = books.allowance_lot(municipality=sale.municipality, allowed=allowed, unit="piece")
    stock = Account(sale.programme, AccountRole.STOCK)
    return balances.balance(stock, lot=lot, municipality=sale.municipality)


def _agrees(sale: Sale, promise: Draw, *, listed: list[rules.Entry], awards: Iterable[draw.Award]) -> bool:
    seed = draw.Seed(secret=promise.secret, list_hash=promise.list_hash, public_value=promise.public_value)
    again = rules.compute_draw(listed, seed=seed, stock=promise.stock or 0, allocation=sale.allocation)
    return (
        draw.commitment(promise.secret) == promise.commitment
        and rules.list_hash(listed) == promise.list_hash
        and again.digest == promise.results_digest
        and again.awards == tuple(awards)
    )


def _views(rows: QuerySet[Application]) -> tuple[ApplicationView, ...]:
    found = list(rows.select_related("sale"))
    names = {
        row.sale.programme: find_offer(row.sale.programme, municipality=row.municipality).name
        for row in {row.sale_id: row for row in found}.values()
    }
    return tuple(_view(row, names[row.sale.programme]) for row in found)


def _state_words(row: Application) -> Both:
    return rules.KEPT if row.state == ApplicationState.WON and row.pay_before else rules.STATES[row.state]


def _view(row: Application, name: Both) -> ApplicationView:
    owed = row.units_won * row.sale.unit_price_yen if row.state == ApplicationState.WON else 0
    return ApplicationView(
        id=row.id, sale=row.sale_id, programme=row.sale.programme, programme_name=name, number=row.number,
        resident=row.resident, household=row.household, units_applied=row.units_applied, units_won=row.units_won,
        units_bought=row.units_bought, rank=row.rank, state=row.state, state_words=_state_words(row),
        to_pay_yen=owed, purchase=Period(row.sale.purchase_from, row.moved_up_until or row.sale.purchase_until),
        applied_at=row.applied_at,
        by_officer=row.applied_by is not None, purchased_at=row.purchased_at, paid_by=row.paid_by, posting=row.posting,
        pay_before=row.pay_before, moved_up_at=row.moved_up_at,
    )
