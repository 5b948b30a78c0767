"""Whoever joined the register has another wallet since; the old one says which."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = (("wallets", "0005_print_jobs"),)
    operations = (
        migrations.AddField("wallet", "moved_to", models.UUIDField(null=True)),
        migrations.AddConstraint(
            "wallet",
            models.CheckConstraint(
                condition=Q(moved_to__isnull=True) | ~Q(moved_to=F("id")), name="a_wallet_moves_to_another_one"
            ),
        ),
    )
