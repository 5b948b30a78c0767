"""Lot decides a part of the conditions: the draw of the arms, what is drawn as one, and whom it is for."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = (("programmes", "0003_amendments"),)
    operations = (
        migrations.CreateModel(
            name="ArmsDraw",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                (
                    "programme",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="arms_draw",
                        to="programmes.programme",
                    ),
                ),
                ("secret", models.CharField(max_length=64)),
                ("commitment", models.CharField(max_length=64)),
                ("committed_at", models.DateTimeField()),
                ("list_hash", models.CharField(blank=True, max_length=64)),
                ("listed_at", models.DateTimeField(null=True)),
                ("public_value", models.CharField(blank=True, max_length=200)),
                ("results_digest", models.CharField(blank=True, max_length=64)),
                ("drawn_at", models.DateTimeField(null=True)),
                ("drawn_by", models.UUIDField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(commitment__regex=r"^[0-9a-f]{64}$"),
                        name="arms_are_committed_before_they_are_drawn",
                    ),
                    models.CheckConstraint(
                        condition=Q(listed_at__isnull=True, list_hash="")
                        | Q(~Q(list_hash=""), listed_at__isnull=False),
                        name="a_list_of_arms_carries_its_hash",
                    ),
                    models.CheckConstraint(
                        condition=Q(drawn_at__isnull=True, public_value="", results_digest="")
                        | Q(~Q(public_value=""), ~Q(results_digest=""), drawn_at__gte=F("listed_at")),
                        name="arms_are_drawn_after_their_list_is_fixed",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ArmUnit",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                (
                    "draw",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="units", to="programmes.armsdraw"
                    ),
                ),
                ("unit", models.UUIDField()),
                ("stratum", models.CharField(blank=True, max_length=200)),
                ("arm", models.CharField(blank=True, max_length=40)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["draw", "unit"], name="a_unit_is_drawn_into_one_arm"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ArmMember",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("programme", models.UUIDField()),
                ("person", models.UUIDField()),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="members", to="programmes.armunit"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["programme", "person"], name="a_person_has_one_arm_of_a_programme"),
                ],
            },
        ),
    )  # fmt: skip
