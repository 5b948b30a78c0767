"""The barcode of a slip as it was printed; cash at the counter that is undone or corrected, whatever it was for."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

CORRECTION = Q(kind="fix")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("vouchers", "0007_cash_of_debts")]
    operations: ClassVar = [
        migrations.AddField(
            model_name="paymentorder", name="barcode", field=models.CharField(blank=True, default="", max_length=44),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="paymentorder",
            constraint=models.CheckConstraint(
                condition=Q(barcode="") | Q(way="slip", barcode__regex=r"^91[0-9]{42}$", amount_yen__lte=300_000),
                name="a_barcode_is_of_a_slip_that_a_till_takes",
            ),
        ),
        migrations.RemoveConstraint(model_name="cashup", name="a_cash_up_says_its_difference"),
        migrations.RemoveConstraint(
            model_name="counterreceipt", name="cash_that_was_undone_says_why_and_is_never_counted"
        ),
        migrations.AddField(model_name="cashup", name="corrected_yen", field=models.BigIntegerField(default=0)),
        migrations.AlterField(
            model_name="counterreceipt", name="kind",
            field=models.CharField(
                choices=[("sale", "Sale"), ("debt", "Debt"), ("back", "Paid Back"), ("fix", "Correction")],
                default="sale", max_length=4,
            ),
        ),
        migrations.AddField(
            model_name="counterreceipt", name="corrects",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="corrected_by",
                to="vouchers.counterreceipt",
            ),
        ),
        migrations.AddConstraint(
            model_name="cashup",
            constraint=models.CheckConstraint(
                condition=Q(
                    difference_yen=F("counted_yen") - F("sold_yen") - F("debts_yen") + F("paid_back_yen")
                    - F("corrected_yen")
                ),
                name="a_cash_up_says_its_difference",
            ),
        ),
        migrations.AddConstraint(
            model_name="counterreceipt",
            constraint=models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undoing__isnull=True, undone_because="")
                | Q(undone_at__isnull=False, undoing__isnull=False) & ~Q(undone_because="") & ~CORRECTION
                & Q(cash_up__isnull=True),
                name="cash_that_was_undone_says_why_and_is_never_counted",
            ),
        ),
        migrations.AddConstraint(
            model_name="counterreceipt",
            constraint=models.CheckConstraint(
                condition=Q(kind="fix", corrects__isnull=False) | ~CORRECTION & Q(corrects__isnull=True),
                name="a_correction_names_what_it_puts_right",
            ),
        ),
    ]
