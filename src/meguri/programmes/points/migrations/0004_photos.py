"""Photos of deeds: who sent which, what came of it. The pictures themselves lie in the vault."""

from django.db import migrations, models
from django.db.models import PROTECT, Q

ANSWERS = [("yes", "Yes"), ("no", "No"), ("again", "Again"), ("back", "Back")]


class Migration(migrations.Migration):
    dependencies = (("points", "0003_steps"),)
    operations = (
        migrations.CreateModel(
            "ActionPhoto",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("record", models.ForeignKey("points.actionrecord", PROTECT, related_name="photos")),
                ("request", models.UUIDField()),
                ("resident", models.UUIDField()),
                ("file_mark", models.CharField(max_length=64)),
                ("pixel_mark", models.CharField(max_length=64)),
                ("sent_at", models.DateTimeField()),
                ("answer", models.CharField(max_length=5, blank=True, choices=ANSWERS)),
                ("reason", models.CharField(max_length=400, blank=True)),
                ("answered_by", models.UUIDField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("dropped_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["municipality", "request"], name="one_photo_for_a_request"),
                    models.UniqueConstraint(
                        fields=["record"], condition=Q(answer=""), name="one_photo_of_a_deed_waits"
                    ),
                    models.CheckConstraint(
                        condition=Q(answer="", answered_at__isnull=True) | ~Q(answer="") & Q(answered_at__isnull=False),
                        name="an_answered_photo_says_when",
                    ),
                    models.CheckConstraint(
                        condition=~Q(answer__in=["no", "again"]) | ~Q(reason=""), name="a_photo_not_taken_says_why"
                    ),
                    models.CheckConstraint(
                        condition=Q(file_mark__regex=r"^[0-9a-f]{64}$", pixel_mark__regex=r"^[0-9a-f]{64}$"),
                        name="a_photo_has_its_marks",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["municipality", "file_mark"], name="photos_of_a_file"),
                    models.Index(fields=["municipality", "pixel_mark"], name="photos_of_pixels"),
                    models.Index(
                        fields=["municipality", "answered_at"], condition=Q(dropped_at=None), name="photos_to_drop"
                    ),
                ],
            },
        ),
    )
