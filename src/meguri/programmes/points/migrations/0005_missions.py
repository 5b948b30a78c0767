"""Bonuses of missions, and the way to somebody's granted actions that missions count."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = (("points", "0004_photos"),)
    operations = (
        migrations.AddIndex(
            "actionrecord", models.Index(fields=["programme", "resident", "day"], name="action_records_of_somebody")
        ),
        migrations.CreateModel(
            "MissionBonus",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("programme", models.UUIDField()),
                ("mission", models.CharField(max_length=40)),
                ("resident", models.UUIDField()),
                ("number", models.PositiveIntegerField()),
                ("turn", models.PositiveIntegerField()),
                ("times", models.PositiveIntegerField()),
                ("asked_yen", models.PositiveIntegerField()),
                ("granted_yen", models.PositiveIntegerField()),
                ("cut_by", models.CharField(blank=True, max_length=20)),
                ("posting", models.UUIDField()),
                (
                    "state",
                    models.CharField(choices=[("granted", "Granted"), ("withdrawn", "Withdrawn")], max_length=9),
                ),
                ("granted_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="bonuses", to="points.actionrecord"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["programme", "mission", "resident", "turn"], condition=Q(state="granted"),
                        name="one_standing_bonus_for_a_turn",
                    ),
                    models.UniqueConstraint(
                        fields=["programme", "mission", "resident", "number"], name="one_mission_bonus_for_a_number"
                    ),
                    models.UniqueConstraint(
                        fields=["municipality", "posting"], name="one_mission_bonus_for_a_posting"
                    ),
                    models.CheckConstraint(
                        condition=Q(turn__gte=1, turn__lte=F("times")),
                        name="a_mission_pays_no_more_often_than_its_times",
                    ),
                    models.CheckConstraint(
                        condition=Q(granted_yen__gte=1, granted_yen__lte=F("asked_yen")),
                        name="no_mission_pays_more_than_its_terms_say",
                    ),
                    models.CheckConstraint(
                        condition=Q(granted_yen=F("asked_yen")) | ~Q(cut_by=""), name="a_cut_bonus_names_its_limit"
                    ),
                    models.CheckConstraint(
                        condition=Q(state="granted", withdrawn_at__isnull=True)
                        | Q(state="withdrawn", withdrawn_at__isnull=False),
                        name="a_bonus_taken_back_says_when",
                    ),
                ],
                "indexes": [models.Index(fields=["municipality", "resident", "id"], name="bonuses_of_a_resident")],
            },
        ),
    )
