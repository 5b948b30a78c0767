"""Sponsors propose actions and announce deposits."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = (("programmes", "0007_announced_amendments"),)
    operations = (
        migrations.CreateModel(
            name="ActionProposal",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="proposals",
                        to="programmes.programme",
                    ),
                ),
                ("sponsor", models.UUIDField()),
                ("name_ja", models.CharField(max_length=200)),
                ("name_en", models.CharField(max_length=200)),
                ("yen", models.PositiveIntegerField()),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("place", models.CharField(blank=True, max_length=200)),
                ("evidence", models.CharField(max_length=16)),
                ("state", models.CharField(default="waiting", max_length=9)),
                ("proposed_at", models.DateTimeField()),
                ("decided_by", models.UUIDField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=400)),
                ("action", models.CharField(blank=True, max_length=40)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["municipality", "sponsor", "id"], name="proposals_of_a_sponsor"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=Q(yen__gte=1), name="a_proposed_action_earns_something"),
                    models.CheckConstraint(
                        condition=Q(last_day__gte=F("first_day")), name="a_proposed_action_ends_after_it_begins"
                    ),
                    models.CheckConstraint(
                        condition=Q(state="waiting", decided_at__isnull=True) | Q(state="withdrawn")
                        | (Q(state="taken", decided_at__isnull=False) & ~Q(action=""))
                        | (Q(state="declined", decided_at__isnull=False) & ~Q(reason="")),
                        name="a_proposal_is_taken_with_a_code_or_declined_with_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SponsorDeposit",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                (
                    "fund",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="deposits", to="programmes.fund"
                    ),
                ),
                ("yen", models.BigIntegerField()),
                ("due_on", models.DateField()),
                ("announced_at", models.DateTimeField()),
                ("arrived_on", models.DateField(null=True)),
                ("recorded_at", models.DateTimeField(null=True)),
                ("recorded_by", models.UUIDField(null=True)),
                ("appropriation", models.UUIDField(null=True)),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["municipality", "due_on"], name="deposits_by_day")],
                "constraints": [
                    models.CheckConstraint(condition=Q(yen__gte=1), name="an_announced_deposit_is_money"),
                    models.CheckConstraint(
                        condition=Q(recorded_at__isnull=True, arrived_on__isnull=True, appropriation__isnull=True)
                        | Q(recorded_at__isnull=False, arrived_on__isnull=False, appropriation__isnull=False,
                            withdrawn_at__isnull=True),
                        name="a_deposit_that_arrived_has_loaded_its_fund",
                    ),
                ],
            },
        ),
    )
