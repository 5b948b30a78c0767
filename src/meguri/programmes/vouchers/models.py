"""Tables of voucher sales: who asked, what the draw said, who bought. The yen and the units are in the books."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from meguri.parties.tries import WrongTries

HASH = 64
CODE = 40


class SaleState(models.TextChoices):
    OPEN = "open"  # people apply, or buy directly where nothing is drawn
    CLOSED = "closed"  # no application comes in any more; the list is fixed
    DRAWN = "drawn"  # winners may buy until the purchase deadline
    ENDED = "ended"  # unpaid rights have lapsed


class ApplicationState(models.TextChoices):
    APPLIED = "applied"  # waits for the draw
    WON = "won"  # holds a right to buy `units_won`
    LOST = "lost"
    UNDRAWN = "undrawn"  # nobody drew before the purchase deadline
    PURCHASED = "purchased"  # paid: the purse is loaded
    LAPSED = "lapsed"  # won, not paid in time
    WITHDRAWN = "withdrawn"  # taken back before the draw


class Sale(models.Model):
    """One sale round of a programme, as opened. The terms say prices; this row says what has happened."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    programme = models.UUIDField()
    round = models.CharField(max_length=CODE)  # the round's code in the terms
    bundle = models.CharField(max_length=CODE, blank=True)  # what it sells; empty: the sale's own unit
    allocation = models.CharField(max_length=10)
    units = models.PositiveIntegerField()  # its own and what earlier rounds left
    units_passed_on = models.PositiveIntegerField(default=0)  # left over here, and sold by a later round
    unit_price_yen = models.PositiveIntegerField()
    max_units = models.PositiveIntegerField()
    per = models.CharField(max_length=9)
    apply_from = models.DateTimeField()
    apply_until = models.DateTimeField()  # half-open
    purchase_from = models.DateTimeField()
    purchase_until = models.DateTimeField()  # half-open
    state = models.CharField(max_length=6, choices=SaleState.choices, default=SaleState.OPEN)
    opened_at = models.DateTimeField()
    opened_by = models.UUIDField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["programme", "round"], name="one_sale_for_a_round"),
            models.CheckConstraint(
                condition=Q(allocation__in=["lottery", "first_come", "even_share"]), name="an_allocation_is_known"
            ),
            models.CheckConstraint(condition=Q(per__in=["resident", "household"]), name="a_unit_limit_counts_a_holder"),
            models.CheckConstraint(condition=Q(units__gt=0, max_units__gt=0), name="a_sale_has_units"),
            models.CheckConstraint(
                condition=Q(units_passed_on__lte=F("units")), name="a_sale_passes_on_at_most_its_units"
            ),
            models.CheckConstraint(
                condition=Q(units_passed_on=0) | Q(state="ended"), name="only_a_sale_that_ended_passes_units_on"
            ),
            models.CheckConstraint(
                condition=Q(apply_until__gt=F("apply_from"), purchase_until__gt=F("purchase_from")),
                name="a_sale_window_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True) | Q(~Q(state="open"), closed_at__isnull=False),
                name="a_sale_that_closed_has_a_time",
            ),
        ]


