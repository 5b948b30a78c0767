from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies: ClassVar = [("wallets", "0002_paper")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="ExpiryChoice",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("days", models.PositiveSmallIntegerField()),
                ("by_mail", models.BooleanField()),
                ("chosen_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(days__in=(0, 3, 7, 14, 30)), name="a_warning_comes_on_a_day_offered"
                    ),
                    models.CheckConstraint(
                        condition=Q(days__gt=0) | Q(by_mail=False), name="no_warning_is_mailed_to_nobody"
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="ExpiryWarning",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("holder", models.UUIDField()),
                ("expires_at", models.DateTimeField()),
                ("yen", models.PositiveBigIntegerField()),
                ("warned_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "holder", "expires_at"), name="a_holder_is_warned_once_of_an_expiry"
                    ),
                    models.CheckConstraint(condition=Q(yen__gt=0), name="nobody_is_warned_of_nothing"),
                ]
            },
        ),
    ]
