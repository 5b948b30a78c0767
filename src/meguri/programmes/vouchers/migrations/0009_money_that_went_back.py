"""A provider may tell that final money went back to a card, or that a payment is disputed: the desk looks into it."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

OUTCOMES = [("taken", "Taken"), ("unknown_order", "Unknown Order"), ("wrong_amount", "Wrong Amount"),
            ("paid_again", "Paid Again"), ("returned", "Returned"), ("disputed", "Disputed")]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = (("vouchers", "0008_barcodes_and_corrections"),)
    operations = (
        migrations.AlterField(
            "paymentnotice", "outcome", models.CharField(choices=OUTCOMES, default="taken", max_length=13)
        ),
        migrations.RemoveConstraint("paymentnotice", "a_notice_says_a_known_thing"),
        migrations.AddConstraint("paymentnotice", models.CheckConstraint(
            condition=Q(kind__in=["early", "final", "withdrawn", "returned", "disputed"]),
            name="a_notice_says_a_known_thing",
        )),
        migrations.RemoveConstraint("paymentnotice", "a_notice_of_ours_has_its_order"),
        migrations.AddConstraint("paymentnotice", models.CheckConstraint(
            condition=Q(outcome="unknown_order") | Q(order__isnull=False), name="a_notice_of_ours_has_its_order"
        )),
    )  # fmt: skip
