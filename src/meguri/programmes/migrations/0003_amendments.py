"""Terms are amended while they run, value is extended, a programme is wound up."""

from django.db import migrations, models
from django.db.models import Q

KINDS = [("expiry", "Expiry"), ("demurrage", "Demurrage"), ("extend", "Extend"), ("closing", "Closing")]


class Migration(migrations.Migration):
    dependencies = (("programmes", "0002_value_runs"),)
    operations = (
        migrations.AddField("termsversion", "reason", models.CharField(blank=True, default="", max_length=2000),
                            preserve_default=False),
        migrations.AddConstraint("termsversion", models.UniqueConstraint(
            fields=["programme"], condition=Q(launched_at__isnull=True), name="one_version_waits_for_its_day",
        )),
        migrations.AddConstraint("termsversion", models.CheckConstraint(
            condition=Q(number=1) | ~Q(reason=""), name="an_amendment_says_why",
        )),
        migrations.AlterField("valuerun", "kind", models.CharField(max_length=9, choices=KINDS)),
        migrations.RemoveConstraint("valuerun", "one_value_run_for_a_day"),
        migrations.RemoveConstraint("valuerun", "a_demurrage_run_takes_a_share_of_what_is_there"),
        migrations.AddConstraint("valuerun", models.UniqueConstraint(
            fields=["programme", "kind", "day"], name="one_value_run_for_a_day",
            condition=~Q(kind__in=["extend", "closing"], undone_at__isnull=False),
        )),
        migrations.AddConstraint("valuerun", models.CheckConstraint(
            condition=Q(kind__in=["expiry", "extend", "closing"], rate_bp=0)
            | Q(kind="demurrage", rate_bp__gte=1, rate_bp__lte=10_000),
            name="a_demurrage_run_takes_a_share_of_what_is_there",
        )),
    )  # fmt: skip
