"""Companies apply to pay along; sponsors have numbers, their members a role."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

KINDS = [("company", "Company"), ("sole_trader", "Sole Trader")]
CORPORATE = Q(corporate_number="") | Q(corporate_number__regex="^[1-9][0-9]{12}$")
REGISTRATION = Q(registration_number="") | Q(registration_number__regex="^T[0-9]{13}$")
SOLE_TRADER = Q(kind="company") | Q(kind="sole_trader", corporate_number="")


def number_constraints(whose: str) -> list[models.CheckConstraint]:
    """The same for an application and for the sponsor that it becomes."""
    named = {
        "a_corporate_number_has_13_digits": CORPORATE,
        "a_sponsor_registration_number_is_t_and_13_digits": REGISTRATION,
        "a_sole_trader_has_no_corporate_number": SOLE_TRADER,
    }
    return [models.CheckConstraint(condition=condition, name=f"{name}_{whose}") for name, condition in named.items()]


class Migration(migrations.Migration):
    dependencies = (("parties", "0007_recorded_commuters"),)
    operations = (
        migrations.AddField("sponsor", "kind", models.CharField(choices=KINDS, default="company", max_length=11)),
        migrations.AddField("sponsor", "corporate_number", models.CharField(blank=True, default="", max_length=13)),
        migrations.AddField("sponsor", "registration_number", models.CharField(blank=True, default="", max_length=14)),
        migrations.AddField(
            "sponsormember",
            "role",
            models.CharField(choices=[("manager", "Manager"), ("reader", "Reader")], default="manager", max_length=8),
        ),
        migrations.AddField("invitation", "sponsor_role", models.CharField(blank=True, default="", max_length=8)),
        migrations.CreateModel(
            name="SponsorApplication",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("kind", models.CharField(choices=KINDS, max_length=11)),
                ("name_ja", models.CharField(max_length=200)),
                ("name_en", models.CharField(max_length=200)),
                ("corporate_number", models.CharField(blank=True, max_length=13)),
                ("registration_number", models.CharField(blank=True, max_length=14)),
                ("wish", models.TextField(max_length=1000)),
                ("token_hash", models.BinaryField(max_length=32, unique=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("approved", "Approved"), ("declined", "Declined")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("applied_at", models.DateTimeField()),
                ("decided_by", models.UUIDField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=400)),
                (
                    "sponsor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="parties.sponsor",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["municipality", "state", "id"], name="sponsor_applications_by_state"),
                ],
                "constraints": [
                    *number_constraints("a"),
                    models.CheckConstraint(
                        condition=Q(
                            state="waiting", sponsor__isnull=True, decided_at__isnull=True, decided_by__isnull=True
                        )
                        | Q(state="approved", sponsor__isnull=False, decided_at__isnull=False, decided_by__isnull=False)
                        | (
                            Q(
                                state="declined",
                                sponsor__isnull=True,
                                decided_at__isnull=False,
                                decided_by__isnull=False,
                            )
                            & ~Q(reason="")
                        ),
                        name="a_decided_sponsor_application_has_judge_and_end",
                    ),
                    models.CheckConstraint(
                        condition=Q(kind="sole_trader") | ~Q(corporate_number=""),
                        name="a_company_names_its_corporate_number",
                    ),
                    models.UniqueConstraint(
                        fields=["municipality", "corporate_number"],
                        condition=Q(state="waiting") & ~Q(corporate_number=""),
                        name="one_waiting_application_of_a_corporate_number",
                    ),
                ],
            },
        ),
        *(migrations.AddConstraint("sponsor", each) for each in number_constraints("s")),
        migrations.AddConstraint(
            "sponsor",
            models.UniqueConstraint(
                fields=["municipality", "corporate_number"],
                condition=~Q(corporate_number=""),
                name="one_sponsor_for_a_corporate_number",
            ),
        ),
        migrations.AddConstraint(
            "sponsormember",
            models.CheckConstraint(
                condition=Q(role__in=["manager", "reader"]), name="a_sponsor_member_is_manager_or_reader"
            ),
        ),
    )
