"""Gifts by code, and how often somebody entered a wrong one."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies: ClassVar = [("wallets", "0003_expiry_warnings")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Gift",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("giver", models.UUIDField()),
                ("purse_kind", models.UUIDField()),
                ("yen", models.PositiveBigIntegerField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("digest", models.BinaryField(max_length=32)),
                ("receivers", models.JSONField()),
                ("made_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("given", models.UUIDField()),
                ("taken_by", models.UUIDField(null=True)),
                ("ended", models.UUIDField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "digest"), name="one_gift_for_a_code"),
                    models.CheckConstraint(condition=Q(yen__gt=0), name="a_gift_is_of_some_yen"),
                    models.CheckConstraint(condition=Q(until__gt=F("made_at")), name="a_gift_ends_after_it_was_made"),
                    models.CheckConstraint(
                        condition=Q(expires_at__isnull=True) | Q(until__lte=F("expires_at")),
                        name="a_gift_ends_no_later_than_its_money",
                    ),
                    models.CheckConstraint(
                        condition=Q(ended__isnull=True, ended_at__isnull=True, taken_by__isnull=True)
                        | Q(ended__isnull=False, ended_at__isnull=False),
                        name="a_gift_that_ended_says_when_and_how",
                    ),
                    models.CheckConstraint(
                        condition=~Q(taken_by=F("giver")), name="nobody_takes_a_gift_of_ones_own"
                    ),
                ],
                "indexes": [
                    models.Index(fields=["municipality", "giver", "-made_at"], name="gifts_of_a_giver"),
                    models.Index(
                        condition=Q(ended__isnull=True), fields=["municipality", "until"],
                        name="gifts_that_may_come_back",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GiftTries",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("person", models.UUIDField()),
                ("since", models.DateTimeField()),
                ("wrong", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("municipality", "person"), name="one_count_of_gift_tries_for_a_person"
                    ),
                ]
            },
        ),
    ]
