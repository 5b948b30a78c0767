"""An amendment that waits for its start is announced to those whom it concerns, and recalled if it is withdrawn."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = (("programmes", "0006_start_of_an_amendment"),)
    operations = (
        migrations.AddField("termsversion", "announced_at", models.DateTimeField(null=True)),
        migrations.AddField("termsversion", "recalled_at", models.DateTimeField(null=True)),
        migrations.AddConstraint("termsversion", models.CheckConstraint(
            condition=Q(announced_at__isnull=True) | Q(starts_at__isnull=False, announced_at__gte=F("approved_at")),
            name="only_approved_terms_are_announced",
        )),
        migrations.AddConstraint("termsversion", models.CheckConstraint(
            condition=Q(recalled_at__isnull=True) | Q(announced_at__isnull=False, withdrawn_at__isnull=False),
            name="only_announced_terms_are_recalled",
        )),
    )  # fmt: skip
