"""Large print files that the worker makes part by part, and their sealed parts."""

from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies: ClassVar = [("wallets", "0004_gifts")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="PrintJob",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("first", models.PositiveIntegerField()),
                ("last", models.PositiveIntegerField()),
                ("done", models.PositiveIntegerField(default=0)),
                ("asked_at", models.DateTimeField()),
                ("asked_by", models.UUIDField()),
                ("because", models.CharField(max_length=200)),
                ("expires_at", models.DateTimeField(null=True)),
                ("run", models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="jobs", to="wallets.printrun"
                )),
            ],
            options={"constraints": [
                models.UniqueConstraint(
                    fields=["run", "first", "last"], condition=Q(expires_at__isnull=True),
                    name="one_open_print_job_for_the_same_booklets",
                ),
                models.CheckConstraint(
                    condition=Q(first__gte=1, last__gte=F("first"))
                    & (Q(expires_at__isnull=True, done__lte=F("last") - F("first"))
                       | Q(expires_at__isnull=False, done=F("last") - F("first") + 1)),
                    name="a_print_job_is_ready_when_all_is_made",
                ),
                models.CheckConstraint(condition=~Q(because=""), name="a_print_job_has_a_reason"),
            ]},
        ),
        migrations.CreateModel(
            name="PrintedPart",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("first", models.PositiveIntegerField()),
                ("booklets", models.PositiveIntegerField()),
                ("content", models.BinaryField()),
                ("job", models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="parts", to="wallets.printjob"
                )),
            ],
            options={"constraints": [
                models.UniqueConstraint(fields=["job", "first"], name="a_part_of_a_print_job_is_made_once"),
                models.CheckConstraint(condition=Q(booklets__gte=1), name="a_printed_part_holds_booklets"),
            ]},
        ),
    ]  # fmt: skip