class Draw(models.Model):
    """The draw of a sale: what was promised before, what was revealed after. Enough for anybody to recompute it."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    sale = models.OneToOneField(Sale, on_delete=models.PROTECT, related_name="draw")
    secret = models.CharField(max_length=HASH)  # shown only once drawn
    commitment = models.CharField(max_length=HASH)
    committed_at = models.DateTimeField()
    value_named_ja = models.CharField(max_length=300)  # which public value was agreed beforehand
    value_named_en = models.CharField(max_length=300)
    list_hash = models.CharField(max_length=HASH, blank=True)
    public_value = models.CharField(max_length=200, blank=True)
    stock = models.PositiveIntegerField(null=True)
    results_digest = models.CharField(max_length=HASH, blank=True)
    drawn_at = models.DateTimeField(null=True)
    drawn_by = models.UUIDField(null=True)  # none: a scheduled task

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(commitment__regex=r"^[0-9a-f]{64}$"), name="a_draw_is_committed_before_it_is_drawn"
            ),
            models.CheckConstraint(
                condition=Q(drawn_at__isnull=True, public_value="", results_digest="", stock__isnull=True)
                | Q(
                    ~Q(list_hash=""), ~Q(public_value=""), ~Q(results_digest=""),
                    drawn_at__isnull=False, stock__isnull=False,
                ),
                name="a_draw_shows_all_it_rests_on",
            ),
            models.CheckConstraint(
                condition=Q(drawn_at__isnull=True) | Q(drawn_at__gt=F("committed_at")),
                name="a_commitment_comes_before_its_draw",
            ),
        ]


class Application(models.Model):
    """One wish to buy. `number` is its public name: the receipt number, and its line in the published list."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    sale = models.ForeignKey(Sale, on_delete=models.PROTECT, related_name="applications")
    number = models.CharField(max_length=14)
    resident = models.UUIDField()
    household = models.UUIDField()
    counted = models.UUIDField()  # the resident or the household, as the terms count
    units_applied = models.PositiveIntegerField()
    units_drawn = models.PositiveIntegerField(default=0)  # what the draw gave, for ever; moving up changes `units_won`
    units_won = models.PositiveIntegerField(default=0)
    units_bought = models.PositiveIntegerField(default=0)
    rank = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=9, choices=ApplicationState.choices, default=ApplicationState.APPLIED)
    applied_at = models.DateTimeField()
    applied_by = models.UUIDField(null=True)  # the officer, if the application came on paper
    purchased_at = models.DateTimeField(null=True)
    paid_by = models.CharField(max_length=8, blank=True)  # counter, slip, card, test
    posting = models.UUIDField(null=True)
    reserved_by = models.UUIDField(null=True)  # the posting that took the units out of the stock before they were paid
    pay_before = models.DateTimeField(null=True)  # half-open: then what was reserved goes back
    moved_up_at = models.DateTimeField(null=True)  # from the waiting list, when somebody drawn earlier had not paid
    moved_up_until = models.DateTimeField(null=True)  # half-open: their own deadline
    undone = models.PositiveIntegerField(default=0)  # purchases taken back because the shop withdrew its notice

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(reserved_by__isnull=True, pay_before__isnull=True)
                | Q(reserved_by__isnull=False, pay_before__isnull=False),
                name="a_reservation_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(moved_up_at__isnull=True, moved_up_until__isnull=True)
                | Q(moved_up_at__isnull=False, moved_up_until__gt=F("moved_up_at"), units_drawn=0, rank__isnull=False),
                name="who_moves_up_was_drawn_without_units_and_has_time",
            ),
            models.UniqueConstraint(
                fields=["sale", "counted"],
                condition=~Q(state="withdrawn"),
                name="one_application_for_a_holder_in_a_sale",
            ),
            models.UniqueConstraint(fields=["sale", "number"], name="one_application_for_a_receipt_number"),
            models.UniqueConstraint(
                fields=["sale", "rank"], condition=Q(rank__isnull=False), name="one_application_for_a_rank"
            ),
            models.CheckConstraint(condition=Q(units_applied__gte=1), name="an_application_asks_for_a_unit"),
            models.CheckConstraint(
                condition=Q(units_won__lte=F("units_applied")), name="nobody_wins_more_than_they_asked_for"
            ),
            models.CheckConstraint(
                condition=Q(units_bought__lte=F("units_won")), name="nobody_buys_more_than_they_won"
            ),
            models.CheckConstraint(
                condition=Q(state="purchased", posting__isnull=False, purchased_at__isnull=False, units_bought__gte=1)
                | Q(~Q(state="purchased"), posting__isnull=True, purchased_at__isnull=True, units_bought=0),
                name="a_purchase_has_its_posting",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["applied", "lost", "undrawn", "withdrawn"], units_won=0)
                | Q(state__in=["won", "purchased", "lapsed"], units_won__gte=1),
                name="only_winners_have_units",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "resident"], name="applications_of_a_resident"),
            models.Index(fields=["sale", "state", "id"], name="applications_of_a_sale"),
            models.Index(
                fields=["sale", "pay_before"], condition=Q(state="won", pay_before__isnull=False),
                name="reservations_not_paid_yet",
            ),
        ]


class PlaceState(models.TextChoices):
    WAITING = "waiting"
    ALLOTTED = "allotted"  # units are reserved; what became of them says the application
    REFUSED = "refused"  # no units: `told` says why


