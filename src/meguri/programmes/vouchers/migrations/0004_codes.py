"""Codes that letters bring, and how often a person was wrong."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = (("vouchers", "0003_rounds"),)
    operations = (
        migrations.CreateModel(
            name="VoucherCode",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("programme", models.UUIDField()),
                ("resident", models.UUIDField()),
                ("digest", models.BinaryField(max_length=32)),
                ("issued_at", models.DateTimeField()),
                ("issued_by", models.UUIDField(null=True)),
                ("entered_by", models.UUIDField(null=True)),
                ("entered_at", models.DateTimeField(null=True)),
                ("posting", models.UUIDField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("programme", "resident"), name="one_code_for_a_resident"),
                    models.UniqueConstraint(fields=("municipality", "digest"), name="no_two_codes_are_alike"),
                    models.CheckConstraint(
                        condition=Q(entered_at__isnull=True, entered_by__isnull=True, posting__isnull=True)
                        | Q(entered_at__isnull=False, entered_by__isnull=False, posting__isnull=False),
                        name="an_entered_code_has_its_posting",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CodeTries",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("person", models.UUIDField()),
                ("since", models.DateTimeField()),
                ("wrong", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "person"), name="one_count_of_tries_for_a_person"),
                ],
            },
        ),
    )
