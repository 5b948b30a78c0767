"""A resident's code counts wrong birth dates, and may replace a way in that was lost."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = (("parties", "0005_commuters"),)
    operations = (
        migrations.AddField("invitation", "wrong_tries", models.PositiveSmallIntegerField(default=0)),
        migrations.AddField("invitation", "replaces", models.BooleanField(default=False)),
        migrations.AddConstraint(
            "invitation",
            models.CheckConstraint(condition=Q(wrong_tries__lte=5), name="a_code_dies_of_five_wrong_birth_dates"),
        ),
    )
