"""The barcode of a slip as it was printed."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q


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
    ]
