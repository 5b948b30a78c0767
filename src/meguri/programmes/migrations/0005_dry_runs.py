"""Drafts are lived by invented people before their launch: the dry runs, and what their evenings showed."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

STATES = [
    ("asked", "Asked"), ("running", "Running"), ("done", "Done"), ("stopped", "Stopped"), ("cut", "Cut"),
    ("failed", "Failed"),
]  # fmt: skip


class Migration(migrations.Migration):
    dependencies = (("programmes", "0004_arms"),)
    operations = (
        migrations.CreateModel("DryRun", [
            ("id", models.UUIDField(primary_key=True, serialize=False)),
            ("municipality", models.IntegerField()),
            ("digest", models.CharField(max_length=64)),
            ("wanted", models.JSONField()),
            ("state", models.CharField(choices=STATES, default="asked", max_length=7)),
            ("asked_by", models.UUIDField(null=True)),
            ("asked_at", models.DateTimeField()),
            ("stop_asked_at", models.DateTimeField(null=True)),
            ("began_at", models.DateTimeField(null=True)),
            ("ended_at", models.DateTimeField(null=True)),
            ("ending", models.JSONField(null=True)),
            ("programme", models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="dry_runs", to="programmes.programme",
            )),
        ]),
        migrations.CreateModel("DryRunDay", [
            ("id", models.UUIDField(primary_key=True, serialize=False)),
            ("municipality", models.IntegerField()),
            ("day", models.DateField()),
            ("lived", models.JSONField()),
            ("dry_run", models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="days", to="programmes.dryrun",
            )),
        ]),
        migrations.AddConstraint("dryrun", models.UniqueConstraint(
            fields=["programme"], condition=Q(state__in=["asked", "running"]), name="one_dry_run_of_a_draft_at_a_time",
        )),
        migrations.AddConstraint("dryrun", models.CheckConstraint(
            condition=Q(state__in=["asked", "running"], ended_at__isnull=True)
            | Q(state__in=["done", "stopped", "cut", "failed"], ended_at__isnull=False),
            name="a_dry_run_that_ended_has_a_time",
        )),
        migrations.AddConstraint("dryrun", models.CheckConstraint(
            condition=~Q(state="done") | Q(ending__isnull=False), name="a_dry_run_that_is_done_says_how_it_ended",
        )),
        migrations.AddConstraint("dryrunday", models.UniqueConstraint(
            fields=["dry_run", "day"], name="a_dry_run_lives_a_day_once",
        )),
    )  # fmt: skip
