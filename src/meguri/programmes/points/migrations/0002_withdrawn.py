"""A granted action may be withdrawn afterwards."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = (("points", "0001_tables"),)
    operations = (
        migrations.RemoveConstraint("actionrecord", "a_grant_has_its_posting"),
        migrations.RemoveConstraint("actionrecord", "a_refused_action_says_why"),
        migrations.AlterField(
            "actionrecord", "state",
            models.CharField(
                max_length=9,
                choices=[("held", "Held"), ("granted", "Granted"), ("refused", "Refused"), ("withdrawn", "Withdrawn")],
            ),
        ),
        migrations.AddConstraint(
            "actionrecord",
            models.CheckConstraint(
                condition=Q(state__in=["granted", "withdrawn"], posting__isnull=False, granted_yen__gte=1)
                | Q(state__in=["held", "refused"], posting__isnull=True, granted_yen=0),
                name="a_grant_has_its_posting",
            ),
        ),
        migrations.AddConstraint(
            "actionrecord",
            models.CheckConstraint(
                condition=~Q(state__in=["refused", "withdrawn"]) | ~Q(reason=""), name="a_refused_action_says_why"
            ),
        ),
    )
