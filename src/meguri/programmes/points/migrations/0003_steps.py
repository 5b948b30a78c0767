"""Steps that residents bring, deeds that wait to be looked at, and the lot that draws them."""

from django.db import migrations, models
from django.db.models import Q

SEEDS = "UPDATE points_action SET seed = replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')"


class Migration(migrations.Migration):
    dependencies = (("points", "0002_withdrawn"),)
    operations = (
        migrations.AddField("action", "seed", models.CharField(max_length=64, default=""), preserve_default=False),
        migrations.RunSQL(SEEDS, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "action", models.CheckConstraint(condition=Q(seed__regex=r"^[0-9a-f]{64}$"), name="an_action_has_a_seed")
        ),
        migrations.AddField(
            "actionrecord", "held_for", models.CharField(max_length=16, blank=True, default=""), preserve_default=False
        ),
        migrations.AddField("actionrecord", "steps", models.PositiveIntegerField(null=True)),
        migrations.AddField("actionrecord", "drawn", models.PositiveSmallIntegerField(null=True)),
        migrations.AddConstraint(
            "actionrecord",
            models.CheckConstraint(
                condition=Q(drawn__isnull=True) | Q(drawn__lt=10_000), name="a_number_drawn_is_below_ten_thousand"
            ),
        ),
        migrations.CreateModel(
            "StepDay",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("brought", models.UUIDField()),
                ("resident", models.UUIDField()),
                ("day", models.DateField()),
                ("steps", models.PositiveIntegerField()),
                ("source", models.CharField(max_length=16)),
                ("digest", models.CharField(max_length=64)),
                ("brought_at", models.DateTimeField()),
                ("counted_at", models.DateTimeField(null=True)),
                ("refused", models.JSONField(default=dict)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["brought", "day"], name="one_number_of_steps_for_a_day"),
                    models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="steps_know_their_file"),
                ],
                "indexes": [
                    models.Index(fields=["municipality", "resident", "day"], name="step_days_of_a_resident"),
                    models.Index(fields=["municipality", "day", "steps"], name="step_days_of_a_day"),
                    models.Index(fields=["municipality", "digest"], name="step_days_of_a_file"),
                ],
            },
        ),
    )
