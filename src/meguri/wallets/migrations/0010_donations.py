"""Causes that people can donate to, and donations."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies: ClassVar = [("wallets", "0008_letters_later")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="Cause",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("department", models.CharField(max_length=40)),
                ("name_ja", models.CharField(max_length=80)),
                ("name_en", models.CharField(max_length=80)),
                ("purpose_ja", models.CharField(max_length=400)),
                ("purpose_en", models.CharField(max_length=400)),
                ("receiver", models.UUIDField()),
                ("receiver_kind", models.CharField(max_length=12)),
                ("opens_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("made_by", models.UUIDField(null=True)),
                ("made_at", models.DateTimeField()),
                ("approval", models.UUIDField()),
                ("approved_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(ends_at__gt=F("opens_at")), name="a_cause_ends_after_it_opens"),
                    models.CheckConstraint(
                        condition=~Q(name_ja="") & ~Q(purpose_ja=""), name="a_cause_says_what_it_is_for"
                    ),
                    models.CheckConstraint(
                        condition=Q(receiver_kind__in=["fund", "organisation"]),
                        name="a_cause_has_a_kind_of_receiver",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Donation",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("holder", models.UUIDField()),
                ("programme", models.UUIDField()),
                ("purse_kind", models.UUIDField()),
                ("part", models.CharField(max_length=10)),
                ("yen", models.PositiveBigIntegerField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("made_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("given", models.UUIDField()),
                ("outcome", models.CharField(blank=True, max_length=10)),
                ("ended", models.UUIDField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("cause", models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="donations", to="wallets.cause",
                )),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(yen__gt=0), name="a_donation_is_of_some_yen"),
                    models.CheckConstraint(condition=Q(part="granted"), name="only_granted_value_is_donated"),
                    models.CheckConstraint(
                        condition=Q(until__gt=F("made_at")), name="a_donation_can_be_undone_for_a_while"
                    ),
                    models.CheckConstraint(
                        condition=Q(outcome="", ended__isnull=True, ended_at__isnull=True)
                        | Q(outcome__in=["undone", "passed"], ended__isnull=False, ended_at__isnull=False),
                        name="a_donation_that_ended_says_when_and_how",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["municipality", "holder", "-made_at"], name="donations_of_a_holder"),
                    models.Index(
                        condition=Q(outcome=""), fields=["municipality", "until"], name="donations_to_be_passed_on"
                    ),
                ],
            },
        ),
    ]  # fmt: skip