class Place(models.Model):
    """Where somebody stands in the line of a sale that is first come, first served: once, whatever they send."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    sale = models.ForeignKey(Sale, on_delete=models.PROTECT, related_name="places")
    number = models.PositiveIntegerField()  # 1, 2, 3 … in the order of coming
    resident = models.UUIDField()
    household = models.UUIDField()
    counted = models.UUIDField()  # the resident or the household, as the terms count
    units = models.PositiveIntegerField()
    entered_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=PlaceState.choices, default=PlaceState.WAITING)
    settled_at = models.DateTimeField(null=True)
    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="place", null=True)
    told_ja = models.CharField(max_length=300, blank=True)
    told_en = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["sale", "counted"], name="one_place_for_a_holder_in_a_line"),
            models.UniqueConstraint(fields=["sale", "number"], name="one_holder_for_a_place_in_a_line"),
            models.CheckConstraint(condition=Q(number__gte=1, units__gte=1), name="a_place_asks_for_a_unit"),
            models.CheckConstraint(
                condition=Q(state="waiting", settled_at__isnull=True, application__isnull=True)
                | Q(state="allotted", settled_at__isnull=False, application__isnull=False)
                | Q(~Q(told_ja="") & ~Q(told_en=""), state="refused", settled_at__isnull=False,
                    application__isnull=True),
                name="a_settled_place_says_how",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["sale", "number"], condition=Q(state="waiting"), name="who_still_waits_in_a_line"),
        ]


class VoucherCode(models.Model):
    """A code that a letter brought to a resident. Only its digest is kept: the code stands in the letter alone."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    programme = models.UUIDField()
    resident = models.UUIDField()  # whom the letter is addressed to
    digest = models.BinaryField(max_length=32)
    issued_at = models.DateTimeField()
    issued_by = models.UUIDField(null=True)
    entered_by = models.UUIDField(null=True)  # who entered it: a family may share a phone
    entered_at = models.DateTimeField(null=True)
    posting = models.UUIDField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["programme", "resident"], name="one_code_for_a_resident"),
            models.UniqueConstraint(fields=["municipality", "digest"], name="no_two_codes_are_alike"),
            models.CheckConstraint(
                condition=Q(entered_at__isnull=True, entered_by__isnull=True, posting__isnull=True)
                | Q(entered_at__isnull=False, entered_by__isnull=False, posting__isnull=False),
                name="an_entered_code_has_its_posting",
            ),
        ]


class CodeTries(WrongTries):
    """Wrong voucher codes."""

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "person"], name="one_count_of_tries_for_a_person"),
        ]


class OrderState(models.TextChoices):
    OPEN = "open"  # not paid yet
    REPLACED = "replaced"  # the buyer chose another way; a payment that comes all the same is not lost
    EARLY = "early"  # a shop said it has the money; it may still withdraw that
    PAID = "paid"  # the money is ours, the vouchers are in the wallet
    WITHDRAWN = "withdrawn"  # the shop gave the money back
    TO_REFUND = "to_refund"  # the money is ours and has bought nothing: it goes back
    REFUNDED = "refunded"


