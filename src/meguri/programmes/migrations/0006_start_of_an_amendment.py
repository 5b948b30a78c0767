"""An amendment may rule from a later moment than its approval, and be withdrawn before it."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = (("programmes", "0005_dry_runs"),)
    operations = (
        migrations.AddField("termsversion", "starts_at", models.DateTimeField(null=True)),
        migrations.AddField("termsversion", "approved_at", models.DateTimeField(null=True)),
        migrations.AddField("termsversion", "withdrawal", models.UUIDField(null=True)),
        migrations.AddField("termsversion", "withdrawn_at", models.DateTimeField(null=True)),
        migrations.RunSQL(
            "UPDATE programmes_termsversion SET approved_at = launched_at WHERE launched_at IS NOT NULL", "",
        ),
        migrations.RemoveConstraint("termsversion", "one_version_waits_for_its_day"),
        migrations.AddConstraint("termsversion", models.UniqueConstraint(
            fields=["programme"], condition=Q(launched_at__isnull=True, withdrawn_at__isnull=True),
            name="one_version_waits_for_its_day",
        )),
        migrations.AddConstraint("termsversion", models.CheckConstraint(
            condition=Q(launched_at__isnull=True) | Q(approved_at__isnull=False, launched_at__gte=F("approved_at")),
            name="terms_rule_no_earlier_than_they_were_approved",
        )),
        migrations.AddConstraint("termsversion", models.CheckConstraint(
            condition=Q(approved_at__isnull=True) | Q(launched_at__isnull=False)
                | Q(starts_at__isnull=False, starts_at__gt=F("approved_at")),
            name="terms_that_were_approved_rule_or_name_their_start",
        )),
        migrations.AddConstraint("termsversion", models.CheckConstraint(
            condition=Q(launched_at__isnull=True) | Q(starts_at__isnull=True) | Q(launched_at=F("starts_at")),
            name="terms_rule_from_the_start_that_was_approved",
        )),
        migrations.AddConstraint("termsversion", models.CheckConstraint(
            condition=Q(withdrawn_at__isnull=True)
            | Q(launched_at__isnull=True, withdrawal__isnull=False, withdrawn_at__lt=F("starts_at")),
            name="only_terms_that_never_ruled_are_withdrawn",
        )),
    )  # fmt: skip
