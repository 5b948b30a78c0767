"""Letters are made by the worker too: a job is of booklets or of letters, whose words lie sealed."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = (("wallets", "0006_moved_wallets"),)
    operations = (
        migrations.AlterField("printjob", "run", models.ForeignKey(
            null=True, on_delete=django.db.models.deletion.PROTECT, related_name="jobs", to="wallets.printrun"
        )),
        migrations.AddField("printjob", "about", models.UUIDField(null=True)),
        migrations.AddField("printjob", "file", models.CharField(blank=True, default="", max_length=40), False),
        migrations.AddField("printjob", "said", models.BinaryField(null=True)),
        migrations.AddConstraint("printjob", models.CheckConstraint(
            condition=Q(run__isnull=False, about__isnull=True, said__isnull=True)
            | Q(run__isnull=True, about__isnull=False, said__isnull=False),
            name="a_print_job_is_of_booklets_or_of_letters",
        )),
        migrations.RemoveConstraint("printedpart", "a_printed_part_holds_booklets"),
        migrations.RenameField("printedpart", "booklets", "pieces"),
        migrations.AddConstraint(
            "printedpart", models.CheckConstraint(condition=Q(pieces__gte=1), name="a_printed_part_holds_something")
        ),
        migrations.AddField("printedpart", "name", models.CharField(blank=True, default="", max_length=40), False),
        migrations.AddField("printedpart", "is_made", models.BooleanField(default=True)),
        migrations.AddConstraint("printedpart", models.CheckConstraint(
            condition=Q(is_made=True) | ~Q(name=""), name="what_waits_to_be_set_is_a_letter_file"
        )),
    )  # fmt: skip
