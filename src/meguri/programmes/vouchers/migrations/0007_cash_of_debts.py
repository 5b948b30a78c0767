"""Cash at the counter that is no sale: what a buyer owed, and what is paid back at a programme's end."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

SALE = Q(kind="sale")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("vouchers", "0006_units_drawn")]
    operations: ClassVar = [
        migrations.RemoveConstraint(model_name="cashup", name="a_cash_up_says_its_difference"),
        migrations.RemoveConstraint(
            model_name="counterreceipt", name="a_receipt_has_a_number_and_gives_at_least_its_price"
        ),
        *(
            migrations.AddField(model_name="cashup", name=name, field=models.PositiveBigIntegerField(default=0))
            for name in ("debts_yen", "paid_back_yen")
        ),
        migrations.AlterField(model_name="cashup", name="counted_yen", field=models.BigIntegerField()),
        migrations.AddField(
            model_name="counterreceipt", name="kind",
            field=models.CharField(
                choices=[("sale", "Sale"), ("debt", "Debt"), ("back", "Paid Back")], default="sale", max_length=4
            ),
        ),
        *(
            migrations.AddField(model_name="counterreceipt", name=name, field=models.UUIDField(null=True))
            for name in ("programme", "holder", "undoing")
        ),
        migrations.AddField(model_name="counterreceipt", name="undone_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="counterreceipt", name="undone_because", field=models.CharField(blank=True, max_length=300)
        ),
        migrations.AlterField(
            model_name="counterreceipt", name="application",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="receipts",
                to="vouchers.application",
            ),
        ),
        migrations.AddConstraint(
            model_name="cashup",
            constraint=models.CheckConstraint(
                condition=Q(
                    difference_yen=F("counted_yen") - F("sold_yen") - F("debts_yen") + F("paid_back_yen")
                ),
                name="a_cash_up_says_its_difference",
            ),
        ),
        migrations.AddConstraint(
            model_name="counterreceipt",
            constraint=models.CheckConstraint(
                condition=Q(number__gte=1) & (
                    Q(kind="sale", units__gte=1, face_yen__gte=F("price_yen"))
                    | ~SALE & Q(units=0, face_yen=0, price_yen__gt=0)
                ),
                name="a_receipt_has_a_number_and_gives_at_least_its_price",
            ),
        ),
        migrations.AddConstraint(
            model_name="counterreceipt",
            constraint=models.CheckConstraint(
                condition=Q(kind="sale", application__isnull=False, programme__isnull=True, holder__isnull=True)
                | ~SALE & Q(application__isnull=True, programme__isnull=False, holder__isnull=False),
                name="a_receipt_says_whose_cash_it_was",
            ),
        ),
        migrations.AddConstraint(
            model_name="counterreceipt",
            constraint=models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undoing__isnull=True, undone_because="")
                | Q(undone_at__isnull=False, undoing__isnull=False) & ~Q(undone_because="") & ~SALE
                & Q(cash_up__isnull=True),
                name="cash_that_was_undone_says_why_and_is_never_counted",
            ),
        ),
    ]