class PaymentOrder(models.Model):
    """What a buyer is to pay by one way, and what was heard of it. The amount never changes.

    Money that bought nothing belongs to no fund and stands in no purse: until it is refunded it stands here.
    """

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="orders")
    way = models.CharField(max_length=8)  # slip, card
    provider = models.CharField(max_length=8)
    reference = models.CharField(max_length=64)  # a slip's number, or the order's own id
    barcode = models.CharField(max_length=44, blank=True)  # of a slip, as printed; empty: no agency has given us one
    units = models.PositiveIntegerField()
    amount_yen = models.PositiveBigIntegerField()
    issued_on = models.CharField(max_length=5)  # early, final: as the terms said then
    late = models.CharField(max_length=13)  # refund, units_if_left
    state = models.CharField(max_length=9, choices=OrderState.choices, default=OrderState.OPEN)
    opened_at = models.DateTimeField()
    pay_before = models.DateTimeField()  # half-open
    page = models.CharField(max_length=2_000, blank=True)  # where the provider takes the payment
    page_until = models.DateTimeField(null=True)
    early_at = models.DateTimeField(null=True)  # when each kind of notice was first heard
    final_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)  # when the money was paid, as the earliest notice says
    payment = models.CharField(max_length=100, blank=True)  # the movement of money that the final notice named
    posting = models.UUIDField(null=True)  # the purchase that it paid for, while it stands
    because_ja = models.CharField(max_length=300, blank=True)  # why the money goes back
    because_en = models.CharField(max_length=300, blank=True)
    refunded_at = models.DateTimeField(null=True)
    refunded_by = models.UUIDField(null=True)
    refund_note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "reference"], name="one_order_for_a_payment_number"),
            models.UniqueConstraint(
                fields=["application"], condition=Q(state="open"), name="one_open_order_for_an_application"
            ),
            models.UniqueConstraint(
                fields=["posting"], condition=Q(posting__isnull=False), name="one_order_for_a_purchase"
            ),
            models.CheckConstraint(condition=Q(amount_yen__gt=0, units__gt=0), name="an_order_names_yen_and_units"),
            models.CheckConstraint(
                condition=Q(barcode="") | Q(way="slip", barcode__regex=r"^91[0-9]{42}$", amount_yen__lte=300_000),
                name="a_barcode_is_of_a_slip_that_a_till_takes",
            ),
            models.CheckConstraint(
                condition=Q(issued_on__in=["early", "final"], late__in=["refund", "units_if_left"]),
                name="an_order_keeps_what_the_terms_said",
            ),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(final_at__isnull=False, posting__isnull=False),
                name="a_paid_order_has_its_final_notice_and_its_purchase",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["to_refund", "refunded"])
                | (Q(final_at__isnull=False, posting__isnull=True) & ~Q(because_ja="") & ~Q(because_en="")),
                name="money_that_goes_back_has_come_and_bought_nothing",
            ),
            models.CheckConstraint(
                condition=Q(state="refunded", refunded_at__isnull=False, refunded_by__isnull=False)
                | Q(~Q(state="refunded"), refunded_at__isnull=True, refunded_by__isnull=True),
                name="a_refund_has_an_officer_and_a_time",
            ),
            models.CheckConstraint(
                condition=Q(posting__isnull=True) | Q(state__in=["early", "paid"]),
                name="only_a_payment_that_stands_has_a_purchase",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["municipality", "state"], condition=Q(state__in=["early", "to_refund"]),
                name="orders_to_look_after",
            ),
        ]


class NoticeOutcome(models.TextChoices):
    TAKEN = "taken"
    UNKNOWN_ORDER = "unknown_order"  # it names no order of ours
    WRONG_AMOUNT = "wrong_amount"  # another amount, or another currency
    PAID_AGAIN = "paid_again"  # a second movement of money for the same order
    RETURNED = "returned"  # final money that the provider gave back
    DISPUTED = "disputed"  # the card's holder disputes the payment, or that has ended


class PaymentNotice(models.Model):
    """A provider's notice, once, whatever it led to. What is not `taken` waits for somebody to look into it."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    provider = models.CharField(max_length=8)
    number = models.CharField(max_length=100)  # the provider's own
    digest = models.CharField(max_length=HASH)  # of all that it said
    kind = models.CharField(max_length=9)
    reference = models.CharField(max_length=64)
    order = models.ForeignKey(PaymentOrder, on_delete=models.PROTECT, related_name="notices", null=True)
    amount_yen = models.BigIntegerField()  # in `currency`'s smallest unit
    currency = models.CharField(max_length=3)
    paid_at = models.DateTimeField()
    heard_at = models.DateTimeField()
    outcome = models.CharField(max_length=13, choices=NoticeOutcome.choices, default=NoticeOutcome.TAKEN)
    looked_at = models.DateTimeField(null=True)
    looked_by = models.UUIDField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["municipality", "provider", "number"], name="a_notice_comes_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["early", "final", "withdrawn", "returned", "disputed"]),
                name="a_notice_says_a_known_thing",
            ),
            models.CheckConstraint(
                condition=Q(outcome="unknown_order") | Q(order__isnull=False),
                name="a_notice_of_ours_has_its_order",
            ),
            models.CheckConstraint(
                condition=Q(looked_at__isnull=True, looked_by__isnull=True, note="")
                | (~Q(outcome="taken") & ~Q(note="") & Q(looked_at__isnull=False, looked_by__isnull=False)),
                name="whoever_looks_into_a_notice_says_what_was_done",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["municipality", "id"], condition=~Q(outcome="taken") & Q(looked_at__isnull=True),
                name="notices_to_look_into",
            ),
        ]


class CashUp(models.Model):
    """The end of a clerk's day at the counter: what the till should hold, what was counted, and why they differ."""

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    department = models.CharField(max_length=CODE)
    clerk = models.UUIDField()
    made_at = models.DateTimeField()
    receipts = models.PositiveIntegerField()
    sold_yen = models.PositiveBigIntegerField()
    debts_yen = models.PositiveBigIntegerField(default=0)  # taken for what buyers owed
    paid_back_yen = models.PositiveBigIntegerField(default=0)  # left the till: paid to holders of an ended programme
    corrected_yen = models.BigIntegerField(default=0)  # by corrections of earlier cash; below zero: left the till
    counted_yen = models.BigIntegerField()  # without the float; below zero where more was paid back than taken
    difference_yen = models.BigIntegerField()
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(
                    difference_yen=F("counted_yen") - F("sold_yen") - F("debts_yen") + F("paid_back_yen")
                    - F("corrected_yen")
                ),
                name="a_cash_up_says_its_difference",
            ),
            models.CheckConstraint(
                condition=Q(difference_yen=0) | ~Q(reason=""), name="a_difference_in_the_till_has_a_reason"
            ),
            models.CheckConstraint(condition=Q(receipts__gt=0), name="a_cash_up_covers_a_sale"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["municipality", "department", "made_at"], name="cash_ups_of_a_department"),
        ]


