"""An officer writes down for somebody without a phone that they work or study in the town."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = (("parties", "0006_resident_codes"),)
    operations = (
        migrations.AddField("commuter", "recorded_by", models.UUIDField(null=True)),
        migrations.AddConstraint("commuter", models.CheckConstraint(
            condition=Q(recorded_by__isnull=True) | (~Q(state="waiting") & ~Q(recorded_by=F("person"))),
            name="what_an_officer_recorded_was_decided_at_once",
        )),
    )  # fmt: skip
