"""Rounds sell bundles and what earlier rounds left; a sale that nobody drew ends, and its applicants hear of it."""

from django.db import migrations, models
from django.db.models import F, Q

STATES = ("applied", "won", "lost", "undrawn", "purchased", "lapsed", "withdrawn")


class Migration(migrations.Migration):
    dependencies = (("vouchers", "0002_the_line"),)
    operations = (
        migrations.AddField(
            "sale", "bundle", models.CharField(blank=True, default="", max_length=40), preserve_default=False
        ),
        migrations.AddField("sale", "units_passed_on", models.PositiveIntegerField(default=0)),
        migrations.AddConstraint(
            "sale",
            models.CheckConstraint(
                condition=Q(units_passed_on__lte=F("units")), name="a_sale_passes_on_at_most_its_units"
            ),
        ),
        migrations.AddConstraint(
            "sale",
            models.CheckConstraint(
                condition=Q(units_passed_on=0) | Q(state="ended"), name="only_a_sale_that_ended_passes_units_on"
            ),
        ),
        migrations.RemoveConstraint("application", "only_winners_have_units"),
        migrations.AlterField(
            "application", "state",
            models.CharField(
                max_length=9, default="applied", choices=[(state, state.capitalize()) for state in STATES]
            ),
        ),
        migrations.AddConstraint(
            "application",
            models.CheckConstraint(
                condition=Q(state__in=["applied", "lost", "undrawn", "withdrawn"], units_won=0)
                | Q(state__in=["won", "purchased", "lapsed"], units_won__gte=1),
                name="only_winners_have_units",
            ),
        ),
    )
