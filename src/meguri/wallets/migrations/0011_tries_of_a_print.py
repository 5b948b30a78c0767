"""How often the next part of a print file was begun, and what the last try failed of."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = (("wallets", "0010_donations"),)
    operations = (
        migrations.AddField("printjob", "tries", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("printjob", "fault", models.CharField(blank=True, default="", max_length=60), False),
        migrations.AddConstraint(
            "printjob",
            models.CheckConstraint(condition=Q(tries__lte=3), name="a_part_is_not_tried_for_ever"),
        ),
    )
