"""Payments by provider, what was heard of them, cash at the counter, and who moves up from the waiting list."""

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("vouchers", "0004_codes"),
    ]

    operations = [
        migrations.CreateModel(
            name="CashUp",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("department", models.CharField(max_length=40)),
                ("clerk", models.UUIDField()),
                ("made_at", models.DateTimeField()),
                ("receipts", models.PositiveIntegerField()),
                ("sold_yen", models.PositiveBigIntegerField()),
                ("counted_yen", models.PositiveBigIntegerField()),
                ("difference_yen", models.BigIntegerField()),
                ("reason", models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name="CounterReceipt",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("department", models.CharField(max_length=40)),
                ("fiscal_year", models.PositiveIntegerField()),
                ("number", models.PositiveIntegerField()),
                ("posting", models.UUIDField(unique=True)),
                ("clerk", models.UUIDField()),
                ("sold_at", models.DateTimeField()),
                ("units", models.PositiveIntegerField()),
                ("price_yen", models.PositiveBigIntegerField()),
                ("face_yen", models.PositiveBigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="PaymentNotice",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("provider", models.CharField(max_length=8)),
                ("number", models.CharField(max_length=100)),
                ("digest", models.CharField(max_length=64)),
                ("kind", models.CharField(max_length=9)),
                ("reference", models.CharField(max_length=64)),
                ("amount_yen", models.BigIntegerField()),
                ("currency", models.CharField(max_length=3)),
                ("paid_at", models.DateTimeField()),
                ("heard_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("taken", "Taken"),
                            ("unknown_order", "Unknown Order"),
                            ("wrong_amount", "Wrong Amount"),
                            ("paid_again", "Paid Again"),
                        ],
                        default="taken",
                        max_length=13,
                    ),
                ),
                ("looked_at", models.DateTimeField(null=True)),
                ("looked_by", models.UUIDField(null=True)),
                ("note", models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name="PaymentOrder",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("way", models.CharField(max_length=8)),
                ("provider", models.CharField(max_length=8)),
                ("reference", models.CharField(max_length=64)),
                ("units", models.PositiveIntegerField()),
                ("amount_yen", models.PositiveBigIntegerField()),
                ("issued_on", models.CharField(max_length=5)),
                ("late", models.CharField(max_length=13)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("replaced", "Replaced"),
                            ("early", "Early"),
                            ("paid", "Paid"),
                            ("withdrawn", "Withdrawn"),
                            ("to_refund", "To Refund"),
                            ("refunded", "Refunded"),
                        ],
                        default="open",
                        max_length=9,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("pay_before", models.DateTimeField()),
                ("page", models.CharField(blank=True, max_length=2000)),
                ("page_until", models.DateTimeField(null=True)),
                ("early_at", models.DateTimeField(null=True)),
                ("final_at", models.DateTimeField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("paid_at", models.DateTimeField(null=True)),
                ("payment", models.CharField(blank=True, max_length=100)),
                ("posting", models.UUIDField(null=True)),
                ("because_ja", models.CharField(blank=True, max_length=300)),
                ("because_en", models.CharField(blank=True, max_length=300)),
                ("refunded_at", models.DateTimeField(null=True)),
                ("refunded_by", models.UUIDField(null=True)),
                ("refund_note", models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.AddField(
            model_name="application",
            name="moved_up_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="application",
            name="moved_up_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="application",
            name="undone",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="application",
            name="units_drawn",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name="application",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("moved_up_at__isnull", True), ("moved_up_until__isnull", True)),
                    models.Q(
                        ("moved_up_at__isnull", False),
                        ("moved_up_until__gt", models.F("moved_up_at")),
                        ("rank__isnull", False),
                        ("units_drawn", 0),
                    ),
                    _connector="OR",
                ),
                name="who_moves_up_was_drawn_without_units_and_has_time",
            ),
        ),
        migrations.AddIndex(
            model_name="cashup",
            index=models.Index(fields=["municipality", "department", "made_at"], name="cash_ups_of_a_department"),
        ),
        migrations.AddConstraint(
            model_name="cashup",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "difference_yen",
                        django.db.models.expressions.CombinedExpression(
                            models.F("counted_yen"), "-", models.F("sold_yen")
                        ),
                    )
                ),
                name="a_cash_up_says_its_difference",
            ),
        ),
        migrations.AddConstraint(
            model_name="cashup",
            constraint=models.CheckConstraint(
                condition=models.Q(("difference_yen", 0), models.Q(("reason", ""), _negated=True), _connector="OR"),
                name="a_difference_in_the_till_has_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="cashup",
            constraint=models.CheckConstraint(condition=models.Q(("receipts__gt", 0)), name="a_cash_up_covers_a_sale"),
        ),
        migrations.AddField(
            model_name="counterreceipt",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="receipts", to="vouchers.application"
            ),
        ),
        migrations.AddField(
            model_name="counterreceipt",
            name="cash_up",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="covered", to="vouchers.cashup"
            ),
        ),
        migrations.AddField(
            model_name="paymentorder",
            name="application",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="orders", to="vouchers.application"
            ),
        ),
        migrations.AddField(
            model_name="paymentnotice",
            name="order",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notices",
                to="vouchers.paymentorder",
            ),
        ),
        migrations.AddIndex(
            model_name="counterreceipt",
            index=models.Index(
                condition=models.Q(("cash_up__isnull", True)),
                fields=["municipality", "clerk"],
                name="cash_not_counted_yet",
            ),
        ),
        migrations.AddConstraint(
            model_name="counterreceipt",
            constraint=models.UniqueConstraint(
                fields=("municipality", "fiscal_year", "number"), name="one_sale_for_a_receipt_of_a_year"
            ),
        ),
        migrations.AddConstraint(
            model_name="counterreceipt",
            constraint=models.CheckConstraint(
                condition=models.Q(("face_yen__gte", models.F("price_yen")), ("number__gte", 1), ("units__gte", 1)),
                name="a_receipt_has_a_number_and_gives_at_least_its_price",
            ),
        ),
        migrations.AddIndex(
            model_name="paymentorder",
            index=models.Index(
                condition=models.Q(("state__in", ["early", "to_refund"])),
                fields=["municipality", "state"],
                name="orders_to_look_after",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentorder",
            constraint=models.UniqueConstraint(
                fields=("municipality", "reference"), name="one_order_for_a_payment_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentorder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open")), fields=("application",), name="one_open_order_for_an_application"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentorder",
            constraint=models.UniqueConstraint(
                condition=models.Q(("posting__isnull", False)), fields=("posting",), name="one_order_for_a_purchase"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount_yen__gt", 0), ("units__gt", 0)), name="an_order_names_yen_and_units"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("issued_on__in", ["early", "final"]), ("late__in", ["refund", "units_if_left"])),
                name="an_order_keeps_what_the_terms_said",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "paid"), _negated=True),
                    models.Q(("final_at__isnull", False), ("posting__isnull", False)),
                    _connector="OR",
                ),
                name="a_paid_order_has_its_final_notice_and_its_purchase",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["to_refund", "refunded"]), _negated=True),
                    models.Q(
                        ("final_at__isnull", False),
                        ("posting__isnull", True),
                        models.Q(("because_ja", ""), _negated=True),
                        models.Q(("because_en", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="money_that_goes_back_has_come_and_bought_nothing",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentorder",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("refunded_at__isnull", False), ("refunded_by__isnull", False), ("state", "refunded")),
                    models.Q(
                        models.Q(("state", "refunded"), _negated=True),
                        ("refunded_at__isnull", True),
                        ("refunded_by__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="a_refund_has_an_officer_and_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentorder",
            constraint=models.CheckConstraint(
                condition=models.Q(("posting__isnull", True), ("state__in", ["early", "paid"]), _connector="OR"),
                name="only_a_payment_that_stands_has_a_purchase",
            ),
        ),
        migrations.AddIndex(
            model_name="paymentnotice",
            index=models.Index(
                condition=models.Q(models.Q(("outcome", "taken"), _negated=True), ("looked_at__isnull", True)),
                fields=["municipality", "id"],
                name="notices_to_look_into",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentnotice",
            constraint=models.UniqueConstraint(
                fields=("municipality", "provider", "number"), name="a_notice_comes_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["early", "final", "withdrawn"])), name="a_notice_says_a_known_thing"
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("outcome__in", ["taken", "paid_again", "wrong_amount"]), _negated=True),
                    ("order__isnull", False),
                    _connector="OR",
                ),
                name="a_notice_of_ours_has_its_order",
            ),
        ),
        migrations.AddConstraint(
            model_name="paymentnotice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("looked_at__isnull", True), ("looked_by__isnull", True), ("note", "")),
                    models.Q(
                        models.Q(("outcome", "taken"), _negated=True),
                        models.Q(("note", ""), _negated=True),
                        ("looked_at__isnull", False),
                        ("looked_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="whoever_looks_into_a_notice_says_what_was_done",
            ),
        ),
    ]
