"""An amendment that waits for its start is announced to those whom it concerns, and recalled if it is withdrawn; and
before its approval it is tried, beside a dry run that goes on without it.
"""

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
        migrations.AddField("dryrun", "beside", models.UUIDField(null=True)),
        migrations.RemoveConstraint("dryrun", "one_dry_run_of_a_draft_at_a_time"),
        migrations.AddConstraint("dryrun", models.UniqueConstraint(
            fields=["programme"], condition=Q(state__in=["asked", "running"], beside__isnull=True),
            name="one_dry_run_of_a_draft_at_a_time",
        )),
        migrations.AddConstraint("dryrun", models.UniqueConstraint(
            fields=["programme"], condition=Q(state__in=["asked", "running"], beside__isnull=False),
            name="one_dry_run_of_an_amendment_at_a_time",
        )),
    )  # fmt: skip
