"""Letters are named by whom they are for; the worker opens names and makes codes, under the hat of who asked."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import F, Q

WAY = F("last") - F("first")


class Migration(migrations.Migration):
    dependencies = (("wallets", "0007_letter_jobs"),)
    operations = (
        migrations.AddField("printjob", "asked_role", models.CharField(blank=True, default="", max_length=20), False),
        migrations.AddField(
            "printjob", "asked_department", models.CharField(blank=True, default="", max_length=20), False
        ),
        migrations.AddField("printjob", "digest", models.CharField(blank=True, default="", max_length=64), False),
        migrations.AddField("printjob", "stopped", models.JSONField(null=True)),
        migrations.RemoveConstraint("printjob", "a_print_job_is_ready_when_all_is_made"),
        migrations.AddConstraint("printjob", models.CheckConstraint(
            condition=Q(first__gte=1, last__gte=F("first"))
            & (Q(expires_at__isnull=True, stopped__isnull=True, done__lte=WAY)
               | Q(expires_at__isnull=False, stopped__isnull=True, done=WAY + 1)
               | Q(expires_at__isnull=False, stopped__isnull=False, done__lte=WAY)),
            name="a_print_job_is_ready_when_all_is_made_or_it_was_stopped",
        )),
        migrations.AddConstraint("printjob", models.UniqueConstraint(
            fields=["about", "digest"], condition=Q(expires_at__isnull=True, run__isnull=True),
            name="one_open_print_job_for_the_same_letters",
        )),
    )  # fmt: skip
