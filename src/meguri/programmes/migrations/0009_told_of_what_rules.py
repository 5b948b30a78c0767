"""An amendment that rules at once is told, too: as soon as it rules."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = (("programmes", "0008_proposals_and_deposits"),)
    operations = (
        migrations.RemoveConstraint("termsversion", "only_approved_terms_are_announced"),
        migrations.AddConstraint("termsversion", models.CheckConstraint(
            condition=Q(announced_at__isnull=True) | Q(number__gt=1, announced_at__gte=F("approved_at")),
            name="only_approved_terms_are_announced",
        )),
    )  # fmt: skip
