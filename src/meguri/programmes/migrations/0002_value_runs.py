"""Value leaves wallets in bulk: which runs were proposed, ordered, done and undone."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = (("programmes", "0001_tables"),)
    operations = (
        migrations.CreateModel(
            name="ValueRun",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                (
                    "programme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="value_runs",
                        to="programmes.programme",
                    ),
                ),
                ("kind", models.CharField(
                    max_length=9, choices=[("expiry", "Expiry"), ("demurrage", "Demurrage")],
                )),
                ("day", models.DateField()),
                ("rate_bp", models.PositiveIntegerField(default=0)),
                ("approval", models.UUIDField(null=True)),
                ("proposed_at", models.DateTimeField()),
                ("ordered_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("undo_approval", models.UUIDField(null=True)),
                ("undo_ordered_at", models.DateTimeField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["programme", "kind", "day"], name="one_value_run_for_a_day"),
                    models.CheckConstraint(
                        condition=Q(kind="expiry", rate_bp=0)
                        | Q(kind="demurrage", rate_bp__gte=1, rate_bp__lte=10_000),
                        name="a_demurrage_run_takes_a_share_of_what_is_there",
                    ),
                    models.CheckConstraint(
                        condition=Q(done_at__isnull=True, undo_ordered_at__isnull=True) | Q(ordered_at__isnull=False),
                        name="a_value_run_is_ordered_before_it_is_done_or_undone",
                    ),
                    models.CheckConstraint(
                        condition=Q(undone_at__isnull=True) | Q(undo_ordered_at__isnull=False, done_at__isnull=False),
                        name="a_value_run_is_undone_when_somebody_ordered_it",
                    ),
                ],
            },
        ),
    )