class ReceiptKind(models.TextChoices):
    """What cash at the counter was for. What is paid back leaves the till; a correction does the opposite of what it
    corrects.
    """

    SALE = "sale"
    DEBT = "debt"  # what a buyer owed, in whole or in part
    PAID_BACK = "back"  # unspent paid value of a programme that was wound up
    CORRECTION = "fix"  # the opposite of a receipt that two officers found wrong


class CounterReceipt(models.Model):
    """Cash at the counter: the paper that somebody takes home, numbered without a gap in each fiscal year.

    A sale names its application; other cash names whose it is and of which programme. One that was undone before the
    till was counted keeps its number, and says when and why; `undoing` is the posting that took it back. What was found
    wrong later stays as it is, and has another receipt that corrects it.
    """

    id = models.UUIDField(primary_key=True)
    municipality = models.IntegerField()
    department = models.CharField(max_length=CODE)
    fiscal_year = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=4, choices=ReceiptKind.choices, default=ReceiptKind.SALE)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="receipts", null=True)
    programme = models.UUIDField(null=True)
    holder = models.UUIDField(null=True)
    posting = models.UUIDField(unique=True)
    clerk = models.UUIDField()
    sold_at = models.DateTimeField()
    units = models.PositiveIntegerField()
    price_yen = models.PositiveBigIntegerField()
    face_yen = models.PositiveBigIntegerField()
    cash_up = models.ForeignKey(CashUp, on_delete=models.PROTECT, related_name="covered", null=True)
    undone_at = models.DateTimeField(null=True)
    undone_because = models.CharField(max_length=300, blank=True)
    undoing = models.UUIDField(null=True)
    corrects = models.OneToOneField("self", on_delete=models.PROTECT, related_name="corrected_by", null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["municipality", "fiscal_year", "number"], name="one_sale_for_a_receipt_of_a_year"
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1) & (
                    Q(kind=ReceiptKind.SALE, units__gte=1, face_yen__gte=F("price_yen"))
                    | ~Q(kind=ReceiptKind.SALE) & Q(units=0, face_yen=0, price_yen__gt=0)
                ),
                name="a_receipt_has_a_number_and_gives_at_least_its_price",
            ),
            models.CheckConstraint(
                condition=Q(kind=ReceiptKind.SALE, application__isnull=False, programme__isnull=True,
                            holder__isnull=True)
                | ~Q(kind=ReceiptKind.SALE) & Q(application__isnull=True, programme__isnull=False,
                                                holder__isnull=False),
                name="a_receipt_says_whose_cash_it_was",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undoing__isnull=True, undone_because="")
                | Q(undone_at__isnull=False, undoing__isnull=False) & ~Q(undone_because="")
                & ~Q(kind=ReceiptKind.CORRECTION) & Q(cash_up__isnull=True),
                name="cash_that_was_undone_says_why_and_is_never_counted",
            ),
            models.CheckConstraint(
                condition=Q(kind=ReceiptKind.CORRECTION, corrects__isnull=False)
                | ~Q(kind=ReceiptKind.CORRECTION) & Q(corrects__isnull=True),
                name="a_correction_names_what_it_puts_right",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["municipality", "clerk"], condition=Q(cash_up__isnull=True), name="cash_not_counted_yet"
            ),
        ]
